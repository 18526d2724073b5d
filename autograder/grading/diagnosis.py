"""Which mistakes a stub's answers show: known misconceptions run on the same checks, and fail them in the same way.

Answers are looked at in one aspect after another: their values, their shape, the errors raised for bad input, what
becomes of the arguments, and whether a second call answers the same. So a wrong formula that also lacks an input check
is two mistakes. In an aspect, a misconception must fail the checks that the student fails, and no others; in their
values, `_nearly` says what else will do.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from autograder.grading.content import misconceptions
from autograder.grading.execution import CheckRun, Failure, Verdict, run_locally, wanted
from autograder.grading.likeness import asked_the_same, drawn_from, is_blank, same_item, same_mistake, tells
from autograder.model.course import Course
from autograder.model.results import Outcome
from autograder.testing.declarations import Misconception
from autograder.testing.failures import FailureKind
from autograder.testing.student import Call

# So many diagnoses are kept, for those who answer the same.
MOST_DIAGNOSES = 10_000
# So many failing checks must show a mistake for each one in which the misconception does otherwise.
TOLD_FOR_EACH = 3


class Aspect(StrEnum):
    """What a failure is about."""

    VALUES = "values"
    SHAPE = "shape"
    ERRORS = "errors"
    ARGUMENTS = "arguments"
    REPETITION = "repetition"


_ASPECTS = {
    FailureKind.SHAPE: Aspect.SHAPE,
    FailureKind.RETURNED: Aspect.ERRORS,
    FailureKind.RAISED: Aspect.ERRORS,
    FailureKind.CHANGED: Aspect.ARGUMENTS,
    FailureKind.VARIES: Aspect.REPETITION,
}
Names = tuple[Misconception, ...]


@dataclass(frozen=True)
class Diagnosis:
    """The mistakes that a stub's answers show, each by all the names it may have; and the checks that they explain."""

    mistakes: tuple[Names, ...] = ()
    explained: frozenset[str] = frozenset()

    @property
    def name(self) -> str | None:
        return " and ".join(" or ".join(_once(each.name for each in names)) for names in self.mistakes) or None

    @property
    def hint(self) -> str | None:
        return " ".join(_once(_one_of(_once(each.hint for each in names)) for names in self.mistakes)) or None


@dataclass(frozen=True)
class _Trial:
    """What a misconception did in one check."""

    verdict: Verdict
    calls: Sequence[Call]


@dataclass(frozen=True)
class _Likeness:
    """How a misconception's values compare with the student's: in which failing checks they are the same (told), there
    is nothing to tell it by (untold), or they differ (unlike); and which checks it fails besides.
    """

    suspect: Misconception
    told: Set[str]
    untold: Set[str]
    unlike: Set[str]
    besides: Set[str]

    @property
    def differences(self) -> int:
        return len(self.besides) + len(self.unlike)

    @property
    def outweighs(self) -> bool:
        """Whether the checks that tell the mistake outweigh those in which the misconception does otherwise."""
        return len(self.told) >= TOLD_FOR_EACH * max(1, self.differences)

    @property
    def can_explain(self) -> bool:
        """Whether it may still be a name, by itself or as one of two; more checks that it fails besides end that."""
        return bool(self.told) and (not self.besides or self.outweighs)


