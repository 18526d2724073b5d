"""Visible checks of the `readiness` lab."""

import numpy as np

from autograder.testing import agree, agree_values, checks, example, raises
from reference import readiness

# A little more than the largest error you can make by rounding to three decimals.
THREE_DECIMALS = 6e-4
# A little more than the largest error you can make by rounding to the nearest cent.
NEAREST_CENT = 0.0051
# The share of the credit that an answer gets if it's right except for its unit, rounding or order. It's large enough
# that such an answer can also earn the points of its conduct checks, even though it earns nothing for its curve checks.
SHARE = 0.6

# Requests per day, input and output tokens per request, and the price of each in USD per million tokens.
USE = (10_000, 1_500, 300, 1.0, 5.0)


def use(rng):
    """Draw a new workload and model. Output tokens cost more than input tokens, and a day's bill is in whole cents."""
    requests, tokens_in, tokens_out = rng.integers([2, 8, 2], [46, 41, 9]) * [1_000, 100, 100]
    usd_in, usd_out = rng.integers([1, 6], [5, 31]) / 2
    return int(requests), int(tokens_in), int(tokens_out), float(usd_in), float(usd_out)


def evaluation(rng):
    n = int(rng.integers(50, 300))
    return int(rng.uniform(0.6, 0.95) * n), n


def cost_agrees(student, *args, **kwargs):
    """Require USD. Give partial credit for the right bill in cents, in whole dollars, or with 31 days by default."""
    conventions = [lambda usd: 100 * usd, np.round]
    if len(args) == 5 and "days" not in kwargs:
        conventions.append(lambda usd: usd / 30 * 31)
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, *args, apart_from=conventions, **kwargs)


