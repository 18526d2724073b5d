"""`mastery doctor` where something is missing: what it says is true, and its advice is right."""

import errno
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.model.course import load
from tests.course_copy import copy_course
from tests.repository import ROOT
from tests.sampling import sampled
from tests.sandbox.layers import (
    CONTAINER,
    LANDLOCK,
    give_to_user,
    in_a_container,
    without,
    without_landlock,
    without_rlimits,
    without_seccomp,
)

pytestmark = pytest.mark.processes

MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
Done = subprocess.CompletedProcess[str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="these layers are Linux's")

# Pretend to be another system for everything imported from here on. Python's own modules are still this system's.
IMITATION = """
import sys
import asyncio, concurrent.futures.process, multiprocessing.forkserver, subprocess, tempfile
import autograder.cli.main, autograder.gradebook.gradebook, autograder.grading.session
import autograder.gradebook.settings, IPython, nbgrader.apps
sys.platform = {platform!r}
sys.argv = {words!r}
autograder.cli.main.main()
"""


def run(*words: object, around: Sequence[str] = (), cwd: Path = ROOT) -> Done:
    return subprocess.run(
        [*around, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "MASTERY_SECRET": "of the tests", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def layers_of(done: Done) -> dict[str, dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return {layer["layer"]: layer for layer in map(json.loads, done.stdout.splitlines())}


def absent(done: Done) -> dict[str, dict[str, object]]:
    return {name: layer for name, layer in layers_of(done).items() if not layer["present"] and "optional" not in name}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one correct submission."""
    root = copy_course(tmp_path / "course")
    parts = notebooks.simulation(load(root), load(root).lab("softmax"))
    notebooks.write(parts.solved(), root / "submitted" / "ada" / "softmax" / "softmax.ipynb")
    return root


@linux
def test_without_landlock_it_names_the_setting_of_the_kernel() -> None:
    missing = absent(run(MASTERY, "doctor", "--json", around=without_landlock()))
    assert set(missing) == {"landlock"}
    assert "doesn't support Landlock" in str(missing["landlock"]["why"])
    assert "lsm=landlock" in str(missing["landlock"]["fix"])


@linux
def test_in_a_container_it_names_the_containers_options() -> None:
    missing = absent(run(MASTERY, "doctor", "--json", around=in_a_container()))
    assert set(missing) == {"namespaces"}
    assert "which is common in a container" in str(missing["namespaces"]["why"])
    assert "--cap-add SYS_ADMIN --security-opt seccomp=unconfined" in str(missing["namespaces"]["fix"])


@linux
def test_where_user_namespaces_are_turned_off_it_names_the_setting() -> None:
    around = without(settings={"user/max_user_namespaces": "0"})
    missing = absent(run(MASTERY, "doctor", "--json", around=around))
    assert set(missing) == {"namespaces"}
    assert "user.max_user_namespaces is 0" in str(missing["namespaces"]["why"])
    assert missing["namespaces"]["fix"] == "Run: sudo sysctl -w user.max_user_namespaces=15000."


@linux
def test_ubuntus_block_of_user_namespaces_is_called_by_its_name() -> None:
    around = without("unshare", settings={"kernel/apparmor_restrict_unprivileged_userns": "1"})
    missing = absent(run(MASTERY, "doctor", "--json", around=around))
    assert set(missing) == {"namespaces"}
    assert "Ubuntu's AppArmor" in str(missing["namespaces"]["why"])
    assert "kernel.apparmor_restrict_unprivileged_userns=0" in str(missing["namespaces"]["fix"])


@linux
@pytest.mark.slow
@pytest.mark.parametrize("around", [without_landlock(), in_a_container()], ids=["landlock", "namespaces"])
def test_one_layer_of_two_may_be_missing_with_a_warning_and_a_record(course: Path, around: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(course, Path(folder, "course")))
        give_to_user(Path(folder))
        graded = run(MASTERY, "grade", "--processes", 1, "--course", root, around=around, cwd=root)
        assert graded.returncode == 0, graded.stderr
        result = json.loads((root / "results.jsonl").read_text(encoding="utf-8"))
    assert "Student code runs without" in graded.stdout
    assert result["score"] == result["max_score"]
    assert len({"namespaces", "landlock"} & set(result["isolation"])) == 1


@linux
def test_without_both_no_batch_is_graded_and_both_fixes_are_named(course: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # root's ordinary user can't see pytest's folders
        root = Path(shutil.copytree(course, Path(folder, "course")))
        around = without(*CONTAINER, *LANDLOCK, as_user=True)
        graded = run(MASTERY, "grade", "--course", root, around=around, cwd=root)
        assert not (root / "results.jsonl").exists()
    assert graded.returncode == 2
    assert "neither namespaces nor Landlock" in graded.stderr
    assert "--cap-add SYS_ADMIN" in graded.stderr
    assert "lsm=landlock" in graded.stderr


@linux
@pytest.mark.parametrize(
    ("around", "layer"),
    [(without_seccomp(), "seccomp"), pytest.param(without_rlimits(), "rlimits", marks=pytest.mark.proof)],
)
def test_without_a_required_layer_it_says_so_and_grades_no_batch(
    course: Path, around: Sequence[str], layer: str
) -> None:
    missing = absent(run(MASTERY, "doctor", "--json", around=around))
    assert set(missing) == {layer}
    assert missing[layer]["fix"]
    graded = run(MASTERY, "grade", around=around, cwd=course)
    assert graded.returncode == 2
    assert f"({layer}), which grading a batch requires" in graded.stderr
    assert str(missing[layer]["fix"]) in graded.stderr
    assert not (course / "results.jsonl").exists()
    notebook = course / "submitted" / "ada" / "softmax" / "softmax.ipynb"
    assert run(MASTERY, "check", notebook, around=around, cwd=course).returncode == 0


@linux
@pytest.mark.proof
def test_where_a_process_cannot_give_up_its_rights_no_batch_is_graded(course: Path) -> None:
    graded = run(MASTERY, "grade", around=without("prctl", error=errno.EINVAL), cwd=course)
    assert graded.returncode == 2
    assert "The sandbox doesn't start" in graded.stderr
    assert "Traceback" not in graded.stderr


@pytest.mark.parametrize("platform", sampled(["darwin", "win32"]))
def test_on_another_system_it_says_that_grading_needs_linux(platform: str) -> None:
    script = IMITATION.format(platform=platform, words=["mastery", "doctor", "--json"])
    layers = layers_of(run(sys.executable, "-c", script))
    assert layers["deadline"]["present"]
    assert not layers["sandbox"]["present"]
    assert f"this is {platform}" in str(layers["sandbox"]["why"])
    assert "Grade on Linux, in a virtual machine or a container" in str(layers["sandbox"]["fix"])


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_on_another_system_students_can_check_and_nobody_can_grade(course: Path, platform: str) -> None:
    notebook = str(course / "submitted" / "ada" / "softmax" / "softmax.ipynb")
    checked = run(
        sys.executable, "-c", IMITATION.format(platform=platform, words=["mastery", "check", notebook]), cwd=course
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    graded = run(sys.executable, "-c", IMITATION.format(platform=platform, words=["mastery", "grade"]), cwd=course)
    assert graded.returncode == 2
    assert "The sandbox doesn't start" in graded.stderr
    assert f"this is {platform}" in graded.stderr
