# %% [markdown]
# # Lab 1: Neurons and layers
#
# **About 60 minutes.** Builds on the lab `start` (cells, arrays, shapes, and how to read a check). Every later lab
# builds on this one.
#
# A neural network is a machine made of multiplications and additions. The idea came, loosely, from the brain: a brain
# cell receives signals, some count for more than others, and together they decide whether the cell fires. The
# likeness ends there. A network is arithmetic, not biology, and in this lab you will write all of that arithmetic
# yourself.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `predict_price` | what does one weight do? | 10 |
# | 2 | `neuron` | how do many inputs become one number? | 12 |
# | 3 | `relu` | what bends a straight line? | 8 |
# | 4 | `linear` | how do many neurons become a layer? | 15 |
# | 5 | `mlp_forward` | how do many layers become a network? | 15 |
#
# Write your answer where a cell says so, run it, look at your result, and run the check below it. Checks tell you at
# once what is wrong; more of them run when you submit.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, progress, show, solved

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## 1. One weight: the price of a house
#
# **Why.** Large houses cost more. The simplest network that knows this has one input, one weight and one output: it
# takes a house's size, multiplies it, and what comes out is its guess at the price.
#
# **Formula.**
#
# $$\text{price} = \text{size} \cdot \text{weight} + \text{bias}$$
#
# - The *weight* says how much the input counts: how many USD each square foot adds.
# - The *bias* is added whatever the input is. Think of the land that comes with every house. Without one it is 0.
#
# **By hand.** A house of 1500 sqft at a weight of 200 USD per sqft: 1500 · 200 = **300,000 USD**. With a bias of
# 25,000 USD it is **325,000 USD**. And mind the units: sqft times USD per sqft is USD.
#
# **Many houses at once.** `size_sqft` may be one number or an array with one size for each house. Arithmetic works on
# all numbers of an array, so you will hardly notice: `np.array([1500.0, 800.0]) * 200.0` is both products.
#
# *More precisely.* A weight is a number that the model has *learned*, from many houses and what they were sold for. In
# this lab all weights are given; how they are found is the subject of the lab `training`.


