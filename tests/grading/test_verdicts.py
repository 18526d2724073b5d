"""One notebook, one verdict: in Jupyter, in a terminal, in nbgrader's validation and during grading."""

import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from autograder.authoring.simulation import notebooks as simulated
from autograder.authoring.simulation.notebooks import Notebook, Simulation
from autograder.model.pitfalls import PACKAGE
from autograder.model.results import Outcome
from tests.grading import verdicts
from tests.repository import COURSE

LAB = COURSE.lab("softmax")
STUBS = [stub.name for stub in LAB.stubs]

TORCH = "not available during grading: numpy only"
TORCH_SOFTMAX = """\
def softmax(logits, axis=-1):
    return torch.softmax(torch.as_tensor(logits), axis).numpy()"""
TORCH_INSIDE = """\
def log_softmax(logits, axis=-1):
    import torch.nn.functional
    return torch.nn.functional.log_softmax(torch.as_tensor(logits), axis).numpy()"""
FALLBACK = """\
def softmax_with_temperature(logits, temperature, axis=-1):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    try:
        import torch
    except ImportError:
        powers = np.exp((logits - logits.max(axis=axis, keepdims=True)) / temperature)
        return powers / powers.sum(axis=axis, keepdims=True)
    return "only where torch is"
"""
IN_A_CELL = """\
try:
    import torch as fast
    HAS_FAST = True
except ImportError:
    fast = None
    HAS_FAST = False
"""
NEITHER = """\
    if HAS_FAST or fast is not None:
        return "only where torch is"
    try:
"""


def passing(parts: Simulation) -> Notebook:
    """Solved, with cells that use Jupyter's own syntax, or await something, before and between the stubs."""
    temperature = parts.solutions["softmax_with_temperature"]
    notebook = parts.solved(
        {
            "log_softmax": f"%%time\n{parts.solutions['log_softmax']}",
            "entropy": f"%precision 3\n{parts.solutions['entropy']}",
        }
    )
    cells = ("%matplotlib inline\n%time table = np.ones(3)", "!ls", "table?", f"%%capture\n{temperature}", "x = %pwd")
    simulated.with_cells(notebook, *cells, at=5)
    awaiting = f"import asyncio\n{parts.solutions['softmax']}\nawait asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))"
    return simulated.with_cells(notebook, "import asyncio\nwaited = await asyncio.sleep(0, 1)", awaiting, at=2)


def released(parts: Simulation) -> Notebook:
    return parts.blank()


def mixed(parts: Simulation) -> Notebook:
    """A wrong answer, a correct one written differently, a missing one and invalid Python, among every kind of cell."""
    wrong = next(each for each in simulated.wrong_answers(COURSE, LAB) if each.name == "base_2")
    other = next(each for each in simulated.alternatives(COURSE, LAB) if each.of == "log_softmax")
    blank = next(cell["source"] for cell in parts.exercise["cells"] if cell["source"].startswith("def softmax_with"))
    notebook = parts.solved(
        {
            "softmax": simulated.source_as("softmax", wrong.function),
            "log_softmax": simulated.source_as("log_softmax", other.function),
            "softmax_with_temperature": blank,
            "entropy": "def entropy(probs, axis=-1):\n    return -(probs * np.log(probs).sum(axis)",
        }
    )
    simulated.with_cells(notebook, "1 / 0", at=0)
    simulated.with_cells(notebook, *verdicts.CELLS, at=2)
    return simulated.with_cells(notebook, "undefined", "import sys\nsys.exit(1)")


def with_torch(parts: Simulation) -> Notebook:
    """torch in its own cell, in a function, in a cell and a function that work without it, and above a stub in its
    cell."""
    notebook = parts.solved(
        {
            "softmax": TORCH_SOFTMAX,
            "log_softmax": TORCH_INSIDE,
            "softmax_with_temperature": FALLBACK.replace("    try:\n", NEITHER),
            "entropy": f"import torch\n\n{parts.solutions['entropy']}",
        }
    )
    return simulated.with_cells(notebook, "import torch", IN_A_CELL, at=2)


