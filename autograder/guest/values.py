"""Encode and decode the values that pass between a student's process and the trusted side.

We send only plain data, using only numpy and msgpack. A frame is a big-endian length and a msgpack map. We use
extension types for what msgpack doesn't support: arrays and numpy scalars with certain dtypes, tuples, big and complex
numbers, numpy Generators (as their state), and objects that one side exports for the other to use, such as a callable
or an iterator (as a `Handle`). A Decimal or Fraction arrives as a float. A value of any other type, or a dict with more
than `MAX_KEYS` keys, arrives as an `Opaque`, which only says what it was.

If an array, list, dict or Generator occurs twice in a value, it arrives as one object, because along with the value we
send a table of the objects that occur twice. Each object in the table can refer only to those before it, so no object
can contain itself. For the size limits, we count every reference as if the object were written out again. Views of the
same memory count as separate arrays. If both sides keep a `Numbering`, the table includes every object that has a
number, so that we recognize it if it occurs again in a later value.
"""

import contextlib
import functools
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import msgpack
import numpy as np

from autograder.guest import limits
from autograder.guest.arrays import array_bytes, read_array, read_scalar
from autograder.guest.generators import read_generator
from autograder.guest.limits import MAX_DEPTH, MAX_VALUES, MUTABLE, PLAIN, count, refuse_colliding, refuse_large, walked
from autograder.guest.limits import MAX_FRAME as MAX_FRAME
from autograder.guest.limits import MAX_KEYS as MAX_KEYS
from autograder.guest.limits import WireError as WireError
from autograder.guest.numbering import Numbering

HEADER = struct.Struct(">I")
MAX_TYPE_NAME = 200
ARRAY, SCALAR, TUPLE, INTEGER, COMPLEX, GENERATOR, OPAQUE, HANDLE, SHARING, REFERENCE, NUMBERED = range(1, 12)
# Only among values of these types are there many different ones with the same hash, apart from text, where nobody can
# choose the hash.
_COLLIDING = frozenset({SCALAR, TUPLE, INTEGER, COMPLEX})


@dataclass(frozen=True)
class Opaque:
    """A value that can't cross the wire. `type_name` is a word that students know, such as "set" or "generator"."""

    type_name: str


@dataclass(frozen=True)
class Handle:
    """A reference to an object that stays on one side and is used by the other.

    A check exports callables and iterators to the stub that it calls. An iterator that a stub returns is a stream.
    """

    kind: Literal["callable", "iterator", "stream"]
    number: int


# These can be shared. This includes Opaque, because of arrays of Python objects and dicts with too many keys.
_SHARED = (*MUTABLE, Opaque)
# Returns a handle for a value to export, and None for any other value.
Export = Callable[[Any], Handle | None]
# Returns the object that stands in for a handle on the side that uses it.
Import = Callable[[Handle], Any]


def is_iterator(value: Any) -> bool:
    return hasattr(type(value), "__next__") and hasattr(type(value), "__iter__")


def export_nothing(_value: Any) -> None:
    """Export nothing, so that unsupported values arrive as `Opaque`. This is an `Export`."""


def keep(handle: Handle) -> Any:
    """Return the handle itself. This is an `Import`."""
    return handle


def pack(message: Any, limit: int = MAX_FRAME, export: Export = export_nothing) -> bytes:
    """Return a whole frame, header included.

    Raises WireError if the frame is larger than `limit` bytes, and in the same cases as `encode`.
    """
    payload = encode(message, export)
    if len(payload) > limit:
        raise WireError(f"it's too large: {len(payload):,} bytes, but at most {limit:,} can be sent")
    return HEADER.pack(len(payload)) + payload


def encode(value: Any, export: Export = export_nothing, numbering: Numbering | None = None) -> bytes:
    """Return `value` as msgpack bytes.

    Raises WireError if it nests too deeply, holds too many values, or contains itself.
    """
    _, every, twice = walked(value)
    known = {} if numbering is None else {key: one for key, one in every.items() if numbering.number(one) is not None}
    if twice:
        refuse_large(value)
    return _Sharing(export, known | twice, numbering).encode(value) if known or twice else _encode(value, export)


def _ext(code: int, data: bytes) -> msgpack.ExtType:
    # The constructor also checks the types of both, which takes twice as long.
    return tuple.__new__(msgpack.ExtType, (code, data))


