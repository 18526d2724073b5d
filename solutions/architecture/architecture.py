# %% [markdown]
# # Lab 8: The full picture: from text to text
#
# **About 130 minutes.** Builds on lab 1 (layers are matrix products), lab 2 (softmax), lab 6 (the sampler, which is
# given to you here) and lab 7 (the loop). Parts 3 and 4 are the core of the lab, and the hardest. Part 4 is a stretch
# exercise: you don't need it to pass, but you do need it to see the whole model run. New terms are in *italics*; the
# [glossary](../glossary/glossary.ipynb) explains them all.
#
# There are seven boxes between what you type and what you read. You'll write six functions, and together they *are* a
# language model. Give it the weights of a small model trained for this course, and it'll finish a sentence.
#
# | box | in → out | you write | minutes |
# | --- | --- | --- | --- |
# | Tokenizer | text → ids | 1 `encode` | 18 |
# | Embedding Layer | ids → one vector per token | 2 `embed` | 15 |
# | Transformer Layers | vectors → vectors in context | 3 `causal_attention`, 4 `transformer_block` (stretch) | 61 |
# | Output Layer | the last vector → a logit for every token | 5 `output_logits` | 10 |
# | Sampling | logits → one id | (lab 6) | |
# | Detokenizer | ids → text | (one line, given) | |
# | Repeat | the new id is added to the others, and the loop starts over | 6 `run_pipeline` | 26 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, compare, keep, picture, play, progress, show, solved
from autograder.given import model_params, model_vocab, relu, sample_next_token, softmax
from autograder.notebook.boxes import boxes_picture, watched
from autograder.notebook.heat_maps import attention_maps, rows_of_numbers

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %%
play("boxes")  # run this again, too: each box uses your own function once it passes its check

# %% [markdown]
# ## The model
#
# The lab's model has everything the large models have, just less of it: a vocabulary of 192 tokens instead of around
# 100,000, vectors of 40 numbers instead of thousands, two transformer blocks instead of a hundred, and 43,120 weights
# in total. It was trained in half a minute on 364 lines of text about cats, countries, the weather and a few other
# things, and it knows nothing else.
#
# A token is a word *with the space before it*, or a punctuation mark. Single letters are tokens, too, so any word can
# be spelled out. `<end>` is the stop token: "the text ends here". `<unknown>` stands for a character that isn't in the
# vocabulary.

# %%
VOCAB = model_vocab()
TOKENS = list(VOCAB)
UNK_ID, STOP_ID = VOCAB["<unknown>"], VOCAB["<end>"]
PARAMS = model_params("pretraining")
PROMPT = "The cat sat on the"

print("some tokens:", [token for token in TOKENS if len(token) > 1][20:28])
for name, array in PARAMS.items():
    print(f"{name:20} {array.shape}")

# %% [markdown]
# ## 1. Tokenizer
#
# **Why.** A network computes with numbers, so text has to be turned into numbers first, and the same text must always
# be turned into the same numbers. A *vocabulary* is a list of pieces of text, called *tokens*, each with its own
# number. Any text that isn't a single token gets split into several.
#
# **Formula.** Start at the left. Of all the tokens that match there, take the **longest**, write down its id, move
# past it, and continue from there. If no token matches, write `unk_id` for that *one* character and move past it.
# Never skip or correct anything: spaces, capital letters and punctuation are characters like any other.
#
# **By hand.** The vocabulary is `{"ex": 0, "plain": 1, "explain": 2, " ": 3, "g": 4, "r": 5, "a": 6}`, and `unk_id`
# is 9. The text *explain gra!* starts with both `ex` and `explain`. The longer one wins: 2. Then the space: 3. Then
# `g`, `r` and `a`, since `gra` isn't a token: 4, 5, 6. Finally, the `!` isn't a token, so it becomes 9. Together
# that's `[2, 3, 4, 5, 6, 9]`. So a token isn't the same as a word. Here one token is a whole word, while three others
# together make up only part of one.
#
# **Watch out.** `e` and `exp` aren't tokens, but `ex` and `explain` are. Don't stop looking just because some shorter
# piece isn't a token.
#
# **More precisely.** Large models get their vocabulary from data, by merging characters that often occur together
# (*byte-pair encoding*), and they use the same merges to split text. Taking the longest match is simpler, and you
# usually get the same pieces.


