"""What a file with results holds already, so that it's gone on with at its end in place of being written anew.

A line of it is a grading, the newest of a submission last. Each change of a grading that was written there makes it one
that's to be written whole.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sql

from autograder.gradebook.tables import GRADING, WRITTEN
from autograder.grading.engine_version import ENGINE_VERSION


def end_of(connection: sql.Connection, path: str, size: int) -> int | None:
    """The last grading in the file with this path and so many bytes; None where it's to be written whole.

    That's where it isn't as it was left, where a grading in it is gone or changed, and where it has no more gradings
    than have come since.
    """
    known = connection.execute(sql.select(WRITTEN).where(WRITTEN.c.path == path)).one_or_none()
    if known is None or (known.bytes, known.engine_version) != (size, ENGINE_VERSION):
        return None
    since = _count(connection, GRADING.c.id > known.last)
    held = _count(connection) - since
    # A database may give the number of a grading that's gone to the next one.
    graded_at = _graded_at(connection, known.last)
    return known.last if (held, graded_at) == (known.gradings, known.graded_at) and since < held else None


def after(connection: sql.Connection, last: int, most: int) -> Sequence[int]:
    """The first gradings after this one, at most so many."""
    query = sql.select(GRADING.c.id).where(GRADING.c.id > last).order_by(GRADING.c.id).limit(most)
    return connection.scalars(query).all()


def remember(connection: sql.Connection, path: str, size: int) -> None:
    """Note that the file with this path holds all gradings that there are, in so many bytes."""
    connection.execute(sql.delete(WRITTEN).where(WRITTEN.c.path == path))
    last = connection.scalar(sql.select(sql.func.max(GRADING.c.id)))
    if last is not None:
        values = {"gradings": _count(connection), "last": last, "graded_at": _graded_at(connection, last)}
        connection.execute(sql.insert(WRITTEN).values(path=path, bytes=size, engine_version=ENGINE_VERSION, **values))


def forget(connection: sql.Connection) -> None:
    """Have every file written whole the next time: a grading has changed."""
    connection.execute(sql.delete(WRITTEN))


def _count(connection: sql.Connection, *where: sql.ColumnElement[bool]) -> int:
    return connection.scalar(sql.select(sql.func.count()).select_from(GRADING).where(*where)) or 0


def _graded_at(connection: sql.Connection, grading: int) -> datetime | None:
    return connection.scalar(sql.select(GRADING.c.graded_at).where(GRADING.c.id == grading))
