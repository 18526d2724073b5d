"""A tensor backed by a numpy array, with torch's names, dtypes and errors, and a tape for gradients.

Every result keeps track of its parents and of how to compute each parent's gradient from its own (the chain rule). If
an operation has no such rule, it rejects tensors that require a gradient, so a gradient is never silently incomplete.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.testing.tensors.shapes import (
    Array,
    axis_of,
    boolean,
    category,
    check_broadcast,
    check_product,
    float32,
    float64,
    int64,
    promoted,
    quietly,
    shape_of,
    spread,
    summed_to,
)

Backward = Callable[[Array], Array]

_numbers = itertools.count()


def _comparison(function: Callable[[Array, Array], Array]) -> Callable[["Tensor", Any], "Tensor"]:
    def compared(first: "Tensor", second: Any) -> "Tensor":
        return binary(function, first, second, _no_grad, _no_grad).detach()

    return compared


def _no_grad(grad: Array, x: Array, y: Array) -> Array:
    raise AssertionError("a comparison has no gradient")


class Tensor:
    """A numpy array that knows what it was computed from. It doesn't copy the array, so views share memory."""

    __hash__ = object.__hash__
    # This tells numpy to leave operations such as `number + tensor` to the tensor.
    __array_priority__ = 1000

    def __init__(self, array: Any, parents: Sequence[tuple["Tensor", Backward]] = ()) -> None:
        self._array: np.ndarray[tuple[int, ...], np.dtype[Any]] = np.asarray(array)
        self.parents = parents
        self.requires_grad = bool(parents)
        self.number = next(_numbers)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._array.dtype

    def numel(self) -> int:
        return self._array.size

    def numpy(self) -> Array:
        """Return the array itself. Raises RuntimeError if the tensor requires a gradient: call `detach` first."""
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype) if copy else np.asarray(self.numpy(), dtype)

    def tolist(self) -> Any:
        return self._array.tolist()

    def item(self) -> Any:
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return self._array.item()

    def __float__(self) -> float:
        return float(self._only())

    def __int__(self) -> int:
        return int(self._only())

    def _only(self) -> Any:
        if self._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self._array.item()

    def __index__(self) -> int:
        if self.dtype.kind == "f" or self._array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __bool__(self) -> bool:
        if self._array.size != 1:
            amount = "more than one value" if self._array.size else "no values"
            raise RuntimeError(f"Boolean value of Tensor with {amount} is ambiguous")
        return bool(self.item())

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator["Tensor"]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (self[place] for place in range(len(self)))

    def __repr__(self) -> str:
        return f"tensor({self._array!r})"

    # --- gradients

    def detach(self) -> "Tensor":
        return Tensor(self._array)

    def clone(self) -> "Tensor":
        return made(self._array.copy(), (self, lambda grad: grad))

    def requires_grad_(self) -> "Tensor":
        if self.dtype.kind != "f":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self.requires_grad = True
        return self

    def without_gradient(self, operation: str) -> Array:
        """Return the array for an operation that has no gradient rule.

        Raises NotImplementedError if a gradient is required.
        """
        if self.requires_grad:
            raise NotImplementedError(f"autograder.testing.tensors has no gradient of {operation}")
        return self._array

    # --- arithmetic

    def __add__(self, other: Any) -> "Tensor":
        return binary(np.add, self, other, lambda grad, x, y: grad, lambda grad, x, y: grad)

    def __sub__(self, other: Any) -> "Tensor":
        return _difference(self, other)

    def __rsub__(self, other: Any) -> "Tensor":
        return _difference(other, self)

    def __mul__(self, other: Any) -> "Tensor":
        return binary(np.multiply, self, other, lambda grad, x, y: grad * y, lambda grad, x, y: grad * x)

    def __truediv__(self, other: Any) -> "Tensor":
        return _quotient(self, other)

    def __rtruediv__(self, other: Any) -> "Tensor":
        return _quotient(other, self)

    def __pow__(self, exponent: float) -> "Tensor":
        return unary(lambda x: x**exponent, self, lambda grad, x, result: grad * exponent * x ** (exponent - 1))

    def __neg__(self) -> "Tensor":
        return made(-self._array, (self, lambda grad: -grad))

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other: "Tensor") -> "Tensor":
        return multiplied(self, other)

    def square(self) -> "Tensor":
        return self**2

    def log(self) -> "Tensor":
        return unary(np.log, floating(self), lambda grad, x, result: grad / x)

    def double(self) -> "Tensor":
        return made(self._array.astype(float64, copy=False), (self, lambda grad: grad))

    # --- comparisons and masks

    __eq__, __ne__ = _comparison(np.equal), _comparison(np.not_equal)  # type: ignore[assignment]
    __lt__, __le__ = _comparison(np.less), _comparison(np.less_equal)
    __gt__, __ge__ = _comparison(np.greater), _comparison(np.greater_equal)
    __and__, __or__ = _comparison(np.bitwise_and), _comparison(np.bitwise_or)

    def __invert__(self) -> "Tensor":
        return Tensor(~self._array)

    def any(self) -> "Tensor":
        return Tensor(self._array.any())

    def all(self) -> "Tensor":
        return Tensor(self._array.all())

    def masked_fill(self, mask: "Tensor", value: float) -> "Tensor":
        if mask.dtype != boolean:
            raise RuntimeError("masked_fill only supports boolean masks")
        check_broadcast(self.shape, mask.shape)
        filled = np.where(mask.numpy(), np.asarray(value, self.dtype), self._array)
        return made(filled, (self, lambda grad: summed_to(np.where(mask.numpy(), 0.0, grad), self.shape)))

    def triu(self, diagonal: int = 0) -> "Tensor":
        return Tensor(np.triu(self.without_gradient("triu"), diagonal))

    # --- sums

    def sum(self, dim: int | None = None) -> "Tensor":
        axis = axis_of(self.ndim, dim)
        dtype = self.dtype if self.dtype.kind == "f" else int64
        return made(self._array.sum(axis, dtype=dtype), (self, lambda grad: spread(grad, self.shape, axis)))

    def mean(self, dim: int | None = None) -> "Tensor":
        if self.dtype.kind != "f":
            raise RuntimeError("mean(): could not infer output dtype. Input dtype must be a floating point dtype")
        axis = axis_of(self.ndim, dim)
        return self.sum(dim) / (self.numel() if axis is None else self.shape[axis] if self.ndim else 1)

    def max(self) -> "Tensor":
        return Tensor(self.without_gradient("max").max())

    def amax(self, dim: int) -> "Tensor":
        return Tensor(self.without_gradient("amax").max(axis_of(self.ndim, dim)))

    def cumsum(self, dim: int) -> "Tensor":
        return Tensor(self.without_gradient("cumsum").cumsum(axis_of(self.ndim, dim)))

    # --- shapes and places

    @property
    def T(self) -> "Tensor":  # noqa: N802
        return made(self._array.T, (self, lambda grad: grad.T))

    @property
    def mT(self) -> "Tensor":  # noqa: N802
        if self.ndim < 2:
            kind = f"Got {self.ndim}-D tensor."
            raise RuntimeError(f"tensor.mT is only supported on matrices or batches of matrices. {kind}")
        return made(self._array.swapaxes(-1, -2), (self, lambda grad: grad.swapaxes(-1, -2)))

    def reshape(self, *shape: Any) -> "Tensor":
        wanted = shape_of(shape)
        try:
            found = self._array.reshape(wanted)
        except ValueError:
            raise RuntimeError(f"shape '{list(wanted)}' is invalid for input of size {self.numel()}") from None
        return made(found, (self, lambda grad: grad.reshape(self.shape)))

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> "Tensor":
        first, last = (axis_of(self.ndim, dim) or 0 for dim in (start_dim, end_dim))
        return self.reshape(*self.shape[:first], -1, *self.shape[last + 1 :])

    def unfold(self, dimension: int, size: int, step: int) -> "Tensor":
        axis = axis_of(self.ndim, dimension) or 0
        if size > self.shape[axis]:
            most = f"maximum size for tensor at dimension {axis} is {self.shape[axis]}"
            raise RuntimeError(f"{most} but size is {size}")
        windows = np.lib.stride_tricks.sliding_window_view(self.without_gradient("unfold"), size, axis, writeable=True)
        return Tensor(windows[(slice(None),) * axis + (slice(None, None, step),)])

    def index_fill(self, dim: int, index: "Tensor", value: float) -> "Tensor":
        filled = self.without_gradient("index_fill").copy()
        filled[(slice(None),) * (axis_of(self.ndim, dim) or 0) + (index.numpy(),)] = value
        return Tensor(filled)

    def index_put_(self, indices: Sequence["Tensor"], values: "Tensor", accumulate: bool = False) -> "Tensor":
        places = tuple(each.numpy() for each in indices)
        array = self.without_gradient("index_put_")
        if accumulate:
            np.add.at(array, places, values.numpy())
        else:
            array[places] = values.numpy()
        return self

    def __getitem__(self, index: Any) -> "Tensor":
        place = tuple(map(_plain, index)) if isinstance(index, tuple) else _plain(index)
        try:
            found = self._array[place]
        except IndexError as error:
            raise IndexError(str(error).replace("for axis", "for dimension")) from None

        def scattered(grad: Array) -> Array:
            whole = np.zeros(self.shape, grad.dtype)
            np.add.at(whole, place, grad)
            return whole

        return made(found, (self, scattered))


