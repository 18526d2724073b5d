"""What an author of labs does: build what students open, prove the checks."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from autograder.cli.common import (
    PROCESSES,
    Json,
    Labs,
    Processes,
    console,
    course_of_author,
    labs_of,
    verbs_of,
)
from autograder.model.escaping import terminal

verb = verbs_of("Authors")


@verb()
def new(lab: Annotated[str, typer.Argument(help="The new lab's name: lowercase letters, digits and _.")]) -> None:
    """Lay out a new lab with one example stub. It already builds and certifies; replace it with your own.

    Example: mastery new average
    """
    course = course_of_author(confirming=True)
    from autograder.authoring.scaffold import scaffold

    for path in scaffold(course, lab):
        console.print(f"wrote {escape(str(path.relative_to(course.root)))}", soft_wrap=True)
    console.print(f"Next: mastery build, then mastery certify {lab}. docs/authors.md explains each file.")


@verb("author")
def build(
    student: Annotated[
        bool, typer.Option("--student", help="Also what you hand out: a wheel with the course, a zip of the notebooks.")
    ] = False,
) -> None:
    """Make the exercises that students open from solutions/.

    Example: mastery build --student
    """
    course = course_of_author(confirming=True)
    from autograder.authoring import build as authoring

    written, removed = authoring.build(course)
    if student:
        from autograder.authoring.student_package import hand_out

        written += hand_out(course)
    for path in written:
        console.print(f"wrote {escape(str(path.relative_to(course.root)))}", soft_wrap=True)
    for path in removed:
        console.print(f"removed {escape(str(path.relative_to(course.root)))}", soft_wrap=True)


@verb("author")
def certify(labs: Labs = None, processes: Processes = PROCESSES, as_json: Json = False) -> None:
    """Prove the checks: every wrong answer fails and is named, every right one earns full marks, and a visible check
    shows students what's wrong.

    Example: mastery certify softmax
    """
    course = course_of_author(confirming=False)
    chosen = labs_of(course, labs)
    from autograder.authoring.certify import certify as certify_labs
    from autograder.authoring.certify import trials
    from autograder.authoring.expectations import undeclared
    from autograder.cli.progress import ProgressBar
    from autograder.model import secrets

    # A lab's visible checks are judged by all its trials together, which is one more.
    planned = {lab.name: 1 + sum(1 for _ in trials(course, lab)) for lab in chosen}
    right: Counter[str] = Counter()
    complaints, notes = [], []
    verdicts = certify_labs(course, chosen, secrets.load_secret(course.root), processes)
    with closing(verdicts), ProgressBar("trials", sum(planned.values()), quiet=as_json) as (progress, task):
        for verdict in verdicts:
            progress.advance(task)
            right[verdict.lab] += not verdict.complaints
            complaints += [verdict] if verdict.complaints else []
            notes += [f"{verdict.lab}: {note}" for note in verdict.notes]
            if as_json:
                print(json.dumps(asdict(verdict)))
    if not as_json:
        for verdict in sorted(complaints, key=lambda verdict: (verdict.lab, verdict.trial)):
            console.print(f"[red]{verdict.lab}: {escape(verdict.trial)}[/red]")
            for complaint in verdict.complaints:
                console.print(f"    {escape(terminal(complaint))}")
        for name, count in planned.items():
            console.print(f"{name}: {right[name]} of {count} trials came out as they must")
        for note in notes:
            console.print(escape(note), soft_wrap=True)
        for lab in chosen:
            for note in undeclared(course, lab):
                console.print(f"{lab.name}: {escape(note)}", soft_wrap=True)
    if complaints:
        raise typer.Exit(1)
