"""The lines of text that explain a failure, in a terminal and in the plain-text version of a notebook's output."""

import re
from collections.abc import Iterator, Sequence

from autograder.model.mistakes import words
from autograder.model.results import LABEL, Difference, Evidence, Outcome, Table

# 80 columns, minus the indentation that callers add to these lines.
WIDTH = 72
# The maximum number of lines in a pasted call. Longer calls appear only in the notebook's HTML, collapsed.
MAX_PASTED = 12
FIRST, ANOTHER = "first difference", "differs"
_ONE_NUMBER = re.compile(r"got \S+, wanted \S+")


def explanation(each: Evidence) -> Iterator[str]:
    """Yield the explanation of a check that didn't pass. Text after a label like "Wanted: " may span several lines."""
    difference = each.difference
    if difference is None:
        yield from (each.message or "").splitlines()
    else:
        label, text = asked(difference)
        yield from f"{label + ':':<{LABEL}}{text}".splitlines()
        yield from (f"With:   {line}" for line in (difference.about or "").splitlines())
        if difference.got is None:
            yield from (each.message or "").splitlines()
        elif difference.table is None:
            yield from f"Got:    {difference.got}".splitlines()
            yield from f"Wanted: {difference.wanted}".splitlines()
        if where := where_of(difference):
            yield from f"Where:  {where}".splitlines()
        if difference.table is not None:
            yield from table_lines(difference.table)
    if each.kept is not None:
        yield f"Kept:   {each.kept}"
    if each.slip is not None:
        yield f"{capitalized(each.slip.name)}: {each.slip.sentence}"
    if each.misconception:
        yield f"This looks like: {words(each.misconception)}. {each.hint or ''}".rstrip()


def fresh(evidence: Sequence[Evidence]) -> str | None:
    """Return a sentence that says which checks used fresh numbers; None if the self-check didn't ask for any."""
    drew = [each.fresh for each in evidence if each.fresh is not None]
    if not drew:
        return None
    if all(drew):
        return "These checks ran on fresh numbers, similar to the ones in their titles (if any)."
    if any(drew):
        some = f"{sum(drew)} of {len(drew)} checks used fresh numbers, similar to the ones in their titles (if any)"
        return f"{some}. The other checks always use the same ones."
    return "No fresh numbers here yet: these checks always use the same ones."


def paste(each: Evidence) -> Iterator[str]:
    """Yield an instruction and the Python code that repeats the call; nothing if the code is too long for a
    terminal."""
    lines = (each.difference.paste or "" if each.difference else "").splitlines()
    if lines and len(lines) <= MAX_PASTED and all(len(line) <= WIDTH - 2 for line in lines):
        yield "To run this call yourself, paste this into a new cell:"
        yield from (f"    {line}".rstrip() for line in lines)


def asked(difference: Difference) -> tuple[str, str]:
    """Return a label and the text after it: the call, or the name of a value that the check computed from the
    answers."""
    what = difference.called.removeprefix("looked at ")
    return ("Called" if what == difference.called else "Value", what)


def where_of(difference: Difference) -> str | None:
    """Return where the answer differs from the expected one; None if that would only repeat the two values."""
    lines = (difference.where or "").splitlines()
    return "\n".join(line for line in lines if not _ONE_NUMBER.fullmatch(line)) or None


def beside(text: str) -> str:
    """Return the text to the right of a label, moved to the left margin."""
    return text.replace("\n" + " " * LABEL, "\n")


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def outcome_symbol(outcome: Outcome) -> str:
    """Return the symbol to show next to an outcome's name. Don't show it without the name."""
    return {Outcome.PASSED: "✓", Outcome.UNSOLVED: "·", Outcome.NOT_GRADED: "·"}.get(outcome, "✗")


# --- tables


def table_lines(table: Table) -> Iterator[str]:
    """Yield the two arrays side by side, entry by entry, with the first difference marked in words or with a symbol."""
    if where := part_of(table):
        yield f"{capitalized(where)}:"
    if len(table.shape) == 1:
        yield from _list_lines(table)
    else:
        yield from _grid_lines(table)


def part_of(table: Table) -> str | None:
    """Describe the part of the arrays that's shown; None if they're shown in full."""
    held = (len(table.got), len(table.got[0]))[-len(table.shape) :]
    if table.shape == held:
        return None
    shape = f"of shape ({', '.join(map(str, table.shape))}{',' * (len(table.shape) == 1)})"
    slices = [str(at) for at in table.start[:-2]] + [
        f"{at}:{at + size}" for at, size in zip(table.start[-2:], held, strict=True)
    ]
    return f"the part [{', '.join(slices)}] of arrays {shape}"


def row_labels(table: Table) -> list[str]:
    first = table.start[-2] if len(table.shape) > 1 else 0
    return [f"[{first + row}]" for row in range(len(table.got))]


def column_labels(table: Table) -> list[str]:
    return [f"[{table.start[-1] + column}]" for column in range(len(table.got[0]))]


def mark(table: Table, row: int, column: int) -> str:
    """Return the words that mark an entry as the first difference or a later one; "" if it doesn't differ."""
    if (row, column) == table.first:
        return FIRST
    return ANOTHER if table.differs[row][column] else ""


def _list_lines(table: Table) -> Iterator[str]:
    label, got, wanted = (
        max(map(len, column)) for column in (column_labels(table), ["got", *table.got[0]], ["wanted", *table.wanted[0]])
    )
    yield f"  {'':>{label}}  {'got':>{got}}  {'wanted':>{wanted}}"
    for column, name in enumerate(column_labels(table)):
        said = mark(table, 0, column)
        line = f"  {name:>{label}}  {table.got[0][column]:>{got}}  {table.wanted[0][column]:>{wanted}}"
        yield line + f"  <- {said}" * bool(said)


def _grid_lines(table: Table) -> Iterator[str]:
    got = list(_grid("got", table, table.got))
    wanted = list(_grid("wanted", table, table.wanted))
    width = max(map(len, got))
    if width + 4 + max(map(len, wanted)) <= WIDTH:
        yield from (f"{one:<{width}}    {other}".rstrip() for one, other in zip(got, wanted, strict=True))
    else:
        yield from (*got, *wanted)
    yield f"  > {FIRST}" + ", * another" * (table.differing > 1)


def _grid(name: str, table: Table, entries: list[list[str]]) -> Iterator[str]:
    signs = {FIRST: ">", ANOTHER: "*", "": " "}
    rows = row_labels(table)
    label = max(map(len, rows))
    columns = list(zip(column_labels(table), *entries, strict=True))
    widths = [max(map(len, column)) for column in columns]
    yield f"  {name}"
    yield f"  {'':<{label}}" + "".join(f"  {head[0]:>{width}}" for head, width in zip(columns, widths, strict=True))
    for row, line in enumerate(entries):
        cells = (f" {signs[mark(table, row, column)]}{entry:>{widths[column]}}" for column, entry in enumerate(line))
        yield f"  {rows[row]:<{label}}" + "".join(cells)
