"""Visible checks of lab `training`."""

import numpy as np

from autograder.testing import agree, checks
from reference import training

# Sizes in thousands of square feet, prices in thousands of USD: so a weight is still in USD per square foot.
SIZES = np.array([0.8, 1.25, 1.5, 1.75, 2.2])
PRICES = np.array([155.0, 243.0, 310.0, 336.0, 436.0])
HOUSE_BY_HOUSE = [(SIZES[i : i + 1], PRICES[i : i + 1]) for i in range(5)]


def slope_of_the_parabola(x):
    return 2.0 * (x - 3.0)


# A wrong answer may climb for 300 steps.
@np.errstate(all="ignore")
def house_loss_and_grads(params, sizes, prices):
    errors = params["w"] * sizes + params["b"] - prices
    return np.mean(errors**2), {"w": 2 * np.mean(errors * sizes), "b": 2 * np.mean(errors)}


@checks("gradient_descent")
def test_gd_quad(student, rng):
    """In the valley around 3 the walk of part 1 goes from 0 to 0.6, then to 1.08, and so on towards 3."""
    agree(student.gradient_descent, training.gradient_descent, slope_of_the_parabola, 0.0, 0.1, 10)


@checks("gradient_descent")
def test_gd_len(student, rng):
    """No steps make one position, the start; seven steps make eight."""
    for steps in (0, 7):
        agree(student.gradient_descent, training.gradient_descent, slope_of_the_parabola, 5.0, 0.25, steps)


@checks("sgd_step")
def test_sgd_hand(student, rng):
    """The step that part 2 does by hand: the weight goes from 180 to 189, the bias from 0 to 6."""
    params, grads = {"w": 180.0, "b": 0.0}, {"w": -90.0, "b": -60.0}
    agree(student.sgd_step, training.sgd_step, params, grads, 0.1, in_place=True)


@checks("sgd_step")
def test_sgd_vals(student, rng):
    """The four arrays of a network with two layers all take their step, each by its own gradient."""
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 2), "b2": (2,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    grads = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    agree(student.sgd_step, training.sgd_step, params, grads, 0.1, in_place=True)


@checks("train")
def test_tr_hand(student, rng):
    """The two steps that part 3 does by hand: losses of 900 and 25, then a weight of 190 and a bias of 7."""
    batches = [(np.array([1.5]), np.array([300.0])), (np.array([1.0]), np.array([200.0]))]
    agree(student.train, training.train, {"w": 180.0, "b": 0.0}, batches, 0.1, house_loss_and_grads)


@checks("train")
def test_tr_len(student, rng):
    """Ten batches make ten losses; no batches make none, and leave the parameters as they are."""
    for batches in (HOUSE_BY_HOUSE * 2, []):
        agree(student.train, training.train, {"w": 150.0, "b": 10.0}, batches, 0.1, house_loss_and_grads)


@checks("train")
def test_tr_overfit(student, rng):
    """After 300 steps on the same five houses hardly anything is left of the loss."""
    batches = [(SIZES, PRICES)] * 300
    agree(student.train, training.train, {"w": 0.0, "b": 0.0}, batches, 0.1, house_loss_and_grads)
