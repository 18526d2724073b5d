"""Run the checks of a stub together: their questions go out in one frame, and equal answers are judged once.

What a check asks is known beforehand, for its seed is: it is rehearsed on the reference. Every check of a stub is then
run over the answers to what it asked there. One that asks each student something else, lends something, draws, streams,
goes on from an answer or asks otherwise than on the reference asks by itself, and so do all where a frame is not
answered as it should be.
Visible checks and hidden ones go in frames apart, or a function could show its author what it is asked later.

What a check finds is a function of its seed and of the answers. So where the answers are, byte by byte, those of
another submission, the check is not run again.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from autograder.grading.connection import NotebookConnection
from autograder.grading.execution import SOMEBODY, Rng, Test, Verdict, call, find, name_of, references, wanted
from autograder.guest import limits, values
from autograder.model.course import Course
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.testing.exports import VALUE_BYTES, ExportTable, Message
from autograder.testing.local import LocalConnection
from autograder.testing.student import Answer, Call, Connection, StubFailure, Student

# Beyond this a check asks by itself: of its questions in bytes, and of the answers in bytes and `VALUE_BYTES`, since
# the line counts only what it is asked one by one.
MAX_QUESTIONS = MAX_ANSWERS = 256 * 1024
# Answers larger than this are judged each time, and so many verdicts are kept: each holds its questions and answers.
MAX_KEPT_BYTES, MOST_KEPT = 16 * 1024, 2_000


@dataclass(frozen=True)
class Run:
    """What one run of a check found, and all that was asked and answered.

    answers: the same for two runs of a check that were answered the same; None where it asked by itself. drew: whether
    the check drew its numbers, or some of them, from its seed.
    """

    verdict: Verdict
    calls: Sequence[Call]
    statistic: float | None
    seconds: float
    answers: bytes | None = None
    drew: bool = False


class _Otherwise(Exception):
    """A check asks what cannot go, or did not go, into a frame with the rest."""


@dataclass(frozen=True)
class RecordingConnection(LocalConnection):
    questions: list[Message] = field(default_factory=list)
    keeps: bool = False
    _answers: list[bytes] = field(default_factory=list)

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        if exports.items or request["op"] != "call" or request["draws"] is not None:
            raise _Otherwise
        # It goes on from an answer, and a right one differs from the reference's in the last digits.
        if any(each in request["arguments"] for each in self._answers):
            raise _Otherwise
        self.questions.append(request)
        reply = super().exchange(stub, request, exports)
        value = reply.get("value")
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 1:
            written = value.tobytes()
            if not any(written in each["arguments"] for each in self.questions):
                self._answers.append(written)
        return reply


@dataclass
class ReplayConnection(Connection):
    """A line on which all answers are there already."""

    line: NotebookConnection
    questions: Sequence[Message]
    replies: Sequence[bytes]
    used: int = 0
    weight: int = 0
    otherwise: bool = False

    def __post_init__(self) -> None:
        self.keeps = self.line.keeps

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        if self.used == len(self.questions) or request != self.questions[self.used]:
            raise self._otherwise()
        try:
            reply = values.unpack(self.replies[self.used])
        except values.WireError:
            raise self._otherwise() from None
        self.weight += len(self.replies[self.used])
        self.used += 1
        if isinstance(reply.get("value"), values.Handle):
            raise self._otherwise()
        return self.line.understood(stub, reply)

    def answer(self, stub: str, request: Message, exports: ExportTable) -> Answer:
        try:
            answer = super().answer(stub, request, exports)
        except StubFailure as failure:
            if failure.outcome is Outcome.VIOLATION:
                raise self._otherwise() from None
            raise self.line.traced(failure) from None
        self.weight += VALUE_BYTES * limits.count([answer.value, answer.left, answer.kept])
        if self.weight > MAX_ANSWERS:
            raise self._otherwise()
        return answer

    def _otherwise(self) -> _Otherwise:
        self.otherwise = True
        return _Otherwise()


@dataclass
class ReplayRunner:
    """Remembers what the checks of a course ask, and what they found."""

    course: Course
    _questions: dict[tuple[str, int], Sequence[Message]] = field(default_factory=dict)
    _known: dict[tuple[str, int, bytes], Run] = field(default_factory=dict)

    def run(
        self, tests: Sequence[tuple[Test, int]], connection: Connection, stub: str, examinee: Examinee
    ) -> list[Run]:
        """Run checks of one stub, each with its seed, all visible or all hidden."""
        if not isinstance(connection, NotebookConnection):
            return [_alone(test, seed, connection, examinee) for test, seed in tests]
        asked = [self._asked(test, seed, connection.keeps) for test, seed in tests]
        begun = time.perf_counter()
        replies = connection.answered(stub, [question for each in asked for question in each])
        seconds = (time.perf_counter() - begun) / max(1, sum(bool(each) for each in asked))
        runs, start = [], 0
        for (test, seed), questions in zip(tests, asked, strict=True):
            if replies is None or not questions:
                runs.append(_alone(test, seed, connection, examinee))
            else:
                line = ReplayConnection(connection, questions, replies[start : start + len(questions)])
                start += len(questions)
                runs.append(self._judged(test, seed, line, seconds))
        return runs

    def _asked(self, test: Test, seed: int, keeps: bool) -> Sequence[Message]:
        """What the check asks of the reference; nothing where it is to ask by itself."""
        key = (name_of(test), seed)
        if "examinee" in wanted(test):
            return ()
        if key not in self._questions:
            questions: Sequence[Message]
            try:
                line = RecordingConnection(references(self.course, test), keeps=keeps)
                call(test, Student(line), np.random.default_rng(seed), SOMEBODY)
                questions = line.questions
            except Exception:  # also where there is no reference: students do not receive that of an assessment
                questions = ()
            fits = sum(len(each["arguments"]) for each in questions) <= MAX_QUESTIONS
            self._questions[key] = questions if fits else ()
        return self._questions[key]

    def _judged(self, test: Test, seed: int, line: ReplayConnection, asking: float) -> Run:
        """`asking`: the seconds that it took to ask."""
        begun = time.perf_counter()
        answers = hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in line.replies)).digest()
        key = (name_of(test), seed, answers)
        if key in self._known:
            return replace(self._known[key], seconds=asking + time.perf_counter() - begun)
        run = _alone(test, seed, line, SOMEBODY)
        if line.otherwise:
            return _alone(test, seed, line.line, SOMEBODY)
        run = replace(run, seconds=asking + run.seconds, answers=answers)
        # What an error says may rest on cells of this notebook.
        plain = all(isinstance(each.answer, Answer) for each in run.calls)
        if plain and sum(map(len, line.replies)) <= MAX_KEPT_BYTES:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[key] = run
        return run


def run_alone(test: Test, student: Student, rng: Rng, examinee: Examinee) -> Run:
    """Run a check that asks by itself."""
    begun, state = time.perf_counter(), rng.bit_generator.state
    verdict = find(test, student, rng, examinee)
    drew = rng.bit_generator.state != state
    return Run(verdict, student.calls, student.statistic, time.perf_counter() - begun, drew=drew)


def _alone(test: Test, seed: int, connection: Connection, examinee: Examinee) -> Run:
    return run_alone(test, Student(connection), np.random.default_rng(seed), examinee)
