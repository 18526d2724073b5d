"""Serve requests in the process that runs a student's code.

A worker runs `serve`. A Jupyter kernel uses a `CallServer` to call its own live functions. The module `messages`
defines the requests and replies.
"""

import contextlib
import functools
import inspect
import io
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.guest import values
from autograder.guest.arrays import array_bytes
from autograder.guest.cells import MAX_TEXT, Label, cell_label, describe, main_namespace, run_cell, seed_generators
from autograder.guest.identities import OwnObjects
from autograder.guest.keeping import keeping
from autograder.guest.limits import PLAIN
from autograder.guest.messages import CallReply, HandleRequest, Message, WorkerSettings
from autograder.guest.stand_ins import Ask, Imported, ImportedFunction, ImportedIterator, install

# The maximum total size of the replies in one message, in bytes.
MAX_TOGETHER = 1024 * 1024
MAX_WARNINGS = 3
# Python optimizes a function from its eighth call on.
WARM_UPS = 10
# Arrays, each with its bytes at some point.
_Arrays = Sequence[tuple[np.ndarray[Any, Any], bytes | None]]


def serve(read: Callable[[int], bytes], write: Callable[[bytes], None], settings: WorkerSettings) -> None:
    """Reply to each frame until the stream ends. `read(n)` returns at most n bytes, and b"" at the end.

    Raises EOFError if the stream ends while the student's code is waiting for a reply.
    """

    def ask(message: HandleRequest) -> Message:
        write(values.pack(message))
        payload = values.read_frame(read)
        if payload is None:
            raise EOFError("the stream ended")
        return values.unpack(payload)

    namespace = main_namespace()
    seed_generators()
    install(settings, ask)
    server = CallServer(ask, cell_label)
    while (payload := values.read_frame(read)) is not None:
        request = values.unpack(payload)
        if request["op"] == "cell":
            write(values.pack(run_cell(namespace, request["index"], request["source"])))
        elif request["op"] == "cells":
            write(
                together(values.encode(run_cell(namespace, each["index"], each["source"])) for each in request["cells"])
            )
        else:
            write(server.answer(namespace, request))


def warm_up() -> None:
    """Make a few practice calls before any student's code arrives, so that processes forked from this one reply
    faster."""
    server = CallServer(lambda _: {}, lambda _: None)
    arguments = values.encode([[np.arange(6.0).reshape(2, 3), [1, 2]], {"axis": -1}])
    call = {"op": "call", "name": "example", "arguments": arguments, "draws": None, "named": True}
    frame = values.pack({"op": "calls", "calls": [call]})
    for _ in range(WARM_UPS):
        payload = values.read_frame(io.BytesIO(frame).read)
        assert payload is not None
        server.answer({"example": _example}, values.unpack(payload))


def _example(numbers: Any, _more: Any, axis: int) -> Any:
    """Return sums of numbers, computed with the operations that students use most."""
    return np.sum(np.exp(np.minimum(numbers, np.max(numbers))), axis=axis, keepdims=True)


def together(replies: Iterable[bytes]) -> bytes:
    """Return one frame with the replies to several requests, or with no replies if they don't all fit."""
    made = list(replies)
    return values.pack({"replies": made} if sum(map(len, made)) <= MAX_TOGETHER else {})


@dataclass(frozen=True)
class _Given:
    """The arguments of a call, both as the stub sees them and in the encoded form in which they arrived.

    objects: the numbering of the objects that the stub passes to exported callables during the call. arrays: if the
    stub can't change anything but arrays, those arrays, each with its bytes before the call.
    """

    arguments: Any
    encoded: bytes
    objects: OwnObjects
    arrays: _Arrays | None

    def left(self, export: values.Export) -> bytes | None:
        """Return the encoded arguments as the stub left them, or None if it didn't change them."""
        # It takes longer to encode all of them than to look at their arrays.
        if self.arrays is not None and all(array_bytes(array) == before for array, before in self.arrays):
            return None
        left = values.encode(self.arguments, export)
        return None if left == self.encoded else left


