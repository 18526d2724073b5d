"""Apply changed points to the gradebook: update nbgrader's maxima, every score that depends on them, and the
evidence."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from autograder.gradebook import facts, results_file, tables
from autograder.gradebook.changes import Change, differs
from autograder.gradebook.exercise_points import rescored
from autograder.gradebook.tables import (
    FACTS,
    GRADE,
    GRADE_CELL,
    GRADING,
    SUBMISSION,
    SUBMITTED,
    TASK_CELL,
    AssignmentRows,
)
from autograder.model.amounts import amount
from autograder.model.course import Lab
from autograder.model.results import LabResult, Outcome, clamped, stub_points

Maxima = Mapping[str, float]
# How many results to rescore at a time.
AT_ONCE = 100


def as_text(maxima: Maxima) -> str:
    """Return the points of a lab's cells as text, in the form stored with each result, so that the database can compare
    them."""
    return json.dumps(dict(sorted(maxima.items())))


def stub_score(result: LabResult, stub: str, maximum: float) -> tuple[float | None, bool]:
    """Return nbgrader's automatic score for a stub's cell, and whether a person has to look at it."""
    if result.score is None:
        return None, True
    missed = any(each.stub == stub and each.outcome is Outcome.NOT_GRADED for each in result.checks)
    return clamped(stub_points(result).get(stub, 0.0), maximum), missed


def adopt(connection: sql.Connection, lab: Lab, maxima: Maxima) -> list[Change]:
    """Set the maxima of a lab's cells, recompute its submissions' scores from their evidence, and return what changed.

    Does nothing if the lab isn't in the gradebook or has different cells there. If the cells differ, registering the
    lab reports that.
    """
    sheet, _ = tables.read_rows(connection, lab)
    if sheet is None or sheet.maxima.keys() != maxima.keys():
        return []
    for name, points in maxima.items():
        for table in (GRADE_CELL, TASK_CELL):
            update = sql.update(table).where(table.c.id == sheet.graded[name])
            connection.execute(update.values(max_score=points))
    ids = connection.scalars(_graded_against_others(sheet, maxima).order_by(SUBMISSION.c.student_id)).all()
    changes: list[Change] = []
    for start in range(0, len(ids), AT_ONCE):
        changes += _rescore(connection, lab, sheet, maxima, ids[start : start + AT_ONCE])
    return changes


def is_outdated(connection: sql.Connection, lab: Lab) -> bool:
    """Return whether nbgrader's points for a lab differ from those that its newest results were graded against."""
    sheet, _ = tables.read_rows(connection, lab)
    return sheet is not None and connection.scalar(_graded_against_others(sheet, sheet.maxima).limit(1)) is not None


def _graded_against_others(sheet: AssignmentRows, maxima: Maxima) -> sql.Select[Any]:
    """Return a query for the ids of a lab's newest results that were graded against different points."""
    other = FACTS.c.maxima.is_(None) | (FACTS.c.maxima != as_text(maxima))
    # Usually no results match this condition, so we look up the newest result only for submissions with a match.
    newest = sql.select(sql.func.max(GRADING.c.id)).where(GRADING.c.submission_id == SUBMISSION.c.id)
    query = sql.select(FACTS.c.grading_id).join(SUBMISSION, SUBMISSION.c.id == FACTS.c.submission_id)
    query = query.where(other, SUBMISSION.c.assignment_id == sheet.assignment)
    return query.where(FACTS.c.grading_id == newest.scalar_subquery())


def _rescore(
    connection: sql.Connection, lab: Lab, sheet: AssignmentRows, maxima: Maxima, ids: Sequence[int]
) -> list[Change]:
    columns = (GRADING.c.id, GRADING.c.submission_id, GRADING.c.maxima, GRADING.c.result)
    found = connection.execute(sql.select(*columns).where(GRADING.c.id.in_(ids))).all()
    grades = _grades(connection, [row.submission_id for row in found])
    updates: list[dict[str, Any]] = []
    gradings: list[dict[str, Any]] = []
    changes: dict[str, Change] = {}
    for row in found:
        result = LabResult.model_validate_json(row.result)
        after = rescored(result, lab)
        old = sheet.maxima if row.maxima is None else json.loads(row.maxima)
        cells = {name: grades[row.submission_id, cell] for name, cell in sheet.graded.items()}
        by_hand = []
        for name, grade in cells.items():
            values, note = _by_hand(name, grade, old[name], maxima[name])
            by_hand += [note] if note else []
            updates.append({"b_id": grade.id, **_automatic(lab, after, name, grade, maxima[name]), **values})
        # The score that nbgrader has shown and exported until now.
        before = None if result.score is None else sum(cells[stub.name].auto_score or 0.0 for stub in lab.stubs)
        max_before = sum(old[stub.name] for stub in lab.stubs)
        if differs(before, after.score) or max_before != after.max_score or by_hand:
            said = [_worth(name, old[name], maxima[name]) for name in maxima if old[name] != maxima[name]]
            changes[row.submission_id] = Change(
                changed_at=datetime.now(UTC).replace(tzinfo=None),
                student=result.student,
                lab=result.lab,
                attempt=result.attempt,
                before=before,
                max_before=max_before,
                after=after.score,
                max_after=after.max_score,
                why="; ".join([*said, *by_hand]) or "nbgrader's scores didn't match the evidence",
            )
        kept = {"status": after.status, "score": after.score, "max_score": after.max_score}
        gradings.append({"b_id": row.id, "maxima": as_text(maxima), "result": after.model_dump_json(), **kept})
    tables.update_each(connection, GRADE, updates)
    tables.update_each(connection, GRADING, gradings)
    facts.keep_again(connection, ids)
    results_file.forget(connection)
    tables.keep_changes(connection, changes)
    return list(changes.values())


def _grades(connection: sql.Connection, submissions: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Return nbgrader's grades by submission and cell id."""
    query = (
        sql.select(SUBMITTED.c.assignment_id, GRADE)
        .join(SUBMITTED, SUBMITTED.c.id == GRADE.c.notebook_id)
        .where(SUBMITTED.c.assignment_id.in_(submissions))
    )
    return {(row.assignment_id, row.cell_id): row for row in connection.execute(query)}


def _automatic(lab: Lab, result: LabResult, name: str, grade: Any, maximum: float) -> dict[str, Any]:
    """Return a cell's automatic score, and whether a person has to look at it. Only a stub's score comes from
    evidence."""
    score, needed = grade.auto_score, grade.needs_manual_grade
    if any(stub.name == name for stub in lab.stubs):
        score, missed = stub_score(result, name, maximum)
        needed = missed if grade.manual_score is None else needed
    return {"auto_score": score, "needs_manual_grade": needed, "manual_score": grade.manual_score}


def _by_hand(name: str, grade: Any, before: float, now: float) -> tuple[dict[str, Any], str | None]:
    """Return the columns to update in a manual score whose cell has a new maximum, and a sentence if the update is
    worth reporting.

    Full credit stays full credit, and 0 stays 0. For anything in between, a person has to decide.
    """
    if before == now or not grade.manual_score:
        return {}, None
    given = f"the score given by hand for {name}"
    if grade.manual_score == before:
        return {"manual_score": now}, f"{given} is now {now:g} instead of {grade.manual_score:g}"
    return {"needs_manual_grade": True}, f"{given} ({grade.manual_score:g}) needs another look"


def _worth(name: str, before: float, now: float) -> str:
    return f"{name} is now worth {amount(now, 'point')} instead of {before:g}"
