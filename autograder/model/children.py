"""Make child processes safe: they import nothing from the current folder, and end when their parent does."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 1


def start_safely() -> None:
    """Make every Python process started from this one leave the current folder out of its path, as `python -P` does."""
    os.environ["PYTHONSAFEPATH"] = "1"


def end_with(parent: int) -> None:
    """End this process as soon as its parent (the process with that id) has ended.

    On Linux the kernel does this, even while C code keeps Python from running. The kernel watches the thread that
    started this process. Elsewhere a thread checks every second.
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
