"""The `mastery` command: one verb a job.

Exit codes: 0 all well, 1 checks failed or not all was graded, 2 used wrongly.
"""

import io
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from typer.core import TyperGroup

from autograder.course import Course, CourseError, Lab, load
from autograder.mastery import Level
from autograder.outcome import LabResult
from autograder.sinks import terminal
from autograder.submission import SubmissionError

if TYPE_CHECKING:
    from autograder.cluster import Cluster
    from autograder.desk import Desk
    from autograder.jobs import Terms
    from autograder.nbgrader_settings import Settings


class _Verbs(TyperGroup):
    # Here, because typer itself turns Ctrl-C into a wordless end.
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _say_error("Stopped. What was graded is kept; run the same command again to go on.")
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Verbs,
    help="A course graded against torch: check yourself, build the notebooks, prove the checks, grade a class.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(highlight=False)
PROCESSES = os.cpu_count() or 1

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Processes = Annotated[int, typer.Option(min=1, help="Grading processes side by side.")]
# Wherever a path is named, readable=False: what cannot be read is answered by our own sentence, which has the mend.
Files = Annotated[
    list[Path] | None,
    typer.Argument(readable=False, help="Notebooks (.ipynb), percent-format scripts (.py), or folders of notebooks."),
]
Database = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="nbgrader's gradebook; gradebook.db of the course by default.")
]
Labs = Annotated[list[str] | None, typer.Argument(help="Labs by name; all where none is named.")]


def main() -> None:
    """Run the command; whatever goes wrong by the user's doing is a sentence, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack a character; that is no reason to end
    try:
        _refuse_lost_folder()
        app()
    except (CourseError, SubmissionError) as error:
        _say_error(str(error))
        sys.exit(2)


def _refuse_lost_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise CourseError("The folder that you are in is no longer there; go to another.") from error


def _say_error(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(escape(terminal(text)), style="bold red")


def _labs(course: Course, names: Sequence[str] | None) -> list[Lab]:
    return [course.lab(name) for name in names or ()] or list(course.labs)


@app.command()
def start(
    folder: Annotated[Path, typer.Argument(metavar="DIR", readable=False, help="A folder for your notebooks.")],
    as_json: Json = False,
) -> None:
    """Lay out the exercises in a folder. A notebook that is there already stays as it is.

    Example: mastery start my-course
    """
    from autograder.report.selfcheck import print_layout
    from autograder.selfcheck import lay_out

    layout = lay_out(load(), folder, _say_error)
    if as_json:
        print(layout.model_dump_json())
    else:
        print_layout(console, layout)


@app.command()
def check(files: Files = None, as_json: Json = False) -> None:
    """Run the visible checks: on the files that are named, else on the notebooks here that changed.

    Example: mastery check softmax/softmax.ipynb
    """
    from autograder import selfcheck
    from autograder.report.selfcheck import print_self_check

    desk = _desk()
    if files:
        todo = selfcheck.named(desk.course, files)
    else:
        notebooks = selfcheck.named(desk.course, [Path()])
        todo = selfcheck.changed(desk, notebooks)
        if not todo:
            _nothing_changed(selfcheck.levels(desk, notebooks), as_json)
            return
    passed = True
    with selfcheck.Checker(desk) as checker:
        for number, notebook in enumerate(todo):
            result = checker.check(notebook)
            passed = passed and selfcheck.all_passed(result)
            if as_json:
                print(result.model_dump_json(), flush=True)
            else:
                console.print("\n" if number else "", end="")
                print_self_check(console, desk.course, result)
    if not passed:
        raise typer.Exit(1)


def _nothing_changed(levels: Sequence[Level], as_json: bool) -> None:
    """Say so; the exit code is the last checks'."""
    familiar = levels.count(Level.FAMILIAR)
    if not as_json:
        console.print(f"Nothing changed since the last check: {familiar} of {len(levels)} stubs here are familiar.")
        console.print("To check all the same: mastery check .")
    if familiar < len(levels):
        raise typer.Exit(1)


