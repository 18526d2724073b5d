"""`mastery grade`: every submission gets its true score, whatever it contains and whatever happens to the batch."""

import csv
import itertools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api

from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.evidence import HIDDEN_FAILURES, HIDDEN_MESSAGES
from autograder.model.course import Lab
from tests.commands import MASTERY, Run, run_mastery
from tests.course_copy import confirmed, copy_course
from tests.repository import COURSE
from tests.sampling import sampled
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

LABS = {name: COURSE.lab(name) for name in ("softmax", "loss")}
SIMULATIONS = {name: simulated.simulation(COURSE, lab) for name, lab in LABS.items()}
SECRET = "of the tests"
# Occurs in a notebook's answers and errors, and no hidden check may repeat it.
MARKER = "MARKER7f3a"

Result = dict[str, Any]
Graded = dict[tuple[str, str], Result]

OWN_HABITS = {
    "matplotlib_inline": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
    "pip": "!pip install --quiet torch\n%pip install scipy",
    "timed_cell": "%%time\nimport numpy as np\nnumbers = np.arange(10)",
    "timed_line": "%time total = sum(range(10))\n%timeit -n 1 -r 1 sum(range(10))",
    "bash_cell": "%%bash\nls /\necho done",
    "shell_to_name": "files = !ls\nprint(len(files))",
    "display": "display('shown')\ndisplay({'a': 1})",
    "ipython": "get_ipython().run_line_magic('matplotlib', 'inline')",
    "asks": "age = int(input('Your age? ') or 0)",
    "two_axes": (
        "import matplotlib.pyplot as plt\nfig, (a, b) = plt.subplots(1, 2)\n"
        "a.plot([1, 2], label='x')\nb.bar(['a'], [1])\na.legend()\nplt.tight_layout()\nplt.show()"
    ),
    "histogram": "import matplotlib.pyplot as plt\nn, bins, patches = plt.hist([1, 2, 2])\nplt.savefig('h.png')",
    "loop_over_axes": (
        "import matplotlib.pyplot as plt\nfig, axes = plt.subplots(2, 2, figsize=(6, 4))\n"
        "for number, ax in enumerate(axes.flat, start=1):\n    ax.plot([1])\n    ax.set_title('t')\n"
        "axes[0, 1].grid(True)\nassert number == 4"
    ),
    "shows": (
        "import matplotlib.pyplot as plt\nfrom autograder import show\nfrom autograder.notebook.bars import stacked\n"
        "import autograder.notebook.boxes as boxes\nfigure, axes = plt.subplots()\nstacked(axes, ['a'], {'b': [1]})\n"
        "show(figure, 'One bar.')\nshow(boxes.boxes_picture('', []), 'No box.')"
    ),
    "help": "import numpy as np\nnp.exp?",
    "help_twice": "?print\nprint??",
    "imports_torch": "import torch\nprint(torch.tensor([1.0]).softmax(0))",
    "imports_pandas": "import pandas as pd\nframe = pd.DataFrame()",
    "raises": "values = [1, 2, 3]\nvalues[7]",
    "asserts": "assert 1 == 2, 'not yet'",
    "loops": "import time\nwhile True:\n    time.sleep(0.01)",
    "kills_its_process": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "exits": "import sys\nsys.exit('done')",
    "recursion": "def down(n):\n    return down(n + 1)\ndown(0)",
    "syntax_error": "for x in range(3)\n    print(x)",
    "shadows_a_builtin": "sum = 12\nlist = [1, 2]",
    "prints_much": "for number in range(20_000):\n    print('PASSED', number)",
    "warns": "import sys, warnings\nwarnings.warn('careful')\nprint('on stderr', file=sys.stderr)",
}
# These are harmless in Jupyter, so they must be harmless in a stub's own cell too.
HARMLESS = (
    *("matplotlib_inline", "pip", "timed_cell", "timed_line", "shell_to_name", "display", "ipython", "asks"),
    *("two_axes", "histogram", "loop_over_axes", "shows", "help", "help_twice", "prints_much", "warns"),
)
# Code that ends a cell, or its process, could hide what the other cells do.
ALONE = ("imports_torch", "raises", "loops", "kills_its_process", "exits", "recursion", "syntax_error")
HABITS = {f"habit_{number:02}": source for number, source in enumerate(simulated.JUPYTER_HABITS)} | OWN_HABITS


def mastery(*words: object, cwd: Path, secret: str = SECRET) -> Run:
    return run_mastery(*words, cwd=cwd, MASTERY_SECRET=secret)


def environment(secret: str = SECRET) -> dict[str, str]:
    return {**os.environ, "MASTERY_SECRET": secret, "COLUMNS": "80"}


def course_with_short_limits(root: Path) -> Path:
    """A copy of the repository's course with shorter limits."""
    copy_course(root)
    text = (root / "course.yaml").read_text(encoding="utf-8")
    (root / "course.yaml").write_text(text.replace("call_seconds: 5", "call_seconds: 1"), encoding="utf-8")
    return root


def hand_in(root: Path, student: str, lab: str, notebook: simulated.Notebook) -> Path:
    return simulated.write(notebook, root / "submitted" / student / lab / f"{lab}.ipynb")


def results_of(root: Path, name: str = "results.jsonl") -> Graded:
    lines = [json.loads(line) for line in (root / name).read_text(encoding="utf-8").splitlines()]
    return {(line["student"], line["lab"]): line for line in lines}


