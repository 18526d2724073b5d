"""A live kernel held to what grading offers: packages and names that a graded run would lack are away during a call.

When graded, a cell stops at an import that is refused, so all that it binds from there on is missing. Which names
those are is read from the cells that ran; nothing is run for it.
"""

import ast
import builtins
import contextlib
import functools
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.guest.stand_ins import NOTEBOOK, Inert, not_available

# All that a graded notebook has of the engine, and what is in the last two of them.
_NAMES = r"check|compare|keep|picture|play|practice|progress|show|solved|notebook(\.\w+)*|given(\.\w+)?"
ENGINE = re.compile(rf"autograder(\.({_NAMES}))?")
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class ImportPolicy:
    """The packages that course.yaml calls allowed and inert; those and Python's own can be imported when graded."""

    allowed: Sequence[str]
    inert: Sequence[str]

    @functools.cached_property
    def open(self) -> frozenset[str]:
        return sys.stdlib_module_names | {*self.allowed, *self.inert, "__main__"}

    def refuses(self, module: str) -> bool:
        package = module.partition(".")[0]
        return ENGINE.fullmatch(module) is None if package == "autograder" else package not in self.open

    def missing(self, cells: Iterable[str], stub: str) -> dict[str, str]:
        """The names that these cells, run in this order, would not have when graded; with the module refused to each.

        A name that some cell binds all the same is there; of the stub itself the last definition is what counts.
        """
        missing: dict[str, str] = {}
        bound: set[str] = set()

        def bind(names: Iterable[str], refused: str | None) -> None:
            for name in names:
                if refused is None:
                    bound.add(name)
                    missing.pop(name, None)
                elif name == stub or name not in bound:
                    missing[name] = refused

        for cell in cells:
            refused = None
            for step in _steps(cell):
                refused = refused or next(filter(self.refuses, step.imports), None)
                refused = refused or next((missing[name] for name in step.loads & missing.keys()), None)
                for module in step.stars:
                    bind(_offered(module), refused or (None if self._offers(module) else module))
                bind(step.binds, refused)
        return missing

    @staticmethod
    def defined(cells: Iterable[str], stub: str) -> bool:
        """Whether one of the cells holds the stub's definition; a stub that is only imported is not the student's."""
        return any(stub in step.defines for cell in cells for step in _steps(cell))

    def _offers(self, module: str) -> bool:
        """Whether a star import of the module binds its names when graded; of a stand-in it binds none."""
        return not self.refuses(module) and module.partition(".")[0] not in self.inert and not _only_draws(module)

    @contextlib.contextmanager
    def closed(self, namespace: dict[str, Any], missing: Iterable[str]) -> Iterator[None]:
        """Meanwhile the namespace lacks the names, and its code cannot import what is refused.

        What it has of the package `notebook` does nothing meanwhile, as when graded.
        """
        away = {name: namespace[name] for name in missing if name in namespace}
        drawing = {name: value for name, value in namespace.items() if _only_draws(_home(value))}
        plain = builtins.__import__

        def gated(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
            if level == 0 and globals is not None and globals.get("__name__") == "__main__":
                asked_for = [name, *(f"{name}.{each}" for each in fromlist or ())]
                if (refused := next(filter(self.refuses, asked_for), None)) is not None:
                    raise ModuleNotFoundError(not_available(refused, self.allowed), name=refused)
            return plain(name, globals, locals, fromlist, level)

        try:
            builtins.__import__ = gated
            namespace.update(dict.fromkeys(drawing, Inert()))
            for name in away:
                namespace.pop(name, None)
            yield
        finally:
            builtins.__import__ = plain
            namespace.update(drawing)
            for name, value in away.items():
                namespace.setdefault(name, value)

    def explaining(self, stub: str, function: Callable[..., Any], missing: Mapping[str, str]) -> Callable[..., Any]:
        """The function; where it fails for want of a missing name, and where it is missing itself, that is said."""

        @functools.wraps(function)
        def explained(*args: Any, **kwargs: Any) -> Any:
            if stub in missing:
                why = not_available(missing[stub], self.allowed)
                raise ModuleNotFoundError(f"{why}. The cell that defines {stub} needs it and stops there")
            try:
                return function(*args, **kwargs)
            except NameError as error:
                if (module := missing.get(error.name or "")) is not None:
                    why = not_available(module, self.allowed)
                    error.args = (f"{error} when graded, because the cell that defines it stops there: {why}",)
                raise

        return explained


@dataclass(frozen=True)
class _Step:
    """What one statement of a cell does while the cell runs, in functions that it defines nothing.

    A name that Python has of itself is there, whatever else would have been bound to it: `loads` holds none of those.
    """

    imports: tuple[str, ...]
    stars: tuple[str, ...]
    loads: frozenset[str]
    binds: frozenset[str]
    defines: frozenset[str]


@functools.lru_cache(maxsize=1_000)
def _steps(cell: str) -> tuple[_Step, ...]:
    try:
        return tuple(map(_step, ast.parse(cell).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _step(statement: ast.stmt) -> _Step:
    imports: list[str] = []
    stars: list[str] = []
    loads: set[str] = set()
    binds: set[str] = set()
    defines: set[str] = set()
    for node in _run_at_once(statement):
        match node:
            case ast.Import(names):
                imports += [each.name for each in names]
                binds.update(each.asname or each.name.partition(".")[0] for each in names)
            case ast.ImportFrom(str(module), [ast.alias("*")], 0):
                imports.append(module)
                stars.append(module)
            case ast.ImportFrom(module, names, level):
                imports += [module, *(f"{module}.{each.name}" for each in names)] if module and not level else []
                binds.update(each.asname or each.name for each in names)
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                defines.add(name)
            case ast.Name(name, ast.Load()) if not hasattr(builtins, name):
                loads.add(name)
            case ast.Name(name, ast.Store()):
                defines.add(name)
    if isinstance(statement, ast.Try) and statement.handlers:
        # Who handles the exception can go on without the package.
        imports, loads = [], set()
    return _Step(tuple(imports), tuple(stars), frozenset(loads), frozenset(binds | defines), frozenset(defines))


def _only_draws(module: str) -> bool:
    return f"{module}.".startswith(f"{NOTEBOOK}.")


def _home(value: Any) -> str:
    """The module that a name's value comes from."""
    if isinstance(value, types.MethodType):
        value = value.__func__
    if isinstance(value, types.ModuleType):
        return value.__name__
    return str(value.__module__ if isinstance(value, types.FunctionType | type) else type(value).__module__)


def _offered(module: str) -> Iterable[str]:
    """The names that `from module import *` bound, told by the module that was loaded for it."""
    loaded = sys.modules.get(module)
    if loaded is None:
        return ()
    public = [name for name in vars(loaded) if not name.startswith("_")]
    offered: Iterable[str] = getattr(loaded, "__all__", public)
    return offered


def _run_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the statement does, in the order of the source: not the bodies of functions."""
    yield node
    for field, value in ast.iter_fields(node):
        if field != "body" or not isinstance(node, _Scope):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _run_at_once(child)
