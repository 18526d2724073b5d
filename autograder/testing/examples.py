"""The example numbers for a visible check, or similar ones if a student runs it on fresh numbers."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograder.model import seeds

Example = TypeVar("Example")


def example(
    rng: np.random.Generator, shown: Example, like: Callable[[np.random.Generator], Example] | None = None
) -> Example:
    """Return `shown`, the numbers in the title or the notebook, or similar ones if the check runs on fresh numbers.

    like: a function that draws the similar numbers from the check's `rng`. By default, every finite number in an array
    (or in the arrays in a list, tuple or dict) changes: a float is multiplied by a random factor from 0.8 to 1.25 and
    then shifted by normal noise with a standard deviation of 0.1, and an integer increases by 0, 1 or 2. Infinities
    don't change.
    """
    if not seeds.is_fresh(int(rng.bit_generator.seed_seq.entropy)):  # type: ignore[attr-defined]
        return shown
    moved: Example = _moved(rng, shown) if like is None else like(rng)
    return moved


def _moved(rng: np.random.Generator, shown: Any) -> Any:
    if isinstance(shown, dict):
        return {key: _moved(rng, value) for key, value in shown.items()}
    if isinstance(shown, list | tuple):
        return type(shown)(_moved(rng, value) for value in shown)
    numbers = np.asarray(shown)
    if numbers.dtype.kind == "i":
        moved = numbers + rng.integers(0, 3, size=numbers.shape)
    else:
        finite = np.isfinite(numbers)
        other = np.where(finite, numbers, 0.0) * rng.uniform(0.8, 1.25, numbers.shape)
        moved = np.where(finite, other + rng.normal(scale=0.1, size=numbers.shape), numbers)
    return moved if isinstance(shown, np.ndarray) else moved.item()