# %%
def encode(text, vocab, unk_id):
    """Return a text's ids, reading from left to right and always taking the longest token that matches.

    text: str; it may be empty.
    vocab: dict from tokens (str of one or more characters, in any order) to their ids
        (int).
    unk_id: int, the id for a single character when no token matches there.
    Returns the ids in the order their tokens appear in the text, as a list of int;
    an empty list for an empty string.
    """
    ### BEGIN SOLUTION
    ids = []
    place = 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        if fitting:
            token = max(fitting, key=len)
            ids.append(vocab[token])
            place += len(token)
        else:
            ids.append(unk_id)
            place += 1
    return ids
    ### END SOLUTION


# %% [markdown]
# **See it.** The vertical bars separate tokens. The first text should be split into five words, and all but the first
# should include the space before them. In the other texts, any word the small model has never seen should be split
# into letters, and any character that isn't a token should show up as `<unknown>`.

# %%
for text in (PROMPT, "Explain gravity simply", "The zebra slept", "What is 7 × 8?"):
    ids = solved(encode, text, VOCAB, UNK_ID)
    if ids is None:
        break
    print(f"{'|'.join(TOKENS[token] for token in ids)}\n    {list(map(int, ids))}")

# %%
check("encode")

# %% [markdown]
# ## 2. Embedding Layer
#
# **Why.** An id tells you *which* token you have, but nothing else about it: token 104 isn't twice token 52. So each
# token gets a vector of its own, its *embedding*. Its numbers are weights, found by training, and tokens that are
# used in similar ways end up with similar vectors. (Looking up row 104 is the same as multiplying a *one-hot* vector
# by the table, only faster.)
#
# But *dog bites cat* and *cat bites dog* have the same three vectors. Attention, which comes next, compares vectors
# with each other without knowing where they are. So the order has to be *in* the vectors: each **position** has a
# learned vector, too, and the two are added.
#
# **Formula.**
#
# $$x_t = \text{token\_embedding}[\text{id}_t] + \text{position\_embedding}[t], \qquad t = 0, 1, 2, \ldots$$
#
# **By hand.** Take ids $(2, 0, 2)$, token vectors $(1, 0)$, $(5, 5)$, $(0, 3)$ and position vectors $(0.1, 0.2)$,
# $(0.3, 0.4)$, $(0.5, 0.6)$. You get $(0, 3) + (0.1, 0.2) = (0.1, 3.2)$, then $(1, 0) + (0.3, 0.4) = (1.3, 0.4)$,
# then $(0, 3) + (0.5, 0.6) = (0.5, 3.6)$. The same token at two positions has two different vectors.
#
# **Watch out.** Raise an error for an id that isn't in the vocabulary, and for a text with more tokens than there are
# positions (that's one reason models have a maximum context length). Numpy catches most of this by itself, but not
# all. To numpy, −1 means *the last row*, and if there's only one position, its row gets broadcast to all the tokens.
# So check for negative ids and for too many tokens yourself.
#
# **More precisely.** Without positions, attention is blind to order: shuffle the tokens, and each one gets the same
# result as before. There's one exception. With the causal mask from part 3, a token only sees the tokens before it,
# and *how many* there are tells it something about its position. For that reason, some models do without position
# vectors. Most newer ones encode positions in a different way, by rotating queries and keys (*RoPE*).


# %%
def embed(token_ids, token_embedding, position_embedding):
    """Return a vector for each token: the token's embedding plus the embedding of its position.

    token_ids: list or integer array (T,), T at least 1.
    token_embedding: float array (V, D), one row per id.
    position_embedding: float array (T_max, D), one row per position, starting with
        position 0.
    Returns a float array (T, D). No array is modified.
    Raises ValueError or IndexError if an id is negative or at least V, or if T is
    larger than T_max.
    """
    ### BEGIN SOLUTION
    ids = np.asarray(token_ids)
    if ids.min() < 0:
        raise ValueError("no token has a negative id")  # numpy itself rejects an id that's too large
    if len(ids) > len(position_embedding):
        raise ValueError(f"{len(ids)} tokens, but only {len(position_embedding)} positions")
    return token_embedding[ids] + position_embedding[: len(ids)]
    ### END SOLUTION


# %% [markdown]
# **See it.** Each row is one token's 40 numbers, orange for positive and blue for negative. *the* is at positions 4
# and 7. Those two rows should be similar, but not the same.


