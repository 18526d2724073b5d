"""Gradient descent and the training loop: from slopes to better weights."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

Parameters = dict[str, Tensor]


def gradient_descent(grad: Callable[[Tensor], Tensor], x0: Tensor | float, lr: float, steps: int) -> list[Tensor]:
    """Return the `steps + 1` positions that gradient descent visits, starting at `x0` (a number or tensor).

    Each position is the one before it minus `lr` times the slope there.
    """
    positions = [torch.as_tensor(x0, dtype=torch.float64)]
    for _ in range(steps):
        positions.append(positions[-1] - lr * grad(positions[-1]))
    return positions


def sgd_step(params: Parameters, grads: Parameters, lr: float) -> Parameters:
    """Return the parameters under the same names, each minus `lr` times its gradient.

    Raises KeyError if a gradient is missing.
    """
    return {name: torch.sub(param, grads[name], alpha=lr) for name, param in params.items()}


def train(
    params: Parameters,
    batches: Iterable[tuple[Tensor, Tensor]],
    lr: float,
    loss_and_grads: Callable[[Parameters, Tensor, Tensor], tuple[float, Parameters]],
) -> tuple[Parameters, list[float]]:
    """Take one step per batch, in order. Return the final parameters and each batch's loss before its step."""
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = sgd_step(params, grads, lr)
        losses.append(loss)
    return params, losses
