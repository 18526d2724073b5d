"""`mastery new`: the lab it writes builds and certifies; if it can't write one, it changes nothing."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.commands import run_mastery
from tests.course_copy import confirmed, copy_course
from tests.repository import ROOT

COURSE = """\
title: A course
labs: # the whole course
  - name: start
    title: First steps
    stubs:
      - {name: row_means, points: 0} # worth nothing
    # more labs may follow

# what they're evidence for
concepts: []
"""


def small_course(root: Path, text: str = COURSE) -> Path:
    """A course with one lab, whose files are the real lab's."""
    for folder in ("reference", "solutions", "exercises"):
        shutil.copytree(ROOT / folder / "start", root / folder / "start")
    (root / "reference" / "__init__.py").touch()
    (root / "course.yaml").write_bytes(text.encode())
    return confirmed(root)


def content(root: Path) -> dict[str, bytes]:
    """The bytes of all files by name."""
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def new(root: Path, lab: str, ends: int = 0) -> str:
    done = run_mastery("new", lab, cwd=root)
    assert done.returncode == ends, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole course, for tests that don't change it."""
    return copy_course(tmp_path_factory.mktemp("real") / "course")


def test_the_entry_is_added_below_the_last_lab_and_comments_stay(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    new(root, "average")
    entry = "  - name: average\n    title: Average\n    stubs:\n      - {name: weighted_mean, points: 6}\n"
    above, below = COURSE.split("\n\n# what")
    assert (root / "course.yaml").read_text() == f"{above}\n{entry}\n# what{below}"


@pytest.mark.parametrize(
    "text",
    [
        COURSE.replace("\n", "\r\n"),
        "labs:\n- {name: start, title: First steps, stubs: [{name: row_means, points: 0}]}\ntitle: A course",
        "title: A course\nlabs:\n- {name: start, title: First steps, stubs: [{name: row_means, points: 0}]}",
    ],
    ids=["from Windows", "at the margin", "without a final newline"],
)
def test_however_the_labs_are_listed_one_is_added(tmp_path: Path, text: str) -> None:
    root = small_course(tmp_path / "course", text)
    new(root, "average")
    added = (root / "course.yaml").read_bytes()
    stub = {"name": "weighted_mean", "points": 6}
    before, after = yaml.safe_load(text), yaml.safe_load(added)
    assert after == {**before, "labs": [*before["labs"], {"name": "average", "title": "Average", "stubs": [stub]}]}
    assert added.count(b"\r\n") == (added.count(b"\n") if "\r\n" in text else 0)


@pytest.mark.proof
def test_a_second_new_lab_has_a_stub_of_another_name(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    new(root, "average")
    new(root, "spread")
    labs = yaml.safe_load((root / "course.yaml").read_text())["labs"]
    assert [lab["stubs"][0]["name"] for lab in labs] == ["row_means", "weighted_mean", "spread_weighted_mean"]
    assert run_mastery("build", cwd=root).returncode == 0
    certified = run_mastery("certify", "spread", cwd=root)
    assert certified.returncode == 0, certified.stdout
    assert "spread_weighted_mean" in (root / "exercises" / "spread" / "spread.ipynb").read_text()


@pytest.mark.parametrize(
    "name", ["softmax", "quiz", "language_model", "Softmax", "2nd", "my-lab", "class", "on", "", "../x"]
)
def test_a_name_that_is_taken_or_not_valid_is_refused(real: Path, name: str) -> None:
    before = content(real)
    said = new(real, name, ends=2)
    assert "name" in said
    assert content(real) == before


def test_labs_in_one_line_are_left_to_the_author(tmp_path: Path) -> None:
    text = "title: A course\nlabs: [{name: start, title: First steps, stubs: [{name: row_means, points: 0}]}]\n"
    root = small_course(tmp_path / "course", text)
    before = content(root)
    assert "- name:" in new(root, "average", ends=2)
    assert content(root) == before


@pytest.mark.parametrize(
    "words", [["new", "average"], ["build"], ["build", "--student"], ["certify", "start"]], ids=" ".join
)
def test_outside_a_course_nothing_is_written(tmp_path: Path, words: list[str]) -> None:
    before = (ROOT / "course.yaml").read_bytes()
    done = run_mastery(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert f"There's no course in {tmp_path}" in done.stderr
    assert not list(tmp_path.iterdir())
    assert (ROOT / "course.yaml").read_bytes() == before
    assert not (ROOT / "reference" / "average").exists()


def test_a_course_that_is_named_gets_the_lab_from_anywhere(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    done = run_mastery("new", "average", "--course", root, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (root / "solutions" / "average" / "average.py").is_file()


def test_adding_a_lab_confirms_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small_course(tmp_path / "course")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert "is trusted" in new(root, "average")
    assert "is trusted" not in new(root, "spread")


def test_a_lab_that_cant_be_entered_leaves_no_files(tmp_path: Path) -> None:
    root = small_course(tmp_path / "course")
    text = (root / "course.yaml").read_bytes()
    (root / "course.yaml").rename(tmp_path / "elsewhere.yaml")
    (root / "course.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert "it's a link" in new(root, "average", ends=2)
    assert not (root / "reference" / "average").exists()
    assert not (root / "solutions" / "average").exists()
    assert (tmp_path / "elsewhere.yaml").read_bytes() == text
