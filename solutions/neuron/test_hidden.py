"""Hidden and robustness checks for the `neuron` lab, grouped by stub, and not meant to be read in one sitting."""

import numpy as np

from autograder.testing import agree, agree_values, checks, leaves_unchanged, raises, repeatable
from reference import neuron
from reference.neuron.test_visible import HALF, network

# --- predict_price ---


@checks("predict_price", kind="hidden", share=HALF)
def test_other_weight(student, rng):
    """The price depends on the size and weight you're given, not on the lesson's numbers."""
    agree(student.predict_price, neuron.predict_price, 1500.0, rng.uniform(150.0, 190.0))
    agree(student.predict_price, neuron.predict_price, rng.uniform(700.0, 1400.0), 200.0)


@checks("predict_price", kind="hidden", share=HALF)
def test_p_fresh(student, rng):
    """Your prices are right for other sizes and weights too, for one house and for several at once."""
    for sizes in (rng.uniform(500.0, 3000.0), rng.uniform(500.0, 3000.0, size=5)):
        agree(student.predict_price, neuron.predict_price, sizes, rng.uniform(210.0, 300.0))


@checks("predict_price", kind="hidden", weight=7, share=HALF)
def test_bias(student, rng):
    """The bias, whether positive or negative, is added once to the price of each house."""
    # The sizes are in neither ascending nor descending order, so sorted or reversed prices are wrong.
    sizes = np.sort(rng.uniform(500.0, 3000.0, size=4))[[2, 0, 3, 1]]
    for bias in (rng.uniform(20_000.0, 60_000.0), rng.uniform(-60_000.0, -20_000.0)):
        agree(student.predict_price, neuron.predict_price, sizes, 180.0, bias)
        agree(student.predict_price, neuron.predict_price, 1200.0, 180.0, bias)


@checks("predict_price", kind="hidden", share=HALF)
def test_fraction(student, rng):
    """Prices aren't rounded to dollars or cents."""
    agree(student.predict_price, neuron.predict_price, 7.0, 0.1)
    agree(student.predict_price, neuron.predict_price, np.array([3.0, 7.0]), rng.uniform(0.001, 0.002))


@checks("predict_price", kind="hidden", share=HALF)
def test_p_below_0(student, rng):
    """If the line goes below 0, so does the price."""
    sizes = np.array([10.0, 0.0, 0.5, 2.5])
    agree(student.predict_price, neuron.predict_price, sizes, 2.25, rng.uniform(-8.9, -8.6))
    agree(student.predict_price, neuron.predict_price, 10.0, -rng.uniform(2.55, 2.65))


@checks("predict_price", kind="robustness", share=HALF)
def test_p_one_house(student, rng):
    """For an array with one house, you return an array with one price. For an empty array, you return an empty one."""
    agree(student.predict_price, neuron.predict_price, rng.uniform(500.0, 3000.0, size=1), 200.0, 5000.0)
    agree(student.predict_price, neuron.predict_price, np.zeros(0), 200.0, 5000.0)


@checks("predict_price", kind="robustness", share=HALF)
def test_p_whole_numbers(student, rng):
    """Integer sizes can give fractional prices, even if the weight is an integer too."""
    agree(student.predict_price, neuron.predict_price, rng.permutation([3, 7, 10]), 0.35, 0.5)
    agree(student.predict_price, neuron.predict_price, rng.permutation([3, 7, 10]), int(rng.integers(20, 90)), 0.25)
    agree(student.predict_price, neuron.predict_price, 3, 0.35)


@checks("predict_price", kind="robustness", conduct=True)
def test_nomutate(student, rng):
    """The array of sizes isn't modified."""
    leaves_unchanged(student.predict_price, rng.uniform(500.0, 3000.0, size=4), 200.0, 5000.0)


@checks("predict_price", kind="robustness", conduct=True)
def test_p_repeat(student, rng):
    """A second call with the same sizes gives the same prices."""
    repeatable(student.predict_price, rng.uniform(500.0, 3000.0, size=4), 180.0, 5000.0)


# --- neuron ---


