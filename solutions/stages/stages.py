# %% [markdown]
# # Lab 10: RLHF, DPO and the stages of training
#
# **About 150 minutes**, 48 of them for two stretch parts. You can split it into two sittings of about 75 minutes: stop
# in the middle of part 4, at *One step at a time*, where you start to write code. Builds on lab 2 (`log_softmax`, given
# to you here), labs 4 and 5 (gradients, and taking steps along them) and lab 9 (what pre-training and fine-tuning are).
# New terms are in *italics*; the [glossary](../glossary/glossary.ipynb) explains them all.
#
# After two stages, a model knows things and gives answers. But nobody has told it yet which answers are *good*: the
# polite ones rather than the rude ones, the careful ones rather than the made-up ones. It's hard for a person to write
# a perfect answer, but easy to say which of two answers is better. **Stage 3**, *reinforcement learning from human
# feedback* (RLHF), builds on that: people compare answers, and the model learns to give the kind they prefer.
#
# What's RLHF for? The goal is called *alignment*: a model that does what people actually want. Usually that means three
# things. The model should be *helpful* (answer the question and stick to the point), *honest* (say what it knows and
# admit what it doesn't), and *harmless* (not help anyone do damage, and not be cruel). RLHF can only teach what the
# raters reward, so how well it works depends on them. You'll see its strengths and its limits in this lab.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `reward_model_loss` | how do ratings become a score? | 20 |
# | 2 | `sequence_log_prob` | how likely is a whole answer? | 23 |
# | 3 | `kl_divergence` | how far has a model drifted from where it started? | 18 |
# | 4 | `rlhf_policy_step` | how does the model come to prefer good answers? (stretch exercise) | 36 |
# | 5 | `dpo_loss` | can you do it without rewards? (stretch exercise) | 12 |
# | 6 | `run_stages` | how do the three stages fit together? | 41 |
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import copy
import math

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, compare, keep, picture, play, progress, show, solved
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
from autograder.notebook.tables import show_table

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# Some of the plots and the whole pipeline at the end use the small language model from lab 9. `MODEL.ids` turns text
# into ids, and `MODEL.continued` continues some text, always choosing the most likely token.

# %%
VOCAB = model_vocab()
TOKENS = list(VOCAB)
END = VOCAB["<end>"]
MODEL = LanguageModel(VOCAB, model_logits)
QUESTION = question_about("France")


def example_of(question, answer):
    """Return the inputs and labels for a question and its answer; the question's labels are ignored."""
    return build_sft_example(MODEL.ids(question), MODEL.ids(f" {answer}"), END)


# %% [markdown]
# ## 1. From ratings to rewards
#
# **Why.** People compare: given two answers to a question, they *choose* one and *reject* the other. But training
# needs a number for each answer, its *reward*. A second model, the *reward model*, learns to produce rewards from
# nothing but comparisons: the chosen answer should get a higher reward than the rejected one.
#
# **Formula.** If two answers have rewards $r_\text{chosen}$ and $r_\text{rejected}$, how likely is a person to choose
# the first? The *Bradley-Terry model* (chess ratings use the same idea) says this probability is the *sigmoid* of the
# difference:
#
# $$P(\text{chosen}) = \sigma(d) = \frac{1}{1 + e^{-d}}, \qquad d = r_\text{chosen} - r_\text{rejected}$$
#
# That's 1/2 for equal rewards, close to 1 if the first is far ahead, and close to 0 if it's far behind. As always,
# the loss of a comparison is its surprisal, and for N comparisons you take the mean:
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
# The mean is **0.711 nats**. The last one has the highest loss, because the reward model has the order backward
# there. Only differences matter, so rewards have no fixed zero: add 50 to all of them, and nothing changes.
#
# **Watch out.** For d = −1000 the sigmoid underflows to 0, and its logarithm is minus infinity. But the true loss is
# 1000 nats. Rearranged, $-\ln\sigma(d) = \ln(1 + e^{-d}) = \ln(e^0 + e^{-d})$, which is a *log-sum-exp* of two terms.
# Numpy has a function for it that doesn't overflow: `np.logaddexp(a, b)` is $\ln(e^a + e^b)$. Also, a column minus a
# row broadcasts to a 2-D array without a warning, so raise an error if the shapes differ.


