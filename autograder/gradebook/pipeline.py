"""Grade a class: find its submissions, decide which still have to be graded, and write grades to the gradebook."""

import json
import os
from collections import defaultdict
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc

from autograder.gradebook.annotation import Annotator, write_annotated
from autograder.gradebook.changes import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import CurrentGrade, GradeRecord
from autograder.gradebook.settings import Settings
from autograder.gradebook.tables import LONGEST_NAME
from autograder.grading.answers import earlier_answers
from autograder.grading.engine_version import ENGINE_VERSION
from autograder.grading.jobs import GradingContext, HandedAttachment, Job, read_beside, read_or_error
from autograder.grading.pool import ProcessPool, grade
from autograder.model import secrets
from autograder.model.course import Course, Lab, LabFile
from autograder.model.errors import CourseError, SubmissionError
from autograder.model.escaping import utf8
from autograder.model.files import content_hash
from autograder.model.results import AttachmentReport, Key, LabResult, run_id
from autograder.model.submission import read_regular


def find_jobs(course: Course, submitted: Path, labs: Sequence[str] = (), student: str | None = None) -> list[Job]:
    """Return a job for each submission at `submitted/<student>/<lab>/<lab>.ipynb` (nbgrader's layout).

    labs: their names; by default all labs. student: only this one's. Raises CourseError or GradebookError.
    """
    chosen = [course.lab(name) for name in labs] or list(course.labs)
    return _jobs_in(student_folders(submitted, student), chosen)


