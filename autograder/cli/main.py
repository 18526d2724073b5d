"""The `mastery` command, with one subcommand per job.

Exit codes: 0 if all is well, 1 if checks failed or not everything was graded, 2 if the command was misused.
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
    """Run the command. Errors that the user can fix are shown as a sentence, not as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # the terminal's encoding may not support a character
    # If rfc3987_syntax is installed, jsonschema imports it along with nbformat. That takes a second, just to support a
    # format that no notebook uses.
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
        raise CourseError("The folder you're in no longer exists; go to a different one.") from error
