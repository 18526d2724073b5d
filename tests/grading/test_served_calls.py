"""Limits on what a notebook can ask of the trusted side: givens in a helper, exported callables, a grading process."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading import pool
from autograder.grading.connection import NotebookConnection
from autograder.grading.given_process import REPLACED_SECONDS, GivenProcess
from autograder.grading.jobs import SHARED_SECONDS, GradingContext, Job
from autograder.grading.processes import LocalProcess, LocalProcesses
from autograder.grading.session import GradingSession
from autograder.guest import values
from autograder.guest.identities import OwnObjects
from autograder.model.results import LabResult, Outcome
from autograder.model.submission import read
from autograder.sandbox import open_sandbox
from autograder.sandbox.errors import SandboxFault
from autograder.testing.student import StubFailure, Student
from tests.course_copy import copy_course
from tests.grading.test_grading import cmdline, gone, living, offspring
from tests.repository import COURSE
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

FINETUNING = notebooks.simulation(COURSE, COURSE.lab("finetuning"))
SECRET = b"of the tests of served calls"
TERMS = GradingContext(COURSE.root, SECRET)
ENDLESS = 'encode("a" * 200_000, {"a" * 60_000: 1}, 0)'
TWO_GB = 'linear(np.ones((16_000, 1), "f2"), np.ones((1, 16_000), "f2"), np.zeros(16_000, "f2"))'
# Far less than a given may take, even on a slow machine.
BUSY = 'encode("a" * 300, {"b" * 300: 1}, 0)'


def asks(*lines: str) -> str:
    """A wrong answer to the last stub of finetuning that asks for givens."""
    body = "\n    ".join(lines)
    return (
        "import numpy as np\nfrom autograder.given import encode, linear\n\n\n"
        f"def sft_loss(*args, **kwargs):\n    {body}\n"
    )


def hand_in(folder: Path, student: str, answer: str | None = None) -> Job:
    path = folder / student / "finetuning" / "finetuning.ipynb"
    notebook = FINETUNING.solved({"sft_loss": answer} if answer else {})
    return Job(student, "finetuning", notebooks.write(notebook, path), 1, "")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GradingSession]:
    """A session with only visible checks and a shorter limit for each call, to save time."""
    root = copy_course(tmp_path_factory.mktemp("served"))
    settings = (root / "course.yaml").read_text(encoding="utf-8")
    (root / "course.yaml").write_text(settings.replace("call_seconds: 5", "call_seconds: 2"), encoding="utf-8")
    shorter = mock.patch("autograder.grading.given_process.CALL_SECONDS", 0.2)
    with shorter, closing(GradingSession(GradingContext(root, b""), visible_only=True)) as room:
        yield room


def said(result: LabResult, stub: str = "sft_loss") -> str:
    return " ".join(each.message or "" for each in result.checks if each.stub == stub and each.kind == "visible")


def outcomes(result: LabResult, stub: str = "sft_loss") -> set[Outcome]:
    """The outcomes of its checks, except those that expect an error."""
    found = {each.outcome for each in result.checks if each.stub == stub and not each.advisory}
    return found - {Outcome.FAILED}


def all_passed(result: LabResult) -> bool:
    return {each.outcome for each in result.checks} == {Outcome.PASSED}


def others_earned(result: LabResult) -> bool:
    return all(each.outcome is Outcome.PASSED for each in result.checks if each.stub != "sft_loss")


class TestAGiven:
    @pytest.mark.processes
    def test_that_would_take_for_ever_is_stopped_and_says_so_and_the_rest_counts(self, room, tmp_path):
        result, after = room.grade([hand_in(tmp_path, "ada", asks(f"return {ENDLESS}")), hand_in(tmp_path, "bob")])
        assert outcomes(result) == {Outcome.ERROR}
        assert "TimeoutError: encode needed more than 0.2 seconds of processor time" in said(result)
        assert others_earned(result)
        assert all_passed(after)

    def test_that_would_take_gigabytes_is_refused_them_and_says_so_and_the_rest_counts(self, room, tmp_path):
        result, after = room.grade([hand_in(tmp_path, "ada", asks(f"return {TWO_GB}")), hand_in(tmp_path, "bob")])
        assert outcomes(result) == {Outcome.ERROR}
        assert "MemoryError: linear needed more than 512 MiB of memory" in said(result)
        assert others_earned(result)
        assert all_passed(after)

    def test_for_cells_only_is_refused_to_a_stub_and_works_in_a_cell(self, room, tmp_path):
        body = ("from autograder.given import model_loss_and_gradients as loss, model_params", "return loss(1, 2, 3)")
        job = hand_in(tmp_path, "ada", asks(*body))
        cell = (
            "import numpy as np\nfrom autograder.given import model_loss_and_gradients, model_params\n"
            "params, ids = model_params('untrained'), np.array([[1, 2]])\n"
            "seen_loss, _ = model_loss_and_gradients(params, ids, ids)"
        )
        answer = f"assert seen_loss > 0\n\n\n{FINETUNING.solutions['sft_loss']}"
        allowed = notebooks.with_cells(FINETUNING.solved({"sft_loss": answer}), cell, at=2)
        path = notebooks.write(allowed, tmp_path / "bob" / "finetuning" / "finetuning.ipynb")
        refused, fine = room.grade([job, Job("bob", "finetuning", path, 1, "")])
        assert outcomes(refused) == {Outcome.ERROR}
        sentence = "is only for your own cells: a function that's being checked has to compute its answer without it."
        assert f"RuntimeError: model_loss_and_gradients {sentence}" in said(refused)
        assert all_passed(fine), [each.message for each in fine.checks if each.outcome is not Outcome.PASSED][:2]

    @pytest.mark.proof
    def test_asked_without_end_uses_up_the_call_and_no_more(self, room, tmp_path):
        (result,) = room.grade([hand_in(tmp_path, "ada", asks("while True:", f"    {BUSY}"))])
        assert outcomes(result) == {Outcome.TIMEOUT}
        assert others_earned(result)

    @pytest.mark.slow
    def test_whose_errors_are_swallowed_is_stopped_all_the_same(self, room, tmp_path):
        loop = ("while True:", "    try:", f"        {ENDLESS}", "    except BaseException:", "        pass")
        (result,) = room.grade([hand_in(tmp_path, "ada", asks(*loop))])
        assert outcomes(result) == {Outcome.TIMEOUT}
        assert others_earned(result)


@pytest.fixture
def helper() -> Iterator[GivenProcess]:
    with closing(GivenProcess(COURSE)) as helper:
        yield helper


def ask(helper: GivenProcess, name: str, *args: Any) -> tuple[Any, float]:
    """Return what the helper answered, or how it ended, and how many seconds it charged."""
    answer = helper.answer({"op": "handle", "name": name, "arguments": values.encode((args,))}, "finetuning")
    reply = values.unpack(answer.frame[values.HEADER.size :])
    if "answer" in reply:
        reply["value"] = values.decode(reply["answer"], numbering=OwnObjects())[-1]
    return reply, answer.seconds


class TestTheHelper:
    def test_charges_what_an_answer_costs_and_no_start(self, helper):
        """Neither the first start nor a restart after another submission's helper was killed is charged."""
        _, first = ask(helper, "softmax", np.arange(3.0))
        error, killed = ask(helper, "encode", "a" * 200_000, {"a" * 60_000: 1}, 0)
        assert error["error"]["type"] == "TimeoutError"
        assert 0.16 < killed < 3
        answer, later = ask(helper, "softmax", np.arange(4.0))
        assert answer["value"].sum() == pytest.approx(1)
        assert max(first, later) < 0.2

    def test_charges_the_call_that_ends_it_for_a_new_one(self, helper):
        """The charge is the same everywhere, so a loop of calls that each need too much memory uses up its time."""
        error, seconds = ask(helper, "causal_attention", *[np.ones((18_000, 1))] * 3)
        assert error["error"]["type"] == "MemoryError"
        assert seconds > REPLACED_SECONDS

    def test_killed_from_outside_is_nobodys_fault(self, helper):
        ask(helper, "softmax", np.arange(3.0))
        os.kill(offspring(helper._template)[0], signal.SIGKILL)
        with pytest.raises(SandboxFault, match="killed from outside"):
            ask(helper, "softmax", np.arange(4.0))
        assert "value" in ask(helper, "softmax", np.arange(4.0))[0]

    def test_remembers_an_answer_and_charges_as_much_for_it_as_for_the_first(self, helper):
        """So what a submission may call doesn't depend on the submissions before it."""
        work = ("encode", "a" * 1_000, {"a" * 300: 1}, 0)
        first, charged = ask(helper, *work)
        again, charged_again = ask(helper, *work)
        assert (again, charged_again) == (first, charged)
        os.kill(offspring(helper._template)[0], signal.SIGKILL)
        assert ask(helper, *work) == (first, charged)

    def test_remembers_a_limited_number_of_bytes(self, helper):
        with mock.patch("autograder.grading.given_process.MAX_REMEMBERED", 10_000):
            for size in range(1, 200):
                assert ask(helper, "softmax", np.arange(float(size)))[0]["value"].shape == (size,)
        kept = sum(len(question) + len(answer.frame) for question, answer in helper._remembered.items())
        assert 0 < kept < 20_000


