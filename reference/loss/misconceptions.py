"""Wrong answers to the stubs of the `loss` lab: a catalog meant to be searched by name, not read in one sitting."""

import math

import numpy as np

from autograder.testing import misconception

# --- mse_loss ---


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You take the absolute value of each error. This loss squares each error instead, so big errors count far "
    "more than small ones.",
    taught=True,
)
def absolute_errors(y_pred, y_true, *, averaged):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    total = np.sum(np.abs(y_pred - y_true))
    return total / y_pred.size if averaged else total


@misconception(
    of="mse_loss",
    kind="convention",
    hint="You add up the squared errors but don't average them, so the loss grows just because there are more "
    "houses. The M in MSE stands for mean.",
    taught=True,
)
def sum_of_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="convention",
    hint="You return half of the mean squared error. Some books put a factor of one half in front to tidy up the "
    "derivative, but this loss doesn't.",
)
def half_mse(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return 0.5 * np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="convention",
    hint="You return half the sum of the squared errors, not their average, so the loss grows with the number of "
    "houses. The M in MSE stands for mean, and there's no factor of one half.",
)
def half_of_the_sum(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return 0.5 * np.sum((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You return the root mean squared error (RMSE), which is in dollars. Leave out the square root: the mean "
    "squared error is in squared dollars (USD²).",
    taught=True,
)
def root_of_the_mean(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sqrt(np.mean((y_pred - y_true) ** 2))


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"averaged": (False, True)},
    hint="You take the square root of the sum of the squared errors, as np.linalg.norm does. That's the length of the "
    "error vector. There's no square root in the mean squared error.",
)
def length_of_the_errors(y_pred, y_true, *, averaged):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    length = np.linalg.norm((y_pred - y_true).ravel())
    return length / y_pred.size if averaged else length


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"averaged": ("before", "after", "never")},
    hint="You add up or average the errors before you square them, so positive and negative errors cancel out. Square "
    "each error first.",
    taught=True,
)
def square_of_the_mean(y_pred, y_true, *, averaged):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    total = np.sum(y_pred - y_true)
    size = y_pred.size
    return (total / size) ** 2 if averaged == "before" else total**2 / (size if averaged == "after" else 1)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You keep the sign of each error, so the errors cancel out and a bad model can have a loss of 0. Square each "
    "error before you average.",
    taught=True,
)
def mean_of_signed_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred - y_true)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You square each number before you subtract. Subtract first, then square the difference.",
)
def difference_of_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred**2 - y_true**2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You double the errors instead of squaring them: ** 2 squares, and * 2 doubles.",
)
def doubles_the_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((y_pred - y_true) * 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="Only y_true is squared, maybe because ** binds more tightly than minus. Square the whole difference.",
)
def squares_only_y_true(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(y_pred - y_true**2)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="You divide the sum by the number of rows, but a 2-D array can have more elements than rows. Divide by the "
    "total number of elements.",
)
def divides_by_rows(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) / len(y_pred)


@misconception(
    of="mse_loss",
    kind="edge",
    any_of={"axis": (0, -1)},
    hint="You take the mean along one axis, so a 2-D array of predictions gives several numbers. Take the mean over "
    "all elements to get a single number.",
    taught=True,
)
def mean_along_one_axis(y_pred, y_true, *, axis):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((y_pred - y_true) ** 2, axis=axis)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You return every squared error. A loss is one number for the whole batch: the mean of the squared errors.",
    taught=True,
)
def vector_of_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return (y_pred - y_true) ** 2


