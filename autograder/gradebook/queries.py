"""Gradebook queries: people's judgments and overrides, nbgrader's totals and maximum scores, and changed scores."""

from collections.abc import Sequence

import sqlalchemy as sql
from nbgrader import api

from autograder.gradebook.changes import Change
from autograder.gradebook.records import Total, seconds_late
from autograder.gradebook.tables import (
    ASSIGNMENT,
    BASE,
    CHANGE,
    COMMENT,
    GRADE,
    GRADE_CELL,
    STUDENT,
    SUBMISSION,
    SUBMITTED,
    TASK_CELL,
)
from autograder.mastery.levels import Judgement, Override
from autograder.model.paths import solution_id

_CELLS_OF_STUDENTS = (
    SUBMITTED.join(SUBMISSION, SUBMISSION.c.id == SUBMITTED.c.assignment_id)
    .join(ASSIGNMENT, ASSIGNMENT.c.id == SUBMISSION.c.assignment_id)
    .join(BASE, BASE.c.notebook_id == SUBMITTED.c.notebook_id)
)


def judgements(connection: sql.Connection, students: Sequence[str]) -> dict[str, list[Judgement]]:
    """Map each student to the rows that a person has graded and that don't need another look."""
    query = (
        sql.select(SUBMISSION.c.student_id, ASSIGNMENT.c.name, BASE.c.name)
        .add_columns(GRADE.c.manual_score >= TASK_CELL.c.max_score, COMMENT.c.manual_comment)
        .select_from(_CELLS_OF_STUDENTS.join(TASK_CELL, TASK_CELL.c.id == BASE.c.id))
        .join(GRADE, sql.and_(GRADE.c.notebook_id == SUBMITTED.c.id, GRADE.c.cell_id == BASE.c.id))
        .outerjoin(COMMENT, sql.and_(COMMENT.c.notebook_id == SUBMITTED.c.id, COMMENT.c.cell_id == BASE.c.id))
        .where(GRADE.c.manual_score.is_not(None), GRADE.c.needs_manual_grade.is_(False))
        .where(SUBMISSION.c.student_id.in_(students))
    )
    found: dict[str, list[Judgement]] = {}
    for student, lab, row, satisfied, comment in connection.execute(query):
        judgement = Judgement(lab=lab, row=row, satisfied=satisfied, comment=comment)
        found.setdefault(student, []).append(judgement)
    return found


def overrides(connection: sql.Connection, students: Sequence[str]) -> dict[str, list[Override]]:
    """Map each student to the cells that a person gave full credit and that don't need another look.

    Most of these cells are stubs.
    """
    graded = (
        sql.select(SUBMITTED.c.id, SUBMISSION.c.student_id, ASSIGNMENT.c.name, BASE.c.name)
        .select_from(_CELLS_OF_STUDENTS.join(GRADE_CELL, GRADE_CELL.c.id == BASE.c.id))
        .join(GRADE, sql.and_(GRADE.c.notebook_id == SUBMITTED.c.id, GRADE.c.cell_id == BASE.c.id))
        .where(GRADE.c.manual_score >= GRADE_CELL.c.max_score, GRADE_CELL.c.max_score > 0)
        .where(GRADE.c.needs_manual_grade.is_(False), SUBMISSION.c.student_id.in_(students))
    )
    commented = (
        sql.select(SUBMITTED.c.id, BASE.c.name, COMMENT.c.manual_comment)
        .select_from(_CELLS_OF_STUDENTS)
        .join(COMMENT, sql.and_(COMMENT.c.notebook_id == SUBMITTED.c.id, COMMENT.c.cell_id == BASE.c.id))
        .where(COMMENT.c.manual_comment.is_not(None), SUBMISSION.c.student_id.in_(students))
    )
    rows, comments = connection.execute(graded).all(), connection.execute(commented).all()
    said = {(notebook, cell): text for notebook, cell, text in comments}
    found: dict[str, list[Override]] = {}
    for notebook, student, lab, stub in rows:
        comment = said.get((notebook, solution_id(stub)))
        found.setdefault(student, []).append(Override(lab=lab, stub=stub, comment=comment))
    return found


_HAS_GRADES = sql.exists().where(SUBMITTED.c.assignment_id == SUBMISSION.c.id, GRADE.c.notebook_id == SUBMITTED.c.id)


def unread(connection: sql.Connection, students: Sequence[str]) -> dict[str, list[str]]:
    """Map each student to the labs in which a person still has to look at the student's graded submission."""
    query = (
        sql.select(STUDENT.c.id, ASSIGNMENT.c.name)
        .select_from(SUBMISSION.join(STUDENT).join(ASSIGNMENT))
        .where(_HAS_GRADES, api.SubmittedAssignment.needs_manual_grade, STUDENT.c.id.in_(students))
        .order_by(SUBMISSION.c.id)
    )
    found: dict[str, list[str]] = {}
    for student, lab in connection.execute(query):
        found.setdefault(student, []).append(lab)
    return found


def totals(connection: sql.Connection, students: Sequence[str] | None = None) -> list[Total]:
    """Return the totals of all graded submissions, or only of these students' submissions, ordered by student."""
    student, submission = api.Student, api.SubmittedAssignment
    query = (
        sql.select(student.id, student.lms_user_id, student.email, ASSIGNMENT.c.name, submission.score)
        .add_columns(submission.late_submission_penalty, submission.max_score, submission.needs_manual_grade)
        .add_columns(SUBMISSION.c.timestamp, ASSIGNMENT.c.duedate, SUBMISSION.c.extension)
        .select_from(SUBMISSION.join(STUDENT).join(ASSIGNMENT))
        .where(_HAS_GRADES)
        .order_by(student.id)
    )
    rows = connection.execute(query if students is None else query.where(student.id.in_(students)))
    return [
        Total(
            student=name,
            names=tuple(filter(None, (name, lms_id, email))),
            lab=lab,
            score=max(0.0, score - penalty),
            max_score=most,
            unread=bool(unread),
            penalty=penalty,
            handed_in=handed_in,
            seconds_late=None if None in (handed_in, due) else seconds_late(handed_in, due, extension),
        )
        for name, lms_id, email, lab, score, penalty, most, unread, handed_in, due, extension in rows
    ]


def changes(connection: sql.Connection) -> list[Change]:
    """Return the scores and late penalties that changed even though the attempt didn't, oldest first."""
    kept = [column for column in CHANGE.c if column.name not in ("id", "submission_id")]
    query = (
        sql.select(SUBMISSION.c.student_id.label("student"), ASSIGNMENT.c.name.label("lab"), *kept)
        .select_from(CHANGE.join(SUBMISSION, SUBMISSION.c.id == CHANGE.c.submission_id).join(ASSIGNMENT))
        .order_by(CHANGE.c.id)
    )
    rows = connection.execute(query).mappings()
    return [Change.model_validate(dict(row)) for row in rows]


def maxima(connection: sql.Connection) -> dict[str, float]:
    """Return the maximum points for each lab that nbgrader knows about."""
    query = sql.select(ASSIGNMENT.c.name, api.Assignment.max_score).select_from(ASSIGNMENT)
    return {name: most or 0.0 for name, most in connection.execute(query)}
