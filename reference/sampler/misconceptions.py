"""Wrong answers to the `sampler` lab's stubs: a catalog to search by name, not to read in one sitting."""

import math

import numpy as np

from autograder.testing import misconception

# --- greedy ---


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return the position of the smallest logit. The best token has the largest logit.",
)
def the_worst_token(logits):
    return int(np.argmin(logits))


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You ignore the signs of the logits, for example by comparing their absolute values or squares, so a very bad "
    "token counts as a very good one. But -9 is smaller than 2.",
)
def largest_by_absolute_value(logits):
    return int(np.argmax(np.abs(logits)))


@misconception(
    of="greedy",
    kind="misses_point",
    any_of={"as_probability": (False, True)},
    hint="You return the best logit, or its probability. Return its index in the array: that's the token's id.",
    taught=True,
)
def the_logit_instead_of_its_place(logits, *, as_probability):
    if as_probability:
        return float(1.0 / np.sum(np.exp(logits - np.max(logits))))
    return float(np.max(logits))


@misconception(
    of="greedy",
    kind="misses_point",
    any_of={"left_out": ("first", "last")},
    hint="Your search skips the first or the last entry, so it misses the best token when that's where it is. Check "
    "where your loop or slice starts and ends.",
)
def one_end_left_out(logits, *, left_out):
    if len(logits) == 1:
        return 0
    return int(np.argmax(logits[1:])) + 1 if left_out == "first" else int(np.argmax(logits[:-1]))


@misconception(
    of="greedy",
    kind="misses_point",
    any_of={"without": ("the_first", "those_below_0")},
    hint="You leave something out of the array and then return an index into what's left, so ids after the gap are "
    "too low. Search the whole array.",
)
def place_in_a_shortened_array(logits, *, without):
    kept = np.arange(len(logits)) > 0 if without == "the_first" else logits > 0
    return int(np.argmax(logits[kept])) if kept.any() else 0


@misconception(
    of="greedy",
    kind="edge",
    hint="You leave out logits of minus infinity and return an index into what's left, so the ids after them are "
    "too low. Search the whole array: minus infinity is never the largest.",
)
def place_among_the_finite(logits):
    return int(np.argmax(logits[np.isfinite(logits)]))


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return the second-best token. When you sort in ascending order, the best one comes last.",
)
def the_second_best(logits):
    return int(np.argsort(logits)[-2]) if len(logits) > 1 else 0


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return the id of the first logit above 0. A later logit may be larger, and often no logit is above 0.",
)
def the_first_above_0(logits):
    return int(np.argmax(logits > 0))


@misconception(
    of="greedy",
    kind="misses_point",
    any_of={"as_list": (False, True)},
    hint="You return the id wrapped in an array or a list. Return just the id, a single integer.",
)
def the_id_in_an_array(logits, *, as_list):
    return [int(np.argmax(logits))] if as_list else np.argsort(logits)[-1:]


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return the id as a float. Ids are positions in an array, so they have to be integers.",
)
def the_id_as_a_float(logits):
    return float(np.argmax(logits))


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return an array that marks the best token. Return the token's index itself, a single integer.",
)
def a_mark_at_the_place(logits):
    return np.eye(len(logits), dtype=int)[np.argmax(logits)]


@misconception(
    of="greedy",
    kind="edge",
    probabilities=lambda logits: np.equal(logits, np.max(logits)) / np.sum(np.equal(logits, np.max(logits))),
    hint="When several tokens tie for first, you pick one at random, so the same logits can give a different id next "
    "time. Pick the same token every time, such as the first one.",
)
def ties_broken_by_chance(logits):
    return int(np.random.choice(np.flatnonzero(logits == np.max(logits))))


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You count from 1. Ids start at 0, like numpy's indexes, so the first token's id is 0.",
)
def counts_from_one(logits):
    return int(np.argmax(logits)) + 1


@misconception(
    of="greedy",
    kind="edge",
    any_of={"start": (0.0, -1.0, -10.0, -100.0, -1000.0, -1e9)},
    hint="If all logits are below some fixed score, such as 0, you return id 0, maybe because your search "
    "starts from that score and no logit beats it. Start from the first logit.",
    taught=True,
)
def search_starts_at_a_fixed_score(logits, *, start):
    best, best_score = 0, start
    for place, score in enumerate(logits):
        if score > best_score:
            best, best_score = place, score
    return best


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You compare each logit only with its neighbor, so you find the last place where the logits go up. Compare "
    "each logit with the best one so far.",
)
def compares_with_the_neighbour(logits):
    best = 0
    for place in range(1, len(logits)):
        if logits[place] > logits[place - 1]:
            best = place
    return best


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You draw the token at random. Greedy takes the best token every time. Randomness comes in part 2.",
    probabilities=lambda logits: np.exp(logits - np.max(logits)) / np.sum(np.exp(logits - np.max(logits))),
    taught=True,
)
def draws_instead(logits):
    weights = np.exp(logits - np.max(logits))
    return int(np.random.default_rng(0).choice(len(logits), p=weights / weights.sum()))


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return all ids, ranked by their logits. Return only the best token's id, a single integer.",
)
def the_whole_ranking(logits):
    return np.argsort(-logits)


@misconception(
    of="greedy",
    kind="edge",
    hint="Exponentials of large logits overflow (and those of very negative ones become 0), so you can't tell which "
    "logit is the largest. Compare the logits themselves.",
    taught=True,
)
def compares_exponentials_that_overflow(logits):
    weights = np.exp(logits)
    return int(np.argmax(weights / weights.sum()))


@misconception(
    of="greedy",
    kind="edge",
    any_of={"digits": (None, 2, 1)},
    hint="You compare logits or probabilities too coarsely, for example after rounding, so close ones count as equal. "
    "A lead of 0.001 is enough to win, so compare the logits as they are.",
)
def compares_rounded_logits(logits, *, digits):
    if digits is None:
        return int(np.argmax(np.asarray(logits, dtype=np.float16)))
    return int(np.argmax(np.round(logits, digits)))


@misconception(
    of="greedy",
    kind="conduct",
    hint="You change the caller's logits, for example by shifting or sorting them in place. Work on a new array.",
)
def overwrites_the_logits(logits):
    best = int(np.argmax(logits))
    logits.sort()
    return best


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You always return the last id, maybe because you sort the logits first and look for the largest in "
    "the sorted array. The id is the largest logit's position in the array you were given.",
)
def place_in_the_sorted_array(logits):
    return len(logits) - 1


@misconception(
    of="greedy",
    kind="misses_point",
    any_of={"rounded": ("to_the_nearest", "toward_0", "to_int64")},
    hint="You convert the logits to integers before comparing them, so close ones become equal. Compare the logits as "
    "they are.",
)
def compares_whole_numbers(logits, *, rounded):
    if rounded == "to_int64":
        # Where int64 can't hold a logit, the result is the smallest int64.
        return int(np.argmax(np.trunc(np.where(np.abs(logits) < 2.0**63, logits, -(2.0**63)))))
    return int(np.argmax(np.round(logits) if rounded == "to_the_nearest" else np.trunc(logits)))


@misconception(
    of="greedy",
    kind="misses_point",
    hint="You return an array with the ids of all logits that equal the largest. Return one id, a single integer.",
)
def all_ids_of_the_largest(logits):
    return np.flatnonzero(logits == np.max(logits))


@misconception(
    of="greedy",
    kind="edge",
    hint="You replace minus infinity with 0, so if all other logits are negative, a token that's ruled out wins. Minus "
    "infinity is never the largest, so leave it as it is.",
)
def infinity_becomes_0(logits):
    return int(np.argmax(np.where(np.isinf(logits), 0.0, logits)))


@misconception(
    of="greedy",
    kind="edge",
    any_of={"digits": (1, 2, 3)},
    hint="You compare logits or probabilities too coarsely, for example after rounding, so close ones count as equal. "
    "A lead of 0.001 is enough to win, so compare the logits as they are.",
)
def compares_rounded_probabilities(logits, *, digits):
    weights = np.exp(logits - np.max(logits))
    return int(np.argmax(np.round(weights / weights.sum(), digits)))


# --- sample_categorical ---


def _normal(probs, rng=None):
    return np.asarray(probs, dtype=float) / np.sum(probs, dtype=float)


# For each wrong kind of noise: the probability that the score of a word with probability p is below x, and the range
# of x to integrate over.
_NOISES = {
    "added": (lambda p, x: np.clip(x - p, 0.0, 1.0), 0.0, 2.0),
    "added_to_logs": (lambda p, x: np.clip(x - np.log(p), 0.0, 1.0), -16.0, 1.0),
    "exponential": (lambda p, x: -np.expm1(-x / p), 0.0, 40.0),
}


def _with_noise(probs, rng, *, noise):
    """For each independent random number, integrate over its value to get the probability that it's the largest."""
    below, low, high = _NOISES[noise]
    positive = np.asarray(probs, dtype=float) > 0
    x = low + (high - low) * np.linspace(0.0, 1.0, 1001) ** (2 if low == 0 else 1)
    chances = below(np.asarray(probs, dtype=float)[positive, None], x)
    middle = np.maximum((chances[:, 1:] + chances[:, :-1]) / 2, 1e-300)
    found = np.zeros(len(probs))
    others = np.exp(np.log(middle).sum(axis=0) - np.log(middle))
    found[positive] = (np.diff(chances, axis=1) * others).sum(axis=1)
    return _normal(found)


