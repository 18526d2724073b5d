"""What a class knows, by the evidence of its graded attempts: levels, scores, mistakes, checks, and who needs what."""

import hashlib
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from pydantic import BaseModel

from autograder.mastery.attention import attention
from autograder.mastery.levels import (
    Attempt,
    Histories,
    Judgement,
    Level,
    Override,
    StudentMastery,
    concepts_after,
    mastery_of,
)
from autograder.model.course import Course
from autograder.model.mastery_rules import Concept
from autograder.model.results import Evidence, LabResult, Outcome

BINS = 10
# Time to mastery is told for so many attempts; whatever came after them is in the last.
ATTEMPTS = 5
# Who is still below the level of completion after so many attempts that answered the stub is stuck.
STUCK_AFTER = 3
# Of fewer answers to a check nothing is concluded.
FEWEST_ANSWERS = 10
REMARKS = ("strong students fail", "nobody passes", "", "everybody passes")
UNREAD = "a person has still to look at it in formgrader"


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


@dataclass
class _Begun:
    """How many students have begun with a concept, and how many of them show each level after so many attempts."""

    students: int = 0
    shown: Counter[tuple[int, Level]] = field(default_factory=Counter)


class Stuck(BaseModel):
    lab: str
    stub: str
    students: tuple[str, ...]


class Survey(BaseModel):
    """All that a report shows. `newest`: when the last attempt was handed in, UTC; `attention`: who, by reason."""

    title: str
    newest: datetime | None
    students: tuple[StudentMastery, ...]
    labs: tuple[LabScores, ...]
    mistakes: tuple[Mistake, ...]
    items: tuple[Item, ...]
    pace: tuple[Pace, ...]
    stuck: tuple[Stuck, ...]
    attention: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class StudentRecord:
    """All that levels are made of, of one student: their attempts by lab, and what people decided."""

    student: str
    attempts: Histories
    overrides: Sequence[Override] = ()
    judgements: Sequence[Judgement] = ()

    def mastery(self, course: Course) -> StudentMastery:
        """What the student has reached."""
        return mastery_of(course, self.student, self.attempts, self.overrides, self.judgements)


def pseudonyms(students: Iterable[str]) -> dict[str, str]:
    """A number for each student in place of their name, in an order that says nothing about the names."""
    shuffled = sorted(students, key=lambda name: hashlib.sha256(name.encode()).digest())
    return {name: f"student {number}" for number, name in enumerate(shuffled, start=1)}


def survey(
    course: Course,
    records: Iterable[StudentRecord],
    unread: Iterable[tuple[str, str]] = (),
    called: Mapping[str, str] | None = None,
) -> Survey:
    """The report on a class, from its students' records; they may come one at a time, since each takes much memory.

    unread: student and lab of each submission that a person still has to look at; called: other names for students.
    """
    called = called or {}
    tally = _Tally(course)
    seen = set()
    for record in records:
        seen.add(record.student)
        shown = called.get(record.student, record.student)
        history = {
            lab: [Attempt(each.when, _renamed(each.result, shown)) for each in tries]
            for lab, tries in record.attempts.items()
        }
        known = mastery_of(course, shown, history, record.overrides, record.judgements)
        tally.add(known, history)
        tally.add_pace(known, levels_by_attempt(course, known, history))
    for student, lab in unread:
        if student in seen:
            tally.attention[UNREAD].append(f"{called.get(student, student)}/{lab}")
    return tally.survey()


def levels_by_attempt(course: Course, student: StudentMastery, history: Histories) -> Sequence[Sequence[Level]]:
    """Return the levels of all concepts as they were after 1, 2, … attempts at each lab; the last are today's."""
    most = min(max(map(len, history.values()), default=0), ATTEMPTS)
    found = [concepts_after(course, student, history, number) for number in range(1, most)]
    found += [student.concepts] * (ATTEMPTS - len(found))
    return [[each.level for each in concepts] for concepts in found]


def _renamed(result: LabResult, student: str) -> LabResult:
    """The result by another name, which is then nowhere in what is said of it."""
    if student == result.student:
        return result
    message = result.message and result.message.replace(result.student, student)
    report = result.packet
    if report is not None:
        problems = [
            each.model_copy(update={"sentence": each.sentence.replace(result.student, student)})
            for each in report.problems
        ]
        report = report.model_copy(update={"problems": problems})
    return result.model_copy(update={"student": student, "message": message, "packet": report})


@dataclass
class _Mistakes:
    """One misconception as it is met: by whom, and who gave it last."""

    evidence: Evidence
    example: Example
    students: set[str] = field(default_factory=set)
    still: set[str] = field(default_factory=set)


