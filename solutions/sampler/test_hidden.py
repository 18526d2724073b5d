"""Hidden, statistical and robustness checks for the `sampler` lab, grouped by stub.

Not meant to be read in one sitting.
"""

import numpy as np

from autograder.testing import (
    agree,
    agree_in_distribution,
    agree_values,
    checks,
    independent,
    leaves_unchanged,
    raises,
    reference_value,
    repeatable,
)
from reference import sampler
from reference.sampler.test_visible import (
    agree_on_draws,
    agree_on_rare,
    agree_on_shares,
    agree_on_variety,
    in_float32,
    shares,
)

# No two percentages are equal, no running total is near a top_p used below (at that check's temperature), and the
# percentages are so uneven that a known mistake either always shows up in a check or never does.
PERCENTAGES = np.array([45.0, 25.0, 13.0, 9.0, 5.0, 3.0])


def agree_on_one_of(got, ids):
    """Require the returned id to be one of `ids`."""
    right = [each for each in ids if np.array_equal(got, each)]
    agree_values(got, right[0] if right else ids[0], "the id of one of the largest logits")


def agree_from_both_ends(student, logits):
    """Require the best token, with the logits in their original order and reversed, so that always returning the first
    or last id isn't enough."""
    for each in (logits, logits[::-1].copy()):
        agree(student.greedy, sampler.greedy, each)


def fresh_logits(rng):
    return np.log(rng.permutation(PERCENTAGES)) + rng.uniform(-6.0, 2.0)


def agree_on_fresh_draws(stub, rng, draws, **options):
    """Require every id to come up about as often as it should when `draws` ids are drawn from fresh logits."""
    agree_on_draws(stub, rng, draws, fresh_logits(rng), **options)


def agree_on_repeated_draws(stub, rng, *args, **options):
    """Require the same ids from generators with the same seed, and different ids from those with a different seed."""
    seed = int(rng.integers(2**32))
    # The number of draws is odd, so code that saves every second draw for later starts the next run out of step.
    first, again, other = (
        stub.draws(31, *args, np.random.default_rng(seed + more), in_order=True, **options) for more in (0, 0, 1)
    )
    agree_values(np.array_equal(again, first), True, "whether the same seed leads to the same 31 draws")
    agree_values(np.array_equal(other, first), False, "whether a different seed leads to the same 31 draws")


# --- greedy ---


@checks("greedy", kind="hidden", weight=6)
def test_g_fresh(student, rng):
    """You find the largest of several random logits, positive or negative, no matter where it is."""
    # The logits are so close together that code that draws at random can't get them all right by luck. The smallest
    # logit is the furthest from 0.
    for size in (3, 5, 9):
        logits = 0.3 * (rng.permutation(size) - rng.uniform(0.55, 0.85) * (size - 1))
        # Whatever is drawn, a search that leaves out one end has to miss the largest at least once.
        agree_from_both_ends(student, np.roll(logits, -np.argmax(logits)) if size == 3 else logits)


@checks("greedy", kind="hidden", weight=0.5)
def test_g_ends(student, rng):
    """The largest logit can be first or last."""
    agree_from_both_ends(student, np.sort(rng.normal(size=6)))


@checks("greedy", kind="hidden")
def test_g_size(student, rng):
    """A very negative logit counts as small, no matter how far it is from 0."""
    logits = rng.permutation([-9.0, 0.5, 2.0, -4.0, 1.0])
    agree_from_both_ends(student, logits)
    agree_from_both_ends(student, logits - 20.0)


@checks("greedy", kind="hidden", weight=3)
def test_g_close(student, rng):
    """The largest logit wins even if it's ahead by only 0.01 or 0.001."""
    for lead, around in ((0.01, 1.3), (0.001, rng.uniform(20.0, 30.0))):
        logits = rng.permutation(4) * lead + around
        agree_from_both_ends(student, np.roll(logits, -np.argmax(logits)))  # so that the largest is at each end once
        agree_from_both_ends(student, -logits)