# %%
def reward_model_loss(r_chosen, r_rejected):
    """Return a reward model's mean loss on N comparisons, -ln sigmoid(r_chosen - r_rejected).

    r_chosen: float array of shape (N,), the rewards of the answers people chose.
    r_rejected: float array of shape (N,), the rewards of those they rejected.
    Returns one number in nats, finite even for differences of thousands. Neither array
    is modified.
    Raises ValueError if the shapes differ.
    """
    ### BEGIN SOLUTION
    if r_chosen.shape != r_rejected.shape:
        raise ValueError(f"r_chosen has shape {r_chosen.shape}, r_rejected has shape {r_rejected.shape}")
    return np.mean(np.logaddexp(0.0, r_rejected - r_chosen))
    ### END SOLUTION


# %% [markdown]
# **See it.** The loss of one comparison, for differences from −6 to 6. On the left, the curve should fall in almost a
# straight line, one nat per unit of reward. It crosses the dashed line (ln 2, equal rewards) at 0 and levels off on the
# right: once the order is right, there's little left to gain.

# %%
differences = np.linspace(-6.0, 6.0, 121)

if solved(reward_model_loss, np.array([1.0]), np.array([0.0])) is not None:
    figure, axes = plt.subplots()
    axes.plot(differences, [reward_model_loss(np.array([each]), np.array([0.0])) for each in differences])
    axes.axhline(math.log(2.0), linestyle="--", color="grey", label="ln 2")
    axes.set(xlabel="reward of the chosen answer minus that of the rejected one", ylabel="loss (nats)")
    axes.legend()
    show(
        figure,
        "The loss of one comparison, plotted against the difference between the rewards, from −6 to 6. The curve "
        "should fall in almost a straight line on the left, cross the dashed line (ln 2) at 0, and level off near 0 "
        "on the right.",
    )

# %%
check("reward_model_loss")

# %% [markdown]
# ## 2. How likely is a whole answer?
#
# **Why.** To make a model give some answers more often and others less often, you first need to know how often it
# gives them now. An answer has many tokens. The model writes the whole answer if it draws the first token, *and then*
# the second, and so on, so the probabilities multiply.
#
# **Formula.** Multiply hundreds of small numbers and you get 0. Logarithms turn the product into a sum:
#
# $$\ln P(\text{answer}) = \sum_{t\,\in\,S} \ln P_t(\text{label}_t)$$
#
# S is the set of the answer's positions, the ones whose label isn't `ignore_index`. The prompt and padding are left
# out, as in lab 9.
#
# **By hand.** An answer of two tokens with probabilities 1/2 and 1/4 has probability 1/8, so its log-probability is
# ln(1/8) = **−2.079 nats**. Note that this is the sum, not the mean. An answer of 800 tokens, each with a probability
# of 1/50, has a log-probability of −800 · ln 50 = −3129.6 nats. As a probability, that's $10^{-1359}$, far too small
# for a float.
#
# **Watch out: one entry per row.** `log_softmax(logits)` is given to you and works along the last axis. To pick one
# entry in each row of a (B, T, V) array `a`, use `np.take_along_axis(a, indices[:, :, None], 2)`. It has shape (B, T,
# 1), and `[:, :, 0]` drops the last axis. −100 isn't a valid index, so replace it with any valid id first (`np.where`),
# and make sure that the entries you picked there don't count in the sum. (If you remove them with a boolean array, as
# in lab 9, you get one long array and can't tell which sequence an entry belongs to.)
#
# **More precisely.** Some programs divide the sum by the number of tokens, so that long answers aren't at a
# disadvantage. Both versions are in use, and you need to know which one you're looking at. Here and in DPO (part 5)
# it's the sum, because the sum is the log-probability of the answer.


# %%
def sequence_log_prob(logits, labels, ignore_index=-100):
    """Return each sequence's log-probability: the sum over the labels that aren't ignored.

    logits: float array of shape (B, T, V): B sequences of T positions, over V tokens.
    labels: int array of shape (B, T), the id at each position, already shifted;
        ignore_index where a position doesn't count.
    ignore_index: integer that isn't a valid id.
    Returns a float array of shape (B,), in nats, each 0 or below: for each sequence,
    the sum of ln P(label) over the labels that aren't ignore_index. Neither array is
    modified.
    """
    ### BEGIN SOLUTION
    keep = labels != ignore_index
    log_probs = log_softmax(logits)
    chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[:, :, None], 2)
    return np.sum(chosen[:, :, 0] * keep, axis=1)
    ### END SOLUTION


