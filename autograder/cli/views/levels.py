"""One student's levels in a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.mastery.levels import StudentMastery, following, missing
from autograder.model.course import Course
from autograder.model.escaping import terminal


def print_mastery(console: Console, course: Course, student: StudentMastery) -> None:
    """Print the levels of a student's concepts, what's missing for completion, and what to do next."""
    table = Table(title=terminal(student.student), title_justify="left")
    table.add_column("concept")
    table.add_column("level")
    for each in student.concepts:
        regressed = "" if each.current.rank >= each.level.rank else f", but {each.current} in the newest attempt"
        table.add_row(escape(each.title), f"{each.level}{regressed}")
    console.print(table)
    if student.since is not None:
        console.print(f"Complete since {student.since:%Y-%m-%d}{', with distinction' if student.distinction else ''}.")
    else:
        console.print("[bold]Not complete. What's missing:[/bold]")
    for line in missing(course, student):
        console.print(f"  {escape(terminal(line))}", soft_wrap=True)
    if after := following(student):
        console.print(f"Next: {escape(terminal(after))}", soft_wrap=True)
