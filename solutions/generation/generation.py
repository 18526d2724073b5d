# %% [markdown]
# # Lab 7: Autoregressive generation and streaming
#
# **About 75 minutes.** Builds on lab 6 (sampler): from a row of logits, `sample_next_token` draws one id. It is given
# to you here, so nothing depends on your own notebook of that lab. You need Python lists and their slices; what a
# generator is comes in part 3.
#
# So far the model has made *one* guess. This lab puts that guess in a loop. Out comes a text, and you get to see it
# arrive token by token, as in every chat.
#
# | part | you write | it is | minutes |
# | --- | --- | --- | --- |
# | 1 | `crop_context` | what the model can still see of a long text | 10 |
# | 2 | `generate` | the loop | 25 |
# | 3 | `stream_tokens` | the same loop, each token handed out at once | 20 |
# | 4 | `stream_text` | from tokens to text, without broken emojis (a stretch) | 20 |
#
# Below each is a cell that looks at your result, and one that checks it. Run the cells from top to bottom; a look at
# something that is not written yet only says so.

# %%
import codecs
import time

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, picture, play, progress, show, solved
from autograder.given import sample_next_token
from autograder.notebook.contexts import contexts_picture, noting
from autograder.notebook.counting_model import CountingModel

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## A model small enough to read
#
# To generate, we need a model. Here is one whose whole training is six lines of text, and whose whole knowledge is
# counting: it looks for the longest ending of the context that it has read before, and counts what came next. The
# logarithms of these counts are its logits. A token that never came next gets minus infinity: impossible.
#
# A *token* here is a word with the space before it, or a sign of punctuation. Only the cat at the end of the first line
# is different: it takes four bytes, and they are spread over three tokens. Real tokenizers do that to rare characters,
# and part 4 will need it. Id 0 is the *stop token*: the model read it at the end of every line, so that it can say
# "the text ends here". `CountingModel??`, in a cell of your own, shows its code; you need not read it. `to_ids` turns a
# text into ids and `to_text` turns them back.

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
    """One id, drawn at temperature 1."""
    return sample_next_token(logits, rng)


def favourite(logits):
    """The likeliest id: temperature 0."""
    return sample_next_token(logits, rng, temperature=0)


prompt = to_ids("The cat sat on the")
print("ids of the prompt:", prompt)
for number, logit in enumerate(next_token_logits(prompt)):
    if np.isfinite(logit):
        print(f"can come next: id {number}, {to_text([number])!r}, read {np.exp(logit):.0f} time(s)")

# %% [markdown]
# ## Part 1: What the model can still see
#
# **Why.** A model is built for a longest context, its *context window*, counted in tokens. A conversation soon
# outgrows it. The usual way out is to forget the beginning: show the model the **last** tokens, as many as fit, since
# what comes next depends most on what was said last.
#
# **By hand.** Of the ids $(5, 2, 8, 1)$ a window of 3 leaves $(2, 8, 1)$. A window of 4 leaves all of them, and so does
# one of 100: nothing is cut where there is nothing to cut, and nothing is filled up either.
#
# **One trap.** Python counts from the end with negative numbers, so the slice from −3 on is "the last three". But −0
# is just 0, and the slice from 0 on is *everything*. With a window of 0 the model would see the whole text instead of
# nothing. A window that holds no token is of no use to anyone, so refuse it.

# %%
play("context_window")


# %%
def crop_context(token_ids, context_window):
    """The part of the context that a model can see: the last `context_window` ids.

    token_ids: list or 1-D integer array of ids, of any length, oldest first. It is left as
        it is.
    context_window: integer, at least 1, in tokens.
    Returns the last context_window ids in their order, as a list or an integer array; all of
    them where there are fewer.
    Raises ValueError if context_window is below 1.
    """
    ### BEGIN SOLUTION
    if context_window < 1:
        raise ValueError(f"context_window must be at least 1, got {context_window}")
    return token_ids[-context_window:]
    ### END SOLUTION


# %% [markdown]
# **Look.** Each line should end in the same words, and a smaller window should begin later. The last line is whole.