@checks("greedy", kind="hidden")
def test_g_big(student, rng):
    """Your function also works with logits around 1000 and with logits below -1e30, in any order."""
    agree_from_both_ends(student, rng.permutation([1000.0, 1010.0, 990.0, 1005.0]))
    agree_from_both_ends(student, rng.permutation([-2.0, -3.0, -4.0, -5.0]) * 1e30)


@checks("greedy", kind="hidden", weight=0.5)
def test_g_ties(student, rng):
    """If two logits are tied for largest, either one is fine."""
    logits = rng.normal(size=7)
    # Avoid the first position, because code that ignores the logits would return it.
    first, second = sorted((1 + rng.choice(6, size=2, replace=False)).tolist())
    logits[[first, second]] = logits.max() + 1.0
    agree_on_one_of(student.greedy(logits), (first, second))


@checks("greedy", kind="hidden", weight=0.5)
def test_g_det(student, rng):
    """Thirty calls with the same logits return the same id, even if two logits are tied."""
    logits = rng.normal(size=6)
    tied = np.append(logits, logits.max())
    for each in (logits, tied):
        ids = student.greedy.draws(30, each)
        alike = all(np.array_equal(other, ids[0]) for other in ids)
        agree_values(alike, True, "whether 30 calls with the same logits gave the same id")


@checks("greedy", kind="robustness")
def test_g_ninf(student, rng):
    """Tokens that are ruled out with a logit of minus infinity are never picked."""
    for finite in (3, 1):
        logits = np.full(6, -np.inf)
        logits[rng.choice(6, size=finite, replace=False)] = -rng.permutation(np.arange(1.0, finite + 1.0))
        agree_from_both_ends(student, logits)


@checks("greedy", kind="robustness")
def test_g_vocabulary(student, rng):
    """You find the largest logit among ten thousand tokens."""
    agree_from_both_ends(student, rng.permutation(10_000) / 100.0)


@checks("greedy", kind="robustness", weight=0.5)
def test_g_single(student, rng):
    """If there's only one token, you return it, no matter what its logit is."""
    for logit in (-3.0, 0.0, 2.5):
        agree(student.greedy, sampler.greedy, np.array([logit]))


@checks("greedy", kind="robustness", weight=0.5, conduct=True)
def test_g_pure(student, rng):
    """The array of logits isn't modified."""
    leaves_unchanged(student.greedy, rng.normal(size=6))


# --- sample_categorical ---


@checks("sample_categorical", kind="statistical", weight=2)
def test_sc_dist(student, rng):
    """In thousands of draws from a new table, each id comes up about as often as its probability says."""
    # Code that never draws the last id has to be noticed, whatever the order.
    probs = np.append(rng.permutation([0.4, 0.25, 0.08, 0.05, 0.02]), 0.2)
    # Rounding could leave a running total on either side of a whole percentage, so move them all just below it.
    probs += 1e-9 * np.array([-1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=3_800)


@checks("sample_categorical", kind="statistical")
def test_sc_zero(student, rng):
    """Ids with probability 0 never come up, no matter where they are."""
    # If words were tossed for one by one, a likely one at the end would get about what it should.
    probs = np.array([0.0, 0.4, *rng.permutation([0.3, 0.2, 0.1, 0.0]), 0.0])
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=200)


@checks("sample_categorical", kind="statistical")
def test_sc_many(student, rng):
    """Among 115 ids, the rare ones come up about as often as they should. If 5,200 ids are equally likely, any of them
    can come up."""
    # Each rare id is expected to come up less than once in all the draws, so the rare ids are counted together. They
    # come first, because code that tosses for one word after another then draws far too many of them.
    probs = np.concatenate([np.full(110, 0.25 / 110), rng.permutation([0.18, 0.15, 0.12, 0.1]), [0.2]])
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=115)
    agree_on_variety(student.sample_categorical, rng, 5_200)


