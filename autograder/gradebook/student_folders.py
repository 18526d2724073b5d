"""Move the folders of one student, either all of them or none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autograder.gradebook.errors import GradebookError


@contextmanager
def moved(pairs: Sequence[tuple[Path, Path]]) -> Iterator[list[Path]]:
    """Move folders, given as (old, new), and yield the new paths of those that existed.

    If anything fails inside the context, they're moved back. Raises GradebookError if a folder can't be moved or,
    before moving anything, if a new path is already taken.
    """
    there = [(old, new) for old, new in pairs if old.exists()]
    for old, new in pairs:
        if new.exists() and not (old.exists() and old.samefile(new)):
            raise GradebookError(f"{new} already exists; find out whose folder it is, and move it elsewhere first.")
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in there:
            try:
                old.rename(new)
            except OSError as error:
                raise GradebookError(
                    f"{old} can't be moved to {new}: {error.strerror}. Nothing was changed."
                ) from error
            done.append((old, new))
        yield [new for _, new in done]
    except BaseException:
        for old, new in reversed(done):
            new.rename(old)
        raise
