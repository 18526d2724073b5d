# %% [markdown]
# # Lab 9: Pre-training and supervised fine-tuning
#
# **About 70 minutes.** Builds on lab 3 (the loss for next-token prediction), lab 5 (the training loop, which you'll see
# again at the end) and lab 7 (how a model writes text). You're given the `cross_entropy` from lab 3, so you don't need
# your own notebooks from those labs. New terms are in *italics*; the [glossary](../glossary/glossary.ipynb) explains
# them all.
#
# A language model is trained in stages. In **stage 1**, *pre-training*, it reads as much text as possible and learns
# one thing: to guess the next token. That's where its knowledge comes from. But a model like that isn't much help
# yet: it just continues whatever text you give it. In **stage 2**, *supervised fine-tuning* (SFT), it trains on
# examples that people have written for it: a prompt, and the answer it should give. That's how it learns to answer.
# There are far fewer of these examples than there are texts in stage 1, and training on them costs far less. This lab
# is about what the two stages minimize: the same loss, but on different tokens.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `pretraining_loss` | how well does the model guess a whole text? | 20 |
# | 2 | `build_sft_example` | which tokens should the model learn from a question and its answer? | 22 |
# | 3 | `sft_loss` | how well does the model guess those tokens, over many examples at once? | 28 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

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
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## A model to train
#
# You're given a real language model, though a very small one: a transformer with two layers and 43,120 weights. It
# knows 192 tokens and has read 364 lines of text: cats on mats, countries with their capitals, and long runs of
# questions, like the ones you find all over the internet. `model_logits(params, ids)` returns one row of logits for
# each position, which is all we need from it. `MODEL.ids` turns text into ids, `MODEL.text` turns ids back into text,
# and `MODEL.continued` continues some text, always choosing the most likely token. Let it continue a question:

# %%
VOCAB = model_vocab()
TOKENS = list(VOCAB)
END = VOCAB["<end>"]
QUESTION = "What is the capital of France?"
MODEL = LanguageModel(VOCAB, model_logits)
pretrained = model_params("pretraining")
print(QUESTION, "->", MODEL.continued(pretrained, QUESTION))

# %% [markdown]
# It answers with more questions! It has no idea that you asked it anything. In its training data, questions are
# followed by more questions, so that's what it predicts. By the end of the lab, you'll see that it knew the answer
# all along.

# %% [markdown]
# ## 1. Stage 1: guess every next token
#
# **Why.** A text is its own answer key: at each position, the right answer is simply the next token. A model reads
# the whole text at once, and at each position, it guesses the next token from the token there and the ones before it.
# So a text of T tokens gives you T rows of logits, and in a single pass, the model makes T − 1 guesses that you can
# grade.
#
# Row t is computed from the tokens up to position t, and it's a guess at the token *after* them. So everything is
# shifted by one:
#
# | position | token there | its row of logits guesses | the right answer |
# |---|---|---|---|
# | 0 | The | what follows *The* | cat |
# | 1 | cat | what follows *The cat* | sat |
# | 2 | sat | what follows *The cat sat* | unknown: the text ends here |
#
# The last row has no correct answer, or target, so it doesn't count. And the first token is never a target, because
# no row comes before it.
#
# **Formula.** With $P_t$ the softmax of row t of the logits,
#
# $$\text{loss} = -\frac{1}{T-1}\sum_{t=0}^{T-2} \ln P_t(\text{token}_{t+1})$$
#
# **By hand.** In the table above, suppose row 0 gives *cat* a probability of 1/2, and row 1 gives *sat* a probability
# of 1/4. The surprisals are ln 2 = 0.693 and ln 4 = 1.386 nats, and the loss is their mean, **1.040 nats**. Row 2
# doesn't affect the loss.
#
# You're given `cross_entropy(logits, targets)`, which takes logits (N, V) and N targets, and returns the mean loss in
# nats. All you have to do is pass it the rows that have targets, along with those targets.

# %%
picture("stages")


# %%
def pretraining_loss(logits, token_ids):
    """Return the mean loss of all next-token guesses in one text.

    logits: float array of shape (T, V). Row t guesses the token after position t, from
        the tokens up to position t.
    token_ids: int array of shape (T,), the ids of the text.
    Returns one number in nats: the mean of the T - 1 surprisals. Neither array is
    modified.
    Raises ValueError if T is below 2, since there's no next token to guess.
    """
    ### BEGIN SOLUTION
    if len(token_ids) < 2:
        raise ValueError(f"{len(token_ids)} token(s): there's no next token to guess")
    return cross_entropy(logits[:-1], token_ids[1:])
    ### END SOLUTION


