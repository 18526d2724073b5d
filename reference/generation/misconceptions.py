"""Wrong answers to the stubs of lab `generation`: a catalog, looked up by name rather than read in one sitting."""

import codecs

import numpy as np

from autograder.testing import misconception

# --- crop_context ---


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="The window keeps the beginning of the text; what matters most for the next token is what was said last.",
    taught=True,
)
def first_ids(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[:context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="One id too few is kept (and with a window of 1, all of them): count from the end on a short example.",
)
def one_id_too_few(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-(context_window - 1) :]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="One id too many is kept, which no longer fits into the model: count from the end on a short example.",
)
def one_id_too_many(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-(context_window + 1) :]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="The newest id is left out, and it is the one that the next token follows: a slice to the last position ends "
    "just before it.",
)
def newest_id_left_out(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window - 1 : -1]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="That many ids are cut off instead of kept: the window says how many stay.",
)
def cuts_off_as_many(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[context_window:]


@misconception(
    of="crop_context",
    kind="edge",
    hint="The start is worked out as length minus window, which is negative for a short text, and Python counts "
    "negative positions from the end; so a short text is cut although it fits.",
    taught=True,
)
def start_below_0(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[len(token_ids) - context_window :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="Nothing is left of a text shorter than the window; a text that fits stays as it is.",
)
def nothing_of_a_short_text(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window:] if len(token_ids) >= context_window else token_ids[:0]


@misconception(
    of="crop_context",
    kind="edge",
    hint="A short text is filled up with zeros, and 0 is the id of a real token; a text that fits stays as it is.",
    taught=True,
)
def filled_up_with_0(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return [0] * (context_window - len(token_ids)) + list(token_ids[-context_window:])


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="The right ids come out, newest first; the model reads them in the order of the text.",
)
def newest_first(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[::-1][:context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="A full window is emptied and begins anew, so that just after that the model sees almost nothing; it has to "
    "move along by one id at a time.",
)
def begins_anew_when_full(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[max(len(token_ids) - 1, 0) // context_window * context_window :]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="A window of 0 gives the whole text: -0 is 0, and a slice from 0 on is everything. See the warning in part 1.",
    taught=True,
)
def window_of_0_is_everything(token_ids, context_window):
    return token_ids[-context_window:]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="The right ids come out, but the beginning is deleted from the caller's own list; make a new one.",
    taught=True,
)
def deletes_from_the_callers_list(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    if isinstance(token_ids, list):
        while len(token_ids) > context_window:
            token_ids.pop(0)
    return token_ids[-context_window:]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="The ids at the beginning are taken out of the caller's own list (and an array can't do that); make a new "
    "sequence.",
    taught=True,
)
def takes_from_the_callers_list(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    while len(token_ids) > context_window:
        token_ids.pop(0)
    return token_ids


# --- generate ---


@misconception(
    of="generate",
    kind="misses_point",
    hint="One token too many is made: count how often the loop draws when one new token is allowed.",
)
def one_token_too_many(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens + 1):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The prompt counts towards the limit, so a long prompt leaves room for few new tokens or none; the limit is "
    "about new tokens only.",
)
def prompt_counts_too(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while len(ids) < max_new_tokens:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="Nothing ends the text when the stop token is drawn: it is kept like any other, and the loop goes on to its "
    "limit.",
    taught=True,
)
def never_stops(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="The stop token is among the new ids; it is a signal that the text is over, not a part of the text.",
    taught=True,
)
def stop_token_kept(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
        if ids[-1] == stop_id:
            return ids[len(prompt_ids) :], "stop"
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="A stop token in the prompt ends the text: look for it in what was drawn, not in the whole context. A chat's "
    "earlier answers all end in one.",
    taught=True,
)
def prompt_can_stop_it(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if stop_id in [*ids, token]:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="A stop token with id 0 stops nothing, because Python takes 0 for false; the value for “no stop token” is "
    "None, and only that.",
    taught=True,
)
def id_0_never_stops(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if stop_id and token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="All tokens are made first, and what follows the stop token is thrown away afterwards: the right ids, and "
    "work for nothing. End where the stop token is drawn.",
    taught=True,
)
def cut_afterwards(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
    new_ids = ids[len(prompt_ids) :]
    return (new_ids[: new_ids.index(stop_id)], "stop") if stop_id in new_ids else (new_ids, "length")


@misconception(
    of="generate",
    kind="misses_point",
    hint="The model is shown the prompt again and again; each new token has to become part of the context that is "
    "shown next.",
    taught=True,
)
def prompt_only(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    context = ids[-context_window:] if context_window else ids[:]
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(context))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The model is asked once, and all tokens are drawn from the same logits; after each token it has to be asked "
    "again, about the longer context.",
)
def asked_only_once(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    logits = next_token_logits(ids[-context_window:] if context_window else ids)
    for _ in range(max_new_tokens):
        token = sample(logits)
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The model is shown only the newest token and has forgotten all before it; show it the whole context, or as "
    "much of it as the window allows.",
    taught=True,
)
def newest_token_alone(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-1:]))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="The context window is not used: the model is shown more than it is built for. At every step, show it the "
    "last ids only.",
    taught=True,
)
def window_ignored(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="The window keeps the beginning of the context, so new tokens are never seen; it has to keep the end.",
    taught=True,
)
def first_ids_of_the_context(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[:context_window]))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="The prompt is cropped once, before the loop, and then the context outgrows the window again; crop at every "
    "step.",
    taught=True,
)
def prompt_cropped_once(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    context = ids[-context_window:] if context_window else ids
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(context))
        if token == stop_id:
            return new_ids, "stop"
        context = [*context, token]
        new_ids.append(token)
    return new_ids, "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="New tokens are put before the context, so that the model reads the text in the wrong order; they belong at "
    "its end.",
)
def newest_first_in_context(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for step in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[:step][::-1], "stop"
        ids.insert(0, token)
    return ids[:max_new_tokens][::-1], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The likeliest token is taken, whatever the sampler draws; choosing is the sampler's business, at any "
    "temperature.",
    taught=True,
)
def argmax_of_the_logits(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = int(np.argmax(next_token_logits(ids[-context_window:] if context_window else ids)))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The sampler is given probabilities, and takes them for logits: all tokens become nearly as likely as each "
    "other. Softmax is part of the sampler.",
)
def probabilities_for_the_sampler(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        token = sample(np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum())
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="Each step draws twice, once to look for the stop token and once more for the token that is kept; draw once "
    "and use that draw for both.",
)
def drawn_twice(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        if sample(logits) == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(sample(logits))
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The prompt is returned along with the new ids; the caller has it already and wants what is new.",
)
def prompt_returned_too(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids, "stop"
        ids.append(token)
    return ids, "length"


@misconception(
    of="generate",
    kind="edge",
    hint="The text ends at the stop token, but the reason given is the limit; a finished answer and one that is cut "
    "off have to be told apart.",
    taught=True,
)
def reason_always_length(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            break
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="conduct",
    hint="An empty prompt is let through, and the model is asked what follows nothing; refuse it with a ValueError "
    "before anything else.",
    taught=True,
)
def empty_prompt_accepted(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="conduct",
    hint="The new tokens are put into the caller's own prompt; make a list of your own before you lengthen anything.",
    taught=True,
)
def lengthens_the_callers_prompt(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = prompt_ids if isinstance(prompt_ids, list) else list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return new_ids, "stop"
        ids.append(token)
        new_ids.append(token)
    return new_ids, "length"


@misconception(
    of="generate",
    kind="edge",
    hint="A stop token drawn in the very last step counts as running into the limit; it was drawn, so the answer is "
    'finished and the reason is "stop".',
    taught=True,
)
def stop_in_the_last_step_is_length(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    start = len(ids)
    for step in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[start:], "length" if step == max_new_tokens - 1 else "stop"
        ids.append(token)
    return ids[start:], "length"


@misconception(
    of="generate",
    kind="conduct",
    hint="Each new token is appended to the caller's own prompt (and an array has no append); begin with a list of "
    "your own.",
    taught=True,
)
def appends_to_the_callers_prompt(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    start = len(prompt_ids)
    if not start:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(prompt_ids[-context_window:] if context_window else prompt_ids))
        if token == stop_id:
            return prompt_ids[start:], "stop"
        prompt_ids.append(token)
    return prompt_ids[start:], "length"


# --- stream_tokens ---


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="All tokens are collected and come back at once as a list, so the reader waits for the last one; hand out "
    "each as soon as it is drawn.",
    taught=True,
)
def a_list_at_the_end(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            break
        ids.append(token)
    return ids[len(prompt_ids) :]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="All tokens are made before the first is handed out: it looks like a stream, and the reader waits as long as "
    "for the whole text.",
    taught=True,
)
def finished_before_the_first(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            break
        ids.append(token)
    yield from ids[len(prompt_ids) :]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="Each token is held back until the next one has been drawn; hand it out first, and draw the next when it is "
    "asked for.",
    taught=True,
)
def one_token_late(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    held = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        yield from held
        if token == stop_id:
            return
        held = [token]
        ids.append(token)
    yield from held


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="The stop token comes out of the stream; it is a signal that the text is over, not a part of the text.",
    taught=True,
)
def stop_token_yielded(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        yield token
        if token == stop_id:
            return
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="Nothing ends the stream when the stop token is drawn: it comes out like any other, and the loop goes on to "
    "its limit.",
    taught=True,
)
def never_ends_at_the_stop_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
        yield ids[-1]


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="A stop token with id 0 stops nothing, because Python takes 0 for false; the value for “no stop token” is "
    "None, and only that.",
    taught=True,
)
def id_0_never_ends_it(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if stop_id and token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="Each piece holds all new ids so far; the reader has the earlier ones already, so hand out the new one alone.",
)
def growing_lists(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        ids.append(token)
        yield ids[len(prompt_ids) :]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The stream begins with the prompt; the caller has it already and wants what is new.",
)
def prompt_comes_out_too(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    yield from ids
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The first token never comes out: it is drawn before the loop, put into the context and not handed out.",
)
def first_token_lost(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for step in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        ids.append(token)
        if step > 0:
            yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The model is shown the prompt again and again; each token that comes out has to become part of the context "
    "that is shown next.",
)
def context_never_grows(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The model is shown only the newest token and has forgotten all before it; show it the whole context, or as "
    "much of it as the window allows.",
)
def shown_the_newest_token_alone(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-1:]))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="The context window is not used: the model is shown more than it is built for. At every step, show it the "
    "last ids only.",
    taught=True,
)
def context_not_cropped(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="conduct",
    hint="An empty prompt is let through, and the model is asked what follows nothing; refuse it with a ValueError "
    "before anything else.",
    taught=True,
)
def streams_after_nothing(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The stop token is left out, but the stream goes on after it; when it's drawn, the stream is over.",
)
def skips_the_stop_token(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        ids.append(token)
        if token != stop_id:
            yield token


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="Only the stop token ends the stream; without one it runs past its limit. Draw at most max_new_tokens.",
)
def no_limit(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while True:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="Each new token replaces the context instead of joining it, so from the second step on the model sees that "
    "token only.",
)
def context_replaced_by_the_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    context = list(prompt_ids)
    if not context:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(context[-context_window:] if context_window else context))
        if token == stop_id:
            return
        yield token
        context = [token]


