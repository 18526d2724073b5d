"""Transform cells with IPython in a separate process that we can kill.

IPython's patterns take time quadratic in the length of a line, and notebooks aren't trusted. One such process
transforms all cells that this process reads. We start it the first time a cell needs it.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

SECONDS = 10.0
# Loading IPython takes a while on a busy machine.
START_SECONDS = 60.0
# The cost of parsing even a tiny cell once, as a number of characters.
PASS = 250
# IPython's patterns take time quadratic in a line's length. So each character counts once, plus once for every
# `LONG_LINE` characters in its line.
LONG_LINE = 100
BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from autograder.model.transforming import main; main(int(sys.argv[2]))"
)


class TooLong(Exception):
    """Transforming a cell took too long."""


class _Ended(Exception):
    """The process ended by itself, or because the thread that had started it ended."""


class Transformer:
    """Starts the process, sends it cells and ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def python(self, source: str, work_left: int) -> tuple[str | None, int]:
        """Return the cell as Python, and how much work that took, at most `work_left`.

        The work is the number of characters that IPython parses. It parses the cell again for each magic that it finds,
        and characters in long lines count more. The first value is None if IPython can't read the cell, or if reading
        it would take more work than `work_left`. Raises TooLong.
        """
        question = json.dumps([source, work_left]).encode() + b"\n"
        with self._lock:
            try:
                return self._ask(question)
            except _Ended:
                with contextlib.suppress(_Ended):
                    return self._ask(question)
                raise TooLong from None

    def _ask(self, question: bytes) -> tuple[str | None, int]:
        try:
            python, work = json.loads(_line(self._started(), question, SECONDS))
            return python, work
        except BaseException:
            # Part of an answer may be left in the pipe.
            self.close()
            raise

    def _started(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # this is a fork, and the process belongs to its parent
            self._process = None
        if self._process is None:
            engine = str(Path(__file__).resolve().parents[2])
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", BOOT, engine, str(self._owner)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # so that Ctrl-C reaches only this process
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            _line(self._process, b"", START_SECONDS)
        return self._process

    def close(self) -> None:
        """End the process. Transforming another cell starts a new one."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        self._process = None


def _line(process: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
    """Send a line to the process and return the line it sends back.

    If the process takes too long, kills it and raises TooLong. Raises _Ended if it had already ended.
    """
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
    """For each line of JSON (`Transformer.python`'s arguments), write a line with its result, until the pipe ends."""
    from autograder.model.children import end_with

    end_with(parent)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # keep IPython's output out of the answers
    from IPython.core.inputtransformer2 import TransformerManager

    class Limited(TransformerManager):  # type: ignore[misc]  # IPython has no types here
        """Stops before it does more work than `left`."""

        def __init__(self, left: int) -> None:
            super().__init__()
            self.left = left

        def do_one_token_transform(self, lines: list[str]) -> tuple[bool, list[str]]:
            work = PASS + sum(len(line) * (1 + len(line) // LONG_LINE) for line in lines)
            if work > self.left:
                self.left = 0
                raise ValueError("too many magics")
            self.left -= work
            found: tuple[bool, list[str]] = super().do_one_token_transform(lines)
            return found

    def answer(value: object) -> None:
        answers.write(json.dumps(value).encode() + b"\n")
        answers.flush()

    answer(None)
    for line in sys.stdin.buffer:
        source, work_left = json.loads(line)
        manager = Limited(work_left)
        try:
            python = manager.transform_cell(source)
        except Exception:  # IPython raises many kinds of errors if it can't read a cell
            python = None
        answer([python, work_left - manager.left])
