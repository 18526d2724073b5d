"""Reference of lab `terms`: the answers to its questions, which `quiz` draws. Students do not receive this file."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Question = Mapping[str, Any]
# What each right statement says in both of its wordings, and no other one of its item.
RIGHT = {
    "network_item": "eighted sums",
    "weight_item": "training moved|training has moved",
    "loss_item": "higher probability|there it is higher",
    "backprop_item": "how the loss changes",
    "descent_item": "further away",
    "autoregressive_item": "joins the context",
    "softmax_item": "differences",
    "temperature_item": "flatter",
    "meaning_item": "which word follows which",
    "smarter_item": "no knowledge",
    "programming_item": "The examples",
    "best_word_item": "more often than right",
}
# By what the question is about; "adjusts" is what the lesson says of backpropagation, and is let pass with a word.
FITS = {"return policy": "into the prompt", "style": "ine-tune", "language": "re-train"}
LESSON = {"backprop_item": "adjusts"}
ORDER = ("predict", "wrong", "gradients", "small step|a little", "next batch")
STUDYING = ("batches", "to get a loss", "Backpropagation", "learning rate", "random numbers")
DEPTHS = {
    "e": ("York", "thank", "full stop", "side by side"),
    "m": ("keys", "adjective", "condition", "verb"),
    "d": ("suspect", "contradiction", "Egypt", "capital in"),
}


def says(statement: str, phrases: str | Sequence[str]) -> bool:
    """Whether a statement holds one of the phrases, which may stand between bars."""
    alternatives = phrases.split("|") if isinstance(phrases, str) else phrases
    return any(phrase in statement for phrase in alternatives)


def letter(question: Question, phrases: str, among: str = "options") -> str:
    """The letter of the one statement that says it."""
    (found,) = [each for each, statement in question[among].items() if says(statement, phrases)]
    return str(found)


def network_item(question: Question) -> tuple[float, str]:
    """(output, letter)"""
    x, w1, b1 = _tensor(question["x"]), _tensor(question["W1"]), _tensor(question["b1"])
    hidden = functional.relu(functional.linear(x, w1, b1))
    output = torch.dot(hidden, _tensor(question["w2"])) + question["b2"]
    return output.item(), letter(question, RIGHT["network_item"])


def weight_item(question: Question) -> tuple[float, str]:
    """(weight after one step, letter)"""
    weight = _tensor(question["weight"]).requires_grad_()
    loss = (weight * question["size"] - question["price"]).square()
    (gradient,) = torch.autograd.grad(loss, weight)
    return (weight - question["learning_rate"] * gradient).item(), letter(question, RIGHT["weight_item"])


def loss_item(question: Question) -> tuple[float, str]:
    """(loss in nats, letter)"""
    p = _tensor(question["probs"][question["target"]])
    return -p.log().item(), letter(question, RIGHT["loss_item"])


def backprop_item(question: Question) -> tuple[float, str, str]:
    """(gradient, letters of the steps in their order, letter)"""
    w = _tensor(question["w"]).requires_grad_()
    loss = (question["v"] * functional.relu(w * question["x"]) - question["target"]).square()
    (gradient,) = torch.autograd.grad(loss, w)
    order = "".join(letter(question, step, "steps") for step in ORDER)
    return gradient.item(), order, letter(question, RIGHT["backprop_item"])


def descent_item(question: Question) -> tuple[float, str]:
    """(x after two steps, letter)"""
    x = _tensor(question["start"])
    for _ in range(2):
        slope = torch.func.grad(lambda x: question["a"] * (x - question["lowest"]) ** 2)(x)
        x = x - question["learning_rate"] * slope
    return x.item(), letter(question, RIGHT["descent_item"])


def autoregressive_item(question: Question) -> tuple[list[int], str]:
    """([calls of the model, tokens seen at the step], letter)"""
    calls = min(len(question["tokens"]) + 1, question["max_new_tokens"])
    seen = question["prompt_length"] + question["step"] - 1
    return [calls, seen], letter(question, RIGHT["autoregressive_item"])


def softmax_item(question: Question) -> tuple[float, str]:
    """(probability, letter)"""
    words = list(question["logits"])
    probs = functional.softmax(_tensor(list(question["logits"].values())), dim=-1)
    return probs[words.index(question["word"])].item(), letter(question, RIGHT["softmax_item"])


def temperature_item(question: Question) -> tuple[list[float], str]:
    """([probability of the likeliest word at each temperature], letter)"""
    logits = _tensor(list(question["probs"].values())).log()
    rows = logits / _tensor(question["temperatures"])[:, None]
    return functional.softmax(rows, dim=-1).amax(dim=-1).tolist(), letter(question, RIGHT["temperature_item"])


def meaning_item(question: Question) -> tuple[list[float], str]:
    """([loss of the nonsense less that of the real sentence, trained on the original, on the shuffled], letter)"""
    differences = [
        (bigram_loss(question[text], question["nonsense"]) - bigram_loss(question[text], question["real"])).item()
        for text in ("original", "shuffled")
    ]
    return differences, letter(question, RIGHT["meaning_item"])


def bigram_loss(text: str, sentence: str) -> Tensor:
    """The mean loss of a sentence's words after the first, in nats, by counts of pairs in the text with one added."""
    words = text.split()
    ids = {word: number for number, word in enumerate(sorted(set(words)))}
    counts = torch.ones(len(ids), len(ids), dtype=torch.float64)
    pairs = torch.tensor([ids[word] for word in words]).unfold(0, 2, 1)
    counts.index_put_((pairs[:, 0], pairs[:, 1]), torch.ones(len(pairs), dtype=torch.float64), accumulate=True)
    asked = torch.tensor([ids[word] for word in sentence.split()])
    return functional.cross_entropy(counts[asked[:-1]].log(), asked[1:])


def smarter_item(question: Question) -> tuple[list[int], str]:
    """([right answers at each temperature, rounded expectations], letter)"""
    expected = [200 * p for p in chances(question)]
    return [round(each) for each in expected], letter(question, RIGHT["smarter_item"])


def chances(question: Question) -> list[float]:
    """The probability of a right answer at each temperature; it is the same for every question."""
    logits, right = _tensor(question["logits"]), torch.tensor(question["right"])
    rows = [functional.softmax(logits / each, dim=-1) for each in question["temperatures"]]
    return [row[torch.arange(len(right)), right].mean().item() for row in rows]


def programming_item(question: Question) -> tuple[list[float], str]:
    """([weight of the first town, of the second], letter)"""
    sizes = _tensor(question["sizes"])[:, None]
    prices = torch.stack([_tensor(question[f"prices_{town}"]) for town in ("first", "second")], dim=1)
    return torch.linalg.lstsq(sizes, prices).solution[0].tolist(), letter(question, RIGHT["programming_item"])


def retrain_item(question: Question) -> tuple[list[float], str]:
    """([USD for pre-training, for fine-tuning, for the prompt], letter)"""
    fine_tuning = question["examples"] * question["tokens_per_example"] * question["epochs"]
    prompt = question["days"] * question["requests_per_day"] * question["prompt_tokens"]
    tokens = _tensor([question["pretraining_tokens"], fine_tuning, prompt])
    prices = _tensor([question[f"usd_per_mtok_{what}"] for what in ("training", "training", "prompt")])
    (fitting,) = [answer for need, answer in FITS.items() if need in question["text"]]
    return (tokens * prices / 1_000_000).tolist(), letter(question, fitting)


def best_word_item(question: Question) -> tuple[int, str]:
    """(words that are not the likeliest, the rounded expectation, letter)"""
    return round(question["draws"] * other_words(question)), letter(question, RIGHT["best_word_item"])


def other_words(question: Question) -> float:
    """The probability of another word than the likeliest."""
    return 1 - _tensor(list(question["probs"].values())).max().item()


def exam_item(question: Question) -> tuple[int, str]:
    """(changes of the weights, letters of what is studying)"""
    changes = math.prod([question["epochs"], question["batches"]])
    return changes, "".join(each for each, text in question["options"].items() if says(text, STUDYING))


def layers_item(question: Question) -> tuple[int, str]:
    """(weights and biases, the depth of each finding)"""
    count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(question["sizes"]))
    depths = (
        next(depth for depth, known in DEPTHS.items() if says(text, known)) for text in question["options"].values()
    )
    return count, "".join(depths)


# --- watching a stream


def log_stream(increments: Iterable[str], clock: Callable[[], float]) -> list[tuple[float, str]]:
    """(seconds since the call, text) of each increment, noted before the next one is asked for."""
    begun = clock()
    return list(_noted(iter(increments), clock, begun))


def _noted(increments: Iterator[str], clock: Callable[[], float], begun: float) -> Iterator[tuple[float, str]]:
    for text in increments:
        yield clock() - begun, text


def observation() -> dict[str, Any]:
    """A record of a stream of ten increments, one every 50 ms."""
    words = ["The", " cat", " sat", " on", " the", " mat", ",", " and", " slept", "."]
    return {
        "model": "none: this record shows the form",
        "when": "2026-01-31",
        "log": [(round(0.05 * number, 2), word) for number, word in enumerate(words, 1)],
        "text": "".join(words),
        "saw": "The first word was there long before the last one, which came half a second later.",
    }


def _tensor(value: Any) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)
