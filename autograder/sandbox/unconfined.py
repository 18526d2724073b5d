"""Workers with a deadline and no other protection, for your own code on machines without a sandbox."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from autograder.guest.messages import WorkerSettings
from autograder.sandbox.clock import Deadline, clock_of
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.worker import BOOT, CHUNK, ONE_THREAD, Output, Worker, import_paths, in_words

if TYPE_CHECKING:
    from autograder.model.course import Limits

# The most seconds that a worker can take to get ready, on its clock. Importing numpy can take several seconds if
# nothing is in the disk cache.
READY_SECONDS = 60.0
READY = b"R"
# On Windows, a process without its own console would open a window, or get a Ctrl-C meant for its parent.
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class _PlainLine:
    """A connection over pipes. Each pipe has its own thread, since only Unix can wait for several pipes at once."""

    def __init__(self, process: subprocess.Popen[bytes], kept: int) -> None:
        self._process = process
        self.clock = clock_of(process.pid)
        self._output = Output(kept)
        # The queue has a limit, so if a worker never stops sending, it has to wait for us and can't fill our memory.
        self._received: queue.Queue[bytes] = queue.Queue(32)
        self._unsent: queue.Queue[bytes | None] = queue.Queue()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._read, self._print, self._write)]
        for each in self._threads:
            each.start()

    @property
    def output(self) -> str:
        # The output arrives before the reply does. Give the thread that reads the output a moment to catch up.
        time.sleep(0.02)
        return self._output.text

    def until_ready(self) -> None:
        """Wait until the worker is ready for requests. Raises OSError if it ends first or takes too long."""
        try:
            self.receive(Deadline(self.clock, READY_SECONDS))
        except (EOFError, TimeoutError) as error:
            self.end(patience=0)
            raise OSError("it ended" if isinstance(error, EOFError) else "it took too long") from error

    def _read(self) -> None:
        self.clock.watch_here()
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while data := os.read(pipe.fileno(), CHUNK):
                self._received.put(data)
        self._received.put(b"")

    def _print(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            while data := os.read(pipe.fileno(), CHUNK):
                self._output.add(data)

    def _write(self) -> None:
        self.clock.watch_here()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            while (data := self._unsent.get()) is not None:
                pipe.write(data)
                pipe.flush()

    def send(self, data: bytes, deadline: Deadline) -> None:
        self._unsent.put(data)

    def receive(self, deadline: Deadline) -> bytes:
        while not (data := deadline.wait(self._next)):
            pass
        if not data[0]:
            raise EOFError
        return data[0]

    def _next(self, seconds: float) -> list[bytes]:
        """Return a list with the next chunk (b"" at the end of the stream), or an empty list if there's none yet."""
        try:
            return [self._received.get(timeout=seconds)]
        except queue.Empty:
            return []

    def waiting(self) -> bool:
        return not self._received.empty() and self._process.poll() is None

    def drain(self) -> None:
        """Do nothing, because a thread already reads the output."""

    def end(self, patience: float) -> str:
        try:
            text = in_words(self._process.wait(patience or None)) if patience else "it was ended"
        except subprocess.TimeoutExpired:
            text = "it closed its connection to the checks"
        self._kill()
        self._process.wait()
        self._unsent.put(None)
        # If a reader is blocked on a full queue, emptying the queue lets it continue to the end and stop. If a
        # student's child process escaped, it may keep a pipe open, and in that case we give up on the thread that reads
        # from it.
        deadline = time.monotonic() + 1
        while self._threads[0].is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._received.get(timeout=0.01)
        for each in self._threads:
            each.join(max(deadline - time.monotonic(), 0))
        self.clock.close()
        return text

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


class PlainProcesses:
    """Starts workers with a deadline and no other protection, on any system. Only for your own code."""

    isolation: tuple[str, ...] = ("process",)

    def __init__(self, limits: "Limits", packages: Sequence[str], settings: Mapping[str, Any] | None = None) -> None:
        self._limits = limits
        self._settings = dict(settings or {})

    def start(self) -> Worker:
        boot = BOOT.format(module="unconfined", call="main(json.loads(sys.argv[2]), int(sys.argv[3]))")
        try:
            process = self._process(boot)
            line = _PlainLine(process, self._limits.output_kib * 1024)
            line.until_ready()
        except (OSError, RuntimeError) as error:
            raise SandboxFault(f"A process for the notebook couldn't be started ({error}).") from error
        return Worker(line)

    def _process(self, boot: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", boot, json.dumps(import_paths()), json.dumps(self._settings), str(os.getpid())],
            env={**os.environ, **ONE_THREAD, "PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            creationflags=NO_WINDOW,
        )

    def close(self) -> None:
        """Do nothing, because each worker is its own process."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def main(settings: WorkerSettings, parent: int) -> None:
    """Run a plain worker. Frames go through the pipes that the process was started with, and anything printed goes to
    stderr.

    It exits when the process that started it does, no matter what the student's code does.
    """
    from autograder.guest import calls
    from autograder.model.children import end_with

    end_with(parent)
    requests, replies = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    rest = b""

    def receive() -> None:
        while data := os.read(requests, CHUNK):
            arrived.put(data)
        os._exit(0)

    def read(size: int) -> bytes:
        nonlocal rest
        rest = rest or arrived.get()
        data, rest = rest[:size], rest[size:]
        return data

    def write(data: bytes) -> None:
        sys.stdout.flush()
        view = memoryview(data)
        while view:
            view = view[os.write(replies, view) :]

    threading.Thread(target=receive, daemon=True).start()
    write(READY)
    calls.serve(read, write, settings)
