"""The seven boxes at work on some text. We use the student's own box if it's finished, and otherwise the
reference's."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.notebook.colors import BLUE, GRAY, ORANGE
from autograder.notebook.describing import described
from autograder.notebook.seven_boxes import BOXES, TALL, WIDTH, loop
from autograder.notebook.shapes import SMALL, Picture
from autograder.notebook.toys.declarations import Functions, Line, Settings, Toy
from autograder.notebook.toys.texts import normed

# The stubs that can serve as each box. We use the first one that's finished. The Detokenizer has no stub, since it's a
# given.
STUBS = {
    "Tokenizer": ("encode",),
    "Embedding Layer": ("embed",),
    "Transformer Layers": ("transformer_block", "causal_attention"),
    "Output Layer": ("output_logits",),
    "Sampling": ("sample_next_token",),
    "Repeat": ("run_pipeline",),
}
MOST_TOKENS, LONGEST_TEXT = 10, 24


def frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield a picture for each box that leads to the first new token, one for each later token, and one for the whole
    text."""
    text = settings["text"]
    vocabulary, params = functions("model_vocab")(), functions("model_params")("finetuning")
    tokens = list(vocabulary)
    seen: list[tuple[str, Any]] = []
    asked = [int(each) for each in functions("encode")(text, vocabulary, vocabulary["<unknown>"])]
    if len(asked) > LONGEST_TEXT:
        raise ValueError(
            f"That's {len(asked)} tokens, but the small model only reads {LONGEST_TEXT}, so type something shorter."
        )
    boxes = {name: _noting(name, box, seen) for name, box in _boxes(functions, vocabulary, params).items()}
    run: Callable[..., Any] = functions.own.get("run_pipeline", _run)
    run(text, boxes, MOST_TOKENS, vocabulary["<end>"])
    drawn: list[int] = []
    for place, (name, value) in enumerate(seen):
        if name == "Sampling":
            drawn.append(int(value))
        if place < 5 or name in ("Sampling", "Detokenizer"):
            new = "".join(tokens[each] for each in drawn if each != vocabulary["<end>"])
            yield _drawn(text, new, name, _in_words(name, value, tokens), functions)


def _boxes(
    functions: Functions, vocabulary: Mapping[str, int], params: Mapping[str, Any]
) -> dict[str, Callable[..., Any]]:
    tokens, rng = list(vocabulary), np.random.default_rng(0)

    def layers(rows: NDArray[Any]) -> Any:
        for block in (0, 1):
            start = f"blocks.{block}."
            own = {name.removeprefix(start): value for name, value in params.items() if name.startswith(start)}
            rows = _block(functions, rows, own)
        return rows

    return {
        "Tokenizer": lambda text: functions("encode")(text, vocabulary, vocabulary["<unknown>"]),
        "Embedding Layer": lambda ids: functions("embed")(
            np.array(ids), params["token_embedding"], params["position_embedding"]
        ),
        "Transformer Layers": layers,
        "Output Layer": lambda rows: functions("output_logits")(rows, params["W_unembed"]),
        "Sampling": lambda logits: functions("sample_next_token")(logits, rng, 0.0),
        "Detokenizer": lambda ids: "".join(tokens[int(each)] for each in ids),
    }


def _block(functions: Functions, rows: NDArray[Any], params: Mapping[str, Any]) -> Any:
    """Run one block. If the student has written the attention but not the block, use that attention inside the
    block."""
    if "causal_attention" not in functions.own or "transformer_block" in functions.own:
        return functions("transformer_block")(rows, params)
    gathered, _ = functions("causal_attention")(*(normed(rows) @ params[name] for name in ("Wq", "Wk", "Wv")))
    rows = rows + gathered @ params["Wo"]
    return rows + np.maximum(normed(rows) @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]


def _noting(name: str, box: Callable[[Any], Any], seen: list[tuple[str, Any]]) -> Callable[[Any], Any]:
    def noted(value: Any) -> Any:
        result = box(value)
        seen.append((name, result))
        return result

    return noted


def _run(text: str, boxes: Mapping[str, Callable[[Any], Any]], most: int, end: int) -> None:
    """Run the boxes the way the reference's loop does; we can't pass boxes to that loop from here."""
    ids = list(boxes["Tokenizer"](text))
    new: list[int] = []
    while len(new) < most:
        value: Any = [*ids, *new]
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            value = boxes[name](value)
        if value == end:
            break
        new.append(int(value))
    boxes["Detokenizer"](new)


def _in_words(name: str, value: Any, tokens: Sequence[str]) -> str:
    if name == "Tokenizer":
        return f"{len(value)} ids: {', '.join(str(int(each)) for each in value)}"
    if name == "Sampling":
        return f"id {int(value)}, which is “{tokens[int(value)]}”"
    if name == "Output Layer":
        return f"{len(value)} logits: {described(np.asarray(value))}"
    return f"“{value}”" if name == "Detokenizer" else described(np.asarray(value))


def _drawn(text: str, new: str, active: str, told: str, functions: Functions) -> Picture:
    sheet = loop("The seven boxes at work", 290)
    yours = {name for name, stubs in STUBS.items() if any(stub in functions.own for stub in stubs)}
    for name, corner in BOXES.items():
        sheet.box(corner, (WIDTH, TALL), color=BLUE if name in yours else GRAY)
        if name == active:
            sheet.box((corner[0] - 1, corner[1] - 1), (WIDTH + 2, TALL + 2), color=ORANGE, rim_only=True)
        middle = (corner[0] + WIDTH / 2, corner[1] + TALL / 2)
        sheet.words((middle[0], middle[1] - 6), name.replace(" ", "\n"), size=SMALL, bold=name == active)
        whose = "yours" if name in yours else "reference" if name in STUBS else "given"
        sheet.words((middle[0], corner[1] + TALL - 8), whose, size=9.5)
    sheet.words((4, 240), f"{active} gives:", anchor="start", size=SMALL, bold=True)
    sheet.words((4, 258), textwrap.shorten(told, 74, placeholder=" …"), anchor="start", size=SMALL)
    sheet.words((4, 278), textwrap.shorten(f"{text} → {new}", 64, placeholder=" …"), anchor="start")
    by = ", ".join(name for name in BOXES if name in yours) or "none yet"
    return sheet.picture(f"Your own boxes: {by}. {active} gives {told}. So far: “{text}”, then “{new.strip()}”.")


BOXES_AT_WORK = Toy(
    [Line("text", "you type", "What is the capital of France?")],
    [stub for stubs in STUBS.values() for stub in stubs],
    frames,
    mixed=True,
)
