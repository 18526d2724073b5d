"""A worker as seen by the process that forked it."""

import contextlib
import os
import signal
import socket
from array import array


class Forked:
    """A worker's process, and the socket on which we report what happens to it.

    pidfd: becomes readable when the process ends.
    """

    def __init__(self, process: int, status: socket.socket) -> None:
        """Report that the process exists. If that fails, kill it and raise OSError."""
        self._process, self._status = process, status
        with contextlib.ExitStack() as undo:
            undo.callback(_end, process)
            self.pidfd = _pidfd(process)
            undo.callback(os.close, self.pidfd)
            status.sendmsg([b"P"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [self.pidfd]))])
            undo.pop_all()

    def report_end(self) -> None:
        """Report how the process ended. Call this once, when it has."""
        _, ended = os.waitpid(self._process, 0)
        _report(self._status.fileno(), b"W%d" % ended)
        self._status.close()
        os.close(self.pidfd)


def _end(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def _pidfd(process: int) -> int:
    try:
        return os.pidfd_open(process)
    except OSError as error:
        raise OSError(error.errno, f"pidfd_open: {error.strerror}") from error


def report_error(status: int, error: BaseException) -> None:
    _report(status, f"F{type(error).__name__}: {error}".encode("utf-8", "replace")[:2000])


def _report(status: int, text: bytes) -> None:
    """Report something, unless there's nobody left to read it."""
    with contextlib.suppress(OSError):
        os.write(status, text)
