"""Write the files that `mastery grade` and `mastery demo` produce: results, final scores, points per stub."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.cli.views.tallies import ClassTally
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.records import Total
    from autograder.mastery.facts import AttemptFacts
    from autograder.model.course import Course
    from autograder.model.results import Key

# How many students' totals to read at a time.
AT_ONCE = 100


def write_files(
    course: "Course",
    book: "Gradebook",
    files: tuple[Path, Path],
    keys: "Collection[Key] | None" = None,
    student: str | None = None,
) -> "ClassTally":
    """Write the gradebook's results and scores to files, and return a tally of them.

    keys: the submissions to count; by default, all of them. student: the only student whose rows have changed, so
    existing tables are updated in place. Raises GradebookError or OutputError.
    """
    write_results_of(book, files[0])
    if student is None or (tally := _exchange_rows(course, book, files[1], keys, student)) is None:
        tally = _write_tables(course, book, files[1], keys)
    return tally


def write_results_of(book: "Gradebook", path: Path) -> None:
    """Append new results to the file, or rewrite it if appending isn't possible. Raises GradebookError or
    OutputError."""
    from autograder.report.files import append_results, write_results

    end = book.end_of_file(path, path.stat().st_size) if path.is_file() else None
    if end is None:
        write_results(path, (line for _, _, line in book.each_current()))
    else:
        append_results(path, book.lines_after(end))
    book.remember_file(path, path.stat().st_size)


def _write_tables(
    course: "Course", book: "Gradebook", scores_file: Path, keys: "Collection[Key] | None"
) -> "ClassTally":
    from autograder.cli.views.tallies import ClassTally
    from autograder.gradebook.scores import HEAD, FinalScores
    from autograder.report.files import beside, stub_head, stub_row, table

    tally, scores = ClassTally(course), FinalScores(book.roster(), book.lab_maxima())
    with table(scores_file, HEAD) as add, table(beside(scores_file), stub_head(course)) as add_stubs:
        for student, newest, totals in _standings(book, list(scores.roster)):
            add(scores.rows(student, newest, totals))
            add_stubs(stub_row(course, student, each) for each in newest.values())
            _count(tally, student, newest, keys)
    return tally


def _exchange_rows(
    course: "Course", book: "Gradebook", scores_file: Path, keys: "Collection[Key] | None", student: str
) -> "ClassTally | None":
    """Update one student's rows in both tables. Return None if either is missing."""
    from autograder.cli.views.tallies import ClassTally
    from autograder.gradebook.scores import HEAD, FinalScores
    from autograder.report.files import beside, exchange_rows, stub_head, stub_row

    tally, scores = ClassTally(course), FinalScores(book.roster(student), book.lab_maxima())
    ((_, newest, totals),) = _standings(book, [student])
    _count(tally, student, newest, keys)
    rows = list(scores.rows(student, newest, totals)) if student in scores.roster else []
    by_stub = [stub_row(course, student, each) for each in newest.values()]
    whole = exchange_rows(scores_file, HEAD, student, rows)
    return tally if whole and exchange_rows(beside(scores_file), stub_head(course), student, by_stub) else None


def _standings(
    book: "Gradebook", students: Sequence[str]
) -> "Iterator[tuple[str, dict[str, AttemptFacts], dict[str, Total]]]":
    """Yield each student with their last graded attempts and totals in nbgrader, by lab."""
    for (student, history), totals in zip(book.histories(students), _totals(book, students), strict=True):
        newest = {lab: max(of, key=lambda each: each.grading or 0) for lab, of in sorted(history.items())}
        yield student, newest, totals


def _totals(book: "Gradebook", students: Sequence[str]) -> "Iterator[dict[str, Total]]":
    for start in range(0, len(students), AT_ONCE):
        some = students[start : start + AT_ONCE]
        found: dict[str, dict[str, Total]] = defaultdict(dict)
        for total in book.totals(some):
            found[total.student][total.lab] = total
        yield from (found[student] for student in some)


def _count(
    tally: "ClassTally", student: str, newest: "dict[str, AttemptFacts]", keys: "Collection[Key] | None"
) -> None:
    for attempt in newest.values():
        if keys is None or (student, attempt.lab) in keys:
            tally.add(student, attempt)
