"""The `mastery` command and plain pytest as a student meets them: what they print, and their exit codes."""

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from pydantic import BaseModel, field_serializer

from autograder.authoring.simulation import notebooks as simulated
from autograder.model.results import LabResult
from tests.commands import MASTERY, Run, mastery_process, run_mastery
from tests.course_copy import confirmed
from tests.repository import COURSE, ROOT

SOFTMAX, LOSS = (simulated.simulation(COURSE, COURSE.lab(name)) for name in ("softmax", "loss"))
VERBS = (
    "start",
    "check",
    "watch",
    "status",
    "hint",
    "submit",
    "packet",
    "new",
    "build",
    "certify",
    "grade",
    "changes",
    "inspect",
    "export",
    "student",
    "report",
    "transcript",
    "certificate",
    "verify",
    "demo",
    "doctor",
)
BASE_2 = next(each for each in simulated.wrong_answers(COURSE, SOFTMAX.lab) if each.name == "base_2")
CONTROL = "\x1b[31mred\x07\x9b1m\r\u202eback [bold]bold[/bold]"
PRINTABLE = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*")


def run(*words: object, cwd: Path = ROOT) -> Run:
    return subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=120)


def refused(used: Run, *says: str) -> None:
    """Assert one sentence on stderr, no other output, and the exit code for incorrect usage."""
    assert used.returncode == 2, used.stdout + used.stderr
    assert used.stdout == ""
    assert "Traceback" not in used.stderr
    assert len(used.stderr.strip().splitlines()) == 1, used.stderr
    assert used.stderr.strip().endswith(".")
    for words in says:
        assert words in used.stderr


def unwrapped(text: str) -> str:
    """Return the text on one line, with single spaces."""
    return " ".join(text.split())


def as_script(notebook: simulated.Notebook) -> str:
    return str(jupytext.writes(nbformat.from_dict(notebook | {"nbformat": 4, "nbformat_minor": 5}), fmt="py:percent"))


# --- mastery check


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A correct notebook, a wrong one, and the wrong one as a script."""
    folder = tmp_path_factory.mktemp("files")
    wrong = SOFTMAX.solved(
        {
            "softmax": simulated.source_as("softmax", BASE_2.function),
            "entropy": f"def entropy(probs, axis=-1):\n    raise ValueError({CONTROL!r})\n",
            "log_softmax": "def log_softmax(logits, axis=-1):\n    raise NotImplementedError\n",
        }
    )
    simulated.write(SOFTMAX.solved(), folder / "right" / "softmax.ipynb")
    simulated.write(wrong, folder / "wrong" / "softmax.ipynb")
    (folder / "wrong" / "my_softmax.py").write_text(as_script(wrong), encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=["softmax.ipynb", "my_softmax.py"])
def wrong(request: pytest.FixtureRequest, files: Path) -> Run:
    return run_mastery("check", "--all", files / "wrong" / request.param)


@pytest.fixture(scope="module")
def evidence(files: Path) -> list[dict[str, Any]]:
    """The wrong notebook's evidence, from --json."""
    used = run_mastery("check", "--json", files / "wrong" / "softmax.ipynb")
    assert used.returncode == 1
    (line,) = used.stdout.splitlines()
    checks: list[dict[str, Any]] = json.loads(line)["checks"]
    return checks


def test_a_right_notebook_passes_every_visible_check(files: Path) -> None:
    used = run_mastery("check", "--all", files / "right" / "softmax.ipynb")
    assert used.returncode == 0
    assert used.stderr == ""
    assert used.stdout.startswith("Softmax and temperature ")
    outcomes = re.findall(r"^  \S (\w+) +\w", used.stdout, re.MULTILINE)
    assert len(outcomes) > 8
    assert set(outcomes) == {"passed"}
    assert re.search(r"[1-9]\d* more run during grading", used.stdout)


def test_each_check_shows_title_and_outcome_and_each_stub_how_many_pass(
    wrong: Run, evidence: list[dict[str, Any]]
) -> None:
    assert wrong.returncode == 1
    for check in evidence:
        assert f"{check['outcome']} {unwrapped(check['title'])}" in unwrapped(wrong.stdout)
    for stub in SOFTMAX.lab.stubs:
        outcomes = [check["outcome"] for check in evidence if check["stub"] == stub.name]
        shown = rf"^. {stub.name} .* {outcomes.count('passed')} of {len(outcomes)}$"
        assert re.search(shown, wrong.stdout, re.MULTILINE)
    assert "points" not in wrong.stdout
    assert max(map(len, wrong.stdout.splitlines()[1:])) <= 80
    assert {check["outcome"] for check in evidence} == {"passed", "failed", "error", "unsolved"}


