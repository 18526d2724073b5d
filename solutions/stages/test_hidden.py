"""Hidden and robustness checks of the `stages` lab, grouped by stub. Not meant to be read in one sitting."""

import copy

import numpy as np

from autograder.testing import agree_values, checks, leaves_unchanged, raises, repeatable
from reference.stages.test_visible import (
    MORE_THAN_HALF,
    ORDER,
    THREE_QUARTERS,
    divergences_agree,
    dpo_loss_agrees,
    log_probs_agree,
    reward_loss_agrees,
    stages_agree,
    step_agrees,
)


def batch(rng, shape, ignore_index=-100):
    """Draw logits (B, T, V) and labels (B, T). About half the labels are ignored, but never the very first or the very
    last."""
    labels = rng.integers(0, shape[-1], size=shape[:2])
    labels[rng.random(shape[:2]) < 0.5] = ignore_index
    labels[0, -1] = ignore_index  # so that the ignored positions differ between sequences
    labels[0, 0], labels[-1, -1] = rng.integers(0, shape[-1], size=2)
    return rng.normal(scale=2.0, size=shape), labels


def policy_and_reference(rng, answers):
    """Draw two sets of logits (K,) that are different from each other and not uniform."""
    return rng.normal(size=answers), rng.normal(size=answers)


def stepped(student, policy, *args):
    """Return the policy's logits after one step, whether the stub returns them or changes them in place."""
    answer = student.rlhf_policy_step.answer(policy, *args)
    changed = policy if answer.left is None else answer.left[0][0]
    return np.asarray(changed if answer.value is None else answer.value, dtype=np.float64)


# A wrong answer may make this overflow.
@np.errstate(all="ignore")
def probabilities(logits):
    exponentials = np.exp(logits - np.max(logits))
    return exponentials / exponentials.sum()


class Trains:
    """A stage for which the order matters: it shrinks params and adds a number, plus part of the reference if there is
    one.

    in_place: whether the stage changes the arrays it's given and returns them.
    """

    def __init__(self, rng, in_place=False):
        self.shrink = rng.uniform(0.4, 0.9)
        self.added = rng.uniform(1.0, 3.0)
        self.in_place = in_place
        self.starts = []

    def __call__(self, params, reference=None):
        self.starts.append(copy.deepcopy([params] if reference is None else [params, reference]))
        trained = params if self.in_place else {name: param.copy() for name, param in params.items()}
        for name, param in trained.items():
            param *= self.shrink
            param += self.added
            if reference is not None:
                param += 0.3 * reference[name]
        return trained


def pipeline(rng, in_place=False):
    return [(name, Trains(rng, in_place)) for name in ORDER]


def params_of(rng):
    return {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=3)}


def unlike(params, _reference=None):
    """A stage for invalid pipelines. It should never run."""
    return {name: param + 1.0 for name, param in params.items()}


# --- reward_model_loss ---


@checks("reward_model_loss", kind="hidden", share=MORE_THAN_HALF)
def test_rm_fresh(student, rng):
    """Your loss agrees with torch's for new comparisons, whichever answer leads."""
    for count in (3, 8):
        reward_loss_agrees(
            student,
            rng.normal(scale=2.0, size=count),
            rng.normal(scale=2.0, size=count),
        )


@checks("reward_model_loss", kind="hidden", share=MORE_THAN_HALF)
def test_rm_one(student, rng):
    """A single comparison works as a batch of one."""
    reward_loss_agrees(student, rng.normal(size=1), rng.normal(size=1))


@checks("reward_model_loss", kind="hidden", share=MORE_THAN_HALF)
def test_rm_dir(student, rng):
    """Swapping the chosen and the rejected rewards changes the loss."""
    low, high = rng.uniform(-3.0, -1.0, size=4), rng.uniform(1.0, 3.0, size=4)
    reward_loss_agrees(student, high, low)
    reward_loss_agrees(student, low, high)


