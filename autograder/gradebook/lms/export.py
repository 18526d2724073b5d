"""Add points and mastery to a gradebook downloaded from Canvas or Moodle as CSV."""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.gradebook.errors import GradebookError, LmsFileError
from autograder.gradebook.lms.downloads import plain_name
from autograder.gradebook.records import Total
from autograder.mastery.levels import StudentMastery
from autograder.model.course import Course
from autograder.model.escaping import csv_cell
from autograder.model.files import replace

# Matches student ids, numbers and the LMS's marks. A spreadsheet might read such text as a sum, but never as a function
# call.
_CALLS_NOTHING = re.compile(r"[\w.,@+\- ]*")
# Canvas: "softmax (501)"; Moodle: "Assignment: softmax (Real)". Moodle's other columns end in "(Percentage)" and so on.
_OF_THE_LMS = re.compile(r"^assignment:\s*|\s*\((?:[0-9]+|real)\)$", re.IGNORECASE)
# Canvas has a row that says which columns are hidden from students. Every cell of that row matches this.
_HIDDEN = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)
# The names and titles of the columns that aren't for labs: the average over all concepts, and 1 for a completed course.
_BESIDE = {"mastery": "Mastery", "complete": "Completion"}
# Canvas's marks for students who get no points: excused or not assigned.
_TAKES_NONE = ("EX", "N/A")


@dataclass(frozen=True)
class Lms:
    """The format of an LMS's gradebook file: its delimiters and its column titles.

    delimiters: the column delimiters that the LMS accepts when it imports a file. told_by: a file is from this LMS if
    it has all the columns in one of these tuples. person: the columns with the student's name. kept: the columns that
    an import or a person needs. imported_by: the columns that an import uses to find a student. keys: the columns that
    we use to find a student; if a key has several columns, we join them. nothing: the text of a cell without points.
    """

    name: str
    delimiters: str
    told_by: tuple[tuple[str, ...], ...]
    person: tuple[str, ...]
    kept: tuple[str, ...]
    imported_by: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    nothing: str


CANVAS = Lms(
    name="Canvas",
    delimiters=",;",
    told_by=(("Student", "ID", "Section"), ("LastName", "FirstName", "ID", "Section")),
    person=("Student", "FirstName", "LastName"),
    kept=(
        *("Student", "LastName", "FirstName"),
        *("ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account"),
        "Section",
    ),
    imported_by=("ID",),
    keys=(("ID",), ("SIS User ID",), ("SIS Login ID",)),
    nothing="",
)
MOODLE = Lms(
    name="Moodle",
    delimiters=",;\t",
    told_by=(("First name", "Email address"), ("First name", "ID number"), ("First name", "Username")),
    person=("First name", "Last name", "Surname"),
    kept=(
        *("First name", "Last name", "Surname"),
        *("Username", "ID number", "Institution", "Department", "Email address"),
        # If this column is present, Moodle refuses to overwrite anything that has been changed in Moodle since the time
        # given there.
        "Last downloaded from this course",
    ),
    imported_by=("Username", "ID number", "Email address"),
    keys=(
        ("First name", "Last name"),
        ("First name", "Surname"),
        ("Last name", "First name"),
        ("Surname", "First name"),
        ("Username",),
        ("ID number",),
        ("Email address",),
    ),
    nothing="-",
)


@dataclass(frozen=True)
class Download:
    """A gradebook as it was downloaded. Each row belongs to one student, and has as many cells as the header.

    points: Canvas's row with the maximum points of each column; None if there's no such row.
    """

    lms: Lms
    delimiter: str
    header: Sequence[str]
    points: Sequence[str] | None
    rows: Sequence[Sequence[str]]

    def read(self, row: Sequence[str], columns: Sequence[str]) -> str:
        """Return a row's cells in the given columns, joined by spaces. Columns that don't exist are skipped."""
        cells = [row[self.header.index(column)].strip() for column in columns if column in self.header]
        return " ".join(filter(None, cells))

    def person(self, row: Sequence[str]) -> str:
        return self.read(row, self.lms.person)


@dataclass(frozen=True)
class Match:
    """The student that each row belongs to.

    by: the columns that matched the most students' names. students: maps row numbers, starting at 0, to students.
    unmatched: maps each student without a row to the reason.
    """

    by: tuple[str, ...]
    students: Mapping[int, str]
    unmatched: Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """A column for a lab or for mastery, with a cell for each row.

    filled: how many cells got a score. unread: students whose work still needs manual grading. marked: students whose
    cell already had one of the LMS's marks, which we keep.
    """

    name: str
    title: str
    is_new: bool
    points: float
    cells: Sequence[object]
    filled: int
    unread: Sequence[str]
    marked: Sequence[str]