class NeedsTwo(Exception):
    """It can be pickled but not unpickled, because unpickling needs both of its arguments."""

    def __init__(self, one, _other):
        super().__init__(one)


def fails_unreadably(_session):
    raise NeedsTwo("one", "other")


def test_an_error_that_cannot_be_read_is_an_error_too_and_nobody_waits_for_it():
    process = LocalProcess(TERMS)
    try:
        with pytest.raises(TypeError, match="NeedsTwo"):
            process._ask(fails_unreadably).result(timeout=60)
        assert process.isolation().result(timeout=60)
    finally:
        process.close()


def test_torch_is_loaded_once_for_all_grading_processes():
    process = LocalProcess(TERMS)
    try:
        process.isolation().result()
        fork_server = living()[process.pid]
        assert "libtorch" in Path(f"/proc/{fork_server}/maps").read_text()
    finally:
        process.close()


def cores_of_processes(count: int) -> list[set[int]]:
    """The cores that each grading process and everything it started may run on."""
    with LocalProcesses(TERMS, count) as crew:
        for each in crew.present():
            each.isolation().result()
        families = [{each.pid, *offspring(each.pid)} for each in crew.present()]
        return [set().union(*map(os.sched_getaffinity, family)) for family in families]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="this machine has one core")
def test_as_many_processes_as_cores_stay_on_a_core_each():
    allowed = os.sched_getaffinity(0)
    one, other = sorted(allowed)[:2]
    os.sched_setaffinity(0, {one, other})
    try:
        assert cores_of_processes(2) == [{one}, {other}]
        assert all({one, other} <= cores for cores in cores_of_processes(3))
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.processes
def test_no_process_of_a_killed_grading_process_is_left_and_none_but_that_one_had_the_secret(tmp_path):
    process = LocalProcess(TERMS)
    try:
        job = hand_in(tmp_path, "ada", asks("return linear(np.ones((2, 2)), np.eye(2), np.ones(2))"))
        process.submit([job], SHARED_SECONDS, lambda _job, _result: None).result()
        grading = process.pid
        children = offspring(grading)
        helpers = [pid for pid in children if living().get(pid) in children and b"forkserver" in cmdline(pid)]
        assert len(helpers) == 1, children
        assert holds(grading, SECRET)
        assert not holds(helpers[0], SECRET)
        os.kill(grading, signal.SIGKILL)
        until(lambda: gone(children), seconds=20)
    finally:
        process.close()


