"""Visible checks for the `sampler` lab, grouped by stub. Not meant to be read in one sitting."""

import numpy as np

from autograder.testing import (
    agree,
    agree_in_distribution,
    agree_values,
    checks,
    example,
    independent,
    leaves_unchanged,
    raises,
    reference_value,
)
from reference import sampler

# The percentages in the lesson's table, ordered so that no id equals its rank.
PERCENTAGES = np.array([8.0, 35.0, 6.0, 28.0, 15.0, 8.0])


def in_another_order(rng):
    """Return the lesson's table with "mat" in the middle instead of first or last."""
    rest = rng.permutation(PERCENTAGES[PERCENTAGES != 35.0])
    return np.insert(rest, rng.integers(2, 5), 35.0)


def table(rng):
    """Return the lesson's table as logits, in a different order if the check draws fresh numbers."""
    return np.log(example(rng, PERCENTAGES, in_another_order))


def probabilities(rng):
    return example(rng, PERCENTAGES, in_another_order) / 100


def moved(rng, logits):
    """Return these logits. If the check draws fresh numbers, change the gaps between them but not their order."""
    return example(rng, logits, lambda rng: logits * rng.uniform(0.8, 1.25) + rng.normal())


def shifted(rng, logits):
    """Return these logits. If the check draws fresh numbers, add the same number to every logit."""
    return logits + example(rng, 0.0, lambda rng: float(rng.integers(1, 9)))


def shuffled(rng, probs):
    """Return these probabilities. If the check draws fresh numbers, return similar probabilities in random order."""

    def draw(rng):
        others = rng.permutation(probs) * rng.uniform(0.95, 1.05, len(probs))
        return others / others.sum()

    return example(rng, probs, draw)


def in_float32(probs):
    """Return the probabilities, rounded to float32. Their sum is slightly above 1, but even in float64, rng.choice
    accepts it."""
    rounded = probs.astype(np.float32)
    rounded[-1] += 1.0 + 8e-9 - rounded.sum(dtype=float)
    return rounded


def listed(logits):
    """Return the logits as text. If there are more than ten, include only the first three."""
    shown = [f"{each:g}" for each in (logits if len(logits) <= 10 else logits[:3])]
    return f"[{', '.join(shown + ['…'] * (len(shown) < len(logits)))}]"


def shares(filtered):
    """Return the softmax of filtered logits.

    Only the softmax is compared, so a removed token's logit doesn't have to be -inf.
    """
    with np.errstate(all="ignore"):
        exponentials = np.exp(np.subtract(filtered, np.max(filtered)))
        return exponentials / exponentials.sum()


def agree_on_shares(stub, reference, logits, limit):
    """Require the filtered logits to give every token the same probability as the reference."""
    wanted = shares(reference_value(reference, ((logits, limit), {})))
    agree_values(shares(stub(logits, limit)), wanted, f"the softmax of {stub.name}({listed(logits)}, {limit})")


def agree_on_rare(stub, logits):
    """Require p = 1 to keep even the rarest tokens. Dividing the logits by 20 makes those tokens' probabilities big
    enough to compare."""
    what = (
        f"the softmax of top_p_filter({listed(logits)}, 1.0) / 20 (dividing the logits by 20 makes rare tokens' "
        "probabilities big enough to compare)"
    )
    agree_values(shares(np.divide(stub(logits, 1.0), 20.0)), shares(logits / 20.0), what)


def chances(logits, temperature=1.0, top_k=None, top_p=None):
    """Return each id's probability of being drawn by a correct sampler."""
    if temperature == 0:
        return np.eye(len(logits))[logits.argmax()]
    scores = logits / temperature
    if top_k is not None:
        scores = reference_value(sampler.top_k_filter, ((scores, top_k), {}))
    if top_p is not None:
        scores = reference_value(sampler.top_p_filter, ((scores, top_p), {}))
    return shares(scores)


def agree_on_draws(stub, rng, draws, logits, **options):
    """Require every id to come up about as often as it should when `draws` ids are drawn."""
    agree_in_distribution(stub, chances(logits, **options), logits, rng, draws=draws, **options)


