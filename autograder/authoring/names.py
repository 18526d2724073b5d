"""Find names in a lab's files that don't exist, such as a misspelled stub. Otherwise they'd be ignored."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_args

from autograder.authoring.simulation import notebooks
from autograder.grading.content import make_importable, misconceptions_in, steps_of
from autograder.model import paths
from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError
from autograder.model.spelling import did_you_mean
from autograder.testing.declarations import Alternative, Misconception, MistakeKind, Shortcut, Steps


def refuse_unknown_names(course: Course, lab: Lab) -> None:
    """Raise CourseError if a lab's notes, misconceptions, alternatives, shortcuts or steps use a name that doesn't
    exist, or if a stub has no notes."""
    if unknown := dict.fromkeys(_unknown(course, lab)):  # a family of misconceptions declares its stub several times
        raise CourseError("\n".join(unknown))
    for stub in lab.stubs:
        course.notes(stub.name)


def _unknown(course: Course, lab: Lab) -> Iterator[str]:
    make_importable(course)
    stubs, kinds = [stub.name for stub in lab.stubs], get_args(MistakeKind)
    known = misconceptions_in(course, lab)
    path = paths.notes(course.root, lab.name)
    for key, notes in course.notes_in(lab).items():
        if key not in stubs:
            yield f"{path}: {key} isn't a stub of this lab{did_you_mean(key, stubs)}."
        names = [each.name for each in known if each.of == key]
        if notes.by_hand is not None and not notes.by_hand.startswith(f"{key}("):
            yield f"{path}: {key}.by_hand doesn't call {key}."
        for asked in notes.ask.keys() - names:
            yield f"{path}: {key}.ask.{asked} isn't a misconception of {key}{did_you_mean(asked, names)}."
    declared: list[Misconception | Alternative | Shortcut | Steps] = [
        *known,
        *notebooks.alternatives(course, lab),
        *notebooks.shortcuts(course, lab),
        *steps_of(course, lab).values(),
    ]
    for each in declared:
        if each.of not in stubs:
            near = did_you_mean(each.of, stubs)
            yield f"{_place(each.function)} is for {each.of}, which isn't a stub of this lab{near}."
    for wrong in known:
        if wrong.kind is not None and wrong.kind not in kinds:
            near = did_you_mean(wrong.kind, kinds)
            yield f"{_place(wrong.function)} has the kind {wrong.kind}, which doesn't exist{near}."


def _place(function: Callable[..., Any]) -> str:
    return f"{inspect.getfile(function)}: {function.__name__}"
