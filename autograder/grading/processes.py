"""Grading processes of this machine: each a pool of one, so that what ends a process takes no other's chunk with it.

A process that gives no sign of life for `ANSWER_SECONDS` is killed; what it was grading is lost with it, and graded
again elsewhere.
"""

import ctypes
import functools
import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from autograder.grading import heartbeat
from autograder.grading.interrupts import children_deaf_to_ctrl_c, ctrl_c_later
from autograder.grading.jobs import GradingContext, Job
from autograder.model import secrets
from autograder.model.children import end_with, start_safely
from autograder.model.course import load
from autograder.model.errors import CourseError
from autograder.model.results import LabResult
from autograder.sandbox.worker import SandboxFault

if TYPE_CHECKING:
    from autograder.grading.given_process import GivenProcess
    from autograder.grading.session import GradingSession

# Imported in the processes alone, for it takes seconds and a large part of the memory: it holds torch.
GRADING = "autograder.grading.session"
PRELOADED = ["autograder.grading.forkserver_start", GRADING]
# For so long past what it promised (`heartbeat`) a grading process may be silent.
ANSWER_SECONDS = 30.0
# What loads a lab's checks may take, in a process that has promised nothing yet.
LOAD_SECONDS = 60.0

Result = TypeVar("Result")


class LocalProcesses:
    """So many processes side by side."""

    def __init__(self, terms: GradingContext, count: int) -> None:
        self._all = [LocalProcess(terms) for _ in range(count)]

    def present(self) -> Sequence["LocalProcess"]:
        for each in self._all:
            each.end_if_silent()
        return self._all

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for each in self._all:
            each.close()


class LocalProcess:
    """One process, started with its first chunk. Where it has ended, the next chunk starts another."""

    def __init__(self, terms: GradingContext) -> None:
        self._terms = terms
        self._pool: ProcessPoolExecutor | None = None
        self._watch: heartbeat.Watch | None = None

    def submit(self, chunk: Sequence[Job]) -> Future[list[LabResult]]:
        """The results of the chunk; BrokenProcessPool where the process ended before they were there."""
        return self._run(_grade, chunk)

    def isolation(self) -> Future[tuple[str, ...]]:
        """The layers around what is graded here; CourseError where there are none to be had."""
        return self._run(_isolation)

    def end_if_silent(self) -> None:
        """Kill it where it hangs: what it was given is lost then, as if it had ended by itself."""
        if self._pool is None or self._watch is None:
            return
        for pid, process in list((self._pool._processes or {}).items()):
            if self._watch.silence(pid) > ANSWER_SECONDS:
                process.kill()

    def close(self) -> None:
        """End it, whatever it does."""
        if self._pool is not None:
            for process in (self._pool._processes or {}).values():
                process.terminate()
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __del__(self) -> None:
        self.close()

    def _run(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        with ctrl_c_later():
            if self._pool is not None:
                with suppress(BrokenProcessPool):
                    return self._pool.submit(function, *arguments)
            context: Any = _context()
            due = context.RawArray(ctypes.c_double, [math.inf])
            self._watch = heartbeat.Watch(due)
            self._pool = ProcessPoolExecutor(1, context, _begin, (self._terms.root, due))
            # Apart from the rest, so that what answers givens is begun before the secret is there.
            self._pool.submit(_open_session, self._terms)
            return self._pool.submit(function, *arguments)


def prepare() -> None:
    """Begin to load what grading processes need. It takes seconds, and something else can be done meanwhile."""
    with ctrl_c_later():
        _context()


@functools.cache
def _context() -> BaseContext:
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    start_safely()
    if method == "forkserver":
        context.set_forkserver_preload(PRELOADED)
        resource_tracker.ensure_running()  # which would end the deafness
        with children_deaf_to_ctrl_c(), secrets.hidden_from_children():
            forkserver.ensure_running()
    return context


# --- in a grading process

_helper: "GivenProcess | None" = None
_session: "GradingSession | Exception | None" = None


def _begin(root: Path, due: Any) -> None:
    """Once in each, before it hears of the secret."""
    global _helper, _session
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with(os.getppid())
    heartbeat.watched_through(due)
    from autograder.grading.session import open_helper

    try:
        _helper = open_helper(load(root))
    except (CourseError, SandboxFault) as fault:
        _session = fault
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _open_session(terms: GradingContext) -> None:
    """Once in each."""
    global _session
    from autograder.grading.session import GradingSession

    try:
        _session = _session or GradingSession(terms, helper=_helper)
    except Exception as fault:  # the next chunk says so
        _session = fault


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _opened() -> "GradingSession":
    assert _session is not None
    if isinstance(_session, SandboxFault):
        raise CourseError(f"The sandbox does not start: {_session}") from _session
    if isinstance(_session, Exception):
        raise _session
    return _session


def _grade(chunk: Sequence[Job]) -> list[LabResult]:
    session = _opened()
    heartbeat.busy_for(LOAD_SECONDS)
    try:
        return session.grade(chunk)
    finally:
        heartbeat.idle()


def _isolation() -> tuple[str, ...]:
    return _opened().sandbox.isolation
