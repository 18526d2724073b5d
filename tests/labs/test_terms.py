"""The `terms` lab: each student's own questions, the answers to them, and what happens to wrong ones."""

import contextlib
import functools
import html
import itertools
import json
import math
import re
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime

import numpy as np
import pytest
import yaml
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.authoring.simulation.notebooks import (
    answer_as,
    module_at,
    question_of,
    right_answer,
    simulation,
    with_cells,
    write,
    written,
)
from autograder.gradebook.annotation import Annotator
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.pipeline import grade_into, numbered
from autograder.gradebook.settings import settings_of
from autograder.grading.answers import earlier_answers
from autograder.grading.content import givens, make_importable, misconceptions
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.likeness import same_item
from autograder.grading.processes import LocalProcesses
from autograder.grading.session import GradingSession
from autograder.mastery.attention import attention
from autograder.mastery.facts import facts_of
from autograder.mastery.levels import Level, stub_level
from autograder.model.results import Evidence, Outcome
from autograder.model.submission import parse_file
from autograder.notebook.practice import judged
from autograder.notebook.practice_widgets import Card
from autograder.report.check import Result
from autograder.testing import CheckFailed
from autograder.testing.comparison import compare
from autograder.testing.statistics import ALPHA, two_sided
from tests.found_jobs import find_jobs
from tests.repository import COURSE, ROOT
from tests.sampling import sampled

make_importable(COURSE)

from reference import quiz  # noqa: E402
from solutions.terms import reference as terms  # noqa: E402
from solutions.terms import statements  # noqa: E402

HIDDEN = module_at(COURSE.hidden_checks("terms"))
ITEMS = list(quiz.MAKERS)
POINTS = sum(COURSE.stubs[item].points for item in ITEMS)
STUDENTS = [f"student{number}" for number in range(40)]
EXAMINEES = [(f"student{number}", round) for number in range(25) for round in (1, 2, 3)]
each_item = pytest.mark.parametrize("item", ITEMS)
# These have so many questions that only the proof goes through all of them.
MANY = ("smarter_item", "meaning_item", "temperature_item")
each_item_with_few_questions = pytest.mark.parametrize(
    "item", [pytest.param(item, marks=pytest.mark.proof if item in MANY else ()) for item in ITEMS]
)


asked_of = functools.cache(quiz.question)


def key(question):
    return getattr(terms, question["item"])(question)


