"""Show a table below a cell: as HTML with headers, or as text where there's no HTML."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.display import display


@dataclass(frozen=True)
class NotebookTable:
    """Rows of text under a header. The first cell in each row is the row's name. caption: "" if there's none."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        rows = ("   ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join(row.rstrip() for row in rows)

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x: auto">{self.as_html()}</div>'

    def as_html(self) -> str:
        """Return the table as HTML, with headers for its rows and columns."""
        caption = f'<caption style="text-align: left; white-space: nowrap">{html.escape(self.caption)}</caption>'
        head = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in self.head)
        rows = "".join(f"<tr>{_row(*each)}</tr>" for each in self.rows)
        return f"<table>{caption * bool(self.caption)}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def show_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Show rows under a header below the cell. Floats have two decimals."""
    display(NotebookTable("", head, [[_cell(each) for each in row] for row in rows]))


def _row(name: str, *cells: str) -> str:
    return f'<th scope="row">{html.escape(name)}</th>' + "".join(f"<td>{html.escape(each)}</td>" for each in cells)


def _cell(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else f"{value:.2f}"
