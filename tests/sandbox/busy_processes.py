"""What a grading process is kept busy with by a test."""

import re
from pathlib import Path


def spin(_session: object, begun: str) -> None:
    """Hours in C code that holds the GIL."""
    Path(begun).touch()
    re.match("(a*)*b", "a" * 60)
