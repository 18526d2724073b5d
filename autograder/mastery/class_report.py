"""What a class knows, judging by its graded attempts: levels, scores, mistakes, checks, and who needs help."""

import hashlib
import statistics
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from autograder.mastery.attention import attention
from autograder.mastery.class_figures import (
    ConceptLevels,
    Example,
    Item,
    LabScores,
    Mistake,
    Pace,
    Stuck,
    StudentSummary,
    Survey,
)
from autograder.mastery.course_levels import CourseLevels, FactHistories
from autograder.mastery.facts import AttemptFacts, CheckFacts, StubFacts
from autograder.mastery.levels import Judgement, Level, Override, StubMastery, StudentMastery, missing
from autograder.model.course import Course
from autograder.model.mastery_rules import Concept
from autograder.model.results import Difference, Outcome

BINS = 10
# The report shows time to mastery for up to this many attempts. Any later attempts are counted together with the last
# one shown.
ATTEMPTS = 5
# A student is stuck if they're still below the completion level after this many attempts that answered the stub.
STUCK_AFTER = 3
# How many answers to a check are needed to draw a conclusion.
FEWEST_ANSWERS = 10
REMARKS = ("strong students fail", "nobody passes", "", "everybody passes")
UNREAD = "a person still has to look at it in formgrader"


@dataclass
class _Begun:
    """How many students have started a concept, and how many are at each level after each number of attempts."""

    students: int = 0
    shown: Counter[tuple[int, Level]] = field(default_factory=Counter)


@dataclass(frozen=True)
class StudentRecord:
    """Everything that one student's levels are computed from: their attempts by lab, and the overrides and judgments
    that people entered.

    unread: the labs where a person still has to look at the student's submission.
    """

    student: str
    attempts: FactHistories
    overrides: Sequence[Override] = ()
    judgements: Sequence[Judgement] = ()
    unread: Sequence[str] = ()

    def mastery(self, levels: CourseLevels) -> StudentMastery:
        """Return the levels that the student has reached."""
        return levels.mastery_of(self.student, self.attempts, self.overrides, self.judgements)


# Takes an attempt and a check's id, and returns what the evidence says about the check; None if the evidence is gone.
Answers = Callable[[AttemptFacts, str], Difference | None]


def pseudonyms(students: Iterable[str]) -> dict[str, str]:
    """Return a numbered pseudonym for each student, in an order that reveals nothing about the names."""
    shuffled = sorted(students, key=lambda name: hashlib.sha256(name.encode()).digest())
    return {name: f"student {number}" for number, name in enumerate(shuffled, start=1)}


def survey(
    course: Course,
    records: Iterable[StudentRecord],
    answers: Answers,
    called: Mapping[str, str] | None = None,
    told: Callable[[StudentMastery], None] = lambda _: None,
) -> Survey:
    """Return the report on a class from its students' records, which may arrive one at a time.

    answers: called for an example of each misconception.
    called: other names to use for students.
    told: called with each student's levels; the report keeps only a summary of them.
    """
    called = called or {}
    levels = CourseLevels(course)
    tally = _Tally(course)
    for record in records:
        shown = called.get(record.student, record.student)
        if shown != record.student:
            history = {
                lab: [_renamed(each, record.student, shown) for each in tries] for lab, tries in record.attempts.items()
            }
            record = replace(record, student=shown, attempts=history)
        known = record.mastery(levels)
        tally.add(known, record.attempts)
        tally.add_pace(known, levels_by_attempt(levels, known, record.attempts))
        tally.unread += [f"{shown}/{lab}" for lab in record.unread]
        told(known)
    return tally.survey(answers)


def summary(course: Course, student: StudentMastery) -> StudentSummary:
    """Return what a report shows about a student."""
    return StudentSummary(
        student=student.student,
        complete=student.complete,
        distinction=student.distinction,
        since=student.since,
        number=student.number,
        concepts=tuple(ConceptLevels(each.level, each.current) for each in student.concepts),
        gaps=len(student.gaps),
        gaps_in=tuple(dict.fromkeys(each.concept for each in student.gaps)),
        # Many students are missing the same things, so identical lines are stored only once.
        missing=tuple(map(sys.intern, missing(course, student))),
    )


