"""Turn the runs of a lab's checks into evidence: points shared out, mistakes named, and what students are told."""

import builtins
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.grading.content import hidden_checks, misconceptions
from autograder.grading.diagnosis import afresh, drawn_from, same_item, same_mistake, tells
from autograder.grading.execution import Test, Verdict, run_locally, wanted
from autograder.model.course import Course, Lab
from autograder.model.examinee import Examinee
from autograder.model.results import Evidence, Outcome
from autograder.testing.declarations import Check, Misconception
from autograder.testing.student import Call

# So many diagnoses are kept, for those who answer the same.
MOST_DIAGNOSES = 10_000
# What students are told of a check that is not visible: never their output, its inputs or what was wanted.
HIDDEN_MESSAGES = {
    Outcome.FAILED: "Another answer than the reference's came back.",
    Outcome.UNSOLVED: "Not solved yet, or not defined.",
    Outcome.ERROR: "Your code raised an error.",
    Outcome.TIMEOUT: "Your code did not finish in time.",
    Outcome.DIED: "Your code ended the process it runs in.",
    Outcome.VIOLATION: "The notebook broke into the line between it and the checks.",
    Outcome.NOT_GRADED: "This check could not be run; that is not your fault.",
}


@dataclass
class CheckRun:
    """One check, run once: what it found, and all that was asked and answered; `answers` as `Run` has it."""

    name: str
    check: Check
    title: str
    test: Test
    seed: int
    examinee: Examinee
    verdict: Verdict
    calls: Sequence[Call]
    statistic: float | None
    seconds: float
    answers: bytes | None
    confirmed: bool | None = None

    @property
    def outcome(self) -> Outcome:
        return self.verdict.outcome


