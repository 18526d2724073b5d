"""Visible checks of lab `neuron`."""

import numpy as np

from autograder.testing import agree, checks
from reference import neuron

# What an answer earns whose values are right apart from a shape or a convention.
HALF = 0.5

SIZES_SQFT = np.array([1500.0, 800.0, 2200.0])


@checks("predict_price")
def test_lesson_example(student, rng):
    """The lesson's house: 1500 sqft at 200 USD each are 300,000 USD."""
    agree(student.predict_price, neuron.predict_price, 1500.0, 200.0)


@checks("predict_price")
def test_array(student, rng):
    """Three houses at once have three prices, each from its own size."""
    agree(student.predict_price, neuron.predict_price, SIZES_SQFT, 200.0)


@checks("predict_price")
def test_with_bias(student, rng):
    """A bias of 25,000 USD raises the lesson's price to 325,000 USD."""
    agree(student.predict_price, neuron.predict_price, 1500.0, 200.0, 25_000.0)


@checks("neuron")
def test_two_inputs(student, rng):
    """The inputs 2 and -1 with the weights 3 and 4 and a bias of 0.5 give 6 - 4 + 0.5 = 2.5."""
    agree(student.neuron, neuron.neuron, np.array([2.0, -1.0]), np.array([3.0, 4.0]), 0.5)


@checks("neuron")
def test_n_house(student, rng):
    """With one input it is the neuron of part 1: 1500 sqft and a weight of 200 give 300,000."""
    agree(student.neuron, neuron.neuron, np.array([1500.0]), np.array([200.0]), 0.0)


@checks("relu")
def test_basic(student, rng):
    """What is below 0 becomes 0, and what is above stays as it is."""
    agree(student.relu, neuron.relu, np.array([-2.0, -0.5, 0.0, 0.5, 3.0]))


@checks("relu")
def test_r_table(student, rng):
    """A table keeps its shape: every number is treated by itself."""
    agree(student.relu, neuron.relu, np.array([[1.5, -4.0, 2.0], [-0.25, 7.0, -1.0]]))


@checks("linear", share=HALF)
def test_rect(student, rng):
    """Four examples of three numbers each pass through five neurons: five outputs for each example."""
    agree(student.linear, neuron.linear, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5))


@checks("linear", share=HALF)
def test_l_hand(student, rng):
    """The two examples that part 4 works out by hand."""
    X = np.array([[1.0, 2.0], [3.0, -1.0]])
    W = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 1.0]])
    agree(student.linear, neuron.linear, X, W, np.array([0.0, 10.0, -1.0]))


@checks("mlp_forward")
def test_one(student, rng):
    """A network of one layer has an output layer only: it is linear, with negative inputs and outputs left alone."""
    W, b = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([-0.5, 1.0])
    agree(student.mlp_forward, neuron.mlp_forward, np.array([[2.0, -1.0], [-3.0, 0.5], [1.0, 4.0]]), [[W, b]])


@checks("mlp_forward")
def test_nonlinear(student, rng):
    """Two hidden neurons make the distance from 0 out of a number, which no straight line can do."""
    layers = [[np.array([[1.0, -1.0]]), np.zeros(2)], [np.array([[1.0], [1.0]]), np.zeros(1)]]
    agree(student.mlp_forward, neuron.mlp_forward, np.array([[-3.0], [-0.5], [0.0], [1.0], [2.5]]), layers)
