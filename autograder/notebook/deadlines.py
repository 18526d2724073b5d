"""In a browser tab, stop Python code that doesn't end on its own. Nothing else in a tab could stop such code.

Python tells us when a function starts and when a loop repeats (`sys.monitoring`), and that's when we check the clock.
For code that isn't from the notebook, Python tells us only once, and after that the code runs at full speed. Python
doesn't report loops inside numpy or another C module, so we can't stop those.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

# This needs Python 3.12. Python in a browser always has at least that version.
_MONITORING: Any = vars(sys).get("monitoring")
# `sys.monitoring` has six tool ids. Debuggers, profilers and coverage use the first three.
_TOOL = 4
# How long an ordinary cell may run.
SECONDS = 60.0
TOO_LONG = (
    f"This cell ran for more than {SECONDS:.0f} seconds and was stopped. Is there a loop in it that never ends? If it "
    "just needs longer, run it with these two lines at the top:\n"
    "from autograder.notebook.deadlines import take_your_time\n"
    "take_your_time()"
)


class OutOfTime(KeyboardInterrupt):
    """Stops a notebook's code the way an interrupt would. If a loop catches this exception, we raise it again in the
    next iteration."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class _Deadlines:
    def __init__(self) -> None:
        self._end = float("inf")

    def start(self, is_own: Callable[[str], bool]) -> None:
        """Watch all code that starts after this call and comes from a file whose name `is_own` accepts."""
        self._is_own = is_own
        events = _MONITORING.events
        _MONITORING.use_tool_id(_TOOL, "deadlines")
        _MONITORING.register_callback(_TOOL, events.PY_START, self._on_start)
        _MONITORING.register_callback(_TOOL, events.JUMP, self._on_jump)
        _MONITORING.set_events(_TOOL, events.PY_START)

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Callable[[], bool]]:
        """Return a context that limits code to this many seconds. It yields a function that says whether time is up.

        Time spent in the context doesn't count toward the limit outside it.
        """
        before, began = self._end, time.perf_counter()
        self._end = began + seconds
        is_over = False
        try:
            yield lambda: is_over
        finally:
            # If any time was spent in `stopped` in the meantime, `_end` has moved.
            is_over = time.perf_counter() > self._end
            self._end = before + time.perf_counter() - began

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Return a context in which we don't stop anything and don't count elapsed time."""
        with self.within(float("inf")):
            yield

    def allow(self, seconds: float) -> None:
        """Let the running code continue for this many seconds from now."""
        self._end = time.perf_counter() + seconds

    def _on_start(self, code: CodeType, _offset: int) -> Any:
        if not self._is_own(code.co_filename):
            return _MONITORING.DISABLE
        events = _MONITORING.events
        _MONITORING.set_local_events(_TOOL, code, events.JUMP)
        self._check_clock()
        return None

    def _on_jump(self, _code: CodeType, offset: int, target: int) -> Any:
        if target > offset:
            return _MONITORING.DISABLE
        self._check_clock()
        return None

    def _check_clock(self) -> None:
        if time.perf_counter() > self._end:
            raise OutOfTime(TOO_LONG)


# The one instance that the whole process shares.
deadlines = _Deadlines()


def take_your_time() -> None:
    """Let this cell run for as long as it needs. Cells are only ever stopped in a browser tab."""
    deadlines.allow(float("inf"))
