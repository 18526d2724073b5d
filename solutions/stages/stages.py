# %% [markdown]
# # Lab 10: RLHF, DPO and the stages of training
#
# **About 110 minutes**, 15 of them for a stretch part. Builds on lab 2 (`log_softmax`, given to you here) and lab 9
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
# | 4 | `rlhf_policy_step` | how does it come to prefer good answers? | 30 |
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

from autograder import check, picture, play, progress, show, solved
from autograder.given import (
    build_sft_example,
    finetuning_pairs,
    log_softmax,
    model_logits,
    model_loss_and_gradients,
    model_params,
    model_texts,
    model_vocab,
    sft_loss,
)
from autograder.notebook.bars import stacked
from autograder.notebook.countries import CAPITALS, plain, question_about, wordy
from autograder.notebook.language_model import LanguageModel, batch_of, fitted_by_adam
from autograder.notebook.preferences import features, slopes, walk_of_rlhf, with_any_other
from autograder.notebook.printing import print_table

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# Two looks on the way, and the whole pipeline at the end, use the small language model of lab 9. `MODEL.ids` turns a
# text into ids, and `MODEL.continued` goes on with a text, always with the most likely token.

# %%
VOCAB = model_vocab()
TOKENS = list(VOCAB)
END = VOCAB["<end>"]
MODEL = LanguageModel(VOCAB, model_logits)
QUESTION = question_about("France")


def example_of(question, answer):
    """Inputs and labels of a question and an answer; the question is not learnt."""
    return build_sft_example(MODEL.ids(question), MODEL.ids(f" {answer}"), END)


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
    figure, axes = plt.subplots()
    axes.plot(differences, [reward_model_loss(np.array([each]), np.array([0.0])) for each in differences])
    axes.axhline(math.log(2.0), linestyle="--", color="grey", label="ln 2")
    axes.set(xlabel="reward of the chosen answer less that of the rejected one", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "The loss of one comparison against the difference of the rewards, from −6 to 6. The curve should "
        "fall like a straight line on the left, cross ln 2, the dashed line, at 0, and level off near 0 on "
        "the right.",
    )

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
# **Picking.** `log_softmax(logits)` is given to you; it works along the last axis. To pick one entry in each row of a
# (B, T, V) array `a`, numpy has `np.take_along_axis(a, indices[:, :, None], 2)`; it gives shape (B, T, 1). −100 is no
# place in a row, so put any valid id there first (`np.where`) and drop what came of it afterwards. Or take only the
# entries that count, as in lab 9, and see to it that each still knows its sequence.


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
    log_probs = log_softmax(logits)
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[:, :, None], 2)
    return np.sum(chosen[:, :, 0] * keep, axis=1)
    ### END SOLUTION


# %% [markdown]
# **Look.** The two tokens from above with a third position that is ignored, then 800 tokens with 1 in 50 each: you
# should see −2.079 and −3129.6. Then three answers to the question about France, by the model that was fine-tuned in
# lab 9. The right one should have a probability of about 0.9, and the wrong capital one of 0.002. The question back,
# which the model before fine-tuning would have given, has almost none.

# %%
halves = np.log(np.array([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]))
short = solved(sequence_log_prob, halves, np.array([[0, 1, -100]]))
if short is not None:
    print("three positions, two of which count:", short)
    print("800 tokens:", sequence_log_prob(np.zeros((1, 800, 50)), np.full((1, 800), 7)))
    answers = ["The capital of France is Paris.", "The capital of France is Rome.", "What is the capital of Spain?"]
    inputs, labels = batch_of([example_of(QUESTION, answer) for answer in answers])
    of_answers = sequence_log_prob(model_logits(model_params("finetuning"), inputs), labels)
    for answer, log_prob in zip(answers, of_answers, strict=True):
        print(f"{answer:32} {log_prob:8.3f} nats, a probability of {np.exp(log_prob):.2g}")

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
    log_p = log_softmax(policy_logits)
    log_q = log_softmax(ref_logits)
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
    figure, axes = plt.subplots()
    axes.plot(first, both_ways, label="KL(policy ‖ reference)")
    axes.plot(first, kl_divergence(np.zeros_like(scores), scores), "--", label="KL(reference ‖ policy)")
    axes.set(xlabel="probability of the first answer under the policy", ylabel="divergence (nats)")
    axes.legend()
    show(
        figure,
        "Both directions of the divergence against the probability that the policy gives the first answer. "
        "Both curves should touch 0 in the middle. KL(policy ‖ reference) stays below 0.693 at the ends; the "
        "dashed other direction shoots up there.",
    )

