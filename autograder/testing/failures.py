"""What a check found wrong, both in words for the student and as data for telling mistakes apart."""

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.model.results import Difference, Pitfall
from autograder.testing.comparison import is_blank, same, same_shapes, scale_of, tolerance_for


class FailureKind(StrEnum):
    """How a check failed. For SHAPE and CONVENTION, the values themselves are right."""

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
    """What a check compared with the expected value: either the answer itself or something computed from it."""

    got: Any
    wanted: Any
    tail: bool
    rtol: float
    atol: float | None

    def takes_for(self, other: "Compared") -> bool:
        """Return whether the two answers are the same within this comparison's tolerance. Both may be wrong."""
        # The tolerance has to match the size of the answers. With a tolerance for 300,000, both 0.5 and 0.9 would be
        # accepted as 0.
        sized = other.got if scale_of(other.got) else self.wanted
        return same(self.got, other.got, tolerance_for(sized, self.tail, self.rtol, self.atol))

    def is_shaped_like(self, other: "Compared") -> bool:
        """Return whether both answers have the same shape."""
        return same_shapes(self.got, other.got)

    @functools.cached_property
    def is_blank(self) -> bool:
        """Whether the answer is None or all NaN."""
        return is_blank(self.got)


class CheckFailed(Exception):
    """What an assertion raises. `str()` is the message, in words that a beginner understands.

    difference: the same message in parts, for the page that displays it.
    slip: the pitfall behind the failure, if we know it.
    kind: how the check failed.
    compared: what was compared, if anything was.
    changed: if the failure is that the stub changed arguments, which ones, by position or name.
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
