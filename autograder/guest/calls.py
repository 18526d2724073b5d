"""Runs a student's cells and calls their stubs, one request at a time. Needs numpy and the wire, nothing else.

A sandboxed process runs `serve`; a Jupyter kernel uses a `Desk` on its own live functions. Requests and replies:

    {"op": "cell", "index": 3, "source": "…"}          -> {} or {"error": …}
    {"op": "cells", "cells": [{"op": "cell", …}, …]}   -> {"replies": [the bytes of each, …]}
    {"op": "call", "name": "softmax", "arguments": bytes, "draws": n}
                                                       -> {"value": …, "arguments": bytes} or {"error": …}
    {"op": "next", "number": 0}                        -> {"value": …}, {"end": True} or {"error": …}
    {"op": "calls", "calls": [{"op": "call", …}, …]}   -> {"replies": [the bytes of each, …]}

`arguments` are the encoded positional and keyword arguments; they come back only where the stub changed them. What a
stub gives back piece by piece arrives as the handle of a stream, and "next" asks for its next piece. Where the call
printed or numpy warned, the reply also holds "printed": True, "warned": [[text, label, line], …]. An error: {"type",
"bases", "message", "frames": [[label, line, text], …]}; a label is a place's name for students: "code cell 3".

While a cell or call runs, the student's code may use what the trusted side has: a given with {"op": "handle", "name":
…, "arguments": bytes}, a callable that it was lent with "number" in place of the name, an iterator likewise, with no
arguments. The reply is that of a call: what the trusted side changed in the arguments is changed here too.
"""

import builtins
import contextlib
import copy
import functools
import importlib.machinery
import linecache
import random
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from dis import opmap
from typing import Any

import numpy as np

from autograder.guest import values

Message = dict[str, Any]
MAX_TEXT = 2_000
# Of a given: the longest question whose answer is kept, and how many are.
KEPT_BYTES, MOST_KEPT = 1_000, 100
# Replies to several requests at once, in bytes.
MAX_TOGETHER = 1024 * 1024
MAX_FRAMES = 8
MAX_WARNINGS = 3
CELL_NAME = "<cell {}>"
# Of an object without words of its own; it is another each time.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# The name of a file that code was compiled from -> what the student calls it; None where it is none of theirs.
Label = Callable[[str], str | None]


def serve(read: Callable[[int], bytes], write: Callable[[bytes], None], settings: Message) -> None:
    """Answer frames until the stream ends. `settings`: "allowed" and "inert" package names."""

    def ask(message: Message) -> Message:
        write(values.pack(message))
        payload = values.read_frame(read)
        if payload is None:
            raise EOFError("the stream ended")
        return values.unpack(payload)

    namespace = _main_module()
    _seed()
    _install_stand_ins(settings, ask)
    desk = Desk(ask, cell_label)
    while (payload := values.read_frame(read)) is not None:
        request = values.unpack(payload)
        if request["op"] == "cell":
            write(values.pack(run_cell(namespace, request["index"], request["source"])))
        elif request["op"] == "cells":
            write(
                together(values.encode(run_cell(namespace, each["index"], each["source"])) for each in request["cells"])
            )
        else:
            write(desk.answer(namespace, request))


def _seed() -> None:
    """What a notebook draws without a seed is the same each time it is graded: Python's, numpy's, a new Generator's."""
    random.seed(0)
    np.random.seed(0)
    vars(np.random.bit_generator)["randbits"] = random.Random(0).getrandbits


def _main_module() -> dict[str, Any]:
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    return vars(module)


def run_cell(namespace: dict[str, Any], index: int, source: str) -> Message:
    """Run one cell in the namespace that all cells share; its error, if any, is the reply."""
    name = CELL_NAME.format(index)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        exec(compile(source, name, "exec"), namespace)
    except BaseException as error:
        return {"error": describe(error)}
    return {}


def cell_label(file_name: str) -> str | None:
    """The `Label` of cells that `run_cell` ran."""
    before, after = CELL_NAME.split("{}")
    number = file_name.removeprefix(before).removesuffix(after)
    return f"code cell {number}" if number.isdecimal() else None


def together(replies: Iterable[bytes]) -> bytes:
    """The frame of the replies to several requests; of none of them where they are too large for one."""
    made = list(replies)
    return values.pack({"replies": made} if sum(map(len, made)) <= MAX_TOGETHER else {})


