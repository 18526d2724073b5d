"""Wrong answers of lab `terms`: beliefs, each with a number and a letter that fit it. Students do not get these."""

import itertools
import math

import numpy as np

from autograder.testing import misconception


@misconception(
    of="network_item",
    hint="A network is inspired by the brain only loosely: it is arithmetic, sums and bends. And a neuron whose "
    "sum is negative passes on 0, not the sum without its sign.",
)
def wired_like_a_brain(question):
    x = np.array(question["x"])
    before = np.array(question["W1"]) @ x + np.array(question["b1"])
    letter = next(letter for letter, text in question["options"].items() if "wiring" in text)
    return float(np.abs(before) @ question["w2"] + question["b2"]), letter


@misconception(
    of="network_item",
    hint="No sentence is kept in a network and none is looked up: there are only numbers. To put an input through, "
    "every neuron of the layer before counts, not the strongest alone.",
)
def looks_up_sentences(question):
    x = np.array(question["x"])
    before = np.array(question["W1"]) @ x + np.array(question["b1"])
    letter = next(letter for letter, text in question["options"].items() if "database" in text)
    return float(max(before)), letter


@misconception(
    of="network_item",
    hint="Nobody writes a network's rules; its numbers are found from examples. A bias belongs to each neuron as "
    "its weights do, and is added once.",
)
def written_by_engineers(question):
    hidden = np.maximum(np.array(question["W1"]) @ np.array(question["x"]), 0)
    letter = next(letter for letter, text in question["options"].items() if "engineers" in text)
    return float(hidden @ question["w2"]), letter


@misconception(
    of="network_item",
    hint="The hidden neurons have a ReLU: what is below 0 leaves them as 0. Without it two layers are no more than "
    "one.",
)
def leaves_out_relu(question):
    x = np.array(question["x"])
    before = np.array(question["W1"]) @ x + np.array(question["b1"])
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return float(before @ question["w2"] + question["b2"]), letter


@misconception(
    of="network_item",
    hint="The output neuron has no ReLU, so that a network can also say numbers below 0.",
)
def relu_at_the_output_too(question):
    x = np.array(question["x"])
    before = np.array(question["W1"]) @ x + np.array(question["b1"])
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return max(0.0, float(np.maximum(before, 0) @ question["w2"] + question["b2"])), letter


@misconception(
    of="network_item",
    hint="All neurons have a bias, the output neuron too.",
)
def forgets_the_output_bias(question):
    x = np.array(question["x"])
    before = np.array(question["W1"]) @ x + np.array(question["b1"])
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return float(np.maximum(before, 0) @ question["w2"]), letter


@misconception(
    of="network_item",
    hint="What comes out of the hidden neurons is multiplied by the output neuron's weights before it is added up.",
)
def adds_the_hidden_neurons(question):
    x = np.array(question["x"])
    before = np.array(question["W1"]) @ x + np.array(question["b1"])
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return float(np.maximum(before, 0).sum() + question["b2"]), letter


@misconception(
    of="weight_item",
    hint="Nobody sets a weight by hand, also not so that one example comes out exactly. Training moves it a small "
    "step, as far as the learning rate says.",
)
def set_by_an_engineer(question):
    letter = next(letter for letter, text in question["options"].items() if "engineer" in text)
    return question["price"] / question["size"], letter


@misconception(
    of="weight_item",
    hint="A weight is no place where text is kept. It has moved a little with every example, and this one moves it "
    "too.",
)
def keeps_the_text(question):
    letter = next(letter for letter, text in question["options"].items() if "stored" in text)
    return question["weight"], letter


@misconception(
    of="weight_item",
    hint="Probabilities come out at the end and differ from text to text; a weight stays the same until training "
    "moves it. The step goes against the gradient, which here means the factor 2 and the size too.",
)
def is_a_words_probability(question):
    error = question["weight"] * question["size"] - question["price"]
    letter = next(letter for letter, text in question["options"].items() if "probability of a word" in text)
    return question["weight"] - question["learning_rate"] * error, letter


@misconception(
    of="weight_item",
    hint="The step goes against the gradient: minus the learning rate times the gradient. With a plus, the loss rises.",
)
def steps_uphill(question):
    error = question["weight"] * question["size"] - question["price"]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return question["weight"] + question["learning_rate"] * 2 * error * question["size"], letter


@misconception(
    of="weight_item",
    hint="The gradient of (weight × size − price)² with respect to the weight also has the factor size: the larger "
    "the house, the more the weight matters.",
)
def forgets_the_size(question):
    error = question["weight"] * question["size"] - question["price"]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return question["weight"] - question["learning_rate"] * 2 * error, letter


@misconception(
    of="weight_item",
    hint="The derivative of a square is twice what is squared (times the derivative of that): a factor of 2 is "
    "missing.",
)
def forgets_the_factor_two(question):
    error = question["weight"] * question["size"] - question["price"]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return question["weight"] - question["learning_rate"] * error * question["size"], letter


@misconception(
    of="weight_item",
    hint="The gradient says which way and how steep; how far to go is the learning rate's business, and it is "
    "missing here.",
)
def forgets_the_learning_rate(question):
    error = question["weight"] * question["size"] - question["price"]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return question["weight"] - 2 * error * question["size"], letter


