"""What is handed to a grading process: the submissions, and the terms on which they are graded."""

import os
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from autograder.model.course import LabFile
from autograder.model.errors import SubmissionError
from autograder.model.submission import Submission, parse, read, read_regular


@dataclass(frozen=True)
class HandedAttachment:
    """The file beside a notebook that its lab reads, and what it's read against.

    folder: where it was handed in; on: the day it was handed in; before: the text of the one that the same student
    handed in before; content: as in a Job.
    """

    folder: Path
    file: LabFile
    on: date
    before: str | None = None
    content: bytes | SubmissionError | None = None

    def read(self) -> bytes:
        """Raises SubmissionError, with a sentence that names no path."""
        if isinstance(self.content, SubmissionError):
            raise self.content
        if self.content is not None:
            return self.content
        if not os.path.lexists(self.folder / self.file.name):
            raise SubmissionError("is missing: it belongs beside the notebook, and is handed in with it.")
        try:
            return read_regular(self.folder / self.file.name)
        except SubmissionError:
            raise SubmissionError("cannot be opened: it is a link or too large; hand in the file itself.") from None


@dataclass(frozen=True)
class Job:
    """One submission to grade, or one stub of it. `content_hash` is empty where the file could not be read.

    content: the file's bytes, or why there are none, where it is graded on a machine that may not have the file.
    attachment: where the lab has one, once it's known what it's read against.
    """

    student: str
    lab: str
    path: Path
    attempt: int
    content_hash: str
    submitted_at: datetime | None = None
    stub: str | None = None
    content: bytes | SubmissionError | None = field(default=None, repr=False, compare=False)
    attachment: HandedAttachment | None = field(default=None, repr=False, compare=False)

    def submission(self) -> Submission:
        """Raises SubmissionError."""
        if isinstance(self.content, SubmissionError):
            raise self.content
        return read(self.path) if self.content is None else parse(self.content, self.path)


@dataclass(frozen=True)
class GradingContext:
    """What a grading process must know: the course's folder, the secret, and whether to go without a sandbox."""

    root: Path
    secret: bytes = field(repr=False)
    sandboxed: bool = True
