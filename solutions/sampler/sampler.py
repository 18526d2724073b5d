# %% [markdown]
# # Lab 6: Sampler
#
# **About 85 minutes.** Builds on lab 2 (`softmax`: logits, probabilities, temperature). You're given a working
# `softmax` here. Lab 7 (`generation`) puts the sampler in a loop to generate whole texts. New terms are in
# *italics*; the [glossary](../glossary/glossary.ipynb) explains them all.
#
# Softmax says how likely each word is, but it doesn't choose one. After *The cat sat on the* we have the table below,
# and something has to turn it into a single word, such as "floor". That something is the *sampler*. It's the
# difference between a model that always gives the same answer and one that never says the same thing twice.
#
# | next word | mat | floor | table | roof | couch | all other words |
# | --- | --- | --- | --- | --- | --- | --- |
# | probability | 35% | 28% | 15% | 8% | 6% | 8% |
#
# | part | you write | it answers | minutes |
# | --- | --- | --- | --- |
# | 1 | `greedy` | which word is the most likely? | 8 |
# | 2 | `sample_categorical` | how do I draw a word at random? | 14 |
# | 3 | `top_k_filter` | how do I keep only the k most likely words? | 17 |
# | 4 | `top_p_filter` | how do I drop the unlikely words, however many there are? | 28 |
# | 5 | `sample_next_token` | how do temperature, filters and randomness work together? | 18 |
#
# Each word has an **id**, its position in the table: 0 is "mat", 1 is "floor", and 5 is "others", which covers all
# other words. Docstrings and results say *token* instead of word, because models score words and pieces of words. V is
# the size of the *vocabulary*: how many tokens there are, here 6.
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, play, progress, show, solved
from autograder.given import softmax
from autograder.notebook.bars import side_by_side

WORDS = ["mat", "floor", "table", "roof", "couch", "others"]
probs = np.array([0.35, 0.28, 0.15, 0.08, 0.06, 0.08])
logits = np.log(100 * probs)


print(dict(zip(WORDS, logits.round(2).tolist(), strict=True)))

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. Greedy: always the most likely word
#
# **Why.** The simplest rule leaves nothing to chance: take the word with the largest score. It's called *greedy
# decoding*. The same text then always continues the same way, which is what you want for arithmetic, but not for
# poems.
#
# **Formula.** $\;\text{id} = \arg\max_i z_i$: not the largest logit itself, but its *position*. Softmax doesn't
# change the order of the logits, so you can use them as they are, negative ones included.
#
# **By hand.** In $(-1.5, 3.2, 0.1, 3.1)$ the largest number is 3.2. It's at position 1 (counting from 0), so the
# answer is 1. In $(-4, -2, -9)$ it's 1 again: $-2$ is the largest of the three. If two words are tied, either one is
# right, as long as you always pick the same one.


# %%
def greedy(logits):
    """Return the id of the largest logit.

    logits: float array of shape (V,), one score per token, of any size and sign; at
        least one is finite, and the others may be -inf. Not modified.
    Returns one integer (int or numpy integer) from 0 to V - 1. If several logits are
    tied for largest, any of their ids is fine, but the same logits always give the same
    id.
    """
    ### BEGIN SOLUTION
    return int(np.argmax(logits))
    ### END SOLUTION


# %% [markdown]
# **See it.** You should get 0, the id of "mat", every time. "floor", with its 28%, never comes up.

# %%
best = solved(greedy, logits)
if best is not None:
    print("greedy gives the id", best)

# %%
check("greedy")