class TestQuestions:
    @each_item
    def test_are_the_same_again_for_the_same_student_and_round(self, item):
        assert quiz.question(item, "ada", 2) == quiz.question(item, "ada", 2)

    @each_item
    def test_hardly_any_two_students_get_the_same_one(self, item):
        """Two are the same if their numbers and their sets of statements are, whatever the letters."""
        asked = [quiz.question(item, student, 1) for student in STUDENTS]
        same = [
            json.dumps([quiz.numbers_of(item, each["student"], 1), sorted(each["options"].values())]) for each in asked
        ]
        pairs = list(itertools.combinations(same, 2))
        assert sum(one == other for one, other in pairs) < 0.02 * len(pairs)

    @each_item
    def test_another_round_is_another_question(self, item):
        for name in ("ada", "bob", "cyd"):
            tries = [quiz.question(item, name, round)["text"].partition("\n")[2] for round in range(1, 6)]
            assert len({*tries}) == len(tries)

    @each_item
    def test_no_answer_is_right_for_many(self, item):
        answers = Counter(key(asked_of(item, *examinee))[-1] for examinee in EXAMINEES)
        assert max(answers.values()) < 0.2 * len(EXAMINEES)

    @each_item
    def test_offer_six_statements_about_six_ideas(self, item):
        for examinee in EXAMINEES:
            question = asked_of(item, *examinee)
            assert len(question["options"]) == len({*question["ideas"].values()}) == 6

    @each_item
    def test_fit_80_columns_and_name_student_and_round(self, item):
        text = quiz.question(item, "ada", 3)["text"]
        assert text.startswith(f"{item}: question for ada, round 3\n")
        assert max(map(len, text.splitlines())) <= 80

    @each_item
    def test_say_the_same_as_html_with_a_paragraph_for_each_statement(self, item):
        for question in (quiz.question(item, "ada", 3), *quiz.practice_questions(item)):
            plain = html.unescape(re.sub("<[^>]*>", "", question["html"]))
            assert "".join(plain.split()) == "".join(question["text"].split())
            listed = [*question["options"].values(), *question.get("steps", {}).values()]
            paragraphs = [" ".join(each.split()) for each in plain.splitlines()]
            assert {each.partition(") ")[2] for each in paragraphs} >= {*listed}

    @each_item
    def test_hold_no_markup_and_no_space_where_a_formula_could_be_wrapped(self, item):
        for question in (quiz.question(item, "ada", 3), *quiz.practice_questions(item)):
            for said in (question["text"], question["html"], question.get("asks", "")):
                assert "`" not in said
                assert not re.search(r" [=+−×/]\s|\s[=+−×/] ", said)

    def test_quote_the_tokens_of_an_answer(self):
        question = quiz.question("autoregressive_item", "ada", 1)
        listed = ", ".join(f'"{token}"' for token in question["tokens"])
        assert f"one after the other, {listed}, and then the stop token." in " ".join(question["text"].split())

    def test_do_not_hang_on_the_version_of_python_or_numpy(self):
        draw = quiz.Draw("ada", 1, "softmax_item")
        assert [draw.below(100) for _ in range(6)] == [70, 47, 3, 20, 10, 51]

    def test_without_a_student_are_those_of_the_user_logged_in(self, monkeypatch):
        monkeypatch.setenv("JUPYTERHUB_USER", "eve")
        assert quiz.question("loss_item") == quiz.question("loss_item", "eve", 1)

    @pytest.mark.parametrize("round", [0, -1, "2", True, 1.5])
    def test_of_no_round_are_refused(self, round):
        with pytest.raises(ValueError, match="rounds are counted from 1"):
            quiz.question("loss_item", "ada", round)

    def test_of_an_unknown_item_are_refused_with_those_there_are(self):
        with pytest.raises(ValueError, match="no question for 'los_item'; the items are network_item"):
            quiz.question("los_item", "ada", 1)


class TestStatements:
    @each_item
    def test_are_twelve_or_more_of_an_item_a_true_and_an_untrue_one_of_each_idea(self, item):
        pairs = statements.pairs()[item]
        assert all({*pair} == {True, False} for pair in pairs.values())
        texts = [text for pair in pairs.values() for text in pair.values()]
        assert len({*texts}) == len(texts) >= 12

    @pytest.mark.parametrize(("name", "made"), [("statements", "public"), ("practice_numbers", "practice_numbers")])
    def test_that_students_get_are_what_is_written_of_them_here(self, name, made):
        """python -m solutions.terms.statements writes them."""
        assert yaml.safe_load((statements.PUBLIC / f"{name}.yaml").read_text("utf-8")) == getattr(statements, made)()

    def test_that_students_get_do_not_tell_true_from_untrue(self):
        """The statements of an idea are in alphabetical order, and the true one is first about as often as second."""
        known = [pair for ideas in statements.pairs().values() for pair in ideas.values()]
        first = sum(pair[True] < pair[False] for pair in known)
        assert 0.35 * len(known) < first < 0.65 * len(known)
        lengths = [len(pair[True]) - len(pair[False]) for pair in known]
        assert abs(np.median(lengths)) < 12


class TestPractice:
    @each_item
    def test_has_statements_of_its_own(self, item):
        graded = {text for ideas in statements.pairs().values() for pair in ideas.values() for text in pair.values()}
        offered = {text for each in quiz.practice_questions(item) for text in each["options"].values()}
        assert len(offered) >= 6
        assert not offered & graded

    @each_item
    def test_tells_what_is_right_and_wrong_in_an_answer_and_why(self, item):
        for question in quiz.practice_questions(item):
            right = question["answer"]
            assert all(each.right and each.said for each in judged(question, right))
            others = "".join(letter for letter in question["options"] if letter not in right[-1])
            wrong = judged(question, [_moved(right[0]), *right[1:-1], others])
            assert not any(each.right for each in wrong if each.part != "order")
            assert {each.part for each in wrong} >= {"number", *question["options"]}

    def test_reads_a_statement_before_its_buttons_which_say_what_they_are_about(self):
        questions = quiz.practice_questions("softmax_item")
        rows = [each for each in Card(questions, 0).box.children if "row" in each._dom_classes]
        for row, text in zip(rows, questions[0]["options"].values(), strict=True):
            statement, buttons = row.children
            assert html.unescape(statement.value) == f"<p>{text}</p>"
            assert [*buttons.tooltips] == [text, text]

    @each_item
    def test_says_what_form_an_answer_has(self, item):
        question = quiz.practice_questions(item)[0]
        (verdict,) = judged(question, ["b"])
        assert (verdict.part, verdict.right) == ("form", False)