# %%
def rows_of(text):
    """Return a text's tokens and rows (T, D), computed by your functions, with None for anything not solved yet."""
    ids = solved(encode, text, VOCAB, UNK_ID)
    if ids is None:
        return None, None
    tokens = [TOKENS[token].strip() for token in ids]
    return tokens, solved(embed, ids, PARAMS["token_embedding"], PARAMS["position_embedding"])


tokens, rows = rows_of("The cat sat on the mat and the")
if rows is not None:
    show(
        rows_of_numbers(tokens, rows),
        "A grid of colored squares: for each of eight tokens, its 40 numbers, orange for positive and blue for "
        "negative. The rows of the two “the” tokens, at positions 4 and 7, should be similar but not the same.",
    )

# %%
check("embed")

# %% [markdown]
# ## 3. Attention
#
# **Why.** So far, each vector only knows its own token and position. To guess what follows *The cat sat on the*, the
# vector of the last *the* needs to find out about *cat* and *on*. *Attention* is how tokens look at each other. From
# its vector, each position computes three more, using three weight matrices:
#
# - a *query* $q$: what am I looking for?
# - a *key* $k$: what do I have to offer?
# - a *value* $v$: what do I pass on to anyone who looks at me?
#
# **Formula.** The dot product of a query and a key says how well they match. Softmax turns these scores into weights
# that sum to 1, and each position gets the weighted mean of the values:
#
# $$\text{scores} = \frac{q\,k^\top}{\sqrt{d}}, \qquad \text{weights} = \text{softmax}(\text{scores}), \qquad
# \text{out} = \text{weights} \cdot v$$
#
# $k^\top$ is the *transpose* of $k$. Row $i$ of the scores belongs to the position that's *looking*, column $j$ to
# the one it *looks at*, and softmax runs along each row. $d$ is the number of entries in each query and key. Without
# the square root, a large $d$ would push the scores so far apart that one weight would be almost 1 and the others
# almost 0.
#
# **The causal mask.** A model that has to guess the next token must not see it. So position $i$ may only look at $j
# \le i$: itself and what came before. Set all scores with $j > i$ to minus infinity *before* softmax. Since
# $e^{-\infty} = 0$, those weights are exactly 0, and the others still sum to 1.
#
# **By hand.** Two positions and $d = 4$, so you divide by 2. Let $q k^\top = \begin{pmatrix} 6 & 2 \\ 0 & 2\ln 3
# \end{pmatrix}$ and $v = \begin{pmatrix} 10 \\ 50 \end{pmatrix}$. The scores are $(3, 1)$ and $(0, \ln 3)$. The first
# position can't look at the second, so its weights are $(1, 0)$ and its result is $10$. For the second, $e^0 = 1$ and
# $e^{\ln 3} = 3$, so its weights are $(0.25, 0.75)$ and its result is $0.25 \cdot 10 + 0.75 \cdot 50 = 40$.
#
# **Useful functions.** `np.tril` keeps the lower triangle of a matrix, and `np.triu(…, k=1)` keeps what's above the
# diagonal. Both set everything else to 0. A score of 0 still gets some weight, so don't apply them to the scores.
# Instead, apply one of them to a matrix of ones. With `dtype=bool`, you get a mask that says which entries to replace:
#
# ```python
# lower = np.tril(np.ones((2, 2), dtype=bool))  # [[True, False], [True, True]]
# np.where(lower, 0, [[5, 6], [7, 8]])  # [[0, 6], [0, 0]]: 0 where lower is True, the other matrix elsewhere
# ```
#
# You can also use a boolean mask as an index, as in `a[lower] = 0`. Minus infinity is `-np.inf`. You're given `softmax`
# from lab 2. It works along each row of a matrix, and it handles minus infinity and large scores.
#
# If you'd rather build the function one step at a time, read *If a check fails* first. It's below the stub's plot, and
# the cell after it lets you try out each step.
#
# **More precisely.** When a model generates text, the keys and values of earlier tokens don't change, so programs
# store them instead of recomputing them for every new token. That's the *KV cache*. It makes generation much faster,
# and it's why long conversations need so much memory.

# %%
picture("attention")

# %%
play("attention")


