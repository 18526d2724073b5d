"""Grouped and stacked bars."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from autograder.notebook.colors import GRAY

# The fraction of the space at each position that the bars take up.
FILLED = 0.8


def side_by_side(axes: Axes, places: Sequence[str], heights: Mapping[str, ArrayLike], gray: str | None = None) -> None:
    """Draw grouped bars with a legend below them. At each of N positions, there's one bar for each name.

    heights: maps each name to a float array of shape (N,). gray: the name of the bars to draw in gray, because the
    others are compared with them.
    """
    width = FILLED / len(heights)
    for number, (name, values) in enumerate(heights.items()):
        at = np.arange(len(places)) + width * (number - (len(heights) - 1) / 2)
        axes.bar(at, np.ravel(values), width=width, label=name, color=GRAY if name == gray else None)
    axes.set_xticks(np.arange(len(places)), places)
    # A legend among the bars could cover one of them, since bars can be tall anywhere and can reach below 0.
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=len(heights))


def stacked(axes: Axes, places: Sequence[str], heights: Mapping[str, ArrayLike], gray: str | None = None) -> None:
    """Draw stacked bars with a legend beside them. At each of N positions, one bar is built up from pieces, bottom to
    top.

    heights: maps each name to a float array of shape (N,), the lowest piece first. gray: the name of the piece to draw
    in gray, which represents everything else.
    """
    bottom = np.zeros(len(places))
    for name, values in heights.items():
        axes.bar(places, np.ravel(values), bottom=bottom, label=name, color=GRAY if name == gray else None)
        bottom = bottom + np.ravel(values)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