# --- stream_text ---


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Each token is decoded by itself, and parts of a character become replacement characters (�); keep the bytes "
    "of an unfinished character until the rest has come.",
    taught=True,
)
def token_by_token_replaced(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token].decode(errors="replace")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Each token is decoded by itself and what cannot be decoded is ignored, so characters that are spread over "
    "tokens vanish; keep their bytes until the rest has come.",
    taught=True,
)
def token_by_token_ignored(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token].decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="A new decoder is made for each token, and it knows nothing of the bytes that the last one was waiting with; "
    "make one before the loop and use it for all tokens.",
)
def a_new_decoder_for_each_token(token_iter, id_to_bytes):
    for token in token_iter:
        text = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(id_to_bytes[int(token)])
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="When the bytes are no text yet they are thrown away, and the rest of the character comes too late; keep "
    "them for the next token.",
)
def unfinished_bytes_thrown_away(token_iter, id_to_bytes):
    for token in token_iter:
        try:
            yield id_to_bytes[token].decode()
        except UnicodeDecodeError:
            continue


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Every byte is taken for a character of its own (Latin-1); in UTF-8 only ASCII characters are one byte long. "
    "See the table in part 4.",
)
def every_byte_a_character(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token].decode("latin-1")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="The text comes out in one piece when all tokens are there, so the reader waits for the last one; hand out "
    "what is complete as soon as it is.",
)
def all_text_at_the_end(token_iter, id_to_bytes):
    yield b"".join(id_to_bytes[token] for token in token_iter).decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="edge",
    hint="Text waits until the bytes so far end with a whole character, which may be never before the end; what comes "
    "before an unfinished character can go out at once.",
    taught=True,
)
def waits_until_all_is_whole(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        try:
            yield waiting.decode()
            waiting = b""
        except UnicodeDecodeError:
            pass
    yield waiting.decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Each piece holds all the text so far; the reader has the beginning already, so hand out what is new.",
)
def whole_text_each_time(token_iter, id_to_bytes):
    data = b""
    for token in token_iter:
        data += id_to_bytes[token]
        yield data.decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="A space is put between tokens; where there is one, it is part of a token already.",
    taught=True,
)
def space_between_tokens(token_iter, id_to_bytes):
    data, text = b"", ""
    for token in token_iter:
        data += id_to_bytes[token]
        new, text = data.decode(errors="ignore")[len(text) :], data.decode(errors="ignore")
        if new:
            yield new if new == text else " " + new


