"""Run a stub's checks together: send all their questions in one frame, and judge identical answers only once.

A check's seed is known in advance, and a trial run on the reference shows what the check asks. The stub is asked all
those questions at once, and each check then runs on the answers to its own questions. A check makes its calls one by
one if it asks each student something different, passes a callable or an iterator, asks for draws, reads a stream,
builds on an answer, or asks the student anything it didn't ask the reference. If we don't get valid answers to a stub's
frame, all of its checks make their calls one by one. Visible and hidden checks go in separate frames. Otherwise, in a
visible check, a function could show its author the hidden checks' questions. Checks in one frame that ask exactly the
same questions share the answers.

What a check finds depends only on its seed and the answers. So if the answers are identical, byte for byte, to another
submission's, we don't run the check again.
"""

import contextlib
import hashlib
import itertools
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from autograder.grading.connection import NotebookConnection
from autograder.grading.content import with_parameters
from autograder.grading.conversations import Conversations
from autograder.grading.execution import SOMEBODY, Rng, Run, Test, call, find, name_of, references, wanted
from autograder.grading.failed_cells import undefined_name
from autograder.guest import limits, values
from autograder.model.course import Course
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.testing.exports import VALUE_BYTES, ExportTable, Message
from autograder.testing.local import LocalConnection
from autograder.testing.student import Answer, Connection, StubFailure, Student

# A check with more data than this makes its calls one by one. We count questions in bytes, and answers in bytes plus
# `VALUE_BYTES` per value. We have to count answers here because the connection itself counts only the answers to calls
# made one by one.
MAX_QUESTIONS = MAX_ANSWERS = 256 * 1024
# If a check's answers have more bytes than `MAX_KEPT_BYTES`, we run the check every time. Other runs are cached until
# they take up `MAX_RUN_BYTES` in total. Then we start over. A run takes up `RUN_BYTES` in addition to its questions and
# answers.
MAX_KEPT_BYTES, MAX_RUN_BYTES, RUN_BYTES = 16 * 1024, 32 * 1024 * 1024, 4096
# Each attempt has its own seeds, so its questions are new. We cache about this many bytes of questions, and frames with
# as many again. A check takes up `CHECK_BYTES` in addition to its questions.
MAX_CACHED_QUESTIONS, CHECK_BYTES = 32 * 1024 * 1024, 512


class _CannotReplay(Exception):
    """A check asks something that can't go in the common frame, or that wasn't in it."""


@dataclass(frozen=True)
class RecordingConnection(LocalConnection):
    """A connection to the references that records a check's questions, as long as they can go in the common frame."""

    questions: list[Message] = field(default_factory=list)
    keeps: bool = False
    _answers: list[bytes] = field(default_factory=list)

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        if exports.items or request["op"] != "call" or request["draws"] is not None:
            raise _CannotReplay
        # This question builds on an answer, and a correct answer may differ from the reference's in the last few
        # digits.
        if any(each in request["arguments"] for each in self._answers):
            raise _CannotReplay
        self.questions.append(request)
        reply = super().exchange(stub, request, exports)
        value = reply.get("value")
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 1:
            written = value.tobytes("A")
            if not any(written in each["arguments"] for each in self.questions):
                self._answers.append(written)
        return reply


