"""Measure what `mastery grade` and `mastery feedback` cost as whole commands, including the gradebook and the
autograded notebooks.

    python -m benchmarks.command --json FILE [--submissions 100] [--labs softmax] [--processes 2] [--feedback 0]

Each class is graded three times in a copy of the course: first without a gradebook (`cold`), then with every notebook
changed (`changed`), and finally with nothing to do (`unchanged`). Memory is the total over all processes.
"""

import argparse
import json
import shutil
import sqlite3
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.model.course import Course, load
from benchmarks.classes import write_class
from benchmarks.usage import Usage, run

PARTS = ("course.yaml", "nbgrader_config.py", "exercises", "reference", "solutions")
MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
ENVIRONMENT = {"MASTERY_SECRET": "benchmark", "COLUMNS": "120"}


@dataclass(frozen=True)
class Class:
    """A copy of the course in its own folder, with a class's submissions."""

    folder: Path
    notebooks: Sequence[Path]

    def grade(self, processes: int) -> Usage:
        return run([MASTERY, "grade", "--course", self.folder, "--processes", str(processes)], self.folder, ENVIRONMENT)

    def feedback(self, processes: int) -> Usage:
        return run(
            [MASTERY, "feedback", "--course", self.folder, "--processes", str(processes)], self.folder, ENVIRONMENT
        )

    def change(self) -> None:
        """Change the contents of every notebook, but not its answers."""
        for notebook in self.notebooks:
            with notebook.open("a") as file:
                file.write("\n")

    def refuse_gaps(self, attempts: int) -> None:
        """Raise AssertionError unless every submission has its autograded notebook and rows for `attempts` attempts."""
        shown = list(self.folder.glob("autograded/*/*/*.ipynb"))
        assert len(shown) == len(self.notebooks), (len(shown), len(self.notebooks))
        with closing(sqlite3.connect(self.folder / "gradebook.db")) as book:
            (rows,) = book.execute("SELECT count(*) FROM mastery_grading").fetchone()
        assert rows == attempts * len(self.notebooks), (rows, attempts, len(self.notebooks))


def open_class(course: Course, labs: Sequence[str], count: int, folder: Path) -> Class:
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copied = shutil.copytree if (course.root / part).is_dir() else shutil.copy
        copied(course.root / part, folder / part)
    return Class(folder, write_class(course, [course.lab(lab) for lab in labs], count, folder / "submitted"))


def measure(
    course: Course, labs: Sequence[str], count: int, processes: int, again: bool = True, feedback: int = 0
) -> dict[str, Any]:
    """Grade a class (three times if `again`), then make feedback for `feedback` students."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = open_class(course, labs, count, Path(folder))
        runs = {"cold": chosen.grade(processes)}
        chosen.refuse_gaps(attempts=1)
        if again:
            chosen.change()
            runs["changed"] = chosen.grade(processes)
            chosen.refuse_gaps(attempts=2)
            runs["unchanged"] = chosen.grade(processes)
        if feedback:
            for student in sorted((chosen.folder / "autograded").iterdir())[feedback:]:
                shutil.rmtree(student)
            runs["feedback"] = chosen.feedback(processes)
    counts = {name: feedback if name == "feedback" else count for name in runs}
    return {
        "submissions": count,
        "processes": processes,
        **{
            name: {**asdict(usage), "ms_a_submission": usage.seconds * 1000 / counts[name]}
            for name, usage in runs.items()
        },
    }


def show(title: str, figures: dict[str, Any]) -> None:
    print(f"{title}: {figures['submissions']} submissions, {figures['processes']} process(es)")
    for name, each in figures.items():
        if isinstance(each, dict):
            memory = f"{each['memory_mb']:6.0f} MB, including {each['main_mb']:.0f} MB in the first process"
            print(f"  {name:<10} {each['seconds']:8.1f} s {each['ms_a_submission']:8.1f} ms per submission {memory}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--labs", nargs="+", default=["softmax"])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--feedback", type=int, default=0, help="also make feedback for this many students")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    course = load()
    figures = measure(course, options.labs, options.submissions, options.processes, feedback=options.feedback)
    show(" ".join(options.labs), figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
