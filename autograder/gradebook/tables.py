"""The tables of a gradebook, nbgrader's and ours, and the bulk queries on them."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from nbgrader import api

from autograder.gradebook import locking
from autograder.gradebook.changes import Change
from autograder.model.course import Lab
from autograder.model.results import Key

# The newest migration in nbgrader 0.9, which is the version whose tables we write to.
NBGRADER_SCHEMA = "e43177bfe90b"
SCHEMA = 6
# The longest name that fits in nbgrader's tables, in characters.
LONGEST_NAME = 128

COURSE = api.Course.__table__
STUDENT, ASSIGNMENT, NOTEBOOK = api.Student.__table__, api.Assignment.__table__, api.Notebook.__table__
SUBMISSION, SUBMITTED = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
GRADE, COMMENT, SOURCE = api.Grade.__table__, api.Comment.__table__, api.SourceCell.__table__
BASE, GRADE_CELL, TASK_CELL = api.BaseCell.__table__, api.GradeCell.__table__, api.TaskCell.__table__

# alembic's own table. nbgrader has no declaration for it.
VERSION = sql.Table("alembic_version", sql.MetaData(), sql.Column("version_num", sql.String(32), nullable=False))
OWN = sql.MetaData()
OWN_SCHEMA = sql.Table("mastery_schema", OWN, sql.Column("version", sql.Integer, primary_key=True))
# One row per attempt and version of the course. A submission's newest row is its current result.
GRADING = sql.Table(
    "mastery_grading",
    OWN,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("submission_id", sql.ForeignKey(SUBMISSION.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("attempt", sql.Integer, nullable=False),
    sql.Column("submitted_at", sql.DateTime),
    sql.Column("graded_at", sql.DateTime, nullable=False),
    sql.Column("content_hash", sql.String(64), nullable=False),
    sql.Column("course_version", sql.String(64), nullable=False),
    sql.Column("secret", sql.String(64), nullable=False),
    sql.Column("status", sql.String(16), nullable=False),
    sql.Column("score", sql.Float),
    sql.Column("max_score", sql.Float, nullable=False),
    # The LabResult with all its checks, as the same JSON as in the results file.
    sql.Column("result", sql.Text, nullable=False),
    # NULL in rows that are older than these columns. `maxima`: the points of the lab's cells.
    sql.Column("engine_version", sql.String(64)),
    sql.Column("maxima", sql.Text),
    # The fingerprint that we showed the student. It stays the same even if the student is renamed.
    sql.Column("run", sql.String(16)),
    sql.UniqueConstraint("submission_id", "attempt", "course_version"),
)
# What a stub's checks found. Attempts with the same findings share a row. See mastery/facts.py.
OUTCOMES = sql.Table(
    "mastery_outcomes",
    OWN,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("digest", sql.String(64), nullable=False, unique=True),
    sql.Column("facts", sql.Text, nullable=False),
)
# One row per result. The rows are short, so that a whole class's rows can be read quickly.
FACTS = sql.Table(
    "mastery_facts",
    OWN,
    sql.Column("grading_id", sql.ForeignKey(GRADING.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sql.Column("submission_id", sql.ForeignKey(SUBMISSION.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("attempt", sql.Integer, nullable=False),
    # When the attempt was handed in or, if that isn't known, graded.
    sql.Column("handed_in", sql.DateTime, nullable=False),
    sql.Column("status", sql.String(16), nullable=False),
    # As JSON, because PostgreSQL's text type can't hold every character.
    sql.Column("message", sql.Text, nullable=False),
    sql.Column("score", sql.Float),
    sql.Column("max_score", sql.Float, nullable=False),
    # JSON: for each stub, the id of its row of outcomes, and its points.
    sql.Column("stubs", sql.Text, nullable=False),
    # JSON: the field and sentence of each problem in the attachment; NULL if no attachment was read.
    sql.Column("problems", sql.Text),
    # Copied from `mastery_grading`, where SQLite has to read past the whole result to reach these columns.
    sql.Column("engine_version", sql.String(64)),
    sql.Column("maxima", sql.Text),
)
# One row per score or late penalty that changed even though the attempt didn't. It's written in the same transaction as
# the change.
CHANGE = sql.Table(
    "mastery_change",
    OWN,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("submission_id", sql.ForeignKey(SUBMISSION.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("changed_at", sql.DateTime, nullable=False),
    sql.Column("attempt", sql.Integer, nullable=False),
    sql.Column("before", sql.Float),
    sql.Column("max_before", sql.Float, nullable=False),
    sql.Column("after", sql.Float),
    sql.Column("max_after", sql.Float, nullable=False),
    sql.Column("why", sql.Text, nullable=False),
    # NULL if the penalty didn't change, and in rows that are older than these columns.
    sql.Column("penalty_before", sql.Float),
    sql.Column("penalty_after", sql.Float),
)
# What's in each results file: all results up to `last`. A row is valid as long as none of those results has changed.
WRITTEN = sql.Table(
    "mastery_written",
    OWN,
    sql.Column("path", sql.Text, primary_key=True),
    sql.Column("bytes", sql.BigInteger, nullable=False),
    sql.Column("engine_version", sql.String(64), nullable=False),
    sql.Column("gradings", sql.Integer, nullable=False),
    sql.Column("last", sql.Integer, nullable=False),
    sql.Column("graded_at", sql.DateTime, nullable=False),
)
# Triggers that delete our rows when their parents are deleted. SQLite enforces foreign keys only if a connection asks
# for it, and nbgrader's connections don't.
GO_WITH_WHAT_THEY_ARE_OF = [
    f"CREATE TRIGGER IF NOT EXISTS {table.name}_goes AFTER DELETE ON {of.name} "
    f"BEGIN DELETE FROM {table.name} WHERE {column} = OLD.id; END"
    for table, of, column in (
        (GRADING, SUBMISSION, "submission_id"),
        (CHANGE, SUBMISSION, "submission_id"),
        (FACTS, GRADING, "grading_id"),
    )
]
# Every student who was ever removed, by any command. A student who's back in nbgrader's own table no longer counts as
# removed.
REMOVED = sql.Table("mastery_removed", OWN, sql.Column("student_id", sql.String(128), primary_key=True))
# A trigger adds these students, so that the table includes those removed by nbgrader's own command.
_REMEMBER = "INSERT INTO mastery_removed VALUES (OLD.id) ON CONFLICT DO NOTHING"
REMEMBERS_THE_REMOVED = {
    "sqlite": f"""
