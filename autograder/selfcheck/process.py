"""The checker process as a kernel sees it: started in the background, and reached over pipes."""

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any

from autograder.guest import values
from autograder.guest.calls import CallServer
from autograder.selfcheck.calling import CheckerEnded, answer
from autograder.selfcheck.conversation import Answer, Questions, talk, wait
from autograder.selfcheck.notebook_state import Message, cell_label, request_for

# Nothing is printed if the checker starts within this many seconds.
QUIET_SECONDS = 0.5
# After this many seconds in one call, students are told that it's still running.
PATIENCE = 5
# Reserve stdout for the wire before importing anything that may print.
BOOT = (
    "import os, sys; sys.path.append(sys.argv[1]); replies = os.dup(1); os.dup2(2, 1); "
    "from autograder.selfcheck.checker import main; main(replies, int(sys.argv[2]))"
)


@contextlib.contextmanager
def _warning_if_slow(stub: str) -> Iterator[None]:
    """Print a message if a call takes a long time, since a cell that only shows [*] doesn't say why."""
    said = (
        f"{stub} has been running for {PATIENCE} seconds. Is there a loop that never ends, or an input() waiting for "
        "an answer? To stop it: Kernel > Interrupt Kernel. Then add a print() to see how far it gets."
    )
    timer = threading.Timer(PATIENCE, print, [said], {"flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answer(server: CallServer, namespace: dict[str, Any], message: Message) -> bytes:
    with _warning_if_slow(message["stub"]):
        return answer(server, namespace, message)


class CheckerProcess:
    """The checker process as the kernel sees it: started in the background, and restarted if it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._questions: Questions = queue.SimpleQueue()
        self._ready: Answer = Future()
        self._errors: IO[bytes] | None = None
        self._checking = threading.Lock()
        self._passed: dict[str, bool] = {}

    def start(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT, str(Path(__file__).resolve().parents[2]), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # Jupyter asks for colors, but the error that ended a checker is shown as plain text.
            env={**os.environ, "PYTHON_COLORS": "0"},
            # An interrupt is meant for the student's function, not for the checker.
            start_new_session=True,
            # On Windows, the checker would otherwise open a window, or receive a terminal's Ctrl-C.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._questions = queue.SimpleQueue()
        threading.Thread(target=talk, args=(self._process, self._questions), daemon=True).start()
        # The checker sends its first message without being asked.
        self._ready = self._put(b"")

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._questions.put(None)

    def check(self, stub: str, namespace: dict[str, Any], grading: bool = False, fresh: bool = False) -> Message:
        """Return what the checker found for a stub in the namespace. Raises CheckerEnded, KeyboardInterrupt."""
        if not self._checking.acquire(blocking=False):
            raise CheckerEnded("Another check is still running. Wait until it's finished.")
        try:
            self._until_ready()
            try:
                server = CallServer(self._ask_meanwhile, cell_label)
                message = self._exchange(values.pack(request_for(stub, namespace, self._passed, grading, fresh)))
                while message["op"] != "result":
                    message = self._exchange(_answer(server, namespace, message))
            except BaseException:
                # The checker may be in the middle of a check.
                self.close()
                raise
            self._passed[stub] = message["passed"]
            return message
        finally:
            self._checking.release()

    def has_passed(self, stub: str) -> bool:
        """Return whether the stub's last check in this session passed."""
        return self._passed.get(stub, False)

    @property
    def is_checking(self) -> bool:
        return self._checking.locked()

    def ask(self, message: Mapping[str, Any]) -> Message:
        """Return the checker's reply to any request except a check.

        Raises CheckerEnded, and WireError if the request is too large.
        """
        self._until_ready()
        return self._ask_meanwhile(message)

    def _ask_meanwhile(self, message: Mapping[str, Any]) -> Message:
        return self._exchange(values.pack(dict(message)))

    def _until_ready(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            print("The checker had stopped, so it's starting again.", flush=True)
            self.close()
        if self._process is None:
            self.start()
        try:
            first = self._ready.result(timeout=QUIET_SECONDS)
        except TimeoutError:
            print("The checker is starting, which takes a few seconds.", flush=True)
            first = wait(self._ready)
        if first is None:
            raise self._end("The checker couldn't start.")

    def _exchange(self, frame: bytes) -> Message:
        if self._process is None:
            raise CheckerEnded("The checker has ended; run this cell again.")
        payload = wait(self._put(frame))
        if payload is None:
            raise self._end("The checker has ended; run this cell again.")
        return values.unpack(payload)

    def _put(self, frame: bytes) -> Answer:
        answer: Answer = Future()
        self._questions.put((frame, answer))
        return answer

    def _end(self, sentence: str) -> CheckerEnded:
        """Clean up a checker that has stopped sending, and return a sentence with the error that ended it."""
        if self._process is None or self._errors is None:
            return CheckerEnded(sentence)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        raised = self._process.returncode == 1
        self.close()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").splitlines()
        return CheckerEnded(f"{sentence} {lines[-1]}" if raised and lines else sentence)
