"""Decorators that declare what a lab's functions are: checks, misconceptions, alternatives, shortcuts or steps."""

import functools
import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Literal, TypeVar

import numpy as np

from autograder.model.results import Kind

Test = TypeVar("Test", bound=Callable[..., None])
Function = TypeVar("Function", bound=Callable[..., Any])
MistakeKind = Literal["misses_point", "constant", "convention", "edge", "conduct"]


@dataclass(frozen=True)
class Check:
    """What the decorator `checks` declares about a test. Each field means the same as the argument with that name."""

    stub: str
    kind: Kind
    weight: float
    conduct: bool
    advisory: bool
    part: int | None = None
    rounded: float | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer to the stub `of`. For fields not described here, see `misconception`.

    probabilities: for a sampler, a function that returns the probabilities (V,) it draws with. parameters: the values
    of the parameters that the function takes in addition to the stub's arguments. Each combination of values is a
    separate Misconception, but they all have the same name.
    """

    name: str
    of: str
    hint: str
    function: Callable[..., Any]
    probabilities: Callable[..., Any] | None = None
    kind: MistakeKind | None = None
    exempt: str | None = None
    taught: bool = False
    visible_power: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def key(self) -> Hashable:
        """What tells it apart from the stub's other misconceptions."""
        return self.name, *self.parameters.items()

    def fresh(self) -> Callable[..., Any]:
        """Return a copy of the function with its own globals, so that nothing is left over from earlier submissions."""
        function = self.function
        assert isinstance(function, FunctionType)
        variables, defaults = {**function.__globals__}, function.__defaults__
        made = FunctionType(function.__code__, variables, function.__name__, defaults, function.__closure__)
        made.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **self.parameters}
        return made

    def distribution(self) -> Callable[..., Any] | None:
        """Return `probabilities` with these parameters filled in, or None. If they divide by 0, numpy doesn't warn,
        just as when the misconception itself runs."""
        if self.probabilities is None:
            return None
        return np.errstate(all="ignore")(functools.partial(self.probabilities, **self.parameters))


@dataclass(frozen=True)
class Alternative:
    """A correct answer to the stub `of`, written differently."""

    name: str
    of: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Shortcut:
    """An attempt to get the grader itself to supply the answer to the stub `of`."""

    name: str
    of: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Steps:
    """The intermediate steps of an answer to the stub `of`. `example`: the arguments that the notebook works
    through."""

    of: str
    function: Callable[..., Any]
    example: tuple[Any, ...]


def checks(
    stub: str,
    *,
    kind: Kind = "visible",
    weight: float = 1.0,
    conduct: bool = False,
    advisory: bool = False,
    part: int | None = None,
    rounded: float | None = None,
    share: float = 0.0,
) -> Callable[[Test], Test]:
    """Declare a test to be a check of `stub`. The test's docstring is the title that students read.

    The test's arguments are filled in by name: `student` (`student.softmax(x)` calls the student's function), `rng` (a
    numpy Generator with the check's own seed), and `examinee` (the student and rounds that the check runs for). The
    test passes if it returns, and fails if an assertion raises.

    kind: "visible", "hidden", "robustness" or "statistical". Students see the data and how their answer differs only if
        the check is visible.
    weight: this check's share of the stub's points, relative to the stub's other checks. All the visible checks
        together earn at most a fifth of the stub's points.
    conduct: whether the check is about purity, repeatability or errors. If so, this check earns points only if the
        checks of the stub's values earn at least half of theirs.
    advisory: whether the check is worth no points.
    part: if the answer is a tuple, the index of the item that this check looks at. In that case, we match
        misconceptions item by item.
    rounded: if students round their answers by hand, how far off an answer can be, in its own unit, and still count as
        the same mistake.
    share: the fraction of this check's points that an answer earns if its values are right except for their shape or a
        convention (see `agree`).
    """

    def decorate(test: Test) -> Test:
        made = Check(stub, kind, weight, conduct, advisory, part, rounded, share)
        test.__check__ = made  # type: ignore[attr-defined]
        return test

    return decorate


def misconception(
    *,
    of: str,
    hint: str,
    kind: MistakeKind | None = None,
    any_of: Mapping[str, Sequence[Any]] | None = None,
    probabilities: Callable[..., Any] | None = None,
    exempt: str | None = None,
    taught: bool = False,
    visible_power: float | None = None,
) -> Callable[[Function], Function]:
    """Declare a function to be a known wrong answer to the stub `of`. It has the stub's signature, and takes and
    returns numpy arrays.

    hint: what goes wrong and why, but never the code.
    kind: the class of mistake, which limits the share of the stub's points it can earn. "misses_point": at most half.
        "constant" (zeros, or the same value for any input): at most a tenth. "convention" (a kept axis, a mean instead
        of a sum) and "edge" (one window too few): at least two fifths. "conduct" (no input check, a changed input):
        anything.
    exempt: why this misconception is allowed to be outside its kind's limits. If that's only the case for some values
        of its parameters, declare the function twice: put one decorator for those values above another for the rest.
    any_of: the values to try for keyword parameters that the function takes in addition to the stub's arguments, such
        as {"base": (2, 10)}. If an answer matches any of them, it counts as this mistake.
    probabilities: for a sampler, a function of the same arguments that returns the probabilities it draws with, float64
        of shape (V,). The ids depend on how a sampler uses its rng, so we compare a student's counts with these
        probabilities instead.
    taught: whether the notebook teaches this or warns about it, so that a visible check must fail it.
    visible_power: how often a visible check catches this mistake, from 0 to 1, if only a statistical check can detect
        it.
    """
    choices = any_of or {}

    def decorate(function: Function) -> Function:
        function.__misconceptions__ = getattr(function, "__misconceptions__", []) + [  # type: ignore[attr-defined]
            Misconception(
                function.__name__,
                of,
                hint,
                function,
                probabilities,
                kind,
                exempt,
                taught,
                visible_power,
                dict(zip(choices, values, strict=True)),
            )
            for values in itertools.product(*choices.values())
        ]
        return function

    return decorate


def alternative(*, of: str) -> Callable[[Function], Function]:
    """Declare a function to be a correct answer to the stub `of`, which must earn full credit.

    It takes and returns numpy arrays.
    """

    def decorate(function: Function) -> Function:
        function.__alternative__ = Alternative(function.__name__, of, function)  # type: ignore[attr-defined]
        return function

    return decorate


def shortcut(*, of: str) -> Callable[[Function], Function]:
    """Declare a function to be an attempt to get the grader to supply the answer to the stub `of`, through given
    functions or in some other way.

    It must not earn any points. Write it like a student's cell, with all its own imports.
    """

    def decorate(function: Function) -> Function:
        function.__shortcut__ = Shortcut(function.__name__, of, function)  # type: ignore[attr-defined]
        return function

    return decorate


def steps(*, of: str, example: Sequence[Any]) -> Callable[[Function], Function]:
    """Declare a function that computes the intermediate steps of an answer to the stub `of`, for `keep` and `compare`.

    It takes the stub's arguments the way the reference does (as tensors), and returns a dict that maps each step's name
    in the notebook to its value, in the order of computation. No two stubs in a lab can have a step with the same name.

    example: the arguments that the notebook works through, in numpy. Students see these numbers.
    """

    def decorate(function: Function) -> Function:
        function.__steps__ = Steps(of, function, tuple(example))  # type: ignore[attr-defined]
        return function

    return decorate
