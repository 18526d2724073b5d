"""Correct answers to the stubs of the `readiness` lab, written in different ways."""

import math
from statistics import NormalDist

import numpy as np

from autograder.testing import alternative

# --- monthly_cost_usd ---


@alternative(of="monthly_cost_usd")
def by_kind_of_token(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if any(each < 0 for each in (requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out)):
        raise ValueError("a number below 0")
    if days < 0:
        raise ValueError("a negative number of days")
    requests = days * requests_per_day
    cost_in = requests * input_tokens / 1_000_000 * usd_per_mtok_in
    cost_out = requests * output_tokens / 1_000_000 * usd_per_mtok_out
    return cost_in + cost_out


@alternative(of="monthly_cost_usd")
def rounded_to_cents(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("a number below 0")
    request = input_tokens * usd_per_mtok_in * 1e-6 + output_tokens * usd_per_mtok_out * 1e-6
    return round(requests_per_day * request * days, 2)


@alternative(of="monthly_cost_usd")
def with_a_dot_product(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    tokens, prices = np.array([input_tokens, output_tokens]), np.array([usd_per_mtok_in, usd_per_mtok_out])
    if requests_per_day < 0 or days < 0 or np.any(tokens < 0) or np.any(prices < 0):
        raise ValueError("a number below 0")
    return (tokens @ prices) * requests_per_day * days / 1e6


@alternative(of="monthly_cost_usd")
def day_after_day(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    for each in (requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days):
        if each < 0:
            raise ValueError("a number below 0")
    a_day = requests_per_day * (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 10**6
    return sum(a_day for _ in range(days))


@alternative(of="monthly_cost_usd")
def exactly(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    from fractions import Fraction

    numbers = [requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days]
    if any(each < 0 for each in numbers):
        raise ValueError("a number below 0")
    requests, tokens_in, tokens_out, price_in, price_out, days = map(Fraction, numbers)
    return float(requests * days * (tokens_in * price_in + tokens_out * price_out) / 1_000_000)


@alternative(of="monthly_cost_usd")
def as_a_float32_array(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    if not all(
        each >= 0 for each in (requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days)
    ):
        raise ValueError("a number below 0")
    usd_per_token = [usd_per_mtok_in / 1e6, usd_per_mtok_out / 1e6]
    cost = input_tokens * usd_per_token[0] + output_tokens * usd_per_token[1]
    return np.array(cost * (requests_per_day * days), dtype=np.float32)


# --- wilson_interval ---


@alternative(of="wilson_interval")
def with_196(successes, n, confidence=0.95):
    if n <= 0 or successes < 0 or successes > n:
        raise ValueError("impossible")
    z = 1.96 if confidence == 0.95 else NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return middle - reach, middle + reach


@alternative(of="wilson_interval")
def as_statsmodels_does(successes, n, confidence=0.95):
    if n <= 0 or not (0 <= successes <= n):
        raise ValueError("impossible")
    alpha = 1 - confidence
    crit = -NormalDist().inv_cdf(alpha / 2)
    crit2 = crit**2
    q = successes / n
    denom = 1 + crit2 / n
    center = (q + crit2 / (2 * n)) / denom
    dist = crit * np.sqrt(q * (1 - q) / n + crit2 / (4 * n**2)) / denom
    return np.array([center - dist, center + dist])


@alternative(of="wilson_interval")
def in_counts(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf(1 - (1 - confidence) / 2)
    failures = n - successes
    root = z * np.sqrt(successes * failures / n + z**2 / 4)
    return [(successes + z**2 / 2 - root) / (n + z**2), (successes + z**2 / 2 + root) / (n + z**2)]


@alternative(of="wilson_interval")
def roots_of_a_quadratic(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    # (rate - p)^2 = z^2 p (1 - p) / n
    roots = np.roots([1 + z**2 / n, -(2 * rate + z**2 / n), rate**2])
    return min(roots.real), max(roots.real)


@alternative(of="wilson_interval")
def by_trying_rates(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    observed = successes / n

    def end(outside, inside):
        for _ in range(60):
            rate = (outside + inside) / 2
            if (observed - rate) ** 2 > z**2 * rate * (1 - rate) / n:
                outside = rate
            else:
                inside = rate
        return inside

    return end(0.0, observed), end(1.0, observed)


@alternative(of="wilson_interval")
def rounded_and_cut_off(successes, n, confidence=0.95):
    if n <= 0:
        raise ValueError("no cases")
    if successes < 0 or successes > n:
        raise ValueError("impossible counts")
    z = NormalDist(mu=0, sigma=1).inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return round(max(0.0, middle - reach), 3), round(min(1.0, middle + reach), 3)


@alternative(of="wilson_interval")
def without_the_normal_distribution_of_python(successes, n, confidence=0.95):
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("impossible")
    below, above = 0.0, 10.0
    while above - below > 1e-9:
        z = (below + above) / 2
        below, above = (z, above) if math.erf(z / math.sqrt(2)) < confidence else (below, z)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.float32(middle - reach), np.float32(middle + reach)
