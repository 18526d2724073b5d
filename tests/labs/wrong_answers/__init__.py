"""Wrong answers that people wrote with only the notebook in view, each with a sentence that says what's wrong with it.

`tuning/<lab>.yaml` is what the misconceptions were widened with. `unseen/<lab>.yaml` is for measuring, and nothing may
be tuned to it. Each file is a list of {stub, wrong, code}. To read the names beside the sentences:

    python -m tests.labs.wrong_answers tuning softmax loss
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.model.course import Course
from autograder.model.results import LabResult, Outcome

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class WrongAnswer:
    """Code for a stub, and what its author says is wrong with it."""

    lab: str
    stub: str
    wrong: str
    code: str


@dataclass(frozen=True)
class Graded:
    """What grading said of a wrong answer. points: the share of the stub's points that it earned."""

    answer: WrongAnswer
    rejected: bool
    name: str | None
    hint: str | None
    points: float


def read(bank: str, lab: str) -> list[WrongAnswer]:
    """The answers of one lab in `tuning` or `unseen`; none where there is no such file."""
    path = FOLDER / bank / f"{lab}.yaml"
    if not path.is_file():
        return []
    return [WrongAnswer(lab, **each) for each in yaml.safe_load(path.read_text(encoding="utf-8"))]


def graded(course: Course, answers: Sequence[WrongAnswer], secret: bytes = b"wrong answers") -> list[Graded]:
    """Grade each answer in place of its stub, in a notebook whose other stubs are solved."""
    found: dict[str, LabResult] = {}
    with TemporaryDirectory() as folder:
        jobs = []
        for number, answer in enumerate(answers):
            notebook = notebooks.simulation(course, course.lab(answer.lab)).solved({answer.stub: answer.code})
            path = notebooks.write(notebook, Path(folder) / str(number) / f"{answer.lab}.ipynb")
            jobs.append(Job(str(number), answer.lab, path, 1, "", stub=answer.stub))
        context = GradingContext(course.root, secret)
        with closing(grade(jobs, context, LocalProcesses(context, 2))) as results:
            for result in (result for each in results for result in each):
                found[result.student] = result
    return [_graded(course, answer, found[str(number)]) for number, answer in enumerate(answers)]


def _graded(course: Course, answer: WrongAnswer, result: LabResult) -> Graded:
    checks = [each for each in result.checks if each.stub == answer.stub]
    names = list(dict.fromkeys(each.misconception for each in checks if each.misconception))
    hints = list(dict.fromkeys(each.hint for each in checks if each.hint))
    return Graded(
        answer,
        rejected=any(each.outcome is not Outcome.PASSED for each in checks),
        name="; ".join(names) or None,
        hint=" ".join(hints) or None,
        points=sum(each.points for each in checks) / course.lab(answer.lab).stub(answer.stub).points,
    )


def tally(lab: str, found: Sequence[Graded]) -> str:
    """How many answers of a lab were rejected, and how many named."""
    rejected, named = (sum(each) for each in zip(*((one.rejected, one.name is not None) for one in found), strict=True))
    return f"{lab}: {rejected} of {len(found)} rejected, {named} named ({named / len(found):.0%})"
