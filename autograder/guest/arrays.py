"""Write numpy arrays as bytes, and read them from bytes that the other side may have forged.

An array is a header, its shape (eight bytes for each axis), and its content. Everything is little-endian.
"""

import math
import struct
from typing import Any

import numpy as np

from autograder.guest.limits import MAX_VALUES, WireError

MAX_DIMENSIONS = 8
DTYPES = tuple(
    np.dtype(each)
    for each in ("|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
)
_NUMBERS = {dtype: number for number, dtype in enumerate(DTYPES)}
# The dtype's number, the number of axes, and whether columns lie together in memory but rows don't, as in a transposed
# array (some wrong answers fail only then). The rest is empty, so that the content is aligned.
_HEADER = struct.Struct("<BBB5x")
_SCALARS = {_HEADER.pack(number, 0, 0): dtype for number, dtype in enumerate(DTYPES)}
_SHAPES = tuple(struct.Struct(f"<{axes}Q") for axes in range(MAX_DIMENSIONS + 1))


def array_bytes(array: np.ndarray[Any, Any]) -> bytes | None:
    """Return an array as bytes, or None if its dtype or number of axes can't be sent.

    Floats and complex numbers that are too long to send are shortened, and bytes are put in little-endian order. Raises
    WireError if an empty array is too long.
    """
    number = _NUMBERS.get(array.dtype)
    if number is None:
        if array.dtype.kind in "fc" and array.dtype.itemsize > {"f": 8, "c": 16}[array.dtype.kind]:
            array = array.astype("<f8" if array.dtype.kind == "f" else "<c16")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        number = _NUMBERS.get(array.dtype)
    if number is None or array.ndim > MAX_DIMENSIONS:
        return None
    _refuse_long(array.shape)
    header = _HEADER.pack(number, array.ndim, array.flags.fnc)
    return header + _SHAPES[array.ndim].pack(*array.shape) + array.tobytes("A")


def read_array(data: bytes) -> np.ndarray[Any, Any]:
    """Return the array. Raises WireError for anything that `array_bytes` wouldn't have written."""
    try:
        number, axes, by_columns = _HEADER.unpack_from(data)
        dtype = DTYPES[number]
        shape = _SHAPES[axes].unpack_from(data, _HEADER.size)
    except (struct.error, IndexError):
        raise WireError("an array that isn't allowed") from None
    begin = _HEADER.size + 8 * axes
    if math.prod(shape) * dtype.itemsize != len(data) - begin or by_columns > 1:
        raise WireError("an array whose bytes don't match its shape")
    _refuse_long(shape)
    # Copy it, so that it can be changed and doesn't keep the message in memory.
    return np.ndarray(shape, dtype, data, begin, order="F" if by_columns else "C").copy("K")


def read_scalar(data: bytes) -> Any:
    """Return the numpy scalar. Raises WireError for anything that `array_bytes` wouldn't have written for one."""
    dtype = _SCALARS.get(data[: _HEADER.size])
    if dtype is None or len(data) != _HEADER.size + dtype.itemsize:
        raise WireError("a scalar that isn't allowed")
    return np.frombuffer(data, dtype, offset=_HEADER.size)[0]


def _refuse_long(shape: tuple[int, ...]) -> None:
    """Raise WireError if an empty array has so many rows that going through them would take forever."""
    if 0 in shape and math.prod(length or 1 for length in shape) > MAX_VALUES:
        raise WireError(f"an empty array of shape {shape} has too many rows")
