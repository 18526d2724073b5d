"""Show what a model sees at each step while it generates text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from autograder.notebook.colors import BLUE, ORANGE, TINT

Model = Callable[[Sequence[int]], Any]


def noting(model: Model, contexts: list[Sequence[int]]) -> Model:
    """Return the same model, except that each context it's called with is appended to `contexts`."""

    def noted(context_ids: Sequence[int]) -> Any:
        contexts.append(list(context_ids))
        return model(context_ids)

    return noted


def contexts_picture(
    contexts: Mapping[str, Sequence[Sequence[int]]], prompt_length: int, text_of: Callable[[Sequence[int]], str]
) -> Figure:
    """Return a figure with one row per context. The token that the model predicts from a context is one column after
    the context's last token.

    contexts: maps each title to what `noting` recorded. The prompt's tokens are blue, and those after it are orange.
    """
    figure, all_axes = plt.subplots(
        len(contexts), 1, figsize=(9, 3 * len(contexts)), layout="constrained", squeeze=False
    )
    for axes, (title, steps) in zip(all_axes[:, 0], contexts.items(), strict=True):
        for step, context in enumerate(steps):
            for column, token in enumerate(context, start=prompt_length + step - len(context)):
                color = BLUE if column < prompt_length else ORANGE
                axes.add_patch(Rectangle((column, step), 0.95, 0.9, color=(color, TINT), linewidth=0))
                word = text_of([token]).strip()
                axes.text(column + 0.48, step + 0.48, word, ha="center", va="center", fontsize=8)
        axes.set(xlim=(0, prompt_length + len(steps)), ylim=(len(steps), 0), ylabel="step", title=title)
        axes.set_yticks(np.arange(len(steps)) + 0.45, np.arange(len(steps)) + 1)
        axes.set_xticks([])
    return figure
