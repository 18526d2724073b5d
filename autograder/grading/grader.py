"""The pytest plugin: runs checks against submissions and turns each test into evidence.

    pytest reference/softmax/test_visible.py --submission exercises/softmax/softmax.ipynb

`mastery` hands a `Grader` to pytest instead of naming files; everything else is the same.
"""

import builtins
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from autograder.grading.connection import NotebookConnection, open_sandbox
from autograder.grading.content import givens, hidden_checks, make_importable, misconceptions
from autograder.grading.diagnosis import afresh, drawn_from, same_item, same_mistake, tells
from autograder.grading.execution import SOMEBODY, Rng, Test, Verdict, check_of, name_of, run_locally, wanted
from autograder.grading.given_process import GivenLine, GivenProcess
from autograder.grading.replay import ReplayRunner, Run, run_alone
from autograder.model import seeds
from autograder.model.course import Course, Lab, load
from autograder.model.errors import UserError
from autograder.model.escaping import terminal
from autograder.model.examinee import Taker, taker_of
from autograder.model.results import Evidence, Outcome
from autograder.model.submission import Submission, lab_of, read
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.unconfined import PlainProcesses
from autograder.testing.assertions import Check, Misconception
from autograder.testing.student import Call, Connection, Student

GRADER = "mastery-grader"
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


@dataclass(frozen=True)
class SubmissionUnderTest:
    """One submission of a session, or one stub of it. `key` tells it from the others, `connect` makes its line."""

    key: str
    lab: Lab
    connect: Callable[[], Connection]
    attempt: int = 1
    stub: str | None = None
    taker: Taker = SOMEBODY

    def asks_for(self, check: Check) -> bool:
        return any(stub.name == check.stub for stub in self.lab.stubs) and self.stub in (None, check.stub)


@dataclass
class CheckRun:
    """One check, run once: what it found, and all that was asked and answered; `answers` as `Run` has it."""

    name: str
    check: Check
    title: str
    test: Test
    seed: int
    taker: Taker
    verdict: Verdict
    calls: Sequence[Call]
    statistic: float | None
    seconds: float
    answers: bytes | None
    confirmed: bool | None = None

    @property
    def outcome(self) -> Outcome:
        return self.verdict.outcome


@functools.cache
def _title(test: Test) -> str:
    return " ".join((test.__doc__ or name_of(test)).split())


