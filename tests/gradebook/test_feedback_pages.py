"""The pages of `mastery feedback` match nbgrader's own byte for byte, and making them doesn't block anyone."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from autograder.authoring.simulation import notebooks
from autograder.gradebook.annotation import Annotator, write_annotated
from autograder.gradebook.feedback_pages import PageMaker
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.pipeline import exercise_of
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import Settings, settings_of
from autograder.model.course import Course, load
from autograder.model.results import Difference, Evidence, LabResult, Outcome
from autograder.model.submission import parse_file
from tests.course_copy import copy_course
from tests.gradebook.test_gradebook import nbgraders

ODD = r"""# A <title> & an <img src="data:image/png;base64,iVBORw0KGgo"> without words
<p>never closed <b>or this <div class="jp-Notebook"><div class="jp-Cell-inputWrapper">x</div></div>
![a picture](attachment:a) $\frac{a}{b} < 1$ and \begin{align} a &= b \end{align} <script>alert(1)</script>
"""
CELLS: dict[str, list[dict[str, Any]]] = {
    "ada": [],
    "odd": [
        {"cell_type": "markdown", "metadata": {}, "source": ODD, "attachments": {"a": {"image/png": "iVBORw0KGgo"}}},
        {"cell_type": "raw", "metadata": {}, "source": "<i>raw"},
        {"cell_type": "code", "metadata": {}, "source": "x = '<b>' + \"&amp;\"", "outputs": [], "execution_count": 1},
    ],
    "twin": [],
}


def graded(course: Course, student: str) -> LabResult:
    lab = course.lab("softmax")
    difference = Difference(called="f([1, 2])", got="<script>1</script>", wanted="2 & 3")
    checks = [
        Evidence(
            id=f"softmax::{stub.name}::known",
            stub=stub.name,
            kind="visible",
            title="It `adds` <up>.",
            points=stub.points if student == "ada" else 0.0,
            max_points=stub.points,
            outcome=Outcome.PASSED if student == "ada" else Outcome.FAILED,
            message=None if student == "ada" else "It's wrong.",
            difference=None if student == "ada" else difference,
            seconds=0,
        )
        for stub in lab.stubs
    ]
    values = {"student": student, "lab": "softmax", "status": "graded", "seconds": 0, "max_score": lab.points}
    more = {"score": sum(each.points for each in checks), "content_hash": "", "course_version": "", "secret": ""}
    return LabResult.model_validate({**values, **more, "checks": checks, "run": f"run-{student}"})


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a course with three graded submissions, to which a person has given points and a comment."""
    root = copy_course(tmp_path_factory.mktemp("term") / "course")
    course = load(root)
    lab, made = course.lab("softmax"), settings_of(course)
    parts, annotator = notebooks.simulation(course, lab), Annotator(course, lab, exercise_of(course, "softmax"))
    with Gradebook(course, made) as book:
        book.register(lab)
        for student, cells in CELLS.items():
            notebook = parts.solved()
            notebook["cells"] += [{"id": f"more-{number}", **cell} for number, cell in enumerate(cells)]
            path = root / "submitted" / student / "softmax" / "softmax.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook), encoding="utf-8")
            marked = annotator.mark(parse_file(path.read_bytes(), path), graded(course, student))
            write_annotated(marked, made.place("autograded", student, "softmax") / "softmax.ipynb", path)
            book.write([GradeRecord(graded(course, student), None, marked.unanswered)])
    with nbgraders(made.folders.db_url) as gradebook:
        notebook = gradebook.find_submission_notebook("softmax", "softmax", "odd")
        notebook.grades[0].manual_score, notebook.comments[0].manual_comment = 0.5, "Nearly <there>."
        notebook.late_submission_penalty = 0.25
        gradebook.db.commit()
    return made


def page(maker: GenerateFeedback, settings: Settings, student: str) -> str:
    maker.log.disabled = maker.force = True
    maker.coursedir.student_id, maker.coursedir.assignment_id = student, "softmax"
    maker.start()
    return (settings.place("feedback", student, "softmax") / "softmax.html").read_text(encoding="utf-8")


def test_they_are_the_same_as_nbgraders(settings: Settings) -> None:
    theirs = {
        student: page(GenerateFeedback(coursedir=settings.folders, config=settings.config), settings, student)
        for student in CELLS
    }
    assert "Nearly" in theirs["odd"]
    ours = PageMaker(coursedir=settings.folders, config=settings.config)
    for _ in range(2):  # from newly made parts, and from cached parts
        for student, expected in theirs.items():
            assert page(ours, settings, student) == expected


def test_a_page_that_cannot_be_made_spoils_no_other_and_leaves_the_gradebook_unlocked(settings: Settings) -> None:
    ours = PageMaker(coursedir=settings.folders, config=settings.config)
    shown = settings.place("autograded", "twin", "softmax") / "softmax.ipynb"
    whole = shown.read_bytes()
    expected = page(ours, settings, "ada")
    shown.write_bytes(whole[:100])
    with pytest.raises(NbGraderException):
        page(ours, settings, "twin")
    shown.write_bytes(whole)
    assert page(ours, settings, "ada") == expected
    with closing(sqlite3.connect(Path(settings.folders.root) / "gradebook.db", timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")
    assert os.getcwd() != settings.folders.root
