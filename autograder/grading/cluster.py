"""Grading processes on other machines: one per thread of each worker in a Dask cluster.

Each Dask worker starts its own grading processes, and loads the course from the folder where the worker was started.
Each process is the result of a Dask task, so it runs until the coordinator (this side) releases the task or
disconnects. We don't use machines that would grade differently from the coordinator. We send submissions as the source
of their cells, and get back `LabResult`s.
"""

import functools
import multiprocessing
import platform
import socket
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from importlib import metadata
from typing import Any, Self

from distributed import Client, get_worker
from distributed import Future as DaskFuture
from distributed.versions import VersionMismatchWarning

from autograder.grading.engine_version import ENGINE_VERSION
from autograder.grading.errors import GradingError
from autograder.grading.jobs import Arrived, GradingContext, Job
from autograder.grading.processes import LocalProcess
from autograder.model.course import Course, load
from autograder.model.errors import UserError
from autograder.model.paths import find_root
from autograder.model.results import LabResult
from autograder.sandbox import required_layers
from autograder.sandbox.layers import refusal

DISTRIBUTION = "llm-mastery"
# Packages whose versions can change a verdict, besides the course and the engine.
PACKAGES = ("ipython", "numpy", "pytest", "torch")
OPTIONAL = "bubblewrap"
CONNECT_SECONDS = 10
PAUSE_SECONDS = 0.2

# The address of a Dask worker, and the number of one of its threads.
Slot = tuple[str, int]


class IncompatibleWorker(Exception):
    """We can't use a machine. The exception's message is a sentence that says why."""


