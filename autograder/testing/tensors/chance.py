"""torch's random numbers. A seed gives the same draws as in torch, because the Mersenne Twister and the conversion to
floats are the same."""

import math
from typing import Any

import numpy as np

from autograder.testing.tensors.shapes import Array, float64, quietly, shape_of
from autograder.testing.tensors.tensor import Tensor

# torch fills an array with normal numbers in blocks of this size. For smaller arrays, it uses a different method.
_BLOCK = 16


class Generator:
    """A source of random numbers. Call `manual_seed` before using it."""

    def manual_seed(self, seed: int) -> "Generator":
        self._state = np.random.RandomState(seed % 2**32)
        return self

    def uniform(self, size: int) -> Array:
        """Return uniform floats (size,) in [0, 1), with 53 random bits each, from two words of the Mersenne Twister's
        output."""
        words = np.frombuffer(self._state.bytes(8 * size), "<u4").astype(np.uint64)
        bits = (words[0::2] << np.uint64(32) | words[1::2]) & np.uint64(2**53 - 1)
        return bits / 2.0**53


def randn(*size: Any, generator: Generator, dtype: np.dtype[Any]) -> Tensor:
    """Return standard normal numbers in float64, using the Box-Muller transform. At least 16 are required."""
    shape = shape_of(size)
    count = math.prod(shape)
    if dtype != float64 or count < _BLOCK:
        raise NotImplementedError("autograder.testing.tensors supports randn only for 16 or more numbers in float64")
    uniform = generator.uniform(count)
    found = np.empty(count)
    for start in range(0, count - _BLOCK + 1, _BLOCK):
        found[start : start + _BLOCK] = _normal(uniform[start : start + _BLOCK])
    if count % _BLOCK:
        found[-_BLOCK:] = _normal(generator.uniform(_BLOCK))
    return Tensor(found.reshape(shape))


def _normal(uniform: Array) -> Array:
    radius, angle = np.sqrt(-2 * np.log1p(-uniform[: _BLOCK // 2])), 2 * np.pi * uniform[_BLOCK // 2 :]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])


def multinomial(input: Tensor, num_samples: int, generator: Generator) -> Tensor:
    """Draw one id, with probabilities proportional to input (V,). The drawn id is the one with the shortest exponential
    waiting time.

    Raises RuntimeError unless the weights are finite, non-negative and not all 0.
    """
    if num_samples != 1:
        raise NotImplementedError("autograder.testing.tensors draws one sample at a time")
    probs = input.without_gradient("multinomial")
    if probs.ndim != 1:
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not (np.isfinite(probs) & (probs >= 0)).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not probs.sum() > 0:
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    with quietly():
        waiting = -np.log1p(-generator.uniform(len(probs)))
        return Tensor([np.argmax(probs / waiting)])
