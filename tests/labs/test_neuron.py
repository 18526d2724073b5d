"""The references of the `neuron` lab against torch's own layers and the definitions; and the errors they promise."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from reference import neuron


def random(seed: int, *shape: int) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=2.0, size=shape))


def close(got: torch.Tensor, want: torch.Tensor | float) -> None:
    torch.testing.assert_close(got, torch.as_tensor(want, dtype=torch.float64), rtol=1e-12, atol=1e-14)


class TestPredictPrice:
    def test_the_lessons_house(self):
        close(neuron.predict_price(1500.0, 200.0), 300_000.0)
        close(neuron.predict_price(1500, 200, 25_000), 325_000.0)

    @pytest.mark.parametrize("shape", [(), (0,), (1,), (5,)])
    def test_is_a_layer_with_one_weight(self, shape):
        sizes = random(1, *shape)
        layer = nn.Linear(1, 1, dtype=torch.float64)
        weight, bias = layer.weight.item(), layer.bias.item()
        close(neuron.predict_price(sizes, weight, bias), layer(sizes[..., None])[..., 0].detach())

    def test_whole_numbers_keep_their_fractions(self):
        close(neuron.predict_price(torch.tensor([3, 7]), 0.1), torch.tensor([3.0, 7.0], dtype=torch.float64) * 0.1)


class TestNeuron:
    @pytest.mark.parametrize("length", [0, 1, 3, 7])
    def test_is_torchs_bilinear_sum(self, length):
        x, w = random(2, length), random(3, length)
        got = neuron.neuron(x, w, 0.5)
        assert got.shape == ()
        close(got, nn.functional.linear(x, w[None], torch.tensor([0.5], dtype=torch.float64))[0])
        close(got, sum(float(one) * float(other) for one, other in zip(x, w, strict=True)) + 0.5)

    def test_its_gradient_is_the_other_factor(self):
        x, w = random(4, 3).requires_grad_(), random(5, 3).requires_grad_()
        neuron.neuron(x, w, 1.0).backward()
        close(x.grad, w.detach())
        close(w.grad, x.detach())

    @pytest.mark.parametrize(
        ("x", "w"), [((3,), (1,)), ((3,), (2,)), ((1,), (3,)), ((3, 1), (3,)), ((2, 3), (2, 3)), ((), ()), ((), (1,))]
    )
    def test_refuses_shapes_that_do_not_fit(self, x, w):
        with pytest.raises(ValueError, match=r"must both be \(D,\)"):
            neuron.neuron(torch.zeros(x), torch.zeros(w), 0.0)


class TestRelu:
    @pytest.mark.parametrize("shape", [(), (0,), (6,), (3, 4), (4, 4), (2, 3, 4)])
    def test_is_torchs_clamp_at_0(self, shape):
        z = random(6, *shape)
        before = z.clone()
        close(neuron.relu(z), z.clamp(min=0))
        close(neuron.relu(z), (z + z.abs()) / 2)
        assert torch.equal(z, before)

    def test_its_gradient_is_1_above_0_and_0_below(self):
        z = torch.tensor([-2.0, -1e-9, 1e-9, 3.0], dtype=torch.float64, requires_grad=True)
        neuron.relu(z).sum().backward()
        close(z.grad, torch.tensor([0.0, 0.0, 1.0, 1.0]).double())

    def test_gives_float64_for_whole_numbers(self):
        close(neuron.relu(torch.tensor([-2, 0, 3])), torch.tensor([0.0, 0.0, 3.0]).double())


class TestLinear:
    @pytest.mark.parametrize(("rows", "inputs", "outputs"), [(4, 3, 5), (3, 3, 3), (1, 3, 4), (2, 1, 1), (0, 3, 2)])
    def test_is_torchs_layer_and_one_neuron_a_column(self, rows, inputs, outputs):
        layer = nn.Linear(inputs, outputs, dtype=torch.float64)
        X, W, b = random(7, rows, inputs), layer.weight.detach().T, layer.bias.detach()
        got = neuron.linear(X, W, b)
        close(got, layer(X).detach())
        for n, o in np.ndindex(rows, outputs):
            close(got[n, o], neuron.neuron(X[n], W[:, o], b[o].item()))

    def test_passes_torchs_gradient_check(self):
        inputs = [random(8, 2, 3), random(9, 3, 4), random(10, 4)]
        assert torch.autograd.gradcheck(neuron.linear, [each.requires_grad_() for each in inputs])

    @pytest.mark.parametrize(
        ("X", "W", "b"),
        [
            ((4, 3), (5, 3), (5,)),
            ((4, 3), (3, 5), (1,)),
            ((4, 3), (3, 5), (3,)),
            ((4, 3), (3, 5), (1, 5)),
            ((4, 3), (3, 5), ()),
            ((3,), (3, 5), (5,)),
            ((2, 4, 3), (3, 5), (5,)),
            ((4, 3), (3,), ()),
            ((4, 3), (2, 3, 5), (5,)),
        ],
    )
    def test_refuses_shapes_that_do_not_fit(self, X, W, b):
        with pytest.raises(ValueError, match="must be"):
            neuron.linear(torch.zeros(X), torch.zeros(W), torch.zeros(b))


class TestMlpForward:
    @pytest.mark.parametrize("widths", [(3, 2), (3, 4, 2), (3, 3, 3, 3), (2, 5, 4, 3, 1)])
    @pytest.mark.parametrize("rows", [0, 1, 6])
    def test_is_torchs_sequence_of_layers(self, rows, widths):
        modules = [nn.Linear(*pair, dtype=torch.float64) for pair in itertools.pairwise(widths)]
        between = [step for module in modules for step in (module, nn.ReLU())][:-1]
        X, layers = (
            random(11, rows, widths[0]),
            [(module.weight.detach().T, module.bias.detach()) for module in modules],
        )
        close(neuron.mlp_forward(X, layers), nn.Sequential(*between)(X).detach())

    def test_the_distance_from_0(self):
        x = torch.linspace(-3.0, 3.0, 13, dtype=torch.float64)[:, None]
        one = torch.ones(2, 1, dtype=torch.float64)
        layers = [(torch.tensor([[1.0, -1.0]]).double(), torch.zeros(2)), (one, torch.zeros(1))]
        close(neuron.mlp_forward(x, layers), x.abs())

    def test_layers_without_a_nonlinearity_are_one_layer(self):
        X, first, second = (random(seed, *shape).abs() for seed, shape in ((12, (4, 3)), (13, (3, 5)), (14, (5, 2))))
        close(neuron.mlp_forward(X, [(first, torch.zeros(5)), (second, torch.zeros(2))]), X @ (first @ second))
