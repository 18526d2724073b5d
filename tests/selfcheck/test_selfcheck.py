"""A student's workflow in a terminal, through the real command: start, check, watch, status, hint, submit."""

import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.model.course import Lab
from autograder.selfcheck.checks import named
from autograder.selfcheck.workspace import HISTORY, Memory, Workspace
from tests.commands import MASTERY, Run, mastery_process, run_mastery
from tests.repository import COURSE, ROOT
from tests.sampling import sampled

SOFTMAX, LOSS, START = (simulated.simulation(COURSE, COURSE.lab(name)) for name in ("softmax", "loss", "start"))
BASE_2 = next(each for each in simulated.wrong_answers(COURSE, SOFTMAX.lab) if each.name == "base_2")
BROKEN = "def log_softmax(logits, axis=-1)\n    return logits\n"
STUBS = sum(len(lab.stubs) for lab in COURSE.labs)
UNSOLVED = "def entropy(probs, axis=-1):\n    raise NotImplementedError\n"


def environment(**more: object) -> dict[str, str]:
    # nbgrader looks for alembic on the PATH, which contains it only if the virtual environment is activated.
    path = os.pathsep.join([str(MASTERY.parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "COLUMNS": "80", **{name: str(value) for name, value in more.items()}}


def mastery(*words: object, cwd: Path, **more: object) -> Run:
    """Run the command in this process, unless an environment variable has an effect only when an interpreter starts."""
    run = mastery_process if {"PYTHONPATH", "PYTHONIOENCODING", "PYTHONUTF8"} & set(more) else run_mastery
    return run(*words, cwd=cwd, **environment(**more))


def refused(used: Run, *says: str) -> None:
    assert used.returncode == 2, used.stdout + used.stderr
    assert used.stdout == ""
    assert len(used.stderr.strip().splitlines()) == 1, used.stderr
    for words in says:
        assert words in used.stderr


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def in_80_columns(text: str) -> bool:
    return all(len(line) <= 80 for line in text.splitlines())


def partly_solved() -> simulated.Notebook:
    """The first stub right, the second broken, the last unsolved."""
    return SOFTMAX.solved({"log_softmax": BROKEN, "entropy": UNSOLVED})


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `start` created, outside the course's folder."""
    folder = tmp_path_factory.mktemp("student") / "my-course"
    used = mastery("start", folder.name, cwd=folder.parent)
    assert used.returncode == 0, used.stderr
    return folder


@pytest.fixture
def desk(laid_out: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(laid_out, tmp_path / "desk"))


@pytest.fixture(scope="module")
def checked_once(laid_out: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A workspace in which two labs have been checked, one of them partly solved; and what the check printed."""
    folder = Path(shutil.copytree(laid_out, tmp_path_factory.mktemp("checked") / "desk"))
    simulated.write(partly_solved(), folder / "softmax" / "softmax.ipynb")
    simulated.write(START.solved(), folder / "start" / "start.ipynb")
    for lab in {lab.name for lab in COURSE.labs} - {"softmax", "start"}:
        shutil.rmtree(folder / lab)
    return folder, mastery("check", cwd=folder)


@pytest.fixture
def checked(checked_once: tuple[Path, Run], tmp_path: Path) -> Path:
    return Path(shutil.copytree(checked_once[0], tmp_path / "checked"))


def state_of(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / ".mastery.json").read_bytes())
    return content


def links_in(notebook: Path) -> list[str]:
    """The links to files in a notebook's text, in order."""
    text = "\n".join(
        cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "markdown"
    )
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]


# --- start


def test_start_lays_out_everything_as_it_was_released_and_nothing_else(laid_out: Path) -> None:
    files = {path.relative_to(laid_out).as_posix() for path in laid_out.rglob("*") if path.is_file()}
    assert files == {".mastery.json", *COURSE.handed_out}
    assert files > {"readiness/packet.yaml", "lesson/lesson.ipynb", "glossary/glossary.ipynb"}
    for name in files - {".mastery.json"}:
        assert (laid_out / name).read_bytes() == (ROOT / "exercises" / name).read_bytes()


def test_every_link_in_a_fresh_folder_leads_to_a_file_there(laid_out: Path) -> None:
    links = {path: links_in(path) for path in laid_out.glob("*/*.ipynb")}
    assert [
        (path.name, link) for path, all_ in links.items() for link in all_ if not (path.parent / link).is_file()
    ] == []


def test_every_lab_links_to_the_glossary_and_to_the_lab_after_it(laid_out: Path) -> None:
    for lab, following in itertools.pairwise([*COURSE.labs, None]):
        links = links_in(laid_out / lab.name / f"{lab.name}.ipynb")
        assert "../glossary/glossary.ipynb" in links
        if following is not None:
            assert links[-1] == f"../{following.name}/{following.name}.ipynb"


def test_start_says_what_to_do_next(tmp_path: Path) -> None:
    used = mastery("start", "here", cwd=tmp_path)
    for line in ("cd here", "jupyter lab start/start.ipynb", "mastery watch", "mastery status"):
        assert re.search(rf"^  {line}( |$)", used.stdout, re.MULTILINE)
    assert in_80_columns(used.stdout)


def test_start_again_keeps_what_the_student_wrote_and_says_so(desk: Path) -> None:
    (desk / "softmax" / "softmax.ipynb").write_text("mine", encoding="utf-8")
    (desk / "loss" / "loss.ipynb").unlink()
    (desk / ".mastery.json").write_text('{"hints": {"softmax": 1}}', encoding="utf-8")
    used = mastery("start", ".", cwd=desk)
    assert used.returncode == 0
    assert (desk / "softmax" / "softmax.ipynb").read_text(encoding="utf-8") == "mine"
    assert re.search(r"^kept yours  softmax/softmax.ipynb$", used.stdout, re.MULTILINE)
    assert re.search(r"^wrote       loss/loss.ipynb$", used.stdout, re.MULTILINE)
    assert "  cd " not in used.stdout
    assert state_of(desk)["hints"] == {"softmax": 1}
    layout = json.loads(mastery("start", ".", "--json", cwd=desk).stdout)
    assert layout["written"] == []
    assert layout["kept"] == COURSE.handed_out


def test_start_never_writes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "desk" / "loss").mkdir(parents=True)
    (tmp_path / "desk" / "loss" / "loss.ipynb").symlink_to(tmp_path / "elsewhere.ipynb")
    assert "kept yours  loss/loss.ipynb" in mastery("start", "desk", cwd=tmp_path).stdout
    assert not (tmp_path / "elsewhere.ipynb").exists()


def test_start_where_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused(mastery("start", "file", cwd=tmp_path), "can't be written", "name a different folder.")


# --- check


def test_check_takes_every_notebook_that_was_never_checked(checked_once: tuple[Path, Run]) -> None:
    _, used = checked_once
    assert used.returncode == 1
    assert used.stderr == ""
    assert re.findall(r"^(\S.*)  (\w+/\w+\.ipynb)$", used.stdout, re.MULTILINE) == [
        ("First steps", "start/start.ipynb"),
        ("Softmax and temperature", "softmax/softmax.ipynb"),
    ]
    for name, symbol, level in (
        ("softmax", "✓", "passes here"),
        ("softmax_with_temperature", "✓", "passes here"),
        ("entropy", "·", "not started"),
    ):
        assert re.search(rf"^{symbol} {name} +{level} +\d+ of \d+$", used.stdout, re.MULTILINE)
    assert re.search(r"^✗ log_softmax  0 of 8\. ", used.stdout, re.MULTILINE)
    assert used.stdout.endswith("A hint: mastery hint log_softmax\n")
    assert in_80_columns(used.stdout)


def test_check_does_not_call_wrong_what_a_person_will_judge(tmp_path: Path) -> None:
    record = {"page": "a chat", "when": "2026-03-01", "saw": "The words came in groups of three or four."}
    solved = simulated.simulation(COURSE, COURSE.lab("terms")).solved(
        {"observation": f"def observation():\n    return {record}\n"}, "ada"
    )
    simulated.write(solved, tmp_path / "terms.ipynb")
    used = mastery("check", "terms.ipynb", cwd=tmp_path)
    assert re.search(r"^· observation +not graded +0 of 3$", used.stdout, re.MULTILINE)
    assert "Next: observation" not in used.stdout
    assert "except those of observation (not graded here)" in unwrapped(used.stdout)


def test_check_remembers_hash_time_levels_and_points(checked_once: tuple[Path, Run]) -> None:
    folder, _ = checked_once
    mark = state_of(folder)["notebooks"]["softmax/softmax.ipynb"]
    content = (folder / "softmax" / "softmax.ipynb").read_bytes()
    assert mark["content_hash"] == hashlib.sha256(content).hexdigest()
    assert datetime.now(UTC) - datetime.fromisoformat(mark["time"]) < timedelta(minutes=10)
    assert {name: stub["level"] for name, stub in mark["stubs"].items()} == {
        "softmax": "familiar",
        "log_softmax": "attempted",
        "softmax_with_temperature": "familiar",
        "entropy": "not started",
    }
    assert mark["stubs"]["softmax"]["points"] == mark["stubs"]["softmax"]["max_points"] > 0
    assert mark["stubs"]["entropy"]["points"] == 0 < mark["stubs"]["entropy"]["max_points"]


def test_check_says_that_nothing_changed_and_how_to_check_all(checked: Path) -> None:
    used = mastery("check", cwd=checked)
    assert used.returncode == 1
    assert used.stdout.splitlines() == [
        "Nothing has changed since the last check: 3 of 5 stubs pass here.",
        "To check anyway: mastery check .",
    ]
    below = mastery("check", cwd=checked / "start")
    assert below.returncode == 0
    assert "1 of 1 stubs pass here" in below.stdout


def test_check_takes_what_changed_and_tells_what_cannot_be_read(checked: Path) -> None:
    simulated.write(SOFTMAX.solved(), checked / "monday" / "softmax" / "softmax.ipynb")
    (checked / "start" / "start.ipynb").write_text("no notebook", encoding="utf-8")
    before = state_of(checked)["notebooks"]
    used = mastery("check", cwd=checked)
    assert used.returncode == 1
    assert "start/start.ipynb isn't a readable notebook" in unwrapped(used.stdout)
    assert re.findall(r"^\S.*  (\S+\.ipynb)$", used.stdout, re.MULTILINE) == [
        "start/start.ipynb",
        "monday/softmax/softmax.ipynb",
    ]
    assert "All visible checks pass — not graded yet. To hand it in: mastery submit softmax" in used.stdout
    after = state_of(checked)["notebooks"]
    assert after.pop("monday/softmax/softmax.ipynb")["stubs"]["entropy"]["level"] == "familiar"
    assert after == before


def test_a_folder_means_its_notebooks(checked: Path) -> None:
    names = [each.path.relative_to(checked).as_posix() for each in named(COURSE, [checked])]
    assert names == ["start/start.ipynb", "softmax/softmax.ipynb"]


def test_check_takes_a_notebook_again_once_the_checks_changed(checked: Path, tmp_path: Path) -> None:
    state = state_of(checked)
    state["notebooks"]["softmax/softmax.ipynb"]["course_version"] = "older"
    (checked / ".mastery.json").write_text(json.dumps(state), encoding="utf-8")
    labs = json.loads(mastery("status", "--json", cwd=checked).stdout)["labs"]
    assert {lab["lab"] for lab in labs if lab["changed"]} == {"softmax"}


def test_check_where_there_is_no_notebook(tmp_path: Path) -> None:
    refused(mastery("check", cwd=tmp_path), f"There are no notebooks from this course in {tmp_path} or its subfolders.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"notebooks": {"a": 3}}', b'{"hints": {"softmax": -1}}'])
def test_a_broken_state_file_is_ignored_with_a_sentence_and_begun_anew(desk: Path, content: bytes) -> None:
    (desk / ".mastery.json").write_bytes(content)
    used = mastery("status", cwd=desk)
    assert used.returncode == 0
    assert used.stderr.startswith(f"{desk / '.mastery.json'} was damaged, so it was reset")
    assert f"0 of {STUBS} stubs pass their visible checks." in used.stdout
    assert Memory.model_validate(state_of(desk)) == Memory()
    assert mastery("status", cwd=desk).stderr == ""


def test_a_state_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / ".mastery.json").mkdir()
    used = mastery("hint", "softmax", cwd=tmp_path)
    assert used.returncode == 0
    assert used.stdout.startswith("Hint 1 of 3 for softmax")
    assert "can't be written" in used.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".mastery.json"]


