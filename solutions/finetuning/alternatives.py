"""Correct answers to the `finetuning` lab's stubs, written in different ways."""

import numpy as np

from autograder.testing import alternative

# --- pretraining_loss ---


@alternative(of="pretraining_loss")
def text_in_a_loop(logits, token_ids):
    questions = len(token_ids) - 1
    if questions < 1:
        raise ValueError("too short")
    total = 0.0
    for position in range(questions):
        row = logits[position] - np.max(logits[position])
        total += np.log(np.sum(np.exp(row))) - row[token_ids[position + 1]]
    return float(total / questions)


@alternative(of="pretraining_loss")
def text_with_logsumexp(logits, token_ids):
    if logits.shape[0] <= 1:
        raise ValueError("a text of one token")
    rows, targets = logits[:-1], token_ids[1:]
    top = rows.max(axis=1)
    log_totals = top + np.log(np.exp(rows - top[:, None]).sum(axis=1))
    return (log_totals - np.take_along_axis(rows, targets[:, None], axis=1)[:, 0]).mean()


@alternative(of="pretraining_loss")
def text_rolled_and_cut(logits, token_ids):
    if token_ids.size < 2:
        raise ValueError("a text of one token")
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    surprisals = -log_probs[np.arange(len(token_ids)), np.roll(token_ids, -1)]
    return np.float32(np.mean(surprisals[:-1]))


@alternative(of="pretraining_loss")
def text_one_hot(logits, token_ids):
    length, vocabulary = logits.shape
    if length < 2:
        raise ValueError("a text of one token")
    right = np.eye(vocabulary)[token_ids[1:]]
    gap = logits[:-1] - (right * logits[:-1]).sum(axis=-1, keepdims=True)
    return np.array(np.mean(np.logaddexp.reduce(gap, axis=-1)))


# --- build_sft_example ---


@alternative(of="build_sft_example")
def example_in_arrays(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if min(len(prompt_ids), len(response_ids)) == 0:
        raise ValueError("an empty part")
    full = np.array(list(prompt_ids) + list(response_ids) + [eos_id], dtype=np.int64)
    labels = full[1:].copy()
    labels[: len(prompt_ids) - 1] = ignore_index
    return full[:-1], labels


@alternative(of="build_sft_example")
def example_masked_then_shifted(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not prompt_ids or not response_ids:
        raise ValueError("an empty part")
    full = prompt_ids + response_ids + [eos_id]
    masked = [ignore_index] * len(prompt_ids) + response_ids + [eos_id]
    return full[:-1], masked[1:]


@alternative(of="build_sft_example")
def example_position_by_position(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if len(prompt_ids) < 1 or len(response_ids) < 1:
        raise ValueError("an empty part")
    input_ids, labels = [], []
    full = [*prompt_ids, *response_ids, eos_id]
    for position in range(len(full) - 1):
        input_ids.append(full[position])
        labels.append(full[position + 1] if position + 1 >= len(prompt_ids) else ignore_index)
    return [input_ids, labels]


@alternative(of="build_sft_example")
def example_with_where(prompt_ids, response_ids, eos_id, ignore_index=-100):
    lengths = len(prompt_ids), len(response_ids)
    if 0 in lengths:
        raise ValueError(f"lengths of {lengths}")
    full = np.concatenate([prompt_ids, response_ids, [eos_id]]).astype(int)
    labels = np.where(np.arange(1, len(full)) < lengths[0], ignore_index, full[1:])
    return tuple(full[:-1].tolist()), labels


@alternative(of="build_sft_example")
def example_of_numpy_integers(prompt_ids, response_ids, eos_id, ignore_index=-100):
    if not len(prompt_ids) * len(response_ids):
        raise ValueError("an empty part")
    full = [np.int32(each) for each in (*prompt_ids, *response_ids, eos_id)]
    return full[:-1], [np.int32(ignore_index)] * (len(prompt_ids) - 1) + full[len(prompt_ids) :]


# --- sft_loss ---


@alternative(of="sft_loss")
def labels_in_a_loop(logits, labels, ignore_index=-100):
    surprisals = []
    for rows, wanted in zip(logits, labels, strict=True):
        for row, label in zip(rows, wanted, strict=True):
            if label != ignore_index:
                row = row - row.max()
                surprisals.append(np.log(np.exp(row).sum()) - row[label])
    if not surprisals:
        raise ValueError("nothing counts")
    return sum(surprisals) / len(surprisals)


@alternative(of="sft_loss")
def labels_flattened(logits, labels, ignore_index=-100):
    rows, targets = logits.reshape(-1, logits.shape[-1]), labels.reshape(-1)
    places = np.flatnonzero(targets != ignore_index)
    if places.size == 0:
        raise ValueError("nothing counts")
    rows, targets = rows[places], targets[places]
    top = rows.max(axis=1, keepdims=True)
    log_probs = rows - top - np.log(np.exp(rows - top).sum(axis=1, keepdims=True))
    return float(-log_probs[np.arange(len(places)), targets].mean())


@alternative(of="sft_loss")
def labels_by_multiplying(logits, labels, ignore_index=-100):
    counts = (labels != ignore_index).astype(float)
    if counts.sum() == 0:
        raise ValueError("nothing counts")
    safe = np.where(labels == ignore_index, 0, labels)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, safe[:, :, np.newaxis], axis=2).squeeze(-1)
    return -(chosen * counts).sum() / counts.sum()


@alternative(of="sft_loss")
def labels_weighted_by_example(logits, labels, ignore_index=-100):
    total, counted = 0.0, 0
    for example in range(len(labels)):
        keep = labels[example] != ignore_index
        rows = logits[example][keep]
        if len(rows):
            total += np.sum(np.logaddexp.reduce(rows, axis=-1) - rows[np.arange(len(rows)), labels[example][keep]])
            counted += len(rows)
    if counted == 0:
        raise ValueError("nothing counts")
    return np.float32(total / counted)


@alternative(of="sft_loss")
def labels_with_average(logits, labels, ignore_index=-100):
    ignored = labels == ignore_index
    if np.all(ignored):
        raise ValueError("nothing counts")
    batch, positions = np.indices(labels.shape)
    right = logits[batch, positions, np.where(ignored, 0, labels)]
    surprisals = np.logaddexp.reduce(logits, axis=-1) - right
    return np.average(surprisals, weights=~ignored)
