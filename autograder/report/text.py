"""Results in a terminal, readable at 80 columns and without colour."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.course import Course
from autograder.outcome import Evidence, LabResult, Outcome
from autograder.plugin import hidden_checks
from autograder.results import stub_points
from autograder.sinks import terminal

_STYLES = {Outcome.PASSED: "green", Outcome.UNSOLVED: "yellow", Outcome.NOT_GRADED: "magenta"}


def print_self_check(console: Console, course: Course, result: LabResult) -> None:
    """One notebook's visible checks: a line each, and under a failure all that explains it."""
    lab = course.lab(result.lab)
    earned = sum(each.points for each in result.checks)
    most = sum(each.max_points for each in result.checks)
    more = sum(hidden_checks(course).get(stub.name, {}).get("checks", 0) for stub in lab.stubs)
    console.print(f"[bold]{escape(lab.title)}[/bold]  {escape(terminal(result.student))}", soft_wrap=True)
    console.print(f"{earned:.2f} of {most:.2f} points; visible checks only, {more:.0f} more run when graded")
    if result.message:
        console.print(escape(terminal(result.message)), soft_wrap=True)
    for stub in lab.stubs:
        console.print(f"\n[bold]{stub.name}[/bold]")
        for each in result.checks:
            if each.stub == stub.name:
                _print_check(console, each)


def _print_check(console: Console, each: Evidence) -> None:
    style = _STYLES.get(each.outcome, "red")
    points = f"{each.points:.2f}/{each.max_points:.2f}"
    console.print(f"  [{style}]{each.outcome:<10}[/{style}] {points:>11}  {escape(each.title)}", soft_wrap=True)
    if each.outcome is not Outcome.PASSED and each.message:
        for line in terminal(each.message).splitlines():
            console.print(f"      {escape(line)}", soft_wrap=True)
    if each.misconception:
        name = each.misconception.replace("_", " ")
        console.print(f"      [bold]This looks like: {escape(name)}.[/bold] {escape(each.hint or '')}", soft_wrap=True)


def print_class(console: Console, course: Course, results: Sequence[LabResult]) -> None:
    """The class by lab and stub: means, how many have it all, the commonest mistake; then who needs a person's eye."""
    for lab in course.labs:
        graded = [result for result in results if result.lab == lab.name]
        if not graded:
            continue
        scores = [result.score for result in graded if result.score is not None]
        mean = f"mean {sum(scores) / len(scores):.2f} of {lab.points:g}" if scores else "none graded"
        table = Table(title=f"{lab.title}: {len(graded)} submissions, {mean}", title_justify="left")
        table.add_column("stub", no_wrap=True)
        for heading in ("points", "mean", "full marks", "unsolved"):
            table.add_column(heading, justify="right")
        table.add_column("commonest mistake", overflow="fold")
        for stub in lab.stubs:
            points = [stub_points(result).get(stub.name, 0.0) for result in graded if result.checks]
            full = sum(each >= stub.points - 1e-4 for each in points)
            unsolved = sum(_unsolved(result, stub.name) for result in graded)
            average = f"{sum(points) / len(points):.2f}" if points else ""
            table.add_row(
                stub.name, f"{stub.points:g}", average, str(full), str(unsolved), _commonest(graded, stub.name)
            )
        console.print(table)
    eye = attention(results)
    if eye:
        console.print("[bold]For a person's eye[/bold]")
    for reason, who in eye.items():
        console.print(f"  {reason}: {escape(terminal(', '.join(who)))}", soft_wrap=True)


def attention(results: Sequence[LabResult]) -> dict[str, list[str]]:
    """The submissions that an instructor should look at, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for result in results:
        name = f"{result.student}/{result.lab}"
        if result.status != "graded":
            found[f"{result.status} ({result.message})"].append(name)
        outcomes = {each.outcome for each in result.checks}
        for outcome in (Outcome.VIOLATION, Outcome.DIED, Outcome.TIMEOUT):
            if outcome in outcomes:
                found[outcome].append(name)
    return found


def _unsolved(result: LabResult, stub: str) -> bool:
    outcomes = {each.outcome for each in result.checks if each.stub == stub}
    return outcomes == {Outcome.UNSOLVED}


def _commonest(results: Sequence[LabResult], stub: str) -> str:
    counts: Counter[str] = Counter()
    for result in results:
        counts.update({each.misconception for each in result.checks if each.stub == stub and each.misconception})
    if not counts:
        return ""
    name, count = counts.most_common(1)[0]
    return f"{name.replace('_', ' ')} ({count})"
