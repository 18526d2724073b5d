"""Read the files that students hand in along with a notebook, using each lab's reader."""

import hashlib
import importlib
from datetime import timedelta
from pathlib import Path

from autograder.grading.content import make_importable
from autograder.grading.errors import GradingError
from autograder.grading.jobs import HandedAttachment
from autograder.model import untrusted_yaml
from autograder.model.course import Course, LabFile
from autograder.model.errors import CourseError, SubmissionError
from autograder.model.escaping import utf8
from autograder.model.own_files import replace_own
from autograder.model.submission import read_regular
from autograder.testing.attachments import (
    AttachmentContext,
    AttachmentReader,
    AttachmentReport,
    Problem,
    UnreadableYaml,
)

# Students write local dates in the file, but submission times are in UTC. The two can be a day apart.
TIME_ZONE_GRACE = timedelta(days=1)


def reader_of(course: Course, file: LabFile) -> AttachmentReader:
    """Return the module that reads a file. Raises CourseError if it can't be imported or has no function `read`."""
    make_importable(course)
    try:
        module: AttachmentReader = importlib.import_module(file.reader or "")
    except Exception as error:
        raise CourseError(
            f"{file.name} can't be read: its reader {file.reader} in course.yaml can't be imported "
            f"({type(error).__name__}: {error})."
        ) from error
    if not hasattr(module, "read"):
        raise CourseError(
            f"{file.reader}, which course.yaml names as the reader of {file.name}, has no function `read`."
        )
    return module


def reader_for(course: Course, path: Path) -> AttachmentReader:
    """Return the reader of the lab that a file belongs to.

    Raises GradingError if the file's name and folder don't point to exactly one lab, and CourseError as `reader_of`
    does.
    """
    read = {lab.name: lab.attachment for lab in course.labs if lab.attachment is not None}
    named = {lab: file for lab, file in read.items() if file.name == path.name} or read
    files = [file for lab, file in named.items() if lab == path.absolute().parent.name] or [*named.values()]
    if len(files) != 1:
        known = ", ".join(f"{lab}/{file.name}" for lab, file in read.items())
        raise GradingError(
            f"Which lab does {path} belong to? Name it after the lab's file, and put it in the lab's folder: {known}."
            if read
            else "No lab of this course has a file with a reader in course.yaml."
        )
    return reader_of(course, files[0])


def begin_revision(reader: AttachmentReader, path: Path) -> None:
    """Rewrite a file as the start of its next revision, using its lab's reader.

    Raises GradingError if the lab has no revisions, and SubmissionError if the file can't be read or written.
    """
    revised = getattr(reader, "revised", None)
    if revised is None:
        raise GradingError(f"{path} has no revisions; just edit it.")
    try:
        text: str = revised(read_regular(path))
        replace_own(path, text.encode())
    except UnreadableYaml as error:
        raise SubmissionError(f"{path} wasn't changed. {error}") from None
    except OSError as error:
        raise SubmissionError(f"{path} can't be written: {error.strerror}.") from error


def read_attachment(reader: AttachmentReader, content: bytes, context: AttachmentContext) -> AttachmentReport:
    """Return the reader's report, plus the file's text and SHA-256. Raises whatever the reader raises."""
    digest = hashlib.sha256(content).hexdigest()
    return reader.read(content, context).model_copy(update={"sha256": digest, "text": _text(content)})


def read_handed_in(course: Course, handed: HandedAttachment) -> AttachmentReport:
    """Return the report on the file next to a notebook. Never raises: any error becomes a problem in the report."""
    context = AttachmentContext(on=handed.on, before=handed.before, runs=handed.runs, grace=TIME_ZONE_GRACE)
    try:
        return read_attachment(reader_of(course, handed.file), handed.read(), context)
    except (SubmissionError, CourseError) as error:
        sentence = str(error)
    except Exception as error:  # a bug in a reader mustn't keep other submissions from being graded
        sentence = f"can't be read here ({type(error).__name__}: {error}); review it by hand."
    return AttachmentReport(on=handed.on, problems=[Problem(field=handed.file.name, sentence=utf8(sentence))])


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8") if len(content) <= untrusted_yaml.MAX_BYTES else None
    except UnicodeDecodeError:
        return None
