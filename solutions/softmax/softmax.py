# %% [markdown]
# # Lab 2: Softmax and temperature
#
# **About 60 minutes.** Builds on the lab `start` (arrays with an `axis`, and how to read a check) and on lab 1 (the
# numbers that leave a network's last layer). Labs 3 (loss), 6 (sampler) and 7 (generation) build on this one.
#
# A language model has read *The cat sat on the* and now has one number for every word it knows. This lab turns these
# numbers into the table below, makes the table bolder or more even with a temperature, and measures how undecided it
# is.
#
# | next word | mat | floor | table | roof | couch | all other words |
# | --- | --- | --- | --- | --- | --- | --- |
# | probability | 35 % | 28 % | 15 % | 8 % | 6 % | 8 % |
#
# You will write four functions: `softmax`, `log_softmax`, `softmax_with_temperature` and `entropy`. Below each is a
# cell that looks at your result, and one that checks it. Run the cells from top to bottom; a look at something that
# is not written yet only says so.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, play, progress, show, solved
from autograder.notebook.bars import side_by_side

WORDS = ["mat", "floor", "table", "roof", "couch", "others"]
logits = np.log([35.0, 28.0, 15.0, 8.0, 6.0, 8.0])
print(dict(zip(WORDS, logits.round(2).tolist(), strict=True)))

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## Part 1: From scores to probabilities
#
# **Why.** The numbers above are *logits*: raw scores, one a word. They may have any size and be negative, and they do
# not add up to anything in particular. To choose a word by chance we need probabilities instead: none below 0, and
# together 1.
#
# **Formula.** Give every score its exponential, then take each one's share of the total:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# The exponential makes everything positive and keeps the order. It also turns gaps into ratios: a word whose logit is
# 1 higher is $e \approx 2.718$ times as likely, wherever the two logits lie. Only gaps count, so adding the same
# number to all logits changes nothing.
#
# **By hand.** For the logits $(2, 1, 0)$ the exponentials are $7.389$, $2.718$ and $1$, and their total is $11.107$.
# The shares are $7.389 / 11.107 = 0.665$, then $0.245$ and $0.090$.
#
# **When the scores are large.** A float ends near $1.8 \cdot 10^{308}$, and $e^{710}$ is beyond it: numpy answers
# `inf`, and `inf / inf` is `nan`. But only gaps count! Shift each row by a number of its own before the exponential,
# so that the largest exponent becomes 0. Nothing can overflow then, and the total is at least 1, so nothing is
# divided by 0 either.
#
# **Rows and axes.** A batch of N texts over V words is an array of shape (N, V), and every row needs its own maximum
# and its own total. `axis` says along which axis the probabilities add up to 1: -1 is the last one, 0 runs down the
# columns. Numpy's sums and maxima drop that axis unless they are told to keep it with length 1. Keep it, and the
# shapes fit.
#
# *More precisely:* softmax does not pick the next word. It says how likely each one is; the picking is done by the
# sampler of lab 6. And models score *tokens*, which are words or pieces of words; "all other words" stands for
# thousands of them.


# %%
def softmax(logits, axis=-1):
    """Turn logits into probabilities that sum to 1 along `axis`.

    logits: array of any shape, such as (V,), (N, V) or (N, T, V), of floats or
        integers; at least one finite logit in every slice along `axis`. It is left as
        it is.
    Returns a float array of the same shape. Finite logits of any size give finite
    probabilities; a logit of -inf gives exactly 0. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    exponentials = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# **Look.** The bars should be the lesson's table: 35 % for "mat", 28 % for "floor", and so on down to 6 % for
# "couch".

# %%
probs = solved(softmax, logits)
if probs is not None:
    figure, axes = plt.subplots()
    axes.bar(WORDS, probs)
    axes.set(xlabel="next word", ylabel="probability", title="After “The cat sat on the”")
    show(
        figure,
        "Six bars, the probability your softmax gives each next word. They should fall from 0.35 for mat and "
        "0.28 for floor to 0.06 for couch; all other words together have 0.08.",
    )

# %%
check("softmax")

# %% [markdown]
# ## Part 2: Logarithms of probabilities
#
# **Why.** A text's probability is a product with one factor for each of its words, and such products soon become too
# small for a float: 110 words at 0.001 each are $10^{-330}$, which is stored as 0. Sums of logarithms have no such
# trouble ($110 \cdot \ln 0.001 = -760$), and the loss of lab 3 is made of them.
#
# **Formula.** Taking the logarithm of softmax afterwards comes too late: a probability of $e^{-800}$ is already 0,
# and its logarithm minus infinity. Work it out on paper first. The logarithm of a quotient is a difference, and the
# logarithm of $e^{z_i}$ is $z_i$:
#
# $$\ln p_i = z_i - \ln \sum_j e^{z_j} = (z_i - m) - \ln \sum_j e^{z_j - m}$$
#
# Here $m$ is the largest logit of the row, so that no exponential overflows. It is subtracted in both places, or the
# two sides no longer match. $\ln$ is the natural logarithm (in numpy: `log`), and its unit is the *nat*.
#
# **By hand.** For $(2, 1, 0)$: $m = 2$, the shifted logits are $(0, -1, -2)$, their exponentials add up to $1.503$,
# and $\ln 1.503 = 0.408$. So the answer is $(-0.408, -1.408, -2.408)$. For $(0, -800)$ it is $(0, -800)$: nothing is
# lost.


# %%
def log_softmax(logits, axis=-1):
    """Natural logarithms of the softmax probabilities along `axis`.

    The probabilities themselves are not formed: the small ones would be lost.

    logits: array of any shape, floats or integers; at least one finite logit in every
        slice along `axis`. It is left as it is.
    Returns a float array of the same shape, in nats. Finite logits of any size give
    finite results; a logit of -inf gives -inf. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    ### END SOLUTION


