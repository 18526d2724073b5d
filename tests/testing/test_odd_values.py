"""An odd value is a wrong answer like any other: it fails the check, and never leaves it ungraded."""

from typing import Any

import numpy as np
import pytest

from autograder.grading.execution import SOMEBODY, find
from autograder.grading.likeness import same_item, tells
from autograder.model.results import Outcome
from autograder.testing import agree, agree_in_distribution, agree_values, independent, leaves_unchanged, repeatable
from autograder.testing.comparison import same
from autograder.testing.local import LocalConnection
from autograder.testing.statistics import fits
from autograder.testing.student import Answer, Call, Student

ODD = {
    "beyond_64_bits": 10**30,
    "beyond_text": 10**5000,
    "far_below": -(10**5000),
    "far_beyond_text": 10**10_000,
    "hex": int("f" * 10_000, 16),
    "bits": (1 << 10_000) - 1,
    "deep": [{"a": (10**10_000, [-(10**10_000)])}],
    "many": [10**10_000] * 3,
    "far_objects": np.array([10**10_000, 1], object),
    "uint64": np.uint64(2**64 - 1),
    "uint64_as_int": 2**64 - 1,
    "uint64_array": np.full(3, 2**64 - 1, np.uint64),
    "complex": 1 + 2j,
    "complex_array": np.ones(3) * 1j,
    "complex_rows": np.ones((2, 3)) * 1j,
    "no_complex": np.zeros(0, complex),
    "objects": np.array([1, None, "a"], object),
    "large_objects": np.array([10**30, 1], object),
    "list": [10**5000, 2],
    "mixed": [1, 10**30, 2.5],
    "complex_list": [1j, 2],
    "pair": (10**5000, 1j),
    "pairs": [(10**5000, 1j)],
    "dict": {"a": 10**5000},
    "key": {10**5000: 1},
    "rows_of_different_lengths": [[1, 2], [3]],
    "arrays_in_a_list": [np.ones(2), 1],
}
WANTED = {
    "float": 0.5,
    "whole": 3,
    "truth": True,
    "floats": np.array([0.5, 1.5, 2.5]),
    "wholes": np.array([1, 2, 3]),
    "rows": np.ones((2, 3)) / 7,
    "list": [1, 2],
    "float_list": [0.5, 1.5],
    "text": "a",
    "pair": (1, 0.5),
    "dict": {"a": 1.0},
}


def outcome(check: Any, value: Any) -> Outcome:
    student = Student(LocalConnection({"stub": lambda *_args, **_options: value}))
    verdict = find(check, student, np.random.default_rng(1), SOMEBODY)
    assert tells(student.calls) in (True, False)
    return verdict.outcome


@pytest.mark.parametrize("odd", ODD)
class TestAnOddValueFails:
    @pytest.mark.parametrize("wanted", WANTED)
    def test_a_comparison(self, odd, wanted):
        def test_agree(student):
            agree(student.stub, lambda _x: WANTED[wanted], 1.0)

        def test_values(student):
            agree_values(student.stub(1.0), WANTED[wanted], "what came back")

        assert outcome(test_agree, ODD[odd]) is Outcome.FAILED
        assert outcome(test_values, ODD[odd]) is Outcome.FAILED

    @pytest.mark.parametrize("times", [1, 2])
    def test_a_comparison_with_itself(self, odd, times):
        def test_itself(student):
            value = student.stub(1.0)
            agree_values(value, value, "what came back")
            agree_values([np.asarray(value, object)] * times, [np.asarray(value, object)] * times, "what came back")

        assert outcome(test_itself, ODD[odd]) in (Outcome.FAILED, Outcome.PASSED)

    def test_an_error_that_quotes_it(self, odd):
        def test_key(student):
            raise KeyError(student.stub(1.0))

        assert outcome(test_key, ODD[odd]) is Outcome.FAILED

    def test_draws(self, odd):
        def test_counts(student, rng):
            agree_in_distribution(student.stub, [0.5, 0.5], rng, draws=100)

        def test_pairs(student, rng):
            independent(student.stub, [0.5, 0.5], rng, pairs=50)

        assert outcome(test_counts, ODD[odd]) is Outcome.FAILED
        assert outcome(test_pairs, ODD[odd]) is Outcome.FAILED

    def test_and_conduct_is_judged_as_ever(self, odd):
        def test_conduct(student):
            leaves_unchanged(student.stub, np.ones(2))
            repeatable(student.stub, 1.0)

        assert outcome(test_conduct, ODD[odd]) is Outcome.PASSED

    def test_and_a_diagnosis_can_be_asked(self, odd):
        value = LocalConnection({"stub": lambda: ODD[odd]}).call("stub", ((), {})).value
        for wanted in WANTED.values():
            assert not same(value, wanted)
            assert not same_item((value,), (wanted,), 0, 0.1)
        assert not fits([value] * 3, np.array([0.5, 0.5]))
        assert not fits([value, np.ones(2), np.ones(3)], np.array([0.5, 0.5]))
        assert tells([Call("stub", ((), {}), Answer(value))])
