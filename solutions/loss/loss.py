# %% [markdown]
# # Lab 3: Loss and next-token prediction
#
# **About 75 minutes.** Builds on lab 2 (`softmax`): you should know what logits and probabilities are. Its
# `log_softmax` is given to you here, so nothing depends on your own notebook of that lab. Shapes and axes are explained
# in `start`.
#
# A model learns by making guesses and being told how wrong they were. This lab is about the second half: **a number
# that says how wrong**, called the loss. Training then does nothing but push that number down.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `mse_loss` | how wrong is a guessed *number*? | 10 |
# | 2 | `surprisal` | how wrong is one guessed *word*? | 15 |
# | 3 | `cross_entropy` | how wrong is a whole batch of guesses? | 25 |
# | 4 | `next_token_pairs` | which guesses does a text ask for? | 15 |
# | 5 | `perplexity` | among how many words is the model torn? | 10 |
#
# Write your answer where a cell says so, run it, and run the check below it. Checks tell you at once what is wrong;
# more of them run when you submit.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, progress, show, solved
from autograder.given import log_softmax

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## 1. A guessed number: mean squared error
#
# The house-price neuron multiplies 1500 sqft by its weight of 200 USD per sqft and guesses 300,000 USD. The house
# sells for 310,000 USD. The guess was 10,000 USD too low.
#
# A list of such errors has to become one number. Adding them up as they are will not do: one house guessed 10,000 USD
# too low and another 10,000 USD too high would add up to a flawless model. So each error is **squared**, which makes it
# positive and makes big errors count far more than small ones, and the squares are **averaged**, so that the number
# does not grow just because there are more houses:
#
# $$\text{MSE} = \frac{1}{N}\sum_{i=1}^{N}\left(y^\text{pred}_i - y^\text{true}_i\right)^2$$
#
# **By hand.** Two houses: 300,000 guessed and 310,000 paid, then 100,000 guessed and 100,000 paid. The errors are
# −10,000 and 0, their squares 100,000,000 and 0, the mean **50,000,000 USD²**. Mind the unit: squared dollars.
#
# One trap. If one array is a column of shape `(3, 1)` and the other a row of shape `(3,)`, numpy subtracts every pair
# and hands you a 3 × 3 table of errors without a word. The mean of that table is a number like any other, and wrong.
# That is why your function refuses arrays of different shapes.


# %%
def mse_loss(y_pred, y_true):
    """Mean squared error over all elements.

    y_pred: array of numbers of any shape, the predictions (for house prices in USD).
    y_true: array of the same shape, the true values in the same unit.
    Returns one number, in the unit squared (USD²). Changes neither array.
    Raises ValueError if the shapes differ.
    """
    ### BEGIN SOLUTION
    if y_pred.shape != y_true.shape:
        raise ValueError(f"y_pred has shape {y_pred.shape}, y_true has shape {y_true.shape}")
    return np.mean((y_pred - y_true) ** 2)
    ### END SOLUTION


# %%
check("mse_loss")

# %% [markdown]
# **Look at it.** Three houses were sold. For every weight from 150 to 250 USD per sqft, the next cell asks your
# `mse_loss` how wrong a neuron with that weight would be.

# %%
sizes_sqft = np.array([1500.0, 800.0, 2200.0])
prices_usd = np.array([310_000.0, 155_000.0, 436_000.0])
weights = np.linspace(150.0, 250.0, 101)

if solved(mse_loss, sizes_sqft * 200.0, prices_usd) is not None:
    figure, axes = plt.subplots()
    axes.plot(weights, [mse_loss(sizes_sqft * weight, prices_usd) for weight in weights])
    axes.axvline(200.0, linestyle="--", color="grey", label="the lesson's weight, 200")
    axes.set(xlabel="weight (USD per sqft)", ylabel="mean squared error (USD²)")
    axes.legend()
    show(
        figure,
        "The mean squared error of three houses for weights from 150 to 250. You should see a valley with its "
        "bottom close to the dashed line at 200, the lesson's weight.",
    )

# %% [markdown]
# You should see a smooth valley with its floor close to 200. Walking down into that valley, step by step, is what
# training does; a later lab takes the steps.

