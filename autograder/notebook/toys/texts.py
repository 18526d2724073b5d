"""What the small model sees of its input: how much of the text fits in the context window, and where attention
looks."""

import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.notebook.colors import BLUE, GRAY, ORANGE
from autograder.notebook.gallery import attention_matrix
from autograder.notebook.shapes import SMALL, Drawing, Picture
from autograder.notebook.toys.declarations import Dial, Functions, Line, Settings, Toy

TEXT = "Many people live in France. The capital of"
MOST_TOKENS, PER_ROW = 16, 6


def window_frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield the tokens inside and outside the window, and what the model predicts from those inside."""
    ids, tokens = _tokens(functions, TEXT)
    window = int(settings["context_window"])
    seen = [int(each) for each in functions("crop_context")(ids, window)]
    logits = functions("model_logits")(functions("model_params")("pretraining"), np.array(seen))
    shares = functions("softmax")(np.asarray(logits)[-1])
    best = [int(each) for each in np.argsort(-np.asarray(shares))[:4]]
    words = list(functions("model_vocab")())
    guesses = [(words[each].strip(), float(shares[each])) for each in best]
    sheet = Drawing(f"A context window of {window}", 520, 262)
    sheet.words((4, 10), "the text, and what the model sees of it", anchor="start", size=SMALL)
    for place, token in enumerate(tokens):
        row, column = divmod(place, PER_ROW)
        inside = place >= len(tokens) - len(seen)
        corner = (4.0 + 86 * column, 24.0 + 38 * row)
        sheet.box(corner, (80, 30), token, color=BLUE if inside else None, dashed=not inside)
    sheet.words((4, 126), "its guess at the next token", anchor="start", size=SMALL)
    for row, (word, share) in enumerate(guesses):
        y = 140.0 + 30 * row
        sheet.words((98, y + 12), word, anchor="end")
        sheet.bar((106, y), (max(1.0, 340 * share), 24), ORANGE if row == 0 else GRAY, opacity=0.8)
        sheet.words((112 + 340 * share, y + 12), f"{share:.2f}", anchor="start", size=SMALL)
    told = ", ".join(f"{word} {share:.2f}" for word, share in guesses)
    how_many = f"all {len(seen)}" if len(seen) == len(tokens) else f"only the last {len(seen)}"
    yield sheet.picture(
        f"Of the {len(tokens)} tokens in “{TEXT}”, the model sees {how_many}, "
        f"“{' '.join(tokens[len(tokens) - len(seen) :])}”. Its guesses at the next token: {told}."
    )


def attention_frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield the first block's attention matrix for the student's text."""
    ids, tokens = _tokens(functions, settings["text"])
    if len(ids) > MOST_TOKENS:
        raise ValueError(
            f"That's {len(ids)} tokens, but the picture only has room for {MOST_TOKENS}, so type something shorter."
        )
    params = functions("model_params")("pretraining")
    rows = functions("embed")(np.array(ids), params["token_embedding"], params["position_embedding"])
    shown = normed(np.asarray(rows))
    _, weights = functions("causal_attention")(*(shown @ params[f"blocks.0.{name}"] for name in ("Wq", "Wk", "Wv")))
    table = np.asarray(weights).tolist()
    told = "; ".join(
        f"{token} at {tokens[int(np.argmax(row))]} {max(row):.2f}" for token, row in zip(tokens, table, strict=True)
    )
    yield attention_matrix(
        tuple(tokens),
        table,
        "Attention over your text",
        f"Row by row, here's where each token of “{settings['text']}” looks most in the small model's first block: "
        f"{told}. "
        "Above the diagonal everything is 0: no token looks ahead.",
    )


def _tokens(functions: Functions, text: str) -> tuple[list[int], list[str]]:
    vocabulary = functions("model_vocab")()
    ids = [int(each) for each in functions("encode")(text, vocabulary, vocabulary["<unknown>"])]
    words = list(vocabulary)
    return ids, [textwrap.shorten(words[each].strip(), 12, placeholder="…") or "␣" for each in ids]


def normed(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the rows (T, D) after a block's layer norm."""
    scaled: NDArray[Any] = (rows - rows.mean(axis=1, keepdims=True)) / np.sqrt(rows.var(axis=1, keepdims=True) + 1e-5)
    return scaled


CONTEXT_WINDOW = Toy(
    [Dial("context_window", "context window", list(range(1, 10)), 9)],
    ["crop_context"],
    window_frames,
)
ATTENTION = Toy([Line("text", "your text", TEXT)], ["causal_attention"], attention_frames)