@checks("neuron", kind="hidden", share=HALF)
def test_random(student, rng):
    """Your output is right for new numbers: one, three or seven inputs, with positive and negative weights."""
    for length in (1, 3, 7):
        inputs, weights, bias = rng.normal(size=length), rng.normal(size=length), rng.normal()
        # The terms may nearly cancel out, and then their sum has few digits left in float32.
        agree(student.neuron, neuron.neuron, inputs, weights, bias, atol=1e-5)


@checks("neuron", kind="hidden", share=HALF)
def test_scalar(student, rng):
    """However many inputs there are, the output is a single number, not an array with one element."""
    for length in (2, 1):
        agree(
            student.neuron, neuron.neuron, rng.uniform(1.0, 2.0, size=length), rng.uniform(1.0, 2.0, size=length), 0.5
        )


@checks("neuron", kind="hidden", weight=5, share=HALF)
def test_negative(student, rng):
    """A negative sum stays negative and isn't clipped or squashed."""
    agree(student.neuron, neuron.neuron, np.array([1.0]), np.array([-2.0]), 0.0)
    agree(student.neuron, neuron.neuron, rng.uniform(2.0, 3.0, size=3), rng.uniform(-3.0, -2.0, size=3), -0.25)


@checks("neuron", kind="hidden", weight=3, share=HALF)
def test_n_bias(student, rng):
    """The bias is added once, however many inputs there are. If all inputs are 0, only the bias is left."""
    agree(student.neuron, neuron.neuron, np.zeros(4), rng.normal(size=4), rng.uniform(2.0, 3.0))
    agree(student.neuron, neuron.neuron, rng.normal(size=4), rng.normal(size=4), rng.uniform(-40.0, -30.0))


@checks("neuron", kind="hidden", share=HALF)
def test_n_scales(student, rng):
    """Inputs can have very different scales, such as square footage and number of rooms."""
    w = np.array([rng.uniform(150.0, 250.0), rng.uniform(-9000.0, -8000.0), rng.uniform(1e5, 2e5)])
    agree(student.neuron, neuron.neuron, np.array([1500.0, 3.0, 0.125]), w, 20_000.0)
    agree(student.neuron, neuron.neuron, np.array([1e-3, 2e-3]), rng.uniform(0.1, 0.2, size=2), 1e-4)


@checks("neuron", kind="robustness", share=HALF)
def test_n_empty(student, rng):
    """A neuron without inputs returns its bias."""
    agree(student.neuron, neuron.neuron, np.zeros(0), np.zeros(0), rng.uniform(1.0, 2.0))