def in_gradebook(root: Path) -> Graded:
    """What the gradebook holds, even while it's being written to."""
    if not (root / "gradebook.db").exists():
        return {}
    with closing(sqlite3.connect(root / "gradebook.db", timeout=30)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mastery_grading'").fetchall():
            return {}
        found = [json.loads(text) for (text,) in connection.execute("SELECT result FROM mastery_grading ORDER BY id")]
    return {(result["student"], result["lab"]): result for result in found}


def afresh(name: str) -> tuple[str, ...]:
    """Arguments for a gradebook and a results file of their own."""
    return ("--db", f"sqlite:///{name}.db", "--json", f"{name}.jsonl")


def of_stub(result: Result, stub: str) -> list[Result]:
    return [check for check in result["checks"] if check["stub"] == stub]


def outcomes(result: Result, stub: str) -> set[str]:
    return {check["outcome"] for check in of_stub(result, stub)}


def messages(result: Result, stub: str) -> str:
    return "\n".join(check["message"] or "" for check in of_stub(result, stub) if check["kind"] == "visible")


def points(result: Result, stub: str) -> float:
    return sum(check["points"] for check in of_stub(result, stub))


def without_times(graded: Graded) -> Graded:
    """Everything that must be the same each time, i.e., everything except seconds."""
    return {
        key: {**result, "seconds": 0, "checks": [{**check, "seconds": 0} for check in result["checks"]]}
        for key, result in graded.items()
    }


def first_wrong(lab: Lab, stub: str, name: str) -> str:
    wrong = next(each for each in simulated.wrong_answers(COURSE, lab) if (each.of, each.name) == (stub, name))
    return simulated.source_as(stub, wrong.function, wrong.parameters)


# --- one large class


def softmax_with(source: str) -> simulated.Notebook:
    return SIMULATIONS["softmax"].solved({"softmax": source})


def without_cell(notebook: simulated.Notebook, stub: str) -> simulated.Notebook:
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["source"].startswith(f"def {stub}(")]
    return notebook


SOFTMAX_CLASS: dict[str, Callable[[], simulated.Notebook]] = {
    "torch_in_the_function": lambda: softmax_with(
        "def softmax(logits, axis=-1):\n    import torch\n    return torch.softmax(torch.tensor(logits), axis).numpy()"
    ),
    "torch_in_the_cell": lambda: softmax_with(
        "import torch\ndef softmax(logits, axis=-1):\n    return torch.softmax(torch.tensor(logits), axis).numpy()"
    ),
    "torch_in_an_earlier_cell": lambda: simulated.with_cells(
        softmax_with("def softmax(logits, axis=-1):\n    return torch.softmax(torch.tensor(logits), axis).numpy()"),
        "import torch",
        at=1,
    ),
    "stub_cell_fails": lambda: softmax_with("print(1 / 0)\n" + SIMULATIONS["softmax"].solutions["softmax"]),
    "stub_cell_is_no_python": lambda: softmax_with("def softmax(logits, axis=-1)\n    return logits"),
    "stub_raises": lambda: softmax_with("def softmax(logits, axis=-1):\n    return logits[99][99]"),
    "stub_loops": lambda: softmax_with("def softmax(logits, axis=-1):\n    while True:\n        pass"),
    "stub_kills": lambda: softmax_with("import os\ndef softmax(logits, axis=-1):\n    os._exit(0)"),
    "stub_renamed": lambda: softmax_with(
        SIMULATIONS["softmax"].solutions["softmax"].replace("def softmax(", "def soft_max(")
    ),
    "stub_deleted": lambda: without_cell(SIMULATIONS["softmax"].solved(), "entropy"),
    "complex_numbers": lambda: softmax_with("def softmax(logits, axis=-1):\n    return np.ones(logits.shape) * 1j"),
    "marked_error": lambda: softmax_with(f"def softmax(logits, axis=-1):\n    raise ValueError('{MARKER}')"),
    "marked_error_class": lambda: softmax_with(
        f"class {MARKER}(Exception): ...\ndef softmax(logits, axis=-1):\n    raise {MARKER}(str(logits))"
    ),
    "marked_text": lambda: softmax_with(f"def softmax(logits, axis=-1):\n    return '{MARKER}'"),
    "marked_values": lambda: softmax_with(f"def softmax(logits, axis=-1):\n    return {{'{MARKER}': [12345.678]}}"),
    "marked_type": lambda: softmax_with(f"class {MARKER}: ...\ndef softmax(logits, axis=-1):\n    return {MARKER}()"),
    "marked_cell": lambda: softmax_with(f"raise RuntimeError('{MARKER}')\ndef softmax(logits, axis=-1): ..."),
}
WRONG = {
    "softmax": ("softmax", "base_2"),
    "log_softmax": ("softmax", "log2_softmax"),
    "softmax_with_temperature": ("softmax", "multiplies_by_the_temperature"),
    "entropy": ("softmax", "entropy_in_bits"),
    "mse_loss": ("loss", "sum_of_squares"),
    "surprisal": ("loss", "not_the_natural_logarithm"),
    "cross_entropy": ("loss", "sums_the_batch"),
    "next_token_pairs": ("loss", "no_shift"),
    "perplexity": ("loss", "other_base"),
}