# %% [markdown]
# ## 2. A word at random
#
# **Why.** If "floor" has a probability of 28%, it should come up 28 times out of a hundred. That way, texts vary, and
# unlikely words come up rarely instead of never.
#
# **Formula.** One kind of random number is easy to draw on a computer: a number $u$ from 0 up to 1, with every value
# equally likely. Lay the probabilities end to end, and they fill the interval from 0 to 1. Each word gets a piece whose
# length equals its probability:
#
# | next word | its piece starts at | and ends at |
# | --- | --- | --- |
# | mat | 0 | 0.35 |
# | floor | 0.35 | 0.63 |
# | table | 0.63 | 0.78 |
# | roof | 0.78 | 0.86 |
# | couch | 0.86 | 0.92 |
# | others | 0.92 | 1 |
#
# Pick the word whose piece $u$ lands in. The pieces end at the *running totals* of the probabilities (0.35, 0.63, and
# so on), so the answer is the first word whose running total is above $u$. `np.cumsum` computes running totals:
# `np.cumsum([3, 1, 2])` is `[3, 4, 6]`.
#
# **By hand.** $u = 0.50$ is above 0.35 and below 0.63: "floor", id 1. $u = 0.10$ gives "mat", id 0, and $u = 0.81$
# gives "roof", id 3. A word with probability 0 gets no piece, so it's never drawn.
#
# **Watch out.** The caller passes you a generator, `rng`, and `rng.random()` returns the next $u$, a different one
# on every call. Use it as your only source of randomness: no generator of your own, no seed, no `np.random.…`. That
# way the caller can reproduce a run, because a generator with the same seed (`np.random.default_rng(7)`) gives the
# same numbers again. Make a new draw on each call, and don't save anything for later calls.
#
# **Watch out: rounding.** Rounding can leave the last running total slightly below 1. Then, very rarely, no total is
# above $u$. In that case, return the last word whose probability isn't 0.
#
# There are other ways to draw, and numpy has some built in. Any of them is fine as long as it uses `rng` and each
# word comes up as often as its probability says. (`rng.multinomial` raises an error if rounding makes the sum of
# float32 probabilities slightly more than 1, so convert them to float64 and divide by their sum first.)


# %%
def sample_categorical(probs, rng):
    """Draw one id at random, according to the probabilities.

    probs: array of shape (V,), float64 or float32, non-negative; they sum to 1, up to
        rounding. Not modified.
    rng: np.random.Generator, the only source of randomness. Drawing from it changes its
        state.
    Returns one integer (int or numpy integer) from 0 to V - 1, never an id with
    probability 0.
    """
    ### BEGIN SOLUTION
    totals = np.cumsum(probs, dtype=float)
    # rounding may leave the last total just below 1, so we scale u by it to keep u from landing past the end
    return int(np.searchsorted(totals, rng.random() * totals[-1], side="right"))
    ### END SOLUTION


# %% [markdown]
# **See it.** Here are 2,000 words drawn by your function. The bars show how often each word came up, and the thin marks
# show how often you'd expect it to. The two should be close, but they don't have to match exactly: you'd expect "mat"
# 700 times, and 680 or 720 isn't unusual.

# %%
if solved(sample_categorical, probs, np.random.default_rng(1)) is not None:
    rng = np.random.default_rng(1)
    ids = [sample_categorical(probs, rng) for _ in range(2000)]
    figure, axes = plt.subplots()
    axes.bar(WORDS, [ids.count(place) for place in range(len(WORDS))], label="drawn")
    axes.plot(WORDS, 2000 * probs, "k_", markersize=30, label="2,000 × probability")
    axes.set(xlabel="next word", ylabel="times drawn")
    axes.legend()
    show(
        figure,
        "Six bars that show how often each word came up in 2,000 draws, each with a mark at the expected count, from "
        "700 for mat and 560 for floor down to 120 for couch. The bars should end close to their marks.",
    )

# %% [markdown]
# **How do you check something random?** One draw proves nothing, because any word in the table could come up. But
# hundreds of draws tell you a lot. The check counts how often each word comes up and computes how likely that count
# would be with a correct sampler. If the count is unlikely, the check draws again, with twice as many words this
# time, and fails you only if the new count is very unlikely, too. The result shows only the new count, so a check of
# 500 draws can report 1,000. A correct sampler almost never fails just by bad luck.

# %%
check("sample_categorical")

