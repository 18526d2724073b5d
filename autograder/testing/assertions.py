"""The assertions a check can make: a stub agrees with its reference, raises, leaves its arguments alone, and so on.

@checks("softmax_with_temperature", kind="hidden")
def test_agrees_with_torch(student, rng):
    '''Temperature flattens or sharpens the distribution as in torch.'''
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, rng.normal(size=(3, 7)), 0.1)
"""

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from autograder.guest import values
from autograder.model import pitfalls
from autograder.model.results import Difference, Outcome, Pitfall
from autograder.testing import statistics
from autograder.testing.comparison import RELATIVE, Mismatch, compare, fitted, holds_text, same, same_shapes, table_of
from autograder.testing.exports import Arguments, encoded_once
from autograder.testing.failures import CheckFailed, Compared, FailureKind
from autograder.testing.references import reference_answer, walk
from autograder.testing.rendering import rendered, rendered_call
from autograder.testing.student import Answer, Stream, StubFailure, StubProxy

# How many items to read from a stream when checking whether reading it changes the arguments.
MOST_PIECES = 100


class NeedsManualGrade(Exception):
    """A person has to grade the answer. Raise this in a check. Students see its `str()`, and the check counts as not
    graded."""


def agree(
    stub: StubProxy,
    reference: Callable[..., Any],
    *args: Any,
    tail: bool = False,
    rtol: float = RELATIVE,
    atol: float | None = None,
    in_place: bool = False,
    apart_from: Sequence[Callable[[Any], Any]] = (),
    **kwargs: Any,
) -> Any:
    """Call `stub` and `reference` with the same arguments, compare the results, and return the student's value.

    The stub gets the arguments as they are. The reference gets float arrays as float64 tensors and integer arrays as
    int64 tensors.

    The values agree if |got - want| <= 1e-5 S + rtol |want|, where S is the largest finite |want|, or 1 if that's 0.
    Shapes must be equal. If the reference returns floats, any float or integer dtype is fine. The stub has to return
    integers only if the reference does.

    tail: drop the absolute term, to check tiny probabilities.
    rtol: the relative tolerance.
    atol: the absolute term to use instead of 1e-5 S, for answers with a fixed number of decimals.
    in_place: the stub is allowed to change its first argument and return None. In that case, the changed argument is
        the answer.
    apart_from: functions that turn the expected value into what a known convention or edge case would give. An answer
        that agrees with one of them, or whose shape differs only in axes of length 1, fails the check but earns its
        `share` (see `checks`).

    Raises CheckFailed if the values differ, and StubFailure if the call doesn't return a value.
    """
    encoded = encoded_once((args, kwargs))
    wanted = reference_answer(reference, (args, kwargs), encoded)
    answer = stub.answer_to((args, kwargs), encoded)
    got = answer.value
    if in_place and got is None:
        got = (answer.left[0] if answer.left else args)[0]
    found = compare(got, wanted, tail, rtol, atol)
    if found is None:
        return got
    call, values = rendered_call(stub.name, (args, kwargs)), fitted(got, wanted)
    numbers = Compared(values, wanted, tail, rtol, atol)
    unlike = found if values is got else compare(values, wanted, tail, rtol, atol)
    if unlike is None or not (values is got or same_shapes(values, got)):
        _put_off(stub, _comparison_failure(call, found, replace(numbers, got=got), answer, FailureKind.SHAPE))
    if unlike:
        if not any(compare(values, convention(wanted), tail, rtol, atol) is None for convention in apart_from):
            raise _comparison_failure(call, unlike, numbers, answer)
        _put_off(stub, _comparison_failure(call, unlike, numbers, answer, FailureKind.CONVENTION))
    return values


def _put_off(stub: StubProxy, failure: CheckFailed) -> None:
    """Record a failure that isn't about the values, so that the check can continue.

    If there's nowhere to record the failure, raise it.
    """
    if stub.student.put_off is None:
        raise failure
    stub.student.put_off.append((len(stub.student.calls), failure))


def agree_values(
    got: Any, want: Any, what: str, tail: bool = False, rtol: float = RELATIVE, atol: float | None = None
) -> None:
    """Compare a value computed from the student's answer with a known value, using the same rule as `agree`.

    what: a name for the value, such as "the sum of each row". Raises CheckFailed if they differ.
    """
    if found := compare(got, want, tail, rtol, atol):
        raise _comparison_failure(f"looked at {what}", found, Compared(got, want, tail, rtol, atol))


