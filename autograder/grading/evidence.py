"""Turn the runs of a lab's checks into evidence: assign points, name mistakes, and decide what students are told."""

import builtins
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.grading.content import hidden_checks, reference_of, steps_of
from autograder.grading.diagnosis import Diagnoser
from autograder.grading.execution import CheckRun
from autograder.grading.mistakes import Diagnosis
from autograder.model import pitfalls
from autograder.model.course import Course, Lab
from autograder.model.results import Difference, Evidence, Outcome
from autograder.model.seeds import is_fresh
from autograder.testing.declarations import Check
from autograder.testing.failures import FailureKind
from autograder.testing.references import reference_value
from autograder.testing.reproduction import about, pasted
from autograder.testing.stepwise import first_wrong, names_of
from autograder.testing.student import Answer

# The largest share of a stub's points that its visible checks can earn together, since answers can be memorized.
MOST_VISIBLE = 0.2
# The share of the points for its values that a stub must earn before its conduct checks earn any points.
LEAST_VALUES = 0.5
# What we tell students about a check that isn't visible: never their output, the inputs or the expected value.
HIDDEN_FAILURES = {
    FailureKind.ANSWER: "Your function's answer differs from the reference's.",
    FailureKind.NOTHING: "Your function returned None.",
    FailureKind.DRAWS: "Your draws don't have the right distribution.",
    FailureKind.SHAPE: "The numbers are right, but their shape isn't the one in the docstring.",
    FailureKind.CONVENTION: "Almost right: your answer follows a different convention or misses an edge case.",
    FailureKind.RETURNED: "Your function returned a value when it should have raised an error.",
    FailureKind.RAISED: "Your function raised the wrong kind of error.",
    FailureKind.CHANGED: "Your function changed its input.",
    FailureKind.VARIES: "Your function gave a different answer when it was called again with the same arguments.",
}
HIDDEN_MESSAGES = {
    Outcome.UNSOLVED: "Not solved yet, or not defined.",
    Outcome.ERROR: "Your code raised an error.",
    Outcome.TIMEOUT: "Your code didn't finish in time.",
    Outcome.DIED: "Your code ended the process it was running in.",
    Outcome.VIOLATION: "The notebook interfered with its connection to the checks.",
    Outcome.NOT_GRADED: "This check couldn't be run. That's not your fault.",
}


@dataclass
class EvidenceWriter:
    """Turns runs into evidence, and caches the diagnosis of each set of answers.

    checks: every known check, by stub and name; a stub's checks share its points. self_check: whether a student will
    read the evidence right away and may want to repeat a call.
    """

    course: Course
    checks: Mapping[str, Mapping[str, Check]]
    self_check: bool = False
    _diagnoser: Diagnoser = field(init=False)

    def __post_init__(self) -> None:
        self._diagnoser = Diagnoser(self.course)

    def evidence(self, lab: Lab, runs: Sequence[CheckRun]) -> list[Evidence]:
        """Return the evidence from one submission's runs, with points assigned and matching misconceptions named."""
        by_stub: dict[str, list[CheckRun]] = defaultdict(list)
        for run in runs:
            by_stub[run.check.stub].append(run)
        found = []
        for stub in lab.stubs:
            of_stub = by_stub[stub.name]
            worth = self._worth(stub.name, stub.points)
            understood = _values_earn_enough(of_stub, worth)
            diagnoses = self._diagnoses(stub.name, of_stub)
            found += _of_signature(lab, stub.name, of_stub)
            for run in of_stub:
                diagnosis = diagnoses[run.name]
                named = run.name in diagnosis.explained
                maximum = 0.0 if run.check.advisory else run.check.weight * worth[run.check.kind == "visible"]
                share = _share(run) if understood or not run.check.conduct else 0.0
                found.append(
                    Evidence(
                        id=f"{lab.name}::{stub.name}::{run.name}",
                        stub=stub.name,
                        kind=run.check.kind,
                        title=run.title,
                        points=round(share * maximum, 6),
                        max_points=round(maximum, 6),
                        advisory=run.check.advisory,
                        outcome=run.outcome,
                        confirmed=run.confirmed,
                        message=_shown_message(run),
                        exception=_shown_exception(run),
                        statistic=run.statistic,
                        seconds=round(run.seconds, 6),
                        misconception=diagnosis.name if named else None,
                        hint=diagnosis.hint if named else None,
                        difference=self._difference(run),
                        # If a misconception matches, its hint says the same thing more precisely.
                        slip=None if named else run.verdict.slip,
                        fresh=run.drew if is_fresh(run.seed) else None,
                        kept=self._kept(lab, run),
                    )
                )
        return found

    def _difference(self, run: CheckRun) -> Difference | None:
        found = run.verdict.difference if run.check.kind == "visible" else None
        if found is None or not self.self_check:
            return found
        first = next(iter(run.verdict.failures), None)
        calls = run.calls[: first.calls] if first else run.calls
        paste = pasted(calls, first.kind if first else None)
        return found.model_copy(update={"paste": paste, "about": about(calls) if calls else None})

    def _kept(self, lab: Lab, run: CheckRun) -> str | None:
        """Return the message about the steps that the stub recorded in the call that went wrong, if it recorded any."""
        if run.outcome is Outcome.PASSED or run.check.kind != "visible" or run.check.conduct or not run.calls:
            return None
        failures = run.verdict.failures if run.outcome is Outcome.FAILED else ()
        # If there's no failure with a call number, whatever went wrong ended the check, so use the last call.
        call = run.calls[failures[0].calls - 1 if failures else -1]
        if not call.answer.kept:
            return None
        steps = steps_of(self.course, lab)
        if call.stub not in steps:
            return None
        others = {name for each in steps.values() if each.of != call.stub for name in names_of(each)}
        returned = None
        if isinstance(call.answer, Answer):
            returned = call.answer.value, reference_value(reference_of(self.course, call.stub), call.arguments)
        return first_wrong(steps[call.stub], call.arguments, call.answer.kept, others, returned)

    def _worth(self, stub: str, points: float) -> dict[bool, float]:
        """Return how many points a check of weight 1 is worth, keyed by whether the check is visible."""
        collected = [check for check in self.checks[stub].values() if not check.advisory]
        weights = {
            is_visible: sum(check.weight for check in collected if (check.kind == "visible") is is_visible)
            for is_visible in (True, False)
        }
        if all(check.kind == "visible" for check in self.checks[stub].values()):
            weights[False] += hidden_checks(self.course).get(stub, {}).get("weight", 0.0)
        total = weights[True] + weights[False]
        if weights[False] and weights[True] > MOST_VISIBLE * total:
            shares = {True: MOST_VISIBLE, False: 1 - MOST_VISIBLE}
            return {is_visible: points * shares[is_visible] / max(weights[is_visible], 1e-9) for is_visible in shares}
        return dict.fromkeys(weights, points / total if total else 0.0)

    def _diagnoses(self, stub: str, runs: Sequence[CheckRun]) -> dict[str, Diagnosis]:
        """Return the diagnosis for each check, by name. Parts of a tuple answer are diagnosed separately."""
        found = {}
        for part in {run.check.part for run in runs}:
            group = [run for run in runs if run.check.part == part]
            found.update(dict.fromkeys((run.name for run in group), self._diagnoser.diagnosis(stub, group)))
        return found


