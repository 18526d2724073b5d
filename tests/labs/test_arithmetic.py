"""A correct answer is correct in any arithmetic: in float32, and in any order of summation."""

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Lab
from autograder.model.results import Outcome
from tests.repository import COURSE
from tests.sampling import sampled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

LABS = {lab.name: lab for lab in COURSE.labs}
# Each attempt draws new numbers for the hidden checks, as another secret would, and draws them twice, for the
# confirmation.
ATTEMPTS = 100
# Checks that need more precision than float32 has, by stub, and why.
EXCEPT = {
    "numerical_gradient": ("", "a step of 1e-5 is lost to rounding in float32"),
    "house_price_gradients": ("hp_bias", "a bias of one cent is lost to rounding at prices around 300,000"),
}
# These depend on chance. test_sampler.py proves their checks with thousands of samplers.
DRAWN = ("sample_categorical", "sample_next_token")

CASTING = '''
def as_float32(value, known=None):
    known = {} if known is None else known
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        # What comes twice is one array here, too.
        return known.setdefault(id(value), value.astype(np.float32))
    if isinstance(value, (list, tuple)):
        return type(value)(as_float32(each, known) for each in value)
    return {key: as_float32(each, known) for key, each in value.items()} if isinstance(value, dict) else value


def changed_in_place(given, cast):
    """What a call did to the float32 it was given is done to the caller's arrays."""
    if isinstance(given, np.ndarray) and given.dtype == np.float64:
        if not np.array_equal(given.astype(np.float32), cast):
            given[...] = cast
    elif isinstance(given, (list, tuple)) and len(given) == len(cast):
        for one, other in zip(given, cast):
            changed_in_place(one, other)
    elif isinstance(given, dict):
        for key in cast:
            if isinstance(given.get(key), (np.ndarray, list, tuple, dict)):
                changed_in_place(given[key], cast[key])
            else:
                given[key] = cast[key]


def answered_in_float32(value):
    if isinstance(value, (float, np.float64)):
        return np.float32(value)
    if isinstance(value, (list, tuple)):
        return type(value)(answered_in_float32(each) for each in value)
    if isinstance(value, dict):
        return {key: answered_in_float32(each) for key, each in value.items()}
    return as_float32(value)


def added_backwards(values, *args, **options):
    values = np.asarray(values)
    axis = args[0] if args else options.get("axis")
    plain = len(args) < 2 and options.keys() <= {"axis", "keepdims"} and not isinstance(axis, tuple)
    if values.dtype.kind != "f" or not values.size or not plain:
        return np.sum(values, *args, **options)
    shape = values.shape
    flat = values.reshape(-1) if axis is None else values
    total = np.add.accumulate(np.flip(flat, axis or 0), axis or 0).take(-1, axis or 0)
    if not options.get("keepdims"):
        return total
    return total.reshape([1] * len(shape)) if axis is None else np.expand_dims(total, axis)


def mean_backwards(values, *args, **options):
    total = added_backwards(values, *args, **options)
    return total * (np.size(total) / np.size(values))
'''
AROUND = {
    "float32 in": """
def {stub}(*args, **options):
    cast = as_float32([args, options])
    try:
        return right(*cast[0], **cast[1])
    finally:
        changed_in_place([args, options], cast)
""",
    "float32 out": "\ndef {stub}(*args, **options):\n    return answered_in_float32(right(*args, **options))\n",
}
AROUND["float32 in, added backwards"] = AROUND["float32 in"]


class _Backwards(ast.NodeTransformer):
    """Replaces every sum and mean, whether a function or a method, with those of `CASTING`."""

    def __init__(self) -> None:
        self.found = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("sum", "mean"):
            return node
        self.found = True
        numpys = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
        name = "added_backwards" if node.func.attr == "sum" else "mean_backwards"
        return ast.Call(ast.Name(name, ast.Load()), ([] if numpys else [node.func.value]) + node.args, node.keywords)


def variants(stub: str, source: str) -> Iterator[tuple[str, str]]:
    """The answer in each arithmetic, with its name."""
    for name, around in AROUND.items():
        tree, backwards = ast.parse(source), _Backwards()
        if name.endswith("backwards"):
            tree = ast.fix_missing_locations(backwards.visit(tree))
            if not backwards.found:
                continue
        inner = re.sub(rf"\b{stub}\(", "right(", ast.unparse(tree))
        yield name, f"import numpy as np\n{CASTING}\n{inner}\n{around.format(stub=stub)}"


def refused(lab: Lab, attempts: range, folder: Path) -> list[str]:
    """What failed in the solutions and alternatives in each arithmetic, each complaint once."""
    parts = notebooks.simulation(COURSE, lab)
    right = [(stub, "solution", source) for stub, source in parts.solutions.items()]
    right += [
        (each.of, each.name, notebooks.source_as(each.of, each.function))
        for each in notebooks.alternatives(COURSE, lab)
    ]
    jobs = []
    for stub, name, source in right:
        if stub in DRAWN or stub in COURSE.items:  # an item's answer is written down, not computed
            continue
        for variant, changed in variants(stub, source):
            student = f"{stub}, {name}, {variant}"
            path = notebooks.write(parts.solved({stub: changed}), folder / f"{len(jobs)}" / f"{lab.name}.ipynb")
            jobs += [Job(student, lab.name, path, attempt, "", stub=stub) for attempt in attempts]
    with closing(GradingSession(GradingContext(COURSE.root, b"of arithmetic"))) as room:
        found = {
            f"{result.student}: {each.id.split('::')[-1]}, {each.message}": None
            for result in room.grade(jobs)
            for each in result.checks
            if (each.outcome is not Outcome.PASSED or each.confirmed is False) and not excepted(result.student, each.id)
        }
    return list(found)


def excepted(student: str, check: str) -> bool:
    stub, variant = student.split(", ")[0], student.split(", ")[2]
    return stub in EXCEPT and variant == "float32 in" and EXCEPT[stub][0] in check


@pytest.mark.parametrize("lab", sampled(LABS, "start"))
def test_right_answers_in_any_arithmetic(lab: str, tmp_path: Path) -> None:
    assert refused(LABS[lab], range(1, 2), tmp_path) == []


@pytest.mark.slow  # several hours for all labs
@pytest.mark.parametrize("lab", LABS)
def test_under_any_secret(lab: str, tmp_path: Path) -> None:
    assert refused(LABS[lab], range(2, 2 + ATTEMPTS), tmp_path) == []
