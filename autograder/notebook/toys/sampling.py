"""The lesson's table of next words under different sampler settings: temperature, top-k and top-p."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.notebook.gallery import SHARES, WORDS
from autograder.notebook.shapes import SMALL, Drawing, Picture, before_and_after
from autograder.notebook.toys.declarations import Dial, Functions, Settings, Toy

# The logits (6,) of the lesson's table.
LOGITS: NDArray[Any] = np.log(100 * np.array(SHARES))


def temperature_frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield the table at this temperature, next to the original table."""
    heat = settings["temperature"]
    shares = functions("softmax_with_temperature")(LOGITS, heat)
    told = f"At temperature {heat:g} the next word is {_in_words(shares)}."
    if heat != 1:
        told += f" At 1 it's {_in_words(SHARES)}."
    yield _bars(f"Temperature {heat:g}", shares).picture(told)


def filter_frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield the table after top-k and then top-p, next to the original table."""
    k, p = int(settings["k"]), settings["p"]
    left = functions("top_p_filter")(functions("top_k_filter")(LOGITS, k), p)
    shares = functions("softmax")(np.asarray(left))
    kept = int(np.sum(np.asarray(shares) > 0))
    told = f"If k = {k} and p = {p:g}, {kept} of 6 words stay: {_in_words(shares)}. Before: {_in_words(SHARES)}."
    yield _bars(f"Top-k with k = {k}, then top-p with p = {p:g}: {kept} of 6 words stay", shares).picture(told)


def _bars(title: str, shares: Sequence[float]) -> Drawing:
    sheet = Drawing(title, 480, 244)
    sheet.words((240, 12), title, bold=True)
    for place, (word, before, now) in enumerate(zip(WORDS, SHARES, shares, strict=True)):
        left = 10.0 + 78 * place
        before_and_after(sheet, (left, 206), (before, now), scale=160, width=26)
        sheet.words((left + 32, 220), word, size=SMALL)
    sheet.line((4, 206), (476, 206), width=1)
    sheet.words((240, 237), "gray: the model's original table", size=SMALL)
    return sheet


def _in_words(shares: Sequence[float]) -> str:
    return ", ".join(f"{word} {share:.2f}" for word, share in zip(WORDS, shares, strict=True))


TEMPERATURE = Toy(
    [Dial("temperature", "temperature", [number / 10 for number in range(1, 31)], 1.0)],
    ["softmax_with_temperature"],
    temperature_frames,
)
TOP_K_TOP_P = Toy(
    [
        Dial("k", "top-k: k", [1, 2, 3, 4, 5, 6], 3),
        Dial("p", "top-p: p", [number / 20 for number in range(1, 21)], 1.0),
    ],
    ["top_k_filter", "top_p_filter"],
    filter_frames,
)
