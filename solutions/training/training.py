# %% [markdown]
# # Lab 5: Gradient descent and the training loop
#
# **About 65 minutes.** Builds on lab 1 (weights), lab 3 (the loss) and lab 4 (slopes, or gradients). You're given
# working versions of what you need from them, so nothing depends on your own notebooks. New terms are in *italics*;
# the [glossary](../glossary/glossary.ipynb) explains them all.
#
# You have almost everything: a model that guesses, a loss that says how wrong the guess was, and backpropagation,
# which finds the slope of the loss for every weight. What's missing is the step that improves the model, and the loop
# that repeats it. You'll write both in this lab. By the end, your loop will have learned from eight houses that a
# square foot costs about 203 dollars, close to the 200 dollars on [page 0](../lesson/lesson.ipynb). It will also have
# trained a small language model.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `gradient_descent` | how do I walk down into a valley? | 23 |
# | 2 | `sgd_step` | how do all the weights take a step at once? | 11 |
# | 3 | `train` | how does a model learn from many examples? | 31 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, play, progress, show, solved
from autograder.given import house_price_gradients, mlp_loss_and_grads, mse_loss

# Eight houses: sizes in thousands of square feet, prices in thousands of USD.
sizes = np.array([0.8, 1.0, 1.25, 1.5, 1.75, 2.0, 2.2, 2.5])
prices = np.array([155.0, 214.0, 243.0, 310.0, 336.0, 411.0, 436.0, 505.0])

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. Down into the valley
#
# **Why.** You're on a hillside in thick fog, and you want to get down to the lowest point. You can't see the valley,
# but you can feel the slope under your feet. So you take a small step downhill, feel again, and take another. A loss
# is a hillside like that: the height is how wrong the model is, and your position is the weight.
#
# **Formula.** The slope at $x$ is written $\text{grad}(x)$. It's positive where the ground rises to the right, so it
# points *uphill*, and you step against it:
#
# $$x_{k+1} = x_k - \text{lr} \cdot \text{grad}(x_k)$$
#
# The *learning rate* lr is a small number that says how big the steps are. Steps are long on steep ground and short
# on nearly level ground. At the bottom, where the slope is 0, the walk stops on its own. The model doesn't learn the
# learning rate. You choose it. A setting like that is called a *hyperparameter*.
#
# **By hand.** The valley $(x - 3)^2$ has its bottom at 3, and its slope at $x$ is $2(x - 3)$. Start at 0 with lr =
# 0.1:
#
# | step | position | slope there | next position |
# |---|---|---|---|
# | 1 | 0 | 2 · (0 − 3) = −6 | 0 − 0.1 · (−6) = 0.6 |
# | 2 | 0.6 | −4.8 | 0.6 + 0.48 = 1.08 |
# | 3 | 1.08 | −3.84 | 1.08 + 0.384 = 1.464 |
#
# That's three steps and four positions: (0, 0.6, 1.08, 1.464). Each step leaves 80% of the remaining distance, so the
# walk gets closer and closer to 3. With lr = 1.1 it would jump from 0 to 6.6, then to −1.32, then to 8.184: each step
# overshoots the bottom and lands farther away than before. Your function doesn't try to prevent that. It takes
# exactly the steps it's told to take, so the caller can see what happens.
#
# **Functions as arguments.** `grad` is a function, passed to yours like any other argument. Call `grad(x)` with a
# position, and it returns the slope there. For a large model, each slope is expensive to compute, so call `grad`
# exactly once per step, and not again after the last step.
#
# **Watch out.** The starting point can also be an array: a position with several coordinates. The formula is the
# same: one call to `grad` returns the slope along every coordinate, and you update all the coordinates at once. In a
# tilted valley, the slope along one coordinate depends on the others, so don't call `grad` again when you've updated
# only some of them. Collect the positions in a list: `np.zeros(steps + 1)` only has room for one number per position.
# And `x -= …` changes an array in place. The positions already in your list would be that same array, so all of them
# would end up equal to the last one. `x = x - …` makes a new array.
#
# **More precisely.** Walking downhill takes you to *a* bottom. If there are several valleys, the starting point
# decides which one you reach, and it might not be the deepest.
#
# The picture shows the three steps from *By hand*: they get shorter as the ground gets flatter. The panel below it
# runs gradient descent on the loss of the house-price neuron. Try learning rates of 0.02, 0.15, 0.3 and 0.35.

