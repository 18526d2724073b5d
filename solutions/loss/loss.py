# %% [markdown]
# # Lab 3: Loss and next-token prediction
#
# **About 80 minutes.** Builds on lab 1 (the house-price neuron), lab 2 (logits and probabilities) and `start` (shapes
# and axes). You're given a working `log_softmax`, so you don't need the one you wrote in lab 2. New terms are in
# *italics*; the [glossary](../glossary/glossary.ipynb) explains them all.
#
# A model learns by guessing and then finding out how wrong its guess was. This lab is about the second half: **a
# number that says how wrong the guess was**, called the *loss*. All that training does is push that number down.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `mse_loss` | how wrong is a guessed *number*? | 14 |
# | 2 | `surprisal` | how wrong is one guessed *word*? | 12 |
# | 3 | `cross_entropy` | how wrong is a whole batch of guesses? | 27 |
# | 4 | `next_token_pairs` | what does a text ask a model to guess? | 16 |
# | 5 | `perplexity` | how many words is the model torn between? | 11 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, progress, show, solved
from autograder.given import log_softmax

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. Predicting a number: mean squared error
#
# **Why.** The house-price neuron from lab 1 multiplies 1,500 square feet by its weight of 200 dollars per square foot
# and guesses 300,000 dollars. The house sells for 310,000 dollars, so the guess was 10,000 too low. For several
# houses, we need to turn a whole list of errors into one number. Simply adding them up won't do: one guess that's
# 10,000 dollars too low and another that's 10,000 dollars too high would add up to a perfect score.
#
# **Formula.** So we **square** each error, which removes its sign and makes big errors count far more than small
# ones. Then we take the **mean** of the squares, so the number doesn't grow just because there are more houses. The
# result is the *mean squared error* (MSE):
#
# $$\text{MSE} = \frac{1}{N}\sum_{i=1}^{N}\left(y^\text{pred}_i - y^\text{true}_i\right)^2$$
#
# **By hand.** Take two houses. One has a predicted price of 300,000 and sells for 310,000. The other has a predicted
# price of 100,000 and sells for exactly that. The errors are −10,000 and 0, their squares are 100,000,000 and 0, and
# the mean of the squares is **50,000,000 USD²**. Note the unit: squared dollars.
#
# **Watch out.** If one array is a column of shape `(3, 1)` and the other a row of shape `(3,)`, numpy broadcasts them:
# it computes the difference for every pair and gives you a 3 × 3 table of errors, without a warning. The mean of that
# table looks like any other number, but it's wrong. That's why your function should raise an error if the shapes
# differ.


# %%
def mse_loss(y_pred, y_true):
    """Return the mean squared error over all elements.

    y_pred: array of numbers of any shape, the predictions (in USD for house prices).
    y_true: array of the same shape, the true values in the same unit.
    Returns one number, in squared units (USD²). Neither array is modified.
    Raises ValueError if the shapes differ.
    """
    ### BEGIN SOLUTION
    if y_pred.shape != y_true.shape:
        raise ValueError(f"y_pred has shape {y_pred.shape}, y_true has shape {y_true.shape}")
    return np.mean((y_pred - y_true) ** 2)
    ### END SOLUTION


# %% [markdown]
# **See it.** Three houses were sold. For every weight from 150 to 250 dollars per square foot, the next cell uses
# your `mse_loss` to compute how wrong a neuron with that weight would be. You should see a smooth valley with its
# bottom close to the dashed line at 200. Training walks down into that valley step by step; you'll take those steps
# in lab 5.

# %%
sizes_sqft = np.array([1500.0, 800.0, 2200.0])
prices_usd = np.array([310_000.0, 155_000.0, 436_000.0])
weights = np.linspace(150.0, 250.0, 101)

