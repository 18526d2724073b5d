"""Reference for the `readiness` lab: what a model costs per month, and what an evaluation of it shows."""

import torch
from torch import Tensor


def monthly_cost_usd(
    requests_per_day: float,
    input_tokens: float,
    output_tokens: float,
    usd_per_mtok_in: float,
    usd_per_mtok_out: float,
    days: float = 30,
) -> Tensor:
    """Cost in USD of `days` days of requests, given the tokens per request and the prices per million tokens.

    Raises ValueError if any argument is negative.
    """
    tokens = torch.tensor([input_tokens, output_tokens], dtype=torch.float64)
    prices = torch.tensor([usd_per_mtok_in, usd_per_mtok_out], dtype=torch.float64)
    if requests_per_day < 0 or days < 0 or (tokens < 0).any() or (prices < 0).any():
        raise ValueError("requests, tokens, prices and days must be 0 or more")
    return requests_per_day * days * torch.dot(tokens, prices) / 1_000_000


def wilson_interval(successes: float, n: float, confidence: float = 0.95) -> tuple[Tensor, Tensor]:
    """Wilson's score interval (low, high) of a pass rate, from 0 to 1; ValueError if n <= 0 or not 0 <= successes <= n.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927), 209-212.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"there cannot be {successes} successes in {n} cases")
    z = torch.special.ndtri(torch.tensor((1 + confidence) / 2, dtype=torch.float64))
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * torch.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach
