"""The course's small language model, which you can prompt with text or train with one call."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Params = Mapping[str, NDArray[Any]]
# The input ids, and the label at each position.
Example = tuple[Sequence[int], Sequence[int]]
IGNORED = -100


class LanguageModel:
    """The small model. Its tokens are whole words.

    vocabulary: maps each token to its id. logits: maps parameters and T ids to logits (T, V).
    """

    def __init__(self, vocabulary: Mapping[str, int], logits: Callable[[Params, Sequence[int]], NDArray[Any]]) -> None:
        self._ids = vocabulary
        self._tokens = list(vocabulary)
        self._logits = logits
        self._end = vocabulary["<end>"]

    def ids(self, text: str) -> list[int]:
        """Return the token ids of some text. Raises KeyError for a word that the model doesn't know."""
        return [self._ids[token] for token in re.findall(r" ?\w+| ?[^\w\s]", text)]

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of token ids."""
        return "".join(self._tokens[each] for each in ids)

    def continued(self, params: Params, text: str, most: int = 24) -> str:
        """Return the greedy continuation: the most likely token at each step, until the end token or `most` tokens."""
        new_ids: list[int] = []
        while len(new_ids) < most:
            token = int(np.argmax(self._logits(params, self.ids(text) + new_ids)[-1]))
            if token == self._end:
                break
            new_ids.append(token)
        return self.text(new_ids).strip()


def batch_of(examples: Sequence[Example]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the inputs and labels (B, T) of B examples. Pad shorter examples with 0, and their labels with -100."""
    length = max(len(inputs) for inputs, _ in examples)
    input_ids, labels = np.zeros((len(examples), length), dtype=int), np.full((len(examples), length), IGNORED)
    for row, (inputs, wanted) in enumerate(examples):
        input_ids[row, : len(inputs)], labels[row, : len(wanted)] = inputs, wanted
    return input_ids, labels


def fitted_by_adam(
    params: Params,
    examples: Sequence[Example],
    gradients_of: Callable[..., tuple[float, Params]],
    steps: int,
    lr: float,
    weights: ArrayLike | None = None,
    size: int = 16,
    seed: int = 0,
) -> Params:
    """Return the parameters after `steps` steps of Adam, with a learning rate that decays linearly to 0.

    gradients_of: maps parameters, inputs and labels (B, T), and weights (B,) if given, to a loss and its gradients.
    lr: the learning rate at the start.
    weights: how much each example counts. If they're given, every step uses all the examples; otherwise, each step uses
        a random batch of `size`.
    """
    rng, order = np.random.default_rng(seed), list[int]()
    means = {name: (np.zeros_like(param), np.zeros_like(param)) for name, param in params.items()}
    for step in range(1, steps + 1):
        if weights is None:
            while len(order) < size:
                order += rng.permutation(len(examples)).tolist()
            drawn, order = [examples[each] for each in order[:size]], order[size:]
            _, gradients = gradients_of(params, *batch_of(drawn))
        else:
            _, gradients = gradients_of(params, *batch_of(examples), weights)
        for name, gradient in gradients.items():
            first, second = means[name]
            means[name] = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        rate = lr * (1 - (step - 1) / steps) * math.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        params = {
            name: param - rate * means[name][0] / (np.sqrt(means[name][1]) + 1e-8) for name, param in params.items()
        }
    return params
