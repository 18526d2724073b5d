# %% [markdown]
# # Lab 10: RLHF, DPO and the stages of training
#
# **About 100 minutes**, 45 of them for two stretch parts. Builds on lab 2 (`log_softmax`, given to you here) and lab 9
# (what pre-training and fine-tuning are).
#
# After two stages a model knows things and gives answers. Nobody has told it yet which answers are *good*: polite or
# rude, careful or made up. For a person it is hard to write a perfect answer, and easy to say which of two is better.
# **Stage 3, reinforcement learning from human feedback** (*RLHF*), makes use of that: people rate answers, and the
# model learns to give such as were rated highly.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `reward_model_loss` | how do ratings become a score? | 15 |
# | 2 | `sequence_log_prob` | how likely is a whole answer? | 15 |
# | 3 | `kl_divergence` | how far has a model drifted from what it was? | 15 |
# | 4 | `rlhf_policy_step` | how does it come to prefer good answers? (a stretch) | 30 |
# | 5 | `dpo_loss` | can it be done without rewards? (a stretch) | 15 |
# | 6 | `run_stages` | how do the three stages follow each other? | 20 |
#
# Write your answer where a cell says so, run it, look at your result, and run the check below it. Checks tell you at
# once what is wrong; more of them run when you submit.

# %%
import copy
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, solved
from autograder.given import log_softmax

# %% [markdown]
# ## 1. From ratings to rewards
#
# **Why.** People compare: shown two answers to one question, they *choose* one and *reject* the other. Training needs a
# number for a single answer, its **reward**. A second model, the *reward model*, learns to give it, from nothing but
# comparisons: the chosen answer should get more than the rejected one.
#
# **Formula.** If two answers have the rewards $r_\text{chosen}$ and $r_\text{rejected}$, how likely is it that somebody
# chooses the first? The model of Bradley and Terry (it also rates chess players) says: the *sigmoid* of the difference,
#
# $$P(\text{chosen}) = \sigma(d) = \frac{1}{1 + e^{-d}}, \qquad d = r_\text{chosen} - r_\text{rejected}$$
#
# That is 1/2 for equal rewards, close to 1 if the first is far ahead, close to 0 if it is far behind. The loss of a
# comparison is its surprisal, as ever, and over N comparisons we take the mean:
#
# $$\text{loss} = -\frac{1}{N}\sum_{i=1}^{N} \ln \sigma(d_i)$$
#
# **By hand.** Three comparisons:
#
# | chosen | rejected | d | σ(d) | −ln σ(d) |
# |---|---|---|---|---|
# | 2 | 0 | 2 | 0.881 | 0.127 |
# | 1 | 1 | 0 | 0.500 | 0.693 |
# | 0 | 1 | −1 | 0.269 | 1.313 |
#
# The mean is **0.711 nats**. The last one costs most: there the reward model has it the wrong way round. Only
# differences count, so rewards have no zero; add 50 to all of them, and nothing changes.
#
# **Two traps.** For d = −1000 the sigmoid is 0 in a computer's numbers, and its logarithm minus infinity; the true loss
# is 1000 nats. Rearranged, $-\ln\sigma(d) = \ln(1 + e^{-d}) = \ln(e^0 + e^{-d})$, and numpy has a function that adds
# exponentials under a logarithm without overflow: `np.logaddexp(a, b)` is $\ln(e^a + e^b)$. And a column minus a row is
# a table without a word: refuse arrays of different shapes.


# %%
def reward_model_loss(r_chosen, r_rejected):
    """Mean loss of a reward model on N comparisons, -ln sigmoid(r_chosen - r_rejected).

    r_chosen: float array of shape (N,), the rewards of the answers that people chose.
    r_rejected: float array of shape (N,), the rewards of those that they turned down.
    Returns one number in nats. Finite also for differences of thousands. Changes neither array.
    Raises ValueError if the shapes differ.
    """
    ### BEGIN SOLUTION
    if r_chosen.shape != r_rejected.shape:
        raise ValueError(f"r_chosen has shape {r_chosen.shape}, r_rejected has shape {r_rejected.shape}")
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))
    ### END SOLUTION


# %%
check("reward_model_loss")

# %% [markdown]
# **Look.** The loss of one comparison, for differences from −6 to 6. On the left the curve should fall like a straight
# line, one nat for each unit of reward; it crosses the dashed line (ln 2, equal rewards) at 0, and comes to rest
# on the right: once the order is right, there is little left to gain.

# %%
differences = np.linspace(-6.0, 6.0, 121)

if solved(reward_model_loss, np.array([1.0]), np.array([0.0])) is not None:
    plt.plot(differences, [reward_model_loss(np.array([each]), np.array([0.0])) for each in differences])
    plt.axhline(math.log(2.0), linestyle="--", color="grey", label="ln 2")
    plt.xlabel("reward of the chosen answer less that of the rejected one")
    plt.ylabel("loss (nats)")
    plt.legend()
    plt.show()

