"""Whose name is on a certificate, and on which days it can be signed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.mastery.certificate import Certificate, load_key, public, sign
from autograder.model.course import load
from autograder.model.errors import UserError
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import nbgraders, put_exercise
from tests.report.test_report import COURSE, entry, right

Run = Callable[..., str]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that ada and bob have completed, and that eve completes tomorrow, according to her timestamp."""
    root = confirmed(tmp_path_factory.mktemp("course"))
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    issuers = f'issuers: [{{name: The University, key: "{public(load_key(root))}"}}]\n'
    (root / "course.yaml").write_text(COURSE + issuers, encoding="utf-8")
    course = load(root)
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        done = [entry(name, 1, right("plus") + right("minus")) for name in ("ada", "bob", "eve")]
        done[2] = type(done[2])(done[2].result, tomorrow)
        book.write(done)
    with nbgraders(settings_of(course).folders.db_url) as gradebook:
        for name in ("ada", "eve"):
            gradebook.update_or_create_student(name, first_name=name.title(), last_name="O'Hara-Łoś")
        gradebook.add_student("zoe", first_name="Zoe")
    return root


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(root)

    def run(*words: object, ends: int = 0) -> str:
        done = CliRunner().invoke(app, [str(word) for word in words])
        if ends == 2:
            assert isinstance(done.exception, UserError), done.output
            return str(done.exception)
        assert done.exit_code == ends, done.output
        return " ".join(done.output.split())

    return run


def test_it_prints_the_first_and_last_name_that_nbgrader_has(run: Run, tmp_path: Path) -> None:
    run("certificate", "ada", "--out", tmp_path)
    assert "Ada O'Hara-Łoś completed Sums" in run("verify", tmp_path / "certificate-ada.json")
    assert '<p class="name">Ada O&#39;Hara-Łoś</p>' in (tmp_path / "certificate-ada.html").read_text("utf-8")
    told = json.loads(run("verify", tmp_path / "certificate-ada.json", "--json"))
    assert (told["student"], told["name"]) == ("ada", "Ada O'Hara-Łoś")


def test_another_name_can_be_given(run: Run, tmp_path: Path) -> None:
    run("certificate", "bob", "--name", "Robert Barker", "--out", tmp_path)
    assert "Robert Barker completed Sums" in run("verify", tmp_path / "certificate-bob.json")


def test_without_a_name_there_is_no_certificate(run: Run, tmp_path: Path) -> None:
    said = run("certificate", "bob", "--out", tmp_path, ends=2)
    assert "no first and last name for bob" in said
    assert "--name" in said
    assert list(tmp_path.iterdir()) == []


def test_a_completion_that_is_still_to_come_is_not_signed(run: Run, tmp_path: Path) -> None:
    said = run("certificate", "eve", "--out", tmp_path, ends=2)
    assert "which is in the future" in said
    assert "timestamp.txt" in said
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_signed_before_the_completion_is_not_valid(run: Run, root: Path, tmp_path: Path) -> None:
    run("certificate", "ada", "--out", tmp_path)
    path = tmp_path / "certificate-ada.json"
    told = Certificate.model_validate_json(run("verify", path, "--json"))
    early = told.model_copy(update={"completed": told.issued + timedelta(days=1)})
    path.write_text(sign(early, load_key(root)), "utf-8")
    assert "The University signed it before the course was completed" in run("verify", path, ends=1)


def test_someone_on_the_roster_without_any_work_is_told_apart_from_someone_unknown(run: Run) -> None:
    assert "zoe is on the roster, but has no graded work" in run("certificate", "zoe", ends=2)
    assert "No work by yan is in the gradebook" in run("certificate", "yan", ends=2)


def test_everyone_on_the_roster_is_in_the_report_and_its_lists(run: Run, tmp_path: Path) -> None:
    page, levels, numbers = (tmp_path / name for name in ("report.html", "levels.csv", "report.json"))
    assert "4 students" in run("report", "--out", page, "--csv", levels, "--json", numbers)
    (row,) = (line for line in levels.read_text("utf-8").splitlines() if line.startswith("zoe,"))
    assert row == "zoe,False,,False,0.0,not started,not started,nothing handed in"
    completion = page.read_text("utf-8").split('id="completion"')[1]
    assert "zoe" in completion
    assert "<li>nothing handed in</li>" in completion
    (zoe,) = (each for each in json.loads(numbers.read_text("utf-8"))["students"] if each["student"] == "zoe")
    assert (zoe["complete"], zoe["handed_in"]) == (False, False)
    assert "zoe" not in run("report", "--anonymous", "--out", page) + page.read_text("utf-8")