def levels_by_attempt(levels: CourseLevels, student: StudentMastery, history: FactHistories) -> list[list[Level]]:
    """Return the levels of all concepts after 1, 2, … attempts at each lab.

    The last of these are the current levels.
    """
    most = min(max(map(len, history.values()), default=0), ATTEMPTS)
    found = [levels.levels_after(student, history, number) for number in range(1, most)]
    return found + [[each.level for each in student.concepts]] * (ATTEMPTS - len(found))


def _renamed(attempt: AttemptFacts, before: str, student: str) -> AttemptFacts:
    """Return the attempt with the student's name replaced in all of its messages."""
    problems = attempt.problems
    if problems is not None:
        problems = tuple(
            each.model_copy(update={"sentence": each.sentence.replace(before, student)}) for each in problems
        )
    message = attempt.message and attempt.message.replace(before, student)
    return replace(attempt, message=message, problems=problems)


@dataclass
class _Mistakes:
    """One misconception and its occurrences: an example, how many students had it, and how many still do."""

    met: CheckFacts
    student: str
    attempt: AttemptFacts
    example: CheckFacts
    students: int = 0
    still: int = 0


@dataclass
class _Tally:
    """Tally a class one student at a time, keeping little more than a summary of each student."""

    course: Course
    students: list[StudentSummary] = field(default_factory=list)
    scores: "dict[str, array[float]]" = field(default_factory=lambda: defaultdict(lambda: array("d")))
    mistakes: dict[tuple[str, str], _Mistakes] = field(default_factory=dict)
    # How many students' newest answers to a stub had each outcome: what its checks found, and how many of the lab's
    # checks passed, out of how many.
    answers: Counter[tuple[StubFacts, int, int]] = field(default_factory=Counter)
    attention: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unread: list[str] = field(default_factory=list)
    stuck: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: dict[str, _Begun] = field(default_factory=lambda: defaultdict(_Begun))
    newest: datetime | None = None

    def add(self, student: StudentMastery, history: FactHistories) -> None:
        self.students.append(summary(self.course, student))
        met: set[tuple[str, str]] = set()
        for lab, attempts in history.items():
            self.newest = max(filter(None, (self.newest, *(each.when for each in attempts))))
            for each in attempts:
                met |= self._add_mistakes(student.student, each)
            latest = attempts[-1]
            if latest.score is not None and latest.max_score:
                self.scores[lab].append(latest.score / latest.max_score)
            self._add_answers(latest)
        newest = (attempts[-1] for attempts in history.values())
        for reason, who in attention(self.course, student.student, newest).items():
            self.attention[reason] += who
        for mistake in met:
            self.mistakes[mistake].students += 1
        for stub in student.stubs:
            if (stub.stub, stub.cap or "") in self.mistakes:
                self.mistakes[stub.stub, stub.cap or ""].still += 1
            if _is_stuck(self.course, stub):
                self.stuck[stub.lab, stub.stub].append(student.student)

    def add_pace(self, student: StudentMastery, levels: Sequence[Sequence[Level]]) -> None:
        handed_in = {each.stub for each in student.stubs if each.levels}
        for place, concept in enumerate(self.course.concepts):
            reached = [after[place] for after in levels]
            if handed_in.intersection(concept.stubs) or reached[-1] is not Level.NOT_STARTED:
                self.begun[concept.name].students += 1
                self.begun[concept.name].shown.update(enumerate(reached, start=1))

    def _add_mistakes(self, student: str, attempt: AttemptFacts) -> set[tuple[str, str]]:
        """Record the misconceptions that an attempt shows, and return their keys."""
        found = set()
        for facts in attempt.stubs:
            for each in facts.mistakes:
                key = (facts.stub, each.misconception or "")
                known = self.mistakes.setdefault(key, _Mistakes(each, student, attempt, each))
                found.add(key)
                if each.has_answer and not known.example.has_answer:
                    known.student, known.attempt, known.example = student, attempt, each
        return found

    def _add_answers(self, latest: AttemptFacts) -> None:
        passed = sum(stub.passed for stub in latest.stubs)
        counted = sum(stub.counted for stub in latest.stubs)
        self.answers.update((stub, passed, counted) for stub in latest.stubs)

    def _items(self) -> list[Item]:
        """Compute the figures for all checks whose lab has others."""
        checks: dict[str, CheckFacts] = {}
        answers: dict[str, Counter[tuple[bool, float]]] = defaultdict(Counter)
        for (stub, passed, counted), students in self.answers.items():
            for each in stub.checks:
                is_answered = each.outcome not in (Outcome.UNSOLVED, Outcome.NOT_GRADED) and not each.advisory
                if is_answered and counted > 1:
                    checks[each.id] = each
                    right = each.outcome is Outcome.PASSED
                    answers[each.id][right, (passed - right) / (counted - 1)] += students
        return [_item(checks[name], found) for name, found in answers.items()]

    def survey(self, answers: Answers) -> Survey:
        if self.unread:
            self.attention[UNREAD] = self.unread
        return Survey(
            title=self.course.title,
            newest=self.newest,
            students=tuple(self.students),
            labs=tuple(
                _lab_scores(lab.name, lab.title, self.scores[lab.name])
                for lab in self.course.labs
                if self.scores[lab.name]
            ),
            mistakes=self._mistakes(answers),
            items=tuple(sorted(self._items(), key=_order)),
            pace=tuple(_pace(each, self.begun[each.name]) for each in self.course.concepts if each.name in self.begun),
            stuck=_ranked(self.stuck),
            attention={reason: tuple(who) for reason, who in self.attention.items()},
        )

    def _mistakes(self, answers: Answers) -> tuple[Mistake, ...]:
        found = [
            Mistake(
                lab=known.met.id.partition("::")[0],
                stub=stub,
                misconception=name,
                hint=known.met.hint or "",
                students=known.students,
                still=known.still,
                example=_example(known, answers),
            )
            for (stub, name), known in self.mistakes.items()
        ]
        return tuple(sorted(found, key=lambda each: (-each.students, each.stub, each.misconception)))