def fails(what: str, got: Any, wanted: str, where: str | None = None) -> NoReturn:
    """Make the check fail, with a message of your own. Always raises CheckFailed.

    what: what the check looked at, such as "the sum of each row". got: the value the check found.
    wanted: what it should have been, in words.
    where: where the two differ, in words.
    """
    raise _failure(f"looked at {what}", rendered(got), wanted, where)


def streams(stub: StubProxy, *args: Any, **kwargs: Any) -> Stream:
    """Call a stub that must return an iterator, and return that iterator.

    Each `next` asks the student's process for one more item. Raises CheckFailed if the stub returns anything else, and
    StubFailure if the call fails. `next` can also raise StubFailure.
    """
    value = stub(*args, **kwargs)
    if not isinstance(value, Stream):
        call, got = rendered_call(stub.name, (args, kwargs)), rendered(value)
        raise _failure(call, got, "an iterator", "the pieces must come one by one")
    return value


def agree_in_distribution(stub: StubProxy, probabilities: Any, *args: Any, draws: int = 3_800, **kwargs: Any) -> None:
    """Check that the ids a sampler draws follow `probabilities`, a float array of shape (V,).

    The sampler is called `draws` times, or half as often if that's at least 500 and the counts are unsurprising by
    then. Every id drawn must have a positive probability, and the counts must be plausible. Pass the check's `rng` as
    one of the arguments. The stub gets a different Generator in its place.

    If the counts are surprising, the check draws a new sample that's twice as large, and fails only if its counts are
    far more surprising. A correct sampler fails with a probability of at most 2e-7, so one check may call this up to
    five times. Raises CheckFailed and StubFailure.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    surprise = _surprise(stub, wanted, (args, kwargs), draws, statistics.most_surprising)
    if surprise is None:
        return
    found, drawn, call = surprise
    n = len(drawn)
    shares = statistics.counted(drawn, len(wanted)) / n
    who = "the rarest token ids together" if found.token is None else f"token id {found.token}"
    words = f"{who} came up {found.count:,} of {n:,} times instead of about {found.expected:,.0f}"
    wrong = np.arange(len(wanted)) == (np.argmax(shares) if found.token is None else found.token)
    compared = Compared(shares, wanted, False, RELATIVE, None)
    raise _comparison_failure(call, Mismatch(words, shares, wanted, wrong), compared, kind=FailureKind.DRAWS)


def independent(stub: StubProxy, probabilities: Any, *args: Any, pairs: int = 200, **kwargs: Any) -> None:
    """Check that each draw of a sampler with these `probabilities`, a float array (V,), is independent of the last one.

    The check takes `pairs` disjoint pairs of successive draws. The number of pairs with two equal ids must be about
    what it would be if the draws were independent. The stub's Generator, the looks and the error rate are the same as
    in `agree_in_distribution`. Raises CheckFailed and StubFailure.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    surprise = _surprise(stub, wanted, (args, kwargs), 2 * pairs, statistics.equal_pairs, in_order=True)
    if surprise is None:
        return
    found, drawn, call = surprise
    where = "each draw must be independent of the ones before it"
    got = f"{found.count:,} of {len(drawn) // 2:,} pairs of successive draws are the same id twice"
    raise _failure(call, got, f"about {found.expected:,.0f} of them", where, FailureKind.DRAWS)


def _surprise(
    stub: StubProxy,
    probabilities: statistics.Probabilities,
    arguments: Arguments,
    draws: int,
    test: Callable[[list[int], statistics.Probabilities], statistics.Deviation],
    in_order: bool = False,
) -> tuple[statistics.Deviation, list[int], str] | None:
    """Look at the counts as often as `statistics.looks` says. If they're surprising every time, return the deviation,
    ids and call of the last sample, and otherwise None.

    draws: the number of draws in the first sample. in_order: whether the test depends on the order of the draws.
    """
    drawn: list[int] = []
    for more, sample, surprising in statistics.looks(draws):
        call = f"{rendered_call(stub.name, arguments)}, {sample:,} times"
        args, kwargs = map(_with_own_rng, arguments)
        ids = _ids(stub.draws(more, *args, in_order=in_order, **kwargs), probabilities, call)
        drawn = ids if more == sample else drawn + ids
        found = test(drawn, probabilities)
        stub.student.statistic = min(found.p_value, stub.student.statistic or 1.0)
        if found.p_value >= surprising:
            return None
    return found, drawn, call


