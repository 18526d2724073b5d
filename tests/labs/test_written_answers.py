"""Written answers: the wrong ones are all rejected, most with a name, and the right ones earn everything (pytest -m
proof)."""

import sys

import pytest

from tests.labs.written_answers import graded, read, tally
from tests.repository import COURSE

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux"),
]
BANKS = ("tuning", "unseen", "later", "held_out", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
# How many of the answers in the ten banks are named; 0 if a bank has none for the lab. These numbers should rise.
NAMED = {
    "start": (0, 0, 0, 0, 0, 0, 0, 0, 9, 4),
    "neuron": (17, 20, 19, 18, 18, 19, 18, 13, 12, 12),
    "softmax": (18, 19, 20, 19, 15, 17, 18, 15, 12, 15),
    "loss": (19, 20, 20, 17, 20, 20, 20, 14, 12, 14),
    "backprop": (19, 22, 19, 19, 19, 18, 20, 14, 15, 15),
    "training": (15, 19, 17, 20, 17, 20, 18, 13, 15, 14),
    "sampler": (21, 19, 18, 15, 13, 15, 19, 12, 12, 14),
    "generation": (20, 18, 17, 15, 14, 18, 17, 11, 13, 17),
    "architecture": (26, 22, 18, 20, 18, 17, 18, 14, 14, 20),
    "finetuning": (14, 20, 19, 19, 19, 19, 20, 15, 13, 15),
    "readiness": (0, 0, 0, 0, 0, 0, 0, 0, 18, 7),
    "stages": (27, 24, 20, 20, 18, 19, 20, 13, 14, 22),
    "terms": (0, 0, 0, 0, 0, 0, 0, 0, 0, 6),
}


@pytest.mark.parametrize("lab", NAMED)
def test_each_is_rejected_and_most_are_named(lab: str) -> None:
    for bank, named in zip(BANKS, NAMED[lab], strict=True):
        if not (answers := read(bank, lab)):
            continue
        found = graded(COURSE, answers)
        print(bank, tally(lab, found))
        assert [each.answer.wrong for each in found if each.rejected is (each.answer.allowed is not None)] == []
        assert sum(each.name is not None for each in found) >= named


@pytest.mark.parametrize("lab", NAMED)
def test_right_ones_earn_everything_whatever_their_style(lab: str) -> None:
    found = graded(COURSE, read("right", lab))
    assert [each.answer.style for each in found if each.points != pytest.approx(1, abs=1e-5)] == []
    assert len(found) == {"start": 10, "readiness": 25, "terms": 10}.get(lab, 35)
