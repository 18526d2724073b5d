"""Evidence to the level of a stub."""

import pytest

from autograder.mastery import Level, stub_level
from autograder.outcome import Evidence, Kind, Outcome

PASSED, FAILED, UNSOLVED = Outcome.PASSED, Outcome.FAILED, Outcome.UNSOLVED
WRONG = [each for each in Outcome if each is not Outcome.PASSED]


def found(kind: Kind, outcome: Outcome = PASSED, misconception: str | None = None, advisory: bool = False) -> Evidence:
    return Evidence(
        id=f"softmax::softmax::{kind}",
        stub="softmax",
        kind=kind,
        title="",
        points=0,
        max_points=1,
        advisory=advisory,
        outcome=outcome,
        seconds=0,
        misconception=misconception,
    )


ALL_PASS = [found("visible"), found("hidden"), found("statistical"), found("robustness")]


def test_no_evidence_is_not_started():
    assert stub_level([]) is Level.NOT_STARTED


def test_unsolved_throughout_is_not_started():
    assert stub_level([found(kind, UNSOLVED) for kind in ("visible", "hidden", "robustness")]) is Level.NOT_STARTED


@pytest.mark.parametrize("outcome", WRONG)
def test_a_visible_check_that_does_not_pass_is_attempted_whatever_else_passes(outcome):
    assert stub_level([found("visible", outcome), *ALL_PASS]) is Level.ATTEMPTED


def test_an_error_in_every_check_is_attempted_not_unstarted():
    assert stub_level([found("visible", Outcome.ERROR), found("hidden", Outcome.ERROR)]) is Level.ATTEMPTED


def test_visible_checks_alone_never_show_more_than_familiar():
    assert stub_level([found("visible"), found("visible")]) is Level.FAMILIAR
    assert stub_level([found("visible"), found("robustness")]) is Level.FAMILIAR


@pytest.mark.parametrize("kind", ["hidden", "statistical"])
@pytest.mark.parametrize("outcome", WRONG)
def test_a_hidden_or_statistical_check_that_does_not_pass_is_familiar(kind, outcome):
    assert stub_level([*ALL_PASS, found(kind, outcome)]) is Level.FAMILIAR


def test_all_visible_hidden_and_statistical_checks_passed_is_proficient():
    assert stub_level(ALL_PASS) is Level.PROFICIENT


@pytest.mark.parametrize("outcome", WRONG)
def test_a_robustness_check_that_does_not_pass_leaves_it_proficient(outcome):
    assert stub_level([*ALL_PASS, found("robustness", outcome)]) is Level.PROFICIENT


@pytest.mark.parametrize("kind", ["hidden", "robustness"])
def test_a_matched_misconception_caps_at_familiar(kind):
    assert stub_level([*ALL_PASS, found(kind, FAILED, misconception="base_2")]) is Level.FAMILIAR


@pytest.mark.parametrize("kind", ["visible", "hidden", "robustness"])
def test_advisory_checks_do_not_count(kind):
    assert stub_level([*ALL_PASS, found(kind, FAILED, advisory=True)]) is Level.PROFICIENT
    assert stub_level([found("visible", UNSOLVED), found("hidden", PASSED, advisory=True)]) is Level.NOT_STARTED


def test_the_order_of_the_evidence_makes_no_difference():
    evidence = [*ALL_PASS, found("hidden", FAILED), found("robustness", FAILED)]
    assert stub_level(evidence) is stub_level(evidence[::-1]) is Level.FAMILIAR