# %%
picture("valley")

# %%
play("learning_rate")


# %%
def gradient_descent(grad, x0, lr, steps):
    """Return every position that gradient descent visits.

    grad: function that takes a position and returns the slope there, with the shape of
        x0. It's called exactly once per step.
    x0: the starting position, a number or an array of shape (D,). Not modified.
    lr: number, the learning rate.
    steps: int, 0 or more.
    Returns the positions in order, as a list (or an array) of steps + 1 entries, x0
    first.
    """
    ### BEGIN SOLUTION
    positions = [x0]
    for _ in range(steps):
        x = positions[-1]
        positions.append(x - lr * grad(x))
    return positions
    ### END SOLUTION


# %% [markdown]
# **See it.** The hillside is the mean squared error of the house-price neuron, for every weight from 60 to 340
# dollars per square foot (without a bias). The plot shows two of your function's walks, both starting at a weight of
# 100. With lr = 0.05, the dots should go down the left side in shorter and shorter steps and end just below 200. With
# lr = 0.32, they jump from one side to the other and come down far more slowly, even though the steps are bigger.
# With lr above 0.34, the dots would climb out of the valley.


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
        "The loss for weights from 60 to 340 is a valley with its bottom near 200, and two walks start at 100. With "
        "a learning rate of 0.05, the walk should go down the left side in shorter and shorter steps. With a "
        "learning rate of 0.32, it jumps from side to side and comes down far more slowly.",
    )
else:
    print("Nothing to plot yet. The check below says why.")

# %%
check("gradient_descent")

# %% [markdown]
# ## 2. All weights at once
#
# **Why.** A model has many numbers to learn: matrices of weights and vectors of biases, layer by layer. Together
# they're its *parameters*. Each has its own slope, and they all take a step at the same time. There's no extra trick:
# the formula is the same for each number.
#
# **Formula.** The parameters are in a dict, with a name for each array. Their gradients are in another dict with the
# same names:
#
# $$p \leftarrow p - \text{lr} \cdot g \qquad\text{for each parameter } p \text{ with gradient } g$$
#
# **By hand.** Take parameters `{"w": 180.0, "b": 0.0}`, gradients `{"w": -90.0, "b": -60.0}` and lr = 0.1. Then w
# becomes 180 − 0.1 · (−90) = **189**, and b becomes 0 − 0.1 · (−60) = **6**.
#
# **Watch out.** You can return a new dict, or write the new values into `params` itself and return nothing. Both are
# fine: unlike the positions in part 1, the old values aren't needed anymore. Just assigning the new value to a name
# inside your loop, `p = p - …`, has no effect at all. Don't change the gradients. And if a parameter has no
# gradient, something went wrong earlier, so don't skip it silently: looking up a missing name in a dict raises a
# `KeyError`, which is exactly what you want. If you write into `params`, the check tells you that you changed what
# you were given. Here, that's fine.
#
# **More precisely.** The part of training that "adjusts the weights" is often called backpropagation. There are
# really two parts: backpropagation *finds* the gradients (lab 4), and gradient descent *uses* them, as you're doing
# here.
#
# *SGD* stands for *stochastic gradient descent*. "Stochastic" means random: the gradients usually come from a few
# randomly chosen examples at a time (see part 3).


# %%
def sgd_step(params, grads, lr):
    """Take one step of gradient descent for all parameters.

    params: dict from names to float arrays of any shape, or numbers. You can modify it
        in place.
    grads: dict with the gradient of each parameter under the same name and with the
        same shape; the names may be in a different order. Not modified.
    lr: number, the learning rate.
    Returns a dict that maps each name to its parameter minus lr times the gradient, or
    None if you've put the new values in params.
    Raises KeyError if a parameter has no gradient.
    """
    ### BEGIN SOLUTION
    return {name: param - lr * grads[name] for name, param in params.items()}
    ### END SOLUTION