def without(package: str, folder: Path) -> str:
    """A PYTHONPATH that makes importing a package fail."""
    (folder / f"{package}.py").write_text(f"raise ImportError('no {package} here')", encoding="utf-8")
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


@pytest.mark.processes
def test_what_runs_no_check_answers_without_loading_torch(checked: Path, tmp_path: Path) -> None:
    path = without("torch", tmp_path)
    for words in (("start", tmp_path / "new"), ("status",), ("hint", "softmax"), ("check",)):
        used = mastery(*words, cwd=checked, PYTHONPATH=path)
        assert used.returncode in (0, 1)
        assert used.stderr == "", words


# --- where there is no sandbox, no fork and no network, as on Windows

# The engine's own modules get the Windows versions of Python's modules; everything else stays as it is, in every
# process.
WINDOWS = """
import builtins, os, select, signal, socket, sys, types

LACKING = {
    os: "fork forkpty getuid geteuid getgid getpgid killpg setsid pidfd_open sysconf sched_getaffinity uname "
        "O_NOFOLLOW O_NONBLOCK O_CLOEXEC",
    signal: "SIGKILL SIGALRM SIGCHLD SIGHUP alarm setitimer pthread_sigmask pidfd_send_signal",
    select: "poll epoll",
    socket: "AF_UNIX SCM_RIGHTS",
    sys: "",
}
ABSENT = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty", "autograder.sandbox.zygote")
# There a process keeps its parent's number for ever.
parent = os.getppid()
OTHERWISE = {("sys", "platform"): "win32", ("os", "getppid"): lambda: parent}

class Windows(types.ModuleType):
    def __init__(self, module, lacking):
        vars(self).update(_module=module, _lacking=lacking.split(), __name__=module.__name__)

    def __getattr__(self, name):
        if name in self._lacking:
            raise AttributeError(f"Windows has no {self.__name__}.{name}")
        return OTHERWISE.get((self.__name__, name)) or getattr(self._module, name)

    def __setattr__(self, name, value):
        setattr(self._module, name, value)

def imported(name, globals=None, locals=None, fromlist=(), level=0):
    module = plain(name, globals, locals, fromlist, level)
    if str((globals or {}).get("__name__")).partition(".")[0] != "autograder":
        return module
    if name in ABSENT:
        raise ImportError(f"Windows has no {name}")
    return windows.get(module, module)

def no_network(*_arguments, **_options):
    raise AssertionError("there is no network")

windows = {module: Windows(module, lacking) for module, lacking in LACKING.items()}
plain, builtins.__import__ = builtins.__import__, imported
socket.socket.connect = no_network
"""
LOOPING = "def softmax(logits, axis=-1):\n    while True:\n        pass\n"


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which every Python process believes it's on Windows."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "sitecustomize.py").write_text(WINDOWS, encoding="utf-8")
    return environment(PYTHONPATH=os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))


