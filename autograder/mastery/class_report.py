"""What a class knows, by the evidence of its graded attempts: levels, scores, mistakes, checks, and who needs help."""

import hashlib
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from pydantic import BaseModel

from autograder.mastery.attention import attention
from autograder.mastery.course_levels import CourseLevels, FactHistories
from autograder.mastery.facts import AttemptFacts, CheckFacts, StubFacts
from autograder.mastery.levels import Judgement, Level, Override, StudentMastery
from autograder.model.course import Course
from autograder.model.mastery_rules import Concept
from autograder.model.results import Difference, Outcome

BINS = 10
# Time to mastery is reported for this many attempts. Any later ones count toward the last.
ATTEMPTS = 5
# A student who is still below the level for completion after this many attempts that answered the stub is stuck.
STUCK_AFTER = 3
# The fewest answers to a check that allow a conclusion.
FEWEST_ANSWERS = 10
REMARKS = ("strong students fail", "nobody passes", "", "everybody passes")
UNREAD = "a person has still to look at it in formgrader"


class LabScores(BaseModel):
    """The newest scores of a lab, from checks only. Fractions of the maximum, 0 to 1; `bins`: students per tenth."""

    lab: str
    title: str
    students: int
    mean: float
    quartiles: tuple[float, float, float]
    bins: tuple[int, ...]


class Example(BaseModel):
    """A student's wrong answer. The call and the values are there only if a visible check met it."""

    student: str
    attempt: int
    title: str
    called: str | None = None
    got: str | None = None
    wanted: str | None = None


class Mistake(BaseModel):
    """A misconception: how many students ever answered with it, and how many still do in their newest answer."""

    lab: str
    stub: str
    misconception: str
    hint: str
    students: int
    still: int
    example: Example


class Item(BaseModel):
    """One check, over the newest answers to it.

    difficulty: the fraction that passes, so by convention harder checks have a lower difficulty. discrimination: the
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
    """The fractions of the students who have started a concept that reach a level after 1, 2, … attempts at each lab.

    The last fraction is after all attempts, so it equals the one in the table of concepts.
    """

    concept: str
    title: str
    students: int
    proficient: tuple[float, ...]
    mastered: tuple[float, ...]


@dataclass
class _Begun:
    """How many students have started a concept, and how many are at each level after each number of attempts."""

    students: int = 0
    shown: Counter[tuple[int, Level]] = field(default_factory=Counter)


class Stuck(BaseModel):
    lab: str
    stub: str
    students: tuple[str, ...]


class Survey(BaseModel):
    """Everything in a report.

    `newest`: when the last attempt was handed in, UTC; `attention`: submissions, by reason.
    """

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
    """Everything that one student's levels are computed from: their attempts by lab, and people's decisions."""

    student: str
    attempts: FactHistories
    overrides: Sequence[Override] = ()
    judgements: Sequence[Judgement] = ()

    def mastery(self, levels: CourseLevels) -> StudentMastery:
        """Return what the student has reached."""
        return levels.mastery_of(self.student, self.attempts, self.overrides, self.judgements)


# Returns what the evidence of an attempt says about one check, given its id; None if it's gone.
Answers = Callable[[AttemptFacts, str], Difference | None]


def pseudonyms(students: Iterable[str]) -> dict[str, str]:
    """Return a number for each student in place of their name, in an order that reveals nothing about the names."""
    shuffled = sorted(students, key=lambda name: hashlib.sha256(name.encode()).digest())
    return {name: f"student {number}" for number, name in enumerate(shuffled, start=1)}


def survey(
    course: Course,
    records: Iterable[StudentRecord],
    answers: Answers,
    unread: Iterable[tuple[str, str]] = (),
    called: Mapping[str, str] | None = None,
) -> Survey:
    """Return the report on a class from its students' records, which may arrive one at a time.

    answers: called for an example of each misconception.
    unread: student and lab of each submission that a person still has to look at.
    called: other names to use for students.
    """
    called = called or {}
    levels = CourseLevels(course)
    tally = _Tally(course)
    seen = set()
    for record in records:
        seen.add(record.student)
        shown = called.get(record.student, record.student)
        if shown != record.student:
            history = {
                lab: [_renamed(each, record.student, shown) for each in tries] for lab, tries in record.attempts.items()
            }
            record = replace(record, student=shown, attempts=history)
        known = record.mastery(levels)
        tally.add(known, record.attempts)
        tally.add_pace(known, levels_by_attempt(levels, known, record.attempts))
    for student, lab in unread:
        if student in seen:
            tally.attention[UNREAD].append(f"{called.get(student, student)}/{lab}")
    return tally.survey(answers)


def levels_by_attempt(levels: CourseLevels, student: StudentMastery, history: FactHistories) -> list[list[Level]]:
    """Return the levels of all concepts after 1, 2, … attempts at each lab; the last are today's."""
    most = min(max(map(len, history.values()), default=0), ATTEMPTS)
    found = [levels.concepts_after(student, history, number) for number in range(1, most)]
    found += [student.concepts] * (ATTEMPTS - len(found))
    return [[each.level for each in concepts] for concepts in found]