# %%
def predict_price(size_sqft, weight, bias=0.0):
    """Price of a house, or of several, by a neuron with one weight.

    size_sqft: a number, or an array of shape (N,) with one size for each house, in
        square feet; floats or integers. An array is left as it is.
    weight: number, in USD per square foot.
    bias: number, in USD; added once to the price of every house.
    Returns the price in USD, not rounded: one number for one size, an array of shape
    (N,) for an array of sizes. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    return size_sqft * weight + bias
    ### END SOLUTION


# %% [markdown]
# **Look.** Eight houses that were sold, and your neuron's line at the weight 200. It should run through the middle of
# the dots, close to most and exactly through none: a model is a guess, not a memory. The dashed line has the weight
# 200 and a bias of 60,000 USD, and lies above all of them. The weight tilts a line, the bias lifts it.

# %%
sizes_sqft = np.array([800.0, 1000.0, 1250.0, 1500.0, 1750.0, 2000.0, 2200.0, 2500.0])
prices_usd = np.array([155_000.0, 214_000.0, 243_000.0, 310_000.0, 336_000.0, 411_000.0, 436_000.0, 505_000.0])
ends_sqft = np.array([600.0, 2700.0])

line, lifted = solved(predict_price, ends_sqft, 200.0), solved(predict_price, ends_sqft, 200.0, 60_000.0)
if np.shape(line) == np.shape(lifted) == (2,):
    figure, axes = plt.subplots()
    axes.plot(sizes_sqft, prices_usd, "o", label="houses that were sold")
    axes.plot(ends_sqft, line, label="weight 200")
    axes.plot(ends_sqft, lifted, "--", label="weight 200, bias 60,000")
    axes.set(xlabel="size (sqft)", ylabel="price (USD)")
    axes.legend()
    show(
        figure,
        "Eight dots, the prices of houses by their size, and two lines. The line with weight 200 should run "
        "through the middle of the dots, from 120,000 USD at 600 sqft to 540,000 at 2,700. The dashed line "
        "with a bias of 60,000 lies above all of them.",
    )

# %%
check("predict_price")

# %% [markdown]
# ## 2. Many inputs: the neuron
#
# **Why.** Size is not everything. Rooms make a house dearer, age makes it cheaper. A neuron takes any number of inputs,
# gives each its own weight, and adds up what comes of it.
#
# **Formula.** With the inputs $x_1, \dots, x_D$, their weights $w_1, \dots, w_D$ and a bias $b$:
#
# $$\text{output} = x_1 w_1 + x_2 w_2 + \dots + x_D w_D + b = \sum_{i=1}^{D} x_i w_i + b$$
#
# So it is a vote. A large weight makes an input loud, a weight of 0 makes it silent, and a negative one makes it speak
# against.
#
# **By hand.**
#
# | | input | weight | product |
# |---|---|---|---|
# | size | 1500 sqft | 200 USD | 300,000 USD |
# | rooms | 3 | 10,000 USD | 30,000 USD |
# | age | 40 years | −1500 USD | −60,000 USD |
# | bias | | | 20,000 USD |
# | **together** | | | **290,000 USD** |
#
# Four numbers are added up and *one* comes out, however many inputs there are.
#
# **A trap.** Three inputs need three weights. If there is only a single weight, `x * w` does not complain: numpy
# stretches an array of length 1 to whatever length is needed, and the answer is a number like any other, and wrong.
# With tables it finds still other ways to make sense of nonsense. So your function first compares the shapes, and
# raises a `ValueError` if they do not fit:
#
# ```python
# raise ValueError("what is wrong, in words")
# ```

# %%
picture("neuron")


# %%
def neuron(x, w, b):
    """Output of one neuron: each input times its weight, added up, plus the bias.

    x: array of shape (D,), the inputs; floats or integers. It may be empty.
    w: array of shape (D,), the weight of each input. Neither array is changed.
    b: number, the bias.
    Returns one number (not an array of one), positive or negative.
    Raises ValueError if x and w differ in shape or are not 1-D.
    """
    ### BEGIN SOLUTION
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(f"x has shape {x.shape}, w has shape {w.shape}; both should be (D,)")
    return np.dot(x, w) + b
    ### END SOLUTION


# %% [markdown]
# **Look.** The house above, and the same house forty years younger. Your neuron should say 290,000 and 350,000 USD:
# forty years at 1500 USD each are what lies between them.

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
# **Why.** All that a neuron can do so far is straight: every further square foot adds the same. But much in the world
# has a corner. A tax that starts at some income, a charge for every kilometre after the first hundred: nothing for a
# while, and then more and more. One very simple function has such a corner. Its name is *ReLU*, for *rectified linear
# unit*, and it is what many networks do with each neuron's output before they hand it on. Such a function is called an
# *activation*.
#
# **Formula.** Whatever is below 0 becomes 0. Everything else stays.
#
# $$\operatorname{relu}(z) = \max(z, 0)$$
#
# **By hand.** (−2, −0.5, 0, 0.5, 3) becomes **(0, 0, 0, 0.5, 3)**. There is no ceiling: a million stays a million.
#
# It is applied to every number by itself, whatever the shape of the array. The caller's array must stay as it is,
# for the negative numbers may still be needed.
#
# *More precisely.* Large language models mostly use smoother relatives of ReLU, with names like GELU and SiLU, which
# go round the corner in a curve. The idea is the same.


# %%
def relu(z):
    """Every number that is above 0 as it is, and 0 in place of the others.

    z: array of any shape, floats or integers. It is left as it is.
    Returns an array of the same shape. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


# %% [markdown]
# **Look.** Your line should lie on the floor up to 0, and then climb along the dotted one.

# %%
z = np.linspace(-3.0, 3.0, 121)
bent = solved(relu, z)
if np.shape(bent) == z.shape:
    figure, axes = plt.subplots()
    axes.plot(z, bent, linewidth=3, label="your relu")
    axes.plot(z, z, ":", color="grey", label="without a bend")
    axes.set(xlabel="z, what goes in", ylabel="what comes out")
    axes.legend()
    show(
        figure,
        "What your relu gives for numbers from −3 to 3. The line should be 0 up to 0, and then climb along "
        "the dotted line, on which what comes out is what goes in.",
    )

# %%
check("relu")

