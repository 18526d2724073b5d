"""The functions of `torch` itself that references use."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from autograder.testing.tensors.shapes import Array, axis_of, float32, float64, int64, quietly, shape_of
from autograder.testing.tensors.tensor import Tensor, binary, floating, inferred, multiplied, unary

# --- making tensors


def tensor(data: Any, dtype: np.dtype[Any] | None = None, requires_grad: bool = False) -> Tensor:
    """Copy numbers, nested sequences or an array. Raises TypeError, RuntimeError or ValueError for anything else."""
    found = Tensor(np.array(_unwrapped(data), dtype or inferred(data)))
    return found.requires_grad_() if requires_grad else found


def as_tensor(data: Any, dtype: np.dtype[Any] | None = None) -> Tensor:
    """Do the same as `tensor`, but copy only if necessary."""
    if isinstance(data, Tensor):
        return (
            data if dtype is None or dtype == data.dtype else Tensor(data.without_gradient("as_tensor").astype(dtype))
        )
    if isinstance(data, np.ndarray):
        if data.dtype.kind not in "biuf":
            raise TypeError(f"can't convert np.ndarray of type numpy.{data.dtype.type.__name__}.")
        return Tensor(data.astype(dtype or data.dtype, copy=False))
    return tensor(data, dtype)


def _unwrapped(data: Any) -> Any:
    if isinstance(data, list | tuple):
        return [_unwrapped(item) for item in data]
    inferred(data)
    return data.numpy() if isinstance(data, Tensor) else data


def zeros(*size: Any, dtype: np.dtype[Any] | None = None) -> Tensor:
    return Tensor(np.zeros(shape_of(size), dtype or np.float32))


def ones(*size: Any, dtype: np.dtype[Any] | None = None) -> Tensor:
    return Tensor(np.ones(shape_of(size), dtype or np.float32))


def eye(n: int, dtype: np.dtype[Any] | None = None) -> Tensor:
    return Tensor(np.eye(n, dtype=dtype or np.float32))


def arange(start: int, end: int | None = None) -> Tensor:
    return Tensor(np.arange(start, dtype=int64) if end is None else np.arange(start, end, dtype=int64))


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    return Tensor(np.stack([each.without_gradient("stack") for each in tensors], axis=dim))


# --- arithmetic


def sub(input: Tensor | float, other: Tensor | float, alpha: float = 1) -> Tensor:
    def minus(x: Array, y: Array) -> Any:
        if x.dtype.kind != "f" and isinstance(alpha, float):
            raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
        factor = x.dtype.type(alpha)
        if x.dtype == float32:
            # Torch rounds only once, after the multiplication and the subtraction (a fused multiply-add), and that
            # makes a difference in float32.
            return (x.astype(float64) - float64.type(factor) * y).astype(float32)
        return x - factor * y

    return binary(minus, input, other, lambda grad, x, y: grad, lambda grad, x, y: -alpha * grad)


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    for each in (input, tensor):
        if each.ndim != 1:
            raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return multiplied(input, tensor)


def exp(input: Tensor) -> Tensor:
    return unary(np.exp, floating(input), lambda grad, x, result: grad * result)


def log(input: Tensor) -> Tensor:
    return input.log()


def sqrt(input: Tensor) -> Tensor:
    return unary(np.sqrt, floating(input), lambda grad, x, result: grad / (2 * result))


def relu(input: Tensor) -> Tensor:
    return unary(lambda x: np.maximum(x, x.dtype.type(0)), input, lambda grad, x, result: grad * (x > 0))


def softmax(input: Tensor, dim: int, dtype: np.dtype[Any] | None = None) -> Tensor:
    axis = axis_of(input.ndim, dim)

    def backward(grad: Array, x: Array, result: Array) -> Any:
        return result * (grad - (grad * result).sum(axis, keepdims=True))

    return unary(lambda x: _shares(x, axis), _of_dtype(input, dtype, "softmax"), backward)


def log_softmax(input: Tensor, dim: int, dtype: np.dtype[Any] | None = None) -> Tensor:
    axis = axis_of(input.ndim, dim)

    def forward(x: Array) -> Any:
        from_the_top = x - _highest(x, axis)
        return from_the_top - np.log(np.exp(from_the_top).sum(axis, keepdims=True))

    def backward(grad: Array, x: Array, result: Array) -> Any:
        return grad - np.exp(result) * grad.sum(axis, keepdims=True)

    return unary(forward, _of_dtype(input, dtype, "log_softmax"), backward)


def _of_dtype(input: Tensor, dtype: np.dtype[Any] | None, operation: str) -> Tensor:
    if dtype is not None and dtype == float64:  # numpy takes None to mean float64
        return input.double()
    if input.dtype.kind != "f":
        raise NotImplementedError(f"\"{operation}\" not implemented for '{input.dtype}'")
    return input


def _highest(x: Array, axis: int | None) -> Any:
    return x.max(axis, keepdims=True, initial=-np.inf)


def _shares(x: Array, axis: int | None) -> Any:
    powers = np.exp(x - _highest(x, axis))
    return powers / powers.sum(axis, keepdims=True)


# --- order


class Sorted(NamedTuple):
    """The result of `sort` and `topk`: the values along the last axis, and the index of each one in the input."""

    values: Tensor
    indices: Tensor


def argmax(input: Tensor) -> Tensor:
    if not input.numel():
        raise IndexError("argmax(): Expected reduction dim to be specified for input.numel() == 0. Specify the dim")
    return Tensor(np.argmax(input.detach().numpy()))


def sort(input: Tensor, descending: bool = False) -> Sorted:
    """Sort along the last axis, stably. NaN counts as larger than every number."""
    array = input.without_gradient("sort")
    order = array.argsort(axis=-1, kind="stable")
    if descending:
        order = array.shape[-1] - 1 - array[..., ::-1].argsort(axis=-1, kind="stable")[..., ::-1]
    return Sorted(Tensor(np.take_along_axis(array, order, -1)), Tensor(order))


def topk(input: Tensor, k: int) -> Sorted:
    """Return the k largest values along the last axis, in descending order."""
    if k > input.shape[-1]:
        raise RuntimeError("selected index k out of range")
    values, indices = sort(input, descending=True)
    return Sorted(values[..., :k], indices[..., :k])


# --- torch.special


def entr(input: Tensor) -> Tensor:
    """Return -x ln x elementwise: 0 at 0, and -inf for negative x."""
    x = floating(input).without_gradient("entr")
    with quietly():
        return Tensor(np.where(x > 0, -x * np.log(x), np.where(x == 0, 0.0, np.where(np.isnan(x), x, -np.inf))))


def ndtri(input: Tensor) -> Tensor:
    """Return the inverse of the standard normal cumulative distribution function, for a 0-d tensor."""
    p = floating(input).without_gradient("ndtri").item()
    if not 0 < p < 1:
        return Tensor(np.inf if p == 1 else -np.inf if p == 0 else np.nan)
    return Tensor(NormalDist().inv_cdf(p))


# --- torch.linalg


class LeastSquares(NamedTuple):
    """The part of `lstsq`'s result that references use."""

    solution: Tensor