@pytest.fixture(scope="module")
def class_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose class has submitted everything a class can submit, graded."""
    root = course_with_short_limits(tmp_path_factory.mktemp("class"))
    for name, lab in LABS.items():
        parts = SIMULATIONS[name]
        hand_in(root, "right", name, parts.solved())
        hand_in(root, "blank", name, parts.blank())
        hand_in(root, "all_habits", name, simulated.with_cells(parts.solved(), *HABITS.values(), at=1))
        others = {each.of: each for each in simulated.alternatives(COURSE, lab)}
        sources = {stub: simulated.source_as(stub, each.function) for stub, each in others.items()}
        hand_in(root, "alternative", name, parts.solved(sources))
    for habit in ALONE:
        hand_in(root, habit, "softmax", simulated.with_cells(SIMULATIONS["softmax"].solved(), HABITS[habit], at=1))
    softmax_solution = SIMULATIONS["softmax"].solutions["softmax"]
    for stub, (name, wrong) in WRONG.items():
        hand_in(root, f"wrong_{stub}", name, SIMULATIONS[name].solved({stub: first_wrong(LABS[name], stub, wrong)}))
    for habit in HARMLESS:
        hand_in(root, f"beside_{habit}", "softmax", softmax_with(f"{HABITS[habit]}\n{softmax_solution}"))
    for student, notebook in SOFTMAX_CLASS.items():
        hand_in(root, student, "softmax", notebook())
    hand_in_bad_files(root / "submitted")
    graded = mastery("grade", "--processes", 2, cwd=root)
    assert "Traceback" not in graded.stderr + graded.stdout, graded.stderr
    (root / "printed.txt").write_text(graded.stdout, encoding="utf-8")
    assert graded.returncode == 1  # because the bad files weren't graded
    return root


def hand_in_bad_files(submitted: Path) -> None:
    def place(student: str) -> Path:
        folder = submitted / student / "softmax"
        folder.mkdir(parents=True)
        return folder / "softmax.ipynb"

    os.mkfifo(place("fifo"))
    place("link").symlink_to("/etc/passwd")
    place("folder").mkdir()
    place("missing")
    place("no_json").write_text("{ 'cells': ", encoding="utf-8")
    place("no_text").write_bytes(b"\xff\xfe\x00\x01")
    place("no_notebook").write_text('{"title": "nothing"}', encoding="utf-8")
    place("deeply_nested").write_text("[" * 100_000, encoding="utf-8")
    place("odd_format").write_text(r'{"cells": [], "nbformat": "\ud800"}', encoding="utf-8")
    simulated.write(SIMULATIONS["loss"].solved(), place("other_lab"))


BAD_FILES = {
    "fifo": "ordinary file",
    "link": "link",
    "folder": "ordinary file",
    "missing": "doesn't exist",
    "no_json": "isn't valid JSON",
    "no_text": "isn't UTF-8",
    "no_notebook": "no cells",
    "deeply_nested": "nests too deeply",
    "odd_format": "its format is",
    "other_lab": "notebook of the lab loss",
}


@pytest.fixture(scope="module")
def graded(class_root: Path) -> Graded:
    return results_of(class_root)


@pytest.mark.parametrize(
    ("student", "lab"),
    [
        *itertools.product(("right", "alternative", "all_habits"), LABS),
        *((habit, "softmax") for habit in ALONE),
    ],
)
def test_right_answers_keep_full_marks_whatever_else_the_notebook_does(graded: Graded, student: str, lab: str) -> None:
    result = graded[student, lab]
    missed = [(check["id"], check["message"]) for check in result["checks"] if check["outcome"] != "passed"]
    assert not missed
    assert (result["status"], result["score"], result["message"]) == ("graded", LABS[lab].points, None)


@pytest.mark.parametrize("habit", HARMLESS)
def test_what_works_in_jupyter_works_in_the_cell_of_a_stub_too(graded: Graded, habit: str) -> None:
    result = graded[f"beside_{habit}", "softmax"]
    assert outcomes(result, "softmax") == {"passed"}, messages(result, "softmax")
    assert result["score"] == 25.0


@pytest.mark.parametrize("lab", LABS)
def test_a_blank_notebook_is_unsolved_and_earns_nothing(graded: Graded, lab: str) -> None:
    result = graded["blank", lab]
    assert (result["status"], result["score"]) == ("graded", 0.0)
    assert {check["outcome"] for check in result["checks"]} == {"unsolved"}


@pytest.mark.parametrize("stub", WRONG)
def test_a_misconception_is_named_and_costs_its_own_stub_only(graded: Graded, stub: str) -> None:
    lab, name = WRONG[stub]
    result = graded[f"wrong_{stub}", lab]
    wrong = [check for check in of_stub(result, stub) if check["outcome"] != "passed"]
    assert {check["misconception"] for check in wrong} == {name}
    assert all(check["hint"] for check in wrong)
    assert 0 <= points(result, stub) < LABS[lab].stub(stub).points
    others = [each for each in LABS[lab].stubs if each.name != stub]
    assert [points(result, each.name) for each in others] == pytest.approx([each.points for each in others], abs=1e-4)


@pytest.mark.parametrize("student", ["torch_in_the_function", "torch_in_the_cell", "torch_in_an_earlier_cell"])
def test_a_stub_that_uses_torch_is_an_error_that_says_numpy_only(graded: Graded, student: str) -> None:
    result = graded[student, "softmax"]
    assert outcomes(result, "softmax") == {"error"}
    assert "torch is not available during grading: numpy only" in messages(result, "softmax")
    assert result["score"] == LABS["softmax"].points - LABS["softmax"].stub("softmax").points


@pytest.mark.parametrize(
    ("student", "outcome", "says"),
    [
        ("stub_cell_fails", "error", "didn't run: ZeroDivisionError: division by zero"),
        ("stub_cell_is_no_python", "error", "can't run yet: SyntaxError"),
        ("stub_raises", "error", "IndexError"),
        ("stub_loops", "timeout", "didn't finish in"),
        ("stub_kills", "died", "ended the process"),
        ("stub_renamed", "unsolved", "Was it renamed to soft_max? Rename it back to softmax."),
    ],
)
def test_what_is_wrong_with_a_stub_is_said_and_the_others_still_count(
    graded: Graded, student: str, outcome: str, says: str
) -> None:
    result = graded[student, "softmax"]
    assert outcomes(result, "softmax") == {outcome}
    assert says in messages(result, "softmax")
    assert (result["status"], result["score"]) == ("graded", 17.0)


def test_a_deleted_stub_is_unsolved_and_the_others_still_count(graded: Graded) -> None:
    result = graded["stub_deleted", "softmax"]
    assert outcomes(result, "entropy") == {"unsolved"}
    assert "has no function entropy; add it again under exactly this name." in messages(result, "entropy")
    assert result["score"] == 20.0


def test_an_answer_of_another_kind_of_number_fails_like_any_wrong_answer(graded: Graded) -> None:
    result = graded["complex_numbers", "softmax"]
    assert (result["status"], result["score"]) == ("graded", 17.0)


@pytest.mark.parametrize("student", [name for name in SOFTMAX_CLASS if name.startswith("marked_")])
def test_hidden_checks_tell_nothing_of_answers_or_data(graded: Graded, student: str) -> None:
    result = graded[student, "softmax"]
    hidden = [check for check in of_stub(result, "softmax") if check["kind"] != "visible"]
    wrong = [check for check in hidden if check["outcome"] != "passed"]
    assert len(wrong) > 10
    assert MARKER not in json.dumps(hidden)
    assert {check["message"] for check in wrong} <= {*HIDDEN_MESSAGES.values(), *HIDDEN_FAILURES.values()}
    # The visible checks do show it, so the marker was there to be repeated.
    assert MARKER in messages(result, "softmax")


def test_hidden_checks_of_a_wrong_answer_show_only_title_and_hint(graded: Graded) -> None:
    for check in graded["wrong_softmax", "softmax"]["checks"]:
        if check["kind"] != "visible" and check["outcome"] != "passed":
            assert check["message"] == "Your function's answer differs from the reference's."
            assert check["title"]


@pytest.mark.parametrize("student", BAD_FILES)
def test_a_bad_file_is_one_sentence_in_its_own_result(graded: Graded, student: str) -> None:
    result = graded[student, "softmax"]
    assert (result["status"], result["score"], result["checks"]) == ("not graded", None, [])
    assert BAD_FILES[student] in result["message"]
    assert result["message"].endswith(".")
    assert "\n" not in result["message"]


# --- the files that others read

RESULT_FIELDS = {
    "student": str,
    "lab": str,
    "attempt": int,
    "status": str,
    "score": (float, type(None)),
    "max_score": float,
    "seconds": float,
    "message": (str, type(None)),
    "isolation": list,
    "content_hash": str,
    "run": str,
    "course_version": str,
    "engine_version": str,
    "secret": str,
    "checks": list,
    "packet": (dict, type(None)),
    "answers": dict,
}
CHECK_FIELDS = {
    "id": str,
    "stub": str,
    "kind": str,
    "title": str,
    "points": float,
    "max_points": float,
    "advisory": bool,
    "outcome": str,
    "confirmed": (bool, type(None)),
    "message": (str, type(None)),
    "exception": (str, type(None)),
    "statistic": (float, type(None)),
    "seconds": float,
    "misconception": (str, type(None)),
    "hint": (str, type(None)),
    "difference": (dict, type(None)),
    "slip": (dict, type(None)),
    "fresh": (bool, type(None)),
    "kept": type(None),
}


def test_results_are_json_lines_of_the_promised_form(class_root: Path) -> None:
    lines = (class_root / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = [json.loads(line) for line in lines]
    keys = [(result["student"], result["lab"]) for result in results]
    assert keys == sorted(set(keys))
    for result in results:
        assert list(result) == list(RESULT_FIELDS)
        assert all(isinstance(result[name], kind) for name, kind in RESULT_FIELDS.items()), result
        assert result["status"] in ("graded", "partly graded", "not graded")
        for check in result["checks"]:
            assert list(check) == list(CHECK_FIELDS)
            assert all(isinstance(check[name], kind) for name, kind in CHECK_FIELDS.items()), check
            assert check["id"].startswith(f"{result['lab']}::{check['stub']}::")
            assert check["kind"] in ("visible", "hidden", "robustness", "statistical")
            assert check["outcome"] in {
                *("passed", "failed", "unsolved", "error", "timeout", "died", "violation", "not graded")
            }


@pytest.mark.parametrize("lab", LABS)
def test_checks_share_their_stubs_points(graded: Graded, lab: str) -> None:
    result = graded["right", lab]
    for stub in LABS[lab].stubs:
        assert sum(check["max_points"] for check in of_stub(result, stub.name)) == pytest.approx(stub.points, abs=1e-4)
    assert len({check["id"] for check in result["checks"]}) == len(result["checks"])


def test_results_say_how_and_under_which_secret_they_came_about(graded: Graded) -> None:
    result = graded["right", "softmax"]
    assert {"rlimits", "seccomp"} <= set(result["isolation"])
    assert {"namespaces", "landlock"} & set(result["isolation"])
    assert SECRET not in result["secret"]
    assert len(result["content_hash"]) == 64
    assert result["course_version"]


def test_the_detail_has_a_row_for_each_submission_and_a_column_for_each_stub(class_root: Path, graded: Graded) -> None:
    with (class_root / "scores-by-stub.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student"], row["lab"]) for row in rows] == sorted(graded)
    for row in rows:
        result = graded[row["student"], row["lab"]]
        assert row["score_by_checks"] == ("" if result["score"] is None else str(result["score"]))
        assert row["status"] == result["status"]
        for lab in LABS.values():
            for stub in lab.stubs:
                here = row["lab"] == lab.name and result["checks"]
                assert row[stub.name] == (str(round(points(result, stub.name), 4)) if here else "")


def test_what_is_printed_fits_80_columns_and_names_whom_to_look_at(class_root: Path) -> None:
    printed = (class_root / "printed.txt").read_text(encoding="utf-8")
    table, eye = printed.split("Needs a person's attention")
    assert max(map(len, table.splitlines())) <= 80
    assert "softmax_with_temperature" in table
    reasons = dict(re.findall(r"^  (\S.*)\n    (\S.*)$", eye, re.MULTILINE))
    for reason, student in {
        r"not graded: .*/fifo/softmax/softmax.ipynb isn't an ordinary file.*": "fifo",
        r"died: .* ended the process.*": "stub_kills",
        r"timeout: .* 1 second.*": "stub_loops",
        r"without entropy: the notebook no longer defines it": "stub_deleted",
        r"without softmax: the notebook no longer defines it": "stub_renamed",
    }.items():
        (who,) = (who for said, who in reasons.items() if re.fullmatch(reason, said))
        assert f"{student}/softmax" in who.split(", ")
    assert "blank/" not in eye


# --- again


@pytest.fixture(scope="module")
def small_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a small class, graded once by two processes."""
    root = course_with_short_limits(tmp_path_factory.mktemp("small"))
    for name, parts in SIMULATIONS.items():
        hand_in(root, "ada", name, parts.solved())
        hand_in(root, "bob", name, parts.blank())
    hand_in(root, "cyd", "softmax", softmax_with(first_wrong(LABS["softmax"], "softmax", "base_2")))
    hand_in(root, "dan", "softmax", softmax_with("raise KeyError\ndef softmax(logits, axis=-1): ..."))
    hand_in(root, "eve", "loss", simulated.with_cells(SIMULATIONS["loss"].solved(), "import os\nos._exit(3)", at=1))
    graded = mastery("grade", "--processes", 2, cwd=root)
    assert graded.returncode == 0, graded.stderr
    return root