# %% [markdown]
# ## 4. Many neurons: a layer
#
# **Why.** One number in and one number out is enough for a house. For text, thousands go in and thousands come out.
# So neurons stand side by side in a *layer*: all of them look at the same inputs, and each has weights and a bias of
# its own, so each notices something else.
#
# **Formula.** Put one example in each row of a table $X$, and the weights of one neuron in each *column* of a table
# $W$. Then one product of tables works out all sums of all neurons for all examples:
#
# $$Y = X W + b, \qquad Y_{n,o} = \sum_{i=1}^{D_\text{in}} X_{n,i}\, W_{i,o} + b_o$$
#
# | | shape | holds |
# |---|---|---|
# | X | (N, D_in) | N examples with D_in numbers each |
# | W | (D_in, D_out) | a column of D_in weights for each of D_out neurons |
# | b | (D_out,) | a bias for each neuron |
# | Y | (N, D_out) | a row of D_out outputs for each example |
#
# Numpy writes this product as `X @ W`; a plain `*` would multiply entry by entry. The inner lengths have to agree and
# disappear: (N, **D_in**) @ (**D_in**, D_out) is (N, D_out).
#
# **By hand.** Two examples with two numbers each, three neurons:
#
# $$
# X = \begin{pmatrix} 1 & 2 \\ 3 & -1 \end{pmatrix}, \quad
# W = \begin{pmatrix} 1 & 0 & -2 \\ 0.5 & 1 & 1 \end{pmatrix}, \quad
# b = (0, 10, -1)
# $$
#
# First example, first neuron: 1 · 1 + 2 · 0.5 + 0 = 2. Second neuron: 1 · 0 + 2 · 1 + 10 = 12. Third: 1 · (−2) + 2 · 1
# − 1 = −1. The second example goes through the same three neurons: 2.5, 9 and −8. So
#
# $$Y = \begin{pmatrix} 2 & 12 & -1 \\ 2.5 & 9 & -8 \end{pmatrix}$$
#
# **The trap again.** `@` complains when the inner lengths differ, but not about everything: a list of one bias is
# stretched over all neurons, a column of biases is dealt out to the examples, and a single example without a batch
# around it passes, too. Refuse whatever is not shaped as in the table. Do not turn weights that lie the wrong way
# round: then something is wrong elsewhere, and whoever called you wants to know.
#
# *More precisely.* Libraries differ here: torch keeps the weights of a layer the other way round, as (D_out, D_in),
# one neuron a row.

# %%
picture("layer")


# %%
def linear(X, W, b):
    """Outputs of a layer of neurons, for a batch of examples.

    X: array of shape (N, D_in), one example a row; floats or integers. N may be 0.
    W: array of shape (D_in, D_out), the weights of one neuron in each column.
    b: array of shape (D_out,), one bias for each neuron. No array is changed.
    Returns an array of shape (N, D_out): for each example the output of each neuron.
    Raises ValueError if any shape does not fit: also for b of shape (1,) with several
    neurons, and for an X or a W that is not 2-D.
    """
    ### BEGIN SOLUTION
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError(f"shapes that do not fit together: X {X.shape}, W {W.shape}, b {b.shape}")
    return X @ W + b
    ### END SOLUTION


# %% [markdown]
# **Look.** The example above through your layer. It should be the table Y.

# %%
X = np.array([[1.0, 2.0], [3.0, -1.0]])
W = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 1.0]])
outputs = solved(linear, X, W, np.array([0.0, 10.0, -1.0]))
if outputs is not None:
    print(outputs)

# %%
check("linear")

