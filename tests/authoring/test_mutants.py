"""Solutions broken mechanically, one place at a time: each fails at least one check of its stub (pytest -m proof).

Change a notebook's cell the way tools such as mutmut change a package's files, and then grade the notebook.
"""

import ast
import copy
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.model.course import Lab
from autograder.model.results import Outcome
from tests.repository import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

SAMPLE = ("start",)
TERMS = GradingContext(COURSE.root, b"of the tests")

OTHER: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
OTHER_NAME = {
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "maximum": "minimum",
    "log": "log2",
    "exp": "exp2",
    "sum": "mean",
    "mean": "sum",
    "cumsum": "cumprod",
    "zeros_like": "ones_like",
}

# For each stub, the mutants that no check fails, and why they're right.
RIGHT = {
    # The changed value is multiplied by a probability of 0.
    "entropy": ["1.0 -> 2.0 in `surprises = -np.log(np.where(probs > 0, probs, 1.0))`"],
    # A warning costs nothing.
    "surprisal": ['without divide= in `with np.errstate(divide="ignore"):`'],
    # An IndexError is accepted. Logits have two axes, and the last is the default. Errors can be worded any way.
    "cross_entropy": [
        "GtE -> Gt in `if np.any(targets < 0) or np.any(targets >= vocabulary):`",
        "no minus in `log_probs = log_softmax(logits, axis=-1)`",
        "without axis= in `log_probs = log_softmax(logits, axis=-1)`",
        'Sub -> Add in `raise ValueError(f"targets should be ids from 0 to {vocabulary - 1}")`',
        '1 -> 2 in `raise ValueError(f"targets should be ids from 0 to {vocabulary - 1}")`',
        '1 -> 0 in `raise ValueError(f"targets should be ids from 0 to {vocabulary - 1}")`',
    ],
    # The derivative of ReLU at exactly 0 is a convention.
    "mlp_loss_and_grads": ['Gt -> GtE in `grad_a = (grad_logits @ params["W2"].T) * (a > 0)`'],
    # numpy sums in float64 anyway, and a draw equals a total exactly with a probability of 2 ** -53.
    "sample_categorical": [
        "without dtype= in `totals = np.cumsum(probs, dtype=float)`",
        'without side= in `return int(np.searchsorted(totals, rng.random() * totals[-1], side="right"))`',
    ],
    "sample_next_token": [
        'without side= in `return int(order[np.searchsorted(totals, rng.random() * totals[-1], side="right")])`',
        "GtE -> Gt in `totals = totals[: np.argmax(totals >= top_p) + 1]`",
    ],
    # The value looked up for an ignored label doesn't count. On an axis of length 1, the last entry is the first.
    "sequence_log_prob": [
        "0 -> -1 in `chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[:, :, None], 2)`",
        "0 -> 1 in `chosen = np.take_along_axis(log_probs, np.where(keep, labels, 0)[:, :, None], 2)`",
        "0 -> -1 in `return np.sum(chosen[:, :, 0] * keep, axis=1)`",
    ],
    # An incomplete character at the end may be dropped.
    "stream_text": [
        'without final= in `rest = decoder.decode(b"", final=True)`',
        'True -> False in `rest = decoder.decode(b"", final=True)`',
        "without `if rest:` in `def stream_text(token_iter, id_to_bytes):`",
        "condition negated in `if rest:`",
        "without `yield rest` in `if rest:`",
    ],
    # A difference of a millionth of a bill is too small for any check to notice.
    "monthly_cost_usd": [
        f"1000000 -> {other} in `usd_per_request = (input_tokens * usd_per_mtok_in + "
        "output_tokens * usd_per_mtok_out) / 1_000_000`"
        for other in (1000001, 999999)
    ],
    # If each token starts with the previous one, the longest is also the last alphabetically.
    "encode": ["without key= in `token = max(fitting, key=len)`"],
}


