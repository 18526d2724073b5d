"""Feedback and formgrader pages stay small and fast, whatever a student puts into a notebook."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from typer.testing import CliRunner

from autograder.authoring.simulation import notebooks
from autograder.cli.main import app
from autograder.gradebook.annotation import CELL_LEFT_OUT, NOTEBOOK_LEFT_OUT, Annotator, write_annotated
from autograder.gradebook.pipeline import exercise_of
from autograder.gradebook.sanitizing import TEXT_AS_WRITTEN
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from autograder.model.results import LabResult
from autograder.model.submission import parse_file
from tests.course_copy import CourseCopy
from tests.repository import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

Cell = dict[str, Any]
PARTS = notebooks.simulation(load(ROOT), load(ROOT).lab("softmax"))
MOST_MIB = 24
MOST_SECONDS = 12
PICTURE = "iVBORw0KGgo" + "A" * 300_000


def text(source: str, **attachments: str) -> Cell:
    pictures = {name: {"image/png": data} for name, data in attachments.items()}
    return {"cell_type": "markdown", "metadata": {}, "source": source, "attachments": pictures}


def code(source: str) -> Cell:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def raw(source: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": source}


TOO_MANY_PICTURES = r"A picture isn't shown here, because the pictures in this (cell|notebook) are too large in total\."
# Without a limit, each would make a page at least 100 times as large or as slow.
BOMBS: dict[str, tuple[list[Cell], str | None]] = {
    "one_picture_a_thousand_times": ([text("![](attachment:a)\n" * 1_000, a=PICTURE)], TOO_MANY_PICTURES),
    "a_picture_in_every_cell": ([text("![](attachment:a)\n" * 5, a=PICTURE) for _ in range(20)], TOO_MANY_PICTURES),
    "a_picture_by_reference": (
        [text(f"[p]: data:image/png;base64,{PICTURE}\n\n" + "![][p] " * 1_000)],
        TOO_MANY_PICTURES,
    ),
    "a_long_link_by_reference": ([text(f"[p]: http://a.example/{'a' * 12_000}\n\n" + "[x][p] " * 1_000)] * 20, None),
    "a_long_title_by_reference": ([text(f'[p]: /a "{"a " * 6_000}"\n\n' + "[x][p] " * 1_000)] * 20, None),
    "a_book": ([text("All of it. " * 200_000)], re.escape(TEXT_AS_WRITTEN)),
    "one_long_word": ([text("a" * 9_000_000)], re.escape(TEXT_AS_WRITTEN)),
    "deep_quotes": ([text("> " * 9_000 + "x")], None),
    "deep_html": ([text("<div>" * 3_000)] * 30, None),
    "square_brackets": ([text("[" * 9_900)] * 40, None),
    "half_formulas": ([text(r"\\[" * 3_000)] * 40, re.escape(TEXT_AS_WRITTEN)),
    "half_environments": ([text(r"\begin{a}" * 2_200)] * 40, None),
    "stars": ([text("*a **b " * 2_800)] * 40, None),
    "tables": ([text("|a|b|\n|-|-|\n" + "|x|y|\n" * 1_300)] * 60, re.escape(TEXT_AS_WRITTEN)),
    "raw_html": ([raw("<div>" * 1_000_000)], re.escape(CELL_LEFT_OUT)),
    "a_program_of_megabytes": ([code("x = 1\n" * 1_000_000)], re.escape(CELL_LEFT_OUT)),
    "many_programs": ([code("x = [1]\n" * 10_000)] * 100, re.escape(NOTEBOOK_LEFT_OUT)),
    "many_cells": ([code("")] * 90_000, re.escape(NOTEBOOK_LEFT_OUT)),
    "a_language_that_is_slow_to_color": ([text("```perl\n" + "<<" * 9_000 + "\n```")] * 10, None),
}


class Class(CourseCopy):
    """A course's folder with a class that hands in the `softmax` lab."""

    def mastery(self, *words: object) -> str:
        """Run the command in this process, which has loaded torch, and return what it prints."""
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(self.root)
            for name, value in self.environment.items():
                patched.setenv(name, value)
            done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    def hand_in(self, student: str, cells: list[Cell]) -> Path:
        notebook = PARTS.solved()
        notebook["cells"] += [{"id": f"more-{number}", **cell} for number, cell in enumerate(cells)]
        path = self.root / "submitted" / student / "softmax" / "softmax.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    def feedback(self, student: str) -> Path:
        return self.root / "feedback" / student / "softmax" / "softmax.html"


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return Class(tmp_path_factory.mktemp("term"))


