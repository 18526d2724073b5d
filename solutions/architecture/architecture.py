# %% [markdown]
# # Lab 8: The full picture, from text to text
#
# **About two hours.** Builds on lab 1 (layers are matrix products), lab 2 (softmax), lab 6 (the sampler, which is given
# to you here) and lab 7 (the loop). Parts 3 and 4 are the heart of it, and the hardest.
#
# Between what you type and what you read there are seven boxes. You write six functions, and then they *are* a language
# model: yours will run on the weights of a small one that was trained for this course, and finish a sentence with it.
#
# | box | what goes in and comes out | you write | minutes |
# | --- | --- | --- | --- |
# | Tokenizer | text → ids | 1 `encode` | 15 |
# | Embedding Layer | ids → one row of numbers each | 2 `embed` | 15 |
# | Transformer Layers | rows → rows that know their context | 3 `causal_attention`, 4 `transformer_block` | 60 |
# | Output Layer | the last row → a logit for every token | 5 `output_logits` | 10 |
# | Sampling | logits → one id | (lab 6) | |
# | Detokenizer | ids → text | (one line, given) | |
# | Repeat | the new id joins the ids, and round it goes | 6 `run_pipeline` | 20 |
#
# Below each stub is a cell that looks at your result, and one that checks it. Run the cells from top to bottom; a look
# at something that is not written yet only says so.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, compare, keep, picture, play, progress, show, solved
from autograder.given import model_params, model_vocab, sample_next_token, softmax
from autograder.notebook.boxes import boxes_picture, watched
from autograder.notebook.heat_maps import attention_maps, rows_of_numbers

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %%
play("boxes")  # run this again, too: each box runs on your own function once that passes its check

# %% [markdown]
# ## The model
#
# It has everything that the large ones have, only less of it: a vocabulary of 192 tokens instead of some 100,000, rows
# of 40 numbers instead of thousands, two transformer blocks instead of a hundred, and 43,120 weights in all. It was
# trained in half a minute on 364 lines of text about cats, countries and the weather, and knows nothing else.
#
# A token is a word *with the space before it*, or a sign. Single letters are tokens too, so that any word can be
# written somehow. `<end>` is the stop token: "the text ends here". `<unknown>` stands for a character that is no token
# at all.

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
# ## Part 1: Tokenizer
#
# **Why.** A network computes with numbers, so text has to become numbers first, and the same text always the same ones.
# A *vocabulary* lists the pieces that have a number. What is not a piece as a whole is written with smaller ones.
#
# **How.** Begin at the left. Of all tokens that the rest of the text begins with take the **longest**, write down its
# id, step behind it, and go on from there. Where no token fits, write `unk_id` for that *one* character, and step over
# it. Nothing is ever skipped or repaired: spaces, capitals and signs are characters like all others.
#
# **By hand.** The vocabulary is `{"ex": 0, "plain": 1, "explain": 2, " ": 3, "g": 4, "r": 5, "a": 6}`, and `unk_id` is
# 9. The text *explain gra!* begins with `ex` and with `explain`; the longer one counts, so 2. Then the space, 3. Then
#    `g`, `r`, `a`, for there is no `gra`: 4, 5, 6. The `!` is no token: 9. Together `[2, 3, 4, 5, 6, 9]`. So a token is
#    not a word: here one token is a whole word, and three tokens are half of one.
#
# **One trap.** `e` and `exp` are no tokens, and yet `ex` and `explain` are. Do not stop looking because a piece in
# between is missing.


