"""`mastery grade --watch`: collect, grade, make feedback and release it, again and again as submissions arrive.

What was done is read from the gradebook and the folders each time, so it can be ended and begun again at any moment.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.batch import find_jobs, grade_into, mend_lateness, numbered, still_to_grade, without_removed
from autograder.course import Course, CourseError, Lab
from autograder.exchange import collect, release_feedback
from autograder.feedback import generate, is_stale
from autograder.gradebook import Book
from autograder.jobs import Terms
from autograder.nbgrader_settings import Settings
from autograder.outcome import LabResult
from autograder.processes import LocalProcesses
from autograder.results import Key

PAUSE_SECONDS = 10

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Rounds:
    """One round after the other over the labs. `tell` hears of every submission, in a sentence."""

    course: Course
    settings: Settings
    labs: Sequence[Lab]
    terms: Terms
    processes: int
    db: str
    tell: Tell
    _tried: set[tuple[Key, int]] = field(default_factory=set, init=False)
    _left_out: set[str] = field(default_factory=set, init=False)

    def run(self) -> None:
        """Until Ctrl-C (KeyboardInterrupt). Raises CourseError where not even the first round is possible."""
        self._once()
        self._release(self._made())  # what an interrupted run had made, and not yet released
        while True:
            time.sleep(PAUSE_SECONDS)
            try:
                self._once()
            except CourseError as error:
                self.tell(f"{error} The next round tries again.")

    def _once(self) -> None:
        for lab in self.labs:
            collect(self.settings, lab.name)
        with Book(self.course, self.settings, self.db) as book:
            self._grade(book)
            for penalty in mend_lateness(book, self.settings):
                self._say(penalty.key, f"its late penalty is {penalty.now:g} points, and was {penalty.before:g}")
            stale = [key for key in book.graded() if self._is_watched(key) and is_stale(self.settings, key)]
        if stale:
            made = []
            with closing(generate(self.course.root, self.db, stale, self.processes)) as keys:
                for key, complaint in keys:
                    if complaint is None:
                        made.append(key)
                    else:
                        self._say(key, complaint)
            self._release(made)

    def _grade(self, book: Book) -> None:
        submitted = self.settings.place("submitted", "student", "lab").parents[1]
        if not submitted.is_dir():
            return
        known = book.graded()
        found, removed = without_removed(
            find_jobs(self.course, submitted, [lab.name for lab in self.labs]), book.removed()
        )
        if fresh := sorted(set(removed) - self._left_out):
            self._left_out.update(fresh)
            self.tell(f"The work of {', '.join(fresh)} is left out, because they were dropped.")
        jobs = numbered(found, known, self.course, self.terms)
        todo = [
            job
            for job in still_to_grade(jobs, known, self.course)
            # What could not be graded a moment ago is a person's to look at, not the next round's to try again.
            if ((job.student, job.lab), job.attempt) not in self._tried
        ]
        if not todo:
            return
        graded = grade_into(
            book, self.course, self.settings, todo, self.terms, LocalProcesses(self.terms, self.processes)
        )
        with closing(graded) as chunks:
            for results, _changes in chunks:
                for result in results:
                    self._tried.add(((result.student, result.lab), result.attempt))
                    self._say((result.student, result.lab), _score(result))

    def _made(self) -> list[Key]:
        with Book(self.course, self.settings, self.db) as book:
            return [key for key in book.graded() if self._is_watched(key) and self._feedback(key).is_dir()]

    def _release(self, keys: Sequence[Key]) -> None:
        for student, lab in keys:
            # What did not come through the exchange has no way back through it.
            if (self._feedback((student, lab)) / "submission_secret.txt").is_file():
                release_feedback(self.settings, lab, student)
                self._say((student, lab), "feedback is released")

    def _feedback(self, key: Key) -> Path:
        return self.settings.place("feedback", *key)

    def _is_watched(self, key: Key) -> bool:
        return key[1] in [lab.name for lab in self.labs]

    def _say(self, key: Key, what: str) -> None:
        self.tell(f"{datetime.now():%H:%M:%S}  {key[0]}/{key[1]}: {what}")


def _score(result: LabResult) -> str:
    score = "not graded" if result.score is None else f"{result.score:g} of {result.max_score:g} points"
    return f"attempt {result.attempt}, {score}" + (f" ({result.message})" if result.message else "")