# %% [markdown]
# **See it.** This is the step from the example above. You should see 189 and 6.

# %%
start = {"w": 180.0, "b": 0.0}
params = dict(start)
stepped = solved(sgd_step, params, {"w": -90.0, "b": -60.0}, 0.1)
if stepped is not None or params != start:
    print("after the step:", params if stepped is None else stepped)
else:
    print("No parameter has changed yet. The check below says why.")

# %%
check("sgd_step")

# %% [markdown]
# ## 3. The training loop
#
# **Why.** One step makes a model a little better. Training is that step, repeated many times. No one can process
# every example in the world before each step, so each step uses a handful of them, called a *batch*.
#
# **Formula.** Training has five steps. For each batch:
#
# 1. Make predictions (the *forward pass*).
# 2. Compute the loss: how wrong were the predictions?
# 3. Compute the gradients: which direction makes the loss grow?
# 4. Update the parameters: take a step against the gradients.
# 5. Repeat with the next batch.
#
# A function called `loss_and_grads` does the first three for you, since they depend on the model. You call it with
# the parameters, the batch's inputs X and the right answers y, and it returns a pair: the loss and the dict of
# gradients. So your loop doesn't need to know whether it's training a neuron with one weight or a language model.
# That's the beauty of this loop.
#
# Return the losses, too: one per batch, in order, each computed *before* that batch's step, since it belongs to the
# parameters that made the guess. Don't recompute the loss afterward, because each call is expensive. The loss won't
# fall every time, since some batches are harder than others. Record the losses as they are.
#
# **By hand.** Take a neuron with weight 180 and no bias, lr = 0.1, and two batches of one house each. Sizes are in
# thousands of square feet and prices in thousands of dollars, so the weight is still in dollars per square foot:
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
# The losses are **(900, 25)**. Batch 2 started from the parameters that batch 1 left behind.
#
# **Watch out.** The batches can come as a list, or one by one from an iterator, which has no length and can only be
# read once. A `for` loop works for both, but `len(batches)` and `batches[0]` don't. If you call your `sgd_step`, it
# matters how you wrote it: if it returns a dict, assign that to `params`. If it changes `params` and returns nothing,
# call it on a line of its own, because `params = sgd_step(…)` would turn your parameters into None.


# %%
def train(params, batches, lr, loss_and_grads):
    """Train a model with one step per batch, in the order the batches come in.

    You can call your sgd_step, but then any mistake in it costs points here, too.

    params: dict from names to float arrays or numbers, the parameters to start from.
        You can modify it in place.
    batches: list of pairs (X, y), or an iterator over such pairs; it may be empty. The
        pairs aren't modified.
    lr: number, the learning rate.
    loss_and_grads: function that takes (params, X, y) and returns a pair: the batch's
        loss, a number, and its gradients, a dict with the names of params. It's called
        once per batch.
    Returns a pair (params, losses): the parameters after the last step, and a list (or
    array) with each batch's loss before its step.
    """
    ### BEGIN SOLUTION
    # params = sgd_step(params, grads, lr) is just as correct, but a mistake there costs points here, too
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        params = {name: param - lr * grads[name] for name, param in params.items()}
        losses.append(loss)
    return params, losses
    ### END SOLUTION


# %% [markdown]
# **See it: the house-price neuron learns.** It starts with a weight of 0 and a bias of 0, so it thinks all houses are
# free. The eight houses are split into two batches of four, and training alternates between them, 100 times each. The
# loss should fall steeply at first and then slowly, zigzagging as the batches alternate. It doesn't reach 0, because
# no straight line goes through all eight houses. Nobody told it about the 200 dollars per square foot, but it should
# find a weight of about 203 and a bias of about 2,000 dollars.


