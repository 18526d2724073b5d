# %% [markdown]
# # Lab 6: Sampler
#
# **About 75 minutes.** Builds on lab 2 (`softmax`: logits, probabilities, temperature). Lab 7 (`generation`) puts the
# sampler into a loop and writes whole texts with it.
#
# Softmax says how likely each word is; it does not choose one. After *The cat sat on the* we have the table below, and
# something has to take it and say "floor". That something is the **sampler**. It makes the difference between a model
# that always answers alike and one that never says the same thing twice.
#
# | next word | mat | floor | table | roof | couch | all other words |
# | --- | --- | --- | --- | --- | --- | --- |
# | probability | 35 % | 28 % | 15 % | 8 % | 6 % | 8 % |
#
# | part | you write | it answers |
# | --- | --- | --- |
# | 1 | `greedy` | which word is the best? |
# | 2 | `sample_categorical` | how is a word drawn by chance? |
# | 3 | `top_k_filter` | how are all but the k best words kept out? |
# | 4 | `top_p_filter` | how are just the unlikely ones kept out, however many there are? |
# | 5 | `sample_next_token` | how do temperature, filters and chance work together? |
#
# A word is known to the sampler by its **id**, its place in the table: 0 is "mat", 1 is "floor", 5 is "others".
# `softmax` of lab 2 is given to you; use it wherever you like.

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
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## Part 1: Greedy, or always the best
#
# **Why.** The simplest rule leaves nothing to chance: take the word with the largest score. The same text then always
# goes on in the same way, which is what you want for arithmetic and not for poems.
#
# **Formula.** $\;\text{id} = \arg\max_i z_i$: not the largest logit itself but its *place*. Softmax would not change
# which place that is, so logits will do, negative ones included.
#
# **By hand.** In $(-1.5, 3.2, 0.1, 3.1)$ the largest number is 3.2. It stands at place 1 (the first place is 0), so the
# answer is 1. In $(-4, -2, -9)$ it is 1 again: $-2$ is the largest of the three. Where two words are equally good,
# either is right, as long as it is the same one each time.


# %%
def greedy(logits):
    """Id of the largest logit.

    logits: float array of shape (V,), one score for each of V tokens, of any size and
        sign; at least one is finite, others may be -inf. It is left as it is.
    Returns one whole number (int or numpy integer) from 0 to V - 1. Of several largest
    logits any may be chosen, and the same logits give the same id again. Raises nothing
    of its own.
    """
    ### BEGIN SOLUTION
    return int(np.argmax(logits))
    ### END SOLUTION


# %% [markdown]
# **Look.** The answer should be 0, "mat", and it stays that however often you ask: "floor", at 28 %, never gets a turn.

# %%
best = solved(greedy, logits)
if best is not None:
    print("greedy gives the id", best)

# %%
check("greedy")

# %% [markdown]
# ## Part 2: A word by chance
#
# **Why.** If "floor" has a probability of 28 %, it should come 28 times in a hundred. Then texts vary, and unlikely
# words come seldom instead of never.
#
# **How.** Computers draw one kind of number easily: any number $u$ from 0 up to 1, all equally likely. Lay the
# probabilities end to end, and they fill exactly the stretch from 0 to 1; each word owns a piece as long as its
# probability:
#
# ```text
# 0                  0.35           0.63    0.78 0.86 0.92  1
# |        mat        |     floor     | table  |roof|cch|oth|
# ```
#
# The piece in which $u$ lands is the word. The ends of the pieces are the *running totals* of the probabilities (0.35,
# then 0.35 + 0.28 = 0.63, and so on), so the answer is the first word whose running total is above $u$.
#
# **By hand.** $u = 0.50$ is above 0.35 and below 0.63: "floor", id 1. $u = 0.10$ gives "mat", id 0, and $u = 0.81$
# gives "roof", id 3. A word with probability 0 owns no piece and is never drawn.
#
# **Where chance comes from.** The caller hands you a generator `rng`; `rng.random()` gives the next $u$, another one
# with every call. Take all chance from it: no generator of your own, no seed, no `np.random.…`. Then who calls can
# repeat a run, because a generator made with the same seed (`np.random.default_rng(7)`) gives the same numbers again.
# Every call should draw afresh and remember nothing of the calls before.
#
# There are other ways to draw, and numpy has some of its own. Any is right that uses `rng` and gives every word its
# share.


