"""A student's folder that's a link is set aside and reported; nobody is graded for somebody else's work."""

import json
import sys
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.model.course import load
from tests.found_jobs import find_jobs
from tests.gradebook.test_page_limits import PARTS, Class
from tests.repository import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")


def test_linked_folders_are_named_and_not_followed(tmp_path: Path) -> None:
    term = Class(tmp_path)
    ada = term.hand_in("ada", [])
    secret = notebooks.write(PARTS.solved(), tmp_path / "outside" / "softmax" / "softmax.ipynb")
    submitted = term.root / "submitted"
    (submitted / "bob").symlink_to(secret.parents[1])
    (submitted / "cy").mkdir()
    (submitted / "cy" / "softmax").symlink_to(ada.parent)
    said = term.mastery("grade", "softmax", "--processes", 1)
    results = [json.loads(line) for line in (term.root / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {result["student"]: result["score"] for result in results} == {"ada": 25.0}
    assert "Needs a person's attention" in said
    assert "the folder is a link" in said
    assert "bob, cy/softmax" in said


def test_a_link_to_itself_or_to_nothing_does_not_stop_grading(tmp_path: Path) -> None:
    for name in ("loop", "nothing"):
        (tmp_path / name).symlink_to(tmp_path / name if name == "loop" else tmp_path / "gone")
    notebooks.write(PARTS.solved(), tmp_path / "ada" / "softmax" / "softmax.ipynb")
    assert [job.student for job in find_jobs(load(ROOT), tmp_path)] == ["ada"]
