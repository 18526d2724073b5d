"""The student, from a check's point of view. `student.softmax(x)` is a call over the wire, no matter what's on the
other side.

A `Connection` carries the calls. `local` has the connection to functions in this process. If a call doesn't return a
value, it raises a `StubFailure`. If a stub yields items one at a time, you get a `Stream`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.guest import values as wire
from autograder.guest.keeping import kept_in
from autograder.model import pitfalls
from autograder.model.results import Outcome, Pitfall
from autograder.testing.exports import Arguments, ExportTable, Message, encoded_arguments
from autograder.testing.snapshots import snapshot

# How many lines of the student's own call chain to show in an error, and how many of an exception's base classes to
# keep.
MAX_LINES = 3
MAX_BASES = 20
NO_ARGUMENTS: Arguments = ((), {})


class StubFailure(Exception):
    """A call that didn't return a value. `exception` names the student's exception, and `bases` lists its built-in base
    classes.

    called: whether there was a function to call. kept: the same as in `Answer`.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        exception: str | None = None,
        bases: tuple[str, ...] = (),
        slip: Pitfall | None = None,
        called: bool = True,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.exception = exception
        self.bases = bases
        self.slip = slip
        self.called = called
        self.kept: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Answer:
    """What a call returned, and the arguments as the stub left them (`left`; None if they didn't change).

    printed: whether the call printed anything.
    warned: numpy's warnings, each with its line.
    asked: the exported callables and iterators that the stub used, by number, and the arguments of each use.
    renamed: pairs of an argument's name in the task and its name in the stub.
    kept: in a self-check, the steps that the stub kept along the way, by name.
    """

    value: Any
    left: Arguments | None = None
    printed: bool = False
    warned: tuple[str, ...] = ()
    asked: tuple[tuple[int, Arguments], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Call:
    """One call that a check made, which we keep so that we can explain and diagnose failures.

    draws: how many times the worker repeated the call. in_order: whether the order of the results matters. stream: if
    the call read an item from a stream, that stream.
    """

    stub: str
    arguments: Arguments
    answer: Answer | StubFailure
    draws: int | None = None
    in_order: bool = True
    stream: "Source | None" = None


@dataclass
class Student:
    """The student in one check. Each stub is an attribute, and `calls` records every call and its answer.

    statistic: the smallest p-value in a statistical check. put_off: failures that aren't about the values, each with
    the number of calls before it. The list is None if the first such failure should end the check.
    """

    connection: "Connection"
    calls: list[Call] = field(default_factory=list)
    statistic: float | None = None
    put_off: list[tuple[int, Exception]] | None = None

    def __getattr__(self, name: str) -> "StubProxy":
        if name.startswith("__"):
            raise AttributeError(name)
        return StubProxy(self, name)


@dataclass(frozen=True)
class StubProxy:
    """One of the student's stubs, called like a function. It copies the arguments, so the caller's own don't change."""

    student: Student
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.answer(*args, **kwargs).value

    def draws(self, count: int, *args: Any, in_order: bool = False, **kwargs: Any) -> list[Any]:
        """Return the results of `count` calls with the same arguments, in one round trip.

        in_order: whether the order of the results matters, not just their counts.
        """
        values = self.answer(*args, draws=count, in_order=in_order, **kwargs).value
        if not isinstance(values, list) or len(values) != count:
            raise StubFailure(Outcome.VIOLATION, "the worker's answer isn't valid")
        return values

    def answer(self, *args: Any, draws: int | None = None, in_order: bool = True, **kwargs: Any) -> Answer:
        """Return the value together with the arguments as the stub left them."""
        return self.answer_to((args, kwargs), draws=draws, in_order=in_order)

    def answer_to(
        self,
        arguments: Arguments,
        encoded: bytes | None = None,
        draws: int | None = None,
        in_order: bool = True,
    ) -> Answer:
        """Do the same as `answer`, for arguments that may already be encoded."""
        before = snapshot(arguments)
        try:
            answer = self.student.connection.call(self.name, arguments, draws, in_order, encoded)
        except StubFailure as failure:
            self.student.calls.append(Call(self.name, before, failure, draws, in_order))
            raise
        self.student.calls.append(Call(self.name, before, answer, draws, in_order))
        if isinstance(answer.value, Source):
            return replace(answer, value=Stream(self.student, self.name, answer.value))
        return answer


@dataclass(frozen=True)
class Stream:
    """An iterator that a stub returned. Each `next` asks the student's process for one item, and counts as a call."""

    student: Student
    name: str
    source: "Source"

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> Any:
        value = self._answer().value
        if value is END:
            raise StopIteration
        return value

    def answers(self) -> Iterator[Answer]:
        """Yield the items and then END, each with the call's arguments in their current state."""
        answer = self._answer()
        while answer.value is not END:
            yield answer
            answer = self._answer()
        yield answer

    def _answer(self) -> Answer:
        calls = self.student.calls
        try:
            answer = self.source.next()
        except StubFailure as failure:
            calls.append(Call(self.name, NO_ARGUMENTS, failure, stream=self.source))
            raise
        calls.append(Call(self.name, NO_ARGUMENTS, answer, stream=self.source))
        return answer


# The value that marks the end of a stream.
END = wire.Opaque("end of the stream")


class Connection(ABC):
    """A connection to a student's functions. `keeps`: whether to ask for the steps that a stub keeps along the way."""

    keeps: bool = False

    @abstractmethod
    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        """Return the reply to a request (see `guest.messages`). Until it arrives, serve requests that use handles.

        Raises StubFailure.
        """

    def close(self) -> None:  # noqa: B027  # most connections don't have to stop anything
        """Stop whatever is serving the connection, if it was started just for that."""

    def written(self, stub: str) -> Answer | None:
        """Return the answer that the student wrote as a literal, or None if there's a function to call instead. Raises
        StubFailure."""
        return None

    def call(
        self,
        stub: str,
        arguments: Arguments,
        draws: int | None = None,
        in_order: bool = True,
        encoded: bytes | None = None,
    ) -> Answer:
        """Call one of the student's stubs. If it returns an iterator, the answer has a `Source`. Raises StubFailure.

        encoded: the result of `encoded_once` for the arguments, if you've already called it.
        """
        if (written := self.written(stub)) is not None:
            return written
        exports = ExportTable()
        sent = encoded_arguments(arguments, exports) if encoded is None else encoded
        request = {"op": "call", "name": stub, "arguments": sent, "draws": draws, "named": bool(arguments[1])}
        if self.keeps and draws is None:
            request["keep"] = True
        return self.answer(stub, request, exports)

    def answer(self, stub: str, request: Message, exports: ExportTable) -> Answer:
        """Return the student's answer to a request. Raises StubFailure."""
        found = answer_in(self.exchange(stub, request, exports), self.keeps)
        value = found.value
        if isinstance(value, wire.Handle):
            stream = value.kind == "stream"
            value = Source(self, stub, value.number, exports) if stream else wire.Opaque(value.kind)
        return replace(found, value=value, asked=exports.take_uses())


@dataclass(frozen=True)
class Source:
    """An iterator on the other side of a connection."""

    connection: Connection
    stub: str
    number: int
    exports: ExportTable

    def next(self) -> Answer:
        """Return the next item, or END. Raises StubFailure."""
        return self.connection.answer(self.stub, {"op": "next", "number": self.number}, self.exports)


def answer_in(reply: dict[str, Any], keeps: bool = False) -> Answer:
    """Return the answer in the reply to a call.

    keeps: whether the call asked for the steps that the stub keeps. If not, ignore any in the reply. Raises StubFailure
    for the student's own exception, or if the reply isn't valid.
    """
    kept = kept_in(reply) if keeps else {}
    if "error" in reply:
        failure = raised(reply["error"])
        failure.kept = kept
        raise failure
    try:
        noted = reply.get("warned") or []
        left = None
        if "arguments" in reply:
            args, kwargs = wire.decode(reply["arguments"])
            left = (tuple(args), dict(kwargs))
        warned = tuple(
            f"{_text(text)}, in {_text(place)}, line {_text(line)}" for text, place, line in noted[:MAX_LINES]
        )
        renamed = tuple((_text(name), _text(own)) for name, own in [*(reply.get("renamed") or {}).items()][:MAX_LINES])
        value = END if reply.get("end") is True else reply["value"]
        return Answer(value, left, reply.get("printed") is True, warned, renamed=renamed, kept=kept)
    except (wire.WireError, AttributeError, KeyError, TypeError, ValueError):
        message = "The notebook interfered with its connection to the checks."
        raise StubFailure(Outcome.VIOLATION, message) from None


def raised(error: Any) -> StubFailure:
    """Return the student's exception as a failure.

    The student's process wrote the reply, so it can contain anything.
    """
    error = error if isinstance(error, dict) else {}
    name = _text(error.get("type"))
    text = _text(error.get("message"))
    named = error.get("bases")
    bases = tuple(str(each) for each in named[:MAX_BASES] if isinstance(each, str)) if isinstance(named, list) else ()
    if name == "WireError":
        return StubFailure(Outcome.FAILED, f"The returned value can't be read: {text}.")
    lines = _own_lines(error.get("frames"))
    overwritten = pitfalls.overwritten(_text(error["overwritten"])) if "overwritten" in error else None
    line = lines[0].partition(": ")[2] if lines else None
    slip = overwritten or pitfalls.of_exception(name, bases, text, line)
    if slip is pitfalls.UNSOLVED:
        return StubFailure(Outcome.UNSOLVED, "Not solved yet.", name, bases, slip)
    message = "\n  ".join([f"{name}: {text}" if text else name, *lines])
    return StubFailure(Outcome.ERROR, message, name, bases, slip)


def _own_lines(frames: Any) -> list[str]:
    """Return the student's lines that led to an error, starting with the one that raised it."""
    whole = (
        [each for each in frames if isinstance(each, list | tuple) and len(each) == 3]
        if isinstance(frames, list)
        else []
    )
    told = [f"{_text(place)}, line {_text(line)}: {_text(source)}" for place, line, source in whole]
    lines = list(dict.fromkeys(reversed(told)))[:MAX_LINES]
    return [f"in {line}" if number == 0 else f"called in {line}" for number, line in enumerate(lines)]


def _text(value: Any) -> str:
    """Return text or an integer from the worker's reply. For anything else, which may be huge, return the name of its
    type."""
    short = isinstance(value, str) or (type(value) is int and abs(value) < 2**63)
    told = str(value) if short else type(value).__name__
    return told[:2_000].encode("utf-8", "replace").decode()
