# %% [markdown]
# # Lab 5: Gradient descent and the training loop
#
# **About 60 minutes.** Builds on lab 1 (weights), lab 3 (the loss) and lab 4 (slopes, also called gradients). What is
# needed of them is given to you here, so nothing depends on your own notebooks of those labs.
#
# The pieces are all there: a model guesses, a loss says how wrong the guess was, and backpropagation finds for every
# weight the slope of the loss. What is missing is the step that makes the model better, and the patience to take it
# again and again. In this lab you write both. At the end your loop will have found the lesson's 200 USD per square foot
# by itself, and trained a small language model.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `gradient_descent` | how do I walk down into a valley? | 20 |
# | 2 | `sgd_step` | how do all weights take a step at once? | 15 |
# | 3 | `train` | how does a model learn from many examples? | 25 |
#
# Write your answer where a cell says so, run it, look at your result, and run the check below it. Checks tell you at
# once what is wrong; more of them run when you submit.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, play, progress, show, solved
from autograder.given import house_price_gradients, mlp_loss_and_grads, mse_loss

# Eight houses: sizes in thousands of square feet, prices in thousands of USD.
sizes = np.array([0.8, 1.0, 1.25, 1.5, 1.75, 2.0, 2.2, 2.5])
prices = np.array([155.0, 214.0, 243.0, 310.0, 336.0, 411.0, 436.0, 505.0])

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## 1. Down into the valley
#
# **Why.** You stand on a hillside in thick fog and want to get down to the lowest point. You cannot see the valley, but
# you can feel how the ground slopes under your feet. So you take a small step downhill, feel again, take another step.
# A loss is such a hillside: its height is how wrong the model is, and your place on it is the weight.
#
# **Formula.** The slope at $x$ is written $\text{grad}(x)$. It is positive where the ground rises to the right, so it
# points *uphill*, and the step goes against it:
#
# $$x_{k+1} = x_k - \text{lr} \cdot \text{grad}(x_k)$$
#
# The *learning rate* lr is a small number that says how boldly to step. Steep ground makes a long step, level ground a
# short one, and at the bottom, where the slope is 0, the walk stands still by itself.
#
# **By hand.** The valley $(x - 3)^2$ has its bottom at 3 and the slope $2(x - 3)$. Start at 0 with lr = 0.1:
#
# | step | place | slope there | next place |
# |---|---|---|---|
# | 1 | 0 | 2 · (0 − 3) = −6 | 0 − 0.1 · (−6) = 0.6 |
# | 2 | 0.6 | −4.8 | 0.6 + 0.48 = 1.08 |
# | 3 | 1.08 | −3.84 | 1.08 + 0.384 = 1.464 |
#
# Three steps, four places: (0, 0.6, 1.08, 1.464). What is left of the way shrinks to 80 % with each step, so the walk
# comes as close to 3 as one likes. With lr = 1.1 it would jump from 0 to 6.6, then to −1.32, then to 8.184: each step
# overshoots the bottom by more than it was away from it. Your function does nothing against that. It takes exactly
# the steps that it is told to take; whoever called it will see what happens.
#
# **Functions as arguments.** `grad` is a function that is handed over like a number. Call it with a place, `grad(x)`,
# and it gives the slope there. For a large model a slope costs a lot of computing, so ask once for each step, and not
# once more at the end, where no step follows.
#
# **A trap.** The start may also be an array, a place on a map with several directions; the formula is the same. But
# `x -= …` changes an array in place, also where it stands in your list already, and then all places of the walk turn
# into the last one. `x = x - …` makes a new array.

# %%
picture("valley")

# %%
play("learning_rate")