# %%
def sample_categorical(probs, rng):
    """Draw one id, each with its own probability.

    probs: array of shape (V,), float64 or float32, none below 0; they sum to 1 within
        1e-6. It is left as it is.
    rng: np.random.Generator, the only source of chance. Drawing from it moves it on.
    Returns one whole number (int or numpy integer) from 0 to V - 1; an id with
    probability 0 never comes. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    totals = np.cumsum(probs, dtype=float)
    # times the last total, which rounding may leave just below 1, so that no u lands beyond the end
    return int(np.searchsorted(totals, rng.random() * totals[-1], side="right"))
    ### END SOLUTION


# %% [markdown]
# **Look.** 2,000 words, each drawn by your function. The bars show how often each word came, the black marks where its
# probability would put it. They should be close and need not be equal: 700 times "mat" are expected, and 680 or 720 are
# nothing unusual.

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
        "Six bars, how often each word came in 2,000 draws, and a mark on each where its probability would "
        "put it: 700 for mat, 560 for floor, down to 120 for couch. The bars should end close to their marks.",
    )

# %% [markdown]
# **How can chance be checked?** One word proves nothing: any word of the table may come. But 2,000 of them do. The
# check counts each word and asks how likely such a count would be for a right sampler; it fails a count only where that
# is less than one in a million, and then draws once more before it says so. Right answers do not fail by bad luck.

# %%
check("sample_categorical")

# %% [markdown]
# ## Part 3: Only the k best
#
# **Why.** "Others" stands for thousands of words that do not fit. Each is unlikely, but together they get 8 % of the
# draws: one word in twelve would be out of place. **Top-k** draws only among the $k$ best words.
#
# **How.** To rule a word out before softmax, give it a logit of $-\infty$. Its exponential is 0, so its probability is
# exactly 0, and the words that stay share the whole. A logit of 0 would not do: $e^0 = 1$ is an ordinary score, and may
# well be the best of all. The logits that stay are left as they are, each in its place.
#
# **By hand.** $(2, 1, 0, -1)$ with $k = 2$ becomes $(2, 1, -\infty, -\infty)$, and softmax makes $(0.731, 0.269, 0, 0)$
# of it: the first two keep their ratio, $e$ to 1. With $k = 4$ or $k = 100$ there is nothing to remove. With $k = 0$
# nothing would be left, so that is refused.
#
# Where several words tie for place $k$, keep them all or just enough to make $k$; both are right.

# %%
print("minus infinity:", softmax(np.array([2.0, 1.0, -math.inf, -math.inf])).round(3))
print("0 in its place:", softmax(np.array([2.0, 1.0, 0.0, 0.0])).round(3))

# %%
picture("top_k")


# %%
def top_k_filter(logits, k):
    """Set all but the k largest logits to -inf.

    logits: float array of shape (V,), of any size and sign; some may be -inf. It is
        left as it is.
    k: whole number, how many tokens stay; V or more keeps all.
    Returns a float array of shape (V,): a logit that stays keeps its value and place,
    the others are -inf. Where several tie for place k, all of them may stay, or any of
    them that make it exactly k.
    Raises ValueError if k is below 1.
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
# **Look.** Gray is the table, blue what your filter with $k = 3$ makes of it. Three blue bars should stand there, and
# every one higher than the gray one beside it, because they share what the others had.

# %%
filtered = solved(top_k_filter, logits, 3)
if filtered is not None:
    figure, axes = plt.subplots()
    side_by_side(axes, WORDS, {"all words": probs, "top-k, k = 3": softmax(np.asarray(filtered))}, gray="all words")
    axes.set(xlabel="next word", ylabel="probability")
    show(
        figure,
        "Two bars for each word: gray is its probability, blue what top-k with k = 3 makes of it. Only mat, "
        "floor and table should have a blue bar, each higher than the gray one: 0.45, 0.36 and 0.19.",
    )

# %%
check("top_k_filter")

# %% [markdown]
# ## Part 4: Only the likely ones, however many
#
# **Why.** How many words fit differs from place to place. After *The capital of France is* it is one; after *My name
# is* there are thousands. A fixed $k$ is too large for the one and too small for the other. **Top-p** fixes the
# probability instead: keep the fewest words that have at least $p$ together.
#
# **How.** Go through the words from the likeliest down and add up their probabilities, until the total has reached $p$.
# The word that brings the total to $p$ or beyond it is the last one that stays. All others get $-\infty$.
#
# **By hand.** The table with $p = 0.7$: "mat" makes 0.35, "floor" 0.63, not enough yet, and "table" brings it to 0.78.
# So three words stay, and "table", the one that crosses 0.7, is among them. Softmax gives them 0.449, 0.359 and 0.192.
# With $p = 0.3$, "mat" alone is enough. The likeliest word always stays, however small $p$ is; with $p = 1$ all do.
#
# **Two traps.** The totals are of *probabilities*, so softmax comes first, but what you return are logits. And the
# totals run in the order from likely to unlikely, while the answer has to be in the order of the ids: `np.argsort`
# gives you the ids in sorted order, so you know where to put what. (It sorts upwards.)

# %%
picture("top_p")

# %%
play("top_k_top_p")


