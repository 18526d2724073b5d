"""What a student reads in a terminal. 80 columns are enough, color isn't needed, and each symbol comes with a word."""

import shlex
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.mastery.levels import Level
from autograder.model.course import Course, Lab, Stub
from autograder.model.escaping import terminal
from autograder.model.results import Evidence, LabResult, Outcome
from autograder.report import explain
from autograder.selfcheck.checks import Hint, LabStatus, Layout, Status, all_passed
from autograder.selfcheck.submit import Receipt
from autograder.selfcheck.workspace import StubMark, mark_of, seen_from_here

# Anything that loads torch is imported inside functions, so that `status` and `hint` respond right away.

# Longer lines of prose are hard to read.
WIDTH = 100


def print_self_check(console: Console, course: Course, result: LabResult) -> None:
    """Print one notebook's visible checks: a line per stub, and then one screen about the first stub that's wrong.

    The screen comes last, because that's the part of a long output that a terminal shows.
    """
    from autograder.report.screen import is_wrong

    lab = course.lab(result.lab)
    _print_heading(console, course, lab, result)
    if (fresh := explain.fresh(result.checks)) is not None:
        _prose(console, fresh)
    failed = {each.stub for each in result.checks if is_wrong(course, each)}
    wrong = next((stub for stub in lab.stubs if stub.name in failed), None)
    others = [stub for stub in lab.stubs if stub != wrong and _checks_of(stub, result)]
    if others:
        console.print()
    for stub in others:
        _print_stub(console, stub.name, _found(console, stub, result), _passed(_checks_of(stub, result)))
    if wrong is not None:
        console.print()
        _print_screen(console, course, lab, wrong, result)
    if wrong is None or _following(lab, result) is None:
        _print_next(console, lab, result)


def print_every_check(console: Console, course: Course, result: LabResult) -> None:
    """Print one notebook's visible checks: a line for each, an explanation of each failure, and what to do next."""
    lab = course.lab(result.lab)
    _print_heading(console, course, lab, result)
    if (fresh := explain.fresh(result.checks)) is not None:
        _prose(console, fresh)
    for stub in lab.stubs:
        # Failing checks come first.
        checks = sorted(_checks_of(stub, result), key=lambda each: each.outcome is Outcome.PASSED)
        if checks:
            console.print()
            _print_stub(console, stub.name, _found(console, stub, result), _passed(checks))
        for number, each in enumerate(checks):
            _print_check(console, each)
            _print_explanation(console, _without_repetition(each, checks[:number]))
        wrong = next(filter(_is_wrong, checks), None)
        for line in explain.paste(wrong) if wrong else ():
            _print(console, Text(f"      {terminal(line)}"))
    _print_next(console, lab, result)


def print_at_start(console: Console, course: Course, result: LabResult) -> None:
    """Print the result of one notebook's visible checks on one line, as `watch` does when it starts."""
    untouched = bool(result.checks) and all(each.outcome is Outcome.UNSOLVED for each in result.checks)
    level = Level.FAMILIAR if all_passed(result) else Level.NOT_STARTED if untouched else Level.ATTEMPTED
    symbol, word, style = _standing(console, StubMark(level=level), worth=0.0)
    said = result.message or (word if untouched else _summary(console, result))
    _print(console, Text.assemble((symbol, style), f" {terminal(result.student)}: {terminal(said)}"))


def print_saved(console: Console, course: Course, result: LabResult, seconds: float) -> None:
    """Print one notebook's visible checks after a save, under the time of day."""
    console.rule(Text(f"{datetime.now():%H:%M:%S}"), align="left", style="", characters=_symbol(console, "─", "-"))
    print_self_check(console, course, result)
    console.print(f"{seconds:.2f} seconds.", style="dim")


def print_prose(console: Console, text: str) -> None:
    """Print sentences, which may contain a student's text."""
    _prose(console, terminal(text))


