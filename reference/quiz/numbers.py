"""Draw the numbers for each of the `terms` lab's questions and write the question's text with them."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reference.quiz.draw import Draw

Data = dict[str, Any]
LETTERS = "abcde"


def _g(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _row(numbers: Sequence[float]) -> str:
    return f"({', '.join(map(_g, numbers))})"


def _percent(probs: Mapping[str, float]) -> str:
    return ", ".join(f"{word} {100 * p:g}%" for word, p in probs.items())


def _shares(draw: Draw, *bounds: tuple[int, int]) -> list[float]:
    """Draw probabilities in steps of half a percent: one within each pair of bounds (in percent), and one for the
    rest."""
    found = [draw.between(2 * low, 2 * high) for low, high in bounds]
    return [each / 200 for each in (*found, 200 - sum(found))]


# --- the eight terms


def _network(draw: Draw) -> Data:
    x = [draw.between(1, 4), draw.between(1, 5)]
    up = [draw.between(1, 3), draw.between(1, 3), draw.between(1, 4)]
    down = [-draw.between(1, 3), -draw.between(1, 3), -draw.between(1, 3)]
    out = [-draw.between(2, 4), draw.between(2, 5)]
    # Choose a bias such that leaving out all the biases changes the output.
    b2 = draw.pick([each for each in (2, 3, 4, 5) if each != -out[0] * up[2]])
    if draw.below(2):
        up, down, out = down, up, out[::-1]
    hidden = [up, down]
    return {
        "text": f"A network has two inputs, two hidden neurons with ReLU, and one output neuron without it. The inputs "
        f"are {_row(x)}. "
        + " ".join(f"Hidden neuron {n}: weights {_row(h[:2])}, bias {_g(h[2])}." for n, h in enumerate(hidden, 1))
        + f" Output neuron: weights {_row(out)}, bias {_g(b2)}. What is the output? (A whole number.)",
        "x": x,
        "W1": [each[:2] for each in hidden],
        "b1": [each[2] for each in hidden],
        "w2": out,
        "b2": b2,
    }


def _weight(draw: Draw) -> Data:
    size, weight = draw.pick([1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 2.3, 2.4, 2.5, 2.6, 2.7]), draw.between(30, 48) * 5
    price = round(size * weight + draw.pick([-1, 1]) * draw.between(20, 45), 6)
    rate = draw.pick([0.02, 0.04, 0.05, 0.1])
    return {
        "text": f"The house-price neuron predicts weight × size. Its weight is {_g(weight)} (thousand USD per thousand "
        f"square feet). A house of {_g(size)} thousand square feet was sold for {_g(price)} thousand USD. The loss is "
        f"(prediction − price)², and the learning rate is {_g(rate)}. What is the weight after one step of gradient "
        "descent? (To two decimals.)",
        "size": size,
        "weight": weight,
        "price": price,
        "learning_rate": rate,
    }


_PLACES = (
    ("The cat sat on the", ["mat", "floor", "table", "roof", "couch"]),
    ("She put the kettle on the", ["stove", "table", "shelf", "floor", "tray"]),
    ("The dog slept under the", ["table", "bed", "tree", "porch", "stairs"]),
    ("He left his keys on the", ["desk", "table", "counter", "chair", "sofa"]),
)


def _loss(draw: Draw) -> Data:
    start, words = draw.pick(_PLACES)
    words = draw.shuffled(words)
    probs = dict(zip(words, _shares(draw, (33, 42), (20, 28), (14, 18), (9, 11)), strict=True))
    target = words[draw.between(1, 4)]
    return {
        "text": f'After "{start}", a model gives {_percent(dict(draw.shuffled(list(probs.items()))))}. The next word '
        f'in the text is "{target}". What is the loss of this guess, in nats? (To three decimals.)',
        "probs": probs,
        "target": target,
    }


_STEPS = (
    ("Change each weight a little, against its gradient", "Move each weight one small step against its gradient"),
    ("Find the gradients of the loss", "Work out the gradients of the loss"),
    ("Let the model predict, with its current weights", "Run the model forward to predict"),
    ("Measure how wrong the prediction was, as one number", "Compute the loss: how wrong the prediction was"),
    ("Take the next batch and start again", "Move on to the next batch"),
)


def _backprop(draw: Draw) -> Data:
    x, w, v = draw.pick([4, 5, 6, 8]), draw.pick([2, 4, 5, 6]), draw.pick([-7, -3, 3, 7])
    target = v * w * x + draw.pick([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5])
    steps = draw.shuffled([draw.pick(each) for each in _STEPS])
    return {
        "text": f"Two layers, one neuron each: h = ReLU(w·x), then y = v·h. With x = {_g(x)}, w = {_g(w)}, v = {_g(v)} "
        f"and the target {_g(target)}, the loss is (y − target)². What is the gradient of the loss with respect to w? "
        "(A whole number.) And in what order do these five steps of training come? (Five letters, starting with the "
        "model's prediction.)",
        "x": x,
        "w": w,
        "v": v,
        "target": target,
        "steps": dict(zip(LETTERS, steps, strict=True)),
    }


def _descent(draw: Draw) -> Data:
    a, rate = draw.pick([2, 3]), draw.pick([0.05, 0.1, 0.2, 0.3])
    lowest = draw.pick([-9, -8, -7, -6, -5, -4, -3, -2, 2, 3, 4, 5, 6, 7, 8, 9])
    start = lowest + draw.pick([-1, 1]) * draw.between(4, 12)
    sign, size = ("−", lowest) if lowest > 0 else ("+", -lowest)
    return {
        "text": f"You run gradient descent on f(x) = {a}(x {sign} {size})², from x = {_g(start)}, with a learning rate "
        f"of {_g(rate)}. Where is x after two steps? (To three decimals.)",
        "a": a,
        "lowest": lowest,
        "start": start,
        "learning_rate": rate,
    }


_ANSWERS = (
    "The capital of Norway is Oslo .",
    "It comes from the old word for bread .",
    "You can take the bus or the train .",
    "Water boils at a hundred degrees .",
    "There are eight planets around our sun .",
)
_ORDINALS = {3: "third", 4: "fourth", 5: "fifth"}


def _autoregressive(draw: Draw) -> Data:
    tokens = draw.pick(_ANSWERS).split()
    prompt = draw.between(6, 60)
    # A student who counts two calls per token plus one for the stop token mustn't get the limit as the result.
    # Otherwise, we couldn't tell two different mistakes apart.
    limit = draw.pick([len(tokens) + more for more in range(4, 31) if more != len(tokens) + 1])
    step = draw.pick([3, 4, 5])
    drawn = ", ".join(f'"{token}"' for token in tokens)
    return {
        "text": f"A prompt has {prompt} tokens. The sampler draws, one after the other, {drawn}, and then the stop "
        f"token. At most {limit} new tokens are allowed. How many times is the model asked for the next token, and how "
        f"many tokens does it see when it's asked for the {_ORDINALS[step]} new one? (Two whole numbers.)",
        "prompt_length": prompt,
        "tokens": tokens,
        "max_new_tokens": limit,
        "step": step,
    }


def _softmax(draw: Draw) -> Data:
    _, words = draw.pick(_PLACES)
    low, middle, high = -draw.between(1, 9), draw.between(6, 12), draw.between(15, 24)
    chosen = draw.some(words, 3)
    logits = dict(draw.shuffled(list(zip(chosen, [low / 10, middle / 10, high / 10], strict=True))))
    asked = draw.pick(chosen[:2])
    shown = ", ".join(f"{word} {_g(z)}" for word, z in logits.items())
    return {
        "text": f'A model\'s logits are {shown}. What probability does softmax give to "{asked}"? (A number from 0 to '
        "1, to three decimals.)",
        "logits": logits,
        "word": asked,
    }


def _temperature(draw: Draw) -> Data:
    start, words = draw.pick(_PLACES)
    probs = dict(zip(draw.some(words, 4), _shares(draw, (36, 42), (27, 33), (15, 20)), strict=True))
    temperatures = [draw.pick([0.1, 0.2, 0.25]), 1.0, draw.pick([1.5, 2.0, 3.0])]
    return {
        "text": f'After "{start}", a model gives these probabilities at temperature 1: {_percent(probs)}. What is the '
        f"probability of the most likely word at temperatures {_g(temperatures[0])}, 1 and {_g(temperatures[2])}? "
        "(Three numbers from 0 to 1, in that order, each to three decimals.)",
        "probs": probs,
        "temperatures": temperatures,
    }


# --- the five beginner mistakes

_TEXTS = (
    "the cat sat on the mat . the dog sat on the floor . the cat saw the dog . the dog saw the cat . "
    "the cat ran to the floor . the dog ran to the mat .",
    "a bird sang in the tree . a fox slept under the tree . a bird saw a fox . the fox saw a bird . "
    "a bird flew over the hill . the fox ran over the hill .",
    "we bake bread in the morning . we sell bread in the shop . the shop opens in the morning . "
    "we close the shop at night . we bake cakes at night .",
)


def _meaning(draw: Draw) -> Data:
    text = draw.pick(_TEXTS)
    words = text.split()
    real = draw.pick([each.split() for each in text.split(" .") if len(each.split()) >= 6])
    pairs = set(itertools.pairwise(words))
    orders = [draw.shuffled(real) for _ in range(30)]
    # Take the order that shares the fewest word pairs with the text, so it isn't one of the text's own sentences.
    nonsense = min(orders, key=lambda order: sum(pair in pairs for pair in itertools.pairwise(order)))
    return {
        "text": "Train the bigram model on the original text and on the shuffled one (the same words in a random "
        f'order). How much larger is the loss of "{" ".join(nonsense)}" than that of "{" ".join(real)}" in each case? '
        "(Two numbers in nats, to three decimals: the loss of the nonsense minus the loss of the real sentence, first "
        "after training on the original text and then after training on the shuffled one.)",
        "original": text,
        "shuffled": " ".join(draw.shuffled(words)),
        "real": " ".join(real),
        "nonsense": " ".join(nonsense),
    }


def _smarter(draw: Draw) -> Data:
    gap, count = draw.between(50, 90) / 100, draw.between(300, 900)
    questions, right = [], []
    for _ in range(count):
        place = draw.below(4)
        base = draw.pick([-1.0, 0.0, 1.0])
        questions.append([round(base + gap * (choice == place), 2) for choice in range(4)])
        right.append(place)
    temperatures = draw.pick([[0.1, 1.0, 2.0], [0.2, 1.0, 2.0], [0.1, 1.0, 3.0]])
    return {
        "text": f'A toy model answers {count} questions with four choices each. The scores are in "logits", and '
        'the right choices are in "right". Let sample_next_token draw one answer to each question, at each of these '
        f"temperatures: {', '.join(map(_g, temperatures))}. How many of the {count} answers are right? (Three whole "
        "numbers, in that order. They're random, so another run gives different ones.)",
        "logits": questions,
        "right": right,
        "temperatures": temperatures,
    }


def _programming(draw: Draw) -> Data:
    sizes = [round(each + 0.1 * draw.below(4), 1) for each in (0.8, 1.4, 2.0, 2.6)]
    weights = draw.some([140, 165, 190, 215, 240, 265], 2)
    prices = [[round(weight * size + draw.pick([-30, -18, 15, 27])) for size in sizes] for weight in weights]
    towns = draw.pick([("Northfield", "Southport"), ("Millbrook", "Eastbay"), ("Oakdale", "Westhaven")])
    return {
        "text": f"Houses of {_row(sizes)} thousand square feet were sold for {_row(prices[0])} thousand USD in "
        f"{towns[0]}, and for {_row(prices[1])} in {towns[1]}. Run train_weight once for each town. What two weights "
        "does it find? (To one decimal.)",
        "sizes": sizes,
        "prices_first": prices[0],
        "prices_second": prices[1],
    }


def _retrain(draw: Draw) -> Data:
    pretraining = draw.between(2, 15) * 10**12
    examples, tokens, epochs = draw.between(20, 60) * 1_000, draw.pick([400, 500, 800]), draw.pick([2, 3, 4])
    requests, prompt = draw.between(20, 60) * 100, draw.pick([700, 900, 1_300])
    train, rent = draw.pick([0.8, 1.5, 2.5]), draw.pick([0.5, 2.0, 3.0])
    return {
        "text": f"Training costs {_g(train)} USD per million tokens read, and a prompt {_g(rent)} USD per million "
        "tokens sent. (These prices are made up.) What do these cost, in USD: pre-training on "
        f"{pretraining // 10**12} trillion tokens; fine-tuning on {examples:,} examples of {tokens} tokens, each read "
        f"{epochs} times; and a prompt of {prompt:,} tokens with each of {requests:,} requests a day for 30 days? "
        "(Three numbers, to the dollar.)",
        "pretraining_tokens": pretraining,
        "examples": examples,
        "tokens_per_example": tokens,
        "epochs": epochs,
        "requests_per_day": requests,
        "prompt_tokens": prompt,
        "days": 30,
        "usd_per_mtok_training": train,
        "usd_per_mtok_prompt": rent,
    }


def _best_word(draw: Draw) -> Data:
    words = ["mat", "floor", "table", "roof", "couch"]
    shares = _shares(draw, (30, 40), (20, 28), (12, 15), (5, 7))
    probs = dict(zip(words[:4], shares[:4], strict=True))
    couch = draw.between(2, 3) / 100
    probs |= {"couch": couch, "other words": round(shares[4] - couch, 3)}
    draws = draw.between(40, 240) * 50
    return {
        "text": f'After "The cat sat on the", a model gives {_percent(probs)}. Draw {draws:,} next words from this '
        "table at temperature 1. How many of them aren't the most likely word? (A whole number. It's random, "
        "so another run gives a different one.)",
        "probs": probs,
        "draws": draws,
    }


# --- the big picture


def _exam(draw: Draw) -> Data:
    epochs, batches, chats = draw.between(2, 6), draw.between(25, 95) * 10, draw.between(9, 18) * 10
    return {
        "text": f"A model is trained for {epochs} epochs of {batches} batches each, with one step of gradient descent "
        f"per batch. Then it answers {chats} questions in chats. How many times have its weights changed by then? (A "
        "whole number.)",
        "epochs": epochs,
        "batches": batches,
        "chats": chats,
    }


def _layers(draw: Draw) -> Data:
    sizes = [draw.between(3, 6), draw.between(5, 12), draw.between(4, 11), draw.between(2, 9)]
    return {
        "text": f"A network has {sizes[0]} inputs and then layers of {sizes[1]}, {sizes[2]} and {sizes[3]} neurons. "
        "Each neuron is connected to everything in the layer before it and has its own bias. How many numbers does "
        "training adjust, counting both weights and biases? (A whole number.)",
        "sizes": sizes,
    }


def _architecture(draw: Draw) -> Data:
    values = draw.some(range(3, 40, 3), 5)
    scores = [each / 10 for each in draw.some(range(3, 24), 5)]
    at = draw.between(3, 4)
    # The token's own value has to differ from the mean and from the best match's value.
    if sum(values[:at]) == at * values[at - 1]:
        values[0] += 1
    if max(scores[:at]) == scores[at - 1]:
        scores[0], scores[at - 1] = scores[at - 1], scores[0]
    return {
        "text": f"Five tokens have the values {_row(values)}. Token {at}'s scores for tokens 1 to 5 are "
        f"{_row(scores)}, already divided by √d. What does attention with a causal mask output for this token? (One "
        "number, to three decimals.)",
        "values": values,
        "scores": scores,
        "at": at,
    }


def _rlhf(draw: Draw) -> Data:
    # If the difference were 0.5 or 1, or B's reward were twice A's, two different mistakes would give the same number.
    tenths = itertools.permutations(range(4, 36), 2)
    pairs = [(a / 10, b / 10) for a, b in tenths if a - b not in (5, 10) and b != 2 * a]
    # A student who divides A's reward by the sum of the rewards mustn't get the right answer.
    rewards = list(draw.pick([(a, b) for a, b in pairs if abs(a / (a + b) - 1 / (1 + math.exp(b - a))) > 0.01]))
    return {
        "text": f"A reward model gives answer A a reward of {_g(rewards[0])} and answer B a reward of "
        f"{_g(rewards[1])}. According to the Bradley-Terry model, how likely is a person to choose A? (To three "
        "decimals.)",
        "rewards": rewards,
    }


MAKERS: dict[str, Callable[[Draw], Data]] = {
    "network_item": _network,
    "weight_item": _weight,
    "loss_item": _loss,
    "backprop_item": _backprop,
    "descent_item": _descent,
    "autoregressive_item": _autoregressive,
    "softmax_item": _softmax,
    "temperature_item": _temperature,
    "meaning_item": _meaning,
    "smarter_item": _smarter,
    "programming_item": _programming,
    "retrain_item": _retrain,
    "best_word_item": _best_word,
    "exam_item": _exam,
    "layers_item": _layers,
    "architecture_item": _architecture,
    "rlhf_item": _rlhf,
}
