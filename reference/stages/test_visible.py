"""Visible checks of the `stages` lab, grouped by stub. Not meant to be read in one sitting."""

import numpy as np

from autograder.testing import (
    agree,
    agree_values,
    call_reference,
    checks,
    example,
    leaves_unchanged,
    raises,
    reference_value,
)
from reference import stages

# Three answers to "What is the capital of France?": "Paris.", a whole sentence, and a question back.
REWARDS = np.array([0.5, 1.0, -1.0])
# The rewards of the chosen and the rejected answers in three comparisons.
COMPARISONS = np.array([2.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0])
# One comparison: the log-probabilities that the policy and the reference give the chosen and the rejected answer.
LOGPS = [np.array([each]) for each in (-4.0, -6.0, -5.0, -5.0)]
ORDER = ("pretraining", "sft", "rlhf")

# The partial credit for an answer that's right except for a shape, a convention or an edge case.
MORE_THAN_HALF, THREE_QUARTERS = 0.6, 0.75


def scale(rng):
    """Return a factor by which to multiply the leads, which range from 40 into the thousands."""
    return example(rng, 1.0, lambda rng: rng.uniform(1.0, 1.5))


def listed(numbers):
    """Return the first two numbers along a curve and the last one, as text."""
    first, second, *_, last = [f"{number:g}" for number in numbers]
    return f"{first}, {second}, … {last}"


def in_bits(nats):
    return nats / np.log(2)


def in_base_10(nats):
    return nats / np.log(10)


def reward_loss_agrees(student, r_chosen, r_rejected):
    """Require the mean in nats. Give partial credit for the sum, or the mean in a different unit."""
    others = [lambda mean: mean * r_chosen.size, in_bits, in_base_10]
    agree(student.reward_model_loss, stages.reward_model_loss, r_chosen, r_rejected, apart_from=others)


def log_probs_agree(student, logits, labels, **options):
    """Require the sum in nats.

    Give partial credit for the mean of the same terms, a different unit, or a sum without token 0.
    """
    ignore = options.get("ignore_index", -100)
    counted = np.sum(labels != ignore, axis=1)

    def without_token_0(_sums):
        kept = np.where(labels == 0, ignore, labels)
        return reference_value(stages.sequence_log_prob, ((logits, kept), {"ignore_index": ignore}))

    others = [
        lambda sums: sums / np.maximum(counted, 1),
        lambda sums: sums / labels.shape[1],
        in_bits,
        in_base_10,
        without_token_0,
    ]
    agree(student.sequence_log_prob, stages.sequence_log_prob, logits, labels, apart_from=others, **options)


def divergences_agree(student, policy_logits, ref_logits, **options):
    """Require the divergences in nats. Give partial credit for the same divergences in a different unit."""
    others = [in_bits, in_base_10]
    agree(student.kl_divergence, stages.kl_divergence, policy_logits, ref_logits, apart_from=others, **options)


def step_agrees(student, policy, reference, rewards, beta, lr, **options):
    """Require the new logits.

    Give partial credit for different logits of the same policy, or for just the slope or the step.
    """

    def slope(_new):
        new = reference_value(stages.rlhf_policy_step, ((policy, reference, rewards, beta, 1.0), {}))
        # At the best policy, the slope should be exactly 0, so remove the rounding error.
        return np.round(new - policy, 12)

    others = [
        lambda new: new - np.logaddexp.reduce(policy),
        lambda new: new - np.logaddexp.reduce(new),
        lambda new: np.exp(new - np.logaddexp.reduce(new)),
        slope,
        lambda new: lr * slope(new),
    ]
    arguments = policy, reference, rewards, beta, lr
    agree(student.rlhf_policy_step, stages.rlhf_policy_step, *arguments, in_place=True, apart_from=others, **options)


def dpo_loss_agrees(student, *logps_and_beta, **options):
    """Require the mean in nats. Give partial credit for the sum, or the mean in a different unit."""
    others = [lambda mean: mean * len(logps_and_beta[0]), in_bits, in_base_10]
    agree(student.dpo_loss, stages.dpo_loss, *logps_and_beta, apart_from=others, **options)