@app.command()
def watch(files: Files = None, as_json: Json = False) -> None:
    """Check each notebook when it is saved, until Ctrl-C. Torch is loaded once, so the answer comes at once.

    Example: mastery watch
    """
    from autograder import selfcheck
    from autograder.report.selfcheck import print_prose, print_saved
    from autograder.watch import Watch

    desk = _desk()
    notebooks = selfcheck.named(desk.course, files or [Path()])

    def show(result: LabResult, seconds: float) -> None:
        if as_json:
            print(result.model_dump_json(), flush=True)
        else:
            print_saved(console, desk.course, result, seconds)

    def say(text: str) -> None:
        if as_json:
            _say_error(text)
        else:
            print_prose(console, text)

    try:
        say("Starting, which takes some seconds.")
        with selfcheck.Checker(desk) as checker:
            named = [each.path for each in notebooks] if files else []
            watched = Watch(checker, named, show, say)
            watched.begin()
            say(f"Watching {', '.join(str(each.path) for each in notebooks)}. Ctrl-C ends it.")
            watched.run()
    except KeyboardInterrupt:
        say("No longer watching.")


@app.command()
def status(as_json: Json = False) -> None:
    """Show the level of each stub by its last self-check, and what to do next. Nothing is run.

    Example: mastery status
    """
    from autograder.report.selfcheck import print_status
    from autograder.selfcheck import status as status_of

    found = status_of(_desk())
    if as_json:
        print(found.model_dump_json())
    else:
        print_status(console, found)


@app.command()
def hint(
    stub: Annotated[str, typer.Argument(help="A stub, by the name of its function.")], as_json: Json = False
) -> None:
    """Show one more hint for a stub.

    Example: mastery hint softmax
    """
    from autograder.report.selfcheck import print_hint
    from autograder.selfcheck import next_hint

    found = next_hint(_desk(), stub)
    if as_json:
        print(found.model_dump_json())
    else:
        print_hint(console, found)


@app.command()
def submit(lab: Annotated[str, typer.Argument(help="A lab by name.")], as_json: Json = False) -> None:
    """Hand in a lab: through nbgrader's exchange, or as a zip where there is none. Either way there is a receipt.

    Example: mastery submit softmax
    """
    from autograder.handin import hand_in, write_receipt
    from autograder.report.selfcheck import print_receipt

    desk = _desk()
    receipt, path = hand_in(desk, desk.course.lab(lab))
    if as_json:
        print(receipt.model_dump_json())
    else:
        print_receipt(console, receipt, path)
    write_receipt(receipt, path)
    if receipt.problem:
        raise typer.Exit(1)


def _desk() -> "Desk":
    from autograder.desk import Desk

    return Desk.at(load(), Path.cwd(), _say_error)


@app.command()
def build(
    student: Annotated[
        bool, typer.Option("--student", help="Also what you hand out: a wheel with the course, a zip of the notebooks.")
    ] = False,
) -> None:
    """Make the exercises that students open from solutions/.

    Example: mastery build --student
    """
    course = load()
    from autograder import authoring

    written, removed = authoring.build(course)
    if student:
        from autograder.handout import hand_out

        written += hand_out(course)
    for path in written:
        console.print(f"wrote {escape(str(path.relative_to(course.root)))}", soft_wrap=True)
    for path in removed:
        console.print(f"removed {escape(str(path.relative_to(course.root)))}", soft_wrap=True)


@app.command()
def certify(labs: Labs = None, processes: Processes = PROCESSES, as_json: Json = False) -> None:
    """Prove the checks: every wrong answer fails and is named, every right one earns full marks.

    Example: mastery certify softmax
    """
    course = load()
    chosen = _labs(course, labs)
    from autograder import seeds
    from autograder.certify import certify as certify_labs
    from autograder.certify import trials

    planned = {lab.name: sum(1 for _ in trials(course, lab)) for lab in chosen}
    right: Counter[str] = Counter()
    complaints = []
    verdicts = certify_labs(course, chosen, seeds.load_secret(course.root), processes)
    with closing(verdicts), _Bar("trials", sum(planned.values()), quiet=as_json) as (progress, task):
        for verdict in verdicts:
            progress.advance(task)
            right[verdict.lab] += not verdict.complaints
            complaints += [verdict] if verdict.complaints else []
            if as_json:
                print(json.dumps({"lab": verdict.lab, "trial": verdict.trial, "complaints": verdict.complaints}))
    if not as_json:
        for verdict in sorted(complaints, key=lambda verdict: (verdict.lab, verdict.trial)):
            console.print(f"[red]{verdict.lab}: {escape(verdict.trial)}[/red]")
            for complaint in verdict.complaints:
                console.print(f"    {escape(terminal(complaint))}")
        for name, count in planned.items():
            console.print(f"{name}: {right[name]} of {count} trials came out as they must")
    if complaints:
        raise typer.Exit(1)


