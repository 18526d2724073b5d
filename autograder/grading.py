"""Grade one submission, or many over processes. A submission's file, code and end never stop the others' grading."""

import gc
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

import pytest
import torch

from autograder import seeds
from autograder.connections import open_plain, open_sandbox, walls
from autograder.course import PACKET, Course, CourseError, Lab, load
from autograder.jobs import HandedPacket, Job, Terms
from autograder.outcome import Evidence, Finding, LabResult, Outcome, Reading, Status
from autograder.packet import read_packet
from autograder.plugin import GRADER, Entry, Grader, entry_of
from autograder.sandbox.doctor import warnings
from autograder.submission import SubmissionError, refuse_other_lab

# A pytest session costs some 50 ms whatever it runs; this many submissions share one.
CHUNK = 25
# How often to look which grading processes there are, where nothing else happens.
LOOK_SECONDS = 1.0
# A packet is dated where its writer lives, and handed in by UTC.
MIDNIGHTS = timedelta(days=1)

Results = Generator[list[LabResult], None, None]


class Room:
    """What a grading process makes once and keeps: the course, the sandbox, the grader with what it has computed."""

    def __init__(self, terms: Terms, visible_only: bool = False) -> None:
        torch.set_num_threads(1)
        self.course = load(terms.root)
        self.sandbox = (
            open_sandbox(self.course, required=not visible_only) if terms.sandboxed else open_plain(self.course)
        )
        self.grader = Grader(self.course, terms.secret)
        self.fingerprint = seeds.fingerprint(terms.secret) if terms.secret else ""
        self.visible_only = visible_only
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        self.sandbox.close()

    def grade(self, jobs: Sequence[Job]) -> list[LabResult]:
        """The results of the jobs, in their order: one pytest session for all of a lab."""
        results: dict[Job, LabResult] = {}
        for lab in self.course.labs:
            entries: dict[Job, Entry] = {}
            for job in jobs:
                if job.lab == lab.name:
                    try:
                        submission = job.submission()
                        refuse_other_lab(submission, lab, self.course)
                        student = None if self.visible_only else job.student
                        entries[job] = entry_of(
                            self.course, self.sandbox, submission, lab, job.attempt, job.stub, student
                        )
                    except SubmissionError as error:
                        results[job] = self._result(job, lab, [], str(error))
            if entries:
                self.run_checks(list(entries.values()))
            for job, entry in entries.items():
                try:
                    results[job] = self._result(job, lab, self.grader.evidence(entry), None)
                except Exception as error:  # the fault is ours, and the others are graded all the same
                    message = f"What it gave cannot be weighed ({type(error).__name__}: {error}); look at it by hand."
                    results[job] = self._result(job, lab, [], message)
                del self.grader.runs[entry.key]
        return [results[job] for job in jobs]

    def run_checks(self, entries: Sequence[Entry]) -> None:
        """One pytest session over the entries, which are all of one lab. Raises KeyboardInterrupt, CourseError."""
        run_checks(self.grader, entries, self.visible_only)

    def _result(self, job: Job, lab: Lab, evidence: list[Evidence], message: str | None) -> LabResult:
        status = _status(evidence)
        score = None if status == "not graded" else round(min(sum(each.points for each in evidence), lab.points), 4)
        if message is None and status != "graded":
            message = next(each.message for each in evidence if each.outcome is Outcome.NOT_GRADED)
        return LabResult(
            student=job.student,
            lab=job.lab,
            attempt=job.attempt,
            status=status,
            score=score,
            max_score=lab.points,
            seconds=round(sum(each.seconds for each in evidence), 4),
            message=message and utf8(message),
            isolation=self.sandbox.isolation,
            content_hash=job.content_hash,
            course_version=self.course.version,
            secret=self.fingerprint,
            checks=evidence,
            packet=None if job.packet is None else read_handed_in(job.packet),
        )


def read_handed_in(packet: HandedPacket) -> Reading:
    """What the packet beside a notebook says; nothing is raised, whatever it is."""

    def unread(sentence: str) -> Reading:
        return Reading(on=packet.on, problems=[Finding(field=PACKET, sentence=sentence)])

    try:
        before = None if packet.before is None else packet.before.encode()
        return read_packet(packet.read(), packet.on, before, MIDNIGHTS)
    except SubmissionError as error:
        return unread(str(error))
    except Exception as error:  # the fault is ours, and the others are graded all the same
        return unread(utf8(f"cannot be read here ({type(error).__name__}: {error}); look at it by hand."))


