"""The checker: the trusted process that a Jupyter kernel starts, to run visible checks on the kernel's live functions.

Its requests and answers are those of `server`; while it runs a check, it asks for calls of the student's functions, and
answers what they use. Calls and handles are those of `guest.messages`; a call also brings "packages", as course.yaml
has them, and "stub". Each frame but the first, which says that the checker is ready, waits for its answer, so that the
two never speak at once.
"""

import gc
import os
import sys
from typing import Any, NoReturn

from autograder.grading.pytest_collection import run_checks
from autograder.guest import values
from autograder.model.children import end_with, start_safely
from autograder.sandbox.clock import Clock, clock_of
from autograder.selfcheck.server import CheckServer, Served
from autograder.testing.references import load_torch, make_torch_importable

Message = dict[str, Any]


class KernelPipe:
    """The kernel at the other end, and its clock. Where it is gone, this process ends."""

    def __init__(self, requests: int, replies: int, clock: Clock) -> None:
        self._clock = clock
        self._requests = requests
        self._replies = open(replies, "wb")  # noqa: SIM115

    def receive(self) -> Message:
        """The next message. WireError where it holds what the wire does not carry; the one after it is not harmed."""
        payload = values.read_frame(lambda size: os.read(self._requests, size))
        if payload is None:
            os._exit(0)
        return values.unpack(payload)

    def send(self, message: Message) -> None:
        """An answer that's too large is sent as the error that it is."""
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
        """A `KernelLine`'s; whoever sits at the kernel can interrupt it, so nothing here ends a call."""
        self._write(values.pack(message))
        begun = self._clock.seconds()
        while (reply := self.receive()).get("op") == "handle":
            asked = self._clock.seconds()
            self.send(served(reply))
            begun += self._clock.seconds() - asked
        return reply, self._clock.seconds() - begun


def main(replies: int, parent: int) -> NoReturn:
    """Serve the kernel that started this process: requests come on stdin, replies go to the descriptor."""
    # A child of the kernel's may hold the pipe open after it.
    end_with(parent)
    start_safely()
    # Nobody waits for torch to see visible checks, whose verdicts are the same without it. Points are torch's.
    make_torch_importable(light=os.environ.get("NBGRADER_EXECUTION") != "autograde")
    load_torch()
    # A course's folder is not littered, and no file that was changed twice in a second is taken for its first version.
    sys.dont_write_bytecode = True
    gc.collect()
    gc.freeze()
    line = KernelPipe(0, replies, clock_of(parent))
    line.send({"op": "ready"})
    server = CheckServer(line, run_checks)
    while True:
        line.send(server.answer(line.receive()))