@misconception(
    of="stream_text",
    kind="edge",
    hint="Spaces at the ends of tokens are taken away, so words run together; spaces belong to the text.",
)
def spaces_taken_away(token_iter, id_to_bytes):
    data, text = b"", ""
    for token in token_iter:
        data += id_to_bytes[token].strip()
        new, text = data.decode(errors="ignore")[len(text) :], data.decode(errors="ignore")
        yield new


@misconception(
    of="stream_text",
    kind="edge",
    hint="Text waits for the next space, so each word comes late and a text without spaces only at the end; hand out "
    "every complete character at once.",
)
def word_by_word(token_iter, id_to_bytes):
    data, sent = b"", 0
    for token in token_iter:
        data += id_to_bytes[token]
        text = data.decode(errors="ignore")
        end = text.rfind(" ") + 1
        if end > sent:
            yield text[sent:end]
            sent = end
    yield data.decode(errors="ignore")[sent:]


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="The text ends at id 0, because Python takes 0 for false; here 0 is the id of a token like any other.",
)
def ends_at_id_0(token_iter, id_to_bytes):
    data, text = b"", ""
    while token := next(token_iter, None):
        data += id_to_bytes[token]
        new, text = data.decode(errors="ignore")[len(text) :], data.decode(errors="ignore")
        yield new


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="The pieces come back as a list when all are there, so the reader waits for the last one; hand out each as "
    "soon as it is complete.",
)
def text_in_a_list(token_iter, id_to_bytes):
    data, pieces = b"", []
    for token in token_iter:
        data += id_to_bytes[token]
        pieces.append(data.decode(errors="ignore")[sum(map(len, pieces)) :])
    return pieces


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Bytes come out where text (str) is wanted: they still have to be decoded.",
)
def bytes_instead_of_text(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token]


@misconception(
    of="stream_text",
    kind="edge",
    hint="Complete text is held back as long as any bytes after it wait, and dropped if they never become a character; "
    "hand out what's complete and keep only the rest.",
    taught=True,
)
def held_back_and_dropped(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        try:
            text = waiting.decode("utf-8")
        except UnicodeDecodeError:
            continue
        waiting = b""
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="The bytes that have become text aren't cleared, so earlier text comes out again with every token; keep only "
    "the bytes that still wait.",
)
def earlier_text_again(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        text = waiting.decode("utf-8", errors="ignore")
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Each token is decoded by itself and incomplete bytes are dropped, so a character spread over tokens never "
    "comes, and a token without text gives nothing.",
    taught=True,
)
def token_by_token_without_the_incomplete(token_iter, id_to_bytes):
    for token in token_iter:
        text = id_to_bytes[token].decode("utf-8", errors="ignore")
        if text:
            yield text
