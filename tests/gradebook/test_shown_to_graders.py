"""What formgrader and feedback show: a comment box at every answer, and no score that isn't final."""

import itertools
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.gradebook.annotation import DELETED, Annotated, Annotator
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")

LAB = COURSE.lab("softmax")
PARTS = simulated.simulation(COURSE, LAB)
# As in nbgrader's formgrader: a box at each cell with a student's answer.
HAS_A_COMMENT_BOX = "solution"


def without(notebook: dict[str, Any], *names: str) -> dict[str, Any]:
    kept = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") not in names]
    return {**notebook, "cells": kept}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Annotated]:
    folder = tmp_path_factory.mktemp("submitted")
    notebooks = {
        "whole": PARTS.solved({"softmax": "def softmax(logits, axis=-1):\n    return logits\n"}),
        "function_deleted": without(PARTS.solved(), "softmax-solution"),
        "both_deleted": without(PARTS.solved(), "softmax-solution", "softmax"),
        "first_and_last_deleted": without(PARTS.solved(), "softmax-solution", "entropy-solution"),
    }
    jobs = [
        Job(student, LAB.name, simulated.write(notebook, folder / student / "softmax.ipynb"), 1, "")
        for student, notebook in notebooks.items()
    ]
    terms = GradingContext(ROOT, b"of the tests")
    with closing(grade(jobs, terms, LocalProcesses(terms, 1))) as chunks:
        results = {result.student: result for result in itertools.chain.from_iterable(chunks)}
    marker = Annotator(COURSE, LAB, PARTS.exercise)
    return {job.student: marker.mark(job.parsed, results[job.student]) for job in jobs}


def named(marked: Annotated) -> dict[str, dict[str, Any]]:
    cells = [cell for cell in marked.notebook["cells"] if "nbgrader" in cell["metadata"]]
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells}


@pytest.mark.classes
@pytest.mark.parametrize("student", ["whole", "function_deleted", "both_deleted", "first_and_last_deleted"])
def test_every_stub_has_a_comment_box_before_its_grade_whatever_was_deleted(
    shown: Mapping[str, Annotated], student: str
) -> None:
    cells = named(shown[student])
    order = list(cells)
    for stub in LAB.stubs:
        assert cells[f"{stub.name}-solution"]["metadata"]["nbgrader"][HAS_A_COMMENT_BOX]
        assert order.index(f"{stub.name}-solution") < order.index(stub.name)


def test_a_deleted_function_is_told_from_one_that_was_left_as_it_was(shown: Mapping[str, Annotated]) -> None:
    deleted = shown["function_deleted"]
    assert named(deleted)["softmax-solution"]["source"] == DELETED
    assert deleted.unanswered == {"softmax-solution"}
    assert DELETED not in json.dumps(shown["whole"].notebook)


def test_no_cell_says_points_that_a_person_may_have_changed(shown: Mapping[str, Annotated]) -> None:
    (output,) = named(shown["whole"])["softmax"]["outputs"]
    said = json.dumps(output["data"])
    assert "checks passed" in said
    assert "of 8" not in said
    assert "points" not in said
