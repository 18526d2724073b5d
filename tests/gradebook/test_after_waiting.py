"""A `mastery grade` that had to wait for another command reads everything again: students, course and points."""

import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from autograder.gradebook import locking
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from tests.gradebook.test_points_changed import NOBODY, Class, copied, graded

__all__ = ["graded"]  # a fixture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")


@pytest.fixture
def term(graded: Class, tmp_path: Path) -> Class:
    return copied(graded, tmp_path)


def grade_after_waiting(
    term: Class, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None], *words: object, ends: int = 0
) -> str:
    """Run `mastery grade` while the gradebook's lock is held. When it waits, call `meanwhile` and release the lock."""
    course = load(term.root)
    held = ExitStack()

    def say(text: str) -> None:
        assert "Waiting until it's done" in text
        meanwhile()
        held.close()

    with held, monkeypatch.context() as patched:
        patched.setattr(locking, "say", say)
        held.enter_context(held.enter_context(Gradebook(course, settings_of(course, term.root))).alone())
        return term.mastery("grade", "--processes", 1, *words, ends=ends)


@pytest.mark.classes
def test_a_student_who_handed_in_meanwhile_is_graded(term: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted = term.root / "submitted"
    said = grade_after_waiting(
        term, monkeypatch, lambda: shutil.copytree(submitted / "ada", submitted / "eve") and None
    )
    assert "3 of 4 submissions are graded and unchanged." in said
    assert term.official("eve")[:2] == (20.0, 22.0)


def test_points_edited_meanwhile_are_refused_until_they_are_built(term: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit() -> None:
        term.edit("{name: softmax, points: 8}", "{name: softmax, points: 20}")

    said = grade_after_waiting(term, monkeypatch, edit, *NOBODY, ends=2)
    assert "softmax is worth 20 points in course.yaml but 8 in exercises/softmax/softmax.ipynb" in said
    assert term.official("ada") == (22.0, 22.0, False)


def test_points_changed_meanwhile_reach_every_score(term: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    def change() -> None:
        term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")

    said = grade_after_waiting(term, monkeypatch, change, *NOBODY)
    assert "ada/softmax: 20 of 20 -> 32 of 32, because softmax is now worth 20 points instead of 8" in said
    assert term.official("ada") == (34.0, 34.0, False)
