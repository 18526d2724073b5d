"""What grading a batch costs: milliseconds a submission, by phase, beside a bare pytest session on the same functions.

    python -m benchmarks.batch --json FILE [--submissions 100]

The peer is one pytest session that runs the same checks on the same functions in its own process, with no sandbox and
no wire to another process. Both are measured in this run; the ratio is what carries over to another machine.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograder import simulated
from autograder.connections import LocalConnection
from autograder.course import Course, Lab, load
from autograder.grading import Room, grade
from autograder.jobs import Job, Terms
from autograder.plugin import Entry
from autograder.processes import LocalProcesses
from autograder.submission import read

SECRET = b"benchmark"


def write_submissions(course: Course, lab: Lab, count: int, folder: Path) -> list[Job]:
    """A mixed class: right answers and, in turn, every alternative and misconception."""
    parts = simulated.simulation(course, lab)
    others = [*simulated.alternatives(course, lab), *simulated.wrong_answers(course, lab)]
    jobs = []
    for number in range(count):
        other = others[number // 2 % len(others)]
        changed = {other.of: simulated.source_as(other.of, other.function)} if number % 2 else {}
        path = simulated.write(parts.solved(changed), folder / f"student{number:05}" / lab.name / f"{lab.name}.ipynb")
        jobs.append(Job(f"student{number:05}", lab.name, path, 1, ""))
    return jobs


def bare_connections(jobs: list[Job], lab: Lab) -> Iterator[Callable[[], LocalConnection]]:
    """The same notebooks' functions, run in this process."""
    for job in jobs:
        namespace: dict[str, Any] = {"np": np}
        for cell in read(job.path).cells:
            if any(cell.defines(stub.name) for stub in lab.stubs):
                exec(compile(cell.source, str(job.path), "exec"), namespace)
        yield lambda namespace=namespace: LocalConnection(namespace)


def measure_bare(course: Course, jobs: list[Job]) -> float:
    """Seconds of one pytest session over the functions, with the evidence made of it."""
    room = Room(Terms(course.root, SECRET))
    lab = course.lab(jobs[0].lab)
    connections = bare_connections(jobs, lab)
    entries = [Entry(str(job.path), lab, connect) for job, connect in zip(jobs, connections, strict=True)]
    begun = time.perf_counter()
    room.run_checks(entries)
    for entry in entries:
        room.grader.evidence(entry)
    room.close()
    return time.perf_counter() - begun


def measure_phases(course: Course, jobs: list[Job]) -> dict[str, float]:
    """Median milliseconds a submission: reading the file, starting a worker, running the cells."""
    room = Room(Terms(course.root, SECRET))
    phases: dict[str, list[float]] = {"read": [], "spawn": [], "cells": []}
    for job in jobs[:50]:
        begun = time.perf_counter()
        submission = read(job.path)
        phases["read"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        worker = room.sandbox.start()
        phases["spawn"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for cell in submission.cells:
            worker.ask({"op": "cell", "index": cell.number, "source": cell.source}, 5.0)
        phases["cells"].append(time.perf_counter() - begun)
        worker.close()
    room.close()
    return {name: statistics.median(seconds) * 1000 for name, seconds in phases.items()}


def measure_batch(course: Course, jobs: list[Job], processes: int) -> dict[str, float]:
    """Seconds until the first chunk is there, and for all; milliseconds a submission after the first chunk."""
    terms = Terms(course.root, SECRET)
    begun = time.perf_counter()
    graded = grade(jobs, terms, LocalProcesses(terms, processes))
    arrivals = [(time.perf_counter(), len(chunk)) for chunk in graded]
    total = time.perf_counter() - begun
    steady = (arrivals[-1][0] - arrivals[0][0]) * 1000 / max(1, sum(count for _, count in arrivals[1:]))
    return {"total_seconds": total, "first_chunk_seconds": arrivals[0][0] - begun, "ms_a_submission": steady}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--lab", default="softmax")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    course = load()
    lab = course.lab(options.lab)
    with tempfile.TemporaryDirectory() as folder:
        jobs = write_submissions(course, lab, options.submissions, Path(folder))
        bare = measure_bare(course, jobs) * 1000 / len(jobs)
        figures: dict[str, Any] = {"lab": lab.name, "submissions": len(jobs), "bare_ms": bare}
        figures["phases_ms"] = measure_phases(course, jobs)
        for processes in (1, 2):
            figures[f"processes_{processes}"] = measure_batch(course, jobs, processes)
        figures["times_bare"] = figures["processes_1"]["ms_a_submission"] / bare
    print(f"{len(jobs)} submissions of {lab.name}, all checks")
    print(f"  bare pytest, no sandbox  {bare:8.1f} ms a submission")
    for name, milliseconds in figures["phases_ms"].items():
        print(f"  of it: {name:<17} {milliseconds:8.1f} ms")
    for processes in (1, 2):
        each = figures[f"processes_{processes}"]
        print(f"  with {processes} process(es)       {each['ms_a_submission']:8.1f} ms a submission after start")
        print(f"    {each['total_seconds']:.1f} s in all, the first chunk after {each['first_chunk_seconds']:.1f} s")
    print(f"  one process against bare {figures['times_bare']:8.2f} times")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
