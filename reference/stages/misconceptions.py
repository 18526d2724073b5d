"""Wrong answers to the stubs of the `stages` lab: a catalog to search by name, not to read in one sitting."""

import copy

import numpy as np

from autograder.testing import misconception

# --- reward_model_loss ---


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="Your difference has the wrong sign (you subtract in the wrong order, or a minus sign is missing), or you "
    "use 1 - sigmoid. As a result, the loss falls when the rejected answer gets a higher reward.",
    taught=True,
)
def prefers_the_rejected(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_chosen - r_rejected))


@misconception(
    of="reward_model_loss",
    kind="edge",
    hint="You compute exp of the difference, or the sigmoid, directly. For a large difference in the wrong direction, "
    "exp overflows or the sigmoid becomes 0, and the loss is infinite. np.logaddexp adds exponentials inside a "
    "logarithm without overflow. See the warning in part 1.",
    taught=True,
)
def logarithm_of_a_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(-np.log(1.0 / (1.0 + np.exp(r_rejected - r_chosen))))


@misconception(
    of="reward_model_loss",
    kind="edge",
    any_of={"limit": (10.0, 20.0, 30.0, 50.0, 100.0, 500.0, 700.0)},
    hint="Your loss never goes above a certain limit, maybe because you cap the differences to keep the "
    "exponential finite. If the difference is 1000 in the wrong direction, the loss should be 1000 nats.",
)
def differences_cut_off(r_chosen, r_rejected, *, limit):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.log1p(np.exp(-np.clip(r_chosen - r_rejected, -limit, limit))))


@misconception(
    of="reward_model_loss",
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You add a small number to the sigmoid, or clip it from below, to avoid taking the logarithm of 0. That caps "
    "the loss. Rearrange the formula instead. See the warning in part 1.",
)
def adds_a_little_to_the_sigmoid(r_chosen, r_rejected, *, epsilon):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(-np.log(1.0 / (1.0 + np.exp(r_rejected - r_chosen)) + epsilon))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"sign": (1, -1)},
    hint="You average the raw differences between the rewards. That average has no minimum, so training would push "
    "the rewards further and further apart. Each loss should be minus the logarithm of the sigmoid of the difference.",
)
def plain_difference(r_chosen, r_rejected, *, sign):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return sign * np.mean(r_rejected - r_chosen)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"margin": (0.0, 1.0)},
    hint="Your loss is 0 once the difference is beyond a margin (a hinge loss). The loss you need, minus the logarithm "
    "of the sigmoid, has no such cutoff: a larger lead always makes the loss a little smaller.",
)
def hinge_of_the_rewards(r_chosen, r_rejected, *, margin):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.maximum(0.0, margin - (r_chosen - r_rejected)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You average the differences first, so one comparison can cancel out another. Take the loss of each "
    "comparison, then average.",
)
def loss_of_the_mean_difference(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.logaddexp(0.0, -np.mean(r_chosen - r_rejected))


@misconception(
    of="reward_model_loss",
    kind="convention",
    hint="You add up the losses but don't average them, so more comparisons give a larger loss.",
)
def sums_the_comparisons(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.sum(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the sigmoids, with or without a minus sign, but don't take the logarithm.",
)
def sigmoid_without_logarithm(r_chosen, r_rejected, *, sign):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return sign * np.mean(np.exp(-np.logaddexp(0.0, r_rejected - r_chosen)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="Your result is the probability of the other choice, 1 - sigmoid. The loss is minus the logarithm of the "
    "sigmoid.",
)
def one_minus_the_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.exp(-np.logaddexp(0.0, r_chosen - r_rejected)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="The minus sign is missing. The logarithm of a probability is never positive, but the loss should never be "
    "negative.",
)
def comparisons_without_minus(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return -np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="convention",
    any_of={"base": (2, 10)},
    hint="Your logarithm has the wrong base (base 2 gives bits). The loss is in nats, so use the natural logarithm.",
)
def comparisons_in_another_unit(r_chosen, r_rejected, *, base):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen)) / np.log(base)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"halved": (False, True)},
    hint="You judge each reward on its own, as if the rewards of chosen answers had to be above 0 and those of "
    "rejected ones below 0. Only their difference matters.",
)
def each_reward_by_itself(r_chosen, r_rejected, *, halved):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    loss = np.mean(np.logaddexp(0.0, -r_chosen) + np.logaddexp(0.0, r_rejected))
    return loss / 2 if halved else loss


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You take the squared distance between the difference and 1. The loss is minus the logarithm of the sigmoid.",
)
def squared_distance_from_1(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean((1.0 - (r_chosen - r_rejected)) ** 2)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You return the loss of each comparison. Return a single number, the mean of these losses.",
)
def one_loss_for_each_comparison(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.logaddexp(0.0, r_rejected - r_chosen)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You only use the rewards of the chosen answers. The sigmoid's input is the chosen answer's reward minus the "
    "rejected answer's.",
)
def only_the_chosen_reward(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -r_chosen))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You take the sigmoid of each reward, then compare the two sigmoids by their ratio or the difference between "
    "their logarithms. Take the difference between the rewards first, then apply the sigmoid once.",
)
def difference_of_the_logarithms(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -r_chosen) - np.logaddexp(0.0, -r_rejected))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You average the probabilities first and take the logarithm of the mean. Take the logarithm of each "
    "probability, then average.",
)
def logarithm_of_the_mean_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return -np.log(np.mean(np.exp(-np.logaddexp(0.0, r_rejected - r_chosen))))


@misconception(
    of="reward_model_loss",
    kind="convention",
    hint="You return the loss in an array with axes of length 1. Return a single number.",
)
def loss_of_the_comparisons_in_an_array(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen), keepdims=True)


