"""Reference for the `sampler` lab: choose a token, greedily or at random, from all tokens or only the best ones."""

import math

import numpy as np
import torch
from torch import Tensor


def greedy(logits: Tensor) -> int:
    """Return the id of the largest logit. The logits have shape (V,)."""
    return int(torch.argmax(logits))


def sample_categorical(probs: Tensor, rng: np.random.Generator) -> int:
    """Draw an id according to the probabilities, of shape (V,). All randomness comes from `rng`."""
    generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
    return int(torch.multinomial(probs.double(), num_samples=1, generator=generator))


def top_k_filter(logits: Tensor, k: int) -> Tensor:
    """Set the logits (V,) to -inf, except for the k largest and any tied with the k-th. Returns float64.

    Raises ValueError if k is below 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    smallest_kept = torch.topk(logits, min(k, len(logits))).values[-1]
    return logits.double().masked_fill(logits < smallest_kept, -math.inf)


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    """Set the logits (V,) to -inf, except for the smallest set of most likely tokens that reaches p. Returns float64.

    Raises ValueError unless p is above 0 and at most 1.
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, got {p}")
    probs, order = torch.sort(torch.softmax(logits.double(), dim=0), descending=True)
    likelier = probs.cumsum(dim=0) - probs
    removed = order[(likelier >= p) & (p < 1)]
    return logits.double().index_fill(0, removed, -math.inf)


def sample_next_token(
    logits: Tensor,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> int:
    """Draw an id after applying temperature, top-k and top-p, in that order.

    Temperature 0 is greedy. Raises ValueError if temperature is below 0.
    """
    if temperature < 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    if temperature == 0:
        return greedy(logits)
    scores = logits.double() / temperature
    if top_k is not None:
        scores = top_k_filter(scores, top_k)
    if top_p is not None:
        scores = top_p_filter(scores, top_p)
    return sample_categorical(torch.softmax(scores, dim=0), rng)
