"""The facts that a class's levels are computed from always match the evidence, whatever happens to a gradebook."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sql

from autograder.gradebook import gradebook as gradebooks
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import Settings
from autograder.mastery.facts import AttemptFacts, facts_of
from autograder.model.course import Course, load
from autograder.model.results import AttachmentReport, Outcome, Problem
from tests.gradebook.test_gradebook import (
    COURSE,
    book,
    count,
    course,
    evidence,
    nbgraders,
    new_url,
    not_graded,
    put_exercise,
    result,
    settings,
    url,
)

__all__ = ["book", "course", "new_url", "settings", "url"]  # fixtures

EARLY, LATE = datetime(2026, 5, 2), datetime(2026, 5, 4)
LATE_PACKET = AttachmentReport(on=EARLY.date(), problems=[Problem(field="packet.yaml", sentence="is missing.")])


def told(history: Mapping[str, Sequence[AttemptFacts]]) -> Any:
    """Return everything that's compared."""
    return {
        lab: [
            (dataclasses.replace(each, grading=None, stubs=()), [stub.as_text() for stub in each.stubs])
            for each in tries
        ]
        for lab, tries in history.items()
    }


def check_facts(book: Gradebook, *students: str) -> None:
    """Check that the facts match the evidence, and cover everyone."""
    assert book.students() == sorted(students)
    for student, history in book.histories(students):
        attempts = {lab: [facts_of(each.result, each.when) for each in of] for lab, of in book.history(student).items()}
        assert told(history) == told(attempts)
        assert history
    assert book.without_facts() == 0


def write_class(book: Gradebook) -> None:
    """Write attempts of all kinds: regraded, wrong, with a file next to the notebook, not graded."""
    wrong = evidence("plus", 0.0, 3.0, Outcome.FAILED)
    wrong = wrong.model_copy(update={"misconception": "twice", "hint": "Add once.", "confirmed": False})
    ended = evidence("minus", 0.0, 2.5, Outcome.DIED).model_copy(update={"message": "It ended.\nAt line 3."})
    book.write([GradeRecord(result("ada", checks=[wrong, ended]), EARLY), GradeRecord(result("bob"))])
    book.write([GradeRecord(result("ada", plus=1.0, course_version="2", packet=LATE_PACKET), EARLY)])
    book.write([GradeRecord(result("ada", attempt=2, content_hash="b" * 64), LATE), GradeRecord(not_graded("cyd"))])


def execute(url: str, *statements: str) -> None:
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sql.text(statement))
    engine.dispose()


def test_they_are_kept_with_each_grading_and_follow_it(book: Gradebook, url: str) -> None:
    write_class(book)
    check_facts(book, "ada", "bob", "cyd")
    book.write([GradeRecord(result("bob", plus=0.5))])  # the same attempt again
    assert count(url, "mastery_facts") == count(url, "mastery_grading") == 5
    book.rename("ada", "ida")
    check_facts(book, "bob", "cyd", "ida")
    book.drop("cyd")
    with nbgraders(url) as gradebook:
        gradebook.remove_student("bob")
    check_facts(book, "ida")
    assert count(url, "mastery_facts") == count(url, "mastery_grading") == 3


def test_changed_points_are_in_them_too(course: Course, settings: Settings, book: Gradebook, url: str) -> None:
    write_class(book)
    try:
        (course.root / "course.yaml").write_text(COURSE.replace("points: 3}", "points: 6}"), encoding="utf-8")
        put_exercise(course.root, points=6.0)
        with Gradebook(load(course.root), settings, url) as changed:
            assert changed.adopt_points()
            check_facts(changed, "ada", "bob", "cyd")
            ((_, history),) = changed.histories(["bob"])
            assert history["sums"][0].stub_points == {"plus": 6.0, "minus": 2.5}
    finally:
        (course.root / "course.yaml").write_text(COURSE, encoding="utf-8")
        put_exercise(course.root)


def test_an_earlier_gradebook_gets_them_once_and_goes_on_where_that_was_interrupted(
    course: Course, settings: Settings, book: Gradebook, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_class(book)
    indexes = "mastery_grade_by_notebook_id", "mastery_comment_by_notebook_id"
    gone = ("DROP TABLE mastery_facts", "DROP TABLE mastery_outcomes", *(f"DROP INDEX {each}" for each in indexes))
    trigger = ["DROP TRIGGER mastery_facts_goes"] if url.startswith("sqlite") else []
    execute(url, *trigger, *gone, "UPDATE mastery_schema SET version = 3")
    monkeypatch.setattr(gradebooks, "AT_ONCE", 2)
    with Gradebook(course, settings, url) as again:
        assert (again.without_facts(), next(again.add_facts())) == (5, 2)
    with Gradebook(course, settings, url) as again:
        assert (again.without_facts(), list(again.add_facts())) == (3, [2, 1])
        check_facts(again, "ada", "bob", "cyd")
        again.register(course.lab("sums"))
        again.write([GradeRecord(result("dan"))])
        check_facts(again, "ada", "bob", "cyd", "dan")
    engine = sql.create_engine(url)
    names = [each["name"] for table in ("grade", "comment") for each in sql.inspect(engine).get_indexes(table)]
    engine.dispose()
    assert set(indexes) <= set(names)


def test_what_many_found_is_stored_once(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result(f"s{number}", seconds=number)) for number in range(9)])
    book.write([GradeRecord(result("other", checks=[evidence("plus", 0.0, 3.0, Outcome.FAILED)]))])
    assert (count(url, "mastery_facts"), count(url, "mastery_outcomes")) == (10, 3)
    histories = dict(book.histories(book.students()))
    first, second = (histories[each]["sums"][0].stubs for each in ("s1", "s2"))
    assert all(one is other for one, other in zip(first, second, strict=True))