def _ids(drawn: list[Any], probabilities: statistics.Probabilities, call: str) -> list[int]:
    """Return the draws as ints. Raises CheckFailed unless each is an integer with a positive probability."""
    for each in drawn:
        if not _is_id(each):
            raise _failure(call, rendered(each), "a token id", "expected a whole number")
    ids = [int(each) for each in drawn]
    if (token := statistics.impossible(ids, probabilities)) is not None:
        known, told = 0 <= token < len(probabilities), rendered(token)
        where = f"token id {told} came up, but its probability is 0" if known else f"there's no token id {told}"
        raise _failure(call, f"{told} among the draws", "ids with a probability above 0", where, FailureKind.DRAWS)
    return ids


def _is_id(drawn: Any) -> bool:
    scalar = isinstance(drawn, np.ndarray | np.generic) and drawn.ndim == 0
    return type(drawn) is int or (scalar and drawn.dtype.kind in "iu")


def _with_own_rng(arguments: Any) -> Any:
    """Return the arguments with each Generator replaced by a new one that's seeded from it.

    That way, nothing the stub does with its Generator affects the check's.
    """
    if isinstance(arguments, np.random.Generator):
        return np.random.default_rng(int(arguments.integers(2**63)))
    return walk(_with_own_rng, arguments)


def leaves_unchanged(stub: StubProxy, *args: Any, in_place: bool = False, **kwargs: Any) -> None:
    """Check that a call doesn't change its arguments, even while we read a stream that it returns.

    Generators are exempt, because drawing from them changes their state. in_place: the stub can change its first
    argument. Raises CheckFailed if any other argument changed, and StubFailure if the call fails.
    """
    for left in _left_by(stub, args, kwargs):
        if left is not None and in_place:
            left = ((args[0], *left[0][1:]), left[1])
        if left is not None and was_changed((args, kwargs), left):
            raise _changed(stub, (args, kwargs), left)


def _left_by(stub: StubProxy, args: Any, kwargs: Any) -> Iterator[Arguments | None]:
    """Yield the arguments after a call, and then after each of the first items read from a stream that it returned."""
    answer = stub.answer(*args, **kwargs)
    yield answer.left
    if isinstance(answer.value, Stream):
        yield from (piece.left for piece in itertools.islice(answer.value.answers(), MOST_PIECES))


def _changed(stub: StubProxy, given: Arguments, left: Arguments) -> CheckFailed:
    call, after = rendered_call(stub.name, given), rendered_call(stub.name, _as_passed(left, given))
    slip = changed_input(given, left)
    what = "list" if slip is pitfalls.CHANGED_LIST else "array"
    words = f"your function changed the {what} it was given; work on a copy instead"
    difference = Difference(called=call, got=f"{after}, after the call", wanted=f"{call}, as before", where=words)
    message = f"Called: {call}\n{words[0].upper()}{words[1:]}."
    return CheckFailed(message, difference, slip, FailureKind.CHANGED, changed=_changed_places(given, left))


def _as_passed(left: Any, given: Any) -> Any:
    """Return a call's arguments as the call left them, with the callables and iterators themselves instead of their
    handles."""
    if isinstance(left, values.Handle):
        return given
    if isinstance(left, dict) and isinstance(given, dict):
        return {key: _as_passed(value, given.get(key)) for key, value in left.items()}
    if isinstance(left, list | tuple) and isinstance(given, list | tuple):
        items = itertools.zip_longest(left, given[: len(left)])
        return type(left)(_as_passed(*each) for each in items)
    return left


def _changed_places(given: Arguments, left: Arguments) -> frozenset[int | str]:
    before, after = ({**dict(enumerate(args)), **kwargs} for args, kwargs in (given, left))
    return frozenset(place for place, value in before.items() if was_changed(((value,), {}), ((after[place],), {})))


def was_changed(given: Arguments, left: Arguments) -> bool:
    """Return whether a call changed its arguments. This doesn't compare generators, callables or iterators."""
    return values.encode(_plain_data(left)) != values.encode(_plain_data(given))


def changed_input(given: Arguments, left: Arguments) -> Pitfall:
    """Return the pitfall for the kind of argument that changed: a list or an array."""
    lists = any(_list_changed(one, other) for one, other in zip(_values_of(given), _values_of(left), strict=False))
    return pitfalls.CHANGED_LIST if lists else pitfalls.CHANGED_INPUT


