"""What a class report shows: figures on labs, mistakes, checks and concepts, and a summary of each student."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from autograder.mastery.levels import Level


class LabScores(BaseModel):
    """The newest scores for a lab, based on checks only.

    Fractions of the maximum, 0 to 1; `bins`: the number of students in each tenth.
    """

    lab: str
    title: str
    students: int
    mean: float
    quartiles: tuple[float, float, float]
    bins: tuple[int, ...]


class Example(BaseModel):
    """A student's wrong answer. The call and the values are included only if a visible check caught the mistake."""

    student: str
    attempt: int
    title: str
    called: str | None = None
    got: str | None = None
    wanted: str | None = None


class Mistake(BaseModel):
    """A misconception: how many students ever showed it in an answer, and how many still do in their newest one."""

    lab: str
    stub: str
    misconception: str
    hint: str
    students: int
    still: int
    example: Example


class Item(BaseModel):
    """One check's figures, based on each student's newest answer.

    difficulty: the fraction that passes (so, by convention, a harder check has a lower difficulty). discrimination: the
    correlation between passing it and the fraction of the lab's other checks that pass; None if all pass it or none do.
    """

    id: str
    kind: str
    title: str
    answers: int
    difficulty: float
    discrimination: float | None
    remark: str


class Pace(BaseModel):
    """Of the students who have started a concept, the fractions that reach a level after 1, 2, … attempts at each lab.

    The last fraction is after all attempts, so it matches the one in the table of concepts.
    """

    concept: str
    title: str
    students: int
    proficient: tuple[float, ...]
    mastered: tuple[float, ...]


class Stuck(BaseModel):
    lab: str
    stub: str
    students: tuple[str, ...]


class ConceptLevels(NamedTuple):
    """A concept's level, and the level based on the newest attempts only."""

    level: Level
    current: Level


@dataclass(frozen=True)
class StudentSummary:
    """What a report shows about one student, which is only a small part of what's known about their levels.

    concepts: in the course's order. gaps: how many gaps there are. gaps_in: the concepts or labs they're in. missing:
    one line per thing that's still needed for completion.
    """

    student: str
    complete: bool
    distinction: bool
    since: datetime | None
    number: float
    concepts: tuple[ConceptLevels, ...]
    gaps: int
    gaps_in: tuple[str, ...]
    missing: tuple[str, ...]


class Survey(BaseModel):
    """Everything in a report.

    `newest`: when the last attempt was handed in, UTC; `attention`: the submissions to look at, by reason.
    """

    title: str
    newest: datetime | None
    students: tuple[StudentSummary, ...]
    labs: tuple[LabScores, ...]
    mistakes: tuple[Mistake, ...]
    items: tuple[Item, ...]
    pace: tuple[Pace, ...]
    stuck: tuple[Stuck, ...]
    attention: dict[str, tuple[str, ...]]