@misconception(
    of="loss_item",
    hint="Accuracy only asks whether the likeliest word was right. Loss looks at the probability of the right "
    "word: −ln p, which is 0 at p = 1 and grows without end towards p = 0.",
)
def is_one_minus_accuracy(question):
    p = question["probs"][question["target"]]
    letter = next(letter for letter, text in question["options"].items() if "likeliest word is" in text)
    return 1 - p, letter


@misconception(
    of="loss_item",
    hint="How close words are in meaning is no part of the loss. Nor is how far the likeliest word was ahead: only "
    "the probability of the word that came counts, as −ln p.",
)
def measures_the_distance_of_words(question):
    p = question["probs"][question["target"]]
    letter = next(letter for letter, text in question["options"].items() if "closer in meaning" in text)
    return max(question["probs"].values()) - p, letter


@misconception(
    of="loss_item",
    hint="Loss does not count words; it measures how little probability the right one was given, as −ln p.",
)
def counts_unknown_words(question):
    letter = next(letter for letter, text in question["options"].items() if "Neither" in text)
    return 0.0, letter


@misconception(
    of="loss_item",
    hint="This is the loss in bits, by the logarithm to base 2; in nats it is the natural logarithm.",
)
def uses_log2(question):
    p = question["probs"][question["target"]]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return -math.log2(p), letter


@misconception(
    of="loss_item",
    hint="This is the logarithm to base 10; a loss in nats takes the natural one.",
)
def uses_log10(question):
    p = question["probs"][question["target"]]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return -math.log10(p), letter


@misconception(
    of="loss_item",
    hint="The logarithm of a probability is negative, and the loss is minus that: the larger, the worse.",
)
def forgets_the_minus(question):
    p = question["probs"][question["target"]]
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return math.log(p), letter


@misconception(
    of="loss_item",
    hint="This is the loss that the likeliest word would have had; it counts the probability of the word that came.",
)
def of_the_likeliest_word(question):
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return -math.log(max(question["probs"].values())), letter


@misconception(
    of="loss_item",
    hint="One word came, so one probability counts; what the others were given plays no part of its own.",
)
def adds_up_all_words(question):
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return -sum(p * math.log(p) for p in question["probs"].values()), letter


@misconception(
    of="backprop_item",
    hint="Backpropagation, strictly, only computes the gradients; gradient descent then changes the weights by "
    "them. The lesson calls both together backpropagation, so this is no mistake, only less precise.",
)
def adjusts_the_weights(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("predict",),
        ("wrong",),
        ("gradients",),
        ("small step", "a little"),
        ("next batch",),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "adjusts" in text)
    return 2 * error * v * x, "".join(steps), letter


@misconception(
    of="backprop_item",
    hint="Backpropagation runs backwards with derivatives, not with inputs: it recovers nothing, it finds how the "
    "loss changes with each weight. On the way from the loss to w it passes v, which is a factor.",
)
def recovers_the_inputs(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("wrong",),
        ("predict",),
        ("gradients",),
        ("small step", "a little"),
        ("next batch",),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "recover" in text)
    return 2 * error * x, "".join(steps), letter


@misconception(
    of="backprop_item",
    hint="No answer is stored anywhere. What travels back are derivatives, multiplied on the way by what lies on "
    "it: v, and then the input x.",
)
def stores_right_answers(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("predict",),
        ("small step", "a little"),
        ("wrong",),
        ("gradients",),
        ("next batch",),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "stored" in text)
    return 2 * error * v, "".join(steps), letter