@pytest.mark.proof
def test_the_terminals_loop_works_on_windows(windows: dict[str, str], desk: Path) -> None:
    simulated.write(partly_solved(), desk / "softmax" / "softmax.ipynb")
    for words in [("start", desk.parent / "other"), ("hint", "softmax"), ("status",), ("submit", "softmax")]:
        used = mastery(*words, "--json", cwd=desk, **windows)
        assert (used.returncode, used.stderr) == (0, ""), words
    used = mastery("check", "softmax/softmax.ipynb", "--json", cwd=desk, **windows)
    assert used.returncode == 1
    (line,) = used.stderr.splitlines()
    assert line.startswith("Checked without namespaces, landlock, rlimits, seccomp: this system doesn't offer them.")
    result = json.loads(used.stdout)
    assert result["isolation"] == ["process"]
    assert {each["outcome"] for each in result["checks"]} == {"passed", "error", "unsolved"}
    assert "softmax/softmax.ipynb" in state_of(desk)["notebooks"]
    assert receipt_beside(desk / "softmax" / "softmax.ipynb")["to"] == "zip"


@pytest.mark.processes
@pytest.mark.parametrize("way", sampled(["live", "terminal"]))
def test_on_windows_nothing_outlives_a_killed_parent(windows: dict[str, str], desk: Path, way: str) -> None:
    simulated.write(SOFTMAX.solved({"softmax": LOOPING}), desk / "softmax" / "softmax.ipynb")
    script = f"import numpy as np\nfrom autograder import check\n{SOFTMAX.solutions['softmax']}\ncheck(softmax)\n"
    commands = {
        "live": [sys.executable, "-c", f"{script}print(check(softmax), flush=True)\n{LOOPING}\nsoftmax(1)"],
        "terminal": [MASTERY, "watch", "softmax/softmax.ipynb"],
    }
    with subprocess.Popen(commands[way], cwd=desk, env=windows, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        awaited = "10 of 10 here" if way == "live" else "Starting"
        assert any(awaited in line for line in process.stdout)
        until = time.monotonic() + 60
        while not (children := psutil.Process(process.pid).children(recursive=True)) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
        process.kill()
    assert children
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


# --- status


def made_familiar(folder: Path, labs: Sequence[Lab]) -> int:
    """Mark the labs' stubs as familiar and return how many there are."""
    state = state_of(folder)
    for lab in labs:
        stubs = {stub.name: {"level": "familiar", "points": 1.0, "max_points": 1.0} for stub in lab.stubs}
        mark = state["notebooks"]["softmax/softmax.ipynb"] | {"lab": lab.name, "stubs": stubs}
        state["notebooks"][f"{lab.name}/{lab.name}.ipynb"] = mark
        if not (folder / lab.name).exists():
            shutil.copytree(ROOT / "exercises" / lab.name, folder / lab.name)
    (folder / ".mastery.json").write_text(json.dumps(state), encoding="utf-8")
    return sum(len(lab.stubs) for lab in labs)


def labs_between_start_and_softmax() -> list[Lab]:
    return [lab for lab in itertools.takewhile(lambda lab: lab != SOFTMAX.lab, COURSE.labs) if lab.name != "start"]


def test_status_shows_what_passes_how_far_and_what_is_next(checked: Path) -> None:
    earlier = made_familiar(checked, labs_between_start_and_softmax())
    used = mastery("status", cwd=checked)
    assert used.returncode == 0
    assert re.search(r"^✓ softmax +passes here$", used.stdout, re.MULTILINE)
    assert re.search(r"^✗ log_softmax +fails here$", used.stdout, re.MULTILINE)
    assert re.search(r"^· mse_loss +not started$", used.stdout, re.MULTILINE)
    assert re.search(r"^  checked \d\d:\d\d$", used.stdout, re.MULTILINE)
    assert "Loss and next-token prediction  no notebook here" in used.stdout
    assert f"{3 + earlier} of {STUBS} stubs pass their visible checks." in used.stdout
    assert used.stdout.endswith("Next: log_softmax in softmax/softmax.ipynb. A hint: mastery hint log_softmax\n")
    assert in_80_columns(used.stdout)


def test_status_says_when_a_notebook_changed_since(checked: Path) -> None:
    with (checked / "softmax" / "softmax.ipynb").open("a", encoding="utf-8") as file:
        file.write("\n")
    used = mastery("status", cwd=checked)
    assert len(re.findall(r"^  checked \d\d:\d\d; changed since then: mastery check$", used.stdout, re.MULTILINE)) == 1
    labs = {lab["lab"]: lab for lab in json.loads(mastery("status", "--json", cwd=checked).stdout)["labs"]}
    assert labs["softmax"]["changed"]
    assert not labs["start"]["changed"]
    assert labs["loss"]["checked"] is None


def test_status_is_the_same_from_a_folder_below(checked: Path) -> None:
    earlier = made_familiar(checked, labs_between_start_and_softmax())
    above, below = (json.loads(mastery("status", "--json", cwd=each).stdout) for each in (checked, checked / "start"))
    assert above["next_notebook"] == "softmax/softmax.ipynb"
    assert below["next_notebook"] == "../softmax/softmax.ipynb"
    assert above["familiar"] == below["familiar"] == 3 + earlier
    assert above["folder"] == below["folder"] == str(checked)


def test_status_counts_concepts_and_sends_on_to_hand_in(checked: Path) -> None:
    made_familiar(checked, COURSE.labs)
    ready = f"{len(COURSE.concepts)} of {len(COURSE.concepts)} are ready to be graded."
    used = mastery("status", cwd=checked)
    assert f"{STUBS} of {STUBS} stubs pass their visible checks." in used.stdout
    assert ready in unwrapped(used.stdout)
    assert "mastery submit" in used.stdout
    # Unsolved stretch stubs don't make anything incomplete, and they come last.
    state = state_of(checked)
    stretch = [(lab.name, stub.name) for lab in COURSE.labs for stub in lab.stubs if stub.stretch]
    for lab, stub in [*stretch, ("loss", "perplexity")]:
        state["notebooks"][f"{lab}/{lab}.ipynb"]["stubs"][stub]["level"] = "attempted"
        (checked / ".mastery.json").write_text(json.dumps(state), encoding="utf-8")
        used = mastery("status", cwd=checked)
        first = "perplexity" if stub == "perplexity" else stretch[0][1]
        assert f"Next: {first} in " in used.stdout
        assert (ready in unwrapped(used.stdout)) == (stub != "perplexity")


def test_status_before_anything_was_done(tmp_path: Path) -> None:
    used = mastery("status", cwd=tmp_path)
    assert used.returncode == 0
    assert unwrapped(used.stdout).endswith("Its notebook isn't here; get it with: mastery start .")


def test_symbols_give_way_where_the_terminal_has_none(checked: Path) -> None:
    used = mastery("status", cwd=checked, PYTHONIOENCODING="ascii")
    assert used.returncode == 0
    assert used.stdout.isascii()
    assert re.search(r"^x log_softmax +fails here", used.stdout, re.MULTILINE)


# --- hint


def test_hints_come_one_at_a_time_and_end(desk: Path) -> None:
    hints = COURSE.notes("softmax").hints
    for number, hint in enumerate(hints, start=1):
        used = mastery("hint", "softmax", cwd=desk / ("softmax" if number == 2 else ""))
        assert used.returncode == 0
        assert used.stdout.startswith(f"Hint {number} of {len(hints)} for softmax")
        assert unwrapped(hint) in unwrapped(used.stdout)
        assert not any(unwrapped(other) in unwrapped(used.stdout) for other in hints if other != hint)
        assert in_80_columns(used.stdout)
    used = mastery("hint", "softmax", cwd=desk)
    assert used.stdout.startswith(f"You've seen all {len(hints)} hints for softmax:")
    assert all(unwrapped(hint) in unwrapped(used.stdout) for hint in hints)
    found = json.loads(mastery("hint", "softmax", "--json", cwd=desk).stdout)
    assert found == {"stub": "softmax", "step": 3, "of": 3, "hint": None, "before": list(hints)}
    assert mastery("hint", "entropy", cwd=desk).stdout.startswith("Hint 1 of")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sofmax", "There is no stub named 'sofmax' in this course. Did you mean softmax?"),
        ("xyzzy", "mastery status lists all stubs."),
        ("loss", "loss is a lab; name one of its stubs: mse_loss, surprisal,"),
    ],
)
def test_a_hint_for_what_is_no_stub(desk: Path, name: str, says: str) -> None:
    refused(mastery("hint", name, cwd=desk), says)


