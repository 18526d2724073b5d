"""Print a table below a cell."""

from collections.abc import Iterable, Sequence
from typing import Any


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows below a head, in columns as wide as what's in them; numbers that aren't whole have two decimals."""
    lines = [list(head), *([_cell(each) for each in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("   ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else f"{value:.2f}"
