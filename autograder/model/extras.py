"""The package's declared extras: packages that some commands need but a student's installation leaves out."""

import importlib.metadata
import importlib.util
from collections.abc import Iterator

from packaging.requirements import Requirement

from autograder.model.errors import UserError

DISTRIBUTION = "llm-mastery"


class MissingExtra(UserError):
    """A command needs packages from an extra that isn't installed. The text names the extra."""


def require(extra: str, what: str) -> None:
    """Make sure that an extra's packages are installed. `what`: what needs them. Raises MissingExtra."""
    missing = [name for name in packages_of(extra) if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"{what} needs {', '.join(missing)}, which a student's installation leaves out; to add what's missing: "
            f"pip install '{DISTRIBUTION}[{extra}]'"
        )


def packages_of(extra: str) -> list[str]:
    """Return the import names of the packages that an extra adds, including those of the extras it includes."""
    return sorted({*_packages_of(extra)})


def declared(extra: str) -> list[str]:
    """Return an extra's requirements without their markers. If the name is empty, return the base requirements."""
    found = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or ()]
    return [_unmarked(each) for each in found if _belongs(each, extra)]


def _packages_of(extra: str) -> Iterator[str]:
    for requirement in map(Requirement, declared(extra)):
        if requirement.name != DISTRIBUTION:
            yield requirement.name.replace("-", "_")
        else:
            for included in requirement.extras:
                yield from _packages_of(included)


def _belongs(requirement: Requirement, extra: str) -> bool:
    """Return whether a requirement belongs to the extra. The only markers we use are those for extras."""
    if requirement.marker is None:
        return not extra
    return bool(extra) and requirement.marker.evaluate({"extra": extra})


def _unmarked(requirement: Requirement) -> str:
    requirement.marker = None
    return str(requirement)