def agree_on_variety(stub, rng, ids):
    """Require more than 105 different ids in 240 draws from `ids` equally likely ones (at least 5,000).

    A correct sampler draws 234 different ids on average, with a standard deviation below 3, so it practically never
    fails.
    """
    drawn = stub.draws(240, np.full(ids, 1 / ids), rng.spawn(1)[0])
    agree_values(
        len(set(drawn)) > 105,
        True,
        f"whether 240 draws from {ids:,} equally likely ids include more than 105 different ids",
    )


def agree_on_seeds(stub, rng, *args, **options):
    """Require the same 20 ids from generators with the same seed, and different ids from one with a different seed."""
    seed = example(rng, 7, lambda rng: int(rng.integers(100, 1_000)))
    first, again, other = (
        stub.draws(20, *args, np.random.default_rng(each), in_order=True, **options) for each in (seed, seed, seed + 1)
    )
    one, another = (f"np.random.default_rng({each})" for each in (seed, seed + 1))
    agree_values(again, first, f"20 draws with {one}, compared with 20 draws with another {one}")
    same = np.array_equal(other, first)
    agree_values(same, False, f"whether {one} and {another} lead to the same 20 draws")


# --- greedy ---


@checks("greedy", weight=0.25)
def test_g_max(student, rng):
    """In a reordered version of the lesson's table, "mat" (35%) is at position 1, so you return 1."""
    agree(student.greedy, sampler.greedy, table(rng))


@checks("greedy", weight=0.25)
def test_g_negative(student, rng):
    """If all logits are negative, the one closest to 0 is the largest."""
    agree(student.greedy, sampler.greedy, np.log(probabilities(rng)))


@checks("greedy", weight=0.25)
def test_g_type(student, rng):
    """You return one integer from 0 to V - 1: the position of the largest logit, not its value."""
    for logits in ([3.0, 1.0, 2.0], [-1.0, 1.0, 0.5, 4.0], [-2.5]):
        agree(student.greedy, sampler.greedy, moved(rng, np.array(logits)))


@checks("greedy", weight=0.25)
def test_g_close_shown(student, rng):
    """A lead of 0.001 is enough to win, even among logits around 30."""
    for logits in ([30.001, 30.002, 30.0], [-30.001, -30.002, -30.0]):
        agree(student.greedy, sampler.greedy, shifted(rng, np.array(logits)))


@checks("greedy", weight=0.25)
def test_g_big_shown(student, rng):
    """Your function also works with logits around 1000, and even with -1e30 as the largest."""
    agree(student.greedy, sampler.greedy, moved(rng, np.array([1000.0, 1010.0, 990.0, 1005.0])))
    agree(student.greedy, sampler.greedy, moved(rng, np.array([-2e30, -1e30, -4e30, -3e30])))


@checks("greedy", weight=0.25)
def test_g_ninf_shown(student, rng):
    """A token that's ruled out with a logit of minus infinity is never picked."""
    for logits in ([-np.inf, -7.0, -3.0, -np.inf], [-np.inf, -np.inf, -3.0]):
        agree(student.greedy, sampler.greedy, moved(rng, np.array(logits)))


@checks("greedy", weight=0.25)
def test_g_ties_shown(student, rng):
    """If two logits are tied for largest, either one is fine, but all 30 calls must return the same one."""
    logits = shifted(rng, np.array([1.0, 4.0, -2.0, 4.0]))
    ids = student.greedy.draws(30, logits)
    what = f"30 calls to greedy({listed(logits)}): 1 or 3 each time"
    agree_values(ids, [ids[0] if ids[0] in (1, 3) else 1] * 30, what)


@checks("greedy", weight=0.25, conduct=True)
def test_g_pure_shown(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.greedy, table(rng))


# --- sample_categorical ---


@checks("sample_categorical", weight=0.25)
def test_sc_certain(student, rng):
    """A word with probability 1 is drawn every time, no matter where it is, even if it's the only word."""
    for probs in (*np.eye(example(rng, 3, lambda rng: rng.integers(4, 7))), np.ones(1)):
        place = int(probs.argmax())
        drawn = student.sample_categorical.draws(20, probs, rng.spawn(1)[0])
        agree_values(drawn, [place] * 20, f"20 draws from {probs.tolist()}, where id {place} has probability 1")


@checks("sample_categorical", weight=0.25)
def test_sc_lesson(student, rng):
    """In 500 draws from the lesson's table, each word comes up about as often as its probability says."""
    probs = probabilities(rng)
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=500)


