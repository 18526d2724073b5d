"""What a check asserts: a stub agrees with its torch reference, raises, leaves its arguments alone, and so on.

@checks("softmax_with_temperature", kind="hidden")
def test_agrees_with_torch(student, rng):
    '''A temperature flattens or sharpens the distribution as torch does.'''
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, rng.normal(size=(3, 7)), 0.1)
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from autograder.guest import values
from autograder.model import pitfalls
from autograder.model.results import Difference, Outcome, Pitfall
from autograder.testing import statistics
from autograder.testing.comparison import RELATIVE, Mismatch, compare, fitted, holds_text, same, shapes, table_of
from autograder.testing.exports import Arguments, encoded_once
from autograder.testing.failures import CheckFailed, Compared, FailureKind
from autograder.testing.references import reference_answer, walk
from autograder.testing.rendering import rendered, rendered_call
from autograder.testing.student import Answer, Stream, StubFailure, StubProxy


class NeedsManualGrade(Exception):
    """Raise this if a person has to judge the answer. `str()` tells the student so; the check counts as not graded."""


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
    """Call `stub` and `reference` on the same arguments, compare, and return the student's value.

    The stub gets the arguments as they are, the reference gets float arrays as float64 tensors and integer arrays as
    int64 tensors. They agree where |got - want| <= 1e-5 S + rtol |want|, with S the largest finite |want|, or 1 if
    that's 0. Shapes must be equal. Any float or integer dtype will do for a float; an integer is asked for only if the
    reference gives one.

    tail: drop the absolute term, to check tiny probabilities. rtol: the relative term. atol: use this as the absolute
    term, for answers given to so many decimals. in_place: the stub may also change its first argument and return None.
    apart_from: conventions and edges, each a function of the wanted value. An answer that agrees with what one of them
    gives, or that only has axes of length 1 too many or too few, fails the check, but earns the check's `share`.
    Raises CheckFailed if they differ, and StubFailure if the call gives no value.
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
    if shapes(values) != shapes(got):
        _put_off(stub, _failed(call, found, replace(numbers, got=got), answer, FailureKind.SHAPE))
    if unlike := compare(values, wanted, tail, rtol, atol):
        if not any(compare(values, convention(wanted), tail, rtol, atol) is None for convention in apart_from):
            raise _failed(call, unlike, numbers, answer)
        _put_off(stub, _failed(call, unlike, numbers, answer, FailureKind.CONVENTION))
    return values


def _put_off(stub: StubProxy, failure: CheckFailed) -> None:
    """Let the check go on where somebody collects what is wrong apart from the values."""
    if stub.student.put_off is None:
        raise failure
    stub.student.put_off.append((len(stub.student.calls), failure))


def agree_values(
    got: Any, want: Any, what: str, tail: bool = False, rtol: float = RELATIVE, atol: float | None = None
) -> None:
    """Compare a value computed from the student's answer with a known one, as `agree` does.

    what: names the value, such as "the sum of each row". Raises CheckFailed if they differ.
    """
    if found := compare(got, want, tail, rtol, atol):
        raise _failed(f"looked at {what}", found, Compared(got, want, tail, rtol, atol))


def fails(what: str, got: Any, wanted: str, where: str | None = None) -> NoReturn:
    """Fail in your own words: what was looked at, the value that came back, what's wanted, and where it differs.

    Always raises CheckFailed.
    """
    raise _told(f"looked at {what}", rendered(got), wanted, where)


def streams(stub: StubProxy, *args: Any, **kwargs: Any) -> Stream:
    """Call a stub that must return an iterator; each `next` asks the student's process for one more piece.

    Raises CheckFailed if anything else comes back, and StubFailure if the call fails. So does `next`.
    """
    value = stub(*args, **kwargs)
    if not isinstance(value, Stream):
        call, got = rendered_call(stub.name, (args, kwargs)), rendered(value)
        raise _told(call, got, "an iterator", "the pieces must come one by one")
    return value


def agree_in_distribution(stub: StubProxy, probabilities: Any, *args: Any, draws: int = 3_300, **kwargs: Any) -> None:
    """Call a sampler `draws` times; every id must be possible, and their counts must fit `probabilities` (V,), float.

    One of the arguments is the check's `rng`; the stub gets a Generator of its own in its place. Where the counts are
    surprising it draws twice as many more, and they must be surprising again: a right sampler fails with a probability
    of at most 2e-7, so a check may call this five times. Raises CheckFailed, StubFailure.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    for times, surprising in statistics.STAGES:
        n = times * draws
        call = f"{rendered_call(stub.name, (args, kwargs))}, {n:,} times"
        drawn = _ids(stub.draws(n, *_with_own_rng(args), **_with_own_rng(kwargs)), wanted, call)
        found = statistics.most_surprising(drawn, wanted)
        stub.student.statistic = min(found.p_value, stub.student.statistic or 1.0)
        if found.p_value >= surprising:
            return
    shares = np.bincount(drawn, minlength=len(wanted)) / n
    who = "the rarest token ids together" if found.token is None else f"token id {found.token}"
    words = f"{who} came up {found.count:,} of {n:,} times instead of about {found.expected:,.0f}"
    wrong = np.arange(len(wanted)) == (shares.argmax() if found.token is None else found.token)
    compared = Compared(shares, wanted, False, RELATIVE, None)
    raise _failed(call, Mismatch(words, shares, wanted, wrong), compared, kind=FailureKind.DRAWS)


def independent(stub: StubProxy, probabilities: Any, *args: Any, pairs: int = 200, **kwargs: Any) -> None:
    """Check that a draw doesn't depend on the one before, for a sampler with these `probabilities` (V,), float.

    Of `pairs` disjoint pairs of successive draws, about as many must be equal as if they were independent. The
    Generator, the second look and the error rate are as in `agree_in_distribution`. Raises CheckFailed, StubFailure.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    for times, surprising in statistics.STAGES:
        n = 2 * times * pairs
        call = f"{rendered_call(stub.name, (args, kwargs))}, {n:,} times"
        drawn = _ids(stub.draws(n, *_with_own_rng(args), in_order=True, **_with_own_rng(kwargs)), wanted, call)
        found = statistics.equal_pairs(drawn, wanted)
        stub.student.statistic = min(found.p_value, stub.student.statistic or 1.0)
        if found.p_value >= surprising:
            return
    where = "each draw must be independent of the ones before"
    got = f"{found.count:,} of {n // 2:,} pairs of successive draws are the same id twice"
    raise _told(call, got, f"about {found.expected:,.0f} of them", where, FailureKind.DRAWS)


