"""Prove a lab's checks.

Every known wrong answer has to fail, be identified, and be caught by a visible check. Every correct answer has to earn
full credit.
"""

import copy
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring import visibility
from autograder.authoring.expectations import (
    BANDS,
    Expectation,
    all_passed,
    at_most,
    attachment_holds,
    both,
    copies,
    described,
    earns_nothing,
    earns_within,
    full_marks,
    nothing_earned,
    told_in,
    too_many_exempt,
    within_its_band,
)
from autograder.authoring.names import refuse_unknown_names
from autograder.authoring.simulation import attachments, notebooks
from autograder.authoring.without_torch import complaints_without_torch
from autograder.grading.content import make_importable, reference_of
from autograder.grading.execution import check_of, name_of, run_locally
from autograder.grading.jobs import GradingContext, HandedAttachment, Job
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.guest.values import is_iterator
from autograder.mastery.levels import Level
from autograder.model.course import Course, Lab, LabFile
from autograder.model.seeds import public_seed
from autograder.testing.declarations import Alternative, Misconception
from autograder.testing.exports import Arguments
from autograder.testing.references import call_reference
from autograder.testing.student import NO_ARGUMENTS

# Answers that are wrong for any stub, as templates for its source. `right` is the solution under another name.
_ALWAYS_WRONG = {
    "returns_none": "def {stub}(*args, **kwargs):\n    return None\n",
    "returns_first_argument": "def {stub}(*args, **kwargs):\n    return args[0]\n",
    "returns_zeros": "{right}\n{scaled}\ndef {stub}(*a, **k):\n    return scaled(right(*a, **k), 0)\n",
    "flips_the_sign": "{right}\n{scaled}\ndef {stub}(*a, **k):\n    return scaled(right(*a, **k), -1)\n",
    "one_percent_off": "{right}\n{scaled}\ndef {stub}(*a, **k):\n    return scaled(right(*a, **k), 1.01)\n",
}
# A stub that searches every place a student's code can reach, looking for a function with the stub's own name, and
# returns that function's answer.
_ASKS_AROUND = """
in_vain = []
def everybody():
    import gc, importlib, sys
    def named(module):
        return lambda *args, **kwargs: getattr(importlib.import_module(module), "{stub}")(*args, **kwargs)
    loaded = {{name for name, module in sys.modules.items() if type(module) is type(gc)}}  # no stand-ins
    modules = {{"autograder.given", "reference.{lab}", "solutions.{lab}.test_hidden", *loaded}} - {{"__main__"}}
    found = [each for each in gc.get_objects() if type(each) is type(named) and each.__name__ == "{stub}"]
    return [each for each in found if each is not {stub}] + [named(each) for each in sorted(modules)]
def {stub}(*args, **kwargs):
    for answer in everybody() if len(in_vain) < 20 else []:
        try:
            return answer(*args, **kwargs)
        except Exception:
            continue
    in_vain.append(args)
    raise LookupError("nobody knows")
"""
# Two more verdicts per lab, after those on its trials: whether the visible checks catch its misconceptions, and whether
# they run without torch.
VISIBLE_CHECKS, WITHOUT_TORCH = "visible checks", "without torch"
# In trials, attachments are treated as if they were handed in on this day, by a student with this graded run.
_ON, _RUN = date(2026, 5, 31), "run-20260531abcd"
_CONSTANT = ("returns_none", "returns_first_argument", "returns_zeros")
_SCALED = """
def scaled(value, factor):
    if isinstance(value, (tuple, list)):
        return type(value)(scaled(item, factor) for item in value)
    if isinstance(value, dict):
        return {key: scaled(item, factor) for key, item in value.items()}
    if hasattr(value, "__next__"):
        return (scaled(item, factor) for item in value)
    return np.asarray(value) * factor
"""


