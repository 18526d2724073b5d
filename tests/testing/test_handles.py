"""Callables and iterators on the wire: what a check passes to a stub, and what a stub returns item by item."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.grading.connection import NotebookConnection
from autograder.model.course import Course
from autograder.model.results import Outcome
from autograder.model.submission import read
from autograder.sandbox import open_plain, open_sandbox
from autograder.testing.assertions import (
    CheckFailed,
    agree,
    agree_values,
    leaves_unchanged,
    raises,
    repeatable,
    streams,
)
from autograder.testing.local import LocalConnection
from autograder.testing.references import call_reference
from autograder.testing.student import Connection, Stream, StubFailure, Student
from tests.repository import COURSE
from tests.sampling import sampled

SOURCE = """
import numpy as np
from autograder.given import halved, shuffled

def applies(f, x):
    return f(x)

def twice(f, x):
    return [f(x), f(x)]

def collects(items):
    return [item for item in items]

def passes_on(items):
    for item in items:
        yield item

def ignores(items):
    yield from (1, 2, 3)

def uses_up(items):
    while items:
        yield items.pop()

def adds_at_the_end(items):
    yield 1
    items.append(1)

def counts(n):
    class Counting:
        def __init__(self):
            self.at = 0
        def __iter__(self):
            return self
        def __next__(self):
            if self.at == n:
                raise StopIteration
            self.at += 1
            return self.at
    return Counting()

def catches(f, x):
    try:
        return f(x)
    except KeyError as error:
        return f"caught {error}"

def breaks_after_one(x):
    yield x
    raise RuntimeError("no more")

def refuses(x):
    if not len(x):
        raise ValueError("empty")
    yield x[0]

def in_place(params, step):
    params["w"] -= step

def trains_towards_itself(params, train):
    model = {name: param.copy() for name, param in params.items()}
    ref_model = model
    trained = train(model, ref_model)
    return {"same": trained is model, "model": model, "trained": trained, "reference": ref_model}

def hands_over_twice(f, x, other):
    f(x)
    f(other)
    x[0] = 7.0
    return f(x), x

def hands_back(f, x):
    return [f(f(x)) is f(x), x]

def one_in_two(a, b):
    return a is b

def calls_without_end(f):
    while True:
        f(1)

def carries_much(f):
    for _ in range(100):
        f(np.zeros(60_000))

def carries_many(f):
    for _ in range(200):
        f([[]] * 9_000)

def streams_much(x):
    while True:
        yield np.zeros(500_000)

def streams_many(x):
    while True:
        yield [[]] * 100_000

def draws_with_given(rng):
    return [shuffled(rng), shuffled(rng)]

def halves_often(x):
    for _ in range(30_000):
        half = halved(x)
    return half

def changes_what_it_halves(x):
    halved(x)[:] = 0
    before = halved(x)
    x[0] = 8
    return before, halved(x)

earlier = []

def uses_the_first_ones(f, items):
    earlier.extend([] if earlier else [f, items])
    return [earlier[0](1), next(earlier[1])]

iterators = []

def keeps_an_iterator(items):
    iterators.append(items)
    return next(iterators[0])

def uses_the_one_from_another_stub(f, x):
    return f(earlier[0](x))

def streams_and_uses(f, x):
    while True:
        yield f(x)

def loops_in_stream(x):
    yield x
    while True:
        pass

def forgets(items):
    return items
"""


def namespace() -> dict[str, Callable[..., Any]]:
    functions: dict[str, Any] = {}
    exec(SOURCE.replace("from autograder.given import halved, shuffled\n", ""), functions)
    return functions


def givens(stub: str, arguments: Any) -> Any:
    (argument,), _ = arguments
    return argument / 2 if stub == "halved" else int(argument.integers(1_000_000))


@pytest.fixture(scope="module")
def offered() -> Iterator[Any]:
    """What this system offers for students' code: on Linux, the sandbox."""
    with open_sandbox(COURSE, required=sys.platform == "linux") as place:
        yield place


@pytest.fixture(scope="module")
def plain() -> Iterator[Any]:
    with open_plain(COURSE) as place:
        yield place


