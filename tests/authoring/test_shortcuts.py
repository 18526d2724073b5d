"""The attempts in `by_givens.py` are real: they'd solve their stubs if the givens they use were open to them."""

import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.testing.declarations import Shortcut
from tests.course_copy import copy_course
from tests.repository import COURSE
from tests.sampling import sampled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

CLOSED = {
    short.name: (lab.name, short)
    for lab in COURSE.labs
    for short in notebooks.shortcuts(COURSE, lab)
    if lab.points and any(COURSE.is_closed_in_stubs(name, lab) for name in short.function.__code__.co_varnames)
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GradingSession]:
    """The course with all givens open to stubs."""
    root = copy_course(tmp_path_factory.mktemp("opened"))
    settings = (root / "course.yaml").read_text(encoding="utf-8")
    (root / "course.yaml").write_text(re.sub(r", in_stubs: [^}]+", "", settings), encoding="utf-8")
    with closing(GradingSession(GradingContext(root, b"of the shortcuts"))) as room:
        yield room


@pytest.mark.parametrize("name", sampled(CLOSED, "softmax_by_the_gradient_of_a_loss"))
def test_earns_most_of_its_stub_where_its_given_is_open(opened: GradingSession, tmp_path: Path, name: str) -> None:
    lab, short = CLOSED[name]
    result = grade(opened, lab, short, tmp_path)
    assert result >= 0.8 * COURSE.lab(lab).stub(short.of).points


def grade(room: GradingSession, lab: str, short: Shortcut, folder: Path) -> float:
    solved = notebooks.simulation(COURSE, COURSE.lab(lab)).solved(
        {short.of: notebooks.source_as(short.of, short.function)}
    )
    path = notebooks.write(solved, folder / f"{lab}.ipynb")
    (result,) = room.grade([Job("ada", lab, path, 1, "", stub=short.of)])
    return sum(each.points for each in result.checks)
