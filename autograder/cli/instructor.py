"""What an instructor does with a class: grade, feedback, inspect, export; a demo of it, and the doctor."""

import json
import shlex
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from autograder.cli.common import (
    PROCESSES,
    Bar,
    Database,
    Json,
    Labs,
    Processes,
    console,
    course_at_hand,
    verbs_of,
)
from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal

if TYPE_CHECKING:
    from autograder.cli.views.text import ClassTally
    from autograder.gradebook.changes import Change
    from autograder.gradebook.gradebook import Book
    from autograder.gradebook.settings import Settings
    from autograder.grading.cluster import Cluster
    from autograder.grading.jobs import Job, Terms
    from autograder.grading.pool import Crew
    from autograder.model.results import LabResult
    from autograder.report.files import Key

# Of the demo class; hostile students and other odd ones come on top.
LEARNERS = 6
# Of a class in which somebody completes the course.
SEED = 23
verb = verbs_of("An instructor")


@verb()
def grade(
    labs: Labs = None,
    submitted: Annotated[
        Path, typer.Option(readable=False, help="Folder of submissions: <student>/<lab>/<lab>.ipynb.")
    ] = Path("submitted"),
    results_file: Annotated[
        Path, typer.Option("--json", readable=False, help="Results, one JSON object a submission.")
    ] = Path("results.jsonl"),
    csv_file: Annotated[
        Path,
        typer.Option(
            "--csv", readable=False, help="Final scores, one row per student and lab; beside it, those per stub."
        ),
    ] = Path("scores.csv"),
    student: Annotated[
        str | None, typer.Option("--student", metavar="NAME", help="Look at this student's folder only.")
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
        bool, typer.Option(help="Grade where the system cannot hold hostile code. Only for notebooks you trust.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Go on, as submissions arrive: collect, grade, feedback, release. Ctrl-C ends it."
        ),
    ] = False,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what another version of this program graded.")
    ] = False,
) -> None:
    """Grade a class into nbgrader's gradebook. Run again, it goes on where it stopped; what is unchanged is skipped.

    Example: mastery grade softmax --submitted submitted
    """
    course = course_at_hand()
    if not cluster:
        # Before anything else that takes long to load.
        from autograder.grading.processes import prepare

        prepare()
    from autograder.gradebook.settings import settings_of

    if watch and regrade:
        raise CourseError("--watch grades what comes in; run `mastery grade --regrade` first, then --watch.")
    if watch and student is not None:
        raise CourseError("--watch grades everyone who hands in; leave out --student, or --watch.")
    if watch:
        grade_as_they_come(course, settings_of(course), labs or [], processes, db, sandboxed=not unsafe_no_sandbox)
        return
    files = results_file, csv_file
    sandboxed = not unsafe_no_sandbox
    settings, chosen = settings_of(course), labs or []
    if not grade_class(course, settings, chosen, submitted, files, processes, cluster, student, db, sandboxed, regrade):
        raise typer.Exit(1)


