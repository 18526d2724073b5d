"""A class's evidence out of the gradebook, for what makes levels and reports of it."""

from collections.abc import Callable, Iterator, Sequence

from autograder.gradebook.gradebook import Gradebook
from autograder.mastery.class_report import StudentRecord, Survey, pseudonyms, survey
from autograder.mastery.course_levels import CourseLevels
from autograder.mastery.levels import StudentMastery
from autograder.model.course import Course


def records(book: Gradebook, students: Sequence[str]) -> Iterator[StudentRecord]:
    """Each student's record, read when it's asked for. Raises GradebookError."""
    overrides, judgements = book.overrides(), book.judgements()
    for name, history in book.histories(students):
        yield StudentRecord(name, history, overrides.get(name, ()), judgements.get(name, ()))


def masteries(course: Course, book: Gradebook) -> Iterator[StudentMastery]:
    """What each student whose work was graded has reached. Raises GradebookError."""
    levels = CourseLevels(course)
    for record in records(book, book.students()):
        yield record.mastery(levels)


def survey_class(
    course: Course, book: Gradebook, anonymous: bool = False, read: Callable[[], None] = lambda: None
) -> Survey:
    """The report on everyone on the roster. Raises GradebookError.

    anonymous: students have numbers in place of their names; read: called whenever a student is done.
    """
    roster = list(book.roster())
    called = pseudonyms(roster) if anonymous else {}

    def told() -> Iterator[StudentRecord]:
        for record in records(book, list(called) or roster):
            yield record
            read()

    unread = [(total.student, total.lab) for total in book.totals() if total.unread]
    return survey(course, told(), book.answer, unread, called)
