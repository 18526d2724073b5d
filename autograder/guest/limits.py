"""Size limits for each value we send, and functions that measure values."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

MAX_FRAME = 4 * 1024 * 1024
MAX_DEPTH = 32
# An empty list takes one byte on the wire and 72 in memory. `MAX_VALUES` values take about 10 MiB, not counting arrays
# and text.
MAX_VALUES = 200_000
# A Generator counts as this many values, and an array as two, since they take as long to build.
GENERATOR_VALUES = 100
_MORE_VALUES = {np.random.Generator: GENERATOR_VALUES, np.ndarray: 1}
# Building a dict can take quadratic time if the keys are chosen to collide. A few keys do so by accident: -1 and -2
# have the same hash, and so do the tuples that differ only in these.
MAX_KEYS, MAX_COLLIDING = 1_000, 50
# We don't read a dict with more keys than this, just to say how many there are.
MAX_KEYS_READ = 10_000
# The mutable types, for which it matters whether two values are the same object.
MUTABLE = (list, dict, np.ndarray, np.random.Generator)
# Types of most items. They hold nothing and aren't mutable, so we skip them without a closer look.
PLAIN = frozenset({bool, int, float, str, bytes, type(None), np.float64, np.int64})
# Those of them that take up the same space whatever their value.
_SIZELESS = PLAIN - {int, str, bytes}
# If a list is longer than this, it's faster to check all types at once than one by one.
LONG = 8
_HOLDERS = (list, tuple, dict, range)
# Whether values of a type hold others, and whether they're mutable, for the most common types apart from those.
_ROLES = {tuple: (True, False), list: (True, True), dict: (True, True), np.ndarray: (False, True)}


class WireError(Exception):
    """A value that can't be sent, or bytes that aren't a valid message."""


def count(value: Any) -> int:
    """Return how many values there are in the nested containers.

    Raises WireError if they nest too deeply or hold too many values.
    """
    return walked(value)[0]


def share(value: Any, other: Any) -> bool:
    """Return whether the two values have a mutable object in common."""
    return not walked([value])[1].keys().isdisjoint(walked([other])[1])


def walked(value: Any) -> tuple[int, dict[int, Any], dict[int, Any]]:
    """Return how many values there are in nested containers, all mutable objects by id, and those that occur twice by
    id.

    Tuples that are keys count as containers. Raises WireError in the same cases as `count`. It works level by level,
    because recursion would fail on values that nest too deeply, and goes through a container only once in each level.
    """
    found, depth, level = 0, 0, [value] if isinstance(value, _HOLDERS) else []
    times = {id(value): 1}
    every: dict[int, Any] = {}
    twice: dict[int, Any] = {}
    while level:
        below: list[Any] = []
        times_below: dict[int, int] = {}
        for holder in level:
            often = times[id(holder)]
            found += often * len(holder)
            if found > MAX_VALUES:
                raise WireError(f"it has more than {MAX_VALUES:,} values")
            if isinstance(holder, dict) and len(holder) > MAX_KEYS_READ:
                raise WireError(f"it has a dict with more than {MAX_KEYS_READ:,} keys")
            items = holder.values() if isinstance(holder, dict) else holder
            if isinstance(holder, dict) and not PLAIN.issuperset(map(type, holder)):
                items = [*items, *(key for key in holder if isinstance(key, tuple))]
            if len(holder) > LONG and PLAIN.issuperset(map(type, items)):
                continue
            for item in items:
                kind = type(item)
                if kind in PLAIN:
                    continue
                holds, is_mutable = _ROLES.get(kind) or _role(kind)
                found += often * _MORE_VALUES.get(kind, 0)
                if is_mutable:
                    if often > 1:
                        twice[id(item)] = item
                    (twice if id(item) in every else every)[id(item)] = item
                if holds:
                    if id(item) not in times_below:
                        below.append(item)
                    times_below[id(item)] = times_below.get(id(item), 0) + often
        if depth > MAX_DEPTH:
            raise WireError("it nests too deeply")
        level, times = below, times_below
        depth += 1
    return found, every, twice


def _role(kind: type[Any]) -> tuple[bool, bool]:
    """Return whether values of a type hold others, and whether they're mutable."""
    return issubclass(kind, _HOLDERS), issubclass(kind, MUTABLE)


def refuse_large(value: Any) -> None:
    """Raise WireError if a value's arrays, strings and numbers are too large for a frame, counting every occurrence."""
    if _whole_size(value, {}) > MAX_FRAME:
        raise WireError(f"it's too large: more than {MAX_FRAME:,} bytes, counting every occurrence of each object")


def _whole_size(value: Any, known: dict[int, int]) -> int:
    """Return the size of everything in a value that `walked` accepted, which limits the depth of this recursion.

    known: the sizes of the containers measured so far, by id, so that this goes through a shared one only once.
    """
    if not isinstance(value, list | tuple | dict):
        return _size(value)
    if id(value) not in known:
        items = (*value, *value.values()) if isinstance(value, dict) else value
        sizeless = _SIZELESS.issuperset(map(type, items))
        known[id(value)] = 0 if sizeless else sum(_whole_size(item, known) for item in items)
    return known[id(value)]


def refuse_colliding(pairs: Sequence[tuple[Any, Any]]) -> None:
    """Raise WireError if many of a dict's keys have the same hash."""
    if len(pairs) > MAX_COLLIDING:
        (_, together), *_ = Counter(hash(key) for key, _ in pairs).most_common(1)
        if together > MAX_COLLIDING:
            raise WireError(f"a dict with more than {MAX_COLLIDING} keys of the same hash")


def _size(value: Any) -> int:
    """Return how many bytes an array, a text or a number takes up; 0 for anything else."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, int):
        return value.bit_length() // 8
    return len(value) if isinstance(value, str | bytes | bytearray | memoryview) else 0


def elements(value: Any) -> int:
    """Return the amount of data in a value: its numbers, characters, bytes and items, in all nested containers."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, int):
        return 1 + value.bit_length() // 64
    if isinstance(value, dict):
        return sum(elements(key) + elements(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        if _SIZELESS.issuperset(map(type, value)):
            return len(value)
        return sum(1 + elements(item) if isinstance(item, list | tuple | dict) else elements(item) for item in value)
    return 1
