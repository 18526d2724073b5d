"""From evidence to levels: of stubs, over several attempts, of concepts and of the course."""

import copy
import itertools
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.mastery.course_levels import CourseLevels, mastery_of
from autograder.mastery.facts import facts_of
from autograder.mastery.levels import (
    Attempt,
    Judgement,
    Level,
    Override,
    StubMastery,
    StudentMastery,
    following,
    missing,
    standing,
    stub_level,
)
from autograder.model.course import Course, load
from autograder.model.results import AttachmentReport, Evidence, Kind, LabResult, Outcome, Problem

PASSED, FAILED, UNSOLVED = Outcome.PASSED, Outcome.FAILED, Outcome.UNSOLVED
WRONG = [each for each in Outcome if each is not Outcome.PASSED]


def found(
    kind: Kind,
    outcome: Outcome = PASSED,
    misconception: str | None = None,
    advisory: bool = False,
    confirmed: bool | None = None,
    stub: str = "softmax",
) -> Evidence:
    return Evidence(
        id=f"softmax::{stub}::{kind}",
        stub=stub,
        kind=kind,
        title=f"The {kind} one.",
        points=0,
        max_points=1,
        advisory=advisory,
        outcome=outcome,
        confirmed=confirmed,
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


def test_visible_checks_on_their_own_never_show_more_than_familiar():
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


# --- mastered, and what's missing for the next level

CONFIRMED = [found("visible"), found("hidden", confirmed=True), found("statistical"), found("robustness")]


def test_everything_passed_and_the_hidden_checks_confirmed_is_mastered():
    assert standing(CONFIRMED).level is Level.MASTERED
    assert standing(CONFIRMED).missing == ()


@pytest.mark.parametrize("confirmed", [None, False])
def test_hidden_checks_that_are_not_confirmed_leave_it_proficient_and_are_named(confirmed):
    evidence = [*CONFIRMED, found("hidden", confirmed=confirmed)]
    assert standing(evidence).level is Level.PROFICIENT
    assert standing(evidence).missing == ("confirmation of hidden check: The hidden one",)


def test_an_advisory_check_keeps_nobody_from_mastered():
    assert stub_level([*CONFIRMED, found("robustness", FAILED, advisory=True)]) is Level.MASTERED


@pytest.mark.parametrize(
    ("evidence", "level", "missing"),
    [
        ([found("hidden", UNSOLVED)], "not started", "it isn't solved yet"),
        ([*CONFIRMED, found("visible", FAILED)], "attempted", "visible check: The visible one"),
        ([found("visible")], "familiar", "its hidden checks, which run when it's graded"),
        ([*CONFIRMED, found("hidden", FAILED)], "familiar", "hidden check: The hidden one"),
        (
            [*CONFIRMED, found("robustness", FAILED, "base_2")],
            "familiar",
            "robustness check: The robustness one (this looks like: base 2)",
        ),
        ([*CONFIRMED, found("robustness", FAILED)], "proficient", "robustness check: The robustness one"),
        (
            [*CONFIRMED, found("hidden", Outcome.NOT_GRADED)],
            "familiar",
            "hidden check: The hidden one, which couldn't be run",
        ),
    ],
)
def test_a_level_says_what_is_missing_for_the_next_one(evidence, level, missing):
    assert standing(evidence).level == level
    assert standing(evidence).missing == (missing,)


# --- over attempts; a course of two labs, in which `more` is a stretch

COURSE = yaml.safe_load("""
title: Toy
labs:
  - {name: softmax, title: Softmax, stubs: [{name: softmax, points: 8}, {name: more, points: 2, stretch: true}]}
  - {name: loss, title: Loss, stubs: [{name: mse_loss, points: 4}]}
concepts:
  - {name: softmax, title: Softmax, stubs: [softmax, more]}
  - {name: loss, title: Loss, after: [softmax], stubs: [mse_loss]}
mastery:
  distinction: {mastered: 1, among: [softmax]}
""")
FAMILIAR = [found("visible"), found("hidden", FAILED)]
PROFICIENT = [*CONFIRMED, found("robustness", FAILED)]
ATTEMPTED = [found("visible", FAILED), found("hidden")]
MISTAKEN = [found("visible"), found("hidden", FAILED, "base_2")]
BLANK = [found("visible", UNSOLVED), found("hidden", UNSOLVED)]
Answer = Sequence[Evidence]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return course_with(tmp_path)


def course_with(folder: Path, **rules: Any) -> Course:
    content = copy.deepcopy(COURSE)
    content["mastery"].update(rules)
    (folder / "course.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load(folder)


def attempt(number: int, lab: str = "softmax", status: str = "graded", **stubs: Answer) -> Attempt:
    checks = [each.model_copy(update={"stub": stub}) for stub, answer in stubs.items() for each in answer]
    result = LabResult(
        student="ada",
        lab=lab,
        attempt=number,
        status=status,
        score=None if status == "not graded" else 1,
        max_score=10,
        seconds=0,
        content_hash="",
        course_version="",
        secret="",
        checks=checks,
    )
    return Attempt(datetime(2026, 3, number), result)


def over(course: Course, *answers: Answer, override: Override | None = None) -> StubMastery:
    """The stub `softmax` after these answers, one attempt each."""
    attempts = [attempt(number, softmax=answer) for number, answer in enumerate(answers, start=1)]
    found = mastery_of(course, "ada", {"softmax": attempts}, [override] if override else [])
    return found.stubs[0]


def of(course: Course, softmax: Answer, more: Answer, mse_loss: Answer) -> StudentMastery:
    attempts = {"softmax": [attempt(1, softmax=softmax, more=more)], "loss": [attempt(2, "loss", mse_loss=mse_loss)]}
    return mastery_of(course, "ada", attempts)


def test_the_level_shown_is_the_best_of_any_attempt_and_a_regression_stays_visible(course):
    stub = over(course, ATTEMPTED, CONFIRMED, FAMILIAR)
    assert (stub.shown.level, stub.current.level) == (Level.MASTERED, Level.FAMILIAR)
    assert stub.has_regressed
    assert list(stub.levels.values()) == [Level.ATTEMPTED, Level.MASTERED, Level.FAMILIAR]


def test_a_level_is_never_pieced_together_from_attempts(course):
    visible_wrong = [found("visible", FAILED), found("hidden", confirmed=True)]
    assert over(course, visible_wrong, FAMILIAR).shown.level is Level.FAMILIAR
    assert over(course, FAMILIAR, visible_wrong).shown.level is Level.FAMILIAR


def test_a_misconception_caps_at_familiar_until_a_later_answer_no_longer_matches(course):
    assert over(course, MISTAKEN, CONFIRMED).shown.level is Level.MASTERED
    capped = over(course, CONFIRMED, MISTAKEN)
    assert (capped.shown.level, capped.cap) == (Level.FAMILIAR, "base_2")
    assert capped.shown.missing == ("an answer that no longer looks like: base 2",)
    lifted = over(course, CONFIRMED, MISTAKEN, FAMILIAR)
    assert (lifted.shown.level, lifted.cap, lifted.has_regressed) == (Level.MASTERED, None, True)


def test_handing_in_no_answer_lifts_no_cap(course):
    assert over(course, CONFIRMED, MISTAKEN, BLANK).shown.level is Level.FAMILIAR
    assert over(course, CONFIRMED, MISTAKEN, []).shown.level is Level.FAMILIAR


def test_a_flaky_statistical_failure_followed_by_a_pass_has_no_effect(course):
    assert over(course, [*CONFIRMED, found("statistical", FAILED)], CONFIRMED).shown.level is Level.MASTERED


def test_a_persons_full_score_makes_proficient_and_is_recorded_with_its_comment(course):
    override = Override(lab="softmax", stub="softmax", comment="Right, by another definition.")
    stub = over(course, MISTAKEN, override=override)
    assert (stub.shown.level, stub.current.level, stub.override) == (Level.PROFICIENT, Level.PROFICIENT, override)
    assert over(course, CONFIRMED, override=override).shown.level is Level.MASTERED
    assert over(course, MISTAKEN, override=override.model_copy(update={"stub": "more"})).shown.level is Level.FAMILIAR


def test_an_attempt_that_was_not_graded_counts_for_nothing(course):
    attempts = [attempt(1, softmax=CONFIRMED, more=CONFIRMED), attempt(2, status="not graded")]
    found = mastery_of(course, "ada", {"softmax": attempts, "loss": [attempt(3, "loss", mse_loss=CONFIRMED)]})
    assert found.complete
    assert found.since == datetime(2026, 3, 3)


def test_a_concept_is_the_minimum_of_its_stubs_and_their_order_makes_no_difference(course):
    for first, second in ((PROFICIENT, CONFIRMED), (CONFIRMED, PROFICIENT)):
        assert of(course, first, second, CONFIRMED).concepts[0].level is Level.PROFICIENT


def test_without_its_stretch_stub_a_concept_is_complete_but_not_mastered(course):
    student = of(course, CONFIRMED, BLANK, CONFIRMED)
    assert student.complete
    assert student.concepts[0].level is Level.PROFICIENT
    assert student.concepts[0].missing == ("more: it isn't solved yet",)
    assert not student.distinction


def test_complete_with_every_concept_proficient_and_else_exactly_what_is_missing_is_listed(course):
    assert of(course, PROFICIENT, BLANK, PROFICIENT).complete
    student = of(course, FAMILIAR, BLANK, BLANK)
    assert (student.complete, student.since, student.distinction) == (False, None, False)
    assert [str(gap) for gap in student.gaps] == [
        "Softmax: softmax, hidden check: The hidden one",
        "Loss: mse_loss, it isn't solved yet",
    ]


def test_nothing_handed_in_is_not_complete_and_says_so(course):
    student = mastery_of(course, "ada", {})
    assert (student.complete, student.number) == (False, 0)
    assert [str(gap) for gap in student.gaps][1] == "Loss: mse_loss, nothing handed in has been graded"


def test_a_stub_missing_in_the_latest_submission_is_not_complete_even_if_once_mastered(course):
    attempts = [attempt(1, softmax=CONFIRMED, more=CONFIRMED), attempt(2, softmax=BLANK, more=CONFIRMED)]
    student = mastery_of(course, "ada", {"softmax": attempts, "loss": [attempt(1, "loss", mse_loss=CONFIRMED)]})
    assert student.stubs[0].shown.level is Level.MASTERED
    assert [gap.stub for gap in student.gaps] == ["softmax"]
    assert not student.complete


def test_distinction_needs_completion_enough_mastered_concepts_and_the_named_ones(course):
    assert of(course, CONFIRMED, CONFIRMED, PROFICIENT).distinction
    assert not of(course, PROFICIENT, CONFIRMED, CONFIRMED).distinction
    assert not of(course, CONFIRMED, CONFIRMED, FAMILIAR).distinction


def test_distinction_counts_the_mastered_concepts(tmp_path):
    course = course_with(tmp_path, distinction={"mastered": 2})
    assert not of(course, CONFIRMED, CONFIRMED, PROFICIENT).distinction
    assert of(course, CONFIRMED, CONFIRMED, CONFIRMED).distinction


def test_completion_and_distinction_look_at_the_latest_attempts(course):
    def after(latest: Answer) -> StudentMastery:
        attempts = [attempt(1, softmax=CONFIRMED, more=CONFIRMED), attempt(2, softmax=latest, more=CONFIRMED)]
        return mastery_of(course, "ada", {"softmax": attempts, "loss": [attempt(1, "loss", mse_loss=CONFIRMED)]})

    assert after(CONFIRMED).distinction
    assert (after(PROFICIENT).complete, after(PROFICIENT).distinction) == (True, False)
    assert [str(gap) for gap in after(FAMILIAR).gaps] == ["Softmax: softmax, hidden check: The hidden one"]


# --- beside the stubs: the packet, and what a person judges


def with_packet(folder: Path) -> Course:
    """A course whose `loss` lab has a packet with two rows that a person judges."""
    content = copy.deepcopy(COURSE)
    rows = [
        {"name": name, "title": title, "points": 1} for name, title in (("risks", "risk treatment"), ("why", "why"))
    ]
    content["labs"][1].update(files=[{"name": "packet.yaml", "reader": "reference.readiness.packet"}], judged=rows)
    (folder / "course.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load(folder)


def packet(*problems: tuple[str, str]) -> AttachmentReport:
    found = [Problem(field=field, sentence=sentence) for field, sentence in problems]
    return AttachmentReport(on=date(2026, 3, 2), revision=1, problems=found)


def judged(row: str, satisfied: bool = True) -> Judgement:
    return Judgement(lab="loss", row=row, satisfied=satisfied, comment=None)


def read_as(course: Course, *packets: AttachmentReport | None, judgements: Sequence[Judgement] = ()) -> StudentMastery:
    """All stubs confirmed, with the packets handed in one after the other."""
    attempts = [attempt(number, "loss", mse_loss=CONFIRMED) for number in range(1, len(packets) + 1)]
    for each, reading in zip(attempts, packets, strict=True):
        each.result.packet = reading
    first = attempt(1, softmax=CONFIRMED, more=CONFIRMED)
    return mastery_of(course, "ada", {"softmax": [first], "loss": attempts}, judgements=judgements)


BOTH = [judged("risks"), judged("why")]


def test_completion_needs_the_packet_green_and_its_reviewer_satisfied_on_every_row(tmp_path):
    course = with_packet(tmp_path)
    assert read_as(course, packet(), judgements=BOTH).complete
    for packets, judgements, lines in [
        ([packet()], [], ["Loss: the reviewer has not judged risk treatment", "Loss: the reviewer has not judged why"]),
        (
            [packet()],
            [judged("risks", satisfied=False), judged("why")],
            ["Loss: the reviewer asks for a revision of risk treatment"],
        ),
        ([packet(("cost.days", "is 0; more is wanted."))], BOTH, ["Loss: packet, cost.days is 0; more is wanted"]),
        ([packet(("a", "is x."), ("b", "is y."), ("c", "is z."))], BOTH, ["Loss: packet, a is x; and 2 more"]),
        ([packet(("packet.yaml", "is missing: x."))], BOTH, ["Loss: packet.yaml is missing: x"]),
        ([packet(), packet(("a", "is x."))], BOTH, ["Loss: packet, a is x"]),
        ([None], BOTH, ["Loss: packet, not read yet, because it's only read during grading"]),
        ([], [], ["Loss, never handed in: mse_loss, what a person judges"]),
    ]:
        student = read_as(course, *packets, judgements=judgements)
        assert missing(course, student) == lines
        assert (student.complete, student.since, student.distinction) == (False, None, False)
        assert len(student.gaps) >= len(lines)
    assert read_as(course, packet(("a", "is x.")), packet(), judgements=BOTH).complete


def test_the_packet_is_told_after_what_the_concepts_lack(tmp_path):
    course = with_packet(tmp_path)
    attempts = {"softmax": [attempt(1, softmax=FAMILIAR)], "loss": [attempt(1, "loss", mse_loss=CONFIRMED)]}
    assert following(mastery_of(course, "ada", attempts)) == "Softmax: softmax, hidden check: The hidden one"
    student = read_as(course, packet(("a", "is x."), ("b", "is y.")), judgements=BOTH)
    assert following(student) == "Loss: packet, a is x; and 1 more"
    assert student.number == 100


def test_the_number_is_the_mean_over_concepts(course):
    assert of(course, PROFICIENT, BLANK, FAMILIAR).number == 65
    assert of(course, ATTEMPTED, BLANK, CONFIRMED).number == 62.5


def test_a_later_attempt_confirms_where_the_course_asks_for_one(tmp_path):
    course = course_with(tmp_path, confirmation="later attempt")
    assert over(course, CONFIRMED).shown.level is Level.PROFICIENT
    assert over(course, CONFIRMED).shown.missing == ("the same result again in a later attempt",)
    assert over(course, FAMILIAR, CONFIRMED).shown.level is Level.PROFICIENT
    assert over(course, CONFIRMED, FAMILIAR, CONFIRMED).shown.level is Level.MASTERED


def test_completion_may_ask_for_another_level(tmp_path):
    assert of(course_with(tmp_path, completion="familiar"), FAMILIAR, BLANK, FAMILIAR).complete
    mastered = course_with(tmp_path, completion="mastered")
    assert not of(mastered, CONFIRMED, BLANK, CONFIRMED).complete
    assert of(mastered, CONFIRMED, CONFIRMED, CONFIRMED).complete


# --- items of an assessment

WITH_ITEMS = yaml.safe_load("""
title: Toy
labs:
  - {name: softmax, title: Softmax, stubs: [{name: softmax, points: 8}]}
  - name: quiz
    title: Quiz
    assessment: true
    stubs: [{name: softmax_item, points: 2}, {name: loss_item, points: 2}]
concepts:
  - {name: softmax, title: Softmax, stubs: [softmax], items: [softmax_item]}
  - {name: judgement, title: Judgement, stubs: [softmax_item, loss_item]}
""")


@pytest.fixture
def with_items(tmp_path: Path) -> Course:
    (tmp_path / "course.yaml").write_text(yaml.safe_dump(WITH_ITEMS), encoding="utf-8")
    return load(tmp_path)


def quizzed(course: Course, code: Answer, *tries: dict[str, Answer]) -> StudentMastery:
    """A student who handed in `softmax` once, and the quiz in these attempts."""
    asked = [attempt(number, lab="quiz", **each) for number, each in enumerate(tries, start=1)]
    return mastery_of(course, "ada", {"softmax": [attempt(1, softmax=code)], "quiz": asked})


def levels_of(found: StudentMastery) -> dict[str, str]:
    return {each.concept: str(each.level) for each in found.concepts}


def test_a_quiz_that_is_all_right_does_not_lift_code_that_is_attempted(with_items):
    all_right = {"softmax_item": CONFIRMED, "loss_item": CONFIRMED}
    found = quizzed(with_items, ATTEMPTED, all_right, all_right, all_right)
    assert levels_of(found) == {"softmax": "attempted", "judgement": "mastered"}


RIGHT_ITEMS = {"softmax_item": CONFIRMED, "loss_item": CONFIRMED}


@pytest.mark.parametrize("wrong", [ATTEMPTED, FAMILIAR, MISTAKEN, PROFICIENT])
def test_a_wrong_item_caps_its_concept_at_familiar(with_items, wrong):
    found = quizzed(with_items, CONFIRMED, {"softmax_item": wrong, "loss_item": CONFIRMED})
    assert (found.concepts[0].level, found.concepts[0].current) == (Level.FAMILIAR, Level.FAMILIAR)
    (missing,) = found.concepts[0].missing
    assert missing.startswith("softmax_item: ")


def test_an_unanswered_item_caps_its_concept_at_proficient(with_items):
    for quiz in ([], [{"softmax_item": BLANK}]):
        found = quizzed(with_items, CONFIRMED, *quiz)
        assert (found.concepts[0].level, found.concepts[0].current) == (Level.PROFICIENT, Level.PROFICIENT)
    assert found.concepts[0].missing == ("softmax_item: it isn't solved yet",)


def test_a_right_item_is_mastered_and_caps_nothing(with_items):
    right = dict.fromkeys(RIGHT_ITEMS, PROFICIENT[:-1])
    found = quizzed(with_items, CONFIRMED, right)
    assert levels_of(found) == {"softmax": "mastered", "judgement": "mastered"}
    assert levels_of(quizzed(with_items, FAMILIAR, right))["softmax"] == "familiar"


def test_an_item_needs_no_second_seed_and_no_later_attempt(tmp_path):
    unconfirmed = {"softmax_item": [found("visible"), found("hidden", confirmed=False)]}
    for rules in ({}, {"confirmation": "later attempt"}):
        (tmp_path / "course.yaml").write_text(yaml.safe_dump({**WITH_ITEMS, "mastery": rules}), encoding="utf-8")
        assert quizzed(load(tmp_path), CONFIRMED, unconfirmed).stubs[1].shown.level is Level.MASTERED


def test_the_latest_answer_to_an_item_counts_and_leaving_it_blank_is_none(with_items):
    wrong, blank = RIGHT_ITEMS | {"softmax_item": FAMILIAR}, RIGHT_ITEMS | {"softmax_item": BLANK}

    def softmax(*tries: dict[str, Answer]) -> tuple[str, str]:
        concept = quizzed(with_items, CONFIRMED, *tries).concepts[0]
        return str(concept.level), str(concept.current)

    assert softmax(wrong, RIGHT_ITEMS) == ("mastered", "mastered")
    assert softmax(RIGHT_ITEMS, wrong) == ("familiar", "familiar")
    assert softmax(RIGHT_ITEMS, blank) == ("mastered", "proficient")
    assert softmax(wrong, blank) == ("familiar", "proficient")


@pytest.mark.parametrize("overridden", [None, "softmax", "quiz"])
def test_earlier_levels_are_those_of_a_student_without_later_attempts(with_items, overridden):
    """A full score that a person gave is for the newest attempt, so it has no effect on earlier ones."""
    stub = {"softmax": "softmax", "quiz": "softmax_item"}
    overrides = [Override(lab=overridden, stub=stub[overridden], comment=None)] if overridden else []
    wrong, blank = RIGHT_ITEMS | {"softmax_item": FAMILIAR}, RIGHT_ITEMS | {"softmax_item": BLANK}
    quiz = [attempt(number, lab="quiz", **each) for number, each in enumerate((wrong, blank), start=1)]
    for tries in itertools.product((ATTEMPTED, MISTAKEN, CONFIRMED, BLANK, None), repeat=3):
        softmax = [
            attempt(number, status="not graded") if each is None else attempt(number, softmax=each)
            for number, each in enumerate(tries, start=1)
        ]
        history = {
            lab: [facts_of(each.result, each.when) for each in attempts]
            for lab, attempts in (("softmax", softmax), ("quiz", quiz))
        }
        levels = CourseLevels(with_items)
        student = levels.mastery_of("ada", history, overrides)
        for number in (1, 2, 3):
            earlier = {lab: attempts[:number] for lab, attempts in history.items()}
            still = [each for each in overrides if len(history[each.lab]) <= number]
            expected = levels.mastery_of("ada", earlier, still)
            assert levels.levels_after(student, history, number) == [each.level for each in expected.concepts]


def test_a_persons_full_score_for_an_item_makes_it_right(with_items):
    asked = [attempt(1, lab="quiz", softmax_item=FAMILIAR, loss_item=CONFIRMED)]
    override = Override(lab="quiz", stub="softmax_item", comment="The question was unclear.")
    student = mastery_of(with_items, "ada", {"softmax": [attempt(1, softmax=CONFIRMED)], "quiz": asked}, [override])
    assert levels_of(student) == {"softmax": "mastered", "judgement": "mastered"}


def test_without_its_items_nobody_is_complete_and_each_is_named_once(with_items):
    found = quizzed(with_items, CONFIRMED, {"softmax_item": CONFIRMED, "loss_item": BLANK})
    assert [str(gap) for gap in found.gaps] == ["Judgement: loss_item, it isn't solved yet"]
    assert missing(with_items, quizzed(with_items, CONFIRMED)) == ["Quiz, never handed in: softmax_item, loss_item"]


def test_completion_asks_for_the_newest_answers(with_items):
    right, wrong = (
        {"softmax_item": CONFIRMED, "loss_item": CONFIRMED},
        {"softmax_item": CONFIRMED, "loss_item": FAMILIAR},
    )
    assert quizzed(with_items, CONFIRMED, right).complete
    assert not quizzed(with_items, CONFIRMED, right, wrong).complete
