"""The checker in a browser tab, where there's one process and one thread, so it runs in the notebook's process.

Calls still go through the wire encoding, so a check sees what it would see elsewhere. Two separate processes wouldn't
share numpy's settings or the references' torch. Here, each side's torch and settings are hidden while the other side
runs.
"""

import contextlib
import functools
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.guest import values
from autograder.guest.calls import CallServer
from autograder.model import plain_records
from autograder.notebook.deadlines import SECONDS, deadlines
from autograder.selfcheck.calling import CheckerEnded, answer
from autograder.selfcheck.notebook_state import Message, cell_label, request_for
from autograder.selfcheck.session import ipython_shell

if TYPE_CHECKING:
    from autograder.model.results import Evidence
    from autograder.selfcheck.server import CheckServer, Served

# The tab's files, which the browser stores. The panel next to the notebooks reads and writes them too.
DRIVE = Path("/drive")
# Not .json: in that storage, a .json file has to be valid JSON at every moment, even while it's being written.
PASSED, STUDENT = DRIVE / ".mastery-passed.txt", DRIVE / ".mastery-name.txt"


class CheckerInTab:
    """Answers requests in the same process. It loads what it needs on first use."""

    is_checking = False

    def __init__(self) -> None:
        self._server: CheckServer | None = None
        self._namespace: dict[str, Any] = {}
        self._calls: CallServer | None = None
        self._served: Served | None = None
        self._passed: dict[str, bool] = {}
        self._settings: Any = {}
        _log_in()
        deadlines.start(lambda name: cell_label(name) is not None)
        deadlines.allow(SECONDS)
        if (shell := ipython_shell()) is not None:
            shell.events.register("pre_run_cell", lambda _info: deadlines.allow(SECONDS))
            # Calls that a slider makes later aren't part of a cell, so nothing would extend their deadline.
            shell.events.register("post_run_cell", lambda _result: deadlines.allow(inf))

    def check(self, stub: str, namespace: dict[str, Any], grading: bool = False, fresh: bool = False) -> Message:
        """Return what the checks found for a stub in the namespace. Raises CheckerEnded."""
        if self.is_checking:
            raise CheckerEnded("Another check is still running. Wait until it's finished.")
        self.is_checking = True
        try:
            self._namespace, self._calls = namespace, CallServer(self._use, cell_label)
            found = self.ask(request_for(stub, namespace, self._passed, grading, fresh))
        finally:
            self.is_checking = False
        self._passed[stub] = found["passed"]
        return found

    def has_passed(self, stub: str) -> bool:
        """Return whether the stub's last check in this session passed."""
        return self._passed.get(stub, False)

    def ask(self, message: Mapping[str, Any]) -> Message:
        """Return the answer to any `CheckServer` request. Raises WireError if a value is too large."""
        sent = values.unpack(values.pack(dict(message))[values.HEADER.size :])
        with deadlines.stopped(), self._as_the_checker():
            return self._loaded().answer(sent)

    def call(self, message: Message, served: "Served", limit: float) -> tuple[Message, float]:
        """Make a call, as in `server.KernelLine`."""
        from autograder.model.results import Outcome
        from autograder.testing.student import StubFailure

        assert self._calls is not None
        self._served = served
        with self._as_the_notebook(), deadlines.within(limit) as is_over:
            frame = answer(self._calls, self._namespace, message)
        if is_over():
            raise StubFailure(Outcome.TIMEOUT, f"It didn't finish in {limit:.2g} seconds.")
        return values.unpack(frame[values.HEADER.size :]), 0.0

    def _use(self, message: Mapping[str, Any]) -> Message:
        """Return the checker's reply to a request that uses a handle or a given."""
        assert self._served is not None
        with deadlines.stopped(), self._as_the_checker():
            return self._served(dict(message))

    def _loaded(self) -> "CheckServer":
        if self._server is None:
            from autograder.grading.grader import Grader
            from autograder.grading.plain_collection import run_visible_checks
            from autograder.model.course import load
            from autograder.model.trust import installed_roots
            from autograder.selfcheck.server import CheckServer

            installed, _ = installed_roots()
            grader = functools.cache(lambda: Grader(load(installed), self_check=True))
            self._server = CheckServer(self, run_visible_checks, grader, lambda _course: BrowserRecords())
        return self._server

    @contextlib.contextmanager
    def _as_the_checker(self) -> Iterator[None]:
        """Return a context in which the checker can import its dependencies, and in which its computations don't cause
        warnings."""
        self._settings = np.geterr()
        sys.modules.update(plain_records.MODULES)
        from autograder.testing import tensors

        sys.modules.update(tensors.MODULES)
        try:
            with np.errstate(all="ignore"):
                yield
        finally:
            self._put_away()

    @contextlib.contextmanager
    def _as_the_notebook(self) -> Iterator[None]:
        settings, away = self._settings, self._put_away()
        try:
            with np.errstate(**settings):
                yield
        finally:
            self._settings = settings
            sys.modules.update(away)

    def _put_away(self) -> dict[str, Any]:
        from autograder.testing import tensors

        return {name: sys.modules.pop(name) for name in (*plain_records.MODULES, *tensors.MODULES)}


class BrowserRecords:
    """The stubs that passed when they were last checked in this browser, in any notebook. The panel shows them.

    Each access to a file in the browser's storage takes milliseconds, so this reads the file once.
    """

    def __init__(self) -> None:
        self._passed: frozenset[str] = frozenset()
        with contextlib.suppress(OSError, ValueError):
            self._passed = frozenset(json.loads(PASSED.read_text("utf-8")))

    def finished(self) -> frozenset[str]:
        return self._passed

    def keep_live(self, stub: str, passed: bool) -> None:
        """If the browser can't store files, nothing is remembered."""
        if passed != (stub in self._passed):
            self._passed ^= {stub}
            with contextlib.suppress(OSError):
                PASSED.write_text(json.dumps(dict.fromkeys(sorted(self._passed), True)), "utf-8")

    def keep_fresh(self, evidence: "Sequence[Evidence]") -> None:
        """Store nothing, because only `mastery status` shows these."""


def _log_in() -> None:
    """Use the name typed into the panel as the login name, which determines an assessment's questions."""
    with contextlib.suppress(OSError, ValueError):
        if name := STUDENT.read_text("utf-8").strip():
            os.environ["JUPYTERHUB_USER"] = name
