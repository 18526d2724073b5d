# %% [markdown]
# # Lab 7: Autoregressive generation and streaming
#
# **About 90 minutes.** Builds on lab 6 (sampler), where `sample_next_token` draws one id from a row of logits. You're
# given that function here, so you don't need your own notebook from that lab. You need Python lists and slices; part
# 3 explains generators. New terms are in *italics*; the [glossary](../glossary/glossary.ipynb) explains them all.
#
# So far the model has made *one* guess. In this lab, you put that guess in a loop. The result is text, and you'll
# watch it arrive token by token, as in any chat.
#
# | part | you write | it answers | minutes |
# | --- | --- | --- | --- |
# | 1 | `crop_context` | how much of a long text can the model still see? | 13 |
# | 2 | `generate` | how does one guess become a whole answer? | 31 |
# | 3 | `stream_tokens` | how do I show each token right away? | 18 |
# | 4 | `stream_text` | how do tokens become text without broken emojis? (stretch exercise) | 28 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import codecs
import time

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, play, progress, show, solved
from autograder.given import sample_next_token
from autograder.notebook.contexts import contexts_picture, noting
from autograder.notebook.counting_model import CountingModel
from autograder.notebook.pausing import pause

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## A model small enough to read
#
# To generate text, we need a model. This one was trained on just six lines of text, and all it does is count: it
# finds the longest sequence at the end of the context that it has read before, and counts how often each token came
# next. The logarithms of those counts are its logits. A token that never came next gets a logit of minus infinity, so
# it can't be drawn.
#
# Here, a *token* is a word with the space before it, or a punctuation mark. Only the cat emoji at the end of the
# first line is different: it takes four bytes, which are spread over three tokens. Real *tokenizers* split rare
# characters, too, and you'll have to deal with that in part 4. Id 0 is the *stop token*: in training, the model saw it
# at the end of each line, so it's how the model says "the text ends here". `to_ids` turns text into ids, and `to_text`
# turns ids back into text. If you're curious, run `CountingModel??` in a cell of your own to see its code.

# %%
LINES = [
    "The cat sat on the mat 🐈.",
    "The cat sat on the floor.",
    "The cat slept under the table.",
    "The dog sat on the mat.",
    "The dog slept on the couch.",
    "What is the capital of France? The capital of France is Paris.",
]
MODEL = CountingModel(LINES)
STOP_ID, ID_TO_BYTES = MODEL.stop_id, MODEL.id_to_bytes
to_ids, to_text, next_token_logits = MODEL.ids, MODEL.text, MODEL.next_token_logits
rng = np.random.default_rng(8)


def sample(logits):
    """Draw one id at temperature 1."""
    return sample_next_token(logits, rng)


def favorite(logits):
    """Return the most likely id, as sampling at temperature 0 would."""
    return sample_next_token(logits, rng, temperature=0)


prompt = to_ids("The cat sat on the")
print("ids of the prompt:", prompt)
for number, logit in enumerate(next_token_logits(prompt)):
    if np.isfinite(logit):
        print(f"can come next: id {number}, {to_text([number])!r}, read {np.exp(logit):.0f}×")

# %% [markdown]
# ## 1. What the model can still see
#
# **Why.** A model is built for a maximum number of tokens, its *context window*, and a conversation soon outgrows it.
# The usual solution is to forget the beginning. If the text is too long, you show the model only the
# **last** tokens, as many as fit, because what comes next depends most on what was said last.
#
# **By hand.** With ids $(5, 2, 8, 1)$, a window of 3 keeps $(2, 8, 1)$. A window of 4 keeps all of them, and so does
# a window of 100: if everything fits, nothing is cut off, and nothing is added.
#
# **Watch out.** In Python, negative indices count from the end, so the slice from −3 on is "the last three". But −0
# is just 0, and the slice from 0 on is *everything*. If the window were 0, the model would see the whole text instead
# of nothing. A window that holds no tokens is useless anyway, so raise a `ValueError`.

# %%
play("context_window")


# %%
def crop_context(token_ids, context_window):
    """Return the part of the context that a model can see: the last `context_window` ids.

    token_ids: list or 1-D integer array of ids, of any length, oldest first. Not
        modified.
    context_window: integer, at least 1, in tokens.
    Returns the last context_window ids in order, as a list or an integer array; all of
    them if there are fewer.
    Raises ValueError if context_window is below 1.
    """
    ### BEGIN SOLUTION
    if context_window < 1:
        raise ValueError(f"context_window must be at least 1, got {context_window}")
    return token_ids[-context_window:]
    ### END SOLUTION


