"""Ctrl-C reaches every process of a terminal's command at once, and is for the first of them to answer."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def children_deaf_to_ctrl_c() -> Iterator[None]:
    """For processes that start meanwhile, from their first moment on. What is pressed meanwhile is heard afterwards.

    They inherit the mask of this thread; to ignore the signal would lose what this process is to hear.
    """
    if sys.platform == "win32":
        yield  # which has no masks
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Hold Ctrl-C back while a process starts: half started, it would be nobody's to stop."""
    if threading.current_thread() is not threading.main_thread():
        yield  # no other thread hears it
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
    """Ctrl-C raises KeyboardInterrupt as ever; what this gives raises it again, if it was pressed.

    Python drops an exception that's raised while it cleans up after an object, so the first press could get lost.
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
