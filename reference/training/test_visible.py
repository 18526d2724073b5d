"""Visible checks for the `training` lab."""

import copy

import numpy as np

from autograder.testing import (
    agree,
    agree_values,
    checks,
    example,
    leaves_unchanged,
    raises,
    reference_value,
    repeatable,
)
from reference import training

# The partial credit for an answer that only lacks one end of the walk or the last batch, or has the wrong form.
MORE_THAN_HALF = 0.6

# Sizes are in thousands of square feet and prices in thousands of USD, so a weight is still in USD per square foot.
SIZES = np.array([0.8, 1.25, 1.5, 1.75, 2.2])
PRICES = np.array([155.0, 243.0, 310.0, 336.0, 436.0])
START = {"w": 150.0, "b": 10.0}


def house_by_house(rng, count=5):
    """Return batches of one house each."""
    sizes, prices = example(rng, (SIZES, PRICES))
    return [(sizes[i : i + 1], prices[i : i + 1]) for i in range(count)]


def start_and_rate(rng):
    return float(rng.uniform(-5.0, 2.0)), float(rng.uniform(0.05, 0.3))


def slope_of_the_parabola(x):
    return 2.0 * (x - 3.0)


def slope_of_a_tilted_valley(x):
    return np.array([[1.0, 0.5], [0.5, 1.0]]) @ x


class Recorded:
    """A function that records the last argument of each call."""

    def __init__(self, function):
        self.function = function
        self.asked = []

    def __call__(self, *args):
        self.asked.append(np.array(args[-1], dtype=np.float64))
        return self.function(*args)


# A wrong answer may diverge and overflow.
@np.errstate(all="ignore")
def house_loss_and_grads(params, sizes, prices):
    errors = params["w"] * sizes + params["b"] - prices
    return np.mean(errors**2), {"w": 2 * np.mean(errors * sizes), "b": 2 * np.mean(errors)}


def walk_agrees(student, grad, x0, lr, steps):
    """Compare all positions of the walk.

    Give partial credit if the starting position is missing or repeated, or if there's one step too many or too few.
    """

    def one_step_more(walk):
        return reference_value(training.gradient_descent, ((grad, x0, lr, steps + 1), {}))

    off_by_one = [lambda walk: walk[1:], lambda walk: walk[:-1], one_step_more, lambda walk: [walk[0], *walk[:-1]]]
    return agree(student.gradient_descent, training.gradient_descent, grad, x0, lr, steps, apart_from=off_by_one)


def step_agrees(student, params, grads, lr):
    """Compare the parameters by name, whether they're returned or changed in place.

    Give partial credit if the values are returned in a list.
    """
    in_a_list = [lambda stepped: list(stepped.values())]
    agree(student.sgd_step, training.sgd_step, params, grads, lr, in_place=True, apart_from=in_a_list)


def training_agrees(student, params, batches, lr, loss_and_grads, given=list):
    """Compare parameters and losses. Give partial credit if the losses come first or the last batch is left out.

    given: function that turns the list of batches into the object that's passed to the stub.
    """

    def without_the_last_batch(trained):
        return reference_value(training.train, ((params, batches[:-1], lr, loss_and_grads), {}))

    nearly = [lambda trained: trained[::-1], without_the_last_batch]
    agree(student.train, training.train, params, given(batches), lr, loss_and_grads, apart_from=nearly)


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_quad(student, rng):
    """In the valley from part 1, the walk goes from 0 to 0.6, then to 1.08, and so on toward 3."""
    x0, lr = example(rng, (0.0, 0.1), start_and_rate)
    walk_agrees(student, slope_of_the_parabola, x0, lr, 5)


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_len(student, rng):
    """A walk of zero steps has one position, the starting one. A walk of seven steps has eight positions."""
    x0, lr = example(rng, (5.0, 0.25), start_and_rate)
    for steps in (0, 7):
        walk_agrees(student, slope_of_the_parabola, x0, lr, steps)


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_every_step(student, rng):
    """Every step is taken, even if the walk climbs out of the valley or is already at the bottom."""
    x0, lr = example(rng, (0.0, 0.1), start_and_rate)
    for start, rate in ((x0, lr + 1.0), (3.0, lr)):
        walk_agrees(student, slope_of_the_parabola, start, rate, 3)


