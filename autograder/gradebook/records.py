"""Records that we write to the gradebook or read from it, one per submission."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autograder.model.results import LabResult


@dataclass(frozen=True)
class CurrentGrade:
    """What the gradebook knows about a submission's current grade."""

    attempt: int
    content_hash: str
    submitted_at: datetime | None
    course_version: str
    engine_version: str | None
    secret: str
    status: str


@dataclass(frozen=True)
class GradeRecord:
    """A result to write. `unanswered`: nbgrader's names for the cells that the student left unchanged or deleted."""

    result: LabResult
    submitted_at: datetime | None = None
    unanswered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Total:
    """A submission's final score in nbgrader, in points, including manual scores, minus the late penalty.

    names: everything in the gradebook that identifies the student (name, LMS id, email address). unread: whether a
    person still has to look at the submission. penalty: the late penalty, in points. seconds_late: None if nbgrader
    doesn't know the due date or when the submission was handed in.
    """

    student: str
    names: tuple[str, ...]
    lab: str
    score: float
    max_score: float
    unread: bool
    penalty: float = 0.0
    handed_in: datetime | None = None
    seconds_late: float | None = None


def seconds_late(submitted_at: datetime | None, duedate: datetime | None, extension: Any) -> float:
    """Return how many seconds after its due date (with any extension) a submission was handed in; 0 if on time or
    unknown."""
    if submitted_at is None or duedate is None:
        return 0.0
    due: datetime = duedate if extension is None else duedate + extension
    return max(0.0, (submitted_at - due).total_seconds())
