"""When checks draw fresh numbers, correct answers pass however they're written, and memorized ones never do."""

import ast
import copy
import functools
import importlib
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autograder import keep
from autograder.authoring.simulation import notebooks
from autograder.grading.content import make_importable, reference_of
from autograder.grading.execution import Test, check_of, name_of, run_locally
from autograder.guest.values import is_iterator
from autograder.model.course import Lab
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.model.seeds import fresh_seed, public_seed
from autograder.model.submission import read
from autograder.testing.declarations import Misconception
from autograder.testing.references import call_reference, make_torch_importable
from tests.repository import COURSE
from tests.sampling import sampled

LABS = {lab.name: lab for lab in COURSE.labs}
ANN = Examinee("ann")
# For these, students hand in a record, or the answer to their own question, whatever a check asks.
HANDED_IN = {*COURSE.items, "observation"}
# How often each lab's checks are drawn: one lab by default, every lab in the proof, and more often in a slow test.
DRAWS = [
    ("softmax", 1),
    *(pytest.param(lab, 5, marks=pytest.mark.proof) for lab in LABS),
    *(pytest.param(lab, 50, marks=pytest.mark.slow) for lab in LABS),
]


@pytest.fixture(autouse=True, scope="module")
def _importable() -> None:
    make_torch_importable(light=True)
    make_importable(COURSE)


def drawing_checks(lab: str) -> list[Test]:
    checks = vars(importlib.import_module(f"reference.{lab}.test_visible")).values()
    return [each for each in checks if hasattr(each, "__check__") and check_of(each).stub not in HANDED_IN]


def answers(lab: Lab) -> dict[str, Any]:
    """All functions of the solved notebook, with its imports and the references of other labs."""
    names: dict[str, Any] = {stub: _by_reference(stub) for stub in COURSE.stubs} | {"keep": keep}
    for cell in read(COURSE.root / "solutions" / lab.name / f"{lab.name}.py").cells:
        for node in ast.parse(cell.source).body:
            imports = (isinstance(node, ast.Import) and "matplotlib" not in ast.unparse(node)) or (
                isinstance(node, ast.ImportFrom) and node.module in sys.stdlib_module_names
            )
            if imports or isinstance(node, ast.FunctionDef):
                exec(ast.unparse(node), names)
    for source in notebooks.simulation(COURSE, lab).solutions.values():
        exec(source, names)
    return names


def _by_reference(stub: str) -> Callable[..., Any]:
    return lambda *args, **options: call_reference(reference_of(COURSE, stub), copy.deepcopy((args, options)))


