"""Frames to the checker process and back, in a thread of their own, so that an interrupt can't part the two."""

import contextlib
import os
import queue
import subprocess
from concurrent.futures import Future

from autograder.guest import values

Answer = Future[bytes | None]
Questions = queue.SimpleQueue[tuple[bytes, Answer] | None]


def talk(process: subprocess.Popen[bytes], questions: Questions) -> None:
    """Send each frame and fetch its answer, which is None where the process has ended.

    In a thread of its own, where no interrupt can part the two: an answer that nobody waits for any more is dropped.
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
    """Return the answer once it's there. Raises KeyboardInterrupt, on every system."""
    while True:
        # Windows brings an interrupt only between two waits.
        with contextlib.suppress(TimeoutError):
            return answer.result(timeout=0.5)
