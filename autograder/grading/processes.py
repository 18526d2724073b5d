"""Grading processes on this machine, each with its own pipe, so that if one ends, only its own chunk is lost.

If a process shows no sign of life for `ANSWER_SECONDS`, we kill it, and another process grades its chunk again. Only
the process itself holds its end of the pipe, so if the process is killed, the pipe closes, even in the middle of an
answer. (A `ProcessPoolExecutor` holds both ends, and would wait for the rest of the answer.)

If there are as many processes as cores, each one stays on a core of its own, along with the workers and the helper that
it starts. They take turns, thousands of times per submission, and it takes much longer to wake a process on another
core, if that core is idle, than to switch to it on the same core.
"""

import ctypes
import math
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from autograder.grading import fork_server, heartbeat
from autograder.grading.interrupts import ctrl_c_later
from autograder.grading.jobs import Arrived, GradingContext, Job
from autograder.model.children import end_with
from autograder.model.course import load
from autograder.model.errors import CourseError, UserError
from autograder.model.results import LabResult
from autograder.sandbox.errors import SandboxFault

if TYPE_CHECKING:
    from autograder.grading.given_process import GivenProcess
    from autograder.grading.session import GradingSession

# How long a grading process can be past its deadline before we kill it (`heartbeat`).
ANSWER_SECONDS = 30.0
# How long a grading process may take to load a lab's checks.
LOAD_SECONDS = 60.0


class LocalProcesses:
    """A fixed number of grading processes on this machine."""

    def __init__(self, terms: GradingContext, count: int) -> None:
        self._all = [LocalProcess(terms, core) for core in _cores(count)]

    def present(self) -> Sequence["LocalProcess"]:
        for each in self._all:
            each.end_if_silent()
        return self._all

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for each in self._all:
            each.close()


def _cores(count: int) -> Sequence[int | None]:
    """Return the core that each of `count` processes stays on, or None for each if it may run on any core."""
    if sys.platform == "linux" and len(cores := sorted(os.sched_getaffinity(0))) == count:
        return cores
    return [None] * count


class LocalProcess:
    """One grading process, started by its first request. If it has ended, the next request starts a new one.

    core: the core it stays on.
    """

    def __init__(self, terms: GradingContext, core: int | None = None) -> None:
        self._terms = terms
        self._core = core
        self._process: BaseProcess | None = None

    def submit(self, chunk: Sequence[Job], patience_seconds: float, arrived: Arrived) -> Future[None]:
        """Grade a chunk, as in `pool.GradingProcess`."""
        jobs = iter(chunk)
        return self._ask(_grade, chunk, patience_seconds, arrived=lambda result: arrived(next(jobs), result))

    def isolation(self) -> Future[tuple[str, ...]]:
        """Return the layers of the process's sandbox, as a future. A CourseError means the sandbox doesn't start."""
        return self._ask(_isolation)

    @property
    def pid(self) -> int | None:
        """The process id; None before the first request and after the process has ended."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def end_if_silent(self) -> None:
        """Kill the process if it hangs. That loses its chunk, just as if the process had ended by itself."""
        if self._process is not None and (pid := self.pid) and self._watch.silence(pid) > ANSWER_SECONDS:
            self._process.kill()

    def close(self) -> None:
        """Kill the process, whatever it's doing."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def __del__(self) -> None:
        self.close()

    def _ask(
        self, function: Callable[..., Any], *arguments: Any, arrived: Callable[[Any], None] = lambda _: None
    ) -> Future[Any]:
        """Run the function in the process, and return its result as a future. Make one request at a time.

        arrived: called in another thread with everything that the function yields, if it's a generator.
        """
        if self.pid is None:
            with ctrl_c_later():
                self._start()
        answer: Future[Any] = Future()
        asked = (answer, arrived, self._process, self._line, function, arguments)
        threading.Thread(target=_wait_for, args=asked, daemon=True).start()
        return answer

    def _start(self) -> None:
        context: Any = fork_server.context()
        due = context.RawArray(ctypes.c_double, [math.inf])
        self._watch = heartbeat.Watch(due)
        self._line, theirs = context.Pipe()
        with theirs:
            self._process = context.Process(target=_serve, args=(theirs, self._terms.root, due, self._core))
            self._process.start()
        # Send this separately, not as an argument, because the helper for givens has to be forked before the process
        # has the secret.
        with suppress(OSError):  # if the process has ended, the request will report that
            self._line.send(self._terms)


def _wait_for(
    answer: Future[Any],
    arrived: Callable[[Any], None],
    process: BaseProcess,
    line: Connection,
    function: Callable[..., Any],
    arguments: Sequence[Any],
) -> None:
    try:
        line.send((function, arguments))
        is_last, error, result = line.recv()
        while not is_last:
            arrived(result)
            is_last, error, result = line.recv()
    except (EOFError, OSError):
        # The pipe closes before the fork server reports that the process has ended. Until then, the process would look
        # alive, and we'd send it the next chunk.
        process.kill()
        process.join()
        error, result = BrokenProcessPool("the grading process has ended"), None
    except Exception as fault:  # if something can't be pickled or unpickled, don't let the caller wait forever
        error, result = fault, None
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)


# --- in a grading process


def _serve(line: Connection, root: Path, due: Any, core: int | None) -> None:
    """Answer requests from the pipe until it closes."""
    if sys.platform == "linux" and core is not None:
        os.sched_setaffinity(0, {core})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with(os.getppid())
    heartbeat.watched_through(due)
    helper = _helper(root)  # start it before this process receives the secret
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError):
        session = _session(line.recv(), helper)
        while True:
            function, arguments = line.recv()
            for message in _answers(session, function, arguments):
                line.send(message)


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
    except Exception as fault:  # every request will report this error
        return fault


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _answers(
    session: "GradingSession | Exception", function: Callable[..., Any], arguments: Sequence[Any]
) -> Iterator[tuple[bool, Exception | None, Any]]:
    """Return the messages that answer a request, each with whether it's the last one, an error and a value.

    Each value that the function yields is a message of its own.
    """
    try:
        if isinstance(session, SandboxFault):
            raise CourseError(f"The sandbox doesn't start: {session}") from session
        if isinstance(session, Exception):
            raise session
        result = function(session, *arguments)
        if isinstance(result, Iterator):
            for each in result:
                yield False, None, each
            result = None
        yield True, None, result
    except Exception as error:
        if not isinstance(error, UserError):
            error.add_note("".join(traceback.format_exception(error)))  # pickling drops the traceback
        yield True, error, None


def _grade(session: "GradingSession", chunk: Sequence[Job], patience_seconds: float) -> Iterator[LabResult | None]:
    heartbeat.busy_for(LOAD_SECONDS)
    try:
        for job in chunk:
            yield session.graded(job, patience_seconds)
    finally:
        heartbeat.idle()


def _isolation(session: "GradingSession") -> tuple[str, ...]:
    return session.sandbox.isolation
