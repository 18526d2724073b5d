"""Hidden and robustness checks of the `loss` lab, grouped by stub. This file isn't meant to be read in one sitting."""

import numpy as np

from autograder.testing import agree, checks, leaves_unchanged, raises, repeatable
from reference import loss
from reference.loss.test_visible import (
    HALF,
    MORE_THAN_HALF,
    OUT_OF_RANGE,
    cross_entropy_agrees,
    mse_agrees,
    pairs_agree,
    surprisal_agrees,
)


def targets_for(rng, logits):
    """Draw one random target for each row of logits (N, V)."""
    return rng.integers(0, logits.shape[1], size=len(logits))


# --- mse_loss ---


@checks("mse_loss", kind="hidden", share=MORE_THAN_HALF)
def test_mse_sign(student, rng):
    """A prediction that's too high doesn't cancel out one that's too low by the same amount."""
    mse_agrees(student, np.array([3.0, 5.0]), np.array([2.0, 6.0]))


@checks("mse_loss", kind="hidden", share=MORE_THAN_HALF)
def test_mse_n(student, rng):
    """If every error is the same, the loss is the square of that error, no matter how many predictions there are."""
    y_true = rng.normal(size=5)
    mse_agrees(student, y_true + 3.0, y_true)


@checks("mse_loss", kind="hidden", weight=4, share=MORE_THAN_HALF)
def test_mse_fresh(student, rng):
    """Your loss agrees with torch's for predictions above and below the true values."""
    y_true = rng.uniform(100.0, 900.0, size=7)
    mse_agrees(student, y_true + rng.normal(scale=3.0, size=7), y_true)


@checks("mse_loss", kind="hidden", share=MORE_THAN_HALF)
def test_mse_one(student, rng):
    """A single prediction works as a batch of one."""
    mse_agrees(student, rng.uniform(3.0, 4.0, size=1), rng.uniform(1.0, 2.0, size=1))


@checks("mse_loss", kind="hidden", share=MORE_THAN_HALF)
def test_mse_2d(student, rng):
    """Your loss for 2-D arrays is a single number: the mean of all the squared errors."""
    for shape in ((2, 3), (3, 3), (1, 4)):
        mse_agrees(student, rng.normal(size=shape), rng.normal(size=shape))


@checks("mse_loss", kind="hidden", share=MORE_THAN_HALF)
def test_mse_small(student, rng):
    """Small errors give a small loss, and it isn't rounded."""
    y_true = rng.normal(size=6)
    mse_agrees(student, y_true + rng.uniform(1e-3, 2e-3, size=6), y_true)


@checks("mse_loss", kind="hidden", share=MORE_THAN_HALF)
def test_mse_perfect(student, rng):
    """When every prediction is right, the loss is zero."""
    y_true = rng.uniform(2.0, 9.0, size=4)
    mse_agrees(student, y_true.copy(), y_true)


@checks("mse_loss", kind="robustness", share=MORE_THAN_HALF)
def test_mse_integers(student, rng):
    """Integer predictions are compared with fractional true values without losing the fractions."""
    mse_agrees(student, np.array([3, 8, 2]), np.array([2.5, 8.25, 4.75]))
    mse_agrees(student, np.array([3, 8, 2]), np.array([2, 9, 6]))


@checks("mse_loss", kind="robustness", conduct=True)
def test_mse_shape(student, rng):
    """A column and a row of the same length have different shapes, so your function raises ValueError."""
    raises(student.mse_loss, np.array([[3.0], [5.0], [8.0]]), np.array([2.0, 6.0, 4.0]))


@checks("mse_loss", kind="robustness", conduct=True)
def test_mse_shape_one(student, rng):
    """One true value for several predictions raises ValueError instead of being broadcast."""
    raises(student.mse_loss, np.array([3.0, 5.0, 8.0]), np.array([2.0]))


