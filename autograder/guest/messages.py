"""What a worker and the trusted side say to each other: the types of their messages, and no code.

The trusted side sends a `Request` and gets one reply. Several cells, or several calls, can go in one message; the reply
is then `Replies`. While a cell or a call runs, the worker may send a `HandleRequest`, as often as the limits allow, and
gets a `CallReply` to each.

A worker can send anything. So these types bind the writer of a message; code that reads one from a worker gets a
`Message` and looks at each part of it.
"""

from typing import Any, Literal, NotRequired, TypedDict

Message = dict[str, Any]


class Violation(Exception):
    """A worker sent something that isn't a reply to the request; the text says what."""


class WorkerSettings(TypedDict):
    """The packages of course.yaml: `allowed` are imported as they are, `inert` ones are replaced by stand-ins."""

    allowed: list[str]
    inert: list[str]


class CellRequest(TypedDict):
    """Run a cell. `index` is its number in the notebook."""

    op: Literal["cell"]
    index: int
    source: str


class CellsRequest(TypedDict):
    """Run several cells in this order."""

    op: Literal["cells"]
    cells: list[CellRequest]


class CallRequest(TypedDict):
    """Call a stub. `arguments` are the encoded `[positional, keywords]`; `draws` says how often, None means once.

    Where some arguments are `named`, `parameters` are the task's names for all of them, in their order. `keep` asks for
    what the stub keeps on its way, in a self-check; when graded nobody asks.
    """

    op: Literal["call"]
    name: str
    arguments: bytes
    draws: int | None
    named: bool
    parameters: NotRequired[list[str]]
    keep: NotRequired[Literal[True]]


class CallsRequest(TypedDict):
    """Make several calls in this order."""

    op: Literal["calls"]
    calls: list[CallRequest]


class NextRequest(TypedDict):
    """Ask for the next piece of a stream that a stub gave back."""

    op: Literal["next"]
    number: int


Request = CellRequest | CellsRequest | CallRequest | CallsRequest | NextRequest


class HandleRequest(TypedDict):
    """Use something of the trusted side's: a given by `name`, or an exported callable or iterator by `number`."""

    op: Literal["handle"]
    name: NotRequired[str]
    number: NotRequired[int]
    arguments: bytes


class ErrorReport(TypedDict):
    """An exception. `bases` are its built-in classes; `frames` are (label, line number, line of code), innermost last.

    A label is what students call a place: "code cell 3". `overwritten`: numpy's name or one of Python's own, if the
    line needs it and the notebook gave it another value.
    """

    type: str
    message: str
    bases: NotRequired[list[str]]
    frames: NotRequired[list[tuple[str, int, str]]]
    overwritten: NotRequired[str]


class CellReply(TypedDict):
    """How a cell ended; without `error`, well."""

    error: NotRequired[ErrorReport]


class CallReply(TypedDict):
    """How a call, the next piece of a stream or the use of a handle ended.

    It holds one of `value`, `answer`, `error`, `end` and `missing`, and `arguments` only if they aren't as they came: a
    stream may change those of the call that gave it.
    The use of a handle has an `answer` instead: `(value,)`, encoded, or `(arguments, value)` if it changed them.
    `warned` is [text, label, line number]: numpy's warnings. `renamed` is by the task's name of an argument what the
    stub calls it. A stream arrives in `value` as a handle, `end` is its end; `missing` means there's no such function,
    and `holds` is the type of what has its name instead. `kept` is what the stub kept, by name, each value encoded.
    """

    value: NotRequired[Any]
    error: NotRequired[ErrorReport]
    end: NotRequired[Literal[True]]
    missing: NotRequired[Literal[True]]
    holds: NotRequired[str]
    arguments: NotRequired[bytes]
    answer: NotRequired[bytes]
    printed: NotRequired[Literal[True]]
    warned: NotRequired[list[list[str | int]]]
    renamed: NotRequired[dict[str, str]]
    kept: NotRequired[dict[str, bytes]]


class Replies(TypedDict):
    """The encoded replies to several requests, in their order; none where they're too large for one message."""

    replies: NotRequired[list[bytes]]
