"""`mastery student`: rename a student completely or not at all, and drop one after a warning."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sql
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from autograder.model.errors import UserError
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import (
    COURSE,
    GradeRecord,
    nbgraders,
    postgresql,
    postgresql_folder,
    put_exercise,
    result,
)

STEPS = ("submitted", "autograded", "feedback")
Run = Callable[..., str]
Copied = Callable[[Path], str]
REFUSAL = {
    "sqlite": ("CREATE TRIGGER refusal BEFORE DELETE ON student BEGIN SELECT RAISE(ABORT, 'disk'); END",),
    "postgresql": (
        "CREATE FUNCTION refuse() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''disk''; END' LANGUAGE plpgsql",
        "CREATE TRIGGER refusal BEFORE DELETE ON student FOR EACH ROW EXECUTE FUNCTION refuse()",
    ),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copied]:
    """A function that puts the course into a folder, and returns the path of a copy of its gradebook."""
    kept = confirmed(tmp_path_factory.mktemp("kept"))

    def copy_to(folder: Path) -> None:
        confirmed(shutil.copytree(kept, folder))

    if request.param == "sqlite":
        fill(kept, f"sqlite:///{kept / 'gradebook.db'}")

        def beside(folder: Path) -> str:
            copy_to(folder)
            return f"sqlite:///{folder / 'gradebook.db'}"

        yield beside
        return
    programs = postgresql_folder()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL is missing: apt-get install postgresql"
        pytest.skip("PostgreSQL is missing")
    with postgresql(programs) as url:
        server = sql.create_engine(url % "postgres", isolation_level="AUTOCOMMIT")
        numbers = count(1)

        def create(template: str) -> str:
            name = f"copy{next(numbers)}"
            with server.connect() as connection:
                connection.execute(sql.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            return name

        template = create("template1")
        fill(kept, url % template)

        def on_the_server(folder: Path) -> str:
            copy_to(folder)
            return url % create(template)

        yield on_the_server
        server.dispose()


def fill(root: Path, url: str) -> None:
    """Fill a course with two attempts by ada, one of them with a person's points, and one by bob."""
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    course = load(root)
    with Gradebook(course, settings_of(course), url) as book:
        book.register(course.lab("sums"))
        book.write([GradeRecord(result("ada", plus=1.0)), GradeRecord(result("bob"))])
        book.write([GradeRecord(result("ada", attempt=2, message="submitted/ada/sums is odd."))])
    with nbgraders(url) as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada")
        gradebook.find_grade("why", "sums", "sums", "ada").manual_score = 1.5
        gradebook.db.commit()
    for step in STEPS:
        (root / step / "ada" / "sums").mkdir(parents=True)
        (root / step / "ada" / "sums" / "file").write_text(step)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "course"


@pytest.fixture
def url(copied: Copied, root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of the course's gradebook in this test's own folder, which is the current folder."""
    url = copied(root)
    monkeypatch.chdir(root)
    return url


@pytest.fixture
def run(url: str) -> Run:
    def run(*words: str, ends: int = 0, answers: str | None = None) -> str:
        done = CliRunner().invoke(app, [*words, "--db", url], input=answers)
        if ends == 2:
            assert isinstance(done.exception, UserError), done.output
            return str(done.exception)
        assert done.exit_code == ends, f"{done.output}\n{done.exception}"
        return " ".join(done.output.split())

    return run


@contextmanager
def opened(root: Path, url: str) -> Iterator[Gradebook]:
    course = load(root)
    with Gradebook(course, settings_of(course), url) as book:
        yield book


def folders(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for step in STEPS for path in (root / step).glob("*/sums/file")}


def test_grades_evidence_and_folders_go_with_the_new_name(root: Path, url: str, run: Run) -> None:
    said = run("student", "rename", "ada", "12345")
    assert "ada is now 12345" in said
    assert folders(root) == {f"{step}/12345/sums/file" for step in STEPS}
    with opened(root, url) as book:
        assert book.roster() == {"12345": "Ada", "bob": ""}
        attempts = [each for _, each in book.attempts("12345", "sums")]
        assert [(each.student, each.attempt) for each in attempts] == [("12345", 1), ("12345", 2)]
        assert attempts[1].message == "submitted/12345/sums is odd."
        assert [total.score for total in book.totals() if total.student == "12345"] == [7.0]
        assert book.removed() == {"ada"}


def _taken(root: Path) -> None:
    (root / "feedback" / "12345").mkdir()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ada", "12345"), "feedback/12345 already exists"),
        (("ada", "bob"), "already has a student bob"),
        (("nobody", "x"), "no student nobody"),
        (("ada", "../x"), "can't be the name of a folder"),
        (("ada", ".x"), "can't be the name of a folder"),
        (("ada", "x" * 200), "longer than a gradebook allows"),
    ],
)
def test_what_cannot_be_renamed_changes_nothing(root: Path, run: Run, words: tuple[str, str], says: str) -> None:
    _taken(root)
    assert says in run("student", "rename", *words, ends=2)
    assert folders(root) == {f"{step}/ada/sums/file" for step in STEPS}


def test_folders_go_back_where_the_gradebook_fails(root: Path, url: str, run: Run) -> None:
    with nbgraders(url) as gradebook:
        for statement in REFUSAL[sql.make_url(url).get_backend_name()]:
            gradebook.db.connection().exec_driver_sql(statement)
        gradebook.db.commit()
    assert "can't be read or written" in run("student", "rename", "ada", "12345", ends=2)
    assert folders(root) == {f"{step}/ada/sums/file" for step in STEPS}
    with opened(root, url) as book:
        assert list(book.roster()) == ["ada", "bob"]
        assert len(book.attempts("ada", "sums")) == 2


def test_dropping_says_what_goes_and_asks_first(root: Path, url: str, run: Run) -> None:
    said = run("student", "drop", "ada", ends=1, answers="n\n")
    assert "1 lab, 2 results with evidence, and grades and comments that a person typed (1)" in said
    assert "deletes that for good" in said
    assert "submitted/ada" in said
    assert "Nothing was changed." in said
    with opened(root, url) as book:
        assert list(book.roster()) == ["ada", "bob"]
    run("student", "drop", "ada", answers="y\n")
    with opened(root, url) as book:
        assert (list(book.roster()), book.removed()) == (["bob"], {"ada"})
    assert folders(root) == {f"{step}/ada/sums/file" for step in STEPS}
    assert "ada has already been dropped or renamed" in run("student", "drop", "ada", "--yes", ends=2)


@pytest.mark.parametrize("verb", ["drop", "rename"])
def test_each_has_help_with_an_example(run: Run, verb: str) -> None:
    assert f"Example: mastery student {verb}" in run("student", verb, "--help")
