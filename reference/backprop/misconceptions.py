"""Wrong answers to the stubs of lab `backprop`."""

import numpy as np

from autograder.testing import misconception

# --- numerical_gradient ---


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="Only a step up is taken, so the bend of the curve shows; a step to either side makes up for it.",
    taught=True,
)
def forward_difference(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x)) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="Only a step up is taken, so the bend of the curve shows; a step to either side makes up for it.",
    taught=True,
)
def forward_difference_from_one_start(f, x, h=1e-5):
    start, steps = f(x), h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - start) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="The slopes are twice too large: from a step down to a step up the distance is two steps.",
    taught=True,
)
def divides_by_one_step(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="The slopes are tiny: without brackets around the distance, / 2 comes first and the step multiplies.",
)
def multiplies_by_the_step(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2 * h for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="The change of f comes back as it is; a slope is the change for each unit gone.",
)
def change_without_distance(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="The sign is flipped: a function that grows has a positive slope. Which result is subtracted?",
)
def down_minus_up(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x - step) - f(x + step)) / (2 * h) for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="A fixed step of 0.1 is used, on which a curve bends noticeably; use the h that is asked for.",
)
def large_fixed_step(f, x, h=1e-5):
    steps = 0.1 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 0.2 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="A fixed tiny step is used; where f is only known roughly, the larger h that is asked for is needed.",
    taught=True,
)
def step_not_asked_for(f, x, h=1e-5):
    steps = 1e-5 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2e-5 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="The step is so tiny that only rounding is left of the difference; the picture in part 1 shows it.",
)
def step_lost_in_rounding(f, x, h=1e-5):
    steps = 1e-15 * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / 2e-15 for step in steps]).reshape(x.shape)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="All entries are moved together, which gives one number; each entry has a slope of its own.",
    taught=True,
)
def moves_everything_at_once(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@misconception(
    of="numerical_gradient",
    kind="misses_point",
    hint="All entries are moved together for each slope; only the entry whose slope it is may move.",
    taught=True,
)
def same_slope_everywhere(f, x, h=1e-5):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="Whole rows are moved together, because the loop runs over the first axis only; move entry by entry.",
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
    hint="Only the first entry gets its slope and the others stay 0; every entry needs its turn.",
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
    hint="Entries that had their turn are not put back, so each slope holds those of all entries before it as well.",
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
    hint="An entry isn't put back after its turn: it stays a step below, and all later slopes are taken from there.",
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
    hint="The steps are taken in the caller's array and never taken back, so x is changed and later slopes are off.",
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
    hint="The steps are taken in the caller's array, and going back does not restore its last digits; step on copies.",
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
    hint="On whole numbers every slope is 0: an integer array has no room for a small step, so copy it as floats.",
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
    hint="On whole numbers the slopes lose their fractions: an array made like an integer array holds integers.",
)
def integer_slopes(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape).astype(x.dtype)


