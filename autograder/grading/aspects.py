"""What a failure is about: the values, the shape, the errors for bad input, the arguments, or a second call."""

from enum import StrEnum

from autograder.grading.execution import Failure, Verdict
from autograder.model.results import Outcome
from autograder.testing.failures import FailureKind


class Aspect(StrEnum):
    """What a failure is about."""

    VALUES = "values"
    SHAPE = "shape"
    ERRORS = "errors"
    ARGUMENTS = "arguments"
    REPETITION = "repetition"


_ASPECTS = {
    FailureKind.SHAPE: Aspect.SHAPE,
    FailureKind.RETURNED: Aspect.ERRORS,
    FailureKind.RAISED: Aspect.ERRORS,
    FailureKind.CHANGED: Aspect.ARGUMENTS,
    FailureKind.VARIES: Aspect.REPETITION,
}


def aspects_of(verdict: Verdict) -> set[Aspect]:
    """Return the aspects in which a check found a problem. An exception instead of a value counts as a wrong value."""
    found = {_aspect(each) for each in verdict.failures}
    return found | {Aspect.VALUES} if verdict.outcome is Outcome.ERROR else found


def failures_in(verdict: Verdict, aspect: Aspect) -> list[Failure]:
    """Return the failures of a check that are about this aspect, in the order they were found."""
    return [each for each in verdict.failures if _aspect(each) is aspect]


def is_open(verdict: Verdict, aspect: Aspect) -> bool:
    """Return whether a check would have reported a failure in this aspect.

    A wrong value ends a check before any other failures can show up.
    """
    return aspect is Aspect.VALUES or Aspect.VALUES not in aspects_of(verdict)


def _aspect(failure: Failure) -> Aspect:
    return _ASPECTS.get(failure.kind, Aspect.VALUES)
