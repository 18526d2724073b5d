"""New results are appended to results.jsonl, which is rewritten completely if one of its lines is no longer true."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.cli.class_files import write_results_of
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.model.course import Course, load
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import COURSE, put_exercise, result


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = confirmed(tmp_path)
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    return load(root)


@pytest.fixture
def book(course: Course) -> Iterator[Gradebook]:
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        book.write([GradeRecord(result(student)) for student in ("ada", "bob", "cyd")])
        yield book


@pytest.fixture
def file(book: Gradebook, tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    write_results_of(book, path)
    return path


def who(file: Path) -> list[tuple[str, int, float]]:
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [(line["student"], line["attempt"], line["score"]) for line in lines]


def test_what_is_graded_since_comes_after_the_bytes_that_are_there(book: Gradebook, file: Path) -> None:
    before, inode = file.read_bytes(), file.stat().st_ino
    book.write([GradeRecord(result("aaron"))])
    write_results_of(book, file)
    book.write([GradeRecord(result("ada", 1.0, attempt=2, content_hash="b" * 64))])
    write_results_of(book, file)
    write_results_of(book, file)
    assert file.read_bytes().startswith(before)
    assert file.stat().st_ino == inode
    assert who(file)[3:] == [("aaron", 1, 5.5), ("ada", 2, 3.5)]


def test_a_file_that_is_not_as_it_was_left_is_written_whole(book: Gradebook, file: Path) -> None:
    book.write([GradeRecord(result("aaron"))])
    for left in (file.read_bytes()[:-20], file.read_bytes() + b"{}\n", b"", None):
        if left is None:
            file.unlink()
        else:
            file.write_bytes(left)
        write_results_of(book, file)
        assert who(file) == [("aaron", 1, 5.5), ("ada", 1, 5.5), ("bob", 1, 5.5), ("cyd", 1, 5.5)]


def test_another_file_and_another_gradebook_know_nothing_of_it(book: Gradebook, course: Course, file: Path) -> None:
    other = file.with_name("other.jsonl")
    other.write_bytes(file.read_bytes())
    book.write([GradeRecord(result("aaron"))])
    write_results_of(book, other)
    assert len(who(other)) == 4
    assert len(who(file)) == 3
    with Gradebook(course, settings_of(course), f"sqlite:///{file.with_name('other.db')}") as empty:
        write_results_of(empty, file)
    assert who(file) == []


def test_who_is_renamed_or_dropped_is_in_it_no_longer(book: Gradebook, file: Path) -> None:
    book.rename("bob", "zoe")
    write_results_of(book, file)
    assert [student for student, *_ in who(file)] == ["ada", "cyd", "zoe"]
    # The database reuses the dropped result's number for the next result.
    book.drop("cyd")
    book.write([GradeRecord(result("eve"))])
    write_results_of(book, file)
    assert [student for student, *_ in who(file)] == ["ada", "eve", "zoe"]


def test_a_grading_that_is_repeated_or_worth_other_points_has_one_line(
    book: Gradebook, course: Course, file: Path
) -> None:
    book.write([GradeRecord(result("bob", 2.0))])
    write_results_of(book, file)
    assert who(file) == [("ada", 1, 5.5), ("bob", 1, 4.5), ("cyd", 1, 5.5)]
    text = (course.root / "course.yaml").read_text(encoding="utf-8")
    (course.root / "course.yaml").write_text(text.replace("points: 3}", "points: 6}"), encoding="utf-8")
    put_exercise(course.root, points=6.0)
    with Gradebook(load(course.root), settings_of(course)) as again:
        again.adopt_points()
        write_results_of(again, file)
    assert who(file) == [("ada", 1, 8.5), ("bob", 1, 6.5), ("cyd", 1, 8.5)]


def test_where_most_of_it_is_graded_again_it_is_written_whole(book: Gradebook, file: Path) -> None:
    book.write([GradeRecord(result(student, course_version="2")) for student in ("ada", "bob", "cyd")])
    write_results_of(book, file)
    assert [student for student, *_ in who(file)] == ["ada", "bob", "cyd"]
