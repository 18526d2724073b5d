"""Reference for the `terms` lab: the answers to the questions that `reference.quiz` draws. Students don't get this
file."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from solutions.terms.statements import letters, order_of

Question = Mapping[str, Any]


def network_item(question: Question) -> tuple[float, str]:
    """(output, letters)"""
    x, w1, b1 = _tensor(question["x"]), _tensor(question["W1"]), _tensor(question["b1"])
    hidden = functional.relu(functional.linear(x, w1, b1))
    output = torch.dot(hidden, _tensor(question["w2"])) + question["b2"]
    return output.item(), letters(question)


def weight_item(question: Question) -> tuple[float, str]:
    """(weight after one step, letters)"""
    weight = _tensor(question["weight"]).requires_grad_()
    loss = (weight * question["size"] - question["price"]).square()
    (gradient,) = torch.autograd.grad(loss, weight)
    return (weight - question["learning_rate"] * gradient).item(), letters(question)


def loss_item(question: Question) -> tuple[float, str]:
    """(loss in nats, letters)"""
    p = _tensor(question["probs"][question["target"]])
    return -p.log().item(), letters(question)


def backprop_item(question: Question) -> tuple[float, str, str]:
    """(gradient, letters of the steps in their order, letters)"""
    w = _tensor(question["w"]).requires_grad_()
    loss = (question["v"] * functional.relu(w * question["x"]) - question["target"]).square()
    (gradient,) = torch.autograd.grad(loss, w)
    return gradient.item(), order_of(question), letters(question)


def descent_item(question: Question) -> tuple[float, str]:
    """(x after two steps, letters)"""
    x = _tensor(question["start"])
    for _ in range(2):
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(question["a"] * (x - question["lowest"]) ** 2, x)
        x = x - question["learning_rate"] * slope
    return x.item(), letters(question)


def autoregressive_item(question: Question) -> tuple[list[int], str]:
    """([calls to the model, tokens seen at the step], letters)"""
    calls = min(len(question["tokens"]) + 1, question["max_new_tokens"])
    seen = question["prompt_length"] + question["step"] - 1
    return [calls, seen], letters(question)


def softmax_item(question: Question) -> tuple[float, str]:
    """(probability, letters)"""
    words = list(question["logits"])
    probs = functional.softmax(_tensor(list(question["logits"].values())), dim=-1)
    return probs[words.index(question["word"])].item(), letters(question)


def temperature_item(question: Question) -> tuple[list[float], str]:
    """([probability of the most likely word at each temperature], letters)"""
    logits = _tensor(list(question["probs"].values())).log()
    rows = logits / _tensor(question["temperatures"])[:, None]
    return functional.softmax(rows, dim=-1).amax(dim=-1).tolist(), letters(question)


def meaning_item(question: Question) -> tuple[list[float], str]:
    """([loss of the nonsense minus loss of the real sentence: trained on the text, on the shuffled text], letters)"""
    differences = [
        (bigram_loss(question[text], question["nonsense"]) - bigram_loss(question[text], question["real"])).item()
        for text in ("original", "shuffled")
    ]
    return differences, letters(question)


def bigram_loss(text: str, sentence: str) -> Tensor:
    """The mean loss, in nats, of a sentence's words after the first. The model consists of the text's word-pair counts,
    with 1 added to each count."""
    words = text.split()
    ids = {word: number for number, word in enumerate(sorted(set(words)))}
    counts = torch.ones(len(ids), len(ids), dtype=torch.float64)
    pairs = torch.tensor([ids[word] for word in words]).unfold(0, 2, 1)
    counts.index_put_((pairs[:, 0], pairs[:, 1]), torch.ones(len(pairs), dtype=torch.float64), accumulate=True)
    asked = torch.tensor([ids[word] for word in sentence.split()])
    return functional.cross_entropy(counts[asked[:-1]].log(), asked[1:])


def smarter_item(question: Question) -> tuple[list[int], str]:
    """([expected number of right answers at each temperature, rounded], letters)"""
    expected = [len(question["right"]) * p for p in chances(question)]
    return [round(each) for each in expected], letters(question)


def chances(question: Question) -> list[float]:
    """The probability of a correct answer at each temperature, which is the same for every question."""
    logits, right = _tensor(question["logits"]), torch.tensor(question["right"])
    rows = [functional.softmax(logits / each, dim=-1) for each in question["temperatures"]]
    return [row[torch.arange(len(right)), right].mean().item() for row in rows]


def programming_item(question: Question) -> tuple[list[float], str]:
    """([weight for the first town, for the second], letters)"""
    sizes = _tensor(question["sizes"])[:, None]
    prices = torch.stack([_tensor(question[f"prices_{town}"]) for town in ("first", "second")], dim=1)
    return torch.linalg.lstsq(sizes, prices).solution[0].tolist(), letters(question)


def retrain_item(question: Question) -> tuple[list[float], str]:
    """([USD for pre-training, for fine-tuning, for the prompt], letters)"""
    fine_tuning = question["examples"] * question["tokens_per_example"] * question["epochs"]
    prompt = question["days"] * question["requests_per_day"] * question["prompt_tokens"]
    tokens = _tensor([question["pretraining_tokens"], fine_tuning, prompt])
    prices = _tensor([question[f"usd_per_mtok_{what}"] for what in ("training", "training", "prompt")])
    return (tokens * prices / 1_000_000).tolist(), letters(question)


def best_word_item(question: Question) -> tuple[int, str]:
    """(expected number of words that aren't the most likely one, rounded; letters)"""
    return round(question["draws"] * other_words(question)), letters(question)


def other_words(question: Question) -> float:
    """The probability of getting any word except the most likely one."""
    return 1 - _tensor(list(question["probs"].values())).max().item()


def exam_item(question: Question) -> tuple[int, str]:
    """(number of times the weights change, letters)"""
    return math.prod([question["epochs"], question["batches"]]), letters(question)


def layers_item(question: Question) -> tuple[int, str]:
    """(number of weights and biases, letters)"""
    count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(question["sizes"]))
    return count, letters(question)