# %%
def gradient_descent(grad, x0, lr, steps):
    """All places of a walk downhill.

    grad: function that takes a place and gives the slope there, in the shape of x0. It
        is called exactly once for each step.
    x0: the start: a number, or an array of shape (D,). It is left as it is.
    lr: number, the learning rate.
    steps: int, 0 or more.
    Returns the places in order, a list (or an array) of steps + 1 entries, x0 first.
    Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    positions = [x0]
    for _ in range(steps):
        x = positions[-1]
        positions.append(x - lr * grad(x))
    return positions
    ### END SOLUTION


# %% [markdown]
# **Look.** The hillside is the mean squared error of the house-price neuron, for every weight from 60 to 340 USD per
# square foot (without a bias). Two of your walks start at the weight 100. With lr = 0.05 the dots should go down the
# left side in ever shorter steps and end just below 200. With lr = 0.32 they jump from one side to the other and come
# down far more slowly, though the steps are larger. Beyond 0.34 they would climb out.
#
# *More precisely.* Walking downhill leads to *a* bottom. A hillside with several valleys has several, and which one is
# reached depends on the start. Nobody promises that it is the lowest.


# %%
def slope_of_the_loss(weight):
    return house_price_gradients(weight, 0.0, sizes, prices)[0]


def loss_at(weight):
    return mse_loss(weight * sizes, prices)


if np.shape(solved(gradient_descent, slope_of_the_loss, 100.0, 0.05, 12)) == (13,):
    hillside = np.linspace(60.0, 340.0, 71)
    figure, axes = plt.subplots()
    axes.plot(hillside, [loss_at(weight) for weight in hillside], color="grey", label="hillside")
    for lr, style in ((0.32, "x:"), (0.05, "o-")):
        walk = np.array(gradient_descent(slope_of_the_loss, 100.0, lr, 12))
        axes.plot(walk, [loss_at(weight) for weight in walk], style, label=f"learning rate {lr}")
    axes.set(xlabel="weight (USD per sqft)", ylabel="loss (mean squared error)")
    axes.legend()
    show(
        figure,
        "The loss for weights from 60 to 340 is a valley with its bottom near 200, and two walks begin at "
        "100. With a learning rate of 0.05 the walk should go down the left side in ever shorter steps. With "
        "0.32 it jumps from side to side, and comes down far more slowly.",
    )

# %%
check("gradient_descent")

# %% [markdown]
# ## 2. All weights at once
#
# **Why.** A model has many numbers to learn: tables of weights and lists of biases, layer by layer. Together they are
# its *parameters*. Each of them has its own slope, and all of them step at the same time. There is no other trick; it
# is the same formula, once for each number.
#
# **Formula.** Parameters are kept in a dict with a name for each array, and their gradients in another dict with the
# same names:
#
# $$p \leftarrow p - \text{lr} \cdot g \qquad\text{for each parameter } p \text{ with its gradient } g$$
#
# **By hand.** Parameters `{"w": 180.0, "b": 0.0}`, gradients `{"w": -90.0, "b": -60.0}`, lr = 0.1. Then w becomes
# 180 − 0.1 · (−90) = **189**, and b becomes 0 − 0.1 · (−60) = **6**.
#
# **Two ways, both right.** You may return a new dict, or write the new values into `params` itself; then you need not
# return anything. Only one thing does nothing at all: giving the new value to a name inside your loop, `p = p - …`, and
# leaving it at that. The gradients are not yours to change.
#
# If a parameter has no gradient, something went wrong earlier on. Do not pass over it in silence: looking up a missing
# name in a dict raises a `KeyError`, and that is just right.
#
# *More precisely.* The step of training that "adjusts the weights" is often called backpropagation. Two things share
# that work: backpropagation *finds* the gradients (lab 4), and gradient descent *uses* them, as you do here.
#
# The name: *SGD* stands for *stochastic gradient descent*. Stochastic means by chance, for the gradients come from a
# few examples at a time, and which ones is chance. That is part 3.


# %%
def sgd_step(params, grads, lr):
    """One step of gradient descent for all parameters.

    params: dict from names to float arrays of any shape, or numbers. It may be changed
        in place.
    grads: dict with the gradient of each parameter under the same name, in the same
        shape. The order of the names may differ. It is left as it is.
    lr: number, the learning rate.
    Returns a dict of the same names with each parameter less lr times its gradient; or
    None, if params itself holds the new values.
    Raises KeyError if a parameter has no gradient.
    """
    ### BEGIN SOLUTION
    return {name: param - lr * grads[name] for name, param in params.items()}
    ### END SOLUTION


# %% [markdown]
# **Look.** The step that was done by hand above: 189 and 6.

# %%
start = {"w": 180.0, "b": 0.0}
params = dict(start)
stepped = solved(sgd_step, params, {"w": -90.0, "b": -60.0}, 0.1)
if stepped is not None or params != start:
    print("after the step:", params if stepped is None else stepped)

# %%
check("sgd_step")

# %% [markdown]
# ## 3. The training loop
#
# **Why.** One step makes a model a little better. Training is that step, very often. And because nobody can look at all
# examples of the world before each step, every step looks at a handful of them, a *batch*.
#
# **The five steps.** For each batch:
#
# 1. make predictions (the forward pass),
# 2. work out the loss: how wrong were they?
# 3. work out the gradients: in which direction does the loss grow?
# 4. update the parameters: a step against the gradients,
# 5. repeat with the next batch.
#
# The first three come from a function that knows the model, `loss_and_grads`. You call it with the parameters, the
# batch's inputs X and its right answers y, and it gives a pair: the loss, and the dict of gradients. So your loop does
# not need to know whether it trains a neuron with one weight or a language model; that is the beauty of it.
#
# **What to keep.** The loss of every batch, in order, as it was *before* the step of that batch: it belongs to the
# parameters that made the guess. Do not ask for it again afterwards, for each call is a lot of computing. The losses
# will not always fall from one to the next, since some batches are harder than others. Tell them as they come.
#
# **By hand.** A neuron with the weight 180 and no bias, lr = 0.1, two batches of one house each (sizes in thousands of
# square feet, prices in thousands of USD, so that the weight is still in USD per square foot):
#
# | | batch 1: size 1.5, price 300 | batch 2: size 1, price 200 |
# |---|---|---|
# | parameters before | w = 180, b = 0 | w = 189, b = 6 |
# | prediction | 180 · 1.5 + 0 = 270 | 189 · 1 + 6 = 195 |
# | error | 270 − 300 = −30 | −5 |
# | loss | 900 | 25 |
# | gradient of w: 2 · error · size | −90 | −10 |
# | gradient of b: 2 · error | −60 | −10 |
# | parameters after | w = 189, b = 6 | **w = 190, b = 7** |
#
# The losses are **(900, 25)**. Batch 2 met the parameters that batch 1 had left behind.
#
# **Batches come in many forms.** In a list, or one after the other from an iterator that does not know how many there
# will be and can be gone through only once. A `for` loop over them works for all of these; `len(batches)` and
# `batches[0]` do not.


# %%
def train(params, batches, lr, loss_and_grads):
    """Train a model: one step for each batch, once, in the order in which they come.

    You may call your sgd_step; a mistake in it then counts here too.

    params: dict from names to float arrays or numbers, the parameters to start from. It
        may be changed in place.
    batches: list of pairs (X, y), or an iterator that gives such pairs; maybe none. The
        pairs are left as they are.
    lr: number, the learning rate.
    loss_and_grads: function that takes (params, X, y) and gives a pair: the loss of
        that batch, a number, and its gradients, a dict with the names of params. It is
        called once for each batch.
    Returns a pair (params, losses): the parameters after the last step, and a list (or
    array) with the loss of each batch before its step. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    # params = sgd_step(params, grads, lr) is as right; a mistake there would then cost points here
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: param - lr * grads[name] for name, param in params.items()}
        losses.append(loss)
    return params, losses
    ### END SOLUTION


