"""A class's results in a terminal, readable at 80 columns and without colour."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder import slips
from autograder.course import Course
from autograder.mastery import StudentMastery, following, missing
from autograder.outcome import Evidence, LabResult, Outcome
from autograder.results import stub_points
from autograder.sinks import terminal


def print_class(console: Console, course: Course, results: Sequence[LabResult]) -> None:
    """The class by lab and stub: means, who has it all right, the commonest mistake; then who needs a person's eye."""
    for lab in course.labs:
        graded = [result for result in results if result.lab == lab.name]
        if not graded:
            continue
        scores = [result.score for result in graded if result.score is not None]
        mean = f"mean {sum(scores) / len(scores):.2f} of {lab.points:g}" if scores else "none graded"
        table = Table(title=f"{lab.title}: {len(graded)} submissions, {mean}", title_justify="left")
        table.add_column("stub", no_wrap=True)
        for heading in ("points", "mean", "all right", "unsolved"):
            table.add_column(heading, justify="right")
        table.add_column("commonest mistake", overflow="fold")
        for stub in lab.stubs:
            points = [stub_points(result).get(stub.name, 0.0) for result in graded if result.checks]
            full = sum(_outcomes(result, stub.name) == {Outcome.PASSED} for result in graded)
            unsolved = sum(_outcomes(result, stub.name) == {Outcome.UNSOLVED} for result in graded)
            average = f"{sum(points) / len(points):.2f}" if points else ""
            table.add_row(
                stub.name, f"{stub.points:g}", average, str(full), str(unsolved), _commonest(graded, stub.name)
            )
        console.print(table)
    eye = attention(results)
    if eye:
        console.print("[bold]For a person's eye[/bold]")
    for reason, who in eye.items():
        console.print(f"  {escape(terminal(reason))}", soft_wrap=True)
        console.print(f"    {escape(terminal(', '.join(who)))}", soft_wrap=True)


def attention(results: Sequence[LabResult]) -> dict[str, list[str]]:
    """The submissions that an instructor should look at, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for result in results:
        name = f"{result.student}/{result.lab}"
        if result.status != "graded":
            found[f"{result.status}: {result.message}"].append(name)
        for outcome in (Outcome.VIOLATION, Outcome.DIED, Outcome.TIMEOUT):
            if reached := next((each for each in result.checks if each.outcome is outcome), None):
                found[f"{outcome}: {_first_line(reached)}"].append(name)
        missing = {each.stub: None for each in result.checks if _is_missing(each)}
        for stub in missing:
            found[f"without {stub}: the notebook no longer defines it"].append(name)
    return found


def _first_line(evidence: Evidence) -> str:
    return (evidence.message or evidence.title).split("\n")[0]


def _is_missing(evidence: Evidence) -> bool:
    return evidence.outcome is Outcome.UNSOLVED and evidence.slip != slips.UNSOLVED


def _outcomes(result: LabResult, stub: str) -> set[Outcome]:
    return {each.outcome for each in result.checks if each.stub == stub and not each.advisory}


def _commonest(results: Sequence[LabResult], stub: str) -> str:
    counts: Counter[str] = Counter()
    for result in results:
        counts.update({each.misconception for each in result.checks if each.stub == stub and each.misconception})
    if not counts:
        return ""
    name, count = counts.most_common(1)[0]
    return f"{name.replace('_', ' ')} ({count})"


def print_mastery(console: Console, course: Course, student: StudentMastery) -> None:
    """The levels of a student's concepts, how far it is to complete, and what to do next."""
    table = Table(title=terminal(student.student), title_justify="left")
    table.add_column("concept")
    table.add_column("level")
    for each in student.concepts:
        regressed = "" if each.current.rank >= each.level.rank else f", the newest attempt {each.current}"
        table.add_row(escape(each.title), f"{each.level}{regressed}")
    console.print(table)
    if student.since is not None:
        console.print(f"Complete since {student.since:%Y-%m-%d}{', with distinction' if student.distinction else ''}.")
    else:
        console.print("[bold]Not complete. What is missing:[/bold]")
    for line in missing(course, student):
        console.print(f"  {escape(terminal(line))}", soft_wrap=True)
    if after := following(student):
        console.print(f"Next: {escape(terminal(after))}", soft_wrap=True)
