"""The questions of lab `terms`: each student's own, and others at each attempt. Nothing here is secret, and no key is
here: whoever knows a student's name and attempt can draw the question, and has to answer it all the same.

A question is plain data: "item", "student" and "attempt", "text" as it is shown, the numbers that it is about by the
names that its stub's docstring gives, and "options" (for backprop_item "steps" too), the texts by their letters.
"""

import getpass
import hashlib
import itertools
import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Data = dict[str, Any]
WIDTH = 78
LETTERS = "abcdefghij"


class Draw:
    """Numbers from a hash: the same on every machine and in every version of Python.

    turn: rises by one with each attempt, so that the next attempt's wording is another.
    """

    def __init__(self, student: str, attempt: int, item: str) -> None:
        self._key = f"{student}\0{attempt}\0{item}"
        self._count = 0
        self.turn = attempt + _digest(f"{student}\0{item}")[0]

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        self._count += 1
        digest = _digest(f"{self._key}\0{self._count}")
        return int.from_bytes(digest[:8], "big") % n

    def pick(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def next_of(self, values: Sequence[T]) -> T:
        """One after the other, attempt by attempt."""
        return values[self.turn % len(values)]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in values]

    def some(self, values: Sequence[T], count: int) -> list[T]:
        return self.shuffled(values)[:count]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()


class Choice(NamedTuple):
    """stems: ways to ask, one after the other; statements: what is offered, each in two wordings, alphabetically."""

    stems: tuple[str, ...]
    statements: tuple[tuple[str, str], ...]


def whoami() -> str:
    """The name that hands in: JupyterHub's, else the one that is logged in under."""
    return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()


def question(item: str, student: str | None = None, attempt: int = 1, examinee: Any = None) -> Data:
    """The question of a student (None: who is logged in) at an attempt, from 1; or of the examinee, with a `student`
    and an `attempt`, for whom the notebook is graded, whatever it says itself. ValueError where there is no such
    question.
    """
    if examinee is not None:
        student, attempt = examinee.student, examinee.attempt
    if item not in MAKERS:
        raise ValueError(f"there is no question for {item!r}; there are {', '.join(MAKERS)}")
    if isinstance(attempt, bool) or not isinstance(attempt, int) or attempt < 1:
        raise ValueError(f"attempts are counted from 1, and ATTEMPT is {attempt!r}")
    student = student or whoami()
    draw = Draw(student, attempt, item)
    data = MAKERS[item](draw)
    asked = [data.pop("text")]
    if item in CHOICES:
        choice = CHOICES[item]
        words = data.pop("words", {})
        offered = [draw.pick(wordings).format(**words) for wordings in choice.statements]
        data["options"] = _lettered(draw.shuffled(offered))
        asked.append(draw.next_of(choice.stems).format(**words))
    head = f"{item}: the question of {student}, attempt {attempt}"
    first, *others = [textwrap.fill(part, WIDTH) for part in asked]
    parts = [head, first, *([_listed(data["steps"])] if "steps" in data else []), *others, _listed(data["options"])]
    return {"item": item, "student": student, "attempt": attempt, "text": "\n\n".join(parts), **data}


def _lettered(texts: Sequence[str]) -> dict[str, str]:
    return dict(zip(LETTERS, texts, strict=False))


def _listed(options: Mapping[str, str]) -> str:
    return "\n".join(
        textwrap.fill(text, WIDTH, initial_indent=f"  {letter}) ", subsequent_indent="     ")
        for letter, text in options.items()
    )


