"""What a check found wrong: in words for a student, and in terms that tell one mistake from another."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.model.results import Difference, Pitfall
from autograder.testing.comparison import same, scale_of, shapes, tolerance_for


class FailureKind(StrEnum):
    """In which way a check failed. With SHAPE and CONVENTION the values themselves are right."""

    ANSWER = "answer"
    NOTHING = "nothing"
    DRAWS = "draws"
    SHAPE = "shape"
    CONVENTION = "convention"
    RETURNED = "returned"
    RAISED = "raised"
    CHANGED = "changed"
    VARIES = "varies"


# A failure of these kinds leaves a check going, and the share of its points that the check declares.
APART_FROM_VALUES = (FailureKind.SHAPE, FailureKind.CONVENTION)


@dataclass(frozen=True)
class Compared:
    """What a check compared: the answer, or what it made of it, with the wanted value."""

    got: Any
    wanted: Any
    tail: bool
    rtol: float
    atol: float | None

    def takes_for(self, other: "Compared") -> bool:
        """Whether this comparison makes no difference between its answer and another one, itself perhaps as wrong."""
        # The size that counts is the answers' own: beside 300,000, both 0.5 and 0.9 would pass for 0.
        sized = other.got if scale_of(other.got) else self.wanted
        return same(self.got, other.got, tolerance_for(sized, self.tail, self.rtol, self.atol))

    def is_shaped_like(self, other: "Compared") -> bool:
        """Whether both answers came in the same shape."""
        return shapes(self.got) == shapes(other.got)


class CheckFailed(Exception):
    """What a check found wrong. `str()` says it in words a beginner understands.

    difference: the same, part by part, for the page that draws it. slip: the beginner's mistake behind it, if known.
    kind and compared: which way it failed, and what was compared, if anything was.
    """

    def __init__(
        self,
        message: str,
        difference: Difference | None = None,
        slip: Pitfall | None = None,
        kind: FailureKind = FailureKind.ANSWER,
        compared: Compared | None = None,
    ) -> None:
        super().__init__(message)
        self.difference = difference
        self.slip = slip
        self.kind = kind
        self.compared = compared
