"""Points change in the middle of a term: no official score is ever wrong, in nbgrader or in our files."""

import csv
import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api

from autograder.authoring.simulation import notebooks
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.nbgrader_plugin import grade_one
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from autograder.model.errors import CourseError
from tests.course_copy import CourseCopy, confirmed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

COURSE = """
title: One lab
packages: {allowed: [numpy], inert: [matplotlib, IPython, ipywidgets]}
labs:
  - name: softmax
    title: Softmax and temperature
    judged: [{name: clarity, title: clarity, points: 2}]
    stubs:
      - {name: softmax, points: 8}
      - {name: log_softmax, points: 5}
      - {name: softmax_with_temperature, points: 7}
      - {name: entropy, points: 0}
"""
BASE_2 = (
    "def softmax(logits, axis=-1):\n    powers = 2.0 ** (logits - logits.max(axis, keepdims=True))\n"
    "    return powers / powers.sum(axis, keepdims=True)"
)
# With an empty folder of submissions, nothing can be graded again, so every change comes from the stored evidence.
NOBODY = ("--submitted", "nobody")


class Class(CourseCopy):
    """A course with one lab, and its class."""

    def mastery(self, *words: object, ends: int = 0) -> str:
        return " ".join(self.run("mastery", *words, ends=ends).split())

    def changes(self, *words: object) -> list[dict[str, Any]]:
        """Return what `mastery changes` prints."""
        lines = self.run("mastery", "changes", "--json", *words).splitlines()
        return [json.loads(line) for line in lines]

    def refused(self, *words: object) -> str:
        """Return the sentence with which the command ends, with exit code 2."""
        return self.mastery(*words, ends=2)

    def edit(self, before: str, after: str, file: str = "course.yaml") -> None:
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def change_points(self, before: str, after: str) -> None:
        self.edit(before, after)
        self.mastery("build")

    def official(self, student: str) -> tuple[float, float, bool]:
        """nbgrader's score minus the penalty, its maximum, and whether a person has to look at it."""
        with self.gradebook() as gradebook:
            found = gradebook.find_submission("softmax", student)
            return found.score - found.late_submission_penalty, found.max_score, found.needs_manual_grade

    def gradebook(self) -> api.Gradebook:
        return api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}")

    def manual(self, student: str, cell: str, score: float) -> None:
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade(cell, "softmax", "softmax", student)
            grade.manual_score, grade.needs_manual_grade = score, False
            name = cell if cell == "clarity" else f"{cell}-solution"
            gradebook.find_comment(name, "softmax", "softmax", student).manual_comment = "As we agreed."
            gradebook.db.commit()

    def by_hand(self, student: str, cell: str) -> tuple[float | None, bool, str | None]:
        """The manual score of a cell, whether it's waiting for another look, and the comment."""
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade(cell, "softmax", "softmax", student)
            name = cell if cell == "clarity" else f"{cell}-solution"
            comment = gradebook.find_comment(name, "softmax", "softmax", student).manual_comment
            return grade.manual_score, grade.needs_manual_grade, comment

    def scores(self) -> dict[str, tuple[float, float]]:
        """Score and maximum of each student from checks only, as in results.jsonl."""
        lines = (self.root / "results.jsonl").read_text(encoding="utf-8").splitlines()
        return {each["student"]: (each["score"], each["max_score"]) for each in map(json.loads, lines)}

    def final(self, student: str) -> tuple[float, float]:
        """Score and maximum in scores.csv, which include a person's points and the penalty."""
        with (self.root / "scores.csv").open(encoding="utf-8", newline="") as file:
            (row,) = (row for row in csv.DictReader(file) if row["student"] == student)
        return float(row["score"]), float(row["max_score"])

    def sql(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.root / "gradebook.db")) as connection, connection:
            return connection.execute(statement).fetchall()


def new_class(folder: Path) -> Class:
    """A built course without students."""
    term = Class(folder)
    (term.root / "course.yaml").write_text(COURSE, encoding="utf-8")
    with (term.root / "solutions" / "softmax" / "softmax.py").open("a", encoding="utf-8") as file:
        file.write('\n# %% [markdown] judged="clarity"\n# Is it clear?\n')
    term.configure('c.LateSubmissionPlugin.penalty_method = "zero"')
    (term.root / "nobody").mkdir()
    term.mastery("build")
    return term


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """ada has everything right, bob uses powers of 2, and dan submits too late to earn anything."""
    term = new_class(tmp_path_factory.mktemp("graded"))
    course = load(term.root)
    parts = notebooks.simulation(course, course.lab("softmax"))
    for student in ("ada", "bob", "dan"):
        work = parts.solved({"softmax": BASE_2} if student == "bob" else {})
        notebooks.write(work, term.root / "submitted" / student / "softmax" / "softmax.ipynb")
    (term.root / "submitted" / "dan" / "softmax" / "timestamp.txt").write_text("2026-05-02 12:00:00 UTC")
    Gradebook(course, settings_of(course, term.root)).close()
    with term.gradebook() as gradebook:
        gradebook.update_or_create_assignment("softmax", duedate="2026-05-01 12:00:00 UTC")
    term.mastery("grade", "--processes", 1)
    for student in ("ada", "bob", "dan"):
        term.manual(student, "clarity", 2.0)
    return term