class Cluster:
    """The grading processes of the cluster whose scheduler is at `address`.

    say: called with a message if we can't use a machine, or if no machine is left and we have to wait for one.
    """

    def __init__(self, address: str, course: Course, terms: GradingContext, say: Callable[[str], None]) -> None:
        self._address = address
        self._terms = terms
        self._wanted = versions(course)
        self._layers = [each for each in required_layers(course) if each != OPTIONAL] if terms.sandboxed else []
        self._say = say
        self._processes: dict[Slot, ClusterProcess] = {}
        self._incompatible: set[str] = set()

    def present(self) -> Sequence["ClusterProcess"]:
        """Return the processes that are ready, waiting until there's at least one.

        Raises GradingError if the scheduler is gone.
        """
        waits = False
        while not (ready := self._ready()):
            if not waits:
                self._say("No machine is left in the cluster; waiting for one. Press Ctrl-C to stop.")
            waits = True
            time.sleep(PAUSE_SECONDS)
        return ready

    def __enter__(self) -> Self:
        """Connect, and wait for all grading processes to start.

        Raises GradingError if no scheduler answers or no machine can be used.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", VersionMismatchWarning)  # `_open_there` reports mismatches that matter
                self._client = Client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise GradingError(
                f"No Dask scheduler answers at {self._address} ({error}). Start one with `dask scheduler`, and use the "
                "address that it prints."
            ) from error
        try:
            ready = self._ready()
            while any(each.state == "pending" for each in self._processes.values()):
                time.sleep(PAUSE_SECONDS)
                ready = self._ready()
            if not ready:
                raise GradingError(self._no_machines())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        keys = [each.key for each in self._processes.values()]
        with suppress(Exception):  # a machine or the scheduler may be gone
            self._client.run(_end_there, keys, on_error="ignore")
        self._processes.clear()
        self._client.close()

    def _ready(self) -> list["ClusterProcess"]:
        try:
            threads: Mapping[str, int] = self._client.nthreads()
        except (OSError, TimeoutError) as error:
            raise GradingError(
                f"The Dask scheduler at {self._address} is gone. Everything graded so far is saved. Start it and "
                "its workers, and run the same command again to continue."
            ) from error
        slots = {(address, number) for address, count in threads.items() for number in range(count)}
        for slot in self._processes.keys() - slots:
            del self._processes[slot]
        for slot in sorted(slots - self._processes.keys()):
            self._processes[slot] = ClusterProcess(self._client, slot[0], self._terms, self._wanted, self._layers)
        for (address, _), process in self._processes.items():
            if process.state == "error" and address not in self._incompatible:
                self._incompatible.add(address)
                self._say(process.complaint())
        return [each for each in self._processes.values() if each.state == "finished"]

    def _no_machines(self) -> str:
        if self._processes:
            return f"None of the machines in the cluster at {self._address} can be used, so nothing was graded."
        return f"The cluster at {self._address} has no workers; start one on each machine: dask worker {self._address}"


class ClusterProcess:
    """One grading process on a machine in the cluster."""

    def __init__(
        self, client: Client, address: str, terms: GradingContext, wanted: Mapping[str, str], layers: Sequence[str]
    ) -> None:
        self._address = address
        self._client = client
        self._process: DaskFuture = client.submit(_open_there, terms, wanted, layers, workers=[address], pure=False)

    @property
    def state(self) -> str:
        """The Dask status: "pending", "finished" (ready to grade) or "error" (we can't use the machine)."""
        return str(self._process.status)

    @property
    def key(self) -> Any:
        return self._process.key

    def complaint(self) -> str:
        error = self._process.exception()
        if isinstance(error, IncompatibleWorker):
            return str(error)
        return f"The machine {self._address} isn't used ({type(error).__name__}: {error}); install the course there."

    def submit(self, chunk: Sequence[Job], patience_seconds: float, arrived: Arrived) -> Future[None]:
        """Grade a chunk, as in `pool.GradingProcess`.

        Each submission is a task of its own, which starts once the one before it is done, so its result doesn't have to
        wait for the others.
        """
        done: Future[None] = Future()

        def pass_on(job: Job, task: DaskFuture) -> None:
            # When the client closes, it cancels its tasks, and nobody answers requests for their results anymore.
            if done.done() or task.cancelled():
                done.cancel()
                return
            try:
                arrived(job, task.result(timeout=CONNECT_SECONDS))
            except (CancelledError, TimeoutError):  # the result is lost, so the submission is graded again
                done.cancel()
            except Exception as error:
                done.set_exception(error)
            else:
                if job is chunk[-1]:
                    done.set_result(None)

        before = None
        for job in chunk:
            before = self._client.submit(
                _grade_there, self._process, job, patience_seconds, before, workers=[self._address], pure=False
            )
            before.add_done_callback(functools.partial(pass_on, job))
        return done


def _installed() -> dict[str, str]:
    return {
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
        DISTRIBUTION: f"{metadata.version(DISTRIBUTION)}+{ENGINE_VERSION[:8]}",
        "the processor": platform.machine(),
    }


# Read once at startup, because this process won't run code that's installed later.
_INSTALLED = _installed()


def versions(course: Course) -> dict[str, str]:
    """Return everything whose version must match for two machines to reach the same verdicts, with its version."""
    return {**_INSTALLED, "the course": course.version}


# --- on a machine in the cluster


def _open_there(terms: GradingContext, wanted: Mapping[str, str], layers: Sequence[str]) -> LocalProcess:
    """Start a grading process on this machine and return it. Raises IncompatibleWorker."""
    # Dask's nanny makes each worker a daemon. Daemons aren't allowed to have children, since those could outlive them,
    # but our processes exit when the worker does.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    try:
        # Load the course without asking for confirmation. If it's any different from the course that was confirmed on
        # the coordinator, the versions don't match and we don't use the machine.
        course = load(find_root())
        found = versions(course)
        others = [
            f"{name} is {found[name]} there and {here} here" for name, here in wanted.items() if found[name] != here
        ]
        if others:
            raise GradingError(
                f"{'; '.join(others)}. Make them match, and restart that machine's worker in the course's folder."
            )
        process = LocalProcess(replace(terms, root=course.root))
        isolation = process.isolation().result()
        if terms.sandboxed:
            _refuse_weak(isolation, layers)
    except BrokenProcessPool:
        raise _incompatible("its grading process ended during startup. Its worker's log says why.") from None
    except UserError as error:
        raise _incompatible(str(error)) from None
    return process


def _refuse_weak(isolation: Sequence[str], layers: Sequence[str]) -> None:
    if reason := refusal(isolation):
        raise GradingError(reason)
    if missing := [each for each in layers if each not in isolation]:
        raise GradingError(
            f"its sandbox lacks {' and '.join(missing)}. Run `mastery doctor` there to see why and what to do about it."
        )


def _incompatible(why: str) -> IncompatibleWorker:
    return IncompatibleWorker(f"The machine {socket.gethostname()} ({get_worker().address}) isn't used: {why}")


def _grade_there(process: LocalProcess, job: Job, patience_seconds: float, _before: object) -> LabResult | None:
    """Return a job's result, as in `GradingSession.graded`. Dask passes the result of the task before this one."""
    results: list[LabResult | None] = []
    graded = process.submit([job], patience_seconds, lambda _job, result: results.append(result))
    while not wait([graded], PAUSE_SECONDS).done:
        process.end_if_silent()
    graded.result()
    return results[0]


def _end_there(keys: Sequence[Any], dask_worker: Any) -> None:
    for key in keys:
        if key in dask_worker.data:
            dask_worker.data[key].close()