# %%
check("train")

# %% [markdown]
# **Look: the house-price neuron learns.** It starts with a weight of 0 and a bias of 0, so it thinks that all houses
# are free. The eight houses are dealt out in two batches of four, which take turns 100 times. The loss should fall
# steeply at first and then slowly, with a jitter between the two batches. It does not reach 0, because no straight line
# goes through all eight houses. Nobody has told it about the 200 USD per square foot. It should have found about 203,
# and a bias of 2 thousand USD.


# %%
def house_loss_and_grads(params, sizes, prices):
    loss = mse_loss(params["w"] * sizes + params["b"], prices)
    dw, db = house_price_gradients(params["w"], params["b"], sizes, prices)
    return loss, {"w": dw, "b": db}


def trained(*args):
    """What train gives for these arguments; None for both, where that is no dict and list of numbers."""
    result = solved(train, *args)
    whole = isinstance(result, tuple | list) and len(result) == 2 and isinstance(result[0], dict)
    return result if whole and np.ndim(result[1]) == 1 else (None, None)


batches = [(sizes[::2], prices[::2]), (sizes[1::2], prices[1::2])] * 100
learned, losses = trained({"w": 0.0, "b": 0.0}, batches, 0.1, house_loss_and_grads)
if learned is not None:
    print(f"learned: {learned['w']:.1f} USD per square foot, and a bias of {learned['b']:.1f} thousand USD")
    figure, axes = plt.subplots()
    axes.semilogy(losses, ".-")
    axes.set(xlabel="step", ylabel="loss (mean squared error)")
    show(
        figure,
        "The loss at each of 200 steps, on a scale of powers of ten. It should fall steeply at first and then "
        "level off above 0, with a jitter between the two batches.",
    )

