"""Hidden and robustness checks for the `training` lab."""

import copy
import itertools

import numpy as np

from autograder.testing import agree_values, checks, leaves_unchanged, raises, repeatable
from reference.training.test_visible import (
    MORE_THAN_HALF,
    house_loss_and_grads,
    step_agrees,
    training_agrees,
    walk_agrees,
)


class Valley:
    """A function that returns the slope of steepness/2 · (x - bottom)² and records where it was computed."""

    def __init__(self, bottom, steepness):
        self.bottom = bottom
        self.steepness = steepness
        self.asked = []

    def __call__(self, x):
        self.asked.append(np.array(x, dtype=np.float64))
        return self.steepness * (x - self.bottom)


class TiltedValley:
    """A function that returns the slope of a 3D valley, which depends on every coordinate, and records its inputs."""

    def __init__(self, rng):
        sides = rng.uniform(0.3, 0.5, size=3)
        self.tilt = np.outer(sides, sides) + np.diag(rng.uniform(0.5, 1.0, size=3))
        self.asked = []

    def __call__(self, x):
        self.asked.append(np.array(x, dtype=np.float64))
        return self.tilt @ x


def slope_of_two_valleys(x):
    return x**3 - x


def slope_of_waves(x):
    return np.cos(3.0 * x) + 0.2 * x


class Layer:
    """A function that returns a linear layer's mean squared error and gradients, and records which batches it's given.

    The first number of a batch's targets identifies the batch.
    """

    def __init__(self):
        self.asked = []

    @np.errstate(all="ignore")
    def __call__(self, params, *batch):
        # Some answers pass a batch as a single pair instead of as X and y.
        X, y = batch if len(batch) == 2 else batch[0]
        self.asked.append(int(np.ravel(y)[0]))
        errors = X @ params["W"] + params["b"] - y
        grads = {"W": 2 * X.T @ errors / errors.size, "b": 2 * errors.sum(axis=0) / errors.size}
        return float(np.mean(errors**2)), grads


def layer_params(rng):
    return {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}


def different_batches(rng, number):
    """Return batches of different sizes and difficulty, whose losses go up and down."""
    batches = [(rng.normal(size=(2 + i % 3, 3)), rng.normal(scale=3.0, size=(2 + i % 3, 2))) for i in range(number)]
    for i, (_, y) in enumerate(batches):
        y[0, 0] = i
    return batches


def network(rng, scale=1.0):
    """Return a dict of named arrays with zero to three dimensions."""
    shapes = {"scale": (), "b": (3,), "W": (2, 3), "heads": (2, 3, 2)}
    return {name: np.asarray(rng.normal(scale=scale, size=shape)) for name, shape in shapes.items()}


# --- gradient_descent ---


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_fresh(student, rng):
    """You return the right positions for other valleys, too, starting on either side, with small and large steps."""
    for lr in (0.02, 0.3, 0.9):
        valley = Valley(rng.uniform(-4.0, 4.0), rng.uniform(0.8, 1.2))
        walk_agrees(student, valley, rng.normal(scale=10.0), lr, 6)


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_curved(student, rng):
    """Even if the slope doesn't change at a constant rate, each step uses the slope at its starting point."""
    for slope in (slope_of_two_valleys, slope_of_waves):
        for start in (rng.uniform(-0.9, -0.2), rng.uniform(0.2, 0.9)):
            walk_agrees(student, slope, start, 0.15, 8)


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_diverge(student, rng):
    """If the learning rate is too large, you still take every step, though each one lands farther from the bottom."""
    valley = Valley(rng.uniform(1.0, 3.0), 2.0)
    walk_agrees(student, valley, 0.0, 1.1, 12)


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_bottom(student, rng):
    """Even at or near the bottom, you take every step, however short."""
    bottom = rng.uniform(1.0, 3.0)
    walk_agrees(student, Valley(bottom, 2.0), bottom, 0.1, 5)
    walk_agrees(student, Valley(bottom, 2.0), 0.0, 0.3, 40)


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_small(student, rng):
    """Steps smaller than a thousandth aren't rounded away."""
    valley = Valley(0.0, 1.0)
    walk_agrees(student, valley, rng.uniform(1e-3, 2e-3), 0.2, 5)


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_calls_fresh(student, rng):
    """The slope is computed once per step, where the step starts, and not at the last position."""
    valley = Valley(rng.uniform(1.0, 3.0), 1.0)
    walked = walk_agrees(student, valley, 0.5, 0.4, 5)
    agree_values(valley.asked, [np.asarray(x, dtype=np.float64) for x in walked[:-1]], "where the slope was computed")


