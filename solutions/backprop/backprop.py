# %% [markdown]
# # Lab 4: Backpropagation
#
# **About 100 minutes.** Builds on lab 1 (weights, layers, ReLU), lab 2 (softmax) and lab 3 (the two losses). What is
# needed of those labs is given to you here, so nothing depends on your own notebooks. Lab 5 (training) builds on this
# one.
#
# The model guessed, and the loss said how wrong it was. Now for the question that makes learning possible: **which
# weights should have been different, in which direction, and how much does each of them matter?** The answer is one
# number for every weight, its slope, and all the slopes together are called the *gradient*. There are two ways to get
# it: try every weight out, or follow the loss backwards through the model, which is *backpropagation*.
#
# | part | you write | it answers | minutes |
# | --- | --- | --- | --- |
# | 1 | `numerical_gradient` | what happens if I nudge each number a little? | 20 |
# | 2 | `house_price_gradients` | the same from a formula, for the smallest network | 20 |
# | 3 | `cross_entropy_backward` | which scores should rise, and which fall? | 20 |
# | 4 | `linear_backward` | how does a layer pass the news on? | 20 |
# | 5 | `mlp_loss_and_grads` | all of it together, for a whole network (a stretch) | 20 |
#
# Below each function is a cell that looks at your result, and one that checks it. Run the cells from top to bottom; a
# look at something that is not written yet only says so.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, compare, keep, picture, progress, show, solved
from autograder.given import cross_entropy, mse_loss, softmax
from autograder.notebook.bars import side_by_side

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## Part 1: A slope, by trying it out
#
# **Why.** Somebody hands you a function `f` that turns numbers into one number: weights into a loss, say. You would
# like to know how `f` changes when one of the numbers grows a little. The direct way is to try. That is slow, but it
# works for any function, so it is how all other gradients are tested, in this lab too.
#
# **Formula.** Go a small step $h$ up and a small step $h$ down. The difference of the two results, for each unit
# gone, is the slope at $v$:
#
# $$\text{slope} \approx \frac{f(v + h) - f(v - h)}{2h}$$
#
# You went from $v - h$ to $v + h$, so the distance is $2h$. A slope of 6 says that $f$ grows six times as fast as
# $v$; a negative one says that $f$ falls when $v$ grows.
#
# **By hand.** Let $f(v) = v^2$, $v = 3$ and $h = 0.1$. Then $3.1^2 = 9.61$ and $2.9^2 = 8.41$. Their difference is
# $1.20$, the distance $0.2$, and the slope $1.20 / 0.2 = 6$, which is exact. With a step up alone it would be
# $(9.61 - 9) / 0.1 = 6.1$: the curve bends, and one side does not see that. Two sides make up for each other.
#
# **Many numbers.** When `f` takes a whole array, every entry has a slope of its own, and the gradient has the shape
# of the array. For each entry, **only that one** takes the steps and all others stay where they were. Take
# $f(v) = v_0 \cdot v_1$ at $(2, 5)$: the slope for $v_0$ is $(2.1 \cdot 5 - 1.9 \cdot 5) / 0.2 = 5$, the one for
# $v_1$ is $(2 \cdot 5.1 - 2 \cdot 4.9) / 0.2 = 2$. The gradient is $(5, 2)$.
#
# **Functions as arguments.** `f` is an argument like any other, and you call it like any other function: `f(v)`
# takes an array and gives one number. It may need the array in its own shape, so always hand it the whole array.
#
# **Two traps.** Adding $h$ to an entry of `x` itself changes the caller's array, and taking $h$ away again does not
# quite bring the old number back, since floats are rounded; step on copies. And an array of whole numbers has no room
# for 3.00001, so the copies must be arrays of floats.


