"""What must stay private: the course's secret, from which the seeds of all checks but the visible ones are made."""

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
    """The course's secret: MASTERY_SECRET, else the file `.secret` beside course.yaml, made on first use.

    Raises CourseError.
    """
    if value := os.environ.get(VARIABLE):
        return value.encode()
    path = root / FILE_NAME
    secret = kept_private(path, lambda: secrets.token_hex(32), f"set {VARIABLE}")
    if not secret:
        raise CourseError(
            f"{path} is empty. Put the course's secret back; grading with another one would change the checks."
        )
    return secret


@contextlib.contextmanager
def hidden_from_children() -> Iterator[None]:
    """For processes that start meanwhile: MASTERY_SECRET isn't in their environment."""
    value = os.environ.pop(VARIABLE, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[VARIABLE] = value


def kept_private(path: Path, make: Callable[[], str], otherwise: str) -> bytes:
    """What a file holds that its owner alone may read, made on first use. Raises CourseError."""
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
    """Tells one secret from another without giving it away."""
    return hashlib.sha256(b"fingerprint\0" + secret).hexdigest()[:12]
