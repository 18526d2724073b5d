"""Grade many submissions in several processes, here or on other machines.

If one submission fails or one process is lost, the others still get graded.
"""

import itertools
import math
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple, Protocol, Self

from autograder.grading.engine_version import ENGINE_VERSION
from autograder.grading.jobs import GradingContext, Job
from autograder.model import secrets
from autograder.model.course import Course, load
from autograder.model.results import LabResult
from autograder.sandbox import required_layers
from autograder.sandbox.layers import warnings

# At most this many submissions go to a process at a time, and into the gradebook in one transaction.
CHUNK = 25
# Make at least this many chunks per process, so that all processes have something to do.
CHUNKS = 4
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

    def submit(self, chunk: Sequence[Job]) -> Future[list[LabResult]]:
        """Return the results of a chunk, as a future that raises BrokenProcessPool if the process ends first."""


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


class _Sent(NamedTuple):
    """A chunk that a process is grading. at: when it got it, by the monotonic clock."""

    process: GradingProcess
    chunk: Sequence[Job]
    at: float


def grade(jobs: Iterable[Job], terms: GradingContext, crew: ProcessPool) -> Results:
    """Yield results as they arrive, a chunk at a time. If a submission is lost because its process ended, grade it once
    more.

    If that process ends too, give up on the submission. If you don't exhaust the generator, close it
    (`contextlib.closing`) to end the grading processes. jobs: read a few chunks per process ahead of the ones being
    graded.
    """
    jobs = iter(jobs)
    first = next(jobs, None)
    if first is None:
        return
    with crew:
        lost: list[Job] = []
        yield from _graded(_batches(itertools.chain([first], jobs), len(crew.present())), crew, lost)
        given_up: list[Job] = []
        # Grade these one at a time, so that a submission that brings down its process doesn't take others with it.
        yield from _graded(iter([_Batch([[job] for job in lost], is_last=True)]), crew, given_up)
        if given_up:
            yield [_lost(job, terms) for job in given_up]


def _graded(batches: Iterator[_Batch], crew: ProcessPool, lost: list[Job]) -> Results:
    """Yield the results of chunks as they arrive. Append jobs whose process was lost to `lost`."""
    waiting, is_last = next(batches)
    running: dict[Future[list[LabResult]], _Sent] = {}
    paces: dict[str, float] = {}  # how many seconds one submission took, by lab
    labs: dict[GradingProcess, set[str]] = defaultdict(set)
    while waiting or running:
        present = crew.present()
        for future, sent in list(running.items()):
            if sent.process not in present:
                del running[future]
                lost += sent.chunk
        busy = {sent.process for sent in running.values()}
        for process in present:
            if waiting and process not in busy:
                chunk = waiting.pop(_best(waiting, labs[process], set[str]().union(*labs.values()), paces))
                if is_last and (size := _share([chunk, *waiting], paces, len(present))) < len(chunk):
                    waiting.append(chunk[size:])
                    chunk = chunk[:size]
                labs[process].add(chunk[0].lab)
                running[process.submit(chunk)] = _Sent(process, chunk, time.monotonic())
                if not waiting and not is_last:
                    waiting, is_last = next(batches)
        for future in wait(running, LOOK_SECONDS, FIRST_COMPLETED).done:
            sent = running.pop(future)
            if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                lost += sent.chunk
            else:
                paces[sent.chunk[0].lab] = (time.monotonic() - sent.at) / len(sent.chunk)
                yield future.result()


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


def _lost(job: Job, terms: GradingContext) -> LabResult:
    course = load(terms.root)
    return LabResult(
        student=job.student,
        lab=job.lab,
        attempt=job.attempt,
        status="not graded",
        score=None,
        max_score=course.lab(job.lab).points,
        seconds=0.0,
        message="The grading process ended twice while this was being graded; review it by hand.",
        content_hash=job.content_hash,
        course_version=course.version,
        engine_version=ENGINE_VERSION,
        secret=secrets.fingerprint(terms.secret),
    )