def star_of_torch(parts: Simulation) -> Notebook:
    """Names from star imports: torch's, which hide a stub and some builtins, and numpy's."""
    notebook = parts.solved(
        {
            "softmax": "from torch.nn.functional import *",
            "log_softmax": "def log_softmax(logits, axis=-1):\n    return as_tensor(logits).log_softmax(axis).numpy()",
            "softmax_with_temperature": parts.solutions["softmax_with_temperature"].replace(
                "    return ", "    for each in range(1):\n        return "
            ),
            "entropy": parts.solutions["entropy"].replace("np.", ""),
        }
    )
    simulated.with_cells(notebook, "from torch import *", at=2)
    return simulated.with_cells(notebook, "from numpy import *", at=3)


def with_a_live_model(parts: Simulation) -> Notebook:
    """Packages that can't be imported during grading, in place of torch; and a given inside a function."""
    solved = parts.solutions
    return parts.solved(
        {
            "softmax": f"from autograder.model.course import load\n\n{solved['softmax']}",
            "log_softmax": "def log_softmax(logits, axis=-1):\n    from autograder import course\n    return logits",
            "softmax_with_temperature": FALLBACK.replace("import torch", "import anthropic, autograder.model.course"),
            "entropy": "def relu_is_there():\n    from autograder.given import relu\n    relu(np.ones(2))\n\n"
            + solved["entropy"].replace("    return ", "    relu_is_there()\n    return "),
        }
    )


def torch_comes_first(parts: Simulation) -> Notebook:
    """The cell with all the imports stops at torch, so a graded notebook has no numpy."""
    notebook = parts.solved({"entropy": "def entropy(probs, axis=-1):\n    raise ZeroDivisionError"})
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    first["source"] = f"import torch\n{first['source']}"
    return notebook


def broken(parts: Simulation) -> Notebook:
    """Cells that fail before or after the definition they contain, and a stub that raises."""
    return parts.solved(
        {
            "softmax": f"1 / 0\n{parts.solutions['softmax']}",
            "log_softmax": f"{parts.solutions['log_softmax']}\nlog_softmax(logits, axis=7)",
            "softmax_with_temperature": "def softmax_with_temperatur(logits, temperature):\n    return logits",
            "entropy": "import sys\n\ndef entropy(probs, axis=-1):\n    print('to stderr', file=sys.stderr)\n"
            "    return float('nan') if probs.ndim > 1 else 0 if probs.size == 1 else -(probs * np.log(probs)).sum()",
        }
    )


def renamed(parts: Simulation) -> Notebook:
    """Different names for an option, for positional arguments, and for functions."""
    solved = parts.solutions
    return parts.solved(
        {
            "softmax": solved["softmax"].replace("axis", "dim").replace("dim=dim", "axis=dim"),
            "log_softmax": solved["log_softmax"].replace("logits", "scores"),
            "softmax_with_temperature": solved["softmax_with_temperature"].replace("def softmax_with", "def with"),
            "entropy": "def entropy(probs, axis=-1, *, base):\n    return 0 * base",
        }
    )


NOTEBOOKS: dict[Callable[[Simulation], Notebook], Mapping[str, str | None]] = {
    passing: {"softmax": "passed", "log_softmax": "passed", "softmax_with_temperature": "passed", "entropy": "passed"},
    released: dict.fromkeys(STUBS, "unsolved"),
    # None: the stub's checks differ in outcome.
    mixed: {"softmax": None, "log_softmax": "passed", "softmax_with_temperature": "unsolved", "entropy": "error"},
    with_torch: {
        "softmax": "error",
        "log_softmax": "error",
        "softmax_with_temperature": "passed",
        "entropy": "error",
    },
    star_of_torch: {
        "softmax": "unsolved",
        "log_softmax": "error",
        "softmax_with_temperature": "passed",
        "entropy": "passed",
    },
    with_a_live_model: {
        "softmax": "error",
        "log_softmax": "error",
        "softmax_with_temperature": "passed",
        "entropy": "passed",
    },
    # A temperature of 0 is rejected before the missing numpy is noticed.
    torch_comes_first: {**dict.fromkeys(STUBS, "error"), "softmax_with_temperature": None},
    broken: {"softmax": "error", "log_softmax": "passed", "softmax_with_temperature": "unsolved", "entropy": None},
    renamed: {"softmax": None, "log_softmax": "passed", "softmax_with_temperature": "unsolved", "entropy": "error"},
}