@dataclass
class Diagnoser:
    """Runs a course's misconceptions where a student's answers fail, and remembers what they did."""

    course: Course
    _diagnoses: dict[tuple[Any, ...], Diagnosis] = field(default_factory=dict)
    _trials: dict[tuple[Any, ...], _Trial] = field(default_factory=dict)
    _own_trials: dict[tuple[Any, ...], _Trial] = field(default_factory=dict)
    _misconceptions: dict[str, list[Misconception]] = field(default_factory=dict)

    def diagnosis(self, stub: str, runs: Sequence[CheckRun]) -> Diagnosis:
        """What `diagnose` says, once for submissions that answered the same."""
        if any(run.answers is None for run in runs):
            return self.diagnose(stub, runs)
        answered = tuple((run.name, run.seed, run.answers) for run in runs)
        if (found := self._diagnoses.get(answered)) is None:
            if len(self._diagnoses) >= MOST_DIAGNOSES:
                self._diagnoses.clear()
            found = self._diagnoses[answered] = self.diagnose(stub, runs)
        return found

    def diagnose(self, stub: str, runs: Sequence[CheckRun]) -> Diagnosis:
        """Name what is wrong, in one aspect after another; nothing where a check could not be judged."""
        failing = [aspect for aspect in Aspect if any(aspect in _aspects(run.verdict) for run in runs)]
        if not failing or any(run.outcome not in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR) for run in runs):
            return Diagnosis()
        suspects = self._known(stub)
        self._own_trials.clear()
        whole = self._matching(suspects, failing, runs, only=True)
        by_aspect: dict[Aspect, tuple[Names, ...]] = {}
        unlike: Set[str] = frozenset()
        for aspect in failing:
            if aspect is Aspect.VALUES:
                names = whole or self._matching(suspects, [aspect], runs, only=False)
                by_aspect[aspect], unlike = ((names,), unlike) if names else self._nearly(suspects, runs)
                continue
            # What a wrong value shows in its shape too, or a wrong conduct in the values, is no second mistake.
            told = [each for names in by_aspect.get(Aspect.VALUES, ()) for each in names]
            again = [each for each in told if aspect is Aspect.SHAPE or each.kind == "conduct"]
            if both := self._matching(again, [aspect], runs, only=False):
                by_aspect[aspect] = (both,)
                groups = by_aspect[Aspect.VALUES]
                by_aspect[Aspect.VALUES] = tuple(both if both[0] in names else names for names in groups)
            else:
                by_aspect[aspect] = self._of_conduct(suspects, aspect, runs)
        mistakes: list[Names] = []
        for found in by_aspect.values():
            mistakes += [names for names in found if names not in mistakes]
        if whole and not all(by_aspect.values()) and whole not in mistakes:
            mistakes.append(whole)
        explained = failing if whole else [aspect for aspect, found in by_aspect.items() if found]
        return Diagnosis(
            tuple(mistakes),
            frozenset(run.name for run in runs if _aspects(run.verdict).intersection(explained)) - unlike,
        )

    def _of_conduct(
        self, suspects: Sequence[Misconception], aspect: Aspect, runs: Sequence[CheckRun]
    ) -> tuple[Names, ...]:
        """Who fails as the student does in an aspect other than the values."""
        # Wrong formulas often lack the input check too, so only what does nothing else is a name for lacking it, or
        # what is wrong in its conduct and may be written so that it fails elsewhere as well.
        names = self._matching(suspects, [aspect], runs, only=True)
        conduct = [each for each in suspects if each.kind == "conduct"]
        names = names or self._matching(conduct, [aspect], runs, only=False)
        names = self._answering_alike(names, aspect, runs) or names[:1]
        return (names,) if names else ()

    def _answering_alike(self, suspects: Names, aspect: Aspect, runs: Sequence[CheckRun]) -> Names:
        """Those that also answer as the student does where they fail: what came instead of an error, for example."""
        failing = [run for run in runs if aspect in _aspects(run.verdict)]
        return tuple(
            each
            for each in suspects
            if all(same_mistake(run.calls, self._trial(each, run).calls, each.distribution()) for run in failing)
        )

    def _nearly(
        self, suspects: Sequence[Misconception], runs: Sequence[CheckRun]
    ) -> tuple[tuple[Names, ...], Set[str]]:
        """Whose values are the student's, if nobody fails exactly the same checks in the same way; and the checks where
        they aren't.

        One who fails a few more checks; two who only fail checks that the student fails, each where the other doesn't;
        or one who differs in a few checks, as where an edge is handled otherwise.
        """
        found = [self._likeness(each, runs) for each in suspects]
        if near := _nearest(each for each in found if not each.unlike):
            return (tuple(each.suspect for each in near),), frozenset()
        parts = [each for each in found if each.told and not each.besides]
        if pairs := [pair for pair in itertools.combinations(parts, 2) if _explain_together(*pair)]:
            best = max(pairs, key=lambda pair: len(pair[0].told | pair[1].told))
            return tuple(tuple(each.suspect for each in parts if each.told == one.told) for one in best), frozenset()
        near = _nearest(found)
        return ((tuple(each.suspect for each in near),), near[0].unlike) if near else ((), frozenset())

    def _likeness(self, suspect: Misconception, runs: Sequence[CheckRun]) -> "_Likeness":
        told, untold, unlike, besides = (set[str]() for _ in range(4))
        found = _Likeness(suspect, told, untold, unlike, besides)
        for run in _that_fail_first(runs, Aspect.VALUES):
            if Aspect.VALUES not in _aspects(run.verdict):
                if not found.can_explain:
                    break
                besides |= {run.name} if self._fails(suspect, Aspect.VALUES, run) else set()
                continue
            fails = self._fails(suspect, Aspect.VALUES, run)
            alike = self._alike(suspect, Aspect.VALUES, run, asked_alike=False) if fails else False
            if alike and not _tells(run):
                alike = None
            {True: told, None: untold, False: unlike}[alike].add(run.name)
        return found

    def _known(self, stub: str) -> list[Misconception]:
        if stub not in self._misconceptions:
            self._misconceptions[stub] = misconceptions(self.course, stub)
        return self._misconceptions[stub]

    def _matching(
        self, suspects: Sequence[Misconception], within: Sequence[Aspect], runs: Sequence[CheckRun], only: bool
    ) -> Names:
        """The suspects that fail as the student does in these aspects; `only`: and in no other."""
        # Those who ask a function they were handed in another order make the same mistake, if nothing tells it better.
        for asked_alike in (True, False):
            if found := tuple(
                each
                for each in suspects
                if all(self._matches(each, aspect, runs, asked_alike, alone=len(within) == 1) for aspect in within)
                and not (only and any(self._fails_in(each, aspect, runs) for aspect in Aspect if aspect not in within))
            ):
                return found
        return ()

    def _matches(
        self, suspect: Misconception, aspect: Aspect, runs: Sequence[CheckRun], asked_alike: bool, alone: bool
    ) -> bool:
        """Whether a misconception fails the checks that the student fails in this aspect, in the same way.

        alone: whether there is no other aspect in which it must.
        """
        found = []
        for run in _that_fail_first(runs, aspect):
            if aspect not in _aspects(run.verdict):
                if _is_open(run.verdict, aspect) and self._fails(suspect, aspect, run):
                    return False
                continue
            if not self._fails(suspect, aspect, run):
                return False
            alike = self._alike(suspect, aspect, run, asked_alike)
            if alike is False:
                return False
            if alike is None or _tells(run):
                found.append(alike)
        # Where one breaks off and the other goes on, nothing is told: that must not be what the name rests on.
        told, untold = found.count(True), found.count(None)
        return aspect is not Aspect.VALUES or told > untold or not (alone or untold)

    def _fails_in(self, suspect: Misconception, aspect: Aspect, runs: Sequence[CheckRun]) -> bool:
        return any(self._fails(suspect, aspect, run) for run in runs)

    def _fails(self, suspect: Misconception, aspect: Aspect, run: CheckRun) -> bool:
        if aspect is Aspect.VALUES and _drew(suspect, run) and (run.outcome is Outcome.PASSED or not _drew_often(run)):
            # Chance decides whether one draw is the wanted one.
            return run.outcome is not Outcome.PASSED
        return aspect in _aspects(self._trial(suspect, run).verdict)

    def _alike(self, suspect: Misconception, aspect: Aspect, run: CheckRun, asked_alike: bool) -> bool | None:
        """Whether a misconception fails a check in the student's way; None where there is nothing to tell it by."""
        trial = self._trial(suspect, run)
        if aspect is Aspect.SHAPE:
            pairs = zip(_failures(run.verdict, aspect), _failures(trial.verdict, aspect), strict=False)
            return all(_is_shaped_like(one, other) for one, other in pairs)
        if aspect is not Aspect.VALUES:
            return True
        drew = _drew(suspect, run)
        if drew and _drew_often(run):
            return True
        part, rounded = run.check.part, run.check.rounded
        alike = None if part is None else partial(same_item, part=part, rounded=rounded)
        distribution = suspect.distribution()
        if part is None and (compared := _compared_alike(run, trial, asked_alike)) is not None:
            same = compared
        else:
            same = same_mistake(run.calls, trial.calls, distribution, asked_alike, alike)
        return same or (None if drew or _says_nothing(run.verdict) or _says_nothing(trial.verdict) else False)

    def _trial(self, suspect: Misconception, run: CheckRun) -> _Trial:
        key = (run.name, run.seed, suspect.name, *suspect.parameters.items())
        # What is another for each student is kept for one diagnosis only.
        kept = self._own_trials if "examinee" in wanted(run.test) else self._trials
        if key in kept:
            return kept[key]
        distribution = suspect.distribution()
        functions, distributions = {suspect.of: suspect.fresh()}, {suspect.of: distribution} if distribution else {}
        kept[key] = _Trial(*run_locally(self.course, run.test, run.seed, functions, distributions, run.examinee))
        return kept[key]