# %%
def causal_attention(q, k, v):
    """For each position, return the weighted mean of the values up to and including its own, along with the weights.

    q, k: float arrays (T, d), the queries and keys. v: float array (T, d_v), the
        values.
    Returns (out, weights): float arrays (T, d_v) and (T, T). weights[i, j] says how
    much position i looks at position j: each row is the softmax of the same row of
    q @ k.T / sqrt(d), with exactly 0 where j > i. out[i] is the mean of the rows of v,
    weighted by row i of weights. Both are finite for any finite input of reasonable
    size, even if scores are in the millions. No array is modified.
    """
    ### BEGIN SOLUTION
    scores = q @ k.T / np.sqrt(k.shape[1])
    keep("scores", scores)
    ahead = np.triu(np.ones(scores.shape), k=1) > 0
    weights = softmax(np.where(ahead, -np.inf, scores))
    return weights @ v, weights
    ### END SOLUTION


# %% [markdown]
# **See it.** Attention in the small model's first block: each row shows where one token looks. There should be
# nothing above the diagonal, and each row should sum to 1. Nobody wrote rules for where each token should look.
# Training found that out by adjusting the weight matrices. On the right, the text ends in *The capital of*, and the
# model has to use the sentence before it to guess what comes next. Look at the last row: where does *of* look?


# %%
def attention_in_block_1(rows):
    """Return the first block's attention weights for a text's rows."""
    rows = (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)  # part 4 explains this
    q, k, v = (rows @ PARAMS[f"blocks.0.{name}"] for name in ("Wq", "Wk", "Wv"))
    both = solved(causal_attention, q, k, v)
    return None if both is None else both[1]


found = [rows_of(text) for text in (PROMPT, "Many people live in France. The capital of")]
found = [(tokens, attention_in_block_1(rows)) for tokens, rows in found if rows is not None]
found = [(tokens, weights) for tokens, weights in found if weights is not None]
if found:
    show(
        attention_maps(found),
        "Two grids of attention weights, one per text: each row is a token that's looking, each column a token it "
        "looks at. Nothing should appear above the diagonal. In the second text, the last row, “of”, should look at "
        "France the most.",
    )

# %% [markdown]
# **If a check fails,** find out which step went wrong. Add `keep("scores", …)` to your function, with the scores as
# they are before you set any to minus infinity, and `keep` your `weights` and `out`, too. The check then names the
# first step that's wrong and shows where it differs. `keep` does nothing during grading, so you can leave it in.
#
# To try out a single step, use `compare` on the example we worked out by hand. The next cell defines queries, keys
# and values for that example, and uses `compare` to check the scores we got by hand. Replace these scores with a line
# of your own that computes them from the arrays. Then compare `"weights"` and `"out"` in the same way:

