"""Wrong answers in the `terms` lab: the number and the letters that follow from a mistaken belief.

Each wrong answer gets at most one idea wrong. Students don't get this file. It's a catalog meant to be searched by
name, not read in one sitting.
"""

import itertools
import math

import numpy as np

from autograder.testing import misconception
from solutions.terms import statements

letters, order_of = statements.letters, statements.order_of


def sums(question):
    return np.array(question["W1"]) @ np.array(question["x"]) + np.array(question["b1"])


def error(question):
    return question["weight"] * question["size"] - question["price"]


def off(question):
    return question["v"] * max(question["w"] * question["x"], 0) - question["target"]


def away(question):
    return question["start"] - question["lowest"]


def pull(question):
    return question["a"] * question["learning_rate"]


def chances(question):
    return np.array(list(question["probs"].values()))


def sharpened(question, power):
    p = chances(question) ** power
    return float((p / p.sum()).max())


def bigram_loss(text, sentence):
    words, pairs = text.split(), list(itertools.pairwise(text.split()))
    asked = list(itertools.pairwise(sentence.split()))
    size = len(set(words))
    return -sum(math.log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + size)) for pair in asked) / len(asked)


def difference(question, text):
    return bigram_loss(question[text], question["nonsense"]) - bigram_loss(question[text], question["real"])


def expected(question):
    logits, right = np.array(question["logits"]), np.array(question["right"])
    rows = [np.exp(logits / t) for t in question["temperatures"]]
    return [round(float((row / row.sum(axis=1, keepdims=True))[np.arange(len(right)), right].sum())) for row in rows]


def sizes(question):
    return np.array(question["sizes"])


def towns(question):
    return [np.array(question[f"prices_{town}"]) for town in ("first", "second")]


def fitted(question):
    return [float(sizes(question) @ prices / (sizes(question) @ sizes(question))) for prices in towns(question)]


def costs(question):
    training, rent = question["usd_per_mtok_training"] / 1e6, question["usd_per_mtok_prompt"] / 1e6
    read = question["examples"] * question["tokens_per_example"] * question["epochs"]
    sent = question["requests_per_day"] * question["prompt_tokens"] * question["days"]
    return [question["pretraining_tokens"] * training, read * training, sent * rent]


def swapped(question):
    ratio = question["usd_per_mtok_prompt"] / question["usd_per_mtok_training"]
    return [ratio, ratio, 1 / ratio]


def visible(question):
    return np.array(question["scores"][: question["at"]]), np.array(question["values"][: question["at"]])


def attended(scores, values):
    powers = np.exp(scores)
    return float(powers @ values / powers.sum())


def difference_of_rewards(question):
    return question["rewards"][0] - question["rewards"][1]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


@misconception(
    of="network_item",
    kind="misses_point",
    hint="A network is only loosely inspired by the brain: what it does is arithmetic. If a hidden neuron's sum is "
    "negative, the neuron outputs 0, not the absolute value of the sum.",
)
def wired_like_a_brain(question):
    return float(np.abs(sums(question)) @ question["w2"] + question["b2"]), letters(question, ["arithmetic"])


@misconception(
    of="network_item",
    kind="misses_point",
    hint="A network doesn't look anything up. It uses all of its neurons, not just the one that responds most "
    "strongly.",
)
def looks_up_sentences(question):
    return float(max(sums(question))), letters(question, ["lookup"])


@misconception(
    of="network_item",
    kind="misses_point",
    hint="Nobody writes a network's weights. Training finds them. Each neuron also has a bias, which is learned like "
    "the weights and added to the sum.",
)
def written_by_engineers(question):
    return float(np.maximum(np.array(question["W1"]) @ question["x"], 0) @ question["w2"]), letters(
        question, ["learned"]
    )


@misconception(
    of="network_item",
    kind="misses_point",
    hint="The hidden neurons have a ReLU, so a negative sum becomes 0. Without the ReLU, two layers can't do more than "
    "one layer can.",
)
def leaves_out_relu(question):
    return float(sums(question) @ question["w2"] + question["b2"]), letters(question, ["nonlinearity"])


@misconception(
    of="network_item",
    kind="misses_point",
    hint="The output neuron has no ReLU here, so its output can be negative.",
)
def relu_at_the_output_too(question):
    return max(0.0, float(np.maximum(sums(question), 0) @ question["w2"] + question["b2"])), letters(question)


@misconception(
    of="network_item",
    kind="misses_point",
    hint="Every neuron has a bias, including the output neuron, and it's added no matter what the inputs are.",
)
def forgets_the_output_bias(question):
    return float(np.maximum(sums(question), 0) @ question["w2"]), letters(question, ["bias"])


@misconception(
    of="network_item",
    kind="misses_point",
    hint="Multiply the hidden neurons' outputs by the output neuron's weights before you add them up.",
)
def adds_the_hidden_neurons(question):
    return float(np.maximum(sums(question), 0).sum() + question["b2"]), letters(question)


