"""Keep track of what a results file holds, so that new results can be appended to it.

Each line of the file is one result, and a submission's last line is its newest result. If a result in the file changes
or is deleted, we have to rewrite the whole file.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sql

from autograder.gradebook.tables import GRADING, WRITTEN
from autograder.grading.engine_version import ENGINE_VERSION


def end_of(connection: sql.Connection, path: str, size: int) -> int | None:
    """Return the id of the last result in the file at this path; None if we have to rewrite the whole file.

    A rewrite is needed if the file's size has changed since we last wrote it, if a result in it has changed or been
    deleted, or if there are at least as many new results as there are in the file.
    """
    known = connection.execute(sql.select(WRITTEN).where(WRITTEN.c.path == path)).one_or_none()
    if known is None or (known.bytes, known.engine_version) != (size, ENGINE_VERSION):
        return None
    since = _count(connection, GRADING.c.id > known.last)
    held = _count(connection) - since
    # Compare the times too, because a database may reuse the id of a deleted result.
    graded_at = _graded_at(connection, known.last)
    return known.last if (held, graded_at) == (known.gradings, known.graded_at) and since < held else None


def after(connection: sql.Connection, last: int, most: int) -> Sequence[int]:
    """Return the ids of the first `most` results after this one."""
    query = sql.select(GRADING.c.id).where(GRADING.c.id > last).order_by(GRADING.c.id).limit(most)
    return connection.scalars(query).all()


def remember(connection: sql.Connection, path: str, size: int) -> None:
    """Record that the file at this path holds every result and is `size` bytes long."""
    connection.execute(sql.delete(WRITTEN).where(WRITTEN.c.path == path))
    last = connection.scalar(sql.select(sql.func.max(GRADING.c.id)))
    if last is not None:
        values = {"gradings": _count(connection), "last": last, "graded_at": _graded_at(connection, last)}
        connection.execute(sql.insert(WRITTEN).values(path=path, bytes=size, engine_version=ENGINE_VERSION, **values))


def forget(connection: sql.Connection) -> None:
    """Make sure every results file gets rewritten completely next time, because a result has changed."""
    connection.execute(sql.delete(WRITTEN))


def _count(connection: sql.Connection, *where: sql.ColumnElement[bool]) -> int:
    return connection.scalar(sql.select(sql.func.count()).select_from(GRADING).where(*where)) or 0


def _graded_at(connection: sql.Connection, grading: int) -> datetime | None:
    return connection.scalar(sql.select(GRADING.c.graded_at).where(GRADING.c.id == grading))