# %% [markdown]
# **See it.** This cell prints the model's loss on three texts, before and after training. Before training, the loss
# should be about ln 192 = 5.26 nats for all of them, which is what you'd get by guessing uniformly among the model's
# tokens. Afterward, it should be low for sentences like the ones the model has read. For the same words in scrambled
# order, it should be even higher than before training, because the model has learned to expect something else.

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
# **Why.** A fine-tuning example has two parts: a *prompt* ("What is the capital of France?") and the *response* the
# model should give ("The capital of France is Paris."). To the model, that's just more text. But it should learn to
# *answer*, not to ask, since the questions will come from people. So it trains only on the tokens of the response.
# It reads the prompt, but doesn't have to guess it.
#
# After the response comes the *end token* (also called EOS, "end of sequence"). The model has to learn that one, too:
# if it never sees an answer end, it will never end one itself.
#
# **Formula.** Put the prompt, the response and the end token one after the other. The inputs are all of these tokens
# except the last, and the *labels* are all of them except the first: at each position, the label is the token to
# guess. Then replace the labels that belong to the prompt with `ignore_index`, a number that means "doesn't count".
# The usual choice is −100, because no token has that id.
#
# **By hand.** Prompt (31, 4, 15), response (92, 65), end token 2:
#
# | position | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | inputs | 31 | 4 | 15 | 92 | 65 |
# | next token | 4 | 15 | 92 | 65 | 2 |
# | labels | −100 | −100 | 92 | 65 | 2 |
#
# Three labels count: the two tokens of the response, and the end token. Look at position 2. There the model sees the
# *last token of the prompt*, and it guesses the *first token of the response*. It has to learn to make that guess,
# because that's where the answer begins. So for a prompt of P tokens, only P − 1 labels are ignored.
#
# **Watch out.** Whether a label counts depends on *where* it is, never on which token it is. *capital*, *of* and
# *France* are in both the question and the answer, but they only count in the answer. The prompt can also contain the
# end token: in a chat, every earlier answer ends with one.
#
# If you use numpy arrays, keep in mind that a slice such as `a[1:]` is a *view*: it shares memory with `a`. So if
# you assign to part of a slice, `a` and all its other slices change, too. `a[1:].copy()` has its own memory.


