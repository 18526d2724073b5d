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
    kind="edge",
    hint="One id too few is kept, and with a window of 1 none: count from the end on a short example.",
)
def one_id_too_few_even_of_one(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[max(len(token_ids) - context_window + 1, 0) :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="One id too many is kept, which no longer fits into the model: count from the end on a short example.",
)
def one_id_too_many(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-(context_window + 1) :]


@misconception(
    of="crop_context",
    kind="edge",
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
    any_of={"side": ("before", "after"), "with_id": (0, -1)},
    hint="A short text is filled up to the length of the window, but what you fill in is no part of the text (and 0 is "
    "the id of a real token). A text that fits stays as it is.",
    taught=True,
)
def filled_up(token_ids, context_window, *, side, with_id):
    if context_window < 1:
        raise ValueError
    missing, kept = [with_id] * (context_window - len(token_ids)), list(token_ids[-context_window:])
    return missing + kept if side == "before" else kept + missing


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="All ids stay, however long the text is. Keep only the last ones, as many as the window holds.",
)
def everything_stays(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return list(token_ids)


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You keep what should go: the beginning, without the last ids. Keep the last ids instead.",
)
def keeps_what_should_go(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[:-context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="A single id comes back, the one where the window starts. A slice, with a colon, gives all ids from there on.",
)
def id_at_the_start_of_the_window(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-min(context_window, len(token_ids))] if len(token_ids) else token_ids


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
    hint="A window below 1 isn't refused. A slice from -0 on is everything, since -0 is 0: see the warning in part 1, "
    "and raise a ValueError.",
    taught=True,
)
def window_of_0_is_everything(token_ids, context_window):
    return token_ids[-context_window:]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="Only a window of 0 is refused. One below 0 makes no more sense, so raise a ValueError for it, too.",
)
def only_0_refused(token_ids, context_window):
    if context_window == 0:
        raise ValueError
    return token_ids[-context_window:]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="You change the caller's own list, for example by deleting its beginning. Make a new one.",
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
    hint="You change the caller's own list, as pop does (and an array has no pop). Make a new sequence.",
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
    kind="edge",
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
    hint="You change the caller's own prompt, for example by adding the new tokens to it. Make a list of your own "
    "before you lengthen anything.",
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


@misconception(
    of="generate",
    kind="edge",
    hint="You compare ids with `is`, which asks whether two objects are one and the same. Numbers from numpy, and "
    "large ones, never are: compare with ==.",
)
def compared_by_identity(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if stop_id is not None and token is stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="You crop the list of all ids and then cut the prompt's length off it, so new ids are lost. Crop a copy "
    "for the model, and keep the new ids in a list of their own.",
)
def new_ids_lost_with_the_context(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        ids = ids[-context_window:] if context_window else ids
        token = sample(next_token_logits(list(ids)))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="One token comes even if none is allowed, because the limit is only looked at after a draw. Test it "
    "before you ask the model.",
)
def one_token_in_any_case(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while True:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
        if len(ids) - len(prompt_ids) >= max_new_tokens:
            return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="One token too few is made. Count how often the loop draws when one new token is allowed.",
)
def one_token_too_few(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens - 1):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="Only the new ids are cropped, and the whole prompt goes in front of them, so the model sees more than "
    "its window. Crop the prompt and the new ids together.",
)
def window_for_new_ids_only(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits([*ids, *(new_ids[-context_window:] if context_window else new_ids)]))
        if token == stop_id:
            return new_ids, "stop"
        new_ids.append(token)
    return new_ids, "length"


@misconception(
    of="generate",
    kind="edge",
    any_of={"by": (1, -1)},
    hint="The model sees one id too many or too few of the context. With a window of 4 it should see the last 4 ids.",
)
def window_is_off_by_one(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, by
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        window = max(context_window + by, 1) if context_window else len(ids)
        token = sample(next_token_logits(ids[-window:]))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="You look for the stop token at the start of the next step, at the end of the context. By then it's "
    "among the new ids, and a prompt that ends in it stops at once: look at each token when it's drawn.",
)
def stop_seen_one_step_late(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        if ids[-1] == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    any_of={"names": (("eos", "length"), ("stop", "max_tokens"), ("eos", "max_tokens"), ("stop", "max_length"))},
    hint='The reason has another name than the docstring gives it: return "stop" or "length".',
)
def reason_in_other_words(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, names
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], names[0]
        ids.append(token)
    return ids[len(prompt_ids) :], names[1]


