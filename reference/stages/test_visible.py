"""Visible checks of lab `stages`."""

import numpy as np

from autograder.testing import agree, agree_values, call_reference, checks
from reference import stages

# Of three answers to "What is the capital of France?": "Paris.", a whole sentence, and a question back.
REWARDS = np.array([0.5, 1.0, -1.0])


# A wrong answer may lead anywhere.
@np.errstate(all="ignore")
def height(policy):
    """J of three answers, where the reference gives all of them alike and beta is 0.5."""
    probs = np.exp(policy) / np.exp(policy).sum()
    return probs @ REWARDS - 0.5 * probs @ np.log(3.0 * probs)


class Adds:
    """A stage that adds a number to every weight, and a record of the weight `w` that it started from."""

    def __init__(self, number):
        self.number = number
        self.starts = []

    def __repr__(self):
        return f"adds {self.number:g}"

    __name__ = property(__repr__)

    def __call__(self, params, *reference):
        self.starts.append([float(each["w"][0]) for each in (params, *reference)])
        return {name: param + self.number for name, param in params.items()}


@checks("reward_model_loss")
def test_rm(student, rng):
    """The three comparisons of part 1 cost 0.7111 nats on average."""
    agree(student.reward_model_loss, stages.reward_model_loss, np.array([2.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0]))


@checks("reward_model_loss")
def test_rm_equal(student, rng):
    """Equal rewards cost ln 2 = 0.6931 nats, whatever they are."""
    rewards = np.array([3.0, -4.0, 0.5, 0.0])
    agree(student.reward_model_loss, stages.reward_model_loss, rewards, rewards.copy())


@checks("reward_model_loss")
def test_rm_curve(student, rng):
    """The further the chosen answer's reward lies above the other's, the lower the loss: 4.02 nats at -4, 0.02 at 4."""
    leads = np.linspace(-4.0, 4.0, 9)
    losses = [student.reward_model_loss(np.array([each]), np.array([0.0])) for each in leads]
    agree_values(losses, np.log1p(np.exp(-leads)), "the losses where the chosen answer's reward leads by -4, -3, … 4")


@checks("sequence_log_prob")
def test_sp_hand(student, rng):
    """An answer of two tokens with 1/2 and 1/4 has ln 1/8 = -2.0794; a third position is ignored."""
    logits = np.log(np.array([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]))
    agree(student.sequence_log_prob, stages.sequence_log_prob, logits, np.array([[0, 1, -100]]))


@checks("sequence_log_prob")
def test_sp(student, rng):
    """Two sequences of four positions give two sums, in an array of shape (2,)."""
    labels = np.array([[-100, 3, 0, 4], [-100, -100, 2, 2]])
    agree(student.sequence_log_prob, stages.sequence_log_prob, rng.normal(size=(2, 4, 5)), labels)


@checks("kl_divergence")
def test_kl_dir(student, rng):
    """A policy of (0.9, 0.1) lies 0.3681 nats from a reference of (0.5, 0.5); 0.5108 would be the other way round."""
    policy, reference = np.log(np.array([0.9, 0.1])), np.log(np.array([0.5, 0.5]))
    agree(student.kl_divergence, stages.kl_divergence, policy, reference)


@checks("kl_divergence")
def test_kl_zero(student, rng):
    """The same distribution lies 0 nats away, also where a constant was added to all logits."""
    logits = np.array([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
    agree_values(student.kl_divergence(logits, logits + 7.0), np.zeros(2), "the divergence of a model from itself")


@checks("kl_divergence")
def test_kl_shape(student, rng):
    """Logits of shape (2, 3, 4) give one divergence for each position, shape (2, 3)."""
    agree(student.kl_divergence, stages.kl_divergence, rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)))


@checks("rlhf_policy_step")
def test_rl_hand(student, rng):
    """The step of part 4: two equal answers with rewards 1 and 0 go from logits (0, 0) to (0.25, -0.25)."""
    policy, reference, rewards = np.zeros(2), np.zeros(2), np.array([1.0, 0.0])
    agree(student.rlhf_policy_step, stages.rlhf_policy_step, policy, reference, rewards, 0.5, 1.0, in_place=True)


