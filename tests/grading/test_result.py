"""What `check` shows, made only from evidence: the expanded failure, what's right, what's next, and the picture."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from autograder.grading.mistakes import Diagnosis
from autograder.model.course import Course, load
from autograder.model.results import Difference, Evidence, Outcome
from autograder.report.check import Findings, Result
from autograder.testing.assertions import CheckFailed, agree_values
from autograder.testing.declarations import Misconception
from tests.course_copy import confirmed
from tests.kernels import words

LOSSES = -np.log(np.linspace(0.05, 0.95, 10))
COURSE = """
title: A small course
packages: {allowed: [numpy]}
labs:
  - name: loss
    title: Loss
    stubs: [{name: surprisal, points: 8}, {name: harder, points: 3, stretch: true}, {name: perplexity, points: 3}]
  - {name: after, title: What comes after, stubs: [{name: other, points: 1}]}
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = confirmed(tmp_path_factory.mktemp("course"))
    (root / "course.yaml").write_text(COURSE)
    return load(root)


def result(course: Course, evidence: Sequence[Evidence], passed: Sequence[str] = (), stub: str = "surprisal") -> Result:
    return Result(course, course.lab("loss"), stub, evidence, frozenset(passed))


def evidence(outcome: Outcome, difference: Difference | None = None, **more: Any) -> Evidence:
    return Evidence(
        id="loss::surprisal::x",
        stub="surprisal",
        kind="visible",
        title="A title.",
        points=1.0 if outcome is Outcome.PASSED else 0.0,
        max_points=1.0,
        outcome=outcome,
        seconds=0.0,
        difference=difference,
        **more,
    )


def difference(got: Any, wanted: Any) -> Difference:
    with pytest.raises(CheckFailed) as caught:
        agree_values(got, wanted, "the losses")
    assert caught.value.difference is not None
    return caught.value.difference


PASSED = evidence(Outcome.PASSED)
NUMBER = evidence(Outcome.FAILED, difference(2.0, 1.386294))
CURVE = evidence(Outcome.FAILED, difference(LOSSES / np.log(2), LOSSES))
ARRAY = evidence(Outcome.FAILED, difference(np.ones(3), np.zeros(3)))
RAISED = evidence(Outcome.ERROR, Difference(called="surprisal(1)"), message="ValueError")
NOT_RUN = evidence(Outcome.ERROR, message="The cell that defines surprisal didn't run: SyntaxError")


@pytest.mark.parametrize(
    ("found", "is_open"),
    [
        ([PASSED, PASSED], [False, False]),
        ([PASSED, NUMBER, CURVE, CURVE], [False, True, True, False]),
        ([CURVE, NUMBER], [True, False]),
        ([ARRAY, CURVE], [True, False]),
        ([NUMBER, NUMBER], [True, False]),
    ],
)
def test_the_first_failure_is_open_and_a_picture_where_that_has_none(
    course: Course, found: list[Evidence], is_open: list[bool]
) -> None:
    found = [each.model_copy() for each in found]
    shown = result(course, found)
    assert [bool(shown.is_open(each)) for each in found] == is_open
    assert shown.as_html().count("<details open>") == sum(is_open)


def test_a_curve_is_drawn_and_described(course: Course) -> None:
    html = result(course, [NUMBER, CURVE]).as_html()
    (picture,) = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert 'role="img" aria-label="Curve from [0] to [9]. Yours: 4.322, 2.737, ' in picture
    assert picture.count("<circle") == 10
    line = re.search(r'<polyline[^>]*points="([^"]*)"', picture)
    assert line is not None
    heights = [float(point.split(",")[1]) for point in line[1].split()]
    assert heights == sorted(heights)
    assert re.findall(r">(-?[\d.]+)</text>", picture) == ["4.322", "0.05129"]
    assert "http" not in picture


def test_a_single_number_is_said_once(course: Course) -> None:
    shown = result(course, [NUMBER])
    for said in (shown.as_text(), shown.as_html()):
        assert "1.386294" in said
        assert "Where" not in said
    warned = NUMBER.model_copy(deep=True)
    assert warned.difference is not None
    warned.difference.where += "\nnumpy warned: overflow"  # type: ignore[operator]
    assert "Where:  numpy warned: overflow" in result(course, [warned]).as_text()
    assert "Where:  first at [0]: got 1, wanted 0" in result(course, [ARRAY]).as_text()


def test_what_is_made_of_answers_was_not_called(course: Course) -> None:
    shown = result(course, [CURVE])
    assert "      Value:  the losses\n" in shown.as_text()
    assert '<dt>Value</dt><dd><pre class="words">the losses</pre></dd>' in shown.as_html()
    assert "<dt>Called</dt><dd><pre>surprisal(1)</pre></dd>" in result(course, [RAISED]).as_html()


