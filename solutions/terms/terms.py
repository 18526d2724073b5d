# %% [markdown]
# # Lab 11: Key terms, beginner mistakes, and watching a stream
#
# **About 150 minutes.** Builds on all the labs before it. New terms are in *italics*; the
# [glossary](../glossary/glossary.ipynb) explains them all.
#
# Can you *use* the vocabulary of this course? This lab asks about eight key terms, five mistakes that beginners make,
# and the big picture from [page 0](../lesson/lesson.ipynb). Each question comes in two versions. You can do the
# **practice** version as often as you like, and you get a verdict and an explanation right away. The other version is
# **your own question**, with a mix of numbers and statements that almost no one else gets. Only your own question is
# graded. Each section has six practice questions, and then they start over. In parts 1 and 2, all six have the same
# statements, and only the numbers are new.
#
# | part | you answer | it's about | minutes |
# | --- | --- | --- | --- |
# | 1 | `network_item` … `temperature_item` | the eight key terms | 55 |
# | 2 | `meaning_item` … `best_word_item` | five beginner mistakes, four of them with code to run | 45 |
# | 3 | `exam_item` … `rlhf_item` | the big picture: inference, layers, the seven boxes, the three stages | 25 |
# | 4 | `log_stream`, `observation` | watching text arrive | 25 |
#
# These times include one or two practice questions in each section.
#
# **How to answer.** A question asks for a number (or several) and for the letters of the statements that are true.
# Work it out on paper, with code from earlier labs, or in a new cell. Then write the result in place of
# `None`: `softmax_item = 0.245, "bd"`. Write plain values: your cell isn't run to find your answer, so
# `softmax_item = 1 / 4, "bd"` won't work. The `check(…)` cell confirms that your answer is recorded. **You'll find
# out whether it's right when it's graded.**
#
# **Rounds.** Your first questions are round 1. You can submit as often as you like. Once a round has been graded,
# your answer to it is final, whether it's right or wrong. It doesn't hurt to submit the same notebook again. If you'd
# like a new question after that, run `ask("softmax_item", round=2)`, answer it, and set `softmax_item_round = 2` in
# the answer's cell. Each question has its own rounds, so you can leave the ones you got right as they are.

# %%
import itertools
import math
import time

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from autograder import check, practice, progress, show, solved
from autograder.given import (
    model_logits,
    model_params,
    model_vocab,
    practice_questions,
    question,
    sample_next_token,
)
from autograder.notebook.pausing import pause

# %%
progress()  # shows what you've built so far; run this again to redraw it

# %% [markdown]
# **Who you are.** `STUDENT` is the name your course knows you by. `None` means the name you're logged in with here.
# If your course uses a different name, such as a number or your full name, you'll find that name on your course's
# page. Replace `None` with it, in quotes.

# %%
STUDENT = None


def ask(item, round=1):
    """Show your own question for a round, and return it as data."""
    yours = question(item, STUDENT, round)
    display({"text/plain": yours["text"], "text/html": yours["html"]}, raw=True)
    return yours


# %% [markdown]
# ## 1. Eight key terms
#
# Each section reminds you of the idea and gives you practice questions. Choose your answers, press *Check*, and read
# the explanation. If your notebook has no buttons, the cell prints the question and shows how to answer it.

