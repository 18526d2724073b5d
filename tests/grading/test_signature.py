"""A stub whose arguments aren't named as in the task: one check says so, and the others look at the stub's values."""

from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.guest.calls import CallServer
from autograder.guest.values import HEADER, encode, unpack
from autograder.mastery.levels import Level, stub_level
from autograder.model import pitfalls
from autograder.model.results import Evidence, Outcome
from tests.repository import COURSE

LAB = COURSE.lab("softmax")
PARTS = notebooks.simulation(COURSE, LAB)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Evidence]]:
    """Each stub's evidence from a notebook in which three stubs' arguments aren't named as in the task."""
    solved = PARTS.solutions
    changed = {
        "softmax": solved["softmax"].replace("axis", "dim").replace("dim=dim", "axis=dim"),
        "log_softmax": solved["log_softmax"].replace("logits", "z"),
        "softmax_with_temperature": "def softmax_with_temperature(logits, temperature, **options):\n"
        "    return softmax(logits / positive(temperature), **{'dim': options.get('axis', -1)})\n\n\n"
        "def positive(number):\n    if number > 0:\n        return number\n    raise ValueError(number)",
    }
    path = notebooks.write(PARTS.solved(changed), tmp_path_factory.mktemp("ada") / "softmax.ipynb")
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:
        (result,) = room.grade([Job("ada", "softmax", path, 1, "")])
    return {stub.name: [each for each in result.checks if each.stub == stub.name] for stub in LAB.stubs}


def failing(evidence: list[Evidence]) -> list[Evidence]:
    return [each for each in evidence if each.outcome is not Outcome.PASSED]


def test_a_renamed_option_fails_one_check_and_costs_the_level_not_the_points(found: dict[str, list[Evidence]]) -> None:
    (signature,) = failing(found["softmax"])
    assert signature.id == "softmax::softmax::signature"
    assert signature.message is not None
    assert signature.message.startswith("In your function, axis is called dim.")
    assert signature.slip == pitfalls.SIGNATURE
    assert sum(each.points for each in found["softmax"]) == pytest.approx(LAB.stub("softmax").points)
    assert stub_level(found["softmax"]) is Level.ATTEMPTED


@pytest.mark.parametrize("stub", ["log_softmax", "softmax_with_temperature"])
def test_other_names_for_what_goes_by_place_and_options_of_any_name_are_fine(
    found: dict[str, list[Evidence]], stub: str
) -> None:
    assert failing(found[stub]) == []


def answered(stub: Callable[..., object], parameters: list[str], *args: object, **kwargs: object) -> dict[str, object]:
    server = CallServer(lambda _: {}, lambda _: None)
    call = {"op": "call", "name": "f", "arguments": encode([args, kwargs]), "named": True, "parameters": parameters}
    return unpack(server.answer({"f": stub}, call)[HEADER.size :])


def test_arguments_go_to_their_places_also_where_some_are_left_out() -> None:
    def draw(z, t=1.0, k=None, p=None):
        return [z, t, k, p]

    names = ["logits", "temperature", "top_k", "top_p"]
    reply = answered(draw, names, 0, top_p=0.5, temperature=2.0)
    assert reply["value"] == [0, 2.0, None, 0.5]
    assert reply["renamed"] == {"top_p": "p", "temperature": "t"}


def test_what_takes_no_names_is_not_called_by_one() -> None:
    assert "error" in answered(lambda x, *rest: x, ["x", "axis"], 1, axis=0)
    assert "error" in answered(lambda x: x, ["x", "axis"], 1, axis=0)


def test_names_in_another_order_are_no_other_names() -> None:
    def swapped(b, a):
        return [a, b]

    assert answered(swapped, ["a", "b"], a=1, b=2) == {"value": [1, 2]}
    assert answered(np.mean, ["values", "axis"], np.ones(2), axis=0) == {"value": 1.0}
