"""The vocabulary of check authors: compare a stub with its torch reference, explain where they part, name the mistake.

@checks("softmax_with_temperature", kind="hidden")
def test_agrees_with_torch(student, rng):
    '''A temperature flattens or sharpens the distribution as torch does.'''
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, rng.normal(size=(3, 7)), 0.1)
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np

from autograder.grading.diagnosis import same
from autograder.guest import values
from autograder.model import pitfalls
from autograder.model.results import Difference, Kind, Outcome, Slip
from autograder.testing import statistics
from autograder.testing.comparison import RELATIVE, Parting, compare, holds_text, table_of
from autograder.testing.references import reference_answer, walk
from autograder.testing.rendering import rendered, rendered_call
from autograder.testing.student import Arguments, Stream, StubFailure, StubProxy, encoded_once

Test = TypeVar("Test", bound=Callable[..., None])
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """What `@checks` says of a test. `conduct`: purity, repeatability, errors; earns only if a value check passes.

    part: the item of the answer, a tuple, that it looks at, where each may hold a mistake of its own; rounded: by how
    much an answer may be off that a person has rounded.
    """

    stub: str
    kind: Kind
    weight: float
    conduct: bool
    advisory: bool
    part: int | None = None
    rounded: float | None = None


def checks(
    stub: str,
    *,
    kind: Kind = "visible",
    weight: float = 1.0,
    conduct: bool = False,
    advisory: bool = False,
    part: int | None = None,
    rounded: float | None = None,
) -> Callable[[Test], Test]:
    """Make a test one check of `stub`; its docstring is the title students read. An advisory check earns nothing.

    Of an answer that is a tuple, mistakes are named item by item where checks say which `part` they look at; `rounded`
    is by how much the same mistake may be off in an answer that was rounded by hand.
    """

    def decorate(test: Test) -> Test:
        made = Check(stub, kind, weight, conduct, advisory, part, rounded)
        test.__check__ = made  # type: ignore[attr-defined]
        return test

    return decorate


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer to the stub `of`. Of a sampler, `probabilities` are those that it draws with."""

    name: str
    of: str
    hint: str
    function: Callable[..., Any]
    probabilities: Callable[..., Any] | None


@dataclass(frozen=True)
class Alternative:
    """A right answer to the stub `of`, written another way."""

    name: str
    of: str
    function: Callable[..., Any]


def misconception(
    *, of: str, hint: str, probabilities: Callable[..., Any] | None = None
) -> Callable[[Function], Function]:
    """Make a function a known wrong answer to the stub `of`; the hint says what goes wrong and never gives the code.

    A sampler's ids depend on how it uses its rng. So a wrong one states the probabilities (V,) that it draws with, as a
    function of the same arguments, and a student's counts are compared with those.
    """

    def decorate(function: Function) -> Function:
        made = Misconception(function.__name__, of, hint, function, probabilities)
        function.__misconception__ = made  # type: ignore[attr-defined]
        return function

    return decorate


def alternative(*, of: str) -> Callable[[Function], Function]:
    """Make a function a right answer to the stub `of`, which must earn full marks."""

    def decorate(function: Function) -> Function:
        function.__alternative__ = Alternative(function.__name__, of, function)  # type: ignore[attr-defined]
        return function

    return decorate


class CheckFailed(Exception):
    """What a check found wrong, in words a beginner understands: `str()` of it, and part by part the difference."""

    def __init__(self, message: str, difference: Difference | None = None, slip: Slip | None = None) -> None:
        super().__init__(message)
        self.difference = difference
        self.slip = slip


class ForAPerson(Exception):
    """What a check found is for a person to judge; `str()` of it says so to the student. It counts as not graded."""