@dataclass(frozen=True)
class Export:
    """A filled-in gradebook: its table, and everyone without a row or a result in it.

    without_result: people in the file who don't match any of our students. left_out: people whose row was left out,
    because a spreadsheet could interpret an id in it as a formula.
    """

    lms: Lms
    match: Match
    columns: Sequence[Column]
    table: Sequence[Sequence[object]]
    without_result: Sequence[str]
    left_out: Sequence[str]

    @property
    def is_whole(self) -> bool:
        """Whether the table holds every result in the gradebook."""
        return not (self.match.unmatched or self.left_out or any(column.unread for column in self.columns))


# --- the file


def read_download(path: Path) -> Download:
    """Read a downloaded gradebook. Raises LmsFileError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise LmsFileError(f"{path} can't be read: {error.strerror}; name the gradebook you downloaded.") from error
    except UnicodeDecodeError:
        raise LmsFileError(
            f"{path} isn't in UTF-8; use the file as you downloaded it, or save it as CSV UTF-8."
        ) from None
    for lms in (CANVAS, MOODLE):
        for delimiter in lms.delimiters:
            titles = {title.strip('" \r') for title in text.partition("\n")[0].split(delimiter)}
            if any(titles.issuperset(columns) for columns in lms.told_by):
                header, *rows = _lines(path, text, delimiter)
                points = rows.pop(0) if lms is CANVAS and rows and "Points Possible" in rows[0][0] else None
                return Download(lms, delimiter, [title.strip() for title in header], points, rows)
    raise LmsFileError(
        f"Judging by its first line, {path} isn't a gradebook from Canvas (Student, ID, …, Section) or Moodle (First "
        "name, …, Email address); download it as CSV, with the LMS set to English, and use the file as is."
    )


def _lines(path: Path, text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the header and the rows about students, all padded to the header's length. Raises LmsFileError."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = 0
    try:
        for line in lines:
            width = width or len(line)
            if any(cell.strip() for cell in line[width:]):
                raise LmsFileError(
                    f"{path}, line {lines.line_num} has {len(line)} cells, but there are {width} titles; fix that line."
                )
            if not all(_HIDDEN.fullmatch(cell) for cell in line):
                yield line[:width] + [""] * (width - len(line))
    except csv.Error as error:
        raise LmsFileError(f"{path}, line {lines.line_num}: this isn't CSV ({error}); download it again.") from error


def write_table(path: Path, table: Sequence[Sequence[object]], delimiter: str) -> None:
    """Write a table as CSV, replacing the file. Raises LmsFileError."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(table)
    try:
        replace(path, text.getvalue().encode())
    except OSError as error:
        raise LmsFileError(f"{path} can't be written: {error.strerror}; name a different file with --out.") from error


# --- filling it


def fill(course: Course, totals: Sequence[Total], reached: Iterable[StudentMastery], download: Download) -> Export:
    """Fill in a downloaded gradebook: a column for each graded lab that's worth points, and two columns for mastery.

    Labs are in the course's order. Raises LmsFileError, and GradebookError if no lab worth points has been graded.
    """
    results: dict[str, dict[str, Total]] = defaultdict(dict)
    for total in totals:
        if total.max_score > 0:
            results[total.lab][total.student] = total
    titles = {lab.name: lab.title for lab in course.labs if lab.name in results}
    if not titles:
        raise GradebookError(
            "No lab that's worth points has been graded; run `mastery grade`, or name a gradebook with --db."
        )
    names = {total.student: total.names for lab in titles for total in results[lab].values()}
    for student in reached if course.concepts else ():
        if student.student in names:
            for name, score, most in (("mastery", student.number, 100.0), ("complete", float(student.complete), 1.0)):
                total = Total(student.student, names[student.student], name, score, most, unread=False)
                results[name][student.student] = total
    titles |= {name: title for name, title in _BESIDE.items() if name in results}
    match = _match(download, names)
    columns = [_fill_column(download, name, title, results[name], match.students) for name, title in titles.items()]
    kept = [title for title in download.header if title in download.lms.kept]
    table: list[list[object]] = [[*kept, *(column.title for column in columns)]]
    if download.points is not None:
        above = [csv_cell(download.read(download.points, [title])) for title in kept]
        table.append([*above, *(column.points for column in columns)])
    left_out = []
    for number, row in enumerate(download.rows):
        if _has_formula_for_key(download, row):
            left_out.append(download.person(row))
            continue
        cells = [_identity(download, title, download.read(row, [title])) for title in kept]
        table.append([*cells, *(column.cells[number] for column in columns)])
    nobodys = [download.person(row) for number, row in enumerate(download.rows) if number not in match.students]
    return Export(download.lms, match, columns, table, nobodys, left_out)


