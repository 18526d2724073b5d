"""Feedback for students, as pages: nbgrader's own generator, run by several processes."""

import multiprocessing
import os
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from autograder.children import end_with, start_safely
from autograder.course import load
from autograder.nbgrader_settings import Settings, settings_of
from autograder.results import Key

Made = tuple[Key, str | None]

_settings: Settings | None = None


def is_stale(settings: Settings, key: Key) -> bool:
    """Whether the notebook to show is newer than the feedback that was made of it."""
    student, lab = key
    try:
        shown = (settings.place("autograded", student, lab) / f"{lab}.ipynb").stat().st_mtime_ns
    except FileNotFoundError:
        return False
    try:
        return (settings.place("feedback", student, lab) / f"{lab}.html").stat().st_mtime_ns < shown
    except FileNotFoundError:
        return True


def generate(root: Path, db: str, keys: Sequence[Key], processes: int) -> Generator[Made, None, None]:
    """Make the feedback of graded submissions, each with a complaint where that failed, in their order.

    root: the course's folder; db: the gradebook's URL.
    """
    start_safely()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(keys)) or 1, context, _open, (root, db)) as executor:
        try:
            yield from executor.map(_generate, keys)
        finally:
            executor.shutdown(cancel_futures=True)


def _open(root: Path, db: str) -> None:
    """Once in each process."""
    global _settings
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(os.getppid())
    _settings = settings_of(load(root))
    _settings.folders.db_url = db


def _generate(key: Key) -> Made:
    assert _settings is not None
    folders = _settings.folders
    folders.student_id, folders.assignment_id = key
    maker = GenerateFeedback(coursedir=folders, config=_settings.config)
    maker.log.disabled = True
    maker.force = True
    try:
        maker.start()
    except (NbGraderException, OSError, SystemExit) as error:
        return key, f"No feedback was made: {error}"
    return key, None