class Desk:
    """Answers calls of stubs, and keeps the streams that they gave back. `ask` brings a message to the trusted side."""

    def __init__(self, ask: Callable[[Message], Message], label: Label) -> None:
        self._ask = ask
        self._label = label
        self._streams: list[Iterator[Any]] = []

    def answer(self, namespace: Mapping[str, Any], request: Message) -> bytes:
        """The frame of the reply to a "call", "calls" or "next"."""
        if request["op"] == "calls":
            return together(self.answer(namespace, each)[values.HEADER.size :] for each in request["calls"])
        heard: Message = {}
        try:
            with _overheard(heard, self._label):
                reply = self._call(namespace, request) if request["op"] == "call" else self._next(request["number"])
            return values.pack({**reply, **heard}, lend=self._lend)
        except values.WireError as error:
            return values.pack({"error": {"type": "WireError", "bases": [], "message": str(error), "frames": []}})
        except BaseException as error:
            return values.pack({"error": describe(error, self._label)})

    def _call(self, namespace: Mapping[str, Any], request: Message) -> Message:
        stub = namespace.get(request["name"])
        if not callable(stub):
            return {"missing": True}
        arguments = values.decode(request["arguments"], self._borrow)
        positional, keywords = arguments
        if request.get("draws") is None:
            value = stub(*positional, **keywords)
        else:
            value = [stub(*positional, **keywords) for _ in range(request["draws"])]
        left = values.encode(arguments, self._lend)
        return {"value": value} if left == request["arguments"] else {"value": value, "arguments": left}

    def _next(self, number: int) -> Message:
        try:
            return {"value": next(self._streams[number])}
        except StopIteration:
            return {"end": True}

    def _lend(self, value: Any) -> values.Handle | None:
        if isinstance(value, _Borrowed):
            return value.handle
        if not values.is_iterator(value):
            return None
        self._streams.append(value)
        return values.Handle("stream", len(self._streams) - 1)

    def _borrow(self, handle: values.Handle) -> "_Borrowed":
        return (_BorrowedIterator if handle.kind == "iterator" else _BorrowedFunction)(handle, self._ask)


class _Borrowed:
    """What the trusted side lent for a call; using it asks there."""

    def __init__(self, handle: values.Handle, ask: Callable[[Message], Message]) -> None:
        self.handle = handle
        self._ask = ask

    def _use(self, *args: Any, **kwargs: Any) -> Any:
        return asked({"op": "handle", "number": self.handle.number}, self._ask, args, kwargs)


class _BorrowedFunction(_Borrowed):
    __name__ = "function"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._use(*args, **kwargs)


class _BorrowedIterator(_Borrowed):
    def __iter__(self) -> "_BorrowedIterator":
        return self

    def __next__(self) -> Any:
        return self._use()


class _Overhearing:
    """A stream that passes everything on and notes in `heard` that something was written."""

    def __init__(self, stream: Any, heard: Message) -> None:
        self._stream = stream
        self._heard = heard

    def write(self, text: str) -> Any:
        self._heard["printed"] = True
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def _overheard(heard: Message, label: Label) -> Iterator[None]:
    """Note whether the student's code prints, and what numpy warns of in it. Other warnings are shown as ever."""
    stream = sys.stdout
    hearing: Any = _Overhearing(stream, heard)
    sys.stdout = hearing
    found: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as found:
            yield
    finally:
        if sys.stdout is hearing:
            sys.stdout = stream
        for each in found:
            place = label(each.filename) if issubclass(each.category, RuntimeWarning) else None
            if place is None:
                warnings.showwarning(each.message, each.category, each.filename, each.lineno)
            elif len(noted := heard.setdefault("warned", [])) < MAX_WARNINGS:
                noted.append([str(each.message)[:MAX_TEXT], place, each.lineno])


def describe(error: BaseException, label: Label = cell_label) -> Message:
    """The error by name, with the student's own lines and no others."""
    try:
        message = str(error)
    except BaseException:
        message = ""
    frames = []
    if isinstance(error, SyntaxError):
        frames.append(
            (label(error.filename or "") or "a file", error.lineno or 0, (error.text or "").strip()[:MAX_TEXT])
        )
        message = error.msg or message
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if (place := label(name)) is not None:
            line = linecache.getline(name, trace.tb_lineno).strip()[:MAX_TEXT]
            frames.append((place, trace.tb_lineno, line))
        trace = trace.tb_next
    return {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"],
        "message": ADDRESS.sub("", message[:MAX_TEXT]),
        "frames": frames[-MAX_FRAMES:],
    }


class Inert:
    """Does nothing, whatever is asked of it: called, indexed, unpacked, entered. Graded notebooks draw with it."""

    def __getattr__(self, name: str) -> "Inert":
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert()

    def __call__(self, *_args: Any, **_kwargs: Any) -> "Inert":
        return Inert()

    def __getitem__(self, _key: Any) -> "Inert":
        return Inert()

    def __setitem__(self, _key: Any, _value: Any) -> None: ...

    def __enter__(self) -> "Inert":
        return self

    def __exit__(self, *_exception: Any) -> None: ...

    def __iter__(self) -> Iterator["Inert"]:
        return iter([Inert() for _ in range(_unpacked_into(sys._getframe(1)))])

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "nothing"

    def _same(self, *_others: Any) -> "Inert":
        return Inert()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _same
    __or__ = __ror__ = __and__ = __rand__ = __pow__ = __rpow__ = __floordiv__ = __mod__ = _same

    def _never(self, _other: Any) -> bool:
        return False

    __lt__ = __gt__ = __le__ = __ge__ = _never