class CallServer:
    """Answers calls to stubs and keeps the iterators they return. `ask` sends a message to the trusted side."""

    def __init__(self, ask: Ask, label: Label) -> None:
        self._ask = ask
        self._label = label
        self._streams: list[tuple[Iterator[Any], _Given]] = []
        self._running: OwnObjects | None = None  # the objects of the call that's running

    def answer(self, namespace: Mapping[str, Any], request: Message) -> bytes:
        """Return a frame with the reply to a call, to several calls, or to a request for a stream's next item."""
        if request["op"] == "calls":
            return together(self.answer(namespace, each)[values.HEADER.size :] for each in request["calls"])
        notes: CallReply = {}
        try:
            with _watched(notes, self._label), keeping(notes, request.get("keep") is True):
                calling = request["op"] == "call"
                reply, given = self._call(namespace, request, notes) if calling else self._next(request["number"])
                export = functools.partial(self._export, given)
                if (left := given.left(export)) is not None:
                    reply["arguments"] = left
            return values.pack({**reply, **notes}, export=export)
        except values.WireError as error:
            return values.pack({"error": {"type": "WireError", "bases": [], "message": str(error), "frames": []}})
        except BaseException as error:
            kept: CallReply = {"kept": notes["kept"]} if "kept" in notes else {}
            return values.pack({"error": describe(error, self._label), **kept})
        finally:
            self._running = None

    def _call(self, namespace: Mapping[str, Any], request: Message, notes: CallReply) -> tuple[CallReply, _Given]:
        stub = namespace.get(request["name"])
        self._running = objects = OwnObjects()
        arguments = values.decode(request["arguments"], functools.partial(self._import, objects))
        given = _Given(arguments, request["arguments"], objects, _arrays(*arguments))
        if not callable(stub):
            missing: CallReply = {"missing": True}
            return missing if stub is None else {**missing, "holds": type(stub).__name__}, given
        positional, keywords = arguments
        if renamed := _renamed(stub, keywords, request.get("parameters", [])):
            notes["renamed"] = renamed
            keywords = {renamed.get(name, name): value for name, value in keywords.items()}
        if request.get("draws") is None:
            value = stub(*positional, **keywords)
        else:
            value = [stub(*positional, **keywords) for _ in range(request["draws"])]
        return {"value": value}, given

    def _next(self, number: int) -> tuple[CallReply, _Given]:
        stream, given = self._streams[number]
        self._running = given.objects
        try:
            return {"value": next(stream)}, given
        except StopIteration:
            return {"end": True}, given

    def _export(self, given: _Given, value: Any) -> values.Handle | None:
        if isinstance(value, Imported):
            return value.handle
        if not values.is_iterator(value):
            return None
        self._streams.append((value, given))
        return values.Handle("stream", len(self._streams) - 1)

    def _import(self, objects: OwnObjects, handle: values.Handle) -> Imported:
        kind = ImportedIterator if handle.kind == "iterator" else ImportedFunction
        return kind(handle, self._ask, objects, lambda: self._running is objects)


def _arrays(positional: Sequence[Any], keywords: Mapping[str, Any]) -> _Arrays | None:
    """Return the arrays among a call's arguments, each with its bytes; None if other arguments can change, too."""
    arrays = []
    for each in (*positional, *keywords.values()):
        if type(each) is np.ndarray:
            arrays.append((each, array_bytes(each)))
        elif type(each) not in PLAIN:
            return None
    return arrays


def _renamed(stub: Callable[..., Any], keywords: Collection[str], parameters: Sequence[str]) -> dict[str, str]:
    """Map each keyword that the stub doesn't know to the stub's own name for the argument in the same position.

    `parameters` are the task's names for all arguments, in order.
    """
    code = getattr(stub, "__code__", None)
    # Nearly every stub uses the task's names, and inspecting the whole signature would take up a sixth of a call's
    # time.
    if not keywords or (code is not None and set(keywords) <= set(code.co_varnames[: code.co_argcount])):
        return {}
    try:
        own = inspect.signature(stub).parameters
    except (TypeError, ValueError):
        return {}
    if any(each.kind is each.VAR_KEYWORD for each in own.values()):
        return {}
    by_name = [
        name if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) else "" for name, each in own.items()
    ]
    places = dict(zip(parameters, by_name, strict=False))
    return {name: places[name] for name in keywords if places.get(name) and places[name] not in parameters}


class _WatchedOutput:
    """A stream that passes everything on and records in `notes` that something was written."""

    def __init__(self, stream: Any, notes: CallReply) -> None:
        self._stream = stream
        self._notes = notes

    def write(self, text: str) -> Any:
        self._notes["printed"] = True
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def _watched(notes: CallReply, label: Label) -> Iterator[None]:
    """Record whether the student's code prints, and any numpy warnings it causes.

    Other warnings are shown as usual.
    """
    stream = sys.stdout
    watching: Any = _WatchedOutput(stream, notes)
    sys.stdout = watching
    found: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as found:
            yield
    finally:
        if sys.stdout is watching:
            sys.stdout = stream
        for each in found:
            place = label(each.filename) if issubclass(each.category, RuntimeWarning) else None
            if place is None:
                warnings.showwarning(each.message, each.category, each.filename, each.lineno)
            elif len(noted := notes.setdefault("warned", [])) < MAX_WARNINGS:
                noted.append([str(each.message)[:MAX_TEXT], place, each.lineno])
