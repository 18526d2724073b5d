"""The boxes of a language model: record what passes through them, and draw them with their results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from autograder.notebook.colors import BLUE, ORANGE, TINT
from autograder.notebook.describing import described

Box = Callable[[Any], Any]


def watched(boxes: Mapping[str, Box], seen: list[tuple[str, Any]]) -> dict[str, Box]:
    """Return the same boxes, except that the name and result of each call are appended to `seen`."""

    def watch(name: str, box: Box) -> Box:
        def call(value: Any) -> Any:
            result = box(value)
            seen.append((name, result))
            return result

        return call

    return {name: watch(name, box) for name, box in boxes.items()}


def boxes_picture(prompt: str, seen: Sequence[tuple[str, Any]]) -> Figure:
    """Return a figure of the boxes from top to bottom, each with its result below it, plus an arrow for Repeat.

    seen: what `watched` recorded for one new token.
    """
    figure, axes = plt.subplots(figsize=(8, 8), layout="constrained")
    axes.text(0, 0, f"You type: {prompt!r}", ha="center", va="center")
    for level, (name, result) in enumerate(seen):
        top = 0.7 + 2 * level
        axes.annotate("", (0, top), (0, top - 0.45), arrowprops={"arrowstyle": "->"})
        axes.add_patch(Rectangle((-1.7, top), 3.4, 0.7, facecolor=(BLUE, TINT), edgecolor="black"))
        label = {"Transformer Layers": "Transformer Layers (×2)"}.get(name, name)
        axes.text(0, top + 0.35, label, ha="center", va="center", fontweight="bold")
        text = f"{len(result)} logits: {described(result)}" if name == "Output Layer" else described(result)
        axes.text(0, top + 1.25, text, ha="center", va="center", fontsize=9)
        axes.plot([0, 0], [top + 0.7, top + 1.05], color="black", linewidth=0.8)
    sampling, embedding = 0.7 + 2 * 4 + 1.25, 0.7 + 2 + 0.35
    axes.plot([0.4, 3.9, 3.9], [sampling, sampling, embedding], color=ORANGE)
    axes.annotate("", (1.7, embedding), (3.95, embedding), arrowprops={"arrowstyle": "->", "color": ORANGE})
    axes.text(4.1, 6.2, "Repeat:\nthe new id joins\nthe others", color=ORANGE, va="center")
    axes.set_xlim(-4, 6)
    axes.set_ylim(0.7 + 2 * len(seen), -0.4)
    axes.axis("off")
    return figure
