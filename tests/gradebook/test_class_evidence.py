"""The evidence for a report is read a few students at a time, and only a little of it stays in memory."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.gradebook.class_evidence import survey_class
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.mastery.class_report import UNREAD
from autograder.mastery.levels import StudentMastery
from autograder.model.course import Course, load
from autograder.report.class_report import survey_page
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import COURSE, put_exercise, result

NAMES = tuple(f"{letter}lice" for letter in "abcdefghijklmnop")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = confirmed(tmp_path)
    concept = "concepts:\n  - {name: sum, title: Sum, stubs: [plus, minus]}\n"
    (root / "course.yaml").write_text(COURSE + concept, encoding="utf-8")
    put_exercise(root)
    return load(root)


@pytest.fixture
def book(course: Course) -> Iterator[Gradebook]:
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        book.write([GradeRecord(result(name)) for name in NAMES])
        yield book


def test_of_each_student_a_report_keeps_a_summary(course: Course, book: Gradebook) -> None:
    told: list[weakref.ref[StudentMastery]] = []
    found = survey_class(course, book, told=lambda each: told.append(weakref.ref(each)))
    gc.collect()
    assert [each.student for each in found.students] == list(NAMES)
    assert {each.concepts[0].level for each in found.students} == {found.students[0].concepts[0].level}
    assert [each() for each in told] == [None] * len(NAMES)


def test_a_report_without_names_tells_nothing_of_them_by_its_order(course: Course, book: Gradebook) -> None:
    found = survey_class(course, book, anonymous=True)
    waiting = [who.partition("/")[0] for who in found.attention[UNREAD]]
    assert waiting == [f"student {number}" for number in range(1, len(NAMES) + 1)]
    assert not any(name in piece for piece in survey_page(course, found) for name in NAMES)