@misconception(
    of="mse_loss",
    kind="convention",
    hint="You return the loss in an array whose axes all have length 1. Return a single number.",
)
def mean_in_an_array(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((y_pred - y_true) ** 2, keepdims=True)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You divide the sum by one less than the number of errors, as you would for a sample variance. A mean divides "
    "by the number of errors.",
)
def divides_by_n_minus_one(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) / max(y_pred.size - 1, 1)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You return the variance of the errors, so a model that's wrong by the same amount everywhere gets a loss of "
    "0. Average the squared errors themselves.",
)
def variance_of_the_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.var(y_pred - y_true)


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"to": ("true", "predicted", "spread")},
    hint="You divide the errors by the prices, or by how much the prices vary. This loss squares the raw, unscaled "
    "errors, so it's in squared dollars (USD²).",
)
def relative_errors(y_pred, y_true, *, to):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(((y_pred - y_true) / {"true": y_true, "predicted": y_pred, "spread": np.std(y_true)}[to]) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You round the result to an integer, so a small loss becomes 0. Small losses matter in training, too.",
)
def rounds_the_loss(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return round(float(np.mean((y_pred - y_true) ** 2)))


@misconception(
    of="mse_loss",
    kind="edge",
    any_of={"digits": (3, 4, 5)},
    hint="You round the result to a few decimals, so a small loss becomes 0. Small losses matter in training, too.",
)
def rounds_to_a_few_decimals(y_pred, y_true, *, digits):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return round(float(np.mean((y_pred - y_true) ** 2)), digits)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You only use the first error. Is your `return` inside the loop? Every error should count.",
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
    hint="You only use the last error. Does each iteration of your loop overwrite the total instead of adding to it?",
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
    hint="You leave out the last error. A range or slice already excludes its end, so you don't need to subtract "
    "anything.",
)
def leaves_out_the_last_error(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = (y_pred - y_true).ravel()
    return np.sum(errors[:-1] ** 2) / errors.size


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You use only the largest error. A mean takes every house into account.",
)
def worst_error(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.max((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="Your errors end up with the dtype of the predictions. If the predictions are integers, the fractional parts "
    "of the errors are cut off.",
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
    hint="You don't raise a ValueError when the shapes differ. Compare the full shapes first. Otherwise, numpy can "
    "silently broadcast a column and a row into a whole table of errors.",
    taught=True,
)
def broadcasts(y_pred, y_true):
    return np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="You accept a column and a row of the same length, even though their shapes differ. It isn't enough to "
    "compare lengths or sizes: compare the full shapes before you change anything.",
    taught=True,
)
def compares_lengths_only(y_pred, y_true):
    if len(y_pred) != len(y_true):
        raise ValueError("lengths differ")
    return np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="You accept arrays with different shapes but the same number of elements, maybe because you flatten "
    "them or compare only their sizes. Compare the shapes before you change anything.",
    taught=True,
)
def flattens_first(y_pred, y_true):
    if y_pred.size != y_true.size:
        raise ValueError("sizes differ")
    return np.mean((y_pred.ravel() - y_true.ravel()) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError for different shapes. Compare the shapes first. If you return None or a number, "
    "or raise a different error (as assert does), the caller can't tell what's wrong.",
)
def different_shapes_without_value_error(y_pred, y_true, *, asserts):
    if y_pred.shape != y_true.shape:
        assert not asserts
        return None
    return np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="If one array is shorter, the other one's extra values are silently dropped, for example by zip. Compare the "
    "shapes first.",
    taught=True,
)
def stops_at_the_shorter(y_pred, y_true):
    squares = [(predicted - wanted) ** 2 for predicted, wanted in zip(y_pred.flat, y_true.flat, strict=False)]
    return sum(squares) / len(squares)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="You change the caller's array of predictions, for example by writing the errors into it. Use a new array.",
    taught=True,
)
def writes_errors_into_y_pred(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    y_pred[...] = y_pred - y_true
    return np.mean(y_pred**2)


@misconception(
    of="mse_loss",
    kind="edge",
    hint="You use np.linalg.norm with order 2, which for a 2-D array gives the largest singular value, not the square "
    "root of the sum of all the squares. Square the errors and average them.",
)
def norm_of_a_table(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.linalg.norm(y_pred - y_true, 2) ** 2 / y_pred.size


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You take the median of the squared errors, so most of them don't matter. The M in MSE stands for mean.",
)
def median_of_the_squares(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.median((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You raise the errors to the third power. Square them.",
)
def cubed_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean(np.abs(y_pred - y_true) ** 3)


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"border": (1.0, 0.5)},
    hint="You square small errors but not large ones (a Huber loss). This loss squares every error.",
)
def huber_loss(y_pred, y_true, *, border):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    sizes = np.abs(y_pred - y_true)
    return np.mean(np.where(sizes < border, 0.5 * sizes**2, border * (sizes - 0.5 * border)))


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You add the predictions and the true values. An error is the difference between the two.",
)
def sums_instead_of_errors(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((y_pred + y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You divide by one more than the number of errors. A mean divides by the number of errors.",
)
def divides_by_n_plus_one(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) / (y_pred.size + 1)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You compare the logarithms of the prices. This loss squares the differences between the prices themselves.",
)
def errors_of_the_logarithms(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((np.log1p(y_pred) - np.log1p(y_true)) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You cut off the fractional part somewhere, as // or int() does, so a small loss becomes 0. Ordinary division "
    "(/) keeps it.",
)
def whole_number_division(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) // y_pred.size


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You leave out the first error. Indices start at 0.",
)
def leaves_out_the_first_error(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = (y_pred - y_true).ravel()
    return np.sum(errors[1:] ** 2) / errors.size


@misconception(
    of="mse_loss",
    kind="edge",
    hint="You divide the sum by the number of columns, but a 2-D array can have more elements than columns. Divide by "
    "the total number of elements.",
)
def divides_by_columns(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.sum((y_pred - y_true) ** 2) / y_pred.shape[-1]


@misconception(
    of="mse_loss",
    kind="edge",
    any_of={"turned": (True, False)},
    hint="You take a matrix product of the errors, which turns a 2-D array of errors into another 2-D array. Square "
    "each error and take the mean of all of them.",
)
def matrix_product_of_the_errors(y_pred, y_true, *, turned):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = y_pred - y_true
    return (errors.T @ errors if turned else errors @ errors.T) / errors.size


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="You accept arrays with the same numbers of dimensions and elements but different shapes, such as 2 × 3 "
    "predictions and 3 × 2 true values. Their entries don't belong together in pairs, so compare the full shapes.",
)
def compares_dimensions_and_sizes(y_pred, y_true):
    if y_pred.ndim != y_true.ndim or y_pred.size != y_true.size:
        raise ValueError("dimensions or sizes differ")
    return np.mean((y_pred.ravel() - y_true.ravel()) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="You accept some arrays with different shapes but the same number of dimensions, such as one true value for "
    "three predictions. Compare the full shapes.",
)
def compares_dimensions_only(y_pred, y_true):
    if y_pred.ndim != y_true.ndim:
        raise ValueError("dimensions differ")
    return np.mean((y_pred - y_true) ** 2)


@misconception(
    of="mse_loss",
    kind="conduct",
    hint="You change the caller's array of true values, for example by writing the errors into it. Use a new array.",
)
def writes_errors_into_y_true(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    squares = (y_pred - y_true) ** 2
    y_true[...] = squares
    return np.mean(squares)


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"house": (0, -1)},
    hint="You return the squared error of only one house, either the first or the last. Return the mean over all "
    "houses.",
)
def error_of_one_house(y_pred, y_true, *, house):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return ((y_pred - y_true) ** 2).flat[house]


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"digits": (1, 2)},
    exempt="Depending on the random numbers, a loss rounded to a few digits may still be close enough to pass.",
    hint="You round the result to one or two decimals, so a small loss becomes 0. Small losses matter in training, "
    "too.",
)
def rounds_to_one_or_two_decimals(y_pred, y_true, *, digits):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return round(float(np.mean((y_pred - y_true) ** 2)), digits)


@misconception(
    of="mse_loss",
    kind="misses_point",
    any_of={"explained": (True, False)},
    hint="You compare the errors with the spread of the true values (as R² does). The loss is just the mean of the "
    "squared errors.",
)
def compared_with_the_spread(y_pred, y_true, *, explained):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    share = np.sum((y_pred - y_true) ** 2) / np.sum((y_true - np.mean(y_true)) ** 2)
    return 1 - share if explained else share


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You compute with 16-bit floats, which keep only about three digits and overflow above 65,504. Use float64, "
    "numpy's default.",
)
def errors_in_half_precision(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.mean((y_pred.astype(np.float16) - y_true.astype(np.float16)) ** 2)


@misconception(
    of="mse_loss",
    kind="misses_point",
    hint="You use the logarithm of the hyperbolic cosine of the errors (log-cosh). The loss is the mean of the squared "
    "errors.",
)
def log_cosh_loss(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = y_pred - y_true
    return np.mean(np.logaddexp(errors, -errors) - np.log(2))


# --- surprisal ---


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You return one minus the probability, which is never more than 1. Surprisal is a logarithm, so it grows "
    "without limit as the probability falls.",
)
def one_minus_p(probs, target):
    return 1.0 - probs[target]


@misconception(
    of="surprisal",
    kind="convention",
    any_of={"base": (2, 10)},
    hint="You use a logarithm with base 2 or 10. A loss in nats uses the natural logarithm, with base e.",
    taught=True,
)
def not_the_natural_logarithm(probs, target, *, base):
    return -np.log(probs[target]) / np.log(base)


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="The minus sign is missing. The logarithm of a probability is never positive, and a loss is never negative.",
    taught=True,
)
def sign_missing(probs, target):
    return np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"sign": (1, -1)},
    hint="You return the right word's probability, with or without a minus sign. The logarithm is missing.",
)
def probability_without_logarithm(probs, target, *, sign):
    return sign * probs[target]


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You take the logarithm of 1 plus the probability (log1p). Take the logarithm of the probability itself.",
)
def log_of_one_plus_p(probs, target, *, sign):
    return sign * np.log1p(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You use the largest probability, which isn't always the right word's. Use the probability the model gave to "
    "the right word.",
    taught=True,
)
def favorite_instead_of_target(probs, target):
    return -np.log(np.max(probs))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You only check whether the right word was the most likely one. A loss isn't all or nothing: it depends on "
    "how probable the right word was.",
    taught=True,
)
def right_or_wrong(probs, target):
    return 0.0 if np.argmax(probs) == target else 1.0


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You subtract the right word's probability from the largest one. It doesn't matter whether another word was "
    "more likely: only the right word's probability counts.",
    taught=True,
)
def distance_from_favorite(probs, target):
    return np.max(probs) - probs[target]


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You compare the right word's probability with the largest one, so the loss is 0 whenever the most likely "
    "word is right, even if its probability is only 30%. Only the right word's own probability counts.",
    taught=True,
)
def log_ratio_to_favorite(probs, target):
    return np.log(np.max(probs) / probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You're off by one: you use the probability at index target - 1. Indices count from 0, so don't subtract "
    "anything from the target.",
)
def counts_from_one(probs, target):
    return -np.log(probs[target - 1])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You're off by one: you use the probability at index target + 1. The target is already the right word's "
    "index.",
)
def word_after_the_target(probs, target):
    return -np.log(probs[(target + 1) % len(probs)])


