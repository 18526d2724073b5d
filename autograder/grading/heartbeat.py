"""A grading process's sign of life: it says by when it'll have done something more, and its coordinator watches that.

So a long chunk of healthy submissions is never taken for a process that hangs. Seconds in which the process waited for
a core don't count against it, so the machine's load doesn't either.
"""

import math
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# In a process that nobody watches, a box that nobody reads.
_due: Any = [math.inf]


def watched_through(due: Any) -> None:
    """Make `due` (shared memory that holds one double) the box that this process writes to."""
    global _due
    _due = due


def busy_for(seconds: float = 0.0) -> None:
    """Promise to be back here within so many seconds, apart from the coordinator's patience."""
    _due[0] = time.monotonic() + seconds


def idle() -> None:
    """Promise nothing: this process waits to be told what to do."""
    _due[0] = math.inf


class Watch:
    """The coordinator's eye on one grading process. `due` is the box that the process writes to."""

    def __init__(self, due: Any) -> None:
        self._due = due
        self._seen = math.inf
        self._waited = 0.0

    def silence(self, pid: int) -> float:
        """For how many seconds the process has been overdue; 0 where it isn't."""
        due: float = self._due[0]
        waited = waited_for_a_core(pid)
        if due != self._seen:
            self._seen, self._waited = due, waited
        return max(0.0, time.monotonic() - due - (waited - self._waited))


def waited_for_a_core(pid: int) -> float:
    """The seconds in which its main thread was ready to run but had no core; 0.0 where the kernel doesn't say."""
    return _schedule(pid)[1]


def time_on_the_schedule(pid: int) -> float:
    """The seconds in which it ran or was ready to: they grow for as long as it works, whatever the machine's load."""
    return sum(_schedule(pid))


def _schedule(pid: int) -> tuple[float, float]:
    with suppress(OSError, ValueError):
        ran, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
        return int(ran) / 1e9, int(waited) / 1e9
    return 0.0, 0.0