# %%
def encode(text, vocab, unk_id):
    """The ids of a text: at each place the longest token that fits, from left to right.

    text: str, of any length, also empty.
    vocab: dict from tokens (str of one or more characters, in any order) to their ids (int).
    unk_id: int, the id that stands for one character where no token fits.
    Returns the ids in the order of the text, as a list of int; an empty one for an empty text.
    Raises nothing of its own.
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
# **Look.** The bars separate tokens. The first text should be five words, each but the first with its space; of the
# last ones, whatever the small model has never read should fall apart into letters, and what is no letter be unknown.

# %%
for text in (PROMPT, "Explain gravity simply", "The zebra slept", "What is 7 × 8?"):
    ids = solved(encode, text, VOCAB, UNK_ID)
    if ids is None:
        break
    print(f"{'|'.join(TOKENS[token] for token in ids)}\n    {list(map(int, ids))}")

# %%
check("encode")

# %% [markdown]
# *More precisely:* large models have their vocabulary from data, by merging what often stands together (byte-pair
# encoding), and split text by those merges. Longest match is simpler and mostly gives the same pieces.
#
# ## Part 2: Embedding Layer
#
# **Why.** An id says *which*, not *what*: 104 is not twice 52. So each token gets a row of numbers of its own, all of
# them weights that training has found. Tokens that are used alike end up with similar rows.
#
# But *dog bites cat* and *cat bites dog* have the same three rows. What comes next (attention) looks at all rows at
# once and knows no order, so the order has to be *in* the rows: each **position** has a learned row too, and the two
# are added.
#
# $$x_t = \text{token\_embedding}[\text{id}_t] + \text{position\_embedding}[t], \qquad t = 0, 1, 2, \ldots$$
#
# **By hand.** Of the ids $(2, 0, 2)$ with the token rows $(1, 0)$, $(5, 5)$, $(0, 3)$ and the position rows $(0.1,
# 0.2)$, $(0.3, 0.4)$, $(0.5, 0.6)$: $(0, 3) + (0.1, 0.2) = (0.1, 3.2)$, then $(1, 0) + (0.3, 0.4) = (1.3, 0.4)$, then
# $(0, 3) + (0.5, 0.6) = (0.5, 3.6)$. The same token at two positions has two rows.
#
# **Refuse what has no row.** An id that is not in the vocabulary, or a text longer than there are positions (that is
# why models have a longest context). numpy refuses most of it by itself, but to numpy −1 is *the last row*; see to
# that.


# %%
def embed(token_ids, token_embedding, position_embedding):
    """A row of numbers for each token: that of the token plus that of its position.

    token_ids: list or integer array (T,), T at least 1.
    token_embedding: float array (V, D), the row of each id.
    position_embedding: float array (T_max, D), the row of each position; the first is 0.
    Returns a float array (T, D). None of the arrays is changed.
    Raises ValueError or IndexError if an id is negative or not below V, or T is above T_max.
    """
    ### BEGIN SOLUTION
    ids = np.asarray(token_ids)
    if ids.min() < 0:
        raise ValueError("no token has an id below 0")  # one that is too large numpy refuses by itself
    if len(ids) > len(position_embedding):
        raise ValueError(f"{len(ids)} tokens, and only {len(position_embedding)} positions")
    return token_embedding[ids] + position_embedding[: len(ids)]
    ### END SOLUTION


# %% [markdown]
# **Look.** Each line is one token's 40 numbers, orange above 0 and blue below. *the* stands at positions 4 and 7: the
# two lines should be alike, and not the same.


# %%
def rows_of(text):
    """The tokens of a text, and the rows (T, D) that your two functions make of it; None where one is not solved."""
    ids = solved(encode, text, VOCAB, UNK_ID)
    if ids is None:
        return None, None
    tokens = [TOKENS[token].strip() for token in ids]
    return tokens, solved(embed, ids, PARAMS["token_embedding"], PARAMS["position_embedding"])


tokens, rows = rows_of("The cat sat on the mat and the")
if rows is not None:
    show(
        rows_of_numbers(tokens, rows),
        "A table of colored squares: for each of eight tokens its 40 numbers, orange above 0 and blue below. "
        "The lines of the two tokens “the”, at positions 4 and 7, should be alike and not the same.",
    )

# %%
check("embed")

# %% [markdown]
# ## Part 3: Attention
#
# **Why.** So far each row knows its own token and place only. To guess what follows *The cat sat on the*, the row of
# the last *the* has to learn of *sat* and *on*. Attention is how rows look at each other. Each position makes three
# vectors from its row, by three weight matrices:
#
# - a **query** $q$: what am I looking for?
# - a **key** $k$: what do I have to offer?
# - a **value** $v$: what I pass on to who looks at me.
#
# The dot product of a query and a key says how well they match. A softmax over these scores makes weights of them that
# sum to 1, and what a position gets is the weighted mean of the values:
#
# $$\text{scores} = \frac{q\,k^\top}{\sqrt{d}}, \qquad \text{weights} = \text{softmax}(\text{scores}), \qquad
# \text{out} = \text{weights} \cdot v$$
#
# Row $i$ of the scores belongs to the position that *looks*, column $j$ to the one that is *looked at*, and the softmax
# goes along each row. $d$ is the length of a key; without its root, long vectors would make scores so far apart that
# one weight is almost 1 and the rest almost 0.
#
# **Causal.** A model that is to guess the next token must not see it. So position $i$ may look at $j \le i$ only, at
# itself and what came before. Setting all scores with $j > i$ to minus infinity *before* the softmax does it, since
# $e^{-\infty} = 0$: those weights are exactly 0, and the others still sum to 1.
#
# **By hand.** Two positions, $d = 4$, so divide by 2. Let $q k^\top = \begin{pmatrix} 6 & 2 \\ 0 & 2\ln 3
# \end{pmatrix}$ and $v = \begin{pmatrix} 10 \\ 50 \end{pmatrix}$. The scores are $(3, 1)$ and $(0, \ln 3)$. The first
# position may not look at the second: weights $(1, 0)$, out $10$. The second: $e^0 = 1$ and $e^{\ln 3} = 3$, so weights
# $(0.25, 0.75)$ and out $0.25 \cdot 10 + 0.75 \cdot 50 = 40$.
#
# `np.tril` keeps the lower triangle of a matrix, `np.triu(…, k=1)` what is above the diagonal. `softmax` (lab 2) is
# given, and takes minus infinity and large scores as they come.

# %%
picture("attention")

# %%
play("attention")


# %%
def causal_attention(q, k, v):
    """Every position's weighted mean of the values up to it.

    q, k: float arrays (T, d), the queries and keys. v: float array (T, d_v), the values.
    Returns (out, weights): float arrays (T, d_v) and (T, T). weights[i, j] says how much
    position i looks at position j: row by row the softmax of q @ k.T / sqrt(d), with exactly 0
    where j > i. out[i] is the mean of the rows of v with the weights of row i. Finite for any
    finite input of ordinary size, scores in the millions too.
    Changes none of its arrays. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    scores = q @ k.T / np.sqrt(k.shape[1])
    keep("scores", scores)
    ahead = np.triu(np.ones(scores.shape), k=1) > 0
    weights = softmax(np.where(ahead, -np.inf, scores))
    return weights @ v, weights
    ### END SOLUTION