# %% [markdown]
# **Look.** Where has fine-tuning changed our model? At each token of a question and its answer the bar says how far its
# guess of the *next* token has drifted from that of the model before. You should see the highest bar at the question
# mark: there one model begins another question, and the other one an answer. Within the question and within the
# answer the two mostly agree; they speak the same language.

# %%
if np.shape(both_ways) == (121,):
    words = MODEL.ids("What is the capital of France? The capital of France is Paris.")
    drift = kl_divergence(*(model_logits(model_params(stage), words) for stage in ("finetuning", "pretraining")))
    figure, axes = plt.subplots()
    axes.bar(range(len(words)), drift)
    axes.set_xticks(range(len(words)), [TOKENS[each].strip() for each in words], rotation=60)
    axes.set(xlabel="token", ylabel="divergence (nats)")
    show(
        figure,
        "A bar for each token of a question and its answer: how far the guess of the next token has drifted. "
        "The highest bar should be at the question mark; most others are close to 0.",
    )

# %% [markdown]
# ## 4. One step towards better answers
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
play("beta")


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


# %% [markdown]
# **Look.** Three answers to one question: a plain one, a wordy one, and a question back, with the rewards 1, 0 and −2.
# The reference gives the wordy one most often. With each of 60 steps the plain answer should gain. On a long leash
# (β = 0.3) it ends close to certainty, on a short one (β = 2) not far from where it began. The dashed lines are the
# best policies by the formula above; the curves should come to rest on them.

# %%
KINDS = ["plain", "wordy", "question back"]
reference = np.log(np.array([0.3, 0.6, 0.1]))
if np.shape(solved(rlhf_policy_step, np.zeros(2), np.zeros(2), np.zeros(2), 1.0, 1.0)) == (2,):
    figure, both = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained", sharey=True)
    for axes, beta in zip(both, (0.3, 2.0), strict=True):
        rewards = np.array([1.0, 0.0, -2.0])
        probabilities = walk_of_rlhf(rlhf_policy_step, reference, rewards, beta, steps=60)
        best = np.exp(log_softmax(reference + rewards / beta))
        for kind, name in enumerate(KINDS):
            (line,) = axes.plot(probabilities[:, kind], label=name)
            axes.axhline(best[kind], linestyle="--", linewidth=1, color=line.get_color(), label=f"_best for {name}")
        axes.set(title=f"beta = {beta}", xlabel="step", ylabel="probability")
    both[0].legend()
    show(
        figure,
        "How often the policy gives each of three answers, over 60 steps; the dashed lines are the best "
        "policies. The plain answer should gain and the other two lose. With beta = 0.3 it ends close to 1, "
        "with beta = 2 not far from where it began.",
    )

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
picture("stages")


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

# %% [markdown]
# ## All together: three stages on a small model
#
# Now train the small language model from nothing, through all three stages, with your functions. It takes well under a
# minute.
#
# **The ratings.** Some people were shown two answers each and said which one they liked better. They like answers that
# keep to the point, and no questions back. One of them saw it differently, as it always is. The reward model is tiny:
# it knows of an answer only how many words and signs it has and how many question marks, and it has two weights. They
# are trained with your `reward_model_loss`, by the numerical gradients of lab 4. Both should come out negative: −2.0
# for ten more words, and −3.5 for a question mark.

# %%
RATINGS = [  # (chosen, rejected)
    (plain("Spain"), wordy("Spain")),
    (plain("Italy"), question_about("Spain")),
    (plain("Japan"), wordy("Japan")),
    (wordy("Norway"), f"{question_about('Spain')} {question_about('Italy')}"),
    (wordy("Greece"), plain("Greece")),
    (plain("Turkey"), wordy("Turkey")),
    (plain("Sweden"), wordy("Sweden")),
]


def reward_loss(weights):
    """Your loss of the reward model with these weights, on all ratings."""
    return reward_model_loss(*(features(answers) @ weights for answers in zip(*RATINGS, strict=True)))


reward_weights = np.zeros(2)
if solved(reward_model_loss, np.zeros(1), np.zeros(1)) is not None:
    for _ in range(200):
        reward_weights = reward_weights - slopes(reward_loss, reward_weights)
    print(f"reward of ten more words: {reward_weights[0]:.2f}, of a question mark: {reward_weights[1]:.2f}")

