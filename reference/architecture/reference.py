"""Reference solutions for the `architecture` lab: the boxes that turn a prompt into new text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def encode(text: str, vocab: Mapping[str, int], unk_id: int) -> list[int]:
    """Return the text's ids. Always take the longest token that matches, or `unk_id` for one character if none does."""
    longest = max(map(len, vocab), default=1)
    ids, place = [], 0
    while place < len(text):
        pieces = (text[place : place + size] for size in range(longest, 0, -1))
        token = next((piece for piece in pieces if piece in vocab), None)
        ids.append(unk_id if token is None else vocab[token])
        place += len(token or " ")
    return ids


def embed(token_ids: Sequence[int] | Tensor, token_embedding: Tensor, position_embedding: Tensor) -> Tensor:
    """Return (T, D): each token's row of (V, D) plus its position's row of (T_max, D). IndexError if one is missing."""
    ids = torch.as_tensor(token_ids, dtype=torch.int64)
    positions = torch.arange(ids.shape[-1])
    return functional.embedding(ids, token_embedding) + functional.embedding(positions, position_embedding)


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mixed values (T, d_v) and the weights (T, T), 0 above the diagonal, for q, k (T, d) and v (T, d_v)."""
    scores = q @ k.mT / k.shape[-1] ** 0.5
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(diagonal=1)
    weights = torch.softmax(scores.masked_fill(future, -torch.inf), dim=-1)
    return weights @ v, weights


def transformer_block(x: Tensor, params: Mapping[str, Tensor]) -> Tensor:
    """Return x (T, D) plus attention, then plus feed-forward, each computed from normalized rows (pre-norm)."""
    normed = functional.layer_norm(x, x.shape[-1:], eps=1e-5)
    mixed, _ = causal_attention(normed @ params["Wq"], normed @ params["Wk"], normed @ params["Wv"])
    x = x + mixed @ params["Wo"]
    hidden = torch.relu(functional.layer_norm(x, x.shape[-1:], eps=1e-5) @ params["W1"] + params["b1"])
    return x + hidden @ params["W2"] + params["b2"]


def output_logits(hidden: Tensor, W_unembed: Tensor) -> Tensor:
    """Return next-token logits (V,): the last row of hidden (T, D) times W_unembed (D, V). ValueError on a mismatch."""
    if hidden.ndim != 2 or W_unembed.ndim != 2 or hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError(f"hidden {tuple(hidden.shape)} and W_unembed {tuple(W_unembed.shape)} don't match")
    return hidden[-1] @ W_unembed


def run_pipeline(
    text: str, boxes: Mapping[str, Callable[..., Any]], max_new_tokens: int, stop_id: int | None = None
) -> tuple[str, list[str]]:
    """Return the new text and the boxes' names in the order called. Raises ValueError if the text has no tokens."""
    trace = []

    def through(box: str, value: Any) -> Any:
        trace.append(box)
        return boxes[box](value)

    ids = [int(token) for token in through("Tokenizer", text)]
    if not ids:
        raise ValueError("the text has no token to continue from")
    new_ids: list[int] = []
    while len(new_ids) < max_new_tokens:
        hidden = through("Transformer Layers", through("Embedding Layer", ids + new_ids))
        token = int(through("Sampling", through("Output Layer", hidden)))
        if token == stop_id:
            break
        new_ids.append(token)
    return through("Detokenizer", new_ids), trace