@pytest.fixture
def small(small_root: Path, tmp_path: Path) -> Path:
    """The small class, for one test only."""
    return confirmed(shutil.copytree(small_root, tmp_path / "course"))


def test_run_again_nothing_is_graded_again(small: Path) -> None:
    before = (small / "results.jsonl").read_bytes()
    again = mastery("grade", cwd=small)
    assert again.returncode == 0
    assert "7 of 7 submissions are graded and unchanged." in again.stdout
    assert (small / "results.jsonl").read_bytes() == before  # even the seconds of every check are unchanged


def test_a_changed_notebook_is_the_next_attempt_and_the_others_stay(small: Path) -> None:
    before = results_of(small)
    hand_in(small, "bob", "softmax", SIMULATIONS["softmax"].solved())
    again = mastery("grade", cwd=small)
    after = results_of(small)
    assert again.returncode == 0
    assert "6 of 7 submissions are graded and unchanged." in again.stdout
    assert (before["bob", "softmax"]["attempt"], before["bob", "softmax"]["score"]) == (1, 0.0)
    assert (after["bob", "softmax"]["attempt"], after["bob", "softmax"]["score"]) == (2, 25.0)
    assert {key: value for key, value in after.items() if key != ("bob", "softmax")} == {
        key: value for key, value in before.items() if key != ("bob", "softmax")
    }


