"""A folder that somebody else filled is data: no command runs what's in it, or writes where its links lead."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.model.course import load
from tests.course_copy import copy_course
from tests.repository import ROOT
from tests.sampling import sampled

MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
NAMES = ("nbgrader_config", "struct", "signal", "jupytext", "sitecustomize", "numpy")
TOUCH = "import os\nopen(os.path.join(os.environ['RAN'], {name!r}), 'w').close()\n"
# If the folder's own template were used, making a feedback page would run a program.
TEMPLATE = "{% set ran = self.__init__.__globals__.__builtins__.open('RAN/template', 'w') %}"


class Stranger:
    """A student's folder in a confirmed course, full of programs that leave a file in `ran` when they run."""

    def __init__(self, folder: Path) -> None:
        self.ran = folder / "ran"
        self.ran.mkdir()
        self.root = copy_course(folder / "course")
        self.folder = self.root / "submitted" / "ada" / "softmax"
        course = load(self.root)
        notebook = notebooks.simulation(course, course.lab("softmax")).solved()
        notebook["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": "%pwd", "outputs": []})
        notebooks.write(notebook, self.folder / "softmax.ipynb")
        for name in NAMES:
            text = TOUCH.format(name=name) + f"raise ImportError('the {name} of a stranger')\n"
            (self.folder / f"{name}.py").write_text(text)
        for name in ("feedback", "classic", "lab"):
            place = self.folder / name
            place.mkdir()
            (place / "conf.json").write_text(json.dumps({"base_template": "lab"}))
            for page in ("index.html.j2", "base.html.j2", "feedback.html.j2"):
                (place / page).write_text(TEMPLATE.replace("RAN", str(self.ran)))

    def mastery(self, *words: object, cwd: Path | None = None, ends: int = 0) -> str:
        done = subprocess.run(
            [str(MASTERY), *map(str, words)],
            cwd=cwd or self.folder,
            env={**os.environ, "RAN": str(self.ran), "MASTERY_SECRET": "of the tests", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == ends, done.stdout + done.stderr
        return done.stdout + done.stderr

    def nothing_ran(self) -> bool:
        return not list(self.ran.iterdir())


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """Grade it as an instructor whose current folder is the student's."""
    stranger = Stranger(tmp_path_factory.mktemp("graded"))
    stranger.mastery("grade", "softmax", "--submitted", "../..")
    return stranger


@pytest.mark.processes
@pytest.mark.parametrize(
    "words",
    [
        *sampled(
            [["check", "softmax.ipynb"], ["report"], ["status"], ["status", "ada"], ["inspect", "ada", "softmax"]]
        ),
        pytest.param(["feedback", "softmax"], marks=pytest.mark.slow),
        pytest.param(["inspect", "ada", "softmax", "--run", "--submitted", "../.."], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_no_command_runs_what_lies_in_the_current_folder(graded: Stranger, words: list[str]) -> None:
    graded.mastery(*words)
    assert graded.nothing_ran()


@pytest.mark.processes
def test_grading_and_the_processes_it_starts_run_nothing_of_it_either(graded: Stranger) -> None:
    assert graded.nothing_ran()
    (result,) = map(json.loads, (graded.folder / "results.jsonl").read_text().splitlines())
    assert result["score"] == result["max_score"]


def test_what_lies_there_would_run_in_a_python_that_looks_there(tmp_path: Path) -> None:
    """This shows that the tests above can fail."""
    stranger = Stranger(tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    for name in ("struct", "jupytext", "nbgrader_config"):
        words = [sys.executable, "-c", f"import {name}"]
        subprocess.run(words, cwd=stranger.folder, env={**environment, "RAN": str(stranger.ran)}, capture_output=True)
        assert (stranger.ran / name).exists()


def test_python_m_autograder_is_the_same_command_and_imports_nothing_from_here(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(TOUCH.format(name="typer"))
    words = [sys.executable, "-m", "autograder", "--help"]
    environment = {**os.environ, "RAN": str(tmp_path)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "grade" in done.stdout
    assert not (tmp_path / "typer").exists()


# --- somebody else's course


@pytest.fixture
def foreign(tmp_path: Path) -> Stranger:
    """A course that nobody confirmed, whose reference creates a file when it's imported."""
    stranger = Stranger(tmp_path)
    stranger.root = shutil.move(stranger.root, tmp_path / "foreign")
    stranger.folder = stranger.root / "exercises" / "softmax"
    shutil.copy(stranger.root / "submitted/ada/softmax/softmax.ipynb", stranger.folder)
    # Importing any module of the reference runs this.
    init = stranger.root / "reference" / "__init__.py"
    init.write_text(TOUCH.format(name="reference") + init.read_text())
    (stranger.root / "nbgrader_config.py").write_text(TOUCH.format(name="nbgrader_config"))
    return stranger


@pytest.mark.parametrize(
    "words",
    sampled(
        [["check", "softmax.ipynb"], ["grade"], ["report"], ["status"], ["feedback"], ["inspect", "ada", "softmax"]],
        ["check", "softmax.ipynb"],
        ["grade"],
    ),
    ids=" ".join,
)
def test_its_code_does_not_run_and_one_sentence_says_what_to_do(foreign: Stranger, words: list[str]) -> None:
    said = foreign.mastery(*words, ends=2)
    assert foreign.nothing_ran()
    assert str(foreign.root) in said
    assert f"--course {foreign.root}" in said
    assert "Traceback" not in said


@pytest.mark.processes
def test_a_course_named_with_course_is_used_from_anywhere_and_stays_unconfirmed(
    foreign: Stranger, tmp_path: Path
) -> None:
    said = foreign.mastery("check", foreign.folder / "softmax.ipynb", "--course", foreign.root, "--json", cwd=tmp_path)
    assert json.loads(said.splitlines()[-1])["status"] == "graded"
    assert (foreign.ran / "reference").exists()
    assert "isn't one that you" in foreign.mastery("status", ends=2)


@pytest.mark.processes
@pytest.mark.parametrize(("typed", "ends"), [("y", 0), ("n", 2)])
def test_a_user_at_a_terminal_is_asked_once_about_the_path(foreign: Stranger, typed: str, ends: int) -> None:
    said, code = answered(foreign, typed, "status")
    assert str(foreign.root) in said
    assert code == ends
    foreign.mastery("status", ends=ends)
    if ends == 0:
        (kept,) = Path(os.environ["XDG_CONFIG_HOME"]).rglob("*.json")
        assert kept.stat().st_mode & 0o777 == 0o600
        assert str(foreign.root) in kept.read_text()


def answered(stranger: Stranger, typed: str, *words: str) -> tuple[str, int]:
    """What a command prints on a terminal, and its exit code, if `typed` is the answer to its question."""
    terminal, its = pty.openpty()
    command = subprocess.Popen([MASTERY, *words], cwd=stranger.folder, stdin=its, stdout=its, stderr=its)
    os.close(its)
    said, asked, end = "", False, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            said += os.read(terminal, 4096).decode()
        except OSError:
            break
        if "[y/N]" in said and not asked:
            asked = True
            os.write(terminal, typed.encode() + b"\n")
    assert asked, said
    return said.replace("\r\n", ""), command.wait()


@pytest.mark.processes
def test_building_a_course_confirms_it(foreign: Stranger) -> None:
    assert f"{foreign.root} is trusted" in foreign.mastery("build", cwd=foreign.root)
    foreign.mastery("status")


def test_a_course_below_submitted_is_never_one(foreign: Stranger, tmp_path: Path) -> None:
    own = copy_course(tmp_path / "own")
    handed_in = own / "submitted" / "ada"
    shutil.copytree(foreign.root, handed_in, dirs_exist_ok=True)
    said = foreign.mastery("status", "--json", cwd=handed_in)
    assert json.loads(said.splitlines()[-1])["labs"]
    assert "submitted" in foreign.mastery("status", "--course", handed_in, cwd=handed_in, ends=2)
    assert foreign.nothing_ran()


@pytest.mark.processes
def test_the_course_in_use_is_named_if_it_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    db = f"sqlite:///{tmp_path / 'g.db'}"
    said = Stranger(tmp_path / "class").mastery("report", "--db", db, cwd=tmp_path, ends=2)
    assert f"course in {ROOT}" in said


# --- files that a stranger put there


@pytest.mark.parametrize("name", sampled([".mastery-checks.jsonl", ".mastery.json"]))
def test_a_linked_history_is_neither_read_nor_written(tmp_path: Path, name: str) -> None:
    course = load(ROOT)
    notebook = tmp_path / "mine" / "start" / "start.ipynb"
    notebooks.write(notebooks.simulation(course, course.lab("start")).solved(), notebook)
    diary = tmp_path / "diary"
    diary.write_text("dear diary\n")
    (tmp_path / "mine" / name).symlink_to(diary)
    done = subprocess.run(
        [MASTERY, "check", "."], cwd=tmp_path / "mine", capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert diary.read_text() == "dear diary\n"
    assert (tmp_path / "mine" / name).is_symlink()
    assert name in done.stderr
    assert "link" in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize("name", sampled(["results.jsonl", "scores.csv", "report.html"]))
def test_no_page_or_table_is_written_through_a_link(graded: Stranger, tmp_path: Path, name: str) -> None:
    diary = tmp_path / "diary"
    diary.write_text("dear diary\n")
    (tmp_path / name).symlink_to(diary)
    db = f"sqlite:///{graded.root / 'gradebook.db'}"
    words = ["report"] if name == "report.html" else ["grade", "softmax", "--submitted", graded.root / "submitted"]
    said = graded.mastery(*words, "--db", db, "--course", graded.root, cwd=tmp_path, ends=2)
    assert diary.read_text() == "dear diary\n"
    assert name in said
    assert "link" in said
