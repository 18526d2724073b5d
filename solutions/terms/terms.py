# %% [markdown]
# # Lab 11: Key terms, beginner mistakes, and watching a stream
#
# **About 90 minutes.** This lab asks whether you can *use* the words of the course: eight key terms, five mistakes
# that beginners make, the picture of studying and exam, the picture of layers. Each is a question of your own, with
# numbers that nobody else has. Work it out on paper, with the code of earlier labs, or in a cell below; then write
# down what you found.
#
# | part | questions | about |
# | --- | --- | --- |
# | 1 | `network_item` … `temperature_item` | the eight key terms |
# | 2 | `meaning_item` … `best_word_item` | five mistakes, each with something to run |
# | 3 | `exam_item`, `layers_item` | two pictures of the lesson |
# | 4 | `log_stream`, `observation` | watching text arrive |
#
# **How to answer.** A question has a number (or several) and a letter. Your function returns both, and may be as
# short as `return 0.62, "b"`; it may also compute them from the question, which it is given. The cell `check(…)` only
# looks at the *form* of your answer: a number, a letter that is offered. **Whether it is right is found when it is
# graded**, and then you read what was mistaken and why.
#
# **Another attempt asks other questions.** You may hand in as often as you like. When you do it again, raise
# `ATTEMPT` by one, run the cells from top to bottom, and answer the new questions; the feedback to each attempt says
# which number comes next. Right once is *proficient*; right in three attempts (one by chance is not knowledge) is
# *mastered*.
#
# Below each heading are practice questions, with their keys folded away. They count for nothing, and are the same for
# everyone.

# %%
import itertools
import math
import time

import matplotlib.pyplot as plt
import numpy as np

from autograder import check, solved
from autograder.given import model_logits, model_params, model_vocab, question, sample_next_token

# %% [markdown]
# **Who you are, and which attempt this is.** `STUDENT` is the name under which your course knows you. None means the
# name that you are logged in with here. If your course uses another one (its web page says so: a number, or your full
# name), write it there, in quotes.

# %%
STUDENT = None
ATTEMPT = 1


# %%
def ask(item):
    """Show your own question, and return it as data."""
    yours = question(item, STUDENT, ATTEMPT)
    print(yours["text"])
    return yours


# %% [markdown]
# ## Part 1: Eight key terms

# %% [markdown]
# ### Neural network
#
# A neuron multiplies its inputs by its weights, adds them up, and adds its bias. In a hidden layer a simple function
# follows, such as ReLU, which turns what is below 0 into 0. A network is such layers, one after the other (lab 1).
#
# **Practice** (with key, counts for nothing):
# - Inputs (1, 2). Hidden neuron 1: weights (2, 1), bias 0. Hidden neuron 2: weights (1, −1), bias −1. Output:
#   weights (3, 4), bias 5.
#   <details><summary>Key</summary>
#
#   Hidden 1: 2 + 2 = 4. Hidden 2: 1 − 2 − 1 = −2, and ReLU makes it 0. Output: 3·4 + 4·0 + 5 = 17.
#
#   </details>
# - Is a network the brain in a computer?
#   <details><summary>Key</summary>
#
#   No. It borrowed the word neuron, and is arithmetic: sums, bends, and numbers that came from examples.
#
#   </details>

# %%
network_question = ask("network_item")


