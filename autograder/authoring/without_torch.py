"""Run labs' visible checks as students do who haven't installed torch, in a process that uses its stand-in.

    python -P -m autograder.authoring.without_torch ROOT LAB...

This prints one JSON object per lab: its name, and the complaints about its solution. The stand-in, `testing.tensors`,
lacks most of torch, and a check whose reference uses an operator that's missing can't be run in a browser tab either.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from autograder.authoring.expectations import all_passed
from autograder.authoring.simulation import notebooks
from autograder.grading.content import make_importable
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Course, Lab, load
from autograder.model.errors import CourseError
from autograder.testing.references import make_torch_importable


def complaints_without_torch(course: Course, labs: Sequence[Lab]) -> Iterator[tuple[Lab, list[str]]]:
    """Yield the complaints about each lab's solution, if its visible checks run without torch. Raises CourseError."""
    command = [sys.executable, "-P", "-m", __name__, str(course.root), *(lab.name for lab in labs)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise CourseError(f"The visible checks can't be run without torch:\n{done.stderr[-2_000:]}")
    for line in done.stdout.splitlines():
        found = json.loads(line)
        yield course.lab(found["lab"]), found["complaints"]


def main(root: str, *names: str) -> None:
    make_torch_importable(light=True)
    course = load(Path(root))
    make_importable(course)
    session = GradingSession(GradingContext(course.root, b""), visible_only=True)
    with tempfile.TemporaryDirectory() as folder, closing(session):
        for name in names:
            lab = course.lab(name)
            path = notebooks.write(notebooks.simulation(course, lab).solved(), Path(folder, name, f"{name}.ipynb"))
            (result,) = session.grade([Job("", name, path, 1)])
            print(json.dumps({"lab": name, "complaints": all_passed(result)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