def does_nothing(statement: ast.stmt) -> bool:
    """Whether it's a docstring, `pass`, or a call to `keep`, which does nothing during grading."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Expr(value=ast.Call(func=ast.Name(id="keep"))):
            return True
    return False


def mutations(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """The mutations of one node, each as a description and a function to apply to a copy of the tree."""
    for name, value in ast.iter_fields(node):
        if type(value) in OTHER:
            for other in OTHER[type(value)]:
                yield f"{type(value).__name__} -> {other.__name__}", lambda n=name, o=other: setattr(node, n, o())
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in OTHER:
            for other in OTHER[type(operator)]:
                yield f"{type(operator).__name__} -> {other.__name__}", lambda o=other: setattr(node, "ops", [o()])
        case ast.Constant(value=bool(value)):
            yield f"{value} -> {not value}", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value) | float(value)):
            for other in (value + 1, value - 1):
                yield f"{value} -> {other}", lambda o=other: setattr(node, "value", o)
        case ast.UnaryOp(op=ast.USub()):
            yield "no minus", lambda: setattr(node, "op", ast.UAdd())
        case ast.UnaryOp(op=ast.Not()):
            yield "no not", lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        case ast.Call(keywords=[_, *_]):
            for number, keyword in enumerate(node.keywords):
                yield f"without {keyword.arg}=", lambda i=number: node.keywords.pop(i)
        case ast.Slice():
            for bound in ("lower", "upper"):
                if getattr(node, bound) is not None:
                    yield f"no {bound} bound", lambda b=bound: setattr(node, b, None)
        case ast.Attribute(attr=name) if name in OTHER_NAME:
            yield f"{name} -> {OTHER_NAME[name]}", lambda: setattr(node, "attr", OTHER_NAME[name])
        case ast.If() | ast.While():
            yield "condition negated", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    for block in ("body", "orelse"):
        statements = getattr(node, block, [])
        for number, statement in enumerate(statements if isinstance(statements, list) else []):
            if not does_nothing(statement):
                yield (
                    f"without `{ast.unparse(statement).splitlines()[0]}`",
                    lambda s=statements, i=number: s.__setitem__(i, ast.Pass()),
                )


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield every variant of the source that differs in one place, with a description of the change and its place."""
    tree = ast.parse(source)
    for place, node in enumerate(ast.walk(tree)):
        for number, (what, _) in enumerate(mutations(node)):
            changed = copy.deepcopy(tree)
            nodes = list(ast.walk(changed))
            list(mutations(nodes[place]))[number][1]()
            line = getattr(node, "lineno", None)
            where = source.splitlines()[line - 1].strip() if line else ""
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text != ast.unparse(tree):
                yield f"{what} in `{where}`", text


def survivors(lab: Lab, folder: Path) -> dict[str, list[str]]:
    """Describe each stub's mutants that pass all its checks."""
    parts = notebooks.simulation(COURSE, lab)
    jobs: list[Job] = []
    words: dict[str, tuple[str, str]] = {}
    for stub in (each for each in lab.stubs if each.name not in COURSE.items):  # whose answers aren't code
        for number, (what, source) in enumerate(mutants(parts.solutions[stub.name])):
            name = f"{stub.name}-{number}"
            words[name] = stub.name, what
            path = notebooks.write(parts.solved({stub.name: source}), folder / name / f"{lab.name}.ipynb")
            jobs.append(Job(name, lab.name, path, 1, "", stub=stub.name))
    found: dict[str, list[str]] = {}
    for result in itertools.chain.from_iterable(grade(jobs, TERMS, LocalProcesses(TERMS, 2))):
        if result.checks and all(each.outcome is Outcome.PASSED for each in result.checks):
            stub_name, what = words[result.student]
            found.setdefault(stub_name, []).append(what)
    return {stub: sorted(left) for stub, left in found.items()}


@pytest.mark.parametrize(
    "lab",
    [pytest.param(lab, marks=() if lab.name in SAMPLE else pytest.mark.proof, id=lab.name) for lab in COURSE.labs],
)
def test_every_mutant_fails_unless_it_is_right_too(lab: Lab, tmp_path: Path) -> None:
    assert survivors(lab, tmp_path) == {stub.name: sorted(RIGHT[stub.name]) for stub in lab.stubs if stub.name in RIGHT}
