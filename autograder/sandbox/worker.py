"""The trusted side of running student code in a separate process: send it requests and kill it if it misses a deadline.

A `Worker` is one such process. If `confined.Sandbox` started it, it's confined. `unconfined.PlainProcesses` works on
any system, but only enforces the deadline.
"""

import contextlib
import importlib.util
import itertools
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from autograder.guest import values
from autograder.guest.messages import Violation
from autograder.sandbox.clock import Clock, Deadline
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.patience import Patience

MAX_HANDLE_CALLS = 10_000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
OUT_OF_MEMORY = 71  # the exit code of a worker that didn't have enough memory left to reply
# The maximum number of bytes to read at once.
CHUNK = 256 * 1024
# `standard` has only Python's own folders, which come first. We keep the others separate, since workers lose access to
# them.
BOOT = (
    "import sys, json; standard = list(sys.path); sys.path += json.loads(sys.argv[1]); "
    "from autograder.sandbox import {module}; {module}.{call}"
)


class WorkerTimeout(Exception):
    """The worker didn't reply in time. It has been killed."""


class WorkerDied(Exception):
    """The worker exited before it replied. `str()` says how."""


class WorkerKilled(WorkerDied):
    """The worker was killed: from outside, or by the kernel because it ran out of memory or CPU time."""


class NotRepeated(Exception):
    """The frame isn't the one that was sent at this point of a conversation that's being repeated."""


class Exchange(NamedTuple):
    """A frame to the worker, and what came of it: the payload of the next frame from the worker, or an exception.

    seconds: how long that took on the worker's clock.
    """

    sent: bytes
    result: bytes | Exception
    seconds: float


class WorkerLine(Protocol):
    """The connection to one worker: the bytes we send and receive, its output, its clock, and how it ended."""

    clock: Clock

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send the data. Raises TimeoutError at the deadline, and EOFError if the worker doesn't accept any more
        bytes."""

    def receive(self, deadline: Deadline) -> bytes:
        """Return at least one byte. Raises TimeoutError at the deadline, and EOFError at the end of the stream."""

    def waiting(self) -> bool:
        """Return whether the worker sent bytes that we didn't ask for."""

    def drain(self) -> None:
        """Read what the worker has printed so far."""

    def end(self, patience: float) -> str:
        """Wait `patience` seconds for the worker to exit, then kill it. Return how it ended. Call this once.

        Raises SandboxFault if there's no process left that can tell us how it ended.
        """

    @property
    def output(self) -> str: ...


