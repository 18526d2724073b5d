"""Wrong answers to the `neuron` lab's stubs: a catalog to search by name, not to read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- predict_price ---


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You always multiply by 200, the weight from the lesson. A different city could have a different weight, so "
    "use the `weight` argument.",
    taught=True,
)
def weight_always_200(size_sqft, weight, bias=0.0):
    return size_sqft * 200.0 + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="The bias is missing. Add it to every price.",
    taught=True,
)
def bias_ignored(size_sqft, weight, bias=0.0):
    return size_sqft * weight


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You multiply by the bias, so with a bias of 0 every house costs nothing. Add the bias instead.",
    taught=True,
)
def bias_multiplied(size_sqft, weight, bias=0.0):
    return size_sqft * weight * bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You subtract the bias. A positive bias raises every price, so add it.",
)
def bias_subtracted(size_sqft, weight, bias=0.0):
    return size_sqft * weight - bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You multiply the bias by the weight, too, for example by adding it to the size first. The bias is in "
    "dollars, so add it to the product.",
)
def bias_added_to_the_size(size_sqft, weight, bias=0.0):
    return (size_sqft + bias) * weight


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You split the bias among the houses. Each house gets the whole bias.",
    taught=True,
)
def bias_shared_among_the_houses(size_sqft, weight, bias=0.0):
    return size_sqft * weight + bias / max(np.size(size_sqft), 1)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You've swapped the weight and the bias: you multiply by the bias and add the weight.",
)
def weight_and_bias_swapped(size_sqft, weight, bias=0.0):
    return size_sqft * bias + weight


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You divide the size by the weight. Multiply instead: square feet times dollars per square foot gives "
    "dollars.",
    taught=True,
)
def divides_by_the_weight(size_sqft, weight, bias=0.0):
    return size_sqft / weight + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You add the weight to the size. In a neuron, every input is multiplied by its weight.",
)
def adds_the_weight(size_sqft, weight, bias=0.0):
    return size_sqft + weight + bias


@misconception(
    of="predict_price",
    kind="edge",
    any_of={"decimals": (0, 1, 2)},
    hint="You round the prices. Return them unrounded.",
    taught=True,
)
def rounded_prices(size_sqft, weight, bias=0.0, *, decimals):
    return np.round(size_sqft * weight + bias, decimals)


@misconception(
    of="predict_price",
    kind="edge",
    any_of={"floor": (False, True)},
    hint="You convert the prices to integers, which drops the cents. Return them unrounded.",
    taught=True,
)
def cut_to_whole_dollars(size_sqft, weight, bias=0.0, *, floor):
    return np.floor(size_sqft * weight + bias) if floor else np.trunc(size_sqft * weight + bias)


@misconception(
    of="predict_price",
    kind="edge",
    hint="If the sizes are integers, the prices become integers too and lose their fractional parts. This happens, for "
    "example, if you write them into an array with the sizes' dtype.",
    taught=True,
)
def prices_in_the_type_of_the_sizes(size_sqft, weight, bias=0.0):
    prices = np.zeros_like(size_sqft)
    prices[...] = size_sqft * weight + bias
    return prices


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"house": (0, -1)},
    hint="Only one of the houses gets a price. Arithmetic on an array works on all its numbers at once, so you don't "
    "need to pick one.",
    taught=True,
)
def only_one_house(size_sqft, weight, bias=0.0, *, house):
    sizes = np.ravel(size_sqft)
    return sizes[house] * weight + bias if sizes.size else bias


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"bias_per_house": (True, False)},
    hint="You return one total for all the houses. Every house has its own price.",
    taught=True,
)
def total_of_all_houses(size_sqft, weight, bias=0.0, *, bias_per_house):
    total = np.sum(size_sqft) * weight
    return total + bias * np.size(size_sqft) if bias_per_house else total + bias


@misconception(
    of="predict_price",
    kind="edge",
    hint="You replace prices below 0 with 0. This neuron's graph is a straight line everywhere; the nonlinearity comes "
    "in part 3.",
)
def no_price_below_0(size_sqft, weight, bias=0.0):
    return np.maximum(size_sqft * weight + bias, 0)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You return text. Return the number itself, so it can be used in further calculations.",
)
def price_as_text(size_sqft, weight, bias=0.0):
    return f"${size_sqft * weight + bias}"


@misconception(
    of="predict_price",
    kind="convention",
    hint="For a single size, you return an array of one price. If you're given one number, return one number.",
    taught=True,
)
def always_an_array(size_sqft, weight, bias=0.0):
    return np.atleast_1d(size_sqft) * weight + bias


@misconception(
    of="predict_price",
    kind="conduct",
    hint="Your function overwrites the caller's array of sizes. Make a new array instead of changing it in place.",
    taught=True,
)
def overwrites_the_sizes(size_sqft, weight, bias=0.0):
    if isinstance(size_sqft, np.ndarray) and size_sqft.dtype.kind == "f":
        size_sqft *= weight
        size_sqft += bias
        return size_sqft
    return size_sqft * weight + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You multiply the bias by the size, for example by adding it to the weight first. The bias is in dollars, so "
    "add it to the product.",
)
def bias_added_to_the_weight(size_sqft, weight, bias=0.0):
    return size_sqft * (weight + bias)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You multiply by the size twice. The price is size times weight, plus the bias.",
)
def size_squared(size_sqft, weight, bias=0.0):
    return size_sqft * size_sqft * weight + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"which": ("first", "last")},
    hint="You add the bias to only one of the houses' prices. Add it to every price.",
)
def bias_for_one_house_only(size_sqft, weight, bias=0.0, *, which):
    prices = np.array(size_sqft, dtype=float) * weight
    if prices.ndim == 0:
        return prices + bias
    if prices.size:
        prices[0 if which == "first" else -1] += bias
    return prices


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"times": (2.0, 0.5)},
    hint="You add the bias twice, or you add only half of it. Add it once.",
)
def bias_counts_twice_or_half(size_sqft, weight, bias=0.0, *, times):
    return size_sqft * weight + times * bias


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You add the bias to each price as many times as there are houses. Add it to each price only once.",
)
def bias_times_the_houses(size_sqft, weight, bias=0.0):
    return size_sqft * weight + bias * np.size(size_sqft)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You ignore the sign of the bias, or leave out a negative bias. A bias can lower prices too.",
)
def negative_bias_left_out(size_sqft, weight, bias=0.0):
    return size_sqft * weight + max(bias, 0.0)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You ignore the sign of the bias. A negative bias lowers every price.",
)
def sign_of_the_bias_dropped(size_sqft, weight, bias=0.0):
    return size_sqft * weight + abs(bias)


@misconception(
    of="predict_price",
    kind="edge",
    hint="You drop the minus sign from prices below 0. This neuron's graph is a straight line everywhere.",
)
def sign_of_the_price_dropped(size_sqft, weight, bias=0.0):
    return np.abs(size_sqft * weight + bias)


@misconception(
    of="predict_price",
    kind="edge",
    hint="For a size of 0, you return a price of 0. The same formula applies to a size of 0, so the price is just the "
    "bias.",
)
def size_0_costs_nothing(size_sqft, weight, bias=0.0):
    return np.where(np.equal(size_sqft, 0), 0.0, size_sqft * weight + bias)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You return one average for all the houses. Every house has its own price.",
)
def mean_of_all_houses(size_sqft, weight, bias=0.0):
    return np.mean(size_sqft) * weight + bias if np.size(size_sqft) else bias


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"by": (1000.0, 1e6, 100.0)},
    hint="You divide the prices, for example to express them in thousands. Return them in dollars.",
)
def prices_in_thousands(size_sqft, weight, bias=0.0, *, by):
    return (size_sqft * weight + bias) / by


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"decimals": (-2, -3)},
    hint="You round the prices to whole hundreds or thousands. Return them unrounded.",
)
def prices_rounded_to_hundreds(size_sqft, weight, bias=0.0, *, decimals):
    return np.round(size_sqft * weight + bias, decimals)


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You square the product of size and weight. The price is just size times weight, plus the bias.",
)
def size_to_the_power_of_the_weight(size_sqft, weight, bias=0.0):
    return np.square(size_sqft * weight) + bias


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"order": ("sorted", "reversed", "running_totals")},
    hint="You return the prices in a different order, or you return running totals. Each price belongs to the house in "
    "the same position.",
)
def prices_in_another_order(size_sqft, weight, bias=0.0, *, order):
    prices = np.atleast_1d(size_sqft) * weight + bias
    if np.ndim(size_sqft) == 0:
        return prices[0]
    if order == "running_totals":
        return np.cumsum(prices)
    return np.sort(prices) if order == "sorted" else prices[::-1]


@misconception(
    of="predict_price",
    kind="misses_point",
    hint="You convert the sizes to integers first, which drops their fractional parts. Use them as they are.",
)
def sizes_cut_to_whole_numbers(size_sqft, weight, bias=0.0):
    return np.trunc(size_sqft) * weight + bias


@misconception(
    of="predict_price",
    kind="convention",
    hint="If the array holds a single size, you return a bare number. Return an array with a single price instead.",
)
def one_price_taken_out(size_sqft, weight, bias=0.0):
    prices = np.asarray(size_sqft * weight + bias)
    return prices.ravel()[0] if prices.size == 1 else prices


@misconception(
    of="predict_price",
    kind="misses_point",
    any_of={"condition": ("above 0", "below the bias")},
    exempt="The number of prices that meet the condition depends on which numbers are drawn.",
    hint="You add the bias only if some condition holds, such as the price being above 0 or below the bias. Add the "
    "bias to every price.",
)
def bias_under_a_condition(size_sqft, weight, bias=0.0, *, condition):
    prices = size_sqft * weight
    return np.where(prices > 0 if condition == "above 0" else prices < bias, prices + bias, prices)


# --- neuron ---


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You return one number per input instead of adding up the products. A neuron outputs a single number.",
    taught=True,
)
def products_not_added_up(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return x * w + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You multiply every input by every weight, for example by multiplying two sums or nesting two loops. Each "
    "input has its own weight.",
)
def product_of_two_sums(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return x.sum() * w.sum() + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You average the products. A neuron adds them up.",
)
def mean_of_the_products(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) / max(len(x), 1) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You divide by the sum of the weights, which gives a weighted average. A neuron just adds up the products.",
)
def weighted_average(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) / np.sum(w) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="Your output depends only on the first input. Is your `return` inside the loop? Add up all the products "
    "before you return.",
)
def returns_inside_the_loop(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    total = b
    for value, weight in zip(x, w, strict=True):
        total += value * weight
        return total
    return total


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You keep only the last product, as if each one overwrote the one before. Add up all the products.",
)
def only_the_last_product(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    total = 0.0
    for value, weight in zip(x, w, strict=True):
        total = value * weight
    return total + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="The bias is missing. Add it to the sum.",
    taught=True,
)
def neuron_without_bias(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You add the bias once per input, for example by adding it to every product. Add it once, to the sum.",
    taught=True,
)
def bias_for_every_input(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w + b)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You subtract the bias. Add it to the sum.",
)
def neuron_bias_subtracted(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) - b


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"curve": ("sigmoid", "tanh")},
    hint="You pass the sum through a function that levels off (a sigmoid or tanh). This neuron returns the sum "
    "unchanged.",
)
def squashed_sum(x, w, b, *, curve):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    total = np.sum(x * w) + b
    return np.tanh(total) if curve == "tanh" else 1 / (1 + np.exp(-total))


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You replace sums below 0 with 0. This neuron returns the sum unchanged; ReLU is a separate step, in part 3.",
    taught=True,
)
def neuron_with_relu(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.maximum(np.sum(x * w) + b, 0)


@misconception(
    of="neuron",
    kind="convention",
    hint="You return the number inside an array or a list. Return just the number.",
    taught=True,
)
def array_of_one_number(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w, keepdims=True) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="You still return an answer for mismatched arrays: numpy broadcasts a single weight across all inputs, for "
    "example. Raise ValueError unless x and w are both 1-D and have the same length.",
    taught=True,
)
def shapes_not_compared(x, w, b):
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="You return an answer even if x and w have different lengths. (`zip` just stops at the end of the shorter "
    "one.) Raise a ValueError instead, with `raise`, not `return`.",
    taught=True,
)
def zip_stops_at_the_shorter(x, w, b):
    return sum(value * weight for value, weight in zip(x, w, strict=False)) + b


@misconception(
    of="neuron",
    kind="conduct",
    any_of={"over": ("x", "w")},
    hint="You only use the length of one of the arrays. If the other one is longer, its extra numbers are dropped; if "
    "it's shorter, you get an IndexError. Compare the shapes first, and raise ValueError if they differ.",
)
def loops_without_comparing(x, w, b, *, over):
    total = b
    for i in range(len(x if over == "x" else w)):
        total = total + x[i] * w[i]
    return total


@misconception(
    of="neuron",
    kind="conduct",
    any_of={"instead": (None, 0.0, "ValueError")},
    hint="You return a value (or None) when you should raise an error, so the caller mistakes that value for an "
    "answer. Raise ValueError.",
    taught=True,
)
def returns_its_error(x, w, b, *, instead):
    if x.ndim != 1 or x.shape != w.shape:
        return instead
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    any_of={"error": ("AssertionError", "TypeError", "Exception")},
    hint="For wrong shapes, your code raises an error other than ValueError. (`assert` raises an AssertionError.)",
    taught=True,
)
def raises_another_error(x, w, b, *, error):
    if x.ndim != 1 or x.shape != w.shape:
        errors = {"AssertionError": AssertionError, "TypeError": TypeError, "Exception": Exception}
        raise errors[error]("x and w must both be (D,)")
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="You still return an answer for some tables and columns, maybe because you use @ or np.dot, which "
    "multiply them as matrices. Raise ValueError unless both arrays have one dimension.",
    taught=True,
)
def product_of_matrices(x, w, b):
    return x @ w + b


@misconception(
    of="neuron",
    kind="conduct",
    any_of={"dot": (False, True)},
    hint="You still accept columns and tables. It isn't enough to compare lengths or sizes, because a column or a "
    "table has a length and a size, too. Compare the shapes and the number of dimensions.",
    taught=True,
)
def only_lengths_compared(x, w, b, *, dot):
    if len(x) != len(w):
        raise ValueError("lengths differ")
    return np.dot(x, w) + b if dot else np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="You accept a single weight for several inputs, or a single input for several weights, and numpy broadcasts "
    "it to match the other array. Raise ValueError if the lengths differ.",
)
def a_single_number_is_stretched(x, w, b):
    if x.ndim != 1 or w.ndim != 1:
        raise ValueError("x and w must be 1-D")
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="You still accept 2-D arrays, as long as they have the same shape. A neuron takes one list of inputs, so "
    "check the number of dimensions too.",
    taught=True,
)
def tables_get_through(x, w, b):
    if x.shape != w.shape:
        raise ValueError("shapes differ")
    return np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="conduct",
    hint="You change the caller's array of inputs, for example by writing the products into it. Make a new array.",
    taught=True,
)
def overwrites_the_inputs(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    x *= w
    return x.sum() + b


@misconception(
    of="neuron",
    kind="edge",
    hint="If the inputs are integers, the products become integers too and lose their fractional parts. This happens, "
    "for example, if you collect them in an array with the inputs' dtype.",
)
def products_in_the_inputs_dtype(x, w, b):
    if np.shape(x) != np.shape(w) or np.ndim(x) != 1:
        raise ValueError("x and w must have the same length")
    products = np.zeros_like(x)
    for i in range(len(x)):
        products[i] = x[i] * w[i]
    return float(products.sum() + b)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You multiply the bias by the sum instead of adding it.",
)
def sum_times_bias(x, w, b):
    if np.ndim(x) != 1 or np.shape(x) != np.shape(w):
        raise ValueError("x and w must be lists of the same length")
    return float(np.dot(x, w) * b)


@misconception(
    of="neuron",
    kind="edge",
    hint="If there are no inputs at all, you return 0. In that case the sum is 0, but you still have to add the bias.",
)
def no_bias_without_inputs(x, w, b):
    if np.ndim(x) != 1 or np.shape(x) != np.shape(w):
        raise ValueError("x and w must be lists of the same length")
    return float(np.dot(x, w) + b) if len(x) else 0.0


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"left_out": ("first", "last")},
    hint="You leave out one product, either the first or the last. Check where your loop or slice starts and ends.",
)
def one_input_left_out(x, w, b, *, left_out):
    if np.ndim(x) != 1 or np.shape(x) != np.shape(w):
        raise ValueError("x and w must be lists of the same length")
    kept = slice(1, None) if left_out == "first" else slice(None, -1)
    return float(np.dot(x[kept], w[kept]) + b)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You multiply all the products together. A neuron adds them up.",
)
def product_of_the_products(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.prod(x * w) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You add the weights to the inputs. Multiply each input by its weight, then add up the products.",
)
def weights_added(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x + w) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You return only the largest product plus the bias. A neuron adds up all the products.",
)
def largest_product(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return (np.max(x * w) if len(x) else 0.0) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You pair the inputs with the weights in reverse order. Each input goes with the weight in the same position.",
)
def weights_in_reverse(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w[::-1]) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You divide by the lengths of the two vectors, which gives the cosine of the angle between them. A neuron "
    "just adds up the products.",
)
def cosine_of_the_angle(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) / (np.linalg.norm(x) * np.linalg.norm(w) + 1e-12) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You drop the minus signs from negative products. A neuron adds up the products as they are, so "
    "negative ones lower the sum.",
)
def signs_of_the_products_dropped(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(np.abs(x * w)) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You drop the minus sign from a negative result. A neuron's output can be negative.",
)
def sign_of_the_sum_dropped(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return abs(np.sum(x * w) + b)


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You return 1 or 0 (or True or False), depending on whether the sum is above 0. This neuron returns the sum "
    "itself.",
)
def fires_or_not(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return float(np.sum(x * w) + b > 0)


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"digits": (0, 1, 2)},
    exempt="The number of outputs that are still correct after rounding depends on which numbers are drawn.",
    hint="You round the output. Return it unrounded.",
)
def rounded_output(x, w, b, *, digits):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return float(np.round(np.sum(x * w) + b, digits))


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"times": (2.0, 0.5)},
    hint="You add the bias twice, or you add only half of it. Add it once.",
)
def neuron_bias_twice_or_half(x, w, b, *, times):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) + times * b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You ignore the weights and just add up the inputs and the bias.",
)
def weights_ignored(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You convert the output to an integer, which drops its fractional part.",
)
def output_cut_to_a_whole_number(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return float(np.trunc(np.sum(x * w) + b))


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You square the products. A neuron adds up the products without squaring them.",
)
def squared_products(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum((x * w) ** 2) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You multiply every input by every weight (an outer product). Each input is multiplied only by the weight in "
    "the same position.",
)
def outer_product(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.outer(x, w) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You divide the sum by the square root of the number of inputs. A neuron just adds up the products.",
)
def sum_divided_by_the_root(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) / np.sqrt(max(len(x), 1)) + b


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"root": (True, False)},
    hint="You measure how far the inputs are from the weights. A neuron multiplies each input by its weight.",
)
def distance_to_the_weights(x, w, b, *, root):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    squares = np.sum((x - w) ** 2)
    return (np.sqrt(squares) if root else squares) + b


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"how": ("absolute", "squared"), "of": ("x", "w")},
    exempt="If all inputs or weights are above 0, taking their absolute values changes nothing.",
    hint="You take the absolute value or the square of the weights or the inputs before you multiply. Use them as they "
    "are, including any minus signs.",
)
def inputs_or_weights_changed(x, w, b, *, how, of):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    change = {"absolute": np.abs, "squared": np.square}[how]
    return np.sum((change(x) if of != "w" else x) * (change(w) if of != "x" else w)) + b


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"to": ("x", "w")},
    hint="The bias gets multiplied, too, maybe because you add it to the inputs or the weights first. Add it to the "
    "sum of the products.",
)
def bias_added_before_multiplying(x, w, b, *, to):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum((x + b) * w) if to == "x" else np.sum(x * (w + b))


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"how": ("dropped", "left out")},
    hint="You ignore the sign of the bias, or leave out a negative bias. A bias can lower the output too.",
)
def sign_of_the_neurons_bias_dropped(x, w, b, *, how):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(x * w) + (abs(b) if how == "dropped" else max(b, 0.0))


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"of_0": (0, 1)},
    hint="You return only the sign of the sum (1 or -1). This neuron returns the sum itself.",
)
def sign_of_the_sum(x, w, b, *, of_0):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    total = np.sum(x * w) + b
    return np.sign(total) if of_0 == 0 else np.where(total >= 0, 1.0, -1.0)[()]


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"which": (0, -1)},
    hint="You add the first or the last product twice, maybe because you start with it and the loop adds it again.",
)
def one_product_counts_twice(x, w, b, *, which):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    total = np.sum(x * w) + b
    return total + x[which] * w[which] if len(x) else total


@misconception(
    of="neuron",
    kind="misses_point",
    hint="Your output is 1 too high, maybe because your total starts at 1. A sum starts at 0.",
)
def total_starts_at_1(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return 1.0 + np.sum(x * w) + b


@misconception(
    of="neuron",
    kind="misses_point",
    hint="You leave out products below 0. A neuron adds up all the products, including the negative ones.",
)
def products_below_0_left_out(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    return np.sum(np.maximum(x * w, 0)) + b


@misconception(
    of="neuron",
    kind="misses_point",
    any_of={"of": ("products", "inputs", "weights")},
    hint="You convert the inputs, the weights or the products to integers. Keep their fractional parts.",
)
def products_rounded(x, w, b, *, of):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must both be (D,)")
    if of == "products":
        return np.sum(np.trunc(x * w)) + b
    return np.sum((np.trunc(x) if of == "inputs" else x) * (np.trunc(w) if of == "weights" else w)) + b


# --- relu ---


@misconception(
    of="relu",
    kind="misses_point",
    hint="You drop the minus sign from negative numbers. They should become 0.",
    taught=True,
)
def absolute_value(z):
    return np.abs(z)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You cap numbers at 1. ReLU has no upper limit: everything above 0 stays as it is.",
    taught=True,
)
def capped_at_1(z):
    return np.clip(z, 0, 1)


@misconception(
    of="relu",
    kind="edge",
    hint="You cap numbers at 6 (a ReLU6). Here there's no upper limit: a million stays a million.",
    taught=True,
)
def capped_at_6(z):
    return np.clip(z, 0, 6)


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"slope": (0.01, 0.1, 0.2, 0.05, 0.25, 0.3, 0.5)},
    hint="You let a fraction of each negative number through (a leaky ReLU). Negative numbers should become exactly 0.",
)
def leaky_relu(z, *, slope):
    return np.where(z > 0, z, slope * z)


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"curve": ("sigmoid", "tanh")},
    hint="You use a function that squashes large numbers (a sigmoid or tanh). ReLU has a corner at 0 and no upper "
    "limit.",
    taught=True,
)
def squashes(z, *, curve):
    return np.tanh(z) if curve == "tanh" else 1 / (1 + np.exp(-z))


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"curve": ("gelu", "silu", "softplus")},
    hint="You use a smooth variant of ReLU (GELU, SiLU or softplus), which rounds off the corner. ReLU is exactly 0 "
    "below 0 and leaves numbers above 0 unchanged.",
)
def smooth_relative(z, *, curve):
    if curve == "softplus":
        return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)
    if curve == "silu":
        return z / (1 + np.exp(-z))
    return z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


@misconception(
    of="relu",
    kind="misses_point",
    hint="You return 1 or 0 (or True or False), which only says whether a number is above 0. If it is, return the "
    "number itself.",
)
def on_or_off(z):
    return np.where(z > 0, 1.0, 0.0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You have it the wrong way around: you keep the negative numbers and set the positive ones to 0.",
)
def keeps_the_negative(z):
    return np.minimum(z, 0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="Negative numbers come out positive, and positive ones become 0, so a sign is flipped somewhere.",
)
def flips_the_negative_part(z):
    return np.maximum(-z, 0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You turn numbers between 0 and 1 into 0, for example by comparing with 1. Compare with 0.",
)
def border_at_1(z):
    return np.where(z >= 1, z, 0.0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You convert the results to integers, so you lose their fractional parts.",
)
def relu_in_whole_numbers(z):
    return np.trunc(np.maximum(z, 0))


@misconception(
    of="relu",
    kind="misses_point",
    hint="You leave out negative numbers, so you return fewer numbers than you were given. Put a 0 in place of each "
    "negative number.",
    taught=True,
)
def negatives_left_out(z):
    return z[z > 0]


@misconception(
    of="relu",
    kind="misses_point",
    hint="You return the largest of all the numbers. Compare each number with 0 separately.",
    taught=True,
)
def largest_of_all(z):
    return np.max(z, initial=0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You return the largest number in each column, maybe because np.max treats your 0 as an axis. Compare each "
    "number with 0 separately.",
    taught=True,
)
def largest_along_the_first_axis(z):
    return np.max(z, 0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You make a single decision for all the numbers, based on their sum or mean. Compare each number with 0 "
    "separately.",
)
def all_or_nothing(z):
    return z if np.sum(z) > 0 else np.zeros_like(z)


@misconception(
    of="relu",
    kind="edge",
    hint="You return a flat list of numbers. The result should have the shape of `z`.",
    taught=True,
)
def flattened(z):
    return np.maximum(z, 0).ravel()


@misconception(
    of="relu",
    kind="edge",
    hint="When your loop goes over a table, it gets whole rows instead of single numbers. Use an operation that "
    "compares all elements of an array at once, whatever its shape.",
    taught=True,
)
def loop_over_rows(z):
    return np.array([value if value > 0 else 0.0 for value in z])


@misconception(
    of="relu",
    kind="conduct",
    hint="You change the caller's array. Work on a copy, or make a new array.",
    taught=True,
)
def overwrites_the_callers_numbers(z):
    z[z < 0] = 0
    return z


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"least": (0.01, 0.001)},
    hint="You replace negative numbers with a small positive number. ReLU makes them 0.",
)
def floor_above_0(z, *, least):
    return np.maximum(z, least)


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"alpha": (1.0, 1.67326)},
    hint="Below 0, you use an exponential curve (an ELU). ReLU is exactly 0 there.",
)
def exponential_below_0(z, *, alpha):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


@misconception(
    of="relu",
    kind="misses_point",
    hint="You subtract the smallest number, so nothing is below 0 anymore. ReLU leaves positive numbers as they are.",
)
def shifted_above_0(z):
    return z - np.min(z, initial=0)


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"limit": (1.0, 2.0, 5.0, 10.0, 20.0)},
    hint="You clip numbers to a range on both sides. ReLU has no upper limit, and its lower limit is 0.",
)
def clipped_on_both_sides(z, *, limit):
    return np.clip(z, -limit, limit)


@misconception(
    of="relu",
    kind="edge",
    any_of={"limit": (10.0, 20.0, 50.0, 100.0, 255.0, 1000.0)},
    hint="You cap large numbers. ReLU has no upper limit: a million stays a million.",
)
def capped_at_a_limit(z, *, limit):
    return np.clip(z, 0, limit)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You square the positive numbers. ReLU leaves positive numbers as they are.",
)
def squared_relu(z):
    return np.maximum(z, 0) ** 2


@misconception(
    of="relu",
    kind="misses_point",
    hint="You return the signs of the numbers. ReLU returns the positive numbers themselves, and 0 for the negative "
    "ones.",
)
def signs_of_the_numbers(z):
    return np.sign(z)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You turn negative numbers into 1 (or another number above 0). They should become 0.",
)
def ones_for_the_negative(z):
    return np.where(z > 0, z, 1.0)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You replace negative numbers with NaN instead of 0.",
)
def nan_for_the_negative(z):
    return np.where(z < 0, np.nan, z)


@misconception(
    of="relu",
    kind="misses_point",
    hint="You return the numbers as they are. The negative ones should become 0.",
)
def unchanged(z):
    return z.copy()


@misconception(
    of="relu",
    kind="misses_point",
    hint="You add up the results. Return all of them instead, each in its original position.",
)
def sum_of_the_results(z):
    return np.sum(np.maximum(z, 0))


@misconception(
    of="relu",
    kind="misses_point",
    hint="You compare the numbers with their mean. Compare each one with 0.",
)
def border_at_the_mean(z):
    return np.where(z > np.mean(z), z, 0.0) if np.size(z) else z


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"digits": (0, 1, 2)},
    hint="You round the numbers. Return the positive ones as they are.",
)
def rounded_relu(z, *, digits):
    return np.round(np.maximum(z, 0), digits)


@misconception(
    of="relu",
    kind="edge",
    hint="You drop the axes of length 1. The result should have the shape of `z`.",
)
def axes_of_1_dropped(z):
    return np.squeeze(np.maximum(z, 0))


@misconception(
    of="relu",
    kind="edge",
    hint="If all the numbers are below 0, you turn each one into the largest of them instead of 0, maybe because you "
    "use that number as an upper limit.",
)
def upper_limit_below_0(z):
    z = np.asarray(z, dtype=float)
    return np.clip(z, 0, np.max(z, initial=-np.inf))


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"factor": (2.0, 0.5)},
    hint="You double or halve the positive numbers. If you compute (z + |z|) / 2, did you forget to divide by 2, or "
    "divide twice? ReLU leaves positive numbers as they are.",
)
def positive_numbers_scaled(z, *, factor):
    return np.maximum(z, 0) * factor


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"fill": (-1.0, -np.inf, 0.1, 0.5)},
    hint="You replace negative numbers with something other than 0. They should become exactly 0.",
)
def another_fill_for_the_negative(z, *, fill):
    return np.where(z > 0, z, fill)


@misconception(
    of="relu",
    kind="edge",
    any_of={"border": (0.01, 0.1)},
    hint="You turn small positive numbers into 0, for example by comparing with a number above 0. Compare with 0.",
)
def border_above_0(z, *, border):
    return np.where(z > border, z, 0.0)


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"shares": (True, False)},
    hint="You take an exponential (or a softmax). ReLU leaves positive numbers as they are.",
)
def exponential_of_the_numbers(z, *, shares):
    powers = np.exp(z - np.max(z, initial=-700.0)) if shares else np.exp(z)
    return powers / powers.sum() if shares else powers


@misconception(
    of="relu",
    kind="misses_point",
    any_of={"by": ("largest", "smallest", "first", "mean")},
    hint="You make one decision for all the numbers, based on a single number such as the largest, the smallest, the "
    "first or the mean. Compare each number with 0 separately.",
)
def one_of_all_compared(z, *, by):
    decides = {"largest": np.max, "smallest": np.min, "first": lambda z: z.flat[0], "mean": np.mean}[by]
    return z * (decides(z) > 0) if np.size(z) else z


# --- linear ---


@misconception(
    of="linear",
    kind="misses_point",
    hint="You use the weights transposed, as if they came from torch. Here, their shape is already (D_in, D_out).",
    taught=True,
)
def weights_transposed(X, W, b):
    return X @ W.T + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You multiply in the wrong order. The examples should come first in the product, then the weights.",
)
def weights_before_examples(X, W, b):
    return W @ X + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="Your result is transposed: it has one row per neuron instead of one row per example.",
)
def outputs_turned(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return (X @ W + b).T


@misconception(
    of="linear",
    kind="misses_point",
    hint="You multiply examples and weights element by element. Each neuron multiplies every input by its weight and "
    "adds up the products, which is what the matrix product does.",
    taught=True,
)
def entry_by_entry(X, W, b):
    return X * W + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="The biases are missing. Each neuron adds its own bias.",
    taught=True,
)
def layer_without_biases(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add each bias to a whole row, so each example gets one bias. There's one bias per neuron, so each column "
    "gets its own bias.",
)
def bias_for_each_example(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + b[:, None]


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add each bias once per input. Add it only once, to the sum.",
)
def biases_for_every_input(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + X.shape[1] * b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You subtract the biases. Add them instead.",
)
def biases_subtracted(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W - b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You average the products over the inputs. A neuron adds them up.",
)
def mean_over_the_inputs(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W / X.shape[1] + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You replace outputs below 0 with 0. A linear layer leaves negative outputs as they are. You'll put ReLU "
    "between layers in part 5.",
)
def layer_with_relu(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return np.maximum(X @ W + b, 0)


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"as_a_batch": (True, False)},
    hint="You only return the first example's outputs. Every row of the batch should get its own row of outputs.",
)
def only_the_first_example(X, W, b, *, as_a_batch):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X[:1] @ W + b if as_a_batch else (X[:1] @ W + b).ravel()


@misconception(
    of="linear",
    kind="convention",
    hint="When a batch has only one example, you drop its batch axis. Return a table with one row.",
)
def batch_axis_squeezed(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return np.squeeze(X @ W + b)


@misconception(
    of="linear",
    kind="edge",
    hint="If the examples are integers, the outputs become integers too and lose their fractional parts. This happens, "
    "for example, if you write them into an array with the examples' dtype.",
    taught=True,
)
def outputs_in_the_type_of_the_examples(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return (X @ W + b).astype(X.dtype)


@misconception(
    of="linear",
    kind="conduct",
    hint="You still return an answer for arrays whose shapes don't match. For example, numpy silently broadcasts a "
    "single bias or a column of biases, and accepts a single example without a batch axis. Compare the shapes first, "
    "and raise ValueError if they don't match.",
    taught=True,
)
def layer_without_shape_check(X, W, b):
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="You still accept a single bias or a column of biases, and numpy silently broadcasts it. Compare the shape of "
    "the biases, too.",
    taught=True,
)
def biases_not_compared(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0]:
        raise ValueError("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="You accept something that isn't 2-D, such as a single example without a batch axis. First check that X and W "
    "are both 2-D, and raise ValueError if they aren't.",
    taught=True,
)
def number_of_axes_not_compared(X, W, b):
    if b.shape != W.shape[1:]:
        raise ValueError("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="You accept biases in a table with one row. It isn't enough to count the biases or to compare only the last "
    "dimension. The biases should be a flat array of shape (D_out,).",
    taught=True,
)
def biases_as_a_row(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.size != W.shape[1]:
        raise ValueError("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="You accept a column of biases, which numpy broadcasts across the examples. It isn't enough to compare only "
    "the length. The biases should be a flat array of shape (D_out,).",
)
def biases_as_a_column(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or len(b) != W.shape[1]:
        raise ValueError("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    hint="You silently transpose weights that don't fit, which hides a bug in the caller. Raise ValueError.",
    taught=True,
)
def weights_turned_to_fit(X, W, b):
    if X.ndim == W.ndim == 2 and W.shape[0] != X.shape[1]:
        W = W.T
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    any_of={"error": ("AssertionError", "TypeError", "Exception")},
    hint="For wrong shapes, your code raises an error other than ValueError. (`assert` raises an AssertionError.)",
    taught=True,
)
def linear_raises_another_error(X, W, b, *, error):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        errors = {"AssertionError": AssertionError, "TypeError": TypeError, "Exception": Exception}
        raise errors[error]("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="conduct",
    any_of={"instead": (None, "ValueError")},
    hint="You return a value (or None) when you should raise an error, so the caller mistakes that value for an "
    "answer. Raise ValueError.",
    taught=True,
)
def linear_returns_its_error(X, W, b, *, instead):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        return instead
    return X @ W + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You write the outputs into the caller's array of examples, or into another array of that shape. They only "
    "fit there if a layer has as many neurons as inputs. Make a new array with room for the outputs.",
    taught=True,
)
def overwrites_the_examples(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    for i in range(len(X)):
        X[i] = X[i] @ W + b
    return X


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add the sum of all the biases to every output. Each neuron adds its own bias.",
)
def sum_of_the_biases(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + b.sum()


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"which": (0, -1)},
    hint="You give every neuron the same bias, the first or the last one. Each neuron has its own bias.",
)
def one_bias_for_all(X, W, b, *, which):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + b[which]


@misconception(
    of="linear",
    kind="misses_point",
    hint="You multiply by the biases. Add them instead.",
)
def biases_multiplied(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return (X @ W) * b


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"times": (2.0, 0.5)},
    hint="You add each bias twice, or you add only half of it. Add each once.",
)
def biases_twice_or_half(X, W, b, *, times):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + times * b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add the biases in reverse order. Each bias belongs to the neuron in the same position.",
)
def biases_in_reverse(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + b[::-1]


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"where": ("example", "neuron", "input")},
    hint="You leave out the last example, the last neuron or the last input. A range already excludes its end.",
)
def one_too_few(X, W, b, *, where):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    if where == "example":
        return X[:-1] @ W + b
    if where == "neuron":
        return X @ W[:, :-1] + b[:-1]
    return X[:, :-1] @ W[:-1] + b


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"where": ("example", "neuron", "input")},
    hint="The last example or neuron gets only zeros, or the last input is left out of the sums. A range already "
    "excludes its end.",
)
def last_one_stays_0(X, W, b, *, where):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    outputs = X @ W + b
    if where == "input":
        return outputs - X[:, -1:] @ W[-1:]
    if where == "example":
        outputs[-1:] = 0.0
    else:
        outputs[:, -1:] = 0.0
    return outputs


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add up the outputs of all the examples. Every row of the batch should get its own row of outputs.",
)
def sum_over_the_examples(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return (X @ W + b).sum(axis=0)


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add up the outputs of all the neurons. Each neuron has its own column.",
)
def sum_over_the_neurons(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return (X @ W + b).sum(axis=1)


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"curve": ("sigmoid", "tanh", "softmax")},
    hint="You apply a nonlinear function to the outputs (a sigmoid, tanh or softmax). A linear layer leaves them as "
    "they are.",
)
def layer_with_a_curve(X, W, b, *, curve):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    outputs = X @ W + b
    if curve == "tanh":
        return np.tanh(outputs)
    if curve == "sigmoid":
        return 1 / (1 + np.exp(-outputs))
    exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@misconception(
    of="linear",
    kind="conduct",
    hint="You accept a single bias for several neurons, and numpy broadcasts it. Raise ValueError unless there's one "
    "bias per neuron.",
)
def single_bias_accepted(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.ndim != 1 or len(b) not in (1, W.shape[1]):
        raise ValueError("shapes don't fit")
    return X @ W + b


@misconception(
    of="linear",
    kind="misses_point",
    hint="You multiply the biases by the inputs, too, for example by adding them to the weights first. Add the biases "
    "to the matrix product.",
)
def biases_added_before_multiplying(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ (W + b)


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"which": ("first", "last")},
    hint="You add the biases to only one example, the first or the last. Add them to every row.",
)
def biases_for_one_example(X, W, b, *, which):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    outputs = (X @ W).astype(float)
    outputs[slice(0, 1) if which == "first" else slice(-1, None)] += b
    return outputs


@misconception(
    of="linear",
    kind="misses_point",
    hint="You add the biases to every row once per example, so the outputs depend on the batch size. Add them to each "
    "row only once.",
)
def biases_times_the_examples(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W + len(X) * b


@misconception(
    of="linear",
    kind="misses_point",
    any_of={"kept": (True, False)},
    hint="You average over the examples. Every row of the batch should get its own row of outputs.",
)
def mean_over_the_examples(X, W, b, *, kept):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return (X @ W + b).sum(axis=0, keepdims=kept) / max(len(X), 1)


@misconception(
    of="linear",
    kind="misses_point",
    hint="You divide the products by the square root of the number of inputs. A linear layer just adds up the "
    "products.",
)
def outputs_divided_by_the_root(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes don't fit")
    return X @ W / np.sqrt(max(X.shape[1], 1)) + b


@misconception(
    of="linear",
    kind="conduct",
    hint="A single bias, or a column or table of biases, can still be broadcast, so it isn't enough to check only the "
    "result's shape. Check the shape of b itself.",
)
def only_the_results_shape_checked(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0]:
        raise ValueError("shapes don't fit")
    outputs = X @ W + b
    if outputs.shape != (X.shape[0], W.shape[1]):
        raise ValueError("the biases don't fit")
    return outputs


# --- mlp_forward ---


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="There's no ReLU between the layers, so together they can't do more than a single layer (see part 5).",
    taught=True,
)
def no_relu_at_all(X, layers):
    for W, b in layers:
        X = X @ W + b
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You also apply ReLU after the last layer, so the network can never output anything below 0.",
    taught=True,
)
def relu_after_the_last_layer(X, layers):
    for W, b in layers:
        X = np.maximum(X @ W + b, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You apply ReLU once, after the last layer. ReLU belongs after every layer but the last.",
    taught=True,
)
def relu_only_at_the_end(X, layers):
    for W, b in layers:
        X = X @ W + b
    return np.maximum(X, 0)


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You also apply ReLU to the examples, so you lose their negative numbers before any layer sees them.",
)
def relu_on_the_examples(X, layers):
    for W, b in layers:
        X = np.maximum(X, 0) @ W + b
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You apply ReLU after the first layer only. ReLU belongs after every layer but the last.",
    taught=True,
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
    hint="ReLU is missing after the last hidden layer, as if your condition or slice left out one layer too many. Only "
    "the output layer has no ReLU.",
)
def no_relu_before_the_last_layer(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W + b
        if i < len(layers) - 2:
            X = np.maximum(X, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You add the biases after ReLU. Add them before it.",
    taught=True,
)
def biases_after_relu(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W, 0) + b
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You leave out the last layer and return what should be its input.",
)
def last_layer_left_out(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You use only the first layer. Is your `return` inside the loop? Return only after the last layer.",
)
def returns_after_the_first_layer(X, layers):
    W, b = layers[0]
    return np.maximum(X @ W + b, 0) if len(layers) > 1 else X @ W + b


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You pass the examples themselves to a later hidden layer. Pass it the output of the layer before it.",
    taught=True,
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
    hint="You use only the first and the last layer. A network can have any number of layers between them.",
)
def layers_between_left_out(X, layers):
    if len(layers) > 1:
        X = np.maximum(X @ layers[0][0] + layers[0][1], 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You use two layers, however many the network has. A network can have any number of layers, even just one.",
)
def always_two_layers(X, layers):
    (W, b), (W_last, b_last) = layers[0], layers[1]
    return np.maximum(X @ W + b, 0) @ W_last + b_last


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You go through the layers from the last to the first. The examples go into the first layer.",
)
def layers_in_reverse(X, layers):
    for W, b in layers[:0:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ layers[0][0] + layers[0][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The biases of the hidden layers are missing. Every layer should add its own biases.",
)
def hidden_biases_missing(X, layers):
    for W, _ in layers[:-1]:
        X = np.maximum(X @ W, 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="The biases of the output layer are missing. Every layer should add its own biases.",
)
def output_biases_missing(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ layers[-1][0]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="None of the layers adds its biases.",
)
def all_biases_missing(X, layers):
    for W, _ in layers[:-1]:
        X = np.maximum(X @ W, 0)
    return X @ layers[-1][0]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    any_of={"curve": ("sigmoid", "tanh")},
    hint="Between the layers, you use a function that squashes large numbers (a sigmoid or tanh). Use ReLU here.",
)
def squashed_between_layers(X, layers, *, curve):
    for W, b in layers[:-1]:
        X = np.tanh(X @ W + b) if curve == "tanh" else 1 / (1 + np.exp(-(X @ W + b)))
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You turn the outputs into probabilities (with softmax). Return the last layer's numbers as they are.",
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
    hint="You add a hidden layer's input to its output (a residual connection, like the ones in large models). Here, a "
    "layer passes on only its own result.",
)
def shortcut_around_hidden_layers(X, layers):
    for W, b in layers[:-1]:
        X = X + np.maximum(X @ W + b, 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You use the weights transposed, as if they came from torch. Here, their shape is already (D_in, D_out).",
    taught=True,
)
def layers_transposed(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W.T + b, 0)
    return X @ layers[-1][0].T + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You return the results of all the layers. Return only the last layer's result.",
)
def results_of_all_layers(X, layers):
    results = []
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
        results.append(X)
    return [*results, X @ layers[-1][0] + layers[-1][1]]


@misconception(
    of="mlp_forward",
    kind="convention",
    hint="You drop axes of length 1. With one example, or one output per example, the result is still a table.",
    taught=True,
)
def axes_of_1_squeezed(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return np.squeeze(X @ layers[-1][0] + layers[-1][1])


@misconception(
    of="mlp_forward",
    kind="conduct",
    hint="You change the caller's list of layers or the arrays in it, for example by taking a layer out, so the next "
    "call gets a different network. Leave everything in the list as it is.",
    taught=True,
)
def takes_a_layer_from_the_list(X, layers):
    output_weights, output_biases = layers.pop()
    for W, b in layers:
        X = np.maximum(X @ W + b, 0)
    return X @ output_weights + output_biases


@misconception(
    of="mlp_forward",
    kind="edge",
    hint="You recognize the last layer by what's in it, such as its weights, so a hidden layer with the same contents "
    "is mistaken for it and gets no ReLU. Identify the last layer by its position in the list.",
)
def last_layer_told_by_its_weights(X, layers):
    last = layers[-1][0]
    for W, b in layers:
        X = X @ W + b
        if W is not last:
            X = np.maximum(X, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    any_of={"activation": ("leaky_relu", "absolute_value")},
    hint="Between the layers, you use something other than ReLU (a leaky ReLU or the absolute value), so negative "
    "numbers get through. ReLU makes them 0.",
)
def another_curve_between_layers(X, layers, *, activation):
    for W, b in layers[:-1]:
        X = X @ W + b
        X = np.abs(X) if activation == "absolute_value" else np.where(X > 0, X, 0.01 * X)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You pass the outputs through a sigmoid. Return the last layer's numbers as they are.",
)
def sigmoid_on_the_output(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return 1 / (1 + np.exp(-(X @ layers[-1][0] + layers[-1][1])))


@misconception(
    of="mlp_forward",
    kind="edge",
    hint="You apply ReLU to the output of a network with a single layer. That layer is the last one, and the last one "
    "has no ReLU.",
)
def relu_on_a_single_layer(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    X = X @ layers[-1][0] + layers[-1][1]
    return np.maximum(X, 0) if len(layers) == 1 else X


@misconception(
    of="mlp_forward",
    kind="edge",
    hint="If the network has only one layer, you use that layer twice, once as the first layer and once as the last. "
    "A single layer is used once, as the output layer.",
)
def single_layer_used_twice(X, layers):
    for W, b in [layers[0], *layers[1:-1]]:
        X = np.maximum(X @ W + b, 0)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You leave out the first layer. The examples go into the first layer.",
)
def first_layer_left_out(X, layers):
    rest = layers[1:] or layers
    for W, b in rest[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ rest[-1][0] + rest[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You apply ReLU only after every other layer. ReLU belongs after every layer but the last.",
)
def relu_after_every_second_layer(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W + b
        if i % 2 == 0 and i < len(layers) - 1:
            X = np.maximum(X, 0)
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You add the biases twice.",
)
def biases_added_twice(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + 2 * b, 0)
    return X @ layers[-1][0] + 2 * layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You return the position of each example's largest output. Return the outputs themselves.",
)
def position_of_the_largest_output(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return np.argmax(X @ layers[-1][0] + layers[-1][1], axis=1)


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="You only return the first example's outputs. Every row of the batch should get its own row of outputs.",
)
def outputs_of_the_first_example(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return (X @ layers[-1][0] + layers[-1][1])[0]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    hint="Your result is transposed: it should have one row per example.",
)
def outputs_transposed(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return (X @ layers[-1][0] + layers[-1][1]).T


@misconception(
    of="mlp_forward",
    kind="edge",
    hint="If the examples are integers, the results become integers too and lose their fractional parts. This happens, "
    "for example, if you write them into an array with the examples' dtype.",
)
def results_in_the_type_of_the_examples(X, layers):
    kind = X.dtype
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0).astype(kind)
    return (X @ layers[-1][0] + layers[-1][1]).astype(kind)


@misconception(
    of="mlp_forward",
    kind="misses_point",
    any_of={"limit": (1.0, 6.0)},
    exempt="The number of values above the limit depends on which numbers are drawn.",
    hint="Between the layers, you also cap large numbers, for example at 1 or 6. ReLU has no upper limit.",
)
def hidden_numbers_capped(X, layers, *, limit):
    for W, b in layers[:-1]:
        X = np.clip(X @ W + b, 0, limit)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    any_of={"which": (0, -1)},
    hint="You add the biases in only one layer, the first or the last. Every layer should add its own biases.",
)
def only_the_first_biases(X, layers, *, which):
    for i, (W, b) in enumerate(layers):
        X = X @ W + (b if i == which % len(layers) else 0)
        X = np.maximum(X, 0) if i < len(layers) - 1 else X
    return X


@misconception(
    of="mlp_forward",
    kind="misses_point",
    any_of={"curve": ("softplus", "silu", "gelu")},
    hint="Between the layers, you use a smooth variant of ReLU (GELU, SiLU or softplus). ReLU is exactly 0 below 0 and "
    "leaves numbers above 0 unchanged.",
)
def smooth_between_layers(X, layers, *, curve):
    for W, b in layers[:-1]:
        a = X @ W + b
        X = {
            "softplus": lambda a: np.logaddexp(a, 0),
            "silu": lambda a: a / (1 + np.exp(-a)),
            "gelu": lambda a: a / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3))),
        }[curve](a)
    return X @ layers[-1][0] + layers[-1][1]


@misconception(
    of="mlp_forward",
    kind="misses_point",
    any_of={"axis": (0, 1), "where": ("examples", "between")},
    hint="You standardize the examples, or the numbers between the layers (to a mean of 0 and a standard deviation of "
    "1). Use them as they are.",
)
def inputs_standardized(X, layers, *, axis, where):
    def standard(X):
        if not X.size:
            return X
        return (X - X.mean(axis=axis, keepdims=True)) / (X.std(axis=axis, keepdims=True) + 1e-5)

    X = standard(X) if where == "examples" else X
    for W, b in layers[:-1]:
        X = X @ W + b
        X = np.maximum(standard(X) if where == "between" else X, 0)
    return X @ layers[-1][0] + layers[-1][1]