# %%
def numerical_gradient(f, x, h=1e-5):
    """Slope of f in every entry of x, by a small step to either side.

    f: function that takes a float array of the shape of x and returns one number.
    x: array of any shape, such as (D,) or (N, D), of floats or integers. It is left as
        it is.
    h: a number above 0, how far to step, in the unit of x.
    Returns a float array of the shape of x: for every entry the difference of f between
    a step h up and a step h down, divided by the distance between the two. Raises
    nothing of its own.
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
# **Look.** How small should a step be? The function below is $e^v$, whose slope at 1 is known: it is $e$ itself,
# 2.71828. The plot shows how far your slope is off, for steps from huge to tiny.


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
    axes.set(xlabel="step h", ylabel="how far the slope is off")
    axes.legend()
    show(
        figure,
        "How far your slope is off, for steps from 1e-13 to 1, both on scales of powers of ten. You should "
        "see a valley: the slope is worst for the longest and the shortest steps, and best near the dashed "
        "line at 0.00001.",
    )

# %% [markdown]
# You should see a valley. On its right slope the step is so long that the curve bends on the way; on the left the two
# results of `f` are so close to each other that hardly anything is left of their difference but rounding. The $h$ of
# the docstring, 0.00001, stands near the bottom, where eight or more digits are right.

# %%
check("numerical_gradient")

# %% [markdown]
# ## Part 2: The chain rule, on the house-price neuron
#
# **Why.** Trying takes two runs of the model for each weight. A language model has billions of weights, so one step
# of training would take years. A formula gives all the slopes in one go, and needs no step size.
#
# **The smallest network.** A house of 1500 sqft, a weight of 200 USD per sqft, a bias of 0 USD: the guess is
# $1500 \cdot 200 = 300{,}000$ USD. It sold for 310,000 USD, so the error, guess minus price, is $-10{,}000$ USD. The
# loss is the error squared.
#
# **A chain of slopes.** The weight has no direct line to the loss. There is a chain: the weight changes the guess, the
# guess changes the error, and the error changes the loss. Each link has a simple slope of its own:
#
# | link | its slope | why |
# | --- | --- | --- |
# | weight → guess | size, 1500 | 1 USD more per sqft is 1500 USD more for this house |
# | guess → error | 1 | the price stays, so they grow together |
# | error → loss | 2 · error, −20,000 | $(e + s)^2 = e^2 + 2es + s^2$, and for a tiny $s$ the $s^2$ is nothing |
#
# Along a chain, slopes **multiply**: $1500 \cdot 1 \cdot (-20{,}000) = -30{,}000{,}000$. That is the *chain rule*,
# the heart of backpropagation. The bias has the same chain with another first link: 1 USD more of bias is
# 1 USD more of guess, so its slope is $1 \cdot 1 \cdot (-20{,}000) = -20{,}000$.
#
# **Does it hold?** Let the weight be 200.01. The guess becomes 300,015, the error $-9{,}985$ and the loss 99,700,225
# instead of 100,000,000. It fell by 299,775 for a step of 0.01, so by 29,977,500 for each unit. The formula said
# 30,000,000, and a smaller step would come closer.
#
# **Formula.** With many houses the loss is the mean of the squares, so the slopes are means too:
#
# $$dw = 2 \cdot \operatorname{mean}(\text{error}_i \cdot \text{size}_i) \qquad
# db = 2 \cdot \operatorname{mean}(\text{error}_i)$$
#
# where $\text{error}_i$ is the guess for house $i$, $w \cdot \text{size}_i + b$, minus its price.
#
# The sign speaks: a negative slope says that the loss falls when the weight grows. Mind the mean of the products: a
# large house with a large error pulls harder than the two averages would tell.

# %%
picture("gradients")


# %%
def house_price_gradients(w, b, sizes, prices):
    """Slopes of the mean squared error of the house-price neuron.

    The loss is the mean over the houses of (w * size + b - price) squared.

    w: number, the weight in USD per sqft.
    b: number, the bias in USD.
    sizes: array of shape (N,), one or more sizes in sqft.
    prices: array of shape (N,), what the houses sold for in USD.
    Returns a pair (dw, db) of numbers: how much the loss grows for each unit that w
    grows (USD² for each USD per sqft) and that b grows (USD² for each USD). Changes
    neither array, and neither weight nor bias. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    errors = w * sizes + b - prices
    return 2 * np.mean(errors * sizes), 2 * np.mean(errors)
    ### END SOLUTION


