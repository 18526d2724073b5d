"""scores.csv: each student's final scores, and who has handed in nothing."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

from autograder.cli.class_files import write_files
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from tests.gradebook.test_gradebook import COURSE, nbgraders, not_graded, put_exercise, result

DUE = datetime(2026, 5, 1, 12)


def test_each_student_has_the_final_score_of_each_lab_or_is_missing(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(tmp_path)
    course = load(tmp_path)
    read = frozenset({"why"})
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        book.write([GradeRecord(result("ada"), DUE + timedelta(hours=3), read), GradeRecord(result("bob"), DUE)])
        book.write([GradeRecord(not_graded("cyd"), DUE)])
        with nbgraders(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
            gradebook.update_or_create_assignment("sums", duedate=DUE)
            gradebook.add_student("zoe", first_name="Zoe", last_name="Z")
            gradebook.find_grade("why", "sums", "sums", "ada").manual_score = 1.5
            gradebook.find_submission_notebook("sums", "sums", "ada").late_submission_penalty = 2.0
            gradebook.db.commit()
        write_files(course, book, (tmp_path / "results.jsonl", tmp_path / "scores.csv"))
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    names = ("status", "score", "max_score", "penalty", "hours_late")
    assert {student: tuple(row[name] for name in names) for student, row in rows.items()} == {
        "ada": ("graded", "5.0", "7.5", "2.0", "3.0"),
        "bob": ("needs a person", "5.5", "7.5", "0.0", "0.0"),
        "cyd": ("not graded", "", "7.5", "0.0", "0.0"),
        "zoe": ("missing", "", "7.5", "", ""),
    }
    assert (rows["zoe"]["name"], rows["ada"]["handed_in_utc"]) == ("Zoe Z", "2026-05-01 15:00:00")
