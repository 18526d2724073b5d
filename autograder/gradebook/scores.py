"""A class's final scores, one row per student and lab: nbgrader's export, plus students who submitted nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.gradebook.records import Total
from autograder.mastery.facts import AttemptFacts

HEAD = (
    *("student", "name", "lab", "status", "score", "max_score"),
    *("penalty", "hours_late", "handed_in_utc", "attempt", "message"),
)


@dataclass(frozen=True)
class FinalScores:
    """Final scores: the points from checks and from manual grading, minus late penalties.

    roster: each student's full name. labs: the maximum points of each lab that nbgrader knows about. nbgrader knows
    about a lab once it's been released or graded.
    """

    roster: Mapping[str, str]
    labs: Mapping[str, float]

    def rows(
        self, student: str, newest: Mapping[str, AttemptFacts], totals: Mapping[str, Total]
    ) -> Iterator[list[object]]:
        """Yield a student's rows, sorted by lab, including labs without a submission.

        newest: the newest attempt at each lab. totals: the total for each lab in nbgrader.
        """
        for lab in sorted({*self.labs, *newest}):
            head = [student, self.roster.get(student, ""), lab]
            if lab in newest:
                yield head + _of_result(newest[lab], totals.get(lab))
            else:
                yield head + _without_result(totals.get(lab), self.labs[lab])


def _of_result(newest: AttemptFacts, total: Total | None) -> list[object]:
    """Return the last cells of a submission's row, from its newest attempt."""
    status = newest.status if total is None else _status(newest, total)
    points = _points(total, status) if total else ["", newest.max_score, "", "", ""]
    return [status, *points, newest.attempt, newest.message or ""]


def _without_result(total: Total | None, most: float) -> list[object]:
    """Return the last cells of a row for a student who submitted nothing, or whose work was graded only by hand."""
    if total is None:
        return ["missing", "", most, "", "", "", "", ""]
    status = "needs a person" if total.unread else "graded"
    return [status, *_points(total, status), "", ""]


def _status(newest: AttemptFacts, total: Total) -> str:
    """Return a submission's status: "graded" once a person has looked at everything that needs manual grading."""
    if not total.unread:
        return "graded"
    return "needs a person" if newest.status == "graded" else newest.status


def _points(total: Total, status: str) -> list[object]:
    late = "" if total.seconds_late is None else round(total.seconds_late / 3600, 2)
    handed_in = f"{total.handed_in:%Y-%m-%d %H:%M:%S}" if total.handed_in else ""
    score = "" if status == "not graded" else round(total.score, 4)
    return [score, total.max_score, round(total.penalty, 4), late, handed_in]
