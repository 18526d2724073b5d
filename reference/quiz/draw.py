"""Draw a student's question from a hash, so its numbers and statements are the same on every machine."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A generator of pseudorandom numbers from a hash of the student, round and item. They're the same on every machine
    and in every Python version."""

    def __init__(self, student: str, number: int, item: str) -> None:
        self._key = f"{student}\0{number}\0{item}"
        self._count = 0

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        self._count += 1
        text = f"{self._key}\0{self._count}"
        return int.from_bytes(hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()[:8], "big") % n

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, inclusive."""
        return low + self.below(high - low + 1)

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """The values in a random order."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in values]

    def some(self, values: Sequence[T], count: int) -> list[T]:
        """`count` of the values, in a random order."""
        return self.shuffled(values)[:count]
