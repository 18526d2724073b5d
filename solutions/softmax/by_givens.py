"""Attempts to solve the `softmax` lab's stubs with the grader's own code, such as a loss gradient that contains a
softmax."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="softmax")
def softmax_by_the_gradient_of_a_loss(logits, axis=-1):
    from autograder.given import model_loss_and_gradients, model_params

    rows = np.moveaxis(np.asarray(logits, dtype=float), axis, -1)
    probs = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][0, 0] = 1.0
        params["W_unembed"][0] = -np.inf
        params["W_unembed"][0, : rows.shape[-1]] = rows[place]
        highest = np.array([[int(np.argmax(rows[place]))]])
        _, gradients = model_loss_and_gradients(params, np.zeros((1, 1), int), highest)
        probs[place] = gradients["W_unembed"][0, : rows.shape[-1]]
        probs[(*place, highest[0, 0])] += 1.0
    return np.moveaxis(probs, -1, axis)


@shortcut(of="softmax")
def softmax_by_attention(logits, axis=-1):
    from autograder.given import model_logits, model_params

    rows = np.moveaxis(np.asarray(logits, dtype=float), axis, -1)
    probs, classes = np.zeros(rows.shape), rows.shape[-1]
    for place in np.ndindex(rows.shape[:-1]):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        # All rows have the same norm, so layer norm keeps their proportions, and the last position attends to all of
        # them.
        params["position_embedding"][:classes, :20], params["position_embedding"][:classes, 20:] = 1.0, -1.0
        one_hot = np.sqrt(2.0) * np.eye(20)[:classes]
        params["position_embedding"][:classes] += np.hstack([one_hot, -one_hot])
        normed = params["position_embedding"][:classes]
        normed = (normed - normed.mean(1, keepdims=True)) / np.sqrt(normed.var(1, keepdims=True) + 1e-5)
        back = np.linalg.pinv(normed)
        params["blocks.0.Wq"][:, 0] = back @ np.ones(classes)
        params["blocks.0.Wk"][:, 0] = back @ rows[place] * np.sqrt(40)
        params["blocks.0.Wv"][:, :classes] = back @ np.eye(classes)
        params["blocks.0.Wo"] = np.eye(40)
        params["W_unembed"][:, :40] = np.eye(40)
        hidden = model_logits(params, np.zeros(classes, int))[-1, :40]
        probs[place] = (hidden - params["position_embedding"][classes - 1])[:classes]
    return np.moveaxis(probs, -1, axis)


@shortcut(of="log_softmax")
def log_softmax_by_the_loss_of_each_class(logits, axis=-1):
    from autograder.given import model_loss_and_gradients, model_params

    rows = np.moveaxis(np.asarray(logits, dtype=float), axis, -1)
    found = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][0, 0] = 1.0
        params["W_unembed"][0] = -np.inf
        params["W_unembed"][0, : rows.shape[-1]] = rows[place[:-1]]
        found[place] = -model_loss_and_gradients(params, np.zeros((1, 1), int), np.array([[place[-1]]]))[0]
    return np.moveaxis(found, -1, axis)


@shortcut(of="softmax_with_temperature")
def temperature_as_the_length_of_a_hidden_row(logits, temperature, axis=-1):
    from autograder.given import model_loss_and_gradients, model_params

    if temperature <= 0:
        raise ValueError
    rows = np.moveaxis(np.asarray(logits, dtype=float), axis, -1)
    probs = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][0, 0] = 1.0 / temperature
        params["W_unembed"][0] = -1e9 * temperature
        params["W_unembed"][0, : rows.shape[-1]] = rows[place] - rows[place].max()
        highest = np.array([[int(np.argmax(rows[place]))]])
        _, gradients = model_loss_and_gradients(params, np.zeros((1, 1), int), highest)
        probs[place] = gradients["W_unembed"][0, : rows.shape[-1]] * temperature
        probs[(*place, highest[0, 0])] += 1.0
    return np.moveaxis(probs, -1, axis)


@shortcut(of="entropy")
def entropy_as_the_loss_of_what_is_expected(probs, axis=-1):
    from autograder.given import model_loss_and_gradients, model_params

    rows = np.moveaxis(np.asarray(probs, dtype=float), axis, -1)
    found = np.zeros(rows.shape[:-1])
    for place in np.ndindex(rows.shape[:-1]):
        likely = np.flatnonzero(rows[place])
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][:, 0] = 1.0
        params["W_unembed"][0] = -1e9
        params["W_unembed"][0, likely] = np.log(rows[place][likely])
        labels, weights = likely[:, None], rows[place][likely]
        found[place] = model_loss_and_gradients(params, np.zeros(labels.shape, int), labels, weights)[0]
    return found if found.ndim else found[()]