@dataclass(frozen=True)
class Trial:
    """One simulated submission and what we expect of its result. `expect` returns the complaints about the result.

    stub: the stub whose checks are run, if only that one differs from the solution; None for all. attachment: the text
    of the file next to the notebook, if the trial is about that file. wrong: the misconception, if the trial is about
    one.
    student: the student whose questions the submission answers, if it matters who that is.
    """

    name: str
    notebook: notebooks.Notebook
    expect: Expectation
    stub: str | None = None
    attachment: str | None = None
    wrong: Misconception | None = None
    student: str | None = None


@dataclass(frozen=True)
class TrialVerdict:
    """The verdict on one trial, which passes if there are no complaints. `notes`: what the author should know."""

    lab: str
    trial: str
    complaints: tuple[str, ...]
    notes: tuple[str, ...] = ()


def certify(course: Course, labs: Sequence[Lab], secret: bytes, processes: int) -> Generator[TrialVerdict, None, None]:
    """Yield the verdict on each of the labs' trials as it arrives, then the two on each lab's visible checks."""
    with tempfile.TemporaryDirectory() as folder:
        planned: dict[str, Trial] = {}
        jobs = []
        for lab in labs:
            for number, trial in enumerate(trials(course, lab)):
                student = trial.student or f"{lab.name}-{number}"
                path = notebooks.write(trial.notebook, Path(folder) / student / f"{lab.name}.ipynb")
                planned[path.parent.name] = trial
                handed = _hand_in(lab.attachment, trial.attachment, path.parent)
                jobs.append(Job(path.parent.name, lab.name, path, 1, "", stub=trial.stub, attachment=handed))
        terms = GradingContext(course.root, secret)
        unseen: dict[str, list[Misconception]] = defaultdict(list)
        with closing(grade(jobs, terms, LocalProcesses(terms, processes))) as graded:
            for result in itertools.chain.from_iterable(graded):
                trial = planned[result.student]
                if trial.wrong and visibility.passes_every_visible_check(trial.wrong.of, result):
                    unseen[result.lab].append(trial.wrong)
                yield TrialVerdict(result.lab, trial.name, tuple(trial.expect(result)))
    for lab in labs:
        yield _verdict_on_visible_checks(lab, unseen[lab.name], len(notebooks.wrong_answers(course, lab)))
    for lab, complaints in complaints_without_torch(course, labs):
        yield TrialVerdict(lab.name, WITHOUT_TORCH, tuple(complaints))


def _verdict_on_visible_checks(lab: Lab, unseen: Sequence[Misconception], known: int) -> TrialVerdict:
    if lab.assessment:  # an assessment's visible checks mustn't give the answers away
        return TrialVerdict(lab.name, VISIBLE_CHECKS, ())
    complaints, notes = visibility.complaints_about(unseen, known), visibility.notes_on(unseen, known)
    return TrialVerdict(lab.name, VISIBLE_CHECKS, tuple(complaints), tuple(notes))


def _hand_in(file: LabFile | None, text: str | None, folder: Path) -> HandedAttachment | None:
    if file is None or text is None:
        return None
    (folder / file.name).write_text(text, encoding="utf-8")
    return HandedAttachment(folder, file, _ON, runs=frozenset({_RUN}))


