# %% [markdown]
# # Glossary
#
# Here are the field's terms in alphabetical order, each with the lab where you'll meet it. When you want to read
# more, these are the terms to search for.
#
# [Page 0](../lesson/lesson.ipynb) ties most of them together in one story. The labs themselves begin with
# [start](../start/start.ipynb).

# %% [markdown]
# ## A to C
#
# - **Activation function**: a function applied to a neuron's output, such as ReLU. Without it, a stack of layers
#   would collapse into a single layer. ([neuron](../neuron/neuron.ipynb))
# - **Adam**: a popular refinement of gradient descent. It remembers earlier gradients and gives each weight its own
#   step size. ([training](../training/training.ipynb))
# - **Alignment**: getting a model to do what people actually want. It's often summed up as *helpful, honest and
#   harmless*. ([stages](../stages/stages.ipynb))
# - **Attention**: the step in a transformer where each token collects information from other tokens, more from some
#   than from others. ([architecture](../architecture/architecture.ipynb))
# - **Attention head**: one attention step with its own weights. Large models run several side by side in each
#   block. ([architecture](../architecture/architecture.ipynb))
# - **Autoregressive generation**: producing text one token at a time, where each new token becomes part of the input
#   for the next one. ([generation](../generation/generation.ipynb))
# - **Backpropagation**: the method that computes the gradient of the loss for every weight, by going backward through
#   the network with the chain rule. It doesn't change the weights; gradient descent does.
#   ([backprop](../backprop/backprop.ipynb))
# - **Baseline**: the average that's subtracted from rewards, so that better-than-average answers become more likely
#   and worse ones less likely. ([stages](../stages/stages.ipynb))
# - **Batch**: a group of examples that are processed together. ([neuron](../neuron/neuron.ipynb))
# - **Bias**: the number a neuron adds no matter what its inputs are. ([neuron](../neuron/neuron.ipynb))
# - **Bigram model**: a language model that predicts the next word from just the word before it.
#   ([terms](../terms/terms.ipynb))
# - **Block**: attention followed by a feed-forward network. A transformer is a stack of blocks.
#   ([architecture](../architecture/architecture.ipynb))
# - **Bradley-Terry model**: a formula for how likely one of two things is to be preferred, given a score for each: the
#   sigmoid of the difference. ([stages](../stages/stages.ipynb))
# - **Broadcasting**: how numpy combines arrays of different shapes, by repeating axes of length 1. It's handy, but it
#   can hide mistakes. ([start](../start/start.ipynb))
# - **Byte-pair encoding**: building a vocabulary by repeatedly merging the two pieces of text that most often occur
#   next to each other. ([architecture](../architecture/architecture.ipynb))
# - **Catastrophic forgetting**: when training on one thing makes a model lose what it learned before.
#   ([finetuning](../finetuning/finetuning.ipynb))
# - **Causal mask**: the rule in attention that a token may look at earlier tokens and itself, but not at later ones.
#   ([architecture](../architecture/architecture.ipynb))
# - **Chain rule**: if one quantity affects a second and the second affects a third, the slopes multiply along the
#   chain. ([backprop](../backprop/backprop.ipynb))
# - **Checkpoint**: a saved copy of a model's parameters at some point in its training.
#   ([stages](../stages/stages.ipynb))
# - **Computational graph**: the steps of a computation drawn as boxes and arrows, from the inputs to the loss.
#   Backpropagation goes through it backward. ([backprop](../backprop/backprop.ipynb))
# - **Context window**, or context length: the largest number of tokens a model can see at once.
#   ([generation](../generation/generation.ipynb))
# - **Cross-entropy**: the loss used to train a language model. It's the mean of −ln(probability of the right token).
#   ([loss](../loss/loss.ipynb))

