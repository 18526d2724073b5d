"""`mastery report` and `mastery transcript`, from a gradebook to what a reader finds in the files."""

import csv
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.model.course import Course, load
from autograder.model.results import Difference, Evidence, Kind, LabResult, Outcome
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import nbgraders, put_exercise

COURSE = """
title: Sums
labs:
  - {name: sums, title: Sums and differences, stubs: [{name: plus, points: 3}, {name: minus, points: 2.5}]}
concepts:
  - {name: adding, title: Adding, stubs: [plus]}
  - {name: taking, title: Taking away, after: [adding], stubs: [minus]}
"""
PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
DIFFERENCE = Difference(called="plus(1, 2)", got="<script>alert(1)</script>", wanted="3")


def evidence(stub: str, kind: Kind, outcome: Outcome, name: str = "", **more: Any) -> Evidence:
    return Evidence(
        id=f"sums::{stub}::{name or kind}",
        stub=stub,
        kind=kind,
        title=f"It does {stub}, {kind}.",
        points=float(outcome is PASSED),
        max_points=1,
        outcome=outcome,
        seconds=0,
        confirmed=True if kind == "hidden" and outcome is PASSED else None,
        **more,
    )


def right(stub: str) -> list[Evidence]:
    return [evidence(stub, "visible", PASSED), evidence(stub, "hidden", PASSED)]


def hidden_wrong(stub: str) -> list[Evidence]:
    return [evidence(stub, "visible", PASSED), evidence(stub, "hidden", FAILED)]


def mistaken(stub: str, name: str) -> list[Evidence]:
    visible = evidence(stub, "visible", FAILED, misconception=name, hint="Look again.", difference=DIFFERENCE)
    return [visible, evidence(stub, "hidden", FAILED, misconception=name, hint="Look again.")]


def entry(student: str, attempt: int, checks: Sequence[Evidence], **changes: Any) -> GradeRecord:
    values = {
        "student": student,
        "lab": "sums",
        "attempt": attempt,
        "status": "graded",
        "score": sum(each.points for each in checks),
        "max_score": 4,
        "seconds": 0.1,
        "content_hash": str(attempt),
        "course_version": "1",
        "secret": "s",
        "checks": list(checks),
    }
    return GradeRecord(LabResult.model_validate({**values, **changes}), datetime(2026, 3, attempt))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Its class: ten who know it all, one who needed three attempts, and others, each with their own problem."""
    root = confirmed(tmp_path_factory.mktemp("course"))
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    course = load(root)
    entries = [entry(f"able{number}", 1, right("plus") + right("minus")) for number in range(10)]
    entries += [entry("slow", number, hidden_wrong("plus") + right("minus")) for number in (1, 2)]
    entries += [entry("slow", 3, right("plus") + right("minus"))]
    entries += [entry("stuck", number, right("plus") + mistaken("minus", "adds")) for number in (1, 2, 3)]
    entries += [entry("cured", 1, mistaken("plus", "joins") + mistaken("minus", "adds"))]
    entries += [entry("cured", 2, right("plus") + hidden_wrong("minus"))]
    entries += [entry("broken", 1, [], status="not graded", score=None, message="broken's file is no notebook.")]
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        for each in entries:
            book.write([each])
    return course


Run = Callable[..., str]


@pytest.fixture
def run(course: Course, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(course.root)

    def run(*words: str, ends: int = 0) -> str:
        done = CliRunner().invoke(app, words)
        if ends == 2:
            return str(done.exception)
        assert done.exit_code == ends, done.output
        return done.output

    return run


@pytest.fixture(scope="module")
def files(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a report's page, numbers and levels."""
    folder = tmp_path_factory.mktemp("report")
    options = ("--out", "report.html", "--json", "report.json", "--csv", "levels.csv")
    words = [word if word.startswith("--") else str(folder / word) for word in options]
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(course.root)
        done = CliRunner().invoke(app, ["report", *words])
    assert "14 students" in done.output, done.output
    return folder


@pytest.fixture
def numbers(files: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files / "report.json").read_text("utf-8"))
    return found


