"""Wrong answers to the stubs of lab `readiness`."""

import math
from statistics import NormalDist

from autograder.testing import misconception

# --- monthly_cost_usd ---


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="The answers are paid at the price of the input; output tokens have a price of their own, and it is "
    "the higher one.",
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
    hint="Everything is paid at the price of the output; what is sent to the model has its own, lower price.",
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
    hint="This is what one day costs. The requests are those of a day, and the bill is that of a month.",
    taught=True,
)
def one_day(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="All tokens are paid at the average of the two prices, which would be right only if there were as "
    "many of the one kind as of the other.",
)
def average_price(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    price = (usd_per_mtok_in + usd_per_mtok_out) / 2
    return requests_per_day * days * (input_tokens + output_tokens) * price / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="All tokens are paid at both prices. Each token is either sent or answered, and paid once.",
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
    hint="The month always has 30 days here, whatever was given; 30 is only what counts where nothing is said.",
    taught=True,
)
def always_30_days(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * 30 * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="Where nothing is said of the days, a month has 31 here; the task's first line says 30.",
)
def thirty_one_by_default(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=31):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Only the answers are paid for. The prompt is read with every request, and reading is not free.",
)
def forgets_the_prompt(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * output_tokens * usd_per_mtok_out / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Only the prompts are paid for. The answers cost too, and token by token they cost more.",
)
def forgets_the_answer(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * input_tokens * usd_per_mtok_in / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="The two prices are mixed up: the input is paid at the price of the output, and the other way round.",
)
def prices_swapped(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_out + output_tokens * usd_per_mtok_in) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="The prices are read as prices per thousand tokens, so the bill is a thousand times too high; mtok is "
    "a million.",
    taught=True,
)
def price_per_thousand(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e3


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="The prices are read as prices of a single token. They are prices per million tokens.",
)
def price_per_token(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Only the output is divided by the million, because a division binds tighter than a plus; look at the "
    "brackets.",
)
def divides_the_output_only(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out / 1e6)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Requests and days multiply the input only, because a product binds tighter than a plus; look at the "
    "brackets.",
)
def answers_once_a_month(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return (requests_per_day * days * input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="This is what one request a day costs; the number of requests does not count.",
)
def one_request_a_day(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="This is the bill of twelve such months; a month is wanted.",
)
def a_year(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return 12 * requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="The result is in cents; dollars are wanted.",
)
def in_cents(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e4


@misconception(
    of="monthly_cost_usd",
    kind="convention",
    hint="The bill is rounded to whole dollars; it is wanted to the cent at least.",
)
def whole_dollars(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    return round(requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Each request is rounded to cents before it is multiplied. What one request costs is a fraction of a "
    "cent, and thousands of such errors add up; round at the end, if at all.",
)
def rounds_each_request(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    request = (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    return requests_per_day * days * round(request, 2)


@misconception(
    of="monthly_cost_usd",
    kind="misses_point",
    hint="Tokens are paid by the million begun here. They are paid one by one: half a million costs half of the price.",
)
def millions_begun(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("below 0")
    requests = requests_per_day * days
    millions_in, millions_out = math.ceil(requests * input_tokens / 1e6), math.ceil(requests * output_tokens / 1e6)
    return millions_in * usd_per_mtok_in + millions_out * usd_per_mtok_out


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="Numbers below 0 are taken as they come, and make the bill smaller, or a gain. Refuse them with a ValueError.",
    taught=True,
)
def negatives_accepted(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="Only the number of requests is looked at. Tokens, prices and days cannot be below 0 either.",
)
def guards_the_volume_only(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if requests_per_day < 0:
        raise ValueError("below 0")
    return requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="Only the result is looked at. Two numbers below 0 give a bill above 0, and one can hide behind the "
    "other token's price; look at all that comes in.",
)
def guards_the_result_only(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    cost = requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    if cost < 0:
        raise ValueError("below 0")
    return cost


@misconception(
    of="monthly_cost_usd",
    kind="conduct",
    hint="What is below 0 is quietly made 0, so that nobody learns of the mistake. Raise a ValueError.",
    taught=True,
)
def negatives_made_zero(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    cost = requests_per_day * days * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1e6
    return max(0.0, cost)


# --- wilson_interval ---


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="This is Wald's interval, the rate plus and minus z standard errors. Where all cases passed it has no "
    "width at all, as if there were no doubt left; Wilson's has.",
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
    hint="This is Wald's interval, cut off at 0 and 1. The cut hides that it did not fit; Wilson's needs none, "
    "and keeps its width where all cases passed.",
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
    hint="Two successes and two failures are added and Wald's interval taken, a rule of thumb that comes close "
    "for 95 %; Wilson's formula is wanted.",
)
def plus_four(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = (successes + 2) / (n + 4)
    reach = z * math.sqrt(rate * (1 - rate) / (n + 4))
    return rate - reach, rate + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="The middle is Wilson's, the reach is not: this is the interval of Agresti and Coull, which takes the "
    "standard error at the middle and so reaches too far.",
)
def agresti_coull(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    cases = n + z**2
    rate = (successes + z**2 / 2) / cases
    reach = z * math.sqrt(rate * (1 - rate) / cases)
    return rate - reach, rate + reach


@misconception(
    of="wilson_interval",
    kind="convention",
    hint="Both ends are in percent; shares from 0 to 1 are wanted.",
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
    hint="How many cases there were does not count: nine of ten get the interval of ninety of a hundred.",
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
    hint="The spread of a single case is taken for that of the rate: p(1 - p) is not divided by n, so more "
    "cases do not narrow the interval.",
)
def spread_of_one_case(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="conduct",
    hint="More successes than cases, or fewer than none, give an interval all the same. Refuse them with a ValueError.",
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
    hint="More successes than cases are refused, fewer than none are not; both are impossible.",
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
    hint="Impossible counts are quietly pushed into what is possible, so that nobody learns of the mistake. "
    "Raise a ValueError.",
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
    hint="Without any cases everything is called possible, from 0 to 1. True as that may be, a rate of no "
    "cases is a mistake in the data; raise a ValueError.",
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
    hint="z is that of one side: 5 % are left out below and another 5 % above. Of 95 % in the middle, half of "
    "the rest lies on either side.",
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
    hint="z is always that of 95 %, whatever confidence was asked for.",
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
    hint="The confidence is taken for what is left out: the surer one asks to be, the narrower this gets.",
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
    hint="The confidence itself stands where z belongs. z counts standard errors: for 95 % it is 1.96.",
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
    hint="The reach is right, and the middle is the rate itself. Wilson's middle is drawn towards one half, so "
    "that the interval never leaves 0 to 1.",
)
def around_the_rate(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return rate - reach, rate + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="The middle is right, and the reach is that of Wald's interval, which vanishes where all cases passed.",
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
    hint="Only the middle is divided by 1 + z²/n; the reach has to be, too.",
)
def reach_not_divided(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Only the reach is divided by 1 + z²/n; the middle has to be, too.",
)
def middle_not_divided(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = rate + z**2 / (2 * n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Neither the middle nor the reach is divided by 1 + z²/n, so the interval can go beyond 1.",
)
def nothing_divided(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = rate + z**2 / (2 * n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Under the root, z²/n² is not divided by 4.",
)
def without_the_4(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / n**2) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="Under the root, z² is divided by 4n; it is 4n².",
)
def root_with_n_unsquared(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="In the middle z²/n is not halved, so the interval is drawn towards 1 instead of one half.",
)
def middle_without_the_half(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / n) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="z stands unsquared in the middle, under the root and in the divisor; only in front of the root it does.",
)
def z_unsquared(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z / (2 * n)) / (1 + z / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z / (4 * n**2)) / (1 + z / n)
    return middle - reach, middle + reach


@misconception(
    of="wilson_interval",
    kind="misses_point",
    hint="The root is not taken: what is added and taken off is z times a variance, which is far too little.",
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
    hint="The reach has no z in front of the root: it is one standard error wide, which covers about 68 %.",
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
    hint="The interval is Wilson's with a continuity correction, which makes it wider; the plain one is wanted.",
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
    hint="The middle and the reach come back; the two ends are wanted.",
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
    hint="The ends come in the wrong order: the lower one first.",
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
    hint="This is the interval of the failures: the rate is that of the cases that did not pass.",
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
    hint="The division // cuts the rate down to a whole number, 0 unless all cases passed.",
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
    hint="The ends are rounded to whole percents, which can move an end across a threshold; keep three "
    "decimals at least.",
)
def rounded_to_whole_percents(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return round(middle - reach, 2), round(middle + reach, 2)
