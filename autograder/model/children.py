"""Processes that this one starts: they import nothing from the current folder, and end when it ends."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 1


def start_safely() -> None:
    """Have every Python that this process starts leave the current folder out of its path (`python -P`)."""
    os.environ["PYTHONSAFEPATH"] = "1"


def end_with(parent: int) -> None:
    """End this process as soon as the one with that id, which started it, has ended.

    On Linux the kernel does it, also while C code keeps Python from running. It goes by the thread that started this
    process. Elsewhere a thread looks each second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)