# %% [markdown]
# ### Neural network
#
# A neuron multiplies its inputs by its *weights*, adds up the products, and adds its *bias*. In a hidden layer, the
# sum then goes through a simple function such as *ReLU* (which turns negative numbers into 0). A network is a stack
# of such layers (lab 1).
#
# **By hand.** Inputs (1, 2). Hidden neuron 1 has weights (2, 1) and bias 0: 2 + 2 = 4. Hidden neuron 2 has weights
# (1, −1) and bias −1: 1 − 2 − 1 = −2, which ReLU turns into 0. An output neuron with weights (3, 4) and bias 5 gives
# 3·4 + 4·0 + 5 = 17.

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
# The house-price neuron has one weight. Training moves it against the gradient, and the *learning rate* says how far to
# move it (labs 4 and 5).
#
# **By hand.** Take a house of size 2 and price 420, a weight of 200, a learning rate of 0.1 and the loss (prediction
# − price)². The prediction is 400, the error −20, and the gradient 2·(−20)·2 = −80. The weight becomes 200 + 0.1·80 =
# 208.

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
# The loss of a guess is −ln p, where p is the probability the guess gave to the word that actually came next (lab 3).
# It's 0 if p is 1, and grows without limit as p approaches 0. Nothing else about the guess matters.
#
# **By hand.** A model gives mat 25%, floor 30% and table 20%, and "mat" comes next: the loss is −ln 0.25 = 1.386. It
# doesn't matter that "floor" was more likely.

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
# For each weight, backpropagation asks: how does the loss change if this weight changes a little? The answers are the
# *gradients*, and you find them with the *chain rule*, working from the loss back to the first layer (lab 4).
#
# **By hand.** y = v·ReLU(w·x) with the loss (y − target)², x = 3, w = 1, v = 2 and target = 5: h = 3 and y = 6, so
# the error is 1. The gradient with respect to y is 2·1 = 2, with respect to h it's 2·2 = 4, and with respect to w
# it's 4·3 = 12.
#
# **More precisely.** You'll often read that backpropagation adjusts the weights. Strictly speaking, it only computes
# the gradients, and gradient descent does the adjusting.

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
# Look at the slope, take a small step downhill, and do it again. The learning rate decides how long the steps are, and
# steps that are too long are worse than steps that are too short (lab 5).
#
# **By hand.** f(x) = (x − 1)², starting at x = 5, with learning rate 0.25: the slope is 2·(5 − 1) = 8, so x moves by
# 2 and arrives at 3. At 3, the slope is 2·(3 − 1) = 4, so x moves by 1 and arrives at 2.

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
# You ask the model for one token, add it to the context, and ask again, until it draws the stop token or reaches the
# limit (lab 7).
#
# **By hand.** The prompt has 5 tokens. The model writes "It", "rains", ".", and the stop token, with a limit of 10.
# That's 4 calls, because the stop token has to be drawn, too. On the second call, the model sees 5 + 1 = 6 tokens.

