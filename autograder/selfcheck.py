"""A student's loop in a terminal: lay out the exercises, check them, on every save too, see how far one is, get a hint.

What is remembered between two commands (`.mastery.json`) serves the student alone: no score depends on it.
"""

import contextlib
import difflib
import hashlib
import itertools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import watchfiles
from pydantic import AwareDatetime, BaseModel, NonNegativeInt, ValidationError

from autograder.course import Course, CourseError, Lab
from autograder.mastery import Level, stub_level
from autograder.outcome import LabResult, Outcome
from autograder.submission import SubmissionError, lab_of, read, read_file, refuse_other_lab

FILE_NAME = ".mastery.json"
# An editor that does not write atomically has this long to finish a file that cannot be read yet.
SETTLE_SECONDS = 1.0

Tell = Callable[[str], None]
Show = Callable[[LabResult, float], None]


class StubMark(BaseModel):
    """One stub in the last self-check: its level, and the points of its visible checks."""

    level: Level = Level.NOT_STARTED
    points: float = 0.0
    max_points: float = 0.0


class Mark(BaseModel):
    """What the last self-check of one notebook found."""

    lab: str
    content_hash: str
    course_version: str
    time: AwareDatetime
    stubs: dict[str, StubMark]


class Memory(BaseModel):
    """The state file: notebooks by their path from its folder, and how many hints of a stub were shown."""

    notebooks: dict[str, Mark] = {}
    hints: dict[str, NonNegativeInt] = {}


@dataclass(frozen=True)
class Notebook:
    """A file and the lab it is checked as."""

    path: Path
    lab: Lab


class StubStatus(StubMark):
    stub: str


class LabStatus(BaseModel):
    """One lab as the last self-check left it; `notebook` is None where there is none, `checked` where it never was."""

    lab: str
    title: str
    notebook: str | None
    checked: datetime | None
    changed: bool
    stubs: list[StubStatus]


class Status(BaseModel):
    """How far a student is. A concept is ready for grading once all its stubs are familiar."""

    folder: str
    labs: list[LabStatus]
    familiar: int
    stubs: int
    concepts_ready: int
    concepts: int
    next_stub: str | None
    next_notebook: str | None


class Hint(BaseModel):
    """Hint `step` of `of`; None, with all that were shown before, where there is no other."""

    stub: str
    step: int
    of: int
    hint: str | None
    before: tuple[str, ...]


class Layout(BaseModel):
    """The exercises that `start` wrote, and those of the student's that it left as they are."""

    folder: str
    written: list[str]
    kept: list[str]


@dataclass(frozen=True)
class Desk:
    """Where a student works: a folder of notebooks, with what is remembered of them. `tell` is told of what fails."""

    course: Course
    folder: Path
    tell: Tell

    @classmethod
    def at(cls, course: Course, here: Path, tell: Tell) -> Self:
        """The nearest folder at or above that has a state file; else this one, or the one that holds this lab's."""
        for folder in (here, *here.parents):
            if os.path.isfile(folder / FILE_NAME):
                return cls(course, folder, tell)
        in_lab = any(here.name == lab.name for lab in course.labs) and os.path.isfile(here / f"{here.name}.ipynb")
        return cls(course, here.parent if in_lab else here, tell)

    @property
    def file(self) -> Path:
        return self.folder / FILE_NAME

    def memory(self) -> Memory:
        """What is remembered. A broken file is begun anew, and that is told."""
        try:
            return Memory.model_validate_json(self.file.read_bytes())
        except FileNotFoundError:
            pass
        except OSError as error:
            self.tell(f"{self.file} cannot be read ({error.strerror}), so earlier checks are not known here.")
        except ValidationError:
            self.tell(
                f"{self.file} was broken and is begun anew: earlier checks are forgotten, your notebooks are not."
            )
            self.write(Memory())
        return Memory()

    def write(self, memory: Memory) -> None:
        fresh = self.folder / f"{FILE_NAME}.{os.getpid()}"
        try:
            fresh.write_text(memory.model_dump_json(indent=1), encoding="utf-8")
            os.replace(fresh, self.file)
        except OSError as error:
            self.tell(f"{self.file} cannot be written ({error.strerror}), so this is not remembered.")
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)

    def notebooks(self, lab: Lab) -> list[list[Path]]:
        """The lab's notebooks, nearest to where one stands first, and those that are equally near together."""
        here = Path.cwd()

        def distance(path: Path) -> tuple[bool, int]:
            return not path.is_relative_to(here), len(path.parts)

        found = sorted(_notebooks_of(lab, self.folder), key=distance)
        return [list(group) for _, group in itertools.groupby(found, key=distance)]

    def keep(self, path: Path, result: LabResult) -> None:
        """Remember what a self-check found, of a notebook that `status` would look for."""
        path = Path(os.path.abspath(path))
        if result.status != "graded" or path not in _notebooks_of(self.course.lab(result.lab), self.folder):
            return
        memory = self.memory()
        memory.notebooks[self._key(path)] = Mark(
            lab=result.lab,
            content_hash=result.content_hash,
            course_version=result.course_version,
            time=datetime.now(UTC).replace(microsecond=0),
            stubs={stub.name: mark_of(result, stub.name) for stub in self.course.lab(result.lab).stubs},
        )
        self.write(memory)

    def mark(self, path: Path, memory: Memory) -> Mark | None:
        return memory.notebooks.get(self._key(path))

    def is_changed(self, path: Path, mark: Mark | None) -> bool:
        """Whether the notebook, or the course's checks, are others than at the last self-check."""
        return mark is None or mark.content_hash != content_hash(path) or mark.course_version != self.course.version

    def _key(self, path: Path) -> str:
        return Path(os.path.abspath(path)).relative_to(self.folder).as_posix()