if solved(mse_loss, sizes_sqft * 200.0, prices_usd) is not None:
    figure, axes = plt.subplots()
    axes.plot(weights, [mse_loss(sizes_sqft * weight, prices_usd) for weight in weights])
    axes.axvline(200.0, linestyle="--", color="grey", label="weight 200")
    axes.set(xlabel="weight (USD per sqft)", ylabel="mean squared error (USD²)")
    axes.legend()
    show(
        figure,
        "The mean squared error over three houses for weights from 150 to 250. You should see a valley with its bottom "
        "close to the dashed line at a weight of 200.",
    )

# %%
check("mse_loss")

# %% [markdown]
# ## 2. A guessed word: surprisal
#
# **Why.** Words aren't numbers: "floor" isn't 10,000 away from "mat". For words, a model gives probabilities instead.
# After **"The cat sat on the"**, a model that's still being trained makes this guess (the table in lab 2 is the trained
# model's):
#
# | word | probability |
# |---|---|
# | floor | 30% |
# | mat | 25% |
# | table | 20% |
# | all other words together | 25% |
#
# The next word turns out to be **"mat"**. How wrong was that? The model gave the right word a one-in-four chance. If
# it had given 100%, it wouldn't have been wrong at all; if it had given almost nothing, it would have been very
# wrong.
#
# **Formula.** The logarithm gives us a loss that behaves exactly like that. The loss of a single guess is called its
# *surprisal* (lab 2 called it the *surprise*):
#
# $$\text{surprisal} = -\ln P(\text{right word})$$
#
# It's 0 if the model was certain of the right answer, and it grows as the probability falls. If the right answer was
# given probability 0, the surprisal is infinite, and no other guess can make up for that. With the natural logarithm,
# the unit is the *nat*.
#
# **By hand.** −ln 0.25 = ln 4 = **1.386 nats**. If "floor" had been right: −ln 0.30 = 1.204 nats, a little less
# wrong.
#
# **Watch out.** `np.log(0)` gives `-inf` and a warning. The warning is harmless, and you won't lose points for it.
#
# **More precisely.** You'll often read that the loss is the distance between the guess and the right answer. For
# words, only the probability of the right word counts. It doesn't matter that "floor" got a higher probability, or
# how the other 75% was distributed. Also, a guess like "25% for mat" isn't simply right or wrong: the loss measures
# how wrong it was.


# %%
def surprisal(probs, target):
    """Return the loss of one guess: minus the natural logarithm of the right word's probability.

    probs: float array of shape (V,), the probabilities of V words; they sum to 1. Not
        modified.
    target: int from 0 to V - 1, the index of the right word.
    Returns one number in nats, 0 or more; inf if the probability is 0.
    """
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return -np.log(probs[target])
    ### END SOLUTION


# %% [markdown]
# **See it.** The plot shows how your loss depends on the probability of the right word, with the table's three words
# marked on the curve. You should see a curve that ends at 0 on the right and shoots up on the left. The curve is
# steepest where the model was confidently wrong: going from 1% to 2% lowers the loss as much (0.693 nats) as going
# from 50% to 100%. So the same small increase in probability lowers the loss much more if the model thought the right
# word was almost impossible than if the word already seemed likely.

# %%
words = ["floor", "mat", "table", "(others)"]
guesses = np.array([0.30, 0.25, 0.20, 0.25])
probabilities = np.linspace(0.002, 1.0, 500)

if solved(surprisal, guesses, 1) is not None:
    figure, axes = plt.subplots()
    axes.plot(probabilities, [surprisal(np.array([p, 1.0 - p]), 0) for p in probabilities])
    for index in range(3):
        axes.plot(guesses[index], surprisal(guesses, index), "o", label=f"{words[index]}: {guesses[index]:.0%}")
    axes.set(xlabel="probability given to the right word", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "The loss of one guess, plotted against the probability of the right word. The curve should come down steeply "
        "from above 6 nats on the left to 0 at probability 1. Three dots on the curve mark floor at 0.30, mat at 0.25 "
        "and table at 0.20.",
    )

# %%
check("surprisal")

