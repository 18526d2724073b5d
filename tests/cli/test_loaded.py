"""What a student's commands import, which takes most of their time. Torch and nbgrader are installed here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks as simulated
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.processes

NEVER = {"torch", "nbgrader", "sqlalchemy", "nbconvert", "jupytext", "scipy", "distributed"}
LOADED = """
import json, sys
from autograder.cli.main import main
try:
    main()
except SystemExit:
    pass
if "torch._C" not in sys.modules:
    sys.modules.pop("torch", None)  # what answers for it, which holds nothing of torch's
print(json.dumps(sorted(sys.modules)))
"""


def loaded(*words: str, cwd: Path) -> set[str]:
    """The packages that a process has loaded when the command ends."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOADED, *words, "--course", str(ROOT)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    notebook = folder / "start" / "start.ipynb"
    simulated.write(simulated.simulation(COURSE, COURSE.lab("start")).solved(), notebook)
    return folder


def test_a_check_loads_no_torch_and_an_unchanged_one_no_checks_either(folder: Path) -> None:
    checked = loaded("check", cwd=folder)
    assert "pytest" in checked
    assert not NEVER & checked
    assert not (NEVER | {"numpy", "pytest", "jinja2"}) & loaded("check", cwd=folder)


@pytest.mark.parametrize("words", [["status"], ["hint", "row_means"]], ids=lambda words: words[0])
def test_what_runs_no_check_loads_neither_numpy_nor_pytest(words: list[str], folder: Path) -> None:
    assert not (NEVER | {"numpy", "pytest", "jinja2"}) & loaded(*words, cwd=folder)


def test_help_loads_no_course() -> None:
    code = LOADED.replace("main()", "sys.argv.append('--help'); main()")
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert not (NEVER | {"numpy", "pytest", "pydantic", "yaml"}) & set(json.loads(done.stdout.splitlines()[-1]))


def test_a_notebook_loads_neither_torch_nor_pytest() -> None:
    code = "import json, sys\nfrom autograder import check\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not (NEVER | {"pytest", "pydantic", "yaml"}) & set(json.loads(done.stdout))


def test_an_instructors_command_compiles_no_grammar_of_addresses(folder: Path) -> None:
    """jsonschema would compile it, which takes as long as loading all of nbgrader."""
    graded = loaded("grade", cwd=folder)
    assert "nbgrader" in graded
    assert "lark" not in graded