@checks("reward_model_loss", kind="hidden", share=MORE_THAN_HALF)
def test_rm_stable(student, rng):
    """The loss is 1000 nats if the rejected answer leads by 1000, and 0 if the chosen one leads by that much."""
    for chosen, rejected in ((0.0, 1000.0), (1000.0, 0.0), (-800.0, 0.0)):
        reward_loss_agrees(student, np.array([chosen, 0.5]), np.array([rejected, 0.0]))


@checks("reward_model_loss", kind="hidden", share=MORE_THAN_HALF)
def test_rm_shiftinv(student, rng):
    """Adding 50 to all rewards changes nothing, because only their differences matter."""
    chosen, rejected = rng.normal(size=5), rng.normal(size=5)
    for shift in (50.0, -50.0):
        reward_loss_agrees(student, chosen + shift, rejected + shift)


@checks("reward_model_loss", kind="hidden", share=MORE_THAN_HALF)
def test_rm_mean(student, rng):
    """Repeating the comparisons doesn't change the loss."""
    chosen, rejected = rng.normal(size=3), rng.normal(size=3)
    for times in (1, 2):
        reward_loss_agrees(student, np.tile(chosen, times), np.tile(rejected, times))


@checks("reward_model_loss", kind="robustness", share=MORE_THAN_HALF)
def test_rm_gap(student, rng):
    """If the rejected answer's reward is at least 40 above the chosen one's, the loss in nats is that difference."""
    for gap in (40.0, 100.0, 720.0):
        reward_loss_agrees(student, np.zeros(1), np.array([gap]))


@checks("reward_model_loss", kind="robustness", conduct=True)
def test_rm_shape(student, rng):
    """If there are fewer rejected rewards than chosen ones, you raise ValueError rather than broadcast a single one."""
    for count in (1, 2):
        raises(student.reward_model_loss, rng.normal(size=3), rng.normal(size=count))


@checks("reward_model_loss", kind="robustness", conduct=True)
def test_rm_column(student, rng):
    """A column and a row with the same number of rewards raise ValueError, because their shapes differ."""
    raises(student.reward_model_loss, rng.normal(size=(3, 1)), rng.normal(size=3))


@checks("reward_model_loss", kind="robustness", conduct=True)
def test_rm_pure(student, rng):
    """The rewards aren't modified."""
    leaves_unchanged(student.reward_model_loss, rng.normal(size=4), rng.normal(size=4))


@checks("reward_model_loss", kind="robustness", conduct=True)
def test_rm_repeat(student, rng):
    """A second call with the same comparisons gives the same loss."""
    repeatable(student.reward_model_loss, rng.normal(size=4), rng.normal(size=4))