# %% [markdown]
# ## 3. A batch of guesses: cross-entropy
#
# **Why.** A model doesn't output probabilities. It outputs raw scores, the *logits*, and it makes many guesses at once,
# one per row. So it takes three steps to compute *cross-entropy*, the loss that language models are trained with:
#
# 1. Turn each row of logits into log-probabilities.
# 2. In each row, pick the log-probability of the right token and flip its sign. That's the row's surprisal. Another
#    name for it is *negative log-likelihood* (NLL), since it's minus the logarithm of a probability.
# 3. Take the mean over the rows.
#
# **Formula.**
#
# $$\text{cross-entropy} = -\frac{1}{N}\sum_{i=1}^{N} \text{log\_softmax}(\text{logits}_i)_{\,\text{target}_i}$$
#
# **By hand.** Two rows, both with logits (ln 3, 0). Their softmax is (3/4, 1/4). In the first row, token 0 is right:
# −ln 0.75 = 0.288 nats. In the second row, token 1 is right: −ln 0.25 = 1.386 nats. The mean is **0.837 nats**.
#
# **Watch out: softmax first, then the logarithm?** Take the logits (1000, 0), and suppose token 1 is
# right. Its probability is about $10^{-434}$, too small for a float, so it becomes 0, and its logarithm is minus
# infinity. The true loss is simply 1000 nats. `log_softmax(logits, axis=-1)` never computes that probability, so it
# gets the loss right. It's given to you.
#
# **Watch out: one entry per row.** To pick one entry in each row, index with two integer arrays of the same length.
# For an array `a` of shape `(3, V)`, `a[[0, 1, 2], [4, 0, 2]]` gives the three entries `a[0, 4]`, `a[1, 0]` and `a[2,
# 2]`. You don't have to type the row numbers: `np.arange(3)` is the array 0, 1, 2. If you used a colon instead of the
# first list, you'd get those columns from every row, which isn't what you want.
#
# **Watch out: bad targets.** A target of −1 would make numpy count from the end and silently read the last token. Ids
# like that come from bad data, so your function should raise an error. To ask whether any entry of an array meets a
# condition, use `.any()`, as in `(ages > 99).any()`. The shape has to be right, too: a column of N targets would
# broadcast and give you N × N entries. So raise an error unless the shape of the targets is exactly (N,).


# %%
def cross_entropy(logits, targets):
    """Return the mean loss of a batch of guesses.

    logits: float array of shape (N, V), raw scores: N guesses over a vocabulary of V
        tokens.
    targets: int array of shape (N,), the right token for each row, from 0 to V - 1.
    Returns one number in nats: the mean over the rows of -log_softmax(logits)[i,
    targets[i]]. Neither array is modified.
    Raises ValueError (IndexError is fine, too) if the shapes aren't (N, V) and (N,), or if a target is negative or at
    least V.
    """
    ### BEGIN SOLUTION
    if logits.ndim != 2 or targets.shape != (len(logits),):
        raise ValueError(f"logits {logits.shape} and targets {targets.shape} should be (N, V) and (N,)")
    rows, vocabulary = logits.shape
    if np.any(targets < 0) or np.any(targets >= vocabulary):
        raise ValueError(f"targets should be ids from 0 to {vocabulary - 1}")
    log_probs = log_softmax(logits, axis=-1)
    return -np.mean(log_probs[np.arange(rows), targets])
    ### END SOLUTION


# %% [markdown]
# **See it.** Two tokens with logits (s, 0): the larger s is, the more confident the model is in token 0. The plot
# shows your loss when token 0 is right and when token 1 is right. You should see two curves that cross at s = 0,
# where both tokens have a probability of 50% and the loss is ln 2 = 0.693 nats. As s grows, extra confidence in the
# right token helps less and less, but extra confidence in the wrong token keeps raising the loss, by about one nat
# for every unit of the logit. Overconfidence is expensive.

# %%
scores = np.linspace(-2.0, 10.0, 61)

