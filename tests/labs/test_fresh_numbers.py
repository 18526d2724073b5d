"""On fresh numbers every right answer passes the visible checks, however it was written, and none by heart does."""

import importlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.content import make_importable
from autograder.grading.execution import Test, check_of, name_of, references, run_locally
from autograder.model.course import load
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.model.seeds import fresh_seed, public_seed
from autograder.testing.references import make_torch_importable
from tests.sampling import sampled

COURSE = load(Path(__file__).resolve().parents[2])
# The labs whose visible checks all draw, and how often each is run.
LABS = {"softmax": 1, "start": 5, "neuron": 3, "loss": 3, "backprop": 1, "readiness": 3}
ANN = Examinee("ann")


def visible_checks(lab: str) -> list[Test]:
    make_torch_importable(light=True)
    make_importable(COURSE)
    checks = vars(importlib.import_module(f"reference.{lab}.test_visible")).values()
    return [each for each in checks if hasattr(each, "__check__")]


class ByHeart:
    """Answers what it was asked while it learned, as the right function did, and nothing else."""

    def __init__(self, right: Callable[..., Any]) -> None:
        self.right, self.learning = right, True
        self.known: dict[bytes, Any] = {}

    def __call__(self, *args: Any, **options: Any) -> Any:
        asked = pickle.dumps(([each for each in args if not callable(each)], options))
        if self.learning:
            try:
                self.known[asked] = self.right(*args, **options)
            except (ValueError, IndexError) as error:
                self.known[asked] = error
        answer = self.known[asked]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize("lab", sampled(LABS))
def test_right_answers_pass_on_fresh_numbers(lab: str) -> None:
    checks = visible_checks(lab)
    declared = vars(importlib.import_module(f"solutions.{lab}.alternatives")).values()
    alternatives = [each.__alternative__ for each in declared if hasattr(each, "__alternative__")]
    tried = set()
    for test in checks:
        stub = check_of(test).stub
        for draw in range(LABS[lab]):
            seed = fresh_seed(bytes([draw]), lab, stub, name_of(test))
            for right in (each for each in alternatives if each.of == stub):
                verdict, _ = run_locally(COURSE, test, seed, {stub: right.function}, {}, ANN)
                # Some call other functions of the notebook, which isn't there.
                if verdict.exception != "NameError":
                    assert verdict.outcome is Outcome.PASSED, (right.name, verdict.message)
                    tried.add(test)
    assert len(tried) == len(checks)


@pytest.mark.parametrize("lab", sampled(LABS))
def test_answers_by_heart_fail_each_check_on_fresh_numbers(lab: str) -> None:
    for test in visible_checks(lab):
        stub = check_of(test).stub
        answer = ByHeart(references(COURSE, test)[stub])
        shown, others = (seed(lab, stub, name_of(test)) for seed in (public_seed, lambda *of: fresh_seed(b"one", *of)))
        for learning in (True, False):
            answer.learning = learning
            verdict, _ = run_locally(COURSE, test, shown, {stub: answer}, {}, ANN)
            assert verdict.outcome is Outcome.PASSED, (name_of(test), verdict.message)
        verdict, _ = run_locally(COURSE, test, others, {stub: answer}, {}, ANN)
        assert verdict.outcome is not Outcome.PASSED, name_of(test)
