"""Hidden and robustness checks of lab `readiness`."""

from autograder.testing import agree, checks, raises, repeatable
from reference import readiness

# What three decimals are off by at most, and a little more.
THREE_DECIMALS = 6e-4


def request(rng):
    """Tokens in and out, and their prices: no two of them the same, a request of a fraction of a cent."""
    return (
        int(rng.integers(900, 1_900)),
        int(rng.integers(150, 450)),
        float(rng.uniform(0.6, 1.4)),
        float(rng.uniform(3.0, 7.0)),
    )


# --- monthly_cost_usd ---


@checks("monthly_cost_usd", kind="hidden")
def test_fresh(student, rng):
    """Requests, tokens and prices never seen before."""
    for _ in range(3):
        agree(student.monthly_cost_usd, readiness.monthly_cost_usd, int(rng.integers(2_000, 9_000)), *request(rng))


@checks("monthly_cost_usd", kind="hidden")
def test_input_only(student, rng):
    """What is only read and not answered costs the input's price."""
    tokens, _, price_in, price_out = request(rng)
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 5_000, tokens, 0, price_in, price_out)


@checks("monthly_cost_usd", kind="hidden")
def test_output_only(student, rng):
    """What is only answered costs the output's price."""
    _, tokens, price_in, price_out = request(rng)
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 9_000, 0, tokens, price_in, price_out)


@checks("monthly_cost_usd", kind="hidden")
def test_days(student, rng):
    """A month of 31 days costs more than one of 28."""
    tokens = request(rng)
    for days in (31, 28):
        agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 4_000, *tokens, days=days)


@checks("monthly_cost_usd", kind="hidden")
def test_one_day(student, rng):
    """A month of one day is the bill of that day."""
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 60_000, *request(rng), 1)


@checks("monthly_cost_usd", kind="hidden")
def test_cents(student, rng):
    """The bill is not rounded to whole dollars."""
    dollars = int(rng.integers(60, 90))
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 1_000, 1_000, 0, (dollars + 0.45) / 30, 5.0)


@checks("monthly_cost_usd", kind="hidden")
def test_free(student, rng):
    """No requests, no days, no tokens or no price: nothing to pay, and no error."""
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 0, *request(rng))
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 1_000, *request(rng), days=0)
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 1_000, 0, 0, 1.0, 5.0)
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 1_000, 1_500, 300, 0.0, 0.0)


@checks("monthly_cost_usd", kind="robustness")
def test_large(student, rng):
    """A bill of many millions is as exact as a small one."""
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 250_000_000, *request(rng))


@checks("monthly_cost_usd", kind="robustness")
def test_whole_prices(student, rng):
    """Prices in whole dollars work like any other."""
    agree(student.monthly_cost_usd, readiness.monthly_cost_usd, 1_500, 1_234, 321, 3, 15)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_volume(student, rng):
    """A number of requests below 0 is an error: ValueError."""
    raises(student.monthly_cost_usd, -1_000, *request(rng))


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_tokens(student, rng):
    """Tokens below 0 are an error, also where the other kind outweighs them."""
    raises(student.monthly_cost_usd, 1_000, -100, 300, 1.0, 5.0)
    raises(student.monthly_cost_usd, 1_000, 1_500, -100, 1.0, 5.0)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_prices(student, rng):
    """Prices below 0 are an error, also where the other one outweighs them."""
    raises(student.monthly_cost_usd, 1_000, 1_500, 300, -0.5, 5.0)
    raises(student.monthly_cost_usd, 1_000, 1_500, 300, 2.0, -0.5)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_negative_days(student, rng):
    """Days below 0 are an error, also if the requests are, too."""
    raises(student.monthly_cost_usd, 1_000, *request(rng), days=-30)
    raises(student.monthly_cost_usd, -1_000, *request(rng), days=-30)


@checks("monthly_cost_usd", kind="robustness", conduct=True)
def test_repeatable(student, rng):
    """The same month costs the same again."""
    repeatable(student.monthly_cost_usd, 4_000, *request(rng))


# --- wilson_interval ---


@checks("wilson_interval", kind="hidden")
def test_w_fresh(student, rng):
    """Rates below and above one half, of a few dozen cases."""
    for low, high in ((0.15, 0.35), (0.65, 0.85)):
        n = int(rng.integers(30, 90))
        agree(
            student.wilson_interval, readiness.wilson_interval, int(n * rng.uniform(low, high)), n, atol=THREE_DECIMALS
        )


@checks("wilson_interval", kind="hidden")
def test_w_all(student, rng):
    """All of 20 passed, and there is still doubt: the interval reaches from 0.839 to 1."""
    agree(student.wilson_interval, readiness.wilson_interval, 20, 20, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="hidden")
def test_w_none(student, rng):
    """None of 20 passed, and there is still hope: the interval reaches from 0 to 0.161."""
    agree(student.wilson_interval, readiness.wilson_interval, 0, 20, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="hidden")
def test_w_sizes(student, rng):
    """9 of 10 and 900 of 1,000 are the same rate and not the same evidence."""
    for successes, n in ((9, 10), (900, 1_000)):
        agree(student.wilson_interval, readiness.wilson_interval, successes, n, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="hidden")
def test_w_half(student, rng):
    """At one half the interval is even on both sides."""
    n = int(rng.integers(10, 30))
    agree(student.wilson_interval, readiness.wilson_interval, n, 2 * n, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="hidden")
def test_w_few(student, rng):
    """Of a handful of cases the interval takes up most of what is possible."""
    n = int(rng.integers(4, 8))
    for successes in (1, n - 1, n):
        agree(student.wilson_interval, readiness.wilson_interval, successes, n, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="hidden")
def test_w_confidence(student, rng):
    """Whoever wants to be surer gets a wider interval: 80, 90 and 99 %."""
    n = int(rng.integers(20, 60))
    for confidence in (0.8, 0.9, 0.99):
        agree(student.wilson_interval, readiness.wilson_interval, n // 3, n, confidence=confidence, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="hidden")
def test_w_any_confidence(student, rng):
    """The confidence may be any share, not only those that tables have."""
    for confidence in rng.uniform(0.4, 0.7, size=2):
        agree(student.wilson_interval, readiness.wilson_interval, 7, 12, float(confidence), atol=THREE_DECIMALS)


@checks("wilson_interval", kind="robustness")
def test_w_one_case(student, rng):
    """A single case says little: from 0.207 to 1 if it passed, from 0 to 0.793 if not."""
    for successes in (1, 0):
        agree(student.wilson_interval, readiness.wilson_interval, successes, 1, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="robustness")
def test_w_many(student, rng):
    """Of millions of cases hardly any doubt is left."""
    agree(student.wilson_interval, readiness.wilson_interval, 2_700_000, 3_000_000, atol=THREE_DECIMALS)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_no_cases(student, rng):
    """Without cases there is no rate: ValueError, and so for fewer than none."""
    raises(student.wilson_interval, 0, 0)
    raises(student.wilson_interval, 0, -5)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_too_many(student, rng):
    """More successes than cases are an error: ValueError."""
    raises(student.wilson_interval, 5, 4)
    raises(student.wilson_interval, 5, 4, confidence=0.99)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_below_none(student, rng):
    """Fewer successes than none are an error: ValueError."""
    raises(student.wilson_interval, -1, 4)
    raises(student.wilson_interval, -1, 4, confidence=0.99)


@checks("wilson_interval", kind="robustness", conduct=True)
def test_w_repeatable(student, rng):
    """The same counts give the same interval again."""
    repeatable(student.wilson_interval, 17, 23)
