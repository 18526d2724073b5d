"""Wrong answers to the stubs of lab `backprop`: a catalog, looked up by name rather than read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- numerical_gradient ---


@misconception(
    of="numerical_gradient",
    kind="edge",
    any_of={"start_kept": (False, True)},
    hint="You only step up, so the curvature throws the slope off. Step to both sides, so that it cancels.",
    taught=True,
)
def forward_difference(f, x, h=1e-5, *, start_kept):
    start, steps = f(x), h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - (start if start_kept else f(x))) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your slopes are twice as large as they should be. The distance from one step down to one step up is two "
    "steps.",
    taught=True,
)
def divides_by_one_step(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your slopes are tiny. Without parentheses around the distance, / 2 comes first and the result is "
    "multiplied by the step.",
)
def multiplies_by_the_step(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2 * h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You return how much f changes. A slope is that change divided by the distance between the two points.",
)
def change_without_distance(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your signs are flipped: where a function rises, its slope is positive. Which of the two results do you "
    "subtract?",
)
def down_minus_up(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x - step) - f(x + step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You always step by 0.1, and over that distance a curve bends noticeably. Use h, which the caller passes in.",
)
def large_fixed_step(f, x, h=1e-5):
    steps = 0.1 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 0.2 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You always take the same tiny step. If f is only known approximately, that's too short, so use h, which "
    "the caller passes in.",
    taught=True,
)
def step_not_asked_for(f, x, h=1e-5):
    steps = 1e-5 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2e-5 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Your step is so tiny that the difference is nothing but rounding error. The picture in part 1 shows it.",
)
def step_lost_in_rounding(f, x, h=1e-5):
    steps = 1e-15 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2e-15 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You move all entries together and get one number. Each entry has its own slope.",
    taught=True,
)
def moves_everything_at_once(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You move all entries together for every slope. Move only the entry whose slope you want.",
    taught=True,
)
def same_slope_everywhere(f, x, h=1e-5):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You move whole rows, because your loop runs over the first axis only. Move one entry at a time.",
)
def moves_whole_rows(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for row in range(len(x)):
        step = np.zeros(x.shape)
        step[row] = h
        slopes[row] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="Only the first entry gets a slope, and the others stay 0. Every entry needs its turn.",
    taught=True,
)
def first_entry_only(f, x, h=1e-5):
    slopes, step = np.zeros(x.shape), np.zeros(x.shape)
    if x.size:
        step.flat[0] = h
        slopes.flat[0] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="You don't put an entry back after its turn, so each slope includes those of all entries before it.",
)
def steps_pile_up(f, x, h=1e-5):
    up, down, slopes = x.astype(float), x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up[index] += h
        down[index] -= h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You don't put an entry back after its turn. It stays a step too low, and all later slopes are taken from "
    "there.",
    taught=True,
)
def entries_not_put_back(f, x, h=1e-5):
    v, slopes = x.astype(float), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = v[index]
        v[index] = before + h
        up = f(v)
        v[index] = before - h
        slopes[index] = (up - f(v)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="conduct",
    hint="You step in the caller's array and never undo it, so you change x and get later slopes wrong.",
    taught=True,
)
def callers_entries_not_put_back(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = x[index]
        x[index] = before + h
        up = f(x)
        x[index] = before - h
        slopes[index] = (up - f(x)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="conduct",
    hint="You step in the caller's array, and stepping back doesn't restore the last digits. Step on copies.",
    taught=True,
)
def steps_in_the_callers_array(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = f(x)
        x[index] -= 2 * h
        slopes[index] = (up - f(x)) / (2 * h)
        x[index] += h
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="For whole numbers your slopes are far off: an integer array can't hold a small step. Copy it as floats.",
    taught=True,
)
def integers_swallow_the_step(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] = up[index] + h
        down[index] = down[index] - h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="For whole numbers your slopes lose their fractions: an array made like an integer array holds integers.",
)
def integer_slopes(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape).astype(x.dtype)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="You return the slopes in one long row. The gradient has the shape of the array you were given.",
    taught=True,
)
def slopes_in_a_row(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


# --- house_price_gradients ---


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Both signs are flipped. The error is the guess minus the price, so a guess that's too low has a negative "
    "slope.",
    taught=True,
)
def price_minus_guess(w, b, sizes, prices):
    errors = prices - (w * sizes + b)
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The size is missing from the weight's slope. The first link of its chain is the size of the house.",
    taught=True,
)
def size_forgotten(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You multiply by the weight instead of the size. If the weight grows by 1, the guess grows by the size.",
)
def weight_in_place_of_size(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * w), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You use only the signs of the errors, as for absolute errors. The slope of a square is twice the error.",
)
def signs_of_the_errors(w, b, sizes, prices):
    signs = np.sign(w * sizes + b - prices)
    return np.mean(signs * sizes), np.mean(signs)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You multiply two averages, and that isn't the average of the products. Multiply house by house first.",
    taught=True,
)
def product_of_the_means(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors) * np.mean(sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You leave the bias out of the guess, so the errors are wrong whenever it isn't 0.",
    taught=True,
)
def bias_left_out_of_the_guess(w, b, sizes, prices):
    errors = w * sizes - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You return a small step against the slopes. Return the slopes themselves; steps come in the next lab.",
)
def steps_against_the_slopes(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return -0.01 * 2 * np.mean(errors * sizes), -0.01 * 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You return a new weight and bias. Return only the slopes; changing the weights comes in the next lab.",
)
def new_weight_and_bias(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return w - 0.01 * 2 * np.mean(errors * sizes), b - 0.01 * 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="convention",
    hint="You sum over the houses but don't average. The loss is a mean, and so are its slopes.",
)
def sums_over_the_houses(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.sum(errors * sizes), 2 * np.sum(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Your slopes are half as large as they should be. The slope of a square is twice the error.",
    taught=True,
)
def factor_2_forgotten(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return np.mean(errors * sizes), np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The bias's slope is half as large as it should be. The last link of both chains is twice the error.",
)
def factor_2_forgotten_for_the_bias(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes), np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Your two slopes are in the wrong order. The weight's comes first.",
)
def bias_before_weight(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors), 2 * np.mean(errors * sizes)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="You return the slopes of each house. The loss is a mean over the houses, and so are its slopes.",
)
def slopes_of_each_house(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * errors * sizes, 2 * errors


# --- cross_entropy_backward ---


@misconception(
    of="cross_entropy_backward",
    kind="convention",
    hint="You give each row its full slope, as if it were the only one. The loss is a mean, so each row contributes "
    "less.",
    taught=True,
)
def not_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide by the number of words. The loss is a mean over the rows, so divide by the number of rows.",
    taught=True,
)
def divided_by_the_words(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / logits.shape[1]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide by the number of all entries. The mean is over the rows only; nothing is averaged within a row.",
)
def divided_by_all_entries(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / logits.size


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You divide by the number of rows twice. Divide by it only once.",
)
def averaged_twice(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / len(logits) ** 2


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You average the probabilities but not the 1 at the right word. The mean applies to both.",
)
def only_the_probabilities_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / len(logits) - np.eye(logits.shape[1])[targets]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Your signs are flipped. Raising the right word's logit lowers the loss, so its slope is negative.",
    taught=True,
)
def one_hot_minus_probabilities(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (np.eye(logits.shape[1])[targets] - powers / powers.sum(axis=-1, keepdims=True)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Only the right word gets a slope. The other words' logits change the probabilities too.",
    taught=True,
)
def only_the_right_word(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    one_hot = np.eye(logits.shape[1])[targets]
    return (powers / powers.sum(axis=-1, keepdims=True) - 1) * one_hot / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You return the probabilities themselves. The right word's slope is lower by 1.",
)
def right_word_forgotten(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You subtract the 1 in whole columns. In each row, it belongs only to that row's own right word.",
    taught=True,
)
def whole_columns(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    gradient = powers / powers.sum(axis=-1, keepdims=True)
    gradient[:, targets] -= 1
    return gradient / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You subtract the 1 at the model's favorite word. Subtract it at the word that was right.",
)
def favorite_in_place_of_the_right_word(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[logits.argmax(axis=-1)]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You compare the logits with the right answer. The formula has probabilities there.",
)
def logits_minus_one_hot(logits, targets):
    return (logits - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You squash each logit on its own (a sigmoid). The probabilities of a row depend on all its logits.",
)
def sigmoid_in_place_of_softmax(logits, targets):
    return (1 / (1 + np.exp(-logits)) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="You multiply by p (1 - p), as after a sigmoid. In this loss, the logarithm cancels that factor.",
)
def times_p_times_1_minus_p(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) * probs * (1 - probs) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Your probabilities add up to 1 down the columns. Each row is a guess of its own.",
)
def softmax_down_the_columns(logits, targets):
    powers = np.exp(logits - logits.max(axis=0))
    return (powers / powers.sum(axis=0) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="The exponential of a large logit overflows. The given softmax shifts each row first.",
    taught=True,
)
def overflows(logits, targets):
    powers = np.exp(logits)
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="conduct",
    hint="You change the caller's logits, for example by computing the gradient in them. Make a new array.",
    taught=True,
)
def overwrites_the_logits(logits, targets):
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    logits[np.arange(len(logits)), targets] -= 1
    logits /= len(logits)
    return logits


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    any_of={"counted": (False, True)},
    hint="You treat token 0 as padding and give its rows no slope. Here 0 is the id of a word like any other.",
)
def token_0_gets_no_slope(logits, targets, *, counted):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    grad = exponentials / exponentials.sum(axis=1, keepdims=True)
    grad[np.arange(len(targets)), targets] -= 1.0
    grad[targets == 0] = 0.0
    return grad / (len(targets) if counted else max(np.count_nonzero(targets), 1))


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    any_of={"share": (0.1, 0.05)},
    hint="You smooth the labels: the right word gets less than 1, and the others get the rest. Subtract 1 at the right "
    "word and nothing elsewhere.",
)
def labels_smoothed(logits, targets, *, share):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    grad = exponentials / exponentials.sum(axis=1, keepdims=True) - share / logits.shape[1]
    grad[np.arange(len(targets)), targets] -= 1.0 - share
    return grad / len(targets)


# --- linear_backward ---


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You ignore the slopes from the later layers, as if each output had a slope of 1. Multiply by them.",
)
def upstream_ignored(grad_out, X, W):
    ones = np.ones(grad_out.shape)
    return ones @ W.T, X.T @ ones, ones.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You average the weights' slopes again. The incoming slopes already contain the mean, so add up the examples.",
    taught=True,
)
def weights_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out / len(X), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You average the biases' slopes. Each bias is used for every example, so its slopes add up.",
    taught=True,
)
def biases_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.mean(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You average weights and biases again. The incoming slopes already contain the mean of the loss.",
    taught=True,
)
def weights_and_biases_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out / len(X), grad_out.mean(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You don't transpose the weights on the way back, from outputs to inputs. A square layer hides that.",
    taught=True,
)
def weights_not_transposed(grad_out, X, W):
    return grad_out @ W, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Your weights' slopes are transposed. A gradient has the shape of its weights.",
)
def weight_slopes_transposed(grad_out, X, W):
    return grad_out @ W.T, grad_out.T @ X, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You take each bias's slope to be 1, which is only its own link of the chain. Multiply by the incoming "
    "slopes.",
)
def bias_slopes_of_1(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.ones(W.shape[1])


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You sum the biases' slopes along the wrong axis, so you get one per example instead of one per output.",
)
def bias_slopes_of_each_example(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=1)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You give all biases the same sum of everything that comes in. Each output has its own bias.",
)
def one_slope_for_all_biases(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.full(W.shape[1], grad_out.sum())


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You pass the incoming slopes on as the biases' slopes. Add them up over the examples.",
    taught=True,
)
def bias_slopes_not_added_up(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out


@misconception(
    of="linear_backward",
    kind="convention",
    hint="You return the biases' slopes as a table of one row. They should have the shape of the biases, (D_out,).",
)
def bias_slopes_as_a_row(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0, keepdims=True)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Your three gradients are in the wrong order. It's grad_X, grad_W, grad_b.",
)
def weights_first(grad_out, X, W):
    return X.T @ grad_out, grad_out.sum(axis=0), grad_out @ W.T


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You average inputs and slopes before you multiply them. Multiply each input by its own slopes.",
)
def means_multiplied(grad_out, X, W):
    return grad_out @ W.T, len(X) * np.outer(X.mean(axis=0), grad_out.mean(axis=0)), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="You stop slopes where the input wasn't above 0, as a ReLU would. This layer is linear.",
)
def relu_in_the_way(grad_out, X, W):
    return (grad_out @ W.T) * (X > 0), X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    any_of={"decay": (1e-3, 1e-2, 0.1)},
    hint="You add a multiple of W to its slopes (weight decay). This layer has no penalty: its slopes come from the "
    "examples only.",
)
def weights_decay(grad_out, X, W, *, decay):
    return grad_out @ W.T, X.T @ grad_out + decay * W, grad_out.sum(axis=0)


# --- mlp_loss_and_grads ---


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="On the way back, you let slopes through every neuron, even one that ReLU had turned off. Such a neuron "
    "lets none through.",
    taught=True,
)
def relu_forgotten_on_the_way_back(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = g @ params["W2"].T
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You let slopes through where they're positive. What counts is whether a was above 0 on the way forward.",
    taught=True,
)
def mask_from_the_slopes(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = np.maximum(g @ params["W2"].T, 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You compute W2's slopes with a, the values before ReLU. The input of that layer is h.",
    taught=True,
)
def a_in_place_of_h(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    z = np.maximum(a, 0) @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (a > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": a.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You multiply the slopes by ReLU's output. Multiply by ReLU's slope, which is 1 or 0.",
)
def multiplied_by_the_values(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * h
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You take b1's slopes before ReLU stops them, and W1's after. Both belong to a.",
)
def mask_missing_for_b1(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    dh = g @ params["W2"].T
    return loss, {"W1": X.T @ (dh * (h > 0)), "b1": dh.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    hint="Your loss is the mean over the examples, but your slopes are those of the sum, so they grow with the batch.",
)
def slopes_not_averaged(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = np.exp(log_probs) - np.eye(z.shape[1])[targets]
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You average the slopes twice. The logits' slopes already contain the mean, and layers only add up.",
    taught=True,
)
def slopes_averaged_twice(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0) / len(X)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g / len(X), "b2": g.mean(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    hint="You add up the loss over the examples, but its slopes are those of the mean.",
)
def loss_of_the_sum(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].sum()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="convention",
    hint="You sum the loss and the gradients over the examples, so both grow with the batch. Both should be means.",
    taught=True,
)
def loss_and_slopes_of_the_sum(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].sum()
    g = np.exp(log_probs) - np.eye(z.shape[1])[targets]
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="ReLU is missing both forward and back, so the network is one large linear layer.",
)
def no_relu_at_all(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    z = a @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = g @ params["W2"].T
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": a.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You put the logits through a ReLU too. They're scores, so they may be negative.",
)
def relu_on_the_logits(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = np.maximum(h @ params["W2"] + params["b2"], 0)
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X) * (z > 0)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="You change W2 on the way back and compute the first layer's slopes with the new one. Only compute slopes; "
    "don't change any weights.",
    taught=True,
)
def changes_the_weights(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    params["W2"] -= 0.1 * (h.T @ g)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    hint="You add the slopes to those of an earlier call with the same weights. Start each call from zero.",
    taught=True,
)
def never_set_back_to_zero(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    log_probs = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    loss = -log_probs[np.arange(len(X)), targets].mean()
    g = (np.exp(log_probs) - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    slopes = {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
    kept = globals().setdefault("kept_slopes", {}).setdefault(params["W1"].tobytes(), {})
    for name, slope in slopes.items():
        kept[name] = kept.get(name, 0.0) + slope
    return loss, dict(kept)


@misconception(
    of="mlp_loss_and_grads",
    kind="edge",
    hint="You take the logarithm of a finished probability. If that underflowed to 0, the loss is infinite. Use "
    "cross_entropy.",
)
def logarithm_too_late(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    probs = np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))
    loss = -np.log(probs[np.arange(len(X)), targets]).mean()
    g = (probs - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    any_of={"decay": (1e-3, 1e-2, 0.1)},
    hint="You add a multiple of the weights to their slopes (weight decay). The loss has no such penalty.",
)
def penalty_on_the_weights(params, X, targets, *, decay):
    a = X @ params["W1"] + params["b1"]
    h = np.maximum(a, 0.0)
    logits = h @ params["W2"] + params["b2"]
    shifted = logits - logits.max(axis=1, keepdims=True)
    totals = np.exp(shifted).sum(axis=1, keepdims=True)
    rows = np.arange(len(targets))
    loss = float(np.mean(np.log(totals[:, 0]) - shifted[rows, targets]))
    slopes = np.exp(shifted) / totals
    slopes[rows, targets] -= 1.0
    slopes /= len(targets)
    masked = slopes @ params["W2"].T * (a > 0)
    return loss, {
        "W1": X.T @ masked + decay * params["W1"],
        "b1": masked.sum(axis=0),
        "W2": h.T @ slopes + decay * params["W2"],
        "b2": slopes.sum(axis=0),
    }
