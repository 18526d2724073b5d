"""Visible checks of lab `sampler`."""

import numpy as np

from autograder.testing import agree, agree_in_distribution, agree_values, checks, independent, reference_value
from reference import sampler

# The lesson's table, not in order of size, so that an id is never its rank.
PERCENTAGES = np.array([8.0, 35.0, 6.0, 28.0, 15.0, 8.0])
LOGITS = np.log(PERCENTAGES)
PROBS = PERCENTAGES / 100


def shares(filtered):
    """What softmax makes of filtered logits: they count by this alone, whatever number stands for "removed"."""
    with np.errstate(all="ignore"):
        exponentials = np.exp(np.subtract(filtered, np.max(filtered)))
        return exponentials / exponentials.sum()


def agree_on_shares(stub, reference, logits, limit):
    """The filtered logits must give every token the share that the reference gives it."""
    wanted = shares(reference_value(reference, ((logits, limit), {})))
    agree_values(shares(stub(logits, limit)), wanted, f"the softmax of {stub.name}(logits, {limit})")


def chances(logits, temperature=1.0, top_k=None, top_p=None):
    """The probabilities with which a right sampler draws."""
    scores = logits / temperature
    if top_k is not None:
        scores = reference_value(sampler.top_k_filter, ((scores, top_k), {}))
    if top_p is not None:
        scores = reference_value(sampler.top_p_filter, ((scores, top_p), {}))
    return shares(scores)


def agree_on_draws(stub, rng, draws=2_000, **options):
    """In that many draws from the lesson's logits every id must come about as often as it should."""
    agree_in_distribution(stub, chances(LOGITS, **options), LOGITS, rng, draws=draws, **options)


# --- greedy ---


@checks("greedy")
def test_g_max(student, rng):
    """In the lesson's table, in another order, "mat" with 35 % stands at place 1, and 1 comes back."""
    agree(student.greedy, sampler.greedy, LOGITS)


@checks("greedy")
def test_g_negative(student, rng):
    """Where all logits are negative, the one nearest to 0 is the largest."""
    agree(student.greedy, sampler.greedy, np.log(PROBS))


@checks("greedy")
def test_g_type(student, rng):
    """What comes back is one whole number, a place and not a score: the first place is 0, the last V - 1."""
    agree(student.greedy, sampler.greedy, np.array([3.0, 1.0, 2.0]))
    agree(student.greedy, sampler.greedy, np.array([-1.0, 1.0, 0.5, 4.0]))


# --- sample_categorical ---


@checks("sample_categorical")
def test_sc_certain(student, rng):
    """A word with probability 1 comes every time, wherever it stands."""
    for place in range(3):
        drawn = student.sample_categorical.draws(20, np.eye(3)[place], rng.spawn(1)[0])
        agree_values(drawn, [place] * 20, f"20 draws where id {place} has all the probability")


@checks("sample_categorical")
def test_sc_lesson(student, rng):
    """In 2,000 draws from the lesson's table every word comes about as often as its probability says."""
    agree_in_distribution(student.sample_categorical, PROBS, PROBS, rng, draws=2_000)


@checks("sample_categorical")
def test_sc_impossible(student, rng):
    """Words with probability 0 never come, at the beginning, in the middle or at the end of the table."""
    probs = np.array([0.0, 0.2, 0.0, 0.5, 0.3, 0.0])
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=2_000)


@checks("sample_categorical")
def test_sc_unlikely(student, rng):
    """Twenty unlikely words between ten likely ones come too, about as often as they should."""
    probs = np.tile([0.08, 0.01, 0.01], 10)
    agree_in_distribution(student.sample_categorical, probs, probs, rng, draws=2_000)


@checks("sample_categorical")
def test_sc_pairs(student, rng):
    """Each draw is a new one: two in a row are the same word about as often as chance has it."""
    probs = np.array([0.1, 0.7, 0.2])
    independent(student.sample_categorical, probs, probs, rng, pairs=1_000)
    # Whoever keeps a draw for the next call is out of step with the pairs now, if not before.
    student.sample_categorical(probs, rng.spawn(1)[0])
    independent(student.sample_categorical, probs, probs, rng, pairs=1_000)


