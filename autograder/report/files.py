"""Write or extend the results file (JSON Lines, one object per result) and the tables of points (CSV)."""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from autograder.mastery.facts import AttemptFacts
from autograder.model.course import Course
from autograder.model.errors import UserError
from autograder.model.escaping import csv_cell
from autograder.model.files import replacing
from autograder.model.own_files import no_link


class OutputError(UserError):
    """A command's output file can't be written."""


def write_results(path: Path, lines: Iterable[str]) -> None:
    """Write one line per submission, replacing the file. The file is on disk when this returns. Raises OutputError."""
    try:
        with replacing(path) as file:
            _write_lines(file, lines)
    except OSError as error:
        raise _unwritable(path, error, "--json") from error


def append_results(path: Path, lines: Iterable[str]) -> None:
    """Append lines to the file, and sync it to disk. Raises OutputError."""
    try:
        with open(path, "ab", opener=no_link) as file:
            _write_lines(file, lines)
    except OSError as error:
        raise _unwritable(path, error, "--json") from error


def _write_lines(file: BinaryIO, lines: Iterable[str]) -> None:
    file.writelines(line.encode() + b"\n" for line in lines)
    file.flush()
    os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError, option: str) -> OutputError:
    return OutputError(f"{path} can't be written: {error.strerror}; name a different file with {option}.")


def write_text(path: Path, text: str, option: str) -> None:
    """Write a text file. Raises OutputError, whose message names the option that set the path."""
    write_pieces(path, [text], option)


def write_pieces(path: Path, pieces: Iterable[str], option: str) -> None:
    """Write text that arrives in pieces. Raises OutputError, whose message names the option that set the path."""
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace", opener=no_link) as file:
            file.writelines(pieces)
    except OSError as error:
        raise _unwritable(path, error, option) from error


def refuse_unwritable(path: Path, option: str) -> None:
    """Raise OutputError before a class is graded if its results couldn't be written afterward.

    This leaves no new file behind: if grading failed later, an empty file would look like a class without results.
    """
    is_new = not os.path.lexists(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        open(path, "ab", opener=no_link).close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise _unwritable(path, error, option) from error


def stub_row(course: Course, student: str, newest: AttemptFacts) -> list[object]:
    """Return a row with a submission's points from its checks. It has a cell for each of the course's stubs, blank for
    those of other labs."""
    points = newest.stub_points
    earned = [round(points[stub], 4) if stub in points else "" for stub in course.stubs]
    return [student, newest.lab, newest.attempt, newest.status, newest.score, *earned]


def beside(path: Path) -> Path:
    """Return the path of the file with the points per stub, next to the one with the final scores."""
    return path.with_name(f"{path.stem}-by-stub{path.suffix}")


def stub_head(course: Course) -> tuple[str, ...]:
    """Return the column names of a `stub_row`."""
    return ("student", "lab", "attempt", "status", "score_by_checks", *course.stubs)


@contextmanager
def table(path: Path, head: Sequence[str]) -> Iterator[Callable[[Iterable[Sequence[object]]], None]]:
    """Replace the file with a table. Yields a function that writes rows. Raises OutputError."""
    try:
        with open(path, "w", encoding="utf-8", newline="", opener=no_link) as file:
            writer = csv.writer(file)
            writer.writerow(head)
            yield lambda rows: writer.writerows(map(_cells, rows))
    except OSError as error:
        raise _unwritable(path, error, "--csv") from error


def exchange_rows(path: Path, head: Sequence[str], student: str, rows: Sequence[Sequence[object]]) -> bool:
    """Replace one student's rows in a table that's sorted by its first column, the student.

    Return False, and change nothing, if the file isn't a table with this header. Raises OutputError.
    """
    try:
        with open(path, encoding="utf-8", newline="", opener=no_link) as before:
            table = csv.reader(before)
            if next(table, None) != list(head):
                return False
            with replacing(path) as file:
                text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
                writer = csv.writer(text)
                writer.writerow(head)
                writer.writerows(_exchanged(table, str(csv_cell(student)), list(map(_cells, rows))))
                text.detach()
    except (FileNotFoundError, ValueError, csv.Error):
        return False
    except OSError as error:
        raise _unwritable(path, error, "--csv") from error
    return True


def _exchanged(
    table: Iterable[list[str]], student: str, rows: Sequence[Sequence[object]]
) -> Iterator[Sequence[object]]:
    for row in table:
        if rows and row[0] > student:
            yield from rows
            rows = ()
        if row[0] != student:
            yield row
    yield from rows


def _cells(row: Sequence[object]) -> list[object]:
    return [csv_cell(cell) for cell in row]