@misconception(
    of="network_item",
    kind="misses_point",
    hint="ReLU keeps positive numbers and turns negative ones into 0. It doesn't remove the minus sign.",
)
def drops_the_minus_before_relu(question):
    return float(np.where(sums(question) < 0, -sums(question), 0) @ question["w2"] + question["b2"]), letters(
        question, ["relu"]
    )


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="Nobody sets a weight so that one example comes out exactly right. Training moves the weight by a small step, "
    "and the learning rate controls how small.",
)
def set_by_an_engineer(question):
    return question["price"] / question["size"], letters(question, ["trained"])


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="A weight isn't a place where text is stored. Every training example moves the weight a little, including "
    "this one.",
)
def keeps_the_text(question):
    return question["weight"], letters(question, ["not_text"])


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="A model's outputs can be probabilities, but a weight can be any number. The gradient here is 2 × error × "
    "size, not just the error.",
)
def is_a_words_probability(question):
    return question["weight"] - question["learning_rate"] * error(question), letters(question, ["not_probability"])


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="The step goes against the gradient: subtract the learning rate times the gradient. If you add it, the loss "
    "rises.",
)
def steps_uphill(question):
    return question["weight"] + question["learning_rate"] * 2 * error(question) * question["size"], letters(
        question, ["against"]
    )


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="The gradient of (weight × size − price)² with respect to the weight contains the size, because the weight is "
    "multiplied by the size. The weight itself is the same for every input until training moves it.",
)
def forgets_the_size(question):
    return question["weight"] - question["learning_rate"] * 2 * error(question), letters(question, ["fixed"])


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="The derivative of u² is 2u times the derivative of u. The factor of 2 is missing from your answer.",
)
def forgets_the_factor_two(question):
    return question["weight"] - question["learning_rate"] * error(question) * question["size"], letters(question)


@misconception(
    of="weight_item",
    kind="misses_point",
    hint="The gradient says which way to go and how steep the loss is. The learning rate, which is missing from your "
    "answer, says how far to go.",
)
def forgets_the_learning_rate(question):
    return question["weight"] - 2 * error(question) * question["size"], letters(question, ["rate"])


@misconception(
    of="loss_item",
    kind="misses_point",
    hint="Accuracy only depends on whether the most likely word was right. The loss depends on the right word's "
    "probability p: it's −ln p, which is 0 at p = 1 and grows without limit as p goes to 0.",
)
def is_one_minus_accuracy(question):
    return 1 - question["probs"][question["target"]], letters(question, ["accuracy"])


@misconception(
    of="loss_item",
    kind="misses_point",
    hint="The loss doesn't depend on what words mean or on how far ahead the most likely word was. Only the "
    "probability p of the word that actually came next matters: the loss is −ln p.",
)
def measures_the_distance_of_words(question):
    return max(question["probs"].values()) - question["probs"][question["target"]], letters(question, ["meaning"])


@misconception(
    of="loss_item",
    kind="misses_point",
    hint="A loss has no upper limit: it's −ln p, and the logarithm goes to minus infinity as p goes to 0.",
)
def at_most_one(question):
    return 1 - question["probs"][question["target"]] ** 2, letters(question, ["unbounded"])


@misconception(
    of="loss_item",
    kind="convention",
    hint="Your loss is in bits, which use the base-2 logarithm. For nats, use the natural logarithm.",
)
def uses_log2(question):
    return -math.log2(question["probs"][question["target"]]), letters(question)


@misconception(
    of="loss_item",
    kind="convention",
    hint="Your number uses the base-10 logarithm. A loss in nats uses the natural logarithm.",
)
def uses_log10(question):
    return -math.log10(question["probs"][question["target"]]), letters(question)


@misconception(
    of="loss_item",
    kind="misses_point",
    hint="The logarithm of a probability is negative or 0, and the loss is that logarithm with the sign flipped. So a "
    "loss is never negative.",
)
def forgets_the_minus(question):
    return math.log(question["probs"][question["target"]]), letters(question, ["sign"])


@misconception(
    of="loss_item",
    kind="misses_point",
    hint="Your number would be the loss if the most likely word had come next. Use the probability of the word that "
    "actually came next.",
)
def of_the_most_likely_word(question):
    return -math.log(max(question["probs"].values())), letters(question, ["target_only"])


@misconception(
    of="loss_item",
    kind="misses_point",
    hint="You computed the entropy of the whole guess. Only one word came next, so only that word's probability "
    "counts. If that probability is 1, the loss is 0.",
)
def adds_up_all_words(question):
    return -sum(p * math.log(p) for p in question["probs"].values()), letters(question, ["certain"])


@misconception(
    of="backprop_item",
    kind="misses_point",
    hint="Backpropagation passes derivatives backward, not inputs: it finds how the loss changes with each weight. The "
    "path from the loss back to w goes through v, so v is one of the factors.",
)
def recovers_the_inputs(question):
    return 2 * off(question) * question["x"], order_of(question, (1, 0, 2, 3, 4)), letters(question, ["gradients"])


@misconception(
    of="backprop_item",
    kind="misses_point",
    hint="Backpropagation doesn't store any answers. It passes derivatives backward and multiplies them along the way, "
    "first by v and then by the input x.",
)
def stores_right_answers(question):
    return 2 * off(question) * question["v"], order_of(question, (0, 3, 1, 2, 4)), letters(question, ["no_answers"])


@misconception(
    of="backprop_item",
    kind="misses_point",
    hint="You need the loss before you can compute its gradient. Also, the derivative of a square has a factor of 2.",
)
def gradients_before_the_loss(question):
    return (
        off(question) * question["v"] * question["x"],
        order_of(question, (0, 2, 1, 3, 4)),
        letters(question, ["forward_first"]),
    )


