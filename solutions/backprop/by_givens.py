"""Attempts to solve the `backprop` lab's stubs by calling the grader's own code, since the training helper that
students are given returns gradients."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="cross_entropy_backward")
def gradient_of_a_model_with_these_logits(logits, targets):
    from autograder.given import model_loss_and_gradients, model_params

    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    rows, classes = logits.shape
    params["position_embedding"][:rows, :rows] = np.eye(rows)
    params["W_unembed"][:rows] = -1e9
    params["W_unembed"][:rows, :classes] = logits
    _, gradients = model_loss_and_gradients(params, np.zeros((1, rows), int), np.asarray(targets)[None])
    return gradients["W_unembed"][:rows, :classes]


@shortcut(of="linear_backward")
def products_by_the_models_output(grad_out, X, W):
    from autograder.given import model_logits, model_params

    def product(left, right):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][: len(left), : len(right)] = left
        params["W_unembed"][: len(right), : right.shape[1]] = right
        return model_logits(params, np.zeros(len(left), int))[:, : right.shape[1]]

    return product(grad_out, W.T), product(X.T, grad_out), product(np.ones((1, len(X))), grad_out)[0]