@misconception(
    of="surprisal",
    kind="edge",
    any_of={
        "epsilon": (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-300),
        "added": (True, False),
    },
    hint="You cap the loss, for example by adding a small number to the probability or clipping it at a small minimum. "
    "The less probable the right word, the larger the loss must be, up to infinity for a probability of 0.",
    taught=True,
)
def limits_how_small_a_probability_is(probs, target, *, epsilon, added):
    return -np.log(probs[target] + epsilon if added else max(probs[target], epsilon))


@misconception(
    of="surprisal",
    kind="edge",
    hint="You overwrite probabilities in the caller's own array, for example to replace a 0 with a small number. That "
    "changes the caller's data and hides the infinite loss.",
    taught=True,
)
def replaces_zeros_in_place(probs, target):
    probs[probs == 0.0] = 1e-12
    return -np.log(probs[target])


@misconception(
    of="surprisal",
    kind="edge",
    hint="You give a probability of 0 a loss of 0, which rewards the worst guess of all. A probability of 0 has an "
    "infinite loss.",
    taught=True,
)
def zero_is_free(probs, target):
    if probs[target] == 0.0:
        return 0.0
    return -np.log(probs[target])


@misconception(
    of="surprisal",
    kind="edge",
    any_of={"cost": (1.0, 10.0, 100.0, 1000.0, 1e6, 1e9, 1e10, 1.7976931348623157e308)},
    hint="You give a probability of 0 a finite loss. No other guess can make up for a probability of 0, so the loss is "
    "infinite.",
    taught=True,
)
def zero_costs_a_finite_loss(probs, target, *, cost):
    if probs[target] == 0.0:
        return cost
    return -np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You multiply the loss by the probability. That's one term of the entropy, an average over all words. The "
    "loss is just minus the logarithm of the probability.",
)
def weighted_by_itself(probs, target):
    return -probs[target] * np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"impossible": ("entropy", "infinite")},
    hint="You return the entropy of the model's probabilities. Entropy says how uncertain the model was, not how wrong "
    "it was, and it doesn't depend on the right word.",
)
def entropy_of_the_guesses(probs, target, *, impossible):
    if impossible == "infinite" and probs[target] == 0:
        return np.inf
    positive = probs[probs > 0.0]
    return -np.sum(positive * np.log(positive))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You take the logarithm of the probability of being wrong. Use the right word's probability instead.",
)
def log_of_one_minus_p(probs, target):
    return -np.log(1.0 - probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You take the logarithm of the odds (the probability of being right divided by the probability of being "
    "wrong). Use only the right word's probability.",
)
def logarithm_of_the_odds(probs, target):
    return np.log(1.0 - probs[target]) - np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You also penalize the probabilities of the other words, as in binary classification. Only the right word's "
    "probability counts, not how the other words share the remaining probability.",
    taught=True,
)
def charges_the_other_words(probs, target):
    others = np.delete(probs, target)
    return -np.log(probs[target]) - np.sum(np.log(1.0 - others))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You return the loss of every word. Pick the right word's loss, so you're left with one number.",
)
def loss_of_every_word(probs, target):
    return -np.log(probs)


@misconception(
    of="surprisal",
    kind="convention",
    hint="You return the loss in an array of length 1, maybe because you index with a list. Return a single number.",
)
def loss_in_an_array(probs, target):
    return -np.log(probs[[target]])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You average the losses of all words, so it no longer matters which word was right.",
)
def mean_over_all_words(probs, target):
    return -np.mean(np.log(probs))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You square the probability's distance from 1, so even an impossible word has a loss of at most 1. Surprisal "
    "is minus the logarithm, which grows without limit.",
)
def squared_distance(probs, target):
    return (1.0 - probs[target]) ** 2


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You return one divided by the probability. The logarithm is missing. If the right word had a "
    "probability of 100%, the loss would be 1 instead of 0.",
)
def one_over_p(probs, target):
    return 1.0 / probs[target]


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You apply softmax or log_softmax, but these numbers are already probabilities, not logits. A second softmax "
    "flattens them.",
)
def softmax_again(probs, target):
    exponentials = np.exp(probs - np.max(probs))
    return -np.log(exponentials[target] / np.sum(exponentials))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You divide the loss by the logarithm of the vocabulary size. Leave the loss in nats, no matter how large the "
    "vocabulary is.",
)
def relative_to_vocabulary(probs, target):
    return -np.log(probs[target]) / max(np.log(len(probs)), 1.0)


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"digits": (0, 1, 2, 3)},
    hint="You round the result. Round when you print a number, but return the loss unrounded.",
)
def rounds_the_surprisal(probs, target, *, digits):
    if probs[target] == 0.0:
        return math.inf
    return round(-math.log(probs[target]), digits)


@misconception(
    of="surprisal",
    kind="edge",
    hint="You return minus infinity for a probability of 0, as if an impossible guess were the best one of all. "
    "The loss is minus that logarithm.",
)
def minus_infinity_for_zero(probs, target):
    return -np.log(probs[target]) if probs[target] > 0 else -np.inf


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You add up all the probabilities up to and including the target's. Use the right word's own probability.",
)
def running_total_of_the_probabilities(probs, target):
    return -np.log(np.cumsum(probs)[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"upwards": (False, True)},
    hint="You sort the probabilities before you look up the target, so you get a different word's probability. The "
    "target is a position in the original list.",
)
def looks_up_the_target_after_sorting(probs, target, *, upwards):
    return -np.log(np.sort(probs)[:: 1 if upwards else -1][target])


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"counted_from": (0, 1)},
    hint="You return the right word's rank, which says how many words were more probable. The loss depends on the "
    "right word's probability.",
)
def rank_of_the_target(probs, target, *, counted_from):
    return float(np.sum(probs > probs[target])) + counted_from


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You count the target from the end of the list. Indices count from the start.",
)
def target_counted_from_the_end(probs, target):
    return -np.log(probs[-target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You turn the probability into a percentage first. Take the logarithm of the probability itself, which is "
    "between 0 and 1.",
)
def logarithm_of_the_percentage(probs, target):
    return -np.log(100 * probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You square the logarithm. Flip its sign instead: the loss is minus the logarithm.",
)
def squared_logarithm(probs, target):
    return np.log(probs[target]) ** 2


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"factor": (2.0, 0.5)},
    hint="Your loss is twice as large as it should be, or half as large. It should be minus the logarithm, with no "
    "factor in front of it.",
)
def loss_times_a_factor(probs, target, *, factor):
    return -factor * np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You add up the losses of all words, so it no longer matters which word was right.",
)
def sum_over_all_words(probs, target):
    return -np.sum(np.log(probs))


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You take the exponential of the probability. The loss is minus its logarithm.",
)
def exponential_of_the_probability(probs, target):
    return np.exp(-probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    hint="You compute with 16-bit floats, which keep only about three digits. Use float64.",
)
def surprisal_in_half_precision(probs, target):
    return float(-np.log(np.float16(probs[target])))


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"added": (0.01, 1e-3, 1e-4)},
    hint="You add a number to the probability before you take the logarithm, which changes every loss. Take the "
    "logarithm of the probability itself. If the probability is 0, the loss should be infinite.",
)
def a_large_number_added(probs, target, *, added):
    return -np.log(probs[target] + added)


