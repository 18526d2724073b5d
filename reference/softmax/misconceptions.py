"""Wrong answers to the stubs of lab `softmax`: a catalog, looked up by name rather than read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- softmax ---


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Scores are divided by their sum as they are, so negative ones become negative shares; softmax first turns "
    "every score into something positive. See the formula in part 1.",
)
def divides_by_sum_of_scores(logits, axis=-1):
    return logits / logits.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Minus signs are thrown away before sharing, so a very bad score counts like a very good one; softmax makes "
    "scores positive in a way that keeps their order. See the formula in part 1.",
)
def shares_of_absolute_scores(logits, axis=-1):
    sizes = np.abs(logits)
    return sizes / sizes.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The smallest score is moved to 0 and the rest shared out in proportion; softmax compares exponentials of the "
    "scores, and gives no finite score a probability of exactly 0. See the formula in part 1.",
)
def shares_above_the_minimum(logits, axis=-1):
    above = logits - logits.min(axis=axis, keepdims=True)
    return above / above.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Each score is squashed between 0 and 1 by itself (a sigmoid), so the results do not add up to 1; in softmax "
    "every probability depends on all the scores of its row.",
)
def sigmoid_per_element(logits, axis=-1):
    return 1 / (1 + np.exp(-logits))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The exponentials are there, but nothing makes them add up to 1: each has to become a share of a total.",
)
def exponentials_without_total(logits, axis=-1):
    return np.exp(logits)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Subtracting the maximum makes the largest value 1, which is not yet a share: the values still have to be "
    "compared with their total.",
)
def divides_by_the_largest(logits, axis=-1):
    return np.exp(logits - logits.max(axis=axis, keepdims=True))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The result is a vector of length 1 (its squares add up to 1); probabilities themselves have to add up to 1, "
    "so look at what you divide by.",
)
def unit_length_vector(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / np.sqrt((exponentials**2).sum(axis=axis, keepdims=True))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Powers of 2 are used where softmax has powers of e, so every gap between two scores counts for too little.",
)
def base_2(logits, axis=-1):
    powers = 2.0 ** (logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The sign is flipped: the worst score gets the highest probability. Look at the exponent.",
)
def softmin(logits, axis=-1):
    exponentials = np.exp(-(logits - logits.min(axis=axis, keepdims=True)))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="All probability goes to the best score; softmax does not pick a winner, it gives every score its share and "
    "leaves the picking to the sampler.",
    taught=True,
)
def picks_the_largest(logits, axis=-1):
    return (logits == logits.max(axis=axis, keepdims=True)).astype(float)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Softmax is applied to probabilities that are already there, which flattens them: once is enough.",
)
def softmax_twice(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    exponentials = np.exp(probs)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Logarithms of the probabilities come back (they are negative); this function gives the probabilities "
    "themselves, the logarithms belong to part 2.",
)
def log_probabilities(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The results are percentages that add up to 100; probabilities add up to 1.",
)
def percentages(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return 100 * exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The probabilities are rounded to whole percents, as the lesson prints them, so they no longer add up to 1 "
    "and small ones vanish; give them as they are.",
)
def rounded_to_percents(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.round(exponentials / exponentials.sum(axis=axis, keepdims=True), 2)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The scores are divided by their spread first, so confident and uncertain rows come out the same; softmax may "
    "shift scores but never stretches them.",
)
def divided_by_their_spread_first(logits, axis=-1):
    scaled = (logits - logits.mean(axis=axis, keepdims=True)) / (logits.std(axis=axis, keepdims=True) + 1e-8)
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="The exponential of a large score overflows (and of very negative ones vanishes) before anything is divided: "
    "shift each row first by a number of its own that makes overflow impossible. See “When the scores are large” in "
    "part 1.",
    taught=True,
)
def no_maximum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="Each row is shifted by its mean, which leaves large exponents when one score is far above the others; which "
    "number of the row guarantees that no exponent is above 0?",
)
def mean_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - logits.mean(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="Each row is shifted by its minimum, which makes every exponent positive and lets wide rows overflow; the "
    "exponents should rather all be at or below 0.",
)
def minimum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - logits.min(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="One maximum of the whole array is subtracted from every row, so a row far below it vanishes and 0 is divided "
    "by 0; each row needs its own.",
    taught=True,
)
def global_maximum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - logits.max())
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="Scores are cut off at a fixed size to avoid overflow, so different large scores become equal; a shift avoids "
    "overflow without changing any answer.",
)
def clips_scores(logits, axis=-1):
    exponentials = np.exp(np.clip(logits, -50, 50))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="A small number is added to every probability, which swamps the truly small ones; with a safe shift no "
    "division by zero can happen, and nothing has to be added.",
)
def adds_a_small_number(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True) + 1e-9


@misconception(
    of="softmax",
    kind="edge",
    hint="The axis that was asked for is not used: it is always the last one. Every maximum and every sum needs it.",
    taught=True,
)
def always_the_last_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The axis that was asked for is not used: it is always the first one, so columns add up to 1 where rows "
    "should.",
)
def always_the_first_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=0, keepdims=True))
    return exponentials / exponentials.sum(axis=0, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="All rows together add up to 1, because the total is taken over the whole array; each row needs a total of "
    "its own.",
    any_of={"maximum": ("of_all", "of_each_row")},
    taught=True,
)
def total_of_the_whole_array(logits, axis=-1, *, maximum):
    exponentials = np.exp(logits - (logits.max() if maximum == "of_all" else logits.max(axis=axis, keepdims=True)))
    return exponentials / exponentials.sum()


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The totals lose their axis, so numpy lines them up with the columns instead of the rows: a wrong answer on a "
    "square batch, an error on others. Look for the option of a numpy sum that keeps the axis.",
    any_of={"shifted": (True, False)},
    taught=True,
)
def totals_lose_their_axis(logits, axis=-1, *, shifted):
    exponentials = np.exp(logits - (logits.max(axis=axis, keepdims=True) if shifted else 0.0))
    return exponentials / exponentials.sum(axis=axis)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="Neither the maxima nor the totals keep their axis, so numpy lines them up with the columns instead of the "
    "rows: a wrong answer on a square batch, an error on others. Look for the option of numpy's max and sum that keeps "
    "the axis.",
    taught=True,
)
def maxima_and_totals_lose_their_axis(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis))
    return exponentials / exponentials.sum(axis=axis)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The axis is always axis 1, which a single row of scores does not have and which is the wrong one for "
    "columns; use the axis that was asked for.",
)
def always_axis_1(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="The chosen axis is moved to the end for the sums and never moved back, so the result has its axes in another "
    "order than the logits.",
)
def axis_not_moved_back(logits, axis=-1):
    rows = np.moveaxis(logits, axis, -1)
    exponentials = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="The result is written into an array of the logits' own type, so whole-number logits cut every probability "
    "down to 0; probabilities need an array of floats.",
)
def result_in_the_type_of_the_logits(logits, axis=-1):
    probs = np.zeros_like(logits)
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs[...] = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return probs


@misconception(
    of="softmax",
    kind="edge",
    hint="Minus infinity is replaced by 0, an ordinary score, so an impossible token gets a share; the exponential of "
    "minus infinity is already what is wanted.",
)
def infinity_replaced_by_0(logits, axis=-1):
    finite = np.where(np.isinf(logits), 0.0, logits)
    exponentials = np.exp(finite - finite.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="conduct",
    hint="The probabilities are right, but the caller's array of logits is changed on the way; work on a new array.",
    taught=True,
)
def changes_its_logits(logits, axis=-1):
    logits -= logits.max(axis=axis, keepdims=True)
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="A number is added to the total, so the probabilities of a row no longer sum to 1. Once the maximum is "
    "subtracted the total is at least 1, and nothing is divided by 0.",
)
def total_plus_a_thousandth(logits, axis=-1):
    exponentials = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return exponentials / (exponentials.sum(axis=axis, keepdims=True) + 1e-3)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"floor": (-30.0, -20.0, -50.0, -100.0)},
    hint="You cut the shifted scores off at a smallest value, so all words that are further behind get the same share, "
    "and those at -inf get one too. The exponential of a very negative number is safe as it is.",
)
def floor_under_the_shifted_scores(logits, axis=-1, *, floor):
    exponentials = np.exp(np.maximum(logits - logits.max(axis=axis, keepdims=True), floor))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    any_of={"digits": (2, 3, 4)},
    hint="You round the probabilities. Return them as they are: what's rare would become 0, and the sum would no "
    "longer be 1.",
)
def rounded_probabilities(logits, axis=-1, *, digits):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.round(exponentials / exponentials.sum(axis=axis, keepdims=True), digits)


@misconception(
    of="softmax",
    kind="edge",
    any_of={"limit": (100.0, 500.0, 700.0)},
    hint="You clip the scores before the exponential, so those beyond the limit come out equal. Subtract the largest "
    "score instead: that changes nothing but the overflow.",
)
def clips_scores_at_a_limit(logits, axis=-1, *, limit):
    exponentials = np.exp(np.clip(logits, -limit, limit))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="edge",
    hint="Where the largest score is 0 or below you don't subtract it, so scores around -1000 all vanish. Subtract the "
    "largest one whatever its sign.",
)
def only_a_positive_maximum_subtracted(logits, axis=-1):
    exponentials = np.exp(logits - np.maximum(logits.max(axis=axis, keepdims=True), 0.0))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax",
    kind="misses_point",
    hint="The maximum is taken along another axis than the sum, and shifts of different size within a row change its "
    "shares. Use the axis you were given for both.",
)
def maximum_along_another_axis(logits, axis=-1):
    logits = np.asarray(logits, dtype=float)
    other = 0 if axis in (-1, logits.ndim - 1) else -1
    if logits.ndim == 1:
        other = 0
    exponentials = np.exp(logits - logits.max(axis=other, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# --- log_softmax ---


@misconception(
    of="log_softmax",
    kind="edge",
    hint="The logarithm is taken of probabilities: where one is too small for a float it is 0, and its logarithm minus "
    "infinity; work out the logarithm on paper first, and an exponential and a logarithm cancel. See part 2.",
    taught=True,
)
def log_of_softmax(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.log(exponentials / exponentials.sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="Two troubles at once: exponentials of large logits overflow, and probabilities too small for a float have a "
    "logarithm of minus infinity; shift first, and work out the logarithm on paper. See part 2.",
    taught=True,
)
def log_of_softmax_without_maximum(logits, axis=-1):
    exponentials = np.exp(logits)
    return np.log(exponentials / exponentials.sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="The formula is right, but the exponentials of large logits overflow inside the logarithm, so everything "
    "becomes minus infinity; shift each row by its maximum first.",
    taught=True,
)
def log_of_the_sum_overflows(logits, axis=-1):
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="A small number added inside the logarithm hides minus infinity behind a floor of about -20.7; a token 800 "
    "behind has a log-probability of about -800. See part 2.",
)
def log_of_softmax_plus_epsilon(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.log(exponentials / exponentials.sum(axis=axis, keepdims=True) + 1e-9)


@misconception(
    of="log_softmax",
    kind="edge",
    hint="Probabilities are kept above a tiny number before the logarithm, so no answer is below about -27.6; a token "
    "800 behind has a log-probability of about -800. See part 2.",
)
def log_of_clipped_softmax(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.log(np.maximum(exponentials / exponentials.sum(axis=axis, keepdims=True), 1e-12))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="Minus infinity is painted over with 0, which is the log-probability of a certain token; avoid the underflow "
    "instead of repairing it. See part 2.",
)
def minus_infinity_replaced_by_0(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    log_probs = np.log(exponentials / exponentials.sum(axis=axis, keepdims=True))
    return np.where(np.isfinite(log_probs), log_probs, 0.0)


@misconception(
    of="log_softmax",
    kind="convention",
    hint="The logarithm has base 2, so the answers are in bits; nats need the natural logarithm.",
)
def log2_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))) / np.log(2)


@misconception(
    of="log_softmax",
    kind="convention",
    hint="The logarithm has base 10; nats need the natural logarithm.",
)
def log10_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))) / np.log(10)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="Only the logarithm of the total is in base 2 (or in another unit than the rest), so the two parts no longer "
    "fit together; both have to be natural.",
)
def log2_of_the_sum(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log2(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The maximum is subtracted twice: once in the shift, and once more with the logarithm of the total; after the "
    "shift it is settled.",
)
def maximum_subtracted_twice(logits, axis=-1):
    maximum = logits.max(axis=axis, keepdims=True)
    shifted = logits - maximum
    return shifted - (maximum + np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The total is made of shifted logits but taken from unshifted ones, so everything is too high by the maximum; "
    "shift both, or undo the shift of the total.",
    taught=True,
)
def maximum_missing_once(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return logits - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The logits are only shifted so that the best has 0, as if it were certain; the logarithm of the total is "
    "missing.",
)
def log_of_the_sum_missing(logits, axis=-1):
    return logits - logits.max(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The logarithm is pulled inside the sum: the log of a sum is not the sum of the logs.",
)
def sum_of_logs(logits, axis=-1):
    return logits - logits.sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="Two logarithms are divided: the logarithm of a quotient is a difference of logarithms.",
)
def quotient_of_logs(logits, axis=-1):
    maximum = logits.max(axis=axis, keepdims=True)
    return logits / (maximum + np.log(np.exp(logits - maximum).sum(axis=axis, keepdims=True)))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The exponentials are averaged where they should be added up, so every answer is too high by the logarithm of "
    "their number.",
)
def log_of_the_mean(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).mean(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The sign is flipped: logarithms of probabilities are never above 0 (minus them is the loss of the next lab).",
)
def negative_log_softmax(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=axis, keepdims=True)) - shifted


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="Probabilities come back; their logarithm is missing.",
)
def softmax_without_log(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="Logarithm and softmax are in the wrong order: the logarithm goes around the probabilities, not around the "
    "logits, which may be negative.",
)
def softmax_of_the_log(logits, axis=-1):
    logs = np.log(logits)
    exponentials = np.exp(logs - logs.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="log_softmax",
    kind="edge",
    hint="One maximum of the whole array is subtracted from every row, so a row far below it vanishes and its total "
    "has no logarithm; each row needs its own.",
)
def global_maximum_in_log(logits, axis=-1):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="The axis that was asked for is not used: it is always the last one. Every maximum and every sum needs it.",
    taught=True,
)
def log_along_the_last_axis(logits, axis=-1):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The axis that was asked for is not used: it is always the first one, so columns are worked out where rows "
    "should be.",
)
def log_along_the_first_axis(logits, axis=-1):
    shifted = logits - logits.max(axis=0, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The total is taken over the whole array; each row needs a total of its own.",
)
def log_total_of_the_whole_array(logits, axis=-1):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


@misconception(
    of="log_softmax",
    kind="misses_point",
    hint="The logarithms of the totals lose their axis, so numpy lines them up with the columns instead of the rows: a "
    "wrong answer on a square batch, an error on others.",
)
def log_totals_lose_their_axis(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="The result is written into an array of the logits' own type, so whole-number logits cut off every fraction; "
    "logarithms need an array of floats.",
)
def log_in_the_type_of_the_logits(logits, axis=-1):
    log_probs = np.zeros_like(logits)
    shifted = logits - logits.max(axis=axis, keepdims=True)
    log_probs[...] = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return log_probs


@misconception(
    of="log_softmax",
    kind="conduct",
    hint="The answers are right, but the caller's array of logits is changed on the way; work on a new array.",
    taught=True,
)
def log_changes_its_logits(logits, axis=-1):
    logits -= logits.max(axis=axis, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


@misconception(
    of="log_softmax",
    kind="edge",
    hint="np.nan_to_num turns minus infinity into an ordinary, very negative number. The log-probability of a word "
    "that's ruled out is -inf: leave it.",
)
def infinities_made_finite(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.nan_to_num(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


@misconception(
    of="log_softmax",
    kind="edge",
    any_of={"floor": (-30.0, -50.0, -100.0, -700.0)},
    hint="You cut the log-probabilities off at a smallest value. They can be as low as they like: a word that's 2000 "
    "behind has about -2000.",
)
def floor_under_the_log_probabilities(logits, axis=-1, *, floor):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.maximum(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)), floor)


@misconception(
    of="log_softmax",
    kind="misses_point",
    any_of={"digits": (2, 3)},
    hint="You round the answers. Return them as they are.",
)
def rounded_log_probabilities(logits, axis=-1, *, digits):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.round(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)), digits)


# --- softmax_with_temperature ---


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The temperature has no effect: it is not used at all.",
)
def temperature_ignored(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The temperature has no effect: the exponentials are divided by it, and it cancels in the division by their "
    "total; it has to act before the exponential.",
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
    hint="The temperature has no effect: it is added to every logit (or taken away), and a shift of all logits changes "
    "nothing; temperature stretches or shrinks the gaps between them.",
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
    hint="The temperature works the wrong way round: a higher one sharpens. Logits are divided by it, here they are "
    "multiplied (or probabilities are raised to it).",
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
    hint="The finished probabilities are divided by the temperature, so they no longer add up to 1; it has to act on "
    "the logits, before softmax.",
)
def divides_the_probabilities(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True) / temperature


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="The finished probabilities are divided by the temperature and cut off at 1, so they no longer add up to 1; "
    "it has to act on the logits, before softmax.",
)
def divides_the_probabilities_and_clips(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.minimum(exponentials / exponentials.sum(axis=axis, keepdims=True) / temperature, 1.0)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    hint="Softmax is applied twice, the second time to probabilities divided by the temperature; divide the logits, "
    "and apply it once.",
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
    hint="Any temperature below 1 gives all probability to the best token; “always picks the best” is only where "
    "temperature 0 would lead, and at 0.1 the lesson's “floor” still gets 9.69 %.",
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
    hint="A temperature of 0.1 or less gives all probability to the best token; the lesson's “always” is “almost "
    "always”: “floor” still gets 9.69 % at 0.1, by the same formula as at any temperature.",
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
    hint="From temperature 2 on all tokens get the same probability; “very random” is flatter, not flat: the formula "
    "is the same at any temperature.",
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
    hint="Temperatures above 1 or 2 count as no higher. There's no hottest one: the higher the temperature, the "
    "flatter the distribution.",
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
    hint="Very low temperatures are quietly raised to a floor, so near-ties come out too even; every temperature above "
    "0 counts as it is.",
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
    hint="The distribution is mixed with an even one in proportion to the temperature, so even temperature 1 changes "
    "it; temperature divides the logits.",
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
    hint="Logits are divided by the square root of the temperature, so it works only half as strongly as it should.",
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
    hint="The logits are divided by the temperature twice, so it works twice as strongly as it should.",
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
    hint="The division drops the fraction, so logits that differ become equal; an ordinary division keeps it.",
)
def whole_number_division(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits // temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="After the division the logits are no longer shifted before the exponential, so large ones (and low "
    "temperatures make all of them large) overflow; your softmax of part 1 is safe: hand it the divided logits.",
)
def no_maximum_after_dividing(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="The maximum is taken before the division and subtracted after it, so low temperatures overflow all the same; "
    "the two have to happen on the same scale.",
)
def maximum_of_undivided_logits(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits / temperature - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="edge",
    hint="One maximum of the whole array is subtracted from every row, so a row far below it vanishes and 0 is divided "
    "by 0; each row needs its own.",
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
    hint="Finished probabilities are raised to a power, which is the same on paper but vanishes at very low "
    "temperatures: all become 0, and 0 is divided by 0; act on the logits instead.",
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
    hint="Logarithms of probabilities are divided by the temperature, with a small number added to avoid minus "
    "infinity; that number becomes a real share when it is hot. Divide the logits themselves.",
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
    hint="The axis that was asked for is not used: it is always the last one. Hand it on.",
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
    hint="All rows together add up to 1, because the total is taken over the whole array; each row needs a total of "
    "its own.",
)
def temperature_over_the_whole_array(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp((logits - logits.max()) / temperature)
    return exponentials / exponentials.sum()


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="Temperatures of 0 and below are taken like any other; a negative one quietly turns worst into best. Refuse "
    "them with a ValueError.",
    taught=True,
)
def any_temperature_taken(logits, temperature, axis=-1):
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="conduct",
    hint="The sign of a negative temperature is dropped without a word; refuse it with a ValueError.",
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
    hint="Temperature 0 quietly gives all probability to the best token; picking the best is the sampler's business, "
    "here 0 is refused with a ValueError.",
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
    hint="Temperature 0 is quietly taken as “no temperature given”, that is as 1; refuse it with a ValueError.",
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
    hint="The caller's array of logits is itself divided by the temperature, so a second call starts from other "
    "numbers; work on a new array.",
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
    hint="A temperature of 0 or below is quietly replaced by a tiny one; refuse it with a ValueError.",
    taught=True,
)
def tiny_instead_of_refused(logits, temperature, axis=-1):
    scaled = logits / max(temperature, 1e-8)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@misconception(
    of="softmax_with_temperature",
    kind="misses_point",
    any_of={"added": (1e-2, 1e-3)},
    hint="You add a small number to the temperature, so low temperatures come out too warm. The temperature is never 0 "
    "here: divide by it as it is.",
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
    hint="High temperatures are quietly lowered to a ceiling. Every temperature above 0 counts as it is, however high.",
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
    hint="You divide by the temperature plus 1, so 1 is no longer the temperature that changes nothing. "
    "Divide the logits by the temperature itself.",
)
def divides_by_one_more(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scaled = logits / (temperature + 1.0)
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# --- entropy ---


@misconception(
    of="entropy",
    kind="convention",
    hint="The answer is in bits, because the logarithm has base 2; nats need the natural logarithm.",
)
def entropy_in_bits(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log2(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="convention",
    hint="The logarithm has base 10; nats need the natural logarithm.",
)
def entropy_with_log10(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log10(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="A probability of 0 makes the answer NaN, because the logarithm of 0 is minus infinity and 0 times that is "
    "not a number; such words should add nothing. See “Words that cannot come” in part 4.",
    taught=True,
)
def nan_at_zero(probs, axis=-1):
    return -(probs * np.log(probs)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    hint="One impossible word makes the whole answer 0, because the NaN is repaired after the sum; a probability of 0 "
    "should add nothing and leave the other words alone.",
    taught=True,
)
def nan_repaired_after_the_sum(probs, axis=-1):
    return np.nan_to_num(-(probs * np.log(probs)).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The minus sign is missing: logarithms of probabilities are negative, and entropy is never below 0.",
)
def minus_sign_missing(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return (probs * np.log(positive)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The terms are averaged; entropy is their sum (the probabilities in it already do the weighing).",
)
def mean_of_the_terms(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).mean(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="Every word's surprise counts the same, however rare the word; entropy weighs each by its probability.",
)
def surprises_not_weighed(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -np.log(positive).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="This is the plain average of the words' surprises, as if all were equally likely; entropy weighs each by its "
    "probability.",
)
def plain_mean_of_the_surprises(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -np.log(positive).mean(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="Only the most likely word counts (1 minus its probability); entropy depends on how the rest is spread as "
    "well.",
)
def one_minus_the_largest(probs, axis=-1):
    return 1 - probs.max(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="Only the surprise of the most likely word is counted; entropy is the average surprise over all words.",
)
def surprise_of_the_likeliest(probs, axis=-1):
    return -np.log(probs.max(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The words are only counted (the logarithm of how many are possible), as if all were equally likely.",
)
def log_of_the_number_of_words(probs, axis=-1):
    return np.log((probs > 0).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="Squares of the probabilities measure spread too (the Gini index), but entropy is made with logarithms.",
)
def gini_index(probs, axis=-1):
    return 1 - (probs**2).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The answer is divided by the largest possible entropy, so that it lies between 0 and 1; entropy in nats is "
    "not.",
)
def share_of_the_largest_entropy(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=axis) / np.log(probs.shape[axis])


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The exponential of the entropy comes back, a number of equally likely words (the next lab's perplexity); "
    "entropy is the exponent.",
)
def number_of_equally_likely_words(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return np.exp(-(probs * np.log(positive)).sum(axis=axis))


@misconception(
    of="entropy",
    kind="misses_point",
    hint="Each word is counted twice, as coming and as not coming; the sum needs only the words that come.",
)
def adds_the_words_that_do_not_come(probs, axis=-1):
    coming = np.where(probs > 0, probs, 1.0)
    not_coming = np.where(probs < 1, 1 - probs, 1.0)
    return -(probs * np.log(coming) + (1 - probs) * np.log(not_coming)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The probabilities are put through softmax again as if they were logits, which flattens them and makes the "
    "entropy too high.",
)
def takes_probabilities_for_logits(probs, axis=-1):
    exponentials = np.exp(probs)
    again = exponentials / exponentials.sum(axis=axis, keepdims=True)
    return -(again * np.log(again)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="To avoid the logarithm of 0, 1 is added inside it, which changes every term; only the zeros need care.",
)
def log_of_one_plus(probs, axis=-1):
    return -(probs * np.log(1 + probs)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"epsilon": (1e-2, 1e-3, 1e-4)},
    hint="The number added inside the logarithm is too large: over a vocabulary of thousands it adds up to a visible "
    "error. Something much smaller, or nothing, will do.",
)
def epsilon_too_large(probs, axis=-1, *, epsilon):
    return -(probs * np.log(probs + epsilon)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"epsilon": (1e-5, 1e-6)},
    hint="The number added inside the logarithm is too large: over a vocabulary of thousands it adds up to a visible "
    "error. Something much smaller, or nothing, will do.",
)
def epsilon_adds_up(probs, axis=-1, *, epsilon):
    return -(probs * np.log(probs + epsilon)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    any_of={"least": (1e-3, 1e-4, 1e-5)},
    hint="Every probability is raised to a smallest value first, so thousands of unlikely words count for too much. "
    "Only a probability of exactly 0 needs care, and it adds nothing.",
)
def small_probabilities_raised(probs, axis=-1, *, least):
    raised = np.maximum(probs, least)
    return -(raised * np.log(raised)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="edge",
    any_of={"least": (1e-2, 1e-3, 1e-4)},
    hint="Small probabilities are thrown away together with the zeros; thousands of unlikely words add up to a large "
    "part of the entropy. Only a probability of exactly 0 adds nothing.",
)
def small_probabilities_dropped(probs, axis=-1, *, least):
    kept = np.where(probs > least, probs, 1.0)
    return -(kept * np.log(kept)).sum(axis=axis)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The answer is rounded to two decimals; give it as it is.",
)
def rounded_entropy(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return np.round(-(probs * np.log(positive)).sum(axis=axis), 2)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="A whole batch gives one number, because the terms of all rows are added up (picking the positive "
    "probabilities out of a batch flattens it); each distribution has an entropy of its own.",
)
def sum_over_the_whole_array(probs, axis=-1):
    positive = probs[probs > 0]
    return -(positive * np.log(positive)).sum()


@misconception(
    of="entropy",
    kind="edge",
    hint="The axis that was asked for is not used: it is always the last one.",
    taught=True,
)
def entropy_along_the_last_axis(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=-1)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The axis that was asked for is not used: it is always the first one, so columns are added up where rows "
    "should be.",
)
def entropy_along_the_first_axis(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=0)


@misconception(
    of="entropy",
    kind="misses_point",
    hint="The terms come back one by one; entropy is their sum, one number for each distribution.",
)
def terms_not_added_up(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive))


@misconception(
    of="entropy",
    kind="convention",
    hint="The numbers are right, but the axis that was summed over stays behind with length 1; it should be gone from "
    "the shape.",
)
def summed_axis_kept(probs, axis=-1):
    positive = np.where(probs > 0, probs, 1.0)
    return -(probs * np.log(positive)).sum(axis=axis, keepdims=True)


@misconception(
    of="entropy",
    kind="conduct",
    hint="The answer is right, but the zeros in the caller's array are overwritten on the way; work on a new array.",
    taught=True,
)
def overwrites_the_zeros(probs, axis=-1):
    probs[probs == 0] = 1.0
    return -(probs * np.log(probs)).sum(axis=axis)
