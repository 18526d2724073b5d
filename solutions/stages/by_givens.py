"""Attempts to solve the `stages` lab's stubs by calling the training helper that students are given, which uses the
same losses."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="sequence_log_prob")
def loss_of_a_model_with_these_logits(logits, labels, ignore_index=-100):
    from autograder.given import model_loss_and_gradients, model_params

    found = np.zeros(len(labels))
    for example, position in np.argwhere(labels != ignore_index):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][0, 0] = 1.0
        params["W_unembed"][0] = -1e9
        params["W_unembed"][0, : logits.shape[2]] = logits[example, position]
        label = labels[example, position].reshape(1, 1)
        found[example] -= model_loss_and_gradients(params, np.zeros((1, 1), int), label)[0]
    return found


@shortcut(of="reward_model_loss")
def loss_of_a_model_of_two_words(r_chosen, r_rejected):
    from autograder.given import model_loss_and_gradients, model_params

    if np.shape(r_chosen) != np.shape(r_rejected):
        raise ValueError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    pairs = len(r_chosen)
    params["position_embedding"][:pairs, :pairs] = np.eye(pairs)
    params["W_unembed"][:pairs] = -1e9
    params["W_unembed"][:pairs, 0], params["W_unembed"][:pairs, 1] = r_chosen, r_rejected
    nothing = np.zeros((1, pairs), int)
    return model_loss_and_gradients(params, nothing, nothing)[0]
