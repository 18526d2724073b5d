"""The references of the `backprop` lab against the formulas, torch's own gradients, and finite differences."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from reference import backprop


def random(seed: int, *shape: int, scale: float = 1.0) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=scale, size=shape))


def close(got: torch.Tensor, want: torch.Tensor | float, rtol: float = 1e-12, atol: float = 1e-14) -> None:
    assert got.dtype == torch.float64
    torch.testing.assert_close(got.detach(), torch.as_tensor(want, dtype=torch.float64), rtol=rtol, atol=atol)


def close_to_differences(got: torch.Tensor, f, x: torch.Tensor) -> None:
    close(got, backprop.numerical_gradient(f, x), rtol=1e-5, atol=1e-8)


class TestNumericalGradient:
    @pytest.mark.parametrize("shape", [(1,), (4,), (2, 3), (3, 3), (2, 3, 2), (0,), (0, 3)])
    def test_agrees_with_torchs_own_gradient(self, shape):
        x, factors = random(1, *shape), random(2, *shape)
        leaf = x.clone().requires_grad_()
        (want,) = torch.autograd.grad((factors * torch.sin(leaf)).sum(), leaf)
        close(backprop.numerical_gradient(lambda v: (factors * torch.sin(v)).sum(), x), want, rtol=1e-8, atol=1e-9)

    @pytest.mark.parametrize("h", [1e-6, 1e-5, 1e-4])
    def test_is_a_central_difference(self, h):
        x = torch.tensor([2.0, 5.0])
        close(backprop.numerical_gradient(lambda v: float(v[0] * v[1]), x, h), torch.tensor([5.0, 2.0]), rtol=1e-8)
        cube = backprop.numerical_gradient(lambda v: float((v**3).sum()), torch.tensor([2.0]), 0.5)
        close(cube, torch.tensor([12.25]))

    def test_whole_numbers_have_room_for_a_step(self):
        close(backprop.numerical_gradient(lambda v: 0.3 * (v**2).sum(), torch.tensor([2, -3])), [1.2, -1.8], rtol=1e-8)

    def test_leaves_its_input_alone(self):
        x = random(3, 2, 3)
        before = x.clone()
        backprop.numerical_gradient(lambda v: (v**2).sum(), x)
        assert torch.equal(x, before)


class TestHousePriceGradients:
    @pytest.mark.parametrize("houses", [1, 2, 7])
    def test_agrees_with_the_formula_and_with_differences(self, houses):
        sizes, prices = random(4, houses), random(5, houses)
        dw, db = backprop.house_price_gradients(1.5, -0.5, sizes, prices)
        errors = 1.5 * sizes - 0.5 - prices
        close(dw, 2 * (errors * sizes).mean())
        close(db, 2 * errors.mean())
        close_to_differences(
            torch.stack([dw, db]),
            lambda v: functional.mse_loss(v[0] * sizes + v[1], prices),
            torch.tensor([1.5, -0.5], dtype=torch.float64),
        )

    def test_the_lessons_house_sold_for_more(self):
        dw, db = backprop.house_price_gradients(200, 0, torch.tensor([1500]), torch.tensor([310_000]))
        assert (dw.item(), db.item()) == (-30_000_000, -20_000)


class TestCrossEntropyBackward:
    @pytest.mark.parametrize(("rows", "words"), [(5, 4), (4, 4), (1, 6), (3, 1)])
    def test_agrees_with_the_formula_and_with_differences(self, rows, words):
        logits = random(6, rows, words)
        targets = torch.as_tensor(np.random.default_rng(7).integers(0, words, rows))
        got = backprop.cross_entropy_backward(logits, targets)
        close(got, (torch.softmax(logits, -1) - functional.one_hot(targets, words)) / rows)
        close(got.sum(dim=1), torch.zeros(rows))
        close_to_differences(got, lambda z: functional.cross_entropy(z, targets), logits)

    def test_large_logits(self):
        got = backprop.cross_entropy_backward(torch.tensor([[1000, 0, 0]]), torch.tensor([1]))
        close(got, torch.tensor([[1.0, -1.0, 0.0]]))

    def test_leaves_its_input_alone(self):
        logits = random(8, 2, 3)
        before = logits.clone()
        backprop.cross_entropy_backward(logits, torch.tensor([0, 2]))
        assert torch.equal(logits, before)
        assert not logits.requires_grad


class TestLinearBackward:
    @pytest.mark.parametrize(("rows", "inputs", "outputs"), [(4, 3, 2), (3, 3, 3), (1, 4, 3), (1, 1, 1)])
    def test_agrees_with_the_formulas_and_with_differences(self, rows, inputs, outputs):
        grad_out, X, W, b = (
            random(9, rows, outputs),
            random(10, rows, inputs),
            random(11, inputs, outputs),
            random(12, outputs),
        )
        got = backprop.linear_backward(grad_out, X, W)
        for one, other in zip(got, (grad_out @ W.T, X.T @ grad_out, grad_out.sum(dim=0)), strict=True):
            close(one, other)
        close_to_differences(got[0], lambda v: (grad_out * (v @ W + b)).sum(), X)
        close_to_differences(got[1], lambda v: (grad_out * (X @ v + b)).sum(), W)
        close_to_differences(got[2], lambda v: (grad_out * (X @ W + v)).sum(), b)

    def test_whole_numbers(self):
        grad_X, grad_W, grad_b = backprop.linear_backward(
            torch.tensor([[1, 0], [2, -1]]), torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, -1], [2, 3]])
        )
        close(grad_X, [[5.0, 2.0], [11.0, 1.0]])
        close(grad_W, [[7.0, -3.0], [10.0, -4.0]])
        close(grad_b, [3.0, -1.0])


class TestMlpLossAndGrads:
    @pytest.mark.parametrize("sizes", [(6, 3, 5, 4), (4, 4, 4, 4), (1, 2, 3, 2), (3, 1, 1, 2)])
    def test_agrees_with_torchs_layers_and_with_differences(self, sizes):
        rows, inputs, hidden, words = sizes
        shapes = {"W1": (inputs, hidden), "b1": (hidden,), "W2": (hidden, words), "b2": (words,)}
        params = {name: random(seed, *shape) for seed, (name, shape) in enumerate(shapes.items())}
        X, targets = random(13, rows, inputs), torch.as_tensor(np.random.default_rng(14).integers(0, words, rows))
        loss, grads = backprop.mlp_loss_and_grads(params, X, targets)

        first, second = torch.nn.Linear(inputs, hidden).double(), torch.nn.Linear(hidden, words).double()
        for layer, number in ((first, 1), (second, 2)):
            layer.weight.data, layer.bias.data = params[f"W{number}"].T.clone(), params[f"b{number}"].clone()
        want = functional.cross_entropy(torch.nn.Sequential(first, torch.nn.ReLU(), second)(X), targets)
        want.backward()
        close(loss, want.detach())
        assert list(grads) == list(params)
        for name, layer in (("1", first), ("2", second)):
            close(grads[f"W{name}"], layer.weight.grad.T)
            close(grads[f"b{name}"], layer.bias.grad)
        for name, value in params.items():
            close_to_differences(
                grads[name], lambda v, name=name: backprop.mlp_loss_and_grads({**params, name: v}, X, targets)[0], value
            )
        assert not any(value.requires_grad for value in params.values())

    def test_the_network_worked_out_by_hand(self):
        ln_3 = math.log(3)
        params = {"W1": [[1.0, -1.0]], "b1": [0.0, 1.0], "W2": [[ln_3 / 2, 0.0], [1.0, -1.0]], "b2": [0.0, 0.0]}
        tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in params.items()}
        loss, grads = backprop.mlp_loss_and_grads(tensors, torch.tensor([[2]]), torch.tensor([1]))
        close(loss, math.log(4))
        close(grads["W1"], [[0.75 * ln_3, 0.0]])
        close(grads["b1"], [0.375 * ln_3, 0.0])
        close(grads["W2"], [[1.5, -1.5], [0.0, 0.0]])
        close(grads["b2"], [0.75, -0.75])