def _unpacked_into(frame: types.FrameType) -> int:
    """How many names `a, b = inert` unpacks into, read from the instruction that asks; 0 where it is a plain loop."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] == opmap["UNPACK_SEQUENCE"]:
        return code[at + 1]
    if code[at] == opmap["UNPACK_EX"]:
        return code[at + 1]
    return 0


def _subplots(nrows: int = 1, ncols: int = 1, *_args: Any, squeeze: bool = True, **_kwargs: Any) -> tuple[Inert, Any]:
    """Axes in the shape that matplotlib.pyplot.subplots gives them, so that a loop over them runs as it does there."""
    axes = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(nrows, ncols):
        axes[place] = Inert()
    if not squeeze:
        return Inert(), axes
    return Inert(), axes.item() if axes.size == 1 else axes.squeeze()


class _InertModule(types.ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012  # shared by all, for none has a place on disk

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _subplots if name == "subplots" else Inert()


class _InertFinder:
    """Finds the packages that do nothing when graded."""

    def __init__(self, inert: Sequence[str]) -> None:
        self.inert = frozenset(inert)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] in self.inert:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None: ...


class _Gate:
    """Asked first: refuses every package that is neither Python's own nor allowed, installed or not."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.open = frozenset(allowed) | sys.stdlib_module_names
        self.allowed = allowed

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        package = name.split(".")[0]
        if package not in self.open:
            # By the package's name: by its own, `from autograder import course` would only miss an attribute.
            raise ModuleNotFoundError(not_available(name, self.allowed), name=package)


def not_available(module: str, allowed: Sequence[str]) -> str:
    return f"{module} is not available when graded: {' and '.join(allowed)} only"


def _install_stand_ins(settings: Message, ask: Callable[[Message], Message]) -> None:
    engine, given = types.ModuleType("autograder"), types.ModuleType("autograder.given")
    # As a package, so that what is asked for of it beside these is refused in the same words as any other.
    engine.__path__ = []
    vars(engine).update(check=lambda *_args, **_kwargs: Inert(), solved=lambda *_args, **_kwargs: None, given=given)
    given.__getattr__ = lambda stub: given_function(stub, ask)  # type: ignore[method-assign]
    sys.modules.update({"autograder": engine, "autograder.given": given})
    sys.meta_path[:0] = [_InertFinder(settings["inert"]), _Gate(settings["allowed"])]
    vars(builtins).update(display=lambda *_args, **_kwargs: None, get_ipython=Inert, input=lambda *_args: "")


@functools.cache
def given_function(stub: str, ask: Callable[[Message], Message]) -> Callable[..., Any]:
    """A given as the student calls it; `ask` brings a request to the trusted side and its reply back.

    Answers to small questions are kept: a sampler asks for the softmax of the same logits many thousands of times.
    """
    if stub.startswith("_"):
        raise AttributeError(stub)
    kept: dict[bytes, Any] = {}

    def given(*args: Any, **kwargs: Any) -> Any:
        question = values.encode([args, kwargs])
        if question in kept:
            return copy.deepcopy(kept[question])
        value = asked({"op": "handle", "name": stub}, ask, args, kwargs)
        # What a given changed, a Generator too, it has to change again.
        if len(question) <= KEPT_BYTES and len(kept) < MOST_KEPT and values.encode([args, kwargs]) == question:
            kept[question] = copy.deepcopy(value)
        return value

    given.__name__ = given.__qualname__ = stub
    return given


def asked(message: Message, ask: Callable[[Message], Message], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The value of what the trusted side was asked to call; its exception by name where it raised one."""
    arguments = [list(args), dict(kwargs)]
    reply = ask({**message, "arguments": values.encode(arguments)})
    if "arguments" in reply:
        _take_over(arguments, values.decode(reply["arguments"]))
    if "error" in reply:
        error = getattr(builtins, reply["error"]["type"], RuntimeError)
        raise error(reply["error"]["message"])
    return reply["value"]


def _take_over(mine: Any, theirs: Any) -> None:
    """Change arrays and Generators as the trusted side changed its copies of them."""
    if isinstance(mine, np.ndarray):
        if mine.flags.writeable:
            np.copyto(mine, theirs)
    elif isinstance(mine, np.random.Generator):
        mine.bit_generator.state = theirs.bit_generator.state
    elif isinstance(mine, dict):
        for key in mine:
            _take_over(mine[key], theirs[key])
    elif isinstance(mine, list | tuple):
        for one, other in zip(mine, theirs, strict=True):
            _take_over(one, other)
