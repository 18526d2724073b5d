"""Limit how long one submission keeps the process that grades it busy, without deciding anything about its answers."""

import math
import time
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.errors import OutOfPatience


class Patience:
    """How many seconds of wall time one submission may keep this process busy, from the first time we ask.

    The time in which this thread was waiting for a core doesn't count. Wall time depends on the machine, so running out
    of it never gives a verdict.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self.seconds = seconds
        self.ran_out = False
        self._begun: tuple[float, float] | None = None

    def left(self) -> float:
        """Return how many seconds are left. Raises OutOfPatience if there are none."""
        if self.seconds == math.inf:
            return math.inf
        if self._begun is None:
            self._begun = time.monotonic(), _waited_for_a_core()
        begun, waited = self._begun
        left = begun + self.seconds - time.monotonic()
        if left <= 0:  # only now is it worth reading a file
            left += _waited_for_a_core() - waited
        if left <= 0:
            self.ran_out = True
            raise OutOfPatience(f"it kept the grading process busy for {self.seconds:g} seconds")
        return left


def _waited_for_a_core() -> float:
    """Return how many seconds this thread has waited for a core; 0 if the kernel doesn't say."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    return 0.0
