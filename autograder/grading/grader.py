"""Run a lab's checks on submissions, and use a second seed to confirm the stubs that passed."""

import functools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.connection import NotebookConnection
from autograder.grading.content import givens, make_importable
from autograder.grading.evidence import EvidenceWriter
from autograder.grading.execution import SOMEBODY, CheckRun, Rng, Run, Test, check_of, name_of
from autograder.grading.given_process import GivenLine, GivenProcess
from autograder.grading.replay import ReplayRunner, run_alone
from autograder.model import seeds
from autograder.model.course import Course, Lab
from autograder.model.examinee import Earlier, Examinee, examinee_of
from autograder.model.results import Evidence, Outcome
from autograder.model.submission import Submission, lab_of
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.patience import Patience
from autograder.sandbox.unconfined import PlainProcesses
from autograder.testing.declarations import Check
from autograder.testing.exports import Givens
from autograder.testing.rendering import nobody_reads
from autograder.testing.student import Connection, Student


@dataclass(frozen=True)
class SubmissionUnderTest:
    """One submission to grade, or one of its stubs. `key` identifies it, and `connect` opens its connection.

    patience: how long it may keep this process busy.
    """

    key: str
    lab: Lab
    connect: Callable[[], Connection]
    attempt: int = 1
    stub: str | None = None
    examinee: Examinee = SOMEBODY
    patience: Patience = field(default_factory=Patience)

    def asks_for(self, check: Check) -> bool:
        return any(stub.name == check.stub for stub in self.lab.stubs) and self.stub in (None, check.stub)


def under_test(
    course: Course,
    sandbox: Sandbox | PlainProcesses,
    submission: Submission,
    lab: Lab | None = None,
    attempt: int = 1,
    stub: str | None = None,
    student: str | None = None,
    helper: GivenProcess | None = None,
    earlier: Earlier | None = None,
    keeps: bool = False,
    patience_seconds: float = math.inf,
) -> SubmissionUnderTest:
    """Return an entry for the grader, with the submission's path as its key. If there's no student, it's a self-check.

    helper: the process that answers its calls to givens; by default, this process answers them. earlier: the student's
    previously graded answers to items. keeps: as in `Connection`. patience_seconds: how long all its
    checks may keep this process busy.
    """
    its_lab = lab or lab_of(submission, course)
    items = [stub.name for stub in its_lab.stubs if stub.name in course.items]
    examinee = examinee_of(submission, items, student, earlier)

    patience = Patience(patience_seconds)

    def connect() -> NotebookConnection:
        if helper is None:
            served: Givens | GivenLine = givens(course, its_lab)
        else:
            helper.next_submission()
            served = GivenLine(helper, its_lab.name)
        return NotebookConnection(course, submission, sandbox, served, its_lab, examinee, keeps, patience)

    return SubmissionUnderTest(str(submission.path), its_lab, connect, attempt, stub, examinee, patience)


@functools.cache
def _title(test: Test) -> str:
    return " ".join((test.__doc__ or name_of(test)).split())


@dataclass
class Grader:
    """Keeps track of all the collected checks and runs them on submissions. `evidence(entry)` returns the results.

    self_check: whether a student will read the results right away. fresh: random bytes that visible checks use to draw
    new numbers; by default, they use the public seed. in_full: whether to put the failures of hidden checks into words,
    too, for an instructor. Students don't see these, and writing them takes longer than most checks.
    """

    course: Course
    secret: bytes = b""
    entries: Sequence[SubmissionUnderTest] = ()
    runs: dict[str, list[CheckRun]] = field(default_factory=lambda: defaultdict(list))
    tests: dict[Sequence[Path], Sequence[Test]] = field(default_factory=dict)
    self_check: bool = False
    fresh: bytes | None = None
    in_full: bool = False
    _checks: dict[str, dict[str, Check]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        make_importable(self.course)
        self._replay = ReplayRunner(self.course)
        self._writer = EvidenceWriter(self.course, self._checks, self.self_check)

    def knows(self, test: Test) -> None:
        """Add a test to the known checks, which share their stub's points."""
        check = check_of(test)
        self._checks[check.stub][name_of(test)] = check

    def evidence(self, entry: SubmissionUnderTest) -> list[Evidence]:
        """Return the evidence from the runs of one submission so far."""
        return self._writer.evidence(entry.lab, self.runs[entry.key])

    def seed(self, test: Test, entry: SubmissionUnderTest) -> int:
        check = check_of(test)
        if check.kind == "visible" and self.fresh is not None:
            return seeds.fresh_seed(self.fresh, entry.lab.name, check.stub, name_of(test))
        if check.kind == "visible":
            return seeds.public_seed(entry.lab.name, check.stub, name_of(test))
        return seeds.secret_seed(self.secret, entry.lab.name, check.stub, name_of(test), entry.attempt)

    def run_check(self, test: Test, entry: SubmissionUnderTest, student: Student, rng: Rng) -> CheckRun:
        """Run one check on one entry, and record the run."""
        return self._keep(test, entry, run_alone(test, student, rng, entry.examinee))

    def run_checks(self, tests: Sequence[Test], entry: SubmissionUnderTest, connection: Connection) -> None:
        """Run the checks that an entry asks for, then confirm the stubs that passed all their checks."""
        together: dict[tuple[str, bool], list[Test]] = defaultdict(list)
        for test in tests:
            check = check_of(test)
            if entry.asks_for(check):
                together[check.stub, check.kind == "visible"].append(test)
        for (stub, is_visible), group in together.items():
            asked = [(test, self.seed(test, entry)) for test in group]
            with nullcontext() if is_visible or self.in_full else nobody_reads():
                runs = self._replay.run(asked, connection, stub, entry.examinee)
            for test, run in zip(group, runs, strict=True):
                self._keep(test, entry, run)
        with nobody_reads():
            self._confirm(entry, connection)

    def _keep(self, test: Test, entry: SubmissionUnderTest, run: Run) -> CheckRun:
        kept = CheckRun(
            name=name_of(test),
            check=check_of(test),
            title=_title(test),
            test=test,
            seed=self.seed(test, entry),
            examinee=entry.examinee,
            verdict=run.verdict,
            calls=run.calls,
            statistic=run.statistic,
            seconds=run.seconds,
            answers=run.answers,
            drew=run.drew,
        )
        self.runs[entry.key].append(kept)
        return kept

    def _confirm(self, entry: SubmissionUnderTest, connection: Connection) -> None:
        """Run hidden checks again with a second secret seed, for stubs that need only this confirmation to be
        mastered."""
        by_stub: dict[str, list[CheckRun]] = defaultdict(list)
        for run in self.runs[entry.key]:
            if not run.check.advisory:
                by_stub[run.check.stub].append(run)
        for stub, runs in by_stub.items():
            if any(run.outcome is not Outcome.PASSED for run in runs):
                continue
            hidden = [run for run in runs if run.check.kind == "hidden"]
            asked = [(run.test, self._second_seed(run, entry)) for run in hidden]
            for run, again in zip(hidden, self._replay.run(asked, connection, stub, entry.examinee), strict=True):
                run.confirmed = again.verdict.outcome is Outcome.PASSED
                run.seconds += again.seconds

    def _second_seed(self, run: CheckRun, entry: SubmissionUnderTest) -> int:
        return seeds.confirming_seed(self.secret, entry.lab.name, run.check.stub, run.name, entry.attempt)
