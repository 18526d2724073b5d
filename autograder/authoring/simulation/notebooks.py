"""Simulated students: notebooks made from the released exercise, the solution, misconceptions and alternatives.

`certify` uses them to test the checks, and the demo class is made of them.
"""

import ast
import copy
import functools
import importlib.util
import inspect
import json
import re
import symtable
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import jupytext
import numpy as np

from autograder.grading.content import misconceptions, reference_of
from autograder.grading.execution import run_locally
from autograder.model.answers import round_name
from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError
from autograder.model.examinee import Examinee
from autograder.model.submission import Cell
from autograder.testing.declarations import Alternative, Misconception, Shortcut
from autograder.testing.references import call_reference

T = TypeVar("T")
Notebook = dict[str, Any]
_DECLARATIONS = ("misconception", "alternative", "shortcut")
_MARKERS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)

# Cells that can be in a notebook without costing its stubs any points. The first eight work in Jupyter.
JUPYTER_HABITS = (
    "%matplotlib inline\nimport matplotlib.pyplot as plt",
    "figure, axes = plt.subplots(1, 2)\nfor each in axes.flat:\n    (line,) = each.plot([1, 2])\nplt.show()",
    "!pip install numpy",
    "%%time\ntotal = sum(range(10))",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>hello</b>'))",
    "name = input('Your name? ')",
    "len?",
    "import torch\nlogits = torch.zeros(3)",
    "print(undefined_name)",
    "while True:\n    pass",
    "import os\nos._exit(1)",
    "this is no Python",
)

HOSTILE = {
    "reads_the_secret": "print(open('.secret').read())\nprint(open('/etc/passwd').read())",
    "forks_without_end": "import os\nwhile True:\n    os.fork()",
    "kills_everyone": "import os\nos.kill(-1, 9)",
    "kills_its_parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "opens_a_socket": "import socket\nsocket.create_connection(('127.0.0.1', 80))",
    "fills_the_memory": "hoard = []\nwhile True:\n    hoard.append(bytearray(1 << 24))",
    "fills_the_disk": "while True:\n    open('/tmp/big', 'ab').write(b'x' * (1 << 20))",
    "floods_the_output": "for _ in range(200_000):\n    print('PASSED ' * 20)",
    "imports_the_tests": "import reference.softmax.test_visible\nimport reference.softmax",
    "writes_to_every_file": (
        "import contextlib, os\n"
        "for fd in range(3, 64):\n    with contextlib.suppress(OSError):\n        os.write(fd, b'\\xff' * 64)"
    ),
}


@dataclass(frozen=True)
class Simulation:
    """The parts of a lab's simulated notebooks: the released notebook and the solution of each stub.

    An item's correct answer depends on the student that the notebook is made for.
    """

    course: Course
    lab: Lab
    exercise: Notebook
    solutions: Mapping[str, str]

    def blank(self) -> Notebook:
        return copy.deepcopy(self.exercise)

    def solved(self, changed: Mapping[str, str] | None = None, student: str | None = None) -> Notebook:
        """Return the notebook with every stub solved, except that those in `changed` have the source given there.

        student: who answers the items; by default, the user who's logged in, as in a self-check.
        """
        items = [stub.name for stub in self.lab.stubs if stub.name in self.course.items]
        answers = {item: answer_as(self.course, item, student=student) for item in items if item not in (changed or {})}
        return self.answered({**self.solutions, **answers, **(changed or {})})

    def answered(self, sources: Mapping[str, str]) -> Notebook:
        """Return the notebook with these stubs answered, and the others as they were released."""
        notebook = self.blank()
        for cell in notebook["cells"]:
            for name, source in sources.items():
                if cell["cell_type"] == "code" and _defines(cell["source"], name):
                    cell["source"] = source
        return notebook