# %%
def network_item(question):
    """What comes out of a network of two inputs, two hidden neurons with ReLU, and one output neuron without.

    question: its "x" are the inputs; "W1" the weights of the hidden neurons, a row each, "b1"
        their biases; "w2" the weights of the output neuron, "b2" its bias; "options" the texts
        by their letters.
    Returns (output, letter): a whole number, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    hidden = np.maximum(np.array(question["W1"]) @ question["x"] + question["b1"], 0)
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return hidden @ question["w2"] + question["b2"], letter
    ### END SOLUTION


# %%
check("network_item")

# %% [markdown]
# ### Weight
#
# The house-price neuron has one weight, and training moves it: against the gradient, as far as the learning rate says
# (labs 4 and 5).
#
# **Practice** (with key, counts for nothing):
# - Size 2, price 420, weight 200, learning rate 0.1, loss (prediction − price)².
#   <details><summary>Key</summary>
#
#   The prediction is 400, the error −20, the gradient 2·(−20)·2 = −80. The weight becomes 200 + 0.1·80 = 208.
#
#   </details>
# - The weight was 200 and the house would fit exactly at 210. Why is it not 210 now?
#   <details><summary>Key</summary>
#
#   A step goes as far as the learning rate says, and one house is not all houses: the weight has to serve them all.
#
#   </details>

# %%
weight_question = ask("weight_item")


# %%
def weight_item(question):
    """The weight of the house-price neuron after one step of gradient descent.

    question: its "size", "price" and "weight" are those of the text, in thousands;
        "learning_rate"; "options".
    Returns (weight, letter): the new weight to two decimals, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    prediction = question["weight"] * question["size"]
    gradient = 2 * (prediction - question["price"]) * question["size"]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return question["weight"] - question["learning_rate"] * gradient, letter
    ### END SOLUTION


# %%
check("weight_item")

# %% [markdown]
# ### Loss function
#
# The loss of a guess is −ln p, with p the probability that it gave to what really came (lab 3). It is 0 where p is 1,
# and grows without end as p goes to 0. Nothing else in the guess counts.
#
# **Practice** (with key, counts for nothing):
# - A model gives mat 25 %, floor 30 %, table 20 %. "mat" comes.
#   <details><summary>Key</summary>
#
#   −ln 0.25 = 1.386. That floor had more is no matter.
#
#   </details>
# - "mat" comes. Model A gave mat 30 % and floor 25 %; model B gave mat 40 % and floor 45 %. Whose loss is lower?
#   <details><summary>Key</summary>
#
#   B's: −ln 0.40 = 0.916 against 1.204. B's likeliest word was wrong, and yet it found the right one less
#   surprising.
#
#   </details>

# %%
loss_question = ask("loss_item")


# %%
def loss_item(question):
    """The loss of a guess, in nats.

    question: its "probs" are the probabilities by word, "target" the word that came; "options".
    Returns (loss, letter): the loss to three decimals, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return -math.log(question["probs"][question["target"]]), letter
    ### END SOLUTION


# %%
check("loss_item")

# %% [markdown]
# ### Backpropagation
#
# Backpropagation asks for every weight: how does the loss change if I move you a little? The answers are the
# gradients, and the chain rule finds them from the back to the front (lab 4).
#
# *More precisely:* the lesson says that backpropagation adjusts the weights. Strictly it only computes the gradients;
# gradient descent does the adjusting.
#
# **Practice** (with key, counts for nothing):
# - y = v·ReLU(w·x), loss (y − target)², x = 3, w = 1, v = 2, target = 5.
#   <details><summary>Key</summary>
#
#   h = 3, y = 6, the error is 1. With respect to y the loss has the gradient 2·1 = 2, with respect to h 2·2 = 4,
#   with respect to w 4·3 = 12.
#
#   </details>
# - Which comes first, the loss or the gradients?
#   <details><summary>Key</summary>
#
#   The loss: gradients are gradients of something.
#
#   </details>

# %%
backprop_question = ask("backprop_item")


# %%
def backprop_item(question):
    """A gradient by hand, the order of the steps of training, and what backpropagation does.

    question: its "x", "w", "v" and "target" are those of the text; "steps" the five steps by
        their letters; "options".
    Returns (gradient, order, letter): a whole number; five letters, such as "bdeca"; the letter
        of the right text.
    """
    ### BEGIN SOLUTION
    h = question["w"] * question["x"]  # above 0, so ReLU lets it pass
    error = question["v"] * h - question["target"]
    gradient = 2 * error * question["v"] * question["x"]
    told = [("predict",), ("wrong",), ("gradients",), ("small step", "a little"), ("next batch",)]
    order = [k for step in told for k, text in question["steps"].items() if any(each in text for each in step)]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return gradient, "".join(order), letter
    ### END SOLUTION


# %%
check("backprop_item")

# %% [markdown]
# ### Gradient descent
#
# Look at the slope, take a small step downhill, and again. How long the steps are is the learning rate's choice, and
# too long is worse than too short (lab 5).
#
# **Practice** (with key, counts for nothing):
# - f(x) = (x − 1)², from x = 5, learning rate 0.25.
#   <details><summary>Key</summary>
#
#   The slope is 2·(5 − 1) = 8, so x = 5 − 2 = 3. Then 2·(3 − 1) = 4, so x = 3 − 1 = 2.
#
#   </details>
# - Does it always end in the lowest valley?
#   <details><summary>Key</summary>
#
#   No: with too long a step it ends in none, and where there are several valleys it may end in another.
#
#   </details>

# %%
descent_question = ask("descent_item")


# %%
def descent_item(question):
    """Where gradient descent is after two steps on a·(x − lowest)².

    question: its "a", "lowest", "start" and "learning_rate" are those of the text; "options".
    Returns (x, letter): x after two steps, to three decimals, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    x = question["start"]
    for _ in range(2):
        slope = 2 * question["a"] * (x - question["lowest"])
        x = x - question["learning_rate"] * slope
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return x, letter
    ### END SOLUTION


