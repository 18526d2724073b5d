"""Visible checks of the `loss` lab."""

import numpy as np

from autograder.testing import agree, agree_values, checks, example, leaves_unchanged, raises, repeatable
from reference import loss

# The share of the credit that an answer gets if it's right except for its shape or a convention.
HALF, MORE_THAN_HALF = 0.5, 0.6

# The lesson's guesses after "The cat sat on the": floor, mat, table, and all other words together.
GUESSES = np.array([0.30, 0.25, 0.20, 0.25])
FLOOR, MAT, TABLE, OTHER = range(4)
# A batch of three guesses over a vocabulary of four tokens.
THREE_ROWS = np.array([[0.5, -1.0, 2.0, 0.0], [1.5, 0.0, -2.0, 3.0], [0.0, 0.25, 1.0, -1.0]])
OUT_OF_RANGE = (ValueError, IndexError)


def sales(*signs):
    """Return a function that draws predicted and true prices. The signs say whether a prediction is too low (-1),
    exactly right (0) or too high (1)."""

    def draw(rng):
        predicted = rng.integers(100, 500, len(signs)) * 1000.0
        return predicted, predicted - signs * rng.integers(4, 40, len(signs)) * 1000.0

    return draw


def guesses(rng):
    return rng.dirichlet(np.full(4, 2.0))


def one_probability_and_three_rests(rng):
    right = rng.uniform(0.1, 0.6)
    return [[right, *(1.0 - right) * rng.dirichlet(np.full(words, 2.0))] for words in (1, 2, 3)]


def undecided(least, most):
    """Return a function that draws three rows of equal logits over a vocabulary of `least` to `most` tokens."""

    def draw(rng):
        words = rng.integers(least, most, endpoint=True)
        return np.repeat(rng.normal(size=(3, 1)), words, axis=1), rng.integers(words, size=3)

    return draw


def text(rng, *ids):
    """Return these token ids.

    When fresh numbers are requested, return different ids that rise, fall and repeat in the same places.
    """
    distinct, ranks = np.unique(ids, return_inverse=True)
    return example(rng, np.array(ids), lambda rng: np.sort(rng.choice(500, len(distinct), replace=False))[ranks])


def listed(numbers, unit=""):
    """Return a curve's first two numbers and its last one, as text."""
    first, second, *_, last = [f"{number:.3g}{unit}" for number in numbers]
    return f"{first}, {second}, … {last}"


def mse_agrees(student, y_pred, y_true):
    """Require the mean. Give partial credit for the sum, or for half the mean or half the sum, which some books use."""
    conventions = [lambda mean: mean * y_true.size, lambda mean: mean / 2, lambda mean: mean * y_true.size / 2]
    agree(student.mse_loss, loss.mse_loss, y_pred, y_true, apart_from=conventions)


def in_bits(nats):
    return nats / np.log(2)


def in_base_10(nats):
    return nats / np.log(10)


def surprisal_agrees(student, probs, target):
    """Require nats. Give partial credit for the right loss in bits, or with a base-10 logarithm."""
    agree(student.surprisal, loss.surprisal, probs, target, apart_from=[in_bits, in_base_10])


def cross_entropy_agrees(student, logits, targets):
    """Require the mean in nats. Give partial credit for the sum of the same losses, or the mean in a different unit."""
    conventions = [lambda mean: mean * len(targets), in_bits, in_base_10]
    agree(student.cross_entropy, loss.cross_entropy, logits, targets, apart_from=conventions)