# %% [markdown]
# **Look.** The loss of three houses, for all weights from 140 to 260. At three of them a straight line is drawn with
# the slope that you computed.

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
        label = f"slope at {w:g}: {slope / 1e6:.3g} million"
        (line,) = axes.plot(nearby, loss + slope * (nearby - w), linewidth=3, label=label)
        axes.plot(w, loss, "o", color=line.get_color())
    axes.set(xlabel="weight (USD per sqft)", ylabel="mean squared error (USD²)")
    axes.legend()
    show(
        figure,
        "The loss for weights from 140 to 260 is a valley with its bottom near 200. At 160, 200 and 235 a "
        "straight line has the slope you computed. Each should touch the curve: falling at 160, almost level "
        "at 200, rising at 235.",
    )

# %% [markdown]
# Each straight line should lie along the curve where its dot is, neither cutting through it nor leaving it at an angle.
# Left of the valley the slope is negative, on the right positive, and near 200 almost nothing. The farther from the
# valley, the steeper: a slope says not only which way, but also how urgently.
#
# *More precisely:* one often reads that backpropagation adjusts the weights. It does not: it finds the slopes, as you
# just did, and leaves the weights alone. Changing them with the slopes is the next step, *gradient descent* (lab 5),
# which goes against the slope, since the slope points uphill.

# %%
check("house_price_gradients")

# %% [markdown]
# ## Part 3: From the loss back to the scores
#
# **Why.** A language model's last layer gives a score for each word, its logits; softmax makes probabilities of them,
# and the loss is $-\ln$ of the probability of the right word. Walking back from the loss, the first stop is the
# logits: which of them should have been higher, and which lower?
#
# **Formula.** For one guess with logits $z$ and right word $t$ the loss can be written
# $\ln\left(\sum_j e^{z_j}\right) - z_t$. Look at the two parts.
#
# - $-z_t$ has slope $-1$ for the right word, and 0 for all others.
# - $\ln\left(\sum_j e^{z_j}\right)$ is a chain: $z_i$ changes the sum with slope $e^{z_i}$, and a logarithm has the
#   slope 1 / (what is inside). The product is $e^{z_i} / \sum_j e^{z_j}$, and you know that one: it is the probability
#   $p_i$.
#
# Together: **the probabilities, less 1 at the right word.** For a batch the loss is a mean over $N$ rows, so each
# row's share of it is one $N$-th:
#
# $$\frac{\partial\, \text{loss}}{\partial z_{n,i}} = \frac{p_{n,i} - [\,i = t_n\,]}{N}$$
#
# Here $[\,i = t_n\,]$ is 1 at the right word of row $n$ and 0 elsewhere. (The curly d, $\partial$, says: the slope in
# this one number, while all others stay.)
#
# **By hand.** After *The cat sat on the* the model gave floor 30 %, mat 25 %, table 20 % and all other words 25 %,
# and "mat" was right. There is one row, and the gradient is $(0.30, -0.75, 0.20, 0.25)$. Only "mat" is negative:
# raising its score lowers the loss, raising any other score makes it worse. The four add up to 0, as they must:
# raising *all* scores alike changes no probability.
#
# Two rows: the logits $(\ln 3, 0)$ twice, so the probabilities are $(3/4, 1/4)$ twice. In the first row word 0 is
# right: $(-0.25, 0.25) / 2 = (-0.125, 0.125)$. In the second row word 1 is: $(0.75, -0.75) / 2 = (0.375, -0.375)$.
# The worse guess gets three times the pull.
#
# **One entry in each row.** As in lab 3, two lists of the same length name one entry in each row: for a table `a`,
# `a[[0, 1, 2], [4, 0, 2]]` are `a[0, 4]`, `a[1, 0]` and `a[2, 2]`. That may also stand on the left of an `=`, to change
# just these entries. You are given `softmax(logits, axis=-1)` of lab 2, which returns a new array and is safe for
# large scores.


