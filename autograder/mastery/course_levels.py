"""Levels of stubs, concepts and the course across attempts. Pure functions of stored data; see docs/mastery.md."""

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.mastery.facts import AttemptFacts, StubFacts, facts_of
from autograder.mastery.levels import (
    NOTHING,
    ConceptMastery,
    Gap,
    Histories,
    Judgement,
    Level,
    Override,
    Standing,
    StubMastery,
    StudentMastery,
    by_reason,
    standing,
)
from autograder.model.course import Course, Lab, Stub
from autograder.model.mastery_rules import Concept
from autograder.model.mistakes import words

_rank = operator.attrgetter("rank")
# How many results for stubs and concepts to cache, since many students have the same ones.
MOST_KEPT = 2_000
# The facts of the attempts at each lab, oldest first.
FactHistories = Mapping[str, Sequence[AttemptFacts]]


def mastery_of(
    course: Course,
    student: str,
    attempts: Histories,
    overrides: Sequence[Override] = (),
    judgements: Sequence[Judgement] = (),
) -> StudentMastery:
    """Return what a student has achieved, given the attempts at each lab, oldest first. Ungraded ones don't count."""
    history = {lab: [facts_of(each.result, each.when) for each in tries] for lab, tries in attempts.items()}
    return CourseLevels(course).mastery_of(student, history, overrides, judgements)


