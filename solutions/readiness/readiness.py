# %% [markdown]
# # Lab 12: The enterprise readiness packet
#
# **About 60 minutes, plus six hours or more for the packet itself.** Builds on lab 7 (`generation`): you should know
# what tokens, prompts and temperature are. New terms are in *italics*; the [glossary](../glossary/glossary.ipynb)
# explains them all.
#
# You know how a model works. Now someone asks whether to use one, for a real task, with real money. A gut feeling
# isn't enough, so you'll put your answer and the reasons for it in a file. The file says what the model is for, which
# model you'd pick, what it costs, what can go wrong, how good it is, and what you decide. Two of these, what the model
# costs and how good it is, are numbers that others will want to recompute. In this lab, you'll write the code for
# both.
#
# | part | you write | it answers | minutes |
# |---|---|---|---|
# | 1 | `monthly_cost_usd` | what's the bill? | 17 |
# | 2 | `wilson_interval` | how good is the model, and how sure are we? | 33 |
# | 3 | `packet.yaml` | what do we decide? | 10 |
#
# The 10 minutes for part 3 are just for reading it. Spread the packet itself over several days. Expect an hour and a
# half for the use case, models, prices and tokens, two to three hours for the evaluation, an hour and a half for the
# risks and the decision, and the rest for fixing what `mastery packet` finds.
#
# Work through the cells from top to bottom. Fill in each stub, run it, see your result, and run its check. More
# checks run when you submit.

# %%
import math
from statistics import NormalDist

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, progress, show, solved

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# ## 1. The bill
#
# **Why.** If you rent a model, you pay for two kinds of tokens: the ones you send (the prompt, with everything in it)
# and the ones you get back. Prices are quoted per **million tokens**. Output tokens usually cost several times as much
# as input tokens, because they're generated one at a time (lab 7), while a prompt is read all at once.
#
# **Formula.** With $r$ requests per day, $t$ tokens per request and a price of $p$ dollars per million tokens:
#
# $$\text{cost} = r \cdot \text{days} \cdot
# \frac{t_\text{in}\, p_\text{in} + t_\text{out}\, p_\text{out}}{1{,}000{,}000}$$
#
# **By hand.** A help desk gets 10,000 questions a day. Each request sends 1,500 tokens, at 1 dollar per million, and
# gets 300 back, at 5 dollars per million. (Both prices are made up. You'll take yours from a provider's page, and
# note the date you looked them up.)
#
# | what you pay for | cost |
# |---|---|
# | sent, per request | 1,500 tokens · 1 USD per million = 0.0015 USD |
# | received, per request | 300 tokens · 5 USD per million = 0.0015 USD |
# | one request | 0.0030 USD, less than a third of a cent |
# | one day | 10,000 · 0.0030 = 30 USD |
# | a month of 30 days | **900 USD** |
#
# The answers are a sixth of the tokens and half of the bill.
#
# **Watch out.** None of these numbers can be negative. If one is, someone made a mistake, and a bill that's silently
# too low is worse than an error, so raise a `ValueError`. 0 is fine: no requests, no bill.


# %%
def monthly_cost_usd(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days=30):
    """Return the monthly cost of a model that's billed by the token.

    requests_per_day: number of requests per day.
    input_tokens, output_tokens: how many tokens one request sends, and how many it
        gets back.
    usd_per_mtok_in, usd_per_mtok_out: their prices, in USD per million tokens.
    days: number of days in the month.
    Returns one number, the cost of all these days in USD. You can round it to the nearest cent.
    Raises ValueError if any of the six numbers is below 0.
    """
    ### BEGIN SOLUTION
    if min(requests_per_day, input_tokens, output_tokens, usd_per_mtok_in, usd_per_mtok_out, days) < 0:
        raise ValueError("requests, tokens, prices and days must be 0 or more")
    usd_per_request = (input_tokens * usd_per_mtok_in + output_tokens * usd_per_mtok_out) / 1_000_000
    return requests_per_day * days * usd_per_request
    ### END SOLUTION


