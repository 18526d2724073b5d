# %% [markdown]
# # Lab 1: Neurons and layers
#
# **About 80 minutes.** Builds on `start` (cells, arrays, shapes, and how to read a check). Every later lab builds on
# this one. New terms are in *italics*; the [glossary](../glossary/glossary.ipynb) explains them all.
#
# A neural network is a machine made of multiplications and additions. The idea was loosely inspired by the brain: a
# brain cell receives signals, some count for more than others, and together they decide whether the cell fires. The
# similarity ends there. A network is arithmetic, not biology, and in this lab you'll write all of that arithmetic
# yourself.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `predict_price` | what does one weight do? | 11 |
# | 2 | `neuron` | how do many inputs become one number? | 16 |
# | 3 | `relu` | what bends a straight line? | 11 |
# | 4 | `linear` | how do many neurons become a layer? | 22 |
# | 5 | `mlp_forward` | how do many layers become a network? | 20 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, progress, show, solved

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. One weight: the price of a house
#
# **Why.** Bigger houses cost more. The simplest network that captures this has one input, one weight and one output.
# It multiplies a house's size by the weight, and the result is its guess at the price.
#
# **Formula.**
#
# $$\text{price} = \text{size} \cdot \text{weight} + \text{bias}$$
#
# - The *weight* says how much the input counts: how many dollars each square foot adds.
# - The *bias* is added no matter what the input is. Think of it as the price of the land that comes with every house.
#   If no bias is given, it's 0.
#
# **By hand.** A house of 1500 square feet with a weight of 200 dollars per square foot: 1500 · 200 =
# **300,000 dollars**. With a bias of 25,000 dollars, the price is **325,000 dollars**. The units work out, too: square
# feet times dollars per square foot gives dollars.
#
# **Many houses at once.** `size_sqft` can be one number or an array with one size per house. You don't need a loop:
# numpy arithmetic is *vectorized*, so `np.array([1500.0, 800.0]) * 200.0` computes both products at once.
#
# **More precisely.** A weight is a number the model has *learned*, here from many houses and their sale prices. In
# this lab you're given all the weights. The `training` lab is about finding them.


# %%
def predict_price(size_sqft, weight, bias=0.0):
    """Return the price of one or more houses, predicted by a neuron with one weight.

    size_sqft: a number, or an array of shape (N,) with one size per house, in square
        feet; floats or integers. Not modified.
    weight: number, in USD per square foot.
    bias: number, in USD; added once to each house's price.
    Returns the price in USD, not rounded: one number for one size, an array of shape
    (N,) for an array of sizes.
    """
    ### BEGIN SOLUTION
    return size_sqft * weight + bias
    ### END SOLUTION


# %% [markdown]
# **See it.** This plot shows eight houses that were sold and your neuron's line for a weight of 200. The line should
# run through the middle of the dots, close to most of them but not exactly through any, because a model estimates
# prices instead of memorizing them. The dashed line has the same weight but a bias of 60,000 dollars, and it's above
# all the dots. The weight sets the slope of the line, and the bias moves the line up.

# %%
sizes_sqft = np.array([800.0, 1000.0, 1250.0, 1500.0, 1750.0, 2000.0, 2200.0, 2500.0])
prices_usd = np.array([155_000.0, 214_000.0, 243_000.0, 310_000.0, 336_000.0, 411_000.0, 436_000.0, 505_000.0])
ends_sqft = np.array([600.0, 2700.0])

line, lifted = solved(predict_price, ends_sqft, 200.0), solved(predict_price, ends_sqft, 200.0, 60_000.0)
if np.shape(line) == np.shape(lifted) == (2,):
    figure, axes = plt.subplots()
    axes.plot(sizes_sqft, prices_usd, "o", label="houses sold")
    axes.plot(ends_sqft, line, label="weight 200")
    axes.plot(ends_sqft, lifted, "--", label="weight 200, bias 60,000")
    axes.set(xlabel="size (sqft)", ylabel="price (USD)")
    axes.legend()
    show(
        figure,
        "Eight dots show house prices by size, with two lines. The line with weight 200 should run through the "
        "middle of the dots, from 120,000 dollars at 600 square feet to 540,000 at 2,700. The dashed line, with a "
        "bias of 60,000, is above all of them.",
    )

# %%
check("predict_price")