@dataclass
class ReplayConnection(Connection):
    """A connection on which all answers have already arrived.

    depends_on_cells: whether the text of an error depends on other cells in the notebook, as well as on the answers.
    """

    line: NotebookConnection
    questions: Sequence[Message]
    replies: Sequence[bytes]
    used: int = 0
    weight: int = 0
    diverged: bool = False
    depends_on_cells: bool = False

    def __post_init__(self) -> None:
        self.keeps = self.line.keeps

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        if self.used == len(self.questions) or request != self.questions[self.used]:
            raise self._diverge()
        try:
            reply = values.unpack(self.replies[self.used])
        except values.WireError:
            raise self._diverge() from None
        self.weight += len(self.replies[self.used])
        self.used += 1
        if isinstance(reply.get("value"), values.Handle):
            raise self._diverge()
        self.depends_on_cells |= "missing" in reply
        return self.line.understood(stub, reply)

    def answer(self, stub: str, request: Message, exports: ExportTable) -> Answer:
        try:
            answer = super().answer(stub, request, exports)
        except StubFailure as failure:
            if failure.outcome is Outcome.VIOLATION:
                raise self._diverge() from None
            # The text of a NameError also depends on which of the notebook's cells ran.
            self.depends_on_cells |= undefined_name(failure) is not None
            raise self.line.traced(failure) from None
        self.weight += VALUE_BYTES * limits.count([answer.value, answer.left, answer.kept])
        if self.weight > MAX_ANSWERS:
            raise self._diverge()
        return answer

    def _diverge(self) -> _CannotReplay:
        self.diverged = True
        return _CannotReplay()


class _Asked(NamedTuple):
    """The questions that a check asks, and their number. Checks with the same number ask exactly the same questions."""

    questions: Sequence[Message]
    number: int


class _Together(NamedTuple):
    """The frame with all the questions of several checks. sizes: how many questions there are for each number in
    `_Asked`."""

    frame: bytes
    sizes: Mapping[int, int]


