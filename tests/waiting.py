"""Wait for something that another process does."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it's true. Fails if that takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