# %% [markdown]
# ## 2. Many inputs: the neuron
#
# **Why.** Size isn't everything. More rooms make a house more expensive, and age makes it cheaper. A neuron takes any
# number of inputs, multiplies each by its own weight, and adds up the results.
#
# **Formula.** With inputs $x_1, \dots, x_D$, their weights $w_1, \dots, w_D$ and a bias $b$:
#
# $$\text{output} = x_1 w_1 + x_2 w_2 + \dots + x_D w_D + b = \sum_{i=1}^{D} x_i w_i + b$$
#
# You can think of it as a vote. What counts is the input times its weight: in the table below, rooms have the largest
# weight, but size adds the most to the price. An input with a weight of 0 has no say, and one with a negative weight
# votes against.
#
# **By hand.**
#
# | | input | weight | product |
# |---|---|---|---|
# | size | 1500 sqft | 200 USD per sqft | 300,000 USD |
# | rooms | 3 rooms | 10,000 USD per room | 30,000 USD |
# | age | 40 years | −1500 USD per year | −60,000 USD |
# | bias | | | 20,000 USD |
# | **sum** | | | **290,000 USD** |
#
# You add up four numbers, and *one* comes out. There's always just one output, however many inputs you have.
#
# **Watch out.** Three inputs need three weights. If there's only one weight, `x * w` doesn't complain. Numpy broadcasts
# that weight across all inputs, and you get a perfectly normal-looking number that's wrong. So compare the shapes
# first, and raise a `ValueError` if they don't match. Two tables of the same shape are wrong, too: both arrays need
# exactly one dimension (1-D for short), and `x.ndim` is how many `x` has. This is how you raise an error:
#
# ```python
# raise ValueError("what's wrong, in words")
# ```

# %%
picture("neuron")


# %%
def neuron(x, w, b):
    """Return a neuron's output: each input times its weight, added up, plus the bias.

    x: array of shape (D,), the inputs; floats or integers. It may be empty.
    w: array of shape (D,), the weight of each input. Neither array is modified.
    b: number, the bias.
    Returns one number (not an array of length 1), positive or negative.
    Raises ValueError if x and w differ in shape or aren't 1-D.
    """
    ### BEGIN SOLUTION
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(f"x has shape {x.shape}, w has shape {w.shape}; both should be (D,)")
    return np.dot(x, w) + b
    ### END SOLUTION


# %% [markdown]
# **See it.** This cell gives your neuron the house above, and the same house 40 years newer. The neuron should return
# 290,000 and 350,000 dollars. The difference is 40 years at 1500 dollars per year.

# %%
weights = np.array([200.0, 10_000.0, -1500.0])
old, new = (solved(neuron, np.array([1500.0, 3.0, age]), weights, 20_000.0) for age in (40.0, 0.0))
if old is not None and new is not None:
    print("40 years old:", old, "USD")
    print("newly built: ", new, "USD")

# %%
check("neuron")

# %% [markdown]
# ## 3. A bend: ReLU
#
# **Why.** So far, all a neuron can compute is a straight line: each extra square foot adds the same amount. But many
# things in the world have corners. Think of a tax that kicks in above a certain income, or a phone plan that charges
# for every minute after the first hundred: nothing for a while, then more and more. The simplest function with such a
# corner is *ReLU*, short for *rectified linear unit*. Networks apply it to a neuron's output before passing the
# result on. A function used like that is called an *activation function*.
#
# **Formula.** Negative numbers become 0, and everything else stays the same.
#
# $$\operatorname{relu}(z) = \max(z, 0)$$
#
# **By hand.** (−2, −0.5, 0, 0.5, 3) becomes **(0, 0, 0, 0.5, 3)**. There's no upper limit: a million stays a million.
#
# **Watch out.** ReLU works on each element separately, whatever the array's shape. Some numpy functions work that way,
# too: `np.minimum(z, 1)`, for example, caps each element at 1. Python's `min` and `np.min` don't; they look for the
# smallest number of all. Don't modify the caller's array, because they may still need the negative numbers. If you
# want to assign to elements, make a copy first: `z.copy()`.
#
# **More precisely.** Large language models mostly use smoother relatives of ReLU, with names like GELU and SiLU, that
# round off the corner. The idea is the same.


# %%
def relu(z):
    """Return z with every negative number replaced by 0.

    z: array of any shape, floats or integers. Not modified.
    Returns an array of the same shape.
    """
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


# %% [markdown]
# **See it.** Your line should be flat at 0 for negative numbers, then climb along the dotted line.

# %%
z = np.linspace(-3.0, 3.0, 121)
bent = solved(relu, z)
if np.shape(bent) == z.shape:
    figure, axes = plt.subplots()
    axes.plot(z, bent, linewidth=3, label="your relu")
    axes.plot(z, z, ":", color="grey", label="without a bend")
    axes.set(xlabel="input z", ylabel="output")
    axes.legend()
    show(
        figure,
        "Your relu's output for inputs from −3 to 3. The line should be flat at 0 for negative inputs, then climb "
        "along the dotted line, where output equals input.",
    )