def pairs_agree(student, token_ids, context_length):
    """Require every window. Give partial credit if only the first or the last window is missing."""
    edges = [lambda pairs: tuple(each[:-1] for each in pairs), lambda pairs: tuple(each[1:] for each in pairs)]
    agree(student.next_token_pairs, loss.next_token_pairs, token_ids, context_length, apart_from=edges)


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_one_house(student, rng):
    """For a single house, predicted at 300,000 dollars and sold for 310,000, the loss is 100,000,000 USD²."""
    mse_agrees(student, *example(rng, (np.array([1500.0 * 200.0]), np.array([310_000.0])), sales(-1)))


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_known(student, rng):
    """If one prediction is 10,000 dollars too low and the other is exactly right, the loss is 50,000,000 USD²."""
    houses = np.array([300_000.0, 100_000.0]), np.array([310_000.0, 100_000.0])
    mse_agrees(student, *example(rng, houses, sales(-1, 0)))


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_three_houses(student, rng):
    """Errors of -10,000, +5,000 and +20,000 dollars don't cancel each other out: the loss is 175,000,000 USD²."""
    houses = np.array([300_000.0, 165_000.0, 440_000.0]), np.array([310_000.0, 160_000.0, 420_000.0])
    mse_agrees(student, *example(rng, houses, sales(-1, 1, 1)))


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_curve(student, rng):
    """If the true value is 3, the losses of predictions from 1 to 5 form a parabola: doubling the error quadruples the
    loss."""
    right = example(rng, 3.0, lambda rng: float(rng.integers(4, 30)))
    predictions = right + np.linspace(-2.0, 2.0, 9)
    losses = [student.mse_loss(np.array([each]), np.array([right])) for each in predictions]
    what = f"the losses of the predictions {listed(predictions)}, where {right:g} is right"
    agree_values(losses, (predictions - right) ** 2, what)


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_tables(student, rng):
    """For 2-D arrays, the loss is a single number: the mean over all the elements, not one mean per row or column."""
    for shape in ((3, 2), (2, 2), (1, 5)):
        mse_agrees(student, rng.normal(size=shape), rng.normal(size=shape))


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_tiny(student, rng):
    """Perfect predictions have a loss of 0. The loss isn't rounded: errors of a thousandth give a loss of a
    millionth."""
    # The random values are drawn so that adding the error to the true values is exact in float32.
    y_true = example(rng, np.array([4.0, -2.0, 7.0]), lambda rng: rng.integers(2, 9, 3) * [1.0, -1.0, 1.0])
    for error in (0.0, example(rng, 0.001, lambda rng: rng.integers(1, 4) / 1024)):
        mse_agrees(student, y_true + error, y_true)


@checks("mse_loss", weight=0.42, share=MORE_THAN_HALF)
def test_mse_whole_numbers(student, rng):
    """Errors aren't rounded, even if predictions are integers, such as 300 for a true value of 310.5."""
    predicted = example(rng, np.array([300, 100]))
    for y_true in example(rng, (np.array([310.5, 99.25]), np.array([310, 100]))):
        mse_agrees(student, predicted, y_true)


@checks("mse_loss", weight=0.42, conduct=True)
def test_mse_column_and_row(student, rng):
    """A column of three predictions and a row of three true values raise ValueError instead of giving a 3 × 3 table of
    errors."""
    column_and_row = np.array([[300.0], [165.0], [440.0]]), np.array([310.0, 160.0, 420.0])
    raises(student.mse_loss, *example(rng, column_and_row))


@checks("mse_loss", weight=0.42, conduct=True)
def test_mse_other_shapes(student, rng):
    """One or two true values for three predictions, a flat array for a 2-D one, or a 3 × 2 array for a 2 × 3 one,
    raise ValueError as well."""
    for y_true in ([310.0], [310.0, 160.0]):
        raises(student.mse_loss, *example(rng, (np.array([300.0, 165.0, 440.0]), np.array(y_true))))
    table_and_list = np.array([[300.0, 165.0], [440.0, 150.0]]), np.array([310.0, 160.0, 420.0, 155.0])
    raises(student.mse_loss, *example(rng, table_and_list))
    wide = np.array([[300.0, 165.0, 440.0], [150.0, 225.0, 390.0]])
    tall = np.array([[310.0, 160.0], [420.0, 155.0], [230.0, 385.0]])
    raises(student.mse_loss, *example(rng, (wide, tall)))


@checks("mse_loss", weight=0.42, conduct=True)
def test_mse_unchanged(student, rng):
    """Your function doesn't change the arrays it's given, and gives the same loss when it's called again."""
    for examine in (leaves_unchanged, repeatable):
        examine(student.mse_loss, *example(rng, (np.array([300.0, 165.0]), np.array([310.0, 160.0]))))


