"""Correct answers to the `neuron` lab's stubs, written in different ways."""

import numpy as np

from autograder.testing import alternative

# --- predict_price ---


@alternative(of="predict_price")
def price_with_multiply_and_add(size_sqft, weight, bias=0.0):
    return np.add(np.multiply(weight, size_sqft), bias)


@alternative(of="predict_price")
def price_as_float32(size_sqft, weight, bias=0.0):
    return np.asarray(size_sqft, dtype=np.float32) * np.float32(weight) + np.float32(bias)


@alternative(of="predict_price")
def price_as_lists(size_sqft, weight, bias=0.0):
    if np.ndim(size_sqft) == 0:
        return size_sqft * weight + bias
    return [size * weight + bias for size in size_sqft]


@alternative(of="predict_price")
def price_house_by_house(size_sqft, weight, bias=0.0):
    prices = np.empty(np.shape(size_sqft))
    for index in np.ndindex(prices.shape):
        prices[index] = np.asarray(size_sqft)[index] * weight + bias
    return prices


@alternative(of="predict_price")
def price_as_polynomial(size_sqft, weight, bias=0.0):
    return np.polyval([weight, bias], size_sqft)


@alternative(of="predict_price")
def price_in_place_on_a_copy(size_sqft, weight, bias=0.0):
    prices = np.array(size_sqft, dtype=float)
    prices *= weight
    prices += bias
    return prices


# --- neuron ---


@alternative(of="neuron")
def neuron_with_a_loop(x, w, b):
    if x.ndim != 1 or w.ndim != 1 or len(x) != len(w):
        raise ValueError("x and w must be 1-D and have the same length")
    total = b
    for value, weight in zip(x, w, strict=True):
        total += value * weight
    return total


@alternative(of="neuron")
def neuron_with_matmul(x, w, b):
    if x.shape != w.shape or len(x.shape) != 1:
        raise ValueError("x and w must be 1-D and have the same length")
    return x @ w + b


@alternative(of="neuron")
def neuron_as_float32(x, w, b):
    if x.shape != w.shape or x.ndim != 1:
        raise ValueError("x and w must be 1-D and have the same length")
    return np.float32(np.sum(x.astype(np.float32) * w.astype(np.float32)) + np.float32(b))


@alternative(of="neuron")
def neuron_as_0d_array(x, w, b):
    if x.shape != w.shape or x.ndim != 1:
        raise ValueError("x and w must be 1-D and have the same length")
    return np.asarray(np.einsum("i,i->", x, w) + b)


@alternative(of="neuron")
def neuron_in_plain_python(x, w, b):
    values, weights = x.tolist(), w.tolist()
    if x.ndim > 1 or w.ndim > 1:
        raise ValueError("no tables")
    return sum([value * weight for value, weight in zip(values, weights, strict=True)], b)


@alternative(of="neuron")
def neuron_with_bias_as_weight(x, w, b):
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError("x and w must be 1-D and have the same length")
    return float(np.append(x, 1.0).dot(np.append(w, b)))


# --- relu ---


@alternative(of="relu")
def relu_with_where(z):
    return np.where(z > 0, z, 0.0)


@alternative(of="relu")
def relu_with_a_mask(z):
    return z * (z > 0)


@alternative(of="relu")
def relu_with_clip(z):
    return np.clip(z, 0, None)


@alternative(of="relu")
def relu_with_absolute_value(z):
    return (z + np.abs(z)) / 2


@alternative(of="relu")
def relu_on_a_copy(z):
    positive = z.copy()
    positive[positive < 0] = 0
    return positive


@alternative(of="relu")
def relu_as_float32(z):
    return np.maximum(z.astype(np.float32), np.float32(0))


@alternative(of="relu")
def relu_as_lists(z):
    return np.maximum(z, 0).tolist()


@alternative(of="relu")
def relu_number_by_number(z):
    bent = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        bent[index] = max(0.0, z[index])
    return bent


# --- linear ---


@alternative(of="linear")
def linear_with_einsum(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes do not fit")
    return np.einsum("ni,io->no", X, W) + b


@alternative(of="linear")
def linear_as_float32(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes do not fit")
    return X.astype(np.float32) @ W.astype(np.float32) + b.astype(np.float32)


@alternative(of="linear")
def linear_neuron_by_neuron(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[0] or b.shape != (W.shape[1],):
        raise ValueError("shapes do not fit")
    return np.column_stack([np.sum(X * W[:, i], axis=1) + b[i] for i in range(len(b))])


@alternative(of="linear")
def linear_with_biases_as_weights(X, W, b):
    (rows, inputs), (weights, outputs) = X.shape, W.shape
    if inputs != weights or b.shape != (outputs,):
        raise ValueError("shapes do not fit")
    return np.hstack([X, np.ones((rows, 1))]) @ np.vstack([W, b])


@alternative(of="linear")
def linear_in_plain_python(X, W, b):
    if X.ndim != 2 or W.ndim != 2 or b.ndim != 1 or X.shape[1] != len(W) or len(b) != W.shape[1]:
        raise ValueError("shapes do not fit")
    outputs = [[sum(x * w for x, w in zip(row, W[:, i], strict=True)) + b[i] for i in range(len(b))] for row in X]
    return np.array(outputs).reshape(len(X), len(b))


@alternative(of="linear")
def linear_with_broadcasting(X, W, b):
    if not (X.ndim == W.ndim == 2 and b.ndim == 1 and X.shape[1] == W.shape[0] and b.size == W.shape[1]):
        raise ValueError("shapes do not fit")
    return (X[:, :, None] * W[None, :, :]).sum(axis=1) + b[None, :]


# --- mlp_forward ---


@alternative(of="mlp_forward")
def mlp_recursive(X, layers):
    (W, b), *others = layers
    outputs = X @ W + b
    return mlp_forward(np.where(outputs > 0, outputs, 0), others) if others else outputs  # noqa: F821


@alternative(of="mlp_forward")
def mlp_with_the_labs_own_stubs(X, layers):
    for W, b in layers[:-1]:
        X = relu(linear(X, W, b))  # noqa: F821
    return linear(X, *layers[-1])  # noqa: F821


@alternative(of="mlp_forward")
def mlp_with_a_counter(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W + b
        if i < len(layers) - 1:
            X = X * (X > 0)
    return X


@alternative(of="mlp_forward")
def mlp_as_float32(X, layers):
    X = X.astype(np.float32)
    for i, layer in enumerate(layers, start=1):
        X = X @ layer[0].astype(np.float32) + layer[1].astype(np.float32)
        if i != len(layers):
            X = np.maximum(X, 0)
    return X


@alternative(of="mlp_forward")
def mlp_with_relu_before_each_but_the_first(X, layers):
    X = X @ layers[0][0] + layers[0][1]
    for W, b in layers[1:]:
        X = np.einsum("ni,io->no", X.clip(0), W) + b
    return X


@alternative(of="mlp_forward")
def mlp_example_by_example(X, layers):
    outputs = np.empty((len(X), len(layers[-1][1])))
    for row, example in enumerate(X):
        numbers = list(example)
        for place, (W, b) in enumerate(layers):
            numbers = [sum(x * w for x, w in zip(numbers, W[:, i], strict=True)) + b[i] for i in range(len(b))]
            if place != len(layers) - 1:
                numbers = [max(number, 0.0) for number in numbers]
        outputs[row] = numbers
    return outputs
