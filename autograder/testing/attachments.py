"""What a lab needs to read a file that students hand in with its notebook. Loads neither torch nor pytest.

course.yaml names the reader: `files: [{name: diary.yaml, reader: reference.diary.reader}]`. The reader is a module with
a function

    def read(content: bytes, context: AttachmentContext) -> AttachmentReport: ...

that must never raise, whatever the bytes are, because the file comes from an untrusted student.
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
    """What a reader knows about a file besides its contents.

    on: the day the file was handed in.
    before: the text of the file that the same student handed in last time, if any.
    runs: the fingerprints of the student's graded runs; None in a self-check, where they aren't known.
    grace: how far a date in the file may be outside its limits, since the writer's clock may show a different day.
    """

    on: date
    before: str | None = None
    runs: frozenset[str] | None = None
    grace: timedelta = timedelta()


@dataclass(frozen=True)
class AttachmentExample:
    """An example of a file that students could hand in. `mastery certify` tries the reader on it.

    field: where the file's mistake must be reported; empty if there's no mistake.
    """

    name: str
    text: str
    field: str = ""


class AttachmentReader(Protocol):
    """A module that reads a lab's file.

    It may also define `revised(content: bytes) -> str`, which returns a draft of the next revision.
    """

    def read(self, content: bytes, context: AttachmentContext) -> AttachmentReport: ...
