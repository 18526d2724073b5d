"""What a check sees: `student.softmax(x)` is a call over the wire, whoever serves it.

A `Connection` carries calls: `NotebookConnection` to a worker that runs a submission's cells, `LocalConnection` to
functions of this process (misconceptions). Every way a call can fail to give a value is a `StubFailure`.
"""

import difflib
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from autograder import slips, wire
from autograder.course import Course
from autograder.outcome import Outcome, Slip
from autograder.sandbox.process import (
    PlainProcesses,
    Sandbox,
    SandboxFault,
    Violation,
    Worker,
    WorkerDied,
    WorkerTimeout,
)
from autograder.submission import Cell, Submission

# Of a chain of the student's own calls, how many lines an error shows.
MAX_LINES = 3
# A stub that ran into the limit this often is not called again: what is left of the notebook's time is the others'.
MAX_TIMEOUTS = 2
MAX_RESTARTS = 50
_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class StubFailure(Exception):
    """A call that gave no value. `exception` names the student's exception, `bases` its built-in base classes."""

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        exception: str | None = None,
        bases: tuple[str, ...] = (),
        slip: Slip | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.exception = exception
        self.bases = bases
        self.slip = slip


@dataclass(frozen=True)
class Answer:
    """What a call gave back, and the arguments as the stub left them (None where they are unchanged).

    printed: whether it printed anything; warned: what numpy warned of, and in which line.
    """

    value: Any
    left: Arguments | None = None
    printed: bool = False
    warned: tuple[str, ...] = ()


class Connection(Protocol):
    def call(self, stub: str, arguments: Arguments, draws: int | None) -> Answer:
        """Call a stub of the student's; raises StubFailure."""

    def close(self) -> None:
        return None


@dataclass
class Call:
    """One call of a check, for explaining and diagnosing it."""

    stub: str
    arguments: Arguments
    answer: Answer | StubFailure


@dataclass
class Student:
    """The student of one check. Each stub is an attribute; `calls` is all that was asked and answered."""

    connection: Connection
    calls: list[Call] = field(default_factory=list)

    def __getattr__(self, name: str) -> "StubProxy":
        if name.startswith("__"):
            raise AttributeError(name)
        return StubProxy(self, name)


@dataclass(frozen=True)
class StubProxy:
    """A stub of the student's, called as a function would be. Arguments are copied: the caller keeps its own."""

    student: Student
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.answer(*args, **kwargs).value

    def draws(self, count: int, *args: Any, **kwargs: Any) -> list[Any]:
        """The results of `count` calls with the same arguments, in one round trip."""
        values = self.answer(*args, draws=count, **kwargs).value
        if not isinstance(values, list) or len(values) != count:
            raise StubFailure(Outcome.VIOLATION, "the worker did not answer as it should")
        return values

    def answer(self, *args: Any, draws: int | None = None, **kwargs: Any) -> Answer:
        """The value together with the arguments as the stub left them."""
        arguments = (args, kwargs)
        try:
            answer = self.student.connection.call(self.name, arguments, draws)
        except StubFailure as failure:
            self.student.calls.append(Call(self.name, arguments, failure))
            raise
        self.student.calls.append(Call(self.name, arguments, answer))
        return answer


@dataclass(frozen=True)
class LocalConnection(Connection):
    """Functions of this process in a student's place; values cross the wire's encoding all the same."""

    functions: Mapping[str, Callable[..., Any]]

    def call(self, stub: str, arguments: Arguments, draws: int | None) -> Answer:
        sent = wire.encode(arguments)
        args, kwargs = wire.decode(sent)
        function = self.functions[stub]
        try:
            with np.errstate(all="ignore"):
                value = (
                    function(*args, **kwargs) if draws is None else [function(*args, **kwargs) for _ in range(draws)]
                )
            left = (args, kwargs) if wire.encode((args, kwargs)) != sent else None
            return Answer(wire.decode(wire.encode(value)), left)
        except wire.WireError as error:
            raise StubFailure(Outcome.FAILED, str(error)) from error
        except Exception as error:
            bases = tuple(base.__name__ for base in type(error).__mro__)
            raise StubFailure(Outcome.ERROR, str(error), type(error).__name__, bases) from error