def _tosses(probs, rng, *, rest):
    """Each word in turn wins with its own probability. `rest` says what the code does if no word wins."""
    left = np.append(1.0, np.cumprod(1.0 - np.minimum(np.asarray(probs, dtype=float), 1.0)))
    found = -np.diff(left)
    if rest == "any":
        return found + left[-1] / len(probs)
    if rest != "again":
        possible = int(np.nonzero(probs)[0][-1])
        found[{"last": -1, "last possible": possible, "first": 0, "best": int(np.argmax(probs))}[rest]] += left[-1]
    return _normal(found)


def _product_with_noise(probs, rng):
    noise = (np.arange(2000) + 0.5) / 2000 * np.max(probs)
    below = np.minimum(1.0, noise[:, None] / np.maximum(probs, 1e-300))
    others = np.prod(below, axis=1, keepdims=True) / below
    return _normal(np.where(probs > 0, (others * (noise[:, None] < probs)).mean(axis=0) / np.maximum(probs, 1e-300), 0))


def _own_probability_above_u(probs, rng, *, rest):
    before = np.maximum.accumulate(np.append(0.0, probs[:-1]))
    found = np.maximum(probs - before, 0.0)
    found[{"first": 0, "last": -1, "best": int(np.argmax(probs))}[rest]] += 1.0 - np.max(probs)
    return _normal(found)


def _dirichlet(probs, rng, *, strength):
    """For each independent gamma variate, integrate over its logarithm to get the probability that it's the largest."""
    step, positive = 0.02, np.asarray(probs, dtype=float) > 0
    shape, log = strength * np.asarray(probs, dtype=float)[positive, None], np.arange(-30.0, 6.0, step)
    density = np.exp(shape * log - np.exp(log) - np.vectorize(math.lgamma)(shape))
    below = density[:, :1] / shape + step * np.cumsum(density, axis=1)
    chances = np.zeros(len(probs))
    chances[positive] = (density / below * np.prod(below, axis=0)).sum(axis=1)
    return chances / chances.sum()


def _without_the_unlikely(probs, below, of_the_best):
    kept = np.where(probs < below * (2.0 * np.max(probs) if of_the_best else 1.0), 0.0, probs)
    return _normal(kept if kept.any() else probs)


def _of_tickets(probs, tickets):
    return _normal(tickets) if tickets.any() else np.eye(len(probs))[np.argmax(probs)]


def _new_number_each(probs, rng):
    totals = np.minimum(np.cumsum(probs, dtype=float), 1.0)
    totals[-1] = 1.0
    return _normal(np.append(1.0, np.cumprod(1.0 - totals)[:-1]) * totals)


def _share_of_the_next(probs, rng):
    probs = _normal(probs)
    return probs if len(probs) == 1 else np.array([probs[0] + probs[1], *probs[2:], 0.0])


def _totals_above(probs, rng):
    return np.append(0.0, _normal(probs)[::-1])


def _normal_number(probs, rng):
    below = [0.5 * (1.0 + math.erf(total / math.sqrt(2.0))) for total in np.cumsum(probs, dtype=float)[:-1]]
    return np.diff([0.0, *below, 1.0])


def _nearest_total(probs, rng):
    totals = np.cumsum(_normal(probs))
    # If running totals are equal, the first one wins, so only the first word can be drawn with a probability of 0.
    first = np.flatnonzero(np.diff(totals, prepend=-1.0) > 0)
    found = np.zeros(len(probs))
    found[first] = np.diff(np.concatenate([[0.0], (totals[first][1:] + totals[first][:-1]) / 2, [1.0]]))
    return found


def _nearest_probability(probs, rng):
    levels, first = np.unique(_normal(probs), return_index=True)
    found = np.zeros(len(probs))
    found[first] = np.diff(np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]]))
    return found


def _among_the_possible(probs, rng):
    possible = _normal(probs)[np.asarray(probs) > 0]
    return np.append(possible, np.zeros(len(probs) - len(possible)))


def _last_two_merged(probs, rng):
    merged = _normal(probs)
    merged[-2] += merged[-1]
    merged[-1] = 0.0
    return merged


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You return the most likely id every time. The other ids have to come up, too, each as often as its "
    "probability says.",
)
def always_the_likeliest(probs, rng):
    return int(np.argmax(probs))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="All ids come up equally often: your draw doesn't use the probabilities.",
    probabilities=lambda probs, rng: np.full(len(probs), 1 / len(probs)),
)
def all_ids_alike(probs, rng):
    return int(rng.integers(len(probs)))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"seed": (0, 42, 1, 123)},
    hint="Your random number is the same on every call, and so is the id, maybe because you create a generator "
    "with a fixed seed inside your function. Draw from the rng you're given.",
    taught=True,
)
def fixed_seed_inside(probs, rng, *, seed):
    return int(np.random.default_rng(seed).choice(len(probs), p=probs))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="The generator you're given never advances, maybe because you draw from a copy of it, so every call "
    "returns the same id. Draw from rng itself.",
    taught=True,
)
def draws_from_a_copy(probs, rng):
    import copy

    return int(copy.deepcopy(rng).choice(len(probs), p=probs))


@misconception(
    of="sample_categorical",
    kind="conduct",
    hint="Your draws don't depend only on rng: they use another generator (such as numpy's own, np.random) or numbers "
    "saved from an earlier call. So a run can't be reproduced with a seed.",
    probabilities=_normal,
    taught=True,
)
def another_generator(probs, rng):
    return int(np.random.choice(len(probs), p=probs))


@misconception(
    of="sample_categorical",
    kind="conduct",
    hint="You store a draw and return it again on the next call. Draw a new id on every call.",
    probabilities=_normal,
    taught=True,
)
def hands_out_every_draw_twice(probs, rng):
    kept = globals().setdefault("kept_draws", {})
    if probs.tobytes() in kept:
        return kept.pop(probs.tobytes())
    kept[probs.tobytes()] = int(rng.choice(len(probs), p=probs))
    return kept[probs.tobytes()]


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="Every id is one too high, and the last one doesn't exist. The first piece of the interval belongs to id 0.",
    probabilities=lambda probs, rng: np.append(0.0, _normal(probs)),
)
def ids_from_one(probs, rng):
    return int(np.searchsorted(np.cumsum(probs), rng.random(), side="right")) + 1


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="The last id never comes up, maybe because its piece of the interval goes to the id before it.",
    probabilities=_last_two_merged,
)
def never_the_last_id(probs, rng):
    return int(np.searchsorted(np.cumsum(probs)[:-2], rng.random(), side="right"))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"rest": ("first", "last", "best")},
    hint="You compare the random number with each probability separately. Each word's piece of the interval ends at "
    "the running total of the probabilities up to that word.",
    probabilities=_own_probability_above_u,
    taught=True,
)
def no_running_total(probs, rng, *, rest):
    u = rng.random()
    for place, probability in enumerate(probs):
        if u < probability:
            return place
    return {"first": 0, "last": len(probs) - 1, "best": int(np.argmax(probs))}[rest]


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"rest": ("best", "last", "last possible", "first", "any")},
    hint="You draw a new random number for each word and take the first word whose number is below its probability, so "
    "the words come up with the wrong frequencies. Use one random number per draw.",
    probabilities=_tosses,
)
def a_toss_for_each_word(probs, rng, *, rest):
    for place, probability in enumerate(probs):
        if rng.random() < probability:
            return place
    if rest == "any":
        return int(rng.integers(len(probs)))
    possible = int(np.nonzero(probs)[0][-1])
    return {"first": 0, "last": len(probs) - 1, "last possible": possible, "best": int(np.argmax(probs))}[rest]


@misconception(
    of="sample_categorical",
    kind="misses_point",
    exempt="Its frequencies aren't far off, so how many checks notice them depends on the random numbers.",
    hint="You draw a new random number for each word and take the first word whose number is below its probability, so "
    "the words come up with the wrong frequencies. Use one random number per draw.",
    probabilities=lambda probs, rng: _tosses(probs, rng, rest="again"),
)
def a_toss_for_each_word_until_one_wins(probs, rng):
    while True:
        for place, probability in enumerate(probs):
            if rng.random() < probability:
                return place


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You draw a new random number for each comparison. Use one number per draw and compare it with all the "
    "running totals.",
    probabilities=_new_number_each,
)
def a_new_number_for_each_word(probs, rng):
    total = 0.0
    for place, probability in enumerate(probs):
        total += probability
        if rng.random() < total:
            return place
    return len(probs) - 1


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"wraps": (False, True)},
    hint="Each word gets the next word's share of the draws, maybe because you take the last word whose running "
    "total is below the random number. Take the first word whose running total is above the random number.",
    probabilities=lambda probs, rng, *, wraps: np.roll(_normal(probs), -1) if wraps else _share_of_the_next(probs, rng),
)
def one_piece_too_early(probs, rng, *, wraps):
    place = int(np.searchsorted(np.cumsum(probs), rng.random(), side="right")) - 1
    return place % len(probs) if wraps else max(place, 0)


