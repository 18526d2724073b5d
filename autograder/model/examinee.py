"""The student that a check runs for, and the rounds they're answering, which determine their questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.model.answers import NotWrittenDown, read_answer
from autograder.model.submission import Submission

# Maps each item and round to the answer that was graded, as text.
Earlier = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Examinee:
    """The student that a check runs for.

    student: the name in the course's records. In a self-check, the student that the notebook names. None means that the
        notebook doesn't name anyone, so the student is the user who's logged in.
    named: during grading, the student that the notebook names.
    rounds: for each item, the round that its cell answers.
    earlier: the answers that have already been graded; None if we don't know them, as in a self-check.
    """

    student: str | None = None
    named: str | None = None
    rounds: Mapping[str, int] = field(default_factory=dict)
    earlier: Earlier | None = None

    def round_of(self, item: str) -> int:
        """Return the round of an item that the notebook answers, counted from 1."""
        return self.rounds.get(item, 1)

    def newest_open(self, item: str) -> int:
        """Return the latest round that may be answered: the first one that hasn't been graded yet."""
        return 1 + max((self.earlier or {}).get(item, {}), default=0)


def examinee_of(
    submission: Submission, items: Iterable[str], student: str | None, earlier: Earlier | None = None
) -> Examinee:
    """Return the student who's being graded or, in a self-check (`student` is None), the one that the notebook names.

    The result includes, for each of these items, the round that the notebook answers.
    """
    named = submission.constant("STUDENT")
    named = named if isinstance(named, str) and named else None
    rounds = {item: round_in(cell.source, item) for item in items if (cell := submission.cell_of(item))}
    if student is not None:
        return Examinee(student, named, rounds, earlier or {})
    return Examinee(named, None, rounds)


def round_in(source: str, item: str) -> int:
    """Return the round of an item that a cell answers.

    If we can't read the round, return 1, since then we can't read the answer either.
    """
    try:
        return read_answer(source, item).round
    except NotWrittenDown:
        return 1