# %%
def house_loss_and_grads(params, sizes, prices):
    loss = mse_loss(params["w"] * sizes + params["b"], prices)
    dw, db = house_price_gradients(params["w"], params["b"], sizes, prices)
    return loss, {"w": dw, "b": db}


def trained(*args):
    """Return what train returns for these arguments, or a pair of Nones if that isn't a dict and a list of numbers."""
    result = solved(train, *args)
    whole = isinstance(result, tuple | list) and len(result) == 2 and isinstance(result[0], dict)
    if whole and np.ndim(result[1]) == 1:
        return result
    print("Nothing to plot yet. The check for train says why.")
    return None, None


batches = [(sizes[::2], prices[::2]), (sizes[1::2], prices[1::2])] * 100
learned, losses = trained({"w": 0.0, "b": 0.0}, batches, 0.1, house_loss_and_grads)
if learned is not None:
    print(f"learned: {learned['w']:.1f} USD per square foot, and a bias of {learned['b']:.1f} thousand USD")
    figure, axes = plt.subplots()
    axes.semilogy(losses, ".-")
    axes.set(xlabel="step", ylabel="loss (mean squared error)")
    show(
        figure,
        "The loss at each of 200 steps, on a logarithmic scale. It should fall steeply at first, then level off "
        "above 0, zigzagging as the two batches alternate.",
    )

# %%
check("train")

# %% [markdown]
# Training isn't programming: there's no 200 in the code. Run the same code on houses from a different city, and
# it'll find a different weight.
#
# *Why thousands?* If sizes were in plain square feet, the valley would curve a million times as sharply along the
# weight, but no more sharply along the bias. If the learning rate were small enough for the weight, the bias would
# take forever to learn. So before you train a model, scale its inputs so that they're around 1.
#
# **See it: a language model learns.** This is the same loop with a different model: a network with one hidden layer
# takes one word as input and scores each word that could come next. The word goes in as a *one-hot* vector: 1 at its
# own position and 0 everywhere else. The loss is the cross-entropy from lab 3, and you're given `mlp_loss_and_grads`
# from lab 4. The loss should start near ln 12 = 2.48 (twelve equally likely words) and come down to about 0.63, almost
# to the dashed line. That line is what you'd get by counting which word follows which in this text. No model that sees
# only one word can do better on this text, so the network has learned nearly all there is to learn here, just from its
# mistakes.

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
    axes.axhline(np.log(len(words)), linestyle=":", color="grey", label="all words equally likely")
    axes.axhline(0.626, linestyle="--", color="grey", label="counting pairs")
    axes.set(xlabel="step", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "The loss of the language model over 300 steps. It should start near the dotted line at 2.48 nats, where all "
        "words are equally likely, and come down almost to the dashed line at 0.63, which is what you get by counting "
        "pairs of words.",
    )

# %% [markdown]
# Large language models are trained with this same loop. They have billions of weights instead of a few hundred, and
# each batch holds millions of tokens. Better update rules (the best known is *Adam*) keep track of earlier gradients
# and give each weight its own learning rate.
#
# **More precisely.** You may have read that the loop runs "trillions of times". In fact, large models are trained on
# trillions of *tokens*. Because a batch holds millions of tokens, the number of steps is far smaller: hundreds of
# thousands, or a few million.
#
# **More precisely.** The loss above was measured on the text the network was trained on. A model can do well on its
# training text and badly on everything else because it has memorized the text instead of learning the pattern. That's
# called *overfitting*. To catch this, set some text aside, never train on it, and track the loss on that text, too.
# When that loss starts to rise, stop.
#
# ## What you've learned
#
# - **A gradient points uphill.** Gradient descent steps against it, and the learning rate says how far.
# - **If the learning rate is too small**, training takes forever; **if it's too large**, training climbs out of the
#   valley.
# - **Training is five steps**: predict, loss, gradients, update, repeat. It's the same loop for one weight and for
#   billions.
# - **Nobody writes the rules**: the weights come from the examples.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit training` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** a trained model gives you probabilities. Lab 6, [sampler](../sampler/sampler.ipynb), uses them to pick a
# word.