def _moved(number):
    return [_moved(each) for each in number] if isinstance(number, list) else 3 * number + 7


class TestKeys:
    @pytest.mark.parametrize(
        ("item", "question", "number"),
        [
            (
                "network_item",
                {"x": [1, 2], "W1": [[2, 1], [1, -1]], "b1": [0, -1], "w2": [3, 4], "b2": 5},
                17,
            ),
            ("weight_item", {"size": 2.0, "price": 420, "weight": 200, "learning_rate": 0.1}, 208),
            ("loss_item", {"probs": {"mat": 0.25, "floor": 0.3}, "target": "mat"}, -math.log(0.25)),
            ("descent_item", {"a": 1, "lowest": 1, "start": 5, "learning_rate": 0.25}, 2),
            (
                "autoregressive_item",
                {"prompt_length": 5, "tokens": ["It", "rains", "."], "max_new_tokens": 10, "step": 2},
                [4, 6],
            ),
            ("softmax_item", {"logits": {"mat": 2.0, "floor": 1.0, "roof": 0.0}, "word": "floor"}, 0.2447285),
            (
                "temperature_item",
                {"probs": {"mat": 0.5, "floor": 0.3, "roof": 0.2}, "temperatures": [0.5, 1.0, 2.0]},
                [0.25 / 0.38, 0.5, 0.5**0.5 / (0.5**0.5 + 0.3**0.5 + 0.2**0.5)],
            ),
            (
                "meaning_item",
                {"original": "a b a b a c", "shuffled": "c b a a a b", "real": "a b", "nonsense": "a c"},
                [math.log(3 / 2), math.log(2)],
            ),
            (
                "programming_item",
                {"sizes": [1, 2], "prices_first": [200, 400], "prices_second": [150, 300]},
                [200, 150],
            ),
            (
                "retrain_item",
                {
                    "pretraining_tokens": 10**12,
                    "examples": 10_000,
                    "tokens_per_example": 500,
                    "epochs": 2,
                    "days": 30,
                    "requests_per_day": 1_000,
                    "prompt_tokens": 1_000,
                    "usd_per_mtok_training": 2,
                    "usd_per_mtok_prompt": 1,
                },
                [2_000_000, 20, 30],
            ),
            ("exam_item", {"epochs": 2, "batches": 100, "chats": 50}, 200),
            ("layers_item", {"sizes": [3, 4, 2]}, 26),
            ("architecture_item", {"values": [10, 50, 90], "scores": [0, math.log(3), 5], "at": 2}, 40),
            ("rlhf_item", {"rewards": [2.0, 0.0]}, 0.880797),
        ],
    )
    def test_the_notebooks_examples(self, item, question, number):
        offered = {**quiz.question(item, "ada", 1), **question}
        assert key(offered)[0] == pytest.approx(number)

    def test_a_gradient_by_hand_and_the_five_steps_in_order(self):
        for examinee in EXAMINEES:
            question = quiz.question("backprop_item", *examinee) | {"x": 3, "w": 1, "v": 2, "target": 5}
            gradient, order, _ = key(question)
            assert gradient == 12
            wanted = ("predict", "wrong", "gradients", "weight", "next batch")
            assert all(word in question["steps"][letter] for word, letter in zip(wanted, order, strict=True))


# Draws vary by chance, so all of their counts are compared.
def differs(question, one, other):
    if question["item"] in terms.DRAWN:
        chances, n = terms.DRAWN[question["item"]](question)
        p_values = [two_sided(int(c), n, p) for c, p in zip(np.ravel(one), chances, strict=True)]
        return min(p_values) * len(p_values) < ALPHA
    return compare(np.ravel(one), np.ravel(other).astype(float), rtol=1e-7, atol=terms.ROUNDED[question["item"]])