def _in_percents(probs, rng):
    # A running total that's a whole percentage may be a rounding error above or below it, so compare the same numbers.
    places = np.searchsorted(np.cumsum(probs), np.arange(100) / 100, side="right")
    return np.bincount(np.minimum(places, len(probs) - 1), minlength=len(probs)) / 100


@misconception(
    of="sample_categorical",
    kind="edge",
    hint="You only use whole percentages, so a word whose piece of the interval falls between two of them (say, from "
    "0.631 to 0.638) is never drawn. Use rng.random() unrounded, and don't round the running totals, either.",
    probabilities=_in_percents,
)
def random_number_in_whole_percents(probs, rng):
    place = np.searchsorted(np.cumsum(probs), rng.integers(100) / 100, side="right")
    return int(min(place, len(probs) - 1))


@misconception(
    of="sample_categorical",
    kind="edge",
    any_of={"strength": (1, 2)},
    hint="Likely words come up too often, maybe because you draw one random number per word from the wrong "
    "distribution and pick the largest. Draw an id directly, or add Gumbel noise, -ln(-ln u), to the "
    "log-probabilities.",
    probabilities=_dirichlet,
    visible_power=0.0,
)
def largest_of_a_dirichlet_draw(probs, rng, *, strength):
    alphas = strength * np.asarray(probs, dtype=float)
    return int(np.flatnonzero(probs)[np.argmax(rng.dirichlet(alphas[alphas > 0]))])


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"upwards": (False, True)},
    hint="You sort the probabilities before the draw and return the position in the sorted list. The id is the "
    "position in the original list.",
    probabilities=lambda probs, rng, *, upwards: np.sort(_normal(probs))[:: 1 if upwards else -1],
)
def rank_instead_of_id(probs, rng, *, upwards):
    return int(rng.choice(len(probs), p=np.sort(probs)[:: 1 if upwards else -1]))


@misconception(
    of="sample_categorical",
    kind="edge",
    hint="If several words have the same probability, you always return the first of them, maybe because "
    "you draw a probability and look up its position. Draw a position, not a probability.",
    probabilities=lambda probs, rng: np.bincount(
        [np.flatnonzero(np.equal(probs, p))[0] for p in probs], _normal(probs), len(probs)
    ),
)
def place_of_a_drawn_probability(probs, rng):
    return int(np.flatnonzero(probs == rng.choice(probs, p=probs))[0])


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="Likely words come up too often, as if the probabilities had been squared. You're given probabilities, so "
    "use them as they are.",
    probabilities=lambda probs, rng: _normal(np.square(probs)),
)
def squared_probabilities(probs, rng):
    squares = np.square(np.asarray(probs, dtype=float))
    return int(rng.choice(len(probs), p=squares / squares.sum()))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"noise": ("added_to_logs", "exponential")},
    hint="You give each word's score its own random noise (added or multiplied), and the largest result wins. The only "
    "noise that gives the right frequencies is Gumbel noise added to log p, and yours is different.",
    probabilities=_with_noise,
)
def largest_with_the_wrong_noise(probs, rng, *, noise):
    places = np.flatnonzero(probs)
    p = np.asarray(probs, dtype=float)[places]
    exponential = noise == "exponential"
    scores = p * rng.exponential(size=len(p)) if exponential else np.log(p) + rng.random(len(p))
    return int(places[np.argmax(scores)])


@misconception(
    of="sample_categorical",
    kind="edge",
    hint="You add a random number to each probability, and the largest sum wins. That gives the wrong frequencies. "
    "Adding noise only works if you add Gumbel noise to log p.",
    probabilities=lambda probs, rng: _with_noise(probs, rng, noise="added"),
    visible_power=0.67,
)
def largest_sum_with_noise(probs, rng):
    places = np.flatnonzero(probs)
    return int(places[np.argmax(np.asarray(probs, dtype=float)[places] + rng.random(len(places)))])


@misconception(
    of="sample_categorical",
    kind="edge",
    any_of={"below": (0.05, 0.1), "of_the_best": (False, True)},
    exempt="The answer's score depends on how many of the randomly drawn probabilities are below the limit.",
    hint="You drop unlikely words before the draw. Each word should come up exactly as often as its probability says. "
    "You'll filter out unlikely words in parts 3 and 4.",
    probabilities=lambda probs, rng, *, below, of_the_best: _without_the_unlikely(probs, below, of_the_best),
)
def unlikely_words_left_out(probs, rng, *, below, of_the_best):
    kept = np.where(probs < below * (2.0 * np.max(probs) if of_the_best else 1.0), 0.0, probs).astype(float)
    kept = kept if kept.any() else np.asarray(probs, dtype=float)
    return int(rng.choice(len(probs), p=kept / kept.sum()))


@misconception(
    of="sample_categorical",
    kind="edge",
    any_of={"tickets": (100, 10)},
    hint="You round the probabilities, for example to give each word a whole number of lottery tickets. A word whose "
    "probability is rounded to 0 never comes up, and the others come up with the wrong frequencies. Use the "
    "probabilities as they are.",
    probabilities=lambda probs, rng, *, tickets: _of_tickets(probs, np.round(np.asarray(probs, float) * tickets)),
)
def a_pool_of_tickets(probs, rng, *, tickets):
    pool = np.repeat(np.arange(len(probs)), np.round(np.asarray(probs, dtype=float) * tickets).astype(int))
    return int(pool[rng.integers(len(pool))]) if len(pool) else int(np.argmax(probs))


@misconception(
    of="sample_categorical",
    kind="edge",
    hint="You round the probabilities down, for example to give each word a whole number of lottery tickets. A word "
    "whose probability is rounded to 0 never comes up, and the others come up with the wrong frequencies. Use "
    "the probabilities as they are.",
    probabilities=lambda probs, rng: _of_tickets(probs, np.floor(np.asarray(probs, float) * 100)),
)
def a_pool_of_whole_tickets(probs, rng):
    pool = np.repeat(np.arange(len(probs)), np.floor(np.asarray(probs, dtype=float) * 100).astype(int))
    return int(pool[rng.integers(len(pool))]) if len(pool) else int(np.argmax(probs))


def _of_the_most_frequent(probs, of):
    """How often each id is the most frequent of several draws, in simulations. Each possible id gets 0.05 extra, so
    that none has probability 0."""
    probs = _normal(probs)
    times = min(20_000, 2_000_000 // len(probs))
    counts = np.random.default_rng(1).multinomial(of, probs, size=times)
    return _normal(np.bincount(counts.argmax(axis=1), minlength=len(probs)) + 0.05 * (probs > 0))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"of": (10, 100, 1000)},
    hint="Likely words come up too often, as if you drew several times and returned the most frequent id. A single "
    "draw is enough. Return its result.",
    probabilities=lambda probs, rng, *, of: _of_the_most_frequent(probs, of),
)
def most_frequent_of_several_draws(probs, rng, *, of):
    return int(np.argmax(rng.multinomial(of, np.asarray(probs, dtype=float) / np.sum(probs, dtype=float))))


def _up_to_the_best(probs, rng):
    return _normal(np.diff(np.minimum(np.cumsum(_normal(probs)), np.max(_normal(probs))), prepend=0.0))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="Your random number only goes up to the largest probability, so the words after that point never come up. "
    "The running totals go up to 1, and so does rng.random().",
    probabilities=_up_to_the_best,
)
def random_number_up_to_the_best(probs, rng):
    probs = np.asarray(probs, dtype=float) / np.sum(probs, dtype=float)
    return int(np.argmax(np.cumsum(probs) > rng.random() * np.max(probs)))


