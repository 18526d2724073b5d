"""The screen that a terminal shows for a stub that fails: one call, one mistake, and one thing to do next."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograder.grading.content import steps_of
from autograder.model import pitfalls
from autograder.model.course import Course, Lab, Notes
from autograder.model.errors import CourseError
from autograder.model.mistakes import words
from autograder.model.results import Difference, Evidence, Outcome, Table
from autograder.report import explain
from autograder.testing.stepwise import names_of

# What fits to the right of a label such as "You called" in 80 columns.
LINE = 65
# How long a title may be, so that it leaves room to say how many other checks passed.
TITLE = 110
# A longer path isn't named.
FILE = 60
# An author's hint that starts like this says what the student's code does, so it also says what to look for.
_DOES = re.compile(
    r"You (?!don't|never|can't|didn't|aren't|may|might|forg)(.{1,90}?)"
    r"(?:[.:;](?:\s|$)| \((?=[a-z]{3})|, (?:but|so|which|maybe|because|even|as)\b)"
)
_ARRAY = re.compile(r"\barray\(([^()]*?)(?:, dtype=\w+)?\)")
_NUMBER = re.compile(r"\b\d[\d.]*|\b(?:nan|inf)\b")
_PLACE = re.compile(r"^  in (.*code cell .*)", re.MULTILINE)


class ScreenRow(NamedTuple):
    """A label, the text after it, and the most lines that the text may fill. All rows of a screen fill at most 19."""

    label: str
    text: str
    lines: int = 1


@dataclass(frozen=True)
class Screen:
    """What to show about one stub: what's wrong, then the rows that explain it, and what isn't shown."""

    verdict: str
    rows: Sequence[ScreenRow]
    folded: str


def is_wrong(course: Course, each: Evidence) -> bool:
    """Return whether a check found something wrong, rather than a stub that nobody has written yet."""
    waits = each.outcome is Outcome.UNSOLVED and (each.slip == pitfalls.UNSOLVED or each.stub in course.items)
    return not waits and each.outcome not in (Outcome.PASSED, Outcome.NOT_GRADED)


def screen_of(course: Course, lab: Lab, checks: Sequence[Evidence], file: str) -> Screen:
    """Return the screen for a stub, given its checks, at least one of which is wrong. `file`: the notebook's path."""
    causes = _causes([each for each in checks if is_wrong(course, each)])
    cause = min(causes, key=_rank)
    shown = min(cause, key=_size)
    rows = [row for row in _rows(course, lab, checks, shown) if row.text]
    return Screen(_verdict(checks, causes), rows, _folded(checks, file))


def _rows(course: Course, lab: Lab, checks: Sequence[Evidence], shown: Evidence) -> Iterator[ScreenRow]:
    notes = _notes(course, shown.stub)
    passed = [each for each in checks if each.outcome is Outcome.PASSED]
    # Leaving the input unchanged, for example, only earns points once the values are right.
    if right := next((each.title for each in passed if each.points or not each.max_points), None):
        more = f" And {len(passed) - 1} more." if passed[1:] else ""
        yield ScreenRow("Right already:", _clipped(right, TITLE) + more, 2)
    yield from _call(shown)
    if shown.kept:
        yield ScreenRow("Kept", shown.kept, 3)
    elif notes and shown.misconception in notes.ask:
        yield ScreenRow("Before you read on:", notes.ask[shown.misconception], 3)
    if shown.misconception:
        yield ScreenRow("Looks like", f"{words(shown.misconception)}. {shown.hint or ''}".rstrip(), 6)
    elif shown.slip is not None:
        yield ScreenRow("Looks like", f"{shown.slip.name}. {shown.slip.sentence}", 6)
    yield ScreenRow("Next", _action(course, lab, shown, notes), 3)


# --- the checks that fail, and why


def _causes(failures: Sequence[Evidence]) -> list[list[Evidence]]:
    """Group the failures that have the same name or the same error. Those without either are a group of their own."""
    causes: dict[object, list[Evidence]] = {}
    for each in failures:
        causes.setdefault(_cause(each), []).append(each)
    return list(causes.values())


def _cause(each: Evidence) -> object:
    if each.misconception or each.slip:
        return each.misconception or (each.slip and each.slip.name)
    return None if each.outcome is Outcome.FAILED else (each.outcome, each.exception, _place(each))


def _rank(cause: Sequence[Evidence]) -> tuple[bool, int, bool]:
    """Order causes: first a misconception that explains several failures, and then whatever has most of them."""
    named = bool(cause[0].misconception)
    return not (named and len(cause) > 1), -len(cause), not named


def _verdict(checks: Sequence[Evidence], causes: Sequence[Sequence[Evidence]]) -> str:
    """Say how many causes there are if each one is known, and otherwise how many checks fail."""
    passed = sum(each.outcome is Outcome.PASSED for each in checks)
    failures = sum(map(len, causes))
    if all(_cause(each[0]) is not None for each in causes):
        what = "One thing to fix." if len(causes) == 1 else f"{len(causes)} things to fix; start here."
    else:
        what = "1 check fails." if failures == 1 else f"{failures} checks fail; start here."
    return f"{passed} of {len(checks)}. {what}"


def _folded(checks: Sequence[Evidence], file: str) -> str:
    failed = sum(each.outcome is not Outcome.PASSED for each in checks) - 1
    passed = len(checks) - failed - 1
    counts = [f"{failed} more check{'s' * (failed != 1)} failed"] * bool(failed) + [f"{passed} passed"] * bool(passed)
    # Without a file, --all means every notebook in the folder.
    named = f" {file}" if len(file) <= FILE else ""
    fresh = " --fresh" if any(each.fresh is not None for each in checks) else ""
    shows = f"`mastery check --all{fresh}{named}` shows {'them' if counts else 'everything'}."
    return f"{', '.join(counts)}{'. ' * bool(counts)}{shows}"