# %% [markdown]
# **Look.** The attention in the first block of the small model: who (line) looks at whom (column). Nothing may be above
# the diagonal, and each line sums to 1. Nobody wrote a rule for who looks where; it is what training has made of $W_q$
# and $W_k$. On the right the text ends in *The capital of*, and what comes next has to be guessed from the sentence
# before. Look at the last line: where does *of* look?


# %%
def attention_in_block_1(rows):
    """Who looks at whom in the first block, for the rows of a text."""
    rows = (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)  # part 4 says what for
    q, k, v = (rows @ PARAMS[f"blocks.0.{name}"] for name in ("Wq", "Wk", "Wv"))
    both = solved(causal_attention, q, k, v)
    return None if both is None else both[1]


found = [rows_of(text) for text in (PROMPT, "Many people live in France. The capital of")]
found = [(tokens, attention_in_block_1(rows)) for tokens, rows in found if rows is not None]
found = [(tokens, weights) for tokens, weights in found if weights is not None]
if found:
    show(
        attention_maps(found),
        "Two squares of attention weights, one for each text: line by line who looks, column by column who is "
        "looked at. Nothing may be above the diagonal. In the second text the last line, “of”, should look at "
        "France most.",
    )

# %% [markdown]
# **If a check fails,** find out which step went wrong. Write `keep("scores", …)` into your function, with the scores
# before any of them is set to minus infinity, and `keep` your `weights` and `out` too: the check then names the first
# one that's wrong, and where. `keep` does nothing when graded, so you can leave it in. To try out a step by itself,
# `compare` it for the example by hand:

