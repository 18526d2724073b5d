"""Lab `terms`: each student's own questions, the answers to them, and what becomes of wrong ones."""

import itertools
import math
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.simulation.notebooks import module_at, simulation, with_cells, write
from autograder.gradebook.annotation import Annotator
from autograder.grading.content import givens, make_importable, misconceptions
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.likeness import same_item
from autograder.grading.session import GradingSession
from autograder.mastery.levels import Level, stub_level
from autograder.model.course import load
from autograder.model.results import Evidence, Outcome
from autograder.model.submission import parse_file
from autograder.report.check import Result
from autograder.selfcheck import kernel
from autograder.testing.comparison import compare, plain_text
from autograder.testing.statistics import ALPHA, two_sided
from tests.sampling import sampled

ROOT = Path(__file__).resolve().parents[2]
COURSE = load(ROOT)
make_importable(COURSE)

from reference import quiz  # noqa: E402
from solutions.terms import reference as terms  # noqa: E402

HIDDEN = module_at(COURSE.hidden_checks("terms"))
ITEMS = list(quiz.MAKERS)
EXAMINEES = [(f"student{number}", attempt) for number in range(25) for attempt in (1, 2, 3)]
each_item = pytest.mark.parametrize("item", ITEMS)
# Of these there are so many questions that to go over them all is a proof.
MANY = ("smarter_item", "meaning_item", "temperature_item")
each_item_with_few_questions = pytest.mark.parametrize(
    "item", [pytest.param(item, marks=pytest.mark.proof if item in MANY else ()) for item in ITEMS]
)


def key(question):
    return getattr(terms, question["item"])(question)


class TestQuestions:
    @each_item
    def test_are_the_same_again_for_the_same_student_and_attempt(self, item):
        assert quiz.question(item, "ada", 2) == quiz.question(item, "ada", 2)

    @each_item
    def test_differ_from_student_to_student_and_from_attempt_to_attempt(self, item):
        texts = [quiz.question(item, name, attempt)["text"].partition("\n")[2] for name, attempt in EXAMINEES]
        assert len(set(texts)) >= 0.9 * len(texts)

    @each_item
    def test_the_next_attempt_has_another_text_and_other_numbers(self, item):
        for name in ("ada", "bob", "cyd"):
            tries = [quiz.question(item, name, attempt) for attempt in range(1, 6)]
            for before, after in itertools.pairwise(tries):
                assert before["text"].partition("\n")[2] != after["text"].partition("\n")[2]

    @each_item
    def test_options_are_shuffled_and_the_right_letter_is_any(self, item):
        answers = Counter(key(quiz.question(item, *examinee))[-1] for examinee in EXAMINEES)
        assert max(answers.values()) < 0.6 * len(EXAMINEES)

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
        for examinee in EXAMINEES:
            assert key(quiz.question(item, *examinee))  # ValueError where none or two would be

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
    @each_item_with_few_questions
    def test_are_wrong_in_every_question_that_can_be_asked(self, item):
        for wrong in misconceptions(COURSE, item):
            for examinee in EXAMINEES:
                question = quiz.question(item, *examinee)
                got, want = wrong.function(question), key(question)
                parts = [part for part in range(len(want)) if differs(question, part, got[part], want[part])]
                if wrong.name == "adjusts_the_weights":
                    assert parts == [2]
                else:
                    assert 0 in parts, (wrong.name, got, want)

    @pytest.mark.parametrize("item", sampled(ITEMS, *ITEMS[:4]))
    def test_no_number_of_one_is_the_number_of_another(self, item):
        rounded = HIDDEN.ROUNDED.get(item, 0.5)
        found = misconceptions(COURSE, item)
        for one, other in itertools.combinations(found, 2):
            alike = [
                examinee
                for examinee in EXAMINEES
                if same_item(
                    one.function(question := quiz.question(item, *examinee)), other.function(question), 0, rounded
                )
            ]
            assert len(alike) <= len(EXAMINEES) // 20, (one.name, other.name, alike[:3])

    @each_item
    def test_every_wrong_letter_has_a_name(self, item):
        """Of every question with four texts, each wrong one is some misconception's."""
        if item not in quiz.CHOICES:
            return
        for examinee in EXAMINEES[:9]:
            question = quiz.question(item, *examinee)
            told = {plain_text(wrong.function(question)[-1]) for wrong in misconceptions(COURSE, item)}
            least = set(question["options"]) - {key(question)[-1]}
            if item == "retrain_item":
                assert len(told & least) >= 2
            else:
                assert least <= told, (question["options"], told)


