"""Read a class's evidence from the gradebook, to compute levels and reports."""

from collections.abc import Callable, Iterator, Sequence

from autograder.gradebook.gradebook import AT_ONCE, Gradebook
from autograder.mastery.class_figures import Survey
from autograder.mastery.class_report import StudentRecord, pseudonyms, survey
from autograder.mastery.course_levels import CourseLevels
from autograder.mastery.levels import StudentMastery
from autograder.model.course import Course
from autograder.model.garbage import collect_less


def records(book: Gradebook, students: Sequence[str]) -> Iterator[StudentRecord]:
    """Yield each student's record, reading a few students at a time. Raises GradebookError."""
    histories = book.histories(students)
    for start in range(0, len(students), AT_ONCE):
        some = students[start : start + AT_ONCE]
        overrides, judgements, unread = book.overrides(some), book.judgements(some), book.unread(some)
        for name, (_, history) in zip(some, histories, strict=False):
            yield StudentRecord(name, history, overrides.get(name, ()), judgements.get(name, ()), unread.get(name, ()))


def masteries(course: Course, book: Gradebook) -> Iterator[StudentMastery]:
    """Yield the mastery of each student who has graded work. Raises GradebookError."""
    levels = CourseLevels(course)
    for record in records(book, book.students()):
        yield record.mastery(levels)


def survey_class(
    course: Course,
    book: Gradebook,
    anonymous: bool = False,
    told: Callable[[StudentMastery], None] = lambda _: None,
) -> Survey:
    """Return the report on everyone on the roster. Raises GradebookError.

    anonymous: whether to replace students' names with numbers. told: called once per student, with all of that
    student's levels.
    """
    # The survey makes millions of small objects. Without this, the garbage collector would scan them, and everything
    # that nbgrader loads, again and again, which takes a fifth of the time.
    collect_less()
    roster = list(book.roster())
    called = pseudonyms(roster) if anonymous else {}
    return survey(course, records(book, list(called) or roster), book.answer, called, told)
