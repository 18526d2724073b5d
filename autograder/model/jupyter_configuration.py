"""How nbgrader's commands are configured here: as Jupyter is for this user, and by the course; by nothing else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.model.course import Course


def configure(app: Any, course: Course) -> None:
    """Configure one of nbgrader's commands as Jupyter is for this user, and by the course's root.

    Never by the current folder, which may be a stranger's. Raises whatever a configuration does, which is code.
    """
    app.log.disabled = True
    app.load_cwd_config = False
    with _path_of(course):
        app.initialize([], root=str(course.root))


@contextmanager
def _path_of(course: Course) -> Iterator[None]:
    """The course's root on the path, where its configuration may name a plugin; nbgrader adds the current folder."""
    path = list(sys.path)
    try:
        yield
    finally:
        root = str(course.root)
        sys.path[:] = path if root in path else [*path, root]
