"""Allow only one `mastery grade` at a time per gradebook, and wait for nbgrader, which doesn't know about our lock."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sql
from filelock import FileLock, Timeout
from nbgrader.api import InvalidEntry
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from autograder.gradebook.errors import GradebookError

T = TypeVar("T")
Check = Callable[[], None]

# How long to keep trying while another program keeps the database busy.
PATIENCE_SECONDS = 60.0
# How long the database waits on each try. After the first try, we tell the user what we're waiting for.
ONE_TRY_SECONDS = 1.0
PAUSE_SECONDS = 0.2
# How many times to retry if another program created the same row first. The next try usually finds that row.
MOST_CONFLICTS = 5

# PostgreSQL identifies advisory locks by number, separately in each database.
GRADING_LOCK = int.from_bytes(b"mastery1")
SCHEMA_LOCK = int.from_bytes(b"mastery2")
# serialization_failure, deadlock_detected, lock_not_available
BUSY_STATES = ("40001", "40P01", "55P03")
DUPLICATE_TABLE = "42P07"
# The primary codes of SQLITE_BUSY and SQLITE_LOCKED.
BUSY_CODES = (5, 6)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def hold(engine: sql.Engine, name: str) -> AbstractContextManager[Check]:
    """Hold the gradebook's lock, waiting for it if necessary. `name`: the gradebook's name for messages.

    The lock is released when the process ends, even if it's killed. The context manager yields a function that raises
    DBAPIError if we've lost the connection, and the lock with it. Raises GradebookError or DBAPIError.
    """
    return _hold_session(engine, name) if engine.dialect.name == "postgresql" else _hold_file(engine, name)


@contextmanager
def _hold_session(engine: sql.Engine, name: str) -> Iterator[Check]:
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        _wait_for(lambda: bool(connection.scalar(sql.select(sql.func.pg_try_advisory_lock(GRADING_LOCK)))), name)
        yield lambda: connection.execute(sql.select(1)).close()
    finally:
        # The server releases the lock when the session ends, so don't return the connection to the pool.
        with suppress(DBAPIError):
            connection.invalidate()
        connection.close()


@contextmanager
def _hold_file(engine: sql.Engine, name: str) -> Iterator[Check]:
    # Lock a separate file, because opening and closing the database a second time would drop SQLite's locks on it.
    database = Path(str(engine.url.database)).resolve()
    path = database.with_name(f".{database.name}.lock")
    lock = FileLock(path)

    def take() -> bool:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise GradebookError(
                f"{path} can't be locked ({error.strerror}), and only one `mastery grade` can use the gradebook "
                "at a time. Check who owns this file, or delete it if no such command is running."
            ) from error
        return True

    _wait_for(take, name)
    try:
        yield lambda: None
    finally:
        lock.release()


def _wait_for(take: Callable[[], bool], name: str) -> None:
    if take():
        return
    say(f"Another mastery command is working on {name}. Waiting until it's done (press Ctrl-C to stop waiting).")
    while not take():
        time.sleep(PAUSE_SECONDS)


def patiently(work: Callable[[], T], name: str) -> T:
    """Do the work and return its result. Retry if the database is busy or another program wrote the same rows first.

    The work has to be a whole transaction, so that a failed try leaves nothing half done. Raises the last error,
    usually a DBAPIError.
    """
    begun = time.monotonic()
    conflicts, said = 0, False
    while True:
        try:
            return work()
        except (DBAPIError, InvalidEntry) as error:
            waited = time.monotonic() - begun
            if _is_conflict(error):
                conflicts += 1
            elif not _is_busy(error):
                raise
            if conflicts > MOST_CONFLICTS or waited > PATIENCE_SECONDS:
                raise
        if waited >= ONE_TRY_SECONDS and not said:
            said = True
            say(f"Another program is writing to {name}. Trying again for up to {PATIENCE_SECONDS:.0f} seconds.")
        time.sleep(PAUSE_SECONDS)


def _is_conflict(error: Exception) -> bool:
    """Return whether the error means that another program created the same row or table first."""
    if isinstance(error, ProgrammingError):
        return getattr(error.orig, "sqlstate", None) == DUPLICATE_TABLE
    return isinstance(error, IntegrityError | InvalidEntry)


def _is_busy(error: Exception) -> bool:
    cause = getattr(error, "orig", None)
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in BUSY_CODES
    return getattr(cause, "sqlstate", None) in BUSY_STATES


def schema_alone(connection: sql.Connection) -> None:
    """Keep our other processes from creating tables or registering labs until this transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite allows only one writer at a time anyway
        connection.execute(sql.select(sql.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