@checks("neuron", kind="robustness", share=HALF)
def test_n_whole_numbers(student, rng):
    """If the inputs are integers, the weights and the bias keep their fractional parts."""
    agree(student.neuron, neuron.neuron, rng.permutation([2, -1, 3]), rng.permutation([4, 1, -5]), 0.5)
    agree(student.neuron, neuron.neuron, rng.permutation([2, -1, 3]), rng.permutation([0.25, 1.5, -0.75]), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_stretched(student, rng):
    """A single weight for several inputs, or the other way around, raises ValueError instead of being broadcast."""
    for inputs, weights in ((4, 1), (1, 4)):
        raises(student.neuron, rng.normal(size=inputs), rng.normal(size=weights), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_mismatch(student, rng):
    """An extra input or weight raises ValueError instead of being dropped."""
    for inputs, weights in ((3, 2), (2, 3)):
        raises(student.neuron, rng.normal(size=inputs), rng.normal(size=weights), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_tables(student, rng):
    """Two tables of the same shape raise ValueError."""
    raises(student.neuron, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.5)
    raises(student.neuron, rng.normal(size=(1, 3)), rng.normal(size=(1, 3)), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_column(student, rng):
    """A column or table paired with a flat array raises ValueError, whichever of the two holds the inputs."""
    for shape in ((3, 1), (1, 3), (3, 3)):
        raises(student.neuron, rng.normal(size=shape), rng.normal(size=3), 0.5)
        raises(student.neuron, rng.normal(size=3), rng.normal(size=shape), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_pure(student, rng):
    """The arrays of inputs and weights aren't modified."""
    leaves_unchanged(student.neuron, rng.normal(size=4), rng.normal(size=4), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_repeat(student, rng):
    """A second call with the same inputs gives the same output."""
    repeatable(student.neuron, rng.normal(size=4), rng.normal(size=4), 0.5)


# --- relu ---


@checks("relu", kind="hidden")
def test_big(student, rng):
    """Large positive numbers aren't squashed or capped, and large negative numbers become 0."""
    agree(student.relu, neuron.relu, rng.permutation([1e6, -1e6, 7.25]))
    agree(student.relu, neuron.relu, rng.uniform(8.0, 9.0, size=3) * np.array([1.0, -1.0, 100.0]))


@checks("relu", kind="hidden")
def test_2d(student, rng):
    """Your results are right for other tables too, whether they're square or not."""
    # The means are far from 0, so that there are numbers between 0 and the mean.
    for mean, shape in ((2.0, (3, 4)), (-2.0, (4, 4))):
        agree(student.relu, neuron.relu, rng.normal(loc=mean, scale=2, size=shape))


@checks("relu", kind="hidden")
def test_r_fresh(student, rng):
    """Each number is handled separately, in rows that are mostly negative, mostly positive or mixed."""
    for mean in (-1.5, 0.0, 1.5):
        agree(student.relu, neuron.relu, rng.normal(loc=mean, size=9))


@checks("relu", kind="hidden")
def test_r_one_sided(student, rng):
    """Rows that are all negative become zeros, and rows that are all positive don't change."""
    agree(student.relu, neuron.relu, -rng.uniform(0.5, 3.0, size=4))
    agree(student.relu, neuron.relu, rng.uniform([0.3, 0.5, 1.0, 2.0], [0.9, 1.5, 3.0, 3.0]))


@checks("relu", kind="hidden")
def test_r_small(student, rng):
    """The corner is exactly at 0: numbers just above 0 don't change, and numbers just below 0 become 0."""
    agree(student.relu, neuron.relu, rng.permutation([3e-4, -2e-4, 1e-4, -5e-4]))


@checks("relu", kind="robustness")
def test_r_shapes(student, rng):
    """Your result keeps the shape of the input, from a single number to a 3D array, even with axes of length 1."""
    for shape in ((1, 1), (5, 1), (2, 3, 4), ()):
        agree(student.relu, neuron.relu, np.asarray(-rng.uniform(0.5, 1.0, size=shape)))
        agree(student.relu, neuron.relu, np.asarray(rng.normal(size=shape)))


@checks("relu", kind="robustness")
def test_r_empty(student, rng):
    """An empty array gives an empty array."""
    agree(student.relu, neuron.relu, np.zeros(0))


@checks("relu", kind="robustness")
def test_r_whole_numbers(student, rng):
    """ReLU works for arrays of integers, too."""
    agree(student.relu, neuron.relu, rng.permutation([-3, -1, 0, 1, 4]))


@checks("relu", kind="robustness", conduct=True)
def test_pure(student, rng):
    """The caller's array keeps its negative numbers."""
    leaves_unchanged(student.relu, rng.permutation([-2.0, 1.0, -0.5, 3.0]))
    leaves_unchanged(student.relu, rng.permuted(np.array([[-2.0, 1.0], [0.5, -3.0]]), axis=1))


@checks("relu", kind="robustness", conduct=True)
def test_r_repeat(student, rng):
    """A second call with the same numbers gives the same result."""
    repeatable(student.relu, rng.normal(size=(3, 4)))


# --- linear ---


@checks("linear", kind="hidden", share=HALF)
def test_l_fresh(student, rng):
    """Your outputs are right for layers of other widths too, whether there are more examples than neurons or fewer."""
    for rows, inputs, outputs in ((2, 5, 3), (6, 2, 4), (3, 4, 1), (4, 1, 3)):
        X, W, b = rng.normal(size=(rows, inputs)), rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)
        agree(student.linear, neuron.linear, X, W, b)


@checks("linear", kind="hidden", share=HALF)
def test_square(student, rng):
    """In a square layer, rows and columns don't get mixed up."""
    agree(student.linear, neuron.linear, rng.normal(size=(4, 4)), rng.normal(size=(4, 4)), rng.normal(size=4))


@checks("linear", kind="hidden", share=HALF)
def test_batch1(student, rng):
    """For a batch of one example, you return a table with one row."""
    agree(student.linear, neuron.linear, rng.normal(size=(1, 3)), rng.normal(size=(3, 4)), rng.normal(size=4))


@checks("linear", kind="hidden", share=HALF)
def test_l_bias(student, rng):
    """Each neuron adds its own bias to every example once, so inputs of 0 give just the biases."""
    agree(student.linear, neuron.linear, np.zeros((3, 2)), rng.normal(size=(2, 4)), rng.uniform(1.0, 9.0, size=4))


@checks("linear", kind="hidden", share=HALF)
def test_l_scales(student, rng):
    """Large numbers, such as square feet and prices, aren't scaled or squashed."""
    X = np.column_stack([rng.uniform(500.0, 3000.0, size=4), rng.uniform(1.0, 5.0, size=4)])
    W = np.array([[200.0, -150.0], [10_000.0, 8000.0]])
    agree(student.linear, neuron.linear, X, W, rng.uniform(20_000.0, 50_000.0, size=2))


@checks("linear", kind="robustness", share=HALF)
def test_l_empty(student, rng):
    """An empty batch passes through without an error."""
    # An empty list of rows doesn't show how long its rows would be, so the shape isn't checked.
    outputs = student.linear(np.zeros((0, 3)), rng.normal(size=(3, 4)), rng.normal(size=4))
    agree_values(np.size(outputs), 0, "how many outputs you get for an empty batch")


@checks("linear", kind="robustness", share=HALF)
def test_l_whole_numbers(student, rng):
    """Integer inputs work, whether or not the weights are integers."""
    agree(student.linear, neuron.linear, rng.integers(-3, 4, size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=3))
    agree(student.linear, neuron.linear, rng.integers(1, 4, size=(2, 2)), np.array([[0, 1], [2, 0]]), np.array([3, -4]))


@checks("linear", kind="robustness", conduct=True)
def test_error(student, rng):
    """A transposed W or X raises ValueError instead of being silently transposed back."""
    raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(5, 3)), rng.normal(size=5))
    raises(student.linear, rng.normal(size=(3, 4)), rng.normal(size=(3, 5)), rng.normal(size=5))


@checks("linear", kind="robustness", conduct=True)
def test_errorb(student, rng):
    """A single bias for several neurons raises ValueError."""
    raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=1))


@checks("linear", kind="robustness", conduct=True)
def test_l_bias_table(student, rng):
    """Biases in a two-dimensional array (a row, a column or a table) raise ValueError."""
    for shape in ((1, 5), (4, 1), (5, 1), (4, 5)):
        raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=shape))
    for examples in (1, 5):
        raises(student.linear, rng.normal(size=(examples, 3)), rng.normal(size=(3, 5)), rng.normal(size=(5, 1)))