@checks("mse_loss", kind="robustness", conduct=True)
def test_mse_shape_longer(student, rng):
    """A prediction without a true value raises ValueError instead of being silently dropped."""
    raises(student.mse_loss, np.array([3.0, 5.0, 8.0]), np.array([2.0, 6.0]))


@checks("mse_loss", kind="robustness", conduct=True)
def test_mse_shape_flat(student, rng):
    """Two arrays with the same number of elements can differ in shape (one may be flat, or have its rows and columns
    swapped), and then your function raises ValueError."""
    raises(student.mse_loss, np.array([[3.0, 5.0, 8.0], [1.0, 7.0, 4.0]]), np.array([2.0, 6.0, 4.0, 1.0, 9.0, 5.0]))
    raises(student.mse_loss, rng.normal(size=(4, 3)), rng.normal(size=(3, 4)))


@checks("mse_loss", kind="robustness", conduct=True)
def test_mse_pure(student, rng):
    """The arrays you're given aren't modified."""
    leaves_unchanged(student.mse_loss, rng.normal(size=4), rng.normal(size=4))


@checks("mse_loss", kind="robustness", conduct=True)
def test_mse_repeatable(student, rng):
    """A second call with the same predictions gives the same loss."""
    repeatable(student.mse_loss, rng.normal(size=4), rng.normal(size=4))


# --- surprisal ---


@checks("surprisal", kind="hidden", weight=5, share=HALF)
def test_s_fresh(student, rng):
    """Each word's loss is computed from that word's own probability."""
    probs = rng.dirichlet(np.ones(7))
    for target in range(7):
        surprisal_agrees(student, probs, target)


@checks("surprisal", kind="hidden", share=HALF)
def test_s_certain(student, rng):
    """If the right answer was given probability 1, the loss is 0."""
    surprisal_agrees(student, np.array([0.0, 1.0, 0.0]), 1)


@checks("surprisal", kind="hidden", weight=3, share=HALF)
def test_s_order(student, rng):
    """The less probable the right answer, the larger the loss: each halving adds the same amount."""
    top = rng.uniform(0.3, 0.5)
    probs = np.array([top / 4, top, 1.0 - 1.75 * top, top / 2])
    for target in (1, 3, 0):
        surprisal_agrees(student, probs, target)


@checks("surprisal", kind="hidden", weight=3, share=HALF)
def test_s_only_target(student, rng):
    """Only the probability of the right answer counts, not how the remaining probability is distributed."""
    surprisal_agrees(student, np.array([0.7, 0.2, 0.05, 0.05]), 1)
    surprisal_agrees(student, np.array([0.3, 0.2, 0.25, 0.25]), 1)


@checks("surprisal", kind="robustness", share=HALF)
def test_s_one_word(student, rng):
    """If the vocabulary has only one word, the loss is 0."""
    surprisal_agrees(student, np.array([1.0]), 0)


@checks("surprisal", kind="robustness", share=HALF)
def test_s_zero(student, rng):
    """A right answer that was given probability 0 has an infinite loss."""
    surprisal_agrees(student, np.array([0.6, 0.0, 0.4]), 1)


@checks("surprisal", kind="robustness", share=HALF)
def test_s_small(student, rng):
    """If the right answer has a tiny probability, the loss is large but finite, and it isn't capped."""
    surprisal_agrees(student, np.array([0.6, 0.4, 1e-30]), 2)


@checks("surprisal", kind="robustness", conduct=True)
def test_s_pure(student, rng):
    """The probabilities you're given aren't modified."""
    leaves_unchanged(student.surprisal, np.array([0.5, 0.2, 0.0, 0.3]), 1)


@checks("surprisal", kind="robustness", conduct=True)
def test_s_repeatable(student, rng):
    """A second call with the same guess gives the same loss."""
    repeatable(student.surprisal, rng.dirichlet(np.ones(5)), 3)


# --- cross_entropy ---