@misconception(
    of="backprop_item",
    hint="A gradient is a gradient of the loss, so the loss has to be there before it. And the derivative of a "
    "square brings a factor of 2.",
)
def gradients_before_the_loss(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("predict",),
        ("gradients",),
        ("wrong",),
        ("small step", "a little"),
        ("next batch",),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return error * v * x, "".join(steps), letter


@misconception(
    of="backprop_item",
    hint="The step needs the gradients: they say which way to move each weight. And this is the gradient for v, "
    "not for w: with respect to w, the factors are v and x.",
)
def updates_before_the_gradients(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("predict",),
        ("wrong",),
        ("small step", "a little"),
        ("gradients",),
        ("next batch",),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return 2 * error * w * x, "".join(steps), letter


@misconception(
    of="backprop_item",
    hint="The error is prediction minus target: the other way round the gradient has the wrong sign, and the step "
    "would go uphill. And after the step comes the next batch, before it nothing of that.",
)
def turns_the_sign(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("predict",),
        ("wrong",),
        ("gradients",),
        ("next batch",),
        ("small step", "a little"),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return -2 * error * v * x, "".join(steps), letter


@misconception(
    of="backprop_item",
    hint="This is the loss itself; the gradient says how it changes when w is moved. And training begins with a "
    "prediction: there is nothing to be measured before.",
)
def takes_the_loss_for_the_gradient(question):
    x, w, v = question["x"], question["w"], question["v"]
    error = v * max(w * x, 0) - question["target"]
    order = (
        ("next batch",),
        ("predict",),
        ("wrong",),
        ("gradients",),
        ("small step", "a little"),
    )
    steps = [next(k for k, text in question["steps"].items() if any(each in text for each in step)) for step in order]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return error**2, "".join(steps), letter


@misconception(
    of="descent_item",
    hint="Nothing is sure to end in the lowest valley: steps that are too long lead away from it, and of several "
    "valleys one finds the nearest. Two steps lead part of the way.",
)
def always_finds_the_lowest_valley(question):
    letter = next(letter for letter, text in question["options"].items() if "lowest valley" in text)
    return float(question["lowest"]), letter


@misconception(
    of="descent_item",
    hint="Descent goes down, against the slope: x minus the learning rate times the slope. What it lowers is the "
    "loss, and no accuracy is in it.",
)
def goes_uphill(question):
    away, a, rate = question["start"] - question["lowest"], question["a"], question["learning_rate"]
    letter = next(letter for letter, text in question["options"].items() if "uphill" in text)
    return question["lowest"] + away * (1 + 2 * a * rate) ** 2, letter


@misconception(
    of="descent_item",
    hint="A larger rate is faster only up to a point; beyond it each step jumps across and lands further away. The "
    "second step begins where the first has ended, with the slope there.",
)
def larger_is_faster(question):
    away, a, rate = question["start"] - question["lowest"], question["a"], question["learning_rate"]
    letter = next(letter for letter, text in question["options"].items() if "fast" in text)
    return question["start"] - 2 * rate * 2 * a * away, letter


@misconception(
    of="descent_item",
    hint="This is x after one step; the second one begins there, with the slope there.",
)
def one_step_only(question):
    away, a, rate = question["start"] - question["lowest"], question["a"], question["learning_rate"]
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return question["lowest"] + away * (1 - 2 * a * rate), letter


@misconception(
    of="descent_item",
    hint="The slope of (x − c)² is 2(x − c): a factor of 2 is missing.",
)
def takes_half_the_slope(question):
    away, a, rate = question["start"] - question["lowest"], question["a"], question["learning_rate"]
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return question["lowest"] + away * (1 - a * rate) ** 2, letter


@misconception(
    of="descent_item",
    hint="The slope of a·(x − c)² is 2a(x − c) and not 1 or 2 whatever the place: the steeper it is, the longer "
    "the step.",
)
def forgets_the_factor(question):
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return question["start"] - 2 * question["learning_rate"] * (
        1 if question["start"] > question["lowest"] else -1
    ), letter


@misconception(
    of="descent_item",
    hint="The slope says which way, and how steep it is. How far to go is the learning rate's business, which is "
    "missing here.",
)
def takes_the_whole_slope(question):
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return question["lowest"] + (question["start"] - question["lowest"]) * (1 - 2 * question["a"]) ** 2, letter


@misconception(
    of="autoregressive_item",
    hint="No answer is there before it is shown: the model is asked once for every token, each time with all that "
    "it has written so far.",
)
def finished_before_it_is_shown(question):
    letter = next(letter for letter, text in question["options"].items() if "finished" in text)
    return [1, question["prompt_length"]], letter


@misconception(
    of="autoregressive_item",
    hint="Every token that was drawn joins the context: at the third one the model sees the prompt and two tokens "
    "more.",
)
def sees_the_prompt_alone(question):
    letter = next(letter for letter, text in question["options"].items() if "prompt alone" in text)
    return [len(question["tokens"]) + 1, question["prompt_length"]], letter


@misconception(
    of="autoregressive_item",
    hint="Nothing is slowed down; the words come as they are made. It is made until the stop token comes, so not "
    "up to the limit, and each is based on all before it.",
)
def slowed_down_like_typing(question):
    letter = next(letter for letter, text in question["options"].items() if "typing" in text)
    return [question["max_new_tokens"], question["prompt_length"] + question["step"] - 1], letter


@misconception(
    of="autoregressive_item",
    hint="The stop token is a token like any other: the model is asked for it too, though nobody gets to see it.",
)
def does_not_count_the_stop(question):
    n, prompt, step = len(question["tokens"]), question["prompt_length"], question["step"]
    letter = next(letter for letter, text in question["options"].items() if "joins the context" in text)
    return [n, prompt + step - 1], letter


@misconception(
    of="autoregressive_item",
    hint="The token that is asked for is not there yet: at the third one, two new ones are in the context.",
)
def counts_the_one_asked_for(question):
    n, prompt, step = len(question["tokens"]), question["prompt_length"], question["step"]
    letter = next(letter for letter, text in question["options"].items() if "joins the context" in text)
    return [n + 1, prompt + step], letter


@misconception(
    of="autoregressive_item",
    hint="The model sees the prompt too, in front of what it has written.",
)
def forgets_the_prompt(question):
    letter = next(letter for letter, text in question["options"].items() if "joins the context" in text)
    return [len(question["tokens"]) + 1, question["step"] - 1], letter


@misconception(
    of="softmax_item",
    hint="Softmax picks nothing: it gives every word a probability above 0. To pick is the sampler's part.",
)
def picks_the_largest(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "oftmax picks" in text)
    return float(z[question["word"]] == max(z.values())), letter


@misconception(
    of="softmax_item",
    hint="Each logit becomes its exponential first; only then they are divided by their sum. Logits themselves may "
    "be negative, or add up to 0.",
)
def divides_by_the_sum_of_logits(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "nearly" in text)
    return z[question["word"]] / sum(z.values()), letter


@misconception(
    of="softmax_item",
    hint="Probabilities always add up to 1. The exponential alone is none yet: it has to be divided by the sum of "
    "all exponentials, and a shift of all logits cancels there.",
)
def lets_all_grow(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "grow" in text)
    return math.exp(z[question["word"]]), letter


@misconception(
    of="softmax_item",
    hint="This is the sigmoid of one logit, which ignores the others; softmax compares it with all of them.",
)
def sigmoid_of_one(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return 1 / (1 + math.exp(-z[question["word"]])), letter


@misconception(
    of="softmax_item",
    hint="The base is e, not 2.",
)
def powers_of_two(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return 2 ** z[question["word"]] / sum(2**each for each in z.values()), letter


@misconception(
    of="softmax_item",
    hint="Divided by the largest exponential, the likeliest word would get 1; it is the sum that they are divided by.",
)
def relative_to_the_largest(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return math.exp(z[question["word"]] - max(z.values())), letter


@misconception(
    of="softmax_item",
    hint="This is the probability that another word comes.",
)
def of_the_others(question):
    z = question["logits"]
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return 1 - math.exp(z[question["word"]]) / sum(math.exp(each) for each in z.values()), letter


@misconception(
    of="temperature_item",
    hint="A higher temperature makes the model more random, and knowledge is not changed by it: the likeliest word "
    "becomes less likely, not more. Logits are divided by the temperature.",
)
def higher_is_smarter(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "marter" in text)
    return [float((p**t / (p**t).sum()).max()) for t in question["temperatures"]], letter


@misconception(
    of="temperature_item",
    hint="At 0.1 the likeliest word is very likely, and still not certain; only at 0 it always comes. And "
    "likeliest is not best.",
)
def low_always_picks_the_best(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "best word" in text)
    return [1.0] + [float((p ** (1 / t) / (p ** (1 / t)).sum()).max()) for t in question["temperatures"][1:]], letter


@misconception(
    of="temperature_item",
    hint="The words are the same at every temperature; only their probabilities are others, and still add up to 1. "
    "Raised to the power 1/T they have to be divided by their sum.",
)
def opens_the_vocabulary(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "vocabulary" in text)
    return [float((p ** (1 / t)).max()) for t in question["temperatures"]], letter


@misconception(
    of="temperature_item",
    hint="Temperature does change the probabilities: divided by it, the logits lie further apart or closer "
    "together. (Probabilities divided by it, and by their sum again, would be as before.)",
)
def the_same_at_all(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return [float(p.max()) for _ in question["temperatures"]], letter


@misconception(
    of="temperature_item",
    hint="It is the logits that are divided by the temperature, not the probabilities, which then would not add up "
    "to 1.",
)
def divides_probabilities(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return [float(p.max() / t) for t in question["temperatures"]], letter


@misconception(
    of="temperature_item",
    hint="Softmax wants logits, and ln p is one: take the logarithm of the probabilities first.",
)
def softmax_of_probabilities(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return [float((np.exp(p / t) / np.exp(p / t).sum()).max()) for t in question["temperatures"]], letter


@misconception(
    of="temperature_item",
    hint="The order of the answers is that of the temperatures: first the low one, where the likeliest word gains.",
)
def turns_the_order_round(question):
    p = np.array(list(question["probs"].values()))
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return [float((p ** (1 / t) / (p ** (1 / t)).sum()).max()) for t in question["temperatures"][::-1]], letter


@misconception(
    of="meaning_item",
    hint="The model has only counted which word follows which. If it understood the sentences, shuffling could not "
    "take that away; and trained on the shuffled text it tells them apart no more, or by chance only.",
)
def understood_the_meaning(question):
    def loss(text, sentence, log=math.log):
        words, asked = text.split(), sentence.split()
        pairs = list(itertools.pairwise(words))
        return -sum(
            log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + len(set(words))))
            for pair in itertools.pairwise(asked)
        ) / (len(asked) - 1)

    difference = loss(question["original"], question["nonsense"]) - loss(question["original"], question["real"])
    letter = next(letter for letter, text in question["options"].items() if "understood" in text)
    return [difference, difference], letter


@misconception(
    of="meaning_item",
    hint="How often each word comes is the same in both texts, and the model knows more than that: which word "
    "follows which. Each sentence's loss has to be computed with the counts of pairs.",
)
def knows_the_same_words(question):
    letter = next(letter for letter, text in question["options"].items() if "same words" in text)
    return [0.0, 0.0], letter


@misconception(
    of="meaning_item",
    hint="From shuffled words one can learn as from any others: which word follows which there. With one added to "
    "every count no loss is infinite.",
)
def nothing_to_learn_from(question):
    def loss(text, sentence, log=math.log):
        words, asked = text.split(), sentence.split()
        pairs = list(itertools.pairwise(words))
        return -sum(
            log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + len(set(words))))
            for pair in itertools.pairwise(asked)
        ) / (len(asked) - 1)

    difference = loss(question["original"], question["nonsense"]) - loss(question["original"], question["real"])
    letter = next(letter for letter, text in question["options"].items() if "infinite" in text)
    return [difference, 99.0], letter


@misconception(
    of="meaning_item",
    hint="The question asks for the loss of the nonsense minus that of the real sentence: this is the other way round.",
)
def real_less_nonsense(question):
    def loss(text, sentence, log=math.log):
        words, asked = text.split(), sentence.split()
        pairs = list(itertools.pairwise(words))
        return -sum(
            log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + len(set(words))))
            for pair in itertools.pairwise(asked)
        ) / (len(asked) - 1)

    real, nonsense = question["real"], question["nonsense"]
    texts = (question["original"], question["shuffled"])
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return [loss(each, real) - loss(each, nonsense) for each in texts], letter


@misconception(
    of="meaning_item",
    hint="These are bits, by the logarithm to base 2; nats take the natural logarithm.",
)
def losses_in_bits(question):
    def loss(text, sentence, log=math.log):
        words, asked = text.split(), sentence.split()
        pairs = list(itertools.pairwise(words))
        return -sum(
            log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + len(set(words))))
            for pair in itertools.pairwise(asked)
        ) / (len(asked) - 1)

    real, nonsense = question["real"], question["nonsense"]
    texts = (question["original"], question["shuffled"])
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return [loss(each, nonsense, math.log2) - loss(each, real, math.log2) for each in texts], letter


@misconception(
    of="meaning_item",
    hint="These are the losses of the nonsense alone; what is asked for is how much greater they are than those of "
    "the real sentence.",
)
def losses_of_the_nonsense_alone(question):
    def loss(text, sentence, log=math.log):
        words, asked = text.split(), sentence.split()
        pairs = list(itertools.pairwise(words))
        return -sum(
            log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + len(set(words))))
            for pair in itertools.pairwise(asked)
        ) / (len(asked) - 1)

    texts = (question["original"], question["shuffled"])
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return [loss(each, question["nonsense"]) for each in texts], letter


