"""Everything that a lab's checks, misconceptions, alternatives and shortcuts can import, besides numpy and `reference`.

    import numpy as np

    from autograder.testing import agree, checks
    from reference import softmax

    @checks("softmax")
    def test_by_hand(student, rng):
        '''The example worked by hand.'''
        agree(student.softmax, softmax.softmax, np.array([1.0, 2.0, 3.0]))

Importing this package doesn't load torch. The first call to a reference does.
"""

from autograder.model.results import Pitfall
from autograder.testing.assertions import (
    NeedsManualGrade,
    agree,
    agree_in_distribution,
    agree_values,
    fails,
    independent,
    leaves_unchanged,
    raises,
    repeatable,
    streams,
)
from autograder.testing.comparison import plain_text
from autograder.testing.declarations import alternative, checks, misconception, shortcut, steps
from autograder.testing.doubles import ScriptedBoxes, ScriptedModel, ScriptedSampler, ScriptedStream
from autograder.testing.examples import example
from autograder.testing.failures import CheckFailed
from autograder.testing.forwarding import forwards
from autograder.testing.references import call_reference, reference_value
from autograder.testing.statistics import plausible_count

__all__ = [
    "CheckFailed",
    "NeedsManualGrade",
    "Pitfall",
    "ScriptedBoxes",
    "ScriptedModel",
    "ScriptedSampler",
    "ScriptedStream",
    "agree",
    "agree_in_distribution",
    "agree_values",
    "alternative",
    "call_reference",
    "checks",
    "example",
    "fails",
    "forwards",
    "independent",
    "leaves_unchanged",
    "misconception",
    "plain_text",
    "plausible_count",
    "raises",
    "reference_value",
    "repeatable",
    "shortcut",
    "steps",
    "streams",
]