# --- graded

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="submissions are graded in the sandbox, on Linux only")
PARTS = simulation(COURSE, COURSE.lab("terms"))


def by_hand(item, *answer):
    """The source of who writes down what they worked out."""
    return f"def {item}(question):\n    return {', '.join(map(repr, answer))}\n"


def notebook(folder, changed, constants=""):
    made = with_cells(PARTS.solved(changed), constants, at=4) if constants else PARTS.solved(changed)
    return write(made, folder / "terms.ipynb")


@pytest.fixture(scope="module")
def room():
    with closing(GradingSession(GradingContext(ROOT, b"of the tests"))) as room:
        yield room


def graded(room, path, student="ada", attempt=1, stub="loss_item"):
    (result,) = room.grade([Job(student, "terms", path, attempt, "", stub=stub)])
    return result, {each.id.rpartition("::")[2]: each for each in result.checks}


def right(item, student="ada", attempt=1):
    number, *letters = key(quiz.question(item, student, attempt))
    return round(number, 3), *letters


@on_linux
class TestGraded:
    def test_an_answer_written_down_is_right_in_its_attempt_and_the_same_whenever_it_is_graded(self, room, tmp_path):
        path = notebook(tmp_path, {"loss_item": by_hand("loss_item", *right("loss_item"))})
        result, checks = graded(room, path)
        assert {each.outcome for each in checks.values()} == {Outcome.PASSED}
        assert all(each.confirmed is not False for each in checks.values())
        again, _ = graded(room, path)
        without = {"seconds": True, "checks": {"__all__": {"seconds"}}}
        assert again.model_dump(exclude=without) == result.model_dump(exclude=without)

    def test_the_answer_to_another_attempts_question_is_told_so(self, room, tmp_path):
        path = notebook(tmp_path, {"loss_item": by_hand("loss_item", *right("loss_item"))})
        _, checks = graded(room, path, attempt=2)
        number = checks["loss_number"]
        assert number.outcome is Outcome.FAILED
        assert number.slip is not None
        assert "right for your question of attempt 1, and this was attempt 2" in number.slip.sentence
        assert "Set ATTEMPT = 3" in number.slip.sentence
        assert number.message == "Another answer than the reference's came back."
        assert number.difference is None

    def test_the_answer_to_another_students_question_is_told_so(self, room, tmp_path):
        answer = by_hand("loss_item", *right("loss_item", "eve"))
        path = notebook(tmp_path, {"loss_item": answer}, 'STUDENT = "eve"  # me')
        _, checks = graded(room, path)
        assert "you are known here as ada" in checks["loss_number"].slip.sentence
        path = notebook(tmp_path, {"loss_item": answer})
        _, checks = graded(room, path)
        assert checks["loss_number"].slip is None

    def test_two_mistakes_in_one_answer_are_both_named_also_where_the_number_is_rounded(self, room, tmp_path):
        question = quiz.question("loss_item", "ada", 1)
        p = question["probs"][question["target"]]
        letter = next(letter for letter, text in question["options"].items() if "Neither" in text)
        path = notebook(tmp_path, {"loss_item": by_hand("loss_item", round(-math.log2(p), 3), letter.upper())})
        _, checks = graded(room, path)
        assert checks["loss_number"].misconception == "uses_log2"
        assert checks["loss_letter"].misconception == "counts_unknown_words"
        assert "does not count words" in checks["loss_letter"].hint

    def test_a_right_number_stands_beside_a_wrong_letter(self, room, tmp_path):
        number, letter = right("loss_item")
        question = quiz.question("loss_item", "ada", 1)
        wrong = next(letter for letter, text in question["options"].items() if "closer in meaning" in text)
        _, checks = graded(room, notebook(tmp_path, {"loss_item": by_hand("loss_item", number, wrong)}))
        assert letter != wrong
        assert checks["loss_number"].outcome is Outcome.PASSED
        assert checks["loss_letter"].misconception == "measures_the_distance_of_words"

    def test_a_guess_without_a_number_earns_the_form_at_most(self, room, tmp_path):
        path = notebook(tmp_path, {"loss_item": by_hand("loss_item", 1.0, right("loss_item")[1])})
        result, checks = graded(room, path)
        assert checks["loss_letter"].outcome is Outcome.PASSED
        assert checks["loss_number"].outcome is Outcome.FAILED
        assert stub_level(result.checks) is Level.FAMILIAR

    def test_what_the_lesson_says_of_backpropagation_costs_nothing_and_is_set_right(self, room, tmp_path):
        question = quiz.question("backprop_item", "ada", 1)
        gradient, order, _ = key(question)
        letter = next(letter for letter, text in question["options"].items() if "adjusts" in text)
        path = notebook(tmp_path, {"backprop_item": by_hand("backprop_item", gradient, order, letter)})
        result, checks = graded(room, path, stub="backprop_item")
        assert sum(each.points for each in result.checks) == pytest.approx(2)
        assert checks["backprop_precisely"].misconception == "adjusts_the_weights"
        assert stub_level(result.checks).rank >= Level.PROFICIENT.rank

    def test_counts_of_draws_may_be_any_that_may_well_be_drawn(self, room, tmp_path):
        question = quiz.question("best_word_item", "ada", 1)
        n, letter = question["draws"], key(question)[1]
        spread = (n * 0.65 * 0.35) ** 0.5
        for off, outcome in ((0, "passed"), (3.5, "passed"), (-3.5, "passed"), (5.5, "failed"), (-5.5, "failed")):
            answer = by_hand("best_word_item", round(0.65 * n + off * spread), letter)
            _, checks = graded(room, notebook(tmp_path, {"best_word_item": answer}), stub="best_word_item")
            assert checks["best_word_number"].outcome == outcome

    @pytest.mark.parametrize(
        "answer", ["0.5", "'b', 0.5", "0.5, 'z'", "[1, 2], 'a'", "float('nan'), 'a'", "None", "{}, 'a'"]
    )
    def test_an_answer_without_its_form_fails_in_sight(self, room, tmp_path, answer):
        source = f"def loss_item(question):\n    return {answer}\n"
        result, checks = graded(room, notebook(tmp_path, {"loss_item": source}))
        assert checks["loss_form"].outcome is Outcome.FAILED
        assert "Wanted:" in checks["loss_form"].message
        assert stub_level(result.checks) is Level.ATTEMPTED

    def test_what_was_typed_in_by_hand_goes_to_a_reviewer(self, room, tmp_path):
        saw = "The words came in groups of three or four, the first after about a second."
        source = f"def observation():\n    return {{'page': 'a chat', 'when': '2026-03-01', 'saw': {saw!r}}}\n"
        result, checks = graded(room, notebook(tmp_path, {"observation": source}), stub="observation")
        assert result.status == "partly graded"
        assert "A reviewer reads that, and gives the points." in result.message
        assert checks["ob_form"].outcome is Outcome.NOT_GRADED

    def test_a_hasty_sentence_does_not(self, room, tmp_path):
        source = "def observation():\n    return {'page': 'a chat', 'when': '2026-03-01', 'saw': 'It streamed.'}\n"
        _, checks = graded(room, notebook(tmp_path, {"observation": source}), stub="observation")
        assert checks["ob_form"].outcome is Outcome.FAILED

    def test_feedback_tells_the_next_attempts_number(self, room, tmp_path):
        path = notebook(tmp_path, {})
        result, _ = graded(room, path, attempt=2, stub=None)
        exercise = PARTS.blank()
        shown = (
            Annotator(COURSE, COURSE.lab("terms"), exercise).mark(parse_file(path.read_bytes(), path), result).notebook
        )
        pages = ["".join(out["data"]["text/html"]) for cell in shown["cells"] for out in cell.get("outputs", ())]
        told = [page for page in pages if "This was attempt 2; your next one has other questions: ATTEMPT = 3." in page]
        assert len(told) == len(ITEMS) == len(pages) - 2

    def test_the_question_asked_is_the_students_and_the_attempts(self, room, tmp_path):
        source = (
            "def loss_item(question):\n"
            "    assert (question['student'], question['attempt']) == ('ada', 7), question\n    return 1.0, 'a'\n"
        )
        _, checks = graded(room, notebook(tmp_path, {"loss_item": source}, "STUDENT = 'eve'\nATTEMPT = 3"), attempt=7)
        assert checks["loss_form"].outcome is Outcome.PASSED

    def test_what_the_notebook_asked_for_itself_is_the_graded_question_too(self, room, tmp_path):
        """Also where STUDENT and ATTEMPT say something else, and whoever grades is logged in under another name."""
        source = (
            "def loss_item(question):\n    return -math.log(loss_question['probs'][loss_question['target']]), 'a'\n"
        )
        for constants in ("", "STUDENT = 'eve'\nATTEMPT = 8"):
            _, checks = graded(room, notebook(tmp_path, {"loss_item": source}, constants), attempt=3)
            assert checks["loss_number"].outcome is Outcome.PASSED