# %% [markdown]
# **See it.** First come the two tokens from above with a third position that's ignored, then 800 tokens with a
# probability of 1/50 each. You should see −2.079 and −3129.6. Then come three answers to the question about France,
# scored by the model that was fine-tuned in lab 9. The right answer should have a probability of about 0.9, and the
# one with the wrong capital 0.002. The question that the model would have replied with before fine-tuning has a
# probability of almost 0.

# %%
halves = np.log(np.array([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]]))
short = solved(sequence_log_prob, halves, np.array([[0, 1, -100]]))
if short is not None:
    print("two tokens and an ignored position:", short)
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
# **Why.** A reward model is only a model. Push the language model hard enough toward high rewards, and it will find
# nonsense that scores well. That's called *reward hacking*, and you'll see it happen at the end of this lab. So in
# stage 3 you keep a copy of the model as it was, the *reference model*, and make it costly to drift away from that
# copy. The model being trained is called the *policy*. To compute the cost, we need a number that says how different
# two distributions are.
#
# **Formula.** Let $p$ be the softmax of the policy's logits and $q$ the softmax of the reference's. The
# *Kullback-Leibler divergence* (KL divergence) is
#
# $$\text{KL}(p \,\|\, q) = \sum_i p_i\,(\ln p_i - \ln q_i)$$
#
# It's the average of $\ln p - \ln q$ over what the *policy* would draw: how much more the policy's tokens surprise
# the reference than they surprise the policy itself. It's 0 if the two are equal, and positive otherwise.
#
# **By hand.** p = (0.9, 0.1) and q = (0.5, 0.5): 0.9 · ln 1.8 + 0.1 · ln 0.2 = 0.529 − 0.161 = **0.368 nats**. The
# other way around, it's 0.5 · ln(5/9) + 0.5 · ln 5 = 0.511 nats. So it isn't a distance, and the direction matters.
# In RLHF the policy comes first, since it's the one that generates the answers.
#
# **Watch out.** A token that the policy never draws has $p = 0$ and $\ln p = -\infty$ in floating point, and 0 · ∞ is
# NaN. Compute both logarithms with `log_softmax`. Then nothing becomes infinite, and the product is 0, as it should
# be.


# %%
def kl_divergence(policy_logits, ref_logits):
    """Return KL(policy || reference) along the last axis.

    policy_logits: float array of shape (..., V), such as (B, T, V); finite.
    ref_logits: float array of the same shape; finite.
    Returns an array of shape (...), in nats, each 0 or more: one divergence per
    position, or a single number for two arrays of shape (V,). It's the exact sum over
    all tokens, without a small number added to any probability, even if some are
    practically 0. Neither array is modified.
    """
    ### BEGIN SOLUTION
    log_p = log_softmax(policy_logits)
    log_q = log_softmax(ref_logits)
    return np.sum(np.exp(log_p) * (log_p - log_q), axis=-1)
    ### END SOLUTION


# %% [markdown]
# **See it.** A policy chooses between two answers. From left to right, its probability of giving the first one rises
# from almost 0 to almost 1. It's compared with a reference that gives both the same probability. Both curves should
# touch 0 in the middle. The direction your function computes stays below ln 2 = 0.693, even at the ends, where the
# policy almost always gives the same answer. The other direction grows without limit.

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
        "The divergence in both directions, plotted against the probability of the first answer under the policy. "
        "Both curves should touch 0 in the middle. KL(policy ‖ reference) stays below 0.693 at the ends; the other "
        "direction, dashed, shoots up there.",
    )

# %% [markdown]
# **See it.** Where did fine-tuning change our model? For each token of a question and its answer, the bar shows how
# far the model's guess of the *next* token has drifted since pre-training. You should see the tallest bar at the
# question mark: there, the pre-trained model starts another question and the fine-tuned one starts an answer. Three
# other bars are tall, too. Fine-tuning doesn't train the model on the question's tokens, so after *France* in the
# question, it no longer expects a question mark. And the pre-trained model expects *people* after *The* in the
# answer, and a question mark after *Paris*. Everywhere else the two models mostly agree, because they speak the same
# language.

# %%
if np.shape(solved(kl_divergence, scores, np.zeros_like(scores))) == (121,):
    words = MODEL.ids("What is the capital of France? The capital of France is Paris.")
    drift = kl_divergence(*(model_logits(model_params(stage), words) for stage in ("finetuning", "pretraining")))
    figure, axes = plt.subplots()
    axes.bar(range(len(words)), drift)
    axes.set_xticks(range(len(words)), [TOKENS[each].strip() for each in words], rotation=60)
    axes.set(xlabel="token", ylabel="divergence (nats)")
    show(
        figure,
        "One bar per token of a question and its answer, showing how far the guess of the next token has drifted. The "
        "tallest bar should be at the question mark. The bars at France in the question and at The and Paris in the "
        "answer should be tall, too. The other ten should be much shorter.",
    )