# %% [markdown]
# **The stages.** Each is a function of the parameters.
#
# 1. *Pre-training*: 800 steps on the 364 texts. Every next token counts.
# 2. *Fine-tuning*: 200 steps on questions and answers. Those who wrote the answers were of two minds: a capital's name
#    alone, or a word about the language with it. So the model learns both.
# 3. *RLHF*: for each question there are two answers to choose from, or anything else. The fine-tuned model says how
#    often it gives them (your `sequence_log_prob`), the reward model how good they are, and your `rlhf_policy_step`
#    where that should lead, on a leash of β = 0.5. Then the model learns to give each answer as often as it should. The
#    other questions are learnt along with it, as they were, lest they be forgotten.
#
# *More precisely:* a large model has too many answers for a list. It draws some, has them rated, and takes the step in
# its weights at once, along a slope that is estimated from what was drawn (*policy gradient*; the best-known form is
# called PPO). The terms of the sum are the same. And the steps here are taken by *Adam*, gradient descent with a
# learning rate of its own for each weight.


# %%
TEXTS = [(text[:-1], text[1:]) for text in model_texts()]
PAIRS = [build_sft_example(prompt, response, END) for prompt, response in finetuning_pairs()]
COUNTRIES = [country for country in CAPITALS if country != "France"]  # that one is for the end
CHOICES = [example_of(question_about(each), kind(each)) for each in COUNTRIES for kind in (plain, wordy)]
WORDY = CHOICES[1::2]
OTHER_PAIRS = [pair for pair in PAIRS if MODEL.ids("What is the capital") != list(pair[0][:4])]
ANYTHING_ELSE = -3.0  # the reward of all other answers
BETA = 0.5


def pretrain(params):
    return fitted_by_adam(params, TEXTS, model_loss_and_gradients, steps=800, lr=8e-3, seed=1)


def fine_tune(params):
    return fitted_by_adam(params, PAIRS + WORDY * 2, model_loss_and_gradients, steps=200, lr=5e-4)


def align(params, reference):
    """Stage 3: the answers as often as the best policy gives them, on a leash to the reference."""
    inputs, labels = batch_of(CHOICES)
    starts = with_any_other(sequence_log_prob(model_logits(reference, inputs), labels).reshape(-1, 2))
    both = [features([plain(each), wordy(each)]) @ reward_weights for each in COUNTRIES]
    rewards = [[*of_both, ANYTHING_ELSE] for of_both in both]
    walks = [walk_of_rlhf(rlhf_policy_step, *each, BETA, steps=200) for each in zip(starts, rewards, strict=True)]
    wanted = [walk[-1, :2] for walk in walks]
    weights = np.concatenate([*wanted, np.ones(len(OTHER_PAIRS))])
    examples = CHOICES + OTHER_PAIRS
    return fitted_by_adam(params, examples, model_loss_and_gradients, 40, 3e-4, weights / weights.sum())


# %% [markdown]
# **Run it.** Your `run_stages` trains the model and keeps a checkpoint after each stage.

# %%
unknown = {"w": np.zeros(1)}
parts = [
    solved(reward_model_loss, np.zeros(1), np.zeros(1)),
    solved(sequence_log_prob, np.zeros((1, 1, 2)), np.zeros((1, 1), dtype=int)),
    solved(kl_divergence, np.zeros(2), np.zeros(2)),
    solved(rlhf_policy_step, np.zeros(2), np.zeros(2), np.zeros(2), 1.0, 1.0),
    solved(run_stages, unknown, [(name, lambda params, *_: params) for name in ("pretraining", "sft", "rlhf")]),
]
run = None
if all(part is not None for part in parts):
    run = run_stages(model_params("untrained"), [("pretraining", pretrain), ("sft", fine_tune), ("rlhf", align)])
    print("trained:", ", ".join(run["checkpoints"]))

# %% [markdown]
# **What has each stage changed?** The question about France was not among those of stages 2 and 3. You should see
# nonsense before any training; then a question back, from a model that has read much and was never taught to answer;
# then the right answer, and more than was asked for; and then the right answer, plain.
#
# The table measures it. Pre-training brings down the loss on texts. Fine-tuning brings down the loss on answers, plain
# and wordy together, at the price of some of the former. RLHF raises the reward, to half of what was missing. It hardly
# changes the other numbers, since it does not learn to answer anew. The last column is how far a model lies from the
# fine-tuned one, in nats for each token of an answer: the leash is short.