def _one_of(hints: Sequence[str]) -> str:
    """The hints of mistakes that answer alike, of which only one was made."""
    return hints[0] if len(hints) == 1 else f"It's one of these: {' Or: '.join(hints)}"


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _aspects(verdict: Verdict) -> set[Aspect]:
    """What is wrong; an exception where a value is wanted is a wrong value."""
    found = {_aspect(each) for each in verdict.failures}
    return found | {Aspect.VALUES} if verdict.outcome is Outcome.ERROR else found


def _aspect(failure: Failure) -> Aspect:
    return _ASPECTS.get(failure.kind, Aspect.VALUES)


def _failures(verdict: Verdict, aspect: Aspect) -> list[Failure]:
    return [each for each in verdict.failures if _aspect(each) is aspect]


def _is_open(verdict: Verdict, aspect: Aspect) -> bool:
    """Whether a check would have told a failure of this aspect: a wrong value ends it before others show."""
    return aspect is Aspect.VALUES or Aspect.VALUES not in _aspects(verdict)


def _that_fail_first(runs: Sequence[CheckRun], aspect: Aspect) -> Iterator[CheckRun]:
    """All runs, and first those that most misconceptions do not match."""
    yield from sorted(runs, key=lambda run: aspect not in _aspects(run.verdict))