# %%
def top_p_filter(logits, p):
    """Set to -inf all but the fewest likeliest tokens that have probability p together.

    logits: float array of shape (V,), of any size and sign; some may be -inf. It is
        left as it is.
    p: a number above 0 and at most 1, the probability that has to be reached; 1 keeps
        all tokens.
    Returns a float array of shape (V,): a logit that stays keeps its value and place,
    the others are -inf. The token that brings the total to p or beyond it stays. Of
    equally likely tokens any may be the last one that stays.
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
# **Look.** The same $p = 0.8$ for a model that's more confident than the table and for one that's less so. On the left
# two words are enough; on the right it takes five. With top-k, both would keep the same number.

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
        "Two pictures with a gray and a blue bar for each word: before and after top-p with p = 0.8. For the "
        "more confident model only mat and floor should keep a blue bar, for the less confident one five words.",
    )

# %%
check("top_p_filter")

# %% [markdown]
# ## Part 5: The whole sampler
#
# **Why.** Whoever uses a model turns three knobs, and your function is what they are connected to.
#
# **How.** In this order:
#
# 1. `temperature`: divide the logits by it. At 0 that cannot be done, and 0 means *greedy*: return the best word, and
#    nothing is left to do. Below 0 is refused.
# 2. `top_k`, unless it is `None`: only the k best stay.
# 3. `top_p`, unless it is `None`: of those, only the likeliest that make p together.
# 4. Softmax of what is left, and draw.
#
# You may put your own functions together, `greedy` to `sample_categorical`; a mistake in one of them then counts here
# too.
#
# **Why the order matters.** Heat makes the words more alike, so more of them are needed to reach $p$. With $p = 0.6$
# the table needs two words (0.35 + 0.28 = 0.63). At temperature 2 its probabilities become 0.255, 0.228, 0.167, …, and
# two of them make only 0.483: a third has to come in. Choose the words first and heat them afterwards, and "table"
# never comes.
#
# **By hand.** Temperature 1, `top_k=3`, `top_p=0.8`. Top-k leaves 0.35, 0.28 and 0.15, as shares of their total 0.78:
# 0.449, 0.359, 0.192. The first two make 0.808, which is enough. So "mat" and "floor" are left, with 0.35 / 0.63 =
# 0.556 and 0.444.


# %%
def sample_next_token(logits, rng, temperature=1.0, top_k=None, top_p=None):
    """Choose the next token's id: temperature, then top-k, then top-p, then a draw.

    logits: float array of shape (V,), of any size and sign; at least one is finite,
        others may be -inf. It is left as it is.
    rng: np.random.Generator, the only source of chance.
    temperature: a number, 0 or above, without a unit; 0 gives the id of the largest
        logit, whatever the other arguments.
    top_k: whole number from 1, how many tokens stay; None keeps all.
    top_p: number above 0 and at most 1, the probability that the tokens which stay have
        to reach, after temperature and top-k; None keeps all.
    Returns one whole number (int or numpy integer) from 0 to V - 1.
    Raises ValueError if temperature is below 0.
    """
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    if temperature == 0:
        return int(np.argmax(logits))
    # your functions from above, one after the other, are as right; a mistake in one would then cost points here
    order = np.argsort(-logits)[:top_k]
    scores = logits[order] / temperature
    shares = np.exp(scores - scores[0])
    totals = np.cumsum(shares / np.sum(shares))
    if top_p is not None and top_p < 1:
        totals = totals[: np.argmax(totals >= top_p) + 1]
    return int(order[np.searchsorted(totals, rng.random() * totals[-1], side="right")])
    ### END SOLUTION


# %% [markdown]
# **Look.** 1,000 words each at three temperatures; the black marks are where the probabilities would put them. At 0.1
# "mat" should come about 900 times and "floor" about 100 times. At 2, even "couch" comes about 100 times.
#
# *More precisely:* a temperature of 0.1 is often said to pick the best word *always*. Your draws show that it does so
# nine times out of ten here. Only 0 means always, and for that your function has a case of its own. And 1 is no high
# temperature: it is the model's own table.

# %%
if solved(sample_next_token, logits, np.random.default_rng(5)) is not None:
    figure, three = plt.subplots(1, 3, figsize=(12, 3.6), sharey=True)
    for axes, temperature in zip(three, (0.1, 1.0, 2.0), strict=True):
        rng = np.random.default_rng(5)
        ids = [sample_next_token(logits, rng, temperature=temperature) for _ in range(1000)]
        expected = 1000 * softmax(logits / temperature)
        axes.bar(WORDS, [ids.count(place) for place in range(len(WORDS))], label="drawn")
        axes.plot(WORDS, expected, "k_", markersize=22, label="1,000 × probability")
        axes.set(title=f"temperature {temperature}", xlabel="next word", ylabel="times drawn")
    axes.legend()
    show(
        figure,
        "How often each word came in 1,000 draws, at the temperatures 0.1, 1 and 2, with marks where the "
        "probabilities would put it. At 0.1 mat should come about 900 times and floor about 100 times; at 2 "
        "even couch comes about 100 times.",
    )

# %%
check("sample_next_token")

# %% [markdown]
# ## What you have now
#
# - Greedy takes the best word each time. Sampling gives every word its share, the wrong ones too: a model does not pick
#   the best word every time, and is not meant to.
# - A filter rules words out with $-\infty$ before softmax. Top-k keeps a fixed number, top-p a fixed probability, with
#   the word that crosses it.
# - Temperature comes first, because it changes which words top-p keeps.
# - All chance comes from one generator, so that a run can be repeated.
#
# *More precisely:* none of these knobs makes a model know more. They decide how often its less likely words get a
# chance.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit sampler` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** lab 7, `generation`, calls the sampler again and again, each time with the word just drawn added to the
# text.
