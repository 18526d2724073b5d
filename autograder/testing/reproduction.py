"""Turn a check's call into Python code that repeats it. Students paste it into a cell to see what the check saw.

Numbers are written with all their digits. The code includes everything the check created for the call: functions and
objects, as the check's author wrote them, and imports for things like `ScriptedModel`.
"""

import base64
import inspect
import math
import re
import sys
import textwrap
import types
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.guest import values
from autograder.testing.comparison import leaves
from autograder.testing.failures import FailureKind
from autograder.testing.snapshots import ITERATORS
from autograder.testing.student import Answer, Call, StubFailure

# This leaves room for an indent within 80 columns.
WIDTH = 70
# Compress arrays with more entries than this, since nobody reads that many.
MAX_WRITTEN = 200
# Nobody pastes larger whole numbers, and Python refuses to write out very large ones.
LARGEST = 10**1000
# Names from this package are imported. The definitions of anything from the check's own file are written out.
ENGINE = "autograder.testing"


class Unwritable(Exception):
    """A value that can't be written as Python code: a lambda, a closure, a generator."""


def pasted(calls: Sequence[Call], kind: FailureKind | None = None) -> str | None:
    """Return Python code that repeats the last of a check's calls, or None if it can't be written.

    kind: how the check failed. For some kinds, the call isn't enough, and the code also has to show the changed
    argument or a second answer.
    """
    if not calls:
        return None
    last, written = asked_last(calls), _Written()
    try:
        if kind is FailureKind.CHANGED or last.draws is not None:
            given = written.code((list(last.arguments[0]), last.arguments[1]))
            lines = [f"given, options = {given[1:-1]}", f"{last.stub}(*given, **options)"]
            if last.draws is None:
                lines.append("given, options  # as your function left them")
            else:
                lines[-1] = f"[{lines[-1]} for _ in range({last.draws})]"
                if _are_ids(last.answer):
                    written.modules.add("collections")
                    lines[-1] = f"collections.Counter({lines[-1][1:-1]})"
        else:
            call = f"{last.stub}({written.arguments(last)})"
            if pieces := sum(each.stream is calls[-1].stream for each in calls) * (calls[-1].stream is not None):
                written.modules.add("itertools")
                call = f"list(itertools.islice({call}, {pieces}))"
            lines = [call] if kind is not FailureKind.VARIES else [f"print({call})"] * 2
    except Unwritable:
        return None
    imports = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(written.imports.items())]
    plain = [f"import {name}" for name in sorted(written.modules)] + ["import numpy as np"] * written.needs_numpy
    return "\n".join([*plain, *imports, *written.definitions, *lines])


def _are_ids(answer: Answer | StubFailure) -> bool:
    """Return whether the draws are single values that we can count. If the call failed, assume they are."""
    drawn = answer.value if isinstance(answer, Answer) else []
    return isinstance(drawn, list) and all(np.ndim(each) == 0 for each in drawn)


def asked_last(calls: Sequence[Call]) -> Call:
    """Return the last call. If it asked for an item of a stream, return the call that returned the stream."""
    stream = calls[-1].stream
    if stream is None:
        return calls[-1]
    return next(each for each in calls if isinstance(each.answer, Answer) and each.answer.value is stream)


def about(calls: Sequence[Call]) -> str | None:
    """Describe, in words, the objects that a check created for its last call. Return None if there are only plain
    values."""
    names: dict[str, list[str]] = {}
    for value in leaves(asked_last(calls).arguments):
        if hasattr(type(value), "words") and repr(value) not in names.setdefault(value.words, []):
            names[value.words].append(repr(value))
    return "\n".join(f"{_subject_and_verb(each)} {words}" for words, each in names.items()) or None


