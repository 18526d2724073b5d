"""Send frames to the checker process and receive its answers in a separate thread, safe from interrupts."""

import contextlib
import os
import queue
import subprocess
from concurrent.futures import Future

from autograder.guest import values

Answer = Future[bytes | None]
Questions = queue.SimpleQueue[tuple[bytes, Answer] | None]


def talk(process: subprocess.Popen[bytes], questions: Questions) -> None:
    """Send each frame and receive its answer, which is None if the process has ended.

    This runs in its own thread, so that an interrupt can't separate a request from its answer. An answer that nobody is
    waiting for is dropped.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    with contextlib.suppress(OSError), process:
        for frame, answer in iter(questions.get, None):
            try:
                process.stdin.write(frame)
                process.stdin.flush()
                answer.set_result(values.read_frame(lambda size: os.read(pipe, size)))
            except (OSError, values.WireError):
                answer.set_result(None)


def wait(answer: Answer) -> bytes | None:
    """Wait for the answer and return it. Raises KeyboardInterrupt, on every system."""
    while True:
        # Windows delivers an interrupt only between two waits.
        with contextlib.suppress(TimeoutError):
            return answer.result(timeout=0.5)
