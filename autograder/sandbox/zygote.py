"""The process that every sandboxed worker is forked from. It has imported numpy and given up all its privileges.

`confined.Sandbox` starts it with one socket. For each request on that socket, it forks a worker, and later reports how
that worker ended. It has no secrets, tests or references, and takes orders only from its parent.
"""

import contextlib
import fcntl
import importlib
import json
import math
import os
import random
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn, TextIO

from autograder.guest import calls
from autograder.guest.messages import WorkerSettings
from autograder.sandbox import inherited, linux
from autograder.sandbox.forked import Forked, report_error
from autograder.sandbox.linux import Unsupported
from autograder.sandbox.mount_view import DEVICES, NOBODY, SCRATCH, SCRATCH_PARENT, View, build_root, visible_files

MIB = 1024 * 1024
# The process id of a worker in its own namespace.
WORKER_PID = 1
# No other process has a uid this high. If a container doesn't have uids this high, try NOBODY next.
PRIVATE_UIDS = 2_000_000_000
STREAM, STATUS = 3, 4
# The zygote's own descriptors are at least this high, so that they don't get in the way.
OWN = 64
# Exit codes. `worker` describes the first one in words.
OUT_OF_MEMORY, FAILED = 71, 70
# The modules that students import most. They're loaded before the fork, and their shared libraries stay readable.
PRELOADED = (
    "numpy.random numpy.linalg numpy.fft numpy.polynomial numpy.ma numpy.lib.stride_tricks ast bisect bz2 collections "
    "contextlib copy ctypes dataclasses datetime decimal enum fractions functools hashlib heapq inspect itertools json "
    "lzma math operator random re statistics string tempfile textwrap threading time traceback typing warnings zlib"
)


