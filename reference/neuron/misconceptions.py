"""Wrong answers to the stubs of lab `neuron`."""

import numpy as np

from autograder.testing import misconception

# --- predict_price ---


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The weight is always the lesson's 200; another city has another weight, and it comes as an argument.",
)
def weight_always_200(size_sqft, weight, bias=0.0):
    return size_sqft * 200.0 + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The bias is not used: it belongs on top of every price.",
)
def bias_ignored(size_sqft, weight, bias=0.0):
    return size_sqft * weight


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The price is multiplied by the bias, so a bias of 0 makes every house worthless; a bias is added on top.",
)
def bias_multiplied(size_sqft, weight, bias=0.0):
    return size_sqft * weight * bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The bias is subtracted: a positive bias should raise every price.",
)
def bias_subtracted(size_sqft, weight, bias=0.0):
    return size_sqft * weight - bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The bias is added to the size and multiplied by the weight, too; it is in USD and belongs to the price.",
)
def bias_added_to_the_size(size_sqft, weight, bias=0.0):
    return (size_sqft + bias) * weight


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The bias is shared out among the houses; each of them gets all of it.",
)
def bias_shared_among_the_houses(size_sqft, weight, bias=0.0):
    return size_sqft * weight + bias / max(np.size(size_sqft), 1)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The size is divided by the weight; USD per square foot times square feet gives USD.",
)
def divides_by_the_weight(size_sqft, weight, bias=0.0):
    return size_sqft / weight + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The weight is added to the size; in a neuron every input is multiplied by its weight.",
)
def adds_the_weight(size_sqft, weight, bias=0.0):
    return size_sqft + weight + bias


@misconception(
    of="predict_price",
    kind="edge",
    hint="The prices are rounded to whole dollars; give them as they come out.",
)
def rounded_to_dollars(size_sqft, weight, bias=0.0):
    return np.round(size_sqft * weight + bias)


@misconception(
    of="predict_price",
    kind="edge",
    hint="The prices are rounded to cents, which loses small ones altogether; give them as they come out.",
)
def rounded_to_cents(size_sqft, weight, bias=0.0):
    return np.round(size_sqft * weight + bias, 2)


@misconception(
    of="predict_price",
    kind="edge",
    hint="What stands behind the decimal point is cut off, because the prices are made whole numbers.",
)
def cut_to_whole_dollars(size_sqft, weight, bias=0.0):
    return np.trunc(size_sqft * weight + bias)


@misconception(
    of="predict_price",
    kind="edge",
    hint="The prices go into an array of the sizes' own type, so sizes in whole numbers cut every fraction off.",
)
def prices_in_the_type_of_the_sizes(size_sqft, weight, bias=0.0):
    prices = np.zeros_like(size_sqft)
    prices[...] = size_sqft * weight + bias
    return prices


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="Only the first house gets a price; arithmetic on arrays works for all of them at once.",
)
def only_the_first_house(size_sqft, weight, bias=0.0):
    return np.ravel(size_sqft)[0] * weight + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The prices are added up to one total; every house has a price of its own.",
)
def total_of_all_houses(size_sqft, weight, bias=0.0):
    return np.sum(size_sqft * weight + bias)


@misconception(
    of="predict_price",
    kind="edge",
    hint="Prices below 0 are cut off; this neuron is a plain straight line, and cutting off comes in part 3.",
)
def no_price_below_0(size_sqft, weight, bias=0.0):
    return np.maximum(size_sqft * weight + bias, 0)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="Text comes back; return the number itself, and leave its looks to whoever prints it.",
)
def price_as_text(size_sqft, weight, bias=0.0):
    return f"${size_sqft * weight + bias}"


@misconception(
    of="predict_price",
    kind="edge",
    hint="The prices are right, but they overwrite the caller's array of sizes; make a new array.",
)
def overwrites_the_sizes(size_sqft, weight, bias=0.0):
    size_sqft *= weight
    size_sqft += bias
    return size_sqft


# --- neuron ---


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The products are not added up, so there is one number for each input; a neuron gives one number in all.",
)
def products_not_added_up(x, w, b):
    return x * w + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The inputs are added up before they meet the weights, so every input counts with every weight; each has its "
    "own.",
)
def product_of_two_sums(x, w, b):
    return x.sum() * w.sum() + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The products are averaged; a neuron adds them up.",
)
def mean_of_the_products(x, w, b):
    return np.sum(x * w) / max(len(x), 1) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="Only the first input is used: the answer is returned before the loop is through.",
)
def returns_inside_the_loop(x, w, b):
    total = b
    for value, weight in zip(x, w, strict=False):
        total += value * weight
        return total
    return total