def stages_agree(student, params, pipeline):
    """Require the final parameters, checkpoints and reference.

    Give partial credit if the last checkpoint is missing, or for a list or tuple instead of a dict.
    """
    others = [
        lambda right: {**right, "checkpoints": {name: right["checkpoints"][name] for name in ORDER[:2]}},
        lambda right: {**right, "checkpoints": list(right["checkpoints"].values())},
        lambda right: (right["final"], right["checkpoints"], right["reference"]),
    ]
    agree(student.run_stages, stages.run_stages, params, pipeline, apart_from=others)


def starts_agree(pipeline, start):
    """Require that each stage got what the stage before it returned, and that the last one also got a reference and
    didn't change it during training."""
    wanted = [[[start]], [[start + 1.0]], [[start + 11.0, start + 11.0]]]
    what = "the weights that each stage was given, and the last stage's reference after training"
    agree_values([stage.starts for _, stage in pipeline], wanted, what)


# A wrong answer may make this overflow.
@np.errstate(all="ignore")
def height(policy, rewards):
    """Return J for three answers when the reference gives all of them the same probability and beta is 0.5."""
    probs = np.exp(policy) / np.exp(policy).sum()
    return probs @ rewards - 0.5 * probs @ np.log(3.0 * probs)


class Adds:
    """A stage that adds a number to every weight, and records the weight `w` that it started from.

    in_place: whether the stage changes the arrays it's given and returns them. If there's a reference, the stage also
    records the reference's weight after training, which has changed if the stage was given the same arrays twice.
    """

    def __init__(self, number, in_place=False):
        self.number = number
        self.in_place = in_place
        self.starts = []

    def __repr__(self):
        return f"adds {self.number:g}{' in place' * self.in_place}"

    __name__ = property(__repr__)

    def __call__(self, params, *reference):
        start = params["w"][0].item()
        trained = params if self.in_place else {name: param.copy() for name, param in params.items()}
        for param in trained.values():
            param += self.number
        self.starts.append([start, *(float(each["w"][0]) for each in reference)])
        return trained


def pipeline(*names, in_place=False):
    """Return stages with these names, which add 1, 10, 100, …"""
    return [(name, Adds(10.0**power, in_place)) for power, name in enumerate(names)]


@checks("reward_model_loss", weight=0.25, share=MORE_THAN_HALF)
def test_rm(student, rng):
    """The mean loss on the three comparisons in part 1 is 0.7111 nats."""
    reward_loss_agrees(student, *example(rng, COMPARISONS))


@checks("reward_model_loss", weight=0.25, share=MORE_THAN_HALF)
def test_rm_equal(student, rng):
    """If the two rewards are equal, the loss is ln 2 = 0.6931 nats, no matter what they are."""
    rewards = example(rng, np.array([3.0, -4.0, 0.5, 0.0]))
    reward_loss_agrees(student, rewards, rewards.copy())


@checks("reward_model_loss", weight=0.25)
def test_rm_curve(student, rng):
    """The further ahead the chosen answer's reward is, the lower the loss: 4.02 nats at a lead of -4, and 0.02 at 4."""
    most = example(rng, 4.0, lambda rng: rng.choice([2.0, 3.0, 5.0, 6.0]))
    leads = np.linspace(-most, most, 9)
    losses = [student.reward_model_loss(np.array([each]), np.array([0.0])) for each in leads]
    agree_values(
        losses, np.log1p(np.exp(-leads)), f"the losses where the chosen answer's reward leads by {listed(leads)}"
    )


@checks("reward_model_loss", weight=0.25, share=MORE_THAN_HALF)
def test_rm_thousand(student, rng):
    """If the rejected answer leads by 40, 720 or 1000, the loss is that many nats. If the chosen one leads by 1000, the
    loss is 0."""
    for lead in (40.0, 720.0, 1000.0):
        reward_loss_agrees(student, np.zeros(1), scale(rng) * np.array([lead]))
    reward_loss_agrees(student, scale(rng) * np.array([1000.0, 0.5]), np.zeros(2))


@checks("reward_model_loss", weight=0.25, share=MORE_THAN_HALF)
def test_rm_shift(student, rng):
    """Only the differences between rewards matter, so adding 50 to all of them changes nothing."""
    chosen, rejected = example(rng, COMPARISONS)
    for shift in (50.0, -50.0):
        reward_loss_agrees(student, chosen + shift, rejected + shift)


