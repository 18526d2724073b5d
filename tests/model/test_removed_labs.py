"""A course.yaml from which labs were removed: everything that still refers to them is reported at once."""

import copy
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.authoring.build import build
from autograder.model.course import load
from autograder.model.errors import CourseError
from tests.course_copy import copy_course

REMOVED = ("terms", "loss")


def rewrite(root: Path, content: dict[str, Any]) -> None:
    (root / "course.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def test_everything_that_refers_to_removed_labs_is_one_message_and_what_is_left_builds(tmp_path: Path) -> None:
    root = copy_course(tmp_path)
    content = yaml.safe_load((root / "course.yaml").read_bytes())
    gone = [lab for lab in content["labs"] if lab["name"] in REMOVED]
    stubs = {stub["name"] for lab in gone for stub in lab["stubs"]}
    assert len(gone) == len(REMOVED)
    content["labs"] = [lab for lab in content["labs"] if lab["name"] not in REMOVED]
    shutil.rmtree(root / "reference" / "quiz")  # the questions of terms
    rewrite(root, content)
    with pytest.raises(CourseError) as caught:
        load(root)
    first, *lines = str(caught.value).splitlines()
    assert first.startswith(f"{root / 'course.yaml'} has ")

    cleared = copy.deepcopy(content)
    leftovers = []
    for concept in cleared["concepts"]:
        left = [name for name in (*concept["stubs"], *concept.get("items", ())) if name in stubs]
        leftovers += [(f"concept {concept['name']} ", name) for name in left]
        concept["stubs"] = [name for name in concept["stubs"] if name not in stubs]
        concept["items"] = [name for name in concept.get("items", ()) if name not in stubs]
    assert {name for _, name in leftovers} == stubs
    empty = {concept["name"] for concept in cleared["concepts"] if not concept["stubs"]}
    assert empty == {"loss"}
    cleared["concepts"] = [concept for concept in cleared["concepts"] if concept["name"] not in empty]
    for concept in cleared["concepts"]:
        leftovers += [(f"concept {concept['name']} ", name) for name in concept.get("after", ()) if name in empty]
        concept["after"] = [name for name in concept.get("after", ()) if name not in empty]
    among = cleared["mastery"]["distinction"]["among"]
    leftovers += [("mastery.distinction ", name) for name in among if name in empty]
    cleared["mastery"]["distinction"]["among"] = [name for name in among if name not in empty]
    del cleared["givens"]["quiz"]
    leftovers.append(("givens ", "quiz"))
    for where, name in leftovers:
        assert any(where in line and name in re.findall(r"\w+", line) for line in lines), (where, name)
    assert all(any(f"- {where}" in line for where, _ in leftovers) for line in lines), lines

    rewrite(root, cleared)
    course = load(root)
    assert not stubs & course.stubs.keys()
    _, removed = build(course)
    assert {notebook.stem for notebook in removed} == set(REMOVED)
