"""The house rules that import-linter can't express: one meaning per class name, and no stray files at the top level."""

import ast
from collections import defaultdict
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
ENGINE = COURSE / "autograder"
TOP_FILES = {"__init__.py", "__main__.py", "given.py", "py.typed"}
MOST_LINES = 400


def modules() -> dict[Path, ast.Module]:
    files = (path for path in ENGINE.rglob("*.py") if "templates" not in path.parts)
    return {path.relative_to(ENGINE): ast.parse(path.read_text("utf-8")) for path in files}


def test_no_public_class_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for path, module in modules().items():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_only_packages_are_at_the_top() -> None:
    assert {path.name for path in ENGINE.iterdir() if path.is_file()} == TOP_FILES


def test_a_module_of_more_than_one_sitting_says_why() -> None:
    notebooks = {path / f"{path.name}.py" for path in (COURSE / "solutions").iterdir()}
    files = {path for folder in ("autograder", "reference", "solutions") for path in (COURSE / folder).rglob("*.py")}
    texts = {path: path.read_text("utf-8") for path in files - notebooks}
    long = {path: ast.parse(text) for path, text in texts.items() if len(text.splitlines()) > MOST_LINES}
    silent = [path for path, module in long.items() if "one sitting" not in (ast.get_docstring(module) or "")]
    assert silent == []


def test_every_module_says_what_it_is_for() -> None:
    assert [str(path) for path, module in modules().items() if not ast.get_docstring(module)] == []
