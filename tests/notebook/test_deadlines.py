"""The deadlines of a notebook's code in a browser tab, on a clock that the test controls."""

from types import SimpleNamespace

import pytest

from autograder.notebook import deadlines


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that shows what its `now` is set to."""
    clock = SimpleNamespace(now=100.0)
    clock.perf_counter = lambda: clock.now
    monkeypatch.setattr(deadlines, "time", clock)
    return clock


@pytest.mark.parametrize(("own", "is_late"), [(4.0, False), (6.0, True)])
def test_only_the_codes_own_time_counts(clock: SimpleNamespace, own: float, is_late: bool) -> None:
    watched = deadlines._Deadlines()
    with watched.within(5.0) as is_over:
        with watched.stopped():  # a reference answers
            clock.now += 60.0
        clock.now += own
    assert is_over() is is_late


def test_a_call_takes_nothing_from_the_cell_that_it_is_made_in(clock: SimpleNamespace) -> None:
    watched = deadlines._Deadlines()
    watched.allow(60.0)
    with watched.within(5.0):
        clock.now += 100.0
    clock.now += 59.0
    watched._check_clock()
    clock.now += 2.0
    with pytest.raises(deadlines.OutOfTime):
        watched._check_clock()
