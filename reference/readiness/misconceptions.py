"""Wrong answers to the stubs of the `readiness` lab: a catalog meant to be searched by name, not read in
one sitting."""

import math
from statistics import NormalDist

from autograder.testing import misconception

# --- monthly_cost_usd ---


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You charge output tokens at the input price. Output tokens have their own price, which is higher.",
    taught=True,
)
def output_at_the_input_price(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30
):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens + output_tokens) * usd_per_mtok_in / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You charge input tokens at the output price. Input tokens have their own price, which is lower.",
)
def input_at_the_output_price(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30
):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens + output_tokens) * usd_per_mtok_out / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You return the cost of one day. The number of requests is per day, but the bill is for a month.",
    taught=True,
)
def one_day(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You charge the average of the two prices for every token. That's only right if there are as many input "
    "tokens as output tokens.",
)
def average_price(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    price = (usd_per_mtok_in + usd_per_mtok_out) / 2
    return requests_per_day * days * (input_tokens + output_tokens) * price / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You charge both prices for every token. Each token is either input or output, and is billed once.",
)
def both_prices_for_every_token(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30
):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    price = usd_per_mtok_in + usd_per_mtok_out
    return requests_per_day * days * (input_tokens + output_tokens) * price / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="edge",
    hint="You always use 30 days. That's only the default: use the number of days you're given.",
    taught=True,
)
def always_30_days(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * 30 * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="Your default for `days` is 31. The `def` line you were given sets the default to 30.",
)
def thirty_one_by_default(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=31):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="edge",
    hint="If you're given 0 days, you charge for 30. A 0 doesn't mean that the number of days is missing: it's a month "
    "without any bill.",
)
def no_days_taken_for_30(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    days = days or 30
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You only charge for the answers. The model reads a prompt with every request, and input tokens cost money "
    "too.",
)
def forgets_the_prompt(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * output_tokens * usd_per_mtok_out / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You only charge for the prompts. The answers cost money too, and more per token.",
)
def forgets_the_answer(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * input_tokens * usd_per_mtok_in / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="The two prices are swapped: you charge input tokens at the output price, and output tokens at the input "
    "price.",
)
def prices_swapped(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_out + output_tokens * usd_per_mtok_in) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You treat the prices as prices per thousand tokens, so the bill is a thousand times too high. The m in "
    "mtok stands for million.",
    taught=True,
)
def price_per_thousand(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e3


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You treat the prices as prices per token. They're prices per million tokens.",
)
def price_per_token(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Only the output cost is divided by a million, because division comes before addition. Check your "
    "parentheses.",
)
def divides_the_output_only(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out / 1e6)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Only the input cost is multiplied by requests and days, because multiplication comes before addition. Check "
    "your parentheses.",
)
def answers_once_a_month(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return (requests_per_day * days * input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You return the cost for one request per day. Multiply by the number of requests.",
)
def one_request_a_day(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You return the bill for twelve months. Return the bill for one month.",
)
def a_year(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return 12 * requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="Your result is in cents. Return US dollars.",
)
def in_cents(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e4


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="You round the bill to whole dollars. You can round it to cents, but no further.",
)
def whole_dollars(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return round(requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You round each request's cost to the nearest cent before you multiply. A single request may cost only a "
    "fraction of a cent, and over thousands of requests, the rounding errors add up. Round at the end, if at all.",
)
def rounds_each_request(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    request = (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    return requests_per_day * days * round(request, 2)


@misconception(
    of="monthly_cost_usd",
    kind="edge",
    exempt="how many bills are off by more than the tolerance depends on the numbers drawn",
    hint="You round each day's cost to the nearest cent before you multiply by the number of days, so the rounding "
    "error grows with the days. Round at the end, if at all.",
)
def rounds_each_day(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    day = requests_per_day * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    return days * round(day, 2)


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="You round the input's cost and the output's cost before you add them, so the sum can be off by a whole cent. "
    "Round at the end, if at all.",
)
def rounds_each_kind(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    requests = requests_per_day * days
    cost_in, cost_out = requests * input_tokens * usd_per_mtok_in, requests * output_tokens * usd_per_mtok_out
    return round(cost_in / 1e6, 2) + round(cost_out / 1e6, 2)


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    any_of={"up": (False, True)},
    hint="You always round the bill in the same direction, as if any fraction of a cent were nothing, or a whole cent. "
    "That can be off by almost a cent. Round to the nearest cent, or not at all.",
)
def cents_rounded_one_way(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30, *, up
):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    cents = requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e4
    return (math.ceil(cents) if up else math.floor(cents)) / 100


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    any_of={"written": ("{:.2f}", "{:,.2f}", "${:.2f}", "${:,.2f}")},
    hint="You return the bill as text, which nobody can calculate with. Return a number, and leave it to the caller to "
    "format it.",
)
def bill_as_text(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30, *, written):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    cost = requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    return written.format(cost)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You round up to whole millions of tokens. Usage is billed by the token: half a million tokens cost half as "
    "much as a million.",
)
def millions_begun(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    requests = requests_per_day * days
    millions_in, millions_out = math.ceil(requests * input_tokens / 1e6), math.ceil(requests * output_tokens / 1e6)
    return millions_in * usd_per_mtok_in + millions_out * usd_per_mtok_out


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="You round down to whole millions of tokens, so the rest is free. Usage is billed by the token: half a "
    "million tokens cost half as much as a million.",
)
def whole_millions_only(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    requests = requests_per_day * days
    millions_in, millions_out = requests * input_tokens // 1_000_000, requests * output_tokens // 1_000_000
    return millions_in * usd_per_mtok_in + millions_out * usd_per_mtok_out


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="You accept negative numbers, which make the bill smaller or even negative. Raise ValueError.",
    taught=True,
)
def negatives_accepted(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="You only check the number of requests. Tokens, prices and days can't be negative, either.",
)
def guards_the_volume_only(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if requests_per_day < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    any_of={"word": ("or", "and")},
    hint="You only compare one number with 0, because `or` or `and` between numbers picks one of them. The others may "
    "still be negative. Compare each number.",
)
def guards_only_what_or_picks(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30, *, word
):
    picked = requests_per_day or input_tokens or output_tokens or usd_per_mtok_in or usd_per_mtok_out or days
    if word == "and":
        picked = requests_per_day and input_tokens and output_tokens and usd_per_mtok_in and usd_per_mtok_out and days
    if picked < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    any_of={"unchecked": ((0,), (1,), (2,), (3,), (4,), (5,), (1, 2), (3, 4), (0, 5), (3, 4, 5), (1, 2, 3, 4))},
    hint="You check some of the six numbers, but not all of them: at least one may still be negative. Go through the "
    "arguments one by one. Does your condition cover each of them?",
)
def some_unguarded(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30, *, unchecked
):
    numbers = (requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days)
    if any(number < 0 for place, number in enumerate(numbers) if place not in unchecked):
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    any_of={"free": ("no requests", "no days", "either", "no tokens", "no cost")},
    hint="If there's nothing to pay, you return before you've looked for negative numbers. A negative number is a "
    "mistake even then, so check all six numbers first.",
)
def free_before_it_is_checked(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30, *, free
):
    cost = requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    nothing_to_pay = {
        "no requests": requests_per_day == 0,
        "no days": days == 0,
        "either": requests_per_day == 0 or days == 0,
        "no tokens": input_tokens == 0 and output_tokens == 0,
        "no cost": cost == 0,
    }
    if nothing_to_pay[free]:
        return 0.0
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return cost


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    any_of={"each_kind": (False, True)},
    hint="You check what you've computed, not what you were given. Two negative numbers can give a positive cost, and "
    "a negative number times 0 gives 0. Check every argument.",
)
def guards_the_result_only(
    requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30, *, each_kind
):
    cost_in = requests_per_day * days * input_tokens * usd_per_mtok_in / 1e6
    cost_out = requests_per_day * days * output_tokens * usd_per_mtok_out / 1e6
    if (min(cost_in, cost_out) if each_kind else cost_in + cost_out) < 0:
        raise ValueError("below 0")
    return cost_in + cost_out


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="You turn a negative bill into 0, so nobody notices the mistake. Raise ValueError.",
    taught=True,
)
def negatives_made_zero(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    cost = requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    return max(0.0, cost)


# --- wilson_interval ---


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You return the Wald interval: the rate plus or minus z standard errors. If every case passed, that interval "
    "has a width of 0, as if there were no doubt left. Even then, the Wilson interval doesn't shrink to a point.",
    taught=True,
)
def wald(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    reach = z * math.sqrt(rate * (1 - rate) / n)
    return rate - reach, rate + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You return the Wald interval, clipped at 0 and 1. Clipping hides the fact that the interval goes below 0 or "
    "above 1. The Wilson interval stays between 0 and 1 on its own, and doesn't shrink to a point even if every case "
    "passed.",
    taught=True,
)
def wald_cut_off(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    reach = z * math.sqrt(rate * (1 - rate) / n)
    return max(0.0, rate - reach), min(1.0, rate + reach)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="You add two successes and two failures and then compute the Wald interval. At 95% confidence, that rule of "
    "thumb comes close to Wilson's interval, but it isn't the same. Use Wilson's formula.",
)
def plus_four(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = (successes + 2) / (n + 4)
    reach = z * math.sqrt(rate * (1 - rate) / (n + 4))
    low, high = rate - reach, rate + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="Your center is Wilson's, but your margin isn't. You return the Agresti-Coull interval, which uses the "
    "standard error at its center, so it's too wide.",
)
def agresti_coull(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    cases = n + z**2
    rate = (successes + z**2 / 2) / cases
    reach = z * math.sqrt(rate * (1 - rate) / cases)
    low, high = rate - reach, rate + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="convention",
    hint="You return the ends of the interval as percentages. Return fractions from 0 to 1.",
)
def in_percent(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return 100 * (middle - reach), 100 * (middle + reach)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You don't use the number of cases: 9 out of 10 gets the same interval as 90 out of 100.",
)
def as_if_of_a_hundred(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / 200) / (1 + z**2 / 100)
    reach = z * math.sqrt(rate * (1 - rate) / 100 + z**2 / 40_000) / (1 + z**2 / 100)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="You use the variance of a single case, p(1 - p), without dividing it by n, so the interval doesn't get "
    "narrower with more cases.",
)
def spread_of_one_case(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="conduct",
    hint="You return an interval even if there are more successes than cases, or fewer than zero. Raise ValueError.",
    taught=True,
)
def impossible_counts_accepted(successes, n, confidence=0.95):
    if n <= 0:
        raise ValueError("no cases")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(max(0.0, rate * (1 - rate) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="conduct",
    hint="You raise an error if there are more successes than cases, but not if the number of successes is negative. "
    "Both are impossible.",
)
def fewer_than_none_accepted(successes, n, confidence=0.95):
    if n <= 0 or successes > n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(max(0.0, rate * (1 - rate) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="conduct",
    hint="You don't check the number of successes. If it's impossible, taking a square root may raise an error anyway, "
    "but not if the confidence is high. Compare the successes with 0 and with the number of cases.",
)
def impossible_counts_left_to_the_root(successes, n, confidence=0.95):
    if n <= 0:
        raise ValueError("no cases")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="conduct",
    hint="You silently clamp impossible counts to the possible range, so nobody notices the mistake. Raise ValueError.",
)
def impossible_counts_cut_off(successes, n, confidence=0.95):
    if n <= 0:
        raise ValueError("no cases")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = min(max(successes / n, 0.0), 1.0)
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="conduct",
    hint="If there are no cases, you return the interval from 0 to 1. Raise ValueError instead, because something must "
    "be wrong with the data.",
)
def everything_is_possible_without_cases(successes, n, confidence=0.95):
    if n <= 0:
        return 0.0, 1.0
    if not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Your z is one-sided, so it leaves out 5% below the interval and another 5% above it. For a confidence of "
    "95%, leave out only 2.5% on each side.",
    taught=True,
)
def one_sided(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf(confidence)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="edge",
    hint="You use the z for 95% at other confidence levels, too. Compute z from the confidence you're given.",
    taught=True,
)
def always_95_percent(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf(0.975)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You always use z = 2. That's only a rule of thumb: for 95%, z is 1.96, and for any other confidence, it's a "
    "different number.",
)
def always_two(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = 2
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"decimals": (0, 1)},
    hint="You round z too much: for 95%, it's 1.96, not 2. That's off by enough to show in the first three decimals of "
    "the interval's ends. You don't have to round z at all.",
)
def z_rounded(successes, n, confidence=0.95, *, decimals):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = round(NormalDist().inv_cdf((1 + confidence) / 2), decimals)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You treat the confidence as the share that falls outside the interval, so the interval gets narrower as the "
    "confidence goes up.",
)
def confidence_taken_for_the_rest(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf(1 - confidence / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You use the confidence itself as z, but z is a number of standard errors. For 95% confidence, z is 1.96.",
)
def confidence_in_place_of_z(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = confidence
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="Your center is the rate itself. The center of the Wilson interval is pulled toward one half, which keeps the "
    "interval between 0 and 1.",
)
def around_the_rate(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = rate - reach, rate + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You use the Wald interval's margin, which is 0 if every case passed.",
)
def walds_reach(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="You only divide the center by 1 + z²/n. The margin has to be divided by 1 + z²/n, too.",
)
def reach_not_divided(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="You only divide the margin by 1 + z²/n. The center has to be divided by 1 + z²/n, too.",
)
def middle_not_divided(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = rate + z**2 / (2 * n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="You don't divide the center or the margin by 1 + z²/n, so even the center can end up above 1.",
)
def nothing_divided(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = rate + z**2 / (2 * n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="Under the square root, you don't divide z²/n² by 4.",
)
def without_the_4(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / n**2) / (1 + z**2 / n)
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="Under the square root, you divide z² by 4n. It should be 4n².",
)
def root_with_n_unsquared(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n)) / (1 + z**2 / n)
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="In the center, you don't halve z²/n, so the interval is pulled toward 1 instead of one half.",
)
def middle_without_the_half(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / n) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    any_of={"clipped": (False, True)},
    hint="You don't square z in the center, under the square root or in the divisor. Square z everywhere except in "
    "front of the square root.",
)
def z_unsquared(successes, n, confidence=0.95, *, clipped):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z / (2 * n)) / (1 + z / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z / (4 * n**2)) / (1 + z / n)
    low, high = middle - reach, middle + reach
    return (max(0.0, low), min(1.0, high)) if clipped else (low, high)


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You don't take the square root, so you add and subtract z times a variance, which is far too small.",
)
def without_the_root(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * (rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Your margin has no z in front of the square root. The interval extends only one standard error to each "
    "side, so it covers the true rate only about 68% of the time.",
)
def one_standard_error(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You return the Wilson interval with a continuity correction, which makes it wider. Use the version without "
    "the correction.",
)
def with_continuity_correction(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    lower = z * math.sqrt(z**2 - 1 / n + 4 * n * rate * (1 - rate) + (4 * rate - 2))
    upper = z * math.sqrt(z**2 - 1 / n + 4 * n * rate * (1 - rate) - (4 * rate - 2))
    low = 0.0 if successes == 0 else (2 * n * rate + z**2 - lower - 1) / (2 * (n + z**2))
    high = 1.0 if successes == n else (2 * n * rate + z**2 + upper + 1) / (2 * (n + z**2))
    return max(0.0, low), min(1.0, high)


@misconception(
    of="wilson_interval",
    kind="convention",
    hint="You return the center and the margin. Return the two ends.",
)
def middle_and_reach(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle, reach


@misconception(
    of="wilson_interval",
    kind="convention",
    hint="You return the ends of the interval in the wrong order. Return the lower end first.",
)
def high_before_low(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle + reach, middle - reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="You return the interval for the failure rate: your rate counts the cases that didn't pass.",
)
def rate_of_failures(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = (n - successes) / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Integer division (//) rounds the rate down to an integer, which is 0 unless every case passed.",
)
def rate_cut_to_a_whole_number(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes // n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="convention",
    hint="You round the ends of the interval to whole percents, which can move an end across a threshold. Keep at "
    "least three decimals.",
)
def rounded_to_whole_percents(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return round(middle - reach, 2), round(middle + reach, 2)
