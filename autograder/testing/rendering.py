"""Render values and calls for students in a few lines, no matter how large they are."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograder.guest import values
from autograder.model.results import LABEL
from autograder.testing.exports import Arguments

# The most columns that a value can take up next to its label, and the indent of arguments on their own lines.
LINE, INDENT = 66, 4
MAX_RENDERED = 1_200
_is_read: ContextVar[bool] = ContextVar("is_read", default=True)


def somebody_reads() -> bool:
    """Return whether anything is rendered here (see `nobody_reads`)."""
    return _is_read.get()


@contextmanager
def nobody_reads() -> Iterator[None]:
    """Render everything as empty text inside this context. Rendering takes longer than most checks."""
    before = _is_read.set(False)
    try:
        yield
    finally:
        _is_read.reset(before)


def rendered_call(name: str, arguments: Arguments) -> str:
    """Return a call as you'd write it: on one line, or with one argument per line, indented past the label column."""
    if not somebody_reads():
        return ""
    args, kwargs = arguments
    parts = [("", value) for value in args] + [(f"{key}=", value) for key, value in kwargs.items()]
    line = f"{name}({', '.join(key + rendered(value) for key, value in parts)})"
    if "\n" not in line and len(line) <= LINE:
        return line
    begin = "\n" + " " * (LABEL + INDENT)
    return f"{name}({begin}{f',{begin}'.join(key + rendered(value, INDENT + len(key)) for key, value in parts)})"


def rendered(value: Any, column: int = 0, depth: int = 0) -> str:
    """Return a value as a few lines of text. This is cheap, no matter how large the value is.

    column: how many characters past the label each line starts.
    """
    if not somebody_reads():
        return ""
    options = np.printoptions(precision=6, threshold=24, edgeitems=3, linewidth=LABEL + LINE, floatmode="maxprec")
    with options:
        if isinstance(value, values.Opaque):
            text = a(value.type_name)
        elif isinstance(value, np.ndarray):
            text = _rendered_array(value, column)
        elif isinstance(value, np.random.Generator):
            text = "rng"
        elif isinstance(value, np.generic):
            text = f"{number(value)}"
        elif isinstance(value, float):
            text = f"{value:.8g}" if depth else number(value, 8)
        elif isinstance(value, tuple | list | dict):
            brackets = "{}" if isinstance(value, dict) else "()" if isinstance(value, tuple) else "[]"
            text = f"{brackets[0]}{', '.join(_rendered_items(value, depth))}{brackets[1]}"
        elif isinstance(value, values.Handle) or values.is_iterator(value):
            text = "an iterator"
        elif callable(value):
            text = getattr(value, "__name__", "a function")
        elif isinstance(value, int) and not -(10**100) < value < 10**100:
            text = "a whole number of more than 100 digits"
        else:
            text = repr(value)
    return text if len(text) <= MAX_RENDERED else text[:MAX_RENDERED] + "…"


def _rendered_array(array: np.ndarray[Any, Any], column: int) -> str:
    if array.dtype == object:  # they may have no text
        return f"array of Python objects of shape {array.shape}"
    if array.ndim == 0:
        return number(array[()], 8)
    if array.size == 0 or array.ndim > 3:
        return f"array of shape {array.shape}"
    prefix = " " * (LABEL + column) + "array("
    return f"array({np.array2string(array, separator=', ', prefix=prefix)})"


def a(name: str) -> str:
    return f"{'an' if name.startswith(tuple('aeiou')) else 'a'} {name}"


def _rendered_items(container: Sequence[Any] | dict[Any, Any], depth: int) -> list[str]:
    if depth == 3 and container:
        return ["…"]
    some = list(itertools.islice(container, 8))
    if isinstance(container, dict):
        items = [f"{rendered(key, depth=depth + 1)}: {rendered(container[key], depth=depth + 1)}" for key in some]
    else:
        items = [rendered(item, depth=depth + 1) for item in some]
    return items + ["…"] * (len(container) > 8)


def number(value: Any, digits: int = 6) -> str:
    """Format a float to this many significant digits, but with all digits before the decimal point, in groups of
    three."""
    if not isinstance(value, float | np.floating):
        return str(value)
    text = f"{value:,.{digits}g}"
    return f"{value:,.0f}" if "e+" in text and -1e12 < value < 1e12 else text