def mark_of(result: LabResult, stub: str) -> StubMark:
    """The level of one stub by its visible checks, and their points."""
    evidence = [each for each in result.checks if each.stub == stub]
    return StubMark(
        level=stub_level(evidence),
        points=round(sum(each.points for each in evidence), 4),
        max_points=round(sum(each.max_points for each in evidence), 4),
    )


def all_passed(result: LabResult) -> bool:
    """Whether there were checks and every one of them passed."""
    return bool(result.checks) and all(each.outcome is Outcome.PASSED for each in result.checks)


def content_hash(path: Path) -> str:
    """The SHA-256 of the file; empty where it cannot be read."""
    try:
        return hashlib.sha256(read_file(path)).hexdigest()
    except SubmissionError:
        return ""


def find_notebooks(course: Course, folder: Path) -> list[Notebook]:
    """The notebooks named after a lab in the folder or at most two folders below, in the order of the labs."""
    return [Notebook(path, lab) for lab in course.labs for path in _notebooks_of(lab, folder)]


def _notebooks_of(lab: Lab, folder: Path) -> list[Path]:
    name = f"{lab.name}.ipynb"
    with contextlib.suppress(OSError):
        below = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
        places = [folder, folder / lab.name, *(each / lab.name for each in below)]
        return [place / name for place in places if os.path.lexists(place / name)]
    return []


# --- start


def lay_out(course: Course, folder: Path, tell: Tell) -> Layout:
    """Write each exercise to `folder/<lab>/<lab>.ipynb` where none is yet. Raises CourseError."""
    exercises = {lab.name: course.root / "exercises" / lab.name / f"{lab.name}.ipynb" for lab in course.labs}
    there = {name: path for name, path in exercises.items() if path.is_file()}
    if not there:
        raise CourseError(f"{course.root / 'exercises'} holds no exercises; an author makes them with mastery build.")
    layout = Layout(folder=str(folder), written=[], kept=[])
    for name, source in there.items():
        target = folder / name / source.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            new = _write_new(target, source.read_bytes())
        except OSError as error:
            raise CourseError(f"{target} cannot be written: {error.strerror}; name another folder.") from error
        (layout.written if new else layout.kept).append(f"{name}/{source.name}")
    desk = Desk(course, Path(os.path.abspath(folder)), tell)
    if not os.path.lexists(desk.file):
        desk.write(Memory())
    return layout


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file, whole or not at all; False where there is one by this name already. Raises OSError."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(content)
    except OSError:
        path.unlink()
        raise
    return True


# --- check