@app.command()
def grade(
    labs: Labs = None,
    submitted: Annotated[
        Path, typer.Option(readable=False, help="Folder of submissions: <student>/<lab>/<lab>.ipynb.")
    ] = Path("submitted"),
    results_file: Annotated[
        Path, typer.Option("--json", readable=False, help="Results, one JSON object a submission.")
    ] = Path("results.jsonl"),
    csv_file: Annotated[Path, typer.Option("--csv", readable=False, help="Scores, one row a submission.")] = Path(
        "scores.csv"
    ),
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
) -> None:
    """Grade a class into nbgrader's gradebook. Run again, it goes on where it stopped; what is unchanged is skipped.

    Example: mastery grade softmax --submitted submitted
    """
    course = load()
    from autograder.nbgrader_settings import settings_of

    if watch:
        grade_as_they_come(course, settings_of(course), labs or [], processes, db, sandboxed=not unsafe_no_sandbox)
        return
    files = results_file, csv_file
    sandboxed = not unsafe_no_sandbox
    if not grade_class(
        course, settings_of(course), labs or [], submitted, files, processes, cluster, db=db, sandboxed=sandboxed
    ):
        raise typer.Exit(1)


def grade_class(
    course: Course,
    settings: "Settings",
    labs: Sequence[str],
    submitted: Path,
    files: tuple[Path, Path],
    processes: int,
    cluster: str | None = None,
    db: str | None = None,
    sandboxed: bool = True,
) -> bool:
    """Grade, show and write it all; whether every submission was graded. `files`: for the results, for the scores."""
    from autograder import seeds
    from autograder.batch import find_jobs, grade_into, numbered, still_to_grade
    from autograder.gradebook import Book
    from autograder.grading import isolation_of
    from autograder.jobs import Terms
    from autograder.processes import LocalProcesses
    from autograder.report.text import print_class
    from autograder.results import refuse_unwritable, write_results, write_scores

    terms = Terms(course.root, seeds.load_secret(course.root), sandboxed)
    for file, option in zip(files, ("--json", "--csv"), strict=True):
        refuse_unwritable(file, option)
    for warning in isolation_of(course, terms):
        console.print(f"[yellow]{escape(warning)}[/yellow]")
    crew = _cluster(cluster, course, terms) if cluster else LocalProcesses(terms, processes)
    jobs = find_jobs(course, submitted, labs)
    changes = []
    with Book(course, settings, db) as book:
        known = book.graded()
        todo = still_to_grade(numbered(jobs, known, course, terms), known, course)
        if len(todo) < len(jobs):
            console.print(f"{len(jobs) - len(todo)} of {len(jobs)} submissions are graded and unchanged.")
        graded = grade_into(book, course, settings, todo, terms, crew)
        with closing(graded) as chunks, _Bar("graded", len(todo)) as (progress, task):
            for chunk, changed in chunks:
                changes += changed
                progress.advance(task, len(chunk))
        results = book.results()
    write_results(files[0], results)
    write_scores(files[1], course, results)
    keys = {(job.student, job.lab) for job in jobs}
    shown = [result for result in results if (result.student, result.lab) in keys]
    print_class(console, course, shown)
    if changes:
        console.print("[bold]Scores that are others than before[/bold]")
    for change in changes:
        who = f"{change.after.student}/{change.after.lab}"
        said = f"  {who}: {change.before.score} -> {change.after.score}, for {change.why}"
        console.print(escape(terminal(said)), soft_wrap=True)
    console.print(f"Results: {escape(str(files[0]))}   scores: {escape(str(files[1]))}", soft_wrap=True)
    return all(result.status == "graded" for result in shown)


def _cluster(address: str, course: Course, terms: "Terms") -> "Cluster":
    try:
        from autograder.cluster import Cluster
    except ModuleNotFoundError as error:
        raise CourseError(f"--cluster needs {error.name}; install it: pip install 'llm-mastery[cluster]'") from error
    return Cluster(address, course, terms, lambda text: console.print(f"[yellow]{escape(terminal(text))}[/yellow]"))