@checks("sample_categorical", kind="statistical", weight=2)
def test_sc_favorite(student, rng):
    """An id with most of the probability comes up neither too often nor too rarely."""
    # Code that gives the last id, or the first, what's left of the probability would get it right there.
    probs = np.insert(np.full(8, 0.0225), rng.integers(1, 8), 0.82)
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=3_600)


@checks("sample_categorical", kind="statistical")
def test_sc_indep(student, rng):
    """Each draw is independent: pairs of the same id come up about as often as chance predicts."""
    probs = rng.permutation(PERCENTAGES) / 100
    independent(student.sample_categorical, probs, probs, rng, pairs=150)
    # If a sampler saves a draw for its next call, this extra call puts it out of step with the pairs.
    student.sample_categorical(probs, rng.spawn(1)[0])
    independent(student.sample_categorical, probs, probs, rng, pairs=150)


@checks("sample_categorical", kind="hidden")
def test_sc_onehot(student, rng):
    """If one of forty ids has probability 1, it's drawn with every one of thirty seeds."""
    for seed in rng.integers(2**32, size=30):
        place = int(seed) % 40
        agree_values(
            student.sample_categorical(np.eye(40)[place], np.random.default_rng(seed)),
            place,
            "the id with probability 1",
        )


@checks("sample_categorical", kind="hidden")
def test_sc_repro(student, rng):
    """Generators with the same seed give the same ids, and one with a different seed gives different ids."""
    agree_on_repeated_draws(student.sample_categorical, rng, rng.permutation(PERCENTAGES) / 100)


@checks("sample_categorical", kind="robustness")
def test_sc_f32(student, rng):
    """Your function also works with 500 float32 probabilities, and any of the 500 ids can come up."""
    # If the probabilities were more uneven than this, rejection sampling would take forever.
    probs = in_float32(np.append(0.9 * rng.dirichlet(np.ones(499)), 0.1))
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=250)
    # A correct sampler draws about 133 different ids on average, with a standard deviation of 6. Code that draws a
    # whole-number percentage gets at most 91.
    drawn = student.sample_categorical.draws(200, probs, rng.spawn(1)[0])
    agree_values(len(set(drawn)) > 95, True, "whether 200 draws give more than 95 different ids")


@checks("sample_categorical", kind="robustness")
def test_sc_single(student, rng):
    """If there's only one word, it's drawn every time."""
    agree_values(student.sample_categorical.draws(5, np.ones(1), rng.spawn(1)[0]), [0] * 5, "5 draws of one word")


@checks("sample_categorical", kind="robustness", conduct=True)
def test_sc_pure(student, rng):
    """The array of probabilities isn't modified."""
    for probs in (rng.permutation(PERCENTAGES) / 100, np.array([0.0, 1.0, 0.0])):
        leaves_unchanged(student.sample_categorical, probs, rng.spawn(1)[0])


@checks("sample_categorical", kind="robustness", advisory=True)
def test_adv_sc_edge(student, rng):
    """Even if rng.random() returns the largest number it can, the id you return is valid."""
    # Adding 0.1 ten times gives 1 minus a rounding error, which is exactly the largest number random() can return. That
    # number comes up about once in 10^16 draws, so this check is worth no points.
    generator = np.random.Generator(np.random.SFC64())
    state = generator.bit_generator.state
    state["state"]["state"][:] = (2**64 - 1, 0, 0, 0)
    generator.bit_generator.state = {**state, "has_uint32": 0, "uinteger": 0}
    drawn = student.sample_categorical(np.full(10, 0.1), generator)
    agree_values(drawn, drawn if drawn in range(10) else 9, "an id from 0 to 9")


# --- top_k_filter ---


