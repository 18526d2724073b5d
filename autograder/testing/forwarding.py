"""What makes a lab's folder in `reference/` a package that offers its reference."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any


def forwards(package: str) -> Callable[[str], Any]:
    """Make a lab's package offer what its `reference.py` defines, loaded on first use.

    So `from reference import softmax` gives the reference of the lab, and the files beside it import without torch.
    """

    def of_the_reference(name: str) -> Any:
        if name.startswith("__") or importlib.util.find_spec(f"{package}.{name}") is not None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.reference"), name)

    return of_the_reference