def print_status(console: Console, status: Status) -> None:
    """Print the labs with the levels of their stubs, the progress toward completion, and what to do next."""
    for lab in status.labs:
        _print(console, Text.assemble((lab.title, "bold"), f"  {terminal(lab.notebook or 'no notebook here')}"))
        for stub in lab.stubs:
            fresh = "also passed on fresh numbers" if stub.fresh is not None else ""
            _print_stub(console, stub.stub, _standing(console, stub, stub.worth), fresh)
        if lab.notebook is not None:
            _print(console, Text(f"  {_when(lab)}", "dim"))
        console.print()
    share = status.familiar / status.stubs
    full, empty = _symbol(console, "█", "#"), _symbol(console, "░", ".")
    done = round(30 * share)
    satisfied = f", and a person has judged {' and '.join(status.judged)} satisfactory" if status.judged else ""
    console.print(
        f"{full * done}{empty * (30 - done)}  {status.familiar} of {status.stubs} stubs pass their visible checks."
    )
    _prose(
        console,
        f"The course is complete once all {status.concepts} concepts are proficient{satisfied}. That's decided during "
        f"grading, which runs more checks; {status.concepts_ready} of {status.concepts} are ready to be graded.",
    )
    if status.next_stub is None:
        ready = " ".join(f"mastery submit {lab.lab}" for lab in status.labs[:1])
        _prose(console, f"Next: submit the labs you haven't submitted yet, one at a time: {ready}")
    elif status.next_notebook is None:
        _prose(console, f"Next: {status.next_stub}. Its notebook isn't here; get it with: mastery start .")
    else:
        _prose(console, f"Next: {status.next_stub} in {status.next_notebook}. A hint: mastery hint {status.next_stub}")


def print_layout(console: Console, layout: Layout) -> None:
    """Print which files were written and which were kept, and what to do now."""
    for verb, names in (("wrote", layout.written), ("kept yours", layout.kept)):
        for name in names:
            _print(console, Text(f"{verb:<10}  {name}"))
    first = (layout.written or layout.kept)[0]
    here = Path(layout.folder).resolve() == Path.cwd()
    steps = [
        *([] if here else [(f"cd {terminal(layout.folder)}", "")]),
        (f"jupyter lab {first}", "begin here"),
        ("mastery watch", "in a second terminal: checks on every save"),
        ("mastery status", "your progress, and what to do next"),
    ]
    console.print("\nNow:")
    for command, why in steps:
        _print(console, Text(f"  {command:<30}  {why}".rstrip()))


def print_hint(console: Console, hint: Hint) -> None:
    """Print the new hint, or all hints if there's no new one."""
    if hint.hint is not None:
        console.print(f"Hint {hint.step} of {hint.of} for {hint.stub}", style="bold")
        _prose(console, hint.hint, "  ")
        more = f"Another one: mastery hint {hint.stub}" if hint.step < hint.of else "That was the last one."
        console.print(more, style="dim")
        return
    console.print(f"You've seen all {hint.of} hints for {hint.stub}:", style="bold")
    for number, text in enumerate(hint.before, start=1):
        _prose(console, text, f"  {number}. ", " " * 5)


def print_receipt(console: Console, receipt: Receipt, path: Path) -> None:
    """Print what was handed in, or what still has to be done."""
    file = receipt.file if receipt.to == "exchange" else seen_from_here(receipt.file)
    if receipt.to == "exchange":
        _prose(console, f"Handed in: {receipt.lab}, through nbgrader's exchange.", style="bold")
    else:
        if receipt.problem:
            _prose(console, f"nbgrader's exchange didn't accept it: {terminal(receipt.problem)}", style="bold red")
        _prose(
            console,
            f"Packed, but not handed in yet: upload {terminal(file)} where your course collects work.",
            style="bold",
        )
    checked = receipt.self_check
    score = "couldn't be run" if checked is None else f"{checked.passed} of {checked.checks} visible checks passed"
    for name, value in (
        ("time", receipt.time.strftime("%Y-%m-%d %H:%M:%S UTC")),
        ("file", file),
        ("SHA-256", receipt.sha256),
        *((name, f"SHA-256 {digest}") for name, digest in receipt.files.items()),
        ("course", f"version {receipt.course_version}"),
        ("self-check", score),
        ("receipt", seen_from_here(path)),
    ):
        _print(console, Text(f"  {name:<10}  {terminal(value)}"))


