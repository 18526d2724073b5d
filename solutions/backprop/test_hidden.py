"""Hidden and robustness checks of the `backprop` lab, grouped by stub.

This file isn't meant to be read in one sitting.
"""

import numpy as np

from autograder.testing import agree, checks, leaves_unchanged, repeatable
from reference import backprop
from reference.backprop.test_visible import (
    MOST,
    cross_entropy_backward_agrees,
    house_price_gradients_agree,
    linear_backward_agrees,
    mlp_loss_and_grads_agree,
)


def away_from_0(rng, *shape):
    """Draw numbers of either sign with magnitudes from 0.5 to 2, so that no slope is negligible next to another."""
    return rng.uniform(0.5, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def network(rng, inputs, hidden, words):
    """Draw random weights and biases for a network with one hidden layer."""
    shapes = {"W1": (inputs, hidden), "b1": hidden, "W2": (hidden, words), "b2": words}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


# --- numerical_gradient ---


def row_by_row(factors, values):
    """Multiply matching rows and sum the products.

    Passing a flat array doesn't raise an error, so the check can show the wrong slopes.
    """
    return sum(np.sum(by * row) for by, row in zip(factors, values, strict=False))


@checks("numerical_gradient", kind="hidden")
def test_ng_cubic(student, rng):
    """The slope of x cubed is three times x squared."""
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(v**3), rng.uniform(1.5, 2.5, 4))


@checks("numerical_gradient", kind="hidden")
def test_ng_bent_fresh(student, rng):
    """Your slopes are right even if a curve bends sharply near its lowest point."""
    x = 1e-3 * away_from_0(rng, 4)
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: 1000.0 * np.sum(v**2), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_kink(student, rng):
    """A corner in the function near x doesn't affect the slope, because you step no farther than h."""
    x, factors = 0.05 * rng.choice([-1.0, 1.0], size=5), away_from_0(rng, 5)
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(factors * np.abs(v)), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_cross(student, rng):
    """In a product of three numbers, the slope of each is the product of the other two, whatever the step size is."""
    for h in (1e-5, rng.uniform(0.1, 0.3)):
        agree(student.numerical_gradient, backprop.numerical_gradient, np.prod, away_from_0(rng, 3), h)


@checks("numerical_gradient", kind="hidden")
def test_ng_2d(student, rng):
    """For a 2-D array, whether wide, tall or square, the gradient has the same shape, with one slope per entry."""
    for shape in ((2, 3), (3, 2), (2, 2)):
        factors = away_from_0(rng, *shape)
        x = rng.uniform(-1.0, 1.0, size=shape)
        agree(
            student.numerical_gradient, backprop.numerical_gradient, lambda v, by=factors: row_by_row(by, np.sin(v)), x
        )


@checks("numerical_gradient", kind="hidden")
def test_ng_3d(student, rng):
    """A three-dimensional array works like an array with one or two dimensions."""
    factors = away_from_0(rng, 2, 1, 3)
    x = rng.uniform(-1.0, 1.0, size=(2, 1, 3))
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: row_by_row(factors, np.exp(v)), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_layer(student, rng):
    """The function may need x in its original shape, for example if x holds the weights of a layer."""
    inputs, factors = rng.normal(size=(4, 3)), away_from_0(rng, 4, 2)
    x = rng.normal(size=(3, 2))
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(factors * np.tanh(inputs @ v)), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_turned(student, rng):
    """A transposed array works, too, although numpy doesn't store it row by row."""
    x, factors = rng.normal(size=(2, 3)).T, away_from_0(rng, 3, 2)
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(factors * np.sin(v)), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_one(student, rng):
    """An array with a single number works, too."""
    for shape in (1, (1, 1)):
        x = rng.uniform(0.5, 1.5, size=shape)
        agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(np.exp(v)), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_flat(student, rng):
    """If a function is constant, every slope is 0."""
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: 7.5, rng.normal(size=3))


@checks("numerical_gradient", kind="hidden")
def test_ng_sizes(student, rng):
    """An array can hold both numbers around a thousand and numbers around a thousandth."""
    x, factors = rng.permutation([1e3, 1e-3, -2e3, -2e-3]), away_from_0(rng, 4)
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(factors * v), x)


@checks("numerical_gradient", kind="hidden")
def test_ng_step_fresh(student, rng):
    """You use the step size h you're given: a function that rounds to whole units needs large steps."""
    for h in (1.0, 2.0):
        x = rng.permutation([2.0, -3.0, 5.0, 4.0])
        agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.round(np.sum(v**2)), x, h)
    x, factors = 2000.0 + 0.004 * away_from_0(rng, 3), away_from_0(rng, 3)
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: np.sum(factors * np.abs(v - 2000.0)), x)