def _accepted_or(probs, rng, *, rest):
    found = _normal(probs) / len(probs)
    found[{"best": int(np.argmax(probs)), "first": 0, "last": -1}[rest]] += 1.0 - 1.0 / len(probs)
    return found


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"rest": ("best", "first", "last")},
    hint="You pick one word at random and accept it with its own probability. If that word is rejected, you "
    "always return the same fallback, so the fallback comes up too often.",
    probabilities=_accepted_or,
)
def one_toss_for_a_random_word(probs, rng, *, rest):
    place = int(rng.integers(len(probs)))
    if rng.random() < probs[place]:
        return place
    return {"best": int(np.argmax(probs)), "first": 0, "last": len(probs) - 1}[rest]


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="The same probabilities always give the same id, maybe because you compare the running totals with "
    "a fixed number, such as 0.5. Use a new random number from rng for each draw.",
)
def total_reaches_a_half(probs, rng):
    return int(np.argmax(np.cumsum(probs, dtype=float) >= 0.5))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"by": ("choice", "multinomial")},
    hint="You return an array or a list that either holds just the id or has a 1 at the drawn word's position. Return "
    "the id itself, a single integer.",
)
def an_array_instead_of_an_id(probs, rng, *, by):
    if by == "choice":
        return rng.choice(len(probs), size=1, p=probs)
    return rng.multinomial(1, np.asarray(probs, dtype=float) / np.sum(probs, dtype=float))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You combine each word's probability with its own random noise, for example by multiplying the two, and the "
    "largest result wins. That favors the likely words too much.",
    probabilities=_product_with_noise,
)
def largest_product_with_noise(probs, rng):
    return int(np.argmax(probs * rng.random(len(probs))))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You treat the probabilities as logits (for example by applying softmax or adding Gumbel noise to them), so "
    "the distribution becomes far too flat. Use the probabilities as they are, or add Gumbel noise to their "
    "logarithms.",
    any_of={"zeros": ("can_come", "left_out")},
    probabilities=lambda probs, rng, *, zeros: _normal(np.exp(probs) * (True if zeros == "can_come" else probs > 0)),
)
def probabilities_taken_for_logits(probs, rng, *, zeros):
    scores = probs + rng.gumbel(size=len(probs))
    return int(np.argmax(scores if zeros == "can_come" else np.where(probs > 0, scores, -np.inf)))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You return the drawn word's probability instead of its id.",
)
def the_probability_instead_of_the_id(probs, rng):
    return float(rng.choice(probs, p=probs))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"possible": (False, True)},
    hint="Every draw gives the same id, the first one. Print your random number and the result of comparing it with "
    "the running totals: the id should be the position of the first total above the number.",
)
def always_the_first_id(probs, rng, *, possible):
    return int(np.argmax(probs > 0)) if possible else 0


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You count the running totals above the random number. Count the totals at or below the number instead. "
    "That's how many pieces come before the one the number lands in.",
    probabilities=_totals_above,
)
def counts_the_totals_above(probs, rng):
    return int(np.sum(np.cumsum(probs) > rng.random()))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="Your random number comes from a normal distribution, so it's below 0 half the time and often above 1. "
    "Use rng.random(), which is uniform between 0 and 1.",
    probabilities=_normal_number,
)
def a_normal_random_number(probs, rng):
    return int(np.searchsorted(np.cumsum(probs)[:-1], rng.normal(), side="right"))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You take the word whose running total is nearest to the random number. Take the first word whose running "
    "total is above the random number.",
    probabilities=_nearest_total,
)
def nearest_running_total(probs, rng):
    return int(np.argmin(np.abs(np.cumsum(probs) - rng.random())))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You take the word whose probability is nearest to the random number. A word's piece of the interval is as "
    "long as its probability, and the piece ends at the running total.",
    probabilities=_nearest_probability,
)
def nearest_probability(probs, rng):
    return int(np.argmin(np.abs(probs - rng.random())))


@misconception(
    of="sample_categorical",
    kind="edge",
    hint="You leave out the words with probability 0 and return a position among the remaining words, so the ids after "
    "the gaps are too low. An id is a position in the whole table.",
    probabilities=_among_the_possible,
)
def place_among_the_possible(probs, rng):
    possible = np.asarray(probs[probs > 0], dtype=float)
    return int(rng.choice(len(possible), p=possible / possible.sum()))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    any_of={"added": (0.01, 0.1)},
    hint="Impossible words come up, and rare ones come up too often, as if you had added a small number to every "
    "probability. Use the probabilities as they are.",
    probabilities=lambda probs, rng, *, added: _normal(np.asarray(probs, dtype=float) + added),
)
def every_word_gets_a_little(probs, rng, *, added):
    raised = np.asarray(probs, dtype=float) + added
    return int(rng.choice(len(probs), p=raised / raised.sum()))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="Rare words come up too often, as if you had taken the square roots of the probabilities. You're given "
    "probabilities, so use them as they are.",
    probabilities=lambda probs, rng: _normal(np.sqrt(probs)),
)
def square_roots_of_the_probabilities(probs, rng):
    roots = np.sqrt(np.asarray(probs, dtype=float))
    return int(rng.choice(len(probs), p=roots / roots.sum()))


@misconception(
    of="sample_categorical",
    kind="misses_point",
    hint="You return the id as a float. Ids are positions in an array, so they have to be integers.",
)
def the_drawn_id_as_a_float(probs, rng):
    return float(rng.choice(len(probs), p=np.asarray(probs, dtype=float) / np.sum(probs, dtype=float)))


@misconception(
    of="sample_categorical",
    kind="conduct",
    hint="You change the caller's probabilities, for example by adding them up in place, so the next draw starts from "
    "different ones. Make a new array.",
    probabilities=_normal,
)
def adds_up_in_the_callers_array(probs, rng):
    probs[...] = np.cumsum(probs)
    return int(np.searchsorted(probs, rng.random() * probs[-1], side="right"))