def open_sandbox(course: Course, required: bool = False) -> Sandbox | PlainProcesses:
    """Where the course's submissions run; without a sandbox here, plain processes: enough for one's own code.

    Raises SandboxFault where a sandbox is `required` and there is none.
    """
    packages, settings = course.packages.allowed, course.packages.model_dump()
    if required or sys.platform == "linux":
        try:
            return Sandbox(course.limits, packages, settings)
        except SandboxFault:
            if required:
                raise
    return open_plain(course)


def open_plain(course: Course) -> PlainProcesses:
    """Processes with a deadline and no sandbox."""
    return PlainProcesses(course.limits, course.packages.allowed, course.packages.model_dump())


class NotebookConnection(Connection):
    """A submission's cells in a worker, started when first asked and again, without the guilty cell, after a death."""

    def __init__(
        self,
        course: Course,
        submission: Submission,
        sandbox: Sandbox | PlainProcesses,
        givens: Callable[[str, Arguments], Any],
    ) -> None:
        self.cell_failures: dict[int, StubFailure] = {}
        self._submission = submission
        self._sandbox = sandbox
        self._limits = course.limits
        self._stubs = {stub.name for lab in course.labs for stub in lab.stubs}
        self._givens = givens
        self._worker: Worker | None = None
        self._seconds = 0.0
        self._restarts = 0
        self._timeouts: Counter[str] = Counter()

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def call(self, stub: str, arguments: Arguments, draws: int | None) -> Answer:
        if self._timeouts[stub] >= MAX_TIMEOUTS:
            message = f"{stub} ran out of time {MAX_TIMEOUTS} times before and was not called again."
            raise StubFailure(Outcome.TIMEOUT, message)
        request = {"op": "call", "name": stub, "arguments": wire.encode(arguments), "draws": draws}
        try:
            reply = self._ask(self._loaded_worker, request)
        except SandboxFault:
            reply = self._ask(self._loaded_worker, request)
        except StubFailure as failure:
            if failure.outcome is Outcome.TIMEOUT:
                self._timeouts[stub] += 1
            raise
        return self._answer(stub, reply)

    def _answer(self, stub: str, reply: dict[str, Any]) -> Answer:
        if "missing" in reply:
            raise self._missing(stub)
        try:
            return answer_in(reply)
        except StubFailure as failure:
            if failure.outcome is Outcome.VIOLATION:
                self.close()
            if (name := _UNDEFINED.match(failure.message)) and (reason := self._why_undefined(name[1])):
                failure.message += f"\n{reason}"
            raise

    def _why_undefined(self, name: str) -> str | None:
        """Of the cells that did not run, what the first one said that holds the name."""
        for cell in self._submission.cells:
            if cell.number in self.cell_failures and re.search(rf"\b{name}\b", cell.source):
                return f"Code cell {cell.number} did not run: {self.cell_failures[cell.number].message}"
        return None

    def _missing(self, stub: str) -> StubFailure:
        cell = self._submission.cell_of(stub)
        if cell is not None and cell.number in self.cell_failures:
            failure = self.cell_failures[cell.number]
            return not_run(f"{stub} (code cell {cell.number})", failure)
        others = [name for name in self._submission.functions() if name not in self._stubs]
        return undefined(stub, others, f"The notebook defines no function {stub}; put it back under exactly this name.")

    def _loaded_worker(self) -> Worker:
        while self._worker is None:
            self._restarts += 1
            if self._restarts > MAX_RESTARTS:
                raise StubFailure(
                    Outcome.DIED, f"The notebook ended its process {MAX_RESTARTS} times and was given up."
                )
            worker = self._sandbox.start()
            self._worker = worker
            for cell in self._submission.cells:
                if self._worker is not None and cell.number not in self.cell_failures:
                    self._run(cell, worker)
        return self._worker

    def _run(self, cell: Cell, worker: Worker) -> None:
        try:
            reply = self._ask(lambda: worker, {"op": "cell", "index": cell.number, "source": cell.source})
        except StubFailure as failure:
            self.cell_failures[cell.number] = failure
        else:
            if "error" in reply:
                self.cell_failures[cell.number] = raised(reply["error"])

    def _ask(self, worker: Callable[[], Worker], request: dict[str, Any]) -> dict[str, Any]:
        """One request and its reply. Raises StubFailure, and SandboxFault where it is not the student's doing."""
        asked = worker()
        left = self._limits.submission_seconds - self._seconds
        if left <= 0:
            message = f"The whole notebook used up its {self._limits.submission_seconds:g} seconds."
            raise StubFailure(Outcome.TIMEOUT, message)
        seconds = min(self._limits.call_seconds, left)
        trusted = 0.0

        def serve(message: dict[str, Any]) -> dict[str, Any]:
            nonlocal trusted
            begun = time.monotonic()
            reply = serve_given(self._givens, message)
            trusted += time.monotonic() - begun
            return reply

        begun = time.monotonic()
        try:
            return asked.ask(request, seconds, serve)
        except WorkerTimeout:
            self.close()
            raise StubFailure(Outcome.TIMEOUT, f"It did not finish in {seconds:.2g} seconds.") from None
        except WorkerDied as death:
            self.close()
            raise StubFailure(Outcome.DIED, f"It ended the process it runs in: {death}.") from None
        except Violation as violation:
            self.close()
            message = f"The notebook broke into the line between it and the checks: {violation}."
            raise StubFailure(Outcome.VIOLATION, message) from None
        except SandboxFault:
            self.close()
            raise
        finally:
            self._seconds += time.monotonic() - begun - trusted


