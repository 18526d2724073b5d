"""Run one check: on a student's line, or on functions of this process in the student's place."""

import copy
import functools
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.grading import heartbeat
from autograder.grading.content import reference_of
from autograder.model import pitfalls
from autograder.model.course import Course
from autograder.model.examinee import Examinee
from autograder.model.results import Difference, Outcome, Pitfall
from autograder.sandbox.worker import SandboxFault
from autograder.testing import assertions, comparison
from autograder.testing.assertions import NeedsManualGrade
from autograder.testing.declarations import Check
from autograder.testing.failures import APART_FROM_VALUES, CheckFailed, Compared, FailureKind
from autograder.testing.local import LocalConnection
from autograder.testing.references import call_reference
from autograder.testing.rendering import rendered_call
from autograder.testing.student import Answer, Call, StubFailure, Student

SOMEBODY = Examinee("somebody")
Rng = np.random.Generator
Test = Callable[..., None]


@dataclass(frozen=True)
class Failure:
    """One thing that a check found wrong: in which way, what was compared, and after how many calls."""

    kind: FailureKind
    compared: Compared | None = None
    calls: int = 0


@dataclass(frozen=True)
class Verdict:
    """What a test says by how it ended; `exception` names the student's, where that is what ended it.

    failures: what it found wrong, in that order, up to where a call gave no value, if one did.
    """

    outcome: Outcome
    message: str | None = None
    exception: str | None = None
    difference: Difference | None = None
    slip: Pitfall | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def values_are_right(self) -> bool:
        """Whether all that is wrong is a shape or a convention."""
        return bool(self.failures) and all(each.kind in APART_FROM_VALUES for each in self.failures)


@dataclass
class CheckRun:
    """One check, run once: what it found, and all that was asked and answered; `answers`, `drew` as in `replay.Run`."""

    name: str
    check: Check
    title: str
    test: Test
    seed: int
    examinee: Examinee
    verdict: Verdict
    calls: Sequence[Call]
    statistic: float | None
    seconds: float
    answers: bytes | None
    drew: bool
    confirmed: bool | None = None

    @property
    def outcome(self) -> Outcome:
        return self.verdict.outcome


def check_of(test: Test) -> Check:
    """What `@checks` said of a test."""
    check: Check = test.__check__  # type: ignore[attr-defined]
    return check


def name_of(test: Test) -> str:
    return test.__name__.removeprefix("test_")


def find(test: Test, student: Student, rng: Rng, examinee: Examinee) -> Verdict:
    """Run a check on a student. What is wrong apart from the values lets it go on, and is what it tells in the end."""
    student.put_off = []
    try:
        call(test, student, rng, examinee)
    except Exception as error:
        verdict = _judge(error, student.calls)
    else:
        verdict = Verdict(Outcome.PASSED)
    if not student.put_off:
        return verdict
    earlier = [_judge(failure, student.calls[:calls]) for calls, failure in student.put_off]
    failures = tuple(failure for each in (*earlier, verdict) for failure in each.failures)
    told = earlier[0] if verdict.outcome in (Outcome.PASSED, Outcome.FAILED) else verdict
    return replace(told, failures=failures)


def call(test: Test, student: Student, rng: Rng, examinee: Examinee) -> None:
    """Call a test with what it asks for. Raises whatever it raises."""
    heartbeat.busy_for()
    offered = {"student": student, "rng": rng, "examinee": examinee}
    test(**{name: offered[name] for name in wanted(test)})


def wanted(test: Test) -> tuple[str, ...]:
    """What a check asks for: `student`, `rng`, `examinee`."""
    return test.__code__.co_varnames[: test.__code__.co_argcount]


def run_locally(
    course: Course,
    test: Test,
    seed: int,
    functions: Mapping[str, Callable[..., Any]],
    distributions: Mapping[str, Callable[..., Any]] | None = None,
    examinee: Examinee = SOMEBODY,
) -> tuple[Verdict, Sequence[Call]]:
    """Run a check on functions of this process, the reference for all other stubs: what it found, and its calls."""
    student = Student(LocalConnection({**references(course, test), **functions}, distributions or {}))
    np.random.seed(seed % 2**32)  # for a mistake that draws from numpy's own generator
    return find(test, student, np.random.default_rng(seed), examinee), student.calls


def references(course: Course, test: Test) -> dict[str, Callable[..., Any]]:
    """The references of the lab that a check belongs to, numpy in and out, by the stub."""
    lab = course.lab_of(check_of(test).stub)
    assert lab is not None
    return {stub.name: functools.partial(_numpy_reference, reference_of(course, stub.name)) for stub in lab.stubs}


def _numpy_reference(reference: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return call_reference(reference, copy.deepcopy((args, kwargs)))


def _judge(error: Exception, calls: Sequence[Call]) -> Verdict:
    """What the exception that ended a test says."""
    if isinstance(error, CheckFailed):
        failure = Failure(error.kind, error.compared, len(calls))
        return Verdict(Outcome.FAILED, str(error), None, error.difference, error.slip, (failure,))
    if isinstance(error, NeedsManualGrade):
        return Verdict(Outcome.NOT_GRADED, str(error))
    if isinstance(error, StubFailure):
        told = error.called and error.outcome not in (Outcome.UNSOLVED, Outcome.NOT_GRADED)
        called = _called(calls) if told and calls and calls[-1].answer is error else None
        return Verdict(error.outcome, error.message, error.exception, called, error.slip)
    answered = any(isinstance(call.answer, Answer) for call in calls)
    if isinstance(error, SandboxFault) or not answered or _raised_in(error, assertions.__file__, comparison.__file__):
        return Verdict(Outcome.NOT_GRADED, f"This check couldn't be run ({error}). That's not your fault.")
    message = f"The returned value can't be used as an answer ({type(error).__name__}: {error})."
    failure = Failure(FailureKind.ANSWER, calls=len(calls))
    return Verdict(Outcome.FAILED, message, None, _called(calls), _slip_of_last(calls), (failure,))


def _called(calls: Sequence[Call]) -> Difference:
    return Difference(called=rendered_call(calls[-1].stub, calls[-1].arguments))


def _slip_of_last(calls: Sequence[Call]) -> Pitfall | None:
    """A check that falls over an answer of None has no wanted value to compare it with."""
    answer = calls[-1].answer
    return pitfalls.of_answer(answer.value, (), answer.printed) if isinstance(answer, Answer) else None


def _raised_in(error: Exception, *files: str) -> bool:
    """Whether the error passed through a file; the vocabulary of checks raises no error of a student's making."""
    return any(frame.f_code.co_filename in files for frame, _ in traceback.walk_tb(error.__traceback__))
