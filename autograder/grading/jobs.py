"""What a grading process is given: the submissions, and the context they're graded in."""

import functools
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from autograder.grading.engine_version import ENGINE_VERSION
from autograder.model.course import Course, LabFile
from autograder.model.errors import SubmissionError
from autograder.model.examinee import Earlier
from autograder.model.results import LabResult
from autograder.model.submission import (
    MAX_BYTES,
    ParsedFile,
    Submission,
    parse_file,
    read_file,
    read_regular,
    submission_of,
)

# How many seconds of wall time a submission may keep a grading process busy: if others are waiting for the process, and
# on its own.
SHARED_SECONDS, ALONE_SECONDS = 10.0, 300.0
KEPT_BUSY = (
    f"It kept its grading process busy for {ALONE_SECONDS:g} seconds without using up its time limit, so it isn't "
    "graded. Grade it again. If the same thing happens, review it by hand."
)
Value = TypeVar("Value")


@dataclass(frozen=True)
class HandedAttachment:
    """The file that we read along with a lab's notebook, and everything we check it against.

    folder: where it was handed in. on: the day it was handed in. before: the text of the file that the same student
    handed in previously. runs: the fingerprints of the student's graded runs. content: as in `Job`.
    """

    folder: Path
    file: LabFile
    on: date
    before: str | None = None
    runs: frozenset[str] = frozenset()
    content: bytes | SubmissionError | None = None

    def __post_init__(self) -> None:
        if self.content is None:
            object.__setattr__(self, "content", read_beside(self.folder, self.file.name))

    def read(self) -> bytes:
        """Return the file's bytes. Raises SubmissionError if they couldn't be read, with a message that doesn't include
        the path."""
        return _or_raise(self.content)


def read_beside(folder: Path, name: str) -> bytes | SubmissionError:
    """Read a file next to a notebook. If it can't be read, return the reason, in a sentence that doesn't include the
    path."""
    path = folder / name
    if not os.path.lexists(path):
        return SubmissionError("is missing: it belongs next to the notebook, and you hand both in together.")
    try:
        return read_regular(path)
    except SubmissionError:
        most = f"{MAX_BYTES >> 20} MiB"
        return SubmissionError(f"can't be read: hand in an ordinary file of at most {most}, not a link or a folder.")


@dataclass(frozen=True)
class Job:
    """One submission to grade, or one of its stubs: its bytes, which we read once, and everything we compute from them.

    content_hash: the hash of the graded bytes and of any graded files next to the notebook. By default, it's the hash
    of the bytes only; it's empty if we can't read them. content: the file's bytes, or why there are none; if not given,
    we read the file when the job is created. beside: the same for the files next to it, by name. attachment: the lab's
    attachment if it has one, set once we know what to check it against. earlier: the student's answers to items that
    were graded in earlier attempts.
    """

    student: str
    lab: str
    path: Path
    attempt: int
    content_hash: str = ""
    submitted_at: datetime | None = None
    stub: str | None = None
    content: bytes | SubmissionError | None = field(default=None, repr=False, compare=False)
    beside: Mapping[str, bytes | SubmissionError] = field(default_factory=dict, repr=False, compare=False)
    attachment: HandedAttachment | None = field(default=None, repr=False, compare=False)
    earlier: Earlier | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.content is None:
            object.__setattr__(self, "content", read_or_error(self.path))
        if not self.content_hash and isinstance(self.content, bytes):
            object.__setattr__(self, "content_hash", hashlib.sha256(self.content).hexdigest())

    @functools.cached_property
    def parsed(self) -> ParsedFile | SubmissionError:
        """The parsed file, or why it can't be parsed. Computed once."""
        try:
            return parse_file(_or_raise(self.content), self.path)
        except SubmissionError as error:
            return error

    def submission(self) -> Submission:
        """Return the submission. Raises SubmissionError if the file can't be read or parsed."""
        return submission_of(_or_raise(self.parsed), self.path)

    def __getstate__(self) -> dict[str, Any]:
        """Return only what a grading process needs from the file: the cells' source and the attachment."""
        parsed = self.parsed if isinstance(self.parsed, SubmissionError) else replace(self.parsed, cells=())
        return {**self.__dict__, "content": b"", "beside": {}, "parsed": parsed}


def read_or_error(path: Path) -> bytes | SubmissionError:
    """Read a notebook or script, or return why it can't be read."""
    try:
        return read_file(path)
    except SubmissionError as error:
        return error


def _or_raise(value: Value | SubmissionError | None) -> Value:
    if isinstance(value, SubmissionError):
        raise value
    assert value is not None
    return value


@dataclass(frozen=True)
class GradingContext:
    """Everything a grading process needs to know: the course's folder, the secret, and whether to use the sandbox."""

    root: Path
    secret: bytes = field(repr=False)
    sandboxed: bool = True


# Called with a job and its result, or None if it would keep its process busy for too long.
Arrived = Callable[[Job, LabResult | None], None]


def not_graded(job: Job, course: Course, fingerprint: str, message: str) -> LabResult:
    """Return the result of a job that we've given up on. fingerprint: that of the secret."""
    return LabResult(
        student=job.student,
        lab=job.lab,
        attempt=job.attempt,
        status="not graded",
        score=None,
        max_score=course.lab(job.lab).points,
        seconds=0.0,
        message=message,
        content_hash=job.content_hash,
        course_version=course.version,
        engine_version=ENGINE_VERSION,
        secret=fingerprint,
    )
