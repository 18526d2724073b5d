"""Wrong answers to the stubs of lab `stages`."""

import copy

import numpy as np

from autograder.testing import misconception

# --- reward_model_loss ---


@misconception(
    of="reward_model_loss",
    hint="The difference is taken the wrong way round, so the loss falls when the rejected answer gets more.",
    taught=True,
)
def prefers_the_rejected(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_chosen - r_rejected))


@misconception(
    of="reward_model_loss",
    hint="The sigmoid becomes 0 for a large difference the wrong way round, and its logarithm infinite; rearrange the "
    "formula so that no probability is formed. See the traps in part 1.",
    taught=True,
)
def logarithm_of_a_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(-np.log(1.0 / (1.0 + np.exp(r_rejected - r_chosen))))


@misconception(
    of="reward_model_loss",
    hint="The exponential overflows for a difference of a thousand the wrong way round; there is a function that adds "
    "exponentials under a logarithm. See the traps in part 1.",
    taught=True,
)
def exponential_overflows(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.log1p(np.exp(r_rejected - r_chosen)))


@misconception(
    of="reward_model_loss",
    hint="Differences are cut off so that the exponential stays finite, and with them the loss; a difference of a "
    "thousand costs a thousand nats.",
)
def differences_cut_off(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.log1p(np.exp(-np.clip(r_chosen - r_rejected, -50.0, 50.0))))


@misconception(
    of="reward_model_loss",
    hint="A little is added to the sigmoid so that its logarithm stays finite, which caps the loss; rearrange the "
    "formula instead.",
)
def adds_a_little_to_the_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(-np.log(1.0 / (1.0 + np.exp(r_rejected - r_chosen)) + 1e-12))


