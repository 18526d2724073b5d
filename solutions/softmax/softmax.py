# %% [markdown]
# # Lab 2: Softmax and temperature
#
# **About 75 minutes.** Builds on `start` (arrays with an `axis`, and how to read a check) and lab 1 (the numbers that
# come out of a network's last layer). Labs 3 (loss), 6 (sampler) and 7 (generation) build on this one. New terms are
# in *italics*; the [glossary](../glossary/glossary.ipynb) explains them all.
#
# A language model has read *The cat sat on the* and now has one number for every word it knows. In this lab you'll
# turn those numbers into the table from [page 0](../lesson/lesson.ipynb), make it sharper or flatter with a
# temperature, and measure how uncertain the model is. Running a trained model like this is called
# *inference*.
#
# | next word | mat | floor | table | roof | couch | all other words |
# | --- | --- | --- | --- | --- | --- | --- |
# | probability | 35% | 28% | 15% | 8% | 6% | 8% |
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `softmax` | how do scores become probabilities? | 24 |
# | 2 | `log_softmax` | how do I take their logarithms without losing the tiny ones? | 16 |
# | 3 | `softmax_with_temperature` | how do I make a model more or less random? | 15 |
# | 4 | `entropy` | how uncertain is the model, as a number? | 20 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

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
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. From scores to probabilities
#
# **Why.** The numbers above are *logits*: raw scores, one per word. They can be any size, they can be negative, and
# they don't sum to anything in particular. To pick a word at random we need probabilities instead: non-negative and
# summing to 1. A list like that is called a *distribution*.
#
# **Formula.** Take the exponential of each score (`np.exp` in numpy), then divide by the sum. That's *softmax*:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# The exponential makes everything positive and keeps the order. It also turns differences into ratios: a word whose
# logit is 1 higher is $e \approx 2.718$ times as likely, no matter what the two logits are. Only differences matter,
# so adding the same number to every logit changes nothing.
#
# **By hand.** For logits $(2, 1, 0)$ the exponentials are $7.389$, $2.718$ and $1$, and they sum to $11.107$. The
# probabilities are $7.389 / 11.107 = 0.665$, then $0.245$ and $0.090$.
#
# **Watch out: large scores.** Floats go up to about $1.8 \cdot 10^{308}$, and $e^{710}$ is larger than that. Numpy
# returns `inf`, and `inf / inf` is `nan`. But only differences matter! So before you take exponentials, shift each
# row by a number of its own, chosen so that the largest exponent is 0. Then nothing can overflow, and the sum is at
# least 1, so you'll never divide by 0.
#
# **Watch out: axes.** For a batch of N texts and a vocabulary of V words, the logits have shape (N, V), and each row
# needs its own maximum and its own sum. The probabilities sum to 1 along `axis`: -1 is the last axis, and 0 runs down
# the columns. By default, numpy's `sum` and `max` drop that axis. If you keep it with `keepdims=True`, as in `start`,
# it has length 1, and the result broadcasts against the logits.
#
# **More precisely.** Softmax doesn't pick the next word. It says how likely each one is, and the sampler in lab 6 does
# the picking. Also, models score *tokens*, which are words or pieces of words, so "all other words" stands for
# thousands of tokens.


# %%
def softmax(logits, axis=-1):
    """Turn logits into probabilities that sum to 1 along `axis`.

    logits: array of any shape, such as (V,), (N, V) or (N, T, V), of floats or
        integers; at least one finite logit in every slice along `axis`. Not modified.
    Returns a float array of the same shape. Finite logits of any size give finite
    probabilities; a logit of -inf gives exactly 0.
    """
    ### BEGIN SOLUTION
    exponentials = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# **See it.** The bars should match the table: 35% for "mat", 28% for "floor", and so on down to 6% for "couch". The
# last bar is all the other words together: 8%.

# %%
probs = solved(softmax, logits)
if probs is not None:
    figure, axes = plt.subplots()
    axes.bar(WORDS, probs)
    axes.set(xlabel="next word", ylabel="probability", title="After “The cat sat on the”")
    show(
        figure,
        "Six bars: the probability your softmax gives each possible next word. They should fall from 0.35 for mat and "
        "0.28 for floor to 0.06 for couch. All other words together get 0.08.",
    )

# %%
check("softmax")

