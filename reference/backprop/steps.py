"""The steps that `keep` and `compare` recognize in the `backprop` lab, with the notebook's examples."""

import numpy as np

from autograder.testing import steps
from reference import backprop, softmax
from reference.backprop.test_visible import GUESSES, INPUT, MAT, NETWORK, RIGHT


@steps(of="cross_entropy_backward", example=(GUESSES, np.array([MAT])))
def scores(logits, targets):
    return {"probs": softmax.softmax(logits), "dlogits": backprop.cross_entropy_backward(logits, targets)}


@steps(
    of="linear_backward",
    example=(
        np.array([[1.0, 0.0], [2.0, -1.0]]),
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([[5.0, -1.0], [2.0, 3.0]]),
    ),
)
def layer(grad_out, X, W):
    return dict(zip(("grad_X", "grad_W", "grad_b"), backprop.linear_backward(grad_out, X, W), strict=True))


@steps(of="mlp_loss_and_grads", example=(NETWORK, INPUT, RIGHT))
def network(params, X, targets):
    import torch  # imported here because this file is also loaded without torch

    a = X.double() @ params["W1"] + params["b1"]
    h = torch.relu(a)
    logits = h @ params["W2"] + params["b2"]
    loss, _ = backprop.mlp_loss_and_grads(params, X, targets)
    grad_logits = backprop.cross_entropy_backward(logits, targets)
    grad_h, grad_W2, grad_b2 = backprop.linear_backward(grad_logits, h, params["W2"])
    grad_a = grad_h * (a > 0)
    _, grad_W1, grad_b1 = backprop.linear_backward(grad_a, X, params["W1"])
    return {
        "a": a,
        "h": h,
        "logits": logits,
        "loss": loss,
        "grad_logits": grad_logits,
        "grad_W2": grad_W2,
        "grad_b2": grad_b2,
        "grad_h": grad_h,
        "grad_a": grad_a,
        "grad_W1": grad_W1,
        "grad_b1": grad_b1,
    }