def named(course: Course, files: Sequence[Path]) -> list[Notebook]:
    """The files, and the notebooks of the folders among them. Raises SubmissionError, CourseError."""
    found = []
    for path in files:
        if path.is_dir():
            found += _some(find_notebooks(course, path), path)
        else:
            submission = read(path)
            lab = lab_of(submission, course)
            refuse_other_lab(submission, lab, course)
            found.append(Notebook(path, lab))
    return found


def changed(desk: Desk, notebooks: Sequence[Notebook]) -> list[Notebook]:
    """Those that are others than at their last self-check."""
    memory = desk.memory()
    return [each for each in notebooks if desk.is_changed(each.path, desk.mark(each.path, memory))]


def levels(desk: Desk, notebooks: Sequence[Notebook]) -> list[Level]:
    """The levels of these notebooks' stubs at their last self-checks."""
    memory = desk.memory()
    marks = [desk.mark(each.path, memory) for each in notebooks]
    return [stub.level for mark in marks if mark is not None for stub in mark.stubs.values()]


def _some(notebooks: list[Notebook], folder: Path) -> list[Notebook]:
    if not notebooks:
        raise CourseError(
            f"No notebook of this course lies in {os.path.abspath(folder)} or below it. Go to the folder that holds "
            "yours, or lay them out in a new one with mastery start DIR."
        )
    return notebooks


class Checker:
    """Runs visible checks in this process, which is warm after the first one. Close it: it holds a sandbox."""

    def __init__(self, desk: Desk) -> None:
        # Only now, for it takes seconds and a wrong name should not.
        from autograder.grading import Room, Terms

        self.desk = desk
        self.room = Room(Terms(desk.course.root, b""), visible_only=True)

    def check(self, notebook: Notebook, content: Path | None = None) -> LabResult:
        """The visible checks of a notebook, remembered. `content` is a copy of it to check in its place."""
        from autograder.grading import Job

        path = content or notebook.path
        job = Job(str(notebook.path), notebook.lab.name, path, 1, content_hash(path))
        (result,) = self.room.grade([job])
        self.desk.keep(notebook.path, result)
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.room.close()


# --- watch

Stamp = tuple[int, int, int]


@dataclass
class Watch:
    """Checks files when they are saved: those named, else the notebooks at or below the current folder."""

    checker: Checker
    files: Sequence[Path]
    show: Show
    tell: Tell
    _stamps: dict[Path, Stamp | None] = field(default_factory=dict)
    _hashes: dict[Path, str] = field(default_factory=dict)

    def paths(self) -> list[Path]:
        """What is watched: also a notebook that was deleted, for it may come back."""
        found = self.files or [each.path for each in find_notebooks(self.checker.desk.course, Path())]
        return list(dict.fromkeys([*found, *self._stamps]))

    def begin(self) -> None:
        """Check what changed since its last self-check, or whatever is named."""
        desk = self.checker.desk
        memory = desk.memory()
        for path in self.paths():
            self._stamps[path] = _stamp(path)
            mark = None if self.files else desk.mark(path, memory)
            if desk.is_changed(path, mark):
                self._check(path)
            elif mark is not None:
                self._hashes[path] = mark.content_hash

    def run(self) -> None:
        """Until Ctrl-C (KeyboardInterrupt). Raises CourseError where the folder itself is gone."""
        while True:
            folders = self._folders()
            # Folders, not files: an editor that replaces a file leaves nothing at the other end of a watch on it. And
            # a look each second all the same, for a network's folders tell nothing.
            for _ in watchfiles.watch(
                *folders,
                watch_filter=None,
                debounce=400,
                rust_timeout=1_000,
                yield_on_timeout=True,
                recursive=False,
                ignore_permission_denied=True,
            ):
                self.look()
                if self._folders() != folders:
                    break

    def look(self) -> None:
        """Check what was saved since the last look."""
        for path in self.paths():
            stamp = _stamp(path)
            if stamp is None and self._stamps.get(path) is not None:
                time.sleep(SETTLE_SECONDS / 4)  # some editors delete a file and write it anew
                stamp = _stamp(path)
                if stamp is None:
                    self.tell(f"{path} is gone; it is checked again once it is back.")
                    self._hashes.pop(path, None)
            if stamp != self._stamps.get(path):
                self._stamps[path] = stamp
                if stamp is not None:
                    self._check(path)

    def _check(self, path: Path) -> None:
        try:
            notebook, found = self._settled(path)
            if self._hashes.get(path) != found:
                self._hashes[path] = found
                begun = time.perf_counter()
                result = self.checker.check(notebook)
                self.show(result, time.perf_counter() - begun)
        except (SubmissionError, CourseError) as error:
            self._hashes.pop(path, None)
            self.tell(str(error))

    def _settled(self, path: Path) -> tuple[Notebook, str]:
        """The notebook and its content, once it can be read. Raises SubmissionError, CourseError."""
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            self._stamps[path] = _stamp(path)
            try:
                (notebook,) = named(self.checker.desk.course, [path])
                return notebook, content_hash(path)
            except SubmissionError:
                if time.monotonic() > until:
                    raise
                time.sleep(SETTLE_SECONDS / 20)

    def _folders(self) -> set[Path]:
        folders = {path.parent for path in self.paths()} | (set() if self.files else {Path()})
        there = {folder for folder in folders if folder.is_dir()}
        if not there:
            raise CourseError("The folder of what is watched is gone.")
        return there