@misconception(
    of="numerical_gradient",
    kind="edge",
    hint="The slopes come back as one long row; the gradient has the shape of the array that came in.",
    taught=True,
)
def slopes_in_a_row(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


# --- house_price_gradients ---


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Both signs are flipped: the error is the guess minus the price, so a guess too low has a negative slope.",
    taught=True,
)
def price_minus_guess(w, b, sizes, prices):
    errors = prices - (w * sizes + b)
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The size is missing in the weight's slope: the first link of its chain is the size of the house.",
    taught=True,
)
def size_forgotten(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The weight stands where the size belongs: the guess grows by the size when the weight grows by 1.",
)
def weight_in_place_of_size(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * w), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Only the signs of the errors count, as for absolute errors; the slope of a square is twice the error.",
)
def signs_of_the_errors(w, b, sizes, prices):
    signs = np.sign(w * sizes + b - prices)
    return np.mean(signs * sizes), np.mean(signs)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Two averages are multiplied, which is not the average of the products; multiply house by house first.",
    taught=True,
)
def product_of_the_means(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors) * np.mean(sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The bias is left out of the guess, so the errors are wrong wherever it is not 0.",
    taught=True,
)
def bias_left_out_of_the_guess(w, b, sizes, prices):
    errors = w * sizes - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="A small step against the slopes comes back; here only slopes are wanted, steps are the next lab's.",
)
def steps_against_the_slopes(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return -0.01 * 2 * np.mean(errors * sizes), -0.01 * 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="A new weight and bias come back; here only the slopes are wanted, changing weights is the next lab's.",
)
def new_weight_and_bias(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return w - 0.01 * 2 * np.mean(errors * sizes), b - 0.01 * 2 * np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="convention",
    hint="The houses are added up instead of averaged; the loss is a mean, and so are its slopes.",
)
def sums_over_the_houses(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.sum(errors * sizes), 2 * np.sum(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The slopes are half of what they should be: a square has a slope of twice the error.",
    taught=True,
)
def factor_2_forgotten(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return np.mean(errors * sizes), np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The bias's slope is half of what it should be: the last link of both chains is twice the error.",
)
def factor_2_forgotten_for_the_bias(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes), np.mean(errors)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="The two slopes come back in the wrong order: the weight's comes first.",
)
def bias_before_weight(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * np.mean(errors), 2 * np.mean(errors * sizes)


@misconception(
    of="house_price_gradients",
    kind="misses_point",
    hint="Each house's slopes come back by themselves; the loss is a mean over the houses, and so are they.",
)
def slopes_of_each_house(w, b, sizes, prices):
    errors = w * sizes + b - prices
    return 2 * errors * sizes, 2 * errors


# --- cross_entropy_backward ---


@misconception(
    of="cross_entropy_backward",
    kind="convention",
    hint="Each row has its full slope, as if it were alone; the loss is a mean, so a row's share is smaller.",
    taught=True,
)
def not_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="It is divided by the number of words instead of rows: the loss is a mean over the rows.",
    taught=True,
)
def divided_by_the_words(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / logits.shape[1]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="It is divided by the number of all entries; within a row nothing is averaged.",
)
def divided_by_all_entries(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / logits.size


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="It is divided by the number of rows twice; the mean over the rows counts once.",
)
def averaged_twice(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) / len(logits) ** 2


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="The mean is taken of the probabilities and not of the 1 at the right word; it covers both.",
)
def only_the_probabilities_averaged(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / len(logits) - np.eye(logits.shape[1])[targets]


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="The sign is flipped: raising the right word's logit lowers the loss, so its slope is negative.",
    taught=True,
)
def one_hot_minus_probabilities(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (np.eye(logits.shape[1])[targets] - powers / powers.sum(axis=-1, keepdims=True)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Only the right word has a slope; another word's logit changes the probabilities too.",
    taught=True,
)
def only_the_right_word(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    one_hot = np.eye(logits.shape[1])[targets]
    return (powers / powers.sum(axis=-1, keepdims=True) - 1) * one_hot / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="The probabilities come back as they are; the right word's slope is lower by 1.",
)
def right_word_forgotten(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="The 1 is subtracted in whole columns; in each row it belongs to that row's own word only.",
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
    hint="The 1 is subtracted at the model's favourite; what counts is which word was right.",
)
def favourite_in_place_of_the_right_word(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[logits.argmax(axis=-1)]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="The logits themselves are compared with the right answer; the formula has probabilities there.",
)
def logits_minus_one_hot(logits, targets):
    return (logits - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="Each logit is squashed by itself (a sigmoid); the probabilities of a row depend on all its logits.",
)
def sigmoid_in_place_of_softmax(logits, targets):
    return (1 / (1 + np.exp(-logits)) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="It is multiplied by p (1 - p), as behind a sigmoid; the logarithm in this loss cancels that factor.",
)
def times_p_times_1_minus_p(logits, targets):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probs = powers / powers.sum(axis=-1, keepdims=True)
    return (probs - np.eye(logits.shape[1])[targets]) * probs * (1 - probs) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="misses_point",
    hint="The probabilities add up to 1 down the columns; each row is a guess of its own.",
)
def softmax_down_the_columns(logits, targets):
    powers = np.exp(logits - logits.max(axis=0))
    return (powers / powers.sum(axis=0) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="edge",
    hint="The exponential of a large logit overflows; the softmax that is given shifts each row first.",
    taught=True,
)
def overflows(logits, targets):
    powers = np.exp(logits)
    return (powers / powers.sum(axis=-1, keepdims=True) - np.eye(logits.shape[1])[targets]) / len(logits)


@misconception(
    of="cross_entropy_backward",
    kind="conduct",
    hint="The gradient is worked out inside the logits that came in and overwrites them; make a new array.",
    taught=True,
)
def overwrites_the_logits(logits, targets):
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    logits[np.arange(len(logits)), targets] -= 1
    logits /= len(logits)
    return logits