@pytest.mark.classes
def test_a_due_date_and_an_extension_count_for_what_is_graded_already(small: Path) -> None:
    with (small / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    lost = results_of(small)["cyd", "softmax"]["score"]
    due = datetime(2026, 4, 1, 18)
    with api.Gradebook(f"sqlite:///{small / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("softmax", duedate=due)
        for student, hours in (("ada", -1), ("cyd", 3)):
            gradebook.find_submission("softmax", student).timestamp = due + timedelta(hours=hours)
        gradebook.db.commit()
    late = mastery("grade", cwd=small)
    cyd = f"cyd/softmax: its late penalty is now {lost:g} points instead of 0 (handed in 3 h late)\n"
    assert f"Changed scores (`mastery changes` prints them again)\n  {cyd}" in late.stdout
    assert "ada/" not in late.stdout
    with api.Gradebook(f"sqlite:///{small / 'gradebook.db'}") as gradebook:
        gradebook.grant_extension("softmax", "cyd", hours=4)
    back = f"cyd/softmax: its late penalty is now 0 points instead of {lost:g} (not late)\n"
    assert f"  {back}" in mastery("grade", cwd=small).stdout
    assert "late penalty" not in mastery("grade", cwd=small).stdout
    first, second = mastery("changes", cwd=small).stdout.splitlines(keepends=True)
    assert (first.partition("UTC  ")[2], second.partition("UTC  ")[2]) == (cyd, back)


def test_the_results_file_is_made_anew_from_the_gradebook(small: Path) -> None:
    before = (small / "results.jsonl").read_bytes()
    (small / "results.jsonl").write_bytes(before[:-200])
    shutil.rmtree(small / "submitted" / "eve")
    assert mastery("grade", cwd=small).returncode == 0
    assert (small / "results.jsonl").read_bytes() == before


def test_what_an_interrupted_tidying_left_does_no_harm(small: Path) -> None:
    (small / "results.jsonl.new").write_text('{"student": "half a li', encoding="utf-8")
    hand_in(small, "bob", "loss", SIMULATIONS["loss"].solved())
    assert mastery("grade", cwd=small).returncode == 0
    assert results_of(small)["bob", "loss"]["score"] == 25.0
    assert len(results_of(small)) == 7


@pytest.mark.classes
def test_another_secret_is_refused_in_a_sentence(small: Path) -> None:
    before = (small / "results.jsonl").read_bytes()
    again = mastery("grade", cwd=small, secret="another")
    assert again.returncode == 2
    assert "graded under a different secret (fingerprint" in again.stderr
    assert "Traceback" not in again.stderr
    assert (small / "results.jsonl").read_bytes() == before
    other = mastery("grade", *afresh("fresh"), cwd=small, secret="another")
    assert other.returncode == 0
    scores = {key: result["score"] for key, result in results_of(small, "fresh.jsonl").items()}
    assert scores == {key: result["score"] for key, result in results_of(small).items()}


def test_changed_checks_regrade_everything_as_the_same_attempt(small: Path) -> None:
    before = results_of(small)
    with (small / "reference" / "softmax" / "test_visible.py").open("a", encoding="utf-8") as file:
        file.write('\n\n@checks("entropy")\ndef test_e_coin(student, rng):\n    """A fair coin has ln 2 nats."""\n')
        file.write("    agree(student.entropy, softmax.entropy, np.array([0.5, 0.5]))\n")
    again = mastery("grade", cwd=small)
    after = results_of(small)
    assert again.returncode == 0, again.stderr
    assert "graded and unchanged" not in again.stdout
    assert "softmax::entropy::e_coin" in [check["id"] for check in after["ada", "softmax"]["checks"]]
    assert {result["attempt"] for result in after.values()} == {1}
    assert {key: result["score"] for key, result in after.items() if key[1] == "loss"} == {
        key: result["score"] for key, result in before.items() if key[1] == "loss"
    }
    assert after["ada", "softmax"]["score"] == 25.0


def test_inspect_shows_a_submission_with_what_students_may_not_see(small: Path) -> None:
    def inspected(*words: str) -> Result:
        shown = mastery("inspect", "cyd", "softmax", "--json", *words, cwd=small)
        assert shown.returncode == 0, shown.stderr
        found: Result = json.loads(shown.stdout)
        return found

    kept, again = inspected(), inspected("--run")
    assert again["attempts"] == kept["attempts"]
    assert [each["result"]["score"] for each in kept["attempts"]] == [results_of(small)["cyd", "softmax"]["score"]]
    for before, after in zip(kept["checks"], again["checks"], strict=True):
        names = ("id", "kind", "outcome", "points", "seed", "misconception")
        assert {name: before[name] for name in names} == {name: after[name] for name in names}
        if after["kind"] != "visible" and after["outcome"] == "failed":
            assert before["said"] in {*HIDDEN_MESSAGES.values(), *HIDDEN_FAILURES.values()}
            assert "Wanted:" in after["said"]
    printed = mastery("inspect", "dan", "softmax", "--run", cwd=small).stdout
    assert "didn't run: KeyError" in printed
    unknown = mastery("inspect", "nobody", "softmax", cwd=small)
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert "nobody's softmax isn't in the gradebook" in unknown.stderr


@pytest.mark.classes
def test_after_a_regrade_a_list_says_whose_score_changed_and_why(small: Path) -> None:
    with (small / "reference" / "loss" / "test_visible.py").open("a", encoding="utf-8") as file:
        file.write('\n\n@checks("perplexity")\ndef test_never(student, rng):\n    """Nobody passes this."""\n')
        file.write("    student.perplexity(0.5)\n    raise AssertionError\n")
    again = mastery("grade", "loss", cwd=small)
    assert again.returncode == 0, again.stderr
    changed = again.stdout.split("Changed scores (`mastery changes` prints them again)\n")[1].splitlines()
    assert [line.split(":")[0].strip() for line in changed[:-1]] == ["ada/loss", "eve/loss"]
    assert "25 -> 2" in changed[0]
    assert changed[0].endswith(", because loss::perplexity::never is new (failed)")


@pytest.mark.classes
def test_one_process_and_two_give_the_same_results(small: Path) -> None:
    one = mastery("grade", "--processes", 1, *afresh("one"), cwd=small)
    assert one.returncode == 0, one.stderr
    assert without_times(results_of(small, "one.jsonl")) == without_times(results_of(small))


def test_a_single_lab_can_be_graded(small: Path) -> None:
    graded = mastery("grade", "loss", *afresh("loss"), cwd=small)
    assert graded.returncode == 0, graded.stderr
    assert sorted(results_of(small, "loss.jsonl")) == [("ada", "loss"), ("bob", "loss"), ("eve", "loss")]


def test_grading_without_a_sandbox_is_said_and_recorded(small: Path) -> None:
    shutil.rmtree(small / "submitted" / "eve")  # whose notebook kills its process
    graded = mastery("grade", "loss", "--unsafe-no-sandbox", *afresh("unsafe"), cwd=small)
    assert graded.returncode == 0, graded.stderr
    assert "without a sandbox" in graded.stdout
    result = results_of(small, "unsafe.jsonl")["ada", "loss"]
    assert result["isolation"] == ["process"]
    assert result["score"] == 25.0


def test_names_that_are_not_text_do_not_stop_grading(small: Path) -> None:
    shutil.copytree(small / "submitted" / "ada", Path(os.fsdecode(os.fsencode(small / "submitted") + b"/\xff\xfe")))
    shutil.copytree(small / "submitted" / "ada", small / "submitted" / "=1+1|\x1b[31m")
    again = mastery("grade", "softmax", cwd=small)
    assert again.returncode == 0, again.stderr
    assert results_of(small)[r"\udcff\udcfe", "softmax"]["score"] == 25.0
    assert "\x1b" not in again.stdout
    scores = (small / "scores.csv").read_text(encoding="utf-8")
    assert "\n'=1+1" in scores
    assert "\x1b" not in scores


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere",), "There is no lab named 'nowhere'. The labs are: "),
        (("--submitted", "elsewhere"), "The folder elsewhere can't be read"),
        (("--json", "submitted"), "submitted can't be written"),
        (("--csv", "submitted"), "submitted can't be written"),
    ],
)
def test_a_wrong_use_is_one_sentence(small: Path, words: tuple[str, ...], says: str) -> None:
    used = mastery("grade", *words, cwd=small)
    assert used.returncode == 2
    assert says in used.stderr
    assert "Traceback" not in used.stderr


