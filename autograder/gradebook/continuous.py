"""`mastery grade --watch`: collect submissions as they arrive, grade them, generate feedback and release it.

Each round looks in the gradebook and the folders to see what's already been done, so you can stop and restart the
command at any time.
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.gradebook.exchange import collect, release_feedback
from autograder.gradebook.feedback import Pages
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.pipeline import ToGrade, grade_into, places, student_folders, without_removed
from autograder.gradebook.settings import Settings
from autograder.grading.interrupts import ctrl_c_remembered
from autograder.grading.jobs import GradingContext
from autograder.grading.processes import LocalProcesses
from autograder.model.course import Course, load
from autograder.model.errors import UserError
from autograder.model.results import Key, LabResult

PAUSE_SECONDS = 10

Tell = Callable[[str], None]


def watch_exchange(
    root: Path, settings: Settings, labs: Sequence[str], terms: GradingContext, processes: int, db: str, tell: Tell
) -> None:
    """Collect and grade what students hand in to nbgrader's exchange, and release feedback, until Ctrl-C
    (KeyboardInterrupt).

    root: the course's folder. labs: lab names. tell: called with a one-sentence message about each submission. Raises
    UserError if the first round fails.
    """
    _ExchangeWatch(root, settings, labs, terms, processes, db, tell).run()


@dataclass(frozen=True)
class _ExchangeWatch:
    """Processes the labs in rounds. `tell` is called with a one-sentence message about each submission.

    root: the course's folder. Each round loads the course again, so edits take effect in the next round.
    """

    root: Path
    settings: Settings
    labs: Sequence[str]
    terms: GradingContext
    processes: int
    db: str
    tell: Tell
    # The attempts that this command has graded so far: for each one, its key, attempt number and course version.
    _tried: set[tuple[Key, int, str]] = field(default_factory=set, init=False)
    _left_out: set[str] = field(default_factory=set, init=False)
    # The messages shown so far, so that they aren't repeated every ten seconds.
    _said: set[str] = field(default_factory=set, init=False)
    _pages: Pages = field(init=False)

    def __post_init__(self) -> None:
        # nbgrader's collect opens a gradebook to look up the due date, so point it to this one. If nbgrader had to
        # create its own, it would need to find a program on the PATH.
        self.settings.folders.db_url = self.db
        object.__setattr__(self, "_pages", Pages(self.settings))

    def run(self) -> None:
        """Run rounds until Ctrl-C (KeyboardInterrupt). Raises UserError if the first one fails."""
        with ctrl_c_remembered() as end_if_pressed:
            self._once()
            while True:
                end_if_pressed()
                time.sleep(PAUSE_SECONDS)
                try:
                    self._once()
                except UserError as error:
                    self.tell(f"{error} The next round will try again.")

    def _once(self) -> None:
        """Run one round. The round holds the gradebook's lock, so that no other `mastery grade` reads half-collected
        work."""
        with Gradebook(load(self.root), self.settings, self.db) as book, book.alone() as course:
            self._collect()
            for change in book.adopt_points():
                self.tell(str(change))
            self._grade(course, book)
            for change in book.count_lateness():
                self.tell(str(change))
            self._make_pages(book)
            self._release([key for key in book.graded() if key[1] in self.labs])

    def _collect(self) -> None:
        for lab in self.labs:
            for each in collect(self.settings, lab):
                self._tell_once(str(each), f"{datetime.now():%H:%M:%S}  {each}")

    def _grade(self, course: Course, book: Gradebook) -> None:
        submitted = self.settings.place("submitted", "student", "lab").parents[1]
        if not submitted.is_dir():
            return
        found, removed = without_removed(student_folders(submitted), book.removed())
        if fresh := sorted(set(removed) - self._left_out):
            self._left_out.update(fresh)
            self.tell(f"The work of {', '.join(fresh)} is left out, because they were dropped or renamed.")
        handed_in = ToGrade(book, course, places(found, [course.lab(name) for name in self.labs]), self.terms)
        todo = (
            job
            for job in handed_in
            # If a submission couldn't be graded a moment ago, trying again won't help. A person has to look at it.
            if ((job.student, job.lab), job.attempt, course.version) not in self._tried
        )
        graded = grade_into(book, course, self.settings, todo, self.terms, LocalProcesses(self.terms, self.processes))
        with closing(graded) as chunks:
            for results, changes in chunks:
                for result in results:
                    key = (result.student, result.lab)
                    self._tried.add((key, result.attempt, course.version))
                    self._say(key, _score(result))
                for change in changes:
                    self.tell(str(change))
        if said := handed_in.about_other_versions():
            self._tell_once("versions", said)

    def _make_pages(self, book: Gradebook) -> None:
        if stale := self._pages.stale(book, self.labs):
            with closing(self._pages.generate(self.root, self.db, stale, self.processes)) as made:
                for key, complaint in made:
                    if complaint is not None:
                        self._say(key, complaint)

    def _release(self, keys: Collection[Key]) -> None:
        for student, lab in self._pages.unreleased(keys):
            release_feedback(self.settings, lab, student)
            self._pages.mark_released((student, lab))
            self._say((student, lab), "feedback is released")

    def _tell_once(self, about: str, text: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self.tell(text)

    def _say(self, key: Key, what: str) -> None:
        self.tell(f"{datetime.now():%H:%M:%S}  {key[0]}/{key[1]}: {what}")


def _score(result: LabResult) -> str:
    score = "not graded" if result.score is None else f"{_points(result)} of {result.max_score:g} points"
    return f"attempt {result.attempt}, {score}" + (f" ({result.message})" if result.message else "")


def _points(result: LabResult) -> str:
    return "not graded" if result.score is None else f"{result.score:g}"