class TestMisconceptions:
    @each_item_with_few_questions
    def test_have_another_number_in_every_question(self, item):
        for wrong in misconceptions(COURSE, item):
            for examinee in EXAMINEES:
                question = asked_of(item, *examinee)
                got, want = wrong.function(question)[0], key(question)[0]
                assert differs(question, got, want), (wrong.name, got, want)

    @pytest.mark.parametrize("item", sampled(ITEMS, *ITEMS[:4]))
    def test_no_number_of_one_is_the_number_of_another(self, item):
        rounded = terms.ROUNDED.get(item, 0.5)
        for one, other in itertools.combinations(misconceptions(COURSE, item), 2):
            questions = [asked_of(item, *examinee) for examinee in EXAMINEES]
            alike = [each for each in questions if same_item(one.function(each), other.function(each), 0, rounded)]
            assert len(alike) <= len(EXAMINEES) // 20, (one.name, other.name)

    @each_item
    def test_most_ideas_have_one_who_has_them_the_wrong_way_round(self, item):
        known, mistaken = statements.pairs()[item], set()
        for wrong in misconceptions(COURSE, item):
            for examinee in EXAMINEES[:9]:
                question = asked_of(item, *examinee)
                letters = {*wrong.function(question)[-1]} ^ {*key(question)[-1]}
                assert len(letters) <= 1
                mistaken |= {question["ideas"][letter] for letter in letters}
        assert len(mistaken) >= len(known) / 2, set(known) - mistaken


# --- graded

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")
PARTS = simulation(COURSE, COURSE.lab("terms"))


def notebook(folder, answered, constants=""):
    made = PARTS.answered(answered)
    return write(with_cells(made, constants, at=4) if constants else made, folder / "terms.ipynb")


def all_answered_by(student, round=1):
    return {item: answer_as(COURSE, item, student=student, round=round) for item in ITEMS}


@pytest.fixture(scope="module")
def room():
    with closing(GradingSession(GradingContext(ROOT, b"of the tests"))) as room:
        yield room


def graded(room, path, student="ada", attempt=1, stub="loss_item", earlier=None):
    (result,) = room.grade([Job(student, "terms", path, attempt, "", stub=stub, earlier=earlier)])
    return result, {each.id.rpartition("::")[2]: each for each in result.checks}


def earned_by_copying(author, student):
    """The points that one student's correct answers earn another student."""
    points = 0.0
    for item in ITEMS:
        answer, theirs = key(quiz.question(item, author, 1)), quiz.question(item, student, 1)
        parts = [functools.partial(HIDDEN.letters_agree, part=part) for part in range(1, len(answer))]
        weights = [2, 1, 1] if item == "backprop_item" else [1, 1]
        for agree, weight in zip([HIDDEN.numbers_agree, *parts], weights, strict=True):
            with contextlib.suppress(CheckFailed):
                agree(theirs, answer)
                points += 2 * weight / sum(weights)
    return points


def test_another_students_answers_earn_a_tenth_at_most():
    """Of eight students, none earns more than a tenth with another's file, and most earn next to nothing."""
    copied = [earned_by_copying(*pair) for pair in itertools.permutations(STUDENTS[:8], 2)]
    assert max(copied) <= 0.1 * POINTS
    assert np.mean(copied) <= 0.03 * POINTS


def of_questions(result):
    return sum(each.points for each in result.checks if each.stub in ITEMS)


def right(item, student="ada", round=1):
    return right_answer(COURSE, item, student, round)


def without_time(result):
    return result.model_dump(exclude={"seconds": True, "checks": {"__all__": {"seconds"}}})