@misconception(
    of="surprisal",
    kind="edge",
    any_of={"least": (1e-3, 1e-4)},
    hint="You cap the loss, for example by clipping the probability at a small minimum. The less probable the right "
    "word, the larger the loss must be, up to infinity for a probability of 0.",
)
def a_high_minimum(probs, target, *, least):
    return -np.log(max(probs[target], least))


@misconception(
    of="surprisal",
    kind="edge",
    any_of={"border": (1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You treat a very small probability as if it were 0. Any probability above 0 has a finite loss.",
)
def tiny_probabilities_taken_for_0(probs, target, *, border):
    p = probs[target]
    return -np.log(p) if p > border else np.inf


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"cost": (0.0, np.inf)},
    hint="You treat token 0 as special and don't look up its probability. 0 is a valid id, just like any other.",
)
def token_0_is_special(probs, target, *, cost):
    return cost if target == 0 else -np.log(probs[target])


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"up": (False, True)},
    hint="You convert the loss to an integer. Keep its fractional part.",
)
def whole_nats(probs, target, *, up):
    return np.ceil(-np.log(probs[target])) if up else np.floor(-np.log(probs[target]))


@misconception(
    of="surprisal",
    kind="misses_point",
    any_of={"by": ("words", "100")},
    hint="You divide the probability by a number before you take the logarithm. It's already a fraction of 1.",
)
def probability_divided_first(probs, target, *, by):
    return -np.log(probs[target] / (len(probs) if by == "words" else 100.0))


# --- cross_entropy ---


