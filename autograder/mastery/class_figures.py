"""What a report on a class shows: figures of its labs, mistakes, checks and concepts, and a summary of each student."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from autograder.mastery.levels import Level


class LabScores(BaseModel):
    """The newest scores of a lab, by the checks alone. Shares of the maximum, 0 to 1; `bins`: students by tenth."""

    lab: str
    title: str
    students: int
    mean: float
    quartiles: tuple[float, float, float]
    bins: tuple[int, ...]


class Example(BaseModel):
    """What one answer looked like, where a visible check met it."""

    student: str
    attempt: int
    title: str
    called: str | None = None
    got: str | None = None
    wanted: str | None = None


class Mistake(BaseModel):
    """A misconception: how many students ever gave it as an answer, and how many do so in their newest one."""

    lab: str
    stub: str
    misconception: str
    hint: str
    students: int
    still: int
    example: Example


class Item(BaseModel):
    """One check, over the newest answers to it.

    difficulty: the share that passes; discrimination: the correlation of passing it with the share of the lab's other
    checks that pass, None where all pass or none do. The harder a check, the lower its difficulty, as is the custom.
    """

    id: str
    kind: str
    title: str
    answers: int
    difficulty: float
    discrimination: float | None
    remark: str


class Pace(BaseModel):
    """The share of those who have begun with a concept who show a level after 1, 2, … attempts at each lab.

    The last share is after all attempts, so it's what the table of concepts shows.
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
    """The level of a concept, and the one that the newest attempts are worth."""

    level: Level
    current: Level


@dataclass(frozen=True)
class StudentSummary:
    """What a report shows of a student, which is a small part of what led to it.

    concepts: the course's, in their order; gaps: how many; gaps_in: where they are, each once; missing: a line for each
    thing that completion lacks.
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
    """All that a report shows. `newest`: when the last attempt was handed in, UTC; `attention`: who, by reason."""

    title: str
    newest: datetime | None
    students: tuple[StudentSummary, ...]
    labs: tuple[LabScores, ...]
    mistakes: tuple[Mistake, ...]
    items: tuple[Item, ...]
    pace: tuple[Pace, ...]
    stuck: tuple[Stuck, ...]
    attention: dict[str, tuple[str, ...]]
