"""What a toy consists of: its settings, the stubs it's drawn with, and the function that draws it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.notebook.shapes import Picture

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Functions:
    """The functions that draw a toy, by name: stubs and other givens, which take and return numpy arrays.

    own: the student's functions, by stub. The rest come from the reference.
    """

    given: Callable[[str], Callable[..., Any]]
    own: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def __call__(self, name: str) -> Callable[..., Any]:
        return self.own[name] if name in self.own else self.given(name)


@dataclass(frozen=True)
class Dial:
    """A setting with a fixed list of values, which a slider shows in this order."""

    name: str
    label: str
    values: Sequence[float]
    start: float

    def accepted(self, value: Any) -> float:
        """Return the allowed value nearest to this one. Raises ValueError if it isn't a number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self.name} must be a number, such as {self.start:g}; got {value!r}")
        return min(self.values, key=lambda each: abs(each - value))


@dataclass(frozen=True)
class Line:
    """A setting that's a line of text."""

    name: str
    label: str
    start: str

    def accepted(self, value: Any) -> str:
        """Return the text. Raises ValueError if it's empty or isn't text."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{self.name} must be some text, such as {self.start!r}; got {value!r}")
        return value.strip()


@dataclass(frozen=True)
class Toy:
    """A picture with settings.

    stubs: the stubs it's drawn with. frames: a function that draws it with the given settings. If there are several
        pictures, they're the frames of an animation. If the toy can't be drawn with these settings, the function raises
        a ValueError with a message for the student.
    mixed: whether to use every stub that the student has finished, in any notebook, and take the rest from the
        reference.
    """

    settings: Sequence[Dial | Line]
    stubs: Sequence[str]
    frames: Callable[[Functions, Settings], Iterable[Picture]]
    mixed: bool = False

    def chosen(self, given: Settings) -> dict[str, Any]:
        """Return all settings, with initial values for any that aren't given.

        Raises ValueError for unknown names or bad values.
        """
        known = {each.name: each for each in self.settings}
        if unknown := given.keys() - known:
            raise ValueError(f"there's no setting called {min(unknown)} here; you can set {', '.join(known)}")
        return {name: each.accepted(given.get(name, each.start)) for name, each in known.items()}