# %% [markdown]
# **Look.** One of two words falls further and further behind the other. Your line should go straight down to the
# right-hand edge. The dashed one takes the logarithm of a finished probability: it breaks off near 745, where the
# probability is too small for a float.

# %%
gaps = np.linspace(0, 1000, 201)
log_probs = solved(log_softmax, np.column_stack([np.zeros_like(gaps), -gaps]))
if log_probs is not None:
    with np.errstate(divide="ignore"):
        too_late = np.log(np.exp(-gaps) / (1 + np.exp(-gaps)))
    figure, axes = plt.subplots()
    axes.plot(gaps, np.asarray(log_probs)[:, 1], label="your log_softmax", linewidth=1)
    axes.plot(gaps, too_late, "--", label="logarithm of a finished probability", linewidth=3)
    axes.set(xlabel="how far the word's logit is behind", ylabel="log-probability (nats)")
    axes.legend()
    show(
        figure,
        "The log-probability of a word that falls behind by 0 to 1,000. The line of your log_softmax should "
        "go straight down to −1,000. The dashed line, the logarithm of a finished probability, lies on it and "
        "ends near 745.",
    )

# %%
check("log_softmax")

# %% [markdown]
# ## Part 3: Temperature
#
# **Why.** Sometimes the model should be careful, sometimes surprising. One knob is enough for that, and the model
# does not have to be trained again: a number $T$ above 0 that divides every logit before softmax.
#
# **Formula.**
#
# $$p_i = \operatorname{softmax}\left(\frac{z}{T}\right)_i$$
#
# Below 1 it stretches the gaps between the logits and the favorite gains; above 1 it shrinks them and the others
# catch up. It has to act *before* the exponential: dividing afterwards cancels in the total.
#
# **By hand.** For $(2, 1, 0)$ at $T = 2$ the logits become $(1, 0.5, 0)$, and the probabilities move from
# $(0.665, 0.245, 0.090)$ to $(0.506, 0.307, 0.186)$. At $T = 0.5$ the logits become $(4, 2, 0)$ and the probabilities
# $(0.867, 0.117, 0.016)$: the favorite gains.
#
# Before you go on, guess: what is left of the 28 % for "floor" at $T = 0.1$? Nothing, 1 %, 10 %?
#
# A temperature of 0 would divide by 0, so it is refused. Taking the best word each time is another rule, and the
# sampler's business.

# %%
picture("temperature")

# %%
play("temperature")