# %% [markdown]
# ## D to L
#
# - **Deep network**: a network with several hidden layers. ([lesson](../lesson/lesson.ipynb))
# - **Distribution** (probability distribution): one probability per possible outcome, all of them non-negative and
#   adding up to 1. ([softmax](../softmax/softmax.ipynb))
# - **DPO** (direct preference optimization): training a model directly on comparisons of answers, without a separate
#   reward model. ([stages](../stages/stages.ipynb))
# - **dtype**: the kind of number an array holds, such as float64 or int64. ([start](../start/start.ipynb))
# - **Embedding**: the vector of learned numbers that represents a token inside a model.
#   ([architecture](../architecture/architecture.ipynb))
# - **Entropy**: how uncertain a distribution is, measured as the average surprise in nats.
#   ([softmax](../softmax/softmax.ipynb))
# - **Feed-forward network**: in a transformer block, a small network of plain layers that processes each token's vector
#   separately. ([architecture](../architecture/architecture.ipynb))
# - **Fine-tuning**: training an already trained model further on a smaller set of carefully chosen examples. In
#   *supervised fine-tuning* (SFT), these are prompts with the answers people want.
#   ([finetuning](../finetuning/finetuning.ipynb))
# - **Forward pass, backward pass**: computing a network's output and loss from its input, and then the gradients from
#   the loss. ([backprop](../backprop/backprop.ipynb))
# - **Generator function**: a Python function that produces its results one at a time, with `yield`.
#   ([generation](../generation/generation.ipynb))
# - **Gradient**: all the slopes of the loss together, one per weight. It points uphill.
#   ([backprop](../backprop/backprop.ipynb))
# - **Gradient descent**: taking small steps against the gradient to lower the loss. If each step uses only a few random
#   examples, it's *stochastic gradient descent* (SGD). ([training](../training/training.ipynb))
# - **Greedy decoding**: always picking the most likely token. ([sampler](../sampler/sampler.ipynb))
# - **Hallucination**: a fluent, confident answer that's made up. ([finetuning](../finetuning/finetuning.ipynb))
# - **Harmless**: not helping anyone cause harm, and not producing hurtful or dangerous text; one of the goals of
#   alignment. ([stages](../stages/stages.ipynb))
# - **Hidden layer**: a layer between a network's input and its output. ([neuron](../neuron/neuron.ipynb))
# - **Hyperparameter**: a setting you choose rather than one the model learns, such as the learning rate or the number
#   of layers. ([training](../training/training.ipynb))
# - **Incremental decoder**: a decoder that takes a few bytes at a time, returns the text that's complete and remembers
#   the rest. ([generation](../generation/generation.ipynb))
# - **Inference**: using a trained model, as opposed to training it. ([softmax](../softmax/softmax.ipynb))
# - **Kernel**: the Python process behind a notebook. Restarting it clears all variables.
#   ([start](../start/start.ipynb))
# - **KL divergence**: a measure of how far one distribution is from another. It isn't symmetric: swapping the two
#   changes the result. ([stages](../stages/stages.ipynb))
# - **KL penalty**: in RLHF, the cost of drifting away from the reference model, measured as a KL divergence.
#   ([stages](../stages/stages.ipynb))
# - **KV cache**: the keys and values of earlier tokens, kept during generation so that attention doesn't have to
#   recompute them for each new token. ([architecture](../architecture/architecture.ipynb))
# - **Labels**: for each position of a training example, the token the model should guess there, or −100 if that
#   position isn't part of the loss. ([finetuning](../finetuning/finetuning.ipynb))
# - **Layer**: many neurons that see the same inputs, computed with one matrix product.
#   ([neuron](../neuron/neuron.ipynb))
# - **Layer norm**: rescaling each token's vector to mean 0 and variance 1, which keeps the numbers in a deep model in
#   a healthy range. *Pre-norm* blocks apply it before each part, and models built from them usually apply one
#   *final layer norm* after the last block. ([architecture](../architecture/architecture.ipynb))
# - **Learning rate**: how big a step gradient descent takes. ([training](../training/training.ipynb))
# - **Logits**: the raw scores a model gives to tokens, before softmax turns them into probabilities.
#   ([softmax](../softmax/softmax.ipynb))
# - **Log-sum-exp trick**: computing ln Σ exp(z) by first subtracting the maximum, so that nothing overflows.
#   ([softmax](../softmax/softmax.ipynb))
# - **Loss**: one number that says how wrong a model's guesses were. ([loss](../loss/loss.ipynb))

