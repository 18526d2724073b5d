"""Measure how much of the elapsed time counts against a process's limit: all of it, except waits for a core or a disk.

A call's limit is meant for the student's code, so it shouldn't matter how busy the machine is. What counts of the time
we spend waiting for a process is the CPU time that its threads used, or the time in which none of them was waiting for
a core, whichever is more. So time counts while a thread sleeps, but not while it's ready to run and has no core. Linux
reports how long each thread has waited (`/proc/PID/task/*/schedstat`). If the kernel doesn't report that, we count CPU
time instead. On other systems, all time counts.

Time doesn't count either while the main thread is in uninterruptible sleep, because a page of its code has to be read
from a busy disk, for example (we look for that at every poll), or while we aren't waiting for the process at all,
because we're reading its message or collecting garbage.

If a process's threads compete with each other for a core, that doesn't count as waiting, so we subtract the time that
the other threads ran in the meantime from the longest wait. A thread that started or ended since the last reading has
no say, so threads that come and go can't make a sleeping process look as if it were waiting.

What doesn't count has no limit of its own. A process's `Patience` limits how long it can keep us waiting, without
deciding anything.
"""

import contextlib
import functools
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from autograder.sandbox.patience import Patience

# The seconds between two readings of a clock. When a thread ends, its waiting time since the last reading is lost.
POLL_SECONDS = 0.05
Found = TypeVar("Found")


class Clock(Protocol):
    """most_wall: the most wall time for a limit, as a multiple of the limit; infinite for a clock that counts sleep."""

    most_wall: float

    def begin(self) -> None:
        """Count from now on."""

    def spent(self, waited: float) -> float:
        """Return how many seconds count since `begin`, if we've waited `waited` seconds for the process since the last
        reading."""

    def is_blocked(self) -> bool:
        """Return whether the process's main thread is waiting for a disk right now; False if we don't know."""

    def watch_here(self) -> None:
        """From now on, include this thread's waits in `waited_here`. The waits of the thread that created the clock are
        always included."""

    def waited_here(self) -> float:
        """Return how many seconds the threads on our side have waited for a core; 0 if we don't know."""

    def close(self) -> None:
        """Stop watching the process."""


class WallClock:
    """Counts all time."""

    most_wall = math.inf

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._seconds = 0.0

    def spent(self, waited: float) -> float:
        self._seconds += waited
        return self._seconds

    def is_blocked(self) -> bool:
        return False

    def watch_here(self) -> None:
        """Do nothing, because this clock can't tell how long a thread waits."""

    def waited_here(self) -> float:
        return 0.0

    def close(self) -> None:
        """Do nothing, because there's nothing to release."""


class ProcessorClock:
    """Counts the CPU time of all of a process's threads. Raises OSError if that time can't be read."""

    most_wall = 6.0

    def __init__(self, pid: int) -> None:
        self._id = ~pid << 3 | 2  # the process's CPU clock id, as in clock_getcpuclockid(3)
        self._begun = self._now = time.clock_gettime(self._id)

    def begin(self) -> None:
        self.spent(0.0)
        self._begun = self._now

    def spent(self, waited: float) -> float:
        with contextlib.suppress(OSError):  # it has ended
            self._now = time.clock_gettime(self._id)
        return self._now - self._begun

    def is_blocked(self) -> bool:
        return False  # meanwhile, its CPU time stands still

    def watch_here(self) -> None:
        """Do nothing, because this clock can't tell how long a thread waits."""

    def waited_here(self) -> float:
        return 0.0

    def close(self) -> None:
        """Do nothing, because there's nothing to release."""