# --- top_k_filter ---


@checks("top_k_filter")
def test_tk_sets(student, rng):
    """The best 1, 2, 3 and 5 words of the lesson's table stay, each in its place, and share what the others had."""
    for k in (1, 2, 3, 5):
        agree_on_shares(student.top_k_filter, sampler.top_k_filter, LOGITS, k)


@checks("top_k_filter")
def test_tk_by_hand(student, rng):
    """(0, 2, -1, 1) with k = 2 leaves 2 and 1 in their places: shares of 0.731 and 0.269, and 0 for the others."""
    agree_on_shares(student.top_k_filter, sampler.top_k_filter, np.array([0.0, 2.0, -1.0, 1.0]), 2)


# --- top_p_filter ---


@checks("top_p_filter")
def test_tp_cross(student, rng):
    """From the lesson's table, p = 0.3, 0.5, 0.7 and 0.9 keep 1, 2, 3 and 5 words: the word that crosses p stays."""
    for p in (0.3, 0.5, 0.7, 0.9):
        agree_on_shares(student.top_p_filter, sampler.top_p_filter, LOGITS, p)


@checks("top_p_filter")
def test_tp_by_hand(student, rng):
    """Of (0, 2, -1, 1) with p = 0.75, the logits 2 and 1 stay (0.64 and 0.24), in their places."""
    agree_on_shares(student.top_p_filter, sampler.top_p_filter, np.array([0.0, 2.0, -1.0, 1.0]), 0.75)


# --- sample_next_token ---


@checks("sample_next_token")
def test_sn_zero(student, rng):
    """At temperature 0 the best word comes every time."""
    for options in ({}, {"top_k": 3, "top_p": 0.9}):
        drawn = student.sample_next_token.draws(20, LOGITS, rng.spawn(1)[0], temperature=0.0, **options)
        agree_values(drawn, [1] * 20, "20 draws at temperature 0, where id 1 is the best")


@checks("sample_next_token")
def test_sn_lesson(student, rng):
    """With logits and rng alone, the words come as often as the lesson's table says."""
    agree_on_draws(student.sample_next_token, rng)


@checks("sample_next_token")
def test_sn_cold(student, rng):
    """At temperature 0.1 "mat" comes nine times in ten, and "floor" still one time in ten."""
    agree_on_draws(student.sample_next_token, rng, temperature=0.1)


@checks("sample_next_token")
def test_sn_hot(student, rng):
    """At temperature 2 the words come more evenly, in the shares that softmax gives them."""
    agree_on_draws(student.sample_next_token, rng, temperature=2.0)


@checks("sample_next_token")
def test_sn_best_three(student, rng):
    """With top_k=3 only the best three words come, in the ratio that they had."""
    agree_on_draws(student.sample_next_token, rng, top_k=3)


@checks("sample_next_token")
def test_sn_nucleus(student, rng):
    """With top_p=0.7 only "mat", "floor" and "table" come, in the ratio that they had."""
    agree_on_draws(student.sample_next_token, rng, top_p=0.7)


@checks("sample_next_token")
def test_sn_heat_first(student, rng):
    """With top_p, heat lets more words in and cold fewer: three of them at temperature 2, two at 0.5."""
    agree_on_draws(student.sample_next_token, rng, temperature=2.0, top_p=0.6)
    agree_on_draws(student.sample_next_token, rng, temperature=0.5, top_p=0.7)


@checks("sample_next_token")
def test_sn_both(student, rng):
    """With top_k=3 and top_p=0.8, top-p works on the shares of the three: "mat" and "floor" are left."""
    # That "mat" and "floor" come 5 : 4 and not 1 : 1 shows only in many draws.
    agree_on_draws(student.sample_next_token, rng, draws=8_000, top_k=3, top_p=0.8)


@checks("sample_next_token")
def test_sn_unfiltered(student, rng):
    """A top_k beyond the vocabulary and a top_p of 1 keep every word."""
    agree_on_draws(student.sample_next_token, rng, top_k=100, top_p=1.0)
