"""The demo's class, graded for real: nobody is shown as having mastered the stub that contains their attack."""

import itertools
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.authoring.simulation.notebooks import write_odd_ones
from autograder.grading.jobs import GradingContext
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.mastery.course_levels import mastery_of
from autograder.mastery.levels import Attempt, Level
from tests.found_jobs import find_jobs
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")

# The others run until a limit ends them.
QUICK = ("hostile_kills_its_parent", "hostile_opens_a_socket", "hostile_floods_the_output", "hostile_imports_the_tests")


@pytest.mark.slow
def test_a_hostile_student_has_reached_no_level_above_attempted(tmp_path: Path) -> None:
    write_odd_ones(COURSE, tmp_path, hostile=True)
    jobs = [job for job in find_jobs(COURSE, tmp_path, []) if job.student in QUICK]
    assert len(jobs) == len(QUICK)
    terms = GradingContext(ROOT, b"of the tests")
    with closing(grade(jobs, terms, LocalProcesses(terms, 2))) as chunks:
        results = list(itertools.chain.from_iterable(chunks))
    for result in results:
        history = {result.lab: [Attempt(datetime(2026, 3, 1, tzinfo=UTC), result)]}
        reached = mastery_of(COURSE, result.student, history)
        attacked = COURSE.lab(result.lab).stubs[0].name
        levels = {stub.stub: stub.shown.level for stub in reached.stubs if stub.shown.level is not Level.NOT_STARTED}
        assert levels == {attacked: Level.ATTEMPTED}, (result.student, levels)
        assert {each.level for each in reached.concepts} <= {Level.NOT_STARTED, Level.ATTEMPTED}
