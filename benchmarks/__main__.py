"""Measure everything in one run: what it costs to grade a class, compared with bare pytest, nbgrader and Otter-Grader.

    python -m benchmarks --json FILE [--submissions 1000] [--also 100 10000] [--no-peers]

Every ratio compares figures from the same run. `times_nbgrader` and `times_otter` say how many times faster than
nbgrader and Otter `mastery grade` is with two processes. They compare the throughput for `--submissions` submissions of
the softmax lab, including startup. Both peers grade one submission at a time, so their time for a class is extrapolated
from a few submissions. A machine's speed can change within minutes, so the class and the peers take three turns, and
each ratio is the median of the turns' ratios.
`times_bare` is the time that one grading process takes, divided by the time that one pytest session takes without a
sandbox. See `benchmarks.batch`, which also explains `times_unsandboxed`.
"""

import argparse
import json
import os
import platform
from pathlib import Path
from statistics import median
from typing import Any

from autograder.model.course import Course, load
from benchmarks import batch, command, peers

LAB = "softmax"
PROCESSES = 2
TURNS = 3


def machine() -> dict[str, Any]:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": names[0].partition(":")[2].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "load_at_start": os.getloadavg()[0],
        "python": platform.python_version(),
    }


def measure(course: Course, count: int, also: list[int], feedback: int) -> dict[str, Any]:
    """Return all figures except the peers'."""
    figures: dict[str, Any] = {"lab": LAB, "submissions": count, "machine": machine()}
    lab = course.lab(LAB)
    print(f"{count} submissions of {LAB}, all checks", flush=True)
    figures["batch"] = batch.measure(course, lab, count)
    batch.show(figures["batch"])
    classes = {
        f"{LAB}_{count}": ([LAB], count, PROCESSES, True, feedback),
        f"{LAB}_{count}_one_process": ([LAB], count, 1, False, 0),
        f"mixed_{count}": ([each.name for each in course.labs], count, PROCESSES, False, 0),
        **{f"{LAB}_{size}": ([LAB], size, PROCESSES, False, 0) for size in also},
    }
    figures["classes"] = {}
    for name, (labs, size, processes, again, pages) in classes.items():
        figures["classes"][name] = command.measure(course, labs, size, processes, again, pages)
        command.show(name, figures["classes"][name])
    main = figures["classes"][f"{LAB}_{count}"]
    figures["ms_a_submission"] = main["cold"]["ms_a_submission"]
    figures["memory_mb"] = main["cold"]["memory_mb"]
    for name in ("times_bare", "times_unsandboxed"):
        figures[name] = figures["batch"][name]
    return figures


def in_turns(course: Course, count: int, environments: Path) -> list[dict[str, Any]]:
    """Measure a class of `count` and the peers, one after the other, `TURNS` times."""
    turns = []
    for _ in range(TURNS):
        ours = command.measure(course, [LAB], count, PROCESSES, again=False)["cold"]["ms_a_submission"]
        theirs = peers.measure(course, course.lab(LAB), 6, environments)
        turn = {"submissions": count, "ms_a_submission": ours, "peers": theirs}
        turns.append(turn | peers.times(turn))
        print(f"in turns: {ours:.1f} ms per submission, {turns[-1]['times_nbgrader']:.0f} times nbgrader", flush=True)
        peers.show(theirs)
    return turns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--also", type=int, nargs="*", default=[], help="more class sizes, to see how the cost grows")
    parser.add_argument("--feedback", type=int, default=0, help="also make feedback for this many students")
    parser.add_argument(
        "--peers", action=argparse.BooleanOptionalAction, default=True, help="nbgrader and Otter-Grader"
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path("build/peers"),
        help="where the peers' environments are, or will be created",
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    course = load()
    figures = measure(course, options.submissions, options.also, options.feedback)
    if options.peers:
        figures["turns"] = in_turns(course, options.submissions, options.environments.resolve())
        for name in ("times_nbgrader", "times_otter"):
            figures[name] = median(turn[name] for turn in figures["turns"])
    for name in ("ms_a_submission", "memory_mb", "times_bare", "times_unsandboxed", "times_nbgrader", "times_otter"):
        if name in figures:
            print(f"{name:<18} {figures[name]:10.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
