# %% [markdown]
# # Lab 11: Key terms, beginner mistakes, and watching a stream
#
# **About 90 minutes.** Can you *use* the words of the course? This lab asks about eight key terms, five mistakes
# that beginners make, and two pictures of the lesson. Every question comes in two kinds: **practice**, as often as
# you like, with a verdict and an explanation right away, and **one of your own**, with numbers and statements that
# hardly anybody else has, which is graded.
#
# | part | questions | about |
# | --- | --- | --- |
# | 1 | `network_item` … `temperature_item` | the eight key terms |
# | 2 | `meaning_item` … `best_word_item` | five mistakes, each with something to run |
# | 3 | `exam_item`, `layers_item` | two pictures of the lesson |
# | 4 | `log_stream`, `observation` | watching text arrive |
#
# **How to answer.** A question asks for a number (or several) and for the letters of the statements that are true.
# Work it out on paper, with the code of earlier labs, or in a cell of your own. Then write the result down in place
# of `None`: `softmax_item = 0.245, "bd"`. It has to be the plain value. The cell isn't run to find your answer, so
# `softmax_item = 1 / 4, "bd"` won't do. The cell `check(…)` tells you that your answer is recorded. **Whether it's
# right you'll learn when it's graded.**
#
# **Rounds.** Your first questions are those of round 1. You can hand in as often as you like: the answer to a round
# that was graded stands, right or wrong, and handing in the same notebook again costs nothing. If you'd like a new
# question after that, run `ask("softmax_item", round=2)`, answer it, and set `softmax_item_round = 2` in the
# answer's cell. Each question has its own rounds, so you can leave the ones you got right as they are.

# %%
import itertools
import math
import time

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, practice, progress, show, solved
from autograder.given import (
    model_logits,
    model_params,
    model_vocab,
    practice_questions,
    question,
    sample_next_token,
)

# %%
progress()  # what you've built so far is lit; run this again to redraw it

# %% [markdown]
# **Who you are.** `STUDENT` is the name under which your course knows you. None means the name that you're logged in
# with here. If your course uses another one (its page says so: a number, or your full name), write it there, in
# quotes.

# %%
STUDENT = None


def ask(item, round=1):
    """Show your own question of a round, and return it as data."""
    yours = question(item, STUDENT, round)
    print(yours["text"])
    return yours


# %% [markdown]
# ## Part 1: Eight key terms
#
# Each section says the idea once more, and gives you practice questions: choose, press *Check*, and read why. Where
# your notebook has no buttons, the cell prints the question and shows how to answer it.

# %% [markdown]
# ### Neural network
#
# A neuron multiplies its inputs by its *weights*, adds them up, and adds its *bias*. In a hidden layer, a simple
# function such as *ReLU* follows, which turns whatever is below 0 into 0. A network is such layers, one after the
# other (lab 1).
#
# For example, with the inputs (1, 2): hidden neuron 1 with weights (2, 1) and bias 0 gives 2 + 2 = 4. Hidden neuron
# 2 with weights (1, −1) and bias −1 gives 1 − 2 − 1 = −2, and ReLU makes it 0. An output neuron with weights (3, 4)
# and bias 5 gives 3·4 + 4·0 + 5 = 17.