@checks("linear", kind="robustness", conduct=True)
def test_l_bias_length(student, rng):
    """If there's one bias per input or per example, instead of one per neuron, you raise ValueError."""
    for length in (3, 4):
        raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=length))
    raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 1)), rng.normal(size=4))


@checks("linear", kind="robustness", conduct=True)
def test_l_no_batch(student, rng):
    """A single example without a batch axis raises ValueError, and so does a 3-D X."""
    raises(student.linear, rng.normal(size=3), rng.normal(size=(3, 5)), rng.normal(size=5))
    raises(student.linear, rng.normal(size=(2, 3, 3)), rng.normal(size=(3, 5)), rng.normal(size=5))


@checks("linear", kind="robustness", conduct=True)
def test_l_weight_list(student, rng):
    """Weights that aren't 2-D, such as a 1-D or 3-D array, raise ValueError."""
    raises(student.linear, rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3))
    raises(student.linear, rng.normal(size=(3, 3)), rng.normal(size=(3, 3, 3)), rng.normal(size=3))


@checks("linear", kind="robustness", conduct=True)
def test_l_pure(student, rng):
    """Examples, weights and biases aren't modified."""
    leaves_unchanged(student.linear, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3))


@checks("linear", kind="robustness", conduct=True)
def test_l_repeat(student, rng):
    """A second call with the same examples gives the same outputs."""
    repeatable(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5))