@misconception(
    of="backprop_item",
    kind="misses_point",
    hint="You need the gradients before you take a step, because they tell you which way each weight should move. "
    "And what you computed is the gradient with respect to v, not w. For w, the chain rule gives the factors v and x.",
)
def updates_before_the_gradients(question):
    return (
        2 * off(question) * question["w"] * question["x"],
        order_of(question, (0, 1, 3, 2, 4)),
        letters(question, ["chain_rule"]),
    )


@misconception(
    of="backprop_item",
    kind="misses_point",
    hint="The error is prediction minus target. If you subtract the other way around, the gradient has the wrong sign, "
    "and the step goes uphill. Also, take the step before you go on to the next batch.",
)
def turns_the_sign(question):
    return (
        -2 * off(question) * question["v"] * question["x"],
        order_of(question, (0, 1, 2, 4, 3)),
        letters(question, ["sign"]),
    )


@misconception(
    of="backprop_item",
    kind="misses_point",
    hint="You computed the loss itself. The gradient says how the loss changes when w changes. Only training needs the "
    "gradient. Also, the five steps of training start with a prediction.",
)
def takes_the_loss_for_the_gradient(question):
    return off(question) ** 2, order_of(question, (4, 0, 1, 2, 3)), letters(question, ["inference"])


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="Two steps get you only part of the way. Also, gradient descent doesn't always reach the lowest valley. If "
    "there are several valleys, where you end up depends on where you start.",
)
def always_finds_the_lowest_valley(question):
    return float(question["lowest"]), letters(question, ["local"])


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="Gradient descent lowers the loss, so it goes downhill, against the slope: subtract the learning rate times "
    "the slope.",
)
def goes_uphill(question):
    return question["lowest"] + away(question) * (1 + 2 * pull(question)) ** 2, letters(question, ["downhill"])


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="A larger learning rate is faster only up to a point. Beyond that point, each step jumps across the valley. "
    "Also, the second step starts where the first one ended, and uses the slope there.",
)
def larger_is_faster(question):
    return question["start"] - 4 * pull(question) * away(question), letters(question, ["large_rate"])


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="You stopped after one step. The second step starts at the new x and uses the slope there.",
)
def one_step_only(question):
    return question["lowest"] + away(question) * (1 - 2 * pull(question)), letters(question)


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="The slope of a(x − c)² is 2a(x − c). The factor of 2 is missing from your answer.",
)
def takes_half_the_slope(question):
    return question["lowest"] + away(question) * (1 - pull(question)) ** 2, letters(question)


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="The slope of a(x − c)² is 2a(x − c), so it depends on where you are: the steeper the slope, the longer the "
    "step.",
)
def same_step_everywhere(question):
    return question["start"] - 2 * question["learning_rate"] * (1 if away(question) > 0 else -1), letters(
        question, ["slope"]
    )


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="The slope says which way to go and how steep the function is. The learning rate, which is missing from your "
    "answer, says how far to go.",
)
def takes_the_whole_slope(question):
    return question["lowest"] + away(question) * (1 - 2 * question["a"]) ** 2, letters(question, ["small_rate"])


@misconception(
    of="descent_item",
    kind="misses_point",
    hint="At the start, the slope isn't 0, so gradient descent changes x. It leaves x unchanged only where the slope "
    "is 0.",
)
def stays_where_it_is(question):
    return float(question["start"]), letters(question, ["flat"])


@misconception(
    of="autoregressive_item",
    kind="misses_point",
    hint="The model doesn't have a finished answer in advance. It's called once for every token, and each time it sees "
    "everything it has written so far.",
)
def finished_before_it_is_shown(question):
    return [1, question["prompt_length"]], letters(question, ["progressive"])


@misconception(
    of="autoregressive_item",
    kind="misses_point",
    hint="Each new token is added to the context. When the model is asked for the third new token, it sees the prompt "
    "and two more tokens.",
)
def sees_only_the_prompt(question):
    return [len(question["tokens"]) + 1, question["prompt_length"]], letters(question, ["context"])


@misconception(
    of="autoregressive_item",
    kind="misses_point",
    hint="The limit is only a maximum: generation ends as soon as the stop token is drawn.",
)
def always_goes_to_the_limit(question):
    return [question["max_new_tokens"], question["prompt_length"] + question["step"] - 1], letters(question, ["stop"])


@misconception(
    of="autoregressive_item",
    kind="edge",
    hint="The stop token is a token like any other: the model has to be called for it too, though nobody sees it.",
)
def does_not_count_the_stop(question):
    return [len(question["tokens"]), question["prompt_length"] + question["step"] - 1], letters(question)


@misconception(
    of="autoregressive_item",
    kind="edge",
    hint="The token you're asking for isn't in the context yet: when the model is asked for the third new token, only "
    "two new ones are in the context.",
)
def counts_the_one_asked_for(question):
    return [len(question["tokens"]) + 1, question["prompt_length"] + question["step"]], letters(question)


@misconception(
    of="autoregressive_item",
    kind="misses_point",
    hint="The model sees the prompt too, followed by all the tokens written so far, right or wrong.",
)
def forgets_the_prompt(question):
    return [len(question["tokens"]) + 1, question["step"] - 1], letters(question, ["early_error"])


@misconception(
    of="autoregressive_item",
    kind="misses_point",
    hint="Each token takes one call. The model doesn't go back over its answer: plain generation only appends.",
)
def asks_twice_for_each_token(question):
    return [2 * len(question["tokens"]) + 1, question["prompt_length"] + question["step"] - 1], letters(
        question, ["no_revision"]
    )