# --- sequence_log_prob ---


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_fresh(student, rng):
    """Your sums agree with torch's for batches of all shapes, with ignored labels anywhere."""
    for shape in ((2, 5, 7), (5, 2, 7), (7, 3, 2), (3, 4, 9)):
        log_probs_agree(student, *batch(rng, shape))


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_square(student, rng):
    """Sequences, positions and tokens don't get mixed up when there are equal numbers of each."""
    log_probs_agree(student, *batch(rng, (4, 4, 4)))


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_one(student, rng):
    """A single sequence gives an array of length 1."""
    log_probs_agree(student, *batch(rng, (1, 6, 5)))
    log_probs_agree(student, *batch(rng, (1, 1, 5)))


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_long(student, rng):
    """The sum for 800 tokens with a probability of 1/50 each is -3129.6. Multiplying the probabilities would give 0."""
    labels = rng.integers(0, 50, size=(2, 800))
    labels[1, 3:] = -100
    log_probs_agree(student, np.zeros((2, 800, 50)), labels)


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_len(student, rng):
    """Writing a sequence twice in a row doubles its log-probability."""
    logits, labels = batch(rng, (2, 4, 5))
    for times in (1, 2):
        again = np.tile(logits, (1, times, 1)), np.tile(labels, (1, times))
        log_probs_agree(student, *again)


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_mask(student, rng):
    """The logits at ignored positions don't affect the sums, whether those positions hold the prompt or padding."""
    logits, labels = batch(rng, (3, 6, 5))
    labels[1, 2:4] = -100
    for scale in (1.0, 100.0):
        other = rng.normal(scale=scale, size=logits.shape)
        free = np.where((labels == -100)[:, :, None], other, logits)
        log_probs_agree(student, free, labels)


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_stable(student, rng):
    """Even with logits in the thousands, your sums are finite and agree with torch's."""
    logits = np.array([[[1000.0, 0.0, 0.0], [0.0, 2.0, 1.0]], [[0.0, 0.0, -900.0], [5000.0, 5001.0, 5003.0]]])
    for labels in ([[1, 1], [2, 0]], [[0, 1], [-100, 2]]):
        # Around 5000, float32 numbers are 5e-4 apart.
        log_probs_agree(student, logits, np.array(labels), atol=1e-3)


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_bigv(student, rng):
    """Ignored labels don't count even if the vocabulary is so large that -100 is a valid index."""
    log_probs_agree(student, *batch(rng, (2, 5, 150)))


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_ign(student, rng):
    """Labels equal to ignore_index are ignored, even if it isn't -100."""
    for ignore_index in (-1, -7, 999):
        logits, labels = batch(rng, (2, 6, 9), ignore_index)
        log_probs_agree(student, logits, labels, ignore_index=ignore_index)


@checks("sequence_log_prob", kind="hidden", share=MORE_THAN_HALF)
def test_sp_zero(student, rng):
    """A label of 0 is a real token, so it counts."""
    labels = np.array([[0, 0, -100, 3], [-100, 0, 2, 0]])
    log_probs_agree(student, rng.normal(scale=2.0, size=(2, 4, 5)), labels)


@checks("sequence_log_prob", kind="robustness", share=MORE_THAN_HALF)
def test_sp_none(student, rng):
    """If all the labels of a sequence are ignored, its sum is 0."""
    logits, labels = batch(rng, (3, 4, 5))
    labels[1] = -100
    log_probs_agree(student, logits, labels)


@checks("sequence_log_prob", kind="robustness", conduct=True)
def test_sp_pure(student, rng):
    """The logits and the labels aren't modified."""
    leaves_unchanged(student.sequence_log_prob, *batch(rng, (2, 4, 5)))


@checks("sequence_log_prob", kind="robustness", conduct=True)
def test_sp_repeat(student, rng):
    """A second call with the same batch gives the same log-probabilities."""
    repeatable(student.sequence_log_prob, *batch(rng, (2, 4, 5)))


# --- kl_divergence ---


@checks("kl_divergence", kind="hidden", share=MORE_THAN_HALF)
def test_kl(student, rng):
    """Your divergences agree with torch's for other policies and references, too, with one, two and three axes."""
    for shape in ((6,), (3, 7), (2, 3, 5)):
        divergences_agree(student, *rng.normal(scale=2.0, size=(2, *shape)))


@checks("kl_divergence", kind="hidden", share=MORE_THAN_HALF)
def test_kl_square(student, rng):
    """If there are as many positions as tokens, the sum still runs over the tokens."""
    divergences_agree(student, *rng.normal(scale=2.0, size=(2, 4, 4)))


@checks("kl_divergence", kind="hidden", share=MORE_THAN_HALF)
def test_kl_direction(student, rng):
    """The two directions give different results, because the policy's probabilities are the weights."""
    flat, steep = np.zeros((1, 4)), rng.permutation([3.0, 0.0, 1.0, -2.0])[None]
    divergences_agree(student, flat, steep)
    divergences_agree(student, steep, flat)