@dataclass
class CourseLevels:
    """The levels of one course. Results that several students share are computed only once."""

    course: Course
    _standings: dict[tuple[StubFacts, bool | None], Standing] = field(default_factory=dict, init=False)
    _stubs: dict[tuple[object, ...], StubMastery] = field(default_factory=dict, init=False)
    # The key has the ids of the results of a concept's stubs and items. The value keeps these objects alive, so that
    # the ids aren't reused.
    _concepts: dict[tuple[object, ...], tuple[ConceptMastery, object]] = field(default_factory=dict, init=False)

    def mastery_of(
        self,
        student: str,
        attempts: FactHistories,
        overrides: Sequence[Override] = (),
        judgements: Sequence[Judgement] = (),
    ) -> StudentMastery:
        """Return what a student has achieved, given the attempts at each lab, oldest first.

        Ungraded attempts don't count.
        """
        course = self.course
        graded = {lab: [each for each in tries if each.is_graded] for lab, tries in attempts.items()}
        given = {(each.lab, each.stub): each for each in overrides}
        stubs = {
            stub.name: self._over_attempts(lab.name, stub, found, given.get((lab.name, stub.name)))
            for lab in course.labs
            for stub, found in zip(lab.stubs, _by_stub(lab, graded.get(lab.name, ())), strict=True)
        }
        concepts = self._all_concepts(stubs)
        needed = Level(course.mastery.completion)
        gaps = tuple(
            _gap(concept.name, concept.title, name, stubs[name].current.missing)
            for concept in course.concepts
            for name in concept.stubs
            if stubs[name].current.level.rank < needed.rank and (needed is Level.MASTERED or not stubs[name].stretch)
        )
        judged = {(each.lab, each.row): each.satisfied for each in judgements}
        for lab in course.labs:
            if lab.attachment is not None or lab.judged:
                gaps += tuple(_beside_stubs(lab, graded.get(lab.name, ()), judged))
        complete = bool(concepts) and not gaps
        labs = {stubs[name].lab for concept in course.concepts for name in concept.stubs}
        labs |= {lab.name for lab in course.labs if lab.attachment is not None or lab.judged}
        newest = [graded[lab][-1].when for lab in labs if graded.get(lab)]
        return StudentMastery(
            student=student,
            concepts=concepts,
            stubs=tuple(stubs.values()),
            gaps=gaps,
            complete=complete,
            since=max(newest, default=None) if complete else None,
            distinction=complete and _has_distinction(course, concepts),
            number=round(sum(each.level.number for each in concepts) / len(concepts), 1) if concepts else 0.0,
            handed_in=any(attempts.values()),
        )

    def levels_after(self, student: StudentMastery, attempts: FactHistories, number: int) -> list[Level]:
        """Return the levels of a student's concepts as they were after the first `number` attempts at each lab.

        An override is for the newest attempt, so it only applies to labs with at most that many attempts.
        """
        earlier = {
            lab: sum(each.is_graded for each in tries[:number])
            for lab, tries in attempts.items()
            if len(tries) > number
        }
        reached = {
            each.stub: each.after[earlier[each.lab]] if each.lab in earlier else (each.shown.level, each.answer.level)
            for each in student.stubs
        }
        stretch = {each.stub: each.stretch for each in student.stubs}
        return [
            _level(
                tuple([(reached[name][0], stretch[name]) for name in concept.stubs]),
                tuple([reached[name][1] for name in concept.items]),
            )
            for concept in self.course.concepts
        ]

    def _over_attempts(
        self, lab: str, stub: Stub, found: tuple[tuple[int, StubFacts], ...], override: Override | None
    ) -> StubMastery:
        """Return a stub's mastery, given what was found in each graded attempt at its lab, oldest first."""
        key = (stub.name, override, found)
        if key not in self._stubs:
            if len(self._stubs) >= MOST_KEPT:
                self._stubs.clear()
            self._stubs[key] = self._stub(lab, stub, found, override)
        return self._stubs[key]

    def _stub(
        self, lab: str, stub: Stub, attempts: Sequence[tuple[int, StubFacts]], override: Override | None
    ) -> StubMastery:
        found: dict[int, Standing] = {}
        is_item = stub.name in self.course.items
        later = self.course.mastery.confirmation == "later attempt"
        has_passed, cap = False, None
        best = shown = current = answer = NOTHING
        after = [(shown.level, answer.level)]
        for number, facts in attempts:
            reached = self._standing(facts, True if is_item else has_passed if later else None)
            found[number] = current = reached
            has_passed = has_passed or self._standing(facts, True).level is Level.MASTERED
            if reached.level is not Level.NOT_STARTED:
                answer, cap = reached, facts.mistake
            if reached.level.rank >= best.level.rank:
                best = reached
            shown = _limited(best, cap)
            after.append((shown.level, answer.level))
        if override is not None:
            least = Level.MASTERED if is_item else Level.PROFICIENT
            shown, current, answer = (_lifted(each, least) for each in (shown, current, answer))
        return StubMastery(
            stub=stub.name,
            lab=lab,
            stretch=stub.stretch,
            shown=shown,
            current=current,
            answer=answer,
            levels={number: each.level for number, each in found.items()},
            after=tuple(after),
            cap=cap,
            override=override,
        )

    def _standing(self, facts: StubFacts, confirmed: bool | None) -> Standing:
        key = (facts, confirmed)
        if key not in self._standings:
            self._standings[key] = standing(facts.checks, confirmed)
        return self._standings[key]

    def _all_concepts(self, stubs: Mapping[str, StubMastery]) -> tuple[ConceptMastery, ...]:
        found = []
        for each in self.course.concepts:
            parts, items = [stubs[name] for name in each.stubs], [stubs[name] for name in each.items]
            results = [(id(stub.shown), id(stub.current), id(stub.answer)) for stub in (*parts, *items)]
            key = (each.name, *results)
            if key not in self._concepts:
                if len(self._concepts) >= MOST_KEPT:
                    self._concepts.clear()
                self._concepts[key] = _concept(each, parts, items), (parts, items)
            found.append(self._concepts[key][0])
        return tuple(found)


def _by_stub(lab: Lab, attempts: Sequence[AttemptFacts]) -> Iterable[tuple[tuple[int, StubFacts], ...]]:
    """Return each attempt's number and what was found in it, for each stub of the lab."""
    names = [stub.name for stub in lab.stubs]
    by_attempt = [[(each.attempt, facts) for facts in each.of(names)] for each in attempts]
    return zip(*by_attempt, strict=True) if by_attempt else [()] * len(names)


@functools.lru_cache(MOST_KEPT)
def _gap(concept: str, title: str, stub: str, missing: tuple[str, ...]) -> Gap:
    return Gap(concept=concept, title=title, stub=stub, missing=missing)


