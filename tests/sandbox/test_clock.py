"""Load never changes a verdict: waiting for a core doesn't count; everything else does, however a call uses threads."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from autograder.guest import values
from autograder.model.course import Limits
from autograder.sandbox.clock import Clock, CoreClock, Deadline, ProcessorClock, WallClock, clock_of
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.errors import OutOfPatience
from autograder.sandbox.patience import Patience
from autograder.sandbox.unconfined import PlainProcesses
from autograder.sandbox.worker import Worker, WorkerTimeout
from tests.sampling import sampled
from tests.sandbox.load import busy_loops
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports how long a thread waits for a core")

SETTINGS = {"allowed": ["numpy"], "inert": []}
SECONDS = 0.5
# The reply to a callback.
ONE = {"answer": values.encode([1])}
WORK = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass"
# One thread after another starts and ends, while the first one sleeps.
BY_THREADS = """
import threading, time
def work():
    end = time.thread_time() + 0.02
    while time.thread_time() < end: pass
for _ in range(10):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""
ENDLESS = {
    "sleeps": "import time\ntime.sleep(60)",
    "computes": "while True: pass",
    "has_threads_wait_for_each_other": """
import hashlib, threading
data = bytes(1 << 20)
def work():
    while True: hashlib.sha256(data)
for _ in range(14): threading.Thread(target=work, daemon=True).start()
work()
""",
    "works_in_bursts": """
import hashlib, threading, time
data, together = bytes(1 << 20), threading.Barrier(15)
def work():
    while True:
        together.wait(); hashlib.sha256(data); together.wait(); time.sleep(0.01)
for _ in range(14): threading.Thread(target=work, daemon=True).start()
work()
""",
}


@pytest.fixture(scope="module", params=sampled([Sandbox, PlainProcesses], Sandbox))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox | PlainProcesses]:
    with request.param(Limits(), ["numpy"], SETTINGS) as made:
        yield made


@pytest.fixture
def worker(sandbox: Sandbox | PlainProcesses) -> Iterator[Worker]:
    with sandbox.start() as started:
        yield started


def cell(source: str) -> dict[str, Any]:
    return {"op": "cell", "index": 1, "source": source}


def waits() -> dict[int, float]:
    """Return how many seconds this process and each one below it have waited for a core, by their ids."""
    here = psutil.Process()
    files = {each.pid: Path(f"/proc/{each.pid}/schedstat") for each in (here, *here.children(recursive=True))}
    return {pid: int(file.read_text().split()[1]) / 1e9 for pid, file in files.items()}


@pytest.mark.processes
def test_waiting_for_a_core_does_not_count(worker: Worker) -> None:
    """On its own, this takes half its limit; alongside 16 other processes, it takes far more than the whole limit."""
    with busy_loops():
        begun = time.monotonic()
        assert worker.ask(cell(WORK.format(SECONDS / 2)), SECONDS) == {}
    assert worker.seconds < SECONDS
    assert time.monotonic() - begun > SECONDS


def test_time_to_start_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import time\ntime.sleep({2 * SECONDS})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with PlainProcesses(Limits(), ["numpy"], SETTINGS) as plain, plain.start() as worker:
        assert worker.ask(cell("pass"), SECONDS) == {}


@pytest.mark.proof
def test_waiting_in_threads_that_have_ended_does_not_count(worker: Worker) -> None:
    with busy_loops():
        begun = time.monotonic()
        assert worker.ask(cell(BY_THREADS), 5 * SECONDS) == {}
        spent = time.monotonic() - begun
    assert worker.seconds < spent * 0.8


@pytest.mark.parametrize("name", ENDLESS)
def test_all_else_counts(worker: Worker, name: str) -> None:
    begun = time.monotonic()
    with pytest.raises(WorkerTimeout):
        worker.ask(cell(ENDLESS[name]), SECONDS)
    assert worker.seconds >= SECONDS
    assert time.monotonic() - begun < SECONDS * 13


def test_time_to_serve_does_not_count(worker: Worker) -> None:
    source = "from autograder.given import slow\nimport time\nslow()\ntime.sleep(0.1)"

    def slow(_message: dict[str, Any]) -> dict[str, Any]:
        time.sleep(2 * SECONDS)
        return ONE

    before = waits()
    assert worker.ask(cell(source), SECONDS, slow) == {}
    waited = sum(seconds - before.get(pid, 0.0) for pid, seconds in waits().items())
    # What the worker waited for a core doesn't count, even before the callback. And since it may have been waiting for
    # this process, neither does the time that this one waited.
    assert 0.1 - waited <= worker.seconds < SECONDS


def test_time_between_many_callbacks_counts(worker: Worker) -> None:
    """Messages keep arriving, so no wait ever ends without one."""
    source = "from autograder.given import less\nimport time\nwhile True:\n    time.sleep(0.005)\n    less(1)"
    begun = time.monotonic()
    with pytest.raises(WorkerTimeout):
        worker.ask(cell(source), SECONDS, lambda _message: ONE)
    assert worker.seconds >= SECONDS
    assert time.monotonic() - begun < SECONDS * 13


