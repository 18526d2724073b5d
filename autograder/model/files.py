"""Write files atomically, and compute digests of their contents."""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Return a context with a new file. It replaces `path` when the block ends, or is deleted if the block raises.

    The file is newly created, so we can't be following a link, and no other process has it open. Raises
    OSError.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with open(descriptor, "wb") as file:
            yield file
        os.replace(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def replace(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file atomically: completely or not at all. Raises OSError."""
    with replacing(path, mode) as file:
        file.write(content)


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_of(root: Path, files: Iterable[Path], beside: bytes = b"") -> str:
    """Return 16 hexadecimal digits that depend on the bytes, names and order of the files, but not on where `root` is.

    beside: other bytes to include in the digest. Raises OSError.
    """
    digest = hashlib.sha256(beside)
    for file in files:
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
