"""Everything about one submission, for an instructor reviewing a disputed grade. Not for students."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel

from autograder.gradebook.errors import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.answers import earlier_answers
from autograder.grading.connection import NotebookConnection
from autograder.grading.grader import under_test
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model import seeds
from autograder.model.course import Course
from autograder.model.errors import SubmissionError
from autograder.model.results import LabResult, Outcome
from autograder.testing.student import Connection


class GradedAttempt(BaseModel):
    """One result of the submission, as stored."""

    graded_at: datetime
    result: LabResult


class Seen(BaseModel):
    """A check with its seed. `said`: its message. For a hidden check, the full message isn't stored. To get it, run the
    check again."""

    id: str
    kind: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    seed: int
    said: str | None
    called: str | None = None
    got: str | None = None
    wanted: str | None = None
    misconception: str | None = None


class Inspection(BaseModel):
    """Everything we know about a submission.

    attempts: oldest first; the last one is current. cells: the errors from the notebook's own cells, by cell number.
    """

    attempts: list[GradedAttempt]
    checks: list[Seen]
    cells: dict[int, str] = {}


def kept(course: Course, book: Gradebook, terms: GradingContext, student: str, lab: str) -> Inspection:
    """Return what the gradebook knows about a submission. Raises GradebookError if the gradebook doesn't have it."""
    attempts = book.attempts(student, course.lab(lab).name)
    if not attempts:
        raise GradebookError(
            f"{student}'s {lab} isn't in the gradebook; check the spelling of both names, and that it's been graded."
        )
    result = attempts[-1][1]
    checks = [
        Seen(
            id=each.id,
            kind=each.kind,
            title=each.title,
            outcome=each.outcome,
            points=each.points,
            max_points=each.max_points,
            seed=_seed(terms, each.id, each.kind, result.attempt),
            said=each.message,
            misconception=each.misconception,
            **({} if each.difference is None else each.difference.model_dump(include={"called", "got", "wanted"})),
        )
        for each in result.checks
    ]
    return Inspection(attempts=[GradedAttempt(graded_at=at, result=each) for at, each in attempts], checks=checks)


def run_again(course: Course, known: Inspection, terms: GradingContext, job: Job) -> Inspection:
    """Run the current attempt again and add its checks to the inspection. This doesn't change the gradebook.

    Raises CourseError, and SubmissionError if the file can't be read or isn't the one that was graded.
    """
    lab = course.lab(job.lab)
    submission = job.submission()
    last = known.attempts[-1].result
    if job.content_hash != last.content_hash:
        raise SubmissionError(f"{job.path} has changed since it was graded; grade it again first.")
    lines: list[Connection] = []
    with closing(GradingSession(terms)) as session:
        session.grader.in_full = True
        entry = under_test(
            session.course,
            session.sandbox,
            submission,
            lab,
            last.attempt,
            student=job.student,
            helper=session.helper,
            earlier=earlier_answers([each.result for each in known.attempts], last.attempt),
        )

        def connect() -> Connection:
            lines.append(entry.connect())
            return lines[-1]

        asked = replace(entry, connect=connect)
        session.run_checks(asked)
        runs = {f"{lab.name}::{run.check.stub}::{run.name}": run for run in session.grader.runs[asked.key]}
        checks = []
        for found in session.grader.evidence(asked):
            run = runs[found.id]
            parts = run.verdict.difference
            checks.append(
                Seen(
                    **found.model_dump(include={"id", "kind", "title", "outcome", "points", "max_points"}),
                    seed=run.seed,
                    said=run.verdict.message,
                    misconception=found.misconception,
                    **({} if parts is None else parts.model_dump(include={"called", "got", "wanted"})),
                )
            )
    return known.model_copy(update={"checks": checks, "cells": _cell_errors(lines)})


def _cell_errors(lines: Sequence[Connection]) -> dict[int, str]:
    notebooks = [each for each in lines if isinstance(each, NotebookConnection)]
    return {number: failure.message for each in notebooks for number, failure in each.cell_failures.items()}


def _seed(terms: GradingContext, name: str, kind: str, attempt: int) -> int:
    lab, stub, check = name.split("::")
    if kind == "visible":
        return seeds.public_seed(lab, stub, check)
    return seeds.secret_seed(terms.secret, lab, stub, check, attempt)
