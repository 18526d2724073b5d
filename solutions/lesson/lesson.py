# %% [markdown]
# # Page 0: how AI models work
#
# **About 10 minutes to read.** This page tells the whole story once, from a single multiplication to the assistant
# you chat with. There's nothing to solve here. Each section names the labs where you'll build that part, and the labs
# reuse the examples and numbers you see here. New terms are in *italics*; the [glossary](../glossary/glossary.ipynb)
# explains them all.

# %% [markdown]
# ## Neurons: multiply and add
#
# Start with one guess: how much is a house worth? Say it's 1500 square feet, and the model has a *weight* of 200
# dollars per square foot:
#
# > 1500 · 200 = **300,000 dollars**
#
# That's a *neuron* with one input. It takes a number, multiplies it by a weight, and passes the result on. Nobody
# typed in the 200. The model *learned* that weight by looking at many houses and what they sold for.
#
# The name comes from the brain, where about 86 billion nerve cells signal to each other and learning makes some of
# their connections stronger. Don't read too much into it: what the model does is arithmetic.
#
# A language model works the same way, except that thousands of numbers go in (they stand for tokens) and thousands
# come out (one score for every token that could come next).
#
# *You'll build it in lab 1, [neuron](../neuron/neuron.ipynb).*
#
# ## Layers: stack them
#
# Put many neurons side by side and you have a *layer*. Put many layers in a row and you have a *deep network*:
#
# > input layer → hidden layer 1 → hidden layer 2 → … → output layer
#
# Each layer works on the output of the layer before it. Large models have around a hundred layers, sometimes more;
# companies rarely publish the exact number, so most of the figures you'll see are estimates.
#
# *You'll build this in lab 1, too.*
#
# ## Training: guess, compare, adjust
#
# How does a model learn its weights? By guessing, over and over.
#
# 1. **Show it some text**: "The cat sat on the". The next word is "mat", but the model doesn't get to see that yet.
# 2. **Let it guess.** It gives "floor" 30%, "mat" 25%, "table" 20%, and all the other words together 25%.
# 3. **Measure how wrong it was.** The right word got only 25%. The *loss* turns that into a number: −ln 0.25 = 1.386.
#    The lower the loss, the better the guess.
# 4. **Adjust the weights.** *Backpropagation* works out, for each weight, whether raising it would raise or lower the
#    loss. *Gradient descent* then moves each weight a small step in the direction that lowers the loss. Picture
#    walking down a hill in the fog: feel the slope under your feet, take a small step down, repeat.
# 5. **Repeat** with more text, until the guesses are good.
#
# As a recipe:
#
# | step | with each batch of text |
# |---|---|
# | 1 | guess the next tokens (*forward pass*) |
# | 2 | measure the loss |
# | 3 | find the gradients (*backpropagation*) |
# | 4 | move the weights (*gradient descent*) |
# | 5 | go on to the next batch |
#
# A large model reads trillions of tokens this way, on thousands of GPUs, for months.
#
# *You'll build it in labs 3 to 5: [loss](../loss/loss.ipynb), [backprop](../backprop/backprop.ipynb),
# [training](../training/training.ipynb).*

# %% [markdown]
# ## From scores to a word: softmax and temperature
#
# After "The cat sat on the", the trained model has a score for every word it knows. *Softmax* turns those scores into
# probabilities:
#
# | next word | mat | floor | table | roof | couch | all other words |
# | --- | --- | --- | --- | --- | --- | --- |
# | probability | 35% | 28% | 15% | 8% | 6% | 8% |
#
# The model doesn't simply take "mat". A *sampler* draws a word at random according to these probabilities, so you'll
# get "floor" more than a quarter of the time. A setting called *temperature* controls how random that is:
#
# | temperature | what you get |
# |---|---|
# | 0.1 | almost always "mat" |
# | 1 | exactly the probabilities in the table above |
# | 2 | much more even probabilities, and text that soon turns into nonsense |
#
# A high temperature doesn't make the model smarter, only more random.
#
# *You'll build it in labs 2 and 6: [softmax](../softmax/softmax.ipynb), [sampler](../sampler/sampler.ipynb).*
#
# ## From a word to an answer: generation
#
# How do you get from predicting the next word to answering a question? By predicting the next word, again and again.
# Each word is added to the end of the text, and the longer text goes back into the model:
#
# | the model sees | it predicts |
# |---|---|
# | What is the capital of France? | The |
# | What is the capital of France? The | capital |
# | What is the capital of France? The capital | of |
# | … | France, is, Paris |
# | What is the capital of France? The capital of France is Paris | . |
#
# That's called *autoregressive generation*. There's no finished answer stored anywhere: when the first word appears,
# the last one hasn't been chosen yet.
#
# *You'll build it in lab 7, [generation](../generation/generation.ipynb).*

