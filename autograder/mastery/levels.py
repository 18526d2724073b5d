"""Evidence to levels: of stubs, of concepts, of the course. Pure functions of what is stored; see docs/mastery.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from autograder.model.course import Course, Lab, Stub
from autograder.model.mastery_rules import Concept
from autograder.model.results import Evidence, LabResult, Outcome


class Level(StrEnum):
    """Of a stub or a concept, lowest first. A stub's comes from one whole submission, never pieced together."""

    NOT_STARTED = "not started"
    ATTEMPTED = "attempted"
    FAMILIAR = "familiar"
    PROFICIENT = "proficient"
    MASTERED = "mastered"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    @property
    def number(self) -> int:
        """Where one number is needed; the level is the result."""
        return (0, 25, 50, 80, 100)[self.rank]


_ORDER = list(Level)


class Standing(BaseModel, frozen=True):
    """A level, and what is missing for the next one, in words."""

    level: Level
    missing: tuple[str, ...] = ()


NOTHING = Standing(level=Level.NOT_STARTED, missing=("nothing was handed in and graded",))


@dataclass(frozen=True)
class Attempt:
    """One graded attempt at a lab. `when`: handed in, or graded where that is not known; UTC."""

    when: datetime
    result: LabResult


# The attempts at each lab, oldest first.
Histories = Mapping[str, Sequence[Attempt]]


class Override(BaseModel, frozen=True):
    """A person gave the full score for a stub in nbgrader's gradebook."""

    lab: str
    stub: str
    comment: str | None


class Judgement(BaseModel, frozen=True):
    """What a person said of one row of a lab: satisfied with it, or that it is to be revised."""

    lab: str
    row: str
    satisfied: bool
    comment: str | None


class StubMastery(BaseModel, frozen=True):
    """A stub over all attempts.

    shown: the best that any attempt reached, within the cap; current: the newest attempt by itself; levels: by the
    number of the attempt; answer: the newest attempt that wasn't left blank; cap: the misconception that it matches.
    """

    stub: str
    lab: str
    stretch: bool
    shown: Standing
    current: Standing
    answer: Standing = NOTHING
    levels: dict[int, Level] = {}
    cap: str | None = None
    override: Override | None = None

    @property
    def has_regressed(self) -> bool:
        return self.current.level.rank < self.shown.level.rank


class ConceptMastery(BaseModel, frozen=True):
    """The minimum over the stubs, under the caps of the items: of what they show (`level`), and of what the newest
    attempts are worth (`current`).
    """

    concept: str
    title: str
    level: Level
    current: Level
    missing: tuple[str, ...]


class Gap(BaseModel, frozen=True):
    """What a stub lacks for the completion of its concept; without a stub, what a lab lacks beside its stubs."""

    concept: str
    stub: str | None
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.concept}: {f'{self.stub}, ' if self.stub else ''}{'; '.join(self.missing)}"


