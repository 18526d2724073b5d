"""Turn a lab's folder in `reference/` into a package that provides the lab's reference."""

import functools
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from autograder.testing.references import make_torch_importable


def forwards(package: str) -> Callable[[str], Any]:
    """Return a module-level `__getattr__` that gives a lab's package the names defined in its `reference.py`.

    That way, `from reference import softmax` gives you the lab's reference, but you can still import the files next to
    it without torch, because `reference.py` is loaded on first use. The `__getattr__` raises AttributeError for a name
    that `reference.py` doesn't define.
    """

    @functools.cache
    def is_a_module(name: str) -> bool:
        return importlib.util.find_spec(f"{package}.{name}") is not None

    def of_the_reference(name: str) -> Any:
        if name.startswith("__") or is_a_module(name):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        make_torch_importable()
        return getattr(importlib.import_module(f"{package}.reference"), name)

    return of_the_reference
