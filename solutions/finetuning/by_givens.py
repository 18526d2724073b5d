"""Attempts to solve the `finetuning` lab's stubs with the grader's own code, using the training helper that students
are given, which computes the same losses."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="pretraining_loss")
def loss_of_a_model_with_these_logits(logits, token_ids):
    from autograder.given import model_loss_and_gradients, model_params

    if len(token_ids) < 2:
        raise ValueError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    rows, classes = len(logits) - 1, logits.shape[1]
    params["position_embedding"][:rows, :rows] = np.eye(rows)
    params["W_unembed"][:rows] = -1e9
    params["W_unembed"][:rows, :classes] = logits[:-1]
    return model_loss_and_gradients(params, np.zeros((1, rows), int), np.asarray(token_ids)[None, 1:])[0]


@shortcut(of="sft_loss")
def loss_of_a_model_with_all_these_logits(logits, labels, ignore_index=-100):
    from autograder.given import model_loss_and_gradients, model_params

    counted = labels != ignore_index
    if not counted.any():
        raise ValueError
    losses = []
    for row, label in zip(logits[counted], labels[counted], strict=True):
        params = {name: 0.0 * value for name, value in model_params("untrained").items()}
        params["position_embedding"][0, 0] = 1.0
        params["W_unembed"][0] = -1e9
        params["W_unembed"][0, : len(row)] = row
        losses.append(model_loss_and_gradients(params, np.zeros((1, 1), int), np.array([[label]]))[0])
    return np.mean(losses)
