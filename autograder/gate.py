"""A live kernel held to what grading offers: packages and names that a graded run would lack are away during a call.

When graded, a cell stops at an import that is refused, so all that it binds from there on is missing. Which names
those are is read from the cells that ran; nothing is run for it.
"""

import ast
import builtins
import contextlib
import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.worker import not_available

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Gate:
    """The packages that course.yaml calls allowed and inert; those and Python's own can be imported when graded."""

    allowed: Sequence[str]
    inert: Sequence[str]

    @functools.cached_property
    def open(self) -> frozenset[str]:
        return sys.stdlib_module_names | {*self.allowed, *self.inert, "autograder", "__main__"}

    def refuses(self, module: str) -> bool:
        return module.partition(".")[0] not in self.open

    def missing(self, cells: Iterable[str], stub: str) -> dict[str, str]:
        """The names that these cells, run in this order, would not have when graded; with the module refused to each.

        A name that some cell binds all the same is there; of the stub itself the last definition is what counts.
        """
        missing: dict[str, str] = {}
        bound: set[str] = set()
        for cell in cells:
            refused = None
            for step in _steps(cell):
                refused = refused or next(filter(self.refuses, step.imports), None)
                refused = refused or next((missing[name] for name in step.loads if name in missing), None)
                for name in step.binds:
                    if refused is None:
                        bound.add(name)
                        missing.pop(name, None)
                    elif name == stub or name not in bound:
                        missing[name] = refused
        return missing

    @contextlib.contextmanager
    def closed(self, namespace: dict[str, Any], missing: Iterable[str]) -> Iterator[None]:
        """Meanwhile the namespace lacks the names, and its code cannot import what is refused."""
        away = {name: namespace[name] for name in missing if name in namespace}
        plain = builtins.__import__

        def gated(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
            if level == 0 and globals is not None and globals.get("__name__") == "__main__" and self.refuses(name):
                raise ModuleNotFoundError(not_available(name, self.allowed), name=name)
            return plain(name, globals, locals, fromlist, level)

        try:
            builtins.__import__ = gated
            for name in away:
                namespace.pop(name, None)
            yield
        finally:
            builtins.__import__ = plain
            for name, value in away.items():
                namespace.setdefault(name, value)

    def explaining(self, stub: str, function: Callable[..., Any], missing: Mapping[str, str]) -> Callable[..., Any]:
        """The function; where it fails for want of a missing name, and where it is missing itself, that is said."""

        def explained(*args: Any, **kwargs: Any) -> Any:
            if stub in missing:
                why = not_available(missing[stub], self.allowed)
                raise ModuleNotFoundError(f"{why}. The cell that defines {stub} needs it, and stops there")
            try:
                return function(*args, **kwargs)
            except NameError as error:
                if (module := missing.get(error.name or "")) is not None:
                    why = not_available(module, self.allowed)
                    error.args = (f"{error} when graded, for the cell that defines it stops there: {why}",)
                raise

        return explained


@dataclass(frozen=True)
class _Step:
    """What one statement of a cell does while the cell runs, in functions that it defines nothing."""

    imports: tuple[str, ...]
    loads: frozenset[str]
    binds: frozenset[str]


@functools.lru_cache(maxsize=1_000)
def _steps(cell: str) -> tuple[_Step, ...]:
    try:
        return tuple(map(_step, ast.parse(cell).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _step(statement: ast.stmt) -> _Step:
    imports: list[str] = []
    loads: set[str] = set()
    binds: set[str] = set()
    for node in _run_at_once(statement):
        match node:
            case ast.Import(names):
                imports += [each.name for each in names]
                binds.update(each.asname or each.name.partition(".")[0] for each in names)
            case ast.ImportFrom(module, names, level):
                imports += [module] if module and not level else []
                binds.update(each.asname or each.name for each in names)
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                binds.add(name)
            case ast.Name(name, ast.Load()):
                loads.add(name)
            case ast.Name(name, ast.Store()):
                binds.add(name)
    if isinstance(statement, ast.Try) and statement.handlers:
        # Who handles the exception can go on without the package.
        return _Step((), frozenset(), frozenset(binds))
    return _Step(tuple(imports), frozenset(loads), frozenset(binds))


def _run_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the statement does, in the order of the source: not the bodies of functions."""
    yield node
    for field, value in ast.iter_fields(node):
        if field != "body" or not isinstance(node, _Scope):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _run_at_once(child)