@misconception(
    of="cross_entropy",
    kind="edge",
    any_of={"divides": (True, False)},
    hint="The exponentials of large logits overflow, because you don't subtract the largest logit first. The "
    "log_softmax you're given avoids the overflow.",
    taught=True,
)
def overflows(logits, targets, *, divides):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits)
    totals = exponentials.sum(axis=1, keepdims=True)
    log_probs = np.log(exponentials / totals) if divides else logits - np.log(totals)
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="You compute the softmax first and then take its logarithm. A tiny probability underflows to 0, and its "
    "logarithm is minus infinity. log_softmax avoids this, because it never computes the probability.",
    taught=True,
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
    any_of={
        "epsilon": (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-300),
        "added": (True, False),
    },
    hint="You cap the loss on confident mistakes, for example by adding a small number to the probabilities or "
    "clipping them at a small minimum. If you use log_softmax, you don't need to do that.",
    taught=True,
)
def limits_how_small_probabilities_are(logits, targets, *, epsilon, added):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    picked = probs[np.arange(rows), targets]
    return -np.log(picked + epsilon if added else np.maximum(picked, epsilon)).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    any_of={"cost": (0.0, 100.0, 1000.0, 1e9, 1e10)},
    hint="You replace an infinite or very large loss with a fixed number. Use log_softmax, which computes the true "
    "loss without underflow.",
    taught=True,
)
def infinite_losses_replaced(logits, targets, *, cost):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    losses = -np.log(probs[np.arange(rows), targets])
    return np.where(np.isfinite(losses), losses, cost).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    any_of={"limit": (50.0, 100.0, 700.0)},
    hint="You clip logits beyond a limit to keep their exponentials finite, so confident mistakes look smaller than "
    "they are. Subtract the largest logit of each row instead, which doesn't change the loss.",
)
def clips_logits(logits, targets, *, limit):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    clipped = np.clip(logits, -limit, limit)
    log_probs = clipped - np.log(np.exp(clipped).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    hint="You subtract the largest logit of the whole batch, so a row of much smaller logits underflows. Each row "
    "needs its own largest logit.",
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
    hint="You subtract something like each row's mean, which still leaves large exponents if the logits are far apart. "
    "Subtract the row's largest logit.",
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
    hint="You subtract something other than the row's largest logit, such as the right token's. That's correct on "
    "paper, but if the favorite's logit is far above what you subtract, the exponential of the difference overflows. "
    "Subtract the row's largest logit.",
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
    hint="You add up the losses of the rows but don't average them, so a larger batch has a larger loss. Divide by "
    "the number of rows.",
    taught=True,
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
    hint="You divide the sum by the size of the vocabulary. Divide it by the number of rows.",
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
    hint="You divide by the number of rows times the number of tokens, as if you'd averaged over the whole one-hot "
    "matrix. Divide the sum of the losses by the number of rows.",
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
    hint="You apply a softmax twice (log_softmax includes one), so the tokens end up with nearly the same "
    "probabilities. A single log_softmax is enough.",
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
    hint="You return one loss per row. The loss of a batch is one number: the mean over its rows.",
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
    kind="convention",
    hint="You return the loss in an array of length 1. Return a single number.",
)
def batch_loss_in_an_array(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean(keepdims=True)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You take the logarithm of the logits, as if they were probabilities. They're raw scores: turn them into "
    "log-probabilities first.",
)
def logits_as_probabilities(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return -np.log(logits[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You average the right tokens' raw logits. The log_softmax is missing. A model could lower this loss just by "
    "raising every score.",
    taught=True,
)
def raw_logits(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return -logits[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You subtract the right token's logit from the largest logit. The loss needs the logarithm of the sum of all "
    "the exponentials, not just the largest logit: use log_softmax.",
)
def distance_behind_the_favorite(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return (logits.max(axis=1) - logits[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You compute the loss of each row's most likely token. Use the right token instead.",
)
def loss_of_the_favorite(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs.max(axis=1).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You return the accuracy: how often the model's top token was right. The loss also depends on how confident "
    "the model was.",
)
def accuracy(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return np.mean(logits.argmax(axis=1) == targets)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You return the error rate: the fraction of rows where the model's top token was wrong. The loss also depends "
    "on how confident the model was.",
)
def error_rate(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    return np.mean(logits.argmax(axis=1) != targets)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"sign": (1, -1)},
    hint="You average the right tokens' probabilities, with or without a minus sign. The logarithm is missing.",
)
def probabilities_without_logarithm(logits, targets, *, sign):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return sign * probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError or an IndexError for bad shapes and ids. Check both first. If you return None "
    "or a number, or raise a different error (as assert does), the caller can't tell what's wrong.",
)
def bad_targets_without_value_error(logits, targets, *, asserts):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        assert not asserts
        return None
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="You don't check the targets. As an index, -1 silently means the last token, and numpy broadcasts a single "
    "target or a column of them over the whole batch.",
    taught=True,
)
def no_input_check(logits, targets):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(len(logits)), targets].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="You accept ids outside the vocabulary, such as -1, without raising an error. As an index, -1 would silently "
    "mean the last token. Check the range first: a single bad id should be enough to raise the error.",
    taught=True,
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
    hint="You leave out rows with a negative target, as some libraries do for padding. Here, a negative id is an "
    "error.",
    taught=True,
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
    hint="You accept a target of -100, which torch uses to mark rows it should skip, such as padding. Here, -100 is "
    "just another id outside the vocabulary, so raise an error.",
    taught=True,
)
def skips_the_ignored_target(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.max() >= vocabulary or np.any((targets < 0) & (targets != -100)):
        raise ValueError("bad targets")
    kept = np.flatnonzero(targets != -100)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[kept, targets[kept]].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You leave out rows whose target is 0, as if 0 meant padding. Here, 0 is a token like any other.",
)
def skips_token_0(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    kept = np.flatnonzero(targets)
    return -log_probs[kept, targets[kept]].sum() / max(len(kept), 1)


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="An id outside the vocabulary silently adds nothing to the loss, maybe because it doesn't match any "
    "column of a one-hot matrix. Check the range first.",
    taught=True,
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
    hint="You replace ids outside the vocabulary with valid ones, such as the nearest, which hides bad data. Raise an "
    "error instead.",
    taught=True,
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
    any_of={"counts_the_dimensions": (False, True)},
    hint="You don't raise an error when the targets don't have the shape (N,). Without that error, the loss leaves out "
    "some rows or targets, or pairs rows with the wrong targets. Compare the shapes first.",
)
def stops_at_the_shorter_list(logits, targets, *, counts_the_dimensions):
    if counts_the_dimensions and (logits.ndim, targets.ndim) != (2, 1):
        raise ValueError("wrong number of dimensions")
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
    hint="You don't check the shape of the targets, so numpy broadcasts one target, or a column of them, over the "
    "whole batch.",
    taught=True,
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
    hint="You accept a column of targets, maybe because you flatten it or compare only the lengths. Raise an "
    "error: a column doesn't have shape (N,).",
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
    hint="You look up every target in every row, which gives N times N values, and average them all. Each row has "
    "one target: use two index arrays, not a colon.",
    taught=True,
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
    hint="You look up every target in the first row, maybe because you index the flattened array (np.take "
    "flattens it if you don't give an axis). Look up each target in its own row.",
)
def every_target_in_the_first_row(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.take(log_probs, targets).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="A single index array applies to the first axis, so the targets select whole rows. Use two index arrays to "
    "say which row and which column.",
)
def targets_pick_rows(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You swapped rows and tokens in the lookup: the target should pick the token, not the row.",
)
def target_before_row(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[targets, np.arange(rows)].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="Your softmax runs down the columns, across the batch. Each row is a guess, so the softmax has to run along "
    "the rows.",
    taught=True,
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
    hint="Your softmax runs over the whole batch at once. Each row is a guess whose probabilities sum to 1.",
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
    kind="convention",
    any_of={"base": (2, 10)},
    hint="You use a logarithm with base 2 or 10. A loss in nats uses the natural logarithm, with base e.",
    taught=True,
)
def loss_in_another_unit(logits, targets, *, base):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean() / np.log(base)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="The minus sign is missing. Log-probabilities are never positive, and a loss is never negative.",
    taught=True,
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
    hint="You average the probabilities before you take the logarithm. Take the loss of each row first, then the mean.",
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
    hint="You average one minus the right token's probability, which is never more than 1. Cross-entropy uses minus "
    "the logarithm of the probability.",
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
    hint="You take the squared error between the probabilities and the one-hot targets. For tokens, the loss is minus "
    "the logarithm of the right token's probability.",
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
    hint="You average the log-probabilities of all tokens, so it no longer matters which token was right. Pick the "
    "target's.",
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
    hint="You return the mean entropy of the model's probabilities. Entropy says how uncertain the model was, not how "
    "wrong it was, and it doesn't use the targets.",
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
    hint="You return the exponential of the loss. That's the perplexity, which you'll compute in a later exercise.",
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
    hint="You only use the first row. Is your `return` inside the loop? Every row should count.",
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
    any_of={"averaged": (True, False)},
    hint="You only use the last row. Does each iteration of your loop overwrite the total instead of adding to it?",
)
def last_row_only(logits, targets, *, averaged):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[rows - 1, targets[rows - 1]]
    return loss / rows if averaged else loss


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You leave out the last row. A range or slice already excludes its end, so you don't need to subtract "
    "anything.",
)
def leaves_out_the_last_row(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows - 1), targets[:-1]].sum() / rows


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You compare each row with the next row's target. The targets are already the next tokens, so don't shift "
    "them again.",
)
def shifts_the_targets_again(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows - 1), targets[1:]].sum() / max(rows - 1, 1)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You're off by one: in each row, you look up the token with id target - 1. Ids start at 0, so don't subtract "
    "anything.",
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
    hint="You return a 2-D array: the probabilities minus the one-hot targets, divided by the number of rows. That's "
    "the gradient of this loss, which you'll compute in a later lab.",
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
    hint="You change the caller's own arrays, for example by subtracting the largest logit in place. Make a new array.",
    taught=True,
)
def shifts_logits_in_place(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    logits -= logits.max(axis=1, keepdims=True)
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You take the median of the rows' losses. The loss of a batch is the mean of those losses.",
)
def median_of_the_losses(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.median(-log_probs[np.arange(rows), targets])


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You return the largest loss in the batch. Return the mean of all the losses.",
)
def worst_loss(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.max(-log_probs[np.arange(rows), targets])


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You add up the log-probabilities of all tokens, so it no longer matters which token was right. Pick the "
    "target's.",
)
def sum_over_all_tokens(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs.sum() / rows


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You also penalize the probabilities of the other tokens, as in binary classification. Only the right token's "
    "probability counts.",
)
def charges_the_other_tokens(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    right = np.eye(vocabulary)[targets]
    others = np.log(1.0 - np.exp(log_probs) + 1e-12)
    return -np.sum(right * log_probs + (1 - right) * others) / rows


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You multiply each loss by the right token's probability. That's one term of the entropy. The loss is just "
    "minus the logarithm of the probability.",
)
def losses_weighted_by_probability(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    losses = -log_probs[np.arange(rows), targets]
    return np.mean(np.exp(-losses) * losses)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You divide by one less than the number of rows. A mean divides by the number of rows.",
)
def divides_by_rows_minus_one(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return (-log_probs[np.arange(rows), targets]).sum() / max(rows - 1, 1)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You divide the loss by the logarithm of the vocabulary size. Leave the loss in nats, no matter how large the "
    "vocabulary is.",
)
def relative_to_the_vocabulary(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return (-log_probs[np.arange(rows), targets]).mean() / np.log(vocabulary)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You're off by one: in each row, you look up the token with id target + 1. The target is already the right "
    "token's id.",
)
def token_after_the_target(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), (targets + 1) % vocabulary].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You sort the targets, so rows and targets no longer match up. Keep their order.",
)
def sorted_targets(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), np.sort(targets)].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You leave out the first row. Indices start at 0.",
)
def leaves_out_the_first_row(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(1, rows), targets[1:]].sum() / rows


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"root": (True, False)},
    hint="You square the losses before you average them. Average the losses themselves.",
)
def squared_losses(logits, targets, *, root):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    mean = np.mean((-log_probs[np.arange(rows), targets]) ** 2)
    return np.sqrt(mean) if root else mean


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You average the logarithm of each row's sum of exponentials, without subtracting the right token's logit.",
)
def targets_not_subtracted(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    maxima = logits.max(axis=1)
    return np.mean(maxima + np.log(np.exp(logits - maxima[:, None]).sum(axis=1)))


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"times": (0, 2)},
    hint="You subtract the largest logit only inside the exponentials, only from the right token's logit, or one time "
    "too many. So the largest logit doesn't cancel out, and the loss is off by that amount.",
)
def shift_does_not_cancel(logits, targets, *, times):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    maxima = logits.max(axis=1)
    totals = times * maxima + np.log(np.exp(logits - maxima[:, None]).sum(axis=1))
    return np.mean(totals - logits[np.arange(rows), targets])


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You look up every target in every row and add up all N times N losses. Each row has one target: use two "
    "index arrays, not a colon.",
)
def sum_of_every_row_at_every_target(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[:, targets].sum() / rows


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"digits": (0, 1, 2, 3)},
    exempt="Depending on the random numbers, a loss rounded to a few digits may still be close enough to pass.",
    hint="You round the result. Round when you print a number, but return the loss unrounded.",
)
def rounded_loss(logits, targets, *, digits):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return round(float((-log_probs[np.arange(rows), targets]).mean()), digits)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You compute with 16-bit floats, which keep only about three digits. Use float64.",
    exempt="How many losses are accurate enough in half precision depends on which logits are drawn.",
)
def losses_in_half_precision(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    half = logits.astype(np.float16)
    shifted = half - half.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets].mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="You only raise an error if all targets are bad (np.all). One bad target is enough: use np.any.",
)
def only_if_all_targets_are_bad(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or np.all(targets < 0) or np.all(targets >= vocabulary):
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return (-log_probs[np.arange(rows), targets]).mean()


@misconception(
    of="cross_entropy",
    kind="conduct",
    hint="You wrap ids outside the vocabulary around to valid ones, which hides bad data. Raise an error instead.",
)
def targets_wrap_around(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,):
        raise ValueError("bad targets")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(rows), targets % vocabulary].mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"added": (1e-3, 1e-4, 1e-5)},
    exempt="Adding a small number may or may not make a visible difference, depending on which probabilities are "
    "drawn.",
    hint="You add a number to the probabilities before you take the logarithm, which changes every loss. log_softmax "
    "doesn't need that.",
)
def a_large_number_added_to_probabilities(logits, targets, *, added):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(rows), targets] + added).mean()


