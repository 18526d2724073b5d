"""End Python that doesn't end by itself, where nothing outside of it could: in a browser tab.

Python says when a function of a notebook begins and when a loop in it goes round (`sys.monitoring`), and that's when
the clock is looked at. Code that isn't a notebook's is asked once and runs at full speed from then on. What sits inside
of numpy or another module in C goes round without a word, so nothing here can end that.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

# Since Python 3.12, which is the least that browsers have.
_MONITORING: Any = vars(sys).get("monitoring")
# Python keeps six places for tools; debuggers, profilers and coverage use the first three.
_TOOL = 4
# What an ordinary cell may take.
SECONDS = 60.0
TOO_LONG = (
    f"This cell ran for more than {SECONDS:.0f} seconds and was stopped. Is there a loop in it that never ends? If it "
    "just needs longer, run it with these two lines on top:\n"
    "from autograder.notebook.deadlines import take_your_time\n"
    "take_your_time()"
)


class OutOfTime(KeyboardInterrupt):
    """Ends a notebook's code as an interrupt would; raised again at each turn of a loop that goes on."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class _Deadlines:
    def __init__(self) -> None:
        self._end = float("inf")

    def start(self, is_own: Callable[[str], bool]) -> None:
        """Watch from here on the code that `is_own` by the name of its file, if it begins after this."""
        self._is_own = is_own
        events = _MONITORING.events
        _MONITORING.use_tool_id(_TOOL, "deadlines")
        _MONITORING.register_callback(_TOOL, events.PY_START, self._begins)
        _MONITORING.register_callback(_TOOL, events.JUMP, self._goes_round)
        _MONITORING.set_events(_TOOL, events.PY_START)

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Callable[[], bool]]:
        """Meanwhile code has so many seconds; gives whether they're over. Time inside of it doesn't count outside."""
        before, began = self._end, time.perf_counter()
        mine = self._end = began + seconds
        try:
            yield lambda: time.perf_counter() > mine
        finally:
            self._end = before + time.perf_counter() - began

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Meanwhile nothing is ended, and no time counts."""
        with self.within(float("inf")):
            yield

    def allow(self, seconds: float) -> None:
        """Give what runs so many seconds from now."""
        self._end = time.perf_counter() + seconds

    def _begins(self, code: CodeType, _offset: int) -> Any:
        if not self._is_own(code.co_filename):
            return _MONITORING.DISABLE
        events = _MONITORING.events
        _MONITORING.set_local_events(_TOOL, code, events.JUMP)
        self._look()
        return None

    def _goes_round(self, _code: CodeType, offset: int, target: int) -> Any:
        if target > offset:
            return _MONITORING.DISABLE
        self._look()
        return None

    def _look(self) -> None:
        if time.perf_counter() > self._end:
            raise OutOfTime(TOO_LONG)


# Of this process.
deadlines = _Deadlines()


def take_your_time() -> None:
    """Let this cell run for as long as it needs. Only in a browser tab does anything end it otherwise."""
    deadlines.allow(float("inf"))
