"""`mastery student`: another name for a student, all of it or nothing; and dropping one, with a warning first."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from autograder.model.errors import UserError
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import COURSE, GradeRecord, nbgraders, put_exercise, result

STEPS = ("submitted", "autograded", "feedback")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with two attempts of ada, one of them with points by a person, and bob."""
    root = tmp_path_factory.mktemp("kept")
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    course = load(root)
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        book.write([GradeRecord(result("ada", plus=1.0)), GradeRecord(result("bob"))])
        book.write([GradeRecord(result("ada", attempt=2, message="submitted/ada/sums is odd."))])
    with nbgraders(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada")
        gradebook.find_grade("why", "sums", "sums", "ada").manual_score = 1.5
        gradebook.db.commit()
    for step in STEPS:
        (root / step / "ada" / "sums").mkdir(parents=True)
        (root / step / "ada" / "sums" / "file").write_text(step)
    return root


@pytest.fixture
def root(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = confirmed(Path(shutil.copytree(kept, tmp_path / "course")))
    monkeypatch.chdir(copied)
    return copied


@pytest.fixture
def run(root: Path) -> Run:
    def run(*words: str, ends: int = 0, answers: str | None = None) -> str:
        done = CliRunner().invoke(app, words, input=answers)
        if ends == 2:
            assert isinstance(done.exception, UserError), done.output
            return str(done.exception)
        assert done.exit_code == ends, f"{done.output}\n{done.exception}"
        return " ".join(done.output.split())

    return run


def folders(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for step in STEPS for path in (root / step).glob("*/sums/file")}


def test_grades_evidence_and_folders_go_with_the_new_name(root: Path, run: Run) -> None:
    said = run("student", "rename", "ada", "12345")
    assert "ada is now 12345" in said
    assert folders(root) == {f"{step}/12345/sums/file" for step in STEPS}
    course = load(root)
    with Gradebook(course, settings_of(course)) as book:
        assert book.roster() == {"12345": "Ada", "bob": ""}
        attempts = [each for _, each in book.attempts("12345", "sums")]
        assert [(each.student, each.attempt) for each in attempts] == [("12345", 1), ("12345", 2)]
        assert attempts[1].message == "submitted/12345/sums is odd."
        assert [total.score for total in book.totals() if total.student == "12345"] == [7.0]
        assert book.removed() == set()


def _taken(root: Path) -> None:
    (root / "feedback" / "12345").mkdir()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ada", "12345"), "feedback/12345 is there already"),
        (("ada", "bob"), "already has a student bob"),
        (("nobody", "x"), "no student nobody"),
        (("ada", "../x"), "can't be the name of a folder"),
        (("ada", ".x"), "can't be the name of a folder"),
        (("ada", "x" * 200), "longer than a gradebook takes"),
    ],
)
def test_what_cannot_be_renamed_changes_nothing(root: Path, run: Run, words: tuple[str, str], says: str) -> None:
    _taken(root)
    assert says in run("student", "rename", *words, ends=2)
    assert folders(root) == {f"{step}/ada/sums/file" for step in STEPS}


def test_folders_go_back_where_the_gradebook_fails(root: Path, run: Run) -> None:
    with nbgraders(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        refusal = "CREATE TRIGGER refusal BEFORE DELETE ON student BEGIN SELECT RAISE(ABORT, 'disk'); END"
        gradebook.db.connection().exec_driver_sql(refusal)
        gradebook.db.commit()
    assert "cannot be read or written" in run("student", "rename", "ada", "12345", ends=2)
    assert folders(root) == {f"{step}/ada/sums/file" for step in STEPS}
    course = load(root)
    with Gradebook(course, settings_of(course)) as book:
        assert list(book.roster()) == ["ada", "bob"]
        assert len(book.attempts("ada", "sums")) == 2


def test_dropping_says_what_goes_and_asks_first(root: Path, run: Run) -> None:
    said = run("student", "drop", "ada", ends=1, answers="n\n")
    assert "1 labs, 2 gradings with their evidence, and 1 grades and comments" in said
    assert "deletes that for good" in said
    assert "submitted/ada" in said
    assert "Nothing was changed." in said
    course = load(root)
    with Gradebook(course, settings_of(course)) as book:
        assert list(book.roster()) == ["ada", "bob"]
    run("student", "drop", "ada", answers="y\n")
    with Gradebook(course, settings_of(course)) as book:
        assert (list(book.roster()), book.removed()) == (["bob"], {"ada"})
    assert folders(root) == {f"{step}/ada/sums/file" for step in STEPS}
    assert "ada was dropped already" in run("student", "drop", "ada", "--yes", ends=2)


@pytest.mark.parametrize("verb", ["drop", "rename"])
def test_each_has_help_with_an_example(run: Run, verb: str) -> None:
    assert f"Example: mastery student {verb}" in run("student", verb, "--help")
