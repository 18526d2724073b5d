"""Hidden and robustness checks of the `readiness` lab."""

from autograder.testing import checks, raises, repeatable
from reference.readiness.test_visible import NEAREST_CENT, SHARE, cost_agrees, interval_agrees


def request(rng):
    """Draw four different numbers: the input and output token counts and their prices. One request costs a fraction of
    a cent."""
    return (
        int(rng.integers(900, 1_900)),
        int(rng.integers(150, 450)),
        float(rng.uniform(0.6, 1.4)),
        float(rng.uniform(3.0, 7.0)),
    )


# --- monthly_cost_usd ---


@checks("monthly_cost_usd", kind="hidden", share=SHARE)
def test_fresh(student, rng):
    """The bill is right for other requests, tokens and prices, too."""
    for _ in range(3):
        cost_agrees(student, int(rng.integers(2_000, 9_000)), *request(rng))


@checks("monthly_cost_usd", kind="hidden", share=SHARE)
def test_input_only(student, rng):
    """If there's no output, you pay only for the input."""
    tokens, _, price_in, price_out = request(rng)
    # In a month, that's never a whole number of millions of tokens.
    cost_agrees(student, 5_001, tokens, 0, price_in, price_out)


@checks("monthly_cost_usd", kind="hidden", share=SHARE)
def test_output_only(student, rng):
    """If there's no input, you pay only for the output."""
    _, tokens, price_in, price_out = request(rng)
    cost_agrees(student, 9_000, 0, tokens, price_in, price_out)


@checks("monthly_cost_usd", kind="hidden", share=SHARE)
def test_days(student, rng):
    """A month of 31 days costs more than a month of 29 days."""
    tokens = request(rng)
    for days in (31, 29):
        cost_agrees(student, 4_000, *tokens, days=days)


@checks("monthly_cost_usd", kind="hidden", share=SHARE)
def test_one_day(student, rng):
    """If `days` is 1, the bill is the cost of a single day."""
    cost_agrees(student, 60_000, *request(rng), 1)


@checks("monthly_cost_usd", kind="hidden", share=SHARE)
def test_cents(student, rng):
    """The bill isn't rounded to whole dollars. If it's rounded to cents, that's done last, to the nearest cent."""
    dollars = int(rng.integers(60, 90))
    for part in (rng.uniform(0.55, 0.65), rng.uniform(0.35, 0.45)):
        # Input and output both cost a whole number of cents plus this part of one.
        price_in, price_out = (dollars + 0.45 + part / 100) / 30.03, (20 + part / 100) / 3
        cost_agrees(student, 1_000, 1_001, 100, price_in, price_out, atol=NEAREST_CENT, rtol=0.0)


@checks("monthly_cost_usd", kind="hidden")
def test_free(student, rng):
    """If nothing is used or nothing is charged, the bill is 0, and no error is raised."""
    cost_agrees(student, 0, *request(rng))
    cost_agrees(student, 1_000, *request(rng), days=0)
    cost_agrees(student, 1_000, 0, 0, *request(rng)[2:])
    cost_agrees(student, 1_000, *request(rng)[:2], 0.0, 0.0)


@checks("monthly_cost_usd", kind="robustness", share=SHARE)
def test_large(student, rng):
    """A multimillion-dollar bill is as accurate as a small one."""
    cost_agrees(student, 250_000_000, *request(rng))


@checks("monthly_cost_usd", kind="robustness", share=SHARE)
def test_whole_prices(student, rng):
    """Prices can be in whole dollars."""
    cost_agrees(student, 1_500, *request(rng)[:2], 3, 15)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_volume(student, rng):
    """A negative number of requests raises ValueError."""
    raises(student.monthly_cost_usd, -1_000, *request(rng))


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_tokens(student, rng):
    """A negative number of tokens raises ValueError, even if the other kind of token costs enough to outweigh it."""
    tokens_in, tokens_out, price_in, price_out = request(rng)
    raises(student.monthly_cost_usd, 1_000, -tokens_in, 3 * tokens_in, price_in, price_out)
    raises(student.monthly_cost_usd, 1_000, 30 * tokens_out, -tokens_out, price_in, price_out)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_prices(student, rng):
    """A negative price raises ValueError, even if the other price makes up for it."""
    tokens_in, tokens_out, price_in, price_out = request(rng)
    raises(student.monthly_cost_usd, 1_000, tokens_in, tokens_out, -price_in, 100 * price_in)
    raises(student.monthly_cost_usd, 1_000, tokens_in, tokens_out, 2 * price_out, -price_out / 10)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_days(student, rng):
    """A negative number of days raises ValueError, even if the requests are negative, too."""
    raises(student.monthly_cost_usd, 1_000, *request(rng), days=-31)
    raises(student.monthly_cost_usd, -1_000, *request(rng), days=-31)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_for_free(student, rng):
    """Even if a zero elsewhere makes the bill 0, a negative number raises ValueError."""
    tokens_in, tokens_out, price_in, price_out = request(rng)
    raises(student.monthly_cost_usd, 0, tokens_in, -tokens_out, price_in, price_out)
    raises(student.monthly_cost_usd, 1_000, tokens_in, tokens_out, price_in, -price_out, days=0)
    raises(student.monthly_cost_usd, 1_000, 0, 0, -price_in, price_out)
    raises(student.monthly_cost_usd, 1_000, -tokens_in, tokens_out, 0.0, 0.0)
    raises(student.monthly_cost_usd, 0, *request(rng), days=-31)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_repeatable(student, rng):
    """A second call with the same numbers gives the same bill."""
    repeatable(student.monthly_cost_usd, 4_000, *request(rng))