@checks("numerical_gradient", kind="robustness")
def test_ng_intinput(student, rng):
    """Even if x holds integers, the slopes can be fractional, and small steps aren't rounded to 0."""
    x = rng.permutation([2, -3, 5, 1])
    agree(student.numerical_gradient, backprop.numerical_gradient, lambda v: 0.3 * np.sum(v**2), x)


@checks("numerical_gradient", kind="robustness", conduct=True)
def test_ng_restores(student, rng):
    """The array isn't modified, not even in its last digit."""
    leaves_unchanged(student.numerical_gradient, lambda v: np.sum(v**2), rng.normal(size=(3, 4)))


@checks("numerical_gradient", kind="robustness", conduct=True)
def test_ng_repeat(student, rng):
    """A second call with the same function and numbers gives the same slopes."""
    repeatable(student.numerical_gradient, lambda v: np.sum(v**2), rng.normal(size=4))


# --- house_price_gradients ---


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_one(student, rng):
    """For one house of size 2, with a guess of 10 and a price of 20, the slopes are -40 and -20."""
    house_price_gradients_agree(student, 3.0, 4.0, np.array([2.0]), np.array([20.0]))


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_num(student, rng):
    """Your slopes agree with torch's for other weights and biases too, and for any number of houses."""
    for houses in (2, 5, 8):
        sizes, prices = rng.uniform(1.0, 3.0, size=houses), rng.uniform(2.0, 6.0, size=houses)
        house_price_gradients_agree(student, *away_from_0(rng, 2), sizes, prices)


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_usd(student, rng):
    """With sizes in square feet and prices in dollars, your slopes are accurate, including the small one for the
    bias."""
    sizes = rng.uniform(500.0, 2500.0, size=6)
    prices = 230.0 * sizes + rng.uniform(5_000.0, 40_000.0, size=6)
    house_price_gradients_agree(student, 190.0, 2_500.0, sizes, prices, tail=True)


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_mixed(student, rng):
    """If the guess is too high for some houses and too low for others, each house contributes its own error."""
    sizes = rng.permutation([0.5, 1.0, 2.0, 4.0])
    prices = 1.5 * sizes + rng.permutation([-6.0, -0.1, 0.2, 2.0])
    house_price_gradients_agree(student, 1.5, 0.0, sizes, prices)


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_bias_fresh(student, rng):
    """The bias is part of the guess, so a bias that's far off affects both slopes."""
    sizes = rng.uniform(0.5, 1.5, size=4)
    house_price_gradients_agree(student, 2.0, 5.0, sizes, 2.0 * sizes)


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_mean(student, rng):
    """If you list the same houses twice, you get the same slopes."""
    sizes, prices = rng.uniform(1.0, 3.0, size=3), rng.uniform(2.0, 6.0, size=3)
    for times in (1, 2):
        listed = np.tile(sizes, times), np.tile(prices, times)
        house_price_gradients_agree(student, 0.5, 0.25, *listed)


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_untrained(student, rng):
    """Your slopes are right even before training, when the weight and bias are 0."""
    sizes, prices = rng.uniform(1.0, 3.0, size=4), rng.uniform(2.0, 6.0, size=4)
    house_price_gradients_agree(student, 0.0, 0.0, sizes, prices)


@checks("house_price_gradients", kind="hidden", share=MOST)
def test_hp_nearly(student, rng):
    """If every guess is nearly right, the slopes are small but not rounded to 0."""
    sizes = rng.uniform(1.0, 3.0, size=5)
    prices = 2.0 * sizes - rng.uniform(0.02, 0.05, size=5)
    house_price_gradients_agree(student, 2.0, 0.0, sizes, prices, tail=True)


@checks("house_price_gradients", kind="robustness", share=MOST)
def test_hp_integers(student, rng):
    """Sizes, prices, weight and bias can all be integers even when the slopes aren't."""
    sizes, prices = rng.permutation([1, 2, 4, 3]), rng.permutation([5, 2, 8, 7])
    house_price_gradients_agree(student, 2, 1, sizes, prices)
    house_price_gradients_agree(student, 1.3, 0.2, sizes, prices)


@checks("house_price_gradients", kind="robustness", conduct=True)
def test_hp_pure(student, rng):
    """The sizes and prices aren't modified."""
    leaves_unchanged(student.house_price_gradients, 1.5, 0.5, rng.normal(size=4), rng.normal(size=4))