@checks("kl_divergence", kind="hidden", share=MORE_THAN_HALF)
def test_kl_shift(student, rng):
    """Adding a number to all logits of either model changes nothing."""
    policy, reference = rng.normal(size=(2, 3, 5))
    # Numbers around 12 cancel here: in float32, what's left is accurate to about 1e-4.
    divergences_agree(student, policy + 12.0, reference - 4.5, atol=2e-4)


@checks("kl_divergence", kind="hidden", share=MORE_THAN_HALF)
def test_kl_under(student, rng):
    """A token that the policy never draws adds 0 instead of NaN, however low its logit is."""
    policy = np.array([[0.0, -2000.0, 1.0], [0.5, 0.0, -1.0], [3000.0, 0.0, 0.0]])
    divergences_agree(
        student,
        policy,
        np.array([[0.0, 0.3, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 2.0]]),
    )


@checks("kl_divergence", kind="hidden", share=MORE_THAN_HALF)
def test_kl_pos(student, rng):
    """If the policy is close to the reference, the divergence is tiny but above 0."""
    reference = rng.normal(size=(4, 6))
    policy = reference + rng.normal(scale=0.05, size=(4, 6))
    # Terms around 0.01 cancel here: in float32, what's left is accurate to about 1e-7.
    divergences_agree(student, policy, reference, atol=1e-6)


@checks("kl_divergence", kind="robustness", share=MORE_THAN_HALF)
def test_kl_far(student, rng):
    """If the reference gives almost no probability to what the policy says, the divergence is large but finite."""
    policy, reference = np.array([[0.0, 0.5], [0.5, 0.0]]), np.array([[0.0, -900.0], [0.0, 1.0]])
    divergences_agree(student, policy, reference)


@checks("kl_divergence", kind="robustness", weight=0.5)
def test_kl_one(student, rng):
    """If the vocabulary has only one token, the divergence is 0."""
    agree_values(student.kl_divergence(*rng.normal(size=(2, 3, 1))), np.zeros(3), "the divergences of one token")


@checks("kl_divergence", kind="robustness", conduct=True)
def test_kl_pure(student, rng):
    """The logits aren't modified."""
    leaves_unchanged(student.kl_divergence, *rng.normal(size=(2, 3, 5)))


@checks("kl_divergence", kind="robustness", conduct=True)
def test_kl_repeat(student, rng):
    """A second call with the same logits gives the same divergence."""
    repeatable(student.kl_divergence, *rng.normal(size=(2, 3, 5)))


# --- rlhf_policy_step ---


@checks("rlhf_policy_step", kind="hidden")
def test_rl_grad(student, rng):
    """The step is lr times the exact slope of J. A different step that leads to the same best policy isn't enough."""
    for beta, lr in ((0.7, 0.5), (2.0, 0.25), (0.1, 3.0)):
        policy, reference = policy_and_reference(rng, 5)
        rewards = rng.normal(scale=2.0, size=5)
        wanted = stages_slope(policy, reference, rewards, beta)
        got = (stepped(student, policy, reference, rewards, beta, lr) - policy) / lr
        agree_values(got, wanted, "the step, divided by the learning rate")


def stages_slope(policy, reference, rewards, beta):
    """Estimate the slope of J by evaluating J a little to either side."""

    def height(logits):
        pi, ref = probabilities(logits), probabilities(reference)
        return pi @ rewards - beta * pi @ (np.log(pi) - np.log(ref))

    sides = np.eye(len(policy)) * 1e-5
    return np.array([(height(policy + side) - height(policy - side)) / 2e-5 for side in sides])


@checks("rlhf_policy_step", kind="hidden", share=THREE_QUARTERS)
def test_rl_fresh(student, rng):
    """Your step agrees with torch's for other policies, references and rewards, too, with two answers or with nine."""
    for answers, beta, lr in ((2, 1.0, 2.0), (9, 0.3, 4.0), (4, 3.0, 1.0)):
        policy, reference = policy_and_reference(rng, answers)
        rewards = rng.normal(scale=2.0, size=answers)
        step_agrees(student, policy, reference, rewards, beta, lr)


