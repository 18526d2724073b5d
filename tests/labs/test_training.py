"""The references of the `training` lab against torch's own optimizer and closed forms; and the errors they promise."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from reference import training


def random(seed: int, *shape: int) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(size=shape))


def close(got: torch.Tensor, want: torch.Tensor | float) -> None:
    torch.testing.assert_close(
        torch.as_tensor(got, dtype=torch.float64), torch.as_tensor(want, dtype=torch.float64), rtol=1e-12, atol=1e-14
    )


def network(seed: int) -> dict[str, torch.Tensor]:
    return {name: random(seed + i, *shape) for i, (name, shape) in enumerate({"W": (3, 2), "b": (2,)}.items())}


def loss_and_grads(params, X, y):
    leaves = {name: param.clone().requires_grad_() for name, param in params.items()}
    loss = functional.mse_loss(X @ leaves["W"] + leaves["b"], y)
    loss.backward()
    return loss.item(), {name: leaf.grad for name, leaf in leaves.items()}


class TestGradientDescent:
    @pytest.mark.parametrize("lr", [0.0, 0.1, 0.5, 1.0, 1.1])
    def test_the_closed_form_of_a_parabola(self, lr):
        walk = training.gradient_descent(lambda x: 2 * (x - 3), 0.0, lr, 10)
        assert len(walk) == 11
        for step, position in enumerate(walk):
            close(position, 3 - 3 * (1 - 2 * lr) ** step)

    @pytest.mark.parametrize("steps", [0, 1, 6])
    def test_walks_as_torchs_optimizer_does(self, steps):
        def height(x):
            return (torch.sin(x) + 0.3 * x**2).sum()

        x = random(1, 3).requires_grad_()
        walk = training.gradient_descent(torch.func.grad(height), x.detach().clone(), 0.2, steps)
        optimizer = torch.optim.SGD([x], lr=0.2)
        for position in walk[:-1]:
            close(position, x.detach())
            optimizer.zero_grad()
            height(x).backward()
            optimizer.step()
        close(walk[-1], x.detach())

    def test_a_whole_number_and_the_start_are_no_trouble(self):
        start = torch.tensor([4, -2])
        walk = training.gradient_descent(lambda x: x, start, 0.25, 1)
        close(walk[1], torch.tensor([3.0, -1.5]))
        assert start.tolist() == [4, -2]


class TestSgdStep:
    def test_is_torchs_step(self):
        params, grads = network(2), network(4)
        leaves = {name: param.clone().requires_grad_() for name, param in params.items()}
        for name, leaf in leaves.items():
            leaf.grad = grads[name].clone()
        torch.optim.SGD(leaves.values(), lr=0.3).step()
        for name, param in training.sgd_step(params, dict(reversed(grads.items())), 0.3).items():
            close(param, leaves[name].detach())

    def test_takes_plain_numbers(self):
        assert training.sgd_step({"w": 180.0, "b": 0.0}, {"w": -90.0, "b": -60.0}, 0.1) == {"w": 189.0, "b": 6.0}

    def test_a_missing_gradient_is_refused(self):
        with pytest.raises(KeyError):
            training.sgd_step(network(2), {"W": random(3, 3, 2)}, 0.1)


class TestTrain:
    def test_is_torchs_loop(self):
        batches = [(random(10 + i, 2 + i % 3, 3), random(30 + i, 2 + i % 3, 2)) for i in range(12)]
        leaves = {name: param.requires_grad_() for name, param in network(6).items()}
        optimizer, wanted = torch.optim.SGD(leaves.values(), lr=0.1), []
        for X, y in batches:
            optimizer.zero_grad()
            loss = functional.mse_loss(X @ leaves["W"] + leaves["b"], y)
            wanted.append(loss.item())
            loss.backward()
            optimizer.step()
        for given in (batches, iter(batches)):
            params, losses = training.train(network(6), given, 0.1, loss_and_grads)
            close(torch.tensor(losses), torch.tensor(wanted))
            for name, param in params.items():
                close(param, leaves[name].detach())

    def test_without_batches_nothing_changes(self):
        params, losses = training.train(network(6), [], 0.1, loss_and_grads)
        assert losses == []
        close(params["W"], network(6)["W"])

    def test_learns_the_lessons_weight(self):
        sizes = torch.tensor([[0.8], [1.5], [2.2]], dtype=torch.float64)
        start = {"W": torch.zeros(1, 1).double(), "b": torch.zeros(1).double()}
        params, losses = training.train(start, [(sizes, 200 * sizes)] * 2000, 0.1, loss_and_grads)
        assert params["W"].item() == pytest.approx(200.0, abs=1e-3)
        assert losses[:1000] == sorted(losses[:1000], reverse=True)