# %% [markdown]
# ## The full picture: seven boxes
#
# You type "Explain gravity simply". Here's what happens to it:
#
# | box | what it does |
# |---|---|
# | 1 Tokenizer | splits the text into *tokens* and looks up their numbers, such as 49, 5337, 12, 25, 6 |
# | 2 Embedding layer | turns each number into a vector, a list of maybe 4096 numbers |
# | 3 Transformer layers | *attention* collects information from other tokens; a *feed-forward* network processes it |
# | 4 Output layer | gives a score to each of about 50,000 tokens that could come next |
# | 5 Sampling | turns the scores into probabilities and picks one token |
# | 6 Detokenizer | turns that token back into text: "Gravity" |
# | 7 Repeat | adds the token to the text and goes back to box 2, until the answer is complete |
#
# Box 3 is a stack: in a large model it holds 96 layers or more. All the numbers here are examples. They differ from
# model to model, and they change from year to year.
#
# *You'll build it in lab 8, [architecture](../architecture/architecture.ipynb).*
#
# ## What happens when you type into a chat assistant
#
# A chat assistant is this loop with a few things added around it.
#
# 1. Your message is added to the conversation so far, together with markers that say who's speaking. At the very top
#    there's usually a *system prompt*, text from the company that tells the model how to behave. To the model, all of
#    this is one long text to continue.
# 2. If the conversation no longer fits in the *context window*, something has to be left out or summarized.
# 3. The model writes its answer one token at a time and stops when it draws the *stop token*.
# 4. Each token is sent to you as soon as it's drawn, so you see the answer grow. That's *streaming*.
# 5. Around the model there may be filters, web search and other tools. Their results are added to the text, too, and
#    the model continues from there.
#
# The model doesn't learn from your message while it answers: its weights don't change. It "remembers" what you said
# earlier only because your words are still in the text it's continuing.
#
# You can see streaming for yourself: ask any assistant to count from 1 to 20, and watch the answer arrive piece by
# piece. *You'll build streaming in lab 7, [generation](../generation/generation.ipynb).*

# %% [markdown]
# ## Three stages of training
#
# A model that only predicts text doesn't answer questions very well. Ask it a question, and it might reply with five
# more. So assistants are trained in three stages, and each stage has its own purpose:
#
# - **Stage 1: pre-training.** The model reads trillions of tokens of text and learns to predict the next one. That's
#   what gives it knowledge of language and of the world. It costs millions of dollars and takes months.
# - **Stage 2: supervised fine-tuning** (SFT). The model trains on prompts together with the answers people want.
#   That's what makes it answer instead of just continuing the text. It costs a small fraction of what stage 1 costs and
#   takes days.
# - **Stage 3: RLHF**, *reinforcement learning from human feedback*. People compare answers, and the model learns to
#   give the kind they prefer: helpful, honest and harmless ones. That, too, costs a small fraction of what stage 1
#   costs.
#
# The goal of the last stage has a name, *alignment*: the model should do what people actually want. Training doesn't
# get the model all the way there. The model can learn to please the raters instead (*reward hacking*), and none of
# the three stages checks whether an answer is true. So even a well-trained assistant sometimes makes things up in
# perfect English (*hallucination*).
#
# *You'll build it in labs 9 and 10: [finetuning](../finetuning/finetuning.ipynb), [stages](../stages/stages.ipynb).*
#
# ## Five mistakes to avoid
#
# 1. **"It understands what it says."** It has learned patterns in text, and it computes what's likely to come next.
#    Whether to call that understanding is a matter of interpretation.
# 2. **"A higher temperature makes it smarter."** It only makes it more random. To get a better model, you have to
#    train it better.
# 3. **"Training is a kind of programming."** Nobody writes the rules. You provide examples, and training finds the
#    weights.
# 4. **"We can just retrain it."** Pre-training costs millions. Fine-tuning is quick and cheap. Know which one you
#    need.
# 5. **"It always picks the best word."** It draws from probabilities, so it sometimes picks a worse one. And the most
#    likely word can be wrong, too.
#
# One picture to remember: **training is studying, and *inference* is the exam.** The model studied an enormous
# library. Now the books are closed, and it has to write its answer one word at a time, each word based on everything
# written so far.
#
# **Next:** lab 1, [neuron](../neuron/neuron.ipynb). If you're new to notebooks, begin with
# [start](../start/start.ipynb).
