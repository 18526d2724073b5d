"""Commands for instructors: grade, feedback, inspect, export, a demo class, and the doctor."""

import json
import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.cli.class_files import write_files
from autograder.cli.class_grading import grade_as_they_come, grade_class, grade_new, grading_terms
from autograder.cli.common import (
    PROCESSES,
    Database,
    Json,
    Labs,
    Processes,
    console,
    course_at_hand,
    require,
    verbs_of,
)
from autograder.model.amounts import amount
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal

# The size of the demo class, not counting hostile students and other unusual ones.
LEARNERS = 6
# With this seed, at least one student in the demo class completes the course.
SEED = 2
verb = verbs_of("Instructors")


@verb("instructor")
def grade(
    labs: Labs = None,
    submitted: Annotated[
        Path, typer.Option(readable=False, help="Folder of submissions: <student>/<lab>/<lab>.ipynb.")
    ] = Path("submitted"),
    results_file: Annotated[
        Path,
        typer.Option(
            "--json",
            readable=False,
            help="Results, one JSON object per line. If a submission has several lines, only the last one counts.",
        ),
    ] = Path("results.jsonl"),
    csv_file: Annotated[
        Path,
        typer.Option(
            "--csv",
            readable=False,
            help="Final scores, one row per student and lab. The scores per stub go in a second file next to it.",
        ),
    ] = Path("scores.csv"),
    student: Annotated[
        str | None,
        typer.Option(
            "--student", metavar="NAME", help="Only grade this student's folder and only update their scores."
        ),
    ] = None,
    db: Database = None,
    processes: Processes = PROCESSES,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Grade on the workers of the Dask cluster whose scheduler has this address."
        ),
    ] = None,
    unsafe_no_sandbox: Annotated[
        bool,
        typer.Option(help="Grade without the sandbox that guards against hostile code. Only for notebooks you trust."),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Keep going as submissions arrive: collect, grade, make feedback, release. Press Ctrl-C to stop.",
        ),
    ] = False,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Regrade anything that was graded by a different version of this program.")
    ] = False,
) -> None:
    """Grade a class into nbgrader's gradebook. Run it again to continue where it left off; unchanged work is skipped.

    Example: mastery grade softmax --submitted submitted
    """
    if cluster:
        require("cluster", "--cluster")
    else:
        # Start this first, so that it runs in the background while everything else loads.
        from autograder.grading.fork_server import prepare

        prepare()
    course = course_at_hand()
    from autograder.gradebook.settings import settings_of

    if watch and regrade:
        raise CourseError("--watch only grades new submissions; run `mastery grade --regrade` first, then --watch.")
    if watch and student is not None:
        raise CourseError("--watch grades every student's submissions, so you can't use it with --student.")
    if watch:
        grade_as_they_come(course, settings_of(course), labs or [], processes, db, sandboxed=not unsafe_no_sandbox)
        return
    files = results_file, csv_file
    sandboxed = not unsafe_no_sandbox
    settings, chosen = settings_of(course), labs or []
    if not grade_class(course, settings, chosen, submitted, files, processes, cluster, student, db, sandboxed, regrade):
        raise typer.Exit(1)


@verb("instructor")
def feedback(labs: Labs = None, db: Database = None, processes: Processes = PROCESSES) -> None:
    """Make the nbgrader feedback pages that are missing or out of date. Then run nbgrader release_feedback to hand them
    out.

    Example: mastery feedback softmax
    """
    course = course_at_hand()
    from autograder.cli.progress import ProgressBar
    from autograder.gradebook.feedback import Pages
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of

    settings = settings_of(course)
    chosen = labs or [lab.name for lab in course.labs]
    pages = Pages(settings)
    complaints = []
    with Gradebook(course, settings, db) as book, book.alone():
        book.refuse_outdated_scores(chosen)
        stale = pages.stale(book, chosen)
        made = pages.generate(course.root, db or settings.folders.db_url, stale, processes)
        with closing(made), ProgressBar("feedback", len(stale)) as (progress, task):
            for (student, lab), complaint in made:
                progress.advance(task)
                complaints += [f"{student}/{lab}: {complaint}"] if complaint else []
    for complaint in complaints:
        console.print(escape(terminal(complaint)), soft_wrap=True)
    console.print(f"Made {amount(len(stale) - len(complaints), 'page')} of feedback.")
    if complaints:
        raise typer.Exit(1)