# %% [markdown]
# ## 2. How likely is a whole answer?
#
# **Why.** To make a model give some answers more often and others less often, we have to say how often it gives them
# now. An answer is many tokens. The model writes it if it draws the first, *and then* the second, and so on, so the
# probabilities multiply.
#
# **Formula.** Multiplying hundreds of small numbers ends at 0 in a computer. Logarithms turn the product into a sum:
#
# $$\ln P(\text{answer}) = \sum_{t\,\in\,S} \ln P_t(\text{label}_t)$$
#
# S are the positions of the answer, that is those whose label is not `ignore_index`; prompt and padding are left out,
# as in lab 9.
#
# **By hand.** An answer of two tokens with the probabilities 1/2 and 1/4 has the probability 1/8, and so the
# log-probability ln(1/8) = **−2.079 nats**. The sum, not the mean: an answer of 800 tokens, each with a chance of 1 in
# 50, has −800 · ln 50 = −3129.6 nats. As a probability that is $10^{-1359}$, which is 0 in any computer's numbers.
#
# *More precisely.* Some programs divide by the number of tokens, so that long answers do not look worse for their
# length. Both exist; it matters to know which one you have. Here, and in DPO (part 5), it is the sum, for the sum is
# what the probability of the answer is.
#
# **Picking.** `log_softmax(logits, axis=-1)` is given to you. To pick one entry in each row of a (B, T, V) array, numpy
# has `np.take_along_axis(a, indices[:, :, None], axis=-1)`; it gives shape (B, T, 1). −100 is no place in a row, so put
# any valid id there first (`np.where`) and drop what came of it afterwards. Or take only the entries that count, as in
# lab 9, and see to it that each still knows its sequence.


# %%
def sequence_log_prob(logits, labels, ignore_index=-100):
    """Log-probability of each sequence: the sum over its labels that count.

    logits: float array of shape (B, T, V): B sequences of T positions, over V tokens.
    labels: int array of shape (B, T), the id at each position, already shifted; ignore_index
        where a position does not count.
    ignore_index: integer that is no label.
    Returns a float array of shape (B,), in nats, each 0 or below: for each sequence the sum of
    ln P(label) over the labels that are not ignore_index. Changes neither array. Raises nothing
    of its own.
    """
    ### BEGIN SOLUTION
    keep = labels != ignore_index
    log_probs = log_softmax(logits, axis=-1)
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[:, :, None], axis=-1)[:, :, 0]
    return np.sum(chosen * keep, axis=1)
    ### END SOLUTION


# %% [markdown]
# **Look.** The two tokens from above and a third position that is ignored; then 800 tokens with 1 in 50 each. You
# should see −2.079 and −3129.6.

# %%
halves = np.log(np.array([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]))
short = solved(sequence_log_prob, halves, np.array([[0, 1, -100]]))
if short is not None:
    print("three positions, two of which count:", short)
    print("800 tokens:", sequence_log_prob(np.zeros((1, 800, 50)), np.full((1, 800), 7)))

# %%
check("sequence_log_prob")

# %% [markdown]
# ## 3. How far has it drifted?
#
# **Why.** A reward model is only a model: push the language model hard enough towards a high reward, and it will find
# nonsense that scores well. So in stage 3 it is held on a leash. We keep a copy of it as it was, the **reference**, and
# make drifting away cost something. The model that is being trained is called the **policy**. For the cost we need a
# number that says how different two distributions are.
#
# **Formula.** With $p$ the softmax of the policy's logits and $q$ that of the reference's, the *Kullback-Leibler
# divergence* is
#
# $$\text{KL}(p \,\|\, q) = \sum_i p_i\,(\ln p_i - \ln q_i)$$
#
# It is the average of $\ln p - \ln q$ over what the *policy* would draw: how surprised the reference would be by the
# policy's tokens, beyond the surprise that is due. It is 0 where the two are the same, and above 0 everywhere else.
#
# **By hand.** p = (0.9, 0.1) and q = (0.5, 0.5): 0.9 · ln 1.8 + 0.1 · ln 0.2 = 0.529 − 0.161 = **0.368 nats**. The
# other way round it is 0.5 · ln(5/9) + 0.5 · ln 5 = 0.511 nats. So it is no distance, and the direction matters: in
# RLHF the policy comes first, since it is the one that talks.
#
# **A trap.** A token that the policy never draws has $p = 0$ and $\ln p = -\infty$ on a computer, and 0 · ∞ is NaN.
# Take both logarithms with `log_softmax`, where nothing becomes infinite, and the product is 0, as it should be.


