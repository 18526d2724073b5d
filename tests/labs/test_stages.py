"""The references of the `stages` lab against torch's own operators, autograd, finite differences and closed forms."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, kl
from torch.nn import functional

from autograder.testing.references import call_reference
from reference import finetuning, stages
from tests.repository import COURSE
from tests.solved_notebooks import printed_by_solved


def random(seed: int, *shape: int, scale: float = 2.0) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=scale, size=shape))


def close(got: torch.Tensor, want: torch.Tensor | float, rtol: float = 1e-12) -> None:
    torch.testing.assert_close(got, torch.as_tensor(want, dtype=torch.float64), rtol=rtol, atol=1e-14)


class TestRewardModelLoss:
    def test_is_torchs_loss_of_a_choice_between_two(self):
        chosen, rejected = random(1, 7), random(2, 7)
        first = torch.zeros(7, dtype=torch.int64)
        got = stages.reward_model_loss(chosen, rejected)
        close(got, functional.cross_entropy(torch.stack([chosen, rejected], dim=1), first))
        close(got, functional.binary_cross_entropy_with_logits(chosen - rejected, torch.ones(7).double()))

    @pytest.mark.parametrize(("lead", "loss"), [(0.0, math.log(2)), (1000.0, 0.0), (-1000.0, 1000.0)])
    def test_edges(self, lead, loss):
        close(stages.reward_model_loss(torch.tensor([lead]), torch.tensor([0.0])), loss)

    @pytest.mark.parametrize("shape", [(1,), (2,), (3, 1)])
    def test_shapes_that_differ_are_refused(self, shape):
        with pytest.raises(ValueError, match="differ in shape"):
            stages.reward_model_loss(torch.zeros(3), torch.zeros(shape))


class TestSequenceLogProb:
    @pytest.mark.parametrize("shape", [(1, 1, 4), (2, 5, 3), (4, 4, 4), (2, 3, 150)])
    @pytest.mark.parametrize("ignore_index", [-100, -1, 999])
    def test_adds_up_the_log_probabilities_of_labels_that_count(self, shape, ignore_index):
        rng = np.random.default_rng(3)
        logits, labels = random(4, *shape), torch.as_tensor(rng.integers(0, shape[-1], shape[:2]))
        labels[torch.as_tensor(rng.random(shape[:2]) < 0.4)] = ignore_index
        ignored = labels == ignore_index
        of_labels = Categorical(logits=logits).log_prob(labels.masked_fill(ignored, 0))
        close(stages.sequence_log_prob(logits, labels, ignore_index), of_labels.masked_fill(ignored, 0.0).sum(dim=1))

    def test_is_the_fine_tuning_loss_times_how_many_labels_count(self):
        labels = torch.tensor([[-100, 3, 0, 2], [-100, -100, 1, -100]])
        logits = random(5, 2, 4, 5)
        got = stages.sequence_log_prob(logits, labels)
        close(got.sum(), -4 * finetuning.sft_loss(logits, labels).item())

    def test_800_tokens_do_not_underflow_and_none_are_0(self):
        labels = torch.full((2, 800), 7)
        labels[1] = -100
        want = torch.tensor([-800 * math.log(50), 0.0], dtype=torch.float64)
        close(stages.sequence_log_prob(torch.zeros(2, 800, 50), labels), want)


class TestKlDivergence:
    @pytest.mark.parametrize("shape", [(6,), (3, 7), (2, 3, 5), (4, 4)])
    def test_is_torchs_divergence_of_two_categoricals_policy_first(self, shape):
        policy, reference = random(6, *shape), random(7, *shape)
        want = kl.kl_divergence(Categorical(logits=policy), Categorical(logits=reference))
        close(stages.kl_divergence(policy, reference), want)

    def test_the_direction(self):
        policy, reference = torch.tensor([[0.9, 0.1], [0.5, 0.5]], dtype=torch.float64).log()
        close(stages.kl_divergence(policy, reference), 0.9 * math.log(1.8) + 0.1 * math.log(0.2))
        close(stages.kl_divergence(reference, policy), 0.5 * math.log(5 / 9) + 0.5 * math.log(5))

    def test_is_0_for_the_same_and_finite_where_probabilities_underflow(self):
        logits = random(8, 3, 4)
        torch.testing.assert_close(
            stages.kl_divergence(logits + 9, logits), torch.zeros(3).double(), rtol=0, atol=1e-14
        )
        policy, reference = torch.tensor([0.0, -2000.0]), torch.tensor([0.0, 1.0])
        close(stages.kl_divergence(policy, reference), math.log1p(math.e))
        close(stages.kl_divergence(torch.zeros(2), torch.tensor([0.0, -1000.0])), 500.0 - math.log(2))


def height(policy: torch.Tensor, reference: torch.Tensor, rewards: torch.Tensor, beta: float) -> torch.Tensor:
    """The J from the docstring, written out."""
    pi, ref = torch.softmax(policy, dim=0), torch.softmax(reference, dim=0)
    return (pi * rewards).sum() - beta * (pi * (pi / ref).log()).sum()


SETTINGS = [(2, 1.0, 0.5), (5, 0.3, 0.1), (9, 4.0, 0.05), (4, 0.0, 1.0)]


class TestRlhfPolicyStep:
    @pytest.mark.parametrize(("answers", "beta", "lr"), SETTINGS)
    def test_the_step_is_the_formula_of_the_lab_autograds_slope_and_that_of_finite_differences(self, answers, beta, lr):
        policy, reference, rewards = random(9, answers), random(10, answers), random(11, answers)
        step = (stages.rlhf_policy_step(policy, reference, rewards, beta, lr) - policy) / lr

        log_policy = torch.log_softmax(policy, dim=0)
        advantages = rewards - beta * (log_policy - torch.log_softmax(reference, dim=0))
        close(step, log_policy.exp() * (advantages - log_policy.exp() @ advantages), rtol=1e-9)

        leaf = policy.clone().requires_grad_()
        height(leaf, reference, rewards, beta).backward()
        assert leaf.grad is not None
        close(step, leaf.grad, rtol=1e-9)

        sides = torch.eye(answers).double() * 1e-6
        numerical = [
            (height(policy + side, reference, rewards, beta) - height(policy - side, reference, rewards, beta)) / 2e-6
            for side in sides
        ]
        torch.testing.assert_close(step, torch.stack(numerical), rtol=1e-6, atol=1e-8)

    @pytest.mark.parametrize("beta", [0.2, 1.0, 50.0])
    def test_the_closed_form_is_a_fixed_point_and_higher_than_all_around_it(self, beta):
        reference, rewards = random(12, 5), random(13, 5)
        best = reference + rewards / beta
        torch.testing.assert_close(
            stages.rlhf_policy_step(best, reference, rewards, beta, 1.0), best, rtol=1e-12, atol=1e-12
        )
        top = height(best, reference, rewards, beta)
        close(top, beta * (torch.logsumexp(best, dim=0) - torch.logsumexp(reference, dim=0)), rtol=1e-9)
        for seed in range(20):
            assert height(best + random(seed, 5, scale=0.3), reference, rewards, beta) < top

    @pytest.mark.proof
    def test_many_steps_lead_there_and_each_goes_up(self):
        reference, rewards, policy = random(14, 4, scale=0.5), random(15, 4, scale=1.0), random(16, 4)
        heights = []
        for _ in range(4_000):
            heights.append(height(policy, reference, rewards, 0.5).item())
            policy = stages.rlhf_policy_step(policy, reference, rewards, 0.5, 0.5)
        assert all(after >= before - 1e-12 for before, after in itertools.pairwise(heights))
        torch.testing.assert_close(
            torch.softmax(policy, dim=0), torch.softmax(reference + rewards / 0.5, dim=0), rtol=1e-9, atol=1e-12
        )

    def test_a_reward_that_all_answers_get_changes_nothing(self):
        policy, reference, rewards = random(17, 4), random(18, 4), random(19, 4)
        plain = stages.rlhf_policy_step(policy, reference, rewards, 0.5, 1.0)
        torch.testing.assert_close(stages.rlhf_policy_step(policy, reference, rewards + 100, 0.5, 1.0), plain)

    def test_leaves_its_arguments_alone(self):
        arguments = [random(seed, 4) for seed in (20, 21, 22)]
        before = [each.clone() for each in arguments]
        stages.rlhf_policy_step(*arguments, 0.5, 1.0)
        assert all(map(torch.equal, arguments, before))


class TestDpoLoss:
    @pytest.mark.parametrize("beta", [1e-9, 0.1, 1.0, 5.0])
    def test_is_the_reward_models_loss_of_the_policys_implied_rewards(self, beta):
        chosen, rejected, ref_chosen, ref_rejected = (random(seed, 6, scale=5.0) for seed in range(23, 27))
        want = stages.reward_model_loss(beta * (chosen - ref_chosen), beta * (rejected - ref_rejected))
        close(stages.dpo_loss(chosen, rejected, ref_chosen, ref_rejected, beta), want)

    def test_the_best_policy_of_rlhf_has_the_loss_of_the_rewards_themselves(self):
        reference, rewards, beta = random(27, 5), random(28, 5), 0.7
        policy = torch.log_softmax(reference + rewards / beta, dim=0)
        ref = torch.log_softmax(reference, dim=0)
        got = stages.dpo_loss(policy[:2], policy[2:4], ref[:2], ref[2:4], beta)
        close(got, stages.reward_model_loss(rewards[:2], rewards[2:4]))

    def test_edges(self):
        zero = torch.zeros(2).double()
        close(stages.dpo_loss(zero - 30, zero - 7, zero - 30, zero - 7, 0.3), math.log(2))
        close(stages.dpo_loss(zero - 5000, zero, zero, zero, 1.0), 5000.0)
        close(stages.dpo_loss(zero + 5000, zero, zero, zero, 1.0), 0.0)


def adds(number, in_place=False):
    def stage(params, reference=None):
        for name in params:
            if in_place:
                params[name] += number
            else:
                params[name] = params[name] + number
        seen.append((number, None if reference is None else reference["w"].item()))
        return params

    seen: list[tuple[float, float | None]] = []
    return stage


def pipeline(in_place=False):
    return [("pretraining", adds(1.0, in_place)), ("sft", adds(10.0, in_place)), ("rlhf", adds(100.0, in_place))]


class TestRunStages:
    @pytest.mark.parametrize("in_place", [False, True])
    def test_each_stage_starts_from_the_one_before_and_the_checkpoints_are_kept(self, in_place):
        start = {"w": torch.tensor([0.0])}
        result = stages.run_stages(start, pipeline(in_place))
        assert result["final"]["w"].item() == 111.0
        assert {name: params["w"].item() for name, params in result["checkpoints"].items()} == {
            "pretraining": 1.0,
            "sft": 11.0,
            "rlhf": 111.0,
        }
        assert result["reference"]["w"].item() == 11.0
        assert start["w"].item() == 0.0
        result["final"]["w"] += 1
        assert result["checkpoints"]["rlhf"]["w"].item() == 111.0

    @pytest.mark.parametrize("in_place", [False, True])
    def test_stages_in_numpy_do_as_those_in_torch(self, in_place):
        # as checks call it: callables that take numpy
        start = {"w": np.array([0.0])}
        result = call_reference(stages.run_stages, ((start, pipeline(in_place)), {}))
        assert result["checkpoints"]["sft"]["w"].tolist() == [11.0]
        assert result["final"]["w"].tolist() == [111.0]
        assert start["w"].tolist() == [0.0]

    def test_the_last_stage_is_handed_the_fine_tuned_parameters_twice(self):
        handed = []

        def rate(params, reference):
            handed.append((params["w"].item(), reference["w"].item(), params["w"] is reference["w"]))
            return params

        stages.run_stages({"w": torch.tensor([0.0])}, [*pipeline()[:2], ("rlhf", rate)])
        assert handed == [(11.0, 11.0, False)]

    @pytest.mark.parametrize(
        "names",
        [
            ("sft", "pretraining", "rlhf"),
            ("pretraining", "rlhf", "sft"),
            ("pretraining", "sft"),
            ("pretraining", "sft", "rlhf", "rlhf"),
            ("pretraining", "sft", "dpo"),
            (),
        ],
    )
    def test_other_stages_are_refused_before_anything_is_trained(self, names):
        def never(*_):
            pytest.fail("a stage was run")

        with pytest.raises(ValueError, match="in this order"):
            stages.run_stages({"w": torch.tensor([0.0])}, [(name, never) for name in names])


@pytest.mark.slow
def test_each_stage_changes_the_small_model_as_the_notebook_says(tmp_path):
    lines = printed_by_solved(COURSE.lab("stages"), tmp_path)
    said = [line.split(" -> ") for line in lines if " -> " in line]
    answers = {
        before.split()[0]: answer for before, answer in said if before.endswith("What is the capital of France?")
    }
    assert answers["pretraining"].startswith("What is the capital of ")
    assert answers["sft"] == "The capital of France is Paris. The people of France speak French."
    assert answers["rlhf"] == "The capital of France is Paris."
    # with DPO
    assert answers["What"] == "The capital of France is Paris."

    header = next(place for place, line in enumerate(lines) if line.startswith("stage "))
    rows = [line.split() for line in lines[header + 1 : header + 5]]
    texts, of_answers, reward, drift = ({row[0]: float(row[column]) for row in rows} for column in range(1, 5))
    assert texts["pretraining"] < 0.1 * texts["untrained"]
    assert of_answers["sft"] < 0.1 * of_answers["pretraining"]
    assert reward["pretraining"] < reward["sft"] < 0.6 * reward["sft"] < reward["rlhf"]
    assert drift["sft"] == 0.0
    assert 0.0 < drift["rlhf"] < 0.2


@pytest.mark.slow
def test_a_notebook_without_the_stretch_says_in_each_cell_that_nothing_is_trained(tmp_path):
    arguments = "policy_logits, ref_logits, rewards, beta, lr"
    skipped = {"rlhf_policy_step": f"def rlhf_policy_step({arguments}):\n    raise NotImplementedError"}
    lines = printed_by_solved(COURSE.lab("stages"), tmp_path, skipped)
    assert sum(line.startswith("The model isn't trained yet.") for line in lines) == 3