@pytest.fixture(params=["in this process", "plain process", "sandbox"])
def student(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Student]:
    if request.param == "in this process":
        yield Student(LocalConnection(namespace()))
        return
    if request.param == "sandbox" and sys.platform != "linux":
        pytest.skip("no sandbox here")
    place = request.getfixturevalue("plain" if request.param == "plain process" else "offered")
    with closing(in_worker(tmp_path, place)) as connection:
        yield Student(connection)


@pytest.fixture
def worker(offered: Any, tmp_path: Path) -> Iterator[Student]:
    """The worker that this system offers for students' code."""
    with closing(in_worker(tmp_path, offered)) as connection:
        yield Student(connection)


def in_worker(folder: Path, place: Any, course: Course = COURSE) -> Connection:
    path = folder / "softmax.py"
    path.write_text(SOURCE, encoding="utf-8")
    return NotebookConnection(course, read(path), place, givens)


class TestACallablePassedToAStub:
    def test_it_is_called_with_what_the_stub_gave(self, student):
        asked = []

        def square(x: Any) -> Any:
            asked.append(x)
            return x**2

        answer = student.applies(square, np.array([1.0, 2.0]))
        assert answer.tolist() == [1.0, 4.0]
        assert [each.tolist() for each in asked] == [[1.0, 2.0]]

    def test_its_uses_are_kept_with_the_answer(self, student):
        asked = student.twice.answer(lambda x: x, 3).asked
        assert asked == ((0, ((3,), {})), (0, ((3,), {})))

    def test_what_it_raises_is_the_stubs_to_catch(self, student):
        def missing(x: Any) -> Any:
            raise KeyError("b1")

        assert student.catches(missing, 0) == "caught \"'b1'\""

    @pytest.mark.parametrize("key", [10**10_000, (10**10_000,)], ids=["number", "tuple"])
    def test_even_if_it_has_no_text(self, student, key):
        def missing(x: Any) -> Any:
            raise KeyError(x)

        assert student.catches(missing, key) == "caught ''"

    def test_what_it_changes_is_changed_there_too(self, student):
        def doubles(x: Any) -> None:
            x *= 2

        left = student.applies.answer(doubles, np.array([1.0])).left
        assert left is not None
        assert left[0][1].tolist() == [2.0]

    def test_the_reference_gets_tensors_and_the_student_arrays(self, student):
        kinds = []

        def f(x: Any) -> Any:
            kinds.append(type(x))
            return (x**2).sum()

        agree(student.applies, lambda f, x: f(x * 1), f, np.array([1.0, 2.0]))
        assert kinds == [np.ndarray, np.ndarray]

    def test_it_is_no_changed_argument(self, student):
        leaves_unchanged(student.applies, abs, np.array([1.0]))

    def test_a_failure_shows_it_by_its_name(self, student):
        def square(x: Any) -> Any:
            return x**2

        with pytest.raises(CheckFailed, match=r"Called: applies\(square, 3\)"):
            agree(student.applies, lambda f, x: x, square, 3.0)


class TestWhatWasPassedToAnEarlierCall:
    def test_is_no_stand_in_for_what_is_passed_to_this_one(self, student: Student):
        assert student.uses_the_first_ones(lambda x: x + 10, iter([5, 6])) == [11, 5]
        with pytest.raises(StubFailure, match="this function was passed to an earlier call") as failed:
            student.uses_the_first_ones(lambda x: x + 20, iter([7, 8]))
        assert (failed.value.outcome, failed.value.exception) == (Outcome.ERROR, "RuntimeError")
        with pytest.raises(StubFailure, match="this function was passed to an earlier call"):
            student.uses_the_one_from_another_stub(lambda x: x, 1)

    def test_so_is_an_iterator(self, student: Student):
        taken = iter([7, 8])
        student.twice(lambda x: x, 1)
        student.keeps_an_iterator(iter([5, 6]))
        with pytest.raises(StubFailure, match="this iterator was passed to an earlier call"):
            student.keeps_an_iterator(taken)
        assert next(taken) == 7

    def test_but_a_stream_goes_on_using_its_own(self, student: Student):
        one, other = (streams(student.streams_and_uses, lambda x, n=n: x + n, 1) for n in (10, 20))
        assert [next(one), next(other), next(one), student.applies(abs, -1), next(other)] == [11, 21, 11, 1, 21]