# %%
check("relu")

# %% [markdown]
# ## 4. Many neurons: a layer
#
# **Why.** For the price of a house, one output is enough. For text, thousands of numbers go in and thousands come
# out. So we put neurons side by side in a *layer*. They all see the same inputs, but each has its own weights and
# bias, so each can pick up on something different.
#
# **Formula.** Put one example in each row of a matrix $X$, and the weights of one neuron in each *column* of a matrix
# $W$. Together, the examples are called a *batch*, and axis 0 of $X$ is the batch axis. A single matrix product
# computes every neuron's output for every example:
#
# $$Y = X W + b, \qquad Y_{n,o} = \sum_{i=1}^{D_\text{in}} X_{n,i}\, W_{i,o} + b_o$$
#
# | | shape | holds |
# |---|---|---|
# | X | (N, D_in) | N examples with D_in numbers each |
# | W | (D_in, D_out) | a column of D_in weights for each of D_out neurons |
# | b | (D_out,) | one bias per neuron |
# | Y | (N, D_out) | a row of D_out outputs for each example |
#
# In numpy that product is `X @ W`; a plain `*` would multiply element by element. The inner dimensions have to match,
# and they disappear: (N, **D_in**) @ (**D_in**, D_out) is (N, D_out). The bias is broadcast: it's added to every row.
#
# **By hand.** Two examples with two numbers each, and three neurons:
#
# $$
# X = \begin{pmatrix} 1 & 2 \\ 3 & -1 \end{pmatrix}, \quad
# W = \begin{pmatrix} 1 & 0 & -2 \\ 0.5 & 1 & 1 \end{pmatrix}, \quad
# b = (0, 10, -1)
# $$
#
# First example, first neuron: 1 · 1 + 2 · 0.5 + 0 = 2. Second neuron: 1 · 0 + 2 · 1 + 10 = 12. Third: 1 · (−2) + 2 ·
# 1 − 1 = −1. The second example goes through the same three neurons and gives 2.5, 9 and −8. So
#
# $$Y = \begin{pmatrix} 2 & 12 & -1 \\ 2.5 & 9 & -8 \end{pmatrix}$$
#
# **Watch out.** `@` raises an error if the inner dimensions differ, but plenty of other mistakes slip through. A single
# bias broadcasts to all neurons, a column of biases broadcasts across the examples, and one example without a batch
# axis works, too. Raise a `ValueError` for any shape that doesn't match the table. Check the number of dimensions
# before you use `X.shape[1]`. If X is 1-D, its shape has no second entry, and you'd get an `IndexError` instead. And
# don't silently transpose W (swap its rows and columns) to make it fit. The bug is in the caller's code, and they'll
# want to know about it.
#
# **More precisely.** Libraries differ here. Torch stores the *transpose* of W, with shape (D_out, D_in) and one
# neuron per row.

# %%
picture("layer")


# %%
def linear(X, W, b):
    """Return the outputs of a layer of neurons for a batch of examples.

    X: array of shape (N, D_in), one example per row; floats or integers. N may be 0.
    W: array of shape (D_in, D_out), one neuron's weights in each column.
    b: array of shape (D_out,), one bias per neuron. No array is modified.
    Returns an array of shape (N, D_out): each neuron's output for each example. If N
    is 0, any empty array is correct.
    Raises ValueError if the shapes don't match. That includes b of shape (1,) with
    several neurons, and an X or W that isn't 2-D.
    """
    ### BEGIN SOLUTION
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError(f"shapes that don't match: X {X.shape}, W {W.shape}, b {b.shape}")
    return X @ W + b
    ### END SOLUTION


# %% [markdown]
# **See it.** This cell runs the example above through your layer. You should see the matrix Y.

# %%
X = np.array([[1.0, 2.0], [3.0, -1.0]])
W = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 1.0]])
outputs = solved(linear, X, W, np.array([0.0, 10.0, -1.0]))
if outputs is not None:
    print(outputs)

# %%
check("linear")