@checks("sample_categorical", weight=0.25)
def test_sc_impossible(student, rng):
    """Words with probability 0 never come up, whether they're first, in the middle or last."""
    probs = np.insert(shuffled(rng, np.array([0.2, 0.5, 0.3])), [0, 1, 3], 0.0)
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=200)


@checks("sample_categorical", weight=0.25)
def test_sc_unlikely(student, rng):
    """Taken together, 40 rare words come up about as often as they should. If 5,000 words are equally likely, any of
    them can come up."""
    probs = shuffled(rng, np.tile([0.08, 0.005, 0.005, 0.005, 0.005], 10))
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=90)
    agree_on_variety(student.sample_categorical, rng, 5_000)


@checks("sample_categorical", weight=0.25)
def test_sc_pairs(student, rng):
    """Each draw is independent: two draws in a row give the same word about as often as chance predicts."""
    probs = shuffled(rng, np.array([0.1, 0.7, 0.2]))
    independent(student.sample_categorical, probs, probs, rng, pairs=100)
    # If a sampler saves a draw for its next call, this extra call puts it out of step with the pairs.
    student.sample_categorical(probs, rng.spawn(1)[0])
    independent(student.sample_categorical, probs, probs, rng, pairs=100)


@checks("sample_categorical", weight=0.25)
def test_sc_seed(student, rng):
    """All randomness comes from rng: the same seed gives the same ids, and a different seed gives different ones."""
    agree_on_seeds(student.sample_categorical, rng, shuffled(rng, np.array([0.1, 0.4, 0.3, 0.2])))


@checks("sample_categorical", weight=0.25)
def test_sc_f32_shown(student, rng):
    """Your function also works with float32 probabilities, which sum to 1 only approximately."""
    probs = in_float32(np.tile(shuffled(rng, np.array([0.3, 0.1, 0.6])), 100) / 100)
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=100)


@checks("sample_categorical", weight=0.25, conduct=True)
def test_sc_pure_shown(student, rng):
    """Your function doesn't change the probabilities it's given."""
    leaves_unchanged(student.sample_categorical, probabilities(rng), rng)


# --- top_k_filter ---


@checks("top_k_filter", weight=0.25)
def test_tk_sets(student, rng):
    """For k = 1, 2, 3 and 5, the k most likely words stay and share the removed probability."""
    logits = table(rng)
    for k in (1, 2, 3, 5):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", weight=0.25)
def test_tk_by_hand(student, rng):
    """For the logits (0, 2, -1, 1), k = 2 keeps 2 and 1 in place, with probabilities of 0.731 and 0.269."""
    agree_on_shares(student.top_k_filter, sampler.top_k_filter, moved(rng, np.array([0.0, 2.0, -1.0, 1.0])), 2)


@checks("top_k_filter", weight=0.25)
def test_tk_all(student, rng):
    """A k as large as the vocabulary, or larger, keeps every token."""
    logits, only_one = table(rng), moved(rng, np.array([-0.5]))
    for k in (6, 7, 8, 100):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)
    for k in (1, 2):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, only_one, k)


@checks("top_k_filter", weight=0.25)
def test_tk_low(student, rng):
    """Removed tokens stay out even if all the logits are very negative."""
    logits = table(rng) - 1000.0
    for k in (1, 3):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", weight=0.25)
def test_tk_ties_shown(student, rng):
    """Two logits tied for first take up two of the k places. If two logits tie for position k, you may drop one."""
    logits = shifted(rng, np.array([2.0, 0.5, 2.0, 0.5, -1.0]))
    agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, 2)
    got = shares(student.top_k_filter(logits, 3))
    rights = [shares(np.where(kept, logits, -np.inf)) for kept in ([1, 1, 1, 1, 0], [1, 1, 1, 0, 0], [1, 0, 1, 1, 0])]
    right = next((each for each in rights if np.allclose(each, got)), rights[0])
    agree_values(
        got, right, f"the softmax of top_k_filter({listed(logits)}, 3), keeping one or both of the two {logits[1]:g}s"
    )


@checks("top_k_filter", weight=0.25)
def test_tk_ninf_shown(student, rng):
    """Tokens that already have a logit of minus infinity stay ruled out, even if fewer than k others are left."""
    logits = moved(rng, np.array([0.0, -np.inf, 1.5, -np.inf]))
    for k in (1, 3):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, logits, k)


