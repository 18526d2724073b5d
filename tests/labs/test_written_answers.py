"""Wrong answers that people wrote are all rejected, and most of them are named (pytest -m proof)."""

import sys

import pytest

from tests.labs.written_answers import graded, read, tally
from tests.repository import COURSE

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux"),
]
BANKS = ("tuning", "unseen", "later", "held_out", "fifth", "sixth", "seventh")
# How many of the answers in the seven banks are named. These numbers should rise.
NAMED = {
    "neuron": (17, 20, 19, 18, 18, 19, 18),
    "softmax": (18, 19, 20, 19, 15, 17, 18),
    "loss": (19, 20, 20, 17, 20, 20, 20),
    "backprop": (19, 22, 19, 19, 19, 18, 20),
    "training": (15, 19, 17, 20, 17, 20, 18),
    "sampler": (21, 19, 18, 15, 13, 15, 19),
    "generation": (20, 18, 17, 15, 14, 18, 17),
    "architecture": (26, 22, 18, 20, 18, 17, 18),
    "finetuning": (14, 20, 19, 19, 19, 19, 20),
    "stages": (27, 24, 20, 20, 18, 19, 20),
}


@pytest.mark.parametrize("lab", NAMED)
def test_each_is_rejected_and_most_are_named(lab: str) -> None:
    for bank, named in zip(BANKS, NAMED[lab], strict=True):
        found = graded(COURSE, read(bank, lab))
        print(bank, tally(lab, found))
        assert [each.answer.wrong for each in found if each.rejected is (each.answer.allowed is not None)] == []
        assert sum(each.name is not None for each in found) >= named
