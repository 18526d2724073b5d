"""Collect a lab's checks with pytest once, and run them without pytest's per-test overhead."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import pytest

from autograder.grading.execution import Test
from autograder.grading.grader import Grader, SubmissionUnderTest
from autograder.grading.pytest_plugin import GRADER, CheckCollector
from autograder.model.errors import CourseError


def run_checks(grader: Grader, entry: SubmissionUnderTest, visible_only: bool) -> None:
    """Run the checks of an entry's lab on it. Raises KeyboardInterrupt or CourseError."""
    lab = entry.lab.name
    tests = collected(grader, lab, visible_only)
    try:
        with closing(entry.connect()) as connection:
            grader.run_checks(tests, entry, connection)
    except Exception as error:
        raise CourseError(f"The checks for {lab} can't be run ({type(error).__name__}: {error}).") from error


def collected(grader: Grader, lab: str, visible_only: bool) -> Sequence[Test]:
    """Return a lab's checks, which pytest collects once per grader. Raises KeyboardInterrupt or CourseError."""
    course = grader.course
    files = [course.visible_checks(lab), course.hidden_checks(lab)]
    chosen = tuple(file for file in files[: 1 if visible_only else 2] if file.is_file())
    if not chosen:
        raise CourseError(f"The lab {lab} has no checks: {files[0]} is missing.")
    if chosen not in grader.tests:
        session = _Collection(grader)
        code = pytest.main([*map(str, chosen), *_PYTEST_OPTIONS, f"--rootdir={course.root}"], plugins=[session])
        if session.broken is not None:
            raise CourseError(f"The checks for {lab} can't be loaded:\n{session.broken}")
        if code is pytest.ExitCode.INTERRUPTED:
            raise KeyboardInterrupt
        if code is not pytest.ExitCode.OK:
            raise CourseError(f"The checks for {lab} can't be run; see what pytest says about them: pytest {chosen[0]}")
        grader.tests[chosen] = session.tests
    return grader.tests[chosen]


@dataclass
class _Collection:
    """A pytest plugin that keeps the collected tests, and the error from a check file that can't be loaded.

    It replaces pytest's test loop, because items, phases, fixtures and reports take longer than the checks themselves,
    and nobody reads the reports here.
    """

    grader: Grader
    tests: Sequence[Test] = ()
    broken: str | None = None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.tests = [item.function for item in session.items if isinstance(item, pytest.Function)]
        return True

    # For a check file that can't be loaded, pytest's exit code is "interrupted", as after Ctrl-C.
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken = str(report.longrepr)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(CheckCollector(self.grader), GRADER)


_PYTEST_OPTIONS = (
    "-pautograder.grading.pytest_plugin",
    "-s",
    "-c",
    os.devnull,
    "--noconftest",
    "--assert=plain",
    "--import-mode=importlib",
    "--disable-plugin-autoload",
    "-pno:terminal",
    "-pno:cacheprovider",
    "-pno:logging",
    "-pno:doctest",
    "-pno:junitxml",
    "-pno:unraisableexception",
    "-pno:threadexception",
    "-pno:warnings",
)
