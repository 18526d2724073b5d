"""The callables and iterators that a check passes to a stub. They stay in this process, and the stub gets handles to
them."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from autograder.guest import limits
from autograder.guest import values as wire
from autograder.guest.cells import text_of
from autograder.guest.copying import copied
from autograder.guest.identities import Copies

# The most bytes that a stub can send in one call when it uses exported objects, because the checks keep everything it
# sends. We add VALUE_BYTES for each value, since a value takes up more space in memory than on the wire.
MAX_ASKED = 16 * 1024 * 1024
VALUE_BYTES = 64
# The most elements that a stub can pass to an exported callable at a time. The callable runs in the checks' own
# process, where nothing would stop it.
MAX_ELEMENTS = 64 * 1024

Message = dict[str, Any]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Givens = Callable[[str, Arguments], Any]


class TooMuchAsked(Exception):
    """A stub sent more than `MAX_ASKED` bytes in one call when it used exported objects. `str()` says so."""


class ExportTable:
    """The callables and iterators in one call's arguments, which the stub uses from its own process."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.copies = Copies()
        self._uses: list[tuple[int, Arguments]] = []
        self._carried = 0

    def export(self, value: Any) -> wire.Handle | None:
        """Return a handle for a callable or iterator, or None for anything else. This is the call's `wire.Export`."""
        kind: Literal["iterator", "callable"]
        if wire.is_iterator(value):
            kind = "iterator"
        elif callable(value) and not isinstance(value, type):
            kind = "callable"
        else:
            return None
        self.items.append(value)
        return wire.Handle(kind, len(self.items) - 1)

    def use(self, number: int, arguments: Arguments) -> Any:
        """Return the result of one use of an exported object.

        The arguments come from the student's process, so they can be anything. If the object raises an exception, it's
        passed back to the stub.
        """
        if type(number) is not int or number < 0:
            raise IndexError(f"nothing was exported under {number!r}"[:100])
        item = self.items[number]
        self._uses.append((number, copied(arguments)))
        args, kwargs = arguments
        return next(item) if wire.is_iterator(item) else item(*args, **kwargs)

    @property
    def last_used_with(self) -> Arguments:
        """The arguments of the last use, as they were before it."""
        return self._uses[-1][1]

    def carry(self, size: int) -> None:
        """Count the bytes that one use sends. Raises TooMuchAsked if all the uses in this call together send too
        many."""
        self._carried += size
        if self._carried > MAX_ASKED:
            raise TooMuchAsked(f"what it sent to the checks adds up to more than {MAX_ASKED:,} bytes")

    def take_uses(self) -> tuple[tuple[int, Arguments], ...]:
        """Return the uses recorded since the last call."""
        uses, self._uses = tuple(self._uses), []
        return uses


def encoded_once(arguments: Arguments) -> bytes | None:
    """Encode a call's arguments for reuse. Return None if they contain callables or iterators, since each call has to
    export those again."""
    exports = ExportTable()
    encoded = encoded_arguments(arguments, exports)
    return None if exports.items else encoded


def encoded_arguments(arguments: Arguments, exports: ExportTable) -> bytes:
    """Encode the arguments of a call to a stub, and export their callables and iterators."""
    args, kwargs = arguments
    # Lists, because it takes longer to decode tuples.
    return wire.encode([list(args), kwargs], exports.export)


def serve(message: Mapping[str, Any], givens: Givens, exports: ExportTable | None = None) -> Message:
    """Answer a request that calls a given or uses an exported object. If there's an error, the stub gets it as an
    exception.

    Raises TooMuchAsked.
    """
    table = exports or ExportTable()
    try:
        is_given = "name" in message
        # A call to a given numbers its objects anew.
        copies = Copies() if is_given else table.copies
        args, *kwargs = arguments = wire.decode(message["arguments"], numbering=copies)
        if exports is not None:
            exports.carry(len(message["arguments"]) + VALUE_BYTES * limits.count([args, kwargs]))
        passed = (tuple(args), dict(kwargs))
        if is_given:
            value = givens(str(message["name"]), passed)
        else:
            _refuse_too_many(limits.elements([args, kwargs]))
            value = table.use(message["number"], passed)
        unchanged = (not is_given and _surely_equal(table.last_used_with, passed)) or (
            wire.encode(arguments, numbering=copies) == message["arguments"]
        )
        return {"answer": _encoded((value,) if unchanged else (arguments, value), copies)}
    except TooMuchAsked:
        raise
    except Exception as error:
        return {"error": {"type": type(error).__name__, "message": text_of(error)[:500]}}


def _surely_equal(one: Any, other: Any) -> bool:
    """Return True only if two values are the same down to the last bit. Comparing them takes a fifth as long as
    encoding one."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_surely_equal, one, other))
    if isinstance(one, dict):
        return [*one] == [*other] and all(map(_surely_equal, one.values(), other.values()))
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, float):
        return bool(one.hex() == other.hex())
    return one is None or (isinstance(one, int | str | bytes) and bool(one == other))


def _encoded(answer: Any, copies: Copies) -> bytes:
    """Encode an answer, along with the arguments if they changed. Raises ValueError if it's too large to send."""
    try:
        return wire.encode(answer, numbering=copies)
    except wire.WireError as error:
        raise ValueError(str(error)) from error


def _refuse_too_many(elements: int) -> None:
    if elements > MAX_ELEMENTS:
        raise ValueError(
            f"this function takes at most {MAX_ELEMENTS:,} elements in one call (numbers, list items and characters "
            f"all count), but this call has {elements:,}. Call it with less data."
        )
