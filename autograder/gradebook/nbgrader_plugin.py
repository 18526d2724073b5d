"""Make nbgrader's autograder (the command and the button in formgrader) use our sandbox, and score like `mastery
grade`. Formgrader's pages show what the gradebook holds.

nbgrader_config.py refers to the functions and classes here by name. If nbgrader can't read a submission, it's skipped,
and the rest are still graded. But only `mastery grade` guarantees that one submission can't affect another.
"""

import json
import logging
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.orm import close_all_sessions

from autograder.gradebook.settings import Settings
from autograder.model.course import load
from autograder.model.errors import SubmissionError
from autograder.model.submission import read

log = logging.getLogger("nbgrader")


def leave_out_unreadable(assignment: str, student: str, notebooks: list[str]) -> None:
    """Remove files that aren't notebooks from nbgrader's list before anything opens them (its `pre_convert_hook`)."""
    for path in list(notebooks):
        try:
            read(Path(path))
        except SubmissionError as error:
            log.warning("%s It isn't graded.", error)
            notebooks.remove(path)


class NoRoles(NbGraderPreprocessor):  # type: ignore[misc]
    """Removes nbgrader's metadata from a submission, because one duplicated cell would abort nbgrader's whole run."""

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook without nbgrader's metadata. `Sandboxed` puts the exercise's metadata back."""
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)
        return notebook, resources


class Sandboxed(NbGraderPreprocessor):  # type: ignore[misc]
    """Grades the submission in the sandbox, writes its scores and evidence, and returns the notebook to show."""

    def preprocess(self, _notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook as `mastery grade` would leave it in `autograded`. Raises UserError."""
        named = resources["nbgrader"]
        converter = self.parent.parent
        settings = Settings(self.config, converter.coursedir)
        place = grade_one(settings, named["student"], named["assignment"])
        return nbformat.reads(json.dumps(json.loads(place.read_text(encoding="utf-8"))), as_version=4), resources


class Rereads(Preprocessor):  # type: ignore[misc]
    """Makes formgrader's page of a submission show the rows that are in the gradebook now.

    Formgrader uses one SQLAlchemy session for as long as it runs, and a session doesn't read a row again while the
    row's object is still in memory. After `mastery grade`, the page could show old scores and lack the *Resolve*
    button. A new session works, since the page asks for its scores after it has been rendered.
    """

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook unchanged."""
        if "submission_id" in resources:
            close_all_sessions()
        return notebook, resources


def grade_one(settings: Settings, student: str, lab: str) -> Path:
    """Grade one submission, even if it's unchanged, and return the path of the notebook to show. Raises UserError."""
    # Imported here because every nbgrader command loads the configuration, but only a few of them grade.
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.pipeline import grade_into, job_of, numbered
    from autograder.grading.jobs import GradingContext
    from autograder.grading.pool import isolation_of
    from autograder.grading.processes import LocalProcesses
    from autograder.model import secrets

    course = load()
    terms = GradingContext(course.root, secrets.load_secret(course.root))
    for warning in isolation_of(course, terms):
        log.warning(warning)
    job = job_of(student, course.lab(lab), settings.place("submitted", student, lab) / f"{lab}.ipynb")
    with Gradebook(course, settings, settings.folders.db_url) as book:
        book.adopt_points()
        attempt = numbered([job], book.graded([student]), course, terms)
        for _ in grade_into(book, course, settings, attempt, terms, LocalProcesses(terms, 1)):
            pass
    return settings.place("autograded", student, lab) / f"{lab}.ipynb"