ASKED = (
    "def loss_item(question):\n"
    "    assert (question['student'], question['attempt']) == {}, question\n    return 1.0, 'a'\n"
)


class TestSelfCheck:
    @pytest.mark.parametrize(
        ("constants", "asked"),
        [
            ("", ("eve", 1)),
            ("ATTEMPT = 3", ("eve", 3)),
            ("STUDENT = '4711'\nATTEMPT = 2", ("4711", 2)),
            ('STUDENT = "Ada L."  # as the course has it', ("Ada L.", 1)),
            ("STUDENT = None\nATTEMPT = 0", ("eve", 1)),
        ],
    )
    def test_asks_for_the_student_and_attempt_that_the_notebook_names(self, tmp_path, monkeypatch, constants, asked):
        monkeypatch.setenv("JUPYTERHUB_USER", "eve")
        path = notebook(tmp_path, {"loss_item": ASKED.format(asked)}, constants)
        with closing(GradingSession(GradingContext(ROOT, b""), visible_only=True)) as room:
            (result,) = room.grade([Job(str(path), "terms", path, 1, "", stub="loss_item")])
        assert [each.message for each in result.checks] == [None]

    def test_in_a_notebook_does_so_too(self, monkeypatch):
        monkeypatch.setenv("JUPYTERHUB_USER", "eve")
        checker = kernel.CheckerProcess()
        try:
            for constants, asked in (({}, ("eve", 1)), ({"STUDENT": "ada", "ATTEMPT": 4}, ("ada", 4))):
                namespace: dict[str, Any] = {"__name__": "__main__", **constants}
                exec(ASKED.format(asked), namespace)
                assert checker.check("loss_item", namespace)["passed"], checker.check("loss_item", namespace)["text"]
        finally:
            checker.close()

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
        with pytest.raises(ImportError, match="loss_item is not given here"):
            givens(COURSE, None)("loss_item", ((quiz.question("loss_item", "ada", 1),), {}))
