"""How much of the time that passes counts for a process: all of it, except for waiting for a core.

A call's limit is meant for the student's code, not for the machine's load. A thread that sleeps lets time count, and
one that's ready to run but has no core doesn't. Linux says how long each thread waited
(`/proc/PID/task/*/schedstat`). Where the kernel doesn't, processor time counts; on other systems, all time.

What a process's threads take from each other isn't waiting: of the longest wait, the time for which its other threads
ran meanwhile is taken off. So on an idle machine no number of threads makes the clock go slower. By the wall, a limit
of s seconds ends after `s * clock.patience` at the latest.
"""

import contextlib
import functools
import os
import sys
import time
from collections.abc import Iterator
from typing import Protocol

# How often a clock is looked at, in seconds. Of a thread that has ended, what it waited since then isn't known.
LOOK_SECONDS = 0.05
# The longest that a limit may last by the wall, as a multiple of it.
MOST_PATIENCE = 12.0


class Clock(Protocol):
    patience: float

    def seconds(self) -> float:
        """The time that has counted, from any moment on."""

    def waited_here(self) -> float:
        """The seconds for which the thread that made the clock has waited for a core itself; 0 where that's unknown."""

    def close(self) -> None:
        """Look at the process no more."""


class WallClock:
    """Counts all time."""

    patience = 1.0

    def seconds(self) -> float:
        return time.monotonic()

    def waited_here(self) -> float:
        return 0.0

    def close(self) -> None:
        """There's nothing to let go of."""


class ProcessorClock:
    """Counts the processor time of all threads of a process. Raises OSError where it can't be read."""

    patience = 6.0

    def __init__(self, pid: int) -> None:
        self._id = ~pid << 3 | 2  # the kernel's number for it: clock_getcpuclockid(3)
        self._seconds = time.clock_gettime(self._id)

    def seconds(self) -> float:
        # A process that has ended keeps what it had
        with contextlib.suppress(OSError):
            self._seconds = time.clock_gettime(self._id)
        return self._seconds

    def waited_here(self) -> float:
        return 0.0

    def close(self) -> None:
        """There's nothing to let go of."""


class CoreClock:
    """Counts all time but that in which a process waited for a core. Raises OSError where the kernel doesn't say."""

    patience = MOST_PATIENCE

    def __init__(self, pid: int) -> None:
        if not _schedules_are_kept():
            raise OSError("this kernel doesn't say who waits for a core")
        self._all = ProcessorClock(pid)
        self._threads = os.open(f"/proc/{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._here = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        self._files = [self._threads, self._here]
        self._main = str(pid)
        try:
            self._first = self._opened(self._main)
            self._files.append(self._first)
            self._seen = self._schedules()
            self._ran = self._all.seconds()
        except OSError:
            self.close()
            raise
        # How long each thread waited and those before it that had ended, less what the others ran meanwhile
        self._by_thread: dict[str, float] = {}
        self._ended = 0.0

    def seconds(self) -> float:
        # A process that has ended waits no more
        with contextlib.suppress(OSError):
            self._look()
        return time.monotonic() - max([0.0, self._ended, *self._by_thread.values()])

    def waited_here(self) -> float:
        return _schedule(self._here)[1]

    def close(self) -> None:
        for each in self._files:
            os.close(each)
        self._files = []

    def _look(self) -> None:
        if not self._files:
            return
        seen, ran = self._schedules(), self._all.seconds()
        ended = (waited for thread, waited in self._by_thread.items() if thread not in seen)
        self._ended = max([self._ended, *ended])
        by_thread = {}
        for thread, (its_ran, its_waited) in seen.items():
            ran_before, waited_before = self._seen.get(thread, (0.0, 0.0))
            others_ran = ran - self._ran - (its_ran - ran_before)
            before = self._by_thread.get(thread, self._ended)
            by_thread[thread] = before + its_waited - waited_before - others_ran
        self._seen, self._ran, self._by_thread = seen, ran, by_thread

    def _schedules(self) -> dict[str, tuple[float, float]]:
        """By thread: the seconds for which it ran, and for which it waited for a core."""
        found = {self._main: _schedule(self._first)}
        # A folder has two links more than it has threads
        if os.fstat(self._threads).st_nlink > 3:
            for thread in os.listdir(self._threads):
                with contextlib.suppress(OSError):  # it has ended
                    file = self._opened(thread)
                    try:
                        found[thread] = _schedule(file)
                    finally:
                        os.close(file)
        return found

    def _opened(self, thread: str) -> int:
        return os.open(f"{thread}/schedstat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._threads)


@functools.cache
def _schedules_are_kept() -> bool:
    """A kernel that doesn't keep them has no such file, or zeros in it, also for this process, which has run."""
    with open("/proc/self/schedstat", "rb") as file:
        return _schedule(file.fileno())[0] > 0


def _schedule(file: int) -> tuple[float, float]:
    ran, waited, _ = os.pread(file, 100, 0).split()
    return int(ran) / 1e9, int(waited) / 1e9


def clock_of(pid: int) -> Clock:
    """The best clock that this machine has for a process."""
    if sys.platform == "linux":
        for kind in (CoreClock, ProcessorClock):
            with contextlib.suppress(OSError, ValueError, OverflowError):
                return kind(pid)
    return WallClock()


class Deadline:
    """When a limit, in seconds, comes to its end on a clock."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._begun = clock.seconds()
        self._by_the_wall = time.monotonic() + seconds * clock.patience
        self._look_at = time.monotonic() + min(seconds, LOOK_SECONDS)

    def left(self) -> float:
        """For how many seconds to wait before asking again. Raises TimeoutError at the end."""
        now = time.monotonic()
        if now >= self._look_at:
            left = min(self._seconds - self.counted(), self._by_the_wall - now)
            if left <= 0:
                raise TimeoutError
            self._look_at = now + min(left, LOOK_SECONDS)
        return self._look_at - now

    def forgive(self, seconds: float) -> None:
        """Count so much less."""
        self._begun += seconds

    def counted(self) -> float:
        """The seconds of it that are over."""
        return self._clock.seconds() - self._begun

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let no time count."""
        begun, now = self._clock.seconds(), time.monotonic()
        yield
        self._begun += self._clock.seconds() - begun
        self._by_the_wall += time.monotonic() - now
        self._look_at += time.monotonic() - now
