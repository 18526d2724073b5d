"""What people prefer, in numbers: features of an answer, slopes of a loss, and where the steps of RLHF lead."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# Half the distance over which a slope is measured.
ASIDE = 1e-4


def features(answers: Sequence[str]) -> Floats:
    """Return (N, 2): of each answer, how many words and signs it has (in tens), and how many question marks."""
    return np.array([[len(re.findall(r"\w+|[^\w\s]", answer)) / 10, answer.count("?")] for answer in answers])


def slopes(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return the slope of a function of an array in each of its numbers, in the array's shape, by small differences."""
    found = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        side = np.zeros(at.shape)
        side[place] = ASIDE
        found[place] = (function(at + side) - function(at - side)) / (2 * ASIDE)
    return found


def with_any_other(log_probs: Floats) -> Floats:
    """Return log-probabilities (N, K + 1) in nats: those of K answers (N, K), and what's left for any other answer."""
    rest = np.log1p(-np.sum(np.exp(log_probs), axis=1, keepdims=True))
    return np.concatenate([log_probs, rest], axis=1)


def walk_of_rlhf(step: Callable[..., Any], reference: Floats, rewards: ArrayLike, beta: float, steps: int) -> Floats:
    """Return how often a policy gives each of K answers (steps + 1, K), from the reference on, at a learning rate of 1.

    step: from policy logits, reference logits, rewards, beta and lr to the new logits; or it changes the first.
    reference: logits (K,). rewards: (K,).
    """
    walk = [reference]
    for _ in range(steps):
        policy = walk[-1].copy()
        stepped = step(policy, reference, np.asarray(rewards), beta, 1.0)
        walk.append(policy if stepped is None else np.asarray(stepped))
    powers = np.exp(walk - np.max(walk, axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
