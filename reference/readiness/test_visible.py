"""Visible checks of lab `readiness`."""

import numpy as np

from autograder.testing import agree, agree_values, checks
from reference import readiness

# What three decimals are off by at most, and a little more.
THREE_DECIMALS = 6e-4


@checks("monthly_cost_usd")
def test_known(student, rng):
    """10,000 requests a day of 1,500 tokens in at 1 USD and 300 out at 5 USD a million cost 900 USD a month."""
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 10_000, 1_500, 300, 1.0, 5.0)


@checks("monthly_cost_usd")
def test_long_answers(student, rng):
    """The same requests with answers of 1,200 tokens cost 2,250 USD, two and a half times as much."""
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 10_000, 1_500, 1_200, 1.0, 5.0)


@checks("monthly_cost_usd")
def test_curve(student, rng):
    """Ten times the requests cost ten times as much: from 0.9 to 9,000 USD."""
    requests = [10, 100, 1_000, 10_000, 100_000]
    costs = [student.monthly_cost_usd(each, 1_500, 300, 1.0, 5.0) for each in requests]
    wanted = np.array([0.9, 9.0, 90.0, 900.0, 9_000.0])
    agree_values(costs, wanted, "the costs of 10, 100, … 100,000 requests a day")


@checks("wilson_interval")
def test_w_known(student, rng):
    """81 of 100 passed: between 0.722 and 0.875."""
    agree(student.wilson_interval, readiness.wilson_interval, 81, 100, atol=THREE_DECIMALS)


@checks("wilson_interval")
def test_w_by_hand(student, rng):
    """9 of 10 passed: between 0.596 and 0.982, as worked out by hand."""
    agree(student.wilson_interval, readiness.wilson_interval, 9, 10, atol=THREE_DECIMALS)


@checks("wilson_interval")
def test_w_narrows(student, rng):
    """Of 20, 80, … 5,120 cases nine in ten pass: the lower end rises from 0.70 to 0.89."""
    sizes = [20, 80, 320, 1_280, 5_120]
    lows = [np.asarray(student.wilson_interval(9 * n // 10, n))[0] for n in sizes]
    wanted = np.array([float(readiness.wilson_interval(9 * n // 10, n)[0]) for n in sizes])
    agree_values(lows, wanted, "the lower ends for 18 of 20, 72 of 80, … 4,608 of 5,120", atol=THREE_DECIMALS)