def student_folders(submitted: Path, student: str | None = None) -> list[Path]:
    """Return the folders of all students. If `student` is given, look only at that one's. Raises CourseError."""
    if student is not None:
        folder = submitted / student
        if student in ("", "..") or Path(student).name != student or not folder.is_dir():
            raise CourseError(f"No student named {student!r} has a folder in {submitted}; see how theirs is spelled.")
        return [folder]
    try:
        return sorted(each for each in submitted.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError as error:
        message = (
            f"The folder {submitted} cannot be read ({error.strerror}); name the one with submissions: --submitted."
        )
        raise CourseError(message) from error


def without_removed(jobs: Sequence[Job], removed: Collection[str]) -> tuple[list[Job], list[str]]:
    """Return the jobs of students who weren't removed, and the names of the students who were."""
    kept = [job for job in jobs if job.student not in removed]
    return kept, sorted({job.student for job in jobs if job.student in removed})


def strange_folders(course: Course, students: Sequence[Path]) -> list[str]:
    """Return folders in students' folders that aren't named after a lab, as "student/folder". Most are misspelled."""
    labs = {lab.name for lab in course.labs}
    found = []
    for student in (each for each in students if not each.is_symlink()):
        with suppress(OSError):
            inside = [each.name for each in student.iterdir() if each.is_dir() and not each.name.startswith(".")]
            found += [utf8(f"{student.name}/{name}") for name in sorted(inside) if name not in labs]
    return found


def _jobs_in(students: Sequence[Path], chosen: Sequence[Lab]) -> list[Job]:
    found = []
    for student in students:
        if student.is_symlink():
            continue
        if len(utf8(student.name)) > LONGEST_NAME:
            raise GradebookError(
                f"{student} has a longer name than a gradebook takes ({LONGEST_NAME}); give it another."
            )
        for lab in chosen:
            path = student / lab.name / f"{lab.name}.ipynb"
            if path.parent.is_symlink():
                continue
            if os.path.lexists(path) or path.parent.is_dir():
                found.append(job_of(utf8(student.name), lab, path))
    return found


def linked_folders(course: Course, students: Sequence[Path]) -> list[str]:
    """Return the folders of students or labs that are links. They aren't followed: they may lead to others' work."""
    found = []
    for student in students:
        folders = [student, *(student / lab.name for lab in course.labs if not student.is_symlink())]
        found += [utf8(str(each.relative_to(student.parent))) for each in folders if each.is_symlink()]
    return found


def job_of(student: str, lab: Lab, path: Path) -> Job:
    """Return a job for the submission at a path, as attempt 1. Its files are read now and never again."""
    content = read_or_error(path)
    beside = {each.name: read_beside(path.parent, each.name) for each in lab.files}
    return Job(
        student,
        lab.name,
        path,
        1,
        _content_hash(content, list(beside.values())),
        _submitted_at(path.parent),
        content=content,
        beside=beside,
    )


def numbered(
    jobs: Sequence[Job], graded: Mapping[Key, CurrentGrade], course: Course, terms: GradingContext
) -> list[Job]:
    """Return the jobs with their attempt numbers. New content or a newer timestamp makes it the next attempt.

    Raises GradebookError if the same attempt was graded under another secret: a regrade would draw other numbers for
    its hidden checks.
    """
    found = []
    for job in jobs:
        last = graded.get((job.student, job.lab))
        if last is None:
            found.append(job)
        elif last.content_hash != job.content_hash or _is_newer(job.submitted_at, last.submitted_at):
            found.append(replace(job, attempt=last.attempt + 1))
        elif last.secret != secrets.fingerprint(terms.secret):
            raise GradebookError(
                f"{job.student}'s {job.lab} was graded under another secret (fingerprint {last.secret}). Put that one "
                f"back in {course.root / secrets.FILE_NAME}, or grade everything again with another gradebook: --db."
            )
        else:
            found.append(replace(job, attempt=last.attempt))
    return found


def still_to_grade(jobs: Sequence[Job], graded: Mapping[Key, CurrentGrade], course: Course) -> list[Job]:
    """Return the numbered jobs whose attempt hasn't been (completely) graded with this version of the course."""
    return [
        job
        for job in jobs
        if (last := graded.get((job.student, job.lab))) is None
        or (job.attempt, course.version, "graded") != (last.attempt, last.course_version, last.status)
    ]


def graded_otherwise(jobs: Sequence[Job], graded: Mapping[Key, CurrentGrade], course: Course) -> list[Job]:
    """Return the numbered jobs that were graded with this version of the course, but another version of the engine."""
    done = set(jobs) - set(still_to_grade(jobs, graded, course))
    return [job for job in jobs if job in done and graded[job.student, job.lab].engine_version != ENGINE_VERSION]


def grade_into(
    book: Gradebook, course: Course, settings: Settings, jobs: Sequence[Job], terms: GradingContext, crew: ProcessPool
) -> Generator[tuple[list[LabResult], list[Change]], None, None]:
    """Grade jobs, and yield results and changed scores a chunk at a time. Raises UserError.

    For each chunk, the notebooks to show are written first, then scores and evidence in one transaction. So whatever is
    in the gradebook is complete, and whatever isn't is graded by the next run.
    """
    named = {(job.student, job.lab): job for job in jobs}
    markers = {lab: Annotator(course, course.lab(lab), exercise_of(course, lab)) for lab in {job.lab for job in jobs}}
    known = book.graded()
    for lab in markers:
        book.register(course.lab(lab))
    # Runs that are graded together with it count too, since someone may grade a whole term again.
    along: dict[str, set[str]] = defaultdict(set)
    for job in (each for each in jobs if each.content_hash):
        along[job.student].add(run_id(job.student, job.lab, job.content_hash))
    jobs = [
        job
        if (file := course.lab(job.lab).attachment) is None
        else _with_attachment(
            job,
            file,
            book.attachments(job.student, job.lab) if (job.student, job.lab) in known else {},
            book.runs(job.student) | along[job.student],
        )
        for job in jobs
    ]
    jobs = [
        replace(job, earlier=earlier_answers([each for _, each in book.attempts(job.student, job.lab)], job.attempt))
        if course.lab(job.lab).assessment and (job.student, job.lab) in known
        else job
        for job in jobs
    ]
    named = {(job.student, job.lab): job for job in jobs}
    with closing(grade(jobs, terms, crew)) as chunks:
        for results in chunks:
            entries = []
            for result in results:
                job = named[result.student, result.lab]
                marked = markers[job.lab].mark(job.parsed, result)
                job.forget()
                place = settings.place("autograded", job.student, job.lab) / f"{job.lab}.ipynb"
                try:
                    write_annotated(marked, place, job.path)
                except OSError as error:
                    where = error.filename or place
                    raise GradebookError(
                        f"{where} cannot be written: {error.strerror}. What was graded before is kept."
                    ) from error
                entries.append(GradeRecord(result, job.submitted_at, marked.unanswered))
            yield results, book.write(entries)


def _with_attachment(job: Job, file: LabFile, known: Mapping[int, AttachmentReport], runs: frozenset[str]) -> Job:
    """Return the job with its attachment, to be read as of the day it was handed in, so that regrades say the same.

    known: the reports on the student's attachments by attempt, oldest first. If one's revisions weren't in order, later
    ones aren't compared with it. runs: the fingerprints of the student's graded runs.
    """
    before = [each.text for attempt, each in known.items() if attempt < job.attempt and each.follows]
    on = datetime.now(UTC).date()
    if job.submitted_at is not None:
        on = job.submitted_at.date()
    elif job.attempt in known:
        on = known[job.attempt].on
    return replace(
        job,
        attachment=HandedAttachment(
            job.path.parent, file, on, before[-1] if before else None, runs, job.beside.get(file.name)
        ),
    )


def exercise_of(course: Course, lab: str) -> dict[str, Any]:
    """Return the JSON of the notebook that students open, each cell's source as one string. Raises CourseError."""
    path = course.root / "exercises" / lab / f"{lab}.ipynb"
    try:
        exercise: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} cannot be read ({error}); make it with `mastery build`.") from error
    for cell in exercise["cells"]:
        cell["source"] = "".join(cell["source"])
    return exercise


def _content_hash(content: bytes | SubmissionError, beside: Sequence[bytes | SubmissionError]) -> str:
    """Return the hash of the notebook and the lab's files beside it; empty if the notebook can't be read."""
    if isinstance(content, SubmissionError):
        return ""
    found = content_hash(content)
    for each in beside:
        digest = content_hash(b"" if isinstance(each, SubmissionError) else each)
        found = content_hash(f"{found} {digest}".encode())
    return found


def _submitted_at(folder: Path) -> datetime | None:
    """Return when it was handed in, from the file that nbgrader's collector puts there; None if it doesn't say."""
    try:
        found: datetime = parse_utc(read_regular(folder / "timestamp.txt").decode("ascii").strip())
    except (SubmissionError, ValueError, OverflowError, TypeError):
        return None
    return found


def _is_newer(submitted_at: datetime | None, before: datetime | None) -> bool:
    return submitted_at is not None and (before is None or submitted_at > before)