# %%
question = to_ids("What is the capital of France?")
for context_window in (1, 3, 5, 100):
    seen = solved(crop_context, question, context_window)
    if seen is not None:
        print(f"window {context_window:3}: {to_text(seen)!r}")

# %%
check("crop_context")

# %% [markdown]
# ## Part 2: The loop
#
# **Why.** A model only ever gives probabilities for *one* next token. A whole answer is made by asking again: draw a
# token, put it at the end of the context, ask about the longer context. Each token that the model produces becomes part
# of its own input. That is what *autoregressive* means.
#
# **In steps.** Begin with the prompt. Then, at most `max_new_tokens` times:
#
# 1. Show the model the context, or the last `context_window` ids of it, and get the logits.
# 2. Draw one id with `sample`. Not the largest logit: how to choose is the sampler's business.
# 3. Is it the stop token? Then end here, and do not keep it: it is a signal, not text.
# 4. Otherwise keep it, and let it be part of the next context.
#
# **By hand.** The prompt is *The cat sat*, at most 6 new tokens are allowed, and the sampler happens to draw this:
#
# | step | the model sees | drawn |
# | --- | --- | --- |
# | 1 | The cat sat | on |
# | 2 | The cat sat on | the |
# | 3 | The cat sat on the | floor |
# | 4 | The cat sat on the floor | . |
# | 5 | The cat sat on the floor. | *stop token* |
#
# New are the four tokens *on the floor.*, and the reason to end is `"stop"`. Had only 3 been allowed, it would be the
# three tokens *on the floor* and `"length"`: the answer is cut off. Whoever calls can tell a finished answer from a
# cut one by that word. Had 5 been allowed, the stop token would just have been reached: `"stop"`.
#
# **Details that go wrong.** Only a stop token that was *drawn* ends the text. One in the prompt does not: a chat's
# earlier answers all end in one. Here the stop token's id is 0, and Python takes 0 for false and `None` for "no stop
# token", so ask precisely. And the prompt is the caller's list; make your own before you lengthen anything.

# %%
picture("generation")


