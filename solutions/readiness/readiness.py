# %% [markdown]
# # Lab 12: The enterprise readiness packet
#
# **About 60 minutes, and the packet itself.** Builds on lab 7 (`generation`): you should know what tokens, a prompt and
# a temperature are.
#
# You know how a model works. Now somebody asks whether to use one, for a real task, with real money. The answer is not
# a feeling but a file: what it is for, which model, what it costs, what can go wrong, how good it is, and what follows
# from all that. Two of these are numbers that others will want to recompute, and they are what you write here.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `monthly_cost_usd` | what is the bill? | 20 |
# | 2 | `wilson_interval` | how good is the model, and how sure are we? | 30 |
# | 3 | `packet.yaml` | what do we decide? | as long as it takes |
#
# Write your answer where a cell says so, run it, and run the check below it. Checks tell you at once what is wrong;
# more of them run when you submit.

# %%
import math
from statistics import NormalDist

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, progress, show, solved

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# ## 1. The bill
#
# **Why.** Whoever rents a model pays for tokens, and for two kinds of them: those that are sent (the prompt, with all
# that is in it) and those that come back. Prices are given for a **million tokens**. A token that comes back usually
# costs several times as much, because it is made one at a time (lab 7), while a prompt is read all at once.
#
# **Formula.** With $r$ requests a day, $t$ tokens a request and $p$ USD per million tokens:
#
# $$\text{cost} = r \cdot \text{days} \cdot
# \frac{t_\text{in}\, p_\text{in} + t_\text{out}\, p_\text{out}}{1{,}000{,}000}$$
#
# **By hand.** A help desk gets 10,000 questions a day. Each sends 1,500 tokens, at 1 USD per million, and gets 300
# back, at 5 USD per million. (Both prices are made up; yours come from a provider's page, with the date on which you
# looked.)
#
# | | |
# |---|---|
# | sent with one request | 1,500 tokens · 1 USD per million = 0.0015 USD |
# | answered | 300 tokens · 5 USD per million = 0.0015 USD |
# | one request | 0.0030 USD, less than a third of a cent |
# | a day | 10,000 · 0.0030 = 30 USD |
# | a month of 30 days | **900 USD** |
#
# The answers are a sixth of the tokens, and half of the bill.
#
# None of these numbers can be below 0. Where one is, somebody made a mistake, and a bill that is quietly too small is
# worse than an error: your function refuses. 0 is fine: no requests, no bill.