# %%
example_q = np.array([[2.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
example_k = np.array([[3.0, 0.0, 5.0, 0.0], [1.0, 2 * np.log(3), 0.0, 0.0]])
example_v = np.array([[10.0], [50.0]])
compare("scores", np.array([[3.0, 1.0], [0.0, np.log(3)]]))

# %%
check("causal_attention")

# %% [markdown]
# ## 4. A transformer block (stretch exercise)
#
# *This part counts toward mastery of the concept. You don't need it to pass. The checks in parts 5 and 6 don't need it
# either, but the demonstrations there run your block, so without it, you won't see the model's guesses.*
#
# **Why.** Attention moves information *between* positions. A *feed-forward network* (the multilayer perceptron from
# lab 1, with one hidden layer) then works on each position separately. Together, these two parts make a *block*. A
# model is a stack of many blocks that have the same code but different weights.
#
# **Formula.** Two ideas make such a deep stack work:
#
# - *Residual connections:* what attention and the feed-forward network compute is *added* to their input instead of
#   replacing it. So each of them only has to compute the change, and the input can make it through a hundred blocks.
# - *Layer norm:* attention and the feed-forward network both see the vectors rescaled to mean 0 and variance 1, no
#   matter how large they've become. But what they compute is added to the vectors as they were *before* the rescaling.
#
# $$x' = x + \text{attention}(\text{norm}(x) W_q,\ \text{norm}(x) W_k,\ \text{norm}(x) W_v)\, W_o$$
# $$x'' = x' + \text{relu}(\text{norm}(x')\, W_1 + b_1)\, W_2 + b_2$$
#
# $W_o$ mixes the results of attention before they're added. For attention, call your `causal_attention` from
# part 3. It returns two values, and here you only need the first, `out`. If that function isn't right yet, your block
# can't be, either. You're given `relu` from lab 1, and `layer_norm` is in the cell above the stub. If you'd rather
# build the block in small steps, first read *One step at a time*, below the stub's plot.
#
# **By hand.** If all weights and biases are 0, attention and the feed-forward network both compute 0, and $x'' = x$
# exactly. If only $b_2$ is nonzero, it's added to every vector, no matter what the vector is: with $x = (3, 1)$ and
# $b_2 = (10, 20)$, the result is $(13, 21)$.
#
# **More precisely.** Applying the norm before each part is called *pre-norm*, and it's what most models do today. In
# the original 2017 transformer, the norm came after each addition. In pre-norm models the sum that runs through the
# stack is never rescaled, so they usually apply one *final layer norm* after the last block, before the output layer.
# Our small model does without it. Large models also run several *attention heads* side by side in each block, and
# their layer norms have learned scale factors. None of this changes the overall picture.


# %%
def layer_norm(x):
    """Rescale each row of x (T, D) to mean 0 and variance 1 (almost 1: 1e-5 is added to the variance to avoid dividing
    by 0)."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)


# %%
def transformer_block(x, params):
    """Run one pre-norm transformer block with one attention head.

    x: float array (T, D), one row per position.
    params: dict of float arrays: "Wq", "Wk", "Wv", "Wo" (D, D), for attention; "W1" (D,
        H), "b1" (H,), "W2" (H, D), "b2" (D,), for the feed-forward network.
    Both norms are the layer_norm above: the variance is the mean of the squared
    distances (not divided by D - 1), and 1e-5 is added to it. The feed-forward network
    has ReLU between its two layers.
    Returns a float array (T, D). Neither x nor params is modified.
    """
    ### BEGIN SOLUTION
    normed = layer_norm(x)
    gathered, _ = causal_attention(normed @ params["Wq"], normed @ params["Wk"], normed @ params["Wv"])
    x = x + gathered @ params["Wo"]
    hidden = relu(layer_norm(x) @ params["W1"] + params["b1"])
    return x + hidden @ params["W2"] + params["b2"]
    ### END SOLUTION


# %% [markdown]
# **See it.** Here both blocks of the small model process two texts that differ in one word, *sat* or *slept*. The
# bars show how much each position's final vector differs between the two texts. Before that word there should be no
# bars at all, since no position can see a later one. From that word on, every vector is affected.


# %%
def block_params(params, block):
    """Return a dict of one block's weights, with the keys that transformer_block uses."""
    start = f"blocks.{block}."
    return {name.removeprefix(start): array for name, array in params.items() if name.startswith(start)}


def rows_of_stages(text):
    """Return a text's rows (T, D) before, between and after the two blocks; None if the block isn't solved."""
    stages = [rows_of(text)[1]]
    for block in (0, 1):
        if stages[-1] is not None:
            stages.append(solved(transformer_block, stages[-1], block_params(PARAMS, block)))
    return None if stages[-1] is None else stages


one = rows_of_stages("The cat sat on the bed all day")
other = rows_of_stages("The cat slept on the bed all day")
if one is not None and other is not None:
    figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
    axes.bar(range(8), np.abs(one[-1] - other[-1]).mean(axis=1))
    axes.set_xticks(range(8), ["The", "cat", "sat / slept", "on", "the", "bed", "all", "day"])
    axes.set(xlabel="position", ylabel="mean difference")
    show(
        figure,
        "Eight bars that show how much the two texts' vectors differ at each position. There should be no bars at The "
        "and cat, which come before the first difference, but there should be one at sat / slept and at every position "
        "after it.",
    )

# %% [markdown]
# **One step at a time.** The steps you can `keep` here are, in order, `normed`, `q`, `k`, `v`, `gathered` (the `out` of
# attention), `x1` ($x'$ in the formula), `normed1`, `hidden` (after the ReLU) and `x2` ($x''$). `compare` takes the
# same names and checks each step on the example in the next cell, so you can build the block there, step by step,
# before you write the function:

# %%
rng = np.random.default_rng(4)
example_rows = rng.normal(size=(2, 3))
shapes = {"Wq": (3, 3), "Wk": (3, 3), "Wv": (3, 3), "Wo": (3, 3), "W1": (3, 4), "b1": 4, "W2": (4, 3), "b2": 3}
example_params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
compare("normed", layer_norm(example_rows))

# %%
check("transformer_block")

# %% [markdown]
# ## 5. Output Layer
#
# **Why.** After the blocks, the vector at the **last** position holds what the model expects next. One more matrix
# turns it into a score for each token in the vocabulary: the logits. They aren't probabilities yet, since softmax
# comes later, in the sampler.
#
# Why only the last vector? The earlier ones make guesses, too, but about tokens that are already in the text.
# Training uses all these guesses, but to predict the next token, you only need the last one.
#
# **Formula.** $\;\text{logits} = h_{\text{last}} \, W$, with one column of $W$ per token.
#
# **By hand.** Let the last vector be $(1, -2)$, and let $W$ be $\begin{pmatrix} 3 & 0 & 1 \\ 1 & 2 & 0
# \end{pmatrix}$. The three tokens' logits are $3 - 2 = 1$, $0 - 4 = -4$ and $1 - 0 = 1$. They can be negative, and
# they don't sum to 1.
#
# **More precisely.** "Early layers find simple patterns, deep ones reason" is only a rule of thumb. See for yourself
# below: a cell prints what the model would guess before the first block and after each block.


# %%
def output_logits(hidden, W_unembed):
    """Return the logits of the next token, from the last position's row.

    hidden: float array (T, D), the rows after the blocks. W_unembed: float array (D,
        V).
    Returns a float array (V,) of scores, not probabilities. This model has no final
    layer norm.
    Raises ValueError if hidden doesn't have as many columns as W_unembed has rows.
    """
    ### BEGIN SOLUTION
    return hidden[-1] @ W_unembed
    ### END SOLUTION


# %% [markdown]
# **See it.** The whole model, from text to probabilities, on the sentence from [page 0](../lesson/lesson.ipynb). You
# should get the probabilities listed there: mat 35%, floor 28%, table 15%, roof 8%, couch 6%. The lines below
# the plot show how that guess takes shape: what the model would guess from the last position's vector before block 1,
# after block 1 and after block 2.

# %%
stages = rows_of_stages(PROMPT)
logits = None if stages is None else solved(output_logits, stages[-1], PARAMS["W_unembed"])
if logits is not None:
    probs = softmax(logits)
    best = np.argsort(-probs)[:9]
    figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    bars = axes.barh(range(9), 100 * probs[best])
    axes.bar_label(bars, fmt="%.0f%%")
    axes.set_yticks(range(9), [repr(TOKENS[token]) for token in best])
    axes.invert_yaxis()
    axes.set_xlim(0, 40)
    axes.set_xlabel(f"probability after “{PROMPT}” (%)")
    show(
        figure,
        "Nine bars: the probabilities of the most likely next tokens, in percent. They should be mat at 35, floor at "
        "28, table at 15, roof at 8 and couch at 6, followed by four small ones.",
    )
    for name, rows in zip(("before block 1", "after block 1", "after block 2"), stages, strict=True):
        probs = softmax(output_logits(rows, PARAMS["W_unembed"]))
        best = np.argsort(-probs)[:4]
        print(f"{name:17}", ", ".join(f"{TOKENS[token]!r} {100 * probs[token]:.0f}%" for token in best))

# %%
check("output_logits")

# %% [markdown]
# ## 6. Everything wired together
#
# **Why.** All that's left is to connect the boxes. The seventh, *Repeat*, is a loop, not a function.
#
# **Formula.**
#
# 1. **Tokenizer**, once: get the text's ids. If there are none, there's nothing to continue, so raise a `ValueError`.
# 2. At most `max_new_tokens` times: **Embedding Layer** (for *all* the ids so far: the prompt's and the new ones),
#    **Transformer Layers**, **Output Layer**, **Sampling**. If the id you draw is `stop_id`, stop and don't keep it.
#    Otherwise add it to the ids.
# 3. **Detokenizer**: turn only the new ids back into text.
#
# Besides the text, return a *trace*: the names of the boxes in the order you called them. A function that calls
# others in a fixed order is easy to get subtly wrong, and a trace makes the mistakes visible.
#
# **By hand.** With `max_new_tokens` 2 and no stop token, the trace is: Tokenizer, then Embedding Layer, Transformer
# Layers, Output Layer, Sampling, then the same four again, then Detokenizer. That's 10 names.
#
# **Watch out.** The loop passes ids around, not text. If you turn each new token into text and then back into
# ids, you may get different ids, and then the model isn't continuing what it actually wrote.


# %%
def run_pipeline(text, boxes, max_new_tokens, stop_id=None):
    """Continue a prompt, using a model built from the boxes you're given.

    text: str, the prompt.
    boxes: dict of six functions with the keys "Tokenizer" (str to a list of ids),
        "Embedding Layer" (list of ids to an array (T, D)), "Transformer Layers" ((T, D)
        to (T, D)), "Output Layer" ((T, D) to logits (V,)), "Sampling" (logits to one
        id) and "Detokenizer" (list of ids to str).
    max_new_tokens: integer, 0 or more; the maximum number of ids to draw.
    stop_id: the id that ends the text when it's drawn; None means there's no stop id.
    Returns (new_text, trace). new_text: str, the text of the new ids without the stop
    id. trace: list of box names in the order you called the boxes.
    Raises ValueError if the Tokenizer returns no ids.
    """
    ### BEGIN SOLUTION
    trace = ["Tokenizer"]
    ids = list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError("the text has no token to continue from")
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace
    ### END SOLUTION


# %% [markdown]
# **See it.** Here's what went through *your* functions to make one new token. Below each box is its output.

# %%
rng = np.random.default_rng(8)


def boxes_of(params, temperature=1.0):
    """Return the six boxes, built from your functions and a model's weights."""
    return {
        "Tokenizer": lambda text: encode(text, VOCAB, UNK_ID),
        "Embedding Layer": lambda ids: embed(ids, params["token_embedding"], params["position_embedding"]),
        "Transformer Layers": lambda rows: transformer_block(
            transformer_block(rows, block_params(params, 0)), block_params(params, 1)
        ),
        "Output Layer": lambda hidden: output_logits(hidden, params["W_unembed"]),
        "Sampling": lambda logits: sample_next_token(logits, rng, temperature=temperature),
        "Detokenizer": lambda ids: "".join(TOKENS[int(token)] for token in ids),
    }


def boxes_work():
    """Return whether you've finished all the functions that the boxes use. If not, say which one isn't finished."""
    stages = rows_of_stages(PROMPT)
    return stages is not None and solved(output_logits, stages[-1], PARAMS["W_unembed"]) is not None


seen = []
if (
    boxes_work()
    and solved(run_pipeline, PROMPT, watched(boxes_of(PARAMS, temperature=0), seen), 1, STOP_ID) is not None
):
    show(
        boxes_picture(PROMPT, seen),
        "Your pipeline from top to bottom in six boxes: Tokenizer, Embedding Layer, Transformer Layers, Output "
        "Layer, Sampling, Detokenizer. Below each box is its output: ids, rows of numbers, 192 logits, one id, text. "
        "An arrow labeled Repeat leads from Sampling back to the Embedding Layer.",
    )

# %%
check("run_pipeline")

# %% [markdown]
# **Putting it all together.** Your own pipeline finishes the sentence five times. Then you ask it two questions, first
# with the same weights and then with the weights after fine-tuning. The boxes are the same; only the numbers in them
# differ. Yet only the second model answers. Lab 9 is about how that happens. The line below each answer shows its
# tokens, one for each time around the loop.

# %%
if boxes_work():
    for _ in range(5):
        made = solved(run_pipeline, PROMPT, boxes_of(PARAMS), 15, STOP_ID)
        if made is None:
            break
        print(PROMPT + made[0])

# %%
if boxes_work():
    for stage in ("pretraining", "finetuning"):
        for question in ("What is the capital of France?", "Explain gravity simply"):
            seen = []
            boxes = watched(boxes_of(model_params(stage), temperature=0), seen)
            made = solved(run_pipeline, question, boxes, 12, STOP_ID)
            if made is not None:
                print(f"after {stage}: {question} -> {made[0].strip()}")
                print("   ", " | ".join(TOKENS[int(token)] for name, token in seen if name == "Sampling"))

# %% [markdown]
# ## What you've learned
#
# - **Seven boxes**: text becomes ids, ids become vectors, vectors pick up information from each other, the last vector
#   becomes logits, the logits become an id, and ids become text. You've written nearly all of it.
# - **A token isn't a word**, and its vector holds *what* it is and *where* it is.
# - **Attention** is a weighted mean of values, with weights that come from queries and keys, and it never looks
#   ahead.
# - **A block** adds the results of attention and of a small network to its input. A model is a stack of blocks.
# - **All a model does is guess one token.** The rest is *Repeat*.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit architecture` in a terminal. If
# your course takes uploads, use *File > Download*.
#
# **Next:** the two models above differ only in their weights. Lab 9, [finetuning](../finetuning/finetuning.ipynb), is
# about how those are trained: first by pre-training, then by teaching a model to answer.
