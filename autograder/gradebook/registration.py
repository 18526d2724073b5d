"""Enter a lab in nbgrader's gradebook as `nbgrader generate_assignment` does, but in a single transaction."""

from typing import Any

import sqlalchemy as sql
from nbconvert.preprocessors import Preprocessor
from nbgrader import api
from nbgrader.preprocessors import SaveCells
from sqlalchemy.orm import Session


def enter(connection: sql.Connection, course_id: str, name: str, exercise: Any) -> None:
    """Enter the lab with its cells. Raises RuntimeError if the cells are different and submissions have grades."""
    # Where no name is configured. PostgreSQL wants each assignment's course to exist, and "" never does.
    gradebook = _GradebookInTransaction(connection, course_id or "default_course")
    try:
        gradebook.update_or_create_assignment(name)
        _Saver().save(gradebook, name, exercise)
    finally:
        gradebook.close()


class _GradebookInTransaction(api.Gradebook):  # type: ignore[misc]
    """nbgrader's gradebook inside a transaction of ours: each of its commits only ends a savepoint."""

    def __init__(self, connection: sql.Connection, course_id: str) -> None:
        self.db = Session(connection, join_transaction_mode="create_savepoint")
        self.check_course(course_id=course_id)
        self.course_id = course_id
        self.authenticator = None

    def close(self) -> None:
        self.db.close()


class _Saver(SaveCells):  # type: ignore[misc]
    """nbgrader's own way to save a notebook's cells, on a gradebook that's already open."""

    def save(self, gradebook: api.Gradebook, name: str, exercise: Any) -> None:
        self.gradebook, self.notebook_id, self.assignment_id = gradebook, name, name
        self.new_grade_cells: dict[str, Any] = {}
        self.new_solution_cells: dict[str, Any] = {}
        self.new_task_cells: dict[str, Any] = {}
        self.new_source_cells: dict[str, Any] = {}
        Preprocessor.preprocess(self, exercise, {})  # goes through the cells
        self._create_notebook(exercise)