def shown(term: Class, student: str) -> Path:
    """The notebook to show for a submission, as grading leaves it."""
    course = load(term.root)
    lab = course.lab("softmax")
    path = term.hand_in(student, BOMBS[student][0])
    result = LabResult(
        student=student,
        lab=lab.name,
        status="not graded",
        score=None,
        max_score=lab.points,
        seconds=0.0,
        message="Not graded here.",
        content_hash="",
        course_version="",
        secret="",
    )
    place = term.root / "autograded" / student / "softmax" / "softmax.ipynb"
    parsed = parse_file(path.read_bytes(), path)
    write_annotated(Annotator(course, lab, exercise_of(course, lab.name)).mark(parsed, result), place, path)
    return place


def exporter(term: Class, page_of: str) -> HTMLExporter:
    """The exporter that nbgrader makes its pages with, given the course's configuration."""
    settings = settings_of(load(term.root))
    if page_of == "feedback":
        return HTMLExporter(config=GenerateFeedback(coursedir=settings.folders, config=settings.config).config)
    extension = FormgradeExtension()
    extension.update_config(extension.build_extra_config())
    extension.update_config(settings.config)  # nbgrader, too, reads the course's file last
    return HTMLExporter(config=extension.config)


RESOURCES = {
    "nbgrader": {"notebook": "softmax", "score": 1, "max_score": 1, "late_penalty": 0},
    **dict.fromkeys(("notebook_id", "assignment_id", "submission_id", "base_url", "student", "notebook_path"), "x"),
    "index": 0,
    "total": 1,
}


# Each of these takes seconds, including the rest of its maximum-size page.
LONG = (
    *("tables", "half_formulas", "half_environments", "square_brackets", "stars", "deep_html"),
    *("many_programs", "many_cells", "a_program_of_megabytes"),
)


@pytest.mark.classes
@pytest.mark.parametrize(
    "student", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in BOMBS]
)
def test_a_page_stays_small_and_quick_and_says_what_it_leaves_out(term: Class, student: str) -> None:
    begun = time.thread_time()
    notebook = nbformat.read(shown(term, student), as_version=4)
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).update(score=0)  # which nbgrader adds from its gradebook
    page, _ = exporter(term, "feedback").from_notebook_node(notebook, dict(RESOURCES))
    assert time.thread_time() - begun < MOST_SECONDS
    assert len(page) < MOST_MIB << 20
    said = BOMBS[student][1]
    assert said is None or re.search(said, page.replace("&#39;", "'"))
    assert "Not graded here." in page


@pytest.mark.classes
@pytest.mark.parametrize("student", ["one_picture_a_thousand_times", "raw_html"])
def test_formgraders_page_does_so_too(term: Class, student: str) -> None:
    notebook = nbformat.read(shown(term, student), as_version=4)
    page, _ = exporter(term, "formgrader").from_notebook_node(notebook, dict(RESOURCES))
    assert len(page) < MOST_MIB << 20
    assert re.search(BOMBS[student][1] or "", page.replace("&#39;", "'"))


@pytest.mark.slow
def test_an_honest_page_beside_them_is_whole_by_every_command(tmp_path: Path) -> None:
    term = Class(tmp_path)
    bombs = ("one_picture_a_thousand_times", "many_cells", "raw_html")
    for student in bombs:
        term.hand_in(student, BOMBS[student][0])
    term.hand_in("honest", [text("It **is** so: $a<b$. ![](attachment:a)", a=PICTURE)])
    term.mastery("grade", "softmax", "--processes", 1)
    for command in (["mastery", "feedback"], ["nbgrader", "generate_feedback", "softmax", "--force"]):
        term.run(*command)
        page = term.feedback("honest").read_text(encoding="utf-8")
        assert "<strong>is</strong>" in page
        assert page.count(PICTURE) == 1
        assert "isn't shown" not in page
        assert all(term.feedback(student).stat().st_size < MOST_MIB << 20 for student in bombs)
