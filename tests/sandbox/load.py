"""A machine with more work than it has cores for."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

# Ends by itself if nobody is left to end it.
BUSY = "import time\nend = time.monotonic() + 3600\nwhile time.monotonic() < end: pass"


@contextlib.contextmanager
def busy_loops(count: int = 16) -> Iterator[None]:
    """Run this many processes that never wait, for as long as the block lasts."""
    with contextlib.ExitStack() as running:
        for _ in range(count):
            # In its own session, since Linux shares the cores among sessions first.
            command = [sys.executable, "-S", "-c", BUSY]
            process = running.enter_context(subprocess.Popen(command, start_new_session=True))
            running.callback(process.kill)
        yield