@checks("top_k_filter", kind="hidden", weight=4)
def test_tk_fresh(student, rng):
    """For random logits and every k from 1 to the size of the vocabulary, you keep the k largest."""
    # One order may be its own inverse, so that places and ranks are the same.
    for size in (7, 9):
        logits = rng.permutation(size) + rng.uniform(-3.5, -2.5, size=size)
        for k in range(1, size + 1):
            agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", kind="hidden", weight=0.5)
def test_tk_big(student, rng):
    """With random logits, a k as large as the vocabulary, or larger, keeps every token."""
    logits = rng.normal(size=6)
    for k in (6, 7, 8, 100):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", kind="hidden")
def test_tk_neg(student, rng):
    """Removed tokens stay out even if all the logits are negative, or around -1000."""
    logits = rng.permutation([-1.0, -2.0, -3.0, -4.0, -5.0]) - rng.uniform(2.0, 3.0)
    for k in (1, 3):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits - 1000.0, k)


@checks("top_k_filter", kind="hidden")
def test_tk_ties(student, rng):
    """If tokens are tied for position k, you may keep all of them or just enough to make k."""
    logits = rng.permutation([3.0, 1.5, 1.5, 1.5, 0.0, -1.0]) + rng.uniform(-2.0, 2.0)
    for k in (2, 3):
        got = shares(student.top_k_filter(logits, k))
        everyone = reference_value(sampler.top_k_filter, ((logits, k), {}))
        stays = np.less(1e-9, got)
        chosen = stays.shape == logits.shape and stays.sum() == k and np.isfinite(everyone[stays]).all()
        chosen = chosen and stays[logits.argmax()]
        wanted = shares(np.where(stays, logits, -np.inf) if chosen else everyone)
        agree_values(got, wanted, f"the softmax of top_k_filter(logits, {k}), with three tokens tied for second place")


@checks("top_k_filter", kind="hidden")
def test_tk_ties_above(student, rng):
    """Tied logits count separately, so two that are tied for first take up two places."""
    logits = rng.permutation([2.0, 2.0, 1.0, 0.0, -1.0]) + rng.uniform(-2.0, 2.0)
    for k in (2, 3):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", kind="hidden")
def test_tk_vocabulary(student, rng):
    """The 50 largest of 1,000 logits are kept."""
    agree_on_shares(student.top_k_filter, sampler.top_k_filter, rng.permutation(1000) / 100.0, 50)


@checks("top_k_filter", kind="robustness")
def test_tk_ninf(student, rng):
    """Tokens that start out with a logit of minus infinity stay ruled out, even if fewer than k others are left."""
    logits = rng.permutation([2.0, 1.0, 0.0, -np.inf, -np.inf, -np.inf])
    for k in (2, 3, 5):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", kind="robustness", weight=0.25)
def test_tk_single(student, rng):
    """If there's only one token, it stays."""
    for k in (1, 2):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, rng.normal(size=1), k)


@checks("top_k_filter", kind="robustness", conduct=True)
def test_tk_bad(student, rng):
    """A k of 0 or below raises ValueError."""
    logits = rng.normal(size=5)
    for k in (0, -1):
        raises(student.top_k_filter, logits, k, error=ValueError)


@checks("top_k_filter", kind="robustness", conduct=True)
def test_tk_pure(student, rng):
    """The array of logits isn't modified, whether tokens are removed or not."""
    for k in (2, 5, 9):
        leaves_unchanged(student.top_k_filter, rng.normal(size=5), k)


@checks("top_k_filter", kind="robustness", conduct=True)
def test_tk_repeat(student, rng):
    """A second call with the same logits and k gives the same answer."""
    repeatable(student.top_k_filter, rng.normal(size=5), 3)


# --- top_p_filter ---


@checks("top_p_filter", kind="hidden", weight=4)
def test_tp_minimal(student, rng):
    """In forty random cases, you keep exactly the smallest set of most likely tokens that reaches p."""
    for _ in range(40):
        logits, p = rng.normal(scale=2, size=rng.integers(3, 9)), rng.uniform(0.05, 0.98)
        totals = np.cumsum(np.sort(shares(logits))[::-1])
        if np.abs(totals - p).min() > 1e-4:
            agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", kind="hidden")
