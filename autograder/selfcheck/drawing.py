"""Draw pictures for a notebook, in the checker. The notebook gets pictures, but never the numbers behind them.

It also reads the student's finished functions from other saved notebooks, so that boxes can use them.
"""

import ast
import contextlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.grading.content import givens
from autograder.model.course import Course
from autograder.model.submission import read
from autograder.notebook.shapes import Picture
from autograder.notebook.toys import TOYS
from autograder.notebook.toys.declarations import Functions
from autograder.report.check import boxes_of
from autograder.selfcheck.workspace import Workspace

Message = dict[str, Any]


def progress_drawn(course: Course, passed: frozenset[str]) -> Message:
    """Return the seven boxes. `passed`: the finished stubs."""
    return _message([boxes_of(course, passed)])


def toy_drawn(course: Course, name: str, settings: Mapping[str, Any]) -> Message:
    """Return a toy's pictures, drawn by the reference functions."""
    given = givens(course, None)

    def function(stub: str) -> Any:
        return lambda *args: given(stub, (args, {}))

    try:
        return _message(TOYS[name].frames(Functions(function), settings))
    except ValueError as error:
        return {"error": str(error)}


def saved_functions(course: Course, stubs: Iterable[str], passed: frozenset[str]) -> dict[str, str]:
    """Return, for each of the stubs that's finished, the code in its saved notebook that defines it.

    passed: the finished stubs.
    """
    workspace = Workspace.silent(course)
    found = {}
    for stub in stubs:
        lab = course.lab_of(stub)
        if lab is None or stub not in passed:
            continue
        if path := next((group[0] for group in workspace.notebooks(lab)), None):
            found[stub] = _definitions(course, path)
    return found


def _definitions(course: Course, path: Path) -> str:
    """Return a notebook's functions and the imports they may need, without code that draws, prints or trains."""
    allowed = {*sys.stdlib_module_names, *course.packages.allowed, "autograder"}
    kept: list[ast.stmt] = []
    for cell in read(path).cells:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for each in ast.parse(cell.source).body:
                modules = [alias.name for alias in each.names] if isinstance(each, ast.Import) else []
                modules += [each.module or ""] if isinstance(each, ast.ImportFrom) else []
                if all(module.split(".")[0] in allowed for module in modules) and (
                    modules or isinstance(each, ast.FunctionDef | ast.ClassDef)
                ):
                    kept.append(each)
    return ast.unparse(ast.Module(kept, []))


def _message(pictures: Iterable[Picture]) -> Message:
    return {"pictures": [[each.svg, each.sentence] for each in pictures]}