def _compared_alike(run: CheckRun, trial: _Trial, asked_alike: bool) -> bool | None:
    """Whether the check took both for the same in all it found wrong; None where it did not compare values."""
    found, others = _failures(run.verdict, Aspect.VALUES), _failures(trial.verdict, Aspect.VALUES)
    if not found or not others or any(each.compared is None for each in (*found, *others)):
        return None
    if asked_alike and not asked_the_same(run.calls, trial.calls):
        return False
    return len(found) == len(others) and all(map(_taken_for, found, others))


def _taken_for(one: Failure, other: Failure) -> bool:
    assert one.compared is not None
    assert other.compared is not None
    return one.calls == other.calls and one.compared.takes_for(other.compared)


def _tells(run: CheckRun) -> bool:
    """Whether the answers in a failed check can name a mistake."""
    compared = [each.compared for each in _failures(run.verdict, Aspect.VALUES)]
    return tells(run.calls) or any(each is not None and not is_blank(each.got) for each in compared)


def _nearest(found: Iterable[_Likeness]) -> list[_Likeness]:
    """Those with the fewest differences, if what tells a mistake outweighs these."""
    near = [each for each in found if len(each.told) > len(each.untold) and each.outweighs]
    fewest = min((each.differences for each in near), default=0)
    near = [each for each in near if each.differences == fewest]
    return [each for each in near if each.unlike == near[0].unlike]


def _explain_together(one: _Likeness, other: _Likeness) -> bool:
    """Whether two suspects account for all that is wrong, each for something that the other doesn't."""
    told = one.told | other.told
    untold = (one.untold | other.untold) - told
    return (
        not (one.unlike & other.unlike)
        and len(told) > len(untold)
        and bool(one.told - other.told)
        and bool(other.told - one.told)
    )


def _says_nothing(verdict: Verdict) -> bool:
    """Whether a check ended by an exception, or by an answer of nothing but NaN."""
    if verdict.outcome is Outcome.ERROR:
        return True
    compared = [each.compared for each in verdict.failures]
    return any(each is not None and is_blank(each.got) for each in compared)


def _is_shaped_like(one: Failure, other: Failure) -> bool:
    return one.compared is not None and other.compared is not None and one.compared.is_shaped_like(other.compared)


def _drew(suspect: Misconception, run: CheckRun) -> bool:
    distribution = suspect.distribution()
    return distribution is not None and drawn_from(run.calls, distribution)


def _drew_often(run: CheckRun) -> bool:
    """Whether a check asked for more than single draws."""
    return any(call.draws is not None for call in run.calls)
