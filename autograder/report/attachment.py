"""Format the report on an attachment for the graded notebook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from autograder.model.escaping import terminal
from autograder.model.results import AttachmentReport
from autograder.report.check import template, wrapped

HOLDS = "Everything that can be recomputed is correct."


@dataclass
class FieldRow:
    """A field of an attachment: its value, and sentences that say what's wrong with it."""

    name: str
    value: str | None
    sentences: list[str] = field(default_factory=list)

    def within(self, part: str) -> str:
        """Return the field's name without the name of the part that it's in."""
        return self.name.removeprefix(part).removeprefix(".")


def heading(name: str, reading: AttachmentReport) -> str:
    revision = "" if reading.revision is None else f", revision {reading.revision}"
    wrong = len(reading.problems)
    found = f"{wrong} problem{'s' * (wrong > 1)}" if wrong else "format and arithmetic are fine"
    return f"{name}{revision}: {found}"


def scope(reading: AttachmentReport) -> str:
    return (
        f"Dates were checked against {reading.on}, the day it was handed in. These checks verify only form "
        "and arithmetic. No check can tell whether the sources are real or the decision makes sense. A person judges "
        "that below."
    )


def attachment_html(name: str, reading: AttachmentReport) -> str:
    """Return the report as an HTML table, with each field's problems next to it."""
    lines = _lines(name, reading)
    parts = [(part, list(group)) for part, group in groupby(lines, lambda line: re.split(r"[.\[]", line.name)[0])]
    whole = [each.sentence for each in reading.problems if each.field == name]
    return template("attachment.html.j2").render(
        reading=reading,
        name=name,
        heading=heading(name, reading),
        scope=scope(reading),
        whole=whole,
        parts=parts,
        holds=HOLDS,
    )


def attachment_text(name: str, reading: AttachmentReport) -> str:
    """Return the report as plain text, leaving out fields that have no problems."""
    return terminal("\n".join(_text(name, reading)))


def _text(name: str, reading: AttachmentReport) -> Iterator[str]:
    yield from wrapped(heading(name, reading))
    for each in reading.problems:
        yield from wrapped(str(each), "- ", "  ")
    if reading.changes:
        yield "Changes since the last revision:"
    for line in reading.changes:
        yield from wrapped(line, "- ", "  ")
    yield from wrapped(scope(reading))


def _lines(name: str, reading: AttachmentReport) -> list[FieldRow]:
    """Return the fields in file order. A missing field comes after the others in its part."""
    lines = [FieldRow(name, value) for name, value in reading.rows]
    for each in reading.problems:
        if each.field == name:
            continue
        line = next((line for line in lines if line.name == each.field), None)
        if line is None:
            line = FieldRow(each.field, None)
            lines.insert(_place(lines, each.field), line)
        line.sentences.append(each.sentence)
    return lines


def _place(lines: list[FieldRow], name: str) -> int:
    around = name
    while around:
        for place in range(len(lines), 0, -1):
            if lines[place - 1].name == around or lines[place - 1].name.startswith((f"{around}.", f"{around}[")):
                return place
        around = around[: max(around.rfind("."), around.rfind("["), 0)]
    return len(lines)
