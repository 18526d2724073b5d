"""Correct answers to the stubs of the `backprop` lab, written in different ways."""

import math

import numpy as np

from autograder.testing import alternative

# --- numerical_gradient ---


@alternative(of="numerical_gradient")
def slopes_on_copies(f, x, h=1e-5):
    gradient = np.zeros_like(x, dtype=float)
    for index in np.ndindex(x.shape):
        up, down = x.astype(float), x.astype(float)
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


@alternative(of="numerical_gradient")
def slopes_putting_entries_back(f, x, h=1e-5):
    v = np.array(x, dtype=np.float64)
    gradient = np.zeros(v.shape)
    walk = np.nditer(v, flags=["multi_index"])
    while not walk.finished:
        index = walk.multi_index
        before = v[index]
        v[index] = before + h
        up = f(v)
        v[index] = before - h
        down = f(v)
        v[index] = before
        gradient[index] = (up - down) / (2.0 * h)
        walk.iternext()
    return gradient


@alternative(of="numerical_gradient")
def slopes_putting_the_callers_entries_back(f, x, h=1e-5):
    if x.dtype != np.float64:
        x = x.astype(np.float64)
    gradient = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        before = x[index].copy()
        x[index] = before - h
        gradient[index] = -f(x)
        x[index] = before + h
        gradient[index] += f(x)
        x[index] = before
    return gradient / (2 * h)


@alternative(of="numerical_gradient")
def slopes_through_a_flat_copy(f, x, h=1e-5):
    flat = x.ravel().astype(float)
    slopes = []
    for place in range(flat.size):
        shifted = []
        for direction in (+1, -1):
            v = flat.copy()
            v[place] += direction * h
            shifted.append(float(f(v.reshape(x.shape))))
        slopes.append((shifted[0] - shifted[1]) / (2 * h))
    return np.array(slopes).reshape(x.shape)


@alternative(of="numerical_gradient")
def slopes_as_lists(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape((x.size, *x.shape))
    slopes = np.array([(f(x + step) - f(x - step)) / (h + h) for step in steps])
    return slopes.reshape(x.shape).tolist()


@alternative(of="numerical_gradient")
def slopes_from_two_half_steps(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h / 2
        gradient[index] = (f(x + step) - f(x - step)) / h
    return gradient


@alternative(of="numerical_gradient")
def slopes_from_five_points(f, x, h=1e-4):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        near, far = f(x + step) - f(x - step), f(x + 2 * step) - f(x - 2 * step)
        gradient[index] = (8 * near - far) / (12 * h)
    return gradient


@alternative(of="numerical_gradient")
def slopes_with_a_smaller_step(f, x, h=1e-6):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = np.array(x, float), np.array(x, float)
        up[index], down[index] = x[index] + h, x[index] - h
        gradient[index] = (f(up) - f(down)) / (up[index] - down[index])
    return gradient


@alternative(of="numerical_gradient")
def slopes_averaged_from_both_sides(f, x, h=1e-5):
    here = f(x.astype(float))
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = ((f(x + step) - here) / h + (here - f(x - step)) / h) / 2
    return gradient


# --- house_price_gradients ---


@alternative(of="house_price_gradients")
def house_by_house(w, b, sizes, prices):
    dw = db = 0.0
    for size, price in zip(sizes.tolist(), prices.tolist(), strict=True):
        error = w * size + b - price
        dw += 2 * error * size / len(sizes)
        db += 2 * error / len(sizes)
    return dw, db


@alternative(of="house_price_gradients")
def house_prices_with_dot_products(w, b, sizes, prices):
    errors = np.asarray(sizes, dtype=float) * w + b - prices
    return [2.0 / len(errors) * errors @ sizes, 2.0 / len(errors) * errors.sum()]


@alternative(of="house_price_gradients")
def house_prices_as_an_array(w, b, sizes, prices):
    design = np.column_stack([sizes, np.ones(len(sizes))])
    return 2 * design.T @ (design @ np.array([w, b]) - prices) / len(sizes)


@alternative(of="house_price_gradients")
def house_prices_as_float32(w, b, sizes, prices):
    errors = (w * sizes + b - prices).astype(np.float32)
    return np.float32(2) * (errors * sizes.astype(np.float32)).mean(), np.float32(2) * errors.mean()


@alternative(of="house_price_gradients")
def house_prices_as_0d_arrays(w, b, sizes, prices):
    errors = prices - np.polyval([w, b], sizes)
    return np.array(-2 * np.average(errors * sizes)), np.array(-2 * np.average(errors))


@alternative(of="house_price_gradients")
def house_prices_multiplied_out(w, b, sizes, prices):
    size, price = np.mean(sizes), np.mean(prices)
    dw = 2 * (w * np.mean(sizes * sizes) + b * size - np.mean(sizes * prices))
    return float(dw), float(2 * (w * size + b - price))


@alternative(of="house_price_gradients")
def house_prices_with_fsum(w, b, sizes, prices):
    pairs = [(float(s), w * float(s) + b - float(p)) for s, p in zip(sizes, prices, strict=True)]
    return 2 * math.fsum(s * e for s, e in pairs) / len(pairs), 2 * math.fsum(e for _, e in pairs) / len(pairs)


# --- cross_entropy_backward ---


@alternative(of="cross_entropy_backward")
def with_a_one_hot_table(logits, targets):
    rows, vocabulary = logits.shape
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True) - np.eye(vocabulary)[targets]) / rows


