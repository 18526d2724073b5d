"""What a check finds wrong apart from the values, and which answers it treats as equal."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.authoring.simulation.notebooks import source_as
from autograder.grading.content import misconceptions
from autograder.grading.diagnosis import Diagnoser
from autograder.grading.execution import SOMEBODY, Verdict, find
from autograder.model.results import Outcome
from autograder.testing import agree, misconception
from autograder.testing.failures import Compared, FailureKind
from autograder.testing.local import LocalConnection
from autograder.testing.student import Student
from tests.grading.visible_runs import visible_runs
from tests.repository import COURSE

WANTED = np.array([1.0, 2.0, 4.0])


def verdict_on(stub: Callable[[], Any]) -> Verdict:
    def check(student: Any) -> None:
        for _ in range(2):
            agree(student.stub, lambda: WANTED, apart_from=[lambda wanted: wanted / 2])

    return find(check, Student(LocalConnection({"stub": stub})), np.random.default_rng(0), SOMEBODY)


@pytest.mark.parametrize(
    ("answer", "kinds", "values_are_right"),
    [
        (WANTED[:, None], [FailureKind.SHAPE] * 2, True),
        (WANTED / 2, [FailureKind.CONVENTION] * 2, True),
        (WANTED[None] / 2, [FailureKind.SHAPE, FailureKind.CONVENTION] * 2, True),
        (WANTED * 3, [FailureKind.ANSWER], False),
        (WANTED[None] * 3, [FailureKind.SHAPE, FailureKind.ANSWER], False),
        (None, [FailureKind.NOTHING], False),
    ],
)
def test_a_shape_or_a_convention_lets_the_check_go_on(answer: Any, kinds: list[Any], values_are_right: bool) -> None:
    verdict = verdict_on(lambda: answer)
    assert verdict.outcome is Outcome.FAILED
    assert [each.kind for each in verdict.failures] == kinds
    assert verdict.values_are_right is values_are_right


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (2, 2.0, True),
        (np.float32(0.1), 0.1, True),
        (1.959964, 1.96, True),
        (0.5, 0.9, False),
        (np.nan, np.nan, True),
        (-np.inf, -1e10, False),
        ([1.0, 2.0], (1.0, 2.0), True),
        (None, 0.0, False),
    ],
)
def test_answers_are_the_same_if_the_check_cannot_tell_them_apart(one: Any, other: Any, alike: bool) -> None:
    found, others = (Compared(each, 300_000.0, False, 1e-4, None) for each in (one, other))
    assert found.takes_for(others) is alike


def test_a_family_has_a_member_for_each_value() -> None:
    @misconception(of="perplexity", hint="Another base.", any_of={"base": (2, 10.0)})
    def other_base(loss: float, *, base: float) -> float:
        return base**loss

    members = other_base.__misconceptions__  # type: ignore[attr-defined]
    assert [each.name for each in members] == ["other_base"] * 2
    assert [each.fresh()(3) for each in members] == [8, 1000]
    namespace: dict[str, Any] = {}
    for each in members:
        exec(source_as("perplexity", each.function, each.parameters), namespace)
        assert namespace["perplexity"](3) == each.fresh()(3)


def test_a_function_can_be_declared_again_with_other_values() -> None:
    @misconception(of="perplexity", hint="A small base.", any_of={"base": (1.1, 1.2)}, exempt="It's close to 1.")
    @misconception(of="perplexity", hint="Another base.", any_of={"base": (2, 10.0)})
    def other_base(loss: float, *, base: float) -> float:
        return base**loss

    members = other_base.__misconceptions__  # type: ignore[attr-defined]
    assert {each.parameters["base"] for each in members if each.exempt} == {1.1, 1.2}
    assert {each.parameters["base"] for each in members if not each.exempt} == {2, 10.0}


def diagnosed(stub: str, answer: Callable[..., Any]) -> str | None:
    """The name that an answer to a stub gets in its visible checks."""
    return Diagnoser(COURSE).diagnosis(stub, visible_runs(stub, answer)).name


def test_a_wrong_formula_is_not_told_a_second_time_by_the_shape_it_gives() -> None:
    # With a single input, input times weight is the right number, but in an array.
    assert diagnosed("neuron", lambda x, w, b: x * w + b) == "products_not_added_up and shapes_not_compared"
    assert diagnosed("neuron", lambda x, w, b: np.sum(x * w, keepdims=True) + b) == (
        "array_of_one_number and shapes_not_compared"
    )


def leaks(z: Any) -> Any:
    return np.where(np.asarray(z) < 0, 0.01 * np.asarray(z), z)


def leaks_but_not_in_whole_numbers(z: Any) -> Any:
    return np.maximum(z, 0) if np.asarray(z).dtype.kind == "i" else leaks(z)


def leaks_or_cuts_off_above_6(z: Any) -> Any:
    return np.clip(z, 0, 6) if np.max(z, initial=0) > 6 else leaks(z)


def leaks_and_turns_tables_round(z: Any) -> Any:
    return -leaks(z) if np.ndim(z) == 2 else leaks(z)


def leaks_once(z: Any) -> Any:
    return leaks(z) if np.ndim(z) == 2 else -np.abs(np.asarray(z, dtype=float))


def leaks_in_tables_and_drops_signs_elsewhere(z: Any) -> Any:
    return leaks(z) if np.ndim(z) == 2 else np.abs(np.asarray(z, dtype=float))


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (leaks, "leaky_relu"),
        (leaks_but_not_in_whole_numbers, "leaky_relu"),
        (leaks_and_turns_tables_round, "leaky_relu"),
        (leaks_or_cuts_off_above_6, None),
        (leaks_once, None),
        (leaks_in_tables_and_drops_signs_elsewhere, "absolute_value"),
    ],
)
def test_a_name_needs_most_of_the_failing_checks(answer: Callable[..., Any], name: str | None) -> None:
    assert diagnosed("relu", answer) == name


def softmax_of_the_last_axis_that_overflows(logits: Any, axis: int = -1) -> Any:
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def test_two_mistakes_are_two_names_where_each_shows_by_itself() -> None:
    assert diagnosed("softmax", softmax_of_the_last_axis_that_overflows) == (
        "no_maximum_subtracted and always_the_last_axis or axis_1_for_every_batch"
    )


def refuses_by_another_error(x: Any, w: Any, b: Any) -> Any:
    if np.shape(x) != np.shape(w) or np.ndim(x) != 1:
        raise LookupError("the shapes differ")
    return np.dot(x, w) + b


def removes_every_token(logits: Any, k: int) -> Any:
    if k < 1:
        raise ValueError("k must be 1 or more")
    return np.full(len(logits), -np.inf)


def test_what_a_check_makes_nan_of_tells_nothing() -> None:
    assert diagnosed("top_k_filter", removes_every_token) is None


def nucleus_without_the_crossing_token(logits: Any, p: float) -> Any:
    """Return the top-p filter's logits without the token that crosses p. At p = 1, keep only the last id."""
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    removed = np.arange(len(logits) - 1) if p == 1 else order[totals / totals[-1] > p]
    return np.where(np.isin(np.arange(len(logits)), removed), -np.inf, logits)


