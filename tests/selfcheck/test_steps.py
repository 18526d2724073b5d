"""`keep` and `compare`: the first wrong step, in a notebook and in a terminal, but not during grading."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.content import reference_of, steps_of
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.guest import values
from autograder.testing.references import reference_value
from autograder.testing.stepwise import names_of
from autograder.testing.student import answer_in
from tests.commands import run_mastery
from tests.kernels import Kernel, words
from tests.repository import COURSE, ROOT

BACKPROP = notebooks.simulation(COURSE, COURSE.lab("backprop"))
STUB = "cross_entropy_backward"
RIGHT = f"""
def {STUB}(logits, targets):
    gradient = softmax(logits)
    keep("probs", gradient)
    gradient[np.arange(len(logits)), targets] -= 1.0
    keep("dlogits", gradient / len(logits))
    return gradient / len(logits)
"""
# The copy that was kept first is right, even though the array is changed afterward.
NEVER_DIVIDED = RIGHT.replace(" / len(logits)", "")
NOTHING_SUBTRACTED = RIGHT.replace(" -= 1.0", " -= 0.0")
KEEP_NEXT = "Your probs is right. Keep dlogits too; it's the next one to check."
FIRST_WRONG = "Your probs is right, and dlogits is the first one that's wrong: "
NETWORK = """
def mlp_loss_and_grads(params, X, targets):
    a = X @ params["W1"] + params["b1"]
    h = np.maximum(a, 0.0)
    logits = h @ params["W2"] + params["b2"]
    rows = np.arange(len(X))
    loss = cross_entropy(logits, targets)
    slopes = softmax(logits)
    slopes[rows, targets] -= 1.0
    slopes /= len(X)
    grad_h = slopes @ params["W2"].T
    grad_a = grad_h * (a > 0)
    grads = {"W1": X.T @ grad_a, "b1": grad_a.sum(0), "W2": h.T @ slopes, "b2": slopes.sum(0)}
    return loss, grads
"""
NAMED = {"grad_logits": "slopes"}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel(ROOT / "exercises" / "backprop")
    kernel.run("from autograder import compare, keep\nfrom autograder.given import softmax")
    yield kernel
    kernel.close()


def in_one_line(text: str) -> str:
    return " ".join(text.replace("`", "").split())


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (NOTHING_SUBTRACTED, f"{FIRST_WRONG}at [0, 1] it's 0.25, but should be -0.75 (1 of 4 entries differ)."),
        (NEVER_DIVIDED, f"{FIRST_WRONG}at [0, 0] it's -0.25, but should be -0.125 (4 of 4 entries differ)."),
        (NOTHING_SUBTRACTED.replace("dlogits", "dlogit"), f"{KEEP_NEXT} There's no step called 'dlogit' here."),
        (RIGHT.replace("softmax(logits)", "softmax(logits)[0]"), "Your probs is the first one that's wrong: the shape"),
        (RIGHT.replace("    return", "    raise ValueError\n    return"), "Your probs and dlogits are right."),
    ],
    ids=["values", "changed after it was kept", "unknown name", "shape", "raises"],
)
def test_a_check_names_the_first_step_that_is_wrong(kernel: Kernel, source: str, says: str) -> None:
    output = kernel.check(source, STUB)
    assert f"Kept: {says}" in in_one_line(output.text)
    assert f"Kept: {says}" in words(output.html)


def test_keeping_changes_no_verdict_and_says_nothing_where_all_is_right(kernel: Kernel) -> None:
    odd = 'keep("probs", np.ones((3000, 3000))); keep(np.ones(3), "probs"); keep("x", open)'
    output = kernel.check(RIGHT.replace("    return", f"    {odd}\n    return"), STUB)
    assert "6 of 6 here" in output.text
    assert "Kept" not in output.text


def test_steps_of_a_function_that_is_called_are_no_unknown_names(kernel: Kernel) -> None:
    kernel.run(RIGHT)
    source = """
def mlp_loss_and_grads(params, X, targets):
    keep("a", X @ params["W1"] + params["b1"])
    cross_entropy_backward(X, targets)
    return 0.0, params
"""
    text = in_one_line(kernel.check(source, "mlp_loss_and_grads").text)
    assert "Kept: Your a is right. Keep h too; it's the next one to check." in text
    assert "There's no step" not in text


@pytest.mark.parametrize(
    ("wrong", "stays", "hint", "says"),
    [
        ('grads["W2"] = a.T @ slopes', "grad_a", "You compute W2's gradient with a", "Keep grad_W2 too"),
        ('grads["b1"] = grad_h.sum(0)', "a", "You compute the gradient for b1", "Keep grad_b1 too"),
        ('grads["W1"] = X.T @ grad_h', "logits", "You compute the gradient for W1", "Keep grad_W1 too"),
        ("grads.update(W1=X.T @ grad_h, b1=grad_h.sum(0))", "a", "You pass the gradient back", "Keep grad_h too"),
        ("raise ArithmeticError", "grad_a", "ArithmeticError", "Keep grad_W1 too"),
    ],
)
def test_the_step_to_keep_next_is_one_that_may_be_wrong(
    kernel: Kernel, wrong: str, stays: str, hint: str, says: str
) -> None:
    """The steps up to `stays` are kept. They're right, and so are most of the gradients that are returned."""
    steps = ("a", "h", "logits", "loss", "grad_logits", "grad_h", "grad_a")
    kept = "".join(f'    keep("{name}", {NAMED.get(name, name)})\n' for name in steps[: steps.index(stays) + 1])
    kernel.run("from autograder.given import cross_entropy")
    source = NETWORK.replace("    return", f"{kept}    {wrong}\n    return")
    text = in_one_line(kernel.check(source, "mlp_loss_and_grads").text)
    assert f"{says}; it's the next one to check." in text
    assert hint in text


