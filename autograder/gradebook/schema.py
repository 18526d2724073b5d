"""Turn a database into a gradebook with our tables, or bring an older one up to date."""

import sqlalchemy as sql

from autograder.gradebook import locking, tables
from autograder.gradebook.errors import GradebookError


def bring_up_to_date(connection: sql.Connection, shown: str, course_id: str) -> None:
    """Create the missing tables and indexes. shown: the gradebook's URL for messages. Raises GradebookError."""
    locking.schema_alone(connection)
    if names := sql.inspect(connection).get_table_names():
        _refuse_unknown(connection, names, shown)
    tables.create(connection, course_id)
    version = connection.scalar(sql.select(tables.OWN_SCHEMA.c.version))
    if version is None:
        tables.add_indexes(connection)
        connection.execute(tables.OWN_SCHEMA.insert().values(version=tables.SCHEMA))
    elif 1 <= version < tables.SCHEMA:
        tables.add_columns(connection)
        tables.add_indexes(connection)
        connection.execute(sql.update(tables.OWN_SCHEMA).values(version=tables.SCHEMA))
    elif version != tables.SCHEMA:
        raise GradebookError(
            f"The evidence in {shown} is in format {version}, but this program supports {tables.SCHEMA}; use "
            "the version of this program that wrote it, or name a different gradebook with --db."
        )


def _refuse_unknown(connection: sql.Connection, names: list[str], shown: str) -> None:
    version = connection.scalar(sql.select(tables.VERSION)) if "alembic_version" in names else None
    if version != tables.NBGRADER_SCHEMA:
        raise GradebookError(
            f"{shown} has nbgrader's schema {version or 'without a version'}, but this program supports "
            f"{tables.NBGRADER_SCHEMA}. Back it up and run `nbgrader db upgrade`, or name a different gradebook with "
            "--db."
        )
