"""Statistics of draws: correct samplers pass, wrong ones are detected, and the token that's off is named."""

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograder.grading.likeness import same_mistake
from autograder.testing import statistics
from autograder.testing.assertions import CheckFailed, agree_in_distribution, independent
from autograder.testing.declarations import misconception
from autograder.testing.local import LocalConnection
from autograder.testing.student import Student

LESSON = np.array([0.35, 0.28, 0.15, 0.08, 0.06, 0.08])
UNEVEN = np.array([0.28, 0.35, 0.15, 0.08, 0.06, 0.08])


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def student_with(stub: Callable[..., Any]) -> Student:
    return Student(LocalConnection({"stub": stub}))


def by_choice(probs, rng):
    return rng.choice(len(probs), p=probs)


def exact_two_sided(count: int, n: int, p: Fraction) -> float:
    chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    return float(min(1, 2 * min(sum(chances[: count + 1]), sum(chances[count:]))))


@pytest.mark.parametrize(("count", "n"), [(0, 30), (3, 30), (12, 30), (30, 30), (5, 5), (0, 1), (40, 400), (90, 400)])
@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(7, 20), Fraction(1, 100), Fraction(99, 100)])
def test_a_tail_is_that_of_exact_fractions(count, n, p):
    assert statistics.two_sided(count, n, float(p)) == pytest.approx(exact_two_sided(count, n, p), rel=1e-9)


@pytest.mark.parametrize("n", [20, 500, 20_000])
def test_right_draws_are_refused_no_more_often_than_stated(n):
    """At a level of 1%, not 1e-6: 2,000 samples are rejected 20 times on average, and over 45 times with p = 1e-6."""
    source, level = rng(), 0.01
    samples = [source.choice(6, size=n, p=LESSON) for _ in range(2_000)]
    assert sum(statistics.most_surprising(each, LESSON).p_value < level for each in samples) <= 45


def test_a_certain_token_is_no_surprise():
    assert statistics.most_surprising([2] * 50, np.array([0.0, 0.0, 1.0])).p_value == 1
    assert statistics.two_sided(49, 50, 1.0) == 0


def test_rare_tokens_are_counted_together():
    probabilities = np.concatenate([[0.9], np.full(1_000, 1e-4)])
    drawn = [0] * 900 + [1] * 100
    assert statistics.most_surprising(drawn, probabilities).p_value > 1e-3
    assert statistics.most_surprising([0] * 1_000, probabilities).p_value < 1e-20


class TestAgreeInDistribution:
    @pytest.mark.parametrize(
        "right",
        [
            by_choice,
            lambda probs, rng: int(np.searchsorted(np.cumsum(probs), rng.random())),
            lambda probs, rng: np.argmax(np.log(probs) + rng.gumbel(size=len(probs))),
            lambda probs, rng: np.argmin(rng.exponential(size=len(probs)) / probs),
            lambda probs, rng: rng.multinomial(1, probs).argmax(),
            lambda probs, rng: np.array(rng.choice(len(probs), p=probs)),
        ],
        ids=["choice", "inverse_cdf", "gumbel", "race", "multinomial", "0-d array"],
    )
    def test_any_right_sampler_passes(self, right):
        student = student_with(right)
        agree_in_distribution(student.stub, LESSON, LESSON, rng(), draws=4_000)
        assert student.statistic is not None
        assert student.statistic >= statistics.ALPHA

    def test_a_wrong_count_names_its_token(self):
        with pytest.raises(
            CheckFailed, match=r"token id [01] came up [\d,]+ of 7,600 times instead of about [\d,]+"
        ) as caught:
            agree_in_distribution(student_with(lambda probs, rng: by_choice(UNEVEN, rng)).stub, LESSON, LESSON, rng())
        assert caught.value.difference is not None
        assert caught.value.difference.table is not None

    def test_an_impossible_token_fails_at_once(self):
        student = student_with(lambda probs, rng: 1)
        with pytest.raises(CheckFailed, match="token id 1 came up, but its probability is 0"):
            agree_in_distribution(student.stub, [0.5, 0.0, 0.5], LESSON, rng(), draws=10)
        assert len(student.calls) == 1

    @pytest.mark.parametrize(("token", "words"), [(6, "no token id 6"), (-1, "no token id -1")])
    def test_a_token_that_does_not_exist(self, token, words):
        with pytest.raises(CheckFailed, match=words):
            agree_in_distribution(student_with(lambda probs, rng: token).stub, LESSON, LESSON, rng(), draws=10)

    @pytest.mark.parametrize("other", [0.0, None, "0", [0], np.array([0]), np.float64(0.0)])
    def test_what_is_no_token_id(self, other):
        with pytest.raises(CheckFailed, match="expected a whole number"):
            agree_in_distribution(student_with(lambda probs, rng: other).stub, LESSON, LESSON, rng(), draws=10)

    def test_only_two_failures_count(self):
        """The first sample is wrong from its first half on and the second is right, as might happen by chance."""
        asked: list[int] = []

        def unlucky(probs, rng):
            asked.append(0)
            return 0 if len(asked) <= 1_000 else by_choice(probs, rng)

        student = student_with(unlucky)
        agree_in_distribution(student.stub, LESSON, LESSON, rng(), draws=1_000)
        assert [call.draws for call in student.calls] == [500, 500, 2_000]
        with pytest.raises(CheckFailed):
            agree_in_distribution(student_with(lambda probs, rng: 0).stub, LESSON, LESSON, rng(), draws=1_000)

    @pytest.mark.parametrize(("draws", "asked"), [(999, [999]), (1_001, [500])])
    def test_half_of_a_large_sample_is_enough_if_nothing_about_it_is_surprising(self, draws, asked):
        drawn = itertools.cycle(np.repeat(range(6), np.round(100 * LESSON).astype(int)).tolist())
        student = student_with(lambda probs, rng: next(drawn))
        agree_in_distribution(student.stub, LESSON, LESSON, rng(), draws=draws)
        assert [call.draws for call in student.calls] == asked

    def test_the_first_half_of_a_sample_counts_at_its_end(self):
        """Only the first half is wrong, but so wrong that the whole sample is surprising."""
        right = np.repeat(range(6), np.round(500 * LESSON).astype(int))
        wrong = [0] * 30 + right[:-30].tolist()
        drawn = itertools.chain(wrong, itertools.cycle(right.tolist()))
        student = student_with(lambda probs, rng: next(drawn))
        agree_in_distribution(student.stub, LESSON, LESSON, rng(), draws=1_000)
        assert [call.draws for call in student.calls] == [500, 500, 2_000]

    def test_the_stub_gets_a_generator_of_its_own_and_another_the_second_time(self):
        mine = rng()
        student = student_with(lambda probs, rng: 0)
        with pytest.raises(CheckFailed):
            agree_in_distribution(student.stub, LESSON, LESSON, mine, draws=100)
        states = [call.arguments[0][1].bit_generator.state["state"]["state"] for call in student.calls]
        assert len({*states, rng().bit_generator.state["state"]["state"]}) == 3

    @pytest.mark.proof
    def test_it_finds_what_its_size_promises(self):
        """An ignored T = 2 is detected by 2,328 draws with a probability of 1 - 1e-6 (exact binomial power)."""
        flat = LESSON**0.5 / (LESSON**0.5).sum()
        for seed in range(20):
            with pytest.raises(CheckFailed):
                agree_in_distribution(
                    student_with(by_choice_of(LESSON)).stub, flat, LESSON, np.random.default_rng(seed), draws=2_328
                )


