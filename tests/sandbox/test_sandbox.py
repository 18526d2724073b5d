"""Hostile programs: each gets its outcome within its limits, and an honest submission right after it passes."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograder.guest import values
from autograder.guest.messages import Violation
from autograder.model.course import Limits
from autograder.sandbox import linux as layers
from autograder.sandbox import probe
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.layers import refusal, warnings
from autograder.sandbox.unconfined import PlainProcesses
from autograder.sandbox.worker import Worker, WorkerDied, WorkerTimeout
from tests.repository import ROOT
from tests.sampling import sampled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

SETTINGS = {"allowed": ["numpy"], "inert": ["matplotlib"]}
LIMITS = Limits(memory_mib=512)
SECONDS = 0.7

HONEST = """
import numpy as np
def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()
"""

PRELUDE = """
import ctypes, errno, os, signal, socket, sys, threading, time
import numpy as np
libc = ctypes.CDLL(None, use_errno=True)

def refused(action, *arguments, errors=(OSError,)):
    try:
        result = action(*arguments)
    except errors:
        return
    raise AssertionError(f"{action} {arguments} was allowed and gave {result!r}")

def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
"""


class Program(NamedTuple):
    """`outcome`: ok, error:<type>, timeout, died:<text>, violation, joined by |. `core`: also run it as a user."""

    name: str
    source: str
    outcome: str = "ok"
    core: bool = False


PROGRAMS = [
    # 1: time
    Program("cpu_loop", "while True: pass", "timeout", core=True),
    Program("sleep", "time.sleep(60)", "timeout"),
    Program("select", "import select; select.select([], [], [])", "timeout"),
    Program("stops_itself", "signal.raise_signal(signal.SIGSTOP)", "ok|timeout"),
    Program("slow_output", "while True: print('.', end='', flush=True); time.sleep(0.01)", "timeout"),
    Program("c_code_holds_the_gil", "ctypes.PyDLL(None).sleep(60)", "timeout"),
    Program("long_c_call", "sum(range(10**13))", "timeout"),
    Program("catastrophic_regex", "import re; re.match(r'(a+)+$', 'a' * 64 + 'b')", "timeout"),
    Program(
        "ignores_signals_and_swallows_everything",
        "for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    try: signal.signal(each, signal.SIG_IGN)\n    except OSError: pass\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "timeout",
        core=True,
    ),
    Program("alarm", "signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(60)", "timeout|died:"),
    # 2: processes
    Program("stops_its_parent", "refused(os.kill, os.getppid(), signal.SIGSTOP)", core=True),
    Program("kills_everyone", "refused(os.kill, -1, signal.SIGKILL); refused(os.kill, 1, signal.SIGKILL)", core=True),
    Program("kills_a_group", "refused(os.killpg, 0, signal.SIGKILL)"),
    Program("signals_a_thread_elsewhere", "refused(call, TGKILL, 2, 2, 9); refused(call, TGKILL, os.getppid(), 1, 9)"),
    Program("fork_bomb", "refused(os.fork)\nwhile True: os.fork()", "error:PermissionError", core=True),
    Program("fork_and_setsid", "refused(os.setsid); refused(os.fork); refused(os.forkpty)"),
    Program(
        "other_ways_to_start_a_program",
        "import subprocess, multiprocessing\n"
        "refused(subprocess.run, ['/bin/true']); refused(os.posix_spawn, '/bin/true', ['true'], {})\n"
        "refused(os.popen, 'true'); refused(multiprocessing.Process(target=print).start)\n"
        "assert os.system('true') != 0",
    ),
    Program(
        "exec", "refused(os.execv, sys.executable, ['python']); refused(os.execv, '/bin/true', ['true'])", core=True
    ),
    Program(
        "thread_flood",
        "def grow():\n    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "threading.stack_size(64 * 1024)\n"
        "refused(grow, errors=(RuntimeError,)); assert threading.active_count() <= 80, threading.active_count()",
        core=True,
    ),
    # 3: memory
    Program(
        "memory_list",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "error:MemoryError|died:out of memory",
        core=True,
    ),
    Program("memory_numpy", "np.ones(1 << 34)", "error:MemoryError|error:_ArrayMemoryError"),
    Program("memory_lazily_touched", "np.zeros(1 << 40)", "error:MemoryError|error:_ArrayMemoryError"),
    Program("memory_mapped", "import mmap; mmap.mmap(-1, 1 << 34)", "error:OSError|error:MemoryError"),
    Program(
        "memory_error_swallowed",
        "x = []\nwhile True:\n    try: x.append(bytearray(1 << 20))\n    except MemoryError: pass",
        "timeout|died:",
    ),
    Program(
        "recursion_with_a_raised_limit",
        "sys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1) + 1\nf(0)",
        "error:MemoryError|error:RecursionError|died:|timeout",
    ),
    Program(
        "recursion_in_c",
        "sys.setrecursionlimit(10**9)\nx = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
        "died:|error:MemoryError|error:RecursionError|timeout",
    ),
    Program("huge_integer", "10 ** 10 ** 10", "timeout|error:MemoryError"),
    # 4: output
    Program("stdout_flood", "while True: os.write(1, b'x' * 65536)", "timeout", core=True),
    Program("stderr_flood", "for _ in range(500): os.write(2, b'y' * 65536)"),
    Program("endless_line", "while True: print('z' * 1000, end='')", "timeout"),
    Program("odd_output", "os.write(1, b'\\0\\xff\\xfe\\x1b[2J\\x1b]0;owned\\x07\\r\\n'); print('\\ud800')"),
    Program("fake_pass_lines", "print('PASSED [100%]\\n=== 99 passed in 0.01s ===\\n{\"score\": 99}')"),
    # 5: endings
    Program("exit_before_answering", "os._exit(0)", "died:exit code 0", core=True),
    Program("sys_exit", "sys.exit(0)", "error:SystemExit"),
    Program("quit_by_name", "raise KeyboardInterrupt", "error:KeyboardInterrupt"),
    Program("segfault", "ctypes.string_at(0)", "died:segmentation fault", core=True),
    Program("abort", "os.abort()", "died:"),
    Program("illegal_instruction", "import faulthandler; faulthandler._sigfpe()", "died:|ok"),
    Program("closes_its_line", "os.closerange(0, 64); time.sleep(60)", "died:it closed its connection"),
    Program("ends_the_line_for_writing", "refused(socket.socket, 1, 1, 0, 3); os.close(3)", "died:"),
    Program(
        "atexit_loop",
        "import atexit\n@atexit.register\ndef stay():\n    while True: pass\nos._exit(7)",
        "died:exit code 7",
    ),
    # 6: forged frames
    Program("giant_length", "os.write(3, b'\\xff\\xff\\xff\\xff')", "violation", core=True),
    Program("wrong_size", "os.write(3, b'\\0\\0\\1\\0half'); time.sleep(60)", "timeout"),
    Program("no_message", "os.write(3, b'\\0\\0\\0\\4\\xc1\\xc1\\xc1\\xc1'); time.sleep(60)", "violation"),
    Program("not_a_map", "os.write(3, b'\\0\\0\\0\\1\\x01'); time.sleep(60)", "violation"),
    Program("two_replies_at_once", "os.write(3, b'\\0\\0\\0\\1\\x80' * 2); time.sleep(60)", "violation"),
    Program("half_a_header", "os.write(3, b'\\0\\0'); time.sleep(60)", "timeout"),
    Program("endless_bytes", "while True: os.write(3, b'\\0\\x3f\\xff\\xff' * 4096)", "violation"),
    Program("deep_message", "os.write(3, b'\\0\\0\\x7f\\xff' + b'\\x91' * 0x7fff); time.sleep(60)", "violation"),
    Program(
        "array_bomb",
        "os.write(3, b'\\0\\0\\0\\6\\x81\\xa1v\\xdd\\xff\\xff\\xff\\xff'[:10]); time.sleep(60)",
        "violation",
    ),
    Program("unasked_call_back", "os.write(3, b'\\0\\0\\0\\x0b\\x81\\xa2op\\xa6handle'); time.sleep(60)", "violation"),
    # 7: reads
    Program(
        "reads_etc",
        "refused(open, '/etc/passwd'); refused(open, '/etc/shadow'); refused(os.listdir, '/etc')",
        core=True,
    ),
    Program(
        "reads_proc",
        "for path in ('1/environ', 'self/environ', 'self/maps', 'self/mem', 'version', 'self/fd/3'):\n"
        "    refused(open, '/proc/' + path)\nrefused(os.listdir, '/proc')",
        core=True,
    ),
    Program(
        "reads_the_root", "for path in ('/', '/root', '/home', '/tmp', '/var', '/work'): refused(os.listdir, path)"
    ),
    Program("reads_the_repository", "for path in SECRETS: refused(open, path)", core=True),
    Program(
        "reads_by_chdir",
        "refused(os.listdir, '../..'); refused(open, '../../etc/passwd'); os.chdir('/'); refused(os.listdir)",
    ),
    Program("reads_by_stat", "assert not any(os.path.exists(path) for path in SECRETS)"),
    Program(
        "reads_the_environment",
        "assert not any('GRADER' in name for name in os.environ), sorted(os.environ)",
        core=True,
    ),
    Program(
        "reads_the_environment_in_c",
        "environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, 'environ')\nx = 0\n"
        "while environ[x]:\n    assert b'GRADER' not in environ[x]; x += 1",
    ),
    Program(
        "open_descriptors",
        "def is_open(number):\n    try: return os.fstat(number) is not None\n    except OSError: return False\n"
        "assert [n for n in range(2048) if is_open(n)] == [0, 1, 2, 3]",
        core=True,
    ),
    Program("reads_its_input", "assert sys.stdin.read() == '' and input() == ''"),
    # 8: writes
    Program(
        "writes_outside",
        "for path in ('/x', '/tmp/x', '/etc/x', '/dev/shm/x', '/var/tmp/x', '/sandbox/x', '/proc/x', '/usr/lib/x'):\n"
        "    refused(open, path, 'w')\n    refused(os.mkdir, path)",
        core=True,
    ),
    Program(
        "writes_into_packages",
        "for place in (np.__path__[0], os.path.dirname(os.__file__)):\n"
        "    refused(open, place + '/evil.py', 'w'); refused(os.mkdir, place + '/evil')\n"
        "    refused(os.unlink, place + '/__init__.py')\n"
        "refused(open, np.__file__, 'a'); refused(os.truncate, os.__file__, 0); refused(os.rename, np.__file__, 'x')",
        core=True,
    ),
    Program(
        "big_file",
        "f = open('big', 'wb', buffering=0); f.write(bytes(4 << 20))\n"
        "refused(f.write, b'x'); refused(f.truncate, 5 << 20)",
    ),
    Program(
        "fills_the_scratch_folder",
        "def fill():\n    for i in range(20):\n        with open(str(i), 'wb', buffering=0) as f:\n"
        "            assert f.write(bytes(2 << 20)) == 2 << 20\n"
        "refused(fill, errors=(OSError, AssertionError))",
        "ok",
    ),
    Program(
        "sparse_file",
        "with open('s', 'wb') as f: refused(f.truncate, 1 << 40); refused(os.posix_fallocate, f.fileno(), 0, 1 << 40)",
    ),
    Program(
        "many_files",
        "def fill():\n    for i in range(1000): os.close(os.open(str(i), os.O_CREAT))\n"
        "refused(fill); assert len(os.listdir('.')) <= 256",
    ),
    Program(
        "links_and_nodes",
        "open('a', 'w').close(); refused(os.link, 'a', 'b'); refused(os.symlink, '/etc', 'c'); refused(os.mkfifo, 'd')",
    ),
    Program("locks", "import fcntl; refused(fcntl.flock, open('a', 'w'), fcntl.LOCK_EX)"),
    # 9: the network and the kernel
    Program(
        "sockets_of_every_family",
        "for family in range(46):\n    for kind in (1, 2, 3, 5): refused(socket.socket, family, kind)\n"
        "refused(socket.socketpair)",
        core=True,
    ),
    Program(
        "dns", "refused(socket.getaddrinfo, 'example.com', 80); refused(socket.create_connection, ('127.0.0.1', 22))"
    ),
    Program(
        "the_stream_of_a_live_model",
        "from importlib import import_module\ndef away():\n    for name in ('autograder.model.course', 'anthropic'):\n"
        "        refused(import_module, name, errors=ModuleNotFoundError)\n"
        "away(); del sys.modules['autograder'], sys.meta_path[:2]; away()",
        core=True,
    ),
    Program("asyncio", "import asyncio; refused(asyncio.run, asyncio.sleep(0))"),
    Program(
        "clone_without_a_thread", "refused(call, CLONE, 17, 0, 0, 0, 0); refused(call, CLONE, 0x20000000, 0, 0, 0, 0)"
    ),
    Program("a_thread_that_stops_its_starter", "refused(call, CLONE, 0x4000 | 0x10000 | 0x800 | 0x100, 0, 0, 0, 0)"),
    Program(
        "waits_for_the_disk",  # these succeed, even with a file that isn't open, because they don't do anything
        "import mmap\nos.sync()\n"
        "for number in SYNCFS, SYNC_FILE_RANGE, READAHEAD: call(number, 999, 0, 0, 0, 0)\n"
        "os.fsync(999); os.fdatasync(999); os.posix_fadvise(999, 0, 0, os.POSIX_FADV_WILLNEED)\n"
        "page = mmap.mmap(-1, 4096); page.flush(); page.madvise(mmap.MADV_DONTNEED)\n"
        "call(MADVISE, 0, 1 << 40, 21, 0, 0)",
    ),
    Program(
        "clone3",
        "try: call(435, 0, 0)\nexcept OSError as e: assert e.errno == errno.ENOSYS\nelse: raise AssertionError",
    ),
    Program(
        "calls_of_the_future",
        "try: call(9999)\nexcept OSError as e: assert e.errno == errno.ENOSYS\nelse: raise AssertionError",
    ),
    Program(
        "terminal_input",
        "for high in (0, 1 << 32, 0xdead << 32): refused(call, IOCTL, 0, 0x5412 | high, ctypes.c_char_p(b'x'))",
    ),
    Program(
        "asks_for_rights", "for option in (1, 4, 8, 22, 23, 24, 28, 38, 47): refused(call, PRCTL, option, 0, 0, 0, 0)"
    ),
    Program(
        "raises_its_limits",
        "import resource\nfor kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):\n"
        "    refused(resource.setrlimit, kind, (-1, -1), errors=(ValueError, OSError))",
    ),
    Program(
        "signals_by_fcntl",
        "import fcntl\nr, w = os.pipe()\nrefused(fcntl.fcntl, r, fcntl.F_SETOWN, 1); refused(fcntl.fcntl, r, 10, 9)",
    ),
    Program(
        "writable_code",
        "import mmap\ncode = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(bytes.fromhex('b8270000000f05c3'))\n"
        "start = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
        "assert ctypes.CFUNCTYPE(ctypes.c_long)(start)() == os.getpid()",
        "ok" if sys.platform == "linux" and os.uname().machine == "x86_64" else "died:|ok|error:AssertionError",
    ),
    # 10: tricks in Python
    Program(
        "patches_numpy",
        "np.allclose = np.array_equal = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None",
    ),
    Program(
        "patches_builtins", "import builtins; builtins.isinstance = builtins.len = builtins.print = None", "ok|died:"
    ),
    # 11: imports and looking around
    Program(
        "imports",
        "def get(name): __import__(name)\n"
        "for name in ('torch', 'reference', 'reference.softmax', 'pytest', 'msgpack', 'pydantic',\n"
        "             'autograder.guest.values', 'autograder.guest.calls', 'autograder.guest.stand_ins',\n"
        "             'autograder.sandbox.worker', 'autograder.model.course', 'nbgrader', 'pip', 'setuptools'):\n"
        "    refused(get, name, errors=(ImportError,))",
        core=True,
    ),
    Program(
        "adds_import_paths",
        "import importlib\nsys.path[:0] = SECRET_FOLDERS\nimportlib.invalidate_caches()\n"
        "for name in ('torch', 'reference', 'pytest', 'msgpack'):\n"
        "    refused(importlib.import_module, name, errors=(ImportError,))",
        core=True,
    ),
    Program(
        "looks_into_modules", "assert not {'torch', 'pytest', 'reference', 'msgpack', 'pydantic'} & set(sys.modules)"
    ),
    Program(
        "looks_into_frames_and_gc",
        "import gc, types\nframe = sys._getframe()\nwhile frame: frame.f_locals; frame = frame.f_back\n"
        "names = {m.__name__.split('.')[0] for m in gc.get_objects() if isinstance(m, types.ModuleType)}\n"
        "assert not {'torch', 'pytest', 'reference'} & names",
    ),
    # 14: at the edge
    Program("just_in_time", "time.sleep(0.3)"),
    Program(
        "threads_at_the_edge",
        "import threading\nthreads = [threading.Thread(target=time.sleep, args=(0.1,)) for _ in range(15)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]",
        core=True,
    ),
    Program("file_at_the_edge", "with open('f', 'wb') as f: assert f.write(bytes(4 << 20)) == 4 << 20"),
    Program("files_at_the_edge", "for i in range(250): open(str(i), 'w').close()"),
    Program("descriptors_at_the_edge", "held = [open('/dev/null') for _ in range(60)]\nrefused(open, '/dev/null')"),
    Program("memory_below_the_edge", "x = np.ones(20 << 20); assert x.sum() == 20 << 20"),
    Program(
        "scratch_is_usable",
        "import tempfile\nwith tempfile.NamedTemporaryFile() as f: f.write(b'x')\n"
        "np.save('a.npy', np.ones(3)); np.load('a.npy')",
    ),
]


def made(bubblewrap: bool = False) -> Sandbox:
    """A sandbox, without bubblewrap around it unless requested, because the sandbox must hold without it."""
    with pytest.MonkeyPatch.context() as patch:
        if not bubblewrap:
            patch.setattr(shutil, "which", lambda _name: None)
        return Sandbox(LIMITS, ["numpy"], SETTINGS)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    os.environ["GRADER_SECRET"] = "not for students"
    with made() as sandbox:
        yield sandbox


@pytest.fixture
def worker(sandbox: Sandbox) -> Iterator[Worker]:
    with sandbox.start() as started:
        yield started


def cell(source: str) -> dict[str, Any]:
    return {"op": "cell", "index": 1, "source": source}


def call(name: str, *arguments: Any) -> dict[str, Any]:
    return {"op": "call", "name": name, "arguments": values.encode([list(arguments), {}]), "draws": None}


def outcome(worker: Worker, request: dict[str, Any], seconds: float = SECONDS) -> str:
    try:
        reply = worker.ask(request, seconds)
    except WorkerTimeout:
        return "timeout"
    except WorkerDied as death:
        return f"died:{death}"
    except Violation:
        return "violation"
    if "error" in reply:
        return f"error:{reply['error']['type']} {reply['error']['message']}"
    return "ok"


def assert_honest_work_passes(sandbox: Sandbox) -> None:
    with sandbox.start() as honest:
        assert honest.ask(cell(HONEST), 5) == {}
        value = honest.ask(call("softmax", np.array([0.0, 1.0, 2.0])), 5)["value"]
        np.testing.assert_allclose(value, [0.09003057, 0.24472847, 0.66524096], rtol=1e-6)


def known_to_students(secrets: list[str]) -> str:
    """What the programs need to know, as assignments."""
    numbers = layers.machine().calls
    used = ("clone", "tgkill", "ioctl", "prctl", "madvise", "syncfs", "sync_file_range", "readahead")
    names = {name.upper(): numbers[name] for name in used}
    folders = sorted(
        {
            str(ROOT),
            os.path.dirname(os.path.dirname(np.__file__)),
            os.path.dirname(os.path.dirname(pytest.__file__)),
        }
    )
    known = {**names, "SECRETS": secrets, "SECRET_FOLDERS": folders}
    return "".join(f"{name} = {value!r}\n" for name, value in known.items())


@pytest.fixture(scope="session")
def secrets() -> Iterator[list[str]]:
    """Files that the file system lets everybody read: a test, the course, a submission, a gradebook, pytest."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("gradebook.db", "ada.ipynb"):
            (Path(folder) / name).write_text("secret")
        files = (Path(__file__), ROOT / "course.yaml", Path(pytest.__file__), *Path(folder).iterdir())
        yield [str(each) for each in files]


