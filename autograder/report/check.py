"""What `check` shows in a notebook and what a grade cell shows in formgrader, as HTML and as 80-column text."""

import ast
import functools
import itertools
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import markupsafe

from autograder.grading.content import hidden_checks, reference_source
from autograder.mastery.levels import standing
from autograder.model import mistakes, pitfalls
from autograder.model.answers import round_name
from autograder.model.course import Course, Lab, Notes, Stub
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal
from autograder.model.host import IN_BROWSER
from autograder.model.results import Evidence, Outcome
from autograder.notebook.seven_boxes import seven_boxes
from autograder.notebook.shapes import Picture
from autograder.report import explain
from autograder.report.chart import Chart, chart_of

WIDTH = 80


@dataclass(frozen=True)
class Notice:
    """A sentence to show in place of a result when there are no checks to list."""

    stub: str
    text: str

    def as_text(self) -> str:
        return terminal("\n".join(wrapped(self.text)))

    def as_html(self) -> str:
        return template("message.html.j2").render(message=self)


@dataclass(frozen=True)
class Result:
    """The visible checks of one stub.

    passed: this lab's stubs whose visible checks passed. remarks: anything else to say. finished: all stubs whose
    visible checks passed, including those in other notebooks.
    """

    course: Course
    lab: Lab
    stub: str
    evidence: Sequence[Evidence]
    passed: frozenset[str]
    remarks: Sequence[str] = ()
    finished: frozenset[str] = frozenset()

    def as_text(self) -> str:
        return terminal("\n".join(self._lines()))

    def as_html(self) -> str:
        return template("check.html.j2").render(result=self)

    # Progress

    @property
    def heading(self) -> str:
        """How many checks pass. Points and levels come from grading, which runs more checks."""
        if self.is_recorded:
            return "answer recorded"
        passed = sum(each.outcome is Outcome.PASSED for each in self.evidence)
        if not self.all_passed:
            return f"{passed} of {len(self.evidence)} checks passed"
        return f"{passed} of {passed} here." + " Submit to have it confirmed on new numbers." * bool(self.more)

    @property
    def in_order(self) -> list[Evidence]:
        """The checks to show, starting with those that fail."""
        return sorted(self.evidence, key=lambda each: each.outcome is Outcome.PASSED)

    @property
    def blocked(self) -> bool:
        """Whether one problem kept all checks from calling the function, so there's no point in listing them."""
        one = self.first_failure
        return (
            one is not None
            and one.outcome is Outcome.ERROR
            and not one.difference
            and all(
                (each.outcome, each.message, each.difference) == (one.outcome, one.message, None)
                for each in self.evidence
            )
        )

    @property
    def is_recorded(self) -> bool:
        """Whether this is a well-formed answer to an item. There's no further feedback on it until it's graded."""
        return self.stub in self.course.items and self.all_passed

    @property
    def shown(self) -> Sequence[Evidence]:
        """The checks to list: none for an answer that's only recorded, and none if one problem blocks them all."""
        return () if self.is_recorded or self.blocked else self.in_order

    @property
    def more(self) -> int:
        """How many of the stub's checks run only during grading."""
        return int(hidden_checks(self.course).get(self.stub, {}).get("checks", 0))

    @property
    def footing(self) -> str:
        if self.is_recorded:
            return "You'll find out whether your answer is right when it's graded."
        more = f"; {self.more} more run{'s' * (self.more == 1)} during grading" if self.more else ""
        return f"Visible checks only{more}."

    # What's wrong, what's right, what comes next

    @property
    def first_failure(self) -> Evidence | None:
        return next((each for each in self.evidence if each.outcome is not Outcome.PASSED), None)

    @property
    def all_passed(self) -> bool:
        return bool(self.evidence) and self.first_failure is None

    @property
    def left(self) -> list[Stub]:
        """The lab's stubs that don't pass yet, starting with those that count toward completion."""
        return sorted((stub for stub in self.lab.stubs if stub.name not in self.passed), key=lambda stub: stub.stretch)

    @property
    def works(self) -> str | None:
        """What's already right; None if that's everything or nothing."""
        failure = self.first_failure
        if failure is None:
            return None
        right = sum(each.outcome is Outcome.PASSED for each in self.evidence)
        said = [f"{right} of {len(self.evidence)} checks"] if right else []
        if (table := failure.difference.table if failure.difference else None) is not None:
            size = math.prod(table.shape)
            entries = f" and {size - table.differing} of {size} entries" if table.differing < size else ""
            said.append(f"the shape {table.shape}{entries} of your result" + " in the failing check" * bool(right))
        return f"Right already: {'; '.join(said)}." if said else None

    @property
    def next_step(self) -> str:
        """What to do next. Stub names, commands to type, and files to open are in backticks."""
        failure = self.first_failure
        if failure is None:
            return self._next_after_passing()
        if self.stub in self.course.items:
            return self._next_for_an_item(failure.outcome)
        then = "Then run your function's cell and this one again."
        if failure.slip == pitfalls.UNSOLVED:
            return f"Read the docstring and the section above it, and start with the first hint. {then}"
        if failure.hint:
            return f"Find the line of your code the hint describes. {then}"
        if failure.slip is not None:
            return f"Fix this first; it may fix the other checks too. {then}"
        if failure.outcome is Outcome.ERROR:
            return f"Print the values used in the line shown above. {then}"
        if failure.outcome is Outcome.TIMEOUT:
            return f"Try it on the smallest input you can think of, and print how far it gets. {then}"
        again = "Run your function's cell, then this one again."
        if failure.outcome is Outcome.NOT_GRADED:
            return f"If a reviewer will score this, you're done here. If not: {again[0].lower()}{again[1:]}"
        if failure.outcome is Outcome.UNSOLVED:
            return again
        return (
            "Make this call in a new cell, print the intermediate values, and find out where the first difference "
            f"comes from. {then}"
        )

    def _next_for_an_item(self, outcome: Outcome) -> str:
        how = "" if outcome is Outcome.UNSOLVED else ", in the form the check asks for"
        return f"Write your answer in its cell{how}. Run that cell, then this one again."

    def _next_after_passing(self) -> str:
        if self.left and not self.left[0].stretch:
            return f"`{self.left[0].name}`, in this notebook."
        after = self.course.labs[self.course.labs.index(self.lab) + 1 :]
        file = f"{after[0].name}/{after[0].name}.ipynb" if after else ""
        steps = [f"the lab “{after[0].title}” (`{file}`)"] if after else []
        if self.lab.attachment is not None:
            steps.insert(0, f"fill in `{self.lab.attachment.name}`, the file next to this notebook, if you haven't yet")
        following = ", and then ".join(steps) or "nothing; this was the last lab"
        hand_in = f"To hand in this notebook, save it, then run this in a terminal: `mastery submit {self.lab.name}`"
        if IN_BROWSER:
            hand_in = (
                "To hand in this notebook, click the arrow next to the lab's name in the panel on the left, and upload "
                "the zip"
            )
        stretch = f", or the stretch exercise `{self.left[0].name}` in this notebook" if self.left else ""
        return f"{following}{stretch}. {hand_in}"

    @property
    def done(self) -> str | None:
        """The sentence to show if this stub completes the lab or leaves nothing to do; otherwise None."""
        if not self.all_passed:
            return None
        if not self.left:
            return f"That was the last one: every stub of “{self.lab.title}” passes its visible checks."
        if self.left[0].stretch and not self.lab.stub(self.stub).stretch:
            return f"Every stub of “{self.lab.title}” that counts for completion passes its visible checks."
        return None

    @property
    def boxes(self) -> Picture | None:
        """The picture of the seven boxes, once a stub in one of them passes."""
        box = self.lab.stub(self.stub).box
        return boxes_of(self.course, self.finished, box) if self.all_passed and box else None

    @property
    def lit(self) -> str | None:
        """How much of the stub's box is done, in words."""
        box = self.lab.stub(self.stub).box
        if not self.all_passed or box is None:
            return None
        parts = box_parts(self.course, self.finished)[box]
        return f"Lit: {box}." if all(parts) else f"{box}: {sum(parts)} of {len(parts)} parts done."

    # The author's notes

    @property
    def notes(self) -> Notes | None:
        try:
            return self.course.notes(self.stub)
        except CourseError:  # notes are optional
            return None

    @property
    def shows_reference(self) -> bool:
        """Whether the reference may be shown. In an assessment, it's the answer key, so it stays hidden."""
        return not self.lab.assessment

    @property
    def reference(self) -> list[tuple[str, str]]:
        """The reference's lines, each with its explanation, once the stub has passed; until then, empty."""
        if not self.all_passed or self.notes is None or not self.shows_reference:
            return []
        source = reference_source(self.course, self.stub)
        lines = reference_lines(source) if source else []
        return list(zip(lines, ("", *self.notes.explained), strict=False))

    def chart(self, each: Evidence) -> Chart | None:
        table = each.difference.table if each.difference else None
        return chart_of(table) if table else None

    def is_open(self, each: Evidence) -> bool:
        """Return whether to show a check expanded: the first failure always, and the first check with a chart if that
        failure has no table."""
        first = self.first_failure
        if each is first or first is None or (first.difference and first.difference.table):
            return each is first
        return each is next(filter(self.chart, self.evidence), None)

    # As text

    def _lines(self) -> Iterator[str]:
        yield from wrapped(f"{self.stub}: {self.heading}")
        for remark in self.remarks:
            yield from wrapped(f"! {remark}", "", "  ")
        if self.blocked and self.first_failure is not None:
            yield from itertools.chain.from_iterable(map(wrapped, explain.explanation(self.first_failure)))
        for each in self.shown:
            symbol = explain.outcome_symbol(each.outcome)
            yield from wrapped(each.title, f"  {symbol} {each.outcome:<10}  ", " " * 16)
            if each is self.first_failure:
                for line in explain.explanation(each):
                    yield from wrapped(line, " " * 6)
                yield from (f"      {line}" for line in explain.paste(each))
        failed_notes = self.notes if self.first_failure else None
        next_step = self.next_step.replace("`", "")
        for said in (
            self.works,
            self.lit,
            failed_notes and f"Why it matters: {failed_notes.why}",
            self.done,
            f"Next: {next_step}",
        ):
            yield from wrapped(said or "")
        if failed_notes is not None:
            yield from wrapped(f"Hints, one at a time, in a terminal: mastery hint {self.stub}")
        if self.reference:
            yield "The torch reference, to compare with:"
        for code, words in self.reference:
            indent = " " * (4 + len(code) - len(code.lstrip()))
            yield from wrapped(code.lstrip(), indent, f"{indent}    ")
            yield from wrapped(words, f"{indent}# ", f"{indent}# ")
        yield from wrapped(self.footing)