@dataclass
class ReplayRunner:
    """Runs the checks of a course, and caches what they ask and what they found."""

    course: Course
    _asked: dict[tuple[str, int], _Asked] = field(default_factory=dict)
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _together: dict[Hashable, _Together | None] = field(default_factory=dict)
    _question_bytes: int = 0
    _known: dict[tuple[str, int, bytes], Run] = field(default_factory=dict)
    _known_bytes: int = 0
    _conversations: Conversations = field(default_factory=Conversations)

    def run(
        self, tests: Sequence[tuple[Test, int]], connection: Connection, stub: str, examinee: Examinee
    ) -> list[Run]:
        """Run checks for one stub, each with its seed. They must be either all visible or all hidden."""
        if not isinstance(connection, NotebookConnection):
            return [_run_seeded(test, seed, connection, examinee) for test, seed in tests]
        if self._question_bytes > MAX_CACHED_QUESTIONS:
            self._forget_questions()
        asked = [self._asked_by(test, seed, connection.keeps) for test, seed in tests]
        begun = time.perf_counter()
        answers = self._answers(tests, asked, connection, stub)
        seconds = (time.perf_counter() - begun) / max(1, sum(bool(each.questions) for each in asked))
        runs = []
        for (test, seed), each in zip(tests, asked, strict=True):
            if answers is None or not each.questions:
                runs.append(self._run_conversing(test, seed, connection, examinee))
            else:
                line = ReplayConnection(connection, each.questions, answers[each.number])
                runs.append(self._run_on_answers(test, seed, line, seconds))
        return runs

    def _asked_by(self, test: Test, seed: int, keeps: bool) -> _Asked:
        """Return the questions a check asks the reference; none if it has to make its calls one by one."""
        key = (name_of(test), seed)
        if key not in self._asked:
            questions: Sequence[Message] = ()
            # If there's no reference, an exception is raised, too: students don't get those of an assessment.
            with contextlib.suppress(Exception):
                questions = self._rehearsed(test, seed, keeps)
            size = sum(len(each["arguments"]) for each in questions)
            if size > MAX_QUESTIONS:
                questions, size = (), 0
            self._question_bytes += CHECK_BYTES + size
            content = tuple(tuple(each.items()) for each in questions)
            self._asked[key] = _Asked(questions, self._numbers.setdefault(content, len(self._numbers)))
        return self._asked[key]

    def _forget_questions(self) -> None:
        for cache in (self._asked, self._numbers, self._together):
            cache.clear()
        self._question_bytes = 0

    def _rehearsed(self, test: Test, seed: int, keeps: bool) -> Sequence[Message]:
        if "examinee" in wanted(test):
            return ()
        line = RecordingConnection(references(self.course, test), keeps=keeps)
        call(test, Student(line), np.random.default_rng(seed), SOMEBODY)
        return line.questions

    def _answers(
        self, tests: Sequence[tuple[Test, int]], asked: Sequence[_Asked], connection: NotebookConnection, stub: str
    ) -> dict[int, Sequence[bytes]] | None:
        """Send all checks' questions in one frame. Return the replies by number, or None if that fails."""
        key = tuple((name_of(test), seed) for test, seed in tests)
        if key not in self._together:
            self._together[key] = self._put_together(asked)
        together = self._together[key]
        if together is None:
            return None
        replies = connection.answered(stub, together.frame, sum(together.sizes.values()))
        if replies is None:
            return None
        remaining = iter(replies)
        return {number: list(itertools.islice(remaining, size)) for number, size in together.sizes.items()}

    def _put_together(self, asked: Sequence[_Asked]) -> _Together | None:
        distinct = {each.number: each.questions for each in asked}
        calls = [with_parameters(self.course, each) for each in itertools.chain.from_iterable(distinct.values())]
        if not calls:
            return None
        try:
            frame = values.pack({"op": "calls", "calls": calls})
        except values.WireError:
            return None
        return _Together(frame, {number: len(questions) for number, questions in distinct.items()})

    def _run_conversing(self, test: Test, seed: int, connection: NotebookConnection, examinee: Examinee) -> Run:
        """Run a check that makes its calls one by one, or return its run from an earlier conversation that was exactly
        the same."""
        if "examinee" in wanted(test):
            return _run_seeded(test, seed, connection, examinee)
        begun, name = time.perf_counter(), name_of(test)
        first = self._conversations.first_turn(name, seed)
        if first is not None and (known := connection.follow(first)):
            return known.in_seconds(time.perf_counter() - begun)
        with connection.recording() as recording:
            run = _run_seeded(test, seed, connection, SOMEBODY)
        if recording.lost_its_place:
            self._conversations.forget(name, seed)
            run = _run_seeded(test, seed, connection, SOMEBODY)
        else:
            self._conversations.remember(name, seed, recording, run)
        return run.in_seconds(time.perf_counter() - begun)

    def _run_on_answers(self, test: Test, seed: int, line: ReplayConnection, asking: float) -> Run:
        """Run a check on the answers, or return the run cached for them. `asking`: how many seconds it took to ask the
        questions."""
        begun = time.perf_counter()
        answers = hashlib.sha256(b"".join(values.HEADER.pack(len(each)) + each for each in line.replies)).digest()
        key = (name_of(test), seed, answers)
        if key in self._known:
            return self._known[key].in_seconds(asking + time.perf_counter() - begun)
        run = _run_seeded(test, seed, line, SOMEBODY)
        if line.diverged:
            return _run_seeded(test, seed, line.line, SOMEBODY)
        run = replace(run, seconds=asking + run.seconds, answers=answers)
        if not line.depends_on_cells and sum(map(len, line.replies)) <= MAX_KEPT_BYTES:
            self._keep(key, run, line)
        return run

    def _keep(self, key: tuple[str, int, bytes], run: Run, line: ReplayConnection) -> None:
        size = RUN_BYTES + sum(len(each["arguments"]) for each in line.questions) + sum(map(len, line.replies))
        self._known_bytes += size
        if self._known_bytes > MAX_RUN_BYTES:
            self._known.clear()
            self._known_bytes = size
        self._known[key] = run


def run_alone(test: Test, student: Student, rng: Rng, examinee: Examinee) -> Run:
    """Run a check on a student's functions, and return what it found, how long it took and whether it drew numbers."""
    begun, state = time.perf_counter(), rng.bit_generator.state
    verdict = find(test, student, rng, examinee)
    drew = rng.bit_generator.state != state
    return Run(verdict, student.calls, student.statistic, time.perf_counter() - begun, drew=drew)


def _run_seeded(test: Test, seed: int, connection: Connection, examinee: Examinee) -> Run:
    return run_alone(test, Student(connection), np.random.default_rng(seed), examinee)
