"""Load a course's Python code for a stub or a lab: references, givens, misconceptions, steps."""

import ast
import functools
import importlib
import inspect
import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError, UserError
from autograder.testing.declarations import Misconception, Steps
from autograder.testing.exports import Arguments, Givens, Message
from autograder.testing.references import call_reference, make_torch_importable


def make_importable(course: Course) -> None:
    """Make `import torch` work, and make `import reference` find this course's package even if another course is
    installed.

    If we don't use the real torch, `import torch` gets the stand-in (`testing.references`). Raises CourseError if
    `reference/` has no `__init__.py`.
    """
    make_torch_importable()
    package = course.root / "reference"
    if package.is_dir() and not (package / "__init__.py").is_file():
        raise CourseError(
            f"{package / '__init__.py'} doesn't exist; create it as an empty file, so that Python treats the folder as "
            "a package."
        )
    if sys.path[0] != str(course.root):
        sys.path.insert(0, str(course.root))


def _module(course: Course, name: str) -> Any:
    # This runs for every call to a stub, so don't check each time whether the folder is a package.
    if sys.path[0] != str(course.root) or "torch" not in sys.modules:
        make_importable(course)
    return importlib.import_module(name)


def reference_of(course: Course, stub: str) -> Callable[..., Any]:
    """Return the torch reference of a stub, or of a given that isn't a stub. Raises CourseError if there's neither."""
    lab = course.lab_of(stub)
    if lab is not None:
        module = f"{_package_of(lab)}.reference"
    elif (given := course.module_of(stub)) is not None:
        module = f"reference.{given}"
    else:
        raise CourseError(f"There is no stub named {stub!r} in this course.")
    function: Callable[..., Any] = getattr(_module(course, module), stub)
    return function


def _package_of(lab: Lab) -> str:
    """Return the package with a lab's reference and misconceptions. For an assessment, that's the answer key."""
    return f"{'solutions' if lab.assessment else 'reference'}.{lab.name}"


def reference_source(course: Course, stub: str) -> str | None:
    """Return the source of a stub's reference without importing it, so this doesn't need torch. None if it isn't a
    `def`."""
    lab = course.lab_of(stub)
    file = Path("reference", lab.name, "reference.py") if lab else course.files_of(course.module_of(stub) or "")[0]
    if not (course.root / file).is_file():
        return None
    text = (course.root / file).read_text(encoding="utf-8")
    for each in ast.parse(text).body:
        if isinstance(each, ast.FunctionDef) and each.name == stub:
            return "\n".join(text.splitlines()[each.lineno - 1 : each.end_lineno])
    return None


def misconceptions(course: Course, stub: str) -> list[Misconception]:
    """Return a stub's misconceptions in file order, with one entry for each choice of a misconception's parameters."""
    lab = course.lab_of(stub)
    return [] if lab is None else [each for each in misconceptions_in(course, lab) if each.of == stub]


def misconceptions_in(course: Course, lab: Lab) -> list[Misconception]:
    """Return everything that a lab's `misconceptions.py` declares, in file order, whatever stub it's for."""
    found = itertools.chain.from_iterable(_declared(course, lab, "misconceptions"))
    return [each for each in found if isinstance(each, Misconception)]


def steps_of(course: Course, lab: Lab) -> dict[str, Steps]:
    """Map each stub to the steps declared in its lab's `steps.py`. Empty if there's no such file."""
    return {each.of: each for each in _declared(course, lab, "steps") if isinstance(each, Steps)}


def _declared(course: Course, lab: Lab, name: str) -> list[Any]:
    """Return the declarations in one of a lab's files, in file order. Empty if the lab has no such file."""
    if not (course.root / _package_of(lab).replace(".", "/") / f"{name}.py").is_file():
        return []
    functions = vars(_module(course, f"{_package_of(lab)}.{name}")).values()
    return [getattr(each, f"__{name}__") for each in functions if hasattr(each, f"__{name}__")]


def refused_in_stubs(course: Course, lab: Lab, message: Message) -> Message | None:
    """Return the error to send back if a stub that's being checked uses a given that's only for cells; otherwise
    None."""
    name = message.get("name")
    # A worker may send anything.
    if not isinstance(name, str) or not course.is_closed_in_stubs(name, lab):
        return None
    text = f"{name} is only for your own cells: a function that's being checked has to compute its answer without it."
    return {"error": {"type": "RuntimeError", "message": text}}


def givens(course: Course, lab: Lab | None) -> Givens:
    """Return the function that answers a notebook's calls to givens by calling the references. NumPy in, NumPy out.

    Only the stubs of labs before `lab` are given, plus the functions listed under `givens`. If `lab` is None, the stubs
    of all labs are given, for uses that can't affect a score. An assessment's answers are never given.
    """
    before = itertools.takewhile(lambda each: each != lab, course.labs)
    stubs = {stub.name for each in before if not each.assessment for stub in each.stubs}
    names = stubs | course.given_names

    def given(stub: str, arguments: Arguments) -> Any:
        if stub not in names:
            raise ImportError(f"{stub} isn't a given here: givens are the stubs of earlier labs")
        return call_reference(reference_of(course, stub), arguments)

    return given


def with_parameters(course: Course, request: Message) -> Message:
    """Return a request that calls a stub. If it has keyword arguments, add the reference's parameter names, if we know
    them."""
    if not request.get("named"):
        return request
    try:
        # Use a new list each time, because a list that occurs twice in a message takes longer to send.
        return {**request, "parameters": list(_parameters(reference_of(course, request["name"])))}
    except (ImportError, AttributeError, UserError):  # students don't receive the references for an assessment
        return request


@functools.cache
def _parameters(reference: Callable[..., Any]) -> Sequence[str]:
    return tuple(inspect.signature(reference).parameters)


@functools.lru_cache(maxsize=4)
def _hidden_checks(path: Path, _changed: int) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = yaml.safe_load(path.read_bytes())
    return found


def hidden_checks(course: Course) -> dict[str, dict[str, float]]:
    """Map each stub to the number of checks that run only during grading ("checks") and their total weight
    ("weight")."""
    path = course.root / "reference" / "hidden.yaml"
    return _hidden_checks(path, path.stat().st_mtime_ns) if path.is_file() else {}
