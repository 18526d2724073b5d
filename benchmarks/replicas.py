"""Measure the class report on a large gradebook made from a small one: thousands of students with mixed answers.

The outcomes of a student's checks on a stub are copied from a random student in the small class, with a new draw for
each attempt. So every row is as long as a real one, almost no two students are the same, and nothing has to be graded.
Rows are written as earlier versions of this program left them, without the tables derived from them. Filling those
tables and making the report are measured separately.

    python -m benchmarks.replicas SMALL.db --json FILE [--students 2000]

SMALL.db: a gradebook made by `mastery demo`. Seconds are CPU time, so a busy machine gives the same figures.
"""

import argparse
import json
import random
import resource
import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.gradebook.class_evidence import survey_class
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.model.course import Course, load
from autograder.report.class_report import survey_page

ATTEMPTS = 4
AT_ONCE = 200
FIRST = datetime(2026, 9, 7, 16)


@dataclass
class _Lab:
    """One lab in the small gradebook.

    graded: name and id of each graded cell. commented: the ids of cells with comments. heads: the results. stubs: by
    stub, the checks of each result.
    """

    assignment: str
    notebook: str
    graded: list[tuple[str, str]]
    commented: list[str]
    heads: list[dict[str, Any]] = field(default_factory=list)
    stubs: dict[str, list[list[dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))


def replicate(small: Path, large: Path, students: int, labs: tuple[str, ...] = (), attempts: int = ATTEMPTS) -> int:
    """Write a copy of the SQLite gradebook `small` with more students, and return how many results were added.

    students: how many to add. labs: those they handed in (default: all). attempts: the maximum per lab.
    """
    shutil.copy(small, large)
    with closing(sqlite3.connect(large)) as book:
        book.execute("PRAGMA synchronous = OFF")
        known = _labs(book, labs)
        draw = random.Random(1)
        written = 0
        for start in range(0, students, AT_ONCE):
            with book:
                for number in range(start, min(start + AT_ONCE, students)):
                    written += _student(book, known, f"student{number:06}", draw, attempts)
    return written


def _labs(book: sqlite3.Connection, wanted: tuple[str, ...]) -> dict[str, _Lab]:
    found = {}
    rows = book.execute("SELECT a.id, n.id, a.name FROM assignment a JOIN notebook n ON n.assignment_id = a.id")
    for assignment, notebook, name in rows.fetchall():
        cells = book.execute("SELECT name, id, type FROM base_cell WHERE notebook_id = ?", (notebook,)).fetchall()
        if not wanted or name in wanted:
            found[name] = _Lab(
                assignment,
                notebook,
                [(cell, number) for cell, number, kind in cells if kind in ("GradeCell", "TaskCell")],
                [number for _, number, kind in cells if kind in ("SolutionCell", "TaskCell")],
            )
    for (text,) in book.execute("SELECT result FROM mastery_grading"):
        result = json.loads(text)
        if (lab := found.get(result["lab"])) is None or not result["checks"]:
            continue
        lab.heads.append(result)
        by_stub = defaultdict(list)
        for check in result["checks"]:
            by_stub[check["stub"]].append(check)
        for stub, checks in by_stub.items():
            lab.stubs[stub].append(checks)
    return {name: lab for name, lab in found.items() if lab.heads}


def _student(book: sqlite3.Connection, labs: dict[str, _Lab], name: str, draw: random.Random, attempts: int) -> int:
    book.execute("INSERT INTO student (id) VALUES (?)", (name,))
    gradings = []
    for week, lab in enumerate(labs.values()):
        submission, page = _id(draw), _id(draw)
        for attempt in range(1, draw.randint(1, attempts) + 1):
            result = _result(lab, name, attempt, draw)
            when = FIRST + timedelta(weeks=week, days=2 * attempt)
            gradings.append(_grading(submission, result, when))
        book.execute(
            "INSERT INTO submitted_assignment (id, assignment_id, student_id, timestamp) VALUES (?, ?, ?, ?)",
            (submission, lab.assignment, name, f"{when:%Y-%m-%d %H:%M:%S}.000000"),
        )
        book.execute(
            "INSERT INTO submitted_notebook (id, assignment_id, notebook_id, flagged) VALUES (?, ?, ?, 0)",
            (page, submission, lab.notebook),
        )
        points: dict[str, float] = defaultdict(float)
        for check in result["checks"]:
            points[check["stub"]] += check["points"]
        book.executemany(
            "INSERT INTO grade (id, notebook_id, cell_id, auto_score, manual_score, needs_manual_grade) "
            "VALUES (?, ?, ?, ?, ?, 0)",
            [
                (
                    _id(draw),
                    page,
                    cell,
                    points.get(stub),
                    None if stub in points else 1.0,
                )
                for stub, cell in lab.graded
            ],
        )
        book.executemany(
            "INSERT INTO comment (id, notebook_id, cell_id) VALUES (?, ?, ?)",
            [(_id(draw), page, cell) for cell in lab.commented],
        )
    book.executemany(
        "INSERT INTO mastery_grading (submission_id, attempt, submitted_at, graded_at, content_hash, course_version, "
        "secret, status, score, max_score, result, engine_version, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        gradings,
    )
    return len(gradings)


def _id(draw: random.Random) -> str:
    return f"{draw.getrandbits(128):032x}"


def _result(lab: _Lab, student: str, attempt: int, draw: random.Random) -> dict[str, Any]:
    checks = [check for answers in lab.stubs.values() for check in draw.choice(answers)]
    return {
        **draw.choice(lab.heads),
        "student": student,
        "attempt": attempt,
        "status": "graded",
        "message": None,
        "score": round(sum(check["points"] for check in checks), 4),
        "content_hash": f"{draw.getrandbits(256):064x}",
        "checks": checks,
    }


def _grading(submission: str, result: dict[str, Any], when: datetime) -> tuple[Any, ...]:
    return (
        *(submission, result["attempt"], f"{when:%Y-%m-%d %H:%M:%S}.000000", f"{when:%Y-%m-%d %H:%M:%S}.000000"),
        *(result["content_hash"], result["course_version"], result["secret"], result["status"], result["score"]),
        *(result["max_score"], json.dumps(result, ensure_ascii=False, separators=(",", ":"))),
        *(result.get("engine_version"), result.get("run")),
    )


def measure(course: Course, small: Path, students: int) -> dict[str, Any]:
    """Return the CPU seconds for filling the tables that earlier versions lack and for the report, and the peak
    memory."""
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "gradebook.db"
        gradings = replicate(small, large, students)
        with Gradebook(course, settings_of(course, Path(folder)), f"sqlite:///{large}") as book:
            begun = time.process_time()
            for _ in book.add_facts():
                pass
            filled = time.process_time()
            page = "".join(survey_page(course, survey_class(course, book)))
            done = time.process_time()
    seconds = {"fill_in": filled - begun, "report": done - filled}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"students": students, "gradings": gradings, **seconds, "page_mb": len(page) / 1e6, "memory_mb": most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("small", type=Path, metavar="SMALL.db")
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    figures = measure(load(), options.small, options.students)
    options.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
