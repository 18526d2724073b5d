"""Where a check's randomness comes from: a public seed for visible checks, the course's secret for all others."""

import contextlib
import functools
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.model.errors import CourseError

FILE_NAME = ".secret"
VARIABLE = "MASTERY_SECRET"
# The seeds of the checks of a lab or two: a class asks for the same ones again and again.
_KEPT = 1_000


@functools.lru_cache(_KEPT)
def public_seed(lab: str, stub: str, check: str) -> int:
    """The same for everyone, live and graded."""
    return int.from_bytes(hashlib.sha256(f"{lab}\0{stub}\0{check}".encode()).digest()[:16], "big")


@functools.lru_cache(_KEPT)
def secret_seed(secret: bytes, lab: str, stub: str, check: str, attempt: int) -> int:
    """Fresh for each attempt, and unknown to who does not hold the secret."""
    message = f"{lab}\0{stub}\0{check}\0{attempt}".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")


@functools.lru_cache(_KEPT)
def confirming_seed(secret: bytes, lab: str, stub: str, check: str, attempt: int) -> int:
    """Of the second draw in the same grading, by which a stub is confirmed as mastered."""
    message = f"{lab}\0{stub}\0{check}\0{attempt}\0confirmation".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")


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
            f"{path} is empty. Put the course's secret back; grading under another would change the checks."
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
            f"{path} cannot be made: {error.strerror}; {otherwise}, or make the folder writable."
        ) from error
    else:
        with open(descriptor, "w") as file:
            file.write(make())
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}; run as its owner, or {otherwise}.") from error


def fingerprint(secret: bytes) -> str:
    """Tells one secret from another without giving it away."""
    return hashlib.sha256(b"fingerprint\0" + secret).hexdigest()[:12]