@dataclass
class _Tally:
    """Counts while students come by one by one: the evidence of a class is more than fits into memory."""

    course: Course
    students: list[StudentMastery] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    mistakes: dict[tuple[str, str], _Mistakes] = field(default_factory=dict)
    answers: dict[str, list[tuple[bool, float]]] = field(default_factory=lambda: defaultdict(list))
    checks: dict[str, Evidence] = field(default_factory=dict)
    attention: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: dict[str, _Begun] = field(default_factory=lambda: defaultdict(_Begun))
    newest: datetime | None = None

    def add(self, student: StudentMastery, history: Histories) -> None:
        self.students.append(student)
        for lab, attempts in history.items():
            self.newest = max(filter(None, (self.newest, *(each.when for each in attempts))))
            for each in attempts:
                self._add_mistakes(each.result)
            latest = attempts[-1].result
            if latest.score is not None and latest.max_score:
                self.scores[lab].append(latest.score / latest.max_score)
            self._add_answers(latest)
        for reason, who in attention(self.course, [attempts[-1].result for attempts in history.values()]).items():
            self.attention[reason] += who
        for stub in student.stubs:
            if (stub.stub, stub.cap or "") in self.mistakes:
                self.mistakes[stub.stub, stub.cap or ""].still.add(student.student)

    def add_pace(self, student: StudentMastery, levels: Sequence[Sequence[Level]]) -> None:
        handed_in = {each.stub for each in student.stubs if each.levels}
        for place, concept in enumerate(self.course.concepts):
            reached = [after[place] for after in levels]
            if handed_in.intersection(concept.stubs) or reached[-1] is not Level.NOT_STARTED:
                self.begun[concept.name].students += 1
                self.begun[concept.name].shown.update(enumerate(reached, start=1))

    def _add_mistakes(self, result: LabResult) -> None:
        for each in result.checks:
            if each.misconception is None or each.advisory:
                continue
            parts = each.difference
            example = Example(student=result.student, attempt=result.attempt, title=each.title)
            if parts is not None and parts.got is not None:
                example = example.model_copy(update=parts.model_dump(include={"called", "got", "wanted"}))
            known = self.mistakes.setdefault((each.stub, each.misconception), _Mistakes(each, example))
            known.students.add(result.student)
            if known.example.got is None and example.got is not None:
                known.example = example

    def _add_answers(self, result: LabResult) -> None:
        counted = [each for each in result.checks if not each.advisory]
        passed = sum(each.outcome is Outcome.PASSED for each in counted)
        for each in counted:
            if each.outcome not in (Outcome.UNSOLVED, Outcome.NOT_GRADED) and len(counted) > 1:
                self.checks[each.id] = each
                right = each.outcome is Outcome.PASSED
                self.answers[each.id].append((right, (passed - right) / (len(counted) - 1)))

    def survey(self) -> Survey:
        return Survey(
            title=self.course.title,
            newest=self.newest,
            students=tuple(self.students),
            labs=tuple(
                _lab_scores(lab.name, lab.title, self.scores[lab.name])
                for lab in self.course.labs
                if self.scores[lab.name]
            ),
            mistakes=self._ranked(),
            items=tuple(sorted(map(self._item, self.answers), key=_order)),
            pace=tuple(_pace(each, self.begun[each.name]) for each in self.course.concepts if each.name in self.begun),
            stuck=_stuck(self.course, self.students),
            attention={reason: tuple(who) for reason, who in self.attention.items()},
        )

    def _ranked(self) -> tuple[Mistake, ...]:
        found = [
            Mistake(
                lab=known.evidence.id.partition("::")[0],
                stub=stub,
                misconception=name,
                hint=known.evidence.hint or "",
                students=len(known.students),
                still=len(known.still),
                example=known.example,
            )
            for (stub, name), known in self.mistakes.items()
        ]
        return tuple(sorted(found, key=lambda each: (-each.students, each.stub, each.misconception)))

    def _item(self, check: str) -> Item:
        passed, others = np.array(self.answers[check], dtype=float).T
        strong = others >= np.quantile(others, 0.75)
        discrimination = float(np.corrcoef(passed, others)[0, 1]) if np.ptp(passed) and np.ptp(others) else None
        remark = ""
        if len(passed) >= FEWEST_ANSWERS:
            if passed.all():
                remark = "everybody passes"
            elif not passed.any():
                remark = "nobody passes"
            elif passed[strong].mean() < 0.5:
                remark = "strong students fail"
        each = self.checks[check]
        return Item(
            id=check,
            kind=each.kind,
            title=each.title,
            answers=len(passed),
            difficulty=round(float(passed.mean()), 4),
            discrimination=None if discrimination is None else round(discrimination, 4),
            remark=remark,
        )


def _order(item: Item) -> tuple[int, float, str]:
    """What should be looked at first: remarks, then the checks that tell students apart least."""
    return REMARKS.index(item.remark), 1.0 if item.discrimination is None else item.discrimination, item.id


def _lab_scores(lab: str, title: str, shares: Sequence[float]) -> LabScores:
    first, second, third = (float(each) for each in np.quantile(shares, (0.25, 0.5, 0.75)))
    bins, _ = np.histogram(shares, BINS, (0, 1))
    return LabScores(
        lab=lab,
        title=title,
        students=len(shares),
        mean=round(statistics.fmean(shares), 4),
        quartiles=(round(first, 4), round(second, 4), round(third, 4)),
        bins=tuple(map(int, bins)),
    )


def _pace(concept: Concept, begun: _Begun) -> Pace:
    def shares(*levels: Level) -> tuple[float, ...]:
        return tuple(
            round(sum(begun.shown[number, level] for level in levels) / begun.students, 4)
            for number in range(1, ATTEMPTS + 1)
        )

    return Pace(
        concept=concept.name,
        title=concept.title,
        students=begun.students,
        proficient=shares(Level.PROFICIENT, Level.MASTERED),
        mastered=shares(Level.MASTERED),
    )


def _stuck(course: Course, students: Iterable[StudentMastery]) -> tuple[Stuck, ...]:
    needed = Level(course.mastery.completion)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student in students:
        for each in student.stubs:
            tries = sum(level is not Level.NOT_STARTED for level in each.levels.values())
            if tries >= STUCK_AFTER and max(each.shown.level.rank, each.current.level.rank) < needed.rank:
                found[each.lab, each.stub].append(student.student)
    ranked = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return tuple(Stuck(lab=lab, stub=stub, students=tuple(who)) for (lab, stub), who in ranked)