def _plain(value: Any) -> Any:
    return value.numpy() if isinstance(value, Tensor) else value


def made(array: Any, *parents: tuple[Any, Backward]) -> Tensor:
    """Return a result that keeps track only of parents that are tensors and require a gradient."""
    return Tensor(array, [each for each in parents if isinstance(each[0], Tensor) and each[0].requires_grad])


# --- dtypes of results


def inferred(value: Any) -> np.dtype[Any]:
    """Return the dtype of a tensor, number (float32 for a float) or nested sequence. Raises TypeError, RuntimeError."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return value.dtype
    if isinstance(value, bool | int | float):
        return boolean if isinstance(value, bool) else int64 if isinstance(value, int) else float32
    if isinstance(value, str):
        raise TypeError("new(): invalid data type 'str'")
    if not isinstance(value, list | tuple):
        raise RuntimeError(f"Could not infer dtype of {type(value).__name__}")
    return functools.reduce(promoted, map(inferred, value)) if value else float32


def _common_dtype(*operands: Any) -> np.dtype[Any]:
    """Return a result's dtype: arrays outrank 0-d tensors, which outrank numbers, but a higher category always wins."""
    ranked: tuple[list[np.dtype[Any]], ...] = ([], [], [])
    for each in operands:
        ranked[2 if not isinstance(each, Tensor) else 0 if each.ndim else 1].append(inferred(each))
    kinds = [functools.reduce(promoted, rank) for rank in ranked if rank]
    return functools.reduce(lambda strong, weak: weak if category(weak) > category(strong) else strong, kinds)