# %%
def generate(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    """Continue a prompt token by token, and say why it ended.

    next_token_logits: function that takes a context, a list or 1-D integer array of at least
        one id, and returns the logits (V,) of the next token. It is asked once for each token
        that is drawn; asking it once more at the end does no harm.
    prompt_ids: list or 1-D integer array of at least one id. It is left as it is.
    max_new_tokens: integer, 0 or more: how many tokens are drawn at most.
    sample: function that takes the logits (V,) and returns one id. It is called once for each
        token that is drawn.
    stop_id: the id that ends the text when it is drawn; None where no id does.
    context_window: integer, at least 1: the model is shown the last so many ids of the prompt
        and the new ids together; None for all of them.
    Returns (new_ids, finish_reason). new_ids: the ids drawn, in order, as a list or an integer
        array, without the prompt and without the stop id. finish_reason: "stop" if the stop id
        was drawn, "length" if not.
    Raises ValueError if the prompt is empty.
    """
    ### BEGIN SOLUTION
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty: the model needs at least one token to continue from")
    ids = list(prompt_ids)
    new_ids = []
    for _ in range(max_new_tokens):
        # crop_context(ids, context_window) is as right; a mistake there would then cost points here
        context = ids if context_window is None else ids[-context_window:]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return new_ids, "stop"
        ids.append(token)
        new_ids.append(token)
    return new_ids, "length"
    ### END SOLUTION


# %% [markdown]
# **Look.** First a question, answered by nothing but predicting the next word, seven times and then the stop token.
# Then another prompt four times: the sampler draws, so the texts differ, and the last one is cut off at one token.

# %%
answer = solved(generate, next_token_logits, question, 20, favourite, STOP_ID)
if answer is not None:
    new_ids, finish_reason = answer
    print(f"{to_text(question)} ->{to_text(new_ids)}   [{len(new_ids)} tokens, {finish_reason}]\n")
    for max_new_tokens in (20, 20, 20, 1):
        new_ids, finish_reason = generate(next_token_logits, prompt, max_new_tokens, sample, STOP_ID)
        print(f"{to_text(prompt)} ->{to_text(new_ids)}   [{finish_reason}]")

# %% [markdown]
# *More precisely:* "predicting the next word is answering questions" holds if the text that likely follows a question
# *is* its answer. Our model has read that question once, and its answer behind it. One that has only read the internet
# may as well go on with five more questions, as in a quiz. That answers become the likely continuation is what
# fine-tuning is for (lab 9).
#
# **Look.** Each row is one step: what the model saw when it was asked. Above, without a window, the context should grow
# by one token a step. Below, with a window of 4, it should grow no further than that, and slide along. The prompt is
# blue, what the model wrote itself is orange.

# %%
contexts = {"no context window": [], "context window of 4 tokens": []}
if solved(generate, next_token_logits, question, 8, favourite, STOP_ID) is not None:
    for seen, context_window in zip(contexts.values(), (None, 4), strict=True):
        generate(noting(next_token_logits, seen), question, 8, favourite, STOP_ID, context_window)
    show(
        contexts_picture(contexts, len(question), to_text),
        "Two drawings with a row for each of eight steps, in it the tokens that the model saw, the prompt's "
        "in blue and its own in orange. Above, without a window, each row should be one token longer than the "
        "one before. Below, with a window of 4, every row has four tokens, and they slide along.",
    )

# %% [markdown]
# **Look.** A window is all that the model remembers. With one of 4 it answers as before. With one of 3 it cannot tell
# question from answer, since *capital of France* stands in both: now and then it asks back, perhaps again and again.
# With one of 1 it knows a single word, and may end up under the table. Run the cell a few times.

# %%
for context_window in (1, 3, 4, None):
    answer = solved(generate, next_token_logits, question, 16, sample, STOP_ID, context_window)
    if answer is not None:
        print(f"window {context_window!s:4}: {to_text(question)} ->{to_text(answer[0])}   [{answer[1]}]")

# %% [markdown]
# The checks bring a model and a sampler of their own, which know no language: any ids will do to see whether a loop
# works. To call your function as they do, import the two in a cell of its own: `from autograder.testing import
# ScriptedModel, ScriptedSampler`.

# %%
check("generate")

# %% [markdown]
# ## Part 3: Handing out each token at once
#
# **Why.** Suppose that a model takes 0.02 seconds for a token. An answer of 500 tokens is ready after 10 seconds, and
# `generate` says nothing until then. But its first token exists after 0.02 seconds! A chat shows it at once, and a
# reader who has seen enough can stop it, which saves the rest of the work. That is *streaming*, and nothing about the
# model changes for it.
#
# **How.** A function that contains the word `yield` is a *generator*. Calling it does not run its body yet. The body
# runs when somebody asks for a value, with `next(…)` or a `for` loop, and only as far as the next `yield`; there it
# hands the value out and waits, variables and all. `return` ends it. The next cell shows the order of events.


# %%
def countdown(start):
    """Count down from `start` to 1."""
    while start > 0:
        print(f"   (making {start})")
        yield start
        start -= 1


counter = countdown(3)
print("called; nothing made yet")
print("asked for the first:", next(counter))
print("asked for the second:", next(counter))
print("and nobody asks for the third, so it is never made")

# %% [markdown]
# **Steps.** They are those of part 2: the same contexts, the same draws, the same stop. Only what happens to a token
# is different. It is handed out as soon as it is drawn, and the next one is not drawn before somebody asks for it.
# A loop that first collects all tokens and then hands them out one by one looks the same from afar, but it keeps
# everybody waiting, and with `max_new_tokens` of a billion it never starts.
#
# **By hand.** In the table of part 2, the first `next` asks the model about *The cat sat* and gives *on*. Now the
# generator waits. The second `next` asks about *The cat sat on* and gives *the*. The fifth draws the stop token: the
# generator ends, and a `for` loop over it is over.
#
# There is no reason to return here; a token is handed out before anyone knows how the text will end.


# %%
def stream_tokens(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    """Continue a prompt token by token, and yield each new id as soon as it is drawn.

    next_token_logits: function that takes a context, a list or 1-D integer array of at least
        one id, and returns the logits (V,) of the next token. It may be asked about one token
        ahead, not more.
    prompt_ids: list or 1-D integer array of at least one id. It is left as it is.
    max_new_tokens: integer, 0 or more: how many tokens are drawn at most.
    sample: function that takes the logits (V,) and returns one id. It is called once for each
        token, and not before that token is asked for.
    stop_id: the id that ends the stream when it is drawn; it is not yielded. None where no id
        does.
    context_window: integer, at least 1: the model is shown the last so many ids of the prompt
        and the new ids together; None for all of them.
    Returns an iterator of ids: the very ids that generate gives for the same draws.
    Raises ValueError if the prompt is empty, at the latest when the first id is asked for.
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
# **Look.** The model is made slow now, 0.2 seconds a token, so that you can watch. The words should arrive one after
# the other.


# %%
def slow_model(context_ids):
    """The same model, as slow as a large one."""
    time.sleep(0.2)
    return next_token_logits(context_ids)


stream = solved(stream_tokens, slow_model, question, 20, favourite, STOP_ID)
if stream is not None:
    print(to_text(question), end="", flush=True)
    for token in stream:
        print(to_text([token]), end="", flush=True)

# %% [markdown]
# **Look.** The same tokens with a clock. The line of the stream should climb from the start, a step every 0.2 seconds;
# its last stretch is the step in which the stop token is drawn. The line of `generate` lies flat on the ground and
# jumps when all is over. Both are done at the same time: streaming makes nothing faster, it only lets you read earlier.

# %%
begun = time.perf_counter()
stream = solved(stream_tokens, slow_model, question, 20, favourite, STOP_ID)
if stream is not None:
    arrivals = [time.perf_counter() - begun for _ in stream]
    seconds = [0, *arrivals, time.perf_counter() - begun]
    figure, axes = plt.subplots()
    axes.step(seconds, [*range(len(seconds) - 1), len(arrivals)], where="post", marker="o", label="stream_tokens")
    begun = time.perf_counter()
    answer = solved(generate, slow_model, question, 20, favourite, STOP_ID)
    if answer is not None:
        ready = time.perf_counter() - begun
        axes.step([0, ready], [0, len(answer[0])], where="post", marker="s", linestyle="--", label="generate")
    axes.set(xlabel="seconds since the question", ylabel="tokens that the reader has")
    axes.legend()
    show(
        figure,
        "How many tokens the reader has, by seconds since the question. The line of stream_tokens should "
        "climb from the start, a step every 0.2 seconds. The dashed line of generate stays at 0 and jumps to "
        "seven tokens when all is over, at about the same time.",
    )

# %%
check("stream_tokens")

# %% [markdown]
# *More precisely:* watching a chat you may see several words at once, or a steady flow. Services bundle tokens, and
# pages smooth them out. What you see is never finer than the tokens, and often coarser.
#
# ## Part 4: Streaming text (a stretch)
#
# **Why.** Readers want text, not ids. Let us show each token as text by itself and stream *The cat sat on the*. The
# next cell does so.

# %%
stream = solved(stream_tokens, next_token_logits, prompt, 20, favourite, STOP_ID)
if stream is not None:
    for token in stream:
        token_bytes = ID_TO_BYTES[int(token)]
        print(f"{token_bytes!s:>16}  {token_bytes.decode(errors='replace')!r}")

# %% [markdown]
# Where there should be a cat, there are broken characters. In *UTF-8*, the usual way to write text as bytes, only plain
# letters, digits and signs (ASCII) take one byte. All other characters take two to four, and the first byte says how
# many:
#
# | first byte (in bits) | bytes in all | example |
# | --- | --- | --- |
# | `0…` | 1 | `a` is 61 |
# | `110…` | 2 | `é` is C3 A9 |
# | `1110…` | 3 | `€` is E2 82 AC |
# | `11110…` | 4 | `🐈` is F0 9F 90 88 |
# | `10…` | | not a first byte, but one that continues |
#
# A tokenizer cuts *bytes*, so a token may end in the middle of a character. Half a character is no text. Decoded by
# itself it is an error, or � (U+FFFD, "replacement character") with `errors="replace"`, or nothing at all with
# `errors="ignore"`, and then the cat is gone for good.
#
# **How.** Keep the bytes of an unfinished character until the rest has come, and hand out at once whatever is complete.
# You may count bytes by the table. Or use Python's module `codecs`: the *incremental decoder* that
# `codecs.getincrementaldecoder` makes for an encoding takes some bytes at a time, gives the text that is complete, and
# remembers the rest for the next time.
#
# **By hand.** The cat's three tokens and the full stop:
#
# | token | bytes | text handed out | bytes that wait |
# | --- | --- | --- | --- |
# | 1 | `20 F0 9F` | the space: it is complete | `F0 9F` |
# | 2 | `90` | | `F0 9F 90` |
# | 3 | `88` | 🐈 | |
# | 4 | `2E` | `.` | |
#
# Nothing is put between tokens: where there is a space, it is part of a token. And if the stream ends in the middle of
# a character (`max_new_tokens` cuts where it likes), the bytes that still wait may be dropped, or shown as one �.


# %%
def stream_text(token_iter, id_to_bytes):
    """Turn a stream of ids into a stream of text that never breaks a character.

    token_iter: iterator of ids. It may be endless, and is asked for at most one id ahead of the
        text.
    id_to_bytes: dict from every id to its bytes. The bytes of all tokens in a row are UTF-8, of
        which the last character may be incomplete.
    Returns an iterator of str: the characters that are complete are yielded as soon as they
        are. Joined, the pieces are the text of all the bytes. An incomplete last character is
        dropped, or yielded as U+FFFD at the end. Raises nothing of its own.
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
# **Look.** The same stream again, now through your function. Each line is one piece: a space should come before the
# cat, and the cat in one piece.

# %%
stream = solved(stream_tokens, next_token_logits, prompt, 20, favourite, STOP_ID)
text = None if stream is None else solved(stream_text, stream, ID_TO_BYTES)
if text is not None:
    for piece in text:
        print(repr(piece))

# %%
check("stream_text")

# %% [markdown]
# **All together.** A prompt, a slow model, a sampler, and text that arrives as it is made. Run it a few times.

# %%
stream = solved(stream_tokens, slow_model, prompt, 20, sample, STOP_ID)
text = None if stream is None else solved(stream_text, stream, ID_TO_BYTES)
if text is not None:
    print(to_text(prompt), end="", flush=True)
    for piece in text:
        print(piece, end="", flush=True)

# %% [markdown]
# **With a real model.** If you have a key for one, this is the same loop over someone else's stream. Install the
# vendor's own package (`pip install anthropic`), set `ANTHROPIC_API_KEY` where you start Jupyter, and never write the
# key into a notebook. For `model`, use a name from the vendor's documentation. Run it in a cell of its own; when your
# notebook is graded there's no network.
#
# ```python
# import anthropic
#
# question = {"role": "user", "content": "Count from 1 to 10 slowly"}
# with anthropic.Anthropic().messages.stream(model="...", max_tokens=200, messages=[question]) as answer:
#     for text in answer.text_stream:
#         print(text, end="", flush=True)
# ```
#
# Or ask any chat a question and watch. The answer is not written down somewhere and then revealed: when the first
# word appears, the last one has not been chosen yet.
#
# *More precisely:* a model does work before its first word; it may even compute things that only show much later. But
# no later token has been *drawn* yet, and another draw now would change all that follows.

# %% [markdown]
# ## What you have now
#
# - A text is made one token at a time, and each token becomes part of the context of the next.
# - The model sees the last tokens that fit into its context window, and remembers nothing else.
# - It ends with the stop token or at the limit, and it is good to know which.
# - Streaming hands out each token as soon as it is drawn; nothing is faster, but the reader need not wait.
# - Tokens are bytes: a character may need several of them, and text has to wait until it is whole.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit generation` in a terminal, or *File >
# Download* where your course takes files.
