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
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from typer.core import TyperGroup

from autograder.course import Course, CourseError, Lab, load
from autograder.mastery import Level
from autograder.outcome import LabResult
from autograder.sinks import terminal
from autograder.submission import SubmissionError

if TYPE_CHECKING:
    from autograder.selfcheck import Desk


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
            watched = selfcheck.Watch(checker, named, show, say)
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
    from autograder.selfcheck import Desk

    return Desk.at(load(), Path.cwd(), _say_error)


@app.command()
def build() -> None:
    """Make the exercises that students open from solutions/.

    Example: mastery build
    """
    course = load()
    from autograder.authoring import build as build_course

    for path in build_course(course):
        console.print(f"wrote {escape(str(path.relative_to(course.root)))}")


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
    processes: Processes = PROCESSES,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option(help="Grade where the system cannot hold hostile code. Only for notebooks you trust.")
    ] = False,
) -> None:
    """Grade a class. Run again, it goes on where it stopped and skips what is graded and unchanged.

    Example: mastery grade softmax --submitted submitted
    """
    course = load()
    if not grade_class(
        course, labs or [], submitted, results_file, csv_file, processes, sandboxed=not unsafe_no_sandbox
    ):
        raise typer.Exit(1)


def grade_class(
    course: Course,
    labs: Sequence[str],
    submitted: Path,
    results_file: Path,
    csv_file: Path,
    processes: int,
    sandboxed: bool = True,
) -> bool:
    """Grade, show and write it all; whether every submission was graded."""
    from autograder import seeds
    from autograder.grading import Terms, find_jobs, grade, isolation_of, unchanged
    from autograder.report.text import print_class
    from autograder.results import append_results, compact, load_results, write_scores

    terms = Terms(course.root, seeds.load_secret(course.root), sandboxed)
    for warning in isolation_of(course, terms):
        console.print(f"[yellow]{escape(warning)}[/yellow]")
    results = load_results(results_file)
    jobs = find_jobs(course, submitted, labs)
    todo = unchanged(jobs, results, course, terms)
    if len(todo) < len(jobs):
        console.print(f"{len(jobs) - len(todo)} of {len(jobs)} submissions are graded and unchanged.")
    with closing(grade(todo, terms, processes)) as chunks, _Bar("graded", len(todo)) as (progress, task):
        for chunk in chunks:
            append_results(results_file, chunk)
            results.update({(result.student, result.lab): result for result in chunk})
            progress.advance(task, len(chunk))
    shown = [results[job.student, job.lab] for job in jobs]
    if todo:
        compact(results_file, results)
    write_scores(csv_file, course, list(results.values()))
    print_class(console, course, shown)
    console.print(f"Results: {escape(str(results_file))}   scores: {escape(str(csv_file))}", soft_wrap=True)
    return all(result.status == "graded" for result in shown)


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
    for stale in ("results.jsonl", "scores.csv"):
        (folder / stale).unlink(missing_ok=True)
    grade_class(course, [], submitted, folder / "results.jsonl", folder / "scores.csv", processes, sandboxed=linux)


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


class _Bar:
    """A progress bar on standard error, so that what is printed can be piped; none where `quiet`."""

    def __init__(self, what: str, total: int, quiet: bool = False) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(stderr=True), disable=quiet or not total)
        self.task = self.progress.add_task(what, total=total)

    def __enter__(self) -> tuple[Progress, TaskID]:
        self.progress.start()
        return self.progress, self.task

    def __exit__(self, *_exception: object) -> None:
        self.progress.stop()
