"""The model and the sampler of the generation checks: what they answer, record and reject."""

import copy
import itertools

import numpy as np
import pytest

from autograder.testing import doubles
from autograder.testing.doubles import BUDGET, MAX_LENGTH, ScriptedBoxes, ScriptedModel, ScriptedSampler
from autograder.testing.rendering import rendered_call


def softmax(logits):
    exponentials = np.exp(logits - logits.max())
    return exponentials / exponentials.sum()


class TestScriptedModel:
    def test_the_same_context_gets_the_same_logits_whatever_was_asked_in_between(self):
        model = ScriptedModel(vocabulary=7, seed=5)
        first = model([1, 2, 3])
        model([4])
        assert np.array_equal(model((1, 2, 3)), first)
        assert np.array_equal(ScriptedModel(7, 5)(np.array([1, 2, 3])), first)
        assert first.shape == (7,)
        assert first.dtype == np.float64

    def test_any_other_context_gets_other_logits(self):
        model = ScriptedModel(7, 5)
        # zeros before and after, as from padding; a different order; a different id anywhere
        contexts = [[1, 2, 3], [3, 2, 1], [0, 1, 2, 3], [1, 2, 3, 0], [1, 2, 3, 0, 0], [6, 2, 3], [1, 6, 3], [2, 3]]
        for one, other in itertools.combinations(contexts, 2):
            assert not np.allclose(model(one), model(other))
        assert not np.allclose(ScriptedModel(7, 6)([1, 2, 3]), model([1, 2, 3]))

    def test_records_contexts_in_order_as_lists_of_ints(self):
        model = ScriptedModel(7, 5)
        asked = [3, 1]
        model(asked)
        asked.append(4)
        model(np.array(asked, dtype=np.int32))
        assert model.contexts == [[3, 1], [3, 1, 4]]
        assert all(type(each) is int for context in model.contexts for each in context)

    def test_a_forced_id_is_certain_at_its_step_and_never_drawn_elsewhere(self):
        model = ScriptedModel(7, 5, force={1: 2, 3: 4})
        by_step = [softmax(model(list(range(step + 1)))) for step in range(5)]
        assert by_step[1][2] == pytest.approx(1)
        assert by_step[3][4] == pytest.approx(1)
        assert max(probs[4] for step, probs in enumerate(by_step) if step != 3) < 1e-15
        assert max(probs[2] for step, probs in enumerate(by_step) if step != 1) < 1e-15

    def test_a_context_asked_about_again_is_no_new_step(self):
        model = ScriptedModel(7, 5, force={1: 2})
        assert np.array_equal(model([3]), model([3]))
        assert np.argmax(model([3, 5])) == 2

    @pytest.mark.parametrize(
        ("context", "says"),
        [
            ([], "empty context"),
            ([1, 2, 3, 4], "sees at most 3 ids, but was given 4"),
            ([[1, 2]], r"one row of whole-number ids, but was given shape \(1, 2\)"),
            (3, r"shape \(\)"),
            ([1.0, 2.0], "dtype float64"),
            ([True], "dtype bool"),
            ([7], r"ids from 0 to 6, but was given \[7\]"),
            ([-1], "ids from 0 to 6"),
        ],
    )
    def test_refuses_what_is_no_context(self, context, says):
        model = ScriptedModel(7, 5, window=3)
        with pytest.raises(ValueError, match=says):
            model(context)
        assert model.contexts == []

    def test_remembers_logits_up_to_a_number_of_bytes_whatever_it_was_asked(self):
        model, remembered = ScriptedModel(3_000, 5), doubles._logits.remembered
        for begin in range(BUDGET):
            model(np.arange(begin, begin + 2_500))
        sizes = [logits.nbytes + len(digest) for (digest, _), logits in remembered.items()]
        assert max(sizes) == 3_000 * 8 + 32
        for number in range(1_000):
            doubles._logits_for(number, 3_000)
        assert sum(logits.nbytes for logits in remembered.values()) < doubles.MAX_REMEMBERED + 3_000 * 8

    def test_an_endless_loop_is_stopped(self):
        model = ScriptedModel(7, 5)
        for _ in range(BUDGET):
            model([1])
        with pytest.raises(RuntimeError, match="called 400 times"):
            model([1])

    def test_a_call_is_shown_as_one_can_type_it(self):
        assert rendered_call("f", ((ScriptedModel(9, 2), ScriptedSampler(6)), {})) == (
            "f(ScriptedModel(9, 2), ScriptedSampler(6))"
        )
        model = ScriptedModel(7, 5, window=4, force={3: 0})
        assert vars(eval(repr(model))) == vars(model)

    def test_a_copy_records_for_itself_and_gives_the_same_answers(self):
        model, sample = ScriptedModel(7, 5, force={0: 1}), ScriptedSampler(6)
        twin, twin_sample = copy.deepcopy((model, sample))
        assert [sample(model([1])), sample(model([2]))] == [twin_sample(twin([1])), twin_sample(twin([2]))]
        twin([3])
        assert model.contexts == [[1], [2]]


def test_each_call_takes_a_limited_number_of_numbers():
    boxes = ScriptedBoxes(26, 5).named()
    many = MAX_LENGTH + 4
    uses = [
        (ScriptedModel(7, 5), np.zeros(many, "u1")),
        (ScriptedSampler(5), np.zeros(many)),
        (boxes["Embedding Layer"], np.zeros(many, "u1")),
        (boxes["Transformer Layers"], np.zeros((many // 4, 4))),
        (boxes["Output Layer"], np.zeros((many // 4, 4))),
    ]
    for use, value in uses:
        with pytest.raises(ValueError, match=r"at most 4,096 numbers at a time, but was given 4,100"):
            use(value)
        use(value[:1_024])


class TestScriptedSampler:
    def test_draws_from_softmax_of_the_logits(self):
        probs = np.array([0.35, 0.28, 0.15, 0.08, 0.06, 0.08])
        draws = []
        for seed in range(20):
            sample = ScriptedSampler(seed)
            draws += [sample(np.log(probs) + 3) for _ in range(BUDGET)]
        counts = np.bincount(draws, minlength=6)
        assert np.abs(counts - len(draws) * probs).max() < 5 * np.sqrt(len(draws) * 0.25)

    def test_records_what_it_was_given_and_what_it_drew(self):
        sample = ScriptedSampler(6)
        given = np.array([0.0, 9.0])
        drawn = [sample(given), sample([5.0, 1.0])]
        given[0] = 7.0
        assert sample.ids == drawn
        assert [row.tolist() for row in sample.logits] == [[0.0, 9.0], [5.0, 1.0]]
        assert all(type(each) is int for each in sample.ids)

    def test_never_draws_the_impossible(self):
        sample = ScriptedSampler(6)
        assert {sample([-np.inf, 0.0, -np.inf]) for _ in range(50)} == {1}

    def test_one_draw_more_changes_all_that_follow(self):
        sample, other = ScriptedSampler(6), ScriptedSampler(6)
        other(np.zeros(50))
        assert [sample(np.zeros(50)) for _ in range(5)] != [other(np.zeros(50)) for _ in range(5)]

    @pytest.mark.parametrize("logits", [[], [[1.0, 2.0]], 3.0])
    def test_refuses_what_is_no_row_of_logits(self, logits):
        with pytest.raises(ValueError, match="one row of logits"):
            ScriptedSampler(6)(logits)

    def test_an_endless_loop_is_stopped(self):
        sample = ScriptedSampler(6)
        for _ in range(BUDGET):
            sample([0.0])
        with pytest.raises(RuntimeError, match="sampler was called 400 times"):
            sample([0.0])
