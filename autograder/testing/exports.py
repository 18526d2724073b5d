"""What a check lends to a stub for one call: callables and iterators that stay here while the stub uses them."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, Literal

from autograder.guest import limits
from autograder.guest import values as wire
from autograder.guest.identities import Copies

# What the uses of exported callables may carry, in bytes, in one call: the checks keep all of it. Each value weighs
# more than it takes on the wire.
MAX_ASKED = 16 * 1024 * 1024
VALUE_BYTES = 64
# What one use of an exported callable may carry: it runs where the checks do, and nothing there would stop it.
MAX_ELEMENTS = 64 * 1024

Message = dict[str, Any]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Givens = Callable[[str, Arguments], Any]


class TooMuchAsked(Exception):
    """A stub's uses of what the check handed to it carry more than `MAX_ASKED` bytes in one call; `str()` says so."""


class ExportTable:
    """The callables and iterators among the arguments of one call, which the stub uses from its own process."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.copies = Copies()
        self._uses: list[tuple[int, Arguments]] = []
        self._carried = 0

    def export(self, value: Any) -> wire.Handle | None:
        """The `wire.Export` of this call's arguments."""
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
        """What a use of one of them gives; its exceptions are the stub's to see. The arguments may be anything."""
        if type(number) is not int or number < 0:
            raise IndexError(f"nothing was lent under {number!r}"[:100])
        item = self.items[number]
        self._uses.append((number, copy.deepcopy(arguments)))
        args, kwargs = arguments
        return next(item) if wire.is_iterator(item) else item(*args, **kwargs)

    def carry(self, size: int) -> None:
        """Count what a use carries. Raises TooMuchAsked where the call's uses together carry too much."""
        self._carried += size
        if self._carried > MAX_ASKED:
            raise TooMuchAsked(f"what it sent to the checks adds up to more than {MAX_ASKED:,} bytes")

    def take_uses(self) -> tuple[tuple[int, Arguments], ...]:
        """The uses since this was last asked for them."""
        uses, self._uses = tuple(self._uses), []
        return uses


def encoded_once(arguments: Arguments) -> bytes | None:
    """Encode a question's arguments once for all; None if they hold what each call has to export anew."""
    exports = ExportTable()
    encoded = wire.encode(arguments, exports.export)
    return None if exports.items else encoded


def serve(message: Mapping[str, Any], givens: Givens, exports: ExportTable | None = None) -> Message:
    """Answer the student's use of a given or of something exported; whatever is wrong with it is the exception it gets.

    Raises TooMuchAsked.
    """
    table = exports or ExportTable()
    try:
        args, kwargs = arguments = wire.decode(message["arguments"], numbering=table.copies)
        if exports is not None:
            exports.carry(len(message["arguments"]) + VALUE_BYTES * limits.count([args, kwargs]))
        if "name" in message:
            value = givens(str(message["name"]), (tuple(args), dict(kwargs)))
        else:
            _refuse_too_many(limits.elements([args, kwargs]))
            value = table.use(message["number"], (tuple(args), dict(kwargs)))
        unchanged = wire.encode(arguments, numbering=table.copies) == message["arguments"]
        return {"answer": _encoded((value,) if unchanged else (arguments, value), table)}
    except TooMuchAsked:
        raise
    except Exception as error:
        return {"error": {"type": type(error).__name__, "message": str(error)[:500]}}


def _encoded(answer: Any, table: ExportTable) -> bytes:
    """An answer with what it changed. Raises ValueError where it's too large to be sent."""
    try:
        return wire.encode(answer, numbering=table.copies)
    except wire.WireError as error:
        raise ValueError(str(error)) from error


def _refuse_too_many(elements: int) -> None:
    if elements > MAX_ELEMENTS:
        raise ValueError(
            f"this function takes at most {MAX_ELEMENTS:,} elements in one call (numbers, list items and characters "
            f"all count), and this call has {elements:,}. Call it with less data."
        )