@misconception(
    of="generate",
    kind="misses_point",
    hint='The two reasons are swapped: "stop" is for a drawn stop token, "length" for the limit.',
)
def reasons_swapped(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "length"
        ids.append(token)
    return ids[len(prompt_ids) :], "stop"


@misconception(
    of="generate",
    kind="misses_point",
    hint="Only the new ids come back. Return a pair: the new ids, and why the text ended.",
)
def ids_without_a_reason(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
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
    of="generate",
    kind="misses_point",
    hint="The pair is the wrong way round. The new ids come first, then the reason.",
)
def reason_before_the_ids(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return "stop", ids[len(prompt_ids) :]
        ids.append(token)
    return "length", ids[len(prompt_ids) :]


@misconception(
    of="generate",
    kind="conduct",
    hint="You ask the model twice for each token. A step of a large model is expensive: ask once and keep the logits.",
)
def model_asked_twice(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        context = ids[-context_window:] if context_window else ids
        next_token_logits(context)
        token = sample(next_token_logits(context))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="conduct",
    any_of={"into": ("log_probabilities", "shifted")},
    hint="You change the logits before you hand them to the sampler. It does all that's needed itself: hand them over "
    "as they are.",
)
def logits_changed_for_the_sampler(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, into
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        logits = logits - np.max(logits)
        token = sample(logits if into == "shifted" else logits - np.log(np.sum(np.exp(logits))))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The reason is the stop token even where the limit ended the text, so the caller can't tell that the answer "
    "was cut off.",
)
def reason_always_stop(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            break
        ids.append(token)
    return ids[len(prompt_ids) :], "stop"


@misconception(
    of="generate",
    kind="edge",
    hint="The reason depends on whether there is a stop token at all. What counts is whether it was drawn.",
)
def reason_by_the_setting(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            break
        ids.append(token)
    return ids[len(prompt_ids) :], "length" if stop_id is None else "stop"


@misconception(
    of="generate",
    kind="edge",
    hint="You look for the stop token at the start of the next step, and after the last one there is none: a stop "
    "token drawn there is kept, and the reason is wrong. Look at each token when it's drawn.",
)
def last_token_not_looked_at(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        if len(ids) > len(prompt_ids) and ids[-1] == stop_id:
            return ids[len(prompt_ids) : -1], "stop"
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="Only one token is made, as when `return` is inside the loop. Check its indentation.",
)
def returns_in_the_loop(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return [], "stop"
        return [token], "length"
    return [], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="From the second step on, the model is shown the new ids without the prompt. It has to see both, the prompt "
    "first.",
)
def only_new_ids_shown(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        context = new_ids or ids
        token = sample(next_token_logits(context[-context_window:] if context_window else context))
        if token == stop_id:
            return new_ids, "stop"
        new_ids = [*new_ids, token]
    return new_ids, "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The prompt is in the context twice: you put it in front of a list that begins with it already.",
)
def prompt_shown_twice(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        context = [*prompt_ids, *ids]
        token = sample(next_token_logits(context[-context_window:] if context_window else context))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="Each new token joins the context twice, so the model reads it doubled. Append it once.",
)
def each_token_joins_twice(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return new_ids, "stop"
        ids += [token, token]
        new_ids.append(token)
    return new_ids, "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="New ids are drawn, but none come back: either you never collect them, or your list is the caller's prompt "
    "under another name, and nothing comes after that. Keep the new ids in a list of their own.",
)
def nothing_new_beside_the_prompt(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = prompt_ids if isinstance(prompt_ids, list) else list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


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
    any_of={"with_prompt": (False, True)},
    hint="Each piece holds all ids so far. The reader has the earlier ones already, so hand out only the new one.",
)
def growing_lists(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, with_prompt
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        ids.append(token)
        yield list(ids) if with_prompt else ids[len(prompt_ids) :]


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
    hint="The first token never comes out: it joins the context, but nobody hands it over.",
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


@misconception(
    of="stream_tokens",
    kind="edge",
    any_of={"anywhere": (False, True)},
    hint="A stop token in the prompt ends the stream: look for it in what was drawn, not in the context. A chat's "
    "earlier answers all end in one.",
)
def stop_token_in_the_context_ends_it(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, anywhere
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        context = ids[-context_window:] if context_window else ids
        if stop_id is not None and stop_id in (ids if anywhere else context):
            return
        token = sample(next_token_logits(context))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="You compare ids with `is`, which asks whether two objects are one and the same. Numbers from numpy, and "
    "large ones, never are: compare with ==.",
)
def ended_by_identity(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if stop_id is not None and token is stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    any_of={"by": (1, -1)},
    hint="One token too many is streamed, or one too few. Count how many come when one is allowed.",
)
def length_is_off_by_one(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, by
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens + by):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    any_of={"by": (1, -1)},
    hint="The model sees one id too many or too few of the context. With a window of 4 it should see the last 4 ids.",
)
def window_off_by_one_in_the_stream(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, by
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-(max(context_window + by, 1) if context_window else len(ids)) :]))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="You crop the prompt once, before the loop, so the context grows beyond the window with the new ids. "
    "Crop it before every question to the model.",
)
def context_cropped_once(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    ids = ids[-context_window:] if context_window else ids
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return
        yield token
        ids = [*ids, token]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You take the likeliest token, whatever the sampler draws. Choosing is the sampler's business.",
)
def the_likeliest_streamed(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        sample(logits)
        token = int(np.argmax(logits))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The sampler is given probabilities, and takes them for logits, so all tokens become nearly equally likely. "
    "Hand over the logits as they are.",
)
def probabilities_for_the_streams_sampler(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        weights = np.exp(logits - np.max(logits))
        token = sample(weights / weights.sum())
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="The window keeps the beginning of the context, so new tokens are never seen. It has to keep the end.",
)
def beginning_of_the_context_in_the_stream(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[:context_window] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="conduct",
    taught=True,
    hint="The caller's own prompt changes while the stream is read, as when new tokens are appended to it. Begin with "
    "a list of your own, list(prompt_ids).",
)
def lengthens_the_prompt_while_it_is_read(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = prompt_ids if isinstance(prompt_ids, list) else list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="A single token comes back, because return ends the function. yield hands over a token, and goes on when the "
    "next one is asked for.",
)
def the_first_token_by_itself(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
    return None if token == stop_id else token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You return a finished list with a reason, as in part 2. A stream hands out each token as soon as it is "
    "drawn.",
)
def what_generate_returns(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="Each piece is a list with one id in it. Hand out the id itself.",
)
def each_id_in_a_list(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        ids.append(token)
        yield [token]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The stream ends after its first token, as when `return` is inside the loop or there's no loop at all.",
)
def ends_after_one_token(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    if max_new_tokens:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token != stop_id:
            yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The model is asked once, and all tokens are drawn from the same logits. After each token it has to be asked "
    "again, about the longer context.",
)
def the_same_logits_for_all(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    logits = next_token_logits(ids[-context_window:] if context_window else ids)
    for _ in range(max_new_tokens):
        token = sample(logits)
        if token == stop_id:
            return
        yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="Each step draws twice, once to look for the stop token and once more for the token that comes out. Draw "
    "once and use that draw for both.",
)
def drawn_again_for_the_reader(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        if sample(logits) == stop_id:
            return
        ids.append(sample(logits))
        yield ids[-1]


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="The prompt counts towards the limit, so a long prompt leaves room for few new tokens or none. The limit is "
    "about new tokens only.",
)
def prompt_counts_in_the_stream(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while len(ids) < max_new_tokens:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="From the second step on, the model is shown the new ids without the prompt. It has to see both, the prompt "
    "first.",
)
def prompt_forgotten(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        context = new_ids or ids
        token = sample(next_token_logits(context[-context_window:] if context_window else context))
        if token == stop_id:
            return
        yield token
        new_ids = [*new_ids, token]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="New tokens are put before the context, so that the model reads the text in the wrong order. They belong at "
    "its end.",
)
def newest_first_in_the_stream(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.insert(0, token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="One token comes even if none is allowed, because the limit is only looked at after a draw. Test it before "
    "you ask the model.",
)
def a_token_in_any_case(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while True:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)
        if len(ids) - len(prompt_ids) >= max_new_tokens:
            return


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="Only the new ids are cropped, and the whole prompt goes in front of them, so the model sees more than its "
    "window. Crop the prompt and the new ids together.",
)
def only_new_ids_cropped(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits([*ids, *(new_ids[-context_window:] if context_window else new_ids)]))
        if token == stop_id:
            return
        yield token
        new_ids.append(token)


@misconception(
    of="stream_tokens",
    kind="conduct",
    hint="You ask the model twice for each token. A step of a large model is expensive: ask once and keep the logits.",
)
def asked_twice_for_each_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        context = ids[-context_window:] if context_window else ids
        next_token_logits(context)
        token = sample(next_token_logits(context))
        if token == stop_id:
            return
        yield token
        ids.append(token)


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
    any_of={"side": ("both", "before", "after")},
    hint="Spaces at the ends of tokens are taken away, so words run together; spaces belong to the text.",
)
def spaces_taken_away(token_iter, id_to_bytes, *, side):
    data, text = b"", ""
    for token in token_iter:
        token = id_to_bytes[token]
        data += {"both": token.strip(), "before": token.lstrip(), "after": token.rstrip()}[side]
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
    hint="Complete text is held back as long as any bytes after it wait, and dropped if they never become a "
    "character; hand out what's complete and keep only the rest.",
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


