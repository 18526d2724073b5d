"""Student-controlled text on its way out: one escaping function per sink. HTML is jinja2's, by autoescape."""

import re
import unicodedata

# The wide forms are formulas to a spreadsheet in an East Asian language.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# What a CI service takes for a command where it stands in a log: ::error::, ##[error], ##vso[task…], ##teamcity[…].
_COMMAND = re.compile(r"(?<!\S):(?=:)|#(?=#\w*\[)")


def terminal(text: str) -> str:
    """Without control characters and directional marks: no text can move the cursor, recolour or hide other text.

    Nor is any a command to the CI service whose log it stands in.
    """
    kept = (
        each if each == "\n" or unicodedata.category(each)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for each in text
    )
    return _COMMAND.sub(r"\g<0> ", "".join(kept))


def quoted(text: str) -> str:
    """A student's words for a terminal, a bar before each line: none of them can pass for a line of ours.

    A line break of any kind ends a line, also those that only some terminals take for one.
    """
    return "\n".join(f"  | {line}" for line in text.splitlines() or [""])


def csv_cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers."""
    if isinstance(value, str):
        text = terminal(value)
        return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) or value.startswith(_FORMULA_STARTS) else text
    return value


def utf8(text: str) -> str:
    """The text with what cannot stand in UTF-8, as results are written, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
