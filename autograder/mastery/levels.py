"""Turn evidence into levels: classes that hold a student's results, and functions that compute a stub's level.

The functions are pure functions of stored data.

The level of a stub comes from one whole submission and is never pieced together from several; see docs/mastery.md.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, Field

from autograder.model.course import Course
from autograder.model.mistakes import words
from autograder.model.results import Kind, LabResult, Outcome


class Level(StrEnum):
    """The level of a stub or a concept, lowest first. Each submission is judged as a whole."""

    NOT_STARTED = "not started"
    ATTEMPTED = "attempted"
    FAMILIAR = "familiar"
    PROFICIENT = "proficient"
    MASTERED = "mastered"

    # An enum's own hash is a Python function, and takes five times as long.
    __hash__ = str.__hash__

    @functools.cached_property
    def rank(self) -> int:
        return _ORDER.index(self)

    @property
    def number(self) -> int:
        """The level as a number from 0 to 100, for places that need a number. The real result is the level itself."""
        return (0, 25, 50, 80, 100)[self.rank]


_ORDER = list(Level)


class Standing(BaseModel, frozen=True):
    """A level, and a description of what's missing for the next one."""

    level: Level
    missing: tuple[str, ...] = ()


NOTHING = Standing(level=Level.NOT_STARTED, missing=("nothing handed in has been graded",))


@dataclass(frozen=True)
class Attempt:
    """One graded attempt at a lab. `when`: when it was handed in, or graded if that isn't known; UTC."""

    when: datetime
    result: LabResult


# The attempts at each lab, oldest first.
Histories = Mapping[str, Sequence[Attempt]]


class Override(BaseModel, frozen=True):
    """A person gave full credit for a stub in nbgrader's gradebook."""

    lab: str
    stub: str
    comment: str | None


class Judgement(BaseModel, frozen=True):
    """A person's grade for one row of a lab: whether the work is satisfactory or needs a revision."""

    lab: str
    row: str
    satisfied: bool
    comment: str | None


class StubMastery(BaseModel, frozen=True):
    """One stub's results over all attempts.

    shown: the best result of any attempt, limited by the cap.
    current: the newest attempt by itself.
    levels: the level of each attempt, by its number.
    after: the level shown and the level of the answer after 0, 1, 2, … attempts, without the override.
    answer: the newest attempt that wasn't left blank.
    cap: the misconception that this answer matches.
    """

    stub: str
    lab: str
    stretch: bool
    shown: Standing
    current: Standing
    answer: Standing = NOTHING
    levels: dict[int, Level] = {}
    after: tuple[tuple[Level, Level], ...] = Field(((Level.NOT_STARTED, Level.NOT_STARTED),), exclude=True)
    cap: str | None = None
    override: Override | None = None

    @property
    def has_regressed(self) -> bool:
        return self.current.level.rank < self.shown.level.rank


class ConceptMastery(BaseModel, frozen=True):
    """A concept's level: the minimum over its stubs, capped by its items.

    level: based on the level shown for each stub. current: based on the newest attempts only.
    """

    concept: str
    title: str
    level: Level
    current: Level
    missing: tuple[str, ...]


class Gap(BaseModel, frozen=True):
    """What a stub still needs for its concept to be complete.

    If `stub` is None, the gap is something else that a lab needs, and `concept` and `title` are the lab's.
    """

    concept: str
    title: str
    stub: str | None
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}{'; '.join(self.missing)}"

    @property
    def place(self) -> str:
        return f"{self.title}: {f'{self.stub}, ' if self.stub else ''}"


class StudentMastery(BaseModel, frozen=True):
    """Everything that one student has achieved.

    gaps: what's still missing for completion in the newest attempts, in the order the student should work on it.
    complete: whether there are no gaps.
    since: when the last of the attempts that complete the course was handed in, UTC.
    number: the mean over the concepts, 0 to 100.
    handed_in: whether the student has handed in anything at all.
    """

    student: str
    concepts: tuple[ConceptMastery, ...]
    stubs: tuple[StubMastery, ...]
    gaps: tuple[Gap, ...]
    complete: bool
    since: datetime | None
    distinction: bool
    number: float
    handed_in: bool = True