@misconception(
    of="reward_model_loss",
    kind="conduct",
    hint="You don't compare the shapes, so rewards that don't belong together get paired up, for example by "
    "broadcasting. Raise a ValueError.",
    taught=True,
)
def stretches_the_rewards(r_chosen, r_rejected):
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError when the shapes differ. Returning None or some number, or raising a different "
    "error (as assert does), doesn't tell the caller what's wrong.",
    taught=True,
)
def different_shapes_without_value_error(r_chosen, r_rejected, *, asserts):
    if r_chosen.shape != r_rejected.shape:
        assert not asserts
        return None
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="conduct",
    hint="You only compare the lengths or sizes, but a column has the same length as a row. Compare the whole shapes.",
    taught=True,
)
def compares_only_the_lengths(r_chosen, r_rejected):
    if len(r_chosen) != len(r_rejected):
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="conduct",
    hint="You change the rewards you were given. Work on a copy.",
)
def changes_the_callers_rewards(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    r_rejected -= r_chosen
    return np.mean(np.logaddexp(0.0, r_rejected))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"margin": (1.0, 0.5, 0.1)},
    hint="You subtract a margin from the difference between the rewards, so the loss is too high even for a clear "
    "preference. The loss uses the difference itself.",
)
def difference_minus_a_margin(r_chosen, r_rejected, *, margin):
    r_chosen, r_rejected = np.asarray(r_chosen, dtype=float), np.asarray(r_rejected, dtype=float)
    if r_chosen.shape != r_rejected.shape or r_chosen.ndim != 1:
        raise ValueError("the shapes differ")
    return float(np.mean(np.logaddexp(0.0, margin - (r_chosen - r_rejected))))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"share": (0.1, 0.05)},
    hint="You use label smoothing, so each comparison partly counts in the opposite direction. This loss assumes that "
    "every comparison is right.",
)
def comparisons_smoothed(r_chosen, r_rejected, *, share):
    r_chosen, r_rejected = np.asarray(r_chosen, dtype=float), np.asarray(r_rejected, dtype=float)
    if r_chosen.shape != r_rejected.shape or r_chosen.ndim != 1:
        raise ValueError("the shapes differ")
    difference = r_chosen - r_rejected
    return float(np.mean((1 - share) * np.logaddexp(0.0, -difference) + share * np.logaddexp(0.0, difference)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You use the exponential of the difference as the loss. The loss is ln(1 + exp(-d)), which grows only as "
    "fast as the difference does.",
)
def exponential_of_the_difference(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.exp(r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"right": (False, True), "ties": (False, True)},
    hint="You count how many comparisons come out right, or how many come out wrong. A loss has to change gradually, "
    "so that training can follow its slope.",
)
def share_of_comparisons(r_chosen, r_rejected, *, right, ties):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    leads = r_chosen - r_rejected if right else r_rejected - r_chosen
    return np.mean(leads >= 0 if ties else leads > 0)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You take the absolute value of the difference, so it doesn't matter which answer was chosen.",
)
def sign_of_the_difference_lost(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -np.abs(r_chosen - r_rejected)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You take the squared difference between the rewards, which is smallest when both are equal. The loss is "
    "minus the logarithm of the sigmoid.",
)
def squared_difference(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean((r_chosen - r_rejected) ** 2)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="Your loss is half of what it should be. There is one loss for each comparison, not for each reward.",
)
def half_of_the_loss(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen)) / 2


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You take the ratio of the rewards. Only their difference matters.",
)
def ratio_of_the_rewards(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -r_chosen / np.where(r_rejected == 0, 1.0, r_rejected)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You only use the rewards of the rejected answers. The sigmoid's input is the chosen answer's reward minus "
    "the rejected answer's.",
)
def only_the_rejected_reward(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You add the two rewards. Only their difference matters.",
)
def rewards_added(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -(r_chosen + r_rejected)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You take the median of the losses. Take their mean.",
)
def median_of_the_comparisons(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.median(np.logaddexp(0.0, r_rejected - r_chosen))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"which": ("largest", "first", "last")},
    hint="You return the loss of only one comparison, such as the largest or the first. Return the mean of all of "
    "them.",
)
def loss_of_one_comparison(r_chosen, r_rejected, *, which):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    losses = np.logaddexp(0.0, r_rejected - r_chosen)
    return losses.max() if which == "largest" else losses[0 if which == "first" else -1]


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"by": (1, -1)},
    hint="You divide the sum by one more or one less than the number of comparisons. To get the mean, divide by "
    "exactly the number of comparisons.",
)
def divides_by_one_off(r_chosen, r_rejected, *, by):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.sum(np.logaddexp(0.0, r_rejected - r_chosen)) / max(len(r_chosen) + by, 1)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"factor": (2.0, 0.5, 0.1)},
    hint="You multiply the difference by a factor inside the sigmoid. Use the difference as it is.",
)
def difference_times_a_factor(r_chosen, r_rejected, *, factor):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, -factor * (r_chosen - r_rejected)))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You compare every chosen answer with every rejected one. Each comparison is one pair: the chosen and the "
    "rejected answer at the same index.",
)
def every_pair(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.logaddexp(0.0, r_rejected[None, :] - r_chosen[:, None]))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You square the probability that the rejected answer wins, 1 - sigmoid. The loss is minus the logarithm of "
    "the sigmoid.",
)
def squared_probability_of_being_wrong(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.mean(np.exp(-np.logaddexp(0.0, r_chosen - r_rejected)) ** 2)


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You use tanh. The probability of a choice is the sigmoid of the difference.",
)
def tanh_in_place_of_the_sigmoid(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return -np.mean(np.log((1 + np.tanh(np.clip(r_chosen - r_rejected, -15, 15))) / 2))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    hint="You add the log-probabilities of both outcomes: that the chosen answer wins, and that the rejected one does. "
    "The loss only uses the first one.",
)
def both_outcomes(r_chosen, r_rejected):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    difference = r_chosen - r_rejected
    return np.mean(np.logaddexp(0.0, -difference) + np.logaddexp(0.0, difference))


@misconception(
    of="reward_model_loss",
    kind="misses_point",
    any_of={"digits": (0, 1, 2, 3)},
    hint="You round the loss. Return it unrounded.",
)
def rounded_comparisons(r_chosen, r_rejected, *, digits):
    if r_chosen.shape != r_rejected.shape:
        raise ValueError
    return np.round(np.mean(np.logaddexp(0.0, r_rejected - r_chosen)), digits)


# --- sequence_log_prob ---