# --- wilson_interval ---


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_fresh(student, rng):
    """With a few dozen cases, the interval is right for rates below and above one half."""
    for low, high in ((0.15, 0.35), (0.65, 0.85)):
        n = int(rng.integers(30, 90))
        interval_agrees(student, int(n * rng.uniform(low, high)), n)


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_all(student, rng):
    """Even if a few dozen cases all pass, there's still some doubt: the interval's lower end is below 1."""
    n = int(rng.integers(21, 40))
    interval_agrees(student, n, n)


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_none(student, rng):
    """Even if none of a few dozen cases pass, there's still some hope: the interval's upper end is above 0."""
    interval_agrees(student, 0, int(rng.integers(21, 40)))


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_sizes(student, rng):
    """The same rate over a hundred times as many cases gives a narrower interval."""
    n = int(rng.integers(6, 12))
    for times in (1, 100):
        interval_agrees(student, times * (n - 1), times * n)


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_half(student, rng):
    """At a rate of one half, the interval is symmetric."""
    n = int(rng.integers(10, 30))
    interval_agrees(student, n, 2 * n)


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_few(student, rng):
    """With only a handful of cases, the interval is very wide."""
    n = int(rng.integers(4, 8))
    for successes in (1, n - 1, n):
        interval_agrees(student, successes, n)


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_confidence(student, rng):
    """The interval gets wider as the confidence level rises from 75% to 98%."""
    n = int(rng.integers(20, 60))
    for confidence in (0.75, 0.92, 0.98):
        interval_agrees(student, n // 3, n, confidence=confidence)


@checks("wilson_interval", kind="hidden", share=SHARE)
def test_w_any_confidence(student, rng):
    """The confidence level can be any number between 0 and 1, not only the usual ones."""
    for confidence in rng.uniform(0.4, 0.7, size=2):
        interval_agrees(student, 7, 12, float(confidence))


@checks("wilson_interval", kind="robustness", share=SHARE)
def test_w_one_case(student, rng):
    """One case doesn't tell you much at any confidence level, whether it passed or not."""
    confidence = float(rng.uniform(0.85, 0.94))
    for successes in (1, 0):
        interval_agrees(student, successes, 1, confidence)
        interval_agrees(student, successes, 1)


@checks("wilson_interval", kind="robustness", share=SHARE)
def test_w_many(student, rng):
    """If there are millions of cases, the interval is very narrow."""
    n = int(rng.integers(2_000_000, 4_000_000))
    interval_agrees(student, int(0.9 * n), n)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_no_cases(student, rng):
    """If the number of cases is 0 or negative, your function raises ValueError."""
    raises(student.wilson_interval, 0, 0, confidence=0.8)
    raises(student.wilson_interval, 0, -int(rng.integers(6, 20)))


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_too_many(student, rng):
    """If there are more successes than cases, your function raises ValueError."""
    n = int(rng.integers(5, 50))
    raises(student.wilson_interval, n + 1, n)
    raises(student.wilson_interval, n + 1, n, confidence=0.99)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_below_none(student, rng):
    """A negative number of successes raises ValueError."""
    n = int(rng.integers(5, 50))
    raises(student.wilson_interval, -1, n)
    raises(student.wilson_interval, -1, n, confidence=0.99)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_repeatable(student, rng):
    """A second call with the same counts gives the same interval."""
    repeatable(student.wilson_interval, 17, 23)
