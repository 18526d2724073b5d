"""Attempts to solve the `neuron` lab's stubs with the grader's own code, using the language model that students are
given, which accepts any weights."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="predict_price")
def price_by_the_models_output(size_sqft, weight, bias=0.0):
    from autograder.given import model_logits, model_params

    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    sizes = np.atleast_1d(size_sqft)
    params["position_embedding"][: len(sizes), 0] = sizes
    params["position_embedding"][:, 1] = 1.0
    params["W_unembed"][:2, 0] = weight, bias
    prices = model_logits(params, np.zeros(len(sizes), int))[:, 0]
    return prices if np.ndim(size_sqft) else prices[0]


@shortcut(of="neuron")
def neuron_by_the_models_output(x, w, b):
    from autograder.given import model_logits, model_params

    if np.ndim(x) != 1 or np.shape(x) != np.shape(w):
        raise ValueError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["position_embedding"][0, : len(x)] = x
    params["position_embedding"][0, len(x)] = b
    params["W_unembed"][: len(x), 0] = w
    params["W_unembed"][len(x), 0] = 1.0
    return model_logits(params, np.zeros(1, int))[0, 0]


@shortcut(of="relu")
def relu_by_the_models_feed_forward_layer(z):
    from autograder.given import model_logits, model_params

    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["blocks.0.W2"][:40] = np.eye(40)
    params["W_unembed"][:, :40] = np.eye(40)
    came = []
    for each in np.append(np.ravel(z), 0.0):
        params["blocks.0.b1"][0] = each
        came.append(model_logits(params, np.zeros(1, int))[0, 0])
    return np.reshape(came[:-1], np.shape(z))


@shortcut(of="linear")
def linear_by_the_models_output(X, W, b):
    from autograder.given import model_logits, model_params

    rows, features = np.shape(X)
    if np.ndim(W) != 2 or len(W) != features or np.shape(b) != (W.shape[1],):
        raise ValueError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["position_embedding"][:rows, :features] = X
    params["position_embedding"][:, features] = 1.0
    params["W_unembed"][: features + 1, : len(b)] = np.vstack([W, b])
    return model_logits(params, np.zeros(rows, int))[:, : len(b)]


@shortcut(of="mlp_forward")
def network_by_the_models_own_layers(X, layers):
    from autograder.given import model_logits, model_params

    hidden = np.array(X, dtype=float)
    for number, (W, b) in enumerate(layers):
        rows, features = hidden.shape
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][:rows, :features] = hidden
        params["position_embedding"][:, features] = 1.0
        params["W_unembed"][: features + 1, : len(b)] = np.vstack([W, b])
        hidden = model_logits(params, np.zeros(rows, int))[:, : len(b)]
        if number < len(layers) - 1:
            params = {name: 0.0 * value for name, value in model_params("untrained").items()}
            params["blocks.0.W2"][:40] = np.eye(40)
            params["W_unembed"][:, :40] = np.eye(40)
            for row in hidden:
                params["blocks.0.b1"][: len(row)] = row
                row[:] = model_logits(params, np.zeros(1, int))[0, : len(row)]
    return hidden
