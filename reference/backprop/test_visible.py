"""Visible checks of the `backprop` lab."""

import numpy as np

from autograder.testing import agree, agree_values, checks, example, leaves_unchanged, repeatable
from reference import backprop

# The partial credit for an answer that's right except for its shape, or for taking a sum instead of a mean or vice
# versa.
MOST = 0.6

# Three houses: sizes in sqft, and prices in USD at exactly the lesson's 200 USD per sqft.
SIZES = np.array([1500.0, 800.0, 2200.0])
PRICES = SIZES * 200.0
# The lesson's guesses after "The cat sat on the", in percent: floor, mat, table, and all other words together.
GUESSES = np.log([[30.0, 25.0, 20.0, 25.0]])
MAT = 1
# The network worked out by hand in part 5. Its second neuron is off.
NETWORK = {
    "W1": np.array([[1.0, -1.0]]),
    "b1": np.array([0.0, 1.0]),
    "W2": np.array([[np.log(3.0) / 2, 0.0], [1.0, -1.0]]),
    "b2": np.array([0.0, 0.0]),
}
INPUT, RIGHT = np.array([[2.0]]), np.array([1])


def sum_of_squares(v):
    return np.sum(v**2)


def product(v):
    return v[0] * v[1]


def steep_cubes(v):
    return 1000.0 * np.sum(v**3)


def whole_units_of_the_squares(v):
    return np.round(np.sum(v**2))


def three_tenths_of_the_squares(v):
    return 0.3 * np.sum(v**2)


def distance_from_1000(v):
    return np.sum(np.abs(v - 1000.0))


def layer_that_wants_two_rows_of_three(v):
    factors = np.array([[2.0, -1.0, 0.0], [0.5, 3.0, -2.0]])
    # The loop over rows doesn't raise an error for a flat array, so the check can show the wrong slopes.
    return sum(np.sum(by * np.sin(row)) for by, row in zip(factors, v, strict=False))


def loss_of_the_lessons_house(weight_and_bias):
    weight, bias = weight_and_bias
    return (weight * 1500.0 + bias - 310_000.0) ** 2


