"""The `mastery` command: one verb a job.

Exit codes: 0 all well, 1 checks failed or not all was graded, 2 used wrongly.
"""

import io
import sys
from pathlib import Path

from autograder.cli import author, changes, instructor, mastery, people, student
from autograder.cli.common import app, say_error
from autograder.model.children import start_safely
from autograder.model.errors import CourseError, UserError

__all__ = ["app", "author", "changes", "instructor", "main", "mastery", "people", "student"]


def main() -> None:
    """Run the command; whatever goes wrong by the user's doing is a sentence, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack a character; that is no reason to end
    # jsonschema loads it, where nbformat is imported, if it is there: a second for a format that no notebook has.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    start_safely()
    try:
        _refuse_lost_folder()
        app()
    except UserError as error:
        say_error(str(error))
        sys.exit(2)


def _refuse_lost_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise CourseError("The folder you're in no longer exists; go to another.") from error
