"""The pytest plugin: collect checks, and run them on the submission named with `--submission`.

    pytest reference/softmax/test_visible.py --submission exercises/softmax/softmax.ipynb

`mastery` passes pytest a `Grader` instead of a file name. Everything else is the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from autograder.grading.execution import Rng, check_of
from autograder.grading.grader import Grader, SubmissionUnderTest, under_test
from autograder.model import secrets
from autograder.model.course import load
from autograder.model.errors import UserError
from autograder.model.escaping import terminal
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.model.submission import read
from autograder.sandbox import open_sandbox
from autograder.testing.student import Connection, Student

GRADER = "mastery-grader"


@dataclass
class CheckCollector:
    """Tells a grader about the checks that pytest collects, and runs them with that grader."""

    grader: Grader

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if not hasattr(metafunc.function, "__check__"):
            return
        check = check_of(metafunc.function)
        if self.grader.course.lab_of(check.stub) is None:
            raise pytest.UsageError(
                f"{metafunc.definition.nodeid} checks {check.stub}, which isn't in any lab in course.yaml."
            )
        self.grader.knows(metafunc.function)

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a check and record the run. Failures have no traceback, since pytest would need 50 ms to make one."""
        entry = entry_of_item(pyfuncitem)
        if entry is None:
            return None
        given = pyfuncitem.funcargs
        run = self.grader.run_check(
            pyfuncitem.function, entry, cast(Student, given["student"]), cast(Rng, given["rng"])
        )
        if run.outcome is not Outcome.PASSED:
            pytest.fail(terminal(f"{run.title}\n{run.outcome}: {run.verdict.message}"), pytrace=False)
        return True


@dataclass
class ByEntry:
    """Makes pytest run each check on each of a grader's entries, as separate items."""

    grader: Grader

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if not hasattr(metafunc.function, "__check__"):
            return
        entries = [entry for entry in self.grader.entries if entry.asks_for(check_of(metafunc.function))]
        metafunc.parametrize("entry", entries, ids=[entry.key for entry in entries], indirect=True, scope="session")

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect the checks that no entry needs."""
        left_out = [item for item in items if _is_check(item) and entry_of_item(item) is None]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not _is_check(item) or entry_of_item(item) is not None]


def _is_check(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "function", None), "__check__")


def entry_of_item(item: pytest.Item) -> SubmissionUnderTest | None:
    """Return the entry that a check runs on; None if no entry needs the check, or if the item isn't a check."""
    entry = (
        item.callspec.params.get("entry") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    )
    return entry if isinstance(entry, SubmissionUnderTest) else None


@pytest.fixture(scope="session")
def entry(request: pytest.FixtureRequest) -> SubmissionUnderTest:
    """The submission under test."""
    if not hasattr(request, "param"):
        pytest.fail("Which notebook? Name it: pytest reference --submission FILE", pytrace=False)
    entry: SubmissionUnderTest = request.param
    return entry


@pytest.fixture(scope="session")
def connection(entry: SubmissionUnderTest) -> Iterator[Connection]:
    """The connection to the submission's process, closed after its last check."""
    connection = entry.connect()
    yield connection
    connection.close()


@pytest.fixture
def student(connection: Connection) -> Student:
    """The student under test, with the submission's stubs as attributes."""
    return Student(connection)


@pytest.fixture
def rng(request: pytest.FixtureRequest, entry: SubmissionUnderTest) -> np.random.Generator:
    """The generator that a check's inputs come from. It gives the same inputs every time the check runs on the same
    attempt."""
    collector = request.config.pluginmanager.get_plugin(GRADER)
    assert isinstance(collector, CheckCollector)
    return np.random.default_rng(collector.grader.seed(request.function, entry))


@pytest.fixture
def examinee(entry: SubmissionUnderTest) -> Examinee:
    """The student that a check runs for, and the rounds they're answering."""
    return entry.examinee


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
        secret = secrets.load_secret(course.root) if (course.root / "solutions").is_dir() else b""
    except UserError as error:
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(sandbox.close)
    grader = Grader(course, secret, entries)
    config.pluginmanager.register(CheckCollector(grader), GRADER)
    config.pluginmanager.register(ByEntry(grader), "mastery-by-entry")
    config.pluginmanager.register(_Summary(grader), "mastery-summary")


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