# %%
def cross_entropy_backward(logits, targets):
    """Gradient of the mean cross-entropy in the logits.

    You may call softmax, which is given.

    logits: array of shape (N, V), floats or integers of any size: N guesses over V words.
    targets: int array of shape (N,), the right word of each row, from 0 to V - 1.
    Returns a float array of shape (N, V): how much the loss grows, in nats, for each
    unit that a logit grows. Changes neither array. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    rows = len(logits)
    gradient = softmax(logits)
    keep("probs", gradient)
    gradient[np.arange(rows), targets] -= 1.0
    return gradient / rows
    ### END SOLUTION


# %% [markdown]
# **Look.** The lesson's guess, and your gradient beside it.

# %%
words = ["floor", "mat", "table", "(others)"]
guess = np.log([[30.0, 25.0, 20.0, 25.0]])

gradient = solved(cross_entropy_backward, guess, np.array([1]))
if gradient is not None:
    figure, axes = plt.subplots()
    side_by_side(axes, words, {"probability": softmax(guess), "slope of the loss in the logit": gradient})
    axes.axhline(0.0, color="black", linewidth=1)
    show(
        figure,
        "Two bars for each word: its probability, and the slope of the loss in its logit. The two should be "
        "equal for floor, table and the others. For mat the slope should reach down to −0.75.",
    )

# %% [markdown]
# You should see pairs of equal bars, except for "mat", whose slope reaches down to −0.75. The bars below the line and
# those above it are of the same length together. Going against the slopes takes a little from every other word's score,
# most from the most probable ones, and gives to "mat".
#
# **If a check fails,** find out which step went wrong. Write `keep("probs", …)` and `keep("dlogits", …)` into your
# function, with your probabilities and the gradient you return: the check then names the first one that's wrong, and
# where. `keep` does nothing when graded, so you can leave it in. To try out a step by itself, compute it for the
# example by hand and `compare` it, as here:

# %%
compare("probs", softmax(np.log([[30.0, 25.0, 20.0, 25.0]])))

# %%
check("cross_entropy_backward")

# %% [markdown]
# ## Part 4: Back through a layer
#
# **Why.** A deep network is a stack of layers. Each one computes $Y = X W + b$ on the way forward. On the way back it
# hears from the layers after it how the loss changes with its *output*, and has to answer two things: how does the loss
# change with my weights and biases, and what do I tell the layer before me? Nothing else travels; that is why
# backpropagation works for any number of layers.
#
# **What comes in.** `grad_out`, say $G$, has the shape of $Y$, (N, D_out): the slope of the loss in every entry of the
# output. Each gradient that goes out has the shape of the thing that it belongs to. Follow each number to where it is
# used, multiply along the way, and **add up over all ways** to the loss:
#
# - **b.** The bias $b_j$ is added to column $j$ in every row, with slope 1. So its slope is the sum of column $j$ of
#   $G$.
# - **W.** The weight $W_{ij}$ takes input $i$ to output $j$, in every row $n$, with slope $X_{ni}$. So its slope is
#   $\sum_n X_{ni}\, G_{nj}$.
# - **X.** The input $X_{ni}$ goes to all outputs $j$ of its own row, with slopes $W_{ij}$. So its slope is
#   $\sum_j G_{nj}\, W_{ij}$.
#
# Sums of products like the last two are matrix products. A matrix product adds up over the columns of its left side and
# the rows of its right side; but for W the sum runs over the rows of both arrays, and for X over the columns of both.
# So each time one side has to be transposed. The shapes tell which one:
#
# | | | shape |
# | --- | --- | --- |
# | grad_X | made of $G$ (N, D_out) and $W$ (D_in, D_out) | (N, D_in) |
# | grad_W | made of $X$ (N, D_in) and $G$ (N, D_out) | (D_in, D_out) |
# | grad_b | made of $G$ (N, D_out) | (D_out,) |
#
# **By hand.** Two examples, two inputs, two outputs:
#
# $$X = \begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix} \quad W = \begin{pmatrix}5 & -1\\ 2 & 3\end{pmatrix} \quad
# G = \begin{pmatrix}1 & 0\\ 2 & -1\end{pmatrix}$$
#
# - grad_b: column sums of $G$, $(1 + 2,\; 0 - 1) = (3, -1)$.
# - grad_W: its first entry is $X_{00} G_{00} + X_{10} G_{10} = 1 \cdot 1 + 3 \cdot 2 = 7$, and its rows
#   are $(7, -3)$ and $(10, -4)$.
# - grad_X: its first entry is $G_{00} W_{00} + G_{01} W_{01} = 1 \cdot 5 + 0 \cdot (-1) = 5$, and its
#   rows are $(5, 2)$ and $(11, 1)$.
#
# Nothing is averaged here. The mean over the batch belongs to the loss, and its $1/N$ is in $G$ already: part 3 put it
# there.


# %%
def linear_backward(grad_out, X, W):
    """Backward pass of the layer X @ W + b.

    grad_out: array of shape (N, D_out), the slope of the loss in each output.
    X: array of shape (N, D_in), what went into the layer.
    W: array of shape (D_in, D_out), its weights.
    Returns three float arrays (grad_X, grad_W, grad_b) of shapes (N, D_in),
    (D_in, D_out) and (D_out,): the slopes of the loss in X, W and b. Changes no array.
    Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    return grad_out @ W.T, X.T @ grad_out, grad_out.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# **Look.** A gradient is tested by trying: that is what part 1 is for. Here is a layer with random numbers, and as its