@misconception(
    of="sequence_log_prob",
    kind="convention",
    hint="You divide the sum by the number of tokens that aren't ignored. Some implementations do that, but the "
    "log-probability of an answer is the sum itself.",
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
    kind="convention",
    hint="You divide the sum by the number of positions. The log-probability of an answer is the sum itself.",
)
def mean_of_the_positions(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).mean(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You replace ignored labels with token 0, then include them in the sum like all the others. Leave them out "
    "of the sum.",
    taught=True,
)
def ignored_positions_count_as_token_0(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0].sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You look up ignored labels like all the others, so a negative one is read as an index from the end of the "
    "vocabulary. Replace ignored labels with a valid id first, and leave those positions out of the sum.",
    taught=True,
)
def ignored_positions_count_from_the_end(logits, labels, ignore_index=-100):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    rows, columns = np.indices(labels.shape)
    return log_probs[rows, columns, labels].sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="You multiply the probabilities and take the logarithm at the end. A long product underflows to 0 before you "
    "get there. Add up the logarithms instead.",
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
    kind="edge",
    hint="You compute the softmax, then take its logarithm. Tiny probabilities underflow to 0 before you take the "
    "logarithm. The log_softmax you're given avoids that, because it never computes the probabilities.",
)
def tokens_underflow(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    chosen = np.take_along_axis(probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.log(np.where(keep, chosen, 1.0)).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You return the probability of each sequence. Return its logarithm: the probability of a long sequence is too "
    "small for a float.",
)
def probability_of_the_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.exp((chosen * keep).sum(axis=1))


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"averaged": (False, True)},
    hint="You combine the results of all sequences into one number, as a sum or an average. Each sequence has its own "
    "log-probability.",
)
def sums_over_the_batch(logits, labels, ignore_index=-100, *, averaged):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum() / (len(labels) if averaged else 1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You sum over the sequences. For each sequence, sum over its positions instead.",
)
def sums_along_the_batch(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=0)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You return the log-probability of every token. Return the sum for each sequence.",
)
def token_by_token(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You flip the sign, which makes the result a loss. A log-probability is never above 0.",
)
def loss_of_the_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return -(chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"back": (False, True)},
    hint="You shift the labels relative to the logits, but the labels you're given are already shifted.",
    taught=True,
)
def labels_shifted_again(logits, labels, ignore_index=-100, *, back):
    logits, labels = (logits[:, 1:], labels[:, :-1]) if back else (logits[:, :-1], labels[:, 1:])
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You add up raw logits. Use log_softmax to turn them into log-probabilities first.",
)
def sums_of_logits(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    chosen = np.take_along_axis(logits, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="At each position you use the most likely token instead of the label. This gives you the log-probability of "
    "what the model itself would say.",
)
def most_likely_tokens(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return (log_probs.max(axis=-1) * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="Your mask is inverted: you sum the ignored positions and leave out the ones that count.",
)
def sums_what_is_ignored(logits, labels, ignore_index=-100):
    keep = labels == ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, 0, labels)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="You ignore all negative labels, no matter what ignore_index is. But ignore_index can be any number that "
    "isn't a token's id, even a large one.",
)
def ignores_what_is_negative(logits, labels, ignore_index=-100):
    keep = labels >= 0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    safe = np.clip(labels, 0, logits.shape[-1] - 1)
    return (np.take_along_axis(log_probs, safe[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="You always ignore -100 instead of ignore_index. The caller uses ignore_index to say which label to ignore.",
)
def ignores_only_minus_100(logits, labels, ignore_index=-100):
    keep = labels != -100
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    safe = np.where(keep, labels % logits.shape[-1], 0)
    return (np.take_along_axis(log_probs, safe[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="You leave out labels of 0 too, as if they were padding. But 0 is the id of a real token, so leave out only "
    "ignore_index.",
)
def leaves_out_token_0(logits, labels, ignore_index=-100):
    keep = (labels != ignore_index) & (labels != 0)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="convention",
    any_of={"base": (2, 10)},
    hint="Your log-probabilities use the wrong base (base 2 gives bits). They should be in nats, so use the natural "
    "logarithm.",
)
def sequence_in_another_unit(logits, labels, ignore_index=-100, *, base):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1) / np.log(base)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You add a small number to the probabilities, or clip them from below, to avoid taking the logarithm of 0. "
    "That keeps an unlikely token's log-probability from being as low as it should be. With the log_softmax you're "
    "given, you don't need this.",
)
def adds_a_little_to_the_tokens(logits, labels, ignore_index=-100, *, epsilon):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True) + epsilon)
    return (np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="The exponentials of large logits overflow, because the largest logit isn't subtracted first. The log_softmax "
    "you're given doesn't overflow.",
)
def exponentials_of_the_tokens_overflow(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    log_probs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return (np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You take the softmax over the positions instead of over the vocabulary. The logits at one position give a "
    "single prediction, so the probabilities at that position should add up to 1 along the last axis.",
)
def softmax_along_the_positions(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return (np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You add up the probabilities of the tokens. The model writes one token and then the next, so probabilities "
    "multiply and their logarithms add up.",
)
def probabilities_added_up(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    return (np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="convention",
    hint="You return the sums with an extra axis of length 1. Return shape (B,).",
)
def sums_in_a_column(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)
    return (chosen * keep[..., None]).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="conduct",
    hint="You change the labels you were given, for example the ignored ones. Work on a copy.",
)
def overwrites_ignored_labels(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    labels[~keep] = 0
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return (np.take_along_axis(log_probs, labels[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="You leave out sequences whose labels are all ignored, so you return fewer numbers than there are sequences. "
    "The sum for a sequence like that is empty, so return 0.",
)
def sequences_without_labels_left_out(logits, labels, ignore_index=-100):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    sums = []
    for row, wanted in zip(log_probs, labels, strict=True):
        places = np.flatnonzero(wanted != ignore_index)
        if len(places):
            sums.append(row[places, wanted[places]].sum())
    return np.array(sums)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"axis": (None, 0)},
    hint="You don't take the softmax over the vocabulary, so a position's probabilities don't add up to 1. Take it "
    "along the last axis, within each position.",
)
def softmax_along_another_axis(logits, labels, ignore_index=-100, *, axis):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=axis, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return (np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"left_out": ("first", "last")},
    hint="You leave out one position, the first or the last. Include every position that isn't ignored.",
)
def one_position_left_out(logits, labels, ignore_index=-100, *, left_out):
    keep = labels != ignore_index
    keep[:, 0 if left_out == "first" else -1] = False
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return (np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"token": ("first", "last")},
    hint="You only use one token of each sequence, the first or the last. Add up the log-probabilities of all tokens "
    "that aren't ignored.",
)
def one_token_of_each_sequence(logits, labels, ignore_index=-100, *, token):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    sums = np.zeros(len(labels))
    for row, wanted in enumerate(labels):
        places = np.flatnonzero(wanted != ignore_index)
        if len(places):
            place = places[0 if token == "first" else -1]
            sums[row] = log_probs[row, place, wanted[place]]
    return sums


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You pick out the labels that aren't ignored and split the list into equal parts, one per sequence. But the "
    "number of ignored labels can differ from sequence to sequence, so sum with a mask instead.",
)
def equal_parts(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    picked = chosen[keep]
    if len(picked) % len(labels):
        raise ValueError("not the same number of labels in each sequence")
    return picked.reshape(len(labels), -1).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"which": ("smallest", "largest")},
    hint="You return only one token's log-probability for each sequence, the smallest or the largest. Add up all "
    "of them.",
)
def one_extreme_token(logits, labels, ignore_index=-100, *, which):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    if which == "smallest":
        return np.min(np.where(keep, chosen, 0.0), axis=1)
    return np.where(keep.any(axis=1), np.max(np.where(keep, chosen, -np.inf), axis=1), 0.0)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You add up the log-probabilities of all tokens in the vocabulary, so the labels don't matter. Use only the "
    "labels' log-probabilities.",
)
def all_tokens_added_up(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return (log_probs.sum(axis=-1) * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    any_of={"by": (1, -1)},
    hint="You look up the token whose id is one less or one more than the label. Ids start at 0, so use the labels as "
    "they are.",
)
def neighbor_of_the_label(logits, labels, ignore_index=-100, *, by):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    labels = np.where(keep, labels + by, 0) % logits.shape[-1]
    return (np.take_along_axis(log_probs, labels[..., None], axis=-1)[..., 0] * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You return running totals. A sequence's log-probability is just its last running total, which is the full "
    "sum.",
)
def running_totals_of_the_tokens(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.cumsum(chosen * keep, axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You stop at the first ignored label, but labels that aren't ignored can come after it. Skip it and continue.",
)
def stops_at_an_ignored_label(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    keep = np.cumprod(keep, axis=1).astype(bool)
    return (chosen * keep).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You divide by the number of sequences. Return the sum for each sequence.",
)
def divided_by_the_batch(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep).sum(axis=1) / len(labels)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You return the perplexity of each sequence. Return its log-probability.",
)
def perplexity_of_the_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return np.exp(-(chosen * keep).sum(axis=1) / np.maximum(keep.sum(axis=1), 1))


@misconception(
    of="sequence_log_prob",
    kind="edge",
    any_of={"gives": ("nan", "minus_infinity", "one")},
    hint="For a sequence whose labels are all ignored, you return something other than 0. An empty sum is 0.",
)
def empty_sum_is_not_0(logits, labels, ignore_index=-100, *, gives):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    value = {"nan": np.nan, "minus_infinity": -np.inf, "one": 1.0}[gives]
    return np.where(keep.any(axis=1), (chosen * keep).sum(axis=1), value)


@misconception(
    of="sequence_log_prob",
    kind="edge",
    hint="If all of a sequence's labels are ignored, you return a number from another sequence instead. For example, "
    "np.add.reduceat does that for an empty group. An empty sum is 0.",
)
def empty_sum_from_another_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    if not keep.any():
        return np.zeros(len(labels))
    shifted = logits[keep] - logits[keep].max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = log_probs[np.arange(len(log_probs)), labels[keep]]
    lengths = keep.sum(axis=1)
    return np.add.reduceat(chosen, np.cumsum(lengths) - lengths)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="If a position is ignored in one sequence, you ignore it in all of them. Each sequence has its own mask.",
)
def one_mask_for_all_sequences(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (chosen * keep.all(axis=0)).sum(axis=1)


@misconception(
    of="sequence_log_prob",
    kind="misses_point",
    hint="You apply the first sequence's mask to all sequences. Each sequence has its own mask.",
)
def mask_of_the_first_sequence(logits, labels, ignore_index=-100):
    keep = labels != ignore_index
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[..., None], axis=-1)[..., 0]
    return (np.where(keep, chosen, 0.0) * keep[0]).sum(axis=1)


