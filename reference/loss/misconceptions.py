"""Wrong answers to the stubs of lab `loss`."""

import math

import numpy as np

from autograder.testing import misconception

# --- mse_loss ---


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Each error is made positive by dropping its sign, which is the mean absolute error; here the errors are "
    "squared.",
)
def absolute_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(np.abs(y_pred - y_true))


@misconception(
    of="mse_loss",
    kind="convention",
    hint="The squared errors are added up but not averaged, so a longer list of houses looks worse; the M stands "
    "for mean.",
)
def sum_of_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="convention",
    hint="The result is half of the mean squared error: some books put a one half in front to tidy up the derivative, "
    "but this loss has none.",
)
def half_mse(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return 0.5 * np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="A square root is taken at the end, which gives the RMSE in USD; the mean squared error stays in USD².",
)
def root_of_the_mean(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sqrt(np.mean((y_pred - y_true) ** 2))


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="The errors are averaged first and squared after, so an error upwards cancels an error downwards; square "
    "each first.",
)
def square_of_the_mean(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred - y_true) ** 2


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="The errors keep their sign and cancel each other out; without squaring, a bad model can have a loss of zero.",
)
def mean_of_signed_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred - y_true)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Each number is squared on its own before the subtraction; it is the difference that is to be squared.",
)
def difference_of_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred**2 - y_true**2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Only the true value is squared, because a power binds tighter than a minus; look at the brackets around "
    "the difference.",
)
def squares_only_y_true(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred - y_true**2)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="The sum is divided by the number of rows, which is the number of elements only for a flat list; count "
    "all elements.",
)
def divides_by_rows(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) / len(y_pred)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="The mean runs over one axis only, so a table of predictions gives several numbers; the loss is one number.",
)
def one_loss_for_each_column(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((y_pred - y_true) ** 2, axis=0)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="The squared errors come back one by one; a loss sums up a whole batch in a single number.",
)
def vector_of_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return (y_pred - y_true) ** 2


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="The sum is divided by one less than the number of errors, as for a sample variance; a mean divides by "
    "all of them.",
)
def divides_by_n_minus_one(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) / max(y_pred.size - 1, 1)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="This is the variance of the errors: it forgives a model that is wrong by the same amount everywhere.",
)
def variance_of_the_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.var(y_pred - y_true)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Each error is divided by the true value before it is squared; that is a relative error, while this loss "
    "is in USD².",
)
def relative_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(((y_pred - y_true) / y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="The result is rounded to a whole number; a small loss vanishes that way, and training needs the small "
    "ones too.",
)
def rounds_the_loss(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return round(float(np.mean((y_pred - y_true) ** 2)))


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Only the first error counts: the function returns during its first time round the loop; look at the "
    "indentation.",
)
def returns_inside_the_loop(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    total = 0.0
    for predicted, wanted in zip(y_pred.ravel(), y_true.ravel(), strict=True):
        total = total + (predicted - wanted) ** 2
        return total / y_pred.size
    return total


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Only the last error counts: the running total is overwritten in each round instead of growing.",
)
def overwrites_the_total(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    total = 0.0
    for predicted, wanted in zip(y_pred.ravel(), y_true.ravel(), strict=True):
        total = (predicted - wanted) ** 2
    return total / y_pred.size


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="The worst error alone sets the loss; a mean gives every house its share.",
)
def worst_error(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.max((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="The errors are stored in an array made to look like the predictions; if those are whole numbers, "
    "fractions are cut off.",
)
def stores_errors_as_whole_numbers(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = np.zeros_like(y_pred)
    for index in np.ndindex(y_pred.shape):
        errors[index] = y_pred[index] - y_true[index]
    return np.mean(errors**2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="Shapes are not compared, so numpy broadcasts: a column minus a row is a whole table of errors, and its "
    "mean looks harmless.",
)
def broadcasts(y_pred, y_true):
    return np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="Only the lengths are compared, and a column is as long as a row; compare the whole shapes.",
)
def compares_lengths_only(y_pred, y_true):
    if len(y_pred) != len(y_true):
        raise ValueError("lengths differ")
    return np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="Both arrays are flattened before they are compared, which hides that their shapes differ; the caller "
    "should hear of it.",
)
def flattens_first(y_pred, y_true):
    if y_pred.size != y_true.size:
        raise ValueError("sizes differ")
    return np.mean((y_pred.ravel() - y_true.ravel()) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="Going through both arrays in step stops at the end of the shorter one, so values without a partner are "
    "dropped in silence.",
)
def stops_at_the_shorter(y_pred, y_true):
    squares = [(predicted - wanted) ** 2 for predicted, wanted in zip(y_pred.flat, y_true.flat, strict=False)]
    return sum(squares) / len(squares)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="The errors are written into the array of predictions, so the caller's predictions are gone; make a new "
    "array.",
)
def writes_errors_into_y_pred(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    y_pred[...] = y_pred - y_true
    return np.mean(y_pred**2)


# --- surprisal ---


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="One minus the probability is a loss that never exceeds 1; surprisal is a logarithm and grows without limit.",
)
def one_minus_p(probs, target):
    return 1.0 - probs[target]


@misconception(
    of="surprisal",
    kind="convention",
    hint="The logarithm has base 2, so the loss is in bits; here it is wanted in nats, the natural logarithm.",
)
def bits(probs, target):
    return -np.log2(probs[target])


@misconception(
    of="surprisal",
    kind="convention",
    hint="The logarithm has base 10; here it is the natural one, and the loss is in nats.",
)
def base_10(probs, target):
    return -np.log10(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The minus sign is missing: the logarithm of a probability is never positive, a loss never negative.",
)
def sign_missing(probs, target):
    return np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The loss is read off the model's favourite word; what counts is the probability it gave to the right one.",
)
def favourite_instead_of_target(probs, target):
    return -np.log(np.max(probs))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="This measures how far the right word lies behind the favourite; only the right word's own probability "
    "counts.",
)
def distance_from_favourite(probs, target):
    return np.max(probs) - probs[target]


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="This compares the right word with the favourite as a ratio, so a right favourite is free even at 30 %; "
    "only the right word's own probability counts.",
)
def log_ratio_to_favourite(probs, target):
    return np.log(np.max(probs) / probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The probability is taken from the word before the right one: ids count from 0, so nothing is to be "
    "subtracted.",
)
def counts_from_one(probs, target):
    return -np.log(probs[target - 1])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The probability is taken from the word after the right one; the target is itself the index.",
)
def word_after_the_target(probs, target):
    return -np.log(probs[(target + 1) % len(probs)])