def _print_heading(console: Console, course: Course, lab: Lab, result: LabResult) -> None:
    from autograder.grading.content import hidden_checks

    more = sum(hidden_checks(course).get(stub.name, {}).get("checks", 0) for stub in lab.stubs)
    _print(console, Text.assemble((lab.title, "bold"), f"  {terminal(result.student)}"))
    if result.message:
        _prose(console, terminal(result.message), style="red")
    if result.checks:
        _prose(console, f"{_summary(console, result)}; {more:.0f} more run{'s' * (more == 1)} during grading")


def _summary(console: Console, result: LabResult) -> str:
    """Return how many checks pass. Levels and points appear only after grading."""
    if all_passed(result):
        return f"all visible checks pass {_symbol(console, '—', '-')} not graded yet"
    return f"{_passed(result.checks)} visible checks passed"


def _passed(checks: Sequence[Evidence]) -> str:
    return f"{sum(each.outcome is Outcome.PASSED for each in checks)} of {len(checks)}"


def _checks_of(stub: Stub, result: LabResult) -> list[Evidence]:
    return [each for each in result.checks if each.stub == stub.name]


def _standing(console: Console, mark: StubMark, worth: float) -> tuple[str, str, str]:
    """Return what the visible checks say about a stub: a symbol, words, and a style."""
    # Answers to items are only judged during grading.
    passes = "recorded" if worth and not mark.max_points else "passes here"
    return {
        Level.NOT_STARTED: (_symbol(console, "·", "-"), "not started", "yellow"),
        Level.ATTEMPTED: (_symbol(console, "✗", "x"), "fails here", "red"),
    }.get(mark.level, (_symbol(console, "✓", "+"), passes, "green"))


def _found(console: Console, stub: Stub, result: LabResult) -> tuple[str, str, str]:
    """Return the same as `_standing`, but "not graded" for a stub that a person will judge, instead of a failure."""
    outcomes = {each.outcome for each in _checks_of(stub, result)}
    if Outcome.NOT_GRADED in outcomes and outcomes <= {Outcome.NOT_GRADED, Outcome.PASSED}:
        return _symbol(console, "·", "-"), "not graded", _style(Outcome.NOT_GRADED)
    return _standing(console, mark_of(result, stub.name), stub.points)


def _print_stub(console: Console, name: str, standing: tuple[str, str, str], said: str) -> None:
    """Print a stub's name, what its visible checks say, and the extra text `said`."""
    symbol, word, style = standing
    head = Text.assemble((symbol, style), f" {name:<28} ", (f"{word:<12}", style), f" {said}")
    head.rstrip()
    _print(console, head)


def _print_screen(console: Console, course: Course, lab: Lab, stub: Stub, result: LabResult) -> None:
    from autograder.report.screen import screen_of

    screen = screen_of(course, lab, _checks_of(stub, result), shlex.quote(result.student))
    symbol, _, style = _found(console, stub, result)
    _prose(console, screen.verdict, f"{symbol} {stub.name}  ", "    ", style, len(stub.name) + 2)
    for label, text, lines in screen.rows:
        sentence = label.endswith(":")
        first = f"  {label} " if sentence else f"  {label:<12} "
        others = " " * (4 if sentence else len(first))
        _prose(console, terminal(text), first, others, "bold", len(first), lines)
    _prose(console, terminal(screen.folded), "  ")
    _prose(console, f"A hint: mastery hint {stub.name}", "  ")


def _print_check(console: Console, each: Evidence) -> None:
    outcome = f"{_symbol(console, explain.outcome_symbol(each.outcome), ' ')} {each.outcome:<10}"
    _prose(console, each.title, f"  {outcome}  ", style=_style(each.outcome), styled=len(outcome) + 2)


def _print_explanation(console: Console, each: Evidence) -> None:
    for line in explain.explanation(each):
        # Text after a label like "Wanted: " wraps to the right of the label. A line of code gets a hanging indent.
        hanging = 8 if line[:8].rstrip().endswith(":") else 4 if line.startswith(" ") else 0
        _prose(console, terminal(line), " " * 6, " " * (6 + hanging))