if solved(cross_entropy, np.array([[2.0, 0.0]]), np.array([0])) is not None:
    figure, axes = plt.subplots()
    for target in (0, 1):
        losses = [cross_entropy(np.array([[score, 0.0]]), np.array([target])) for score in scores]
        axes.plot(scores, losses, label=f"token {target} is right")
    axes.axhline(math.log(2.0), linestyle="--", color="grey", label="ln 2")
    axes.set(xlabel="logit of token 0 (token 1's is 0)", ylabel="cross-entropy (nats)")
    axes.legend()
    show(
        figure,
        "Cross-entropy for two tokens as the logit of token 0 grows from −2 to 10. If token 0 is right, the loss "
        "should fall to almost 0; if token 1 is right, it should rise, almost in a straight line. The two curves cross "
        "at logit 0, on the dashed line at ln 2.",
    )

# %%
check("cross_entropy")

# %% [markdown]
# ## 4. Where the guesses come from: next-token pairs
#
# **Why.** Nobody has to label the data for a language model. **A text is its own answer key**: after every token
# comes the next one, and that's the right answer. "The cat sat on the mat" gives a model five tokens to
# guess:
#
# | the model sees | right answer |
# |---|---|
# | The | cat |
# | The cat | sat |
# | The cat sat | on |
# | The cat sat on | the |
# | The cat sat on the | mat |
#
# All five fit into two rows of the same length, the inputs and the targets. The targets are the same tokens shifted
# by one:
#
# | position | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | inputs | The | cat | sat | on | the |
# | targets | cat | sat | on | the | mat |
#
# A model only sees a limited number of tokens at a time, its *context length* L. So a longer text is cut into windows
# of L tokens, each starting one token after the previous one.
#
# **Formula.** A text of n tokens gives n − L windows, because there has to be one token left after the last window to
# serve as its last target.
#
# **By hand.** "The cat sat on the mat" has n = 6 tokens. With L = 3 there are 6 − 3 = **3 windows**: inputs *The cat
# sat*, *cat sat on*, *sat on the*; targets *cat sat on*, *sat on the*, *on the mat*.
#
# **More precisely.** Models read token ids, not words, and a *tokenizer* decides which pieces of text become tokens.
# Also, when people train on a large text, they rarely use every overlapping window. Instead, they sample some of the
# windows at random.


# %%
def next_token_pairs(token_ids, context_length):
    """Cut a text into windows of inputs and their targets.

    token_ids: int array of shape (n,), the text.
    context_length: int, 1 or more: L, the number of tokens in a window.
    Returns a pair (inputs, targets) of int arrays, both of shape (n - L, L): window i
    starts at token i of the text, and targets[i, j] is the token that follows inputs[i,
    j] in the text. token_ids isn't modified.
    Raises ValueError if n <= context_length, because there's no next token left to guess.
    """
    ### BEGIN SOLUTION
    windows = len(token_ids) - context_length
    if windows <= 0:
        raise ValueError(f"{len(token_ids)} tokens are too few for a window of {context_length} plus a next token")
    inputs = np.array([token_ids[i : i + context_length] for i in range(windows)])
    targets = np.array([token_ids[i + 1 : i + 1 + context_length] for i in range(windows)])
    return inputs, targets
    ### END SOLUTION


# %% [markdown]
# **See it.** The next cell cuts the sentence from [page 0](../lesson/lesson.ipynb) into windows of three words. You
# should see three lines. From one line to the next, the window on the left moves along the sentence by one word. On
# each line, the right side is the left side shifted by one word, so only its last word is new.

# %%
vocabulary = np.array(["mat", "The", "on", "cat", "the", "sat"])
sentence = np.array([1, 3, 5, 2, 4, 0])  # The cat sat on the mat

pairs = solved(next_token_pairs, sentence, 3)
if pairs is not None:
    for window, answers in zip(*pairs, strict=True):
        print(vocabulary[window], "->", vocabulary[answers])

# %%
check("next_token_pairs")