# --- linear_backward ---


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="What comes from the later layers is ignored, as if every output had a slope of 1; multiply by it.",
)
def upstream_ignored(grad_out, X, W):
    ones = np.ones(grad_out.shape)
    return ones @ W.T, X.T @ ones, ones.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="The weights' slopes are averaged once more; the mean is in the incoming slopes, here ways add up.",
    taught=True,
)
def weights_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out / len(X), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="The biases' slopes are averaged; a bias is used for each example, and slopes add up over all ways.",
    taught=True,
)
def biases_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.mean(axis=0)


@misconception(
    of="linear_backward",
    kind="convention",
    hint="Weights and biases are averaged once more; the mean of the loss is in the incoming slopes already.",
    taught=True,
)
def weights_and_biases_averaged(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out / len(X), grad_out.mean(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="The weights are not transposed on the way back, where outputs lead to inputs; a square layer hides it.",
    taught=True,
)
def weights_not_transposed(grad_out, X, W):
    return grad_out @ W, X.T @ grad_out, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="The slopes of the weights come back transposed; a gradient has the shape of its weights.",
)
def weight_slopes_transposed(grad_out, X, W):
    return grad_out @ W.T, grad_out.T @ X, grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Each bias's slope is taken to be 1, which is the last link alone; the incoming slopes are missing.",
)
def bias_slopes_of_1(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.ones(W.shape[1])


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="The biases' slopes are summed along the wrong axis: one for each example, not one for each output.",
)
def bias_slopes_of_each_example(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=1)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="All biases share the sum of everything that comes in; each output has a bias of its own.",
)
def one_slope_for_all_biases(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, np.full(W.shape[1], grad_out.sum())


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="The biases' slopes are not added up over the examples: what comes in goes out as it is.",
    taught=True,
)
def bias_slopes_not_added_up(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out


@misconception(
    of="linear_backward",
    kind="convention",
    hint="The biases' slopes are a table of one row; they have the shape of the biases, (D_out,).",
)
def bias_slopes_as_a_row(grad_out, X, W):
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0, keepdims=True)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="The three gradients come back in another order than grad_X, grad_W, grad_b.",
)
def weights_first(grad_out, X, W):
    return X.T @ grad_out, grad_out.sum(axis=0), grad_out @ W.T


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Inputs and slopes are averaged before they are multiplied; each input belongs with its own slopes.",
)
def means_multiplied(grad_out, X, W):
    return grad_out @ W.T, len(X) * np.outer(X.mean(axis=0), grad_out.mean(axis=0)), grad_out.sum(axis=0)


@misconception(
    of="linear_backward",
    kind="misses_point",
    hint="Slopes are stopped where the input was not above 0, as by a ReLU; this layer is linear.",
)
def relu_in_the_way(grad_out, X, W):
    return (grad_out @ W.T) * (X > 0), X.T @ grad_out, grad_out.sum(axis=0)


# --- mlp_loss_and_grads ---


@misconception(
    of="mlp_loss_and_grads",
    kind="misses_point",
    hint="ReLU is forgotten on the way back: a neuron that was off lets no slope through.",
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
    hint="Slopes pass where they are positive; what decides is whether a was above 0 on the way forward.",
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
    hint="The slopes in W2 are made with a, the values before ReLU; what went into that layer is h.",
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
    hint="The slopes are multiplied by what ReLU gave instead of by ReLU's slope, which is 1 or 0.",
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
    hint="The slopes in b1 are taken before ReLU stops them, those in W1 after; both belong to a.",
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
    hint="The loss is the mean over the examples, but the slopes are those of the sum: they grow with the batch.",
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
    hint="The slopes are averaged twice: the mean is in the logits' slopes already, and layers only add up.",
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
    hint="The loss is added up over the examples, while its slopes are those of the mean.",
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
    hint="Loss and gradients are summed over the examples, so both grow with the batch; both should be means.",
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
    hint="ReLU is missing, forward and back, so the network is one large linear layer.",
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
    hint="The logits went through a ReLU too; they are scores and may be negative.",
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
    hint="W2 is changed on the way back, and the first layer's slopes are made with the new one; only find slopes.",
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
    hint="The slopes are added to those of an earlier call with the same weights; each call starts from nothing.",
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
    hint="The loss is the logarithm of a finished probability, infinite where that became 0; use cross_entropy.",
)
def logarithm_too_late(params, X, targets):
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    z = h @ params["W2"] + params["b2"]
    probs = np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))
    loss = -np.log(probs[np.arange(len(X)), targets]).mean()
    g = (probs - np.eye(z.shape[1])[targets]) / len(X)
    da = (g @ params["W2"].T) * (h > 0)
    return loss, {"W1": X.T @ da, "b1": da.sum(axis=0), "W2": h.T @ g, "b2": g.sum(axis=0)}