def holds(pid: int, text: bytes) -> bool:
    """Return whether the process has the text in its memory."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            start, end = (int(each, 16) for each in place.split("-"))
            if "w" not in rights:
                continue
            with contextlib.suppress(OSError, ValueError, OverflowError):
                memory.seek(start)
                if text in memory.read(end - start):
                    return True
    return False


class TestLentCallables:
    @pytest.fixture
    def student(self, tmp_path):
        path = tmp_path / "softmax.py"
        path.write_text(
            "import numpy as np\n"
            "def array(f, n):\n    return f(np.zeros(n))\n"
            "def text(f, n):\n    return f('a' * n)\n"
            "def nested(f, n):\n    return f([[0] * n, {'a': b'b' * n}])\n"
            "def number(f, n):\n    return f(1 << 64 * n)\n"
        )
        with open_sandbox(COURSE, required=True) as sandbox:
            connection = NotebookConnection(COURSE, read(path), sandbox, lambda *_: None)
            yield Student(connection)
            connection.close()

    @pytest.mark.parametrize("stub", ["array", "text", "nested", "number"])
    def test_take_no_more_than_they_can_work_through(self, student, stub):
        used = []
        assert getattr(student, stub)(lambda x: used.append(x) or 7, 30_000) == 7
        with pytest.raises(StubFailure, match="at most 65,536 elements") as caught:
            getattr(student, stub)(lambda x: used.append(x) or 7, 70_000)
        assert (caught.value.outcome, caught.value.exception) == (Outcome.ERROR, "ValueError")
        assert len(used) == 1


LENDS = """