def network(rng, inputs, hidden, words):
    """Draw random weights and biases for a network with one hidden layer."""
    shapes = {"W1": (inputs, hidden), "b1": (hidden,), "W2": (hidden, words), "b2": (words,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def house_price_gradients_agree(student, w, b, sizes, prices, **options):
    """Compare the slopes. Give partial credit for slopes that are summed over the houses rather than averaged."""
    summed = [lambda slopes: tuple(len(sizes) * slope for slope in slopes)]
    arguments = (w, b, sizes, prices)
    agree(student.house_price_gradients, backprop.house_price_gradients, *arguments, apart_from=summed, **options)


def cross_entropy_backward_agrees(student, logits, targets, **options):
    """Compare the slopes. Give partial credit for slopes that are summed over the rows rather than averaged."""
    summed = [lambda slopes: len(targets) * slopes]
    arguments = (logits, targets)
    agree(student.cross_entropy_backward, backprop.cross_entropy_backward, *arguments, apart_from=summed, **options)


def linear_backward_agrees(student, grad_out, X, W):
    """Compare the gradients. Give partial credit if slopes of weights or biases are averaged over the examples."""

    def averaged(weights, biases):
        return lambda slopes: (slopes[0], slopes[1] / weights, slopes[2] / biases)

    n = len(X)
    averages = [averaged(n, 1), averaged(1, n), averaged(n, n)]
    agree(student.linear_backward, backprop.linear_backward, grad_out, X, W, apart_from=averages)


def mlp_loss_and_grads_agree(student, params, X, targets):
    """Compare loss and gradients. Give partial credit if the loss, the slopes or both are summed over the examples."""

    def summed(loss, slopes):
        return lambda wanted: (loss * wanted[0], {name: slopes * slope for name, slope in wanted[1].items()})

    n = len(X)
    sums = [summed(n, 1), summed(1, n), summed(n, n)]
    agree(student.mlp_loss_and_grads, backprop.mlp_loss_and_grads, params, X, targets, apart_from=sums)


@checks("numerical_gradient", weight=0.4)
def test_ng_quadratic(student, rng):
    """The sum of the squares of 1, -2 and 0.5 has slopes of 2, -4 and 1."""
    agree(
        student.numerical_gradient,
        backprop.numerical_gradient,
        sum_of_squares,
        example(rng, np.array([1.0, -2.0, 0.5])),
    )


@checks("numerical_gradient", weight=0.4)
def test_ng_product(student, rng):
    """If you nudge each number by 0.1 while the other stays fixed, the product of 2 and 5 has slopes of 5 and 2."""
    agree(student.numerical_gradient, backprop.numerical_gradient, product, example(rng, np.array([2.0, 5.0])), 0.1)


@checks("numerical_gradient", weight=0.4)
def test_ng_house(student, rng):
    """For a house of 1500 square feet that sold for 310,000 dollars, with a weight of 200 and a bias of 0, the squared
    error has a slope of about -30,000,000 for the weight and -20,000 for the bias."""
    weight_and_bias = example(rng, np.array([200.0, 0.0]))
    agree(student.numerical_gradient, backprop.numerical_gradient, loss_of_the_lessons_house, weight_and_bias)


@checks("numerical_gradient", weight=0.4)
def test_ng_bent(student, rng):
    """At 0.01 and -0.02, where 1000 v³ bends sharply, steps in both directions give slopes of 0.3 and 1.2."""
    agree(
        student.numerical_gradient,
        backprop.numerical_gradient,
        steep_cubes,
        example(rng, np.array([0.01, -0.02]), lambda rng: rng.uniform(0.01, 0.03, 2) * [1, -1]),
    )


@checks("numerical_gradient", weight=0.4)
def test_ng_step(student, rng):
    """You use the step size h you're given, such as 1 for a function that rounds to whole units."""
    x = example(rng, np.array([3.0, -2.0]), lambda rng: rng.integers(2, 9, 2) * [1.0, -1.0])
    agree(student.numerical_gradient, backprop.numerical_gradient, whole_units_of_the_squares, x, 1.0)
    x = example(rng, np.array([1000.004, 999.998]), lambda rng: 1000.0 + rng.uniform(0.002, 0.004, 2) * [1.0, -1.0])
    agree(student.numerical_gradient, backprop.numerical_gradient, distance_from_1000, x)


@checks("numerical_gradient", weight=0.4)
def test_ng_table(student, rng):
    """You call f with the whole table and return a slope for every entry, even for entries that are 0. A table
    stored column by column, such as a transposed one, works too."""
    shown = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])
    x = example(rng, shown, lambda rng: rng.normal(size=(2, 3)) * (shown != 0))
    for table in (x, np.asfortranarray(x)):
        agree(student.numerical_gradient, backprop.numerical_gradient, layer_that_wants_two_rows_of_three, table)


@checks("numerical_gradient", weight=0.4)
def test_ng_whole_numbers(student, rng):
    """You don't round the steps or the slopes, even if x holds integers: 0.3 times the sum of the squares of 2, -3 and
    5 has slopes of 1.2, -1.8 and 3."""
    agree(
        student.numerical_gradient,
        backprop.numerical_gradient,
        three_tenths_of_the_squares,
        example(rng, np.array([2, -3, 5])),
    )


@checks("numerical_gradient", weight=0.4, conduct=True)
def test_ng_unchanged(student, rng):
    """Your function doesn't change x, not even in its last digit, and gives the same slopes when it's called again."""
    x = rng.normal(size=(3, 4))
    leaves_unchanged(student.numerical_gradient, sum_of_squares, x)
    repeatable(student.numerical_gradient, sum_of_squares, x[:1])


@checks("house_price_gradients", weight=0.45, share=MOST)
def test_hp_lesson(student, rng):
    """For the lesson's house, with a guess of 300,000 dollars and a price of 310,000, the slopes are -30,000,000 for
    the weight and -20,000 for the bias."""
    size, price = example(rng, (np.array([1500.0]), np.array([310_000.0])))
    house_price_gradients_agree(student, 200.0, 0.0, size, price, tail=True)


@checks("house_price_gradients", weight=0.45, share=MOST)
def test_hp_zero(student, rng):
    """At the true weight, every guess is right, and both slopes are 0."""
    sizes = example(rng, SIZES, lambda rng: rng.integers(500, 3000, 3) * 1.0)
    house_price_gradients_agree(student, 200.0, 0.0, sizes, sizes * 200.0)


@checks("house_price_gradients", weight=0.45, share=MOST)
def test_hp_sign(student, rng):
    """If the weight is too small, both slopes are negative. If it's too large, both are positive."""
    sizes = example(rng, SIZES)
    for weight in (150.0, 260.0):
        house_price_gradients_agree(student, weight, 0.0, sizes, sizes * 200.0, tail=True)


