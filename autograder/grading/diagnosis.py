"""Name the mistakes behind a stub's wrong answers, by running the same checks on known wrong answers (misconceptions).

We compare answers one aspect at a time: their values, their shape, the errors raised for bad input, what happens to the
arguments, and whether a second call gives the same answer. So a wrong formula and a missing input check count as two
mistakes. Within an aspect, a misconception must fail exactly the checks that the student fails, and in the same way.
For values, `_nearly` allows a few differences.
"""

import itertools
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from autograder.grading.aspects import Aspect, aspects_of, failures_in, is_open
from autograder.grading.content import misconceptions
from autograder.grading.execution import CheckRun, Failure, Verdict
from autograder.grading.likeness import asked_the_same, drawn_from, drawn_independently, same_item, same_mistake
from autograder.grading.mistakes import Diagnosis, Names
from autograder.grading.suspects import SuspectRun, SuspectRuns
from autograder.model.course import Course
from autograder.model.results import Outcome
from autograder.testing.declarations import Misconception
from autograder.testing.failures import FailureKind
from autograder.testing.student import Answer

# How many diagnoses to cache for submissions with the same answers.
MOST_DIAGNOSES = 10_000
# How many failing checks must agree for each check in which a misconception differs from the student.
TOLD_FOR_EACH = 3


@dataclass(frozen=True)
class _Likeness:
    """How a misconception's values compare with the student's.

    The student fails all of these checks except `besides`. told: both gave the same values. untold: we can't tell
    whether they did. unlike: their values differ. denied: the checks in `unlike` where the misconception should have
    shown up but didn't. besides: the checks that only the misconception fails.
    """

    suspect: Misconception
    told: Set[str]
    untold: Set[str]
    unlike: Set[str]
    besides: Set[str]
    denied: Set[str]

    @property
    def differences(self) -> int:
        return len(self.besides) + len(self.unlike)

    @property
    def outweighs(self) -> bool:
        """Whether enough checks agree to outweigh those in which the misconception differs from the student."""
        return len(self.told) >= TOLD_FOR_EACH * max(1, self.differences)

    @property
    def can_explain(self) -> bool:
        """Whether the misconception can still be named, by itself or as one of a pair.

        Any other checks that it fails can only rule it out.
        """
        return bool(self.told) and (not self.besides or self.outweighs)


