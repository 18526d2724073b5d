"""How a lab's files declare what their functions are: checks, misconceptions, alternatives, shortcuts, steps."""

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Literal, TypeVar

from autograder.model.results import Kind

Test = TypeVar("Test", bound=Callable[..., None])
Function = TypeVar("Function", bound=Callable[..., Any])
MistakeKind = Literal["misses_point", "constant", "convention", "edge", "conduct"]


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
    share: float = 0.0


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer to the stub `of`. For a sampler, `probabilities` returns the (V,) it draws with.

    parameters: the values that the function takes here beside the stub's arguments. There's one Misconception for each
    choice of them, all under the same name.
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

    def fresh(self) -> Callable[..., Any]:
        """Return the function as if it had never been called: it has kept nothing of earlier submissions."""
        function = self.function
        assert isinstance(function, FunctionType)
        variables, defaults = {**function.__globals__}, function.__defaults__
        made = FunctionType(function.__code__, variables, function.__name__, defaults, function.__closure__)
        made.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **self.parameters}
        return made

    def distribution(self) -> Callable[..., Any] | None:
        """Return the `probabilities` of these parameters."""
        return self.probabilities and functools.partial(self.probabilities, **self.parameters)


@dataclass(frozen=True)
class Alternative:
    """A right answer to the stub `of`, written another way."""

    name: str
    of: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Shortcut:
    """An attempt to have the grader answer the stub `of`."""

    name: str
    of: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Steps:
    """The steps to an answer of the stub `of`; `example` holds the arguments that its notebook works through."""

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
    """Make a test a check of `stub`. The test's docstring is the title students read.

    The test asks for what it needs by argument name: `student` (`student.softmax(x)` calls the student's function),
    `rng` (a numpy Generator with the check's own seed), `examinee` (who's asked, in which round). It passes if
    it returns, and fails if an assertion raises.

    kind: "visible", "hidden", "robustness" or "statistical"; students see the data and the difference of visible checks
    only. weight: this check's share of the stub's points, relative to the stub's other checks; the visible ones
    together earn a fifth at most. conduct: it looks at purity, repeatability or errors, so it earns points only if the
    checks of the stub's values earn half of theirs. advisory: it earns nothing. part: for an answer that's a tuple, the
    index of the item this check looks at; misconceptions are then named item by item. rounded: how far, in the answer's
    own unit, a hand-rounded answer may be off and still count as the same mistake. share: the part of this check's
    points that an answer earns whose values are right apart from a shape or a convention (see `agree`).
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
    """Make a function a known wrong answer to the stub `of`, with the stub's signature: numpy in, numpy out.

    hint: says what goes wrong and why, never the code. kind: its class, which says what it may earn of the stub's
    points: "misses_point" half at most, "constant" (zeros, the same whatever comes in) a tenth at most, "convention" (a
    kept axis, mean for sum) and "edge" (one window too few) two fifths at least, "conduct" (no input check, a changed
    input) anything. exempt: why it doesn't keep to that. any_of: values of parameters that the function takes by
    keyword beside the stub's arguments, such as {"base": (2, 10)}; whichever gives the student's answers, it's this
    mistake.

    probabilities: for a sampler, a function of the same arguments that returns the probabilities (V,), float64, it
    draws with. Its ids depend on how it uses its rng, so a student's counts are compared with these instead. taught:
    the notebook teaches or warns of it, so a visible check must fail. visible_power: how often a visible check sees
    it, from 0 to 1, where only statistics can tell.
    """
    choices = any_of or {}

    def decorate(function: Function) -> Function:
        function.__misconceptions__ = [  # type: ignore[attr-defined]
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
    """Make a function a right answer to the stub `of`, which must earn full points: numpy in, numpy out."""

    def decorate(function: Function) -> Function:
        function.__alternative__ = Alternative(function.__name__, of, function)  # type: ignore[attr-defined]
        return function

    return decorate


def shortcut(*, of: str) -> Callable[[Function], Function]:
    """Make a function an attempt to have the grader answer the stub `of`, by its givens or what else is open to it.

    It must earn nothing. It's written like a student's cell: whatever it needs, it imports itself.
    """

    def decorate(function: Function) -> Function:
        function.__shortcut__ = Shortcut(function.__name__, of, function)  # type: ignore[attr-defined]
        return function

    return decorate


def steps(*, of: str, example: Sequence[Any]) -> Callable[[Function], Function]:
    """Make a function the steps to an answer of the stub `of`, for `keep` and `compare`.

    It takes the stub's arguments as its reference does (tensors), and returns a dict: each step's value by the name
    that the notebook gives it, in the order of computation. Within a lab, no two stubs share a name. example: the
    arguments that the notebook works through, in numpy; its numbers are shown to students.
    """

    def decorate(function: Function) -> Function:
        function.__steps__ = Steps(of, function, tuple(example))  # type: ignore[attr-defined]
        return function

    return decorate
