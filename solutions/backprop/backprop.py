# %% [markdown]
# # Lab 4: Backpropagation
#
# **About 130 minutes.** Builds on lab 1 (weights, layers, ReLU), lab 2 (softmax) and lab 3 (the two losses). You're
# given working versions of what you need from them, so it doesn't matter what's in your own notebooks. Lab 5
# (training) builds on this one. New terms are in *italics*; the [glossary](../glossary/glossary.ipynb) explains them
# all.
#
# The model guessed, and the loss said how wrong it was. Now comes the question that makes learning possible: **which
# weights should have been different, in which direction, and how much does each one matter?** The answer is one
# number per weight, its slope. All the slopes together are called the *gradient*. There are two ways to get it: nudge
# each weight in turn, or follow the loss backward through the model. The second way is *backpropagation*.
#
# | part | you write | it answers | minutes |
# | --- | --- | --- | --- |
# | 1 | `numerical_gradient` | what happens if I nudge each number a little? | 26 |
# | 2 | `house_price_gradients` | how does a formula give the same slopes, for the smallest network? | 20 |
# | 3 | `cross_entropy_backward` | which scores should rise, and which should fall? | 25 |
# | 4 | `linear_backward` | how does a layer pass the gradient on? | 24 |
# | 5 | `mlp_loss_and_grads` | how does it all work together in a whole network? (stretch exercise) | 35 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, compare, keep, picture, progress, show, solved
from autograder.given import cross_entropy, mse_loss, relu, softmax
from autograder.notebook.bars import side_by_side

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. A numerical slope
#
# **Why.** Someone hands you a function `f` that turns many numbers into one number, such as weights into a loss. You
# want to know how `f` changes when one of those numbers grows a little. The direct way is to try it. That's slow, but
# it works for any function, so everyone uses it to test their gradients. You'll do that in this lab, too.
#
# **Formula.** Take a small step $h$ up and a small step $h$ down. Divide the change in $f$ by the distance between
# the two points, and you have the slope at $v$:
#
# $$\text{slope} \approx \frac{f(v + h) - f(v - h)}{2h}$$
#
# You went from $v - h$ to $v + h$, so the distance is $2h$. A slope of 6 means $f$ grows six times as fast as $v$. A
# negative slope means $f$ falls as $v$ grows.
#
# **By hand.** Let $f(v) = v^2$, $v = 3$ and $h = 0.1$. Then $3.1^2 = 9.61$ and $2.9^2 = 8.41$. The difference is
# $1.20$, the distance is $0.2$, and the slope is $1.20 / 0.2 = 6$, which is exact. If you took only the step up,
# you'd get $(9.61 - 9) / 0.1 = 6.1$. Because the curve bends, a one-sided step is inaccurate. If you step in both
# directions, the errors cancel.
#
# **Many numbers.** If `f` takes a whole array, each entry has its own slope, and the gradient has the same shape as
# the array. To find the slope for one entry, nudge **only that entry** and leave all the others as they are. Take
# $f(v) = v_0 \cdot v_1$ at $(2, 5)$: the slope for $v_0$ is $(2.1 \cdot 5 - 1.9 \cdot 5) / 0.2 = 5$, and the slope
# for $v_1$ is $(2 \cdot 5.1 - 2 \cdot 4.9) / 0.2 = 2$. The gradient is $(5, 2)$. An array can have any number of
# axes, so use a loop that visits every position: `for position in np.ndindex(a.shape)`. For the shape (2, 2), the
# positions are (0, 0), (0, 1), (1, 0) and (1, 1), and `a[position]` is the entry there.
#
# **Functions as arguments.** `f` is an argument, and you call it like any other function: `f(v)` takes an array and
# returns one number. It may need the array in its original shape, so always pass it the whole array.
#
# **Watch out.** If you add $h$ to an entry of `x` itself, you change the caller's array. Subtracting $h$ again
# doesn't quite restore the old number, because floats are rounded. So work on copies. And an integer array can't hold
# 3.00001, so the copies have to be float arrays.