@misconception(
    of="surprisal",
    kind="edge",
    hint="A small number is added to the probability, or set as its floor, which puts a lid on the loss: "
    "the rarer the right answer, the more it must cost, up to infinity for an impossible one.",
)
def adds_1e_9(probs, target):
    return -np.log(probs[target] + 1e-9)


@misconception(
    of="surprisal",
    kind="edge",
    hint="A small number is added to the probability, or set as its floor, which puts a lid on the loss: "
    "the rarer the right answer, the more it must cost, up to infinity for an impossible one.",
)
def adds_1e_10(probs, target):
    return -np.log(probs[target] + 1e-10)


@misconception(
    of="surprisal",
    kind="edge",
    hint="A small number is added to the probability, or set as its floor, which puts a lid on the loss: "
    "the rarer the right answer, the more it must cost, up to infinity for an impossible one.",
)
def adds_1e_12(probs, target):
    return -np.log(probs[target] + 1e-12)


@misconception(
    of="surprisal",
    kind="edge",
    hint="A small number is added to the probability, or set as its floor, which puts a lid on the loss: "
    "the rarer the right answer, the more it must cost, up to infinity for an impossible one.",
)
def clips_at_1e_15(probs, target):
    return -np.log(np.clip(probs[target], 1e-15, 1.0))


