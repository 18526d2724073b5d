"""Hidden and robustness checks of lab `neuron`."""

import itertools

import numpy as np

from autograder.testing import agree, agree_values, checks, leaves_unchanged, raises, repeatable
from reference import neuron
from reference.neuron.test_visible import HALF


def network(rng, *widths):
    """Layers (W, b) with random weights and biases, from widths[0] inputs to widths[-1] outputs."""
    pairs = itertools.pairwise(widths)
    return [(rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)) for inputs, outputs in pairs]


# --- predict_price ---


@checks("predict_price", kind="hidden")
def test_other_weight(student, rng):
    """Other houses have other weights: the weight that is given is the one that counts."""
    agree(student.predict_price, neuron.predict_price, 1500.0, rng.uniform(150.0, 190.0))
    agree(student.predict_price, neuron.predict_price, rng.uniform(700.0, 1400.0), 200.0)


@checks("predict_price", kind="hidden")
def test_p_fresh(student, rng):
    """Sizes and weights never seen before, one house alone and several at once."""
    for sizes in (rng.uniform(500.0, 3000.0), rng.uniform(500.0, 3000.0, size=5)):
        agree(student.predict_price, neuron.predict_price, sizes, rng.uniform(210.0, 300.0))


@checks("predict_price", kind="hidden", weight=7)
def test_bias(student, rng):
    """The bias is added once to the price of every house, one alone or several."""
    sizes = rng.uniform(500.0, 3000.0, size=4)
    for bias in (rng.uniform(20_000.0, 60_000.0), rng.uniform(-60_000.0, -20_000.0)):
        agree(student.predict_price, neuron.predict_price, sizes, 180.0, bias)
        agree(student.predict_price, neuron.predict_price, 1200.0, 180.0, bias)


@checks("predict_price", kind="hidden")
def test_fraction(student, rng):
    """Prices are not rounded, neither to dollars nor to cents."""
    agree(student.predict_price, neuron.predict_price, 7.0, 0.1)
    agree(student.predict_price, neuron.predict_price, np.array([3.0, 7.0]), rng.uniform(0.001, 0.002))


@checks("predict_price", kind="hidden")
def test_p_below_0(student, rng):
    """The neuron is a straight line and nothing else: where that runs below 0, so does the price."""
    sizes = np.array([10.0, 0.0, 0.5, 2.5])
    agree(student.predict_price, neuron.predict_price, sizes, 2.25, rng.uniform(-8.9, -8.6))
    agree(student.predict_price, neuron.predict_price, 10.0, -rng.uniform(2.55, 2.65))


@checks("predict_price", kind="robustness")
def test_p_one_house(student, rng):
    """An array of one house stays an array of one price, and an array of none has none."""
    agree(student.predict_price, neuron.predict_price, rng.uniform(500.0, 3000.0, size=1), 200.0, 5000.0)
    agree(student.predict_price, neuron.predict_price, np.zeros(0), 200.0, 5000.0)


@checks("predict_price", kind="robustness")
def test_p_whole_numbers(student, rng):
    """Sizes in whole numbers may have prices with fractions."""
    agree(student.predict_price, neuron.predict_price, rng.permutation([3, 7, 10]), 0.35, 0.5)
    agree(student.predict_price, neuron.predict_price, 3, 0.35)


@checks("predict_price", kind="robustness", conduct=True)
def test_nomutate(student, rng):
    """The array of sizes is left as it was."""
    leaves_unchanged(student.predict_price, rng.uniform(500.0, 3000.0, size=4), 200.0, 5000.0)


@checks("predict_price", kind="robustness", conduct=True)
def test_p_repeat(student, rng):
    """The same sizes have the same prices again."""
    repeatable(student.predict_price, rng.uniform(500.0, 3000.0, size=4), 180.0, 5000.0)


# --- neuron ---


@checks("neuron", kind="hidden")
def test_random(student, rng):
    """One, three and seven inputs never seen before, with weights of both signs."""
    for length in (1, 3, 7):
        agree(student.neuron, neuron.neuron, rng.normal(size=length), rng.normal(size=length), rng.normal())


@checks("neuron", kind="hidden")
def test_scalar(student, rng):
    """However many inputs come in, one number goes out, not an array of one."""
    for length in (2, 1):
        agree(
            student.neuron, neuron.neuron, rng.uniform(1.0, 2.0, size=length), rng.uniform(1.0, 2.0, size=length), 0.5
        )


@checks("neuron", kind="hidden", weight=5)
def test_negative(student, rng):
    """A negative sum comes out negative: nothing is cut off or squashed at this point."""
    agree(student.neuron, neuron.neuron, np.array([1.0]), np.array([-2.0]), 0.0)
    agree(student.neuron, neuron.neuron, rng.uniform(2.0, 3.0, size=3), rng.uniform(-3.0, -2.0, size=3), -0.25)


