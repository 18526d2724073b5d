"""A class's final scores, one row per student and lab: what nbgrader would export, and who has handed in nothing."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import Total
from autograder.mastery.facts import AttemptFacts
from autograder.model.course import Course
from autograder.model.escaping import csv_cell
from autograder.model.results import Key
from autograder.report.files import OutputError

HEAD = (
    *("student", "name", "lab", "status", "score", "max_score"),
    *("penalty", "hours_late", "handed_in_utc", "attempt", "message"),
)


@dataclass
class FinalScores:
    """Final scores: points from checks and from people, minus late penalties. Add results, then write the rows."""

    roster: dict[str, str]
    labs: dict[str, float]
    totals: dict[Key, Total]
    rows: dict[Key, list[object]] = field(default_factory=dict)

    @classmethod
    def of(cls, course: Course, book: Gradebook) -> "FinalScores":
        """Return a gradebook's scores. It knows a lab once it has been released or graded. Raises GradebookError."""
        known = book.maxima()
        labs = {lab.name: known[lab.name] for lab in course.labs if lab.name in known}
        return cls(book.roster(), labs, {(total.student, total.lab): total for total in book.totals()})

    def add(self, student: str, newest: AttemptFacts) -> None:
        """Add the row of a submission, from its newest attempt."""
        key = (student, newest.lab)
        total = self.totals.get(key)
        status = newest.status if total is None else _status(newest, total)
        points = _points(total, status) if total else ["", newest.max_score, "", "", ""]
        self.rows[key] = [*self._head(key), status, *points, newest.attempt, newest.message or ""]

    def write(self, path: Path) -> None:
        """Write all rows as CSV, sorted by student and lab, including labs without a submission. Raises OutputError."""
        for student in self.roster:
            for lab, most in self.labs.items():
                if (student, lab) not in self.rows:
                    self.rows[student, lab] = self._without_result((student, lab), most)
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                ordered = [self.rows[key] for key in sorted(self.rows)]
                csv.writer(file).writerows([HEAD, *([csv_cell(cell) for cell in row] for row in ordered)])
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}; name another file with --csv.") from error

    def _head(self, key: Key) -> list[object]:
        student, lab = key
        return [student, self.roster.get(student, ""), lab]

    def _without_result(self, key: Key, most: float) -> list[object]:
        """Return the row of a student who handed in nothing, or whose work was graded only by hand in formgrader."""
        if total := self.totals.get(key):
            status = "needs a person" if total.unread else "graded"
            return [*self._head(key), status, *_points(total, status), "", ""]
        return [*self._head(key), "missing", "", most, "", "", "", "", ""]


def _status(newest: AttemptFacts, total: Total) -> str:
    """Return a submission's status. It's "graded" once a person has looked at everything that needed one."""
    if not total.unread:
        return "graded"
    return "needs a person" if newest.status == "graded" else newest.status


def _points(total: Total, status: str) -> list[object]:
    late = "" if total.seconds_late is None else round(total.seconds_late / 3600, 2)
    handed_in = f"{total.handed_in:%Y-%m-%d %H:%M:%S}" if total.handed_in else ""
    score = "" if status == "not graded" else round(total.score, 4)
    return [score, total.max_score, round(total.penalty, 4), late, handed_in]