@checks("softmax", weight=1)
def test_lends(student, rng):
    \"\"\"What is lent can be called.\"\"\"
    student.softmax(lambda: __import__("time").sleep(600))
"""
HANGS = "def softmax(logits, axis=-1):\n    return logits() if callable(logits) else logits\n"


@pytest.mark.slow
def test_a_grading_process_that_hangs_is_killed_and_only_its_submission_is_left_to_a_person(tmp_path, monkeypatch):
    """The replacement process grades the other submissions."""
    monkeypatch.setattr("autograder.grading.processes.ANSWER_SECONDS", 10.0)
    root = copy_course(tmp_path / "course")
    with (root / "reference" / "softmax" / "test_visible.py").open("a", encoding="utf-8") as file:
        file.write(LENDS)
    parts = notebooks.simulation(COURSE, COURSE.lab("softmax"))
    jobs = []
    for student, answer in {"ada": None, "bob": HANGS, "cyd": None}.items():
        notebook = parts.solved({"softmax": answer} if answer else {})
        path = notebooks.write(notebook, tmp_path / student / "softmax" / "softmax.ipynb")
        jobs.append(Job(student, "softmax", path, 1, ""))
    terms = GradingContext(root, SECRET)
    with closing(pool.grade(jobs, terms, LocalProcesses(terms, 1))) as chunks:
        results = {each.student: each for chunk in chunks for each in chunk}
    assert {student: each.status for student, each in results.items()} == {
        "ada": "graded",
        "bob": "not graded",
        "cyd": "graded",
    }
    assert "review it by hand" in (results["bob"].message or "")


SLOW = "import time\n\n\ndef softmax(logits, axis=-1):\n    time.sleep(0.5)\n    return logits\n"


@pytest.mark.slow
def test_a_chunk_that_takes_longer_than_that_and_stays_healthy_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.grading.processes.ANSWER_SECONDS", 5.0)
    parts = notebooks.simulation(COURSE, COURSE.lab("softmax"))
    jobs = []
    for student in ("ada", "bob", "cyd"):
        path = tmp_path / student / "softmax" / "softmax.ipynb"
        jobs.append(Job(student, "softmax", notebooks.write(parts.solved({"softmax": SLOW}), path), 1, ""))
    process = LocalProcess(TERMS)
    try:
        process.isolation().result()
        begun = time.monotonic()
        results = []
        chunk = process.submit(jobs, SHARED_SECONDS, lambda _job, result: results.append(result))
        while not chunk.done():
            process.end_if_silent()
            time.sleep(0.2)
        chunk.result()
        assert [each.status for each in results] == ["graded"] * 3
        assert time.monotonic() - begun > 2 * 5
    finally:
        process.close()
