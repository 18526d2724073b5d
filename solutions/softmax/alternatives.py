"""Correct answers to the `softmax` lab's stubs, written in different ways."""

import math

import numpy as np

from autograder.testing import alternative

# --- softmax ---


@alternative(of="softmax")
def softmax_with_logsumexp(logits, axis=-1):
    maximum = np.max(logits, axis=axis, keepdims=True)
    log_total = maximum + np.log(np.sum(np.exp(logits - maximum), axis=axis, keepdims=True))
    return np.exp(logits - log_total)


@alternative(of="softmax")
def softmax_with_logaddexp(logits, axis=-1):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=axis, keepdims=True))


@alternative(of="softmax")
def softmax_as_float32(logits, axis=-1):
    z = np.asarray(logits, dtype=np.float32)
    z = np.exp(z - z.max(axis=axis, keepdims=True))
    return z / z.sum(axis=axis, keepdims=True)


@alternative(of="softmax")
def softmax_as_lists(logits, axis=-1):
    shifted = logits - np.amax(logits, axis=axis, keepdims=True)
    exponentials = np.exp(shifted)
    return (exponentials / exponentials.sum(axis=axis, keepdims=True)).tolist()


@alternative(of="softmax")
def softmax_along_each_slice(logits, axis=-1):
    def one(scores):
        exponentials = np.exp(scores - scores.max())
        return exponentials / exponentials.sum()

    return np.apply_along_axis(one, axis, logits)


@alternative(of="softmax")
def softmax_in_plain_python(logits, axis=-1):
    def deep(nested):
        if isinstance(nested[0], list):
            return [deep(inner) for inner in nested]
        highest = max(nested)
        exponentials = [math.exp(score - highest) for score in nested]
        total = sum(exponentials)
        return [value / total for value in exponentials]

    moved = np.moveaxis(logits, axis, -1)
    return np.moveaxis(np.array(deep(moved.tolist())), -1, axis)


@alternative(of="softmax")
def softmax_index_by_index(logits, axis=-1):
    probs = np.empty(logits.shape)
    axis = axis % logits.ndim
    others = logits.shape[:axis] + logits.shape[axis + 1 :]
    for index in np.ndindex(*others):
        place = (*index[:axis], slice(None), *index[axis:])
        exponentials = np.exp(logits[place] - max(logits[place]))
        probs[place] = exponentials / sum(exponentials)
    return probs


@alternative(of="softmax")
def softmax_with_powers_of_2(logits, axis=-1):
    bits = (logits - logits.max(axis=axis, keepdims=True)) * np.log2(np.e)
    powers = np.exp2(bits)
    return powers / powers.sum(axis=axis, keepdims=True)


@alternative(of="softmax")
def softmax_in_place_on_a_copy(logits, axis=-1):
    probs = np.array(logits, dtype=float)
    probs -= probs.max(axis=axis, keepdims=True)
    np.exp(probs, out=probs)
    probs /= probs.sum(axis=axis, keepdims=True)
    return probs


@alternative(of="softmax")
def softmax_with_expand_dims(logits, axis=-1):
    exponentials = np.exp(logits - np.expand_dims(logits.max(axis=axis), axis))
    return exponentials / np.expand_dims(exponentials.sum(axis=axis), axis)


@alternative(of="softmax")
def softmax_with_tiny_epsilon(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / (exponentials.sum(axis=axis, keepdims=True) + 1e-12)


# --- log_softmax ---


@alternative(of="log_softmax")
def log_softmax_with_logsumexp(logits, axis=-1):
    maximum = np.max(logits, axis=axis, keepdims=True)
    return logits - (maximum + np.log(np.sum(np.exp(logits - maximum), axis=axis, keepdims=True)))


@alternative(of="log_softmax")
def log_softmax_with_logaddexp(logits, axis=-1):
    return logits - np.logaddexp.reduce(logits, axis=axis, keepdims=True)


@alternative(of="log_softmax")
def log_softmax_as_float32(logits, axis=-1):
    z = np.asarray(logits, dtype=np.float32)
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


@alternative(of="log_softmax")
def log_softmax_as_lists(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))).tolist()


@alternative(of="log_softmax")
def log_softmax_along_each_slice(logits, axis=-1):
    def one(scores):
        shifted = scores - scores.max()
        return shifted - np.log(np.exp(shifted).sum())

    return np.apply_along_axis(one, axis, logits)


@alternative(of="log_softmax")
def log_softmax_in_plain_python(logits, axis=-1):
    def deep(nested):
        if isinstance(nested[0], list):
            return [deep(inner) for inner in nested]
        highest = max(nested)
        log_total = highest + math.log(sum(math.exp(score - highest) for score in nested))
        return [score - log_total for score in nested]

    return np.moveaxis(np.array(deep(np.moveaxis(logits, axis, -1).tolist())), -1, axis)


@alternative(of="log_softmax")
def log_softmax_with_log1p(logits, axis=-1):
    z = np.sort(logits, axis=axis)
    best = np.take(z, [-1], axis=axis)
    others = np.take(z, range(z.shape[axis] - 1), axis=axis)
    return logits - best - np.log1p(np.exp(others - best).sum(axis=axis, keepdims=True))