def _list_changed(given: Any, left: Any) -> bool:
    """Return whether the list itself changed, not just an array inside it."""
    if not isinstance(given, list) or not isinstance(left, list):
        return False
    kept = [each for each in zip(given, left, strict=False) if not isinstance(each[0], np.ndarray)]
    return len(given) != len(left) or any(_list_changed(*each) or not same(*map(_plain_data, each)) for each in kept)


def _values_of(arguments: Arguments) -> list[Any]:
    return [*arguments[0], *arguments[1].values()]


def raises(
    stub: StubProxy, *args: Any, error: type[Exception] | tuple[type[Exception], ...] = ValueError, **kwargs: Any
) -> None:
    """Check that a call raises `error`, which may be a tuple of exception types.

    If the call returns an iterator, the error can also come from the first item. Raises CheckFailed if the stub returns
    a value or raises something else, and StubFailure if it times out or its process dies.
    """
    names = [kind.__name__ for kind in (error if isinstance(error, tuple) else (error,))]
    wanted = " or ".join(names)
    try:
        value = stub(*args, **kwargs)
        got = rendered(next(value, None) if isinstance(value, Stream) else value)
    except StubFailure as failure:
        if failure.outcome is not Outcome.ERROR:
            raise
        if any(name in failure.bases for name in names):
            return
        call = rendered_call(stub.name, (args, kwargs))
        difference = Difference(called=call, got=failure.message, wanted=f"{wanted} is raised")
        message = f"Called: {call}\nRaised: {failure.message}\nWanted: {wanted}"
        # If an error happened only because the input wasn't validated, it doesn't count as a pitfall of its own.
        slip = pitfalls.OTHER_ERROR if failure.slip in (None, *pitfalls.OF_INPUT) else failure.slip
        raise CheckFailed(message, difference, slip, FailureKind.RAISED) from failure
    call = rendered_call(stub.name, (args, kwargs))
    raise _failure(call, got, f"{wanted} is raised", kind=FailureKind.RETURNED, slip=pitfalls.NOT_REFUSED)


def repeatable(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """Check that two calls with the same arguments give the same answer, up to float32 rounding.

    Raises CheckFailed if the answers differ, and StubFailure if a call fails.
    """
    first = stub(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    second = stub(*args, **kwargs)
    if not same(first, second):
        call, once, then = rendered_call(stub.name, (args, kwargs)), rendered(first), rendered(second)
        difference = Difference(
            called=f"{call}, twice", got=then, wanted=once, where="the second call gave a different answer"
        )
        message = f"Called: {call}, twice\nFirst:  {once}\nThen:   {then}"
        raise CheckFailed(message, difference, pitfalls.VARIES, FailureKind.VARIES)


def _plain_data(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.asarray(value, order="C")
    lent = isinstance(value, np.random.Generator | values.Handle) or callable(value) or values.is_iterator(value)
    return None if lent else walk(_plain_data, value)


def _failure(
    call: str,
    got: str,
    wanted: str,
    where: str | None = None,
    kind: FailureKind = FailureKind.ANSWER,
    slip: Pitfall | None = None,
) -> CheckFailed:
    """Build a check's failure, with a message in the author's own words."""
    lines = [f"Called: {call}", f"Got:    {got}", f"Wanted: {wanted}", *([f"Where:  {where}"] if where else [])]
    return CheckFailed("\n".join(lines), Difference(called=call, got=got, wanted=wanted, where=where), slip, kind)


def _comparison_failure(
    called: str,
    found: Mismatch,
    compared: Compared,
    answer: Answer | None = None,
    kind: FailureKind = FailureKind.ANSWER,
) -> CheckFailed:
    got, wanted = compared.got, compared.wanted
    where = "\n".join([found.words, *(f"numpy warned: {each}" for each in (answer.warned if answer else ()))])
    parts = Difference(called=called, got=rendered(got), wanted=rendered(wanted), where=where, table=table_of(found))
    message = f"Called: {called}\nGot:    {parts.got}\nWanted: {parts.wanted}\nWhere:  {where}"
    slip = pitfalls.of_answer(got, wanted, answer.printed) if answer and not holds_text(got) else None
    return CheckFailed(message, parts, slip, FailureKind.NOTHING if got is None else kind, compared)