# %%
check("kl_divergence")

# %% [markdown]
# ## 4. One step toward better answers (stretch exercise)
#
# *This part counts toward mastery of the concept. You don't need it to pass. But the model at the end of the lab can
# only be trained with it.*
#
# **Why.** Now the parts come together. Take one prompt with K possible answers. The policy gives answer i with
# probability $\pi_i$, the softmax of its logits $\theta$. The answers have rewards $r_i$, and the reference gives
# them with probabilities $\pi^\text{ref}_i$. We want a high average reward without too much drift.
#
# **Formula.** So we maximize
#
# $$J(\theta) = \sum_i \pi_i\, r_i \;-\; \beta\,\text{KL}(\pi \,\|\, \pi^\text{ref})$$
#
# The number $\beta$, a *hyperparameter*, sets how strong this *KL penalty* is. If it's large, the policy stays close to
# where it was; if it's small, the policy chases the reward. $J$ should go *up*, so this is gradient **ascent**: you
# step along the slope, not against it.
#
# Write $a_i = r_i - \beta\,(\ln\pi_i - \ln\pi^\text{ref}_i)$ for an answer's reward minus the penalty for its drift.
# Then $J = \sum_i \pi_i a_i$. The partial derivatives of softmax are $\partial\pi_i/\partial\theta_k =
# \pi_i\,(\delta_{ik} - \pi_k)$, where $\delta_{ik}$ is 1 if $i = k$ and 0 otherwise. Multiply them by $a_i$ and sum
# over $i$, and you get the slope of $J$ with respect to the logits:
#
# $$\frac{\partial J}{\partial\theta_k} = \pi_k\,\Big(a_k - \sum_i \pi_i\, a_i\Big)$$
#
# In words: an answer that's better than the policy's average gets pushed up, and one that's worse gets pushed down,
# each in proportion to how often it's given. The average that's subtracted is called the *baseline*. ($a$ itself
# contains $\pi$, but that adds nothing to the slope: its contribution is $-\beta\sum_i \partial\pi_i$, and
# probabilities always sum to 1.)
#
# **By hand.** Two answers, policy and reference both (1/2, 1/2), rewards (1, 0), lr = 1. Nothing has drifted, so a =
# (1, 0) for any β. The average is 1/2, and the slopes are 1/2 · (1 − 1/2) = **0.25** and 1/2 · (0 − 1/2) = **−0.25**.
# The logits (0, 0) become (0.25, −0.25), and the first answer now has a probability of 0.622.
#
# Now suppose the policy has already drifted to (3/4, 1/4), with logits (ln 3, 0), and let β = 1 and lr = 1:
#
# | | first answer | second answer |
# |---|---|---|
# | `policy`: $\pi$ | 0.75 | 0.25 |
# | `drift`: $\ln\pi - \ln\pi^\text{ref}$ | ln 1.5 = 0.405 | ln 0.5 = −0.693 |
# | `a`: reward − β · drift | 0.595 | 0.693 |
# | `average`: $\sum_i \pi_i a_i$ | 0.619 | (the same) |
# | `slope` | −0.018 | 0.018 |
# | `stepped`: $\theta$ + lr · slope | 1.080 | 0.018 |
#
# The first answer still has the better reward, but it has drifted so far that the penalty pulls it back a little.
#
# **One step at a time.** `compare` knows the six names in the table, and so does `keep`, which you can call in your
# function, as in lab 4. The next cell has these numbers and the first step. Add the others below it, then move your
# lines into the function.
#
# **Watch out.** Compute the drift from the log-probabilities, not from `np.log(policy)`. If an answer's probability
# underflows to 0, its logarithm is minus infinity, and the slope becomes NaN, as in part 3.
#
# **More precisely.** The slope is 0 when all the $a_i$ are equal, which happens at $\pi^*_i \propto
# \pi^\text{ref}_i\, e^{r_i/\beta}$: the reference, with each answer's probability multiplied by a factor that grows
# with its reward. That's where the steps end up.