@functools.lru_cache(MOST_KEPT)
def _limited(best: Standing, cap: str | None) -> Standing:
    """Return the result shown for a stub whose newest answer matches the misconception `cap`."""
    if cap is None or best.level.rank < Level.FAMILIAR.rank:
        return best
    return Standing(level=Level.FAMILIAR, missing=(f"an answer that no longer looks like: {words(cap)}",))


def _lifted(by_checks: Standing, least: Level) -> Standing:
    if by_checks.level.rank >= least.rank:
        return by_checks
    return Standing(level=least, missing=() if least is Level.MASTERED else by_checks.missing)


def _beside_stubs(lab: Lab, attempts: Sequence[AttemptFacts], judged: Mapping[tuple[str, str], bool]) -> Iterator[Gap]:
    """Yield what the newest attempt at a lab still needs in its attachment and its judged rows."""
    if not attempts:
        yield Gap(concept=lab.name, title=lab.title, stub=None, missing=NOTHING.missing)
        return
    if (file := lab.attachment) is not None:
        problems = attempts[-1].problems
        wrong = (
            ["not read yet, because it's only read during grading"]
            if problems is None
            else [str(each) for each in problems]
        )
        if wrong:
            first, *others = (each.rstrip(".") for each in wrong)
            named = first if first.startswith(file.name) else f"{file.name.split('.')[0]}, {first}"
            yield Gap(concept=lab.name, title=lab.title, stub=None, missing=(named, *others))
    for row in lab.judged:
        satisfied = judged.get((lab.name, row.name))
        if not satisfied:
            said = "has not judged" if satisfied is None else "asks for a revision of"
            yield Gap(concept=lab.name, title=lab.title, stub=None, missing=(f"the reviewer {said} {row.title}",))


def _concept(concept: Concept, stubs: Sequence[StubMastery], items: Sequence[StubMastery]) -> ConceptMastery:
    shown = _minimum([(each.shown.level, each.stretch) for each in stubs])
    current = _minimum([(each.current.level, each.stretch) for each in stubs])
    level = _capped(shown, [each.answer.level for each in items])
    if level is Level.PROFICIENT:
        lacking = [each for each in stubs if each.shown.level is not Level.MASTERED]
    else:
        lacking = [each for each in stubs if each.shown.level is level and not each.stretch]
    missing = [(each.stub, each.shown.missing) for each in lacking]
    missing += [
        (each.stub, each.shown.missing or each.answer.missing)
        for each in items
        if level is not Level.MASTERED and _cap(each.answer.level) is level
    ]
    return ConceptMastery(
        concept=concept.name,
        title=concept.title,
        level=level,
        current=_capped(current, [each.current.level for each in items]),
        missing=by_reason(missing),
    )


@functools.lru_cache(MOST_KEPT)
def _level(shown: Sequence[tuple[Level, bool]], answers: Sequence[Level]) -> Level:
    """Return a concept's level, given the levels of its stubs (as in `_minimum`) and of the answers to its items."""
    return _capped(_minimum(shown), answers)


def _capped(level: Level, answers: Iterable[Level]) -> Level:
    """Return the level of a concept's stubs, capped by the answers to its items."""
    return min([level, *map(_cap, answers)], key=_rank)


def _cap(answer: Level) -> Level:
    """Return the highest level that a concept can have, given the level of the answer to one of its items."""
    return {Level.NOT_STARTED: Level.PROFICIENT, Level.MASTERED: Level.MASTERED}.get(answer, Level.FAMILIAR)


def _minimum(levels: Sequence[tuple[Level, bool]]) -> Level:
    """Return the lowest level. Each level is paired with whether its stub is a stretch stub.

    A stretch stub can keep a concept from being mastered, but has no other effect.
    """
    least = min((level for level, stretch in levels if not stretch), key=_rank, default=Level.MASTERED)
    whole = all(level is Level.MASTERED for level, _ in levels)
    return Level.PROFICIENT if least is Level.MASTERED and not whole else least


def _has_distinction(course: Course, concepts: Sequence[ConceptMastery]) -> bool:
    rule = course.mastery.distinction
    mastered = {each.concept for each in concepts if each.current is Level.MASTERED}
    return rule is not None and len(mastered) >= rule.mastered and mastered.issuperset(rule.among)
