"""Correct answers to the `training` lab's stubs, written in different ways."""

import numpy as np

from autograder.testing import alternative

# --- gradient_descent ---


@alternative(of="gradient_descent")
def walk_with_a_variable(grad, x0, lr, steps):
    x = x0
    positions = [x]
    for _ in range(steps):
        x = x - lr * grad(x)
        positions.append(x)
    return positions


@alternative(of="gradient_descent")
def walk_as_array(grad, x0, lr, steps):
    positions = np.empty((steps + 1, *np.shape(x0)))
    positions[0] = x0
    for step in range(steps):
        positions[step + 1] = positions[step] - lr * grad(positions[step])
    return positions


@alternative(of="gradient_descent")
def walk_in_place_with_copies(grad, x0, lr, steps):
    x = np.array(x0, dtype=float)
    positions = [x.copy()]
    while len(positions) <= steps:
        x -= lr * np.asarray(grad(x))
        positions.append(x.copy())
    return positions


@alternative(of="gradient_descent")
def walk_recursively(grad, x0, lr, steps):
    if steps == 0:
        return [x0]
    return [x0, *gradient_descent(grad, x0 - lr * grad(x0), lr, steps - 1)]  # noqa: F821


@alternative(of="gradient_descent")
def walk_as_float32_tuple(grad, x0, lr, steps):
    positions = (np.float32(x0),)
    for _ in range(steps):
        positions += (np.float32(positions[-1] - np.float32(lr) * np.float32(grad(positions[-1]))),)
    return positions


# --- sgd_step ---


@alternative(of="sgd_step")
def step_in_place(params, grads, lr):
    for name in params:
        params[name] -= lr * grads[name]


@alternative(of="sgd_step")
def step_in_place_and_returned(params, grads, lr):
    for name, param in params.items():
        params[name] = param - lr * grads[name]
    return params


@alternative(of="sgd_step")
def step_on_a_copy(params, grads, lr):
    stepped = dict(params)
    for name in params:
        stepped[name] = np.subtract(stepped[name], np.multiply(grads[name], lr))
    return stepped


@alternative(of="sgd_step")
def step_as_float32(params, grads, lr):
    return {
        name: np.float32(param) - np.float32(lr) * np.asarray(grads[name], dtype=np.float32)
        for name, param in params.items()
    }


@alternative(of="sgd_step")
def step_with_an_own_error(params, grads, lr):
    missing = sorted(set(params) - set(grads))
    if missing:
        raise KeyError(f"no gradients for {missing}")
    return dict((name, params[name] + (-lr) * grads[name]) for name in reversed(params))  # noqa: C402


@alternative(of="sgd_step")
def step_as_lists(params, grads, lr):
    return {name: (np.asarray(param) - lr * np.asarray(grads[name])).tolist() for name, param in params.items()}


# --- train ---


@alternative(of="train")
def train_in_place(params, batches, lr, loss_and_grads):
    losses = []
    for X, y in batches:
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        for name in params:
            params[name] -= lr * grads[name]
    return params, losses


@alternative(of="train")
def train_with_the_labs_own_step(params, batches, lr, loss_and_grads):
    losses = []
    for batch in batches:
        loss, grads = loss_and_grads(params, *batch)
        stepped = sgd_step(params, grads, lr)  # noqa: F821
        params = params if stepped is None else stepped
        losses.append(loss)
    return params, losses


@alternative(of="train")
def train_on_a_list(params, batches, lr, loss_and_grads):
    batches = list(batches)
    losses = np.zeros(len(batches))
    for i in range(len(batches)):
        losses[i], grads = loss_and_grads(params, batches[i][0], batches[i][1])
        params = {name: params[name] - lr * grads[name] for name in params}
    return [params, losses]


@alternative(of="train")
def train_while_there_are_batches(params, batches, lr, loss_and_grads):
    params = {name: np.array(param, dtype=float) for name, param in params.items()}
    losses, left = [], iter(batches)
    while True:
        try:
            inputs, targets = next(left)
        except StopIteration:
            return params, losses
        loss, grads = loss_and_grads(params, inputs, targets)
        losses.append(np.float32(loss))
        for name, grad in grads.items():
            params[name] -= lr * np.asarray(grad)


@alternative(of="train")
def train_recursively(params, batches, lr, loss_and_grads):
    batches = list(batches)
    if not batches:
        return params, []
    loss, grads = loss_and_grads(params, *batches[0])
    params = {name: param - lr * grads[name] for name, param in params.items()}
    if len(batches) == 1:
        return params, [loss]
    params, losses = train(params, batches[1:], lr, loss_and_grads)  # noqa: F821
    return params, [loss, *losses]