# %% [markdown]
# ## 5. The loss as a number of choices: perplexity
#
# **Why.** "1.386 nats" doesn't mean much to most people. It helps to undo the logarithm. If a model's mean loss is
# the same as that of a blind guess among k equally likely words, the model is **as uncertain as if it had to choose
# among k words**. That number k is its *perplexity*.
#
# **Formula.**
#
# $$\text{perplexity} = e^{\text{mean loss}}$$
#
# **By hand.** The guess for "mat" had a loss of 1.386 nats, and $e^{1.386}$ = **4**, like a choice among four words.
# A model that knows nothing about a vocabulary of 50,000 tokens has a loss of ln 50,000 = 10.82 nats and a perplexity
# of 50,000. A model that's always certain and right has a perplexity of 1.
#
# **Watch out.** The base has to match the unit. For a loss in nats, the base is e. (A loss in bits gives the same
# perplexity if you use powers of 2.)


# %%
def perplexity(mean_nll):
    """Return the effective number of choices that corresponds to a mean loss.

    mean_nll: number, a mean negative log-likelihood (a cross-entropy) in nats, 0 or
        more.
    Returns one unitless number, 1 or more: e to the power of mean_nll.
    """
    ### BEGIN SOLUTION
    return np.exp(mean_nll)
    ### END SOLUTION


# %% [markdown]
# **See it: all the pieces together.** The simplest useful language model counts which word follows which. Your
# `next_token_pairs`, with a context of one, gives the pairs to count. The logarithms of the counts are the logits,
# your `cross_entropy` says how wrong the guesses are, and your `perplexity` turns that into a number of equally
# likely choices. For comparison, a second model gives every word the same logit. You should see one bar at 12, the
# number of different words (counting the period), and one at 2.4: if you know one word, you're left with between two
# and three choices for the next one instead of twelve. A large language model also predicts the next word, but with a
# longer context, and with learned weights instead of a table of counts. It uses the same loss.

# %%
text = (
    "the cat sat on the mat . the cat sat on the floor . the dog sat on the mat . "
    "the dog lay on the floor . the cat lay on the table . the bird sat on the roof ."
)
words_of_text = text.split()
text_words = sorted(set(words_of_text))
text_ids = np.array([text_words.index(word) for word in words_of_text])
size = len(text_words)

needed = [
    solved(next_token_pairs, text_ids, 1),
    solved(cross_entropy, np.zeros((1, size)), np.array([0])),
    solved(perplexity, 0.0),
]
if all(value is not None for value in needed):
    inputs, targets = (np.asarray(each) for each in next_token_pairs(text_ids, 1))
    seen, follows = inputs[:, 0], targets[:, 0]
    counts = np.full((size, size), 0.1)  # a small count for unseen pairs, so that nothing is impossible
    np.add.at(counts, (seen, follows), 1.0)
    models = {"same for all": np.zeros((size, size)), "counted pairs": np.log(counts)}
    perplexities = {name: perplexity(cross_entropy(logits[seen], follows)) for name, logits in models.items()}
    figure, axes = plt.subplots()
    axes.bar(list(perplexities), list(perplexities.values()))
    axes.set(xlabel="model", ylabel="perplexity (number of words)")
    show(
        figure,
        "Two bars: the perplexities of two models. The model that gives every word the same chance should be at 12, "
        "the number of words; the model that counted pairs should be at about 2.4.",
    )

# %%
check("perplexity")

# %% [markdown]
# **More precisely.** Both models were tested on the same text that the counts came from. For an honest comparison you
# need text the model hasn't seen, because a model can memorize what it was trained on. That's called *overfitting*,
# and lab 5 comes back to it.
#
# ## What you've learned
#
# - **A loss is one number that says how wrong the guesses were.** For numbers it's the mean squared error; for words
#   it's the cross-entropy.
# - **For words, the loss depends only on the right word's probability**: it's the negative log of that, so 25% gives
#   1.386 nats.
# - **A text is its own answer key**: the targets are the inputs shifted by one.
# - **Perplexity** expresses the loss as a number of equally likely choices.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit loss` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** in lab 4, [backprop](../backprop/backprop.ipynb), you'll find out how each weight should change to lower the
# loss.