# --- the call


def _size(each: Evidence) -> tuple[bool, bool, int]:
    """Order failures by how easy they are to follow: a short call with an answer, and with three numbers or more.

    Once a call has timed out or ended the process, later ones may not be made, so the first one comes first.
    """
    difference = each.difference
    if difference is None or each.outcome not in (Outcome.FAILED, Outcome.ERROR):
        return True, True, 0
    said = f"{difference.called} {difference.got or ''}"
    return difference.got is None, len(_NUMBER.findall(said)) < 3, len(_code(difference))


def _call(each: Evidence) -> Iterator[ScreenRow]:
    """Yield the call, and what it returned and should have returned, with one line for each. If it didn't return
    anything, yield what happened instead."""
    difference = each.difference
    if difference is None:
        yield from _message(each, "Problem")
        return
    label, _ = explain.asked(difference)
    yield ScreenRow("You called" if label == "Called" else label, _code(difference))
    if difference.got is None:
        yield from _message(each, "    got")
    elif difference.table is None:
        yield ScreenRow("    got", _plain(difference.got))
        yield ScreenRow(" wanted", _plain(difference.wanted or ""))
        yield ScreenRow("  where", explain.where_of(difference) or "", 2)
    else:
        got, wanted = side_by_side(difference.table)
        yield ScreenRow("    got", got)
        yield ScreenRow(" wanted", wanted)


def _message(each: Evidence, label: str) -> Iterator[ScreenRow]:
    yield ScreenRow(label, (each.message or "").partition("\n")[0], 2)
    yield ScreenRow("     in", _place(each) or "")


def _place(each: Evidence) -> str | None:
    """Return the line that raised the error, with its code and where it is; None if that isn't known."""
    found = _PLACE.search(each.message or "")
    return found and found[1]


def _code(difference: Difference) -> str:
    """Return the call on one line, if possible as code that runs in a notebook."""
    label, text = explain.asked(difference)
    pasted = ast.parse(difference.paste or "").body if label == "Called" else []
    if pasted and isinstance(pasted[-1], ast.Expr) and all(isinstance(each, ast.Import) for each in pasted[:-1]):
        code = ast.unparse(pasted[-1])
        if len(code) <= LINE:
            return code
    return _plain(text)


def _plain(text: str) -> str:
    """Return a call or a value on one line, with arrays as lists, whose numbers are what matters."""
    line = " ".join(_ARRAY.sub(r"\1", text).split())
    return re.sub(r"(?<=[(\[]) | (?=[)\],])", "", line)


def side_by_side(table: Table) -> tuple[str, str]:
    """Return both arrays, each on one line. If they don't fit, return the part around the first difference."""
    flat = len(table.shape) == 1
    got, wanted = (_nested(entries[0] if flat else entries) for entries in (table.got, table.wanted))
    if explain.part_of(table) is None and max(len(got), len(wanted)) <= LINE:
        return got, wanted
    row, column = table.first
    start = min(column, max(len(table.got[row]) - 3, 0))
    index = [*map(str, table.start[:-2]), *([] if flat else [str(table.start[-2] + row)])]
    index += [f"{table.start[-1] + start}:"] if table.start[-1] + start else []
    place = f"[{', '.join(index)}]: " if index else ""
    pairs = list(zip(table.got[row][start:], table.wanted[row][start:], strict=True))
    # Both lines show the same entries.
    for count in range(len(pairs), 0, -1):
        lines = [f"{place}{_nested(entries[:count])} ..." for entries in zip(*pairs, strict=True)]
        if max(map(len, lines)) <= LINE:
            return lines[0], lines[1]
    return lines[0], lines[1]


def _nested(entries: Sequence[str | Sequence[str]]) -> str:
    return f"[{', '.join(each if isinstance(each, str) else _nested(each) for each in entries)}]"


# --- what to do


def _action(course: Course, lab: Lab, shown: Evidence, notes: Notes | None) -> str:
    if shown.stub in course.items:
        return "Write your answer in its cell, in the form the check asks for."
    if shown.misconception and shown.hint:
        does = _DOES.match(shown.hint)
        return f"Find where you {does[1]}." if does else "Find the line of your code the hint describes."
    if shown.kept:
        return "Look at how you compute the step named above."
    if shown.slip is not None:
        return "Fix this first; it may fix the other checks too."
    if shown.outcome is Outcome.ERROR:
        return "Print the values that this line uses, just before it." if _place(shown) else ""
    if shown.outcome in (Outcome.TIMEOUT, Outcome.DIED):
        return "Try it on the smallest input you can think of, and print how far it gets."
    if shown.outcome is not Outcome.FAILED:
        return ""
    steps = steps_of(course, lab)
    if shown.stub in steps:
        first = names_of(steps[shown.stub])[0]
        return f"Once you've computed {first}, add keep(\"{first}\", {first}). Then check again to see if it's right."
    if notes and notes.by_hand:
        return f'Run the example from "By hand" and compare each step: {notes.by_hand}'
    return "Run this call in a new cell, print the intermediate values, and find the first one that's wrong."


def _notes(course: Course, stub: str) -> Notes | None:
    try:
        return course.notes(stub)
    except CourseError:  # notes are optional
        return None


def _clipped(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 4].rstrip()} ..."