def trials(course: Course, lab: Lab) -> Iterator[Trial]:
    """Yield a lab's trials.

    The trials cover the solution, the released stubs, every alternative, shortcut and misconception, and answers that
    are wrong for any stub. If the lab has an attachment, the author's examples of it come first. Raises CourseError if
    the lab's files use a name that doesn't exist.
    """
    make_importable(course)
    parts = notebooks.simulation(course, lab)
    refuse_unknown_names(course, lab)
    if lab.attachment is not None:
        yield from attachment_trials(course, lab, lab.attachment, parts)
    student = f"{lab.name}-solution"
    expect = both(full_marks, lambda _: too_many_exempt(course, lab))
    yield Trial("solution", parts.solved(student=student), expect, student=student)
    yield Trial("released stubs", parts.blank(), nothing_earned)
    for other in notebooks.alternatives(course, lab):
        by, handed_in = _handed_in_by(course, lab, parts, other)
        yield Trial(f"alternative {other.name}", handed_in, all_passed, other.of, student=by)
    for short in notebooks.shortcuts(course, lab):
        source = notebooks.source_as(short.of, short.function)
        yield Trial(f"shortcut {short.name}", parts.solved({short.of: source}), earns_nothing(short.of), short.of)
    wrong_answers = notebooks.wrong_answers(course, lab)
    for wrong in wrong_answers:
        by, handed_in = _handed_in_by(course, lab, parts, wrong)
        expect = within_its_band(wrong, lab.stub(wrong.of).points)
        yield Trial(f"misconception {described(wrong)}", handed_in, expect, wrong.of, wrong=wrong, student=by)
    for stub in lab.stubs:
        if stub.name in course.items:
            yield from item_trials(course, lab, stub.name, parts)
            continue
        declared = [each.kind is not None for each in wrong_answers if each.of == stub.name]
        right = parts.solutions[stub.name].replace(f"def {stub.name}(", "def right(", 1)
        for name, template in _ALWAYS_WRONG.items():
            source = template.format(stub=stub.name, right=right, scaled=_SCALED)
            constant = name in _CONSTANT
            expect = at_most(stub.name, Level.ATTEMPTED if constant else Level.PROFICIENT)
            if constant and declared and all(declared):
                expect = both(expect, earns_within(stub.name, stub.points, BANDS["constant"]))
            yield Trial(f"{stub.name} {name}", parts.solved({stub.name: source}), expect, stub.name)
        notebook = parts.solved({stub.name: _ASKS_AROUND.format(stub=stub.name, lab=lab.name)})
        yield Trial(f"{stub.name} asks around", notebook, earns_nothing(stub.name), stub.name)
        notebook = parts.solved({stub.name: notebooks.renamed(stub.name, reference_of(course, stub.name))})
        expect = at_most(stub.name, Level.ATTEMPTED)
        yield Trial(f"{stub.name} pastes the reference", notebook, expect, stub.name)
        calls = list(_visible_calls(course, lab, stub.name))
        if not any(args or kwargs for args, kwargs in calls):
            continue  # without arguments there's only one answer, and memorizing it is as good as computing it
        notebook = parts.solved({stub.name: answers_copied(course, stub.name, calls)})
        expect = at_most(stub.name, Level.FAMILIAR) if any(map(_lends, calls)) else copies(stub.name)
        yield Trial(f"{stub.name} copies the visible answers", notebook, expect, stub.name)


def _handed_in_by(
    course: Course, lab: Lab, parts: notebooks.Simulation, known: Misconception | Alternative
) -> tuple[str | None, notebooks.Notebook]:
    """Return the notebook with a known answer, and the student who submits it. Each answer to an item is submitted by a
    different student, so each one gets a different question."""
    if known.of not in course.items:
        return None, parts.solved({known.of: notebooks.source_of(course, known, None)})
    student = f"{lab.name}-{known.of}-{known.name}"
    return student, parts.answered({known.of: notebooks.source_of(course, known, student)})


def item_trials(course: Course, lab: Lab, item: str, parts: notebooks.Simulation) -> Iterator[Trial]:
    """Yield the answers that are wrong no matter what an item asks, such as no answer at all or numbers with the wrong
    sign."""

    def right(student: str) -> Any:
        return notebooks.right_answer(course, item, student)

    pasted = notebooks.renamed(item, reference_of(course, item))
    wrong: dict[str, tuple[Level, Callable[[str], str]]] = {
        "is left unanswered": (Level.NOT_STARTED, lambda _: notebooks.written(item, None)),
        "repeats the question": (
            Level.ATTEMPTED,
            lambda student: notebooks.written(item, notebooks.question_of(course, item, student)),
        ),
        "computes the answer": (Level.ATTEMPTED, lambda student: f"{item} = tuple({right(student)!r})\n"),
        "pastes the reference": (Level.ATTEMPTED, lambda _: pasted),
        "answers 0": (Level.FAMILIAR, lambda student: notebooks.written(item, _times(right(student), 0))),
        "flips the sign": (Level.FAMILIAR, lambda student: notebooks.written(item, _times(right(student), -1))),
    }
    for name, (most, source) in wrong.items():
        student = f"{lab.name}-{item}-{name}"
        notebook = parts.answered({item: source(student)})
        yield Trial(f"{item} {name}", notebook, at_most(item, most), item, student=student)


