"""When a submission was handed in."""

from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.model.errors import SubmissionError
from autograder.model.submission import read_regular

FILE_NAME = "timestamp.txt"
# What nbgrader writes is about 30 bytes long. The time to parse a string can grow with the square of its length.
MOST_BYTES = 100


def submitted_at(folder: Path) -> datetime | None:
    """Return when a submission was handed in, from the file that nbgrader's collector adds; None if the file doesn't
    say."""
    try:
        text = read_regular(folder / FILE_NAME).decode("ascii").strip()
        # A time zone can be the path of any file, and that file would be opened.
        if len(text) > MOST_BYTES or "/" in text:
            return None
        found: datetime = parse_utc(text)
    except (SubmissionError, ValueError, OverflowError, TypeError):
        return None
    return found