# %%
example_policy, example_ref = np.log([3.0, 1.0]), np.zeros(2)
example_rewards, example_beta = np.array([1.0, 0.0]), 1.0
example_log_policy = log_softmax(example_policy)
compare("policy", np.exp(example_log_policy))

# %%
play("beta")


# %%
def rlhf_policy_step(policy_logits, ref_logits, rewards, beta, lr):
    """Take one step of gradient ascent on J = sum_i pi_i r_i - beta KL(pi || pi_ref).

    policy_logits: float array of shape (K,), one logit for each of K answers to a
        prompt. You can modify it in place.
    ref_logits: float array of shape (K,), the reference's logits. Not modified.
    rewards: float array of shape (K,). Not modified.
    beta: number, 0 or more, in units of reward per nat.
    lr: number, the learning rate.
    Returns the new policy logits, a float array of shape (K,): policy_logits plus lr
    times the exact gradient of J; or None if you modified policy_logits in place.
    """
    ### BEGIN SOLUTION
    # kl_divergence gives the drift as one number; here we need each answer's own drift
    log_policy = log_softmax(policy_logits)
    policy = np.exp(log_policy)
    advantages = rewards - beta * (log_policy - log_softmax(ref_logits))
    keep("a", advantages)
    return policy_logits + lr * policy * (advantages - np.sum(policy * advantages))
    ### END SOLUTION


# %% [markdown]
# **See it.** Three answers to one question: a plain one, a wordy one, and a question back, with rewards 1, 0 and −2.
# The reference gives the wordy one most often. Over 60 steps, the plain answer should become more likely. With a weak
# KL penalty (β = 0.3) its probability ends up close to 1, and with a strong one (β = 2), not far from where it started.
# The dashed lines are the best policies according to the formula above, and the curves should settle on them.

# %%
KINDS = ["plain", "wordy", "question back"]
reference = np.log(np.array([0.3, 0.6, 0.1]))


def after_one_step():
    """Return the two logits after your step, whether your function returns them or modifies the policy in place."""
    policy = np.zeros(2)
    returned = solved(rlhf_policy_step, policy, np.zeros(2), np.array([1.0, 0.0]), 1.0, 1.0)
    return policy if returned is None and np.any(policy) else returned


if np.shape(after_one_step()) == (2,):
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
        "How often the policy gives each of three answers, over 60 steps; the dashed lines are the best policies. "
        "The plain answer should become more likely and the other two less likely. With beta = 0.3 the plain answer "
        "ends up close to 1; with beta = 2, not far from where it started.",
    )

# %%
check("rlhf_policy_step")

# %% [markdown]
# ## 5. Without a reward model: DPO (stretch exercise)
#
# *This part counts toward mastery of the concept. You don't need it to pass.*
#
# **Why.** RLHF needs a reward model and many sampled answers. *Direct preference optimization* (DPO) needs neither.
# Solve the last formula in part 4 for the reward, and up to a constant you get $\beta\,(\ln\pi - \ln\pi^\text{ref})$:
# how much more likely the answer is under the policy than under the reference. The constant is the same for all answers
# to a prompt, so it cancels when you subtract the rejected answer's reward from the chosen one's. So the policy *is* a
# reward model. Plug that into the loss from part 1, and you can train the policy on the comparisons directly.
#
# **Formula.** With the log-probabilities of whole answers from part 2,
#
# $$\text{loss} = -\frac{1}{N}\sum \ln\sigma\Big(\beta\big[(\ln\pi_\text{chosen} - \ln\pi^\text{ref}_\text{chosen}) -
# (\ln\pi_\text{rejected} - \ln\pi^\text{ref}_\text{rejected})\big]\Big)$$
#
# **By hand.** The policy gives the chosen answer a log-probability of −4 nats and the rejected one −6; the reference
# gives both −5. So the policy has raised the chosen answer by 1 and lowered the rejected one by 1, and the margin is 1
# − (−1) = 2. With β = 0.5 the loss is −ln σ(1) = **0.313 nats**. A policy that's still equal to the reference has a
# margin of 0 and a loss of ln 2 = 0.693, no matter what the answers are.


