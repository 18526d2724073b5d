"""The course's secret, which must stay private. We derive the seeds of all checks except the visible ones from it."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.model.errors import CourseError

FILE_NAME = ".secret"
VARIABLE = "MASTERY_SECRET"


def load_secret(root: Path) -> bytes:
    """Return the course's secret: MASTERY_SECRET if it's set, or else the contents of the file `.secret` next to
    course.yaml. Create that file on first use.

    Raises CourseError.
    """
    if value := os.environ.get(VARIABLE):
        return value.encode()
    path = root / FILE_NAME
    secret = kept_private(path, lambda: secrets.token_hex(32), f"set {VARIABLE}")
    if not secret:
        raise CourseError(
            f"{path} is empty. Put the course's secret back; grading with a different one would change the checks."
        )
    return secret


@contextlib.contextmanager
def hidden_from_children() -> Iterator[None]:
    """Return a context in which new processes don't get MASTERY_SECRET in their environment."""
    value = os.environ.pop(VARIABLE, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[VARIABLE] = value


def kept_private(path: Path, make: Callable[[], str], otherwise: str) -> bytes:
    """Return the contents of a file that only its owner can read. Create the file on first use. Raises CourseError.

    make: returns the contents for a new file. otherwise: what to do instead, for the error message.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise CourseError(
            f"{path} can't be created: {error.strerror}; {otherwise}, or make the folder writable."
        ) from error
    else:
        with open(descriptor, "w") as file:
            file.write(make())
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}; run as its owner, or {otherwise}.") from error


def fingerprint(secret: bytes) -> str:
    """Return a string that identifies a secret without revealing it."""
    return hashlib.sha256(b"fingerprint\0" + secret).hexdigest()[:12]