# %%
compare("scores", np.array([[6.0, 2.0], [0.0, 2 * np.log(3)]]) / 2)

# %%
check("causal_attention")

# %% [markdown]
# ## Part 4: A transformer block
#
# **Why.** Attention moves information *between* positions. A **feed-forward** network (the multi-layer perceptron of
# lab 1, with one hidden layer) then works on each position by itself. One of each, and you have a block; a model stacks
# many of them, with the same code and other weights.
#
# Two things hold the stack together:
#
# - **Residual:** what a part computes is *added* to what came in, instead of replacing it. So a part only has to say
#   what changes, and whatever came in can pass through a hundred blocks.
# - **Layer norm:** each part is shown the rows scaled to mean 0 and variance 1, whatever their size has become. What it
#   computes is added to the rows *as they were*, not to the scaled ones.
#
# $$x' = x + \text{attention}(\text{norm}(x) W_q,\ \text{norm}(x) W_k,\ \text{norm}(x) W_v)\, W_o$$
# $$x'' = x' + \text{relu}(\text{norm}(x')\, W_1 + b_1)\, W_2 + b_2$$
#
# Norming before each part is called *pre-norm*, and is what models do today; in 2017, when the transformer was new, it
# was done after each addition. $W_o$ mixes what attention has gathered before it is added. Attention is your
# `causal_attention` of part 3; if that is not right yet, this cannot be either.
#
# **By hand.** If all weights and biases are 0, both parts compute 0, and $x'' = x$ exactly. And if only $b_2$ is not 0,
# it is added to each row, whatever else: with $x = (3, 1)$ and $b_2 = (10, 20)$ it is $(13, 21)$.


# %%
def layer_norm(x):
    """Each row of x (T, D) with mean 0 and variance 1 (nearly: 1e-5 is added to the variance, so none is 0)."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)


# %%
def transformer_block(x, params):
    """One pre-norm transformer block with one attention head.

    x: float array (T, D), the rows of all positions.
    params: dict of float arrays: "Wq", "Wk", "Wv", "Wo" (D, D), of attention; "W1" (D, H),
        "b1" (H,), "W2" (H, D), "b2" (D,), of the feed-forward network.
    Returns a float array (T, D). Changes neither x nor params. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    normed = layer_norm(x)
    gathered, _ = causal_attention(normed @ params["Wq"], normed @ params["Wk"], normed @ params["Wv"])
    x = x + gathered @ params["Wo"]
    hidden = np.maximum(layer_norm(x) @ params["W1"] + params["b1"], 0)
    return x + hidden @ params["W2"] + params["b2"]
    ### END SOLUTION


# %% [markdown]
# **Look.** Both blocks of the small model run on two texts that differ in one word, *sat* and *slept*. The bars say how
# much each position's row differs in the end. Before that word there should be no bar at all: nothing leaks back. From
# there on every row has heard of it.


# %%
def block_params(params, block):
    """The weights of one block, by the names that transformer_block knows."""
    start = f"blocks.{block}."
    return {name.removeprefix(start): array for name, array in params.items() if name.startswith(start)}


def rows_of_stages(text):
    """The rows (T, D) of a text before any block, after the first and after the second; None where not solved."""
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
        "Eight bars, how much the two texts' rows differ at each position. There should be no bar for The and "
        "cat, which come before the first difference, and a bar at sat / slept and at every position after "
        "it.",
    )

