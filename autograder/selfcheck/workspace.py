"""A student's workspace: a folder of notebooks, and what we remember about them between commands.

It's kept in `.mastery.json` and in `.mastery-checks.jsonl`, which has the result of each self-check of a changed
notebook. Both files are only for the student's benefit: no score depends on them.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, BaseModel, NonNegativeInt, ValidationError

from autograder.mastery.levels import Attempt, Histories, Level, stub_level
from autograder.model import files
from autograder.model.amounts import amount
from autograder.model.course import Course, Lab
from autograder.model.errors import SubmissionError, UserError
from autograder.model.own_files import no_link, read_own, replace_own
from autograder.model.results import Evidence, LabResult, Outcome
from autograder.model.submission import read_file

FILE_NAME = ".mastery.json"
HISTORY = ".mastery-checks.jsonl"

Tell = Callable[[str], None]


class WorkspaceError(UserError):
    """A folder of notebooks is gone, is empty, or can't be written to."""


class StubMark(BaseModel):
    """One stub's result in the last self-check: its level, and the points of its visible checks."""

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
    """The state file.

    notebooks: the last self-check of each notebook, by its path relative to the file's folder.
    hints: how many of each stub's hints were shown.
    fresh: the stubs whose visible checks passed on fresh numbers too, and when they last did.
    live: the stubs that passed when `check` last ran in a notebook, and when.
    """

    notebooks: dict[str, Mark] = {}
    hints: dict[str, NonNegativeInt] = {}
    fresh: dict[str, AwareDatetime] = {}
    live: dict[str, AwareDatetime] = {}


class SelfCheck(BaseModel):
    """One line of the history: a self-check of a notebook, without the values its answers were compared with."""

    time: AwareDatetime
    result: LabResult


@dataclass(frozen=True)
class Notebook:
    """A file, and the lab whose checks are run on it."""

    path: Path
    lab: Lab


