"""Wrong answers to the `softmax` lab's stubs: a catalog to search by name, not to read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- softmax ---


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You divide the scores themselves by their sum, so negative scores can give negative results. Softmax first "
    "makes every score positive. See the formula in part 1.",
)
def divides_by_sum_of_scores(logits, axis=-1):
    return logits / logits.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You drop the minus signs before you divide, so a very low score counts as much as a very high one. "
    "Softmax makes scores positive and keeps their order. See the formula in part 1.",
)
def shares_of_absolute_scores(logits, axis=-1):
    sizes = np.abs(logits)
    return sizes / sizes.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You shift the scores so that the smallest is 0, and divide by the sum. Softmax uses the exponentials of the "
    "scores, so no finite score gets a probability of exactly 0. See the formula in part 1.",
)
def shares_above_the_minimum(logits, axis=-1):
    above = logits - logits.min(axis=axis, keepdims=True)
    return above / above.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You squash each score separately (with a sigmoid), so the results don't sum to 1. In softmax, each "
    "probability depends on all the scores in its row.",
)
def sigmoid_per_element(logits, axis=-1):
    return 1 / (1 + np.exp(-logits))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You take the exponentials, but they don't sum to 1 yet. Divide each one by their sum.",
)
def exponentials_without_total(logits, axis=-1):
    return np.exp(logits)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The largest value in each row comes out as 1, because you only subtract the maximum, or divide by the "
    "largest exponential. You still have to divide by the sum.",
)
def divides_by_the_largest(logits, axis=-1):
    return np.exp(logits - logits.max(axis=axis, keepdims=True))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Your result is a unit vector: the squares of its entries sum to 1. The probabilities themselves have to sum "
    "to 1, so check what you divide by.",
)
def unit_length_vector(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / np.sqrt((exponentials**2).sum(axis=axis, keepdims=True))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You use powers of 2, but softmax uses powers of e. With 2, the differences between scores have too little "
    "effect.",
)
def base_2(logits, axis=-1):
    powers = 2.0 ** (logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You use powers of 10, but softmax uses powers of e. With 10, the differences between scores have too much "
    "effect.",
)
def base_10(logits, axis=-1):
    powers = 10.0 ** (logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The sign is flipped: the lowest score gets the highest probability. Check the exponent.",
)
def softmin(logits, axis=-1):
    exponentials = np.exp(-(logits - logits.min(axis=axis, keepdims=True)))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You give all the probability to the highest score. Softmax doesn't pick a winner: every score gets a "
    "share, and the sampler does the picking.",
    taught=True,
)
def picks_the_largest(logits, axis=-1):
    return (logits == logits.max(axis=axis, keepdims=True)).astype(float)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You apply softmax to numbers that are already probabilities, which flattens them. Apply it only once.",
)
def softmax_twice(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    exponentials = np.exp(probs)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You return the logarithms of the probabilities (they're negative). Return the probabilities themselves. "
    "You'll take their logarithms in part 2.",
)
def log_probabilities(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You return percentages, which sum to 100. Probabilities sum to 1.",
)
def percentages(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return 100 * exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You round the probabilities. Return them unrounded. Otherwise, the probabilities of rare words become 0, and "
    "the sum may no longer be 1.",
)
def rounded_to_percents(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.round(exponentials / exponentials.sum(axis=axis, keepdims=True), 2)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You divide the scores by their standard deviation first, so you can't tell confident rows from uncertain "
    "ones. You can shift the scores without changing the result, but you can't rescale them.",
)
def divided_by_their_spread_first(logits, axis=-1):
    scaled = (logits - logits.mean(axis=axis, keepdims=True)) / (logits.std(axis=axis, keepdims=True) + 1e-8)
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="The exponential of a large score overflows, or the exponential of a very negative one becomes 0, before you "
    "divide. Shift each row first, by a number that makes overflow impossible. See the warning about large scores in "
    "part 1.",
    taught=True,
)
def no_maximum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You shift each row by its mean or a similar number, which leaves large exponents if one score is far above "
    "the others. Which number in the row can you subtract so that no exponent is above 0?",
)
def mean_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - logits.mean(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You shift each row by its minimum, so no exponent is below 0, and rows whose scores are far apart overflow. "
    "The exponents should be 0 or below.",
)
def minimum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - logits.min(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You subtract the maximum of the whole array from every row. In a row far below that maximum, everything "
    "becomes 0, and you divide 0 by 0. Each row needs its own maximum.",
    taught=True,
)
def global_maximum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - logits.max())
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You clip the scores to avoid overflow, so different large scores become equal. A shift avoids overflow "
    "without changing any result.",
)
def clips_scores(logits, axis=-1):
    exponentials = np.exp(np.clip(logits, -50, 50))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"least": (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)},
    hint="You add a small number to every probability or exponential, or clip them at a small minimum. That drowns out "
    "very small probabilities and gives a ruled-out word a probability above 0. If you shift the scores first, you "
    "never divide by zero, and you don't need to add anything.",
)
def adds_a_small_number(logits, axis=-1, *, least):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.maximum(exponentials / exponentials.sum(axis=axis, keepdims=True), least)


@misconception(
    of="softmax",
    kind="edge",
    hint="You always use the same axis, the last one or axis 1, instead of the one you're given. Pass axis to every "
    "max and every sum.",
    taught=True,
)
def always_the_last_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# Axis 1 and the last axis share a hint, because they're the same axis in a two-dimensional array.
@misconception(
    of="softmax",
    kind="edge",
    hint="You always use the same axis, the last one or axis 1, instead of the one you're given. Pass axis to every "
    "max and every sum.",
    taught=True,
)
def axis_1_for_every_batch(logits, axis=-1):
    one = 0 if logits.ndim == 1 else 1
    exponentials = np.exp(logits - logits.max(axis=one, keepdims=True))
    return exponentials / exponentials.sum(axis=one, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You always use the first axis instead of the one you're given, so the columns sum to 1 instead of the rows.",
)
def always_the_first_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=0, keepdims=True))
    return exponentials / exponentials.sum(axis=0, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You sum over the whole array, so all the rows together sum to 1. Each row needs its own sum.",
    any_of={"maximum": ("of_all", "of_each_row")},
    taught=True,
)
def total_of_the_whole_array(logits, axis=-1, *, maximum):
    exponentials = np.exp(logits - (logits.max() if maximum == "of_all" else logits.max(axis=axis, keepdims=True)))
    return exponentials / exponentials.sum()


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You don't keep the axis when you sum, so numpy lines the sums up with the columns instead of the rows. With "
    "a square batch, the result is silently wrong; with any other batch, you get an error. np.sum has an option that "
    "keeps the axis.",
    any_of={"shifted": (True, False)},
    taught=True,
)
def totals_lose_their_axis(logits, axis=-1, *, shifted):
    exponentials = np.exp(logits - (logits.max(axis=axis, keepdims=True) if shifted else 0.0))
    return exponentials / exponentials.sum(axis=axis)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You don't keep the axis when you take the maxima and sums, so numpy lines them up with the columns instead "
    "of the rows. With a square batch, the result is silently wrong; with any other batch, you get an error. np.max "
    "and np.sum have an option that keeps the axis.",
    taught=True,
)
def maxima_and_totals_lose_their_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis))
    return exponentials / exponentials.sum(axis=axis)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You don't keep the axis when you take the maxima, so numpy lines them up with the columns instead of the "
    "rows. With a square batch, the result is silently wrong; with any other batch, you get an error. np.max has an "
    "option that keeps the axis.",
    taught=True,
)
def maxima_lose_their_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"wrong": ("total", "maximum")},
    hint="You use the axis you're given for either the maximum or the sum, but not both; for the other, you always use "
    "the last axis. Use the axis you're given for both the maximum and the sum.",
)
def axis_used_only_once(logits, axis=-1, *, wrong):
    exponentials = np.exp(logits - logits.max(axis=-1 if wrong == "maximum" else axis, keepdims=True))
    return exponentials / exponentials.sum(axis=-1 if wrong == "total" else axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"gives": ("zero", "one", "equal_shares")},
    hint="You let the exponentials overflow and patch the result, for example by replacing NaN. By then you can't tell "
    "which score was the largest. Shift the scores before you take exponentials, and there's nothing to patch.",
)
def overflow_patched_afterward(logits, axis=-1, *, gives):
    exponentials = np.exp(np.asarray(logits, dtype=float))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    fill = {"zero": 0.0, "one": 1.0, "equal_shares": 1.0 / logits.shape[axis]}[gives]
    return np.where(np.isnan(probs), fill, probs)


@misconception(
    of="softmax",
    kind="edge",
    hint="You take the logarithm of the sum and subtract it, which is fine on paper, but the exponentials in that sum "
    "still overflow or become 0. Shift the scores first.",
    taught=True,
)
def exponential_of_an_overflowing_logarithm(logits, axis=-1):
    return np.exp(logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True)))


@misconception(
    of="softmax",
    kind="edge",
    hint="You subtract an absolute value from each row, such as the largest absolute value in that row. If the scores "
    "are very negative, that moves them further down instead of up to 0, and everything underflows. Subtract the "
    "largest score itself, sign included.",
)
def largest_absolute_value_subtracted(logits, axis=-1):
    sizes = np.where(np.isfinite(logits), np.abs(logits), 0.0)
    exponentials = np.exp(logits - sizes.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    any_of={"by": ("maximum", "size", "range")},
    hint="You scale the scores before the exponential, by dividing them by their maximum, their magnitude or their "
    "range. That changes the ratios of the probabilities. You can subtract a number from a row, but you can't scale "
    "the row.",
)
def scaled_before_the_exponential(logits, axis=-1, *, by):
    low, high = logits.min(axis=axis, keepdims=True), logits.max(axis=axis, keepdims=True)
    if by == "range":
        scaled = (logits - low) / (high - low)
    else:
        scaled = logits / (high if by == "maximum" else np.abs(logits).max(axis=axis, keepdims=True))
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    any_of={"curve": ("relu", "softplus", "one_less")},
    hint="You make the scores positive with something other than the exponential (a cutoff at 0, a softplus, or the "
    "exponential minus 1) before you divide by the sum. Only the exponential turns differences into ratios.",
)
def shares_of_another_positive_curve(logits, axis=-1, *, curve):
    if curve == "one_less":
        positive = np.expm1(logits - logits.min(axis=axis, keepdims=True))
    else:
        positive = np.maximum(logits, 0.0) if curve == "relu" else np.log1p(np.exp(logits))
    return positive / positive.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Every score has twice the effect it should, maybe because you square the exponentials before dividing, "
    "so the distribution is too sharp.",
)
def squared_exponentials(logits, axis=-1):
    exponentials = np.exp(2.0 * (logits - logits.max(axis=axis, keepdims=True)))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You divide by the mean of the exponentials, so the results add up to the number of words. Divide by their "
    "sum.",
)
def divides_by_the_mean(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.mean(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    any_of={"where": ("above", "below")},
    hint="You shift the scores in the numerator but not in the denominator, or the other way around, so the results "
    "don't sum to 1. The shift only cancels if you apply it to both the numerator and the denominator.",
)
def shifted_only_once(logits, axis=-1, *, where):
    plain, shifted = np.exp(logits), np.exp(logits - logits.max(axis=axis, keepdims=True))
    above, below = (shifted, plain) if where == "above" else (plain, shifted)
    return above / below.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You shift each row by its first score, which leaves large exponents if a later score is far above it. Which "
    "number in the row can you subtract so that no exponent is above 0?",
)
def first_score_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - np.take(logits, [0], axis=axis))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You convert the scores to integers first, so different scores can become equal.",
)
def scores_as_whole_numbers(logits, axis=-1):
    whole = np.trunc(logits)
    exponentials = np.exp(whole - whole.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You compute with 16-bit floats, which keep only about three digits and can't hold large scores. Use float64.",
)
def half_precision(logits, axis=-1):
    half = np.asarray(logits, dtype=np.float16)
    exponentials = np.exp(half - half.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You sum along the axis you're given, but then line up the sums as if that axis were the last one, for "
    "example by transposing or by adding an axis at the end. Keep the axis where it was.",
)
def transposed_to_divide(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return (exponentials.T / exponentials.sum(axis=axis)).T


@misconception(
    of="softmax",
    kind="edge",
    hint="You treat every negative axis as the last one. As in numpy, -2 is the second-to-last axis.",
)
def negative_axis_is_the_last(logits, axis=-1):
    axis = max(axis, -1)
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"digits": (5, 6, 8)},
    hint="You round the probabilities or drop those below some threshold, so rare words get exactly 0. Return every "
    "probability as it is.",
)
def rare_words_get_0(logits, axis=-1, *, digits):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.round(exponentials / exponentials.sum(axis=axis, keepdims=True), digits)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You return the probabilities as one flat list that sums to 1 overall. The result has the shape of the "
    "logits, and each row sums to 1.",
)
def flattened_probabilities(logits, axis=-1):
    exponentials = np.exp(np.ravel(logits) - logits.max())
    return exponentials / exponentials.sum()


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You always use axis 1, but a single row has no axis 1, and for columns it's the wrong axis. Use the axis "
    "you're given.",
)
def always_axis_1(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You move the axis to the end and never move it back, so the axes of your result are in a different order "
    "from those of the logits.",
)
def axis_not_moved_back(logits, axis=-1):
    rows = np.moveaxis(logits, axis, -1)
    exponentials = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="If the logits are integers, your results are integers, too, and every probability below 1 is truncated to 0. "
    "That happens, for example, if you store the results in an array with the logits' dtype. Use a float array.",
)
def result_in_the_type_of_the_logits(logits, axis=-1):
    probs = np.zeros_like(logits)
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs[...] = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return probs


@misconception(
    of="softmax",
    kind="edge",
    any_of={"fill": (0.0, -10.0, -20.0, -50.0, -100.0)},
    hint="You replace minus infinity with an ordinary score, so an impossible token gets a probability above 0. "
    "The exponential of minus infinity is already 0, which is exactly what you want.",
)
def infinity_replaced_by_a_score(logits, axis=-1, *, fill):
    finite = np.where(np.isinf(logits), fill, logits)
    exponentials = np.exp(finite - finite.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="conduct",
    hint="You modify the caller's array of logits along the way. Work on a new array.",
    taught=True,
)
def changes_its_logits(logits, axis=-1):
    logits -= logits.max(axis=axis, keepdims=True)
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    any_of={"added": (1e-3, 1e-2, 1.0)},
    hint="You add a number to the sum, so the probabilities in a row no longer sum to 1. Once the maximum is "
    "subtracted, the sum is at least 1, so you can't divide by 0.",
)
def total_plus_a_number(logits, axis=-1, *, added):
    exponentials = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return exponentials / (exponentials.sum(axis=axis, keepdims=True) + added)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"floor": (-30.0, -20.0, -50.0, -100.0)},
    hint="You clip the shifted scores at a minimum, so all words with scores below that minimum get the same share, "
    "even words at -inf. The exponential of a very negative number is safe as is.",
)
def floor_under_the_shifted_scores(logits, axis=-1, *, floor):
    exponentials = np.exp(np.maximum(logits - logits.max(axis=axis, keepdims=True), floor))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    any_of={"digits": (2, 3, 4)},
    hint="You round the probabilities. Return them unrounded. Otherwise, the probabilities of rare words become 0, and "
    "the sum may no longer be 1.",
)
def rounded_probabilities(logits, axis=-1, *, digits):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.round(exponentials / exponentials.sum(axis=axis, keepdims=True), digits)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"limit": (100.0, 500.0, 700.0), "below_too": (True, False)},
    hint="You clip the scores before the exponential, so those beyond the limit come out equal. Subtract the largest "
    "score instead, which avoids the overflow and changes nothing else.",
)
def clips_scores_at_a_limit(logits, axis=-1, *, limit, below_too):
    exponentials = np.exp(np.clip(logits, -limit if below_too else -np.inf, limit))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="If the largest score is 0 or below, you don't subtract it, so the exponentials of scores around -1000 all "
    "become 0. Subtract the largest score, whether it's positive or negative.",
)
def only_a_positive_maximum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - np.maximum(logits.max(axis=axis, keepdims=True), 0.0))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="You take the maximum along one axis and the sum along another, so a row's scores are shifted by different "
    "amounts, which changes their probabilities. Use the axis you were given for both the maximum and the sum.",
)
def maximum_along_another_axis(logits, axis=-1):
    logits = np.asarray(logits, dtype=float)
    other = 0 if axis in (-1, logits.ndim - 1) else -1
    if logits.ndim == 1:
        other = 0
    exponentials = np.exp(logits - logits.max(axis=other, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="You treat every axis other than 0 as the last one. The axis can also be in the middle, and it can be a "
    "negative number.",
)
def axis_0_or_the_last(logits, axis=-1):
    axis = 0 if axis == 0 else -1
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"maxima": ("kept", "new")},
    hint="You sum along the axis you're given, but then line up the sums as if that axis were the last one, for "
    "example by transposing or by adding an axis at the end. Keep the axis where it was.",
)
def axis_put_back_at_the_end(logits, axis=-1, *, maxima):
    maxima = logits.max(axis=axis)[..., None] if maxima == "new" else logits.max(axis=axis, keepdims=True)
    exponentials = np.exp(logits - maxima)
    return exponentials / exponentials.sum(axis=axis)[..., None]


# --- log_softmax ---


@misconception(
    of="log_softmax",
    kind="edge",
    hint="You take the logarithm of probabilities or exponentials. Values too small for a float become 0, and the "
    "logarithm of 0 is minus infinity. Simplify on paper first: the exponential and the logarithm cancel. See part 2.",
    taught=True,
)
def log_of_softmax(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.log(exponentials / exponentials.sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="There are two problems. Exponentials of large logits overflow, and probabilities too small for a float "
    "become 0, whose logarithm is minus infinity. Shift first, and simplify the logarithm on paper. See part 2.",
    taught=True,
)
def log_of_softmax_without_maximum(logits, axis=-1):
    exponentials = np.exp(logits)
    return np.log(exponentials / exponentials.sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="The exponentials of large logits overflow inside the logarithm, so everything in their row becomes minus "
    "infinity. Subtract each row's maximum first.",
    taught=True,
)
def log_of_the_sum_overflows(logits, axis=-1):
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


SMALL_NUMBER = (
    "You add a small number to the probabilities, or clip them at a small minimum, before you take the logarithm. As a "
    "result, no log-probability can be below that number's logarithm. A token whose logit is 800 below the largest has "
    "a log-probability of about -800. See part 2."
)


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-300, np.finfo(float).tiny)},
    hint=SMALL_NUMBER,
)
@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"epsilon": (1e-6,)},
    hint=SMALL_NUMBER,
    exempt="How many ordinary log-probabilities such a large epsilon changes depends on which logits are drawn.",
)
def log_of_softmax_plus_epsilon(logits, axis=-1, *, epsilon):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.log(exponentials / exponentials.sum(axis=axis, keepdims=True) + epsilon)


@misconception(
    of="log_softmax",
    kind="edge",
    hint="If a probability comes out as 0, you return 0, which is the log-probability of a token that's certain. Avoid "
    "the underflow instead of patching the result. See part 2.",
)
def minus_infinity_replaced_by_0(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    log_probs = np.log(exponentials / exponentials.sum(axis=axis, keepdims=True))
    return np.where(np.isfinite(log_probs), log_probs, 0.0)


@misconception(
    of="log_softmax",
    kind="edge",
    hint="For a token whose probability comes out as 0, you return its shifted logit, but the logarithm of the sum is "
    "still missing there. With the formula in part 2, nothing underflows, so no token is a special case.",
)
def underflow_replaced_by_the_shifted_logit(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=axis, keepdims=True)
    return np.where(probs > 0, np.log(probs), shifted)


@misconception(
    of="log_softmax",
    kind="edge",
    hint="If several tokens share the largest logit, you count only one of them in the sum, for example by leaving out "
    "all of them and then adding 1. Each of them adds 1 to the sum.",
)
def ties_for_the_largest_counted_once(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    others = np.where(shifted < 0, np.exp(shifted), 0.0)
    return shifted - np.log1p(others.sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="convention",
    hint="You use the base-2 logarithm, so the results are in bits. For nats, use the natural logarithm.",
)
def log2_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))) / np.log(2)


@misconception(
    of="log_softmax",
    kind="convention",
    hint="You use the base-10 logarithm. For nats, use the natural logarithm.",
)
def log10_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))) / np.log(10)


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"base": (2.0, 10.0)},
    hint="Only the logarithm of the sum uses base 2 (or some base other than e), so you're mixing two bases. Use the "
    "natural logarithm.",
)
def log2_of_the_sum(logits, axis=-1, *, base):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)) / np.log(base)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You subtract the maximum twice: once in the shift, and again with the logarithm of the sum. "
    "Subtracting it in the shift is enough.",
)
def maximum_subtracted_twice(logits, axis=-1):
    maximum = logits.max(axis=axis, keepdims=True)
    shifted = logits - maximum
    return shifted - (maximum + np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="Every result is off by the row's maximum, maybe because you sum over shifted logits but subtract the "
    "logarithm of the sum from unshifted ones. Use the shifted logits in both places.",
    taught=True,
)
def maximum_missing_once(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return logits - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You only shift the logits so that the largest is 0, as if that token were certain. The logarithm of the "
    "sum is missing.",
)
def log_of_the_sum_missing(logits, axis=-1):
    return logits - logits.max(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You subtract the sum of the logits. The logarithm of a sum isn't the sum of the logarithms.",
)
def sum_of_logs(logits, axis=-1):
    return logits - logits.sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"shifted": (False, True)},
    hint="You divide two logarithms. The logarithm of a quotient is a difference of logarithms.",
)
def quotient_of_logs(logits, axis=-1, *, shifted):
    maximum = logits.max(axis=axis, keepdims=True)
    total = np.log(np.exp(logits - maximum).sum(axis=axis, keepdims=True))
    return (logits - maximum) / total if shifted else logits / (maximum + total)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You average the exponentials instead of summing them, so every result is too high by the logarithm of the "
    "number of words.",
)
def log_of_the_mean(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).mean(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The sign is flipped. Log-probabilities are never above 0 (with the sign flipped, they're the next lab's "
    "loss).",
)
def negative_log_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=axis, keepdims=True)) - shifted


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You return probabilities instead of their logarithms. See the formula in part 2.",
)
def softmax_without_log(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You apply the logarithm and the softmax in the wrong order. Take the logarithm of the probabilities, not of "
    "the logits, which can be negative.",
)
def softmax_of_the_log(logits, axis=-1):
    logs = np.log(logits)
    exponentials = np.exp(logs - logs.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="edge",
    hint="You subtract the maximum of the whole array from every row. In a row far below that maximum, the sum becomes "
    "0, and you take the logarithm of 0. Each row needs its own maximum.",
)
def global_maximum_in_log(logits, axis=-1):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="You always use the same axis, the last one or axis 1, instead of the one you're given. Pass axis to every "
    "max and every sum.",
    taught=True,
)
def log_along_the_last_axis(logits, axis=-1):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You always use the first axis instead of the one you're given, so you normalize columns instead of rows.",
)
def log_along_the_first_axis(logits, axis=-1):
    shifted = logits - logits.max(axis=0, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"maximum": ("of_all", "of_each_row")},
    hint="You sum over the whole array. Each row needs its own sum.",
)
def log_total_of_the_whole_array(logits, axis=-1, *, maximum):
    shifted = logits - (logits.max() if maximum == "of_all" else logits.max(axis=axis, keepdims=True))
    return shifted - np.log(np.exp(shifted).sum())


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You don't keep the axis when you sum, so numpy lines up the sums' logarithms with the columns instead of "
    "the rows. With a square batch, the result is silently wrong; with any other batch, you get an error.",
)
def log_totals_lose_their_axis(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="If the logits are integers, your results are integers, too, and their fractional parts are lost. That "
    "happens, for example, if you store the results in an array with the logits' dtype. Use a float array.",
)
def log_in_the_type_of_the_logits(logits, axis=-1):
    log_probs = np.zeros_like(logits)
    shifted = logits - logits.max(axis=axis, keepdims=True)
    log_probs[...] = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return log_probs


@misconception(
    of="log_softmax",
    kind="conduct",
    hint="You modify the caller's array of logits along the way. Work on a new array.",
    taught=True,
)
def log_changes_its_logits(logits, axis=-1):
    logits -= logits.max(axis=axis, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="You turn minus infinity into an ordinary, very negative number, for example with np.nan_to_num. The "
    "log-probability of a word that's ruled out is -inf, so leave it as it is.",
)
def infinities_made_finite(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.nan_to_num(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"floor": (-30.0, -50.0, -100.0, -700.0)},
    hint="You clip the log-probabilities at a minimum. There's no minimum: a word whose logit is 2000 below the "
    "largest has a log-probability of about -2000.",
)
def floor_under_the_log_probabilities(logits, axis=-1, *, floor):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.maximum(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)), floor)


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"digits": (2, 3)},
    hint="You round the results. Return them unrounded.",
)
def rounded_log_probabilities(logits, axis=-1, *, digits):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.round(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)), digits)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You use log1p for the logarithm of the sum (or add 1 to the sum), as if there were one more word. Take the "
    "logarithm of the sum itself.",
)
def one_added_to_the_sum(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log1p(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"added": (1e-1, 1e-2, 1e-3)},
    hint="You add a number to the sum before you take its logarithm. Once the maximum is subtracted, the sum is at "
    "least 1, so you never take the logarithm of 0.",
)
def a_number_added_to_the_sum(logits, axis=-1, *, added):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True) + added)


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"wrong": ("total", "maximum")},
    hint="You use the axis you're given for either the maximum or the sum, but not both; for the other, you always use "
    "the last axis. Use the axis you're given for both the maximum and the sum.",
)
def log_axis_used_only_once(logits, axis=-1, *, wrong):
    shifted = logits - logits.max(axis=-1 if wrong == "maximum" else axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1 if wrong == "total" else axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You return only the logarithm of the sum. The log-probability of a word is its logit minus that logarithm.",
)
def only_the_logarithm_of_the_sum(logits, axis=-1):
    maximum = logits.max(axis=axis, keepdims=True)
    return maximum + np.log(np.exp(logits - maximum).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"by": ("minimum", "largest_absolute_value", "first")},
    hint="You shift each row by a number that isn't its maximum, such as its minimum, its first value or its largest "
    "absolute value. If a row's logits are far apart or far from 0, the exponentials then overflow or all become 0. "
    "Subtract the maximum.",
)
def shifted_by_another_number(logits, axis=-1, *, by):
    if by == "largest_absolute_value":
        shift = np.where(np.isfinite(logits), np.abs(logits), 0.0).max(axis=axis, keepdims=True)
    elif by == "first":
        shift = np.take(logits, [0], axis=axis)
    else:
        shift = logits.min(axis=axis, keepdims=True)
    return logits - shift - np.log(np.exp(logits - shift).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"sums": ("kept", "lost")},
    hint="You don't keep the axis when you take the maxima, so numpy lines them up with the columns instead of the "
    "rows. With a square batch, the result is silently wrong; with any other batch, you get an error. np.max has an "
    "option that keeps the axis.",
)
def log_maxima_lose_their_axis(logits, axis=-1, *, sums):
    shifted = logits - logits.max(axis=axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=sums == "kept"))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You apply softmax first and then log-softmax to the probabilities, so the gaps between words nearly vanish. "
    "Start from the logits.",
)
def log_softmax_of_softmax(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return probs - np.log(np.exp(probs).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You add the logarithm of the sum, or your parentheses around it are in the wrong place. Subtract it.",
)
def logarithm_of_the_sum_added(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted + np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You subtract the sum of the exponentials. Subtract its logarithm instead.",
)
def sum_without_its_logarithm(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"fill": (0.0, -100.0, -1000.0, -1e4, -1e6, -1e9, -1e10, -1e30)},
    hint="Somewhere, in the logits or in the result, you turn minus infinity into an ordinary number. The "
    "log-probability of a word that's ruled out is -inf, so leave it as it is.",
)
def minus_infinity_replaced_at_the_end(logits, axis=-1, *, fill):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return np.where(np.isneginf(log_probs), fill, log_probs)


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"fill": (0.0, -10.0, -100.0, -1000.0)},
    hint="You replace a logit of minus infinity with an ordinary score, so a ruled-out word gets an ordinary "
    "log-probability. The exponential of minus infinity is already 0, and the log-probability stays -inf.",
)
def ruled_out_words_take_part(logits, axis=-1, *, fill):
    finite = np.where(np.isinf(logits), fill, logits)
    shifted = finite - finite.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"limit": (30.0, 50.0, 100.0, 500.0, 700.0), "after_the_shift": (False, True)},
    hint="You clip the logits, before or after the shift, so those beyond the limit come out equal. Subtracting the "
    "largest logit is enough.",
)
def clipped_logits(logits, axis=-1, *, limit, after_the_shift):
    shifted = logits - logits.max(axis=axis, keepdims=True) if after_the_shift else logits
    clipped = np.clip(shifted, -limit, limit)
    return clipped - np.log(np.exp(clipped).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="You compute with 16-bit floats, which keep only about three digits. Use float64.",
)
def log_in_half_precision(logits, axis=-1):
    half = np.asarray(logits, dtype=np.float16)
    half = half - half.max(axis=axis, keepdims=True)
    return half - np.log(np.exp(half).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="You sum along the axis you're given, but then line up the sums as if that axis were the last one, for "
    "example by transposing or by adding an axis at the end. Keep the axis where it was.",
)
def log_transposed_to_subtract(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return (shifted.T - np.log(np.exp(shifted).sum(axis=axis))).T


@misconception(
    of="log_softmax",
    kind="edge",
    hint="You treat every axis other than 0 as the last one. The axis can also be in the middle, and it can be a "
    "negative number.",
)
def log_axis_0_or_the_last(logits, axis=-1):
    axis = 0 if axis == 0 else -1
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"maxima": ("kept", "new")},
    hint="You sum along the axis you're given, but then line up the sums as if that axis were the last one, for "
    "example by transposing or by adding an axis at the end. Keep the axis where it was.",
)
def log_axis_put_back_at_the_end(logits, axis=-1, *, maxima):
    maxima = logits.max(axis=axis)[..., None] if maxima == "new" else logits.max(axis=axis, keepdims=True)
    shifted = logits - maxima
    return shifted - np.log(np.exp(shifted).sum(axis=axis))[..., None]


# --- softmax_with_temperature ---


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The temperature has no effect: you don't use it, or it cancels out when you divide the results by their sum. "
    "Divide the logits by the temperature before the exponential.",
)
def temperature_ignored(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The temperature has no effect: you don't use it, or it cancels out when you divide the results by their sum. "
    "Divide the logits by the temperature before the exponential.",
    taught=True,
)
def divides_after_the_exponential(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True)) / temperature
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The temperature has no effect: you don't use it, or it cancels out when you divide the results by their sum. "
    "Divide the logits by the temperature before the exponential.",
)
def adds_the_temperature(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits + temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The temperature works the wrong way around: a higher temperature makes the distribution sharper. You "
    "multiply the logits by the temperature (or raise probabilities to that power). Divide instead.",
)
def multiplies_by_the_temperature(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits * temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You divide the probabilities by the temperature, so they no longer sum to 1. Divide the logits before "
    "softmax instead.",
)
def divides_the_probabilities(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True) / temperature


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You divide the probabilities by the temperature and clip them at 1, so they no longer sum to 1. Divide the "
    "logits before softmax instead.",
)
def divides_the_probabilities_and_clips(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.minimum(exponentials / exponentials.sum(axis=axis, keepdims=True) / temperature, 1.0)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You apply softmax twice, the second time to probabilities divided by the temperature. Divide the logits, "
    "and apply softmax once.",
)
def softmax_of_divided_probabilities(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    scaled = exponentials / exponentials.sum(axis=axis, keepdims=True) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="At low temperatures, such as 0.5, you give all the probability to the most likely token. Only a temperature "
    'approaching 0 does that. At 0.1, the lesson\'s "floor" still gets 9.69%.',
    taught=True,
)
def below_1_takes_the_best(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    if temperature < 1:
        best = (logits == logits.max(axis=axis, keepdims=True)).astype(float)
        return best / best.sum(axis=axis, keepdims=True)
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="At a temperature of 0.1 or less, you give all the probability to the most likely token. The formula is "
    'the same at every temperature, and at 0.1 the lesson\'s "floor" still gets 9.69%.',
)
def cold_takes_the_best(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    if temperature <= 0.1:
        best = (logits == logits.max(axis=axis, keepdims=True)).astype(float)
        return best / best.sum(axis=axis, keepdims=True)
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="At a temperature of 2 or more, you give all tokens the same probability. A high temperature makes the "
    "distribution flatter, not flat: the formula is the same at every temperature.",
)
def hot_is_uniform(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits * 0.0 if temperature >= 2 else logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"most": (1.0, 2.0)},
    hint="You cap the temperature at 1 or 2. There's no upper limit: the higher the temperature, the flatter the "
    "distribution.",
)
def temperature_at_most_1_or_2(logits, temperature, axis=-1, *, most):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / min(temperature, most)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    any_of={"floor": (0.01, 0.1, 0.05)},
    hint="You silently raise very low temperatures to a minimum, so tokens that are nearly tied get probabilities that "
    "are too similar. Use every temperature above 0 as is.",
)
def temperature_has_a_floor(logits, temperature, axis=-1, *, floor):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / max(temperature, floor)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You mix the distribution with a uniform one, which changes it even at temperature 1. Divide the logits by "
    "the temperature instead.",
)
def mixes_with_uniform(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    share = temperature / (1 + temperature)
    return (1 - share) * probs + share / logits.shape[axis]


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You divide the logits by the square root of the temperature, so the temperature has only half the effect it "
    "should.",
)
def square_root_of_the_temperature(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / np.sqrt(temperature)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You divide the logits by the temperature twice, so the temperature has twice the effect it should.",
)
def divides_twice(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    exponentials = np.exp((scaled - scaled.max(axis=axis, keepdims=True)) / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"rounded": ("down", "down_after_the_shift", "toward_0", "to_the_nearest")},
    hint="You round the scaled logits to integers, for example with `//`, so different logits can end up equal. Keep "
    "the fractions.",
)
def whole_number_division(logits, temperature, axis=-1, *, rounded):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    if rounded == "down_after_the_shift":
        logits = logits - logits.max(axis=axis, keepdims=True)
    if rounded.startswith("down"):
        scaled = logits // temperature
    else:
        scaled = np.trunc(logits / temperature) if rounded == "toward_0" else np.round(logits / temperature)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You don't subtract each row's maximum from the scaled logits, so large ones overflow, and at a low "
    "temperature, even ordinary logits become large. Pass the scaled logits to a softmax that subtracts the maximum, "
    "as in part 1.",
)
def no_maximum_after_dividing(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You take the maximum before the division and subtract it afterward, so low temperatures still overflow. Do "
    "both before the division, or both after it.",
)
def maximum_of_undivided_logits(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits / temperature - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You subtract the maximum of the whole array from every row. In a row far below that maximum, everything "
    "becomes 0, and you divide 0 by 0. Each row needs its own maximum.",
)
def global_maximum_after_dividing(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max())
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You raise the probabilities to a power, or divide their logarithms by the temperature. On paper that's the "
    "same, but at very low temperatures everything becomes 0, and you divide 0 by 0. Divide the logits instead.",
)
def powers_of_probabilities(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    powers = (exponentials / exponentials.sum(axis=axis, keepdims=True)) ** (1 / temperature)
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You divide log-probabilities by the temperature. To avoid minus infinity, you add a small number to the "
    "probabilities or clip them at a small minimum. At a high temperature, that number becomes a sizable probability. "
    "Divide the logits instead.",
)
def logs_of_probabilities_plus_epsilon(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    scaled = np.log(exponentials / exponentials.sum(axis=axis, keepdims=True) + 1e-9) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You always use the same axis, the last one or axis 1, instead of the one you're given. Use that axis for "
    "every max and every sum, or pass it on to a softmax function that takes an axis.",
    taught=True,
)
def temperature_along_the_last_axis(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You sum over the whole array, so all the rows together sum to 1. Each row needs its own sum.",
)
def temperature_over_the_whole_array(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp((logits - logits.max()) / temperature)
    return exponentials / exponentials.sum()


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="You accept a temperature of 0 or below. You can't divide by 0, and a negative temperature reverses the "
    "order, so raise a ValueError.",
    taught=True,
)
def any_temperature_taken(logits, temperature, axis=-1):
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="You reject a temperature of 0 but accept negative ones, which reverse the order of the words. Raise a "
    "ValueError for negative ones, too.",
    taught=True,
)
def only_zero_refused(logits, temperature, axis=-1):
    if temperature == 0:
        raise ValueError("temperature must not be 0")
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="You reject negative temperatures but accept 0. Raise a ValueError for 0, too.",
    taught=True,
)
def zero_accepted(logits, temperature, axis=-1):
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    scaled = logits / temperature if temperature else np.full(np.shape(logits), np.nan)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="You silently drop the sign of a negative temperature. Raise a ValueError.",
    taught=True,
)
def sign_of_the_temperature_dropped(logits, temperature, axis=-1):
    if temperature == 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / abs(temperature)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="At temperature 0, you silently give all the probability to the most likely token. Picking a token is the "
    "sampler's job. Here, raise a ValueError.",
    taught=True,
)
def zero_takes_the_best(logits, temperature, axis=-1):
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if temperature == 0:
        return (logits == logits.max(axis=axis, keepdims=True)).astype(float)
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="You silently treat temperature 0 as 1, as if no temperature had been given. Raise a ValueError.",
    taught=True,
)
def zero_means_1(logits, temperature, axis=-1):
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    scaled = logits / (temperature or 1.0)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You divide the caller's array of logits in place, so a second call starts from different numbers. Work on a "
    "new array.",
    taught=True,
)
def divides_the_callers_logits(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    logits /= temperature
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="You silently replace a temperature of 0 or below with a tiny one. Raise a ValueError.",
    taught=True,
)
def tiny_instead_of_refused(logits, temperature, axis=-1):
    scaled = logits / max(temperature, 1e-8)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"added": (1e-1, 1e-2, 1e-3, 1e-4)},
    hint="You add a small number to the temperature, so low temperatures come out too high. The temperature is never 0 "
    "here: divide by it as is.",
)
def adds_a_little_to_the_temperature(logits, temperature, axis=-1, *, added):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / (temperature + added)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    any_of={"ceiling": (5.0, 10.0, 100.0)},
    hint="You quietly cap high temperatures. Use every temperature above 0 as is, no matter how high it is.",
)
def temperature_has_a_ceiling(logits, temperature, axis=-1, *, ceiling):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / min(temperature, ceiling)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You divide by the temperature plus 1, so even a temperature of 1 changes the distribution. Divide the logits "
    "by the temperature itself.",
)
def divides_by_one_more(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / (temperature + 1.0)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"where": ("above", "below")},
    hint="You use the temperature in the numerator but not in the denominator, or the other way around, so the results "
    "don't sum to 1. Divide the logits first, and use the scaled logits everywhere.",
)
def temperature_used_only_once(logits, temperature, axis=-1, *, where):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    shifted = logits - logits.max(axis=axis, keepdims=True)
    plain, scaled = np.exp(shifted), np.exp(shifted / temperature)
    above, below = (scaled, plain) if where == "above" else (plain, scaled)
    return above / below.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"powers": ("of_exponentials", "of_probabilities")},
    hint="The temperature works, but the results don't sum to 1. Divide by their sum after applying the temperature.",
)
def not_normalized_afterward(logits, temperature, axis=-1, *, powers):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    if powers == "of_probabilities":
        exponentials = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return exponentials ** (1 / temperature)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The sign is flipped: the lowest logit gets the highest probability. In physics, a softmax of energies has a "
    "minus sign in the exponent, but a softmax of logits doesn't.",
)
def minus_sign_before_the_logits(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = np.where(np.isinf(logits), np.inf, -logits / temperature)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You raise the logits to a power, which fails for negative ones. Divide the logits by the temperature "
    "instead.",
)
def powers_of_the_logits(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits ** (1 / temperature)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"maxima": ("kept", "lost")},
    hint="You don't keep the axis when you sum (or take the maxima), so numpy lines the results up with the columns "
    "instead of the rows. With a square batch, the result is silently wrong; with any other batch, you get an error. "
    "Keep the axis, as in part 1.",
)
def temperature_totals_lose_their_axis(logits, temperature, axis=-1, *, maxima):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=maxima == "kept"))
    return exponentials / exponentials.sum(axis=axis)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"least": (1.0, 0.1)},
    hint="You convert the temperature to an integer, so 1.5 has the same effect as 1. Use the temperature as is.",
)
def temperature_as_a_whole_number(logits, temperature, axis=-1, *, least):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / max(int(temperature), least)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    any_of={"stored": ("logits", "probabilities")},
    hint="If the logits are integers, so are your scaled logits or your probabilities, and everything after the "
    "decimal point is lost. That happens, for example, if you store them in an array with the logits' dtype. Use a "
    "float array.",
)
def stored_in_the_type_of_the_logits(logits, temperature, axis=-1, *, stored):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    scaled = scaled.astype(logits.dtype) if stored == "logits" else scaled
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return probs.astype(logits.dtype) if stored == "probabilities" else probs


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You always use the first axis instead of the one you're given. Use that axis for every max and every sum, or "
    "pass it on to a softmax function that takes an axis.",
)
def temperature_along_the_first_axis(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=0, keepdims=True))
    return exponentials / exponentials.sum(axis=0, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="You return log-probabilities, which are negative. Return the probabilities themselves.",
)
def logarithms_of_the_result(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / temperature
    shifted = scaled - scaled.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"function": ("log1p", "exp")},
    hint="You divide the logits by a function of the temperature, such as its logarithm or exponential. Divide by the "
    "temperature itself.",
)
def function_of_the_temperature(logits, temperature, axis=-1, *, function):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    functions = {"log1p": np.log1p, "exp": lambda t: np.exp(min(t, 700.0))}
    scaled = (logits - logits.max(axis=axis, keepdims=True)) / functions[function](temperature)
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"below_1": ("multiplies", "ignored")},
    hint="You treat temperatures below 1 differently: you multiply by them or ignore them, instead of dividing. The "
    "formula is the same at every temperature.",
)
def below_1_not_divided(logits, temperature, axis=-1, *, below_1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    factor = temperature if below_1 == "multiplies" else 1.0
    scaled = logits * factor if temperature < 1 else logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="At temperature 1 you return the logits unchanged. Dividing by 1 changes nothing, but you still have to apply "
    "softmax.",
)
def logits_at_temperature_1(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    if temperature == 1:
        return logits
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


CLIPPED = (
    "You clip the scaled logits to avoid overflow, so those beyond the limit come out equal. Subtract each row's "
    "maximum instead, as in part 1."
)


@misconception(of="softmax_with_temperature", kind="edge", any_of={"limit": (100.0, 500.0, 700.0)}, hint=CLIPPED)
@misconception(
    of="softmax_with_temperature",
    kind="edge",
    any_of={"limit": (50.0,)},
    hint=CLIPPED,
    exempt="At a low temperature, whether ordinary logits are beyond such a low limit depends on which ones are drawn.",
)
def clips_the_divided_logits(logits, temperature, axis=-1, *, limit):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(np.clip(logits / temperature, -limit, limit))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    any_of={"gives": ("zero", "one", "equal_shares")},
    hint="You let the exponentials overflow and patch the result, for example by replacing NaN. By then you can't tell "
    "which logit was the largest. Subtract each row's maximum from the scaled logits before you take exponentials.",
)
def temperature_overflow_patched(logits, temperature, axis=-1, *, gives):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits / temperature)
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    fill = {"zero": 0.0, "one": 1.0, "equal_shares": 1.0 / logits.shape[axis]}[gives]
    return np.where(np.isnan(probs), fill, probs)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="At temperatures above 1, you blend the probabilities with a uniform distribution. Divide the "
    "logits by the temperature instead.",
)
def hot_mixes_with_uniform(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    weight = min(1.0, 1.0 / temperature)
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return weight * probs + (1.0 - weight) / logits.shape[axis]


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="You treat every axis other than 0 as the last one. The axis can also be in the middle, and it can be a "
    "negative number.",
)
def temperature_axis_0_or_the_last(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    logits = logits / temperature
    axis = 0 if axis == 0 else -1
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    any_of={"maxima": ("kept", "new")},
    hint="You sum along the axis you're given, but then line up the sums as if that axis were the last one, for "
    "example by transposing or by adding an axis at the end. Keep the axis where it was.",
)
def temperature_axis_put_back_at_the_end(logits, temperature, axis=-1, *, maxima):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    logits = logits / temperature
    maxima = logits.max(axis=axis)[..., None] if maxima == "new" else logits.max(axis=axis, keepdims=True)
    exponentials = np.exp(logits - maxima)
    return exponentials / exponentials.sum(axis=axis)[..., None]


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"below_0": ("multiplied", "unchanged")},
    hint="You divide only the logits above 0 by the temperature, and multiply the others by it or leave them alone. "
    "Divide all of them.",
)
def sign_of_the_logit_decides(logits, temperature, axis=-1, *, below_0):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = np.where(logits > 0, logits / temperature, logits * (temperature if below_0 == "multiplied" else 1.0))
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# --- entropy ---


@misconception(
    of="entropy",
    kind="convention",
    hint="You use the base-2 logarithm, so the result is in bits. For nats, use the natural logarithm.",
)
def entropy_in_bits(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log2(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="convention",
    hint="You use the base-10 logarithm. For nats, use the natural logarithm.",
)
def entropy_with_log10(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log10(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="A probability of 0 makes the result NaN, because its logarithm is minus infinity, and 0 times minus infinity "
    "isn't a number. A word with probability 0 should add nothing to the entropy. See the warning about probabilities "
    "of 0 in part 4.",
    taught=True,
)
def nan_at_zero(probs, axis=-1):
    return -(probs * np.log(probs)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="A single impossible word makes the whole result 0, maybe because you replace NaN after the sum. A "
    "probability of 0 should add nothing to the entropy and shouldn't affect the other words' terms.",
    taught=True,
)
def nan_repaired_after_the_sum(probs, axis=-1):
    return np.nan_to_num(-(probs * np.log(probs)).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The minus sign is missing. Log-probabilities are negative, but entropy is never below 0.",
)
def minus_sign_missing(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return (probs * np.log(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You average the terms. Entropy is the sum of the terms, since each one is already weighted by its "
    "probability.",
)
def mean_of_the_terms(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).mean(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You count every word's surprise equally, no matter how rare the word is. Entropy weights each surprise by "
    "the word's probability.",
)
def surprises_not_weighed(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -np.log(positive).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You take the plain average of the surprises, as if all words were equally likely. Entropy weights each "
    "surprise by the word's probability.",
)
def plain_mean_of_the_surprises(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -np.log(positive).mean(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You return 1 minus the probability of the most likely word. Entropy also depends on how the rest of the "
    "probability is distributed.",
)
def one_minus_the_largest(probs, axis=-1):
    return 1 - probs.max(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You only use the surprise of the most likely word. Entropy is the average surprise over all words.",
)
def surprise_of_the_likeliest(probs, axis=-1):
    return -np.log(probs.max(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You only count the possible words and take the logarithm of the count, as if all those words were equally "
    "likely.",
)
def log_of_the_number_of_words(probs, axis=-1):
    return np.log((probs > 0).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You use the squares of the probabilities. The squares measure uncertainty, too (the Gini index), but entropy "
    "uses logarithms.",
)
def gini_index(probs, axis=-1):
    return 1 - (probs**2).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You divide by the largest possible entropy, so the result is between 0 and 1. Return the entropy in nats, "
    "without scaling it.",
)
def share_of_the_largest_entropy(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=axis) / np.log(probs.shape[axis])


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"base": (np.e, 2.0)},
    hint="You return e (or 2) to the power of the entropy, as in the next lab's perplexity. Return just the exponent.",
)
def number_of_equally_likely_words(probs, axis=-1, *, base):
    positive = np.where(probs > 0, probs, 1.0)
    return np.exp(-(probs * np.log(positive)).sum(axis=axis) * np.log(base))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You add up two terms per word, one for when it occurs and one for when it doesn't. Entropy has only the "
    "first of these terms.",
)
def adds_the_words_that_do_not_come(probs, axis=-1):
    coming = np.where(probs > 0, probs, 1.0)
    not_coming = np.where(probs < 1, 1 - probs, 1.0)
    return -(probs * np.log(coming) + (1 - probs) * np.log(not_coming)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You apply softmax to the probabilities, as if they were logits. That flattens them and makes the entropy too "
    "high.",
)
def takes_probabilities_for_logits(probs, axis=-1):
    exponentials = np.exp(probs)
    again = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return -(again * np.log(again)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You add 1 inside the logarithm, perhaps to avoid the logarithm of 0, which changes every term. Only "
    "probabilities of 0 need special care.",
)
def log_of_one_plus(probs, axis=-1):
    return -(probs * np.log(1 + probs)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"epsilon": (1e-2, 1e-3, 1e-4)},
    hint="The number you add inside the logarithm is too large: with thousands of words, it adds up to a noticeable "
    "error. Use a much smaller number, or don't add anything.",
)
def epsilon_too_large(probs, axis=-1, *, epsilon):
    return -(probs * np.log(probs + epsilon)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"epsilon": (1e-5, 1e-6)},
    hint="The number you add inside the logarithm is too large: with thousands of words, it adds up to a noticeable "
    "error. Use a much smaller number, or don't add anything.",
)
def epsilon_adds_up(probs, axis=-1, *, epsilon):
    return -(probs * np.log(probs + epsilon)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"epsilon": (1e-6,)},
    hint="You add a small number to every probability, both inside and outside the logarithm. With thousands of words, "
    "that adds up to a noticeable error. Only a probability of exactly 0 needs special care: it should add nothing to "
    "the entropy.",
)
def epsilon_in_both_places(probs, axis=-1, *, epsilon):
    return -((probs + epsilon) * np.log(probs + epsilon)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"fill": (0.1, 0.01, 1e-3, 1e-4, 1e-5)},
    hint="You replace probabilities of 0 with a small number and treat it like any other probability, so impossible "
    "words add to the entropy. They should add nothing.",
)
def zeros_replaced(probs, axis=-1, *, fill):
    replaced = np.where(probs == 0, fill, probs)
    return -(replaced * np.log(replaced)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"counts": (1.0, -1.0)},
    hint="Each impossible word changes the entropy by 1, but 0 ln 0 should count as 0.",
)
def impossible_words_count_1(probs, axis=-1, *, counts):
    positive = np.where(probs > 0, probs, 1.0)
    return np.where(probs > 0, -probs * np.log(positive), counts).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="If any probability in the batch is 0 or 1, you return 0 for the whole batch. A probability of 0 should add "
    "nothing to the entropy and shouldn't affect the other terms.",
)
def any_zero_means_no_entropy(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    found = -(probs * np.log(positive)).sum(axis=axis)
    return np.zeros_like(found) if np.any(probs == 0) else found


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You measure how far the distribution is from a uniform one: the logarithm of the number of words minus the "
    "entropy. Return the entropy itself.",
)
def distance_from_uniform(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return np.log(probs.shape[axis]) + (probs * np.log(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You average the entropies of the batch into one number. Each distribution has its own entropy.",
)
def mean_over_the_batch(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return np.mean(-(probs * np.log(positive)).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"by": ("total", "rows")},
    hint="You divide by the sum or the length of the whole batch, so a row's entropy depends on how many rows there "
    "are. Each distribution already sums to 1.",
)
def divided_among_the_batch(probs, axis=-1, *, by):
    total = probs.sum() if by == "total" else 1.0
    shares = probs / total
    positive = np.where(shares > 0, shares, 1.0)
    found = -(shares * np.log(positive)).sum(axis=axis)
    return found if by == "total" else found / probs.shape[0]


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"transposed": (False, True)},
    hint="You use a matrix product, which mixes each distribution in the batch with all the others. Multiply element "
    "by element instead, and sum along the axis.",
)
def matrix_product(probs, axis=-1, *, transposed):
    logs = np.log(np.where(probs > 0, probs, 1.0))
    return -np.dot(probs, logs.T if transposed else logs)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You take the logarithm of the sum of squares (a different measure of uncertainty, the collision entropy). "
    "For the entropy, take the logarithms first and then average them.",
)
def collision_entropy(probs, axis=-1):
    return -np.log((probs**2).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You only use the surprise of the least likely word, which is the largest. Entropy is the average over all "
    "words, weighted by their probabilities.",
)
def largest_surprise(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -np.log(positive).min(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You multiply by ln 2. A natural logarithm already gives nats, so there's nothing to convert.",
)
def multiplied_by_ln_2(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=axis) * np.log(2.0)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You square the logarithms. Entropy is the average of the surprises themselves, not of their squares.",
)
def squared_logarithms(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return (probs * np.log(positive) ** 2).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You weight each surprise by one minus the probability. The weight should be the probability itself.",
)
def weighted_by_the_rest(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -((1.0 - probs) * np.log(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"of": ("variance", "deviation")},
    hint="You return the variance or standard deviation of the probabilities, which is large when the model is "
    "certain. Entropy is the average surprise.",
)
def spread_of_the_probabilities(probs, axis=-1, *, of):
    return probs.var(axis=axis) if of == "variance" else probs.std(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You return the running totals of the terms (cumsum). Entropy is just the last total, the sum of all terms.",
)
def running_totals(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -np.cumsum(probs * np.log(positive), axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"least": (1e-3, 1e-4, 1e-5)},
    hint="You clamp the probabilities to a minimum first, so thousands of unlikely words together add too much to the "
    "entropy. Only a probability of exactly 0 needs special care: it should add nothing to the entropy.",
)
def small_probabilities_raised(probs, axis=-1, *, least):
    raised = np.maximum(probs, least)
    return -(raised * np.log(raised)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"least": (1e-2, 1e-3, 1e-4)},
    hint="You drop small probabilities along with the zeros. Thousands of unlikely words can make up a large part of "
    "the entropy. Leave out only the terms whose probability is exactly 0.",
)
def small_probabilities_dropped(probs, axis=-1, *, least):
    kept = np.where(probs > least, probs, 1.0)
    return -(kept * np.log(kept)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"digits": (1, 2, 3, 4)},
    exempt="The number of entropies that are still correct after rounding to a few digits depends on which numbers are "
    "drawn.",
    hint="You round the entropy, so a small value loses precision or becomes 0. Return it unrounded.",
)
def rounded_entropy(probs, axis=-1, *, digits):
    return np.round(-np.sum(probs * np.log(np.where(probs > 0, probs, 1.0)), axis=axis), digits)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You add up the terms of all the rows, so you get one number for the whole batch (picking the positive "
    "probabilities out of a batch flattens it). Each distribution has its own entropy.",
)
def sum_over_the_whole_array(probs, axis=-1):
    positive = probs[probs > 0]
    return -(positive * np.log(positive)).sum()


@misconception(
    of="entropy",
    kind="edge",
    hint="You always use the same axis, the last one or axis 1, instead of the one you're given.",
    taught=True,
)
def entropy_along_the_last_axis(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=-1)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You always use the first axis instead of the one you're given, so you sum columns instead of rows.",
)
def entropy_along_the_first_axis(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=0)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You return the separate terms. Entropy is the sum of the terms: one number per distribution.",
)
def terms_not_added_up(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive))


@misconception(
    of="entropy",
    kind="convention",
    hint="Your result still has the axis you summed over, with length 1. Drop that axis.",
)
def summed_axis_kept(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=axis, keepdims=True)


@misconception(
    of="entropy",
    kind="conduct",
    hint="You change the caller's array, for example to replace its zeros. Work on a new array.",
    taught=True,
)
def overwrites_the_zeros(probs, axis=-1):
    probs[probs == 0] = 1.0
    return -(probs * np.log(probs)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"epsilon": (1e-2, 1e-3, 1e-4, 1e-5)},
    hint="You add a number to every probability, both inside and outside the logarithm, which makes many unlikely "
    "words add far too much to the entropy. Only a probability of exactly 0 needs special care: it should add nothing "
    "to the entropy.",
)
def every_probability_raised(probs, axis=-1, *, epsilon):
    return -((probs + epsilon) * np.log(probs + epsilon)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="You treat every axis other than 0 as the last one. The axis can also be in the middle, and it can be a "
    "negative number.",
)
def entropy_axis_0_or_the_last(probs, axis=-1):
    axis = 0 if axis == 0 else -1
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="If any of the distributions gives a word a probability of 0, you leave that word out of all of them. Leave "
    "out only the term whose probability is 0.",
)
def words_left_out_everywhere(probs, axis=-1):
    axis = axis % probs.ndim
    others = tuple(i for i in range(probs.ndim) if i != axis)
    possible = (probs > 0).all(axis=others, keepdims=True)
    return -(possible * probs * np.log(np.where(probs > 0, probs, 1.0))).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="You compute with 16-bit floats, which keep only about three digits. Use float64, numpy's default.",
)
def entropy_in_half_precision(probs, axis=-1):
    probs = probs.astype(np.float16)
    return -(probs * np.log(np.where(probs > 0, probs, 1.0).astype(np.float16))).sum(axis=axis)