# %%
def dpo_loss(policy_chosen_logps, policy_rejected_logps, ref_chosen_logps, ref_rejected_logps, beta):
    """Return the mean DPO loss of N comparisons.

    policy_chosen_logps, policy_rejected_logps: float arrays of shape (N,), the policy's
        log-probabilities of the chosen and the rejected answers, in nats (sums over
        tokens).
    ref_chosen_logps, ref_rejected_logps: the reference's log-probabilities of the same
        answers, shape (N,).
    beta: number above 0, the weight of each nat of drift.
    Returns one number in nats, finite even for margins of thousands. No array is
    modified.
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
# **Why.** Each stage starts where the one before it ended: fine-tuning needs a model that already knows the language,
# and comparing answers only makes sense once there are answers. No other order works, so the pipeline enforces this
# one. It also saves a *checkpoint* after each stage, so you can compare them, go back to one, and use one as the
# reference in stage 3.
#
# **Formula.** The first two stages are functions that take the parameters and return the trained ones. The third
# takes the fine-tuned parameters twice: once to train, and once as the reference, which must not change.
#
# **By hand.** Let the parameters be a single weight of 0, and let each stage simply add something to it, so you can
# tell where each one started:
#
# | stage | adds | starts from | reference | returns |
# |---|---|---|---|---|
# | pretraining | 1 | 0 | | 1 |
# | sft | 10 | 1 | | 11 |
# | rlhf | 100 | 11 | 11 | 111 |
#
# So `final` is 111, the checkpoints are 1, 11 and 111, and the reference is 11.
#
# **Watch out.** A stage may train in place: it modifies the arrays you pass it and returns the same ones. If your
# checkpoint is just another name for those arrays, the next stage changes it, too, and in the end all the checkpoints
# are equal to the last one. `dict(params)` makes a new dict with the *same* arrays in it, so that isn't enough. Copy
# the arrays, too: `copy.deepcopy(params)` does both. And don't modify the parameters you're given, because they belong
# to the caller.

# %%
picture("stages")


# %%
def run_stages(params, stages):
    """Train a model in three stages, each starting from the result of the one before.

    params: dict from names to float arrays, the parameters to start from. Not modified.
    stages: list of three pairs (name, function): "pretraining", "sft", "rlhf", in this
        order. The first two functions take (params), the third takes (params,
        reference). Each returns the trained parameters, a dict like params, and may
        modify the arrays of the params it's given, but not those of the reference.
    Returns a dict with three keys. "final": the parameters after the last stage.
    "checkpoints": a dict from each stage's name to the parameters after that stage.
    "reference": the parameters that "rlhf" got as its reference, i.e., those after "sft".
    Later stages don't change any of them.
    Raises ValueError if the names aren't these three in this order.
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
# ## Putting it all together: three stages on a small model
#
# Now train the small language model from scratch, through all three stages, with your functions. You need all of them
# except `dpo_loss`, so if you skipped `rlhf_policy_step` in part 4, go back and write it first. Training takes well
# under a minute.
#
# **The ratings.** A few people were shown two answers each and said which one they liked better. They like answers that
# get to the point, and they don't like getting a question back. One of them disagreed with the others. Someone always
# does. The reward model is tiny. All it knows about an answer is two numbers: how many words and punctuation marks it
# has, and how many question marks. So the model has two weights. They're trained with your `reward_model_loss`, using
# the numerical gradients from lab 4. Both should come out negative: −2.0 for ten more words, and −3.5 for a question
# mark.

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
    """Return the reward model's loss on all the ratings, given its weights."""
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
# 2. *Fine-tuning*: 200 steps on questions and answers. The people who wrote the answers didn't agree: some just name
#    the capital, others add a sentence about the language. So the model learns both.
# 3. *RLHF*: each question has two answers to choose from, plus "anything else". Your `sequence_log_prob` tells
#    you how often the fine-tuned model gives each, the reward model says how good they are, and your
#    `rlhf_policy_step` works out how often they should be given, with a KL penalty of β = 0.5. Then the model is
#    trained to give each answer that often. Along the way, it keeps practicing the other questions, so that it doesn't
#    forget how to answer them.
#
# **More precisely.** A large model has too many possible answers to list. Instead, you sample a few answers, have
# them rated, estimate the slope from that sample, and update the weights directly (this is called *policy gradient*,
# and the best-known method is *PPO*). That slope is made up of the same terms as the one you computed. The steps here
# are taken by *Adam*: gradient descent with a separate step size for each weight.

