"""Commands for students: get the notebooks, check or watch them, get a hint, submit."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import Files, Json, console, course_at_hand, say_error, verbs_of, workspace_here
from autograder.model.amounts import amount

if TYPE_CHECKING:
    from autograder.mastery.levels import Level
    from autograder.model.results import LabResult

verb = verbs_of("Students")


@verb()
def start(
    folder: Annotated[Path, typer.Argument(metavar="DIR", readable=False, help="A folder for your notebooks.")],
    as_json: Json = False,
) -> None:
    """Put the notebooks in a folder. It never overwrites a notebook that's already there.

    Example: mastery start my-course
    """
    from autograder.cli.views.selfcheck import print_layout
    from autograder.selfcheck.checks import lay_out

    layout = lay_out(course_at_hand(elsewhere=True), folder, say_error)
    if as_json:
        print(layout.model_dump_json())
    else:
        print_layout(console, layout)


Fresh = Annotated[bool, typer.Option("--fresh", help="Use new random numbers, so that memorized answers fail.")]


All = Annotated[bool, typer.Option("--all", help="Show every check, of every notebook here or of the files you name.")]


@verb()
def check(files: Files = None, every: All = False, fresh: Fresh = False, as_json: Json = False) -> None:
    """Run the visible checks on the files you name, or else on the notebooks in this folder that have changed.

    Example: mastery check softmax/softmax.ipynb
    """
    from autograder.selfcheck import checks as selfcheck

    workspace = workspace_here()
    if files:
        todo = selfcheck.named(workspace.course, files)
    else:
        notebooks = selfcheck.named(workspace.course, [Path()])
        todo = notebooks if every or fresh else selfcheck.changed(workspace, notebooks)
        if not todo:
            _nothing_changed(selfcheck.levels(workspace, notebooks), as_json)
            return
    from autograder.cli.views.selfcheck import print_every_check, print_self_check

    show = print_every_check if every else print_self_check
    passed = True
    with selfcheck.SelfChecker(workspace, fresh) as checker:
        if checker.missing:
            say_error(checker.missing)
        for number, notebook in enumerate(todo):
            result = checker.check(notebook)
            passed = passed and selfcheck.all_passed(result)
            if as_json:
                print(result.model_dump_json(), flush=True)
            else:
                console.print("\n" if number else "", end="")
                show(console, workspace.course, result)
    if not passed:
        raise typer.Exit(1)


def _nothing_changed(levels: "Sequence[Level]", as_json: bool) -> None:
    """Say that nothing has changed, and exit with the same code as after the last checks."""
    from autograder.mastery.levels import Level

    familiar = levels.count(Level.FAMILIAR)
    if not as_json:
        console.print(f"Nothing has changed since the last check: {familiar} of {len(levels)} stubs pass here.")
        console.print("To check anyway: mastery check .")
    if familiar < len(levels):
        raise typer.Exit(1)


@verb()
def watch(files: Files = None, as_json: Json = False) -> None:
    """Check each notebook when you save it, until Ctrl-C. Everything is loaded once, so results come right away.

    Example: mastery watch
    """
    from autograder.cli.views.selfcheck import print_at_start, print_prose, print_saved
    from autograder.selfcheck import checks as selfcheck
    from autograder.selfcheck.watch import FolderWatch

    workspace = workspace_here()
    notebooks = selfcheck.named(workspace.course, files or [Path()])

    def show(result: "LabResult", seconds: float | None) -> None:
        if as_json:
            print(result.model_dump_json(), flush=True)
        elif seconds is None:
            print_at_start(console, workspace.course, result)
        else:
            print_saved(console, workspace.course, result, seconds)

    def say(text: str) -> None:
        if as_json:
            say_error(text)
        else:
            print_prose(console, text)

    try:
        say("Starting. This takes a few seconds.")
        with selfcheck.SelfChecker(workspace) as checker:
            named = [each.path for each in notebooks] if files else []
            watched = FolderWatch(checker, named, show, say)
            watched.begin()
            count = amount(len(notebooks), "notebook")
            say(f"Watching {count}: each one is checked when you save it. Press Ctrl-C to stop.")
            watched.run()
    except KeyboardInterrupt:
        say("No longer watching.")


@verb()
def hint(stub: Annotated[str, typer.Argument(help="The name of a stub's function.")], as_json: Json = False) -> None:
    """Show the next hint for a stub.

    Example: mastery hint softmax
    """
    from autograder.cli.views.selfcheck import print_hint
    from autograder.selfcheck.checks import next_hint

    found = next_hint(workspace_here(), stub)
    if as_json:
        print(found.model_dump_json())
    else:
        print_hint(console, found)


@verb()
def submit(lab: Annotated[str, typer.Argument(help="A lab's name.")], as_json: Json = False) -> None:
    """Submit a lab through nbgrader's exchange or, if there isn't one, as a zip. Either way, you get a receipt.

    Example: mastery submit softmax
    """
    from autograder.cli.views.selfcheck import print_receipt
    from autograder.selfcheck.submit import hand_in, write_receipt

    workspace = workspace_here()
    receipt, path = hand_in(workspace, workspace.course.lab(lab))
    if as_json:
        print(receipt.model_dump_json())
    else:
        print_receipt(console, receipt, path)
    write_receipt(receipt, path)
    if receipt.problem:
        raise typer.Exit(1)


@verb()
def packet(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The file, such as packet.yaml.")],
    before: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            readable=False,
            help="The file you handed in last time, to check that the revisions in it haven't changed.",
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DAY",
            help="Check the file as if you'd handed it in on this day (default: today).",
        ),
    ] = None,
    revise: Annotated[
        bool, typer.Option("--revise", help="Start the next revision; the current one moves to the history unchanged.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the file that you hand in with a lab's notebook, field by field. No check can tell whether your sources are
    true.

    Example: mastery packet readiness/packet.yaml
    """
    from autograder.cli.views.attachment import print_attachment
    from autograder.grading.attachments import begin_revision, read_attachment, reader_for
    from autograder.model.submission import read_regular
    from autograder.testing.attachments import AttachmentContext

    reader = reader_for(course_at_hand(elsewhere=True), file)
    if revise:
        begin_revision(reader, file)
    content = read_regular(file)
    earlier = None if before is None else read_regular(before).decode("utf-8", "replace")
    day = on.date() if on is not None else date.today()
    reading = read_attachment(reader, content, AttachmentContext(on=day, before=earlier))
    if as_json:
        print(reading.model_dump_json(exclude={"text"}))
    else:
        print_attachment(console, str(file), reading)
    if reading.problems:
        raise typer.Exit(1)
