"""A student's workflow in a terminal: write out the exercises, check them, see your progress, get a hint."""

import difflib
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from autograder.grading.jobs import GradingContext, Job
from autograder.mastery.levels import Level
from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError
from autograder.model.results import LabResult, Outcome
from autograder.model.submission import lab_of, read, refuse_other_lab
from autograder.selfcheck.workspace import (
    Memory,
    Notebook,
    StubMark,
    Tell,
    Workspace,
    WorkspaceError,
    find_notebooks,
    seen_from_here,
)


class StubStatus(StubMark):
    """`worth`: the points of all its checks, including those that run only during grading. `fresh`: as in `Memory`."""

    stub: str
    worth: float
    fresh: datetime | None = None


class LabStatus(BaseModel):
    """One lab, according to the last self-check. `notebook`: None if there's no notebook. `checked`: None if it was
    never checked."""

    lab: str
    title: str
    notebook: str | None
    checked: datetime | None
    changed: bool
    stubs: list[StubStatus]


class Status(BaseModel):
    """A student's progress.

    A concept is ready for grading once all its stubs, apart from stretch ones, are familiar. judged: the labs in which
    a person also grades something.
    """

    folder: str
    labs: list[LabStatus]
    familiar: int
    stubs: int
    concepts_ready: int
    concepts: int
    judged: list[str] = []
    next_stub: str | None
    next_notebook: str | None


class Hint(BaseModel):
    """Hint `step` of `of`. `hint` is None if there are no more hints; `before` has the ones shown earlier."""

    stub: str
    step: int
    of: int
    hint: str | None
    before: tuple[str, ...]


class Layout(BaseModel):
    """The exercises that `start` wrote, and the student's own files, which it kept."""

    folder: str
    written: list[str]
    kept: list[str]


def all_passed(result: LabResult) -> bool:
    """Return whether there were any checks and all of them passed."""
    return bool(result.checks) and all(each.outcome is Outcome.PASSED for each in result.checks)


# --- start


def lay_out(course: Course, folder: Path, tell: Tell) -> Layout:
    """Write each exercise to `folder/<lab>/<lab>.ipynb`, with its other files, and each page, unless the file exists.

    Raises CourseError if the course has no exercises, and WorkspaceError if they can't be written.
    """
    exercises = {name: course.root / "exercises" / name for name in course.handed_out}
    there = {name: path for name, path in exercises.items() if path.is_file()}
    if not there:
        raise CourseError(f"{course.root / 'exercises'} has no exercises; an author has to run mastery build.")
    layout = Layout(folder=str(folder), written=[], kept=[])
    for name, source in there.items():
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            new = _write_new(target, source.read_bytes())
        except OSError as error:
            raise WorkspaceError(f"{target} can't be written: {error.strerror}; name a different folder.") from error
        (layout.written if new else layout.kept).append(name)
    workspace = Workspace(course, Path(os.path.abspath(folder)), tell)
    if not os.path.lexists(workspace.file):
        workspace.write(Memory())
    return layout


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file completely or not at all. Return False if a file with that name already exists. Raises OSError."""
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
    """Return the named files, and the notebooks in any folders that are named. Raises SubmissionError,
    WorkspaceError."""
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


def changed(workspace: Workspace, notebooks: Sequence[Notebook]) -> list[Notebook]:
    """Return the notebooks that have changed since their last self-check."""
    memory = workspace.memory()
    return [each for each in notebooks if workspace.is_changed(each.path, workspace.mark(each.path, memory))]


def levels(workspace: Workspace, notebooks: Sequence[Notebook]) -> list[Level]:
    """Return the levels of these notebooks' stubs, according to their last self-checks."""
    memory = workspace.memory()
    marks = [workspace.mark(each.path, memory) for each in notebooks]
    return [stub.level for mark in marks if mark is not None for stub in mark.stubs.values()]


def _some(notebooks: list[Notebook], folder: Path) -> list[Notebook]:
    if not notebooks:
        raise WorkspaceError(
            f"There are no notebooks from this course in {os.path.abspath(folder)} or its subfolders. Go to the folder "
            "with your notebooks, or create one with mastery start DIR."
        )
    return notebooks


