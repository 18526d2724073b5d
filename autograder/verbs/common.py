"""What the verbs of the command line share: the application, its options, and what it says on the terminal."""

import os
from collections.abc import Sequence
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
from typer.core import TyperGroup

from autograder.course import Course, Lab, load
from autograder.sinks import terminal

if TYPE_CHECKING:
    from autograder.desk import Desk


class _Verbs(TyperGroup):
    # Here, because typer itself turns Ctrl-C into a wordless end.
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say_error("Stopped. What was graded is kept; run the same command again to go on.")
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


def say_error(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(escape(terminal(text)), style="bold red")


def desk_here() -> "Desk":
    from autograder.desk import Desk

    return Desk.at(load(), Path.cwd(), say_error)


def labs_of(course: Course, names: Sequence[str] | None) -> list[Lab]:
    return [course.lab(name) for name in names or ()] or list(course.labs)


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> str:
        speed = task.finished_speed or task.speed
        return f"{speed:.1f}/s" if speed else ""


class Bar:
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