# %% [markdown]
# ## M to R
#
# - **Mean squared error** (MSE): the average of the squared errors, a loss for models that guess numbers.
#   ([loss](../loss/loss.ipynb))
# - **MLP** (multilayer perceptron): a network of plain layers with an activation function between them.
#   ([neuron](../neuron/neuron.ipynb))
# - **Nat**: the unit of surprise when you use the natural logarithm. One nat is about 1.44 bits.
#   ([softmax](../softmax/softmax.ipynb))
# - **Negative log-likelihood** (NLL): another name for *surprisal*. Its mean over the right tokens is the
#   cross-entropy. ([loss](../loss/loss.ipynb))
# - **Neuron**: a unit that multiplies each input by a weight, adds up the products and a bias, and returns one number.
#   ([neuron](../neuron/neuron.ipynb))
# - **Nucleus sampling**: another name for *top-p*. ([sampler](../sampler/sampler.ipynb))
# - **One-hot**: a vector with a 1 at one position and 0 everywhere else, used to represent a choice.
#   ([backprop](../backprop/backprop.ipynb))
# - **Overfitting**: doing well on the training examples and badly on new ones.
#   ([training](../training/training.ipynb))
# - **Padding**: extending the shorter examples in a batch so that all have the same length.
#   ([finetuning](../finetuning/finetuning.ipynb))
# - **Parameters**: all the numbers a model learns, weights and biases together.
#   ([training](../training/training.ipynb))
# - **Perplexity**: e to the power of the mean loss. The model is as unsure as if it had to choose from that many
#   equally likely tokens. ([loss](../loss/loss.ipynb))
# - **Policy**: in RLHF, the model being trained. ([stages](../stages/stages.ipynb))
# - **Policy gradient**: the gradient used to train a policy, estimated from a sample of its answers and their rewards.
#   *PPO* is the best-known method that uses one. ([stages](../stages/stages.ipynb))
# - **Pre-training**: the first and by far most expensive stage, in which a model learns to predict the next token on
#   huge amounts of text. ([finetuning](../finetuning/finetuning.ipynb))
# - **Prompt**: the text you give a model to continue or answer. ([generation](../generation/generation.ipynb))
# - **Query, key, value**: the three vectors that attention computes from each token's vector: what it's looking for,
#   what it has to offer, and what it passes on. ([architecture](../architecture/architecture.ipynb))
# - **Reference model**: in RLHF and DPO, a frozen copy of the model, made before this training starts. The model is
#   penalized for drifting away from it. ([stages](../stages/stages.ipynb))
# - **ReLU** (rectified linear unit): max(z, 0), the simplest activation function. ([neuron](../neuron/neuron.ipynb))
# - **Replacement character**: �, which stands for bytes that aren't valid text.
#   ([generation](../generation/generation.ipynb))
# - **Residual connection**: adding a block's output to its input instead of replacing the input.
#   ([architecture](../architecture/architecture.ipynb))
# - **Response**: the answer a model should give to a prompt. ([finetuning](../finetuning/finetuning.ipynb))
# - **Reward**: a number that says how good an answer is. ([stages](../stages/stages.ipynb))
# - **Reward hacking**: getting a high reward in a way nobody wanted, because the reward measures something slightly
#   different from what people meant. ([stages](../stages/stages.ipynb))
# - **Reward model**: a model that scores answers, trained on which answers people preferred.
#   ([stages](../stages/stages.ipynb))
# - **RLHF** (reinforcement learning from human feedback): training a model to give the kind of answers that people
#   prefer. ([stages](../stages/stages.ipynb))
# - **RoPE**: encoding positions by rotating queries and keys, instead of adding position vectors.
#   ([architecture](../architecture/architecture.ipynb))

# %% [markdown]
# ## S to Z
#
# - **Sampler**: the function that picks the next token from the model's probabilities.
#   ([sampler](../sampler/sampler.ipynb))
# - **Shape**: the size of an array along each of its axes. ([start](../start/start.ipynb))
# - **Sigmoid**: 1 / (1 + exp(−d)), the function that turns any number d into a probability.
#   ([stages](../stages/stages.ipynb))
# - **Softmax**: the function that turns raw scores into probabilities, by taking exponentials and dividing by their
#   sum. ([softmax](../softmax/softmax.ipynb))
# - **Stop token**: the token a model ends its answer with; also called end token or EOS.
#   ([generation](../generation/generation.ipynb))
# - **Streaming**: showing each token as soon as it's drawn. ([generation](../generation/generation.ipynb))
# - **Surprisal**, or surprise: −ln(probability). It's 0 for something certain and large for something rare.
#   ([loss](../loss/loss.ipynb))
# - **System prompt**: text at the top of a conversation that tells the model how to behave.
#   ([lesson](../lesson/lesson.ipynb))
# - **Temperature**: the number that logits are divided by before softmax. Above 1 it flattens the distribution; below
#   1 it sharpens it. ([softmax](../softmax/softmax.ipynb))
# - **Token**: the unit of text a model reads and writes, a word or a piece of one. The model sees only the token's
#   id. ([architecture](../architecture/architecture.ipynb))
# - **Tokenizer**: the program that splits text into tokens and gives each one its id.
#   ([architecture](../architecture/architecture.ipynb))
# - **Top-k**: sampling from only the k most likely tokens. ([sampler](../sampler/sampler.ipynb))
# - **Top-p**, or nucleus sampling: sampling from the smallest set of most likely tokens whose probabilities sum to at
#   least p, the *nucleus*. ([sampler](../sampler/sampler.ipynb))
# - **Trace**: a record of which functions a program called, in order.
#   ([architecture](../architecture/architecture.ipynb))
# - **Traceback**: Python's list of the calls that led to an error. Read it from the bottom up.
#   ([start](../start/start.ipynb))
# - **Transformer**: the architecture of today's language models, a stack of blocks, each with attention and a
#   feed-forward network. ([architecture](../architecture/architecture.ipynb))
# - **Transpose**: a matrix with its rows and columns swapped. ([neuron](../neuron/neuron.ipynb))
# - **UTF-8**: the usual way to store text as bytes, with one to four bytes per character.
#   ([generation](../generation/generation.ipynb))
# - **Vectorization**: computing with whole arrays at once instead of looping over their elements.
#   ([start](../start/start.ipynb))
# - **View**: an array that shares memory with another one, as a slice does.
#   ([finetuning](../finetuning/finetuning.ipynb))
# - **Vocabulary**: all the tokens a model knows. ([architecture](../architecture/architecture.ipynb))
# - **Weight**: a learned number that an input is multiplied by. ([neuron](../neuron/neuron.ipynb))
