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
# Building a dict can take quadratic time if the keys are chosen to collide. A few keys do so by accident: -1 and -2
# have the same hash, and so do the tuples that differ only in these.
MAX_KEYS, MAX_COLLIDING = 1_000, 50
# The mutable types, for which it matters whether two values are the same object.
MUTABLE = (list, dict, np.ndarray, np.random.Generator)
# Types of most items. They hold nothing and aren't mutable, so we skip them without a closer look.
PLAIN = frozenset({bool, int, float, str, bytes, type(None), np.float64, np.int64})
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
    because recursion would fail on values that nest too deeply.
    """
    found, depth, level = 0, 0, [value] if isinstance(value, _HOLDERS) else []
    every: dict[int, Any] = {}
    twice: dict[int, Any] = {}
    while level:
        below: list[Any] = []
        for holder in level:
            found += len(holder)
            if found > MAX_VALUES:
                raise WireError(f"it has more than {MAX_VALUES:,} values")
            items = holder.values() if isinstance(holder, dict) else holder
            if isinstance(holder, dict) and not PLAIN.issuperset(map(type, holder)):
                below += [key for key in holder if isinstance(key, tuple)]
            if len(holder) > LONG and PLAIN.issuperset(map(type, items)):
                continue
            for item in items:
                kind = type(item)
                if kind in PLAIN:
                    continue
                holds, is_mutable = _ROLES.get(kind) or _role(kind)
                if is_mutable:
                    (twice if id(item) in every else every)[id(item)] = item
                if holds:
                    below.append(item)
        if depth > MAX_DEPTH:
            raise WireError("it nests too deeply")
        level = below
        depth += 1
    return found, every, twice


def _role(kind: type[Any]) -> tuple[bool, bool]:
    """Return whether values of a type hold others, and whether they're mutable."""
    return issubclass(kind, _HOLDERS), issubclass(kind, MUTABLE)


def refuse_large(value: Any) -> None:
    """Raise WireError if a value's arrays, strings and numbers are too large for a frame, counting every occurrence."""
    size, level = 0, [value]
    while level:
        size += sum(map(_size, level))
        if size > MAX_FRAME:
            raise WireError(f"it's too large: more than {MAX_FRAME:,} bytes, counting every occurrence of each object")
        level = [
            item
            for holder in level
            if isinstance(holder, list | tuple | dict)
            for item in ((*holder, *holder.values()) if isinstance(holder, dict) else holder)
        ]


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
        return sum(1 + elements(item) if isinstance(item, list | tuple | dict) else elements(item) for item in value)
    return 1
