"""`check("softmax")` and `solved(softmax, logits)` in a notebook: the kernel's side, without torch or pytest.

The checker loads those. The checker is a separate process or, in a browser tab, part of this one. When it asks us to
call a student's function, the function runs here, in the thread that called `check`, so that an infinite loop can be
interrupted.
"""

import contextlib
import html
import io
import os
import sys
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.guest.cells import describe
from autograder.model.escaping import terminal
from autograder.model.host import IN_BROWSER
from autograder.selfcheck.calling import CheckerEnded
from autograder.selfcheck.notebook_state import cell_label
from autograder.selfcheck.process import CheckerProcess
from autograder.selfcheck.session import ipython_shell, unattended

if TYPE_CHECKING:
    from autograder.selfcheck.in_tab import CheckerInTab

WIDTH = 80


def check(stub: str = "", *, fresh: bool = False) -> "Report | None":
    """Run one stub's visible checks on the function with that name in this notebook, and show what they found.

    fresh: use new random numbers each time, so that a memorized answer fails.

    Under `nbgrader validate`, raises NotPassed if a check doesn't pass, and shows nothing else. Under plain
    `nbgrader autograde`, the hidden checks also run if they're available, and the report's repr is the points.
    """
    name = stub if isinstance(stub, str) else getattr(stub, "__name__", "")
    shell = ipython_shell()
    namespace = sys._getframe(1).f_globals if shell is None else shell.user_ns
    if os.environ.get("NBGRADER_EXECUTION") == "autograde" and unattended():
        return _grade(name, namespace)
    if "NBGRADER_VALIDATING" not in os.environ or not unattended():
        return _check(name, namespace, fresh)
    # nbgrader fails a cell that writes to stderr.
    with contextlib.redirect_stderr(io.StringIO()):
        report = _check(name, namespace)
    if not report.passed:
        raise NotPassed(report.text)
    return None


def _check(name: str, namespace: dict[str, Any], fresh: bool = False) -> "Report":
    try:
        result = checker.check(name, namespace, fresh=fresh)
    except KeyboardInterrupt:
        return _message("You interrupted this check before it finished.")
    except CheckerEnded as end:
        return _message(str(end))
    return Report(result["text"], result["html"], result["passed"])


def _grade(name: str, namespace: dict[str, Any]) -> "Report":
    """Return the report from which nbgrader reads the points, and print nothing else, since nbgrader expects only a
    number."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = checker.check(name, namespace, grading=True)
        except (KeyboardInterrupt, CheckerEnded) as end:
            raise NotPassed(str(end) or "The check was interrupted.") from None
    if result["points"] is None:
        raise NotPassed(result["text"])
    return Report(repr(result["points"]), result["html"], result["passed"])


class NotPassed(Exception):
    """Tells nbgrader that a check didn't pass, and what the check found.

    It's shown without a traceback, since that wouldn't contain any of the student's own lines.
    """

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


@dataclass(frozen=True)
class Report:
    """What `check` found: HTML in a notebook, and 80-column text elsewhere."""

    text: str
    html: str
    passed: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def _message(text: str) -> Report:
    return Report(terminal("\n".join(textwrap.wrap(text, WIDTH))), f"<p>{html.escape(text)}</p>")


def solved(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call your own function and return its value. If the function isn't solved yet or raises, say so and return
    None."""
    name = getattr(function, "__name__", "The function")
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        _say_unsolved(name)
    except Exception as error:
        raised = describe(error, cell_label)
        place = "".join(f", {label}, line {line}" for label, line, _ in raised["frames"][-1:])
        text = textwrap.shorten(f"{raised['type']}: {raised['message']}", 200, placeholder=" …")
        print(terminal(f"{name} raised {text.removesuffix(': ')}{place}"))
    return None


def _say_unsolved(name: str) -> None:
    """Say that a function isn't solved yet, once per cell, since a cell may call it many times."""
    shell = ipython_shell()
    cell = None if shell is None else shell.execution_count
    if cell is None or (cell, name) not in _said_unsolved:
        print(f"{name} isn't solved yet.")
    _said_unsolved.add((cell, name))


def _checker() -> "CheckerProcess | CheckerInTab":
    """Start a checker process in the background. A browser tab can't start one, so its checker runs in this process."""
    if IN_BROWSER:
        from autograder.selfcheck.in_tab import CheckerInTab

        return CheckerInTab()
    started = CheckerProcess()
    started.start()
    return started


# Pairs of a cell's number and a function's name.
_said_unsolved: set[tuple[int | None, str]] = set()
checker = _checker()
