"""The engine of the course; `check`, `solved` are what a notebook imports, loaded on first use."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.selfcheck.kernel import check, solved

__all__ = ["check", "solved"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'autograder' has no attribute {name!r}")
    from autograder.selfcheck import kernel

    return getattr(kernel, name)