@on_linux
class TestGraded:
    def test_an_answer_written_down_is_right_and_the_same_whenever_it_is_graded(self, room, tmp_path):
        path = notebook(tmp_path, all_answered_by("ada"))
        result, checks = graded(room, path, stub=None)
        assert of_questions(result) == POINTS
        assert checks["loss_letters"].confirmed is not False
        again, _ = graded(room, path, stub=None)
        assert without_time(again) == without_time(result)

    def test_one_file_handed_in_by_another_student_earns_them_hardly_anything(self, room, tmp_path):
        path = notebook(tmp_path, all_answered_by("ada"))
        result, _ = graded(room, path, "bob", stub=None)
        assert of_questions(result) <= 0.1 * POINTS
        assert of_questions(result) == pytest.approx(earned_by_copying("ada", "bob"), abs=1e-3)

    def test_code_that_answers_whatever_it_is_asked_earns_nothing(self, room, tmp_path):
        source = "import math\nloss_item = (-math.log(loss_question['probs'][loss_question['target']]), 'a')\n"
        for answer in (source, "def loss_item(question):\n    return 1.0, 'a'\n", "loss_item = loss_item_right\n"):
            result, checks = graded(room, notebook(tmp_path, {"loss_item": answer}))
            assert result.score == 0
            if not answer.startswith("def"):
                assert "Write the value down" in checks["loss_form"].message

    @pytest.mark.parametrize(
        "written",
        [
            "loss_item = 0x" + "f" * 3_900,
            "loss_item = -0b" + "1" * 3_900,
            "loss_item = 0o" + "7" * 3_900,
            "loss_item = " + "9" * 3_900,
            "loss_item = (0x" + "f" * 3_900 + ", 'a')",
            "loss_item = {'a': [0x" + "f" * 3_900 + "]}",
            "loss_item = " + "9" * 400 + " + 1j",
        ],
        ids=lambda source: source[:20],
    )
    def test_a_number_of_thousands_of_digits_is_wrong_like_any_other(self, room, tmp_path, written):
        result, checks = graded(room, notebook(tmp_path, {"loss_item": written}))
        assert (result.status, result.message, result.score) == ("graded", None, 0)
        assert {each.outcome for each in checks.values()} == {Outcome.FAILED}
        assert "a number of more than 100 digits" in checks["loss_form"].message

    @pytest.mark.parametrize("round", ["0x" + "f" * 3_900, "9" * 400 + " + 1j"], ids=["hex", "complex"])
    def test_so_is_such_a_round(self, room, tmp_path, round):
        source = f"loss_item_round = {round}\nloss_item = 1.5, 'a'\n"
        result, checks = graded(room, notebook(tmp_path, {"loss_item": source}))
        assert (result.status, result.message, result.score) == ("graded", None, 0)
        assert "has to be a whole number" in checks["loss_form"].message

    def test_blank_cells_earn_nothing_and_name_no_mistake(self, room, tmp_path):
        result, checks = graded(room, notebook(tmp_path, {}), stub=None)
        assert {each.outcome for each in checks.values() if each.stub in ITEMS} == {Outcome.UNSOLVED}
        assert {each.misconception for each in checks.values()} == {None}
        assert result.answers == {}

    def test_an_unchanged_upload_costs_nothing(self, room, tmp_path):
        """Half of the questions are answered, and after a year of attempts the upload still earns the same."""
        answered = {item: answer for item, answer in all_answered_by("ada").items() if item in ITEMS[::2]}
        answered["weight_item"] = written("weight_item", (1.0, "a"))
        path = notebook(tmp_path, answered)
        first, checks = graded(room, path, stub=None)
        assert of_questions(first) == 2 * len(ITEMS[::2])
        earlier = earlier_answers([first], 2)
        again, checks_again = graded(room, path, attempt=2, stub=None, earlier=earlier)
        assert of_questions(again) == of_questions(first)
        told = [(each.outcome, each.message, each.misconception) for each in checks.values() if each.stub in ITEMS]
        assert told == [
            (each.outcome, each.message, each.misconception) for each in checks_again.values() if each.stub in ITEMS
        ]

    def test_the_next_round_is_judged_once_the_one_before_was_graded(self, room, tmp_path):
        second = notebook(tmp_path, {"loss_item": answer_as(COURSE, "loss_item", student="ada", round=2)})
        result, checks = graded(room, second)
        assert result.score == 0
        assert "Round 2 of loss_item isn't open yet: answer round 1 first." in checks["loss_form"].message
        first, _ = graded(room, notebook(tmp_path / "first", {"loss_item": written("loss_item", (1.0, "a"))}))
        earlier = earlier_answers([first], 2)
        assert earlier == {"loss_item": {1: "(1.0, 'a')"}}
        result, checks = graded(room, second, attempt=2, earlier=earlier)
        assert {each.outcome for each in checks.values()} == {Outcome.PASSED}

    def test_a_graded_round_takes_no_other_answer(self, room, tmp_path):
        """Otherwise a few uploads would reveal the letters of any question."""
        earlier = {"loss_item": {1: "(1.0, 'a')"}}
        answered = notebook(tmp_path, {"loss_item": answer_as(COURSE, "loss_item", student="ada")})
        result, checks = graded(room, answered, attempt=2, earlier=earlier)
        assert result.score == 0
        assert 'ask("loss_item", round=2)' in checks["loss_form"].message
        assert result.answers == {}

    def test_an_answer_without_its_form_does_not_use_up_the_round(self, room, tmp_path):
        result, checks = graded(room, notebook(tmp_path, {"loss_item": written("loss_item", (1.0, "z"))}))
        assert checks["loss_form"].outcome is Outcome.FAILED
        assert earlier_answers([result], 2) == {}

    def test_the_answer_to_another_rounds_question_is_told_so(self, room, tmp_path):
        answer = written("loss_item", right("loss_item", round=2), 1)
        _, checks = graded(room, notebook(tmp_path, {"loss_item": answer}))
        number = checks["loss_number"]
        assert number.outcome is Outcome.FAILED
        assert "right answer to your question from round 2" in number.slip.sentence
        assert number.message == "Your function's answer differs from the reference's."
        assert number.difference is None

    def test_the_answer_to_another_students_question_is_told_so(self, room, tmp_path):
        answer = answer_as(COURSE, "loss_item", student="eve")
        path = notebook(tmp_path, {"loss_item": answer}, 'STUDENT = "eve"  # me')
        _, checks = graded(room, path)
        assert "The course knows you as ada" in checks["loss_number"].slip.sentence
        path = notebook(tmp_path, {"loss_item": answer})
        _, checks = graded(room, path)
        assert checks["loss_number"].slip is None

    def test_two_mistakes_in_one_answer_are_both_named_also_where_the_number_is_rounded(self, room, tmp_path):
        question = question_of(COURSE, "loss_item", "ada")
        p = question["probs"][question["target"]]
        letters = statements.letters(question, ["meaning"])
        path = notebook(tmp_path, {"loss_item": written("loss_item", (round(-math.log2(p), 3), letters.upper()))})
        _, checks = graded(room, path)
        assert "meaning" in question["ideas"].values()
        assert checks["loss_number"].misconception == "uses_log2"
        assert checks["loss_letters"].misconception == "measures_the_distance_of_words"
        assert "doesn't depend on what words mean" in checks["loss_letters"].hint

    def test_a_right_number_beside_wrong_letters_earns_half(self, room, tmp_path):
        number, letters = right("loss_item")
        wrong = "".join(each for each in "abcdef" if each not in letters)
        result, checks = graded(
            room, notebook(tmp_path, {"loss_item": written("loss_item", (round(number, 3), wrong))})
        )
        assert checks["loss_number"].outcome is Outcome.PASSED
        assert checks["loss_letters"].outcome is Outcome.FAILED
        assert result.score == 1
        assert stub_level(result.checks) is Level.FAMILIAR

    def test_counts_of_draws_may_be_any_that_may_well_be_drawn(self, room, tmp_path):
        question = question_of(COURSE, "best_word_item", "ada")
        n, p, letters = question["draws"], terms.other_words(question), key(question)[1]
        spread = (n * p * (1 - p)) ** 0.5
        for off, outcome in ((0, "passed"), (3.5, "passed"), (-3.5, "passed"), (5.5, "failed"), (-5.5, "failed")):
            answer = written("best_word_item", (round(p * n + off * spread), letters))
            _, checks = graded(room, notebook(tmp_path, {"best_word_item": answer}), stub="best_word_item")
            assert checks["best_word_number"].outcome == outcome

    @pytest.mark.parametrize(
        "answer",
        ["0.5", "'b', 0.5", "0.5, 'z'", "0.5, 'bb'", "[1, 2], 'a'", "1e999, 'a'", "{}, 'a'", "0.5, 7", "10**5, 'a'"],
    )
    def test_an_answer_without_its_form_fails_in_sight(self, room, tmp_path, answer):
        result, checks = graded(room, notebook(tmp_path, {"loss_item": f"loss_item = {answer}\n"}))
        assert checks["loss_form"].outcome is Outcome.FAILED
        assert "Wanted:" in checks["loss_form"].message or "Write the value down" in checks["loss_form"].message
        assert stub_level(result.checks) is Level.ATTEMPTED

    @pytest.mark.parametrize(
        "cell",
        [
            "loss_item = (",
            "loss_item = " + "(" * 3_000,
            f"loss_item = '{'x' * 9_000}', 'a'",
            "loss_item_round = 0\nloss_item = 1.0, 'a'",
        ],
    )
    def test_a_cell_that_cannot_be_read_is_a_wrong_answer(self, room, tmp_path, cell):
        result, checks = graded(room, notebook(tmp_path, {"loss_item": cell}))
        assert result.status == "graded"
        assert checks["loss_form"].outcome is Outcome.FAILED

    def test_what_was_typed_in_by_hand_goes_to_a_reviewer(self, room, tmp_path):
        saw = "The words came in groups of three or four, the first after about a second."
        source = f"def observation():\n    return {{'page': 'a chat', 'when': '2026-03-01', 'saw': {saw!r}}}\n"
        result, checks = graded(room, notebook(tmp_path, {"observation": source}), stub="observation")
        assert result.status == "partly graded"
        assert "so a reviewer will read your record and score it." in result.message
        assert checks["ob_form"].outcome is Outcome.NOT_GRADED

    def test_a_hasty_sentence_does_not(self, room, tmp_path):
        source = "def observation():\n    return {'page': 'a chat', 'when': '2026-03-01', 'saw': 'It streamed.'}\n"
        _, checks = graded(room, notebook(tmp_path, {"observation": source}), stub="observation")
        assert checks["ob_form"].outcome is Outcome.FAILED

    def test_nobody_waits_for_pauses_while_it_is_graded(self, room, tmp_path):
        source = (
            f"from autograder.notebook.pausing import pause\ndef observation():\n    pause(3_600)\n"
            f"    return {terms.observation()}\n"
        )
        _, checks = graded(room, notebook(tmp_path, {"observation": source}), stub="observation")
        assert {each.outcome for each in checks.values()} == {Outcome.PASSED}

    def test_a_stream_is_watched_once_for_all_visible_checks(self, room, tmp_path):
        # After them, the hidden check asks, and then asks again to confirm the result.
        source = (
            f"asked = []\ndef observation():\n    asked.append(1)\n"
            f"    return {terms.observation()} if len(asked) < 4 else None\n"
        )
        _, checks = graded(room, notebook(tmp_path, {"observation": source}), stub="observation")
        assert {each.outcome for each in checks.values()} == {Outcome.PASSED}

    def test_feedback_tells_how_to_get_the_next_question_of_what_was_answered(self, room, tmp_path):
        path = notebook(tmp_path, {"loss_item": answer_as(COURSE, "loss_item", student="ada")})
        result, _ = graded(room, path, stub=None)
        exercise = PARTS.blank()
        shown = Annotator(COURSE, COURSE.lab("terms"), exercise).mark(parse_file(path.read_bytes(), path), result)
        pages = [
            "".join(out["data"]["text/html"]) for cell in shown.notebook["cells"] for out in cell.get("outputs", ())
        ]
        told = [page for page in pages if "This was round 1, and its answer is final." in page]
        assert len(told) == 1
        assert "set loss_item_round = 2" in told[0]


