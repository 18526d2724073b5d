"""A class's results in a terminal, readable at 80 columns and without colour."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.mastery.levels import StudentMastery, following, missing
from autograder.model import pitfalls
from autograder.model.course import Course
from autograder.model.escaping import terminal
from autograder.model.results import Evidence, LabResult, Outcome, stub_points

UNKNOWN_FOLDER = "not the name of a lab in course.yaml, so nothing in this folder was graded"


@dataclass
class StubTally:
    """points: of each submission; full, unsolved: how many; mistakes: how often each was met."""

    points: list[float] = field(default_factory=list)
    full: int = 0
    unsolved: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)

    def add(self, evidence: Sequence[Evidence], points: float) -> None:
        outcomes = {each.outcome for each in evidence if not each.advisory}
        self.points.append(points)
        self.full += outcomes == {Outcome.PASSED}
        self.unsolved += outcomes == {Outcome.UNSOLVED}
        self.mistakes.update({each.misconception for each in evidence if each.misconception})

    @property
    def commonest(self) -> str:
        if not self.mistakes:
            return ""
        name, count = self.mistakes.most_common(1)[0]
        return f"{name.replace('_', ' ')} ({count})"


@dataclass
class ClassTally:
    """A class's results, counted as they come by: all of them at once take much memory."""

    course: Course
    scores: dict[str, list[float | None]] = field(default_factory=lambda: defaultdict(list))
    stubs: dict[str, StubTally] = field(default_factory=lambda: defaultdict(StubTally))
    eye: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    all_graded: bool = True

    def add(self, result: LabResult) -> None:
        self.scores[result.lab].append(result.score)
        self.all_graded = self.all_graded and result.status == "graded"
        points = stub_points(result)
        if result.checks:
            for stub in self.course.lab(result.lab).stubs:
                evidence = [each for each in result.checks if each.stub == stub.name]
                self.stubs[stub.name].add(evidence, points.get(stub.name, 0.0))
        for reason, who in attention(self.course, [result]).items():
            self.eye[reason] += who

    def set_aside(self, links: Sequence[str]) -> None:
        """Folders that were not looked into, since they are links."""
        if links:
            self.eye["set aside: the folder is a link, and could lead to somebody else's work"] += links

    def print(self, console: Console) -> None:
        """By lab and stub: means, who has it all right, the commonest mistake; then who needs a person's eye."""
        for lab in self.course.labs:
            if lab.name not in self.scores:
                continue
            scores = [score for score in self.scores[lab.name] if score is not None]
            mean = f"mean {sum(scores) / len(scores):.2f} of {lab.points:g}" if scores else "none graded"
            title = f"{lab.title}: {len(self.scores[lab.name])} submissions, {mean}"
            table = Table(title=title, title_justify="left")
            table.add_column("stub", no_wrap=True)
            for heading in ("points", "mean", "all right", "unsolved"):
                table.add_column(heading, justify="right")
            table.add_column("commonest mistake", overflow="fold")
            for stub in lab.stubs:
                found = self.stubs[stub.name]
                average = f"{sum(found.points) / len(found.points):.2f}" if found.points else ""
                counts = (str(found.full), str(found.unsolved))
                table.add_row(stub.name, f"{stub.points:g}", average, *counts, found.commonest)
            console.print(table)
        if self.eye:
            console.print("[bold]For a person's eye[/bold]")
        for reason, who in self.eye.items():
            console.print(f"  {escape(terminal(reason))}", soft_wrap=True)
            console.print(f"    {escape(terminal(', '.join(who)))}", soft_wrap=True)


def attention(course: Course, results: Sequence[LabResult]) -> dict[str, list[str]]:
    """The submissions that an instructor should look at, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for result in results:
        name = f"{result.student}/{result.lab}"
        if result.status != "graded":
            found[f"{result.status}: {result.message}"].append(name)
        for outcome in (Outcome.VIOLATION, Outcome.DIED, Outcome.TIMEOUT):
            if reached := next((each for each in result.checks if each.outcome is outcome), None):
                found[f"{outcome}: {_first_line(reached)}"].append(name)
        missing = {each.stub: None for each in result.checks if _is_missing(each)}
        for stub in missing:
            found[f"without {stub}: the notebook no longer defines it"].append(name)
        # What is wrong in a file stands at its field; one that's missing or unreadable has none.
        problems = result.packet.problems if result.packet is not None else []
        file = course.lab(result.lab).attachment
        if problems and file is not None and problems[0].field == file.name:
            found[str(problems[0])].append(name)
    return found


def _first_line(evidence: Evidence) -> str:
    return (evidence.message or evidence.title).split("\n")[0]


def _is_missing(evidence: Evidence) -> bool:
    return evidence.outcome is Outcome.UNSOLVED and evidence.slip != pitfalls.UNSOLVED


def print_mastery(console: Console, course: Course, student: StudentMastery) -> None:
    """The levels of a student's concepts, how far it is to complete, and what to do next."""
    table = Table(title=terminal(student.student), title_justify="left")
    table.add_column("concept")
    table.add_column("level")
    for each in student.concepts:
        regressed = "" if each.current.rank >= each.level.rank else f", the newest attempt {each.current}"
        table.add_row(escape(each.title), f"{each.level}{regressed}")
    console.print(table)
    if student.since is not None:
        console.print(f"Complete since {student.since:%Y-%m-%d}{', with distinction' if student.distinction else ''}.")
    else:
        console.print("[bold]Not complete. What is missing:[/bold]")
    for line in missing(course, student):
        console.print(f"  {escape(terminal(line))}", soft_wrap=True)
    if after := following(student):
        console.print(f"Next: {escape(terminal(after))}", soft_wrap=True)