@alternative(of="log_softmax")
def log_softmax_from_odds(logits, axis=-1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    total = np.exp(shifted).sum(axis=axis, keepdims=True)
    return shifted + np.log(1 / total)


# --- softmax_with_temperature ---


@alternative(of="softmax_with_temperature")
def temperature_after_the_shift(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp((logits - logits.max(axis=axis, keepdims=True)) / temperature)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@alternative(of="softmax_with_temperature")
def temperature_as_powers_of_probabilities(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probs = exponentials / exponentials.sum(axis=axis, keepdims=True)
    powers = (probs / probs.max(axis=axis, keepdims=True)) ** (1 / temperature)
    return powers / powers.sum(axis=axis, keepdims=True)


@alternative(of="softmax_with_temperature")
def temperature_on_log_probabilities(logits, temperature, axis=-1):
    if not temperature > 0:
        raise ValueError("temperature must be above 0")
    shifted = logits - logits.max(axis=axis, keepdims=True)
    log_probs = (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))) / temperature
    return np.exp(log_probs - np.logaddexp.reduce(log_probs, axis=axis, keepdims=True))


@alternative(of="softmax_with_temperature")
def temperature_on_logs_of_probabilities(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    scaled = np.log(exponentials / exponentials.sum(axis=axis, keepdims=True)) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


@alternative(of="softmax_with_temperature")
def temperature_as_inverse(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    beta = 1.0 / temperature
    energies = beta * np.asarray(logits, dtype=np.float64)
    log_total = np.logaddexp.reduce(energies, axis=axis, keepdims=True)
    return np.exp(energies - log_total)


@alternative(of="softmax_with_temperature")
def temperature_as_float32(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    z = np.asarray(logits, dtype=np.float32)
    z = np.exp((z - z.max(axis=axis, keepdims=True)) / np.float32(temperature))
    return z / z.sum(axis=axis, keepdims=True)


@alternative(of="softmax_with_temperature")
def temperature_as_lists(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")

    def one(scores):
        highest = max(scores)
        exponentials = [math.exp((score - highest) / temperature) for score in scores]
        total = sum(exponentials)
        return [value / total for value in exponentials]

    return np.apply_along_axis(one, axis, logits).tolist()


@alternative(of="softmax_with_temperature")
def temperature_with_an_own_error(logits, temperature, axis=-1):
    class TemperatureError(ValueError):
        """Raised for temperatures of 0 or below."""

    if temperature <= 0:
        raise TemperatureError(temperature)
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


# --- entropy ---


@alternative(of="entropy")
def entropy_with_where(probs, axis=-1):
    logs = np.log(np.where(probs > 0, probs, 1.0))
    return -np.sum(probs * logs, axis=axis)


@alternative(of="entropy")
def entropy_with_epsilon(probs, axis=-1):
    return -np.sum(probs * np.log(probs + 1e-12), axis=axis)


@alternative(of="entropy")
def entropy_with_larger_epsilon(probs, axis=-1):
    return -np.sum(probs * np.log(probs + 1e-9), axis=axis)


@alternative(of="entropy")
def entropy_with_clip(probs, axis=-1):
    safe = np.clip(probs, 1e-12, 1.0)
    return -np.sum(safe * np.log(safe), axis=axis)


@alternative(of="entropy")
def entropy_with_masked_log(probs, axis=-1):
    logs = np.zeros(probs.shape)
    np.log(probs, out=logs, where=probs > 0)
    return -(probs * logs).sum(axis=axis)


@alternative(of="entropy")
def entropy_with_nansum(probs, axis=-1):
    with np.errstate(all="ignore"):
        return -np.nansum(probs * np.log(probs), axis=axis)


@alternative(of="entropy")
def entropy_with_masked_array(probs, axis=-1):
    return (-probs * np.ma.log(probs).filled(0.0)).sum(axis=axis)


@alternative(of="entropy")
def entropy_along_each_slice(probs, axis=-1):
    def one(row):
        row = row[row > 0]
        return float((row * np.log(1 / row)).sum())

    return np.apply_along_axis(one, axis, probs)


@alternative(of="entropy")
def entropy_in_plain_python(probs, axis=-1):
    def deep(nested):
        if isinstance(nested[0], list):
            return [deep(inner) for inner in nested]
        return -sum(p * math.log(p) for p in nested if p > 0)

    return deep(np.moveaxis(probs, axis, -1).tolist())


@alternative(of="entropy")
def entropy_as_float32(probs, axis=-1):
    p = probs.astype(np.float32)
    return np.abs(np.sum(p * np.log(p, where=p > 0, out=np.zeros_like(p)), axis=axis))


@alternative(of="entropy")
def entropy_from_bits(probs, axis=-1):
    bits = -(probs * np.log2(probs, out=np.zeros_like(probs), where=probs != 0)).sum(axis=axis)
    return bits * math.log(2)


@alternative(of="entropy")
def entropy_as_average_surprise(probs, axis=-1):
    surprises = -np.log(np.maximum(probs, np.finfo(float).tiny))
    return np.sum(surprises * probs, axis=axis)