@dataclass(frozen=True)
class Findings(Result):
    """All checks of one stub, as a grade cell shows them. `round`: for an item, the round that was answered."""

    round: int | None = None

    @property
    def footing(self) -> str:
        all_of_them = "These are all the checks, including the hidden ones."
        if any(each.points for each in self.evidence) and not self.all_passed:
            all_of_them += " Points add up check by check, but one failed check can hold back the level."
        if self.round is None:
            return all_of_them
        following = self.round + 1
        return (
            f"{all_of_them} This was round {self.round}, and its answer is final. If you'd like a new question, run "
            f'ask("{self.stub}", round={following}), answer it, and set {round_name(self.stub)} = {following}.'
        )

    @property
    def is_recorded(self) -> bool:
        return False

    @property
    def boxes(self) -> None:
        return None

    @property
    def lit(self) -> None:
        return None

    @property
    def heading(self) -> str:
        """How many checks pass, and the level, from this attempt only.

        Above this line, nbgrader shows the score, which a person may have changed.
        """
        later = self.course.mastery.confirmation == "later attempt"
        level = standing(self.evidence, True if self.stub in self.course.items else False if later else None).level
        passed = sum(each.outcome is Outcome.PASSED for each in self.evidence)
        return f"{passed} of {len(self.evidence)} checks passed, level: {level}"

    @property
    def shows_reference(self) -> bool:
        return True


