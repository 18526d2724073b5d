"""What a check found, with all that explains it; and the result of one lab, as `mastery grade` writes it."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

Kind = Literal["visible", "hidden", "robustness", "statistical"]
Status = Literal["graded", "partly graded", "not graded"]


class Outcome(StrEnum):
    """What one check found. `passed` only if the answer arrived in time and agreed on the trusted side."""

    PASSED = "passed"
    FAILED = "failed"
    UNSOLVED = "unsolved"
    ERROR = "error"
    TIMEOUT = "timeout"
    DIED = "died"
    VIOLATION = "violation"
    NOT_GRADED = "not graded"


class Evidence(BaseModel):
    """An outcome with all that explains it. Of a check that is not visible, `message` is the author's text alone."""

    id: str
    stub: str
    kind: Kind
    title: str
    points: float
    max_points: float
    advisory: bool = False
    outcome: Outcome
    message: str | None = None
    exception: str | None = None
    statistic: float | None = None
    seconds: float
    misconception: str | None = None
    hint: str | None = None


class LabResult(BaseModel):
    """One graded submission: a line of the results file. `score` is None where nothing could be graded."""

    student: str
    lab: str
    attempt: int = 1
    status: Status
    score: float | None
    max_score: float
    seconds: float
    message: str | None = None
    isolation: tuple[str, ...] = ()
    content_hash: str
    course_version: str
    secret: str
    checks: list[Evidence] = []
