"""nbgrader's exchange from the instructor's side: collect new submissions, release feedback."""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect

from autograder.gradebook import timestamps
from autograder.gradebook.errors import CourseExchangeError
from autograder.gradebook.settings import Settings
from autograder.model.escaping import utf8

Record = dict[str, Any]


@dataclass(frozen=True)
class SetAside:
    """A submission, or part of one, that we didn't collect from the exchange.

    owner: the user who owns the folder. links: links that we left out, because they may lead to other people's work. If
    there are any links, the student owns the submission, and we collected everything else in it. fault: why it couldn't
    be copied, or empty.
    """

    path: Path
    student: str
    owner: str
    links: tuple[str, ...] = ()
    fault: str = ""

    def __str__(self) -> str:
        if self.fault:
            return (
                f"{self.path} can't be collected ({self.fault}). Everyone else's work was collected. Check this folder "
                f"and {self.student}'s folder in submitted; the next collect will try again."
            )
        if self.links:
            return (
                f"{self.path} (from {self.student}) contains links ({', '.join(self.links)}). They're left out, "
                "because a link may lead to work that you can read but the student can't."
            )
        if not self.student:
            return f"{self.path} isn't named like a submission. It's set aside, so it's neither collected nor graded."
        return (
            f"{self.path} claims to be from {self.student}, but its owner is {self.owner}. It's set aside, so "
            "it's neither collected nor graded. If your students' account names differ from their names in the "
            "gradebook, set c.ExchangeCollect.check_owner = False in nbgrader_config.py."
        )


class OwnersCollect(ExchangeCollect):  # type: ignore[misc]
    """nbgrader's collect, except that it skips a submission whose owner isn't the student it claims to be from.

    nbgrader itself only prints a warning, and then replaces that student's own work with the submission.
    """

    def init_src(self) -> None:
        """Find each student's newest submission among those they own."""
        self.set_aside: list[SetAside] = []
        self.src_records: list[Record] = []
        super().init_src()
        self.src_records = [record for record in self.src_records if record["owner"] is None]
        for each in self.set_aside:
            self.log.warning("%s", each)

    def _path_to_record(self, path: str) -> Record:
        """Return nbgrader's record of a submission. Its `owner` is None if the student owns the submission."""
        try:
            record: Record = super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):
            record = {"username": "", "filename": os.path.basename(path), "timestamp": datetime.min}
        student = record["username"]
        owner = _owner(path, student) if self.check_owner else student
        record["owner"] = owner if owner != student or not student else None
        if record["owner"] is not None:
            self.set_aside.append(SetAside(Path(path), student, record["owner"]))
        return record

    def copy_files(self) -> None:
        """Copy one submission at a time, so that a failure affects only that submission."""
        records = self.src_records
        if not records:
            super().copy_files()
        for record in records:
            self.src_records = [record]
            try:
                super().copy_files()
            except Exception as error:  # nbgrader raises AttributeError for a timestamp it can't read
                path, student = Path(self.inbound_path, record["filename"]), record["username"]
                said = utf8(f"{type(error).__name__}: {error}")
                self.set_aside.append(SetAside(path, student, student, fault=said))
                self.log.warning("%s", self.set_aside[-1])

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a submission without its links. nbgrader itself would follow them, with the instructor's permissions.

        If the submission doesn't say when it was handed in, add the time from the folder's name.
        """
        with tempfile.TemporaryDirectory() as folder:
            staged = Path(folder, "submission")
            if os.path.islink(src):
                staged.mkdir()
                links = [Path(src)]
            else:
                shutil.copytree(src, staged, symlinks=True, copy_function=_copy_ordinary)
                links = [each for each in staged.rglob("*") if each.is_symlink()]
                for each in links:
                    each.unlink()
            _add_missing_timestamp(staged, super()._path_to_record(src)["timestamp"])
            super().do_copy(str(staged), dest, log)
            names = tuple(utf8(str(each.relative_to(staged) if each != Path(src) else each.name)) for each in links)
        if names:
            student = os.path.basename(src).rsplit("+", 3)[0]
            self.set_aside.append(SetAside(Path(src), student, student, names))
            self.log.warning("%s", self.set_aside[-1])

    def _sort_by_timestamp(self, records: Sequence[Record]) -> list[Record]:
        """Sort records, newest first. If the student owns any of them, return only those."""
        theirs = [record for record in records if record["owner"] is None]
        found: list[Record] = super()._sort_by_timestamp(theirs or records)
        return found


def _copy_ordinary(source: str, target: str, *, follow_symlinks: bool = True) -> None:
    """Copy a file; copy a link as a link. Skip pipes and devices, because reading from them could block forever."""
    if stat.S_ISREG(mode := os.lstat(source).st_mode) or stat.S_ISLNK(mode):
        shutil.copy2(source, target, follow_symlinks=follow_symlinks)


def _add_missing_timestamp(folder: Path, timestamp: datetime) -> None:
    """Write timestamp.txt if there's no readable one. Without one, nbgrader fails, and we can't tell whether the work
    is late."""
    if timestamps.submitted_at(folder) is None:
        file = folder / timestamps.FILE_NAME
        if file.is_dir():
            shutil.rmtree(file)
        file.unlink(missing_ok=True)
        file.write_text(f"{timestamp:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="ascii")


def _owner(path: str, student: str) -> str:
    """Return the user who owns a folder. For a link, that's the user who created it, no matter where it points."""
    if sys.platform == "win32":
        return student  # nbgrader doesn't check owners on Windows either
    import pwd

    number = os.lstat(path).st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def collect(settings: Settings, lab: str) -> list[SetAside]:
    """Collect each student's newest submission for grading, and return everything that was set aside.

    Raises CourseExchangeError.
    """
    command = _run(settings, "Collect", lab, "*", update=True)
    return list(getattr(command, "set_aside", []))


def release_feedback(settings: Settings, lab: str, student: str = "*") -> None:
    """Release the generated feedback, so that one student (or all of them) can fetch it. Raises CourseExchangeError."""
    _run(settings, "ReleaseFeedback", lab, student)


def _run(settings: Settings, what: str, lab: str, student: str, **options: Any) -> Any:
    """Run one of nbgrader's exchange commands, as configured, and return the command. Raises CourseExchangeError."""
    folders, config = settings.folders, settings.config
    folders.assignment_id, folders.student_id = lab, student
    factory = ExchangeFactory(config=config)
    if factory.collect is ExchangeCollect:
        factory.collect = OwnersCollect
    command = getattr(factory, what)(coursedir=folders, authenticator=Authenticator(config=config), config=config)
    command.log.disabled = True
    for name, value in options.items():
        setattr(command, name, value)
    try:
        command.start()
    except (ExchangeError, OSError) as error:
        raise CourseExchangeError(
            f"nbgrader's exchange isn't available ({error}). Release a lab first (nbgrader release_assignment "
            f"{lab}), or see Exchange.root in nbgrader_config.py."
        ) from error
    return command
