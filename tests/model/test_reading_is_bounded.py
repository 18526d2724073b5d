"""Untrusted input is read in time proportional to its size, or cut short; no process outlives us."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePath

import psutil
import pytest

from autograder.authoring.simulation import notebooks
from autograder.gradebook.lms.downloads import upload_of
from autograder.model import submission, transforming
from autograder.model.answers import NotWrittenDown, read_answer
from autograder.model.course import load
from autograder.model.errors import SubmissionError
from autograder.model.submission import as_python, parse
from autograder.testing.attachments import AttachmentContext
from reference.readiness import packet
from tests.course_copy import CourseCopy

SECONDS = 15
SIZE = 2**17

CELLS: dict[str, Callable[[int], str]] = {
    "help marks": lambda size: "?" * size,
    "attributes": lambda size: "a." * (size // 2) + "?",
    "help lines": lambda size: "a?\n" * (size // 3),
    "long help lines": lambda size: ("a." * 995 + "a?\n") * (size // 1993),
    "continuations": lambda size: "%time \\\n" + "\\\n" * (size // 2),
    "blank lines": lambda size: "\n" * size + "x?",
    "brackets": lambda size: "(" * size + "\n%pwd",
    "prompts": lambda size: ">>> x\n" * (size // 6),
    "equals": lambda size: "softmax" + " " * size + "\n%pwd",
    "timed": lambda size: "get_ipython().run_line_magic('time', '" + "')  " * (size // 4),
    "percent": lambda size: "x = " + "%" * size,
    "quotes": lambda size: "%pwd\n" + "'''\n" * (size // 4),
    "calls": lambda size: "%pwd\n" + "/f\n" * (size // 3),
    "words in brackets": lambda size: "(\n" + ("a" * 1_900 + "\n") * (size // 1_901) + "?\n",
    "defs": lambda size: "def " * (size // 4) + "\n%pwd",
}
PACKETS: dict[str, Callable[[int], str]] = {
    "brackets": lambda size: "[" * size,
    "keys": lambda size: "".join(f"k{number}: 1\n" for number in range(size // 9)),
    "one line": lambda size: "a: " + "b " * (size // 2),
    "flow": lambda size: "a: {" + "b, " * (size // 3),
    "questions": lambda size: "? " * (size // 2),
    "colons": lambda size: "a" + ":" * size,
    "quotes": lambda size: 'a: "' + "\\\n " * (size // 3),
    "comments": lambda size: "#" * size,
    "history": lambda size: "history:\n" + "- packet_version: 1\n" * (size // 20),
}
NAMES: dict[str, Callable[[int], str]] = {
    "underscores": lambda size: "_" * size,
    "digits": lambda size: "1_" * (size // 2),
    "late": lambda size: "_LATE" * (size // 5),
    "moodle": lambda size: "a_1_assignsubmission_file" * (size // 25),
    "numbers": lambda size: "ada_1_2_softmax" + "-1" * (size // 2) + ".ipynb",
}


def notebook_of(*sources: str) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


# One per reader and, for cells, those that once took minutes.
ALWAYS = ("cell, help marks", "cell, words in brackets", "packet, one line", "name, underscores", "json, objects")


def read_cell(text: str) -> None:
    submission = parse(notebook_of(text), Path("softmax.ipynb"))
    submission.cell_of("softmax")
    submission.constant("STUDENT")
    with suppress(NotWrittenDown):
        read_answer(text, "softmax")
    assert isinstance(submission.functions, list)


def read_json(text: str) -> None:
    with suppress(SubmissionError):
        parse(text.encode(), Path("softmax.ipynb"))


def read_name(text: str) -> None:
    with suppress(SubmissionError):
        _ = upload_of(PurePath(text)).order


def seconds_of(read: Callable[[str], object], text: str) -> float:
    """CPU seconds of this process and of the one that transforms cells, the better of two runs."""
    found = []
    for _ in range(2):
        begun = processor_seconds()
        read(text)
        found.append(processor_seconds() - begun)
    return min(found)


def processor_seconds() -> float:
    child = submission._transformer._process
    if child is None:
        return time.thread_time()
    used = psutil.Process(child.pid).cpu_times()
    return time.thread_time() + used.user + used.system


CONTEXT = AttachmentContext(date(2026, 1, 1))
KINDS = [
    *(pytest.param(read_cell, make, 2**18, id=f"cell, {name}") for name, make in CELLS.items()),
    *(
        pytest.param(lambda text: packet.read(text.encode(), CONTEXT), make, 2**16, id=f"packet, {name}")
        for name, make in PACKETS.items()
    ),
    *(pytest.param(read_name, make, 2**13, id=f"name, {name}") for name, make in NAMES.items()),
    pytest.param(read_json, lambda size: "[" * size, 2**18, id="json, brackets"),
    pytest.param(read_json, lambda size: '{"a":' * (size // 5), 2**18, id="json, objects"),
    pytest.param(read_json, lambda size: "1" * size, 2**18, id="json, digits"),
    pytest.param(read_json, lambda size: '"' + "\\u0061" * (size // 6), 2**18, id="json, escapes"),
    pytest.param(read_json, lambda size: '{"cells":' + " " * size, 2**18, id="json, blanks"),
]


@pytest.mark.parametrize(
    ("read", "make", "size"),
    [pytest.param(*each.values, id=each.id, marks=() if each.id in ALWAYS else pytest.mark.proof) for each in KINDS],
)
def test_twice_the_size_takes_less_than_four_times_as_long(
    read: Callable[[str], object], make: Callable[[int], str], size: int
) -> None:
    read(make(100))  # load what's loaded only once
    once, twice = seconds_of(read, make(size)), seconds_of(read, make(2 * size))
    # Smaller sizes would measure the machine rather than the reader. This is the largest size the reader accepts.
    assert twice < 0.2 or twice < 3.5 * once
    assert twice < SECONDS


def test_a_long_line_is_taken_as_it_is_and_the_others_are_transformed() -> None:
    long = "x = '" + "a" * 3_000 + "'"
    assert as_python(f"%pwd\n  {long}\ny?").split("\n")[1] == f"  {long}"
    assert "pinfo" in as_python(f"{long}\ny?")
    question = "?" * 3_000
    assert as_python(question).strip() == question


def test_a_cell_that_takes_too_long_costs_only_its_own_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "\n".join(["a." * 999 + "a?"] * 8)
    monkeypatch.setattr(transforming, "SECONDS", 0)
    with pytest.raises(SubmissionError, match=r"softmax.ipynb can't be read: code cell 1 has `\?`"):
        parse(notebook_of(slow), Path("softmax.ipynb"))
    monkeypatch.undo()
    assert "pinfo" in as_python("y?")


@pytest.mark.slow
def test_a_line_of_help_marks_does_not_stop_grading(tmp_path: Path) -> None:
    course = CourseCopy(tmp_path)
    parts = notebooks.simulation(load(course.root), load(course.root).lab("start"))
    for student in ("ada", "ben"):
        notebook = parts.solved()
        if student == "ben":
            source = "?" * 137_000
            notebook["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": source, "outputs": []})
        notebooks.write(notebook, course.root / "submitted" / student / "start" / "start.ipynb")
    begun = time.monotonic()
    course.run("mastery", "grade", "start", "--processes", "1")
    mine = course.root / "submitted" / "ben"
    course.run("mastery", "check", "start/start.ipynb", cwd=mine)
    course.run("mastery", "submit", "start", cwd=mine)
    assert time.monotonic() - begun < 60
    lines = (course.root / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert {(line["student"], line["status"]) for line in map(json.loads, lines)} == {
        ("ada", "graded"),
        ("ben", "graded"),
    }


# --- no child outlives the process that started it

# A Python regular expression holds the GIL for hours, so no thread of the child could end it.
BUSY = "import re; re.match('(a*)*b', 'a' * 60)"


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel does this")
def test_a_child_ends_with_its_parent_while_c_code_holds_the_gil() -> None:
    child = f"import os, sys; from autograder.model.children import end_with; end_with(int(sys.argv[1])); {BUSY}"
    parent = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}, str(os.getpid())])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        process = psutil.Process(int(started.stdout.readline()))
        time.sleep(1)
        started.kill()
        process.wait(10)


GRADING = """
import sys
from pathlib import Path
from autograder.grading.jobs import GradingContext
from autograder.grading.processes import LocalProcess
import tests.sandbox.busy_processes as busy

if __name__ == "__main__":
    process = LocalProcess(GradingContext(Path(sys.argv[1]), b"secret"))
    process.isolation().result()
    process._ask(busy.spin, sys.argv[2])
    import time
    time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel does this")
def test_a_busy_grading_process_and_its_fork_server_end_with_the_command(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    script = tmp_path / "grade.py"
    script.write_text(GRADING)
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, str(script), str(root), str(tmp_path / "busy")], env=environment) as started:
        me = psutil.Process(started.pid)
        end = time.monotonic() + 60
        while not (tmp_path / "busy").exists() and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(0.5)
        below = me.children(recursive=True)
        assert len(below) >= 3
        os.kill(started.pid, signal.SIGKILL)
        _gone, alive = psutil.wait_procs(below, timeout=10)
        for each in alive:
            each.kill()
        assert not alive