# --- top_k_filter ---


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You keep one token too many. Count how many of your logits aren't -inf.",
)
def keeps_one_more(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = np.argsort(-logits)
    return np.where(np.isin(np.arange(len(logits)), order[: k + 1]), logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You keep one token too few, and none at all when k = 1. Keep the k-th largest logit, too.",
)
def keeps_one_less(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = np.argsort(-logits)
    return np.where(np.isin(np.arange(len(logits)), order[: k - 1]), logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You only keep logits above the k-th largest, so you lose the k-th and any that tie with it.",
)
def strictly_above_the_kth(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    if k >= len(logits):
        return logits.copy()
    return np.where(logits > np.sort(logits)[-k], logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You give removed tokens a logit of 0, but 0 is a score like any other: exp(0) is 1. A removed token "
    "needs a score whose exponential is 0.",
    any_of={"keeps_ties": (True, False)},
    taught=True,
)
def zeros_for_the_removed(logits, k, *, keeps_ties):
    if k < 1:
        raise ValueError("k must be at least 1")
    if keeps_ties:
        return np.where(logits >= np.sort(logits)[-min(k, len(logits))], logits, 0.0)
    best = np.argsort(logits)[-k:]
    return np.where(np.isin(np.arange(len(logits)), best), logits, 0.0)


@misconception(
    of="top_k_filter",
    kind="edge",
    hint="You give removed tokens a low but ordinary score. If all the other logits are even lower, the removed tokens "
    "become the best ones.",
    any_of={"fill": (-100.0, -1000.0, -10.0, -20.0, -50.0, -500.0)},
)
def a_low_score_for_the_removed(logits, k, *, fill):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(logits >= np.sort(logits)[-min(k, len(logits))], logits, fill)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You keep the tokens in the first k positions, no matter what their logits are. Keep the k largest logits, no "
    "matter where they are.",
)
def the_first_k_places(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(np.arange(len(logits)) < k, logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You keep the smallest logits and remove the best. Check whether you sort in ascending or descending order.",
)
def keeps_the_smallest(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(logits <= np.sort(logits)[min(k, len(logits)) - 1], logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You keep the right tokens but give them all the same score. Each kept token should keep its own logit.",
    taught=True,
)
def equal_scores_for_the_kept(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(logits >= np.sort(logits)[-min(k, len(logits))], 0.0, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You return probabilities, but the sampler needs logits. Return the kept logits unchanged, and -inf for the "
    "others.",
)
def probabilities_instead_of_logits(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    weights = np.where(logits >= np.sort(logits)[-min(k, len(logits))], np.exp(logits - np.max(logits)), 0.0)
    return weights / weights.sum()


@misconception(
    of="top_k_filter",
    kind="misses_point",
    any_of={"upwards": (False, True)},
    hint="You return the logits in sorted order, so a logit's position is no longer its token's id. Every logit should "
    "stay at its own position.",
)
def sorted_logits(logits, k, *, upwards):
    if k < 1:
        raise ValueError("k must be at least 1")
    ordered = np.sort(logits)[::-1].copy()
    ordered[k:] = -np.inf
    return ordered[::-1] if upwards else ordered


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You remove the k worst tokens and keep the rest. Instead, keep the k best tokens and remove the rest.",
)
def removes_k_tokens(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    filtered = logits.copy()
    filtered[np.argsort(logits)[:k]] = -np.inf
    return filtered


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="Your cutoff is the k-th smallest logit, so you remove the k - 1 worst tokens and keep the rest. Count down "
    "from the largest logit instead.",
)
def kth_smallest_as_the_limit(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(logits >= np.sort(logits)[min(k, len(logits)) - 1], logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You return the k best logits together with their ids, as torch.topk does. Return a single array like the "
    "one you got, with -inf for the removed tokens.",
)
def values_with_their_ids(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = np.argsort(-logits)[:k]
    return logits[order], order


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You keep only the best token, no matter what k is. Keep k tokens.",
)
def only_the_best_stays(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(np.arange(len(logits)) == np.argmax(logits), logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You don't remove anything. All but the k largest logits should become -inf.",
)
def nothing_removed(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return logits.copy()


@misconception(
    of="top_k_filter",
    kind="misses_point",
    any_of={"less": (0.0, 1.0)},
    hint="You give removed tokens the smallest logit, or one a little below it, but that's a score like any other. A "
    "removed token needs a score whose exponential is 0.",
)
def the_smallest_logit_for_the_removed(logits, k, *, less):
    if k < 1:
        raise ValueError("k must be at least 1")
    fill = np.min(logits[np.isfinite(logits)]) - less
    return np.where(logits >= np.sort(logits)[-min(k, len(logits))], logits, fill)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You return the ids of the best tokens, but the sampler needs logits. Return an array like the one you got, "
    "with -inf for the removed tokens.",
)
def ids_of_the_best(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.argsort(-logits)[:k]


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You return a mask of the kept tokens (True/False or 1/0). Return the kept tokens' logits instead, and -inf "
    "for the others.",
)
def which_tokens_stay(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return (logits >= np.sort(logits)[-min(k, len(logits))]).astype(int)


@misconception(
    of="top_k_filter",
    kind="edge",
    hint="You count equal logits as one, so you keep more than k tokens. Two tied tokens take up two of the k places.",
)
def counts_equal_logits_once(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    levels = np.unique(logits)
    return np.where(logits >= levels[-min(k, len(levels))], logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="edge",
    hint="When k is larger than the vocabulary, the vocabulary size minus k is negative, and a negative index in a "
    "slice counts from the end. When k is that large, remove nothing.",
    taught=True,
)
def large_k_counts_from_the_end(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    filtered = logits.copy()
    filtered[np.argsort(logits)[: len(logits) - k]] = -np.inf
    return filtered


@misconception(
    of="top_k_filter",
    kind="conduct",
    hint="You accept a k below 1. Raise a ValueError, because no token would be left.",
    taught=True,
)
def k_below_1_accepted(logits, k):
    return np.where(logits >= np.sort(logits)[-max(1, min(k, len(logits)))], logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="conduct",
    hint="You change the caller's logits, for example by assigning to entries of the array you were given. Work on a "
    "copy.",
    taught=True,
)
def removes_in_the_callers_array(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    logits[np.argsort(-logits)[k:]] = -np.inf
    return logits


@misconception(
    of="top_k_filter",
    kind="misses_point",
    any_of={"order": ("down", "up", "as_given")},
    hint="You return only the k best in a shorter array, so a logit's position is no longer its token's id. Keep the "
    "array's length, with -inf for the removed tokens.",
    taught=True,
)
def only_the_k_best(logits, k, *, order):
    if k < 1:
        raise ValueError("k must be at least 1")
    best = np.sort(logits)[::-1][:k]
    if order == "as_given":
        return logits[logits >= best[-1]]
    return best if order == "down" else best[::-1]


@misconception(
    of="top_k_filter",
    kind="misses_point",
    any_of={"upwards": (False, True)},
    hint="You use a list of sorted ids, such as the result of np.argsort, as if it contained the tokens' ranks, but "
    "its first entry is the id of the token that comes first in sorted order. Its first (or last) k entries are the "
    "ids you need.",
)
def order_taken_for_ranks(logits, k, *, upwards):
    if k < 1:
        raise ValueError("k must be at least 1")
    kept = np.argsort(logits) >= len(logits) - k if upwards else np.argsort(-logits) < k
    return np.where(kept, logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    hint="You ignore the signs of the logits when you sort or compare them, so very bad tokens are kept. Use the "
    "logits themselves.",
)
def largest_by_size(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    best = np.argsort(-np.abs(logits))[:k]
    return np.where(np.isin(np.arange(len(logits)), best), logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="misses_point",
    any_of={"equal_too": (True, False)},
    hint="You compare the logits with k itself, but k is how many tokens to keep. Compare them with the k-th largest "
    "logit.",
)
def k_as_a_threshold(logits, k, *, equal_too):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.where(logits >= k if equal_too else logits > k, logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="edge",
    hint="You always remove at least one token, even if k is as large as the vocabulary. In that case, there's nothing "
    "to remove.",
)
def always_removes_one(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    best = np.argsort(-logits)[: max(1, min(k, len(logits) - 1))]
    return np.where(np.isin(np.arange(len(logits)), best), logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="conduct",
    hint="You reject a k of 0 but accept negative values. Raise a ValueError for any k below 1.",
    taught=True,
)
def only_k_of_0_refused(logits, k):
    if k == 0:
        raise ValueError("k must not be 0")
    return np.where(logits >= np.sort(logits)[-max(1, min(k, len(logits)))], logits, -np.inf)


@misconception(
    of="top_k_filter",
    kind="edge",
    hint="If several tokens tie across the border, you drop all of them, so fewer than k stay (none at all if all "
    "logits are equal). It isn't enough to keep what's above the first logit that's out. Keep at least k tokens.",
)
def strictly_above_the_next(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    if k >= len(logits):
        return logits.copy()
    return np.where(logits > np.sort(logits)[-k - 1], logits, -np.inf)


# --- top_p_filter ---


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"where_it_is_hit": (False, True)},
    hint="You drop the token that brings the total to p, so the probabilities you keep add up to less than p. That "
    "token is the last one to keep.",
    taught=True,
)
def drops_the_crossing_token(logits, p, *, where_it_is_hit):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    totals = totals / totals[-1]
    kept = order[totals < p if where_it_is_hit else totals <= p]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You keep one token too many: the probabilities before the last one already add up to p.",
)
def one_token_too_many(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] < p) + 2]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"limit": ("p", "p_of_an_equal_share"), "best_stays": (False, True)},
    hint="You judge each token by its own probability. The running total of the most likely tokens' probabilities has "
    "to reach p.",
)
def each_token_at_least_p(logits, p, *, limit, best_stays):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    weights = np.exp(logits - np.max(logits))
    stays = weights / weights.sum() >= (p if limit == "p" else p / len(logits))
    return np.where(stays | (best_stays & (weights == 1.0)), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"best_stays": (False, True)},
    hint="You keep tokens whose own probability is at least 1 - p. The running total of the most likely tokens' "
    "probabilities has to reach p.",
)
def each_token_above_one_minus_p(logits, p, *, best_stays):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    weights = np.exp(logits - np.max(logits))
    return np.where((weights / weights.sum() >= 1 - p) | (best_stays & (weights == 1.0)), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="edge",
    hint="When p = 1, you keep only the best token, maybe because you search for the first total above p: there "
    "is none, so the search returns 0. When p = 1, keep every token.",
    taught=True,
)
def p_of_1_keeps_only_the_best(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.argmax(totals / totals[-1] > p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="edge",
    hint="When p = 1, you remove very unlikely tokens, maybe because rounding brings the running total to 1 "
    "before you get to them. When p = 1, keep every token without looking at the totals.",
)
def p_of_1_loses_the_rare(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="edge",
    hint="When p = 1, rounding decides what you keep: the running total may reach 1 too early, or never. As a result, "
    "you drop unlikely tokens, or all but the best one. When p = 1, keep every token without looking at the totals.",
)
def p_of_1_cuts_at_a_rounded_total(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order, weights = np.argsort(-logits), np.exp(logits - np.max(logits))
    kept = order[: np.argmax(np.cumsum((weights / weights.sum())[order]) >= p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You work out in sorted order which tokens to keep, but apply the result to the ids in their original order. "
    "Map the result back to each token's original position.",
    taught=True,
)
def mask_not_put_back(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    return np.where(np.append(0.0, totals[:-1]) / totals[-1] < p, logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"crossing": ("kept", "removed")},
    hint="You add up the probabilities in the order of the ids. Add up the probabilities from the most likely token "
    "down.",
    taught=True,
)
def totals_without_sorting(logits, p, *, crossing):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    totals = np.cumsum(np.exp(logits - np.max(logits)))
    before = np.append(0.0, totals[:-1]) / totals[-1]
    return np.where(before < p if crossing == "kept" else totals / totals[-1] <= p, logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You add up the probabilities from the least likely token up, so you remove the best ones. np.argsort sorts "
    "in ascending order.",
    taught=True,
)
def from_the_unlikely_end(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"ends": ("by_counting", "at_the_first", "by_halving")},
    hint="You add up logits. Apply softmax first, because it's the probabilities that have to add up to p.",
    taught=True,
)
def totals_of_logits(logits, p, *, ends):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(logits[order])
    first = int(np.argmax(totals >= p)) if (totals >= p).any() else len(totals)
    last = {"by_counting": np.sum(totals < p), "at_the_first": first, "by_halving": np.searchsorted(totals, p)}[ends]
    return np.where(np.isin(np.arange(len(logits)), order[: last + 1]), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"compared": ("reaches", "is_above")},
    hint="A smaller p keeps more tokens instead of fewer, maybe because you add up the probabilities from the "
    "least likely token up and keep a token once its total reaches p. Add up the probabilities from the most likely "
    "token down.",
)
def totals_from_the_unlikely_end_reach_p(logits, p, *, compared):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    totals = totals / totals[-1]
    kept = order[totals >= p if compared == "reaches" else totals > p]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You keep only the best token, no matter what p is. Keep as many tokens as it takes to reach p.",
)
def only_the_best_token_stays(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    return np.where(np.arange(len(logits)) == np.argmax(logits), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You keep the right tokens but give them all the same score. Each kept token should keep its own logit.",
)
def equal_scores_in_the_nucleus(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = len(logits) if p == 1 else np.sum(totals / totals[-1] < p) + 1
    return np.where(np.isin(np.arange(len(logits)), order[:kept]), 0.0, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You add up exponentials without dividing by their sum, so the running total reaches p too soon or too late. "
    "Divide first: p is a fraction of that sum.",
)
def totals_of_exponentials(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    kept = order[: np.sum(np.cumsum(np.exp(logits[order])) < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="edge",
    hint="The exponential of a large logit overflows (and for a very negative one, it becomes 0), so you can't compute "
    "the probabilities. Shift the logits first, as lab 2's softmax does.",
)
def exponentials_that_overflow(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order]))
    kept = order[: np.sum(totals / totals[-1] < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="edge",
    hint="You also keep any tokens that tie with the last kept one, so you keep more than you need to reach p.",
)
def keeps_all_that_tie(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    last = logits[order[min(np.sum(totals / totals[-1] < p), len(logits) - 1)]]
    return np.where(logits >= last, logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You give removed tokens a logit of 0, but 0 is a score like any other: exp(0) is 1.",
    taught=True,
)
def zeros_for_the_unlikely(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, 0.0)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"shared_out": (True, False), "removed": (0.0, -np.inf)},
    hint="You return probabilities, but the sampler needs logits. Return the kept logits unchanged, and -inf for the "
    "others.",
    taught=True,
)
def probabilities_of_the_nucleus(logits, p, *, shared_out, removed):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    weights = np.exp(logits - np.max(logits))
    probs = weights / weights.sum()
    order = np.argsort(-probs)
    kept = order[: np.sum(np.cumsum(probs[order]) < p) + 1]
    filtered = np.full(len(probs), removed)
    filtered[kept] = probs[kept] / (probs[kept].sum() if shared_out else 1.0)
    return filtered


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"one_keeps_all": (True, False), "other_way": (False, True)},
    hint="You decide which tokens to keep by comparing their probabilities with the best token's (as in min-p, another "
    "filter). Top-p adds up probabilities from the most likely token down until they reach p.",
)
def compares_with_the_best_token(logits, p, *, one_keeps_all, other_way):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    kept = np.exp(logits - np.max(logits)) >= (1 - p if other_way else p)
    return logits.copy() if one_keeps_all and p == 1 else np.where(kept, logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"rounded": ("up", "down", "to_the_nearest")},
    hint="You keep a fraction p of the tokens. Instead, keep just enough of the most likely tokens for their total "
    "probability to reach p. Sometimes one token is enough, and sometimes it takes many.",
)
def a_share_of_the_tokens(logits, p, *, rounded):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    count = p * len(logits)
    kept = {"up": np.ceil(count), "down": np.floor(count), "to_the_nearest": np.round(count)}[rounded]
    return np.where(np.isin(np.arange(len(logits)), np.argsort(-logits)[: max(int(kept), 1)]), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"ties": ("first", "last")},
    hint="You use the sorted ids as if they were the tokens' ranks, for example by undoing the sort with mask[order]. "
    "The entry mask[i] belongs to token order[i].",
)
def mask_put_back_by_the_order(logits, p, *, ties):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits) if ties == "first" else np.argsort(logits)[::-1]
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    stays = np.append(0.0, totals[:-1]) / totals[-1] < p
    return np.where(stays[order], logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You try to undo the sort with filtered[order], but that shuffles the sorted logits again. The logit at "
    "position i of the sorted array belongs to token order[i].",
)
def sorted_nucleus_put_back_by_the_order(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    return np.where(np.append(0.0, totals[:-1]) / totals[-1] < p, logits[order], -np.inf)[order]


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You return the ids of the tokens to keep, but the sampler needs logits. Return an array like the one you "
    "got, with -inf for the removed tokens.",
)
def ids_of_the_nucleus(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    return order[: int(np.sum(totals / totals[-1] < p)) + 1]


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"as_numbers": (False, True)},
    hint="You return a mask of the kept tokens (True/False or 1/0). Return the kept tokens' logits instead, and -inf "
    "for the removed tokens.",
)
def marks_for_the_nucleus(logits, p, *, as_numbers):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = np.isin(np.arange(len(logits)), order[np.append(0.0, totals[:-1]) / totals[-1] < p])
    return kept.astype(float) if as_numbers else kept


@misconception(
    of="top_p_filter",
    kind="edge",
    any_of={"digits": (1, 2, 3)},
    hint="You round before you compare with p, or allow some tolerance, so a total just below p counts as having "
    "reached it. Compare the totals as they are.",
)
def rounded_totals(logits, p, *, digits):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.argmax(np.round(totals / totals[-1], digits) >= p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You stop at the running total that's nearest to p, which may be below p. Stop at the first total that "
    "reaches p.",
)
def total_nearest_to_p(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.argmin(np.abs(totals / totals[-1] - p)) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"upwards": (False, True)},
    hint="You return the logits in sorted order, so a logit's position is no longer its token's id. Every logit should "
    "stay at its own position.",
)
def sorted_nucleus(logits, p, *, upwards):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    ordered = np.sort(logits)[::-1].copy()
    totals = np.cumsum(np.exp(ordered - ordered[0]))
    ordered[np.append(0.0, totals[:-1]) / totals[-1] >= p] = -np.inf
    return ordered[::-1] if upwards else ordered


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You return only the kept tokens in a shorter array, so a logit's position is no longer its token's id. Keep "
    "the array's length, with -inf for the removed tokens.",
)
def only_the_nucleus(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    ordered = np.sort(logits)[::-1]
    totals = np.cumsum(np.exp(ordered - ordered[0]))
    return ordered[np.append(0.0, totals[:-1]) / totals[-1] < p]


@misconception(
    of="top_p_filter",
    kind="edge",
    any_of={"fill": (-100.0, -1000.0, -50.0)},
    hint="You give removed tokens a low but ordinary score. If all the other logits are even lower, the removed tokens "
    "become the best ones. Use -inf.",
)
def a_low_score_for_the_unlikely(logits, p, *, fill):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    stays = np.append(0.0, totals[:-1]) / totals[-1] < p
    return np.where(np.isin(np.arange(len(logits)), order[stays]), logits, fill)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"where_it_is_hit": (False, True)},
    hint="You drop the token that brings the total to p unless it's the very best one, so the probabilities you keep "
    "add up to less than p. The token that brings the total to p is the last one to keep.",
    taught=True,
)
def drops_the_crossing_token_but_the_first(logits, p, *, where_it_is_hit):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    totals = totals / totals[-1]
    kept = order[: max(int(np.sum(totals < p if where_it_is_hit else totals <= p)), 1)]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="conduct",
    hint="You accept a p that's 0, negative or greater than 1. Raise a ValueError.",
    taught=True,
)
def any_p_accepted(logits, p):
    if p >= 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="conduct",
    any_of={"accepts": ("above_1", "0")},
    hint="You reject only some of the invalid values of p. Raise a ValueError for any p that's 0, negative or greater "
    "than 1.",
)
def only_some_p_refused(logits, p, *, accepts):
    if (p <= 0) if accepts == "above_1" else (p < 0 or p > 1):
        raise ValueError("p must be in (0, 1]")
    if p >= 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] < p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="conduct",
    hint="You change the caller's logits, for example by assigning to entries of the array you were given. Work on a "
    "copy.",
    taught=True,
)
def unlikely_removed_in_the_callers_array(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = len(logits) if p == 1 else np.sum(totals / totals[-1] < p) + 1
    logits[order[kept:]] = -np.inf
    return logits


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You keep a fraction of the tokens, for example with a quantile. Instead, keep just enough of the most likely "
    "tokens for their total probability to reach p. Sometimes one token is enough, and sometimes it takes many.",
)
def above_a_quantile(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    weights = np.exp(logits - np.max(logits))
    return np.where(weights >= np.quantile(weights, 1 - p), logits, -np.inf)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    any_of={"less": (0.0, 1.0)},
    hint="You give removed tokens the smallest logit, or one a little below it, but that's a score like any other. Use "
    "-inf.",
)
def the_smallest_logit_for_the_unlikely(logits, p, *, less):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    stays = np.isin(np.arange(len(logits)), order[np.append(0.0, totals[:-1]) / totals[-1] < p])
    return np.where(stays, logits, np.min(logits[np.isfinite(logits)]) - less)


