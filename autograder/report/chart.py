"""The numbers for small SVG charts of an answer next to the expected one: distributions as bars, fractions as a curve.

Charts contain only numbers, never text that a student wrote.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from autograder.model.results import Table

# Sizes in the chart's own units; the page may scale the chart.
HEIGHT, GROUP, BAR = 120.0, 38.0, 14.0
MARGIN, STEP = 56.0, 28.0
MOST_BARS, FEWEST_POINTS = 10, 5


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Bars:
    """Two distributions. `place`: the index of their row in the arrays, in brackets; empty if each fills a whole
    array."""

    place: str
    got: tuple[float, ...]
    wanted: tuple[float, ...]

    form: ClassVar[str] = "bars"

    @property
    def width(self) -> float:
        return GROUP * len(self.got)

    @property
    def baseline(self) -> float:
        return self._height(max(0.0, *self.got, *self.wanted))

    @property
    def got_bars(self) -> list[Bar]:
        return self._bars(self.got, 4.0)

    @property
    def wanted_bars(self) -> list[Bar]:
        return self._bars(self.wanted, 4.0 + BAR + 2.0)

    @property
    def words(self) -> str:
        """A description of the whole chart, for people who can't see it."""
        return f"Bar chart. {_both(self)}"

    @property
    def totals(self) -> str:
        return f"Yours add up to {sum(self.got):.4g}, the reference's to {sum(self.wanted):.4g}."

    def _height(self, value: float) -> float:
        values = (0.0, *self.got, *self.wanted)
        return HEIGHT * value / (max(values) - min(values))

    def _bars(self, values: Sequence[float], left: float) -> list[Bar]:
        return [
            Bar(GROUP * place + left, self.baseline - self._height(max(value, 0.0)), self._height(abs(value)))
            for place, value in enumerate(values)
        ]


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """A row of numbers, with the expected ones joined by a line. `start`: the index of the first number."""

    start: int
    got: tuple[float, ...]
    wanted: tuple[float, ...]

    form: ClassVar[str] = "curve"

    @property
    def width(self) -> float:
        return MARGIN + STEP * len(self.got)

    @property
    def got_points(self) -> list[Point]:
        """The student's points, except NaN and infinity, which can't be plotted."""
        return [point for point, value in zip(self._points(self.got), self.got, strict=True) if math.isfinite(value)]

    @property
    def wanted_points(self) -> list[Point]:
        return self._points(self.wanted)

    @property
    def labels(self) -> list[str]:
        return [f"[{self.start + place}]" for place in range(len(self.got))]

    @property
    def highest(self) -> float:
        return max(filter(math.isfinite, (*self.got, *self.wanted)))

    @property
    def lowest(self) -> float:
        return min(filter(math.isfinite, (*self.got, *self.wanted)))

    @property
    def words(self) -> str:
        """A description of the whole chart, for people who can't see it."""
        return f"Curve from {self.labels[0]} to {self.labels[-1]}. {_both(self)}"

    def _points(self, values: Sequence[float]) -> list[Point]:
        scale = HEIGHT / ((self.highest - self.lowest) or 1.0)
        return [
            Point(MARGIN + STEP * (place + 0.5), scale * (self.highest - value)) for place, value in enumerate(values)
        ]


Chart = Bars | Curve


def chart_of(table: Table) -> Chart | None:
    """Return a chart of the row with the first difference; None if a chart wouldn't show more than the table does.

    If a whole distribution is expected, it's drawn as bars. If a one-dimensional array is expected, it's drawn as a
    curve, unless it contains only whole numbers (counts or ids).
    """
    row = table.first[0]
    got, wanted = (tuple(map(_float, entries[row])) for entries in (table.got, table.wanted))
    whole = len(wanted) == table.shape[-1]
    if whole and 2 <= len(wanted) <= MOST_BARS and _is_distribution(wanted) and all(map(math.isfinite, got)):
        index = [*map(str, table.start[:-2]), str(table.start[-2] + row)] if len(table.shape) > 1 else []
        return Bars(f"[{', '.join(index)}]" if index else "", got, wanted)
    fractions = all(map(math.isfinite, wanted)) and not all(map(float.is_integer, wanted))
    if len(table.shape) == 1 and len(wanted) >= FEWEST_POINTS and fractions and any(map(math.isfinite, got)):
        return Curve(table.start[0], got, wanted)
    return None


def _is_distribution(values: Sequence[float]) -> bool:
    return min(values) >= 0 and math.isclose(sum(values), 1.0, abs_tol=1e-3)


def _float(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:  # True and False
        return math.nan


def _both(chart: Chart) -> str:
    return f"Yours: {_listed(chart.got)}. The reference's: {_listed(chart.wanted)}."


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