def test_the_page_needs_nothing_but_itself_and_runs_nothing_of_a_students(files: Path) -> None:
    html = (files / "report.html").read_text("utf-8")
    outside = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!#)[^"'#\s)>]+""", html)
    assert outside == []
    assert "alert(1)" in html
    assert "<script>alert" not in html
    assert html.count('role="img"') == 5


def test_misconceptions_are_ranked_with_an_example_and_who_still_holds_them(numbers: dict[str, Any]) -> None:
    found = [(each["misconception"], each["students"], each["still"]) for each in numbers["mistakes"]]
    assert found == [("adds", 2, 1), ("joins", 1, 0)]
    assert numbers["mistakes"][1]["example"] == {
        "student": "cured",
        "attempt": 1,
        "title": "It does plus, visible.",
        "called": "plus(1, 2)",
        "got": "<script>alert(1)</script>",
        "wanted": "3",
    }


def test_a_check_is_told_by_how_many_pass_and_how_that_goes_with_the_others(numbers: dict[str, Any]) -> None:
    items = {each["id"]: each for each in numbers["items"]}
    plus, minus = items["sums::plus::hidden"], items["sums::minus::hidden"]
    assert (plus["answers"], plus["difficulty"], plus["discrimination"]) == (13, 1.0, None)
    assert plus["remark"] == "everybody passes"
    assert (minus["answers"], minus["remark"]) == (13, "")
    assert minus["difficulty"] == pytest.approx(11 / 13, abs=1e-4)
    # Of 13 students, two fail. Everyone's share of the other checks is 1, except for one of the two, who has 2/3.
    assert minus["discrimination"] == pytest.approx(0.677, abs=1e-3)


def test_a_check_that_the_best_fail_is_called_out(course: Course, tmp_path: Path, run: Run) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    weak = [evidence("plus", "visible", FAILED), evidence("plus", "hidden", FAILED)]
    strong = right("plus")
    with Gradebook(course, settings_of(course), url) as book:
        book.register(course.lab("sums"))
        for number in range(12):
            odd = evidence("minus", "hidden", FAILED if number < 6 else PASSED, "odd")
            book.write([entry(f"s{number}", 1, [*(strong if number < 6 else weak), odd])])
    run("report", "--db", url, "--out", str(tmp_path / "x.html"), "--json", str(tmp_path / "x.json"))
    first = json.loads((tmp_path / "x.json").read_text("utf-8"))["items"][0]
    assert (first["id"], first["remark"]) == ("sums::minus::odd", "strong students fail")
    assert first["discrimination"] == pytest.approx(-1)


def test_time_to_mastery_counts_attempts(numbers: dict[str, Any]) -> None:
    adding, taking = numbers["pace"]
    assert (adding["students"], taking["students"]) == (13, 13)
    after = [round(share * 13) for share in adding["proficient"]]
    assert after == [11, 12, 13, 13, 13]
    assert [round(share * 13) for share in taking["mastered"]] == [11, 11, 11, 11, 11]


def test_who_is_stuck_and_what_needs_a_person_is_named(numbers: dict[str, Any]) -> None:
    assert numbers["stuck"] == [{"lab": "sums", "stub": "minus", "students": ["stuck"]}]
    assert numbers["attention"]["not graded: broken's file is no notebook."] == ["broken/sums"]
    assert "broken/sums" in numbers["attention"]["a person still has to look at it in formgrader"]


def test_scores_are_told_by_lab(numbers: dict[str, Any]) -> None:
    (sums,) = numbers["labs"]
    assert (sums["students"], sums["bins"]) == (13, [0, 0, 0, 0, 0, 1, 0, 1, 0, 11])


