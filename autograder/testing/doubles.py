"""Test doubles for checks of text generation. They record every call, and the values they return are arbitrary but
repeatable.

model, sample = ScriptedModel(vocabulary=7, seed=5, force={3: 0}), ScriptedSampler(seed=6)
student.generate(model, [1, 2], 10, sample, 0)
model.contexts       # [[1, 2], [1, 2, 5], ...]: the contexts the model was called with, in order
sample.ids           # [5, ..., 0]: the ids that were drawn; the fourth is 0, because the model forces it
"""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The number of calls after which we assume an infinite loop and raise an error.
BUDGET = 400
# The most numbers (ids, logits or hidden states) that one call takes. Checks get by with far fewer, and they keep what
# they're called with.
MAX_LENGTH = 4_096
# We remember logits until they take up this many bytes in total. Then we start over.
MAX_REMEMBERED = 16 * 1024 * 1024
# A logit this far above the others makes a forced id certain to be drawn. An id whose logit is this far below is never
# drawn.
CERTAIN = 50.0
BOXES = ("Tokenizer", "Embedding Layer", "Transformer Layers", "Output Layer", "Sampling", "Detokenizer")


class ScriptedModel:
    """A language model: takes context ids (T,), integers, and returns logits (V,), float64.

    The logits depend on the whole context, including its order, and on nothing else.

    vocabulary: V.
    seed: the seed for the logits. Models with the same seed return the same logits.
    window: the most context ids the model can see; None for no limit.
    force: {step: id}. At that step, the id is certain to be drawn, and at all other steps, it never is. The first
        context is step 0, and each new context is the next step.

    `contexts` records the contexts the model was called with.

    A call raises ValueError if the context is empty, longer than the window or 4,096 ids, or not a row of known ids,
    and RuntimeError after 400 calls.
    """

    def __init__(
        self, vocabulary: int, seed: int, window: int | None = None, force: Mapping[int, int] | None = None
    ) -> None:
        self.vocabulary = vocabulary
        self.seed = seed
        self.window = window
        self.force = dict(force or {})
        self.contexts: list[list[int]] = []
        self._steps: dict[tuple[int, ...], int] = {}

    def __repr__(self) -> str:
        options = f", window={self.window}" * (self.window is not None) + f", force={self.force}" * bool(self.force)
        return f"ScriptedModel({self.vocabulary}, {self.seed}{options})"

    # When we show a call to a stub, we use the names of the functions passed in. This name is valid code, so a student
    # can repeat the call.
    __name__ = property(__repr__)

    @property
    def words(self) -> str:
        window = f" It sees at most {self.window} ids." if self.window is not None else ""
        return f"a made-up language model with {self.vocabulary} token ids{_forcing(self.force, 'context')}.{window}"

    def __call__(self, context_ids: Any) -> NDArray[np.float64]:
        """Return the logits (V,) for the token after the context. Raises ValueError and RuntimeError."""
        _refuse_past_budget("model", len(self.contexts))
        context = self._read(context_ids)
        self.contexts.append(context)
        step = self._steps.setdefault(tuple(context), len(self._steps))
        logits = _logits_for((self.seed, context), self.vocabulary)
        logits[list(self.force.values())] = -CERTAIN
        if step in self.force:
            logits[self.force[step]] = CERTAIN
        return logits

    def _read(self, context_ids: Any) -> list[int]:
        context = np.asarray(context_ids)
        if context.size == 0:
            raise ValueError("the model was given an empty context")
        if context.ndim != 1 or context.dtype.kind not in "iu":
            what = f"shape {context.shape} and dtype {context.dtype}"
            raise ValueError(f"the model expects one row of whole-number ids, but was given {what}")
        if self.window is not None and context.size > self.window:
            raise ValueError(f"the model sees at most {self.window} ids, but was given {context.size}")
        _refuse_long("model", context)
        ids: list[int] = context.tolist()
        if not all(0 <= each < self.vocabulary for each in ids):
            raise ValueError(f"the model knows the ids from 0 to {self.vocabulary - 1}, but was given {ids}")
        return ids


