"""What the checker draws for a notebook: pictures, and never the numbers that are behind them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.grading.content import givens
from autograder.model.course import Course
from autograder.notebook.shapes import Picture
from autograder.notebook.toys import TOYS
from autograder.report.check import boxes_of
from autograder.selfcheck.workspace import Workspace

Message = dict[str, Any]


def progress_drawn(course: Course, passed: Iterable[str]) -> Message:
    """The seven boxes; `passed` are the stubs that passed in this session."""
    return _message([boxes_of(course, finished(course, passed))])


def toy_drawn(course: Course, name: str, settings: Mapping[str, Any]) -> Message:
    """A toy's pictures, drawn by the references."""
    given = givens(course, None)

    def function(stub: str) -> Any:
        return lambda *args: given(stub, (args, {}))

    try:
        return _message(TOYS[name].frames(function, settings))
    except ValueError as error:
        return {"error": str(error)}


def finished(course: Course, passed: Iterable[str]) -> frozenset[str]:
    """The stubs that passed in this session, and those that the folder's state file knows of."""
    return Workspace.at(course, Path.cwd(), lambda _: None).finished() | frozenset(passed)


def _message(pictures: Iterable[Picture]) -> Message:
    return {"pictures": [[each.svg, each.sentence] for each in pictures]}