CREATE TRIGGER IF NOT EXISTS mastery_remembers_removed AFTER DELETE ON student
BEGIN {_REMEMBER}; END
""",
    # We create it only if it's missing, because replacing it would lock the table every time someone opens a gradebook.
    "postgresql": f"""
DO $do$ BEGIN
IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'mastery_remembers_removed') THEN
  CREATE OR REPLACE FUNCTION mastery_remember_removed() RETURNS trigger LANGUAGE plpgsql AS
  $body$ BEGIN {_REMEMBER}; RETURN NULL; END $body$;
  CREATE TRIGGER mastery_remembers_removed AFTER DELETE ON student
  FOR EACH ROW EXECUTE FUNCTION mastery_remember_removed();
END IF;
END $do$
""",
}
# nbgrader doesn't create these indexes. Without them, adding up one submission's scores means scanning the whole
# class's scores.
INDEXES = [
    f"CREATE INDEX IF NOT EXISTS mastery_{table}_by_{column} ON {table} ({column})"
    for table, column in (
        ("submitted_assignment", "student_id"),
        ("submitted_notebook", "assignment_id"),
        ("grade", "notebook_id"),
        ("comment", "notebook_id"),
        ("mastery_grading", "secret"),
    )
]


@dataclass(frozen=True)
class AssignmentRows:
    """A lab's rows in the gradebook.

    maxima: maps the names of graded cells to their maximum points. graded, commented: map the names of the cells that
    get a grade or a comment to their ids.
    """

    assignment: str
    notebook: str
    duedate: datetime | None
    maxima: Mapping[str, float]
    graded: Mapping[str, str]
    commented: Mapping[str, str]


SUBMITTED_GRADINGS = GRADING.join(SUBMISSION, SUBMISSION.c.id == GRADING.c.submission_id).join(
    ASSIGNMENT, ASSIGNMENT.c.id == SUBMISSION.c.assignment_id
)


def open_engine(url: str) -> sql.Engine:
    """Return an engine with real transactions, even in SQLite. Each transaction waits at most a second for other
    programs."""
    if sql.make_url(url).get_backend_name() != "sqlite":
        return _open_server(url)
    engine = sql.create_engine(url, connect_args={"timeout": locking.ONE_TRY_SECONDS})

    # By default, Python's driver doesn't begin a transaction until the first write, when it's too late to wait for
    # another writer.
    @sql.event.listens_for(engine, "connect")
    def _no_driver_transactions(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @sql.event.listens_for(engine, "begin")
    def _begin(connection: sql.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _open_server(url: str) -> sql.Engine:
    engine = sql.create_engine(url)

    @sql.event.listens_for(engine, "begin")
    def _wait_briefly(connection: sql.Connection) -> None:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {1000 * locking.ONE_TRY_SECONDS:.0f}")

    return engine


def create(connection: sql.Connection, course_id: str) -> None:
    """Create missing tables and triggers. nbgrader's own Gradebook would start alembic, which takes a second."""
    api.Base.metadata.create_all(connection)
    VERSION.create(connection, checkfirst=True)
    if connection.scalar(sql.select(VERSION)) is None:
        connection.execute(VERSION.insert().values(version_num=NBGRADER_SCHEMA))
    if course_id and connection.scalar(sql.select(COURSE.c.id).where(COURSE.c.id == course_id)) is None:
        connection.execute(COURSE.insert().values(id=course_id))
    OWN.create_all(connection)
    if connection.dialect.name == "sqlite":
        for statement in GO_WITH_WHAT_THEY_ARE_OF:
            connection.execute(sql.text(statement))
    if remembers := REMEMBERS_THE_REMOVED.get(connection.dialect.name):
        connection.execute(sql.text(remembers))


