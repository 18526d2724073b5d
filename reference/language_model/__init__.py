"""A language model that trains in a minute and whose code is short enough to read in full. The labs use it to try out
the seven boxes and the three stages of training.

It has an embedding, two of the `architecture` lab's blocks, an unembedding, and no other layers. Its parameters are a
dict of arrays: "token_embedding" (V, D), "position_embedding" (T_max, D), "blocks.0.Wq", "blocks.0.Wk", …,
"blocks.1.b2" and "W_unembed" (D, V). `train.py` trains them on the three texts next to this file, which we wrote for
this model. The model was trained on at most 24 tokens at a time, so it knows nothing about later positions.

Notebooks can import everything here as givens: `from autograder.given import model_params`.
"""

import functools
import json
import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reference.architecture import embed, encode, transformer_block

HERE = Path(__file__).resolve().parent
WIDTH, HIDDEN, BLOCKS, CONTEXT_WINDOW = 40, 80, 2, 48
STAGES = ("untrained", "pretraining", "finetuning", "preferences")
END, UNKNOWN = "<end>", "<unknown>"
IGNORED = -100
# A notebook can ask for a batch of any size, and a huge one would use more memory than the checks are allowed to use.
MOST_IDS = 4_096


def model_vocab() -> dict[str, int]:
    """The vocabulary: a dict from each of the V tokens to its id. The tokens are words (including the space before each
    word), punctuation, single letters for spelling words that aren't in the texts, and two special tokens that never
    appear in a text: "<end>" (the text ends here) and "<unknown>" (a character that isn't a token).
    """
    return dict(_vocab())


@functools.cache
def _vocab() -> dict[str, int]:
    # In the file, a tab separates a prompt from its response. Here it becomes a space.
    texts = "\n".join([*_lines("pretraining"), *_lines("finetuning")]).replace("\t", " ")
    words = re.findall(r" ?\w+| ?[^\w\s]", texts)
    return {token: number for number, token in enumerate([END, UNKNOWN, *sorted({" ", *string.ascii_letters, *words})])}


def _lines(name: str) -> list[str]:
    return (HERE / f"{name}.txt").read_text("utf-8").splitlines()


def _ids(text: str) -> list[int]:
    return encode(text, _vocab(), _vocab()[UNKNOWN])


def model_texts() -> list[list[int]]:
    """The texts for stage 1 as token ids, each followed by "<end>"."""
    return [[*_ids(line), _vocab()[END]] for line in _lines("pretraining")]


def finetuning_pairs() -> list[tuple[list[int], list[int]]]:
    """The prompt-response pairs for stage 2, as token ids without "<end>"."""
    pairs = [line.split("\t") for line in _lines("finetuning")]
    return [(_ids(prompt), _ids(f" {response}")) for prompt, response in pairs]


def model_preferences() -> list[tuple[list[int], list[int], list[int]]]:
    """The comparisons for stage 3. Each comparison is a tuple of three lists of token ids: a prompt, the preferred
    response, and the rejected one.

    Neither response includes "<end>"."""
    rows = [line.split("\t") for line in _lines("preferences")]
    return [(_ids(prompt), _ids(f" {chosen}"), _ids(f" {rejected}")) for prompt, chosen, rejected in rows]


def model_params(stage: str) -> dict[str, Tensor]:
    """Return the model's parameters after a training stage ("pretraining", "finetuning" or "preferences"), or before
    any training ("untrained").

    Raises ValueError for any other stage.
    """
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}, got {stage!r}")
    arrays = _arrays(HERE / f"{stage}.safetensors")
    return {name: torch.as_tensor(weights, dtype=torch.float64) for name, weights in arrays.items()}


def _arrays(file: Path) -> dict[str, np.ndarray]:
    """Read the arrays from a safetensors file. Such a file starts with the header's length in eight bytes, followed by
    the header as JSON, and then the numbers."""
    content = bytearray(file.read_bytes())  # with read-only bytes, torch would print a warning
    start = 8 + int.from_bytes(content[:8], "little")
    head = json.loads(content[8:start])
    numbers = np.frombuffer(content, "<f4", offset=start)
    return {
        name: numbers[slice(*(offset // 4 for offset in each["data_offsets"]))].reshape(each["shape"])
        for name, each in head.items()
    }


@functools.cache
def _shapes() -> dict[str, torch.Size]:
    return {name: value.shape for name, value in model_params("untrained").items()}


def model_logits(params: Mapping[str, Tensor], token_ids: Sequence[int] | Tensor) -> Tensor:
    """Return the logits (T, V) for the token after each position. token_ids is (T,), with T at most 48. A batch (N, T)
    gives logits (N, T, V).

    Raises IndexError if an embedding has no row for an id or a position. Raises ValueError if the parameters' names or
    shapes don't match the model's, or if there are more than 4,096 ids.
    """
    if {name: value.shape for name, value in params.items()} != _shapes():
        raise ValueError(
            "these aren't the model's parameters: their names or shapes differ from those of model_params()"
        )
    token_ids = torch.as_tensor(token_ids)
    if token_ids.numel() > MOST_IDS:
        raise ValueError(f"at most {MOST_IDS:,} ids at once, got {token_ids.numel():,}")
    hidden = embed(token_ids, params["token_embedding"], params["position_embedding"])
    for block in range(BLOCKS):
        start = f"blocks.{block}."
        inner = {name.removeprefix(start): weights for name, weights in params.items() if name.startswith(start)}
        hidden = transformer_block(hidden, inner)
    return hidden @ params["W_unembed"]


def model_loss_and_gradients(
    params: Mapping[str, Tensor], input_ids: Tensor, labels: Tensor, weights: Tensor | None = None
) -> tuple[float, dict[str, Tensor]]:
    """Return the cross-entropy loss in nats and its gradient with respect to each parameter.

    input_ids, labels: integers (N, T). Each label is the id of the next token, or -100 for positions that don't count
    toward the loss, such as those in a prompt or after the end token. The loss is the mean over all labels that aren't
    -100. If you pass weights (N,), each row's total cross-entropy is multiplied by the row's weight, and the loss is
    the sum of the results. Weights may be negative. Raises ValueError if all labels are -100.
    """
    counted = labels != IGNORED
    if not counted.any():
        raise ValueError("every label is -100, so there is nothing to learn")
    leaves = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    logits = model_logits(leaves, input_ids)
    losses = functional.cross_entropy(logits.mT, labels, ignore_index=IGNORED, reduction="none")
    loss = losses.sum() / counted.sum() if weights is None else losses.sum(dim=1) @ weights
    gradients = torch.autograd.grad(loss, list(leaves.values()))
    return loss.item(), dict(zip(leaves, gradients, strict=True))