# --- operations with a gradient rule


def binary(
    function: Callable[[Array, Array], Array],
    first: Any,
    second: Any,
    grad_first: Callable[[Array, Array, Array], Array],
    grad_second: Callable[[Array, Array, Array], Array],
) -> Tensor:
    """Apply a function to two tensors, or a tensor and a number.

    The gradient rules get the result's gradient and both arrays.
    """
    dtype = _common_dtype(first, second)
    x, y = (np.asarray(each._array if isinstance(each, Tensor) else each, dtype) for each in (first, second))
    check_broadcast(x.shape, y.shape)
    with quietly():
        result = function(x, y)
    return made(
        result,
        (first, lambda grad: summed_to(grad_first(grad, x, y), x.shape)),
        (second, lambda grad: summed_to(grad_second(grad, x, y), y.shape)),
    )


def _difference(first: Any, second: Any) -> Tensor:
    return binary(np.subtract, first, second, lambda grad, x, y: grad, lambda grad, x, y: -grad)


def _quotient(first: Any, second: Any) -> Tensor:
    def divided(x: Array, y: Array) -> Array:
        return np.divide(x, y, dtype=x.dtype if x.dtype.kind == "f" else float32)

    return binary(divided, first, second, lambda grad, x, y: grad / y, lambda grad, x, y: -grad * x / y**2)


def unary(
    function: Callable[[Array], Array], tensor: Tensor, grad_of: Callable[[Array, Array, Array], Array]
) -> Tensor:
    x = tensor.detach()._array
    with quietly():
        result = np.asarray(function(x))
    return made(result, (tensor, lambda grad: grad_of(grad, x, result)))


def floating(tensor: Tensor) -> Tensor:
    """Return the tensor, converted to float32 if it isn't already a float, as torch's functions do."""
    return tensor if tensor.dtype.kind == "f" else Tensor(tensor._array.astype(float32))


def multiplied(first: Tensor, second: Tensor) -> Tensor:
    """Return `first @ second`. Raises RuntimeError unless the shapes match and the dtypes are equal."""
    x, y = first.detach()._array, second.detach()._array
    check_product(x, y)
    with quietly():
        result = x @ y

    # Treat both as matrices: a vector on the left is a row, and a vector on the right is a column.
    row, column = np.atleast_2d(x), y[:, None] if y.ndim == 1 else y
    shape = (*result.shape[: result.ndim - (x.ndim > 1) - (y.ndim > 1)], row.shape[-2], column.shape[-1])
    return made(
        result,
        (first, lambda grad: summed_to(grad.reshape(shape) @ column.swapaxes(-1, -2), row.shape).reshape(x.shape)),
        (second, lambda grad: summed_to(row.swapaxes(-1, -2) @ grad.reshape(shape), column.shape).reshape(y.shape)),
    )
