"""The report on an attachment, in a terminal."""

from rich.console import Console
from rich.markup import escape

from autograder.cli.views.selfcheck import print_prose
from autograder.model.escaping import terminal
from autograder.model.results import AttachmentReport
from autograder.report.attachment import HOLDS

_SCOPE = (
    "This only checks format and arithmetic. It can't know whether your sources are real or whether your decision "
    "makes sense. A person judges that."
)


def print_attachment(console: Console, name: str, reading: AttachmentReport) -> None:
    """Print what's wrong, field by field, and what has changed since the previous revision."""
    revision = "" if reading.revision is None else f", revision {reading.revision}"
    console.print(escape(terminal(f"{name}{revision}")), style="bold", soft_wrap=True)
    for each in reading.problems:
        print_prose(console, f"- {each}")
    for field in reading.when_graded:
        print_prose(console, f"- {field}: checked during grading.")
    if not reading.problems:
        console.print(HOLDS, style="green")
    if reading.changes:
        console.print("\nChanges since the last revision:")
        for line in reading.changes:
            print_prose(console, f"- {line}")
    console.print()
    print_prose(console, _SCOPE)
