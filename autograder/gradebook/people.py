"""The students in a gradebook: read the roster, list removed students, rename a student, or drop one."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from autograder.gradebook import facts, results_file
from autograder.gradebook.tables import COMMENT, GRADE, GRADING, REMOVED, STUDENT, SUBMISSION, SUBMITTED
from autograder.model.amounts import amount
from autograder.model.results import LabResult


@dataclass(frozen=True)
class Belongings:
    """How much of one student's work is in a gradebook. `given`: how many grades and comments a person typed."""

    labs: int
    gradings: int
    given: int

    def __str__(self) -> str:
        return (
            f"submissions to {amount(self.labs, 'lab')}, {amount(self.gradings, 'result')} with evidence, and grades "
            f"and comments that a person typed ({self.given})"
        )


def roster(connection: sql.Connection, student: str | None = None) -> dict[str, str]:
    """Return all students in nbgrader's table (or just one), sorted, with their full names ("" if there's none)."""
    query = sql.select(STUDENT.c.id, STUDENT.c.first_name, STUDENT.c.last_name)
    rows = connection.execute(query if student is None else query.where(STUDENT.c.id == student)).all()
    return {name: " ".join(filter(None, names)) for name, *names in sorted(rows, key=lambda row: row.id)}


def removed(connection: sql.Connection) -> set[str]:
    """Return the names of removed or renamed students, except any that are back in nbgrader's table."""
    away = sql.select(REMOVED.c.student_id).where(REMOVED.c.student_id.not_in(sql.select(STUDENT.c.id)))
    return set(connection.scalars(away))


def belongings(connection: sql.Connection, student: str) -> Belongings | None:
    """Return how much work a student has in the gradebook; None if nbgrader doesn't know the student."""
    if connection.scalar(sql.select(STUDENT.c.id).where(STUDENT.c.id == student)) is None:
        return None
    submissions, notebooks = _theirs(student)
    given = (
        sql.select(GRADE.c.id).where(GRADE.c.notebook_id.in_(notebooks), GRADE.c.manual_score.is_not(None)),
        sql.select(COMMENT.c.id).where(COMMENT.c.notebook_id.in_(notebooks), COMMENT.c.manual_comment.is_not(None)),
    )
    return Belongings(
        labs=_count(connection, submissions),
        gradings=_count(connection, sql.select(GRADING.c.id).where(GRADING.c.submission_id.in_(submissions))),
        given=sum(_count(connection, query) for query in given),
    )


def drop(connection: sql.Connection, student: str) -> None:
    """Remove a student and everything that belongs to them. A trigger in the database records that they were
    removed."""
    submissions, notebooks = _theirs(student)
    for table, column, theirs in (
        (GRADE, GRADE.c.notebook_id, notebooks),
        (COMMENT, COMMENT.c.notebook_id, notebooks),
        (SUBMITTED, SUBMITTED.c.assignment_id, submissions),
        (GRADING, GRADING.c.submission_id, submissions),
        (SUBMISSION, SUBMISSION.c.student_id, [student]),
        (STUDENT, STUDENT.c.id, [student]),
    ):
        connection.execute(sql.delete(table).where(column.in_(theirs)))


def rename(connection: sql.Connection, old: str, new: str) -> None:
    """Rename a student. Insert the new row first, because PostgreSQL requires every submission to have an existing
    student."""
    row = connection.execute(sql.select(STUDENT).where(STUDENT.c.id == old)).mappings().one()
    connection.execute(sql.insert(STUDENT).values({**row, "id": new}))
    submissions, _ = _theirs(old)
    query = sql.select(GRADING.c.id, GRADING.c.result).where(GRADING.c.submission_id.in_(submissions))
    rows = connection.execute(query).all()
    for grading, result in rows:
        update = sql.update(GRADING).where(GRADING.c.id == grading)
        connection.execute(update.values(result=_renamed(result, old, new)))
    facts.keep_again(connection, [grading for grading, _ in rows])
    results_file.forget(connection)
    connection.execute(sql.update(SUBMISSION).where(SUBMISSION.c.student_id == old).values(student_id=new))
    # This also adds the old name to the removed students, because work handed in under it may still be in the exchange.
    connection.execute(sql.delete(STUDENT).where(STUDENT.c.id == old))


def _renamed(text: str, old: str, new: str) -> str:
    result = LabResult.model_validate_json(text)
    message = result.message and result.message.replace(f"/{old}/", f"/{new}/")
    return result.model_copy(update={"student": new, "message": message}).model_dump_json()


def _theirs(student: str) -> tuple[sql.Select[Any], sql.Select[Any]]:
    """Return queries for the ids of a student's submissions and of the notebooks in them."""
    submissions = sql.select(SUBMISSION.c.id).where(SUBMISSION.c.student_id == student)
    return submissions, sql.select(SUBMITTED.c.id).where(SUBMITTED.c.assignment_id.in_(submissions))


def _count(connection: sql.Connection, query: sql.Select[Any]) -> int:
    return connection.scalar(sql.select(sql.func.count()).select_from(query.subquery())) or 0