def lstsq(input: Tensor, b: Tensor) -> LeastSquares:
    solution, *_ = np.linalg.lstsq(input.without_gradient("lstsq"), b.without_gradient("lstsq"))
    return LeastSquares(Tensor(solution))


# --- torch.autograd


def grad(outputs: Tensor, inputs: Tensor | Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the gradients of `outputs`, a scalar, with respect to the inputs.

    Raises RuntimeError if the outputs aren't a scalar or don't depend on an input.
    """
    if not outputs.requires_grad:
        raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
    if outputs.numel() != 1:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    grads: dict[Tensor, Array] = {outputs: np.ones(outputs.shape, outputs.dtype)}
    for each in _before(outputs):
        for parent, backward in each.parents:
            with quietly():
                found = backward(grads[each]).astype(parent.dtype, copy=False)
                grads[parent] = grads[parent] + found if parent in grads else found
    leaves = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if not all(leaf in grads for leaf in leaves):
        raise RuntimeError("One of the differentiated Tensors appears to not have been used in the graph.")
    return tuple(Tensor(grads[leaf]) for leaf in leaves)


def _before(result: Tensor) -> list[Tensor]:
    """Return a result and everything it was computed from, most recent first."""
    found: dict[int, Tensor] = {}
    waiting = [result]
    while waiting:
        each = waiting.pop()
        if each.number not in found:
            found[each.number] = each
            waiting += (parent for parent, _ in each.parents)
    return [found[number] for number in sorted(found, reverse=True)]