class CoreClock:
    """Counts all time except time waiting for a core. Raises OSError if the kernel doesn't report that."""

    most_wall = math.inf

    def __init__(self, pid: int) -> None:
        if not _schedules_are_kept():
            raise OSError("this kernel doesn't report which threads wait for a core")
        self._processor = ProcessorClock(pid)
        self._threads = os.open(f"/proc/{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._files = [self._threads]
        # How long each watched thread on our side has waited, by the descriptor of its schedstat file.
        self._here: dict[int, float] = {}
        self._main = str(pid)
        try:
            self.watch_here()
            self._first = self._opened(self._main)
            self._files.append(self._first)
            self._state = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
            self._files.append(self._state)
            self._seen = self._schedules()
        except OSError:
            self.close()
            raise
        self._ran = self._idle = 0.0

    def begin(self) -> None:
        self.spent(0.0)
        self._processor.begin()
        self._ran = self._idle = 0.0

    def spent(self, waited: float) -> float:
        before, ran_before = self._seen, self._ran
        self._idle += waited
        try:
            self._seen = self._schedules()
        except OSError:  # it has ended, so it isn't waiting anymore
            return max(self._ran, self._idle)
        self._ran = self._processor.spent(waited)
        waits = [0.0]
        for thread in self._seen.keys() & before.keys():
            its_ran, its_waited = (now - then for now, then in zip(self._seen[thread], before[thread], strict=True))
            waits.append(its_waited - (self._ran - ran_before - its_ran))
        # The kernel only reports a wait once it's over, so this may take back what we've already counted.
        self._idle -= max(waits)
        return max(self._ran, self._idle)

    def is_blocked(self) -> bool:
        with contextlib.suppress(OSError):  # it has ended
            return bool(self._files) and os.pread(self._state, 1000, 0).rpartition(b") ")[2][:1] == b"D"
        return False

    def watch_here(self) -> None:
        file = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        self._files.append(file)
        self._here[file] = _schedule(file)[1]

    def waited_here(self) -> float:
        for file in list(self._here):
            try:
                self._here[file] = _schedule(file)[1]
            except OSError:  # the thread has ended
                continue
        return sum(self._here.values())

    def close(self) -> None:
        for each in self._files:
            os.close(each)
        self._files = []

    def _schedules(self) -> dict[str, tuple[float, float]]:
        """Return how many seconds each thread ran, and how many it waited for a core. Raises OSError."""
        if not self._files:
            raise OSError("we've stopped watching the process")
        found = {self._main: _schedule(self._first)}
        # The folder's link count is the number of threads plus two.
        if os.fstat(self._threads).st_nlink > 3:
            for thread in os.listdir(self._threads):
                with contextlib.suppress(OSError):  # the thread has ended
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
    """Return whether the kernel collects scheduling statistics (schedstat).

    If it doesn't collect them, the file is missing, or it contains zeros even for this process, which has used CPU
    time.
    """
    with open("/proc/self/schedstat", "rb") as file:
        return _schedule(file.fileno())[0] > 0


def _schedule(file: int) -> tuple[float, float]:
    ran, waited, _ = os.pread(file, 100, 0).split()
    return int(ran) / 1e9, int(waited) / 1e9


def clock_of(pid: int) -> Clock:
    """Return the best clock that this machine has for a process."""
    if sys.platform == "linux":
        for kind in (CoreClock, ProcessorClock):
            with contextlib.suppress(OSError, ValueError, OverflowError):
                return kind(pid)
    return WallClock()


class Deadline:
    """Counts the time we spend waiting for a process, and says when its limit (in seconds) has run out on a clock.

    Reading a clock takes 5 µs, and a worker often calls back more than a thousand times in one request. So as long as
    messages keep arriving and the limit isn't near, we only add up how long we wait, and read the clock at the end.
    Reading it subtracts all the time that the process has waited for a core since the last reading, even while we
    weren't waiting for it, so it may count too little, but never too much.
    """

    def __init__(self, clock: Clock, seconds: float, patience: Patience | None = None) -> None:
        self._clock = clock
        self._limit = self._seconds = seconds
        self._patience = patience or Patience()
        self._by_the_wall = time.monotonic() + seconds * clock.most_wall
        self._has_begun = self._is_renewed = False
        self._before = 0.0  # seconds counted before the clock began
        self._counted = 0.0  # seconds counted until the last reading
        self._unread = 0.0  # how long we've waited since then
        self._here = 0.0  # how long our own threads waited for a core until a message arrived, since then
        self.waited = 0.0  # how long we've waited in total, including what doesn't count

    @property
    def counted(self) -> float:
        """The seconds so far."""
        if self._unread:
            self._count(self._unread)
        return self._counted

    def renew(self) -> None:
        """Give the process its whole limit again, from now on.

        We don't read the clock for that. So if some of the time until now turns out not to count, it gets more.
        """
        self._is_renewed = True
        self._seconds = self._counted + self._unread + self._limit
        self._by_the_wall = time.monotonic() + self._limit * self._clock.most_wall

    def add(self, seconds: float) -> None:
        """Count these seconds, too."""
        self._before += seconds
        self._counted += seconds
        self.waited += seconds

    def wait(self, wait: Callable[[float], Found]) -> Found:
        """Call `wait` with how many seconds it may take, and return its result, which is false if no message arrived.

        The time it takes is counted. If a message arrived, the process may have been waiting for us, so we don't count
        how long our own thread waited for a core. Raises TimeoutError if the limit has run out, and OutOfPatience.
        """
        if not self._has_begun:
            self._clock.begin()
            self._has_begun = True
        here, begun = self._clock.waited_here(), time.monotonic()
        left = self._left(begun)
        if left <= 0:
            raise TimeoutError
        result = wait(min(left, POLL_SECONDS, self._patience.left()))
        before, waited = self._unread, time.monotonic() - begun
        self._unread += waited
        self.waited += waited
        if result:
            self._here += self._clock.waited_here() - here
        else:
            self._count(before)
        return result

    def _left(self, now: float) -> float:
        """Return how much of the limit is left."""
        left = min(self._seconds - self._counted - self._unread, self._by_the_wall - now)
        if left <= 0 and self._unread:
            left = min(self._seconds - self.counted, self._by_the_wall - now)
        return left

    def _count(self, until_message: float) -> None:
        """Read the clock. until_message: how much of the waiting since the last reading ended with a message."""
        waited = max(until_message - self._here, 0.0)
        if until_message < self._unread and not self._clock.is_blocked():
            waited += self._unread - until_message
        counted = self._before + self._clock.spent(waited)
        if self._is_renewed:
            # What earlier requests used must not be taken from the limit of this one.
            counted = self._before = min(counted, self._counted + self._unread)
            self._clock.begin()
            self._is_renewed = False
        self._counted = counted
        self._unread = self._here = 0.0

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Return a context in which no time counts, not even toward the limit in wall time."""
        begun = time.monotonic()
        yield
        self._by_the_wall += time.monotonic() - begun