# --- mlp_forward ---


@checks("mlp_forward", kind="hidden", weight=3, share=HALF)
def test_three(student, rng):
    """In a three-layer network, ReLU follows the first and second layers, but not the third."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(6, 4)), network(rng, 4, 5, 3, 2))


@checks("mlp_forward", kind="hidden", share=HALF)
def test_m_two(student, rng):
    """Your outputs are right for another two-layer network too, with one hidden layer and one output layer."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(5, 3)), network(rng, 3, 6, 4))


@checks("mlp_forward", kind="hidden", weight=2, share=HALF)
def test_m_one(student, rng):
    """In a network with a single layer, you don't apply ReLU."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(5, 3)), network(rng, 3, 4))


@checks("mlp_forward", kind="hidden", weight=3, share=HALF)
def test_m_deep(student, rng):
    """In a six-layer network, each layer takes the output of the layer before it."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(7, 3)), network(rng, 3, 5, 4, 6, 5, 4, 2))


@checks("mlp_forward", kind="hidden", weight=3, share=HALF)
def test_negout(student, rng):
    """The output layer can output numbers below 0."""
    layers = [(rng.uniform(1.0, 2.0, size=(1, 1)), np.zeros(1)), (rng.uniform(-3.0, -2.0, size=(1, 1)), np.zeros(1))]
    for rows in (1, 3):
        agree(student.mlp_forward, neuron.mlp_forward, rng.uniform(1.0, 2.0, size=(rows, 1)), layers)


@checks("mlp_forward", kind="hidden", weight=3, share=HALF)
def test_m_square(student, rng):
    """In a square network, the order of the layers and the orientation of W still matter. A layer can appear twice."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(4, 4)), network(rng, 4, 4, 4, 4))
    first, second = network(rng, 4, 4, 4)
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(4, 4)), [second, first, second])


@checks("mlp_forward", kind="hidden", share=HALF)
def test_m_batch1(student, rng):
    """After three layers, a batch of one example is still a table with one row."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(1, 3)), network(rng, 3, 4, 4, 2))


@checks("mlp_forward", kind="hidden", weight=3, share=HALF)
def test_m_large(student, rng):
    """Numbers in the thousands pass through three layers without being squashed."""
    layers = network(rng, 2, 6, 4, 3)
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(scale=3000.0, size=(4, 2)), layers)


@checks("mlp_forward", kind="robustness", share=HALF)
def test_m_empty(student, rng):
    """An empty batch passes through the network without an error."""
    outputs = student.mlp_forward(np.zeros((0, 3)), network(rng, 3, 4, 2))
    agree_values(np.size(outputs), 0, "how many outputs you get for an empty batch")


@checks("mlp_forward", kind="robustness", share=HALF)
def test_m_whole_numbers(student, rng):
    """Integer inputs work even when the network's weights are floats."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.integers(-3, 4, size=(3, 3)), network(rng, 3, 3, 3))


@checks("mlp_forward", kind="robustness", conduct=True)
def test_m_pure(student, rng):
    """The examples and the list of layers aren't modified, whatever the shape of the network."""
    for widths in ((3, 3, 3), (3, 4, 5, 2), (3, 2)):
        leaves_unchanged(student.mlp_forward, rng.normal(size=(3, 3)), network(rng, *widths))


@checks("mlp_forward", kind="robustness", conduct=True)
def test_m_repeat(student, rng):
    """A second call with the same network gives the same outputs."""
    repeatable(student.mlp_forward, rng.normal(size=(4, 3)), network(rng, 3, 5, 2))