def add_columns(connection: sql.Connection) -> None:
    """Add columns that are missing from tables made by an earlier version. All of them may be NULL."""
    for table in OWN.sorted_tables:
        there = {each["name"] for each in sql.inspect(connection).get_columns(table.name)}
        for column in (each for each in table.c if each.name not in there):
            kind = column.type.compile(connection.dialect)
            connection.execute(sql.text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))


def add_indexes(connection: sql.Connection) -> None:
    """Create the indexes that are missing."""
    for statement in INDEXES:
        connection.execute(sql.text(statement))


def newest(submissions: sql.Select[Any] | Collection[str] | None = None) -> sql.Select[Any]:
    """Return a query for the ids of current results, either for all submissions or for those with these ids."""
    query = sql.select(sql.func.max(GRADING.c.id)).group_by(GRADING.c.submission_id)
    return query if submissions is None else query.where(GRADING.c.submission_id.in_(submissions))


def submissions_of(*where: sql.ColumnElement[bool]) -> sql.Select[Any]:
    """Return a query for the ids of submissions, with conditions on their student and lab."""
    return sql.select(SUBMISSION.c.id).select_from(SUBMISSION.join(ASSIGNMENT)).where(*where)


def named(key: Key) -> sql.ColumnElement[bool]:
    """Return the condition that a row belongs to this student and lab."""
    return sql.and_(SUBMISSION.c.student_id == key[0], ASSIGNMENT.c.name == key[1])


def last_gradings(connection: sql.Connection, submissions: Sequence[str]) -> dict[str, Any]:
    """Return the attempt and the stored result from each submission's most recent grading, by the submission's id."""
    columns = (GRADING.c.submission_id, GRADING.c.attempt, GRADING.c.result)
    rows = connection.execute(sql.select(*columns).where(GRADING.c.id.in_(newest(submissions))))
    return {row.submission_id: row for row in rows}


