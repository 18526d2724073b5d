"""Attempts to solve the `loss` lab's stubs by calling the grader's own code, namely a training helper that returns
losses."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="cross_entropy")
def loss_of_a_model_with_these_logits(logits, targets):
    from autograder.given import model_loss_and_gradients, model_params

    if np.ndim(logits) != 2 or np.shape(targets) != np.shape(logits)[:1]:
        raise ValueError
    if np.min(targets) < 0 or np.max(targets) >= logits.shape[1]:
        raise IndexError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    rows, classes = logits.shape
    params["position_embedding"][:rows, :rows] = np.eye(rows)
    params["W_unembed"][:rows] = -1e9
    params["W_unembed"][:rows, :classes] = logits
    return model_loss_and_gradients(params, np.zeros((1, rows), int), np.asarray(targets)[None])[0]


@shortcut(of="surprisal")
def loss_of_a_model_with_these_probabilities(probs, target):
    from autograder.given import model_loss_and_gradients, model_params

    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["position_embedding"][0, 0] = 1.0
    params["W_unembed"][0] = -1e9
    params["W_unembed"][0, : len(probs)] = np.log(np.maximum(probs, 1e-300))
    return model_loss_and_gradients(params, np.zeros((1, 1), int), np.array([[target]]))[0]
