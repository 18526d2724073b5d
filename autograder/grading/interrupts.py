"""Handle Ctrl-C, which the terminal sends to all of a command's processes even though only the first should react."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def children_deaf_to_ctrl_c() -> Iterator[None]:
    """Block Ctrl-C in processes started inside this context, from the moment they start.

    If it's pressed in the meantime, this process receives it when the context ends. Children inherit this thread's
    signal mask. Ignoring the signal instead would lose a Ctrl-C meant for this process.
    """
    if sys.platform == "win32":
        yield  # Windows has no signal masks
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Delay Ctrl-C while a process starts, because after an interrupt, nobody would stop the half-started process."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives it
        return
    pressed = []
    heard = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
    if pressed:
        raise KeyboardInterrupt


@contextmanager
def ctrl_c_remembered() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C raise KeyboardInterrupt as usual, and yield a function that raises it again if Ctrl-C was pressed.

    Python drops an exception that's raised while an object is being finalized, so a Ctrl-C could get lost.
    """
    pressed = []

    def hear(number: int, frame: FrameType | None) -> None:
        pressed.append(True)
        signal.default_int_handler(number, frame)

    def again() -> None:
        if pressed:
            raise KeyboardInterrupt

    heard = signal.signal(signal.SIGINT, hear)
    try:
        yield again
    finally:
        signal.signal(signal.SIGINT, heard)
