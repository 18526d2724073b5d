"""Write the scores, penalties and evidence of graded submissions to the gradebook's tables, in bulk."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from nbgrader import api

from autograder.gradebook import facts, tables
from autograder.gradebook.changes import Change, differs, how_late, why_regraded
from autograder.gradebook.points import as_text, stub_score
from autograder.gradebook.records import GradeRecord, seconds_late
from autograder.gradebook.settings import Settings
from autograder.gradebook.tables import (
    ASSIGNMENT,
    COMMENT,
    GRADE,
    GRADING,
    STUDENT,
    SUBMISSION,
    SUBMITTED,
    AssignmentRows,
)
from autograder.mastery.facts import facts_of
from autograder.model.course import Course, Lab
from autograder.model.results import LabResult

_ONE_GRADING = ("submission_id", "attempt", "course_version")


def write(
    connection: sql.Connection,
    course: Course,
    settings: Settings,
    rows_of: Mapping[str, AssignmentRows],
    records: Sequence[GradeRecord],
) -> list[Change]:
    """Write scores, penalties and evidence. Return the scores and penalties that changed even though the attempt
    didn't.

    rows_of: each lab's rows, as read in this transaction.
    """
    submissions, rows, grades, comments = _rows(connection, rows_of, records)
    before = tables.last_gradings(connection, [submission.id for submission in submissions])
    now = datetime.now(UTC).replace(tzinfo=None)
    updates: dict[sql.Table, list[dict[str, Any]]] = {SUBMISSION: [], SUBMITTED: [], GRADE: [], COMMENT: []}
    gradings = []
    changes: dict[str, Change] = {}
    for each, submission, row in zip(records, submissions, rows, strict=True):
        lab, result = rows_of[each.result.lab], each.result
        last = before.get(submission.id)
        fresh = last is None or last.attempt != result.attempt
        total = 0.0
        for name, cell in lab.graded.items():
            grade = grades[row.id, cell]
            auto, needed = _auto_score(course.lab(result.lab), lab, each, name)
            if grade.manual_score is not None:
                needed = grade.needs_manual_grade or fresh or auto != grade.auto_score
            updates[GRADE].append({"b_id": grade.id, "auto_score": auto, "needs_manual_grade": needed})
            total += auto or 0.0 if grade.manual_score is None else grade.manual_score
            total += grade.extra_credit or 0.0
        for name, cell in lab.commented.items():
            said = "No response." if name in each.unanswered else None
            updates[COMMENT].append({"b_id": comments[row.id, cell].id, "auto_comment": said})
        submitted_at = each.submitted_at or submission.timestamp
        late = seconds_late(submitted_at, lab.duedate, submission.extension)
        penalty = settings.late_penalty(result.student, total, late)
        updates[SUBMISSION].append({"b_id": submission.id, "timestamp": submitted_at})
        if last is not None and not fresh:
            known = LabResult.model_validate_json(last.result)
            changes |= _changed(submission.id, known, result, row.late_submission_penalty, penalty, late, now)
        updates[SUBMITTED].append({"b_id": row.id, "late_submission_penalty": penalty})
        # An nbgrader command may have changed nbgrader's own maxima in the meantime.
        maxima = {**lab.maxima, **{stub.name: stub.points for stub in course.lab(result.lab).stubs}}
        gradings.append({**_grading(submission.id, each, now), "maxima": as_text(maxima)})
    for table, values in updates.items():
        tables.update_each(connection, table, values)
    same = [sql.bindparam(f"b_{name}") == GRADING.c[name] for name in _ONE_GRADING]
    doubles = [{f"b_{name}": grading[name] for name in _ONE_GRADING} for grading in gradings]
    connection.execute(sql.delete(GRADING).where(*same), doubles)
    connection.execute(sql.insert(GRADING), gradings)
    _keep_facts(connection, gradings, records)
    tables.keep_changes(connection, changes)
    return list(changes.values())


def count_lateness(connection: sql.Connection, settings: Settings, student: str | None = None) -> list[Change]:
    """Recompute all late penalties, or one student's, in case there are new extensions. Store and return what
    changed."""
    late = SUBMISSION.c.timestamp > ASSIGNMENT.c.duedate
    newest = sql.select(sql.func.max(GRADING.c.id)).where(GRADING.c.submission_id == SUBMISSION.c.id)
    query = (
        sql.select(SUBMITTED.c.id, SUBMITTED.c.late_submission_penalty, api.SubmittedNotebook.score.label("total"))
        .add_columns(SUBMISSION.c.id.label("submission"), SUBMISSION.c.student_id, ASSIGNMENT.c.name.label("lab"))
        .add_columns(SUBMISSION.c.timestamp, ASSIGNMENT.c.duedate, SUBMISSION.c.extension)
        .add_columns(GRADING.c.attempt, GRADING.c.score, GRADING.c.max_score)
        .select_from(SUBMITTED.join(SUBMISSION, SUBMISSION.c.id == SUBMITTED.c.assignment_id).join(ASSIGNMENT))
        .join(GRADING, GRADING.c.id == newest.correlate(SUBMISSION).scalar_subquery())
        .where(late | SUBMITTED.c.late_submission_penalty.is_not(None))
        .order_by(SUBMISSION.c.student_id, ASSIGNMENT.c.name)
    )
    if student is not None:
        query = query.where(SUBMISSION.c.student_id == student)
    changes: dict[str, Change] = {}
    for row in connection.execute(query).all():
        seconds = seconds_late(row.timestamp, row.duedate, row.extension)
        before, now = row.late_submission_penalty, settings.late_penalty(row.student_id, row.total, seconds)
        if (now or 0.0) == (before or 0.0):
            continue
        update = sql.update(SUBMITTED).where(SUBMITTED.c.id == row.id)
        connection.execute(update.values(late_submission_penalty=now))
        if differs(before or 0.0, now or 0.0):
            changes[row.submission] = Change(
                changed_at=datetime.now(UTC).replace(tzinfo=None),
                student=row.student_id,
                lab=row.lab,
                attempt=row.attempt,
                before=row.score,
                max_before=row.max_score,
                after=row.score,
                max_after=row.max_score,
                why=how_late(seconds),
                penalty_before=before or 0.0,
                penalty_after=now or 0.0,
            )
    tables.keep_changes(connection, changes)
    return list(changes.values())


def _rows(
    connection: sql.Connection, rows_of: Mapping[str, AssignmentRows], records: Sequence[GradeRecord]
) -> tuple[Any, Any, Any, Any]:
    """Return nbgrader's rows for the records, after inserting those that are missing.

    Returns the submissions, their notebooks, and the grades and comments by notebook and cell id.
    """
    students = {record.result.student for record in records}
    tables.insert_missing(connection, STUDENT, ["id"], [{"id": student} for student in sorted(students)])
    pages = [
        {"assignment_id": rows_of[each.result.lab].assignment, "student_id": each.result.student} for each in records
    ]
    found = tables.insert_missing(connection, SUBMISSION, ["assignment_id", "student_id"], pages)
    submissions = [found[tuple(page.values())] for page in pages]
    notebooks = [
        {"assignment_id": submission.id, "notebook_id": rows_of[each.result.lab].notebook}
        for each, submission in zip(records, submissions, strict=True)
    ]
    parts = tables.insert_missing(
        connection, SUBMITTED, ["assignment_id", "notebook_id"], notebooks, {"flagged": False}
    )
    rows = [parts[tuple(notebook.values())] for notebook in notebooks]
    graded, commented = [], []
    for each, row in zip(records, rows, strict=True):
        lab = rows_of[each.result.lab]
        graded += [{"notebook_id": row.id, "cell_id": cell} for cell in lab.graded.values()]
        commented += [{"notebook_id": row.id, "cell_id": cell} for cell in lab.commented.values()]
    keys = ["notebook_id", "cell_id"]
    grades = tables.insert_missing(connection, GRADE, keys, graded, {"needs_manual_grade": True})
    comments = tables.insert_missing(connection, COMMENT, keys, commented)
    return submissions, rows, grades, comments


def _auto_score(lab: Lab, rows: AssignmentRows, record: GradeRecord, name: str) -> tuple[float | None, bool]:
    """Return nbgrader's automatic score for a graded cell, and whether a person has to look at it."""
    result = record.result
    if name not in [stub.name for stub in lab.stubs]:
        return (0.0, False) if name in record.unanswered else (None, True)
    return stub_score(result, name, rows.maxima[name])


