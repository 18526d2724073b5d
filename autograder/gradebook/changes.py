"""Scores and late penalties that changed even though the attempt didn't: before, after, and why."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from autograder.model.results import LabResult

# Each check's points are rounded, so we ignore any difference smaller than this.
ROUNDING = 0.001


class Change(BaseModel):
    """A submission's changed score or late penalty, or both, as stored in the gradebook.

    before, after: the score from checks; None if the submission wasn't graded. penalty_before, penalty_after: the late
    penalty in points; None if it didn't change. why: why the score changed or, if only the penalty did, how late the
    submission is.
    """

    model_config = ConfigDict(frozen=True)

    changed_at: datetime
    student: str
    lab: str
    attempt: int
    before: float | None
    max_before: float
    after: float | None
    max_after: float
    why: str
    penalty_before: float | None = None
    penalty_after: float | None = None

    def __str__(self) -> str:
        before, after = _points(self.before), _points(self.after)
        if self.max_before != self.max_after:
            before, after = f"{before} of {self.max_before:g}", f"{after} of {self.max_after:g}"
        said = f"{before} -> {after}, because {self.why}"
        if self.penalty_before is not None:
            now = f"its late penalty is now {_points(self.penalty_after)} points instead of "
            now += _points(self.penalty_before)
            same = not differs(self.before, self.after) and self.max_before == self.max_after
            said = f"{now} ({self.why})" if same else f"{said}; {now}"
        return f"{self.student}/{self.lab}: {said}"


def differs(before: float | None, after: float | None) -> bool:
    """Return whether two scores differ by more than rounding errors."""
    return before != after if before is None or after is None else abs(before - after) >= ROUNDING


def why_regraded(before: LabResult, after: LabResult) -> str:
    """Return why the score changed when the same attempt was graded again: the checks that made the difference."""
    if before.score is None or after.score is None:
        return after.message or before.message or "it was graded again"
    was = {each.id: each for each in before.checks}
    now = {each.id: each for each in after.checks}
    said = [f"{name} no longer exists" for name in was if name not in now]
    for name, each in now.items():
        if name not in was:
            said.append(f"{name} is new ({each.outcome})")
        elif was[name].outcome != each.outcome:
            said.append(f"{name} was {was[name].outcome} and is now {each.outcome}")
    return "; ".join(said) or "the points are split differently among the checks"


def how_late(seconds: float) -> str:
    """Return the reason for a submission's late penalty: how long after the due date it was handed in."""
    return f"handed in {max(0.01, round(seconds / 3600, 2)):g} h late" if seconds else "not late"


def _points(score: float | None) -> str:
    return "not graded" if score is None else f"{round(score, 4):.10g}"