# --- submit


def exchange(folder: Path, course: str = "how-ai-models-work") -> Path:
    """nbgrader's folders as it makes them, with softmax released, and a configuration that names them."""
    inbound, outbound = folder / "exchange" / course / "inbound", folder / "exchange" / course / "outbound"
    shutil.copytree(ROOT / "exercises" / "softmax", outbound / "softmax")
    inbound.mkdir()
    for path in (folder / "exchange", inbound):
        path.chmod(0o777)
    settings = {"root": str(folder / "exchange"), "cache": str(folder / "cache")}
    lines = ["c = get_config()", *(f"c.Exchange.{name} = {value!r}" for name, value in settings.items())]
    (folder / "nbgrader_config.py").write_text("\n".join(lines), encoding="utf-8")
    return inbound


def receipt_beside(notebook: Path) -> dict[str, Any]:
    (path,) = notebook.parent.glob("*.json")
    assert re.fullmatch(r"softmax-\d{8}T\d{6}Z\.json", path.name)
    receipt: dict[str, Any] = json.loads(path.read_bytes())
    return receipt


@pytest.mark.processes
def test_submit_goes_through_nbgraders_exchange_and_nbgrader_collects_it(checked: Path, tmp_path: Path) -> None:
    inbound = exchange(tmp_path / "hub")
    notebook = checked / "softmax" / "softmax.ipynb"
    content = notebook.read_bytes()
    used = mastery("submit", "softmax", cwd=checked / "start", JUPYTER_CONFIG_DIR=tmp_path / "hub")
    assert used.returncode == 0, used.stderr
    assert used.stderr == ""
    assert used.stdout.startswith("Handed in: softmax, through nbgrader's exchange.")
    (arrived,) = inbound.glob("*+softmax+*/softmax.ipynb")
    assert arrived.read_bytes() == content
    assert {path.name for path in arrived.parent.iterdir()} == {
        "softmax.ipynb",
        "submission_secret.txt",
        "timestamp.txt",
    }
    receipt = receipt_beside(notebook)
    assert receipt["to"] == "exchange"
    assert receipt["file"] == str(arrived)
    assert receipt["sha256"] == hashlib.sha256(content).hexdigest()
    assert receipt["course_version"] == COURSE.version
    assert receipt["self_check"]["passed"] == 22
    assert 0 < receipt["self_check"]["points"] < receipt["self_check"]["max_points"]
    stamp = (arrived.parent / "timestamp.txt").read_text(encoding="utf-8")
    off = datetime.fromisoformat(receipt["time"]) - datetime.fromisoformat(stamp.replace(" UTC", "+00:00"))
    assert abs(off) < timedelta(seconds=2)
    assert receipt["time"].endswith("Z")
    for value in (receipt["sha256"], f"version {COURSE.version}", "22 of 37 visible checks passed"):
        assert value in used.stdout
    assert not list(checked.rglob("*.zip"))

    collected = subprocess.run(
        [MASTERY.with_name("nbgrader"), "collect", "softmax", "--course", "how-ai-models-work"],
        cwd=tmp_path / "hub",
        env=environment(JUPYTER_CONFIG_DIR=tmp_path / "hub"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert collected.returncode == 0, collected.stderr
    (again,) = (tmp_path / "hub" / "submitted").glob("*/softmax/softmax.ipynb")
    assert again.read_bytes() == content


def test_submit_without_an_exchange_packs_a_zip_and_says_that_it_is_not_handed_in(desk: Path, tmp_path: Path) -> None:
    notebook = desk / "softmax" / "softmax.ipynb"
    used = mastery("submit", "softmax", "--json", cwd=desk, JUPYTER_CONFIG_DIR=tmp_path / "none")
    assert used.returncode == 0, used.stderr
    receipt = receipt_beside(notebook)
    assert json.loads(used.stdout) == receipt
    assert receipt["to"] == "zip"
    assert receipt["problem"] is None
    assert receipt["self_check"]["points"] == 0
    (packed,) = notebook.parent.glob("*.zip")
    assert receipt["file"] == str(packed)
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == ["softmax/softmax.ipynb"]
        content = archive.read("softmax/softmax.ipynb")
    assert content == notebook.read_bytes()
    assert hashlib.sha256(content).hexdigest() == receipt["sha256"]
    assert "softmax/softmax.ipynb" in state_of(desk)["notebooks"]


@pytest.mark.processes
def test_an_exchange_that_does_not_take_it_leaves_a_zip_and_says_why(desk: Path, tmp_path: Path) -> None:
    inbound = exchange(tmp_path / "hub")
    inbound.rmdir()
    # No problem with the checks may stop a student from submitting.
    path = without("pytest", tmp_path)
    used = mastery("submit", "softmax", cwd=desk, JUPYTER_CONFIG_DIR=tmp_path / "hub", PYTHONPATH=path)
    assert used.returncode == 1
    shown = unwrapped(used.stdout)
    assert shown.startswith("nbgrader's exchange didn't accept it: Inbound directory doesn't exist:")
    assert "Packed, but not handed in yet: upload softmax/softmax-" in shown
    assert "The self-check couldn't be run (ImportError: no pytest here)" in used.stderr
    receipt = receipt_beside(desk / "softmax" / "softmax.ipynb")
    assert receipt["self_check"] is None
    assert receipt["problem"].startswith("Inbound directory")
    assert Path(receipt["file"]).is_file()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (Path.unlink, "There is no softmax.ipynb in"),
        (
            lambda path: path.write_text("{", encoding="utf-8"),
            "isn't a readable notebook: it isn't valid JSON",
        ),
        (lambda path: simulated.write(LOSS.solved(), path), "is the notebook of the lab loss, not of softmax"),
    ],
)
def test_what_cannot_be_handed_in(desk: Path, change: Callable[[Path], object], says: str) -> None:
    change(desk / "softmax" / "softmax.ipynb")
    refused(mastery("submit", "softmax", cwd=desk), says)
    assert not list(desk.rglob("softmax-*"))


