"""The live check in real Jupyter kernels: what it says, what it survives, and that nothing is left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.course_copy import confirmed, reference_package
from tests.kernels import SECONDS, Kernel, words
from tests.repository import ROOT

COURSE = """
title: A small course
packages: {allowed: [numpy], inert: [matplotlib, IPython]}
limits: {call_seconds: 1}
givens: {models: [{name: model_probs, in_stubs: false}]}
labs:
  - {name: logs, title: Logarithms, stubs: [{name: log_probs, points: 1}]}
  - {name: softmax, title: Softmax, stubs: [{name: softmax, points: 8}, {name: log_softmax, points: 5}]}
  - {name: loss, title: The loss, stubs: [{name: mse_loss, points: 1}]}
"""
CHECKS = """
import os
import numpy as np
from tests.course_copy import reference_package
from autograder.testing import agree, checks
from reference import softmax

os.write(1, b"noise where the wire might be")
ROWS = np.array([[2.0, 1.0, 0.1], [0.5, -1.0, 3.0]])

@checks("softmax")
def test_known(student, rng):
    '''Three scores become three probabilities.'''
    print("noise")
    agree(student.softmax, softmax.softmax, ROWS[0])

@checks("softmax")
def test_rows(student, rng):
    '''Each row <b>sums</b> to 1.'''
    agree(student.softmax, softmax.softmax, ROWS)

@checks("log_softmax")
def test_log(student, rng):
    '''It is the logarithm of softmax.'''
    agree(student.log_softmax, softmax.log_softmax, ROWS)
"""
REFERENCE = '''
import torch

def softmax(logits, axis=-1):
    """The docstring."""
    # A comment.
    axis = int(axis)

    return torch.softmax(logits, axis)

def log_softmax(logits, axis=-1):
    return torch.log_softmax(logits, axis)
'''
EARLIER_REFERENCE = """
import time
import torch

def log_probs(logits, axis=-1):
    if logits.ndim == 0:
        raise ValueError("one number has no softmax")
    if logits.shape == (7,):
        time.sleep(1.1)
    return torch.log_softmax(logits, axis)
"""
MISCONCEPTIONS = """
import numpy as np
from autograder.testing import misconception

@misconception(of="softmax", hint="Powers of 2 stand where powers of e should.")
def base_2(logits, axis=-1):
    powers = 2.0 ** logits
    return powers / powers.sum(axis=axis, keepdims=True)
"""
NOTES = """
softmax:
  why: Scores become probabilities.
  hints: ["Each score <first>.", "The total second.", "The axis third."]
  explained: ["The axis is a whole number.", "Torch has it built in."]