# %%
def numerical_gradient(f, x, h=1e-5):
    """Return the slope of f with respect to each entry of x, using a small step in each direction.

    f: function that takes a float array of the same shape as x and returns one number.
    x: array of any shape, such as (D,) or (N, D), of floats or integers. Not modified.
    h: a positive number, the step size in the units of x.
    Returns a float array of the same shape as x: for each entry, f one step up minus f one step down, divided by the
    distance between those two points.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
    ### END SOLUTION


# %% [markdown]
# **See it.** How small should a step be? The function below is $e^v$, whose slope at 1 is known: it's $e$ itself,
# 2.71828. The plot shows how far off your slope is, for steps from huge to tiny. You should see a valley. On the right,
# the step is so big that the curve bends noticeably along the way. On the left, the two values of `f` are so close
# that rounding errors swamp their difference. The default $h$, 0.00001, is near the bottom, where eight or more digits
# are correct.


# %%
def sum_of_exponentials(v):
    return np.sum(np.exp(v))


place = np.array([1.0])
if solved(numerical_gradient, sum_of_exponentials, place) is not None:
    steps = np.logspace(-13, 0, 53)
    misses = [np.sum(np.abs(numerical_gradient(sum_of_exponentials, place, h) - math.e)) for h in steps]
    figure, axes = plt.subplots()
    axes.loglog(steps, misses, ".-", label="your numerical_gradient")
    axes.axvline(1e-5, linestyle="--", color="grey", label="h = 0.00001")
    axes.set(xlabel="step h", ylabel="error of the slope")
    axes.legend()
    show(
        figure,
        "The error of your slope for steps from 1e-13 to 1, on logarithmic axes. You should see a valley: "
        "the error is high for the biggest and smallest steps, and lowest near the dashed line at 0.00001.",
    )

# %%
check("numerical_gradient")

# %% [markdown]
# ## 2. The chain rule on the house-price neuron
#
# **Why.** Numerical slopes take two runs of the model per weight. A language model has billions of weights,
# so a single training step would take years. A formula gives all the slopes at once, and it doesn't need a step size.
#
# **The smallest network.** Take a house of 1500 square feet, a weight of 200 dollars per square foot and a bias of 0.
# The guess is $1500 \cdot 200 = 300{,}000$ dollars. The house sold for 310,000 dollars, so the error, guess minus
# price, is $-10{,}000$ dollars. The loss is the error squared.
#
# **A chain of slopes.** The weight doesn't affect the loss directly. There's a chain: the weight changes the guess,
# the guess changes the error, and the error changes the loss. Each link has a simple slope of its own:
#
# | link | its slope | why |
# | --- | --- | --- |
# | weight → guess | size, 1500 | 1 USD more per sqft adds 1500 USD for this house |
# | guess → error | 1 | the price is fixed, so they grow together |
# | error → loss | 2 · error, −20,000 | $(e + s)^2 = e^2 + 2es + s^2$, and for a tiny $s$ you can ignore $s^2$ |
#
# Along a chain, slopes **multiply**: $1500 \cdot 1 \cdot (-20{,}000) = -30{,}000{,}000$. That's the *chain rule*, the
# heart of backpropagation. The bias has the same chain with a different first link: raising the bias by 1 dollar
# raises the guess by 1 dollar, so the slope for the bias is $1 \cdot 1 \cdot (-20{,}000) = -20{,}000$. Drawn as boxes
# and arrows, the steps from the inputs to the loss are called the *computational graph*. Deep learning libraries such
# as torch record it on the way forward, then go through it backward to get the gradients.
#
# **Does it hold up?** Try a weight of 200.01. The guess becomes 300,015, the error $-9{,}985$, and the loss
# 99,700,225 instead of 100,000,000. The loss fell by 299,775 for a step of 0.01, which is 29,977,500 per unit. The
# formula said 30,000,000, and a smaller step gets closer.
#
# **Formula.** With many houses, the loss is the mean of the squared errors, so the slopes are means, too:
#
# $$dw = 2 \cdot \operatorname{mean}(\text{error}_i \cdot \text{size}_i) \qquad
# db = 2 \cdot \operatorname{mean}(\text{error}_i)$$
#
# where $\text{error}_i$ is the guess for house $i$, $w \cdot \text{size}_i + b$, minus its price.
#
# **Watch out.** It's the mean of the *products*. A large house with a large error has more influence than multiplying
# the two averages suggests. The sign matters, too: a negative slope means the loss falls when the weight grows.
#
# **More precisely.** You'll often read that backpropagation adjusts the weights. It doesn't. It computes the slopes,
# as you're about to do, and leaves the weights alone. Changing them is the next step, *gradient descent* (lab 5),
# which goes in the opposite direction of the slope, because the slope points uphill.
#
# The picture shows the chain of steps for the house above. Read the top row from left to right, from the weight to the
# loss. Then read the bottom row from right to left: each slope is the one to its right times the factor below the
# arrow.

# %%
picture("gradients")


# %%
def house_price_gradients(w, b, sizes, prices):
    """Return the slopes of the house-price neuron's mean squared error.

    The loss is the mean over the houses of (w * size + b - price) squared.

    w: number, the weight in USD per sqft.
    b: number, the bias in USD.
    sizes: array of shape (N,), one or more sizes in sqft.
    prices: array of shape (N,), what the houses sold for in USD.
    Returns a pair (dw, db) of numbers: how much the loss grows per unit of w (USD² for
    each USD per sqft) and per unit of b (USD² for each USD). No argument is modified.
    """
    ### BEGIN SOLUTION
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)
    ### END SOLUTION


# %% [markdown]
# **See it.** The curve is the loss on three houses, for all weights from 140 to 260. At three of these weights, a
# straight line shows the slope you computed. Each line should be a tangent: it touches the curve at its dot without
# crossing it. To the left of the bottom the slope is negative, and to the right it's positive. At 200, close to the
# bottom, the slope is less than a hundredth of the slope at 160 or 235. The farther you are from the bottom, the
# steeper the curve. A slope tells you which way to move the weight, and how much that matters.

# %%
sizes_sqft = np.array([1500.0, 800.0, 2200.0])
prices_usd = np.array([310_000.0, 155_000.0, 436_000.0])

if solved(house_price_gradients, 200.0, 0.0, sizes_sqft, prices_usd) is not None:
    figure, axes = plt.subplots()
    weights = np.linspace(140.0, 260.0, 61)
    axes.plot(weights, [mse_loss(w * sizes_sqft, prices_usd) for w in weights], color="grey", label="loss")
    for w in (160.0, 200.0, 235.0):
        loss = mse_loss(w * sizes_sqft, prices_usd)
        slope, _ = house_price_gradients(w, 0.0, sizes_sqft, prices_usd)
        nearby = np.array([w - 18.0, w + 18.0])
        label = f"slope at {w:g}: {slope / 1e6:.3g} million".replace("-", "−")
        (line,) = axes.plot(nearby, loss + slope * (nearby - w), linewidth=3, label=label)
        axes.plot(w, loss, "o", color=line.get_color())
    axes.set(xlabel="weight (USD per sqft)", ylabel="mean squared error (USD²)")
    axes.legend()
    show(
        figure,
        "The loss for weights from 140 to 260 is a valley with its bottom near 200. At 160, 200 and 235, a straight "
        "line shows the slope you computed. Each line should touch the curve: falling at 160, almost level at 200, "
        "rising at 235.",
    )

# %%
check("house_price_gradients")

# %% [markdown]
# ## 3. From the loss back to the scores
#
# **Why.** A language model's last layer gives each word a score, its logit. Softmax turns the logits into
# probabilities, and the loss is $-\ln$ of the right word's probability. On the way back from the loss, the first stop
# is the logits: which ones should have been higher, and which lower?
#
# **Formula.** For one guess with logits $z$ and right word $t$, the loss is $\ln\left(\sum_j e^{z_j}\right) - z_t$.
# Look at the two parts:
#
# - $-z_t$ has slope $-1$ for the right word, and 0 for all others.
# - $\ln\left(\sum_j e^{z_j}\right)$ is a chain: the slope of the sum with respect to $z_i$ is $e^{z_i}$, and the
#   slope of the logarithm is 1 / (what's inside). The product is $e^{z_i} / \sum_j e^{z_j}$, which you know from
#   softmax: it's the probability $p_i$.
#
# Together, the slopes are **the probabilities, with 1 subtracted from the right word's.** For a batch, the loss is
# the mean over $N$ rows, so each row's own loss gets divided by $N$:
#
# $$\frac{\partial\, \text{loss}}{\partial z_{n,i}} = \frac{p_{n,i} - [\,i = t_n\,]}{N}$$
#
# Here $[\,i = t_n\,]$ is 1 at the right word of row $n$ and 0 everywhere else. A vector like that is called
# *one-hot*. (The curly d, $\partial$, means the slope with respect to this one number, with all the others held fixed.)
#
# **By hand.** After *The cat sat on the*, the model gave floor 30%, mat 25%, table 20% and all other words 25%, and
# "mat" was right. There's one row, and the gradient is $(0.30, -0.75, 0.20, 0.25)$. Only "mat" is negative: raising
# its score lowers the loss, and raising any other score increases it. The four sum to 0, as they must, because
# raising *all* scores by the same amount doesn't change any probability.
#
# Now take a batch of two rows. Both have logits $(\ln 3, 0)$, so both have probabilities $(3/4, 1/4)$. In the first
# row word 0 is right: $(-0.25, 0.25) / 2 = (-0.125, 0.125)$. In the second row word 1 is right: $(0.75, -0.75) / 2 =
# (0.375, -0.375)$. The slopes for the worse guess are three times as large.
#
# **Watch out: one entry per row.** As in lab 3, you can pick one entry in each row with two index arrays of the same
# length: for an array `a`, `a[[0, 1, 2], [4, 0, 2]]` gives `a[0, 4]`, `a[1, 0]` and `a[2, 2]`. You can also put that
# on the left of an `=`, to change just those entries. `softmax(logits, axis=-1)` from lab 2 is given to you; it
# returns a new array and handles large scores.


# %%
def cross_entropy_backward(logits, targets):
    """Return the gradient of the mean cross-entropy with respect to the logits.

    You can call softmax, which is given to you.

    logits: array of shape (N, V), floats or integers of any size: N guesses over V
        words.
    targets: int array of shape (N,), the right word for each row, from 0 to V - 1.
    Returns a float array of shape (N, V): how much the loss grows, in nats, per unit of
    each logit. Neither array is modified.
    """
    ### BEGIN SOLUTION
    rows = len(logits)
    gradient = softmax(logits)
    keep("probs", gradient)
    gradient[np.arange(rows), targets] -= 1.0
    return gradient / rows
    ### END SOLUTION


# %% [markdown]
# **See it.** Here's the guess from above, with your gradient next to it.

# %%
words = ["floor", "mat", "table", "(others)"]
guess = np.log([[30.0, 25.0, 20.0, 25.0]])

gradient = solved(cross_entropy_backward, guess, np.array([1]))
if gradient is not None:
    figure, axes = plt.subplots()
    side_by_side(axes, words, {"probability": softmax(guess), "slope with respect to the logit": gradient})
    axes.axhline(0.0, color="black", linewidth=1)
    show(
        figure,
        "Two bars per word: its probability, and the slope of the loss with respect to its logit. The two bars should "
        "be equal for floor, table and the others. For mat, the slope should reach down to −0.75.",
    )

# %% [markdown]
# You should see pairs of equal bars, except for "mat", whose slope reaches down to −0.75. Its slope bar is as long as
# the three slope bars above zero put together. A step in the opposite direction of the slopes takes a little from
# every other word's score, most of all from the most probable words, and gives it to "mat".
#
# **If a check fails,** find out which step went wrong. In your function, call `keep("probs", …)` with your
# probabilities and `keep("dlogits", …)` with the gradient you return. The check then names the first step that's
# wrong and shows where it differs. `keep` does nothing during grading, so you can leave it in. To try out a single
# step, compute it for the guess plotted above (its logits are in `guess`, and the right word is "mat"), then check
# the result with `compare`, like this:

# %%
compare("probs", softmax(guess))

# %%
check("cross_entropy_backward")

# %% [markdown]
# ## 4. Back through a layer
#
# **Why.** A deep network is a stack of layers. In the *forward pass*, each one computes $Y = X W + b$. In the
# *backward pass*, it's told how the loss changes with its *output*, and it has to answer two questions: how does the
# loss change with my weights and biases, and what do I tell the layer before me? It doesn't need to know anything
# else, which is why backpropagation works for any number of layers.
#
# **Formula.** What comes in is `grad_out`, or $G$ for short. It has the shape of $Y$, (N, D_out), and holds the slope
# of the loss with respect to each output. Each gradient you return has the same shape as the array it belongs to:
# $X$, $W$ or $b$. Follow each number to where it's used, multiply along the way, and **add up over all the paths** to
# the loss:
#
# - **b.** The bias $b_j$ is added to column $j$ in every row, with slope 1. So its slope is the sum of column $j$ of
#   $G$.
# - **W.** The weight $W_{ij}$ connects input $i$ to output $j$ in every row $n$, with slope $X_{ni}$. So its slope is
#   $\sum_n X_{ni}\, G_{nj}$.
# - **X.** The input $X_{ni}$ goes to all the outputs $j$ in its own row, with slopes $W_{ij}$. So its slope is
#   $\sum_j G_{nj}\, W_{ij}$.
#
# Sums of products like the last two are matrix products. An entry of the product $A B$ is $\sum_k A_{ik}\, B_{kj}$:
# the index that's summed over comes last in the left factor and first in the right one. But in the sum for W, $n$
# comes first in both arrays, and in the sum for X, $j$ comes last in both. So in each case you need the *transpose*
# of one factor, which swaps its rows and columns (`A.T` in numpy). The shapes tell you which one: the inner two sizes
# have to match, and the outer two remain, so to get (2, 5) from (2, 3) and (5, 3), you'd transpose the second array,
# because (2, 3) times (3, 5) is (2, 5). Go by the names below, since two sizes can be equal by chance:
#
# | gradient | computed from | shape |
# | --- | --- | --- |
# | grad_X | $G$ (N, D_out) and $W$ (D_in, D_out) | (N, D_in) |
# | grad_W | $X$ (N, D_in) and $G$ (N, D_out) | (D_in, D_out) |
# | grad_b | $G$ (N, D_out) | (D_out,) |
#
# **By hand.** Two examples, two inputs, two outputs:
#
# $$X = \begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix} \quad W = \begin{pmatrix}5 & -1\\ 2 & 3\end{pmatrix} \quad
# G = \begin{pmatrix}1 & 0\\ 2 & -1\end{pmatrix}$$
#
# - grad_b: the column sums of $G$, $(1 + 2,\; 0 - 1) = (3, -1)$.
# - grad_W: the first entry is $X_{00} G_{00} + X_{10} G_{10} = 1 \cdot 1 + 3 \cdot 2 = 7$, and the rows are $(7, -3)$
#   and $(10, -4)$.
# - grad_X: the first entry is $G_{00} W_{00} + G_{01} W_{01} = 1 \cdot 5 + 0 \cdot (-1) = 5$, and the rows are $(5,
#   2)$ and $(11, 1)$.
#
# **Watch out.** Don't average anything here. The mean over the batch is part of the loss, and its $1/N$ is already in
# $G$: you put it there in part 3.


# %%
def linear_backward(grad_out, X, W):
    """Return the gradients of the layer X @ W + b, given the gradient of its output.

    grad_out: array of shape (N, D_out), the slope of the loss with respect to each output.
    X: array of shape (N, D_in), the layer's input.
    W: array of shape (D_in, D_out), its weights.
    Returns three float arrays (grad_X, grad_W, grad_b) of shapes (N, D_in), (D_in,
    D_out) and (D_out,): the gradients of the loss with respect to X, W and b. No array is modified.
    """
    ### BEGIN SOLUTION
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# **See it.** To test a gradient, compare it with the numerical slopes from part 1. Here's a layer with random
# numbers. As its "loss", we use the sum of all its outputs, each multiplied by a random factor. So the slope of this
# loss with respect to each output is that output's factor, and `grad_out` holds these factors. You should see three
# tiny numbers, around 0.0000000001 (1e-10). That's the rounding error from part 1; a wrong formula would be off by
# about 1.
#
# The steps you can `keep` and `compare` here are `grad_X`, `grad_W` and `grad_b`. `compare` uses the $X$, $W$ and $G$
# from *By hand*, not the random numbers in the next cell.

# %%
rng = np.random.default_rng(4)
inputs, layer_weights, layer_bias = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
factors = rng.normal(size=(4, 2))

by_formula = solved(linear_backward, factors, inputs, layer_weights)
if by_formula is not None and solved(numerical_gradient, sum_of_exponentials, place) is not None:
    by_trying = (
        numerical_gradient(lambda v: np.sum(factors * (v @ layer_weights + layer_bias)), inputs),
        numerical_gradient(lambda v: np.sum(factors * (inputs @ v + layer_bias)), layer_weights),
        numerical_gradient(lambda v: np.sum(factors * (inputs @ layer_weights + v)), layer_bias),
    )
    for name, formula, trying in zip(("grad_X", "grad_W", "grad_b"), by_formula, by_trying, strict=False):
        if np.shape(formula) == np.shape(trying):
            print(f"{name} {np.shape(formula)}: the two differ by at most {np.abs(formula - trying).max():.1g}")
        else:
            print(f"{name}: yours has shape {np.shape(formula)}, the numerical one has {np.shape(trying)}")

# %%
check("linear_backward")

# %% [markdown]
# ## 5. A whole network (stretch exercise)
#
# *This part counts toward mastery of the concept. You don't need it to pass.*
#
# **Why.** Now everything comes together: a network with a hidden layer, its loss, and the slope of every single
# weight, from one forward pass and one backward pass. Lab 5 trains a network with these slopes.
#
# **Formula.** The *forward pass* has four steps. Keep the results, because the backward pass needs them.
#
# 1. $a = X W_1 + b_1$, shape (N, H) for H hidden neurons
# 2. $h = \operatorname{ReLU}(a)$: each entry of $a$ if it's above 0, else 0 (you're given `relu`)
# 3. logits $= h W_2 + b_2$, shape (N, V)
# 4. loss: the mean cross-entropy of the logits and the targets
#
# The *backward pass* goes through the same steps from last to first. Each step turns the gradient for its output into
# the gradient for its input.
#
# - Step 4: you wrote its backward pass in part 3. It gives the gradient for the logits.
# - Step 3: its backward pass is the one from part 4, with $h$ as the input. It gives the gradients for $W_2$, $b_2$
#   and $h$.
# - Step 2: its backward pass is new, and easy. Where $a$ was above 0, ReLU passed it through unchanged, so ReLU's
#   slope is 1. Where $a$ was below 0, nothing came through and nudging $a$ changes nothing, so ReLU's slope is 0.
#   That means the gradient for $a$ is the gradient for $h$, with zeros wherever $a$ (not the gradient for $h$) wasn't
#   above 0. In numpy, the derivative of ReLU at an array `z` is the *mask* `z > 0`: True or False for each entry,
#   which count as 1 and 0 when you multiply by them.
# - Step 1: its backward pass is the one from part 4 again, with $X$ as the input. It gives the gradients for $W_1$
#   and $b_1$.
#
# **By hand.** Take one example, one input, two hidden neurons and two words: $X = (2)$, $W_1 = (1, -1)$, $b_1 = (0,
# 1)$. So $a = (2, -1)$ and $h = (2, 0)$: the second neuron is off. Let
#
# $$W_2 = \begin{pmatrix}0.549 & 0\\ 1 & -1\end{pmatrix} \qquad b_2 = (0, 0)$$
#
# where 0.549 is $\frac{1}{2}\ln 3$. The logits are $(\ln 3, 0)$ and the probabilities $(0.75, 0.25)$. Word 1 is right,
# so the loss is $-\ln 0.25 = 1.386$. Now backward:
#
# | gradient for | value | from |
# | --- | --- | --- |
# | logits | $(0.75, -0.75)$ | the probabilities, with 1 subtracted at word 1 |
# | b2 | $(0.75, -0.75)$ | the only row |
# | W2 | $(1.5, -1.5)$ and $(0, 0)$ | times $h = (2, 0)$ |
# | h | $(0.412, 1.5)$ | $0.75 \cdot 0.549 - 0.75 \cdot 0$, and $0.75 \cdot 1 + (-0.75) \cdot (-1)$ |
# | a | $(0.412, 0)$ | the second neuron was off |
# | b1 | $(0.412, 0)$ | the only row |
# | W1 | $(0.824, 0)$ | times $X = 2$ |
#
# **Watch out.** Each call starts from scratch: don't change any weights, and don't add to the gradients from an
# earlier call.
#
# **More precisely.** At exactly 0, ReLU has a corner and no slope. Any number from 0 to 1 will do there; most
# programs use 0. The checks don't test this case.
#
# **One step at a time.** This is the longest function so far, so don't write it in one go. The next cell sets up the
# network from the example above and takes the first step. Add the second step below that one and `compare` it, then
# add the third, and so on, until all eleven say *equal*. In the forward pass, the steps are `a`, `h`, `logits` and
# `loss`. In the backward pass, they're `grad_logits`, `grad_W2`, `grad_b2`, `grad_h`, `grad_a`, `grad_W1` and
# `grad_b1`. Then move your lines into the function. If a check fails there, `keep` your steps under the same names,
# and the check will name the first step that's wrong.

# %%
network = {
    "W1": np.array([[1.0, -1.0]]),
    "b1": np.array([0.0, 1.0]),
    "W2": np.array([[math.log(3.0) / 2, 0.0], [1.0, -1.0]]),
    "b2": np.array([0.0, 0.0]),
}
network_input, network_target = np.array([[2.0]]), np.array([1])

a = network_input @ network["W1"] + network["b1"]
compare("a", a)


# %%
def mlp_loss_and_grads(params, X, targets):
    """Return the loss of a network with one hidden layer, and its gradients.

    Forward: a = X @ W1 + b1, h = ReLU(a), logits = h @ W2 + b2, and the mean
        cross-entropy. You can call relu, softmax and cross_entropy, which are given to you. You can
        also call your own functions from above, but then any mistake in them costs points here, too.

    params: dict of float arrays, "W1" (D, H), "b1" (H,), "W2" (H, V), "b2" (V,).
    X: array of shape (N, D), N examples of D numbers.
    targets: int array of shape (N,), the right word for each example, from 0 to V - 1.
    Returns a pair (loss, grads): the loss as one number, in nats, and a dict with the
    same keys as params and the gradients as its values: float arrays of the same shapes as
    the parameters. No argument is modified, and no call depends on an earlier one.
    """
    ### BEGIN SOLUTION
    a = X @ params["W1"] + params["b1"]
    h = relu(a)
    logits = h @ params["W2"] + params["b2"]

    # calling linear_backward and cross_entropy_backward is just as correct, but a mistake there costs points here, too
    rows = len(X)
    grad_logits = softmax(logits)
    grad_logits[np.arange(rows), targets] -= 1.0
    grad_logits /= rows
    grad_a = (grad_logits @ params["W2"].T) * (a > 0)
    grads = {
        "W1": X.T @ grad_a,
        "b1": grad_a.sum(axis=0),
        "W2": h.T @ grad_logits,
        "b2": grad_logits.sum(axis=0),
    }
    return cross_entropy(logits, targets), grads
    ### END SOLUTION


# %% [markdown]
# **See it.** This small network has 31 parameters, and each dot is one of them. The horizontal axis shows its slope
# from your backward pass, and the vertical axis shows its numerical slope. Computing the numerical slopes took 62
# runs of the network in all. All 31 dots should lie on the line. If the dots of one color are off the line, check
# that color's gradient.

# %%
rng = np.random.default_rng(5)
params = {name: rng.normal(size=shape) for name, shape in (("W1", (3, 4)), ("b1", 4), ("W2", (4, 3)), ("b2", 3))}
examples, right_words = rng.normal(size=(6, 3)), np.array([0, 2, 1, 1, 0, 2])

result = solved(mlp_loss_and_grads, params, examples, right_words)
if result is not None and solved(numerical_gradient, sum_of_exponentials, place) is not None:
    figure, axes = plt.subplots()
    loss, grads = result
    for name in params:

        def loss_with(value, name=name):
            return mlp_loss_and_grads({**params, name: value}, examples, right_words)[0]

        axes.plot(np.ravel(grads[name]), np.ravel(numerical_gradient(loss_with, params[name])), "o", label=name)
    axes.axline((0.0, 0.0), slope=1.0, color="grey", linewidth=1, zorder=0)
    axes.set(xlabel="slope by backpropagation", ylabel="numerical slope")
    axes.legend()
    show(
        figure,
        "A dot for each of 31 parameters, with its slope from backpropagation on the horizontal axis and its numerical "
        "slope on the vertical axis. All dots should lie on the gray line, where the two slopes are equal.",
    )

# %%
check("mlp_loss_and_grads")

# %% [markdown]
# ## What you've learned
#
# - A **slope** says how much the loss grows when one number grows a little. All the slopes together are the
#   **gradient**.
# - **Nudging each number** gives you every slope, slowly. It's how you test any gradient formula.
# - **Backpropagation** works from the loss back to the first layer. Slopes multiply along a chain and add up where
#   paths meet.
# - For a single guess, the gradient of the loss with respect to the logits is just the probabilities, with 1
#   subtracted from the right word's.
# - No weight has changed yet: a gradient only tells you which way to go.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit backprop` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** lab 5, [training](../training/training.ipynb), takes small steps in the opposite direction of the slope,
# again and again, down into the valley.