@checks("house_price_gradients", weight=0.45, share=MOST)
def test_hp_bias(student, rng):
    """Every guess includes the bias, whether the bias is 20,000 dollars or just one cent. The weight and bias can both
    be 0."""
    sizes = example(rng, SIZES, lambda rng: rng.integers(500, 3000, 3) * 1.0)
    for weight, bias in ((200.0, 20_000.0), (200.0, 0.01), (0.0, 0.0)):
        house_price_gradients_agree(student, weight, bias, sizes, sizes * 200.0, tail=True)


@checks("house_price_gradients", weight=0.45, share=MOST)
def test_hp_whole_numbers(student, rng):
    """Even if all the arguments are integers, the slopes might not be."""
    sizes, prices = example(rng, (np.array([1, 2, 4, 3]), np.array([5, 2, 8, 7])))
    house_price_gradients_agree(student, 2, 1, sizes, prices)


@checks("house_price_gradients", weight=0.45, conduct=True)
def test_hp_unchanged(student, rng):
    """Your function doesn't change the sizes or prices, and gives the same slopes when it's called again."""
    leaves_unchanged(student.house_price_gradients, 150.0, 500.0, *example(rng, (SIZES.copy(), PRICES.copy())))
    repeatable(student.house_price_gradients, 150.0, 500.0, *example(rng, (SIZES.copy(), PRICES.copy())))


@checks("cross_entropy_backward", weight=0.55, share=MOST)
def test_ceb_n1(student, rng):
    """If "mat" is right, the lesson's probabilities of 30, 25, 20 and 25% give slopes of 0.30, -0.75, 0.20 and 0.25."""
    cross_entropy_backward_agrees(student, example(rng, GUESSES), np.array([MAT]))


@checks("cross_entropy_backward", weight=0.55, share=MOST)
def test_ceb_by_hand(student, rng):
    """If both rows have probabilities of 3/4 and 1/4, their slopes are (-0.125, 0.125) and (0.375, -0.375)."""
    logits = np.array([[np.log(3.0), 0.0], [np.log(3.0), 0.0]])
    cross_entropy_backward_agrees(student, example(rng, logits), np.array([0, 1]))


@checks("cross_entropy_backward", weight=0.55, share=MOST)
def test_ceb_rows0(student, rng):
    """In a batch with three rows and five words, each row has its own slopes, and they add up to 0."""
    cross_entropy_backward_agrees(student, rng.normal(size=(3, 5)), np.array([4, 0, 2]))


@checks("cross_entropy_backward", weight=0.55, share=MOST)
def test_ceb_large(student, rng):
    """The slopes stay finite for logits of 1000 and -1000, even if another row has small logits."""
    logits = np.array([[1000.0, 0.0, 0.0], [2.0, -1.0, 0.5], [-1000.0, -1001.0, -999.0]])
    cross_entropy_backward_agrees(student, example(rng, logits), np.array([1, 0, 2]))


@checks("cross_entropy_backward", weight=0.55, share=MOST)
def test_ceb_whole_numbers(student, rng):
    """Integer logits give fractional slopes, even if the same word is right in every row."""
    logits = np.array([[3, 0, -1, 2], [0, 0, 0, 0], [-2, 1, 1, 3]])
    for word in (0, 2):
        cross_entropy_backward_agrees(student, example(rng, logits), np.full(3, word))


@checks("cross_entropy_backward", weight=0.55, conduct=True)
def test_ceb_unchanged(student, rng):
    """Your function doesn't change the logits or targets, and gives the same slopes when it's called again."""
    logits, targets = rng.normal(size=(3, 4)), np.array([2, 0, 3])
    leaves_unchanged(student.cross_entropy_backward, logits, targets)
    repeatable(student.cross_entropy_backward, logits, targets)


@checks("linear_backward", weight=0.6, share=MOST)
def test_lb_by_hand(student, rng):
    """For the layer in part 4, your gradients match the ones worked out there. Integer arrays can have fractional
    gradients."""
    X, W = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, -1.0], [2.0, 3.0]])
    linear_backward_agrees(student, *example(rng, (np.array([[1.0, 0.0], [2.0, -1.0]]), X, W)))
    X, W = rng.integers(1, 6, size=(3, 2)), rng.integers(1, 6, size=(2, 4))
    linear_backward_agrees(student, rng.uniform(0.1, 0.9, size=(3, 4)), X, W)