def _g(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _row(numbers: Sequence[float]) -> str:
    return f"({', '.join(map(_g, numbers))})"


def _percent(probs: Mapping[str, float]) -> str:
    return ", ".join(f"{word} {100 * p:g} %" for word, p in probs.items())


# --- the eight terms


def _network(draw: Draw) -> Data:
    x = [draw.pick([1, 2, 3]), draw.pick([1, 2, 4])]
    up = [draw.pick([1, 2, 3]), draw.pick([1, 2]), draw.pick([1, 3])]
    down = [-draw.pick([1, 2, 3]), -draw.pick([1, 2]), -draw.pick([1, 2])]
    out = -draw.pick([2, 3, 4]), draw.pick([2, 3, 5])
    first = draw.below(2) == 0
    hidden = [up, down] if first else [down, up]
    w2 = [out[0], out[1]] if first else [out[1], out[0]]
    b2 = draw.pick([5, 7])
    scene = draw.next_of(
        [
            "A network has two inputs, two hidden neurons with ReLU, and one output neuron without.",
            "Two numbers go into a network. Its hidden layer has two neurons with ReLU; its output neuron has none.",
            "Work this network out by hand: two inputs, a hidden layer of two ReLU neurons, one plain output neuron.",
        ]
    )
    return {
        "text": f"{scene} The inputs are {_row(x)}. "
        + " ".join(f"Hidden neuron {n}: weights {_row(h[:2])}, bias {_g(h[2])}." for n, h in enumerate(hidden, 1))
        + f" Output neuron: weights {_row(w2)}, bias {_g(b2)}. What comes out? (A whole number.)",
        "x": x,
        "W1": [each[:2] for each in hidden],
        "b1": [each[2] for each in hidden],
        "w2": w2,
        "b2": b2,
    }


def _weight(draw: Draw) -> Data:
    size, weight = draw.pick([1.2, 1.5, 2.5, 3.0]), draw.pick([150, 160, 170, 180, 210, 220, 230])
    price = round(size * weight + draw.pick([-40, -30, -20, 20, 30, 40]), 6)
    rate = draw.pick([0.02, 0.05, 0.1])
    scene = draw.next_of(
        [
            "The house-price neuron predicts size × weight.",
            "A neuron with a single weight, and no bias, guesses the price of a house: size times weight.",
            "One weight turns a size into a price: prediction = weight × size.",
        ]
    )
    return {
        "text": f"{scene} Its weight is {_g(weight)} (thousand USD per thousand square feet). A house of {_g(size)} "
        f"thousand square feet was sold for {_g(price)} thousand USD. The loss is (prediction − price)², the learning "
        f"rate {_g(rate)}. What is the weight after one step of gradient descent? (To two decimals.)",
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
    start, words = draw.next_of(_PLACES)
    words = draw.shuffled(words)
    rows = ([0.3, 0.25, 0.2, 0.15, 0.1], [0.4, 0.22, 0.18, 0.12, 0.08], [0.35, 0.28, 0.16, 0.15, 0.06])
    probs = dict(zip(words, draw.pick(rows), strict=True))
    target = words[1 + draw.below(4)]
    right, other = draw.some(words, 2)
    one, two = draw.shuffled(["A", "B"])
    p = draw.pick([0.36, 0.38, 0.4])
    q = draw.pick([0.43, 0.45, 0.46])
    guesses = {one: {right: p, other: round(p - 0.06, 2)}, two: {right: q, other: round(q + 0.07, 2)}}
    return {
        "text": f'After "{start}" a model gives {_percent(dict(draw.shuffled(list(probs.items()))))}. The text goes '
        f'on with "{target}". What is the loss of this guess, in nats? (To three decimals.)',
        "probs": probs,
        "target": target,
        "guesses": guesses,
        "right_word": right,
        "words": {
            "right": right,
            "one": one,
            "two": two,
            "A": _percent(guesses["A"]),
            "B": _percent(guesses["B"]),
        },
    }


_STEPS = (
    ("Change each weight a little", "Move each weight one small step"),
    ("Find the gradients", "Work out the gradients"),
    ("Let the model predict", "Run the model forward to predict"),
    ("Measure how wrong that was", "See how wrong it was, as one number"),
    ("Take the next batch and begin again", "Go on with the next batch"),
)


def _backprop(draw: Draw) -> Data:
    x, w, v = draw.pick([4, 5]), draw.pick([2, 4]), draw.pick([-3, 3])
    target = v * w * x + draw.pick([-3, -2, -1, 1, 2, 3])
    scene = draw.next_of(
        [
            "Two neurons in a row:",
            "A tiny network of two layers, one neuron each:",
            "One weight feeds a ReLU, a second weight what comes out of it:",
        ]
    )
    return {
        "text": f"{scene} h = ReLU(w·x), then y = v·h. With x = {_g(x)}, w = {_g(w)}, v = {_g(v)} and the target "
        f"{_g(target)}, the loss is (y − target)². What is the gradient of the loss with respect to w? (A whole "
        "number.) Then put these five steps of training into their order, as five letters, beginning with the model's "
        "guess:",
        "x": x,
        "w": w,
        "v": v,
        "target": target,
        "steps": _lettered(draw.shuffled([draw.pick(each) for each in _STEPS])),
    }


def _descent(draw: Draw) -> Data:
    a, rate, lowest = draw.pick([2, 3]), draw.pick([0.1, 0.2, 0.3]), draw.pick([-3, -1, 2, 3, 5])
    start = lowest + draw.pick([-8, -6, -5, 4, 5, 6])
    sign, size = ("−", lowest) if lowest > 0 else ("+", -lowest)
    scene = draw.next_of(["Somebody walks down", "Gradient descent runs on", "You look for the lowest point of"])
    return {
        "text": f"{scene} f(x) = {a}(x {sign} {size})², from x = {_g(start)} with the learning rate {_g(rate)}. "
        "Where is x after two steps? (To three decimals.)",
        "a": a,
        "lowest": lowest,
        "start": start,
        "learning_rate": rate,
        "words": {"rate": _g(draw.pick([1.1, 1.2, 1.5]))},
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
    prompt, limit = 6 + draw.below(7), len(tokens) + 4 + draw.below(9)
    step = draw.pick([3, 4, 5])
    scene = draw.next_of(["A prompt has", "You ask a model something in", "A question comes to"])
    return {
        "text": f"{scene} {prompt} tokens. One after the other the sampler draws: {', '.join(tokens)}, and then the "
        f"stop token. At most {limit} new tokens are allowed. How often is the model asked for a next token, and how "
        f"many tokens does it see when it is asked for the {_ORDINALS[step]} new one? (Two whole numbers.)",
        "prompt_length": prompt,
        "tokens": tokens,
        "max_new_tokens": limit,
        "step": step,
    }


def _softmax(draw: Draw) -> Data:
    _, words = draw.next_of(_PLACES)
    low, middle, high = sorted(draw.some([-1.0, 0.5, 1.0, 1.5, 2.0, 3.0], 3))
    chosen = draw.some(words, 3)
    logits = dict(draw.shuffled(list(zip(chosen, [low, middle, high], strict=True))))
    asked = draw.pick([chosen[0], chosen[1]])
    shown = ", ".join(f"{word} {_g(z)}" for word, z in logits.items())
    scene = draw.next_of(
        ["A model's logits are", "Three words are left, with the raw scores", "The output layer gives"]
    )
    return {
        "text": f'{scene}: {shown}. Which probability does softmax give to "{asked}"? (A number from 0 to 1, to three '
        "decimals.)",
        "logits": logits,
        "word": asked,
        "words": {"shift": str(draw.pick([50, 100, 200]))},
    }


def _temperature(draw: Draw) -> Data:
    start, words = draw.next_of(_PLACES)
    rows = ([0.4, 0.32, 0.18, 0.1], [0.35, 0.28, 0.22, 0.15], [0.38, 0.33, 0.17, 0.12], [0.36, 0.3, 0.2, 0.14])
    probs = dict(zip(draw.some(words, 4), draw.pick(rows), strict=True))
    temperatures = draw.pick([[0.1, 1.0, 2.0], [0.2, 1.0, 2.0], [0.1, 1.0, 1.5], [0.2, 1.0, 1.5]])
    return {
        "text": f'After "{start}" a model gives, at temperature 1: {_percent(probs)}. What is the probability of the '
        f"likeliest word at temperature {' and at '.join(map(_g, [temperatures[0], temperatures[2]]))}, and what is it "
        "at 1? (Three numbers from 0 to 1, in the order of the temperatures, each to three decimals.)",
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
    text = draw.next_of(_TEXTS)
    words = text.split()
    real = draw.pick([each.split() for each in text.split(" .") if len(each.split()) >= 6])
    pairs = set(itertools.pairwise(words))
    orders = [draw.shuffled(real) for _ in range(30)]
    # As few pairs of the text as one can find, so that nobody could have read it.
    nonsense = min(orders, key=lambda order: sum(pair in pairs for pair in itertools.pairwise(order)))
    return {
        "text": "Train the bigram model on `original`, and on `shuffled`, the same words in a random order. How much "
        f'greater is the loss of "{" ".join(nonsense)}" than that of "{" ".join(real)}", trained on the one and on the '
        "other? (Two numbers in nats, loss of the nonsense minus loss of the real sentence, to three decimals.)",
        "original": text,
        "shuffled": " ".join(draw.shuffled(words)),
        "real": " ".join(real),
        "nonsense": " ".join(nonsense),
    }


def _smarter(draw: Draw) -> Data:
    gap = draw.pick([0.5, 0.6, 0.7])
    questions, right = [], []
    for _ in range(200):
        place = draw.below(4)
        base = draw.pick([-1.0, 0.0, 1.0])
        questions.append([round(base + gap * (choice == place), 2) for choice in range(4)])
        right.append(place)
    temperatures = draw.next_of([[0.1, 1.0, 2.0], [0.2, 1.0, 2.0], [0.1, 1.0, 3.0]])
    return {
        "text": "A toy model answers 200 questions with four choices each; `logits` are its scores, `right` the right "
        "choices. Let `sample_next_token` draw one answer to each question at each of the temperatures "
        f"{', '.join(map(_g, temperatures))}. How many of the 200 answers are right? (Three whole numbers, in that "
        "order. They are drawn, so another run gives others.)",
        "logits": questions,
        "right": right,
        "temperatures": temperatures,
    }


def _programming(draw: Draw) -> Data:
    sizes = [round(each + 0.1 * draw.below(4), 1) for each in (0.8, 1.4, 2.0, 2.6)]
    weights = draw.some([140, 165, 190, 215, 240, 265], 2)
    prices = [[round(weight * size + draw.pick([-30, -18, 15, 27])) for size in sizes] for weight in weights]
    towns = draw.next_of([("Northfield", "Southport"), ("Millbrook", "Eastbay"), ("Oakdale", "Westhaven")])
    return {
        "text": f"Houses of {_row(sizes)} thousand square feet were sold for {_row(prices[0])} thousand USD in "
        f"{towns[0]}, and for {_row(prices[1])} in {towns[1]}. Run `train_weight` once on the first town and once on "
        "the second. Which two weights does it find? (To one decimal.)",
        "sizes": sizes,
        "prices_first": prices[0],
        "prices_second": prices[1],
    }


def _retrain(draw: Draw) -> Data:
    pretraining = draw.pick([2, 5, 8]) * 10**12
    examples, tokens, epochs = draw.pick([20_000, 30_000, 50_000]), draw.pick([400, 500, 800]), draw.pick([2, 3, 4])
    requests, prompt = draw.pick([2_000, 4_000, 6_000]), draw.pick([700, 900, 1_300])
    train, rent = draw.pick([0.8, 1.5, 2.5]), draw.pick([0.5, 2.0, 3.0])
    return {
        "text": f"Training costs {_g(train)} USD per million tokens read, a prompt {_g(rent)} USD per million tokens "
        f"sent. (Made-up prices.) What do these cost, in USD: pre-training on {pretraining // 10**12} trillion tokens; "
        f"fine-tuning on {examples:,} examples of {tokens} tokens, each read {epochs} times; and for 30 days a prompt "
        f"of {prompt:,} tokens with each of {requests:,} requests a day? (Three numbers, to the dollar.)",
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


_CAPITALS = (
    ("Australia", "Canberra", "Sydney", "Melbourne"),
    ("Turkey", "Ankara", "Istanbul", "Izmir"),
    ("Canada", "Ottawa", "Toronto", "Montreal"),
)


def _best_word(draw: Draw) -> Data:
    probs = {"mat": 0.35, "floor": 0.28, "table": 0.15, "roof": 0.08, "couch": 0.06, "other words": 0.08}
    draws = draw.pick([2_000, 3_000, 4_000])
    country, capital, larger, third = draw.next_of(_CAPITALS)
    top, true = draw.pick([(46, 39), (48, 36), (50, 38)])
    return {
        "text": f'The lesson\'s model goes on after "The cat sat on the": {_percent(probs)}. Draw {draws:,} next words '
        "from this table at temperature 1. How many of them are not the likeliest word? (A whole number. It is drawn, "
        "so another run gives another.)",
        "probs": probs,
        "draws": draws,
        "words": {
            "country": country,
            "capital": capital,
            "larger": larger,
            "third": third,
            "top": top,
            "true": true,
            "rest": 100 - top - true,
        },
    }


# --- the mental model, and layers

_HAPPENINGS = (
    ("A page of text is split into batches, and each batch leaves the model a little different",),
    ("A text's true next word is compared with the model's guess, to get a loss",),
    ("Backpropagation runs through all layers",),
    ("The learning rate is made smaller, because the loss no longer falls",),
    ("The settings that the model was born with, random numbers, are replaced step by step",),
    ("A reader asks for a recipe, and the words appear one by one",),
    ("A word that was drawn is put at the end of the context",),
    ("Somebody corrects the model in a chat, and its next answer takes that up",),
    ("Somebody pastes a long report into a chat, and the model summarises it",),
    ("The temperature is set to 0.7 for livelier answers",),
)


def _exam(draw: Draw) -> Data:
    studying = draw.some(_HAPPENINGS[:5], 2 + draw.below(2))
    exam = [*draw.some(_HAPPENINGS[5:7] + _HAPPENINGS[9:], 5 - len(studying)), draw.pick(_HAPPENINGS[7:9])]
    epochs, batches, chats = draw.pick([2, 3, 4]), draw.pick([250, 400, 600]), draw.pick([90, 120, 150])
    scene = draw.next_of(["A model is trained", "Somebody trains a small model", "A training run goes"])
    texts = [each[0] for each in draw.shuffled([*studying, *exam])]
    return {
        "text": f"{scene} for {epochs} epochs of {batches} batches each, with one step of gradient descent a batch. "
        f"Then it answers {chats} questions in chats. How often have its weights changed by then? (A whole number.) "
        'Which of these belong to the studying, and not to the exam? (All their letters, for example "bd".)',
        "epochs": epochs,
        "batches": batches,
        "chats": chats,
        "options": _lettered(texts),
    }


_FINDINGS = (
    ('That "New" is often followed by "York"', 'That "thank" is often followed by "you"'),
    ("That a full stop is followed by a capital letter", 'That "of" and "the" often stand side by side'),
    ('That "the keys" needs "are" and not "is"', "Which noun an adjective belongs to"),
    ('That what follows "if" is a condition', "Where in a sentence the verb has to stand"),
    ("That the suspect in a story cannot be guilty, since he was abroad", "Why a proof by contradiction works"),
    ("That a river named in the first paragraph flows through Egypt", "Which city was the capital in 1950"),
)


def _layers(draw: Draw) -> Data:
    places = [draw.pick([0, 1]), draw.pick([2, 3]), draw.pick([4, 5])]
    more = draw.some([each for each in range(6) if each not in places], 2)
    texts = [draw.pick(_FINDINGS[place]) for place in draw.shuffled([*places, *more])]
    sizes = [draw.pick([3, 4]), draw.pick([5, 6]), draw.pick([7, 8]), draw.pick([2, 9])]
    return {
        "text": f"A network has layers of {sizes[0]} inputs, then {sizes[1]}, {sizes[2]} and {sizes[3]} neurons, each "
        "neuron connected to everything in the layer before and with a bias of its own. How many numbers does training "
        "set, weights and biases together? (A whole number.) And by the lesson's picture of deep networks, in which "
        "layers would you look for each of these first: early (e), middle (m) or deep (d)? (Five letters, for a to e, "
        'for example "edmme".)',
        "sizes": sizes,
        "options": _lettered(texts),
    }


# --- the choices

CHOICES: dict[str, Choice] = {
    "network_item": Choice(
        stems=(
            "What is such a network?",
            "A colleague asks what a neural network really is. What do you say?",
            "Which sentence describes a neural network best?",
        ),
        statements=(
            (
                "A copy of the brain's wiring, which is why it can think",
                "The wiring of a brain, rebuilt neuron by neuron in a computer",
            ),
            (
                "A database of the sentences it has read, searched for the one that fits",
                "A very large database of texts, from which it looks up what to say",
            ),
            (
                "A long list of rules of the form if-then, written by engineers",
                "A program of many rules that its engineers have thought of",
            ),
            (
                "Layers of weighted sums, with a simple function after each, whose numbers come from examples",
                "Weighted sums in layers with a bend after each; the numbers in them are fitted to examples",
            ),
        ),
    ),
    "weight_item": Choice(
        stems=(
            "And what is a weight?",
            "What does such a number like the one you have just computed stand for?",
            "Somebody points at one number in the model's file and asks what it is. What do you say?",
        ),
        statements=(
            (
                "A number that training has moved until the errors became small",
                "A setting that nobody chose: training moved it, step by step, to make errors smaller",
            ),
            (
                "A piece of a sentence from the training texts, stored as a number",
                "A place where part of a training text is stored",
            ),
            (
                "A rule that an engineer has written, in the form of a number",
                "What an engineer decided about one input, written as a number",
            ),
            (
                "The probability of a word, before softmax is applied",
                "How often a word came in the texts: the probability of a word",
            ),
        ),
    ),
    "loss_item": Choice(
        stems=(
            'Two models guess a word, and "{right}" is right. A gives {A}; B gives {B}. Whose loss is lower?',
            'The next word of a text is "{right}". Model A gave {A}, model B gave {B}. Which guess has the lower loss?',
            'Of two models, A says {A} and B says {B}. Then "{right}" comes. Which one was less wrong, by its loss?',
        ),
        statements=(
            (
                "Neither's: both are models of the same text, so all that counts is how many words they know",
                "Neither's: loss counts the words that a model does not know, and both know this one",
            ),
            (
                "{one}'s, since its likeliest word is the right one",
                "{one}'s: its likeliest word is right, and the other one's is wrong",
            ),
            (
                "{two}'s, since it gave the right word the higher probability",
                "{two}'s: only the probability of the right word counts, and there it is higher",
            ),
            (
                "{two}'s, since the word that it puts first is closer in meaning to the right one",
                "{two}'s: its two words are closer in meaning, so its guess is not as far off",
            ),
        ),
    ),
    "backprop_item": Choice(
        stems=(
            "What does backpropagation itself do?",
            "Which of the steps is backpropagation's?",
            "What comes out of backpropagation?",
        ),
        statements=(
            (
                "It adjusts the weights by the errors",
                "It adjusts each weight so that the error becomes smaller",
            ),
            (
                "It finds, for every weight, how the loss changes with it",
                "It tells for each weight how the loss changes when that one is moved a little",
            ),
            (
                "It runs the network backwards to recover the inputs",
                "It turns the output back into the inputs, to recover what was asked",
            ),
            (
                "It sends the right answers back, to be stored in the layers",
                "The right answers travel back and are stored, for the next time",
            ),
        ),
    ),
    "descent_item": Choice(
        stems=(
            "On f(x) = x², with the learning rate {rate}, from x = 1: what happens?",
            "Somebody sets the learning rate to {rate} and starts at x = 1 on f(x) = x². What do they see?",
            "What does a learning rate of {rate} do on f(x) = x², from x = 1?",
        ),
        statements=(
            (
                "Each step jumps across the lowest point and lands further away than before",
                "x goes to and fro across the lowest point, each time further away",
            ),
            (
                "Gradient descent goes uphill to a higher value, as it wants the accuracy to rise",
                "x moves uphill without turning back, since higher values are better",
            ),
            (
                "It arrives {rate} times as fast as with a rate of 1",
                "x is at the lowest point as fast as can be: the larger the rate, the better",
            ),
            (
                "It takes longer, but always ends in the lowest valley",
                "x ends in the lowest valley, as gradient descent always does",
            ),
        ),
    ),
    "autoregressive_item": Choice(
        stems=(
            "Why do the words of an answer arrive one after the other?",
            "You see an answer appear word by word in a chat. What is going on?",
            "What is autoregressive about such an answer?",
        ),
        statements=(
            (
                "Each token is chosen from the prompt alone, one after the other",
                "Every token is drawn from the prompt alone, whatever came before it in the answer",
            ),
            (
                "Each token that was drawn joins the context, and only then can the next be drawn",
                "The model guesses one token, which joins the context of the guess after it",
            ),
            (
                "The page reveals them slowly, as a person would be typing",
                "They are slowed down, so that it looks like a person typing",
            ),
            (
                "The whole answer is finished first, and is then shown piece by piece",
                "The answer is finished before its first word is shown; only the showing takes time",
            ),
        ),
    ),
    "softmax_item": Choice(
        stems=(
            "Now {shift} is added to every logit. What happens to the probabilities?",
            "By mistake all logits come out {shift} too large. What does softmax make of them?",
            "Compare with softmax of the same logits plus {shift} each. What is different?",
        ),
        statements=(
            (
                "All of them grow, so that they add up to more than before",
                "Each probability grows, because its logit has grown",
            ),
            (
                "Nothing changes: only the differences between logits count",
                "The probabilities are the same, since the differences between the logits are",
            ),
            (
                "The largest one becomes 1, and softmax picks it",
                "Softmax picks the largest one, and all others get 0",
            ),
            (
                "They become nearly equal, as each logit is divided by a much larger sum",
                "Each is its logit divided by the sum of the logits, so they are nearly the same now",
            ),
        ),
    ),
    "temperature_item": Choice(
        stems=(
            "A team turns the temperature from 1 up to 2. What do they get?",
            "What does a temperature of 2 change about the answers, compared with 1?",
            "Somebody raises the temperature from 1 to 2 before an important question. What is true?",
        ),
        statements=(
            (
                "A flatter distribution: unlikely words come more often, the ranking stays",
                "The same ranking of words, with flatter probabilities: more chance, no more knowledge",
            ),
            (
                "A larger vocabulary: words that it did not know before",
                "Words outside of its vocabulary, because more of them fit in",
            ),
            (
                "Smarter answers, because the model thinks harder",
                "The model becomes smarter, and most of all in hard questions",
            ),
            (
                "The best word every single time, which lower temperatures only do by chance",
                "At 2 as at 0.1, the best word every single time; temperature is about speed",
            ),
        ),
    ),
    "meaning_item": Choice(
        stems=(
            "What do the two numbers show?",
            "Which conclusion fits what you measured?",
            "What had the model learnt from the text in its right order?",
        ),
        statements=(
            (
                "It had learnt which word follows which; shuffled, that pattern is gone, and so is what it knew",
                "What it knew was which word follows which, and nothing of that is left in shuffled text",
            ),
            (
                "It had understood what the sentences mean, and it still does when they are shuffled",
                "It understood what the text is about, for it tells sense from nonsense",
            ),
            (
                "It knows the same as before, since shuffled text holds the very same words",
                "Nothing has changed: the same words as often as before make the same model",
            ),
            (
                "Shuffled text cannot be learnt from, so its loss is infinite",
                "From shuffled text there is no loss at all to compute, or an infinite one",
            ),
        ),
    ),
    "smarter_item": Choice(
        stems=(
            "What does raising the temperature do to this model?",
            "Which conclusion do the three counts support?",
            "So does a higher temperature make this model smarter?",
        ),
        statements=(
            (
                "At higher temperatures it knows more, since it tries more answers",
                "The higher it is, the more answers it tries, so it knows more",
            ),
            (
                "It is as often right at each, for temperature only changes the tone",
                "It makes no difference: temperature only changes the tone",
            ),
            (
                "It is right less often: chance is added, and no knowledge",
                "Its answers get worse: what is added is chance, and no knowledge",
            ),
            (
                "The middle one is best, as 1 is the temperature it was trained to be creative at",
                "1 is best: lower or higher, it is less creative and so less right",
            ),
        ),
    ),
    "programming_item": Choice(
        stems=(
            "Why do the same lines of code give two weights?",
            "The code was not touched between the two runs. Where does the difference come from?",
            "Who decided that the two weights differ?",
        ),
        statements=(
            (
                "An engineer's rule in train_weight treats the two towns differently",
                "Its programmer, by a rule for each town in train_weight",
            ),
            (
                "Chance: two runs of training never give the same weight, whatever the data",
                "Nobody: it is chance, and a third run on the same data would give a third weight",
            ),
            (
                "The examples: the rule is found in them, nobody writes it",
                "The examples alone; training finds the rule that is in them",
            ),
            (
                "The number of steps: with enough of them both would end at the same weight",
                "Too small a number of steps, for in the end both towns have the same weight",
            ),
        ),
    ),
    "retrain_item": Choice(
        stems=(
            "By tomorrow an assistant has to know this week's return policy, one page long. What do you do?",
            "You have 30,000 good examples of how your firm answers letters, and want that style without a long "
            "prompt. What do you do?",
            "There is no model at all of a language with a trillion tokens of text, and millions of dollars are there "
            "for one. What do you do?",
        ),
        statements=(
            (
                "Fine-tune a model that is there",
                "Take a model that is there, and fine-tune it",
            ),
            (
                "Pre-train a model from nothing",
                "Train from nothing: pre-train a model of one's own",
            ),
            (
                "Put what it needs into the prompt",
                "Write what it needs to know into the prompt",
            ),
            (
                "Raise the temperature, so that it finds new answers",
                "Use a higher temperature, which makes it find what it was not taught",
            ),
        ),
    ),
    "best_word_item": Choice(
        stems=(
            'After "The capital of {country} is" a model gives {larger} {top} %, {capital} {true} %, {third} {rest} %. '
            "({capital} is right.) What does sampling at temperature 1 do?",
            "Asked for the capital of {country}, which is {capital}, a model gives {larger} {top} %, {capital} {true} "
            "% and {third} {rest} %. What will you read, drawn at temperature 1?",
            'A model goes on after "The capital of {country} is": {larger} {top} %, {capital} {true} %, {third} '
            "{rest} %. {capital} would be right. Which is true at temperature 1?",
        ),
        statements=(
            (
                "It is wrong more often than right: it draws by probability, and here that favours wrong words",
                "Wrong more often than right, since words are drawn by probability and not by truth",
            ),
            (
                "It says {capital} each time, because the best word is what a model picks",
                "{capital} each time: a model picks the best word",
            ),
            (
                "It says {larger} each time, because that has the highest probability",
                "{larger} each time, the word with the highest probability",
            ),
            (
                "None of them: it notices that it is not sure, and looks the answer up",
                "Whatever is true: before it answers, it looks up what it is not sure of",
            ),
        ),
    ),
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
}