@misconception(
    of="meaning_item",
    hint="These are the differences of the sums over all words; a loss is the mean of them.",
)
def sums_over_the_words(question):
    def loss(text, sentence, log=math.log):
        words, asked = text.split(), sentence.split()
        pairs = list(itertools.pairwise(words))
        return -sum(
            log((pairs.count(pair) + 1) / (words[:-1].count(pair[0]) + len(set(words))))
            for pair in itertools.pairwise(asked)
        ) / (len(asked) - 1)

    real, nonsense = question["real"], question["nonsense"]
    texts = (question["original"], question["shuffled"])
    steps = len(real.split()) - 1
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return [steps * (loss(each, nonsense) - loss(each, real)) for each in texts], letter


@misconception(
    of="smarter_item",
    hint="What comes with temperature is chance. The right answers become fewer, because the model's best answer, "
    "which is right here, is drawn less often.",
)
def hotter_knows_more(question):
    logits, right = np.array(question["logits"]), np.array(question["right"])
    rows = [np.exp(logits / t) for t in question["temperatures"]]
    counts = [round(float((row / row.sum(axis=1, keepdims=True))[np.arange(200), right].sum())) for row in rows]
    letter = next(letter for letter, text in question["options"].items() if "tries" in text)
    return counts[::-1], letter


