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
import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, progress, show, solved
from autograder.given import (
    cross_entropy,
    finetuning_pairs,
    model_logits,
    model_loss_and_gradients,
    model_params,
    model_texts,
    model_vocab,
)
from autograder.notebook.language_model import LanguageModel, batch_of

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## A model to train
#
# You are given a real language model, a very small one: a transformer with two layers and 43,120 weights. It knows 192
# tokens and has read 364 lines of text: cats on mats, countries with their capitals, and the kind of line that the
# internet is full of, one question after another. `model_logits(params, ids)` gives one row of logits for each
# position, and that is all we need of it. `MODEL.ids` turns a text into ids, `MODEL.text` turns them back, and
# `MODEL.continued` goes on with a text, always with the most likely token. Let it continue a question:

# %%
VOCAB = model_vocab()
TOKENS = list(VOCAB)
END = VOCAB["<end>"]
QUESTION = "What is the capital of France?"
MODEL = LanguageModel(VOCAB, model_logits)
pretrained = model_params("pretraining")
print(QUESTION, "->", MODEL.continued(pretrained, QUESTION))

# %% [markdown]
# It asks back! It has no idea that it was asked something; it saw a question, and in its texts questions come in rows.
# That it knows the answer all the same, you will see at the end.

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
picture("stages")


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
# **Look.** Three texts, guessed by the model before it was trained and after. Before, all of them should cost about ln
# 192 = 5.26 nats: it picks blindly among its tokens. After, a sentence like those that it has read costs little, and
# the same words in a wild order cost more than ever: it has learnt to expect something else.

# %%
untrained = model_params("untrained")
if solved(pretraining_loss, np.zeros((2, 2)), np.array([0, 1])) is not None:
    for text in ("The cat sat on the mat.", "The capital of France is Paris.", "The on cat. mat the sat"):
        text_ids = np.array(MODEL.ids(text))
        before, after = (
            pretraining_loss(model_logits(params, text_ids), text_ids) for params in (untrained, pretrained)
        )
        print(f"{text:32} untrained: {before:6.3f} nats   pre-trained: {after:6.3f} nats")

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


# %% [markdown]
# **Look.** Which tokens are learnt from the lesson's question and its answer? You should see seven labels ignored, all
# of the question. The first one that counts is *The*, at the position of the question mark, and the last one is the end
# token, at that of the full stop.

# %%
example = solved(build_sft_example, MODEL.ids(QUESTION), MODEL.ids(" The capital of France is Paris."), END)
if example is not None:
    print("position  input       label       counts")
    for position, (token, label) in enumerate(zip(*example, strict=False)):
        shown = "(ignored)" if label == -100 else TOKENS[label].strip()
        print(f"{position:8}  {TOKENS[token].strip():10}  {shown:10}  {'' if label == -100 else 'yes'}")

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


# %% [markdown]
# **Look.** The 28 examples that our model is fine-tuned on, in one batch. The question about France is not among them.
# The model after pre-training should have a loss of about 6.8 nats, more than one that picks blindly: answers are the
# last thing that it expects behind a question.


# %%
def answers_loss(params):
    return sft_loss(model_logits(params, input_ids), labels)


pairs = finetuning_pairs()
both = [solved(build_sft_example, *pairs[0], END), solved(sft_loss, np.zeros((1, 1, 2)), np.array([[0]]))]
ready = None not in both
if ready:
    input_ids, labels = batch_of([build_sft_example(prompt, response, END) for prompt, response in pairs])
    print(MODEL.text(pairs[0][0]), "->", MODEL.text(pairs[0][1]))
    print(f"labels that count: {np.sum(labels != -100)} of {labels.size}")
    print(f"loss on the answers after pre-training: {answers_loss(pretrained):.3f} nats")

# %%
check("sft_loss")

# %% [markdown]
# ## All together: fine-tuning
#
# Now teach it to answer. It is the training loop of lab 5, 150 steps on the batch of 28 examples, with the labels that
# your `build_sft_example` made. The gradients come from `model_loss_and_gradients`, which leaves out the labels that
# are −100, as your `sft_loss` does. On the way we also look at the loss of stage 1 on some of the old texts. It takes
# some seconds.

# %%
tuned, curves = pretrained, []
if ready and solved(pretraining_loss, np.zeros((2, 2)), np.array([0, 1])) is not None:
    texts = [np.array(text) for text in model_texts()[:30]]
    for step in range(151):
        if step % 10 == 0:
            on_texts = np.mean([pretraining_loss(model_logits(tuned, text), text) for text in texts])
            curves.append((step, answers_loss(tuned), on_texts))
        _, gradients = model_loss_and_gradients(tuned, input_ids, labels)
        tuned = {name: param - 0.02 * gradients[name] for name, param in tuned.items()}
    steps, on_answers, on_texts = zip(*curves, strict=True)
    figure, axes = plt.subplots()
    axes.plot(steps, on_answers, "o-", label="loss on the answers")
    axes.plot(steps, on_texts, "s--", label="loss on texts of stage 1")
    axes.set(xlabel="step of fine-tuning", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "Two losses over 150 steps of fine-tuning. The loss on the answers should fall from 6.8 nats almost "
        "to 0, most of it in the first ten steps. The loss on the texts of stage 1 goes up meanwhile.",
    )

# %% [markdown]
# The loss on the answers should fall from 6.8 to nearly 0, most of it in the first ten steps: the model knew it all,
# and only had to learn what is wanted of it. The loss on the old texts goes up meanwhile. That is the price: who is
# trained for one thing alone forgets others, so fine-tuning is kept short and gentle.
#
# **Before and after.** The first question was never among the examples. The model has learnt from other countries how
# to answer, and what to answer it knows from its texts.

# %%
QUESTIONS = [QUESTION, "What do the people of France speak?", "What is the capital of Spain?", "Explain rain simply"]
if curves:
    for question in QUESTIONS:
        print(question)
        print("   before:", MODEL.continued(pretrained, question))
        print("   after: ", MODEL.continued(tuned, question))

# %% [markdown]
# *More precisely:* our model answers what is close to its examples and nothing else; ask it about cats and see. A large
# model has read so much that a few thousand good examples teach it to answer questions of all kinds. The weights that
# fine-tuning changes are the same ones, and there is nothing in the model that keeps "knowledge" and "helpfulness"
# apart.
#
# ## What you have now
#
# - **Pre-training** guesses every next token of every text; the loss is the mean over all of them.
# - **Fine-tuning** is the same loss on the tokens of the response and the end token. The prompt is read, not learnt.
# - **Positions decide** what counts, never the tokens themselves; one position too far, and the first word is lost.
# - **It is a mean over tokens**, pooled over the batch, and padding changes nothing.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit finetuning` in a terminal, or *File >
# Download* where your course takes files.
#
# **Next:** the model answers now. Lab 10, `stages`, is about which answers people like.
