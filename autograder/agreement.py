"""The vocabulary of check authors: compare a stub with its torch reference, explain where they part, name the mistake.

@checks("softmax_with_temperature", kind="hidden")
def test_agrees_with_torch(student, rng):
    '''A temperature flattens or sharpens the distribution as torch does.'''
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, rng.normal(size=(3, 7)), 0.1)
"""

import copy
import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch

from autograder import slips, wire
from autograder.outcome import Difference, Kind, Outcome, Slip, Table
from autograder.student import Answer, Arguments, Call, StubFailure, StubProxy

# |got - want| <= ABSOLUTE * S + RELATIVE * |want|, S the largest finite |want|, or 1 where all of them are zero.
ABSOLUTE = 1e-5
RELATIVE = 1e-4
# Two answers are the same mistake where they differ by no more than float32 arithmetic does.
SAME_MISTAKE = 1e-5
# Of an array, as many rows and columns are shown side by side with the wanted ones.
MAX_SIDE = 10
# A message's labels, "Wanted: ", are this wide, and what stands beside them is this wide at most.
LABEL, LINE, INDENT = 8, 66, 4
MAX_RENDERED = 1_200

Test = TypeVar("Test", bound=Callable[..., None])
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """What `@checks` says of a test. `conduct`: purity, repeatability, errors; earns only if a value check passes."""

    stub: str
    kind: Kind
    weight: float
    conduct: bool
    advisory: bool


def checks(
    stub: str, *, kind: Kind = "visible", weight: float = 1.0, conduct: bool = False, advisory: bool = False
) -> Callable[[Test], Test]:
    """Make a test one check of `stub`; its docstring is the title students read. An advisory check earns nothing."""

    def decorate(test: Test) -> Test:
        test.__check__ = Check(stub, kind, weight, conduct, advisory)  # type: ignore[attr-defined]
        return test

    return decorate


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer to the stub `of`."""

    name: str
    of: str
    hint: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Alternative:
    """A right answer to the stub `of`, written another way."""

    name: str
    of: str
    function: Callable[..., Any]


def misconception(*, of: str, hint: str) -> Callable[[Function], Function]:
    """Make a function a known wrong answer to the stub `of`; the hint says what goes wrong and never gives the code."""

    def decorate(function: Function) -> Function:
        function.__misconception__ = Misconception(function.__name__, of, hint, function)  # type: ignore[attr-defined]
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


def agree(stub: StubProxy, reference: Callable[..., Any], *args: Any, tail: bool = False, **kwargs: Any) -> Any:
    """Call `stub` and `reference` on the same arguments and compare; returns the student's value.

    The reference gets float arrays as float64 tensors, integer arrays as int64 tensors, and everything else as it is.
    `tail` drops the absolute part of the tolerance, for checks of tiny probabilities. Raises CheckFailed.
    """
    wanted = _reference_value(reference, (args, kwargs))
    answer = stub.answer(*args, **kwargs)
    if found := _compare(answer.value, wanted, tail):
        slip = None if _holds_text(answer.value) else slips.of_answer(answer.value, wanted, answer.printed)
        raise _failed(rendered_call(stub.name, (args, kwargs)), answer.value, wanted, found, slip, answer.warned)
    return answer.value


def agree_values(got: Any, want: Any, what: str, tail: bool = False) -> None:
    """Compare a value computed from the student's answer with a known one; `what` names it: "the sum of each row"."""
    if found := _compare(got, want, tail):
        raise _failed(f"looked at {what}", got, want, found)