class ScriptedSampler:
    """A sampler: takes logits (V,) and returns an id, an int, drawn from softmax(logits) with its own seed.

    One extra or missing draw changes all the draws after it. `logits` and `ids` record what it was called with and what
    it drew. A call raises ValueError unless the logits are one row of numbers, and RuntimeError after 400 calls.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._rng = np.random.default_rng(seed)
        self.logits: list[NDArray[np.float64]] = []
        self.ids: list[int] = []

    @property
    def words(self) -> str:
        return "a sampler that draws ids from the softmax of its logits, with its own seed."

    def __repr__(self) -> str:
        return f"ScriptedSampler({self.seed})"

    __name__ = property(__repr__)

    def __call__(self, logits: Any) -> int:
        """Draw an id and return it. Raises ValueError and RuntimeError."""
        _refuse_past_budget("sampler", len(self.ids))
        scores = np.array(logits, dtype=np.float64)
        if scores.ndim != 1 or scores.size == 0:
            raise ValueError(f"the sampler expects one row of logits, but was given shape {scores.shape}")
        _refuse_long("sampler", scores)
        self.logits.append(scores)
        self.ids.append(int(np.argmax(scores + self._rng.gumbel(size=scores.size))))
        return self.ids[-1]


class ScriptedBoxes:
    """A language model made of six boxes that continues lowercase text. Each letter is a token: a is id 0, b is id 1.

    Each drawn id depends on all the ids passed to the Embedding Layer, on their order, and on every box they went
    through.

    vocabulary: V, the number of ids, at most 26.
    seed: the seed for the weights and the draws.
    force: {step: id}. At that draw, counted from 0, the id is certain, and at all others, it's never drawn.

    `named()` returns the boxes by name. `trace` records the names of the boxes in the order they're called, `contexts`
    the ids passed to the Embedding Layer, and `drawn` the ids that came out of Sampling.

    A box raises ValueError for invalid input (hidden states are (T, 4) floats, and logits are (V,)), and RuntimeError
    after 400 calls.
    """

    def __init__(self, vocabulary: int, seed: int, force: Mapping[int, int] | None = None) -> None:
        rng = np.random.default_rng(seed)
        self.vocabulary = vocabulary
        self.seed = seed
        self.force = dict(force or {})
        self.trace: list[str] = []
        self.contexts: list[list[int]] = []
        self._tokens, self._mix = rng.normal(size=(vocabulary, 4)), rng.normal(size=(4, 4))
        self._sample = ScriptedSampler(seed)

    @property
    def words(self) -> str:
        return f"a made-up language model with {self.vocabulary} letters, in six boxes{_forcing(self.force, 'draw')}."

    @property
    def drawn(self) -> list[int]:
        return self._sample.ids

    def named(self) -> "dict[str, Box]":
        """Return the boxes by their names in the lesson."""
        return {name: Box(self, name) for name in BOXES}

    def use(self, name: str, value: Any) -> Any:
        """Return a box's result for a value. Raises ValueError if the value is invalid, and RuntimeError after 400
        calls."""
        _refuse_past_budget(f"box {name}", self.trace.count(name))
        self.trace.append(name)
        match name:
            case "Tokenizer":
                return [ord(letter) - ord("a") for letter in value]
            case "Embedding Layer":
                return self._embed(np.asarray(value))
            case "Transformer Layers":
                return np.cumsum(_rows(value), axis=0) @ self._mix
            case "Output Layer":
                return self._logits(_rows(value))
            case "Sampling":
                return self._sample(value)
        return self.text_of(value)

    def text_of(self, ids: Sequence[int]) -> str:
        return "".join(chr(ord("a") + int(number)) for number in ids)

    def _embed(self, ids: NDArray[Any]) -> NDArray[np.float64]:
        _refuse_long("Embedding Layer", ids)
        self.contexts.append(ids.tolist())
        if ids.size == 0:  # the stub has to reject an empty string, so accept it here
            return np.zeros((1, 4))
        rows: NDArray[np.float64] = self._tokens[ids] + np.arange(len(ids))[:, None]
        return rows

    def _logits(self, hidden: NDArray[np.float64]) -> NDArray[np.float64]:
        # Rounded so that float32 arithmetic gives the same logits.
        logits = _logits_for((self.seed, (np.round(hidden, 3) + 0.0).tolist()), len(self._tokens))
        logits[list(self.force.values())] = -CERTAIN
        if (step := len(self.drawn)) in self.force:
            logits[self.force[step]] = CERTAIN
        return logits


@dataclass(frozen=True)
class Box:
    """One of the boxes of `ScriptedBoxes`: a function of one value."""

    boxes: ScriptedBoxes
    name: str

    @property
    def words(self) -> str:
        return f"one box of {self.boxes.words}"

    def __repr__(self) -> str:
        return f"{self.name} {self.boxes.seed}"

    __name__ = property(__repr__)

    def __call__(self, value: Any) -> Any:
        return self.boxes.use(self.name, value)


def _forcing(force: Mapping[int, int], what: str) -> str:
    sure = " and ".join(f"id {number} at {what} {step}" for step, number in force.items())
    return f" that's certain to give {sure}, counted from 0" if force else ""


def _logits_for(key: Any, vocabulary: int) -> NDArray[np.float64]:
    """Return logits (V,) that depend only on the key."""
    return _logits.of(hashlib.sha256(repr(key).encode()).digest(), vocabulary).copy()


@dataclass
class _Logits:
    """Logits by what they depend on. We remember them, since a class's submissions all ask for much the same ones."""

    remembered: dict[tuple[bytes, int], NDArray[np.float64]] = field(default_factory=dict)
    size: int = 0

    def of(self, digest: bytes, vocabulary: int) -> NDArray[np.float64]:
        found = self.remembered.get((digest, vocabulary))
        if found is None:
            if self.size > MAX_REMEMBERED:
                self.remembered.clear()
                self.size = 0
            found = np.random.default_rng(int.from_bytes(digest, "big")).normal(size=vocabulary)
            self.remembered[digest, vocabulary] = found
            self.size += sys.getsizeof(found) + sys.getsizeof(digest)
        return found


