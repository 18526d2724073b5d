"""Workers inside the sandbox's layers, forked from one process that has loaded everything they're allowed to use."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from autograder.guest import values
from autograder.sandbox import linux
from autograder.sandbox.clock import Clock, Deadline, WallClock, clock_of
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.worker import BOOT, CHUNK, ONE_THREAD, Output, Worker, import_paths, in_words, installed

if TYPE_CHECKING:
    from autograder.model.course import Limits

START_SECONDS = 60.0
READY_SECONDS = 20.0
END_SECONDS = 10.0


class _SandboxLine:
    def __init__(self, stream: socket.socket, output: int, status: socket.socket, kept: int) -> None:
        self._stream, self._pipe, self._status = stream, output, status
        self._output = Output(kept)
        self._printing = True
        self._pidfd: int | None = None
        self.clock: Clock = WallClock()
        stream.setblocking(False)
        os.set_blocking(output, False)
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)
        self._poll.register(stream, select.POLLIN)

    @property
    def output(self) -> str:
        return self._output.text

    def until_ready(self) -> None:
        """Wait until the worker reports that all its layers are in place. Raises SandboxFault if it takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        ready = False
        # The zygote and the worker report independently, so their messages can arrive in either order.
        while not ready or self._pidfd is None:
            kind, text = self._next_status(deadline)
            if kind == "R":
                ready = True
            elif kind != "P":
                why = in_words(os.waitstatus_to_exitcode(int(text))) if kind == "W" else text
                raise SandboxFault(f"A worker couldn't be set up: {why or 'it ended without a message'}.")
        with contextlib.suppress(OSError):  # without /proc, all time counts
            self.clock = clock_of(self._pid())

    def _next_status(self, deadline: float) -> tuple[str, str]:
        """Return the report from the zygote or worker: R(eady), P(rocess), F(ault) or W(ait status). It's "" if both
        are gone."""
        self._status.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data, ancillary, _, _ = self._status.recvmsg(4096, socket.CMSG_SPACE(4))
        except TimeoutError:
            return "F", "it took too long"
        except OSError:
            return "", ""
        for _, _, content in ancillary:
            received = array("i")
            received.frombytes(content[:4])
            self._pidfd = received[0]
        return data[:1].decode(), data[1:].decode("utf-8", "replace")

    def send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._stream.send(view) :]
            except BlockingIOError:
                self._wait_for_room(deadline)
            except OSError:
                raise EOFError from None

    def _wait_for_room(self, deadline: Deadline) -> None:
        self._poll.modify(self._stream, select.POLLOUT)
        try:
            self._wait(deadline)
        finally:
            self._poll.modify(self._stream, select.POLLIN)

    def receive(self, deadline: Deadline) -> bytes:
        while True:
            self._wait(deadline)
            try:
                data = self._stream.recv(CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                raise EOFError from None
            if not data:
                raise EOFError
            return data

    def _wait(self, deadline: Deadline) -> None:
        """Wait until there's news about the stream, reading the output in the meantime."""
        while not deadline.wait(self._has_news):
            pass

    def _has_news(self, seconds: float) -> bool:
        files = [file for file, _ in self._poll.poll(seconds * 1000 + 1)]
        if self._pipe in files:
            self._print()
        return files not in ([], [self._pipe])

    def _print(self) -> bool:
        """Read a chunk of the output, and return whether there was any."""
        try:
            data = os.read(self._pipe, CHUNK)
        except BlockingIOError:
            return False
        if not data and self._printing:
            self._printing = False
            self._poll.unregister(self._pipe)
        self._output.add(data)
        return bool(data)

    def waiting(self) -> bool:
        try:
            return bool(self._stream.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def drain(self) -> None:
        # Limit the number of reads, because a student's thread may print endlessly.
        for _ in range(16):
            if not self._printing or not self._print():
                break

    def end(self, patience: float) -> str:
        kind, status = self._end_status(time.monotonic() + patience) if patience else ("F", "")
        if kind == "F":
            self._kill()
            self._end_status(time.monotonic() + END_SECONDS)
        self.drain()
        self._stream.close()
        os.close(self._pipe)
        self._status.close()
        self.clock.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
        if kind == "":
            raise SandboxFault("The process that workers are forked from ended before it said what happened to one.")
        if kind == "W":
            return in_words(os.waitstatus_to_exitcode(int(status)))
        return "it closed its connection to the checks" if patience else "it was ended"

    def _end_status(self, deadline: float) -> tuple[str, str]:
        while True:
            kind, text = self._next_status(deadline)
            if kind not in ("P", "R"):
                return kind, text

    def _kill(self) -> None:
        if self._pidfd is not None:
            try:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            except ProcessLookupError:
                pass
            except OSError as error:
                raise SandboxFault(f"A worker couldn't be killed (pidfd_send_signal: {error.strerror}).") from error

    def user(self) -> int:
        """Return the worker's user id as seen from here, rather than as the worker itself sees it. Raises OSError."""
        return int(_fields(f"/proc/{self._pid()}/status")["Uid"].split()[0])

    def _pid(self) -> int:
        """Return the worker's process id as seen from here. Raises OSError."""
        return int(_fields(f"/proc/self/fdinfo/{self._pidfd}")["Pid"])


class Sandbox:
    """Starts confined workers. Create a sandbox in the main thread, which must outlive it.

    packages: names of importable packages that a student may use, such as ["numpy"]. settings: passed to
    `guest.calls.serve` unchanged. If this machine can't confine anything, raises a SandboxFault that says what to do.
    """

    def __init__(self, limits: "Limits", packages: Sequence[str], settings: Mapping[str, Any] | None = None) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("Create a Sandbox in the main thread, because its processes end with that thread.")
        try:
            linux.machine()
        except linux.Unsupported as error:
            raise SandboxFault(str(error)) from error
        self._limits = limits
        self._zygote: subprocess.Popen[bytes] | None = None
        paths = [path for name in packages for path in installed(name)]
        config = {
            "modules": list(packages),
            "packages": paths,
            "settings": dict(settings or {}),
            "limits": limits.model_dump(),
        }
        bubblewrap = shutil.which("bwrap")
        if bubblewrap is not None:
            try:
                self._start(config, [bubblewrap, *_bubblewrap_arguments(paths)])
                self.isolation = (*self.isolation, "bubblewrap")
            except SandboxFault:
                self.close()
            else:
                # Don't use bubblewrap if it costs us another layer.
                if self.absent:
                    self.close()
        if self._zygote is None:
            self._start(config, [])
        try:
            self._try_one()
        except BaseException:
            self.close()
            raise

    isolation: tuple[str, ...]
    absent: dict[str, str]

    def _start(self, config: dict[str, Any], around: list[str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        boot = BOOT.format(module="zygote", call=f"inherited.forget_places(); zygote.main({theirs.fileno()}, standard)")
        command = [*around, _interpreter(), "-s", "-S", "-P", "-c", boot, json.dumps(import_paths())]
        with theirs:
            self._control = ours
            self._zygote = subprocess.Popen(
                command,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.settimeout(START_SECONDS)
        try:
            ours.send(json.dumps(config).encode())
            answer = json.loads(ours.recv(values.MAX_FRAME) or b"{}")
        except OSError:
            answer = {}
        if "isolation" not in answer:
            refused = answer.get("refused") or self._last_words()
            self.close()
            raise SandboxFault(refused)
        assert self._zygote.stderr is not None
        self._zygote.stderr.close()
        self.isolation = tuple(answer["isolation"])
        self.absent = answer["absent"]

    def _last_words(self) -> str:
        assert self._zygote is not None
        self._zygote.kill()
        _, errors = self._zygote.communicate()
        return f"The sandbox didn't start: {errors.decode('utf-8', 'replace').strip()[-1000:] or 'it gave no reason'}"

    def _try_one(self) -> None:
        """Start a worker, check which user it runs as, and end it. Raises SandboxFault if any of that fails."""
        with self.start() as worker:
            try:
                owner = self.user_of(worker)
            except OSError:
                owner = None  # without /proc, we rely on the worker's own checks
            if owner == 0:
                raise SandboxFault("Student code would run as root. Grade as an ordinary user.")

    def user_of(self, worker: Worker) -> int:
        """Return the user id of a worker's process as seen from outside this user namespace. Raises OSError."""
        line = worker.line
        assert isinstance(line, _SandboxLine)
        return _outside(line.user())

    def start(self) -> Worker:
        """Start a new worker, which waits for requests inside its layers. Raises SandboxFault if that fails."""
        try:
            stream, their_stream = socket.socketpair()
            status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            output, their_output = os.pipe()
        except OSError as error:
            raise SandboxFault(f"No connection to a new worker could be made ({error.strerror}).") from error
        line = _SandboxLine(stream, output, status, self._limits.output_kib * 1024)
        try:
            with their_stream, their_status, open(their_output, "wb", buffering=0):
                socket.send_fds(self._control, [b"S"], [their_stream.fileno(), their_output, their_status.fileno()])
            line.until_ready()
        except OSError as error:
            line.end(patience=0)
            raise SandboxFault(f"The process that workers are forked from is gone ({error.strerror}).") from error
        except BaseException:
            line.end(patience=0)
            raise
        return Worker(line)

    def close(self) -> None:
        """End the process that workers are forked from, and all remaining workers. Calling it again does nothing."""
        if self._zygote is None:
            return
        # Shut down the socket instead of just closing it, because a process forked from this one may hold it open.
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self._zygote.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()
        if self._zygote.stderr is not None:
            self._zygote.stderr.close()
        self._zygote = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _fields(path: str) -> dict[str, str]:
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _outside(uid: int) -> int:
    """Return the user id that `uid` has outside this user namespace, or `uid` itself if there's no outer namespace."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, there, count = map(int, line.split())
        if first <= uid < first + count:
            return uid - first + there
    return uid


def _interpreter() -> str:
    """Return the path to the interpreter itself, not to a virtual environment's link to it."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _environment() -> dict[str, str]:
    passed = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH")
    return {
        **ONE_THREAD,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "PYTHONHASHSEED": "0",
        # Limit glibc's arenas, because each one reserves 64 MiB of the address space that a worker may use.
        "MALLOC_ARENA_MAX": "1",
        **{name: os.environ[name] for name in passed if name in os.environ},
    }


def _bubblewrap_arguments(packages: Sequence[str]) -> list[str]:
    """Show the zygote only what it has to read to start. It builds its own, smaller view inside that one."""
    arguments = ["--die-with-parent", *(f"--unshare-{each}" for each in ("pid", "net", "ipc", "uts", "cgroup-try"))]
    if os.geteuid() == 0:
        # As root, there's no user namespace, so keep the capabilities needed to build the layers and to give up root.
        arguments += ["--cap-drop", "ALL"]
        for capability in ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP"):
            arguments += ["--cap-add", f"CAP_{capability}"]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    engine = Path(__file__).resolve().parents[1]
    triplet = sysconfig.get_config_var("MULTIARCH")
    shared = os.path.join(sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("INSTSONAME") or "-")
    wanted = [f"/usr/lib/{triplet}", "/usr/lib64", f"/lib/{triplet}", "/lib64", "/etc/ld.so.cache", shared]
    wanted += [_interpreter(), sysconfig.get_path("stdlib"), sysconfig.get_config_var("DESTSHARED") or "-"]
    wanted += [
        *packages,
        *installed("msgpack"),
        *(str(engine / part) for part in ("__init__.py", "guest", "sandbox")),
    ]
    for path in dict.fromkeys(os.path.realpath(each) for each in wanted if os.path.exists(each)):
        arguments += ["--ro-bind", path, path]
    for link in ("/lib", "/lib64"):
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
    return [*arguments, "--"]