# %% [markdown]
# The steps that you can `keep` here are, in this order, `normed`, `q`, `k`, `v`, `gathered` (what attention returns),
# `x1` ($x'$ in the formula), `normed1`, `hidden` (after the ReLU) and `x2` ($x''$). `compare` knows them for these
# numbers:

# %%
rng = np.random.default_rng(4)
example_rows = rng.normal(size=(2, 3))
shapes = {"Wq": (3, 3), "Wk": (3, 3), "Wv": (3, 3), "Wo": (3, 3), "W1": (3, 4), "b1": 4, "W2": (4, 3), "b2": 3}
example_params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
compare("normed", layer_norm(example_rows))

# %%
check("transformer_block")

# %% [markdown]
# *More precisely:* "early layers find simple patterns, deep ones reason" is a rule of thumb. Large models run several
# attentions beside each other in each block (*heads*), and their layer norms have learned gains; neither changes the
# picture.
#
# ## Part 5: Output Layer
#
# **Why.** After the blocks, the row of the **last** position holds what the model thinks comes next. One more matrix
# turns it into a score for each token of the vocabulary: the logits. Not probabilities yet: that is the softmax's work,
# in the sampler.
#
# Why only the last row? The rows before it guess as well, but their next tokens are in the text already. In training
# all of them are used; to continue a text, one is enough.
#
# **By hand.** The last row is $(1, -2)$, and the matrix $W$ is $\begin{pmatrix} 3 & 0 & 1 \\ 1 & 2 & 0 \end{pmatrix}$.
# The logits of the three tokens are $3 - 2 = 1$, $0 - 4 = -4$ and $1 - 0 = 1$. They may be negative, and do not sum to
# 1.


# %%
def output_logits(hidden, W_unembed):
    """The logits of the next token, from the last position's row.

    hidden: float array (T, D), the rows after the blocks. W_unembed: float array (D, V).
    Returns a float array (V,) of scores, not probabilities.
    Raises ValueError if the number of columns of hidden is not that of rows of W_unembed.
    """
    ### BEGIN SOLUTION
    return hidden[-1] @ W_unembed
    ### END SOLUTION


# %% [markdown]
# **Look.** The whole model, from text to probabilities, on the sentence that this course began with. The bars should be
# those of the lesson: mat 35 %, floor 28 %, table 15 %, roof 8 %, couch 6 %. Below them is the model's guess at earlier
# stages: what the last row would say before any block, and after the first.

# %%
stages = rows_of_stages(PROMPT)
logits = None if stages is None else solved(output_logits, stages[-1], PARAMS["W_unembed"])
if logits is not None:
    probs = softmax(logits)
    best = np.argsort(-probs)[:9]
    figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    bars = axes.barh(range(9), 100 * probs[best])
    axes.bar_label(bars, fmt="%.0f %%")
    axes.set_yticks(range(9), [repr(TOKENS[token]) for token in best])
    axes.invert_yaxis()
    axes.set_xlim(0, 40)
    axes.set_xlabel(f"probability after “{PROMPT}” in %")
    show(
        figure,
        "Nine bars, the most probable next tokens, in percent. They should be mat with 35, floor with 28, "
        "table with 15, roof with 8 and couch with 6; four more are small.",
    )
    for name, rows in zip(("before any block", "after block 1", "after block 2"), stages, strict=True):
        probs = softmax(output_logits(rows, PARAMS["W_unembed"]))
        best = np.argsort(-probs)[:4]
        print(f"{name:17}", ", ".join(f"{TOKENS[token]!r} {100 * probs[token]:.0f} %" for token in best))

# %%
check("output_logits")

