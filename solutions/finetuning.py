# %% [markdown]
# # Lab 9: Pre-training and supervised fine-tuning
#
# **About 60 minutes.** Builds on lab 3 (the loss of next-token prediction) and lab 7 (how a model writes a text). The
# `cross_entropy` of lab 3 is given to you here, so nothing depends on your own notebooks.
#
# A language model is trained in stages. In **stage 1, pre-training**, it reads as much text as there is, and learns to
# guess the next token, nothing else. Such a model knows a lot and helps nobody: it goes on with whatever you begin. In
# **stage 2, supervised fine-tuning** (*SFT*), it sees examples that people have written for it: a question, and the
# answer that it should give. There are far fewer of these, and they cost far less to learn from. This lab is about
# what the two stages push down. It is the same loss, on other tokens.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `pretraining_loss` | how well does the model guess a whole text? | 15 |
# | 2 | `build_sft_example` | which tokens should it learn from a question and its answer? | 25 |
# | 3 | `sft_loss` | how well does it guess these, in many examples at once? | 20 |
#
# Write your answer where a cell says so, run it, look at your result, and run the check below it. Checks tell you at
# once what is wrong; more of them run when you submit.

# %%
import numpy as np

from autograder import check, solved
from autograder.given import cross_entropy

# %% [markdown]
# ## 1. Stage 1: guess every next token
#
# **Why.** A text is its own answer key: after every token comes the next one. A model reads all of it at once, and at
# each position it makes a guess from what stands there and before. So a text of T tokens gives T rows of logits, and
# one pass over it is as good as T − 1 questions.
#
# **Who guesses what?** Row t has seen the tokens up to number t, and guesses the one *after* it. That shifts everything
# by one:
#
# | position | token there | its row of logits guesses | the right answer |
# |---|---|---|---|
# | 0 | The | what follows *The* | cat |
# | 1 | cat | what follows *The cat* | sat |
# | 2 | sat | what follows *The cat sat* | nobody knows: the text is over |
#
# The last row has no answer, so it does not count. And the first token is nobody's answer: no row comes before it.
#
# **Formula.** With $P_t$ the softmax of row t of the logits,
#
# $$\text{loss} = -\frac{1}{T-1}\sum_{t=0}^{T-2} \ln P_t(\text{token}_{t+1})$$
#
# **By hand.** For the table above, let row 0 give *cat* a probability of 1/2, and row 1 give *sat* one of 1/4. The
# surprisals are ln 2 = 0.693 and ln 4 = 1.386 nats, and the loss is their mean, **1.040 nats**. What row 2 says makes
# no difference.
#
# `cross_entropy(logits, targets)` is given to you: it takes logits (N, V) and N right answers, and gives the mean loss
# in nats. What is left to do is to hand it the rows and answers that belong together.


# %%
def pretraining_loss(logits, token_ids):
    """Mean loss of all next-token guesses in one text.

    logits: float array of shape (T, V). Row t is the guess about the token after position t,
        made from the tokens up to position t.
    token_ids: int array of shape (T,), the text.
    Returns one number in nats: the mean of the T - 1 surprisals. Changes neither array.
    Raises ValueError if T is below 2: then there is no next token to guess.
    """
    ### BEGIN SOLUTION
    if len(token_ids) < 2:
        raise ValueError(f"{len(token_ids)} token(s): there is no next token to guess")
    return cross_entropy(logits[:-1], token_ids[1:])
    ### END SOLUTION


# %% [markdown]
# **Look.** Four models guess a text of six tokens, out of a vocabulary of 12. You should see 2.485 (ln 12) for the one
# that knows nothing, 0 for the one that is sure and right, and two large numbers: being sure is expensive where it is
# wrong, and repeating what was just read is no way to guess what comes next.

# %%
text_ids = np.array([1, 3, 5, 2, 4, 0])  # The cat sat on the mat
following = np.append(text_ids[1:], 0)
guessers = {
    "knows nothing": np.zeros((6, 12)),
    "sure of the next token": 20.0 * np.eye(12)[following],
    "sure of another token": 20.0 * np.eye(12)[following + 1],
    "repeats what it just read": 20.0 * np.eye(12)[text_ids],
}
for name, logits in guessers.items():
    loss = solved(pretraining_loss, logits, text_ids)
    if loss is not None:
        print(f"{name:26} {loss:7.3f} nats")

# %%
check("pretraining_loss")