@misconception(
    of="autoregressive_item",
    kind="misses_point",
    hint="The model is called once per token, so longer answers take more calls.",
)
def one_call_for_the_answer(question):
    return [1, question["prompt_length"] + question["step"] - 1], letters(question, ["calls"])


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="Softmax doesn't pick anything: it gives every word a probability above 0. Picking is the sampler's job.",
)
def picks_the_largest(question):
    return float(question["logits"][question["word"]] == max(question["logits"].values())), letters(
        question, ["no_pick"]
    )


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="Take e to the power of each logit first, then divide the results by their sum. Logits themselves can be "
    "negative or add up to 0.",
)
def divides_by_the_sum_of_logits(question):
    return question["logits"][question["word"]] / sum(question["logits"].values()), letters(question, ["exponential"])


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="The exponential isn't a probability yet: divide it by the sum of all the exponentials. If you add the "
    "same number to all the logits, it cancels out in that division.",
)
def lets_all_grow(question):
    return math.exp(question["logits"][question["word"]]), letters(question, ["shift"])


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="You took the sigmoid of just one logit, which ignores the others. Softmax compares all of the logits, so "
    "that the probabilities add up to 1.",
)
def sigmoid_of_one(question):
    return 1 / (1 + math.exp(-question["logits"][question["word"]])), letters(question, ["total"])


@misconception(
    of="softmax_item",
    kind="convention",
    hint="The base of the exponential is e, not 2.",
)
def powers_of_two(question):
    return 2 ** question["logits"][question["word"]] / sum(2**each for each in question["logits"].values()), letters(
        question
    )


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="If you divide by the largest exponential, the most likely word gets a probability of 1. Divide by the sum of "
    "all the exponentials.",
)
def relative_to_the_largest(question):
    return math.exp(question["logits"][question["word"]] - max(question["logits"].values())), letters(question)


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="You computed the probability of getting any of the other words.",
)
def of_the_others(question):
    return 1 - math.exp(question["logits"][question["word"]]) / sum(
        math.exp(each) for each in question["logits"].values()
    ), letters(question)


@misconception(
    of="softmax_item",
    kind="misses_point",
    hint="Negative logits are fine as they are: e to the power of a negative number is positive and below 1.",
)
def ignores_the_sign(question):
    sizes = {word: abs(logit) for word, logit in question["logits"].items()}
    total = sum(math.exp(each) for each in sizes.values())
    return math.exp(sizes[question["word"]]) / total, letters(question, ["negative"])


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="A higher temperature makes the model more random, but it doesn't add any knowledge. Logits are divided by "
    "the temperature, so the top word becomes less likely.",
)
def higher_is_smarter(question):
    return [sharpened(question, t) for t in question["temperatures"]], letters(question, ["knowledge"])


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="At a low temperature the top word is very likely but not certain. Only at temperature 0 do you get that "
    "word every time.",
)
def low_always_picks_the_best(question):
    return [1.0, *(sharpened(question, 1 / t) for t in question["temperatures"][1:])], letters(
        question, ["still_chance"]
    )


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="The words are the same at every temperature, and their probabilities add up to 1. After you raise the "
    "probabilities to the power 1/T, divide each result by the sum of the results.",
)
def opens_the_vocabulary(question):
    return [float((chances(question) ** (1 / t)).max()) for t in question["temperatures"]], letters(
        question, ["vocabulary"]
    )


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="Only temperature 1 leaves the probabilities as they are. Below 1 the distribution gets sharper, and above 1 "
    "flatter.",
)
def the_same_at_all(question):
    return [float(chances(question).max()) for _ in question["temperatures"]], letters(question, ["unmodified"])


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="Divide the logits, not the probabilities, by the temperature. If you divide the probabilities, they don't "
    "add up to 1 anymore.",
)
def divides_probabilities(question):
    return [float(chances(question).max() / t) for t in question["temperatures"]], letters(question)


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="Softmax needs logits, and probabilities aren't logits. Take their logarithms first, because ln p works as a "
    "logit.",
)
def softmax_of_probabilities(question):
    return [
        float((np.exp(chances(question) / t) / np.exp(chances(question) / t).sum()).max())
        for t in question["temperatures"]
    ], letters(question)


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="Give the probabilities in the order of the temperatures, starting with the low one, which makes the top word "
    "more likely.",
)
def turns_the_order_round(question):
    return [sharpened(question, 1 / t) for t in question["temperatures"][::-1]], letters(question, ["flatter"])


@misconception(
    of="temperature_item",
    kind="misses_point",
    hint="You computed the probabilities of the least likely word. The most likely word stays the most likely at "
    "every temperature.",
)
def least_likely_word(question):
    return [
        float((chances(question) ** (1 / t) / (chances(question) ** (1 / t)).sum()).min())
        for t in question["temperatures"]
    ], letters(question, ["ranking"])


@misconception(
    of="meaning_item",
    kind="misses_point",
    hint="The model has only counted which word follows which. Trained on the shuffled text, it has different counts, "
    "so its losses are different.",
)
def understood_the_meaning(question):
    return [difference(question, "original")] * 2, letters(question, ["likelihood"])


@misconception(
    of="meaning_item",
    kind="misses_point",
    hint="Both texts have the same words, but the model knows more than the words: it knows which word follows which. "
    "Work out each loss from the pair counts.",
)
def knows_the_same_words(question):
    return [0.0, 0.0], letters(question, ["order"])


@misconception(
    of="meaning_item",
    kind="misses_point",
    hint="If you add 1 to every count, no loss is infinite, no matter what the model was trained on.",
)
def nothing_to_learn_from(question):
    return [difference(question, "original"), 99.0], letters(question, ["unseen"])