@checks("surprisal", weight=0.6, share=HALF)
def test_s_lesson(student, rng):
    """If "mat" is right and was given a probability of 25%, the loss is 1.3863 nats."""
    surprisal_agrees(student, example(rng, GUESSES, guesses), MAT)


@checks("surprisal", weight=0.6, share=HALF)
def test_s_every_word(student, rng):
    """If a different word is right, that word's probability determines the loss."""
    probs = example(rng, GUESSES, guesses)
    for target in (FLOOR, TABLE, OTHER):
        surprisal_agrees(student, probs, target)


@checks("surprisal", weight=0.6, share=HALF)
def test_s_curve(student, rng):
    """The loss falls from 2.9957 nats at 5% to 0.0513 nats at 95%, steeply at first."""
    probabilities = example(
        rng, np.linspace(0.05, 0.95, 10), lambda rng: np.linspace(0.0, 0.9, 10) + rng.choice([0.02, 0.03, 0.07, 0.08])
    )
    losses = [student.surprisal(np.array([each, 1.0 - each]), 0) for each in probabilities]
    what = f"the losses at {listed(100 * probabilities, '%')} for the right word"
    agree_values(losses, -np.log(probabilities), what)


@checks("surprisal", weight=0.6, share=HALF)
def test_s_impossible(student, rng):
    """If the right word was given probability 0, the loss is inf. If it was given probability 1e-30, the loss is 69.08
    nats."""
    others = example(rng, [0.75, 0.25], lambda rng: rng.dirichlet([2.0, 2.0]).tolist())
    for probability in (0.0, example(rng, 1e-30, lambda rng: 10.0 ** -rng.uniform(20.0, 35.0))):
        surprisal_agrees(student, np.array([*others, probability]), 2)


@checks("surprisal", weight=0.6, share=HALF)
def test_s_100_percent(student, rng):
    """If the right word was given 100%, the loss is 0, even if the vocabulary has only that word. At 99%, the loss is
    0.0101 nats."""
    others = example(rng, 2, lambda rng: int(rng.integers(3, 9)))
    rest = example(rng, 0.01, lambda rng: rng.uniform(0.005, 0.05))
    for probs in ([0.0] * others + [1.0], [1.0], [rest, 1.0 - rest]):
        surprisal_agrees(student, np.array(probs), len(probs) - 1)


@checks("surprisal", weight=0.6, share=HALF)
def test_s_rest(student, rng):
    """If the right word was given 25%, the loss is 1.3863 nats, no matter how the other words share the remaining
    75%."""
    shown = [[0.25, 0.75], [0.25, 0.45, 0.30], [0.25, 0.25, 0.25, 0.25]]
    for probs in example(rng, shown, one_probability_and_three_rests):
        surprisal_agrees(student, np.array(probs), 0)


@checks("surprisal", weight=0.6, conduct=True)
def test_s_unchanged(student, rng):
    """Your function leaves the probabilities unchanged, even zeros, and a second call gives the same loss."""
    probs = example(rng, np.array([0.75, 0.0, 0.25]), lambda rng: np.insert(rng.dirichlet([2.0, 2.0]), 1, 0.0))
    for examine in (leaves_unchanged, repeatable):
        examine(student.surprisal, probs, 2)


@checks("cross_entropy", weight=0.8, share=MORE_THAN_HALF)
def test_ce_uniform(student, rng):
    """Ten equal logits in every row give a loss of ln 10 = 2.3026 nats, and a hundred give ln 100 = 4.6052 nats, no
    matter which token is right."""
    ten, hundred = (np.zeros((3, 10)), np.array([7, 0, 4])), (np.zeros((3, 100)), np.array([99, 0, 64]))
    cross_entropy_agrees(student, *example(rng, ten, undecided(11, 39)))
    cross_entropy_agrees(student, *example(rng, hundred, undecided(101, 199)))


