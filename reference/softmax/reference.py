"""Softmax, temperature and entropy: turn raw scores into probabilities and measure how spread out they are."""

import torch
from torch import Tensor


def softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """Turn logits of any shape into probabilities along `axis`, as a float64 tensor of the same shape.

    A logit of -inf gives exactly 0.
    """
    return torch.softmax(logits, dim=axis, dtype=torch.float64)


def log_softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """Return the natural logarithm of `softmax`, as a float64 tensor of the same shape.

    Finite logits give finite results, no matter how small the probability is.
    """
    return torch.log_softmax(logits, dim=axis, dtype=torch.float64)


def softmax_with_temperature(logits: Tensor, temperature: float, axis: int = -1) -> Tensor:
    """Return the softmax of the logits divided by `temperature`. Raises ValueError unless `temperature` is above 0."""
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    return softmax(logits.double() / temperature, axis=axis)


def entropy(probs: Tensor, axis: int = -1) -> Tensor:
    """Return the Shannon entropy in nats along `axis`, which is dropped. A probability of 0 adds nothing."""
    return torch.special.entr(probs.double()).sum(dim=axis)
