"""The battery of tests/sandbox/test_sandbox.py as one class in one `mastery grade`, with honest students in between."""

import ctypes
import hashlib
import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.simulation import notebooks
from tests.course_copy import copy_course
from tests.repository import COURSE, ROOT
from tests.sandbox.layers import give_to_user, in_a_container, without, without_landlock
from tests.sandbox.test_sandbox import PRELUDE, PROGRAMS, Program, known_to_students, settles

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

LAB = COURSE.lab("softmax")
SOFTMAX = notebooks.simulation(COURSE, LAB)
MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
SECRET = "nobody-knows-this"
ENVIRONMENT = {"MASTERY_SECRET": SECRET, "GRADER_HOME": "/home/the-grader", "COLUMNS": "80"}
HIDDEN_TITLE = notebooks.module_at(COURSE.hidden_checks("softmax")).test_square.__doc__
CHILD_SUBREAPER = 36
Result = dict[str, Any]

# Bytes that mean something else during a call, when a worker may ask the checks for a given.
IN_A_CALL = {"unasked_call_back": "timeout"}
# Nothing stops these from harming the rest of their own notebook.
HARMS_ITSELF = ("patches_builtins",)


def in_softmax(source: str) -> notebooks.Notebook:
    """A correct notebook whose softmax first runs the source, once per process."""
    body = "\n".join(f"        {line}" for line in source.split("\n"))
    evil = f"ran = []\ndef evil():\n    if not ran:\n{body}\n    ran.append(1)\n"
    head, rest = SOFTMAX.solutions["softmax"].split("\n", 1)
    return SOFTMAX.solved({"softmax": f"{evil}{head}\n    evil()\n{rest}"})


# Search everything that can be reached from a student's function for what it must not know. The words are spelled
# backward; otherwise, the search would find its own copy of them.
LOOKS = """
import gc, os, re, sys, types
gc.unfreeze()
words = re.compile('|'.join(map(re.escape, BACKWARDS)))
seen, found, printed = set(), set(), []
todo = [sys._getframe(), sys.modules, vars(sys), dict(os.environ), os.uname(), gc.get_objects()]
while todo:
    each = todo.pop()
    if id(each) in seen: continue
    seen.add(id(each))
    if isinstance(each, (str, bytes)):
        text = each if isinstance(each, str) else each.decode('latin-1')
        found.update(words.findall(text[::-1]))
    elif isinstance(each, types.FrameType): todo += [each.f_back, each.f_code, each.f_globals, each.f_locals]
    elif isinstance(each, types.CodeType): todo += [each.co_filename, each.co_consts, each.co_names]
    elif isinstance(each, types.FunctionType): todo += [each.__code__, *gc.get_referents(each)]
    else: todo += gc.get_referents(each)
assert len(seen) > 50_000, len(seen)
assert not found, [word[::-1] for word in found]
assert os.uname().nodename == 'sandbox'
assert set(os.environ) <= {'PATH', 'LANG', 'HOME', 'TMPDIR', 'PYTHONHASHSEED', 'MALLOC_ARENA_MAX', 'LC_CTYPE',
    'OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'}, os.environ
"""
# Everything it can find out about its surroundings, at length.
EVERYTHING = """
import gc, os, sys
frame, locals_ = sys._getframe(), []
while frame: locals_.append((frame.f_code.co_filename, str(frame.f_locals)[:300])); frame = frame.f_back
everything = repr([dict(os.environ), sys.argv, sys.orig_argv, os.getcwd(), os.uname(), sys.path[:1], locals_])[:1900]
"""
TELLS = {
    "prints": EVERYTHING + "print(everything); sys.stderr.write(everything)",
    "raises": EVERYTHING + "raise ValueError(everything)",
    "names_its_error": EVERYTHING + "raise type(everything, (Exception,), {'__doc__': everything})(everything)",
    "returns": "def softmax(logits, axis=-1):\n"
    + "\n".join(f"    {line}" for line in (EVERYTHING + "return {everything: everything}").split("\n")),
}
# Names of programs next to a notebook that something on the trusted side might run by mistake.
BESIDE = ("nbgrader_config", "sitecustomize", "conftest", "numpy", "struct", "jupytext", "softmax")


@dataclass
class Batch:
    """A graded class. `left`: what the grading left around the class's folder."""

    root: Path
    results: Mapping[str, Result]
    left: Sequence[str]