def update_each(connection: sql.Connection, table: sql.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Update each row whose id is in `b_id` with the other values. All `rows` must have the same columns."""
    if rows:
        names = [name for name in rows[0] if name != "b_id"]
        statement = sql.update(table).where(table.c.id == sql.bindparam("b_id"))
        connection.execute(statement.values({name: sql.bindparam(name) for name in names}), rows)


def keep_changes(connection: sql.Connection, changes: Mapping[str, Change]) -> None:
    """Store changed scores and late penalties, keyed by submission id."""
    if changes:
        values = [{"submission_id": of, **each.model_dump(exclude={"student", "lab"})} for of, each in changes.items()]
        connection.execute(sql.insert(CHANGE), values)


def insert_missing(
    connection: sql.Connection,
    table: sql.Table,
    keys: Sequence[str],
    rows: Sequence[dict[str, Any]],
    defaults: Mapping[str, Any] | None = None,
) -> dict[tuple[Any, ...], Any]:
    """Insert the rows that are missing, with the defaults, and return all the rows, indexed by the values of their
    keys."""
    if not rows:
        return {}
    wanted = sql.select(table).where(*(table.c[key].in_({row[key] for row in rows}) for key in keys))

    def found() -> dict[tuple[Any, ...], Any]:
        return {tuple(getattr(row, key) for key in keys): row for row in connection.execute(wanted)}

    there = found()
    if missing := [row for row in rows if tuple(row[key] for key in keys) not in there]:
        new = [{"id": api.new_uuid(), **(defaults or {}), **row} for row in missing]
        connection.execute(sql.insert(table), new)
        there = found()
    return there


# --- what feedback shows


def shown(connection: sql.Connection, labs: Collection[str]) -> dict[Key, str]:
    """Map each student and lab to a digest of the scores, maxima, comments and penalty that nbgrader's page shows."""
    score = sql.func.coalesce(GRADE.c.manual_score, GRADE.c.auto_score, 0.0)
    query = (
        sql.select(SUBMISSION.c.student_id, ASSIGNMENT.c.name, SUBMITTED.c.late_submission_penalty, BASE.c.name)
        .add_columns(score + sql.func.coalesce(GRADE.c.extra_credit, 0.0), GRADE_CELL.c.max_score)
        .add_columns(TASK_CELL.c.max_score, sql.func.coalesce(COMMENT.c.manual_comment, COMMENT.c.auto_comment))
        .select_from(SUBMITTED)
        .join(SUBMISSION, SUBMISSION.c.id == SUBMITTED.c.assignment_id)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == SUBMISSION.c.assignment_id)
        .join(BASE, BASE.c.notebook_id == SUBMITTED.c.notebook_id)
        .outerjoin(GRADE_CELL, GRADE_CELL.c.id == BASE.c.id)
        .outerjoin(TASK_CELL, TASK_CELL.c.id == BASE.c.id)
        .outerjoin(GRADE, sql.and_(GRADE.c.notebook_id == SUBMITTED.c.id, GRADE.c.cell_id == BASE.c.id))
        .outerjoin(COMMENT, sql.and_(COMMENT.c.notebook_id == SUBMITTED.c.id, COMMENT.c.cell_id == BASE.c.id))
        .where(ASSIGNMENT.c.name.in_(labs))
        .order_by(SUBMISSION.c.student_id, ASSIGNMENT.c.name, BASE.c.name, BASE.c.id)
    )
    found: dict[Key, Any] = {}
    for student, lab, *cell in connection.execute(query):
        found.setdefault((student, lab), hashlib.sha256()).update(repr(cell).encode())
    return {key: digest.hexdigest() for key, digest in found.items()}


# --- a lab's rows

# The maximum and checksum of each cell that nbgrader knows about, by name.
Cells = dict[str, tuple[float | None, str | None]]


def read_rows(connection: sql.Connection, lab: Lab) -> tuple[AssignmentRows | None, Cells]:
    """Return the lab's rows (None if the lab isn't in the gradebook), and the maximum and checksum of each of its
    cells."""
    query = (
        sql.select(ASSIGNMENT.c.id, NOTEBOOK.c.id.label("notebook"), ASSIGNMENT.c.duedate)
        .join(NOTEBOOK, NOTEBOOK.c.assignment_id == ASSIGNMENT.c.id)
        .where(ASSIGNMENT.c.name == lab.name, NOTEBOOK.c.name == lab.name)
    )
    head = connection.execute(query).one_or_none()
    if head is None:
        return None, {}
    ids = connection.execute(sql.select(BASE).where(BASE.c.notebook_id == head.notebook).order_by(BASE.c.id)).all()
    maxima: dict[str, float] = {}
    for table in (GRADE_CELL, TASK_CELL):
        found = sql.select(BASE.c.name, table.c.max_score).join(table, table.c.id == BASE.c.id)
        rows = connection.execute(found.where(BASE.c.notebook_id == head.notebook))
        maxima.update({row.name: row.max_score for row in rows})
    checksums = sql.select(SOURCE.c.name, SOURCE.c.checksum).where(SOURCE.c.notebook_id == head.notebook)
    sheet = AssignmentRows(
        assignment=head.id,
        notebook=head.notebook,
        duedate=head.duedate,
        maxima=maxima,
        graded={each.name: each.id for each in ids if each.type in ("GradeCell", "TaskCell")},
        commented={each.name: each.id for each in ids if each.type in ("SolutionCell", "TaskCell")},
    )
    return sheet, {name: (maxima.get(name), checksum) for name, checksum in connection.execute(checksums)}
