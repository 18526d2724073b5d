"""docs/authors.md, followed to the letter: its files in an empty folder, its commands, and a course that works."""

import json
import os
import re
import shlex
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.model.course import Lab, load
from tests.course_copy import confirmed

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "authors.md").read_text("utf-8")
FILES = dict(re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
EMPTY = re.findall(r"an empty `([\w/.]+)`", GUIDE)
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    scripts = sysconfig.get_path("scripts")
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the files of the guide, and its commands run there, one after the other."""
    root = confirmed(tmp_path_factory.mktemp("course"))
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for name in EMPTY:
        (root / name).touch()
    for command in COMMANDS:
        done = run(command, root)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return root


def test_the_guide_has_its_files_and_commands():
    assert (len(FILES), len(EMPTY)) == (9, 1)
    assert COMMANDS == ["mastery build", "mastery certify average", "mastery build --student"]


def test_the_notebook_is_there_without_its_answer(course):
    text = (course / "exercises" / "average" / "average.ipynb").read_text("utf-8")
    assert "def weighted_mean(values, weights):" in text
    assert "np.sum(weights)" not in text


def test_a_submission_is_graded_and_its_mistake_named(course):
    loaded = load(course)
    lab: Lab = loaded.lab("average")
    parts = notebooks.simulation(loaded, lab)
    wrong = (
        "def weighted_mean(values, weights):\n    if len(values) != len(weights):\n        raise ValueError\n"
        "    return values.mean()"
    )
    students = {"ada": parts.solved(), "bob": parts.solved({"weighted_mean": wrong})}
    for student, notebook in students.items():
        notebooks.write(notebook, course / "submitted" / student / "average" / "average.ipynb")
    done = run("mastery grade average --json results.jsonl", course)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in (course / "results.jsonl").read_text("utf-8").splitlines()]
    results = {line["student"]: line for line in lines}
    assert results["ada"]["score"] == results["ada"]["max_score"] == 6
    assert {check["misconception"] for check in results["bob"]["checks"] if check["outcome"] == "failed"} == {
        "ignores_the_weights"
    }


def test_what_is_handed_out_is_the_lab_alone(course):
    wheel = next((course / "build" / "student").glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        installed = [name for name in archive.namelist() if "/installed/" in name]
        assert not [name for name in archive.namelist() if "softmax" in name]
    assert any(name.endswith("installed/exercises/average/average.ipynb") for name in installed)
