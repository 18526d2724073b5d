"""Scores and evidence in nbgrader's gradebook, in both SQLite and PostgreSQL, as read by nbgrader's own API."""

import os
import shutil
import sqlite3
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
import sqlalchemy as sql
from nbgrader import api
from nbgrader.utils import compute_checksum

from autograder.gradebook import locking, tables
from autograder.gradebook.changes import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord, Total
from autograder.gradebook.settings import Settings, settings_of
from autograder.mastery.levels import Judgement, Override
from autograder.model.course import Course, load
from autograder.model.errors import CourseError
from autograder.model.results import Evidence, LabResult, Outcome, clamped
from tests.course_copy import confirmed

COURSE = """
title: Sums
labs:
  - {name: sums, title: Sums, stubs: [{name: plus, points: 3}, {name: minus, points: 2.5}]}
"""
CELLS = [
    ("code", "plus-solution", {"solution": True}, "def plus(a, b): ..."),
    ("code", "plus", {"grade": True, "locked": True, "points": 3.0}, 'check("plus")'),
    ("code", "minus-solution", {"solution": True}, "def minus(a, b): ..."),
    ("code", "minus", {"grade": True, "locked": True, "points": 2.5}, 'check("minus")'),
    ("markdown", "why", {"grade": True, "solution": True, "points": 2.0}, "Why?"),
]
DUE = datetime(2026, 5, 1, 12)


def postgresql_folder() -> Path | None:
    """The folder of the system's newest PostgreSQL programs, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return folders[-1] if folders else Path(found).parent if found else None


@contextmanager
def postgresql(programs: Path) -> Iterator[str]:
    """A server that listens on a socket in a folder of its own. Yields its URL, with %s for the database's name."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # PostgreSQL refuses to run as root.
    user = ["su", "postgres", "-s", "/bin/sh", "-c"] if os.getuid() == 0 else ["sh", "-c"]
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")

    def run(command: str) -> None:
        subprocess.run([*user, f"cd {folder} && {programs}/{command}"], check=True, stdout=subprocess.DEVNULL)

    try:
        run(f"initdb -D {folder}/data -U tester -A trust -E UTF8 --locale=C --no-sync")
        run(f"pg_ctl -D {folder}/data -w -l {folder}/log -o '-k {folder} -c listen_addresses= -c fsync=off' start")
        try:
            yield f"postgresql+psycopg://tester@/%s?host={folder}"
        finally:
            run(f"pg_ctl -D {folder}/data -m immediate stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def exercise(extra: Sequence[str] = (), points: float = 3.0, without: str = "") -> Any:
    notebook = nbformat.v4.new_notebook()
    more = [("code", name, {"grade": True, "locked": True, "points": 1.0}, f"check('{name}')") for name in extra]
    for kind, name, role, source in [*CELLS, *more]:
        if name == without:
            continue
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(source, id=name)
        roles = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **role}
        cell.metadata["nbgrader"] = {**roles, "grade_id": name, "cell_type": kind}
        if name == "plus":
            cell.metadata.nbgrader["points"] = points
        cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
        notebook.cells.append(cell)
    return notebook


def put_exercise(root: Path, **kwargs: Any) -> None:
    path = root / "exercises" / "sums" / "sums.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(exercise(**kwargs), path)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = confirmed(tmp_path_factory.mktemp("course"))
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    return load(root)


