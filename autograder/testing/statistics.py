"""Exact tests of random draws: how surprising are the counts if the probabilities are right?

A check draws in two stages. If chance alone would produce counts this surprising at most 1% of the time, the check
draws a second sample that's twice as large, and fails only if that one is far more surprising. A correct sampler fails
with a probability of 2e-7, so a check can have five sampling runs and still keep its error rate within 1e-6. Two stages
take about half as many draws as one stage would.

If the first sample is large, the check also looks at its counts halfway (`looks`), and ends there if they aren't
surprising at all. For a correct sampler, that saves about a third of the sample's draws. It can only make a check pass,
so it doesn't add to the error rate. It misses a few more mistakes, so for the same power, a sample has to be up to 15%
larger.

A chi-square test is accurate at such small significance levels only if every count is large. An exact binomial test of
each token, with a union bound over the tokens, is accurate for any counts, and it tells us which token is off.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

# The probability that a correct answer fails a single-stage test.
ALPHA = 1e-6
# The p-values below which a check goes on (halfway through a large first sample, and at its end) or fails (at the end
# of the second sample).
HALFWAY, FIRST, SECOND = 0.5, 1e-2, 2e-5
# How many draws make a first sample large.
LARGE = 1_000
Probabilities = np.ndarray[Any, np.dtype[np.float64]]


class Look(NamedTuple):
    """A point at which a check looks at the counts of the draws so far.

    more: how many draws it makes first. sample: how many it looks at, including those. surprising: it ends here unless
    the p-value is below this.
    """

    more: int
    sample: int
    surprising: float


@dataclass(frozen=True)
class Deviation:
    """The most surprising count: of one token id, or of all rare ids together (token None).

    p_value: the probability of a count at least this surprising, by the union bound over all tokens.
    """

    token: int | None
    count: int
    expected: float
    p_value: float


def looks(draws: int) -> Sequence[Look]:
    """Return when a check looks at the counts if its first sample has this many draws."""
    half = draws // 4 * 2  # so that no pair of draws is split
    first = [Look(half, half, HALFWAY), Look(draws - half, draws, FIRST)]
    return [*(first if draws >= LARGE else [Look(draws, draws, FIRST)]), Look(2 * draws, 2 * draws, SECOND)]


def counted(drawn: Sequence[int], size: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return how many times each id from 0 to size - 1 was drawn."""
    # In a browser tab, indexes have 32 bits, and bincount doesn't accept wider integers.
    return np.bincount(np.asarray(drawn, dtype=np.intp), minlength=size)


def most_surprising(drawn: Sequence[int], probabilities: Probabilities) -> Deviation:
    """Return the least likely count according to an exact two-sided test. All the ids must have a positive probability.

    Tokens with an expected count below 1 are tested together, as one count.
    """
    n = len(drawn)
    counts = counted(drawn, len(probabilities))
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
    """Return whether the draws could plausibly come from the probabilities, an array (V,). The draws may be anything a
    stub returned."""
    try:
        ids = np.asarray(drawn)
    except ValueError:  # lists or arrays of different lengths
        return False
    if ids.dtype.kind not in "iu" or ids.ndim != 1 or impossible(drawn, probabilities) is not None:
        return False
    return most_surprising(drawn, probabilities).p_value >= ALPHA


def impossible(drawn: Sequence[int], probabilities: Probabilities) -> int | None:
    """Return the first id that can't be drawn, because it's out of range or its probability is 0 or NaN. None if there
    isn't one."""
    size = len(probabilities)
    return next((each for each in drawn if not (0 <= each < size and probabilities[each] > 0)), None)


def equal_pairs(drawn: Sequence[int], probabilities: Probabilities) -> Deviation:
    """Split the draws into disjoint pairs of successive draws, and return how surprising the number of equal pairs is.

    The two draws in a pair should be equal as often as if they were independent.
    """
    ids = np.asarray(drawn, dtype=np.int64)
    pairs = len(ids) // 2
    count = int((ids[0 : 2 * pairs : 2] == ids[1 : 2 * pairs : 2]).sum())
    p = min(float((probabilities**2).sum()), 1.0)
    return Deviation(None, count, pairs * p, two_sided(count, pairs, p))


def plausible_count(count: float, n: int, p: float, among: int = 1) -> bool:
    """Return whether `count` could be the number of successes in `n` independent trials of probability `p`, in [0, 1].

    That's the case if `count` is a whole number from 0 to n and, by the exact two-sided binomial test, a correct answer
    gets a count at least this far from n p with a probability of at least 1e-6.

    among: how many counts you're testing together, for the union bound.
    """
    return 0 <= count <= n and count == round(count) and two_sided(int(count), n, p) * among >= ALPHA


def two_sided(count: int, n: int, p: float) -> float:
    """Return twice the smaller of the two tails of Binomial(n, p) that start at `count` and include it; at most 1."""
    if p in (0.0, 1.0):
        return float(count == n * p)
    chances = binomial(n, p)
    return float(min(1.0, 2 * min(chances[: count + 1].sum(), chances[count:].sum())))


# When you grade a class, you need the same distributions over and over. At 8 bytes per entry, the largest arrays take
# 64 KB.
@functools.lru_cache(maxsize=256)
def binomial(n: int, p: float) -> Probabilities:
    """Return the probabilities (n + 1,) of 0 to n successes in n independent trials, for 0 < p < 1."""
    successes, logs = np.arange(n + 1), _log_factorials(n)
    ways = logs[n] - logs - logs[::-1]
    chances: Probabilities = np.exp(ways + successes * np.log(p) + (n - successes) * np.log1p(-p))
    return chances


@functools.lru_cache(maxsize=64)
def _log_factorials(n: int) -> Probabilities:
    logs: Probabilities = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    return logs
