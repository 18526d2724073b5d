"""What is handed to a grading process: the submissions, and the terms on which they are graded."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.submission import Submission, SubmissionError, parse, read


@dataclass(frozen=True)
class Job:
    """One submission to grade, or one stub of it. `content_hash` is empty where the file could not be read.

    content: the file's bytes, or why there are none, where it is graded on a machine that may not have the file.
    """

    student: str
    lab: str
    path: Path
    attempt: int
    content_hash: str
    submitted_at: datetime | None = None
    stub: str | None = None
    content: bytes | SubmissionError | None = field(default=None, repr=False, compare=False)

    def submission(self) -> Submission:
        """Raises SubmissionError."""
        if isinstance(self.content, SubmissionError):
            raise self.content
        return read(self.path) if self.content is None else parse(self.content, self.path)


@dataclass(frozen=True)
class Terms:
    """What a grading process must know: the course's folder, the secret, and whether to go without a sandbox."""

    root: Path
    secret: bytes = field(repr=False)
    sandboxed: bool = True