@misconception(
    of="stream_text",
    kind="edge",
    hint="You take a token without bytes for the end of the text, and drop all that follows. Just go on to the next "
    "token.",
)
def ends_at_a_token_without_bytes(token_iter, id_to_bytes):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if not id_to_bytes[token]:
            break
        if text := decoder.decode(id_to_bytes[token]):
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"most": (3, 2)},
    hint="You allow for characters of two or three bytes only. In UTF-8 a character has up to four, as an emoji does, "
    "so it's cut apart.",
)
def no_characters_of_four_bytes(token_iter, id_to_bytes, *, most):
    waiting = b""
    for token in token_iter:
        waiting, text = waiting + id_to_bytes[token], ""
        while waiting:
            size = min(1 if waiting[0] < 0xC0 else 2 if waiting[0] < 0xE0 else 3, most)
            if len(waiting) < size:
                break
            text, waiting = text + waiting[:size].decode("utf-8", errors="replace"), waiting[size:]
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"size": (3, 2)},
    hint="You take all characters beyond ASCII to have the same number of bytes. Their first byte says how many they "
    "have: two, three or four.",
)
def one_size_for_all_but_ascii(token_iter, id_to_bytes, *, size):
    waiting = b""
    for token in token_iter:
        waiting, text = waiting + id_to_bytes[token], ""
        while waiting:
            length = 1 if waiting[0] < 0x80 else size
            if len(waiting) < length:
                break
            text, waiting = text + waiting[:length].decode("utf-8", errors="replace"), waiting[length:]
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="edge",
    hint="You take all characters beyond ASCII to have four bytes, as the cat does. Their first byte says how many "
    "they have: two, three or four.",
)
def four_bytes_for_all_but_ascii(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting, text = waiting + id_to_bytes[token], ""
        while waiting:
            length = 1 if waiting[0] < 0x80 else 4
            if len(waiting) < length:
                break
            text, waiting = text + waiting[:length].decode("utf-8", errors="replace"), waiting[length:]
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="str(...) of bytes writes down how Python shows them, with b and quotes. Decode them to get their text.",
)
def how_python_shows_the_bytes(token_iter, id_to_bytes):
    for token in token_iter:
        yield str(id_to_bytes[token])


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You hold back one piece of text until the next one comes, and the last piece never does. Hand out what's "
    "left when the tokens are over.",
)
def last_piece_never_comes(token_iter, id_to_bytes):
    import codecs

    decoder, held = codecs.getincrementaldecoder("utf-8")("replace"), ""
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            if held:
                yield held
            held = text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="All tokens are read before the first piece comes out, so the reader waits for the last one. Take a token, "
    "hand out its text, and only then take the next.",
)
def reads_all_tokens_first(token_iter, id_to_bytes):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in list(token_iter):
        if text := decoder.decode(id_to_bytes[token]):
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="A newline is put after each token. All that belongs to the text is in the tokens already: hand out the "
    "pieces as they are.",
)
def newline_after_each_token(token_iter, id_to_bytes):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            yield text + "\n"
