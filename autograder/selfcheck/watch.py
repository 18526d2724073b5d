"""`mastery watch`: check notebooks whenever they're saved, in one process that keeps everything loaded."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import watchfiles

from autograder.model.errors import SubmissionError, UserError
from autograder.model.results import LabResult
from autograder.selfcheck.checks import SelfChecker, named
from autograder.selfcheck.workspace import Notebook, Tell, WorkspaceError, content_hash, find_notebooks

# How long to wait if a file can't be read yet, since some editors don't write files atomically.
SETTLE_SECONDS = 1.0

# Shows a result and the seconds it took. A result at startup comes without a time and needs only one line.
Show = Callable[[LabResult, float | None], None]
Stamp = tuple[int, int, int]


@dataclass
class FolderWatch:
    """Checks files when they're saved: either the named ones or, if none are named, the notebooks in the current folder
    and its subfolders."""

    checker: SelfChecker
    files: Sequence[Path]
    show: Show
    tell: Tell
    _stamps: dict[Path, Stamp | None] = field(default_factory=dict)
    _hashes: dict[Path, str] = field(default_factory=dict)

    def paths(self) -> list[Path]:
        """Return the files being watched, including deleted notebooks, since they may come back."""
        found = self.files or [each.path for each in find_notebooks(self.checker.workspace.course, Path())]
        return list(dict.fromkeys([*found, *self._stamps]))

    def begin(self) -> None:
        """Check the notebooks that have changed since their last self-check, or those that were named."""
        workspace = self.checker.workspace
        memory = workspace.memory()
        for path in self.paths():
            self._stamps[path] = _stamp(path)
            mark = None if self.files else workspace.mark(path, memory)
            if workspace.is_changed(path, mark):
                self._check(path, at_start=True)
            elif mark is not None:
                self._hashes[path] = mark.content_hash

    def run(self) -> None:
        """Watch until Ctrl-C (KeyboardInterrupt). Raises WorkspaceError if the folder itself is gone."""
        while True:
            folders = self._folders()
            # Watch folders rather than files, because an editor that replaces a file breaks a watch on it. Also check
            # for changes every second, because network folders don't send events.
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
        """Check everything that's been saved since the last call."""
        for path in self.paths():
            stamp = _stamp(path)
            if stamp is None and self._stamps.get(path) is not None:
                time.sleep(SETTLE_SECONDS / 4)  # some editors delete a file and write it again
                stamp = _stamp(path)
                if stamp is None:
                    self.tell(f"{path} is gone. It'll be checked again when it's back.")
                    self._hashes.pop(path, None)
            if stamp != self._stamps.get(path):
                self._stamps[path] = stamp
                if stamp is not None:
                    self._check(path)

    def _check(self, path: Path, at_start: bool = False) -> None:
        try:
            notebook, found = self._settled(path)
            if self._hashes.get(path) != found:
                self._hashes[path] = found
                begun = time.perf_counter()
                result = self.checker.check(notebook)
                self.show(result, None if at_start else time.perf_counter() - begun)
        except UserError as error:
            self._hashes.pop(path, None)
            self.tell(str(error))

    def _settled(self, path: Path) -> tuple[Notebook, str]:
        """Return the notebook and its content hash once it can be read. Raises SubmissionError, WorkspaceError."""
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            self._stamps[path] = _stamp(path)
            try:
                (notebook,) = named(self.checker.workspace.course, [path])
                return notebook, content_hash(path)
            except SubmissionError:
                if time.monotonic() > until:
                    raise
                time.sleep(SETTLE_SECONDS / 20)

    def _folders(self) -> set[Path]:
        folders = {path.parent for path in self.paths()} | (set() if self.files else {Path()})
        there = {folder for folder in folders if folder.is_dir()}
        if not there:
            raise WorkspaceError("The folder being watched is gone.")
        return there


def _stamp(path: Path) -> Stamp | None:
    """Return a value that changes whenever the file is written; None if there's no file."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
