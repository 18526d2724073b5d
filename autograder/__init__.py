"""The course engine: what a notebook imports, and `grade`, which grades one submission. Names are loaded on first
use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grading.single import grade
    from autograder.guest.keeping import keep
    from autograder.notebook.gallery import picture
    from autograder.notebook.pictures import show
    from autograder.notebook.practice import practice
    from autograder.selfcheck.comparing import compare
    from autograder.selfcheck.kernel import check, solved
    from autograder.selfcheck.playing import play
    from autograder.selfcheck.progress import progress

__all__ = ["check", "compare", "grade", "keep", "picture", "play", "practice", "progress", "show", "solved"]

_MODULES = {
    "check": "selfcheck.kernel",
    "compare": "selfcheck.comparing",
    "grade": "grading.single",
    "keep": "guest.keeping",
    "picture": "notebook.gallery",
    "play": "selfcheck.playing",
    "practice": "notebook.practice",
    "progress": "selfcheck.progress",
    "show": "notebook.pictures",
    "solved": "selfcheck.kernel",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'autograder' has no attribute {name!r}")
    return getattr(import_module(f"autograder.{_MODULES[name]}"), name)
