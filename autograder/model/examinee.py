"""The student that a check runs for and the rounds they answer: what their own questions are drawn from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.model.answers import NotWrittenDown, read_answer
from autograder.model.submission import Submission

# By the item, and by the round: the answer that was graded, as text.
Earlier = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True)
class Examinee:
    """The student that a check runs for.

    student: by the course's records; None in a self-check of a notebook that names none, which means who is logged
    in. named: the student that the notebook names, where it is graded. rounds: by the item, the round that its cell
    says it answers. earlier: the answers that were graded before; None where that isn't known, as in a self-check.
    """

    student: str | None = None
    named: str | None = None
    rounds: Mapping[str, int] = field(default_factory=dict)
    earlier: Earlier | None = None

    def round_of(self, item: str) -> int:
        """Return the round that the notebook answers of an item, from 1."""
        return self.rounds.get(item, 1)

    def newest_open(self, item: str) -> int:
        """Return the newest round that may be answered: the first that wasn't graded yet."""
        return 1 + max((self.earlier or {}).get(item, {}), default=0)


def examinee_of(
    submission: Submission, items: Iterable[str], student: str | None, earlier: Earlier | None = None
) -> Examinee:
    """Who is graded, and in a self-check (no student) whom the notebook names; and its rounds of these items."""
    named = submission.constant("STUDENT")
    named = named if isinstance(named, str) and named else None
    rounds = {item: round_in(cell.source, item) for item in items if (cell := submission.cell_of(item))}
    if student is not None:
        return Examinee(student, named, rounds, earlier or {})
    return Examinee(named, None, rounds)


def round_in(source: str, item: str) -> int:
    """The round that a cell answers of an item; 1 where that can't be read, and neither can the answer."""
    try:
        return read_answer(source, item).round
    except NotWrittenDown:
        return 1
