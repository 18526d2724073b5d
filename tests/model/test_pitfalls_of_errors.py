"""The pitfalls behind exceptions: each is recognized in code that has it, and in none of the other functions here."""

import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.guest.cells import describe
from autograder.model import pitfalls
from autograder.model.results import Outcome, Pitfall
from autograder.testing import CheckFailed, raises
from autograder.testing.local import LocalConnection
from autograder.testing.student import StubFailure, Student, raised

THREE = np.array([0.5, 0.25, 0.25])
RNG = np.random.default_rng(0)


def refuses_a_sum(values: Any) -> Any:
    if values.sum() < 2:
        raise ValueError("too small")
    return values


def asserts_a_sum(values: Any) -> Any:
    assert values.sum() > 2
    return values


def never_set(values: Any) -> Any:
    for each in values[:0]:
        last = each
    return last


def draws_from_less_than_1(values: Any) -> Any:
    return RNG.choice(3, p=values * 0.999)


def stops_by_an_error(values: Any) -> Any:
    for each in values:
        if each < 0.5:
            raise StopIteration
        yield each


def calls_itself(values: Any) -> Any:
    return calls_itself(values)


def unpacks(values: Any) -> Any:
    first, second = values
    return first + second


def divides(values: Any) -> Any:
    return 1 // int(values[0])


def misspelled(values: Any) -> Any:
    return valeus  # type: ignore[name-defined]  # noqa: F821


HAVING_IT: dict[str, tuple[Pitfall, Sequence[Callable[[Any], Any]]]] = {
    "refused": (pitfalls.GOOD_INPUT_REFUSED, [refuses_a_sum, asserts_a_sum]),
    "beyond": (pitfalls.BEYOND_THE_END, [lambda values: values[3], lambda values: [*values][3]]),
    "axis": (
        pitfalls.NO_SUCH_AXIS,
        [
            lambda values: np.sum(values, axis=2),
            lambda values: values.max(axis=-2),
            lambda values: np.mean(values[0], axis=-1),
        ],
    ),
    "calls itself": (pitfalls.CALLS_ITSELF, [calls_itself]),
    "key": (pitfalls.MISSING_KEY, [lambda values: {"w": values}["b"]]),
    "unset": (pitfalls.NO_VALUE_YET, [never_set]),
    "one value": (
        pitfalls.NEEDS_ONE_VALUE,
        [math.exp, float, lambda values: max(0, values), lambda values: 1 if values > 0 else 0],
    ),
    "too large": (pitfalls.TOO_LARGE, [lambda values: math.exp(2000 * values[0]), lambda values: 10.0 ** float(800)]),
    "domain": (pitfalls.OUTSIDE_ITS_DOMAIN, [lambda values: math.log(0.0), lambda values: math.sqrt(-values[0])]),
    "no length": (
        pitfalls.NO_LENGTH,
        [lambda values: len(iter([1])), lambda values: stops_by_an_error(values)[0]],
    ),
    "stops": (pitfalls.STOPS_BY_AN_ERROR, [lambda values: list(stops_by_an_error(values))]),
    "nothing left": (pitfalls.NOTHING_LEFT, [lambda values: next(iter(values[:0])), lambda values: next(iter({}))]),
    "text": (pitfalls.NOT_WHOLE_TEXT, [lambda values: "é".encode()[:1].decode()]),
    "unpacked": (pitfalls.UNPACKED, [unpacks]),
    "nan": (pitfalls.NAN_PROBABILITIES, [lambda values: RNG.choice(3, p=values * np.nan)]),
    "not 1": (pitfalls.DO_NOT_SUM_TO_1, [draws_from_less_than_1]),
}
OTHERS = [divides, misspelled, lambda values: values["first"], lambda values: values.summ(), lambda values: None + 1]


def slip_of(function: Callable[[Any], Any]) -> Pitfall | None:
    """The pitfall recognized in a student's function, by its lines in this file."""
    try:
        function(THREE)
    except Exception as error:
        told: StubFailure = raised(describe(error, label=lambda file: "code cell 1" if file == __file__ else "cell"))
        assert told.outcome is Outcome.ERROR
        return told.slip
    pytest.fail("it raises nothing")


@pytest.mark.parametrize("name", HAVING_IT)
def test_an_errors_pitfall_is_named_only_for_code_that_has_it(name: str) -> None:
    slip, having_it = HAVING_IT[name]
    assert [slip_of(each) for each in having_it] == [slip] * len(having_it)
    others = [each for other, (_, functions) in HAVING_IT.items() if other != name for each in functions]
    assert slip not in [slip_of(each) for each in (*others, *OTHERS)]


def refuses_with_an_index(values: Any) -> Any:
    return values[len(values)]


def refuses_rightly(values: Any) -> Any:
    raise ValueError("not a distribution")


@pytest.mark.parametrize(
    ("function", "slip"),
    [
        (lambda values: 0.0, pitfalls.NOT_REFUSED),
        (lambda values: None, pitfalls.NOT_REFUSED),
        (refuses_with_an_index, pitfalls.OTHER_ERROR),
        (lambda values: {}["missing"], pitfalls.OTHER_ERROR),
        (lambda: 0.0, pitfalls.SIGNATURE),
        (refuses_rightly, None),
    ],
)
def test_bad_input_must_end_in_the_error_asked_for(function: Callable[..., Any], slip: Pitfall | None) -> None:
    student = Student(LocalConnection({"mean": function}))
    with contextlib.nullcontext() if slip is None else pytest.raises(CheckFailed) as failure:
        raises(student.mean, THREE)
    assert failure is None or failure.value.slip == slip
