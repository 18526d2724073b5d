"""Student code in processes of its own, asked over the wire: start, ask, deadline, kill. The trusted side.

`Sandbox` confines its workers; `PlainProcesses` only keeps the deadline, on any system. Both give a `Worker`.
"""

import contextlib
import importlib.util
import json
import os
import queue
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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from autograder import wire
from autograder.course import Limits
from autograder.sandbox import layers

MAX_HANDLE_CALLS = 10_000
# What a worker may have us work for it in all, since that time is not counted as its own
MAX_SERVED_SECONDS = 60.0
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
OUT_OF_MEMORY = 71  # the exit code of a worker whose last words found no room
START_SECONDS = 60.0
READY_SECONDS = 20.0
END_SECONDS = 10.0
CHUNK = 256 * 1024
# On Windows a process without a console of its own would open a window, or hear the Ctrl-C that is for its parent.
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
# Python's own folders come first and alone; the engine's and the packages' are told apart, for workers lose them.
BOOT = (
    "import sys, json; standard = list(sys.path); sys.path += json.loads(sys.argv[1]); "
    "from autograder.sandbox import {module}; {module}.{call}"
)


class WorkerTimeout(Exception):
    """No reply in time; the worker is killed."""


class WorkerDied(Exception):
    """The worker ended before it replied; the text says how."""


class Violation(Exception):
    """The worker sent what is no reply to the request; the text says what. The worker is killed."""


class SandboxFault(Exception):
    """The sandbox failed, not the student; the text is a sentence."""


class _Line(Protocol):
    """One worker's connection: bytes to it and from it, its output, its end."""

    def send(self, data: bytes, deadline: float) -> None:
        """TimeoutError at the deadline, EOFError where the worker takes no more."""

    def receive(self, deadline: float) -> bytes:
        """Some bytes, at least one. TimeoutError at the deadline, EOFError at the end."""

    def waiting(self) -> bool:
        """Whether bytes are there that nobody asked for."""

    def drain(self) -> None:
        """Take what the worker has printed until now."""

    def end(self, patience: float) -> str:
        """Wait that long for the worker to end by itself, else kill it; how it ended. To be called once.

        SandboxFault where nobody is left to tell.
        """

    @property
    def output(self) -> str: ...


