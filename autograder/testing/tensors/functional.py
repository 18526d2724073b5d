"""The part of `torch.nn.functional` that references use."""

import math
from typing import Any

import numpy as np

from autograder.testing.tensors.operations import exp, log_softmax, relu, softmax
from autograder.testing.tensors.shapes import Array, int64, quietly
from autograder.testing.tensors.tensor import Tensor, unary

__all__ = [
    "cross_entropy",
    "embedding",
    "kl_div",
    "layer_norm",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mse_loss",
    "relu",
    "softmax",
]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    product = input @ weight.T
    return product if bias is None else product + bias


def mse_loss(input: Tensor, target: Tensor) -> Tensor:
    return (input - target).square().mean()


def embedding(input: Tensor, weight: Tensor) -> Tensor:
    """Return the rows of weight (V, D) for ids of any shape. Raises IndexError if an id is out of range."""
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if ((input < 0) | (input >= weight.shape[0])).any():
        raise IndexError("index out of range in self")
    return weight[input]


def layer_norm(input: Tensor, normalized_shape: tuple[int, ...], eps: float = 1e-5) -> Tensor:
    """Subtract each row's mean and divide by its standard deviation, along the last axis."""
    (width,) = normalized_shape
    if input.dtype.kind != "f":
        raise NotImplementedError(f"\"LayerNormKernelImpl\" not implemented for '{input.dtype}'")

    def inverse(x: Array) -> Any:
        return (x.var(-1, keepdims=True) + eps) ** -0.5

    def backward(grad: Array, x: Array, result: Array) -> Any:
        along = result * (grad * result).sum(-1, keepdims=True) / width
        return inverse(x) * (grad - grad.mean(-1, keepdims=True) - along)

    return unary(lambda x: (x - x.mean(-1, keepdims=True)) * inverse(x), input, backward)


def logsigmoid(input: Tensor) -> Tensor:
    with quietly():
        return Tensor(-np.logaddexp(0.0, -input.without_gradient("logsigmoid")))


def kl_div(input: Tensor, target: Tensor, reduction: str, log_target: bool) -> Tensor:
    """Return exp(target) (target - input), elementwise."""
    if reduction != "none" or not log_target:
        raise NotImplementedError("autograder.testing.tensors supports kl_div only elementwise, with log targets")
    return exp(target) * (target - input)


def cross_entropy(input: Tensor, target: Tensor, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """Return the negative log-softmax of logits (N, V) or (N, V, T) at integer targets (N,) or (N, T); 0 where ignored.

    reduction: "mean" over the targets that aren't ignored (NaN if there are none), or "none". Raises IndexError if a
    target isn't a valid id, ValueError or RuntimeError if the shapes don't match, and RuntimeError if the targets
    aren't int64.
    """
    _check_targets(input, target)
    counted = target != ignore_index
    if ((target < 0) | (target >= input.shape[1])).numpy()[counted.numpy()].any():
        wrong = next(each for each in target.numpy()[counted.numpy()] if not 0 <= each < input.shape[1])
        raise IndexError(f"Target {wrong} is out of bounds.")
    rows, *columns = np.indices(target.shape)
    chosen = log_softmax(input, 1)[(Tensor(rows), target.masked_fill(~counted, 0), *map(Tensor, columns))]
    losses = (-chosen).masked_fill(~counted, 0.0)
    return losses if reduction == "none" else losses.sum() / counted.sum()


def _check_targets(input: Tensor, target: Tensor) -> None:
    if target.dtype != int64:
        raise RuntimeError("expected scalar type Long but found Double")
    if not input.ndim or not target.ndim or len(input) != len(target):
        batches = f"Expected input batch_size ({len(input)}) to match target batch_size ({len(target)})."
        raise ValueError(batches)
    if math.prod(input.shape[:1] + input.shape[2:]) != target.numel():
        raise RuntimeError(f"Expected target size {[*input.shape[:1], *input.shape[2:]]}, got {list(target.shape)}")