@misconception(
    of="neuron",
    kind="misses_point",
    hint="Each product takes the place of the one before, so only the last one is left; they should be added up.",
)
def only_the_last_product(x, w, b):
    total = 0.0
    for value, weight in zip(x, w, strict=False):
        total = value * weight
    return total + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The bias is missing; it is added at the end.",
)
def neuron_without_bias(x, w, b):
    return np.sum(x * w)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The bias is added to every product, so it counts once for each input; it belongs on top of the sum, once.",
)
def bias_for_every_input(x, w, b):
    return np.sum(x * w + b)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The sum is squashed between 0 and 1 (a sigmoid); this neuron gives its sum as it is.",
)
def neuron_with_sigmoid(x, w, b):
    return 1 / (1 + np.exp(-(np.sum(x * w) + b)))


@misconception(
    of="neuron",
    kind="misses_point",
    hint="Sums below 0 are cut off; this neuron gives its sum as it is, and cutting off is part 3.",
)
def neuron_with_relu(x, w, b):
    return np.maximum(np.sum(x * w) + b, 0)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="An array of one number comes back; a single number is wanted.",
)
def array_of_one_number(x, w, b):
    return np.sum(x * w, keepdims=True) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="Inputs without a weight, or weights without an input, are dropped in silence, because zip stops at the "
    "shorter of the two; compare the shapes and refuse them with a ValueError.",
)
def zip_stops_at_the_shorter(x, w, b):
    return sum(value * weight for value, weight in zip(x, w, strict=False)) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="A single weight is stretched by numpy to fit all inputs, and tables are added up as a whole; compare the "
    "shapes first and refuse what does not fit with a ValueError.",
)
def shapes_not_compared(x, w, b):
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="The two shapes are compared, but tables of the same shape still get through; a neuron takes one list of "
    "inputs.",
)
def tables_get_through(x, w, b):
    if x.shape != w.shape:
        raise ValueError("shapes differ")
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="Only the lengths are compared, and a column or a table has a length, too; compare the shapes.",
)
def only_lengths_compared(x, w, b):
    if len(x) != len(w):
        raise ValueError("lengths differ")
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="Numpy's own complaint is relied on, and it takes tables for a product of matrices; see to it that both are "
    "plain lists of numbers.",
)
def product_of_matrices(x, w, b):
    return x @ w + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="The error is returned like an answer, and whoever called goes on with it; an error is raised.",
)
def returns_its_error(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        return "ValueError: x and w differ in shape"
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="The answer is right, but the products overwrite the caller's inputs; work on a new array.",
)
def overwrites_the_inputs(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w differ in shape")
    x *= w
    return x.sum() + b


# --- relu ---


@misconception(
    of="relu",
    kind="misses_point",
    hint="Negative numbers lose their sign; they should become 0.",
)
def absolute_value(z):
    return np.abs(z)


@misconception(
    of="relu",
    kind="misses_point",
    hint="Numbers above 1 are capped at 1; what is above 0 stays as it is, however large.",
)
def capped_at_1(z):
    return np.clip(z, 0, 1)


@misconception(
    of="relu",
    kind="misses_point",
    hint="A hundredth of the negative numbers gets through (a leaky ReLU); they should become 0.",
)
def leaky_relu(z):
    return np.where(z > 0, z, 0.01 * z)


@misconception(
    of="relu",
    kind="misses_point",
    hint="A smooth curve (a sigmoid) squashes everything between 0 and 1; ReLU has a sharp corner at 0 and no ceiling.",
)
def sigmoid_for_relu(z):
    return 1 / (1 + np.exp(-z))


@misconception(
    of="relu",
    kind="misses_point",
    hint="This curve (softplus) goes round the corner at 0 and comes out too high there; ReLU is exactly 0 below 0.",
)
def softplus_for_relu(z):
    return np.log1p(np.exp(z))


@misconception(
    of="relu",
    kind="misses_point",
    hint="This curve (z times its sigmoid) dips below 0; ReLU is exactly 0 there.",
)
def silu_for_relu(z):
    return z / (1 + np.exp(-z))


@misconception(
    of="relu",
    kind="misses_point",
    hint="Only whether a number is above 0 comes back, as 1 or 0; the number itself should.",
)
def on_or_off(z):
    return np.where(z > 0, 1.0, 0.0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="It is the wrong way round: the negative numbers are kept and the positive ones become 0.",
)
def keeps_the_negative(z):
    return np.minimum(z, 0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="The border is at 1: numbers between 0 and 1 are lost.",
)
def border_at_1(z):
    return np.where(z >= 1, z, 0.0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="Fractions are lost, because the numbers are made whole ones.",
)
def relu_in_whole_numbers(z):
    return np.trunc(np.maximum(z, 0))


@misconception(
    of="relu",
    kind="misses_point",
    hint="Negative numbers are left out, so fewer come back than went in; each keeps its place and becomes 0.",
)
def negatives_left_out(z):
    return z[z > 0]


@misconception(
    of="relu",
    kind="misses_point",
    hint="One maximum of all numbers comes back; the maximum is meant for each number and 0.",
)
def largest_of_all(z):
    return np.max(z, initial=0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="It is decided for all numbers at once, by their sum; each number decides for itself.",
)
def all_or_nothing(z):
    return z if np.sum(z) > 0 else np.zeros_like(z)


@misconception(
    of="relu",
    kind="edge",
    hint="A plain list of numbers comes back; a table should keep its shape.",
)
def flattened(z):
    return np.maximum(z, 0).ravel()


@misconception(
    of="relu",
    kind="edge",
    hint="A loop over a table meets whole rows, not numbers; find a comparison that works on all of an array at once.",
)
def loop_over_rows(z):
    return np.array([value if value > 0 else 0.0 for value in z])


@misconception(
    of="relu",
    kind="conduct",
    hint="The answer is right, but the caller's own array loses its negative numbers; work on a copy or a new array.",
)
def overwrites_the_callers_numbers(z):
    z[z < 0] = 0
    return z


# --- linear ---


@misconception(
    of="linear",
    kind="misses_point",
    hint="The weights are transposed, as torch stores them; here they are (D_in, D_out) already.",
)
def weights_transposed(X, W, b):
    return X @ W.T + b


@misconception(
    of="linear",
    kind="conduct",
    hint="Weights the wrong way round are turned without a word, which hides a mistake elsewhere; refuse them with a "
    "ValueError.",
)
def weights_turned_to_fit(X, W, b):
    if W.shape[0] != X.shape[1]:
        W = W.T
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes do not fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="The matrices are multiplied in the other order: examples come first, then weights.",
)
def weights_before_examples(X, W, b):
    return W @ X + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="The result is turned: a row for each neuron and a column for each example; it should be the other way round.",
)
def outputs_turned(X, W, b):
    return (X @ W + b).T


