"""Correct answers to the stubs of the `stages` lab, written in different ways."""

import copy
import math

import numpy as np

from autograder.testing import alternative

# --- reward_model_loss ---


@alternative(of="reward_model_loss")
def loss_with_log1p(r_chosen, r_rejected):
    if np.shape(r_chosen) != np.shape(r_rejected):
        raise ValueError("shapes differ")
    lead = r_chosen - r_rejected
    return np.mean(np.maximum(-lead, 0.0) + np.log1p(np.exp(-np.abs(lead))))


@alternative(of="reward_model_loss")
def loss_in_a_loop(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError("shapes differ")
    total = 0.0
    for chosen, rejected in zip(r_chosen, r_rejected, strict=True):
        lead = float(chosen - rejected)
        total += math.log1p(math.exp(-lead)) if lead > 0 else math.log1p(math.exp(lead)) - lead
    return total / len(r_chosen)


@alternative(of="reward_model_loss")
def loss_as_cross_entropy(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError("shapes differ")
    both = np.stack([r_chosen, r_rejected], axis=1)
    shifted = both - both.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.float32(-log_probs[:, 0].mean())


@alternative(of="reward_model_loss")
def loss_where_it_is_safe(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError("shapes differ")
    lead = r_chosen - r_rejected
    small = np.exp(-np.abs(lead))
    log_sigmoid = np.where(lead >= 0, -np.log1p(small), lead - np.log1p(small))
    return np.array(-np.average(log_sigmoid))


# --- sequence_log_prob ---


@alternative(of="sequence_log_prob")
def sequences_in_loops(logits, labels, ignore_index=-100):
    sums = []
    for rows, wanted in zip(logits, labels, strict=True):
        total = 0.0
        for row, label in zip(rows, wanted, strict=True):
            if label != ignore_index:
                row = row - np.max(row)
                total += row[label] - np.log(np.sum(np.exp(row)))
        sums.append(total)
    return sums


@alternative(of="sequence_log_prob")
def sequences_by_masking(logits, labels, ignore_index=-100):
    log_probs = logits - np.logaddexp.reduce(logits, axis=-1)[:, :, None]
    batch, positions = np.nonzero(labels != ignore_index)
    sums = np.zeros(len(labels))
    np.add.at(sums, batch, log_probs[batch, positions, labels[batch, positions]])
    return sums


@alternative(of="sequence_log_prob")
def sequences_with_where(logits, labels, ignore_index=-100):
    ignored = labels == ignore_index
    safe = np.where(ignored, 0, labels)
    right = np.take_along_axis(logits, safe[:, :, None], axis=2)[:, :, 0]
    log_probs = np.where(ignored, 0.0, right - np.logaddexp.reduce(logits, axis=-1))
    return log_probs.sum(axis=1).astype(np.float32)


@alternative(of="sequence_log_prob")
def sequences_one_by_one(logits, labels, ignore_index=-100):
    def of_one(rows, wanted):
        keep = wanted != ignore_index
        rows, wanted = rows[keep], wanted[keep]
        top = rows.max(axis=-1, keepdims=True)
        log_probs = rows - top - np.log(np.exp(rows - top).sum(axis=-1, keepdims=True))
        return log_probs[np.arange(len(wanted)), wanted].sum()

    return np.array([of_one(logits[each], labels[each]) for each in range(len(labels))])


# --- kl_divergence ---


@alternative(of="kl_divergence")
def divergence_from_sums(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    p = np.exp(log_p)
    expected = np.sum(p * (policy_logits - ref_logits), axis=-1)
    return expected - np.logaddexp.reduce(policy_logits, axis=-1) + np.logaddexp.reduce(ref_logits, axis=-1)


@alternative(of="kl_divergence")
def divergence_where_p_is_above_0(policy_logits, ref_logits):
    top_p = policy_logits - policy_logits.max(axis=-1, keepdims=True)
    top_q = ref_logits - ref_logits.max(axis=-1, keepdims=True)
    log_p = top_p - np.log(np.exp(top_p).sum(axis=-1, keepdims=True))
    log_q = top_q - np.log(np.exp(top_q).sum(axis=-1, keepdims=True))
    p = np.exp(log_p)
    return np.where(p > 0, p * (log_p - log_q), 0.0).sum(axis=-1)


@alternative(of="kl_divergence")
def divergence_as_entropies(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    entropy = -(np.exp(log_p) * log_p).sum(axis=-1)
    cross_entropy = -(np.exp(log_p) * log_q).sum(axis=-1)
    return cross_entropy - entropy


@alternative(of="kl_divergence")
def divergence_of_each_row(policy_logits, ref_logits):
    def of_one(policy, reference):
        if policy.ndim > 1:
            return [of_one(*each) for each in zip(policy, reference, strict=True)]
        log_p = policy - np.logaddexp.reduce(policy)
        log_q = reference - np.logaddexp.reduce(reference)
        return float(np.dot(np.exp(log_p), log_p - log_q))

    return of_one(policy_logits, ref_logits)


@alternative(of="kl_divergence")
def divergence_with_einsum(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.einsum("...v,...v->...", np.exp(log_p), log_p - log_q)


# --- rlhf_policy_step ---


@alternative(of="rlhf_policy_step")
def step_in_place(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi = np.exp(log_pi)
    advantages = rewards - beta * (log_pi - log_ref)
    policy_logits += lr * pi * (advantages - pi @ advantages)


@alternative(of="rlhf_policy_step")
def step_in_place_and_returned(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    pi = np.exp(log_pi)
    drift = log_pi - (ref_logits - np.logaddexp.reduce(ref_logits))
    policy_logits += lr * (pi * (rewards - pi @ rewards) - beta * pi * (drift - pi @ drift))
    return policy_logits


@alternative(of="rlhf_policy_step")
def step_with_raw_logits(policy_logits, ref_logits, rewards, beta, lr):
    # the normalizer of the logits is the same for all answers, so subtracting the baseline removes it
    pi = np.exp(policy_logits - policy_logits.max())
    pi /= pi.sum()
    advantages = rewards - beta * (policy_logits - ref_logits)
    return policy_logits + lr * pi * (advantages - np.sum(pi * advantages))


@alternative(of="rlhf_policy_step")
def step_with_a_jacobian(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi = np.exp(log_pi)
    slope_in_pi = rewards - beta * (log_pi - log_ref + 1.0)
    jacobian = np.diag(pi) - np.outer(pi, pi)
    return (policy_logits + lr * jacobian @ slope_in_pi).tolist()


@alternative(of="rlhf_policy_step")
def step_in_a_loop(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    ref = ref_logits - np.logaddexp.reduce(ref_logits)
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    worth = [rewards[i] - beta * (log_pi[i] - ref[i]) for i in range(len(rewards))]
    average = sum(p * w for p, w in zip(pi, worth, strict=True))
    new = np.array(policy_logits, dtype=float)
    for i in range(len(rewards)):
        new[i] += lr * pi[i] * (worth[i] - average)
    return new


# --- dpo_loss ---


@alternative(of="dpo_loss")
def preferences_by_model(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    policy_ratio = policy_chosen_logps - policy_rejected_logps
    ref_ratio = ref_chosen_logps - ref_rejected_logps
    x = beta * (policy_ratio - ref_ratio)
    return np.mean(np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0.0))


@alternative(of="dpo_loss")
def preferences_as_rewards(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    chosen = beta * (policy_chosen_logps - ref_chosen_logps)
    rejected = beta * (policy_rejected_logps - ref_rejected_logps)
    return float(np.mean(np.logaddexp(chosen, rejected) - chosen))


@alternative(of="dpo_loss")
def preferences_in_a_loop(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    losses = []
    for i in range(len(policy_chosen_logps)):
        margin = policy_chosen_logps[i] - ref_chosen_logps[i] - policy_rejected_logps[i] + ref_rejected_logps[i]
        x = float(beta * margin)
        losses.append(math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x)) - x)
    return sum(losses) / len(losses)


@alternative(of="dpo_loss")
def preferences_where_it_is_safe(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    x = beta * ((policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps))
    small = np.exp(-np.abs(x))
    return np.float32(-np.where(x >= 0, -np.log1p(small), x - np.log1p(small)).mean())


# --- run_stages ---


@alternative(of="run_stages")
def stages_spelled_out(params, stages):
    if len(stages) != 3 or [stages[i][0] for i in range(3)] != ["pretraining", "sft", "rlhf"]:
        raise ValueError("the stages are not the expected ones")
    pretrained = stages[0][1](copy.deepcopy(params))
    tuned = stages[1][1](copy.deepcopy(pretrained))
    final = stages[2][1](copy.deepcopy(tuned), copy.deepcopy(tuned))
    return {
        "final": final,
        "checkpoints": {"pretraining": pretrained, "sft": tuned, "rlhf": final},
        "reference": tuned,
    }


@alternative(of="run_stages")
def stages_copied_by_array(params, stages):
    def copied(arrays):
        return {name: np.array(array) for name, array in arrays.items()}

    if tuple(name for name, _ in stages) != ("pretraining", "sft", "rlhf"):
        raise ValueError("the stages are not the expected ones")
    current, result = copied(params), {"checkpoints": {}}
    for name, train in stages:
        extra = ()
        if name == "rlhf":
            result["reference"] = copied(current)
            extra = (copied(current),)
        current = train(current, *extra)
        result["checkpoints"][name] = copied(current)
    result["final"] = current
    return result


@alternative(of="run_stages")
def stages_checked_on_the_way(params, stages):
    expected = ["pretraining", "sft", "rlhf"]
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        if not expected or name != expected.pop(0):
            raise ValueError(f"{name} is not due yet")
        if name == "rlhf":
            frozen = {key: value.copy() for key, value in checkpoints["sft"].items()}
            for value in frozen.values():
                value.flags.writeable = False
            current = train(current, frozen)
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    if expected:
        raise ValueError(f"{expected} is missing")
    tuned = copy.deepcopy(checkpoints["sft"])
    return {"reference": tuned, "final": copy.deepcopy(current), "checkpoints": checkpoints}


@alternative(of="run_stages")
def stages_with_a_history(params, stages):
    names = [stage[0] for stage in stages]
    if names != ["pretraining", "sft", "rlhf"]:
        raise ValueError(f"got {names}")
    history = [copy.deepcopy(params)]
    for place, (_, train) in enumerate(stages):
        arguments = [copy.deepcopy(history[-1]) for _ in range(2 if place == 2 else 1)]
        history.append(copy.deepcopy(train(*arguments)))
    return {
        "final": history[3],
        "checkpoints": dict(zip(names, history[1:], strict=True)),
        "reference": history[2],
    }