def grade_class(
    course: Course,
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
    """Grade, show and write it all; whether every submission was graded. `files`: for the results, for the scores."""
    from autograder.cli.views.text import UNKNOWN_FOLDER
    from autograder.gradebook.gradebook import Book
    from autograder.gradebook.pipeline import (
        find_jobs,
        linked_folders,
        strange_folders,
        student_folders,
        without_removed,
    )
    from autograder.grading.processes import LocalProcesses
    from autograder.report.files import beside, refuse_unwritable

    terms = _terms(course, sandboxed)
    by_stub = beside(files[1])
    for file, option in ((files[0], "--json"), (files[1], "--csv"), (by_stub, "--csv")):
        refuse_unwritable(file, option)
    crew = _cluster(cluster, course, terms) if cluster else LocalProcesses(terms, processes)
    with Book(course, settings, db) as book, book.alone():
        jobs, removed = without_removed(find_jobs(course, submitted, labs, student), book.removed())
        if removed:
            console.print(escape(terminal(left_out(removed))), soft_wrap=True)
        changes, penalties = book.adopt_points()
        changes += grade_new(course, settings, book, jobs, terms, crew, regrade)
        penalties += book.count_lateness()
        tally = write_files(course, book, files, {(job.student, job.lab) for job in jobs})
    folders = student_folders(submitted, student)
    tally.set_aside(linked_folders(course, folders))
    if strange := strange_folders(course, folders):
        tally.eye[UNKNOWN_FOLDER] += strange
    tally.print(console)
    if changes:
        console.print("[bold]Changed scores[/bold] (`mastery changes` prints them again)")
    for change in changes:
        console.print(escape(terminal(f"  {change}")), soft_wrap=True)
    if penalties:
        console.print("[bold]Changed late penalties, in points[/bold]")
    for penalty in penalties:
        said = f"  {'/'.join(penalty.key)}: {penalty.before:g} -> {penalty.now:g}"
        console.print(escape(terminal(said)), soft_wrap=True)
    named = f"Results: {files[0]}   scores: {files[1]}   per stub: {by_stub}"
    console.print(escape(named), soft_wrap=True)
    return tally.all_graded


def left_out(removed: Sequence[str]) -> str:
    """That the folders of dropped students aren't graded, and how to take one back."""
    who = ", ".join(removed)
    return (
        f"The work of {who} is left out, because they were dropped. To take a student back: nbgrader db student add "
        f"{shlex.quote(removed[0])}"
    )


def grade_new(
    course: Course,
    settings: "Settings",
    book: "Book",
    jobs: "Sequence[Job]",
    terms: "Terms",
    crew: "Crew",
    regrade: bool = False,
) -> "list[Change]":
    """Grade what is not graded yet, under a bar; the scores that changed."""
    from autograder.gradebook.pipeline import grade_into, graded_otherwise, numbered, still_to_grade

    known = book.graded()
    jobs = numbered(jobs, known, course, terms)
    todo = still_to_grade(jobs, known, course)
    otherwise = graded_otherwise(jobs, known, course)
    if regrade:
        todo += otherwise
    elif otherwise:
        console.print(
            f"{len(otherwise)} of {len(jobs)} submissions were graded by another version of this program. Their scores "
            "stay as they are; `mastery grade --regrade` grades them again.",
            soft_wrap=True,
        )
    if len(todo) < len(jobs):
        console.print(f"{len(jobs) - len(todo)} of {len(jobs)} submissions are graded and unchanged.")
    changes = []
    graded = grade_into(book, course, settings, todo, terms, crew)
    with closing(graded) as chunks, Bar("graded", len(todo)) as (progress, task):
        for chunk, changed in chunks:
            changes += changed
            progress.advance(task, len(chunk))
    return changes


def write_files(
    course: Course, book: "Book", files: tuple[Path, Path], keys: "Collection[Key] | None" = None
) -> "ClassTally":
    """All results and scores of the gradebook, and a tally of those named. Raises CourseError."""
    from autograder.cli.views.text import ClassTally
    from autograder.gradebook.scores import FinalScores
    from autograder.report.files import beside, stub_row, write_results, write_stub_rows

    tally, rows, scores = ClassTally(course), list[list[object]](), FinalScores.of(course, book)

    def counted() -> "Iterator[LabResult]":
        for result in book.each_result():
            rows.append(stub_row(course, result))
            scores.add(result)
            if keys is None or (result.student, result.lab) in keys:
                tally.add(result)
            yield result

    write_results(files[0], counted())
    scores.write(files[1])
    write_stub_rows(beside(files[1]), course, rows)
    return tally


def _terms(course: Course, sandboxed: bool) -> "Terms":
    """What a batch is graded under; warns of walls that this machine lacks. Raises CourseError."""
    from autograder.grading.jobs import Terms
    from autograder.grading.pool import isolation_of
    from autograder.model import seeds

    terms = Terms(course.root, seeds.load_secret(course.root), sandboxed)
    for warning in isolation_of(course, terms):
        console.print(f"[yellow]{escape(warning)}[/yellow]")
    return terms


def _cluster(address: str, course: Course, terms: "Terms") -> "Cluster":
    try:
        from autograder.grading.cluster import Cluster
    except ModuleNotFoundError as error:
        raise CourseError(f"--cluster needs {error.name}; install it: pip install 'llm-mastery[cluster]'") from error
    return Cluster(address, course, terms, lambda text: console.print(f"[yellow]{escape(terminal(text))}[/yellow]"))


def grade_as_they_come(
    course: Course, settings: "Settings", labs: Sequence[str], processes: int, db: str | None, sandboxed: bool
) -> None:
    """Until Ctrl-C. Raises CourseError."""
    from autograder.gradebook.continuous import Rounds

    def tell(text: str) -> None:
        console.print(escape(terminal(text)), soft_wrap=True)

    terms = _terms(course, sandboxed)
    chosen = [course.lab(name).name for name in labs] or [lab.name for lab in course.labs]
    rounds = Rounds(course.root, settings, chosen, terms, processes, db or settings.folders.db_url, tell)
    tell(f"Waiting for submissions of {', '.join(chosen)}. Ctrl-C ends it.")
    try:
        rounds.run()
    except KeyboardInterrupt:
        tell("Ended. Begun again, it goes on where it stopped.")


@verb()
def feedback(labs: Labs = None, db: Database = None, processes: Processes = PROCESSES) -> None:
    """Make nbgrader's feedback wherever its page would change; nbgrader release_feedback hands it out.

    Example: mastery feedback softmax
    """
    course = course_at_hand()
    from autograder.gradebook.feedback import Pages
    from autograder.gradebook.gradebook import Book
    from autograder.gradebook.settings import settings_of

    settings = settings_of(course)
    chosen = labs or [lab.name for lab in course.labs]
    pages = Pages(settings)
    complaints = []
    with Book(course, settings, db) as book, book.alone():
        stale = pages.stale(book, chosen)
        made = pages.generate(course.root, db or settings.folders.db_url, stale, processes)
        with closing(made), Bar("feedback", len(stale)) as (progress, task):
            for (student, lab), complaint in made:
                progress.advance(task)
                complaints += [f"{student}/{lab}: {complaint}"] if complaint else []
    for complaint in complaints:
        console.print(escape(terminal(complaint)), soft_wrap=True)
    console.print(f"{len(stale) - len(complaints)} pages of feedback were made.")
    if complaints:
        raise typer.Exit(1)


@verb()
def inspect(
    student: Annotated[str, typer.Argument(help="A student, by nbgrader's name.")],
    lab: Annotated[str, typer.Argument(help="A lab by name.")],
    run: Annotated[bool, typer.Option("--run", help="Run it again; nothing is written.")] = False,
    submitted: Annotated[Path, typer.Option(readable=False, help="Folder of submissions.")] = Path("submitted"),
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Show one submission with everything, what students may not see too: every attempt, every check, its seed.

    Example: mastery inspect ada softmax --run
    """
    course = course_at_hand()
    from autograder.cli.views.inspection import print_inspection
    from autograder.gradebook.gradebook import Book
    from autograder.gradebook.inspection import kept, run_again
    from autograder.gradebook.pipeline import job_of
    from autograder.gradebook.settings import settings_of
    from autograder.grading.jobs import Terms
    from autograder.grading.pool import isolation_of
    from autograder.model import seeds

    terms = Terms(course.root, seeds.load_secret(course.root))
    with Book(course, settings_of(course), db) as book:
        found = kept(course, book, terms, student, lab)
    if run:
        isolation_of(course, terms)
        job = job_of(student, course.lab(lab), submitted / student / lab / f"{lab}.ipynb")
        found = run_again(course, found, terms, job)
    if as_json:
        print(found.model_dump_json())
    else:
        print_inspection(console, found)


@verb()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="A gradebook from Canvas or Moodle, CSV.")
    ],
    out: Annotated[
        Path | None, typer.Option(readable=False, help="The filled gradebook; FILE's name with -filled by default.")
    ] = None,
    db: Database = None,
) -> None:
    """Fill a gradebook that you downloaded from Canvas or Moodle with what was reached, for import there.

    Example: mastery export Grades.csv
    """
    course = course_at_hand()
    from autograder.cli.views.lms import print_export
    from autograder.gradebook.gradebook import Book
    from autograder.gradebook.lms.export import fill, read_download, write_table
    from autograder.gradebook.settings import settings_of
    from autograder.mastery.class_report import masteries

    download = read_download(file)
    out = out or file.with_name(f"{file.stem}-filled.csv")
    if out.exists() and out.samefile(file):
        raise CourseError(f"{out} is the gradebook that you downloaded; name another file with --out.")
    with Book(course, settings_of(course), db) as book:
        filled = fill(course, book.totals(), masteries(course, book), download)
    write_table(out, filled.table, download.delimiter)
    print_export(console, filled, out)
    if not filled.is_whole:
        raise typer.Exit(1)


@verb()
def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of its own for the class.")] = Path("demo-class"),
    processes: Processes = PROCESSES,
) -> None:
    """Make a class of simulated students who learn, and hostile ones among them, grade it, and write its report.

    Example: mastery demo demo-class
    """
    course = course_at_hand()
    submitted = folder / "submitted"
    if folder.exists() and any(folder.iterdir()) and not submitted.is_dir():
        raise CourseError(f"{folder} holds other files; name a new folder for the demo class.")
    from autograder.authoring.simulation.learners import MOST_ATTEMPTS, Class, learners
    from autograder.authoring.simulation.notebooks import write_odd_ones
    from autograder.gradebook.gradebook import Book
    from autograder.gradebook.pipeline import find_jobs
    from autograder.gradebook.settings import settings_of
    from autograder.grading.processes import LocalProcesses
    from autograder.mastery.class_report import survey
    from autograder.report.class_report import survey_page
    from autograder.report.files import write_text

    shutil.rmtree(submitted, ignore_errors=True)
    for stale in ("gradebook.db", "results.jsonl", "scores.csv", "scores-by-stub.csv", "report.html"):
        (folder / stale).unlink(missing_ok=True)
    linux = sys.platform == "linux"
    if not linux:
        console.print("This system has no sandbox for hostile code, so only honest notebooks are made and graded.")
    terms = _terms(course, sandboxed=linux)
    settings = settings_of(course, folder)
    made = Class(course, course.labs, learners(course, LEARNERS, SEED))
    odd = write_odd_ones(course, submitted, hostile=linux)
    db = f"sqlite:///{folder.resolve() / 'gradebook.db'}"
    with Book(course, settings, db) as book:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            written = made.hand_in(submitted, attempt) + (odd if attempt == 1 else 0)
            console.print(
                f"Attempt {attempt}: {written} notebooks handed in to {escape(str(submitted))}", soft_wrap=True
            )
            crew = LocalProcesses(terms, processes)
            grade_new(course, settings, book, find_jobs(course, submitted, []), terms, crew)
        made.review(db)
        tally = write_files(course, book, (folder / "results.jsonl", folder / "scores.csv"))
        found = survey(course, book)
    write_text(folder / "report.html", survey_page(course, found), "DIR")
    tally.print(console)
    console.print(f"Open the class report in a browser: {escape(str(folder / 'report.html'))}", soft_wrap=True)


@verb()
def doctor(as_json: Json = False) -> None:
    """Say what this machine offers to hold hostile code, layer by layer.

    Example: mastery doctor
    """
    from autograder.sandbox.probe import probe

    layers = probe(course_at_hand(elsewhere=True).limits)
    if as_json:
        for layer in layers:
            print(json.dumps({"layer": layer.name, "present": layer.present, "why": layer.why, "mend": layer.mend}))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "", "why", "mend"):
        table.add_column(heading, overflow="fold")
    for layer in layers:
        state = "[green]present[/green]" if layer.present else "[yellow]absent[/yellow]"
        table.add_row(layer.name, state, escape(layer.why), escape(layer.mend or ""))
    console.print(table)