@checks("rlhf_policy_step", kind="hidden", weight=0.5, share=THREE_QUARTERS)
def test_rl_fix(student, rng):
    """A step leaves the best policy, the reference times exp(reward / beta), unchanged."""
    _, reference = policy_and_reference(rng, 5)
    rewards = rng.normal(size=5)
    best = reference + rewards / 0.8 + 3.0
    step_agrees(student, best, reference, rewards, 0.8, 2.0)


@checks("rlhf_policy_step", kind="hidden", share=THREE_QUARTERS)
def test_rl_converge(student, rng):
    """The first step is right, and many steps lead to the best policy, the reference times exp(reward / beta)."""
    reference, rewards = rng.uniform(-0.5, 0.5, size=(2, 4))
    policy = np.zeros(4)
    # Over many wrong steps, rounding errors can grow so much that one mistake looks like several different ones, so the
    # first step is checked by itself.
    step_agrees(student, policy, reference, rewards, 2.0, 1.5)
    # The best logits are within 0.75 of 0: no probability is below 0.069, and each step shrinks the distance to them to
    # at most 0.8 times what it was.
    for _ in range(60):
        policy = stepped(student, policy, reference, rewards, 2.0, 1.5)
    agree_values(probabilities(policy), probabilities(reference + rewards / 2.0), "the probabilities after 60 steps")


@checks("rlhf_policy_step", kind="hidden")
def test_rl_bigbeta(student, rng):
    """With a strong KL penalty, the policy stays close to the reference, no matter what the rewards are."""
    _, reference = policy_and_reference(rng, 4)
    rewards = rng.normal(size=4)
    policy = reference
    for _ in range(15):
        policy = stepped(student, policy, reference, rewards, 50.0, 0.02)
    wanted = reference
    for _ in range(15):
        wanted = wanted + 0.02 * stages_slope(wanted, reference, rewards, 50.0)
    agree_values(policy - reference, wanted - reference, "the drift after 15 steps", rtol=1e-3, atol=1e-5)


@checks("rlhf_policy_step", kind="hidden", share=THREE_QUARTERS)
def test_rl_free(student, rng):
    """Without a KL penalty, only the rewards matter."""
    policy, reference = policy_and_reference(rng, 5)
    rewards = rng.normal(scale=2.0, size=5)
    step_agrees(student, policy, reference, rewards, 0.0, 2.0)


@checks("rlhf_policy_step", kind="hidden", share=THREE_QUARTERS)
def test_rl_const(student, rng):
    """Adding 100 to every reward changes nothing."""
    policy, reference = policy_and_reference(rng, 4)
    rewards = rng.normal(size=4) + 100.0
    # In float32, these rewards and the mean they're compared with are each off by up to 1e-5, and the learning rate
    # doubles that.
    step_agrees(student, policy, reference, rewards, 0.5, 2.0, atol=1e-4)


@checks("rlhf_policy_step", kind="hidden", share=THREE_QUARTERS)
def test_rl_from_here(student, rng):
    """You add the step to the policy's logits, so if they're all shifted by a constant, the new logits are shifted by
    the same amount."""
    policy, reference = policy_and_reference(rng, 4)
    rewards = rng.normal(size=4)
    step_agrees(student, policy + 6.0, reference - 4.0, rewards, 0.5, 2.0)


@checks("rlhf_policy_step", kind="robustness", weight=0.5, share=THREE_QUARTERS)
def test_rl_lr0(student, rng):
    """If the learning rate is 0, the policy stays as it is."""
    policy, reference = policy_and_reference(rng, 4)
    step_agrees(student, policy, reference, np.ones(4), 0.5, 0.0)


@checks("rlhf_policy_step", kind="robustness", share=THREE_QUARTERS)
def test_rl_far(student, rng):
    """Even if one of the policy's probabilities underflows to 0, the step stays finite, whatever the rewards are."""
    policy, reference, rewards = np.array([0.0, -2000.0, 1.0]), np.array([0.5, 0.0, 0.0]), rng.normal(size=3)
    step_agrees(student, policy, reference, rewards, 0.5, 2.0)