# %% [markdown]
# Weights soon become many. A layer from 4096 numbers to a score for each of 50,000 words, as at the end of some large
# language models, has 4096 · 50,000 weights and 50,000 biases: about 205 million numbers, in one layer.
#
# ## 5. Many layers: a network
#
# **Why.** Layers are stacked: what one gives is what the next one gets. So the later ones can build on what the
# earlier ones have noticed.
#
# > input → hidden layer 1 → hidden layer 2 → … → output layer
#
# The layers between input and output are called *hidden*, for nobody sees their numbers from outside. A network with
# several of them is called *deep*.
#
# **Why the bend is needed.** Stack two layers without one, say "times 2 plus 1", and then "times 3 minus 4". Together
# they are $3 \cdot (2x + 1) - 4 = 6x - 1$, and that is "times 6 minus 1": a single layer could have done it. A hundred
# straight layers are one straight layer. So a ReLU comes after every hidden layer. It does *not* come after the last
# one: an answer may be negative, be it a change in price or the score of an unlikely word.
#
# **Formula.** With the layers $(W_1, b_1), \dots, (W_L, b_L)$ and $h_0 = X$:
#
# $$h_k = \operatorname{relu}(h_{k-1} W_k + b_k) \quad\text{for } k < L, \qquad \text{output} = h_{L-1} W_L + b_L$$
#
# **By hand.** How far is a number from 0? No straight line can say. Two neurons and a third can:
#
# - hidden layer, weights (1, −1), no biases: −3 becomes (−3, 3), and after ReLU (0, 3);
# - output layer, weights (1, 1), no bias: 0 · 1 + 3 · 1 = **3**.
#
# For 2 it is (2, −2), then (2, 0), then 2. One hidden neuron is at work on the right of 0, the other on the left.
#
# Such a network of plain layers is called a *multi-layer perceptron*, MLP for short.


# %%
def mlp_forward(X, layers):
    """Outputs of a network: layers one after the other, with ReLU between them.

    You may call your linear and relu; a mistake in them then counts here too.

    X: array of shape (N, D_0), one example a row; floats or integers. It is left as it
        is.
    layers: list of pairs (W, b), one or more, in the order in which they are worked
        through. W has shape (D_in, D_out), b has shape (D_out,), and each layer's
        D_out is the next one's D_in. The list and its arrays are left as they are.
    Returns an array of shape (N, D_last). ReLU follows every layer but the last.
    Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    # relu(linear(X, W, b)) is as right; a mistake there would then cost points here
    *hidden, (W_last, b_last) = layers
    for W, b in hidden:
        X = np.maximum(X @ W + b, 0)
    return X @ W_last + b_last
    ### END SOLUTION


# %% [markdown]
# **Look.** Your network for the distance from 0. The dashed lines show what its two hidden neurons give, each a ReLU:
# one works on the left, one on the right. Your line should be their sum, a V with its tip at 0.

# %%
x = np.linspace(-3.0, 3.0, 121)
distance = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.array([[1.0], [1.0]]), np.zeros(1))]
outputs = solved(mlp_forward, x[:, None], distance)
if np.shape(outputs) == (len(x), 1):
    figure, axes = plt.subplots()
    axes.plot(x, outputs, linewidth=4, alpha=0.5, label="your network: the distance from 0")
    axes.plot(x, np.maximum(x, 0), "--", label="hidden neuron with weight 1")
    axes.plot(x, np.maximum(-x, 0), "--", label="hidden neuron with weight −1")
    axes.set(xlabel="number that goes in", ylabel="number that comes out")
    axes.legend()
    show(
        figure,
        "Your network for the distance from 0, from −3 to 3, and its two hidden neurons as dashed lines, one "
        "that climbs to the left of 0 and one that climbs to the right. Your line should be their sum, a V "
        "with its tip at 0.",
    )

# %%
check("mlp_forward")

# %% [markdown]
# With more hidden neurons there can be more corners, and with enough of them a network comes as close as one likes to
# any curve without jumps. What its weights have to be for that, training finds out.
#
# *More precisely.* Early layers are often said to notice simple patterns, middle ones grammar, and deep ones meaning.
# That is a rough picture: nobody assigns these jobs, training shapes all layers at once, and what a layer does has to
# be found out afterwards. The layer counts that one reads for well-known models (96, 120 and more, "hundreds") are
# often estimates that nobody has confirmed.
#
# ## What you have now
#
# - A **weight** says how much an input counts; a **bias** is added whatever comes in.
# - A **neuron** adds up inputs times weights. It gives one number.
# - A **layer** is many neurons that look at the same inputs: one product of tables for a whole batch.
# - A **network** is layers with a bend between them. Without the bend all of them together are one straight line.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit neuron` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** the last layer of a language model has one number for every word it knows. Lab 2, `softmax`, turns these
# numbers into probabilities.