KERNEL_CALLS = """
ptrace process_vm_readv process_vm_writev unshare setns mount umount2 pivot_root chroot open_tree move_mount fsopen
mount_setattr bpf perf_event_open io_uring_setup io_uring_enter io_setup keyctl add_key request_key userfaultfd
memfd_create memfd_secret shmget msgget semget mq_open pidfd_open pidfd_getfd pidfd_send_signal kcmp personality
reboot kexec_load init_module name_to_handle_at open_by_handle_at fanotify_init modify_ldt ioperm process_madvise
vmsplice seccomp capset setuid sendmsg recvmsg landlock_restrict_self tkill rt_sigqueueinfo execveat prlimit64
setpriority sched_setaffinity truncate fchmodat fchownat utimensat inotify_init1
""".split()  # noqa: SIM905

OTHER_MACHINE_CALLS = {
    # mov eax, 20; int 0x80; ret: getpid as a 32-bit program asks for it
    "32_bit": "import mmap\ncode = mmap.mmap(-1, 4096, prot=7); code.write(bytes.fromhex('b814000000cd80c3'))\n"
    "ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()",
    "x32": "libc.syscall(ctypes.c_long(0x40000000 + 39))",
}


# All of them are proofs; the core and every third of the others always run.
ALWAYS = [
    program
    for number, program in enumerate(sorted(PROGRAMS, key=lambda program: program.core))
    if program.core or number % 3 == 0
]


