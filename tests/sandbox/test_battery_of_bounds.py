"""What a notebook asks of the trusted side: each program gets its outcome within its limits, and honest work passes."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.connection import NotebookConnection
from autograder.grading.given_process import GivenLine, GivenProcess
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.results import Outcome
from autograder.model.submission import read
from autograder.sandbox import open_sandbox
from autograder.sandbox.confined import Sandbox
from autograder.testing.student import StubFailure, Student
from tests.grading.test_hostile_class import SOFTMAX
from tests.repository import COURSE, ROOT
from tests.sandbox.battery_bounds import (
    ASKS,
    CALL_SECONDS,
    CELLS,
    GIVEN_SECONDS,
    HANDLE_CALLS,
    HONEST,
    LENT,
    PRELUDE,
    Asks,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

BOUNDED = COURSE.model_copy(
    update={"limits": COURSE.limits.model_copy(update={"call_seconds": CALL_SECONDS})},
)
# Wall time, so allow for a busy machine. The CPU time of the checking process needs no such allowance.
SECONDS = 60
TRUSTED_SECONDS, TRUSTED_MIB = 5.0, 128


class Lines:
    """Notebooks in one sandbox, with one helper."""

    def __init__(self, folder: Path, sandbox: Sandbox, helper: GivenProcess) -> None:
        self.folder, self.sandbox, self.helper = folder, sandbox, helper

    def outcome(self, body: str) -> str:
        """The outcome of calling the stub with this body."""
        path = self.folder / "finetuning.py"
        lines = "\n".join(f"    {line}" for line in body.split("\n"))
        path.write_text(f"{PRELUDE}\n\ndef sft_loss(f, it):\n{lines}\n", encoding="utf-8")
        self.helper.next_submission()
        givens = GivenLine(self.helper, "finetuning")
        with closing(NotebookConnection(BOUNDED, read(path), self.sandbox, givens)) as connection:
            try:
                Student(connection).sft_loss(lambda *args, **_kwargs: len(args), iter(range(3)))
            except StubFailure as failure:
                found = str(failure.outcome)
                return f"{found}:{failure.exception}" if failure.outcome is Outcome.ERROR else found
        return "passed"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lines]:
    with ExitStack() as stack:
        stack.enter_context(mock.patch("autograder.grading.given_process.CALL_SECONDS", GIVEN_SECONDS))
        stack.enter_context(mock.patch("autograder.sandbox.worker.MAX_HANDLE_CALLS", HANDLE_CALLS))
        helper = stack.enter_context(closing(GivenProcess(BOUNDED)))
        sandbox = stack.enter_context(open_sandbox(BOUNDED, required=True))
        assert isinstance(sandbox, Sandbox)
        yield Lines(tmp_path_factory.mktemp("lines"), sandbox, helper)


def memory_mib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024


def cases(programs: list[Asks]) -> list[Any]:
    """Every fourth case always runs, and all of them run as proofs. Those that take a long time are marked slow."""
    return [
        pytest.param(
            each,
            id=each.name,
            marks=pytest.mark.slow if each.slow else () if number % 4 == 0 else pytest.mark.proof,
        )
        for number, each in enumerate(programs)
    ]


@pytest.mark.parametrize("program", cases(ASKS + LENT))
def test_a_program_that_asks(lines: Lines, program: Asks) -> None:
    begun, used, memory = time.monotonic(), time.thread_time(), memory_mib()
    assert lines.outcome(program.source) == program.outcome
    assert time.monotonic() - begun < (4 * SECONDS if program.slow else SECONDS)
    assert time.thread_time() - used < TRUSTED_SECONDS
    assert memory_mib() - memory < TRUSTED_MIB
    assert lines.outcome(HONEST) == "passed"


@pytest.fixture(scope="module")
def room() -> Iterator[GradingSession]:
    with closing(GradingSession(GradingContext(ROOT, b"of the tests"))) as room:
        yield room


QUICK = ("help_marks", "a_line_over_the_limit")


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each in QUICK else pytest.mark.slow) for each in CELLS]
)
def test_a_cell_that_is_slow_to_read_costs_nothing(room: GradingSession, tmp_path: Path, name: str) -> None:
    jobs = []
    for student, cells in {"eve": [CELLS[name]], "ada": []}.items():
        notebook = simulated.with_cells(SOFTMAX.solved(), *cells, at=1)
        path = simulated.write(notebook, tmp_path / student / "softmax" / "softmax.ipynb")
        jobs.append(Job(student, "softmax", path, 1, ""))
    begun = time.monotonic()
    results = room.grade(jobs)
    assert [each.score for each in results] == [COURSE.lab("softmax").points] * 2
    assert time.monotonic() - begun < SECONDS