def grade_as_they_come(
    course: Course, settings: "Settings", labs: Sequence[str], processes: int, db: str | None, sandboxed: bool
) -> None:
    """Until Ctrl-C. Raises CourseError."""
    from autograder import seeds
    from autograder.grading import isolation_of
    from autograder.jobs import Terms
    from autograder.rounds import Rounds

    def tell(text: str) -> None:
        console.print(escape(terminal(text)), soft_wrap=True)

    terms = Terms(course.root, seeds.load_secret(course.root), sandboxed)
    for warning in isolation_of(course, terms):
        console.print(f"[yellow]{escape(warning)}[/yellow]")
    chosen = [course.lab(name) for name in labs] or list(course.labs)
    rounds = Rounds(course, settings, chosen, terms, processes, db or settings.folders.db_url, tell)
    tell(f"Waiting for submissions of {', '.join(lab.name for lab in chosen)}. Ctrl-C ends it.")
    try:
        rounds.run()
    except KeyboardInterrupt:
        tell("Ended. Begun again, it goes on where it stopped.")


@app.command()
def feedback(labs: Labs = None, db: Database = None, processes: Processes = PROCESSES) -> None:
    """Make nbgrader's feedback of what was graded since it was last made; nbgrader release_feedback hands it out.

    Example: mastery feedback softmax
    """
    course = load()
    from autograder.feedback import generate, is_stale
    from autograder.gradebook import Book
    from autograder.nbgrader_settings import settings_of

    settings = settings_of(course)
    chosen = labs or [lab.name for lab in course.labs]
    with Book(course, settings, db) as book:
        keys = [key for key in book.graded() if key[1] in chosen and is_stale(settings, key)]
    complaints = []
    made = generate(course.root, db or settings.folders.db_url, keys, processes)
    with closing(made) as pages, _Bar("feedback", len(keys)) as (progress, task):
        for (student, lab), complaint in pages:
            progress.advance(task)
            complaints += [f"{student}/{lab}: {complaint}"] if complaint else []
    for complaint in complaints:
        console.print(escape(terminal(complaint)), soft_wrap=True)
    console.print(f"{len(keys) - len(complaints)} pages of feedback were made.")
    if complaints:
        raise typer.Exit(1)


@app.command()
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
    course = load()
    from autograder import seeds
    from autograder.batch import job_of
    from autograder.gradebook import Book
    from autograder.grading import isolation_of
    from autograder.inspection import kept, run_again
    from autograder.jobs import Terms
    from autograder.nbgrader_settings import settings_of
    from autograder.report.inspection import print_inspection

    terms = Terms(course.root, seeds.load_secret(course.root))
    with Book(course, settings_of(course), db) as book:
        found = kept(course, book, terms, student, lab)
    if run:
        isolation_of(course, terms)
        found = run_again(course, found, terms, job_of(student, lab, submitted / student / lab / f"{lab}.ipynb"))
    if as_json:
        print(found.model_dump_json())
    else:
        print_inspection(console, found)


