"""Exact statistics of draws: how surprising counts are, if the probabilities are right.

A check draws in two stages (`STAGES`): counts that are surprising by chance once in a hundred times lead to twice as
many draws, and only if these are far more surprising does it fail. Right samplers so fail with a probability of 2e-7,
which leaves room for five samplings in a check of at most 1e-6, and it takes half the draws that one stage would.

A chi-square test reaches such small levels only if every count is large. An exact binomial test of each token, with a
union bound over the tokens, reaches them for any counts, and names the token.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# How often a right answer may be taken for a wrong one where there is one look only.
ALPHA = 1e-6
# Each stage of a check: how many times as many draws as the first, and the p-value below which it goes on, or fails.
STAGES = ((1, 1e-2), (2, 2e-5))
Probabilities = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Deviation:
    """The most surprising count: of a token id, or of all rare ones together (id None).

    p_value: the chance of any count so surprising, by the union bound over all tokens.
    """

    token: int | None
    count: int
    expected: float
    p_value: float


def most_surprising(drawn: Sequence[int], probabilities: Probabilities) -> Deviation:
    """Of ids that all have a positive probability, the token whose count is least likely, by an exact two-sided test.

    Tokens that are expected less than once are counted together.
    """
    n = len(drawn)
    counts = np.bincount(np.asarray(drawn, dtype=np.int64), minlength=len(probabilities))
    rare = (probabilities * n < 1) & (probabilities > 0)
    cells: list[tuple[int | None, int, float]] = [
        (int(token), int(counts[token]), float(probabilities[token]))
        for token in np.flatnonzero((probabilities > 0) & ~rare)
    ]
    if rare.any():
        cells.append((None, int(counts[rare].sum()), float(probabilities[rare].sum())))
    found = [(two_sided(count, n, min(p, 1.0)), token, count, n * p) for token, count, p in cells]
    p_value, token, count, expected = min(found, key=lambda each: each[0])
    return Deviation(token, count, expected, min(1.0, p_value * len(cells)))


def fits(drawn: Sequence[Any], probabilities: Probabilities) -> bool:
    """Whether the draws may well come from the probabilities."""
    ids = np.asarray(drawn)
    if ids.dtype.kind not in "iu" or ids.ndim != 1 or impossible(drawn, probabilities) is not None:
        return False
    return most_surprising(drawn, probabilities).p_value >= ALPHA


def impossible(drawn: Sequence[int], probabilities: Probabilities) -> int | None:
    """The first id that cannot be drawn: out of range, or of probability 0 or NaN. None where there is none."""
    size = len(probabilities)
    return next((each for each in drawn if not (0 <= each < size and probabilities[each] > 0)), None)


def equal_pairs(drawn: Sequence[int], probabilities: Probabilities) -> Deviation:
    """How surprising the number of equal ids is in the disjoint pairs of successive draws, if these are independent."""
    ids = np.asarray(drawn, dtype=np.int64)
    pairs = len(ids) // 2
    count = int((ids[0 : 2 * pairs : 2] == ids[1 : 2 * pairs : 2]).sum())
    p = min(float((probabilities**2).sum()), 1.0)
    return Deviation(None, count, pairs * p, two_sided(count, pairs, p))


def plausible_count(count: float, n: int, p: float, among: int = 1) -> bool:
    """Return whether `count` may be the number of successes in `n` independent trials of probability `p`, in [0, 1].

    It must be a whole number from 0 to n, and not so far from n p that a right answer would get there with a
    probability below 1e-6, by the exact two-sided binomial test. among: how many counts are tested together.
    """
    return 0 <= count <= n and count == round(count) and two_sided(int(count), n, p) * among >= ALPHA


def two_sided(count: int, n: int, p: float) -> float:
    """Twice the smaller tail of Binomial(n, p) from `count` outwards, `count` included; at most 1."""
    if p in (0.0, 1.0):
        return float(count == n * p)
    chances = binomial(n, p)
    return float(min(1.0, 2 * min(chances[: count + 1].sum(), chances[count:].sum())))


# A class is asked the same, again and again; at 8 bytes each, the largest take 64 KB.
@functools.lru_cache(maxsize=256)
def binomial(n: int, p: float) -> Probabilities:
    """The chances of 0 to n successes in n independent trials of probability p, above 0 and below 1."""
    successes, logs = np.arange(n + 1), _log_factorials(n)
    ways = logs[n] - logs - logs[::-1]
    chances: Probabilities = np.exp(ways + successes * np.log(p) + (n - successes) * np.log1p(-p))
    return chances


@functools.lru_cache(maxsize=64)
def _log_factorials(n: int) -> Probabilities:
    logs: Probabilities = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    return logs