@checks("gradient_descent", kind="robustness", share=MORE_THAN_HALF)
def test_gd_no_steps(student, rng):
    """If there are no steps, the slope isn't computed. If the learning rate is 0, you stay at the starting position."""
    valley = Valley(1.0, 2.0)
    walk_agrees(student, valley, rng.uniform(2.0, 3.0), 0.1, 0)
    agree_values(len(valley.asked), 0, "how many times the slope was computed when there were no steps")
    walk_agrees(student, valley, rng.uniform(2.0, 3.0), 0.0, 3)


@checks("gradient_descent", kind="robustness", share=MORE_THAN_HALF)
def test_gd_whole_number_fresh(student, rng):
    """If a walk starts at an integer, its later positions keep their fractional parts."""
    walk_agrees(student, Valley(rng.uniform(0.0, 1.0), 1.0), 4, 0.3, 5)


@checks("gradient_descent", kind="robustness", share=MORE_THAN_HALF)
def test_gd_vector(student, rng):
    """A walk in several dimensions keeps every position instead of repeating the last one."""
    valley = Valley(rng.normal(size=3), np.array([0.5, 1.0, 2.0]))
    walk_agrees(student, valley, rng.normal(size=3), 0.3, 4)


@checks("gradient_descent", kind="hidden", share=MORE_THAN_HALF)
def test_gd_together_fresh(student, rng):
    """If each slope depends on all coordinates, each step calls grad once and moves all of them at once."""
    valley = TiltedValley(rng)
    walked = walk_agrees(student, valley, rng.uniform(1.0, 2.0, size=3), 0.3, 4)
    agree_values(valley.asked, [np.asarray(x, dtype=np.float64) for x in walked[:-1]], "where the slope was computed")


@checks("gradient_descent", kind="robustness", conduct=True)
def test_gd_pure(student, rng):
    """The array with the starting position isn't modified."""
    leaves_unchanged(student.gradient_descent, Valley(np.zeros(2), 1.0), rng.uniform(1.0, 2.0, size=2), 0.3, 3)


@checks("gradient_descent", kind="robustness", conduct=True)
def test_gd_repeat(student, rng):
    """A second call from the same start gives the same walk."""
    repeatable(student.gradient_descent, Valley(rng.normal(), 1.0), rng.normal(), 0.3, 4)


# --- sgd_step ---


@checks("sgd_step", kind="hidden", share=MORE_THAN_HALF)
def test_sgd_fresh(student, rng):
    """Your step is right for other parameters and gradients, too, with small and large learning rates."""
    for lr in (0.001, 0.5, 2.0):
        step_agrees(student, network(rng), network(rng, 0.5), lr)


# Code that changes nothing passes this check and test_sgd_none, so both have a low weight.
@checks("sgd_step", kind="hidden", weight=0.25, share=MORE_THAN_HALF)
def test_sgd_lr0(student, rng):
    """If the learning rate is 0, nothing changes."""
    step_agrees(student, network(rng), network(rng), 0.0)


@checks("sgd_step", kind="hidden", share=MORE_THAN_HALF)
def test_sgd_order_fresh(student, rng):
    """You match gradients to parameters by name, whichever order they come in."""
    params = {name: rng.normal(size=2) for name in ("W1", "b1", "W2", "b2")}
    grads = {name: rng.normal(size=2) for name in ("b2", "W1", "b1", "W2")}
    step_agrees(student, params, grads, 0.3)


@checks("sgd_step", kind="hidden", share=MORE_THAN_HALF)
def test_sgd_names(student, rng):
    """Parameters can have any names, and there can be any number of them."""
    for names in (("weight",), ("gamma", "beta", "embedding", "W_q", "W_k")):
        params, grads = ({name: rng.normal(scale=0.5, size=(2, 2)) for name in names} for _ in range(2))
        step_agrees(student, params, grads, 0.2)


@checks("sgd_step", kind="hidden", share=MORE_THAN_HALF)
def test_sgd_steep(student, rng):
    """Steep slopes make long steps and gentle slopes make short ones, because gradients aren't rescaled."""
    for scale in (1e-3, 1e3):
        step_agrees(student, network(rng, scale), network(rng, scale), 0.7)


@checks("sgd_step", kind="hidden", share=MORE_THAN_HALF)
def test_sgd_flat(student, rng):
    """A parameter whose slope is 0 stays the same, even if another one moves."""
    params = {"W": rng.normal(size=(2, 2)), "b": rng.normal(size=2)}
    grads = {"W": np.array([[0.0, 1.5], [-2.0, 0.0]]), "b": np.zeros(2)}
    step_agrees(student, params, grads, 0.4)