def test_tp_first(student, rng):
    """The most likely token stays, no matter how small p is."""
    logits = rng.permutation([2.0, 1.5, 1.0, 0.0, -1.0])
    for p in (0.01, 1e-6):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", kind="hidden", weight=0.5)
def test_tp_one(student, rng):
    """If p = 1, every token stays, even if there are a thousand and some have almost no probability."""
    # If the number of equal tokens is a power of two, the total is exactly 1; for ten it's 1 minus a rounding error.
    for logits in (np.zeros(1024), np.zeros(10), rng.normal(size=1000), rng.normal(size=5)):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, 1.0)
    agree_on_rare(student.top_p_filter, rng.permutation([0.0, *rng.uniform(-50.0, -42.0, size=3)]))


@checks("top_p_filter", kind="hidden")
def test_tp_notprob(student, rng):
    """Only the differences between logits matter: the same tokens stay whether logits are around 0, 1000 or -1000."""
    logits = rng.permutation([1.5, 1.0, 0.6, 0.0, -1.0, -2.0])
    for shift in (rng.uniform(-1.0, 1.0), 650.0, 1000.0, -1000.0):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits + shift, 0.8)


@checks("top_p_filter", kind="hidden")
def test_tp_ties(student, rng):
    """If four tokens are equally likely, you keep exactly two for p = 0.4, no matter which, and three for p = 0.7."""
    got = shares(student.top_p_filter(np.full(4, rng.normal()), 0.4))
    agree_values(np.sort(got), np.array([0.0, 0.0, 0.5, 0.5]), "the softmax of four equal logits, filtered and sorted")
    # Tokens that are already ruled out change nothing.
    logits = rng.permutation([0.0, 0.0, 0.0, 0.0, -np.inf])
    for kept, p in ((1, 0.2), (2, 0.4), (3, 0.7)):
        got = np.sort(shares(student.top_p_filter(logits, p)))
        wanted = np.append(np.zeros(5 - kept), np.full(kept, 1 / kept))
        agree_values(got, wanted, f"the softmax of four zeros and -inf, filtered with p = {p} and sorted")


@checks("top_p_filter", kind="hidden")
def test_tp_sure(student, rng):
    """If the model is confident, one token is enough. If it's unsure, many tokens stay."""
    sure, unsure = rng.permutation([9.0, 1.0, 0.0, -1.0]), rng.permutation(np.linspace(0.0, 0.4, 11))
    for logits in (sure, unsure):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, 0.85)


@checks("top_p_filter", kind="robustness")
def test_tp_vocabulary(student, rng):
    """Out of a thousand tokens, you keep only the most likely ones that together reach p."""
    logits = rng.permutation(np.linspace(0.0, 5.0, 1000))
    for p in (0.25, 0.9):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", kind="robustness")
def test_tp_ninf(student, rng):
    """Tokens that start out with a logit of minus infinity stay ruled out, no matter what p is."""
    logits = rng.permutation([2.0, 1.0, 0.5, -np.inf, -np.inf])
    for p in (0.3, 0.8, 1.0):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", kind="robustness", weight=0.25)
def test_tp_single(student, rng):
    """If there's only one token, it stays."""
    for p in (0.5, 1.0):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, rng.normal(size=1), p)


@checks("top_p_filter", kind="robustness", conduct=True)
def test_tp_bad(student, rng):
    """If p is 0, negative or greater than 1, you raise ValueError."""
    logits = rng.permutation([2.0, 1.5, 1.0, 0.0])
    for p in (1.5, -0.1, 0.0, 0):
        raises(student.top_p_filter, logits, p, error=ValueError)