@misconception(
    of="surprisal",
    kind="edge",
    hint="Probabilities of exactly zero are replaced by a small number in the caller's array: that changes the "
    "data and hides infinity.",
)
def replaces_zeros_in_place(probs, target):
    probs[probs == 0.0] = 1e-12
    return -np.log(probs[target])


@misconception(
    of="surprisal",
    kind="edge",
    hint="A probability of zero is caught and given a loss of zero, which rewards the worst guess of all.",
)
def zero_is_free(probs, target):
    if probs[target] == 0.0:
        return 0.0
    return -np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The loss is weighted with its own probability; that is one term of the entropy, which averages over all "
    "words.",
)
def weighted_by_itself(probs, target):
    return -probs[target] * np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="This is the entropy of the guesses: it says how unsure the model was, not how wrong, and the right word "
    "plays no part in it.",
)
def entropy_of_the_guesses(probs, target):
    positive = probs[probs > 0.0]
    return -np.sum(positive * np.log(positive))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The logarithm is taken of the probability of being wrong; it belongs to the probability of the right word.",
)
def log_of_one_minus_p(probs, target):
    return -np.log(1.0 - probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The other words are charged too, as in yes-or-no classification; here only the right word's probability "
    "counts.",
)
def charges_the_other_words(probs, target):
    others = np.delete(probs, target)
    return -np.log(probs[target]) - np.sum(np.log(1.0 - others))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The loss of every word comes back; pick the right one, so that one number remains.",
)
def loss_of_every_word(probs, target):
    return -np.log(probs)


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The losses of all words are averaged, so it no longer matters which word was right.",
)
def mean_over_all_words(probs, target):
    return -np.mean(np.log(probs))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The distance to 1 is squared; that is no logarithm, and a guess of nearly zero costs at most 1.",
)
def squared_distance(probs, target):
    return (1.0 - probs[target]) ** 2


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="This is one divided by the probability, without its logarithm: a right answer held certain would cost 1 "
    "instead of nothing.",
)
def one_over_p(probs, target):
    return 1.0 / probs[target]


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="A softmax is applied first, but these numbers are probabilities already, not logits; a second softmax "
    "flattens them.",
)
def softmax_again(probs, target):
    exponentials = np.exp(probs - np.max(probs))
    return -np.log(exponentials[target] / np.sum(exponentials))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The loss is divided by the largest loss that an even guess could have; surprisal is in plain nats, "
    "whatever the vocabulary.",
)
def relative_to_vocabulary(probs, target):
    return -np.log(probs[target]) / max(np.log(len(probs)), 1.0)


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The result is rounded; a printed number may be short, but a returned loss keeps all its digits.",
)
def rounds_to_two_digits(probs, target):
    if probs[target] == 0.0:
        return math.inf
    return round(-math.log(probs[target]), 2)


