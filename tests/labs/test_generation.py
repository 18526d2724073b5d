"""The reference of the `generation` lab against explicit loops, and the edge cases in its docstrings."""

import itertools
import operator

import numpy as np
import pytest
import torch

from autograder.grading.execution import run_locally
from autograder.testing.doubles import ScriptedModel, ScriptedSampler
from autograder.testing.references import call_reference
from reference import generation
from reference.generation import test_visible
from tests.repository import COURSE


def spelled_out(model, prompt, count, sample, stop, window):
    """Everything that one call should do: the new ids, the reason, and the contexts that the model was shown."""
    text, contexts = list(prompt), []
    while len(text) - len(prompt) < count:
        contexts.append(text[max(0, len(text) - (window or len(text))) :])
        drawn = sample(model(contexts[-1]))
        if stop is not None and drawn == stop:
            return text[len(prompt) :], "stop", contexts
        text.append(drawn)
    return text[len(prompt) :], "length", contexts


class TestCropContext:
    @pytest.mark.parametrize("count", [0, 1, 4, 9])
    @pytest.mark.parametrize("window", [1, 3, 4, 5, 100])
    def test_agrees_with_torchs_narrow(self, count, window):
        ids = torch.as_tensor(np.random.default_rng(1).integers(0, 50, count))
        kept = min(window, count)
        want = ids.narrow(0, count - kept, kept)
        assert torch.equal(generation.crop_context(ids, window), want)
        assert generation.crop_context(ids.tolist(), window).tolist() == want.tolist()

    @pytest.mark.parametrize("window", [0, -1, -100])
    @pytest.mark.parametrize("ids", [[], [5, 2, 8]])
    def test_refuses_a_window_below_1(self, ids, window):
        with pytest.raises(ValueError, match=f"at least 1, got {window}"):
            generation.crop_context(ids, window)

    def test_leaves_the_ids_alone(self):
        ids = [5, 2, 8]
        assert generation.crop_context(ids, 2).tolist() == [2, 8]
        assert ids == [5, 2, 8]


SETTINGS = itertools.product([0, 1, 7], [None, 0, 6], [None, 1, 4, 100], [{}, {0: 0}, {3: 0}, {6: 6}])


class TestGenerateAndStreamTokens:
    @pytest.mark.parametrize(("count", "stop", "window", "force"), list(SETTINGS))
    @pytest.mark.parametrize("prompt", [[3], [6, 0, 4, 4, 0, 6]])
    def test_do_what_a_spelled_out_loop_does(self, prompt, count, stop, window, force):
        def fresh():
            return ScriptedModel(7, 5, force=force), ScriptedSampler(6)

        want, reason, contexts = spelled_out(fresh()[0], prompt, count, fresh()[1], stop, window)
        model, sample = fresh()
        assert generation.generate(model, prompt, count, sample, stop, window) == (want, reason)
        assert model.contexts == contexts
        assert len(sample.ids) == len(contexts)
        model, sample = fresh()
        assert list(generation.stream_tokens(model, prompt, count, sample, stop, window)) == want
        assert model.contexts == contexts

    def test_a_model_in_torch_makes_the_same_text_as_in_numpy(self):
        weights = np.random.default_rng(2).normal(size=(9, 9))
        tensor = torch.as_tensor(weights)

        def in_torch(context):
            return tensor[torch.as_tensor(context)].sum(dim=0)

        def in_numpy(context):
            return weights[np.asarray(context)].sum(axis=0)

        ours = generation.generate(in_torch, torch.tensor([1, 2]), 12, torch.argmax, None, 5)
        assert ours == generation.generate(in_numpy, [1, 2], 12, np.argmax, None, 5)
        # the way checks call it: with callables that take numpy arrays
        assert call_reference(generation.generate, ((in_numpy, np.array([1, 2]), 12, np.argmax, None, 5), {})) == ours

    def test_the_stream_does_nothing_before_it_is_asked(self):
        model, sample = ScriptedModel(7, 5), ScriptedSampler(6)
        stream = generation.stream_tokens(model, [1], 10**9, sample)
        assert model.contexts == []
        for count in range(1, 4):
            assert next(stream) == sample.ids[-1]
            assert len(sample.ids) == len(model.contexts) == count

    @pytest.mark.parametrize("prompt", [[], (), torch.tensor([], dtype=torch.int64)])
    def test_refuse_an_empty_prompt(self, prompt):
        for count in (0, 3):
            with pytest.raises(ValueError, match="the prompt is empty"):
                generation.generate(ScriptedModel(7, 5), prompt, count, ScriptedSampler(6))
        with pytest.raises(ValueError, match="the prompt is empty"):
            next(generation.stream_tokens(ScriptedModel(7, 5), prompt, 3, ScriptedSampler(6)))

    def test_leave_the_prompt_alone(self):
        prompt = [1, 2]
        generation.generate(ScriptedModel(7, 5), prompt, 3, ScriptedSampler(6))
        assert len(list(generation.stream_tokens(ScriptedModel(7, 5), prompt, 3, ScriptedSampler(6)))) == 3
        assert prompt == [1, 2]


TEXT = "Grüße, 世界! Ça coûte 5 € … 🐈🙂🏽 e\u0301\n"


class TestStreamText:
    @pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1000])
    def test_the_pieces_are_the_text_however_it_is_cut(self, size):
        data = TEXT.encode()
        table = {place: data[place : place + size] for place in range(0, len(data), size)}
        pieces = list(generation.stream_text(iter(table), table))
        assert "".join(pieces) == TEXT
        assert all(pieces)

    def test_each_character_comes_with_its_last_byte(self):
        data = TEXT.encode()
        ids = iter(data)
        for character in generation.stream_text(ids, {byte: bytes([byte]) for byte in data}):
            taken = len(data) - operator.length_hint(ids)
            assert data[:taken].decode().endswith(character)

    @pytest.mark.parametrize("character", ["é", "€", "🐈"])
    def test_a_character_cut_off_is_one_replacement_character_at_the_end(self, character):
        for kept in range(1, len(character.encode())):
            table = {0: b"ab", 1: character.encode()[:kept]}
            assert list(generation.stream_text(iter([0, 1]), table)) == ["ab", "\ufffd"]

    def test_no_tokens_are_no_text(self):
        assert list(generation.stream_text(iter([]), {})) == []
        assert list(generation.stream_text(iter([0, 0]), {0: b""})) == []


def test_an_error_in_a_stream_names_the_call_that_made_the_stream():
    def breaks(ids, id_to_bytes):
        yield id_to_bytes[next(ids)].decode("no such encoding")

    verdict, _ = run_locally(COURSE, test_visible.test_tx_join, 1, {"stream_text": breaks})
    assert "an iterator, {5: b'The', 2: b' cat'" in " ".join(verdict.difference.called.split())