@checks("neuron", kind="hidden", weight=3)
def test_n_bias(student, rng):
    """The bias is added once, whatever the number of inputs, and alone it is the answer where all inputs are 0."""
    agree(student.neuron, neuron.neuron, np.zeros(4), rng.normal(size=4), rng.uniform(2.0, 3.0))
    agree(student.neuron, neuron.neuron, rng.normal(size=4), rng.normal(size=4), rng.uniform(-40.0, -30.0))


@checks("neuron", kind="hidden")
def test_n_scales(student, rng):
    """Inputs as unlike as square feet and numbers of rooms go together: large, small and fractional."""
    w = np.array([rng.uniform(150.0, 250.0), rng.uniform(-9000.0, -8000.0), rng.uniform(1e5, 2e5)])
    agree(student.neuron, neuron.neuron, np.array([1500.0, 3.0, 0.125]), w, 20_000.0)
    agree(student.neuron, neuron.neuron, np.array([1e-3, 2e-3]), rng.uniform(0.1, 0.2, size=2), 1e-4)


@checks("neuron", kind="robustness")
def test_n_empty(student, rng):
    """A neuron without inputs gives its bias."""
    agree(student.neuron, neuron.neuron, np.zeros(0), np.zeros(0), rng.uniform(1.0, 2.0))