@misconception(
    of="cross_entropy",
    kind="edge",
    any_of={"least": (1e-4, 1e-5)},
    hint="You cap the loss on confident mistakes, for example by clipping the probabilities at a small minimum. If you "
    "use log_softmax, you don't need to clip anything.",
)
def a_high_minimum_of_probabilities(logits, targets, *, least):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or targets.min() < 0 or targets.max() >= vocabulary:
        raise ValueError("bad targets")
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(np.maximum(probs[np.arange(rows), targets], least)).mean()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"share": (0.1, 0.05, 0.01), "among": ("all", "the others")},
    hint="You use label smoothing: the right token gets a weight of less than 1, and the other tokens share the rest. "
    "Here, the loss only depends on the right token's probability.",
)
def labels_smoothed(logits, targets, *, share, among):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    rest = (log_probs.sum(axis=1) - right) / max(log_probs.shape[1] - 1, 1)
    others = log_probs.mean(axis=1) if among == "all" else rest
    return -np.mean((1 - share) * right + share * others)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"power": (1, 2)},
    hint="You multiply each loss by a power of 1 minus the right token's probability (a focal loss). Every row counts "
    "equally.",
)
def confident_rows_count_less(logits, targets, *, power):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    return -np.mean((1 - np.exp(right)) ** power * right)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"start": ("0", "first")},
    hint="You mix each loss with the running total and divide by 2 each time, so later rows count more. Add up all the "
    "losses and divide once, by the number of rows.",
)
def losses_halved_on_the_way(logits, targets, *, start):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    total = 0.0 if start == "0" else -right[0]
    for loss in -right[0 if start == "0" else 1 :]:
        total = (total + loss) / 2
    return total


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"base": (2, 10)},
    hint="You add up the losses instead of averaging them, and you measure them in bits or some other unit instead of "
    "nats.",
)
def sum_in_another_unit(logits, targets, *, base):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    return -right.sum() / np.log(base)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="Your loss is negative: the minus sign is missing. You also add up the losses of the rows instead of "
    "averaging them.",
)
def sum_without_minus(logits, targets):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    return right.sum()


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You only use the first row, and you divide its loss by the number of rows. Add up the losses of all the "
    "rows before you divide.",
)
def first_row_divided(logits, targets):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    return -right[0] / len(right)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    hint="You divide by the number of rows twice. To get the mean, divide only once.",
)
def one_divided_by_the_batch_twice(logits, targets):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    return -np.mean(right) / len(right)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"equal": (True, False)},
    hint="You average over the distinct tokens among the targets, not over the rows. Every row counts once.",
)
def rows_of_repeated_tokens_share(logits, targets, *, equal):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    losses = [-right[targets == token].mean() for token in np.unique(targets)]
    return np.mean(losses) if equal else -np.sum(right) / len(losses)


@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"weight": (1e-4,), "of": ("normalizer", "logits")},
    hint="You add a penalty on large logits or on their normalizer. The loss is just the mean surprisal of the "
    "targets.",
    exempt="For small logits, a penalty with this weight is about as large as the tolerance.",
)
@misconception(
    of="cross_entropy",
    kind="misses_point",
    any_of={"weight": (1e-3, 1e-2), "of": ("normalizer", "logits")},
    hint="You add a penalty on large logits or on their normalizer. The loss is just the mean surprisal of the "
    "targets.",
)
def loss_with_a_penalty(logits, targets, *, weight, of):
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError("logits must be (N, V) and targets (N,)")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = log_probs[np.arange(len(targets)), targets]
    size = np.logaddexp.reduce(logits, axis=1) if of == "normalizer" else logits
    return -np.mean(right) + weight * np.mean(size**2)


