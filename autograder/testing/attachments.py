"""Everything a lab needs to read a file that students hand in beside its notebook. It loads neither torch nor pytest.

course.yaml names the reader: `files: [{name: diary.yaml, reader: reference.diary.reader}]`. The module has a function

    def read(content: bytes, context: AttachmentContext) -> AttachmentReport: ...

which raises nothing, whatever the bytes are: a stranger wrote them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from autograder.model.results import AttachmentReport as AttachmentReport
from autograder.model.results import Problem as Problem
from autograder.model.untrusted_yaml import MAX_BYTES, MAX_NODES, UnreadableYaml
from autograder.model.untrusted_yaml import load as load_yaml

__all__ = [
    "MAX_BYTES",
    "MAX_NODES",
    "AttachmentContext",
    "AttachmentExample",
    "AttachmentReader",
    "AttachmentReport",
    "Problem",
    "UnreadableYaml",
    "load_yaml",
]


@dataclass(frozen=True)
class AttachmentContext:
    """What a file is read against.

    on: the day it was handed in; before: the text of the one that the same student handed in before, if any; runs: the
    fingerprints of the student's graded runs, None in a self-check, where nobody knows them; grace: how far a date in
    the file may miss its limits, since the writer's clock may show another day.
    """

    on: date
    before: str | None = None
    runs: frozenset[str] | None = None
    grace: timedelta = timedelta()


@dataclass(frozen=True)
class AttachmentExample:
    """A file that students could hand in, which `mastery certify` tries.

    field: where its mistake must be reported; empty for a file in which everything holds.
    """

    name: str
    text: str
    field: str = ""


class AttachmentReader(Protocol):
    """A module that reads a lab's file. It may also have `revised(content: bytes) -> str`: the next revision, begun."""

    def read(self, content: bytes, context: AttachmentContext) -> AttachmentReport: ...
