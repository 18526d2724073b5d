"""The course's public files, which students receive. They're listed one by one, so that no other file can slip in."""

from collections.abc import Iterator
from pathlib import Path

from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.paths import FILE_NAME

# A zip records when its files were changed. With a fixed date, the same course always produces the same bytes.
NEVER = (1980, 1, 1, 0, 0, 0)


def public_files(course: Course) -> Iterator[Path]:
    """Yield the course's files that students receive, relative to its root. Raises CourseError if one is missing."""
    needed = [FILE_NAME, "reference/hidden.yaml", *(f"exercises/{name}" for name in course.handed_out)]
    needed += [f"reference/{lab.name}/test_visible.py" for lab in course.labs]
    for name in needed:
        if not (course.root / name).is_file():
            raise CourseError(f"{course.root / name} is missing; write it (see docs/authors.md), or run mastery build.")
    yield from (Path(name) for name in needed if not name.startswith("reference/"))
    yield from _files_of_reference(course)


def _files_of_reference(course: Course) -> Iterator[Path]:
    """Yield the files in `reference/`, except those left over from labs that are no longer in the course."""
    kept = {"__init__.py", "hidden.yaml", *(lab.name for lab in course.labs), *course.givens}
    kept |= {f"{module}.py" for module in course.givens}
    for path in sorted((course.root / "reference").rglob("*")):
        file = path.relative_to(course.root)
        hidden = any(part.startswith((".", "__pycache__")) for part in file.parts)
        if path.is_file() and file.parts[1] in kept and not hidden:
            yield file