# "loss" the sum of all outputs, each times a random factor. These factors then are `grad_out`.

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
            print(f"{name} {np.shape(formula)}: the two differ by {np.abs(formula - trying).max():.1g} at most")
        else:
            print(f"{name}: yours has shape {np.shape(formula)}, trying gives {np.shape(trying)}")

# %% [markdown]
# You should see three tiny numbers, some 0.0000000001 (1e-10). That is the rounding of part 1; a wrong formula would be
# off by about 1.
#
# The steps that you can `keep` and `compare` here are `grad_X`, `grad_W` and `grad_b`.

# %%
check("linear_backward")

# %% [markdown]
# ## Part 5: A whole network (a stretch)
#
# *This part counts for mastery of the concept; nobody needs it to pass.*
#
# **Why.** Now everything comes together: a network with a hidden layer, its loss, and the slope of every single weight
# from one walk forward and one walk back. With the returned slopes lab 5 trains such a network.
#
# **Forward.** Four steps; keep what each of them gives, the way back needs it.
#
# 1. $a = X W_1 + b_1$, shape (N, H) for H hidden neurons
# 2. $h = \operatorname{ReLU}(a)$: each entry of $a$ where it is above 0, else 0
# 3. logits $= h W_2 + b_2$, shape (N, V)
# 4. loss: the mean cross-entropy of the logits and the targets
#
# **Backward.** The same steps from the end to the start, each one taking the slope in its output and giving the slope
# in its input.
#
# - Step 4 backwards is part 3: it gives the slope in the logits.
# - Step 3 backwards is part 4, with $h$ for what went in: it gives the slopes in $W_2$, $b_2$ and $h$.
# - Step 2 backwards is new, and easy. Where $a$ was above 0, ReLU let it through unchanged: slope 1. Where $a$ was
#   below 0, nothing came through, and nudging $a$ changes nothing: slope 0. So the slope in $a$ is the slope in $h$,
#   with zeros wherever **$a$** was not above 0.
# - Step 1 backwards is part 4 again, with $X$ for what went in: it gives the slopes in $W_1$ and $b_1$.
#
# **By hand.** One example, one input, two hidden neurons, two words: $X = (2)$, $W_1 = (1, -1)$, $b_1 = (0, 1)$. So
# $a = (2, -1)$ and $h = (2, 0)$: the second neuron is off. Let
#
# $$W_2 = \begin{pmatrix}0.549 & 0\\ 1 & -1\end{pmatrix} \qquad b_2 = (0, 0)$$
#
# where 0.549 is $\ln 3 / 2$. The logits are $(\ln 3, 0)$, the probabilities $(0.75, 0.25)$, and word 1 is right, so
# the loss is $-\ln 0.25 = 1.386$. Now back:
#
# | slope in | value | from |
# | --- | --- | --- |
# | logits | $(0.75, -0.75)$ | probabilities, less 1 at word 1 |
# | b2 | $(0.75, -0.75)$ | the only row |
# | W2 | $(1.5, -1.5)$ and $(0, 0)$ | times $h = (2, 0)$ |
# | h | $(0.412, 1.5)$ | $0.75 \cdot 0.549 - 0.75 \cdot 0$, and $0.75 \cdot 1 + (-0.75) \cdot (-1)$ |
# | a | $(0.412, 0)$ | the second neuron was off |
# | b1 | $(0.412, 0)$ | the only row |
# | W1 | $(0.824, 0)$ | times $X = 2$ |
#
# **No memory.** Each call starts from nothing: it changes no weight, and adds to no gradient of an earlier call.
#
# *More precisely:* exactly at 0, ReLU has a corner and no slope. Any number from 0 to 1 will do there; most programs
# take 0. No check asks for it.


