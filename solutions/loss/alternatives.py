"""Correct answers to the stubs of the `loss` lab, written in different ways."""

import math

import numpy as np

from autograder.testing import alternative

# --- mse_loss ---


@alternative(of="mse_loss")
def mse_with_average(y_pred, y_true):
    if np.shape(y_pred) != np.shape(y_true):
        raise ValueError("shapes differ")
    return np.average(np.square(np.subtract(y_pred, y_true)))


@alternative(of="mse_loss")
def mse_with_a_loop(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    total = 0.0
    for predicted, wanted in zip(y_pred.flatten().tolist(), y_true.flatten().tolist(), strict=True):
        total += (predicted - wanted) ** 2
    return total / y_pred.size


@alternative(of="mse_loss")
def mse_as_float32(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.float32(((y_pred - y_true) ** 2).mean())


@alternative(of="mse_loss")
def mse_as_0d_array(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    return np.array(((y_true - y_pred) ** 2).sum() / y_pred.size)


@alternative(of="mse_loss")
def mse_with_dot_product(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = (y_pred - y_true).ravel()
    return errors @ errors / errors.size


@alternative(of="mse_loss")
def mse_from_variance_and_bias(y_pred, y_true):
    if y_pred.shape != y_true.shape:
        raise ValueError("shapes differ")
    errors = y_pred - y_true
    return np.var(errors) + np.mean(errors) ** 2


@alternative(of="mse_loss")
def mse_with_fsum(y_pred, y_true):
    if y_pred.ndim != y_true.ndim or any(a != b for a, b in zip(y_pred.shape, y_true.shape, strict=True)):
        raise ValueError("shapes differ")
    return math.fsum(float(y_pred[index] - y_true[index]) ** 2 for index in np.ndindex(y_pred.shape)) / y_pred.size


# --- surprisal ---


@alternative(of="surprisal")
def surprisal_with_math_log(probs, target):
    p = probs[target]
    return math.inf if p == 0 else -math.log(p)


@alternative(of="surprisal")
def surprisal_with_try(probs, target):
    try:
        return math.log(1.0 / float(probs[target]))
    except (ValueError, ZeroDivisionError):
        return float("inf")


@alternative(of="surprisal")
def surprisal_of_all_then_picked(probs, target):
    with np.errstate(divide="ignore"):
        return (-np.log(probs))[target]


@alternative(of="surprisal")
def surprisal_from_bits(probs, target):
    with np.errstate(divide="ignore"):
        return -np.log2(probs[target]) * np.log(2.0)


@alternative(of="surprisal")
def surprisal_as_0d_array(probs, target):
    one_hot = np.zeros(len(probs))
    one_hot[target] = 1.0
    return np.array(np.abs(np.log(np.dot(one_hot, probs))))


@alternative(of="surprisal")
def surprisal_as_float32(probs, target):
    return np.float32(-np.log(probs[target]))


# --- cross_entropy ---


@alternative(of="cross_entropy")
def cross_entropy_with_logsumexp(logits, targets):
    if logits.ndim != 2 or targets.shape != (logits.shape[0],):
        raise ValueError("wrong shapes")
    if np.any(targets < 0) or np.any(targets >= logits.shape[1]):
        raise ValueError("no such token")
    largest = logits.max(axis=1)
    log_sums = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
    return float(np.mean(log_sums - logits[np.arange(len(targets)), targets]))


@alternative(of="cross_entropy")
def cross_entropy_with_logaddexp(logits, targets):
    if np.ndim(logits) != 2 or np.shape(targets) != np.shape(logits)[:1]:
        raise ValueError("wrong shapes")
    if not all(0 <= target < logits.shape[1] for target in targets):
        raise IndexError("no such token")
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.take_along_axis(log_probs, targets[:, None], axis=1).mean()


@alternative(of="cross_entropy")
def cross_entropy_with_one_hot(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,):
        raise ValueError("wrong shapes")
    if targets.min() < 0:
        raise IndexError("no such token")
    one_hot = np.eye(vocabulary)[targets]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return -np.sum(one_hot * log_probs) / rows


@alternative(of="cross_entropy")
def cross_entropy_with_loops(logits, targets):
    if len(logits) != len(targets) or np.ndim(targets) != 1:
        raise ValueError("one target for each row")
    losses = []
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        if target not in range(len(row)):
            raise IndexError(target)
        largest = max(row)
        losses.append(largest + math.log(sum(math.exp(z - largest) for z in row)) - row[target])
    return sum(losses) / len(losses)


@alternative(of="cross_entropy")
def cross_entropy_as_float32(logits, targets):
    rows, vocabulary = logits.shape
    if targets.shape != (rows,) or (targets < 0).any() or (targets > vocabulary - 1).any():
        raise ValueError("bad targets")
    margins = logits - logits[np.arange(rows), targets][:, None]
    largest = margins.max(axis=1, keepdims=True)
    losses = largest[:, 0] + np.log(np.exp(margins - largest).sum(axis=1))
    return np.float32(losses.mean())


@alternative(of="cross_entropy")
def cross_entropy_as_0d_array(logits, targets):
    if logits.ndim != 2 or targets.ndim != 1 or len(logits) != len(targets):
        raise ValueError("wrong shapes")
    if not np.isin(targets, np.arange(logits.shape[1])).all():
        raise ValueError("no such token")
    columns = (logits - logits.max(axis=1, keepdims=True)).T
    log_probs = columns - np.log(np.exp(columns).sum(axis=0))
    return np.array(-log_probs[targets, np.arange(len(targets))].mean())


# --- next_token_pairs ---


@alternative(of="next_token_pairs")
def pairs_with_sliding_window_view(token_ids, context_length):
    if context_length >= token_ids.shape[0]:
        raise ValueError("too few tokens")
    inputs = np.lib.stride_tricks.sliding_window_view(token_ids[:-1], context_length)
    targets = np.lib.stride_tricks.sliding_window_view(token_ids[1:], context_length)
    return inputs, targets


@alternative(of="next_token_pairs")
def pairs_as_lists(token_ids, context_length):
    ids = token_ids.tolist()
    if len(ids) <= context_length:
        raise ValueError("too few tokens")
    inputs, targets = [], []
    for start in range(len(ids) - context_length):
        inputs.append(ids[start : start + context_length])
        targets.append(ids[start + 1 : start + context_length + 1])
    return [inputs, targets]


@alternative(of="next_token_pairs")
def pairs_by_index(token_ids, context_length):
    rows = len(token_ids) - context_length
    if rows < 1:
        raise ValueError("too few tokens")
    index = np.arange(rows)[:, np.newaxis] + np.arange(context_length)[np.newaxis, :]
    return token_ids[index], token_ids[index + 1]


@alternative(of="next_token_pairs")
def pairs_filled_in_place_by_place(token_ids, context_length):
    rows = len(token_ids) - context_length
    if rows <= 0:
        raise ValueError("too few tokens")
    inputs = np.empty((rows, context_length), dtype=np.int32)
    targets = np.empty_like(inputs)
    for i in range(rows):
        for j in range(context_length):
            inputs[i, j] = token_ids[i + j]
            targets[i, j] = token_ids[i + j + 1]
    return inputs, targets


@alternative(of="next_token_pairs")
def pairs_stacked_by_column(token_ids, context_length):
    rows = len(token_ids) - context_length
    if not rows > 0:
        raise ValueError("too few tokens")
    columns = [token_ids[offset : offset + rows] for offset in range(context_length + 1)]
    windows = np.stack(columns, axis=1)
    return windows[:, :context_length], windows[:, -context_length:]


# --- perplexity ---


@alternative(of="perplexity")
def perplexity_with_math_exp(mean_nll):
    return math.exp(mean_nll)


@alternative(of="perplexity")
def perplexity_as_power_of_e(mean_nll):
    return np.e**mean_nll


@alternative(of="perplexity")
def perplexity_in_bits(mean_nll):
    return 2.0 ** (mean_nll / math.log(2.0))


@alternative(of="perplexity")
def perplexity_as_one_over_probability(mean_nll):
    return 1.0 / np.exp(-mean_nll)


@alternative(of="perplexity")
def perplexity_as_float32(mean_nll):
    return np.float32(np.exp(mean_nll))


@alternative(of="perplexity")
def perplexity_as_0d_array(mean_nll):
    return np.array(np.exp(np.asarray(mean_nll, dtype=float)))
