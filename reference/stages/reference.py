"""Reference for the `stages` lab: rewards from ratings, the RLHF step, DPO, and the three stages in order."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

Parameters = dict[str, Tensor]
STAGES = ["pretraining", "sft", "rlhf"]


def reward_model_loss(r_chosen: Tensor, r_rejected: Tensor) -> Tensor:
    """Mean of -ln sigmoid(r_chosen - r_rejected) in nats, for rewards (N,): the loss of the Bradley-Terry model.

    ValueError if the shapes differ.
    """
    if r_chosen.shape != r_rejected.shape:
        raise ValueError(f"r_chosen {tuple(r_chosen.shape)} and r_rejected {tuple(r_rejected.shape)} differ in shape")
    return -functional.logsigmoid(r_chosen.double() - r_rejected.double()).mean()


def sequence_log_prob(logits: Tensor, labels: Tensor, ignore_index: int = -100) -> Tensor:
    """Log-probabilities (B,) in nats: sums over labels (B, T) other than `ignore_index`, for logits (B, T, V)."""
    by_token = functional.cross_entropy(logits.double().mT, labels, ignore_index=ignore_index, reduction="none")
    return -by_token.sum(dim=1)


def kl_divergence(policy_logits: Tensor, ref_logits: Tensor) -> Tensor:
    """KL(policy || reference) in nats, of shape (...), for two sets of logits (..., V): the mean of ln p - ln q
    under p."""
    log_p, log_q = (functional.log_softmax(logits.double(), dim=-1) for logits in (policy_logits, ref_logits))
    return functional.kl_div(log_q, log_p, log_target=True, reduction="none").sum(dim=-1)


def rlhf_policy_step(policy_logits: Tensor, ref_logits: Tensor, rewards: Tensor, beta: float, lr: float) -> Tensor:
    """policy_logits (K,) plus lr times the gradient of E[reward] - beta KL(policy || reference). All (K,)."""
    logits = policy_logits.double().detach().requires_grad_()
    objective = torch.softmax(logits, dim=-1) @ rewards.double() - beta * kl_divergence(logits, ref_logits)
    return policy_logits + lr * torch.autograd.grad(objective, logits)[0]


def dpo_loss(
    policy_chosen_logps: Tensor,
    policy_rejected_logps: Tensor,
    ref_chosen_logps: Tensor,
    ref_rejected_logps: Tensor,
    beta: float,
) -> Tensor:
    """Mean of -ln sigmoid(beta times the margin) in nats, for inputs (N,). (Rafailov et al. 2023, equation 7.)

    The margin is how much more the policy raised the chosen response than the rejected one, relative to the reference.
    """
    margin = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -functional.logsigmoid(beta * margin.double()).mean()


def run_stages(
    params: Parameters, stages: Sequence[tuple[str, Callable[..., Parameters]]]
) -> dict[str, Parameters | dict[str, Parameters]]:
    """The final parameters, a checkpoint after each stage, and the reference that the last stage was kept close to.

    stages: ("pretraining", f), ("sft", f), ("rlhf", f), in this order; ValueError otherwise. f(params) returns the
    trained parameters. The function for "rlhf" also gets a copy of the fine-tuned parameters. params isn't modified.
    """
    if [name for name, _ in stages] != STAGES:
        raise ValueError(f"the stages must be {STAGES}, in this order")
    checkpoints: dict[str, Parameters] = {}
    for name, train in stages:
        reference = copied(params)
        params = train(copied(params), reference) if name == "rlhf" else train(copied(params))
        checkpoints[name] = copied(params)
    return {"final": params, "checkpoints": checkpoints, "reference": reference}


def copied(params: Parameters) -> Parameters:
    """Return the same numbers in new tensors."""
    return {name: param.clone() for name, param in params.items()}