@checks("top_k_filter", weight=0.25, conduct=True)
def test_tk_bad_shown(student, rng):
    """A k of 0 or less raises ValueError, because nothing would be left."""
    for k in (0, -1):
        raises(student.top_k_filter, table(rng), k)


@checks("top_k_filter", weight=0.25, conduct=True)
def test_tk_pure_shown(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.top_k_filter, table(rng), 2)


# --- top_p_filter ---


@checks("top_p_filter", weight=0.25)
def test_tp_cross(student, rng):
    """For p = 0.3, 0.5, 0.7 and 0.9, you keep 1, 2, 3 and 5 of the lesson's words, including the one that crosses p."""
    logits = table(rng)
    for p in (0.3, 0.5, 0.7, 0.9):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", weight=0.25)
def test_tp_by_hand(student, rng):
    """For the logits (0, 2, -1, 1), p = 0.75 keeps 2 and 1 in place (their probabilities are 0.64 and 0.24)."""
    agree_on_shares(student.top_p_filter, sampler.top_p_filter, moved(rng, np.array([0.0, 2.0, -1.0, 1.0])), 0.75)


@checks("top_p_filter", weight=0.25)
def test_tp_first_shown(student, rng):
    """The most likely word stays, no matter how small p is."""
    logits = table(rng)
    for p in (0.01, 1e-6):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", weight=0.25)
def test_tp_one_shown(student, rng):
    """If p = 1, every token stays, even if there are 1,024 equally likely ones or one has probability 1e-20."""
    for logits in (table(rng), np.zeros(1024), np.zeros(10), moved(rng, np.array([-0.5]))):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, 1.0)
    agree_on_rare(student.top_p_filter, shifted(rng, np.array([-46.0, 0.0, -50.0])))


@checks("top_p_filter", weight=0.25)
def test_tp_far(student, rng):
    """If all the logits are shifted to around 1000 or around -1000, the same words stay."""
    for shift in (1000.0, -1000.0):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, table(rng) + shift, 0.7)


@checks("top_p_filter", weight=0.25)
def test_tp_ties_shown(student, rng):
    """If four tokens are equally likely, you keep any two of them for p = 0.4."""
    logits = shifted(rng, np.full(4, 1.5))
    got = np.sort(shares(student.top_p_filter(logits, 0.4)))
    what = f"the softmax of top_p_filter({listed(logits)}, 0.4), sorted"
    agree_values(got, np.array([0.0, 0.0, 0.5, 0.5]), what)


@checks("top_p_filter", weight=0.25)
def test_tp_ninf_shown(student, rng):
    """Tokens that already have a logit of minus infinity stay ruled out, no matter what p is."""
    logits = moved(rng, np.array([0.0, -np.inf, 1.5, -np.inf]))
    for p in (0.5, 1.0):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, logits, p)


@checks("top_p_filter", weight=0.25, conduct=True)
def test_tp_bad_shown(student, rng):
    """You raise ValueError unless p is above 0 and at most 1."""
    for p in (0.0, -0.1, 1.5):
        raises(student.top_p_filter, table(rng), p)


@checks("top_p_filter", weight=0.25, conduct=True)
def test_tp_pure_shown(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.top_p_filter, table(rng), 0.5)


# --- sample_next_token ---


@checks("sample_next_token", weight=0.5)
def test_sn_zero(student, rng):
    """At temperature 0, the most likely word comes up every time, with or without filters, no matter how small its
    lead is. If there's only one word, it comes up every time, even at temperature 1."""
    for options in ({}, {"top_k": 3, "top_p": 0.9}):
        agree_on_draws(student.sample_next_token, rng, 20, table(rng), temperature=0.0, **options)
    agree_on_draws(student.sample_next_token, rng, 5, moved(rng, np.array([-1.5])), top_k=3, top_p=0.5)
    agree_on_draws(student.sample_next_token, rng, 20, np.array([0.0, 0.0, 1e-6, 0.0]), temperature=0.0)


@checks("sample_next_token", weight=0.5)
def test_sn_lesson(student, rng):
    """Without any options, the words come up about as often as the lesson's table says."""
    agree_on_draws(student.sample_next_token, rng, 300, table(rng))