def simulation(course: Course, lab: Lab) -> Simulation:
    """Return the parts of a lab's notebooks. Raises CourseError if the lab isn't built or its solution is missing."""
    exercise = course.root / "exercises" / lab.name / f"{lab.name}.ipynb"
    solution = course.root / "solutions" / lab.name / f"{lab.name}.py"
    for path, fix in ((exercise, "run mastery build"), (solution, "write it: docs/authors.md")):
        if not path.is_file():
            raise CourseError(f"{path} is missing; {fix}.")
    notebook = json.loads(exercise.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    cells = _code_cells(solution, solution.stat().st_mtime_ns)
    sources = {
        stub.name: _MARKERS.sub("", next(cell for cell in cells if _defines(cell, stub.name))) for stub in lab.stubs
    }
    return Simulation(course, lab, notebook, sources)


@functools.lru_cache(maxsize=64)
def _code_cells(solution: Path, _changed: int) -> list[str]:
    return [cell.source for cell in jupytext.read(solution, fmt="py:percent").cells if cell.cell_type == "code"]


def with_cells(notebook: Notebook, *sources: str, at: int | None = None) -> Notebook:
    """Add code cells to a notebook, at the end or before the cell `at`, and return the notebook."""
    place = len(notebook["cells"]) if at is None else at
    fresh: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"added-{len(notebook['cells']) + number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    notebook["cells"][place:place] = fresh
    return notebook


def write(notebook: Notebook, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content_of(notebook))
    return path


def content_of(notebook: Notebook) -> bytes:
    """Return the bytes of a notebook's file."""
    return f"{json.dumps(notebook, indent=1, ensure_ascii=False)}\n".encode()


def renamed(stub: str, function: Callable[..., Any]) -> str:
    """Return a function's source without its decorator, renamed to the stub's name."""
    return re.sub(rf"^def {function.__name__}\b", f"def {stub}", _undecorated(function), count=1)


def source_as(stub: str, function: Callable[..., Any], parameters: Mapping[str, Any] | None = None) -> str:
    """Return a function's source without its decorator, renamed to the stub's name, below the helper functions,
    constants and imports that it uses from its own file. `parameters` become defaults."""
    named = "\n".join([*(each.source for each in _used_from_its_file(function)), renamed(stub, function)])
    if not parameters:
        return named
    # The repr of an infinite float isn't valid Python.
    values = {
        key: f"float('{value}')" if isinstance(value, float) else repr(value) for key, value in parameters.items()
    }
    return f"{named}\n{stub}.__kwdefaults__ = {{{', '.join(f'{key!r}: {value}' for key, value in values.items())}}}\n"


def _undecorated(function: Callable[..., Any]) -> str:
    source = textwrap.dedent(inspect.getsource(function))
    start = re.search(r"^def ", source, re.MULTILINE)
    assert start is not None
    return source[start.start() :]


@dataclass(frozen=True)
class _Statement:
    """A top-level statement: the names it binds in its file, and those it uses from there."""

    source: str
    binds: frozenset[str]
    uses: frozenset[str]


@functools.lru_cache(maxsize=1)
def _used_from_its_file(function: Callable[..., Any]) -> list[_Statement]:
    """Return the statements that a function uses from its own file, even indirectly, in file order."""
    path = Path(inspect.getfile(function))
    statements = _statements(path, path.stat().st_mtime_ns)
    needed: list[_Statement] = []
    names = _statement(_undecorated(function)).uses
    while more := [each for each in statements if each not in needed and each.binds & names]:
        needed += more
        names = names.union(*(each.uses for each in more))
    return [each for each in statements if each in needed]


@functools.lru_cache(maxsize=64)
def _statements(path: Path, _changed: int) -> list[_Statement]:
    found = ast.parse(path.read_bytes()).body
    for each in found:
        if isinstance(each, ast.FunctionDef):
            each.decorator_list = [by for by in each.decorator_list if not _declares(by)]
    return [_statement(ast.unparse(each)) for each in found]


def _declares(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] in _DECLARATIONS


def _statement(source: str) -> _Statement:
    top = symtable.symtable(source, "", "exec")
    binds = {each.get_name() for each in top.get_symbols() if each.is_assigned() or each.is_imported()}
    uses = {each.get_name() for each in top.get_symbols() if each.is_referenced()}
    inner = top.get_children()
    for table in inner:
        uses |= {each.get_name() for each in table.get_symbols() if each.is_global()}
        inner += table.get_children()
    return _Statement(source, frozenset(binds), frozenset(uses))


def source_of(course: Course, known: Misconception | Alternative, student: str | None) -> str:
    """Return a cell that answers a stub with this misconception or alternative. An item's answer is a literal.

    Raises CourseError if it uses a helper with the name of a stub, which in a notebook would be the student's stub.
    """
    if known.of in course.items:
        return answer_as(course, known.of, known.function, student)
    helpers = frozenset().union(*(each.binds for each in _used_from_its_file(known.function)))
    for name in helpers & course.stubs.keys():
        raise CourseError(
            f"{inspect.getfile(known.function)}: {known.name} uses {name}, which has the same name as a stub; rename "
            "the helper."
        )
    return source_as(known.of, known.function, known.parameters if isinstance(known, Misconception) else None)


def answer_as(
    course: Course,
    item: str,
    function: Callable[..., Any] | None = None,
    student: str | None = None,
    round: int = 1,
) -> str:
    """Return a cell with a function's answer to a student's question, as a literal. The function is the
    reference by default."""
    if function is None:
        return written(item, right_answer(course, item, student, round), round)
    return written(item, function(question_of(course, item, student, round)), round)


def right_answer(course: Course, item: str, student: str | None = None, round: int = 1) -> Any:
    """Return the reference's answer to a student's question, in plain Python values."""
    question = question_of(course, item, student, round)
    return _plain(call_reference(reference_of(course, item), ((question,), {})))


def written(item: str, answer: Any, round: int = 1) -> str:
    """Return a cell with this answer to an item."""
    return f"{round_name(item)} = {round}\n{item} = {_plain(answer)!r}\n"


def question_of(course: Course, item: str, student: str | None = None, round: int = 1) -> Any:
    """Return a student's question in the form that visible checks pass to the item's reference and misconceptions."""
    test = next(each for each in _visible_tests(course, item) if each.__check__.stub == item)
    _, calls = run_locally(
        course, test, 0, {item: lambda _question: None}, examinee=Examinee(student, rounds={item: round})
    )
    return calls[0].arguments[0][0]


@functools.lru_cache(maxsize=1)
def _tests_at(path: Path, _changed: int) -> list[Any]:
    return [each for each in vars(module_at(path)).values() if hasattr(each, "__check__")]


def _visible_tests(course: Course, stub: str) -> list[Any]:
    lab = course.lab_of(stub)
    assert lab is not None
    path = course.visible_checks(lab.name)
    return _tests_at(path, path.stat().st_mtime_ns)


def _plain(value: Any) -> Any:
    """Return the value without NumPy types, as a student would write it."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(each) for each in value)
    return value


def wrong_answers(course: Course, lab: Lab) -> list[Misconception]:
    return [each for stub in lab.stubs for each in misconceptions(course, stub.name)]


def alternatives(course: Course, lab: Lab) -> list[Alternative]:
    """Return the lab's alternatives (correct answers written in a different way), in file order."""
    return _declared(course.root / "solutions" / lab.name / "alternatives.py", "__alternative__", Alternative)


def shortcuts(course: Course, lab: Lab) -> list[Shortcut]:
    """Return the lab's shortcuts, which try to get their answers from the grader, in file order."""
    return _declared(course.root / "solutions" / lab.name / "by_givens.py", "__shortcut__", Shortcut)


def _declared(path: Path, mark: str, kind: type[T]) -> list[T]:
    if not path.is_file():
        return []
    found = [getattr(value, mark, None) for value in vars(module_at(path)).values()]
    return [each for each in found if isinstance(each, kind)]


def module_at(path: Path) -> ModuleType:
    """Load an author's module from its file. Importing it by name would fail, because every lab's check files have the
    same names."""
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _defines(source: str, stub: str) -> bool:
    return Cell(0, source).defines(stub)


def write_odd_ones(course: Course, folder: Path, hostile: bool) -> int:
    """Write unusual student notebooks as `folder/<student>/<lab>/<lab>.ipynb`, and return how many were written.

    Every lab gets a blank notebook, one that crashes, and one full of cells that only work in Jupyter. If `hostile` is
    true (only on systems that can contain hostile code), hostile notebooks are spread across the labs. Each one runs
    its attack from the lab's first function and solves none of the stubs. The first lab then also has a notebook that
    never finishes.
    """
    written = 0
    for place, lab in enumerate(course.labs):
        parts = simulation(course, lab)
        first = lab.stubs[0].name
        students = {
            "blank": parts.blank(),
            "crashing": with_cells(
                parts.solved({first: f"def {first}(*args):\n    return args[9]"}, "crashing"), "1 / 0", at=0
            ),
            "all_habits": with_cells(parts.solved(student="all_habits"), *JUPYTER_HABITS[:8], at=1),
        }
        if hostile and not place:
            students["looping"] = parts.solved({first: f"def {first}(*args, **kwargs):\n    while True:\n        pass"})
        if hostile:
            for name, program in list(HOSTILE.items())[place :: len(course.labs)]:
                attack = f"def {first}(*args, **kwargs):\n{textwrap.indent(program, '    ')}\n"
                students[f"hostile_{name}"] = parts.answered({first: attack})
        for student, notebook in students.items():
            write(notebook, folder / student / lab.name / f"{lab.name}.ipynb")
            written += 1
    return written
