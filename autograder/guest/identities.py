"""Preserve object identity across the wire, during a call and any callbacks that the stub makes during the call.

The stub's side numbers its mutable objects. If the stub passes an object again, the checks get the same object as
before, with its current contents. When the checks pass it back, the stub gets its own object. A stub can't change the
checks' objects, because it gets new copies of them each time.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.guest.values import Handle, Opaque


class OwnObjects:
    """The `Numbering` on the stub's side: objects get numbers when they're sent and are updated when they come
    back."""

    def __init__(self) -> None:
        # Keep the objects alive during the call, since the id of a deleted object can be reused.
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def number(self, value: Any) -> int:
        if id(value) not in self._numbers:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects[number] = value
        return self._numbers[id(value)]

    def arrived(self, number: int, value: Any) -> Any:
        own = self._objects[number]
        return own if _changed(own, value, _kept) else value


class Copies:
    """The `Numbering` on the checks' side, which has copies of the stub's objects.

    The checks' own objects have no numbers.
    """

    def __init__(self) -> None:
        self._copies: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def number(self, value: Any) -> int | None:
        return self._numbers.get(id(value))

    def arrived(self, number: int, value: Any) -> Any:
        copy = self._copies.get(number)
        if copy is None or not _changed(copy, value, lambda _, item: item):
            self._numbers.pop(id(copy), None)  # the id of a deleted object can be reused
            copy = self._copies[number] = value
            self._numbers[id(value)] = number
        return copy


def _changed(mine: Any, theirs: Any, kept: Callable[[Any, Any], Any]) -> bool:
    """Update an object to match the one that arrived, and return whether that was possible.

    kept: a function that takes the object's current item and the one that arrived, and returns the one to keep.
    """
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
    """Return the item that arrived, or the object's current item if the new one couldn't cross the wire."""
    if isinstance(theirs, Opaque | Handle):
        return theirs if mine is None else mine
    if isinstance(mine, tuple) and isinstance(theirs, tuple) and len(mine) == len(theirs):
        return tuple(map(_kept, mine, theirs))
    return theirs