@misconception(
    of="linear",
    kind="misses_point",
    hint="Examples and weights are multiplied entry by entry; every neuron needs a sum over all inputs.",
)
def entry_by_entry(X, W, b):
    return X * W + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="The biases are missing; each neuron adds its own.",
)
def layer_without_biases(X, W, b):
    return X @ W


@misconception(
    of="linear",
    kind="misses_point",
    hint="The biases go to the examples, one a row; they belong to the neurons, one a column.",
)
def bias_for_each_example(X, W, b):
    return X @ W + b[:, None]


@misconception(
    of="linear",
    kind="misses_point",
    hint="Each bias counts once for every input; it belongs on top of the sum, once.",
)
def biases_for_every_input(X, W, b):
    return X @ W + X.shape[1] * b


@misconception(
    of="linear",
    kind="misses_point",
    hint="The products are averaged over the inputs; a neuron adds them up.",
)
def mean_over_the_inputs(X, W, b):
    return X @ W / X.shape[1] + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="Outputs below 0 are cut off; a linear layer leaves them, and ReLU comes between layers in part 5.",
)
def layer_with_relu(X, W, b):
    return np.maximum(X @ W + b, 0)


@misconception(
    of="linear",
    kind="misses_point",
    hint="Only the first example gets through; every row of the batch has a row of outputs.",
)
def only_the_first_example(X, W, b):
    return X[:1] @ W + b


@misconception(
    of="linear",
    kind="convention",
    hint="A batch of one loses its batch axis; it should stay a table of one row.",
)
def batch_axis_squeezed(X, W, b):
    return np.squeeze(X @ W + b)


