"""What makes a lab's folder in `reference/` a package that offers its reference."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from autograder.testing.references import make_torch_importable


def forwards(package: str) -> Callable[[str], Any]:
    """Return a module `__getattr__` with which a lab's package offers what its `reference.py` defines.

    `from reference import softmax` then means the lab's reference, while the files beside it still import without
    torch: `reference.py` is loaded on first use. The `__getattr__` raises AttributeError for a name it doesn't define.
    """

    def of_the_reference(name: str) -> Any:
        if name.startswith("__") or importlib.util.find_spec(f"{package}.{name}") is not None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        make_torch_importable()
        return getattr(importlib.import_module(f"{package}.reference"), name)

    return of_the_reference
