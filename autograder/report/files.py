"""Write the results file (JSON Lines, one object per submission), and the points per stub as CSV."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.mastery.facts import AttemptFacts
from autograder.model.course import Course
from autograder.model.errors import UserError
from autograder.model.escaping import csv_cell
from autograder.model.files import replacing
from autograder.model.own_files import no_link


class OutputError(UserError):
    """A file that a command should write can't be written."""


def write_results(path: Path, lines: Iterable[str]) -> None:
    """Write one line per submission, replacing the file. It's on disk when this returns. Raises OutputError."""
    try:
        with replacing(path) as file:
            file.writelines(line.encode() + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; name another file with --json.") from error


def write_text(path: Path, text: str, option: str) -> None:
    """Write a text file. Raises OutputError, which names the option that gave the path."""
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace", opener=no_link) as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; name another file with {option}.") from error


def refuse_unwritable(path: Path, option: str) -> None:
    """Raise OutputError now, before a class is graded, if its results couldn't be written afterward.

    No new file is left behind: if grading failed, an empty one would look like a class without results.
    """
    is_new = not os.path.lexists(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        open(path, "ab", opener=no_link).close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; name another file with {option}.") from error


def stub_row(course: Course, student: str, newest: AttemptFacts) -> list[object]:
    """Return the points that the checks gave a submission, per stub of the course; empty for stubs of other labs."""
    points = newest.stub_points
    earned = [round(points[stub], 4) if stub in points else "" for stub in course.stubs]
    return [student, newest.lab, newest.attempt, newest.status, newest.score, *earned]


def beside(path: Path) -> Path:
    """Return the path for the points per stub, beside the file with the final scores."""
    return path.with_name(f"{path.stem}-by-stub{path.suffix}")


def write_stub_rows(path: Path, course: Course, rows: Sequence[Sequence[object]]) -> None:
    """Write submissions' rows as CSV, ordered by student and lab. Raises OutputError."""
    head = ["student", "lab", "attempt", "status", "score_by_checks", *course.stubs]
    try:
        with open(path, "w", encoding="utf-8", newline="", opener=no_link) as file:
            ordered = sorted(rows, key=lambda row: [str(cell) for cell in row[:2]])
            csv.writer(file).writerows([head, *([csv_cell(cell) for cell in row] for row in ordered)])
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; name another file with --csv.") from error