@checks("reward_model_loss", weight=0.25, conduct=True)
def test_rm_refused(student, rng):
    """Chosen and rejected rewards of different shapes, such as (3,) and (1,), or (3,) and (3, 1), raise ValueError."""
    row, _ = example(rng, COMPARISONS)
    for other in (np.array([1.0]), row[:, None]):
        raises(student.reward_model_loss, row, other)


@checks("reward_model_loss", weight=0.25, conduct=True)
def test_rm_pure_shown(student, rng):
    """Your function doesn't change the rewards it's given."""
    leaves_unchanged(student.reward_model_loss, *example(rng, COMPARISONS))


@checks("sequence_log_prob", weight=0.25, share=MORE_THAN_HALF)
def test_sp_hand(student, rng):
    """An answer of two tokens with probabilities 1/2 and 1/4 gives ln(1/8) = -2.0794. A third label is ignored."""
    logits = np.log(np.array([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]))
    log_probs_agree(student, example(rng, logits), np.array([[0, 1, -100]]))


@checks("sequence_log_prob", weight=0.25, share=MORE_THAN_HALF)
def test_sp(student, rng):
    """Two sequences of four positions give two sums, in an array of shape (2,)."""
    labels = np.array([[-100, 3, 0, 4], [-100, -100, 2, 2]])
    log_probs_agree(student, rng.normal(size=(2, 4, 5)), labels)


@checks("sequence_log_prob", weight=0.25, share=MORE_THAN_HALF)
def test_sp_many(student, rng):
    """For 800 tokens with a probability of 1/50 each, the sum is -3129.6. The product would underflow to 0."""
    labels = np.full((2, 800), example(rng, 7, lambda rng: rng.integers(8, 50)))
    labels[1, 3:] = -100
    log_probs_agree(student, np.full((2, 800, 50), example(rng, 0.0)), labels)


@checks("sequence_log_prob", weight=0.25, share=MORE_THAN_HALF)
def test_sp_far(student, rng):
    """A token whose logit is 1000 below the best has a log-probability of -1000, and the best token's is 0."""
    # Around 5000, float32 is exact for whole numbers, so the second row's logits are far enough apart for their
    # log-probabilities to be whole numbers.
    far = example(rng, 1000.0, lambda rng: float(rng.integers(1001, 1500)))
    first, second = [[far, 0.0, 0.0], [0.0, 2.0, 1.0]], [[0.0, 0.0, -900.0], [5 * far, 5 * far + 20, 5 * far + 40]]
    logits = np.array([first, second])
    for labels in ([[0, 1], [-100, 2]], [[1, 1], [2, 0]]):
        log_probs_agree(student, logits, np.array(labels))


@checks("sequence_log_prob", weight=0.25, share=MORE_THAN_HALF)
def test_sp_marks(student, rng):
    """If ignore_index is -1 or 999, labels with that value are ignored."""
    for ignore_index in (-1, 999):
        labels = np.array([[ignore_index, 3, 0, 4], [ignore_index, ignore_index, 2, 2]])
        logits = rng.normal(size=(2, 4, 5))
        log_probs_agree(student, logits, labels, ignore_index=ignore_index)


@checks("sequence_log_prob", weight=0.25, share=MORE_THAN_HALF)
def test_sp_padding(student, rng):
    """Ignored positions don't count, even with a vocabulary of 150 tokens, where numpy would accept -100 as an index.
    If all are ignored, the sum is 0."""
    labels = np.array([[-100, -100, -100], [5, -100, 149]])
    log_probs_agree(student, rng.normal(scale=3.0, size=(2, 3, 150)), labels)


@checks("sequence_log_prob", weight=0.25, conduct=True)
def test_sp_pure_shown(student, rng):
    """Your function doesn't change the logits or labels it's given."""
    leaves_unchanged(student.sequence_log_prob, rng.normal(size=(1, 3, 4)), np.array([[-100, 3, 0]]))


@checks("kl_divergence", weight=0.25, share=MORE_THAN_HALF)
def test_kl_dir(student, rng):
    """A policy of (0.9, 0.1) has a divergence of 0.3681 nats from a reference of (0.5, 0.5). The other way around, it's
    0.5108."""
    policy, reference = np.log(np.array([0.9, 0.1])), np.log(np.array([0.5, 0.5]))
    divergences_agree(student, *example(rng, (policy, reference)))


