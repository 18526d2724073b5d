"""A class's results, counted by lab and stub, in a terminal. Readable in 80 columns and without color."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.mastery.attention import attention
from autograder.mastery.facts import AttemptFacts, StubFacts
from autograder.model.amounts import amount
from autograder.model.course import Course
from autograder.model.escaping import terminal
from autograder.model.results import Outcome

UNKNOWN_FOLDER = "not the name of a lab in course.yaml, so nothing in this folder was graded"
LOOSE_NOTEBOOK = "not in a lab folder, so it wasn't graded: move it to <student>/<lab>/<lab>.ipynb"


@dataclass
class StubTally:
    """The counts for one stub.

    points: the sum over all submissions. full, unsolved: how many submissions passed every check, or left the stub
    unsolved. mistakes: how many submissions matched each misconception.
    """

    submissions: int = 0
    points: float = 0.0
    full: int = 0
    unsolved: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)

    def add(self, facts: StubFacts, points: float) -> None:
        outcomes = {each.outcome for each in facts.checks if not each.advisory}
        self.submissions += 1
        self.points += points
        self.full += outcomes == {Outcome.PASSED}
        self.unsolved += outcomes == {Outcome.UNSOLVED}
        self.mistakes.update({each.misconception for each in facts.checks if each.misconception})

    @property
    def most_common(self) -> str:
        if not self.mistakes:
            return ""
        name, count = self.mistakes.most_common(1)[0]
        return f"{name.replace('_', ' ')} ({count})"


@dataclass
class LabTally:
    """The counts for one lab. score: the sum over the submissions that have a score."""

    submissions: int = 0
    graded: int = 0
    score: float = 0.0

    def add(self, score: float | None) -> None:
        self.submissions += 1
        if score is not None:
            self.graded += 1
            self.score += score


@dataclass
class ClassTally:
    """A class's results, counted one attempt at a time, since loading them all at once would take a lot of memory."""

    course: Course
    labs: dict[str, LabTally] = field(default_factory=lambda: defaultdict(LabTally))
    stubs: dict[str, StubTally] = field(default_factory=lambda: defaultdict(StubTally))
    eye: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    all_graded: bool = True

    def add(self, student: str, newest: AttemptFacts) -> None:
        self.labs[newest.lab].add(newest.score)
        self.all_graded = self.all_graded and newest.status == "graded"
        points = newest.stub_points
        if newest.stubs:
            names = [stub.name for stub in self.course.lab(newest.lab).stubs]
            for name, found in zip(names, newest.of(names), strict=True):
                self.stubs[name].add(found, points.get(name, 0.0))
        for reason, who in attention(self.course, student, [newest]).items():
            self.eye[reason] += who

    def set_aside(self, links: Sequence[str]) -> None:
        """Add folders that were skipped because they're links."""
        if links:
            self.eye["set aside: the folder is a link, which could point to somebody else's work"] += links

    def print(self, console: Console) -> None:
        """Print mean scores, counts of full scores and the top mistakes by lab and stub, then what a person should look
        at."""
        for lab in self.course.labs:
            if lab.name not in self.labs:
                continue
            counted = self.labs[lab.name]
            mean = f"mean {counted.score / counted.graded:.2f} of {lab.points:g}" if counted.graded else "none graded"
            title = f"{lab.title}: {amount(counted.submissions, 'submission')}, {mean}"
            table = Table(title=title, title_justify="left")
            table.add_column("stub", no_wrap=True)
            for heading in ("points", "mean", "all right", "unsolved"):
                table.add_column(heading, justify="right")
            table.add_column("top mistake", overflow="fold")
            for stub in lab.stubs:
                found = self.stubs[stub.name]
                average = f"{found.points / found.submissions:.2f}" if found.submissions else ""
                counts = (str(found.full), str(found.unsolved))
                table.add_row(stub.name, f"{stub.points:g}", average, *counts, found.most_common)
            console.print(table)
        if self.eye:
            console.print("[bold]Needs a person's attention[/bold]")
        for reason, who in self.eye.items():
            console.print(f"  {escape(terminal(reason))}", soft_wrap=True)
            console.print(f"    {escape(terminal(', '.join(who)))}", soft_wrap=True)
