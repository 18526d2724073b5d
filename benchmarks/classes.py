"""Classes to measure with: right answers and, in turn, every alternative and misconception of a lab."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.authoring.simulation import notebooks as simulated
from autograder.model.course import Course, Lab


def answers(course: Course, lab: Lab) -> Iterator[dict[str, str]]:
    """Of each student, without end: the stubs that are answered in another way than the solution, by their source."""
    others = [*simulated.alternatives(course, lab), *simulated.wrong_answers(course, lab)]
    for other in itertools.cycle(others):
        yield {}
        yield {other.of: simulated.source_as(other.of, other.function)}


def write_class(course: Course, labs: Sequence[Lab], count: int, folder: Path) -> list[Path]:
    """So many submissions, shared out over the labs, in nbgrader's layout `folder/<student>/<lab>/<lab>.ipynb`."""
    notebooks = []
    for place, lab in enumerate(labs):
        parts = simulated.simulation(course, lab)
        share = len(range(place, count, len(labs)))
        for number, changed in enumerate(itertools.islice(answers(course, lab), share)):
            path = folder / f"student{number:05}" / lab.name / f"{lab.name}.ipynb"
            notebooks.append(simulated.write(parts.solved(changed), path))
    return notebooks
