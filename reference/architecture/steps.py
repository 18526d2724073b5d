"""The steps that `keep` and `compare` recognize in the `architecture` lab, with the notebook's examples."""

import numpy as np

from autograder.testing import steps
from reference import architecture

# The example worked out by hand in part 3: two positions, d = 4.
Q = np.array([[2.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
K = np.array([[3.0, 0.0, 5.0, 0.0], [1.0, 2 * np.log(3), 0.0, 0.0]])
V = np.array([[10.0], [50.0]])


def block():
    """The rows and weights for the comparison in part 4, drawn the same way as in the notebook."""
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(2, 3))
    shapes = {"Wq": (3, 3), "Wk": (3, 3), "Wv": (3, 3), "Wo": (3, 3), "W1": (3, 4), "b1": 4, "W2": (4, 3), "b2": 3}
    return rows, {name: rng.normal(size=shape) for name, shape in shapes.items()}


@steps(of="causal_attention", example=(Q, K, V))
def attention(q, k, v):
    out, weights = architecture.causal_attention(q, k, v)
    return {"scores": q @ k.mT / k.shape[-1] ** 0.5, "weights": weights, "out": out}


@steps(of="transformer_block", example=block())
def attention_and_feed_forward(x, params):
    import torch  # imported here because this file is also loaded without torch

    normed = torch.nn.functional.layer_norm(x, x.shape[-1:], eps=1e-5)
    q, k, v = (normed @ params[name] for name in ("Wq", "Wk", "Wv"))
    gathered, _ = architecture.causal_attention(q, k, v)
    x1 = x + gathered @ params["Wo"]
    normed1 = torch.nn.functional.layer_norm(x1, x1.shape[-1:], eps=1e-5)
    hidden = torch.relu(normed1 @ params["W1"] + params["b1"])
    x2 = architecture.transformer_block(x, params)
    return {
        "normed": normed,
        "q": q,
        "k": k,
        "v": v,
        "gathered": gathered,
        "x1": x1,
        "normed1": normed1,
        "hidden": hidden,
        "x2": x2,
    }