def _renamed(attempt: AttemptFacts, before: str, student: str) -> AttemptFacts:
    """Return the attempt with the student's name replaced everywhere in its texts."""
    problems = attempt.problems
    if problems is not None:
        problems = tuple(
            each.model_copy(update={"sentence": each.sentence.replace(before, student)}) for each in problems
        )
    message = attempt.message and attempt.message.replace(before, student)
    return replace(attempt, message=message, problems=problems)


@dataclass
class _Mistakes:
    """One misconception as it was met: by whom, who still has it, and an example."""

    met: CheckFacts
    student: str
    attempt: AttemptFacts
    example: CheckFacts
    students: set[str] = field(default_factory=set)
    still: set[str] = field(default_factory=set)


@dataclass
class _Tally:
    """Counts up a class one student at a time."""

    course: Course
    students: list[StudentMastery] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    mistakes: dict[tuple[str, str], _Mistakes] = field(default_factory=dict)
    # How many newest attempts found exactly this. The most recently met are at the end.
    newest_facts: dict[tuple[StubFacts, ...], int] = field(default_factory=dict)
    attention: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: dict[str, _Begun] = field(default_factory=lambda: defaultdict(_Begun))
    newest: datetime | None = None

    def add(self, student: StudentMastery, history: FactHistories) -> None:
        self.students.append(student)
        for lab, attempts in history.items():
            self.newest = max(filter(None, (self.newest, *(each.when for each in attempts))))
            for each in attempts:
                self._add_mistakes(student.student, each)
            latest = attempts[-1]
            if latest.score is not None and latest.max_score:
                self.scores[lab].append(latest.score / latest.max_score)
            self.newest_facts[latest.stubs] = self.newest_facts.pop(latest.stubs, 0) + 1
        newest = (attempts[-1] for attempts in history.values())
        for reason, who in attention(self.course, student.student, newest).items():
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

    def _add_mistakes(self, student: str, attempt: AttemptFacts) -> None:
        for facts in attempt.stubs:
            for each in facts.mistakes:
                new = _Mistakes(each, student, attempt, each)
                known = self.mistakes.setdefault((facts.stub, each.misconception or ""), new)
                known.students.add(student)
                if each.has_answer and not known.example.has_answer:
                    known.student, known.attempt, known.example = student, attempt, each

    def survey(self, answers: Answers) -> Survey:
        items = self._items()
        return Survey(
            title=self.course.title,
            newest=self.newest,
            students=tuple(self.students),
            labs=tuple(
                _lab_scores(lab.name, lab.title, self.scores[lab.name])
                for lab in self.course.labs
                if self.scores[lab.name]
            ),
            mistakes=self._ranked(answers),
            items=tuple(sorted(items, key=_order)),
            pace=tuple(_pace(each, self.begun[each.name]) for each in self.course.concepts if each.name in self.begun),
            stuck=_stuck(self.course, self.students),
            attention={reason: tuple(who) for reason, who in self.attention.items()},
        )

    def _ranked(self, answers: Answers) -> tuple[Mistake, ...]:
        found = [
            Mistake(
                lab=known.met.id.partition("::")[0],
                stub=stub,
                misconception=name,
                hint=known.met.hint or "",
                students=len(known.students),
                still=len(known.still),
                example=_example(known, answers),
            )
            for (stub, name), known in self.mistakes.items()
        ]
        return tuple(sorted(found, key=lambda each: (-each.students, each.stub, each.misconception)))

    def _items(self) -> list[Item]:
        checks: dict[str, CheckFacts] = {}
        answers: dict[str, list[tuple[bool, float, int]]] = defaultdict(list)
        for stubs, students in self.newest_facts.items():
            counted = [each for stub in stubs for each in stub.checks if not each.advisory]
            passed = sum(each.outcome is Outcome.PASSED for each in counted)
            for each in counted:
                if each.outcome not in (Outcome.UNSOLVED, Outcome.NOT_GRADED) and len(counted) > 1:
                    checks[each.id] = each
                    right = each.outcome is Outcome.PASSED
                    answers[each.id].append((right, (passed - right) / (len(counted) - 1), students))
        return [_item(checks[name], found) for name, found in answers.items()]


def _example(known: _Mistakes, answers: Answers) -> Example:
    example = Example(student=known.student, attempt=known.attempt.attempt, title=known.example.title)
    if known.example.has_answer and (answer := answers(known.attempt, known.example.id)) is not None:
        example = example.model_copy(update=answer.model_dump(include={"called", "got", "wanted"}))
    return example


def _item(check: CheckFacts, answers: Sequence[tuple[bool, float, int]]) -> Item:
    """Compute the figures of one check.

    answers: for each pattern, whether the check passed, the fraction of the others that passed, and the number of
    students.
    """
    each = np.array(answers, dtype=float)
    passed, others = np.repeat(each[:, :2], each[:, 2].astype(int), axis=0).T
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
    return Item(
        id=check.id,
        kind=check.kind,
        title=check.title,
        answers=len(passed),
        difficulty=round(float(passed.mean()), 4),
        discrimination=None if discrimination is None else round(discrimination, 4),
        remark=remark,
    )


def _order(item: Item) -> tuple[int, float, str]:
    """Return a sort key that puts first what to look at first: remarks, then checks that discriminate least."""
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