# %% [markdown]
# ## 2. Stage 2: from a question and an answer to an example
#
# **Why.** An example of fine-tuning has two parts: a *prompt* ("What is the capital of France?") and the *response*
# that the model should give to it ("The capital of France is Paris."). To the model this is one text like any other.
# But it should learn to *answer*, not to ask: at work the questions come from people. So it is trained on the tokens of
# the response alone. The prompt is read, and not guessed.
#
# **The end.** After the response comes the *end token* (EOS, "end of sequence"). It is part of what is learnt, for a
# model that never sees an answer end will never end one.
#
# **How.** Put prompt, response and end token in one row, the full text. The inputs are all of it but the last token,
# the *labels* are all of it but the first: at each position the label is the token to be guessed there. Now every label
# that is a token of the prompt is replaced by `ignore_index`, a number that says "does not count here". −100 is the
# usual one, since no token has that id.
#
# **By hand.** Prompt (31, 4, 15), response (92, 65), end token 2:
#
# | position | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | inputs | 31 | 4 | 15 | 92 | 65 |
# | the token after it | 4 | 15 | 92 | 65 | 2 |
# | labels | −100 | −100 | 92 | 65 | 2 |
#
# Three labels count: the two tokens of the response and the end token. Look at position 2. The model sees the *last
# token of the prompt* there, and its guess is the *first token of the response*, which it must learn: that is where the
# answer begins. So of a prompt of P tokens only P − 1 labels are ignored.
#
# **A trap.** Whether a label counts depends on *where* it stands, never on which token it is. *capital*, *of* and
# *France* occur in the question and in the answer, and they count in the answer alone. The end token, too, may be in
# the prompt: a chat's earlier answers end in one.


# %%
def build_sft_example(prompt_ids, response_ids, eos_id, ignore_index=-100):
    """One example of supervised fine-tuning: what the model reads, and what it should guess.

    prompt_ids: list of P ids, at least one. It is left as it is.
    response_ids: list of R ids, at least one, without the end token. It is left as it is.
    eos_id: the id of the end token.
    ignore_index: integer that stands for "does not count" among the labels.
    Returns a pair (input_ids, labels) of lists or int arrays, both of P + R ids: the inputs are
    prompt and response, and each label is the id that follows its input in the text, the end
    token last, with ignore_index in place of those P - 1 labels that belong to the prompt.
    Raises ValueError if the prompt or the response is empty.
    """
    ### BEGIN SOLUTION
    if len(prompt_ids) == 0 or len(response_ids) == 0:
        raise ValueError("neither the prompt nor the response may be empty")
    input_ids = [*prompt_ids, *response_ids]
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return input_ids, labels
    ### END SOLUTION


# %%
check("build_sft_example")

# %% [markdown]
# ## 3. The loss of stage 2
#
# **Why.** Fine-tuning takes a *batch* of examples at once. They are put into one array, a row each, and the shorter
# ones are filled up at the end (*padding*), with `ignore_index` as the label of what was filled up. So there are two
# kinds of positions that do not count, prompt and padding, and both wear the same mark.
#
# **Formula.** Of all labels in the batch, let S be those that are not `ignore_index`, wherever they stand. Then
#
# $$\text{loss} = -\frac{1}{|S|}\sum_{(b,\,t)\,\in\,S} \ln P_{b,t}(\text{label}_{b,t})$$
#
# It is the mean over *tokens*: every token that counts, counts alike, whichever example it comes from.
#
# **By hand.** Two examples, in one three labels count, in the other two. Let the model give the right tokens of the
# first the probabilities 1/2, 1/4 and 1/8, and those of the second 1/2 and 1/2:
#
# | | surprisals in units of ln 2 | sum |
# |---|---|---|
# | example 1 | 1, 2, 3 | 6 |
# | example 2 | 1, 1, ignored | 2 |
#
# Five labels count, so the loss is 8 · ln 2 / 5 = **1.109 nats**. The mean of the two examples' own means would be
# (2 + 1) · ln 2 / 2 = 1.040: there a token of a short answer counts for more than one of a long answer. That is another
# loss. (Training programs have mixed up the two without anybody noticing for a long time.)
#
# **A trap.** −100 is no token, but numpy takes it as an index all the same: a hundredth from the end. With a vocabulary
# of more than 100 tokens that goes through without an error. Sort out what is ignored *before* you look anything up.
# An array of True and False does it: where `keep` has the shape (B, T) and `a` the shape (B, T, V), `a[keep]` are the
# rows of `a` at the places that are True, as a table (N, V).
#
# The labels are shifted already; part 2 has done that. Shift them once more, and the model learns to guess the token
# after the next.


# %%
def sft_loss(logits, labels, ignore_index=-100):
    """Mean loss over all labels of a batch that count.

    logits: float array of shape (B, T, V): B examples of T positions, over V tokens.
    labels: int array of shape (B, T), the id to be guessed at each position, already shifted;
        ignore_index where nothing is to be learnt.
    ignore_index: integer that is no label.
    Returns one number in nats: the mean surprisal of the labels that are not ignore_index, over
    the whole batch (token mean). Changes neither array.
    Raises ValueError if all labels are ignored.
    """
    ### BEGIN SOLUTION
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError("every label is ignored: there is nothing to learn from")
    return cross_entropy(logits[keep], labels[keep])
    ### END SOLUTION


# %%
check("sft_loss")
