"""Grade simulated notebooks in a process whose references run on torch or on tensors, and record what happened.

    python -m tests.testing.with_references torch|tensors FILE "SECRET SECRET" LAB...

What `Observed` describes is written to FILE as a pickle.
"""

import copy
import functools
import importlib
import inspect
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from autograder.authoring.simulation import notebooks
from autograder.grading import session
from autograder.grading.content import make_importable, reference_of
from autograder.grading.jobs import GradingContext, Job
from autograder.guest.values import is_iterator
from autograder.model.course import Course, Lab, load
from autograder.model.results import LabResult
from autograder.testing.references import make_torch_importable

inside: list[str] = []
ROOT = Path(__file__).resolve().parents[2]
# The function's name, its arguments and keywords, and its value or exception.
Recorded = tuple[str, Any, Any]
# Submission, check, outcome, names of the misconception and of the pitfall.
Said = tuple[str, str, str, str | None, str | None]
# The submission's name, the stub whose checks are run (None for all), and the notebook.
Submitted = tuple[str, str | None, notebooks.Notebook]
Submissions = Callable[[Course, Lab], Iterator[Submitted]]


class Observed(NamedTuple):
    """What happened in one process.

    torch: the module that was used.
    verdicts: of each visible check on the solution, every alternative and every misconception.
    calls: of references, in order, by all checks on the solutions under each of the secrets, and of the small model.
    """

    torch: str
    verdicts: list[Said]
    calls: list[Recorded]


def solution(course: Course, lab: Lab) -> Iterator[Submitted]:
    yield "solution", None, notebooks.simulation(course, lab).solved(student=f"{lab.name} solution")


def everything(course: Course, lab: Lab) -> Iterator[Submitted]:
    """The solution, every alternative and every misconception."""
    yield from solution(course, lab)
    parts = notebooks.simulation(course, lab)
    for other in (*notebooks.alternatives(course, lab), *notebooks.wrong_answers(course, lab)):
        name = f"{type(other).__name__.lower()} {other.name}"
        student = f"{lab.name} {name}"
        yield name, other.of, parts.solved({other.of: notebooks.source_of(course, other, student)}, student)


def graded(
    course: Course, labs: Sequence[Lab], submitted: Submissions, secret: bytes, visible_only: bool
) -> list[LabResult]:
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for lab in labs:
            for name, stub, notebook in submitted(course, lab):
                path = notebooks.write(notebook, Path(folder) / f"{lab.name} {name}" / f"{lab.name}.ipynb")
                jobs.append(Job(path.parent.name, lab.name, path, 1, stub=stub))
        terms = GradingContext(course.root, secret, sandboxed=sys.platform == "linux")
        with closing(session.GradingSession(terms, visible_only)) as grading:
            return grading.grade(jobs)


def verdicts(course: Course, labs: Sequence[Lab]) -> list[Said]:
    results = graded(course, labs, everything, b"", visible_only=True)
    return [
        (each.student, check.id, check.outcome, check.misconception, check.slip and check.slip.name)
        for each in results
        for check in each.checks
    ]


def calls(course: Course, labs: Sequence[Lab], secrets: Sequence[str]) -> list[Recorded]:
    recorded: list[Recorded] = []
    for module in reference_modules(course):
        for name, function in list(vars(module).items()):
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                setattr(module, name, recording(function, recorded))
    use_small_model()
    for secret in secrets:
        graded(course, labs, solution, secret.encode(), visible_only=False)
    return recorded


def use_small_model() -> None:
    """Compute the small model's parameters at each stage, its logits, and its gradients with and without weights."""
    import torch

    from reference import language_model

    ids = torch.tensor([[5, 17, 9, 40, 2, 8], [7, 3, 2, 5, 9, 30]])
    labels = torch.tensor([[17, 9, 40, 2, 8, 0], [-100, -100, 5, 9, 30, -100]])
    weights = torch.tensor([1.5, -0.25], dtype=torch.float64)
    for stage in ("untrained", "pretraining", "finetuning"):
        params = language_model.model_params(stage)
        language_model.model_logits(params, ids[0])
        language_model.model_loss_and_gradients(params, ids, labels)
        language_model.model_loss_and_gradients(params, ids, labels, weights)


def reference_modules(course: Course) -> list[ModuleType]:
    stubs = [stub.name for lab in course.labs for stub in lab.stubs]
    names = [*stubs, *(each.name for givens in course.givens.values() for each in givens)]
    return [importlib.import_module(each) for each in {reference_of(course, name).__module__ for name in names}]


def recording(function: Callable[..., Any], recorded: list[Recorded]) -> Callable[..., Any]:
    """Return the function with its calls recorded, except those from other references, which compute gradients."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if inside:
            return function(*args, **kwargs)
        given = plain((args, kwargs))
        inside.append(function.__name__)
        try:
            value = function(*args, **kwargs)
        except Exception as error:
            recorded.append((function.__name__, given, error))
            raise
        finally:
            inside.clear()
        if is_iterator(value):
            return pieces(value)
        recorded.append((function.__name__, given, plain(value)))
        return value

    def pieces(values: Iterator[Any]) -> Iterator[Any]:
        try:
            for value in values:
                recorded.append((function.__name__, "a piece", plain(value)))
                yield value
        except Exception as error:
            recorded.append((function.__name__, "a piece", error))
            raise

    return called


def plain(value: Any) -> Any:
    """Return each tensor as an array of its own. Functions passed in have no value to compare."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().numpy().copy()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    if callable(value) or is_iterator(value):
        return "lent"
    return copy.deepcopy(value)


def main(kind: str, file: str, secrets: str, *names: str) -> None:
    make_torch_importable(light=kind == "tensors")
    loaded = load(ROOT)
    # No verdict depends on time, however busy the machine is.
    limits = loaded.limits.model_copy(update={"call_seconds": 300.0, "submission_seconds": 3_000.0})
    course = loaded.model_copy(update={"limits": limits})
    session.load = lambda root: course
    # Givens are answered in this process too.
    session.open_helper = lambda course: None
    make_importable(course)
    labs = [course.lab(name) for name in names]
    observed = (repr(importlib.import_module("torch")), verdicts(course, labs), calls(course, labs, secrets.split()))
    Path(file).write_bytes(pickle.dumps(observed))


if __name__ == "__main__":
    main(*sys.argv[1:])