@dataclass
class Diagnoser:
    """Runs a student's checks on a course's misconceptions, and caches the results."""

    course: Course
    _diagnoses: dict[tuple[Any, ...], Diagnosis] = field(default_factory=dict)
    _trials: SuspectRuns = field(init=False)
    _misconceptions: dict[str, list[Misconception]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._trials = SuspectRuns(self.course)

    def diagnosis(self, stub: str, runs: Sequence[CheckRun]) -> Diagnosis:
        """Return the result of `diagnose`, which runs only once for submissions with the same answers."""
        if any(run.answers is None for run in runs):
            return self.diagnose(stub, runs)
        answered = tuple((run.name, run.seed, run.answers) for run in runs)
        if (found := self._diagnoses.get(answered)) is None:
            if len(self._diagnoses) >= MOST_DIAGNOSES:
                self._diagnoses.clear()
            found = self._diagnoses[answered] = self.diagnose(stub, runs)
        return found

    def diagnose(self, stub: str, runs: Sequence[CheckRun]) -> Diagnosis:
        """Name the mistakes behind the failures in `runs`, one aspect at a time.

        Empty if nothing failed, or if a check had any outcome other than passed, failed or error.
        """
        failing = [aspect for aspect in Aspect if any(aspect in aspects_of(run.verdict) for run in runs)]
        if not failing or any(run.outcome not in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR) for run in runs):
            return Diagnosis()
        if failing == [Aspect.VALUES] and not any(_tells(run) for run in runs if run.outcome is not Outcome.PASSED):
            # Errors and NaNs by themselves don't tell us enough to name a mistake.
            return Diagnosis()
        suspects = self._known(stub)
        self._trials.next_student()
        whole = self._matching(suspects, failing, runs, only=True)
        by_aspect: dict[Aspect, tuple[Names, ...]] = {}
        unlike: Set[str] = frozenset()
        for aspect in failing:
            if aspect is Aspect.VALUES:
                names = whole or self._matching(suspects, [aspect], runs, only=False)
                by_aspect[aspect], unlike = ((names,), unlike) if names else self._nearly(suspects, runs)
                continue
            # A mistake in the values can also change the shape, and a conduct mistake can also change the values.
            # Neither counts as a second mistake.
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
            frozenset(run.name for run in runs if aspects_of(run.verdict).intersection(explained)) - unlike,
        )

    def _of_conduct(
        self, suspects: Sequence[Misconception], aspect: Aspect, runs: Sequence[CheckRun]
    ) -> tuple[Names, ...]:
        """Return the group of misconceptions that fail the way the student does in an aspect other than the values."""
        if aspect is Aspect.ERRORS and not _is_answered_elsewhere(runs):
            # None of the calls that should return a value do, so the student may have gotten the condition of the input
            # check backwards.
            return ()
        # Misconceptions with a wrong formula often lack the input check, too. So to identify a missing input check, we
        # look for a misconception that does nothing else wrong or, failing that, one of kind "conduct", which may also
        # fail in other aspects.
        names = self._matching(suspects, [aspect], runs, only=True)
        conduct = [each for each in suspects if each.kind == "conduct"]
        names = names or self._matching(conduct, [aspect], runs, only=False)
        names = self._answering_alike(names, aspect, runs) or names[:1]
        return (names,) if names else ()

    def _answering_alike(self, suspects: Names, aspect: Aspect, runs: Sequence[CheckRun]) -> Names:
        """Return the suspects whose wrong answers match too, such as the value they return instead of an error."""
        failing = [run for run in runs if aspect in aspects_of(run.verdict)]
        return tuple(
            each
            for each in suspects
            if all(same_mistake(run.calls, self._trials.trial(each, run).calls, each.distribution()) for run in failing)
        )

    def _nearly(
        self, suspects: Sequence[Misconception], runs: Sequence[CheckRun]
    ) -> tuple[tuple[Names, ...], Set[str]]:
        """Return the misconceptions whose values nearly match the student's, and the checks in which they differ.

        Use this if no misconception matches the answers exactly. In order of preference, it returns a misconception
        that fails a few more checks; two that fail no other checks and each explain something that the other doesn't;
        or one that differs in a few checks, for example because it handles an edge case differently.
        """
        found = [self._likeness(each, runs) for each in suspects]
        if near := _nearest(each for each in found if not each.unlike):
            return (tuple(each.suspect for each in near),), frozenset()
        parts = [each for each in found if each.told and not each.besides]
        if pairs := [pair for pair in itertools.combinations(parts, 2) if _explain_together(*pair)]:
            best = max(pairs, key=lambda pair: len(pair[0].told | pair[1].told))
            return tuple(_like(one, parts) for one in best), frozenset()
        near = _nearest(found)
        return ((tuple(each.suspect for each in near),), near[0].unlike) if near else ((), frozenset())

    def _likeness(self, suspect: Misconception, runs: Sequence[CheckRun]) -> "_Likeness":
        told, untold, unlike, besides, denied = (set[str]() for _ in range(5))
        found = _Likeness(suspect, told, untold, unlike, besides, denied)
        for run in _that_fail_first(runs, Aspect.VALUES):
            if Aspect.VALUES not in aspects_of(run.verdict):
                if not found.can_explain:
                    break
                besides |= {run.name} if self._fails(suspect, Aspect.VALUES, run) else set()
                continue
            # The suspect's own draws may have passed by chance.
            fails = self._fails(suspect, Aspect.VALUES, run) or (_drew(suspect, run) and _only_by_chance(suspect, run))
            alike = self._alike(suspect, Aspect.VALUES, run, asked_alike=False) if fails else False
            if alike and not _tells(run):
                # Neither answer tells us what the mistake is, but since both fail the same way, don't count this
                # against the suspect.
                continue
            {True: told, None: untold, False: unlike}[alike].add(run.name)
            # If the misconception fails only at a later call, the student's run may have ended before that call.
            if fails and alike is False and len(self._trials.trial(suspect, run).calls) <= len(run.calls):
                denied.add(run.name)
        return found

    def _known(self, stub: str) -> list[Misconception]:
        if stub not in self._misconceptions:
            self._misconceptions[stub] = misconceptions(self.course, stub)
        return self._misconceptions[stub]

    def _matching(
        self, suspects: Sequence[Misconception], within: Sequence[Aspect], runs: Sequence[CheckRun], only: bool
    ) -> Names:
        """Return the suspects that fail the way the student does in every aspect in `within`.

        only: whether to leave out suspects that also fail in another aspect.
        """
        ordered = {aspect: _that_fail_first(runs, aspect) for aspect in within}
        # If no suspect matches better, accept one that calls a passed-in function in a different order, since it may
        # still be the same mistake.
        for asked_alike in (True, False):
            if found := tuple(
                each
                for each in suspects
                if all(self._matches(each, aspect, ordered[aspect], asked_alike, len(within) == 1) for aspect in within)
                and not (only and any(self._fails_in(each, aspect, runs) for aspect in Aspect if aspect not in within))
            ):
                return found
        return ()

    def _matches(
        self, suspect: Misconception, aspect: Aspect, runs: Sequence[CheckRun], asked_alike: bool, alone: bool
    ) -> bool:
        """Return whether a misconception fails the checks that the student fails in this aspect, in the same way.

        alone: whether this is the only aspect that it has to match.
        """
        found = []
        for run in self._trials.least_work_first(suspect, runs):
            if aspect not in aspects_of(run.verdict):
                if is_open(run.verdict, aspect) and self._fails(suspect, aspect, run):
                    return False
                continue
            if not self._fails(suspect, aspect, run):
                return False
            alike = self._alike(suspect, aspect, run, asked_alike)
            if alike is False:
                return False
            if alike is None or _tells(run):
                found.append(alike)
        # If only one of the two raises an error, there are no values to compare, so we can't base a diagnosis on that
        # check.
        told, untold = found.count(True), found.count(None)
        return aspect is not Aspect.VALUES or told > untold or not (alone or untold)

    def _fails_in(self, suspect: Misconception, aspect: Aspect, runs: Sequence[CheckRun]) -> bool:
        return any(self._fails(suspect, aspect, run) for run in runs)

    def _fails(self, suspect: Misconception, aspect: Aspect, run: CheckRun) -> bool:
        drew = aspect is Aspect.VALUES and _drew(suspect, run)
        if drew and not _is_about_order(run):
            # It's a matter of chance whether a single draw is the expected one, and whether counts are surprising.
            return run.outcome is not Outcome.PASSED
        trial = self._trials.trial(suspect, run)
        if drew and run.outcome is Outcome.PASSED and _only_by_chance(suspect, trial):
            return False
        return aspect in aspects_of(trial.verdict)

    def _alike(self, suspect: Misconception, aspect: Aspect, run: CheckRun, asked_alike: bool) -> bool | None:
        """Return whether a misconception fails a check the way the student does; None if we can't tell."""
        trial = self._trials.trial(suspect, run)
        if aspect is Aspect.SHAPE:
            pairs = zip(failures_in(run.verdict, aspect), failures_in(trial.verdict, aspect), strict=False)
            return all(_is_shaped_like(one, other) for one, other in pairs)
        if aspect is Aspect.ERRORS:
            # Returning a value is a different mistake from raising the wrong error. The first bad input that the
            # function accepts shows which input check is missing.
            return failures_in(run.verdict, aspect) == failures_in(trial.verdict, aspect)
        if aspect is Aspect.ARGUMENTS:
            ours, theirs = (failures_in(each.verdict, aspect) for each in (run, trial))
            return all(other.changed <= one.changed for one, other in zip(ours, theirs, strict=False))
        if aspect is Aspect.REPETITION:
            return same_mistake(run.calls, trial.calls)
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