# --- kl_divergence ---


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="Your result is KL(reference || policy), which is the other direction. Use the policy's probabilities as "
    "weights, because the policy draws the tokens.",
    taught=True,
)
def wrong_direction(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_q) * (log_q - log_p), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"averaged": (True, False)},
    hint="You add up or average the log-ratios without weights. Weight each one by how often the policy draws that "
    "token.",
)
def without_weights(policy_logits, ref_logits, *, averaged):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return (np.mean if averaged else np.sum)(log_p - log_q, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You weight the log-ratios by the reference's probabilities. Use the policy's.",
)
def weighted_by_the_reference(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_q) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="Your ratio is upside down, or there's an extra minus sign, so the divergence is negative. Average "
    "ln p - ln q, weighted by p.",
)
def ratio_upside_down(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_q - log_p), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="Your result is the cross-entropy of the two models, which is above 0 even if they're the same. Subtract the "
    "policy's own entropy.",
)
def cross_entropy_of_the_two(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return -np.sum(np.exp(log_p) * log_q, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="Your result is the Jensen-Shannon divergence, which compares both models with their average and is the same "
    "in either direction.",
)
def jensen_shannon(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    log_m = np.logaddexp(log_p, log_q) - np.log(2)
    both = np.exp(log_p) * (log_p - log_m) + np.exp(log_q) * (log_q - log_m)
    return 0.5 * np.sum(both, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"halved": (True, False)},
    hint="You combine both directions. Use only one direction, with the policy first.",
)
def both_directions(policy_logits, ref_logits, *, halved):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return (0.5 if halved else 1.0) * np.sum((np.exp(log_p) - np.exp(log_q)) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="convention",
    any_of={"base": (2, 10)},
    hint="Your logarithm has the wrong base (base 2 gives bits). The divergence is in nats, so use the natural "
    "logarithm.",
)
def divergence_in_another_unit(policy_logits, ref_logits, *, base):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1) / np.log(base)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"averaged": (False, True)},
    hint="You combine the divergences at all positions into one number, as a sum or an average. Each position has its "
    "own divergence, so sum only over the vocabulary, the last axis.",
    taught=True,
)
def one_divergence_for_all_positions(policy_logits, ref_logits, *, averaged):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return (np.mean if averaged else np.sum)(np.sum(np.exp(log_p) * (log_p - log_q), axis=-1))


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You average the products over the vocabulary. Add them up instead, because the probabilities are already "
    "weights.",
)
def mean_over_the_vocabulary(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.mean(np.exp(log_p) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You square the log-ratios, so none of them is negative. The divergence is the weighted sum of the "
    "log-ratios themselves, with their signs.",
)
def squared_log_ratios(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q) ** 2, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You drop the signs of the log-ratios, for example by taking absolute values. A token that's less likely "
    "under the policy than under the reference has a negative log-ratio, which lowers the sum.",
)
def absolute_log_ratios(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * np.abs(log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You compare the logits themselves. Adding a constant to all of a model's logits doesn't change its "
    "probabilities, so turn both sets of logits into log-probabilities first.",
)
def raw_logits_compared(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (policy_logits - ref_logits), axis=-1)


@misconception(
    of="kl_divergence",
    kind="edge",
    hint="You compute the softmax, then take its logarithm, but small probabilities underflow to 0 before that. If p "
    "underflows, 0 times infinity gives NaN, and if q underflows, the divergence is infinite. The log_softmax you're "
    "given avoids both problems.",
    taught=True,
)
def logarithms_of_softmax(policy_logits, ref_logits):
    p = np.exp(policy_logits - policy_logits.max(axis=-1, keepdims=True))
    q = np.exp(ref_logits - ref_logits.max(axis=-1, keepdims=True))
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.sum(p * (np.log(p) - np.log(q)), axis=-1)


@misconception(
    of="kl_divergence",
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You add a small number to the probabilities, or clip them from below, to avoid taking the logarithm of 0. "
    "That limits how large the divergence can get. With log_softmax, you don't need this.",
)
def adds_a_little_to_the_probabilities(policy_logits, ref_logits, *, epsilon):
    p = np.exp(policy_logits - policy_logits.max(axis=-1, keepdims=True))
    q = np.exp(ref_logits - ref_logits.max(axis=-1, keepdims=True))
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.sum(p * (np.log(p + epsilon) - np.log(q + epsilon)), axis=-1)


@misconception(
    of="kl_divergence",
    kind="edge",
    hint="You handle tokens that the policy never draws, but a tiny probability in the reference still underflows to "
    "0, which makes the divergence infinite. The log_softmax you're given avoids this underflow.",
    taught=True,
)
def reference_underflows(policy_logits, ref_logits):
    p = np.exp(policy_logits - policy_logits.max(axis=-1, keepdims=True))
    q = np.exp(ref_logits - ref_logits.max(axis=-1, keepdims=True))
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    drawn = p > 0
    return np.sum(np.where(drawn, p * np.log(np.where(drawn, p, 1.0) / np.where(drawn, q, 1.0)), 0.0), axis=-1)


@misconception(
    of="kl_divergence",
    kind="convention",
    hint="You return the divergences with an extra last axis of length 1. Drop that axis.",
)
def keeps_the_last_axis(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1, keepdims=True)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You return the individual terms of the sum. Add them up over the vocabulary, the last axis.",
)
def terms_not_added_up(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.exp(log_p) * (log_p - log_q)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You take the softmax along the first axis. Each position has its own distribution, along the last axis.",
)
def softmax_along_the_first_axis(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=0)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=0)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You compare the probabilities themselves, p - q. The divergence compares their logarithms, ln p - ln q.",
)
def differences_of_probabilities(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (np.exp(log_p) - np.exp(log_q)), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"halved": (True, False)},
    hint="Your result is the total variation (how much the probabilities differ), which is another way to compare two "
    "models. The divergence compares logarithms.",
)
def total_variation(policy_logits, ref_logits, *, halved):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return (0.5 if halved else 1.0) * np.sum(np.abs(np.exp(log_p) - np.exp(log_q)), axis=-1)