# %% [markdown]
# Training is not programming: there is no 200 in the code. With the houses of another city the same lines would find
# another weight.
#
# *Why thousands?* In plain square feet the hillside is a million times as steep in the weight as it is now, and as flat
# as before in the bias. A learning rate small enough for the one would take forever for the other. Scaling inputs to
# about 1 is the first thing to do in any training.
#
# **Look: a language model learns.** The same loop, another model: a network with one hidden layer gets one word and
# gives a score to each word that could come next, and the loss is the cross-entropy of lab 3. `mlp_loss_and_grads` is
# given from lab 4. Its loss should start near ln 12 = 2.48 (twelve words, all alike) and come down to about 0.64. The
# dashed line at 0.63 is what a table gets that has counted which word follows which in this text. No model that sees
# a single word can do better, so the network has learned all there is to learn, from nothing but its mistakes.

# %%
text = (
    "the cat sat on the mat . the cat sat on the floor . the dog sat on the mat . "
    "the dog lay on the floor . the cat lay on the table . the bird sat on the roof ."
)
words = sorted(set(text.split()))
ids = np.array([words.index(word) for word in text.split()])
seen, follows = np.eye(len(words))[ids[:-1]], ids[1:]

rng = np.random.default_rng(0)
network = {
    "W1": rng.normal(scale=0.5, size=(len(words), 16)),
    "b1": np.zeros(16),
    "W2": rng.normal(scale=0.1, size=(16, len(words))),
    "b2": np.zeros(len(words)),
}
learned, losses = trained(network, [(seen, follows)] * 300, 0.5, mlp_loss_and_grads)
if learned is not None:
    figure, axes = plt.subplots()
    axes.plot(losses, label="your training loop")
    axes.axhline(np.log(len(words)), linestyle=":", color="grey", label="all words alike")
    axes.axhline(0.626, linestyle="--", color="grey", label="pairs counted")
    axes.set(xlabel="step", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "The loss of the language model over 300 steps. It should start near the dotted line at 2.48 nats, "
        "where all words are equally likely, and come down almost to the dashed one at 0.63, what counting "
        "pairs of words gets.",
    )

# %% [markdown]
# Large language models are trained by this loop. They have billions of weights instead of some hundred, and each of
# their batches holds millions of tokens. Refinements of the step (Adam is the best known) remember earlier gradients
# and give each weight a learning rate of its own.
#
# *More precisely.* One reads that the loop runs "trillions of times". Trillions is the number of *tokens* that large
# models are trained on. Because a batch holds millions of them, the number of steps is far smaller: hundreds of
# thousands, or a few millions.
#
# ## What you have now
#
# - **A gradient points uphill**; gradient descent steps against it, and the learning rate says how far.
# - **Too small a learning rate** takes forever, **too large a one** climbs out of the valley.
# - **Training is five steps**: predict, loss, gradients, update, repeat. It is the same loop for one weight and for
#   billions.
# - **Nobody writes the rules**: the weights come out of the examples.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit training` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** a trained model gives probabilities. Lab 6, `sampler`, picks a word.