# --- cross_entropy ---


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="The exponentials of large logits overflow before they are divided; the given log_softmax never forms them.",
)
def overflows(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits)
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="A tiny probability underflows to zero before its logarithm is taken; stay with logarithms all the way, "
    "as log_softmax does.",
)
def underflows(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="A small number is added to the probabilities, or set as their floor, to save the logarithm, "
    "which puts a lid on the loss of confident mistakes; stay with logarithms all the way.",
)
def adds_epsilon_1e_9(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets] + 1e-9).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="A small number is added to the probabilities, or set as their floor, to save the logarithm, "
    "which puts a lid on the loss of confident mistakes; stay with logarithms all the way.",
)
def adds_epsilon_1e_10(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets] + 1e-10).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="A small number is added to the probabilities, or set as their floor, to save the logarithm, "
    "which puts a lid on the loss of confident mistakes; stay with logarithms all the way.",
)
def adds_epsilon_1e_12(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets] + 1e-12).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="A small number is added to the probabilities, or set as their floor, to save the logarithm, "
    "which puts a lid on the loss of confident mistakes; stay with logarithms all the way.",
)
def clips_probabilities_at_1e_15(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(np.clip(probs, 1e-15, 1.0)[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="Logits beyond 50 are cut off to save the exponential, so confident mistakes look milder than they are; "
    "subtracting the largest logit of each row costs nothing.",
)
def clips_logits(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    clipped = np.clip(logits, -50.0, 50.0)
    log_probs = clipped - np.log(np.exp(clipped).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="The largest logit of the whole batch is subtracted, so a row far below it underflows; each row needs its "
    "own largest.",
)
def subtracts_global_maximum(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max()
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="Each row is centred on its mean, which leaves large exponents in a wide row; its largest logit must "
    "become zero.",
)
def subtracts_the_mean(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.mean(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="Subtracting the right token's logit is sound on paper, but a favourite far above it overflows; subtract "
    "the largest instead.",
)
def subtracts_the_target_logit(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    picked = logits[np.arange(rows), targets]
    return np.log(np.exp(logits - picked[:, None]).sum(axis=1)).mean()


@misconception(
    of="cross_entropy",
    kind="convention",
    hint="The losses of the rows are added up but not averaged, so a larger batch looks worse; divide by the "
    "number of rows.",
)
def sums_the_batch(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].sum()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The sum is divided by the size of the vocabulary; the mean runs over the rows of the batch.",
)
def divides_by_vocabulary(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].sum() / vocabulary


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The mean is taken over the whole one-hot table, whose zeros count along; sum over the tokens, then "
    "average over the rows.",
)
def averages_the_one_hot_table(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(np.eye(vocabulary)[targets] * log_probs)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="A softmax is applied before the log-softmax, so the differences between tokens nearly vanish; once is "
    "enough.",
)
def softmax_twice(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    log_probs = probs - np.log(np.exp(probs).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="One loss for each row comes back; the loss of a batch is one number, their mean.",
)
def one_loss_for_each_row(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets]


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The logits are treated as if they were probabilities already; they are raw scores and have to be turned "
    "into log-probabilities first.",
)
def logits_as_probabilities(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return -np.log(logits[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The right tokens' raw logits are averaged; without normalising each row, a model could lower its loss by "
    "raising every score.",
)
def raw_logits(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return -logits[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The loss is read off each row's favourite token; what counts is the token that was right.",
)
def loss_of_the_favourite(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs.max(axis=1).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="This is accuracy: how often the favourite was right; the loss also measures how sure the model was.",
)
def accuracy(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return np.mean(logits.argmax(axis=1) == targets)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="This is the share of wrong favourites; the loss also measures how sure the model was.",
)
def error_rate(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return np.mean(logits.argmax(axis=1) != targets)


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="Negative ids count from the end in numpy, so a target of -1 quietly means the last token; check the "
    "range first.",
)
def negative_targets_wrap(logits, targets):
    rows = len(logits)
    if targets.shape != (rows,):
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="Rows with a negative target are left out, as some libraries do for padding; here such an id is an error.",
)
def skips_negative_targets(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    kept = np.flatnonzero(targets >= 0)
    return -log_probs[kept, targets[kept]].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="An id outside the vocabulary matches no column of the one-hot table, so its row silently costs nothing; "
    "check the range first.",
)
def one_hot_without_range_check(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,):
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    one_hot = targets[:, None] == np.arange(vocabulary)
    return -(one_hot * log_probs).sum() / rows


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="Ids outside the vocabulary are moved to its nearest end, which hides a mistake in the data; report them "
    "instead.",
)
def clips_targets(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,):
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), np.clip(targets, 0, vocabulary - 1)].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="Going through rows and targets in step stops at the end of the shorter one; compare their lengths first.",
)
def stops_at_the_shorter_list(logits, targets):
    losses = []
    for row, target in zip(logits, targets, strict=False):
        if not 0 <= target < len(row):
            raise IndexError("no such token")
        shifted = row - row.max()
        losses.append(np.log(np.exp(shifted).sum()) - shifted[target])
    return np.mean(losses)


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="The shape of the targets is not looked at, so numpy stretches a single target, or a column of them, over "
    "the whole batch.",
)
def broadcasts_targets(logits, targets):
    rows, vocabulary = logits.shape
    if targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="A column of targets is flattened instead of refused; here the shape is part of what the caller promises.",
)
def flattens_targets(logits, targets):
    rows, vocabulary = logits.shape
    targets = targets.ravel()
    if len(targets) != rows or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="Every row is read at every target, N times N values, and all are averaged; each row has one target of "
    "its own.",
)
def every_row_at_every_target(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[:, targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The softmax runs down the columns, across the batch; the guesses to be normalised are those within a row.",
)
def softmax_over_the_batch(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=0, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The softmax is normalised over the whole batch at once; every row is a guess of its own and sums to 1 by "
    "itself.",
)
def softmax_over_everything(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max()
    log_probs = shifted - np.log(np.exp(shifted).sum())
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The logarithm has base 2, so the loss is in bits; nats need the natural logarithm.",
)
def bits_instead_of_nats(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean() / np.log(2.0)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The minus sign is missing: log-probabilities are never positive, a loss never negative.",
)
def no_minus_sign(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The probabilities are averaged before the logarithm; take the loss of each row first, then the mean.",
)
def log_of_the_mean(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets].mean())


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The mean of one minus the right probability never exceeds 1; cross-entropy takes minus the logarithm.",
)
def mean_of_one_minus_p(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return np.mean(1.0 - probs[np.arange(rows), targets])


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The probabilities are compared with the one-hot truth by squared error; for tokens the loss is minus the "
    "log of the right one.",
)
def squared_error_to_one_hot(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return np.mean((probs - np.eye(vocabulary)[targets]) ** 2)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The log-probabilities of all tokens are averaged, so it no longer matters which token was right; pick "
    "the target's.",
)
def mean_over_all_tokens(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs.mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="This is the mean entropy of the guesses: how unsure the model was, not how wrong; the targets play no "
    "part in it.",
)
def mean_entropy(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(np.exp(log_probs) * log_probs).sum(axis=1).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The exponential of the loss is returned; that is the perplexity, which has a stub of its own.",
)
def perplexity_instead_of_loss(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.exp(-log_probs[np.arange(rows), targets].mean())


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="Only the first row counts: the function returns during its first time round the loop; look at the "
    "indentation.",
)
def first_row_only(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    total = 0.0
    for row, target in zip(logits, targets, strict=True):
        shifted = row - row.max()
        total = total + np.log(np.exp(shifted).sum()) - shifted[target]
        return total / rows
    return total


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The token before the right one is looked up: ids count from 0, so nothing is to be subtracted.",
)
def ids_from_one(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets - 1].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="A table comes back: probabilities minus the one-hot truth is the gradient of this loss, which belongs to "
    "backpropagation.",
)
def gradient_instead_of_loss(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return (probs - np.eye(vocabulary)[targets]) / rows


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="The largest logit is subtracted in the caller's own array, which is changed for good; make a new array.",
)
def shifts_logits_in_place(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    logits -= logits.max(axis=1, keepdims=True)
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


# --- next_token_pairs ---


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Targets are the input ids plus one, as if a text counted upwards; the next token has to be read from the "
    "text.",
)
def adds_one_to_ids(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    return inputs, inputs + 1


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Targets equal the inputs, so the model would learn to repeat what it sees; they must run one token ahead.",
)
def no_shift(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    return inputs, inputs.copy()


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Targets run two tokens ahead of the inputs; the next token is one ahead.",
)
def shifts_by_two(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length - 1)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    targets = np.array([token_ids[start + 2 : start + 2 + context_length] for start in starts])
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Each window is rotated, so its last target is its own first token; that place belongs to the token after "
    "the window.",
)
def rotates_each_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    return inputs, np.roll(inputs, -1, axis=1)


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="The text is joined to its own beginning to fill one more window; nothing follows the last token, so that "
    "window does not exist.",
)
def wraps_round_the_text(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    shifted = np.roll(token_ids, -1)
    starts = range(len(token_ids) - context_length + 1)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    targets = np.array([shifted[start : start + context_length] for start in starts])
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="There is one target for each window; every position of a window has a next token, so targets have the "
    "shape of the inputs.",
)
def one_target_for_each_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    return inputs, np.array(token_ids[context_length:])


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="The ids come back as floats; they index a table and must stay whole numbers, so look at how the arrays "
    "are made.",
)
def float_ids(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    rows = len(token_ids) - context_length
    inputs, targets = np.zeros((rows, context_length)), np.zeros((rows, context_length))
    for start in range(rows):
        inputs[start] = token_ids[start : start + context_length]
        targets[start] = token_ids[start + 1 : start + 1 + context_length]
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="A last window is kept although the text ends inside its targets, and the gap is filled with id 0, which "
    "is a real token.",
)
def pads_the_last_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    padded = np.append(token_ids, 0)
    starts = range(len(token_ids) - context_length + 1)
    inputs = np.array([padded[start : start + context_length] for start in starts])
    targets = np.array([padded[start + 1 : start + 1 + context_length] for start in starts])
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="edge",
    hint="The last window is missing: the text still has a next token for it, so count the windows on a text of "
    "five tokens by hand.",
)
def drops_the_last_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    rows = len(token_ids) - context_length - 1
    index = np.arange(rows)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Windows follow each other without overlap; here the next window starts one token later, not one whole "
    "window later.",
)
def windows_without_overlap(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(0, len(token_ids) - context_length, context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    targets = np.array([token_ids[start + 1 : start + 1 + context_length] for start in starts])
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Inputs and targets have changed places, so the model would be asked for the token before; inputs come first.",
)
def swaps_inputs_and_targets(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    targets = np.array([token_ids[start + 1 : start + 1 + context_length] for start in starts])
    return targets, inputs


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="The whole text is shifted once, but not cut into windows of the context's length.",
)
def one_long_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    return token_ids[:-1].copy(), token_ids[1:].copy()


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Windows are the columns instead of the rows; the first axis counts windows, the second the places within "
    "a window.",
)
def windows_as_columns(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    targets = np.array([token_ids[start + 1 : start + 1 + context_length] for start in starts])
    return inputs.T, targets.T


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Targets are the whole window after the input window; they should be the same window moved on by one token.",
)
def targets_are_the_next_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(max(len(token_ids) - 2 * context_length + 1, 0))
    inputs = [token_ids[start : start + context_length] for start in starts]
    targets = [token_ids[start + context_length : start + 2 * context_length] for start in starts]
    shape = (len(inputs), context_length)
    return np.array(inputs, dtype=int).reshape(shape), np.array(targets, dtype=int).reshape(shape)


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="All positions of a window get the same target, the token after the window; each position has a next "
    "token of its own.",
)
def repeats_the_last_target(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    return inputs, np.repeat(token_ids[context_length:, None], context_length, axis=1)


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Windows are longer by one than the context, the target still inside them; inputs end one token earlier "
    "than targets.",
)
def windows_one_too_long(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    windows = np.array([token_ids[start : start + context_length + 1] for start in starts])
    return windows, windows.copy()


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Each window counts on from its first id, so it holds positions or numbers of its own making; the ids are "
    "to be read from the text.",
)
def positions_instead_of_ids(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return index, index + 1


@misconception(
    of="next_token_pairs",
    kind="edge",
    hint="Ids are squeezed into 16 bits, which end at 65,535; larger vocabularies need a wider integer.",
)
def sixteen_bit_ids(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    small = token_ids.astype(np.uint16)
    starts = range(len(token_ids) - context_length)
    inputs = np.array([small[start : start + context_length] for start in starts])
    targets = np.array([small[start + 1 : start + 1 + context_length] for start in starts])
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="conduct",
    hint="A text too short for one window gives empty arrays, and a training loop over nothing fails far from the "
    "cause; raise the promised error.",
)
def empty_for_short_texts(token_ids, context_length):
    rows = max(len(token_ids) - context_length, 0)
    index = np.arange(rows)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="conduct",
    hint="The length check lets a text through that is exactly as long as the context; it too has no next token "
    "for its last position.",
)
def accepts_equal_length(token_ids, context_length):
    if len(token_ids) < context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="conduct",
    hint="The text is moved along inside the caller's own array, which loses its first token; read from it and "
    "write to new arrays.",
)
def shifts_the_text_in_place(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    last = token_ids[-1]
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in starts])
    token_ids[:-1] = token_ids[1:].copy()
    token_ids[-1] = last
    targets = np.array([token_ids[start : start + context_length] for start in starts])
    return inputs, targets


