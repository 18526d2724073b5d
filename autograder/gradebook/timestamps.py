"""When a submission was handed in."""

from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.model.errors import SubmissionError
from autograder.model.submission import read_regular

FILE_NAME = "timestamp.txt"
# nbgrader's own timestamps are about 30 bytes long. Parsing time can grow with the square of the length.
MOST_BYTES = 100


def submitted_at(folder: Path) -> datetime | None:
    """Return when a submission was handed in, according to the file that nbgrader's collector adds; None if it doesn't
    say."""
    try:
        text = read_regular(folder / FILE_NAME).decode("ascii").strip()
        # A time zone can be the path to any file, and the parser would open that file.
        if len(text) > MOST_BYTES or "/" in text:
            return None
        found: datetime = parse_utc(text)
    except (SubmissionError, ValueError, OverflowError, TypeError):
        return None
    return found
