"""Compare a misconception's answers with a student's, call by call."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.testing.comparison import FLOAT32, is_blank, is_numeric, plain_text, same
from autograder.testing.statistics import ALPHA, equal_pairs, fits
from autograder.testing.student import Answer, Call, StubFailure


def same_mistake(
    student: Sequence[Call],
    suspect: Sequence[Call],
    probabilities: Callable[..., Any] | None = None,
    asked_alike: bool = True,
    alike: Callable[[Any, Any], bool] | None = None,
) -> bool:
    """Return whether a misconception gave the same answers as the student in a check, including exceptions and changed
    arguments.

    probabilities: if the misconception is a sampler, the probabilities it draws from; then the student's draws only
    have to be plausible. asked_alike: whether both must also have used the callables and iterators passed to them in
    the same way. alike: the function that compares values, by default `same`.
    """
    return len(student) == len(suspect) and all(
        _same_call(one, other, probabilities, asked_alike, alike or same)
        for one, other in zip(student, suspect, strict=True)
    )


def asked_the_same(student: Sequence[Call], suspect: Sequence[Call]) -> bool:
    """Return whether both used the callables and iterators passed to them in the same way."""
    ours, theirs = (
        [each.answer.asked for each in calls if isinstance(each.answer, Answer)] for calls in (student, suspect)
    )
    return same(ours, theirs)


def same_item(one: Any, other: Any, part: int, rounded: float | None) -> bool:
    """Return whether two answers, each a tuple, have the same item at index `part`.

    rounded: how far apart two numbers may be; None to compare them as `same` does. Spaces, commas and case don't matter
    in text.
    """
    if not all(isinstance(each, list | tuple) and len(each) > part for each in (one, other)):
        return False
    a, b = (plain_text(each[part]) for each in (one, other))
    if rounded is None or not (is_numeric(a) and is_numeric(b)) or np.shape(a) != np.shape(b):
        return same(a, b)
    if np.iscomplexobj(a):
        return False
    return bool(np.allclose(np.asarray(a, np.float64), np.asarray(b, np.float64), rtol=FLOAT32, atol=rounded))


def drawn_from(calls: Sequence[Call], probabilities: Callable[..., Any]) -> bool:
    """Return whether all answers in a check could have been drawn from a misconception's probabilities.

    We don't compare the misconception's own draws, since a check may make different calls depending on what was drawn.
    """
    return bool(calls) and all(_drawn_from(call, probabilities) for call in calls)


def drawn_independently(calls: Sequence[Call], probabilities: Callable[..., Any]) -> bool:
    """Return whether as many pairs of successive draws are equal as in independent draws from the probabilities."""
    for call in calls:
        if call.draws is not None and isinstance(call.answer, Answer):
            args, kwargs = call.arguments
            if equal_pairs(call.answer.value, np.asarray(probabilities(*args, **kwargs))).p_value < ALPHA:
                return False
    return True


def tells(calls: Sequence[Call]) -> bool:
    """Return whether a failed check's last answer can identify a mistake. An exception or an all-NaN answer can't."""
    if not calls or isinstance(calls[-1].answer, StubFailure):
        return False
    return calls[-1].answer.left is not None or not is_blank(calls[-1].answer.value)


def _drawn_from(call: Call, probabilities: Callable[..., Any]) -> bool:
    if not isinstance(call.answer, Answer):
        return False
    args, kwargs = call.arguments
    drawn = [call.answer.value] if call.draws is None else call.answer.value
    try:
        chances = np.asarray(probabilities(*args, **kwargs), dtype=np.float64)
    except (ArithmeticError, LookupError, TypeError, ValueError):  # there may be no probabilities for bad input
        return False
    return fits(drawn, chances)


def _same_call(
    one: Call,
    other: Call,
    probabilities: Callable[..., Any] | None,
    asked_alike: bool,
    alike: Callable[[Any, Any], bool],
) -> bool:
    if isinstance(one.answer, Answer) and isinstance(other.answer, Answer):
        if one.draws is not None and probabilities is not None and _drawn_from(one, probabilities):
            return True
        if not same(one.answer.left, other.answer.left):
            return False
        if asked_alike and not same(one.answer.asked, other.answer.asked):
            return False
        return alike(one.answer.value, other.answer.value)
    if isinstance(one.answer, StubFailure) and isinstance(other.answer, StubFailure):
        return one.answer.exception == other.answer.exception
    return False
