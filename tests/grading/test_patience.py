"""A submission that keeps its process busy without using up its own time delays nobody, and isn't judged by that."""

import math
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading import pool
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.grading.session import GradingSession
from autograder.model.results import LabResult, Outcome
from autograder.sandbox import patience as patience_module
from autograder.sandbox.errors import OutOfPatience
from autograder.sandbox.patience import Patience
from autograder.sandbox.worker import Worker
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

TERMS = GradingContext(ROOT, b"of the patient")
LAB = "softmax"
STUBS = [stub.name for stub in COURSE.lab(LAB).stubs]
# Right, but the first call takes longer than a shared process waits in these tests. It's well within its time limit.
NAPS = """
import time
naps = [3.0]
def softmax(logits, axis=-1):
    if naps: time.sleep(naps.pop())
    e = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
"""


def job(folder: Path, student: str, answers: dict[str, str] | None = None) -> Job:
    parts = notebooks.simulation(COURSE, COURSE.lab(LAB))
    return Job(student, LAB, notebooks.write(parts.solved(answers or {}), folder / student / f"{LAB}.ipynb"), 1)


def groups(jobs: list[Job]) -> list[dict[str, LabResult]]:
    """Grade the jobs in one process, and return each group of results as it arrived."""
    with closing(grade(jobs, TERMS, LocalProcesses(TERMS, 1))) as arriving:
        return [{each.student: each for each in group} for group in arriving]


def test_a_submission_that_takes_long_is_graded_after_the_others_with_its_full_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SHARED_SECONDS", 1.5)
    jobs = [job(tmp_path, "ada"), job(tmp_path, "nap", {"softmax": NAPS}), job(tmp_path, "zoe")]
    arrived = groups(jobs)
    assert list(arrived[-1]) == ["nap"]
    assert {name for group in arrived for name in group} == {"ada", "nap", "zoe"}
    assert all(each.score == each.max_score for group in arrived for each in group.values())


def test_one_that_takes_too_long_even_alone_is_not_graded_and_costs_no_other_its_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SHARED_SECONDS", 1.5)
    monkeypatch.setattr(pool, "ALONE_SECONDS", 2.0)
    arrived = groups([job(tmp_path, "nap", {"softmax": NAPS}), job(tmp_path, "zoe")])
    assert arrived[0]["zoe"].status == "graded"
    assert arrived[-1]["nap"].status == "not graded"
    assert arrived[-1]["nap"].score is None
    assert "busy" in str(arrived[-1]["nap"].message)


def test_no_result_waits_for_a_slower_neighbor(tmp_path: Path) -> None:
    """Both are in the same chunk. One nap is many times as long as a result may wait to be passed on."""
    arrived = groups([job(tmp_path, "ada"), job(tmp_path, "nap", {"softmax": NAPS})])
    assert [list(group) for group in arrived] == [["ada"], ["nap"]]


def limit_calls(session: GradingSession, seconds: float) -> None:
    limits = session.course.limits.model_copy(update={"call_seconds": seconds})
    session.course = session.course.model_copy(update={"limits": limits})


LOOP = "def {}(*args, **options):\n    while True: pass\n"


def test_a_notebook_that_loops_in_every_stub_uses_at_most_one_call_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[float] = []
    ask = Worker.ask

    def counting(worker: Worker, request: object, seconds: float, serve: Callable[..., object] | None = None) -> object:
        try:
            return ask(worker, request, seconds, serve)  # type: ignore[arg-type]
        finally:
            used.append(worker.seconds)

    monkeypatch.setattr(Worker, "ask", counting)
    with closing(GradingSession(TERMS)) as session:
        limit_calls(session, 1.0)
        (result,) = session.grade([job(tmp_path, "eve", {stub: LOOP.format(stub) for stub in STUBS})])
    assert {check.outcome for check in result.checks} == {Outcome.TIMEOUT}
    assert result.score == 0
    assert sum(used) < 1.0 * len(STUBS) + 1.0


def test_a_stub_that_answers_some_calls_is_called_until_it_has_timed_out_twice(tmp_path: Path) -> None:
    """It loops for whole rows of logits only, so some checks pass."""
    picky = NAPS.replace("if naps: time.sleep(naps.pop())", "while np.ndim(logits) > 1: pass")
    with closing(GradingSession(TERMS)) as session:
        limit_calls(session, 1.0)
        (result,) = session.grade([job(tmp_path, "eve", {"softmax": picky})])
    found = [check for check in result.checks if check.stub == "softmax"]
    assert {check.outcome for check in found} >= {Outcome.TIMEOUT, Outcome.PASSED}
    assert any("has timed out 2 times" in str(check.message) for check in found)


def test_waiting_for_a_core_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = [100.0]
    monkeypatch.setattr(patience_module, "_waited_for_a_core", lambda: waited[0])
    patience = Patience(0.01)
    assert patience.left() <= 0.01
    time.sleep(0.02)
    waited[0] += 10.0
    assert patience.left() > 9.0
    waited[0] -= 10.0
    with pytest.raises(OutOfPatience):
        patience.left()
    assert patience.ran_out
    assert Patience().left() == math.inf