# %%
check("descent_item")

# %% [markdown]
# ### Autoregressive
#
# A model is asked for one token. That joins the context, and the model is asked again, until it draws the stop token
# or the limit is reached (lab 7).
#
# **Practice** (with key, counts for nothing):
# - A prompt of 5 tokens, then "It", "rains", ".", stop. Limit 10. How many calls, and how many tokens in sight at
#   the second?
#   <details><summary>Key</summary>
#
#   4 calls: three words and the stop token, which has to be drawn, too. At the second it sees 5 + 1 = 6 tokens.
#
#   </details>
# - Is the end of the answer there when you read its beginning?
#   <details><summary>Key</summary>
#
#   No: it has not been drawn, and another draw now would change all that follows.
#
#   </details>

# %%
autoregressive_question = ask("autoregressive_item")


# %%
def autoregressive_item(question):
    """How often a model is asked, and what it sees.

    question: its "prompt_length" is in tokens; "tokens" are those drawn before the stop token,
        "max_new_tokens" the limit; "step" is the token that is asked for, counted from 1;
        "options".
    Returns ([calls, seen], letter): two whole numbers, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    calls = min(len(question["tokens"]) + 1, question["max_new_tokens"])
    letter = next(letter for letter, text in question["options"].items() if "joins the context" in text)
    return [calls, question["prompt_length"] + question["step"] - 1], letter
    ### END SOLUTION


# %%
check("autoregressive_item")

# %% [markdown]
# ### Softmax
#
# Softmax turns raw scores into probabilities: each becomes its exponential, divided by the sum of all of them (lab
# 2).
#
# **Practice** (with key, counts for nothing):
# - Logits: mat 2, floor 1, roof 0. Which probability has floor?
#   <details><summary>Key</summary>
#
#   2.718 / (7.389 + 2.718 + 1) = 0.245.
#
#   </details>
# - Now all three are larger by 10.
#   <details><summary>Key</summary>
#
#   Nothing changes: every exponential is multiplied by the same number, which cancels.
#
#   </details>

# %%
softmax_question = ask("softmax_item")


# %%
def softmax_item(question):
    """The probability that softmax gives to a word.

    question: its "logits" are the raw scores by word, "word" is the one that is asked for;
        "options".
    Returns (probability, letter): a number from 0 to 1 to three decimals, and the letter of the
        right text.
    """
    ### BEGIN SOLUTION
    exponentials = {word: math.exp(logit) for word, logit in question["logits"].items()}
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return exponentials[question["word"]] / sum(exponentials.values()), letter
    ### END SOLUTION


# %%
check("softmax_item")

# %% [markdown]
# ### Temperature
#
# Before softmax the logits are divided by the temperature. At 1 the distribution is the model's own; below 1 it
# becomes sharper, above 1 flatter (lab 2). For probabilities at 1 that is: raise each to the power 1/T, and divide by
# their sum.
#
# **Practice** (with key, counts for nothing):
# - mat 50 %, floor 30 %, roof 20 %. Which probability has mat at temperature 0.5, and at 2?
#   <details><summary>Key</summary>
#
#   At 0.5 the powers are 0.25, 0.09, 0.04, and 0.25 / 0.38 = 0.658. At 2 they are the roots 0.707, 0.548, 0.447,
#   and 0.707 / 1.702 = 0.415.
#
#   </details>
# - Does a temperature of 0.1 always pick the likeliest word?
#   <details><summary>Key</summary>
#
#   Nearly always, where that is well ahead. With 35 % and 28 % the second still comes one time in ten.
#
#   </details>

# %%
temperature_question = ask("temperature_item")


# %%
def temperature_item(question):
    """The probability of the likeliest word at three temperatures.

    question: its "probs" are the probabilities by word at temperature 1; "temperatures" are
        three; "options".
    Returns ([p, p, p], letter): three numbers from 0 to 1 to three decimals, in the order of
        the temperatures, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    logits = np.log(list(question["probs"].values()))
    rows = [np.exp(logits / temperature) for temperature in question["temperatures"]]
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return [row.max() / row.sum() for row in rows], letter
    ### END SOLUTION


