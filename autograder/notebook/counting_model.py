"""A language model based on counts. It learns from a few lines of text. A token can be just part of a character."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class CountingModel:
    """Finds the longest suffix of the context that occurs in the training lines, and predicts what came next there.

    A token is a word with the space before it, or a punctuation mark. A word or mark that isn't ASCII takes three
    tokens, and the last two are one byte each, much like in real tokenizers. Id 0 is the stop token, which comes at the
    end of every line.
    """

    stop_id = 0

    def __init__(self, lines: Iterable[str]) -> None:
        tokens = [token for line in lines for token in [*_tokens(line), b""]]
        self.id_to_bytes = dict(enumerate(dict.fromkeys([b"", *tokens])))
        self._bytes_to_id = {token: number for number, token in self.id_to_bytes.items()}
        self._read = [self._bytes_to_id[token] for token in tokens]

    def ids(self, text: str) -> list[int]:
        """Return the token ids of some text. Raises KeyError for a word that isn't in the lines."""
        return [self._bytes_to_id[token] for token in _tokens(text)]

    def text(self, ids: Iterable[int]) -> str:
        """Return the text of token ids, with the replacement character in place of any incomplete character."""
        return b"".join(self.id_to_bytes[int(each)] for each in ids).decode(errors="replace")

    def next_token_logits(self, context_ids: Sequence[int]) -> NDArray[Any]:
        """Return the logits (V,) of the next token, which are log counts. Raises ValueError if the context is empty."""
        context = [int(each) for each in context_ids]
        for start in range(len(context)):
            ending = context[start:]
            ends = [place + len(ending) for place in range(len(self._read) - len(ending))]
            followers = [self._read[end] for end in ends if self._read[end - len(ending) : end] == ending]
            if followers:
                with np.errstate(divide="ignore"):
                    return np.log(np.bincount(followers, minlength=len(self.id_to_bytes)))
        raise ValueError("the context is empty, so there's nothing to match")


def _tokens(text: str) -> list[bytes]:
    pieces = [piece.encode() for piece in re.findall(r" ?\w+| ?[^\w\s]", text)]
    return [
        token for piece in pieces for token in ([piece] if piece.isascii() else [piece[:-2], piece[-2:-1], piece[-1:]])
    ]