def _match(download: Download, names: Mapping[str, Sequence[str]]) -> Match:
    """Match rows with students. `names`: each student's name in nbgrader, then LMS id and email address, if known.

    An LMS id or email address is looked up in every column that's a key by itself. nbgrader's own name is looked up
    only in the column that matches the most students, since the same number may belong to one student in one column and
    to another student in a different column. Raises LmsFileError.
    """
    keys = [key for key in download.lms.keys if set(key) <= set(download.header)]
    indices = {key: _index(download, [key]) for key in keys}
    by = max(keys, key=lambda key: sum(len(_rows_of(indices[key], [name])) == 1 for name in names))
    told = _index(download, [key for key in keys if len(key) == 1])
    found = {student: _rows_of(told, more) or _rows_of(indices[by], [name]) for student, (name, *more) in names.items()}
    claims = Counter(rows[0] for rows in found.values() if len(rows) == 1)
    students, unmatched = {}, {}
    for student, rows in found.items():
        if not rows:
            unmatched[student] = "in no row"
        elif len(rows) > 1:
            unmatched[student] = f"in {len(rows)} rows"
        elif claims[rows[0]] > 1:
            unmatched[student] = "in a row that also belongs to another student"
        else:
            students[rows[0]] = student
    if not students:
        tried = ", ".join(" + ".join(key) for key in keys)
        raise LmsFileError(
            f"None of the {len(names)} students in the gradebook was found in the file by {tried}; is it the right "
            "file?"
        )
    return Match(by, students, unmatched)


def _index(download: Download, keys: Sequence[Sequence[str]]) -> dict[str, set[int]]:
    """Map the text in each key's columns, normalized for comparison, to row numbers."""
    index: dict[str, set[int]] = defaultdict(set)
    for number, row in enumerate(download.rows):
        for key in keys:
            index[_compared(download.read(row, key))].add(number)
    return index


def _rows_of(index: Mapping[str, set[int]], names: Sequence[str]) -> list[int]:
    return sorted(set().union(*(index.get(_compared(name), set()) for name in names if _compared(name))))


def _compared(name: str) -> str:
    return plain_name(name).casefold()


def _fill_column(
    download: Download, name: str, title: str, results: Mapping[str, Total], students: Mapping[int, str]
) -> Column:
    """Return a filled column. A cell keeps its text if there's no final result, or if that text is one of the LMS's
    marks.

    Raises LmsFileError.
    """
    place = _place_of(download, name, title)
    points = max(result.max_score for result in results.values())
    if place is not None and download.points is not None:
        _refuse_other_points(download.header[place], download.points[place], points)
    cells: list[object] = []
    unread, marked, filled = [], [], 0
    for number, row in enumerate(download.rows):
        before = download.lms.nothing if place is None else row[place].strip()
        result = results.get(students.get(number, ""))
        cells.append(_plain(before))
        if result is None:
            continue
        if result.unread:
            unread.append(result.student)
        elif before.upper() in _TAKES_NONE:
            marked.append(result.student)
        else:
            cells[-1] = round(result.score, 2)
            filled += 1
    found = name if place is None else download.header[place]
    return Column(name, found, place is None, points, cells, filled, unread, marked)


def _place_of(download: Download, name: str, title: str) -> int | None:
    """Return the position of the column with this name or title, ignoring case; None if there's no such column.

    Raises LmsFileError if there are several.
    """
    wanted = {name.casefold(), title.casefold()}
    found = [
        place
        for place, head in enumerate(download.header)
        if head not in download.lms.kept and _OF_THE_LMS.sub("", head).casefold() in wanted
    ]
    if len(found) > 1:
        titles = " and ".join(download.header[place] for place in found)
        raise LmsFileError(f"The file has {titles} for {name}; rename one of them in {download.lms.name}.")
    return found[0] if found else None


def _refuse_other_points(title: str, said: str, points: float) -> None:
    try:
        same = not said.strip() or float(said.strip().replace(",", ".")) == points
    except ValueError:
        same = False
    if not same:
        raise LmsFileError(
            f"The column {title} is out of {said.strip()} points in Canvas but out of {points:g} here; give it "
            f"{points:g} points there, and download the gradebook again."
        )


# --- cells


def _plain(cell: str) -> object:
    return cell if _CALLS_NOTHING.fullmatch(cell) else csv_cell(cell)


def _identity(download: Download, title: str, cell: str) -> object:
    return _plain(cell) if any(title in key for key in download.lms.keys if len(key) == 1) else csv_cell(cell)


def _has_formula_for_key(download: Download, row: Sequence[str]) -> bool:
    """Return whether a spreadsheet could read an id in this row, which the import needs unchanged, as a formula."""
    return any((cell := download.read(row, [title])) != _plain(cell) for title in download.lms.imported_by)
