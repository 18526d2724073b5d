"""The calculations in a readiness packet: the monthly cost and Wilson's interval.

reference/readiness/reference.py computes both with torch. This version doesn't have to load torch, so it starts faster.
"""

import math
from collections.abc import Iterator, Mapping
from statistics import NormalDist

from pydantic import BaseModel

from reference.readiness.fields import is_number


def wilson_interval(successes: int, n: int, confidence: float) -> tuple[float, float]:
    """Wilson's score interval (1927) for `successes` out of `n` cases."""
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    rate = successes / n
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    reach = math.sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return middle - reach, middle + reach


def monthly_usd(numbers: Mapping[str, float]) -> float:
    """Return the cost in USD per month. Prices may be per token or per hour, and in dollars or, with an exchange rate,
    in another currency."""
    rate = numbers.get("usd_per_unit", 1.0)
    if "hours" in numbers:
        return rate * numbers["hours"] * _price(numbers, "per_hour")
    request = numbers["input_tokens"] * _price(numbers, "per_mtok_in")
    request += numbers["output_tokens"] * _price(numbers, "per_mtok_out")
    return rate * numbers["requests_per_day"] * numbers["days"] * request / 1_000_000


def _price(numbers: Mapping[str, float], name: str) -> float:
    return numbers[name] if name in numbers else numbers[f"usd_{name}"]


def mistaken_costs(numbers: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield a description of each common mistake, and the monthly cost you'd get if you made it."""
    cost = monthly_usd(numbers)
    if numbers.get("usd_per_unit"):
        yield "the amount wasn't converted to dollars", cost / numbers["usd_per_unit"]
    if "hours" in numbers:
        return
    yield "the price was treated as a price per thousand tokens", cost * 1_000
    yield "that's what one day costs", monthly_usd({**numbers, "days": 1.0})
    for price in ("per_mtok_in", "usd_per_mtok_in"):
        if price in numbers:
            swapped = {**numbers, price.replace("_in", "_out"): numbers[price]}
            yield "the output tokens were charged at the input price", monthly_usd(swapped)
    yield "the prompt was left out", monthly_usd({**numbers, "input_tokens": 0.0})
    yield "the answers were left out", monthly_usd({**numbers, "output_tokens": 0.0})


def numbers_of(part: BaseModel) -> dict[str, float]:
    """Return a dict of the numbers in a part of the packet, including those of its currency."""
    found = {}
    for name, value in part:
        if isinstance(value, BaseModel):
            found.update(numbers_of(value))
        elif is_number(value):
            found[name] = float(value)
    return found