@checks("neuron", kind="robustness")
def test_n_whole_numbers(student, rng):
    """Inputs and weights in whole numbers work, and the bias keeps its fraction."""
    agree(student.neuron, neuron.neuron, rng.permutation([2, -1, 3]), rng.permutation([4, 1, -5]), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_mismatch(student, rng):
    """An input or a weight too many is refused with a ValueError: neither dropped, nor stretched to fit."""
    for inputs, weights in ((3, 1), (3, 2), (1, 3), (2, 3)):
        raises(student.neuron, rng.normal(size=inputs), rng.normal(size=weights), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_tables(student, rng):
    """Tables are refused with a ValueError, also where both have the same shape."""
    raises(student.neuron, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.5)
    raises(student.neuron, rng.normal(size=(1, 3)), rng.normal(size=(1, 3)), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_column(student, rng):
    """A column or a table of inputs with a plain list of weights is refused with a ValueError; so is the reverse."""
    for shape in ((3, 1), (1, 3), (3, 3)):
        raises(student.neuron, rng.normal(size=shape), rng.normal(size=3), 0.5)
        raises(student.neuron, rng.normal(size=3), rng.normal(size=shape), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_pure(student, rng):
    """The arrays of inputs and weights are left as they were."""
    leaves_unchanged(student.neuron, rng.normal(size=4), rng.normal(size=4), 0.5)


@checks("neuron", kind="robustness", conduct=True)
def test_n_repeat(student, rng):
    """The same inputs give the same answer again."""
    repeatable(student.neuron, rng.normal(size=4), rng.normal(size=4), 0.5)


# --- relu ---


@checks("relu", kind="hidden")
def test_big(student, rng):
    """A million stays a million and minus a million becomes 0: nothing is squashed or capped."""
    agree(student.relu, neuron.relu, rng.permutation([1e6, -1e6, 7.25]))
    agree(student.relu, neuron.relu, rng.uniform(8.0, 9.0, size=3) * np.array([1.0, -1.0, 100.0]))


@checks("relu", kind="hidden")
def test_2d(student, rng):
    """Tables never seen before, square or not."""
    for shape in ((3, 4), (4, 4)):
        agree(student.relu, neuron.relu, rng.normal(scale=2, size=shape))


@checks("relu", kind="hidden")
def test_r_fresh(student, rng):
    """Every number is treated by itself, whatever its neighbours are: mostly negative, mostly positive, mixed."""
    for mean in (-1.5, 0.0, 1.5):
        agree(student.relu, neuron.relu, rng.normal(loc=mean, size=9))


@checks("relu", kind="hidden")
def test_r_one_sided(student, rng):
    """Where everything is negative there is nothing but zeros; where everything is positive, nothing changes."""
    agree(student.relu, neuron.relu, -rng.uniform(0.5, 3.0, size=4))
    agree(student.relu, neuron.relu, rng.uniform(0.5, 3.0, size=4))


@checks("relu", kind="hidden")
def test_r_small(student, rng):
    """Numbers just above 0 stay, and numbers just below are gone: the border is at 0 itself."""
    agree(student.relu, neuron.relu, rng.permutation([3e-4, -2e-4, 1e-4, -5e-4]))


@checks("relu", kind="robustness")
def test_r_shapes(student, rng):
    """Any number of dimensions, from none to three, and sides of length 1."""
    for shape in ((1, 1), (5, 1), (2, 3, 4), ()):
        agree(student.relu, neuron.relu, np.asarray(-rng.uniform(0.5, 1.0, size=shape)))
        agree(student.relu, neuron.relu, np.asarray(rng.normal(size=shape)))


@checks("relu", kind="robustness")
def test_r_empty(student, rng):
    """Where no numbers come in, none go out."""
    agree(student.relu, neuron.relu, np.zeros(0))


@checks("relu", kind="robustness")
def test_r_whole_numbers(student, rng):
    """Whole numbers work, too."""
    agree(student.relu, neuron.relu, rng.permutation([-3, -1, 0, 1, 4]))


@checks("relu", kind="robustness", conduct=True)
def test_pure(student, rng):
    """The array that came in keeps its negative numbers."""
    leaves_unchanged(student.relu, rng.permutation([-2.0, 1.0, -0.5, 3.0]))
    leaves_unchanged(student.relu, rng.permuted(np.array([[-2.0, 1.0], [0.5, -3.0]]), axis=1))


@checks("relu", kind="robustness", conduct=True)
def test_r_repeat(student, rng):
    """The same numbers give the same answer again."""
    repeatable(student.relu, rng.normal(size=(3, 4)))


# --- linear ---


@checks("linear", kind="hidden", share=HALF)
def test_l_fresh(student, rng):
    """Layers never seen before, narrow and wide, with more examples than neurons and with fewer."""
    for rows, inputs, outputs in ((2, 5, 3), (6, 2, 4), (3, 4, 1), (4, 1, 3)):
        X, W, b = rng.normal(size=(rows, inputs)), rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)
        agree(student.linear, neuron.linear, X, W, b)


@checks("linear", kind="hidden", share=HALF)
def test_square(student, rng):
    """With three examples, three inputs and three neurons every axis still has its own meaning."""
    agree(student.linear, neuron.linear, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3))


@checks("linear", kind="hidden", share=HALF)
def test_batch1(student, rng):
    """A batch of one example gives a table of one row."""
    agree(student.linear, neuron.linear, rng.normal(size=(1, 3)), rng.normal(size=(3, 4)), rng.normal(size=4))


@checks("linear", kind="hidden", share=HALF)
def test_l_bias(student, rng):
    """Each neuron adds its own bias, once for every example: inputs of 0 leave nothing else."""
    agree(student.linear, neuron.linear, np.zeros((3, 2)), rng.normal(size=(2, 4)), rng.uniform(1.0, 9.0, size=4))


@checks("linear", kind="hidden", share=HALF)
def test_l_scales(student, rng):
    """Square feet beside numbers of rooms, and prices in dollars: large numbers come out as they are."""
    X = np.column_stack([rng.uniform(500.0, 3000.0, size=4), rng.uniform(1.0, 5.0, size=4)])
    W = np.array([[200.0, -150.0], [10_000.0, 8000.0]])
    agree(student.linear, neuron.linear, X, W, rng.uniform(20_000.0, 50_000.0, size=2))


@checks("linear", kind="robustness", share=HALF)
def test_l_empty(student, rng):
    """An empty batch has no outputs, and nothing breaks."""
    # A list of no rows does not say how long they are, so the shape is not asked for.
    outputs = student.linear(np.zeros((0, 3)), rng.normal(size=(3, 4)), rng.normal(size=4))
    agree_values(np.size(outputs), 0, "how many outputs an empty batch has")


@checks("linear", kind="robustness", share=HALF)
def test_l_whole_numbers(student, rng):
    """Examples in whole numbers work with weights and biases that have fractions."""
    agree(student.linear, neuron.linear, rng.integers(-3, 4, size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=3))
    agree(student.linear, neuron.linear, rng.integers(1, 4, size=(2, 2)), np.array([[0, 1], [2, 0]]), np.array([3, -4]))


@checks("linear", kind="robustness", conduct=True)
def test_error(student, rng):
    """Weights with inputs and outputs swapped are refused with a ValueError, not turned round in silence."""
    raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(5, 3)), rng.normal(size=5))
    raises(student.linear, rng.normal(size=(3, 4)), rng.normal(size=(3, 5)), rng.normal(size=5))


@checks("linear", kind="robustness", conduct=True)
def test_errorb(student, rng):
    """A single bias is not spread over several neurons: ValueError."""
    raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=1))


@checks("linear", kind="robustness", conduct=True)
def test_l_bias_table(student, rng):
    """Biases as a table, a row or a column are refused with a ValueError: there is one plain list of them."""
    for shape in ((1, 5), (4, 1), (5, 1), (4, 5)):
        raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=shape))


