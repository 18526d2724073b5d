"""Wrong answers that people wrote are all rejected, and most of them get a name (pytest -m proof)."""

import sys

import pytest

from tests.labs.wrong_answers import graded, read, tally
from tests.solved_notebooks import COURSE

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform != "linux", reason="answers are graded in the sandbox, on Linux only"),
]
# How many of the answers in the tuning bank are named, which is to rise.
NAMED = {
    "neuron": 17,
    "softmax": 16,
    "loss": 19,
    "backprop": 19,
    "training": 14,
    "sampler": 21,
    "generation": 20,
    "architecture": 26,
    "finetuning": 14,
    "stages": 27,
}


@pytest.mark.parametrize("lab", [lab.name for lab in COURSE.labs if read("tuning", lab.name)])
def test_each_is_rejected_and_most_are_named(lab: str) -> None:
    found = graded(COURSE, read("tuning", lab))
    print(tally(lab, found))
    assert [each.answer.wrong for each in found if not each.rejected] == []
    assert sum(each.name is not None for each in found) >= NAMED[lab]