@checks("top_p_filter", kind="robustness", conduct=True)
def test_tp_pure(student, rng):
    """The array of logits isn't modified, whether tokens are removed or not."""
    for p in (0.5, 1.0):
        leaves_unchanged(student.top_p_filter, rng.normal(size=5), p)


@checks("top_p_filter", kind="robustness", conduct=True)
def test_tp_repeat(student, rng):
    """A second call with the same logits and p gives the same answer."""
    repeatable(student.top_p_filter, rng.normal(size=5), 0.7)


# --- sample_next_token ---


@checks("sample_next_token", kind="statistical", weight=2)
def test_sn_plain(student, rng):
    """Without any options, ids come up about as often as softmax says."""
    agree_on_fresh_draws(student.sample_next_token, rng, 2_900)


@checks("sample_next_token", kind="statistical", weight=2)
def test_sn_favorite(student, rng):
    """At a temperature above 1, an id far ahead of a thousand others comes up as often as it should."""
    # The other ids are counted together, and a temperature that's a little off shifts a lot of draws between them and
    # the favorite.
    temperature = rng.uniform(1.5, 2.0)
    logits = temperature * np.log(rng.permutation([0.88, *np.full(1000, 0.00012)]))
    agree_on_draws(student.sample_next_token, rng, 1_900, logits, temperature=temperature)


@checks("sample_next_token", kind="statistical")
def test_sn_t01(student, rng):
    """At temperature 0.1, the second most likely id still comes up about as often as it should."""
    logits = np.log(rng.permutation([35.0, 28.0, 15.0, 9.0, 7.0, 6.0])) + rng.uniform(-6.0, 2.0)
    agree_on_draws(student.sample_next_token, rng, 250, logits, temperature=0.1)


@checks("sample_next_token", kind="statistical")
def test_sn_very_cold(student, rng):
    """Even at very low temperatures, ids whose logits are close to the largest still come up about as often as they
    should."""
    # The last temperature is far enough below 0.01 to catch code that raises it to 0.01.
    for temperature in (0.09, rng.uniform(0.02, 0.08), rng.uniform(0.001, 0.0012)):
        agree_on_draws(student.sample_next_token, rng, 120, fresh_logits(rng) * temperature, temperature=temperature)


@checks("sample_next_token", kind="statistical")
def test_sn_t3(student, rng):
    """At temperature 3, the distribution is flatter, and each id comes up about as often as softmax says."""
    # Multiplying the logits by 3 makes the results differ enough to catch code that uses a temperature of 1.7 instead.
    agree_on_draws(student.sample_next_token, rng, 300, 3.0 * fresh_logits(rng), temperature=3.0)


@checks("sample_next_token", kind="statistical")
def test_sn_k(student, rng):
    """With top_k, only the k most likely ids come up, and their ratios don't change."""
    for k in (2, 4):
        agree_on_fresh_draws(student.sample_next_token, rng, 250, top_k=k)


@checks("sample_next_token", kind="statistical", weight=0.25)
def test_sn_p(student, rng):
    """With top_p, only ids in the nucleus come up, including the id that crosses p, and their ratios don't change."""
    agree_on_fresh_draws(student.sample_next_token, rng, 250, top_p=0.77)


# This check gets most of the points, because the stub is about combining these options.
@checks("sample_next_token", kind="statistical", weight=18.5)
def test_sn_order(student, rng):
    """Temperature comes first, then top-k, then top-p, so a higher temperature lets more ids in."""
    for options in ({}, {"top_k": 2, "top_p": 0.5}):
        agree_on_fresh_draws(student.sample_next_token, rng, 20, temperature=0.0, **options)
    # Here, only one of the two filters has an effect. This case comes first because it's the best at catching a missing
    # filter.
    agree_on_fresh_draws(student.sample_next_token, rng, 150, top_k=2, top_p=0.9)
    agree_on_fresh_draws(student.sample_next_token, rng, 150, top_k=5, top_p=0.6)
    agree_on_fresh_draws(student.sample_next_token, rng, 150, temperature=2.0, top_p=0.77)
    near = fresh_logits(rng) / 30
    agree_on_draws(student.sample_next_token, rng, 150, near, temperature=0.01, top_p=0.9)
    agree_on_fresh_draws(student.sample_next_token, rng, 150, top_k=3, top_p=0.77)


