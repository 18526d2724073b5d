"""The results file (JSON Lines, one object a submission) and the class's scores as CSV."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from autograder.course import Course, CourseError
from autograder.outcome import LabResult
from autograder.sinks import csv_cell

Key = tuple[str, str]


def load_results(path: Path) -> dict[Key, LabResult]:
    """The newest result of each student and lab; empty where there is no file. Raises CourseError.

    A last line without its end is what an interrupted run leaves; it is cut off and graded again.
    """
    try:
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(path, len(whole))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}; name another results file with --json.") from error
    found = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            result = LabResult.model_validate_json(line)
        except ValidationError as error:
            message = (
                f"{path}, line {number}, is no result of this program; move the file away or name another with --json."
            )
            raise CourseError(message) from error
        found[result.student, result.lab] = result
    return found


def append_results(path: Path, results: Iterable[LabResult]) -> None:
    """Add results to the file, on disk before this returns. Raises CourseError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(result.model_dump_json() + "\n" for result in results))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}. What was graded before is kept.") from error


def compact(path: Path, results: dict[Key, LabResult]) -> None:
    """Leave one line a submission, in order of student and lab."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)  # what an interrupted run left of it
    append_results(fresh, [results[key] for key in sorted(results)])
    fresh.replace(path)


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
