"""Visible checks for the `neuron` lab."""

import itertools

import numpy as np

from autograder.testing import agree, agree_values, checks, example, leaves_unchanged, raises
from reference import neuron

# The partial credit for an answer that's right except for a shape or a convention.
HALF = 0.5

SIZES_SQFT = np.array([1500.0, 800.0, 2200.0])
# The example worked out by hand in part 4: two examples with two numbers each, and three neurons.
X = np.array([[1.0, 2.0], [3.0, -1.0]])
W = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 1.0]])
B = np.array([0.0, 10.0, -1.0])


def network(rng, *widths):
    """Return layers (W, b) with random weights and biases, from widths[0] inputs to widths[-1] outputs."""
    pairs = itertools.pairwise(widths)
    return [(rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)) for inputs, outputs in pairs]


# --- predict_price ---


@checks("predict_price", share=HALF)
def test_lesson_example(student, rng):
    """The house from the lesson, with 1500 square feet at 200 dollars per square foot, costs 300,000 dollars."""
    agree(student.predict_price, neuron.predict_price, *example(rng, (1500.0, 200.0)))


@checks("predict_price", share=HALF)
def test_array(student, rng):
    """Given three houses at once, you return three prices, each computed from that house's size."""
    agree(student.predict_price, neuron.predict_price, *example(rng, (SIZES_SQFT, 200.0)))


@checks("predict_price", share=HALF)
def test_another_city(student, rng):
    """You use the weight you're given, such as 175.50 dollars per square foot in a different city."""
    agree(student.predict_price, neuron.predict_price, *example(rng, (1500.0, 175.5)))


@checks("predict_price", share=HALF)
def test_with_bias(student, rng):
    """A bias of 25,000 dollars raises every house's price by 25,000 dollars, whether there's one house or three."""
    bias = example(rng, 25_000.0)
    for size_sqft in example(rng, (1500.0, SIZES_SQFT)):
        agree(student.predict_price, neuron.predict_price, size_sqft, 200.0, bias)


@checks("predict_price", share=HALF)
def test_cents(student, rng):
    """Prices aren't rounded, even if they're tiny or the sizes and weights are integers."""
    dearer = example(rng, 1.0, lambda rng: rng.uniform(0.6, 1.5))
    agree(student.predict_price, neuron.predict_price, 3.0, 0.1 * dearer)
    agree(student.predict_price, neuron.predict_price, np.array([3.0, 7.0]), 0.0015 * dearer)
    agree(student.predict_price, neuron.predict_price, np.array([3, 7, 10]), 0.35 * dearer, 0.5)
    agree(student.predict_price, neuron.predict_price, np.array([3, 7, 10]), 35, 0.5 * dearer)
    agree(student.predict_price, neuron.predict_price, 3, 0.35 * dearer)


@checks("predict_price", share=HALF)
def test_negative_price(student, rng):
    """The line is straight everywhere, so a negative bias or weight can give a negative price."""
    sizes = example(rng, np.array([10.0, 0.0, 2.5]), lambda rng: rng.uniform(1.0, 20.0, 3) * [1, 0, 1])
    agree(student.predict_price, neuron.predict_price, sizes, 2.25, -8.75)
    agree(student.predict_price, neuron.predict_price, *example(rng, (10.0, -2.6)))


@checks("predict_price", share=HALF)
def test_few_houses(student, rng):
    """An array of one house gives an array of one price, and an empty array gives an empty array."""
    weight = example(rng, 200.0)
    for sizes_sqft in example(rng, (np.array([1500.0]), np.zeros(0))):
        agree(student.predict_price, neuron.predict_price, sizes_sqft, weight, 25_000.0)


@checks("predict_price", conduct=True)
def test_sizes_kept(student, rng):
    """Your function doesn't change the array of sizes it's given."""
    leaves_unchanged(student.predict_price, example(rng, SIZES_SQFT), 200.0, 25_000.0)


# --- neuron ---