# %% [markdown]
# ## 3. Only the k most likely words
#
# **Why.** "Others" stands for thousands of words that don't fit. Each is unlikely, but together they get 8% of the
# draws, so about one word in twelve would be out of place. *Top-k sampling* draws only from the $k$ most likely words.
#
# **Formula.** To rule out a word before softmax, set its logit to $-\infty$. Its exponential is 0, so its probability
# is exactly 0, and the remaining words split the full 100%. A logit of 0 wouldn't work: it's a score like any other
# ($e^0 = 1$), and it could even be the largest of all. The remaining logits keep their values and positions.
#
# To find the largest logits' positions, you can use `np.argsort`. It lists the positions in ascending order of their
# values: `np.argsort([30, 10, 20])` is `[1, 2, 0]`, because the smallest number is at position 1.
#
# **By hand.** $(2, 1, 0, -1)$ with $k = 2$ becomes $(2, 1, -\infty, -\infty)$, and softmax turns that into $(0.731,
# 0.269, 0, 0)$: the first two keep their ratio, $e$ to 1. With $k = 4$ or $k = 100$ there's nothing to remove. With
# $k = 0$ nothing would be left, so raise a `ValueError`.
#
# If several words are tied for position $k$, you can keep all of them or just enough to make $k$. Either is fine.
#
# **Watch out.** Don't change the caller's array. If you want to assign to its elements, make a copy first:
# `logits.copy()`.

# %%
print("minus infinity:", softmax(np.array([2.0, 1.0, -math.inf, -math.inf])).round(3))
print("0 in its place:", softmax(np.array([2.0, 1.0, 0.0, 0.0])).round(3))

# %%
picture("top_k")


