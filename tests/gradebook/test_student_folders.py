"""Which folders `mastery grade` reads, and what it says about those that it skips or can't interpret."""

import csv
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nbgrader import api
from typer.testing import CliRunner

from autograder.authoring.simulation import notebooks
from autograder.cli.main import app
from autograder.model.errors import UserError
from tests.course_copy import confirmed, copy_course
from tests.repository import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

SOFTMAX, READINESS = (notebooks.simulation(COURSE, COURSE.lab(name)) for name in ("softmax", "readiness"))
Run = Callable[..., str]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose students ada and bob have handed in softmax, graded."""
    root = copy_course(tmp_path_factory.mktemp("graded") / "course")
    for student, notebook in (("ada", SOFTMAX.solved()), ("bob", SOFTMAX.blank())):
        notebooks.write(notebook, root / "submitted" / student / "softmax" / "softmax.ipynb")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(root)
        patched.setenv("MASTERY_SECRET", "of the tests")
        done = CliRunner().invoke(app, ["grade", "softmax", "--processes", "1"])
    assert done.exit_code == 0, done.output
    return root


@pytest.fixture
def root(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = confirmed(Path(shutil.copytree(graded, tmp_path / "course")))
    monkeypatch.chdir(copied)
    monkeypatch.setenv("MASTERY_SECRET", "of the tests")
    return copied


@pytest.fixture
def run(root: Path) -> Run:
    def run(*words: str, ends: int = 0) -> str:
        done = CliRunner().invoke(app, words)
        if ends == 2:
            assert isinstance(done.exception, UserError), done.output
            return str(done.exception)
        assert done.exit_code == ends, f"{done.output}\n{done.exception}"
        return " ".join(done.output.split())

    return run


def students(root: Path) -> set[str]:
    with api.Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {student.id for student in gradebook.students}


def in_csv(root: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (root / "scores.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student"], row["lab"]): row for row in csv.DictReader(file)}


@contextmanager
def opened() -> Iterator[list[str]]:
    """Every file and folder opened or listed in this process."""
    found: list[str] = []
    active = [True]

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if active and event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | os.PathLike):
            found.append(os.path.abspath(os.fspath(arguments[0])))

    sys.addaudithook(audit)  # an audit hook can't be removed
    try:
        yield found
    finally:
        active.clear()


@pytest.mark.classes
def test_a_dropped_student_does_not_come_back_until_they_are_added_again(root: Path, run: Run) -> None:
    run("student", "drop", "bob", "--yes")
    assert students(root) == {"ada"}
    said = run("grade", "softmax")
    assert "Work by bob is left out, because they were dropped or renamed" in said
    assert "nbgrader db student add bob" in said
    assert students(root) == {"ada"}
    assert {student for student, _ in in_csv(root)} == {"ada"}
    assert (root / "submitted" / "bob" / "softmax" / "softmax.ipynb").is_file()
    with api.Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.add_student("bob")
    assert "dropped" not in run("grade", "softmax")
    assert in_csv(root)["bob", "softmax"]["score"] == "0.0"


@pytest.mark.classes
def test_a_student_removed_by_nbgrader_does_not_come_back_either(root: Path, run: Run) -> None:
    with api.Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.remove_student("bob")
    assert "Work by bob is left out, because they were dropped or renamed" in run("grade", "softmax")
    assert students(root) == {"ada"}


def test_work_that_is_collected_again_after_a_rename_makes_no_second_student(root: Path, run: Run) -> None:
    kept = shutil.copytree(root / "submitted" / "bob", root / "kept")
    assert "Work that still comes in as bob is left out" in run("student", "rename", "bob", "robert")
    kept.rename(root / "submitted" / "bob")  # as nbgrader collect does, since it's still in the exchange
    assert "Work by bob is left out, because they were dropped or renamed" in run("grade", "softmax")
    assert students(root) == {"ada", "robert"}
    assert {student for student, _ in in_csv(root)} == {"ada", "robert"}


@pytest.mark.classes
def test_only_the_named_students_folder_is_read(root: Path, run: Run) -> None:
    notebooks.write(SOFTMAX.solved(), root / "submitted" / "bob" / "softmax" / "softmax.ipynb")
    notebooks.write(SOFTMAX.blank(), root / "submitted" / "ada" / "softmax" / "softmax.ipynb")
    shutil.copytree(root / "submitted" / "bob", root / "submitted" / "eve")
    submitted = str(root / "submitted")
    scores = root / "scores.csv"
    scores.write_text(scores.read_text(encoding="utf-8").replace("graded,25.0,", "graded,24.0,"), encoding="utf-8")
    with opened() as looked:
        said = run("grade", "--student", "bob", "softmax")
    assert "1 submission, mean 25.00" in said
    assert {student: row["score"] for (student, lab), row in in_csv(root).items() if lab == "softmax"} == {
        "ada": "24.0",  # unchanged
        "bob": "25.0",
    }
    assert students(root) == {"ada", "bob"}
    assert submitted not in looked
    assert not [path for path in looked if path.startswith((f"{submitted}/ada", f"{submitted}/eve"))]
    assert "1 of 1 submissions are graded and unchanged." in run("grade", "--student", "bob")


@pytest.mark.parametrize("name", ["nobody", "../submitted/bob", "..", ".", "", "bob/softmax"])
def test_a_name_without_a_folder_is_one_sentence(run: Run, name: str) -> None:
    said = run("grade", "--student", name, ends=2)
    assert f"No student named '{name}' has a folder in submitted" in said


def test_naming_a_dropped_student_says_how_to_take_them_back(run: Run) -> None:
    run("student", "drop", "bob", "--yes")
    assert "nbgrader db student add bob" in run("grade", "--student", "bob")


def test_one_student_cannot_be_watched(run: Run) -> None:
    assert "--watch grades every student" in run("grade", "--watch", "--student", "bob", ends=2)


def test_folders_of_no_lab_are_reported(root: Path, run: Run) -> None:
    (root / "submitted" / "ada" / "softmax").rename(root / "submitted" / "ada" / "sofmax\x1b[2J")
    (root / "submitted" / "ada" / ".ipynb_checkpoints").mkdir()
    (root / "submitted" / "bob" / "loss").mkdir()
    said = run("grade", "softmax")
    assert "Needs a person's attention" in said
    assert "not the name of a lab in course.yaml, so nothing in this folder was graded ada/sofmax" in said
    assert "\x1b" not in said
    assert "checkpoints" not in said
    assert "loss" not in said
    assert "in this folder was graded" not in run("grade", "--student", "bob", "softmax")


def test_a_notebook_outside_of_its_labs_folder_is_reported(root: Path, run: Run) -> None:
    shutil.move(root / "submitted" / "ada" / "softmax" / "softmax.ipynb", root / "submitted" / "ada" / "softmax.ipynb")
    (root / "submitted" / "ada" / "softmax").rmdir()
    said = run("grade", "softmax")
    assert "not in a lab folder, so it wasn't graded: move it to <student>/<lab>/<lab>.ipynb ada/softmax" in said
    assert "ada/softmax.ipynb" in said


@pytest.mark.classes
def test_packets_that_are_missing_or_unreadable_are_reported(root: Path, run: Run) -> None:
    packets: dict[str, Callable[[Path], object]] = {
        "missing": lambda _path: None,
        "linked": lambda path: path.symlink_to("/etc/passwd"),
        "binary": lambda path: path.write_bytes(b"\xff\xfe\x00"),
        "no_yaml": lambda path: path.write_text("a: [1", encoding="utf-8"),
        "form": lambda path: shutil.copy(root / "exercises" / "readiness" / "packet.yaml", path),
    }
    for student, put in packets.items():
        notebook = root / "submitted" / student / "readiness" / "readiness.ipynb"
        notebooks.write(READINESS.blank(), notebook)
        put(notebook.with_name("packet.yaml"))
    said = run("grade", "readiness").split("Needs a person's attention")[1]
    for student in packets:
        assert (f"{student}/readiness" in said) == (student != "form"), said
    assert "packet.yaml is missing" in said
