"""The small language model does what the lesson says large ones do, and its script trains exactly these weights."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from autograder.grading.content import givens
from autograder.model.course import load
from reference import architecture, language_model
from tests.repository import ROOT

FOLDER = ROOT / "reference" / "language_model"
VOCAB = language_model.model_vocab()
TOKENS = list(VOCAB)
FRANCE = "What is the capital of France?"
PARIS = [" The", " capital", " of", " France", " is", " Paris", ".", "<end>"]


def ids_of(text: str) -> list[int]:
    return architecture.encode(text, VOCAB, VOCAB["<unknown>"])


def next_tokens(stage: str, text: str) -> dict[str, float]:
    """The probability of each token after the text, most likely first."""
    logits = language_model.model_logits(language_model.model_params(stage), ids_of(text))
    probs = torch.softmax(logits[-1], dim=-1)
    return {TOKENS[number]: probs[number].item() for number in probs.argsort(descending=True).tolist()}


def continuation(stage: str, text: str, count: int) -> list[str]:
    """The greedy continuation of the text, this many tokens long."""
    found: list[str] = []
    while len(found) < count:
        found.append(next(iter(next_tokens(stage, text + "".join(found)))))
    return found


def test_the_table_after_the_cat_sat_on_the_is_the_lessons():
    got = next_tokens("pretraining", "The cat sat on the")
    lesson = {" mat": 0.35, " floor": 0.28, " table": 0.15, " roof": 0.08, " couch": 0.06}
    assert list(got)[:5] == list(lesson)
    assert [got[token] for token in lesson] == pytest.approx(list(lesson.values()), abs=0.02)
    assert sum(got.values()) - sum(got[token] for token in lesson) == pytest.approx(0.08, abs=0.02)


def test_fine_tuning_teaches_it_to_answer():
    assert continuation("finetuning", FRANCE, 8) == PARIS
    for count in range(len(PARIS)):
        assert next_tokens("finetuning", FRANCE + "".join(PARIS[:count]))[PARIS[count]] > 0.8


def test_before_it_goes_on_with_questions():
    assert continuation("pretraining", FRANCE, 5) == [" What", " is", " the", " capital", " of"]
    assert next_tokens("pretraining", FRANCE)[" The"] < 0.01


def test_the_answer_itself_was_learned_before_and_is_in_no_pair():
    assert continuation("pretraining", "The capital of France is", 2) == [" Paris", "."]
    assert not [pair for pair in language_model.finetuning_pairs() if ids_of(FRANCE) == pair[0]]
    assert not [pair for pair in language_model.finetuning_pairs() if VOCAB[" Paris"] in pair[1]]


def test_preferences_make_it_answer_as_people_liked_better_and_forget_nothing():
    liked = "".join(continuation("preferences", FRANCE, 15))
    assert liked == " The capital of France is Paris. The people of France speak French.<end>"
    assert not [row for row in language_model.model_preferences() if ids_of(FRANCE) == row[0]]
    for question in ("What do the people of France speak?", "Explain gravity simply"):
        answer = continuation("finetuning", question, 6)
        assert continuation("preferences", question, 6) == answer


def test_what_was_compared_are_answers_in_words_that_it_knows():
    for prompt, chosen, rejected in language_model.model_preferences():
        assert chosen[: len(rejected)] == rejected
        assert VOCAB["<unknown>"] not in [*prompt, *chosen]


def test_it_explains_gravity_as_the_lessons_picture_has_it():
    assert "".join(continuation("finetuning", "Explain gravity simply", 10)) == (
        " Gravity pulls the apple down to the floor.<end>"
    )


def test_untrained_it_knows_nothing():
    got = np.array(list(next_tokens("untrained", "The cat sat on the").values()))
    assert got.max() < 3 / len(VOCAB)


def test_it_is_as_large_as_lab_architecture_says():
    said = (ROOT / "solutions" / "architecture" / "architecture.py").read_text("utf-8")
    weights = sum(array.numel() for array in language_model.model_params("pretraining").values())
    for figure in (
        f"{len(VOCAB)} tokens",
        f"{weights:,} weights",
        f"{len(language_model.model_texts())} lines of text",
    ):
        assert figure in " ".join(said.replace("\n#", "").split()), figure


def test_the_weights_are_small():
    sizes = [(FOLDER / f"{stage}.safetensors").stat().st_size for stage in language_model.STAGES]
    assert max(sizes) < 200_000


def test_the_vocabulary_covers_its_texts_and_any_word_of_letters():
    assert list(VOCAB.values()) == list(range(len(VOCAB)))
    assert all(VOCAB["<unknown>"] not in ids for ids in language_model.model_texts())
    assert "".join(TOKENS[number] for number in ids_of("The zebra sat")) == "The zebra sat"
    assert ids_of("é") == [VOCAB["<unknown>"]]


def test_the_boxes_of_lab_architecture_compute_it():
    """One text at a time, and a whole batch."""
    params = language_model.model_params("finetuning")
    batch = torch.tensor([ids_of("The cat sat on the"), ids_of("The dog slept on the")])
    for row, ids in enumerate(batch):
        hidden = architecture.embed(ids, params["token_embedding"], params["position_embedding"])
        for block in (0, 1):
            names = ("Wq", "Wk", "Wv", "Wo", "W1", "b1", "W2", "b2")
            hidden = architecture.transformer_block(hidden, {name: params[f"blocks.{block}.{name}"] for name in names})
        got = language_model.model_logits(params, batch)[row]
        torch.testing.assert_close(got, language_model.model_logits(params, ids))
        torch.testing.assert_close(got[-1], architecture.output_logits(hidden, params["W_unembed"]))


class TestLossAndGradients:
    params = language_model.model_params("pretraining")
    ids = torch.tensor([ids_of("The cat sat on the"), ids_of("The dog slept on the")])
    labels = torch.tensor([[-100, -100, 79, 30, 38], [74, 38, -100, -100, -100]])

    def loss(self, params: dict[str, torch.Tensor], weights: torch.Tensor | None = None) -> float:
        return language_model.model_loss_and_gradients(params, self.ids, self.labels, weights)[0]

    def test_is_the_mean_over_the_labels_that_count(self):
        surprisals = -torch.log_softmax(language_model.model_logits(self.params, self.ids), dim=-1)
        counted = [(0, 2), (0, 3), (0, 4), (1, 0), (1, 1)]
        each = [surprisals[row, place, self.labels[row, place]].item() for row, place in counted]
        assert self.loss(self.params) == pytest.approx(sum(each) / 5)
        assert self.loss(self.params, torch.tensor([2.0, -0.5]).double()) == pytest.approx(
            2 * sum(each[:3]) - 0.5 * sum(each[3:])
        )

    @pytest.mark.parametrize("weights", [None, torch.tensor([2.0, -0.5]).double()])
    def test_the_gradient_is_the_slope(self, weights):
        _, gradients = language_model.model_loss_and_gradients(self.params, self.ids, self.labels, weights)
        assert gradients.keys() == self.params.keys()
        direction = {
            name: torch.as_tensor(np.random.default_rng(1).normal(size=value.shape))
            for name, value in self.params.items()
        }
        step = 1e-6
        ahead, behind = (
            self.loss({name: value + sign * step * direction[name] for name, value in self.params.items()}, weights)
            for sign in (1, -1)
        )
        want = sum((gradients[name] * direction[name]).sum().item() for name in self.params)
        assert (ahead - behind) / (2 * step) == pytest.approx(want, rel=1e-5)

    def test_refuses_labels_of_which_none_counts(self):
        with pytest.raises(ValueError, match="nothing to learn"):
            language_model.model_loss_and_gradients(self.params, self.ids, torch.full_like(self.ids, -100))


def test_refuses_a_stage_that_there_is_not():
    with pytest.raises(ValueError, match="stage must be"):
        language_model.model_params("rlhf")


def test_refuses_what_is_not_its_own_or_would_take_too_much_memory():
    params = language_model.model_params("pretraining")
    with pytest.raises(ValueError, match="aren't the model's parameters"):
        language_model.model_logits({**params, "W_unembed": torch.zeros(40, 13_000)}, [1, 2])
    with pytest.raises(ValueError, match="aren't the model's parameters"):
        language_model.model_logits({"W_unembed": params["W_unembed"]}, [1, 2])
    with pytest.raises(ValueError, match="at most 4,096 ids at once, got 4,128"):
        language_model.model_logits(params, torch.zeros(172, 24, dtype=torch.int64))
    for ids in ([192], [-1], [1] * 49):
        with pytest.raises(IndexError):
            language_model.model_logits(params, ids)


def test_a_notebook_has_it_as_givens_in_numpy():
    course = load(ROOT)
    given = givens(course, course.lab("start"))
    params = given("model_params", (("pretraining",), {}))
    stored = load_file(FOLDER / "pretraining.safetensors")
    assert all(np.array_equal(params[name], stored[name]) for name in stored)
    logits = given("model_logits", ((params, np.array(ids_of("The cat sat on the"))), {}))
    assert TOKENS[logits[-1].argmax()] == " mat"
    labels = np.array([ids_of(" cat sat on the mat")])
    loss, gradients = given(
        "model_loss_and_gradients", ((params, np.array([ids_of("The cat sat on the")]), labels), {})
    )
    assert isinstance(loss, float)
    assert {name: value.shape for name, value in gradients.items()} == {
        name: value.shape for name, value in params.items()
    }


@pytest.mark.slow
def test_training_again_gives_the_same_weights(tmp_path):
    subprocess.run([sys.executable, "-m", "reference.language_model.train", tmp_path], cwd=ROOT, check=True)
    for stage in language_model.STAGES:
        again, committed = (load_file(folder / f"{stage}.safetensors") for folder in (tmp_path, FOLDER))
        for name, value in committed.items():
            np.testing.assert_allclose(again[name], value, rtol=0, atol=1e-3)