_logits = _Logits()


def _rows(value: Any) -> NDArray[np.float64]:
    rows = np.asarray(value, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise ValueError(f"expected rows of 4 numbers, got an array of shape {rows.shape}")
    _refuse_long("box", rows)
    return rows


def _refuse_long(who: str, numbers: NDArray[Any]) -> None:
    if numbers.size > MAX_LENGTH:
        raise ValueError(f"the {who} takes at most {MAX_LENGTH:,} numbers at a time, but was given {numbers.size:,}")


def _refuse_past_budget(who: str, calls: int) -> None:
    if calls >= BUDGET:
        raise RuntimeError(
            f"the {who} was called {BUDGET} times, more often than any check needs. Is there an infinite loop?"
        )


class ScriptedStream:
    """An iterator over pieces of text that arrive over time, with a simulated clock.

    pieces: the text, piece by piece.
    waits: how many seconds it takes for each piece to arrive.
    start: the initial time on the clock, in seconds.

    The clock advances only when you ask for the next piece. Raises ValueError if there aren't as many waits as pieces.
    """

    def __init__(self, pieces: Sequence[str], waits: Sequence[float], start: float = 0.0) -> None:
        self.pieces, self.waits, self.start = list(pieces), list(waits), start
        self._left = list(zip(pieces, waits, strict=True))
        self._now = start

    def __iter__(self) -> "ScriptedStream":
        return self

    def __next__(self) -> str:
        if not self._left:
            raise StopIteration
        piece, wait = self._left.pop(0)
        self._now += wait
        return piece

    def clock(self) -> float:
        """Return the time on the clock, in seconds."""
        return self._now