# --- a stub


class Found(Protocol):
    """What a level is computed from: a check's `Evidence`, or its `CheckFacts`."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def title(self) -> str: ...
    @property
    def advisory(self) -> bool: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def confirmed(self) -> bool | None: ...
    @property
    def misconception(self) -> str | None: ...


def stub_level(evidence: Sequence[Found]) -> Level:
    """Return the level of one stub from all its evidence.

    Visible checks by themselves can't get a stub above familiar.
    """
    return standing(evidence).level


def standing(evidence: Sequence[Found], confirmed: bool | None = None) -> Standing:
    """Return the level of one stub from all its evidence in one attempt.

    confirmed: whether something else confirms mastery, such as an earlier attempt; None if its hidden checks have to
    pass with a second seed.
    """
    counted = [each for each in evidence if not each.advisory]
    if all(each.outcome is Outcome.UNSOLVED for each in counted):
        return Standing(level=Level.NOT_STARTED, missing=("it isn't solved yet",))
    failing = [each for each in counted if each.outcome is not Outcome.PASSED]
    if missing := [each for each in failing if each.kind == "visible"]:
        return Standing(level=Level.ATTEMPTED, missing=tuple(map(_named, missing)))
    if not any(each.kind in ("hidden", "statistical") for each in counted):
        return Standing(level=Level.FAMILIAR, missing=("its hidden checks, which run when it's graded",))
    if missing := [each for each in failing if each.kind != "robustness" or each.misconception]:
        return Standing(level=Level.FAMILIAR, missing=tuple(map(_named, missing)))
    if failing:
        return Standing(level=Level.PROFICIENT, missing=tuple(map(_named, failing)))
    if confirmed is False:
        return Standing(level=Level.PROFICIENT, missing=("the same result again in a later attempt",))
    if confirmed is None and (missing := [each for each in counted if each.kind == "hidden" and not each.confirmed]):
        return Standing(level=Level.PROFICIENT, missing=tuple(f"confirmation of {_named(each)}" for each in missing))
    return Standing(level=Level.MASTERED)


def _named(check: Found) -> str:
    mistake = f" (this looks like: {words(check.misconception)})" if check.misconception else ""
    unknown = ", which couldn't be run" if check.outcome is Outcome.NOT_GRADED else ""
    return f"{check.kind} check: {check.title.rstrip('.')}{mistake}{unknown}"


# --- in words


def missing(course: Course, student: StudentMastery) -> list[str]:
    """Return what a student still needs for completion, one line per requirement.

    Stubs that were never handed in share one line per lab.
    """
    if not student.handed_in:
        return ["nothing handed in"]
    absent: dict[str, list[str]] = {}
    found = []
    for gap in student.gaps:
        if gap.missing == NOTHING.missing:
            lab = course.lab_of(gap.stub) if gap.stub else course.lab(gap.concept)
            absent.setdefault(lab.title if lab else "", []).append(gap.stub or "what a person judges")
        else:
            found.append(_gap(gap))
    return found + [f"{lab}, never handed in: {', '.join(stubs)}" for lab, stubs in absent.items()]


def following(student: StudentMastery) -> str | None:
    """Return what to do next: the first gap in the order of the concepts, or else the first unmastered concept."""
    if student.gaps:
        return _gap(student.gaps[0])
    left = [concept for concept in student.concepts if concept.level is not Level.MASTERED]
    return f"{left[0].title}: {'; '.join(left[0].missing)}" if left else None


def by_reason(lacking: Iterable[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """Return what stubs are missing, with one line for all stubs that are missing the same thing.

    For each stub, only the first gap is named. The others are counted.
    """
    stubs: dict[str, list[str]] = {}
    for stub, parts in lacking:
        if parts:
            more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
            stubs.setdefault(parts[0] + more, []).append(stub)
    return tuple(f"{', '.join(names)}: {reason}" for reason, names in stubs.items())


def _gap(gap: Gap) -> str:
    more = f"{'' if gap.stub else ';'} and {len(gap.missing) - 1} more" if len(gap.missing) > 1 else ""
    return f"{gap.place}{''.join(gap.missing[:1])}{more}"
