"""Human preferences in numbers: features of answers, gradients of a loss, and how probabilities change during
RLHF."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# The step size of the central differences.
ASIDE = 1e-4


def features(answers: Sequence[str]) -> Floats:
    """Return two numbers per answer (N, 2): how many words and punctuation marks it has (in tens), and how many
    question marks."""
    return np.array([[len(re.findall(r"\w+|[^\w\s]", answer)) / 10, answer.count("?")] for answer in answers])


def slopes(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return the gradient of a scalar function at an array, computed by central differences, in the array's shape."""
    found = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        side = np.zeros(at.shape)
        side[place] = ASIDE
        found[place] = (function(at + side) - function(at - side)) / (2 * ASIDE)
    return found


def with_any_other(log_probs: Floats) -> Floats:
    """Return log-probabilities (N, K + 1) in nats: those of the K answers (N, K), followed by one for all other answers
    together."""
    rest = np.log1p(-np.sum(np.exp(log_probs), axis=1, keepdims=True))
    return np.concatenate([log_probs, rest], axis=1)


def walk_of_rlhf(step: Callable[..., Any], reference: Floats, rewards: ArrayLike, beta: float, steps: int) -> Floats:
    """Return the probabilities (steps + 1, K) of K answers during RLHF, starting from the reference, with a learning
    rate of 1.

    step: maps policy logits, reference logits, rewards, beta and lr to new logits, or changes the policy logits in
    place. reference: logits (K,). rewards: (K,).
    """
    walk = [reference]
    for _ in range(steps):
        policy = walk[-1].copy()
        stepped = step(policy, reference, np.asarray(rewards), beta, 1.0)
        walk.append(policy if stepped is None else np.asarray(stepped))
    powers = np.exp(walk - np.max(walk, axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
