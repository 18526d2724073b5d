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
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

from autograder import wire
from autograder.outcome import Kind, Outcome
from autograder.student import Answer, Arguments, Call, StubFailure, StubProxy

# |got - want| <= ABSOLUTE * S + RELATIVE * |want|, S the largest finite |want|, or 1 where all of them are zero.
ABSOLUTE = 1e-5
RELATIVE = 1e-4
# Two answers are the same mistake where they differ by no more than float32 arithmetic does.
SAME_MISTAKE = 1e-5

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
    """What a check found wrong, in words a beginner understands; `str()` of it is the whole message."""


def agree(stub: StubProxy, reference: Callable[..., Any], *args: Any, tail: bool = False, **kwargs: Any) -> Any:
    """Call `stub` and `reference` on the same arguments and compare; returns the student's value.

    The reference gets float arrays as float64 tensors, integer arrays as int64 tensors, and everything else as it is.
    `tail` drops the absolute part of the tolerance, for checks of tiny probabilities. Raises CheckFailed.
    """
    wanted = _reference_value(reference, (args, kwargs))
    got = stub(*args, **kwargs)
    if found := difference(got, wanted, tail=tail):
        raise CheckFailed(_explain(_rendered_call(stub.name, (args, kwargs)), got, wanted, found))
    return got


def agree_values(got: Any, want: Any, what: str, tail: bool = False) -> None:
    """Compare a value computed from the student's answer with a known one; `what` names it: "the sum of each row"."""
    if found := difference(got, want, tail=tail):
        raise CheckFailed(_explain(f"looked at {what}", got, want, found))