@misconception(
    of="meaning_item",
    kind="convention",
    hint="You have the differences the wrong way around. The question asks for the loss of the nonsense minus the loss "
    "of the real sentence.",
)
def real_minus_nonsense(question):
    return [-difference(question, text) for text in ("original", "shuffled")], letters(question)


@misconception(
    of="meaning_item",
    kind="convention",
    hint="Your numbers are in bits, which use the base-2 logarithm. For nats, use the natural logarithm.",
)
def losses_in_bits(question):
    return [difference(question, text) / math.log(2) for text in ("original", "shuffled")], letters(question)


@misconception(
    of="meaning_item",
    kind="misses_point",
    hint="You only computed the losses on the nonsense. The question asks how much larger those losses are than the "
    "losses on the real sentence.",
)
def losses_of_the_nonsense_only(question):
    return [bigram_loss(question[text], question["nonsense"]) for text in ("original", "shuffled")], letters(question)


@misconception(
    of="meaning_item",
    kind="convention",
    hint="You subtracted sums of the words' losses, but the loss of a sentence is the mean of its words' losses.",
)
def sums_over_the_words(question):
    return [
        difference(question, text) * (len(question["real"].split()) - 1) for text in ("original", "shuffled")
    ], letters(question)


@misconception(
    of="smarter_item",
    kind="misses_point",
    hint="A higher temperature adds randomness. Here the top answer is the right one. As the temperature goes up, that "
    "answer is drawn less often, so fewer answers are right.",
)
def hotter_knows_more(question):
    return expected(question)[::-1], letters(question, ["fewer"])


@misconception(
    of="smarter_item",
    kind="misses_point",
    hint="Temperature changes which answers are drawn, so it also changes how many are right. Count again at each "
    "temperature.",
)
def only_changes_the_tone(question):
    return [expected(question)[1]] * 3, letters(question, ["which_answer"])


@misconception(
    of="smarter_item",
    kind="misses_point",
    hint="At temperature 1, you get the model's own distribution, but the model doesn't know any more than it does at "
    "other temperatures. If the top answer is right, a lower temperature is better: look at the counts again.",
)
def one_is_best(question):
    return [expected(question)[each] for each in (2, 0, 1)], letters(question, ["randomness"])


@misconception(
    of="smarter_item",
    kind="misses_point",
    hint="It looks like you counted how many answers are wrong. The question asks how many are right.",
)
def counts_the_wrong_ones(question):
    return [len(question["right"]) - each for each in expected(question)], letters(question)


@misconception(
    of="smarter_item",
    kind="convention",
    hint="The question asks how many answers are right, not what percentage.",
)
def gives_percentages(question):
    return [round(100 * each / len(question["right"])) for each in expected(question)], letters(question)


@misconception(
    of="smarter_item",
    kind="misses_point",
    hint="Above temperature 0, answers are drawn at random. Only at temperature 0 would you get the most likely one "
    "every time.",
)
def takes_the_most_likely_each_time(question):
    return [len(question["right"])] * 3, letters(question, ["chance"])


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="The code has no town-specific rules. It treats all data the same way. Each weight comes from its own town's "
    "examples.",
)
def written_for_each_town(question):
    return fitted(question)[::-1], letters(question, ["no_rules"])


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="train_weight uses no random numbers, so the same data gives the same weight each time. Run it on each "
    "town's data.",
)
def chance_gives_the_weight(question):
    return [200.0, 200.0], letters(question, ["no_chance"])


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="More steps bring each weight closer to the value that fits its own town, not to a common value.",
)
def the_same_in_the_end(question):
    return [sum(fitted(question)) / 2] * 2, letters(question, ["own_data"])


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="Your weights are the means of price / size. Training lowers the squared error, in which large errors count "
    "more.",
)
def mean_of_the_ratios(question):
    return [float((prices / sizes(question)).mean()) for prices in towns(question)], letters(question, ["squares"])


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="Each of your weights is the sum of all prices divided by the sum of all sizes. Training lowers the squared "
    "error, which leads to a different weight.",
)
def ratio_of_the_sums(question):
    return [float(prices.sum() / sizes(question).sum()) for prices in towns(question)], letters(question)


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="Your weights are the ones after just one training step. Let train_weight run to the end.",
)
def stops_after_one_step(question):
    return [float(2 * 0.05 * (sizes(question) * prices).mean()) for prices in towns(question)], letters(question)


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="You can't use only one house: training uses all four, whether their prices are typical or not.",
)
def uses_the_largest_house(question):
    return [float(prices[-1] / sizes(question)[-1]) for prices in towns(question)], letters(question, ["bad_data"])


@misconception(
    of="programming_item",
    kind="misses_point",
    hint="The code is the same for both towns, but the examples are different, and the weight comes from the examples.",
)
def one_weight_for_both(question):
    return [fitted(question)[0]] * 2, letters(question, ["examples"])


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="Temperature adds randomness but teaches the model nothing. Also, these prices are per million tokens, not "
    "per thousand.",
)
def turns_up_the_temperature(question):
    return [1000 * each for each in costs(question)], letters(question, ["temperature"])


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="Each example is read several times, and you pay each time.",
)
def reads_the_examples_once(question):
    return [costs(question)[0], costs(question)[1] / question["epochs"], costs(question)[2]], letters(question)


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="The prompt is sent with every request, every day.",
)
def pays_for_one_day(question):
    return [*costs(question)[:2], costs(question)[2] / question["days"]], letters(question)


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="Training tokens and prompt tokens have different prices. Fine-tuning is training, so use the training price "
    "for it.",
)
def mixes_up_the_prices(question):
    return [each * other for each, other in zip(costs(question), swapped(question), strict=True)], letters(
        question, ["fine_tuning"]
    )


