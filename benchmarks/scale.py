"""Measure what the next submissions cost in a large gradebook: the coordinator's processor time, and memory.

A small class is graded for real. Then copies of its rows and files are added to the gradebook and the folder of
submissions, each notebook with different contents. Making a copy takes under a millisecond. Three commands follow:

- `more`: `mastery grade` after `--more` more students have submitted;
- `unchanged`: the same again, with nothing to do;
- `student`: `mastery grade --student NAME` after one of them has resubmitted.

    python -m benchmarks.scale --json FILE [--sizes 1000 10000 100000] [--more 1000]

A submission takes up about 120 kB on disk. Look at `main_cpu_seconds`, which is the same on a busy machine.
"""

import argparse
import json
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.gradebook.pipeline import job_of
from autograder.model.course import Course, load
from benchmarks.classes import write_class
from benchmarks.command import ENVIRONMENT, MASTERY, Class, open_class
from benchmarks.usage import Usage, run

LAB = "softmax"
# How many different answers the copies are made from.
SMALL = 60
AT_ONCE = 1000
# A submission's rows, with the columns that identify a row and its parent: (table, its id, its column, whose id).
_CHILDREN = (
    ("submitted_notebook", "id", "assignment_id", "submitted_assignment"),
    ("grade", "id", "notebook_id", "submitted_notebook"),
    ("comment", "id", "notebook_id", "submitted_notebook"),
)


def grow(course: Course, chosen: Class, count: int) -> None:
    """Grow the graded class to `count` submissions by adding copies that count as graded."""
    with closing(sqlite3.connect(chosen.folder / "gradebook.db")) as book:
        book.row_factory = sqlite3.Row
        book.execute("PRAGMA synchronous = OFF")
        models = list(_models(book))
        (there,) = book.execute("SELECT count(*) FROM submitted_assignment").fetchone()
        draw = random.Random(there)
        for start in range(there, count, AT_ONCE):
            with book:
                for number in range(start, min(start + AT_ONCE, count)):
                    _copy(book, course, chosen, models[number % len(models)], f"copy{number:06}", draw)


def _models(book: sqlite3.Connection) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Yield all rows of each submission, by table."""
    for (submission,) in book.execute("SELECT id FROM submitted_assignment").fetchall():
        rows = {"submitted_assignment": _rows(book, "submitted_assignment", "id", [submission])}
        for table, _, column, above in _CHILDREN:
            rows[table] = _rows(book, table, column, [row["id"] for row in rows[above]])
        for table in ("mastery_grading", "mastery_facts"):
            rows[table] = _rows(book, table, "submission_id", [submission])
        yield rows


def _rows(book: sqlite3.Connection, table: str, column: str, values: Sequence[str]) -> list[dict[str, Any]]:
    marks = ", ".join("?" * len(values))
    return [dict(row) for row in book.execute(f"SELECT * FROM {table} WHERE {column} IN ({marks})", values)]


def _copy(
    book: sqlite3.Connection,
    course: Course,
    chosen: Class,
    model: dict[str, list[dict[str, Any]]],
    student: str,
    draw: random.Random,
) -> None:
    (head,), (grading,), (facts,) = (
        model[name] for name in ("submitted_assignment", "mastery_grading", "mastery_facts")
    )
    notebook = chosen.folder / "submitted" / student / LAB / f"{LAB}.ipynb"
    notebook.parent.mkdir(parents=True)
    before = chosen.folder / "submitted" / head["student_id"] / LAB / f"{LAB}.ipynb"
    notebook.write_bytes(before.read_bytes() + f"\n{int(student[-6:]):b}".translate({48: " ", 49: "\t"}).encode())
    content_hash = job_of(student, course.lab(LAB), notebook).content_hash
    ids = {head["id"]: f"{draw.getrandbits(128):032x}"}
    _insert(book, "student", {"id": student})
    _insert(book, "submitted_assignment", {**head, "id": ids[head["id"]], "student_id": student})
    for table, own, column, _ in _CHILDREN:
        for row in model[table]:
            ids[row[own]] = f"{draw.getrandbits(128):032x}"
            _insert(book, table, {**row, own: ids[row[own]], column: ids[row[column]]})
    changed = {"student": student, "content_hash": content_hash}
    result = json.dumps({**json.loads(grading["result"]), **changed}, ensure_ascii=False, separators=(",", ":"))
    of = {"submission_id": ids[head["id"]]}
    number = _insert(
        book, "mastery_grading", {**grading, **of, "id": None, "content_hash": content_hash, "result": result}
    )
    _insert(book, "mastery_facts", {**facts, **of, "grading_id": number})


def _insert(book: sqlite3.Connection, table: str, row: dict[str, Any]) -> int | None:
    marks = ", ".join("?" * len(row))
    return book.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())).lastrowid


def measure(course: Course, sizes: Sequence[int], more: int) -> dict[str, dict[str, Usage]]:
    """Return what the three commands used, by the number of submissions in the gradebook."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        small = open_class(course, [LAB], SMALL, root / "small")
        small.grade(2)
        for size in sizes:
            shutil.copytree(small.folder, root / "large")
            found[str(size)] = _measure_one(course, Class(root / "large", ()), size, more)
            shutil.rmtree(root / "large")
            print(json.dumps({name: asdict(usage) for name, usage in found[str(size)].items()}), flush=True)
    return found


def _measure_one(course: Course, chosen: Class, size: int, more: int) -> dict[str, Usage]:
    grow(course, chosen, size)
    _grade(chosen)  # writes the results files
    late = write_class(course, [course.lab(LAB)], more, chosen.folder / "late")
    for student in (chosen.folder / "late").iterdir():
        student.rename(chosen.folder / "submitted" / f"late-{student.name}")
    found = {"more": _grade(chosen), "unchanged": _grade(chosen)}
    name = f"late-{late[0].parents[1].name}"
    with (chosen.folder / "submitted" / name / LAB / f"{LAB}.ipynb").open("a") as file:
        file.write("\n")
    return {**found, "student": _grade(chosen, "--student", name)}


def _grade(chosen: Class, *options: str) -> Usage:
    return run([MASTERY, "grade", "--course", chosen.folder, *options], chosen.folder, ENVIRONMENT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--more", type=int, default=1000)
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    found = measure(load(), options.sizes, options.more)
    figures = {size: {name: asdict(usage) for name, usage in each.items()} for size, each in found.items()}
    options.json.write_text(json.dumps({"lab": LAB, "more": options.more, "sizes": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