@checks("kl_divergence", weight=0.25)
def test_kl_zero(student, rng):
    """A model's divergence from itself is 0, even if a constant was added to all its logits."""
    logits = example(rng, np.array([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]]))
    agree_values(student.kl_divergence(logits, logits + 7.0), np.zeros(2), "the divergence of a model from itself")


@checks("kl_divergence", weight=0.25, share=MORE_THAN_HALF)
def test_kl_shape(student, rng):
    """Logits of shape (2, 3, 4) give one divergence per position, in an array of shape (2, 3)."""
    divergences_agree(student, rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)))


@checks("kl_divergence", weight=0.25, share=MORE_THAN_HALF)
def test_kl_never(student, rng):
    """A token that the policy never draws adds 0, not NaN."""
    policy, reference = (
        np.array([[0.0, -2000.0, 1.0], [3000.0, 0.0, 0.0]]),
        np.array([[0.0, 0.3, 0.0], [0.0, 0.0, 2.0]]),
    )
    divergences_agree(student, *example(rng, (policy, reference)))


@checks("kl_divergence", weight=0.25, share=MORE_THAN_HALF)
def test_kl_ruled_out(student, rng):
    """If the reference gives almost no probability to what the policy says, the divergence is large but still
    finite."""
    policy, reference = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0.0, -1000.0], [0.0, 0.5]])
    divergences_agree(student, *example(rng, (policy, reference)))


@checks("kl_divergence", weight=0.25, share=MORE_THAN_HALF)
def test_kl_close(student, rng):
    """If the policy is close to the reference, the divergence is tiny but positive. If there's only one token, the
    divergence is 0."""
    reference = example(rng, np.array([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]]))
    policy = reference + np.array([0.05, -0.02, 0.0])
    # Terms around 0.01 cancel here: in float32, what's left is accurate to about 1e-7.
    divergences_agree(student, policy, reference, atol=1e-6)
    agree_values(student.kl_divergence(np.ones((2, 1)), np.zeros((2, 1))), np.zeros(2), "the divergences of one token")


@checks("kl_divergence", weight=0.25, conduct=True)
def test_kl_pure_shown(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.kl_divergence, rng.normal(size=(2, 3)), rng.normal(size=(2, 3)))


@checks("rlhf_policy_step", weight=0.25, share=THREE_QUARTERS)
def test_rl_hand(student, rng):
    """In the first example in part 4, two equally likely answers with rewards 1 and 0 get the logits 0.25 and -0.25."""
    rewards = example(rng, np.array([1.0, 0.0]))
    step_agrees(student, np.zeros(2), np.zeros(2), rewards, 0.5, 1.0)


@checks("rlhf_policy_step", weight=0.25, share=THREE_QUARTERS)
def test_rl_leash(student, rng):
    """If all answers are equally good, the KL penalty pulls a drifted policy back toward its reference."""
    policy, reference = example(rng, (np.array([2.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])))
    step_agrees(student, policy, reference, np.zeros(3), 2.0, 1.5)


@checks("rlhf_policy_step", weight=0.25)
def test_rl_up(student, rng):
    """Ten steps raise J from 0.1667 to 0.5944, each by less than the one before."""
    rewards, policy, heights = example(rng, REWARDS), np.zeros(3), []
    for _ in range(11):
        heights.append(height(policy, rewards))
        answer = student.rlhf_policy_step.answer(policy, np.zeros(3), rewards, 0.5, 1.0)
        changed = policy if answer.left is None else answer.left[0][0]
        policy = np.asarray(changed if answer.value is None else answer.value, dtype=np.float64)
    wanted, policy = [], np.zeros(3)
    for _ in range(11):
        wanted.append(height(policy, rewards))
        policy = call_reference(stages.rlhf_policy_step, ((policy, np.zeros(3), rewards, 0.5, 1.0), {}))
    agree_values(heights, np.array(wanted), "J before the first of ten steps, and after each of them")


@checks("rlhf_policy_step", weight=0.25, share=THREE_QUARTERS)
def test_rl_best(student, rng):
    """A step doesn't change a policy that's already the best one, the reference times exp(reward / beta). If lr is 0,
    nothing changes."""
    reference, rewards = example(rng, (np.array([0.5, -1.0, 0.0]), REWARDS))
    for policy, lr in ((reference + rewards / 0.8 + 3.0, 2.0), (np.zeros(3), 0.0)):
        step_agrees(student, policy, reference, rewards, 0.8, lr)


