"""What a check found, with all that explains it; and the result of one lab, as `mastery grade` writes it."""

import hashlib
import json
import math
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["visible", "hidden", "robustness", "statistical"]
# Student and lab: what one graded notebook of a class is known by.
Key = tuple[str, str]
# How many columns a label like "Wanted: " takes; the difference is shown to its right.
LABEL = 8
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


class Pitfall(BaseModel):
    """A slip that can happen in any stub, by name, and a sentence that says what to do; `pitfalls` holds them all."""

    model_config = ConfigDict(frozen=True)

    name: str
    sentence: str


class Table(BaseModel):
    """Two arrays of one shape, or the part of them around their first difference: its rows, each entry as text.

    shape: of the whole arrays; differing: how many of their entries differ; start: the index where the part begins, in
    all dimensions; first: row and column of the first difference in the part.
    """

    shape: tuple[int, ...]
    differing: int
    start: tuple[int, ...]
    first: tuple[int, int]
    got: list[list[str]]
    wanted: list[list[str]]
    differs: list[list[bool]]


class Difference(BaseModel):
    """What the message of a visible failure says, part by part; only `called` where the call gave no value.

    In a self-check, `about` says what the check's own arguments are, and `paste` is Python that makes the call again.
    """

    called: str
    got: str | None = None
    wanted: str | None = None
    where: str | None = None
    table: Table | None = None
    about: str | None = None
    paste: str | None = None


class Evidence(BaseModel):
    """An outcome with all that explains it.

    Of a check that is not visible, `message` is the author's text alone, and there is no `difference`. `confirmed`:
    whether it passed on a second seed too; None where that was not asked, since more than this keeps it from mastery.
    `fresh`: in a self-check on fresh numbers, whether this check drew any. `kept`: what a self-check says of the steps
    that the stub kept; nothing of them is there when graded.
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
    """What a file that was handed in beside a notebook says, read as of a day.

    changes: what is different from the revision before, where there is one; follows: its revisions are in order, and
    those handed in before stand unchanged; sha256: of the file, empty where there is none to read; text: of the file,
    None where that is too long or no text; when_graded: the fields that a self-check can't check; rows: its fields and
    what they hold, to be shown, and not kept, for the text has them.
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
    """An answer to an item of an assessment: the round that it was given for, and the literal as text."""

    round: int
    answer: str


class LabResult(BaseModel):
    """One graded submission: a line of the results file. `score` is None where nothing could be graded.

    run: the run's fingerprint, which a file handed in later may cite; empty where nothing could be graded, and in a
    self-check. Results from before this was kept have none. answers: by the item, those whose form was right, which are
    the answers to their rounds from now on.
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
    # Results from before this was kept have none.
    engine_version: str = ""
    secret: str
    checks: list[Evidence] = []
    packet: AttachmentReport | None = None
    answers: dict[str, ItemAnswer] = {}


def run_id(student: str, lab: str, content_hash: str) -> str:
    """Return the fingerprint of a graded run, such as run-1f0c92ab44de: of what this student handed in to this lab.

    The same files handed in by somebody else have another one. Graded again, into whatever gradebook, they keep theirs.
    """
    return f"run-{hashlib.sha256(json.dumps([student, lab, content_hash]).encode()).hexdigest()[:12]}"


def clamped(points: float, maximum: float) -> float:
    """The points that nbgrader's cell of a stub may earn. Shares are rounded, so a sum of them may be a hair off."""
    return min(max(round(points, 4), 0.0), maximum) if math.isfinite(points) else 0.0


def stub_points(result: LabResult) -> dict[str, float]:
    """The points earned for each stub; empty where nothing was graded."""
    points: dict[str, float] = {}
    for each in result.checks:
        points[each.stub] = points.get(each.stub, 0.0) + each.points
    return points


def status_of(evidence: Sequence[Evidence]) -> Status:
    """Whether all checks were graded, some, or none."""
    missed = sum(each.outcome is Outcome.NOT_GRADED for each in evidence)
    if missed == len(evidence):
        return "not graded"
    return "partly graded" if missed else "graded"