@misconception(
    of="top_p_filter",
    kind="misses_point",
    hint="You always keep at least two tokens. If the most likely one reaches p by itself, it's the only one to keep.",
)
def at_least_two_stay(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = len(logits) if p == 1 else max(2, int(np.sum(totals / totals[-1] < p)) + 1)
    return np.where(np.isin(np.arange(len(logits)), order[:kept]), logits, -np.inf)


# --- sample_next_token ---


def _chances(logits, temperature=1.0, top_k=None, top_p=None, more=0, scale=np.divide):
    """The probability of each id being drawn by a correct sampler.

    `more` is how many extra tokens top-p keeps. `scale` is the function that applies the temperature.
    """
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp(scale(logits[order] - np.max(logits), temperature or 1.0))
    totals = np.cumsum(weights / weights.sum())
    kept = len(order) if top_p is None else int(np.sum(totals < top_p)) + 1 + more
    chances = np.zeros(len(logits))
    chances[order[:kept]] = weights[:kept] / weights[:kept].sum()
    return chances


def _at(changed, **options):
    """Return a function that computes the probabilities if the temperature is `changed(temperature)`."""
    return lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(
        logits, changed(temperature), top_k, top_p, **options
    )


def _greedy_below(logits, rng, temperature=1.0, top_k=None, top_p=None, *, threshold):
    return _chances(logits, temperature if temperature >= threshold else 0.0, top_k, top_p)


def _never_below(logits, rng, temperature=1.0, top_k=None, top_p=None, *, floor):
    return _chances(logits, max(temperature, floor), top_k, top_p)


def _not_below(logits, rng, temperature=1.0, top_k=None, top_p=None, *, floor):
    return _chances(logits, temperature and max(temperature, floor), top_k, top_p)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="All ids come up equally often: your draw doesn't use the logits.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(
        logits if temperature == 0 else np.zeros(len(logits)), temperature
    ),
)
def logits_not_used(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    return int(np.argmax(logits)) if temperature == 0 else int(rng.integers(len(logits)))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You return the best token at every temperature. That's only right at temperature 0. Above 0, the other "
    "tokens have to come up, too.",
)
def always_the_best_token(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    return int(np.argmax(logits))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="The temperature has no effect unless it's 0. Divide the logits by the temperature before softmax (if you "
    "divide the probabilities afterward, it cancels out).",
    probabilities=_at(np.sign),
)
def temperature_without_effect(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp(logits[order] - np.max(logits))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You multiply the logits by the temperature, so a higher temperature makes the distribution sharper instead "
    "of flatter. Divide by it.",
    probabilities=_at(float, scale=np.multiply),
)
def temperature_multiplies(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) * temperature)
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="The temperature has too little effect, as if you took its square root. Divide the logits by the "
    "temperature itself.",
    probabilities=_at(lambda temperature: math.sqrt(abs(temperature))),
)
def square_root_of_the_temperature(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (math.sqrt(temperature) or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"threshold": (0.5, 0.2)},
    hint="You treat low temperatures as 0, but at 0.1 the second most likely word still comes up about one time in "
    "ten. Only 0 means greedy.",
    probabilities=_greedy_below,
    taught=True,
)
def cold_is_greedy(logits, rng, temperature=1.0, top_k=None, top_p=None, *, threshold):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature < threshold else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"threshold": (0.1, 0.05, 0.02)},
    hint="You treat very low temperatures as 0, but even at those temperatures, tokens whose logits are close to the "
    "largest should still come up some of the time. Only 0 means greedy.",
    probabilities=_greedy_below,
    taught=True,
)
def very_cold_is_greedy(logits, rng, temperature=1.0, top_k=None, top_p=None, *, threshold):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature < threshold else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"floor": (0.1, 0.05, 0.5)},
    hint="You raise low temperatures to a minimum, so all temperatures below that minimum give the same result. Divide "
    "by the temperature you're given, no matter how small it is.",
    probabilities=_not_below,
)
def low_temperatures_raised(logits, rng, temperature=1.0, top_k=None, top_p=None, *, floor):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / max(temperature, floor))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="edge",
    any_of={"floor": (0.01, 0.001, 1e-6)},
    hint="At temperature 0, you divide by a very small number instead, so tokens almost as good as the best can still "
    "come up. Temperature 0 means greedy: handle it separately.",
    probabilities=_never_below,
)
def a_floor_instead_of_greedy(logits, rng, temperature=1.0, top_k=None, top_p=None, *, floor):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[:top_k]
    weights = np.exp((logits[order] - np.max(logits)) / max(temperature, floor))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="Neither top_k nor top_p has any effect. A filter returns new logits, so use what it returns.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(logits, temperature),
)
def filters_without_effect(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else None]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    return int(rng.choice(order, p=weights / weights.sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="At temperature 0, you draw as you would at temperature 1, but 0 means greedy. Does your code mistake "
    '0 for "not given"?',
    probabilities=_at(lambda temperature: temperature or 1.0),
    taught=True,
)
def zero_is_taken_as_1(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[:top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="conduct",
    hint="You accept a temperature below 0. Raise a ValueError.",
    probabilities=_at(lambda temperature: max(temperature, 0.0)),
    taught=True,
)
def temperature_below_0_accepted(logits, rng, temperature=1.0, top_k=None, top_p=None):
    order = np.argsort(-logits)[: 1 if temperature <= 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


def _nucleus_before_temperature(logits, rng, temperature=1.0, top_k=None, top_p=None):
    kept = _chances(logits, float(temperature > 0), top_k, top_p) > 0
    return _chances(np.where(kept, logits, -np.inf), temperature)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You apply top-p to the probabilities before the temperature changes them, so a higher temperature doesn't "
    "let more words in. Apply the temperature first.",
    probabilities=_nucleus_before_temperature,
    taught=True,
)
def top_p_before_temperature(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    plain = np.exp(logits[order] - np.max(logits))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(plain) / plain.sum() < top_p)) + 1
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


def _without_the_crossing(logits, rng, temperature=1.0, top_k=None, top_p=None):
    right = _chances(logits, temperature, top_k)
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    totals = np.cumsum(right[order])
    kept = len(order) if top_p is None else int(np.sum(totals / totals[-1] < top_p)) or 1
    chances = np.zeros(len(right))
    chances[order[:kept]] = right[order[:kept]]
    return chances / chances.sum()


def _nucleus_before_top_k(logits, rng, temperature=1.0, top_k=None, top_p=None):
    kept = _chances(logits, temperature, None, top_p) > 0
    return _chances(np.where(kept, logits, -np.inf), temperature, top_k)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="Your top-p adds up the probabilities as they were before top-k removed any tokens, so it takes more tokens "
    "to reach p. Apply top-k first, so that top-p gets renormalized probabilities.",
    probabilities=_nucleus_before_top_k,
    taught=True,
)
def top_p_before_top_k(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    kept = 1 if temperature == 0 else min(kept, top_k or kept)
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You leave out the token that brings the total to p. That token is the last one to keep.",
    probabilities=_without_the_crossing,
    taught=True,
)
def crossing_token_left_out(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) or 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="Your top-p keeps one token too many: the probabilities before the last one already add up to p.",
    probabilities=_at(float, more=1),
)
def one_token_more(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 2
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"works": ("top_k", "top_p")},
    hint="When you're given both top_k and top_p, only one of them has any effect. Apply both: first top-k, then top-p "
    "on what's left.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None, *, works: _chances(
        logits,
        temperature,
        top_k if works == "top_k" or top_p is None else None,
        top_p if works == "top_p" or top_k is None else None,
    ),
)
def only_one_of_the_filters(logits, rng, temperature=1.0, top_k=None, top_p=None, *, works):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if works == "top_p" and top_p is not None:
        top_k = None
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    top_p = top_p if top_k is None else None
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="One filter only works when the other one is used, too. Each filter has to work on its own.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(
        logits, temperature, top_k if top_p else None, top_p if top_k else None
    ),
)
def filters_only_together(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    top_k, top_p = (top_k, top_p) if top_k and top_p else (None, None)
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="top_k has no effect. A filter returns new logits, so use what it returns.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(
        logits, temperature, None, top_p
    ),
)
def top_k_without_effect(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    top_k = None
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="top_p has no effect. A filter returns new logits, so use what it returns.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(logits, temperature, top_k),
)
def top_p_without_effect(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    top_p = None
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="edge",
    any_of={"default": (50, 40)},
    hint="If top_k is None, you keep a fixed number of tokens, as some libraries do. Here, None means no filter: every "
    "token can come up.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None, *, default: _chances(
        logits, temperature, top_k or default, top_p
    ),
    visible_power=0.0,
)
def top_k_of_its_own(logits, rng, temperature=1.0, top_k=None, top_p=None, *, default):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    top_k = top_k or default
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="edge",
    any_of={"default": (0.9, 0.8)},
    hint="If top_p is None, you use a default p, as some libraries do. Here, None means no filter: every token can "
    "come up.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None, *, default: _chances(
        logits, temperature, top_k, top_p or default
    ),
)
def top_p_of_its_own(logits, rng, temperature=1.0, top_k=None, top_p=None, *, default):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    top_p = top_p or default
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"by": (1, -1)},
    hint="Your top_k keeps one token too many or one too few. Count how many different ids come up with top_k=2.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None, *, by: _chances(
        logits, temperature, top_k and max(top_k + by, 1), top_p
    ),
)
def top_k_is_off_by_one(logits, rng, temperature=1.0, top_k=None, top_p=None, *, by):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    top_k = top_k and max(top_k + by, 1)
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="The temperature has too much effect, as if you divided by it twice. Divide the logits by the temperature "
    "once.",
    probabilities=_at(lambda temperature: temperature**2),
)
def temperature_works_twice(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature**2 or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="edge",
    any_of={"gives": ("the_first", "no_token")},
    hint="At temperature 0, the id you return doesn't depend on the logits, maybe because you divide by 0 and "
    "everything after that is nan. Temperature 0 means greedy: return the best token before you divide.",
    taught=True,
)
def divides_by_a_temperature_of_0(logits, rng, temperature=1.0, top_k=None, top_p=None, *, gives):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return 0 if gives == "the_first" else len(logits)
    order = np.argsort(-logits)[:top_k]
    weights = np.exp((logits[order] - np.max(logits)) / temperature)
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


