"""Run one check, on a student's connection or on functions in this process that stand in for the student's."""

import copy
import functools
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.grading import heartbeat, likeness
from autograder.grading.content import reference_of
from autograder.guest.cells import text_of
from autograder.model import pitfalls
from autograder.model.course import Course
from autograder.model.examinee import Examinee
from autograder.model.results import Difference, Outcome, Pitfall
from autograder.sandbox.errors import SandboxFault
from autograder.testing import assertions, comparison
from autograder.testing.assertions import NeedsManualGrade
from autograder.testing.declarations import Check
from autograder.testing.failures import APART_FROM_VALUES, CheckFailed, Compared, FailureKind
from autograder.testing.local import LocalConnection
from autograder.testing.references import call_reference
from autograder.testing.rendering import rendered_call
from autograder.testing.reproduction import asked_last
from autograder.testing.student import Answer, Call, StubFailure, Student

SOMEBODY = Examinee("somebody")
# How many characters of an unexpected error's message to show.
MAX_TOLD = 500
Rng = np.random.Generator
Test = Callable[..., None]


@dataclass(frozen=True)
class Failure:
    """One thing that a check found wrong: the kind of failure, what was compared, and how many calls had been made.

    Items read from a stream don't count as calls, since the same text may come in more or fewer pieces. changed: which
    arguments the stub changed, by position or name.
    """

    kind: FailureKind
    compared: Compared | None = None
    calls: int = 0
    changed: frozenset[int | str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """The result of a test. `exception` names the student's exception, if that's what ended the test.

    failures: what the test found wrong, in order, up to the first call that didn't return a value. crashed: whether the
    test ended with an exception that isn't about a call or a comparison.
    """

    outcome: Outcome
    message: str | None = None
    exception: str | None = None
    difference: Difference | None = None
    slip: Pitfall | None = None
    failures: tuple[Failure, ...] = ()
    crashed: bool = False

    @property
    def values_are_right(self) -> bool:
        """Whether only a shape or a convention is wrong."""
        return bool(self.failures) and all(each.kind in APART_FROM_VALUES for each in self.failures)


@dataclass(frozen=True)
class Run:
    """What one run of a check found, with all its calls and their answers.

    answers: a digest of the answers, for comparing runs of the same check; None if its calls were made one by one.
    drew: whether the check drew any of its numbers from its seed.
    """

    verdict: Verdict
    calls: Sequence[Call]
    statistic: float | None
    seconds: float
    answers: bytes | None = None
    drew: bool = False

    def in_seconds(self, seconds: float) -> "Run":
        """Return the same run, which took this long."""
        return Run(self.verdict, self.calls, self.statistic, seconds, self.answers, self.drew)


@dataclass
class CheckRun:
    """One run of a check: its verdict, and all calls with their answers. `answers` and `drew` are as in `Run`."""

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

    @functools.cached_property
    def tells(self) -> bool:
        """Whether the last answer can identify a mistake."""
        return likeness.tells(self.calls)


def check_of(test: Test) -> Check:
    """Return what `@checks` declared about a test."""
    check: Check = test.__check__  # type: ignore[attr-defined]
    return check


def name_of(test: Test) -> str:
    return test.__name__.removeprefix("test_")


def find(test: Test, student: Student, rng: Rng, examinee: Examinee) -> Verdict:
    """Run a check on a student's functions and return its verdict.

    A wrong shape or convention doesn't end the check. The verdict reports the first such failure, unless the check ends
    with an outcome other than passed or failed.
    """
    student.put_off = []
    try:
        call(test, student, rng, examinee)
    except Exception as error:
        verdict = _judge(error, student.calls)
    else:
        verdict = Verdict(Outcome.PASSED)
    _forget_tracebacks(student.calls)
    if not student.put_off:
        return verdict
    earlier = [_judge(failure, student.calls[:calls]) for calls, failure in student.put_off]
    failures = tuple(failure for each in (*earlier, verdict) for failure in each.failures)
    told = earlier[0] if verdict.outcome in (Outcome.PASSED, Outcome.FAILED) else verdict
    return replace(told, failures=failures, crashed=verdict.crashed)


def _forget_tracebacks(calls: Sequence[Call]) -> None:
    """Drop the tracebacks of failed calls, since they'd keep everything alive that was in use when the calls failed."""
    for each in calls:
        if isinstance(each.answer, StubFailure):
            each.answer.__traceback__ = each.answer.__context__ = None


def call(test: Test, student: Student, rng: Rng, examinee: Examinee) -> None:
    """Call a test with the arguments it asks for. Raises whatever the test raises."""
    heartbeat.busy_for()
    offered = {"student": student, "rng": rng, "examinee": examinee}
    test(**{name: offered[name] for name in wanted(test)})


def wanted(test: Test) -> tuple[str, ...]:
    """Return the names of the arguments that a check asks for: `student`, `rng`, `examinee`."""
    return test.__code__.co_varnames[: test.__code__.co_argcount]


def run_locally(
    course: Course,
    test: Test,
    seed: int,
    functions: Mapping[str, Callable[..., Any]],
    distributions: Mapping[str, Callable[..., Any]] | None = None,
    examinee: Examinee = SOMEBODY,
) -> tuple[Verdict, Sequence[Call]]:
    """Run a check on functions in this process and return its verdict and calls.

    Calls to other stubs go to the references.
    """
    student = Student(LocalConnection({**references(course, test), **functions}, distributions or {}))
    np.random.seed(seed % 2**32)  # some misconceptions draw from numpy's global generator
    return find(test, student, np.random.default_rng(seed), examinee), student.calls


def references(course: Course, test: Test) -> dict[str, Callable[..., Any]]:
    """Return the references for the lab that a check belongs to, by stub. NumPy in, NumPy out."""
    lab = course.lab_of(check_of(test).stub)
    assert lab is not None
    return {stub.name: functools.partial(_numpy_reference, course, stub.name) for stub in lab.stubs}


def _numpy_reference(course: Course, stub: str, *args: Any, **kwargs: Any) -> Any:
    return call_reference(reference_of(course, stub), copy.deepcopy((args, kwargs)))


def _judge(error: Exception, calls: Sequence[Call]) -> Verdict:
    """Return the verdict for a test that ended with this exception."""
    if isinstance(error, CheckFailed):
        failure = Failure(error.kind, error.compared, _number_of(calls), error.changed)
        return Verdict(Outcome.FAILED, str(error), None, error.difference, error.slip, (failure,))
    if isinstance(error, NeedsManualGrade):
        return Verdict(Outcome.NOT_GRADED, str(error))
    if isinstance(error, StubFailure):
        told = error.called and error.outcome not in (Outcome.UNSOLVED, Outcome.NOT_GRADED)
        called = _called(calls) if told and calls and calls[-1].answer is error else None
        return Verdict(error.outcome, error.message, error.exception, called, error.slip)
    answered = any(isinstance(call.answer, Answer) for call in calls)
    if isinstance(error, SandboxFault) or not answered or _raised_in(error, assertions.__file__, comparison.__file__):
        return Verdict(Outcome.NOT_GRADED, f"This check couldn't be run ({_told(error)}). That's not your fault.")
    message = f"The returned value can't be used as an answer ({type(error).__name__}: {_told(error)})."
    failure = Failure(FailureKind.ANSWER, calls=_number_of(calls))
    return Verdict(Outcome.FAILED, message, None, _called(calls), _slip_of_last(calls), (failure,), crashed=True)


def _told(error: Exception) -> str:
    """Return an error's message, which may quote an answer of any length."""
    return text_of(error)[:MAX_TOLD]


def _number_of(calls: Sequence[Call]) -> int:
    return sum(each.stream is None for each in calls)


def _called(calls: Sequence[Call]) -> Difference:
    call = asked_last(calls)
    return Difference(called=rendered_call(call.stub, call.arguments))


def _slip_of_last(calls: Sequence[Call]) -> Pitfall | None:
    """Return the pitfall that the last answer shows, if a check crashed on that answer before comparing it."""
    answer = calls[-1].answer
    return pitfalls.of_answer(answer.value, (), answer.printed) if isinstance(answer, Answer) else None


def _raised_in(error: Exception, *files: str) -> bool:
    """Return whether one of these files is in the error's traceback.

    Errors in the assertions are never the student's fault.
    """
    return any(frame.f_code.co_filename in files for frame, _ in traceback.walk_tb(error.__traceback__))