@checks("cross_entropy", weight=0.8, share=MORE_THAN_HALF)
def test_ce_by_hand(student, rng):
    """If the correct token has probability 3/4 in one row and 1/4 in the other, the mean loss is 0.8370 nats."""
    logits = np.array([[np.log(3.0), 0.0], [np.log(3.0), 0.0]])
    cross_entropy_agrees(student, example(rng, logits), np.array([0, 1]))


@checks("cross_entropy", weight=0.8, share=MORE_THAN_HALF)
def test_ce_random(student, rng):
    """Your loss agrees with torch's for batches of any shape, from a single row to seven rows."""
    for width, targets in ((5, [3, 0, 4, 4, 1, 2, 0]), (6, [5, 1]), (3, [2, 0, 2]), (4, [1]), (1, [0, 0])):
        cross_entropy_agrees(student, rng.normal(size=(len(targets), width)), np.array(targets))


@checks("cross_entropy", weight=0.8, share=MORE_THAN_HALF)
def test_ce_curve(student, rng):
    """The further ahead the right token's logit is, the lower the loss, which never falls below 0."""
    most = example(rng, 4.0, lambda rng: rng.choice([2.0, 3.0, 5.0, 6.0]))
    leads = np.linspace(-most, most, 9)
    losses = [student.cross_entropy(np.array([[each, 0.0]]), np.array([0])) for each in leads]
    what = f"the losses when the right token's logit leads by {listed(leads)}"
    agree_values(losses, np.log1p(np.exp(-leads)), what)


@checks("cross_entropy", weight=0.8, share=MORE_THAN_HALF)
def test_ce_confident(student, rng):
    """For a confident wrong guess, the loss in nats is the gap between its logit and the right token's, even if that's
    2000. If the model is certain and right, the loss is 0."""
    scale = example(rng, 1.0, lambda rng: rng.uniform(1.0, 1.5))
    for logits, target in (([710.0, 0.0], 1), ([1000.0, 0.0], 1), ([2000.0, 0.0, -2000.0], 1), ([1000.0, 0.0], 0)):
        cross_entropy_agrees(student, scale * np.array([logits]), np.array([target]))


@checks("cross_entropy", weight=0.8, share=MORE_THAN_HALF)
def test_ce_rows_apart(student, rng):
    """Only the gaps between a row's logits matter, so a batch can mix rows around 0 with rows around 5000."""
    # These are whole numbers, which stay exact when 5000 is added in float32. Rounding to float32 doesn't affect the
    # losses.
    row = example(rng, np.array([0.0, 1.0, 3.0]), lambda rng: rng.integers([0, 1, 4], [2, 3, 10]) * 1.0)
    cross_entropy_agrees(student, np.array([row, row + 100.0]), np.array([2, 0]))
    cross_entropy_agrees(student, np.array([row, row + 5000.0]), np.array([1, 0]))


@checks("cross_entropy", weight=0.8, conduct=True)
def test_ce_no_such_token(student, rng):
    """A target of -1 or -100, or one past the end of the vocabulary, raises ValueError (IndexError is fine too)."""
    logits = example(rng, THREE_ROWS)
    for target in (-1, -100, 4):
        raises(student.cross_entropy, logits, np.array([1, target, 0]), error=OUT_OF_RANGE)


@checks("cross_entropy", weight=0.8, conduct=True)
def test_ce_other_shapes(student, rng):
    """For three rows, anything but a flat array of three targets raises ValueError (IndexError is fine too)."""
    logits = example(rng, THREE_ROWS)
    for targets in ([2], [2, 1], [2, 1, 0, 3], [[2], [1], [0]]):
        raises(student.cross_entropy, logits, np.array(targets), error=OUT_OF_RANGE)


@checks("cross_entropy", weight=0.8, conduct=True)
def test_ce_unchanged(student, rng):
    """Your function doesn't change the logits or targets, and gives the same loss when it's called again."""
    for examine in (leaves_unchanged, repeatable):
        examine(student.cross_entropy, example(rng, THREE_ROWS), np.array([1, 3, 0]))


@checks("next_token_pairs", weight=0.35, share=HALF)
def test_p_lesson(student, rng):
    """If the context is five tokens, "The cat sat on the mat" is one window, whose targets are "cat sat on the mat"."""
    the_cat_sat_on_the_mat = text(rng, 11, 42, 7, 30, 5, 19)
    pairs_agree(student, the_cat_sat_on_the_mat, 5)


