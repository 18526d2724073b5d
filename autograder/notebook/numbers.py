"""Turn a figure's numbers into tables: its lines, bars, bands, dots and images, rounded and thinned out."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, YAxis
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import AxLine, Line2D
from matplotlib.ticker import FixedLocator, LogFormatter, ScalarFormatter

from autograder.notebook.tables import NotebookTable

MOST_ROWS, MOST_COLUMNS = 20, 12


@dataclass(frozen=True)
class _Series:
    """The values at each position along an axis, as text. A series without a name is the only one in its table.

    points: the number of values before thinning.
    """

    name: str
    by: str
    places: tuple[str, ...]
    values: tuple[str, ...]
    points: int


def tables(figure: Figure) -> list[NotebookTable]:
    """Return the numbers that a figure plots, Axes by Axes, in the order the Axes were created.

    Series with the same positions share a table. A curve with more than 20 points is thinned to 20, and the caption
    says so. For axes with only shapes and text, the table has their text.
    """
    found = (_of_axes(axes) for axes in figure.axes if axes.get_label() != "<colorbar>")
    return list(itertools.chain.from_iterable(found))


def number(value: Any) -> str:
    """Return a number rounded to four significant digits."""
    return f"{float(f'{float(value):.4g}'):,.10g}"


def _of_axes(axes: Axes) -> list[NotebookTable]:
    together: dict[tuple[str, ...], list[_Series]] = {}
    for series in (*_bars(axes), *_lines(axes), *_bands(axes), *_dots(axes)):
        together.setdefault((series.by, *series.places), []).append(series)
    found = [_table(axes, each) for each in together.values()]
    images = [np.asarray(image.get_array()) for image in axes.images]
    found += [_heat_map(axes, values) for values in images if values.ndim == 2]
    if straight := [*_straight_lines(axes)]:
        found.append(NotebookTable(_caption(axes, "straight lines"), ["line", "at"], straight))
    return found or list(_words(axes))


def _table(axes: Axes, series: Sequence[_Series]) -> NotebookTable:
    first = series[0]
    thinned = f" ({len(first.places)} of {first.points} points)" if first.points > len(first.places) else ""
    rows = zip(first.places, *(each.values for each in series), strict=True)
    value = (axes.get_ylabel() if first.by == _label(axes.xaxis) else axes.get_xlabel()) or "value"
    names = [each.name or value for each in series]
    return NotebookTable(_caption(axes, f"{value} by {first.by}{thinned}"), [first.by, *names], list(rows))


def _caption(axes: Axes, what: str) -> str:
    title = axes.get_title()
    return f"{title}: {what}" if title else what


def _series(axis: Axis, name: Any, places: Any, *values: Any) -> _Series:
    """Return a series along the axis. If there are two values per position, write them as a range, such as "1 to 2"."""
    chosen = _thinned(len(places), MOST_ROWS)
    names = _names(axis)
    return _Series(
        _label_text(name),
        _label(axis),
        tuple(_name(names, places[each]) for each in chosen),
        tuple(" to ".join(number(side[each]) for side in values) for each in chosen),
        len(places),
    )


def _bars(axes: Axes) -> Iterator[_Series]:
    for bars in axes.containers:
        if isinstance(bars, BarContainer) and bars.patches:
            if bars.orientation == "horizontal":
                places = [bar.get_y() + bar.get_height() / 2 for bar in bars]
                yield _series(axes.yaxis, bars.get_label(), places, [bar.get_width() for bar in bars])
            else:
                places = [bar.get_x() + bar.get_width() / 2 for bar in bars]
                yield _series(axes.xaxis, bars.get_label(), places, [bar.get_height() for bar in bars])


def _lines(axes: Axes) -> Iterator[_Series]:
    for line in axes.lines:
        if all(_in_data(axes, line)) and not isinstance(line, AxLine):
            places, values = np.asarray(line.get_xydata()).T
            yield _series(axes.xaxis, line.get_label(), places, values)


def _straight_lines(axes: Axes) -> Iterator[Sequence[str]]:
    """Yield the name and position of each line that runs from one edge of the axes to the other."""
    for line in axes.lines:
        name = _label_text(line.get_label()) or "line"
        if isinstance(line, AxLine):
            yield name, f"slope {number(line.get_slope())}" if line.get_slope() is not None else "slanted"
        elif _in_data(axes, line) == (False, True):
            yield name, f"height {number(np.ravel(line.get_ydata())[0])}"
        elif _in_data(axes, line) == (True, False):
            yield name, f"{_label(axes.xaxis)} {number(np.ravel(line.get_xdata())[0])}"


def _bands(axes: Axes) -> Iterator[_Series]:
    """Yield the areas filled by `fill_between`: the lower and upper end at each position."""
    for band in axes.collections:
        if isinstance(band, PolyCollection) and band.get_paths():
            vertices = np.concatenate([path.vertices for path in band.get_paths()])
            places = np.unique(vertices[:, 0])
            sides = [vertices[vertices[:, 0] == place, 1] for place in places]
            yield _series(
                axes.xaxis, band.get_label(), places, [min(each) for each in sides], [max(each) for each in sides]
            )


def _dots(axes: Axes) -> Iterator[_Series]:
    for dots in axes.collections:
        if isinstance(dots, PathCollection):
            places, values = np.asarray(dots.get_offsets()).T
            yield _series(axes.xaxis, dots.get_label(), places, values)


def _heat_map(axes: Axes, values: Any) -> NotebookTable:
    rows, columns = (_thinned(size, most) for size, most in zip(values.shape, (MOST_ROWS, MOST_COLUMNS), strict=True))
    of_rows, of_columns = _names(axes.yaxis), _names(axes.xaxis)
    head = [f"{_label(axes.yaxis)} \\ {_label(axes.xaxis)}", *(_name(of_columns, column) for column in columns)]
    cells = [[_name(of_rows, row), *(number(values[row, column]) for column in columns)] for row in rows]
    whole = len(rows) == values.shape[0] and len(columns) == values.shape[1]
    thinned = "" if whole else f" ({len(rows)} of {values.shape[0]} rows, {len(columns)} of {values.shape[1]} columns)"
    return NotebookTable(_caption(axes, f"{_label(axes.yaxis)} by {_label(axes.xaxis)}{thinned}"), head, cells)


def _words(axes: Axes) -> Iterator[NotebookTable]:
    """Yield the text in a drawing. All text at the same height is in one row."""
    words = [text for text in axes.texts if text.get_text().strip()]
    rows = [
        [str(place), " ".join(" ".join(each.get_text().split()) for each in row)]
        for place, (_, row) in enumerate(itertools.groupby(words, key=lambda text: text.get_position()[1]), start=1)
    ]
    if rows:
        yield NotebookTable(_caption(axes, "what's written in it"), ["row", "text"], rows)


def _label_text(label: Any) -> str:
    """Return a label as its author wrote it.

    matplotlib leaves a label with a leading _ out of the legend, but we include it with the numbers.
    """
    return "" if re.match("_child|_container|_nolegend", str(label)) else str(label).lstrip("_")


def _label(axis: Axis) -> str:
    return axis.get_label_text() or ("row" if isinstance(axis, YAxis) else "place")


def _names(axis: Axis) -> list[tuple[float, str]]:
    """Return the ticks and their labels, if the axis has words instead of numbers."""
    named = isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator)
    if not named or isinstance(axis.get_major_formatter(), ScalarFormatter | LogFormatter):
        return []
    places = [float(each) for each in axis.get_majorticklocs()]
    return list(zip(places, axis.get_major_formatter().format_ticks(places), strict=True))


def _name(names: Sequence[tuple[float, str]], place: float) -> str:
    """Return the word at this position (or close to it, for grouped bars). If there are no words, return the number."""
    near = [(abs(at - place), word) for at, word in names if abs(at - place) < 0.5]
    return min(near)[1] if near else number(place)


def _thinned(size: int, most: int) -> list[int]:
    """Return at most `most` evenly spaced indices below `size`, including the first and last."""
    return list(np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(int)))


def _in_data(axes: Axes, line: Line2D) -> tuple[bool, bool]:
    """Return whether a line's x and y are in data coordinates rather than fractions of the axes."""
    x, y = line.get_transform().contains_branch_seperately(axes.transData)
    return bool(x), bool(y)