class Worker:
    """A process that holds one submission. After any exception of `ask` it is dead, and `close` is all that is left."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self._ended: str | None = None
        self._served = 0.0
        self.reply_bytes = 0  # of the last reply

    @property
    def output(self) -> str:
        """What the student's code printed, stdout and stderr; the first part only where it is too much."""
        return self._line.output

    def ask(
        self,
        request: Mapping[str, Any],
        seconds: float,
        serve: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """The reply to a request. `serve` answers the calls of handles in between; its time does not count.

        Raises WorkerTimeout, WorkerDied, Violation; wire.WireError where the request itself is too large.
        """
        if self._ended is not None:
            raise WorkerDied(self._ended)
        frame = wire.pack(dict(request))
        deadline = time.monotonic() + seconds
        try:
            if self._line.waiting():
                raise Violation("it sent bytes before it was asked")
            self._line.send(frame, deadline)
            calls = 0
            while (reply := self._frame(deadline)).get("op") == "handle":
                calls += 1
                if serve is None or calls > MAX_HANDLE_CALLS:
                    raise Violation("it called back more often than it may" if serve else "it called back unasked")
                begun = time.monotonic()
                answer = _packed_answer(serve(reply))
                spent = time.monotonic() - begun
                deadline += spent
                self._served += spent
                if self._served > MAX_SERVED_SECONDS:
                    raise Violation(f"its calls kept the checks busy for more than {MAX_SERVED_SECONDS:g} s")
                self._line.send(answer, deadline)
        except TimeoutError:
            self.close()
            raise WorkerTimeout(f"no answer within {seconds:g} s") from None
        except EOFError:
            self._ended = "it was ended"
            self._ended = self._line.end(patience=1.0)
            raise WorkerDied(self._ended) from None
        except BaseException:
            self.close()
            raise
        self._line.drain()
        return reply

    def _frame(self, deadline: float) -> dict[str, Any]:
        """One message. Nothing is allocated for more than the worker has sent, nor is more than one frame accepted."""
        received = bytearray()
        wanted = wire.HEADER.size
        while len(received) < wanted:
            received += self._line.receive(deadline)
            if wanted == wire.HEADER.size and len(received) >= wanted:
                (size,) = wire.HEADER.unpack_from(received)
                if size > wire.MAX_FRAME:
                    raise Violation(f"it announced {size:,} bytes, and {wire.MAX_FRAME:,} may be sent")
                wanted += size
        if len(received) > wanted:
            raise Violation("it sent bytes after its answer")
        self.reply_bytes = wanted
        try:
            return wire.unpack(bytes(memoryview(received)[wire.HEADER.size :]))
        except wire.WireError as error:
            raise Violation(f"its bytes are no message: {error}") from None

    def close(self) -> None:
        """Kill the worker and wait until it is gone. Again does nothing."""
        if self._ended is None:
            self._ended = self._line.end(patience=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _packed_answer(answer: dict[str, Any]) -> bytes:
    try:
        return wire.pack(answer)
    except wire.WireError as error:
        return wire.pack({"error": {"type": "ValueError", "message": str(error)}})


class _Output:
    """What was printed: the first bytes, and the count of the rest."""

    def __init__(self, kept: int) -> None:
        self._room = kept
        self._kept = bytearray()
        self._more = 0

    def add(self, data: bytes) -> None:
        part = data[: self._room - len(self._kept)]
        self._kept += part
        self._more += len(data) - len(part)

    @property
    def text(self) -> str:
        text = self._kept.decode("utf-8", "replace")
        return f"{text}\n[{self._more:,} more bytes]" if self._more else text


# The sandbox ----------------------------------------------------------------------------------------------------------


class _SandboxLine:
    def __init__(self, stream: socket.socket, output: int, status: socket.socket, kept: int) -> None:
        self._stream, self._pipe, self._status = stream, output, status
        self._output = _Output(kept)
        self._printing = True
        self._pidfd: int | None = None
        stream.setblocking(False)
        os.set_blocking(output, False)
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)
        self._poll.register(stream, select.POLLIN)

    @property
    def output(self) -> str:
        return self._output.text

    def until_ready(self) -> None:
        """SandboxFault unless the worker says within some seconds that it stands behind all its walls."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            kind, text = self._told(deadline)
            if kind == "R":
                # The keeper names the worker's process before or after this, for both speak on their own.
                while self._pidfd is None:
                    kind, text = self._told(deadline)
                    if kind in "FW":
                        raise SandboxFault("A worker ended while it was being set up.")
                return
            if kind != "P":
                raise SandboxFault(f"A worker could not be set up: {text or 'it ended without a word'}.")

    def _told(self, deadline: float) -> tuple[str, str]:
        """What keeper and worker say: R(eady), P(rocess), F(ault), W(ait status), or "" where both are gone."""
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

    def send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._stream.send(view) :]
            except BlockingIOError:
                self._wait_for_room(deadline)
            except OSError:
                raise EOFError from None

    def _wait_for_room(self, deadline: float) -> None:
        self._poll.modify(self._stream, select.POLLOUT)
        try:
            self._wait(deadline, select.POLLOUT)
        finally:
            self._poll.modify(self._stream, select.POLLIN)

    def receive(self, deadline: float) -> bytes:
        while True:
            self._wait(deadline, select.POLLIN)
            try:
                data = self._stream.recv(CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                raise EOFError from None
            if not data:
                raise EOFError
            return data

    def _wait(self, deadline: float, wanted: int) -> None:
        """Until the stream can do what is wanted, reading the output meanwhile."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            found = dict(self._poll.poll(left * 1000 + 1))
            if self._pipe in found:
                self._print()
            if found.get(self._stream.fileno(), 0) & (wanted | select.POLLHUP | select.POLLERR):
                return

    def _print(self) -> bool:
        """Take one piece of the output; whether there was one."""
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
        # A thread of the student's may print without end
        for _ in range(16):
            if not self._printing or not self._print():
                break

    def end(self, patience: float) -> str:
        kind, status = self._told_end(time.monotonic() + patience) if patience else ("F", "")
        if kind == "F":
            self._kill()
            self._told_end(time.monotonic() + END_SECONDS)
        self.drain()
        self._stream.close()
        os.close(self._pipe)
        self._status.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
        if kind == "":
            raise SandboxFault("A worker's keeper ended before it could say what became of the worker.")
        if kind == "W":
            return _in_words(os.waitstatus_to_exitcode(int(status)))
        return "it closed its line to the checks" if patience else "it was ended"

    def _told_end(self, deadline: float) -> tuple[str, str]:
        while True:
            kind, text = self._told(deadline)
            if kind not in ("P", "R"):
                return kind, text

    def _kill(self) -> None:
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)