@misconception(
    of="retrain_item",
    kind="convention",
    hint="A trillion is a million millions, so a trillion tokens cost a million times the price per million tokens.",
)
def counts_in_billions(question):
    return [costs(question)[0] / 1000, *costs(question)[1:]], letters(question)


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="You pay for fine-tuning once, because the model keeps what it has learned. Only the prompt is sent again "
    "with each request.",
)
def fine_tunes_every_day(question):
    return [costs(question)[0], costs(question)[1] * question["days"], costs(question)[2]], letters(
        question, ["ratings"]
    )


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="Pre-training costs millions and takes months. Fine-tuning reads very little text by comparison, and a "
    "prompt doesn't train the model at all.",
)
def retrains_for_everything(question):
    return [costs(question)[0]] * 3, letters(question, ["cost"])


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="A prompt has to fit into the context, and you pay for it with each request. Broad knowledge comes from "
    "pre-training.",
)
def writes_it_all_into_the_prompt(question):
    return [costs(question)[2]] * 3, letters(question, ["pretraining"])


@misconception(
    of="retrain_item",
    kind="misses_point",
    hint="A model reads its prompt with every request, and you pay for every token of it.",
)
def counts_no_prompt(question):
    return [*costs(question)[:2], 0.0], letters(question, ["prompt"])


@misconception(
    of="best_word_item",
    kind="misses_point",
    hint="A model doesn't pick the best word every time. It draws each word at random, according to its probability, "
    "and even the most likely one can be wrong.",
)
def picks_the_best_word(question):
    return 0, letters(question, ["truth"])


@misconception(
    of="best_word_item",
    kind="misses_point",
    hint="Your number looks like the count of the most likely word. The question asks for the count of all the other "
    "words together.",
)
def counts_the_most_likely(question):
    return round(question["draws"] * max(question["probs"].values())), letters(question, ["together"])


@misconception(
    of="best_word_item",
    kind="misses_point",
    hint="A sampler doesn't look anything up: it draws according to the probabilities, so some of the draws are the "
    "most likely word.",
)
def looks_it_up(question):
    return question["draws"], letters(question, ["no_lookup"])


@misconception(
    of="best_word_item",
    kind="edge",
    hint='Count the draws of "other words", too: none of them is the most likely word.',
)
def leaves_out_the_other_words(question):
    return round(question["draws"] * (1 - max(question["probs"].values()) - question["probs"]["other words"])), letters(
        question
    )


@misconception(
    of="best_word_item",
    kind="misses_point",
    hint="The six words aren't equally likely: each one has its own probability of being drawn.",
)
def all_words_equal(question):
    return question["draws"] * 5 // 6, letters(question, ["draws"])


@misconception(
    of="best_word_item",
    kind="convention",
    hint="The question asks for the number of draws, not for a percentage.",
)
def gives_a_percentage(question):
    return round(100 * (1 - max(question["probs"].values()))), letters(question)


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="A chat doesn't change any weights: what you write there is only added to the context. So don't count answers "
    "as steps.",
)
def chats_teach_the_model(question):
    return question["epochs"] * question["batches"] + question["chats"], letters(question, ["chat"])


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="Weights change during training, once per batch. Writing answers is like taking the exam, and the exam "
    "doesn't change any weights.",
)
def takes_the_exam_for_studying(question):
    return question["chats"], letters(question, ["training"])


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="Each batch is a separate step, and an epoch has many batches.",
)
def one_change_per_epoch(question):
    return question["epochs"], letters(question, ["batches"])


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="Each epoch goes through all the batches again, so count the steps of all the epochs.",
)
def one_epoch_only(question):
    return question["batches"], letters(question, ["epochs"])


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="Multiply the number of epochs by the number of batches in each. Reading something in the context doesn't "
    "change any weights.",
)
def epochs_plus_batches(question):
    return question["epochs"] + question["batches"], letters(question, ["pasted"])


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="A sampler setting, such as the temperature, doesn't change any weights. Only training steps do.",
)
def settings_train(question):
    return question["epochs"] * question["batches"] + 1, letters(question, ["settings"])


@misconception(
    of="exam_item",
    kind="misses_point",
    hint="Inference doesn't change any weights. Training does, once per batch.",
)
def nothing_changes(question):
    return 0, letters(question, ["inference"])


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="Each neuron also has a bias, and training adjusts the biases, too.",
)
def forgets_the_biases(question):
    return sum(a * b for a, b in itertools.pairwise(question["sizes"])), letters(question, ["biases"])


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="The inputs have no biases. Only the neurons after them do.",
)
def gives_inputs_biases(question):
    return sum(a * b for a, b in itertools.pairwise(question["sizes"])) + sum(question["sizes"]), letters(
        question, ["inputs"]
    )


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="A neuron isn't just one number: it has a weight for every incoming value, plus a bias.",
)
def counts_the_neurons(question):
    return sum(question["sizes"][1:]), letters(question, ["connections"])


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="Each layer is connected to the layer before it, not to those further back.",
)
def connects_every_layer_with_every(question):
    return sum(a * b for place, a in enumerate(question["sizes"]) for b in question["sizes"][place + 1 :]) + sum(
        question["sizes"][1:]
    ), letters(question, ["stacked"])