@checks("linear_backward", weight=0.6, share=MOST)
def test_lb_shapes(student, rng):
    """For four examples, three inputs and two outputs, your gradients match torch's, with shapes (4, 3), (3, 2) and
    (2,)."""
    grad_out, X, W = (rng.normal(size=shape) for shape in ((4, 2), (4, 3), (3, 2)))
    linear_backward_agrees(student, grad_out, X, W)


@checks("linear_backward", weight=0.6, share=MOST)
def test_lb_small(student, rng):
    """If there's only one example, input or output, the gradients are still right and keep all their axes."""
    for examples, inputs, outputs in ((1, 4, 3), (4, 1, 3), (4, 3, 1)):
        shapes = ((examples, outputs), (examples, inputs), (inputs, outputs))
        linear_backward_agrees(student, *(rng.normal(size=shape) for shape in shapes))


@checks("linear_backward", weight=0.6, conduct=True)
def test_lb_unchanged(student, rng):
    """Your function doesn't change any of the three arrays, and gives the same gradients when it's called again."""
    grad_out, X, W = (rng.normal(size=shape) for shape in ((4, 2), (4, 3), (3, 2)))
    leaves_unchanged(student.linear_backward, grad_out, X, W)
    repeatable(student.linear_backward, grad_out, X, W)


@checks("mlp_loss_and_grads", weight=0.5, share=MOST)
def test_mlg_loss(student, rng):
    """If all weights and biases are 0, all three words are equally likely, and the loss is ln 3 = 1.0986 nats."""
    params = {"W1": np.zeros((2, 4)), "b1": np.zeros(4), "W2": np.zeros((4, 3)), "b2": np.zeros(3)}
    X = example(rng, np.array([[1.0, -2.0], [0.5, 3.0]]))
    loss, _ = student.mlp_loss_and_grads(params, X, np.array([2, 0]))
    agree_values(loss, np.log(3.0), "the loss")


@checks("mlp_loss_and_grads", weight=0.5, share=MOST)
def test_mlg_keys(student, rng):
    """You return one gradient for each of W1, b1, W2 and b2, with the same shape as the parameter, and no others."""
    params = network(rng, 3, 5, 4)
    shapes = {name: value.shape for name, value in params.items()}
    _, grads = student.mlp_loss_and_grads(params, rng.normal(size=(2, 3)), np.array([3, 1]))
    agree_values({name: np.shape(grad) for name, grad in grads.items()}, shapes, "the shape of each gradient")


@checks("mlp_loss_and_grads", weight=0.5, share=MOST)
def test_mlg_by_hand(student, rng):
    """For the network in part 5, your loss and gradients match the ones worked out there. The neuron that's off gets
    no gradient."""
    mlp_loss_and_grads_agree(student, *example(rng, (NETWORK, INPUT)), RIGHT)


@checks("mlp_loss_and_grads", weight=0.5, share=MOST)
def test_mlg_batch(student, rng):
    """For a batch of six examples, the loss and the gradients are means over the examples."""
    params = network(rng, 3, 5, 4)
    targets = np.array([3, 1, 0, 0, 2, 1])
    mlp_loss_and_grads_agree(student, params, rng.normal(size=(6, 3)), targets)


@checks("mlp_loss_and_grads", weight=0.5, share=MOST)
def test_mlg_large(student, rng):
    """A logit of 1,099 for the wrong word gives a finite loss and finite gradients."""
    params = example(
        rng,
        {**NETWORK, "W1": 1000.0 * NETWORK["W1"]},
        lambda rng: {**NETWORK, "W1": rng.uniform(1500.0, 2000.0) * NETWORK["W1"]},
    )
    mlp_loss_and_grads_agree(student, params, INPUT, RIGHT)


@checks("mlp_loss_and_grads", weight=0.5, conduct=True)
def test_mlg_unchanged(student, rng):
    """Your function doesn't change any array, and a second call starts from scratch and gives the same gradients."""
    params, X, targets = network(rng, 3, 4, 3), rng.normal(size=(2, 3)), np.array([2, 0])
    leaves_unchanged(student.mlp_loss_and_grads, params, X, targets)
    repeatable(student.mlp_loss_and_grads, params, X, targets)