# --- perplexity ---


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The loss is in nats, so its exponential has base e; base 2 would belong to a loss in bits.",
)
def two_to_the_loss(mean_nll):
    return 2.0**mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The loss is in nats, so its exponential has base e, not 10.",
)
def ten_to_the_loss(mean_nll):
    return 10.0**mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="A minus sign too many: the loss is already minus the logarithm, so this gives a probability, not a "
    "number of choices.",
)
def negative_exponent(mean_nll):
    return np.exp(-mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="One divided by the loss is not one divided by the probability; undo the logarithm.",
)
def one_over_the_loss(mean_nll):
    if mean_nll == 0.0:
        return math.inf
    return 1.0 / mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The loss comes back unchanged; perplexity undoes its logarithm.",
)
def loss_itself(mean_nll):
    return mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="A logarithm is taken once more instead of being undone.",
)
def log_again(mean_nll):
    if mean_nll == 0.0:
        return -math.inf
    return math.log(mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="One is subtracted: a model that is always certain has one choice, not none.",
)
def counts_the_other_choices(mean_nll):
    return np.expm1(mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The result is rounded to a whole number; the effective number of choices may well be a fraction.",
)
def whole_choices(mean_nll):
    return round(float(np.exp(mean_nll)))


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The fraction is cut off; the effective number of choices may well be a fraction.",
)
def cuts_off_the_fraction(mean_nll):
    return int(np.exp(mean_nll) + 1e-9)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The number e is typed in with a few digits only, and a power makes the error grow; numpy knows all its "
    "digits.",
)
def e_with_three_decimals(mean_nll):
    return 2.718**mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The loss is turned into bits, but the exponential still has base e; the two must match.",
)
def bits_with_base_e(mean_nll):
    return np.exp(mean_nll / np.log(2.0))


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="One plus the loss is only the beginning of the exponential, good for tiny losses; use the exponential "
    "itself.",
)
def one_plus_loss(mean_nll):
    return 1.0 + mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The loss is squared; a power with the loss as its base is not the exponential, which has the loss as its "
    "exponent.",
)
def loss_squared(mean_nll):
    return mean_nll**2


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The power is the wrong way round: the loss became the base and e the exponent.",
)
def loss_to_the_e(mean_nll):
    return float(mean_nll) ** math.e


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="The exponential carries a minus sign in front; a number of choices is never negative.",
)
def negative_choices(mean_nll):
    return -np.exp(mean_nll)


@misconception(
    of="perplexity",
    kind="edge",
    hint="The number of choices is held below a limit; a hopeless model may be worse than any vocabulary.",
)
def capped_at_a_vocabulary(mean_nll):
    return min(float(np.exp(mean_nll)), 50_000.0)