@checks("rlhf_policy_step")
def test_rl_leash(student, rng):
    """Where all answers are as good, the leash pulls a policy that has drifted back towards its reference."""
    policy, reference, rewards = np.array([2.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.zeros(3)
    agree(student.rlhf_policy_step, stages.rlhf_policy_step, policy, reference, rewards, 2.0, 1.5, in_place=True)


@checks("rlhf_policy_step")
def test_rl_up(student, rng):
    """Ten steps raise J from 0.1667 to 0.5944: a little with each step, less and less."""
    policy, heights = np.zeros(3), []
    for _ in range(11):
        heights.append(height(policy))
        answer = student.rlhf_policy_step.answer(policy, np.zeros(3), REWARDS, 0.5, 1.0)
        changed = policy if answer.left is None else answer.left[0][0]
        policy = np.asarray(changed if answer.value is None else answer.value, dtype=np.float64)
    wanted, policy = [], np.zeros(3)
    for _ in range(11):
        wanted.append(height(policy))
        policy = call_reference(stages.rlhf_policy_step, ((policy, np.zeros(3), REWARDS, 0.5, 1.0), {}))
    agree_values(heights, np.array(wanted), "J before the first step, and after each of ten")


@checks("dpo_loss")
def test_dp_hand(student, rng):
    """The comparison of part 5 costs 0.3133 nats."""
    logps = [np.array([each]) for each in (-4.0, -6.0, -5.0, -5.0)]
    agree(student.dpo_loss, stages.dpo_loss, *logps, 0.5)


@checks("dpo_loss")
def test_dp_ln2(student, rng):
    """A policy that still is the reference pays ln 2 = 0.6931 nats, whatever the answers."""
    chosen, rejected = np.array([-40.0, -8.0, -19.0]), np.array([-12.0, -33.0, -19.5])
    agree(student.dpo_loss, stages.dpo_loss, chosen, rejected, chosen.copy(), rejected.copy(), 0.1)


@checks("dpo_loss")
def test_dp_dir(student, rng):
    """Raising the chosen answer lowers the loss, and raising the rejected one raises it as much as it should."""
    reference = np.array([-20.0]), np.array([-25.0])
    raised = np.linspace(0.0, 8.0, 5)
    losses = [student.dpo_loss(reference[0] + each, reference[1], *reference, 0.5) for each in raised]
    agree_values(losses, np.log1p(np.exp(-0.5 * raised)), "the losses with the chosen answer raised by 0, 2, … 8 nats")
    losses = [student.dpo_loss(reference[0], reference[1] + each, *reference, 0.5) for each in raised]
    agree_values(losses, np.log1p(np.exp(0.5 * raised)), "the losses with the rejected answer raised by 0, 2, … 8 nats")


@checks("run_stages")
def test_rs_chain(student, rng):
    """The table of part 6: a weight of 0 becomes 1, then 11, then 111, and the reference is 11."""
    pipeline = [("pretraining", Adds(1.0)), ("sft", Adds(10.0)), ("rlhf", Adds(100.0))]
    agree(student.run_stages, stages.run_stages, {"w": np.array([0.0])}, pipeline)
    starts = [stage.starts for _, stage in pipeline]
    agree_values(starts, [[[0.0]], [[1.0]], [[11.0, 11.0]]], "the weights that each stage was handed")


@checks("run_stages")
def test_rs_arrays(student, rng):
    """Parameters of several arrays go through the three stages together."""
    params = {"w": np.array([0.5, -2.0, 3.0]), "b": np.array([[1.0, 0.25]])}
    pipeline = [("pretraining", Adds(0.5)), ("sft", Adds(-2.0)), ("rlhf", Adds(0.125))]
    agree(student.run_stages, stages.run_stages, params, pipeline)