@pytest.fixture
def term(graded: Class, tmp_path: Path) -> Class:
    """The graded class, in a folder of its own."""
    return copied(graded, tmp_path)


def copied(term: Class, folder: Path) -> Class:
    """A copy of the class in another folder."""
    copy = Class.__new__(Class)
    copy.root = confirmed(Path(shutil.copytree(term.root, folder / "course")))
    copy.variables, copy.environment = term.variables, term.environment
    return copy


def test_nothing_is_graded_while_course_yaml_and_the_exercises_differ(term: Class) -> None:
    term.edit("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    said = term.refused("grade")
    assert "softmax is worth 20 points in course.yaml but 8 in exercises/softmax/softmax.ipynb" in said
    assert said.endswith("Run `mastery build`, then grade again.")
    assert term.official("ada") == (22.0, 22.0, False)
    assert term.scores()["ada"] == (20.0, 20.0)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("clarity, points: 2", "clarity, points: 3", "clarity is worth 3 points in course.yaml but 2 in"),
        ("      - {name: log_softmax, points: 5}\n", "", "has the graded cell log_softmax, which isn't in course.yaml"),
        ("entropy, points: 0}", "entropy, points: 0}\n      - {name: more, points: 1}", "more is in course.yaml but"),
    ],
)
def test_a_row_or_a_stub_that_only_one_of_them_has_is_named(term: Class, before: str, after: str, says: str) -> None:
    term.edit(before, after)
    assert says in term.refused("grade", *NOBODY)


def test_changed_points_reach_every_score_at_once_though_nothing_is_left_to_grade_again(term: Class) -> None:
    bob = term.scores()["bob"][0] - 12
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    said = term.mastery("grade", *NOBODY)
    assert term.official("ada") == (34.0, 34.0, False)
    assert term.official("bob")[0] == pytest.approx(bob * 20 / 8 + 14, abs=1e-3)
    assert term.official("dan") == (0.0, 34.0, False)  # the penalty is still the full score
    assert term.scores()["ada"] == (32.0, 32.0)
    assert (term.final("ada"), term.final("dan")) == ((34.0, 34.0), (0.0, 34.0))
    assert "ada/softmax: 20 of 20 -> 32 of 32, because softmax is now worth 20 points instead of 8" in said
    said = term.mastery("grade", *NOBODY)
    assert "ada/softmax" not in said


@pytest.mark.classes
def test_reworded_messages_are_no_changed_scores(term: Class) -> None:
    term.mastery("grade", *NOBODY)
    before = term.changes()
    term.edit("You use powers of 2, but", "Powers of 2 are yours, but", "reference/softmax/misconceptions.py")
    term.edit("You get the lesson's table", "The lesson's table comes", "reference/softmax/test_visible.py")
    assert "->" not in term.mastery("grade", "--processes", 1)
    evidence = (term.root / "results.jsonl").read_text(encoding="utf-8")
    assert "Powers of 2 are yours, but" in evidence
    assert "The lesson's table comes" in evidence
    assert term.changes() == before


@pytest.mark.classes
def test_grading_again_after_that_finds_the_same(term: Class) -> None:
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    term.mastery("grade", *NOBODY)
    before = term.scores()
    said = term.mastery("grade", "--processes", 1)
    assert "->" not in said
    assert term.scores() == {student: pytest.approx(scores, abs=1e-3) for student, scores in before.items()}
    assert "3 of 3 submissions are graded and unchanged." in term.mastery("grade", "--processes", 1)
    assert term.official("ada") == (34.0, 34.0, False)


