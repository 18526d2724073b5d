"""Heartbeats: a grading process promises to make progress by a certain time, and its coordinator checks that it does.

That way, we never mistake a process that's grading a long chunk for one that's stuck. We don't count time spent waiting
for a core, so it doesn't matter how busy the machine is.
"""

import math
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# This process's deadline for making progress (`time.monotonic()`). It's read only by a coordinator that's watching the
# process.
_due: Any = [math.inf]


def watched_through(due: Any) -> None:
    """Make this process write its deadline for making progress to `due`, a double in shared memory."""
    global _due
    _due = due


def busy_for(seconds: float = 0.0) -> None:
    """Promise to make progress within this many seconds. The coordinator adds a grace period."""
    _due[0] = time.monotonic() + seconds


def idle() -> None:
    """Clear the deadline, because this process is waiting for a request."""
    _due[0] = math.inf


class Watch:
    """Watches one grading process for the coordinator. `due` is the shared double where the process writes its
    deadline."""

    def __init__(self, due: Any) -> None:
        self._due = due
        self._seen = math.inf
        self._waited = 0.0

    def silence(self, pid: int) -> float:
        """Return how many seconds the process is overdue; 0 if it isn't."""
        due: float = self._due[0]
        waited = waited_for_a_core(pid)
        if due != self._seen:
            self._seen, self._waited = due, waited
        return max(0.0, time.monotonic() - due - (waited - self._waited))


def waited_for_a_core(pid: int) -> float:
    """Return how many seconds the main thread was ready to run but had no core; 0.0 if the kernel doesn't say."""
    return _schedule(pid)[1]


def time_on_the_schedule(pid: int) -> float:
    """Return how many seconds the main thread ran or was ready to run; 0.0 if the kernel doesn't say.

    This number grows as long as the process is working, no matter how busy the machine is.
    """
    return sum(_schedule(pid))


def _schedule(pid: int) -> tuple[float, float]:
    with suppress(OSError, ValueError):
        ran, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
        return int(ran) / 1e9, int(waited) / 1e9
    return 0.0, 0.0
