"""`autograder.grade` grades one submission from Python."""

import doctest
import shutil
from pathlib import Path

import pytest

import autograder
from autograder.authoring.simulation import notebooks
from autograder.grading import single
from autograder.model.course import load
from autograder.model.errors import SubmissionError
from tests.course_copy import confirmed
from tests.repository import ROOT


def test_the_example_in_its_docstring_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MASTERY_SECRET", "of the tests")
    found = doctest.testmod(single)
    assert (found.attempted, found.failed) == (4, 0)


def test_right_answers_earn_everything_and_without_solutions_the_visible_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTERY_SECRET", "of the tests")
    course = load(ROOT)
    path = notebooks.write(notebooks.simulation(course, course.lab("softmax")).solved(), tmp_path / "softmax.ipynb")
    result = autograder.grade(path, course=ROOT)
    assert (result.status, result.score, result.max_score) == ("graded", 25.0, 25.0)
    assert {"visible", "hidden"} <= {each.kind for each in result.checks}
    handed_out = confirmed(tmp_path / "course")
    shutil.copytree(ROOT / "reference", handed_out / "reference")
    shutil.copy(ROOT / "course.yaml", handed_out)
    result = autograder.grade(str(path), course=handed_out)
    assert {each.kind for each in result.checks} == {"visible"}
    assert result.score is not None
    assert 0 < result.score < 25
    assert sorted(each.name for each in tmp_path.iterdir()) == ["course", "softmax.ipynb"]


def test_a_file_that_is_no_submission_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "odd.ipynb").write_text("{")
    with pytest.raises(SubmissionError, match=r"odd\.ipynb"):
        autograder.grade(tmp_path / "odd.ipynb", course=ROOT)
