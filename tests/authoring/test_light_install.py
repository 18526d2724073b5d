"""The whole loop works in a new environment with only what a student receives, without torch or nbgrader."""

import json
import os
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.simulation import notebooks as simulated
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.slow

MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
MOST_MIB = 300
LEFT_OUT = {"torch", "nbgrader", "sqlalchemy", "scipy", "altair", "jupytext", "nbconvert", "jupyterlab", "cryptography"}
# What the kernel runs: the notebook up to its checks, then the checks.
IN_A_KERNEL = """
import json, sys
from jupyter_client.manager import start_new_kernel

cells = [cell for cell in json.load(open(sys.argv[1]))["cells"] if cell["cell_type"] == "code"]
manager, client = start_new_kernel()
told = []

def hook(message):
    if message["msg_type"] in ("stream", "error"):
        told.append(str(message["content"].get("text") or message["content"].get("evalue")))

try:
    for cell in cells:
        client.execute_interactive("".join(cell["source"]), timeout=120, output_hook=lambda message: None)
    code = "for stub in " + sys.argv[2] + ": print(stub, check(stub).passed)"
    client.execute_interactive(code, timeout=120, output_hook=hook)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print("".join(told))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository's course in which `mastery build --student` has run."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "course.yaml", root)
    for part in ("exercises", "reference", "solutions"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([MASTERY, "build", "--student", "--course", root], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture(scope="module")
def scripts(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a new environment in which pip has installed the wheel, as on a student's machine."""
    folder = tmp_path_factory.mktemp("student") / "venv"
    venv.create(folder, with_pip=True)
    (wheel,) = (course / "build" / "student").glob("*.whl")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([scripts / "pip", "install", "--quiet", wheel], check=True)
    return scripts


@pytest.fixture(scope="module")
def home(scripts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student's notebooks, all of them solved."""
    folder = tmp_path_factory.mktemp("home") / "my-course"
    assert run(scripts, folder.parent, "start", "my-course").returncode == 0
    for lab in COURSE.labs:
        simulated.write(simulated.simulation(COURSE, lab).solved(), folder / lab.name / f"{lab.name}.ipynb")
    return folder


def environment(scripts: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return kept | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}


def run(scripts: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [scripts / "mastery", *words], cwd=cwd, env=environment(scripts), capture_output=True, text=True, timeout=300
    )


def objects(text: str) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in text.splitlines())


def test_it_is_small_and_holds_nothing_of_an_instructors(scripts: Path) -> None:
    listed = subprocess.run([scripts / "pip", "list", "--format", "json"], check=True, capture_output=True, text=True)
    assert not LEFT_OUT & {each["name"].lower() for each in json.loads(listed.stdout)}
    subprocess.run([scripts / "pip", "check"], check=True)
    files = [path for path in scripts.parent.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) < MOST_MIB * 2**20


def test_every_lab_solved_passes_every_visible_check(scripts: Path, home: Path) -> None:
    checked = run(scripts, home, "check", "--json", ".")
    results = list(objects(checked.stdout))
    assert [each["lab"] for each in results] == [lab.name for lab in COURSE.labs], checked.stderr
    assert {check["outcome"] for each in results for check in each["checks"]} == {"passed"}
    assert checked.returncode == 0
    status = json.loads(run(scripts, home, "status", "--json").stdout)
    assert status["familiar"] == status["stubs"] == len(COURSE.stubs)
    assert run(scripts, home, "check").returncode == 0
    assert run(scripts, home, "hint", "softmax").returncode == 0
    assert run(scripts, home, "transcript").returncode == 0


def test_check_answers_in_a_kernel(scripts: Path, home: Path) -> None:
    stubs = [stub.name for stub in COURSE.lab("architecture").stubs]
    asked = [scripts / "python", "-c", IN_A_KERNEL, home / "architecture" / "architecture.ipynb", repr(stubs)]
    told = subprocess.run(
        asked, cwd=home / "architecture", env=environment(scripts), capture_output=True, text=True, timeout=300
    )
    for stub in stubs:
        assert f"{stub} True" in told.stdout, told.stdout + told.stderr


def test_watch_checks_what_is_saved(scripts: Path, home: Path) -> None:
    watched = home.parent / "watched"
    shutil.copytree(home, watched, ignore=shutil.ignore_patterns(".mastery*"))
    notebook = watched / "softmax" / "softmax.ipynb"
    command = [scripts / "mastery", "watch", "--json", "softmax/softmax.ipynb"]
    with subprocess.Popen(
        command, cwd=watched, env=environment(scripts), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            first = json.loads(process.stdout.readline())
            while "Watching" not in process.stderr.readline():
                assert process.poll() is None
            simulated.write(simulated.simulation(COURSE, COURSE.lab("softmax")).blank(), notebook)
            second = json.loads(process.stdout.readline())
        finally:
            process.terminate()
    assert {check["outcome"] for check in first["checks"]} == {"passed"}
    assert {check["outcome"] for check in second["checks"]} == {"unsolved"}


def test_what_it_submits_is_graded_on_an_instructors_installation(scripts: Path, home: Path, course: Path) -> None:
    receipt = json.loads(run(scripts, home, "submit", "softmax", "--json").stdout)
    assert receipt["to"] == "zip"
    assert receipt["problem"] is None
    assert receipt["self_check"]["passed"] == receipt["self_check"]["checks"]
    with zipfile.ZipFile(home / receipt["file"]) as archive:
        archive.extractall(course / "submitted" / "ada")
    subprocess.run([MASTERY, "grade", "softmax", "--course", course], cwd=course, check=True, capture_output=True)
    (result,) = objects((course / "results.jsonl").read_text("utf-8"))
    assert result["status"] == "graded"
    assert result["score"] == result["max_score"]
    assert result["content_hash"] == receipt["sha256"]


def test_an_instructors_command_names_the_extra(scripts: Path, home: Path) -> None:
    used = run(scripts, home, "grade", "softmax")
    assert used.returncode == 2
    assert used.stderr.strip().endswith("pip install 'llm-mastery[instructor]'")