@dataclass
class Grader:
    """Knows every check that pytest collected, and runs them on entries; `evidence(entry)` is what came of it."""

    course: Course
    secret: bytes = b""
    entries: Sequence[SubmissionUnderTest] = ()
    runs: dict[str, list[CheckRun]] = field(default_factory=lambda: defaultdict(list))
    tests: dict[Sequence[Path], Sequence[Test]] = field(default_factory=dict)
    _collected: dict[str, dict[str, Check]] = field(default_factory=lambda: defaultdict(dict))
    _diagnoses: dict[tuple[Any, ...], list[Misconception]] = field(default_factory=dict)
    _suspects: dict[tuple[str, int, str], tuple[bool, Sequence[Call]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        make_importable(self.course)
        self._rehearsal = ReplayRunner(self.course)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if not hasattr(metafunc.function, "__check__"):
            return
        check = check_of(metafunc.function)
        if self.course.lab_of(check.stub) is None:
            raise pytest.UsageError(
                f"{metafunc.definition.nodeid} checks {check.stub}, which no lab of course.yaml has."
            )
        self._collected[check.stub][name_of(metafunc.function)] = check

    def seed(self, test: Test, entry: SubmissionUnderTest) -> int:
        check = check_of(test)
        if check.kind == "visible":
            return seeds.public_seed(entry.lab.name, check.stub, name_of(test))
        return seeds.secret_seed(self.secret, entry.lab.name, check.stub, name_of(test), entry.attempt)

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a check and keep what it found. It fails without a traceback, which costs pytest 50 ms to make."""
        entry = entry_of_item(pyfuncitem)
        if entry is None:
            return None
        given = pyfuncitem.funcargs
        run = self.run_check(pyfuncitem.function, entry, cast(Student, given["student"]), cast(Rng, given["rng"]))
        if run.outcome is not Outcome.PASSED:
            pytest.fail(terminal(f"{run.title}\n{run.outcome}: {run.verdict.message}"), pytrace=False)
        return True

    def run_check(self, test: Test, entry: SubmissionUnderTest, student: Student, rng: Rng) -> CheckRun:
        """Run one check on one entry, and keep what it found."""
        return self._keep(test, entry, run_alone(test, student, rng, entry.taker))

    def run_checks(self, tests: Sequence[Test], entry: SubmissionUnderTest, connection: Connection) -> None:
        """Run what an entry asks for of the checks, and confirm what is to be confirmed."""
        together: dict[tuple[str, bool], list[Test]] = defaultdict(list)
        for test in tests:
            check = check_of(test)
            if entry.asks_for(check):
                together[check.stub, check.kind == "visible"].append(test)
        for (stub, _), group in together.items():
            asked = [(test, self.seed(test, entry)) for test in group]
            for test, run in zip(group, self._rehearsal.run(asked, connection, stub, entry.taker), strict=True):
                self._keep(test, entry, run)
        self._confirm(entry, connection)

    def _keep(self, test: Test, entry: SubmissionUnderTest, run: Run) -> CheckRun:
        kept = CheckRun(
            name=name_of(test),
            check=check_of(test),
            title=_title(test),
            test=test,
            seed=self.seed(test, entry),
            taker=entry.taker,
            verdict=run.verdict,
            calls=run.calls,
            statistic=run.statistic,
            seconds=run.seconds,
            answers=run.answers,
        )
        self.runs[entry.key].append(kept)
        return kept

    def _confirm(self, entry: SubmissionUnderTest, connection: Connection) -> None:
        """Run hidden checks once more, on a second secret seed: of the stubs that lack nothing else to be mastered."""
        by_stub: dict[str, list[CheckRun]] = defaultdict(list)
        for run in self.runs[entry.key]:
            if not run.check.advisory:
                by_stub[run.check.stub].append(run)
        for stub, runs in by_stub.items():
            if any(run.outcome is not Outcome.PASSED for run in runs):
                continue
            hidden = [run for run in runs if run.check.kind == "hidden"]
            asked = [(run.test, self._second_seed(run, entry)) for run in hidden]
            for run, again in zip(hidden, self._rehearsal.run(asked, connection, stub, entry.taker), strict=True):
                run.confirmed = again.verdict.outcome is Outcome.PASSED
                run.seconds += again.seconds

    def _second_seed(self, run: CheckRun, entry: SubmissionUnderTest) -> int:
        return seeds.confirming_seed(self.secret, entry.lab.name, run.check.stub, run.name, entry.attempt)

    # From runs to evidence

    def evidence(self, entry: SubmissionUnderTest) -> list[Evidence]:
        """The evidence of one entry: points shared out, each stub's mistake named where one matches."""
        by_stub: dict[str, list[CheckRun]] = defaultdict(list)
        for run in self.runs[entry.key]:
            by_stub[run.check.stub].append(run)
        found = []
        for stub in entry.lab.stubs:
            runs = by_stub[stub.name]
            total = self._total_weight(stub.name)
            solved = any(run.outcome is Outcome.PASSED and not run.check.conduct for run in runs)
            mistakes = self._mistakes(stub.name, runs)
            for run in runs:
                named = mistakes[run.name]
                maximum = 0.0 if run.check.advisory else stub.points * run.check.weight / total
                earns = run.outcome is Outcome.PASSED and (solved or not run.check.conduct)
                wrong = run.outcome in (Outcome.FAILED, Outcome.ERROR)
                found.append(
                    Evidence(
                        id=f"{entry.lab.name}::{stub.name}::{run.name}",
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
        collected = self._collected[stub].values()
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
                for suspect in misconceptions(self.course, stub)
                if all(self._gave(suspect, run, asked_alike) for run in failing)
                and all(self._passes(suspect, run) for run in passing)
            ]:
                return found
        return []

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
        found = run_locally(self.course, run.test, run.seed, functions, distributions, run.taker)
        if "taker" not in wanted(run.test):  # what is another for each student is not worth keeping
            self._suspects[key] = found
        return found


def _drew(suspect: Misconception, run: CheckRun) -> bool:
    return suspect.probabilities is not None and drawn_from(run.calls, suspect.probabilities)


@dataclass
class ByEntry:
    """Makes pytest run each check on each entry of a grader's as an item of its own."""

    grader: Grader

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if not hasattr(metafunc.function, "__check__"):
            return
        entries = [entry for entry in self.grader.entries if entry.asks_for(check_of(metafunc.function))]
        metafunc.parametrize("entry", entries, ids=[entry.key for entry in entries], indirect=True, scope="session")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the checks that no entry asks for."""
        left_out = [item for item in items if _is_check(item) and entry_of_item(item) is None]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not _is_check(item) or entry_of_item(item) is not None]


def _is_check(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "function", None), "__check__")


def entry_of_item(item: pytest.Item) -> SubmissionUnderTest | None:
    """The entry that a check is run on; None where its lab has none, or the item is no check."""
    entry = (
        item.callspec.params.get("entry") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    )
    return entry if isinstance(entry, SubmissionUnderTest) else None


@pytest.fixture(scope="session")
def entry(request: pytest.FixtureRequest) -> SubmissionUnderTest:
    """The submission that is checked."""
    if not hasattr(request, "param"):
        pytest.fail("Which notebook? Name it: pytest reference --submission FILE", pytrace=False)
    entry: SubmissionUnderTest = request.param
    return entry


@pytest.fixture(scope="session")
def connection(entry: SubmissionUnderTest) -> Iterator[Connection]:
    """The line to the submission's process, closed when its last check has run."""
    connection = entry.connect()
    yield connection
    connection.close()


@pytest.fixture
def student(connection: Connection) -> Student:
    """The stubs of the submission, as attributes."""
    return Student(connection)


@pytest.fixture
def rng(request: pytest.FixtureRequest, entry: SubmissionUnderTest) -> np.random.Generator:
    """Makes a check's inputs: the same each time it is run on the same attempt."""
    grader = request.config.pluginmanager.get_plugin(GRADER)
    assert isinstance(grader, Grader)
    return np.random.default_rng(grader.seed(request.function, entry))


@pytest.fixture
def taker(entry: SubmissionUnderTest) -> Taker:
    """Who takes a quiz, and at which attempt."""
    return entry.taker


def _shown_message(run: CheckRun) -> str | None:
    if run.outcome is Outcome.PASSED or run.check.kind == "visible":
        return run.verdict.message
    return HIDDEN_MESSAGES[run.outcome]


def _shown_exception(run: CheckRun) -> str | None:
    name = run.verdict.exception
    builtin = name is not None and isinstance(getattr(builtins, name, None), type)
    return name if builtin or run.check.kind == "visible" else None


# --- plain pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mastery")
    group.addoption("--submission", action="append", default=[], metavar="FILE", help="a notebook or .py file to check")


def pytest_configure(config: pytest.Config) -> None:
    files = config.getoption("--submission")
    if not files:
        return
    try:
        course = load()
        sandbox = open_sandbox(course)
        entries = [under_test(course, sandbox, read(Path(file))) for file in files]
        secret = seeds.load_secret(course.root) if (course.root / "solutions").is_dir() else b""
    except UserError as error:
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(sandbox.close)
    grader = Grader(course, secret, entries)
    config.pluginmanager.register(grader, GRADER)
    config.pluginmanager.register(ByEntry(grader), "mastery-by-entry")
    config.pluginmanager.register(_Summary(grader), "mastery-summary")


def under_test(
    course: Course,
    sandbox: Sandbox | PlainProcesses,
    submission: Submission,
    lab: Lab | None = None,
    attempt: int = 1,
    stub: str | None = None,
    student: str | None = None,
    helper: GivenProcess | None = None,
) -> SubmissionUnderTest:
    """The entry of a submission, named by its path; without a student it is a self-check.

    helper: what answers its givens; without one they are answered in this process.
    """
    its_lab = lab or lab_of(submission, course)
    taker = taker_of(submission, student, attempt)

    def connect() -> NotebookConnection:
        if helper is None:
            return NotebookConnection(course, submission, sandbox, givens(course, its_lab, taker))
        helper.next_submission()
        return NotebookConnection(course, submission, sandbox, GivenLine(helper, its_lab.name, taker))

    return SubmissionUnderTest(str(submission.path), its_lab, connect, attempt, stub, taker)


@dataclass
class _Summary:
    grader: Grader

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for entry in self.grader.entries:
            evidence = self.grader.evidence(entry)
            earned, most = sum(each.points for each in evidence), sum(each.max_points for each in evidence)
            terminalreporter.section(f"{terminal(entry.key)}: {earned:.4g} of {most:.4g} points")
            for each in evidence:
                terminalreporter.line(
                    f"{each.outcome:<10} {each.points:5.2f}/{each.max_points:.2f}  {each.stub}: {each.title}"
                )
                if each.outcome is not Outcome.PASSED and each.message:
                    terminalreporter.line("    " + terminal(each.message).replace("\n", "\n    "))
                if each.misconception:
                    terminalreporter.line(f"    This looks like {each.misconception}: {each.hint}")
