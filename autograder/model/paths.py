"""Where a course's files are, and what nbgrader's cells are called."""

import os
from collections.abc import Iterable
from pathlib import Path

from autograder.model import files, trust
from autograder.model.errors import CourseError

FILE_NAME = "course.yaml"


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder with a course.yaml, from `start` (default: the current folder) upward.

    If there isn't one, return the installed course. Skip folders in a `submitted` folder, because those are students'
    work. Raises CourseError.
    """
    start = (start or Path.cwd()).resolve()
    above = (folder for folder in (start, *start.parents) if not trust.is_handed_in(folder))
    for folder in (*above, *trust.installed_roots()):
        # Path.is_file raises if we can't enter a folder, but this doesn't.
        if os.path.isfile(folder / FILE_NAME):
            return folder
    raise CourseError(
        f"No {FILE_NAME} was found in {start} or any folder above it. Go to the course's folder and run this again."
    )


def trusted_root() -> Path:
    """Return the course root in or above the current folder, if we're allowed to run its code. Raises CourseError."""
    root = find_root()
    if not trust.is_trusted(root):
        raise CourseError(
            f"The course in {root} isn't one that you've confirmed. Its checks and nbgrader_config.py are programs "
            f"that would run as you. If you trust it, pass --course {root}, or run mastery status there in a "
            "terminal and confirm it once."
        )
    return root


def visible_checks(root: Path, lab: str) -> Path:
    """Return the path to the lab's checks that students get."""
    return root / "reference" / lab / "test_visible.py"


def hidden_checks(root: Path, lab: str) -> Path:
    """Return the path to the lab's checks that run only during grading."""
    return root / "solutions" / lab / "test_hidden.py"


def notes(root: Path, lab: str) -> Path:
    """Return the path to the author's notes for students on each of a lab's stubs."""
    return root / "reference" / lab / "notes.yaml"


def files_of(root: Path, module: str) -> list[Path]:
    """Return the file of a module in `reference`, or the files of a package, relative to the course root."""
    package = Path("reference", module)
    if not (root / package).is_dir():
        return [package.with_suffix(".py")]
    found = (path for path in sorted((root / package).iterdir()) if path.is_file())
    return [path.relative_to(root) for path in found if not path.name.startswith(".")]


def version(root: Path, rules: bytes, givens: Iterable[str]) -> str:
    """Return a digest of every check, reference, misconception and given, and of the rules in course.yaml.

    Raises OSError.
    """
    found = sorted((root / "reference").rglob("*.py"))
    for name in ("test_hidden", "reference", "misconceptions"):
        found += sorted((root / "solutions").glob(f"*/{name}.py"))
    for module in givens:
        found += (root / file for file in files_of(root, module) if file.suffix != ".py")
    return files.digest_of(root, found, rules)


def grade_id(stub: str) -> str:
    """Return nbgrader's name for the cell that earns the stub's points."""
    return stub


def solution_id(stub: str) -> str:
    """Return nbgrader's name for the cell that a student fills in."""
    return f"{stub}-solution"  # stub names never contain a hyphen