def _changed(
    submission: str,
    before: LabResult,
    after: LabResult,
    penalty_before: float | None,
    penalty_after: float | None,
    seconds: float,
    now: datetime,
) -> dict[str, Change]:
    """Return how regrading changed an attempt's score or penalty, keyed by submission; empty if it changed neither."""
    penalties = penalty_before or 0.0, penalty_after or 0.0
    scored = differs(before.score, after.score) or before.max_score != after.max_score
    penalized = differs(*penalties)
    if not scored and not penalized:
        return {}
    change = Change(
        changed_at=now,
        student=after.student,
        lab=after.lab,
        attempt=after.attempt,
        before=before.score,
        max_before=before.max_score,
        after=after.score,
        max_after=after.max_score,
        why=why_regraded(before, after) if scored else how_late(seconds),
        penalty_before=penalties[0] if penalized else None,
        penalty_after=penalties[1] if penalized else None,
    )
    return {submission: change}


def _keep_facts(
    connection: sql.Connection, gradings: Sequence[Mapping[str, Any]], records: Sequence[GradeRecord]
) -> None:
    """Store the facts about results that were just written. Each one is the newest result for its submission."""
    newest = tables.newest([grading["submission_id"] for grading in gradings]).add_columns(GRADING.c.submission_id)
    ids = {submission: number for number, submission in connection.execute(newest)}
    rows = []
    for grading, each in zip(gradings, records, strict=True):
        found = facts_of(each.result, grading["submitted_at"] or grading["graded_at"])
        of = grading["submission_id"]
        rows.append(facts.FactsRow(ids[of], of, found, grading["engine_version"], grading["maxima"]))
    facts.keep(connection, rows)


def _grading(submission: str, record: GradeRecord, now: datetime) -> dict[str, Any]:
    result = record.result
    return {
        "submission_id": submission,
        "attempt": result.attempt,
        "submitted_at": record.submitted_at,
        "graded_at": now,
        "content_hash": result.content_hash,
        "course_version": result.course_version,
        "engine_version": result.engine_version or None,
        "run": result.run or None,
        "secret": result.secret,
        "status": result.status,
        "score": result.score,
        "max_score": result.max_score,
        "result": result.model_dump_json(),
    }