@contextmanager
def graded(programs: Sequence[Program], around: Sequence[object] = ()) -> Iterator[Batch]:
    """Each program's notebook between two honest ones, in a folder that only the sandbox protects from them."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as temporary:
        root = copy_course(Path(folder, "course"))
        Path(folder).chmod(0o755)
        shorten(root / "course.yaml", {"call_seconds: 5": "call_seconds: 3", "memory_mib: 1024": "memory_mib: 512"})
        secrets = [root / name for name in ("course.yaml", "gradebook.db", "solutions/softmax/softmax.py")]
        known = PRELUDE + known_to_students([*map(str, secrets), str(submitted(root, "00_honest"))])
        for number, program in enumerate(programs):
            notebooks.write(SOFTMAX.solved(), submitted(root, f"{number:02}_honest"))
            notebook = notebooks.with_cells(in_softmax(program.source), known, at=0)
            notebooks.write(notebook, submitted(root, f"{number:02}_{program.name}"))
            strew(submitted(root, f"{number:02}_{program.name}").parent, ran=Path(temporary))
        notebooks.write(SOFTMAX.solved(), submitted(root, "99_honest"))
        link(root)
        backwards = [each[::-1] for each in forbidden(root)]
        looks = notebooks.with_cells(in_softmax(LOOKS), f"BACKWARDS = {backwards!r}", at=0)
        looks["cells"][0]["source"] += "\n"
        notebooks.write(looks, submitted(root, "looks"))
        for name, source in TELLS.items():
            notebook = SOFTMAX.solved({"softmax": source}) if name == "returns" else in_softmax(source)
            notebooks.write(notebook, submitted(root, name))
        if around:
            give_to_user(Path(folder))
            give_to_user(Path(temporary))
        before = contents(root)
        with adopting() as strays:
            done = subprocess.run(
                [*map(str, (*around, MASTERY, "grade", "--course", root, "--processes", "2"))],
                cwd=root,
                env={**os.environ, **ENVIRONMENT, "TMPDIR": temporary},
                capture_output=True,
                text=True,
                timeout=560,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert "Traceback" not in done.stdout + done.stderr
            settles(lambda: not strays())
            left = [f"process {each}" for each in strays()]
        after = contents(root)
        left += [f"file {each}" for each in os.listdir(temporary)]
        left += [f"changed {path}" for path, digest in before.items() if after.get(path) != digest]
        left += [f"mount {line}" for line in Path("/proc/self/mountinfo").read_text().splitlines() if folder in line]
        lines = map(json.loads, (root / "results.jsonl").read_text(encoding="utf-8").splitlines())
        yield Batch(root, {line["student"]: line for line in lines}, left)


def shorten(path: Path, changes: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def submitted(root: Path, student: str) -> Path:
    return root / "submitted" / student / "softmax" / "softmax.ipynb"


def strew(folder: Path, ran: Path) -> None:
    """Fill a student's folder with programs that leave a file in `ran`, and with a course of its own."""
    for name in BESIDE:
        (folder / f"{name}.py").write_text(f"open({str(ran / name)!r}, 'w').close()\n", encoding="utf-8")
    (folder / "course.yaml").write_text("id: mine\ntitle: Mine\n", encoding="utf-8")


def link(root: Path) -> None:
    """Two students who hand in a link to somebody's honest work. Grading the links would add two honest students."""
    work = submitted(root, "00_honest").parent
    (root / "submitted" / "linked_honest").symlink_to(work.parent)
    (root / "submitted" / "links_honest").mkdir()
    (root / "submitted" / "links_honest" / "softmax").symlink_to(work)


def forbidden(root: Path) -> list[str]:
    """What no submission may learn: the grader's secret, environment and folder, and data of students or checks."""
    environment = [ENVIRONMENT["MASTERY_SECRET"], ENVIRONMENT["GRADER_HOME"], "MASTERY_SECRET", "GRADER_HOME"]
    assert HIDDEN_TITLE
    return [
        *environment,
        str(root.parent),
        f"{ROOT}/autograder",
        f'"{ROOT}"',
        "00_honest",
        HIDDEN_TITLE,
        "secret_seed",
    ]


def contents(root: Path) -> dict[Path, str]:
    return {each: hashlib.sha256(each.read_bytes()).hexdigest() for each in root.rglob("*") if each.is_file()}