# %% [markdown]
# ## 2. A guessed word: surprisal
#
# Words are no numbers: "floor" is not 10,000 away from "mat". For words a model gives probabilities instead. After
# **"The cat sat on the"** ours guesses
#
# | word | probability |
# |---|---|
# | floor | 30 % |
# | mat | 25 % |
# | table | 20 % |
# | all other words together | 25 % |
#
# and the text goes on with **"mat"**. How wrong was that? It gave the right word a chance of one in four. Had it given
# 100 %, nothing would be wrong; had it given next to nothing, it would have been very wrong. The logarithm does
# exactly that:
#
# $$\text{surprisal} = -\ln P(\text{right word})$$
#
# It is 0 for a right answer that was certain, grows as the probability falls, and is infinite for a right answer that
# was held impossible: no other guess can make up for that one. The natural logarithm gives it the unit **nat**.
#
# **By hand.** −ln 0.25 = ln 4 = **1.386 nats**. Had "floor" been right: −ln 0.30 = 1.204 nats, a little less wrong.
#
# *More precisely.* One often reads that the loss is the distance between the guess and the right answer. For words,
# nothing but the probability of the right one counts. That "floor" was the favorite, and how the other 75 % are shared
# out, makes no difference. Nor is "25 % for mat" a mistake that is made or not made: a loss has degrees.


# %%
def surprisal(probs, target):
    """Loss of one guess: minus the natural logarithm of the right answer's probability.

    probs: float array of shape (V,), one probability for each of V words; they sum to
        1.
    target: int from 0 to V - 1, the index of the right word.
    Returns one number in nats, 0 or more; inf where the probability is 0. Does not
    change probs.
    """
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return -np.log(probs[target])
    ### END SOLUTION


# %%
check("surprisal")

# %% [markdown]
# numpy answers `np.log(0)` with `-inf` and a warning. The warning does no harm and costs no points.
#
# **Look at it.** Your loss for every probability that the right word might have been given, and the three words of the
# table on that curve.

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
        "The loss of one guess against the probability that the right word got. The curve should come down "
        "steeply from above 6 nats at the left to 0 at probability 1. Three dots on it are the lesson's "
        "words: floor at 0.30, mat at 0.25, table at 0.20.",
    )

# %% [markdown]
# You should see a curve that ends at 0 on the right and shoots up on the left. It is steepest where the model is
# confidently wrong: from 1 % to 2 % the loss falls by as much (0.693 nats) as from 50 % to 100 %. Lifting the right
# word out of the impossible pays off more than polishing what is good already.

# %% [markdown]
# ## 3. A batch of guesses: cross-entropy
#
# A model does not hand out probabilities but raw scores, the **logits**; and it makes many guesses at once, one in each
# row. So three steps make the loss that language models are trained with:
#
# 1. turn each row of logits into log-probabilities,
# 2. in each row pick the one of the right token and change its sign: that row's surprisal,
# 3. average over the rows.
#
# $$\text{cross-entropy} = -\frac{1}{N}\sum_{i=1}^{N} \text{log\_softmax}(\text{logits}_i)_{\,\text{target}_i}$$
#
# **By hand.** Two rows, both with the logits (ln 3, 0). Their softmax is (3/4, 1/4). In the first row token 0 is right:
# −ln 0.75 = 0.288 nats. In the second row token 1 is right: −ln 0.25 = 1.386 nats. The mean is **0.837 nats**.
#
# **Why not softmax first, then the logarithm?** Take the logits (1000, 0), and let token 1 be right. Its probability is
# about $10^{-434}$, less than a computer's numbers reach, so it becomes 0 and its logarithm minus infinity. The true
# loss is simply 1000 nats. `log_softmax` finds it without ever forming that probability, which is why you are given it:
# `log_softmax(logits, axis=-1)`.
#
# **Picking one entry in each row** is what numpy does with two index arrays of the same length: for a table `a` of
# shape `(3, V)`, `a[[0, 1, 2], [4, 0, 2]]` are the three entries `a[0, 4]`, `a[1, 0]` and `a[2, 2]`. With a colon in
# place of the first list you get every row at every index, which is something else.
#
# A target of −1 would make numpy count from the end and quietly read the last token. Such ids come from faulty data;
# your function refuses them.