@checks("cross_entropy", kind="hidden", weight=9, share=MORE_THAN_HALF)
def test_ce_fresh(student, rng):
    """Your loss agrees with torch's for random batches, whether they're wide or tall."""
    for shape in ((4, 9), (1, 3), (2, 6), (6, 2)):
        logits = rng.uniform(-2.0, 2.0, size=shape)
        cross_entropy_agrees(student, logits, targets_for(rng, logits))
    # Each token is the target of some row, so that a loss that treats one token differently always fails.
    cross_entropy_agrees(student, rng.uniform(-2.0, 2.0, size=(9, 4)), rng.permutation(np.arange(9) % 4))


@checks("cross_entropy", kind="hidden", weight=3, share=MORE_THAN_HALF)
def test_ce_square(student, rng):
    """Rows and tokens don't get mixed up, even if there are as many rows as tokens."""
    logits = rng.uniform(-2.0, 2.0, size=(4, 4))
    cross_entropy_agrees(student, logits, np.array([1, 3, 0, 1]))


@checks("cross_entropy", kind="hidden", share=MORE_THAN_HALF)
def test_ce_confident_wrong(student, rng):
    """Full confidence in the wrong token gives a large but finite loss: the gap between the two logits."""
    cross_entropy_agrees(student, np.array([[rng.uniform(900.0, 3000.0), 0.0]]), np.array([1]))


@checks("cross_entropy", kind="hidden", share=MORE_THAN_HALF)
def test_ce_confident_right(student, rng):
    """Full confidence in the right token gives a loss of 0."""
    cross_entropy_agrees(student, np.array([[0.0, rng.uniform(900.0, 3000.0)]]), np.array([1]))


@checks("cross_entropy", kind="hidden", share=MORE_THAN_HALF)
def test_ce_one(student, rng):
    """The loss of a batch with one row is the loss of that row, even with a larger vocabulary."""
    cross_entropy_agrees(student, rng.normal(size=(1, 6)), np.array([4]))
    cross_entropy_agrees(student, rng.uniform(-1.0, 1.0, size=(1, 120)), rng.integers(64, 120, size=1))


@checks("cross_entropy", kind="hidden", share=MORE_THAN_HALF)
def test_ce_scalar(student, rng):
    """A whole batch gives a single number, not one per row."""
    logits = rng.normal(size=(5, 3))
    cross_entropy_agrees(student, logits, targets_for(rng, logits))


@checks("cross_entropy", kind="hidden", weight=3, share=MORE_THAN_HALF)
def test_ce_mean(student, rng):
    """If every row of a batch is repeated, the loss stays the same."""
    logits = rng.normal(size=(3, 5))
    # The same token is right in two rows, so a mean over the distinct tokens isn't the mean over the rows.
    targets = rng.choice(5, size=2, replace=False)[[0, 1, 0]]
    cross_entropy_agrees(student, logits, targets)
    cross_entropy_agrees(student, np.concatenate([logits, logits]), np.concatenate([targets, targets]))


@checks("cross_entropy", kind="hidden", share=MORE_THAN_HALF)
def test_ce_shift(student, rng):
    """Adding the same number to all logits changes nothing."""
    logits = rng.normal(size=(3, 4))
    targets = targets_for(rng, logits)
    for shift in (123.0, -123.0):
        cross_entropy_agrees(student, logits + shift, targets)


@checks("cross_entropy", kind="hidden", share=MORE_THAN_HALF)
def test_ce_rows_far_apart(student, rng):
    """A row of huge logits doesn't drown out a row of ordinary ones."""
    # If logits are multiples of 20, the surprisals are whole numbers, so float32 is exact even around 6000.
    logits = np.stack([rng.integers(0, 4, size=5), 6000 + 20 * rng.permutation(5)]).astype(float)
    cross_entropy_agrees(student, logits, targets_for(rng, logits))


@checks("cross_entropy", kind="robustness", share=MORE_THAN_HALF)
def test_ce_wide_row(student, rng):
    """The loss is accurate even if a row's logits are thousands apart."""
    gap = rng.uniform(1500.0, 3000.0)
    cross_entropy_agrees(student, np.array([[0.0, gap, -gap]]), np.array([0]))


