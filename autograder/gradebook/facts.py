"""Facts about each result, in separate tables, so that we can compute a class's levels without reading its evidence.

Attempts with the same outcomes for a stub share one row of `mastery_outcomes`. Most students in a class give the same
answers, so the table stays short, and anything we compute from a row is computed only once.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sql

from autograder.gradebook.tables import ASSIGNMENT, FACTS, GRADING, OUTCOMES, SUBMISSION
from autograder.grading.engine_version import ENGINE_VERSION
from autograder.mastery.course_levels import FactHistories
from autograder.mastery.facts import AttemptFacts, StubFacts, facts_of
from autograder.model.files import content_hash
from autograder.model.results import Difference, LabResult, Problem

# How many outcomes to read at a time, well below the number of parameters that a database accepts in one statement.
AT_ONCE = 1000
# The outcomes read so far, by id. They never change.
Known = dict[int, StubFacts]


class FactsRow(NamedTuple):
    """One result's row: the result's id, its submission's id, its facts, and the columns we read along with the
    facts."""

    grading: int
    submission: str
    facts: AttemptFacts
    engine_version: str | None
    maxima: str | None


def keep(connection: sql.Connection, rows: Sequence[FactsRow]) -> None:
    """Store the facts about results, replacing any earlier facts."""
    if not rows:
        return
    texts = {stub: stub.as_text() for row in rows for stub in row.facts.stubs}
    ids = _outcome_ids(connection, {text: content_hash(text.encode()) for text in set(texts.values())})
    connection.execute(sql.delete(FACTS).where(FACTS.c.grading_id.in_([row.grading for row in rows])))
    connection.execute(
        sql.insert(FACTS),
        [
            {
                "grading_id": row.grading,
                "submission_id": row.submission,
                "attempt": row.facts.attempt,
                "handed_in": row.facts.when,
                "status": row.facts.status,
                "message": json.dumps(row.facts.message),
                "score": row.facts.score,
                "max_score": row.facts.max_score,
                "stubs": json.dumps(
                    [(ids[texts[stub]], of) for stub, of in zip(row.facts.stubs, row.facts.points, strict=True)]
                ),
                "problems": _as_text(row.facts.problems),
                "engine_version": row.engine_version,
                "maxima": row.maxima,
            }
            for row in rows
        ],
    )


def _as_text(problems: Sequence[Problem] | None) -> str | None:
    return None if problems is None else json.dumps([(each.field, each.sentence) for each in problems])


def _outcome_ids(connection: sql.Connection, digests: dict[str, str]) -> dict[str, int]:
    """Map the text of each outcome to its id, and store any that are new. `digests`: each text's digest."""
    query = sql.select(OUTCOMES.c.digest, OUTCOMES.c.id).where(OUTCOMES.c.digest.in_(digests.values()))

    def found() -> dict[str, int]:
        return {row.digest: row.id for row in connection.execute(query)}

    there = found()
    if new := [{"digest": digest, "facts": text} for text, digest in digests.items() if digest not in there]:
        connection.execute(sql.insert(OUTCOMES), new)
        there = found()
    return {text: there[digest] for text, digest in digests.items()}


def keep_again(connection: sql.Connection, gradings: Sequence[int]) -> None:
    """Recompute the facts about results from their evidence, and store them."""
    columns = (GRADING.c.id, GRADING.c.submission_id, GRADING.c.submitted_at, GRADING.c.graded_at, GRADING.c.result)
    query = sql.select(*columns, GRADING.c.engine_version, GRADING.c.maxima).where(GRADING.c.id.in_(gradings))
    rows = []
    for number, submission, submitted_at, graded_at, text, *others in connection.execute(query):
        found = facts_of(LabResult.model_validate_json(text), submitted_at or graded_at)
        rows.append(FactsRow(number, submission, found, *others))
    keep(connection, rows)


def missing(connection: sql.Connection) -> int:
    """Return how many results have no facts yet. Results written under an earlier schema have none."""
    gradings, facts = (sql.select(sql.func.count()).select_from(table) for table in (GRADING, FACTS))
    return (connection.scalar(gradings) or 0) - (connection.scalar(facts) or 0)