def test_the_table_of_levels_says_who_is_complete_and_what_is_missing(files: Path) -> None:
    with (files / "levels.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    slow, cured, broken = rows["slow"], rows["cured"], rows["broken"]
    assert (slow["complete"], slow["since"], slow["adding"]) == ("True", "2026-03-03 00:00:00", "mastered")
    assert (cured["complete"], cured["adding"], cured["taking"], cured["number"]) == (
        *("False", "mastered", "familiar", "75.0"),
    )
    assert cured["missing"] == "Taking away: minus, hidden check: It does minus, hidden"
    assert broken["missing"] == "Sums and differences, never handed in: plus, minus"


def test_an_anonymous_report_names_nobody(run: Run, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("x.html", "x.csv", "x.json")]
    options = [word for pair in zip(("--out", "--csv", "--json"), map(str, files), strict=True) for word in pair]
    run("report", "--anonymous", *options)
    for file in files:
        text = file.read_text("utf-8")
        assert "student 14" in text
        for name in ("able0", "slow", "cured", "broken"):
            assert not re.search(rf"\b{name}\b", text), (file, name)


def test_a_rule_that_changes_holds_for_what_was_graded_before(course: Course, run: Run, tmp_path: Path) -> None:
    path = course.root / "course.yaml"
    try:
        path.write_text(COURSE + "mastery: {completion: familiar}\n", encoding="utf-8")
        run("report", "--out", str(tmp_path / "x.html"), "--csv", str(tmp_path / "levels.csv"))
    finally:
        path.write_text(COURSE, encoding="utf-8")
    rows = (tmp_path / "levels.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[1] for row in rows if row.startswith(("cured", "stuck"))] == ["True", "False"]


def test_an_empty_gradebook_or_a_file_that_cannot_be_written_is_a_sentence(run: Run, tmp_path: Path) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    assert "Nothing is graded in this gradebook yet" in run("report", "--db", empty, ends=2)
    assert "name a different file with --out" in run("report", "--out", str(tmp_path), ends=2)
    assert "No work by nobody" in run("transcript", "nobody", ends=2)


def test_a_transcript_shows_levels_evidence_mistakes_and_what_comes_next(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "cured.html"
    run("transcript", "cured", "--out", str(page))
    text = " ".join(re.sub(r"<[^>]+>", " ", page.read_text("utf-8")).split())
    assert "Next: Taking away: minus, hidden check: It does minus, hidden" in text
    assert "joins plus 2026-03-01 2026-03-02 Look again." in text
    assert "so a concept can be at attempted even with most of the points." in text
    assert "By attempt: 1 attempted, 2 mastered." in text
    assert "It does plus, hidden. passed, confirmed" in text
    told = json.loads(run("transcript", "cured", "--json"))
    assert [(each["concept"], each["level"]) for each in told["concepts"]] == [
        ("adding", "mastered"),
        ("taking", "familiar"),
    ]


def test_a_transcript_records_what_a_person_gave(course: Course, run: Run, tmp_path: Path) -> None:
    with nbgraders(settings_of(course).folders.db_url) as gradebook:
        grade = gradebook.find_grade("minus", "sums", "sums", "stuck")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.find_comment("minus-solution", "sums", "sums", "stuck").manual_comment = "By <b>another</b> rule."
        gradebook.db.commit()
    try:
        page = tmp_path / "stuck.html"
        run("transcript", "stuck", "--out", str(page))
        html = page.read_text("utf-8")
        assert "A person gave full credit: “By &lt;b&gt;another&lt;/b&gt; rule.”" in html
        assert [each["level"] for each in json.loads(run("transcript", "stuck", "--json"))["concepts"]] == [
            "mastered",
            "proficient",
        ]
    finally:
        with nbgraders(settings_of(course).folders.db_url) as gradebook:
            gradebook.find_grade("minus", "sums", "sums", "stuck").manual_score = None
            gradebook.db.commit()


def test_status_of_a_student_says_levels_what_is_missing_and_what_is_next(run: Run) -> None:
    said = " ".join(run("status", "cured").split())
    assert "Adding │ mastered" in said
    assert "Taking away │ familiar" in said
    assert "Not complete. What's missing: Taking away: minus, hidden check: It does minus, hidden" in said
    assert "Next: Taking away: minus" in said
    assert "Complete since 2026-03-03" in run("status", "slow")
    assert json.loads(run("status", "slow", "--json"))["complete"]
    assert "No work by nobody is in the gradebook" in run("status", "nobody", ends=2)