def leaves_unchanged(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """The call must leave its arguments as they were, Generators aside: drawing from one is what it is for."""
    left = stub.answer(*args, **kwargs).left
    if left is not None and was_changed((args, kwargs), left):
        call = rendered_call(stub.name, (args, kwargs))
        words = "your function changed the array it was given; work on a copy instead"
        after = rendered_call(stub.name, left)
        difference = Difference(called=call, got=f"{after}, after the call", wanted=f"{call}, as before", where=words)
        raise CheckFailed(f"Called: {call}\n{words[0].upper()}{words[1:]}.", difference, slips.CHANGED_INPUT)


def was_changed(given: Arguments, left: Arguments) -> bool:
    """Whether a call changed its arguments, Generators aside."""
    return wire.encode(_still(left)) != wire.encode(_still(given))


def raises(
    stub: StubProxy, *args: Any, error: type[Exception] | tuple[type[Exception], ...] = ValueError, **kwargs: Any
) -> None:
    """The call must raise `error` (or one of them)."""
    names = [kind.__name__ for kind in (error if isinstance(error, tuple) else (error,))]
    wanted = " or ".join(names)
    call = rendered_call(stub.name, (args, kwargs))
    try:
        got = _rendered(stub(*args, **kwargs))
    except StubFailure as failure:
        if failure.outcome is not Outcome.ERROR:
            raise
        if any(name in failure.bases for name in names):
            return
        difference = Difference(called=call, got=failure.message, wanted=f"{wanted} is raised")
        message = f"Called: {call}\nRaised: {failure.message}\nWanted: {wanted}"
        raise CheckFailed(message, difference, failure.slip) from failure
    difference = Difference(called=call, got=got, wanted=f"{wanted} is raised")
    raise CheckFailed(f"Called: {call}\nGot:    {got}\nWanted: {wanted} is raised", difference)


def repeatable(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """Two calls with the same arguments must give the same answer."""
    first, second = stub(*args, **kwargs), stub(*args, **kwargs)
    if not _same(first, second):
        call, once, then = rendered_call(stub.name, (args, kwargs)), _rendered(first), _rendered(second)
        difference = Difference(
            called=f"{call}, twice", got=then, wanted=once, where="the second call gave another answer than the first"
        )
        raise CheckFailed(f"Called: {call}, twice\nFirst:  {once}\nThen:   {then}", difference)


@dataclass(frozen=True)
class _Parting:
    """Where an answer first parts from the wanted one: in words, and both arrays where their entries were compared."""

    words: str
    got: np.ndarray[Any, Any] | None = None
    wanted: np.ndarray[Any, Any] | None = None
    wrong: np.ndarray[Any, Any] | None = None

    def within(self, what: str) -> "_Parting":
        return replace(self, words=f"{what}: {self.words}")


def _compare(got: Any, want: Any, tail: bool) -> _Parting | None:
    """Where `got` first parts from `want`; None where they agree by the tolerance rule."""
    if want is None or isinstance(want, str | bytes):
        return None if type(got) is type(want) and got == want else _Parting("it is another value")
    if isinstance(got, wire.Opaque):
        return _Parting(f"{_a(got.type_name)} came back, which is neither a number nor an array")
    if got is None:
        return _Parting("nothing came back (None)")
    if isinstance(want, dict):
        return _compare_dicts(got, want, tail)
    if isinstance(want, list | tuple):
        return _compare_sequences(got, want, tail)
    return _compare_arrays(got, np.asarray(want), tail)


def _compare_dicts(got: Any, want: dict[Any, Any], tail: bool) -> _Parting | None:
    if not isinstance(got, dict):
        return _Parting(f"a dict is wanted, and {_a(type(got).__name__)} came back")
    if missing := [key for key in want if key not in got]:
        return _Parting(f"the key {missing[0]!r} is missing")
    if more := [key for key in got if key not in want]:
        return _Parting(f"the key {_rendered(more[0])} is one too many")
    for key, value in want.items():
        if found := _compare(got[key], value, tail):
            return found.within(f"under {key!r}")
    return None


def _compare_sequences(got: Any, want: Sequence[Any], tail: bool) -> _Parting | None:
    if not isinstance(got, list | tuple | np.ndarray) or (isinstance(got, np.ndarray) and got.ndim == 0):
        return _Parting(f"{len(want)} values are wanted, and one {type(got).__name__} came back")
    if len(got) != len(want):
        return _Parting(f"{len(want)} values are wanted, and {len(got)} came back")
    for place, (one, other) in enumerate(zip(got, want, strict=True)):
        if found := _compare(one, other, tail):
            return found.within(f"value {place}")
    return None


def _compare_arrays(got: Any, want: np.ndarray[Any, Any], tail: bool) -> _Parting | None:
    if isinstance(got, dict | str | bytes | np.random.Generator):
        return _Parting(f"numbers are wanted, and a {type(got).__name__} came back")
    if _holds_text(got):
        return _Parting("numbers are wanted, and text is among what came back")
    try:
        found = np.asarray(got)
    except ValueError:
        return _Parting("its rows have different lengths")
    if found.size and (words := _kind_difference(found.dtype, want.dtype)):
        return _Parting(words)
    if found.shape != want.shape:
        if want.ndim == 0:
            return _Parting(f"one number is wanted, and an array of shape {found.shape} came back")
        return _Parting(f"the shape is {found.shape}, and {want.shape} is wanted")
    if want.size == 0:
        return None
    if want.dtype.kind in "biu":
        wrong = found != want
    else:
        wrong = ~_close(found.astype(np.float64), want.astype(np.float64), tail)
    if not wrong.any():
        return None
    place = _first(wrong)
    words = f"got {_number(found[place])}, wanted {_number(want[place])}"
    if place:
        where = f"[{', '.join(map(str, place))}]"
        words = f"first at {where}: {words} ({int(wrong.sum())} of {want.size} entries differ)"
    return _Parting(words, found, want, wrong)


def _first(wrong: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(int(index) for index in np.argwhere(wrong)[0])


def _kind_difference(got: np.dtype[Any], want: np.dtype[Any]) -> str | None:
    kinds = {"b": ("b", "True or False"), "i": ("iu", "whole numbers (an integer dtype)"), "f": ("fiu", "numbers")}
    accepted, words = kinds["i" if want.kind == "u" else want.kind]
    came = "values of another kind" if got.kind == "O" else f"dtype {got}"
    return None if got.kind in accepted else f"{words} are wanted, and {came} came back"


def _close(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any], tail: bool) -> np.ndarray[Any, np.dtype[np.bool_]]:
    finite = np.isfinite(want)
    scale = 0.0 if tail else float(np.abs(want[finite]).max(initial=0.0)) or 1.0
    with np.errstate(all="ignore"):
        near = np.abs(got - want) <= ABSOLUTE * scale + RELATIVE * np.abs(want)
    same: np.ndarray[Any, np.dtype[np.bool_]] = np.where(
        finite, near & np.isfinite(got), (got == want) | (np.isnan(got) & np.isnan(want))
    )
    return same


def _number(value: Any, digits: int = 6) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float | np.floating) else str(value)


# --- the reference


def to_torch(value: Any) -> Any:
    """Float arrays as float64 tensors, integer arrays as int64, containers walked, all else as it is."""
    if isinstance(value, np.ndarray):
        kinds = {"f": torch.float64, "i": torch.int64, "u": torch.int64}
        return torch.as_tensor(value, dtype=kinds.get(value.dtype.kind))
    if isinstance(value, np.generic):
        return value.item()
    return _walk(to_torch, value)


def from_torch(value: Any) -> Any:
    """Tensors as numpy arrays, containers walked, all else as it is."""
    return value.detach().numpy() if isinstance(value, torch.Tensor) else _walk(from_torch, value)


def _still(value: Any) -> Any:
    return None if isinstance(value, np.random.Generator) else _walk(_still, value)


def _walk(convert: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(convert(item) for item in value)
    if isinstance(value, dict):
        return {key: convert(item) for key, item in value.items()}
    return value


def call_reference(reference: Callable[..., Any], arguments: Arguments) -> Any:
    """The reference's answer to numpy arguments, as numpy."""
    args, kwargs = copy.deepcopy(arguments)
    return from_torch(reference(*to_torch(args), **to_torch(kwargs)))


def _reference_value(reference: Callable[..., Any], arguments: Arguments) -> Any:
    return _cached_reference_value(reference, wire.encode(arguments))


@functools.lru_cache(maxsize=4096)
def _cached_reference_value(reference: Callable[..., Any], encoded: bytes) -> Any:
    args, kwargs = wire.decode(encoded)
    return call_reference(reference, (args, kwargs))


# --- explaining


def _failed(
    called: str, got: Any, wanted: Any, found: _Parting, slip: Slip | None = None, warned: Sequence[str] = ()
) -> CheckFailed:
    where = "\n".join([found.words, *(f"numpy warned: {each}" for each in warned)])
    parts = Difference(called=called, got=_rendered(got), wanted=_rendered(wanted), where=where, table=_table(found))
    message = f"Called: {called}\nGot:    {parts.got}\nWanted: {parts.wanted}\nWhere:  {where}"
    return CheckFailed(message, parts, slip)


def _table(found: _Parting) -> Table | None:
    """The part of both arrays around their first difference; None where there are no arrays, or single numbers."""
    if found.got is None or found.wanted is None or found.wrong is None or not found.got.ndim:
        return None
    first = _first(found.wrong)
    start = first[:-2] + tuple(
        max(0, min(place - MAX_SIDE // 2, side - MAX_SIDE))
        for place, side in zip(first[-2:], found.got.shape[-2:], strict=True)
    )
    part = first[:-2] + tuple(slice(begin, begin + MAX_SIDE) for begin in start[-2:])
    got, wanted, wrong = (np.atleast_2d(whole[part]) for whole in (found.got, found.wanted, found.wrong))
    digits = _digits(found.got[first], found.wanted[first])
    row = first[-2] - start[-2] if len(first) > 1 else 0
    return Table(
        shape=found.got.shape,
        differing=int(found.wrong.sum()),
        start=start,
        first=(row, first[-1] - start[-1]),
        got=[[_number(each, digits) for each in line] for line in got],
        wanted=[[_number(each, digits) for each in line] for line in wanted],
        differs=wrong.tolist(),
    )


def _digits(one: Any, other: Any) -> int:
    """The fewest digits, at least 4, in which two numbers are not the same."""
    return next((digits for digits in range(4, 16) if _number(one, digits) != _number(other, digits)), 16)


def rendered_call(name: str, arguments: Arguments) -> str:
    """A call as one would write it: on one line, or one for each argument, aligned under what a label is for."""
    args, kwargs = arguments
    parts = [("", value) for value in args] + [(f"{key}=", value) for key, value in kwargs.items()]
    line = f"{name}({', '.join(key + _rendered(value) for key, value in parts)})"
    if "\n" not in line and len(line) <= LINE:
        return line
    begin = "\n" + " " * (LABEL + INDENT)
    return f"{name}({begin}{f',{begin}'.join(key + _rendered(value, INDENT + len(key)) for key, value in parts)})"


def _rendered(value: Any, column: int = 0, depth: int = 0) -> str:
    """A value on a few lines, each beginning that many characters after a label; little work, however large it is."""
    options = np.printoptions(precision=6, threshold=24, edgeitems=3, linewidth=LABEL + LINE, floatmode="maxprec")
    with options:
        if isinstance(value, wire.Opaque):
            text = _a(value.type_name)
        elif isinstance(value, np.ndarray):
            if value.ndim == 0:
                text = _number(value[()], 8)
            elif value.size == 0 or value.ndim > 3:
                text = f"array of shape {value.shape}"
            else:
                prefix = " " * (LABEL + column) + "array("
                text = f"array({np.array2string(value, separator=', ', prefix=prefix)})"
        elif isinstance(value, np.random.Generator):
            text = "rng"
        elif isinstance(value, np.generic):
            text = f"{_number(value)}"
        elif isinstance(value, float):
            text = f"{value:.8g}"
        elif isinstance(value, tuple | list | dict):
            brackets = "{}" if isinstance(value, dict) else "()" if isinstance(value, tuple) else "[]"
            text = f"{brackets[0]}{', '.join(_rendered_items(value, depth))}{brackets[1]}"
        elif isinstance(value, int) and not -(10**100) < value < 10**100:
            text = "a whole number of more than 100 digits"
        else:
            text = repr(value)
    return text if len(text) <= MAX_RENDERED else text[:MAX_RENDERED] + "…"


def _a(name: str) -> str:
    return f"{'an' if name.startswith(tuple('aeiou')) else 'a'} {name}"


def _rendered_items(container: Sequence[Any] | dict[Any, Any], depth: int) -> list[str]:
    if depth == 3 and container:
        return ["…"]
    some = list(itertools.islice(container, 8))
    if isinstance(container, dict):
        items = [f"{_rendered(key, depth=depth + 1)}: {_rendered(container[key], depth=depth + 1)}" for key in some]
    else:
        items = [_rendered(item, depth=depth + 1) for item in some]
    return items + ["…"] * (len(container) > 8)


# --- diagnosing


def same_mistake(student: Sequence[Call], suspect: Sequence[Call]) -> bool:
    """Whether a misconception gave the student's very answers in a check, exceptions and changed arguments included."""
    return len(student) == len(suspect) and all(
        _same_call(one, other) for one, other in zip(student, suspect, strict=True)
    )


def tells(calls: Sequence[Call]) -> bool:
    """Whether a failed check's last answer can name a mistake: a bare exception or an all-NaN value cannot."""
    if not calls or isinstance(calls[-1].answer, StubFailure):
        return False
    if calls[-1].answer.left is not None:
        return True
    try:
        value = np.asarray(calls[-1].answer.value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return True
    return value.size == 0 or not bool(np.isnan(value).all())


def _same_call(one: Call, other: Call) -> bool:
    if isinstance(one.answer, Answer) and isinstance(other.answer, Answer):
        return _same(one.answer.value, other.answer.value) and _same(one.answer.left, other.answer.left)
    if isinstance(one.answer, StubFailure) and isinstance(other.answer, StubFailure):
        return one.answer.exception == other.answer.exception
    return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if _numeric(one) and _numeric(other):
        a, b = np.asarray(one), np.asarray(other)
        if a.shape != b.shape or (a.dtype.kind in "iu") != (b.dtype.kind in "iu"):
            return False
        if a.dtype.kind in "iu":
            return bool((a == b).all())
        scale = float(np.abs(b[np.isfinite(b)]).max(initial=0.0))
        return bool(np.allclose(a, b, rtol=SAME_MISTAKE, atol=SAME_MISTAKE * 1e-2 * scale, equal_nan=True))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        return True
    return type(one) is type(other) and not _numeric(one) and bool(one == other)


def _numeric(value: Any) -> bool:
    if isinstance(value, np.ndarray | np.generic | int | float):
        return np.asarray(value).dtype.kind in "biufc"
    if isinstance(value, list) and value and not _holds_text(value):
        try:
            return np.asarray(value).dtype.kind in "biufc"
        except ValueError:
            return False
    return False


def _holds_text(value: Any) -> bool:
    """Whether text is among nested values: an array would give each of them the room of the longest text."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str | bytes):
            return True
        if isinstance(each, list | tuple):
            waiting.extend(each)
    return False
