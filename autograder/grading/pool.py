"""Grade many submissions over processes, here or elsewhere. What one does, or a process that ends, stops no other."""

import itertools
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, Self

from autograder.grading.engine_version import ENGINE_VERSION
from autograder.grading.jobs import GradingContext, Job
from autograder.model import secrets
from autograder.model.course import Course, load
from autograder.model.results import LabResult
from autograder.sandbox import required_layers
from autograder.sandbox.layers import warnings

# So many submissions go to a process at a time, and into the gradebook in one transaction.
CHUNK = 25
# A process's share of the submissions is cut into so many chunks at least, so that all processes end at about one time.
CHUNKS = 4
# How often to look which grading processes there are, where nothing else happens.
LOOK_SECONDS = 1.0

Results = Generator[list[LabResult], None, None]


def isolation_of(course: Course, terms: GradingContext) -> list[str]:
    """What an instructor should know of this machine's sandbox; CourseError where it is too weak to grade a class."""
    if not terms.sandboxed:
        return [
            "Graded without a sandbox: a hostile notebook can do whatever you can. This is recorded in the results."
        ]
    return warnings(required_layers(course))


class GradingProcess(Protocol):
    """A process that grades, here or on another machine."""

    def submit(self, chunk: Sequence[Job]) -> Future[list[LabResult]]:
        """The results of the chunk; BrokenProcessPool where the process ended before they were there."""


class ProcessPool(Protocol):
    """Processes that grade, each a chunk at a time; they end with this context."""

    def present(self) -> Sequence[GradingProcess]:
        """Those that there are now, at least one: it waits for that. Raises CourseError where none will come."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


def grade(jobs: Iterable[Job], terms: GradingContext, crew: ProcessPool) -> Results:
    """Results as they come, a chunk at a time. What was lost with its process is graded again, then given up.

    jobs: asked for while others are graded, a few chunks for each process at a time. Close it (`contextlib.closing`)
    where it is not run to its end: that ends the grading processes.
    """
    jobs = iter(jobs)
    first = next(jobs, None)
    if first is None:
        return
    with crew:
        lost: list[Job] = []
        yield from _graded(_chunks(itertools.chain([first], jobs), len(crew.present())), crew, lost)
        given_up: list[Job] = []
        # One by one, so that what ends its process takes no other submission with it.
        yield from _graded(iter([[job] for job in lost]), crew, given_up)
        if given_up:
            yield [_lost(job, terms) for job in given_up]


def _graded(chunks: Iterator[Sequence[Job]], crew: ProcessPool, lost: list[Job]) -> Results:
    """The results of the chunks, as they come; the jobs of those that were lost with a process go to `lost`."""
    waiting = next(chunks, None)
    running: dict[Future[list[LabResult]], tuple[GradingProcess, Sequence[Job]]] = {}
    while waiting or running:
        present = crew.present()
        for future, (process, chunk) in list(running.items()):
            if process not in present:
                del running[future]
                lost += chunk
        busy = {process for process, _ in running.values()}
        for process in present:
            if waiting and process not in busy:
                running[process.submit(waiting)] = process, waiting
                waiting = next(chunks, None)
        for future in wait(running, LOOK_SECONDS, FIRST_COMPLETED).done:
            _, chunk = running.pop(future)
            if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                lost += chunk
            else:
                yield future.result()


def _chunks(jobs: Iterator[Job], processes: int) -> Iterator[Sequence[Job]]:
    """Each of one lab, from as many jobs at a time as make full chunks."""
    pieces = CHUNKS * processes
    while by_lab := sorted(itertools.islice(jobs, CHUNK * pieces), key=lambda job: job.lab):
        size = -(-len(by_lab) // pieces)
        start = 0
        for end in range(1, len(by_lab) + 1):
            if end == len(by_lab) or end - start == size or by_lab[end].lab != by_lab[start].lab:
                yield by_lab[start:end]
                start = end


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
        message="The grading process ended twice while this was graded; look at it by hand.",
        content_hash=job.content_hash,
        course_version=course.version,
        engine_version=ENGINE_VERSION,
        secret=secrets.fingerprint(terms.secret),
    )
