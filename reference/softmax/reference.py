"""Softmax and temperature: from raw scores to probabilities, and how spread out they are."""

import torch
from torch import Tensor


def softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """Probabilities along `axis` from logits of any shape: float64, same shape; a logit of -inf becomes exactly 0."""
    return torch.softmax(logits, dim=axis, dtype=torch.float64)


def log_softmax(logits: Tensor, axis: int = -1) -> Tensor:
    """Natural logarithm of `softmax`: float64, same shape; finite for finite logits, however small the probability."""
    return torch.log_softmax(logits, dim=axis, dtype=torch.float64)


def softmax_with_temperature(logits: Tensor, temperature: float, axis: int = -1) -> Tensor:
    """Probabilities of the logits divided by `temperature`; ValueError unless `temperature` is above 0."""
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    return softmax(logits.double() / temperature, axis=axis)


def entropy(probs: Tensor, axis: int = -1) -> Tensor:
    """Shannon entropy in nats along `axis`, which disappears from the shape; a probability of 0 adds nothing."""
    return torch.special.entr(probs.double()).sum(dim=axis)