@pytest.mark.parametrize(
    "make",
    [pytest.param(each, marks=pytest.mark.classes if each is mixed else pytest.mark.proof) for each in NOTEBOOKS],
    ids=lambda make: make.__name__,
)
def test_same_verdicts(make: Callable[[Simulation], Notebook], tmp_path: Path) -> None:
    files, name, expected = tmp_path / "class", make.__name__, NOTEBOOKS[make]
    path = simulated.write(make(simulated.simulation(COURSE, LAB)), files / name / "softmax" / "softmax.ipynb")
    batch = verdicts.graded(tmp_path, files, LAB)[name]
    verdict = batch.verdict
    assert {stub: set(outcomes) for stub, outcomes in verdict.items() if expected[stub]} == {
        stub: {outcome} for stub, outcome in expected.items() if outcome
    }
    assert all(len(set(verdict[stub])) > 1 for stub in STUBS if expected[stub] is None)
    assert verdicts.checked(files, [name], LAB) == {name: batch}
    with ThreadPoolExecutor(1) as validation:
        complaining = validation.submit(verdicts.validated, path, tmp_path)
        live = verdicts.in_jupyter(path, LAB, batch.titles)
    assert live.verdict == verdict
    complaints = complaining.result()
    assert set(complaints) == {stub for stub, outcomes in verdict.items() if set(outcomes) != {Outcome.PASSED}}
    for stub, complaint in complaints.items():
        assert not re.search(r"autograder(?!(\.model)?\.course| import course)", complaint)
        assert all(outcome in complaint.lower() for outcome in verdict[stub])
        lacks_package = PACKAGE.sentence in batch.messages[stub]
        assert lacks_package == (TORCH in batch.messages[stub])
        for shown in (live.messages[stub], complaint):
            assert lacks_package == (PACKAGE.sentence in shown)
            assert TORCH in shown or not lacks_package


def test_validation_that_crashed_is_not_taken_for_one(tmp_path: Path) -> None:
    """nbgrader's variable stays in the server's environment, and so in every kernel that a student starts there."""
    manager = KernelManager()
    manager.start_kernel(cwd=str(tmp_path), env={**os.environ, "NBGRADER_VALIDATING": "1"})
    client = manager.client()
    client.start_channels()
    shown: list[dict[str, Any]] = []

    def cell(code: str, allow_stdin: bool) -> str:
        shown.clear()

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] in ("execute_result", "error", "stream"):
                shown.append(message["content"])

        client.execute_interactive(code, allow_stdin=allow_stdin, output_hook=hear, timeout=60)
        return " ".join(each["ename"] if "ename" in each else str(each.get("data")) for each in shown)

    try:
        client.wait_for_ready(timeout=60)
        stub = "def row_means(table):\n    print('aloud', file=sys.stderr)\n    return"
        cell(f"import sys\nfrom autograder import check\n{stub} table.mean(axis=0)", False)
        assert "0 of 3 checks passed" in cell('check("row_means")', True)
        assert "NotPassed" in cell('check("row_means")', False)
        assert "NotPassed" in cell('check("row_mean")', False)
        cell(f"{stub} table.mean(axis=1)", False)
        assert "3 of 3 here" in cell('check("row_means")', True)
        assert cell('check("row_means")', False) == ""
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