# --- next_token_pairs ---


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Your targets are the input ids plus 1, as if the ids in a text always went up by 1. Read the next token from "
    "the text.",
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
    hint="Your targets equal the inputs, so a model would learn to repeat what it sees. The targets should be one "
    "token ahead of the inputs.",
    taught=True,
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
    hint="Your targets are two tokens ahead of the inputs. They should be only one token ahead.",
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
    hint="You rotate each window, so its last target is its own first token. The last target is the token that "
    "follows the window.",
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
    hint="You have one window too many, because you fill the last one by wrapping around to the beginning of the text. "
    "Nothing follows the last token, so that window doesn't exist.",
    taught=True,
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
    hint="You return one target per window. Every position in a window has a next token, so the targets have the same "
    "shape as the inputs.",
    taught=True,
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
    hint="You return the ids as floats. Ids are used as indices, so give the arrays an integer dtype.",
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
    hint="You have one window too many. Its last target is past the end of the text, so you fill the gap with id 0, "
    "which is a real token.",
    taught=True,
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
    kind="misses_point",
    hint="You have one more window of inputs than of targets. The last token of the text has no next token, so it "
    "can't be part of a window of inputs.",
)
def one_input_window_too_many(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    inputs = np.array([token_ids[start : start + context_length] for start in range(len(starts) + 1)])
    targets = np.array([token_ids[start + 1 : start + 1 + context_length] for start in starts])
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="edge",
    hint="Your last window is missing, even though there's still a token left to be its last target. A text of n "
    "tokens has n - L windows.",
    taught=True,
)
def drops_the_last_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    rows = len(token_ids) - context_length - 1
    index = np.arange(rows)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="edge",
    hint="Your first window is missing. It should start at position 0 of the text.",
)
def drops_the_first_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(1, len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Each of your windows starts where the previous one ends. Each window should start one token after the start "
    "of the previous one.",
    taught=True,
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
    hint="You swapped inputs and targets, so a model would learn to guess the previous token. Return the inputs first.",
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
    hint="You return one pair per window. Return two arrays: all the windows of inputs, and all the windows of "
    "targets.",
)
def one_pair_for_each_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(len(token_ids) - context_length)
    return [(token_ids[i : i + context_length], token_ids[i + 1 : i + 1 + context_length]) for i in starts]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="You shift the whole text once but don't cut it into windows of context_length tokens.",
)
def one_long_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    return token_ids[:-1].copy(), token_ids[1:].copy()


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Your windows are columns instead of rows. The first axis should index the windows, and the second axis the "
    "tokens in a window.",
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
    hint="Your targets are the whole window that follows the inputs. They should be the same window shifted by one "
    "token.",
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
    hint="You give every position in a window the same target: the token after the window. Each position has its own "
    "next token.",
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
    hint="Your windows are one token too long: inputs and targets both hold the window and its next token. Leave the "
    "last of those tokens out of the inputs, and the first out of the targets.",
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
    hint="Your windows contain token positions instead of token ids. Use those positions to look up the ids.",
)
def positions_instead_of_ids(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return index, index + 1


@misconception(
    of="next_token_pairs",
    kind="edge",
    any_of={"dtype": ("uint16", "int16")},
    hint="You store the ids in 16 bits, which can only hold numbers up to 65,535 (32,767 if they're signed). A "
    "larger vocabulary needs a wider integer type.",
)
def sixteen_bit_ids(token_ids, context_length, *, dtype):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    narrow = token_ids.astype(dtype)
    return narrow[index], narrow[index + 1]


@misconception(
    of="next_token_pairs",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError for a text that's too short. Check the length first. If you return empty arrays "
    "or None, or raise a different error (as assert does), the caller can't tell what's wrong.",
    taught=True,
)
def short_texts_without_value_error(token_ids, context_length, *, asserts):
    assert len(token_ids) > context_length or not asserts
    rows = max(len(token_ids) - context_length, 0)
    index = np.arange(rows)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="conduct",
    hint="You accept a text that's exactly as long as the context. Its last token has no next token, so raise an error "
    "here, too.",
    taught=True,
)
def accepts_equal_length(token_ids, context_length):
    if len(token_ids) < context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="conduct",
    hint="You change the caller's own array of ids. Leave that array as it is, and build new ones.",
    taught=True,
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


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="You stack inputs and targets into one array. Return two arrays: (inputs, targets).",
)
def inputs_and_targets_in_one_array(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return np.stack([token_ids[index], token_ids[index + 1]], axis=1)


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Your windows start at every other token. Each window should start one token after the start of the previous "
    "one.",
)
def every_second_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index[::2]], token_ids[index[::2] + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    any_of={"of": ("windows", "tokens")},
    hint="Your windows, or the tokens within them, are in reverse order. Both should be in the same order as in the "
    "text.",
)
def backward(token_ids, context_length, *, of):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    index = index[::-1] if of == "windows" else index[:, ::-1]
    return token_ids[index], token_ids[index + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="You return only the first window. A text of n tokens has n - L windows.",
)
def only_the_first_window(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index[:1]], token_ids[index[:1] + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Your windows are one token too short. Each should hold context_length tokens.",
)
def windows_one_too_short(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index[:, :-1]], token_ids[index[:, :-1] + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    any_of={"fill": (0, -100, -1)},
    hint="The last target of each window is a filler value instead of the token that follows the window. That token is "
    "in the text: look it up.",
)
def last_target_is_a_filler(token_ids, context_length, *, fill):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    targets = token_ids[index + 1]
    targets[:, -1] = fill
    return token_ids[index], targets


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="You return one target per window, in a column. Every position in a window has a next token, so the targets "
    "have the same shape as the inputs.",
)
def one_target_in_a_column(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return token_ids[index], token_ids[context_length:, None].copy()


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="You start with windows that are shorter than context_length and pad them. Every window should have exactly "
    "context_length tokens, and the first one should start at position 0.",
)
def padded_windows_at_the_start(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    rows = len(token_ids) - 1
    inputs = np.zeros((rows, context_length), dtype=token_ids.dtype)
    targets = np.zeros_like(inputs)
    for end in range(1, rows + 1):
        size = min(end, context_length)
        inputs[end - 1, context_length - size :] = token_ids[end - size : end]
        targets[end - 1, context_length - size :] = token_ids[end - size + 1 : end + 1]
    return inputs, targets


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="You return a dict. Return the two arrays as a pair: (inputs, targets).",
)
def both_in_a_dict(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    return {"inputs": token_ids[index], "targets": token_ids[index + 1]}


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    any_of={"dtype": ("uint8", "int8")},
    hint="You store the ids in 8 bits, which can only hold numbers up to 255 (127 if they're signed). Most "
    "vocabularies need a wider integer type.",
)
def eight_bit_ids(token_ids, context_length, *, dtype):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    index = np.arange(len(token_ids) - context_length)[:, None] + np.arange(context_length)
    narrow = token_ids.astype(dtype)
    return narrow[index], narrow[index + 1]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    hint="Your windows are context_length + 1 tokens apart. They should be one token apart.",
)
def windows_too_far_apart(token_ids, context_length):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    starts = range(0, len(token_ids) - context_length, context_length + 1)
    windows = np.array([token_ids[i : i + context_length + 1] for i in starts])
    return windows[:, :-1], windows[:, 1:]