@pytest.fixture(scope="module")
def settings(course: Course) -> Settings:
    return settings_of(course)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_url(
    request: pytest.FixtureRequest, course: Course, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """A function that creates a gradebook with a given name, in which the lab is registered."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("sqlite")
        template = folder / "template.db"
        register(course, settings, f"sqlite:///{template}")
        yield lambda name: f"sqlite:///{shutil.copy(template, folder / f'{name}.db')}"
        return
    programs = postgresql_folder()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL is missing: apt-get install postgresql"
        pytest.skip("PostgreSQL is missing")
    with postgresql(programs) as url:
        server = sql.create_engine(url % "postgres", isolation_level="AUTOCOMMIT")

        def create(name: str, template: str = "template1") -> str:
            with server.connect() as connection:
                connection.execute(sql.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            return url % name

        register(course, settings, create("kept"))
        yield lambda name: create(name, "kept")
        server.dispose()


def register(course: Course, settings: Settings, url: str) -> None:
    with Gradebook(course, settings, url) as book:
        book.register(course.lab("sums"))


@pytest.fixture
def url(new_url: Callable[[str], str], request: pytest.FixtureRequest) -> str:
    name = "".join(each if each.isalnum() else "_" for each in request.node.name.lower())
    return new_url(f"g_{abs(hash(name)) % 10**12}")


@pytest.fixture
def book(course: Course, settings: Settings, url: str) -> Iterator[Gradebook]:
    with Gradebook(course, settings, url) as book:
        book.register(course.lab("sums"))
        yield book


@contextmanager
def nbgraders(url: str) -> Iterator[api.Gradebook]:
    with api.Gradebook(url) as gradebook:
        yield gradebook


def evidence(stub: str, points: float, maximum: float, outcome: Outcome = Outcome.PASSED) -> Evidence:
    return Evidence(
        id=f"sums::{stub}::known",
        stub=stub,
        kind="visible",
        title="It adds.",
        points=points,
        max_points=maximum,
        outcome=outcome,
        seconds=0.01,
    )


def result(student: str = "ada", plus: float = 3.0, minus: float = 2.5, **changes: Any) -> LabResult:
    values = {
        "student": student,
        "lab": "sums",
        "status": "graded",
        "score": plus + minus,
        "max_score": 5.5,
        "seconds": 0.1,
        "isolation": ("seccomp",),
        "content_hash": "a" * 64,
        "course_version": "1",
        "secret": "s",
        "checks": [evidence("plus", plus, 3.0), evidence("minus", minus, 2.5)],
    }
    return LabResult.model_validate({**values, **changes})


def not_graded(student: str = "ada", **changes: Any) -> LabResult:
    return result(student, status="not graded", score=None, message="It is no notebook.", checks=[], **changes)


def grades(url: str, student: str = "ada") -> dict[str, tuple[str, float | None, bool]]:
    """Each cell's id, its automatic score, and whether a person has to look at it, by the cell's name."""
    with nbgraders(url) as gradebook:
        rows = gradebook.find_submission_notebook("sums", "sums", student).grades
        return {row.name: (row.id, row.auto_score, row.needs_manual_grade) for row in rows}


def count(url: str, table: str) -> int:
    engine = sql.create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(sql.text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return int(found)


def test_scores_are_in_nbgraders_gradebook_and_unknown_students_are_added(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result("ada")), GradeRecord(result("bob", plus=1.2346, minus=0.0))])
    assert {name: row[1:] for name, row in grades(url, "bob").items()} == {
        "plus": (1.2346, False),
        "minus": (0.0, False),
        "why": (None, True),
    }
    with nbgraders(url) as gradebook:
        assert [student.id for student in gradebook.students] == ["ada", "bob"]
        submission = gradebook.find_submission("sums", "ada")
        assert (submission.score, submission.max_score, submission.needs_manual_grade) == (5.5, 7.5, True)


def test_an_answer_left_as_it_was_needs_nobody_and_is_commented(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result(), unanswered=frozenset({"why", "plus-solution"}))])
    assert grades(url)["why"][1:] == (0.0, False)
    with nbgraders(url) as gradebook:
        comments = gradebook.find_submission_notebook("sums", "sums", "ada").comments
        said = {each.name: each.comment for each in comments}
    assert said == {"plus-solution": "No response.", "minus-solution": None, "why": "No response."}


def test_all_of_the_evidence_comes_back(book: Gradebook) -> None:
    written = result("ada\u2028", message="\0\x1b ☃")
    book.write([GradeRecord(written, datetime(2026, 4, 1))])
    assert book.results() == [written]
    assert book.results([("ada\u2028", "sums")]) == [written]
    assert book.results([("bob", "sums")]) == []
    known = book.graded()["ada\u2028", "sums"]
    assert (known.attempt, known.content_hash, known.submitted_at) == (1, "a" * 64, datetime(2026, 4, 1))


def test_a_regrade_changes_rows_in_place_and_keeps_what_a_person_gave(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result(plus=1.0))])
    before = grades(url)
    with nbgraders(url) as gradebook:
        gradebook.find_grade("why", "sums", "sums", "ada").manual_score = 1.5
        gradebook.find_grade("why", "sums", "sums", "ada").needs_manual_grade = False
        gradebook.find_grade("minus", "sums", "sums", "ada").extra_credit = 0.25
        gradebook.find_comment("plus-solution", "sums", "sums", "ada").manual_comment = "Well done."
        gradebook.db.commit()
    book.write([GradeRecord(result(course_version="2"))])
    after = grades(url)
    assert {name: row[0] for name, row in after.items()} == {name: row[0] for name, row in before.items()}
    assert after["plus"][1:] == (3.0, False)
    assert not after["why"][2]
    with nbgraders(url) as gradebook:
        assert gradebook.find_submission("sums", "ada").score == 3.0 + 2.5 + 0.25 + 1.5
        assert gradebook.find_comment("plus-solution", "sums", "sums", "ada").comment == "Well done."


def test_a_new_attempt_asks_for_a_new_look_at_what_a_person_gave(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result())])
    with nbgraders(url) as gradebook:
        grade = gradebook.find_grade("why", "sums", "sums", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    book.write([GradeRecord(result(attempt=2))])
    assert grades(url)["why"][2]


def test_every_attempt_is_kept_and_the_newest_is_current(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result(plus=1.0))])
    book.write([GradeRecord(result(plus=2.0, course_version="2"))])
    book.write([GradeRecord(result(plus=3.0, attempt=2, course_version="2"))])
    assert [each.score for _, each in book.attempts("ada", "sums")] == [3.5, 4.5, 5.5]
    assert [each.score for each in book.results()] == [5.5]
    book.write([GradeRecord(result(plus=1.5, course_version="1"))])  # the author reverted a change
    assert [each.score for each in book.results()] == [4.0]
    assert count(url, "mastery_grading") == 3


def test_the_history_of_a_student_is_every_attempt_as_it_was_last_graded(book: Gradebook) -> None:
    early, late = datetime(2026, 4, 1), datetime(2026, 4, 2)
    book.write([GradeRecord(result(plus=1.0), early), GradeRecord(result("bob"))])
    book.write([GradeRecord(result(plus=2.0, course_version="2"), early)])
    book.write([GradeRecord(result(plus=3.0, attempt=2, course_version="2"), late)])
    assert book.students() == ["ada", "bob"]
    assert [(each.when, each.result.score) for each in book.history("ada")["sums"]] == [(early, 4.5), (late, 5.5)]
    assert book.history("cyd") == {}


def test_an_override_is_a_persons_full_score_of_a_stub_that_waits_for_no_other_look(book: Gradebook, url: str) -> None:
    names = ("full", "short", "waiting", "untouched")
    book.write([GradeRecord(result(name, plus=0.0)) for name in names])
    with nbgraders(url) as gradebook:
        for name, score in {"full": 3.0, "short": 2.9, "waiting": 3.0}.items():
            grade = gradebook.find_grade("plus", "sums", "sums", name)
            grade.manual_score, grade.needs_manual_grade = score, name == "waiting"
        gradebook.find_comment("plus-solution", "sums", "sums", "full").manual_comment = "Right, by another way."
        why = gradebook.find_grade("why", "sums", "sums", "short")
        why.manual_score, why.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    said = "Right, by another way."
    assert book.overrides(["full"])["full"] == [Override(lab="sums", stub="plus", comment=said)]
    assert {name: [each.stub for each in given] for name, given in book.overrides(book.students()).items()} == {
        "full": ["plus"],
        "short": ["why"],
    }


def test_a_judgement_is_what_a_person_gave_a_row_and_need_not_look_at_again(
    new_url: Callable[[str], str], settings: Settings, tmp_path: Path
) -> None:
    rows = "[{name: why, title: why, points: 1}, {name: how, title: how, points: 2}]"
    text = "title: Read\nlabs:\n  - {name: read, title: Read, stubs: [{name: plus, points: 3}], judged: %s}\n"
    (tmp_path / "course.yaml").write_text(text % rows, encoding="utf-8")
    notebook = exercise()
    for name, points in (("why", 1.0), ("how", 2.0)):
        cell = nbformat.v4.new_markdown_cell(f"**{name}**", id=name)
        roles = {"grade": False, "solution": False, "locked": True, "task": True, "schema_version": 3}
        cell.metadata["nbgrader"] = {**roles, "grade_id": name, "cell_type": "markdown", "points": points}
        cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
        notebook.cells.append(cell)
    notebook.cells = [notebook.cells[1], *notebook.cells[-2:]]
    path = tmp_path / "exercises" / "read" / "read.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    course, url = load(tmp_path), new_url("judgements")
    names = ("full", "none", "waiting", "untouched")
    with Gradebook(course, settings, url) as book:
        book.register(course.lab("read"))
        book.write([GradeRecord(result(name, lab="read", checks=[evidence("plus", 3.0, 3.0)])) for name in names])
        book.write([GradeRecord(result("absent", lab="read"), unanswered=frozenset({"why", "how"}))])
        with nbgraders(url) as gradebook:
            for name, score in {"full": 2.0, "none": 0.0, "waiting": 2.0}.items():
                grade = gradebook.find_grade("how", "read", "read", name)
                grade.manual_score, grade.needs_manual_grade = score, name == "waiting"
            gradebook.find_comment("how", "read", "read", "none").manual_comment = "Say how."
            gradebook.db.commit()
            absent = gradebook.find_submission("read", "absent")
            assert (absent.needs_manual_grade, absent.score, absent.max_score) == (False, 3.0, 6.0)
        assert book.judgements(book.students()) == {
            "full": [Judgement(lab="read", row="how", satisfied=True, comment=None)],
            "none": [Judgement(lab="read", row="how", satisfied=False, comment="Say how.")],
        }
        assert book.overrides(book.students()) == {}


def test_what_was_not_graded_is_no_zero_and_a_person_has_to_look(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(not_graded())])
    assert {row[1:] for row in grades(url).values()} == {(None, True)}
    partly = [evidence("plus", 3.0, 3.0), evidence("minus", 0.0, 2.5, Outcome.NOT_GRADED)]
    book.write([GradeRecord(result(status="partly graded", checks=partly))])
    assert grades(url)["plus"][1:] == (3.0, False)
    assert grades(url)["minus"][1:] == (0.0, True)


@pytest.mark.parametrize(
    ("points", "cell"), [(2.999999, 3.0), (3.000001, 3.0), (-1e-9, 0.0), (float("nan"), 0.0), (float("inf"), 0.0)]
)
def test_a_score_never_leaves_its_cell(points: float, cell: float) -> None:
    assert clamped(points, 3.0) == cell


def test_late_submissions_lose_what_nbgraders_plugin_takes(course: Course, url: str) -> None:
    late_penalty = "bob/sums: its late penalty is now"
    with nbgraders(url) as gradebook:
        gradebook.update_or_create_assignment("sums", duedate=DUE)
    with Gradebook(course, strict(course), url) as book:
        book.register(course.lab("sums"))
        early, late = DUE - timedelta(seconds=1), DUE + timedelta(hours=1)
        book.write([GradeRecord(result("ada"), early), GradeRecord(result("bob"), late), GradeRecord(result("cyd"))])
        assert penalties(url) == {"ada": None, "bob": 5.5, "cyd": None}
        assert book.count_lateness() == []
        with nbgraders(url) as gradebook:
            gradebook.find_grade("plus", "sums", "sums", "bob").manual_score = 1.0
            gradebook.db.commit()
        assert told(book.count_lateness()) == [f"{late_penalty} 3.5 points instead of 5.5 (handed in 1 h late)"]
        assert penalties(url) == {"ada": None, "bob": 3.5, "cyd": None}
        with nbgraders(url) as gradebook:
            gradebook.grant_extension("sums", "bob", hours=2)
        assert told(book.count_lateness()) == [f"{late_penalty} 0 points instead of 3.5 (not late)"]
        assert penalties(url)["bob"] is None
        with nbgraders(url) as gradebook:
            gradebook.update_or_create_assignment("sums", duedate=DUE - timedelta(days=1))
        assert told(book.write([GradeRecord(result("bob", course_version="2"), late)])) == [
            f"{late_penalty} 3.5 points instead of 0 (handed in 23 h late)"
        ]
        assert penalties(url)["bob"] == 3.5
        assert [each.student for each in book.count_lateness()] == ["ada"]
        both = told(book.write([GradeRecord(result("ada", plus=2.0, course_version="2"), early)]))
        assert both == [
            "ada/sums: 5.5 -> 4.5, because the points are split differently among the checks; "
            "its late penalty is now 4.5 points instead of 5.5"
        ]
        assert [each.student for each in book.changes()] == ["bob", "bob", "bob", "ada", "ada"]
        assert told(book.changes())[-1:] == both
        new = result("bob", attempt=2, course_version="2")
        assert book.write([GradeRecord(new, DUE - timedelta(days=2))]) == []  # the student submitted something new


def strict(course: Course) -> Settings:
    """The settings under which late work earns nothing."""
    settings = settings_of(course)
    settings.config.LateSubmissionPlugin.penalty_method = "zero"
    return settings


def told(changes: Sequence[Change]) -> list[str]:
    return [str(each) for each in changes]


def test_a_penalty_changes_only_together_with_the_list_of_changes(
    course: Course, book: Gradebook, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.write([GradeRecord(result("bob"), DUE)])
    with nbgraders(url) as gradebook:
        gradebook.update_or_create_assignment("sums", duedate=DUE - timedelta(days=1))

    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    with Gradebook(course, strict(course), url) as again:
        with monkeypatch.context() as patched:
            patched.setattr(tables, "keep_changes", interrupted)
            with pytest.raises(KeyboardInterrupt):
                again.count_lateness()
        assert (penalties(url)["bob"], again.changes()) == (None, [])
        (change,) = again.count_lateness()
    assert (penalties(url)["bob"], book.changes()) == (5.5, [change])
    assert (change.attempt, change.before, change.after, change.max_before, change.max_after) == (1, 5.5, 5.5, 5.5, 5.5)
    assert (change.penalty_before, change.penalty_after) == (0.0, 5.5)


def penalties(url: str) -> dict[str, float | None]:
    with nbgraders(url) as gradebook:
        rows = gradebook.notebook_submissions("sums", "sums")
        return {row.student.id: row.late_submission_penalty for row in rows}


def test_totals_are_nbgraders_with_what_a_person_gave_less_the_penalty(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result(name), unanswered=frozenset({"why"})) for name in ("ada", "bob", "cyd")])
    with nbgraders(url) as gradebook:
        gradebook.update_or_create_student("ada", lms_user_id="12345")
        gradebook.find_grade("plus", "sums", "sums", "ada").manual_score = 1.0
        for student, penalty in (("ada", 0.25), ("bob", 9.0)):
            gradebook.find_submission_notebook("sums", "sums", student).late_submission_penalty = penalty
        gradebook.find_grade("why", "sums", "sums", "cyd").needs_manual_grade = True
        gradebook.db.commit()
    book.write([GradeRecord(not_graded("dan")), GradeRecord(result("eve"))])
    with nbgraders(url) as gradebook:
        gradebook.remove_submission_notebook("sums", "sums", "eve")
    assert book.totals() == [
        Total("ada", ("ada", "12345"), "sums", 3.25, 7.5, unread=False, penalty=0.25),
        Total("bob", ("bob",), "sums", 0.0, 7.5, unread=False, penalty=9.0),
        Total("cyd", ("cyd",), "sums", 5.5, 7.5, unread=True),
        Total("dan", ("dan",), "sums", 0.0, 7.5, unread=True),
    ]


def test_removing_a_student_removes_their_evidence(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result("ada")), GradeRecord(result("bob"))])
    book.write([GradeRecord(result("bob", attempt=2))])
    with nbgraders(url) as gradebook:
        gradebook.remove_student("bob")
    assert count(url, "mastery_grading") == 1
    assert list(book.graded()) == [("ada", "sums")]
    book.write([GradeRecord(result("bob"))])
    assert len(book.results()) == 2


def test_a_chunk_is_written_whole_or_not_at_all(book: Gradebook, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book.write([GradeRecord(result("ada", plus=1.0))])
    before = grades(url)

    def fail(*_: object) -> None:
        raise OSError("in the middle")

    monkeypatch.setattr("autograder.gradebook.writing._grading", fail)
    with pytest.raises(OSError, match="in the middle"):
        book.write([GradeRecord(result("ada", course_version="2")), GradeRecord(result("bob"))])
    assert grades(url) == before
    assert count(url, "student") == 1


def test_rows_of_nbgraders_own_making_are_taken_over(book: Gradebook, url: str) -> None:
    with nbgraders(url) as gradebook:
        gradebook.add_student("ada", first_name="Ada")
        gradebook.add_submission("sums", "ada", timestamp="2026-04-01 10:00:00 UTC")
    before = grades(url)
    book.write([GradeRecord(result())])
    assert {row[0] for row in grades(url).values()} == {row[0] for row in before.values()}
    with nbgraders(url) as gradebook:
        submission = gradebook.find_submission("sums", "ada")
        assert (submission.student.first_name, submission.timestamp) == ("Ada", datetime(2026, 4, 1, 10))


def test_a_lab_whose_points_changed_is_entered_anew_and_one_whose_cells_changed_is_refused(
    course: Course, book: Gradebook, url: str
) -> None:
    book.write([GradeRecord(result())])
    try:
        put_exercise(course.root, points=4.0)
        with pytest.raises(CourseError, match=r"plus is worth 3 points in course.yaml but 4 in .* `mastery build`"):
            book.register(course.lab("sums"))
        (course.root / "course.yaml").write_text(COURSE.replace("points: 3", "points: 4"), encoding="utf-8")
        dearer = load(course.root)
        with Gradebook(dearer, settings_of(dearer), url) as again:
            again.register(dearer.lab("sums"))
            again.write([GradeRecord(result(course_version="2", checks=[evidence("plus", 4.0, 4.0)]))])
        assert grades(url)["plus"][1] == 4.0
        (course.root / "course.yaml").write_text(COURSE, encoding="utf-8")
        put_exercise(course.root, extra=("more",))
        with pytest.raises(CourseError, match=r"has the graded cell more, which isn't in course.yaml"):
            book.register(course.lab("sums"))
        put_exercise(course.root, without="why")
        with pytest.raises(GradebookError, match=r"aren't the ones that were graded before \(why\)"):
            book.register(course.lab("sums"))
    finally:
        (course.root / "course.yaml").write_text(COURSE, encoding="utf-8")
        put_exercise(course.root)


def test_an_unknown_schema_is_refused_in_a_sentence(course: Course, settings: Settings, url: str) -> None:
    def execute(statement: str) -> None:
        engine = sql.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sql.text(statement))
        engine.dispose()

    execute("UPDATE mastery_schema SET version = 99")
    with pytest.raises(GradebookError, match=r"is in format 99, but this program supports 6; use the version"):
        Gradebook(course, settings, url)
    execute("UPDATE alembic_version SET version_num = 'another'")
    with pytest.raises(GradebookError, match=r"has nbgrader's schema another, but this program supports .* db upgrade"):
        Gradebook(course, settings, url)


def test_a_gradebook_of_the_first_form_is_taken_over_with_all_that_it_holds(
    course: Course, settings: Settings, book: Gradebook, url: str
) -> None:
    book.write([GradeRecord(result("ada")), GradeRecord(result("bob", plus=1.5))])
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sql.text("DROP TRIGGER mastery_change_goes"))
        connection.execute(sql.text("DROP TABLE mastery_change"))
        for column in ("maxima", "engine_version", "run"):
            connection.execute(sql.text(f"ALTER TABLE mastery_grading DROP COLUMN {column}"))
        connection.execute(sql.text("UPDATE mastery_schema SET version = 1"))
    engine.dispose()
    for _ in range(2):
        with Gradebook(course, settings, url) as again:
            assert [each.score for each in again.results()] == [5.5, 4.0]
            assert {each.engine_version for each in again.graded().values()} == {None}
    with Gradebook(course, settings, url) as again:
        again.register(course.lab("sums"))
        (change,) = again.write([GradeRecord(result("bob", plus=2.0, engine_version="e"))])
        assert again.changes() == [change]
        assert again.graded()["bob", "sums"].engine_version == "e"
        assert again.adopt_points() == []
        with nbgraders(url) as gradebook:
            gradebook.remove_student("bob")
        assert again.changes() == []


def test_a_gradebook_that_kept_no_late_penalties_keeps_its_changes(
    course: Course, settings: Settings, book: Gradebook, url: str
) -> None:
    book.write([GradeRecord(result("ada"), DUE)])
    (before,) = book.write([GradeRecord(result("ada", plus=2.0, course_version="2"), DUE)])
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        for column in ("penalty_before", "penalty_after"):
            connection.execute(sql.text(f"ALTER TABLE mastery_change DROP COLUMN {column}"))
        connection.execute(sql.text("UPDATE mastery_schema SET version = 5"))
    engine.dispose()
    with nbgraders(url) as gradebook:
        gradebook.update_or_create_assignment("sums", duedate=DUE - timedelta(days=1))
    for _ in range(2):
        with Gradebook(course, settings, url) as again:
            assert again.changes() == [before]
    with Gradebook(course, strict(course), url) as again:
        (after,) = again.count_lateness()
        assert again.changes() == [before, after]


def test_a_new_gradebook_is_as_nbgrader_makes_it(
    course: Course, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inside(path: Path) -> tuple[str, set[tuple[str, str, str]]]:
        with closing(sqlite3.connect(path)) as connection:
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            columns = ((name, row) for name in names for row in connection.execute(f"PRAGMA table_info({name})"))
            return version, {(name, row[1], row[2]) for name, row in columns if not name.startswith("mastery_")}

    # nbgrader looks for alembic on the PATH.
    monkeypatch.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]))
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    Gradebook(course, settings, f"sqlite:///{ours}").close()
    api.Gradebook(f"sqlite:///{theirs}").close()
    assert inside(ours) == inside(theirs)


def test_what_nbgrader_adds_up_for_a_submission_looks_through_no_others(
    course: Course, settings: Settings, tmp_path: Path
) -> None:
    """Otherwise, it would take minutes if there were thousands of submissions."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    Gradebook(course, settings, url).close()
    engine = sql.create_engine(url)
    sums = ("score", "needs_manual_grade", "late_submission_penalty")
    queries = [
        sql.select(api.SubmittedAssignment.id).where(api.SubmittedAssignment.student_id == "ada"),
        *(sql.select(getattr(api.SubmittedAssignment, each)).where(api.SubmittedAssignment.id == "1") for each in sums),
    ]
    with engine.connect() as connection:
        for query in queries:
            text = query.compile(engine, compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in connection.execute(sql.text(f"EXPLAIN QUERY PLAN {text}"))]
            assert not [step for step in plan if step.startswith("SCAN") or "AUTOMATIC" in step]
    engine.dispose()


def test_a_locked_database_is_waited_for_and_then_named(
    course: Course, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gradebook.db"
    register(course, settings, f"sqlite:///{path}")
    monkeypatch.setattr(locking, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(locking, "ONE_TRY_SECONDS", 0.1)
    with Gradebook(course, settings, f"sqlite:///{path}") as book:
        book.register(course.lab("sums"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            GradebookError, match=r"can't be read or written: database is locked. Everything graded so far"
        ):
            book.write([GradeRecord(result())])
        other.execute("ROLLBACK")
        other.close()
        book.write([GradeRecord(result())])
        assert len(book.results()) == 1


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x/y", "sqlite:////nowhere/at/all.db"])
def test_a_gradebook_that_cannot_be_opened_is_one_sentence(course: Course, settings: Settings, url: str) -> None:
    with pytest.raises(GradebookError):
        Gradebook(course, settings, url)


def test_many_are_written_like_one(book: Gradebook, url: str) -> None:
    book.write([GradeRecord(result(f"s{number:02}")) for number in range(60)])
    assert count(url, "grade") == 180
    assert [each.student for each in book.results()] == [f"s{number:02}" for number in range(60)]
