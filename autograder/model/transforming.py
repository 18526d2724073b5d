"""IPython's reading of a cell, in a process of its own that can be ended.

Its patterns take time by the square of a line, and a notebook is a stranger's. One process serves all cells that this
one reads; it starts with the first cell that needs it.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

SECONDS = 10.0
# It loads IPython, on a machine that may be busy.
START_SECONDS = 60.0
BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from autograder.model.transforming import main; main(int(sys.argv[2]))"
)


class TooLong(Exception):
    """Reading a cell didn't come to an end in time."""


class _Ended(Exception):
    """The process ended by itself, or with the thread that had started it."""


class Transformer:
    """The process, as the one that reads sees it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def python(self, source: str) -> str | None:
        """What IPython makes of a cell; None where it can't read it. Raises TooLong."""
        with self._lock:
            try:
                return self._ask(source)
            except _Ended:
                with contextlib.suppress(_Ended):
                    return self._ask(source)
                raise TooLong from None

    def _ask(self, source: str) -> str | None:
        try:
            process = self._started()
            found: str | None = json.loads(_line(process, json.dumps(source).encode() + b"\n", SECONDS))
            return found
        except BaseException:
            # Half an answer is left in it.
            self.close()
            raise

    def _started(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a fork's; the process is its parent's
            self._process = None
        if self._process is None:
            engine = str(Path(__file__).resolve().parents[2])
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", BOOT, engine, str(self._owner)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for this process to answer
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            _line(self._process, b"", START_SECONDS)
        return self._process

    def close(self) -> None:
        """End the process; the next cell starts another."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        self._process = None


def _line(process: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
    """The process's answer to a line. Raises TooLong, after which it is gone, and _Ended where it was."""
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        process.stdin.write(question)
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        answer = b""
    finally:
        timer.cancel()
    if not answer.endswith(b"\n"):
        raise TooLong if late.is_set() else _Ended
    return answer


def main(parent: int) -> None:
    """Answer one line of JSON, a cell, with another until the pipe is at its end."""
    from autograder.model.children import end_with

    end_with(parent)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what IPython prints is no answer
    from IPython.core.inputtransformer2 import TransformerManager

    def answer(value: str | None) -> None:
        answers.write(json.dumps(value).encode() + b"\n")
        answers.flush()

    answer(None)
    for line in sys.stdin.buffer:
        try:
            python = TransformerManager().transform_cell(json.loads(line))
        except Exception:  # what it raises is as various as what it can't read
            python = None
        answer(python)
