"""A class's evidence out of the gradebook, for what makes levels and reports of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from autograder.gradebook.gradebook import AT_ONCE, Gradebook
from autograder.mastery.class_figures import Survey
from autograder.mastery.class_report import StudentRecord, pseudonyms, survey
from autograder.mastery.course_levels import CourseLevels
from autograder.mastery.levels import StudentMastery
from autograder.model.course import Course


def records(book: Gradebook, students: Sequence[str]) -> Iterator[StudentRecord]:
    """Each student's record, read when it's asked for, a few at a time. Raises GradebookError."""
    histories = book.histories(students)
    for start in range(0, len(students), AT_ONCE):
        some = students[start : start + AT_ONCE]
        overrides, judgements = book.overrides(some), book.judgements(some)
        unread = defaultdict(list)
        for total in book.totals(some):
            if total.unread:
                unread[total.student].append(total.lab)
        for name, (_, history) in zip(some, histories, strict=False):
            yield StudentRecord(name, history, overrides.get(name, ()), judgements.get(name, ()), unread[name])


def masteries(course: Course, book: Gradebook) -> Iterator[StudentMastery]:
    """What each student whose work was graded has reached. Raises GradebookError."""
    levels = CourseLevels(course)
    for record in records(book, book.students()):
        yield record.mastery(levels)


def survey_class(
    course: Course,
    book: Gradebook,
    anonymous: bool = False,
    told: Callable[[StudentMastery], None] = lambda _: None,
) -> Survey:
    """The report on everyone on the roster. Raises GradebookError.

    anonymous: students have numbers in place of their names; told: given all that each student has reached.
    """
    roster = list(book.roster())
    called = pseudonyms(roster) if anonymous else {}
    return survey(course, records(book, list(called) or roster), book.answer, called, told)