# %%
if run is not None:
    checkpoints = {"untrained": model_params("untrained"), **run["checkpoints"]}
    for stage, params in checkpoints.items():
        print(f"{stage:12} {QUESTION} -> {MODEL.continued(params, QUESTION)}")
    inputs, labels = batch_of(CHOICES)
    counted = labels != -100
    text_inputs, text_labels = batch_of(TEXTS[:60])
    rows = []
    for stage, params in checkpoints.items():
        on_texts = sft_loss(model_logits(params, text_inputs), text_labels)
        logits = model_logits(params, inputs)
        reward = np.mean(
            features([MODEL.continued(params, question_about(each)) for each in COUNTRIES]) @ reward_weights
        )
        drift = np.mean(kl_divergence(logits, model_logits(run["reference"], inputs))[counted])
        rows.append((stage, on_texts, sft_loss(logits, labels), reward, drift))
    print()
    print_table(["stage", "loss on texts", "loss on answers", "reward of its answers", "drift from sft"], rows)

# %% [markdown]
# **Look.** How often does each model give the plain answer and the wordy one about France, and how often anything else?
# Fine-tuning makes both likely, the wordy one a little more. RLHF moves the weight to the plain one, though it was
# never told so about this country. The wordy one is not gone; that is the leash.

# %%
if run is not None:
    inputs, labels = batch_of([example_of(QUESTION, kind("France")) for kind in (plain, wordy)])
    by_stage = [sequence_log_prob(model_logits(params, inputs), labels) for params in run["checkpoints"].values()]
    heights = np.exp(by_stage).T
    figure, axes = plt.subplots()
    parts = {"plain": heights[0], "wordy": heights[1], "anything else": 1 - heights.sum(axis=0)}
    stacked(axes, list(run["checkpoints"]), parts, gray="anything else")
    axes.set(xlabel="after stage", ylabel="probability")
    show(
        figure,
        "One bar for each stage, split into how often the model gives the plain answer, the wordy one, and "
        "anything else. Pre-training gives neither. Fine-tuning makes both likely, the wordy one a little "
        "more. After RLHF the plain one should have most of the bar.",
    )

# %% [markdown]
# **With DPO (a stretch).** The same choice, plain over wordy, for the eleven countries, but without rewards: ten small
# steps down the slope of your `dpo_loss`, from the fine-tuned model on. You should see a loss of ln 2 = 0.693 fall to
# about 0.02, and the plain answer come out. Nothing but the comparison moves the model here, so do not overdo it: after
# thirty steps that are four times as long it does not answer at all.

# %%
one = np.zeros(1)
if run is not None and solved(dpo_loss, one, one, one, one, BETA) is not None:
    inputs, labels = batch_of(CHOICES[::2] + WORDY)
    preferring = run["checkpoints"]["sft"]
    reference = sequence_log_prob(model_logits(preferring, inputs), labels).reshape(2, -1)
    logps = reference
    for _ in range(10):
        down = -slopes(lambda both: dpo_loss(*both, *reference, BETA), logps)
        _, gradients = model_loss_and_gradients(preferring, inputs, labels, down.ravel())
        preferring = {name: param - 0.005 * gradients[name] for name, param in preferring.items()}
        logps = sequence_log_prob(model_logits(preferring, inputs), labels).reshape(2, -1)
    for when, each in (("before", reference), ("after", logps)):
        plain_share, wordy_share = np.exp(each).mean(axis=1)
        loss = dpo_loss(*each, *reference, BETA)
        print(f"{when:6}  loss {loss:.3f} nats, plain {plain_share:.2f}, wordy {wordy_share:.2f} of all answers")
    print(QUESTION, "->", MODEL.continued(preferring, QUESTION))

# %% [markdown]
# *More precisely:* what people like is not what is true. Nothing in stage 3 looks at whether the answer is right; a
# reward model that had been trained on flattered raters would prefer flattery. And ours knows of an answer only its
# length: on a long enough leash, the best answer would be none.
#
# ## What you have now
#
# - **Ratings become rewards** by one loss: the surprisal of what people chose.
# - **An answer's log-probability is a sum**, and its training begins there.
# - **The divergence has a direction**, and it is the leash that keeps a policy at its reference.
# - **RLHF pushes up what is better than average**, until reward and drift are in balance. DPO needs no rewards for it.
# - **Pre-training, fine-tuning, RLHF**: knowledge, answers, preferences, each from where the last one ended.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit stages` in a terminal, or *File >
# Download* where your course takes files.
