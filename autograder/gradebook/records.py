"""What goes into the gradebook and comes out of it, one record for each submission."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autograder.model.results import Key, LabResult


@dataclass(frozen=True)
class CurrentGrade:
    """What is known of a submission's current grade."""

    attempt: int
    content_hash: str
    submitted_at: datetime | None
    course_version: str
    engine_version: str | None
    secret: str
    status: str


@dataclass(frozen=True)
class GradeRecord:
    """A result to be written. `unanswered`: the cells, by nbgrader's names, that the student left as they were."""

    result: LabResult
    submitted_at: datetime | None = None
    unanswered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Penalty:
    """What lateness took off a submission and takes now, in points."""

    key: Key
    before: float
    now: float


@dataclass(frozen=True)
class Total:
    """What a submission is worth by nbgrader: with what a person gave, less what lateness takes. Points.

    `names`: all by which the gradebook knows the student. `unread`: a person has still to look at it. `penalty`: what
    lateness took; `seconds_late`: None where nbgrader knows no due date or no time of the hand-in.
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
    """Return how long after its due date, extended, it was handed in; 0 if it was in time or that isn't known."""
    if submitted_at is None or duedate is None:
        return 0.0
    due: datetime = duedate if extension is None else duedate + extension
    return max(0.0, (submitted_at - due).total_seconds())