class TestOneObjectStaysOne:
    """An object keeps its identity within a call and the callbacks it makes, as it would in Jupyter."""

    def test_a_model_that_is_its_own_reference(self, student: Student):
        def train(params: Any, reference: Any) -> Any:
            assert params is reference
            params["w"] += 1.0
            params["new"] = [reference["w"]]
            return params

        got = student.trains_towards_itself({"w": np.zeros(2)}, train)
        assert got["same"] is True
        for name in ("model", "trained", "reference"):
            assert got[name] is got["model"]
            np.testing.assert_array_equal(got[name]["w"], [1.0, 1.0])
            assert got[name]["new"][0] is got[name]["w"]

    def test_what_comes_back_may_be_part_of_what_was_sent(self, student: Student):
        got = student.trains_towards_itself({"w": np.zeros(2)}, lambda params, reference: [params["w"], reference, 3])
        assert got["trained"][0] is got["model"]["w"]
        assert got["trained"][1:] == [got["model"], 3]
        assert got["same"] is False

    def test_what_is_handed_over_twice_arrives_as_the_same_object_as_it_is_then(self, student: Student):
        came: list[Any] = []
        answer = student.hands_over_twice(lambda x: came.append(x), np.zeros(2), [{"w": 1}])
        assert [came[0] is came[2], came[0] is came[1]] == [True, False]
        assert came[2].tolist() == answer[1].tolist() == [7.0, 0.0]

    @pytest.mark.parametrize("x", [np.zeros(2), [1, (2, {"w": 3})], {"w": [np.ones(1)]}])
    def test_what_comes_back_of_it_is_the_stubs_own(self, student: Student, x: Any):
        assert student.hands_back(lambda x: x, x)[0] is True

    def test_what_is_the_checks_own_is_not_the_stubs_to_change(self, student: Student):
        table = {"w": np.zeros(2)}
        student.trains_towards_itself(table, lambda params, reference: table)
        kept = [1.0, 2.0]
        student.hands_over_twice(lambda x: kept, kept, kept)
        assert (kept, table["w"].tolist()) == ([1.0, 2.0], [0.0, 0.0])

    def test_an_argument_given_twice(self, student: Student):
        row = [1, 2]
        assert student.one_in_two(row, row) is True
        assert student.one_in_two([1, 2], [1, 2]) is False


class TestAnIteratorPassedToAStub:
    def test_its_items_arrive_one_by_one(self, student):
        assert student.collects(iter([1, "two", None])) == [1, "two", None]

    def test_no_more_is_taken_than_the_stub_asks_for(self, student):
        items = iter(range(5))
        stream = streams(student.passes_on, items)
        assert [next(stream), next(stream)] == [0, 1]
        assert next(items) == 2

    def test_both_sides_get_their_own(self, student):
        agree(student.collects, lambda items: list(items), iter([1.0, 2.0]))

    def test_twice_the_same_are_two(self, student):
        repeatable(student.collects, iter([1.0, 2.0]))


class TestAStream:
    def test_its_pieces_come_when_they_are_asked_for(self, student):
        stream = streams(student.counts, 3)
        assert isinstance(stream, Stream)
        assert list(stream) == [1, 2, 3]
        assert list(stream) == []

    def test_two_go_on_side_by_side(self, student):
        one, other = streams(student.counts, 3), streams(student.ignores, [])
        assert [next(one), next(other), next(one), next(other)] == [1, 1, 2, 2]

    def test_each_piece_is_a_call_of_its_own(self, student):
        list(streams(student.counts, 2))
        values = [call.answer.value for call in student.calls[1:]]
        assert values[:2] == [1, 2]
        assert len(values) == 3

    def test_what_it_raises_is_the_students_error(self, student):
        stream = streams(student.breaks_after_one, 7)
        assert next(stream) == 7
        with pytest.raises(StubFailure, match="no more") as caught:
            next(stream)
        assert (caught.value.outcome, caught.value.exception) == (Outcome.ERROR, "RuntimeError")

    @pytest.mark.parametrize("stub", ["uses_up", "adds_at_the_end"])
    def test_may_change_what_it_was_made_from_when_it_is_read(self, student, stub):
        with pytest.raises(CheckFailed, match="changed the list"):
            leaves_unchanged(getattr(student, stub), [1, 2])
        leaves_unchanged(student.passes_on, [1, 2])
        leaves_unchanged(student.passes_on, iter([1, 2]))

    def test_a_list_is_none(self, student):
        with pytest.raises(CheckFailed, match="one by one"):
            streams(student.collects, iter([1]))

    def test_an_error_may_come_with_its_first_piece(self, student):
        raises(student.refuses, [])
        with pytest.raises(CheckFailed, match="ValueError is raised"):
            raises(student.refuses, [1])

    def test_where_an_array_is_wanted_it_is_no_answer(self, student):
        with pytest.raises(CheckFailed, match="got an iterator, such as a generator"):
            agree(student.counts, lambda n: 0.5, 2)

    def test_an_iterator_passed_in_and_returned_is_no_answer(self, student):
        with pytest.raises(CheckFailed, match="which is neither a number"):
            agree_values(student.forgets(iter([1.0])), np.array([1.0]), "what came back")