class StudentMastery(BaseModel, frozen=True):
    """All that one student has reached.

    gaps: between the newest attempts and completion, in the order in which they are best closed; complete: there are
    none; since: when the last of the attempts that complete it was handed in, UTC; number: the mean over the concepts,
    0 to 100; handed_in: whether there's anything of theirs at all.
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


def stub_level(evidence: Sequence[Evidence]) -> Level:
    """The level of one stub by all its evidence; visible checks alone never show more than familiar."""
    return standing(evidence).level


def standing(evidence: Sequence[Evidence], confirmed: bool | None = None) -> Standing:
    """The level of one stub by all its evidence in one attempt.

    confirmed: whether something outside this evidence confirms it, such as an earlier attempt; None where it has to
    pass its hidden checks on a second seed.
    """
    counted = [each for each in evidence if not each.advisory]
    if all(each.outcome is Outcome.UNSOLVED for each in counted):
        return Standing(level=Level.NOT_STARTED, missing=("it is not solved yet",))
    failing = [each for each in counted if each.outcome is not Outcome.PASSED]
    if missing := [each for each in failing if each.kind == "visible"]:
        return Standing(level=Level.ATTEMPTED, missing=tuple(map(_named, missing)))
    if not any(each.kind in ("hidden", "statistical") for each in counted):
        return Standing(level=Level.FAMILIAR, missing=("its hidden checks, which run when it is graded",))
    if missing := [each for each in failing if each.kind != "robustness" or each.misconception]:
        return Standing(level=Level.FAMILIAR, missing=tuple(map(_named, missing)))
    if failing:
        return Standing(level=Level.PROFICIENT, missing=tuple(map(_named, failing)))
    if confirmed is False:
        return Standing(level=Level.PROFICIENT, missing=("the same once more in a later attempt",))
    if confirmed is None and (missing := [each for each in counted if each.kind == "hidden" and not each.confirmed]):
        return Standing(level=Level.PROFICIENT, missing=tuple(f"confirmation of {_named(each)}" for each in missing))
    return Standing(level=Level.MASTERED)


def _named(check: Evidence) -> str:
    mistake = f" (the mistake {check.misconception})" if check.misconception else ""
    unknown = ", which could not be run" if check.outcome is Outcome.NOT_GRADED else ""
    return f"{check.kind} {check.id.rpartition('::')[2]}: {check.title.rstrip('.')}{mistake}{unknown}"


def _over_attempts(
    course: Course, lab: str, stub: Stub, attempts: Sequence[LabResult], override: Override | None
) -> StubMastery:
    """A stub by the graded attempts at its lab, oldest first."""
    found: dict[int, Standing] = {}
    answers: list[list[Evidence]] = []
    is_item = stub.name in course.items
    later = course.mastery.confirmation == "later attempt"
    has_passed = False
    answer = NOTHING
    for result in attempts:
        evidence = [each for each in result.checks if each.stub == stub.name]
        reached = standing(evidence, True if is_item else has_passed if later else None)
        found[result.attempt] = reached
        has_passed = has_passed or standing(evidence, True).level is Level.MASTERED
        if reached.level is not Level.NOT_STARTED:
            answer = reached
            answers.append(evidence)
    current = list(found.values())[-1] if found else NOTHING
    shown = max([*reversed(found.values()), NOTHING], key=lambda each: each.level.rank)
    mistakes = {each.misconception for each in answers[-1] if not each.advisory} - {None} if answers else set()
    cap = " or ".join(sorted(filter(None, mistakes))) or None
    if cap and shown.level.rank >= Level.FAMILIAR.rank:
        shown = Standing(level=Level.FAMILIAR, missing=(f"an answer that no longer matches the mistake {cap}",))
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
        cap=cap,
        override=override,
    )


def _lifted(by_checks: Standing, least: Level) -> Standing:
    if by_checks.level.rank >= least.rank:
        return by_checks
    return Standing(level=least, missing=() if least is Level.MASTERED else by_checks.missing)


# --- concepts and the course


def mastery_of(
    course: Course,
    student: str,
    attempts: Histories,
    overrides: Sequence[Override] = (),
    judgements: Sequence[Judgement] = (),
) -> StudentMastery:
    """What a student has reached, by the attempts at each lab, oldest first; those not graded do not count."""
    graded = {lab: [each for each in tries if each.result.status != "not graded"] for lab, tries in attempts.items()}
    given = {(each.lab, each.stub): each for each in overrides}
    stubs = {
        stub.name: _over_attempts(
            course,
            lab.name,
            stub,
            [each.result for each in graded.get(lab.name, ())],
            given.get((lab.name, stub.name)),
        )
        for lab in course.labs
        for stub in lab.stubs
    }
    concepts = _concepts(course, stubs)
    needed = Level(course.mastery.completion)
    gaps = tuple(
        Gap(concept=concept.name, stub=name, missing=stubs[name].current.missing)
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


def concepts_after(
    course: Course, student: StudentMastery, attempts: Histories, number: int
) -> tuple[ConceptMastery, ...]:
    """Return a student's concepts as they were after the first `number` attempts at each lab.

    A person's score is for the newest attempt, so it counts in labs that had no more than that many.
    """
    stubs = {each.stub: each for each in student.stubs}
    for lab in course.labs:
        tries = attempts.get(lab.name, ())
        if len(tries) > number:
            graded = [each.result for each in tries[:number] if each.result.status != "not graded"]
            stubs |= {stub.name: _over_attempts(course, lab.name, stub, graded, None) for stub in lab.stubs}
    return _concepts(course, stubs)


def _concepts(course: Course, stubs: Mapping[str, StubMastery]) -> tuple[ConceptMastery, ...]:
    return tuple(
        _concept(each, [stubs[name] for name in each.stubs], [stubs[name] for name in each.items])
        for each in course.concepts
    )


def _beside_stubs(lab: Lab, attempts: Sequence[Attempt], judged: Mapping[tuple[str, str], bool]) -> Iterator[Gap]:
    """What the newest attempt at a lab lacks in the file beside its notebook, and in a person's eyes."""
    if not attempts:
        yield Gap(concept=lab.name, stub=None, missing=NOTHING.missing)
        return
    if (file := lab.attachment) is not None:
        report = attempts[-1].result.packet
        wrong = ["not read yet, which grading does"] if report is None else [str(each) for each in report.problems]
        if wrong:
            first, *others = (each.rstrip(".") for each in wrong)
            named = first if first.startswith(file.name) else f"{file.name.split('.')[0]}, {first}"
            yield Gap(concept=lab.name, stub=None, missing=(named, *others))
    for row in lab.judged:
        satisfied = judged.get((lab.name, row.name))
        if not satisfied:
            said = "has not judged" if satisfied is None else "asks for a revision of"
            yield Gap(concept=lab.name, stub=None, missing=(f"the reviewer {said} {row.title}",))


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
        missing=tuple(f"{stub}: {'; '.join(parts)}" for stub, parts in missing if parts),
    )