def _subject_and_verb(names: Sequence[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are each"


@dataclass
class _Written:
    """The code written so far: the imports and definitions that have to come before the call."""

    modules: set[str] = field(default_factory=set)
    imports: dict[str, set[str]] = field(default_factory=dict)
    definitions: list[str] = field(default_factory=list)
    needs_numpy: bool = False
    _names: dict[int, str] = field(default_factory=dict)

    def arguments(self, call: Call) -> str:
        args, kwargs = call.arguments
        parts = [self.code(each) for each in args] + [f"{name}={self.code(each)}" for name, each in kwargs.items()]
        line = ", ".join(parts)
        if len(line) <= WIDTH - len(call.stub) - 2 and "\n" not in line:
            return line
        return "\n" + textwrap.indent(",\n".join(parts), "    ") + ",\n"

    def code(self, value: Any) -> str:
        """Return an expression for the value. Raises Unwritable."""
        if isinstance(value, int) and not -LARGEST < value < LARGEST:
            raise Unwritable("a number with very many digits")
        if isinstance(value, np.ndarray | np.generic):
            self.needs_numpy = True
            return self._array(value) if isinstance(value, np.ndarray) else _with_np(repr(value))
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if value is None or isinstance(value, bool | int | float | str | bytes):
            return repr(value)
        if type(value) in (list, tuple, dict):
            return self._container(value)
        if isinstance(value, np.random.Generator):
            return self._generator(value)
        if type(value) in ITERATORS:
            return self._iterator(value)
        if isinstance(value, types.MethodType):
            return f"{self.code(value.__self__)}.{value.__name__}"
        if callable(value) and (isinstance(value, types.FunctionType) or hasattr(value, "__wrapped__")):
            return self._function(value)
        if isinstance(value, values.Handle | values.Opaque | types.GeneratorType):
            raise Unwritable(type(value).__name__)
        return self._object(value)

    def _container(self, value: Any) -> str:
        if isinstance(value, dict):
            return f"{{{', '.join(f'{self.code(key)}: {self.code(each)}' for key, each in value.items())}}}"
        if len(value) > 3 and all(each is value[0] for each in value) and not isinstance(value[0], int):
            return f"{self.code(type(value)(value[:1]))} * {len(value)}"
        inside = ", ".join(map(self.code, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"

    def _array(self, array: np.ndarray[Any, Any]) -> str:
        if array.dtype == object:
            raise Unwritable("an array of Python objects")
        if array.flags.fnc:
            return f"{self._array(array.T)}.T"
        plain = array.dtype in (np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_)) and array.size
        dtype = "" if plain else f', dtype="{array.dtype}"'
        if array.size > 8 and (array == array.flat[0]).all():
            return f"np.full({array.shape}, {_with_np(repr(array.flat[0].item()))}{dtype})"
        if array.size == 0:
            return f"np.zeros({array.shape}{dtype})"
        if array.size <= MAX_WRITTEN:
            text = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(array.tolist()))
            return "\n".join(textwrap.wrap(f"np.array({text}{dtype})", WIDTH - 4, subsequent_indent=" " * 10))
        self.modules |= {"base64", "zlib"}
        packed = base64.b64encode(zlib.compress(array.tobytes())).decode()
        unpacked = f'np.frombuffer(zlib.decompress(base64.b64decode("{packed}")), "{array.dtype.str}")'
        return f"{unpacked}.reshape({array.shape}).copy()"

    def _generator(self, rng: np.random.Generator) -> str:
        if id(rng) not in self._names:
            if not isinstance(rng.bit_generator, np.random.PCG64):
                raise Unwritable("a generator that default_rng doesn't create")
            self.needs_numpy = True
            name = self._named(rng, "rng")
            state = "\n".join(textwrap.wrap(repr(rng.bit_generator.state), WIDTH, subsequent_indent="    "))
            self.definitions += [f"{name} = np.random.default_rng()", f"{name}.bit_generator.state = {state}"]
        return self._names[id(rng)]

    def _iterator(self, iterator: Any) -> str:
        _, (source, *_), *state = iterator.__reduce__()
        rest = source[state[0] if state else 0 :]
        return f"iter({rest if isinstance(rest, range) else self.code(rest)})"

    def _function(self, function: Callable[..., Any]) -> str:
        own = inspect.unwrap(function)
        assert isinstance(own, types.FunctionType)
        if own.__closure__ or own.__name__ == "<lambda>":
            raise Unwritable(own.__name__)
        return self._defined(function, own.__name__, own.__globals__, [own.__code__])

    def _object(self, value: Any) -> str:
        """Define a variable that holds the object and return its name.

        The code creates the object by calling its class. The value of each parameter is the attribute with the same
        name.
        """
        if id(value) in self._names:
            return self._names[id(value)]
        kind = type(value)
        if kind.__module__.startswith(ENGINE):
            public = hasattr(sys.modules[ENGINE], kind.__name__)
            self.imports.setdefault(ENGINE if public else kind.__module__, set()).add(kind.__name__)
        else:
            methods = [each for each in vars(kind).values() if isinstance(each, types.FunctionType)]
            if not methods:
                raise Unwritable(kind.__name__)
            codes = [method.__code__ for method in methods]
            self._defined(kind, kind.__name__, methods[0].__globals__, codes)
        parts = []
        for name, parameter in inspect.signature(kind).parameters.items():
            if not hasattr(value, name):
                raise Unwritable(kind.__name__)
            held = getattr(value, name)
            if parameter.default is parameter.empty:
                parts.append(self.code(held))
            elif repr(held) not in (repr(parameter.default), "{}"):
                parts.append(f"{name}={self.code(held)}")
        name = self._named(value, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower())
        self.definitions.append(f"{name} = {kind.__name__}({', '.join(parts)})")
        return name

    def _defined(self, item: Any, name: str, scope: dict[str, Any], codes: Iterable[types.CodeType]) -> str:
        """Add the source of a function or class, after anything it uses from the check's file, and return its name."""
        if id(item) in self._names:
            return name
        self._names[id(item)] = name
        for used in dict.fromkeys(each for code in codes for each in code.co_names if each in scope):
            held = scope[used]
            if isinstance(held, types.FunctionType):
                self._function(held)
            elif not isinstance(held, types.ModuleType | type):
                self.definitions.append(f"{used} = {self.code(held)}")
            elif held is not np:
                raise Unwritable(used)
        self.needs_numpy = True
        try:
            self.definitions.append(textwrap.dedent(inspect.getsource(item)).rstrip())
        except (OSError, TypeError):
            raise Unwritable(name) from None
        return name

    def _named(self, value: Any, name: str) -> str:
        taken = list(self._names.values())
        self._names[id(value)] = name if name not in taken else f"{name}_{len(taken) + 1}"
        return self._names[id(value)]


def _with_np(text: str) -> str:
    return re.sub(r"(?<![\w.])(nan|inf)\b", r"np.\1", text)