def _without_repetition(each: Evidence, before: Sequence[Evidence]) -> Evidence:
    """Return the evidence without anything that's already printed above it for another check of the same stub."""
    told = {
        "message": any(each.message == other.message for other in before),
        "slip": any(each.slip == other.slip for other in before),
        "misconception": any(each.misconception == other.misconception for other in before),
        "kept": any(each.kept == other.kept for other in before),
    }
    if told["message"] and each.difference is not None and each.difference.got is None:
        told["difference"] = True
    return each.model_copy(update={name: None for name, is_told in told.items() if is_told})


def _following(lab: Lab, result: LabResult) -> Stub | None:
    """Return the first stub that doesn't pass, apart from stretch stubs and those that only a person can grade."""
    fixable = (stub for stub in lab.stubs if any(map(_can_be_fixed, _checks_of(stub, result))))
    return next((stub for stub in fixable if not stub.stretch), None)


def _print_next(console: Console, lab: Lab, result: LabResult) -> None:
    if not result.checks:
        return
    console.print()
    if (following := _following(lab, result)) is not None:
        _prose(console, f"Next: {following.name}. A hint: mastery hint {following.name}")
        return
    below = [stub for stub in lab.stubs if any(each.outcome is not Outcome.PASSED for each in _checks_of(stub, result))]
    not_graded = [stub for stub in below if not any(map(_can_be_fixed, _checks_of(stub, result)))]
    others = {
        "stretch": [stub.name for stub in below if stub not in not_graded],
        "not graded here": [stub.name for stub in not_graded],
    }
    left = [f"those of {' and '.join(names)} ({why})" for why, names in others.items() if names]
    but = f" except {' and '.join(left)}" if left else ""
    dash = _symbol(console, "—", "-")
    _prose(console, f"All visible checks pass{but} {dash} not graded yet. To hand it in: mastery submit {lab.name}")


def _when(lab: LabStatus) -> str:
    if lab.checked is None:
        return "not checked yet: mastery check"
    time = lab.checked.astimezone()
    day = "" if time.date() == datetime.now(UTC).astimezone().date() else f"{time:%Y-%m-%d} "
    return f"checked {day}{time:%H:%M}" + ("; changed since then: mastery check" if lab.changed else "")


def _style(outcome: Outcome) -> str:
    return {Outcome.PASSED: "green", Outcome.UNSOLVED: "yellow", Outcome.NOT_GRADED: "magenta"}.get(outcome, "red")


def _is_wrong(each: Evidence) -> bool:
    return each.outcome not in (Outcome.PASSED, Outcome.UNSOLVED)


def _can_be_fixed(each: Evidence) -> bool:
    return each.outcome not in (Outcome.PASSED, Outcome.NOT_GRADED)


def _symbol(console: Console, symbol: str, plain: str) -> str:
    """Return the symbol, or its plain substitute if the terminal's encoding can't show it."""
    return plain if console.options.ascii_only else symbol


def _print(console: Console, line: Text) -> None:
    """Print one line. If the line is too long, the terminal wraps it, so that paths and digests can be copied whole."""
    console.print(line, soft_wrap=True)


def _prose(
    console: Console,
    text: str,
    first: str = "",
    others: str | None = None,
    style: str = "",
    styled: int | None = None,
    most: int | None = None,
) -> None:
    """Print wrapped text. The first line starts with `first`, the others with `others` (by default, as many spaces).

    styled: how many characters of the first line get the style; None for the whole text.
    most: how many lines to print before the text is cut off; None for all of them.
    """
    others = " " * len(first) if others is None else others
    width = min(console.width, WIDTH)
    lines: Sequence[str] = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
        max_lines=most,
        placeholder=" ...",
    )
    for number, line in enumerate(lines or [first.rstrip()]):
        shown = Text(line)
        if styled is None:
            shown.stylize(style)
        elif number == 0:
            shown.stylize(style, 0, styled)
        _print(console, shown)