@checks("cross_entropy", kind="robustness", share=MORE_THAN_HALF)
def test_ce_gap(student, rng):
    """If the right token's logit is a few hundred below the largest one, the loss is that gap, in nats."""
    # With logits in this range, exp overflows, even though the probability is still above 0.
    cross_entropy_agrees(student, np.array([[rng.uniform(715.0, 735.0), 0.0]]), np.array([1]))


@checks("cross_entropy", kind="robustness", share=MORE_THAN_HALF)
def test_ce_one_token(student, rng):
    """If the vocabulary has only one token, every guess is right and the loss is 0."""
    cross_entropy_agrees(student, rng.normal(size=(3, 1)), np.array([0, 0, 0]))


@checks("cross_entropy", kind="robustness", conduct=True)
def test_ce_range(student, rng):
    """A target id that's negative or past the end of the vocabulary raises an error."""
    logits = np.array([[0.5, -1.0, 2.0, 0.0, 1.5], [1.0, 0.0, -2.0, 3.0, 0.5], [0.0, 0.25, 1.0, -1.0, -0.5]])
    raises(student.cross_entropy, logits, np.array([2, 5, 0]), error=OUT_OF_RANGE)
    raises(student.cross_entropy, logits, np.array([2, -1, 0]), error=OUT_OF_RANGE)
    raises(student.cross_entropy, logits, np.array([2, -100, 0]), error=OUT_OF_RANGE)


@checks("cross_entropy", kind="robustness", conduct=True)
def test_ce_lengths(student, rng):
    """A batch with fewer or more targets than rows raises an error."""
    logits = np.array([[0.5, -1.0, 2.0, 0.0], [1.0, 0.0, -2.0, 3.0], [0.0, 0.25, 1.0, -1.0]])
    raises(student.cross_entropy, logits, np.array([2, 1]), error=OUT_OF_RANGE)
    raises(student.cross_entropy, logits, np.array([2, 1, 0, 3]), error=OUT_OF_RANGE)


@checks("cross_entropy", kind="robustness", conduct=True)
def test_ce_one_target(student, rng):
    """A single target for several rows raises an error instead of being broadcast."""
    logits = np.array([[0.5, -1.0, 2.0, 0.0], [1.0, 0.0, -2.0, 3.0], [0.0, 0.25, 1.0, -1.0]])
    raises(student.cross_entropy, logits, np.array([2]), error=OUT_OF_RANGE)


@checks("cross_entropy", kind="robustness", conduct=True)
def test_ce_column(student, rng):
    """Targets in a column instead of a flat array raise an error."""
    logits = np.array([[0.5, -1.0, 2.0, 0.0], [1.0, 0.0, -2.0, 3.0], [0.0, 0.25, 1.0, -1.0]])
    raises(student.cross_entropy, logits, np.array([[2], [3], [0]]), error=OUT_OF_RANGE)


@checks("cross_entropy", kind="robustness", conduct=True)
def test_ce_pure(student, rng):
    """The logits and targets you're given aren't modified."""
    leaves_unchanged(student.cross_entropy, rng.normal(size=(3, 4)), np.array([2, 0, 3]))


@checks("cross_entropy", kind="robustness", conduct=True)
def test_ce_repeatable(student, rng):
    """A second call with the same batch gives the same loss."""
    repeatable(student.cross_entropy, rng.normal(size=(3, 4)), np.array([2, 0, 3]))


# --- next_token_pairs ---


@checks("next_token_pairs", kind="hidden", share=HALF)
def test_p_fresh(student, rng):
    """A new text is cut into windows, each starting one token after the start of the previous one."""
    token_ids = rng.choice(5_000, size=11, replace=False)
    pairs_agree(student, token_ids, 4)


@checks("next_token_pairs", kind="hidden", share=HALF)
def test_p_square(student, rng):
    """Even if the number of windows equals the context length, each window is a row."""
    pairs_agree(student, rng.choice(5_000, size=8, replace=False), 4)


