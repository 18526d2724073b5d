"""Commands that write to a course refuse to do so outside one, and a run that fails leaves no files behind."""

from pathlib import Path

import pytest

from tests.commands import run_mastery
from tests.course_copy import CourseCopy
from tests.repository import ROOT


def state(root: Path) -> dict[str, int]:
    """When each generated or stored file of the course was last written."""
    files = [*(root / "exercises").rglob("*"), *root.glob("*")]
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file()}


@pytest.mark.parametrize("words", [("build",), ("build", "--student"), ("certify", "softmax")])
def test_outside_of_a_course_nothing_is_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    before = state(ROOT)
    used = run_mastery(*words, cwd=tmp_path)
    assert used.returncode == 2
    assert f"There's no course in {tmp_path} or any folder above it" in used.stderr
    assert "--course" in used.stderr
    assert state(ROOT) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
def test_below_its_root_and_with_course_an_author_is_in_the_course(tmp_path: Path) -> None:
    course = CourseCopy(tmp_path)
    course.run("mastery", "build", cwd=course.root / "solutions")
    course.run("mastery", "build", "--course", course.root, cwd=tmp_path)


def test_a_grade_that_fails_leaves_no_result_files(tmp_path: Path) -> None:
    course = CourseCopy(tmp_path)
    (course.root / "submitted").mkdir()
    course.run("mastery", "grade", "--db", "nosuch://gradebook", ends=2)
    assert not [*course.root.glob("results.jsonl*"), *course.root.glob("scores*.csv")]


def test_a_grade_that_fails_keeps_the_files_of_the_one_before(tmp_path: Path) -> None:
    course = CourseCopy(tmp_path)
    (course.root / "submitted").mkdir()
    for name in ("results.jsonl", "scores.csv", "scores-by-stub.csv"):
        (course.root / name).write_text("before", encoding="utf-8")
    course.run("mastery", "grade", "--db", "nosuch://gradebook", ends=2)
    assert {(course.root / name).read_text() for name in ("results.jsonl", "scores.csv", "scores-by-stub.csv")} == {
        "before"
    }


def test_the_version_is_printed_anywhere(tmp_path: Path) -> None:
    used = run_mastery("--version", cwd=tmp_path)
    assert used.returncode == 0
    assert used.stdout.startswith("mastery 0.")