# %%
def kl_divergence(policy_logits, ref_logits):
    """KL(policy || reference) along the last axis.

    policy_logits: float array of shape (..., V), for instance (B, T, V); finite.
    ref_logits: float array of the same shape; finite.
    Returns an array of shape (...), in nats, each 0 or more: one divergence for each position;
    of two arrays (V,) one number. Changes neither array. Raises nothing of its own.
    """
    ### BEGIN SOLUTION
    log_p = log_softmax(policy_logits, axis=-1)
    log_q = log_softmax(ref_logits, axis=-1)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1)
    ### END SOLUTION


# %%
check("kl_divergence")

# %% [markdown]
# **Look.** A policy with two answers, from almost never the first to almost always, beside a reference that gives both
# the same chance. Both curves should touch 0 in the middle. The one that you wrote stays below ln 2 = 0.693 to the
# ends, where the policy gives one answer only; the other direction grows without limit.

# %%
scores = np.linspace(-6.0, 6.0, 121)[:, None] * np.array([1.0, 0.0])
both_ways = solved(kl_divergence, scores, np.zeros_like(scores))

if np.shape(both_ways) == (121,):
    first = np.exp(log_softmax(scores, axis=-1))[:, 0]
    plt.plot(first, both_ways, label="KL(policy ‖ reference)")
    plt.plot(first, kl_divergence(np.zeros_like(scores), scores), "--", label="KL(reference ‖ policy)")
    plt.xlabel("probability of the first answer under the policy")
    plt.ylabel("divergence (nats)")
    plt.legend()
    plt.show()

# %% [markdown]
# ## 4. One step towards better answers (a stretch)
#
# **Why.** Now the parts come together. Take one prompt with K possible answers. The policy gives answer i with the
# probability $\pi_i$, the softmax of its logits $\theta$. The answers have rewards $r_i$, and the reference gives them
# with the probabilities $\pi^\text{ref}_i$. What we want is a high reward on average, and not too much drift:
#
# $$J(\theta) = \sum_i \pi_i\, r_i \;-\; \beta\,\text{KL}(\pi \,\|\, \pi^\text{ref})$$
#
# The number $\beta$ is the leash: with a large one the policy stays where it was, with a small one it runs after the
# reward. $J$ should go *up*, so this is gradient **ascent**: the step goes along the slope, not against it.
#
# **The slope.** Write $a_i = r_i - \beta\,(\ln\pi_i - \ln\pi^\text{ref}_i)$ for the reward of an answer less what its
# drift costs. Then $J = \sum_i \pi_i a_i$, and its slope in the logits is
#
# $$\frac{\partial J}{\partial\theta_k} = \pi_k\,\Big(a_k - \sum_i \pi_i\, a_i\Big)$$
#
# In words: an answer that is better than the policy's average is pushed up, one that is worse is pushed down, and each
# in proportion to how often it is given. (That $a$ itself contains $\pi$ adds nothing: its share is
# $-\beta\sum_i \partial\pi_i$, and probabilities always add up to 1. The sum that is subtracted is called the
# *baseline*.)
#
# **By hand.** Two answers, policy and reference the same, (1/2, 1/2), rewards (1, 0), lr = 1. Nothing has drifted, so
# a = (1, 0) whatever β is. The average is 1/2, and the slopes are 1/2 · (1 − 1/2) = **0.25** and 1/2 · (0 − 1/2) =
# **−0.25**. The logits (0, 0) become (0.25, −0.25), and the first answer now has a probability of 0.622.
#
# **Where it ends.** The slope is 0 where all $a_i$ are the same. That is at $\pi^*_i \propto
# \pi^\text{ref}_i\, e^{r_i/\beta}$: the reference, with each answer multiplied by how good it is.


# %%
def rlhf_policy_step(policy_logits, ref_logits, rewards, beta, lr):
    """One step of gradient ascent on J = sum_i pi_i r_i - beta KL(pi || pi_ref).

    policy_logits: float array of shape (K,), one logit for each of K answers to a prompt. It may
        be changed in place.
    ref_logits: float array of shape (K,), those of the reference. It is left as it is.
    rewards: float array of shape (K,). It is left as it is.
    beta: number, 0 or more, in units of reward per nat.
    lr: number, the learning rate.
    Returns the new policy logits, a float array of shape (K,): policy_logits plus lr times the
    exact gradient of J in them; or None, if policy_logits itself holds them. Raises nothing of
    its own.
    """
    ### BEGIN SOLUTION
    # kl_divergence gives the drift as one number; what is needed here is the drift of each answer
    log_policy = log_softmax(policy_logits)
    policy = np.exp(log_policy)
    advantages = rewards - beta * (log_policy - log_softmax(ref_logits))
    return policy_logits + lr * policy * (advantages - np.sum(policy * advantages))
    ### END SOLUTION


