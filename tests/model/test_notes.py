"""Every stub has notes: why it matters, hints that don't give it away, and its reference line by line."""

import ast
import inspect
import os
import re
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from autograder.authoring.simulation.notebooks import simulation
from autograder.grading.content import reference_of
from autograder.model.course import Course, Lab, load
from autograder.model.errors import CourseError
from autograder.testing.references import reference_value
from tests.repository import COURSE, ROOT

STUBS = [(lab, stub.name) for lab in COURSE.labs for stub in lab.stubs]
each_stub = pytest.mark.parametrize(("lab", "stub"), STUBS, ids=[stub for _, stub in STUBS])


def code_lines(source: str) -> list[str]:
    """The lines of a function's body, without its docstring, comments and blank lines."""
    source = textwrap.dedent(source)
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    body = function.body[ast.get_docstring(function) is not None :]
    lines = [line.strip() for line in source.splitlines()[body[0].lineno - 1 : function.end_lineno]]
    return [line for line in lines if line and not line.startswith("#")]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def given_away(hint: str, code: list[str]) -> list[str]:
    """What a hint reveals of an answer: a whole line of it, or 12 consecutive characters that aren't only words."""
    said = squeezed(hint)
    whole = [line for line in code if len(squeezed(line)) > 5 and squeezed(line) in said]
    runs = {line[start : start + 12] for line in map(squeezed, code) for start in range(max(len(line) - 11, 0))}
    return whole + [run for run in runs if re.search(r"[()\[\]=*/@]", run) and run in said]


@each_stub
def test_hints_lead_up_to_the_answer_in_two_or_three_steps_without_giving_it(lab: Lab, stub: str) -> None:
    written = stub not in COURSE.items  # whose answers aren't code
    solution = code_lines(simulation(COURSE, lab).solutions[stub]) if written else []
    reference = code_lines(inspect.getsource(reference_of(COURSE, stub)))
    hints = COURSE.notes(stub).hints
    assert len(hints) in (2, 3)
    assert [given_away(hint, solution + reference) for hint in hints] == [[]] * len(hints)


@pytest.mark.parametrize(
    "hint", ["Use return np.exp(mean_nll).", "Try np . exp( mean_nll ) here.", "-np.log(probs[t])"]
)
def test_a_hint_with_the_answer_would_be_found(hint: str) -> None:
    assert given_away(hint, ["return np.exp(mean_nll)", "return -np.log(probs[target])"])


@each_stub
def test_each_line_of_the_reference_is_explained_in_one_sentence(lab: Lab, stub: str) -> None:
    notes = COURSE.notes(stub)
    assert len(notes.explained) == len(code_lines(inspect.getsource(reference_of(COURSE, stub))))
    assert [text for text in (notes.why, *notes.explained) if not text.endswith(".") or ". " in text] == []


@pytest.mark.parametrize("lab", COURSE.labs, ids=lambda lab: lab.name)
def test_notes_stand_for_stubs_of_the_lab_and_for_nothing_else(lab: Lab) -> None:
    path = ROOT / "reference" / lab.name / "notes.yaml"
    assert list(yaml.safe_load(path.read_bytes())) == [stub.name for stub in lab.stubs]


@pytest.mark.parametrize("stub", [stub for stub in COURSE.stubs if COURSE.notes(stub).by_hand])
def test_an_example_from_by_hand_can_be_called(stub: str) -> None:
    def reference(*args: Any) -> Any:
        return reference_value(reference_of(COURSE, stub), (args, {}))

    assert eval(COURSE.notes(stub).by_hand or "", {"np": np, stub: reference}) is not None


# --- what's wrong with them is reported in a sentence


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copy(ROOT / "course.yaml", tmp_path)
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    return load(tmp_path)


def without(key: str) -> Callable[[Any], Any]:
    return lambda notes: {**notes, "entropy": {name: text for name, text in notes["entropy"].items() if name != key}}


def with_(key: str, value: Any) -> Callable[[Any], Any]:
    return lambda notes: {**notes, "entropy": {**notes["entropy"], key: value}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda notes: {"softmax": notes["softmax"]},
            "entropy is missing; add this key, with why, hints and explained.",
        ),
        (without("why"), "entropy.why: add this key."),
        (
            with_("hint", "Look again."),
            "entropy.hint (it is 'Look again.'): remove this key or correct its spelling (did you mean hints?).",
        ),
        (with_("hints", ["One."]), "entropy.hints (it is ['One.']): Tuple should have at least 2 items"),
        (with_("hints", ["One.", "Two.", "Three.", "Four."]), "Tuple should have at most 3 items"),
        (with_("hints", ["One.", {"Two": "a colon"}]), "entropy.hints.1 (it is {'Two': 'a colon'}): Input should be"),
        (with_("explained", []), "entropy.explained (it is []): Tuple should have at least 1 item"),
        (with_("ask", {"base_2": "Look again."}), "entropy.ask.base_2 (it is 'Look again.'): String should match"),
        (with_("ask", {"base_2": f"{'Why? ' * 50}"}), "String should have at most 200 characters"),
        (with_("by_hand", "softmax, by hand"), "entropy.by_hand (it is 'softmax, by hand'): String should match"),
        (with_("why", "  "), "entropy.why (it is '  '): String should have at least 1 character"),
        (
            lambda notes: list(notes),
            "contains a list; it must contain keys and values (a stub's name, and below it why:",
        ),
    ],
)
def test_malformed_notes_are_refused_in_a_sentence(course: Course, change: Callable[[Any], Any], says: str) -> None:
    path = course.root / "reference" / "softmax" / "notes.yaml"
    path.write_text(yaml.safe_dump(change(yaml.safe_load(path.read_text(encoding="utf-8")))), encoding="utf-8")
    message = refusal(course, "entropy")
    assert message.startswith(str(path))
    assert says in message
    assert "\n" not in message


def test_notes_that_are_no_yaml_are_refused_in_a_sentence(course: Course) -> None:
    path = course.root / "reference" / "softmax" / "notes.yaml"
    path.write_text("entropy: [", encoding="utf-8")
    message = refusal(course, "entropy")
    assert message.startswith(f"{path} isn't valid YAML: ")
    assert message.endswith("Fix it there.")
    assert "\n" not in message


def test_missing_notes_are_refused_in_a_sentence(course: Course) -> None:
    path = course.root / "reference" / "softmax" / "notes.yaml"
    path.unlink()
    assert refusal(course, "entropy") == f"{path} doesn't exist; write the notes for the lab's stubs there."
    assert refusal(course, "entropie") == "There is no stub named 'entropie' in this course."


def refusal(course: Course, stub: str) -> str:
    with pytest.raises(CourseError) as caught:
        course.notes(stub)
    return str(caught.value)


def test_notes_are_kept_until_their_file_changes(course: Course) -> None:
    first = course.notes("entropy")
    assert course.notes("entropy") is first
    path = course.root / "reference" / "softmax" / "notes.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Entropy measures", "Entropy really measures"), encoding="utf-8"
    )
    os.utime(path, ns=(1, 1))
    assert course.notes("entropy").why.startswith("Entropy really measures")
