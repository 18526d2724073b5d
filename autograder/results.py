"""The results file (JSON Lines, one object a submission) and the class's scores as CSV."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.outcome import LabResult
from autograder.sinks import csv_cell

Key = tuple[str, str]


def write_results(path: Path, results: Iterable[LabResult]) -> None:
    """One line a submission, in place of what the file held; on disk before this returns. Raises CourseError."""
    fresh = path.with_name(path.name + ".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(result.model_dump_json() + "\n" for result in results)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}; name another file with --json.") from error


def write_text(path: Path, text: str, option: str) -> None:
    """Raises CourseError, which names the option that gave the path."""
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}; name another file with {option}.") from error


def refuse_unwritable(path: Path, option: str) -> None:
    """Raise CourseError now, before a class is graded, where its results could not be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}; name another file with {option}.") from error


def write_scores(path: Path, course: Course, results: Sequence[LabResult]) -> None:
    """One row a submission; a column for the points of each stub, empty where the lab has no such stub."""
    stubs = [stub.name for lab in course.labs for stub in lab.stubs]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["student", "lab", "attempt", "status", "score", "max_score", *stubs, "message"])
            for result in sorted(results, key=lambda result: (result.student, result.lab)):
                points = stub_points(result)
                earned = [round(points[stub], 4) if stub in points else "" for stub in stubs]
                head = [result.student, result.lab, result.attempt, result.status, result.score, result.max_score]
                rows.writerow([csv_cell(cell) for cell in [*head, *earned, result.message or ""]])
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}; name another file with --csv.") from error


def stub_points(result: LabResult) -> dict[str, float]:
    """The points earned for each stub; empty where nothing was graded."""
    points: dict[str, float] = {}
    for each in result.checks:
        points[each.stub] = points.get(each.stub, 0.0) + each.points
    return points