@checks("next_token_pairs", kind="hidden", share=HALF)
def test_p_min(student, rng):
    """A text that's one token longer than the context gives exactly one window."""
    pairs_agree(student, rng.choice(5_000, size=7, replace=False), 6)


@checks("next_token_pairs", kind="hidden", share=HALF)
def test_p_one(student, rng):
    """If the context is one token, each token is paired with the next one."""
    pairs_agree(student, rng.choice(5_000, size=6, replace=False), 1)


@checks("next_token_pairs", kind="hidden", share=HALF)
def test_p_notinc(student, rng):
    """Targets come from the text, not from arithmetic on the ids."""
    pairs_agree(student, np.array([4, 4, 1]), 2)
    pairs_agree(student, np.array([4, 4, 1]), 1)


@checks("next_token_pairs", kind="hidden", share=HALF)
def test_p_int(student, rng):
    """Your function returns token ids as integers."""
    pairs_agree(student, np.array([50, 8, 12, 3, 77]), 3)


@checks("next_token_pairs", kind="robustness", share=HALF)
def test_p_big_ids(student, rng):
    """Ids from a large vocabulary come back unchanged."""
    pairs_agree(student, np.array([199_998, 70_001, 65_536, 131_072, 199_997]), 2)


@checks("next_token_pairs", kind="robustness", conduct=True)
def test_p_short(student, rng):
    """If a text is exactly as long as the context, there's no next token to learn from, so your function raises
    ValueError."""
    raises(student.next_token_pairs, np.array([6, 2, 9]), 3)


@checks("next_token_pairs", kind="robustness", conduct=True)
def test_p_shorter(student, rng):
    """A text shorter than the context raises ValueError."""
    raises(student.next_token_pairs, np.array([6, 2]), 4)


@checks("next_token_pairs", kind="robustness", conduct=True)
def test_p_pure(student, rng):
    """The text you're given isn't modified."""
    leaves_unchanged(student.next_token_pairs, np.array([50, 8, 12, 3, 77]), 2)


@checks("next_token_pairs", kind="robustness", conduct=True)
def test_p_repeatable(student, rng):
    """A second call with the same text gives the same windows."""
    repeatable(student.next_token_pairs, np.array([50, 8, 12, 3, 77]), 2)


# --- perplexity ---


@checks("perplexity", kind="hidden")
def test_pp_zero(student, rng):
    """If a model is always certain and right, its perplexity is 1."""
    agree(student.perplexity, loss.perplexity, 0.0)


@checks("perplexity", kind="hidden")
def test_pp_fresh(student, rng):
    """For typical losses of a few nats, your perplexity agrees with torch's."""
    # A result rounded to two decimals is often close enough to pass, but not ten times.
    for mean_nll in rng.uniform(1.5, 4.0, size=10):
        agree(student.perplexity, loss.perplexity, float(mean_nll))


@checks("perplexity", kind="hidden")
def test_pp_near_one(student, rng):
    """A small loss gives a perplexity between 1 and 2, and it isn't rounded."""
    for mean_nll in rng.uniform(0.45, 0.65, size=3):
        agree(student.perplexity, loss.perplexity, float(mean_nll))


@checks("perplexity", kind="robustness")
def test_pp_large(student, rng):
    """Perplexity isn't capped, even if a hopeless model's loss is as high as 85 nats."""
    for most in (15.0, 35.0, 85.0):
        agree(student.perplexity, loss.perplexity, float(rng.uniform(most - 4.0, most)))


@checks("perplexity", kind="robustness")
def test_pp_whole(student, rng):
    """A loss that's an integer works, too."""
    agree(student.perplexity, loss.perplexity, 2)


@checks("perplexity", kind="robustness", conduct=True)
def test_pp_repeatable(student, rng):
    """A second call with the same loss gives the same perplexity."""
    repeatable(student.perplexity, 1.25)
