"""Files written whole or not at all, and the digests that tell one content from another."""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file to write, which takes the place of `path` when the block ends, and is deleted if it raises.

    Nothing is followed or shared on the way: the new file is this process's own, whatever its name was before. Raises
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
    """Write a file whole or not at all. Raises OSError."""
    with replacing(path, mode) as file:
        file.write(content)


def content_hash(content: bytes) -> str:
    """The SHA-256 of a file's bytes, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_of(root: Path, files: Iterable[Path], beside: bytes = b"") -> str:
    """16 hexadecimal digits that change with the bytes, name or order of any of the files, wherever `root` is.

    beside: what else the digest is to change with. Raises OSError.
    """
    digest = hashlib.sha256(beside)
    for file in files:
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