# %%
check("temperature_item")

# %% [markdown]
# ## Part 2: Five beginner mistakes
#
# Each is a sentence that sounds right. You will run something, write down what came, and say what follows.

# %% [markdown]
# ### 1. "The model understands meaning"
#
# Take the smallest model of language: for every word, count which words came next (a *bigram model*, lab 3). With one
# added to every count, it has a loss for any sentence of its words. Train it on a text, and on the same words
# shuffled.
#
# **Practice** (with key, counts for nothing):
# - Trained on "a b a b a c", which is less of a surprise: "a b" or "a c"?
#   <details><summary>Key</summary>
#
#   With one added, after a come a 0 + 1, b 2 + 1, c 1 + 1 of 6: the losses are −ln(3/6) = 0.693 and −ln(2/6) =
#   1.099. So "a b", since that was more often in the text; the model has understood nothing.
#
#   </details>


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
meaning_question = ask("meaning_item")


# %%
def meaning_item(question):
    """What becomes of a bigram model when its text is shuffled.

    question: its "original" and "shuffled" are the texts, "real" and "nonsense" the sentences;
        "options".
    Returns ([difference, difference], letter): loss of the nonsense less that of the real
        sentence, in nats to three decimals, trained on the original and on the shuffled text;
        and the letter of the right text.
    """
    ### BEGIN SOLUTION
    real, nonsense = question["real"], question["nonsense"]
    learnt_from = [question["original"], question["shuffled"]]
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return [bigram_loss(text, nonsense) - bigram_loss(text, real) for text in learnt_from], letter
    ### END SOLUTION


# %%
check("meaning_item")

# %% [markdown]
# ### 2. "Higher temperature = smarter"
#
# A toy model answers 200 questions. Its scores are the same every time; what changes is how its answer is drawn (lab
# 6). `sample_next_token(logits, rng, temperature=T)` draws one.
#
# **Practice** (with key, counts for nothing):
# - Scores 2, 1, 1, 1; the first choice is right. How likely is a right answer at temperature 1, and at 2?
#   <details><summary>Key</summary>
#
#   7.389 / (7.389 + 3·2.718) = 0.475, and e / (e + 3·1.649) = 0.355. Less at 2, and nothing that the model knows
#   has changed.
#
#   </details>