@checks("neuron", share=HALF)
def test_two_inputs(student, rng):
    """The inputs 2 and -1 with the weights 3 and 4 and a bias of 0.5 give 6 - 4 + 0.5 = 2.5."""
    agree(student.neuron, neuron.neuron, *example(rng, (np.array([2.0, -1.0]), np.array([3.0, 4.0]), 0.5)))


@checks("neuron", share=HALF)
def test_n_house(student, rng):
    """A neuron with one input works as in part 1: 1500 sqft times a weight of 200 gives the single number 300,000."""
    agree(student.neuron, neuron.neuron, *example(rng, (np.array([1500.0]), np.array([200.0]))), 0.0)


@checks("neuron", share=HALF)
def test_n_by_hand(student, rng):
    """The house in part 2 costs 290,000 dollars, based on its size, number of rooms and age."""
    x, w = example(rng, (np.array([1500.0, 3.0, 40.0]), np.array([200.0, 10_000.0, -1500.0])))
    agree(student.neuron, neuron.neuron, x, w, 20_000.0)


@checks("neuron", share=HALF)
def test_n_below_0(student, rng):
    """A sum below 0 stays below 0, because this neuron doesn't have an activation function yet."""
    agree(student.neuron, neuron.neuron, *example(rng, (np.array([2.0, 1.0]), np.array([-3.0, 0.5]))), -0.25)


@checks("neuron", share=HALF)
def test_n_only_bias(student, rng):
    """If all inputs are 0, or if there are none, the output is the bias."""
    weights, bias = example(rng, (np.array([4.0, -2.0, 1.0]), 2.5))
    for w in (weights, np.zeros(0)):
        agree(student.neuron, neuron.neuron, np.zeros(len(w)), w, bias)


@checks("neuron", share=HALF)
def test_n_integers(student, rng):
    """Even if the inputs or weights are integers, the output can be fractional."""
    agree(student.neuron, neuron.neuron, *example(rng, (np.array([3, -1, 2]), np.array([4, 5, -2]))), 0.25)
    agree(student.neuron, neuron.neuron, *example(rng, (np.array([3, -1, 2]), np.array([0.5, 0.75, -1.25]))), 0.25)


@checks("neuron", conduct=True)
def test_n_one_weight(student, rng):
    """One weight for three inputs, or one input for three weights, raises ValueError instead of being broadcast."""
    three, weight, size = example(rng, (np.array([1.0, 2.0, 3.0]), np.array([200.0]), np.array([1500.0])))
    raises(student.neuron, three, weight, 0.5)
    raises(student.neuron, size, three, 0.5)


@checks("neuron", conduct=True)
def test_n_lengths(student, rng):
    """Three inputs and two weights, or two inputs and three weights, raise ValueError. No number is silently
    dropped."""
    three, two = example(rng, (np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])))
    raises(student.neuron, three, two, 0.5)
    raises(student.neuron, two, three, 0.5)


@checks("neuron", conduct=True)
def test_n_not_1d(student, rng):
    """A table or column of inputs or weights raises ValueError, even if inputs and weights have the same shape."""
    table, column = example(rng, (np.arange(9.0).reshape(3, 3), np.array([[1.0], [2.0], [3.0]])))
    for x, w in ((table, table), (column, column[:, 0]), (column[:, 0], column), (table, column[:, 0])):
        raises(student.neuron, x, w, 0.5)


@checks("neuron", conduct=True)
def test_n_inputs_kept(student, rng):
    """Your function doesn't change the inputs or weights it's given."""
    leaves_unchanged(student.neuron, *example(rng, (np.array([2.0, -1.0]), np.array([3.0, 4.0]))), 0.5)


# --- relu ---


@checks("relu")
def test_basic(student, rng):
    """In the example from part 3, every number below 0 becomes 0, and all other numbers stay the same."""
    z = np.array([-2.0, -0.5, 0.0, 0.5, 3.0])
    agree(student.relu, neuron.relu, example(rng, z, lambda rng: rng.uniform(0.25, 4.0, 5) * np.sign(z)))