def _pack(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    # Use a smaller buffer than msgpack's default of 256 KiB. Values are small, and we pack nested ones separately.
    packer = msgpack.Packer(default=default, strict_types=True, unicode_errors="surrogatepass", buf_size=1024)
    packed: bytes = packer.pack(value)
    return packed


def _encode(value: Any, export: Export, depth: int = 0) -> bytes:
    if depth > MAX_DEPTH:
        raise WireError("it nests too deeply")

    def extension(value: Any) -> Any:
        return _extension(value, export, depth)

    try:
        return _pack(value, extension)
    except (ValueError, OverflowError, RecursionError, TypeError, BufferError) as error:
        raise WireError(f"it can't be sent: {error}") from error


@functools.lru_cache(maxsize=256)
def _reference(number: int) -> msgpack.ExtType:
    return _ext(REFERENCE, _pack(number))


class _Sharing:
    """Encodes a value with a table of shared objects. `shared` maps ids to these objects."""

    def __init__(self, export: Export, shared: Mapping[int, Any], numbering: Numbering | None) -> None:
        self._export = export
        self._shared = shared
        self._numbering = numbering
        self._places: dict[int, int] = {}
        self._table: list[bytes] = []

    def encode(self, value: Any) -> bytes:
        self._table.append(_encode(self._referring(value), self._export, 1))
        content: list[Any] = self._table
        if self._numbering is not None:
            content = [list(map(self._numbering.number, map(self._shared.__getitem__, self._places))), *content]
        code = SHARING if self._numbering is None else NUMBERED
        return _pack(_ext(code, _pack(content)))

    def _referring(self, value: Any) -> Any:
        """Return the value with references in place of shared objects. Containers are copied."""
        if id(value) not in self._shared:
            return self._copied(value)
        if id(value) not in self._places:
            content = _encode(self._copied(value), self._export, 1)
            self._places[id(value)] = len(self._table)
            self._table.append(content)
        return _reference(self._places[id(value)])

    def _copied(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._referring(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            items = [item if type(item) in PLAIN else self._referring(item) for item in value]
            return items if isinstance(value, list) else tuple(items)
        return value


def decode(payload: bytes, import_: Import = keep, numbering: Numbering | None = None) -> Any:
    """Decode msgpack bytes and return the value. Raises WireError for anything that `encode` wouldn't have written."""
    reader = _Reader(import_, numbering)
    value = reader.read(payload)
    if reader.shares or not reader.is_small:
        count(value)
    if reader.shares:
        refuse_large(value)
    return value


def unpack(payload: bytes) -> dict[str, Any]:
    """Return the message in a frame's payload. Raises WireError unless it's a map with string keys."""
    message = decode(payload)
    if not isinstance(message, dict) or not all(isinstance(key, str) for key in message):
        raise WireError("not a message: not a map")
    return message


def read_frame(read: Callable[[int], bytes], limit: int = MAX_FRAME) -> bytes | None:
    """Return the next frame's payload, or None at the end of the stream.

    `read(n)` returns at most n bytes, and b"" at the end. Raises WireError if the frame is larger than `limit` bytes.
    """
    header = _read_exactly(read, HEADER.size)
    if header is None:
        return None
    (size,) = HEADER.unpack(header)
    if size > limit:
        raise WireError(f"a frame of {size:,} bytes")
    return _read_exactly(read, size)


def _read_exactly(read: Callable[[int], bytes], size: int) -> bytes | None:
    parts = []
    while size:
        part = read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _extension(value: Any, export: Export, depth: int) -> Any:
    """Return the encoded form of a value that msgpack doesn't support. The types that students use most come first."""
    if isinstance(value, tuple):
        return _ext(TUPLE, _encode(list(value), export, depth + 1))
    if isinstance(value, np.ndarray):
        return _array(np.asarray(value), ARRAY)
    if isinstance(value, np.generic) and not isinstance(value, (str, bytes)):
        return _array(np.asarray(value), SCALAR)
    if isinstance(value, int):
        number = int(value)
        if -(2**63) <= number < 2**64:
            return number
        return _ext(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True))
    if isinstance(value, complex):
        return _ext(COMPLEX, struct.pack("<dd", value.real, value.imag))
    if isinstance(value, np.random.Generator):
        return _ext(GENERATOR, _encode(value.bit_generator.state, export_nothing, depth + 1))
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    for plain in (str, bytes, float, dict, list):
        if isinstance(value, plain):
            plain_value: Any = plain
            return plain_value(value)  # turns an instance of a subclass into a plain value
    if isinstance(value, range):
        return list(value)
    if isinstance(value, Opaque):
        return _ext(OPAQUE, value.type_name.encode("utf-8", "replace")[:MAX_TYPE_NAME])
    if isinstance(value, Decimal | Fraction):
        with contextlib.suppress(ValueError, OverflowError):  # some don't fit
            return float(value)
    if hasattr(type(value), "__array__"):
        return _array(np.asarray(value), ARRAY)
    if (handle := value if isinstance(value, Handle) else export(value)) is not None:
        return _ext(HANDLE, _pack([handle.kind, handle.number]))
    return _ext(OPAQUE, type(value).__name__.encode("utf-8", "replace")[:MAX_TYPE_NAME])


def _array(array: np.ndarray[Any, Any], code: int) -> msgpack.ExtType:
    if (data := array_bytes(array)) is not None:
        return _ext(code, data)
    what = "Python objects" if array.dtype == object else f"dtype {array.dtype}"
    return _ext(OPAQUE, f"array of {what}".encode()[:MAX_TYPE_NAME])


def _refuse_extension(code: int, _data: bytes) -> None:
    raise WireError(f"an extension of type {code} where only plain values are allowed")


class _Reader:
    """Decodes one message. It stops as soon as there are too many values, before it allocates memory for the rest."""

    def __init__(self, import_: Import, numbering: Numbering | None) -> None:
        self._import = import_
        self._numbering = numbering
        self._left = MAX_VALUES
        self._holders = 0
        self._items = 0
        self._has_table = False
        self._may_collide = False
        self._objects: list[Any] = []
        self._referred_to: set[int] = set()
        # Whether the decoded value has the same object in two places.
        self.shares = False

    def read(self, payload: bytes, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise WireError("nested too deeply")
        try:
            return self._unpacked(payload, lambda code, data: self._value(code, data, depth))
        except WireError:
            raise
        except Exception as error:
            raise WireError(f"not a message: {type(error).__name__}") from error

    def _unpacked(self, data: bytes, extension: Callable[[int, bytes], Any] = _refuse_extension) -> Any:
        return msgpack.unpackb(
            data,
            ext_hook=extension,
            list_hook=self._list,
            object_pairs_hook=self._dict,
            strict_map_key=False,
            unicode_errors="surrogatepass",
            max_array_len=MAX_VALUES,
            max_map_len=limits.MAX_KEYS_READ,
            timestamp=1,  # timestamps, the one extension type that msgpack decodes itself, become plain numbers
        )

    def _one_more(self, values: int = 1) -> None:
        self._left -= values
        if self._left < 0:
            raise WireError(f"more than {MAX_VALUES:,} values")

    @property
    def is_small(self) -> bool:
        """Whether there are few values, in so few lists, tuples and dicts that they can't nest too deeply."""
        return self._holders <= MAX_DEPTH and self._items <= MAX_VALUES

    def _count_holder(self, items: int) -> None:
        self._one_more()
        self._holders += 1
        self._items += items

    def _list(self, items: list[Any]) -> list[Any]:
        self._count_holder(len(items))
        return items

    def _dict(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any] | Opaque:
        self._count_holder(len(pairs))
        if len(pairs) > MAX_KEYS:
            return Opaque(f"dict of {len(pairs):,} keys")
        if self._may_collide:
            refuse_colliding(pairs)
        return dict(pairs)

    def _value(self, code: int, data: bytes, depth: int) -> Any:
        self._may_collide = self._may_collide or code in _COLLIDING
        if code == TUPLE:
            items = self.read(data, depth + 1)
            if not isinstance(items, list):
                raise WireError("a tuple without items")
            return tuple(items)
        if code == SHARING or (code == NUMBERED and self._numbering is not None):
            return self._sharing(data, code == NUMBERED, depth)
        self._one_more()
        if code == REFERENCE:
            return self._shared(self._unpacked(data))
        if code == ARRAY:
            return read_array(data)
        if code == SCALAR:
            return read_scalar(data)
        if code == INTEGER:
            return int.from_bytes(data, "little", signed=True)
        if code == COMPLEX:
            return complex(*struct.unpack("<dd", data))
        if code == GENERATOR:
            self._one_more(limits.GENERATOR_VALUES)
            return read_generator(self.read(data, depth + 1), data)
        if code == OPAQUE:
            return Opaque(data[:MAX_TYPE_NAME].decode("utf-8", "replace"))
        if code == HANDLE:
            return self._import(_read_handle(self._unpacked(data)))
        raise WireError(f"unknown extension type {code}")

    def _shared(self, number: Any) -> Any:
        if type(number) is not int or not 0 <= number < len(self._objects):
            raise WireError("a reference to nothing")
        self.shares = self.shares or number in self._referred_to
        self._referred_to.add(number)
        return self._objects[number]

    def _sharing(self, data: bytes, numbered: bool, depth: int) -> Any:
        if self._has_table:
            raise WireError("more than one table of shared objects")
        self._has_table = True
        content = self._unpacked(data)
        numbers = content.pop(0) if numbered else [None] * (len(content) - 1)
        *table, root = content
        given = [number for number in numbers if number is not None]
        # If two objects arrived with the same number, one could contain itself.
        if len(numbers) != len(table) or len(set(given)) != len(given):
            raise WireError("numbers that don't match their objects")
        for number, written in zip(numbers, table, strict=True):
            shared = self.read(written, depth + 1)
            if not isinstance(shared, _SHARED):
                raise WireError("an object that can't be shared")
            if number is not None and self._numbering is not None:
                shared = self._numbering.arrived(number, shared)
            self._objects.append(shared)
        return self.read(root, depth + 1)


def _read_handle(content: Any) -> Handle:
    match content:
        case ["callable" | "iterator" | "stream" as kind, int(number)]:
            return Handle(kind, number)
    raise WireError("a handle of a kind that isn't allowed")
