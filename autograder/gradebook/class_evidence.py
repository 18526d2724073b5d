"""Read a class's evidence from the gradebook, to compute levels and reports."""

from collections.abc import Callable, Iterator, Sequence

from autograder.gradebook.gradebook import Gradebook
from autograder.mastery.class_report import StudentRecord, Survey, pseudonyms, survey
from autograder.mastery.course_levels import CourseLevels
from autograder.mastery.levels import StudentMastery
from autograder.model.course import Course


def records(book: Gradebook, students: Sequence[str]) -> Iterator[StudentRecord]:
    """Yield each student's record, read a few students at a time. Raises GradebookError."""
    overrides, judgements = book.overrides(), book.judgements()
    for name, history in book.histories(students):
        yield StudentRecord(name, history, overrides.get(name, ()), judgements.get(name, ()))


def masteries(course: Course, book: Gradebook) -> Iterator[StudentMastery]:
    """Yield the mastery of each student who has graded work. Raises GradebookError."""
    levels = CourseLevels(course)
    for record in records(book, book.students()):
        yield record.mastery(levels)


def survey_class(
    course: Course, book: Gradebook, anonymous: bool = False, read: Callable[[], None] = lambda: None
) -> Survey:
    """Return the report on everyone on the roster. Raises GradebookError.

    anonymous: whether to replace students' names with numbers. read: called after each student.
    """
    roster = list(book.roster())
    called = pseudonyms(roster) if anonymous else {}

    def told() -> Iterator[StudentRecord]:
        for record in records(book, list(called) or roster):
            yield record
            read()

    unread = [(total.student, total.lab) for total in book.totals() if total.unread]
    return survey(course, told(), book.answer, unread, called)