@pytest.mark.classes
@on_linux
def test_a_gradebook_keeps_the_answers_and_opens_the_next_round(tmp_path):
    """An upload, the same upload again, and a third that answers the next round's question for each wrong answer."""
    wrong = {"loss_item": written("loss_item", (1.0, "a")), "exam_item": answer_as(COURSE, "exam_item", student="ada")}
    following = {**wrong, "loss_item": answer_as(COURSE, "loss_item", student="ada", round=2)}
    context, settings = GradingContext(ROOT, b"of the tests"), settings_of(COURSE, tmp_path)
    scores = []
    with Gradebook(COURSE, settings, f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        for day, answered in enumerate((wrong, wrong, following), start=1):
            place = tmp_path / "submitted" / "ada" / "terms"
            notebook(place, answered)
            (place / "timestamp.txt").write_text(f"2026-03-0{day} 10:00:00 UTC", encoding="ascii")
            jobs = numbered(find_jobs(COURSE, tmp_path / "submitted", ["terms"]), book.graded(), COURSE, context)
            with closing(grade_into(book, COURSE, settings, jobs, context, LocalProcesses(context, 1))) as chunks:
                ((result,),) = [results for results, _ in chunks]
            scores.append((result.attempt, result.score))
    assert scores == [(1, 2.0), (2, 2.0), (3, 4.0)]
    assert result.answers["loss_item"].round == 2


@on_linux
def test_no_true_statement_is_an_empty_text_or_an_empty_list(room, tmp_path):
    asked = (quiz.question("autoregressive_item", f"student{number}", 1) for number in itertools.count())
    question = next(each for each in asked if key(each)[-1] == "")
    for none in ("", []):
        answer = (*key(question)[:-1], none)
        path = notebook(tmp_path, {"autoregressive_item": written("autoregressive_item", answer)})
        result, _ = graded(room, path, student=question["student"], stub="autoregressive_item")
        assert {each.outcome for each in result.checks} == {Outcome.PASSED}, none


@on_linux
def test_an_unanswered_item_needs_nobodys_attention_but_a_deleted_function_does(room, tmp_path):
    made = PARTS.blank()
    made["cells"] = [cell for cell in made["cells"] if "def log_stream" not in cell["source"]]
    result, _ = graded(room, write(made, tmp_path / "terms.ipynb"), stub=None)
    reasons = attention(COURSE, "ada", [facts_of(result, datetime(2026, 3, 1))])
    assert reasons == {"without log_stream: the notebook no longer defines it": ["ada/terms"]}


class TestSelfCheck:
    def test_in_a_real_kernel_reads_what_the_cell_says_and_runs_nothing_to_find_it(self, tmp_path):
        cells = [
            "from autograder import check\nhalf = 0.5",
            "loss_item_round = 1\nloss_item = None",
            'check("loss_item")',
            'loss_item_round = 1\nloss_item = 1.5, "a"',
            'check("loss_item")',
            'loss_item = half + 1, "a"',
            'check("loss_item")',
            'def exam_item(question):\n    return half + 1, "a"',
            'check("exam_item")',
        ]
        asked = new_notebook(cells=[new_code_cell(each) for each in cells])
        NotebookClient(asked, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
        said = [cell.outputs[-1].data["text/plain"] for cell in asked.cells if "check(" in cell.source[:6]]
        assert "Not answered yet: loss_item is None." in said[0]
        assert "Next: Write your answer in its cell. Run that cell, then this one again." in said[0]
        assert said[1].startswith("loss_item: answer recorded\n")
        for computed in said[2:]:
            assert "Write the value down" in computed
            assert "function" not in computed

    def test_shows_no_reference_and_no_answer_is_given(self):
        evidence = [
            Evidence(
                id="a",
                stub="loss_item",
                kind="visible",
                title="t",
                points=0,
                max_points=0,
                outcome=Outcome.PASSED,
                seconds=0,
            )
        ]
        result = Result(COURSE, COURSE.lab("terms"), "loss_item", evidence, frozenset())
        assert result.reference == []
        with pytest.raises(ImportError, match="loss_item isn't a given here"):
            givens(COURSE, None)("loss_item", ((quiz.question("loss_item", "ada", 1),), {}))

    def test_says_of_an_answer_that_it_is_recorded_and_not_whether_it_is_right(self, tmp_path, monkeypatch):
        monkeypatch.setenv("JUPYTERHUB_USER", "ada")
        said = []
        for answer in (right("loss_item"), (1.0, "a")):
            path = notebook(tmp_path, {"loss_item": written("loss_item", answer)})
            with closing(GradingSession(GradingContext(ROOT, b""), visible_only=True)) as room:
                (result,) = room.grade([Job(str(path), "terms", path, 1, "", stub="loss_item")])
            shown = Result(COURSE, COURSE.lab("terms"), "loss_item", result.checks, frozenset())
            said.append((shown.as_text(), shown.as_html()))
        assert said[0] == said[1]
        assert said[0][0].startswith("loss_item: answer recorded\n")
        page = said[0][1].partition("</style>")[2]
        assert "passed" not in said[0][0] + page
        assert "<ul" not in page
