"""Student classes to measure with: solutions that alternate with every alternative and misconception of a lab."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.authoring.simulation import notebooks as simulated
from autograder.model.course import Course, Lab
from autograder.testing.declarations import Alternative, Misconception


def answers(course: Course, lab: Lab) -> Iterator[Misconception | Alternative | None]:
    """Yield, for each student, the answer that replaces one stub's solution, or None to keep it. It never ends."""
    others = [*simulated.alternatives(course, lab), *simulated.wrong_answers(course, lab)]
    for other in itertools.cycle(others):
        yield None
        yield other


def write_class(course: Course, labs: Sequence[Lab], count: int, folder: Path) -> list[Path]:
    """Write `count` submissions, spread over the labs, as `folder/<student>/<lab>/<lab>.ipynb` (nbgrader's layout).

    Returns their paths.
    """
    notebooks = []
    for place, lab in enumerate(labs):
        parts = simulated.simulation(course, lab)
        share = len(range(place, count, len(labs)))
        for number, other in enumerate(itertools.islice(answers(course, lab), share)):
            student = f"student{number:05}"
            changed = {other.of: simulated.source_of(course, other, student)} if other else {}
            path = folder / student / lab.name / f"{lab.name}.ipynb"
            notebooks.append(simulated.write(parts.solved(changed, student), path))
    return notebooks