def test_what_else_this_process_does_does_not_count(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a worker's message can take seconds, for example if there's garbage to collect."""
    unpack = values.unpack

    def slowly(payload: bytes) -> dict[str, Any]:
        time.sleep(2 * SECONDS)
        return unpack(payload)

    monkeypatch.setattr(values, "unpack", slowly)
    assert worker.ask(cell("from autograder.given import less\nless(1)"), SECONDS, lambda _message: ONE) == {}
    assert worker.seconds < SECONDS


@pytest.mark.proof
def test_waiting_on_the_side_that_serves_does_not_count() -> None:
    """Each of many callbacks makes this process wait for a core."""
    source = "from autograder.given import less\nimport numpy as np\nfor n in range(300): less(np.arange(n))"
    with Sandbox(Limits(), ["numpy"], SETTINGS) as sandbox, sandbox.start() as worker, busy_loops():
        begun = time.monotonic()
        assert worker.ask(cell(source), 60, lambda _message: ONE) == {}
        assert worker.seconds < (time.monotonic() - begun) / 2


def test_sleeping_counts_beside_others(worker: Worker) -> None:
    with busy_loops(4), pytest.raises(WorkerTimeout):
        worker.ask(cell(ENDLESS["sleeps"]), SECONDS)


def ended(
    clock: Clock, seconds: float, wait: Callable[[float], None] = time.sleep, patience: Patience | None = None
) -> float:
    """How long a limit lasts on a clock, in wall time."""
    begun, deadline = time.monotonic(), Deadline(clock, seconds, patience)
    with contextlib.suppress(TimeoutError):
        while True:
            deadline.wait(wait)
    return time.monotonic() - begun


def test_without_schedstat_processor_time_counts() -> None:
    """A process that sleeps gets six times its limit in wall time."""
    source = "import time\nprint(flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as asleep:
        try:
            assert asleep.stdout is not None
            asleep.stdout.readline()
            clock = ProcessorClock(asleep.pid)
            assert ended(clock, 0.05) >= 6 * 0.05
        finally:
            asleep.kill()
    with pytest.raises(OSError, match=r"."):
        ProcessorClock(asleep.pid)
    own = ProcessorClock(os.getpid())
    before = time.process_time()
    ended(own, 0.1, wait=lambda _seconds: None)
    assert time.process_time() - before >= 0.1


# Until somebody writes to the pipe, this process is in the same state as one that waits for a page from a busy disk.
BLOCKED = """
import os, sys
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)])
"""


def test_waiting_for_the_disk_does_not_count(tmp_path: Path) -> None:
    """A process that can't run until the disk is read never reaches its limit, but our patience has an end."""
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen([sys.executable, "-c", BLOCKED, tmp_path / "pipe"]) as process:
        try:
            clock = CoreClock(process.pid)
            until(clock.is_blocked)
            begun, patience = time.monotonic(), Patience(0.5)
            with pytest.raises(OutOfPatience):
                ended(clock, 0.1, patience=patience)
            assert time.monotonic() - begun >= 0.5
            assert patience.ran_out
        finally:
            (tmp_path / "pipe").write_bytes(b"")
    assert not clock.is_blocked()
    clock.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [({}, {"2": (0.0, 9.0)}), ({"2": (0.0, 0.0)}, {}), ({"2": (0.0, 5.0)}, {"3": (0.0, 9.0)})],
    ids=["starts", "ends", "takes over"],
)
def test_threads_that_come_and_go_do_not_make_a_sleeping_process_look_as_if_it_waited(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, tuple[float, float]], after: dict[str, tuple[float, float]]
) -> None:
    readings = iter([{"1": (0.0, 0.0), **before}, {"1": (0.0, 0.25), **after}])
    monkeypatch.setattr(CoreClock, "_schedules", lambda _clock: next(readings))
    clock = CoreClock(os.getpid())
    assert clock.spent(10.0) == pytest.approx(10.0 - 0.25, abs=0.1)
    clock.close()


def test_what_threads_compute_together_counts_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """While four threads share two cores, each waits half of the time."""
    names = ["1", "2", "3", "4"]
    readings = iter([dict.fromkeys(names, (0.0, 0.0)), dict.fromkeys(names, (0.5, 0.5))])
    monkeypatch.setattr(CoreClock, "_schedules", lambda _clock: next(readings))
    monkeypatch.setattr(ProcessorClock, "spent", lambda _clock, _waited: 2.0)
    clock = CoreClock(os.getpid())
    assert clock.spent(1.0) == 2.0
    clock.close()


def test_a_clock_outlives_its_process() -> None:
    """After its process ends, a clock counts wall time, and ignores what another process with that pid does."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        clock = clock_of(process.pid)
        clock.begin()
        process.kill()
    assert clock.spent(5.0) >= 5.0
    clock.close()
    clock.close()
    assert isinstance(clock, CoreClock)
    assert isinstance(clock_of(process.pid), WallClock)


def test_a_renewed_deadline_allows_its_whole_limit_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("autograder.sandbox.clock.time", SimpleNamespace(monotonic=lambda: now[0]))

    def pass_by(seconds: float) -> bool:
        now[0] += seconds + 1e-6
        return False

    def wait_often() -> None:
        for _ in range(1_000):
            deadline.wait(pass_by)

    deadline = Deadline(WallClock(), 2.0)
    deadline.wait(lambda left: not pass_by(left))  # a message arrives
    now[0] += 0.5
    deadline.renew()
    begun = now[0]
    with pytest.raises(TimeoutError):
        wait_often()
    assert now[0] - begun == pytest.approx(2.0, abs=1e-3)