# %% [markdown]
# **See it.** Each line should end with the same words, and lines with a smaller window should start later. The last
# line should show the whole question.

# %%
question = to_ids("What is the capital of France?")
for context_window in (1, 3, 5, 100):
    seen = solved(crop_context, question, context_window)
    if seen is not None:
        print(f"window {context_window:3}: {to_text(seen)!r}")

# %%
check("crop_context")

# %% [markdown]
# ## 2. The loop
#
# **Why.** A model only ever gives you probabilities for *one* next token. To get a whole answer, you repeat the
# process: draw a token, add it to the end of the context, and call the model again with the longer context. Each
# token the model produces becomes part of its own input. That's what *autoregressive* means.
#
# **Formula.** Start with the prompt. If it's empty, raise a `ValueError`, because there's nothing to continue. Then, at
# most `max_new_tokens` times:
#
# 1. Show the model the context (if there's a window, just its last `context_window` ids), and get the logits.
# 2. Draw one id with `sample`. Don't take the largest logit yourself: choosing is the sampler's job.
# 3. Is it the stop token? If so, stop, and don't keep it. It's a signal, not text.
# 4. Otherwise, keep it and make it part of the next context.
#
# **By hand.** The prompt is *The cat sat*, 6 new tokens are allowed, and the sampler happens to draw these tokens:
#
# | step | the model sees | drawn |
# | --- | --- | --- |
# | 1 | The cat sat | on |
# | 2 | The cat sat on | the |
# | 3 | The cat sat on the | floor |
# | 4 | The cat sat on the floor | . |
# | 5 | The cat sat on the floor. | *stop token* |
#
# The new tokens are the four in *on the floor.*, and the finish reason is `"stop"`. With a limit of 3, you'd get the
# three tokens *on the floor* and `"length"`, because the answer was cut off. The finish reason lets the caller tell a
# finished answer from a truncated one. With a limit of 5, the stop token would be drawn just in time, and the reason
# would be `"stop"`.
#
# **Watch out.** Only a stop token that was *drawn* ends the text. A stop token in the prompt doesn't: in a chat,
# every earlier answer ends with one. Also, the stop token's id is 0 here. Python treats 0 as false, and `None` means
# "no stop token", so a test like `if stop_id:` would go wrong. And the prompt belongs to the caller, so copy it
# into a new list before you add anything. The prompt may also be an array. With arrays, `+` adds numbers instead of
# joining two lists, and `if not prompt_ids:` raises an error if there are several ids, or tests the id itself if
# there's only one. So use `len(…)` to find out whether the prompt is empty.

# %%
picture("generation")


