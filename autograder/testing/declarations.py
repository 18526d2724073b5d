"""How a lab's files declare what their functions are: checks, misconceptions and alternatives of a stub."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from autograder.model.results import Kind

Test = TypeVar("Test", bound=Callable[..., None])
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """What `checks` says about a test; its arguments of the same names say what each means."""

    stub: str
    kind: Kind
    weight: float
    conduct: bool
    advisory: bool
    part: int | None = None
    rounded: float | None = None


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer to the stub `of`. For a sampler, `probabilities` returns the (V,) it draws with."""

    name: str
    of: str
    hint: str
    function: Callable[..., Any]
    probabilities: Callable[..., Any] | None
    taught: bool = False
    visible_power: float | None = None


@dataclass(frozen=True)
class Alternative:
    """A right answer to the stub `of`, written another way."""

    name: str
    of: str
    function: Callable[..., Any]


def checks(
    stub: str,
    *,
    kind: Kind = "visible",
    weight: float = 1.0,
    conduct: bool = False,
    advisory: bool = False,
    part: int | None = None,
    rounded: float | None = None,
) -> Callable[[Test], Test]:
    """Make a test a check of `stub`. The test's docstring is the title students read.

    The test asks for what it needs by argument name: `student` (`student.softmax(x)` calls the student's function),
    `rng` (a numpy Generator with the check's own seed), `examinee` (who's asked, at which attempt). It passes if
    it returns, and fails if an assertion raises.

    kind: "visible", "hidden", "robustness" or "statistical"; students see the data and the difference of visible checks
    only. weight: this check's share of the stub's points, relative to the stub's other checks. conduct: it looks at
    purity, repeatability or errors, so it earns points only if some check of the stub's values passes. advisory: it
    earns nothing. part: for an answer that's a tuple, the index of the item this check looks at; misconceptions are
    then named item by item. rounded: how far, in the answer's own unit, a hand-rounded answer may be off and still
    count as the same mistake.
    """

    def decorate(test: Test) -> Test:
        made = Check(stub, kind, weight, conduct, advisory, part, rounded)
        test.__check__ = made  # type: ignore[attr-defined]
        return test

    return decorate


def misconception(
    *,
    of: str,
    hint: str,
    probabilities: Callable[..., Any] | None = None,
    taught: bool = False,
    visible_power: float | None = None,
) -> Callable[[Function], Function]:
    """Make a function a known wrong answer to the stub `of`, with the stub's signature: numpy in, numpy out.

    hint: says what goes wrong and why, never the code. probabilities: for a sampler, a function of the same arguments
    that returns the probabilities (V,), float64, it draws with. Its ids depend on how it uses its rng, so a student's
    counts are compared with these probabilities instead. taught: the notebook teaches or warns of it, so a visible
    check must fail. visible_power: how often a visible check sees it, from 0 to 1, where only statistics can tell.
    """

    def decorate(function: Function) -> Function:
        made = Misconception(function.__name__, of, hint, function, probabilities, taught, visible_power)
        function.__misconception__ = made  # type: ignore[attr-defined]
        return function

    return decorate


def alternative(*, of: str) -> Callable[[Function], Function]:
    """Make a function a right answer to the stub `of`, which must earn full points: numpy in, numpy out."""

    def decorate(function: Function) -> Function:
        function.__alternative__ = Alternative(function.__name__, of, function)  # type: ignore[attr-defined]
        return function

    return decorate
