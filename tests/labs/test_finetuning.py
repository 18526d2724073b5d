"""The references of the `finetuning` lab against torch's own operators and explicit loops; and their errors."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from reference import finetuning
from tests.repository import COURSE
from tests.solved_notebooks import printed_by_solved


def random(seed: int, *shape: int, scale: float = 2.0) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=scale, size=shape))


def close(got: torch.Tensor, want: torch.Tensor | float) -> None:
    torch.testing.assert_close(got, torch.as_tensor(want, dtype=torch.float64), rtol=1e-12, atol=1e-14)


class TestPretrainingLoss:
    @pytest.mark.parametrize(("length", "vocabulary"), [(2, 7), (5, 5), (9, 4), (6, 150)])
    def test_is_the_mean_surprisal_of_each_next_token(self, length, vocabulary):
        logits = random(1, length, vocabulary)
        ids = torch.as_tensor(np.random.default_rng(2).integers(0, vocabulary, length))
        log_probs = torch.log_softmax(logits, dim=-1)
        surprisals = [-log_probs[place, ids[place + 1]].item() for place in range(length - 1)]
        close(finetuning.pretraining_loss(logits, ids), sum(surprisals) / (length - 1))

    def test_is_torchs_loss_where_the_last_position_is_ignored(self):
        logits, ids = random(3, 6, 5), torch.tensor([4, 0, 0, 3, 1, 2])
        labels = torch.cat([ids[1:], torch.tensor([-100])])
        close(finetuning.pretraining_loss(logits, ids), functional.cross_entropy(logits, labels, ignore_index=-100))

    def test_neither_the_last_row_nor_the_first_token_counts(self):
        logits, ids = random(4, 4, 3), torch.tensor([0, 2, 1, 1])
        want = finetuning.pretraining_loss(logits, ids)
        logits[-1], ids[0] = 1e6, 2
        close(finetuning.pretraining_loss(logits, ids), want)

    @pytest.mark.parametrize("length", [0, 1])
    def test_a_text_without_a_next_token_is_refused(self, length):
        with pytest.raises(ValueError, match="nothing to guess"):
            finetuning.pretraining_loss(torch.zeros(length, 3), torch.zeros(length, dtype=torch.int64))


LENGTHS = [(1, 1), (1, 4), (5, 1), (3, 2), (4, 7)]


class TestBuildSftExample:
    @pytest.mark.parametrize(("prompt_length", "response_length"), LENGTHS)
    @pytest.mark.parametrize("ignore_index", [-100, -1, 999])
    def test_says_at_each_position_what_comes_next_where_that_is_the_models_to_say(
        self, prompt_length, response_length, ignore_index
    ):
        rng = np.random.default_rng(5)
        prompt, response = rng.integers(0, 9, prompt_length).tolist(), rng.integers(0, 9, response_length).tolist()
        input_ids, labels = finetuning.build_sft_example(prompt, response, 9, ignore_index)
        full = [*prompt, *response, 9]
        assert input_ids.tolist() == full[:-1]
        assert len(labels) == len(input_ids)
        for place, label in enumerate(labels.tolist()):
            assert label == (full[place + 1] if place + 1 >= prompt_length else ignore_index)
        assert int((labels != ignore_index).sum()) == response_length + 1

    def test_tokens_that_prompt_response_and_end_share_count_by_their_place(self):
        input_ids, labels = finetuning.build_sft_example([7, 7, 2], [7, 2], 2)
        assert input_ids.tolist() == [7, 7, 2, 7, 2]
        assert labels.tolist() == [-100, -100, 7, 2, 2]

    def test_leaves_the_lists_alone(self):
        prompt, response = [1, 2], [3]
        finetuning.build_sft_example(prompt, response, 0)
        assert (prompt, response) == ([1, 2], [3])

    @pytest.mark.parametrize(("prompt", "response"), [([], [1]), ([1], []), ([], [])])
    def test_an_empty_part_is_refused(self, prompt, response):
        with pytest.raises(ValueError, match="empty"):
            finetuning.build_sft_example(prompt, response, 0)


class TestSftLoss:
    @pytest.mark.parametrize("shape", [(1, 1, 4), (2, 5, 3), (4, 4, 4), (2, 3, 150)])
    @pytest.mark.parametrize("ignore_index", [-100, -1, 999])
    def test_is_the_mean_over_all_labels_that_count(self, shape, ignore_index):
        rng = np.random.default_rng(6)
        logits, labels = random(7, *shape), torch.as_tensor(rng.integers(0, shape[-1], shape[:2]))
        labels[torch.as_tensor(rng.random(shape[:2]) < 0.4)] = ignore_index
        labels[0, 0] = 1
        log_probs = torch.log_softmax(logits, dim=-1)
        surprisals = [
            -log_probs[row, place, labels[row, place]].item()
            for row in range(shape[0])
            for place in range(shape[1])
            if labels[row, place] != ignore_index
        ]
        close(finetuning.sft_loss(logits, labels, ignore_index), sum(surprisals) / len(surprisals))

    def test_a_token_of_a_short_answer_counts_as_much_as_one_of_a_long_answer(self):
        labels = torch.tensor([[0, 1, 2], [0, 1, -100]])
        halves = torch.tensor([[0.5, 0.25, 0.125, 0.125], [0.25, 0.5, 0.125, 0.125]], dtype=torch.float64)
        logits = torch.stack([halves[[0, 0, 0]], halves[[0, 1, 1]]]).log()
        close(finetuning.sft_loss(logits, labels), 8 * math.log(2) / 5)

    def test_of_an_example_it_is_the_loss_of_pretraining_without_the_prompt(self):
        prompt, response, end = [3, 1, 4], [2, 0], 5
        input_ids, labels = finetuning.build_sft_example(prompt, response, end)
        logits = random(8, len(input_ids), 6)
        answer = torch.tensor([*prompt[-1:], *response, end])
        # the row after the end doesn't exist, and wouldn't count
        rows = torch.cat([logits[len(prompt) - 1 :], torch.zeros(1, 6, dtype=torch.float64)])
        close(finetuning.sft_loss(logits[None], labels[None]), finetuning.pretraining_loss(rows, answer))

    @pytest.mark.parametrize("ignore_index", [-100, -1])
    def test_a_batch_in_which_nothing_counts_is_refused(self, ignore_index):
        with pytest.raises(ValueError, match="nothing to learn"):
            finetuning.sft_loss(torch.zeros(2, 3, 4), torch.full((2, 3), ignore_index), ignore_index)


@pytest.mark.slow
def test_fine_tuning_teaches_the_small_model_to_answer_as_the_notebook_says(tmp_path):
    lines = printed_by_solved(COURSE.lab("finetuning"), tmp_path)
    at = lines.index("What is the capital of France?")
    assert lines[at + 1].startswith("before: What is the capital of ")
    assert lines[at + 2] == "after:  The capital of France is Paris."


@pytest.mark.slow
def test_a_notebook_without_the_loss_says_why_it_is_not_fine_tuned(tmp_path):
    skipped = {"sft_loss": "def sft_loss(logits, labels, ignore_index=-100):\n    raise NotImplementedError"}
    lines = printed_by_solved(COURSE.lab("finetuning"), tmp_path, skipped)
    at = lines.index("What is the capital of France?")
    assert lines[at - 1] == "sft_loss isn't solved yet."
    assert lines[at + 2] == "after:  (not fine-tuned yet)"