@app.command()
def report(
    out: Annotated[Path, typer.Option(readable=False, help="The page to write.")] = Path("report.html"),
    csv_file: Annotated[
        Path | None, typer.Option("--csv", readable=False, help="Also the levels, one row a student.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", readable=False, help="Also all numbers, one JSON object.")
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Numbers in place of students' names.")] = False,
    db: Database = None,
) -> None:
    """Write what the class knows as one page that needs no network: levels, mistakes, checks, who needs what.

    Example: mastery report --out report.html
    """
    course = load()
    from autograder.gradebook import Book
    from autograder.nbgrader_settings import settings_of
    from autograder.report.survey import survey_page, write_levels
    from autograder.results import write_text
    from autograder.survey import survey

    with Book(course, settings_of(course), db) as book:
        found = survey(course, book, anonymous)
    if not found.students:
        raise CourseError("Nothing is graded yet in this gradebook; grade a class first: mastery grade.")
    write_text(out, survey_page(course, found), "--out")
    if csv_file:
        write_levels(csv_file, course, found)
    if json_file:
        write_text(json_file, found.model_dump_json() + "\n", "--json")
    files = ", ".join(str(file) for file in (out, csv_file, json_file) if file)
    console.print(f"{len(found.students)} students. Written: {escape(files)}", soft_wrap=True)


@app.command()
def transcript(
    student: Annotated[str, typer.Argument(help="A student, by nbgrader's name.")],
    out: Annotated[
        Path | None, typer.Option(readable=False, help="The page to write; transcript-STUDENT.html by default.")
    ] = None,
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Write what one student has reached as one page, with the evidence behind each level, and what comes next.

    Example: mastery transcript ada
    """
    course = load()
    from autograder.gradebook import Book
    from autograder.mastery import mastery_of
    from autograder.nbgrader_settings import settings_of
    from autograder.report.transcript import transcript_page
    from autograder.results import write_text

    with Book(course, settings_of(course), db) as book:
        history = book.history(student)
        found = mastery_of(course, student, history, book.overrides().get(student, ()))
    if not history:
        raise CourseError(f"No work of {student} is in the gradebook; see that the name is spelled as there.")
    if as_json:
        print(found.model_dump_json())
        return
    # A student's name is no path.
    out = out or Path(f"transcript-{student.replace('/', '-')}.html")
    write_text(out, transcript_page(course, found, history), "--out")
    console.print(f"Written: {escape(terminal(str(out)))}", soft_wrap=True)


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="A gradebook from Canvas or Moodle, CSV.")
    ],
    out: Annotated[
        Path | None, typer.Option(readable=False, help="The filled gradebook; FILE's name with -filled by default.")
    ] = None,
    db: Database = None,
) -> None:
    """Fill a gradebook that you downloaded from Canvas or Moodle with the points of each lab, for import there.

    Example: mastery export Grades.csv
    """
    course = load()
    from autograder.gradebook import Book
    from autograder.lms_gradebook import fill, read_download, write_table
    from autograder.nbgrader_settings import settings_of
    from autograder.report.lms import print_export

    download = read_download(file)
    out = out or file.with_name(f"{file.stem}-filled.csv")
    if out.exists() and out.samefile(file):
        raise CourseError(f"{out} is the gradebook that you downloaded; name another file with --out.")
    with Book(course, settings_of(course), db) as book:
        filled = fill(course, book.totals(), download)
    write_table(out, filled.table, download.delimiter)
    print_export(console, filled, out)
    if not filled.is_whole:
        raise typer.Exit(1)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="A folder of its own for the class.")] = Path("demo-class"),
    processes: Processes = PROCESSES,
) -> None:
    """Make a class of simulated students, right, wrong and hostile, and grade it.

    Example: mastery demo demo-class
    """
    course = load()
    submitted = folder / "submitted"
    if folder.exists() and any(folder.iterdir()) and not submitted.is_dir():
        raise CourseError(f"{folder} holds other files; name a new folder for the demo class.")
    from autograder.simulated import write_class

    shutil.rmtree(submitted, ignore_errors=True)
    linux = sys.platform == "linux"
    if not linux:
        console.print("This system has no sandbox for hostile code, so only honest notebooks are made and graded.")
    count = write_class(course, submitted, hostile=linux)
    console.print(f"{count} notebooks of simulated students lie in {escape(str(submitted))}")
    for stale in ("results.jsonl", "scores.csv", "gradebook.db"):
        (folder / stale).unlink(missing_ok=True)
    from autograder.nbgrader_settings import settings_of

    settings = settings_of(course, folder)
    db = f"sqlite:///{folder.resolve() / 'gradebook.db'}"
    files = folder / "results.jsonl", folder / "scores.csv"
    grade_class(course, settings, [], submitted, files, processes, db=db, sandboxed=linux)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine offers to hold hostile code, layer by layer.

    Example: mastery doctor
    """
    from autograder.sandbox.doctor import probe

    layers = probe(load().limits)
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


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> str:
        speed = task.finished_speed or task.speed
        return f"{speed:.1f}/s" if speed else ""


class _Bar:
    """A progress bar on standard error, so that what is printed can be piped; none where `quiet`."""

    def __init__(self, what: str, total: int, quiet: bool = False) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, console=Console(stderr=True), disable=quiet or not total)
        self.task = self.progress.add_task(what, total=total)

    def __enter__(self) -> tuple[Progress, TaskID]:
        self.progress.start()
        return self.progress, self.task

    def __exit__(self, *_exception: object) -> None:
        self.progress.stop()
