"""A distribution beside the one that is wanted, as a small SVG; nothing but numbers gets into it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.outcome import Table

# In a chart's own units; the page may show it larger or smaller.
HEIGHT, GROUP, BAR, LABEL = 120.0, 38.0, 14.0, 16.0
MOST_BARS = 10


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    """The bars of both distributions; `place` names the row of the arrays that they are."""

    place: str
    got: tuple[float, ...]
    wanted: tuple[float, ...]

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
        """All of it, for those who do not see it."""
        return f"Bar chart. Yours: {_listed(self.got)}. The reference's: {_listed(self.wanted)}."

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


def chart_of(table: Table) -> Chart | None:
    """The chart of the row with the first difference; None unless a whole distribution is wanted there."""
    row = table.first[0]
    got, wanted = (tuple(map(_float, entries[row])) for entries in (table.got, table.wanted))
    if len(wanted) != table.shape[-1] or not 2 <= len(wanted) <= MOST_BARS or not all(map(math.isfinite, got)):
        return None
    if min(wanted) < 0 or not math.isclose(sum(wanted), 1.0, abs_tol=1e-3):
        return None
    index = [*map(str, table.start[:-2]), str(table.start[-2] + row)] if len(table.shape) > 1 else []
    return Chart(f"[{', '.join(index)}]" if index else "", got, wanted)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # True and False
        return math.nan


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
