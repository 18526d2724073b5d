"""An attempt to solve the `start` lab's stub by calling the grader's own code, since the language model that students
are given accepts any weights."""

import numpy as np

from autograder.testing import shortcut


@shortcut(of="row_means")
def means_by_the_models_output(table):
    from autograder.given import model_logits, model_params

    rows, columns = np.shape(table)
    params = {name: 0.0 * value for name, value in model_params("untrained").items()}
    params["position_embedding"][:rows, :columns] = table
    params["W_unembed"][:columns, 0] = 1 / columns
    return model_logits(params, np.zeros(rows, int))[:, 0]