def _softmax_twice(logits, rng, temperature=1.0, top_k=None, top_p=None):
    right = _chances(logits, temperature, top_k, top_p)
    return right if temperature == 0 else _normal(np.exp(right))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You treat probabilities as logits, for example by applying softmax twice, so the distribution becomes far "
    "too flat, and removed tokens can come up again. Apply softmax once, and sample from the result.",
    probabilities=_softmax_twice,
)
def softmax_applied_twice(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    if temperature == 0:
        return int(order[0])
    probs = np.zeros(len(logits))
    probs[order[:kept]] = weights[:kept] / weights[:kept].sum()
    return int(rng.choice(len(probs), p=np.exp(probs) / np.exp(probs).sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"seed": (0, 42, 1, 123)},
    hint="Your random number is the same on every call, and so is the id, maybe because you create a generator "
    "with a fixed seed inside your function. Draw from the rng you're given.",
)
def the_same_seed_every_time(logits, rng, temperature=1.0, top_k=None, top_p=None, *, seed):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    probs = np.zeros(len(logits))
    probs[order[:kept]] = weights[:kept] / weights[:kept].sum()
    return int(np.random.default_rng(seed).choice(len(logits), p=probs))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You treat temperatures above 1 as 1, so raising the temperature above 1 changes nothing. Divide by the "
    "temperature you're given, no matter how high it is.",
    probabilities=_at(lambda temperature: min(temperature, 1.0)),
)
def high_temperatures_lowered(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (min(temperature, 1.0) or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


def _rest_to_one(logits, rng, temperature=1.0, top_k=None, top_p=None, *, to):
    kept = np.where(_chances(logits, temperature, top_k, top_p) > 0, _chances(logits, temperature), 0.0)
    return kept + np.eye(len(logits))[to] * max(1.0 - kept.sum(), 0.0)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"to": (0, -1)},
    hint="After the filters, your probabilities no longer add up to 1, and any random number above their total gives "
    "the first or last id. Normalize what's left before you draw.",
    probabilities=_rest_to_one,
)
def rest_goes_to_one_id(logits, rng, temperature=1.0, top_k=None, top_p=None, *, to):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    probs = np.zeros(len(logits))
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    probs[order[:kept]] = weights[:kept] / np.exp((logits - np.max(logits)) / (temperature or 1.0)).sum()
    if temperature == 0:
        return int(np.argmax(logits))
    place, u = int(to) % len(logits), rng.random()
    return int(np.argmax(np.cumsum(probs) > u)) if u < probs.sum() else place