def _ids(drawn: list[Any], probabilities: statistics.Probabilities, call: str) -> list[int]:
    """The draws as whole numbers, each of which can be drawn."""
    for each in drawn:
        if type(each) is not int and (np.ndim(each) or np.asarray(each).dtype.kind not in "iu"):
            raise _told(call, rendered(each), "a token id", "expected a whole number")
    ids = [int(each) for each in drawn]
    if (token := statistics.impossible(ids, probabilities)) is not None:
        known, told = 0 <= token < len(probabilities), rendered(token)
        where = f"token id {told} came up, but its probability is 0" if known else f"there's no token id {told}"
        raise _told(call, f"{told} among the draws", "ids with a probability above 0", where, FailureKind.DRAWS)
    return ids


def _with_own_rng(arguments: Any) -> Any:
    """The arguments with another Generator, seeded by theirs: what a stub does with it doesn't affect the check's."""
    if isinstance(arguments, np.random.Generator):
        return np.random.default_rng(int(arguments.integers(2**63)))
    return walk(_with_own_rng, arguments)


def leaves_unchanged(stub: StubProxy, *args: Any, in_place: bool = False, **kwargs: Any) -> None:
    """Check that a call doesn't change its arguments. Generators may change: they're there to be drawn from.

    in_place: the stub may change its first argument. Raises CheckFailed if an argument changed that mustn't, and
    StubFailure if the call fails.
    """
    left = stub.answer(*args, **kwargs).left
    if left is not None and in_place:
        left = ((args[0], *left[0][1:]), left[1])
    if left is not None and was_changed((args, kwargs), left):
        call = rendered_call(stub.name, (args, kwargs))
        slip = changed_input((args, kwargs), left)
        what = "list" if slip is pitfalls.CHANGED_LIST else "array"
        words = f"your function changed the {what} it was given; work on a copy instead"
        after = rendered_call(stub.name, left)
        difference = Difference(called=call, got=f"{after}, after the call", wanted=f"{call}, as before", where=words)
        message = f"Called: {call}\n{words[0].upper()}{words[1:]}."
        raise CheckFailed(message, difference, slip, FailureKind.CHANGED)


def was_changed(given: Arguments, left: Arguments) -> bool:
    """Return whether a call changed its arguments; Generators, callables and iterators don't count."""
    return values.encode(_still(left)) != values.encode(_still(given))


def changed_input(given: Arguments, left: Arguments) -> Pitfall:
    """Return the pitfall behind a changed argument, by what was changed: a list, or an array."""
    lists = any(_list_changed(one, other) for one, other in zip(_values_of(given), _values_of(left), strict=False))
    return pitfalls.CHANGED_LIST if lists else pitfalls.CHANGED_INPUT


def _list_changed(given: Any, left: Any) -> bool:
    """Whether a list itself is another now, not only an array that it holds."""
    if not isinstance(given, list) or not isinstance(left, list):
        return False
    kept = [each for each in zip(given, left, strict=False) if not isinstance(each[0], np.ndarray)]
    return len(given) != len(left) or any(_list_changed(*each) or not same(*map(_still, each)) for each in kept)


def _values_of(arguments: Arguments) -> list[Any]:
    return [*arguments[0], *arguments[1].values()]


def raises(
    stub: StubProxy, *args: Any, error: type[Exception] | tuple[type[Exception], ...] = ValueError, **kwargs: Any
) -> None:
    """Check that a call raises `error`, or one of several. If it returns an iterator, its first piece may raise.

    Raises CheckFailed if it returns or raises something else, and StubFailure if it times out or its process dies.
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
        # What goes wrong with bad input that nobody tested is no slip of its own.
        slip = pitfalls.OTHER_ERROR if failure.slip in (None, *pitfalls.OF_INPUT) else failure.slip
        raise CheckFailed(message, difference, slip, FailureKind.RAISED) from failure
    call = rendered_call(stub.name, (args, kwargs))
    raise _told(call, got, f"{wanted} is raised", kind=FailureKind.RETURNED, slip=pitfalls.NOT_REFUSED)


def repeatable(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """Check that two calls with the same arguments give the same answer, to within float32 arithmetic.

    Raises CheckFailed if they don't, and StubFailure if a call fails.
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


def _still(value: Any) -> Any:
    lent = isinstance(value, np.random.Generator | values.Handle) or callable(value) or values.is_iterator(value)
    return None if lent else walk(_still, value)


def _told(
    call: str,
    got: str,
    wanted: str,
    where: str | None = None,
    kind: FailureKind = FailureKind.ANSWER,
    slip: Pitfall | None = None,
) -> CheckFailed:
    """What a check found where the words are the author's."""
    lines = [f"Called: {call}", f"Got:    {got}", f"Wanted: {wanted}", *([f"Where:  {where}"] if where else [])]
    return CheckFailed("\n".join(lines), Difference(called=call, got=got, wanted=wanted, where=where), slip, kind)


def _failed(
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
