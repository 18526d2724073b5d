"""`autograder.testing` is all a lab needs: documented, sufficient for every lab, and loaded without torch."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import testing
from autograder.model.course import load
from tests.repository import ROOT

LABS = [lab.name for lab in load(ROOT).labs]
CHECKS_AND_ANSWERS = (
    "__init__.py",
    "test_visible.py",
    "misconceptions.py",
    "test_hidden.py",
    "alternatives.py",
    "by_givens.py",
)
IN_NOTEBOOKS = ("alternatives.py", "by_givens.py")
FILES = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in ("reference", "solutions")
    for lab in LABS
    for name in CHECKS_AND_ANSWERS
    if (file := ROOT / folder / lab / name).is_file()
)
# What's handed out with a lab, including attachment readers but not its reference; and an assessment's misconceptions.
WITHOUT_TORCH = [
    file.relative_to(ROOT).as_posix()
    for lab in LABS
    for file in (*(ROOT / "reference" / lab).glob("*.py"), ROOT / "solutions" / lab / "misconceptions.py")
    if file.is_file() and file.name != "reference.py"
]

# Import modules in a Python that has no torch.
BLOCKED = """
import importlib, sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, NoTorch())
broken = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        broken[name] = f"{type(error).__name__}: {error}"
print(broken)
"""


def imported(source: str) -> Iterator[tuple[str, str | None]]:
    """Yield each import in a source as (module, name), with None as the name for `import module`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((each.name, None) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((module, each.name) for each in node.names)


def not_allowed(source: str, lab: str, in_notebook: bool = False) -> list[str]:
    """Return a lab file's forbidden imports. in_notebook: whether its functions replace the student's in a notebook."""
    found = []
    for module, name in imported(source):
        top = module.partition(".")[0]
        if top in ("numpy", "reference") or top in sys.stdlib_module_names:
            continue
        if module == "autograder.testing" and name in testing.__all__:
            continue
        if module == f"solutions.{lab}" or (in_notebook and module == "autograder.given"):
            continue
        found.append(f"{module}: {name}" if name else module)
    return found


def load_without_torch(*modules: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *modules], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.strip()


def test_every_lab_is_looked_at():
    assert len(LABS) == 13
    assert {Path(file).parts[1] for file in WITHOUT_TORCH} == set(LABS)


@pytest.mark.parametrize("file", FILES)
def test_labs_import_nothing_else(file):
    path = ROOT / file
    assert not_allowed(path.read_text("utf-8"), path.parent.name, in_notebook=path.name in IN_NOTEBOOKS) == []


@pytest.mark.parametrize(
    "source",
    [
        "from autograder.testing.assertions import agree",
        "from autograder.testing import Student",
        "from autograder.model.results import Pitfall",
        "import torch",
        "from solutions.softmax import reference",
    ],
)
def test_another_import_would_be_found(source):
    assert not_allowed(source, "terms")


def test_misconceptions_and_visible_checks_load_without_torch():
    modules = [file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in WITHOUT_TORCH]
    assert load_without_torch("autograder.testing", *modules) == "{}"


def test_a_reference_does_not_load_without_torch():
    assert "torch is blocked" in load_without_torch("reference.softmax.reference")


@pytest.mark.parametrize("name", testing.__all__)
def test_every_name_says_what_it_is(name):
    value = getattr(testing, name)
    assert value.__module__.startswith("autograder.")
    assert value.__doc__  # its own: a class doesn't inherit its parent's
    assert len(value.__doc__.split()) >= 5


@pytest.mark.parametrize("name", testing.__all__)
def test_every_name_is_in_the_authors_guide(name):
    guide = (ROOT / "docs" / "authors.md").read_text("utf-8")
    section = guide.split("## The vocabulary of checks", 1)[1].partition("\n## ")[0]
    rows = "\n".join(line for line in section.splitlines() if line.startswith("|"))
    assert re.search(rf"`[^`|]*\b{name}\b", rows), f"docs/authors.md has no row for {name}"
