"""The student and the attempt that a check runs for: what a student's own questions are drawn from."""

from dataclasses import dataclass

from autograder.model.submission import Submission


@dataclass(frozen=True)
class Examinee:
    """The student and the attempt that a check runs for.

    student: by the course's records; None in a self-check of a notebook that names none, which means who is logged
    in. named: the student that the notebook names, where it is graded.
    """

    student: str | None = None
    attempt: int = 1
    named: str | None = None


def examinee_of(submission: Submission, student: str | None, attempt: int) -> Examinee:
    """Who is graded, and in a self-check (no student) who and which attempt the notebook names."""
    named = submission.constant("STUDENT")
    named = named if isinstance(named, str) and named else None
    if student is not None:
        return Examinee(student, attempt, named)
    return Examinee(named, attempt_from(submission.constant("ATTEMPT")))


def attempt_from(value: object) -> int:
    """The number that a notebook gives its attempt; 1 where it gives none that can be."""
    return value if type(value) is int and 1 <= value < 10**6 else 1
