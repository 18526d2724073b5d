"""Feedback pages for students, made by nbgrader's own generator in several processes.

A note next to each page records what the page shows, so a page is regenerated only if its content would change.
"""

import json
import math
import multiprocessing
import os
import signal
from collections.abc import Collection, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.converters.base import NbGraderException

from autograder.gradebook.annotation import CARRIED
from autograder.gradebook.feedback_pages import PageMaker
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import Settings, settings_of
from autograder.model.children import end_with, start_safely
from autograder.model.course import load
from autograder.model.files import content_hash, replace
from autograder.model.results import Key

Made = tuple[Key, str | None]
# nbgrader releases only .html files, so students don't get this note.
NOTE = ".mastery-feedback.json"
# Starting a process takes about two seconds, enough time to make this many pages.
PAGES_WORTH_A_PROCESS = 50

_maker: PageMaker | None = None


@dataclass(frozen=True)
class Pages:
    """The feedback pages of a course, one per graded submission."""

    settings: Settings
    _notebooks: dict[Path, tuple[os.stat_result, str]] = field(default_factory=dict, init=False)

    def stale(self, book: Gradebook, labs: Collection[str]) -> dict[Key, str]:
        """Return the submissions whose page is missing or out of date, each with a digest of what the page should show.

        The digest covers the graded notebook and, from the gradebook, its scores, comments and late penalty.
        """
        in_gradebook = book.shown(labs)
        found = {}
        for key in book.graded():
            if key in in_gradebook and (notebook := self._digest(key)) is not None:
                digest = content_hash(f"{notebook} {in_gradebook[key]}".encode())
                if not self.page(key).is_file() or self._note(key).get("shows") != digest:
                    found[key] = digest
        return found

    def generate(self, root: Path, db: str, stale: Mapping[Key, str], processes: int) -> Generator[Made, None, None]:
        """Make the pages, and yield each key in order, with an error message if its page couldn't be made.

        root: the course's folder. db: the gradebook's URL. stale: as returned by `stale`. If someone changes anything
        that a page shows while the pages are being made, the page is stale again, since its digest is from before the
        change.
        """
        start_safely()
        context = multiprocessing.get_context("spawn")
        count = min(processes, math.ceil(len(stale) / PAGES_WORTH_A_PROCESS)) or 1
        with ProcessPoolExecutor(count, context, _open, (root, db)) as executor:
            try:
                for key, complaint in executor.map(_generate, stale):
                    if complaint is None:
                        self._write_note(key, {"shows": stale[key]})
                    yield key, complaint
            finally:
                executor.shutdown(cancel_futures=True)

    def unreleased(self, keys: Collection[Key]) -> list[Key]:
        """Return the keys of submissions whose page exists but hasn't been released yet in its current version
        (`mark_released`).

        Submissions that didn't come through the exchange are left out, since we can't return their feedback through it.
        """
        return [
            key
            for key in keys
            if self.page(key).is_file() and not self._note(key).get("released") and self._came_through_exchange(key)
        ]

    def _came_through_exchange(self, key: Key) -> bool:
        """Return whether nbgrader can read the files that tell it where to return the page. A student may have tampered
        with them."""
        try:
            for name in CARRIED:
                self.page(key).with_name(name).read_text()
        except (OSError, ValueError):
            return False
        return True

    def mark_released(self, key: Key) -> None:
        self._write_note(key, {**self._note(key), "released": True})

    def page(self, key: Key) -> Path:
        student, lab = key
        return self.settings.place("feedback", student, lab) / f"{lab}.html"

    def _digest(self, key: Key) -> str | None:
        """Return the digest of the notebook to show; None if there's no notebook. Unchanged files aren't read again."""
        student, lab = key
        path = self.settings.place("autograded", student, lab) / f"{lab}.ipynb"
        try:
            stamp = path.stat()
            known = self._notebooks.get(path)
            if known is None or _identity(known[0]) != _identity(stamp):
                known = self._notebooks[path] = stamp, content_hash(path.read_bytes())
        except OSError:
            return None
        return known[1]

    def _note(self, key: Key) -> dict[str, object]:
        try:
            note = json.loads(self.page(key).with_name(NOTE).read_bytes())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _write_note(self, key: Key, note: Mapping[str, object]) -> None:
        place = self.page(key).with_name(NOTE)
        replace(place, json.dumps(note).encode())


def _identity(stamp: os.stat_result) -> tuple[int, ...]:
    return stamp.st_mtime_ns, stamp.st_ctime_ns, stamp.st_size, stamp.st_ino


def _open(root: Path, db: str) -> None:
    """Set up one process in the pool."""
    global _maker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(os.getppid())
    settings = settings_of(load(root))
    settings.folders.db_url = db
    _maker = PageMaker(coursedir=settings.folders, config=settings.config)
    _maker.log.disabled = True
    _maker.force = True


def _generate(key: Key) -> Made:
    assert _maker is not None
    _maker.coursedir.student_id, _maker.coursedir.assignment_id = key
    try:
        _maker.start()
    except (NbGraderException, OSError, SystemExit) as error:
        return key, f"No feedback was generated: {error}"
    return key, None