def written(source: str, stub: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function that a cell defines when it replaces the stub's own cell in the solved notebook."""
    scope = dict(names)
    exec(source, scope)
    function: Callable[..., Any] = scope[stub]
    return function


class NotLearned(Exception):
    """A memorized answer was asked something that it wasn't asked while learning."""


@dataclass
class Memory:
    """One call: what it asked its arguments, in order, what it returned or raised, and whether that's a stream."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    stream: bool = False


class ByHeart:
    """Answers what it was asked while it learned, as the correct function did, and nothing else.

    It even asks the functions it's given what the correct function asked them, and ignores what they say.
    """

    def __init__(self, right: Callable[..., Any]) -> None:
        self.right, self.learning = right, True
        self.known: dict[bytes, list[Memory]] = {}
        self.asked: dict[bytes, int] = {}

    def begins_again(self) -> None:
        self.learning, self.asked = False, {}

    def __call__(self, *args: Any, **options: Any) -> Any:
        lent: list[Callable[..., Any]] = []
        question = pickle.dumps(_without_lent((args, options), lent))
        if self.learning:
            memory = Memory()
            self.known.setdefault(question, []).append(memory)
            return self._learned(memory, *_noting((args, options), memory.events, iter(range(len(lent)))))
        times = self.asked.get(question, 0)
        self.asked[question] = times + 1
        if times >= len(self.known.get(question, [])):
            raise NotLearned
        memory = self.known[question][times]
        return _played(memory, lent) if memory.stream else next(_played(memory, lent))

    def _learned(self, memory: Memory, args: Any, options: Any) -> Any:
        try:
            answer = self.right(*args, **options)
        except (ValueError, IndexError, KeyError) as error:
            memory.events.append(("raise", error))
            raise
        memory.stream = is_iterator(answer)
        if memory.stream:
            return _learned_stream(memory, answer)
        memory.events.append(("give", copy.deepcopy(answer)))
        return answer


def _learned_stream(memory: Memory, stream: Iterator[Any]) -> Iterator[Any]:
    try:
        for piece in stream:
            memory.events.append(("give", piece))
            yield piece
    except ValueError as error:
        memory.events.append(("raise", error))
        raise


def _played(memory: Memory, lent: list[Callable[..., Any]]) -> Iterator[Any]:
    for kind, what in memory.events:
        if kind == "ask":
            lent[what[0]](*copy.deepcopy(what[1]))
        elif kind == "raise":
            raise what
        else:
            yield copy.deepcopy(what)


def _without_lent(value: Any, lent: list[Callable[..., Any]]) -> Any:
    """The value without anything that may answer differently next time; functions go to `lent`."""
    if isinstance(value, dict):
        return {key: _without_lent(each, lent) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_lent(each, lent) for each in value]
    if callable(value):
        lent.append(value)
    return "lent" if callable(value) or is_iterator(value) or isinstance(value, np.random.Generator) else value


def _noting(value: Any, events: list[tuple[str, Any]], places: Iterator[int]) -> Any:
    """The value with functions in it that record what they're asked."""
    if isinstance(value, dict):
        return {key: _noting(each, events, places) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_noting(each, events, places) for each in value)
    if not callable(value):
        return value
    place = next(places)

    def ask(*args: Any) -> Any:
        events.append(("ask", (place, copy.deepcopy(args))))
        return value(*args)

    return ask


@pytest.mark.parametrize(("lab", "draws"), DRAWS)
def test_right_answers_pass_on_fresh_numbers(lab: str, draws: int) -> None:
    names, parts = answers(LABS[lab]), notebooks.simulation(COURSE, LABS[lab])
    right = [("the solution", stub, source) for stub, source in parts.solutions.items()]
    others = notebooks.alternatives(COURSE, LABS[lab])
    right += [(each.name, each.of, notebooks.source_of(COURSE, each, None)) for each in others]
    functions = [(name, stub, written(source, stub, names)) for name, stub, source in right if stub not in HANDED_IN]
    for test in drawing_checks(lab):
        stub = check_of(test).stub
        for draw in range(draws):
            seed = fresh_seed(bytes([draw]), lab, stub, name_of(test))
            for name, of, function in functions:
                if of == stub:
                    verdict, _ = run_locally(COURSE, test, seed, {stub: function}, {}, ANN)
                    assert verdict.outcome is Outcome.PASSED, (name, name_of(test), draw, verdict.message)


@pytest.mark.parametrize("lab", sampled(LABS, "softmax"))
def test_memorized_answers_fail_each_check_on_fresh_numbers(lab: str) -> None:
    names = answers(LABS[lab])
    for test in drawing_checks(lab):
        stub = check_of(test).stub
        answer = ByHeart(names[stub])
        shown, others = (seed(lab, stub, name_of(test)) for seed in (public_seed, lambda *of: fresh_seed(b"one", *of)))
        for seed in (shown, shown, others):
            verdict, _ = run_locally(COURSE, test, seed, {stub: answer}, {}, ANN)
            assert (verdict.outcome is Outcome.PASSED) == (seed == shown), (name_of(test), verdict.message)
            answer.begins_again()


@pytest.mark.parametrize(("lab", "draws"), DRAWS)
def test_what_fails_the_shown_numbers_fails_fresh_ones(lab: str, draws: int) -> None:
    """This is tried with the known mistakes. Those that only statistics can detect may pass occasionally."""
    names = answers(LABS[lab])
    for wrong in notebooks.wrong_answers(COURSE, LABS[lab]):
        if wrong.of in HANDED_IN or wrong.visible_power or passes(wrong, lab, names, public_seed):
            continue
        for draw in range(draws):
            seed_of = functools.partial(fresh_seed, bytes([draw]))
            assert not passes(wrong, lab, names, seed_of), (wrong.name, wrong.parameters, draw)


def passes(wrong: Misconception, lab: str, names: dict[str, Any], seed_of: Callable[[str, str, str], int]) -> bool:
    """Return whether an answer passes every visible check of its stub."""
    stub, distribution = wrong.of, wrong.distribution()
    functions = {stub: written(notebooks.source_of(COURSE, wrong, None), stub, names)}
    drawn = {stub: distribution} if distribution else {}
    for test in drawing_checks(lab):
        if check_of(test).stub == stub:
            verdict, _ = run_locally(COURSE, test, seed_of(lab, stub, name_of(test)), functions, drawn, ANN)
            if verdict.outcome is not Outcome.PASSED:
                return False
    return True
