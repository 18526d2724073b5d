"""What a check found wrong: in words for the student, and as data for telling mistakes apart."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.model.results import Difference, Pitfall
from autograder.testing.comparison import same, scale_of, shapes, tolerance_for


class FailureKind(StrEnum):
    """How a check failed. If it's SHAPE or CONVENTION, the values themselves are right."""

    ANSWER = "answer"
    NOTHING = "nothing"
    DRAWS = "draws"
    SHAPE = "shape"
    CONVENTION = "convention"
    RETURNED = "returned"
    RAISED = "raised"
    CHANGED = "changed"
    VARIES = "varies"


# A check continues after failures of these kinds, and still earns its `share`.
APART_FROM_VALUES = (FailureKind.SHAPE, FailureKind.CONVENTION)


@dataclass(frozen=True)
class Compared:
    """What a check compared with the expected value: the answer itself, or something computed from it."""

    got: Any
    wanted: Any
    tail: bool
    rtol: float
    atol: float | None

    def takes_for(self, other: "Compared") -> bool:
        """Return whether this comparison can't tell its own answer from the other's, which may be wrong too."""
        # The tolerance must follow the size of the answers: if 300,000 is expected, both 0.5 and 0.9 would pass for 0.
        sized = other.got if scale_of(other.got) else self.wanted
        return same(self.got, other.got, tolerance_for(sized, self.tail, self.rtol, self.atol))

    def is_shaped_like(self, other: "Compared") -> bool:
        """Return whether both answers have the same shape."""
        return shapes(self.got) == shapes(other.got)


class CheckFailed(Exception):
    """What an assertion raises. `str()` is the message, in words that a beginner understands.

    difference: the same message in parts, for the page that displays it.
    slip: the pitfall behind the failure, if known.
    kind: how the check failed.
    compared: what was compared, if anything was.
    changed: which arguments the stub changed, by position or name, if that's the failure.
    """

    def __init__(
        self,
        message: str,
        difference: Difference | None = None,
        slip: Pitfall | None = None,
        kind: FailureKind = FailureKind.ANSWER,
        compared: Compared | None = None,
        changed: frozenset[int | str] = frozenset(),
    ) -> None:
        super().__init__(message)
        self.difference = difference
        self.slip = slip
        self.kind = kind
        self.compared = compared
        self.changed = changed
