"""Run a student's cells in one namespace, and describe exceptions in terms of the student's own lines."""

import ast
import builtins
import functools
import inspect
import linecache
import os
import random
import re
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.guest.messages import CellReply, ErrorReport

MAX_TEXT = 2_000
MAX_FRAMES = 8
CELL_NAME = "<cell {}>"
# The part of an object's default repr that's different on every run.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# Maps the file name that code was compiled with to the label that students see, or to None if the code isn't theirs.
Label = Callable[[str], str | None]


def seed_generators() -> None:
    """Seed Python's and numpy's random numbers, so that even an unseeded new Generator gives the same numbers on every
    run."""
    random.seed(0)
    np.random.seed(0)
    vars(np.random.bit_generator)["randbits"] = random.Random(0).getrandbits


def main_namespace() -> dict[str, Any]:
    """Return the namespace of a new, empty `__main__` module."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    return vars(module)


def run_cell(namespace: dict[str, Any], index: int, source: str) -> CellReply:
    """Run one cell in the namespace that all cells share. If the cell raises an error, the reply contains it.

    The cell may use `await`.
    """
    name = CELL_NAME.format(index)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & inspect.CO_COROUTINE:
            _event_loop().run_until_complete(eval(code, namespace))
        else:
            exec(code, namespace)
    except BaseException as error:
        return {"error": describe(error)}
    return {}


@functools.cache
def _event_loop() -> Any:
    """Return the event loop that all cells share, as in Jupyter.

    If sockets aren't allowed, the loop uses a pipe to wake itself up.
    """
    import asyncio  # few notebooks await anything

    class Loop(asyncio.SelectorEventLoop):
        def _make_self_pipe(self) -> None:
            loop: Any = self
            try:
                getattr(super(), "_make_self_pipe")()  # noqa: B009  # missing from the type stubs
            except OSError:
                loop._ssock, loop._csock = map(_PipeEnd, os.pipe())
                loop._internal_fds += 1
                loop._add_reader(loop._ssock.fileno(), loop._read_from_self)

    loop = Loop()
    asyncio.set_event_loop(loop)
    return loop


class _PipeEnd:
    """One end of a pipe, with the methods that an event loop calls on the sockets it wakes itself up with."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def recv(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def send(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        os.close(self._descriptor)


def cell_label(file_name: str) -> str | None:
    """Return the label of a cell that `run_cell` ran. This is a `Label`."""
    before, after = CELL_NAME.split("{}")
    number = file_name.removeprefix(before).removesuffix(after)
    return f"code cell {number}" if number.isdecimal() else None


def text_of(error: BaseException) -> str:
    """Return an error's message; "" if it has none, as when it's a number of too many digits to write out."""
    try:
        return str(error)
    except BaseException:
        return ""


def describe(error: BaseException, label: Label = cell_label) -> ErrorReport:
    """Describe an error: its type, its message, and the traceback, limited to the student's own lines."""
    message = text_of(error)
    frames: list[tuple[str, int, str]] = []
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
    report: ErrorReport = {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"],
        "message": ADDRESS.sub("", message[:MAX_TEXT]),
        "frames": frames[-MAX_FRAMES:],
    }
    if (overwritten := _overwritten(error, label)) is not None:
        report["overwritten"] = overwritten
    return report


def _overwritten(error: BaseException, label: Label) -> str | None:
    """Return the name of a builtin (or `np`) that the failing line needs but that the student's code has redefined."""
    if isinstance(error, UnboundLocalError):
        named = re.search(r"'(\w+)'", text_of(error))
        return named[1] if named and hasattr(builtins, named[1]) else None
    trace, own = error.__traceback__, None
    while trace is not None:
        own = trace if label(trace.tb_frame.f_code.co_filename) is not None else own
        trace = trace.tb_next
    if own is None:
        return None
    values, names = own.tb_frame.f_globals, own.tb_frame.f_code.co_names
    if isinstance(error, AttributeError) and "np" in names and values.get("np", np) is not np:
        return "np"
    if not isinstance(error, TypeError) or not text_of(error).endswith("object is not callable"):
        return None
    taken = (name for name in names if name in values and hasattr(builtins, name) and not callable(values[name]))
    return next(taken, None)
