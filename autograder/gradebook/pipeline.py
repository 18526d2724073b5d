"""Grade a class: find its submissions, decide which ones still have to be graded, and write grades to the gradebook."""

import itertools
import json
import os
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.gradebook.annotation import Annotator, write_annotated
from autograder.gradebook.changes import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.exercise_points import rescored
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import CurrentGrade, GradeRecord
from autograder.gradebook.settings import Settings
from autograder.gradebook.tables import LONGEST_NAME
from autograder.gradebook.timestamps import submitted_at
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

# How many submissions to look up in the gradebook at a time.
AT_ONCE = 100
# A submission's student, lab and path.
Place = tuple[str, Lab, Path]


def student_folders(submitted: Path, student: str | None = None) -> list[Path]:
    """Return the folders of all students. If `student` is given, return only that student's. Raises CourseError."""
    if student is not None:
        folder = submitted / student
        if student in ("", "..") or Path(student).name != student or not folder.is_dir():
            raise CourseError(f"No student named {student!r} has a folder in {submitted}; check the spelling.")
        return [folder]
    try:
        return sorted(each for each in submitted.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError as error:
        message = f"The folder {submitted} can't be read ({error.strerror}); name the right one with --submitted."
        raise CourseError(message) from error


def without_removed(students: Sequence[Path], removed: Collection[str]) -> tuple[list[Path], list[str]]:
    """Return the folders of students who weren't removed, and the names of the students who were."""
    kept = [each for each in students if utf8(each.name) not in removed]
    return kept, sorted({utf8(each.name) for each in students} & set(removed))


def strange_folders(course: Course, students: Sequence[Path]) -> list[str]:
    """Return folders in students' folders that aren't named after a lab, as "student/folder". Most are misspelled."""
    labs = {lab.name for lab in course.labs}
    found = []
    for student in (each for each in students if not each.is_symlink()):
        with suppress(OSError):
            inside = [each.name for each in student.iterdir() if each.is_dir() and not each.name.startswith(".")]
            found += [utf8(f"{student.name}/{name}") for name in sorted(inside) if name not in labs]
    return found


def loose_notebooks(students: Sequence[Path]) -> list[str]:
    """Return notebooks that are in a student's folder instead of a lab's, as "student/notebook"."""
    found = []
    for student in (each for each in students if not each.is_symlink()):
        found += [utf8(f"{student.name}/{each.name}") for each in sorted(student.glob("*.ipynb")) if each.is_file()]
    return found


def places(students: Sequence[Path], labs: Sequence[Lab]) -> Iterator[Place]:
    """Return the location of each submission by these students, one student at a time. Raises GradebookError."""
    for student in students:
        if len(utf8(student.name)) > LONGEST_NAME:
            raise GradebookError(
                f"The name {student} is longer than a gradebook allows ({LONGEST_NAME} characters); choose a shorter "
                "one."
            )
    # An attachment may cite runs of the student's other notebooks, so grade those first.
    return _places_of(students, sorted(labs, key=lambda lab: lab.attachment is not None))


def _places_of(students: Sequence[Path], chosen: Sequence[Lab]) -> Iterator[Place]:
    for student in students:
        if student.is_symlink():
            continue
        for lab in chosen:
            path = student / lab.name / f"{lab.name}.ipynb"
            if path.parent.is_symlink():
                continue
            if os.path.lexists(path) or path.parent.is_dir():
                yield utf8(student.name), lab, path


def linked_folders(course: Course, students: Sequence[Path]) -> list[str]:
    """Return the students' and labs' folders that are links. We don't follow those.

    A link could lead to another student's work.
    """
    found = []
    for student in students:
        folders = [student, *(student / lab.name for lab in course.labs if not student.is_symlink())]
        found += [utf8(str(each.relative_to(student.parent))) for each in folders if each.is_symlink()]
    return found


def job_of(student: str, lab: Lab, path: Path) -> Job:
    """Return a job for the submission at a path, as attempt 1. This reads its files, which aren't read again later."""
    content = read_or_error(path)
    beside = {each.name: read_beside(path.parent, each.name) for each in lab.files}
    return Job(
        student,
        lab.name,
        path,
        1,
        _content_hash(content, list(beside.values())),
        submitted_at(path.parent),
        content=content,
        beside=beside,
    )


def numbered(
    jobs: Sequence[Job], graded: Mapping[Key, CurrentGrade], course: Course, terms: GradingContext
) -> list[Job]:
    """Return the jobs with their attempt numbers. A submission is a new attempt if its content changed or its timestamp
    is newer.

    Raises GradebookError if the same attempt was graded under a different secret, because the hidden checks would use
    different numbers with the current secret.
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
                f"{job.student}'s {job.lab} was graded under a different secret (fingerprint {last.secret}). Put that "
                f"secret back in {course.root / secrets.FILE_NAME}, or grade everything again into a different "
                "gradebook with --db."
            )
        else:
            found.append(replace(job, attempt=last.attempt))
    return found


def still_to_grade(jobs: Sequence[Job], graded: Mapping[Key, CurrentGrade], course: Course) -> list[Job]:
    """Return the numbered jobs whose attempt hasn't been fully graded with this version of the course."""
    return [
        job
        for job in jobs
        if (last := graded.get((job.student, job.lab))) is None
        or (job.attempt, course.version, "graded") != (last.attempt, last.course_version, last.status)
    ]


def graded_otherwise(jobs: Sequence[Job], graded: Mapping[Key, CurrentGrade], course: Course) -> list[Job]:
    """Return the numbered jobs graded with this version of the course but a different version of the engine."""
    done = set(jobs) - set(still_to_grade(jobs, graded, course))
    return [job for job in jobs if job in done and graded[job.student, job.lab].engine_version != ENGINE_VERSION]


def refuse_other_secret(book: Gradebook, course: Course, found: Iterable[Place], terms: GradingContext) -> None:
    """Raise GradebookError now if `numbered` would raise it later for any of these submissions."""
    if others := book.graded_under_others(secrets.fingerprint(terms.secret)):
        for student, lab, path in found:
            if (student, lab.name) in others:
                numbered([job_of(student, lab, path)], book.graded([student]), course, terms)


class ToGrade:
    """The submissions of a class that still need grading, in the order they were found. Each one is read only when it's
    needed.

    unchanged: how many of the submissions read so far don't need grading. Submissions graded by a different version of
    this program are regraded only if `regrade` is set.
    """

    def __init__(
        self, book: Gradebook, course: Course, found: Iterable[Place], terms: GradingContext, regrade: bool = False
    ) -> None:
        self.unchanged = 0
        self._read = self._otherwise = 0
        self._book, self._course, self._terms, self._regrade = book, course, terms, regrade
        self._found = found

    def __iter__(self) -> Iterator[Job]:
        jobs = (job_of(*place) for place in self._found)
        while some := list(itertools.islice(jobs, AT_ONCE)):
            known = self._book.graded({job.student for job in some})
            some = numbered(some, known, self._course, self._terms)
            otherwise = graded_otherwise(some, known, self._course)
            todo = {*still_to_grade(some, known, self._course), *(otherwise if self._regrade else ())}
            self._read += len(some)
            self._otherwise += len(otherwise)
            self.unchanged += len(some) - len(todo)
            yield from (job for job in some if job in todo)

    def about_other_versions(self) -> str | None:
        """Return a message if any of the submissions read so far still have scores from a different version of this
        program."""
        if not self._otherwise or self._regrade:
            return None
        return (
            f"{self._otherwise} of {self._read} submissions were graded by a different version of this program. Their "
            "scores stay as they are; `mastery grade --regrade` grades them again."
        )


def grade_into(
    book: Gradebook, course: Course, settings: Settings, jobs: Iterable[Job], terms: GradingContext, crew: ProcessPool
) -> Generator[tuple[list[LabResult], list[Change]], None, None]:
    """Grade jobs, and yield results and changed scores a chunk at a time. Raises UserError.

    For each chunk, first write the notebooks to show, then write scores and evidence in one transaction. So every
    submission in the gradebook is complete, and the next run grades the ones that aren't there yet.
    """
    markers: dict[str, Annotator] = {}
    pending: dict[Key, Job] = {}

    def ready() -> Iterator[Job]:
        for job in jobs:
            lab = course.lab(job.lab)
            if job.lab not in markers:
                markers[job.lab] = Annotator(course, lab, exercise_of(course, job.lab))
                book.register(lab)
            pending[job.student, job.lab] = _with_earlier_work(book, lab, job, pending)
            yield pending[job.student, job.lab]

    with closing(grade(ready(), terms, crew)) as chunks:
        for graded in chunks:
            # If someone has edited course.yaml since grading began, processes that started after the edit used the new
            # points. The exercises don't have those points until the next build.
            results = [
                each if each.course_version == course.version else rescored(each, course.lab(each.lab))
                for each in graded
            ]
            entries = []
            for result in results:
                job = pending[result.student, result.lab]
                marked = markers[job.lab].mark(job.parsed, result)
                place = settings.place("autograded", job.student, job.lab) / f"{job.lab}.ipynb"
                try:
                    write_annotated(marked, place, job.path)
                except OSError as error:
                    where = error.filename or place
                    raise GradebookError(
                        f"{where} can't be written: {error.strerror}. Everything graded so far is saved."
                    ) from error
                entries.append(GradeRecord(result, job.submitted_at, marked.unanswered))
            changes = book.write(entries)
            for result in results:
                del pending[result.student, result.lab]
            yield results, changes


def _with_earlier_work(book: Gradebook, lab: Lab, job: Job, pending: Mapping[Key, Job]) -> Job:
    """Return the job with everything from the student's earlier work that its grading depends on."""
    if (file := lab.attachment) is not None:
        # Include the runs being graded by the same command, since someone may be regrading a whole term.
        along = [each for each in (*pending.values(), job) if each.student == job.student and each.content_hash]
        runs = book.runs(job.student) | {run_id(each.student, each.lab, each.content_hash) for each in along}
        job = _with_attachment(job, file, book.attachments(job.student, job.lab), runs)
    if lab.assessment:
        before = [result for _, result in book.attempts(job.student, job.lab)]
        job = replace(job, earlier=earlier_answers(before, job.attempt))
    return job


def _with_attachment(job: Job, file: LabFile, known: Mapping[int, AttachmentReport], runs: frozenset[str]) -> Job:
    """Return the job with its attachment, dated the day it was handed in, so that a regrade gets the same result.

    known: the reports on the student's attachments by attempt, oldest first. If an attachment's revisions weren't in
    order, we don't compare later attachments with it. runs: the fingerprints of the student's graded runs.
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
    """Return the JSON of the notebook that students open, with each cell's source as one string. Raises CourseError."""
    path = course.root / "exercises" / lab / f"{lab}.ipynb"
    try:
        exercise: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} can't be read ({error}); make it with `mastery build`.") from error
    for cell in exercise["cells"]:
        cell["source"] = "".join(cell["source"])
    return exercise


def _content_hash(content: bytes | SubmissionError, beside: Sequence[bytes | SubmissionError]) -> str:
    """Return the hash of the notebook and the lab's files next to it; empty if the notebook can't be read."""
    if isinstance(content, SubmissionError):
        return ""
    found = content_hash(content)
    for each in beside:
        digest = content_hash(b"" if isinstance(each, SubmissionError) else each)
        found = content_hash(f"{found} {digest}".encode())
    return found


def _is_newer(submitted_at: datetime | None, before: datetime | None) -> bool:
    return submitted_at is not None and (before is None or submitted_at > before)