# %% [markdown]
# **See it.** The plot shows how the help desk's bill grows as the answers or the prompts get longer. The dot is the
# example you worked through by hand. You should see two straight lines, with the one for answers five times as steep
# as the one for prompts. Each line starts at 0 tokens, where you only pay for the other kind of token. So you can
# save money by asking for an answer in two sentences, and by leaving anything you don't need out of the prompt.

# %%
lengths = np.linspace(0, 3_000, 31)
if solved(monthly_cost_usd, 10_000, 1_500, 300, 1.0, 5.0) is not None:
    figure, axes = plt.subplots()
    axes.plot(lengths, [monthly_cost_usd(10_000, 1_500, t, 1.0, 5.0) for t in lengths], label="longer answers")
    axes.plot(lengths, [monthly_cost_usd(10_000, t, 300, 1.0, 5.0) for t in lengths], "--", label="longer prompts")
    axes.plot([300], [900], "o", color="black", label="_the example")
    axes.set(xlabel="tokens", ylabel="USD per month")
    axes.legend()
    show(
        figure,
        "The help desk's monthly bill, plotted against the number of tokens, as two straight lines. The line for "
        "longer answers should climb five times as steeply as the dashed one for longer prompts. A dot on the steeper "
        "line marks the example: 300 tokens, 900 dollars.",
    )

# %%
check("monthly_cost_usd")

# %% [markdown]
# **Which kind of training?** "Let's just train our own" is easy to say. Here are three ways to get a model to do
# a task, with made-up but realistic prices:
#
# | way | what it takes | rough cost |
# |---|---|---|
# | *prompt* an existing model | a good prompt, sent with every request | the bill above |
# | *fine-tune* it | thousands of good examples and hours to days, repeated for each new model | thousands of USD |
# | *pre-train* one | trillions of tokens, thousands of processors, months | millions of USD |
#
# In lab 11, fine-tuning on 10,000 examples cost only 20 dollars, but that just covered the tokens. The most expensive
# part is the people who write the examples.
#
# Fine-tuning is fast; pre-training isn't. Most tasks need neither. If yours needs one of them, the packet asks you to
# say why.
#
# **More precisely.** Real bills have more line items. Some providers charge less for a prompt they've read before, or
# for requests that can wait. If a model thinks before it answers, you pay for the tokens it thinks with, too.

# %% [markdown]
# ## 2. How good, and how sure?
#
# **Why.** You try the model on 20 cases, and all 20 pass. "100% accurate"? The next case may still fail. A rate is
# only as good as the number of cases behind it. So before you decide, you need to know one more thing: what range
# could the true rate be in?
#
# The obvious answer is the rate, plus or minus 1.96 standard errors. But with 20 passes out of 20, the standard error
# comes out as 0, as if 20 cases left no doubt! In 1927, Edwin B. Wilson turned the question around: **which true
# rates would make our result unsurprising?** For a true rate $p$, the observed rate $\hat p$ in $n$ cases varies around
# $p$ with a standard error of $\sqrt{p(1-p)/n}$. "Unsurprising" means within $z$ standard errors of $p$:
#
# $$\left(\hat p - p\right)^2 \le z^2\, \frac{p\,(1-p)}{n}$$
#
# That's a quadratic inequality in $p$, and the plausible rates are the ones between its two roots.
#
# **Formula.** The roots are *center − margin* and *center + margin*, with
#
# $$\text{center} = \frac{\hat p + \frac{z^2}{2n}}{1 + \frac{z^2}{n}} \qquad
# \text{margin} = \frac{z}{1 + \frac{z^2}{n}} \sqrt{\frac{\hat p\,(1-\hat p)}{n} + \frac{z^2}{4n^2}}$$
#
# Where does z come from? In a normal distribution, a fraction `confidence` of the values is within $z$ standard
# deviations of the mean, and the rest is split equally between the two sides. For 95%, that leaves 2.5% of the values
# above $z$ and 97.5% below it, so $z = 1.96$. In Python, `NormalDist().inv_cdf(0.975)` gives you the $z$ with 97.5%
# of the values below it: 1.959964. What do you have to pass instead of 0.975 for a different `confidence`?
#
# **By hand.** 9 of 10 cases passed, and the confidence is 95%:
#
# | quantity | value |
# |---|---|
# | rate | 9 / 10 = 0.9 |
# | z², z²/n | 3.842, 0.3842 |
# | center | (0.9 + 0.1921) / 1.3842 = 0.7890 |
# | root | √(0.09/10 + 3.842/400) = √0.018605 = 0.1364 |
# | margin | 1.96 / 1.3842 · 0.1364 = 0.1931 |
# | interval | **0.596 to 0.982** |
#
# So a model that got "90% correct" here could still fail two cases in five, though that's at the very bottom of the
# interval.