# %%
def build_sft_example(prompt_ids, response_ids, eos_id, ignore_index=-100):
    """Return one fine-tuning example: what the model reads, and what it should guess.

    prompt_ids: list of P ids, at least one. Not modified.
    response_ids: list of R ids, at least one, without the end token. Not modified.
    eos_id: the id of the end token.
    ignore_index: integer label that means "doesn't count".
    Returns a pair (input_ids, labels) of lists or int arrays, each with P + R ids. The
    inputs are the prompt and the response. Each label is the id that follows its input
    in the text, with the end token last, and with ignore_index in place of the P - 1
    labels that are prompt tokens.
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
# **See it.** This cell builds an example from the question about France and its answer. Which tokens does the model
# learn to guess? You should see six ignored labels, all of them from the question. The first label that counts is
# *The*, at the position of the question mark, and the last is the end token, at the position of the period.

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
# **Why.** Fine-tuning trains on a *batch* of examples at once. The examples go into one array, one per row, so extra
# positions are added at the end of the shorter ones. That's called *padding*, and the label of each added position is
# `ignore_index`. So there are two kinds of positions that don't count, prompt and padding, and both are marked the
# same way.
#
# **Formula.** Let S be the set of all positions in the batch whose label isn't `ignore_index`. Then
#
# $$\text{loss} = -\frac{1}{|S|}\sum_{(b,\,t)\,\in\,S} \ln P_{b,t}(\text{label}_{b,t})$$
#
# It's the mean over *tokens*: every token that counts has the same weight, whichever example it comes from.
#
# **By hand.** Two examples, one with three labels that count and one with two. Suppose that in example 1, the model
# gives the right tokens probabilities of 1/2, 1/4 and 1/8, and that in example 2, it gives both right tokens a
# probability of 1/2:
#
# | | surprisals in units of ln 2 | sum |
# |---|---|---|
# | example 1 | 1, 2, 3 | 6 |
# | example 2 | 1, 1, ignored | 2 |
#
# Five labels count, so the loss is 8 · ln 2 / 5 = **1.109 nats**. If you averaged the two examples' means instead,
# you'd get (2 + 1) · ln 2 / 2 = 1.040. That gives each token of a short answer more weight than each token of a long
# one, so it's a different loss. (Popular training libraries have mixed up the two, and it took a long time for anyone
# to notice.)
#
# **Watch out.** −100 isn't a token. The `cross_entropy` you're given raises a ValueError for it. But if you index an
# array with it yourself, numpy takes the hundredth element from the end, and with a vocabulary of 100 tokens or more,
# you won't get an error. So remove the ignored labels *before* you look anything up. You can do that with a boolean
# array: if `keep` has shape (B, T) and `a` has shape (B, T, V), then `a[keep]` is an (N, V) array with the rows of `a`
# where `keep` is True.
#
# And don't shift the labels: you already did that in part 2. If you shift them again, the model learns to guess the
# token after the next one.


# %%
def sft_loss(logits, labels, ignore_index=-100):
    """Return the mean loss over all the labels in a batch that count.

    logits: float array of shape (B, T, V): B examples of T positions, over V tokens.
    labels: int array of shape (B, T), the id to guess at each position, already
        shifted, or ignore_index if there's nothing to learn there.
    ignore_index: integer label that means "doesn't count", even if it's a token's id.
    Returns one number in nats: the mean surprisal of all labels in the batch that
    aren't ignore_index (token mean). Neither array is modified.
    Raises ValueError if all labels are ignored.
    """
    ### BEGIN SOLUTION
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError("every label is ignored: there is nothing to learn from")
    return cross_entropy(logits[keep], labels[keep])
    ### END SOLUTION


# %% [markdown]
# **See it.** This cell puts the 28 examples our model is fine-tuned on into one batch. The question about the capital
# of France isn't one of them. After pre-training, the model's loss should be about 6.8 nats, which is worse than
# guessing uniformly, because an answer is the last thing the model expects after a question.


# %%
def answers_loss(params):
    return sft_loss(model_logits(params, input_ids), labels)


pairs = finetuning_pairs()
both = [solved(build_sft_example, *pairs[0], END), solved(sft_loss, np.zeros((1, 1, 2)), np.array([[0]]))]
ready = None not in both
if ready:
    input_ids, labels = batch_of([build_sft_example(prompt, response, END) for prompt, response in pairs])
    print(MODEL.text(pairs[0][0]), "->", MODEL.text(pairs[0][1]).strip())
    print(f"labels that count: {np.sum(labels != -100)} of {labels.size}")
    print(f"loss on the answers after pre-training: {answers_loss(pretrained):.3f} nats")

# %%
check("sft_loss")

# %% [markdown]
# ## Putting it all together: fine-tuning
#
# Now teach the model to answer. This is the training loop from lab 5: 150 steps on the batch of 28 examples, with the
# labels from your `build_sft_example`. The gradients come from `model_loss_and_gradients`, which ignores labels of
# −100, just like your `sft_loss`. Along the way, we also measure the stage 1 loss on some of the old texts. Training
# takes a few seconds.

# %%
tuned, curves = pretrained, []
needed = [
    solved(pretraining_loss, np.zeros((2, 2)), np.array([0, 1])),
    solved(build_sft_example, *pairs[0], END),
    solved(sft_loss, np.zeros((1, 1, 2)), np.array([[0]])),
]
if ready and all(value is not None for value in needed):
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
    axes.plot(steps, on_texts, "s--", label="loss on stage 1 texts")
    axes.set(xlabel="step of fine-tuning", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "Two losses over 150 steps of fine-tuning. The loss on the answers should fall from 6.8 nats almost to 0, "
        "with most of the drop in the first ten steps. Meanwhile, the loss on the stage 1 texts goes up.",
    )

# %% [markdown]
# The loss on the answers should fall from 6.8 to almost 0, with most of the drop in the first ten steps. The model
# already knew the answers and only had to learn that you wanted it to answer. But the loss on the old texts goes up.
# That's the price: training on one thing makes a model forget others, which is called *catastrophic forgetting*. So
# in practice, fine-tuning is kept short and gentle. It's also easy to *overfit* here: with only 28 examples, the
# model can simply memorize them.
#
# **Before and after.** The first question below wasn't one of the examples. From the examples about other countries,
# the model learned how to answer questions, and it knows this answer from the texts it read in stage 1.

# %%
QUESTIONS = [QUESTION, "What do the people of France speak?", "What is the capital of Spain?", "Explain rain simply"]
for question in QUESTIONS:
    print(question)
    print("   before:", MODEL.continued(pretrained, question))
    print("   after: ", MODEL.continued(tuned, question) if curves else "(not fine-tuned yet)")

# %% [markdown]
# **See it: hallucination.** What does a fine-tuned model say if it doesn't know the answer? The next cell asks two
# questions that its texts don't answer, at least not as they're worded here. (It uses the fine-tuned copy of the
# model that comes with the course.) You should see it answer the first with the capital of a country nobody asked
# about, and the second with a language the people of France don't speak. It gives both answers in perfect English and
# without hesitating. That's a *hallucination*. This isn't a bug: the model has only learned what an answer looks like,
# and none of its examples said "I don't know".

# %%
finetuned = model_params("finetuning")
for question in ("What is the capital of gravity?", "What do the people of Paris speak?"):
    print(question, "->", MODEL.continued(finetuned, question))

# %% [markdown]
# **More precisely.** Our model answers questions that are close to its examples, and nothing else. A large model has
# read so much that a few thousand good examples teach it to answer questions of all kinds. Fine-tuning changes the same
# weights that pre-training set, and nothing in the model keeps "knowledge" separate from "helpfulness".
#
# ## What you've learned
#
# - In **pre-training**, the model guesses every next token of every text, and the loss is the mean over all of them.
#   Pre-training is where a model's knowledge comes from.
# - **Fine-tuning** uses the same loss, but only on the tokens of the response and the end token. The model reads the
#   prompt, but doesn't learn to guess it. Fine-tuning is what makes the model answer a question instead of just
#   continuing the text.
# - **A label's position decides** whether it counts, never the token itself. If you're off by one, the model never
#   learns the first word of an answer.
# - **The loss is a mean over tokens**, pooled over the batch, and padding doesn't affect it.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit finetuning` in a terminal.
# If your course takes uploads, use *File > Download*.
#
# **Next:** the model now answers questions. Lab 10, [stages](../stages/stages.ipynb), is about which answers people
# prefer.