"""
BASE_2 = "def softmax(logits, axis=-1):\n    return 2**logits / (2**logits).sum(-1, keepdims=True)"
ONE_TOTAL = "def softmax(logits, axis=-1):\n    return np.exp(logits) / np.exp(logits).sum()"
RIGHT = """
def softmax(logits, axis=-1):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
"""
CHECK = 'check("softmax")'


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = confirmed(tmp_path_factory.mktemp("course"))
    files = {
        "course.yaml": COURSE,
        "reference/softmax/test_visible.py": CHECKS,
        "reference/hidden.yaml": "softmax: {checks: 3, weight: 2}",
        **reference_package("softmax", "logs"),
        "reference/softmax/reference.py": REFERENCE,
        "reference/softmax/notes.yaml": NOTES,
        "reference/logs/reference.py": EARLIER_REFERENCE,
        "reference/models.py": "import torch\n\ndef model_probs(logits):\n    return torch.softmax(logits, -1)\n",
        "reference/softmax/misconceptions.py": MISCONCEPTIONS,
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "exercises").mkdir()
    # A student's file next to the notebook must not replace one of the checker's modules, whatever its name.
    (root / "exercises" / "torch.py").write_text("raise ImportError('the student's torch')")
    return root


@pytest.fixture(scope="module")
def kernel(course: Path) -> Iterator[Kernel]:
    with closing(Kernel(course / "exercises")) as kernel:
        kernel.check(RIGHT)  # only the first one may say that the checker is starting
        yield kernel


@pytest.mark.processes
def test_first_check_says_that_the_checker_is_starting(course: Path) -> None:
    with closing(Kernel(course / "exercises")) as kernel:
        kernel.run("import autograder.selfcheck.process as live\nlive.QUIET_SECONDS = 0.0")
        output = kernel.check(RIGHT)
        assert output.printed == "The checker is starting, which takes a few seconds.\n"
        assert kernel.run(CHECK).printed == ""


def test_right(kernel: Kernel) -> None:
    output = kernel.check(RIGHT)
    assert output.text.splitlines() == [
        "softmax: 2 of 2 here. Submit to have it confirmed on new numbers.",
        "  ✓ passed      Three scores become three probabilities.",
        "  ✓ passed      Each row <b>sums</b> to 1.",
        "Next: log_softmax, in this notebook.",
        "The torch reference, to compare with:",
        "    def softmax(logits, axis=-1):",
        "        axis = int(axis)",
        "        # The axis is a whole number.",
        "        return torch.softmax(logits, axis)",
        "        # Torch has it built in.",
        "Visible checks only; 3 more run during grading.",
    ]
    shown = words(output.html)
    assert shown.startswith("softmax: 2 of 2 here. Submit to have it confirmed on new numbers. ✓ passed Three scores")
    assert "Next: log_softmax, in this notebook." in shown
    assert "def softmax(logits, axis=-1): axis = int(axis) The axis is a whole number. return torch" in shown
    assert shown.endswith("Visible checks only; 3 more run during grading.")
    assert output.html.count("<details") == 1
    assert "<details open" not in output.html


def below(text: str, end: str) -> list[str]:
    """The lines after the one that ends this way."""
    lines = text.splitlines()
    return lines[next(number for number, line in enumerate(lines, start=1) if line.endswith(end)) :]


def test_checks_without_fresh_numbers_say_so(kernel: Kernel) -> None:
    kernel.run(RIGHT)
    assert "! No fresh numbers here yet" in kernel.run('check("softmax", fresh=True)').text
    assert "fresh" not in kernel.run(CHECK).text


def test_misconception_is_named(kernel: Kernel) -> None:
    output = kernel.check(BASE_2)
    assert max(map(len, output.text.splitlines())) <= 80
    for shown in (output.text, words(output.html)):
        assert "0 of 2 checks passed" in shown
        assert "Powers of 2 stand where powers of e should." in shown
        assert "This looks like: base 2" in shown
        assert "Why it matters: Scores become probabilities." in shown
        assert "Right already: the shape (3,) of your result." in shown
        assert "Next: Find the line of your code the hint describes." in shown
        assert shown.count("Right already") == shown.count("Powers of 2") == 1
    assert "      Called: softmax(array([2. , 1. , 0.1]))\n" in output.text
    assert output.html.count("<details open>") == 1


def test_got_is_next_to_wanted(kernel: Kernel) -> None:
    output = kernel.check("def softmax(logits, axis=-1):\n    return np.array([0.5, 0.242433, 0.257567])")
    assert below(output.text, "(2 of 3 entries differ)")[:4] == [
        "                got   wanted",
        "        [0]     0.5    0.659  <- first difference",
        "        [1]  0.2424   0.2424",
        "        [2]  0.2576  0.09857  <- differs",
    ]
    shown = words(output.html)
    assert "got wanted [0] 0.5 0.659 ◂ first difference [1] 0.2424 0.2424 [2] 0.2576 0.09857 differs" in shown
    assert "the shape (3,) and 1 of 3 entries of your result" in shown
    assert "Where first at [0]: got 0.5, wanted 0.659001 (2 of 3 entries differ)" in shown


def test_rows_are_next_to_rows(kernel: Kernel) -> None:
    wrong = f"{RIGHT.replace('return powers', 'shares = powers')}"
    output = kernel.check(f"{wrong}    if logits.ndim == 2:\n        shares[1] = 0.5\n    return shares")
    assert below(output.text, "differ)")[:5] == [
        "        got                              wanted",
        "               [0]     [1]      [2]              [0]      [1]      [2]",
        "        [0]  0.659  0.2424  0.09857      [0]   0.659   0.2424  0.09857",
        "        [1] >  0.5 *   0.5 *    0.5      [1] >0.0746 *0.01664 * 0.9088",
        "        > first difference, * another",
    ]
    shown = words(output.html)
    assert "[1] ▸0.5 0.5 0.5 wanted [0] [1] [2] [0] 0.659 0.2424 0.09857 [1] ▸0.0746 0.01664 0.9088" in shown
    assert "Right already: 1 of 2 checks; the shape (2, 3) and 3 of 6 entries" in shown
    assert "Row [1]. Filled: yours; outlined: the reference's. Yours add up to 1.5, the reference's to 1." in shown


def test_a_distribution_is_drawn_and_described(kernel: Kernel) -> None:
    html = kernel.check("def softmax(logits, axis=-1):\n    return np.array([0.5, -0.25, 0.25])").html
    picture = html[html.index("<svg") : html.index("</svg>")]
    assert 'role="img"' in picture
    assert 'aria-label="Bar chart. Yours: 0.5, -0.25, 0.25. The reference&#39;s: 0.659, 0.2424, 0.09857."' in picture
    bars = [
        tuple(float(number) for number in re.findall(r'[ ](?:y|height)="([^"]*)"', line))
        for line in picture.splitlines()
        if line.startswith("<rect")
    ]
    # The whole height of 120 goes from -0.25 to 0.659, so 0 is at 87, where a negative bar starts.
    assert bars[:3] == [(21.0, 66.0), (87.0, 33.0), (54.0, 33.0)]
    assert bars[3] == (0.0, 87.0)
    for source in ("np.full(3, np.nan)", "np.ones(2)", "1.0"):
        assert "<svg" not in kernel.check(f"def softmax(logits, axis=-1):\n    return {source}").html
    assert "<svg" not in kernel.check("def log_softmax(logits, axis=-1):\n    return logits", "log_softmax").html


def test_hints_are_behind_clicks_one_in_the_other(kernel: Kernel) -> None:
    output = kernel.check(BASE_2)
    assert re.search(
        r"<details>\s*<summary>Hint \(1 of 3\)</summary>\s*<p>Each score &lt;first&gt;.</p>\s*"
        r"<details>\s*<summary>Another hint \(2 of 3\)</summary>\s*<p>The total second.</p>\s*"
        r"<details>\s*<summary>Another hint \(3 of 3\)</summary>\s*<p>The axis third.</p>\s*"
        r"</details>\s*</details>\s*</details>",
        output.html,
    )
    assert "Each score" not in output.text
    assert "Hints, one at a time, in a terminal: mastery hint softmax" in output.text
    assert "torch reference" not in output.html + output.text


def test_the_last_check_of_a_lab_names_the_next(kernel: Kernel) -> None:
    right = "def log_softmax(logits, axis=-1):\n    return logits - np.log(np.exp(logits).sum(axis, keepdims=True))"
    done = "That was the last one: every stub of “Softmax” passes its visible checks."
    following = (
        "Next: the lab “The loss” (loss/loss.ipynb). To hand in this notebook, save it, then run this in a terminal:"
    )
    kernel.check(BASE_2)
    assert done not in words(kernel.check(right, "log_softmax").html)
    output = kernel.check(RIGHT)
    for shown in (" ".join(output.text.split()), words(output.html)):
        assert f"{done} {following} mastery submit softmax" in shown
    assert done in words(kernel.check(right, "log_softmax").html)
    # It passes one of the two checks, which isn't enough.
    assert done not in words(kernel.check(ONE_TOTAL).html)
    output = kernel.check(right, "log_softmax")
    assert done not in words(output.html)
    assert "Next: softmax, in this notebook." in output.text
    assert "no function" in kernel.check("del log_softmax", "log_softmax").text


@pytest.mark.parametrize(
    ("body", "name", "sentence"),
    [
        ("raise NotImplementedError()", "Still unsolved", "Replace that line with your answer"),
        ("powers = np.exp(logits)", "Forgot to return", "Return the value you computed."),
        ("print(np.exp(logits))", "Printed instead of returned", "return hands it to the caller"),
        ("return np.exp(logits).sum(axis)", "Wrong shape", "unless you pass keepdims=True"),
        ("return np.exp(999 * logits) / np.exp(999 * logits).sum()", "Not a finite number", "overflows to inf"),
        ("return logits @ np.ones(7)", "Shapes that don't match", "Print their shapes"),
        ("import tensorflow_of_mine", "Package that isn't available during grading", "packages that are allowed"),
    ],
)
def test_slips_are_called_by_name(kernel: Kernel, body: str, name: str, sentence: str) -> None:
    output = kernel.check(f"def softmax(logits, axis=-1):\n    {body}")
    for shown in (" ".join(output.text.split()), words(output.html)):
        assert name in shown
        assert sentence in shown


@pytest.mark.parametrize("cell", ["import yaml", "import yaml\ntable = yaml", "from yaml import *"])
def test_a_name_missing_because_a_package_is_has_that_slip(kernel: Kernel, cell: str) -> None:
    kernel.run(f"kept = set(globals())\n{cell}")
    name = {"import yaml": "yaml", "from yaml import *": "dump"}.get(cell, "table")
    output = kernel.check(f"def softmax(logits, axis=-1):\n    return {name}.x")
    kernel.run("for each in set(globals()) - kept - {'kept'}: globals().pop(each) if each[0] != '_' else None")
    assert f"NameError: name '{name}' is not defined during grading" in " ".join(output.text.split())
    assert "yaml is not available during grading: numpy only" in " ".join(output.text.split())
    assert "Package that isn't available during grading: Your code needs a package" in " ".join(output.text.split())


def test_an_undefined_name_comes_with_the_cell_that_should_define_it(kernel: Kernel, course: Path) -> None:
    lacking = "def softmax(logits, axis=-1):\n    return np.exp(logits) * scale"
    said = "No cell you've run defines scale. Check the spelling, or add a cell that defines it."
    output = kernel.check(lacking)
    assert said in " ".join(output.text.split())
    assert said in words(output.html)
    cells = [{"cell_type": "code", "metadata": {}, "source": each, "outputs": []} for each in ("x = 1", "scale = 2")]
    path = course / "exercises/only.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert "Code cell 2 of your notebook defines scale. Run it first." in " ".join(kernel.check(lacking).text.split())
    path.unlink()
    assert kernel.run("scale = 1 / 0").error
    said = "was probably meant to define scale, but it didn't run: ZeroDivisionError"
    assert said in " ".join(kernel.check(lacking).text.split())


def test_a_function_renamed_is_found(kernel: Kernel) -> None:
    output = kernel.check("del softmax\ndef sofmax(logits, axis=-1):\n    return logits")
    kernel.run("del sofmax")
    assert "The notebook has no function softmax. Was it renamed to sofmax?" in output.text
    assert "Renamed function: Your function seems to have a different name now." in " ".join(output.text.split())
    assert "Renamed" not in kernel.check("def unlike(x):\n    return x").text


def test_other_arguments_than_the_tasks(kernel: Kernel) -> None:
    output = kernel.check("def softmax():\n    return 1")
    assert "Different arguments than the task's" in output.text
    output = kernel.check("def softmax(logits, axis=-1):\n    return logits + None")
    assert "Different arguments than the task's" not in output.text


def test_changing_the_input_is_noted_where_all_passes(kernel: Kernel) -> None:
    inplace = RIGHT.replace("    powers = np.exp(logits -", "    logits -= 1\n    powers = np.exp(logits -")
    output = kernel.check(inplace)
    assert "2 of 2 here" in output.text
    assert "! Your function changed the array it was given" in output.text
    assert "Note: Your function changed the array it was given" in words(output.html)
    assert "changed" not in kernel.check(RIGHT).text


def test_numpys_warnings_come_with_their_line(kernel: Kernel) -> None:
    overflow = "def softmax(logits, axis=-1):\n    powers = np.exp(logits * 999)\n    return powers / powers.sum()"
    output = kernel.check(overflow)
    said = " ".join(output.text.split())
    assert re.search(r"numpy warned: overflow encountered in exp, in cell In\[\d+\], line 2", said)
    assert re.search(r"numpy warned: invalid value encountered in divide, in cell In\[\d+\], line 3", said)
    assert not output.printed
    output = kernel.check(RIGHT.replace("    powers", "    np.log(np.zeros(1))\n    powers", 1))
    assert "! numpy warned: divide by zero encountered in log" in output.text
    warning = RIGHT.replace("    powers", "    warnings.warn(UserWarning(7))\n    powers", 1)
    output = kernel.check(f"import warnings\n{warning}")
    assert "UserWarning: 7" in output.printed


def test_what_a_call_prints_is_seen(kernel: Kernel) -> None:
    output = kernel.check(RIGHT.replace("    powers", "    print('powers next')\n    powers", 1))
    assert output.printed == "powers next\n" * 2
    assert kernel.run("import sys; print(type(sys.stdout).__name__)").printed == "OutStream\n"


def test_edited_but_not_run(kernel: Kernel, course: Path) -> None:
    said = "The saved notebook's version of this cell isn't the one that ran"
    notebook = course / "exercises" / "softmax.ipynb"
    other = course / "exercises" / "other.ipynb"

    def save(path: Path, source: str, seconds_ago: float = 0) -> None:
        cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        os.utime(path, times=(time.time() - seconds_ago,) * 2)

    try:
        save(notebook, RIGHT)
        assert said not in kernel.check(BASE_2).text  # it was saved before the cell ran
        save(notebook, f"# a remark\n{BASE_2}\n\n")
        assert said not in kernel.run(CHECK).text
        save(notebook, RIGHT)
        output = kernel.run(CHECK)
        assert said in " ".join(output.text.split())
        assert said in words(output.html)
        save(notebook, RIGHT, seconds_ago=100)
        assert said not in kernel.run(CHECK).text
        save(notebook, "%matplotlib inline\nx = 1")
        assert said not in kernel.run(CHECK).text
        # Only the server knows which of the two notebooks this is.
        save(notebook, RIGHT)
        save(other, RIGHT)
        assert said not in kernel.run(CHECK).text
        kernel.run(f"import os; os.environ['JPY_SESSION_NAME'] = {str(notebook)!r}")
        assert said in " ".join(kernel.run(CHECK).text.split())
        save(notebook, BASE_2)
        assert said not in kernel.run(CHECK).text
    finally:
        kernel.run("os.environ.pop('JPY_SESSION_NAME', None)")
        notebook.unlink()
        other.unlink(missing_ok=True)


def test_the_html_needs_nothing_and_reads_without_style(kernel: Kernel) -> None:
    for source in (BASE_2, RIGHT, "def softmax(logits):\n    raise ValueError"):
        html = kernel.check(source).html
        assert not re.search(r"<script|https?:|src=|@import|url\(|on\w+=", html)
        # The style applies to this result and to nothing else on the page.
        rules = re.findall(r"(?:^|[}{])\s*([^{}@]+)\{", html[html.index("<style>") + 7 : html.index("</style>")])
        assert rules
        assert all(part.strip().startswith(".mastery-check") for rule in rules for part in rule.split(","))
        assert words(html).startswith("softmax: ")
        assert 'role="heading"' in html


def test_unsolved(kernel: Kernel) -> None:
    output = kernel.check("def softmax(logits, axis=-1):\n    raise NotImplementedError")
    assert "unsolved" in output.text
    assert "Not solved yet." in output.text


def test_raising_shows_the_students_line(kernel: Kernel) -> None:
    output = kernel.check(
        "def helper(x):\n    return x.summ()\ndef softmax(logits, axis=-1):\n    return helper(logits)"
    )
    assert "AttributeError: 'numpy.ndarray' object has no attribute 'summ'" in output.text
    shown = words(output.html)
    number = re.search(r"in cell In\[(\d+)\]", shown)
    assert number is not None
    lines = (
        f"in cell In[{number[1]}], line 2: return x.summ() called in cell In[{number[1]}], line 4: return helper(log"
    )
    assert lines in shown
    assert lines in " ".join(output.text.split())
    assert "Called softmax(array([2. , 1. , 0.1]))" in shown
    assert not any(ours in shown for ours in ("autograder", "worker", "site-packages", "Traceback"))


def test_undefined_and_unknown_stubs_are_sentences(kernel: Kernel) -> None:
    output = kernel.check("", "log_softmax")
    assert "There is no function log_softmax in this notebook yet." in output.text
    output = kernel.check("", "<script>")
    assert "There's no function '<script>' in this course." in output.text
    assert "<script>" not in output.html
    assert "2 of 2 here" in kernel.run(f"{RIGHT}\ncheck(softmax)").text


def test_what_a_student_writes_is_escaped(kernel: Kernel) -> None:
    message = "<script>alert(1)</script>\\x1b[31m\\u202e"
    output = kernel.check(f'def softmax(logits, axis=-1):\n    raise ValueError("{message}")')
    assert "<script>" not in output.html
    assert "&lt;script&gt;alert(1)" in output.html
    assert "Each row &lt;b&gt;sums" in output.html
    assert "<script>alert(1)</script>�[31m�" in output.text
    assert not any(word in output.html for word in ("http", "src=", "@import", "url("))


@pytest.mark.parametrize("body", ["pass", "log_probs(logits)"], ids=["busy", "in a given"])
def test_endless_loop_is_interrupted(kernel: Kernel, body: str) -> None:
    before = kernel.pid()
    kernel.run(
        "from autograder.given import log_probs\n"
        f"def softmax(logits, axis=-1):\n    print('looping', flush=True)\n    while True:\n        {body}"
    )
    output = kernel.run(CHECK, kernel.interrupt)
    kernel.run("del log_probs")
    assert not output.error
    assert output.printed.count("looping") == 1
    assert "  ✗ timeout     Three scores become three probabilities." in output.text
    assert "You interrupted" in output.text
    assert "  · not graded  Each row" in output.text
    assert "2 of 2 here" in kernel.check(RIGHT).text
    assert kernel.pid() == before


@pytest.mark.processes
@pytest.mark.parametrize("seconds", [1.5, 30])
def test_interrupt_while_the_checker_works(kernel: Kernel, course: Path, seconds: float) -> None:
    file = course / "reference" / "softmax" / "test_visible.py"
    slow = CHECKS.replace('print("noise")', f"import time; time.sleep({seconds})")
    kernel.run("import threading, signal, os, time")
    file.write_text(slow)
    output = kernel.run(
        "main = os.getpid()\n"
        "threading.Timer(0.7, lambda: os.kill(main, signal.SIGINT)).start()\n"
        "begun = time.time(); found = check('softmax'); print(time.time() - begun)\nfound"
    )
    file.write_text(CHECKS)
    assert "You interrupted" in output.text
    assert float(output.printed.split()[-1]) < 10
    assert "2 of 2 here" in kernel.check(RIGHT).text


def test_slower_than_allowed_when_graded(kernel: Kernel) -> None:
    output = kernel.check(
        f"import time\n{RIGHT}    # unreachable\nright = softmax\n"
        "def softmax(logits, axis=-1):\n    time.sleep(1.1)\n    return right(logits, axis)"
    )
    assert "  ✗ timeout " in output.text
    assert "during grading, it's stopped after 1." in output.text
    slow_given = "from autograder.given import log_probs as given\ndef softmax(logits, axis=-1):\n    given(np.ones(7))"
    assert "2 of 2 here" in kernel.check(f"{slow_given}\n    return right(logits, axis)").text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def softmax(logits, axis=-1):\n    return np.zeros(10**6)", "it's too large"),
        (
            "class Odd:\n    def __array__(self, *_args, **_kwargs):\n        return np.ones(2)\n"
            "def softmax(logits, axis=-1):\n    return {Odd(): 1}",
            "can't be read",
        ),
        ("def softmax(logits, axis=-1):\n    return {1, 2}", "got a set"),
        ("def softmax(logits, axis=-1):\n    raise SystemExit(3)", "SystemExit: 3"),
        ("def softmax(logits, axis=-1):\n    return softmax(logits, axis)", "RecursionError"),
        ("softmax = 3", "softmax isn't a function anymore"),
        ("def softmax(logits, axis=-1):\n    print(check('softmax'))\n    return logits", "<- first difference"),
    ],
    ids=["too large", "unreadable", "opaque", "exit", "recursion", "no function", "check in check"],
)
def test_stays_in_step_whatever_comes_back(kernel: Kernel, source: str, said: str) -> None:
    assert said in kernel.check(source).text
    output = kernel.check(RIGHT)
    assert "2 of 2 here" in output.text
    assert not output.printed


def test_packages_missing_when_graded_are_noted(kernel: Kernel) -> None:
    inside = RIGHT.replace("    powers", "    import yaml, matplotlib.pyplot, math\n    powers", 1)
    note = "yaml is not available during grading: numpy only."
    assert note in kernel.check(inside).text
    output = kernel.check(f"import yaml\n{RIGHT}")
    kernel.run("del yaml")
    assert note in output.text
    assert note in output.html
    assert "not available" not in kernel.check(f"import math\n{RIGHT}").text


def test_givens(kernel: Kernel) -> None:
    output = kernel.run(
        "from autograder.given import log_probs as given\n"
        "value = given(np.array([1.0, 1.0]))\n"
        "print(type(value).__name__, value.dtype, value, log_probs if 'log_probs' in dir() else '')\n"
        "try:\n    given(np.array(1.0))\nexcept ValueError as error:\n    print(error)\n"
        "try:\n    given(np.zeros(10**6))\nexcept Exception as error:\n    print(error)"
    )
    assert not output.error
    assert output.printed.splitlines()[0].startswith("ndarray float64 [-0.69314718 -0.69314718]")
    assert output.printed.splitlines()[1] == "one number has no softmax"
    assert "it's too large" in output.printed.splitlines()[2]


def test_givens_serve_a_stubs_threads(kernel: Kernel) -> None:
    output = kernel.check(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def softmax(logits, axis=-1):\n"
        "    with ThreadPoolExecutor(2) as pool:\n"
        "        return np.exp(list(pool.map(given, [logits] * 4))[3])"
    )
    assert "2 of 2 here" in output.text


def test_a_stub_is_not_given_to_its_own_lab(kernel: Kernel) -> None:
    output = kernel.check(
        "from autograder.given import softmax as given\ndef softmax(logits, axis=-1):\n    return given(logits, axis)"
    )
    said = " ".join(output.text.split())
    assert "ImportError: softmax isn't a given here: givens are the stubs of earlier labs" in said


def test_a_given_for_cells_is_refused_to_a_stub_in_the_words_of_grading(kernel: Kernel) -> None:
    given = "from autograder.given import model_probs\nprint(model_probs(np.zeros(2)).tolist())"
    assert kernel.run(given).printed == "[0.5, 0.5]\n"
    output = kernel.check("def softmax(logits, axis=-1):\n    return model_probs(logits)")
    refusal = (
        "RuntimeError: model_probs is only for your own cells: a function that's being checked has to compute its "
        "answer without it"
    )
    assert output.text.count("0 of 2 checks passed") == 1
    assert refusal in " ".join(output.text.split())
    assert kernel.run("model_probs(np.zeros(1)).tolist()").text == "[1.0]"


def test_solved(kernel: Kernel) -> None:
    assert kernel.run("solved(lambda x, y=0: x + y, 1, y=2)").text == "3"
    output = kernel.run("def stub(x):\n    raise NotImplementedError\nsolved(stub, 1) is None")
    assert (output.text, output.printed) == ("True", "stub isn't solved yet.\n")
    twice = "for _ in range(2): solved(stub, 1)"
    assert [kernel.run(twice).printed for _ in range(2)] == ["stub isn't solved yet.\n"] * 2
    output = kernel.run("def stub(x):\n    raise ValueError('a\\nb')\nsolved(stub, 1) is None")
    assert output.text == "True"
    assert output.printed.startswith("stub raised ValueError: a b, cell In[")
    assert output.printed.count("\n") == 1


def test_kernel_loads_nothing_heavy(kernel: Kernel) -> None:
    heavy = "[name for name in ('torch', 'pytest', 'pydantic', 'yaml.loader') if name in __import__('sys').modules]"
    kernel.run("import sys\nfor name in list(sys.modules):\n    if name.startswith('yaml'): del sys.modules[name]")
    kernel.check(RIGHT)
    assert kernel.run(heavy).text == "[]"


def test_changed_files_are_read_again(kernel: Kernel, course: Path) -> None:
    def edited(name: str, old: str, new: str) -> str:
        content = (course / name).read_text()
        (course / name).write_text(content.replace(old, new))
        output = kernel.run(CHECK)
        (course / name).write_text(content)
        assert not output.error
        return output.text

    checks = "reference/softmax/test_visible.py"
    kernel.check(RIGHT)
    assert "Three scores or more become" in edited(checks, "Three scores become", "Three scores or more become")
    assert "Three scores become" in kernel.run(CHECK).text
    assert "0 of 2 checks passed" in edited("reference/softmax/reference.py", "torch.softmax(", "1 + torch.softmax(")
    assert "2 of 2 here" in kernel.run(CHECK).text
    assert "5 more" in edited("reference/hidden.yaml", "checks: 3", "checks: 5")
    kernel.run("def softmax(logits, axis=-1):\n    return 2**logits / (2**logits).sum(-1, keepdims=True)")
    misconceptions = "reference/softmax/misconceptions.py"
    assert "two to the power" in edited(misconceptions, "def base_2", "def two_to_the_power")
    assert "can't be loaded" in edited(checks, "def test_known(", "def test_known((")
    assert "course.yaml" in edited("course.yaml", "labs:", "laps:")
    assert "base 2" in kernel.run(CHECK).text


@pytest.mark.processes
def test_dead_checker_is_started_again(kernel: Kernel) -> None:
    os.kill(kernel.pid(), signal.SIGKILL)
    time.sleep(0.2)
    output = kernel.check(RIGHT)
    assert "The checker had stopped, so it's starting again." in output.printed
    assert "2 of 2 here" in output.text


@pytest.mark.processes
def test_checker_that_dies_during_a_check(kernel: Kernel) -> None:
    output = kernel.check(
        "import os, signal\n"
        f"def softmax(logits, axis=-1):\n    os.kill({kernel.pid()}, signal.SIGKILL)\n    return logits"
    )
    assert output.text.strip() == "The checker has ended; run this cell again."
    assert "2 of 2 here" in kernel.check(RIGHT).text


@pytest.mark.processes
def test_checker_that_cannot_start(kernel: Kernel) -> None:
    kernel.run(
        "import autograder.selfcheck.process as live; boot = live.BOOT\n"
        "from autograder.selfcheck.kernel import checker; checker.close(); live.BOOT = 'import no_torch'"
    )
    for _ in range(2):
        assert "The checker couldn't start. ModuleNotFoundError: No module named 'no_torch'" in kernel.check("").text
    kernel.run("live.BOOT = boot")
    assert "2 of 2 here" in kernel.check(RIGHT).text


@pytest.mark.processes
def test_restart_and_run_all(kernel: Kernel) -> None:
    first = kernel.check(RIGHT)
    before = kernel.pid()
    kernel.restart()
    assert gone(before)
    assert kernel.check(RIGHT).text == first.text


@pytest.mark.processes
@pytest.mark.parametrize("child", [False, True], ids=["without a child", "with a surviving child"])
def test_killed_kernel_leaves_no_checker(course: Path, child: bool) -> None:
    kernel = Kernel(course / "exercises")
    try:
        kernel.check(RIGHT)
        checker = kernel.pid()
        fork = (
            "import os, time, warnings\nwarnings.simplefilter('ignore')\npid = os.fork()\n"
            "if not pid:\n    time.sleep(60); os._exit(0)\nprint(pid)"
        )
        forked = kernel.pid(fork) if child else None
        os.kill(kernel.pid("import os; print(os.getpid())"), signal.SIGKILL)
        assert gone(checker)
        if forked is not None:
            os.kill(forked, signal.SIGKILL)
    finally:
        kernel.close()


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.processes
def test_script_without_jupyter(course: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import numpy as np\nfrom autograder import check\n{RIGHT}\nprint(check('softmax'))")
    result = subprocess.run(
        [sys.executable, script],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "softmax: 2 of 2 here" in result.stdout
    assert not result.stderr


def test_outside_of_a_course_it_is_the_packages(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        from autograder import check
        print(check("softmax"))
    """)
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "softmax: 0 of 10 checks passed" in " ".join(result.stdout.split())