def _of_signature(lab: Lab, stub: str, runs: Sequence[CheckRun]) -> list[Evidence]:
    """Return an extra failed check if a stub's arguments don't have the names from the task.

    The checks' own calls passed these arguments by position. We look only at visible checks, so that a self-check gives
    the same result. The check isn't worth any points, but if it fails, the stub stays *attempted*.
    """
    calls = [call for run in runs if run.check.kind == "visible" for call in run.calls]
    names = dict(name for call in calls if isinstance(call.answer, Answer) for name in call.answer.renamed)
    if not names:
        return []
    told = " and ".join(f"{name} is called {own}" for name, own in names.items())
    return [
        Evidence(
            id=f"{lab.name}::{stub}::signature",
            stub=stub,
            kind="visible",
            title="Your function's parameters have the names that the task gives them.",
            points=0.0,
            max_points=0.0,
            outcome=Outcome.FAILED,
            message=f"In your function, {told}. Callers use the task's names, as in {stub}(…, {next(iter(names))}=…).",
            seconds=0.0,
            slip=pitfalls.SIGNATURE,
        )
    ]


def _share(run: CheckRun) -> float:
    """Return the fraction of its points that a check earns."""
    if run.outcome is Outcome.PASSED:
        return 1.0
    return run.check.share if run.verdict.values_are_right else 0.0


def _values_earn_enough(runs: Sequence[CheckRun], worth: Mapping[bool, float]) -> bool:
    """Return whether enough values are right for conduct checks to earn points. Even a stub that always returns 0 is
    pure, so it passes some conduct checks."""
    of_values = [
        (run.check.weight * worth[run.check.kind == "visible"], _share(run))
        for run in runs
        if not run.check.conduct and not run.check.advisory
    ]
    earned = sum(points * share for points, share in of_values)
    return earned > 0 and earned >= LEAST_VALUES * sum(points for points, _ in of_values)


def _shown_message(run: CheckRun) -> str | None:
    if run.outcome is Outcome.PASSED or run.check.kind == "visible":
        return run.verdict.message
    if run.outcome is Outcome.FAILED:
        kinds = [each.kind for each in run.verdict.failures]
        return HIDDEN_FAILURES[kinds[-1] if kinds else FailureKind.ANSWER]
    return HIDDEN_MESSAGES[run.outcome]


def _shown_exception(run: CheckRun) -> str | None:
    name = run.verdict.exception
    builtin = name is not None and isinstance(getattr(builtins, name, None), type)
    return name if builtin or run.check.kind == "visible" else None
