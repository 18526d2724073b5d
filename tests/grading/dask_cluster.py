"""A Dask cluster on this machine: a scheduler and workers, each as if on its own machine."""

import json
import os
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.course_copy import copy_course
from tests.waiting import until

SCRIPTS = Path(sysconfig.get_path("scripts"))

Worker = subprocess.Popen[bytes]


@dataclass
class Machines:
    """A scheduler and workers, each with a session, a copy of the course, a log and a folder for Dask's files."""

    folder: Path
    course: Path
    address: str = ""
    scheduler_pid: int = 0
    _started: list[Worker] = field(default_factory=list)

    def scheduler(self) -> None:
        file = self.folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        started = self._start("scheduler", self.folder, (str(SCRIPTS / "dask"), "scheduler", *options))
        self.scheduler_pid = started.pid
        until(lambda: file.exists() and '"address"' in file.read_text(encoding="utf-8"))
        self.address = json.loads(file.read_text(encoding="utf-8"))["address"]

    def worker(self, name: str, *options: str, around: tuple[str, ...] = (), **environment: str) -> Worker:
        """Start one more worker, and wait until it's in the cluster."""
        if not (course := self.folder / name / "course").exists():
            copy_course(course, self.course)
        dask = (str(SCRIPTS / "dask"), "worker", self.address, "--nthreads", "1", "--no-dashboard")
        words = (*around, *dask, "--local-directory", str(self.folder / name), *options)
        started = self._start(name, course, words, **environment)
        until(lambda: "Registered to" in self.log(name))
        return started

    def _start(self, name: str, cwd: Path, words: tuple[str, ...], **environment: str) -> Worker:
        with (self.folder / f"{name}.log").open("wb") as log:
            known = {key: value for key, value in os.environ.items() if key != "MASTERY_SECRET"}
            started = subprocess.Popen(
                words, cwd=cwd, env={**known, **environment}, stdout=log, stderr=log, start_new_session=True
            )
        self._started.append(started)
        return started

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def end(self) -> None:
        for each in reversed(self._started):
            kill(each)


def kill(worker: Worker) -> None:
    """Kill the worker, as a power failure would."""
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@contextmanager
def cluster_of(folder: Path, course: Path) -> Iterator[Machines]:
    folder.mkdir()
    found = Machines(folder, course)
    try:
        found.scheduler()
        yield found
    finally:
        found.end()