# %%
TEXTS = [(text[:-1], text[1:]) for text in model_texts()]
PAIRS = [build_sft_example(prompt, response, END) for prompt, response in finetuning_pairs()]
COUNTRIES = [country for country in CAPITALS if country != "France"]  # France is saved for last
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
    """Stage 3: learn to give each answer as often as the best policy does, with a KL penalty for drifting."""
    inputs, labels = batch_of(CHOICES)
    starts = with_any_other(np.reshape(sequence_log_prob(model_logits(reference, inputs), labels), (-1, 2)))
    both = [features([plain(each), wordy(each)]) @ reward_weights for each in COUNTRIES]
    rewards = [[*of_both, ANYTHING_ELSE] for of_both in both]
    walks = [walk_of_rlhf(rlhf_policy_step, *each, BETA, steps=200) for each in zip(starts, rewards, strict=True)]
    wanted = [walk[-1, :2] for walk in walks]
    weights = np.concatenate([*wanted, np.ones(len(OTHER_PAIRS))])
    examples = CHOICES + OTHER_PAIRS
    return fitted_by_adam(params, examples, model_loss_and_gradients, 40, 3e-4, weights / weights.sum())


# %% [markdown]
# **Run it.** Your `run_stages` trains the model and saves a checkpoint after each stage.

# %%
unknown = {"w": np.zeros(1)}
parts = [
    solved(reward_model_loss, np.zeros(1), np.zeros(1)),
    solved(sequence_log_prob, np.zeros((1, 1, 2)), np.zeros((1, 1), dtype=int)),
    solved(kl_divergence, np.zeros(2), np.zeros(2)),
    after_one_step(),
    solved(run_stages, unknown, [(name, lambda params, *_: params) for name in ("pretraining", "sft", "rlhf")]),
]
NOT_TRAINED = "The model isn't trained yet. The cell below “Run it” says which function is missing."
run = None
if all(part is not None for part in parts):
    run = run_stages(model_params("untrained"), [("pretraining", pretrain), ("sft", fine_tune), ("rlhf", align)])
    print("trained:", ", ".join(run["checkpoints"]))

# %% [markdown]
# **What did each stage change?** The question about the capital of France wasn't used in stages 2 and 3. You should
# see nonsense before any training. Next you should get questions back, from a model that has read a lot but was never
# taught to answer. Then you should see the right answer plus more than you asked for, and finally just the right
# answer.
#
# The table shows this in numbers. Pre-training lowers the loss on the texts. Fine-tuning lowers the loss on all the
# answers, both plain and wordy, and gives up some of what pre-training gained on the texts. RLHF raises the reward
# about halfway to 0, because plain answers are half as long as wordy ones. It changes the other numbers much less,
# since the model doesn't have to relearn how to answer. The last column shows how far each model is from the fine-tuned
# one, in nats per answer token. The KL penalty keeps the RLHF model close to it.

# %%
if run is None:
    print(NOT_TRAINED)
else:
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
        drift = np.mean(np.asarray(kl_divergence(logits, model_logits(run["reference"], inputs)))[counted])
        rows.append((stage, on_texts, sft_loss(logits, labels), reward, drift))
    show_table(["stage", "loss on texts", "loss on answers", "reward of its answers", "drift from sft"], rows)

# %% [markdown]
# **See it.** How often does each model give the plain answer about France, the wordy one, and anything else? The
# pre-trained model gives neither. After fine-tuning, the model gives one or the other almost half the time, the wordy
# one slightly more often. RLHF shifts probability to the plain one, even though it doesn't train the model on this
# question. The wordy one isn't gone: that's the KL penalty at work.
#
# (The people who rated answers for the model in `start` preferred ones that say a bit more, while the raters here
# prefer plain ones. A model learns what its own raters like.)

# %%
if run is None:
    print(NOT_TRAINED)
else:
    inputs, labels = batch_of([example_of(QUESTION, kind("France")) for kind in (plain, wordy)])
    by_stage = [sequence_log_prob(model_logits(params, inputs), labels) for params in run["checkpoints"].values()]
    heights = np.exp(by_stage).T
    figure, axes = plt.subplots()
    parts = {"plain": heights[0], "wordy": heights[1], "anything else": 1 - heights.sum(axis=0)}
    stacked(axes, list(run["checkpoints"]), parts, gray="anything else")
    axes.set(xlabel="after stage", ylabel="probability")
    show(
        figure,
        "One bar per stage, split into how often the model gives the plain answer, the wordy one, and anything else. "
        "The pre-trained model gives neither. After fine-tuning, the two together should make up almost half of the "
        "bar, with the wordy one slightly larger. After RLHF, the plain one should make up more than half of the bar.",
    )