# %%
def mlp_loss_and_grads(params, X, targets):
    """Loss of a network with one hidden layer, and its slope in every parameter.

    Forward: a = X @ W1 + b1, h = ReLU(a), logits = h @ W2 + b2, and the mean
    cross-entropy. You may call softmax and cross_entropy, which are given, and your
    functions above; a mistake in those then counts here too.

    params: dict of float arrays, "W1" (D, H), "b1" (H,), "W2" (H, V), "b2" (V,).
    X: array of shape (N, D), N examples of D numbers.
    targets: int array of shape (N,), the right word of each example, from 0 to V - 1.
    Returns a pair (loss, grads): the loss as one number, in nats, and a dict with the
    keys of params, each gradient a float array of the shape of its parameter. Changes
    nothing that it was given, and remembers nothing. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    a = X @ params["W1"] + params["b1"]
    h = np.maximum(a, 0.0)
    logits = h @ params["W2"] + params["b2"]

    # linear_backward and cross_entropy_backward are as right; a mistake there would then cost points here
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
# **Look.** A small network with 31 parameters. Each dot is one of them: across, its slope from your way back; upwards,
# its slope from trying it out, which took 62 runs of the network.

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
    axes.set(xlabel="slope by backpropagation", ylabel="slope by trying")
    axes.legend()
    show(
        figure,
        "A dot for each of 31 parameters: across its slope by backpropagation, upwards its slope by trying. "
        "All dots should lie on the grey line, where the two are equal.",
    )

# %% [markdown]
# All 31 dots should lie on the line. One color off the line tells you which gradient to look at.
#
# In a function this long, `keep` saves you the most time. The steps are `a`, `h`, `logits` and `loss` on the way
# forward, then `grad_logits`, `grad_W2`, `grad_b2`, `grad_h`, `grad_a`, `grad_W1` and `grad_b1` on the way back. Keep
# as many as you like. `compare` takes the same names, for the network worked by hand above.

# %%
check("mlp_loss_and_grads")

# %% [markdown]
# ## What you have now
#
# - A slope says how much the loss grows when one number grows a little; all slopes together are the gradient.
# - Trying gives every slope, slowly. It is the test for every formula.
# - Slopes multiply along a chain and add up where ways meet. That is backpropagation, from the loss back to the
#   first layer.
# - The slope of the loss in the logits is the probabilities, less 1 at the right word.
# - Nothing has changed yet: a gradient is knowledge, not a step.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit backprop` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** lab 5, `training`, takes the steps: a little against the slope, again and again, down into the valley.
