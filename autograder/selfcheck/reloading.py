"""A grader for a course on disk, which an author may be changing."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.grading.grader import Grader
from autograder.model.course import load
from autograder.model.paths import FILE_NAME, trusted_root


class GraderOnDisk:
    """Calling it returns a grader for the current folder's course as it is now. Raises CourseError."""

    def __init__(self) -> None:
        self._seen: frozenset[tuple[str, int, int]] = frozenset()
        self._grader: Grader | None = None

    def __call__(self) -> Grader:
        root = trusted_root()
        seen = frozenset(_state(root))
        if self._grader is None or seen != self._seen:
            _forget_modules(root)
            self._grader = Grader(load(root), self_check=True)
            self._seen = seen
        return self._grader


def _state(root: Path) -> Iterator[tuple[str, int, int]]:
    """Yield entries that change whenever a file that a check depends on changes."""
    for path in (root / FILE_NAME, *(root / "reference").rglob("*")):
        if path.suffix in (".py", ".yaml"):
            status = path.stat()
            yield str(path), status.st_mtime_ns, status.st_size


def _forget_modules(root: Path) -> None:
    """Make every check, reference and misconception reload when it's next needed."""
    folder = f"{root / 'reference'}{os.sep}"
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    if loaded := [name for name, file in files.items() if file.startswith(folder)]:
        for name in loaded:
            del sys.modules[name]
        importlib.invalidate_caches()