@misconception(
    of="smarter_item",
    hint="Temperature changes which answers are drawn, and so how many are right. Count anew at each temperature.",
)
def only_changes_the_tone(question):
    logits, right = np.array(question["logits"]), np.array(question["right"])
    rows = [np.exp(logits / t) for t in question["temperatures"]]
    counts = [round(float((row / row.sum(axis=1, keepdims=True))[np.arange(200), right].sum())) for row in rows]
    letter = next(letter for letter, text in question["options"].items() if "tone" in text)
    return [counts[1], counts[1], counts[1]], letter


@misconception(
    of="smarter_item",
    hint="1 is the distribution as it was trained, neither best nor most creative. Where the likeliest answer is "
    "right, lower is better: look at the counts again.",
)
def one_is_best(question):
    logits, right = np.array(question["logits"]), np.array(question["right"])
    rows = [np.exp(logits / t) for t in question["temperatures"]]
    counts = [round(float((row / row.sum(axis=1, keepdims=True))[np.arange(200), right].sum())) for row in rows]
    letter = next(letter for letter, text in question["options"].items() if "creative" in text)
    return [counts[2], counts[0], counts[1]], letter


@misconception(
    of="smarter_item",
    hint="These look like the wrong answers; the right ones are asked for.",
)
def counts_the_wrong_ones(question):
    logits, right = np.array(question["logits"]), np.array(question["right"])
    rows = [np.exp(logits / t) for t in question["temperatures"]]
    counts = [round(float((row / row.sum(axis=1, keepdims=True))[np.arange(200), right].sum())) for row in rows]
    letter = next(letter for letter, text in question["options"].items() if "no knowledge" in text)
    return [200 - each for each in counts], letter