def leaves_unchanged(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """The call must leave its arguments as they were, Generators aside: drawing from one is what it is for."""
    left = stub.answer(*args, **kwargs).left
    if left is not None and wire.encode(_still(left)) != wire.encode(_still((args, kwargs))):
        call = _rendered_call(stub.name, (args, kwargs))
        raise CheckFailed(f"Called: {call}\nYour function changed the array it was given; work on a copy instead.")


def raises(
    stub: StubProxy, *args: Any, error: type[Exception] | tuple[type[Exception], ...] = ValueError, **kwargs: Any
) -> None:
    """The call must raise `error` (or one of them)."""
    wanted = [kind.__name__ for kind in (error if isinstance(error, tuple) else (error,))]
    call = _rendered_call(stub.name, (args, kwargs))
    try:
        got = stub(*args, **kwargs)
    except StubFailure as failure:
        if failure.outcome is not Outcome.ERROR:
            raise
        if any(name in failure.bases for name in wanted):
            return
        raise CheckFailed(f"Called: {call}\nRaised: {failure.message}\nWanted: {' or '.join(wanted)}") from failure
    raise CheckFailed(f"Called: {call}\nGot:    {_rendered(got)}\nWanted: {' or '.join(wanted)} is raised")


def repeatable(stub: StubProxy, *args: Any, **kwargs: Any) -> None:
    """Two calls with the same arguments must give the same answer."""
    first, second = stub(*args, **kwargs), stub(*args, **kwargs)
    if not _same(first, second):
        call = _rendered_call(stub.name, (args, kwargs))
        raise CheckFailed(f"Called: {call}, twice\nFirst:  {_rendered(first)}\nThen:   {_rendered(second)}")


def difference(got: Any, want: Any, tail: bool = False) -> str | None:
    """Where `got` first parts from `want`, in words; None where they agree by the tolerance rule."""
    if want is None or isinstance(want, str | bytes):
        return None if type(got) is type(want) and got == want else "it is another value"
    if isinstance(got, wire.Opaque):
        return f"a {got.type_name} came back, which is neither a number nor an array"
    if got is None:
        return "nothing came back (None); is there a return at the end of your function?"
    if isinstance(want, dict):
        return _dict_difference(got, want, tail)
    if isinstance(want, list | tuple):
        return _sequence_difference(got, want, tail)
    return _array_difference(got, np.asarray(want), tail)


def _dict_difference(got: Any, want: dict[Any, Any], tail: bool) -> str | None:
    if not isinstance(got, dict):
        return f"a dict is wanted, and a {type(got).__name__} came back"
    if missing := [key for key in want if key not in got]:
        return f"the key {missing[0]!r} is missing"
    if more := [key for key in got if key not in want]:
        return f"the key {_rendered(more[0])} is one too many"
    for key, value in want.items():
        if found := difference(got[key], value, tail):
            return f"under {key!r}: {found}"
    return None


def _sequence_difference(got: Any, want: Sequence[Any], tail: bool) -> str | None:
    if not isinstance(got, list | tuple | np.ndarray) or (isinstance(got, np.ndarray) and got.ndim == 0):
        return f"{len(want)} values are wanted, and one {type(got).__name__} came back"
    if len(got) != len(want):
        return f"{len(want)} values are wanted, and {len(got)} came back"
    for place, (one, other) in enumerate(zip(got, want, strict=True)):
        if found := difference(one, other, tail):
            return f"value {place}: {found}"
    return None


def _array_difference(got: Any, want: np.ndarray[Any, Any], tail: bool) -> str | None:
    if isinstance(got, dict | str | bytes | np.random.Generator):
        return f"numbers are wanted, and a {type(got).__name__} came back"
    if _holds_text(got):
        return "numbers are wanted, and text is among what came back"
    try:
        found = np.asarray(got)
    except ValueError:
        return "its rows have different lengths"
    if found.size and (words := _kind_difference(found.dtype, want.dtype)):
        return words
    if found.shape != want.shape:
        if want.ndim == 0:
            return f"one number is wanted, and an array of shape {found.shape} came back"
        return f"the shape is {found.shape}, and {want.shape} is wanted"
    if want.size == 0:
        return None
    if want.dtype.kind in "biu":
        wrong = found != want
    else:
        wrong = ~_close(found.astype(np.float64), want.astype(np.float64), tail)
    if not wrong.any():
        return None
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    values = f"got {_number(found[place])}, wanted {_number(want[place])}"
    if not place:
        return values
    where = f"[{', '.join(map(str, place))}]"
    return f"first at {where}: {values} ({int(wrong.sum())} of {want.size} entries differ)"


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


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


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


def _explain(called: str, got: Any, wanted: Any, found: str) -> str:
    return f"Called: {called}\nGot:    {_rendered(got)}\nWanted: {_rendered(wanted)}\nWhere:  {found}"


def _rendered_call(name: str, arguments: Arguments) -> str:
    args, kwargs = arguments
    parts = [_rendered(value) for value in args] + [f"{key}={_rendered(value)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(parts)})"


def _rendered(value: Any, depth: int = 0) -> str:
    """A value on a few lines, aligned under the eight characters of its label; little work, however large it is."""
    with np.printoptions(precision=6, threshold=24, edgeitems=3, linewidth=88, floatmode="maxprec"):
        if isinstance(value, wire.Opaque):
            text = f"a {value.type_name}"
        elif isinstance(value, np.ndarray):
            if value.size == 0 or value.ndim > 3:
                text = f"array of shape {value.shape}"
            else:
                text = f"array({np.array2string(value, separator=', ', prefix=' ' * 14)})"
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
    return text if len(text) <= 600 else text[:600] + "…"


def _rendered_items(container: Sequence[Any] | dict[Any, Any], depth: int) -> list[str]:
    if depth == 3 and container:
        return ["…"]
    some = list(itertools.islice(container, 8))
    if isinstance(container, dict):
        items = [f"{_rendered(key, depth + 1)}: {_rendered(container[key], depth + 1)}" for key in some]
    else:
        items = [_rendered(item, depth + 1) for item in some]
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
    if isinstance(value, np.ndarray | np.generic | int | float | complex):
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
