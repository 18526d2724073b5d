"""Neurons and layers: from one weight to a network that can model more than a straight line."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def predict_price(size_sqft: Tensor | float, weight: float, bias: float = 0.0) -> Tensor:
    """Price in USD for each size in square feet, at `weight` USD per square foot plus `bias` USD: float64."""
    return torch.as_tensor(size_sqft, dtype=torch.float64) * weight + bias


def neuron(x: Tensor, w: Tensor, b: float) -> Tensor:
    """The sum of inputs times weights, plus `b`: one float64 number.

    ValueError unless x and w are 1-D and have the same length.
    """
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(f"x {tuple(x.shape)} and w {tuple(w.shape)} must both be (D,)")
    return torch.dot(x.double(), w.double()) + b


def relu(z: Tensor) -> Tensor:
    """Return each number above 0 unchanged, and 0 in place of the others: float64, same shape."""
    return torch.relu(z.double())


def linear(X: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """A layer's outputs (N, D_out) for inputs (N, D_in), W (D_in, D_out), b (D_out,); ValueError for other shapes."""
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != W.shape[1:]:
        raise ValueError(f"X {tuple(X.shape)}, W {tuple(W.shape)}, b {tuple(b.shape)} must be (N, I), (I, O), (O,)")
    return functional.linear(X.double(), W.double().T, b.double())


def mlp_forward(X: Tensor, layers: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Outputs (N, D_last) of the layers (W, b) in order, with ReLU after each of them except the last: float64."""
    *hidden, output = layers
    for W, b in hidden:
        X = relu(linear(X, W, b))
    return linear(X, *output)
