"""Measure where a batch's time goes: milliseconds per submission, by phase, compared with pytest on the same functions.

    python -m benchmarks.batch --json FILE [--submissions 100] [--lab softmax]

The peer (`bare`) is one ordinary pytest session that runs the same checks on the same functions in its own process,
with no sandbox and no wire to another process. `unsandboxed` is this project's own grading without the sandbox and the
wire, so the difference from sandboxed grading is what those two cost. Half of the class gives identical answers, byte
for byte, and grading judges identical answers only once; `unlike` is the time grading takes if no two answers are
identical. Everything is measured in the same run, and the ratios carry over to other machines. `benchmarks.command`
measures the whole command, including gradebook and notebooks.
"""

import argparse
import functools
import json
import math
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from autograder.grading import diagnosis, replay
from autograder.grading.grader import Grader, SubmissionUnderTest
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import CHUNK, grade
from autograder.grading.processes import LocalProcesses
from autograder.grading.pytest_plugin import GRADER, ByEntry, CheckCollector
from autograder.grading.session import GradingSession
from autograder.model.course import Course, Lab, load
from autograder.model.submission import read
from autograder.testing.local import LocalConnection
from benchmarks.classes import write_class

SECRET = b"benchmark"


@dataclass
class _Bare:
    """Makes an ordinary pytest session run a grader's checks."""

    grader: Grader

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(CheckCollector(self.grader), GRADER)
        config.pluginmanager.register(ByEntry(self.grader))


def local_entries(jobs: list[Job], lab: Lab) -> list[SubmissionUnderTest]:
    """Return entries for the same notebooks' functions, run in this process."""
    entries = []
    for job in jobs:
        namespace: dict[str, Any] = {"np": np, "math": math}
        for cell in read(job.path).cells:
            if any(cell.defines(stub.name) for stub in lab.stubs):
                exec(compile(cell.source, str(job.path), "exec"), namespace)
        entries.append(SubmissionUnderTest(str(job.path), lab, functools.partial(LocalConnection, namespace)))
    return entries


def measure_bare(course: Course, jobs: list[Job]) -> float:
    """Return how many seconds one pytest session over the functions takes, including writing the evidence."""
    lab = course.lab(jobs[0].lab)
    grader = Grader(course, SECRET, local_entries(jobs, lab))
    files = [str(course.visible_checks(lab.name)), str(course.hidden_checks(lab.name))]
    options = ["--import-mode=importlib", "--noconftest", "-c", os.devnull, f"--rootdir={course.root}"]
    begun = time.perf_counter()
    pytest.main([*files, *options, "-pno:terminal", "-pno:cacheprovider"], plugins=[_Bare(grader)])
    for entry in grader.entries:
        grader.evidence(entry)
    seconds = time.perf_counter() - begun
    assert {len(runs) for runs in grader.runs.values()} == {len(grader.runs[grader.entries[0].key])}
    return seconds


def measure_unsandboxed(course: Course, jobs: list[Job]) -> float:
    """Return how many seconds this project's own session over the functions takes, including writing the evidence."""
    session = GradingSession(GradingContext(course.root, SECRET))
    entries = local_entries(jobs, course.lab(jobs[0].lab))
    begun = time.perf_counter()
    for entry in entries:
        session.run_checks(entry)
        session.grader.evidence(entry)
    seconds = time.perf_counter() - begun
    session.close()
    return seconds


def measure_phases(course: Course, jobs: list[Job]) -> dict[str, float]:
    """Return the median milliseconds per submission for reading the file, starting a worker and running the cells."""
    session = GradingSession(GradingContext(course.root, SECRET))
    phases: dict[str, list[float]] = {"read": [], "spawn": [], "cells": []}
    for job in jobs[:50]:
        begun = time.perf_counter()
        submission = read(job.path)
        phases["read"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        worker = session.sandbox.start()
        phases["spawn"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for cell in submission.cells:
            worker.ask({"op": "cell", "index": cell.number, "source": cell.source}, 5.0)
        phases["cells"].append(time.perf_counter() - begun)
        worker.close()
    session.close()
    return {name: statistics.median(seconds) * 1000 for name, seconds in phases.items()}


def measure_unlike(course: Course, jobs: list[Job]) -> float:
    """Return how many seconds one grading process takes if it treats all submissions as different and judges every
    answer."""
    session = GradingSession(GradingContext(course.root, SECRET))
    with mock.patch.object(replay, "MAX_KEPT_BYTES", -1), mock.patch.object(diagnosis, "MOST_DIAGNOSES", 0):
        begun = time.perf_counter()
        for start in range(0, len(jobs), CHUNK):
            session.grade(jobs[start : start + CHUNK])
        seconds = time.perf_counter() - begun
    session.close()
    return seconds


def measure_batch(course: Course, jobs: list[Job], processes: int) -> dict[str, float]:
    """Return the seconds until the first chunk is done and until all are, and the milliseconds per submission in
    between."""
    terms = GradingContext(course.root, SECRET)
    begun = time.perf_counter()
    graded = grade(jobs, terms, LocalProcesses(terms, processes))
    arrivals = [(time.perf_counter(), len(chunk)) for chunk in graded]
    total = time.perf_counter() - begun
    steady = (arrivals[-1][0] - arrivals[0][0]) * 1000 / max(1, sum(count for _, count in arrivals[1:]))
    return {"total_seconds": total, "first_chunk_seconds": arrivals[0][0] - begun, "ms_a_submission": steady}


def measure(course: Course, lab: Lab, count: int) -> dict[str, Any]:
    """Measure the bare session, the phases, and the batch with one and two processes on the same submissions."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_class(course, [lab], count, Path(folder))
        jobs = [Job(path.parts[-3], lab.name, path, 1, "") for path in paths]
        figures: dict[str, Any] = {
            "unsandboxed_ms": measure_unsandboxed(course, jobs) * 1000 / count,
            "bare_ms": measure_bare(course, jobs) * 1000 / count,
            "unlike_ms": measure_unlike(course, jobs) * 1000 / count,
            "phases_ms": measure_phases(course, jobs),
        }
        for processes in (1, 2):
            figures[f"processes_{processes}"] = measure_batch(course, jobs, processes)
    for peer in ("bare", "unsandboxed"):
        figures[f"times_{peer}"] = figures["processes_1"]["ms_a_submission"] / figures[f"{peer}_ms"]
    return figures


def show(figures: dict[str, Any]) -> None:
    print(f"  bare pytest, no sandbox  {figures['bare_ms']:8.1f} ms per submission")
    print(f"  graded, but no sandbox   {figures['unsandboxed_ms']:8.1f} ms per submission")
    print(f"  graded, all different    {figures['unlike_ms']:8.1f} ms per submission with one process")
    for name, milliseconds in figures["phases_ms"].items():
        print(f"  of it: {name:<17} {milliseconds:8.1f} ms")
    for processes in (1, 2):
        each = figures[f"processes_{processes}"]
        print(f"  with {processes} process(es)       {each['ms_a_submission']:8.1f} ms per submission after start")
        print(f"    {each['total_seconds']:.1f} s in all, the first chunk after {each['first_chunk_seconds']:.1f} s")
    print(
        f"  one process: {figures['times_bare']:.2f} times bare, {figures['times_unsandboxed']:.2f} times unsandboxed"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--lab", default="softmax")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    course = load()
    figures = measure(course, course.lab(options.lab), options.submissions)
    print(f"{options.submissions} submissions of {options.lab}, all checks")
    show(figures)
    if options.json:
        whole = {"lab": options.lab, "submissions": options.submissions, **figures}
        options.json.write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