# %%
smarter_question = ask("smarter_item")


# %%
def smarter_item(question):
    """How many of 200 answers are right at three temperatures.

    question: its "logits" are four scores for each of 200 questions, "right" the right choices,
        from 0 to 3; "temperatures" are three; "options".
    Returns ([count, count, count], letter): the numbers of right answers in your draws, in the
        order of the temperatures, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng()
    counts = []
    for temperature in question["temperatures"]:
        scores = np.exp(np.array(question["logits"]) / temperature)
        probs = scores / scores.sum(axis=1, keepdims=True)
        answers = [rng.choice(4, p=row) for row in probs]
        counts.append(int(np.sum(np.array(answers) == question["right"])))
    letter = next(letter for letter, text in question["options"].items() if "no knowledge" in text)
    return counts, letter
    ### END SOLUTION


# %%
check("smarter_item")

# %%
temperatures = np.linspace(0.1, 3, 30)
logits, right = np.array(smarter_question["logits"]), np.array(smarter_question["right"])
scores = np.exp(logits[None] / temperatures[:, None, None])
likely = (scores / scores.sum(axis=-1, keepdims=True))[:, np.arange(len(right)), right].mean(axis=1)
plt.plot(temperatures, likely)
plt.xlabel("temperature")
plt.ylabel("probability of a right answer")
plt.ylim(0, 1)
plt.show()

# %% [markdown]
# You should see a line that only falls. It would look different if the likeliest answers were wrong; then chance
# helps, and still nothing is known.

# %% [markdown]
# ### 3. "Training is like programming"
#
# `train_weight` below trains the house-price neuron. Not a line of it knows a price. Run it on two towns.
#
# **Practice** (with key, counts for nothing):
# - Sizes 1 and 2, prices 200 and 400. Which weight does training find, and what if the prices are 150 and 300?
#   <details><summary>Key</summary>
#
#   200, and 150: the weight with the smallest squared error, which here is none. Nobody changed the code.
#
#   </details>


# %%
def train_weight(sizes, prices, rate=0.05, steps=2_000):
    """The weight of the house-price neuron after so many steps of gradient descent on the mean squared error."""
    sizes, prices, weight = np.array(sizes), np.array(prices), 0.0
    for _ in range(steps):
        weight -= rate * np.mean(2 * (weight * sizes - prices) * sizes)
    return weight


print(train_weight([1, 2], [200, 400]), train_weight([1, 2], [150, 300]))

# %%
programming_question = ask("programming_item")


# %%
def programming_item(question):
    """The weights that the same code finds in two towns.

    question: its "sizes" are in thousand square feet; "prices_first" and "prices_second" in
        thousand USD, of the first and the second town; "options".
    Returns ([weight, weight], letter): to one decimal, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    towns = [question["prices_first"], question["prices_second"]]
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return [train_weight(question["sizes"], prices) for prices in towns], letter
    ### END SOLUTION


# %%
check("programming_item")

# %% [markdown]
# ### 4. "I can retrain a model quickly"
#
# There are three ways to make a model do something new: pre-train one, fine-tune one that is there, or write it into
# the prompt. What is paid is tokens times price per token. (The prices are made up; the sizes are not far off.)
#
# **Practice** (with key, counts for nothing):
# - 1 trillion tokens at 2 USD per million; 10,000 examples of 500 tokens, read twice, at the same price; 1,000
#   requests a day for 30 days with a prompt of 1,000 tokens at 1 USD per million.
#   <details><summary>Key</summary>
#
#   2,000,000 USD; 10 million tokens, so 20 USD; 30 million tokens, so 30 USD. (Real fine-tuning costs people's time
#   for the examples first of all.)
#
#   </details>
# - What is new every week, and fits on a page, belongs where?
#   <details><summary>Key</summary>
#
#   Into the prompt: it is there at once, and can be taken out again.
#
#   </details>