def test_compare_says_equal_close_or_where_it_differs_most(kernel: Kernel) -> None:
    kernel.run(RIGHT)
    kernel.run("probs = np.array([[0.3, 0.25, 0.2, 0.25]])")

    def said(call: str) -> str:
        return kernel.run(f"compare({call})").printed

    assert said('"probs", probs') == "probs: equal.\n"
    assert said('"probs", probs + [[0, 0, 1e-7, 0]]') == "probs: close. The largest difference is 1e-07 at [0, 2].\n"
    assert said('"dlogits", probs') == "dlogits: different, most at [0, 1]. It's 0.25, but should be -0.75.\n"
    assert said('"dlogits", probs[0]') == "dlogits: different. The shape is (4,), expected (1, 4).\n"
    assert said('"dprobs", probs').startswith("There's no step called 'dprobs'. The names in this notebook are probs")
    assert said('probs, "dlogits"').startswith("There's no step called array(")
    assert "can't be compared: it's too large" in said('"probs", np.ones((3000, 3000))')


def test_steps_can_be_compared_before_their_function_is_written(kernel: Kernel) -> None:
    kernel.run(f"{RIGHT}\nglobals().pop('mlp_loss_and_grads', None)")
    assert kernel.run('compare("a", np.zeros((1, 3)))').printed.startswith("a: different")


def test_every_step_is_known_where_there_is_no_torch(kernel: Kernel) -> None:
    declared = {stub: steps for lab in COURSE.labs for stub, steps in steps_of(COURSE, lab).items()}
    kernel.run("\n".join(f"def {stub}(): ..." for stub in declared))
    printed = kernel.run('compare("no such step", 0.0)').printed
    assert all(name in printed for steps in declared.values() for name in names_of(steps))


def test_compare_in_a_function_does_nothing_while_it_is_checked(kernel: Kernel) -> None:
    output = kernel.check(RIGHT.replace("    return", '    compare("probs", gradient)\n    return'), STUB)
    assert (output.printed, "6 of 6 here" in output.text) == ("", True)


def test_the_terminal_names_it_too(tmp_path: Path) -> None:
    path = notebooks.write(BACKPROP.solved({STUB: NOTHING_SUBTRACTED}), tmp_path / "backprop.ipynb")
    printed = in_one_line(run_mastery("check", path, cwd=tmp_path).stdout)
    assert f"Kept {FIRST_WRONG}at " in printed


def test_keeping_is_nothing_when_graded(tmp_path: Path) -> None:
    keeps_nothing = re.sub(r"    keep\(.*\n", "", NOTHING_SUBTRACTED)
    jobs = [
        Job(
            name, "backprop", notebooks.write(BACKPROP.solved({STUB: source}), tmp_path / f"{name}.ipynb"), 1, stub=STUB
        )
        for name, source in {"1.ipynb": RIGHT, "2.ipynb": NOTHING_SUBTRACTED, "3.ipynb": keeps_nothing}.items()
    ]
    with closing(GradingSession(GradingContext(ROOT, b"secret"))) as session:
        right, wrong, without = (
            [each.model_dump(exclude={"seconds"}) for each in result.checks] for result in session.grade(jobs)
        )
    assert all(each["points"] == each["max_points"] for each in right)
    assert wrong == without
    assert {each["kept"] for each in (*right, *wrong)} == {None}


@pytest.mark.parametrize("kept", [{"probs": values.encode(1.0)}, {"probs": b"\xc1"}, {"probs": 1.0}, 3])
def test_what_nobody_asked_to_be_kept_or_cannot_be_read_is_left_out(kept: object) -> None:
    readable = kept == {"probs": values.encode(1.0)}
    assert answer_in({"value": 1.0, "kept": kept}).kept == {}
    assert answer_in({"value": 1.0, "kept": kept}, keeps=True).kept == ({"probs": 1.0} if readable else {})


@pytest.mark.parametrize("lab", [each.name for each in COURSE.labs if steps_of(COURSE, each)])
def test_the_last_steps_are_the_references_and_no_name_has_two_meanings(lab: str) -> None:
    names: Counter[str] = Counter()
    for stub, steps in steps_of(COURSE, COURSE.lab(lab)).items():
        found = reference_value(steps.function, (steps.example, {}))
        names.update(found.keys())
        answer = reference_value(reference_of(COURSE, stub), (steps.example, {}))
        for part in leaves(answer):
            assert any(np.shape(each) == np.shape(part) and np.allclose(each, part) for each in found.values()), stub
    assert {name for name, count in names.items() if count > 1} == set()


def leaves(value: object) -> list[object]:
    """The arrays and numbers of an answer."""
    if isinstance(value, dict | tuple):
        return [leaf for each in (value.values() if isinstance(value, dict) else value) for leaf in leaves(each)]
    return [value]
