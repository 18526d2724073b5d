"""Read the code of a notebook's function to find the packages that it uses. Nothing is run."""

import dis
import types
from collections.abc import Iterator, Mapping
from typing import Any


def packages_used(namespace: Mapping[str, Any], stub: str) -> Iterator[str]:
    """Yield only the packages that the stub uses, directly or through the notebook's other functions."""
    waiting, seen = [stub], {stub}
    while waiting:
        value = namespace.get(waiting.pop())
        if isinstance(value, types.ModuleType):
            yield value.__name__.partition(".")[0]
        elif isinstance(value, types.FunctionType | type) and value.__module__ != "__main__":
            yield value.__module__.partition(".")[0]
        elif isinstance(value, types.FunctionType):
            for code in _nested(value.__code__):
                for instruction in dis.get_instructions(code):
                    if instruction.opname == "IMPORT_NAME":
                        yield instruction.argval.partition(".")[0]
                waiting += {*code.co_names} - seen
                seen.update(code.co_names)


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of a function, and of the functions defined inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)
