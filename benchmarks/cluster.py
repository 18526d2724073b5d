"""Measure what a Dask cluster costs: the same class graded by this machine's own processes, and by Dask workers.

    python -m benchmarks.cluster --json FILE [--submissions 400]

The scheduler and all workers run on this machine, each worker with its own copy of the course, so there's no gain from
using more workers than cores. Each figure is for a whole command that starts with an empty gradebook.

A larger cluster is limited by the processor time that each chunk takes in the command's own process
(`coordinator_ms_a_chunk`) and in Dask's scheduler (`scheduler_ms_a_chunk`). These figures are the same on a busy
machine. They come from the difference between two classes, the second of which is larger by `--submissions`.
"""

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from autograder.grading.pool import CHUNK
from autograder.model.course import Course, load
from benchmarks.command import ENVIRONMENT, MASTERY, open_class
from benchmarks.usage import Usage, run
from tests.grading.dask_cluster import Machines, cluster_of

LAB = "softmax"
FEW = 50
# The scheduler monitors its workers all the time. Chunks aren't charged for that.
IDLE_SECONDS = 10


def grade(course: Course, count: int, folder: Path, *options: str) -> Usage:
    chosen = open_class(course, [LAB], count, folder)
    usage = run([MASTERY, "grade", "--course", chosen.folder, *options], chosen.folder, ENVIRONMENT)
    chosen.refuse_gaps(attempts=1)
    return usage


def measure_chunks(course: Course, count: int, folder: Path, machines: Machines) -> dict[str, float]:
    """Return the processor milliseconds the command and scheduler use per chunk, beyond what a small class takes."""
    before = cpu_seconds(machines.scheduler_pid)
    time.sleep(IDLE_SECONDS)
    idle = (cpu_seconds(machines.scheduler_pid) - before) / IDLE_SECONDS
    commands, schedulers = [], []
    for size in (FEW, FEW + count):
        before = cpu_seconds(machines.scheduler_pid)
        usage = grade(course, size, folder / f"chunks-{size}", "--cluster", machines.address)
        commands.append(usage.main_cpu_seconds)
        schedulers.append(cpu_seconds(machines.scheduler_pid) - before - idle * usage.seconds)
    chunks = count / CHUNK
    return {
        "coordinator_ms_a_chunk": (commands[1] - commands[0]) * 1000 / chunks,
        "scheduler_ms_a_chunk": (schedulers[1] - schedulers[0]) * 1000 / chunks,
    }


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used so far."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


def measure(course: Course, count: int) -> tuple[dict[str, Usage], dict[str, float]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {
            f"processes_{each}": grade(course, count, folder / f"local-{each}", "--processes", str(each))
            for each in (1, 2)
        }
        with cluster_of(folder / "machines", course.root) as machines:
            for each in (1, 2):
                machines.worker(f"worker-{each}")
                options = ("--cluster", machines.address)
                found[f"workers_{each}"] = grade(course, count, folder / f"cluster-{each}", *options)
            return found, measure_chunks(course, count, folder, machines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=400)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    found, chunks = measure(load(), options.submissions)
    figures: dict[str, Any] = {"lab": LAB, "submissions": options.submissions, **chunks}
    for name, usage in found.items():
        milliseconds = usage.seconds * 1000 / options.submissions
        figures[name] = {**asdict(usage), "ms_a_submission": milliseconds}
        print(f"{name:<12} {usage.seconds:8.1f} s {milliseconds:8.1f} ms per submission")
    for name, milliseconds in chunks.items():
        print(f"{name} {milliseconds:.1f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
