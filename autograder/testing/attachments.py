"""What a lab needs to read a file that students hand in with its notebook. This doesn't load torch or pytest.

course.yaml names the reader: `files: [{name: diary.yaml, reader: reference.diary.reader}]`. The reader is a module with
a function

    def read(content: bytes, context: AttachmentContext) -> AttachmentReport: ...

that must never raise, no matter what the bytes are, because the file comes from an untrusted student.
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
    """What a reader is told about a file, in addition to its contents.

    on: the day the file was handed in.
    before: the text of the file that the same student handed in last time, if there is one.
    runs: the fingerprints of the student's graded runs; None in a self-check, because we don't know them then.
    grace: how far outside its limits a date in the file can be, since the date may be different in the student's time
        zone.
    """

    on: date
    before: str | None = None
    runs: frozenset[str] | None = None
    grace: timedelta = timedelta()


@dataclass(frozen=True)
class AttachmentExample:
    """An example of a file that students could hand in. `mastery certify` tries the reader on it.

    field: the field where the reader must report the file's mistake; empty if there's no mistake.
    """

    name: str
    text: str
    field: str = ""


class AttachmentReader(Protocol):
    """A module that reads a lab's file.

    It may also define `revised(content: bytes) -> str`, which returns a draft of the next revision.
    """

    def read(self, content: bytes, context: AttachmentContext) -> AttachmentReport: ...