@checks("house_price_gradients", kind="robustness", conduct=True)
def test_hp_repeat(student, rng):
    """A second call with the same houses gives the same slopes."""
    repeatable(student.house_price_gradients, 1.5, 0.5, rng.normal(size=4), rng.normal(size=4))


# --- cross_entropy_backward ---


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_num(student, rng):
    """Your slopes agree with torch's for other batches too, whether they're tall or wide."""
    for rows, words in ((5, 4), (3, 7)):
        targets = rng.integers(0, words, size=rows)
        logits = rng.normal(scale=2.0, size=(rows, words))
        cross_entropy_backward_agrees(student, logits, targets)


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_square(student, rng):
    """You don't mix up rows and words, even when there's the same number of each."""
    logits = rng.normal(scale=2.0, size=(4, 4))
    cross_entropy_backward_agrees(student, logits, np.array([1, 3, 0, 1]))


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_one(student, rng):
    """If the batch has only one row, its slopes are divided by 1."""
    for word in (0, 4):
        cross_entropy_backward_agrees(student, rng.normal(size=(1, 6)), np.array([word]))


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_same_word(student, rng):
    """If the same word is right in every row, each row still has its own slope there."""
    logits = rng.normal(size=(4, 3))
    for word in (0, 2):
        cross_entropy_backward_agrees(student, logits, np.full(4, word))


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_mean(student, rng):
    """If a batch contains every row twice, each row's slopes are half as large."""
    logits, targets = rng.normal(size=(3, 4)), rng.integers(0, 4, size=3)
    for times in (1, 2):
        listed = np.tile(logits, (times, 1)), np.tile(targets, times)
        cross_entropy_backward_agrees(student, *listed)


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_sure(student, rng):
    """In a row where the model is certain and right, the slopes are 0. Where it's certain and wrong, one slope is
    positive and one is negative."""
    logits = np.array([[30.0, 0.0, 1.0], [30.0, 0.0, 1.0], [-40.0, 2.0, 40.0], [-40.0, 2.0, 40.0]])
    cross_entropy_backward_agrees(student, logits, np.array([0, 1, 0, 2]))


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_shift(student, rng):
    """Adding the same number to all logits doesn't change any slope."""
    logits, targets = rng.normal(size=(3, 4)), rng.integers(0, 4, size=3)
    for shift in (12.0, -12.0):
        cross_entropy_backward_agrees(student, logits + shift, targets)


@checks("cross_entropy_backward", kind="hidden", share=MOST)
def test_ceb_rows_far_apart(student, rng):
    """A batch can have one row with logits around 0 and another with logits around 2000."""
    logits = rng.normal(loc=[[0.0], [2000.0]], size=(2, 4))
    # In float32, a number around 2000 is off by up to 6e-5, and so is the log-sum-exp that's subtracted from it.
    cross_entropy_backward_agrees(student, logits, np.array([3, 1]), atol=3e-4)


@checks("cross_entropy_backward", kind="robustness", share=MOST)
def test_ceb_big(student, rng):
    """If a wrong word has a logit of 1000, all slopes are finite, including those of the other rows."""
    logits = np.vstack([[1000.0, 0.0, 0.0], rng.normal(size=(2, 3))])
    cross_entropy_backward_agrees(student, logits, np.array([1, 0, 2]))


@checks("cross_entropy_backward", kind="robustness", share=MOST)
def test_ceb_very_negative(student, rng):
    """Rows of very negative logits give finite slopes, and nothing is divided by 0."""
    logits = rng.normal(loc=[[0.0], [-1000.0]], size=(2, 3))
    # As with rows far apart, but the numbers are half as large.
    cross_entropy_backward_agrees(student, logits, np.array([2, 0]), atol=1.5e-4)


@checks("cross_entropy_backward", kind="robustness", share=MOST)
def test_ceb_one_word(student, rng):
    """If the vocabulary has only one word, there's nothing to learn, and every slope is 0."""
    cross_entropy_backward_agrees(student, rng.normal(size=(3, 1)), np.zeros(3, int))


@checks("cross_entropy_backward", kind="robustness", share=MOST)
def test_ceb_integers(student, rng):
    """The logits can be integers even though the slopes aren't."""
    logits, targets = rng.integers(-3, 4, size=(3, 4)), rng.integers(0, 4, size=3)
    cross_entropy_backward_agrees(student, logits, targets)


@checks("cross_entropy_backward", kind="robustness", conduct=True)
def test_ceb_pure(student, rng):
    """The logits and targets aren't modified."""
    leaves_unchanged(student.cross_entropy_backward, rng.normal(size=(3, 4)), np.array([2, 0, 3]))