def _is_answered_elsewhere(runs: Sequence[CheckRun]) -> bool:
    """Return whether any call in a check that isn't about errors returned an answer."""
    others = (run for run in runs if Aspect.ERRORS not in aspects_of(run.verdict))
    return any(isinstance(call.answer, Answer) for run in others for call in run.calls)


def _that_fail_first(runs: Sequence[CheckRun], aspect: Aspect) -> list[CheckRun]:
    """Put the runs first that fail in this aspect, because those rule out the most misconceptions."""
    return sorted(runs, key=lambda run: aspect not in aspects_of(run.verdict))


def _compared_alike(run: CheckRun, trial: SuspectRun, asked_alike: bool) -> bool | None:
    """Return whether the check found the same problems with both answers; None if it didn't compare any values."""
    found, others = failures_in(run.verdict, Aspect.VALUES), failures_in(trial.verdict, Aspect.VALUES)
    if not found or not others or any(each.compared is None for each in (*found, *others)):
        return None
    alike = len(found) == len(others) and all(map(_taken_for, found, others))
    return alike and (not asked_alike or asked_the_same(run.calls, trial.calls))


def _taken_for(one: Failure, other: Failure) -> bool:
    assert one.compared is not None
    assert other.compared is not None
    return one.calls == other.calls and one.compared.takes_for(other.compared)