# %%
def cross_entropy(logits, targets):
    """Mean loss of a batch of guesses.

    logits: float array of shape (N, V), raw scores: N guesses over a vocabulary of V
        tokens.
    targets: int array of shape (N,), the right token of each row, from 0 to V - 1.
    Returns one number in nats: the mean over the rows of -log_softmax(logits)[i,
    targets[i]]. Changes neither array.
    Raises ValueError (IndexError is accepted too) if the shapes are not (N, V) and
    (N,), or if a target is negative or V or more.
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


# %%
check("cross_entropy")

# %% [markdown]
# **Look at it.** Two tokens, logits (s, 0): the larger s, the more confident the model is in token 0. The plot shows
# your loss when token 0 is right, and when token 1 is.

# %%
scores = np.linspace(-2.0, 10.0, 61)

if solved(cross_entropy, np.array([[2.0, 0.0]]), np.array([0])) is not None:
    figure, axes = plt.subplots()
    for target in (0, 1):
        losses = [cross_entropy(np.array([[score, 0.0]]), np.array([target])) for score in scores]
        axes.plot(scores, losses, label=f"token {target} is right")
    axes.axhline(math.log(2.0), linestyle="--", color="grey", label="ln 2")
    axes.set(xlabel="logit of token 0 (token 1 has 0)", ylabel="cross-entropy (nats)")
    axes.legend()
    show(
        figure,
        "Cross-entropy of two tokens while the logit of token 0 grows from −2 to 10. Where token 0 is right, "
        "the loss should fall to almost 0; where token 1 is right, it rises like a straight line. The two "
        "cross at logit 0, on the dashed line, ln 2.",
    )

# %% [markdown]
# You should see two curves that cross at s = 0, where both tokens have 50 % and the loss is ln 2 = 0.693 nats. To the
# right, being sure of the right token gains less and less, down to 0; being sure of the wrong token costs ever more,
# one nat for each point of the logit. Overconfidence is expensive.

# %% [markdown]
# ## 4. Where the guesses come from: next-token pairs
#
# Nobody has to label the data of a language model. **A text is its own answer key**: after every token comes the next
# one, and that is the right answer. "The cat sat on the mat" alone poses five questions:
#
# | the model sees | right answer |
# |---|---|
# | The | cat |
# | The cat | sat |
# | The cat sat | on |
# | The cat sat on | the |
# | The cat sat on the | mat |
#
# All five fit into two rows of the same length: the inputs, and the same tokens moved on by one as targets.
#
# | | | | | | |
# |---|---|---|---|---|---|
# | inputs | The | cat | sat | on | the |
# | targets | cat | sat | on | the | mat |
#
# A model sees only so many tokens at a time, its **context length** L. A longer text is cut into windows of L tokens,
# each starting one token after the one before. A text of n tokens gives n − L windows: the last window must still leave
# one token over to be its last target.
#
# **By hand.** "The cat sat on the mat" has n = 6 tokens. With L = 3 there are 6 − 3 = **3 windows**: inputs
# *The cat sat*, *cat sat on*, *sat on the*; targets *cat sat on*, *sat on the*, *on the mat*.
#
# *More precisely.* Models read token ids, not words; which pieces of text become tokens is the tokenizer's business.
# And training on large texts rarely uses all overlapping windows; it draws some of them at random.


# %%
def next_token_pairs(token_ids, context_length):
    """Cut a text into windows of inputs and the targets that go with them.

    token_ids: int array of shape (n,), the text.
    context_length: int, 1 or more, the number L of tokens in a window.
    Returns a pair (inputs, targets) of int arrays, both of shape (n - L, L): window i
    starts at token i of the text, and targets[i, j] is the token that follows inputs[i,
    j] in the text. Does not change token_ids.
    Raises ValueError if n <= context_length: there is no next token left to guess.
    """
    ### BEGIN SOLUTION
    windows = len(token_ids) - context_length
    if windows <= 0:
        raise ValueError(f"{len(token_ids)} tokens are too few for windows of {context_length} and a next token")
    inputs = np.array([token_ids[i : i + context_length] for i in range(windows)])
    targets = np.array([token_ids[i + 1 : i + 1 + context_length] for i in range(windows)])
    return inputs, targets
    ### END SOLUTION


# %%
check("next_token_pairs")

# %% [markdown]
# **Look at it.** The lesson's sentence, in your windows of three.

# %%
vocabulary = np.array(["mat", "The", "on", "cat", "the", "sat"])
sentence = np.array([1, 3, 5, 2, 4, 0])  # The cat sat on the mat

pairs = solved(next_token_pairs, sentence, 3)
if pairs is not None:
    for window, answers in zip(*pairs, strict=True):
        print(vocabulary[window], "->", vocabulary[answers])

# %% [markdown]
# You should see three lines. Reading down the first column, the window slides along the sentence; on every line the
# right side is the left side moved on by one word, and only the last word on the right is new.

# %% [markdown]
# ## 5. Back to a number of words: perplexity
#
# "1.386 nats" means little to most people. Undoing the logarithm helps: a model whose mean loss is that of picking
# blindly among k equally likely words is **as uncertain as a choice among k**.
#
# $$\text{perplexity} = e^{\text{mean loss}}$$
#
# **By hand.** The guess for "mat" cost 1.386 nats, and $e^{1.386}$ = **4**: a choice among four. A model that knows
# nothing about a vocabulary of 50,000 tokens has a loss of ln 50,000 = 10.82 nats and a perplexity of 50,000; one that
# is always certain and right has a perplexity of 1.
#
# The base must fit the unit: nats go with e. (A loss in bits, with base 2, gives the same perplexity by powers of 2.)


# %%
def perplexity(mean_nll):
    """The effective number of choices behind a mean loss.

    mean_nll: number, a mean negative log-likelihood (a cross-entropy) in nats, 0 or
        more.
    Returns one number without a unit: e to the power of mean_nll, 1 or more.
    """
    ### BEGIN SOLUTION
    return np.exp(mean_nll)
    ### END SOLUTION


# %%
check("perplexity")

# %% [markdown]
# **Look at it: all the pieces together.** The smallest language model there is counts which word follows which. Your
# `next_token_pairs` with a context of one gives the pairs to count, the logarithms of the counts serve as logits, your
# `cross_entropy` says how wrong the guesses are, and your `perplexity` puts it in words. Its rival gives every word the
# same logit.

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
    inputs, targets = next_token_pairs(text_ids, 1)
    seen, follows = inputs[:, 0], targets[:, 0]
    counts = np.full((size, size), 0.1)  # a little for pairs never seen, so that nothing is impossible
    np.add.at(counts, (seen, follows), 1.0)
    models = {"same for all": np.zeros((size, size)), "counted pairs": np.log(counts)}
    perplexities = {name: perplexity(cross_entropy(logits[seen], follows)) for name, logits in models.items()}
    figure, axes = plt.subplots()
    axes.bar(list(perplexities), list(perplexities.values()))
    axes.set(xlabel="model", ylabel="perplexity (number of words)")
    show(
        figure,
        "Two bars, the perplexity of two models. Giving all words the same chance should have 12, as many as "
        "there are words; having counted pairs should have about 2.",
    )

# %% [markdown]
# You should see one bar as high as the vocabulary (12 different words, the full stop among them) and one at 2.4:
# knowing one word narrows the next one down from twelve choices to between two and three. A large language model does
# the same with a longer context, and with learned weights in place of a table of counts; the loss is the same.
#
# *More precisely.* Both models were tested here on the very text that was counted. An honest comparison uses text that
# the model has not seen.
#
# ## What you have now
#
# - **A loss is one number that says how wrong.** For numbers the mean squared error, for words the cross-entropy.
# - **For words only the probability of the right one counts**, by its logarithm: 25 % costs 1.386 nats.
# - **A text is its own answer key**: the targets are the inputs moved on by one.
# - **Perplexity** is that loss read as a number of equally likely choices.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit loss` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** lab 4, `backprop`, finds out how each weight should change to bring the loss down.