@checks("sgd_step", kind="hidden", share=MORE_THAN_HALF)
def test_sgd_no_memory(student, rng):
    """Each step uses the gradients from its own call, not those from earlier calls."""
    params, grads = network(rng), network(rng, 0.5)
    for _ in range(3):
        step_agrees(student, params, grads, 0.3)


@checks("sgd_step", kind="robustness", weight=0.25, share=MORE_THAN_HALF)
def test_sgd_none(student, rng):
    """If there are no parameters before the step, there are none after it."""
    step_agrees(student, {}, {}, 0.1)


@checks("sgd_step", kind="robustness", conduct=True)
def test_sgd_gradpure(student, rng):
    """The gradients aren't modified. Only the parameters may be changed in place."""
    grads = network(rng)
    left = student.sgd_step.answer(network(rng), copy.deepcopy(grads), 0.3).left
    agree_values(left[0][1] if left else grads, grads, "the gradients after the step")


@checks("sgd_step", kind="robustness", conduct=True)
def test_sgd_missing_fresh(student, rng):
    """A parameter without a gradient raises KeyError instead of being skipped."""
    raises(student.sgd_step, network(rng), {"b": rng.normal(size=3)}, 0.1, error=KeyError)


# --- train ---


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_match(student, rng):
    """After twelve different batches, all losses and the final parameters agree with torch's."""
    training_agrees(student, layer_params(rng), different_batches(rng, 12), 0.1, Layer())


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_order(student, rng):
    """Each batch is used once, in order."""
    layer = Layer()
    training_agrees(student, layer_params(rng), different_batches(rng, 12), 0.1, layer)
    agree_values(layer.asked, list(range(12)), "the order in which the batches were used")


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_losspre(student, rng):
    """The first loss is computed with the initial parameters, before any step."""
    training_agrees(student, layer_params(rng), different_batches(rng, 1), 0.2, Layer())


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_uneven(student, rng):
    """Losses are recorded as they are, even if a hard batch follows an easy one."""
    easy, hard = different_batches(rng, 2)
    batches = [(easy[0], 0.1 * easy[1]), (hard[0], 10.0 * hard[1])] * 3
    training_agrees(student, layer_params(rng), batches, 0.05, Layer())


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_exact(student, rng):
    """Training goes on after a batch with a loss of 0."""
    w, b = rng.uniform(150.0, 250.0), rng.uniform(5.0, 20.0)
    houses = [rng.uniform(0.5, 2.5, size=2) for _ in range(4)]
    batches = [(sizes, w * sizes + (b if place == 0 else 3.0 * b)) for place, sizes in enumerate(houses)]
    training_agrees(student, {"w": w, "b": b}, batches, 0.1, house_loss_and_grads)


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_diverge(student, rng):
    """If the learning rate is far too large, the loss grows, and you still take every step in full."""
    batches = [(rng.normal(size=(6, 3)), rng.normal(size=(6, 2)))] * 8
    training_agrees(student, layer_params(rng), batches, 3.0, Layer())


@checks("train", kind="hidden", share=MORE_THAN_HALF)
def test_tr_lr0(student, rng):
    """If the learning rate is 0, every batch uses the same parameters."""
    training_agrees(student, layer_params(rng), different_batches(rng, 4), 0.0, Layer())


@checks("train", kind="robustness", share=MORE_THAN_HALF)
def test_tr_generator(student, rng):
    """Batches can come one by one, from an iterator that has no length and can only be read once."""
    training_agrees(student, layer_params(rng), different_batches(rng, 5), 0.1, Layer(), given=iter)


@checks("train", kind="robustness", conduct=True)
def test_tr_pure(student, rng):
    """The batches aren't modified. Only the parameters may be changed in place."""
    batches = different_batches(rng, 3)
    left = student.train.answer(layer_params(rng), copy.deepcopy(batches), 0.1, Layer()).left
    found, wanted = (list(itertools.chain(*pairs)) for pairs in (left[0][1] if left else batches, batches))
    agree_values(found, wanted, "the inputs and targets of all batches after training")


@checks("train", kind="robustness", conduct=True)
def test_tr_repeat(student, rng):
    """Training again from the same start gives the same losses and parameters."""
    repeatable(student.train, layer_params(rng), different_batches(rng, 3), 0.1, Layer())
