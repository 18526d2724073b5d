"""Answers that people wrote with only the notebook in view: ten banks of wrong ones, and `right`.

The misconceptions were extended to cover the wrong ones, so `unseen` and `held_out` are no longer what their names say
(docs/testing.md has what each bank measured). Each file is a list of {stub, wrong, code}: `wrong` is a sentence that
says what's wrong with the answer. If the task allows it after all, `allowed` says why. In `right`, each answer has a
`style` instead. To read the names next to the sentences:

    python -m tests.labs.written_answers tuning softmax loss
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
from autograder.model.results import LabResult, Outcome, Pitfall

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class WrittenAnswer:
    """Code for a stub. Its author says what's wrong with it, or what style it's written in.

    allowed: why the checks let a wrong answer pass.
    """

    lab: str
    stub: str
    code: str
    wrong: str = ""
    style: str = ""
    allowed: str | None = None


@dataclass(frozen=True)
class Graded:
    """What grading said about an answer: its misconceptions, or else the pitfalls that explain its failures.

    points: the fraction of the stub's points that it earned. If the stub has no points, 1 unless it was rejected.
    """

    answer: WrittenAnswer
    rejected: bool
    name: str | None
    hint: str | None
    pitfalls: tuple[Pitfall, ...]
    points: float


def read(bank: str, lab: str) -> list[WrittenAnswer]:
    """Return the answers of one lab in a bank, such as `tuning`; an empty list if there's no such file."""
    path = FOLDER / bank / f"{lab}.yaml"
    if not path.is_file():
        return []
    return [WrittenAnswer(lab, **each) for each in yaml.safe_load(path.read_text(encoding="utf-8"))]


def graded(course: Course, answers: Sequence[WrittenAnswer], secret: bytes = b"wrong answers") -> list[Graded]:
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


def _graded(course: Course, answer: WrittenAnswer, result: LabResult) -> Graded:
    checks = [each for each in result.checks if each.stub == answer.stub]
    assert checks, f"{answer.stub} wasn't graded"
    names = list(dict.fromkeys(each.misconception for each in checks if each.misconception))
    hints = list(dict.fromkeys(each.hint for each in checks if each.hint))
    slips = {each.slip.name: each.slip for each in checks if each.slip}
    rejected = any(each.outcome is not Outcome.PASSED for each in checks)
    possible = course.lab(answer.lab).stub(answer.stub).points
    return Graded(
        answer,
        rejected=rejected,
        name="; ".join(names) or None,
        hint=" ".join(hints) or None,
        pitfalls=tuple(slips.values()),
        points=sum(each.points for each in checks) / possible if possible else float(not rejected),
    )


def tally(lab: str, found: Sequence[Graded]) -> str:
    """Return how many answers of a lab were rejected, how many were named, and how many have only a pitfall."""
    rejected, named = (sum(each) for each in zip(*((one.rejected, one.name is not None) for one in found), strict=True))
    more = sum(one.name is None and bool(one.pitfalls) for one in found)
    total = len(found)
    return f"{lab}: {rejected} of {total} rejected, {named} named ({named / total:.0%}), {more} more by a pitfall"