@checks("rlhf_policy_step", weight=0.25, share=THREE_QUARTERS)
def test_rl_rewards(student, rng):
    """Without a KL penalty, only the rewards matter, and adding 100 to all of them changes nothing."""
    policy, reference = example(rng, (np.array([0.5, -1.0, 0.0]), np.array([0.0, 0.3, -0.2])))
    for rewards, beta in ((REWARDS, 0.0), (REWARDS + 100.0, 0.5)):
        step_agrees(student, policy, reference, rewards, beta, 2.0)


@checks("rlhf_policy_step", weight=0.25, share=THREE_QUARTERS)
def test_rl_start(student, rng):
    """The step starts from the logits you're given, even if a constant was added to all of them."""
    policy, reference = example(rng, (np.array([6.5, 5.0, 6.0]), np.array([-4.0, -3.7, -4.2])))
    step_agrees(student, policy, reference, REWARDS, 0.5, 2.0)


@checks("rlhf_policy_step", weight=0.25, share=THREE_QUARTERS)
def test_rl_never(student, rng):
    """The step stays finite even if one of the policy's probabilities underflows to 0."""
    policy, reference = example(rng, (np.array([0.0, -2000.0, 1.0]), np.array([0.5, 0.0, 0.0])))
    step_agrees(student, policy, reference, REWARDS, 0.5, 2.0)


@checks("rlhf_policy_step", weight=0.25, conduct=True)
def test_rl_kept(student, rng):
    """Your function doesn't change the reference or the rewards. Only the policy may be modified in place."""
    policy, reference = example(rng, (np.array([0.5, -1.0, 0.0]), np.array([0.0, 0.3, -0.2])))
    leaves_unchanged(student.rlhf_policy_step, policy, reference, REWARDS, 0.5, 2.0, in_place=True)


@checks("dpo_loss", weight=0.25, share=MORE_THAN_HALF)
def test_dp_hand(student, rng):
    """The loss on the comparison in part 5 is 0.3133 nats."""
    dpo_loss_agrees(student, *example(rng, LOGPS), 0.5)


@checks("dpo_loss", weight=0.25, share=MORE_THAN_HALF)
def test_dp_ln2(student, rng):
    """If the policy is still equal to the reference, the loss is ln 2 = 0.6931 nats, no matter what the answers are."""
    chosen, rejected = example(rng, (np.array([-40.0, -8.0, -19.0]), np.array([-12.0, -33.0, -19.5])))
    dpo_loss_agrees(student, chosen, rejected, chosen.copy(), rejected.copy(), 0.1)


@checks("dpo_loss", weight=0.25)
def test_dp_dir(student, rng):
    """The loss falls if the chosen answer's log-probability rises, and rises if the rejected answer's does."""
    reference = example(rng, (np.array([-20.0]), np.array([-25.0])))
    raised = np.linspace(0.0, example(rng, 8.0, lambda rng: rng.choice([4.0, 6.0, 10.0])), 5)
    losses = [student.dpo_loss(reference[0] + each, reference[1], *reference, 0.5) for each in raised]
    agree_values(
        losses, np.log1p(np.exp(-0.5 * raised)), f"the losses with the chosen answer raised by {listed(raised)} nats"
    )
    losses = [student.dpo_loss(reference[0], reference[1] + each, *reference, 0.5) for each in raised]
    agree_values(
        losses, np.log1p(np.exp(0.5 * raised)), f"the losses with the rejected answer raised by {listed(raised)} nats"
    )


@checks("dpo_loss", weight=0.25, share=MORE_THAN_HALF)
def test_dp_average(student, rng):
    """The loss of several comparisons is the mean of their losses, not the loss of their mean."""
    logps = [
        np.array(each) for each in ([-4.0, -9.0, -3.0], [-6.0, -5.0, -8.0], [-5.0, -7.0, -6.0], [-5.0, -6.0, -7.5])
    ]
    dpo_loss_agrees(student, *example(rng, logps), 0.5)


