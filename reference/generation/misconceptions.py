"""Wrong answers to the `generation` lab's stubs: a catalog to search by name, not to read in one sitting."""

import codecs

import numpy as np

from autograder.testing import misconception

# --- crop_context ---


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You keep the beginning of the text, but the end matters most for predicting the next token.",
    taught=True,
)
def first_ids(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[:context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You keep one id too few (and with a window of 1, you keep all of them). Work through a short example, "
    "counting from the end.",
)
def one_id_too_few(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-(context_window - 1) :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You keep one id too few, and none with a window of 1. Work through a short example, counting from the end.",
)
def one_id_too_few_even_of_one(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[max(len(token_ids) - context_window + 1, 0) :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You keep one id more than the model has room for. Work through a short example, counting from the end.",
)
def one_id_too_many(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-(context_window + 1) :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You leave out the newest id, the one right before the next token. A slice doesn't include its end, so one "
    "that ends at the last position leaves out the last id.",
)
def newest_id_left_out(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window - 1 : -1]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You use the window as the number of ids to drop. It's the number of ids to keep.",
)
def cuts_off_as_many(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[context_window:]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You cut text even when it's short enough to fit, maybe because you compute the start as length minus window. "
    "For short text, that start is negative, and Python counts negative positions from the end.",
    taught=True,
)
def start_below_0(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[len(token_ids) - context_window :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You return no ids if the text is shorter than the window. Text that fits should stay as it is.",
)
def nothing_of_a_short_text(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window:] if len(token_ids) >= context_window else token_ids[:0]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You return no ids unless the text is longer than the window. Text that fits should stay as it is, even if it "
    "just barely fits.",
)
def nothing_unless_it_is_longer(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window:] if len(token_ids) > context_window else token_ids[:0]


@misconception(
    of="crop_context",
    kind="edge",
    any_of={"side": ("before", "after"), "with_id": (0, -1)},
    hint="If the text is short, you pad it to the length of the window, but the padding isn't part of the text (and 0 "
    "is the id of a real token). Text that fits should stay as it is.",
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
    hint="You keep all the ids, no matter how long the text is. Keep only the last context_window ids.",
)
def everything_stays(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return list(token_ids)


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You keep everything except the last context_window ids. Do the opposite: keep those and drop the rest.",
)
def keeps_what_should_go(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[:-context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You return a single id, the one where the window starts. A slice (with a colon) gives you that id and all "
    "the ids after it.",
)
def id_at_the_start_of_the_window(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-min(context_window, len(token_ids))] if len(token_ids) else token_ids


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You return the right ids, but newest first. The model reads them in the order they appear in the text.",
)
def newest_first(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[::-1][:context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="You empty the window when it's full and start over, so right after that the model sees almost nothing. Move "
    "the window along by one id at a time.",
)
def begins_anew_when_full(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[max(len(token_ids) - 1, 0) // context_window * context_window :]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="You accept a window below 1. A slice that starts at -0 contains everything, because -0 is 0. See the warning "
    "in part 1, and raise a ValueError.",
    taught=True,
)
def window_of_0_is_everything(token_ids, context_window):
    return token_ids[-context_window:]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="You only reject a window of 0. A negative window makes no sense either, so raise a ValueError for it, too.",
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
    hint="You change the caller's own list, as pop does. (If the caller passes an array, pop fails, because arrays "
    "have no pop method.) Make a new sequence.",
    taught=True,
)
def takes_from_the_callers_list(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    while len(token_ids) > context_window:
        token_ids.pop(0)
    return token_ids


@misconception(
    of="crop_context",
    kind="conduct",
    hint="For a window below 1, you return no ids. A window that holds no tokens is useless, so raise a ValueError.",
)
def window_below_1_gives_nothing(token_ids, context_window):
    return token_ids[max(len(token_ids) - context_window, 0) :] if context_window > 0 else token_ids[:0]


@misconception(
    of="crop_context",
    kind="conduct",
    hint="You turn a window below 1 into a window of 1. That hides the caller's mistake, so raise a ValueError.",
)
def window_below_1_becomes_1(token_ids, context_window):
    return token_ids[-max(context_window, 1) :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You always drop the oldest id, even if the text fits. Text that fits should stay as it is.",
)
def oldest_always_dropped(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[max(len(token_ids) - context_window, 1) :]


@misconception(
    of="crop_context",
    kind="edge",
    hint="You leave out the newest id, the one right before the next token. A slice doesn't include its end, so one "
    "that ends at position -1 leaves out the last id.",
)
def one_id_fewer_without_the_newest(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window:-1]


@misconception(
    of="crop_context",
    kind="misses_point",
    exempt="The mistake only shows up in texts where an id occurs twice.",
    hint="You keep each id only once, as a set or np.unique does. If an id occurs twice in the text, keep both.",
)
def each_id_once(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return list(dict.fromkeys(list(token_ids)[-context_window:]))


@misconception(
    of="crop_context",
    kind="edge",
    hint="You compare the length with the wrong number, so text that's too long isn't always cut. Cut any text that's "
    "longer than the window.",
)
def only_if_it_is_longer_than_twice(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[-context_window:] if len(token_ids) > context_window + 1 else token_ids


@misconception(
    of="crop_context",
    kind="misses_point",
    hint="If the text is too long, you drop only one id, so it may still be too long. Keep only the last "
    "context_window ids.",
)
def one_id_dropped_at_most(token_ids, context_window):
    if context_window < 1:
        raise ValueError
    return token_ids[1:] if len(token_ids) > context_window else token_ids


@misconception(
    of="crop_context",
    kind="misses_point",
    any_of={"one_too_many": (False, True), "window_of_1": ("first", "all")},
    hint="If the text is too long, you keep its very first id as well as the last ones. Keep only the last "
    "context_window ids.",
)
def first_id_always_stays(token_ids, context_window, *, one_too_many, window_of_1):
    if context_window < 1:
        raise ValueError
    ids = [*token_ids]
    if len(ids) <= context_window:
        return ids
    rest = ids[-(context_window - 1 + one_too_many) :]
    return ids[:1] + ([] if context_window + one_too_many == 1 and window_of_1 == "first" else rest)


@misconception(
    of="crop_context",
    kind="misses_point",
    any_of={"larger_half": ("end", "start")},
    hint="You keep ids from both ends of the text and leave out the middle. Keep only the last context_window ids.",
)
def half_from_each_end(token_ids, context_window, *, larger_half):
    if context_window < 1:
        raise ValueError
    ids, first = [*token_ids], (context_window + (larger_half == "start")) // 2
    return ids if len(ids) <= context_window else ids[:first] + ids[len(ids) - (context_window - first) :]


@misconception(
    of="crop_context",
    kind="misses_point",
    any_of={"rounded": ("down", "up")},
    hint="You keep the middle of the text, but the end matters most for predicting the next token.",
)
def middle_of_the_text(token_ids, context_window, *, rounded):
    if context_window < 1:
        raise ValueError
    start = max(len(token_ids) - context_window + (rounded == "up"), 0) // 2
    return token_ids[start : start + context_window]


@misconception(
    of="crop_context",
    kind="misses_point",
    any_of={"sorted_first": (True, False)},
    hint="You sort the ids. Keep the ids in the order they appear in the text.",
)
def sorted_ids(token_ids, context_window, *, sorted_first):
    if context_window < 1:
        raise ValueError
    return sorted(token_ids)[-context_window:] if sorted_first else sorted(token_ids[-context_window:])


# --- generate ---


@misconception(
    of="generate",
    kind="edge",
    hint="You generate one token too many. Count how many times your loop draws when one new token is allowed.",
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
    hint="You count the prompt toward the limit, so a long prompt leaves little or no room for new tokens. Only new "
    "tokens count.",
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
    hint="Drawing the stop token doesn't end your text: you keep it like any other token and carry on until you reach "
    "the limit.",
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
    hint="Your new ids include the stop token. It marks the end of the text, but isn't itself part of the text.",
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
    any_of={"at_the_end": (False, True)},
    hint="A stop token in the prompt ends your text. Look for it among the tokens you draw, not in the whole context: "
    "in a chat, every earlier answer ends with a stop token.",
    taught=True,
)
def prompt_can_stop_it(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, at_the_end
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if stop_id in [*(ids[-1:] if at_the_end else ids), token]:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="A stop token with id 0 doesn't end your text, maybe because Python treats 0 as false in a condition. Only "
    'None means "no stop token".',
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
    hint="You keep generating after the stop token and then throw away what follows it, so the extra work is wasted. "
    "Stop when you draw the stop token.",
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
    hint="At every step, you show the model only the prompt. Add each new token to the context before you call the "
    "model again.",
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
    hint="You call the model once and draw all the tokens from the same logits. Call it again after each token, with "
    "the longer context.",
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
    hint="You show the model only the newest token, so it can't see anything that came before. Show it the whole "
    "context, or as much as the window allows.",
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
    hint="You don't use the context window, so you show the model more than it's built for. At every step, show it "
    "only the most recent ids that fit.",
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
    hint="Your window keeps the beginning of the context, so once it's full, the model stops seeing new tokens. Keep "
    "the end.",
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
    hint="You crop the prompt once, before the loop, so the context outgrows the window as you add new ids. Crop at "
    "every step.",
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
    hint="You put new tokens in front of the context, so the model reads the text in the wrong order. Add them at the "
    "end.",
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
    hint="You take the most likely token, no matter what the sampler draws. Choosing the token is the sampler's job, "
    "at any temperature.",
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
    hint="You give the sampler probabilities, which it treats as logits, so all tokens become almost equally likely. "
    "The sampler applies softmax itself.",
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
    hint="You draw twice in each step: once to look for the stop token and once for the token you keep. Draw once and "
    "use that token for both.",
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
    hint="You return the prompt along with the new ids. The caller already has the prompt, so return only what's new.",
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
    hint='You end the text at the stop token, but you return "length" as the reason. The caller has to be able to tell '
    "a finished answer from one that was cut off.",
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
    hint="You accept an empty prompt, even though it gives the model nothing to continue. Raise a ValueError before "
    "you do anything else.",
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
    hint="You change the caller's own prompt, for example by adding the new tokens to it. Copy the prompt into a "
    "new list before you append anything.",
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
    hint='If you draw the stop token on the very last step, you return "length" as the reason. The answer is finished, '
    'so the reason should be "stop".',
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
    hint="You append each new token to the caller's own prompt. (If the prompt is an array, append fails, because "
    "arrays have no append method.) Copy the prompt into a new list before you append anything.",
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
    hint="You compare ids with `is`, which checks whether they're the very same object. Equal ids often aren't the "
    "same object, especially if they're large or come from numpy. Compare with ==.",
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
    hint="You crop the list of all ids and then drop as many ids as the prompt has, so you lose new ids. Crop a copy "
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
    hint="You generate one token even if none are allowed. Check the limit before you call the model, not only after a "
    "draw.",
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
    hint="After you reach the limit, you draw one more token that you don't keep. Check the limit before you draw.",
)
def limit_checked_after_a_draw(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while True:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        if len(ids) >= len(prompt_ids) + max_new_tokens:
            return ids[len(prompt_ids) :], "length"
        ids.append(token)


@misconception(
    of="generate",
    kind="edge",
    any_of={"reason": ("stop", "length"), "least": (0, 1)},
    hint="If the prompt ends with the stop token, you generate no new ids. A stop token ends the text only if you "
    "draw it.",
    taught=True,
)
def prompt_that_ends_with_the_stop_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, reason, least
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    if max_new_tokens >= least and ids[-1] == stop_id:
        return [], reason
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="If context_window is None, you show the model only the last len(prompt_ids) ids. None means there's no "
    "limit, so show the model the prompt and all the new ids.",
)
def window_of_the_prompts_length(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-(context_window or len(prompt_ids)) :]))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint='If no new tokens are allowed, you return "stop" as the reason. Nothing was drawn, so the reason is "length".',
)
def stop_if_none_is_allowed(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length" if max_new_tokens else "stop"


@misconception(
    of="generate",
    kind="edge",
    hint="Your window drops the newest ids (as [:-n] does) instead of keeping them. Show the model the newest ids.",
)
def window_leaves_out_the_last_ids(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[:-context_window] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    any_of={"reason": ("length", "stop")},
    hint="Your text ends as soon as the prompt and new ids fill the window. The text should continue, with the model "
    "seeing only the most recent ids that fit.",
)
def ends_when_the_window_is_full(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, reason
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        if context_window and len(ids) >= context_window:
            return ids[len(prompt_ids) :], reason
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="Without a stop token, id 0 ends your text. If stop_id is None, no id ends the text, not even 0.",
)
def id_0_stops_by_default(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == (stop_id or 0):
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="You crop the list of all ids and then use its length to count tokens. Cropping makes the list shorter, so "
    "you draw too many tokens or return too few. Crop a copy for the model.",
)
def length_counted_after_cropping(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while len(ids) - len(prompt_ids) < max_new_tokens:
        ids = ids[-context_window:] if context_window else ids
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="edge",
    hint="You generate one token too few. Count how many times your loop draws when one new token is allowed.",
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
    hint="You crop only the new ids and put the whole prompt in front of them, so the model sees more than fits in its "
    "window. Crop the prompt and the new ids together.",
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
    hint="You show the model one id too many or too few. If the window is 4, the model should see the last 4 ids.",
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
    hint="You look for the stop token one step too late: you check the last id of the context when the next step "
    "starts. By then, the stop token is already among the new ids. Also, if the prompt ends with a stop token, your "
    "text ends right away. Check each token when you draw it.",
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
    any_of={
        "names": (
            ("eos", "length"),
            ("stop", "max_tokens"),
            ("eos", "max_tokens"),
            ("stop", "max_length"),
            ("stop", "limit"),
            ("stop", "max_new_tokens"),
            ("stop_token", "length"),
            ("Stop", "Length"),
            ("STOP", "LENGTH"),
            ("stop", None),
            ("stop", ""),
            (True, False),
        )
    },
    hint='You return a finish reason other than the two in the docstring. Return "stop" or "length".',
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
    hint='You swap the two reasons. Return "stop" if the stop token was drawn, and "length" if you reached the limit.',
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
    hint="You return only the new ids. Return a pair: the new ids and the reason why the text ended.",
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
    hint="The pair you return is in the wrong order. The new ids come first, then the reason.",
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
    hint="You call the model twice for each token. Each call to a large model is expensive, so call it once per "
    "token and keep the logits.",
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
    hint="You change the logits before you hand them to the sampler. Pass the sampler the model's logits unchanged.",
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
    hint='You return "stop" as the reason even when you reach the limit without drawing the stop token, so the caller '
    "can't tell that the answer was cut off.",
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
    hint="The finish reason you return depends on whether stop_id is None. It should depend on whether the stop token "
    "was drawn.",
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
    hint="You never check whether the last token allowed is the stop token. If it is, you keep it and return the wrong "
    "reason. Check each token right after you draw it, before you check the limit.",
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
    hint="You generate only one token. Is your `return` inside the loop? Check its indentation.",
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
    hint="From the second step on, you show the model the new ids without the prompt. It has to see both, with the "
    "prompt first.",
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
    any_of={"cropped": ("both", "one")},
    hint="The prompt is in the context twice, maybe because you put it in front of a list that already begins with it.",
)
def prompt_shown_twice(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, cropped
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        window = context_window or 10**6
        context = [*prompt_ids, *ids][-window:] if cropped == "both" else [*prompt_ids, *ids[-window:]]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="You append each new token to the context twice, so the model sees every one of them twice. Append it once.",
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
    hint="You draw new ids but return none. Either you never collect them, or your list is the same object as the "
    "caller's prompt, so nothing is left when you slice off the prompt. Keep the new ids in a list of their own.",
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


@misconception(
    of="generate",
    kind="edge",
    any_of={"when": ("before", "after")},
    hint="When the context is too long, you drop only one id per step, so a prompt that's several ids longer than the "
    "window never fits. Show the model only the last context_window ids.",
)
def drops_one_id_a_step(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, when
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    context, new_ids = list(ids), []
    for _ in range(max_new_tokens):
        if when == "before" and context_window and len(context) > context_window:
            context = context[1:]
        token = sample(next_token_logits(list(context)))
        if token == stop_id:
            return new_ids, "stop"
        new_ids.append(token)
        context.append(token)
        if when == "after" and context_window and len(context) > context_window:
            context = context[1:]
    return new_ids, "length"


@misconception(
    of="generate",
    kind="misses_point",
    any_of={"tested": ("first", "second")},
    hint="You draw twice in a step: you compare one draw with the stop token, but keep the other. Draw once and use "
    "that token for both.",
)
def drawn_again_to_be_kept(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, tested
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        first = sample(logits)
        second = sample(logits) if stop_id is not None else first
        if (first if tested == "first" else second) == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(second if tested == "first" else first)
    return ids[len(prompt_ids) :], "length"


@misconception(
    of="generate",
    kind="misses_point",
    any_of={"joins_told": ((False, False), (True, False), (True, True))},
    hint="You leave the stop token out, but you keep generating after it. Once you draw the stop token, the text is "
    "finished.",
)
def skips_the_stop_token_and_goes_on(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, joins_told
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids, reason, (joins, told) = [], "length", joins_told
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            reason = "stop"
        else:
            new_ids.append(token)
        if token != stop_id or joins:
            ids.append(token)
    return new_ids, reason if told else "length"


@misconception(
    of="generate",
    kind="edge",
    hint="You leave the stop token out, but you keep generating after it. Once you draw the stop token, the text is "
    "finished.",
)
def goes_on_after_the_stop_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids, reason = [], "length"
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            reason = "stop"
        else:
            new_ids.append(token)
            ids.append(token)
    return new_ids, reason


@misconception(
    of="generate",
    kind="conduct",
    any_of={"reason": ("length", "stop")},
    hint="For an empty prompt, you return no ids. Raise a ValueError so the caller notices the mistake.",
)
def empty_prompt_gives_no_ids(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, reason
):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens if ids else 0):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return ids[len(prompt_ids) :], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length" if ids else reason


@misconception(
    of="generate",
    kind="conduct",
    hint="If max_new_tokens is 0, you accept an empty prompt. Check the prompt first, no matter what "
    "max_new_tokens is.",
)
def nothing_asked_nothing_checked(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    if max_new_tokens == 0:
        return [], "length"
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
    of="generate",
    kind="edge",
    any_of={"compared": ("context", "prompt", "new")},
    hint="Your condition for cropping is wrong. It lets the context be one id too long, or it looks only at the length "
    "of the prompt or of the new ids. At every step, show the model only the last context_window ids.",
)
def cropped_with_a_wrong_condition(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, compared
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        context = [*ids, *new_ids]
        length = {"context": len(context) - 1, "prompt": len(ids), "new": len(new_ids)}[compared]
        if context_window and length > context_window:
            context = context[-context_window:]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return new_ids, "stop"
        new_ids.append(token)
    return new_ids, "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="The new ids come before the prompt in the context. They continue the prompt, so put them after it.",
)
def new_ids_before_the_prompt(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        context = [*new_ids, *ids]
        token = sample(next_token_logits(context[-context_window:] if context_window else context))
        if token == stop_id:
            return new_ids, "stop"
        new_ids.append(token)
    return new_ids, "length"


@misconception(
    of="generate",
    kind="misses_point",
    hint="You lose the last of the new ids, for example with a slice that ends one position too early.",
)
def last_id_lost(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    reason = "length"
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            reason = "stop"
            break
        ids.append(token)
    new_ids = ids[len(prompt_ids) :]
    return new_ids[:-1], reason


@misconception(
    of="generate",
    kind="misses_point",
    hint="You lose the first of the new ids, for example with a slice that starts one position too late.",
)
def first_id_lost(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    reason = "length"
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            reason = "stop"
            break
        ids.append(token)
    new_ids = ids[len(prompt_ids) :]
    return new_ids[1:], reason


@misconception(
    of="generate",
    kind="misses_point",
    hint="You return the new ids newest first. Return them in the order they were drawn.",
)
def new_ids_newest_first(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    reason = "length"
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            reason = "stop"
            break
        ids.append(token)
    return ids[len(prompt_ids) :][::-1], reason


@misconception(
    of="generate",
    kind="misses_point",
    hint="Each new token replaces the context instead of being added to it, so from the second step on, the model sees "
    "only the newest token.",
)
def context_replaced_by_the_new_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return new_ids, "stop"
        new_ids.append(token)
        ids = [token]
    return new_ids, "length"


@misconception(
    of="generate",
    kind="edge",
    hint="When the stop token is drawn, you return no ids. Return the ids drawn before it.",
)
def nothing_left_when_stopped(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return [], "stop"
        ids.append(token)
    return ids[len(prompt_ids) :], "length"


# --- stream_tokens ---


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You collect all the tokens and return them at once as a list, so the reader has to wait for the last one. "
    "Yield each token as soon as you draw it.",
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
    hint="You generate all the tokens before you yield the first one. It looks like a stream, but the reader waits "
    "just as long as if you returned the whole text at once.",
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
    hint="You hold each token back until you've drawn the next one. Yield each token first, and draw the next one only "
    "when the caller asks for it.",
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
    hint="You yield the stop token. It marks the end of the text, but isn't itself part of the text.",
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
    hint="Drawing the stop token doesn't end your stream: you yield it like any other token and carry on until you "
    "reach the limit.",
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
    hint="A stop token with id 0 doesn't end your stream, maybe because Python treats 0 as false in a condition. Only "
    'None means "no stop token".',
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
    hint="Each time, you yield a list of all the ids so far. The reader already has the earlier ones, so yield only "
    "the new one.",
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
    hint="Your stream starts with the prompt's ids. The caller already has the prompt, so yield only what's new.",
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
    hint="You add the first token to the context, but you never yield it.",
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
    hint="You draw every token from the logits that follow the prompt, so the model never sees the new tokens. Add "
    "each token you yield to the context before you call the model again.",
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
    hint="You show the model only the newest token, so it can't see anything that came before. Show it the whole "
    "context, or as much as the window allows.",
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
    hint="You don't use the context window, so you show the model more than it's built for. At every step, show it "
    "only the most recent ids that fit.",
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
    hint="You accept an empty prompt, even though it gives the model nothing to continue. Raise a ValueError before "
    "you do anything else.",
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
    kind="conduct",
    hint="If max_new_tokens is 0, you accept an empty prompt, maybe because you check the prompt inside the loop. "
    "Check the prompt first, no matter what max_new_tokens is.",
)
def empty_prompt_accepted_if_no_token_is(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        if not ids:
            raise ValueError
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You don't yield the stop token, but you keep generating after it. Once you draw the stop token, the stream "
    "is over.",
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
    hint="Only the stop token ends your stream, so it can run past its limit. Draw at most max_new_tokens ids.",
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
    hint="Each new token replaces the context instead of being added to it, so from the second step on, the model sees "
    "only the newest token.",
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
    any_of={"where": ("context", "anywhere", "end")},
    hint="A stop token in the prompt ends your stream. Look for it among the tokens you draw, not in the context: in a "
    "chat, every earlier answer ends with a stop token.",
)
def stop_token_in_the_context_ends_it(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, where
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        context = ids[-context_window:] if context_window else ids
        if stop_id is not None and stop_id in {"context": context, "anywhere": ids, "end": ids[-1:]}[where]:
            return
        token = sample(next_token_logits(context))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="You compare ids with `is`, which checks whether they're the very same object. Equal ids often aren't the "
    "same object, especially if they're large or come from numpy. Compare with ==.",
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
    hint="You yield one token too many or too few. Count how many tokens you get when one is allowed.",
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
    hint="You show the model one id too many or too few. If the window is 4, the model should see the last 4 ids.",
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
    hint="You crop the prompt once, before the loop, so the context outgrows the window as you add new ids. Crop the "
    "context each time before you call the model.",
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
    kind="edge",
    hint="You drop the oldest id at every step, even if the window isn't full yet, so the model never sees more ids "
    "than at the start. Show it the last context_window ids.",
)
def window_moves_before_it_is_full(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    ids = ids[-context_window:] if context_window else ids
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return
        yield token
        ids = [*ids, token][1 if context_window else 0 :]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You take the most likely token, no matter what the sampler draws. Choosing the token is the sampler's job.",
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
    hint="You give the sampler probabilities, which it treats as logits, so all tokens become almost equally likely. "
    "Pass it the logits unchanged.",
    exempt="In a check that draws only a few tokens, the ids may happen to be right.",
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
    hint="Your window keeps the beginning of the context, so once it's full, the model stops seeing new tokens. Keep "
    "the end.",
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
    hint="The caller's own prompt changes while the stream is read, maybe because you append new tokens to it. "
    "Copy the prompt into a new list first: list(prompt_ids).",
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
    hint="You return a single token, because return ends the function. If you yield a token instead, your function "
    "continues when the caller asks for the next one.",
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
    hint="You return a finished list with a reason, as in part 2. A stream yields each token as soon as it's drawn.",
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
    hint="You yield each id in a list of its own. Yield the id itself.",
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
    hint="The stream ends after its first token. Is your `return` inside the loop, or is there no loop at all?",
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
    hint="All tokens are drawn from the same logits, those that follow the prompt. Call the model again after each "
    "token, with the longer context.",
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
    hint="You draw twice in each step: once to look for the stop token and once for the token you yield. Draw once and "
    "use that token for both.",
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
    hint="You count the prompt toward the limit, so a long prompt leaves little or no room for new tokens. The limit "
    "applies only to new tokens.",
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
    hint="From the second step on, you show the model the new ids without the prompt. It has to see both, with the "
    "prompt first.",
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
    hint="You put new tokens in front of the context, so the model reads the text in the wrong order. Add them at the "
    "end.",
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
    hint="You yield one token even if none are allowed. Check the limit before you call the model, not only after a "
    "draw.",
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
    hint="After you reach the limit, you draw one more token that you don't yield. Check the limit before you draw.",
)
def drawn_past_the_limit(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    while True:
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id or len(ids) >= len(prompt_ids) + max_new_tokens:
            return
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="If context_window is None, you show the model only the last len(prompt_ids) ids. None means there's no "
    "limit, so show the model the prompt and all the new ids.",
)
def stream_window_of_the_prompts_length(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-(context_window or len(prompt_ids)) :]))
        if token == stop_id:
            return
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="Your stream ends as soon as the prompt and new ids fill the window. The text should continue, with the model "
    "seeing only the most recent ids that fit.",
)
def stream_ends_when_the_window_is_full(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        if context_window and len(ids) >= context_window:
            return
        token = sample(next_token_logits(ids))
        if token == stop_id:
            return
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You yield each token twice. Yield it once, after you draw it.",
)
def each_token_comes_out_twice(
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
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="When you alternate between two streams, they share their ids, maybe because they use a global list. "
    "Keep each stream's ids in a variable inside the function.",
)
def streams_share_their_ids(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError
    globals()["shared_ids"] = list(prompt_ids)
    for _ in range(max_new_tokens):
        ids = globals()["shared_ids"]
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="Without a stop token, id 0 ends your stream. If stop_id is None, no id ends the stream, not even 0.",
)
def id_0_ends_it_by_default(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == (stop_id or 0):
            return
        ids.append(token)
        yield token


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="Only the new ids are cropped, and the whole prompt goes in front of them, so the model sees more than fits "
    "in its window. Crop the prompt and the new ids together.",
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
    hint="You call the model twice for each token. Each call to a large model is expensive, so call it once per "
    "token and keep the logits.",
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


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="For each token, you generate the whole text again from the prompt, with new draws. As a result, the tokens "
    "you yield come from different texts, and the work grows with every token. Keep the context from step to step, and "
    "draw only one token for each one you yield.",
)
def generates_again_for_each_token(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for length in range(1, max_new_tokens + 1):
        ids = list(prompt_ids)
        for _ in range(length):
            token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
            if token == stop_id:
                return
            ids.append(token)
        yield ids[-1]


@misconception(
    of="stream_tokens",
    kind="edge",
    any_of={"when": ("before", "after")},
    hint="When the context is too long, you drop only one id per step, so a prompt that's several ids longer than the "
    "window never fits. Show the model only the last context_window ids.",
)
def drops_one_id_at_each_step(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, when
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    context = ids
    for _ in range(max_new_tokens):
        if when == "before" and context_window and len(context) > context_window:
            context = context[1:]
        token = sample(next_token_logits(list(context)))
        if token == stop_id:
            return
        yield token
        context.append(token)
        if when == "after" and context_window and len(context) > context_window:
            context = context[1:]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    any_of={"tested": ("first", "second")},
    hint="You draw twice in a step: you compare one draw with the stop token, but yield the other. Draw once and use "
    "that token for both.",
)
def drawn_again_if_a_token_can_stop(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, tested
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        logits = next_token_logits(ids[-context_window:] if context_window else ids)
        first = sample(logits)
        second = sample(logits) if stop_id is not None else first
        if (first if tested == "first" else second) == stop_id:
            return
        ids.append(second if tested == "first" else first)
        yield ids[-1]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You append each new token to the context twice, so the model sees every one of them twice. Append it once.",
)
def each_token_joins_the_context_twice(
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
        ids += [token, token]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    any_of={"cropped": ("both", "one")},
    hint="The prompt is in the context twice, maybe because you put it in front of a list that already begins with it.",
)
def prompt_twice_in_the_stream(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, cropped
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        window = context_window or 10**6
        context = [*prompt_ids, *ids][-window:] if cropped == "both" else [*prompt_ids, *ids[-window:]]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="You look for the stop token one step too late: you check the last id of the context when the next step "
    "starts. By then, you've already yielded the stop token. Also, if the prompt ends with a stop token, your stream "
    "ends right away. Check each token when you draw it.",
)
def stop_token_noticed_one_step_late(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        if ids[-1] == stop_id:
            return
        ids.append(sample(next_token_logits(ids[-context_window:] if context_window else ids)))
        yield ids[-1]


@misconception(
    of="stream_tokens",
    kind="misses_point",
    any_of={"what": ("reason", "stop")},
    hint="You yield the finish reason, too. A stream yields only ids, so just let the function end.",
)
def reason_comes_out_too(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, what
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            yield "stop"
            return
        yield token
        ids.append(token)
    if what == "reason":
        yield "length"


@misconception(
    of="stream_tokens",
    kind="edge",
    any_of={"what": ("none", "end")},
    hint="You yield None after the last token. A stream yields only ids, so just let the function end.",
)
def something_comes_out_last(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, what
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            yield None
            return
        yield token
        ids.append(token)
    if what == "none":
        yield None


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="You yield each id as text. Yield the id itself, as an int.",
)
def ids_as_text(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield str(token)
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    any_of={"what": ("step", "from 1", "reason", "length")},
    hint="You yield each id as part of a pair. Yield the id itself.",
)
def ids_in_pairs(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, what):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for step in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return
        yield {
            "step": (step, token),
            "from 1": (step + 1, token),
            "reason": (token, None),
            "length": (token, "length"),
        }[what]
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    any_of={"size": (2, 4, 5, 8, 10)},
    hint="You collect a few tokens before you yield them. Yield each token as soon as you draw it.",
)
def several_tokens_at_a_time(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, size
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    waiting = []
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            break
        ids.append(token)
        waiting.append(token)
        if len(waiting) == size:
            yield from waiting
            waiting = []
    yield from waiting


@misconception(
    of="stream_tokens",
    kind="conduct",
    any_of={"into": ("log_probabilities", "shifted")},
    hint="You change the logits before you hand them to the sampler. Pass the sampler the model's logits unchanged.",
)
def logits_changed_in_the_stream(
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
            return
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    hint="You don't yield the stop token, but you keep generating after it. Once you draw the stop token, the stream "
    "is over.",
)
def skipped_without_joining(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    for _ in range(max_new_tokens):
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            continue
        yield token
        ids.append(token)


@misconception(
    of="stream_tokens",
    kind="misses_point",
    hint="The new ids come before the prompt in the context. They continue the prompt, so put them after it.",
)
def new_ids_come_before_the_prompt(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        context = [*new_ids, *ids]
        token = sample(next_token_logits(context[-context_window:] if context_window else context))
        if token == stop_id:
            return
        yield token
        new_ids.append(token)


@misconception(
    of="stream_tokens",
    kind="edge",
    any_of={"compared": ("context", "prompt", "new")},
    hint="Your condition for cropping is wrong. It lets the context be one id too long, or it looks only at the length "
    "of the prompt or of the new ids. At every step, show the model only the last context_window ids.",
)
def stream_cropped_with_a_wrong_condition(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None, *, compared
):
    ids = list(prompt_ids)
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        context = [*ids, *new_ids]
        length = {"context": len(context) - 1, "prompt": len(ids), "new": len(new_ids)}[compared]
        if context_window and length > context_window:
            context = context[-context_window:]
        token = sample(next_token_logits(context))
        if token == stop_id:
            return
        yield token
        new_ids.append(token)


# --- stream_text ---


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You decode each token on its own, so parts of a character turn into replacement characters (�). Keep the "
    "bytes of an unfinished character until the rest arrives.",
    taught=True,
)
def token_by_token_replaced(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token].decode(errors="replace")


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"errors": ("backslashreplace", "surrogateescape")},
    hint="You decode each token on its own, so the bytes of a character that's split across tokens come out as escape "
    "sequences. Keep the bytes of an unfinished character until the rest arrives.",
)
def token_by_token_escaped(token_iter, id_to_bytes, *, errors):
    for token in token_iter:
        if text := id_to_bytes[token].decode(errors=errors):
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"most": (4, 3)},
    hint="You wait until the bytes you're holding back make up whole characters, but you give up after a few bytes, "
    "which breaks a character in two. Yield what comes before an unfinished character, and keep only that character's "
    "bytes.",
)
def gives_up_after_a_few_bytes(token_iter, id_to_bytes, *, most):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        try:
            text = waiting.decode()
        except UnicodeDecodeError:
            if len(waiting) < most:
                continue
            text = waiting.decode(errors="replace")
        waiting = b""
        if text:
            yield text
    if waiting:
        yield waiting.decode(errors="replace")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You decode each token on its own and ignore what can't be decoded, so characters that are split across "
    "tokens disappear. Keep their bytes until the rest arrives.",
    taught=True,
)
def token_by_token_ignored(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token].decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You decode each token without the unfinished bytes left over from the previous one, maybe because you "
    "create a new decoder for each token. Create one decoder before the loop and use it for all tokens.",
)
def a_new_decoder_for_each_token(token_iter, id_to_bytes):
    for token in token_iter:
        text = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(id_to_bytes[int(token)])
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="When a token contains an incomplete character, you throw the bytes away, so the character is never "
    "completed. Keep the bytes of that character for the next token.",
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
    hint="You decode every byte as a character of its own (Latin-1). In UTF-8 only ASCII characters are one byte long. "
    "See the table in part 4.",
)
def every_byte_a_character(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token].decode("latin-1")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You yield the text in one piece once all the tokens have arrived, so the reader has to wait for the last "
    "one. Yield each character as soon as it's complete.",
)
def all_text_at_the_end(token_iter, id_to_bytes):
    yield b"".join(id_to_bytes[token] for token in token_iter).decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="edge",
    hint="You wait until the bytes so far end with a whole character, which may not happen until the end. You can "
    "already yield what comes before an unfinished character.",
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
    hint="Each piece you yield contains all the text so far. The reader already has the beginning, so yield only "
    "what's new.",
)
def whole_text_each_time(token_iter, id_to_bytes):
    data = b""
    for token in token_iter:
        data += id_to_bytes[token]
        yield data.decode(errors="ignore")


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You put a space between tokens. If there's a space in the text, it's already part of a token.",
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
    hint="You strip spaces at the ends of tokens, so words run together. The spaces are part of the text.",
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
    hint="You wait for the next space, so each word arrives late, and a text without spaces arrives only at the end. "
    "Yield each character as soon as it's complete.",
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
    any_of={"errors": ("ignore", "replace")},
    hint="Your text ends at id 0, maybe because Python treats 0 as false in a condition. Here, 0 is an ordinary token "
    "id.",
)
def ends_at_id_0(token_iter, id_to_bytes, *, errors):
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    while token := next(token_iter, None):
        yield decoder.decode(id_to_bytes[token])
    yield decoder.decode(b"", final=True)


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You return the pieces as a list once you have them all, so the reader has to wait for the last one. Yield "
    "each one as soon as it's complete.",
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
    hint="You yield bytes instead of text (str). Decode them first.",
)
def bytes_instead_of_text(token_iter, id_to_bytes):
    for token in token_iter:
        yield id_to_bytes[token]


@misconception(
    of="stream_text",
    kind="edge",
    hint="You hold back complete text while the bytes after it are still incomplete, and you drop it if they never "
    "become a character. Yield what's complete and keep only the rest.",
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
    hint="You don't discard bytes once you've turned them into text, so earlier text comes out again with every token. "
    "Keep only the bytes of an unfinished character.",
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
    hint="You decode each token on its own and drop incomplete bytes, so a character that's split across tokens never "
    "comes out. Keep its bytes until the rest arrives.",
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
    hint="You treat a token without bytes as the end of the text and drop everything after it. If a token has no "
    "bytes, just go on to the next one.",
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
    any_of={"most": (3, 2), "stray": (1, 2)},
    hint="You assume that a character takes at most two or three bytes. In UTF-8, a character can take four bytes "
    "(many emojis do), so your code breaks some characters apart.",
)
def no_characters_of_four_bytes(token_iter, id_to_bytes, *, most, stray):
    waiting = b""
    for token in token_iter:
        waiting, text = waiting + id_to_bytes[token], ""
        while waiting:
            first = waiting[0]
            size = min(1 if first < 0x80 else stray if first < 0xC0 else 2 if first < 0xE0 else 3, most)
            if len(waiting) < size:
                break
            text, waiting = text + waiting[:size].decode("utf-8", errors="replace"), waiting[size:]
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"size": (3, 2)},
    hint="You assume that all non-ASCII characters take the same number of bytes. A character's first byte says how "
    "many bytes it takes: two, three or four.",
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
    hint="You assume that every non-ASCII character takes four bytes, like the cat emoji. A character's first byte "
    "says how many bytes it takes: two, three or four.",
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
    hint="You yield Python's notation for bytes, such as b'cat', which is what str(...) returns. Decode the bytes to "
    "get their text.",
)
def how_python_shows_the_bytes(token_iter, id_to_bytes):
    for token in token_iter:
        yield str(id_to_bytes[token])


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You hold back each piece of text until the next one arrives, so you never yield the last piece. Yield what's "
    "left when there are no more tokens.",
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
    hint="You read all the tokens before you yield the first piece, so the reader has to wait for the last one. Take a "
    "token, yield its text, and only then take the next.",
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
    hint="You put a newline after each piece of text. The tokens already contain any newlines that belong to the text, "
    "so yield the pieces as they are.",
)
def newline_after_each_token(token_iter, id_to_bytes):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            yield text + "\n"


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You decode all bytes so far and yield whatever follows the text you already had. An unfinished character is "
    "decoded as one �, so you yield that, and the finished character never comes out. Hold its bytes back.",
)
def broken_character_counted_as_text(token_iter, id_to_bytes):
    data, sent = b"", 0
    for token in token_iter:
        data += id_to_bytes[token]
        text = data.decode("utf-8", errors="replace")
        if text[sent:]:
            yield text[sent:]
        sent = len(text)


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="When a character isn't complete yet, you yield its bytes as � and keep them for the next token as well, so "
    "they come out twice. Yield nothing for an unfinished character.",
)
def broken_text_yielded_and_kept(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        try:
            text = waiting.decode("utf-8")
            waiting = b""
        except UnicodeDecodeError:
            text = waiting.decode("utf-8", errors="replace")
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"errors": ("ignore", "replace")},
    hint="You decode the bytes as ASCII, which has no multi-byte characters. The bytes are UTF-8.",
)
def ascii_only(token_iter, id_to_bytes, *, errors):
    for token in token_iter:
        text = id_to_bytes[token].decode("ascii", errors=errors)
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You yield the text before an unfinished character, but you also keep the bytes of that text, so it comes out "
    "again with the rest. Keep only the bytes of the unfinished character.",
)
def text_before_the_unfinished_comes_again(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        try:
            text = waiting.decode("utf-8")
            waiting = b""
        except UnicodeDecodeError as error:
            text = waiting[: error.start].decode("utf-8")
        if text:
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You read the first token without yielding its text. Yield the text of every token.",
)
def first_token_skipped(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    next(token_iter, None)
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You lose every other token. Do you also call next inside the loop? The for loop already gives you each "
    "token.",
)
def every_second_token_skipped(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            yield text
        next(token_iter, None)


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="Your text ends after its first piece. Is your `return` inside the loop? Check its indentation.",
)
def ends_after_the_first_piece(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            yield text
            return


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You skip id 0, maybe because Python treats 0 as false in a condition. Here, 0 is an ordinary token id.",
)
def skips_id_0(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if not token:
            continue
        if text := decoder.decode(id_to_bytes[token]):
            yield text


@misconception(
    of="stream_text",
    kind="misses_point",
    any_of={"behind": (2, 3, 4)},
    hint="You collect a few pieces before you yield the first of them, so the reader is always behind. Yield each "
    "piece right away.",
)
def pieces_come_late(token_iter, id_to_bytes, *, behind):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    waiting = []
    for token in token_iter:
        waiting.append(decoder.decode(id_to_bytes[token]))
        if len(waiting) > behind:
            yield waiting.pop(0)
    yield from waiting


@misconception(
    of="stream_text",
    kind="edge",
    hint="You split the text into words, which loses the spaces and line breaks between them. Yield the text as is.",
)
def split_into_words(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        yield from decoder.decode(id_to_bytes[token]).split()


@misconception(
    of="stream_text",
    kind="misses_point",
    hint="You put a space after each piece. If there's a space in the text, it's already part of a token.",
)
def space_after_each_piece(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[token]):
            yield text + " "


@misconception(
    of="stream_text",
    kind="edge",
    any_of={"looks": ("at the end", "anywhere")},
    hint="You decode the bytes so far and take a � for half a character, so if the text really ends with a � (EF BF "
    "BD), you lose it. Tell from the bytes whether a character is complete.",
    taught=True,
)
def real_replacement_character_lost(token_iter, id_to_bytes, *, looks):
    data, sent = b"", 0
    for token in token_iter:
        data += id_to_bytes[token]
        text = data.decode("utf-8", errors="replace")
        text = text.rstrip("\ufffd") if looks == "at the end" else text.partition("\ufffd")[0]
        if len(text) > sent:
            yield text[sent:]
            sent = len(text)


@misconception(
    of="stream_text",
    kind="edge",
    hint="If decoding your bytes gives a � at the end, you hold all of them back. But the text before an unfinished "
    "character is complete, so yield it. And a � can be part of the text (EF BF BD), so tell from the bytes whether a "
    "character is complete.",
    taught=True,
)
def held_back_because_of_a_replacement_character(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        text = waiting.decode("utf-8", errors="replace")
        if text.endswith("\ufffd"):
            continue
        waiting = b""
        if text:
            yield text