@checks("relu")
def test_r_table(student, rng):
    """A table keeps its shape, because every number is handled separately."""
    agree(student.relu, neuron.relu, example(rng, np.array([[1.5, -4.0, 2.0], [-0.25, 7.0, -1.0]])))


@checks("relu")
def test_r_any_shape(student, rng):
    """The result has the input's shape, whether that's a 3D array, a column, a single number or an empty array."""
    for shape in ((2, 2, 2), (3, 1), (), (0,)):
        agree(student.relu, neuron.relu, np.asarray(rng.normal(size=shape)))


@checks("relu")
def test_r_no_ceiling(student, rng):
    """Positive numbers don't change, whether they're as large as a million or as small as a ten-thousandth."""
    agree(student.relu, neuron.relu, example(rng, np.array([1e6, -1e6, 7.25])))
    tiny = np.array([3e-4, -2e-4, 1e-4, -5e-4])
    agree(student.relu, neuron.relu, example(rng, tiny, lambda rng: rng.uniform(1e-4, 5e-4, 4) * np.sign(tiny)))


@checks("relu")
def test_r_all_negative(student, rng):
    """If all numbers are negative, all of them become 0. If all numbers are positive, none of them change."""
    positive = example(rng, np.array([3.0, 0.5, 1.25]), lambda rng: rng.uniform(0.25, 4.0, 3))
    agree(student.relu, neuron.relu, -positive)
    agree(student.relu, neuron.relu, positive)


@checks("relu")
def test_r_integers(student, rng):
    """An array of integers works like any other array."""
    z = np.array([-2, 0, 1, 5])
    agree(student.relu, neuron.relu, example(rng, z, lambda rng: rng.integers(2, 9, 4) * np.sign(z)))


@checks("relu", conduct=True)
def test_r_input_kept(student, rng):
    """Your function doesn't change the array it's given, so its negative numbers are still there."""
    leaves_unchanged(student.relu, example(rng, np.array([[-2.0, 1.0], [0.5, -3.0]])))


# --- linear ---


@checks("linear", share=HALF)
def test_l_hand(student, rng):
    """For the two examples in part 4, your outputs match the ones worked out there by hand."""
    agree(student.linear, neuron.linear, *example(rng, (X, W, B)))


@checks("linear", share=HALF)
def test_rect(student, rng):
    """When four examples of three numbers each pass through five neurons, each example gets five outputs."""
    agree(student.linear, neuron.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5))


@checks("linear", share=HALF)
def test_l_as_many(student, rng):
    """Even if all the dimensions are equal, each row of X is still an example, and each column of W is still a
    neuron."""
    agree(student.linear, neuron.linear, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3))


@checks("linear", share=HALF)
def test_l_small_batch(student, rng):
    """With one example in the batch, you return a table with one row. With an empty batch, you return an empty
    array."""
    x, w, b = example(rng, (X[:1], W, B))
    agree(student.linear, neuron.linear, x, w, b)
    agree_values(np.size(student.linear(np.zeros((0, 2)), w, b)), 0, "how many outputs you get for an empty batch")


@checks("linear", share=HALF)
def test_l_integers(student, rng):
    """The inputs can be integers even if the weights and biases aren't."""
    agree(student.linear, neuron.linear, *example(rng, (np.array([[1, 2], [3, -1]]), W, B + 0.25)))


@checks("linear", conduct=True)
def test_l_turned(student, rng):
    """Weights stored as (D_out, D_in), as they are in torch, raise ValueError instead of being transposed."""
    x, w, b = example(rng, (X, W, B))
    raises(student.linear, x, w.T, b)


@checks("linear", conduct=True)
def test_l_biases(student, rng):
    """Biases that aren't a flat array with one entry per neuron raise ValueError."""
    x, w, three = example(rng, (X, W, B))
    for b in (three[:1], three[None, :], three[:2, None], three[:, None], three[:2], np.append(three, 0.5)):
        raises(student.linear, x, w, b)
    raises(student.linear, x[:1], w, three[:, None])
    raises(student.linear, x, w[:, :1], three[:2])