@checks("dpo_loss", weight=0.25, share=MORE_THAN_HALF)
def test_dp_reference(student, rng):
    """An answer's log-probability under the reference is subtracted from its log-probability under the policy. Shifting
    both answers' log-probabilities by the same amount changes nothing."""
    logps = [np.array([each]) for each in (-4.0, -6.0, -5.0, -5.5)]
    chosen, rejected, ref_chosen, ref_rejected = example(rng, logps)
    dpo_loss_agrees(student, chosen, rejected, ref_chosen + 2.0, ref_rejected, 0.5)
    dpo_loss_agrees(student, chosen, rejected, ref_chosen, ref_rejected + 2.0, 0.5)
    dpo_loss_agrees(student, chosen - 17.0, rejected - 17.0, ref_chosen - 5.0, ref_rejected - 5.0, 0.5)


@checks("dpo_loss", weight=0.25, share=MORE_THAN_HALF)
def test_dp_thousands(student, rng):
    """If beta is 1 and the rejected answer leads by 40, 720 or 5000, the loss is that many nats. If the chosen answer
    leads by as much, the loss is 0."""
    zeros = np.zeros(2)
    for margin in scale(rng) * np.array([40.0, 720.0, 5000.0]):
        dpo_loss_agrees(student, zeros, np.array([margin, -1.0]), zeros, zeros, 1.0)
        dpo_loss_agrees(student, np.array([margin, -1.0]), zeros, zeros, zeros, 1.0)


@checks("dpo_loss", weight=0.25, share=MORE_THAN_HALF)
def test_dp_small_beta(student, rng):
    """The smaller beta is, the closer the loss comes to ln 2."""
    logps = example(rng, LOGPS)
    for beta in (1.0, 0.1, 1e-9):
        dpo_loss_agrees(student, *logps, beta)


@checks("dpo_loss", weight=0.25, conduct=True)
def test_dp_pure_shown(student, rng):
    """Your function doesn't change the log-probabilities it's given."""
    leaves_unchanged(student.dpo_loss, *example(rng, LOGPS), 0.5)


@checks("run_stages", weight=0.25, share=MORE_THAN_HALF)
def test_rs_chain(student, rng):
    """In the table in part 6, a weight of 0 becomes 1, then 11, then 111, and the reference is 11."""
    pipeline = [("pretraining", Adds(1.0)), ("sft", Adds(10.0)), ("rlhf", Adds(100.0))]
    start = example(rng, 0.0, lambda rng: float(rng.integers(2, 9)))
    stages_agree(student, {"w": np.array([start])}, pipeline)
    starts_agree(pipeline, start)


@checks("run_stages", weight=0.25, share=MORE_THAN_HALF)
def test_rs_arrays(student, rng):
    """If there are several arrays of parameters, they all go through the three stages together."""
    params = example(rng, {"w": np.array([0.5, -2.0, 3.0]), "b": np.array([[1.0, 0.25]])})
    pipeline = [("pretraining", Adds(0.5)), ("sft", Adds(-2.0)), ("rlhf", Adds(0.125))]
    stages_agree(student, params, pipeline)


@checks("run_stages", weight=0.25, share=MORE_THAN_HALF)
def test_rs_in_place(student, rng):
    """Even if stages train in place, the checkpoints stay 1, 11 and 111, and the reference stays 11."""
    params, in_place = example(rng, {"w": np.array([0.0])}), pipeline(*ORDER, in_place=True)
    start = params["w"].item()
    stages_agree(student, params, in_place)
    starts_agree(in_place, start)


@checks("run_stages", weight=0.25, conduct=True)
def test_rs_refused(student, rng):
    """Stages that are out of order, missing, repeated or misnamed raise ValueError."""
    for names in (
        ("sft", "pretraining", "rlhf"),
        ("pretraining", "rlhf", "sft"),
        ("pretraining", "sft"),
        (*ORDER, "rlhf"),
        ("pretraining", "sft", "dpo"),
    ):
        raises(student.run_stages, example(rng, {"w": np.array([0.0])}), pipeline(*names))


@checks("run_stages", weight=0.25, conduct=True)
def test_rs_pure_shown(student, rng):
    """Your function doesn't change the parameters it's given, even if stages train in place."""
    leaves_unchanged(student.run_stages, example(rng, {"w": np.array([0.0])}), pipeline(*ORDER, in_place=True))
