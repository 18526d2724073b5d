"""Show in a terminal how a downloaded gradebook was filled in."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.gradebook.lms.export import Export
from autograder.model.amounts import amount
from autograder.model.escaping import terminal


def print_export(console: Console, export: Export, out: Path) -> None:
    """Print how students were matched and how columns were filled in, then everyone without a row or a result."""

    def say(text: str) -> None:
        console.print(escape(terminal(text)), soft_wrap=True)

    students = len(export.match.students)
    say(f"{export.lms.name}: {amount(students, 'student')} matched by {' + '.join(export.match.by)}.")
    for column in export.columns:
        where = f"the new column {column.title}" if column.is_new else f"the column {column.title}"
        results, most = amount(column.filled, "result"), amount(column.points, "point")
        say(f"  {column.name}: {results}, out of {most}, in {where}")
    if export.match.unmatched:
        say("Students in the gradebook without a row of their own:")
        for student, why in export.match.unmatched.items():
            say(f"  {student} ({why})")
        say("  To say which row is theirs, write a file keys.csv with the columns id (the name above) and lms_user_id")
        say("  (any key from their row), run `nbgrader db student import keys.csv`, and export again.")
    for column in export.columns:
        if column.unread:
            say(
                f"Not filled in, because {column.name} still needs manual grading in formgrader: "
                f"{', '.join(column.unread)}"
            )
        if column.marked:
            say(
                f"Not filled in, because {export.lms.name} excuses them from {column.name} (EX or N/A): "
                f"{', '.join(column.marked)}"
            )
    if export.left_out:
        say(
            "Left out, because a spreadsheet would treat the cell that identifies them as a formula: "
            f"{', '.join(export.left_out)}"
        )
    if export.without_result:
        say(f"Rows without a result: {'; '.join(export.without_result)}")
    say(f"Written: {out}")