def _tells(run: CheckRun) -> bool:
    """Return whether the values that a failed check compared, or else its last answer, are enough to name a mistake."""
    compared = [each.compared for each in failures_in(run.verdict, Aspect.VALUES) if each.compared is not None]
    return any(not each.is_blank for each in compared) if compared else run.tells


def _like(one: _Likeness, others: Iterable[_Likeness]) -> Names:
    """Return the suspects that agree with the student in the same checks as this one, and differ in the same checks
    too."""
    return tuple(each.suspect for each in others if (each.told, each.unlike) == (one.told, one.unlike))


def _nearest(found: Iterable[_Likeness]) -> list[_Likeness]:
    """Return the suspects with the fewest differences, among those that agree with the student in enough failing
    checks."""
    near = [each for each in found if len(each.told) > len(each.untold) and each.outweighs]
    fewest = min((each.differences for each in near), default=0)
    near = [each for each in near if each.differences == fewest]
    return [each for each in near if each.unlike == near[0].unlike]


def _explain_together(one: _Likeness, other: _Likeness) -> bool:
    """Return whether two suspects together explain everything that's wrong, and neither one does by itself."""
    told = one.told | other.told
    untold = (one.untold | other.untold) - told
    return (
        not (one.unlike & other.unlike or one.told & other.denied or other.told & one.denied)
        and len(told) > len(untold)
        and bool(one.told - other.told)
        and bool(other.told - one.told)
    )


def _says_nothing(verdict: Verdict) -> bool:
    """Return whether a check ended with an exception or compared an all-NaN answer."""
    if verdict.outcome is Outcome.ERROR:
        return True
    compared = [each.compared for each in verdict.failures]
    return any(each is not None and each.is_blank for each in compared)


def _is_shaped_like(one: Failure, other: Failure) -> bool:
    return one.compared is not None and other.compared is not None and one.compared.is_shaped_like(other.compared)


def _drew(suspect: Misconception, run: CheckRun) -> bool:
    distribution = suspect.distribution()
    return distribution is not None and drawn_from(run.calls, distribution)


def _only_by_chance(suspect: Misconception, failed: CheckRun | SuspectRun) -> bool:
    """Return whether a check failed because of pairs of draws, even though a suspect's probabilities explain them."""
    kinds = {each.kind for each in failed.verdict.failures}
    distribution = suspect.distribution()
    return kinds == {FailureKind.DRAWS} and distribution is not None and drawn_independently(failed.calls, distribution)


def _is_about_order(run: CheckRun) -> bool:
    """Return whether a check is about the order of repeated draws, or failed because of them but not because of their
    counts."""
    if any(call.draws is not None and call.in_order for call in run.calls):
        return True
    failed = run.outcome is not Outcome.PASSED and _drew_often(run)
    return failed and not any(
        each.kind is FailureKind.DRAWS and each.compared is not None for each in run.verdict.failures
    )


def _drew_often(run: CheckRun) -> bool:
    """Return whether a check asked for repeated draws."""
    return any(call.draws is not None for call in run.calls)