# %%
def top_k_filter(logits, k):
    """Return the logits with all but the k largest set to -inf.

    logits: float array of shape (V,), of any size and sign; some may be -inf. Not
        modified.
    k: integer, how many tokens to keep; if it's V or more, all are kept.
    Returns a float array of shape (V,): each logit you keep has its old value and
    position, and the others are -inf. If several logits are tied for position k, keep
    all of them, or just enough to make exactly k (it doesn't matter which). Raises
    ValueError if k is below 1.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    best = np.argsort(-logits)[:k]
    filtered = np.full(len(logits), -np.inf)
    filtered[best] = logits[best]
    return filtered
    ### END SOLUTION


# %% [markdown]
# **See it.** The gray bars show the original table, and the blue ones show the result of your filter with $k = 3$.
# You should see three blue bars, each taller than its gray neighbor, because the removed probability is
# redistributed.

# %%
filtered = solved(top_k_filter, logits, 3)
if filtered is not None:
    figure, axes = plt.subplots()
    side_by_side(axes, WORDS, {"all words": probs, "top-k, k = 3": softmax(np.asarray(filtered))}, gray="all words")
    axes.set(xlabel="next word", ylabel="probability")
    show(
        figure,
        "Two bars per word. The gray bar shows the word's probability, and the blue bar shows it after top-k with k = "
        "3. Only mat, floor and table should have a blue bar, each taller than the gray one: 0.45, 0.36 and 0.19.",
    )

# %%
check("top_k_filter")

# %% [markdown]
# ## 4. Only the likely words, however many there are
#
# **Why.** The number of words that fit depends on the context. After *The capital of France is* there's one. After
# *My name is* there are thousands. A fixed $k$ is too large for the first and too small for the second. *Top-p
# sampling*, also called *nucleus sampling*, fixes the probability instead: it keeps the smallest set of words whose
# probabilities sum to at least $p$. That set is the *nucleus*.
#
# **Formula.** Go through the words from most to least likely and add up their probabilities (`np.cumsum` again) until
# the total reaches $p$. The word that brings the total to $p$ or above is the last one you keep. Set the logits of all
# the others to $-\infty$.
#
# **By hand.** Take the table with $p = 0.7$: the total is 0.35 after "mat" and 0.63 after "floor", which isn't enough
# yet. Adding "table" brings it to 0.78. So you keep three words, including "table", the one that crosses 0.7. Softmax
# gives them 0.449, 0.359 and 0.192. With $p = 0.3$, "mat" is enough by itself. The most likely word always stays, no
# matter how small $p$ is. With $p = 1$, every word stays, no matter how unlikely it is.
#
# **Watch out.** You add up *probabilities*, so you need softmax first, but you return logits. And you add them up
# from most to least likely, but the result has to be in the order of the ids. `np.argsort` gives you the ids in
# sorted order (ascending, as in part 3), so you know where each value goes.
#
# **Watch out: rounding.** With $p = 1$, following the rule to the letter isn't enough. Because of rounding, the total
# can reach 1 before you get to the rarest words, or stay just below 1 to the end. Either way, you have to keep every
# word. Rounding also decides whether a total comes out as exactly $p$. If it does, some libraries stop there, and
# others keep one more word. Both are fine.

# %%
picture("top_p")

# %%
play("top_k_top_p")


# %%
def top_p_filter(logits, p):
    """Return the logits with all but the nucleus set to -inf.

    The nucleus is the smallest set of most likely tokens whose probabilities sum to at
    least p.

    logits: float array of shape (V,), of any size and sign; some may be -inf. Not
        modified.
    p: a number above 0 and at most 1, the total probability to reach; 1 keeps all
        tokens.
    Returns a float array of shape (V,): each logit you keep has its old value and
    position, and the others are -inf. Keep the token that takes the total past p. If a
    total is exactly p, you can stop there or keep one more token. If tokens are tied,
    any of them can be the last one you keep.
    Raises ValueError unless 0 < p <= 1.
    """
    ### BEGIN SOLUTION
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, got {p}")
    probs = np.exp(logits - np.max(logits))
    probs = probs / np.sum(probs)
    order = np.argsort(-probs)
    enough = np.cumsum(probs[order]) >= p
    kept = order[: np.argmax(enough) + 1] if p < 1 else order
    filtered = np.full(len(logits), -np.inf)
    filtered[kept] = logits[kept]
    return filtered
    ### END SOLUTION


# %% [markdown]
# **See it.** Here's what $p = 0.8$ does for a model that's more confident than the table and for one that's less
# confident. On the left, two words are enough. On the right, it takes five. Top-k would keep the same number of words
# in both cases.

# %%
if solved(top_p_filter, logits, 0.8) is not None:
    figure, both = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
    models = {"a more confident model": logits / 0.5, "a less confident model": logits / 2.0}
    for axes, (title, scores) in zip(both, models.items(), strict=True):
        filtered = np.asarray(top_p_filter(scores, 0.8))
        side_by_side(axes, WORDS, {"all words": softmax(scores), "top-p, p = 0.8": softmax(filtered)}, gray="all words")
        axes.set(title=title, xlabel="next word", ylabel="probability")
    show(
        figure,
        "Two plots with a gray and a blue bar per word: before and after top-p with p = 0.8. For the more confident "
        "model, only mat and floor should keep a blue bar; for the less confident one, five words should.",
    )

# %%
check("top_p_filter")

# %% [markdown]
# ## 5. The whole sampler
#
# **Why.** Anyone who uses a model gets three knobs, and your function is where they take effect.
#
# **Formula.** In this order:
#
# 1. `temperature`: divide the logits by it. You can't divide by 0, so 0 means *greedy*: return the most likely word,
#    and you're done. Below 0, raise a `ValueError`.
# 2. `top_k`, unless it's `None`: keep only the k most likely words.
# 3. `top_p`, unless it's `None`: of those, keep only the most likely ones that together reach p.
# 4. Take the softmax of what's left, and draw.
#
# You can call the functions you've already written, but then a mistake in one of them costs points here, too.
#
# **By hand.** Take temperature 1, `top_k=3` and `top_p=0.8`. Top-k leaves 0.35, 0.28 and 0.15. Divided by their
# total, 0.78, they're 0.449, 0.359 and 0.192. The first two add up to 0.808, which is enough. So "mat" and "floor"
# are left, with probabilities of 0.35 / 0.63 = 0.556 and 0.28 / 0.63 = 0.444.
#
# **Watch out: the order matters.** A high temperature brings the probabilities closer together, so it takes more
# words to reach $p$. With $p = 0.6$, you keep the first two words in the table (0.35 + 0.28 = 0.63). At temperature 2,
# the probabilities become 0.255, 0.228, 0.167, …, and the first two add up to only 0.483, so you need a third. If you
# filter first and apply the temperature afterward, "table" never comes up.
#
# **More precisely.** People often say that a temperature of 0.1 *always* picks the most likely word. As your draws
# will show, with this table it picks that word nine times out of ten. Only a temperature of 0 always picks it, and
# your function treats 0 as a special case. And 1 isn't a high temperature: it gives you the model's own table.


# %%
def sample_next_token(logits, rng, temperature=1.0, top_k=None, top_p=None):
    """Choose the next token's id: apply temperature, top-k and top-p in turn, then draw.

    logits: float array of shape (V,), of any size and sign; at least one is finite,
        and the others may be -inf. Not modified.
    rng: np.random.Generator, the only source of randomness.
    temperature: a unitless number, 0 or above; 0 gives the id of the largest logit, no
        matter what the other arguments are.
    top_k: integer, 1 or more, how many tokens to keep; None keeps all.
    top_p: number above 0 and at most 1, the total probability that the kept tokens have
        to reach, after temperature and top-k; None keeps all.
    Returns one integer (int or numpy integer) from 0 to V - 1.
    Raises ValueError if temperature is below 0.
    """
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    if temperature == 0:
        return int(np.argmax(logits))
    # calling your own functions one after another works just as well, but a mistake in one would cost points here
    order = np.argsort(-logits)[:top_k]
    scores = logits[order] / temperature
    shares = np.exp(scores - scores[0])
    totals = np.cumsum(shares / np.sum(shares))
    if top_p is not None and top_p < 1:
        totals = totals[: np.argmax(totals >= top_p) + 1]
    return int(order[np.searchsorted(totals, rng.random() * totals[-1], side="right")])
    ### END SOLUTION


# %% [markdown]
# **See it.** Here are 1,000 words drawn at each of three temperatures. The thin marks show how often you'd expect
# each word to come up. At 0.1, "mat" should come up about 900 times and "floor" about 100 times. At 2, even "couch"
# comes up about 100 times.

# %%
if solved(sample_next_token, logits, np.random.default_rng(53)) is not None:
    figure, three = plt.subplots(1, 3, figsize=(12, 3.6), sharey=True)
    for axes, temperature in zip(three, (0.1, 1.0, 2.0), strict=True):
        rng = np.random.default_rng(53)
        ids = [sample_next_token(logits, rng, temperature=temperature) for _ in range(1000)]
        expected = 1000 * softmax(logits / temperature)
        axes.bar(WORDS, [ids.count(place) for place in range(len(WORDS))], label="drawn")
        axes.plot(WORDS, expected, "k_", markersize=22, label="1,000 × probability")
        axes.set(title=f"temperature {temperature}", xlabel="next word", ylabel="times drawn")
        axes.tick_params(axis="x", rotation=60)
    axes.legend()
    show(
        figure,
        "Three plots of how often each word came up in 1,000 draws at temperatures 0.1, 1 and 2, with marks at the "
        "expected counts. At 0.1, mat should come up about 900 times and floor about 100 times. At 2, even couch "
        "comes up about 100 times.",
    )

# %%
check("sample_next_token")

# %% [markdown]
# ## What you've learned
#
# - **Greedy decoding** takes the most likely word each time. **Sampling** picks each word as often as its probability
#   says, wrong words included. So a model doesn't always pick the best word, and it isn't meant to.
# - **Filters** rule words out with $-\infty$ before softmax. Top-k keeps a fixed number of words. Top-p (nucleus
#   sampling) keeps adding the most likely words until their total probability reaches p, and the word that reaches it
#   is kept, too.
# - **Temperature comes first**, because it changes which words top-p keeps.
# - **All randomness comes from one generator**, so you can reproduce a run.
#
# **More precisely.** None of these knobs adds to what a model knows. They only change how often its less likely words
# come up.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit sampler` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** lab 7, [generation](../generation/generation.ipynb), calls the sampler again and again, and adds each word
# it draws to the text.
