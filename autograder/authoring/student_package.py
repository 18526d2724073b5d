"""What students receive: a wheel with the engine and the course's public parts, and a zip of the notebooks.

What goes in is named here, file by file, so that nothing else can: no solution, alternative, hidden check or secret.
"""

import importlib.metadata
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from autograder.model import extras
from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.paths import FILE_NAME
from autograder.model.trust import INSTALLED

# A zip remembers when its files were changed; the same course gives the same bytes.
NEVER = (1980, 1, 1, 0, 0, 0)

_PYPROJECT = """
[project]
name = {name}
version = {version}
description = {description}
requires-python = {python}
dependencies = {dependencies}
scripts = {{mastery = "autograder.cli.main:main"}}
optional-dependencies = {extras}
entry-points = {{pytest11 = {{autograder = "autograder.grading.pytest_plugin"}}}}

[tool.hatch.build.targets.wheel]
packages = ["autograder"]
"""


def hand_out(course: Course) -> list[Path]:
    """Make build/student: the wheel and notebooks.zip, nothing else. Raises CourseError."""
    place = course.root / "build" / "student"
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as folder:
            _lay_out(course, Path(folder))
            made = Path(next(WheelBuilder(folder).build(directory=folder, versions=["standard"])))
            wheel = Path(shutil.move(made, place / made.name))
        return [wheel, _zip_notebooks(course, place / "notebooks.zip")]
    except OSError as error:
        where = error.filename or place
        raise CourseError(f"{where} cannot be read or written: {error.strerror}.") from error


def public_files(course: Course) -> Iterator[Path]:
    """The course's files that students receive, relative to its root. Raises CourseError where one is missing."""
    needed = [FILE_NAME, "reference/hidden.yaml", *(f"exercises/{name}" for name in course.handed_out)]
    needed += [f"reference/{lab.name}/test_visible.py" for lab in course.labs]
    for name in needed:
        if not (course.root / name).is_file():
            raise CourseError(f"{course.root / name} is missing; write it (docs/authors.md), or run mastery build.")
    yield from (Path(name) for name in needed if not name.startswith("reference/"))
    yield from _files_of_reference(course)


def _files_of_reference(course: Course) -> Iterator[Path]:
    """All of `reference/` but what a lab left there that's no longer in the course."""
    kept = {"__init__.py", "hidden.yaml", *(lab.name for lab in course.labs), *course.givens}
    kept |= {f"{module}.py" for module in course.givens}
    for path in sorted((course.root / "reference").rglob("*")):
        file = path.relative_to(course.root)
        hidden = any(part.startswith((".", "__pycache__")) for part in file.parts)
        if path.is_file() and file.parts[1] in kept and not hidden:
            yield file


def _lay_out(course: Course, folder: Path) -> None:
    """A project that hatchling makes the wheel of."""
    engine = Path(__file__).resolve().parents[1]
    shutil.copytree(engine, folder / "autograder", ignore=shutil.ignore_patterns("__pycache__", INSTALLED))
    for name in public_files(course):
        target = folder / "autograder" / INSTALLED / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(course.root / name, target)
    about = importlib.metadata.metadata(extras.DISTRIBUTION)
    others = [f"{name} = {json.dumps(extras.declared(name))}" for name in about.get_all("Provides-Extra") or ()]
    text = _PYPROJECT.format(
        name=json.dumps(extras.DISTRIBUTION),
        version=json.dumps(f"{about['Version']}+{course.version}"),
        description=json.dumps(course.title),
        python=json.dumps(about["Requires-Python"]),
        dependencies=json.dumps(extras.declared("")),
        extras=f"{{{', '.join(others)}}}",
    )
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def _zip_notebooks(course: Course, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in course.handed_out:
            member = zipfile.ZipInfo(name, NEVER)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, (course.root / "exercises" / name).read_bytes())
    return path