def _in_words(code: int) -> str:
    """How a process ended: its exit code, or the signal as a negative number."""
    if code >= 0:
        return "out of memory" if code == OUT_OF_MEMORY else f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
    words = {
        "SIGSEGV": "segmentation fault",
        "SIGABRT": "abort",
        "SIGFPE": "arithmetic fault",
        "SIGILL": "illegal instruction",
        "SIGBUS": "bus error",
        "SIGSYS": "forbidden system call",
        "SIGXCPU": "out of processor time",
        "SIGKILL": "killed, out of memory or of processor time",
    }
    return f"{words.get(name, 'signal')} ({name})"


class Sandbox:
    """Gives confined workers. Belongs to the main thread, which must outlive it.

    packages: names of importable packages that a student may use, e.g. ["numpy"].
    settings: handed to `worker.serve` as they are.
    Raises SandboxFault, with the mend, where this machine cannot confine anything.
    """

    def __init__(self, limits: Limits, packages: Sequence[str], settings: Mapping[str, Any] | None = None) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("A Sandbox must be made in the main thread: its processes end with the thread.")
        try:
            layers.machine()
        except layers.Unsupported as error:
            raise SandboxFault(str(error)) from error
        self._limits = limits
        self._zygote: subprocess.Popen[bytes] | None = None
        paths = [path for name in packages for path in _installed(name)]
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
                # One wall more is no gain where it costs another
                if self.absent:
                    self.close()
        if self._zygote is None:
            self._start(config, [])

    isolation: tuple[str, ...]
    absent: dict[str, str]

    def _start(self, config: dict[str, Any], around: list[str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        boot = BOOT.format(module="zygote", call=f"forget_places(); zygote.main({theirs.fileno()}, standard)")
        command = [*around, _interpreter(), "-s", "-S", "-P", "-c", boot, json.dumps(_import_paths())]
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
            answer = json.loads(ours.recv(wire.MAX_FRAME) or b"{}")
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
        return f"The sandbox did not start: {errors.decode('utf-8', 'replace').strip()[-1000:] or 'it said nothing'}"

    def start(self) -> Worker:
        """A fresh worker, behind its walls and waiting. SandboxFault where there is none to be had."""
        try:
            stream, their_stream = socket.socketpair()
            status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            output, their_output = os.pipe()
        except OSError as error:
            raise SandboxFault(f"No line to a new worker could be made ({error.strerror}).") from error
        line = _SandboxLine(stream, output, status, self._limits.output_kib * 1024)
        try:
            with their_stream, their_status, open(their_output, "wb", buffering=0):
                socket.send_fds(self._control, [b"S"], [their_stream.fileno(), their_output, their_status.fileno()])
            line.until_ready()
        except OSError as error:
            line.end(patience=0)
            raise SandboxFault(f"The process that workers come from is gone ({error.strerror}).") from error
        except BaseException:
            line.end(patience=0)
            raise
        return Worker(line)

    def close(self) -> None:
        """End the process that workers come from, and with it those that are left. Again does nothing."""
        if self._zygote is None:
            return
        # Not only closed, for a process forked from this one may hold it open
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


def _installed(name: str) -> list[str]:
    """Where an importable package lies, with the libraries that wheels keep beside it."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SandboxFault(f"The course allows {name}, which is not installed; install it or mend course.yaml.")
    paths = list(spec.submodule_search_locations or []) or ([spec.origin] if spec.origin else [])
    beside = [f"{path}.libs" for path in paths]
    return [os.path.realpath(path) for path in [*paths, *beside] if os.path.exists(path)]


def _import_paths() -> list[str]:
    """The folders that the engine and what it imports in a worker lie in."""
    engine = Path(__file__).resolve().parents[2]
    folders = [str(engine)]
    for name in ("numpy", "msgpack"):
        folders += [os.path.dirname(path) for path in _installed(name)]
    return list(dict.fromkeys(folders))


def _interpreter() -> str:
    """The interpreter itself rather than a virtual environment's link to it."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _environment() -> dict[str, str]:
    passed = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH")
    return {
        **_ONE_THREAD,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "PYTHONHASHSEED": "0",
        # Each arena of glibc's reserves 64 MiB of the address space that a worker may use
        "MALLOC_ARENA_MAX": "1",
        **{name: os.environ[name] for name in passed if name in os.environ},
    }


def _bubblewrap_arguments(packages: Sequence[str]) -> list[str]:
    """Around the zygote: what it reads while it starts and nothing else. Behind this it makes its own, smaller view."""
    arguments = ["--die-with-parent", *(f"--unshare-{each}" for each in ("pid", "net", "ipc", "uts", "cgroup-try"))]
    if os.geteuid() == 0:
        # As root there is no user namespace around it: what it needs to build its walls and to stop being root
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
        *_installed("msgpack"),
        *(str(engine / part) for part in ("__init__.py", "wire.py", "sandbox")),
    ]
    for path in dict.fromkeys(os.path.realpath(each) for each in wanted if os.path.exists(each)):
        arguments += ["--ro-bind", path, path]
    for link in ("/lib", "/lib64"):
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
    return [*arguments, "--"]


# Without a sandbox ----------------------------------------------------------------------------------------------------


class _PlainLine:
    """Pipes read by threads, since no system but Unix can wait for several pipes at once."""

    def __init__(self, process: subprocess.Popen[bytes], kept: int) -> None:
        self._process = process
        self._output = _Output(kept)
        # Bounded, so that a worker that sends without end waits for us rather than filling our memory
        self._received: queue.Queue[bytes] = queue.Queue(32)
        self._unsent: queue.Queue[bytes | None] = queue.Queue()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._read, self._print, self._write)]
        for each in self._threads:
            each.start()

    @property
    def output(self) -> str:
        # What the worker printed is in the pipe before its reply is; the thread that reads it gets a moment.
        time.sleep(0.02)
        return self._output.text

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while data := os.read(pipe.fileno(), CHUNK):
                self._received.put(data)
        self._received.put(b"")

    def _print(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            while data := os.read(pipe.fileno(), CHUNK):
                self._output.add(data)

    def _write(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            while (data := self._unsent.get()) is not None:
                pipe.write(data)
                pipe.flush()

    def send(self, data: bytes, deadline: float) -> None:
        self._unsent.put(data)

    def receive(self, deadline: float) -> bytes:
        try:
            data = self._received.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            raise TimeoutError from None
        if not data:
            raise EOFError
        return data

    def waiting(self) -> bool:
        return not self._received.empty() and self._process.poll() is None

    def drain(self) -> None:
        """Its thread does."""

    def end(self, patience: float) -> str:
        try:
            text = _in_words(self._process.wait(patience or None)) if patience else "it was ended"
        except subprocess.TimeoutExpired:
            text = "it closed its line to the checks"
        self._kill()
        self._process.wait()
        self._unsent.put(None)
        # A reader that stands at a full queue goes on, comes to the end and stops. A child of the student's that got
        # away may keep a pipe open: its thread is left to it.
        deadline = time.monotonic() + 1
        while self._threads[0].is_alive() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                self._received.get(timeout=0.01)
        for each in self._threads:
            each.join(max(deadline - time.monotonic(), 0))
        return text

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


class PlainProcesses:
    """Workers with a deadline and nothing else around them, on any system: for one's own code, never for others'."""

    isolation: tuple[str, ...] = ("process",)

    def __init__(self, limits: Limits, packages: Sequence[str], settings: Mapping[str, Any] | None = None) -> None:
        self._limits = limits
        self._settings = dict(settings or {})

    def start(self) -> Worker:
        boot = BOOT.format(module="process", call="main(json.loads(sys.argv[2]))")
        process = subprocess.Popen(
            [sys.executable, "-c", boot, json.dumps(_import_paths()), json.dumps(self._settings)],
            env={**os.environ, **_ONE_THREAD, "PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            creationflags=NO_WINDOW,
        )
        return Worker(_PlainLine(process, self._limits.output_kib * 1024))

    def close(self) -> None:
        """There is nothing to end: each worker is its own process."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def main(settings: dict[str, Any]) -> None:
    """A plain worker: frames on the pipes it was started with, everything that is printed on stderr.

    It ends with the process that started it, whatever the student's code does: its pipe is at an end then, or, where a
    child of that process keeps the pipe open, its parent is another one.
    """
    from autograder.sandbox import worker

    requests, replies = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    parent = os.getppid()
    arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    rest = b""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    def receive() -> None:
        while data := os.read(requests, CHUNK):
            arrived.put(data)
        os._exit(0)

    def read(size: int) -> bytes:
        nonlocal rest
        rest = rest or arrived.get()
        data, rest = rest[:size], rest[size:]
        return data

    def write(data: bytes) -> None:
        sys.stdout.flush()
        view = memoryview(data)
        while view:
            view = view[os.write(replies, view) :]

    for each in (watch, receive):
        threading.Thread(target=each, daemon=True).start()
    worker.serve(read, write, settings)