def _of_whole_scores(logits, rng, temperature=1.0, top_k=None, top_p=None):
    with np.errstate(invalid="ignore"):
        scores = logits if temperature == 0 else logits // temperature
        return _chances(scores, temperature and 1.0, top_k, top_p)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You round the logits to integers, as the // operator does. Divide by the temperature with /, and keep the "
    "digits after the decimal point.",
    probabilities=_of_whole_scores,
    exempt="How much rounding changes depends on which numbers are drawn.",
)
def whole_scores(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    with np.errstate(invalid="ignore"):
        logits = logits if temperature == 0 else logits // temperature
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp(logits[order] - np.max(logits))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    chances = np.zeros(len(logits))
    chances[order[:kept]] = weights[:kept] / weights[:kept].sum()
    return int(rng.choice(len(logits), p=chances))


def _kept_alike(logits, rng, temperature=1.0, top_k=None, top_p=None, *, without_filters):
    right = _chances(logits, temperature, top_k, top_p)
    return _normal(right > 0) if top_k or top_p or without_filters else right


@misconception(
    of="sample_next_token",
    kind="misses_point",
    any_of={"without_filters": (False, True)},
    hint="All the tokens you keep come up equally often. Each one should come up in proportion to its probability.",
    probabilities=_kept_alike,
)
def kept_tokens_all_alike(logits, rng, temperature=1.0, top_k=None, top_p=None, *, without_filters):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    if top_k or top_p or without_filters:
        return int(rng.choice(order[:kept][weights[:kept] > 0]))
    return int(rng.choice(order, p=weights / weights.sum()))


def _by_rank(logits, rng, temperature=1.0, top_k=None, top_p=None):
    right = _chances(logits, temperature, top_k, top_p)
    return right if temperature == 0 else np.sort(right)[::-1]


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You return the position in the sorted list. The id is the token's position before sorting.",
    probabilities=_by_rank,
)
def rank_instead_of_the_id(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.argmax(logits))
    order = np.argsort(-logits)[:top_k]
    weights = np.exp((logits[order] - np.max(logits)) / temperature)
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(len(weights[:kept]), p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="conduct",
    hint="You draw from a generator other than rng (such as numpy's own, np.random), so a run can't be reproduced with "
    "a seed.",
    probabilities=_at(float),
    taught=True,
)
def a_generator_of_its_own(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(np.random.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


@misconception(
    of="sample_next_token",
    kind="conduct",
    hint="You change the caller's logits, for example with /=, so the next draw starts from the changed ones. Make a "
    "new array.",
    taught=True,
)
def divides_in_the_callers_array(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    logits /= temperature or 1.0
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp(logits[order] - np.max(logits))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))


def _removed_at_0(logits, rng, temperature=1.0, top_k=None, top_p=None):
    scores = logits / (temperature or 1.0)
    for keep_k, keep_p in ((top_k, None), (None, top_p)):
        if temperature and (keep_k or keep_p):
            scores = np.where(_chances(scores, 1.0, keep_k, keep_p) > 0, scores, 0.0)
    return _chances(scores, 1.0 if temperature else 0.0)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You give the removed tokens a score of 0, so they still come up: 0 is a score like any other. "
    "Use minus infinity.",
    probabilities=_removed_at_0,
)
def removed_tokens_at_0(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.argmax(logits))
    scores = logits / temperature
    if top_k is not None:
        scores = np.where(np.isin(np.arange(len(scores)), np.argsort(-scores)[:top_k]), scores, 0.0)
    if top_p is not None:
        order = np.argsort(-scores)
        weights = np.exp(scores[order] - np.max(scores))
        kept = order[: int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1]
        scores = np.where(np.isin(np.arange(len(scores)), kept), scores, 0.0)
    weights = np.exp(scores - np.max(scores))
    return int(rng.choice(len(scores), p=weights / weights.sum()))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="With a filter, you return the best token instead of drawing one. A filter only removes tokens. You still "
    "draw from the ones that are left.",
    probabilities=lambda logits, rng, temperature=1.0, top_k=None, top_p=None: _chances(
        logits, 0.0 if top_k or top_p else temperature
    ),
)
def greedy_with_a_filter(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0 or top_k or top_p:
        return int(np.argmax(logits))
    weights = np.exp((logits - np.max(logits)) / temperature)
    return int(rng.choice(len(logits), p=weights / weights.sum()))


def _place_among_the_kept(logits, rng, temperature=1.0, top_k=None, top_p=None):
    right = _chances(logits, temperature, top_k, top_p)
    return right if temperature == 0 else np.append(right[right > 0], np.zeros(np.sum(right == 0)))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You return a position among the kept tokens. The id is the token's position among all of them.",
    probabilities=_place_among_the_kept,
)
def place_among_the_kept(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    if temperature == 0:
        return int(order[0])
    probs = np.zeros(len(logits))
    probs[order[:kept]] = weights[:kept] / weights[:kept].sum()
    return int(rng.choice(np.count_nonzero(probs), p=probs[probs > 0]))


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You return the id wrapped in an array or a list. Return the id itself, a single integer.",
)
def the_next_id_in_an_array(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((logits[order] - np.max(logits)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    if temperature == 0:
        return int(order[0])
    probs = np.zeros(len(logits))
    probs[order[:kept]] = weights[:kept] / weights[:kept].sum()
    return rng.choice(len(logits), size=1, p=probs)


def _divided_probabilities(logits, rng, temperature=1.0, top_k=None, top_p=None):
    return _chances(_chances(logits) if temperature else logits, temperature, top_k, top_p)


@misconception(
    of="sample_next_token",
    kind="misses_point",
    hint="You divide probabilities by the temperature and treat the result as logits, for example by applying softmax "
    "both before and after the division. That makes the distribution too flat. Divide the logits, and apply softmax "
    "once.",
    probabilities=_divided_probabilities,
)
def probabilities_divided_by_the_temperature(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    weights = np.exp(logits - np.max(logits))
    scores = weights / weights.sum()
    order = np.argsort(-logits)[: 1 if temperature == 0 else top_k]
    weights = np.exp((scores[order] - np.max(scores)) / (temperature or 1.0))
    kept = len(order) if top_p is None else int(np.sum(np.cumsum(weights) / weights.sum() < top_p)) + 1
    return int(rng.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))
