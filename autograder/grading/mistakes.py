"""The mistakes that a stub's answers show, with their names and hints as students read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.model.mistakes import MOST_CAUSES
from autograder.testing.declarations import Misconception

Names = tuple[Misconception, ...]


@dataclass(frozen=True)
class Diagnosis:
    """The mistakes that a stub's answers show.

    mistakes: for each mistake, the misconceptions that could be behind it. explained: the checks that they explain.
    """

    mistakes: tuple[Names, ...] = ()
    explained: frozenset[str] = frozenset()

    @property
    def name(self) -> str | None:
        return " and ".join(" or ".join(_once(each.name for each in names)) for names in self.mistakes) or None

    @property
    def hint(self) -> str | None:
        hints = _once(_one_of(_once(each.hint for each in names)) for names in self.mistakes)
        return " ".join(filter(None, hints)) or None


def _one_of(hints: Sequence[str]) -> str:
    """Join the hints of mistakes that give the same answers; the student made only one of them. If there are too many,
    none of them is likely to help."""
    if len(hints) > MOST_CAUSES:
        return ""
    return hints[0] if len(hints) == 1 else f"It's one of these: {' Or: '.join(hints)}"


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
