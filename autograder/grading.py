"""Grade one submission, or many over processes. A submission's file, code and end never stop the others' grading."""

import gc
import hashlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import forkserver
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder import seeds
from autograder.connections import open_plain, open_sandbox
from autograder.course import Course, CourseError, Lab, load
from autograder.outcome import Evidence, LabResult, Outcome, Status
from autograder.plugin import GRADER, Entry, Grader, entry_of, entry_of_item
from autograder.sandbox.doctor import refusal, warnings
from autograder.sandbox.process import SandboxFault
from autograder.student import Connection, Student
from autograder.submission import SubmissionError, read, read_file, refuse_other_lab

# A pytest session costs some 50 ms whatever it runs; this many submissions share one.
CHUNK = 25

Results = Generator[list[LabResult], None, None]


@dataclass(frozen=True)
class Job:
    """One submission to grade. `content_hash` is empty where the file could not be read."""

    student: str
    lab: str
    path: Path
    attempt: int
    content_hash: str


@dataclass(frozen=True)
class Terms:
    """What a grading process must know: the course's folder, the secret, and whether to go without a sandbox."""

    root: Path
    secret: bytes
    sandboxed: bool = True


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
                        submission = read(job.path)
                        refuse_other_lab(submission, lab, self.course)
                        entries[job] = entry_of(self.course, self.sandbox, submission, lab, job.attempt)
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
            message=message and _utf8(message),
            isolation=self.sandbox.isolation,
            content_hash=job.content_hash,
            course_version=self.course.version,
            secret=self.fingerprint,
            checks=evidence,
        )


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
    """Runs what pytest collected, and hears what ails a check file.

    pytest's own phases, fixtures and reports of an item cost more than the check does, and nobody reads them here.
    """

    grader: Grader
    broken: str | None = None
    _connection: Connection | None = None

    def pytest_runtest_protocol(self, item: pytest.Function, nextitem: pytest.Function | None) -> bool:
        entry = entry_of_item(item)
        assert entry is not None
        if self._connection is None:
            self._connection = entry.connect()
        rng = np.random.default_rng(self.grader.seed(item.function, entry))
        self.grader.run_check(item.function, entry, Student(self._connection), rng)
        if nextitem is None or entry_of_item(nextitem) is not entry:
            self._connection.close()
            self._connection = None
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


def find_jobs(course: Course, submitted: Path, labs: Sequence[str] = ()) -> list[Job]:
    """What lies at `submitted/<student>/<lab>/<lab>.ipynb`, nbgrader's layout. Raises CourseError."""
    chosen = [course.lab(name) for name in labs] or list(course.labs)
    try:
        students = sorted(each for each in submitted.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError as error:
        message = (
            f"The folder {submitted} cannot be read ({error.strerror}); name the one with submissions: --submitted."
        )
        raise CourseError(message) from error
    found = []
    for student in students:
        for lab in chosen:
            path = student / lab.name / f"{lab.name}.ipynb"
            if os.path.lexists(path) or path.parent.is_dir():
                found.append(Job(_utf8(student.name), lab.name, path, 1, _content_hash(path)))
    return found


def unchanged(
    jobs: Sequence[Job], results: Mapping[tuple[str, str], LabResult], course: Course, terms: Terms
) -> list[Job]:
    """The jobs still to grade: all but those whose very content was graded with this course.

    A new content is the next attempt.
    Raises CourseError where a content was graded under another secret: a regrade would draw other hidden checks.
    """
    todo = []
    for job in jobs:
        last = results.get((job.student, job.lab))
        if last is None:
            todo.append(job)
        elif last.content_hash != job.content_hash:
            todo.append(replace(job, attempt=last.attempt + 1))
        elif last.secret != seeds.fingerprint(terms.secret):
            raise CourseError(
                f"{job.student}'s {job.lab} was graded under another secret (fingerprint {last.secret}). Put that one "
                f"back in {course.root / seeds.FILE_NAME}, or name another results file to grade all afresh."
            )
        elif last.status != "graded" or last.course_version != course.version:
            todo.append(replace(job, attempt=last.attempt))
    return todo


def isolation_of(course: Course, terms: Terms) -> list[str]:
    """What an instructor should know of this machine's sandbox; CourseError where it is too weak to grade a class."""
    if not terms.sandboxed:
        return [
            "Graded without a sandbox: a hostile notebook can do whatever you can. This is recorded in the results."
        ]
    try:
        with open_sandbox(course, required=True) as sandbox:
            isolation = sandbox.isolation
    except SandboxFault as fault:
        raise CourseError(f"The sandbox does not start: {fault}") from fault
    if reason := refusal(isolation):
        raise CourseError(reason)
    return warnings(isolation)


def _utf8(text: str) -> str:
    """The text with what cannot stand in UTF-8, as results are written, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _content_hash(path: Path) -> str:
    try:
        return hashlib.sha256(read_file(path)).hexdigest()
    except SubmissionError:
        return ""


def grade(jobs: Sequence[Job], terms: Terms, processes: int) -> Results:
    """Results as they come, a chunk at a time. What was lost with its process is graded again, then given up.

    Close it (`contextlib.closing`) where it is not run to its end: that ends the grading processes.
    """
    lost: list[Job] = []
    yield from _graded(_chunks(jobs, processes), terms, processes, lost)
    given_up: list[Job] = []
    # One by one, so that what ends its process takes no other submission with it.
    yield from _graded(([job] for job in lost), terms, 1, given_up)
    if given_up:
        yield [_lost(job, terms) for job in given_up]


def _graded(chunks: Iterable[Sequence[Job]], terms: Terms, processes: int, lost: list[Job]) -> Results:
    """The results of the chunks, as they come; the jobs of those that were lost with a process go to `lost`.

    No more chunks are handed out than there are processes: a process that ends takes all that were handed out with it.
    """
    waiting = deque(chunks)
    while waiting:
        executor = _processes(terms, processes)
        running: dict[Future[list[LabResult]], Sequence[Job]] = {}
        broken = False
        try:
            while running or (waiting and not broken):
                while waiting and not broken and len(running) < processes:
                    try:
                        with _ctrl_c_later():
                            running[executor.submit(grade_chunk, waiting[0])] = waiting[0]
                        waiting.popleft()
                    except BrokenProcessPool:
                        broken = True
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    chunk = running.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):
                        broken = True
                        lost += chunk
                    else:
                        yield future.result()
        finally:
            _stop(executor)


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


def _processes(terms: Terms, processes: int) -> Executor:
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([__name__])
        # Inherited by the grading processes from their first moment on: Ctrl-C is the coordinator's to answer.
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
        forkserver.ensure_running()
        signal.signal(signal.SIGINT, heard)
    return ProcessPoolExecutor(processes, context, _open_room, (terms,))


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Hold Ctrl-C back while a process starts: half started, it would be nobody's to stop."""
    pressed = []
    heard = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
    if pressed:
        raise KeyboardInterrupt


def _stop(executor: Executor) -> None:
    for child in multiprocessing.active_children():
        child.terminate()
    executor.shutdown(wait=True, cancel_futures=True)


_room: Room | None = None


def _open_room(terms: Terms) -> None:
    """Once in each grading process."""
    global _room
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_coordinator, daemon=True).start()
    _room = Room(terms)


def _end_with_coordinator() -> None:
    coordinator = multiprocessing.parent_process()
    assert coordinator is not None
    coordinator.join()
    os._exit(1)


def grade_chunk(jobs: Sequence[Job]) -> list[LabResult]:
    """What an executor runs."""
    assert _room is not None
    return _room.grade(jobs)