# %% [markdown]
# Weights add up quickly. A layer that turns 4096 numbers into a score for each of 50,000 words, like the last layer
# of some large language models, has 4096 · 50,000 weights and 50,000 biases. That's about 205 million numbers in a
# single layer.
#
# ## 5. Many layers: a network
#
# **Why.** You can stack layers, so that the output of one is the input of the next. That way, later layers can build
# on what earlier ones found.
#
# > input → hidden layer 1 → hidden layer 2 → … → output layer
#
# The layers between input and output are called *hidden layers*, because you don't see their numbers from the outside.
# A network with several of them is called *deep*.
#
# **Why we need ReLU.** Stack two layers without it: "times 2 plus 1", then "times 3 minus 4". Together they're $3
# \cdot (2x + 1) - 4 = 6x - 1$, or "times 6 minus 1", which a single layer could have done. Even a hundred such layers
# can't do anything that one layer couldn't. So a ReLU follows every hidden layer. It does *not* follow the last
# layer, because the output may need to be negative: a change in price, say, or the score of an unlikely word.
#
# **Formula.** With layers $(W_1, b_1), \dots, (W_L, b_L)$ and $h_0 = X$:
#
# $$h_k = \operatorname{relu}(h_{k-1} W_k + b_k) \quad\text{for } k < L, \qquad \text{output} = h_{L-1} W_L + b_L$$
#
# **By hand.** How far is a number from 0? A straight line can't answer that, but three neurons can:
#
# - hidden layer, weights (1, −1), no biases: −3 becomes (−3, 3), and (0, 3) after ReLU;
# - output layer, weights (1, 1), no bias: 0 · 1 + 3 · 1 = **3**.
#
# For 2 you get (2, −2), then (2, 0), then 2. One hidden neuron handles positive numbers, and the other handles
# negative ones.
#
# A network of plain layers like these is called a *multilayer perceptron*, or MLP.


# %%
def mlp_forward(X, layers):
    """Return the outputs of a network: one layer after another, with ReLU between them.

    You can call your linear and relu, but then any mistake in them costs points here, too.

    X: array of shape (N, D_0), one example per row; floats or integers. Not modified.
    layers: list of one or more pairs (W, b), first layer first. W has shape (D_in,
        D_out), b has shape (D_out,), and each layer's D_out is the next layer's D_in. Not
        modified.
    Returns an array of shape (N, D_last); if N is 0, any empty array is correct.
    ReLU follows every layer except the last.
    """
    ### BEGIN SOLUTION
    # relu(linear(X, W, b)) is just as correct, but then a mistake in either one costs points here, too
    *hidden, (W_last, b_last) = layers
    for W, b in hidden:
        X = np.maximum(X @ W + b, 0)
    return X @ W_last + b_last
    ### END SOLUTION


# %% [markdown]
# **See it.** This plot shows the distance from 0, as computed by your network. The dashed lines are its two hidden
# neurons, each followed by a ReLU: one is active on the left, one on the right. Your line should be their sum, a V
# with its tip at 0.

# %%
x = np.linspace(-3.0, 3.0, 121)
distance = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.array([[1.0], [1.0]]), np.zeros(1))]
outputs = solved(mlp_forward, x[:, None], distance)
if np.shape(outputs) == (len(x), 1):
    figure, axes = plt.subplots()
    axes.plot(x, outputs, color="black", linewidth=2, zorder=3, label="your network: the distance from 0")
    axes.plot(x, np.maximum(x, 0), "--", linewidth=6, label="hidden neuron with weight 1")
    axes.plot(x, np.maximum(-x, 0), "--", linewidth=6, label="hidden neuron with weight −1")
    axes.set(xlabel="input", ylabel="output")
    axes.legend()
    show(
        figure,
        "The distance from 0, as computed by your network, for inputs from −3 to 3. The network's two hidden neurons "
        "are dashed lines, one active to the left of 0 and one to the right. Your line should be their sum, a V with "
        "its tip at 0.",
    )

# %%
check("mlp_forward")

# %% [markdown]
# More hidden neurons allow more corners, and with enough of them a network can approximate any continuous function as
# closely as you want (on a bounded range). Training finds weights that do this.
#
# **More precisely.** People often say that early layers pick up simple patterns, middle layers grammar, and deep
# layers meaning. Treat that as a rough picture. Nobody assigns these jobs. Training shapes all the layers at once,
# and researchers have to find out afterward what each layer does. And be careful with layer counts: the one for GPT-3
# (96) was published, but for many newer models, the number you'll see quoted is an unconfirmed estimate.
#
# ## What you've learned
#
# - A **weight** says how much an input counts; a **bias** is added no matter what comes in.
# - A **neuron** multiplies inputs by weights, adds up the products and the bias, and returns one number.
# - A **layer** is many neurons that see the same inputs: one matrix product for a whole batch.
# - A **network** is a stack of layers with a nonlinearity such as ReLU between them. Without that nonlinearity, the
#   layers would collapse into a single one.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit neuron` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** the last layer of a language model outputs one number for every word it knows. Lab 2,
# [softmax](../softmax/softmax.ipynb), turns those numbers into probabilities.