# %% [markdown]
# ## Part 6: Everything wired together
#
# **Why.** Now the boxes only have to be connected. The seventh, *Repeat*, is no function but a loop.
#
# 1. **Tokenizer**, once: the text's ids. Where there are none, there is nothing to continue: a ValueError.
# 2. At most `max_new_tokens` times: **Embedding Layer** (of *all* ids so far, the text's and the new ones),
#    **Transformer Layers**, **Output Layer**, **Sampling**. If the id drawn is `stop_id`, end, and do not keep it.
#    Otherwise it joins the ids.
# 3. **Detokenizer**: the text of the new ids alone.
#
# Ids go round, not text. Whoever turns each new token into text and that into ids again may get other ids, and the
# model would continue another text than it wrote.
#
# Beside the text, give back a *trace*: the names of the boxes in the order in which you called them. A function that
# calls others in a fixed order is easy to get subtly wrong, and a trace shows it.
#
# **By hand.** With `max_new_tokens` 2 and no stop token the trace is: Tokenizer, then Embedding Layer, Transformer
# Layers, Output Layer, Sampling, then the same four again, then Detokenizer. That is 10 names.


# %%
def run_pipeline(text, boxes, max_new_tokens, stop_id=None):
    """Continue a text with a model that is given as boxes.

    text: str, the prompt.
    boxes: dict of six functions by the names "Tokenizer" (str to a list of ids),
        "Embedding Layer" (list of ids to an array (T, D)), "Transformer Layers" ((T, D) to
        (T, D)), "Output Layer" ((T, D) to logits (V,)), "Sampling" (logits to one id) and
        "Detokenizer" (list of ids to str).
    max_new_tokens: integer, 0 or more: how many ids are drawn at most.
    stop_id: the id that ends the text when it is drawn; None where no id does.
    Returns (new_text, trace). new_text: str, the text of the new ids without the stop id.
        trace: list of the boxes' names in the order of your calls.
    Raises ValueError if the text has no ids.
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
# **Look.** The seven boxes, with what passed through *your* functions for one new token: below each box is what came
# out of it.

# %%
rng = np.random.default_rng(8)


def boxes_of(params, temperature=1.0):
    """Your functions with a model's weights, as boxes."""
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


seen = []
if solved(run_pipeline, PROMPT, watched(boxes_of(PARAMS, temperature=0), seen), 1, STOP_ID) is not None:
    show(
        boxes_picture(PROMPT, seen),
        "Your pipeline from top to bottom in six boxes: Tokenizer, Embedding Layer, Transformer Layers, "
        "Output Layer, Sampling, Detokenizer. Under each box is what came out of it: ids, rows of numbers, "
        "192 logits, one id, text. An arrow named Repeat leads from Sampling back to the Embedding Layer.",
    )

# %%
check("run_pipeline")

# %% [markdown]
# **All together.** Your own pipeline finishes the sentence, five times. Then a question, first with the same weights
# and then with those after fine-tuning: the same boxes and other numbers in them, and only the second model answers.
# How that comes is what lab 9 is about. The last line shows it token by token, as it goes round.

# %%
for _ in range(5):
    made = solved(run_pipeline, PROMPT, boxes_of(PARAMS), 15, STOP_ID)
    if made is None:
        break
    print(PROMPT + made[0])

# %%
for stage in ("pretraining", "finetuning"):
    for question in ("What is the capital of France?", "Explain gravity simply"):
        seen = []
        boxes = watched(boxes_of(model_params(stage), temperature=0), seen)
        made = solved(run_pipeline, question, boxes, 12, STOP_ID)
        if made is not None:
            print(f"after {stage}: {question} ->{made[0]}")
            print("   ", " | ".join(TOKENS[int(token)] for name, token in seen if name == "Sampling"))

# %% [markdown]
# ## What you have now
#
# - Text becomes ids, ids become rows, rows learn of each other, the last one becomes logits, logits become an id: seven
#   boxes, and you have written them.
# - A token is not a word, and a row of an embedding holds what *and* where.
# - Attention is a weighted mean of values with weights from queries and keys, and it never looks ahead.
# - A block adds what attention and a small network have to say to what came in, and a model is a stack of blocks.
# - All it does is guess one token. The rest is *Repeat*.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit architecture` in a terminal, or *File >
# Download* where your course takes files.