@checks("cross_entropy_backward", kind="robustness", conduct=True)
def test_ceb_repeat(student, rng):
    """A second call with the same batch gives the same slopes."""
    repeatable(student.cross_entropy_backward, rng.normal(size=(3, 4)), np.array([2, 0, 3]))


# --- linear_backward ---


def layer(rng, examples, inputs, outputs):
    """Return the arguments of linear_backward for a layer: grad_out, the inputs and the weights."""
    return [away_from_0(rng, *shape) for shape in ((examples, outputs), (examples, inputs), (inputs, outputs))]


@checks("linear_backward", kind="hidden", share=MOST)
def test_lb_num(student, rng):
    """Your gradients agree with torch's for other layers too, whether they have more outputs than inputs or fewer."""
    for sizes in ((5, 3, 4), (3, 6, 2)):
        linear_backward_agrees(student, *layer(rng, *sizes))


@checks("linear_backward", kind="hidden", share=MOST)
def test_lb_square(student, rng):
    """You don't mix up examples, inputs and outputs, even when there are three of each."""
    linear_backward_agrees(student, *layer(rng, 3, 3, 3))


@checks("linear_backward", kind="hidden", share=MOST)
def test_lb_one_example(student, rng):
    """For a batch of one example, the gradients keep their shapes."""
    linear_backward_agrees(student, *layer(rng, 1, 4, 3))


@checks("linear_backward", kind="hidden", share=MOST)
def test_lb_one_output(student, rng):
    """A layer with one neuron or one input works, too."""
    for sizes in ((4, 3, 1), (4, 1, 3), (1, 1, 1)):
        linear_backward_agrees(student, *layer(rng, *sizes))


@checks("linear_backward", kind="hidden", share=MOST)
def test_lb_silent(student, rng):
    """If an example's slopes in grad_out are 0, so are those in grad_X, and it adds nothing to grad_W or grad_b."""
    grad_out, X, W = layer(rng, 4, 3, 2)
    grad_out[[0, 2]] = 0.0
    linear_backward_agrees(student, grad_out, X, W)


@checks("linear_backward", kind="hidden", share=MOST)
def test_lb_twice(student, rng):
    """If a batch contains every example twice, the gradients for the weights and biases double, because they add up
    over the examples."""
    grad_out, X, W = layer(rng, 3, 4, 2)
    for times in (1, 2):
        linear_backward_agrees(student, np.tile(grad_out, (times, 1)), np.tile(X, (times, 1)), W)


@checks("linear_backward", kind="robustness", share=MOST)
def test_lb_integers(student, rng):
    """The inputs and weights can be integers, whether or not their gradients are."""
    grad_out, X, W = layer(rng, 4, 3, 2)
    linear_backward_agrees(student, grad_out, *(np.rint(3 * each).astype(int) for each in (X, W)))
    agree(
        student.linear_backward,
        backprop.linear_backward,
        *(np.rint(3 * each).astype(int) for each in layer(rng, 3, 2, 4)),
    )


@checks("linear_backward", kind="robustness", share=MOST)
def test_lb_zero_weights(student, rng):
    """If the weights are 0, so is the gradient for the inputs, but the gradient for the weights usually isn't."""
    grad_out, X, W = layer(rng, 3, 2, 4)
    linear_backward_agrees(student, grad_out, X, 0.0 * W)


@checks("linear_backward", kind="robustness", conduct=True)
def test_lb_pure(student, rng):
    """The arrays grad_out, X and W aren't modified."""
    leaves_unchanged(student.linear_backward, *layer(rng, 4, 3, 2))


@checks("linear_backward", kind="robustness", conduct=True)
def test_lb_repeat(student, rng):
    """A second call with the same layer gives the same gradients."""
    repeatable(student.linear_backward, *layer(rng, 4, 3, 2))