@checks("gradient_descent", weight=0.1, share=MORE_THAN_HALF)
def test_gd_far_away(student, rng):
    """Far from the bottom, the slope is steep and the steps are long: from 503 to 403, then to 323."""
    walk_agrees(student, slope_of_the_parabola, example(rng, 503.0, lambda rng: rng.uniform(400.0, 900.0)), 0.1, 3)


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_calls(student, rng):
    """The slope is computed exactly once for each step, at the position where that step starts."""
    x0, lr = example(rng, (0.0, 0.1), start_and_rate)
    walk = reference_value(training.gradient_descent, ((slope_of_the_parabola, x0, lr, 3), {}))
    for steps in (3, 0):
        grad = Recorded(slope_of_the_parabola)
        walk_agrees(student, grad, x0, lr, steps)
        agree_values(grad.asked, [np.asarray(x) for x in walk[:steps]], "where the slope was computed")


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_array(student, rng):
    """A walk in two dimensions keeps all its positions, each in its own array."""
    walk_agrees(student, slope_of_the_parabola, example(rng, np.array([4.0, -2.0])), 0.25, 3)


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_together(student, rng):
    """In a tilted valley, where each slope depends on both coordinates, each step calls grad once and moves both at
    once."""
    x0, grad = example(rng, np.array([4.0, -2.0])), Recorded(slope_of_a_tilted_valley)
    walk = reference_value(training.gradient_descent, ((slope_of_a_tilted_valley, x0, 0.25, 3), {}))
    walk_agrees(student, grad, x0, 0.25, 3)
    agree_values(grad.asked, [np.asarray(x) for x in walk[:3]], "where the slope was computed")


@checks("gradient_descent", weight=0.35, share=MORE_THAN_HALF)
def test_gd_whole_number(student, rng):
    """If a walk starts at the integer 5, its later positions keep their fractional parts."""
    # From these other starting points, the walk also reaches positions with fractional parts.
    x0 = example(rng, 5, lambda rng: int(rng.choice([6, 7, 9, 10, 11, 12])))
    walk_agrees(student, slope_of_the_parabola, x0, 0.2, 2)


@checks("gradient_descent", weight=0.35, conduct=True)
def test_gd_unchanged(student, rng):
    """Your function doesn't change the starting position, and a second call gives the same walk."""
    start = example(rng, np.array([4.0, -2.0]))
    leaves_unchanged(student.gradient_descent, slope_of_the_parabola, start, 0.25, 1)
    repeatable(student.gradient_descent, slope_of_the_parabola, start, 0.25, 2)


@checks("sgd_step", weight=0.4, share=MORE_THAN_HALF)
def test_sgd_hand(student, rng):
    """In the step worked out by hand in part 2, the weight goes from 180 to 189 and the bias from 0 to 6."""
    params, grads = example(rng, ({"w": 180.0, "b": 0.0}, {"w": -90.0, "b": -60.0}))
    step_agrees(student, params, grads, 0.1)


