"""Time to mastery in the class report ends at the levels in the table of concepts."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.model.course import Course, load
from autograder.model.results import Evidence
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import nbgraders, put_exercise
from tests.report.test_report import entry, hidden_wrong, mistaken, right

COURSE = """
title: Sums
labs:
  - name: sums
    title: Sums and differences
    stubs: [{name: plus, points: 3}, {name: minus, points: 2.5}, {name: item, points: 1}, {name: more, points: 1, stretch: true}]
concepts:
  - {name: adding, title: Adding, stubs: [plus, more], items: [item]}
  - {name: taking, title: Taking away, after: [adding], stubs: [minus]}
  - {name: judgement, title: Judgement, stubs: [item]}
"""  # noqa: E501


def answers(**stubs: Sequence[Evidence]) -> list[Evidence]:
    """One attempt: everything right except what's named."""
    every = {stub: right(stub) for stub in ("plus", "minus", "item", "more")} | stubs
    return [each for evidence in every.values() for each in evidence]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(tmp_path, extra=("item", "more"))
    return load(confirmed(tmp_path))


def put(course: Course, attempts: dict[str, Sequence[list[Evidence]]]) -> None:
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        for student, tries in attempts.items():
            for number, checks in enumerate(tries, start=1):
                book.write([entry(student, number, checks)])


def reported(course: Course, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(app, ["report", "--out", str(folder / "x.html"), "--json", str(folder / "x.json")])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads((folder / "x.json").read_text("utf-8"))
    return found


def test_it_agrees_with_the_table_of_concepts(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        course,
        {
            "at_once": [answers()],
            "wrong_item": [answers(), answers(item=hidden_wrong("item"))],
            "no_item": [answers(item=[])],
            "relapsed": [answers(), answers(minus=mistaken("minus", "adds"))],
            "no_stretch": [answers(more=[])],
            "seventh": [*[answers(plus=hidden_wrong("plus"))] * 6, answers()],
            "never": [answers(plus=hidden_wrong("plus"))],
        },
    )
    given_by_hand(course, "never", "plus", 3)
    found = reported(course, tmp_path, monkeypatch)
    table: Counter[tuple[str, str]] = Counter()
    for student in found["students"]:
        table.update((each["concept"], each["level"]) for each in student["concepts"])
    assert table["adding", "proficient"] == 3
    for each in found["pace"]:
        mastered = table[each["concept"], "mastered"]
        assert each["mastered"][-1] * each["students"] == pytest.approx(mastered, abs=0.01), each
        proficient = mastered + table[each["concept"], "proficient"]
        assert each["proficient"][-1] * each["students"] == pytest.approx(proficient, abs=0.01), each
    adding = found["pace"][0]
    assert [round(share * 7) for share in adding["mastered"]] == [3, 2, 2, 2, 3]


def given_by_hand(course: Course, student: str, stub: str, points: float) -> None:
    with nbgraders(settings_of(course).folders.db_url) as gradebook:
        grade = gradebook.find_grade(stub, "sums", "sums", student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_work_that_is_all_there_is_dated_by_the_attempts_it_took(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(course, {"slow": [*[answers(minus=hidden_wrong("minus"))] * 2, answers()]})
    pace = {each["concept"]: each for each in reported(course, tmp_path, monkeypatch)["pace"]}
    assert pace["taking"]["mastered"] == [0, 0, 1, 1, 1]
    assert pace["adding"]["mastered"] == [1, 1, 1, 1, 1]
