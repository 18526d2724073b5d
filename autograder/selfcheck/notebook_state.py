"""What a kernel knows about its notebook: the cells that ran, the functions they defined, and the cells that failed."""

import linecache
import os
import re
import time
import types
from collections.abc import Mapping
from typing import Any

from autograder.guest.cells import describe
from autograder.guest.messages import ErrorReport
from autograder.selfcheck.packages_used import packages_used
from autograder.selfcheck.session import ipython_shell

Message = dict[str, Any]
# How many of the cells that failed are sent to the checker, and how much of each one's source.
MAX_FAILURES, MAX_SOURCE = 20, 10_000
# Matches even if the parenthesis after the name is missing.
_DEFINED = re.compile(r"^(?:async\s+)?def\s+(\w+)", re.MULTILINE)


def cell_label(file_name: str) -> str | None:
    """Return the label of a notebook's cell, such as "cell In[3]". This is a `cells.Label`."""
    shell = ipython_shell()
    found = None if shell is None else shell.compile.format_code_name(file_name)
    return None if found is None else f"cell {found[1]}"


class _Clock:
    """Records each cell's start time under its cell number, which isn't known until the cell has finished."""

    def __init__(self) -> None:
        self.began: dict[int, float] = {}
        # The cell that imports this has already started.
        self._now = time.time()

    def begin(self, _info: Any) -> None:
        self._now = time.time()

    def end(self, result: Any) -> None:
        if result.execution_count is not None:
            self.began[result.execution_count] = self._now


def _note_failure(result: Any) -> None:
    """Record cells that failed, and functions that are missing or outdated because of that.

    A cell's earlier failure no longer counts once it has run again.
    """
    error = result.error_before_exec or result.error_in_exec
    cell_id = getattr(result.info, "cell_id", None)
    if cell_id is not None:
        _failures.pop(cell_id, None)
    if error is not None and result.execution_count is not None:
        _failures[cell_id or result.execution_count] = {
            "number": result.execution_count,
            "source": result.info.raw_cell[:MAX_SOURCE],
            "error": describe(error, cell_label),
        }
    for name in _DEFINED.findall(result.info.raw_cell):
        _failed.pop(name, None)
        if error is not None and _place(ipython_shell().user_ns.get(name)) != f"cell In[{result.execution_count}]":
            _failed[name] = describe(error, cell_label)


def _place(function: Any) -> str | None:
    """Return the cell that a function was defined in."""
    return cell_label(function.__code__.co_filename) if isinstance(function, types.FunctionType) else None


def sources() -> list[str]:
    """Return the cells that ran, in order, as Python."""
    shell = ipython_shell()
    return [] if shell is None else list(shell.history_manager.input_hist_parsed)


def _text(value: Any) -> str | None:
    return value if type(value) is str and value else None


def _written(name: str) -> str | None:
    """Return the source of the cell that last assigned to a name or defined a function with that name."""
    word = re.escape(name)
    sets = re.compile(rf"^(?:{word}\s*(?::[^=\n]+)?=[^=]|(?:async\s+)?def\s+{word}\b)", re.MULTILINE)
    return next((source for source in reversed(sources()) if sets.search(source)), None)


def _ran(namespace: Mapping[str, Any], stub: str) -> Message | None:
    """Return the source of the cell that defined the stub, as it ran, and when it ran; None if the cell isn't known.

    The result also has the notebook's path according to the server or VS Code, if known, and the current folder.
    """
    function = namespace.get(stub)
    number = re.fullmatch(r"cell In\[(\d+)\]", _place(function) or "")
    if function is None or number is None or int(number[1]) not in clock.began:
        return None
    notebook = os.environ.get("JPY_SESSION_NAME") or namespace.get("__vsc_ipynb_file__")
    return {
        "source": "".join(linecache.getlines(function.__code__.co_filename)),
        "at": clock.began[int(number[1])],
        "notebook": notebook if isinstance(notebook, str) else None,
        "folder": os.getcwd(),
    }


def functions(namespace: Mapping[str, Any]) -> list[str]:
    """Return the names of the functions that the notebook itself defines."""
    return [
        name
        for name, value in namespace.items()
        if isinstance(value, types.FunctionType) and value.__module__ == "__main__"
    ]


def request_for(
    stub: str, namespace: Mapping[str, Any], passed: Mapping[str, bool], grading: bool, fresh: bool
) -> Message:
    """Return a request to check the stub, as in `server`.

    passed: whether each stub's last check passed. grading: run the hidden checks too. fresh: use new random numbers.
    """
    return {
        "op": "check",
        "stub": stub,
        "packages": sorted(set(packages_used(namespace, stub))),
        "functions": functions(namespace),
        "passed": [name for name, has_passed in passed.items() if has_passed],
        "ran": _ran(namespace, stub),
        "failed": _failed.get(stub),
        # Newest first.
        "failures": list(reversed(_failures.values()))[:MAX_FAILURES],
        "student": _text(namespace.get("STUDENT")),
        "written": _written(stub),
        "grading": grading,
        "fresh": fresh,
    }


_failed: dict[str, ErrorReport] = {}
# By the cell's id or, if the frontend doesn't send one, its number.
_failures: dict[str | int, Message] = {}
clock = _Clock()
if (_here := ipython_shell()) is not None:
    _here.events.register("pre_run_cell", clock.begin)
    _here.events.register("post_run_cell", clock.end)
    _here.events.register("post_run_cell", _note_failure)
