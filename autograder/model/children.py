"""Make child processes safe: they don't import anything from the current folder, and they exit when their parent
does."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 1


def start_safely() -> None:
    """Keep the current folder out of `sys.path` in every Python process that this one starts, as `python -P` does."""
    os.environ["PYTHONSAFEPATH"] = "1"


def end_with(parent: int) -> None:
    """Make this process exit as soon as its parent (the process with that id) does.

    On Linux, the kernel kills this process when the thread that started it ends, even while C code keeps Python from
    running. On other systems, a thread checks every second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)
