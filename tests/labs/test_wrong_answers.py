"""Wrong answers that people wrote are all rejected, and most of them are named (pytest -m proof)."""

import sys

import pytest

from tests.labs.wrong_answers import graded, read, tally
from tests.solved_notebooks import COURSE

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform != "linux", reason="answers are graded in the sandbox, on Linux only"),
]
# How many of the answers in the two banks are named. This number should rise.
NAMED = {
    "neuron": (17, 20),
    "softmax": (17, 19),
    "loss": (19, 20),
    "backprop": (19, 22),
    "training": (15, 19),
    "sampler": (22, 19),
    "generation": (20, 18),
    "architecture": (26, 20),
    "finetuning": (14, 20),
    "stages": (27, 22),
}


@pytest.mark.parametrize("lab", NAMED)
def test_each_is_rejected_and_most_are_named(lab: str) -> None:
    for bank, named in zip(("tuning", "unseen"), NAMED[lab], strict=True):
        found = graded(COURSE, read(bank, lab))
        print(bank, tally(lab, found))
        assert [each.answer.wrong for each in found if each.rejected is (each.answer.allowed is not None)] == []
        assert sum(each.name is not None for each in found) >= named