class TestTheFirstArgumentAsItWasLeft:
    def test_stands_for_an_answer_of_none(self, student):
        params = {"w": np.array([1.0, 2.0])}
        agree(student.in_place, lambda params, step: {"w": params["w"] - step}, params, 0.5, in_place=True)
        assert params["w"].tolist() == [1.0, 2.0]

    def test_is_compared_like_an_answer(self, student):
        with pytest.raises(CheckFailed, match="under 'w'"):
            agree(student.in_place, lambda params, step: params, {"w": np.array([1.0])}, 0.5, in_place=True)


class TestAWorker:
    def test_that_calls_without_end_is_stopped(self, worker):
        with pytest.raises(StubFailure, match="more often than allowed") as caught:
            worker.calls_without_end(lambda x: x)
        assert caught.value.outcome is Outcome.VIOLATION

    @pytest.mark.parametrize("size", [2, 1_000])
    def test_may_ask_a_given_the_same_more_often_than_it_may_ask(self, worker, size):
        assert worker.halves_often(np.arange(size)).tolist() == (np.arange(size) / 2).tolist()

    @pytest.mark.parametrize("size", [2, 1_000])
    def test_gets_a_new_answer_from_a_given_for_an_argument_that_it_has_changed(self, worker, size):
        before, after = worker.changes_what_it_halves(np.full(size, 6.0))
        assert (before[:2].tolist(), after[:2].tolist()) == ([3, 3], [4, 3])

    @pytest.mark.parametrize("stub", sampled(["carries_much", "carries_many"]))
    def test_that_sends_more_than_the_checks_will_keep_is_stopped(self, worker, stub):
        with pytest.raises(StubFailure, match="more than 16,777,216 bytes") as caught:
            getattr(worker, stub)(lambda x: None)
        assert caught.value.outcome is Outcome.VIOLATION

    @pytest.mark.parametrize("stub", sampled(["streams_much", "streams_many"]))
    def test_whose_answers_are_more_than_the_checks_will_keep_is_not_asked_again_and_the_others_are(self, worker, stub):
        with pytest.raises(StubFailure, match="returned more than 32 MiB in total") as caught:
            list(itertools.islice(streams(getattr(worker, stub), 1), 1000))
        assert caught.value.outcome is Outcome.VIOLATION
        assert worker.collects(iter([1])) == [1]

    def test_that_loops_in_a_stream_runs_out_of_time_and_the_next_call_is_answered(self, tmp_path):
        short = COURSE.model_copy(update={"limits": COURSE.limits.model_copy(update={"call_seconds": 0.5})})
        with open_sandbox(short) as place, closing(in_worker(tmp_path, place, short)) as connection:
            worker = Student(connection)
            stream = streams(worker.loops_in_stream, 1)
            other = streams(worker.counts, 3)
            assert next(stream) == 1
            with pytest.raises(StubFailure) as caught:
                next(stream)
            assert caught.value.outcome is Outcome.TIMEOUT
            assert worker.collects(iter([1])) == [1]
            with pytest.raises(StubFailure, match="has ended"):
                next(other)

    def test_gets_its_own_rng_moved_on_by_a_given(self, worker):
        rng = np.random.default_rng(1)
        drawn = worker.draws_with_given(rng)
        again = np.random.default_rng(1)
        assert drawn == [int(again.integers(1_000_000)), int(again.integers(1_000_000))]


def test_a_reference_may_stream_too():
    assert list(call_reference(lambda n: (each for each in range(n)), ((3,), {}))) == [0, 1, 2]
