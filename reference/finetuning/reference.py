"""Reference for the `finetuning` lab: the pre-training loss, supervised fine-tuning examples, and their loss."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def pretraining_loss(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Mean loss in nats over a text (T,), given the logits (T, V) for each next id; ValueError if T < 2."""
    if len(token_ids) < 2:
        raise ValueError(f"{len(token_ids)} token(s): there's no next token, so there's nothing to guess")
    return functional.cross_entropy(logits[:-1].double(), token_ids[1:])


def build_sft_example(
    prompt_ids: Sequence[int], response_ids: Sequence[int], eos_id: int, ignore_index: int = -100
) -> tuple[Tensor, Tensor]:
    """Inputs and labels, both (P + R,), from P prompt ids and R response ids; ValueError if either is empty.

    The labels are the inputs shifted by one, with the end token last and `ignore_index` in place of prompt tokens.
    """
    if len(prompt_ids) == 0 or len(response_ids) == 0:
        raise ValueError(f"{len(prompt_ids)} prompt and {len(response_ids)} response ids: neither part may be empty")
    full = torch.tensor([*prompt_ids, *response_ids, eos_id])
    positions = torch.arange(1, len(full))
    return full[:-1], full[1:].masked_fill(positions < len(prompt_ids), ignore_index)


def sft_loss(logits: Tensor, labels: Tensor, ignore_index: int = -100) -> Tensor:
    """Mean loss in nats, given logits (B, T, V), over all the labels (B, T) that aren't `ignore_index`.

    ValueError if every label is ignored.
    """
    if (labels == ignore_index).all():
        raise ValueError("every label is ignored: there's nothing to learn from")
    return functional.cross_entropy(logits.double().flatten(0, 1), labels.flatten(), ignore_index=ignore_index)