def interval_agrees(student, *args, **kwargs):
    """Require three decimals. Give partial credit for the right interval in a different form or in whole percents."""
    conventions = [
        lambda ends: (100 * ends[0], 100 * ends[1]),
        lambda ends: (ends[1], ends[0]),
        lambda ends: ((ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2),
        lambda ends: (round(float(ends[0]), 2), round(float(ends[1]), 2)),
    ]
    agree(
        student.wilson_interval,
        readiness.wilson_interval,
        *args,
        atol=THREE_DECIMALS,
        apart_from=conventions,
        **kwargs,
    )


@checks("monthly_cost_usd", weight=0.5, share=SHARE)
def test_known(student, rng):
    """10,000 requests a day, each with 1,500 input tokens (1 dollar per million) and 300 output tokens (5 dollars per
    million), cost 900 dollars a month."""
    cost_agrees(student, *example(rng, USE, use))


@checks("monthly_cost_usd", weight=0.5, share=SHARE)
def test_long_answers(student, rng):
    """If the answers to the same requests have 1,200 tokens, you pay 2,250 dollars, two and a half times as much."""
    requests, tokens_in, tokens_out, usd_in, usd_out = example(rng, USE, use)
    cost_agrees(student, requests, tokens_in, 4 * tokens_out, usd_in, usd_out)


@checks("monthly_cost_usd", weight=0.5)
def test_curve(student, rng):
    """Ten times as many requests cost ten times as much: 10 a day cost 90 cents a month, and 100,000 a day cost 9,000
    dollars."""
    requests = [10, 100, 1_000, 10_000, 100_000]
    _, *rest = example(rng, USE, use)
    costs = [student.monthly_cost_usd(each, *rest) for each in requests]
    wanted = np.array([float(readiness.monthly_cost_usd(each, *rest)) for each in requests])
    agree_values(costs, wanted, "the costs of 10, 100, … 100,000 requests a day")


@checks("monthly_cost_usd", weight=0.5, share=SHARE)
def test_months(student, rng):
    """The bill is 930 dollars for 31 days, 840 for 28 days and 30 for a single day."""
    shown = example(rng, USE, use)
    for days in (31, 28, 1):
        cost_agrees(student, *shown, days)


@checks("monthly_cost_usd", weight=0.5, share=SHARE)
def test_nothing_to_pay(student, rng):
    """If there are no requests, no days or no tokens, or if both prices are 0, the bill is 0. If there's no output, you
    still pay for the input."""
    requests, tokens_in, tokens_out, usd_in, usd_out = example(rng, USE, use)
    for args in (
        (0, tokens_in, tokens_out, usd_in, usd_out, 30),
        (requests, tokens_in, tokens_out, usd_in, usd_out, 0),
        (requests, 0, 0, usd_in, usd_out, 30),
        (requests, tokens_in, tokens_out, 0, 0, 30),
        (requests, tokens_in, 0, 1, 5, 30),
    ):
        cost_agrees(student, *args)


@checks("monthly_cost_usd", weight=0.5, share=SHARE)
def test_nearest_cent(student, rng):
    """You can round a bill of 9.009 dollars to 9.01 and one of 9.003 to 9.00, but not the other way around. Round the
    sum, not the costs of input and output."""
    tokens = example(rng, 1_500, lambda rng: int(rng.integers(160, 300)) * 10)
    # In the last bill, the input's cost and the output's cost both end in 0.4 cents.
    for more, tokens_out, usd_out in ((3, 300, 5.0), (1, 300, 5.0), (8, 302, 4.0)):
        cost_agrees(student, 100, tokens + more, tokens_out, 1.0, usd_out, atol=NEAREST_CENT, rtol=0.0)


@checks("monthly_cost_usd", weight=0.5, conduct=True)
def test_below_zero(student, rng):
    """A negative number raises ValueError, no matter which of the six arguments it is."""
    requests, tokens_in, tokens_out, usd_in, usd_out = example(rng, USE, use)
    right = [requests, tokens_in, tokens_out, usd_in, usd_out, 30]
    for place in range(6):
        raises(student.monthly_cost_usd, *right[:place], -right[place], *right[place + 1 :])
    raises(student.monthly_cost_usd, requests, -100, tokens_out, usd_in, usd_out)
    raises(student.monthly_cost_usd, -requests, tokens_in, tokens_out, usd_in, usd_out, -30)


@checks("monthly_cost_usd", weight=0.5, conduct=True)
def test_below_zero_for_free(student, rng):
    """A negative number raises ValueError even if there's nothing to pay, because there are no requests, no days or no
    tokens, or because both prices are 0."""
    requests, tokens_in, tokens_out, usd_in, usd_out = example(rng, USE, use)
    for args in (
        (0, -tokens_in, tokens_out, usd_in, usd_out, 30),
        (requests, tokens_in, tokens_out, -usd_in, usd_out, 0),
        (requests, 0, 0, usd_in, -usd_out, 30),
        (requests, tokens_in, -tokens_out, 0, 0, 30),
        (0, tokens_in, tokens_out, usd_in, usd_out, -30),
        (-requests, tokens_in, tokens_out, usd_in, usd_out, 0),
    ):
        raises(student.monthly_cost_usd, *args)


@checks("wilson_interval", weight=0.5, share=SHARE)
def test_w_known(student, rng):
    """If 81 of 100 cases pass, the interval goes from 0.722 to 0.875."""
    interval_agrees(student, *example(rng, (81, 100), evaluation))


@checks("wilson_interval", weight=0.5, share=SHARE)
def test_w_by_hand(student, rng):
    """If 9 of 10 cases pass, the interval goes from 0.596 to 0.982, as worked out by hand."""
    n = example(rng, 10, lambda rng: int(rng.integers(11, 20)))
    interval_agrees(student, n - 1, n)


@checks("wilson_interval", weight=0.5)
def test_w_narrows(student, rng):
    """If nine in ten cases pass, the lower end rises from 0.70 for 20 cases to 0.89 for 5,120 cases."""
    few = example(rng, 20, lambda rng: int(rng.integers(3, 9)) * 10)
    sizes = [few * 4**step for step in range(5)]
    lows = [np.asarray(student.wilson_interval(9 * n // 10, n))[0] for n in sizes]
    wanted = np.array([float(readiness.wilson_interval(9 * n // 10, n)[0]) for n in sizes])
    first, second, *_, last = [f"{9 * n // 10:,} of {n:,}" for n in sizes]
    agree_values(lows, wanted, f"the lower ends for {first}, {second}, … {last}", atol=THREE_DECIMALS)


@checks("wilson_interval", weight=0.5, share=SHARE)
def test_w_no_doubt(student, rng):
    """If 20 of 20 cases pass, the interval still starts at only 0.839. The interval is also wide for 0 of 20 and for 1
    of 1."""
    cases = example(rng, 20, lambda rng: int(rng.integers(21, 60)))
    for successes, n in ((cases, cases), (0, cases), (1, 1)):
        interval_agrees(student, successes, n)


@checks("wilson_interval", weight=0.5, share=SHARE)
def test_w_more_confident(student, rng):
    """If 24 of 40 cases pass, the interval gets wider as the confidence level rises from 50% to 99%."""
    successes, n = example(rng, (24, 40), evaluation)
    for confidence in (0.5, 0.8, 0.9, 0.99):
        interval_agrees(student, successes, n, confidence)


@checks("wilson_interval", weight=0.5, conduct=True)
def test_w_impossible(student, rng):
    """Impossible counts, such as 0 of 0, 5 of 4 or -1 of 4, raise ValueError at any confidence level."""
    cases = example(rng, 4, lambda rng: int(rng.integers(5, 30)))
    for successes, n in ((0, 0), (0, -cases - 1), (-2, -cases - 1), (cases + 1, cases), (-1, cases)):
        raises(student.wilson_interval, successes, n)
    for successes in (cases + 1, -1):
        raises(student.wilson_interval, successes, cases, 0.99)
