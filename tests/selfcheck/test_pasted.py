"""A failing visible check shows code that repeats the call when it's pasted into a cell, and says what was passed."""

import ast
import collections
import importlib
import linecache
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.grading.content import misconceptions
from autograder.grading.execution import Test, check_of, name_of, run_locally
from autograder.grading.grader import Grader
from autograder.model.course import Lab
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.model.seeds import public_seed
from autograder.testing.comparison import Tolerance, is_numeric, same
from autograder.testing.doubles import ScriptedBoxes, ScriptedSampler
from autograder.testing.failures import FailureKind
from autograder.testing.references import make_torch_importable
from autograder.testing.reproduction import about, pasted
from autograder.testing.student import END, Answer, Call, StubFailure
from tests.repository import COURSE
from tests.sampling import sampled

# How many of the known wrong answers to a stub are tried. The others would run the same code.
MOST = 8
SOMEBODY = Examinee("ann", 1)


def visible_checks(lab: Lab) -> list[Test]:
    make_torch_importable(light=True)
    Grader(COURSE)
    module = importlib.import_module(f"reference.{lab.name}.test_visible")
    return [each for each in vars(module).values() if hasattr(each, "__check__")]


def raises(*_args: Any, **_options: Any) -> Any:
    raise ZeroDivisionError("on purpose")


def wrong_answers(stub: str) -> list[Callable[[], Callable[..., Any]]]:
    """Wrong answers, rebuilt for each use, since some remember earlier calls."""
    return [lambda: raises, *(each.fresh for each in misconceptions(COURSE, stub)[:MOST])]


def seen(calls: Sequence[Call], kind: FailureKind | None) -> Any:
    """What a check saw of its last call: the value, a stream's items, the exception's name, or what was changed."""
    stream = calls[-1].stream
    answers = [call.answer for call in calls if call is calls[-1] or (stream and call.stream is stream)]
    if isinstance(answers[-1], StubFailure):
        return answers[-1].exception
    if kind is FailureKind.CHANGED and isinstance(answers[-1], Answer) and answers[-1].left is not None:
        return numbers(answers[-1].left)
    values = [answer.value for answer in answers if isinstance(answer, Answer)]
    if stream:
        return [value for value in values if value is not END]
    ids = calls[-1].draws is not None and all(np.ndim(each) == 0 for each in values[0])
    return collections.Counter(values[0]) if ids else values[0]


def numbers(value: Any) -> list[Any]:
    """What can be compared in the arguments that a function left, which excludes functions and their stand-ins."""
    if isinstance(value, list | tuple | dict):
        return [each for item in (value.values() if isinstance(value, dict) else value) for each in numbers(item)]
    return [value] if is_numeric(value) else []


def done(code: str, function: Callable[..., Any], stub: str) -> Any:
    """The result of a cell's last line in a notebook that has the function, or the exception's name."""
    notebook: dict[str, Any] = {stub: function}
    *above, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    linecache.cache["cell"] = (len(code), None, code.splitlines(keepends=True), "cell")
    try:
        exec(compile(ast.Module(above, []), "cell", "exec"), notebook)
        return eval(compile(ast.Expression(last.value), "cell", "eval"), notebook)
    except Exception as error:
        return type(error).__name__


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("lab", sampled(lab.name for lab in COURSE.labs), ids=str)
def test_what_a_failing_check_shows_can_be_pasted(lab: str) -> None:
    missing, different, tried = [], [], 0
    for test in visible_checks(COURSE.lab(lab)):
        stub, seed = check_of(test).stub, public_seed(lab, check_of(test).stub, name_of(test))
        for make in wrong_answers(stub):
            verdict, calls = run_locally(COURSE, test, seed, {stub: make()}, {}, SOMEBODY)
            if verdict.outcome is Outcome.PASSED or not calls:
                continue
            first = next(iter(verdict.failures), None)
            kind = first.kind if first else None
            calls = calls[: first.calls] if first else calls
            code = pasted(calls, kind)
            tried += 1
            if code is None:
                missing.append(f"{name_of(test)}")
                break
            told = seen(calls, kind)
            found, again = (done(code, make(), stub) for _ in range(2))
            if kind is FailureKind.VARIES:
                continue  # the two results differ; the code shows that both calls are made
            if kind is FailureKind.CHANGED:
                found, again = numbers(found), numbers(again)
            # A function that draws from its own generator never returns the same value.
            if same(found, again) and not same(told, found, Tolerance(1e-9, 1e-9)):
                different.append((name_of(test), make().__name__, told, found))
                print("DIFF", different[-1], code)
    assert not missing
    assert not different
    assert tried


def test_objects_of_one_kind_are_described_once() -> None:
    boxes = ScriptedBoxes(9, 6)
    call = Call("run_pipeline", ((list(boxes.named().values())[:3], ScriptedSampler(4)), {}), Answer(None))
    assert about([call]) == (
        "Tokenizer 6, Embedding Layer 6 and Transformer Layers 6 are each one box of a made-up language model with "
        "9 letters, in six boxes.\n"
        "ScriptedSampler(4) is a sampler that draws ids from the softmax of its logits, with its own seed."
    )


LARGE = np.random.default_rng(0).normal(size=(40, 50))


@pytest.mark.parametrize("array", [np.arange(6.0).reshape(2, 3).T, np.ones((3, 4, 5), order="F"), LARGE.T])
def test_columns_that_lie_together_in_memory_do_so_in_the_pasted_array_too(array: np.ndarray) -> None:
    code = pasted([Call("relu", ((array,), {}), Answer(None))], None)
    assert code is not None
    got = done(code, lambda given: given, "relu")
    assert got.shape == array.shape
    assert (got == array).all()
    assert got.flags.fnc == array.flags.fnc


@pytest.mark.parametrize(
    "value",
    [10**10_000, [{"a": -(10**10_000)}], {10**10_000: 1}, np.array([10**10_000, None])],
    ids=["number", "list", "key", "objects"],
)
def test_an_answer_that_cannot_be_written_out_is_not_pasted_where_a_check_passes_it_on(value: Any) -> None:
    assert pasted([Call("relu", ((value,), {}), Answer(None))], None) is None
