"""Grade many submissions in several processes, here or on other machines.

If one submission fails or one process is lost, the others still get graded.
"""

import itertools
import math
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol, Self

from autograder.grading.jobs import ALONE_SECONDS, KEPT_BUSY, SHARED_SECONDS, Arrived, GradingContext, Job, not_graded
from autograder.model import secrets
from autograder.model.course import Course, load
from autograder.model.results import LabResult
from autograder.sandbox import required_layers
from autograder.sandbox.layers import warnings

# At most this many submissions go to a process at a time. About as many go into the gradebook in one transaction.
CHUNK = 25
# Make at least this many chunks per process, so that all processes have something to do.
CHUNKS = 4
# The longest time until a result is passed on.
GROUP_SECONDS = 0.5
LOST_TWICE = "The grading process ended twice while this was being graded; review it by hand."
# How often to check which grading processes exist while nothing else is happening.
LOOK_SECONDS = 1.0

Results = Generator[list[LabResult], None, None]


def isolation_of(course: Course, terms: GradingContext) -> list[str]:
    """Return warnings for an instructor about this machine's sandbox.

    Raises InsufficientIsolation if it's too weak to grade a class.
    """
    if not terms.sandboxed:
        return [
            "Graded without a sandbox: a hostile notebook can do whatever you can. This is recorded in the results."
        ]
    return warnings(required_layers(course))


class GradingProcess(Protocol):
    """A process that grades, here or on another machine."""

    def submit(self, chunk: Sequence[Job], patience_seconds: float, arrived: Arrived) -> Future[None]:
        """Grade a chunk. Return a future that's done once all results have arrived, and that raises BrokenProcessPool
        if the process ends first.

        patience_seconds: how long each submission may keep the process busy. arrived: called in another thread as soon
        as a submission is graded, or turns out to take longer than that.
        """


class ProcessPool(Protocol):
    """Processes that each grade one chunk at a time. They end when this context ends."""

    def present(self) -> Sequence[GradingProcess]:
        """Return the current processes, waiting until there's at least one. Raises GradingError if there won't be
        any."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


class _Batch(NamedTuple):
    """Chunks to grade, each from a single lab. is_last: whether there's nothing to grade after these."""

    chunks: list[Sequence[Job]]
    is_last: bool


@dataclass(eq=False)
class _Sent:
    """A chunk that a process is grading.

    at: when the process got it, by the monotonic clock. left: the jobs whose results haven't arrived, as a dictionary
    to keep them in order.
    """

    process: GradingProcess
    chunk: Sequence[Job]
    at: float
    left: dict[Job, None]


class _Arrived(NamedTuple):
    """News about a chunk: a job's result (None if it has to be graded alone), or just that the process is done."""

    sent: _Sent
    job: Job | None = None
    result: LabResult | None = None


@dataclass
class _Alone:
    """Jobs to grade again, one at a time: those lost with their process, and those that took too long to share one."""

    lost: list[Job] = field(default_factory=list)
    slow: list[Job] = field(default_factory=list)


def grade(jobs: Iterable[Job], terms: GradingContext, crew: ProcessPool) -> Results:
    """Yield results as they arrive, a group at a time. If a submission is lost because its process ended, or has kept
    its process busy for `SHARED_SECONDS`, grade it once more, after the others and on its own.

    If that process ends too, give up on the submission. If you don't exhaust the generator, close it
    (`contextlib.closing`) to end the grading processes. jobs: read a few chunks per process ahead of the ones being
    graded.
    """
    jobs = iter(jobs)
    first = next(jobs, None)
    if first is None:
        return
    with crew:
        alone = _Alone()
        batches = _batches(itertools.chain([first], jobs), len(crew.present()))
        yield from _graded(batches, crew, SHARED_SECONDS, alone)
        # Grade these one at a time, so that a submission that brings down its process doesn't take others with it.
        chunks: list[Sequence[Job]] = [[job] for job in (*alone.lost, *alone.slow)]
        given_up = _Alone()
        yield from _graded(iter([_Batch(chunks, is_last=True)]), crew, ALONE_SECONDS, given_up)
        why = {**dict.fromkeys(given_up.lost, LOST_TWICE), **dict.fromkeys(given_up.slow, KEPT_BUSY)}
        if why:
            course, fingerprint = load(terms.root), secrets.fingerprint(terms.secret)
            yield [not_graded(job, course, fingerprint, message) for job, message in why.items()]


