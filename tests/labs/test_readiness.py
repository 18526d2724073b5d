"""The references of the `readiness` lab against published figures, exact arithmetic and the score test."""

import itertools
import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest

from reference import readiness


class TestMonthlyCostUsd:
    @pytest.mark.parametrize(
        ("arguments", "usd"),
        [
            ((10_000, 1_500, 300, 1.0, 5.0), 900.0),
            ((10_000, 1_500, 300, 1.0, 5.0, 31), 930.0),
            ((1, 1_000_000, 0, 3.0, 15.0, 1), 3.0),
            ((1, 0, 1_000_000, 3.0, 15.0, 1), 15.0),
            ((0, 1_500, 300, 1.0, 5.0), 0.0),
            ((10_000, 1_500, 300, 0.0, 0.0), 0.0),
        ],
    )
    def test_worked_by_hand(self, arguments, usd):
        assert readiness.monthly_cost_usd(*arguments).item() == pytest.approx(usd, rel=1e-14)

    def test_is_the_sum_over_all_tokens_in_exact_arithmetic(self):
        rng = np.random.default_rng(1)
        for _ in range(20):
            requests, tokens_in, tokens_out, days = (int(each) for each in rng.integers(1, 5_000, size=4))
            price_in, price_out = (float(each) for each in rng.uniform(0.05, 60.0, size=2))
            exact = requests * days * (tokens_in * Fraction(price_in) + tokens_out * Fraction(price_out)) / 1_000_000
            got = readiness.monthly_cost_usd(requests, tokens_in, tokens_out, price_in, price_out, days)
            assert got.item() == pytest.approx(float(exact), rel=1e-14)

    @pytest.mark.parametrize("place", range(6))
    def test_refuses_any_number_below_0(self, place):
        arguments = [10_000, 1_500, 300, 1.0, 5.0, 30]
        arguments[place] *= -1
        with pytest.raises(ValueError, match="must be 0 or more"):
            readiness.monthly_cost_usd(*arguments)


def bounds(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    low, high = readiness.wilson_interval(successes, n, confidence)
    return low.item(), high.item()


class TestWilsonInterval:
    @pytest.mark.parametrize(
        ("successes", "n", "low", "high"),
        # The first four: R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
        [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
            (81, 100, 0.7222, 0.8749),
            (20, 20, 0.8389, 1.0),
            (9, 10, 0.5958, 0.9821),
        ],
    )
    def test_known_intervals(self, successes, n, low, high):
        assert bounds(successes, n) == pytest.approx((low, high), abs=6e-5)

    @pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.99])
    @pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (3, 7), (18, 20), (2, 300), (450, 900)])
    def test_holds_just_the_rates_that_the_score_test_does_not_reject(self, successes, n, confidence):
        z = NormalDist().inv_cdf((1 + confidence) / 2)

        def believable(rate: float) -> bool:
            return abs(successes / n - rate) <= z * math.sqrt(rate * (1 - rate) / n)

        def edge(inside: float, outside: float) -> float:
            if believable(outside):
                return outside
            for _ in range(100):
                between = (inside + outside) / 2
                inside, outside = (between, outside) if believable(between) else (inside, between)
            return inside

        wanted = edge(successes / n, 0.0), edge(successes / n, 1.0)
        assert bounds(successes, n, confidence) == pytest.approx(wanted, abs=1e-9)

    def test_widens_with_confidence_and_narrows_with_cases(self):
        widths = [high - low for low, high in (bounds(9, 10, confidence) for confidence in (0.5, 0.8, 0.95, 0.99))]
        assert widths == sorted(widths)
        widths = [high - low for low, high in (bounds(9 * n, 10 * n) for n in (1, 10, 100, 1000))]
        assert widths == sorted(widths, reverse=True)

    def test_stays_within_0_and_1_and_mirrors_successes_and_failures(self):
        for n, confidence in itertools.product((1, 2, 5, 50), (0.5, 0.95, 0.999)):
            for successes in range(n + 1):
                low, high = bounds(successes, n, confidence)
                assert -1e-12 <= low < successes / n + 1e-12
                assert successes / n - 1e-12 < high <= 1 + 1e-12
                assert bounds(n - successes, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-12)

    @pytest.mark.parametrize(("successes", "n"), [(0, 0), (1, 0), (0, -3), (-2, -3), (5, 4), (-1, 4)])
    def test_refuses_counts_that_cannot_be(self, successes, n):
        with pytest.raises(ValueError, match="cannot be"):
            readiness.wilson_interval(successes, n)
