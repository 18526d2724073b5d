"""A student's installation lacks what instructors and authors need. A command that needs an extra names it."""

import importlib.util
import sys
from pathlib import Path

import pytest

from autograder.model.extras import packages_of
from tests.commands import run_mastery
from tests.repository import ROOT

INSTRUCTORS = [
    ["grade"],
    ["feedback"],
    ["inspect", "ada", "softmax"],
    ["export", "Grades.csv"],
    ["demo"],
    ["report"],
    ["changes"],
    ["status", "ada"],
    ["transcript", "ada"],
    ["certificate", "ada"],
    ["verify", "certificate-ada.json"],
    ["student", "drop", "ada"],
    ["student", "rename", "ada", "bob"],
]
NEEDING = [
    *(("instructor", words) for words in INSTRUCTORS),
    ("author", ["build"]),
    ("author", ["certify"]),
]


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make importing the packages of all extras fail."""
    for name in packages_of("cluster"):
        # traitlets is installed with any kernel.
        if name != "traitlets" and importlib.util.find_spec(name) is not None:
            monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(
    ("extra", "words"), NEEDING, ids=lambda each: each if isinstance(each, str) else " ".join(each)
)
def test_a_command_names_the_extra_it_needs_in_one_sentence(extra: str, words: list[str], tmp_path: Path) -> None:
    used = run_mastery(*words, "--course", ROOT, cwd=tmp_path)
    assert used.returncode == 2, used.stdout + used.stderr
    assert used.stderr.endswith(
        f"which a student's installation leaves out; to add what's missing: pip install 'llm-mastery[{extra}]'\n"
    )
    assert len(used.stderr.splitlines()) == 1
    assert "Traceback" not in used.stderr
    assert not list(tmp_path.iterdir())


def test_a_cluster_without_its_extra_is_told_only_of_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    used = run_mastery("grade", "--cluster", "tcp://127.0.0.1:1", "--course", ROOT, cwd=tmp_path)
    assert used.returncode == 2
    assert used.stderr.strip() == (
        "--cluster needs distributed, which a student's installation leaves out; to add what's missing: "
        "pip install 'llm-mastery[cluster]'"
    )


@pytest.mark.usefixtures("without")
def test_a_script_names_the_extra_that_reads_it(tmp_path: Path) -> None:
    (tmp_path / "softmax.py").write_text("# %%\ndef softmax(logits):\n    return logits\n")
    used = run_mastery("check", "softmax.py", "--course", ROOT, cwd=tmp_path)
    assert used.returncode == 2
    assert "pip install 'llm-mastery[author]'" in used.stderr
    assert len(used.stderr.splitlines()) == 1


@pytest.mark.usefixtures("without")
def test_what_a_student_needs_is_there(tmp_path: Path) -> None:
    assert run_mastery("start", tmp_path, "--course", ROOT).returncode == 0
    for words in (["status"], ["hint", "softmax"], ["doctor"]):
        used = run_mastery(*words, "--course", ROOT, cwd=tmp_path)
        assert used.returncode == 0, used.stderr
