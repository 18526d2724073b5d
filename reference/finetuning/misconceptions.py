"""Wrong answers to the `finetuning` lab's stubs: a catalog to search by name, not to read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- pretraining_loss ---


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You compare each row with the token at its own position, which the model has already read. Each row is a "
    "guess at the next token.",
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
    kind="misses_point",
    hint="You drop both the last row and the last token, so you still compare each row with the token at its own "
    "position. Drop the first token instead.",
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
    kind="misses_point",
    hint="You drop both the first row and the first token, so you still compare each row with the token at its own "
    "position. Drop the last row of logits instead.",
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
    kind="edge",
    hint="You include the last row too, with the first token as its target, as happens with np.roll, for example. The "
    "text ends at the last row, so that row has no target. Leave it out.",
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
    kind="misses_point",
    hint="Your rows and targets are two positions apart instead of one. With that shift, the model would learn to skip "
    "a token.",
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
    kind="misses_point",
    hint="You shift the wrong way, so you compare each row with the token before it. Compare each row with the token "
    "after it instead.",
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
    kind="misses_point",
    hint="In every row, you look up all the targets, so you average over every pair of a row and a target. Each row "
    "has one target: index the rows with np.arange and the columns with the targets.",
)
def every_target_in_every_row(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits[:-1] - logits[:-1].max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[:, token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You only use the last guess. Every position except the last has a next token to guess, and in pre-training, "
    "the model learns from every one of these guesses.",
)
def only_the_last_guess(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    row = logits[-2] - logits[-2].max()
    return np.log(np.exp(row).sum()) - row[token_ids[-1]]


@misconception(
    of="pretraining_loss",
    kind="edge",
    hint="You leave out the first guess, too. The first token's row does have a target: the second token.",
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
    kind="convention",
    hint="You add up the surprisals but don't average them, so a longer text has a larger loss. Divide by the number "
    "of guesses.",
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
    kind="edge",
    hint="You divide the sum by the number of tokens. In a text of T tokens, there are only T - 1 guesses.",
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
    kind="convention",
    any_of={"base": (2, 10)},
    hint="Your logarithm has the wrong base (base 2 gives bits). The loss is in nats, so use the natural logarithm.",
)
def text_in_another_unit(logits, token_ids, *, base):
    if len(token_ids) < 2:
        raise ValueError
    logits, targets = logits[:-1], token_ids[1:]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets]) / np.log(base)


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You return the perplexity, e to the power of the loss. Return the loss itself, in nats.",
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
    kind="misses_point",
    hint="You average the probabilities first and take the logarithm of the mean. Take the logarithm of each "
    "probability, then average.",
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
    kind="edge",
    hint="You take the logarithm of softmax's output. A tiny probability underflows to 0, and its logarithm is minus "
    "infinity. The cross_entropy you're given avoids this, because it never computes that probability.",
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
    kind="edge",
    hint="The exponentials of large logits overflow, because you don't subtract the largest logit first. The "
    "cross_entropy you're given never overflows.",
    taught=True,
)
def exponentials_of_the_text_overflow(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    log_probs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You add a small number to the probabilities, or clip them to a small minimum, to avoid taking the logarithm "
    "of 0. That caps the loss on confident mistakes. With the cross_entropy you're given, you don't need to do this.",
    taught=True,
)
def limits_how_small_probabilities_are(logits, token_ids, *, epsilon):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return -np.mean(np.log(probs[np.arange(len(token_ids) - 1), token_ids[1:]] + epsilon))


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the raw logits of the right tokens. Logits aren't log-probabilities until you apply log_softmax, "
    "and the cross_entropy you're given does that for you.",
)
def raw_logits_of_the_text(logits, token_ids, *, sign):
    if len(token_ids) < 2:
        raise ValueError
    return sign * np.mean(logits[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the right tokens' probabilities (with or without a minus sign) without taking their logarithms.",
)
def text_without_logarithm(logits, token_ids, *, sign):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return sign * np.mean(probs[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="The minus sign is missing. Log-probabilities are never positive, and a loss is never negative.",
)
def text_without_minus(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.mean(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You take the softmax over the positions instead of over the vocabulary. Each row of logits is one guess, so "
    "its probabilities should add up to 1 along the last axis.",
)
def softmax_along_the_text(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=0)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -np.mean(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You return a separate loss for each guess. Return one number for the whole text: the mean of the losses.",
)
def one_loss_for_each_guess(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -log_probs[np.arange(len(token_ids) - 1), token_ids[1:]]


@misconception(
    of="pretraining_loss",
    kind="convention",
    hint="You return the loss in an array with axes of length 1. Return a single number.",
)
def loss_of_the_text_in_an_array(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]], keepdims=True)


@misconception(
    of="pretraining_loss",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError for a text of fewer than two tokens. Check the text's length first. If you "
    "return NaN or None, or raise a different error (as assert does), the caller can't tell what's wrong.",
    taught=True,
)
def short_text_without_value_error(logits, token_ids, *, asserts):
    if len(token_ids) < 2:
        assert not asserts
        return np.nan
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="conduct",
    hint="For a text of one token, you return a loss of 0, as if every guess had been right. With only one token, "
    "there's nothing to guess, so raise a ValueError.",
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
    kind="conduct",
    hint="You change the logits you were given. Work on a copy.",
    taught=True,
)
def changes_the_callers_logits(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    logits -= logits.max(axis=-1, keepdims=True)
    targets = token_ids[1:]
    log_probs = logits[:-1] - np.log(np.exp(logits[:-1]).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(targets)), targets])


@misconception(
    of="pretraining_loss",
    kind="edge",
    exempt="The number of right answers that are token 0 depends on which ids are drawn.",
    hint="You leave out guesses whose right answer is token 0, as if it were padding. Here, 0 is the id of a real "
    "token, so include those guesses.",
)
def token_0_left_out(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError("a text needs two tokens")
    shifted = logits[:-1] - logits[:-1].max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    losses = -log_probs[np.arange(len(token_ids) - 1), token_ids[1:]]
    kept = losses[np.asarray(token_ids[1:]) != 0]
    return float(kept.mean()) if len(kept) else 0.0


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You apply softmax first and pass its probabilities on as if they were logits, so softmax is applied twice. "
    "Pass the logits to cross_entropy.",
)
def softmax_of_the_text_first(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    shifted = np.exp(log_probs) - np.exp(log_probs).max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]])


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    any_of={"by": ("vocabulary", "all logits", "twice")},
    hint="You divide the sum by something other than the number of guesses, such as the size of the vocabulary or the "
    "number of guesses minus 1. In a text of T tokens, there are T - 1 guesses.",
)
def divides_by_another_number(logits, token_ids, *, by):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    number = {"vocabulary": logits.shape[1], "all logits": logits.size, "twice": (len(token_ids) - 1) ** 2}[by]
    return -np.sum(log_probs[np.arange(len(token_ids) - 1), token_ids[1:]]) / number


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You treat the most likely token in each row as the right answer. The right answer for each row is the next "
    "token in the text.",
)
def likeliest_tokens_of_the_text(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[:-1].max(axis=-1))


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You only use the first guess. Every position except the last has a next token to guess, so take the mean "
    "over all of these guesses.",
)
def first_guess_only(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -log_probs[0, token_ids[1]]


@misconception(
    of="pretraining_loss",
    kind="misses_point",
    hint="You average the log-probabilities of all the tokens in each row. In each row, use only the "
    "log-probability of the correct next token.",
)
def all_words_of_each_row(logits, token_ids):
    if len(token_ids) < 2:
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[:-1])


# --- build_sft_example ---


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You ignore one label too many: the first token of the response. The model has to guess that token right "
    "after reading the prompt, so its label counts. Look at position 2 in the table in part 2.",
    taught=True,
)
def first_response_token_lost(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    return full[:-1], [ignore_index] * len(prompt_ids) + full[len(prompt_ids) + 1 :]


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You ignore one label too few, so the model still learns to guess the last token of the prompt.",
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
    kind="misses_point",
    any_of={"shortens": (True, False)},
    hint="You don't shift the labels by one, so at each position, the model would have to guess the token it has just "
    "read.",
    taught=True,
)
def labels_not_shifted(prompt_ids, response_ids, eos_id, ignore_index=-100, *, shortens):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * len(prompt_ids) + list(response_ids)
    return [*prompt_ids, *response_ids], labels if shortens else [*labels, eos_id]


@misconception(
    of="build_sft_example",
    kind="convention",
    hint="Your inputs and labels are both the full text with its end token, which is what you'd pass to a library that "
    "does the shifting for you. Here you do it yourself: drop the last token from the inputs, and the first from the "
    "labels.",
)
def full_text_twice(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    return full, [ignore_index] * len(prompt_ids) + full[len(prompt_ids) :]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You put ignore_index into the inputs, too, because you replace the ids before you split them, or because "
    "the inputs and the labels are views of one array. Change only the labels.",
)
def ignored_in_the_inputs_too(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if len(prompt_ids) == 0 or len(response_ids) == 0:
        raise ValueError
    ids = np.array([*prompt_ids, *response_ids, eos_id])
    inputs, labels = ids[:-1], ids[1:]
    labels[: len(prompt_ids) - 1] = ignore_index
    return inputs, labels


@misconception(
    of="build_sft_example",
    kind="edge",
    any_of={"shortens": (True, False)},
    hint="The end token is missing, so the model never learns where an answer ends. The end token is the last label.",
    taught=True,
)
def no_end_token(prompt_ids, response_ids, eos_id, ignore_index=-100, *, shortens):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids]
    return full[:-1] if shortens else full, [ignore_index] * (len(prompt_ids) - 1) + list(response_ids)


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You ignore the end token, so the model never learns where an answer ends. The model should learn to guess "
    "the end token, just like the tokens of the response.",
    taught=True,
)
def end_token_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, ignore_index]
    return [*prompt_ids, *response_ids], labels


@misconception(
    of="build_sft_example",
    kind="edge",
    any_of={"fills_up": (True, False)},
    hint="You include the end token in the inputs, but there's nothing to guess after it. At the end of the response, "
    "it should only be a label.",
)
def end_token_among_the_inputs(prompt_ids, response_ids, eos_id, ignore_index=-100, *, fills_up):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return [*prompt_ids, *response_ids, eos_id], [*labels, ignore_index] if fills_up else labels


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You put the end token between the prompt and the response. The end token belongs after the response, where "
    "the answer ends.",
)
def end_token_after_the_prompt(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, eos_id, *response_ids[:-1]], [ignore_index] * len(prompt_ids) + list(response_ids)


@misconception(
    of="build_sft_example",
    kind="misses_point",
    any_of={"end_counts": (False, True)},
    hint="You ignore the response and train on the prompt. Do it the other way around: people ask the questions, and "
    "the model learns to answer them.",
    taught=True,
)
def response_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100, *, end_counts):
    if not prompt_ids or not response_ids:
        raise ValueError
    ignored = [ignore_index] * len(response_ids)
    return [*prompt_ids, *response_ids], [*prompt_ids[1:], *ignored, eos_id if end_counts else ignore_index]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    any_of={"ends": (True, False)},
    hint="You don't ignore any labels, so the model learns to ask the question too. In pre-training, the model learns "
    "from every token, but in fine-tuning it learns only from the response and the end token.",
    taught=True,
)
def nothing_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100, *, ends):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, *([eos_id] if ends else [])]
    return full[:-1], full[1:]


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You ignore tokens by their id, so if a word from the prompt comes up in the response, you ignore it there "
    "too. Whether a label counts depends only on its position.",
    taught=True,
)
def ignores_the_prompts_words_everywhere(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [*prompt_ids[1:], *response_ids, eos_id]
    return [*prompt_ids, *response_ids], [ignore_index if each in prompt_ids else each for each in labels]


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You find the start of the response by looking for its first token, which may be in the prompt too. The "
    "length of the prompt tells you where the response starts.",
)
def looks_for_the_first_response_token(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    start = max(full.index(response_ids[0]), 1)
    return full[:-1], [ignore_index] * (start - 1) + full[start:]


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You always mark ignored labels with -100. Use ignore_index, because the caller may want a different value.",
    taught=True,
)
def always_minus_100(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [-100] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="convention",
    any_of={"mark": (0, -1)},
    hint="You mark ignored labels with a fixed number such as 0. If a real token has that id, the model will learn to "
    "guess that token. Use ignore_index.",
    taught=True,
)
def ignores_with_another_mark(prompt_ids, response_ids, eos_id, ignore_index=-100, *, mark):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [mark] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You put ignore_index into the inputs as well, in place of the prompt. The model has to read the question, "
    "even though it doesn't have to guess it.",
)
def prompt_hidden_from_the_inputs(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    ignored = [ignore_index] * (len(prompt_ids) - 1)
    return [*ignored, prompt_ids[-1], *response_ids], [*ignored, *response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="Your labels cover only the response, with no entries for the prompt. The labels need one entry for each "
    "input.",
)
def only_the_labels_of_the_response(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="convention",
    hint="You return the inputs and labels in the wrong order. The inputs come first.",
)
def labels_first(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id], [*prompt_ids, *response_ids]


@misconception(
    of="build_sft_example",
    kind="convention",
    hint="You return the example as a dict, the format that some libraries expect. Return a pair: the inputs, then the "
    "labels.",
)
def example_in_a_dict(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return {"input_ids": [*prompt_ids, *response_ids], "labels": labels}


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You shift too far: each label is the token after the next one.",
)
def labels_shifted_twice(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return [*prompt_ids, *response_ids], [*labels[1:], ignore_index]


@misconception(
    of="build_sft_example",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError for an empty prompt or an empty response. Either one is an error on its own, so "
    "combine the two conditions with `or`. If you raise a different error (as assert does), the caller can't tell "
    "what's wrong.",
    taught=True,
)
def empty_parts_without_value_error(prompt_ids, response_ids, eos_id, ignore_index=-100, *, asserts):
    assert not asserts or (prompt_ids and response_ids)
    return [*prompt_ids, *response_ids], [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="conduct",
    hint="You accept an empty response, so the model would learn to say nothing. Raise a ValueError.",
    taught=True,
)
def accepts_an_empty_response(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="conduct",
    hint="You accept an empty prompt, but then there's no position where the model could guess the response's first "
    "token. Raise a ValueError.",
    taught=True,
)
def accepts_an_empty_prompt(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="conduct",
    any_of={"grows": ("response", "prompt")},
    hint="You change one of the lists you were given, as append, extend, insert and += do. Make a new list.",
    taught=True,
)
def adds_to_the_callers_lists(prompt_ids, response_ids, eos_id, ignore_index=-100, *, grows):
    if not prompt_ids or not response_ids:
        raise ValueError
    example = [*prompt_ids, *response_ids], [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    if grows == "response":
        response_ids.append(eos_id)
    else:
        prompt_ids += response_ids
    return example


@misconception(
    of="build_sft_example",
    kind="misses_point",
    any_of={"trained": (False, True)},
    hint="You put an end token between the prompt and the response, so the example is one token too long, and the "
    "model learns to answer after an end token. Add an end token only after the response.",
)
def end_token_between_the_two(prompt_ids, response_ids, eos_id, ignore_index=-100, *, trained):
    if not len(prompt_ids) or not len(response_ids):
        raise ValueError("prompt or response is empty")
    full = [*prompt_ids, eos_id, *response_ids, eos_id]
    ignored = len(prompt_ids) - (1 if trained else 0)
    return full[:-1], [ignore_index] * ignored + full[ignored + 1 :]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    any_of={"always": (True, False)},
    hint="You put a single ignore_index in place of all the prompt's labels, so the labels are too short. You need one "
    "ignore_index per ignored label.",
)
def one_mark_for_all_ignored(prompt_ids, response_ids, eos_id, ignore_index=-100, *, always):
    if not prompt_ids or not response_ids:
        raise ValueError
    mark = [ignore_index] if len(prompt_ids) > 1 or always else []
    return [*prompt_ids, *response_ids], [*mark, *response_ids, eos_id]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You cut the inputs and labels at the wrong ends. Drop the last token from the inputs, and the first from the "
    "labels.",
)
def inputs_lose_the_first(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    return full[1:], [ignore_index] * (len(prompt_ids) - 1) + full[len(prompt_ids) - 1 : -1]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You put the lists inside another list instead of joining them. Join the prompt, the response and the end "
    "token into one flat list of ids.",
)
def lists_inside_a_list(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return [prompt_ids, response_ids], labels


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You put the response before the prompt. The model reads the question first.",
)
def response_before_the_prompt(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return [*response_ids, *prompt_ids], labels


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You put the ignored labels at the end. The prompt comes first, so its labels come first, too.",
)
def ignored_labels_at_the_end(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [*response_ids, eos_id, *[ignore_index] * (len(prompt_ids) - 1)]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You append the end token twice. Append it only once, as the last label.",
)
def two_end_tokens(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [ignore_index] * (len(prompt_ids) - 1) + [*response_ids, eos_id]
    return [*prompt_ids, *response_ids, eos_id], [*labels, eos_id]


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="You treat an end token inside the prompt as a label that counts, as if it were the one at the end. Whether a "
    "label counts depends only on its position.",
)
def end_tokens_in_the_prompt_count(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    labels = [*prompt_ids[1:], *response_ids, eos_id]
    ignored = len(prompt_ids) - 1
    return [*prompt_ids, *response_ids], [
        ignore_index if place < ignored and label != eos_id else label for place, label in enumerate(labels)
    ]


@misconception(
    of="build_sft_example",
    kind="edge",
    hint="Your example ends at the first end token in the text. If the prompt or the response contains one, you lose "
    "everything after it. Only the end token that you add marks the end.",
)
def cut_off_at_the_first_end_token(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    full = [*prompt_ids, *response_ids, eos_id]
    full = full[: full.index(eos_id) + 1]
    ignored = min(len(prompt_ids) - 1, len(full) - 1)
    return full[:-1], [ignore_index] * ignored + full[ignored + 1 :]


@misconception(
    of="build_sft_example",
    kind="misses_point",
    hint="You return a mask that shows which labels count, instead of the labels themselves. Each label that counts "
    "should be the id to guess, and the others should be ignore_index.",
)
def mask_of_zeros_and_ones(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError
    return [*prompt_ids, *response_ids], [0] * (len(prompt_ids) - 1) + [1] * (len(response_ids) + 1)


# --- sft_loss ---


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You divide the sum by the total number of positions, including the ignored ones, so a long prompt makes the "
    "loss look small. Divide by the number of labels that count.",
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
    kind="misses_point",
    any_of={"empty_ones_count": (True, False)},
    hint="You average each example on its own and then average those results, so a token in a short answer counts more "
    "than one in a long answer. Pool all the labels that count, and take a single mean.",
    taught=True,
)
def mean_of_means(logits, labels, ignore_index=-100, *, empty_ones_count):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    means = (chosen * keep).sum(axis=1) / np.maximum(keep.sum(axis=1), 1)
    return -np.mean(means if empty_ones_count else means[keep.any(axis=1)])


@misconception(
    of="sft_loss",
    kind="convention",
    hint="You add up the surprisals but don't average them, so a larger batch has a larger loss. Divide by the number "
    "of labels that count.",
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
    kind="convention",
    hint="You divide the sum by the number of examples. Divide by the number of labels that count.",
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
    kind="misses_point",
    hint="You use ignored labels as indices like all the others, so a negative one counts from the end of the "
    "vocabulary. Leave them out first.",
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
    kind="misses_point",
    any_of={"divided_by": ("all", "kept")},
    hint="You turn ignored labels into token 0 and then add up their surprisals like all the others. Leave their "
    "positions out.",
)
def ignored_labels_become_token_0(logits, labels, ignore_index=-100, *, divided_by):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)
    return -np.sum(chosen) / (keep.size if divided_by == "all" else keep.sum())


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You set the logits at ignored positions to 0, but you still count these positions, so each of them adds the "
    "logarithm of the vocabulary size to the sum. Leave them out of the mean.",
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
    kind="misses_point",
    hint="You shift the labels again, even though they're already shifted. The model would learn to guess the token "
    "after the next one.",
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
    kind="misses_point",
    hint="Your mask is the wrong way around: you keep the ignored labels and drop the ones that count.",
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
    kind="edge",
    hint="You always ignore -100 instead of ignore_index. Use ignore_index, the value the caller chose to mark ignored "
    "labels.",
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
    kind="edge",
    hint="You ignore all negative labels, whatever the value of ignore_index. ignore_index can be any number, such as "
    "0 or 999.",
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
    kind="edge",
    hint="You ignore labels of 0 too, as if they were padding. 0 is a real token's id, so leave out only the labels "
    "equal to ignore_index.",
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
    kind="misses_point",
    hint="You return a separate loss for each label. Return one number for the whole batch: the mean of the losses.",
)
def one_loss_for_each_label(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -log_probs[keep][np.arange(keep.sum()), labels[keep]]


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="The minus sign is missing. Log-probabilities are never positive, and a loss is never negative.",
)
def labels_without_minus(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the raw logits of the labels. Logits aren't log-probabilities until you apply log_softmax, and "
    "the cross_entropy you're given does that for you.",
)
def raw_logits_of_the_labels(logits, labels, ignore_index=-100, *, sign):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    return sign * np.mean(logits[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the labels' probabilities (with or without a minus sign) without taking their logarithms.",
)
def labels_without_logarithm(logits, labels, ignore_index=-100, *, sign):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return sign * np.mean(np.exp(log_probs[keep][np.arange(keep.sum()), labels[keep]]))


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You average the probabilities first and take the logarithm of the mean. Take the logarithm of each "
    "probability, then average.",
)
def logarithm_of_the_mean_probability(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.log(np.mean(np.exp(log_probs[keep][np.arange(keep.sum()), labels[keep]])))


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You return the perplexity, e to the power of the loss. Return the loss itself, in nats.",
)
def perplexity_of_the_labels(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.exp(-np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]]))


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You take the softmax over the positions instead of over the vocabulary. The logits at each position make up "
    "one guess, so its probabilities should add up to 1 along the last axis.",
)
def softmax_along_the_positions(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="convention",
    hint="You return the loss in an array with axes of length 1. Return a single number.",
)
def loss_of_the_labels_in_an_array(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]], keepdims=True)


@misconception(
    of="sft_loss",
    kind="edge",
    hint="The exponentials of large logits overflow, because you don't subtract the largest logit first. The "
    "cross_entropy you're given never overflows.",
    taught=True,
)
def exponentials_of_the_labels_overflow(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    log_probs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError for a batch in which every label is ignored. First check that at least one "
    "label counts. If you return NaN or None, or raise a different error (as assert does), the caller can't tell "
    "what's wrong.",
    taught=True,
)
def no_labels_without_value_error(logits, labels, ignore_index=-100, *, asserts):
    keep = labels != ignore_index
    if not keep.any():
        assert not asserts
        return np.nan
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="conduct",
    hint="If every label in the batch is ignored, you return a loss of 0, as if every guess had been right. Raise a "
    "ValueError so the caller knows to check the data.",
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
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You add a small number to the probabilities, or clip them to a small minimum, to avoid taking the logarithm "
    "of 0. That caps the loss on confident mistakes. With the cross_entropy you're given, you don't need to do this.",
    taught=True,
)
def limits_how_small_the_labels_are(logits, labels, ignore_index=-100, *, epsilon):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return -np.mean(np.log(probs[keep][np.arange(keep.sum()), labels[keep]] + epsilon))


@misconception(
    of="sft_loss",
    kind="edge",
    hint="You take the logarithm of softmax's output. A tiny probability underflows to 0, and its logarithm is minus "
    "infinity. The cross_entropy you're given avoids this, because it never computes that probability.",
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
    kind="edge",
    hint="You subtract the largest logit of the whole batch from every row. In a row far below it, every exponential "
    "underflows to 0, and the logarithm of 0 is minus infinity. Each row needs its own maximum.",
)
def one_maximum_for_the_batch(logits, labels, ignore_index=-100):
    counts = labels != ignore_index
    if not counts.any():
        raise ValueError
    shifted = logits[counts] - logits[counts].max()
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -log_probs[np.arange(len(log_probs)), labels[counts]].mean()


@misconception(
    of="sft_loss",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You return a separate loss for each example. Return one number for the whole batch.",
)
def one_loss_for_each_example(logits, labels, ignore_index=-100, *, averaged):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    sums = (chosen * keep).sum(axis=1)
    return -sums / np.maximum(keep.sum(axis=1), 1) if averaged else -sums


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You only use the first example of the batch. Pool the labels of all examples.",
)
def only_the_first_example(logits, labels, ignore_index=-100):
    if (labels == ignore_index).all():
        raise ValueError
    logits, keep = logits[0], labels[0] != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[0][keep]])


@misconception(
    of="sft_loss",
    kind="convention",
    any_of={"base": (2, 10)},
    hint="Your logarithm has the wrong base (base 2 gives bits). The loss is in nats, so use the natural logarithm.",
)
def labels_in_another_unit(logits, labels, ignore_index=-100, *, base):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]]) / np.log(base)


@misconception(
    of="sft_loss",
    kind="conduct",
    hint="You change the labels you were given, for example by replacing the ignored ones. Work on a copy.",
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


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You use the logits at the last positions of each example. If an example ends in padding, those are the wrong "
    "positions. Use the positions whose labels aren't ignored.",
)
def last_positions_count(logits, labels, ignore_index=-100):
    counts = labels != ignore_index
    if not counts.any():
        raise ValueError("no label counts")
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    losses = []
    for row, wanted, kept in zip(log_probs, labels, counts, strict=True):
        number = int(kept.sum())
        losses += list(-row[len(row) - number :][np.arange(number), wanted[kept]])
    return float(np.mean(losses))


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You move the vocabulary axis to where torch's loss expects it before you reshape, so each row mixes scores "
    "from different positions. Here, each row along the last axis is one guess.",
)
def vocabulary_axis_moved(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    logits = logits.transpose(0, 2, 1).reshape(-1, logits.shape[-1])
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    flat = keep.ravel()
    return -np.mean(log_probs[flat][np.arange(flat.sum()), labels.ravel()[flat]])


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You flatten logits and labels in different orders, so labels get paired with scores from other positions. "
    "Flatten both the same way, or use the same mask on both.",
)
def labels_in_another_order(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    flat = keep.T.ravel()
    return -np.mean(log_probs.reshape(-1, logits.shape[-1])[flat][np.arange(flat.sum()), labels.T.ravel()[flat]])


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You apply softmax first and pass its probabilities on as if they were logits, so softmax is applied twice. "
    "Pass the logits to cross_entropy.",
)
def softmax_of_the_labels_first(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    probs = np.exp(log_probs)
    log_probs = probs - np.log(np.exp(probs).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="misses_point",
    any_of={"by": ("vocabulary", "positions", "twice")},
    hint="You divide by something other than the number of labels that count, such as the size of the vocabulary or "
    "the length of an example, or you divide by the right number twice.",
)
def divides_the_labels_by_another_number(logits, labels, ignore_index=-100, *, by):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    total = -np.sum(log_probs[keep][np.arange(keep.sum()), labels[keep]])
    return total / {"vocabulary": logits.shape[-1], "positions": labels.shape[1], "twice": keep.sum() ** 2}[by]


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You only use the last example of the batch. Pool the labels of all examples.",
)
def last_example_only(logits, labels, ignore_index=-100):
    if (labels == ignore_index).all():
        raise ValueError
    logits, labels = logits[-1], labels[-1]
    keep = labels != ignore_index
    if not keep.any():
        return 0.0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep][np.arange(keep.sum()), labels[keep]])


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You treat the most likely token at each position as the right answer. The right answer at each position is "
    "its label.",
)
def likeliest_tokens_of_the_batch(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep].max(axis=-1))


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You average the log-probabilities of all the tokens at each position. Use only the log-probability of each "
    "position's label.",
)
def all_words_at_each_position(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        raise ValueError
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(log_probs[keep])


@misconception(
    of="sft_loss",
    kind="misses_point",
    hint="You stop at the first ignored label of each example, so an example that begins with a prompt contributes "
    "nothing. Skip each ignored label and go on to the next position.",
    taught=True,
)
def stops_at_the_first_ignored_label(logits, labels, ignore_index=-100):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    losses = []
    for row, wanted in zip(log_probs, labels, strict=True):
        for position, label in enumerate(wanted):
            if label == ignore_index:
                break
            losses.append(-row[position, label])
    if not losses:
        raise ValueError
    return np.mean(losses)