@pytest.mark.parametrize("program", sampled(PROGRAMS, *ALWAYS), ids=lambda program: program.name)
def test_program(sandbox: Sandbox, secrets: list[str], program: Program) -> None:
    # A program that isn't meant to time out gets plenty of time, because the machine may be busy.
    seconds = SECONDS if "timeout" in program.outcome else 20
    begun = time.monotonic()
    with sandbox.start() as worker:
        assert worker.ask(cell(PRELUDE + known_to_students(secrets)), 5) == {}
        got = outcome(worker, cell(program.source), seconds)
        printed = len(worker.output)
    assert any(got.startswith(each) for each in program.outcome.split("|")), got
    assert time.monotonic() - begun < seconds * 12 + 2
    assert printed <= LIMITS.output_kib * 1024 + 100
    assert_honest_work_passes(sandbox)


@pytest.mark.parametrize("name", KERNEL_CALLS)
def test_kernel_call_is_refused(worker: Worker, name: str) -> None:
    number = layers.machine().calls.get(name)
    if number is None:
        pytest.skip("this machine has no such call")
    assert worker.ask(cell(PRELUDE), 5) == {}
    # Change another process's limits, because a process may lower its own.
    first = 2 if name == "prlimit64" else 0
    source = (
        f"try: call({number}, {first}, 0, 0, 0, 0, 0)\n"
        "except OSError as e: assert e.errno == errno.EPERM, e\nelse: 1 / 0"
    )
    assert outcome(worker, cell(source)) == "ok"