def add_missing(connection: sql.Connection, after: int, most: int) -> Sequence[int]:
    """Store facts for the next results that have none, and return those results' ids.

    after: look only at results with a greater id. most: the maximum number of results.
    """
    query = sql.select(GRADING.c.id).outerjoin(FACTS, FACTS.c.grading_id == GRADING.c.id)
    query = query.where(GRADING.c.id > after, FACTS.c.grading_id.is_(None)).order_by(GRADING.c.id).limit(most)
    ids = connection.scalars(query).all()
    keep_again(connection, ids)
    return ids


def of_students(connection: sql.Connection, students: Sequence[str], known: Known) -> dict[str, FactHistories]:
    """Return each student's attempts by lab, oldest first, each with its newest result. Leave out students without any
    attempts.

    known: the outcomes that earlier calls have read. This call adds any others it needs.
    """
    query = (
        sql.select(SUBMISSION.c.student_id, ASSIGNMENT.c.name, FACTS)
        .select_from(FACTS.join(SUBMISSION, SUBMISSION.c.id == FACTS.c.submission_id).join(ASSIGNMENT))
        .where(SUBMISSION.c.student_id.in_(students))
        .order_by(FACTS.c.grading_id)
    )
    newest = {(row.submission_id, row.attempt): row for row in connection.execute(query).all()}
    rows = sorted(newest.values(), key=lambda row: (row.attempt, row.grading_id))
    stubs, messages = _all_from_json(row.stubs for row in rows), _all_from_json(row.message for row in rows)
    _read_outcomes(connection, {number for each in stubs for number, _ in each} - known.keys(), known)
    found: dict[str, dict[str, list[AttemptFacts]]] = defaultdict(lambda: defaultdict(list))
    for row, outcomes, message in zip(rows, stubs, messages, strict=True):
        found[row.student_id][row.name].append(_attempt(row, outcomes, message, known))
    return {student: dict(history) for student, history in found.items()}


def _all_from_json(texts: Iterable[str]) -> list[Any]:
    """Decode many short texts, in a fraction of the time that decoding each one takes."""
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def _attempt(row: Any, stubs: Sequence[tuple[int, float]], message: str | None, known: Known) -> AttemptFacts:
    return AttemptFacts(
        lab=row.name,
        attempt=row.attempt,
        when=row.handed_in,
        status=row.status,
        message=message,
        score=row.score,
        max_score=row.max_score,
        stubs=tuple([known[number] for number, _ in stubs]),
        points=tuple([points for _, points in stubs]),
        problems=None if row.problems is None else tuple(map(_problem, json.loads(row.problems))),
        grading=row.grading_id,
    )


def _problem(parts: tuple[str, str]) -> Problem:
    field, sentence = parts
    return Problem(field=field, sentence=sentence)


def _read_outcomes(connection: sql.Connection, ids: Iterable[int], known: Known) -> None:
    left = sorted(ids)
    for start in range(0, len(left), AT_ONCE):
        query = sql.select(OUTCOMES.c.id, OUTCOMES.c.facts).where(OUTCOMES.c.id.in_(left[start : start + AT_ONCE]))
        known.update({number: StubFacts.from_text(text) for number, text in connection.execute(query)})


def lines(connection: sql.Connection, gradings: Sequence[int]) -> dict[int, str]:
    """Return results by id, as JSON in the current format."""
    query = sql.select(GRADING.c.id, GRADING.c.engine_version, GRADING.c.result).where(GRADING.c.id.in_(gradings))
    return {number: _today(text, version) for number, version, text in connection.execute(query)}


def _today(text: str, version: str | None) -> str:
    """Return a stored result, converted to the current format if a different version of this program wrote it."""
    return text if version == ENGINE_VERSION else LabResult.model_validate_json(text).model_dump_json()


def answer(connection: sql.Connection, grading: int, check: str) -> Difference | None:
    """Return how an answer differs from the expected one, as stored by a check; None if it stored nothing."""
    text = connection.scalar(sql.select(GRADING.c.result).where(GRADING.c.id == grading))
    if text is None:
        return None
    checks = LabResult.model_validate_json(text).checks
    return next((each.difference for each in checks if each.id == check), None)
