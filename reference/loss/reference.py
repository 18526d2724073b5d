"""Reference for the `loss` lab: loss functions, next-token pairs and perplexity."""

import torch
from torch import Tensor
from torch.nn import functional


def mse_loss(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Mean squared error over all elements of two tensors of the same shape; ValueError if the shapes differ."""
    if y_pred.shape != y_true.shape:
        raise ValueError(f"y_pred {tuple(y_pred.shape)} and y_true {tuple(y_true.shape)} differ in shape")
    return functional.mse_loss(y_pred.double(), y_true.double())


def surprisal(probs: Tensor, target: int) -> Tensor:
    """Loss of one guess in nats: minus the natural log of the target's probability, or inf if that's 0. probs (V,)."""
    return -torch.log(probs[target].double())


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean loss in nats for logits (N, V) and integer targets (N,); ValueError for wrong shapes or ids outside [0,
    V)."""
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError(f"logits {tuple(logits.shape)} and targets {tuple(targets.shape)} must be (N, V) and (N,)")
    if ((targets < 0) | (targets >= logits.shape[1])).any():
        raise ValueError(f"every target must be an id from 0 to {logits.shape[1] - 1}")
    return functional.cross_entropy(logits.double(), targets)


def next_token_pairs(token_ids: Tensor, context_length: int) -> tuple[Tensor, Tensor]:
    """Inputs and targets for ids (n,), both (n - context_length, context_length); ValueError if n <= context_length."""
    if len(token_ids) <= context_length:
        raise ValueError(f"{len(token_ids)} tokens are too few for a context of {context_length} and a next token")
    windows = token_ids.unfold(0, context_length + 1, 1)
    return windows[:, :-1], windows[:, 1:]


def perplexity(mean_nll: float) -> Tensor:
    """The exponential of a mean loss in nats: how many equally likely choices would give the same loss."""
    return torch.exp(torch.as_tensor(mean_nll, dtype=torch.float64))