@checks("next_token_pairs", weight=0.35, share=HALF)
def test_p_shape(student, rng):
    """Eight tokens and a context of three give two arrays of shape (5, 3)."""
    pairs_agree(student, text(rng, 31, 4, 15, 92, 65, 35, 89, 79), 3)


@checks("next_token_pairs", weight=0.35, share=HALF)
def test_p_vals(student, rng):
    """Every target is the next token in the text, even where the ids go down or repeat."""
    pairs_agree(student, text(rng, 9, 7, 7, 4, 2, 2, 0), 2)


@checks("next_token_pairs", weight=0.35, share=HALF)
def test_p_windows_are_rows(student, rng):
    """Each window is a row, even if the context is one token or the number of windows equals the context length."""
    for context_length in (1, 3):
        pairs_agree(student, text(rng, 14, 3, 8, 3, 27, 6), context_length)


@checks("next_token_pairs", weight=0.35, share=HALF)
def test_p_large_ids(student, rng):
    """Ids from a vocabulary of 200,000 tokens come out unchanged."""
    ids = np.array([65_537, 199_999, 70_000, 32_768, 150_000])
    pairs_agree(student, example(rng, ids, lambda rng: rng.integers(65_537, 200_000, 5)), 3)


@checks("next_token_pairs", weight=0.35, conduct=True)
def test_p_too_short(student, rng):
    """A text that's no longer than the context has no next token to predict, so your function raises ValueError."""
    for ids in ([11, 42], [11, 42, 7]):
        raises(student.next_token_pairs, text(rng, *ids), 3)


@checks("next_token_pairs", weight=0.35, conduct=True)
def test_p_unchanged(student, rng):
    """Your function doesn't change the text it's given, and gives the same windows when it's called again."""
    for examine in (leaves_unchanged, repeatable):
        examine(student.next_token_pairs, text(rng, 11, 42, 7, 30), 2)


@checks("perplexity", weight=0.3)
def test_pp_uniform(student, rng):
    """A mean loss of ln 50,000 gives a perplexity of 50,000, as if 50,000 tokens were equally likely."""
    agree(student.perplexity, loss.perplexity, example(rng, float(np.log(50_000))))


@checks("perplexity", weight=0.3)
def test_pp_quarter(student, rng):
    """The lesson's loss of -ln 0.25 = 1.3863 nats gives a perplexity of 4, like a choice among four words."""
    agree(student.perplexity, loss.perplexity, example(rng, float(-np.log(0.25))))


@checks("perplexity", weight=0.3)
def test_pp_curve(student, rng):
    """Each extra half nat of loss multiplies the perplexity by 1.65, from 1 at a loss of 0 to 54.6 at a loss of 4."""
    losses = np.linspace(0.0, example(rng, 4.0, lambda rng: rng.choice([2.0, 3.0, 5.0, 6.0])), 9)
    choices = [student.perplexity(float(each)) for each in losses]
    agree_values(choices, np.exp(losses), f"the perplexities of the mean losses {listed(losses)}")


@checks("perplexity", weight=0.3)
def test_pp_hopeless(student, rng):
    """Perplexity has no upper limit: it's 162,755 at 12 nats, ten trillion at 30 nats, and far larger at 80 nats."""
    # Up to a loss of 88 nats, the perplexity fits in a float32.
    for mean_nll in example(rng, [12.0, 30.0, 80.0], lambda rng: rng.uniform([9, 20, 60], [14, 40, 85]).tolist()):
        agree(student.perplexity, loss.perplexity, mean_nll)


@checks("perplexity", weight=0.3)
def test_pp_int(student, rng):
    """The loss can be an int: a loss of 0 nats gives a perplexity of 1, and a loss of 1 nat gives 2.718."""
    for mean_nll in example(rng, (0, 1), lambda rng: (0, int(rng.integers(2, 9)))):
        agree(student.perplexity, loss.perplexity, mean_nll)