# %%
def wilson_interval(successes, n, confidence=0.95):
    """Return the Wilson score interval for a pass rate, without continuity correction.

    successes: number of cases that passed, from 0 to n.
    n: number of cases.
    confidence: number between 0 and 1.
    Returns a pair (low, high) of numbers from 0 to 1, correct to at least three
    decimals (so z = 1.96 will do for 0.95).
    Raises ValueError if n is 0 or less, or if successes is below 0 or above n.
    """
    ### BEGIN SOLUTION
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n} cases isn't possible")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - reach, middle + reach
    ### END SOLUTION


# %% [markdown]
# **See it.** The plot shows your interval for a pass rate of nine in ten, from 10 cases to a few thousand. The dashed
# line is what the help desk requires: at least 85% correct answers. You should see a band that narrows from left to
# right and reaches further below the observed rate than above it. Its lower edge crosses the dashed line at about 200
# cases. With fewer cases than that, "nine in ten" doesn't show that the model is good enough. With four times as many
# cases, the band is half as wide. For 20 passes out of 20, the interval goes from 83.9% to 100%.

# %%
sizes = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560]
if np.shape(solved(wilson_interval, 9, 10)) == (2,):
    lows, highs = zip(*[wilson_interval(9 * n // 10, n) for n in sizes], strict=True)
    figure, axes = plt.subplots()
    axes.fill_between(sizes, lows, highs, alpha=0.3, label="95% interval")
    axes.plot(sizes, [0.9] * len(sizes), "o-", label="observed rate")
    axes.axhline(0.85, linestyle="--", color="grey", label="required")
    axes.set(xlabel="cases", ylabel="pass rate", xscale="log")
    axes.legend()
    show(
        figure,
        "A pass rate of 0.9 for 10 to 2,560 cases, inside the band between your interval's ends. The band should go "
        "from about 0.6 to 0.98 at 10 cases and shrink around 0.9. The whole band is above the dashed line at 0.85 "
        "only on the right.",
    )
    for passed, n in ((20, 20), (81, 100), (810, 1_000)):
        low, high = wilson_interval(passed, n)
        print(f"{passed:,} of {n:,}: between {low:.1%} and {high:.1%}")

# %%
check("wilson_interval")

# %% [markdown]
# **More precisely.** The 95% is a promise about the method, not about a single interval: of all the intervals
# computed this way, about 95 in 100 contain the true rate. Also, the interval only accounts for chance. If your cases
# are easier than those of real users, or you chose the model because it did best on these very cases, no formula will
# reveal that.

# %% [markdown]
# ## 3. The packet
#
# Next to this notebook there's `packet.yaml`, an empty packet. (If it isn't there, run `mastery start .` in the
# parent folder.) Fill it in for a use case you could defend to someone who's paying for it, and use your two
# functions for its numbers. If you want to change a packet that you've already handed in, begin a new revision first:
# `mastery packet packet.yaml --revise`.
#
# In a terminal, run
#
# ```sh
# mastery packet packet.yaml
# ```
#
# This command goes through the packet field by field and checks its form and arithmetic. Does the bill add up? Is the
# interval Wilson's? Is a price older than 90 days? Does the packet say *go* even though an interval starts below its
# threshold? The command can't tell whether a source is real or a decision makes sense. The examples of models, layers
# and vocabularies on [page 0](../lesson/lesson.ipynb) go out of date. If you use one in your packet, look it up again
# and give your own source.
#
# The command first lists what's empty or invalid. It only recomputes a number once the fields it depends on are
# filled in correctly, so expect more findings after you've fixed the first ones.
#
# The evaluation is the biggest step. Collect at least 30 real cases of the task, drawn at random, and write down what
# counts as a success before you see any output. Run each case on the model you chose, with your prompt, through the
# provider's API: a chat page usually won't let you set the temperature. Then mark each output as passed or failed,
# with a second person if you can, and count. 27 of 30 only shows a rate of at least 74%, so a *go* often needs about
# 200 cases: with 90% passed and 85% required, that's where the interval's lower end reaches the threshold (part 2).
#
# The decision's status is `go`, `limited_go` or `no_go`. `limited_go` means you start small, for instance with one
# team and a person who checks every output, and set a date to revisit the decision. Only `go` requires every interval
# to start at its threshold or above.
#
# For the risks, start with the five beginner mistakes from page 0. In your use case, who will think that the model
# understands, that a higher temperature makes it smarter, that its behavior is programmed, that it can be retrained
# by tomorrow, or that its most likely word is the right one? What happens if they do? Match each of the five mistakes
# with one of your risks by giving that risk the mistake's number: `mistake: 1` for the first mistake, and so on up to
# `mistake: 5`. A risk that you saw in a lab, such as *hallucination* or *reward hacking*, doesn't need a number.
#
# For `run_id`, give one of your graded runs. You'll find each run's name, such as `run-1f0c92ab44de`, at the end of
# the feedback on the graded lab. Your computer has no record of your graded runs, so this field is only checked when
# the packet is graded. If none of your labs has been graded yet, write `run-000000000000` for now. `mastery packet`
# accepts it, but grading doesn't. If nobody grades your work, just leave it in.

# %% [markdown]
# You submit the packet together with this notebook, and it's reviewed twice. First, the program runs the form and
# arithmetic checks of `mastery packet` again, using the date of your submission, and checks whether the run you cite
# is yours. Then a person judges four things that no program can, and marks each one *satisfactory* or *needs
# revision*. You complete the course once all four are satisfactory. Here are the four criteria, so you can judge your
# packet yourself first. You don't have to write anything in these cells.

# %% [markdown] judged="realism"
# **Realism of the use case.** *Satisfactory:* someone does this work today; the packet says who, how often, and what
# they do with the model's output; and the uses it rules out follow from what the model can't do. *Revise:* a use case
# that could be anyone's, "everyone" as the users, or nothing out of scope.

# %% [markdown] judged="adequacy"
# **Adequacy of evidence.** *Satisfactory:* the evaluation cases look like the real ones, there are enough of them to
# support the decision, it's clear what counts as a success, and prices and assumptions come from the sources a reader
# would ask for. *Revise:* easy or made-up cases, a metric that misses what matters, or a source that doesn't say what
# it's cited for.

# %% [markdown] judged="risk_treatment"
# **Risk treatment.** *Satisfactory:* the risks are specific to this use case, each rating has a reason, each mitigation
# would lower its risk, and the risk that remains is owned by someone who can act. *Revise:* generic model risks, "be
# careful" as a mitigation, or the worst risk left out.

# %% [markdown] judged="defence"
# **Defense of the decision.** *Satisfactory:* the decision follows from cost, evaluation and risks, says what would
# change it, and holds up against the obvious objections, including the case for each of the two alternatives that
# weren't chosen. *Revise:* a decision that could have been written before the evaluation.

# %% [markdown]
# ## What you've learned
#
# - **A bill has two prices**, and the higher one is for what the model writes.
# - **Always report a pass rate with the number of cases** and an interval. The decision depends on the lower end of
#   that interval.
# - **An observed pass rate of 100% doesn't mean certainty**, as the Wilson interval shows.
# - **Anyone who reads a decision must be able to recompute its numbers**, so give units, sources and dates.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit readiness` in a terminal. If your
# course takes uploads, use *File > Download*, for the packet as well.
#
# **Next:** since this was the last lab, run `mastery status` to see what you still have to do. It's also worth reading
# [page 0](../lesson/lesson.ipynb) once more, now that you've built everything in it.
