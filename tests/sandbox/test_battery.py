"""More hostile notebooks: each gets its outcome within time and page-size limits, and an honest one after it passes."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.gradebook.annotation import Annotator
from autograder.gradebook.pipeline import exercise_of
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.results import LabResult, Outcome
from tests.grading.test_hostile_class import SOFTMAX, in_softmax
from tests.repository import COURSE, ROOT
from tests.sandbox.battery import FILES, IN_A_STUB, InAStub

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

LAB = COURSE.lab("softmax")
SECONDS = 70  # a submission may take 60

# One of each kind; the rest run with the slow tests.
QUICK = (
    *("says_a_fake_check", "says_rich_markup", "says_half_a_pair", "says_tex", "raises_an_endless_message"),
    *("raises_a_message_that_raises", "raises_an_endless_name", "raises_a_thousand_causes", "raises_a_base_exception"),
    *("empty", "deep_metadata", "a_source_of_lists", "a_name_of_lists", "attachments_of_numbers", "utf_16", "a_pickle"),
)


def marks(name: str) -> tuple[pytest.MarkDecorator, ...]:
    return () if name in QUICK else (pytest.mark.slow,)


@pytest.fixture(scope="module")
def room() -> Iterator[GradingSession]:
    with closing(GradingSession(GradingContext(ROOT, b"of the tests"))) as room:
        yield room


@pytest.fixture(scope="module")
def marker() -> Annotator:
    return Annotator(COURSE, LAB, exercise_of(COURSE, LAB.name))


def graded(room: GradingSession, path: Path) -> LabResult:
    (result,) = room.grade([Job("eve", "softmax", path, 1, "")])
    return result


def assert_honest_work_passes(room: GradingSession, folder: Path) -> None:
    path = simulated.write(SOFTMAX.solved(), folder / "honest" / "softmax" / "softmax.ipynb")
    assert graded(room, path).score == LAB.points


@pytest.mark.parametrize("program", [pytest.param(each, id=each.name, marks=marks(each.name)) for each in IN_A_STUB])
def test_a_program_in_a_stub(room: GradingSession, marker: Annotator, tmp_path: Path, program: InAStub) -> None:
    path = simulated.write(in_softmax(program.source), tmp_path / "eve" / "softmax" / "softmax.ipynb")
    begun = time.monotonic()
    result = graded(room, path)
    assert time.monotonic() - begun < SECONDS
    assert {check.outcome for check in result.checks if check.stub == "softmax"} == {Outcome.ERROR}
    assert len(result.model_dump_json()) < 200_000
    assert marker.mark(Job("eve", "softmax", path, 1).parsed, result).notebook["cells"]
    assert_honest_work_passes(room, tmp_path)


@pytest.mark.parametrize("name", [pytest.param(each, marks=marks(each)) for each in FILES])
def test_a_file_that_is_hardly_a_notebook(room: GradingSession, marker: Annotator, tmp_path: Path, name: str) -> None:
    path = tmp_path / "eve" / "softmax" / "softmax.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(FILES[name])
    result = graded(room, path)
    assert not result.score
    assert result.status == "graded" or result.message
    assert "Traceback" not in (result.message or "")
    assert marker.mark(Job("eve", "softmax", path, 1).parsed, result).notebook["cells"]
    assert_honest_work_passes(room, tmp_path)