@pytest.mark.parametrize("source", ["import autograder.model", "from autograder import check, model"])
def test_a_worker_has_the_parts_of_the_engine_that_notebooks_need(worker: Worker, source: str) -> None:
    assert outcome(worker, cell("from autograder import check, given, solved\nimport autograder.given")) == "ok"
    refused = "error:ModuleNotFoundError autograder.model is not available during grading: numpy only"
    assert outcome(worker, cell(source)) == refused


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these calls exist only on x86_64")
@pytest.mark.parametrize("source", OTHER_MACHINE_CALLS.values(), ids=OTHER_MACHINE_CALLS)
def test_system_calls_of_another_architecture_end_the_worker(sandbox: Sandbox, worker: Worker, source: str) -> None:
    assert outcome(worker, cell(PRELUDE + source)) == "died:forbidden system call (SIGSYS)"
    assert_honest_work_passes(sandbox)


TRICKS = """
import os, threading, numpy as np
class Equal(np.ndarray):
    def __eq__(self, other): return True
    def __array_function__(self, *a, **k): return True
class Pretends:
    def __array__(self, dtype=None, copy=None): return np.zeros(3)
    def __eq__(self, other): return True
class Always(float):
    def __eq__(self, other): return True
    __hash__ = float.__hash__
def always_equal(x): return x.view(Equal)
def pretends(x): return Pretends()
def number(x): return Always(3)
def objects(x): return np.array([object(), None])
def strings(x): return np.array(["passed"])
def records(x): return np.zeros(2, dtype=[("a", "f8")])
def huge(x): return np.zeros(1 << 20)
def nested(x):
    for _ in range(1000): x = [x]
    return x
def itself(x):
    x = []; x.append(x); return x
def mutates(x):
    x[:] = 7; return 1
seen = []
def remembers(x):
    seen.append(x.sum()); return seen[0]
def leaves(x):
    threading.Timer(0.1, os._exit, (0,)).start(); return 1
def speaks_up(x):
    threading.Timer(0.1, os.write, (3, b"\\0\\0\\0\\1\\x80")).start(); return 1
def calls_back(x):
    from autograder.given import softmax
    while True: x += 1; softmax(x)
def calls_back_once(x):
    from autograder.given import softmax
    return softmax(1)
"""