@checks("sgd_step", weight=0.4, share=MORE_THAN_HALF)
def test_sgd_vals(student, rng):
    """Each of the four arrays in a two-layer network takes a step with its own gradient."""
    shapes = {"W1": (2, 3), "b1": (3,), "W2": (3, 2), "b2": (2,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    grads = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    step_agrees(student, params, grads, 0.1)


@checks("sgd_step", weight=0.4, share=MORE_THAN_HALF)
def test_sgd_lr(student, rng):
    """Each call uses its own learning rate, no matter what earlier calls used. A rate of 0 changes nothing."""
    params, grads = example(rng, ({"w": np.array([180.0, 20.0])}, {"w": np.array([-90.0, 6.0])}))
    for lr in (0.5, 0.0, 0.5):
        step_agrees(student, params, grads, lr)


@checks("sgd_step", weight=0.4, share=MORE_THAN_HALF)
def test_sgd_order(student, rng):
    """You match gradients to parameters by name, no matter what order they're in. An empty set of parameters stays
    empty."""
    for names in (("gamma", "W_q", "embedding"), ()):
        params = {name: rng.normal(size=2) for name in names}
        grads = {name: rng.normal(size=2) for name in reversed(names)}
        step_agrees(student, params, grads, 0.3)


@checks("sgd_step", weight=0.4, conduct=True)
def test_sgd_gradients(student, rng):
    """Taking a step doesn't change the gradients."""
    grads = example(rng, {"w": np.array([-90.0, 6.0]), "b": np.array([-60.0])})
    params = example(rng, {"w": np.array([180.0, 20.0]), "b": np.array([0.0])})
    left = student.sgd_step.answer(params, copy.deepcopy(grads), 0.1).left
    agree_values(left[0][1] if left else grads, grads, "the gradients after the step")


@checks("sgd_step", weight=0.4, conduct=True)
def test_sgd_missing(student, rng):
    """A parameter without a gradient raises KeyError."""
    params, grads = example(rng, ({"w": 180.0, "b": 0.0}, {"w": -90.0}))
    raises(student.sgd_step, params, grads, 0.1, error=KeyError)


@checks("train", weight=0.35, share=MORE_THAN_HALF)
def test_tr_hand(student, rng):
    """In the example worked out in part 3, the losses are 900 and 25, and the model ends up with a weight of 190 and a
    bias of 7."""
    batches = example(rng, [(np.array([1.5]), np.array([300.0])), (np.array([1.0]), np.array([200.0]))])
    training_agrees(student, example(rng, {"w": 180.0, "b": 0.0}), batches, 0.1, house_loss_and_grads)


@checks("train", weight=0.35, share=MORE_THAN_HALF)
def test_tr_len(student, rng):
    """Five batches give five losses. If there are no batches, there are no losses, and the parameters stay the same."""
    for batches in (house_by_house(rng), []):
        training_agrees(student, example(rng, START), batches, 0.1, house_loss_and_grads)


@checks("train", weight=0.35, share=MORE_THAN_HALF)
def test_tr_overfit(student, rng):
    """Twelve steps on the same houses, each starting where the last one ended, bring the loss down from 96,433 to
    623."""
    batches = [example(rng, (SIZES, PRICES))] * 12
    training_agrees(student, {"w": 0.0, "b": 0.0}, batches, 0.1, house_loss_and_grads)


@checks("train", weight=0.1, share=MORE_THAN_HALF)
def test_tr_perfect(student, rng):
    """Training doesn't stop at a loss of 0. It continues with three more houses, whose prices the model guesses
    almost exactly."""
    errors = example(rng, [0.03, -0.02, 0.35], lambda rng: [*rng.uniform(0.01, 0.05, 2), rng.uniform(0.34, 0.37)])
    batches = [(np.array([1.5]), np.array([310.0 + error])) for error in (0.0, *errors)]
    training_agrees(student, {"w": 200.0, "b": 10.0}, batches, 0.1, house_loss_and_grads)


@checks("train", weight=0.35, share=MORE_THAN_HALF)
def test_tr_iterator(student, rng):
    """Batches can come from an iterator, which has no length and can only be read once."""
    training_agrees(student, example(rng, START), house_by_house(rng, 3), 0.1, house_loss_and_grads, given=iter)


@checks("train", weight=0.35, share=MORE_THAN_HALF)
def test_tr_calls(student, rng):
    """Each batch is used once, in the order the batches come in."""
    loss_and_grads, batches = Recorded(house_loss_and_grads), house_by_house(rng, 3)
    training_agrees(student, example(rng, START), batches, 0.1, loss_and_grads)
    agree_values(loss_and_grads.asked, [prices for _, prices in batches], "the prices in each call")


@checks("train", weight=0.35, conduct=True)
def test_tr_unchanged(student, rng):
    """Training doesn't change the list of batches, and training again gives the same losses."""
    batches, params = house_by_house(rng, 2), example(rng, START)
    left = student.train.answer(params, copy.deepcopy(batches), 0.1, house_loss_and_grads).left
    agree_values(left[0][1] if left else batches, batches, "the batches after training")
    repeatable(student.train, params, batches, 0.1, house_loss_and_grads)