@checks("sample_next_token", kind="statistical", weight=0.25)
def test_sn_wide(student, rng):
    """A top_k larger than the vocabulary and a top_p of 1 keep every id."""
    # For the ten equal logits, the total is 1 minus a rounding error.
    for logits in (fresh_logits(rng), np.zeros(10)):
        agree_on_draws(student.sample_next_token, rng, 250, logits, top_k=50, top_p=1.0)


@checks("sample_next_token", kind="hidden")
def test_sn_t0(student, rng):
    """At temperature 0, the most likely id comes up every time, no matter which filters are on or how small its lead
    is."""
    near = 1e-6 * rng.permutation([1.0, 0.0, 0.0, 0.0, 0.0])
    for temperature in (0.0, 0):
        for options in ({}, {"top_k": 3}, {"top_p": 0.9}, {"top_k": 2, "top_p": 0.5}):
            agree_on_fresh_draws(student.sample_next_token, rng, 5, temperature=temperature, **options)
    agree_on_draws(student.sample_next_token, rng, 20, near, temperature=0.0)


@checks("sample_next_token", kind="hidden")
def test_sn_big(student, rng):
    """Logits around 1000 don't cause an overflow, and neither does a temperature of 0.001."""
    far, near = rng.permutation([1000.0, 0.0, -1000.0, 600.0]), rng.permutation([1.0, 2.0, 3.0, -1.0])
    for logits, temperature in ((far, 1.0), (near, 0.001)):
        agree_on_draws(student.sample_next_token, rng, 20, logits, temperature=temperature)


@checks("sample_next_token", kind="hidden")
def test_sn_repro(student, rng):
    """Generators with the same seed give the same ids, and one with a different seed gives different ids."""
    for options in ({}, {"temperature": 1.5, "top_k": 5, "top_p": 0.9}):
        agree_on_repeated_draws(student.sample_next_token, rng, fresh_logits(rng), **options)


@checks("sample_next_token", kind="robustness", weight=0.25)
def test_sn_ninf(student, rng):
    """Ids that are ruled out with a logit of minus infinity never come up, even if fewer than k other ids are left."""
    logits = rng.permutation([4.0, 2.0, 0.0, -np.inf, -np.inf, -np.inf])
    for options in ({"temperature": 4.0}, {"top_k": 5}, {"top_p": 0.95}):
        agree_on_draws(student.sample_next_token, rng, 60, logits, **options)


@checks("sample_next_token", kind="robustness")
def test_sn_single(student, rng):
    """If there's only one token, it's drawn every time."""
    for options in ({}, {"temperature": 0.0}, {"temperature": 2.0, "top_k": 3, "top_p": 0.5}):
        agree_on_draws(student.sample_next_token, rng, 5, np.array([-1.5]), **options)


@checks("sample_next_token", kind="robustness", weight=0.5, conduct=True)
def test_sn_bad(student, rng):
    """Negative temperatures raise ValueError."""
    for temperature in (-1.0, -0.01):
        raises(student.sample_next_token, fresh_logits(rng), rng.spawn(1)[0], temperature=temperature)


@checks("sample_next_token", kind="robustness", weight=0.5, conduct=True)
def test_sn_pure(student, rng):
    """The array of logits isn't modified, no matter which options are used."""
    for options in ({}, {"temperature": 0.0}, {"temperature": 2.0}, {"top_k": 2}, {"top_p": 0.5}):
        leaves_unchanged(student.sample_next_token, fresh_logits(rng), rng.spawn(1)[0], **options)