@pytest.fixture
def tricks(worker: Worker) -> Worker:
    assert worker.ask(cell(TRICKS), 5) == {}
    return worker


def test_a_subclass_arrives_as_a_plain_array(tricks: Worker) -> None:
    value = tricks.ask(call("always_equal", np.arange(3.0)), 5)["value"]
    assert type(value) is np.ndarray
    assert value.tolist() == [0, 1, 2]
    assert type(tricks.ask(call("number", 1), 5)["value"]) is float
    assert type(tricks.ask(call("pretends", 1), 5)["value"]) is not object


@pytest.mark.parametrize("name", ["objects", "strings", "records"])
def test_values_that_are_not_data_arrive_as_their_types_name(tricks: Worker, name: str) -> None:
    assert isinstance(tricks.ask(call(name, 1), 5)["value"], values.Opaque)


@pytest.mark.parametrize("name", ["huge", "nested", "itself"])
def test_values_that_cannot_be_sent_are_an_error(sandbox: Sandbox, tricks: Worker, name: str) -> None:
    assert tricks.ask(call(name, 1), 5)["error"]["type"] == "WireError"
    assert_honest_work_passes(sandbox)


def test_a_students_code_cannot_change_our_inputs(tricks: Worker) -> None:
    mine = np.arange(3.0)
    reply = tricks.ask(call("mutates", mine), 5)
    assert values.decode(reply["arguments"])[0][0].tolist() == [7, 7, 7]
    assert mine.tolist() == [0, 1, 2]
    assert [tricks.ask(call("remembers", np.array([n])), 5)["value"] for n in (1.0, 2.0)] == [1, 1]


