"""Grade a class for `mastery grade` and `mastery demo`, show what happened, and write the files."""

import itertools
import shlex
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from autograder.cli.class_files import write_files
from autograder.cli.common import console, labs_of
from autograder.model.escaping import terminal, utf8
from autograder.model.garbage import collect_less

if TYPE_CHECKING:
    from autograder.gradebook.changes import Change
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.pipeline import Place
    from autograder.gradebook.settings import Settings
    from autograder.grading.cluster import Cluster
    from autograder.grading.jobs import GradingContext
    from autograder.grading.pool import ProcessPool
    from autograder.model.course import Course


def grade_class(
    course: "Course",
    settings: "Settings",
    labs: Sequence[str],
    submitted: Path,
    files: tuple[Path, Path],
    processes: int,
    cluster: str | None = None,
    student: str | None = None,
    db: str | None = None,
    sandboxed: bool = True,
    regrade: bool = False,
) -> bool:
    """Grade a class, show the results and write the files. Return whether every submission was graded.

    files: the paths for the results and for the scores. Raises UserError.
    """
    from autograder.cli.progress import bring_up_to_date
    from autograder.cli.views.tallies import LOOSE_NOTEBOOK, UNKNOWN_FOLDER
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.pipeline import (
        linked_folders,
        loose_notebooks,
        places,
        strange_folders,
        student_folders,
        without_removed,
    )
    from autograder.grading.processes import LocalProcesses
    from autograder.report.files import beside, refuse_unwritable

    # Reject wrong names before creating a gradebook or waiting for its lock.
    labs_of(course, labs)
    student_folders(submitted, student)
    terms = grading_terms(course, sandboxed)
    by_stub = beside(files[1])
    for file, option in ((files[0], "--json"), (files[1], "--csv"), (by_stub, "--csv")):
        refuse_unwritable(file, option)
    # Looking for garbage used to take a sixth of this process's time.
    collect_less()
    with Gradebook(course, settings, db) as book, book.alone() as course:
        # More work may have been handed in while this process waited.
        chosen, folders = labs_of(course, labs), student_folders(submitted, student)
        crew = _cluster(cluster, course, terms) if cluster else LocalProcesses(terms, processes)
        bring_up_to_date(book)
        kept, removed = without_removed(folders, book.removed())
        if removed:
            console.print(escape(terminal(left_out(removed))), soft_wrap=True)
        found = list(places(kept, chosen))
        changes = book.adopt_points()
        changes += grade_new(course, settings, book, found, terms, crew, regrade)
        named = None if student is None else utf8(student)
        changes += book.count_lateness(named)
        others = {each.student for each in changes}
        # Changed points may affect other students, too.
        only = None if others - {named} else named
        tally = write_files(course, book, files, {(name, lab.name) for name, lab, _ in found}, only)
    tally.set_aside(linked_folders(course, folders))
    for reason, strange in (
        (UNKNOWN_FOLDER, strange_folders(course, folders)),
        (LOOSE_NOTEBOOK, loose_notebooks(folders)),
    ):
        if strange:
            tally.eye[reason] += strange
    tally.print(console)
    if changes:
        console.print("[bold]Changed scores[/bold] (`mastery changes` prints them again)")
    for change in sorted(changes, key=lambda each: (each.student, each.lab)):
        console.print(escape(terminal(f"  {change}")), soft_wrap=True)
    named = f"Results: {files[0]}   scores: {files[1]}   per stub: {by_stub}"
    console.print(escape(named), soft_wrap=True)
    return tally.all_graded


def left_out(removed: Sequence[str]) -> str:
    """Return the message that says whose work is left out, and how to add a student back."""
    who = ", ".join(removed)
    return (
        f"Work by {who} is left out, because they were dropped or renamed. To add a student back: nbgrader db student "
        f"add {shlex.quote(removed[0])}"
    )


def grade_new(
    course: "Course",
    settings: "Settings",
    book: "Gradebook",
    found: "Collection[Place]",
    terms: "GradingContext",
    crew: "ProcessPool",
    regrade: bool = False,
) -> "list[Change]":
    """Grade what isn't graded yet, with a progress bar, and return the scores that changed. Raises UserError.

    regrade: whether to also regrade what was graded by a different version of this program.
    """
    from autograder.cli.progress import ProgressBar
    from autograder.gradebook.pipeline import ToGrade, grade_into, refuse_other_secret

    refuse_other_secret(book, course, found, terms)
    todo = ToGrade(book, course, found, terms, regrade)
    jobs = iter(todo)
    changes = []
    if first := next(jobs, None):
        graded = grade_into(book, course, settings, itertools.chain([first], jobs), terms, crew)
        with closing(graded) as chunks, ProgressBar("graded", len(found)) as (progress, task):
            done = 0
            for chunk, changed in chunks:
                changes += changed
                done += len(chunk)
                progress.update(task, completed=todo.unchanged + done)
            progress.update(task, completed=todo.unchanged + done)
    if said := todo.about_other_versions():
        console.print(said, soft_wrap=True)
    if todo.unchanged:
        console.print(f"{todo.unchanged} of {len(found)} submissions are graded and unchanged.")
    return changes


def grading_terms(course: "Course", sandboxed: bool) -> "GradingContext":
    """Return the context for grading a batch, and warn about missing layers of the sandbox. Raises UserError."""
    from autograder.grading.jobs import GradingContext
    from autograder.grading.pool import isolation_of
    from autograder.model import secrets

    terms = GradingContext(course.root, secrets.load_secret(course.root), sandboxed)
    for warning in isolation_of(course, terms):
        console.print(f"[yellow]{escape(warning)}[/yellow]")
    return terms


def _cluster(address: str, course: "Course", terms: "GradingContext") -> "Cluster":
    from autograder.grading.cluster import Cluster

    return Cluster(address, course, terms, lambda text: console.print(f"[yellow]{escape(terminal(text))}[/yellow]"))


def grade_as_they_come(
    course: "Course", settings: "Settings", labs: Sequence[str], processes: int, db: str | None, sandboxed: bool
) -> None:
    """Grade submissions as they arrive, until Ctrl-C. Raises UserError."""
    from autograder.gradebook.continuous import watch_exchange

    def tell(text: str) -> None:
        console.print(escape(terminal(text)), soft_wrap=True)

    terms = grading_terms(course, sandboxed)
    chosen = [course.lab(name).name for name in labs] or [lab.name for lab in course.labs]
    tell(f"Waiting for submissions of {', '.join(chosen)}. Press Ctrl-C to stop.")
    try:
        watch_exchange(course.root, settings, chosen, terms, processes, db or settings.folders.db_url, tell)
    except KeyboardInterrupt:
        tell("Stopped. Run the same command again to continue where it left off.")
