"""What a notebook's visible checks find: in grading, in `mastery check`, in a kernel, and in nbgrader's validation."""

import json
import os
import re
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograder.model.course import Lab
from tests.commands import run_mastery
from tests.repository import ROOT

SCRIPTS = Path(sysconfig.get_path("scripts"))
SECONDS = 600
# Everything that docs/students.md says works in a cell, or says costs only that cell.
CELLS = (
    *("%matplotlib inline\nimport matplotlib.pyplot as plt", "plt.plot([1, 2])\nplt.show()", "%time table = [1]"),
    *("!ls", "len?", "here = %pwd", "%%capture\nprint('unheard')", "%%time\ntotal = sum(range(10))"),
    *("from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))", "name = 'ada' or input('Who? ')"),
    *("import asyncio\nwaited = await asyncio.sleep(0, 1)", "await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))"),
    *("import torch", "import scipy.special", "1 / 0", "undefined", "this is no Python", "import sys\nsys.exit(1)"),
)
# A notebook's verdict: for each stub, what its visible checks found, in order.
Verdict = dict[str, list[str]]


@dataclass
class Graded:
    """A notebook's verdict. `titles`: the titles of each stub's checks, in order."""

    verdict: Verdict
    messages: dict[str, str]
    titles: dict[str, list[str]]


def graded(results: Path, submitted: Path, lab: Lab) -> dict[str, Graded]:
    """What `mastery grade` finds in the notebooks `<student>/<lab>/<lab>.ipynb` in a folder, by student."""
    options = ("--submitted", submitted, "--json", results / "results.jsonl", "--csv", results / "scores.csv")
    # In its own folder, because other labs' notebooks use the same students' names.
    used = run_mastery("grade", lab.name, *options, "--db", f"sqlite:///{results / 'gradebook.db'}", cwd=ROOT)
    assert used.returncode == 0, used.stderr
    lines = (results / "results.jsonl").read_text().splitlines()
    return {json.loads(line)["student"]: _of_line(line, lab) for line in lines}


def checked(folder: Path, names: Sequence[str], lab: Lab) -> dict[str, Graded]:
    """What `mastery check` finds in the same notebooks."""
    used = run_mastery("check", "--json", *(f"{name}/{lab.name}/{lab.name}.ipynb" for name in names), cwd=folder)
    assert used.returncode in (0, 1), used.stderr
    return {name: _of_line(line, lab) for name, line in zip(names, used.stdout.splitlines(), strict=True)}


def _of_line(line: str, lab: Lab) -> Graded:
    visible = [each for each in json.loads(line)["checks"] if each["kind"] == "visible"]
    stubs = [stub.name for stub in lab.stubs]
    return Graded(
        {stub: [each["outcome"] for each in visible if each["stub"] == stub] for stub in stubs},
        {stub: "\n".join(_said(each) for each in visible if each["stub"] == stub) for stub in stubs},
        {stub: [each["title"] for each in visible if each["stub"] == stub] for stub in stubs},
    )


def _said(evidence: dict[str, Any]) -> str:
    return f"{evidence['message']} {evidence['slip'] and evidence['slip']['sentence']}"


def in_jupyter(path: Path, lab: Lab, titles: dict[str, list[str]]) -> Graded:
    """What the check cells show when all the cells are run in a kernel. titles: those of each stub's checks."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=SECONDS, allow_errors=True, resources=resources).execute()
    checks = {re.fullmatch(r'check\("(\w+)"\)', cell.source): cell for cell in notebook.cells}
    outputs = {match[1]: cell.outputs[-1] for match, cell in checks.items() if match}
    found = {stub.name: outputs[stub.name]["data"] for stub in lab.stubs}
    return Graded(
        {stub: _outcomes_shown(shown["text/html"], titles[stub]) for stub, shown in found.items()},
        {stub: " ".join(shown["text/plain"].split()) for stub, shown in found.items()},
        titles,
    )


def _outcomes_shown(shown: str, titles: list[str]) -> list[str]:
    """The outcomes in the order of the checks.

    Failing checks are shown first, and an error that all checks share is shown once.
    """
    found = re.findall(r'class="outcome ([a-z-]+)".*?<(?:summary|span)>(.*?)</', shown, re.DOTALL)
    if not found and "The cell that defines" in shown:
        return ["error"] * len(titles)
    if not found and "answer recorded" in shown:  # a written answer's only visible check, that of its form, has passed
        return ["passed"] * len(titles)
    outcomes = {unescape(title): outcome.replace("-", " ") for outcome, title in found}
    return [outcomes[title] for title in titles]


def validated(path: Path, no_config: Path) -> dict[str, str]:
    """The stubs whose checks fail in `nbgrader validate`, with what it says about them."""
    used = subprocess.run(
        [SCRIPTS / "nbgrader", "validate", path.name],
        cwd=path.parent,
        env={
            **os.environ,
            "MASTERY_SECRET": "of the tests",
            "COLUMNS": "80",
            "JUPYTER_CONFIG_DIR": str(no_config),
        },
        text=True,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert used.returncode == 0, used.stderr
    assert "Traceback" not in used.stdout + used.stderr
    if "Success! Your notebook passes all the tests." in used.stdout:
        return {}
    _, *failed = used.stdout.split("The following cell failed:\n")
    assert f"VALIDATION FAILED ON {len(failed)} CELL(S)!" in used.stdout
    return {re.findall(r'check\("(\w+)"\)', each)[0]: " ".join(each.split()) for each in failed}
