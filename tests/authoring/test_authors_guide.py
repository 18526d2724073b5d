"""docs/authors.md, followed to the letter: its commands run in a copy of the course, and its lab works."""

import json
import re
import zipfile
from pathlib import Path

import pytest
import yaml

from autograder.authoring.simulation import notebooks
from autograder.model.course import Lab, load
from tests.course_copy import CourseCopy
from tests.repository import ROOT

GUIDE = (ROOT / "docs" / "authors.md").read_text("utf-8")
FILES = dict(re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("mastery")
]
NEW = {"reference/average", "solutions/average"}


def content(root: Path) -> dict[str, bytes]:
    """The bytes of the course's files by name, except files that are only built along the way."""
    names = {str(file.relative_to(root)): file for file in root.rglob("*") if file.is_file()}
    return {
        name: file.read_bytes() for name, file in names.items() if "__pycache__" not in name and name[:6] != "build/"
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> CourseCopy:
    """A copy of the course, as `mastery build` leaves it."""
    made = CourseCopy(tmp_path_factory.mktemp("authors"))
    made.run("mastery", "build")
    return made


@pytest.fixture(scope="module")
def before(copy: CourseCopy) -> dict[str, bytes]:
    return content(copy.root)


@pytest.fixture(scope="module")
def course(copy: CourseCopy, before: dict[str, bytes]) -> CourseCopy:
    """The copy after the guide's commands have run there, one after the other."""
    for command in COMMANDS:
        copy.run(*command.split())
    return copy


def test_the_guide_has_its_commands() -> None:
    assert COMMANDS == [
        "mastery new average",
        "mastery build",
        "mastery certify average",
        "mastery build --student",
    ]


@pytest.mark.processes
def test_the_guide_shows_the_files_as_they_are_laid_out(course: CourseCopy) -> None:
    laid_out = {name for name in content(course.root) if name.rpartition("/")[0] in NEW}
    assert set(FILES) == laid_out
    for name, text in FILES.items():
        assert (course.root / name).read_text("utf-8") == text


@pytest.mark.processes
def test_nothing_else_of_the_course_changes(course: CourseCopy, before: dict[str, bytes]) -> None:
    after = content(course.root)
    exercise = "exercises/average/average.ipynb"
    assert after.keys() - before.keys() - set(FILES) <= {exercise, ".secret"}
    assert {name for name, text in before.items() if after.get(name) != text} == {
        "course.yaml",
        "reference/hidden.yaml",
    }
    assert after["reference/hidden.yaml"].startswith(before["reference/hidden.yaml"])
    entry = yaml.safe_load(after["course.yaml"])["labs"][-1]
    assert (entry["name"], *(stub["name"] for stub in entry["stubs"])) == ("average", "weighted_mean")
    assert entry in [shown for shown in _entries_in_the_guide() if "name" in shown]


def _entries_in_the_guide() -> list[dict[str, object]]:
    blocks = re.findall(r"^```yaml\n(  - .*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return [entry for block in blocks for entry in yaml.safe_load(block)]


@pytest.mark.classes
def test_the_notebook_is_there_without_its_answer(course: CourseCopy) -> None:
    text = (course.root / "exercises" / "average" / "average.ipynb").read_text("utf-8")
    assert "def weighted_mean(values, weights):" in text
    assert "np.sum(weights)" not in text


@pytest.mark.classes
def test_a_submission_is_graded_and_its_mistake_named(course: CourseCopy) -> None:
    loaded = load(course.root)
    lab: Lab = loaded.lab("average")
    parts = notebooks.simulation(loaded, lab)
    wrong = (
        "def weighted_mean(values, weights):\n    if len(values) != len(weights):\n        raise ValueError\n"
        "    return values.mean()"
    )
    students = {"ada": parts.solved(), "bob": parts.solved({"weighted_mean": wrong})}
    for student, notebook in students.items():
        notebooks.write(notebook, course.root / "submitted" / student / "average" / "average.ipynb")
    course.run("mastery", "grade", "average", "--json", "results.jsonl")
    lines = [json.loads(line) for line in (course.root / "results.jsonl").read_text("utf-8").splitlines()]
    results = {line["student"]: line for line in lines}
    assert results["ada"]["score"] == results["ada"]["max_score"] == 6
    assert {check["misconception"] for check in results["bob"]["checks"] if check["outcome"] == "failed"} == {
        "ignores_the_weights"
    }


@pytest.mark.classes
def test_the_lab_is_handed_out_without_what_is_in_solutions(course: CourseCopy) -> None:
    wheel = next((course.root / "build" / "student").glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = [name.partition("/installed/")[2] for name in archive.namelist() if "/installed/" in name]
    of_lab = {name for name in names if "average" in name}
    assert of_lab == {
        "exercises/average/average.ipynb",
        *(name for name in FILES if name.startswith("reference/")),
    }
    assert not [name for name in names if name.startswith("solutions")]
