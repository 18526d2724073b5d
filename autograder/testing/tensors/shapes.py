"""torch's rules for shapes, axes and dtypes, and its errors, applied to numpy arrays."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

float32, float64, int64, boolean = (np.dtype(name) for name in ("float32", "float64", "int64", "bool"))
_NAMES = {float32: "float", float64: "double", int64: "long int", boolean: "bool"}


def quietly() -> np.errstate:
    """Suppress numpy's warnings about infinities and the like, since torch doesn't give such warnings."""
    return np.errstate(all="ignore")


def category(dtype: np.dtype[Any]) -> int:
    """Return 0 for bool, 1 for integers, 2 for floats."""
    return "bif".index(dtype.kind)


def promoted(first: np.dtype[Any], second: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype of a result: the one in the higher category, or the wider one if both are in the same
    category."""
    return max(first, second, key=lambda each: (category(each), each.itemsize))


def check_broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """Raise RuntimeError if the two shapes don't broadcast."""
    for back, (a, b) in enumerate(zip(reversed(first), reversed(second), strict=False), 1):
        if a != b and 1 not in (a, b):
            place = max(len(first), len(second)) - back
            sizes = f"The size of tensor a ({a}) must match the size of tensor b ({b})"
            raise RuntimeError(f"{sizes} at non-singleton dimension {place}")


def axis_of(ndim: int, dim: int | None) -> int | None:
    """Return the axis counted from the front. None means all axes, or the single axis of a 0-d tensor.

    Raises IndexError if the axis is out of range.
    """
    if dim is None:
        return None
    most = max(ndim, 1)
    if not -most <= dim < most:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-most}, {most - 1}], but got {dim})")
    return dim % most if ndim else None


def shape_of(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the shape, whether it was passed as one sequence or as several numbers."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes


def summed_to(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which an operand of this shape was broadcast."""
    grad = grad.sum(tuple(range(grad.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] != 1)
    return grad.sum(stretched, keepdims=True) if stretched else grad


def spread(grad: Array, shape: tuple[int, ...], axis: int | None) -> Array:
    """Return the gradient of each term, given the gradient of their sum along an axis."""
    return np.broadcast_to(grad if axis is None else np.expand_dims(grad, axis), shape)


def check_product(x: Array, y: Array) -> None:
    """Raise RuntimeError unless `x @ y` is defined and both have the same dtype."""
    if not x.ndim or not y.ndim:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {x.ndim}D and {y.ndim}D")
    if x.dtype != y.dtype:
        got = f"{_NAMES[x.dtype]} != {_NAMES[y.dtype]}"
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {got}")
    if x.shape[-1] != y.shape[-1 if y.ndim == 1 else -2]:
        sizes = ("x".join(map(str, each.shape)) for each in (x, y))
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied ({} and {})".format(*sizes))
    check_broadcast(x.shape[:-2], y.shape[:-2])