def boxes_of(course: Course, finished: frozenset[str], newest: str | None = None) -> Picture:
    """Return the picture of the seven boxes. Parts whose stubs are finished are lit, and the box `newest` has an
    outline."""
    return seven_boxes(box_parts(course, finished), newest)


def box_parts(course: Course, finished: frozenset[str]) -> dict[str, list[bool]]:
    """Return which stubs of each box are finished. Stretch stubs count only in a box with no other stubs."""
    boxes: dict[str, list[Stub]] = {}
    for stub in course.stubs.values():
        if stub.box is not None:
            boxes.setdefault(stub.box, []).append(stub)
    return {
        box: [stub.name in finished for stub in stubs if not stub.stretch or all(each.stretch for each in stubs)]
        for box, stubs in boxes.items()
    }


def reference_lines(source: str) -> list[str]:
    """Return a function's signature as one line, then its body's lines of code, without docstrings or comments."""
    (node,) = (each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef))
    lines = source.splitlines()
    body = node.body[ast.get_docstring(node) is not None :]
    code = [line for line in lines[body[0].lineno - 1 :] if line.strip() and not line.strip().startswith("#")]
    return [" ".join(line.strip() for line in lines[node.lineno - 1 : node.body[0].lineno - 1]), *code]


@functools.cache
def template(name: str) -> jinja2.Template:
    """Return one of the templates next to this module. The template escapes the values it's given."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(explain=explain)
    environment.filters["words"] = mistakes.words
    environment.filters["code"] = _code
    environment.filters["capitalized"] = explain.capitalized
    return environment.get_template(name)


def _code(text: str) -> markupsafe.Markup:
    """Return text as HTML, with anything in backticks as code."""
    return markupsafe.Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(markupsafe.escape(text))))


def wrapped(text: str, first: str = "", others: str | None = None) -> Iterator[str]:
    """Wrap each line of the text separately. If a line starts with a label like "Wanted: ", its continuation lines are
    indented past the label."""
    others = " " * len(first) if others is None else others
    for line in text.splitlines():
        hanging = " " * 8 if line[:7].rstrip().endswith(":") else ""
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=first, subsequent_indent=others + hanging, break_on_hyphens=False
        )
        first = others
