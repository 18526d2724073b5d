"""Reference solutions for the `backprop` lab: the slopes of a loss with respect to every number it depends on."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def numerical_gradient(f: Callable[[Tensor], float], x: Tensor, h: float = 1e-5) -> Tensor:
    """Return the central differences of a scalar function `f` at `x` (any shape), as float64 with the shape of `x`."""
    steps = h * torch.eye(x.numel(), dtype=torch.float64).reshape(x.numel(), *x.shape)
    slopes = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]
    return torch.tensor(slopes, dtype=torch.float64).reshape(x.shape)


def house_price_gradients(w: float, b: float, sizes: Tensor, prices: Tensor) -> tuple[Tensor, ...]:
    """Return the gradients of mse_loss(w * sizes + b, prices) for `w` and `b`; sizes and prices have shape (N,)."""
    weight, bias = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (w, b))
    loss = functional.mse_loss(weight * sizes + bias, prices.double())
    return torch.autograd.grad(loss, (weight, bias))


def cross_entropy_backward(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the gradient (N, V) of the mean cross-entropy for the logits (N, V), given integer targets (N,)."""
    scores = logits.double().detach().requires_grad_()
    return torch.autograd.grad(functional.cross_entropy(scores, targets), scores)[0]


def linear_backward(grad_out: Tensor, X: Tensor, W: Tensor) -> tuple[Tensor, ...]:
    """Return the gradients (N, D_in), (D_in, D_out) and (D_out,) for X, W and b, given the gradient for X @ W + b."""
    leaves = [each.double().detach().requires_grad_() for each in (X, W, torch.zeros(W.shape[1]))]
    # We could pass grad_out to `grad`, but then torch would load sympy, which takes half a second.
    return torch.autograd.grad(((leaves[0] @ leaves[1] + leaves[2]) * grad_out.double()).sum(), leaves)


def mlp_loss_and_grads(params: dict[str, Tensor], X: Tensor, targets: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the mean cross-entropy of a ReLU network with one hidden layer and its gradients for W1, b1, W2 and b2."""
    leaves = {name: value.double().detach().requires_grad_() for name, value in params.items()}
    hidden = functional.relu(X.double() @ leaves["W1"] + leaves["b1"])
    loss = functional.cross_entropy(hidden @ leaves["W2"] + leaves["b2"], targets)
    gradients = torch.autograd.grad(loss, tuple(leaves.values()))
    return loss.detach(), dict(zip(leaves, gradients, strict=True))