def test_points_edited_while_a_command_is_grading_change_no_score(term: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grading process that starts after the edit already uses the new points."""
    before, graded_before = term.official("bob"), term.scores()["bob"]
    of = "SELECT id FROM submitted_assignment WHERE student_id = 'bob'"
    term.sql(f"UPDATE mastery_grading SET course_version = 'older' WHERE submission_id IN ({of})")
    adopt = Gradebook.adopt_points

    def adopt_then_edit(book: Gradebook) -> Any:
        done = adopt(book)
        term.edit("{name: softmax, points: 8}", "{name: softmax, points: 20}")
        return done

    monkeypatch.setattr(Gradebook, "adopt_points", adopt_then_edit)
    term.mastery("grade", "--processes", 1)
    assert term.official("bob") == pytest.approx(before, abs=1e-3)
    assert term.scores()["bob"] == pytest.approx(graded_before, abs=1e-3)
    monkeypatch.undo()
    assert "Run `mastery build`" in term.refused("grade", *NOBODY)
    term.mastery("build")
    term.mastery("grade", *NOBODY)
    assert term.scores()["bob"] == pytest.approx((12 + (graded_before[0] - 12) * 20 / 8, 32.0), abs=1e-3)


def test_the_export_takes_the_new_points(term: Class) -> None:
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    term.mastery("grade", *NOBODY)
    text = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Points Possible",,,,\n"A, Ada",ada,,,AI\n"B, Bob",bob,,,AI\n'
    (term.root / "Grades.csv").write_text(text, encoding="utf-8")
    term.mastery("export", "Grades.csv", ends=1)
    with (term.root / "Grades-filled.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Student"].strip(): row["softmax"] for row in csv.DictReader(file)}
    assert (rows["Points Possible"], rows["A, Ada"]) == ("34.0", "34.0")


@pytest.mark.slow
def test_feedback_and_report_show_the_new_points(term: Class) -> None:
    assert "Made 3 pages of feedback." in term.mastery("feedback", "--processes", 1)
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    term.mastery("grade", *NOBODY)
    assert "Made 3 pages of feedback." in term.mastery("feedback", "--processes", 1)
    page = (term.root / "feedback" / "ada" / "softmax" / "softmax.html").read_text(encoding="utf-8")
    assert "Score: 34.0 / 34.0" in " ".join(page.split())
    shares = []
    for points in (20, 2):
        term.mastery("report", "--json", "report.json")
        (lab,) = json.loads((term.root / "report.json").read_text(encoding="utf-8"))["labs"]
        shares.append(lab["mean"])
        assert lab["mean"] == pytest.approx(sum(score / most for score, most in term.scores().values()) / 3, abs=1e-3)
        if points == 20:
            term.change_points("{name: softmax, points: 20}", "{name: softmax, points: 2}")
            term.mastery("grade", *NOBODY)
    assert shares[0] < shares[1]  # bob's mistakes are all in softmax


@pytest.mark.classes
def test_nbgraders_own_generate_assignment_in_between_hides_nothing(term: Class) -> None:
    (term.root / "Grades.csv").write_text("Student,ID,SIS User ID,SIS Login ID,Section\n", encoding="utf-8")
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    with term.gradebook() as gradebook:
        gradebook.find_grade_cell("softmax", "softmax", "softmax").max_score = 20.0
        gradebook.db.commit()
    assert term.official("ada") == (22.0, 34.0, False)
    for words in (("export", "Grades.csv"), ("feedback",)):
        assert "The points of softmax have changed since it was graded" in term.refused(*words)
    assert not (term.root / "Grades-filled.csv").exists()
    term.mastery("grade", *NOBODY)
    assert term.official("ada") == (34.0, 34.0, False)


def test_a_full_manual_score_stays_full_and_any_other_waits_for_another_look(term: Class) -> None:
    term.manual("ada", "softmax", 8.0)
    term.manual("bob", "softmax", 6.0)
    term.manual("dan", "softmax", 0.0)
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 5}")
    said = term.mastery("grade", *NOBODY)
    assert term.by_hand("ada", "softmax") == (5.0, False, "As we agreed.")
    assert term.by_hand("bob", "softmax") == (6.0, True, "As we agreed.")  # more than the stub is worth now
    assert term.by_hand("dan", "softmax") == (0.0, False, "As we agreed.")
    assert "the score given by hand for softmax (6) needs another look" in said
    assert "the score given by hand for softmax is now 5 instead of 8" in said


def test_what_a_person_found_satisfactory_stays_satisfactory(term: Class) -> None:
    term.manual("bob", "clarity", 1.0)
    term.change_points("clarity, points: 2", "clarity, points: 3")
    term.mastery("grade", *NOBODY)
    assert term.by_hand("ada", "clarity") == (3.0, False, "As we agreed.")
    assert term.by_hand("bob", "clarity") == (1.0, True, "As we agreed.")
    assert term.official("ada") == (23.0, 23.0, False)


@pytest.mark.classes
def test_a_stub_that_was_worth_nothing_has_no_score_until_it_is_graded_again(term: Class) -> None:
    """The evidence doesn't say how the points are split among the checks; a guess would give wrong official scores."""
    term.change_points("{name: entropy, points: 0}", "{name: entropy, points: 5}")
    term.mastery("grade", *NOBODY)
    assert term.official("ada") == (22.0, 27.0, True)
    assert term.scores()["ada"] == (20.0, 25.0)
    assert term.final("ada") == (22.0, 27.0)
    term.mastery("grade", "--processes", 1)
    assert term.official("ada") == (27.0, 27.0, False)


@pytest.mark.classes
def test_removing_a_stub_that_was_graded_is_refused_and_nothing_is_lost(term: Class) -> None:
    term.edit("      - {name: entropy, points: 0}\n", "")
    cells = re.split(r"(?m)^(?=# %%)", (term.root / "solutions" / "softmax" / "softmax.py").read_text(encoding="utf-8"))
    kept = [cell for cell in cells if "def entropy(" not in cell and 'check("entropy")' not in cell]
    (term.root / "solutions" / "softmax" / "softmax.py").write_text("".join(kept), encoding="utf-8")
    for file in ("reference/softmax/test_visible.py", "solutions/softmax/test_hidden.py"):
        text = (term.root / file).read_text(encoding="utf-8")
        tests = re.split(r"(?m)^(?=@checks)", text)
        (term.root / file).write_text("".join(each for each in tests if '@checks("entropy"' not in each), "utf-8")
    term.mastery("build")
    before = term.official("ada")
    assert "aren't the ones that were graded before (entropy, entropy-solution)" in term.refused("grade")
    assert term.official("ada") == before


def kept_wrong(term: Class) -> None:
    """A gradebook that was graded out of 20 points before the notebooks said so: 8 in nbgrader, 20 in the evidence."""
    for row, text in term.sql("SELECT id, result FROM mastery_grading"):
        result = json.loads(text)
        for check in result["checks"]:
            if check["stub"] == "softmax":
                check["points"], check["max_points"] = check["points"] * 2.5, check["max_points"] * 2.5
        result["max_score"] = 32.0
        result["score"] = round(sum(check["points"] for check in result["checks"]), 4)
        with closing(sqlite3.connect(term.root / "gradebook.db")) as connection, connection:
            values = (json.dumps(result), result["score"], 32.0, row)
            connection.execute("UPDATE mastery_grading SET result = ?, score = ?, max_score = ? WHERE id = ?", values)


def as_before_points_were_kept(term: Class) -> None:
    """Revert the tables to their original form, which some instructors still have."""
    term.sql("DROP TRIGGER mastery_change_goes")
    term.sql("DROP TRIGGER mastery_facts_goes")
    for table in ("change", "facts", "outcomes"):
        term.sql(f"DROP TABLE mastery_{table}")
    for column in ("maxima", "engine_version", "run"):
        term.sql(f"ALTER TABLE mastery_grading DROP COLUMN {column}")
    term.sql("UPDATE mastery_schema SET version = 1")


@pytest.mark.classes
def test_a_gradebook_of_an_earlier_version_is_kept_and_its_wrong_scores_are_put_right(term: Class) -> None:
    kept_wrong(term)
    as_before_points_were_kept(term)
    term.change_points("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    said = term.mastery("grade", *NOBODY)
    assert "ada/softmax: 20 of 20 -> 32 of 32" in said
    assert term.official("ada") == (34.0, 34.0, False)
    assert term.by_hand("ada", "clarity") == (2.0, False, "As we agreed.")
    assert term.scores()["ada"] == (32.0, 32.0)
    assert term.sql("SELECT version FROM mastery_schema") == [(6,)]


@pytest.mark.classes
def test_formgraders_autograde_takes_the_new_points_too(term: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(term.root)
    monkeypatch.setenv("MASTERY_SECRET", term.environment["MASTERY_SECRET"])
    settings = settings_of(load(term.root))
    term.edit("{name: softmax, points: 8}", "{name: softmax, points: 20}")
    with pytest.raises(CourseError, match="Run `mastery build`"):
        grade_one(settings, "bob", "softmax")
    term.mastery("build")
    grade_one(settings, "bob", "softmax")
    assert term.official("ada") == (34.0, 34.0, False)


@pytest.mark.classes
def test_what_another_version_of_the_program_graded_is_graded_again_only_when_asked(term: Class) -> None:
    assert "another version" not in term.mastery("grade")
    # NULL: graded before versions were recorded.
    for student, version in (("ada", "'older'"), ("bob", "NULL")):
        of = f"SELECT id FROM submitted_assignment WHERE student_id = '{student}'"
        for table in ("mastery_grading", "mastery_facts"):
            term.sql(f"UPDATE {table} SET engine_version = {version} WHERE submission_id IN ({of})")
    said = term.mastery("grade")
    assert "2 of 3 submissions were graded by a different version of this program." in said
    assert "3 of 3 submissions are graded and unchanged." in said
    assert "1 of 3 submissions are graded and unchanged." in term.mastery("grade", "--regrade", "--processes", 1)
    assert "another version" not in term.mastery("grade")
    assert "run `mastery grade --regrade` first" in term.refused("grade", "--regrade", "--watch")
