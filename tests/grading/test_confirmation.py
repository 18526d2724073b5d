"""A stub that passes everything is checked once more during grading, with a second secret seed."""

import itertools
import sys
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.mastery.levels import Level, standing
from autograder.model.course import load
from autograder.model.results import LabResult
from tests.authoring.test_certify import toy_course

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")

# The visible and the hidden check make one call each; later calls are the confirmation.
RIGHT_TWICE = "def double(x, asked=[]):\n    asked.append(1)\n    return x * (2 if len(asked) <= 2 else 3)\n"
NEVER_THE_SAME = (
    "def double(x, asked=[]):\n    known = x.tolist() in asked\n    asked.append(x.tolist())\n"
    "    return x * (3 if known else 2)\n"
)
SOURCES = {
    "right": "def double(x):\n    return x * 2\n",
    "wrong": "def double(x):\n    return x * (2 if x[0] == 1 else 3)\n",
    "right_twice": RIGHT_TWICE,
    "never_the_same": NEVER_THE_SAME,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_course(tmp_path_factory.mktemp("toy"), {"double": 2, "triple": 3})


@pytest.fixture(scope="module")
def graded(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, LabResult]:
    """Grade each source, submitted by the student it's named after, who has everything else right."""
    course, folder = load(root), tmp_path_factory.mktemp("submitted")
    parts = notebooks.simulation(course, course.lab("softmax"))
    jobs = []
    for student, source in SOURCES.items():
        path = notebooks.write(parts.solved({"double": source}), folder / student / "softmax.ipynb")
        jobs.append(Job(student, "softmax", path, 1, ""))
    terms = GradingContext(root, b"of the tests")
    with closing(grade(jobs, terms, LocalProcesses(terms, 1))) as chunks:
        return {result.student: result for result in itertools.chain.from_iterable(chunks)}


def level_of(result: LabResult, stub: str) -> Level:
    return standing([each for each in result.checks if each.stub == stub]).level


def confirmed(result: LabResult, stub: str) -> dict[str, bool | None]:
    return {each.kind: each.confirmed for each in result.checks if each.stub == stub}


def test_a_right_answer_is_confirmed_on_other_numbers_and_mastered(graded: dict[str, LabResult]) -> None:
    for student in ("right", "never_the_same"):
        assert confirmed(graded[student], "double") == {"visible": None, "hidden": True}
        assert level_of(graded[student], "double") is Level.MASTERED


def test_what_does_not_pass_again_is_marked_keeps_its_points_and_is_proficient(graded: dict[str, LabResult]) -> None:
    result = graded["right_twice"]
    assert confirmed(result, "double") == {"visible": None, "hidden": False}
    assert result.score == result.max_score
    assert level_of(result, "double") is Level.PROFICIENT
    assert level_of(result, "triple") is Level.MASTERED


def test_only_what_lacks_nothing_else_is_asked_again(graded: dict[str, LabResult]) -> None:
    assert confirmed(graded["wrong"], "double") == {"visible": None, "hidden": None}
    assert confirmed(graded["wrong"], "triple") == {"visible": None, "hidden": True}


def test_an_answer_that_is_the_same_again_is_judged_on_the_second_numbers(tmp_path: Path) -> None:
    """The hidden check draws 1 or 2, and this answer is right only for 1. So it's confirmed by chance at most."""
    root = toy_course(tmp_path / "toy", {"double": 2})
    hidden = root / "solutions" / "softmax" / "test_hidden.py"
    draws = hidden.read_text("utf-8").replace("rng.normal(size=4)", "np.full(4, float(rng.integers(1, 3)))")
    hidden.write_text(draws, encoding="utf-8")
    course, source = load(root), "def double(x):\n    return x * 2 if len(x) == 3 else np.full(4, 2.0)\n"
    parts = notebooks.simulation(course, course.lab("softmax"))
    path = notebooks.write(parts.solved({"double": source}), tmp_path / "softmax.ipynb")
    jobs = [Job("ada", "softmax", path, attempt, "") for attempt in range(1, 31)]
    terms = GradingContext(root, b"of the tests")
    with closing(grade(jobs, terms, LocalProcesses(terms, 1))) as chunks:
        found = {confirmed(result, "double")["hidden"] for result in itertools.chain.from_iterable(chunks)}
    assert found == {None, True, False}