@misconception(
    of="kl_divergence",
    kind="conduct",
    hint="You change the logits you were given. Work on copies.",
)
def changes_the_callers_models(policy_logits, ref_logits):
    policy_logits -= np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    ref_logits -= np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(policy_logits) * (policy_logits - ref_logits), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You don't use the reference: your result is the policy's entropy, with or without its minus sign. Compare "
    "the two logarithms, ln p and ln q.",
)
def entropy_of_the_policy(policy_logits, ref_logits, *, sign):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    return sign * np.sum(np.exp(log_p) * log_p, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You replace the negative terms of the sum with 0, or leave them out. The sum as a whole is never negative, "
    "but some of its terms are. Include those terms too.",
)
def negative_terms_cut_off(policy_logits, ref_logits):
    def log_probs(logits):
        shifted = logits - logits.max(axis=-1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

    log_p = log_probs(policy_logits)
    terms = np.exp(log_p) * (log_p - log_probs(ref_logits))
    return np.maximum(terms, 0.0).sum(axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="Your sum runs along the first axis. For each position, sum over the vocabulary, the last axis.",
)
def sums_along_the_first_axis(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=0)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You divide one logarithm by the other. The logarithm of a quotient is a difference: ln p - ln q.",
)
def quotient_of_the_logarithms(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p) * log_p / log_q, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You take the weighted sum of the ratios p / q themselves. The divergence is the weighted sum of their "
    "logarithms.",
)
def ratios_without_logarithm(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(np.exp(log_p + log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"sign": (1, -1)},
    hint="You subtract one entropy from the other, so each model is only compared with itself. Weight both logarithms "
    "by the policy's probabilities.",
)
def difference_of_the_entropies(policy_logits, ref_logits, *, sign):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return sign * np.sum(np.exp(log_p) * log_p - np.exp(log_q) * log_q, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"weights": ("policy", "reference")},
    hint="You take half the squared log-ratio, which is close to the divergence only if the two models hardly differ. "
    "Average the log-ratios themselves.",
)
def half_the_squared_log_ratio(policy_logits, ref_logits, *, weights):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    shares = np.exp(log_p if weights == "policy" else log_q)
    return np.sum(shares * 0.5 * (log_p - log_q) ** 2, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"root": (True, False)},
    hint="You take the squared differences of the probabilities. The divergence compares logarithms.",
)
def squared_differences(policy_logits, ref_logits, *, root):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    total = np.sum((np.exp(log_p) - np.exp(log_q)) ** 2, axis=-1)
    return np.sqrt(total) if root else total


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"mean": (True, False)},
    hint="You take the squared differences of the logits. Turn both into log-probabilities and average the log-ratios "
    "with the policy's probabilities as weights.",
)
def squared_differences_of_logits(policy_logits, ref_logits, *, mean):
    squares = (policy_logits - ref_logits) ** 2
    return squares.mean(axis=-1) if mean else squares.sum(axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You only look at the largest log-ratio. The divergence is the average of all of them, weighted by the "
    "policy.",
)
def largest_log_ratio(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.max(log_p - log_q, axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You only compare the two models on the policy's most likely token. The divergence averages over all tokens.",
)
def likeliest_token_only(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    best = np.argmax(log_p, axis=-1)[..., None]
    return np.take_along_axis(log_p - log_q, best, axis=-1)[..., 0]


@misconception(
    of="kl_divergence",
    kind="misses_point",
    any_of={"factor": (0.5, 2.0)},
    hint="Your divergence is half as large as it should be, or twice as large. The formula has no extra factor.",
)
def divergence_times_a_factor(policy_logits, ref_logits, *, factor):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return factor * np.sum(np.exp(log_p) * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You return the exponential of the divergence. Return the divergence itself.",
)
def exponential_of_the_divergence(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.exp(np.minimum(np.sum(np.exp(log_p) * (log_p - log_q), axis=-1), 700.0))


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You weight the log-ratios by the logits instead of the policy's probabilities.",
)
def weighted_by_the_logits(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(policy_logits * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You weight the log-ratios by the policy's log-probabilities. The weights should be the probabilities, so "
    "take the exponential first.",
)
def weighted_by_the_logarithms(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits, axis=-1, keepdims=True)
    log_q = ref_logits - np.logaddexp.reduce(ref_logits, axis=-1, keepdims=True)
    return np.sum(log_p * (log_p - log_q), axis=-1)


@misconception(
    of="kl_divergence",
    kind="misses_point",
    hint="You compute both softmaxes, or the sum, over all positions at once. Each position has its own distribution, "
    "along the last axis.",
)
def softmax_over_all_positions(policy_logits, ref_logits):
    log_p = policy_logits - np.logaddexp.reduce(policy_logits.ravel())
    log_q = ref_logits - np.logaddexp.reduce(ref_logits.ravel())
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1)


# --- rlhf_policy_step ---


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You reward drifting away from the reference: your penalty has the wrong sign, or its log-ratio is upside "
    "down. Drift should be penalized.",
    taught=True,
)
def rewards_the_drift(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards + beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="The KL penalty is missing: nothing keeps the policy close to its reference, and only the reward matters. (A "
    "penalty that's the same number for all answers has no effect, because subtracting the average cancels it.)",
    taught=True,
)
def no_leash(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    return policy_logits + lr * pi * (rewards - pi @ rewards)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You step down the slope of J, as you would for a loss. You want J to grow, so step uphill instead.",
)
def goes_downhill(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits - lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="conduct",
    any_of={"changes": ("reference", "rewards")},
    hint="You change the reference or the rewards you were given. They belong to the caller, and a reference that "
    "moves along with the policy can't hold it back. Only policy_logits may be changed in place.",
    taught=True,
)
def changes_reference_or_rewards(policy_logits, ref_logits, rewards, beta, lr, *, changes):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    step = lr * pi * (a - pi @ a)
    changed = ref_logits if changes == "reference" else rewards
    changed += step
    return policy_logits + step


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You multiply the rewards by beta. Beta is the price of drifting, so it multiplies the divergence.",
)
def beta_times_the_reward(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), beta * rewards - (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You don't use beta, so the KL penalty always has the same strength.",
)
def beta_is_1(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You don't subtract the average, so every good answer goes up, not just the ones that are better than "
    "average. Adding 100 to every reward would change your step.",
    taught=True,
)
def no_baseline(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    return policy_logits + lr * np.exp(log_pi) * (rewards - beta * (log_pi - log_ref))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="The average you subtract gives all answers the same weight. Weight them by the policy's probabilities.",
)
def plain_mean_as_baseline(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * np.exp(log_pi) * (a - np.mean(a))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You subtract the average of the rewards, but not the average of the drift penalty. The average "
    "you subtract should include both the rewards and the penalty.",
)
def baseline_of_the_rewards_only(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi = np.exp(log_pi)
    return policy_logits + lr * pi * (rewards - pi @ rewards - beta * (log_pi - log_ref))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="Each answer's step should also be proportional to how often the policy gives that answer. Without that "
    "factor, the steps still lead to the same best policy, so they aren't really wrong. But that's a different "
    "algorithm (a natural gradient), and this exercise asks for the exact slope of J with respect to the logits.",
)
def not_weighted_by_probability(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * (a - np.exp(log_pi) @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You add the rewards and the drift directly to the logits. But J depends on the probabilities, and each "
    "probability depends on all the logits.",
)
def reward_added_to_the_logits(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    return policy_logits + lr * (rewards - beta * (log_pi - log_ref))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="Your penalty compares the logits themselves (it's the slope of a squared distance). Measure drift with the "
    "divergence of the probabilities instead.",
)
def leash_on_the_logits(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    return policy_logits + lr * (pi * (rewards - pi @ rewards) - beta * (policy_logits - ref_logits))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="Your penalty is the slope of KL(reference || policy), the other direction. The policy comes first.",
)
def leash_in_the_other_direction(policy_logits, ref_logits, rewards, beta, lr):
    pi = np.exp(policy_logits - np.logaddexp.reduce(policy_logits))
    ref = np.exp(ref_logits - np.logaddexp.reduce(ref_logits))
    return policy_logits + lr * (pi * (rewards - pi @ rewards) - beta * (pi - ref))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You push up only the best answer, no matter how good the others are. Every answer has its own slope.",
)
def only_the_best_answer(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * ((np.arange(len(a)) == np.argmax(a)) - np.exp(log_pi))


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You use the reference's probabilities as weights. The answers come from the policy, so use its "
    "probabilities.",
)
def answers_of_the_reference(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    ref, a = np.exp(log_ref), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * ref * (a - ref @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="Your step starts from the reference. Start from the policy's current logits.",
)
def starts_from_the_reference(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return ref_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="The policy has the same logits after your step as before. If you return None, you have to write into the "
    "array itself: an assignment to its name (with = and no brackets) only gives the name to a new array, and the "
    "caller never sees that one.",
)
def policy_stays_as_it_was(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    policy_logits = policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You don't use the learning rate.",
)
def step_without_learning_rate(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="convention",
    any_of={"times_lr": (False, True)},
    hint="You return only the slope or the step. Return the policy's logits after the step.",
)
def only_the_slope(policy_logits, ref_logits, rewards, beta, lr, *, times_lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return (lr if times_lr else 1.0) * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="convention",
    any_of={"logarithms": (False, True)},
    hint="You return the probabilities of the new policy, or their logarithms. Return its logits: the ones you were "
    "given, plus the step.",
)
def probabilities_of_the_new_policy(policy_logits, ref_logits, rewards, beta, lr, *, logarithms):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    new = policy_logits + lr * pi * (a - pi @ a)
    log_probs = new - np.logaddexp.reduce(new)
    return log_probs if logarithms else np.exp(log_probs)


@misconception(
    of="rlhf_policy_step",
    kind="convention",
    hint="Your step starts from the policy's log-probabilities. They describe the same policy, but this exercise asks "
    "for the logits you were given, plus the step.",
)
def starts_from_log_probabilities(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return log_pi + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    any_of={"weighted": (True, False), "spread": ("plain", "weighted")},
    hint="You scale the advantages to a standard deviation of 1, which some implementations do to stabilize training. "
    "The exact slope uses the advantages as they are.",
)
def advantages_scaled(policy_logits, ref_logits, rewards, beta, lr, *, weighted, spread):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    deviation = np.std(a) if spread == "plain" else np.sqrt(pi @ (a - pi @ a) ** 2)
    return policy_logits + lr * pi * (a - (pi @ a if weighted else np.mean(a))) / (deviation + 1e-8)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You subtract beta once more, for the slope of ln pi inside the divergence. That term cancels, because "
    "probabilities always add up to 1.",
)
def beta_subtracted_once_more(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a - beta)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You only account for how each probability depends on its own logit, pi * (1 - pi). But raising one logit "
    "also lowers all the other probabilities, and that's where the average comes from.",
)
def each_answer_by_itself(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (1.0 - pi) * a


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="Your penalty doesn't use the reference, so it pulls the policy toward equal probabilities. Penalize the "
    "difference between the policy's log-probabilities and the reference's.",
)
def leash_without_the_reference(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    pi, a = np.exp(log_pi), rewards - beta * log_pi
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You divide the step by the learning rate. Multiply by it instead.",
)
def divides_by_the_learning_rate(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + pi * (a - pi @ a) / (lr or 1.0)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You divide the drift by beta. Multiply by beta instead, so that a larger beta means a larger penalty.",
)
def drift_divided_by_beta(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - (log_pi - log_ref) / (beta or 1.0)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    any_of={"compared": ("difference", "ratio")},
    hint="Your penalty uses the difference or the ratio of the probabilities themselves. The divergence compares "
    "their logarithms.",
)
def leash_on_the_probabilities(policy_logits, ref_logits, rewards, beta, lr, *, compared):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, ref = np.exp(log_pi), np.exp(log_ref)
    a = rewards - beta * (pi - ref if compared == "difference" else pi / ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You first scale the rewards to a standard deviation of 1. The exact slope uses the rewards as they are.",
)
def rewards_scaled(policy_logits, ref_logits, rewards, beta, lr):
    rewards = (rewards - np.mean(rewards)) / (np.std(rewards) + 1e-8)
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    any_of={"part": ("leash", "rewards")},
    hint="You subtract the average from only one of the two parts, the rewards or the drift. The average you "
    "subtract should include both of them.",
)
def baseline_of_the_drift_only(policy_logits, ref_logits, rewards, beta, lr, *, part):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi = np.exp(log_pi)
    drift = beta * (log_pi - log_ref)
    if part == "leash":
        return policy_logits + lr * pi * (rewards - (drift - pi @ drift))
    return policy_logits + lr * (pi * (rewards - pi @ rewards) - drift)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You divide by the number of answers. The slope is a sum weighted by probabilities, so there's nothing to "
    "divide by.",
)
def divided_by_the_number_of_answers(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a) / len(pi)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You scale the slope to a length of 1. Return the logits plus lr times the exact slope.",
)
def step_of_length_1(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    slope = pi * (a - pi @ a)
    return policy_logits + lr * slope / (np.linalg.norm(slope) + 1e-12)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    any_of={"limit": (0.2, 0.1)},
    hint="You clip the slope or the step, as some implementations do to stabilize training. Use the exact slope.",
)
def clipped_slope(policy_logits, ref_logits, rewards, beta, lr, *, limit):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * np.clip(pi * (a - pi @ a), -limit, limit)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You penalize the drift twice. Multiply it by beta just once.",
)
def drift_counts_twice(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi = np.exp(log_pi)
    a = rewards - 2 * beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You give all answers the same weight, as if the policy drew each of them equally often. Weight them by the "
    "policy's probabilities.",
)
def answers_weighted_equally(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    a = rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * (a - np.mean(a)) / len(a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You square the probabilities in the slope: they should appear only once, in front of the parentheses.",
)
def probabilities_squared(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi**2 * (a - pi @ a)


@misconception(
    of="rlhf_policy_step",
    kind="misses_point",
    hint="You subtract an average that's weighted by the reference's probabilities. The answers come from the policy, "
    "so use the policy's probabilities as weights.",
)
def baseline_of_the_reference(policy_logits, ref_logits, rewards, beta, lr):
    log_pi = policy_logits - np.logaddexp.reduce(policy_logits)
    log_ref = ref_logits - np.logaddexp.reduce(ref_logits)
    pi, a = np.exp(log_pi), rewards - beta * (log_pi - log_ref)
    return policy_logits + lr * pi * (a - np.exp(log_ref) @ a)


# --- dpo_loss ---


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="Your margin has the wrong sign (you swapped chosen and rejected, or policy and reference, or a minus sign is "
    "missing), or you use 1 - sigmoid. As a result, the loss falls when the rejected answer becomes more likely.",
    taught=True,
)
def chosen_and_rejected_swapped(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_rejected_logps - ref_rejected_logps) - (policy_chosen_logps - ref_chosen_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You leave out the reference, so an answer that was likely all along looks as if training had made it likely.",
    taught=True,
)
def without_the_reference(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return np.mean(np.logaddexp(0.0, -beta * (policy_chosen_logps - policy_rejected_logps)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You add the reference's margin (swapping its chosen and rejected answers has the same effect). Subtract that "
    "margin instead: what matters is how much the policy has changed.",
)
def reference_added(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps + ref_chosen_logps) - (policy_rejected_logps + ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"chosen": (True, False)},
    hint="You only use one of the two answers. You need two things: how much more likely the chosen answer has become, "
    "and how much less likely the rejected one has become.",
)
def only_one_answer(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, chosen):
    margins = policy_chosen_logps - ref_chosen_logps if chosen else ref_rejected_logps - policy_rejected_logps
    return np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You return the loss of each comparison. Return a single number, the mean of these losses.",
)
def one_loss_for_each_preference(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.logaddexp(0.0, -beta * margins)


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"right": (False, True), "ties": (False, True)},
    hint="You count how many comparisons come out right, or how many come out wrong. A loss has to change gradually, "
    "so that training can follow its slope.",
)
def share_of_the_margins(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, right, ties
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    leads = margins if right else -margins
    return np.mean(leads >= 0 if ties else leads > 0)


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You multiply the loss by beta. Beta belongs inside the sigmoid: multiply the margin by it.",
)
def beta_times_the_loss(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return beta * np.mean(np.logaddexp(0.0, -margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You don't use beta. Multiply the margin by it.",
)
def without_beta(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"part": ("policy", "reference", "chosen", "rejected")},
    hint="You multiply only part of the margin by beta. Multiply the whole margin by it, including the reference's "
    "part. Check the parentheses.",
)
def beta_times_a_part(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, part):
    parts = {
        "policy": policy_chosen_logps - policy_rejected_logps,
        "reference": ref_rejected_logps - ref_chosen_logps,
        "chosen": policy_chosen_logps - ref_chosen_logps,
        "rejected": ref_rejected_logps - policy_rejected_logps,
    }
    rest = {"policy": "reference", "reference": "policy", "chosen": "rejected", "rejected": "chosen"}
    margins = beta * parts[part] + parts[rest[part]]
    return np.mean(np.logaddexp(0.0, -margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You divide the margin by beta. Multiply by it instead.",
)
def divides_by_beta(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -margins / beta))


@misconception(
    of="dpo_loss",
    kind="edge",
    hint="You compute exp of the margin, or the sigmoid, directly. For a large margin in the wrong direction, exp "
    "overflows or the sigmoid becomes 0, and the loss is infinite. Use the function from part 1 that adds exponentials "
    "inside a logarithm.",
    taught=True,
)
def logarithm_of_the_sigmoid(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.mean(np.log(1.0 / (1.0 + np.exp(-beta * margins))))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You turn log-probabilities back into probabilities or their ratios, which can become 0 or infinite for long "
    "answers. Keep the logarithms.",
)
def ratios_of_probabilities(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    chosen = np.exp(policy_chosen_logps) / np.exp(ref_chosen_logps)
    rejected = np.exp(policy_rejected_logps) / np.exp(ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * (chosen - rejected)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="The minus sign is missing. The logarithm of a probability is never positive, but the loss should never be "
    "negative.",
)
def preferences_without_minus(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the sigmoids, with or without a minus sign, but don't take the logarithm.",
)
def preferences_without_logarithm(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, sign
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return sign * np.mean(np.exp(-np.logaddexp(0.0, -beta * margins)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"limit": (0.0, 1.0)},
    hint="Your loss is 0 once the margin is beyond a limit (a hinge loss). The loss you need, minus the logarithm of "
    "the sigmoid, has no such cutoff: a larger margin always makes the loss a little smaller.",
)
def hinge_of_the_margins(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, limit
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.maximum(0.0, limit - beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You average the margins first, so one comparison can cancel out another. Take the loss of each comparison, "
    "then average.",
)
def loss_of_the_mean_margin(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.logaddexp(0.0, -beta * np.mean(margins))


@misconception(
    of="dpo_loss",
    kind="convention",
    hint="You add up the losses but don't average them, so more comparisons give a larger loss.",
)
def sums_the_preferences(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.sum(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="convention",
    any_of={"base": (2, 10)},
    hint="Your logarithm has the wrong base (base 2 gives bits). The loss is in nats, so use the natural logarithm.",
)
def preferences_in_another_unit(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, base
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    bits = np.logaddexp(0.0, -beta * margins) / np.log(base)
    return np.mean(bits)


@misconception(
    of="dpo_loss",
    kind="convention",
    hint="You return the loss in an array with axes of length 1. Return a single number.",
)
def loss_of_the_preferences_in_an_array(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins), keepdims=True)


@misconception(
    of="dpo_loss",
    kind="edge",
    any_of={"epsilon": (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)},
    hint="You add a small number to the sigmoid, or clip it from below, to avoid taking the logarithm of 0. That caps "
    "the loss. Rearrange the formula as in part 1.",
)
def adds_a_little_to_the_preferences(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, epsilon
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.mean(np.log(1.0 / (1.0 + np.exp(-beta * margins)) + epsilon))


@misconception(
    of="dpo_loss",
    kind="edge",
    any_of={"limit": (10.0, 20.0, 30.0, 50.0, 100.0, 500.0, 700.0)},
    hint="Your loss never goes above a certain limit, maybe because you cap the margins to keep the exponential "
    "finite. If beta is 1 and the margin is 1000 in the wrong direction, the loss should be 1000 nats.",
)
def margins_cut_off(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, limit):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.log1p(np.exp(-np.clip(beta * margins, -limit, limit))))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="Your result is the probability of the other choice, 1 - sigmoid. The loss is minus the logarithm of the "
    "sigmoid.",
)
def one_minus_the_probability(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.exp(-np.logaddexp(0.0, beta * margins)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You average the probabilities first and take the logarithm of the mean. Take the logarithm of each "
    "probability, then average.",
)
def logarithm_of_the_mean_preference(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return -np.log(np.mean(np.exp(-np.logaddexp(0.0, -beta * margins))))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You add up how much the two answers have changed. Subtract the rejected answer's change from the chosen "
    "answer's.",
)
def rejected_answer_added(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) + (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"sign": (-1, 1)},
    hint="You average the margins themselves. That average has no minimum. Each loss should be minus the logarithm of "
    "the sigmoid.",
)
def plain_margins(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, sign):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return sign * beta * np.mean(margins)


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You give each answer its own sigmoid. Take the difference between the two changes first, then apply the "
    "sigmoid once.",
)
def each_answer_has_a_sigmoid(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    chosen = beta * (policy_chosen_logps - ref_chosen_logps)
    rejected = beta * (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -chosen) + np.logaddexp(0.0, rejected))


@misconception(
    of="dpo_loss",
    kind="conduct",
    hint="You change the log-probabilities you were given. Work on copies.",
)
def changes_the_callers_logps(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    policy_chosen_logps -= ref_chosen_logps
    policy_rejected_logps -= ref_rejected_logps
    return np.mean(np.logaddexp(0.0, -beta * (policy_chosen_logps - policy_rejected_logps)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"share": (0.1, 0.05, 0.01)},
    hint="You use label smoothing (conservative DPO), so each comparison partly counts in the opposite direction. This "
    "loss assumes that every comparison is right.",
)
def preferences_smoothed(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, share
):
    margins = beta * ((policy_chosen_logps - policy_rejected_logps) - (ref_chosen_logps - ref_rejected_logps))
    return float(np.mean((1 - share) * np.logaddexp(0.0, -margins) + share * np.logaddexp(0.0, margins)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"halved": (False, True)},
    hint="This is the IPO loss, the squared distance between the margin and a fixed value. The DPO loss is minus the "
    "logarithm of a sigmoid.",
)
def loss_of_ipo(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, halved):
    margins = (policy_chosen_logps - policy_rejected_logps) - (ref_chosen_logps - ref_rejected_logps)
    return float(np.mean((margins - (1 / (2 * beta) if halved else 1 / beta)) ** 2))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="The sign of the margin is lost, so it doesn't matter which answer was chosen.",
)
def sign_of_the_margin_lost(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * np.abs(margins)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You use the exponential of the margin as the loss. The loss is ln(1 + exp(-beta * margin)), which grows "
    "only as fast as the margin does.",
)
def exponential_of_the_margin(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.exp(-beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You leave out the policy's part and only use the reference's margin. Subtract the reference's margin from "
    "the policy's.",
)
def only_the_reference(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    return np.mean(np.logaddexp(0.0, -beta * (ref_chosen_logps - ref_rejected_logps)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You take the median of the losses. Take their mean.",
)
def median_of_the_preferences(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.median(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"which": ("largest", "first", "last")},
    hint="You return the loss of only one comparison, such as the largest or the first. Return the mean of all of "
    "them.",
)
def loss_of_one_preference(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, which
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    losses = np.logaddexp(0.0, -beta * margins)
    return losses.max() if which == "largest" else losses[0 if which == "first" else -1]


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"factor": (0.5, 2.0)},
    hint="Your loss is half as large as it should be, or twice as large. There's one loss for each comparison, with "
    "no extra factor.",
)
def half_of_the_preference_loss(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, factor
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return factor * np.mean(np.logaddexp(0.0, -beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You add beta to the margin. Multiply the margin by beta instead.",
)
def beta_added(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -(margins + beta)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You subtract beta from the margin. Multiply the margin by beta instead.",
)
def beta_subtracted(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -(margins - beta)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You square beta. Multiply the margin by beta just once.",
)
def beta_twice(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * beta * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"value": (0.1, 0.5)},
    hint="You use your own beta instead of the one you're given.",
)
def a_beta_of_its_own(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, value):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -value * margins))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You divide the log-probabilities instead of subtracting them. The logarithm of a ratio is a difference "
    "of logarithms.",
)
def quotients_of_logps(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    chosen, rejected = policy_chosen_logps / ref_chosen_logps, policy_rejected_logps / ref_rejected_logps
    return np.mean(np.logaddexp(0.0, -beta * (chosen - rejected)))


@misconception(
    of="dpo_loss",
    kind="misses_point",
    hint="You take the squared margin. The loss is minus the logarithm of the sigmoid.",
)
def squared_margins(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean((beta * margins) ** 2)


@misconception(
    of="dpo_loss",
    kind="misses_point",
    any_of={"digits": (0, 1, 2, 3)},
    hint="You round the loss. Return it unrounded.",
)
def rounded_preferences(
    policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta, *, digits
):
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.round(np.mean(np.logaddexp(0.0, -beta * margins)), digits)


# --- run_stages ---


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="You start every stage from the initial parameters, so only the last stage's training is left in the "
    "final model. Start each stage from what the previous one returned.",
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
    kind="misses_point",
    hint="You start the last stage from the pre-trained parameters, so what the model learned in fine-tuning is lost.",
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
    kind="misses_point",
    hint="You use the initial parameters as the reference, so the last stage is kept close to a model that has "
    "learned nothing. The reference should be the fine-tuned model.",
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
    kind="misses_point",
    hint="Your reference is the pre-trained model, so the last stage pulls the model back to where it was before "
    "fine-tuning. The reference should be the fine-tuned model.",
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
    kind="misses_point",
    hint="The reference that you return is the model after the last stage. Return the reference that you passed to "
    "that stage.",
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
    kind="conduct",
    hint="You don't check the order of the stages. Raise a ValueError if stages are missing or out of order.",
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
    kind="conduct",
    hint="You don't notice a missing stage or an extra one, maybe because zip stops at the end of the shorter "
    "list. Compare the whole lists of names.",
)
def names_compared_with_zip(params, stages):
    for (name, _), wanted in zip(stages, ("pretraining", "sft", "rlhf"), strict=False):
        if name != wanted:
            raise ValueError(f"{name} comes where {wanted} should")
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
    kind="conduct",
    hint="You accept stages that come in the wrong order: you sort them, or you only check that all three names are "
    "there. Raise a ValueError unless the names are exactly the three expected ones, in order.",
    taught=True,
)
def sorts_the_stages(params, stages):
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
    kind="conduct",
    hint="You look the stages up by name, so you don't notice when they come in a different order, or when there are "
    "too many. Compare their names with the three expected ones, in order, and raise a ValueError if they differ.",
    taught=True,
)
def looks_the_stages_up_by_name(params, stages):
    functions = dict(stages)
    checkpoints, current = {}, copy.deepcopy(params)
    for name in ("pretraining", "sft"):
        current = functions[name](current)
        checkpoints[name] = copy.deepcopy(current)
    final = functions["rlhf"](current, copy.deepcopy(checkpoints["sft"]))
    checkpoints["rlhf"] = copy.deepcopy(final)
    return {"final": final, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["sft"])}


@misconception(
    of="run_stages",
    kind="conduct",
    hint="You accept an extra stage after the third, maybe because you only check the first three. An extra "
    "stage is just as wrong as a missing one.",
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
    kind="misses_point",
    hint="The model you return as final is the fine-tuned one, without the last stage.",
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
    kind="edge",
    hint="Your checkpoints and parameters are the same arrays under two names, so a stage that trains in place "
    "changes the previous stage's checkpoint. See the warning in part 6.",
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
    kind="edge",
    hint="Your checkpoints, reference and parameters all hold the same arrays (copying a dict doesn't copy the arrays "
    "in it), so a stage that trains in place changes them all. See the warning in part 6.",
    taught=True,
)
def copies_only_the_dict(params, stages):
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
    kind="conduct",
    hint="A stage that trains in place changes the parameters you were given. Pass it copies of the arrays.",
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
    kind="misses_point",
    hint="You ignore what a stage returns, as if all stages trained in place. Continue with what it returns.",
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
    kind="misses_point",
    hint="You take each checkpoint before its stage runs. Take it afterward.",
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
    kind="conduct",
    hint="You run a stage twice, for example once for the checkpoint and once to continue. Training is far too "
    "expensive for that, and the result may be different the second time.",
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
    kind="edge",
    hint="The reference that you return was trained in the last stage, maybe because you pass it as the first "
    "argument. The parameters come first, then the reference, which has to be a copy.",
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
    kind="edge",
    hint="There's no checkpoint for the last stage. Each of the three stages needs one.",
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
    kind="convention",
    hint="You return the checkpoints as a list. Return a dict, so the caller can find each one by its stage's name.",
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
    kind="convention",
    hint="You return the three results as a tuple. Return a dict, so the caller can find each one by its name.",
)
def results_in_a_tuple(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        reference = copy.deepcopy(current)
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return current, checkpoints, reference


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="You call the last stage without a reference, so nothing keeps the model close to the fine-tuned one. The "
    "last stage's function takes both the parameters and the reference.",
)
def last_stage_without_reference(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": copy.deepcopy(checkpoints["sft"])}


@misconception(
    of="run_stages",
    kind="conduct",
    any_of={"asserts": (False, True)},
    hint="You don't raise a ValueError for stages that are missing or out of order. Returning None or raising a "
    "different error (as assert does) doesn't tell the caller what's wrong.",
    taught=True,
)
def wrong_stages_without_value_error(params, stages, *, asserts):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        assert not asserts
        return None
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        reference = copy.deepcopy(current)
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="conduct",
    hint="You check the names but not their order, so the same three names in a different order pass. Compare the "
    "names one by one.",
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
    kind="conduct",
    hint="You treat the third stage as the last one, no matter what it's called, and don't check any names. Raise a "
    "ValueError for stages that have different names or are out of order.",
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
    kind="edge",
    hint="Your checkpoints are just other names for the trained arrays, so a stage that trains in place changes them "
    "all. Your reference is a copy, and the checkpoints need to be copies too.",
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
    kind="misses_point",
    hint="You return only the final parameters. Return a dict with these parameters, the checkpoints and the "
    "reference.",
)
def final_parameters_only(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    current = copy.deepcopy(params)
    for name, train in stages:
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
    return current


@misconception(
    of="run_stages",
    kind="misses_point",
    any_of={"first": (0, 1)},
    hint="The keys of your checkpoints are numbers. Each key should be its stage's name.",
)
def checkpoints_by_number(params, stages, *, first):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for place, (name, train) in enumerate(stages):
        reference = copy.deepcopy(current)
        current = train(current, copy.deepcopy(current)) if name == "rlhf" else train(current)
        checkpoints[place + first] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="You pass a reference to every stage. Only the last stage takes one. The others take just the parameters.",
)
def a_reference_for_every_stage(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current = {}, copy.deepcopy(params)
    for name, train in stages:
        reference = copy.deepcopy(current)
        current = train(current, copy.deepcopy(current))
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="edge",
    hint="Your reference holds the same arrays as the model that the last stage trains. A stage that trains in place "
    "changes both, so the reference no longer holds the model back.",
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


@misconception(
    of="run_stages",
    kind="edge",
    hint="You pass the last stage the same arrays twice, as the model and as its reference. A stage that trains in "
    "place changes both, so the reference no longer holds the model back. Pass a copy.",
)
def same_arrays_twice_to_the_last_stage(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, current)
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="The model you return as final is the one you started with. Return the model after the last stage.",
)
def final_is_the_start(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": copy.deepcopy(params), "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="The model you return as final is the reference, or comes from a stage before the last one. Return the model "
    "after the last stage.",
)
def final_is_the_pretrained(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": checkpoints["pretraining"], "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="misses_point",
    any_of={"missing": ("reference", "final", "checkpoints")},
    hint="One of the three results is missing. Return a dict with final, checkpoints and reference.",
)
def a_result_missing(params, stages, *, missing):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    found = {"final": current, "checkpoints": checkpoints, "reference": reference}
    return {name: value for name, value in found.items() if name != missing}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="Your reference is None. Return the parameters that the last stage got as its reference.",
)
def reference_is_none(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    return {"final": current, "checkpoints": checkpoints, "reference": None}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="Your checkpoints also include the parameters from before training. There should be one checkpoint per stage, "
    "with the stage's name as its key.",
)
def checkpoint_of_the_start(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    checkpoints = {"start": copy.deepcopy(params), **checkpoints}
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="All your checkpoints hold the final model. Copy the parameters after each stage, before the next one starts.",
)
def checkpoints_are_all_final(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    checkpoints = {name: copy.deepcopy(current) for name in checkpoints}
    return {"final": current, "checkpoints": checkpoints, "reference": reference}


@misconception(
    of="run_stages",
    kind="misses_point",
    hint="You return the average of the checkpoints as the final model. Return the model after the last stage.",
)
def final_is_an_average(params, stages):
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError
    checkpoints, current, reference = {}, copy.deepcopy(params), None
    for name, train in stages:
        if name == "rlhf":
            reference = copy.deepcopy(current)
            current = train(current, copy.deepcopy(reference))
        else:
            current = train(current)
        checkpoints[name] = copy.deepcopy(current)
    final = {name: sum(each[name] for each in checkpoints.values()) / 3 for name in current}
    return {"final": final, "checkpoints": checkpoints, "reference": reference}