def test_exit_after_a_right_answer(sandbox: Sandbox, tricks: Worker) -> None:
    assert tricks.ask(call("leaves", 1), 5) == {"value": 1}
    time.sleep(0.3)
    assert outcome(tricks, call("leaves", 1)) == "died:exit code 0"
    assert_honest_work_passes(sandbox)


def test_an_answer_before_the_question(sandbox: Sandbox, tricks: Worker) -> None:
    assert tricks.ask(call("speaks_up", 1), 5) == {"value": 1}
    time.sleep(0.3)
    assert outcome(tricks, call("speaks_up", 1)) == "violation"
    assert_honest_work_passes(sandbox)


def test_callbacks_are_limited_and_our_time_is_not_counted(sandbox: Sandbox, tricks: Worker) -> None:
    def slow(_message: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.5)
        return {"answer": values.encode([3])}

    assert tricks.ask(call("calls_back_once", 1), 0.4, slow) == {"value": 3}
    with pytest.raises(Violation):
        tricks.ask(call("calls_back", 1), 10, lambda message: {"answer": values.encode([0])})
    assert_honest_work_passes(sandbox)


AWAITS = """
import asyncio
told = []
async def tell(word, seconds):
    await asyncio.sleep(seconds)
    told.append(word)
    return word
{}
"""


@pytest.mark.parametrize(
    ("source", "reply"),
    [
        (
            "await tell(1, 0.01); x = await asyncio.gather(tell(3, 0.1), tell(2, 0)); assert told == [1, 2, 3], told",
            "ok",
        ),
        ("assert await asyncio.to_thread(sum, [1, 2]) == 3", "ok"),
        ("async for x in (y for y in []): pass", "error:TypeError"),
        ("later = asyncio.create_task(tell(1, 0.01)); await asyncio.sleep(0)", "ok"),
        ("await asyncio.wait_for(tell(1, 60), 0.01)", "error:TimeoutError"),
        ("await asyncio.open_connection('127.0.0.1', 22)", "error:PermissionError"),
        ("await tell(1, 60)", "timeout"),
        ("def f():\n    await tell(1, 1)", "error:SyntaxError"),
    ],
)
def test_a_cell_may_await(worker: Worker, source: str, reply: str) -> None:
    """What Jupyter's loop can do without the network; there's no I/O."""
    assert outcome(worker, cell(AWAITS.format(source)), 1 if reply == "timeout" else 20).startswith(reply)
    if source.startswith("later"):
        assert outcome(worker, cell("await later\nassert told == [1]"), 20) == "ok"


def test_an_error_after_an_await_is_told_by_its_line(worker: Worker) -> None:
    source = "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    1 / 0\nawait f()"
    frames = worker.ask(cell(source), 20)["error"]["frames"]
    assert frames == [("code cell 1", 5, "await f()"), ("code cell 1", 4, "1 / 0")]


def test_nothing_is_left_for_the_next(sandbox: Sandbox) -> None:
    with sandbox.start() as first, sandbox.start() as second:
        assert first.ask(cell("open('left', 'w').write('x'); import builtins; builtins.left = 1"), 5) == {}
        with sandbox.start() as third:
            for later in (second, third):
                source = (
                    "import os; assert os.listdir('.') == []; import builtins; assert not hasattr(builtins, 'left')"
                )
                assert later.ask(cell(source), 5) == {}


def test_a_worker_that_is_gone_says_so(sandbox: Sandbox) -> None:
    worker = sandbox.start()
    assert outcome(worker, cell("while True: pass"), 0.2) == "timeout"
    assert outcome(worker, cell("pass")).startswith("died")
    worker.close()
    worker.close()


