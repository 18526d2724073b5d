"""Plugins for `nbgrader zip_collect`, for submissions that an instructor downloads from Canvas or Moodle.

nbgrader_config.py refers to the classes here by name. The LMS wrote the part of each path that says whose file it is.
The student controls the rest: the file's name, and everything in a zip. So we trust only the LMS's part.
"""

import functools
import re
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PureWindowsPath
from typing import IO, Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from autograder.gradebook.tables import LONGEST_NAME
from autograder.model.amounts import amount
from autograder.model.course import load
from autograder.model.errors import SubmissionError
from autograder.model.escaping import terminal
from autograder.model.paths import find_root
from autograder.model.submission import MAX_BYTES

# A download may be a zip, and may contain a student's zip.
DEEPEST_ZIP = 2
# Limits for a student's zip: its own size, and the size of all the files that we would take from it.
MAX_ZIP_BYTES = MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_NOTEBOOKS = 50
# Files of any kind count toward this limit, since just listing a file takes a kilobyte of memory.
MAX_MEMBERS = 10_000
LONGEST_SHOWN = 200

# <name>[_LATE]_<id of the student>_<id of the file>_<file>
_CANVAS = re.compile(
    r"(?P<name>.*?)(?P<late>_LATE)?_(?P<student>[0-9]{1,20})_(?P<file_id>[0-9]{1,20})_(?P<file>.+)", re.DOTALL
)
_CANVAS_ANONYMOUS = re.compile(r"(?:LATE_)?anon_[^_]+_[0-9]+_")
# <full name>_<number>_assignsubmission_file: a folder, or the start of a file's name. For a group, there may be no
# number.
_MOODLE = re.compile(
    r"(?P<student>[^_]+)(?:_(?P<number>[0-9]{1,20}))?_assignsubmission_file(?:_(?P<file>.*))?", re.DOTALL
)
# Characters that Moodle removes from file names, and those that nbgrader's path patterns wouldn't match.
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f&<>\"`|':\\/\[\]{}*?]")
# Characters that would reorder or hide the text around them in a terminal. No language needs them.
_HIDES_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# The time that `mastery submit` writes into the name of its zip.
_STAMP = re.compile(r"-([0-9]{8}T[0-9]{6}Z)")
# What Canvas appends to a name that's already taken (a number, or a UUID from the eighth copy on), and what browsers
# append.
_NUMBER = re.compile(r"(?:-([0-9]{1,9})| ?\(([0-9]{1,9})\))\.\w+$")
_NUMBERED = r"(?:-[0-9]{1,9}|-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}| ?\([0-9]{1,9}\))*"


def plain_name(text: str) -> str:
    """Return a person's name in a form that works as a folder name and is the same no matter how an LMS spells it."""
    text = _NOT_IN_NAMES.sub("", unicodedata.normalize("NFC", text).replace("_", " "))
    return " ".join(text.split()).lstrip(". ")


@dataclass(frozen=True)
class Upload:
    """One uploaded file: whose it is, and the path that the student gave it (`own`).

    person: tells students with the same name apart. file_id: the file's id in Canvas; 0 in Moodle.
    """

    student: str
    person: str
    own: PurePath
    file_id: int = 0
    late: bool = False

    @property
    def order(self) -> tuple[int, str, int, int]:
        """The sort key: larger for newer files and, within a zip, for files that are nested in fewer folders."""
        handed_in = self.own.parts[0]
        stamp, number = _STAMP.search(handed_in), _NUMBER.search(handed_in)
        count = int(number[1] or number[2]) if number else 0
        return self.file_id, stamp[1] if stamp else "", count, -len(self.own.parts)


def upload_of(path: PurePath) -> Upload:
    """Return the upload at a path in a download. Raises SubmissionError if the path doesn't say whose upload it is."""
    zips = 0
    for number, part in enumerate(path.parts):
        below = path.parts[number + 1 :]
        if upload := _read_name(part, below):
            # A download for the whole class could have a name like this too, because of the course's name or because
            # someone renamed it.
            if number == 0 and below and _read_name(below[0], below[1:]):
                raise SubmissionError(
                    f"{part} could be one student's work or the whole class's; give it a different name"
                )
            return upload
        zips += part.lower().endswith(".zip")
        if zips == DEEPEST_ZIP:
            break
    raise SubmissionError("Canvas and Moodle don't name students' files like this; put only downloads from them here")


def _read_name(part: str, below: Sequence[str]) -> Upload | None:
    if match := _MOODLE.fullmatch(part):
        student = plain_name(match["student"])
        if not 0 < len(student) <= LONGEST_NAME:
            raise SubmissionError(f"a student's name must have 1 to {LONGEST_NAME} characters; rename it")
        return Upload(student, match["number"] or "", PurePath(match["file"] or "", *below))
    if _CANVAS_ANONYMOUS.match(part):
        raise SubmissionError("Canvas doesn't say whose it is; turn off anonymous grading and download again")
    match = _CANVAS.fullmatch(part)
    if match is None:
        return None
    if re.match(r"[0-9]+_", match["file"]):
        raise SubmissionError("the numbers in its name are ambiguous; remove the digits before the notebook's name")
    own = PurePath(match["file"], *below)
    return Upload(match["student"], "", own, int(match["file_id"]), match["late"] is not None)


