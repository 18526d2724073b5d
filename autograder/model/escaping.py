"""Escape student-controlled text for output, with one function per kind of output. jinja2's autoescape takes care of
HTML."""

import re
import unicodedata

# In a spreadsheet set to an East Asian language, the full-width forms also start a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# Text that CI services interpret as a command in a log: ::error::, ##[error], ##vso[task…], ##teamcity[…].
_COMMAND = re.compile(r"(?<!\S):(?=:)|#(?=#\w*\[)")


def terminal(text: str) -> str:
    """Replace control characters and directional marks, so that text can't move the cursor, change colors or hide
    anything.

    It also keeps a CI service that records the log from mistaking the text for a command.
    """
    kept = (
        each if each == "\n" or unicodedata.category(each)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for each in text
    )
    return _COMMAND.sub(r"\g<0> ", "".join(kept))


def quoted(text: str) -> str:
    """Return a student's text for a terminal, with a bar before each line, so that no line looks like one of ours.

    All kinds of line breaks end a line, even those that only some terminals treat as line breaks.
    """
    return "\n".join(f"  | {line}" for line in text.splitlines() or [""])


def csv_cell(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would treat as a formula. Numbers stay numbers."""
    if isinstance(value, str):
        text = terminal(value)
        return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) or value.startswith(_FORMULA_STARTS) else text
    return value


def utf8(text: str) -> str:
    """Return the text with an escape for anything that UTF-8 can't encode, since results are written in UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
