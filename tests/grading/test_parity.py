"""The sandbox costs an honest submission nothing: every correct answer has the same evidence with and without it."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Lab
from tests.repository import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

LABS = {lab.name: lab for lab in COURSE.labs}
SAMPLE = ("softmax",)
Evidence = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rooms() -> Iterator[tuple[GradingSession, GradingSession]]:
    """Sessions with and without a sandbox."""
    with (
        closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as confined,
        closing(GradingSession(GradingContext(COURSE.root, b"of the tests", sandboxed=False))) as plain,
    ):
        yield confined, plain


def evidence_in(room: GradingSession, jobs: list[Job]) -> dict[str, Evidence]:
    """Everything except seconds."""
    return {
        result.student: [check.model_dump(exclude={"seconds"}) for check in result.checks]
        for result in room.grade(jobs)
    }


def assert_the_same(rooms: tuple[GradingSession, GradingSession], jobs: list[Job]) -> None:
    walled, plain = (evidence_in(room, jobs) for room in rooms)
    assert walled == plain
    assert {job.student for job in jobs} == set(walled)
    for checks in walled.values():
        assert {check["outcome"] for check in checks} == {"passed"}


@pytest.mark.parametrize(
    "lab", [pytest.param(lab, marks=() if name in SAMPLE else pytest.mark.proof, id=name) for name, lab in LABS.items()]
)
def test_a_solution(rooms: tuple[GradingSession, GradingSession], lab: Lab, tmp_path: Path) -> None:
    path = notebooks.write(notebooks.simulation(COURSE, lab).solved(student="solution"), tmp_path / f"{lab.name}.ipynb")
    assert_the_same(rooms, [Job("solution", lab.name, path, 1, "")])


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_every_alternative(rooms: tuple[GradingSession, GradingSession], lab: Lab, tmp_path: Path) -> None:
    parts = notebooks.simulation(COURSE, lab)
    jobs = []
    for number, other in enumerate(notebooks.alternatives(COURSE, lab)):
        student = f"{other.of} {number}"
        notebook = parts.solved({other.of: notebooks.source_of(COURSE, other, student)}, student)
        path = notebooks.write(notebook, tmp_path / str(number) / f"{lab.name}.ipynb")
        jobs.append(Job(student, lab.name, path, 1, "", stub=other.of))
    assert jobs
    assert_the_same(rooms, jobs)