def architecture_item(question: Question) -> tuple[float, str]:
    """(result of attention for the token, letters)"""
    seen = slice(question["at"])
    weights = functional.softmax(_tensor(question["scores"][seen]), dim=-1)
    return torch.dot(weights, _tensor(question["values"][seen])).item(), letters(question)


def rlhf_item(question: Question) -> tuple[float, str]:
    """(probability that A is chosen, letters)"""
    chosen, rejected = _tensor(question["rewards"])
    return (1 / (1 + torch.exp(rejected - chosen))).item(), letters(question)


# --- how close an answer has to be

# How far off an answer may be: a little more than half a unit in the last decimal place.
THREE, TWO, ONE, WHOLE = 6e-4, 6e-3, 6e-2, 0.6
EXACT = 1e-6
ROUNDED = {
    "network_item": EXACT,
    "weight_item": TWO,
    "loss_item": THREE,
    "backprop_item": EXACT,
    "descent_item": THREE,
    "autoregressive_item": EXACT,
    "softmax_item": THREE,
    "temperature_item": THREE,
    "meaning_item": THREE,
    "programming_item": ONE,
    "retrain_item": WHOLE,
    "exam_item": EXACT,
    "layers_item": EXACT,
    "architecture_item": THREE,
    "rlhf_item": THREE,
}
# The items with random draws, whose results differ from run to run. For each item: the probability that a draw is
# counted, and the number of draws.
DRAWN = {
    "smarter_item": lambda question: (chances(question), len(question["right"])),
    "best_word_item": lambda question: ([other_words(question)], question["draws"]),
}


# --- watching a stream


def log_stream(increments: Iterable[str], clock: Callable[[], float]) -> list[tuple[float, str]]:
    """Return a (seconds since the call, text) pair for each increment. Log each increment before asking for the next
    one."""
    begun = clock()
    return list(_noted(iter(increments), clock, begun))


def _noted(increments: Iterator[str], clock: Callable[[], float], begun: float) -> Iterator[tuple[float, str]]:
    for text in increments:
        yield clock() - begun, text


def observation() -> dict[str, Any]:
    """A record of a stream of ten increments, one every 50 ms."""
    words = ["The", " cat", " sat", " on", " the", " mat", ",", " and", " slept", "."]
    return {
        "model": "none: this record shows the format",
        "when": "2026-01-31",
        "log": [(round(0.05 * number, 2), word) for number, word in enumerate(words, 1)],
        "text": "".join(words),
        "saw": "The first word appeared well before the last one, which arrived about half a second later.",
    }


def _tensor(value: Any) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)