def _times(answer: Any, factor: int) -> Any:
    """Return the answer with its numbers multiplied by a factor."""
    if isinstance(answer, list | tuple):
        return type(answer)(_times(each, factor) for each in answer)
    return answer if isinstance(answer, str) else answer * factor


def attachment_trials(course: Course, lab: Lab, file: LabFile, parts: notebooks.Simulation) -> Iterator[Trial]:
    """Yield the author's examples of an attachment, each with a solved notebook. Only one stub per notebook is
    checked."""
    notebook, stub = parts.solved(), lab.stubs[0].name
    for example in attachments.examples(course, lab, _ON, _RUN):
        expect = told_in(example.field) if example.field else attachment_holds
        yield Trial(f"{Path(file.name).stem} {example.name}", notebook, expect, stub, example.text)


def answers_copied(course: Course, stub: str, calls: Sequence[Arguments]) -> str:
    """Return the source of a stub that has memorized the answers to these calls and can't compute any others."""
    table = []
    for args, kwargs in calls:
        try:
            answer = ("value", _plain(call_reference(reference_of(course, stub), copy.deepcopy((args, kwargs)))))
        except Exception as error:
            answer = ("error", type(error).__name__)
        table.append((_plain([*args, *kwargs.values()]), answer))
    return f"""
inf, nan = float("inf"), float("nan")
_answers = {table!r}
def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {{key: _plain(item) for key, item in value.items()}}
    if callable(value) or hasattr(value, "__next__") or isinstance(value, np.random.Generator):
        return "lent"
    return value.tolist() if hasattr(value, "tolist") else value
def _restored(value):
    if isinstance(value, tuple):
        return tuple(_restored(item) for item in value)
    if isinstance(value, dict):
        return {{key: _restored(item) for key, item in value.items()}}
    return np.array(value) if isinstance(value, list) else value
def {stub}(*args, **kwargs):
    for asked, (kind, answer) in _answers:
        if _plain(asked) == _plain([*args, *kwargs.values()]):
            if kind == "error":
                raise {{"IndexError": IndexError, "KeyError": KeyError}}.get(answer, ValueError)()
            return _restored(answer)
    return _restored(_answers[0][1][1])
"""


def _visible_calls(course: Course, lab: Lab, stub: str) -> Iterator[Arguments]:
    tests = [
        test
        for test in vars(notebooks.module_at(course.visible_checks(lab.name))).values()
        if hasattr(test, "__check__")
    ]
    for test in tests:
        if check_of(test).stub == stub:
            _, calls = run_locally(course, test, public_seed(lab.name, stub, name_of(test)), {})
            yield from (call.arguments for call in calls if call.stub == stub and call.arguments is not NO_ARGUMENTS)


def _lends(arguments: Arguments) -> bool:
    """Return whether a call's result depends on more than plain values: on an object passed to the stub, or on
    chance."""
    args, kwargs = arguments
    return any(map(_holds_lent, (*args, *kwargs.values())))


def _holds_lent(value: Any) -> bool:
    if isinstance(value, dict | list | tuple):
        return any(map(_holds_lent, value.values() if isinstance(value, dict) else value))
    return _is_lent(value)


def _is_lent(value: Any) -> bool:
    return callable(value) or is_iterator(value) or isinstance(value, np.random.Generator)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    return "lent" if _is_lent(value) else value