def agree(
    stub: StubProxy,
    reference: Callable[..., Any],
    *args: Any,
    tail: bool = False,
    rtol: float = RELATIVE,
    atol: float | None = None,
    in_place: bool = False,
    **kwargs: Any,
) -> Any:
    """Call `stub` and `reference` on the same arguments and compare; returns the student's value.

    The reference gets float arrays as float64 tensors, integer arrays as int64 tensors, and everything else as it is.
    `tail` drops the absolute part of the tolerance, for checks of tiny probabilities; `rtol` is its relative part,
    and `atol` takes the absolute one's place where answers are right to so many decimals.
    `in_place`: the stub may return None and change its first argument instead. Raises CheckFailed.
    """
    encoded = encoded_once((args, kwargs))
    wanted = reference_answer(reference, (args, kwargs), encoded)
    answer = stub.answer_to((args, kwargs), encoded)
    got = answer.value
    if in_place and got is None:
        got = (answer.left[0] if answer.left else args)[0]
    if found := compare(got, wanted, tail, rtol, atol):
        slip = None if holds_text(got) else pitfalls.of_answer(got, wanted, answer.printed)
        raise _failed(rendered_call(stub.name, (args, kwargs)), got, wanted, found, slip, answer.warned)
    return got


def agree_values(
    got: Any, want: Any, what: str, tail: bool = False, rtol: float = RELATIVE, atol: float | None = None
) -> None:
    """Compare a value computed from the student's answer with a known one; `what` names it: "the sum of each row"."""
    if found := compare(got, want, tail, rtol, atol):
        raise _failed(f"looked at {what}", got, want, found)


def fails(what: str, got: Any, wanted: str, where: str | None = None) -> NoReturn:
    """Fail in the author's own words: what was looked at, what came, what is wanted and where. Raises CheckFailed."""
    raise _told(f"looked at {what}", rendered(got), wanted, where)


def streams(stub: StubProxy, *args: Any, **kwargs: Any) -> Stream:
    """Call the stub, which must give back an iterator; each `next` of it asks the student's process for one piece."""
    value = stub(*args, **kwargs)
    if not isinstance(value, Stream):
        call, got = rendered_call(stub.name, (args, kwargs)), rendered(value)
        raise _told(call, got, "an iterator", "it is wanted piece by piece")
    return value


def agree_in_distribution(stub: StubProxy, probabilities: Any, *args: Any, draws: int = 20_000, **kwargs: Any) -> None:
    """Draw that often with a Generator of the stub's own in place of the one among the arguments: the ids must be ones
    that can be drawn, and their counts fit the probabilities (V,); see `distribution`. Raises CheckFailed.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    call = f"{rendered_call(stub.name, (args, kwargs))}, {draws:,} times"
    for last in (False, True):
        drawn = _ids(stub.draws(draws, *_with_own_rng(args), **_with_own_rng(kwargs)), call)
        if (token := statistics.impossible(drawn, wanted)) is not None:
            known = 0 <= token < len(wanted)
            where = f"token id {token} came, whose probability is 0" if known else f"there is no token id {token}"
            raise _told(call, f"{token} among the draws", "ids of a positive probability", where)
        found = statistics.most_surprising(drawn, wanted)
        stub.student.statistic = min(found.p_value, stub.student.statistic or 1.0)
        if found.p_value >= statistics.ALPHA:
            return
        if last:
            shares = np.bincount(drawn, minlength=len(wanted)) / draws
            who = "the rarest token ids together" if found.token is None else f"token id {found.token}"
            words = f"{who} came {found.count:,} of {draws:,} times, and about {found.expected:,.0f} are expected"
            wrong = np.arange(len(wanted)) == (shares.argmax() if found.token is None else found.token)
            raise _failed(call, shares, wanted, Parting(words, shares, wanted, wrong))


def independent(stub: StubProxy, probabilities: Any, *args: Any, pairs: int = 4_000, **kwargs: Any) -> None:
    """In the disjoint pairs of successive draws, as many must be equal as in independent ones. Raises CheckFailed."""
    wanted = np.asarray(probabilities, dtype=np.float64)
    call = f"{rendered_call(stub.name, (args, kwargs))}, {2 * pairs:,} times"
    for last in (False, True):
        drawn = _ids(stub.draws(2 * pairs, *_with_own_rng(args), in_order=True, **_with_own_rng(kwargs)), call)
        found = statistics.equal_pairs(drawn, wanted)
        stub.student.statistic = min(found.p_value, stub.student.statistic or 1.0)
        if found.p_value >= statistics.ALPHA:
            return
        if last:
            where = "each draw must be a new one, whatever was drawn before"
            got = f"{found.count:,} of {pairs:,} pairs of successive draws are the same id twice"
            raise _told(call, got, f"about {found.expected:,.0f} of them", where)


def _ids(drawn: list[Any], call: str) -> list[int]:
    for each in drawn:
        if type(each) is not int and (np.ndim(each) or np.asarray(each).dtype.kind not in "iu"):
            raise _told(call, rendered(each), "a token id", "a whole number is wanted")
    return [int(each) for each in drawn]


def _with_own_rng(arguments: Any) -> Any:
    """The arguments with another Generator, seeded by theirs: what a stub does with one is no matter of the check's."""
    if isinstance(arguments, np.random.Generator):
        return np.random.default_rng(int(arguments.integers(2**63)))
    return walk(_with_own_rng, arguments)


