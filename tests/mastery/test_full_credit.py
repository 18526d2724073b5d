"""A student with full credit everywhere has mastered every concept, graded for real."""

import itertools
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.mastery.course_levels import mastery_of
from autograder.mastery.levels import Attempt, Level, StudentMastery
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")

LABS = ["softmax", "terms"]


def solved(labs: list[str], folder: Path) -> StudentMastery:
    """What a student has reached after handing in the solutions of these labs once."""
    paths = {
        lab: notebooks.write(
            notebooks.simulation(COURSE, COURSE.lab(lab)).solved(student="ada"), folder / lab / f"{lab}.ipynb"
        )
        for lab in labs
    }
    terms = GradingContext(ROOT, b"of the tests")
    jobs = [Job("ada", lab, path, 1, "") for lab, path in paths.items()]
    with closing(grade(jobs, terms, LocalProcesses(terms, 1))) as chunks:
        results = list(itertools.chain.from_iterable(chunks))
    assert all(result.score == result.max_score for result in results)
    when = datetime(2026, 3, 1, tzinfo=UTC)
    return mastery_of(COURSE, "ada", {result.lab: [Attempt(when, result)] for result in results})


def test_right_code_and_right_items_are_mastered_the_first_time(tmp_path: Path) -> None:
    found = solved(LABS, tmp_path)
    levels = {each.concept: each.level for each in found.concepts}
    assert (levels["softmax"], levels["temperature"]) == (Level.MASTERED, Level.MASTERED)
    assert {each.shown.level for each in found.stubs if each.lab == "terms"} == {Level.MASTERED}


@pytest.mark.slow
def test_full_credit_everywhere_is_mastered_in_every_concept(tmp_path: Path) -> None:
    found = solved([lab.name for lab in COURSE.labs if lab.points], tmp_path)
    assert [(each.concept, each.level, each.current) for each in found.concepts] == [
        (concept.name, Level.MASTERED, Level.MASTERED) for concept in COURSE.concepts
    ]