@contextmanager
def adopting() -> Iterator[Callable[[], list[int]]]:
    """Make this process the parent of what a command leaves running, in any session; return what's still alive."""
    libc = ctypes.CDLL(None)
    libc.prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    before = children()
    try:
        yield lambda: [pid for pid in children() if pid not in before]
    finally:
        for stray in children():
            if stray not in before:
                os.kill(stray, signal.SIGKILL)
                os.waitpid(stray, 0)
        libc.prctl(CHILD_SUBREAPER, 0, 0, 0, 0)


def children() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, parent = (entry / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == os.getpid() and state not in "ZX":
                found.append(int(entry.name))
    return found


def of_softmax(result: Result) -> list[Result]:
    return [check for check in result["checks"] if check["stub"] == "softmax"]


def assert_each_gets_what_is_its_own(batch: Batch, programs: Sequence[Program]) -> None:
    wrong = {}
    for number, program in enumerate(programs):
        result = batch.results[f"{number:02}_{program.name}"]
        expected = IN_A_CALL.get(program.name, program.outcome).split("|")
        checks = of_softmax(result)
        if not all(any(fits(check, each) for each in expected) for check in checks):
            wrong[program.name] = {(check["outcome"], check["message"]) for check in checks}
        others = [check["outcome"] for check in result["checks"] if check["stub"] != "softmax"]
        if program.name not in HARMS_ITSELF and set(others) != {"passed"}:
            wrong[f"{program.name}, other stubs"] = others
    assert not wrong
    honest = {student: result["score"] for student, result in batch.results.items() if student.endswith("_honest")}
    assert len(honest) == len(programs) + 1
    assert set(honest.values()) == {LAB.points}
    assert batch.left == []


def fits(check: Result, expected: str) -> bool:
    """Return whether a check has the result the program must cause: its outcome and, in a visible check, its words."""
    kind, _, words = expected.partition(":")
    kind = {"ok": "passed"}.get(kind, kind)
    return check["outcome"] == kind and (check["kind"] != "visible" or words in (check["message"] or ""))


CORE = [program for program in PROGRAMS if program.core]


@pytest.fixture(scope="module")
def core_class() -> Iterator[Batch]:
    with graded(CORE) as batch:
        yield batch


@pytest.mark.proof
def test_the_core_of_the_battery_harms_nobody_and_leaves_nothing(core_class: Batch) -> None:
    assert_each_gets_what_is_its_own(core_class, CORE)


@pytest.mark.slow
def test_the_whole_battery_harms_nobody_and_leaves_nothing() -> None:
    with graded(PROGRAMS) as batch:
        assert_each_gets_what_is_its_own(batch, PROGRAMS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("around", "otherwise"),
    [
        # In that case there's an /etc, with only the index of the shared libraries.
        (without_landlock(), {"reads_etc": "error"}),
        (in_a_container(), {}),
        (without(as_user=True), {}),
    ],
    ids=["without Landlock", "in a container, without namespaces", "as a user"],
)
def test_its_core_is_held_with_one_layer_less_and_by_a_user(
    around: Sequence[str], otherwise: Mapping[str, str]
) -> None:
    programs = [program._replace(outcome=otherwise.get(program.name, program.outcome)) for program in CORE]
    with graded(programs, around) as batch:
        assert_each_gets_what_is_its_own(batch, programs)


@pytest.mark.proof
def test_nothing_that_a_submission_reaches_tells_of_the_grader_the_checks_or_the_others(core_class: Batch) -> None:
    checks = of_softmax(core_class.results["looks"])
    assert {(check["outcome"], check["message"]) for check in checks} == {("passed", None)}


@pytest.mark.proof
@pytest.mark.parametrize("student", TELLS)
def test_what_its_author_gets_back_tells_nothing_either(core_class: Batch, student: str) -> None:
    result = core_class.results[student]
    assert len(of_softmax(result)) > 10
    shown = (core_class.root / "autograded" / student / "softmax" / "softmax.ipynb").read_text(encoding="utf-8")
    told = json.dumps(result["checks"]) + shown
    if student != "prints":
        assert "PYTHONHASHSEED" in told  # it does show its own process's environment
    for word in forbidden(core_class.root):
        if word != HIDDEN_TITLE:  # the title of a hidden check is shown if that check fails
            assert word not in told
