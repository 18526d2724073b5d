"""Heat maps: tables of numbers as colored squares."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from autograder.notebook.colors import BLUE, ORANGE

# At 0, the color is transparent, so the page shows through.
FROM_NOTHING = LinearSegmentedColormap.from_list("from_nothing", [f"{BLUE}00", BLUE])
# Most numbers are much smaller than the largest. The opacity grows with their square root, so small numbers are
# visible too.
BOTH_SIGNS = ListedColormap(
    [(BLUE if each < 0 else ORANGE, abs(each) ** 0.5) for each in np.linspace(-1, 1, 257)], "both_signs"
)


def rows_of_numbers(tokens: Sequence[str], rows: ArrayLike, most: float = 3.0) -> Figure:
    """Return a figure of a float array (T, D): one row per token, orange for positive numbers and blue for negative.

    most: the absolute value that's drawn in full color.
    """
    figure, axes = plt.subplots(figsize=(9, 3), layout="constrained")
    image = _colored(axes, rows, cmap=BOTH_SIGNS, vmin=-most, vmax=most, aspect="auto")
    axes.set_yticks(range(len(tokens)), [f"{token} ({place})" for place, token in enumerate(tokens)])
    axes.set(xlabel="number", ylabel="token (position)")
    bar = figure.colorbar(image)
    bar.ax.patch.set_alpha(0)
    return figure


def attention_maps(texts: Sequence[tuple[Sequence[str], ArrayLike]]) -> Figure:
    """Return a figure of attention matrices, with larger weights in a stronger color.

    texts: pairs of T tokens and their weights, a float array (T, T). Row i shows what token i looks at.
    """
    figure, all_axes = plt.subplots(1, len(texts), figsize=(5 * len(texts), 5), layout="constrained", squeeze=False)
    for axes, (tokens, weights) in zip(all_axes[0], texts, strict=True):
        _colored(axes, weights, cmap=FROM_NOTHING, vmin=0, vmax=1)
        axes.set_xticks(range(len(tokens)), tokens, rotation=90)
        axes.set_yticks(range(len(tokens)), tokens)
        axes.set(xlabel="is looked at", ylabel="looks")
    return figure


def _colored(axes: Axes, values: ArrayLike, **how: Any) -> Any:
    """Draw squares whose edges are sharp at every zoom level."""
    return axes.imshow(np.asarray(values), interpolation="none", **how)