@alternative(of="cross_entropy_backward")
def with_comparison(logits, targets):
    log_total = np.logaddexp.reduce(logits, axis=1, keepdims=True)
    right = np.arange(logits.shape[1]) == targets[:, None]
    return (np.exp(logits - log_total) - right) / logits.shape[0]


@alternative(of="cross_entropy_backward")
def row_by_row_in_plain_python(logits, targets):
    gradient = []
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        exponentials = [math.exp(score - max(row)) for score in row]
        total = sum(exponentials)
        gradient.append([(each / total - (i == target)) / len(targets) for i, each in enumerate(exponentials)])
    return gradient


@alternative(of="cross_entropy_backward")
def backward_as_float32(logits, targets):
    z = logits.astype(np.float32)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    p[range(len(p)), targets] -= np.float32(1)
    return p / np.float32(len(p))


@alternative(of="cross_entropy_backward")
def through_the_jacobian(logits, targets):
    gradient = np.zeros(logits.shape)
    for n, target in enumerate(targets):
        powers = np.exp(logits[n] - max(logits[n]))
        log_p_slopes = np.eye(logits.shape[1])[target] - powers / powers.sum()
        gradient[n] = -log_p_slopes / len(targets)
    return gradient


@alternative(of="cross_entropy_backward")
def with_put_along_axis(logits, targets):
    probs = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    probs = probs / np.sum(probs, axis=-1, keepdims=True)
    at = targets.reshape(-1, 1)
    np.put_along_axis(probs, at, np.take_along_axis(probs, at, axis=1) - 1, axis=1)
    return probs * (1 / len(targets))


@alternative(of="cross_entropy_backward")
def minus_the_odds(logits, targets):
    gradient = np.zeros(logits.shape)
    for n, i in np.ndindex(logits.shape):
        with np.errstate(over="ignore"):
            p = 1 / np.sum(np.exp(logits[n] - logits[n, i]))
        gradient[n, i] = (p - 1 if i == targets[n] else p) / len(logits)
    return gradient


# --- linear_backward ---


@alternative(of="linear_backward")
def backward_with_einsum(grad_out, X, W):
    return (
        np.einsum("nj,ij->ni", grad_out, W),
        np.einsum("ni,nj->ij", X, grad_out),
        np.einsum("nj->j", grad_out),
    )


@alternative(of="linear_backward")
def backward_example_by_example(grad_out, X, W):
    grad_X, grad_W, grad_b = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for n in range(len(X)):
        grad_X[n] = W @ grad_out[n]
        grad_W += np.outer(X[n], grad_out[n])
        grad_b += grad_out[n]
    return grad_X, grad_W, grad_b


@alternative(of="linear_backward")
def backward_number_by_number(grad_out, X, W):
    rows, inputs, outputs = len(X), len(W), W.shape[1]
    grad_X = [[sum(grad_out[n, j] * W[i, j] for j in range(outputs)) for i in range(inputs)] for n in range(rows)]
    grad_W = [[sum(X[n, i] * grad_out[n, j] for n in range(rows)) for j in range(outputs)] for i in range(inputs)]
    grad_b = [float(sum(grad_out[n, j] for n in range(rows))) for j in range(outputs)]
    return [np.array(grad_X, dtype=float), np.array(grad_W, dtype=float), grad_b]


@alternative(of="linear_backward")
def layer_backward_as_float32(grad_out, X, W):
    g, x, w = (np.asarray(each, dtype=np.float32) for each in (grad_out, X, W))
    return np.dot(g, w.T), np.dot(x.T, g), g.sum(0)