class Worker:
    """A process that runs one submission's code.

    After any exception from `ask` or `follow` it's dead. All you can do is `repeat` what it has said, and `close` it.
    """

    def __init__(self, line: WorkerLine) -> None:
        self.line = self._line = line
        self._ended: str | None = None
        self.reply_bytes = 0  # of the last reply
        self.seconds = 0.0  # how long the last request took on the worker's clock, not counting `serve`
        self._waited = 0.0  # how long we waited for it, including what doesn't count
        # How long it may keep this process busy, over all its requests. Set this before asking it anything.
        self.patience = Patience()
        # Called for each frame that `ask` sends, with the payload that came next. The last argument says whether the
        # frame was a request, not an answer.
        self.on_exchange: Callable[[bytes, bytes, bool], None] | None = None
        self._repeated: deque[Exchange] = deque()

    @property
    def output(self) -> str:
        """What the student's code printed to stdout and stderr, or only the beginning if there's too much."""
        return self._line.output

    def ask(
        self,
        request: Mapping[str, Any] | bytes,
        seconds: float,
        serve: Callable[[dict[str, Any]], dict[str, Any] | bytes] | None = None,
    ) -> dict[str, Any]:
        """Send a request (a message or a whole frame) and return the reply.

        `seconds` is the limit on the worker's clock. While we wait, `serve` answers requests that use handles, with a
        message or a whole frame. Time spent in `serve` doesn't count toward the limit. If `serve` raises an exception,
        we kill the worker.

        Raises WorkerTimeout, WorkerDied, WorkerKilled, Violation or OutOfPatience, WireError if the request itself is
        too large, and NotRepeated if it isn't what was sent before (see `repeat`).
        """
        frame = request if isinstance(request, bytes) else values.pack(dict(request))
        with self._limited(seconds) as deadline:
            calls = 0
            while (reply := _message(self._exchange(frame, deadline, calls == 0))).get("op") == "handle":
                calls += 1
                if serve is None or calls > MAX_HANDLE_CALLS:
                    raise Violation("it called back more often than allowed" if serve else "it called back unasked")
                with deadline.paused():
                    answer = serve(reply)
                    frame = answer if isinstance(answer, bytes) else packed_answer(answer)
        return reply

    def follow(
        self, request: bytes, seconds: float, following: Callable[[bytes, float], tuple[bytes, bool] | None]
    ) -> list[Exchange]:
        """Send a request, and then whatever follows each of the worker's messages. Return what was said.

        `following` takes a payload and how long we've waited for the worker so far, and returns the frame to send next
        and whether it's another request, or None to stop. `request` and the other frames are whole. `seconds` is as in
        `ask`, for each request. If anything goes wrong, the last exchange has the exception that `ask` would have
        raised.
        """
        said: list[tuple[bytes, bytes | Exception]] = []
        waited = [0.0]  # until the request, and until each reply
        sent: tuple[bytes, bool] | None = (request, False)  # `_limited` looks for early bytes before the first one
        try:
            with self._limited(seconds) as deadline:
                while sent is not None:
                    frame, is_request = sent
                    if is_request:
                        self._refuse_early_bytes()
                        deadline.renew()
                    payload = self._reply_to(frame, deadline)
                    said.append((frame, payload))
                    waited.append(deadline.waited)
                    sent = following(payload, deadline.waited)
        except (WorkerTimeout, WorkerDied, Violation, SandboxFault) as error:
            assert sent is not None
            said.append((sent[0], error))
            waited.append(self._waited)
        # Waits for a core don't count. We only know their total, so take the same share off each exchange.
        counts = self.seconds / waited[-1] if waited[-1] else 0.0
        spans = itertools.pairwise(waited)
        return [Exchange(*each, (end - begin) * counts) for each, (begin, end) in zip(said, spans, strict=True)]

    def repeat(self, exchanges: Iterable[Exchange]) -> None:
        """Make `ask` repeat these exchanges, which have already taken place, before it asks the worker again."""
        self._repeated = deque(exchanges)

    @property
    def is_repeating(self) -> bool:
        return bool(self._repeated)

    @contextlib.contextmanager
    def _limited(self, seconds: float) -> Iterator[Deadline]:
        """Return a context for one request. If it isn't answered properly in time, the worker is killed."""
        self.seconds = self._waited = 0.0
        if self._ended is not None and not self._repeated:
            raise WorkerDied(self._ended)
        deadline = Deadline(self._line.clock, seconds, self.patience)
        try:
            try:
                if not self._repeated:
                    self._refuse_early_bytes()
                yield deadline
            finally:
                # Closing the worker closes the clock.
                self.seconds, self._waited = deadline.counted, deadline.waited
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
        if self._ended is None:
            self._line.drain()

    def _refuse_early_bytes(self) -> None:
        if self._line.waiting():
            raise Violation("it sent bytes before it got a request")

    def _exchange(self, frame: bytes, deadline: Deadline, is_request: bool) -> bytes:
        """Do what `_reply_to` does, or repeat it if it has already taken place."""
        if not self._repeated:
            payload = self._reply_to(frame, deadline)
        else:
            past = self._repeated.popleft()
            if past.sent != frame:
                raise NotRepeated
            deadline.add(past.seconds)
            if isinstance(past.result, Exception):
                raise past.result
            payload = past.result
        self.reply_bytes = values.HEADER.size + len(payload)
        if self.on_exchange is not None:
            self.on_exchange(frame, payload, is_request)
        return payload

    def _reply_to(self, frame: bytes, deadline: Deadline) -> bytes:
        """Send a frame and return the payload of the next one."""
        self._line.send(frame, deadline)
        return self._received(deadline)

    def _received(self, deadline: Deadline) -> bytes:
        """Return the payload of one frame. This never allocates more memory than the worker has sent, or accepts more
        than one frame."""
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
            raise Violation("it sent extra bytes after its answer")
        return bytes(memoryview(received)[values.HEADER.size :])

    def close(self) -> None:
        """Kill the worker and wait until it's gone. Calling it again does nothing."""
        if self._ended is None:
            self._ended = self._line.end(patience=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _message(payload: bytes) -> dict[str, Any]:
    try:
        return values.unpack(payload)
    except values.WireError as error:
        raise Violation(f"its bytes aren't a message: {error}") from None


def packed_answer(answer: dict[str, Any]) -> bytes:
    """Pack the answer to a request that uses a handle into a frame. If it can't be sent, pack an error instead."""
    try:
        return values.pack(answer)
    except values.WireError as error:
        return values.pack({"error": {"type": "ValueError", "message": str(error)}})


class Output:
    """What a worker printed: the first bytes, and how many more there were."""

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
    """Describe how a process ended, given its exit code or its negated signal number."""
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
    """Return the folders with the engine and everything it imports in a worker."""
    engine = Path(__file__).resolve().parents[2]
    folders = [str(engine)]
    for name in ("numpy", "msgpack"):
        folders += [os.path.dirname(path) for path in installed(name)]
    return list(dict.fromkeys(folders))


def installed(name: str) -> list[str]:
    """Return the folders or files of an importable package, with the libraries that wheels keep next to it.

    Raises SandboxFault if it isn't installed.
    """
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SandboxFault(f"The course allows {name}, which isn't installed; install it or fix course.yaml.")
    paths = list(spec.submodule_search_locations or []) or ([spec.origin] if spec.origin else [])
    beside = [f"{path}.libs" for path in paths]
    return [os.path.realpath(path) for path in [*paths, *beside] if os.path.exists(path)]