# %%
check("rlhf_policy_step")

# %% [markdown]
# ## 5. Without a reward model: DPO (a stretch)
#
# **Why.** RLHF needs a reward model and many drawn answers. *Direct preference optimization* (DPO) needs neither. Turn
# the last formula of part 4 around, and the reward of an answer is, up to a constant, $\beta\,(\ln\pi - \ln
# \pi^\text{ref})$: how much more likely the policy has made it than it was. The policy *is* a reward model then. So
# put that into the loss of part 1, and train the policy on the comparisons themselves.
#
# **Formula.** With the log-probabilities of whole answers from part 2,
#
# $$\text{loss} = -\frac{1}{N}\sum \ln\sigma\Big(\beta\big[(\ln\pi_\text{chosen} - \ln\pi^\text{ref}_\text{chosen}) -
# (\ln\pi_\text{rejected} - \ln\pi^\text{ref}_\text{rejected})\big]\Big)$$
#
# **By hand.** The policy gives a chosen answer −4 nats and a rejected one −6; the reference gives both −5. So the
# policy has raised one by 1 and lowered the other by 1, and the margin is 1 − (−1) = 2. With β = 0.5 the loss is
# −ln σ(1) = **0.313 nats**. A policy that still is the reference has a margin of 0, and ln 2 = 0.693, whatever the
# answers are.


# %%
def dpo_loss(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    """Mean DPO loss of N comparisons.

    policy_chosen_logps, policy_rejected_logps: float arrays of shape (N,), the log-probabilities
        in nats that the policy gives to the chosen and the rejected answers (sums over tokens).
    ref_chosen_logps, ref_rejected_logps: the same of the reference, shape (N,).
    beta: number above 0: how much a nat of drift counts.
    Returns one number in nats. Finite also for margins of thousands. Changes no array. Raises
    nothing of its own.
    """
    ### BEGIN SOLUTION
    margins = (policy_chosen_logps - ref_chosen_logps) - (policy_rejected_logps - ref_rejected_logps)
    return np.mean(np.logaddexp(0.0, -beta * margins))
    ### END SOLUTION


# %%
check("dpo_loss")

# %% [markdown]
# ## 6. The three stages, one after the other
#
# **Why.** Each stage begins where the one before it ended: fine-tuning needs a model that knows language, and rating
# answers makes sense once there are answers. In another order it does not work, so a pipeline makes sure of it. It also
# keeps a *checkpoint* after each stage, to compare them, to go back to one, and to have the reference of stage 3.
#
# **What goes where.** The first two stages are functions of the parameters and give back the trained ones. The third
# gets the fine-tuned parameters twice: once to train, once as the reference, which stays as it is.
#
# **By hand.** Let the parameters be a single weight of 0, and let the stages just add something to it, so that one can
# read off where each began:
#
# | stage | adds | starts from | reference | gives |
# |---|---|---|---|---|
# | pretraining | 1 | 0 | | 1 |
# | sft | 10 | 1 | | 11 |
# | rlhf | 100 | 11 | 11 | 111 |
#
# So `final` is 111, the checkpoints are 1, 11 and 111, and the reference is 11.
#
# **A trap.** A stage may train in place: it changes the very arrays that it is handed, and gives them back. If the
# checkpoint is only another name for these arrays, the next stage changes it too, and in the end all checkpoints are
# the last one. `dict(params)` makes a new dict with the *same* arrays in it, so that is not enough: copy the arrays.
# The parameters that you are given belong to the caller, and stay as they are.


# %%
def run_stages(params, stages):
    """Train a model in three stages, each from the result of the one before.

    params: dict from names to float arrays, the parameters to start from. It is left as it is.
    stages: list of three pairs (name, function): "pretraining", "sft", "rlhf", in this order.
        The first two functions take (params), the third takes (params, reference). Each gives
        the trained parameters, a dict like params, and may change the arrays of the params that
        it is handed; it leaves the reference as it is.
    Returns a dict with three keys. "final": the parameters after the last stage. "checkpoints":
    a dict with the parameters after each stage, under the stage's name. "reference": the
    parameters that "rlhf" was handed as its reference, those after "sft". Later stages change
    none of them.
    Raises ValueError if the names are not these three in this order.
    """
    ### BEGIN SOLUTION
    if [name for name, _ in stages] != ["pretraining", "sft", "rlhf"]:
        raise ValueError("the stages are pretraining, sft and rlhf, in this order")
    checkpoints = {}
    for name, train in stages:
        reference = copy.deepcopy(params)
        params = train(copy.deepcopy(params), reference) if name == "rlhf" else train(copy.deepcopy(params))
        checkpoints[name] = copy.deepcopy(params)
    return {"final": params, "checkpoints": checkpoints, "reference": reference}
    ### END SOLUTION


# %%
check("run_stages")