def _graded(batches: Iterator[_Batch], crew: ProcessPool, patience_seconds: float, alone: _Alone) -> Results:
    """Yield results as they arrive, about `CHUNK` at a time, at least every `GROUP_SECONDS`. Append jobs that have to
    be graded again to `alone`."""
    waiting, is_last = next(batches)
    running: dict[_Sent, Future[None]] = {}
    paces: dict[str, float] = {}  # how many seconds one submission took, by lab
    labs: dict[GradingProcess, set[str]] = defaultdict(set)
    news: SimpleQueue[_Arrived] = SimpleQueue()
    group: list[LabResult] = []
    due = math.inf
    while waiting or running:
        present = crew.present()
        for sent in list(running):
            if sent.process not in present:
                del running[sent]
                alone.lost += sent.left
        busy = {sent.process for sent in running}
        for process in present:
            if waiting and process not in busy:
                chunk = waiting.pop(_best(waiting, labs[process], set[str]().union(*labs.values()), paces))
                if is_last and (size := _share([chunk, *waiting], paces, len(present))) < len(chunk):
                    waiting.append(chunk[size:])
                    chunk = chunk[:size]
                labs[process].add(chunk[0].lab)
                sent = _Sent(process, chunk, time.monotonic(), dict.fromkeys(chunk))
                running[sent] = _submitted(sent, patience_seconds, news)
                if not waiting and not is_last:
                    waiting, is_last = next(batches)
        for arrived in _arrived(news, min(LOOK_SECONDS, due - time.monotonic())):
            if arrived.sent not in running:
                continue  # its process was lost, so its jobs are graded again
            if arrived.job is None:
                future = running.pop(arrived.sent)
                paces[arrived.sent.chunk[0].lab] = (time.monotonic() - arrived.sent.at) / len(arrived.sent.chunk)
                if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                    alone.lost += arrived.sent.left
                elif failure := future.exception():
                    if group:
                        yield group
                    raise failure
                continue
            arrived.sent.left.pop(arrived.job, None)
            if arrived.result is None:
                alone.slow.append(arrived.job)
            else:
                due = min(due, time.monotonic() + GROUP_SECONDS)
                group.append(arrived.result)
        if len(group) >= CHUNK or time.monotonic() >= due:
            yield group
            group, due = [], math.inf
    if group:
        yield group


def _submitted(sent: _Sent, patience_seconds: float, news: SimpleQueue[_Arrived]) -> Future[None]:
    """Give a chunk to its process, and put what happens to it on `news`."""
    future = sent.process.submit(
        sent.chunk, patience_seconds, lambda job, result: news.put(_Arrived(sent, job, result))
    )
    future.add_done_callback(lambda _: news.put(_Arrived(sent)))
    return future


def _arrived(news: SimpleQueue[_Arrived], seconds: float) -> Iterator[_Arrived]:
    """Return what has arrived, waiting up to this many seconds for the first of it."""
    with suppress(Empty):
        yield news.get(timeout=max(seconds, 0.0))
        while True:
            yield news.get_nowait()


def _best(waiting: Sequence[Sequence[Job]], own: Set[str], taken: Set[str], paces: Mapping[str, float]) -> int:
    """Return the index of the chunk that a process should grade next.

    A process that has graded a lab before grades it faster, so take one of its `own` labs or, failing that, a lab that
    no process has `taken`. Among these, take the chunk that lasts longest, so that no process has to work on a long one
    when the others are done.
    """

    def rank(index: int) -> tuple[int, float]:
        lab = waiting[index][0].lab
        seconds = paces.get(lab, math.inf) * len(waiting[index])
        return 0 if lab in own else 1 if lab not in taken else 2, -seconds

    return min(range(len(waiting)), key=rank)


def _share(left: Sequence[Sequence[Job]], paces: Mapping[str, float], processes: int) -> int:
    """Return how many submissions of the first chunk a process should get when only the chunks in `left` are left.

    It gets at most half of what's left for each process. So what the last ones grade is short, and all processes finish
    at about the same time.
    """
    pace = paces.get(left[0][0].lab)
    if not pace:
        return len(left[0])
    seconds = sum(paces.get(chunk[0].lab, pace) * len(chunk) for chunk in left)
    return max(1, round(seconds / (2 * processes) / pace))


def _batches(jobs: Iterator[Job], processes: int) -> Iterator[_Batch]:
    """Yield batches with enough chunks for all processes. There has to be at least one job."""
    pieces = CHUNKS * processes
    some = list(itertools.islice(jobs, CHUNK * pieces))
    while some:
        following = list(itertools.islice(jobs, 1))
        by_lab = sorted(some, key=lambda job: job.lab)
        size = -(-len(by_lab) // pieces)
        batch: list[Sequence[Job]] = []
        start = 0
        for end in range(1, len(by_lab) + 1):
            if end == len(by_lab) or end - start == size or by_lab[end].lab != by_lab[start].lab:
                batch.append(by_lab[start:end])
                start = end
        yield _Batch(batch, not following)
        some = following and following + list(itertools.islice(jobs, CHUNK * pieces - 1))