@misconception(
    of="smarter_item",
    hint="Of 200 answers the numbers of right ones are asked for, not percentages.",
)
def gives_percentages(question):
    logits, right = np.array(question["logits"]), np.array(question["right"])
    rows = [np.exp(logits / t) for t in question["temperatures"]]
    counts = [round(float((row / row.sum(axis=1, keepdims=True))[np.arange(200), right].sum())) for row in rows]
    letter = next(letter for letter, text in question["options"].items() if "no knowledge" in text)
    return [each // 2 for each in counts], letter


@misconception(
    of="smarter_item",
    hint="At a temperature above 0 answers are drawn; who takes the likeliest each time has temperature 0, three "
    "times.",
)
def takes_the_likeliest_each_time(question):
    letter = next(letter for letter, text in question["options"].items() if "no knowledge" in text)
    return [200, 200, 200], letter


@misconception(
    of="programming_item",
    hint="There is no rule for a town in the code; it does the same with all data. Both weights come from the "
    "examples, each from its own town's.",
)
def written_for_each_town(question):
    sizes = np.array(question["sizes"])
    both = [np.array(question[f"prices_{town}"]) for town in ("first", "second")]
    letter = next(letter for letter, text in question["options"].items() if "train_weight" in text)
    return [float(sizes @ both[1] / (sizes @ sizes)), float(sizes @ both[0] / (sizes @ sizes))], letter


@misconception(
    of="programming_item",
    hint="Nothing in train_weight is drawn: the same data give the same weight each time. Let it run on each "
    "town's data.",
)
def chance_gives_the_weight(question):
    letter = next(letter for letter, text in question["options"].items() if "hance" in text)
    return [200.0, 200.0], letter


@misconception(
    of="programming_item",
    hint="More steps bring each weight closer to its own town's best one, not to a common one.",
)
def the_same_in_the_end(question):
    sizes = np.array(question["sizes"])
    both = [np.array(question[f"prices_{town}"]) for town in ("first", "second")]
    letter = next(letter for letter, text in question["options"].items() if "number of steps" in text)
    return [float(sizes @ (both[0] + both[1]) / 2 / (sizes @ sizes))] * 2, letter


@misconception(
    of="programming_item",
    hint="This is the mean of price / size. Training lowers the squared error, in which large houses count more.",
)
def mean_of_the_ratios(question):
    sizes = np.array(question["sizes"])
    both = [np.array(question[f"prices_{town}"]) for town in ("first", "second")]
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return [float((each / sizes).mean()) for each in both], letter


@misconception(
    of="programming_item",
    hint="This is all prices together divided by all sizes together. Training lowers the squared error, which "
    "leads to another weight.",
)
def ratio_of_the_means(question):
    sizes = np.array(question["sizes"])
    both = [np.array(question[f"prices_{town}"]) for town in ("first", "second")]
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return [float(each.sum() / sizes.sum()) for each in both], letter


@misconception(
    of="programming_item",
    hint="This is where one step leads; let train_weight run to its end.",
)
def stops_after_one_step(question):
    sizes = np.array(question["sizes"])
    both = [np.array(question[f"prices_{town}"]) for town in ("first", "second")]
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return [float(2 * 0.05 * (sizes * each).mean()) for each in both], letter


@misconception(
    of="programming_item",
    hint="One house makes no weight: all four count.",
)
def uses_the_largest_house(question):
    sizes = np.array(question["sizes"])
    both = [np.array(question[f"prices_{town}"]) for town in ("first", "second")]
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return [float(each[-1] / sizes[-1]) for each in both], letter


@misconception(
    of="retrain_item",
    hint="Temperature adds chance and teaches nothing; what a model has not learnt has to be trained or told. And "
    "these prices are for a million tokens.",
)
def turns_up_the_temperature(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    letter = next(letter for letter, text in question["options"].items() if "temperature" in text)
    return [1000 * each for each in costs], letter


@misconception(
    of="retrain_item",
    hint="Each example is read several times, and each time costs.",
)
def reads_the_examples_once(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    letter = next(
        letter for letter, text in question["options"].items() if fitting in text and "temperature" not in text
    )
    return [costs[0], costs[1] / q["epochs"], costs[2]], letter


@misconception(
    of="retrain_item",
    hint="The prompt is sent on each of the days.",
)
def pays_for_one_day(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    letter = next(
        letter for letter, text in question["options"].items() if fitting in text and "temperature" not in text
    )
    return [costs[0], costs[1], costs[2] / q["days"]], letter


@misconception(
    of="retrain_item",
    hint="Training and prompts have prices of their own.",
)
def mixes_up_the_prices(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    letter = next(
        letter for letter, text in question["options"].items() if fitting in text and "temperature" not in text
    )
    return [q["pretraining_tokens"] * rent, read * rent, sent * q["days"] * training], letter


@misconception(
    of="retrain_item",
    hint="A trillion is a million millions: at a price for a million tokens it is a million times that price.",
)
def counts_in_billions(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    letter = next(
        letter for letter, text in question["options"].items() if fitting in text and "temperature" not in text
    )
    return [costs[0] / 1000, costs[1], costs[2]], letter


@misconception(
    of="retrain_item",
    hint="Fine-tuning is paid once, and then the model knows; only the prompt is sent again with each request.",
)
def fine_tunes_with_each_request(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    letter = next(
        letter for letter, text in question["options"].items() if fitting in text and "temperature" not in text
    )
    return [costs[0], costs[1] * q["days"], costs[2]], letter


@misconception(
    of="retrain_item",
    hint="Pre-training costs millions and takes months; it is for what no model knows at all. Know which of the "
    "three you need.",
)
def retrains_for_everything(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    wanted = "re-train" if fitting != "re-train" else "ine-tune"
    letter = next(letter for letter, text in question["options"].items() if wanted in text)
    return [costs[0], costs[0], costs[0]], letter


@misconception(
    of="retrain_item",
    hint="A prompt is paid for again with each request and has to fit into the context; 30,000 examples or a whole "
    "language do not. What is one page, and new tomorrow, belongs just there.",
)
def writes_it_all_into_the_prompt(question):
    q = question
    training, rent = q["usd_per_mtok_training"] / 1e6, q["usd_per_mtok_prompt"] / 1e6
    read, sent = q["examples"] * q["tokens_per_example"] * q["epochs"], q["requests_per_day"] * q["prompt_tokens"]
    costs = [q["pretraining_tokens"] * training, read * training, sent * q["days"] * rent]
    fits = {"return policy": "prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in q["text"])
    wanted = "into the prompt" if fitting != "prompt" else "ine-tune"
    letter = next(letter for letter, text in question["options"].items() if wanted in text)
    return [costs[2], costs[2], costs[2]], letter


@misconception(
    of="best_word_item",
    hint="A model picks no best word: each word comes as often as its probability says. The words that are not the "
    "likeliest come too, and together most of the time.",
)
def picks_the_best_word(question):
    letter = next(letter for letter, text in question["options"].items() if "best word" in text)
    return 0, letter


@misconception(
    of="best_word_item",
    hint="At temperature 1 the likeliest word comes as often as its probability says, and not each time. It is "
    "that count that was given here, or nearly; the others are asked for.",
)
def says_the_likeliest_each_time(question):
    letter = next(letter for letter, text in question["options"].items() if "highest probability" in text)
    return round(question["draws"] * max(question["probs"].values())), letter


@misconception(
    of="best_word_item",
    hint="There is nothing that it could look up, and it does not notice: it draws by probability, whatever is true.",
)
def looks_it_up(question):
    letter = next(letter for letter, text in question["options"].items() if "looks" in text)
    return question["draws"], letter


@misconception(
    of="best_word_item",
    hint="The other words together are no likeliest word either; they count too.",
)
def leaves_out_the_other_words(question):
    letter = next(letter for letter, text in question["options"].items() if "more often than right" in text)
    return round(question["draws"] * (1 - max(question["probs"].values()) - question["probs"]["other words"])), letter


@misconception(
    of="best_word_item",
    hint="The six are not equally likely: each comes as often as its probability says.",
)
def all_words_alike(question):
    letter = next(letter for letter, text in question["options"].items() if "more often than right" in text)
    return question["draws"] * 5 // 6, letter


@misconception(
    of="best_word_item",
    hint="How many is asked for, not how many in a hundred.",
)
def gives_a_percentage(question):
    letter = next(letter for letter, text in question["options"].items() if "more often than right" in text)
    return round(100 * (1 - max(question["probs"].values()))), letter


@misconception(
    of="exam_item",
    hint="A chat changes no weight: what you write there is in the context, and gone with it. It belongs to the "
    "exam, as do all answers; and answers do not count as steps.",
)
def chats_teach_the_model(question):
    studying = ("batches", "to get a loss", "Backpropagation", "learning rate", "random numbers", "corrects", "pastes")
    letters = [letter for letter, text in question["options"].items() if any(each in text for each in studying)]
    return question["epochs"] * question["batches"] + question["chats"], "".join(letters)


@misconception(
    of="exam_item",
    hint="This is the exam, and the studying is asked for: studying is what changes the weights. They change once "
    "for each batch, in each epoch.",
)
def takes_the_exam_for_studying(question):
    studying = ("batches", "to get a loss", "Backpropagation", "learning rate", "random numbers")
    letters = [letter for letter, text in question["options"].items() if not any(each in text for each in studying)]
    return question["chats"], "".join(letters)


@misconception(
    of="exam_item",
    hint="Once it is trained, a model answers without changing: in the exam nothing is studied any more. And each "
    "batch is a step of its own; an epoch has many.",
)
def studies_all_the_time(question):
    return question["epochs"], "".join(question["options"])


@misconception(
    of="exam_item",
    hint="An epoch goes through all batches, and the next one goes through them again: the steps of all epochs count.",
)
def one_epoch_only(question):
    studying = ("batches", "to get a loss", "Backpropagation", "learning rate", "random numbers")
    letters = [letter for letter, text in question["options"].items() if any(each in text for each in studying)]
    return question["batches"], "".join(letters)


@misconception(
    of="exam_item",
    hint="What is in the context is seen, not learnt: drawing words and lengthening the context change no weight, "
    "and neither does a setting of the sampler.",
)
def the_context_is_learnt(question):
    studying = ("batches", "to get a loss", "Backpropagation", "learning rate", "random numbers", "end of the context")
    studying += ("0.7", "recipe")
    letters = [letter for letter, text in question["options"].items() if any(each in text for each in studying)]
    return question["epochs"] + question["batches"], "".join(letters)


@misconception(
    of="layers_item",
    hint="It is the other way round: simple patterns first, what needs the whole text last. And each neuron has a "
    "bias, too.",
)
def deep_is_simple(question):
    early = ("York", "thank", "full stop", "side by side")
    middle = ("keys", "adjective", "condition", "verb")
    letters = []
    for text in question["options"].values():
        simple, grammar = (any(each in text for each in known) for known in (early, middle))
        letters.append("d" if simple else "m" if grammar else "e")
    sizes = question["sizes"]
    return sum(a * b for a, b in itertools.pairwise(sizes)), "".join(letters)


@misconception(
    of="layers_item",
    hint="Grammar needs more than pairs of words that stand together; those are what early layers find. And "
    "numbers that go in have no bias and no weight of their own.",
)
def grammar_comes_first(question):
    early = ("York", "thank", "full stop", "side by side")
    middle = ("keys", "adjective", "condition", "verb")
    letters = []
    for text in question["options"].values():
        simple, grammar = (any(each in text for each in known) for known in (early, middle))
        letters.append("m" if simple else "e" if grammar else "d")
    sizes = question["sizes"]
    return sum(a * b for a, b in itertools.pairwise(sizes)) + sum(sizes), "".join(letters)


@misconception(
    of="layers_item",
    hint="Facts of the world and long chains of thought are put down to the deep layers, grammar to those in the "
    "middle. And a number belongs to each connection between two neurons, not to each neuron.",
)
def the_middle_knows_the_world(question):
    early = ("York", "thank", "full stop", "side by side")
    middle = ("keys", "adjective", "condition", "verb")
    letters = []
    for text in question["options"].values():
        simple, grammar = (any(each in text for each in known) for known in (early, middle))
        letters.append("e" if simple else "d" if grammar else "m")
    return sum(question["sizes"][1:]), "".join(letters)


@misconception(
    of="layers_item",
    hint="By the lesson's picture layers do differ in what they find: simple patterns, then grammar, then what "
    "needs knowledge. And the layers are connected one after the other, not all with all.",
)
def all_layers_do_the_same(question):
    sizes = question["sizes"]
    count = sum(a * b for place, a in enumerate(sizes) for b in sizes[place + 1 :]) + sum(sizes[1:])
    return count, "m" * len(question["options"])


@misconception(
    of="layers_item",
    hint="One bias a neuron, not one a layer.",
)
def one_bias_a_layer(question):
    early = ("York", "thank", "full stop", "side by side")
    middle = ("keys", "adjective", "condition", "verb")
    letters = []
    for text in question["options"].values():
        simple, grammar = (any(each in text for each in known) for known in (early, middle))
        letters.append("e" if simple else "m" if grammar else "d")
    sizes = question["sizes"]
    return sum(a * b for a, b in itertools.pairwise(sizes)) + len(sizes) - 1, "".join(letters)


# --- watching a stream


@misconception(
    of="log_stream",
    hint="All of it was collected first and noted afterwards, so every time is that of the end. Note each piece "
    "before you ask for the next one.",
)
def collects_first(increments, clock):
    begun = clock()
    return [(clock() - begun, text) for text in list(increments)]


@misconception(
    of="log_stream",
    hint="The clock may begin anywhere: look at it once at the start, and take that off.",
)
def reads_the_bare_clock(increments, clock):
    return [(clock(), text) for text in increments]


@misconception(
    of="log_stream",
    hint="These are the times since the increment before, not since the call.",
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
    hint="The clock has to be read at the very start, before the first increment is asked for. Begun with the "
    "first one, the wait for it is lost, which is what one wants to know.",
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
    hint="Each entry holds what has just come, not all the text so far.",
)
def logs_the_text_so_far(increments, clock):
    log, begun, so_far = [], clock(), ""
    for text in increments:
        so_far += text
        log.append((clock() - begun, so_far))
    return log


@misconception(
    of="log_stream",
    hint="An entry is the pair (seconds, text), in this order.",
)
def text_before_time(increments, clock):
    begun = clock()
    return [(text, clock() - begun) for text in increments]


@misconception(
    of="log_stream",
    hint="Spaces are part of an increment: without them the pieces, joined, are not the text.",
)
def strips_the_spaces(increments, clock):
    begun = clock()
    return [(clock() - begun, text.strip()) for text in increments]


@misconception(
    of="log_stream",
    hint="An increment that came before may come again, and is an event of its own.",
)
def drops_what_came_before(increments, clock):
    log, begun = [], clock()
    for text in increments:
        if text not in [each for _, each in log]:
            log.append((clock() - begun, text))
    return log


@misconception(
    of="log_stream",
    hint="The first increment is missing: a next(…) before the loop takes it away.",
)
def loses_the_first(increments, clock):
    begun = clock()
    next(increments, None)
    return [(clock() - begun, text) for text in increments]


@misconception(
    of="log_stream",
    hint="The clock was read before the increment was asked for, so each time is that of the one before.",
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
    hint="Ten increments at least: ask for something longer, such as counting to twenty.",
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
    hint="All increments have the same time, so this was logged after the end and not as they came.",
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
    hint="The increments, joined without anything between them, have to be the final text.",
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
    hint="What you saw is a sentence of your own: how did the first word and the last one come?",
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
    hint="when is the day, written 2026-05-31.",
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
    hint="Times are seconds since the start, so they never fall.",
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
    hint="A log is a list of pairs (seconds, text), as log_stream makes it.",
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
    hint="Each entry of the log is a pair (seconds, text): the times are missing.",
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