def run_checks(grader: Grader, entries: Sequence[Entry], visible_only: bool) -> None:
    """One pytest session over entries that are all of one lab. Raises KeyboardInterrupt, CourseError."""
    course, lab = grader.course, entries[0].lab.name
    files = [course.visible_checks(lab), course.hidden_checks(lab)]
    chosen = [str(file) for file in files[: 1 if visible_only else 2] if file.is_file()]
    if not chosen:
        raise CourseError(f"The lab {lab} has no checks: {files[0]} is missing.")
    grader.entries = entries
    session = _Session(grader)
    code = pytest.main([*chosen, *_PYTEST_OPTIONS, f"--rootdir={course.root}"], plugins=[session])
    if session.broken is not None:
        raise CourseError(f"The checks of {lab} cannot be loaded:\n{session.broken}")
    if code is pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise CourseError(f"The checks of {lab} cannot be run; see what pytest says of them: pytest {chosen[0]}")


@dataclass
class _Session:
    """Runs what pytest collected on every entry, and hears what ails a check file.

    pytest's own items, phases, fixtures and reports cost more than the checks do, and nobody reads them here.
    """

    grader: Grader
    broken: str | None = None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests = [item.function for item in session.items if isinstance(item, pytest.Function)]
        for entry in self.grader.entries if self.broken is None else ():
            connection = entry.connect()
            self.grader.run_checks(tests, entry, connection)
            connection.close()
        return True

    # pytest says "interrupted" of a check file that cannot be loaded, too.
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken = str(report.longrepr)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self.grader, GRADER)


_PYTEST_OPTIONS = (
    "-pautograder.plugin",
    "-s",
    "-c",
    os.devnull,
    "--noconftest",
    "--assert=plain",
    "--import-mode=importlib",
    "--disable-plugin-autoload",
    "-pno:terminal",
    "-pno:cacheprovider",
    "-pno:logging",
    "-pno:doctest",
    "-pno:junitxml",
    "-pno:unraisableexception",
    "-pno:threadexception",
    "-pno:warnings",
)


def _status(evidence: Sequence[Evidence]) -> Status:
    missed = sum(each.outcome is Outcome.NOT_GRADED for each in evidence)
    if missed == len(evidence):
        return "not graded"
    return "partly graded" if missed else "graded"


# --- many


def isolation_of(course: Course, terms: Terms) -> list[str]:
    """What an instructor should know of this machine's sandbox; CourseError where it is too weak to grade a class."""
    if not terms.sandboxed:
        return [
            "Graded without a sandbox: a hostile notebook can do whatever you can. This is recorded in the results."
        ]
    return warnings(walls(course))


def utf8(text: str) -> str:
    """The text with what cannot stand in UTF-8, as results are written, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


class Process(Protocol):
    """A process that grades, here or on another machine."""

    def submit(self, chunk: Sequence[Job]) -> Future[list[LabResult]]:
        """The results of the chunk; BrokenProcessPool where the process ended before they were there."""


class Crew(Protocol):
    """Processes that grade, each a chunk at a time; they end with this context."""

    def present(self) -> Sequence[Process]:
        """Those that there are now, at least one: it waits for that. Raises CourseError where none will come."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


def grade(jobs: Sequence[Job], terms: Terms, crew: Crew) -> Results:
    """Results as they come, a chunk at a time. What was lost with its process is graded again, then given up.

    Close it (`contextlib.closing`) where it is not run to its end: that ends the grading processes.
    """
    if not jobs:
        return
    with crew:
        lost: list[Job] = []
        yield from _graded(_chunks(jobs, len(crew.present())), crew, lost)
        given_up: list[Job] = []
        # One by one, so that what ends its process takes no other submission with it.
        yield from _graded(([job] for job in lost), crew, given_up)
        if given_up:
            yield [_lost(job, terms) for job in given_up]


def _graded(chunks: Iterable[Sequence[Job]], crew: Crew, lost: list[Job]) -> Results:
    """The results of the chunks, as they come; the jobs of those that were lost with a process go to `lost`."""
    waiting = deque(chunks)
    running: dict[Future[list[LabResult]], tuple[Process, Sequence[Job]]] = {}
    while waiting or running:
        present = crew.present()
        for future, (process, chunk) in list(running.items()):
            if process not in present:
                del running[future]
                lost += chunk
        busy = {process for process, _ in running.values()}
        for process in present:
            if waiting and process not in busy:
                chunk = waiting.popleft()
                running[process.submit(chunk)] = process, chunk
        for future in wait(running, LOOK_SECONDS, FIRST_COMPLETED).done:
            _, chunk = running.pop(future)
            if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                lost += chunk
            else:
                yield future.result()


def _chunks(jobs: Sequence[Job], processes: int) -> Iterator[Sequence[Job]]:
    size = max(1, min(CHUNK, -(-len(jobs) // (4 * processes))))
    by_lab = sorted(jobs, key=lambda job: job.lab)
    start = 0
    for end in range(1, len(by_lab) + 1):
        if end == len(by_lab) or end - start == size or by_lab[end].lab != by_lab[start].lab:
            yield by_lab[start:end]
            start = end


def _lost(job: Job, terms: Terms) -> LabResult:
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
        secret=seeds.fingerprint(terms.secret),
    )