# %%
retrain_question = ask("retrain_item")


# %%
def retrain_item(question):
    """What three ways cost.

    question: its "pretraining_tokens"; "examples", "tokens_per_example" and "epochs" of
        fine-tuning; "requests_per_day", "prompt_tokens" and "days"; "usd_per_mtok_training" and
        "usd_per_mtok_prompt", for a million tokens; "options".
    Returns ([usd, usd, usd], letter): for pre-training, fine-tuning and the prompt, to the
        dollar, and the letter of the way that fits.
    """
    ### BEGIN SOLUTION
    per_token = question["usd_per_mtok_training"] / 1_000_000
    pretraining = question["pretraining_tokens"] * per_token
    fine_tuning = question["examples"] * question["tokens_per_example"] * question["epochs"] * per_token
    sent = question["days"] * question["requests_per_day"] * question["prompt_tokens"]
    prompt = sent * (question["usd_per_mtok_prompt"] / 1_000_000)
    fits = {"return policy": "into the prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in question["text"])
    letter = next(letter for letter, text in question["options"].items() if fitting in text)
    return [pretraining, fine_tuning, prompt], letter
    ### END SOLUTION


# %%
check("retrain_item")

# %% [markdown]
# ### 5. "The model picks the best word every time"
#
# It draws. The likeliest word comes as often as its probability says, and no word knows whether it is true.
#
# **Practice** (with key, counts for nothing):
# - The likeliest word has 60 %. Of 500 draws, how many are likely to be others?
#   <details><summary>Key</summary>
#
#   About 200; between 145 and 255 in all but one of a million runs.
#
#   </details>

# %%
words = np.random.default_rng().choice(["mat", "floor", "roof"], size=12, p=[0.5, 0.3, 0.2])
print(*words)

# %%
best_word_question = ask("best_word_item")


# %%
def best_word_item(question):
    """How many of the words drawn are not the likeliest.

    question: its "probs" are the probabilities by word, "draws" how many words to draw;
        "options".
    Returns (count, letter): the count in your draws, and the letter of the right text.
    """
    ### BEGIN SOLUTION
    words, probs = list(question["probs"]), list(question["probs"].values())
    drawn = np.random.default_rng().choice(words, size=question["draws"], p=probs)
    letter = next(letter for letter, text in question["options"].items() if "more often than right" in text)
    return int((drawn != "mat").sum()), letter
    ### END SOLUTION


# %%
check("best_word_item")

# %% [markdown]
# ## Part 3: Two pictures
#
# *Training is the studying, inference is the exam*: during the exam nothing is learnt any more. And: *early layers
# find simple patterns, middle layers grammar and basic logic, deep layers what takes knowledge and long thought.*
#
# *More precisely:* the second is a rule of thumb. What one can read out of the layers of real models goes in this
# order, and overlaps a good deal.

# %% [markdown]
# ### Studying and exam
#
# Weights change in training, once for each batch. In a chat they stay as they are, whatever is said.
#
# **Practice** (with key, counts for nothing):
# - A run of 2 epochs with 100 batches each, then 50 chats. How often did the weights change?
#   <details><summary>Key</summary>
#
#   200 times. The chats changed none.
#
#   </details>
# - You tell a model its mistake, and its next answer is right. Has it learnt?
#   <details><summary>Key</summary>
#
#   No weight has changed. Your sentence stands in its context; in the next chat it is gone.
#
#   </details>

# %%
exam_question = ask("exam_item")


# %%
def exam_item(question):
    """How often the weights change, and what belongs to the studying.

    question: its "epochs", "batches" (in each epoch) and "chats" are those of the text;
        "options".
    Returns (changes, letters): a whole number, and the letters of all that is studying, in any
        order: "bd".
    """
    ### BEGIN SOLUTION
    studying = ("batches", "to get a loss", "Backpropagation", "learning rate", "random numbers")
    letters = [k for k, text in question["options"].items() if any(each in text for each in studying)]
    return question["epochs"] * question["batches"], "".join(letters)
    ### END SOLUTION


# %%
check("exam_item")

# %% [markdown]
# ### Layers
#
# Each layer works on what the layer before it has found, so what comes late can be made of much.
#
# **Practice** (with key, counts for nothing):
# - 3 inputs, then 4 and 2 neurons. How many weights and biases?
#   <details><summary>Key</summary>
#
#   4·(3 + 1) + 2·(4 + 1) = 26.
#
#   </details>
# - Where is "the verb comes after the subject" looked for?
#   <details><summary>Key</summary>
#
#   In the middle: it is grammar.
#
#   </details>

# %%
layers_question = ask("layers_item")


# %%
def layers_item(question):
    """How many numbers training sets, and where findings are looked for.

    question: its "sizes" are the numbers of inputs and of neurons in each layer; "options" the
        findings by their letters.
    Returns (count, letters): a whole number, and for each finding, from a on, e (early), m
        (middle) or d (deep): "edmme".
    """
    ### BEGIN SOLUTION
    sizes = question["sizes"]
    count = sum((inputs + 1) * neurons for inputs, neurons in itertools.pairwise(sizes))
    early = ("York", "thank", "full stop", "side by side")
    middle = ("keys", "adjective", "condition", "verb")
    depths = [
        "e" if any(each in text for each in early) else "m" if any(each in text for each in middle) else "d"
        for text in question["options"].values()
    ]
    return count, "".join(depths)
    ### END SOLUTION


# %%
check("layers_item")

# %% [markdown]
# ## Part 4: Watching a stream
#
# **Why.** That text arrives token by token is the one thing about a model that everybody can see. You will log it:
# what came, and when.
#
# **How.** A stream is an iterator: each `next` gives the next piece of text, and may take its time. Write
# `log_stream`, which asks for one piece after the other, looks at the clock *as soon as it has come*, and notes both.
# `clock()` gives seconds, from any beginning; what counts is the time since your function was called, so look at it
# at the very start.
#
# **By hand.** A stream whose pieces take 0.5, 0.2 and 0.1 seconds gives the log `[(0.5, "The"), (0.7, " cat"), (0.8,
# ".")]`. Had all been collected first and noted afterwards, each would have 0.8.


# %%
def log_stream(increments, clock):
    """Log a stream of text: what came, and when.

    increments: iterator of str. Asking for the next one may take a while.
    clock: function without arguments that returns seconds, counted from any beginning, such as time.perf_counter.
    Returns a list of pairs (seconds, text), one for each increment: the seconds from the call of this function to the
        moment when it had come, and the text as it came, with its spaces. An empty list where nothing comes.
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
# asked a question it goes on with more of them, as in a quiz. The next cell lets it do that, one token at a time, and
# waits a moment for each, as a large model would.


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
# question, watch the answer, and return `"page"`, `"when"` and `"saw"` alone, as precisely as you can. That is no
# worse; but a program cannot judge it, so a reviewer reads it and gives the points.


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
    plt.step(times, lengths, where="post", marker="o")
    plt.xlim(left=0)
    plt.ylim(bottom=0)
    plt.xlabel("seconds since the question")
    plt.ylabel("letters so far")
    plt.show()
    print(f"first increment after {times[0]:.2f} s, last after {times[-1]:.2f} s: {record['text']!r}")

# %%
check("observation")

# %% [markdown]
# ## What you have now
#
# - **Eight words** that you can compute with, and five sentences that you no longer believe.
# - **Studying changes the weights, the exam does not.**
# - **A log of a stream**: the first word is there before the last one has been drawn.
#
# **Hand in:** restart the kernel and run all cells, save, then `mastery submit terms` in a terminal, or *File >
# Download* where your course takes files. Next: `readiness/readiness.ipynb`.
