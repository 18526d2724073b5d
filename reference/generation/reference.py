"""Reference for the `generation` lab: the loop that generates text token by token, and the same loop as a stream."""

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

Logits = Callable[[Sequence[int]], Tensor]
Sample = Callable[[Tensor], int]


def crop_context(token_ids: Sequence[int] | Tensor, context_window: int) -> Tensor:
    """The last `context_window` ids, or all of them if there are fewer; ValueError if `context_window` is below 1."""
    if context_window < 1:
        raise ValueError(f"context_window must be at least 1, got {context_window}")
    return torch.as_tensor(token_ids)[-context_window:]


def generate(
    next_token_logits: Logits,
    prompt_ids: Sequence[int] | Tensor,
    max_new_tokens: int,
    sample: Sample,
    stop_id: int | None = None,
    context_window: int | None = None,
) -> tuple[list[int], str]:
    """The new ids without the stop token, and the reason ("stop" or "length"); ValueError if the prompt is empty."""
    new_ids = list(stream_tokens(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id, context_window))
    return new_ids, "length" if len(new_ids) == max_new_tokens else "stop"


def stream_tokens(
    next_token_logits: Logits,
    prompt_ids: Sequence[int] | Tensor,
    max_new_tokens: int,
    sample: Sample,
    stop_id: int | None = None,
    context_window: int | None = None,
) -> Iterator[int]:
    """Yield each new id before the next is sampled; if the prompt is empty, the first `next` raises ValueError."""
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty: the model needs at least one token to continue from")
    ids = [int(token) for token in prompt_ids]
    for _ in range(max_new_tokens):
        context = ids if context_window is None else crop_context(ids, context_window)
        token = int(sample(next_token_logits(context)))
        if token == stop_id:
            return
        yield token
        ids.append(token)


def stream_text(token_iter: Iterable[int], id_to_bytes: Mapping[int, bytes]) -> Iterator[str]:
    """Yield the tokens' text, each character as soon as its last byte arrives.

    An incomplete character at the end becomes U+FFFD.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for token in token_iter:
        if text := decoder.decode(id_to_bytes[int(token)]):
            yield text
    if rest := decoder.decode(b"", final=True):
        yield rest
