"""The result of one check, with everything that explains it, and the result of one lab, as `mastery grade` writes
it."""

import hashlib
import json
import math
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["visible", "hidden", "robustness", "statistical"]
# Student and lab, which identify one graded notebook in a class.
Key = tuple[str, str]
# The width in columns of a label such as "Wanted: ". We show a difference to the right of it.
LABEL = 8
Status = Literal["graded", "partly graded", "not graded"]


class Outcome(StrEnum):
    """What one check found. The outcome is `passed` only if the answer arrived in time and the trusted side decided
    that it's correct."""

    PASSED = "passed"
    FAILED = "failed"
    UNSOLVED = "unsolved"
    ERROR = "error"
    TIMEOUT = "timeout"
    DIED = "died"
    VIOLATION = "violation"
    NOT_GRADED = "not graded"


class Pitfall(BaseModel):
    """A mistake that students can make in any stub: its name, and a sentence that says what to do. `pitfalls` has them
    all."""

    model_config = ConfigDict(frozen=True)

    name: str
    sentence: str


class Table(BaseModel):
    """Two arrays of the same shape, or only the part around their first difference, as rows of text.

    shape: the shape of the whole arrays.
    differing: how many of their entries differ.
    start: the index where the part begins, one number per axis.
    first: row and column of the first difference in the part.
    """

    shape: tuple[int, ...]
    differing: int
    start: tuple[int, ...]
    first: tuple[int, int]
    got: list[list[str]]
    wanted: list[list[str]]
    differs: list[list[bool]]


class Difference(BaseModel):
    """The message of a visible failure, part by part. If the call returned no value, only `called` is set.

    In a self-check, `about` describes the check's own arguments, and `paste` is Python code that repeats the call.
    """

    called: str
    got: str | None = None
    wanted: str | None = None
    where: str | None = None
    table: Table | None = None
    about: str | None = None
    paste: str | None = None


class Evidence(BaseModel):
    """The outcome of a check, with everything that explains it.

    message: for a check that isn't visible, only the author's text. Such a check has no `difference` either.
    confirmed: whether it passed with a second seed too. None if we didn't try, because something else already keeps the
        stub from being mastered.
    fresh: whether this check drew fresh numbers (only in a self-check that uses them).
    kept: the self-check's message about the steps that the stub kept; None during grading.
    """

    id: str
    stub: str
    kind: Kind
    title: str
    points: float
    max_points: float
    advisory: bool = False
    outcome: Outcome
    confirmed: bool | None = None
    message: str | None = None
    exception: str | None = None
    statistic: float | None = None
    seconds: float
    misconception: str | None = None
    hint: str | None = None
    difference: Difference | None = None
    slip: Pitfall | None = None
    fresh: bool | None = None
    kept: str | None = None


class Problem(BaseModel):
    """What's wrong with one field of an attachment, in a sentence that says how to fix it."""

    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.field}{':' if self.sentence[:1].isupper() else ''} {self.sentence}"


class AttachmentReport(BaseModel):
    """What we found in a file that was handed in with a notebook on a certain date.

    changes: what changed since the previous revision, if there is one.
    follows: whether its revisions are in order and those that were handed in earlier haven't changed.
    sha256: of the file; empty if there was none to read.
    text: the text of the file; None if it's too long or not text.
    when_graded: the fields that we can't check in a self-check. rows: the fields and their values, for display. They
    aren't stored, since they're in the text.
    """

    on: date
    revision: int | None = None
    problems: list[Problem] = []
    changes: list[str] = []
    follows: bool = False
    sha256: str = ""
    text: str | None = None
    when_graded: list[str] = []
    rows: list[tuple[str, str]] = Field(default=[], exclude=True)


class ItemAnswer(BaseModel):
    """An answer to an item of an assessment: the round it's for, and the literal as text."""

    round: int
    answer: str


class LabResult(BaseModel):
    """One graded submission, which is one line of the results file. `score` is None if nothing could be graded.

    run: the run's fingerprint, which a file handed in later may cite. Empty in a self-check, if nothing could be
        graded, or if the results are older than this field.
    answers: maps each item to its answer, leaving out answers in the wrong form. From now on, each one is final for its
        round.
    """

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
    run: str = ""
    course_version: str
    # Empty in results that are older than this field.
    engine_version: str = ""
    secret: str
    checks: list[Evidence] = []
    packet: AttachmentReport | None = None
    answers: dict[str, ItemAnswer] = {}


def run_id(student: str, lab: str, content_hash: str) -> str:
    """Return the fingerprint of a graded run of this student's files for this lab, such as run-1f0c92ab44de.

    The same files from a different student get a different fingerprint. If a student's files are graded again, in any
    gradebook, they keep their fingerprint.
    """
    return f"run-{hashlib.sha256(json.dumps([student, lab, content_hash]).encode()).hexdigest()[:12]}"


def clamped(points: float, maximum: float) -> float:
    """Return the points, limited to the range that nbgrader allows for a stub's cell.

    Shares are rounded, so their sum may be slightly off.
    """
    return min(max(round(points, 4), 0.0), maximum) if math.isfinite(points) else 0.0


def stub_points(result: LabResult) -> dict[str, float]:
    """Return the points earned for each stub; empty if nothing was graded."""
    points: dict[str, float] = {}
    for each in result.checks:
        points[each.stub] = points.get(each.stub, 0.0) + each.points
    return points


def status_of(evidence: Sequence[Evidence]) -> Status:
    """Return whether all, some or none of the checks were graded."""
    missed = sum(each.outcome is Outcome.NOT_GRADED for each in evidence)
    if missed == len(evidence):
        return "not graded"
    return "partly graded" if missed else "graded"