# %%
practice(practice_questions("network_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
network_question = ask("network_item")

# %%
# The output, and the letters of the true statements.
# For example: network_item = 17, "bd"
network_item_round = 1
network_item = None

# %%
check("network_item")

# %% [markdown]
# ### Weight
#
# The house-price neuron has one weight, and training moves it: against the gradient, as far as the *learning rate*
# says (labs 4 and 5).
#
# For example, a house of size 2 and price 420, with weight 200, learning rate 0.1 and the loss (prediction −
# price)²: the prediction is 400, the error −20, the gradient 2·(−20)·2 = −80. The weight becomes 200 + 0.1·80 = 208.

# %%
practice(practice_questions("weight_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
weight_question = ask("weight_item")

# %%
# The weight after one step, to two decimals, and the letters of the true statements.
# For example: weight_item = 208.00, "bd"
weight_item_round = 1
weight_item = None

# %%
check("weight_item")

# %% [markdown]
# ### Loss function
#
# The loss of a guess is −ln p, where p is the probability it gave to what really came (lab 3). It's 0 if p is 1, and
# grows without limit as p goes to 0. Nothing else in the guess counts.
#
# For example, if a model gives mat 25%, floor 30% and table 20%, and "mat" comes, the loss is −ln 0.25 = 1.386. It
# doesn't matter that "floor" had more.

# %%
practice(practice_questions("loss_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
loss_question = ask("loss_item")

# %%
# The loss, to three decimals, and the letters of the true statements.
# For example: loss_item = 1.386, "bd"
loss_item_round = 1
loss_item = None

# %%
check("loss_item")

# %% [markdown]
# ### Backpropagation
#
# Backpropagation asks of every weight: how does the loss change if you change a little? The answers are the
# *gradients*, and the *chain rule* finds them from the back to the front (lab 4).
#
# *More precisely:* the lesson says that backpropagation adjusts the weights. Strictly, it only computes the
# gradients, and gradient descent does the adjusting.
#
# For example, y = v·ReLU(w·x) with the loss (y − target)², x = 3, w = 1, v = 2 and target = 5: h = 3 and y = 6, so
# the error is 1. The gradient with respect to y is 2·1 = 2, with respect to h 2·2 = 4, and with respect to w 4·3 =
# 12.

# %%
practice(practice_questions("backprop_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
backprop_question = ask("backprop_item")

# %%
# The gradient, the steps in their order, and the letters of the true statements.
# For example: backprop_item = 12, "bdeca", "bd"
backprop_item_round = 1
backprop_item = None

# %%
check("backprop_item")

# %% [markdown]
# ### Gradient descent
#
# Look at the slope, take a small step downhill, and do it again. The learning rate decides how long the steps are,
# and too long is worse than too short (lab 5).
#
# For example, f(x) = (x − 1)², from x = 5, with learning rate 0.25: the slope is 2·(5 − 1) = 8, so x = 5 − 2 = 3.
# Then it's 2·(3 − 1) = 4, so x = 3 − 1 = 2.

# %%
practice(practice_questions("descent_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
descent_question = ask("descent_item")

# %%
# Where x is after two steps, to three decimals, and the letters of the true statements.
# For example: descent_item = 2.000, "bd"
descent_item_round = 1
descent_item = None

# %%
check("descent_item")

# %% [markdown]
# ### Autoregressive
#
# A model is asked for one token. The token joins the context, and the model is asked again, until it draws the stop
# token or the limit is reached (lab 7).
#
# For example, a prompt of 5 tokens, then "It", "rains", ".", and the stop token, with a limit of 10: that's 4 calls,
# because the stop token has to be drawn too. At the second call the model sees 5 + 1 = 6 tokens.

# %%
practice(practice_questions("autoregressive_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
autoregressive_question = ask("autoregressive_item")

# %%
# Calls of the model and tokens seen, and the letters of the true statements.
# For example: autoregressive_item = [4, 6], "bd"
autoregressive_item_round = 1
autoregressive_item = None

# %%
check("autoregressive_item")

# %% [markdown]
# ### Softmax
#
# Softmax turns raw scores, the *logits*, into probabilities: each becomes its exponential, divided by the sum of all
# of them (lab 2).
#
# For example, with the logits mat 2, floor 1 and roof 0, the probability of "floor" is 2.718 / (7.389 + 2.718 + 1) =
# 0.245.

# %%
practice(practice_questions("softmax_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
softmax_question = ask("softmax_item")

# %%
# The probability, to three decimals, and the letters of the true statements.
# For example: softmax_item = 0.245, "bd"
softmax_item_round = 1
softmax_item = None

# %%
check("softmax_item")

# %% [markdown]
# ### Temperature
#
# Before softmax, the logits are divided by the temperature. At 1 the distribution is the model's own; below 1 it
# gets sharper, above 1 flatter (lab 2). If you have the probabilities at 1: raise each to the power 1/T, and divide
# by their sum.
#
# For example, mat 50%, floor 30% and roof 20%. At 0.5 the powers are 0.25, 0.09 and 0.04, so mat gets 0.25 / 0.38 =
# 0.658. At 2 they're the roots 0.707, 0.548 and 0.447, so mat gets 0.707 / 1.702 = 0.415.

# %%
practice(practice_questions("temperature_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
temperature_question = ask("temperature_item")

# %%
# Three probabilities, each to three decimals, and the letters of the true statements.
# For example: temperature_item = [0.658, 0.500, 0.415], "bd"
temperature_item_round = 1
temperature_item = None

# %%
check("temperature_item")

# %% [markdown]
# ## Part 2: Five beginner mistakes
#
# Each is a sentence that sounds right. You'll run something, write down what came out, and judge what follows from
# it.

# %% [markdown]
# ### 1. "The model understands meaning"
#
# Take the smallest model of language: for every word, count which words came next (a *bigram model*, lab 3). With 1
# added to every count, it has a loss for any sentence made of its words. Train it on a text, and on the same words
# shuffled.
#
# For example, trained on "a b a b a c": after "a" come "a" 0 + 1 times, "b" 2 + 1 times and "c" 1 + 1 times, of 6.
# So "a b" has the loss −ln(3/6) = 0.693, and "a c" has −ln(2/6) = 1.099. "a b" is less of a surprise, because it was
# more frequent in the text. The model has understood nothing.
#
# The texts of the practice questions are in `meaning_practice[0]["original"]`, `["shuffled"]`, `["real"]` and
# `["nonsense"]`, and so on for the others; those of your own question in `meaning_question`.


# %%
def bigram_loss(text, sentence):
    """The mean loss, in nats, of a sentence's words after the first, by a bigram model of the text."""
    words, seen = text.split(), {}
    for first, second in itertools.pairwise(words):
        seen.setdefault(first, []).append(second)
    size = len({*words})
    surprise = [
        -math.log((seen.get(first, []).count(second) + 1) / (len(seen.get(first, [])) + size))
        for first, second in itertools.pairwise(sentence.split())
    ]
    return sum(surprise) / len(surprise)


print(bigram_loss("a b a b a c", "a b"), bigram_loss("a b a b a c", "a c"))

# %%
meaning_practice = practice_questions("meaning_item")
practice(meaning_practice)

# %% [markdown]
# **Your question**, which is graded:

# %%
meaning_question = ask("meaning_item")

# %%
# Two differences in nats, each to three decimals, and the letters of the true statements.
# For example: meaning_item = [0.405, 0.693], "bd"
meaning_item_round = 1
meaning_item = None

# %%
check("meaning_item")

# %% [markdown]
# ### 2. "Higher temperature = smarter"
#
# A toy model answers some hundred questions. Its scores are the same every time; what changes is how its answer is
# drawn (lab 6). `sample_next_token(logits, rng, temperature=T)` draws one.
#
# For example, with the scores 2, 1, 1, 1, where the first choice is right: at temperature 1 a right answer has the
# probability 7.389 / (7.389 + 3·2.718) = 0.475, and at 2 it has 2.718 / (2.718 + 3·1.649) = 0.355. It's less at 2,
# and nothing that the model knows has changed.
#
# The scores of the practice questions are in `smarter_practice[0]["logits"]` and the right choices in `["right"]`;
# those of your own question in `smarter_question`.

# %%
smarter_practice = practice_questions("smarter_item")
practice(smarter_practice)

# %% [markdown]
# **Your question**, which is graded:

# %%
smarter_question = ask("smarter_item")

# %%
# Three counts, and the letters of the true statements.
# For example: smarter_item = [812, 402, 310], "bd"
smarter_item_round = 1
smarter_item = None

# %%
check("smarter_item")

# %%
temperatures = np.linspace(0.1, 3, 30)
logits, right = np.array(smarter_question["logits"]), np.array(smarter_question["right"])
scores = np.exp(logits[None] / temperatures[:, None, None])
likely = (scores / scores.sum(axis=-1, keepdims=True))[:, np.arange(len(right)), right].mean(axis=1)
figure, axes = plt.subplots()
axes.plot(temperatures, likely)
axes.set(xlabel="temperature", ylabel="probability of a right answer", ylim=(0, 1))
show(
    figure,
    "One curve: how likely a right answer to the questions above is on average, at temperatures from 0.1 to "
    "3. Its numbers unfold below.",
)

# %% [markdown]
# You should see a line that only falls. It would rise if the most likely answers were wrong: chance would help
# then, and the model still wouldn't know any more.

# %% [markdown]
# ### 3. "Training is like programming"
#
# `train_weight` below trains the house-price neuron. Not one of its lines contains a price. Run it on two towns.
#
# For example, with sizes 1 and 2 and prices 200 and 400, training finds the weight 200; with prices 150 and 300 it
# finds 150. Nobody changed the code.


# %%
def train_weight(sizes, prices, rate=0.05, steps=2_000):
    """The weight of the house-price neuron after so many steps of gradient descent on the mean squared error."""
    sizes, prices, weight = np.array(sizes), np.array(prices), 0.0
    for _ in range(steps):
        weight -= rate * np.mean(2 * (weight * sizes - prices) * sizes)
    return weight


print(train_weight([1, 2], [200, 400]), train_weight([1, 2], [150, 300]))

# %%
practice(practice_questions("programming_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
programming_question = ask("programming_item")

# %%
# Two weights, each to one decimal, and the letters of the true statements.
# For example: programming_item = [200.0, 150.0], "bd"
programming_item_round = 1
programming_item = None

# %%
check("programming_item")

# %% [markdown]
# ### 4. "I can retrain a model quickly"
#
# There are three ways to make a model do something new: pre-train one, fine-tune one that exists, or write it into
# the prompt. What you pay is tokens times price per token. (The prices are made up; the sizes are realistic.)
#
# For example, 1 trillion tokens at 2 USD per million cost 2,000,000 USD. Fine-tuning on 10,000 examples of 500
# tokens, read twice, is 10 million tokens, so 20 USD. 1,000 requests a day for 30 days, with a prompt of 1,000
# tokens at 1 USD per million, are 30 million tokens, so 30 USD. (In real fine-tuning, the most expensive part is the
# people who write the examples.)

# %%
practice(practice_questions("retrain_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
retrain_question = ask("retrain_item")

# %%
# Three costs in USD, each to the dollar, and the letters of the true statements.
# For example: retrain_item = [2000000, 20, 30], "bd"
retrain_item_round = 1
retrain_item = None

# %%
check("retrain_item")

# %% [markdown]
# ### 5. "The model picks the best word every time"
#
# It draws. The most likely word comes up as often as its probability says, and nothing checks whether it's true.
#
# For example, if the most likely word has 60%, about 200 of 500 draws are other words; in all but one of a million
# runs, it's between 145 and 255.

# %%
words = np.random.default_rng().choice(["mat", "floor", "roof"], size=12, p=[0.5, 0.3, 0.2])
print(*words)

# %%
practice(practice_questions("best_word_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
best_word_question = ask("best_word_item")

# %%
# The count of draws that aren't the most likely word, and the letters of the true statements.
# For example: best_word_item = 200, "bd"
best_word_item_round = 1
best_word_item = None

# %%
check("best_word_item")

# %% [markdown]
# ## Part 3: Two pictures
#
# *Training is the studying, inference is the exam*: nothing is learned during the exam. And: *early layers find
# simple patterns, middle layers grammar and basic logic, deep layers what takes knowledge and long reasoning.*
#
# *More precisely:* the second is a rule of thumb. In real models, what you can read off the layers comes roughly in
# this order, with a good deal of overlap.

# %% [markdown]
# ### Studying and exam
#
# Weights change in training, once per batch. In a chat they stay as they are, whatever you say.
#
# For example, in a run of 2 epochs with 100 batches each, followed by 50 chats, the weights change 200 times. The
# chats change nothing. If you point out a mistake and the next answer is right, it hasn't learned: your
# sentence is in its context.

# %%
practice(practice_questions("exam_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
exam_question = ask("exam_item")

# %%
# How often the weights change, and the letters of the true statements.
# For example: exam_item = 200, "bd"
exam_item_round = 1
exam_item = None

# %%
check("exam_item")

# %% [markdown]
# ### Layers
#
# Each layer works on what the layer before it has found, so what comes late can build on a lot.
#
# For example, 3 inputs, then 4 and 2 neurons: 4·(3 + 1) + 2·(4 + 1) = 26 weights and biases.

# %%
practice(practice_questions("layers_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
layers_question = ask("layers_item")

# %%
# The number of weights and biases, and the letters of the true statements.
# For example: layers_item = 26, "bd"
layers_item_round = 1
layers_item = None

# %%
check("layers_item")

# %% [markdown]
# ## Part 4: Watching a stream
#
# **Why.** Text that arrives token by token is the one thing about a model that everybody can see. You'll log it: what
# came, and when.
#
# **How.** A stream is an iterator: each `next` gives the next piece of text, and may take its time. Write
# `log_stream`, which asks for one piece after the other, looks at the clock *as soon as it has come*, and notes both.
# `clock()` gives seconds, from any beginning; what counts is the time since your function was called, so look at it
# at the very start.
#
# **By hand.** A stream whose pieces take 0.5, 0.2 and 0.1 seconds gives the log `[(0.5, "The"), (0.7, " cat"), (0.8,
# ".")]`. If you collected everything first and noted it afterward, each would have 0.8.


# %%
def log_stream(increments, clock):
    """Log a stream of text: what came, and when.

    increments: iterator of str. Asking for the next one may take a while.
    clock: function without arguments that returns seconds, counted from any beginning, such as time.perf_counter.
    Returns a list of pairs (seconds, text), one for each increment: the seconds from the call of this function to the
        moment when it had come, and the text as it came, with its spaces. An empty list if nothing comes.
    """
    ### BEGIN SOLUTION
    begun = clock()
    log = []
    for text in increments:
        log.append((clock() - begun, text))
    return log
    ### END SOLUTION


# %%
check("log_stream")

# %% [markdown]
# **A stream to watch.** The course's small model has read a few hundred sentences (lab 9), and no more than that:
# if you ask it a question, it goes on with more of them, as in a quiz. The next cell lets it do that, one token at a
# time, with a short wait for each, as with a large model.


# %%
def stream_of_model(prompt, max_new_tokens=16, seconds=0.01):
    """Yield the text of one token after the other."""
    vocab = model_vocab()
    texts = {number: token for token, number in vocab.items()}
    params = model_params("pretraining")
    ids = [vocab[token] for token in prompt]
    rng = np.random.default_rng(0)
    for _ in range(max_new_tokens):
        time.sleep(seconds)
        token = int(sample_next_token(model_logits(params, np.array(ids))[-1], rng, temperature=0.5))
        if texts[token] == "<end>":
            return
        ids.append(token)
        yield texts[token]


PROMPT = ["What", " is", " the", " capital", " of", " Japan", "?"]
for text in stream_of_model(PROMPT):
    print(text, end="", flush=True)

# %% [markdown]
# **Or a large one.** If you have a key for a chat model, it streams the same way. Install the vendor's own package
# (`pip install anthropic`), set `ANTHROPIC_API_KEY` where you start Jupyter, and never write the key into a notebook.
# For `model`, use a name from the vendor's documentation. Run this in a cell of its own and copy the log it prints
# into your record: when your notebook is graded there's no network.
#
# ```python
# import anthropic
#
# question = {"role": "user", "content": "Count from 1 to 20"}
# with anthropic.Anthropic().messages.stream(model="...", max_tokens=200, messages=[question]) as answer:
#     log = log_stream(answer.text_stream, time.perf_counter)
# print(log)
# ```
#
# **Your record.** `observation` returns it as a dict:
#
# | key | holds |
# | --- | --- |
# | `"model"` | whose stream it was |
# | `"when"` | the day, as `"2026-05-31"` |
# | `"log"` | ten increments or more, as `log_stream` gives them |
# | `"text"` | the final text: all increments joined |
# | `"saw"` | a sentence of your own: how did the first word come, how the last, and what was in between? |
#
# Let the small model stream in it, or write a log into it that you have copied. **No log?** Ask any chat page a
# question, watch the answer, and return only `"page"`, `"when"` and `"saw"`, as precisely as you can. That's just as
# good, but a program can't judge it, so a reviewer reads it and gives the points.


# %%
def observation():
    """What you saw when you watched a stream: a dict, as the table above says."""
    ### BEGIN SOLUTION
    log = log_stream(stream_of_model(PROMPT), time.perf_counter)
    return {
        "model": "the course's small model",
        "when": "2026-03-01",
        "log": log,
        "text": "".join(text for _, text in log),
        "saw": "The first word was there at once, the others followed evenly, and the last came ten times as late.",
    }
    ### END SOLUTION


# %% [markdown]
# **Look.** Each dot is one increment: when it came, and how long the text was then. You should see steps that go up
# one by one. A text that was finished first and then shown would be a single jump.

# %%
record = solved(observation)
if record is not None and "log" in record:
    times = [seconds for seconds, _ in record["log"]]
    lengths = np.cumsum([len(text) for _, text in record["log"]])
    figure, axes = plt.subplots()
    axes.step(times, lengths, where="post", marker="o")
    axes.set(xlabel="seconds since the question", ylabel="letters so far")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    show(
        figure,
        "A dot for each increment that you recorded: when it came, and how many letters the text had then. "
        "You should see steps that go up one by one. A text that was finished first and then shown would be a "
        "single jump.",
    )
    print(f"first increment after {times[0]:.2f} s, last after {times[-1]:.2f} s: {record['text']!r}")

# %%
check("observation")

# %% [markdown]
# ## What you have now
#
# - **Eight words** that you can compute with, and five sentences that you no longer believe.
# - **Studying changes the weights, the exam doesn't.**
# - **A log of a stream**: the first word is there before the last one has been drawn.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit terms` in a terminal, or *File >
# Download* where your course takes files. Next: `readiness/readiness.ipynb`.
