"""Compare two values and find where they first differ: an answer and the expected value, or two answers."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.guest import values as wire
from autograder.model.amounts import amount
from autograder.model.results import Table
from autograder.testing.rendering import a, number, rendered, somebody_reads
from autograder.testing.student import Source

# See `compare`.
ABSOLUTE = 1e-5
RELATIVE = 1e-4
# The largest relative difference that float32 arithmetic can cause between two correct answers.
FLOAT32 = 1e-5
# The maximum number of an array's rows and columns to show next to the expected ones.
MAX_SIDE = 10
# For each kind of dtype that a reference returns: the kinds that an answer may have, and what to call them. A check
# that compares an answer with another one may expect other kinds, and nothing agrees with those.
_KINDS = {"b": ("b", "True or False"), "i": ("iu", "whole numbers (an integer dtype)"), "f": ("fiu", "numbers")}


@dataclass(frozen=True)
class Tolerance:
    """The rule |got - want| <= absolute + relative * |want|."""

    absolute: float
    relative: float


@dataclass(frozen=True)
class Mismatch:
    """Where an answer first differs from the expected one.

    words: the difference in words. got, wanted, wrong: if the values were compared entry by entry, both arrays and a
    boolean mask of the entries that differ, all with the same shape.
    """

    words: str
    got: np.ndarray[Any, Any] | None = None
    wanted: np.ndarray[Any, Any] | None = None
    wrong: np.ndarray[Any, Any] | None = None

    def within(self, what: str) -> "Mismatch":
        return replace(self, words=f"{what}: {self.words}")


def compare(
    got: Any, want: Any, tail: bool = False, rtol: float = RELATIVE, atol: float | None = None
) -> Mismatch | None:
    """Return where `got` first differs from `want`, or None if they agree.

    They agree if |got - want| <= 1e-5 S + rtol |want|, where S is the largest finite |want| in the whole value, or 1
    if that's 0. `tail` drops the absolute term, and `atol` replaces it.
    """
    return _compare(got, want, tolerance_for(want, tail, rtol, atol))


def tolerance_for(want: Any, tail: bool = False, rtol: float = RELATIVE, atol: float | None = None) -> Tolerance:
    """Return the tolerance that `compare` uses for this expected value."""
    scale = 0.0 if tail else (scale_of(want) or 1.0)
    return Tolerance(ABSOLUTE * scale if atol is None else atol, rtol)


def scale_of(value: Any) -> float:
    """Return the largest finite |value| among the floats in a nested value, or 0 if there are none."""
    return max((_scale(each) for each in leaves(value)), default=0.0)


def fitted(got: Any, want: Any) -> Any:
    """Return `got` with each array reshaped to the expected shape, if the shapes differ only in axes of length 1."""
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return {key: fitted(got[key], want[key]) for key in want}
    if isinstance(want, list | tuple) and isinstance(got, list | tuple) and len(got) == len(want):
        return type(want)(fitted(one, other) for one, other in zip(got, want, strict=True))
    if not is_numeric(got) or not is_numeric(want) or np.shape(got) == np.shape(want):
        return got
    squeezed = np.squeeze(np.asarray(got))
    return squeezed.reshape(np.shape(want)) if squeezed.shape == np.squeeze(np.asarray(want)).shape else got


def same_shapes(one: Any, other: Any) -> bool:
    """Return whether two nested values hold arrays and numbers of the same shapes in the same order.

    Stops at the first difference, so this takes no longer than it takes to go through the smaller one.
    """
    return all(a == b for a, b in itertools.zip_longest(_shapes(one), _shapes(other), fillvalue="the end"))


def _shapes(value: Any) -> Iterator[tuple[int, ...] | None]:
    return (np.shape(each) if is_numeric(each) else None for each in leaves(value))


def leaves(value: Any) -> Iterator[Any]:
    """Yield the values in nested dicts, lists and tuples. If the value is anything else, yield it as is."""
    if isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


def _scale(want: Any) -> float:
    values = np.asarray(want)
    if values.dtype.kind != "f":
        return 0.0
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def _compare(got: Any, want: Any, tolerance: Tolerance) -> Mismatch | None:
    huge = isinstance(want, int) and abs(want) >= 2**64  # an array can only hold it as an object
    if want is None or huge or isinstance(want, str | bytes):
        return None if type(got) is type(want) and got == want else Mismatch("a different value")
    if isinstance(got, wire.Opaque | wire.Handle):
        came = got.type_name if isinstance(got, wire.Opaque) else got.kind
        return Mismatch(f"got {a(came)}, which is neither a number nor an array")
    if got is None:
        return Mismatch("got nothing (None)")
    if wire.is_iterator(got):
        return Mismatch("got an iterator, such as a generator, which is neither a number nor an array")
    if isinstance(want, dict):
        return _compare_dicts(got, want, tolerance)
    if isinstance(want, list | tuple):
        return _compare_sequences(got, want, tolerance)
    return _compare_arrays(got, np.asarray(want), tolerance)


def _compare_dicts(got: Any, want: dict[Any, Any], tolerance: Tolerance) -> Mismatch | None:
    if not isinstance(got, dict):
        return Mismatch(f"expected a dict, got {a(type(got).__name__)}")
    if missing := [key for key in want if key not in got]:
        return Mismatch(f"the key {rendered(missing[0])} is missing")
    if more := [key for key in got if key not in want]:
        return Mismatch(f"the key {rendered(more[0])} shouldn't be there")
    for key, value in want.items():
        if found := _compare(got[key], value, tolerance):
            return found.within(f"under {rendered(key)}")
    return None


def _compare_sequences(got: Any, want: Sequence[Any], tolerance: Tolerance) -> Mismatch | None:
    if not isinstance(got, list | tuple | np.ndarray) or (isinstance(got, np.ndarray) and got.ndim == 0):
        return Mismatch(f"expected {amount(len(want), 'value')}, got one {type(got).__name__}")
    if len(got) != len(want):
        return Mismatch(f"expected {amount(len(want), 'value')}, got {len(got)}")
    if want and all(map(_is_float, want)):
        return _compare_arrays(got, np.asarray(want), tolerance)
    for place, (one, other) in enumerate(zip(got, want, strict=True)):
        if found := _compare(one, other, tolerance):
            return found.within(f"value {place}")
    return None


def _is_float(value: Any) -> bool:
    return (
        isinstance(value, float | np.floating | np.ndarray)
        and np.ndim(value) == 0
        and np.asarray(value).dtype.kind == "f"
    )


def _compare_arrays(got: Any, want: np.ndarray[Any, Any], tolerance: Tolerance) -> Mismatch | None:
    if isinstance(got, dict | str | bytes | np.random.Generator):
        return Mismatch(f"expected numbers, got {a(type(got).__name__)}")
    if holds_text(got):
        return Mismatch("expected numbers, but some of the values are text")
    try:
        found = np.asarray(got)
    except ValueError:
        return Mismatch("its rows have different lengths")
    if found.size and (words := _kind_difference(found.dtype, want.dtype)):
        return Mismatch(words)
    if found.shape != want.shape:
        if want.ndim == 0:
            return Mismatch(f"expected one number, got an array of shape {found.shape}")
        return Mismatch(f"the shape is {found.shape}, expected {want.shape}")
    if want.size == 0:
        return None
    if want.dtype.kind in "biu":
        wrong = found != want
    else:
        wrong = ~_close(found.astype(np.float64), want.astype(np.float64), tolerance)
    if not wrong.any():
        return None
    place = _first(wrong)
    words = f"got {number(found[place])}, wanted {number(want[place])}"
    if place:
        where = f"[{', '.join(map(str, place))}]"
        words = f"first at {where}: {words} ({int(wrong.sum())} of {want.size} entries differ)"
    return Mismatch(words, found, want, wrong)


def _first(wrong: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(int(index) for index in np.argwhere(wrong)[0])


def _kind_difference(got: np.dtype[Any], want: np.dtype[Any]) -> str | None:
    accepted, words = _KINDS.get("i" if want.kind == "u" else want.kind, ("", "numbers"))
    if got.kind in accepted:
        return None
    came = "values of a different kind" if got.kind == "O" else f"dtype {got}"
    return f"expected {words}, got {came}"


def _close(
    got: np.ndarray[Any, Any], want: np.ndarray[Any, Any], tolerance: Tolerance
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    finite = np.isfinite(want)
    with np.errstate(all="ignore"):
        near = np.abs(got - want) <= tolerance.absolute + tolerance.relative * np.abs(want)
    same: np.ndarray[Any, np.dtype[np.bool_]] = np.where(
        finite, near & np.isfinite(got), (got == want) | (np.isnan(got) & np.isnan(want))
    )
    return same


def table_of(found: Mismatch) -> Table | None:
    """Return the part of both arrays around their first difference.

    Returns None if no arrays with axes were compared, or if nobody reads the table.
    """
    if found.got is None or found.wanted is None or found.wrong is None or not found.got.ndim or not somebody_reads():
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
        got=[[number(each, digits) for each in line] for line in got],
        wanted=[[number(each, digits) for each in line] for line in wanted],
        differs=wrong.tolist(),
    )


def _digits(one: Any, other: Any) -> int:
    """Return how many digits you have to print to see that two numbers are different, but at least 4."""
    return next((digits for digits in range(4, 16) if number(one, digits) != number(other, digits)), 16)


def holds_text(value: Any) -> bool:
    """Return whether a nested value contains text.

    If you made an array of these values, every entry would take up as much space as the longest text.
    """
    level = [value]
    while level:
        kinds = set(map(type, level))
        if any(issubclass(kind, str | bytes) for kind in kinds):
            return True
        if not any(issubclass(kind, list | tuple) for kind in kinds):
            return False
        level = list(itertools.chain.from_iterable(each for each in level if isinstance(each, list | tuple)))
    return False


def is_blank(value: Any) -> bool:
    """Return whether a value is None or all NaN. Text never is."""
    if holds_text(value):
        return False
    try:
        numbers = np.asarray(value)
        numbers = numbers if numbers.dtype.kind == "c" else numbers.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return False
    return numbers.size > 0 and bool(np.isnan(numbers).all())


def same(one: Any, other: Any, tolerance: Tolerance | None = None) -> bool:
    """Return whether two values are the same. Numbers are the same if they differ by at most `tolerance` or, if that's
    None, by float32 rounding.

    If a tolerance is given, 2 and 2.0 also count as the same. If the values' lengths differ anywhere, this takes no
    longer than it takes to go through the smaller one.
    """
    return _is_as_long(one, other) and _same(one, other, tolerance)


def _is_as_long(one: Any, other: Any) -> bool:
    """Return whether two values have the same length, and so do their items, level by level."""
    if _length(one) != _length(other):
        return False
    held = [isinstance(each, list | tuple) or (isinstance(each, np.ndarray) and each.ndim > 1) for each in (one, other)]
    return not all(held) or all(map(_is_as_long, one, other))


def _length(value: Any) -> int | None:
    if isinstance(value, np.ndarray):
        return value.shape[0] if value.ndim else None
    return len(value) if isinstance(value, list | tuple | dict | str | bytes) else None


def _same(one: Any, other: Any, tolerance: Tolerance | None) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], tolerance) for key in one)
    if is_numeric(one) and is_numeric(other):
        return _same_numbers(np.asarray(one), np.asarray(other), tolerance)
    if _is_empty_list(one) or _is_empty_list(other):
        # An empty list has no dtype, so it's considered the same as an empty array of any dtype.
        empty = [_is_empty_list(each) or (isinstance(each, np.ndarray) and each.shape == (0,)) for each in (one, other)]
        return all(empty)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(_same(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, Source) and isinstance(other, Source):
        return True  # their items are compared one by one
    return type(one) is type(other) and not is_numeric(one) and bool(one == other)


def _is_empty_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and not value


def _same_numbers(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any], tolerance: Tolerance | None) -> bool:
    whole = [each.dtype.kind in "iu" for each in (one, other)]
    if one.shape != other.shape or (tolerance is None and whole[0] != whole[1]):
        return False
    if all(whole):
        return bool((one == other).all())
    scale = float(np.abs(other[np.isfinite(other)]).max(initial=0.0))
    within = tolerance or Tolerance(FLOAT32 * 1e-2 * scale, FLOAT32)
    return bool(_close(one, other.astype(np.result_type(other, 1.0), copy=False), within).all())


def is_numeric(value: Any) -> bool:
    """Return whether a value is a number, an array of numbers, or a list that converts to such an array."""
    if isinstance(value, np.ndarray | np.generic | int | float):
        return np.asarray(value).dtype.kind in "biufc"
    if isinstance(value, list) and value and not holds_text(value):
        try:
            return np.asarray(value).dtype.kind in "biufc"
        except ValueError:
            return False
    return False


def plain_text(value: Any) -> Any:
    """Return text in lower case, without spaces or commas.

    If it's a list of strings, join the strings first. Return other values unchanged.
    """
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        value = "".join(value)
    return "".join(value.lower().replace(",", " ").split()) if isinstance(value, str) else value