@checks("rlhf_policy_step", kind="robustness", conduct=True)
def test_rl_ref(student, rng):
    """The reference and the rewards aren't modified. Only the policy may be modified in place."""
    policy, reference = policy_and_reference(rng, 4)
    rewards = rng.normal(size=4)
    leaves_unchanged(student.rlhf_policy_step, policy, reference, rewards, 0.5, 2.0, in_place=True)


@checks("rlhf_policy_step", kind="robustness", conduct=True)
def test_rl_repeat(student, rng):
    """A second call with the same policy and rewards gives the same logits."""
    repeatable(student.rlhf_policy_step, *policy_and_reference(rng, 4), rng.normal(size=4), 0.5, 2.0)


# --- dpo_loss ---


def logps(rng, count=4):
    """Draw log-probabilities (N,) of chosen and rejected answers under the policy, then under the reference."""
    reference = rng.uniform(-40.0, -10.0, size=(2, count))
    return (*(reference + rng.normal(scale=3.0, size=(2, count))), *reference)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_fresh(student, rng):
    """Your loss agrees with torch's for new comparisons, with small and large betas."""
    for count, beta in ((3, 0.1), (7, 0.5), (2, 2.0)):
        # Rewards around 20 may almost cancel and give a loss of nearly 0, which float32 gets right to within about
        # 1e-6.
        dpo_loss_agrees(student, *logps(rng, count), beta, atol=1e-5)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_one(student, rng):
    """A single comparison works as a batch of one."""
    dpo_loss_agrees(student, *logps(rng, 1), 0.3)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_ref(student, rng):
    """Raising the reference's log-probability of an answer has the opposite effect of raising the policy's."""
    chosen, rejected, ref_chosen, ref_rejected = logps(rng)
    dpo_loss_agrees(student, chosen, rejected, ref_chosen + 2.0, ref_rejected, 0.5)
    dpo_loss_agrees(student, chosen, rejected, ref_chosen, ref_rejected + 2.0, 0.5)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_stable(student, rng):
    """The loss is finite if the rejected answer leads by thousands, and 0 if the chosen one leads by that much."""
    zeros = np.zeros(2)
    for margin in (-5000.0, 5000.0):
        dpo_loss_agrees(student, np.array([margin, -1.0]), zeros, zeros, zeros, 1.0)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_beta(student, rng):
    """The loss approaches ln 2 as beta gets smaller."""
    answers = logps(rng)
    for beta in (1.0, 0.1, 1e-3, 1e-9):
        dpo_loss_agrees(student, *answers, beta)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_cancel(student, rng):
    """For each model, adding the prompt's log-probability to both answers' log-probabilities changes nothing."""
    chosen, rejected, ref_chosen, ref_rejected = logps(rng)
    dpo_loss_agrees(student, chosen - 17.0, rejected - 17.0, ref_chosen - 5.0, ref_rejected - 5.0, 0.4)


@checks("dpo_loss", kind="hidden", share=MORE_THAN_HALF)
def test_dp_mean(student, rng):
    """Repeating the comparisons doesn't change the loss."""
    answers = logps(rng)
    for times in (1, 2):
        dpo_loss_agrees(student, *(np.tile(each, times) for each in answers), 0.4)


@checks("dpo_loss", kind="robustness", share=MORE_THAN_HALF)
def test_dp_gap(student, rng):
    """If beta is 1 and the rejected answer leads by at least 40, the loss in nats equals that lead."""
    zero = np.zeros(1)
    for gap in (40.0, 100.0, 720.0):
        dpo_loss_agrees(student, zero, np.array([gap]), zero, zero, 1.0)


