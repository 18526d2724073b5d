"""The references against their definitions, on random inputs; and the errors they promise."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.nn import functional

from reference import loss, softmax
from tests.repository import ROOT

TABLE = torch.tensor([0.35, 0.28, 0.15, 0.08, 0.06, 0.08], dtype=torch.float64)


def random(seed: int, *shape: int, scale: float = 3.0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=scale, size=shape)).to(dtype)


def close(got: torch.Tensor, want: torch.Tensor | float) -> None:
    torch.testing.assert_close(got, torch.as_tensor(want, dtype=torch.float64), rtol=1e-12, atol=1e-14)


SHAPES_AND_AXES = [((6,), -1), ((6,), 0), ((4, 3), 0), ((4, 3), -1), ((4, 4), 0), ((2, 3, 4), 1), ((1, 5), 1)]


class TestSoftmax:
    @pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
    @pytest.mark.parametrize("scale", [0.1, 3.0, 300.0])
    def test_is_exponentials_over_their_sum_along_any_axis(self, shape, axis, scale):
        logits = random(1, *shape, scale=scale)
        from_the_top = logits - logits.amax(dim=axis, keepdim=True)
        total = from_the_top.exp().sum(dim=axis, keepdim=True)
        close(softmax.softmax(logits, axis=axis), from_the_top.exp() / total)
        close(softmax.log_softmax(logits, axis=axis), from_the_top - total.log())
        close(softmax.softmax(logits, axis=axis).sum(dim=axis), torch.ones_like(logits.sum(dim=axis)))

    def test_the_default_axis_is_the_last(self):
        logits = random(2, 3, 3)
        for function in (softmax.softmax, softmax.log_softmax, softmax.entropy):
            probs = functional.softmax(logits, dim=-1)
            close(function(probs), function(probs, axis=1))

    @pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.float64])
    def test_gives_float64_for_whatever_comes_in(self, dtype):
        logits = random(3, 2, 5).to(dtype)
        for got in (
            softmax.softmax(logits),
            softmax.log_softmax(logits),
            softmax.softmax_with_temperature(logits, 2),
            softmax.entropy(torch.softmax(logits.double(), -1)),
        ):
            assert got.dtype == torch.float64
        close(softmax.softmax(logits), functional.softmax(logits.double(), dim=-1))

    def test_edges(self):
        close(softmax.softmax(torch.tensor([0.0, -math.inf, 0.0])), torch.tensor([0.5, 0.0, 0.5]))
        close(softmax.softmax(torch.tensor([2000.0, 0.0, -2000.0])), torch.tensor([1.0, 0.0, 0.0]))
        close(softmax.log_softmax(torch.tensor([0.0, -800.0, -2000.0])), torch.tensor([0.0, -800.0, -2000.0]))
        close(softmax.log_softmax(torch.tensor([5000.0, 5000.0])), torch.full((2,), -math.log(2), dtype=torch.float64))

    def test_leaves_its_input_alone(self):
        logits = random(4, 3, 4)
        before = logits.clone()
        for function in (softmax.softmax, softmax.log_softmax, softmax.entropy):
            function(logits, axis=0)
        softmax.softmax_with_temperature(logits, 0.5)
        assert torch.equal(logits, before)


class TestSoftmaxWithTemperature:
    @pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
    @pytest.mark.parametrize("temperature", [0.1, 1, 1.0, 2.0, 1e6])
    def test_divides_the_logits(self, shape, axis, temperature):
        logits = random(5, *shape)
        got = softmax.softmax_with_temperature(logits, temperature, axis=axis)
        close(got, functional.softmax(logits / temperature, dim=axis))

    def test_the_lessons_table_at_a_temperature_of_one_tenth(self):
        got = softmax.softmax_with_temperature(TABLE.log(), 0.1)
        assert got[:3].tolist() == pytest.approx([0.9029, 0.0969, 0.0002], abs=5e-5)

    def test_divides_float32_logits_as_doubles(self):
        logits = random(5, 4, dtype=torch.float32)
        got = softmax.softmax_with_temperature(logits, 0.3)
        close(got, functional.softmax(logits.double() / 0.3, dim=-1))

    @pytest.mark.parametrize("temperature", [0, 0.0, -0.0, -1, -math.inf, math.nan])
    def test_refuses_what_is_not_above_0(self, temperature):
        with pytest.raises(ValueError, match="temperature must be above 0"):
            softmax.softmax_with_temperature(TABLE, temperature)


class TestEntropy:
    @pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
    def test_agrees_with_torchs_distribution(self, shape, axis):
        probs = functional.softmax(random(6, *shape), dim=axis)
        close(softmax.entropy(probs, axis=axis), torch.distributions.Categorical(probs.movedim(axis, -1)).entropy())

    def test_what_is_impossible_adds_nothing(self):
        close(softmax.entropy(torch.tensor([0.0, 1.0, 0.0])), 0.0)
        close(softmax.entropy(torch.tensor([0.5, 0.5, 0.0])), math.log(2))

    def test_is_in_nats(self):
        close(softmax.entropy(torch.full((8,), 1 / 8)), math.log(8))
        assert softmax.entropy(TABLE).item() == pytest.approx(1.581, abs=5e-4)


class TestMseLoss:
    @pytest.mark.parametrize("shape", [(1,), (5,), (2, 3), (3, 1)])
    def test_is_the_mean_of_the_squares(self, shape):
        y_pred, y_true = random(7, *shape), random(8, *shape)
        close(loss.mse_loss(y_pred, y_true), ((y_pred - y_true) ** 2).mean())

    def test_whole_numbers_are_not_cut(self):
        close(loss.mse_loss(torch.tensor([3, 8]), torch.tensor([2.5, 8.0])), 0.125)
        close(loss.mse_loss(torch.tensor([300_000]), torch.tensor([310_000])), 1e8)

    @pytest.mark.parametrize(("one", "other"), [((3, 1), (3,)), ((3,), (1,)), ((3,), (2,)), ((2, 3), (6,)), ((1,), ())])
    def test_refuses_shapes_that_differ(self, one, other):
        with pytest.raises(ValueError, match="differ in shape"):
            loss.mse_loss(torch.zeros(one), torch.zeros(other))


class TestSurprisal:
    def test_is_minus_the_log_of_the_targets_probability(self):
        for target, probability in enumerate(TABLE):
            close(loss.surprisal(TABLE, target), -math.log(probability))

    def test_edges(self):
        probs = torch.tensor([0.0, 1.0, 1e-30], dtype=torch.float64)
        assert loss.surprisal(probs, 0) == math.inf
        assert loss.surprisal(probs, 1) == 0
        assert loss.surprisal(probs, 2).item() == pytest.approx(69.0776, abs=1e-4)


class TestCrossEntropy:
    @pytest.mark.parametrize(("rows", "size"), [(7, 5), (4, 4), (1, 3), (2, 1)])
    @pytest.mark.parametrize("scale", [1.0, 1000.0])
    def test_is_the_mean_surprisal_of_the_targets(self, rows, size, scale):
        logits = random(9, rows, size, scale=scale)
        targets = torch.as_tensor(np.random.default_rng(10).integers(0, size, rows))
        got = loss.cross_entropy(logits, targets)
        assert got.shape == ()
        close(got, -functional.log_softmax(logits, -1)[torch.arange(rows), targets].mean())

    def test_confidently_wrong_and_right(self):
        logits = torch.tensor([[1000.0, 0.0]])
        close(loss.cross_entropy(logits, torch.tensor([1])), 1000.0)
        close(loss.cross_entropy(logits, torch.tensor([0])), 0.0)

    # torch itself uses -100 for "leave this row out"
    @pytest.mark.parametrize("target", [-1, 5, 6, -100])
    def test_refuses_targets_outside_the_vocabulary(self, target):
        with pytest.raises(ValueError, match="from 0 to 4"):
            loss.cross_entropy(torch.zeros(3, 5), torch.tensor([0, target, 1]))

    @pytest.mark.parametrize(("logits", "targets"), [((3, 5), (2,)), ((5,), (1,)), ((3, 5), (3, 1)), ((3, 5, 2), (3,))])
    def test_refuses_shapes_that_do_not_fit(self, logits, targets):
        with pytest.raises(ValueError, match=r"must be \(N, V\) and \(N,\)"):
            loss.cross_entropy(torch.zeros(logits), torch.zeros(targets, dtype=torch.int64))


class TestNextTokenPairs:
    @pytest.mark.parametrize(("tokens", "context"), [(8, 3), (5, 1), (4, 3), (20, 7)])
    def test_every_window_and_what_follows_it(self, tokens, context):
        ids = np.random.default_rng(11).integers(0, 100, tokens)
        inputs, targets = loss.next_token_pairs(torch.as_tensor(ids), context)
        starts = range(tokens - context)
        assert inputs.tolist() == [ids[start : start + context].tolist() for start in starts]
        assert targets.tolist() == [ids[start + 1 : start + context + 1].tolist() for start in starts]
        assert inputs.dtype == targets.dtype == torch.int64

    @pytest.mark.parametrize(("tokens", "context"), [(3, 3), (2, 3), (0, 1)])
    def test_refuses_a_text_too_short(self, tokens, context):
        with pytest.raises(ValueError, match=f"{tokens} tokens are too few for a context of {context}"):
            loss.next_token_pairs(torch.arange(tokens), context)


class TestPerplexity:
    @pytest.mark.parametrize("choices", [1, 4, 50_000])
    def test_counts_equally_likely_choices(self, choices):
        close(loss.perplexity(math.log(choices)), float(choices))

    def test_takes_the_loss_that_cross_entropy_gives(self):
        close(loss.perplexity(loss.cross_entropy(torch.zeros(3, 10), torch.tensor([7, 0, 4]))), 10.0)


ANSWERS_ALL_CHECKS = """
import sys
from autograder.grading.execution import run_locally
from autograder.grading.grader import Grader
from autograder.grading.pytest_collection import collected
from tests.repository import COURSE
grader = Grader(COURSE, b"secret")
for lab in COURSE.labs:
    for test in collected(grader, lab.name, visible_only=False):
        run_locally(COURSE, test, 1, {})
print(sorted({"sympy", "torch._dynamo"} & sys.modules.keys()))
"""


@pytest.mark.processes
def test_the_references_do_not_make_torch_load_what_takes_seconds():
    command = [sys.executable, "-c", ANSWERS_ALL_CHECKS]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert found.stdout.strip() == "[]"