# %%
practice(practice_questions("autoregressive_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
autoregressive_question = ask("autoregressive_item")

# %%
# The number of calls, the number of tokens seen, and the letters of the true statements.
# For example: autoregressive_item = [4, 6], "bd"
autoregressive_item_round = 1
autoregressive_item = None

# %%
check("autoregressive_item")

# %% [markdown]
# ### Softmax
#
# Softmax turns raw scores, the *logits*, into probabilities: the exponential of each, divided by the sum of all the
# exponentials (lab 2).
#
# **By hand.** With logits of 2 for mat, 1 for floor and 0 for roof, the probability of "floor" is 2.718 / (7.389 +
# 2.718 + 1) = 0.245.

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
# The logits are divided by the temperature before softmax. At 1, you get the model's own distribution. Below 1, the
# distribution gets sharper, and above 1, it gets flatter (lab 2). If you have the probabilities at temperature 1,
# raise each to the power 1/T and divide by the sum of the results.
#
# **By hand.** Say mat has 50%, floor 30% and roof 20%. At 0.5, the powers are 0.25, 0.09 and 0.04, so mat gets 0.25 /
# 0.38 = 0.658. At 2, they're the square roots 0.707, 0.548 and 0.447, so mat gets 0.707 / 1.702 = 0.415.

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
# ## 2. Five beginner mistakes
#
# Each mistake is a sentence that sounds right. You'll run some code (or, for the fourth mistake, work out three
# costs), write down the results, and decide what follows from them.

# %% [markdown]
# ### 1. "The model understands meaning"
#
# Take the simplest language model: for each word, count which words came next (a *bigram model*, lab 3). If you add 1
# to each count, the model gives any sentence made of its words a finite loss. Train this model once on a text and
# once on the same words in shuffled order.
#
# **By hand.** Train the model on "a b a b a c". After "a", the counts are 0 + 1 for "a", 2 + 1 for "b" and 1 + 1 for
# "c", which makes 6 in total. So "a b" has a loss of −ln(3/6) = 0.693, and "a c" has −ln(2/6) = 1.099. "a b" is less
# of a surprise because it was more frequent in the text. The model hasn't understood anything.
#
# You'll find the texts for the first practice question in `meaning_practice[0]["original"]`, `["shuffled"]`,
# `["real"]` and `["nonsense"]`, those for the next one in `meaning_practice[1]`, and so on. The texts for your own
# question are in `meaning_question`. After training on the shuffled text, the nonsense can have the lower loss. In
# that case, the difference is negative, so include the minus sign.


# %%
def bigram_loss(text, sentence):
    """Return the mean loss, in nats, of a sentence's words after the first, under a bigram model of the text."""
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
# A toy model answers a few hundred questions. The model always gives the same question the same scores. The only
# thing that changes is how the answer is drawn (lab 6). To draw the answer to one question, call
# `sample_next_token(logits, rng, temperature=T)`. It needs that question's scores as an array, so wrap its row in
# `np.array(...)`.
#
# **By hand.** Say the scores are 2, 1, 1 and 1, and the first choice is right. At temperature 1 the right answer has
# probability 7.389 / (7.389 + 3·2.718) = 0.475, and at 2 it has 2.718 / (2.718 + 3·1.649) = 0.355. The probability is
# lower at 2, even though nothing the model knows has changed.
#
# You'll find the scores for the first practice question in `smarter_practice[0]["logits"]`, a list with one row for
# each question that the model answers, and the correct choices in `["right"]`. The scores and correct choices for
# your own question are in `smarter_question`. Because the draws are random, any plausible counts are accepted.

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
axes.set(xlabel="temperature", ylabel="probability of a correct answer", ylim=(0, 1))
show(
    figure,
    "One curve: the average probability of a correct answer to the questions above, at temperatures from 0.1 to 3. The "
    "table below has its numbers.",
)

# %% [markdown]
# You should see a line that keeps falling. The line would rise if the model's most likely answers were wrong. In that
# case, randomness would help, but the model still wouldn't know any more than before.

# %% [markdown]
# ### 3. "Training is like programming"
#
# `train_weight` below trains the house-price neuron. None of its lines contains an actual price. You'll run it on two
# towns.
#
# **By hand.** If the sizes are 1 and 2 and the prices are 200 and 400, training finds a weight of 200. If the prices
# are 150 and 300, it finds a weight of 150. Nobody changed the code.


# %%
def train_weight(sizes, prices, rate=0.05, steps=200):
    """Return the house-price neuron's weight after this many steps of gradient descent on the mean squared error."""
    sizes, prices, weight = np.array(sizes), np.array(prices), 0.0
    for _ in range(steps):
        weight -= rate * np.mean(2 * (weight * sizes - prices) * sizes)
    return weight


print(f"{train_weight([1, 2], [200, 400]):.1f}, {train_weight([1, 2], [150, 300]):.1f}")

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
# There are three ways to make a model do something new: pre-train one, fine-tune an existing one, or put what it
# needs to know in the prompt. The cost is the number of tokens times the price per token. (The prices are made up, but
# the sizes are realistic.)
#
# **By hand.** Pre-training on 1 trillion tokens at 2 dollars per million costs 2,000,000 dollars. Fine-tuning on
# 10,000 examples of 500 tokens, each read twice, comes to 10 million tokens, or 20 dollars. A prompt of 1,000 tokens,
# sent with each of 1,000 requests a day for 30 days at 1 dollar per million, adds up to 30 million tokens, or 30
# dollars. (In real fine-tuning, the most expensive part is the people who write the examples.)

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
# It draws at random. The most likely word comes up as often as its probability says, and nothing checks whether it's
# true.
#
# **By hand.** If the most likely word has a probability of 60%, about 200 of 500 draws are other words. In all but
# one in a million runs, that count is between 145 and 255. Any plausible count is accepted, both in the practice
# questions and in your own.

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
# ## 3. The big picture
#
# Four questions about the model as a whole: what changes in training and what doesn't, how layers add up, what happens
# inside the boxes, and what each stage of training is for.

# %% [markdown]
# ### Studying and the exam
#
# *Training is studying, and inference is the exam*: nothing is learned during the exam. Weights change during
# training, once per batch. In a chat, the weights stay as they are, no matter what you say.
#
# **By hand.** In a run of 2 epochs with 100 batches each, followed by 50 chats, the weights change 200 times. The
# chats don't change anything. If you point out a mistake and the next answer is right, the model hasn't learned
# anything: your correction is simply in its context.

# %%
practice(practice_questions("exam_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
exam_question = ask("exam_item")

# %%
# How many times the weights change, and the letters of the true statements.
# For example: exam_item = 200, "bd"
exam_item_round = 1
exam_item = None

# %%
check("exam_item")

# %% [markdown]
# ### Layers
#
# Each layer works on what the layer before it found, so later layers have a lot to build on.
#
# **By hand.** A network with 3 inputs and then layers of 4 and 2 neurons has 4·(3 + 1) + 2·(4 + 1) = 26 weights and
# biases.
#
# **More precisely.** You'll often read that early layers find simple patterns, middle layers find grammar, and deep
# layers find meaning. That's a rule of thumb with many exceptions, so no question asks about it.

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
# ### The seven boxes
#
# Text becomes ids, ids become vectors, *attention* lets each vector collect information from the others, the output
# layer gives every token a score, and the sampler picks one. The new token joins the text, and the loop repeats
# (lab 8).
#
# **By hand.** Attention with a *causal mask*: three tokens have the values 10, 50 and 90. Token 2's scores for them
# are 0, 1.0986 and 5. Token 2 can't see token 3, so only the first two scores count: $e^0 = 1$ and $e^{1.0986} = 3$,
# which gives weights of 0.25 and 0.75. The result is 0.25·10 + 0.75·50 = 40.

# %%
practice(practice_questions("architecture_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
architecture_question = ask("architecture_item")

# %%
# The attention output, to three decimals, and the letters of the true statements.
# For example: architecture_item = 40.000, "bd"
architecture_item_round = 1
architecture_item = None

# %%
check("architecture_item")

# %% [markdown]
# ### The three stages
#
# *Pre-training* gives a model its knowledge, *supervised fine-tuning* teaches it to answer, and *RLHF* makes it prefer
# the answers that people prefer: helpful, honest and harmless ones (labs 9 and 10). The goal is called *alignment*.
#
# **By hand.** A reward model gives answer A a reward of 2 and answer B a reward of 0. How likely is a person to choose
# A? According to the Bradley-Terry model, the probability is the sigmoid of the difference: 1 / (1 + e⁻²) = 0.881.

# %%
practice(practice_questions("rlhf_item"))

# %% [markdown]
# **Your question**, which is graded:

# %%
rlhf_question = ask("rlhf_item")

# %%
# The probability, to three decimals, and the letters of the true statements.
# For example: rlhf_item = 0.881, "bd"
rlhf_item_round = 1
rlhf_item = None

# %%
check("rlhf_item")

# %% [markdown]
# ## 4. Watching a stream
#
# **Why.** Text arriving token by token is the one thing about a model that everyone can see. In this part, you'll log
# what arrives, and when.
#
# **Formula.** A stream is an iterator: each `next` returns the next piece of text, and may take a while. Write
# `log_stream`, which asks for one piece after another, reads the clock *as soon as a piece arrives*, and records the
# time and the piece. `clock()` returns the time in seconds since an arbitrary starting point. You need the time since
# your function was called, so read the clock at the very start, too.
#
# **By hand.** If the pieces take 0.5, 0.2 and 0.1 seconds, the log is `[(0.5, "The"), (0.7, " cat"), (0.8, ".")]`. If
# you collected everything first and recorded it afterward, each time would be 0.8.


# %%
def log_stream(increments, clock):
    """Log a stream of text: what arrived, and when.

    increments: iterator of str, the pieces of text. Asking for the next one can take a while.
    clock: function without arguments that returns the time in seconds since an arbitrary
        starting point, such as time.perf_counter.
    Returns a list of (seconds, text) pairs, one per piece: how many seconds after the call to this function it
    arrived, and its text, spaces included. The list is empty if nothing arrives.
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
# **A stream to watch.** The course's small model has only read a few hundred sentences (lab 9). If you ask it a
# question, it continues with more questions, as in a quiz. The next cell lets it do that, one token at a time, with a
# short pause before each one so that you can watch. (There are no pauses while a check runs or your notebook is graded,
# so the times in a log are shorter then.) For a prompt of your own, each piece has to be in `model_vocab()`, spelled
# exactly as it is there, with its leading space if it has one. Any other piece raises a `KeyError`.


# %%
def stream_of_model(prompt, max_new_tokens=16, seconds=0.03):
    """Yield the text of each token, one at a time."""
    vocab = model_vocab()
    texts = {number: token for token, number in vocab.items()}
    params = model_params("pretraining")
    ids = [vocab[token] for token in prompt]
    rng = np.random.default_rng(0)
    for _ in range(max_new_tokens):
        pause(seconds)
        token = int(sample_next_token(model_logits(params, np.array(ids))[-1], rng, temperature=0.5))
        if texts[token] == "<end>":
            return
        ids.append(token)
        yield texts[token]


PROMPT = ["What", " is", " the", " capital", " of", " Japan", "?"]
for text in stream_of_model(PROMPT):
    print(text, end="", flush=True)

# %% [markdown]
# **Or a large one.** If you have an API key for a chat model, you can log its stream the same way. Install the
# vendor's package (`pip install anthropic`), set `ANTHROPIC_API_KEY` in the terminal where you start Jupyter, and
# never write the key into a notebook. For `model`, use a name from the vendor's documentation. Run this in a cell of
# your own and copy the log it prints into your record, because there's no network when your notebook is graded.
#
# ```python
# import anthropic
#
# question = {
#     "role": "user",
#     "content": "Count from 1 to 20",
# }
# client = anthropic.Anthropic()
# with client.messages.stream(
#     model="...",
#     max_tokens=200,
#     messages=[question],
# ) as answer:
#     stream = answer.text_stream
#     log = log_stream(stream, time.perf_counter)
# print(log)
# ```
#
# **Your record.** `observation` returns it as a dict:
#
# | key | value |
# | --- | --- |
# | `"model"` | the model whose stream you watched |
# | `"when"` | the date, as in `"2026-05-31"` |
# | `"log"` | at least ten pieces, as `log_stream` returns them |
# | `"text"` | the final text: all pieces joined |
# | `"saw"` | a sentence of your own: when did the first word arrive, when did the last, and what came in between? |
#
# Let the small model stream inside the function, or paste a log that you've copied. **No log?** Ask any chat
# assistant a question, watch its answer come in, and return only `"page"` (where you saw it), `"when"` and `"saw"`. Be
# as precise as you can. This kind of record is just as good, but a program can't judge it, so a reviewer reads and
# scores it.


# %%
def observation():
    """Return what you saw when you watched a stream: a dict with the keys in the table above."""
    ### BEGIN SOLUTION
    log = log_stream(stream_of_model(PROMPT), time.perf_counter)
    return {
        "model": "the course's small model",
        "when": "2026-03-01",
        "log": log,
        "text": "".join(text for _, text in log),
        "saw": "The first word appeared at once, the others followed at an even pace, and the last one arrived about "
        "ten times as late as the first.",
    }
    ### END SOLUTION


# %% [markdown]
# **See it.** Each dot is one piece of text. It shows when the piece arrived, and how long the text was by then. You
# should see a staircase that goes up one piece at a time. If the whole text had been finished before any of it was
# shown, you'd see a single jump.

# %%
record = solved(observation)
if record is not None and "log" in record:
    times = [seconds for seconds, _ in record["log"]]
    lengths = np.cumsum([len(text) for _, text in record["log"]])
    figure, axes = plt.subplots()
    axes.step(times, lengths, where="post", marker="o")
    axes.set(xlabel="seconds since the question", ylabel="characters so far")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    show(
        figure,
        "Each dot is a piece of text you recorded. It shows when the piece arrived, and how many characters the text "
        "had by then. You should see a staircase that goes up one piece at a time. If the whole text had been "
        "finished before any of it was shown, you'd see a single jump.",
    )
    print(f"first piece after {times[0]:.2f} s, last after {times[-1]:.2f} s: {record['text']!r}")

# %%
check("observation")

# %% [markdown]
# ## What you've learned
#
# - **Eight key terms**, each with a calculation you can do yourself, and five beginner mistakes you can now avoid.
# - **Training changes the weights, and inference doesn't.**
# - **Each stage of training has a purpose**: the first gives a model its knowledge, the second teaches it to answer,
#   and the third makes it prefer the answers that people prefer.
# - **A log of a stream** shows that the first word arrives before the last one has been drawn.
#
# **Hand it in.** Restart the kernel and run all cells, save, then run `mastery submit terms` in a terminal. If your
# course takes uploads, use *File > Download*.
#
# **Next:** you know how a model works. In lab 12, [readiness](../readiness/readiness.ipynb), you'll decide whether to
# use one.