# --- mlp_loss_and_grads ---


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_num(student, rng):
    """Your loss and every parameter's gradient agree with torch's for other networks too."""
    for examples, inputs, hidden, words in ((6, 3, 5, 4), (4, 2, 7, 3)):
        params, X = network(rng, inputs, hidden, words), rng.normal(size=(examples, inputs))
        targets = rng.integers(0, words, size=examples)
        mlp_loss_and_grads_agree(student, params, X, targets)


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_square(student, rng):
    """You don't mix up the axes, even when they all have length 4."""
    params, X = network(rng, 4, 4, 4), rng.normal(size=(4, 4))
    mlp_loss_and_grads_agree(student, params, X, np.array([2, 0, 3, 2]))


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_one(student, rng):
    """For a batch of one example, all the gradients keep their shapes."""
    params, X = network(rng, 3, 5, 4), rng.normal(size=(1, 3))
    # The target is the second most likely token. If the model were almost sure of the target, float32 couldn't tell its
    # probability from 1.
    logits = np.maximum(X @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]
    mlp_loss_and_grads_agree(student, params, X, np.argsort(logits, axis=1)[:, -2])


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_off_and_on(student, rng):
    """A neuron that's off for all examples gets slopes of 0, and a neuron that's always on lets the whole gradient
    through."""
    params = network(rng, 3, 4, 3)
    params["b1"][rng.permutation(4)[:2]] = -20.0, 20.0
    targets = rng.integers(0, 3, size=5)
    mlp_loss_and_grads_agree(student, params, rng.normal(size=(5, 3)), targets)


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_fresh_start(student, rng):
    """If the weights are tiny, as at the start of training, neurons that are barely on still let the gradient
    through."""
    params = {name: 1e-3 * value for name, value in network(rng, 3, 6, 4).items()}
    X, targets = rng.uniform(-0.5, 0.5, size=(5, 3)), np.array([1, 3, 0, 1, 1])
    mlp_loss_and_grads_agree(student, params, X, targets)


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_mean(student, rng):
    """If a batch contains every example twice, you get the same loss and gradients as with one copy of each."""
    params, X, targets = network(rng, 3, 5, 4), rng.normal(size=(3, 3)), rng.integers(0, 4, size=3)
    for times in (1, 2):
        listed = np.tile(X, (times, 1)), np.tile(targets, times)
        mlp_loss_and_grads_agree(student, params, *listed)


@checks("mlp_loss_and_grads", kind="hidden", share=MOST)
def test_mlg_twice(student, rng):
    """A second call, with the same batch or a different one, starts from scratch."""
    params, targets = network(rng, 3, 4, 5), rng.integers(0, 5, size=2)
    first, second = rng.normal(size=(2, 2, 3))
    for X in (first, second, second):
        mlp_loss_and_grads_agree(student, params, X, targets)


@checks("mlp_loss_and_grads", kind="robustness", share=MOST)
def test_mlg_big(student, rng):
    """The loss and gradients are finite even if the network is certain of the wrong words, with logits in the
    thousands."""
    params, X = network(rng, 3, 4, 3), rng.normal(size=(4, 3))
    params["W2"] *= 1000.0
    params["b2"] = rng.permutation([1000.0, 0.0, -1000.0])
    logits = np.maximum(X @ params["W1"] + params["b1"], 0.0) @ params["W2"] + params["b2"]
    mlp_loss_and_grads_agree(student, params, X, logits.argmin(axis=1))


@checks("mlp_loss_and_grads", kind="robustness", share=MOST)
def test_mlg_order(student, rng):
    """The parameters can be in the dict in any order."""
    params = dict(reversed(network(rng, 3, 4, 2).items()))
    targets = rng.integers(0, 2, size=5)
    mlp_loss_and_grads_agree(student, params, rng.normal(size=(5, 3)), targets)


@checks("mlp_loss_and_grads", kind="robustness", share=MOST)
def test_mlg_narrow(student, rng):
    """The smallest network, with one input, one hidden neuron and two words, works too."""
    params, X = network(rng, 1, 1, 2), rng.normal(size=(4, 1))
    params["b1"] += 1.0
    mlp_loss_and_grads_agree(student, params, X, np.array([0, 1, 1, 0]))


@checks("mlp_loss_and_grads", kind="robustness", share=MOST)
def test_mlg_integers(student, rng):
    """X can be an array of integers."""
    params, X = network(rng, 3, 4, 3), rng.integers(-3, 4, size=(4, 3))
    mlp_loss_and_grads_agree(student, params, X, np.array([0, 2, 1, 1]))


@checks("mlp_loss_and_grads", kind="robustness", conduct=True)
def test_mlg_pure(student, rng):
    """Weights, biases, examples and targets aren't modified."""
    leaves_unchanged(student.mlp_loss_and_grads, network(rng, 3, 4, 3), rng.normal(size=(2, 3)), np.array([2, 0]))


@checks("mlp_loss_and_grads", kind="robustness", conduct=True)
def test_mlg_repeat(student, rng):
    """A second call with the same network and batch gives the same loss and gradients."""
    repeatable(student.mlp_loss_and_grads, network(rng, 3, 4, 3), rng.normal(size=(2, 3)), np.array([2, 0]))