@misconception(
    of="layers_item",
    kind="edge",
    hint="There's one bias per neuron, not one per layer.",
)
def one_bias_per_layer(question):
    return sum(a * b for a, b in itertools.pairwise(question["sizes"])) + len(question["sizes"]) - 1, letters(question)


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="The output layer has weights and biases too: its neurons give the scores.",
)
def leaves_out_the_output(question):
    return sum((a + 1) * b for a, b in itertools.pairwise(question["sizes"][:-1])), letters(question, ["scores"])


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="The layers between input and output have weights and biases too, and training sets all of them.",
)
def leaves_out_the_hidden(question):
    return question["sizes"][0] * question["sizes"][-1], letters(question, ["hidden"])


@misconception(
    of="layers_item",
    kind="misses_point",
    hint="Count the weights and biases of each layer and add up the counts. A deep network has many layers, and each "
    "adds its own weights and biases.",
)
def multiplies_all(question):
    return math.prod(question["sizes"]), letters(question, ["deep"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="A token can't see the ones after it. With a causal mask, the scores of those tokens don't count at all.",
)
def looks_ahead(question):
    return attended(question["scores"], question["values"]), letters(question, ["causal"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="The scores of later tokens become minus infinity, not 0: a score of 0 still gets a weight.",
)
def masks_with_zero(question):
    masked = [score if place < question["at"] else 0.0 for place, score in enumerate(question["scores"])]
    return attended(masked, question["values"]), letters(question, ["feed_forward"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="A token attends to itself, too, not only to the ones before it.",
)
def never_looks_at_itself(question):
    before = slice(question["at"] - 1)
    return attended(question["scores"][before], question["values"][before]), letters(question, ["conversation"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="Attention doesn't pick the token with the highest score. It mixes the values of all the tokens it can see.",
)
def takes_the_best_match(question):
    scores, values = visible(question)
    return float(values[scores.argmax()]), letters(question, ["output"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="The scores matter: a token that matches better gets a larger weight. You took the plain mean.",
)
def takes_the_plain_mean(question):
    return float(visible(question)[1].mean()), letters(question, ["attention"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="The weights are the softmax of the scores, not the scores divided by their sum. Take exponentials first.",
)
def divides_the_scores(question):
    scores, values = visible(question)
    return float(scores @ values / scores.sum()), letters(question, ["pieces"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="The weights have to sum to 1. Divide the exponentials by their sum.",
)
def forgets_to_divide(question):
    scores, values = visible(question)
    return float(np.exp(scores) @ values), letters(question, ["repeat"])


@misconception(
    of="architecture_item",
    kind="misses_point",
    hint="The result is a mix of the values. Your answer is the token's own value, as if it attended only to itself.",
)
def keeps_its_own_value(question):
    return float(question["values"][question["at"] - 1]), letters(question, ["tokenizer"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="You have the difference the wrong way around: it should be A's reward minus B's. Also, knowledge comes from "
    "pre-training, and training on preferences comes last.",
)
def prefers_the_worse(question):
    return sigmoid(-difference_of_rewards(question)), letters(question, ["order"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="Rewards aren't shares of a total, so don't divide by their sum. Only the difference between them counts.",
)
def takes_rewards_for_shares(question):
    return question["rewards"][0] / sum(question["rewards"]), letters(question, ["comparisons"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="B's reward counts, too, because a person compares the two answers. Also, a high reward doesn't make an "
    "answer true.",
)
def looks_at_one_answer_only(question):
    return sigmoid(question["rewards"][0]), letters(question, ["truth"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="You computed the loss. The probability itself is the sigmoid of the difference.",
)
def gives_the_loss(question):
    return math.log1p(math.exp(-difference_of_rewards(question))), letters(question, ["leash"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="The difference isn't a probability yet: apply the sigmoid to it.",
)
def gives_the_difference(question):
    return difference_of_rewards(question), letters(question, ["hacking"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="The better answer isn't always chosen. The further ahead its reward is, the more likely people are to choose "
    "it.",
)
def the_better_one_always_wins(question):
    return float(difference_of_rewards(question) > 0), letters(question, ["rlhf"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="You computed the odds, which are e to the power of the difference. To get a probability, divide the odds by "
    "1 plus the odds.",
)
def gives_the_odds(question):
    return math.exp(difference_of_rewards(question)), letters(question, ["pretraining"])


@misconception(
    of="rlhf_item",
    kind="misses_point",
    hint="People don't choose at random: the difference between the rewards says how likely they are to choose A.",
)
def a_coin_toss(question):
    return 0.5, letters(question, ["sft"])


# --- watching a stream


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="You collect everything first and log it afterward, so every entry gets the time at which the stream ended. "
    "Log each piece before you ask for the next one.",
)
def collects_first(increments, clock):
    begun = clock()
    return [(clock() - begun, text) for text in list(increments)]


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="The clock can start at any number. Read the clock once at the start, and subtract that time from every later "
    "reading.",
)
def reads_the_bare_clock(increments, clock):
    return [(clock(), text) for text in increments]


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="You log the time since the previous piece arrived. Log the time since your function was called.",
)
def times_between_increments(increments, clock):
    log, before = [], clock()
    for text in increments:
        now = clock()
        log.append((now - before, text))
        before = now
    return log


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="You start the clock when the first piece arrives, so you leave out the wait before it, which is the wait "
    "that users notice. Read the clock at the very start, before you ask for the first piece.",
)
def begins_with_the_first_increment(increments, clock):
    log, begun = [], None
    for text in increments:
        now = clock()
        begun = now if begun is None else begun
        log.append((now - begun, text))
    return log


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="Each entry should hold only the text that just arrived, not all the text so far.",
)
def logs_the_text_so_far(increments, clock):
    log, begun, so_far = [], clock(), ""
    for text in increments:
        so_far += text
        log.append((clock() - begun, so_far))
    return log


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="Each entry is a (seconds, text) pair, in that order.",
)
def text_before_time(increments, clock):
    begun = clock()
    return [(text, clock() - begun) for text in increments]


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="You strip the spaces, but they're part of the text: without them, joining the pieces doesn't give you the "
    "text back.",
)
def strips_the_spaces(increments, clock):
    begun = clock()
    return [(clock() - begun, text.strip()) for text in increments]


@misconception(
    of="log_stream",
    kind="edge",
    hint="The same text can arrive more than once. Every arrival is a separate event, so log all of them.",
)
def drops_what_came_before(increments, clock):
    log, begun = [], clock()
    for text in increments:
        if text not in [each for _, each in log]:
            log.append((clock() - begun, text))
    return log


@misconception(
    of="log_stream",
    kind="edge",
    hint="If two pieces arrive at the same time, you lose the first one, maybe because the times are the keys of a "
    "dict. Append each pair to a list.",
)
def one_piece_per_time(increments, clock):
    log, begun = {}, clock()
    for text in increments:
        log[clock() - begun] = text
    return list(log.items())


@misconception(
    of="log_stream",
    kind="edge",
    hint="Your log ends at the first empty piece, maybe because Python treats an empty string as false. The stream "
    "ends when next raises StopIteration, as it does at the end of a for loop.",
)
def ends_at_an_empty_piece(increments, clock):
    log, begun = [], clock()
    while text := next(increments, ""):
        log.append((clock() - begun, text))
    return log


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="The first piece is missing, because a next(…) before the loop already consumed it.",
)
def loses_the_first(increments, clock):
    begun = clock()
    next(increments, None)
    return [(clock() - begun, text) for text in increments]


@misconception(
    of="log_stream",
    kind="misses_point",
    hint="You read the clock before you ask for a piece, so each time belongs to the piece before it.",
)
def reads_the_clock_too_early(increments, clock):
    log, begun = [], clock()
    while True:
        now = clock() - begun
        try:
            text = next(increments)
        except StopIteration:
            return log
        log.append((now, text))


@misconception(
    of="observation",
    kind="edge",
    hint="The log has fewer than ten pieces of text. Ask for something longer, such as counting to twenty.",
)
def too_few_increments():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    log = [(0.1 * number, word) for number, word in enumerate(words, 1)]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": log[:4],
        "text": "".join(words[:4]),
        "saw": "The words came one after the other, and the first one long before the last.",
    }


@misconception(
    of="observation",
    kind="misses_point",
    hint="All the pieces in your log have the same timestamp, so you logged them after the stream ended, not as they "
    "arrived.",
)
def all_at_once():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": [(1.1, word) for word in words],
        "text": "".join(words),
        "saw": "The words came one after the other, and the first one long before the last.",
    }


@misconception(
    of="observation",
    kind="misses_point",
    hint="If you join the pieces with nothing between them, you should get the final text.",
)
def another_text():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    log = [(0.1 * number, word) for number, word in enumerate(words, 1)]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": log,
        "text": " ".join(word.strip() for word in words),
        "saw": "The words came one after the other, and the first one long before the last.",
    }


@misconception(
    of="observation",
    kind="edge",
    hint="Write a full sentence about what you saw, in your own words. When did the first word arrive, and when did "
    "the last?",
)
def nothing_seen():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    log = [(0.1 * number, word) for number, word in enumerate(words, 1)]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": log,
        "text": "".join(words),
        "saw": "It streamed.",
    }


@misconception(
    of="observation",
    kind="convention",
    hint="The date isn't in the format the record needs. Write it like 2026-05-31.",
)
def no_day():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    log = [(0.1 * number, word) for number, word in enumerate(words, 1)]
    return {
        "model": "a tiny model",
        "when": "yesterday",
        "log": log,
        "text": "".join(words),
        "saw": "The words came one after the other, and the first one long before the last.",
    }


@misconception(
    of="observation",
    kind="misses_point",
    hint="Times are seconds since the start, so they never decrease.",
)
def times_run_backwards():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    log = [(0.1 * number, word) for number, word in enumerate(words, 1)]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": [(1.2 - at, word) for at, word in log],
        "text": "".join(words),
        "saw": "The words came one after the other, and the first one long before the last.",
    }


@misconception(
    of="observation",
    kind="misses_point",
    hint="A log is a list of (seconds, text) pairs, as log_stream returns it.",
)
def text_instead_of_a_log():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": "".join(words),
        "text": "".join(words),
        "saw": "The words came one after the other, and the first one long before the last.",
    }


@misconception(
    of="observation",
    kind="misses_point",
    hint="Each entry of the log should be a (seconds, text) pair, but the times are missing.",
)
def without_times():
    words = ["One", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", "."]
    return {
        "model": "a tiny model",
        "when": "2026-03-01",
        "log": words,
        "text": "".join(words),
        "saw": "The words came one after the other, and the first one long before the last.",
    }
