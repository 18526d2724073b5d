"""Visible checks of lab `backprop`."""

import numpy as np

from autograder.testing import agree, agree_values, checks
from reference import backprop

# Three houses: sizes in sqft, and prices in USD at exactly the lesson's 200 USD per sqft.
SIZES = np.array([1500.0, 800.0, 2200.0])
PRICES = SIZES * 200.0
# The lesson's guesses after "The cat sat on the", in percent: floor, mat, table, and all other words together.
GUESSES = np.log([[30.0, 25.0, 20.0, 25.0]])
MAT = 1
# The network that part 5 works out by hand: its second neuron is off.
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


def loss_of_the_lessons_house(weight_and_bias):
    weight, bias = weight_and_bias
    return (weight * 1500.0 + bias - 310_000.0) ** 2


@checks("numerical_gradient")
def test_ng_quadratic(student, rng):
    """The sum of the squares of 1, -2 and 0.5 has the slopes 2, -4 and 1."""
    agree(student.numerical_gradient, backprop.numerical_gradient, sum_of_squares, np.array([1.0, -2.0, 0.5]))


@checks("numerical_gradient")
def test_ng_product(student, rng):
    """The product of 2 and 5 has the slopes 5 and 2: each number is nudged while the other stays."""
    agree(student.numerical_gradient, backprop.numerical_gradient, product, np.array([2.0, 5.0]))


@checks("numerical_gradient")
def test_ng_house(student, rng):
    """The loss of the lesson's house has the slopes -30,000,000 in the weight and -20,000 in the bias."""
    weight_and_bias = np.array([200.0, 0.0])
    agree(student.numerical_gradient, backprop.numerical_gradient, loss_of_the_lessons_house, weight_and_bias)


@checks("house_price_gradients")
def test_hp_lesson(student, rng):
    """The lesson's house, guessed at 300,000 and sold for 310,000 USD, gives slopes of -30,000,000 and -20,000."""
    size, price = np.array([1500.0]), np.array([310_000.0])
    agree(student.house_price_gradients, backprop.house_price_gradients, 200.0, 0.0, size, price, tail=True)


@checks("house_price_gradients")
def test_hp_zero(student, rng):
    """At the true weight every guess is right, and both slopes are 0."""
    agree(student.house_price_gradients, backprop.house_price_gradients, 200.0, 0.0, SIZES, PRICES)


@checks("house_price_gradients")
def test_hp_sign(student, rng):
    """With a weight too small both slopes are negative, with one too large both are positive."""
    for weight in (150.0, 260.0):
        agree(student.house_price_gradients, backprop.house_price_gradients, weight, 0.0, SIZES, PRICES, tail=True)


@checks("cross_entropy_backward")
def test_ceb_n1(student, rng):
    """The lesson's guesses of 30, 25, 20 and 25 %, with "mat" right, give slopes of 0.30, -0.75, 0.20 and 0.25."""
    agree(student.cross_entropy_backward, backprop.cross_entropy_backward, GUESSES, np.array([MAT]))


@checks("cross_entropy_backward")
def test_ceb_by_hand(student, rng):
    """Two rows with probabilities of 3/4 and 1/4 have slopes of -0.125 and 0.125, and of 0.375 and -0.375."""
    logits = np.array([[np.log(3.0), 0.0], [np.log(3.0), 0.0]])
    agree(student.cross_entropy_backward, backprop.cross_entropy_backward, logits, np.array([0, 1]))


@checks("cross_entropy_backward")
def test_ceb_rows0(student, rng):
    """In a batch of three rows of five words, each row has slopes of its own, which add up to 0."""
    agree(student.cross_entropy_backward, backprop.cross_entropy_backward, rng.normal(size=(3, 5)), np.array([4, 0, 2]))


@checks("linear_backward")
def test_lb_by_hand(student, rng):
    """The layer that part 4 works out by hand gives the three gradients found there."""
    X, W = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, -1.0], [2.0, 3.0]])
    agree(student.linear_backward, backprop.linear_backward, np.array([[1.0, 0.0], [2.0, -1.0]]), X, W)


@checks("linear_backward")
def test_lb_shapes(student, rng):
    """Four examples, three inputs and two outputs give torch's gradients, of shapes (4, 3), (3, 2) and (2,)."""
    grad_out, X, W = (rng.normal(size=shape) for shape in ((4, 2), (4, 3), (3, 2)))
    agree(student.linear_backward, backprop.linear_backward, grad_out, X, W)


@checks("mlp_loss_and_grads")
def test_mlg_loss(student, rng):
    """With all weights and biases 0, three words are equally probable, and the loss is ln 3 = 1.0986 nats."""
    params = {"W1": np.zeros((2, 4)), "b1": np.zeros(4), "W2": np.zeros((4, 3)), "b2": np.zeros(3)}
    loss, _ = student.mlp_loss_and_grads(params, np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([2, 0]))
    agree_values(loss, np.log(3.0), "the loss")


@checks("mlp_loss_and_grads")
def test_mlg_keys(student, rng):
    """There is a gradient for each of W1, b1, W2 and b2, of the same shape, and none for anything else."""
    shapes = {"W1": (3, 5), "b1": (5,), "W2": (5, 4), "b2": (4,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    _, grads = student.mlp_loss_and_grads(params, rng.normal(size=(2, 3)), np.array([3, 1]))
    agree_values({name: np.shape(grad) for name, grad in grads.items()}, shapes, "the shape of each gradient")


@checks("mlp_loss_and_grads")
def test_mlg_by_hand(student, rng):
    """The network of part 5 has the loss and gradients found there by hand: none reaches the neuron that is off."""
    agree(student.mlp_loss_and_grads, backprop.mlp_loss_and_grads, NETWORK, INPUT, RIGHT)
