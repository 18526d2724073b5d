"""Describe a value in a few words, and print a table below a cell."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


def described(value: Any) -> str:
    """Return a short description of what a box returned."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return f"{value.shape[0]} rows of {value.shape[1]} numbers; the last: {described(value[-1])}"
    if isinstance(value, np.ndarray):
        return f"[{', '.join(f'{number:.2f}' for number in value[:4])} …]"
    return repr(value)


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under a header, with each column as wide as its contents. Floats have two decimals."""
    lines = [list(head), *([_cell(each) for each in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("   ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else f"{value:.2f}"
