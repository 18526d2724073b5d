"""Register a lab in nbgrader's gradebook as `nbgrader generate_assignment` does, but in a single transaction."""

from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy as sql
from nbconvert.preprocessors import Preprocessor
from nbgrader import api
from nbgrader.preprocessors import SaveCells
from sqlalchemy.orm import Session

from autograder.gradebook import tables
from autograder.gradebook.exercise_points import roles_in
from autograder.model.errors import CourseError


def enter(connection: sql.Connection, course_id: str, name: str, exercise: Any) -> None:
    """Register the lab with its cells. Raises RuntimeError if the cells have changed and submissions already have
    grades."""
    # Use a default course name if none is configured: in PostgreSQL, an assignment's course has to exist, and there's
    # never a course named "".
    gradebook = _GradebookInTransaction(connection, course_id or "default_course")
    try:
        gradebook.update_or_create_assignment(name)
        _Saver().save(gradebook, name, exercise)
    finally:
        gradebook.close()


def exercise_at(path: Path) -> Any:
    """Return the notebook that students open. Raises CourseError."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"{path} doesn't exist; make it with `mastery build`.") from None
    except Exception as error:  # nbformat's exceptions have no common base class
        raise CourseError(f"{path} isn't a notebook ({error}); make it again with `mastery build`.") from error


def cells_of(path: Path) -> tables.Cells:
    """Map the name of each nbgrader cell in an exercise to the cell's maximum score and checksum. Raises CourseError.

    We don't use nbformat, because it takes a sixth of a second to read its first notebook.
    """
    return {
        each["grade_id"]: (
            float(each["points"]) if each.get("grade") or each.get("task") else None,
            each.get("checksum"),
        )
        for each in roles_in(path)
    }


class _GradebookInTransaction(api.Gradebook):  # type: ignore[misc]
    """nbgrader's gradebook inside one of our transactions. Its commits only release a savepoint."""

    def __init__(self, connection: sql.Connection, course_id: str) -> None:
        self.db = Session(connection, join_transaction_mode="create_savepoint")
        self.check_course(course_id=course_id)
        self.course_id = course_id
        self.authenticator = None

    def close(self) -> None:
        self.db.close()


class _Saver(SaveCells):  # type: ignore[misc]
    """nbgrader's `SaveCells`, except that it uses a gradebook that's already open."""

    def save(self, gradebook: api.Gradebook, name: str, exercise: Any) -> None:
        self.gradebook, self.notebook_id, self.assignment_id = gradebook, name, name
        self.new_grade_cells: dict[str, Any] = {}
        self.new_solution_cells: dict[str, Any] = {}
        self.new_task_cells: dict[str, Any] = {}
        self.new_source_cells: dict[str, Any] = {}
        Preprocessor.preprocess(self, exercise, {})  # visits every cell
        self._create_notebook(exercise)