def not_run(stub: str, failure: StubFailure) -> StubFailure:
    """That the cell which defines the stub failed."""
    message = f"The cell that defines {stub} did not run: {failure.message}"
    return StubFailure(failure.outcome, message, failure.exception, failure.bases, failure.slip)


def undefined(stub: str, others: Sequence[str], message: str) -> StubFailure:
    """That the notebook defines no such function: what it was renamed to, where `others` hold that, or the message."""
    if close := difflib.get_close_matches(stub, others, n=1, cutoff=0.75):
        message = f"The notebook defines no function {stub}. Was it renamed to {close[0]}? Name it {stub} again."
        return StubFailure(Outcome.UNSOLVED, message, slip=slips.RENAMED)
    return StubFailure(Outcome.UNSOLVED, message)


def serve_given(givens: Callable[[str, Arguments], Any], message: dict[str, Any]) -> dict[str, Any]:
    """Answer the student's call of a given; whatever is wrong with it becomes the exception it gets."""
    try:
        args, kwargs = wire.decode(message["arguments"])
        return {"value": givens(str(message["name"]), (tuple(args), dict(kwargs)))}
    except Exception as error:
        return {"error": {"type": type(error).__name__, "message": str(error)[:500]}}


def answer_in(reply: dict[str, Any]) -> Answer:
    """The answer in a reply to a call. Raises StubFailure: what the student's code raised, or that it is no reply."""
    if "error" in reply:
        raise raised(reply["error"])
    try:
        noted = reply.get("warned") or []
        left = None
        if "arguments" in reply:
            args, kwargs = wire.decode(reply["arguments"])
            left = (tuple(args), dict(kwargs))
        warned = tuple(
            f"{_text(text)}, in {_text(place)}, line {_text(line)}" for text, place, line in noted[:MAX_LINES]
        )
        return Answer(reply["value"], left, reply.get("printed") is True, warned)
    except (wire.WireError, KeyError, TypeError, ValueError):
        message = "The notebook broke into the line between it and the checks."
        raise StubFailure(Outcome.VIOLATION, message) from None


def raised(error: Any) -> StubFailure:
    """The student's exception, from a reply that the student's process wrote and that may say anything."""
    error = error if isinstance(error, dict) else {}
    name = _text(error.get("type"))
    text = _text(error.get("message"))
    bases = tuple(str(base) for base in error.get("bases") or () if isinstance(base, str))
    if name == "WireError":
        return StubFailure(Outcome.FAILED, f"What came back cannot be looked at: {text}.")
    lines = _own_lines(error.get("frames"))
    slip = slips.of_exception(name, bases, text, in_own_lines=bool(lines))
    if slip is slips.UNSOLVED:
        return StubFailure(Outcome.UNSOLVED, "Not solved yet.", name, bases, slip)
    message = "\n  ".join([f"{name}: {text}" if text else name, *lines])
    return StubFailure(Outcome.ERROR, message, name, bases, slip)


def _own_lines(frames: Any) -> list[str]:
    """The student's lines that led to an error, the one that raised it first."""
    whole = (
        [each for each in frames if isinstance(each, list | tuple) and len(each) == 3]
        if isinstance(frames, list)
        else []
    )
    told = [f"{_text(place)}, line {_text(line)}: {_text(source)}" for place, line, source in whole]
    lines = list(dict.fromkeys(reversed(told)))[:MAX_LINES]
    return [f"in {line}" if number == 0 else f"called in {line}" for number, line in enumerate(lines)]


def _text(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()[:2_000]
