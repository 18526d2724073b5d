"""Run a lab's visible checks without pytest, which isn't available in a browser tab.

Importing the file with the checks collects them.
"""

import importlib
from collections.abc import Sequence
from contextlib import closing

from autograder.grading.execution import Test
from autograder.grading.grader import Grader, SubmissionUnderTest
from autograder.model.errors import CourseError


def run_visible_checks(grader: Grader, entry: SubmissionUnderTest, visible_only: bool) -> None:
    """Run the visible checks of an entry's lab, as `pytest_collection.run_checks` does. Raises CourseError."""
    if not visible_only:
        raise CourseError("Only visible checks can run here.")
    lab = entry.lab.name
    try:
        tests = _collected(grader, lab)
        with closing(entry.connect()) as connection:
            grader.run_checks(tests, entry, connection)
    except Exception as error:
        raise CourseError(f"The checks for {lab} can't be run ({type(error).__name__}: {error}).") from error


def _collected(grader: Grader, lab: str) -> Sequence[Test]:
    """Return the lab's visible checks in file order, which is pytest's order too."""
    place = (grader.course.visible_checks(lab),)
    if place not in grader.tests:
        module = importlib.import_module(f"reference.{lab}.test_visible")
        found = [
            each for each in vars(module).values() if hasattr(each, "__check__") and each.__module__ == module.__name__
        ]
        for test in found:
            grader.knows(test)
        grader.tests[place] = found
    return grader.tests[place]