@checks("linear", kind="robustness", conduct=True)
def test_l_bias_length(student, rng):
    """A bias for every input, or for every example, is one list too long or too short: ValueError."""
    for length in (3, 4):
        raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=length))
    raises(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 1)), rng.normal(size=4))


@checks("linear", kind="robustness", conduct=True)
def test_l_no_batch(student, rng):
    """One example without a batch around it is refused with a ValueError, and so is a stack of batches."""
    raises(student.linear, rng.normal(size=3), rng.normal(size=(3, 5)), rng.normal(size=5))
    raises(student.linear, rng.normal(size=(2, 3, 3)), rng.normal(size=(3, 5)), rng.normal(size=5))


@checks("linear", kind="robustness", conduct=True)
def test_l_weight_list(student, rng):
    """Weights as a plain list, or as a stack of tables, are refused with a ValueError."""
    raises(student.linear, rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3))
    raises(student.linear, rng.normal(size=(3, 3)), rng.normal(size=(3, 3, 3)), rng.normal(size=3))


@checks("linear", kind="robustness", conduct=True)
def test_l_pure(student, rng):
    """Examples, weights and biases are left as they were."""
    leaves_unchanged(student.linear, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3))


@checks("linear", kind="robustness", conduct=True)
def test_l_repeat(student, rng):
    """The same examples give the same outputs again."""
    repeatable(student.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5))


# --- mlp_forward ---


@checks("mlp_forward", kind="hidden", weight=3)
def test_three(student, rng):
    """Three layers with biases, never seen before: ReLU after the first and the second, and not after the third."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(6, 4)), network(rng, 4, 5, 3, 2))


@checks("mlp_forward", kind="hidden")
def test_m_two(student, rng):
    """Two layers, the shortest network with a hidden one."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(5, 3)), network(rng, 3, 6, 4))


@checks("mlp_forward", kind="hidden", weight=2)
def test_m_one(student, rng):
    """A single layer never seen before is a layer without ReLU."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(5, 3)), network(rng, 3, 4))


@checks("mlp_forward", kind="hidden", weight=3)
def test_m_deep(student, rng):
    """Six layers: however deep the network is, each layer works on what the one before it gave."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(7, 3)), network(rng, 3, 5, 4, 6, 5, 4, 2))


@checks("mlp_forward", kind="hidden", weight=3)
def test_negout(student, rng):
    """A network whose answers lie below 0 gives answers below 0."""
    layers = [(np.array([[1.0]]), np.zeros(1)), (np.array([[-2.0]]), np.zeros(1))]
    agree(student.mlp_forward, neuron.mlp_forward, np.array([[1.0]]), layers)
    agree(student.mlp_forward, neuron.mlp_forward, rng.uniform(1.0, 2.0, size=(3, 1)), layers)


@checks("mlp_forward", kind="hidden", weight=3)
def test_m_square(student, rng):
    """With as many examples as numbers in every layer, order and orientation still count."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(3, 3)), network(rng, 3, 3, 3, 3))


@checks("mlp_forward", kind="hidden")
def test_m_batch1(student, rng):
    """A batch of one example gives a table of one row."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(size=(1, 3)), network(rng, 3, 4, 4, 2))


@checks("mlp_forward", kind="hidden", weight=3)
def test_m_large(student, rng):
    """Numbers in the thousands pass through unsquashed."""
    layers = network(rng, 2, 6, 4, 3)
    agree(student.mlp_forward, neuron.mlp_forward, rng.normal(scale=3000.0, size=(4, 2)), layers)


@checks("mlp_forward", kind="robustness")
def test_m_empty(student, rng):
    """An empty batch has no outputs, and nothing breaks."""
    outputs = student.mlp_forward(np.zeros((0, 3)), network(rng, 3, 4, 2))
    agree_values(np.size(outputs), 0, "how many outputs an empty batch has")


@checks("mlp_forward", kind="robustness")
def test_m_whole_numbers(student, rng):
    """Examples in whole numbers work with weights that have fractions."""
    agree(student.mlp_forward, neuron.mlp_forward, rng.integers(-3, 4, size=(3, 3)), network(rng, 3, 3, 3))


@checks("mlp_forward", kind="robustness", conduct=True)
def test_m_pure(student, rng):
    """The examples and the list of layers are left as they were, in a square network and in a single layer, too."""
    for widths in ((3, 3, 3), (3, 4, 5, 2), (3, 2)):
        leaves_unchanged(student.mlp_forward, rng.normal(size=(3, 3)), network(rng, *widths))


@checks("mlp_forward", kind="robustness", conduct=True)
def test_m_repeat(student, rng):
    """The same examples give the same outputs again."""
    repeatable(student.mlp_forward, rng.normal(size=(4, 3)), network(rng, 3, 5, 2))