# %%
def softmax_with_temperature(logits, temperature, axis=-1):
    """Softmax of the logits divided by `temperature`, along `axis`.

    You may call your softmax; a mistake in it then counts here too.

    logits: array of any shape, floats or integers; at least one finite logit in every
        slice along `axis`. It is left as it is.
    temperature: a number above 0, without a unit, as small or large as anyone likes.
    Returns a float array of the shape of logits, which sums to 1 along `axis`.
    Raises ValueError if temperature is 0 or below.
    """
    ### BEGIN SOLUTION
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    # softmax(logits / temperature, axis) is as right; a mistake there would then cost points here
    scaled = logits / temperature
    exponentials = np.exp(scaled - np.max(scaled, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# **Look.** At 0.1 there should be one tall bar and a small one for "floor". At 1 you see the table as it was. At 2
# the bars are more even, but still in the same order: temperature never changes which word leads.
#
# *More precisely:* low temperatures are often said to pick the best word *always*. At 0.1 it is *almost always*: "mat"
# gets 0.9029 and "floor" 0.0969, about one time in ten. And 1 is not a high temperature; it is the model's own
# distribution, unchanged.
#
# *More precisely:* the picture treats "others" as one word. A real model divides the logit of each of those thousands
# of words, so together they gain far more at a high temperature than this single bar does.

# %%
if solved(softmax_with_temperature, logits, 1.0) is not None:
    figure, axes = plt.subplots()
    tables = {f"temperature {each}": softmax_with_temperature(logits, each) for each in (0.1, 1.0, 2.0)}
    side_by_side(axes, WORDS, tables)
    axes.set(xlabel="next word", ylabel="probability")
    show(
        figure,
        "Three bars for each word, its probability at the temperatures 0.1, 1 and 2. At 0.1 mat should have "
        "0.90, floor 0.10 and the others nothing; at 2 the bars are more even, and still in the same order.",
    )

# %%
check("softmax_with_temperature")

# %% [markdown]
# ## Part 4: Entropy, or how undecided a distribution is
#
# **Why.** "More random" should be a number, or we cannot compare two settings.
#
# **Formula.** The *surprise* at a word is $-\ln p$: 0 for a certain word, large for a rare one. Entropy is the
# average surprise, each word weighed by how often it comes:
#
# $$H(p) = -\sum_i p_i \ln p_i$$
#
# A certain outcome has $H = 0$. It is largest when all $n$ words are equally likely, and then $H = \ln n$.
#
# **By hand.** For $(0.5, 0.25, 0.25)$ the surprises are $0.693$, $1.386$ and $1.386$ nats. Weighed and added up:
# $0.3466 + 0.3466 + 0.3466 = 1.040$ nats. For the lesson's table it is $1.581$, not far below $\ln 6 = 1.792$.
#
# **Words that cannot come.** For $p = 0$ the logarithm is minus infinity, and 0 times that is `nan`. Yet such a word
# never surprises anyone: as $p$ shrinks towards 0, so does $p \ln p$. So count $0 \ln 0$ as 0, and leave the other
# words as they are.


# %%
def entropy(probs, axis=-1):
    """Shannon entropy in nats of the distributions along `axis`.

    probs: float array of any shape, not negative, summing to 1 along `axis`. It is left
        as it is.
    Returns an array of the shape of probs without `axis`: (N,) for (N, V), and a single
    number for (V,). A probability of 0 adds nothing. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    surprises = -np.log(np.where(probs > 0, probs, 1.0))
    return np.sum(probs * surprises, axis=axis)
    ### END SOLUTION


# %% [markdown]
# **Look.** The lesson's table again, from cold to hot. The curve should start near 0 (hardly any doubt), pass 1.581
# at temperature 1, and creep up to the dotted line, $\ln 6$, which it never crosses: more undecided than "all six
# alike" is impossible.

# %%
probs = solved(softmax_with_temperature, logits, 1.0)
if probs is not None and solved(entropy, probs) is not None:
    temperatures = np.linspace(0.05, 6, 120)
    curve = [entropy(softmax_with_temperature(logits, temperature)) for temperature in temperatures]
    figure, axes = plt.subplots()
    axes.plot(temperatures, curve, label="the lesson's table")
    axes.axhline(math.log(len(WORDS)), linestyle=":", color="grey", label="six words, equally likely")
    axes.set(xlabel="temperature", ylabel="entropy (nats)")
    axes.legend()
    show(
        figure,
        "Entropy against temperature. The curve should begin near 0, pass 1.58 nats at temperature 1, and "
        "creep up to the dotted line at ln 6, 1.79 nats, without ever crossing it.",
    )

# %%
check("entropy")

# %% [markdown]
# ## What you have now
#
# - Softmax turns scores into probabilities; only the gaps between scores count, and shifting keeps it safe.
# - Logarithms of probabilities are worked out without the probabilities, so that nothing is lost.
# - A temperature stretches or shrinks the gaps. It makes the model more or less random, not more or less clever.
# - Entropy says how random, in nats.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit softmax` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** lab 3, `loss`, compares such a distribution with the word that really came, and calls the surprise the
# *loss*.