def _capped(level: Level, answers: Iterable[Level]) -> Level:
    """What the stubs of a concept are worth beside the answers to its items."""
    return min([level, *map(_cap, answers)], key=_rank)


def _cap(answer: Level) -> Level:
    """The highest level that an item lets its concept have."""
    return {Level.NOT_STARTED: Level.PROFICIENT, Level.MASTERED: Level.MASTERED}.get(answer, Level.FAMILIAR)


def _minimum(levels: Sequence[tuple[Level, bool]]) -> Level:
    """Of levels beside whether the stub is stretch: such a one keeps a concept from mastered, and from nothing else."""
    least = min((level for level, stretch in levels if not stretch), key=_rank, default=Level.MASTERED)
    whole = all(level is Level.MASTERED for level, _ in levels)
    return Level.PROFICIENT if least is Level.MASTERED and not whole else least


def _rank(level: Level) -> int:
    return level.rank


def _has_distinction(course: Course, concepts: Sequence[ConceptMastery]) -> bool:
    rule = course.mastery.distinction
    mastered = {each.concept for each in concepts if each.current is Level.MASTERED}
    return rule is not None and len(mastered) >= rule.mastered and mastered.issuperset(rule.among)


# --- in words


def missing(course: Course, student: StudentMastery) -> list[str]:
    """What a student lacks for completion, a line for each; what was never handed in is one line a lab."""
    if not student.handed_in:
        return ["nothing handed in"]
    absent: dict[str, list[str]] = {}
    found = []
    for gap in student.gaps:
        if gap.missing == NOTHING.missing:
            lab = course.lab_of(gap.stub) if gap.stub else course.lab(gap.concept)
            absent.setdefault(lab.name if lab else "", []).append(gap.stub or "what a person reads")
        else:
            found.append(_gap(gap))
    return found + [f"{lab}, never handed in: {', '.join(stubs)}" for lab, stubs in absent.items()]


def following(student: StudentMastery) -> str | None:
    """What to do next: the first gap, in the order of the concepts; then what is not mastered; None after that."""
    if student.gaps:
        return str(student.gaps[0]) if student.gaps[0].stub else _gap(student.gaps[0])
    left = [concept for concept in student.concepts if concept.level is not Level.MASTERED]
    return f"{left[0].concept}: {'; '.join(left[0].missing)}" if left else None


def _gap(gap: Gap) -> str:
    more = f"{'' if gap.stub else ';'} and {len(gap.missing) - 1} more" if len(gap.missing) > 1 else ""
    return f"{gap.model_copy(update={'missing': gap.missing[:1]})}{more}"
