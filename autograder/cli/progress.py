"""A progress bar on standard error."""

from typing import TYPE_CHECKING

from rich.console import Console
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

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> str:
        speed = task.finished_speed or task.speed
        return f"{speed:.1f}/s" if speed else ""


class ProgressBar:
    """A progress bar on standard error, so that standard output can be piped. If `quiet`, nothing is shown."""

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


def bring_up_to_date(book: "Gradebook") -> None:
    """Read the results from earlier versions of this program. That takes a while, but only the first time."""
    with ProgressBar("earlier results read", book.without_facts()) as (progress, task):
        for done in book.add_facts():
            progress.advance(task, done)