@dataclass
class EvidenceWriter:
    """Makes evidence of runs, and remembers what it found of answers it has seen.

    checks: by stub and name, every check that is known, among which a stub's points are shared.
    """

    course: Course
    checks: Mapping[str, Mapping[str, Check]]
    _diagnoses: dict[tuple[Any, ...], list[Misconception]] = field(default_factory=dict)
    _suspects: dict[tuple[str, int, str], tuple[bool, Sequence[Call]]] = field(default_factory=dict)
    _misconceptions: dict[str, list[Misconception]] = field(default_factory=dict)

    def evidence(self, lab: Lab, runs: Sequence[CheckRun]) -> list[Evidence]:
        """Return the evidence of one submission's runs: points shared out, each stub's mistake named if one matches."""
        by_stub: dict[str, list[CheckRun]] = defaultdict(list)
        for run in runs:
            by_stub[run.check.stub].append(run)
        found = []
        for stub in lab.stubs:
            of_stub = by_stub[stub.name]
            total = self._total_weight(stub.name)
            solved = any(run.outcome is Outcome.PASSED and not run.check.conduct for run in of_stub)
            mistakes = self._mistakes(stub.name, of_stub)
            for run in of_stub:
                named = mistakes[run.name]
                maximum = 0.0 if run.check.advisory else stub.points * run.check.weight / total
                earns = run.outcome is Outcome.PASSED and (solved or not run.check.conduct)
                wrong = run.outcome in (Outcome.FAILED, Outcome.ERROR)
                found.append(
                    Evidence(
                        id=f"{lab.name}::{stub.name}::{run.name}",
                        stub=stub.name,
                        kind=run.check.kind,
                        title=run.title,
                        points=round(maximum, 6) if earns else 0.0,
                        max_points=round(maximum, 6),
                        advisory=run.check.advisory,
                        outcome=run.outcome,
                        confirmed=run.confirmed,
                        message=_shown_message(run),
                        exception=_shown_exception(run),
                        statistic=run.statistic,
                        seconds=round(run.seconds, 6),
                        misconception=" or ".join(each.name for each in named) or None if wrong else None,
                        hint=" ".join(each.hint for each in named) or None if wrong else None,
                        difference=run.verdict.difference if run.check.kind == "visible" else None,
                        # A misconception says the same, and more nearly.
                        slip=None if named and wrong else run.verdict.slip,
                    )
                )
        return found

    def _total_weight(self, stub: str) -> float:
        collected = self.checks[stub].values()
        total = sum(check.weight for check in collected if not check.advisory)
        if all(check.kind == "visible" for check in collected):
            total += hidden_checks(self.course).get(stub, {}).get("weight", 0.0)
        return total

    def _mistakes(self, stub: str, runs: Sequence[CheckRun]) -> dict[str, list[Misconception]]:
        """By the name of a check, what was mistaken: in an answer of several items, in each item by itself."""
        found = {}
        for part in {run.check.part for run in runs}:
            group = [run for run in runs if run.check.part == part]
            mistakes = self._diagnosed(stub, group)
            found.update({run.name: mistakes for run in group})
        return found

    def _diagnosed(self, stub: str, runs: Sequence[CheckRun]) -> list[Misconception]:
        """What `diagnose` says, once for submissions that answered the same."""
        if any(run.answers is None for run in runs):
            return self.diagnose(stub, runs)
        answered = tuple((run.name, run.seed, run.answers) for run in runs)
        if (found := self._diagnoses.get(answered)) is None:
            if len(self._diagnoses) >= MOST_DIAGNOSES:
                self._diagnoses.clear()
            found = self._diagnoses[answered] = self.diagnose(stub, runs)
        return found

    def diagnose(self, stub: str, runs: Sequence[CheckRun]) -> list[Misconception]:
        """The misconceptions that give the student's answers in all failing checks and pass where the stub passed."""
        failing = [run for run in runs if run.outcome in (Outcome.FAILED, Outcome.ERROR)]
        passing = [run for run in runs if run.outcome is Outcome.PASSED]
        if len(failing) + len(passing) < len(runs) or not any(tells(run.calls) for run in failing):
            return []
        # Who is asked in another order makes the same mistake, if there is no other to tell it from.
        for asked_alike in (True, False):
            if found := [
                suspect
                for suspect in self._known_misconceptions(stub)
                if all(self._gave(suspect, run, asked_alike) for run in failing)
                and all(self._passes(suspect, run) for run in passing)
            ]:
                return found
        return []

    def _known_misconceptions(self, stub: str) -> list[Misconception]:
        if stub not in self._misconceptions:
            self._misconceptions[stub] = misconceptions(self.course, stub)
        return self._misconceptions[stub]

    def _gave(self, suspect: Misconception, run: CheckRun, asked_alike: bool) -> bool:
        passed, calls = self._run_suspect(suspect, run)
        part, rounded = run.check.part, run.check.rounded
        alike = None if part is None else functools.partial(same_item, part=part, rounded=rounded)
        return not passed and (
            _drew(suspect, run) or same_mistake(run.calls, calls, suspect.probabilities, asked_alike, alike)
        )

    def _passes(self, suspect: Misconception, run: CheckRun) -> bool:
        return self._run_suspect(suspect, run)[0] or _drew(suspect, run)

    def _run_suspect(self, suspect: Misconception, run: CheckRun) -> tuple[bool, Sequence[Call]]:
        key = (run.name, run.seed, suspect.name)
        if key in self._suspects:
            return self._suspects[key]
        distributions = {suspect.of: suspect.probabilities} if suspect.probabilities else {}
        functions = {suspect.of: afresh(suspect.function)}
        found = run_locally(self.course, run.test, run.seed, functions, distributions, run.examinee)
        if "examinee" not in wanted(run.test):  # what is another for each student is not worth keeping
            self._suspects[key] = found
        return found


def _drew(suspect: Misconception, run: CheckRun) -> bool:
    return suspect.probabilities is not None and drawn_from(run.calls, suspect.probabilities)


def _shown_message(run: CheckRun) -> str | None:
    if run.outcome is Outcome.PASSED or run.check.kind == "visible":
        return run.verdict.message
    return HIDDEN_MESSAGES[run.outcome]


def _shown_exception(run: CheckRun) -> str | None:
    name = run.verdict.exception
    builtin = name is not None and isinstance(getattr(builtins, name, None), type)
    return name if builtin or run.check.kind == "visible" else None