def test_what_is_right_already(course: Course) -> None:
    assert result(course, [RAISED]).works is None
    assert result(course, [NOT_RUN]).works is None
    assert result(course, [PASSED, NOT_RUN]).works == "Right already: 1 of 2 checks."


def test_points_and_levels_wait_for_grading(course: Course) -> None:
    shown = result(course, [PASSED, NUMBER])
    assert shown.as_text().startswith("surprisal: 1 of 2 checks passed\n")
    for said in (shown.as_text(), shown.as_html()):
        assert "points" not in said
        assert "attempted" not in said


def test_a_problem_that_stops_every_check_is_shown_once(course: Course) -> None:
    shown = result(course, [NOT_RUN, NOT_RUN])
    for said in (shown.as_text(), shown.as_html()):
        assert said.count("The cell that defines surprisal") == 1
        assert "A title." not in said
    assert result(course, [NOT_RUN, RAISED]).as_text().count("A title.") == 2


AFTER = "the lab “What comes after” (`after/after.ipynb`)"
HAND_IN = "To hand in this notebook, save it, then run this in a terminal: `mastery submit loss`"


@pytest.mark.parametrize(
    ("passed", "following", "done"),
    [
        (["surprisal"], "`perplexity`, in this notebook.", None),
        (["surprisal", "harder"], "`perplexity`, in this notebook.", None),
        (
            ["surprisal", "perplexity"],
            f"{AFTER}, or the stretch exercise `harder` in this notebook. {HAND_IN}",
            "Every stub of “Loss” that counts for completion passes its visible checks.",
        ),
        (
            ["surprisal", "perplexity", "harder"],
            f"{AFTER}. {HAND_IN}",
            "That was the last one: every stub of “Loss” passes its visible checks.",
        ),
    ],
)
def test_what_comes_next(course: Course, passed: list[str], following: str, done: str | None) -> None:
    shown = result(course, [PASSED], passed)
    assert (shown.next_step, shown.done) == (following, done)
    assert "`" not in shown.as_text() + shown.as_html()
    if done is not None:
        assert "<code>mastery submit loss</code>" in shown.as_html()


def test_a_stretch_stub_does_not_complete_the_lab_again(course: Course) -> None:
    needed = ["surprisal", "perplexity"]
    assert result(course, [PASSED], needed, stub="perplexity").done is not None
    # As in a lab with another stretch stub that is left.
    assert result(course, [PASSED], needed, stub="harder").done is None


def test_names_to_type_are_code_and_the_next_lab_is_quoted(course: Course) -> None:
    assert "<code>perplexity</code>, in this notebook." in result(course, [PASSED], ["surprisal"]).as_html()
    assert "Next: perplexity, in this notebook." in result(course, [PASSED], ["surprisal"]).as_text()


def test_a_misconceptions_name_is_shown_as_one_writes_it(course: Course) -> None:
    wrong = evidence(Outcome.FAILED, misconception="adds_to_the_callers_lists", hint="You do.")
    assert "This looks like: adds to the caller's lists. You do." in result(course, [wrong]).as_text()


def test_more_than_three_possible_causes_are_not_named(course: Course) -> None:
    named = evidence(Outcome.FAILED, misconception="broadcasts and log_of_2 or log_of_10 or bits", hint="You do.")
    told = " ".join(result(course, [named]).as_text().split())
    assert 'This looks like: "broadcasts" and "log of 2" or "log of 10" or "bits". You do.' in told
    many = result(course, [evidence(Outcome.FAILED, misconception="log_of_2 or log_of_10 or bits or dits")])
    for shown in (" ".join(many.as_text().split()), words(many.as_html())):
        assert "This looks like: one of 4 known mistakes that give the same answers" in shown
        assert "the hint describes" not in shown
        assert not any(name in shown for name in ("log of", "bits", "dits", "None"))


def test_hints_for_more_than_three_possible_causes_are_left_out() -> None:
    def cause(number: int) -> Misconception:
        return Misconception(f"cause_{number}", "softmax", f"Hint {number}.", print)

    assert Diagnosis((tuple(map(cause, range(4))),)).hint is None
    assert Diagnosis((tuple(map(cause, range(3))),)).hint == "It's one of these: Hint 0. Or: Hint 1. Or: Hint 2."
    assert Diagnosis((tuple(map(cause, range(4))), (cause(5),))).hint == "Hint 5."


def test_points_beside_a_low_level_are_explained(course: Course) -> None:
    failed = evidence(Outcome.FAILED)
    for checks, is_explained in (([PASSED, failed], True), ([PASSED], False), ([failed], False)):
        shown = Findings(course, course.lab("loss"), "surprisal", checks, frozenset())
        assert ("one failed check can hold back the level" in words(shown.as_html())) == is_explained
