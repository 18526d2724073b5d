"""The types of the messages between a worker and the trusted side. There's no code here.

The trusted side sends a `Request` and gets one reply. Several cells or several calls can be sent in one message, and
then the reply is a `Replies`. While a cell or a call runs, the worker may send as many `HandleRequest`s as the limits
allow, and it gets a `CallReply` for each.

A worker can send anything, so only code that writes messages can rely on these types. Code that reads a worker's
message gets a `Message` and validates each part of it.
"""

from typing import Any, Literal, NotRequired, TypedDict

Message = dict[str, Any]


class Violation(Exception):
    """A worker sent something that isn't a reply to the request. `str()` says what's wrong."""


class WorkerSettings(TypedDict):
    """The packages in course.yaml: `allowed` ones are imported as is, and `inert` ones are replaced by stand-ins."""

    allowed: list[str]
    inert: list[str]


class CellRequest(TypedDict):
    """Run a cell. `index` is the cell's number in the notebook."""

    op: Literal["cell"]
    index: int
    source: str


class CellsRequest(TypedDict):
    """Run several cells in order."""

    op: Literal["cells"]
    cells: list[CellRequest]


class CallRequest(TypedDict):
    """Call a stub.

    `arguments` is the encoded list `[positional, keywords]`. `draws` is how many times to call the stub, or None for a
    single call. If some arguments are `named`, `parameters` has the task's names for all of them, in order. In a
    self-check, `keep` asks for the steps that the stub keeps; it's never set during grading.
    """

    op: Literal["call"]
    name: str
    arguments: bytes
    draws: int | None
    named: bool
    parameters: NotRequired[list[str]]
    keep: NotRequired[Literal[True]]


class CallsRequest(TypedDict):
    """Make several calls in order."""

    op: Literal["calls"]
    calls: list[CallRequest]


class NextRequest(TypedDict):
    """Ask for the next item of an iterator that a stub returned."""

    op: Literal["next"]
    number: int


Request = CellRequest | CellsRequest | CallRequest | CallsRequest | NextRequest


class HandleRequest(TypedDict):
    """Use something on the trusted side: a given function (by `name`), or an exported callable or iterator (by
    `number`).

    `arguments` is an encoded tuple. It holds a tuple of the positional arguments, and then a pair for each keyword.
    """

    op: Literal["handle"]
    name: NotRequired[str]
    number: NotRequired[int]
    arguments: bytes


class ErrorReport(TypedDict):
    """An exception. `bases` are its built-in classes: its own class, if that's built in, and its base classes.

    `frames` are (label, line number, line of code), innermost last. A label is what students see, such as "code cell
    3". `overwritten`, if present, is the builtin name (or `np`) that the line needs but the notebook has redefined.
    """

    type: str
    message: str
    bases: NotRequired[list[str]]
    frames: NotRequired[list[tuple[str, int, str]]]
    overwritten: NotRequired[str]


class CellReply(TypedDict):
    """The result of running a cell. If there's no `error`, it succeeded."""

    error: NotRequired[ErrorReport]


class CallReply(TypedDict):
    """The result of a call, of a request for a stream's next item, or of using a handle.

    It has one of `value`, `answer`, `error`, `end` and `missing`. It has `arguments` only if they've changed. (A stream
    may change the arguments of the call that returned it.) If a handle was used, the reply has an `answer` instead of a
    value. It's the encoded `(value,)`, or `(arguments, value)` if the arguments changed.

    `warned` lists numpy's warnings as [text, label, line number]. `renamed` maps the task's name for an argument to the
    stub's. If the stub returned a stream, `value` is a handle to it, and `end` marks the end of the stream. `missing`
    means there's no such function, and `holds` is the type of the object that has its name instead. `kept` maps the
    names of kept steps to their encoded values.
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
    """The encoded replies to several requests, in order. If the replies are too large for one message, `replies` is
    left out."""

    replies: NotRequired[list[bytes]]
