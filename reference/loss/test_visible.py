"""Visible checks of lab `loss`."""

import numpy as np

from autograder.testing import agree, agree_values, checks
from reference import loss

# What an answer earns whose values are right apart from a shape or a convention.
HALF, MORE_THAN_HALF = 0.5, 0.6

# The lesson's guesses after "The cat sat on the": floor, mat, table, and all other words together.
GUESSES = np.array([0.30, 0.25, 0.20, 0.25])
FLOOR, MAT, TABLE, OTHER = range(4)


def mse_agrees(student, y_pred, y_true):
    """The mean; the sum, or half of the mean, as some books have it, earns its share."""
    conventions = [lambda mean: mean * y_true.size, lambda mean: mean / 2]
    agree(student.mse_loss, loss.mse_loss, y_pred, y_true, apart_from=conventions)


def surprisal_agrees(student, probs, target):
    """In nats; the right loss in bits, or by the logarithm of base 10, earns its share."""
    units = [lambda nats: nats / np.log(2), lambda nats: nats / np.log(10)]
    agree(student.surprisal, loss.surprisal, probs, target, apart_from=units)


def cross_entropy_agrees(student, logits, targets):
    """The mean; the sum of the same losses earns its share."""
    agree(student.cross_entropy, loss.cross_entropy, logits, targets, apart_from=[lambda mean: mean * len(targets)])


def pairs_agree(student, token_ids, context_length):
    """Every window; right ones without the last earn their share."""
    edges = [lambda pairs: tuple(each[:-1] for each in pairs)]
    agree(student.next_token_pairs, loss.next_token_pairs, token_ids, context_length, apart_from=edges)


@checks("mse_loss", share=MORE_THAN_HALF)
def test_mse_one_house(student, rng):
    """One house, predicted at 300,000 USD and sold for 310,000 USD, gives 100,000,000 USD²."""
    mse_agrees(student, np.array([1500.0 * 200.0]), np.array([310_000.0]))


@checks("mse_loss", share=MORE_THAN_HALF)
def test_mse_known(student, rng):
    """Two houses, one 10,000 USD too cheap and one exact, give 50,000,000 USD²."""
    predicted, sold = np.array([300_000.0, 100_000.0]), np.array([310_000.0, 100_000.0])
    mse_agrees(student, predicted, sold)


@checks("mse_loss", share=MORE_THAN_HALF)
def test_mse_three_houses(student, rng):
    """Errors of -10,000, +5,000 and +20,000 USD do not cancel: they give 175,000,000 USD²."""
    predicted, sold = np.array([300_000.0, 165_000.0, 440_000.0]), np.array([310_000.0, 160_000.0, 420_000.0])
    mse_agrees(student, predicted, sold)


@checks("mse_loss", share=MORE_THAN_HALF)
def test_mse_curve(student, rng):
    """From prediction 1 to 5, where 3 is right, the loss is a parabola: twice the error costs four times as much."""
    predictions = np.linspace(1.0, 5.0, 9)
    losses = [student.mse_loss(np.array([each]), np.array([3.0])) for each in predictions]
    agree_values(losses, (predictions - 3.0) ** 2, "the losses of the predictions 1, 1.5, … 5, where 3 is right")


@checks("surprisal", share=HALF)
def test_s_lesson(student, rng):
    """The right word "mat", guessed with 25 %, costs 1.3863 nats."""
    surprisal_agrees(student, GUESSES, MAT)


@checks("surprisal", share=HALF)
def test_s_every_word(student, rng):
    """Had another word been right, its own probability would set the loss."""
    for target in (FLOOR, TABLE, OTHER):
        surprisal_agrees(student, GUESSES, target)


@checks("surprisal", share=HALF)
def test_s_curve(student, rng):
    """The loss falls from 2.9957 nats at 5 % to 0.0513 nats at 95 %, steeply at first."""
    probabilities = np.linspace(0.05, 0.95, 10)
    losses = [student.surprisal(np.array([each, 1.0 - each]), 0) for each in probabilities]
    agree_values(losses, -np.log(probabilities), "the losses at 5 %, 15 %, … 95 % for the right word")


@checks("cross_entropy", share=HALF)
def test_ce_uniform(student, rng):
    """Ten equal logits in every row cost ln 10 = 2.3026 nats, whichever token is right."""
    cross_entropy_agrees(student, np.zeros((3, 10)), np.array([7, 0, 4]))


@checks("cross_entropy", share=HALF)
def test_ce_by_hand(student, rng):
    """Probabilities of 3/4 and 1/4 for the right tokens of two rows cost 0.8370 nats on average."""
    logits = np.array([[np.log(3.0), 0.0], [np.log(3.0), 0.0]])
    cross_entropy_agrees(student, logits, np.array([0, 1]))


@checks("cross_entropy", share=HALF)
def test_ce_random(student, rng):
    """Seven rows of five random logits agree with torch."""
    cross_entropy_agrees(student, rng.normal(size=(7, 5)), np.array([3, 0, 4, 4, 1, 2, 0]))


@checks("cross_entropy", share=HALF)
def test_ce_curve(student, rng):
    """The further the right token's logit lies above the other's, the lower the loss, and it never gets below 0."""
    leads = np.linspace(-4.0, 4.0, 9)
    losses = [student.cross_entropy(np.array([[each, 0.0]]), np.array([0])) for each in leads]
    agree_values(losses, np.log1p(np.exp(-leads)), "the losses where the right token's logit leads by -4, -3, … 4")


@checks("next_token_pairs", share=HALF)
def test_p_lesson(student, rng):
    """The cat sat on the -> cat sat on the mat: one window, and after its five words comes "mat"."""
    the_cat_sat_on_the_mat = np.array([11, 42, 7, 30, 5, 19])
    pairs_agree(student, the_cat_sat_on_the_mat, 5)


@checks("next_token_pairs", share=HALF)
def test_p_shape(student, rng):
    """Eight tokens and a context of three give two arrays of shape (5, 3)."""
    pairs_agree(student, np.array([31, 4, 15, 92, 65, 35, 89, 79]), 3)


@checks("next_token_pairs", share=HALF)
def test_p_vals(student, rng):
    """Every target is the token that follows in the text, also where ids fall or repeat."""
    pairs_agree(student, np.array([9, 7, 7, 4, 2, 2, 0]), 2)


@checks("perplexity")
def test_pp_uniform(student, rng):
    """A mean loss of ln 50,000 is as uncertain as 50,000 equally likely tokens."""
    agree(student.perplexity, loss.perplexity, float(np.log(50_000)))


@checks("perplexity")
def test_pp_quarter(student, rng):
    """The lesson's loss of -ln 0.25 = 1.3863 nats is a choice among 4."""
    agree(student.perplexity, loss.perplexity, float(-np.log(0.25)))


@checks("perplexity")
def test_pp_curve(student, rng):
    """Each half nat of mean loss makes the choice 1.65 times as wide: 1 token at a loss of 0, 54.6 at 4."""
    losses = np.linspace(0.0, 4.0, 9)
    choices = [student.perplexity(float(each)) for each in losses]
    agree_values(choices, np.exp(losses), "the perplexities of the mean losses 0, 0.5, … 4")