@verb("instructor")
def inspect(
    student: Annotated[str, typer.Argument(help="A student's name in nbgrader.")],
    lab: Annotated[str, typer.Argument(help="A lab's name.")],
    run: Annotated[bool, typer.Option("--run", help="Run the submission again, without writing anything.")] = False,
    submitted: Annotated[Path, typer.Option(readable=False, help="Folder of submissions.")] = Path("submitted"),
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Show everything about one submission, even what students can't see: every attempt, and every check with its seed.

    Example: mastery inspect ada softmax --run
    """
    course = course_at_hand()
    from autograder.cli.views.inspection import print_inspection
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.inspection import kept, run_again
    from autograder.gradebook.pipeline import job_of
    from autograder.gradebook.settings import settings_of
    from autograder.grading.jobs import GradingContext
    from autograder.grading.pool import isolation_of
    from autograder.model import secrets

    terms = GradingContext(course.root, secrets.load_secret(course.root))
    with Gradebook(course, settings_of(course), db) as book:
        found = kept(course, book, terms, student, lab)
    if run:
        isolation_of(course, terms)
        job = job_of(student, course.lab(lab), submitted / student / lab / f"{lab}.ipynb")
        found = run_again(course, found, terms, job)
    if as_json:
        print(found.model_dump_json())
    else:
        print_inspection(console, course.lab(lab), found)


@verb("instructor")
def export(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", readable=False, help="A gradebook downloaded from Canvas or Moodle as CSV."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="Where to write the filled-in gradebook. By default, FILE's name with -filled added."
        ),
    ] = None,
    db: Database = None,
) -> None:
    """Fill in a gradebook that you downloaded from Canvas or Moodle, so that you can import it there.

    Example: mastery export Grades.csv
    """
    course = course_at_hand()
    from autograder.cli.progress import bring_up_to_date
    from autograder.cli.views.lms import print_export
    from autograder.gradebook.class_evidence import masteries
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.lms.export import fill, read_download, write_table
    from autograder.gradebook.settings import settings_of

    download = read_download(file)
    out = out or file.with_name(f"{file.stem}-filled.csv")
    if out.exists() and out.samefile(file):
        raise CourseError(f"{out} is the gradebook you downloaded; name a different file with --out.")
    with Gradebook(course, settings_of(course), db) as book:
        bring_up_to_date(book)
        book.refuse_outdated_scores([lab.name for lab in course.labs])
        filled = fill(course, book.totals(), masteries(course, book), download)
    write_table(out, filled.table, download.delimiter)
    print_export(console, filled, out)
    if not filled.is_whole:
        raise typer.Exit(1)


@verb("instructor")
def demo(
    folder: Annotated[Path, typer.Argument(help="A new folder for the class.")] = Path("demo-class"),
    processes: Processes = PROCESSES,
) -> None:
    """Simulate a class of students who learn, and some hostile ones, then grade the class and write its report.

    Example: mastery demo demo-class
    """
    course = course_at_hand()
    submitted = folder / "submitted"
    if folder.exists() and any(folder.iterdir()) and not submitted.is_dir():
        raise CourseError(f"{folder} contains other files; name a new folder for the demo class.")
    from autograder.authoring.simulation.learners import MOST_ATTEMPTS, Class, learners
    from autograder.authoring.simulation.notebooks import write_odd_ones
    from autograder.gradebook.class_evidence import survey_class
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.pipeline import places, student_folders
    from autograder.gradebook.settings import settings_of
    from autograder.grading.processes import LocalProcesses
    from autograder.report.class_report import survey_page
    from autograder.report.files import write_pieces

    shutil.rmtree(submitted, ignore_errors=True)
    for stale in ("gradebook.db", "results.jsonl", "scores.csv", "scores-by-stub.csv", "report.html"):
        (folder / stale).unlink(missing_ok=True)
    linux = sys.platform == "linux"
    if not linux:
        console.print(
            "This system has no sandbox to contain hostile code, so the demo class won't include any hostile notebooks."
        )
    terms = grading_terms(course, sandboxed=linux)
    settings = settings_of(course, folder)
    made = Class(course, course.labs, learners(course, LEARNERS, SEED))
    odd = write_odd_ones(course, submitted, hostile=linux)
    db = f"sqlite:///{folder.resolve() / 'gradebook.db'}"
    with Gradebook(course, settings, db) as book:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            written = made.hand_in(submitted, attempt) + (odd if attempt == 1 else 0)
            console.print(
                f"Attempt {attempt}: {amount(written, 'notebook')} handed in to {escape(str(submitted))}",
                soft_wrap=True,
            )
            crew = LocalProcesses(terms, processes)
            grade_new(course, settings, book, list(places(student_folders(submitted), course.labs)), terms, crew)
        made.review(db)
        tally = write_files(course, book, (folder / "results.jsonl", folder / "scores.csv"))
        found = survey_class(course, book)
    write_pieces(folder / "report.html", survey_page(course, found), "DIR")
    tally.print(console)
    console.print(f"Open the class report in a browser: {escape(str(folder / 'report.html'))}", soft_wrap=True)


@verb()
def doctor(as_json: Json = False) -> None:
    """Report how well this machine can contain hostile code, layer by layer.

    Example: mastery doctor
    """
    from rich.table import Table

    from autograder.sandbox import probe

    layers = probe(course_at_hand(elsewhere=True).limits)
    if as_json:
        for layer in layers:
            print(json.dumps({"layer": layer.name, "present": layer.present, "why": layer.why, "fix": layer.fix}))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "", "why", "fix"):
        table.add_column(heading, overflow="fold")
    for layer in layers:
        state = "[green]present[/green]" if layer.present else "[yellow]absent[/yellow]"
        table.add_row(layer.name, state, escape(layer.why), escape(layer.fix or ""))
    console.print(table)
