"""The picture of the seven boxes that the course builds, and of how training finds their weights.

Finished parts are lit.
"""

from collections.abc import Mapping, Sequence

from autograder.notebook.colors import BLUE, COLORS, GRAY, ORANGE
from autograder.notebook.shapes import SMALL, Drawing, Picture

GREEN = COLORS[2]
WIDTH, TALL = 112.0, 54.0
# The upper left corner of each box.
BOXES = {
    "Tokenizer": (2.0, 36.0),
    "Embedding Layer": (138.0, 36.0),
    "Transformer Layers": (274.0, 36.0),
    "Output Layer": (410.0, 36.0),
    "Sampling": (410.0, 134.0),
    "Detokenizer": (2.0, 134.0),
    "Repeat": (138.0, 134.0),
}
TRAINING = ("Loss", "Backpropagation", "Gradient descent", "Pre-training", "Fine-tuning", "RLHF")
# Names that we split across two lines, in the middle of a word.
BROKEN = {"Backpropagation": "Back-\npropagation", "Pre-training": "Pre-\ntraining", "Fine-tuning": "Fine-\ntuning"}


def seven_boxes(parts: Mapping[str, Sequence[bool]], newest: str | None = None) -> Picture:
    """Return the picture. A box is lit once all its parts are finished, and has a dot for each part.

    parts: maps the name of a box or of a part of training to whether each of its stubs is finished. newest: the name of
    the box or part with the most recently finished stub; that box or part gets an orange outline.
    """
    sheet = loop("The seven boxes of a language model", 318)
    for name, corner in BOXES.items():
        _part(sheet, name, corner, (WIDTH, TALL), parts.get(name, ()), BLUE, name == newest, SMALL)
    sheet.words((264, 236), "Training finds the weights in the boxes", size=SMALL)
    for place, name in enumerate(TRAINING):
        _part(sheet, name, (2 + 88.0 * place, 250), (80, 60), parts.get(name, ()), GREEN, name == newest, 11)
        if place:
            sheet.arrow((2 + 88.0 * place - 7, 280), (2 + 88.0 * place, 280), width=1)
    return sheet.picture(_sentence(parts))


def loop(title: str, height: float) -> Drawing:
    """Return a drawing with the arrows between the boxes, and space for the boxes."""
    sheet = Drawing(title, 526, height)
    sheet.words((4, 10), "you type", anchor="start", size=SMALL)
    sheet.arrow((30, 18), (30, 34))
    sheet.arrow((30, 190), (30, 208))
    sheet.words((4, 217), "you read", anchor="start", size=SMALL)
    for left in (116.0, 252.0, 388.0):
        sheet.arrow((left, 63), (left + 20, 63))
    sheet.arrow((466, 92), (466, 132))
    sheet.arrow((408, 161), (252, 161))
    sheet.words((330, 150), "a new token", size=SMALL)
    sheet.arrow((194, 132), (194, 92), color=ORANGE, width=2.5)
    sheet.arrow((136, 161), (116, 161))
    return sheet


def _part(
    sheet: Drawing,
    name: str,
    corner: tuple[float, float],
    size: tuple[float, float],
    done: Sequence[bool],
    color: str,
    is_newest: bool,
    letters: float,
) -> None:
    lit = bool(done) and all(done)
    sheet.box(corner, size, color=color if lit else None, dashed=not lit)
    if is_newest:
        sheet.box((corner[0] - 1, corner[1] - 1), (size[0] + 2, size[1] + 2), color=ORANGE, rim_only=True)
    middle = corner[0] + size[0] / 2
    words = BROKEN.get(name, name.replace(" ", "\n"))
    sheet.words((middle, corner[1] + size[1] / 2 - 7), words, size=letters, bold=lit)
    for place, each in enumerate(done):
        across = middle + 9 * (place - (len(done) - 1) / 2)
        sheet.dot((across, corner[1] + size[1] - 9), color if each else GRAY, 3, filled=each)


def _sentence(parts: Mapping[str, Sequence[bool]]) -> str:
    lit = [name for name in BOXES if parts.get(name) and all(parts[name])]
    told = [f"{name} {sum(parts[name])} of {len(parts[name])}" for name in (*BOXES, *TRAINING) if parts.get(name)]
    trained = [name for name in TRAINING if parts.get(name) and all(parts[name])]
    training = f"Lit in training: {', '.join(trained)}. " if trained else ""
    return (
        f"{len(lit)} of 7 boxes {'is' if len(lit) == 1 else 'are'} lit{': ' * bool(lit)}{', '.join(lit)}. {training}"
        "Text goes through the Tokenizer, Embedding Layer, Transformer Layers, Output Layer and Sampling, which "
        "produces a new token. Repeat leads back to the Embedding Layer, and in the end the Detokenizer turns the "
        f"tokens into text. Stubs finished: {', '.join(told)}."
    )
