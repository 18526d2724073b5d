"""Build what students receive: a wheel with the engine and the course's public parts, and a zip of the notebooks.

Each of the course's files is listed by name, so that no solution, alternative, hidden check or secret can slip in.
"""

import importlib.metadata
import json
import shutil
import tempfile
import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from autograder.authoring.public_files import NEVER, public_files
from autograder.model import extras
from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.trust import INSTALLED

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
    """Make build/student with the wheel and notebooks.zip, and nothing else. Return both paths. Raises CourseError."""
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
        raise CourseError(f"{where} can't be read or written: {error.strerror}.") from error


def _lay_out(course: Course, folder: Path) -> None:
    """Lay out a project for hatchling to build the wheel from."""
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