def by_choice_of(probabilities: Sequence[float]) -> Callable[..., Any]:
    return lambda probs, rng: rng.choice(len(probabilities), p=probabilities)


class TestIndependent:
    def test_new_draws_pass(self):
        independent(student_with(by_choice).stub, LESSON, LESSON, rng(), pairs=1_000)

    def test_each_draw_twice_fails(self):
        last: list[int] = []

        def twice(probs, rng):
            if last:
                return last.pop()
            last.append(int(by_choice(probs, rng)))
            return last[0]

        with pytest.raises(CheckFailed, match="2,000 of 2,000 pairs of successive draws are the same id twice"):
            independent(student_with(twice).stub, LESSON, LESSON, rng(), pairs=1_000)

    def test_never_the_same_twice_in_a_row_fails(self):
        last = [-1]

        def avoids(probs, rng):
            while (token := int(by_choice(probs, rng))) == last[0]:
                pass
            last[0] = token
            return token

        with pytest.raises(CheckFailed, match=" 0 of 2,000 pairs"):
            independent(student_with(avoids).stub, LESSON, LESSON, rng(), pairs=1_000)


class TestAMisconceptionThatStatesItsProbabilities:
    def calls(self, functions: Any, distributions: Any = None) -> Any:
        student = Student(LocalConnection({"stub": functions}, distributions or {}))
        with pytest.raises(CheckFailed):
            agree_in_distribution(student.stub, LESSON, LESSON, rng(), draws=4_000)
        return student.calls

    def test_is_seen_in_draws_made_another_way(self):
        uniform = self.calls(lambda probs, rng: rng.integers(len(probs)))
        otherwise = self.calls(lambda probs, rng: int(rng.random() * len(probs)))
        assert same_mistake(otherwise, uniform, lambda probs, rng: np.full(len(probs), 1 / len(probs)))
        assert not same_mistake(otherwise, uniform)

    def test_is_not_seen_in_draws_of_another_mistake(self):
        uniform = self.calls(lambda probs, rng: rng.integers(len(probs)))
        uneven = self.calls(by_choice_of(UNEVEN))
        assert not same_mistake(uneven, uniform, lambda probs, rng: np.full(len(probs), 1 / len(probs)))

    def test_draws_from_them_without_being_called(self):
        def never(probs, rng):
            raise AssertionError

        self.calls(never, {"stub": lambda probs, rng: np.full(len(probs), 1 / len(probs))})


@pytest.mark.filterwarnings("error")
def test_a_misconception_that_divides_by_0_does_not_warn_the_person_who_grades():
    @misconception(
        of="stub", hint="Look again.", any_of={"of": (0.0,)}, probabilities=lambda probs, rng, of: probs / of
    )
    def divides(probs, rng, *, of): ...

    (declared,) = divides.__misconceptions__
    assert np.all(declared.distribution()(LESSON, rng()) == np.inf)


def test_probabilities_that_a_wrong_answer_does_not_have_explain_no_draw():
    """A misconception that divides by 0 produces only NaNs, so it can't explain any draw, and the check continues."""
    assert not statistics.fits([1], np.full(3, np.nan))
    assert statistics.fits([1], np.array([0.2, 0.8, 0.0]))