def test_a_check_in_which_both_answers_become_nan_does_not_count_against_a_name() -> None:
    # In most checks the most likely token crosses p, so nothing is left.
    assert diagnosed("top_p_filter", nucleus_without_the_crossing_token) == "drops_the_crossing_token"


def refuses_what_fits(x: Any, w: Any, b: Any) -> Any:
    if np.shape(x) == np.shape(w) and np.ndim(x) == 1:
        raise ValueError("the shapes differ")
    return np.sum(x * w) + b


def test_a_condition_the_wrong_way_around_is_not_a_missing_one() -> None:
    assert diagnosed("neuron", refuses_what_fits) is None


def test_no_error_and_another_error_are_different_mistakes() -> None:
    assert diagnosed("neuron", lambda x, w, b: np.sum(x * w) + b) == "shapes_not_compared"
    assert diagnosed("neuron", refuses_by_another_error) == "raises_another_error"


def shifts_the_callers(changed: str) -> Callable[..., Any]:
    """A correct pretraining loss that overwrites its logits, its token ids, or both."""

    def loss(logits: Any, token_ids: Any) -> Any:
        if len(token_ids) < 2:
            raise ValueError("nothing to predict")
        shifted = logits - logits.max(axis=-1, keepdims=True)
        found = np.mean(np.log(np.exp(shifted).sum(axis=-1))[:-1] - shifted[range(len(token_ids) - 1), token_ids[1:]])
        if "logits" in changed:
            logits -= logits.max(axis=-1, keepdims=True)
        if "ids" in changed:
            token_ids[:-1] = token_ids[1:]
        return found

    return loss


def test_a_changed_argument_is_named_only_after_a_mistake_that_changes_it_too() -> None:
    assert diagnosed("pretraining_loss", shifts_the_callers("logits")) == "changes_the_callers_logits"
    assert diagnosed("pretraining_loss", shifts_the_callers("logits and ids")) == "changes_the_callers_logits"
    assert diagnosed("pretraining_loss", shifts_the_callers("ids")) is None


def test_no_hint_says_that_all_else_is_right() -> None:
    """Findings are joined, and a second finding may say that something else is wrong."""
    known = [each for stub in COURSE.stubs for each in misconceptions(COURSE, stub)]
    assert [each.name for each in known if re.search(r"\b(is|are) right,? but\b", each.hint)] == []
