"""The checker: the trusted process that a Jupyter kernel starts, to run visible checks on the kernel's live functions.

`server` describes its requests and replies. While it runs a check, it has the kernel call the student's functions, and
answers requests that use handles. Calls and handles are as in `guest.messages`; a call also has "packages", as in
course.yaml, and "stub". After a first frame, which says that the checker is ready, the kernel and the checker take
turns, so they never send at the same time.
"""

import gc
import os
import sys
import time
from typing import Any, NoReturn

from autograder.grading.pytest_collection import run_checks
from autograder.guest import values
from autograder.model.children import end_with, start_safely
from autograder.sandbox.clock import Clock, clock_of
from autograder.selfcheck.reloading import GraderOnDisk
from autograder.selfcheck.server import CheckServer, Served
from autograder.selfcheck.workspace import Workspace
from autograder.testing.references import load_torch, make_torch_importable

Message = dict[str, Any]


class KernelPipe:
    """The pipes to the kernel, and the clock that times its calls. If the kernel is gone, this process exits."""

    def __init__(self, requests: int, replies: int, clock: Clock) -> None:
        self._clock = clock
        self._requests = requests
        self._replies = open(replies, "wb")  # noqa: SIM115

    def receive(self) -> Message:
        """Return the next message.

        Raises WireError if the message contains something that can't be sent over the wire; later messages aren't
        affected.
        """
        payload = values.read_frame(lambda size: os.read(self._requests, size))
        if payload is None:
            os._exit(0)
        return values.unpack(payload)

    def send(self, message: Message) -> None:
        """Send a message. If it's too large, send an error that says so instead."""
        try:
            frame = values.pack(message)
        except values.WireError as error:
            frame = values.pack({"error": {"type": "ValueError", "message": f"The answer can't be sent: {error}"}})
        self._write(frame)

    def _write(self, frame: bytes) -> None:
        try:
            self._replies.write(frame)
            self._replies.flush()
        except OSError:
            os._exit(0)

    def call(self, message: Message, served: Served, _limit: float) -> tuple[Message, float]:
        """Make a call, as in `KernelLine`. There's no time limit, because the person at the kernel can interrupt it."""
        self._clock.begin()
        self._write(values.pack(message))
        reply, waited = self._waited_for()
        while reply.get("op") == "handle":
            self.send(served(reply))
            reply, more = self._waited_for()
            waited += more
        return reply, self._clock.spent(waited)

    def _waited_for(self) -> tuple[Message, float]:
        """Return the next message, and how many seconds we waited for it."""
        begun = time.monotonic()
        return self.receive(), time.monotonic() - begun


def main(replies: int, parent: int) -> NoReturn:
    """Serve the kernel that started this process. Requests arrive on stdin, and replies go to the file descriptor."""
    # A child process of the kernel may hold the pipe open after the kernel has ended.
    end_with(parent)
    start_safely()
    # Visible checks give the same verdicts without torch, so don't make students wait for it to load. Load the real
    # torch only if nbgrader is grading, because points are computed with torch.
    make_torch_importable(light=os.environ.get("NBGRADER_EXECUTION") != "autograde")
    load_torch()
    # Don't write bytecode: it would litter the course's folder, and could hide a change made within a second of the
    # last one.
    sys.dont_write_bytecode = True
    gc.collect()
    gc.freeze()
    line = KernelPipe(0, replies, clock_of(parent))
    line.send({"op": "ready"})
    server = CheckServer(line, run_checks, GraderOnDisk(), Workspace.started)
    while True:
        line.send(server.answer(line.receive()))
