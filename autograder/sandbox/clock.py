"""Measure how much of the elapsed time counts against a process's limit: all of it, except waits for a core or a disk.

A call's limit is meant for the student's code, so it shouldn't matter how busy the machine is. Time counts while a
thread sleeps, but not while it's ready to run and has no core. Linux reports how long each thread has waited
(`/proc/PID/task/*/schedstat`). If the kernel doesn't report that, we count CPU time instead. On other systems, all time
counts.

Time doesn't count either while the main thread is in uninterruptible sleep, because a page of its code has to be read
from a busy disk, for example (we look for that at every poll), or while we aren't waiting for the process at all,
because we're reading its message or collecting garbage.

If a process's threads compete with each other for a core, that doesn't count as waiting, so we subtract the time that
the other threads ran in the meantime from the longest wait. That way, the clock doesn't slow down on an idle machine,
no matter how many threads there are. A limit of s seconds runs out after at most `s * clock.patience` seconds of wall
time.
"""

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

# The seconds between two readings of a clock. When a thread ends, its waiting time since the last reading is lost.
POLL_SECONDS = 0.05
# The most wall time that a call may take, as a multiple of its time limit.
MOST_PATIENCE = 12.0
Found = TypeVar("Found")


class Clock(Protocol):
    """counts_sleep: whether time counts while the process neither runs nor waits for a core."""

    patience: float
    counts_sleep: bool

    def seconds(self) -> float:
        """Return the time counted, in seconds since an arbitrary starting point."""

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

    patience = 1.0
    counts_sleep = True

    def seconds(self) -> float:
        return time.monotonic()

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

    patience = 6.0
    counts_sleep = False

    def __init__(self, pid: int) -> None:
        self._id = ~pid << 3 | 2  # the process's CPU clock id, as in clock_getcpuclockid(3)
        self._seconds = time.clock_gettime(self._id)

    def seconds(self) -> float:
        try:
            self._seconds = time.clock_gettime(self._id)
        except OSError:  # it has ended, so keep the last reading
            return self._seconds
        return self._seconds

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

    patience = MOST_PATIENCE
    counts_sleep = True

    def __init__(self, pid: int) -> None:
        if not _schedules_are_kept():
            raise OSError("this kernel doesn't report which threads wait for a core")
        self._all = ProcessorClock(pid)
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
            self._ran = self._all.seconds()
        except OSError:
            self.close()
            raise
        # How long each live thread has waited, minus how long the others ran in the meantime.
        self._by_thread: dict[str, float] = {}
        # The longest wait of any thread that has ended, and of any thread at all.
        self._ended = self._waited = 0.0

    def seconds(self) -> float:
        try:
            self._update()
        except OSError:  # it has ended, so it isn't waiting anymore
            return time.monotonic() - self._waited
        return time.monotonic() - self._waited

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

    def _update(self) -> None:
        if not self._files:
            return
        seen, ran = self._schedules(), self._all.seconds()
        for thread in self._by_thread.keys() - seen:
            self._ended = max(self._ended, self._by_thread[thread])
        by_thread = {}
        for thread, (its_ran, its_waited) in seen.items():
            ran_before, waited_before = self._seen.get(thread, (0.0, 0.0))
            others_ran = ran - self._ran - (its_ran - ran_before)
            before = self._by_thread.get(thread, self._ended)
            by_thread[thread] = before + its_waited - waited_before - others_ran
        self._seen, self._ran, self._by_thread = seen, ran, by_thread
        self._waited = max(0.0, self._ended, *by_thread.values())

    def _schedules(self) -> dict[str, tuple[float, float]]:
        """Return how many seconds each thread ran, and how many it waited for a core."""
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

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._limit = self._seconds = seconds
        self._by_the_wall = time.monotonic() + seconds * clock.patience
        self._read: tuple[float, float] | None = None  # the time of the last reading, and what the clock said
        self._counted = 0.0  # seconds until then
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
        self._seconds = self.waited + self._limit
        self._by_the_wall = time.monotonic() + self._limit * self._clock.patience

    def add(self, seconds: float) -> None:
        """Count these seconds, too."""
        self._counted += seconds
        self.waited += seconds

    def wait(self, wait: Callable[[float], Found]) -> Found:
        """Call `wait` with how many seconds it may take, and return its result, which is false if no message arrived.

        The time it takes is counted. If a message arrived, the process may have been waiting for us, so we don't count
        how long our own thread waited for a core. Raises TimeoutError if the limit has run out.
        """
        self._read = self._read or self._reading()
        here, begun = self._clock.waited_here(), time.monotonic()
        left = self._left(begun)
        if left <= 0:
            raise TimeoutError
        result = wait(left)
        before, waited = self._unread, time.monotonic() - begun
        self._unread += waited
        self.waited += waited
        if result:
            self._here += self._clock.waited_here() - here
        else:
            self._count(before)
        return result

    def _left(self, now: float) -> float:
        """Return how long the next wait may take."""
        left = min(self._seconds - self._counted - self._unread, self._by_the_wall - now)
        if left <= 0 and self._unread:
            left = min(self._seconds - self.counted, self._by_the_wall - now)
        return min(left, POLL_SECONDS)

    def _reading(self) -> tuple[float, float]:
        return time.monotonic(), self._clock.seconds()

    def _count(self, until_message: float) -> None:
        """Read the clock. until_message: how much of the waiting since the last reading ended with a message."""
        assert self._read is not None
        (then, before), self._read = self._read, self._reading()
        now, seconds = self._read
        spent = seconds - before
        if self._clock.counts_sleep:
            spent -= now - then - self._unread  # while nobody waited for it, the process slept
        if until_message:
            spent = max(spent - self._here, 0.0)
        if until_message < self._unread and self._clock.is_blocked():
            spent = min(spent, until_message)
        self._counted += spent
        self._unread = self._here = 0.0

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Return a context in which no time counts, not even toward the limit in wall time."""
        begun = time.monotonic()
        yield
        self._by_the_wall += time.monotonic() - begun