@dataclass(frozen=True)
class Workspace:
    """A student's folder of notebooks, with what we remember about them.

    `tell` is called with messages about failures.
    """

    course: Course
    folder: Path
    tell: Tell

    @classmethod
    def at(cls, course: Course, here: Path, tell: Tell) -> Self:
        """Return the workspace of the nearest folder at or above `here` that has a state file.

        If there is none, use `here`, or its parent folder if `here` is a lab's folder.
        """
        for folder in (here, *here.parents):
            if os.path.isfile(folder / FILE_NAME):
                return cls(course, folder, tell)
        in_lab = any(here.name == lab.name for lab in course.labs) and os.path.isfile(here / f"{here.name}.ipynb")
        return cls(course, here.parent if in_lab else here, tell)

    @classmethod
    def silent(cls, course: Course) -> Self:
        """Return the workspace of the current folder. Messages about failures are discarded."""
        return cls.at(course, Path.cwd(), lambda _: None)

    @classmethod
    def started(cls, course: Course) -> Self | None:
        """Return the workspace of the current folder if there's a state file to remember checks in."""
        found = cls.silent(course)
        return found if found.file.is_file() else None

    @property
    def file(self) -> Path:
        return self.folder / FILE_NAME

    def memory(self) -> Memory:
        """Return what we remember. A broken state file is replaced by an empty one, with a message."""
        try:
            return Memory.model_validate_json(read_own(self.file))
        except FileNotFoundError:
            pass
        except OSError as error:
            self.tell(f"{self.file} can't be read ({error.strerror}), so your earlier checks won't show up here.")
        except ValidationError:
            self.tell(
                f"{self.file} was damaged, so it was reset. Your earlier check results are gone, but your notebooks "
                "are fine."
            )
            self.write(Memory())
        return Memory()

    def write(self, memory: Memory) -> None:
        try:
            replace_own(self.file, memory.model_dump_json(indent=1).encode())
        except OSError as error:
            self.tell(f"{self.file} can't be written ({error.strerror}), so this check won't be remembered.")

    def notebooks(self, lab: Lab) -> list[list[Path]]:
        """Return the lab's notebooks, grouped by how near they are to the current folder, nearest first."""
        here = Path.cwd()

        def distance(path: Path) -> tuple[bool, int]:
            return not path.is_relative_to(here), len(path.parts)

        found = sorted(_notebooks_of(lab, self.folder), key=distance)
        return [list(group) for _, group in itertools.groupby(found, key=distance)]

    def keep(self, path: Path, result: LabResult) -> None:
        """Remember what a self-check found, if the notebook is one that `status` would find."""
        path = Path(os.path.abspath(path))
        if result.status != "graded" or path not in _notebooks_of(self.course.lab(result.lab), self.folder):
            return
        memory = self.memory()
        now = datetime.now(UTC).replace(microsecond=0)
        known = self.mark(path, memory)
        if known is None or known.content_hash != result.content_hash:
            self._remember(SelfCheck(time=now, result=_slim(result)))
        memory.notebooks[self._key(path)] = Mark(
            lab=result.lab,
            content_hash=result.content_hash,
            course_version=result.course_version,
            time=now,
            stubs={stub.name: mark_of(result, stub.name) for stub in self.course.lab(result.lab).stubs},
        )
        self.write(memory)

    def keep_fresh(self, evidence: Sequence[Evidence]) -> None:
        """Record which stubs passed their visible checks when run on fresh numbers. No level or score depends on it."""
        memory = self.memory()
        now = datetime.now(UTC).replace(microsecond=0)
        for stub in {each.stub for each in evidence}:
            memory.fresh.pop(stub, None)
            checks = [each for each in evidence if each.stub == stub]
            # A memorized answer fails even if only one of the checks draws new numbers.
            if any(each.fresh for each in checks) and all(each.outcome is Outcome.PASSED for each in checks):
                memory.fresh[stub] = now
        self.write(memory)

    def keep_live(self, stub: str, passed: bool) -> None:
        """Remember whether the stub passes its visible checks in a running notebook.

        No level or score depends on it.
        """
        memory = self.memory()
        if passed == (stub in memory.live):
            return
        memory.live.pop(stub, None)
        if passed:
            memory.live[stub] = datetime.now(UTC).replace(microsecond=0)
        self.write(memory)

    def finished(self) -> frozenset[str]:
        """Return the stubs whose visible checks pass, according to the last check in a notebook or a terminal."""
        memory = self.memory()
        marks = (stub for mark in memory.notebooks.values() for stub in mark.stubs.items())
        checked = {name for name, mark in marks if mark.level not in (Level.NOT_STARTED, Level.ATTEMPTED)}
        return frozenset(checked | memory.live.keys())

    def _remember(self, found: SelfCheck) -> None:
        try:
            with open(self.folder / HISTORY, "a", encoding="utf-8", opener=no_link) as file:
                file.write(found.model_dump_json() + "\n")
        except OSError as error:
            self.tell(
                f"{self.folder / HISTORY} can't be written ({error.strerror}), so your transcript won't include this "
                "check."
            )

    def history(self) -> Histories:
        """Return all self-checks by lab, oldest first, numbered as attempts.

        Broken lines are skipped, with a message.
        """
        try:
            lines = read_own(self.folder / HISTORY).decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.tell(
                f"{self.folder / HISTORY} can't be read ({error.strerror}), so your earlier checks won't show up here."
            )
            return {}
        found: dict[str, list[Attempt]] = {}
        broken = 0
        for line in lines:
            try:
                each = SelfCheck.model_validate_json(line)
            except ValidationError:
                broken += 1
                continue
            earlier = found.setdefault(each.result.lab, [])
            earlier.append(Attempt(each.time, each.result.model_copy(update={"attempt": len(earlier) + 1})))
        if broken:
            self.tell(f"Skipped {amount(broken, 'unreadable line')} in {self.folder / HISTORY}.")
        return found

    def mark(self, path: Path, memory: Memory) -> Mark | None:
        return memory.notebooks.get(self._key(path))

    def is_changed(self, path: Path, mark: Mark | None) -> bool:
        """Return whether the notebook or the course's checks have changed since the last self-check."""
        return mark is None or mark.content_hash != content_hash(path) or mark.course_version != self.course.version

    def _key(self, path: Path) -> str:
        return Path(os.path.abspath(path)).relative_to(self.folder).as_posix()


def mark_of(result: LabResult, stub: str) -> StubMark:
    """Return one stub's level according to its visible checks, and their points."""
    evidence = [each for each in result.checks if each.stub == stub]
    return StubMark(
        level=stub_level(evidence),
        points=round(sum(each.points for each in evidence), 4),
        max_points=round(sum(each.max_points for each in evidence), 4),
    )


def _slim(result: LabResult) -> LabResult:
    left_out = {"message": None, "exception": None, "difference": None, "slip": None}
    return result.model_copy(update={"checks": [each.model_copy(update=left_out) for each in result.checks]})


def content_hash(path: Path) -> str:
    """Return the SHA-256 of the file; empty if it can't be read."""
    try:
        return files.content_hash(read_file(path))
    except SubmissionError:
        return ""


def find_notebooks(course: Course, folder: Path) -> list[Notebook]:
    """Return the notebooks named after a lab, in the folder or up to two levels below it, in the order of the labs."""
    return [Notebook(path, lab) for lab in course.labs for path in _notebooks_of(lab, folder)]


def _notebooks_of(lab: Lab, folder: Path) -> list[Path]:
    name = f"{lab.name}.ipynb"
    with contextlib.suppress(OSError):
        below = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
        places = [folder, folder / lab.name, *(each / lab.name for each in below)]
        return [place / name for place in places if os.path.lexists(place / name)]
    return []


def seen_from_here(path: Path | str) -> str:
    """Return the path as you'd type it."""
    try:
        return os.path.relpath(path)
    except ValueError:  # a different drive
        return str(path)
