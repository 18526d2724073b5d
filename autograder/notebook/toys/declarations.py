"""What a toy is made of: what can be set, the stubs that draw it, and how."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.notebook.shapes import Picture

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Functions:
    """What a toy draws with: by its name, a stub's function or another given, numpy in and numpy out.

    own: the stubs whose function is the student's; all others are the reference's.
    """

    given: Callable[[str], Callable[..., Any]]
    own: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def __call__(self, name: str) -> Callable[..., Any]:
        return self.own[name] if name in self.own else self.given(name)


@dataclass(frozen=True)
class Dial:
    """A setting that's one of some values; a slider shows them in this order."""

    name: str
    label: str
    values: Sequence[float]
    start: float

    def accepted(self, value: Any) -> float:
        """The value nearest to what was asked for. Raises ValueError where that's no number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self.name} must be a number, such as {self.start:g}, got {value!r}")
        return min(self.values, key=lambda each: abs(each - value))


@dataclass(frozen=True)
class Line:
    """A setting that's a line of text."""

    name: str
    label: str
    start: str

    def accepted(self, value: Any) -> str:
        """The text. Raises ValueError where it's none or empty."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{self.name} must be some text, such as {self.start!r}, got {value!r}")
        return value.strip()


@dataclass(frozen=True)
class Toy:
    """`stubs`: those that draw it. `frames`: draws it for some settings; more than one picture is a film. `mixed`:
    whether each stub that's finished is the student's, also from other notebooks, beside the reference's for the rest.

    Where a setting can't be drawn, `frames` raises ValueError with a sentence for the student.
    """

    settings: Sequence[Dial | Line]
    stubs: Sequence[str]
    frames: Callable[[Functions, Settings], Iterable[Picture]]
    mixed: bool = False

    def chosen(self, given: Settings) -> dict[str, Any]:
        """All settings, those that aren't given at their start. Raises ValueError on others, and on wrong values."""
        known = {each.name: each for each in self.settings}
        if unknown := given.keys() - known:
            raise ValueError(f"there's nothing called {min(unknown)} to set here; there is {', '.join(known)}")
        return {name: each.accepted(given.get(name, each.start)) for name, each in known.items()}