def _example(known: _Mistakes, answers: Answers) -> Example:
    example = Example(student=known.student, attempt=known.attempt.attempt, title=known.example.title)
    if known.example.has_answer and (answer := answers(known.attempt, known.example.id)) is not None:
        example = example.model_copy(update=answer.model_dump(include={"called", "got", "wanted"}))
    return example


def _item(check: CheckFacts, answers: Mapping[tuple[bool, float], int]) -> Item:
    """Compute the figures for one check.

    answers: the number of students for each pattern (whether the check passed, and the fraction of the others that
    passed).
    """
    each = np.array([(*answer, students) for answer, students in answers.items()], dtype=float)
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
    """Return a sort key that puts checks with remarks first, then the checks that discriminate least."""
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


def _is_stuck(course: Course, stub: StubMastery) -> bool:
    if len(stub.levels) < STUCK_AFTER:  # as for most stubs, so don't look any closer
        return False
    tries = sum(level is not Level.NOT_STARTED for level in stub.levels.values())
    needed = Level(course.mastery.completion)
    return tries >= STUCK_AFTER and max(stub.shown.level.rank, stub.current.level.rank) < needed.rank


def _ranked(stuck: Mapping[tuple[str, str], Sequence[str]]) -> tuple[Stuck, ...]:
    ranked = sorted(stuck.items(), key=lambda each: (-len(each[1]), each[0]))
    return tuple(Stuck(lab=lab, stub=stub, students=tuple(who)) for (lab, stub), who in ranked)