@misconception(
    of="linear",
    kind="edge",
    hint="The outputs are written into an array of the examples' own type, so whole numbers cut every fraction off.",
)
def outputs_in_the_type_of_the_examples(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes do not fit")
    return (X @ W + b).astype(X.dtype)


@misconception(
    of="linear",
    kind="conduct",
    hint="The arithmetic is right, but numpy stretches a single bias, or a column of them, without a word; compare the "
    "shapes first and refuse what does not fit with a ValueError.",
)
def layer_without_shape_check(X, W, b):
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="Examples and weights are compared, the biases are not: numpy stretches a single one, or a column, without a "
    "word.",
)
def biases_not_compared(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0]:
        raise ValueError("shapes do not fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="The biases are compared, but a single example without its batch axis gets through, or weights as a plain "
    "list; see to the number of axes, too.",
)
def number_of_axes_not_compared(X, W, b):
    if b.shape != W.shape[1:]:
        raise ValueError("shapes do not fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="Only the number of biases is compared, so they may come as a table of one row; they should be a plain list.",
)
def biases_as_a_row(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.size != W.shape[1]:
        raise ValueError("shapes do not fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="The outputs are right where they fit, but they overwrite the caller's examples; make a new array.",
)
def overwrites_the_examples(X, W, b):
    for i in range(len(X)):
        X[i] = X[i] @ W + b
    return X


# --- mlp_forward ---


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="ReLU is missing between the layers, so all of them together are no more than a single one; see part 5.",
)
def no_relu_at_all(X, layers):
    for W, b in layers:
        X = X @ W + b
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="ReLU is applied after the last layer, too, so the network can never answer anything below 0.",
)
def relu_after_the_last_layer(X, layers):
    for W, b in layers:
        X = np.maximum(X @ W + b, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="ReLU is applied before every layer, so the examples' negative numbers are lost before any layer sees them.",
)
def relu_on_the_examples(X, layers):
    for W, b in layers:
        X = np.maximum(X, 0) @ W + b
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="ReLU comes after the first layer only; it follows every layer but the last.",
)
def relu_after_the_first_layer_only(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W + b
        if i == 0 and len(layers) > 1:
            X = np.maximum(X, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The biases are added after ReLU instead of before it.",
)
def biases_after_relu(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W, 0) + b
    W, b = layers[-1]
    return X @ W + b


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The last layer is left out.",
)
def last_layer_left_out(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="Only the first layer is worked through, because the answer is returned inside the loop.",
)
def returns_after_the_first_layer(X, layers):
    W, b = layers[0]
    return np.maximum(X @ W + b, 0) if len(layers) > 1 else X @ W + b


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="Every layer gets the examples themselves; each should work on what the layer before it gave.",
)
def every_layer_on_the_examples(X, layers):
    hidden = X
    for W, b in layers[:-1]:
        hidden = np.maximum(X @ W + b, 0)
    W, b = layers[-1]
    return (X if len(layers) == 1 else hidden) @ W + b


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="Only the first and the last layer are used; a network may have any number of layers between them.",
)
def layers_between_left_out(X, layers):
    if len(layers) > 1:
        X = np.maximum(X @ layers[0][0] + layers[0][1], 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The layers are worked through from the last to the first; the examples enter at the first.",
)
def layers_in_reverse(X, layers):
    for W, b in layers[:0:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ layers[0][0] + layers[0][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The hidden layers' biases are missing; every layer adds its own.",
)
def hidden_biases_missing(X, layers):
    for W, _ in layers[:-1]:
        X = np.maximum(X @ W, 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The output layer's biases are missing; every layer adds its own.",
)
def output_biases_missing(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ layers[-1][0]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="A sigmoid stands between the layers, which squashes everything between 0 and 1; here it is ReLU.",
)
def sigmoid_between_layers(X, layers):
    for W, b in layers[:-1]:
        X = 1 / (1 + np.exp(-(X @ W + b)))
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The outputs are turned into probabilities (a softmax); the last layer's numbers are wanted as they are.",
)
def softmax_on_the_output(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    X = X @ layers[-1][0] + layers[-1][1]
    exponentials = np.exp(X - X.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="What goes into a hidden layer is added to what comes out (a shortcut, as large models have); here a layer "
    "hands on its own result only.",
)
def shortcut_around_hidden_layers(X, layers):
    for W, b in layers[:-1]:
        X = X + np.maximum(X @ W + b, 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The weights are transposed, as torch stores them; here they are (D_in, D_out) already.",
)
def layers_transposed(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W.T + b, 0)
    return X @ layers[-1][0].T + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The results of all layers come back; only the last one's is wanted.",
)
def results_of_all_layers(X, layers):
    results = []
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
        results.append(X)
    return [*results, X @ layers[-1][0] + layers[-1][1]]


@misconception(
    of="mlp_forward",
    kind="conduct",
    hint="The answer is right, but the last layer is taken out of the caller's own list, so a second call finds it "
    "missing; leave the list as it is.",
)
def takes_a_layer_from_the_list(X, layers):
    output_weights, output_biases = layers.pop()
    for W, b in layers:
        X = np.maximum(X @ W + b, 0)
    return X @ output_weights + output_biases
