"""Submissions of every kind, in random order, in one grading process: `python -m tests.sandbox.soak [COUNT]`.

COUNT is 1,000 by default. Each must get the verdict it gets on its own, and in the end no process, descriptor, mount,
file or memory may be left behind.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import CHUNK
from autograder.grading.session import GradingSession
from autograder.model.course import load
from autograder.model.results import LabResult
from tests.course_copy import copy_course
from tests.grading.test_hostile_class import children, in_softmax, shorten
from tests.sandbox.test_sandbox import PRELUDE, PROGRAMS, known_to_students, settles

Verdict = dict[str, Any]
# The process may grow by this much while caches fill. A leak of one answer per submission would exceed it.
ROOM_TO_GROW_MIB = 64


@dataclass
class Found:
    """What a soak found. `growth_mib`: growth from the first quarter to the end; `left`: what it left behind."""

    submissions: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    other_verdicts: list[str] = field(default_factory=list)
    growth_mib: float = 0.0
    left: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not self.other_verdicts and not self.left and self.growth_mib < ROOM_TO_GROW_MIB


def kinds(root: Path, lab: str) -> dict[str, simulated.Notebook]:
    """Correct, wrong, blank, crashing and hostile notebooks of the lab softmax."""
    course = load(root)
    parts = simulated.simulation(course, course.lab(lab))
    found = {"right": parts.solved(), "blank": parts.blank()}
    for each in simulated.wrong_answers(course, parts.lab):
        found[f"wrong {each.of} {each.name}"] = parts.solved({each.of: simulated.source_as(each.of, each.function)})
    for number, other in enumerate(simulated.alternatives(course, parts.lab)):
        found[f"other {number}"] = parts.solved({other.of: simulated.source_as(other.of, other.function)})
    for name, source in simulated.HOSTILE.items():
        found[f"cell {name}"] = simulated.with_cells(parts.solved(), source, at=1)
    known = PRELUDE + known_to_students([str(root / "course.yaml"), str(root / "solutions" / "softmax" / "softmax.py")])
    for program in PROGRAMS:
        # Programs that may end in several ways have no fixed verdict.
        if "|" not in program.outcome and not program.outcome.endswith("MemoryError"):
            found[f"program {program.name}"] = simulated.with_cells(in_softmax(program.source), known, at=0)
    return found


def verdict(result: LabResult) -> Verdict:
    """Everything except seconds and messages, since an error's message may contain a number from the system."""
    return {check.id: (check.outcome, check.points, check.misconception) for check in result.checks}


def soak(count: int, root: Path, chosen: Mapping[str, simulated.Notebook], seed: int = 1) -> Found:
    """Grade this many of the chosen kinds in random order, with each kind at least once if there's room."""
    found = Found(submissions=count)
    jobs = {}
    for number, (name, notebook) in enumerate(chosen.items()):
        path = simulated.write(notebook, root / "submitted" / str(number) / "softmax" / "softmax.ipynb")
        jobs[name] = Job(name, "softmax", path, 1, "")
    chance = random.Random(seed)
    order = [*jobs, *chance.choices(list(jobs), k=max(0, count - len(jobs)))][:count]
    chance.shuffle(order)
    terms = GradingContext(root, b"of the soak")
    with closing(GradingSession(terms)) as room:
        alone = {name: verdict(room.grade([jobs[name]])[0]) for name in dict.fromkeys(order)}
    begun = time.monotonic()
    before = surroundings()
    with closing(GradingSession(terms)) as room:
        settled, started = 0.0, surroundings()
        for start in range(0, count, CHUNK):
            names = order[start : start + CHUNK]
            for name, result in zip(names, room.grade([jobs[name] for name in names]), strict=True):
                found.outcomes.update({check.outcome for check in result.checks})
                if verdict(result) != alone[name]:
                    found.other_verdicts.append(f"{name}: {differences(verdict(result), alone[name])}")
            if not settled and start + CHUNK >= count / 4:
                settled = memory_mib()
        found.growth_mib = memory_mib() - settled
        found.left += changed(started)
    found.left += changed(before)
    found.seconds = time.monotonic() - begun
    return found


def differences(one: Verdict, other: Verdict) -> dict[str, Any]:
    return {name: (one.get(name), other[name]) for name in other if one.get(name) != other[name]}


def surroundings() -> dict[str, Sequence[str]]:
    return {
        "processes": [str(each) for each in children()],
        "descriptors": sorted(os.listdir("/proc/self/fd"))[:-1],
        "mounts": Path("/proc/self/mountinfo").read_text().splitlines(),
        "files": sorted(os.listdir(tempfile.gettempdir())),
    }


def changed(before: Mapping[str, Sequence[str]]) -> list[str]:
    settles(lambda: surroundings() == before)
    after = surroundings()
    return [f"{name}: {before[name]} -> {after[name]}" for name in before if before[name] != after[name]]


def memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as temporary:
        tempfile.tempdir = temporary
        root = copy_course(Path(folder, "course"))
        shorten(root / "course.yaml", {"call_seconds: 5": "call_seconds: 2", "memory_mib: 1024": "memory_mib: 512"})
        chosen = kinds(root, "softmax")
        found = soak(count, root, chosen)
        tempfile.tempdir = None
    print(f"{found.submissions:,} submissions of {len(chosen)} kinds in {found.seconds:.0f} s")
    print(f"submissions with a check that {', '.join(f'{name}: {n}' for name, n in found.outcomes.most_common())}")
    print(f"unexpected verdicts: {len(found.other_verdicts)}", *found.other_verdicts[:20], sep="\n  ")
    print(f"grew by {found.growth_mib:.0f} MiB from the first quarter to the end")
    print(f"left behind: {len(found.left)}", *found.left, sep="\n  ")
    sys.exit(0 if found.well else 1)


if __name__ == "__main__":
    main()