def test_a_failure_shows_the_call_both_answers_and_where_they_part(wrong: Run) -> None:
    for line in (
        "Called: softmax( array([3.555348, 3.332205, 2.70805 ,",
        "got wanted [0] 0.2919 0.35 <- first difference [1] 0.2501 0.28 <- differs",
        "Where: first at [0]: got 0.291881, wanted 0.35 (6 of 6 entries differ)",
    ):
        assert line in unwrapped(wrong.stdout)


def test_a_failure_shows_the_misconceptions_name_and_hint(wrong: Run) -> None:
    assert f"This looks like: base 2. {BASE_2.hint}" in unwrapped(wrong.stdout)


def test_an_error_shows_the_students_own_line_and_no_control_character(wrong: Run) -> None:
    assert re.search(r"ValueError: .*red.*back \[bold\]bold\[/bold\]", unwrapped(wrong.stdout))
    assert re.search(r"in code cell \d+, line 2: raise ValueError", unwrapped(wrong.stdout))
    assert PRINTABLE.fullmatch(wrong.stdout)
    assert wrong.stderr == ""


def test_json_is_one_line_a_file_of_visible_checks(files: Path) -> None:
    names = [files / "right" / "softmax.ipynb", files / "wrong" / "softmax.ipynb", files / "wrong" / "my_softmax.py"]
    used = run_mastery("check", "--json", *names)
    results = [json.loads(line) for line in used.stdout.splitlines()]
    assert used.returncode == 1
    assert [result["student"] for result in results] == list(map(str, names))
    assert {check["kind"] for result in results for check in result["checks"]} == {"visible"}
    assert all(check["outcome"] == "passed" for check in results[0]["checks"])
    assert [check["outcome"] for check in results[1]["checks"]] == [check["outcome"] for check in results[2]["checks"]]


def test_the_released_exercise_is_unsolved(tmp_path: Path) -> None:
    released = shutil.copy(ROOT / "exercises" / "loss" / "loss.ipynb", tmp_path)
    used = run_mastery("check", "--json", released)
    assert used.returncode == 1
    assert {check["outcome"] for check in json.loads(used.stdout)["checks"]} == {"unsolved"}


def test_broken_cells_are_told_and_the_other_stubs_checked(tmp_path: Path) -> None:
    notebook = SOFTMAX.solved({"entropy": "def entropy(probs, axis=-1)\n    return 0"})
    simulated.with_cells(notebook, "1 / 0", at=1)
    notebook["cells"] = [cell for cell in notebook["cells"] if "def log_softmax" not in cell["source"]]
    used = run_mastery("check", "--all", simulated.write(notebook, tmp_path / "softmax.ipynb"))
    assert used.returncode == 1
    shown = unwrapped(used.stdout)
    assert re.search(r"The cell that defines entropy \(code cell \d+\) can't run yet: SyntaxError", shown)
    assert "The notebook has no function log_softmax; add it again under exactly this name." in shown
    assert len(re.findall(r" passed (?!checks)", shown)) == 22
    assert "Traceback" not in used.stdout + used.stderr


