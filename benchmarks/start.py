"""Measure the wait for the first result of `mastery grade`, compared with how long `import torch` takes.

    python -m benchmarks.start --json FILE [--times 5]

One submission of softmax is graded, changed and graded again, `--times` times. The wait lasts from the command until
the row is in the gradebook. `new_gradebook` is the first run, which has no gradebook yet; `first_result` is the median
of the others.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from autograder.model.course import Course, load
from benchmarks.command import ENVIRONMENT, MASTERY, Class, open_class

LAB = "softmax"
LOOK_SECONDS = 0.01


def measure(course: Course, times: int) -> dict[str, float]:
    """Return seconds, each the median of `times` runs."""
    torch = [_seconds([sys.executable, "-c", "import torch"]) for _ in range(times)]
    with tempfile.TemporaryDirectory() as folder:
        chosen = open_class(course, [LAB], 1, Path(folder))
        new = _first_result(chosen)
        known = []
        for _ in range(times):
            chosen.change()
            known.append(_first_result(chosen))
    found = {"import_torch": statistics.median(torch), "first_result": statistics.median(known), "new_gradebook": new}
    return {**found, "beyond_torch": found["first_result"] - found["import_torch"]}


def _seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begun


def _first_result(chosen: Class) -> float:
    before = _gradings(chosen.folder)
    command = [MASTERY, "grade", "--course", chosen.folder]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=chosen.folder,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    while _gradings(chosen.folder, before) == before:
        if process.poll() is not None and _gradings(chosen.folder, before) == before:
            raise RuntimeError(f"mastery grade exited with code {process.returncode} and graded nothing")
        time.sleep(LOOK_SECONDS)
    seconds = time.perf_counter() - begun
    process.wait()
    return seconds


def _gradings(folder: Path, before: int = 0) -> int:
    """Return how many results are in the gradebook, or `before` if it can't be read right now."""
    if not (folder / "gradebook.db").is_file():
        return before
    with closing(sqlite3.connect(f"file:{folder / 'gradebook.db'}?mode=ro", uri=True)) as book:
        try:
            (found,) = book.execute("SELECT count(*) FROM mastery_grading").fetchone()
        except sqlite3.OperationalError:  # no table yet, or it's being written
            return before
    return int(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    figures = measure(load(), options.times)
    options.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