@checks("linear", conduct=True)
def test_l_dimensions(student, rng):
    """A single example with no batch axis raises ValueError, and so do a 3-D X and a 1-D W."""
    x, w, b = example(rng, (X, W, B))
    raises(student.linear, x[0], w, b)
    raises(student.linear, x, w[:, 0], b[:2])
    raises(student.linear, x, w[:, 0], np.array(0.5))
    raises(student.linear, np.stack([x, x]), w, b)


@checks("linear", conduct=True)
def test_l_arrays_kept(student, rng):
    """Your function doesn't change the examples, weights or biases it's given."""
    x, w, b = example(rng, (X, W, B))
    leaves_unchanged(student.linear, x, w, b)
    leaves_unchanged(student.linear, x, w[:, :2], b[:2])


# --- mlp_forward ---


@checks("mlp_forward", share=HALF)
def test_one(student, rng):
    """If there's only one layer, it's the output layer, so you don't apply ReLU to its inputs or outputs."""
    layers = [(np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([-0.5, 1.0]))]
    x = np.array([[2.0, -1.0], [-3.0, 0.5], [1.0, 4.0]])
    agree(student.mlp_forward, neuron.mlp_forward, *example(rng, (x, layers)))


@checks("mlp_forward", share=HALF)
def test_nonlinear(student, rng):
    """The network from part 5, with two hidden neurons, gives each number's distance from 0."""
    layers = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.array([[1.0], [1.0]]), np.zeros(1))]
    x = np.array([[-3.0], [-0.5], [0.0], [1.0], [2.5]])
    agree(
        student.mlp_forward,
        neuron.mlp_forward,
        example(rng, x, lambda rng: rng.uniform(0.25, 4.0, (5, 1)) * np.sign(x)),
        layers,
    )


@checks("mlp_forward", share=HALF)
def test_m_below_0(student, rng):
    """No ReLU follows the output layer, so a network with a hidden layer can output -2."""
    layers = [(np.array([[1.0]]), np.zeros(1)), (np.array([[-2.0]]), np.zeros(1))]
    agree(student.mlp_forward, neuron.mlp_forward, example(rng, np.array([[1.0], [3.0]])), layers)


@checks("mlp_forward", share=HALF)
def test_m_hidden(student, rng):
    """With two, three or five layers, each layer takes the previous one's output and adds its own biases."""
    for widths in ((3, 4, 2), (3, 5, 4, 2), (3, 4, 5, 4, 6, 2)):
        agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(4, 3)), network(rng, *widths))


@checks("mlp_forward", share=HALF)
def test_m_as_many(student, rng):
    """Even if all layers are equally wide, their order and the orientation of W matter. The same layer may appear
    twice."""
    layers = network(rng, 3, 3, 3, 3)
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(3, 3)), layers)
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(3, 3)), [layers[0], layers[1], layers[0]])


@checks("mlp_forward", share=HALF)
def test_m_small_batch(student, rng):
    """With one example in the batch, you return a table with one row. With an empty batch, you return an empty
    array."""
    layers = network(rng, 3, 4, 2)
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(1, 3)), layers)
    agree_values(
        np.size(student.mlp_forward(np.zeros((0, 3)), layers)), 0, "how many outputs you get for an empty batch"
    )


@checks("mlp_forward", share=HALF)
def test_m_thousands(student, rng):
    """Integer inputs in the thousands work, and large numbers aren't squashed."""
    x = example(rng, np.array([[3000, -2000], [-1500, 40]]))
    agree(student.mlp_forward, neuron.mlp_forward, x, network(rng, 2, 4, 3))


@checks("mlp_forward", conduct=True)
def test_m_layers_kept(student, rng):
    """Your function doesn't change the examples, the list of layers or their arrays."""
    for widths in ((2, 2, 2), (2, 3, 1), (2, 2)):
        leaves_unchanged(student.mlp_forward, example(rng, X), network(rng, *widths))
