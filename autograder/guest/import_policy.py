"""Make a live kernel act as if it were grading: during calls, the same packages and names are missing.

During grading, a cell stops at an import that isn't allowed, so any names it would define after that are missing. We
find those names by parsing the cells that ran, without running any code.
"""

import ast
import builtins
import contextlib
import functools
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.guest.stand_ins import NOTEBOOK, Inert, not_available

# The parts of the engine that exist in a graded notebook, and the names in `notebook` and `given`.
_NAMES = r"check|compare|keep|picture|play|practice|progress|show|solved|notebook(\.\w+)*|given(\.\w+)?"
ENGINE = re.compile(rf"autograder(\.({_NAMES}))?")
# The exceptions whose handlers also catch a failed import.
_CATCH_IMPORTS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class ImportPolicy:
    """The packages that course.yaml lists as allowed or inert.

    Only these and the standard library can be imported during grading.
    """

    allowed: Sequence[str]
    inert: Sequence[str]

    @functools.cached_property
    def open(self) -> frozenset[str]:
        return sys.stdlib_module_names | {*self.allowed, *self.inert, "__main__"}

    def refuses(self, module: str) -> bool:
        package = module.partition(".")[0]
        return ENGINE.fullmatch(module) is None if package == "autograder" else package not in self.open

    def missing(self, cells: Iterable[str], stub: str) -> dict[str, str]:
        """Return the names that would be missing during grading, each with the module whose import isn't allowed.

        Cells are processed in the order they ran. A name isn't missing if another cell defines it without that module.
        For the stub itself, only the last definition counts.
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

    def fallbacks(self, cells: Iterable[str]) -> dict[str, Any]:
        """Return the constants that names would have during grading, because the import in a `try` isn't allowed, and
        its handler assigns them: `torch = None`, for example.

        Only names whose value during grading is certain: the kernel did the import, the handler does nothing but assign
        constants, and nothing else binds the name.
        """
        constants: dict[str, Any] = {}
        unsure: set[str] = set()
        for cell in cells:
            unsure |= _globals_in(cell)
            for step in _steps(cell):
                refused = filter(self.refuses, step.optional)
                if any(module.partition(".")[0] in sys.modules for module in refused):
                    constants.update(step.constants)
                else:
                    unsure |= step.binds
        return {name: value for name, value in constants.items() if name not in unsure}

    @staticmethod
    def defined(cells: Iterable[str], stub: str) -> bool:
        """Return whether one of the cells defines the stub. A stub that's only imported doesn't count, since the
        student didn't write it."""
        return any(stub in step.defines for cell in cells for step in _steps(cell))

    def _offers(self, module: str) -> bool:
        """Return whether `from module import *` imports the module's names during grading. If the module is a stand-in,
        nothing is imported."""
        return not self.refuses(module) and module.partition(".")[0] not in self.inert and not _only_draws(module)

    @contextlib.contextmanager
    def closed(self, namespace: dict[str, Any], missing: Iterable[str], fallbacks: Mapping[str, Any]) -> Iterator[None]:
        """Return a context in which the namespace has the fallbacks and lacks the missing names, and its code can't
        import anything that isn't allowed.

        In this context, anything imported from the package `notebook` does nothing, just like during grading.
        """
        replaced = {name: namespace[name] for name in fallbacks if name in namespace}
        away = {name: namespace[name] for name in missing if name in namespace}
        drawing = {name: value for name, value in namespace.items() if _only_draws(_module_of(value))}
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
            namespace.update({name: fallbacks[name] for name in replaced})
            for name in away:
                namespace.pop(name, None)
            yield
        finally:
            builtins.__import__ = plain
            namespace.update(drawing)
            namespace.update(replaced)
            for name, value in away.items():
                namespace.setdefault(name, value)

    def explaining(self, stub: str, function: Callable[..., Any], missing: Mapping[str, str]) -> Callable[..., Any]:
        """Wrap the function so that if a missing name causes an error, the error says why the name is missing.

        If the stub itself is missing, calling the function raises an error that says why.
        """

        @functools.wraps(function)
        def explained(*args: Any, **kwargs: Any) -> Any:
            if stub in missing:
                why = not_available(missing[stub], self.allowed)
                raise ModuleNotFoundError(f"{why}. The cell that defines {stub} needs it, so the cell stops there")
            try:
                return function(*args, **kwargs)
            except NameError as error:
                if (module := missing.get(error.name or "")) is not None:
                    why = not_available(module, self.allowed)
                    error.args = (f"{error} during grading, because the cell that defines it stops early: {why}",)
                raise

        return explained


@dataclass(frozen=True)
class _Step:
    """What one statement in a cell does when the cell runs, not counting the bodies of functions it defines.

    `loads` excludes the names of builtins, since those always exist. If it's a `try` whose only handler just assigns
    constants when an import fails, `optional` has its imports, and `constants` what the handler assigns.
    """

    imports: tuple[str, ...]
    stars: tuple[str, ...]
    loads: frozenset[str]
    binds: frozenset[str]
    defines: frozenset[str]
    optional: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)


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
        # Code that handles the exception can continue without the package.
        imports, loads = [], set()
    optional, constants = _optional(statement)
    return _Step(
        tuple(imports),
        tuple(stars),
        frozenset(loads),
        frozenset(binds | defines),
        frozenset(defines),
        optional,
        constants,
    )


def _optional(statement: ast.stmt) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """Return the modules that a `try` imports, and the constants that its handler assigns, if that's all it does."""
    match statement:
        case ast.Try(body, [ast.ExceptHandler(None | ast.Name(), _, handling) as handler], [], []):
            kind = handler.type
            if isinstance(kind, ast.Name) and kind.id not in _CATCH_IMPORTS:
                return (), {}
        case _:
            return (), {}
    constants: dict[str, Any] = {}
    for line in handling:
        match line:
            case ast.Assign([ast.Name(name)], ast.Constant(value)):
                constants[name] = value
            case _:
                return (), {}
    plain = [each for each in body if isinstance(each, ast.Import | ast.ImportFrom)]
    return tuple(module for each in plain for module in _step(each).imports), constants


@functools.lru_cache(maxsize=1_000)
def _globals_in(cell: str) -> frozenset[str]:
    """Return the names that functions in the cell may rebind."""
    try:
        nodes = ast.walk(ast.parse(cell))
        return frozenset(name for node in nodes if isinstance(node, ast.Global) for name in node.names)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


def _only_draws(module: str) -> bool:
    return module == NOTEBOOK or module.startswith(f"{NOTEBOOK}.")


def _module_of(value: Any) -> str:
    """Return the name of the module that a value comes from."""
    if isinstance(value, types.MethodType):
        value = value.__func__
    if isinstance(value, types.ModuleType):
        return value.__name__
    return str(value.__module__ if isinstance(value, types.FunctionType | type) else type(value).__module__)


def _offered(module: str) -> Iterable[str]:
    """Return the names that `from module import *` imports, according to the loaded module."""
    loaded = sys.modules.get(module)
    if loaded is None:
        return ()
    public = [name for name in vars(loaded) if not name.startswith("_")]
    offered: Iterable[str] = getattr(loaded, "__all__", public)
    return offered


def _run_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when the statement runs, in source order: everything except function bodies."""
    yield node
    for name, value in ast.iter_fields(node):
        if name != "body" or not isinstance(node, _Scope):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _run_at_once(child)
