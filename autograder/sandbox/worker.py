"""Student code in a process of its own, asked over the wire: ask, deadline, kill. The trusted side.

A `Worker` is one such process, whichever sandbox started it: `confined.Sandbox` confines its workers,
`unconfined.PlainProcesses` only keeps the deadline, on any system.
"""

import importlib.util
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from autograder.guest import values
from autograder.guest.messages import Violation
from autograder.sandbox.clock import Clock, Deadline

MAX_HANDLE_CALLS = 10_000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
OUT_OF_MEMORY = 71  # the exit code of a worker whose last words found no room
# How much is read at once.
CHUNK = 256 * 1024
# Python's own folders come first and alone; the engine's and the packages' are told apart, for workers lose them.
BOOT = (
    "import sys, json; standard = list(sys.path); sys.path += json.loads(sys.argv[1]); "
    "from autograder.sandbox import {module}; {module}.{call}"
)


class WorkerTimeout(Exception):
    """No reply in time; the worker is killed."""


class WorkerDied(Exception):
    """The worker ended before it replied; the text says how."""


class WorkerKilled(WorkerDied):
    """It was killed: from outside, or by the kernel where memory or processor time run out."""


class SandboxFault(Exception):
    """The sandbox failed, not the student; the text is a sentence."""


class WorkerLine(Protocol):
    """One worker's connection: bytes to it and from it, its output, its clock, its end."""

    clock: Clock

    def send(self, data: bytes, deadline: Deadline) -> None:
        """TimeoutError at the deadline, EOFError where the worker takes no more."""

    def receive(self, deadline: Deadline) -> bytes:
        """Some bytes, at least one. TimeoutError at the deadline, EOFError at the end."""

    def waiting(self) -> bool:
        """Whether bytes are there that nobody asked for."""

    def drain(self) -> None:
        """Take what the worker has printed until now."""

    def end(self, patience: float) -> str:
        """Wait that long for the worker to end by itself, else kill it; how it ended. To be called once.

        SandboxFault where nobody is left to tell.
        """

    @property
    def output(self) -> str: ...


class Worker:
    """A process that holds one submission. After any exception of `ask` it is dead, and `close` is all that is left."""

    def __init__(self, line: WorkerLine) -> None:
        self.line = self._line = line
        self._ended: str | None = None
        self.reply_bytes = 0  # of the last reply
        self.seconds = 0.0  # of the last request, as `clock` counts them, without the time to serve it

    @property
    def output(self) -> str:
        """What the student's code printed, stdout and stderr; the first part only where it is too much."""
        return self._line.output

    def ask(
        self,
        request: Mapping[str, Any],
        seconds: float,
        serve: Callable[[dict[str, Any]], dict[str, Any] | bytes] | None = None,
    ) -> dict[str, Any]:
        """The reply to a request. `serve` answers the calls of handles in between, with a message or its whole frame;
        its time does not count, and what it raises ends the worker. `seconds` are those of the worker's clock.

        Raises WorkerTimeout, WorkerDied, WorkerKilled or Violation, and WireError if the request itself is too large.
        """
        if self._ended is not None:
            raise WorkerDied(self._ended)
        frame = values.pack(dict(request))
        deadline = Deadline(self._line.clock, seconds)
        try:
            if self._line.waiting():
                raise Violation("it sent bytes before it was asked")
            self._line.send(frame, deadline)
            calls = 0
            while (reply := self._frame(deadline)).get("op") == "handle":
                calls += 1
                if serve is None or calls > MAX_HANDLE_CALLS:
                    raise Violation("it called back more often than it may" if serve else "it called back unasked")
                with deadline.paused():
                    answer = serve(reply)
                    frame = answer if isinstance(answer, bytes) else packed_answer(answer)
                self._line.send(frame, deadline)
        except TimeoutError:
            self.close()
            raise WorkerTimeout(f"no answer within {seconds:g} s") from None
        except EOFError:
            self._ended = "it was ended"
            self._ended = self._line.end(patience=1.0)
            raise (WorkerKilled if self._ended == KILLED else WorkerDied)(self._ended) from None
        except BaseException:
            self.close()
            raise
        finally:
            self.seconds = deadline.counted()
        self._line.drain()
        return reply

    def _frame(self, deadline: Deadline) -> dict[str, Any]:
        """One message. Nothing is allocated for more than the worker has sent, nor is more than one frame accepted."""
        received = bytearray()
        wanted = values.HEADER.size
        while len(received) < wanted:
            received += self._line.receive(deadline)
            if wanted == values.HEADER.size and len(received) >= wanted:
                (size,) = values.HEADER.unpack_from(received)
                if size > values.MAX_FRAME:
                    raise Violation(f"it announced {size:,} bytes, but at most {values.MAX_FRAME:,} are allowed")
                wanted += size
        if len(received) > wanted:
            raise Violation("it sent bytes after its answer")
        self.reply_bytes = wanted
        try:
            return values.unpack(bytes(memoryview(received)[values.HEADER.size :]))
        except values.WireError as error:
            raise Violation(f"its bytes aren't a message: {error}") from None

    def close(self) -> None:
        """Kill the worker and wait until it is gone. Again does nothing."""
        if self._ended is None:
            self._ended = self._line.end(patience=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def packed_answer(answer: dict[str, Any]) -> bytes:
    """The frame of an answer to a call of a handle; of an error where the answer can't be sent."""
    try:
        return values.pack(answer)
    except values.WireError as error:
        return values.pack({"error": {"type": "ValueError", "message": str(error)}})


class Output:
    """What was printed: the first bytes, and the count of the rest."""

    def __init__(self, kept: int) -> None:
        self._room = kept
        self._kept = bytearray()
        self._more = 0

    def add(self, data: bytes) -> None:
        part = data[: self._room - len(self._kept)]
        self._kept += part
        self._more += len(data) - len(part)

    @property
    def text(self) -> str:
        text = self._kept.decode("utf-8", "replace")
        return f"{text}\n[{self._more:,} more bytes]" if self._more else text


def in_words(code: int) -> str:
    """How a process ended: its exit code, or the signal as a negative number."""
    if code >= 0:
        return "out of memory" if code == OUT_OF_MEMORY else f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
    words = {
        "SIGSEGV": "segmentation fault",
        "SIGABRT": "abort",
        "SIGFPE": "arithmetic fault",
        "SIGILL": "illegal instruction",
        "SIGBUS": "bus error",
        "SIGSYS": "forbidden system call",
        "SIGXCPU": "out of CPU time",
        "SIGKILL": "killed, out of memory or CPU time",
    }
    return f"{words.get(name, 'signal')} ({name})"


KILLED = in_words(-9)


def import_paths() -> list[str]:
    """The folders that the engine and what it imports in a worker lie in."""
    engine = Path(__file__).resolve().parents[2]
    folders = [str(engine)]
    for name in ("numpy", "msgpack"):
        folders += [os.path.dirname(path) for path in installed(name)]
    return list(dict.fromkeys(folders))


def installed(name: str) -> list[str]:
    """Where an importable package lies, with the libraries that wheels keep beside it."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SandboxFault(f"The course allows {name}, which isn't installed; install it or fix course.yaml.")
    paths = list(spec.submodule_search_locations or []) or ([spec.origin] if spec.origin else [])
    beside = [f"{path}.libs" for path in paths]
    return [os.path.realpath(path) for path in [*paths, *beside] if os.path.exists(path)]
