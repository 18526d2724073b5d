"""Checks run on known wrong answers to name a mistake. What they did is cached, but never takes up much memory."""

import gc
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.authoring.simulation.notebooks import module_at
from autograder.grading import suspects
from autograder.grading.content import misconceptions
from autograder.grading.diagnosis import Diagnoser
from autograder.grading.execution import SOMEBODY, CheckRun, check_of, find, name_of, run_locally
from autograder.testing.local import LocalConnection
from autograder.testing.student import Student
from tests.repository import COURSE

STUB = "relu"


def runs(answer: Callable[..., Any], seed: int) -> list[CheckRun]:
    """An answer's runs of the stub's visible checks."""
    lab = COURSE.lab_of(STUB)
    assert lab is not None
    found = []
    for test in vars(module_at(COURSE.visible_checks(lab.name))).values():
        if hasattr(test, "__check__") and check_of(test).stub == STUB:
            verdict, calls = run_locally(COURSE, test, seed, {STUB: answer})
            name, check = name_of(test), check_of(test)
            found.append(CheckRun(name, check, "", test, seed, SOMEBODY, verdict, calls, None, 0.0, None, False))
    return found


def wrong(z: Any) -> Any:
    return np.abs(np.asarray(z)) + 3


def names(diagnoser: Diagnoser) -> list[str | None]:
    """What some of the stub's misconceptions are called."""
    return [diagnoser.diagnosis(STUB, runs(each.fresh(), 0)).name for each in misconceptions(COURSE, STUB)[::20]]


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt has its own seeds, so its trials are new."""
    limit = 256 * 1024
    monkeypatch.setattr(suspects, "MAX_BYTES", limit)
    diagnoser = Diagnoser(COURSE)
    diagnoser.diagnosis(STUB, runs(wrong, 0))
    gc.collect()
    tracemalloc.start()
    try:
        diagnoser.diagnosis(STUB, runs(wrong, 1))
        gc.collect()
        assert limit / 16 < tracemalloc.get_traced_memory()[0] < limit * 1.5
    finally:
        tracemalloc.stop()


def test_without_room_every_name_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = names(Diagnoser(COURSE))
    monkeypatch.setattr(suspects, "MAX_BYTES", 0)
    assert names(Diagnoser(COURSE)) == remembered
    assert any(remembered)


def test_a_failed_call_keeps_nothing_else_in_memory() -> None:
    seen: list[weakref.ref[Any]] = []

    class Data:
        pass

    def check(student: Any) -> None:
        data = Data()
        seen.append(weakref.ref(data))
        student.stub(1)

    student = Student(LocalConnection({"stub": lambda _: {}["missing"]}))
    find(check, student, np.random.default_rng(0), SOMEBODY)
    assert [str(each.answer) for each in student.calls]
    assert seen[0]() is None
