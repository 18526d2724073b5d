"""Measure what a self-check reveals, and how fast: the table in docs/testing.md, lab by lab.

    python -m benchmarks.selfcheck [LAB …] [--rounds 5]

`green`: how many of the known misconceptions pass every visible check of their stub, including those that only
statistics can reveal. `named`: how many of the others get their name from the visible checks only. Answers to items
don't count, since their visible checks mustn't reveal whether they're right. `median` and `p95`: milliseconds that a
`check(...)` takes in a kernel whose checker has run that check before, over all solved stubs of the lab.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from autograder.authoring.expectations import named
from autograder.authoring.simulation import notebooks
from autograder.authoring.visibility import passes_every_visible_check
from autograder.grading.content import make_importable
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Course, Lab, load
from autograder.model.results import LabResult
from autograder.testing.declarations import Misconception
from benchmarks.student import MASTERY, milliseconds

HEAD = (
    "| lab | misconceptions | green | named | median | p95 |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
)


def checked(session: GradingSession, lab: Lab, folder: Path) -> list[tuple[Misconception, LabResult]]:
    """Return the lab's misconceptions, each with the result of a self-check."""
    wrong = [each for each in notebooks.wrong_answers(session.course, lab) if each.of not in session.course.items]
    parts, jobs = notebooks.simulation(session.course, lab), []
    for number, each in enumerate(wrong):
        notebook = parts.solved({each.of: notebooks.source_of(session.course, each, None)})
        path = notebooks.write(notebook, folder / lab.name / f"{number}" / f"{lab.name}.ipynb")
        jobs.append(Job(f"{number}", lab.name, path, 1, stub=each.of))
    return list(zip(wrong, session.grade(jobs), strict=True))


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "–"


def row(lab: str, found: Sequence[tuple[Misconception, LabResult]], took: Sequence[float]) -> str:
    failing = [(wrong, result) for wrong, result in found if not passes_every_visible_check(wrong.of, result)]
    called = sum(not named(wrong.of, wrong.name)(result) for wrong, result in failing)
    middle, slowest = np.percentile(took, [50, 95])
    times = f"{middle:.0f} ms | {slowest:.0f} ms"
    green = share(len(found) - len(failing), len(found))
    return f"| {lab} | {len(found)} | {green} | {share(called, len(failing))} | {times} |"


def measure(course: Course, labs: Sequence[Lab], rounds: int) -> list[str]:
    """Return the table's rows; the last one is for all labs together."""
    make_importable(course)
    rows, every, all_took = [], list[tuple[Misconception, LabResult]](), list[float]()
    with (
        tempfile.TemporaryDirectory() as place,
        closing(GradingSession(GradingContext(course.root, b""), visible_only=True)) as session,
    ):
        folder = Path(place)
        subprocess.run([MASTERY, "start", folder / "student"], check=True, stdout=subprocess.DEVNULL)
        for lab in labs:
            took = [ms for _, ms in milliseconds(course, lab, folder / "student", rounds)]
            found = checked(session, lab, folder)
            rows.append(row(lab.title, found, took))
            print(rows[-1], flush=True)
            every, all_took = every + found, all_took + took
    return [*rows, row("all labs", every, all_took)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labs", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    course = load()
    print(f"load {os.getloadavg()[0]:.1f} at the start\n", *HEAD, sep="\n")
    print(
        measure(course, [each for each in course.labs if not asked.labs or each.name in asked.labs], asked.rounds)[-1]
    )


if __name__ == "__main__":
    main()
