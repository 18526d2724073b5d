"""Which object is which in a call and in the calls back that it makes meanwhile: by numbers that the stub's side gives.

What a stub hands over again arrives as the same object, changed to be like what came now; and what comes back of it is
the stub's own. Objects of the checks are never the stub's to change: of them it gets copies, new ones each time.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.guest.values import Handle, Opaque

# One side answers several calls with the same copies, and each call has objects of its own.
_UNUSED = itertools.count()


class OwnObjects:
    """The `values.Numbering` of a stub's side: what it hands over gets a number, and is changed as it comes back."""

    def __init__(self) -> None:
        # Kept for as long as the call lasts, since another object may have the id of one that's gone.
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def number(self, value: Any) -> int:
        if id(value) not in self._numbers:
            number = self._numbers[id(value)] = next(_UNUSED)
            self._objects[number] = value
        return self._numbers[id(value)]

    def arrived(self, number: int, value: Any) -> Any:
        own = self._objects[number]
        return own if _changed(own, value, _kept) else value


class Copies:
    """The `values.Numbering` of the checks' side, which has copies of the stub's objects. Its own have no number."""

    def __init__(self) -> None:
        self._copies: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def number(self, value: Any) -> int | None:
        return self._numbers.get(id(value))

    def arrived(self, number: int, value: Any) -> Any:
        copy = self._copies.get(number)
        if copy is None or not _changed(copy, value, lambda _, item: item):
            self._numbers.pop(id(copy), None)  # another object may get the id of one that's gone
            copy = self._copies[number] = value
            self._numbers[id(value)] = number
        return copy


def _changed(mine: Any, theirs: Any, kept: Callable[[Any, Any], Any]) -> bool:
    """Make an object like the one that came, with what is `kept` of its items; False where it can't be."""
    match mine, theirs:
        case np.ndarray(), np.ndarray() if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            if mine.flags.writeable:
                np.copyto(mine, theirs)
        case np.random.Generator(), np.random.Generator():
            if type(mine.bit_generator) is not type(theirs.bit_generator):
                return False
            mine.bit_generator.state = theirs.bit_generator.state
        case dict(), dict():
            items = {key: kept(mine.get(key), item) for key, item in theirs.items()}
            mine.clear()
            mine.update(items)
        case list(), list():
            own = [*mine[: len(theirs)], *[None] * (len(theirs) - len(mine))]
            mine[:] = map(kept, own, theirs)
        case _:
            return False
    return True


def _kept(mine: Any, theirs: Any) -> Any:
    """What came, or one's own where that can't cross the line."""
    if isinstance(theirs, Opaque | Handle):
        return theirs if mine is None else mine
    if isinstance(mine, tuple) and isinstance(theirs, tuple) and len(mine) == len(theirs):
        return tuple(map(_kept, mine, theirs))
    return theirs
