"""Grade one submission: the function `autograder.grade`."""

import os
from contextlib import closing
from pathlib import Path

from autograder.grading.execution import SOMEBODY
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import isolation_of
from autograder.grading.session import GradingSession
from autograder.model import secrets
from autograder.model.course import load
from autograder.model.results import LabResult
from autograder.model.submission import lab_of, parse, read_file


def grade(notebook: str | os.PathLike[str], *, course: str | os.PathLike[str] | None = None) -> LabResult:
    """Grade one notebook or .py file in the sandbox and return its result. Nothing is written.

    Hidden checks run too if the course has its `solutions/`. Students have only the visible checks, so they can earn
    only the points for those. The file is graded as a first attempt by no particular student.

    notebook: the file, which defines the stubs of one lab. course: the folder with course.yaml; by default, the one in
    the current folder or the nearest folder above it, otherwise the installed one.

    Raises SubmissionError if the file can't be read or doesn't belong to any lab, CourseError if there's no course or
    its checks can't be loaded, and InsufficientIsolation if this machine's sandbox is too weak to run hidden checks.

    >>> import autograder
    >>> result = autograder.grade("exercises/softmax/softmax.ipynb")
    >>> result.lab, result.status, result.score
    ('softmax', 'graded', 0.0)
    >>> sorted({str(check.outcome) for check in result.checks})
    ['unsolved']
    """
    loaded = load(None if course is None else Path(course).resolve())
    path = Path(notebook)
    content = read_file(path)
    lab = lab_of(parse(content, path), loaded)
    hidden = loaded.hidden_checks(lab.name).is_file()
    context = GradingContext(loaded.root, secrets.load_secret(loaded.root) if hidden else b"")
    if hidden:
        isolation_of(loaded, context)
    with closing(GradingSession(context, visible_only=not hidden)) as session:
        (result,) = session.grade([Job(SOMEBODY.student or "", lab.name, path, 1, content=content)])
    return result
