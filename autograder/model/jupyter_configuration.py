"""Configure nbgrader's commands from this user's Jupyter configuration and the course's, and from nothing else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.model.course import Course


def configure(app: Any, course: Course) -> None:
    """Configure one of nbgrader's commands from this user's Jupyter configuration and the one in the course's root.

    We never use the current folder, because its files may come from a stranger. Configuration is code, so this raises
    whatever that code raises.
    """
    app.log.disabled = True
    app.load_cwd_config = False
    with _path_of(course):
        app.initialize([], root=str(course.root))


@contextmanager
def _path_of(course: Course) -> Iterator[None]:
    """Return a context that adds only the course's root to sys.path, since the configuration may name a plugin there.

    Any other changes to sys.path are undone, such as nbgrader adding the current folder.
    """
    path = list(sys.path)
    try:
        yield
    finally:
        root = str(course.root)
        sys.path[:] = path if root in path else [*path, root]