@alternative(of="linear_backward")
def backward_as_lists(grad_out, X, W):
    grad_W = (grad_out.T @ X).T
    return (W @ grad_out.T).T.tolist(), grad_W.tolist(), (np.ones(len(X)) @ grad_out).tolist()


@alternative(of="linear_backward")
def backward_with_the_bias_as_a_weight(grad_out, X, W):
    with_ones = np.hstack([X, np.ones((len(X), 1))])
    both = np.tensordot(with_ones, grad_out, axes=(0, 0))
    return np.inner(grad_out, W), both[:-1], both[-1]


# --- mlp_loss_and_grads ---


@alternative(of="mlp_loss_and_grads")
def mlp_with_a_where(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    h = np.where(a > 0, a, 0.0)
    logits = h @ params["W2"] + params["b2"]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[np.arange(len(X)), targets].mean()
    grad_logits = (np.exp(log_probs) - np.eye(logits.shape[1])[targets]) / len(X)
    grad_a = np.where(a > 0, grad_logits @ params["W2"].T, 0.0)
    grad_1, grad_2 = (X.T @ grad_a, grad_a.sum(axis=0)), (h.T @ grad_logits, grad_logits.sum(axis=0))
    return float(loss), {"W1": grad_1[0], "b1": grad_1[1], "W2": grad_2[0], "b2": grad_2[1]}


@alternative(of="mlp_loss_and_grads")
def mlp_with_the_functions_above(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    h = a * (a > 0)
    logits = h @ params["W2"] + params["b2"]
    grads = {}
    grad_h, grads["W2"], grads["b2"] = linear_backward(cross_entropy_backward(logits, targets), h, params["W2"])  # noqa: F821
    _, grads["W1"], grads["b1"] = linear_backward(grad_h * (a >= 0), X, params["W1"])  # noqa: F821
    return cross_entropy(logits, targets), grads  # noqa: F821


@alternative(of="mlp_loss_and_grads")
def mlp_example_by_example(params, X, targets):
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    loss, grads = 0.0, {name: np.zeros(np.shape(value)) for name, value in params.items()}
    for x, target in zip(X, targets, strict=True):
        h = np.maximum(0, x @ W1 + b1)
        scores = h @ W2 + b2
        log_probs = scores - np.logaddexp.reduce(scores)
        loss -= log_probs[target] / len(X)
        slope = np.exp(log_probs)
        slope[target] -= 1
        back = (W2 @ slope) * np.sign(h)
        for name, part in (("W1", np.outer(x, back)), ("b1", back), ("W2", np.outer(h, slope)), ("b2", slope)):
            grads[name] += part / len(X)
    return loss, grads


@alternative(of="mlp_loss_and_grads")
def mlp_as_float32(params, X, targets):
    W1, b1, W2, b2 = (params[name].astype(np.float32) for name in ("W1", "b1", "W2", "b2"))
    X = X.astype(np.float32)
    h = np.maximum(X @ W1 + b1, 0)
    z = h @ W2 + b2
    z = z - z.max(axis=1, keepdims=True)
    log_probs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    g = np.exp(log_probs)
    g[np.arange(len(X)), targets] -= 1
    g /= len(X)
    d = g @ W2.T
    d[h <= 0] = 0
    loss = -log_probs[np.arange(len(X)), targets].mean()
    return [loss, {"b2": g.sum(0), "W2": h.T @ g, "b1": d.sum(0), "W1": X.T @ d}]


@alternative(of="mlp_loss_and_grads")
def mlp_with_einsum_and_lists(params, X, targets):
    a = np.einsum("nd,dh->nh", X, params["W1"]) + params["b1"]
    h = np.clip(a, 0, None)
    z = np.einsum("nh,hv->nv", h, params["W2"]) + params["b2"]
    log_total = np.logaddexp.reduce(z, axis=1)
    right = np.equal.outer(targets, np.arange(z.shape[1]))
    g = (np.exp(z - log_total[:, None]) - right) / len(X)
    d = np.einsum("nv,hv,nh->nh", g, params["W2"], np.heaviside(a, 0.5))
    grads = {"W1": np.einsum("nd,nh->dh", X, d), "b1": d.sum(0), "W2": np.einsum("nh,nv->hv", h, g), "b2": g.sum(0)}
    return np.array(np.mean(log_total - z[right])), {name: grad.tolist() for name, grad in grads.items()}