def become(uid: int) -> None:
    """Change from root to `uid` permanently."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop() -> None:
    """Give up the remaining privileges, for this process and its children. Raises Unsupported if any remain."""
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    if 0 in (*os.getresuid(), *os.getresgid()):
        raise Unsupported(
            "The sandbox would run as root; run it as an ordinary user, or as root with the right to switch to one."
        )


def obstacle(attempt: Callable[[], object], namespaces: int = 0) -> str | None:
    """Try something in a child process, in new namespaces of these kinds. Return why it fails on this machine, or None
    if it works."""
    reading, writing = os.pipe()
    try:
        child = linux.fork(namespaces)
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return str(error)
    if child == 0:
        try:
            attempt()
        except BaseException as error:
            os.write(writing, str(error).encode("utf-8", "replace")[:1000] or b"it failed")
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    return text or None


class Zygote:
    """The process that workers are forked from, with no privileges left. `absent`: why a layer is missing."""

    def __init__(self, config: dict[str, Any], standard: list[str]) -> None:
        self.settings: WorkerSettings = config["settings"]
        self.limits: dict[str, Any] = config["limits"]
        self.absent: dict[str, str] = {}
        self.proc = _out_of_the_way(os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for name in [*config["modules"], *PRELOADED.split()]:
            importlib.import_module(name)
        view = visible_files(standard, config["packages"])
        self._leave_root(view)
        drop()
        self.ids = os.getuid(), os.getgid()
        self._refuse_unreadable(view)
        self.namespaces = "namespaces" not in self.absent and self._has("namespaces", self._furnish, linux.NEW_ALL)
        self.ruleset = self._ruleset(view)
        self.landlock = self.ruleset is not None
        self.rlimits = self._has("rlimits", lambda: self._limit(None))
        self.seccomp = self._has("seccomp", lambda: linux.seccomp_enter(linux.seccomp_program(os.getpid())))
        if self.namespaces:
            linux.seccomp_program(WORKER_PID)  # cache the filter for all workers

    @property
    def isolation(self) -> list[str]:
        return [name for name in ("namespaces", "landlock", "rlimits", "seccomp") if getattr(self, name)]

    def _has(self, layer: str, attempt: Callable[[], object], namespaces: int = 0) -> bool:
        reason = obstacle(attempt, namespaces)
        if reason is not None:
            self.absent[layer] = reason
        return reason is None

    def _leave_root(self, view: View) -> None:
        """Move into a private root folder if the kernel lets us. Either way, stop being uid 0."""
        uid = None
        if os.geteuid() == 0:
            candidates = (PRIVATE_UIDS + random.randrange(10**8), NOBODY)
            uid = next((each for each in candidates if obstacle(partial(become, each)) is None), None)
            if uid is None and _root_outside(self.proc):
                raise Unsupported(
                    "This process is root and isn't allowed to become another user, so the kernel would run student "
                    "code as root. Grade as an ordinary user, or as root with CAP_SETUID and CAP_SETGID."
                )
        outer = (os.geteuid(), os.getegid()) if uid is None else None
        if self._has("namespaces", lambda: build_root(view, outer, self.proc)):
            build_root(view, outer, self.proc)
        if uid is not None:
            become(uid)

    def _refuse_unreadable(self, view: View) -> None:
        for path in view.readable:
            try:
                os.close(os.open(os.path.join(path, "os.py") if os.path.exists(f"{path}/os.py") else path, os.O_RDONLY))
            except OSError as error:
                why = self.absent.get("namespaces", error.strerror)
                raise Unsupported(
                    f"An unprivileged process can't read {path}, which student code needs. "
                    f"Put Python where every user can read it (/usr, /opt), or grade as an ordinary user. ({why})"
                ) from error

    def _furnish(self) -> None:
        """Map ids in a worker's new namespaces, name its host, and give it a scratch folder."""
        linux.map_ids(self.proc, self.ids, self.ids)
        linux.name_host(b"sandbox")
        options = f"size={self.limits['scratch_mib']}m,nr_inodes={self.limits['scratch_files'] + 1},mode=0700"
        linux.mount("tmpfs", SCRATCH, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC, options)

    def _ruleset(self, view: View) -> int | None:
        rules = list(view.rules())
        rules += [(path, linux.FS_READ_FILE | linux.FS_WRITE_FILE) for path in DEVICES if os.path.exists(path)]
        if self.namespaces:
            # A mount hides the scratch folder itself, so a rule on it would have no effect. Put the rule on its parent.
            rules.append((SCRATCH_PARENT, linux.FS_SCRATCH))
        try:
            ruleset = _out_of_the_way(linux.landlock_ruleset(rules))
        except (Unsupported, OSError) as error:
            self.absent["landlock"] = str(error)
            return None
        return ruleset if self._has("landlock", lambda: linux.landlock_enter(ruleset)) else None

    # Workers ----------------------------------------------------------------------------------------------------------

    def serve(self, control: socket.socket) -> None:
        """Fork a worker for each request, and report how each one ended, until the parent is gone."""
        events = select.poll()
        events.register(control, select.POLLIN)
        workers: dict[int, Forked] = {}
        while True:
            for descriptor, _ in events.poll():
                if descriptor in workers:
                    events.unregister(descriptor)
                    workers.pop(descriptor).report_end()
                    continue
                message, given, _, _ = socket.recv_fds(control, 16, 3)
                if not message:
                    return
                if len(given) != 3:
                    list(map(os.close, given))
                elif (worker := self._fork(*given)) is not None:
                    workers[worker.pidfd] = worker
                    events.register(worker.pidfd, select.POLLIN)

    def _fork(self, stream: int, output: int, status: int) -> Forked | None:
        """Fork a worker. If that fails, report the error on `status` and return None."""
        channel = socket.socket(fileno=status)
        try:
            child = linux.fork(linux.NEW_ALL if self.namespaces else 0)
            if child == 0:
                self._work(stream, output, status)
            return Forked(child, channel)
        except OSError as error:
            report_error(status, error)
            channel.close()
            return None
        finally:
            os.close(stream)
            os.close(output)

    def _work(self, stream: int, output: int, status: int) -> NoReturn:
        try:
            _move((stream, STREAM), (status, STATUS), (output, 1), (output, 2))
            status = STATUS
            self._confine()
        except BaseException as error:
            report_error(status, error)
            os._exit(FAILED)
        try:
            printers = (sys.stdout, sys.stderr)
            requests = open(STREAM, "rb", closefd=False)  # noqa: SIM115
            calls.serve(requests.read, lambda data: _write_reply(data, printers), self.settings)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException:
            os._exit(FAILED)
        os._exit(0)

    def _confine(self) -> None:
        tasks = None if self.namespaces else _tasks_of_this_user(self.proc)
        if self.namespaces:
            self._furnish()
        with contextlib.suppress(OSError):
            # If memory runs out, the kernel should kill the worker first.
            linux.write_proc(self.proc, "self/oom_score_adj", "1000")
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        # The kernel resets this setting when credentials change, so it must come after those changes.
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(SCRATCH if self.namespaces else "/")
        linux.drop_capabilities()
        if self.ruleset is not None:
            linux.landlock_enter(self.ruleset)
        os.closerange(STATUS + 1, 2**31 - 1)
        if self.rlimits:
            self._limit(tasks)
        if self.seccomp:
            linux.seccomp_enter(linux.seccomp_program(os.getpid()))
        self._verify()
        os.write(STATUS, b"R")
        os.close(STATUS)

    def _limit(self, tasks: int | None) -> None:
        limits = self.limits
        # Without a namespace, everything else that this user runs counts as well.
        threads = limits["threads"] + (0 if tasks is None else tasks + 32)
        wanted = {
            resource.RLIMIT_AS: limits["memory_mib"] * MIB,
            resource.RLIMIT_CPU: math.ceil(limits["submission_seconds"]) + 5,
            resource.RLIMIT_NPROC: threads,
            resource.RLIMIT_NOFILE: limits["open_files"],
            resource.RLIMIT_FSIZE: limits["file_mib"] * MIB,
            resource.RLIMIT_STACK: 8 * MIB,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
        for kind, value in wanted.items():
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))

    def _verify(self) -> None:
        """Try each layer once, because a worker that isn't confined by now mustn't continue."""
        if linux.effective_capabilities() or 0 in os.getresuid():
            raise Unsupported("The worker still has privileges that it should have dropped.")
        if self.namespaces and os.getpid() != WORKER_PID:
            raise Unsupported("The worker isn't the first process in its namespace.")
        if self.seccomp and _succeeds(lambda: socket.socket().close()):
            raise Unsupported("The worker was able to open a socket.")
        if self.landlock and _succeeds(lambda: os.scandir("/").close()):
            raise Unsupported("The worker was able to read the root folder.")


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _root_outside(proc: int) -> bool:
    """Return whether uid 0 here is also uid 0 outside this user namespace."""
    with open(os.open("self/uid_map", os.O_RDONLY, dir_fd=proc)) as file:
        return any(line.split()[:2] == ["0", "0"] for line in file)


