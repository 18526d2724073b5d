"""Run a stub's visible checks on a function in this process, as if it were a student's."""

from collections.abc import Callable
from typing import Any

from autograder.authoring.simulation.notebooks import module_at
from autograder.grading.execution import SOMEBODY, CheckRun, check_of, name_of, run_locally
from tests.repository import COURSE


def visible_runs(stub: str, answer: Callable[..., Any], seed: int = 0) -> list[CheckRun]:
    lab = COURSE.lab_of(stub)
    assert lab is not None
    found = []
    for test in vars(module_at(COURSE.visible_checks(lab.name))).values():
        if hasattr(test, "__check__") and check_of(test).stub == stub:
            verdict, calls = run_locally(COURSE, test, seed, {stub: answer})
            name, check = name_of(test), check_of(test)
            found.append(CheckRun(name, check, "", test, seed, SOMEBODY, verdict, calls, None, 0.0, None, False))
    return found