def test_checks_that_cannot_be_loaded_are_reported(small: Path) -> None:
    (small / "solutions" / "loss" / "test_hidden.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    graded = mastery("grade", "loss", cwd=small)
    assert graded.returncode == 2
    assert "The checks for loss can't be loaded" in graded.stderr
    assert "nothing_of_this_name" in graded.stderr
    assert "concurrent.futures" not in graded.stderr


# --- in the middle of a batch

SLOW = "import time\ntime.sleep(0.4)"
# The number of write(2), by machine.
WRITE_CALLS = {"1", "64"}
# For ten submissions of a lab with four stubs, each graded once.
ROWS = {"student": 10, "submitted_assignment": 10, "submitted_notebook": 10, "grade": 40, "mastery_grading": 10}


def slow_class(root: Path) -> Path:
    """Ten submissions that take a while."""
    for number in range(10):
        notebook = SIMULATIONS["softmax"].solved() if number % 2 else SIMULATIONS["softmax"].blank()
        hand_in(root, f"student_{number:02}", "softmax", simulated.with_cells(notebook, SLOW, at=1))
    return root


@pytest.fixture(scope="module")
def slow_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class whose notebooks take a while, graded undisturbed."""
    root = slow_class(course_with_short_limits(tmp_path_factory.mktemp("slow")))
    assert mastery("grade", "--processes", 2, *afresh("undisturbed"), cwd=root).returncode == 0
    return root


@pytest.fixture
def slow(slow_root: Path, tmp_path: Path) -> Path:
    return confirmed(shutil.copytree(slow_root, tmp_path / "course"))


@pytest.fixture
def running(slow: Path) -> Iterator[subprocess.Popen[str]]:
    """A running batch in a session of its own, partly graded."""
    with subprocess.Popen(
        [MASTERY, "grade", "--processes", "2"],
        cwd=slow,
        env=environment() | {"PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            until(lambda: graded_so_far(slow) > 0)
            assert graded_so_far(slow) < 10
            yield process
        finally:
            process.kill()


def graded_so_far(root: Path) -> int:
    return len(in_gradebook(root))


def living() -> dict[int, int]:
    """The processes that aren't zombies, with their parents."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, parent = (folder / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state not in "ZX":
                found[int(folder.name)] = int(parent)
    return found


def offspring(ancestor: int) -> list[int]:
    """Its descendants: children first, then their children, and so on."""
    parents = living()
    found = [ancestor]
    for each in found:
        found += [pid for pid, parent in parents.items() if parent == each]
    return found[1:]


def grading_processes(command: int) -> list[int]:
    """The processes that hold torch and the checks: the children of multiprocessing's fork server."""
    parents = living()
    servers = [
        pid for pid, parent in parents.items() if parent == command and b"multiprocessing.forkserver" in cmdline(pid)
    ]
    return [pid for pid, parent in parents.items() if parent in servers]


def ended(process: subprocess.Popen[str], seconds: float = 60) -> tuple[str, str]:
    """Wait for it to end and return its output; if it doesn't end, fail with a traceback of where it's stuck."""
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        left = {pid: cmdline(pid) for pid in offspring(process.pid)}
        process.send_signal(signal.SIGABRT)
        raise AssertionError(f"It doesn't end. {process.communicate()[1]}\n{left}") from None


def gone(pids: list[int]) -> bool:
    alive = living()
    return not any(pid in alive for pid in pids)


@pytest.mark.processes
def test_killed_grading_processes_cost_no_submission_its_grade(running: subprocess.Popen[str], slow: Path) -> None:
    first = grading_processes(running.pid)
    assert len(first) == 2
    # The fork server is slow to report that they've ended; their connections show it immediately.
    (server,) = {living()[each] for each in first}
    os.kill(server, signal.SIGSTOP)
    for each in first:
        os.kill(each, signal.SIGKILL)
    time.sleep(0.5)
    os.kill(server, signal.SIGCONT)
    printed, errors = ended(running)
    assert running.returncode == 0, printed + errors
    assert "Traceback" not in errors
    assert without_times(results_of(slow)) == without_times(results_of(slow, "undisturbed.jsonl"))


@pytest.mark.processes
def test_a_grading_process_killed_while_it_hands_over_its_results_costs_none_of_them(tmp_path: Path) -> None:
    root = course_with_short_limits(tmp_path)
    blank = SIMULATIONS["softmax"].blank()
    for number in range(60):
        hand_in(root, f"student_{number:02}", "softmax", blank)
    with subprocess.Popen(
        [MASTERY, "grade", "--processes", "1"],
        cwd=root,
        env=environment() | {"PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            until(lambda: bool(grading_processes(process.pid)))
            until(lambda: stopped_while_handed_results(process.pid))
            os.kill(grading_processes(process.pid)[0], signal.SIGKILL)
            os.kill(process.pid, signal.SIGCONT)
            printed, errors = ended(process)
        finally:
            process.kill()  # otherwise, a failure above would leave it stopped, and we'd wait for it forever
    assert process.returncode == 0, printed + errors
    assert {result["status"] for result in results_of(root).values()} == {"graded"}
    assert len(results_of(root)) == 60


def stopped_while_handed_results(command: int) -> bool:
    """Stop the command until its one grading process sleeps, and return whether that's in the middle of a write.

    If it isn't, resume the command. The grading process sleeps at the latest when it has graded its chunk, so no chunk
    is missed.
    """
    os.kill(command, signal.SIGSTOP)
    (grading,) = grading_processes(command)
    until(lambda: sleeps(grading))
    if doing(grading).split()[0] in WRITE_CALLS:
        return True
    os.kill(command, signal.SIGCONT)
    return False


def sleeps(pid: int) -> bool:
    """Return whether the process sleeps for a quarter of a second."""
    before = doing(pid)
    time.sleep(0.25)
    return not before.startswith("running") and before == doing(pid)


def doing(pid: int) -> str:
    """What the process is doing: its system call and arguments, and how often it has slept."""
    return "".join(Path(f"/proc/{pid}/{name}").read_text() for name in ("syscall", "status"))


@pytest.mark.processes
def test_ctrl_c_keeps_what_is_graded_and_a_second_run_goes_on(running: subprocess.Popen[str], slow: Path) -> None:
    processes = offspring(running.pid)
    assert len(processes) > 4
    os.killpg(running.pid, signal.SIGINT)
    _, errors = ended(running)
    assert running.returncode == 1
    assert errors.strip().splitlines()[-1] == (
        "Stopped. What's been graded is saved; run the same command again to continue."
    )
    assert "Traceback" not in errors
    until(lambda: gone(processes), seconds=5)
    kept = in_gradebook(slow)
    assert 0 < len(kept) < 10
    again = mastery("grade", "--processes", 2, cwd=slow)
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} of 10 submissions are graded and unchanged." in again.stdout
    after = results_of(slow)
    assert all(after[key] == result for key, result in kept.items())
    assert without_times(after) == without_times(results_of(slow, "undisturbed.jsonl"))


@pytest.mark.processes
@pytest.mark.parametrize("moment", sampled([0.0, 0.5, 1.0], 0.5))
def test_ctrl_c_while_the_grading_processes_start_is_one_sentence_too(slow: Path, moment: float) -> None:
    with subprocess.Popen(
        [MASTERY, "grade", "--processes", "2"],
        cwd=slow,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        until(lambda: any(b"forkserver" in cmdline(pid) for pid in offspring(process.pid)))
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 1
        assert errors.strip().splitlines()[-1].startswith("Stopped.")
        assert "Traceback" not in errors


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.processes
def test_no_process_outlives_a_killed_batch_and_a_second_run_ends_it(
    running: subprocess.Popen[str], slow: Path
) -> None:
    processes = offspring(running.pid)
    running.kill()
    running.communicate(timeout=30)
    until(lambda: gone(processes), seconds=10)
    again = mastery("grade", "--processes", 2, cwd=slow)
    assert again.returncode == 0, again.stderr
    assert without_times(results_of(slow)) == without_times(results_of(slow, "undisturbed.jsonl"))
    with closing(sqlite3.connect(slow / "gradebook.db")) as connection:
        rows = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ROWS}
    assert rows == ROWS