def test_submit_refuses_an_unknown_lab_and_two_equally_near_notebooks(desk: Path) -> None:
    refused(mastery("submit", "sofmax", cwd=desk), "There is no lab named 'sofmax'. The labs are: ")
    for copy in ("monday", "tuesday"):
        shutil.copytree(desk / "softmax", desk / copy / "softmax")
    shutil.rmtree(desk / "softmax")
    used = mastery("submit", "softmax", cwd=desk)
    both = "monday/softmax/softmax.ipynb and tuesday/softmax/softmax.ipynb"
    refused(used, f"You have more than one notebook for this lab: {both}. Go to the folder")


def test_of_two_notebooks_the_one_in_the_current_folder_is_meant(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [desk / place / "softmax.ipynb" for place in ("softmax", "monday/softmax", "tuesday/softmax")]
    for path in paths[1:]:
        shutil.copytree(desk / "softmax", path.parent)
    found = Workspace.at(COURSE, desk / "monday", print)
    assert found.folder == desk
    for stand, nearest in ((desk, paths[0]), (desk / "monday", paths[1]), (desk / "tuesday" / "softmax", paths[2])):
        monkeypatch.chdir(stand)
        assert found.notebooks(SOFTMAX.lab)[0] == [nearest]


# --- watch


class Watching:
    """`mastery watch --json` as a process: what it says on either stream, as it arrives."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [MASTERY, "watch", "--json", *words],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.passed_over: list[str] = []
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self.lines.append(line.rstrip("\n"))

    def next(self, starting: str = "{", seconds: float = 60) -> str:
        """Return the next line that starts this way, and drop the lines before it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for number, line in enumerate(self.lines):
                if line.startswith(starting):
                    self.passed_over = self.lines[:number]
                    del self.lines[: number + 1]
                    return line
            time.sleep(0.005)
        raise AssertionError(f"no line begins with {starting!r} in {self.lines}")

    def verdict(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.next())
        return result

    def outcomes(self, stub: str) -> set[str]:
        return {each["outcome"] for each in self.verdict()["checks"] if each["stub"] == stub}


@pytest.fixture(scope="module")
def watching(checked_once: tuple[Path, Run], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    folder = Path(shutil.copytree(checked_once[0], tmp_path_factory.mktemp("watched") / "desk"))
    watching = Watching(folder)
    watching.next("Watching ")
    yield watching
    watching.process.kill()


def save(notebook: simulated.Notebook, path: Path) -> None:
    """Save atomically, as Jupyter does."""
    simulated.write(notebook, path.with_name("fresh.tmp"))
    os.replace(path.with_name("fresh.tmp"), path)


def softmax_in(watching: Watching) -> Path:
    return watching.folder / "softmax" / "softmax.ipynb"


def with_softmax(source: str) -> simulated.Notebook:
    return SOFTMAX.solved({"softmax": source})


@pytest.mark.processes
def test_watch_checks_nothing_that_is_known_at_its_start(watching: Watching) -> None:
    assert not [line for line in watching.lines if line.startswith("{")]


def test_watch_checks_on_save_in_one_warm_process(watching: Watching) -> None:
    right, wrong = SOFTMAX.solved(), with_softmax(simulated.source_as("softmax", BASE_2.function))
    seconds = []
    for notebook, outcome in [(wrong, "failed"), (right, "passed")] * 3:
        begun = time.monotonic()
        save(notebook, softmax_in(watching))
        assert outcome in watching.outcomes("softmax")
        seconds.append(time.monotonic() - begun)
    # Without a warm process it takes more than 2 seconds. The first save may come before the system's watch is ready.
    assert sorted(seconds)[2] < 1, seconds
    assert state_of(watching.folder)["notebooks"]["softmax/softmax.ipynb"]["stubs"]["softmax"]["level"] == "familiar"


@pytest.mark.processes
def test_watch_says_nothing_of_a_save_that_changed_nothing(watching: Watching) -> None:
    path = softmax_in(watching)
    path.write_bytes(path.read_bytes())
    time.sleep(1.2)
    save(with_softmax("def softmax(logits, axis=-1):\n    return logits\n"), path)
    assert "failed" in watching.outcomes("softmax")
    assert watching.passed_over == []


@pytest.mark.processes
def test_watch_waits_for_a_half_written_save(watching: Watching) -> None:
    path = softmax_in(watching)
    save(SOFTMAX.solved(), path.with_name("whole"))
    content = path.with_name("whole").read_bytes()
    path.write_bytes(content[: len(content) // 2])
    time.sleep(0.4)
    path.write_bytes(content)
    assert watching.outcomes("softmax") == {"passed"}
    assert watching.passed_over == []
    path.write_bytes(content[: len(content) // 3])
    watching.next("softmax/softmax.ipynb isn't a readable notebook")
    path.write_bytes(content)
    assert watching.outcomes("softmax") == {"passed"}
    assert watching.lines == []


@pytest.mark.processes
def test_watch_survives_a_syntax_error_and_a_deleted_file(watching: Watching) -> None:
    path = softmax_in(watching)
    save(with_softmax("def softmax(logits, axis=-1)\n    return 1\n"), path)
    assert watching.outcomes("softmax") == {"error"}
    path.unlink()
    watching.next("softmax/softmax.ipynb is gone")
    save(SOFTMAX.solved(), path)
    assert watching.outcomes("softmax") == {"passed"}
    shutil.rmtree(path.parent)
    watching.next("softmax/softmax.ipynb is gone")
    path.parent.mkdir()
    save(SOFTMAX.solved(), path)
    assert watching.outcomes("softmax") == {"passed"}


def test_watch_takes_in_a_notebook_that_is_new(watching: Watching) -> None:
    simulated.write(LOSS.solved(), watching.folder / "loss" / "loss.ipynb")
    assert watching.verdict()["lab"] == "loss"


def test_watch_lives_with_a_broken_state_file(watching: Watching) -> None:
    (watching.folder / ".mastery.json").write_text("{", encoding="utf-8")
    save(with_softmax("def softmax(logits, axis=-1):\n    return None\n"), softmax_in(watching))
    watching.next(str(watching.folder / ".mastery.json"))
    assert "failed" in watching.outcomes("softmax")


def test_ctrl_c_ends_a_watch_well_and_leaves_no_process(watching: Watching) -> None:
    children = psutil.Process(watching.process.pid).children(recursive=True)
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(30) == 0
    assert watching.next("No longer watching.")
    assert not any("Traceback" in line for line in watching.lines)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


@pytest.mark.processes
def test_watch_reads_well_in_a_terminal_of_80_columns(checked: Path) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    tmux = ["tmux", "-L", f"mastery-{os.getpid()}"]
    wrong = with_softmax(simulated.source_as("softmax", BASE_2.function))
    command = f"COLUMNS= {MASTERY} watch softmax/softmax.ipynb; echo ended with $?; sleep 60"
    subprocess.run(
        [*tmux, "-f", os.devnull, "new-session", "-d", "-x80", "-y50", "-c", str(checked), command], check=True
    )
    try:

        def screen_with(words: str) -> str:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                shown = subprocess.run(
                    [*tmux, "capture-pane", "-p", "-S-50"], capture_output=True, text=True, check=True
                )
                if words in shown.stdout:
                    return shown.stdout
                time.sleep(0.1)
            raise AssertionError(f"{words!r} is not in {shown.stdout}")

        begun = screen_with("Press Ctrl-C to stop.")
        assert re.search(r"^✗ softmax/softmax.ipynb: \d+ of \d+ visible checks passed$", begun, re.MULTILINE)
        assert "You called" not in begun
        save(wrong, checked / "softmax" / "softmax.ipynb")
        shown = screen_with("Looks like   base 2.")
        assert re.search(r"^✗ softmax  \d+ of \d+\. ", shown, re.MULTILINE)
        assert shown.count("You called   softmax(") == 1
        subprocess.run([*tmux, "send-keys", "C-c"], check=True)
        assert "No longer watching." in screen_with("ended with 0")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def test_a_transcript_of_ones_own_checks_is_marked_so_and_shows_no_level_that_only_grading_gives(checked: Path) -> None:
    said = mastery("transcript", "--out", "mine.html", cwd=checked)
    assert said.returncode == 0, said.stderr
    page = " ".join(re.sub(r"<[^>]+>", " ", (checked / "mine.html").read_text("utf-8")).split())
    assert "Self-checked, unsigned" in page
    told = json.loads(mastery("transcript", "--json", cwd=checked).stdout)
    assert {each["shown"]["level"] for each in told["stubs"]} <= {"not started", "attempted", "familiar"}
    assert {"familiar", "not started"} <= {each["shown"]["level"] for each in told["stubs"]}
    assert not told["complete"]


def test_a_transcript_counts_each_changed_notebook_once_and_leaves_broken_lines_out(checked: Path) -> None:
    before = len((checked / HISTORY).read_text("utf-8").splitlines())
    mastery("check", "softmax/softmax.ipynb", cwd=checked)
    assert len((checked / HISTORY).read_text("utf-8").splitlines()) == before
    simulated.write(partly_solved(), checked / "softmax" / "softmax.ipynb")
    notebook = json.loads((checked / "softmax" / "softmax.ipynb").read_text("utf-8"))
    notebook["cells"].append(
        {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}
    )
    simulated.write(notebook, checked / "softmax" / "softmax.ipynb")
    mastery("check", "softmax/softmax.ipynb", cwd=checked)
    with (checked / HISTORY).open("a", encoding="utf-8") as file:
        file.write("no JSON\n")
    said = mastery("transcript", "--json", cwd=checked)
    levels = {each["stub"]: each["levels"] for each in json.loads(said.stdout)["stubs"]}
    assert list(levels["softmax"]) == ["1", "2"]
    assert f"Skipped 1 unreadable line in {checked / HISTORY}." in unwrapped(said.stderr)


def test_a_transcript_before_any_check_is_a_sentence(desk: Path) -> None:
    refused(mastery("transcript", cwd=desk), "You haven't checked any notebook here yet; start with: mastery check.")
