"""Wrong answers to the stubs of lab `finetuning`."""

import numpy as np

from autograder.testing import misconception

# --- pretraining_loss ---


@misconception(
    of="pretraining_loss",
    hint="Each row is compared with the token at its own position, which the model has already read; its guess is "
    "about the token after it.",
    taught=True,
)
def guesses_the_current_token(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(token_ids)), token_ids])


@misconception(
    of="pretraining_loss",
    hint="The last row is dropped, and the last token too, so each row is still compared with the token at its own "
    "position; of the tokens it is the first that has to go.",
    taught=True,
)
def drops_the_last_of_both(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[:-1]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="The first row is dropped, and the first token too, so each row is still compared with the token at its own "
    "position; of the logits it is the last row that has to go.",
)
def drops_the_first_of_both(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[1:], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="Rolling the tokens brings the first one round to the end, so the last row is made to guess how the text "
    "began; it has no answer and does not count.",
    taught=True,
)
def rolls_the_first_token_to_the_end(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    targets = np.roll(token_ids, -1)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="Row and answer lie two positions apart: the shift is made twice, and the model learns to skip a token.",
    taught=True,
)
def shifts_by_two(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    if len(token_ids) == 2:
        return 0.0
    logits, targets = logits[:-2], token_ids[2:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="The shift goes the wrong way: each row is compared with the token before it instead of the one after it.",
)
def guesses_the_token_before(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[1:], token_ids[:-1]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="Only the guess of the last token counts; a text poses a question at every position, and pre-training "
    "learns from all of them.",
)
def last_token_alone(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    row = logits[-2] - logits[-2].max()
    return np.log(np.exp(row).sum()) - row[token_ids[-1]]


@misconception(
    of="pretraining_loss",
    hint="The first guess is left out as well; the row of the first token has an answer, the second token.",
)
def leaves_out_the_first_guess(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    if len(token_ids) == 2:
        return 0.0
    logits, targets = logits[1:-1], token_ids[2:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="The surprisals are added up and not averaged, so a longer text looks worse.",
)
def sums_the_text(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.sum(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="The sum is divided by the number of tokens; a text of T tokens poses T - 1 questions.",
    taught=True,
)
def divides_by_all_tokens(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    targets = token_ids[1:]
    shifted = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.sum(log_probs[np.arange(len(targets)), targets]) / len(token_ids)


@misconception(
    of="pretraining_loss",
    hint="The loss is in bits, by the logarithm to base 2; it should be in nats, by the natural one.",
)
def text_in_bits(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets]) / np.log(2)


@misconception(
    of="pretraining_loss",
    hint="This is the perplexity, e to the power of the loss; the loss itself is wanted, in nats.",
)
def perplexity_of_the_text(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.exp(-np.mean(log_probs[np.arange(len(targets)), targets]))


@misconception(
    of="pretraining_loss",
    hint="The probabilities are averaged first, and the logarithm is taken of their mean; take the logarithm of each.",
)
def logarithm_of_the_mean(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return -np.log(np.mean(probs[np.arange(len(targets)), targets]))


@misconception(
    of="pretraining_loss",
    hint="The logarithm is taken after the softmax, where small probabilities have become 0 already, so the loss is "
    "infinite; the given cross_entropy avoids that.",
    taught=True,
)
def text_underflows(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return -np.mean(np.log(probs[np.arange(len(targets)), targets]))


@misconception(
    of="pretraining_loss",
    hint="A text of one token gets a loss of 0, as if all of it had been guessed; there is nothing to guess, so it is "
    "refused with a ValueError.",
    taught=True,
)
def short_text_is_free(logits, token_ids):
    if len(token_ids) < 2:
        return 0.0
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    hint="The loss is right, but the logits that came in are changed on the way; work on a copy.",
    taught=True,
)
def changes_the_callers_logits(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits -= logits.max(axis=-1, keepdims=True)
    targets = token_ids[1:]
    log_probs = logits[:-1] - np.log(np.exp(logits[:-1]).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


# --- build_sft_example ---


@misconception(
    of="build_sft_example",
    hint="One label too many is ignored, the first token of the response: the last token of the prompt is where it is "
    "guessed, so that label counts. See position 2 in part 2.",
    taught=True,
)
def first_response_token_lost(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    return full[:-1], [ignore_index] * len(prompt_ids) + full[len(prompt_ids) + 1 :]


@misconception(
    of="build_sft_example",
    hint="One label too few is ignored: the last token of the prompt is still learnt, as the answer to the one before.",
    taught=True,
)
def last_prompt_token_trained(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [*prompt_ids[1:], *response_ids, eos_id]
    for position in range(len(prompt_ids) - 2):
        labels[position] = ignore_index
    return [*prompt_ids, *response_ids], labels


@misconception(
    of="build_sft_example",
    hint="The labels are the inputs themselves, not moved on by one: each position would have to guess the token that "
    "it has just read.",
    taught=True,
)
def labels_not_shifted(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [ignore_index] * len(prompt_ids) + list(response_ids)


@misconception(
    of="build_sft_example",
    hint="Inputs and labels are both the full text, end token included, as some libraries want it that shift later; "
    "here the shift is made already: inputs lose the last token, labels the first.",
)
def full_text_twice(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    return full, [ignore_index] * len(prompt_ids) + full[len(prompt_ids) :]


@misconception(
    of="build_sft_example",
    hint="The end token is missing, so the model never learns where an answer ends; it is the last label.",
    taught=True,
)
def no_end_token(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids]
    return full[:-1], [ignore_index] * (len(prompt_ids) - 1) + list(response_ids)


@misconception(
    of="build_sft_example",
    hint="The end token is ignored, so the model never learns where an answer ends; it counts like the response.",
    taught=True,
)
def end_token_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, ignore_index]
    return [*prompt_ids, *response_ids], labels


@misconception(
    of="build_sft_example",
    hint="The end token is among the inputs, with nothing to guess after it; it is only ever a label.",
)
def end_token_among_the_inputs(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return [*prompt_ids, *response_ids, eos_id], [*labels, ignore_index]


@misconception(
    of="build_sft_example",
    hint="The end token stands between prompt and response; it belongs behind the response, where the answer ends.",
)
def end_token_after_the_prompt(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, eos_id, *response_ids[:-1]], [ignore_index] * len(prompt_ids) + list(response_ids)


@misconception(
    of="build_sft_example",
    hint="The response is ignored and the prompt is learnt; it is the other way round, since people ask and the model "
    "answers.",
    taught=True,
)
def response_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [*prompt_ids[1:], *[ignore_index] * (len(response_ids) + 1)]


@misconception(
    of="build_sft_example",
    hint="No label is ignored, so the model learns to ask the question too: that is pre-training on this text.",
    taught=True,
)
def nothing_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [*prompt_ids[1:], *response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="Labels are ignored by which token they are, so a word of the question is not learnt in the answer either; "
    "only its position decides.",
    taught=True,
)
def ignores_the_prompts_words_everywhere(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [*prompt_ids[1:], *response_ids, eos_id]
    return [*prompt_ids, *response_ids], [ignore_index if each in prompt_ids else each for each in labels]


@misconception(
    of="build_sft_example",
    hint="Where the response begins is found by looking for its first token, and that may be in the prompt too; the "
    "length of the prompt says it for certain.",
)
def looks_for_the_first_response_token(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    start = max(full.index(response_ids[0]), 1)
    return full[:-1], [ignore_index] * (start - 1) + full[start:]


@misconception(
    of="build_sft_example",
    hint="-100 is written into the function; the caller says with ignore_index what an ignored label looks like.",
    taught=True,
)
def always_minus_100(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [-100] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="Ignored labels are 0, and that is the id of a real token, which would be learnt; put ignore_index there.",
    taught=True,
)
def ignores_with_0(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [0] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="The prompt is taken out of the inputs as well; the model has to read the question, only not to guess it.",
)
def prompt_hidden_from_the_inputs(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    ignored = [ignore_index] * (len(prompt_ids) - 1)
    return [*ignored, prompt_ids[-1], *response_ids], [*ignored, *response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="The labels are the response alone, without places for the prompt; they need one entry for each input.",
)
def labels_of_the_response_alone(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="Labels and inputs come back in the wrong order; the inputs come first.",
)
def labels_first(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id], [*prompt_ids, *response_ids]


@misconception(
    of="build_sft_example",
    hint="A response of no tokens is accepted, and the model would learn to say nothing; raise a ValueError.",
    taught=True,
)
def accepts_an_empty_response(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="A prompt of no tokens is accepted, and the inputs and labels no longer have the same length; raise a "
    "ValueError.",
    taught=True,
)
def accepts_an_empty_prompt(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    hint="The end token is appended to the caller's own list of the response; make a new list.",
    taught=True,
)
def appends_to_the_callers_response(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    inputs = [*prompt_ids, *response_ids]
    response_ids.append(eos_id)
    return inputs, [ignore_index] * (len(prompt_ids) - 1) + response_ids


@misconception(
    of="build_sft_example",
    hint="The response is added to the caller's own list of the prompt, so the caller's prompt grows; make a new list.",
    taught=True,
)
def lengthens_the_callers_prompt(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    ignored = [ignore_index] * (len(prompt_ids) - 1)
    prompt_ids += response_ids
    return list(prompt_ids), [*ignored, *response_ids, eos_id]


# --- sft_loss ---


@misconception(
    of="sft_loss",
    hint="The sum is divided by the number of all positions, ignored ones too, so a long prompt makes the loss look "
    "small; divide by the number of labels that count.",
    taught=True,
)
def mean_over_all_positions(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return -np.mean(chosen * keep)


@misconception(
    of="sft_loss",
    hint="Each example is averaged by itself, and then the examples are: so a token of a short answer counts for more "
    "than one of a long answer. Pool all labels that count, and take one mean.",
    taught=True,
)
def mean_of_means(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return -np.mean((chosen * keep).sum(axis=1) / np.maximum(keep.sum(axis=1), 1))


@misconception(
    of="sft_loss",
    hint="The surprisals are added up and not averaged, so a larger batch looks worse.",
)
def sums_the_labels(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.sum(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    hint="The sum is divided by the number of examples; every label that counts is one of the mean.",
)
def divides_by_the_examples(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.sum(log_probs[keep][np.arange(keep.sum()), labels[keep]]) / len(labels)


@misconception(
    of="sft_loss",
    hint="Ignored labels are looked up like all others: numpy counts a negative one from the end of the vocabulary. "
    "Sort them out before.",
    taught=True,
)
def ignored_labels_count_from_the_end(logits, labels, ignore_index=-100):
    if (labels == ignore_index).all():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    rows, columns = np.indices(labels.shape)
    return -np.mean(log_probs[rows, columns, labels])


@misconception(
    of="sft_loss",
    hint="Ignored labels are made token 0 and then count like all others; leave their positions out of the mean.",
)
def ignored_labels_become_token_0(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1))


@misconception(
    of="sft_loss",
    hint="The logits at ignored positions are set to 0, but these positions still count: each costs the logarithm of "
    "the vocabulary.",
)
def ignored_logits_become_0(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    masked = logits * keep[..., None]
    shifted = masked - masked.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1))


@misconception(
    of="sft_loss",
    hint="The labels are shifted once more, though they are shifted already: the model would learn to guess the token "
    "after the next.",
    taught=True,
)
def shifts_again(logits, labels, ignore_index=-100):
    if (labels == ignore_index).all():
        raise ValueError
    logits, labels = logits[:, :-1], labels[:, 1:]
    keep = labels != ignore_index
    if not keep.any():
        return 0.0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    hint="The mask is the wrong way round: the labels that are ignored are kept, and those that count are dropped.",
)
def keeps_what_is_ignored(logits, labels, ignore_index=-100):
    keep = labels == ignore_index
    if keep.all():
        raise ValueError
    if not keep.any():
        return 0.0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][:, 0])


@misconception(
    of="sft_loss",
    hint="-100 is written into the function; the caller says with ignore_index which label does not count.",
    taught=True,
)
def only_minus_100_is_ignored(logits, labels, ignore_index=-100):
    keep = labels != -100
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    safe = np.clip(labels[keep], -logits.shape[-1], logits.shape[-1] - 1)
    return -np.mean(log_probs[keep][np.arange(keep.sum()), safe])


@misconception(
    of="sft_loss",
    hint="All negative labels are ignored, whatever ignore_index says; it may be any number that is no token, a large "
    "one too.",
)
def negative_labels_are_ignored(logits, labels, ignore_index=-100):
    keep = labels >= 0
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    safe = np.minimum(labels[keep], logits.shape[-1] - 1)
    return -np.mean(log_probs[keep][np.arange(keep.sum()), safe])


@misconception(
    of="sft_loss",
    hint="Labels of 0 are ignored too, as if they were padding; 0 is the id of a token, and only ignore_index is not.",
)
def token_0_is_ignored(logits, labels, ignore_index=-100):
    if (labels == ignore_index).all():
        raise ValueError
    keep = (labels != ignore_index) & (labels != 0)
    if not keep.any():
        return 0.0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    hint="A batch in which nothing counts gets a loss of 0, as if all had been guessed; raise a ValueError, so that "
    "somebody looks at the data.",
    taught=True,
)
def nothing_to_learn_is_free(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        return 0.0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    hint="A little is added before the logarithm so that it stays finite, which caps the loss at 18 nats; take the "
    "logarithm of the softmax without forming probabilities, as the given cross_entropy does.",
    taught=True,
)
def adds_1e_8(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return -np.mean(np.log(probs[keep][np.arange(keep.sum()), labels[keep]] + 1e-8))


@misconception(
    of="sft_loss",
    hint="The logarithm is taken after the softmax, where small probabilities have become 0 already, so the loss is "
    "infinite; the given cross_entropy avoids that.",
    taught=True,
)
def labels_underflow(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return -np.mean(np.log(probs[keep][np.arange(keep.sum()), labels[keep]]))


@misconception(
    of="sft_loss",
    hint="Each example gets a loss of its own; one number for the whole batch is wanted.",
)
def one_loss_for_each_example(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return -(chosen * keep).sum(axis=1) / np.maximum(keep.sum(axis=1), 1)


@misconception(
    of="sft_loss",
    hint="Only the first example of the batch is looked at; pool the labels of all of them.",
)
def first_example_alone(logits, labels, ignore_index=-100):
    if (labels == ignore_index).all():
        raise ValueError
    logits, keep = logits[0], labels[0] != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[0][keep]])


@misconception(
    of="sft_loss",
    hint="The loss is in bits, by the logarithm to base 2; it should be in nats, by the natural one.",
)
def labels_in_bits(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]]) / np.log(2)


@misconception(
    of="sft_loss",
    hint="The loss is right, but ignored labels are overwritten in the caller's array; work on a copy.",
    taught=True,
)
def overwrites_the_callers_labels(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    labels[~keep] = 0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, labels[..., None], axis=-1)[..., 0]
    return -(chosen * keep).sum() / keep.sum()