def test_a_request_too_large_is_our_own_error(worker: Worker) -> None:
    with pytest.raises(values.WireError):
        worker.ask(cell("x" * (5 << 20)), 5)
    assert worker.ask(cell("pass"), 5) == {}


def test_output_is_kept_to_its_limit(worker: Worker) -> None:
    kept = LIMITS.output_kib * 1024
    assert worker.ask(cell(f"print('a' * {kept - 1})"), 5) == {}
    assert worker.output == "a" * (kept - 1) + "\n"
    assert worker.ask(cell("print('b', end='')"), 5) == {}
    assert worker.output.endswith("[1 more bytes]")


# The sandbox's own behavior -------------------------------------------------------------------------------------------


def processes_of_session(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def descriptors_of(process: int) -> list[str]:
    found = []
    for each in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(each))
    return found


def settles(condition: Any) -> bool:
    """Return whether the condition becomes true. The kernel cleans up after a process in its own time."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_no_process_descriptor_mount_or_file_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def state() -> tuple[Any, ...]:
        fds = len(os.listdir("/proc/self/fd"))
        return fds, Path("/proc/self/mountinfo").read_text(), os.listdir(tmp_path)

    before = state()
    sandbox = made()
    assert sandbox._zygote is not None
    session = sandbox._zygote.pid
    # The worker that was tried first may still be exiting.
    assert settles(lambda: processes_of_session(session) == [session])
    running = state()
    for source in (
        "pass",
        "while True: pass",
        "import os; os._exit(1)",
        "import os; os.closerange(0, 9)",
        "x = [1] * 10**7",
    ):
        with sandbox.start() as worker:
            outcome(worker, cell(source), 0.2)
    assert settles(lambda: processes_of_session(session) == [session])
    assert state() == running
    forgotten = sandbox.start()
    sandbox.close()
    forgotten.close()
    assert settles(lambda: not processes_of_session(session))
    assert settles(lambda: state() == before)


@pytest.mark.parametrize("bubblewrap", [False, True])
def test_a_killed_grader_leaves_nothing(bubblewrap: bool) -> None:
    script = f"""
import shutil, sys
sys.path[:] = {sys.path!r}
if not {bubblewrap}: shutil.which = lambda name: None
from autograder.model.course import Limits
from autograder.sandbox.confined import Sandbox
sandbox = Sandbox(Limits(), ["numpy"], {SETTINGS!r})
worker = sandbox.start()
print(sandbox._zygote.pid, flush=True)
worker.ask({{"op": "cell", "index": 1, "source": "while True: pass"}}, 60)
"""
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert grader.stdout is not None
    session = int(grader.stdout.readline())
    time.sleep(0.3)
    assert len(processes_of_session(session)) >= 2  # the one that forks, and the worker
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert settles(lambda: not processes_of_session(session))


def test_a_dead_zygote_is_a_fault_of_the_sandbox() -> None:
    with made() as sandbox:
        assert sandbox._zygote is not None
        for process in processes_of_session(sandbox._zygote.pid):
            with contextlib.suppress(ProcessLookupError):  # the first one takes the others down with it
                os.kill(process, 9)
        with pytest.raises(SandboxFault):
            sandbox.start()
        with pytest.raises(SandboxFault):
            sandbox.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can see the descriptors of a process that isn't dumpable")
def test_a_worker_that_nobody_waits_for_leaves_no_descriptor_behind() -> None:
    with made() as sandbox:
        assert sandbox._zygote is not None
        zygote = sandbox._zygote.pid
        sandbox.start().close()
        assert settles(lambda: "anon_inode:[pidfd]" not in descriptors_of(zygote))
        before = sorted(descriptors_of(zygote))
        for _ in range(3):
            (ours, stream), (gone, status), (reading, output) = socket.socketpair(), socket.socketpair(), os.pipe()
            gone.close()
            socket.send_fds(sandbox._control, [b"S"], [stream.fileno(), output, status.fileno()])
            for each in (ours, stream, status):
                each.close()
            os.close(reading)
            os.close(output)
        sandbox.start().close()
        assert settles(lambda: sorted(descriptors_of(zygote)) == before)


def test_a_worker_knows_its_own_thread() -> None:
    """The C library keeps the thread's id. If that's still the id from before the fork, this clock doesn't exist."""
    clock = "time.pthread_getcpuclockid(threading.get_ident())"
    with made() as sandbox, sandbox.start() as worker:
        assert outcome(worker, cell(f"import threading, time\ntime.clock_gettime({clock})")) == "ok"


def test_a_zygote_that_dies_at_work_is_not_the_students_fault() -> None:
    with made() as sandbox:
        worker = sandbox.start()
        assert sandbox._zygote is not None
        Timer(0.2, sandbox._zygote.kill).start()
        with pytest.raises(SandboxFault):
            worker.ask(cell("while True: pass"), 10)
        worker.close()


def test_a_sandbox_belongs_to_the_main_thread() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="main thread"):
        pool.submit(Sandbox, LIMITS, ["numpy"], SETTINGS).result()