@misconception(
    of="reward_model_loss",
    hint="This is the plain difference of the rewards, which has no lowest value: a reward model would just make it "
    "larger and larger.",
)
def plain_difference(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(r_rejected - r_chosen)


@misconception(
    of="reward_model_loss",
    hint="Differences are cut off at 0, so a right order costs nothing however close it is (a hinge); the logarithm of "
    "the sigmoid has no such corner.",
)
def hinge_of_the_rewards(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.maximum(0.0, 1.0 - (r_chosen - r_rejected)))


@misconception(
    of="reward_model_loss",
    hint="The differences are averaged first, so one comparison makes up for another; take the loss of each, and "
    "average those.",
)
def loss_of_the_mean_difference(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.logaddexp(0.0, -np.mean(r_chosen - r_rejected))


@misconception(of="reward_model_loss", hint="The losses are added up and not averaged, so more comparisons look worse.")
def sums_the_comparisons(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.sum(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    hint="The logarithm is missing: this is minus the probability of the choices, not their surprisal.",
)
def sigmoid_without_logarithm(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return -np.mean(np.exp(-np.logaddexp(0.0, r_rejected - r_chosen)))


@misconception(
    of="reward_model_loss",
    hint="This is the probability that the choice was another one, 1 - sigmoid; the surprisal is minus the logarithm "
    "of the sigmoid.",
)
def one_minus_the_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.exp(-np.logaddexp(0.0, r_chosen - r_rejected)))


@misconception(
    of="reward_model_loss",
    hint="The minus is missing: the logarithm of a probability is below 0, and a loss is above.",
)
def comparisons_without_minus(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return -np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    hint="The loss is in bits, by the logarithm to base 2; it should be in nats, by the natural one.",
)
def comparisons_in_bits(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp2(0.0, (r_rejected - r_chosen) / np.log(2)))


@misconception(
    of="reward_model_loss",
    hint="Each reward is judged by itself, as if chosen answers had to be above 0 and rejected ones below; only their "
    "difference counts.",
)
def each_reward_by_itself(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -r_chosen) + np.logaddexp(0.0, r_rejected))


@misconception(
    of="reward_model_loss",
    hint="The squared distance from a lead of 1 is no matter of probabilities; the loss is minus the logarithm of the "
    "sigmoid.",
)
def squared_distance_from_1(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean((1.0 - (r_chosen - r_rejected)) ** 2)


@misconception(
    of="reward_model_loss",
    hint="The losses come back one by one; a loss sums up all comparisons in a single number.",
)
def one_loss_for_each_comparison(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.logaddexp(0.0, r_rejected - r_chosen)


@misconception(
    of="reward_model_loss",
    hint="Arrays of different shapes are stretched to fit, and rewards meet that never belonged together; raise a "
    "ValueError.",
    taught=True,
)
def stretches_the_rewards(r_chosen, r_rejected):
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    hint="Only the lengths are compared, so a column and a row make a table without a word; compare the whole shapes.",
    taught=True,
)
def compares_the_lengths_alone(r_chosen, r_rejected):
    if len(r_chosen) != len(r_rejected):
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    hint="The loss is right, but the rewards that came in are changed on the way; work on a copy.",
)
def changes_the_callers_rewards(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    r_rejected -= r_chosen
    return np.mean(np.logaddexp(0.0, r_rejected))


# --- sequence_log_prob ---


@misconception(
    of="sequence_log_prob",
    hint="The sum is divided by the number of tokens that count; some programs do that, but the log-probability of an "
    "answer is the sum.",
    taught=True,
)
def mean_of_the_tokens(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1) / np.maximum(keep.sum(axis=1), 1)


@misconception(
    of="sequence_log_prob",
    hint="The sum is divided by the number of positions; the log-probability of an answer is the sum itself.",
)
def mean_of_the_positions(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).mean(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="Ignored positions are made token 0 and then count like all others; leave them out of the sum.",
    taught=True,
)
def ignored_positions_count_as_token_0(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0].sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="Ignored labels are looked up like all others: numpy counts a negative one from the end of the vocabulary.",
    taught=True,
)
def ignored_positions_count_from_the_end(logits, labels, ignore_index=-100):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    rows, columns = np.indices(labels.shape)
    return log_probs[rows, columns, labels].sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="The probabilities are multiplied and the logarithm is taken at the end; a long product has become 0 by then. "
    "Add up logarithms.",
    taught=True,
)
def logarithm_of_the_product(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    chosen = np.take_along_axis(probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.log(np.where(keep, chosen, 1.0).prod(axis=1))


@misconception(
    of="sequence_log_prob",
    hint="The logarithm is taken after the softmax, where small probabilities have become 0 already; log_softmax, "
    "which is given, avoids that.",
)
def tokens_underflow(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    chosen = np.take_along_axis(probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.log(np.where(keep, chosen, 1.0)).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="This is the probability of each sequence; its logarithm is wanted, since the probability itself is too small "
    "for a computer's numbers.",
)
def probability_of_the_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.exp((chosen * keep).sum(axis=1))


@misconception(
    of="sequence_log_prob",
    hint="All sequences are added up into one number; each sequence has a log-probability of its own.",
)
def sums_over_the_batch(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum()


@misconception(
    of="sequence_log_prob",
    hint="The sum runs over the sequences instead of over the positions of each.",
)
def sums_along_the_batch(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=0)


@misconception(
    of="sequence_log_prob",
    hint="The log-probabilities come back token by token; each sequence should have their sum.",
)
def token_by_token(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep


@misconception(
    of="sequence_log_prob",
    hint="The sign is changed, which makes it a loss; a log-probability is 0 or below.",
)
def loss_of_the_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return -(chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="The labels are shifted once more, though they are shifted already.",
    taught=True,
)
def labels_shifted_again(logits, labels, ignore_index=-100):
    logits, labels = logits[:, :-1], labels[:, 1:]
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="Raw logits are added up; they become log-probabilities only by log_softmax.",
)
def sums_of_logits(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    chosen = np.take_along_axis(logits, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="At each position the likeliest token is taken, not the label: this is the log-probability of what the model "
    "would say itself.",
)
def likeliest_tokens(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return (log_probs.max(axis=-1) * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="The mask is the wrong way round: the positions that are ignored are summed, and those that count are not.",
)
def sums_what_is_ignored(logits, labels, ignore_index=-100):
    keep = labels == ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, 0, labels)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="All negative labels are ignored, whatever ignore_index says; it may be any number that is no token, a large "
    "one too.",
)
def ignores_what_is_negative(logits, labels, ignore_index=-100):
    keep = labels >= 0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    safe = np.clip(labels, 0, logits.shape[-1] - 1)
    return (np.take_along_axis(log_probs, safe[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="-100 is written into the function; the caller says with ignore_index which label does not count.",
)
def ignores_minus_100_alone(logits, labels, ignore_index=-100):
    keep = labels != -100
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    safe = np.where(keep, labels % logits.shape[-1], 0)
    return (np.take_along_axis(log_probs, safe[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="Labels of 0 are left out too, as if they were padding; 0 is the id of a token, and only ignore_index is not.",
)
def leaves_out_token_0(logits, labels, ignore_index=-100):
    keep = (labels != ignore_index) & (labels != 0)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    hint="The log-probabilities are in bits, by the logarithm to base 2; they should be in nats, by the natural one.",
)
def sequence_in_bits(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1) / np.log(2)


@misconception(
    of="sequence_log_prob",
    hint="The sums are right, but ignored labels are overwritten in the caller's array; work on a copy.",
)
def overwrites_ignored_labels(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    labels[~keep] = 0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return (np.take_along_axis(log_probs, labels[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


# --- kl_divergence ---


@misconception(
    of="kl_divergence",
    hint="This is KL(reference || policy), the other direction: the policy's probabilities are the weights, for it is "
    "the policy that draws.",
    taught=True,
)
def wrong_direction(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_q) * (log_q - log_p), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The log-ratios are averaged without weights, as if the policy gave all tokens the same chance.",
)
def unweighted_mean(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.mean(log_p - log_q, axis=-1)


@misconception(
    of="kl_divergence",
    hint="The log-ratios are added up without weights; each counts as often as the policy draws that token.",
)
def unweighted_sum(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(log_p - log_q, axis=-1)


@misconception(
    of="kl_divergence",
    hint="The log-ratios are weighted by the reference's probabilities; the weights are the policy's.",
)
def weighted_by_the_reference(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_q) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The ratio is upside down, so the divergence comes out below 0.",
)
def ratio_upside_down(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_q - log_p), axis=-1)


@misconception(
    of="kl_divergence",
    hint="This is the cross-entropy of the two, which is above 0 also where they are the same; the policy's own "
    "entropy has to be taken off.",
)
def cross_entropy_of_the_two(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return -np.sum(np.exp(log_p) * log_q, axis=-1)


@misconception(
    of="kl_divergence",
    hint="This is the Jensen-Shannon divergence, which compares both with their average and has no direction.",
)
def jensen_shannon(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    log_m = np.logaddexp(log_p, log_q) - np.log(2)
    both = np.exp(log_p) * (log_p - log_m) + np.exp(log_q) * (log_q - log_m)
    return 0.5 * np.sum(both, axis=-1)


@misconception(
    of="kl_divergence",
    hint="Both directions are averaged; the divergence has a direction, policy first.",
)
def both_directions(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return 0.5 * np.sum((np.exp(log_p) - np.exp(log_q)) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The divergence is in bits, by the logarithm to base 2; it should be in nats, by the natural one.",
)
def divergence_in_bits(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1) / np.log(2)


@misconception(
    of="kl_divergence",
    hint="All positions are added up into one number; the sum runs over the vocabulary, the last axis, alone.",
    taught=True,
)
def sums_the_positions(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q))


@misconception(
    of="kl_divergence",
    hint="All positions are averaged into one number; each position has a divergence of its own.",
)
def mean_of_the_divergences(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.mean(np.sum(np.exp(log_p) * (log_p - log_q), axis=-1))


@misconception(
    of="kl_divergence",
    hint="The products are averaged over the vocabulary; they are added up, for the probabilities are weights already.",
)
def mean_over_the_vocabulary(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.mean(np.exp(log_p) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The log-ratios are squared; that keeps each of them above 0, but it is their weighted sum as they are that "
    "is never below 0.",
)
def squared_log_ratios(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q) ** 2, axis=-1)


@misconception(
    of="kl_divergence",
    hint="Each log-ratio is made positive; those of tokens that have become rarer are below 0 and take something off.",
)
def absolute_log_ratios(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * np.abs(log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    hint="Logits are compared as they are; a constant added to all of them changes nothing about the model, so turn "
    "both into log-probabilities first.",
)
def raw_logits_compared(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (policy_logits - ref_logits), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The logarithm is taken after the softmax, where small probabilities have become 0: 0 times infinity is NaN, "
    "and a small q makes the divergence infinite. log_softmax, which is given, avoids both.",
    taught=True,
)
def logarithms_of_softmax(policy_logits, ref_logits):
    p = np.exp(policy_logits - policy_logits.max(axis=-1, keepdims=True))
    q = np.exp(ref_logits - ref_logits.max(axis=-1, keepdims=True))
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.sum(p * (np.log(p) - np.log(q)), axis=-1)


@misconception(
    of="kl_divergence",
    hint="A little is added to the probabilities so that their logarithms stay finite, which caps the divergence; "
    "log_softmax needs no such crutch.",
)
def adds_a_little_to_the_probabilities(policy_logits, ref_logits):
    p = np.exp(policy_logits - policy_logits.max(axis=-1, keepdims=True))
    q = np.exp(ref_logits - ref_logits.max(axis=-1, keepdims=True))
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.sum(p * (np.log(p + 1e-12) - np.log(q + 1e-12)), axis=-1)


@misconception(
    of="kl_divergence",
    hint="Half of what the probabilities differ by is another way to compare two models (total variation); here "
    "logarithms are compared.",
)
def total_variation(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return 0.5 * np.sum(np.abs(np.exp(log_p) - np.exp(log_q)), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The divergence is right, but the logits that came in are changed on the way; work on copies.",
)
def changes_the_callers_models(policy_logits, ref_logits):
    policy_logits -= np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    ref_logits -= np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(policy_logits) * (policy_logits - ref_logits), axis=-1)


@misconception(
    of="kl_divergence",
    hint="The reference isn't used: this is the entropy of the policy. Compare the two logarithms, ln p and ln q.",
)
def entropy_of_the_policy(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    return -np.sum(np.exp(log_p) * log_p, axis=-1)


# --- rlhf_policy_step ---


@misconception(
    of="rlhf_policy_step",
    hint="Drifting away from the reference is rewarded; it should cost something, so the divergence is taken off.",
    taught=True,
)
def rewards_the_drift(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards + beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The leash is missing: nothing holds the policy to its reference, and it runs after the reward alone. (A "
    "penalty that is the same number for all answers is none, for it cancels with the average.)",
    taught=True,
)
def no_leash(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    return policy_logits + lr * pi * (rewards - pi @ rewards)


@misconception(
    of="rlhf_policy_step",
    hint="The step goes down the slope of J, as for a loss; J should grow, so the step goes along its slope.",
)
def goes_downhill(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits - lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The step takes the reference along, and a leash to something that follows holds nothing; the reference stays "
    "as it is.",
    taught=True,
)
def moves_the_reference_too(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    step = lr * pi * (a - pi @ a)
    ref_logits += step
    return policy_logits + step


@misconception(
    of="rlhf_policy_step",
    hint="beta multiplies the rewards; it is the price of drifting, so it multiplies the divergence.",
)
def beta_times_the_reward(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), beta * rewards - (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="beta is not used, so the leash has always the same length.",
)
def beta_is_1(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The average is not taken off, so answers are pushed up for being good at all, not for being better than the "
    "others; 100 more for every answer would change the step.",
    taught=True,
)
def no_baseline(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    return policy_logits + lr * np.exp(log_pi) * (rewards - beta * (log_pi - log_ref))


@misconception(
    of="rlhf_policy_step",
    hint="The average that is taken off counts all answers alike; it is the average over what the policy draws.",
)
def plain_mean_as_baseline(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * np.exp(log_pi) * (a - np.mean(a))


@misconception(
    of="rlhf_policy_step",
    hint="The average of the rewards is taken off, but not that of what the drift costs; take the average of both "
    "together.",
)
def baseline_of_the_rewards_alone(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi = np.exp(log_pi)
    return policy_logits + lr * pi * (rewards - pi @ rewards - beta * (log_pi - log_ref))


@misconception(
    of="rlhf_policy_step",
    hint="Each answer's step should also be in proportion to how often the policy gives it. Without that, the steps "
    "lead to the same best policy, so this is no mistake in itself; but it is another algorithm (a natural gradient), "
    "and asked for is the exact slope of J in the logits.",
)
def not_weighted_by_probability(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * (a - np.exp(log_pi) @ a)


@misconception(
    of="rlhf_policy_step",
    hint="Rewards and drift are added straight to the logits, as if these were what J is made of; J is made of "
    "probabilities, and each depends on all logits.",
)
def reward_added_to_the_logits(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    return policy_logits + lr * (rewards - beta * (log_pi - log_ref))


@misconception(
    of="rlhf_policy_step",
    hint="The leash pulls at the logits themselves (the slope of a squared distance); drifting is measured by the "
    "divergence of the probabilities.",
)
def leash_on_the_logits(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    return policy_logits + lr * (pi * (rewards - pi @ rewards) - beta * (policy_logits - ref_logits))


@misconception(
    of="rlhf_policy_step",
    hint="The leash is the slope of KL(reference || policy), the other direction; the policy comes first.",
)
def leash_the_wrong_way_round(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    ref = np.exp(ref_logits - np.logaddexp.reduce(ref_logits))
    return policy_logits + lr * (pi * (rewards - pi @ rewards) - beta * (pi - ref))


@misconception(
    of="rlhf_policy_step",
    hint="Only the best answer is pushed up, whatever the others are worth; every answer has a slope of its own.",
)
def best_answer_alone(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * ((np.arange(len(a)) == np.argmax(a)) - np.exp(log_pi))


@misconception(
    of="rlhf_policy_step",
    hint="The weights are the reference's probabilities; the answers come from the policy, so its probabilities are.",
)
def answers_of_the_reference(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    ref, a = np.exp(log_ref), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * ref * (a - ref @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The step starts from the reference instead of from the policy as it is now.",
)
def starts_from_the_reference(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return ref_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The learning rate is not used.",
)
def step_without_learning_rate(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="This is the slope alone; wanted is the policy after the step.",
)
def slope_alone(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The probabilities of the new policy come back; wanted are its logits.",
)
def probabilities_of_the_new_policy(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    new = policy_logits + lr * pi * (a - pi @ a)
    return np.exp(new - np.logaddexp.reduce(new))


@misconception(
    of="rlhf_policy_step",
    hint="The step starts from the log-probabilities of the policy. They make the same policy, but what was asked for "
    "are the logits that came in, plus the step.",
)
def starts_from_log_probabilities(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return log_pi + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    hint="The advantages are scaled to a spread of 1, which some programs do to steady their steps; the exact slope "
    "leaves them as they are.",
)
def advantages_scaled(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a) / (np.std(a) + 1e-8)


@misconception(
    of="rlhf_policy_step",
    hint="The rewards that came in are changed on the way; they belong to the caller.",
)
def changes_the_rewards(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    rewards -= beta * (log_pi - log_ref)
    pi = np.exp(log_pi)
    return policy_logits + lr * pi * (rewards - pi @ rewards)


# --- dpo_loss ---


@misconception(
    of="dpo_loss",
    hint="Chosen and rejected are swapped, so the loss falls when the rejected answer is raised.",
    taught=True,
)
def chosen_and_rejected_swapped(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_rejected_logps - ref_rejected_logps) - (policy_chosen_logps - ref_chosen_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    hint="The reference is left out: an answer that was likely all along looks as if training had made it so.",
    taught=True,
)
def without_the_reference(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return np.mean(np.logaddexp(0.0, -beta * (policy_chosen_logps - policy_rejected_logps)))


@misconception(
    of="dpo_loss",
    hint="The reference is added instead of taken off (which is what comes of swapping its chosen and rejected, too); "
    "what counts is how much the policy has changed.",
)
def reference_added(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps + ref_chosen_logps) - (policy_rejected_logps + ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    hint="Only the chosen answer is looked at; that the rejected one has become rarer counts as much.",
)
def chosen_answer_alone(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return np.mean(np.logaddexp(0.0, -beta * (policy_chosen_logps - ref_chosen_logps)))


@misconception(
    of="dpo_loss",
    hint="The losses come back one by one; a loss sums up all comparisons in a single number.",
)
def one_loss_for_each_preference(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.logaddexp(0.0, -beta * margins)


@misconception(
    of="dpo_loss",
    hint="This is the share of comparisons that are the wrong way round; a loss has degrees, so that training can "
    "follow its slope.",
)
def share_of_wrong_margins(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(margins <= 0)


@misconception(
    of="dpo_loss",
    hint="beta multiplies the loss; it belongs inside the sigmoid, with the margin.",
)
def beta_times_the_loss(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return beta * np.mean(np.logaddexp(0.0, -margins))


@misconception(
    of="dpo_loss",
    hint="beta is not used.",
)
def without_beta(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -margins))


@misconception(
    of="dpo_loss",
    hint="beta multiplies the policy's part alone; it multiplies the whole margin, reference and all.",
)
def beta_times_the_policy(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = beta * (policy_chosen_logps - policy_rejected_logps) - (ref_chosen_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -margins))


@misconception(
    of="dpo_loss",
    hint="The margin is divided by beta; it is multiplied by it.",
)
def divides_by_beta(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -margins / beta))


@misconception(
    of="dpo_loss",
    hint="The sigmoid becomes 0 for a large margin the wrong way round, and its logarithm infinite; rearrange the "
    "formula as in part 1.",
    taught=True,
)
def logarithm_of_the_sigmoid(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.mean(np.log(1.0 / (1.0 + np.exp(-beta * margins))))


@misconception(
    of="dpo_loss",
    hint="The exponential overflows for a margin of thousands the wrong way round; use the function of part 1 that "
    "adds exponentials under a logarithm.",
    taught=True,
)
def margin_overflows(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.log1p(np.exp(-beta * margins)))


@misconception(
    of="dpo_loss",
    hint="Log-probabilities are turned back into probabilities, which are 0 for long answers; stay with logarithms.",
)
def ratios_of_probabilities(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    chosen = np.exp(policy_chosen_logps) / np.exp(ref_chosen_logps)
    rejected = np.exp(policy_rejected_logps) / np.exp(ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * (chosen - rejected)))


@misconception(
    of="dpo_loss",
    hint="The minus is missing: the logarithm of a probability is below 0, and a loss is above.",
)
def preferences_without_minus(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    hint="The logarithm is missing: this is minus the probability of the choices, not their surprisal.",
)
def preferences_without_logarithm(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.mean(np.exp(-np.logaddexp(0.0, -beta * margins)))


@misconception(
    of="dpo_loss",
    hint="Margins above 1 cost nothing and the others what they lack (a hinge); the logarithm of the sigmoid has no "
    "such corner.",
)
def hinge_of_the_margins(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.maximum(0.0, 1.0 - beta * margins))


@misconception(
    of="dpo_loss",
    hint="The margins are averaged first, so one comparison makes up for another; take the loss of each, and average "
    "those.",
)
def loss_of_the_mean_margin(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.logaddexp(0.0, -beta * np.mean(margins))


@misconception(of="dpo_loss", hint="The losses are added up and not averaged, so more comparisons look worse.")
def sums_the_preferences(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.sum(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    hint="The loss is right, but the log-probabilities that came in are changed on the way; work on copies.",
)
def changes_the_callers_logps(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    policy_chosen_logps -= ref_chosen_logps
    policy_rejected_logps -= ref_rejected_logps
    return np.mean(np.logaddexp(0.0, -beta * (policy_chosen_logps - policy_rejected_logps)))


@misconception(
    of="dpo_loss",
    hint="This is another method's loss (IPO), the squared distance of the margin from 1 / (2 beta); DPO takes minus "
    "the logarithm of the sigmoid of beta times the margin.",
)
def squared_distance_of_the_margin(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    margin = (policy_chosen_logps - policy_rejected_logps) - (ref_chosen_logps - ref_rejected_logps)
    return np.mean((margin - 1.0 / (2.0 * beta)) ** 2)


# --- run_stages ---


@misconception(
    of="run_stages",
    hint="Every stage starts from the initial parameters, so only the last one is left of all the training; each "
    "starts from what the one before it gave back.",
    taught=True,
)
def every_stage_from_the_start(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    functions = dict(stages)
    checkpoints = {name: functions[name](copy.deepcopy(params)) for name in ("pretraining", "sft")}
    reference = copy.deepcopy(checkpoints["sft"])
    checkpoints["rlhf"] = functions["rlhf"](copy.deepcopy(params), reference)
    return {"final": copy.deepcopy(checkpoints["rlhf"]), "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="The last stage starts from the pre-trained parameters, and what fine-tuning has taught is lost.",
)
def fine_tuning_is_lost(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    functions = dict(stages)
    pretrained = functions["pretraining"](copy.deepcopy(params))
    checkpoints = {"pretraining": copy.deepcopy(pretrained)}
    checkpoints["sft"] = functions["sft"](copy.deepcopy(pretrained))
    reference = copy.deepcopy(checkpoints["sft"])
    final = functions["rlhf"](copy.deepcopy(pretrained), reference)
    return {"final": final, "checkpoints": {**checkpoints, "rlhf": copy.deepcopy(final)}, "reference": reference}


@misconception(
    of="run_stages",
    hint="The reference is the initial parameters, so the last stage is held to a model that has learnt nothing; it is "
    "the fine-tuned one.",
    taught=True,
)
def reference_is_the_start(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        current = train(current, copy.deepcopy(params)) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": copy.deepcopy(params)}


@misconception(
    of="run_stages",
    hint="The reference is the pre-trained model, so the last stage is pulled back behind fine-tuning; it is the "
    "fine-tuned one.",
    taught=True,
)
def reference_is_the_pretrained(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        rlhf = name == "rlhf"
        current = train(current, copy.deepcopy(checkpoints["pretraining"])) if rlhf else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["pretraining"])}


@misconception(
    of="run_stages",
    hint="The reference that comes back is the model after the last stage; it is the one that this stage was handed, "
    "from before.",
)
def reference_is_the_final(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        current = train(current, copy.deepcopy(checkpoints["sft"])) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": copy.deepcopy(current)}


@misconception(
    of="run_stages",
    hint="The order of the stages is not looked at; a pipeline refuses stages that are missing or in another order.",
    taught=True,
)
def any_order(params, stages):
    checkpoints, current, reference = {}, copy.deepcopy(params), copy.deepcopy(params)
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(current))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="Stages in a wrong order are put right without a word; who mixed them up should hear of it by a ValueError.",
    taught=True,
)
def mends_the_order(params, stages):
    functions = dict(stages)
    if set(functions) != {"pretraining", "sft", "rlhf"} or len(stages) != 3:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name in ("pretraining", "sft"):
        current = functions[name](current)
        checkpoints[name] = copy.deepcopy(current)
    final = functions["rlhf"](current, copy.deepcopy(checkpoints["sft"]))
    checkpoints["rlhf"] = copy.deepcopy(final)
    return {"final": final, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["sft"])}


@misconception(
    of="run_stages",
    hint="Only the first three stages are looked at; one too many is as wrong as one too few.",
    taught=True,
)
def a_fourth_stage_goes_unseen(params, stages):
    if [name for name, _ in stages[:3]] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages[:3]:
        current = train(current, copy.deepcopy(checkpoints["sft"])) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["sft"])}


@misconception(
    of="run_stages",
    hint="What comes out at the end is the fine-tuned model, without the last stage.",
)
def final_is_the_fine_tuned(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        current = train(current, copy.deepcopy(checkpoints["sft"])) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {
        "final": copy.deepcopy(checkpoints["sft"]),
        "checkpoints": checkpoints,
        "reference": copy.deepcopy(checkpoints["sft"]),
    }


@misconception(
    of="run_stages",
    hint="Checkpoints and parameters are the same arrays under two names, so a stage that trains in place changes the "
    "checkpoint of the one before it. See the trap in part 6.",
    taught=True,
)
def checkpoints_are_no_copies(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
        checkpoints[name] = current
    return {"final": current, "checkpoints": checkpoints, "reference": checkpoints["sft"]}


@misconception(
    of="run_stages",
    hint="The dicts are copied, but the arrays in them are the same ones, and a stage that trains in place changes "
    "those. See the trap in part 6.",
    taught=True,
)
def copies_the_dict_alone(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, dict(params)
    for name, train in stages:
        reference = dict(current)
        current = train(dict(current), reference) if name == "rlhf" else train(dict(current))
        checkpoints[name] = dict(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="A stage that trains in place is let loose on the caller's own parameters; hand it a copy of them.",
    taught=True,
)
def trains_the_callers_parameters(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, params
    for name, train in stages:
        reference = copy.deepcopy(current)
        current = train(current, reference) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": copy.deepcopy(current), "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="What a stage gives back is thrown away, as if all of them trained in place; go on with what came back.",
)
def ignores_what_comes_back(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        reference = copy.deepcopy(current)
        if name == "rlhf":
            train(current, copy.deepcopy(current))
        else:
            train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="Each checkpoint is taken before its stage instead of after it.",
)
def checkpoints_from_before(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        checkpoints[name] = copy.deepcopy(current)
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
    return {"final": current, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["rlhf"])}


@misconception(
    of="run_stages",
    hint="A stage is run twice, once for the checkpoint and once to go on; training costs far too much for that, and "
    "need not come out the same.",
)
def runs_stages_twice(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    (_, pretrain), (_, tune), (_, rate) = stages
    checkpoints = {"pretraining": pretrain(copy.deepcopy(params))}
    checkpoints["sft"] = tune(pretrain(copy.deepcopy(params)))
    reference = copy.deepcopy(checkpoints["sft"])
    checkpoints["rlhf"] = rate(copy.deepcopy(checkpoints["sft"]), copy.deepcopy(reference))
    return {"final": copy.deepcopy(checkpoints["rlhf"]), "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="The last stage is handed the reference first and so trains that one; the parameters come first, then the "
    "reference.",
    taught=True,
)
def reference_is_trained(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        reference = copy.deepcopy(current)
        current = train(reference, current) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="There is no checkpoint of the last stage; each of the three has one.",
)
def no_checkpoint_of_the_last(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages[:2]:
        current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    final = stages[2][1](current, copy.deepcopy(checkpoints["sft"]))
    return {"final": final, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["sft"])}


@misconception(
    of="run_stages",
    hint="The checkpoints come back as a list; wanted is a dict, so that each is found by its stage's name.",
)
def checkpoints_in_a_list(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = [], copy.deepcopy(params)
    for name, train in stages:
        reference = copy.deepcopy(current)
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
        checkpoints.append(copy.deepcopy(current))
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="The names are checked, but not their order: the same three in another order pass. Compare them one by one.",
    taught=True,
)
def only_the_set_of_names(params, stages):
    if {name for name, _ in stages} != {"pretraining", "sft", "rlhf"}:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), copy.deepcopy(params)
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(current))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="The last stage is the third one, whatever it's called, and no name is looked at; stages of other names or in "
    "another order have to be refused.",
    taught=True,
)
def names_not_looked_at(params, stages):
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for place, (name, train) in enumerate(stages):
        if place == 2:
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    hint="The checkpoints are other names for the trained arrays, so a stage that trains in place changes them all; "
    "the reference is a copy, and the checkpoints need to be copies too.",
    taught=True,
)
def only_the_reference_is_a_copy(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, reference)
        else:
            current = train(current)
        checkpoints[name] = current
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="edge",
    hint="The reference is another name for the model that the last stage trains, not a copy of it. A stage that "
    "trains in place changes both, and there's nothing left to hold the model to.",
    taught=True,
)
def reference_is_the_model_itself(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = current
            current = train(current, reference)
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}