# %%
def monthly_cost_usd(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    """What a model that is paid by the token costs in a month.

    requests_per_day: number of requests a day.
    input_tokens, output_tokens: numbers of tokens that one request sends, and gets
        back.
    usd_per_mtok_in, usd_per_mtok_out: their prices, in USD per million tokens.
    days: number of days in the month.
    Returns one number, the cost of all these days in USD; you may round it to cents.
    Raises ValueError if any of the six is below 0.
    """
    ### BEGIN SOLUTION
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("requests, tokens, prices and days must be 0 or more")
    usd_per_request = (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1_000_000
    return requests_per_day * days * usd_per_request
    ### END SOLUTION


# %% [markdown]
# **Look.** The help desk's bill, where answers or prompts grow longer. The dot is the example worked by hand.

# %%
lengths = np.linspace(0, 3_000, 31)
if solved(monthly_cost_usd, 10_000, 1_500, 300, 1.0, 5.0) is not None:
    figure, axes = plt.subplots()
    axes.plot(lengths, [monthly_cost_usd(10_000, 1_500, t, 1.0, 5.0) for t in lengths], label="longer answers")
    axes.plot(lengths, [monthly_cost_usd(10_000, t, 300, 1.0, 5.0) for t in lengths], "--", label="longer prompts")
    axes.plot([300], [900], "o", color="black", label="_the example")
    axes.set(xlabel="tokens", ylabel="USD a month")
    axes.legend()
    show(
        figure,
        "The help desk's monthly bill against the number of tokens, as two straight lines. The line of longer "
        "answers should climb five times as steeply as the dashed one of longer prompts. A dot on it is the "
        "example: 300 tokens, 900 USD.",
    )

# %% [markdown]
# You should see two straight lines, the one for answers five times as steep as the one for prompts; at 0 tokens each
# begins with what the other kind costs. So an instruction to answer in two sentences is worth money, and so is a
# prompt that leaves out what nobody needs.

# %%
check("monthly_cost_usd")

# %% [markdown]
# **Which training?** "Then let us train our own" is quickly said. Three ways to make a model do a task, with prices
# that are made up but of the right size:
#
# | way | what it takes | order of the cost |
# |---|---|---|
# | *prompt* a model that is there | a good prompt, sent with every request | the bill above |
# | *fine-tune* it | thousands of good examples, hours to days, and again for the next model | thousands of USD |
# | *pre-train* one | trillions of tokens, thousands of processors, months | millions of USD |
#
# Fine-tuning is fast and pre-training is not. Most tasks need neither; the packet asks you to say why yours does.
#
# *More precisely.* Real bills have more lines: some providers charge less for a prompt that they have read before, or
# for requests that may wait, and a model that thinks before it answers is paid for its thoughts.

# %% [markdown]
# ## 2. How good, and how sure?
#
# **Why.** You try the model on 20 cases, and 20 pass. "100 % accurate"? The next case may fail all the same. A rate is
# only as good as the number of cases behind it, and a decision needs the other number, too: between what bounds might
# the true rate lie?
#
# The obvious answer takes the rate and adds and takes off 1.96 standard errors. At 20 of 20 the standard error is 0:
# no doubt left, after 20 cases! Edwin B. Wilson asked the other way round (1927): **with which true rates would what we
# saw be no surprise?** For a true rate $p$, the observed rate $\hat p$ of $n$ cases is spread around $p$ with the
# standard error $\sqrt{p(1-p)/n}$, and no surprise is what lies within $z$ of these:
#
# $$\left(\hat p - p\right)^2 \le z^2\, \frac{p\,(1-p)}{n}$$
#
# That is a quadratic inequality in $p$; between its two roots lie the rates that are believable.
#
# **Formula.** The roots are *middle − reach* and *middle + reach*, with
#
# $$\text{middle} = \frac{\hat p + \frac{z^2}{2n}}{1 + \frac{z^2}{n}} \qquad
# \text{reach} = \frac{z}{1 + \frac{z^2}{n}} \sqrt{\frac{\hat p\,(1-\hat p)}{n} + \frac{z^2}{4n^2}}$$
#
# **Where z comes from.** Of a normal distribution, the share `confidence` lies within $z$ standard deviations of the
# middle, and half of the rest on either side. For 95 %, 2.5 % lie above $z$ and 97.5 % below it: $z = 1.96$. Python
# knows the number below which a share lies: `NormalDist().inv_cdf(0.975)` is 1.959964. Which share is it for any
# `confidence`?
#
# **By hand.** 9 of 10 cases passed, at 95 %:
#
# | | |
# |---|---|
# | rate | 9 / 10 = 0.9 |
# | z², z²/n | 3.842, 0.3842 |
# | middle | (0.9 + 0.1921) / 1.3842 = 0.7890 |
# | root | √(0.09/10 + 3.842/400) = √0.018604 = 0.1364 |
# | reach | 1.96 / 1.3842 · 0.1364 = 0.1931 |
# | interval | **0.596 to 0.982** |
#
# "90 % correct" may well be a model that fails two cases in five.


# %%
def wilson_interval(successes, n, confidence=0.95):
    """The Wilson score interval of a pass rate.

    successes: number of cases that passed, from 0 to n.
    n: number of cases.
    confidence: number between 0 and 1.
    Returns a pair (low, high) of numbers from 0 to 1, right to three decimals at least
    (so z = 1.96 will do for 0.95).
    Raises ValueError if n is 0 or less, or if successes is below 0 or above n.
    """
    ### BEGIN SOLUTION
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} cases cannot be")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach
    ### END SOLUTION


# %% [markdown]
# **Look.** Nine in ten passed, of 10 cases up to some thousands. The dashed line is what the help desk asks for: at
# least 85 % must be right.

# %%
sizes = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560]
if np.shape(solved(wilson_interval, 9, 10)) == (2,):
    lows, highs = zip(*[wilson_interval(9 * n // 10, n) for n in sizes], strict=True)
    figure, axes = plt.subplots()
    axes.fill_between(sizes, lows, highs, alpha=0.3, label="95 % interval")
    axes.plot(sizes, [0.9] * len(sizes), "o-", label="observed rate")
    axes.axhline(0.85, linestyle="--", color="grey", label="what is asked for")
    axes.set(xlabel="cases", ylabel="pass rate", xscale="log")
    axes.legend()
    show(
        figure,
        "A pass rate of 0.9 for 10 to 2,560 cases, in the band of your interval. The band should be from "
        "about 0.6 to 0.98 at 10 cases and shrink around 0.9. Only on the right does it lie wholly above the "
        "dashed line at 0.85.",
    )
    for passed, n in ((20, 20), (81, 100), (810, 1_000)):
        low, high = wilson_interval(passed, n)
        print(f"{passed} of {n}: between {low:.1%} and {high:.1%}")

# %% [markdown]
# You should see a band that narrows from left to right, further below the observed rate than above it. Its lower edge
# crosses the dashed line at about 200 cases: only from there on does "nine in ten" show that the model is good enough.
# With four times as many cases the band is half as wide. And 20 of 20 is between 83.9 % and 100 %.

# %%
check("wilson_interval")

# %% [markdown]
# *More precisely.* That 95 % is a promise of the method and not of one interval: of all the intervals that are computed
# like this, about 95 in 100 hold the true rate. And it is about chance alone. If the cases are easier than those of
# real users, or the model was chosen because it did best on these very cases, no formula will tell.

# %% [markdown]
# ## 3. The packet
#
# Beside this notebook lies `packet.yaml`, the packet as an empty form (if it does not: `mastery start .` in the folder
# above). Fill it in for a use case that you could defend in front of somebody who pays for it, and use your two
# functions for its numbers. If you have a packet from an earlier lesson, carry that one on as its next revision.
#
# In a terminal,
#
# ```sh
# mastery packet packet.yaml
# ```
#
# goes through it field by field. It looks at form and arithmetic: does the bill add up, is the interval Wilson's, is a
# price older than 90 days, does *go* stand above an interval that begins below its threshold? It cannot know whether
# a source is true or a decision wise. The models, layers and vocabularies of the lesson are examples with a date; in a
# packet they need a source of your own, looked up now.
#
# For the risks, begin with the five beginner mistakes of the lesson. Who in your use case will think that the model
# understands? That a higher temperature makes it smarter? That its behavior is programmed? That it can be retrained
# by tomorrow? That its most probable word is the right one? And what happens then? Tie each of the five to a risk by
# its number, `mistake: 1` to `mistake: 5`. A risk that you saw in a lab needs no number.
#
# As `run_id`, cite one of your graded runs: the feedback to every graded lab ends with its name, such as
# `run-1f0c92ab44de`. Your computer doesn't know your runs, so this one field is checked when the packet is graded.

# %% [markdown]
# The packet is handed in with this notebook, and read twice. The program says once more what `mastery packet` said, as
# of the day on which you hand in: form and arithmetic, and whether the run you cite is yours. Then a person judges
# four things that no program can, each *satisfactory* or *to be revised*, and the course is complete once all four are
# satisfactory. They stand below, so that you can judge them first. You write nothing here.

# %% [markdown] judged="realism"
# **Realism of the use case.** *Satisfactory:* somebody does this work today, the packet says who, how often, and what
# they do with what the model says; and what the model must not be used for follows from what it cannot do. *Revise:* a
# use case that could be anybody's, users who are "everyone", or nothing out of scope.

# %% [markdown] judged="adequacy"
# **Adequacy of evidence.** *Satisfactory:* the cases of the evaluation are like those of the real task, there are
# enough of them for the decision, what counts as a success is said, and the sources of prices and assumptions are those
# that a reader would ask for. *Revise:* easy or made-up cases, a metric that misses what matters, a source that does
# not say what it is named for.

# %% [markdown] judged="risk_treatment"
# **Risk treatment.** *Satisfactory:* the risks are those of this use case, each is rated for a reason, and its
# mitigation would lower it; what is left is owned by somebody who can act. *Revise:* risks of models in general, "be
# careful" as a mitigation, or the worst one left out.

# %% [markdown] judged="defence"
# **Defence of the decision.** *Satisfactory:* the decision follows from cost, evaluation and risks, says what would
# change it, and holds against the obvious objection, including the two ways that were not chosen. *Revise:* a decision
# that could have been written before the evaluation.

# %% [markdown]
# ## What you have now
#
# - **A bill has two prices**, and the dearer one is for what the model writes.
# - **A rate comes with its number of cases**, and with an interval: what decides is its lower end.
# - **An observed 100 % is not certainty**, and Wilson's interval does not take it for that.
# - **Whoever reads a decision must be able to recompute it**: numbers with units, sources and dates.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit readiness` in a terminal, or *File >
# Download* where your course takes files.