# %% [markdown]
# **With DPO (stretch exercise).** This cell trains on the same preference, plain over wordy, for eleven other
# countries, but without rewards. It takes ten small steps down the slope of your `dpo_loss`, starting from the
# fine-tuned model. You should see the loss fall from ln 2 = 0.693 to about 0.03 and the plain answer win, on average
# over these countries. Here the comparisons are the only training signal, so don't overdo it: after thirty steps that
# are four times as large, the model no longer answers at all.

# %%
one = np.zeros(1)
if run is None:
    print(NOT_TRAINED)
elif solved(dpo_loss, one, one, one, one, BETA) is not None:
    inputs, labels = batch_of(CHOICES[::2] + WORDY)
    preferring = run["checkpoints"]["sft"]
    reference = np.reshape(sequence_log_prob(model_logits(preferring, inputs), labels), (2, -1))
    logps = reference
    for _ in range(10):
        down = -slopes(lambda both: dpo_loss(*both, *reference, BETA), logps)
        _, gradients = model_loss_and_gradients(preferring, inputs, labels, down.ravel())
        preferring = {name: param - 0.005 * gradients[name] for name, param in preferring.items()}
        logps = np.reshape(sequence_log_prob(model_logits(preferring, inputs), labels), (2, -1))
    for when, each in (("before", reference), ("after", logps)):
        plain_share, wordy_share = np.exp(each).mean(axis=1)
        loss = dpo_loss(*each, *reference, BETA)
        print(f"{when:6}  loss {loss:.3f} nats, on average plain {plain_share:.2f}, wordy {wordy_share:.2f}")
    print(QUESTION, "->", MODEL.continued(preferring, QUESTION))

# %% [markdown]
# **See it: reward hacking.** Our reward model penalizes every word. So which answer does it like best? No answer at
# all! Saying nothing gets a reward of 0, and every real answer gets less. Only the KL penalty keeps a model from going
# silent. The next cell computes the best policy for France, using the formula at the end of part 4, with stronger and
# weaker penalties. The numbers aren't those of the model you trained: the reference here is the fine-tuned model that
# comes with the course, which already gives the plain answer 90% of the time, and the policy only chooses among three
# answers. With β = 1 or 0.5 you should see the plain answer win with a probability of about 98% or more. At 0.2 silence
# takes over, and at 0.1 the model would say nothing 999 times out of 1000. It would get the highest reward of all, but
# it would be of no use to anyone.

# %%
parts = [
    solved(reward_model_loss, np.zeros(1), np.zeros(1)),
    solved(sequence_log_prob, np.zeros((1, 1, 2)), np.zeros((1, 1), dtype=int)),
]
if np.any(reward_weights) and all(part is not None for part in parts):
    question_ids = MODEL.ids(QUESTION)
    silence = question_ids, [-100] * (len(question_ids) - 1) + [END]  # the end token comes right after the question
    inputs, labels = batch_of([example_of(QUESTION, plain("France")), example_of(QUESTION, wordy("France")), silence])
    known = sequence_log_prob(model_logits(model_params("finetuning"), inputs), labels)
    rewards = features([plain("France"), wordy("France"), ""]) @ reward_weights
    best = [(f"{beta:g}", *np.exp(log_softmax(known + rewards / beta))) for beta in (1.0, 0.5, 0.2, 0.1)]
    show_table(["beta", "plain", "wordy", "no answer"], best)

# %% [markdown]
# **More precisely.** What people like isn't the same as what's true. Nothing in stage 3 checks whether an answer is
# right. A reward model trained on raters who like to be flattered will prefer flattery, and one trained on raters who
# prefer confident answers will reward a *hallucination* over an honest "I don't know". That's why alignment is still
# an open problem.
#
# ## What you've learned
#
# - **Each stage has a purpose**: pre-training is for knowledge, fine-tuning for answering, RLHF for answers that are
#   helpful, honest and harmless. Each starts where the last one ended.
# - **Ratings become rewards** through one loss: the surprisal of what people chose.
# - **An answer's log-probability is a sum** over its tokens, and that's what training pushes up or down.
# - **The KL divergence isn't symmetric**, and as a penalty, it keeps a policy close to its reference.
# - **RLHF pushes up what's better than average** until reward and drift balance. DPO does this without rewards.
# - **Reward hacking**: push hard enough on any reward, and the model finds a way to get it that nobody wanted.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit stages` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** you've now built every part of a language model. Lab 11, [terms](../terms/terms.ipynb), asks whether you
# can explain it.