def test_a_missing_package_is_named() -> None:
    with pytest.raises(SandboxFault, match="no_such_package"):
        Sandbox(LIMITS, ["no_such_package"], SETTINGS)


def test_it_holds_behind_bubblewrap(secrets: list[str]) -> None:
    with made(bubblewrap=True) as wrapped:
        if "bubblewrap" not in wrapped.isolation:
            pytest.skip("bubblewrap is not installed, or can't be used here")
        for program in PROGRAMS:
            if program.core:
                test_program(wrapped, secrets, program)


def test_every_layer_is_there(sandbox: Sandbox) -> None:
    assert {"namespaces", "landlock", "rlimits", "seccomp"} <= set(sandbox.isolation)


def test_the_doctor_finds_each_layer() -> None:
    found = {layer.name: layer for layer in probe(LIMITS) if "optional" not in layer.name}
    assert set(found) == {"deadline", "own user", "namespaces", "landlock", "rlimits", "seccomp"}
    assert all(layer.present for layer in found.values()), found


@pytest.mark.parametrize(
    ("isolation", "refused", "warned"),
    [
        ("namespaces landlock rlimits seccomp", False, 0),
        ("namespaces landlock rlimits seccomp bubblewrap", False, 0),
        ("namespaces rlimits seccomp", False, 1),
        ("landlock rlimits seccomp", False, 1),
        ("rlimits seccomp", True, 0),
        ("namespaces landlock rlimits", True, 0),
        ("namespaces landlock seccomp", True, 0),
        ("process", True, 0),
    ],
)
def test_what_a_batch_needs(isolation: str, refused: bool, warned: int) -> None:
    assert (refusal(isolation.split()) is not None) == refused
    assert len(warnings(isolation.split())) == warned


# Without a sandbox ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print('hello')", "ok"),
        ("import os; os.write(1, b'hello'); os.system('echo hello')", "ok"),
        ("while True: print('x' * 1000)", "timeout"),
        ("import os; os._exit(0)", "died:exit code 0"),
        ("import os; os.kill(os.getpid(), 11)", "died:segmentation fault"),
        ("raise KeyError(1)", "error:KeyError"),
        ("import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)", "timeout"),
    ],
)
def test_plain_processes(source: str, expected: str) -> None:
    with PlainProcesses(LIMITS, ["numpy"], SETTINGS) as plain:
        with plain.start() as worker:
            assert worker.ask(cell(HONEST), 10) == {}
            assert outcome(worker, cell(source)).startswith(expected)
            assert "hello" in worker.output or "hello" not in source
        with plain.start() as honest:
            assert honest.ask(cell(HONEST), 10) == {}
            assert honest.ask(call("softmax", np.zeros(2)), 5)["value"].tolist() == [0.5, 0.5]


def test_a_plain_process_that_ends_before_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with (
        PlainProcesses(LIMITS, ["numpy"], SETTINGS) as plain,
        pytest.raises(SandboxFault, match=r"couldn't be started \(it ended\)"),
    ):
        plain.start()


# As an ordinary user --------------------------------------------------------------------------------------------------

AS_USER = """
import os, sys
sys.path[:] = {path!r}
from autograder.sandbox import linux as layers
layers.unshare(layers.NEWNS)
layers.mount("none", "/", None, layers.MS_REC | layers.MS_PRIVATE)
trees = {trees!r}
held = [os.open(tree, os.O_PATH) for tree in trees]
closed = set()
for tree in trees:
    parents = [tree[:i] for i, letter in enumerate(tree) if letter == "/" and i]
    closed |= set([p for p in parents if os.stat(p).st_mode & 0o5 != 0o5][:1])
for folder in closed:
    layers.mount("tmpfs", folder, "tmpfs", 0, "mode=0755")
for tree, descriptor in zip(trees, held):
    if any(tree.startswith(folder + "/") for folder in closed):
        os.makedirs(tree, exist_ok=True)
        layers.mount(f"/proc/self/fd/{{descriptor}}", tree, None, layers.MS_BIND | layers.MS_REC)
os.setgroups([])
os.setresgid({uid}, {uid}, {uid})
os.setresuid({uid}, {uid}, {uid})
os.chdir({repository!r})
os.environ.update(HOME="/", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
os.execv(sys.executable, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *sys.argv[1:]])
"""


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="the tests already run as an ordinary user")
def test_it_holds_for_an_ordinary_user() -> None:
    """The core programs again, graded by a user without privileges, who creates the namespaces in a user namespace."""
    trees = sorted(
        {os.path.realpath(each) for each in (sys.base_prefix, sys.prefix, *sys.path, ROOT) if os.path.isdir(each)}
    )
    script = AS_USER.format(path=sys.path, trees=trees, uid=54321, repository=str(ROOT))
    tests = [f"{__file__}::test_program[{program.name}]" for program in PROGRAMS if program.core]
    others = (
        "test_every_layer_is_there",
        "test_it_holds_behind_bubblewrap",
        "test_no_process_descriptor_mount_or_file_is_left",
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *tests, *(f"{__file__}::{name}" for name in others)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "layers.mount" in done.stderr:
        pytest.skip("not even root may mount here")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert " failed" not in done.stdout
    assert f"{len(tests) + len(others)} passed" in done.stdout or "1 skipped" in done.stdout