# %% [markdown]
# ## 2. Logarithms of probabilities
#
# **Why.** The probability of a text is a product with one factor per word, and it soon gets too small for a float.
# For 110 words with a probability of 0.001 each, it's $10^{-330}$, which is stored as 0. A sum of logarithms doesn't
# have that problem ($110 \cdot \ln 0.001 = -760$), and the loss in lab 3 is built from such logarithms.
#
# **Formula.** If you take the logarithm after softmax, it's too late: a probability of $e^{-800}$ has already become
# 0, and its logarithm is minus infinity. So simplify the formula on paper first. The logarithm of a quotient is a
# difference, and the logarithm of $e^{z_i}$ is $z_i$:
#
# $$\ln p_i = z_i - \ln \sum_j e^{z_j} = (z_i - m) - \ln \sum_j e^{z_j - m}$$
#
# Here $m$ is the largest logit in the row, so no exponential can overflow. You have to subtract $m$ in both places,
# or the result is wrong. Computing $\ln \sum_j e^{z_j}$ with the maximum taken out is known as the *log-sum-exp
# trick*. $\ln$ is the natural logarithm (`np.log` in numpy), and its unit is the *nat*.
#
# **By hand.** For $(2, 1, 0)$, the largest logit is $m = 2$, the shifted logits are $(0, -1, -2)$, their exponentials
# sum to $1.503$, and $\ln 1.503 = 0.408$. So the answer is $(-0.408, -1.408, -2.408)$. For $(0, -800)$ the answer is
# $(0, -800)$, so the tiny probability isn't lost.


# %%
def log_softmax(logits, axis=-1):
    """Return the natural logarithms of the softmax probabilities along `axis`.

    Don't compute the probabilities first: small ones would become 0.

    logits: array of any shape, floats or integers; at least one finite logit in every
        slice along `axis`. Not modified.
    Returns a float array of the same shape, in nats. Finite logits of any size give
    finite results; a logit of -inf gives -inf.
    """
    ### BEGIN SOLUTION
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    ### END SOLUTION


# %% [markdown]
# **See it.** The plot shows the log-probability of a word whose logit falls further and further behind another
# word's. Your line should be straight and slope down all the way to the right edge. For the dashed line, the
# logarithm is taken after softmax. That line stops near 745, where the probability gets too small for a float.

# %%
gaps = np.linspace(0, 1000, 201)
log_probs = solved(log_softmax, np.column_stack([np.zeros_like(gaps), -gaps]))
if log_probs is not None:
    with np.errstate(divide="ignore"):
        too_late = np.log(np.exp(-gaps) / (1 + np.exp(-gaps)))
    figure, axes = plt.subplots()
    axes.plot(gaps, np.asarray(log_probs)[:, 1], label="your log_softmax", linewidth=1)
    axes.plot(gaps, too_late, "--", label="logarithm taken after softmax", linewidth=3)
    axes.set(xlabel="how far the word's logit is below the other word's", ylabel="log-probability (nats)")
    axes.legend()
    show(
        figure,
        "The log-probability of a word whose logit is 0 to 1,000 below another word's. The line for your log_softmax "
        "should be straight and slope down to −1,000. The dashed line, where the logarithm is taken after softmax, "
        "follows your line and ends near 745.",
    )

# %%
check("log_softmax")

# %% [markdown]
# ## 3. Temperature
#
# **Why.** Sometimes you want a model to play it safe, and sometimes to surprise you. You don't have to retrain it for
# that. All it takes is a single number $T$ above 0, the *temperature*: you divide every logit by it before softmax.
#
# **Formula.**
#
# $$p_i = \operatorname{softmax}\left(\frac{z}{T}\right)_i$$
#
# If $T$ is below 1, the differences between the logits grow, and the favorite gets even more likely. If $T$ is above
# 1, the differences shrink, and the other words catch up. You have to divide *before* the exponential: if you divide
# afterward, $T$ cancels out.
#
# **By hand.** For $(2, 1, 0)$ at $T = 2$ the logits become $(1, 0.5, 0)$, and the probabilities change from $(0.665,
# 0.245, 0.090)$ to $(0.506, 0.307, 0.186)$. At $T = 0.5$ the logits become $(4, 2, 0)$ and the probabilities become
# $(0.867, 0.117, 0.016)$, so the favorite gets more likely.
#
# Before you go on, guess: "floor" has a probability of 28% at $T = 1$. What will it be at $T = 0.1$: 0%, 1% or 10%?
#
# **Watch out.** A temperature of 0 would divide by 0, so it isn't allowed here: raise a `ValueError`. Always taking
# the most likely word is a separate rule, and the sampler handles it.
#
# Check your guess in the picture below. Then play: drag the slider from 1 down to 0.1 and watch the bar for "floor".
# Does it shrink the whole time, or does it grow first?

# %%
picture("temperature")

# %%
play("temperature")


