"""Whatever a stub does to its arguments, the check gets them as the stub left them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder.testing.local import LocalConnection
from autograder.testing.student import Student

NAN = np.array([0x7FF8000000000000], np.uint64).view(np.float64)


def answer_of(change: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return Student(LocalConnection({"stub": change})).stub.answer(*args, **kwargs)


def reshape(x: Any) -> None:
    x.shape = (x.size, 1)


def retype(x: Any) -> None:
    x.dtype = np.int64


def retype_to_fields(x: Any) -> None:
    x.dtype = np.dtype([("a", "<f8")])


def negate(x: Any) -> None:
    x *= -1


def change_the_payload(x: Any) -> None:
    x.view(np.uint64)[...] += 1


def transpose(x: Any) -> None:
    x[...] = x.T.copy()


def change_and_change_back(x: Any) -> None:
    x += 1
    x -= 1


@pytest.mark.parametrize(
    ("change", "argument", "left"),
    [
        (lambda x: x.sort(), np.array([2.0, 1.0]), np.array([1.0, 2.0])),
        (lambda x: x.fill(7), np.array([[2, 1]]), np.array([[7, 7]])),
        (lambda x: x.resize(1, refcheck=False), np.array([2.0, 1.0]), np.array([2.0])),
        (reshape, np.array([2.0, 1.0]), np.array([[2.0], [1.0]])),
        (retype, np.array([0.0, 0.0]), np.array([0, 0])),
        (negate, np.array([0.0]), np.array([-0.0])),
        (change_the_payload, NAN, (NAN.view(np.uint64) + 1).view(np.float64)),
        (transpose, np.array([[1.0, 2.0], [3.0, 4.0]]).T, np.array([[1.0, 2.0], [3.0, 4.0]])),
        (lambda x: x.append(3), [1, 2], [1, 2, 3]),
        (lambda x: x[0].sort(), [np.array([2, 1])], [np.array([1, 2])]),
        (lambda x: x[0].sort(), (np.array([2, 1]),), (np.array([1, 2]),)),
        (lambda x: x["w"].sort(), {"w": np.array([2, 1])}, {"w": np.array([1, 2])}),
        (lambda x: x.update(b=1), {}, {"b": 1}),
    ],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_a_changed_argument_comes_back_changed(by_name: bool, change: Any, argument: Any, left: Any) -> None:
    others = np.zeros(2), 1, "a"
    if by_name:
        answer = answer_of(lambda *_others, x: change(x), *others, x=argument)
        assert answer.left is not None
        found = answer.left[1]["x"]
    else:
        answer = answer_of(lambda x, *_others: change(x), argument, *others)
        assert answer.left is not None
        found = answer.left[0][0]
    assert type(found) is type(left)
    np.testing.assert_equal(found, left, strict=isinstance(left, np.ndarray))
    if isinstance(left, np.ndarray):
        assert found.tobytes() == left.tobytes()


def test_an_array_that_no_longer_holds_numbers_comes_back_as_changed() -> None:
    assert answer_of(retype_to_fields, np.array([1.0])).left is not None


def test_a_generator_comes_back_with_the_draws_it_made() -> None:
    left = answer_of(lambda _x, rng: rng.random(), np.zeros(2), np.random.default_rng(3)).left
    assert left is not None
    expected = np.random.default_rng(3)
    expected.random()
    assert left[0][1].random() == expected.random()


@pytest.mark.parametrize("argument", [np.array([1.0, 2.0]), NAN, [1, 2], (), {"w": np.zeros(2)}, 1.5, "a", None])
def test_an_argument_that_is_as_it_was_does_not_come_back(argument: Any) -> None:
    assert answer_of(lambda _x, *_others: 1, argument, np.zeros((2, 2)).T).left is None


def test_an_argument_that_was_changed_back_does_not_come_back() -> None:
    assert answer_of(change_and_change_back, np.array([1.0, 2.0])).left is None


def test_an_argument_that_an_iterator_changes_later_comes_back_with_the_item() -> None:
    def stub(x: Any) -> Iterator[int]:
        yield 1
        x[0] = 5
        yield 2

    stream = answer_of(stub, np.array([1, 2])).value.answers()
    assert next(stream).left is None
    left = next(stream).left
    assert left is not None
    assert left[0][0].tolist() == [5, 2]
