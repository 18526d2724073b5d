"""Lab `terms`: each student's own questions, the answers to them, and what becomes of wrong ones."""

import itertools
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from autograder.comparison import compare
from autograder.course import load
from autograder.course_code import make_importable, misconceptions
from autograder.diagnosis import plain_text, same_item
from autograder.distribution import ALPHA, two_sided
from autograder.simulated import module_at

ROOT = Path(__file__).resolve().parents[1]
COURSE = load(ROOT)
make_importable(COURSE)

from reference import quiz, terms  # noqa: E402

HIDDEN = module_at(COURSE.hidden_checks("terms"))
ITEMS = list(quiz.MAKERS)
TAKERS = [(f"student{number}", attempt) for number in range(25) for attempt in (1, 2, 3)]
each_item = pytest.mark.parametrize("item", ITEMS)


def key(question):
    return getattr(terms, question["item"])(question)


class TestQuestions:
    @each_item
    def test_are_the_same_again_for_the_same_student_and_attempt(self, item):
        assert quiz.question(item, "ada", 2) == quiz.question(item, "ada", 2)

    @each_item
    def test_differ_from_student_to_student_and_from_attempt_to_attempt(self, item):
        texts = [quiz.question(item, name, attempt)["text"].partition("\n")[2] for name, attempt in TAKERS]
        assert len(set(texts)) >= 0.9 * len(texts)

    @each_item
    def test_the_next_attempt_has_another_text_and_other_numbers(self, item):
        for name in ("ada", "bob", "cyd"):
            tries = [quiz.question(item, name, attempt) for attempt in range(1, 6)]
            for before, after in itertools.pairwise(tries):
                assert before["text"].partition("\n")[2] != after["text"].partition("\n")[2]

    @each_item
    def test_options_are_shuffled_and_the_right_letter_is_any(self, item):
        answers = Counter(key(quiz.question(item, *taker))[-1] for taker in TAKERS)
        assert max(answers.values()) < 0.6 * len(TAKERS)

    @each_item
    def test_fit_80_columns_and_name_student_and_attempt(self, item):
        text = quiz.question(item, "ada", 3)["text"]
        assert text.startswith(f"{item}: the question of ada, attempt 3\n")
        assert max(map(len, text.splitlines())) <= 80

    def test_do_not_hang_on_the_version_of_python_or_numpy(self):
        draw = quiz.Draw("ada", 1, "softmax_item")
        assert [draw.below(100) for _ in range(6)] == [70, 47, 3, 20, 10, 51]

    def test_without_a_student_are_those_of_who_is_logged_in(self, monkeypatch):
        monkeypatch.setenv("JUPYTERHUB_USER", "eve")
        assert quiz.question("loss_item") == quiz.question("loss_item", "eve", 1)

    @pytest.mark.parametrize("attempt", [0, -1, "2", True, 1.5])
    def test_of_no_attempt_are_refused(self, attempt):
        with pytest.raises(ValueError, match="attempts are counted from 1"):
            quiz.question("loss_item", "ada", attempt)

    def test_of_an_unknown_item_are_refused_with_those_there_are(self):
        with pytest.raises(ValueError, match="no question for 'los_item'; there are network_item"):
            quiz.question("los_item", "ada", 1)

    def test_the_module_that_students_get_tells_no_statement_from_another(self):
        """Statements stand in alphabetical order, so that their place says nothing."""
        for choice in quiz.CHOICES.values():
            firsts = [statement[0].replace("{", "~") for statement in choice.statements]
            assert firsts == sorted(firsts)
            assert len(choice.stems) >= 3


class TestKeys:
    @each_item
    def test_exactly_one_statement_is_right(self, item):
        for taker in TAKERS:
            assert key(quiz.question(item, *taker))  # ValueError where none or two would be

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
                {"prompt_length": 5, "tokens": ["It", "."], "max_new_tokens": 9, "step": 2},
                [3, 6],
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
            ("exam_item", {"epochs": 2, "batches": 100, "chats": 50}, 200),
            ("layers_item", {"sizes": [3, 4, 2]}, 26),
        ],
    )
    def test_practice_worked_by_hand(self, item, question, number):
        offered = {**quiz.question(item, "ada", 1), **question}
        assert key(offered)[0] == pytest.approx(number)

    def test_costs_worked_by_hand(self):
        question = quiz.question("retrain_item", "ada", 1) | {
            "pretraining_tokens": 10**12,
            "examples": 10_000,
            "tokens_per_example": 500,
            "epochs": 2,
            "days": 30,
            "requests_per_day": 1_000,
            "prompt_tokens": 1_000,
            "usd_per_mtok_training": 2,
            "usd_per_mtok_prompt": 1,
        }
        assert key(question)[0] == pytest.approx([2_000_000, 20, 30])

    def test_a_gradient_by_hand_and_the_five_steps_in_order(self):
        question = quiz.question("backprop_item", "ada", 1) | {"x": 3, "w": 1, "v": 2, "target": 5}
        gradient, order, _ = key(question)
        assert gradient == 12
        wanted = ("predict", "wrong", "gradients", "weight", "next batch")
        assert all(word in question["steps"][letter] for word, letter in zip(wanted, order, strict=True))


# What is drawn differs by chance, so that what must be told apart are whole counts.
def differs(question, part, one, other):
    if part == 0:
        if question["item"] in HIDDEN.DRAWN:
            chances, n = HIDDEN.DRAWN[question["item"]](question)
            p_values = [two_sided(int(c), n, p) for c, p in zip(np.ravel(one), chances, strict=True)]
            return min(p_values) * len(p_values) < ALPHA
        return compare(np.ravel(one), np.ravel(other).astype(float), rtol=1e-7, atol=HIDDEN.ROUNDED[question["item"]])
    came, wanted = plain_text(one), plain_text(other)
    if question["item"] == "exam_item":
        came, wanted = "".join(sorted(came)), "".join(sorted(wanted))
    return came != wanted


class TestMisconceptions:
    @each_item
    def test_are_wrong_in_every_question_that_can_be_asked(self, item):
        for wrong in misconceptions(COURSE, item):
            for taker in TAKERS:
                question = quiz.question(item, *taker)
                got, want = wrong.function(question), key(question)
                parts = [part for part in range(len(want)) if differs(question, part, got[part], want[part])]
                if wrong.name == "adjusts_the_weights":
                    assert parts == [2]
                else:
                    assert 0 in parts, (wrong.name, got, want)

    @each_item
    def test_no_number_of_one_is_the_number_of_another(self, item):
        rounded = HIDDEN.ROUNDED.get(item, 0.5)
        found = misconceptions(COURSE, item)
        for one, other in itertools.combinations(found, 2):
            alike = [
                taker
                for taker in TAKERS
                if same_item(
                    one.function(question := quiz.question(item, *taker)), other.function(question), 0, rounded
                )
            ]
            assert len(alike) <= len(TAKERS) // 20, (one.name, other.name, alike[:3])

    @each_item
    def test_every_wrong_letter_has_a_name(self, item):
        """Of every question with four texts, each wrong one is some misconception's."""
        if item not in quiz.CHOICES:
            return
        for taker in TAKERS[:9]:
            question = quiz.question(item, *taker)
            told = {plain_text(wrong.function(question)[-1]) for wrong in misconceptions(COURSE, item)}
            least = set(question["options"]) - {key(question)[-1]}
            if item == "retrain_item":
                assert len(told & least) >= 2
            else:
                assert least <= told, (question["options"], told)