def _tasks_of_this_user(proc: int) -> int:
    """Return how many tasks have this uid. Without a user namespace, RLIMIT_NPROC limits that number."""
    uid, tasks = str(os.getuid()), 0
    for name in os.listdir(proc):
        if name.isdecimal():
            with contextlib.suppress(OSError), open(os.open(f"{name}/status", os.O_RDONLY, dir_fd=proc)) as file:
                values = dict(line.split(":", 1) for line in file)
                tasks += int(values["Threads"]) if values["Uid"].split()[0] == uid else 0
    return tasks


def _out_of_the_way(descriptor: int) -> int:
    """Move a descriptor to a number that no worker needs, and return the number."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, OWN)
    os.close(descriptor)
    return moved


def _move(*moves: tuple[int, int]) -> None:
    """Give descriptors other numbers, even if some of these numbers are among the old ones."""
    copies = [(fcntl.fcntl(each, fcntl.F_DUPFD, OWN), wanted) for each, wanted in moves]
    for copy, wanted in copies:
        os.dup2(copy, wanted)


def _write_reply(data: bytes, printers: Iterable[TextIO]) -> None:
    for each in printers:
        try:  # contextlib.suppress takes longer than flushing
            each.flush()
        except Exception:  # the student's code may have closed it
            continue
    view = memoryview(data)
    while view:
        view = view[os.write(STREAM, view) :]


def _printer(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def main(control_fd: int, standard: list[str]) -> None:
    """Read the configuration, set up, reply, and then fork a worker for each request until the parent is gone."""
    parent = os.getppid()
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        zygote = Zygote(json.loads(control.recv(MIB)), standard)
        sys.path[:] = [os.path.realpath(path) for path in standard]
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return
    except Exception as error:
        text = str(error) if isinstance(error, Unsupported) else f"{type(error).__name__}: {error}"
        control.send(json.dumps({"refused": text}).encode())
        return
    null = os.open("/dev/null", os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(null, each)
    os.close(null)
    # Opened here, so that workers don't have to. They only replace what's behind 1 and 2.
    sys.stdin, sys.stdout, sys.stderr = open(0), _printer(1), _printer(2)  # noqa: SIM115
    calls.warm_up()
    inherited.forget()
    inherited.fill_holes()
    control.send(json.dumps({"isolation": zygote.isolation, "absent": zygote.absent}).encode())
    zygote.serve(control)
    os._exit(0)