@checks("dpo_loss", kind="robustness", conduct=True)
def test_dp_pure(student, rng):
    """The log-probabilities aren't modified."""
    leaves_unchanged(student.dpo_loss, *logps(rng), 0.4)


@checks("dpo_loss", kind="robustness", conduct=True)
def test_dp_repeat(student, rng):
    """A second call with the same comparisons gives the same loss."""
    repeatable(student.dpo_loss, *logps(rng), 0.4)


# --- run_stages ---


@checks("run_stages", kind="hidden", share=MORE_THAN_HALF)
def test_rs_fresh(student, rng):
    """Your parameters agree with torch's after each of three new stages whose order makes a difference."""
    stages_agree(student, params_of(rng), pipeline(rng))


@checks("run_stages", kind="hidden")
def test_rs_starts(student, rng):
    """Each stage runs once, on the parameters the previous stage returned. The last stage also gets them as its
    reference."""
    params, chain = params_of(rng), pipeline(rng)
    wanted, start = [], params
    for name, stage in copy.deepcopy(chain):
        given = [start, start] if name == "rlhf" else [start]
        wanted.append([given])
        start = stage(*copy.deepcopy(given))
    student.run_stages(params, chain)
    agree_values([stage.starts for _, stage in chain], wanted, "the parameters that each stage was given")


@checks("run_stages", kind="hidden", share=MORE_THAN_HALF)
def test_rs_ckpt(student, rng):
    """Even if stages train in place, the checkpoints and the reference keep their values."""
    stages_agree(student, params_of(rng), pipeline(rng, in_place=True))


@checks("run_stages", kind="hidden", share=MORE_THAN_HALF)
def test_rs_mixed(student, rng):
    """It doesn't matter if some stages train in place and others don't."""
    for in_place in ((True, False, True), (False, True, False)):
        chain = [(name, Trains(rng, each)) for name, each in zip(ORDER, in_place, strict=True)]
        stages_agree(student, params_of(rng), chain)


@checks("run_stages", kind="hidden", share=MORE_THAN_HALF)
def test_rs_names(student, rng):
    """Parameters may have any names and shapes, and there may be any number of them."""
    for shapes in ({"weight": (1,)}, {"final": (2, 2), "sft": (1,), "W_q": (2, 1, 3)}):
        params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        stages_agree(student, params, pipeline(rng))


@checks("run_stages", kind="hidden", conduct=True)
def test_rs_order(student, rng):
    """Stages in a different order raise ValueError."""
    for names in (("sft", "pretraining", "rlhf"), ("pretraining", "rlhf", "sft"), ("rlhf", "sft", "pretraining")):
        raises(student.run_stages, params_of(rng), [(name, unlike) for name in names])


@checks("run_stages", kind="hidden", conduct=True)
def test_rs_missing(student, rng):
    """A missing stage raises ValueError."""
    for names in (("pretraining", "sft"), ("pretraining", "rlhf"), ("sft", "rlhf"), ()):
        raises(student.run_stages, params_of(rng), [(name, unlike) for name in names])


@checks("run_stages", kind="robustness", conduct=True)
def test_rs_more(student, rng):
    """An extra, repeated or unknown stage raises ValueError."""
    for names in (
        ("pretraining", "sft", "rlhf", "rlhf"),
        ("pretraining", "sft", "sft", "rlhf"),
        ("pretraining", "sft", "dpo"),
        ("pretraining", "sft", "rlhf", "dpo"),
    ):
        raises(student.run_stages, params_of(rng), [(name, unlike) for name in names])


@checks("run_stages", kind="robustness", conduct=True)
def test_rs_pure(student, rng):
    """The parameters you're given aren't modified, even if stages train in place."""
    leaves_unchanged(student.run_stages, params_of(rng), pipeline(rng, in_place=True))


@checks("run_stages", kind="robustness", conduct=True)
def test_rs_repeat(student, rng):
    """A second call with the same stages and starting parameters gives the same result."""
    repeatable(student.run_stages, params_of(rng), pipeline(rng))
