"""Access files in a folder whose contents may come from somebody else, such as an unzipped course, without following
links.

The module `files` replaces whatever is at a path. This one replaces a file only if the user owns it.
"""

import errno
import os
import stat
from pathlib import Path

from autograder.model.files import replace

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def no_link(path: str, flags: int) -> int:
    """Open an ordinary file that the user owns, or a new one. This is an `opener` for `open`. Raises OSError."""
    try:
        descriptor = os.open(path, flags | _NO_LINK, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _refused("it's a link; delete it", path) from None
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise _refused("it isn't an ordinary file; delete it", path)
    if hasattr(os, "getuid") and flags & (os.O_WRONLY | os.O_RDWR) and status.st_uid != os.getuid():
        os.close(descriptor)
        raise _refused("it belongs to a different user", path)
    return descriptor


def _refused(why: str, path: str) -> OSError:
    return OSError(errno.EPERM, why, path)


def read_own(path: Path) -> bytes:
    """Return the bytes of an ordinary file.

    Raises FileNotFoundError, or an OSError that says it's a link or isn't a file.
    """
    with open(path, "rb", opener=no_link) as file:
        return file.read()


def replace_own(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file atomically. Raises OSError, for example if there's a link or somebody else's file at the path."""
    if os.path.lexists(path):
        with open(path, "ab", opener=no_link):
            pass
    replace(path, content, mode)