def leaves_unchanged(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """The call must leave its arguments as they were, Generators aside: drawing from one is what it is for."""
    left = stub.answer(*args, **kwargs).left
    if left is not None and was_changed((args, kwargs), left):
        call = rendered_call(stub.name, (args, kwargs))
        words = "your function changed the array it was given; work on a copy instead"
        after = rendered_call(stub.name, left)
        difference = Difference(called=call, got=f"{after}, after the call", wanted=f"{call}, as before", where=words)
        raise CheckFailed(f"Called: {call}\n{words[0].upper()}{words[1:]}.", difference, pitfalls.CHANGED_INPUT)


def was_changed(given: Arguments, left: Arguments) -> bool:
    """Whether a call changed its arguments, Generators aside, and what only their owner can change."""
    return values.encode(_still(left)) != values.encode(_still(given))


def raises(
    stub: StubProxy, *args: Any, error: type[Exception] | tuple[type[Exception], ...] = ValueError, **kwargs: Any
) -> None:
    """The call must raise `error` (or one of them); of a stream, it or the first piece."""
    names = [kind.__name__ for kind in (error if isinstance(error, tuple) else (error,))]
    wanted = " or ".join(names)
    call = rendered_call(stub.name, (args, kwargs))
    try:
        value = stub(*args, **kwargs)
        got = rendered(next(value, None) if isinstance(value, Stream) else value)
    except StubFailure as failure:
        if failure.outcome is not Outcome.ERROR:
            raise
        if any(name in failure.bases for name in names):
            return
        difference = Difference(called=call, got=failure.message, wanted=f"{wanted} is raised")
        message = f"Called: {call}\nRaised: {failure.message}\nWanted: {wanted}"
        raise CheckFailed(message, difference, failure.slip) from failure
    raise _told(call, got, f"{wanted} is raised")


def repeatable(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """Two calls with the same arguments must give the same answer."""
    first = stub(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    second = stub(*args, **kwargs)
    if not same(first, second):
        call, once, then = rendered_call(stub.name, (args, kwargs)), rendered(first), rendered(second)
        difference = Difference(
            called=f"{call}, twice", got=then, wanted=once, where="the second call gave another answer than the first"
        )
        raise CheckFailed(f"Called: {call}, twice\nFirst:  {once}\nThen:   {then}", difference)


def _still(value: Any) -> Any:
    lent = isinstance(value, np.random.Generator | values.Handle) or callable(value) or values.is_iterator(value)
    return None if lent else walk(_still, value)


def _told(call: str, got: str, wanted: str, where: str | None = None) -> CheckFailed:
    """What a check found where the words are the author's."""
    lines = [f"Called: {call}", f"Got:    {got}", f"Wanted: {wanted}", *([f"Where:  {where}"] if where else [])]
    return CheckFailed("\n".join(lines), Difference(called=call, got=got, wanted=wanted, where=where))


def _failed(
    called: str, got: Any, wanted: Any, found: Parting, slip: Slip | None = None, warned: Sequence[str] = ()
) -> CheckFailed:
    where = "\n".join([found.words, *(f"numpy warned: {each}" for each in warned)])
    parts = Difference(called=called, got=rendered(got), wanted=rendered(wanted), where=where, table=table_of(found))
    message = f"Called: {called}\nGot:    {parts.got}\nWanted: {parts.wanted}\nWhere:  {where}"
    return CheckFailed(message, parts, slip)
