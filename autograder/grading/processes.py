"""Grading processes of this machine, each with a line of its own: what ends one takes no other's chunk with it.

A process that gives no sign of life for `ANSWER_SECONDS` is killed; what it was grading is lost with it, and graded
again elsewhere. Only the process itself holds its end of the line, so wherever it's killed, also in the middle of
an answer, the line ends too. (A `ProcessPoolExecutor` holds both ends, and would wait for the rest of the answer.)
"""

import ctypes
import math
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from autograder.grading import fork_server, heartbeat
from autograder.grading.interrupts import ctrl_c_later
from autograder.grading.jobs import GradingContext, Job
from autograder.model.children import end_with
from autograder.model.course import load
from autograder.model.errors import CourseError, UserError
from autograder.model.results import LabResult
from autograder.sandbox.worker import SandboxFault

if TYPE_CHECKING:
    from autograder.grading.given_process import GivenProcess
    from autograder.grading.session import GradingSession

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
        self._process: BaseProcess | None = None

    def submit(self, chunk: Sequence[Job]) -> Future[list[LabResult]]:
        """The results of the chunk; BrokenProcessPool where the process ended before they were there."""
        return self._ask(_grade, chunk)

    def isolation(self) -> Future[tuple[str, ...]]:
        """The layers around what is graded here; CourseError where there are none to be had."""
        return self._ask(_isolation)

    @property
    def pid(self) -> int | None:
        """The process's number; None before the first question, and once the process has ended."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def end_if_silent(self) -> None:
        """Kill it where it hangs: what it was given is lost then, as if it had ended by itself."""
        if self._process is not None and (pid := self.pid) and self._watch.silence(pid) > ANSWER_SECONDS:
            self._process.kill()

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def __del__(self) -> None:
        self.close()

    def _ask(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """What the function gives there. One thing is asked at a time."""
        if self.pid is None:
            with ctrl_c_later():
                self._start()
        answer: Future[Result] = Future()
        asked = (answer, self._process, self._line, function, arguments)
        threading.Thread(target=_wait_for, args=asked, daemon=True).start()
        return answer

    def _start(self) -> None:
        context: Any = fork_server.context()
        due = context.RawArray(ctypes.c_double, [math.inf])
        self._watch = heartbeat.Watch(due)
        self._line, theirs = context.Pipe()
        with theirs:
            self._process = context.Process(target=_serve, args=(theirs, self._terms.root, due))
            self._process.start()
        # Not with the process: what answers givens is begun before the secret is there.
        with suppress(OSError):  # where it has ended, who asks hears of it
            self._line.send(self._terms)


def _wait_for(
    answer: Future[Any],
    process: BaseProcess,
    line: Connection,
    function: Callable[..., Any],
    arguments: Sequence[Any],
) -> None:
    try:
        line.send((function, arguments))
        error, result = line.recv()
    except (EOFError, OSError):
        # Its line ends first, and until the fork server has told of its end too, it would be sent the next chunk.
        process.kill()
        process.join()
        error, result = BrokenProcessPool("the grading process has ended"), None
    except Exception as fault:  # what can't be written or read is no reason to wait for ever
        error, result = fault, None
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)


# --- in a grading process


def _serve(line: Connection, root: Path, due: Any) -> None:
    """Do what the line asks for, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with(os.getppid())
    heartbeat.watched_through(due)
    helper = _helper(root)  # before this process hears of the secret
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError):
        session = _session(line.recv(), helper)
        while True:
            function, arguments = line.recv()
            line.send(_answer(session, function, arguments))


def _helper(root: Path) -> "GivenProcess | Exception | None":
    from autograder.grading.session import open_helper

    try:
        return open_helper(load(root))
    except (CourseError, SandboxFault) as fault:
        return fault


def _session(terms: GradingContext, helper: "GivenProcess | Exception | None") -> "GradingSession | Exception":
    from autograder.grading.session import GradingSession

    if isinstance(helper, Exception):
        return helper
    try:
        return GradingSession(terms, helper=helper)
    except Exception as fault:  # who asks hears of it
        return fault


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _answer(
    session: "GradingSession | Exception", function: Callable[..., Any], arguments: Sequence[Any]
) -> tuple[Exception | None, Any]:
    try:
        if isinstance(session, SandboxFault):
            raise CourseError(f"The sandbox does not start: {session}") from session
        if isinstance(session, Exception):
            raise session
        return None, function(session, *arguments)
    except Exception as error:
        if not isinstance(error, UserError):
            error.add_note("".join(traceback.format_exception(error)))  # a traceback isn't sent
        return error, None


def _grade(session: "GradingSession", chunk: Sequence[Job]) -> list[LabResult]:
    heartbeat.busy_for(LOAD_SECONDS)
    try:
        return session.grade(chunk)
    finally:
        heartbeat.idle()


def _isolation(session: "GradingSession") -> tuple[str, ...]:
    return session.sandbox.isolation
