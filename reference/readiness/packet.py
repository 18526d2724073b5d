"""Read an untrusted enterprise readiness packet (`packet.yaml`), and describe each problem in it in a sentence.

This checks only form and arithmetic. A person judges whether the sources are real and the decision makes sense.
docs/students.md lists the fields.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from autograder.testing.attachments import AttachmentContext, AttachmentReport, Problem, UnreadableYaml
from reference.readiness.fields import KEYS, PACKET, is_whole, place_of
from reference.readiness.history import changes_of, packet_of, revised, unkept, without_history
from reference.readiness.reader import Reader

__all__ = ["read", "revised"]

MAX_PROBLEMS = 100
MAX_ROWS = 400
# The maximum number of characters of a value to show. No field can hold more than this.
LONGEST_SHOWN = 4_000


def read(content: bytes, context: AttachmentContext) -> AttachmentReport:
    """Return a report on the packet's content and problems, given the context it's read in. Never raises an error, no
    matter what the bytes are.

    The previously submitted packet must appear unchanged in this packet's history.
    """
    try:
        packet = packet_of(content)
    except UnreadableYaml as error:
        return AttachmentReport(problems=[Problem(field=PACKET, sentence=str(error))], on=context.on)
    reader = Reader(packet, context)
    reader.read()
    if context.before is not None:
        try:
            for field, sentence in unkept(packet, packet_of(context.before.encode())):
                reader.say(field, sentence)
        except UnreadableYaml as error:
            reader.say("history", f"can't be compared with the packet you submitted before: {error}")
    version = packet.get("packet_version")
    order = {key: number for number, key in enumerate(KEYS)}
    found = sorted(reader.problems, key=lambda each: order.get(_part_of(each), len(order)))
    problems = found[:MAX_PROBLEMS]
    if more := len(found) - len(problems):
        problems.append(Problem(field=PACKET, sentence=f"has {more} more problems after these."))
    return AttachmentReport(
        revision=version if is_whole(version) else None,
        problems=problems,
        changes=changes_of(packet),
        follows=not any(_part_of(each) in ("packet_version", "history") for each in found),
        rows=list(itertools.islice(_rows(without_history(packet), ""), MAX_ROWS)),
        when_graded=reader.when_graded,
        on=context.on,
    )


def _part_of(finding: Problem) -> str:
    return re.split(r"[.\[]", finding.field)[0]


def _rows(value: Any, field: str) -> Iterator[tuple[str, str]]:
    """Yield each field that has a value, and that value as text."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _rows(inner, place_of(field, (key,)))
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, inner in enumerate(value):
            yield from _rows(inner, place_of(field, (number,)))
    else:
        told = ", ".join(map(_told, value)) if isinstance(value, list) else _told(value)
        yield field, told if len(told) <= LONGEST_SHOWN else f"{told[:LONGEST_SHOWN]}…"


def _told(value: Any) -> str:
    if value is None or value == {}:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