def is_named(name: str, own: PurePath) -> bool:
    """Return whether a file has this name, ignoring anything that an LMS or a browser appended."""
    wanted = PurePath(name)
    same = own.suffix.lower() == wanted.suffix
    return same and re.fullmatch(re.escape(wanted.stem) + _NUMBERED, own.stem, re.IGNORECASE) is not None


def newest(lab: str, found: Sequence[tuple[Path, Upload]]) -> Path:
    """Return the student's notebook that should be graded. Raises SubmissionError if it isn't clear which one that
    is."""
    if not found:
        raise SubmissionError("there's no notebook")
    if len({upload.person for _, upload in found}) > 1:
        raise SubmissionError(
            "several students have this name; unpack the download and give each of their folders a different name"
        )
    named = [each for each in found if is_named(f"{lab}.ipynb", each[1].own)]
    if not named and len(found) > 1:
        raise SubmissionError(f"none of the {len(found)} notebooks is called {lab}.ipynb; rename the right one")
    return _last(named or found, "notebooks")


def beside(name: str, notebook: Upload, found: Sequence[tuple[Path, Upload]]) -> Path | None:
    """Return the file with this name that the student handed in with the notebook, in the same folder of a zip or
    separately.

    None if there's no such file. Raises SubmissionError if it isn't clear which one to use.
    """
    mine = [
        (path, upload)
        for path, upload in found
        if is_named(name, upload.own)
        and (upload.person, upload.own.parent) == (notebook.person, notebook.own.parent)
        and (upload.file_id == notebook.file_id or notebook.own.parent == PurePath())
    ]
    return _last(mine, f"files {name}") if mine else None


def _last(found: Sequence[tuple[Path, Upload]], what: str) -> Path:
    ordered = sorted(found, key=lambda each: each[1].order)
    last, before = ordered[-1], ordered[-2] if len(ordered) > 1 else None
    if before and before[1].order == last[1].order and before[0].read_bytes() != last[0].read_bytes():
        raise SubmissionError(f"two {what} differ, and it isn't clear which is newer; remove one of them")
    return last[0]


def _files_of(lab: str) -> tuple[str, ...]:
    """Return the names of the files, besides the notebook, that students fill in for a lab."""
    found = next((each.files for each in load(find_root()).labs if each.name == lab), ())
    return tuple(each.name for each in found)


class LmsCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Collects each student's newest notebook for the lab, as `<lab>.ipynb`, and the files that came with it."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return an extracted file's student and the name that nbgrader expects for the file; None if we don't use the
        file."""
        student, name = self._chosen.get(Path(submitted_file), (None, ""))
        return None if student is None else {"student_id": student, "file_id": name}

    @property
    def _lab(self) -> str:
        return str(self.parent.coursedir.assignment_id)

    @functools.cached_property
    def _chosen(self) -> dict[Path, tuple[str, str]]:
        """For each file we use: the student, and the name that nbgrader expects for the file. Files that are left out
        are logged."""
        root = Path(self.parent._format_collect_path(self.parent.extracted_directory))
        uploads: dict[str, list[tuple[Path, Upload]]] = defaultdict(list)
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            try:
                upload = upload_of(path.relative_to(root))
            except SubmissionError as error:
                _leave_out(self.log, path.relative_to(root), error)
            else:
                uploads[upload.student].append((path, upload))
        chosen: dict[Path, tuple[str, str]] = {}
        late = []
        for student, uploaded in uploads.items():
            found = [each for each in uploaded if each[0].suffix == ".ipynb"]
            try:
                path = newest(self._lab, found)
            except SubmissionError as error:
                _leave_out(self.log, PurePath(student), error)
                continue
            chosen[path] = student, f"{self._lab}.ipynb"
            upload = dict(found)[path]
            late += [student] if upload.late else []
            if len(found) > 1 or not is_named(f"{self._lab}.ipynb", upload.own):
                self.log.warning(
                    "%s: of %s, %s counts.", terminal(student), amount(len(found), "notebook"), _shown(upload.own)
                )
            for name in _files_of(self._lab):
                try:
                    other = beside(name, upload, uploaded)
                except SubmissionError as error:
                    _leave_out(self.log, PurePath(student, name), error)
                else:
                    if other is None:
                        self.log.warning("%s handed in the notebook without %s.", terminal(student), name)
                    else:
                        chosen[other] = student, name
        if late:
            self.log.warning("Late according to Canvas, which doesn't say how late: %s.", ", ".join(sorted(late)))
        return chosen


class LmsExtractor(ExtractorPlugin):  # type: ignore[misc]
    """Extracts notebooks and the lab's files from downloads and students' zips. Files that are left out are logged."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Extract each file to its path in the download. A zip becomes a folder with the zip's name."""
        archive, self._to = Path(archive_path), Path(extracted_path)
        self._files = _files_of(str(self.parent.coursedir.assignment_id))
        for path in sorted(archive.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self._take(functools.partial(_binary, path), PurePath(), str(path.relative_to(archive)), zips=0)

    def _take(self, opened: Callable[[], IO[bytes]], within: PurePath, name: str, zips: int) -> None:
        """Extract a file, or the contents of a zip.

        within: the path of the zip that contains it. name: its path in that zip. zips: how many zips it's nested in.
        """
        try:
            inner = PureWindowsPath(name)  # this handles / and \, and drive letters
            if _HIDES_TEXT.search(name):
                raise SubmissionError("its name contains unusual characters")
            if inner.anchor or ".." in inner.parts:
                raise SubmissionError("its path leads outside the folder")
            if _is_hidden(inner):
                return
            place = within.joinpath(*inner.parts)
            if inner.suffix.lower() not in (".ipynb", ".zip") and not self._is_file(inner):
                raise SubmissionError("it's neither a notebook nor a zip")
            with opened() as file:
                if inner.suffix.lower() == ".zip":
                    self._unpack(file, place, zips + 1)
                else:
                    self._write(file, place)
        except Exception as error:  # zipfile raises many kinds of errors, and so does the file system for hostile names
            _leave_out(self.log, within / name, error)

    def _is_file(self, path: PurePath) -> bool:
        """Return whether a file could be one of the lab's files, with or without a prefix from the LMS."""
        last = path.name.rpartition("_")[2]
        return any(is_named(name, own) for name in self._files for own in (PurePath(path.name), PurePath(last)))

    def _write(self, file: IO[bytes], place: PurePath) -> None:
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise SubmissionError(f"a notebook can be at most {MAX_BYTES // 1024**2} MiB")
        path = (self._to / place).with_suffix(place.suffix.lower())
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as copy:
            copy.write(content)

    def _unpack(self, file: IO[bytes], place: PurePath, zips: int) -> None:
        students = zips == DEEPEST_ZIP or any(_read_name(part, ()) for part in place.parts)
        with tempfile.TemporaryFile() as copy:
            if students:
                copy.write(_small_zip(file))
                file = copy
            with zipfile.ZipFile(file) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
                if students:
                    members = [*_notebooks(members), *filter(self._belongs, members)][: 2 * MAX_NOTEBOOKS]
                    # No file can unpack to more than its stated size.
                    _refuse_large(sum(member.file_size for member in members))
                for member in members:
                    self._take(functools.partial(_opened, archive, member), place, member.filename, zips)

    def _belongs(self, member: zipfile.ZipInfo) -> bool:
        inner = PureWindowsPath(member.filename)
        return not _is_hidden(inner) and self._is_file(inner)


def _small_zip(file: IO[bytes]) -> bytes:
    """Return the bytes of a student's zip. Raises SubmissionError if it's too large or has too many files."""
    content = file.read(MAX_ZIP_BYTES + 1)
    if len(content) > MAX_ZIP_BYTES:
        raise SubmissionError(f"a student's zip can be at most {MAX_ZIP_BYTES // 1024**2} MiB")
    # Each entry of a zip's central directory starts with these bytes. zipfile reads the whole directory, no matter how
    # long it is.
    if content.count(b"PK\1\2") > MAX_MEMBERS:
        raise SubmissionError(f"a student's zip can have at most {MAX_MEMBERS:,} files")
    return content


def _refuse_large(size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise SubmissionError(
            f"the files in a student's zip can have at most {MAX_UNPACKED_BYTES // 1024**2} MiB in total, "
            f"but these have {size // 1024**2:,} MiB"
        )


def _binary(path: Path) -> IO[bytes]:
    return path.open("rb")


def _is_hidden(path: PurePath) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _notebooks(members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the notebooks in a student's zip, which may hold other files too.

    Raises SubmissionError if there are none or too many.
    """
    found = [
        member
        for member in members
        if member.filename.lower().endswith(".ipynb") and not _is_hidden(PureWindowsPath(member.filename))
    ]
    if not 0 < len(found) <= MAX_NOTEBOOKS:
        raise SubmissionError(
            f"a student's zip should have 1 to {MAX_NOTEBOOKS} notebooks, but this one has {len(found)}"
        )
    return found


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    # Other compression methods may need an unlimited amount of memory to unpack.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SubmissionError("it uses an unusual compression method")
    return archive.open(member)


def _leave_out(log: Any, path: PurePath, reason: Exception) -> None:
    said = reason.strerror if isinstance(reason, OSError) else str(reason)
    log.warning("%s is left out: %s.", _shown(path), terminal(said or type(reason).__name__))


def _shown(path: PurePath) -> str:
    """Return a path for display on one line of a terminal. Students can choose any name, of any length."""
    text = terminal(str(path))
    return text if len(text) <= LONGEST_SHOWN else f"…{text[-LONGEST_SHOWN:]}"