def test_a_self_check_needs_and_makes_no_secret(files: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    shutil.copy(ROOT / "course.yaml", confirmed(tmp_path))
    assert run_mastery("check", files / "right" / "softmax.ipynb", cwd=tmp_path).returncode == 0
    assert not (tmp_path / ".secret").exists()


# --- every problem is reported in one sentence


def test_no_such_file() -> None:
    refused(run_mastery("check", "nowhere.ipynb"), "nowhere.ipynb doesn't exist; check its name and folder.")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("softmax.ipynb", b"not json", "it isn't valid JSON"),
        ("softmax.ipynb", b"[1, 2]", "it has no cells"),
        ("softmax.ipynb", b'{"cells": [{"cell_type": "code", "source": 7}], "nbformat": 4}', "source isn't text"),
        ("softmax.ipynb", b"\xff\xfe{\x00", "isn't UTF-8 text; open it in Jupyter and save it again"),
        ("softmax.txt", b"text", "isn't a notebook; choose an .ipynb or .py file"),
        ("holiday.ipynb", b'{"cells": [], "nbformat": 4}', "defines no stub of this course; the course's notebooks"),
    ],
)
def test_not_a_notebook(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    refused(run_mastery("check", tmp_path / name), str(tmp_path / name), says)


def test_a_folder_without_notebooks(tmp_path: Path) -> None:
    refused(run_mastery("check", tmp_path), f"There are no notebooks from this course in {tmp_path} or its subfolders.")


def test_a_notebook_of_another_lab(tmp_path: Path) -> None:
    path = simulated.write(LOSS.solved(), tmp_path / "softmax.ipynb")
    refused(run_mastery("check", path), "is the notebook of the lab loss, not of softmax; hand in softmax.ipynb.")


def test_a_file_name_moves_no_cursor(tmp_path: Path) -> None:
    used = run_mastery("check", tmp_path / "\x1b[2J.ipynb")
    refused(used, "doesn't exist")
    assert PRINTABLE.fullmatch(used.stderr)


@pytest.mark.parametrize("verb", ["grade", "certify"])
def test_an_unknown_lab(verb: str) -> None:
    refused(
        run_mastery(verb, "sofmax"),
        f"There is no lab named 'sofmax'. The labs are: {', '.join(lab.name for lab in COURSE.labs)}.",
    )


@pytest.mark.processes
@pytest.mark.parametrize("words", [("check", "softmax.ipynb"), ("build",), ("certify",), ("grade",), ("demo",)])
def test_neither_the_folder_nor_the_package_has_a_course(tmp_path: Path, words: tuple[str, ...]) -> None:
    shutil.copytree(ROOT / "autograder", tmp_path / "lib" / "autograder")
    (tmp_path / "here").mkdir()
    says = f"No course.yaml was found in {tmp_path / 'here'} or any folder above it. Go to the course's folder"
    refused(run("env", f"PYTHONPATH={tmp_path / 'lib'}", MASTERY, *words, cwd=tmp_path / "here"), says)


COURSE_YAML = (ROOT / "course.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("labs: [", "isn't valid YAML"),
        ("- a list", "must contain keys and values"),
        (
            COURSE_YAML.replace("title: How", "titel: How"),
            "titel (it is 'How AI Models Work'): remove this key or correct its spelling",
        ),
        (COURSE_YAML.replace("labs:", "labz:"), "labz (it is ["),
        (COURSE_YAML.replace("call_seconds:", "call_second:"), "limits.call_second"),
        (COURSE_YAML.replace("points: 8", "points: -8"), "points (it is -8)"),
        (COURSE_YAML.replace("points: 8", "points: many"), "points (it is 'many')"),
        (COURSE_YAML.replace("{name: entropy,", "{name: softmax,"), "stub softmax appears 2 times"),
        (COURSE_YAML.replace("stubs: [next_token_pairs", "stubs: [pairs"), "names the stub pairs, which no lab has"),
    ],
)
def test_a_broken_course_names_the_file_the_key_and_the_fix(tmp_path: Path, text: str, says: str) -> None:
    (confirmed(tmp_path) / "course.yaml").write_text(text, encoding="utf-8")
    used = run_mastery("check", "softmax.ipynb", cwd=tmp_path)
    assert used.returncode == 2
    assert f"{tmp_path / 'course.yaml'}" in used.stderr
    assert says in used.stderr
    assert "Traceback" not in used.stderr


def without_roots_rights() -> None:
    """From here on, let even root open only what file modes allow."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        drop_bounding, dac_override, dac_read_search = 24, 1, 2
        for capability in (dac_override, dac_read_search):
            if libc.prctl(drop_bounding, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")


@needs_linux
def test_no_permission_to_read_the_notebook(files: Path, tmp_path: Path) -> None:
    path = shutil.copy(files / "right" / "softmax.ipynb", tmp_path)
    os.chmod(path, 0)
    refused(
        mastery_process("check", path, before=without_roots_rights),
        "can't be read: permission denied; make it readable.",
    )


@needs_linux
def test_no_permission_to_read_the_course(tmp_path: Path) -> None:
    shutil.copy(ROOT / "course.yaml", confirmed(tmp_path))
    (tmp_path / "course.yaml").chmod(0)
    used = mastery_process("check", "softmax.ipynb", cwd=tmp_path, before=without_roots_rights)
    refused(used, f"{tmp_path / 'course.yaml'} can't be read: Permission denied")


@pytest.mark.processes
@needs_linux
def test_no_permission_to_enter_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    used = mastery_process("grade", cwd=tmp_path / "closed", before=without_roots_rights)
    assert used.returncode == 2
    assert "The folder submitted can't be read (Permission denied); name the right one with --submitted." in used.stderr
    assert "Traceback" not in used.stderr


@pytest.mark.processes
@needs_linux
def test_no_permission_to_read_the_submissions(tmp_path: Path) -> None:
    (tmp_path / "submitted").mkdir(mode=0)
    files = ("--json", tmp_path / "r.jsonl", "--csv", tmp_path / "s.csv")
    used = mastery_process("grade", "--submitted", tmp_path / "submitted", *files, before=without_roots_rights)
    assert used.returncode == 2
    assert "submitted can't be read (Permission denied)" in used.stderr
    assert "Traceback" not in used.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("hint",), "Missing argument"),
        (("check", "--points"), "No such option"),
        (("graade",), "No such command"),
        (("grade", "--processes", "0"), "Invalid value"),
    ],
)
def test_words_that_mean_nothing_are_refused(words: tuple[str, ...], says: str) -> None:
    used = run_mastery(*words)
    assert used.returncode == 2
    assert says in used.stderr
    assert "Traceback" not in used.stderr


def test_the_demo_leaves_a_folder_of_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    refused(run_mastery("demo", tmp_path), "contains other files; name a new folder for the demo class.")
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


# --- help


def test_help_lists_students_first_then_instructors_then_authors() -> None:
    lines = run_mastery("--help").stdout.splitlines()
    panels = [line.split()[1] for line in lines if line.startswith(("╭─", "+-"))]
    assert panels == ["Options", "Students", "Instructors", "Authors"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_help_with_an_example_in_80_columns(verb: str) -> None:
    used = run_mastery(verb, "--help")
    assert used.returncode == 0
    assert re.search(rf"Example: mastery {verb}\b", used.stdout)
    assert max(map(len, used.stdout.splitlines())) <= 80


def test_mastery_on_its_own_lists_every_command() -> None:
    used = run_mastery()
    for verb in VERBS:
        assert re.search(rf"^. {verb} +\w", used.stdout, re.MULTILINE)
    assert max(map(len, used.stdout.splitlines())) <= 80


def test_the_doctor_tells_each_layer_in_words_and_in_json() -> None:
    words, lines = run_mastery("doctor"), run_mastery("doctor", "--json")
    assert words.returncode == lines.returncode == 0
    assert max(map(len, words.stdout.splitlines())) <= 80
    layers = [json.loads(line) for line in lines.stdout.splitlines()]
    assert {"namespaces", "landlock", "rlimits", "seccomp"} <= {layer["layer"] for layer in layers}
    for layer in layers:
        assert set(layer) == {"layer", "present", "why", "fix"}
        assert layer["layer"] in words.stdout


# --- plain pytest


@pytest.fixture(scope="module")
def plain(files: Path) -> Run:
    return run(sys.executable, "-m", "pytest", "reference", "--submission", files / "wrong" / "softmax.ipynb")


@pytest.mark.processes
def test_plain_pytest_prints_title_points_and_outcome(plain: Run, evidence: list[dict[str, Any]]) -> None:
    assert plain.returncode == 1
    for check in evidence:
        points = rf"{check['points']:.2f}/{check['max_points']:.2f}"
        line = rf"^{check['outcome']} +{points}  {check['stub']}: {re.escape(check['title'])}$"
        assert re.search(line, plain.stdout, re.MULTILINE)
    assert f"This looks like base_2: {BASE_2.hint}" in plain.stdout
    assert re.search(r"softmax\.ipynb: [\d.]+ of [\d.]+ points", plain.stdout)


@pytest.mark.processes
def test_plain_pytest_counts_each_check_as_a_test(plain: Run, evidence: list[dict[str, Any]]) -> None:
    passed = sum(check["outcome"] == "passed" for check in evidence)
    assert f"{len(evidence) - passed} failed, {passed} passed" in plain.stdout


@pytest.mark.processes
def test_plain_pytest_lets_no_control_character_through(plain: Run) -> None:
    assert PRINTABLE.fullmatch(plain.stdout + plain.stderr)


@pytest.mark.processes
def test_plain_pytest_of_a_right_notebook_passes(files: Path) -> None:
    used = run(
        sys.executable,
        "-m",
        "pytest",
        "reference/softmax/test_visible.py",
        "--submission",
        files / "right" / "softmax.ipynb",
    )
    assert used.returncode == 0
    assert " passed" in used.stdout


@pytest.mark.processes
@pytest.mark.parametrize("words", [(), ("--submission", "nowhere.ipynb")])
def test_plain_pytest_without_a_notebook_says_what_is_missing(words: tuple[str, ...]) -> None:
    used = run(sys.executable, "-m", "pytest", "reference/softmax/test_visible.py", *words)
    assert used.returncode != 0
    assert "Traceback" not in used.stdout + used.stderr
    assert ("--submission" if not words else "nowhere.ipynb doesn't exist") in used.stdout + used.stderr


class Interrupted(BaseModel):
    """A result that's being written when somebody presses Ctrl-C."""

    points: int = 0

    @field_serializer("points")
    def _written(self, _points: int) -> int:
        raise KeyboardInterrupt


class Loading:
    """An attribute of a class that's being created, in a module that's being loaded, when somebody presses Ctrl-C."""

    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "interrupted",
    [lambda: Interrupted().model_dump_json(), lambda: type("Loaded", (), {"at": Loading()})],
    ids=["a result is written", "a module is loaded"],
)
def test_ctrl_c_is_one_sentence_too_while(
    interrupted: Callable[[], object], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LabResult, "model_dump_json", lambda *_, **__: interrupted())
    used = run_mastery("check", "--json", files / "right" / "softmax.ipynb")
    assert used.returncode == 1
    assert used.stderr.strip() == "Stopped. What's been graded is saved; run the same command again to continue."