class SelfChecker:
    """Runs visible checks in this process, where only the first check is slow. Holds a sandbox, so close it when you're
    done."""

    def __init__(self, workspace: Workspace, fresh: bool = False) -> None:
        """Start the checker. fresh: whether the checks use new random numbers each time."""
        # Imported here because it takes a second, and a mistyped name should be reported right away.
        from autograder.grading.session import GradingSession
        from autograder.testing.references import make_torch_importable

        # The verdicts are the same without torch, and loading it would take longer than the checks.
        make_torch_importable(light=True)
        self.workspace = workspace
        self.fresh = secrets.token_bytes(16) if fresh else None
        context = GradingContext(workspace.course.root, b"")
        self.room = GradingSession(context, visible_only=True, fresh=self.fresh)

    def check(self, notebook: Notebook, content: Path | None = None) -> LabResult:
        """Run a notebook's visible checks and remember the result.

        `content`: a copy of the notebook to check instead of the notebook itself.
        """
        path = content or notebook.path
        job = Job(str(notebook.path), notebook.lab.name, path, 1)
        (result,) = self.room.grade([job])
        if self.fresh is None:
            self.workspace.keep(notebook.path, result)
        else:
            self.workspace.keep_fresh(result.checks)
        return result

    @property
    def missing(self) -> str | None:
        """A sentence that names the sandbox layers missing on this system; None if it has them all."""
        lacking = [each for each in ("namespaces", "landlock", "rlimits", "seccomp") if each not in self.isolation]
        if not lacking:
            return None
        return (
            f"Checked without {', '.join(lacking)}: this system doesn't offer them. That's fine for your own notebook, "
            "but don't check anybody else's this way (for details, run mastery doctor)."
        )

    @property
    def isolation(self) -> tuple[str, ...]:
        return self.room.sandbox.isolation

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.room.close()


# --- status


def status(workspace: Workspace) -> Status:
    """Return the student's progress, according to the last self-checks. Nothing is run."""
    memory = workspace.memory()
    labs = [_lab_status(workspace, lab, memory) for lab in workspace.course.labs]
    levels = {each.stub: each.level for lab in labs for each in lab.stubs}
    familiar = {
        stub for stub, level in levels.items() if level is not Level.NOT_STARTED and level is not Level.ATTEMPTED
    }
    stretch = {name for name, stub in workspace.course.stubs.items() if stub.stretch}
    left = [(lab, each.stub) for lab in labs for each in lab.stubs if each.stub not in familiar]
    following = min(left, key=lambda each: each[1] in stretch, default=None)
    return Status(
        folder=str(workspace.folder),
        labs=labs,
        familiar=len(familiar),
        stubs=len(levels),
        concepts_ready=sum(familiar.issuperset({*concept.stubs} - stretch) for concept in workspace.course.concepts),
        concepts=len(workspace.course.concepts),
        judged=[lab.name for lab in workspace.course.labs if lab.judged],
        next_stub=following and following[1],
        next_notebook=following and following[0].notebook,
    )


def _lab_status(workspace: Workspace, lab: Lab, memory: Memory) -> LabStatus:
    path = next((group[0] for group in workspace.notebooks(lab)), None)
    mark = None if path is None else workspace.mark(path, memory)
    marks = {} if mark is None else mark.stubs
    return LabStatus(
        lab=lab.name,
        title=lab.title,
        notebook=None if path is None else seen_from_here(path),
        checked=None if mark is None else mark.time,
        changed=path is not None and mark is not None and workspace.is_changed(path, mark),
        stubs=[
            StubStatus(
                stub=stub.name,
                worth=stub.points,
                fresh=memory.fresh.get(stub.name),
                **marks.get(stub.name, StubMark()).model_dump(),
            )
            for stub in lab.stubs
        ],
    )


# --- hint


def next_hint(workspace: Workspace, stub: str) -> Hint:
    """Return the hint after the last one shown. Raises CourseError, with the closest name, if there's no such stub."""
    if workspace.course.lab_of(stub) is None:
        raise CourseError(_no_stub(workspace.course, stub))
    hints = workspace.course.notes(stub).hints
    memory = workspace.memory()
    shown = min(memory.hints.get(stub, 0), len(hints))
    if shown == len(hints):
        return Hint(stub=stub, step=shown, of=len(hints), hint=None, before=hints)
    memory.hints[stub] = shown + 1
    workspace.write(memory)
    return Hint(stub=stub, step=shown + 1, of=len(hints), hint=hints[shown], before=hints[:shown])


def _no_stub(course: Course, name: str) -> str:
    for lab in course.labs:
        if lab.name == name:
            return f"{name} is a lab; name one of its stubs: {', '.join(stub.name for stub in lab.stubs)}."
    close = difflib.get_close_matches(name, course.stubs, n=1)
    fix = f"Did you mean {close[0]}?" if close else "mastery status lists all stubs."
    return f"There is no stub named {name!r} in this course. {fix}"
