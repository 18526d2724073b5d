"""Measure what a Dask cluster costs: the same class graded by this machine's own processes, and by Dask workers.

    python -m benchmarks.cluster --json FILE [--submissions 400]

The scheduler and all workers run on this machine, each worker with its own copy of the course, so more workers than
cores gain nothing here. Each figure is for a whole command that starts with an empty gradebook.
"""

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.model.course import Course, load
from benchmarks.command import ENVIRONMENT, MASTERY, open_class
from benchmarks.usage import Usage, run
from tests.grading.dask_cluster import cluster_of

LAB = "softmax"


def grade(course: Course, count: int, folder: Path, *options: str) -> Usage:
    chosen = open_class(course, [LAB], count, folder)
    usage = run([MASTERY, "grade", "--course", chosen.folder, *options], chosen.folder, ENVIRONMENT)
    chosen.refuse_gaps(attempts=1)
    return usage


def measure(course: Course, count: int) -> dict[str, Usage]:
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
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=400)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    found = measure(load(), options.submissions)
    figures: dict[str, Any] = {"lab": LAB, "submissions": options.submissions}
    for name, usage in found.items():
        milliseconds = usage.seconds * 1000 / options.submissions
        figures[name] = {**asdict(usage), "ms_a_submission": milliseconds}
        print(f"{name:<12} {usage.seconds:8.1f} s {milliseconds:8.1f} ms a submission")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
