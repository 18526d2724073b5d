"""Evidence to levels. A level is a pure function of the evidence of one whole submission, never pieced together."""

from collections.abc import Sequence
from enum import StrEnum

from autograder.outcome import Evidence, Outcome


class Level(StrEnum):
    """Of a stub, lowest first."""

    NOT_STARTED = "not started"
    ATTEMPTED = "attempted"
    FAMILIAR = "familiar"
    PROFICIENT = "proficient"


def stub_level(evidence: Sequence[Evidence]) -> Level:
    """The level of one stub by all its evidence; visible checks alone never show more than familiar."""
    counted = [each for each in evidence if not each.advisory]
    visible = [each for each in counted if each.kind == "visible"]
    graded = [each for each in counted if each.kind in ("hidden", "statistical")]
    if all(each.outcome is Outcome.UNSOLVED for each in counted):
        return Level.NOT_STARTED
    if any(each.outcome is not Outcome.PASSED for each in visible):
        return Level.ATTEMPTED
    if not graded or any(each.outcome is not Outcome.PASSED or each.misconception for each in graded):
        return Level.FAMILIAR
    return Level.FAMILIAR if any(each.misconception for each in counted) else Level.PROFICIENT