# %%
def generate(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    """Continue a prompt token by token, and say why the text ended.

    next_token_logits: function that takes a context (a list or 1-D integer array of at
        least one id) and returns the logits (V,) of the next token. It's called once
        per token drawn; one extra call at the end is fine.
    prompt_ids: list or 1-D integer array of at least one id. Not modified.
    max_new_tokens: integer, 0 or more; the maximum number of tokens to draw.
    sample: function that takes the logits (V,) and returns one id. It's called once per
        token.
    stop_id: the id that ends the text when it's drawn; None means there's no stop id.
    context_window: integer, at least 1; the model is shown at most this many of the
        most recent ids, prompt and new ids combined. None means no limit.
    Returns (new_ids, finish_reason). new_ids: the ids drawn, in order, as a list or an
    integer array, without the prompt and without the stop id. finish_reason: "stop" if
    the stop id was drawn, "length" otherwise.
    Raises ValueError if the prompt is empty.
    """
    ### BEGIN SOLUTION
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty: the model needs at least one token to continue from")
    ids = list(prompt_ids)
    new_ids = []
    for _ in range(max_new_tokens):
        # crop_context(ids, context_window) is just as good, but then a mistake in it would cost points here, too
        context = ids if context_window is None else ids[-context_window:]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return new_ids, "stop"
        ids.append(token)
        new_ids.append(token)
    return new_ids, "length"
    ### END SOLUTION


# %% [markdown]
# **See it.** First, the model answers a question just by predicting the next word again and again. You should see
# seven tokens and the reason `"stop"`. After that, the model continues another prompt four times. The sampler draws
# at random, so the texts may differ. The last one is cut off after one token.

# %%
answer = solved(generate, next_token_logits, question, 20, favorite, STOP_ID)
if answer is not None:
    new_ids, finish_reason = answer
    print(f"{to_text(question)} ->{to_text(new_ids)}   [{len(new_ids)} tokens, {finish_reason}]\n")
    for max_new_tokens in (20, 20, 20, 1):
        new_ids, finish_reason = generate(next_token_logits, prompt, max_new_tokens, sample, STOP_ID)
        print(f"{to_text(prompt)} ->{to_text(new_ids)}   [{finish_reason}]")

# %% [markdown]
# **More precisely.** Predicting the next word only amounts to answering a question if the text that's likely to
# follow the question *is* its answer. Our model has read this question once, with its answer right after it. A model
# that has only read the internet might just as easily continue with five more questions, as in a quiz. The purpose of
# fine-tuning is to make the answer the likely continuation (lab 9).
#
# **See it.** Each row is one step and shows what the model saw when it was asked for the next token. In the upper
# plot, without a window, the context should grow by one token per step. In the lower one, with a window of 4, it
# should always be 4 tokens long and slide along instead. The prompt is blue, and the tokens the model wrote itself are
# orange.

# %%
contexts = {"no context window": [], "context window of 4 tokens": []}
if solved(generate, next_token_logits, question, 8, favorite, STOP_ID) is not None:
    for seen, context_window in zip(contexts.values(), (None, 4), strict=True):
        generate(noting(next_token_logits, seen), question, 8, favorite, STOP_ID, context_window)
    show(
        contexts_picture(contexts, len(question), to_text),
        "Two plots with one row for each of eight steps, showing the tokens the model saw: the prompt's in blue and "
        "the model's own in orange. In the upper plot, without a window, each row should be one token longer than the "
        "one before. In the lower one, with a window of 4, every row has four tokens, and the window slides along.",
    )

# %% [markdown]
# **See it.** The window is all the model remembers. If the window is 4, the model answers as before. With a window of
# 3, it can't tell the question from the answer, because *capital of France* appears in both. About half the time, what
# starts as an answer turns into another question, sometimes more than once. With a window of 1, it sees a single word,
# and about a third of its answers end with a word from another line, such as *the couch*. Run the cell a few times.

# %%
for context_window in (1, 3, 4, None):
    answer = solved(generate, next_token_logits, question, 16, sample, STOP_ID, context_window)
    if answer is not None:
        print(f"window {context_window!s:4}: {to_text(question)} ->{to_text(answer[0])}   [{answer[1]}]")

# %% [markdown]
# The checks use their own model and sampler. Neither knows any language, but to test a loop, any ids will do.
# To call your function the way the checks do, import both in a new cell: `from autograder.testing import ScriptedModel,
# ScriptedSampler`.

# %%
check("generate")

# %% [markdown]
# ## 3. Streaming tokens
#
# **Why.** Suppose a model takes 0.02 seconds per token. An answer of 500 tokens is ready after 10 seconds, and
# `generate` returns nothing until then. But the first token is ready after 0.02 seconds! A chat app shows it right
# away, and a reader who has seen enough can stop, which saves the rest of the work. That's *streaming*, and it doesn't
# change anything about the model.
#
# **Generators.** A function that contains the word `yield` is a *generator function*. Calling it doesn't run its body
# yet. The body runs when someone asks for a value, with `next(…)` or a `for` loop, and only as far as the next
# `yield`. There it hands over the value and pauses, keeping all its variables. `return` ends it. The next cell shows
# the order of events.


# %%
def countdown(start):
    """Count down from `start` to 1."""
    while start > 0:
        print(f"   (making {start})")
        yield start
        start -= 1


counter = countdown(3)
print("called; nothing produced yet")
print("asked for the first:", next(counter))
print("asked for the second:", next(counter))
print("nobody asks for the third number, so it's never produced")

# %% [markdown]
# **Formula.** The steps are the same as in part 2: the same contexts, the same draws, the same rule for stopping. The
# only difference is what happens to a token. It's yielded as soon as it's drawn, and the next one isn't drawn until
# someone asks for it.
#
# **By hand.** In the table from part 2, the first `next` asks the model about *The cat sat* and returns *on*. Then
# the generator pauses. The second `next` asks about *The cat sat on* and returns *the*. The fifth `next` draws the
# stop token, so the generator ends, and so does a `for` loop over it.
#
# There's no finish reason to return here, since a token is handed over before anyone knows how the text will end.
#
# **Watch out.** A loop that collects all the tokens first and then yields them one by one looks the same from the
# outside. But it keeps everyone waiting, and with a `max_new_tokens` of a billion, the first token would never arrive.


# %%
def stream_tokens(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    """Continue a prompt token by token, and yield each new id as soon as it's drawn.

    next_token_logits: function that takes a context (a list or 1-D integer array of at
        least one id) and returns the logits (V,) of the next token. You may call
        it one token ahead, but no more.
    prompt_ids: list or 1-D integer array of at least one id. Not modified.
    max_new_tokens: integer, 0 or more; the maximum number of tokens to draw.
    sample: function that takes the logits (V,) and returns one id. It's called once per
        token, and only after that token has been requested.
    stop_id: the id that ends the stream when it's drawn. It isn't yielded. None means
        there's no stop id.
    context_window: integer, at least 1; the model is shown at most this many of the
        most recent ids, prompt and new ids combined. None means no limit.
    Returns an iterator of ids: the same ids that generate returns for the same draws.
    Raises ValueError if the prompt is empty, either right away or when the first id is
    requested.
    """
    ### BEGIN SOLUTION
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty: the model needs at least one token to continue from")
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        context = ids if context_window is None else ids[-context_window:]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return
        yield token
        ids.append(token)
    ### END SOLUTION


# %% [markdown]
# **See it.** The model is slowed down to 0.2 seconds per token, so you can watch. The words should arrive one by one.


# %%
def slow_model(context_ids):
    """Return the same model's logits, but take 0.2 seconds longer."""
    pause(0.2)
    return next_token_logits(context_ids)


stream = solved(stream_tokens, slow_model, question, 20, favorite, STOP_ID)
if stream is not None:
    print(to_text(question), end="", flush=True)
    for token in stream:
        print(to_text([token]), end="", flush=True)

# %% [markdown]
# **See it.** This plot shows when each token arrives. The line for the stream should climb from the start, one step
# every 0.2 seconds. The flat stretch at its end is the step that draws the stop token. The line for `generate` stays
# at 0 and jumps up at the end. Both finish at the same time: streaming doesn't make anything faster, it just lets you
# start reading sooner.

# %%
begun = time.perf_counter()
stream = solved(stream_tokens, slow_model, question, 20, favorite, STOP_ID)
if stream is not None:
    arrivals = [time.perf_counter() - begun for _ in stream]
    seconds = [0, *arrivals, time.perf_counter() - begun]
    figure, axes = plt.subplots()
    axes.step(seconds, [*range(len(seconds) - 1), len(arrivals)], where="post", marker="o", label="stream_tokens")
    begun = time.perf_counter()
    answer = solved(generate, slow_model, question, 20, favorite, STOP_ID)
    if answer is not None:
        ready = time.perf_counter() - begun
        axes.step([0, ready], [0, len(answer[0])], where="post", marker="s", linestyle="--", label="generate")
    axes.set(xlabel="seconds since the question", ylabel="tokens the reader has")
    axes.legend()
    show(
        figure,
        "The number of tokens the reader has received, plotted against the seconds since the question. The line for "
        "stream_tokens should climb from the start, one step every 0.2 seconds. The dashed line for generate stays at "
        "0 and jumps to seven tokens at the end, at about the same time.",
    )

# %%
check("stream_tokens")

# %% [markdown]
# **More precisely.** In a real chat you may see several words at once, or a steady flow. That's because services send
# several tokens at a time, and web pages smooth out the display. The pieces you see are rarely smaller than a token
# (part 4 shows when they are), and often larger.
#
# ## 4. Streaming text (stretch exercise)
#
# *This part counts toward mastery of the concept. You don't need it to pass.*
#
# **Why.** Readers want text, not ids. Let's stream what comes after *The cat sat on the*, and turn each token into
# text separately. The next cell does that, and also prints each token's bytes.

# %%
stream = solved(stream_tokens, next_token_logits, prompt, 20, favorite, STOP_ID)
if stream is not None:
    for token in stream:
        token_bytes = ID_TO_BYTES[int(token)]
        print(f"{token_bytes!s:>16}  {token_bytes.decode(errors='replace')!r}")

# %% [markdown]
# Where you'd expect the cat emoji, you get broken characters. In *UTF-8*, the usual way to store text as bytes, only
# plain letters, digits and punctuation (ASCII) take one byte. Every other character takes two to four, and the first
# byte says how many:
#
# | first byte (in bits) | bytes in total | example |
# | --- | --- | --- |
# | `0…` | 1 | `a` is 61 |
# | `110…` | 2 | `é` is C3 A9 |
# | `1110…` | 3 | `€` is E2 82 AC |
# | `11110…` | 4 | `🐈` is F0 9F 90 88 |
# | `10…` | | not a first byte, but a continuation |
#
# A tokenizer splits *bytes*, so a token can end in the middle of a character, and half a character isn't text. If you
# decode it on its own, you get an error. With `errors="replace"` you get � (U+FFFD, the *replacement character*)
# instead. With `errors="ignore"` you get nothing, and the cat is gone for good.
#
# **Formula.** Hold back the bytes of an unfinished character until the rest arrives, and yield everything else right
# away. You can count bytes with the table above. Or you can use Python's `codecs` module.
# `codecs.getincrementaldecoder("utf-8")` returns a class, so call that, too: `codecs.getincrementaldecoder("utf-8")()`
# is an *incremental decoder*. Its `decode` method takes a few bytes at a time, returns the text that's complete, and
# remembers the rest.
#
# **By hand.** Here are the cat's three tokens and the period:
#
# | token | bytes | text yielded | bytes held back |
# | --- | --- | --- | --- |
# | 1 | `20 F0 9F` | the space, which is complete | `F0 9F` |
# | 2 | `90` | | `F0 9F 90` |
# | 3 | `88` | 🐈 | |
# | 4 | `2E` | `.` | |
#
# **Watch out.** Don't put anything between tokens. If there's a space in the text, it's already part of a token. And
# if the stream ends in the middle of a character (`max_new_tokens` can cut it off anywhere), you can drop the bytes
# you're holding back or show them as one �. But a � isn't always a sign of missing bytes: it's also a character of its
# own (`EF BF BD`), so it can be part of the text.


# %%
def stream_text(token_iter, id_to_bytes):
    """Turn a stream of ids into a stream of text, never splitting a character.

    token_iter: iterator of ids. It may be endless, so read at most one id ahead of the
        text.
    id_to_bytes: dict from each id to its bytes. The bytes of all the tokens, joined,
        are UTF-8; only the last character may be incomplete.
    Returns an iterator of str: each character is yielded as soon as it's complete.
    Joined together, the pieces are the same text you'd get by decoding all the bytes at
    once. Some pieces may be empty. An incomplete last character is dropped, or yielded
    as U+FFFD at the end.
    """
    ### BEGIN SOLUTION
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for token in token_iter:
        text = decoder.decode(id_to_bytes[token])
        if text:
            yield text
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest
    ### END SOLUTION


# %% [markdown]
# **See it.** This cell runs the same stream through your function. Each line is one piece. You should see a space
# before the cat emoji, and the emoji in one piece.

# %%
stream = solved(stream_tokens, next_token_logits, prompt, 20, favorite, STOP_ID)
text = None if stream is None else solved(stream_text, stream, ID_TO_BYTES)
if text is not None:
    for piece in text:
        print(repr(piece))

# %%
check("stream_text")

# %% [markdown]
# **Putting it all together.** This cell gives your functions a prompt, a slow model and a sampler, and prints the
# text while it's being generated. Run the cell a few times.

# %%
stream = solved(stream_tokens, slow_model, prompt, 20, sample, STOP_ID)
text = None if stream is None else solved(stream_text, stream, ID_TO_BYTES)
if text is not None:
    print(to_text(prompt), end="", flush=True)
    for piece in text:
        print(piece, end="", flush=True)

# %% [markdown]
# **With a real model.** If you have an API key, here's the same kind of loop, reading a stream from someone else's
# model. Install the vendor's package (`pip install anthropic`), set `ANTHROPIC_API_KEY` in the terminal where you
# start Jupyter, and never write the key into a notebook. For `model`, use a name from the vendor's documentation. Run
# it in a cell of your own, and don't rely on it when you submit: there's no network when your notebook is graded.
#
# ```python
# import anthropic
#
# question = {
#     "role": "user",
#     "content": "Count from 1 to 20",
# }
# client = anthropic.Anthropic()
# with client.messages.stream(
#     model="...",
#     max_tokens=200,
#     messages=[question],
# ) as answer:
#     for text in answer.text_stream:
#         print(text, end="", flush=True)
# ```
#
# Or ask any chat assistant a question and watch. The answer isn't stored somewhere and then revealed: when the first
# word appears, the last one hasn't been chosen yet.
#
# **More precisely.** A model does some work before it writes its first word, and may even compute things that only show
# up much later. But no later token has been *drawn* yet, and a different draw now would change everything that follows.

# %% [markdown]
# ## What you've learned
#
# - **Autoregressive generation** produces text one token at a time, and each token becomes part of the context for the
#   next.
# - **The context window** is all the model sees: the last tokens that fit. It remembers nothing else.
# - **Generation ends** at the stop token or at the limit, and the finish reason says which.
# - **Streaming** yields each token as soon as it's drawn. Nothing gets faster, but the reader doesn't have to wait.
# - **Tokens are bytes**: a character may span several tokens, so it isn't shown until it's complete.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit generation` in a terminal.
# If your course takes uploads, use *File > Download*.
#
# **Next:** your loop doesn't care what's inside the model. Lab 8, [architecture](../architecture/architecture.ipynb),
# looks inside: seven boxes lead from input text to output text, and you write six functions for them.