def _stamp(path: Path) -> Stamp | None:
    """Another one whenever a file was written; None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


# --- status


def status(desk: Desk) -> Status:
    """How far the student is by the last self-checks; nothing is run."""
    memory = desk.memory()
    labs = [_lab_status(desk, lab, memory) for lab in desk.course.labs]
    levels = {each.stub: each.level for lab in labs for each in lab.stubs}
    familiar = {
        stub for stub, level in levels.items() if level is not Level.NOT_STARTED and level is not Level.ATTEMPTED
    }
    following = next(((lab, each.stub) for lab in labs for each in lab.stubs if each.stub not in familiar), None)
    return Status(
        folder=str(desk.folder),
        labs=labs,
        familiar=len(familiar),
        stubs=len(levels),
        concepts_ready=sum(familiar.issuperset(concept.stubs) for concept in desk.course.concepts),
        concepts=len(desk.course.concepts),
        next_stub=following and following[1],
        next_notebook=following and following[0].notebook,
    )


def _lab_status(desk: Desk, lab: Lab, memory: Memory) -> LabStatus:
    path = next((group[0] for group in desk.notebooks(lab)), None)
    mark = None if path is None else desk.mark(path, memory)
    marks = {} if mark is None else mark.stubs
    return LabStatus(
        lab=lab.name,
        title=lab.title,
        notebook=None if path is None else seen_from_here(path),
        checked=None if mark is None else mark.time,
        changed=path is not None and mark is not None and desk.is_changed(path, mark),
        stubs=[StubStatus(stub=stub.name, **marks.get(stub.name, StubMark()).model_dump()) for stub in lab.stubs],
    )


def seen_from_here(path: Path | str) -> str:
    """The path as one would type it."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)


# --- hint


def next_hint(desk: Desk, stub: str) -> Hint:
    """One step further than the last time. Raises CourseError, with the near name where there is no such stub."""
    if desk.course.lab_of(stub) is None:
        raise CourseError(_no_stub(desk.course, stub))
    hints = desk.course.notes(stub).hints
    memory = desk.memory()
    shown = min(memory.hints.get(stub, 0), len(hints))
    if shown == len(hints):
        return Hint(stub=stub, step=shown, of=len(hints), hint=None, before=hints)
    memory.hints[stub] = shown + 1
    desk.write(memory)
    return Hint(stub=stub, step=shown + 1, of=len(hints), hint=hints[shown], before=hints[:shown])


def _no_stub(course: Course, name: str) -> str:
    for lab in course.labs:
        if lab.name == name:
            return f"{name} is a lab; name one of its stubs: {', '.join(stub.name for stub in lab.stubs)}."
    stubs = [stub.name for lab in course.labs for stub in lab.stubs]
    close = difflib.get_close_matches(name, stubs, n=1)
    mend = f"Did you mean {close[0]}?" if close else "mastery status lists them all."
    return f"There is no stub named {name!r} in this course. {mend}"