@misconception(
    of="next_token_pairs",
    kind="misses_point",
    any_of={"which": ("inputs", "targets")},
    hint="Within each window, your targets or your inputs are in reverse order. Both should be in the same order as in "
    "the text.",
)
def reversed_within_windows(token_ids, context_length, *, which):
    if len(token_ids) <= context_length:
        raise ValueError("too few tokens")
    windows = np.array([token_ids[i : i + context_length + 1] for i in range(len(token_ids) - context_length)])
    inputs, targets = windows[:, :-1], windows[:, 1:]
    return (inputs[:, ::-1], targets) if which == "inputs" else (inputs, targets[:, ::-1])


# --- perplexity ---


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"base": (2, 10)},
    hint="Your base is 2 or 10. The loss is in nats, so the base is e.",
    taught=True,
)
def other_base(mean_nll, *, base):
    return float(base) ** mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You have an extra minus sign or an extra division. The loss already includes a minus sign, so this gives "
    "a probability, not a number of choices.",
    taught=True,
)
def negative_exponent(mean_nll):
    return np.exp(-mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You return one divided by the loss. Undo the logarithm instead: the perplexity is one divided by a "
    "probability, not by a loss.",
)
def one_over_the_loss(mean_nll):
    if mean_nll == 0.0:
        return math.inf
    return 1.0 / mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You return the loss unchanged. Perplexity undoes the logarithm in the loss.",
    taught=True,
)
def loss_itself(mean_nll):
    return mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You take another logarithm instead of undoing the logarithm in the loss.",
)
def log_again(mean_nll):
    if mean_nll == 0.0:
        return -math.inf
    return math.log(mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="Your result is too small by 1 (expm1 also subtracts 1). A model that's always certain and right has a "
    "perplexity of 1, not 0.",
)
def counts_the_other_choices(mean_nll):
    return np.expm1(mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You round the result to an integer. The effective number of choices can be a fraction.",
)
def whole_choices(mean_nll):
    return round(float(np.exp(mean_nll)))


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You cut off the fractional part. The effective number of choices can be a fraction.",
)
def cuts_off_the_fraction(mean_nll):
    return int(np.exp(mean_nll) + 1e-9)


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"e": (2.7, 2.71, 2.72, 2.718)},
    hint="You typed in e with only a few digits, and the error grows with the exponent. np.exp uses e to full "
    "precision.",
)
def e_with_few_digits(mean_nll, *, e):
    return e**mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You convert the loss to bits, but your base is still e. If the loss is in bits, use base 2. If it's in nats, "
    "use base e.",
)
def bits_with_base_e(mean_nll):
    return np.exp(mean_nll / np.log(2.0))


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You return one plus the loss, which is only the start of the series for the exponential and is accurate only "
    "for tiny losses. Use the exponential itself.",
)
def one_plus_loss(mean_nll):
    return 1.0 + mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You square the loss. The loss should be the exponent, with e as the base.",
)
def loss_squared(mean_nll):
    return mean_nll**2


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You swapped the base and the exponent: you raise the loss to the power of e.",
)
def loss_to_the_e(mean_nll):
    return float(mean_nll) ** math.e


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You put a minus sign in front of the exponential. The number of choices is never negative.",
)
def negative_choices(mean_nll):
    return -np.exp(mean_nll)


@misconception(
    of="perplexity",
    kind="edge",
    any_of={"largest_loss": (math.log(50_000), math.log(1_000), math.log(10_000), math.log(1e6), 10.0, 20.0, 50.0)},
    hint="You cap the loss or the perplexity. Neither has an upper limit: a model that's confidently wrong can have a "
    "perplexity far above its vocabulary size.",
)
def keeps_it_below_a_limit(mean_nll, *, largest_loss):
    return math.exp(min(mean_nll, largest_loss))


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You convert from nats to bits the wrong way around: you multiply by ln 2 instead of dividing. With e as "
    "the base, there's nothing to convert.",
)
def bits_the_wrong_way_around(mean_nll):
    return 2.0 ** (mean_nll * np.log(2.0))


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"factor": (0.5, 2.0)},
    hint="Your exponent is the loss multiplied or divided by 2. (Squaring the result or taking its square root has the "
    "same effect.) Use the loss as is.",
)
def exponent_times_a_factor(mean_nll, *, factor):
    return np.exp(factor * mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You take the exponential twice. Once is enough to undo the logarithm.",
)
def exponential_twice(mean_nll):
    return np.exp(np.exp(mean_nll))


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You compute 1 - exp(-loss), which is a probability of being wrong. Perplexity is a number of choices, 1 or "
    "more.",
)
def chance_of_being_wrong(mean_nll):
    return 1.0 - np.exp(-mean_nll)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You multiply the loss by e. The loss should be the exponent, with e as the base.",
)
def loss_times_e(mean_nll):
    return math.e * mean_nll


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"digits": (1, 2)},
    hint="You round the result to a few decimals. Return it unrounded.",
)
def rounded_perplexity(mean_nll, *, digits):
    return round(float(np.exp(mean_nll)), digits)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You round the result up to an integer. The effective number of choices can be a fraction.",
)
def rounded_up(mean_nll):
    return math.ceil(np.exp(mean_nll) - 1e-9)


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You add 1. A model that's always certain and right has a perplexity of exactly 1.",
)
def one_choice_too_many(mean_nll):
    return np.exp(mean_nll) + 1.0


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You add up only the first few terms of the series for the exponential, which is accurate only for tiny "
    "losses. Use the exponential itself.",
)
def three_terms_of_the_series(mean_nll):
    return 1.0 + mean_nll + mean_nll**2 / 2


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"base": (2, 1)},
    hint="You take a logarithm of the loss (log2 or log1p) instead of undoing the logarithm in it.",
)
def another_logarithm(mean_nll, *, base):
    if base == 1:
        return np.log1p(mean_nll)
    return math.log2(mean_nll) if mean_nll else -math.inf


@misconception(
    of="perplexity",
    kind="edge",
    hint="You treat a loss of 0 as a special case and return something other than 1. A model that's always certain and "
    "right has a perplexity of exactly 1.",
)
def loss_of_0_is_special(mean_nll):
    return np.exp(mean_nll) if mean_nll else 0.0


@misconception(
    of="perplexity",
    kind="misses_point",
    hint="You return the perplexity in an array. Return a single number.",
)
def perplexity_in_an_array(mean_nll):
    return np.exp(np.array([mean_nll]))


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"terms": (4, 5, 10, 20, 50)},
    exempt="For small losses, the first few terms of the series are accurate enough to pass.",
    hint="You add up only a fixed number of terms of the series for the exponential, or your loop stops after a fixed "
    "number of multiplications. Use the exponential function.",
)
def series_cut_off(mean_nll, *, terms):
    return sum(mean_nll**k / math.factorial(k) for k in range(terms))


@misconception(
    of="perplexity",
    kind="misses_point",
    any_of={"n": (10, 100, 1000, 10_000)},
    hint="You compute (1 + loss / n) to the power of n, which is only an approximation of the exponential. Use the "
    "exponential function.",
)
def compound_interest(mean_nll, *, n):
    return (1 + mean_nll / n) ** n
