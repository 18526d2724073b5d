"""What `keep` and `compare` say about a student's steps: which step goes wrong first, and where it differs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.testing.comparison import Mismatch, compare, scale_of
from autograder.testing.declarations import Steps
from autograder.testing.exports import Arguments
from autograder.testing.references import reference_value
from autograder.testing.rendering import number, rendered

# How much two float64 computations of the same value can differ, relative to the largest number.
ROUNDING = 1e-12


def first_wrong(
    steps: Steps,
    arguments: Arguments,
    kept: Mapping[str, Any],
    others: Collection[str] = (),
    returned: tuple[Any, Any] | None = None,
) -> str | None:
    """Say which of the kept steps are right in a call that failed, and where the first wrong one differs.

    arguments: the arguments of the call, in numpy.
    others: names of steps in other stubs, since this stub may have called those stubs.
    returned: what the call returned and what it should have returned, if it returned anything.

    Returns None if there's nothing to say about the kept steps.
    """
    wanted = reference_value(steps.function, arguments)
    said = _verdict_on_known(wanted, {name: value for name, value in kept.items() if name in wanted}, returned)
    unknown = [rendered(name) for name in kept if name not in wanted and name not in others]
    if unknown:
        said.append(f"There's no step called {_joined(unknown)} here. The names are {_joined([*map(_code, wanted)])}.")
    return " ".join(said) or None


def names_of(steps: Steps) -> list[str]:
    """Return the names of the steps, in the order of computation."""
    return list(reference_value(steps.function, (steps.example, {})))


def _verdict_on_known(
    wanted: Mapping[str, Any], kept: Mapping[str, Any], returned: tuple[Any, Any] | None
) -> list[str]:
    right: list[str] = []
    for name in (name for name in wanted if name in kept):
        if (found := compare(kept[name], wanted[name])) is None:
            right.append(_code(name))
            continue
        first = f"{_code(name)} is the first one that's wrong: {_where(found)}."
        return [f"Your {_are_right(right)}, and {first}" if right else f"Your {first}"]
    if not right:
        return []
    # Steps that are returned show whether they're right. Any other step before one that's right probably is, too.
    parts = list(_parts(*returned)) if returned else []
    shown = {
        name: any(compare(got, want) is None for got, want in same)
        for name, value in wanted.items()
        if (same := [(got, want) for got, want in parts if compare(want, value) is None])
    }
    last = max(place for place, name in enumerate(wanted) if name in kept or shown.get(name))
    later = [name for place, name in enumerate(wanted) if name not in kept and not shown.get(name, place < last)]
    then = f"Keep {_code(later[0])} too; it's the next one to check." if later else "Look at what you do after that."
    return [f"Your {_are_right(right)}. {then}"]


def _parts(got: Any, want: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each item of an expected answer, after the item that was returned in its place (or None)."""
    if isinstance(want, dict):
        for key, each in want.items():
            yield from _parts(got.get(key) if isinstance(got, dict) else None, each)
    elif isinstance(want, list | tuple):
        items = got if isinstance(got, list | tuple) and len(got) == len(want) else [None] * len(want)
        for one, other in zip(items, want, strict=True):
            yield from _parts(one, other)
    else:
        yield got, want


def _where(found: Mismatch) -> str:
    if found.got is None or found.wanted is None or found.wrong is None:
        return found.words
    place = tuple(np.argwhere(found.wrong)[0])
    words = f"it's {number(found.got[place])}, but should be {number(found.wanted[place])}"
    if not place:
        return words
    return f"at {_index(place)} {words} ({int(found.wrong.sum())} of {found.wrong.size} entries differ)"


def compared(name: str, value: Any, wanted: Any) -> str:
    """Say whether a step equals the expected one, is close to it, or is different, and where it differs most."""
    found = compare(value, wanted)
    if found is not None and found.got is None:
        return f"{name}: different. {found.words[:1].upper()}{found.words[1:]}."
    got, want = np.asarray(value, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        off = np.where((got == want) | (np.isnan(got) & np.isnan(want)), 0.0, np.abs(got - want))
    if (off <= ROUNDING * (scale_of(wanted) or 1.0)).all():
        return f"{name}: equal."
    # A NaN in only one of them counts as the largest difference.
    place = tuple(np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape))
    at = f" at {_index(place)}" if place else ""
    if found is None:
        return f"{name}: close. The largest difference is {off[place]:.1g}{at}."
    where = f", most{at}" if place else ""
    return f"{name}: different{where}. It's {number(got[place])}, but should be {number(want[place])}."


def unknown_name(name: str, names: Sequence[str]) -> str:
    """Say that the notebook has no step with this name, and list the names it has."""
    known = (
        f"The names in this notebook are {_joined(names)}." if names else "This notebook has no steps to compare with."
    )
    return f"There's no step called {rendered(name)}. {known}"


def _index(place: Sequence[Any]) -> str:
    return f"[{', '.join(str(int(each)) for each in place)}]"


def _code(name: str) -> str:
    return f"`{name}`"


def _are_right(names: Sequence[str]) -> str:
    return f"{_joined(names)} {'is' if len(names) == 1 else 'are'} right"


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