# %%
def softmax_with_temperature(logits, temperature, axis=-1):
    """Return the softmax of the logits divided by `temperature`, along `axis`.

    You can call your softmax, but then any mistake in it costs points here, too.

    logits: array of any shape, floats or integers; at least one finite logit in every
        slice along `axis`. Not modified.
    temperature: a number above 0, such as 0.001 or 1000; it has no unit.
    Returns a float array of the same shape as logits, which sums to 1 along `axis`.
    Raises ValueError if temperature is 0 or below.
    """
    ### BEGIN SOLUTION
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    # softmax(logits / temperature, axis) is just as correct, but a mistake there costs points here, too
    scaled = logits / temperature
    exponentials = np.exp(scaled - np.max(scaled, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# **See it.** At 0.1 you should see one tall bar and a small one for "floor". At 1 you get the original table. At 2
# the bars are more even, but still in the same order: temperature never changes which word comes first.
#
# **More precisely.** People often say that a low temperature *always* picks the most likely word. At 0.1 it's *almost
# always*: "mat" gets 0.9029 and "floor" gets 0.0969, about one time in ten. And 1 isn't a high temperature. It's the
# model's own distribution, unchanged.
#
# **More precisely.** The plot below treats "others" as a single word. In a real model, "others" is thousands of
# words, and each one's logit is divided by $T$. So at a high temperature, all those words together gain far more than
# this one bar does.

# %%
if solved(softmax_with_temperature, logits, 1.0) is not None:
    figure, axes = plt.subplots()
    tables = {f"temperature {each}": softmax_with_temperature(logits, each) for each in (0.1, 1.0, 2.0)}
    side_by_side(axes, WORDS, tables)
    axes.set(xlabel="next word", ylabel="probability")
    show(
        figure,
        "Three bars per word: its probability at temperatures 0.1, 1 and 2. At 0.1, mat should get 0.90, floor 0.10 "
        "and the others almost nothing. At 2 the bars are more even, but still in the same order.",
    )

# %%
check("softmax_with_temperature")

# %% [markdown]
# ## 4. Entropy: how uncertain is a distribution?
#
# **Why.** To compare two settings, we need to put a number on "more random".
#
# **Formula.** The *surprise* of a word is $-\ln p$: 0 for a word that's certain, and large for a rare one. *Entropy*
# is the average surprise, with each word weighted by its probability:
#
# $$H(p) = -\sum_i p_i \ln p_i$$
#
# If the outcome is certain, $H = 0$. $H$ is largest when all $n$ words are equally likely, and then $H = \ln n$.
#
# **By hand.** For $(0.5, 0.25, 0.25)$ the surprises are $0.693$, $1.386$ and $1.386$ nats. Weighted by their
# probabilities, they sum to $0.3466 + 0.3466 + 0.3466 = 1.040$ nats. For the table above the entropy is $1.581$, not
# far below $\ln 6 = 1.792$.
#
# **Watch out: probabilities of 0.** For $p = 0$ the logarithm is minus infinity, and 0 times minus infinity is `nan`.
# But a word that never occurs never surprises anyone: as $p$ approaches 0, so does $p \ln p$. So count $0 \ln 0$ as
# 0, and don't change the other words' terms.
#
# `np.where(condition, a, b)` helps here. It makes a new array, with entries from `a` where the condition is true and
# from `b` where it isn't. For example, `np.where(hours > 8, 8, hours)` is a copy of `hours` with nothing above 8. Both
# `a` and `b` are computed in full before numpy chooses, so you may still see a warning like `divide by zero encountered
# in log`. If the result is right, the warning is harmless, and you won't lose points for it.


# %%
def entropy(probs, axis=-1):
    """Return the Shannon entropy, in nats, of the distributions along `axis`.

    probs: float array of any shape, non-negative and summing to 1 along `axis`. Not
        modified.
    Returns an array with the shape of probs without `axis`: (N,) for (N, V), and a
    single number for (V,). A probability of 0 adds nothing.
    """
    ### BEGIN SOLUTION
    surprises = -np.log(np.where(probs > 0, probs, 1.0))
    return np.sum(probs * surprises, axis=axis)
    ### END SOLUTION


# %% [markdown]
# **See it.** The plot shows the table's entropy at different temperatures, from low to high. The curve should start
# near 0 (hardly any uncertainty), pass through 1.581 at temperature 1, and approach the dotted line at $\ln 6$
# without ever crossing it. You can't be more uncertain than "all six words are equally likely".

# %%
probs = solved(softmax_with_temperature, logits, 1.0)
if probs is not None and solved(entropy, probs) is not None:
    temperatures = np.linspace(0.05, 6, 120)
    curve = [entropy(softmax_with_temperature(logits, temperature)) for temperature in temperatures]
    figure, axes = plt.subplots()
    axes.plot(temperatures, curve, label="the table above")
    axes.axhline(math.log(len(WORDS)), linestyle=":", color="grey", label="six words, equally likely")
    axes.set(xlabel="temperature", ylabel="entropy (nats)")
    axes.legend()
    show(
        figure,
        "Entropy plotted against temperature. The curve should start near 0, pass through 1.58 nats at temperature 1, "
        "and approach the dotted line at ln 6, 1.79 nats, without ever crossing it.",
    )

# %%
check("entropy")

# %% [markdown]
# ## What you've learned
#
# - **Softmax** turns scores into probabilities. Only the differences between scores matter, and shifting the scores
#   prevents overflow.
# - **Log-probabilities** are computed straight from the scores, so that nothing is lost (the log-sum-exp trick).
# - **Temperature** stretches or shrinks the differences. It makes a model more or less random, not smarter.
# - **Entropy** measures how random a distribution is, in nats.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit softmax` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** lab 3, [loss](../loss/loss.ipynb), compares a distribution with the word that actually came next. There,
# that word's surprise is called its *surprisal*, and it's the loss of one guess.
