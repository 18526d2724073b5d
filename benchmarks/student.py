"""Measure how long a student waits for a command, for the first check, and for every other check.

    python -m benchmarks.student --json FILE [--runs 7] [--rounds 5]

Times are seconds from start to end: the lowest and the median of `--runs`. `first_check`: one cell in a fresh kernel
that imports `check`, defines a stub and checks it. `warm`: milliseconds that a `check(...)` takes in a kernel whose
checker has run that check before, over all solved stubs of all labs, `--rounds` times each.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from jupyter_client.manager import start_new_kernel

from autograder.authoring.simulation import notebooks as simulated
from autograder.model.course import Course, Lab, load

MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
LAB = "neuron"
FIRST = "from autograder import check\nimport numpy as np\n{solution}\nassert check({stub!r}).passed"
WARM = """
import json as _json, time as _time
_took = []
for _stub in {stubs}:
    check(_stub)
    for _ in range({rounds}):
        _begun = _time.perf_counter()
        check(_stub)
        _took.append((_stub, 1000 * (_time.perf_counter() - _begun)))
print(_json.dumps(_took))
"""


class Kernel:
    """A fresh kernel in a folder. The caller closes it."""

    def __init__(self, folder: Path) -> None:
        self._manager, self._client = start_new_kernel(cwd=str(folder))

    def run(self, code: str) -> str:
        """Run a cell and return what it prints. Raises RuntimeError with the traceback if the cell raises."""
        printed: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
            printed.append(message["content"].get("text", ""))

        self._client.execute_interactive(code, timeout=600, output_hook=hear)
        return "".join(printed)

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def lowest_and_middle(took: Sequence[float]) -> dict[str, float]:
    return {"lowest": round(min(took), 3), "median": round(median(took), 3)}


def commands(folder: Path, runs: int) -> dict[str, dict[str, float]]:
    """Return how many seconds each command takes as a new process, in a folder whose notebooks have all been
    checked."""
    notebook = f"{LAB}/{LAB}.ipynb"
    asked = {"help": ["--help"], "status": ["status"], "check_unchanged": ["check"], "check_cold": ["check", notebook]}

    def run(words: Sequence[str]) -> None:
        subprocess.run([MASTERY, *words], cwd=folder, stdout=subprocess.DEVNULL, check=False)

    run(["check"])
    return {
        name: lowest_and_middle([seconds(lambda w=words: run(w)) for _ in range(runs)]) for name, words in asked.items()
    }


def first_check(course: Course, folder: Path) -> float:
    stub, solution = next(iter(simulated.simulation(course, course.lab(LAB)).solutions.items()))
    kernel = Kernel(folder)
    try:
        kernel.run("pass")
        return seconds(lambda: kernel.run(FIRST.format(solution=solution, stub=stub)))
    finally:
        kernel.close()


def milliseconds(course: Course, lab: Lab, folder: Path, rounds: int) -> list[tuple[str, float]]:
    """Return how many milliseconds warm checks of the lab's solved stubs take, `rounds` times per stub."""
    kernel = Kernel(folder)
    try:
        for cell in simulated.simulation(course, lab).solved()["cells"]:
            if cell["cell_type"] == "code":
                kernel.run("".join(cell["source"]))
        code = WARM.format(stubs=[stub.name for stub in lab.stubs], rounds=rounds)
        return [(stub, ms) for stub, ms in json.loads(kernel.run(code).splitlines()[-1])]
    finally:
        kernel.close()


def warm_checks(course: Course, folder: Path, rounds: int) -> dict[str, Any]:
    took = [each for lab in course.labs for each in milliseconds(course, lab, folder, rounds)]
    every = [each for _, each in took]
    slowest = sorted(((median(ms for name, ms in took if name == stub), stub) for stub in course.stubs), reverse=True)
    return {
        "median_ms": round(median(every), 1),
        "p95_ms": round(quantiles(every, n=20)[-1], 1),
        "slowest_ms": {stub: round(ms, 1) for ms, stub in slowest[:5]},
    }


def measure(runs: int, rounds: int) -> dict[str, Any]:
    course = load()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        subprocess.run([MASTERY, "start", folder], check=True, stdout=subprocess.DEVNULL)
        figures: dict[str, Any] = {"load_at_start": os.getloadavg()[0], **commands(folder, runs)}
        figures["first_check"] = lowest_and_middle([first_check(course, folder) for _ in range(runs)])
        figures["warm"] = warm_checks(course, folder, rounds)
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    figures = measure(asked.runs, asked.rounds)
    asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    json.dump(figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
