"""What a student is told about the slips that beginners make every day, in a real kernel and by `mastery check`."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks as simulated
from tests.commands import run_mastery
from tests.kernels import Kernel, words
from tests.repository import COURSE

SOFTMAX = simulated.simulation(COURSE, COURSE.lab("softmax"))
RIGHT = """
def softmax(logits, axis=-1):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
"""
# Each window may run past the end of the text by one, so its targets lack the last id.
PAIRS = """
def next_token_pairs(token_ids, context_length):
    starts = range(len(token_ids) - context_length + {more})
    inputs = [token_ids[i : i + context_length] for i in starts]
    targets = [token_ids[i + {ahead} : i + {ahead} + context_length] for i in starts]
    return np.array(inputs), np.array(targets)
"""
DRAWS = """
def sample_categorical(probs, rng):
    return int(np.random.choice(len(probs), p={}))
"""
APPENDS = """
def generate(model, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    begin = len(prompt_ids)
    for _ in range(max_new_tokens):
        prompt_ids.append(sample(model(prompt_ids[-(context_window or 0):])))
    return prompt_ids[begin:], "length"
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in a folder that `mastery start` made."""
    folder = tmp_path_factory.mktemp("student")
    assert run_mastery("start", ".", cwd=folder).returncode == 0
    kernel = Kernel(folder)
    yield kernel
    kernel.close()


def said(kernel: Kernel, source: str, stub: str = "softmax") -> str:
    """What the check says, on one line. The HTML says it too."""
    output = kernel.check(source, stub)
    text = " ".join(output.text.split())
    for sentence in ("isn't a function anymore", "can't run yet", "You've overwritten"):
        assert (sentence in text) == (sentence in words(output.html))
    return text


def test_a_live_check_gives_no_points_and_no_level(kernel: Kernel) -> None:
    text = said(kernel, RIGHT)
    assert text.startswith("softmax: 10 of 10 here. Submit to have it confirmed on new numbers.")
    assert "points" not in text
    assert "level" not in text


def test_failing_checks_come_first(kernel: Kernel) -> None:
    output = kernel.check(
        "def softmax(logits, axis=-1):\n    return np.exp(logits) / np.exp(logits).sum(axis, keepdims=True)"
    )
    symbols = [line.split()[0] for line in output.text.splitlines() if line.startswith(("  ✓ ", "  ✗ "))]
    assert symbols == sorted(symbols, reverse=True)
    assert set(symbols) == {"✓", "✗"}


@pytest.mark.parametrize(
    ("source", "number", "error"),
    [
        ("# mine\ndef softmax(logits, axis=-1)\n    return 1", 2, "expected ':'"),
        ("def softmax logits, axis=-1):\n    return 1", 1, "SyntaxError"),
        ("def softmax(logits, axis=-1):\n    x = 1\n      return x", 3, "IndentationError: unexpected indent"),
    ],
)
def test_a_cell_that_python_cannot_read(kernel: Kernel, source: str, number: int, error: str) -> None:
    kernel.run(RIGHT)
    text = said(kernel, source)
    assert "The cell that defines softmax can't run yet" in text
    assert error in text
    assert f", line {number}: {source.splitlines()[number - 1].strip()}" in text
    assert "a colon, bracket or quote may be missing" in text
    assert "✗" not in text  # what ten checks say is shown once


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("np", f"np = 3\n{RIGHT}"),
        ("max", "max = 3\ndef softmax(logits, axis=-1):\n    return logits - max(logits)"),
        ("sum", "def softmax(logits, axis=-1):\n    sum = sum(logits)\n    return logits / sum"),
    ],
)
def test_an_overwritten_name(kernel: Kernel, name: str, source: str) -> None:
    text = said(kernel, source)
    kernel.run("import numpy as np\nglobals().pop('max', None)")
    assert f"You've overwritten {name}: {name} is one of your variables now" in text
    assert "10 of 10 here" in said(kernel, RIGHT)


def test_a_function_replaced_by_its_result(kernel: Kernel) -> None:
    text = said(kernel, f"{RIGHT}\nsoftmax = softmax(np.ones(3))")
    assert "softmax isn't a function anymore, because your notebook has given that name to an array." in text
    assert "You've overwritten your function: A line like f = f(x)" in text
    assert 'Name the function to check, in quotes. In this notebook: check("softmax")' in " ".join(
        kernel.run("def log_softmax(x): pass\ncheck(softmax)").text.split()
    )


def test_torch_in_another_cell_does_not_concern_this_function(kernel: Kernel) -> None:
    kernel.run("import yaml\nfrom yaml import dump\ntable = yaml")
    assert "not available" not in said(kernel, RIGHT)
    uses = RIGHT.replace("    return", "    helper()\n    return")
    assert "yaml is not available during grading" in said(kernel, f"def helper():\n    yaml.dump(3)\n{uses}")
    kernel.run("del yaml, dump, table")


@pytest.mark.parametrize(
    ("more", "ahead", "name"),
    [(1, 1, "Rows of different lengths"), (0, 2, "Wrong length")],
)
def test_windows_that_are_one_off(kernel: Kernel, more: int, ahead: int, name: str) -> None:
    text = said(kernel, PAIRS.format(more=more, ahead=ahead), "next_token_pairs")
    assert name in text
    assert "drops that axis" not in text


def test_a_changed_list_is_called_a_list(kernel: Kernel) -> None:
    text = said(kernel, APPENDS, "generate")
    assert "Your function changed the list" in text
    assert "the array it was given" not in text


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ('check("softmx")', 'Did you mean softmax? Then run: check("softmax")'),
        ('check("loss")', 'loss is a lab, and its functions are checked one by one: check("mse_loss"),'),
        ("check()", 'Name the function to check, in quotes. In this notebook: check("softmax"),'),
        ('check("zzzzzz")', "There's no function 'zzzzzz' in this course. In this notebook: check(\"softmax\"),"),
    ],
)
def test_a_name_that_is_no_functions(kernel: Kernel, call: str, answer: str) -> None:
    kernel.run(f"{RIGHT}\nglobals().pop('next_token_pairs', None); globals().pop('generate', None)")
    output = kernel.run(call)
    assert answer in " ".join(output.text.split())
    assert len(output.text) < 400


@pytest.mark.parametrize("body", ["while True:\n        pass", "input('a number: ')"], ids=["loop", "input"])
def test_a_call_that_goes_on_says_so_and_can_be_interrupted(kernel: Kernel, body: str) -> None:
    kernel.run("import autograder.selfcheck.process as live\nlive.PATIENCE = 0.2")
    kernel.run(f"def softmax(logits, axis=-1):\n    {body}")
    timer = threading.Timer(1.5, kernel.manager.interrupt_kernel)
    begun = time.monotonic()
    timer.start()
    output = kernel.run('check("softmax")')
    kernel.run("live.PATIENCE = 5")
    assert time.monotonic() - begun < 20
    assert output.printed.count("softmax has been running for 0.2 seconds. Is there a loop that never ends") == 1
    assert "You interrupted" in output.text
    assert "10 of 10 here" in said(kernel, RIGHT)


def test_a_stub_that_does_no_work_gets_no_praise(kernel: Kernel) -> None:
    for body in ("return logits", "raise ValueError"):
        text = said(kernel, f"def softmax(logits, axis=-1):\n    {body}")
        assert "your function is" not in text
        assert "Why it matters: Softmax turns" in text


def test_fresh_numbers_fail_a_memorized_answer(kernel: Kernel, tmp_path: Path) -> None:
    by_heart = """
asked = {}
right = softmax
def softmax(logits, axis=-1):
    key = (logits.tobytes(), axis)
    if learning:
        asked[key] = right(logits, axis)
    return asked[key]
learning = True
"""
    assert "10 of 10 here" in said(kernel, RIGHT + by_heart)
    assert "10 of 10 here" in said(kernel, "learning = False")
    output = kernel.run('check("softmax", fresh=True)')
    assert "softmax: 0 of 10 checks passed" in output.text
    assert "KeyError" in output.text
    assert "These checks ran on fresh numbers" in output.text
    kernel.run(RIGHT)
    assert "10 of 10 here" in kernel.run('check("softmax", fresh=True)').text
    folder = Path(kernel.run("import os; print(os.getcwd())").printed.strip())
    status = json.loads(run_mastery("status", "--json", cwd=folder).stdout)
    found = {stub["stub"]: stub for lab in status["labs"] for stub in lab["stubs"]}
    assert found["softmax"]["fresh"]
    assert found["softmax"]["level"] == "not started"
    assert not found["entropy"]["fresh"]
    assert "also passed on fresh numbers" in run_mastery("status", cwd=folder).stdout


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    (tmp_path / "softmax").mkdir()
    return tmp_path / "softmax" / "softmax.ipynb"


def test_the_terminal_says_that_passing_is_not_graded(notebook: Path) -> None:
    simulated.write(SOFTMAX.solved(), notebook)
    used = run_mastery("check", cwd=notebook.parents[1])
    assert "all visible checks pass — not graded yet; " in used.stdout
    assert "points" not in used.stdout
    assert "familiar" not in used.stdout + run_mastery("status", cwd=notebook.parents[1]).stdout


def test_the_terminal_runs_fresh_numbers(notebook: Path) -> None:
    simulated.write(SOFTMAX.solved(), notebook)
    used = run_mastery("check", "--fresh", cwd=notebook.parents[1])
    assert used.returncode == 0
    assert "These checks ran on fresh numbers" in used.stdout
    status = json.loads(run_mastery("status", "--json", cwd=notebook.parents[1]).stdout)
    (lab,) = (lab for lab in status["labs"] if lab["lab"] == "softmax")
    assert all(stub["fresh"] for stub in lab["stubs"])
    assert {stub["level"] for stub in lab["stubs"]} == {"not started"}  # only the ordinary check sets levels


def test_the_terminal_names_the_slips_too(notebook: Path) -> None:
    overwritten = SOFTMAX.solved(
        {"softmax": f"max = 3\n{RIGHT.replace('logits.max(axis=axis, keepdims=True)', 'max(logits)')}"}
    )
    for source, name in (
        (overwritten, "Looks like you've overwritten max."),
        (SOFTMAX.solved({"softmax": "def softmax(x)\n    pass"}), "can't run yet"),
    ):
        simulated.write(source, notebook)
        assert name in " ".join(run_mastery("check", cwd=notebook.parents[1]).stdout.split())


def test_names_in_a_hint_are_shown_as_code(kernel: Kernel) -> None:
    output = kernel.check("def predict_price(size, weight, bias=0.0):\n    return 200 * size + bias", "predict_price")
    assert "This looks like: weight always 200." in output.text
    assert "the <code>weight</code> argument" in output.html
    assert "`" not in words(output.html)


def test_two_mistakes_in_one_answer_are_told_apart(kernel: Kernel) -> None:
    output = kernel.check("def mse_loss(prediction, target):\n    return sum((prediction - target) ** 2)", "mse_loss")
    assert 'This looks like: "sum of squares" and "broadcasts".' in output.text
    assert 'This looks like: "sum of squares" and "broadcasts"' in words(output.html)


def test_a_cause_that_a_passed_check_contradicts_is_not_shown(kernel: Kernel) -> None:
    """Its draws have the right distribution, so only their source can be wrong. In the second answer, both are."""
    output = kernel.check(DRAWS.format("probs"), "sample_categorical")
    assert "This looks like: another generator. Your draws don't depend only on rng" in " ".join(output.text.split())
    output = kernel.check(DRAWS.format("np.sqrt(probs) / np.sqrt(probs).sum()"), "sample_categorical")
    told = " ".join(output.text.split())
    assert 'This looks like: "another generator" and "' in told
    assert '"square roots of the probabilities"' in told
