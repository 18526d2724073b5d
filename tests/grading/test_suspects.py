"""Checks run on known wrong answers to name a mistake. What they did is cached, but never takes up much memory."""

import gc
import tracemalloc
import weakref
from typing import Any

import numpy as np
import pytest

from autograder.grading import suspects
from autograder.grading.content import misconceptions
from autograder.grading.diagnosis import Diagnoser
from autograder.grading.execution import SOMEBODY, find
from autograder.testing.local import LocalConnection
from autograder.testing.student import StubFailure, Student
from tests.grading.visible_runs import visible_runs
from tests.repository import COURSE

STUB = "relu"


def wrong(z: Any) -> Any:
    return np.abs(np.asarray(z)) + 3


def names(diagnoser: Diagnoser) -> list[str | None]:
    """What some of the stub's misconceptions are called."""
    some = misconceptions(COURSE, STUB)[::20]
    return [diagnoser.diagnosis(STUB, visible_runs(STUB, each.fresh())).name for each in some]


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt has its own seeds, so its trials are new."""
    limit = 256 * 1024
    monkeypatch.setattr(suspects, "MAX_BYTES", limit)
    diagnoser = Diagnoser(COURSE)
    diagnoser.diagnosis(STUB, visible_runs(STUB, wrong))
    gc.collect()
    tracemalloc.start()
    try:
        diagnoser.diagnosis(STUB, visible_runs(STUB, wrong, seed=1))
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
    assert isinstance(student.calls[0].answer, StubFailure)
    assert seen[0]() is None