@checks("sample_next_token", weight=0.5)
def test_sn_cold(student, rng):
    """At temperature 0.1, "mat" comes up about nine times in ten, and "floor" still comes up about once in ten."""
    agree_on_draws(student.sample_next_token, rng, 200, table(rng), temperature=0.1)


@checks("sample_next_token", weight=0.5)
def test_sn_very_cold_shown(student, rng):
    """Only temperature 0 is greedy. At 0.01, words whose logits are 0.01 apart still split the draws about 73 to 27."""
    agree_on_draws(student.sample_next_token, rng, 300, shifted(rng, np.array([1.0, 1.01, 0.0])), temperature=0.01)


@checks("sample_next_token", weight=0.5)
def test_sn_hot(student, rng):
    """At temperature 2, the distribution is flatter, and each word comes up about as often as softmax says."""
    agree_on_draws(student.sample_next_token, rng, 500, table(rng), temperature=2.0)


@checks("sample_next_token", weight=0.5)
def test_sn_best_three(student, rng):
    """With top_k=3, only the three most likely words come up, and their ratios don't change."""
    agree_on_draws(student.sample_next_token, rng, 300, table(rng), top_k=3)


@checks("sample_next_token", weight=0.5)
def test_sn_nucleus(student, rng):
    """With top_p=0.7, only "mat", "floor" and "table" come up, and their ratios don't change."""
    agree_on_draws(student.sample_next_token, rng, 200, table(rng), top_p=0.7)


@checks("sample_next_token", weight=0.5)
def test_sn_heat_first(student, rng):
    """With top_p, you keep more words at a higher temperature: three at temperature 2, but only two at 0.5."""
    agree_on_draws(student.sample_next_token, rng, 150, table(rng), temperature=2.0, top_p=0.6)
    agree_on_draws(student.sample_next_token, rng, 150, table(rng), temperature=0.5, top_p=0.7)


@checks("sample_next_token", weight=0.5)
def test_sn_both(student, rng):
    """With top_k=3 and top_p=0.8, top-p sees only the words that top-k kept, so "mat" and "floor" are left."""
    agree_on_draws(student.sample_next_token, rng, 150, table(rng), top_k=3, top_p=0.8)


@checks("sample_next_token", weight=0.5)
def test_sn_unfiltered(student, rng):
    """A top_k larger than the vocabulary and a top_p of 1 keep every word."""
    agree_on_draws(student.sample_next_token, rng, 200, table(rng), top_k=100, top_p=1.0)


@checks("sample_next_token", weight=0.5)
def test_sn_big_shown(student, rng):
    """Nothing overflows, even with logits around 1000 or a temperature of 0.001."""
    for logits, temperature in ((np.array([1000.0, 0.0, -1000.0]), 1.0), (np.array([2.0, 3.0, -1.0]), 0.001)):
        agree_on_draws(student.sample_next_token, rng, 10, moved(rng, logits), temperature=temperature)


@checks("sample_next_token", weight=0.5)
def test_sn_ninf_shown(student, rng):
    """Words that are ruled out with a logit of minus infinity never come up, even if fewer than k other words are
    left."""
    for options in ({"temperature": 4.0}, {"top_k": 3, "top_p": 0.9}):
        logits = moved(rng, np.array([2.0, -np.inf, 1.0, -np.inf]))
        agree_on_draws(student.sample_next_token, rng, 100, logits, **options)


@checks("sample_next_token", weight=0.5)
def test_sn_seed(student, rng):
    """All randomness comes from rng: the same seed gives the same ids, and a different seed gives different ones."""
    for options in ({}, {"temperature": 1.5, "top_k": 4, "top_p": 0.9}):
        agree_on_seeds(student.sample_next_token, rng, table(rng), **options)


@checks("sample_next_token", weight=0.5, conduct=True)
def test_sn_bad_shown(student, rng):
    """A temperature below 0 raises ValueError."""
    raises(student.sample_next_token, table(rng), rng, temperature=-1.0)


@checks("sample_next_token", weight=0.5, conduct=True)
def test_sn_pure_shown(student, rng):
    """Your function doesn't change the logits it's given, no matter which options are used."""
    for options in ({}, {"temperature": 0.0}, {"temperature": 2.0}, {"top_k": 2}, {"top_p": 0.5}):
        leaves_unchanged(student.sample_next_token, table(rng), rng.spawn(1)[0], **options)
