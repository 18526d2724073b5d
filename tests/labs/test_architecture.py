"""The references of the `architecture` lab against torch's own operators, and what its boxes promise."""

import itertools
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from autograder.testing.doubles import BOXES, ScriptedBoxes
from reference import architecture
from tests.repository import COURSE
from tests.solved_notebooks import printed_by_solved

PASS = list(BOXES[1:5])


def random(seed: int, *shape: int, scale: float = 1.0) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=scale, size=shape))


def close(got: torch.Tensor, want: torch.Tensor) -> None:
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


VOCAB = {"ex": 0, "plain": 1, "explain": 2, " ": 3, "g": 4, "r": 5, "a": 6}


class TestEncode:
    def test_the_example_of_the_notebook(self):
        assert architecture.encode("explain gra!", VOCAB, 9) == [2, 3, 4, 5, 6, 9]

    @pytest.mark.parametrize("seed", range(20))
    def test_is_what_a_pattern_of_the_tokens_finds(self, seed):
        rng = np.random.default_rng(seed)
        tokens = list(dict.fromkeys("".join(rng.choice(list("ab."), size=rng.integers(1, 5))) for _ in range(6)))
        vocab = dict(zip(tokens, rng.permutation(len(tokens)).tolist(), strict=True))
        text = "".join(rng.choice(list("ab.?\n"), size=30))
        pattern = "|".join([*map(re.escape, sorted(tokens, key=len, reverse=True)), "."])
        want = [vocab.get(piece, 99) for piece in re.findall(pattern, text, re.DOTALL)]
        assert architecture.encode(text, vocab, 99) == want

    def test_the_ids_spell_the_text_again(self):
        names = {number: token for token, number in VOCAB.items()}
        ids = architecture.encode("explaingra explain", VOCAB, 9)
        assert "".join(names[number] for number in ids) == "explaingra explain"

    def test_edges(self):
        assert architecture.encode("", VOCAB, 9) == []
        assert architecture.encode("ab", {}, 9) == [9, 9]
        assert architecture.encode("  ", {" ": 1}, 9) == [1, 1]


class TestEmbed:
    @pytest.mark.parametrize(("T", "V", "D", "T_max"), [(4, 7, 3, 6), (1, 5, 2, 1), (6, 4, 5, 6), (4, 4, 4, 4)])
    def test_is_torchs_two_embedding_layers(self, T, V, D, T_max):
        tokens, positions = nn.Embedding(V, D, dtype=torch.float64), nn.Embedding(T_max, D, dtype=torch.float64)
        ids = torch.as_tensor(np.random.default_rng(1).integers(0, V, T))
        want = (tokens(ids) + positions(torch.arange(T))).detach()
        weights = (tokens.weight.detach(), positions.weight.detach())
        close(architecture.embed(ids, *weights), want)
        close(architecture.embed(ids.tolist(), *weights), want)

    @pytest.mark.parametrize("ids", [[6], [-1], [0, 1, -6], [1] * 9])
    def test_refuses_what_has_no_row(self, ids):
        with pytest.raises(IndexError):
            architecture.embed(ids, random(1, 6, 4), random(2, 8, 4))

    def test_a_token_has_another_row_at_another_place(self):
        tokens, positions = random(1, 6, 4), random(2, 8, 4)
        rows = architecture.embed([5, 5, 5], tokens, positions)
        close(rows[2] - rows[0], positions[2] - positions[0])


class TestCausalAttention:
    @pytest.mark.parametrize(("T", "d", "d_v"), [(1, 3, 2), (5, 3, 2), (7, 2, 4), (4, 4, 4)])
    @pytest.mark.parametrize("scale", [0.1, 1.0, 50.0])
    def test_is_torchs(self, T, d, d_v, scale):
        q, k, v = random(1, T, d, scale=scale), random(2, T, d, scale=scale), random(3, T, d_v)
        out, weights = architecture.causal_attention(q, k, v)
        close(out, functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0])
        close(
            weights,
            functional.scaled_dot_product_attention(q[None], k[None], torch.eye(T)[None].double(), is_causal=True)[0],
        )
        close(weights.sum(dim=1), torch.ones(T).double())
        assert not weights.triu(diagonal=1).any()

    @pytest.mark.parametrize("place", range(1, 5))
    def test_the_future_changes_nothing(self, place):
        before = [random(seed, 5, 3) for seed in (1, 2, 3)]
        after = [torch.cat([array[:place], 9 * random(seed, 5 - place, 3)]) for seed, array in enumerate(before, 7)]
        for one, other in zip(
            architecture.causal_attention(*before), architecture.causal_attention(*after), strict=True
        ):
            assert torch.equal(one[:place, :place], other[:place, :place])

    def test_takes_a_batch(self):
        q, k, v = random(1, 2, 5, 3), random(2, 2, 5, 3), random(3, 2, 5, 4)
        for n in range(2):
            for whole, one in zip(
                architecture.causal_attention(q, k, v), architecture.causal_attention(q[n], k[n], v[n]), strict=True
            ):
                close(whole[n], one)


def block_params(seed: int, D: int, H: int) -> dict[str, torch.Tensor]:
    shapes = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (D, D)) | {"W1": (D, H), "b1": (H,), "W2": (H, D), "b2": (D,)}
    return {name: random(seed + place, *shape, scale=0.7) for place, (name, shape) in enumerate(shapes.items())}


class TestTransformerBlock:
    @pytest.mark.parametrize(("T", "D", "H"), [(5, 4, 7), (1, 3, 2), (4, 4, 4)])
    def test_is_torchs_encoder_layer_with_its_norms_first_and_one_head(self, T, D, H):
        params = block_params(1, D, H)
        layer = nn.TransformerEncoderLayer(D, 1, H, dropout=0.0, norm_first=True, batch_first=True, dtype=torch.float64)
        with torch.no_grad():
            layer.self_attn.in_proj_weight.copy_(torch.cat([params[name].T for name in ("Wq", "Wk", "Wv")]))
            layer.self_attn.in_proj_bias.zero_()
            layer.self_attn.out_proj.weight.copy_(params["Wo"].T)
            layer.self_attn.out_proj.bias.zero_()
            for linear, number in ((layer.linear1, 1), (layer.linear2, 2)):
                linear.weight.copy_(params[f"W{number}"].T)
                linear.bias.copy_(params[f"b{number}"])
            x = random(9, T, D)
            mask = nn.Transformer.generate_square_subsequent_mask(T, dtype=torch.float64)
            want = layer(x[None], src_mask=mask, is_causal=True)[0]
        close(architecture.transformer_block(x, params), want)

    def test_with_weights_of_0_the_rows_stay(self):
        params = {name: torch.zeros_like(value) for name, value in block_params(1, 4, 6).items()}
        x = random(9, 5, 4)
        assert torch.equal(architecture.transformer_block(x, params), x)

    @pytest.mark.parametrize("place", range(1, 5))
    def test_the_future_changes_nothing(self, place):
        x, params = random(9, 5, 4), block_params(1, 4, 6)
        other = torch.cat([x[:place], random(10, 5 - place, 4)])
        one, two = (architecture.transformer_block(rows, params) for rows in (x, other))
        assert torch.equal(one[:place], two[:place])
        assert (one[place:] != two[place:]).any(dim=1).all()

    def test_passes_torchs_gradient_check(self):
        params = block_params(1, 3, 4)

        def of_tensors(x: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
            return architecture.transformer_block(x, dict(zip(params, values, strict=True)))

        inputs = [random(9, 4, 3), *params.values()]
        assert torch.autograd.gradcheck(of_tensors, [each.requires_grad_() for each in inputs])


class TestOutputLogits:
    @pytest.mark.parametrize(("T", "D", "V"), [(4, 3, 7), (1, 5, 3), (3, 3, 3)])
    def test_is_torchs_layer_without_bias_at_the_last_position(self, T, D, V):
        layer = nn.Linear(D, V, bias=False, dtype=torch.float64)
        hidden = random(1, T, D)
        close(architecture.output_logits(hidden, layer.weight.detach().T), layer(hidden)[-1].detach())

    @pytest.mark.parametrize("shapes", [((4, 3), (7, 3)), ((4, 3), (1, 7)), ((3,), (3, 7)), ((4, 3), (3,))])
    def test_refuses_shapes_that_do_not_fit(self, shapes):
        with pytest.raises(ValueError, match="don't match"):
            architecture.output_logits(*(torch.zeros(shape) for shape in shapes))


class TestRunPipeline:
    @pytest.mark.parametrize("max_new_tokens", [0, 1, 5])
    @pytest.mark.parametrize("text", ["a", "cab"])
    def test_goes_round_once_for_each_new_token(self, text, max_new_tokens):
        boxes = ScriptedBoxes(9, 3)
        new_text, trace = architecture.run_pipeline(text, boxes.named(), max_new_tokens)
        assert trace == boxes.trace == ["Tokenizer", *PASS * max_new_tokens, "Detokenizer"]
        assert new_text == boxes.text_of(boxes.drawn)
        ids = [ord(letter) - ord("a") for letter in text] + boxes.drawn
        assert boxes.contexts == [ids[: len(text) + step] for step in range(max_new_tokens)]

    @pytest.mark.parametrize(("step", "stop"), list(itertools.product([0, 2, 4], [0, 5])))
    def test_the_stop_token_ends_it_and_is_no_part_of_it(self, step, stop):
        boxes = ScriptedBoxes(9, 3, force={step: stop})
        new_text, trace = architecture.run_pipeline(boxes.text_of([stop]) + "bc", boxes.named(), 5, stop)
        assert boxes.drawn[-1] == stop
        assert new_text == boxes.text_of(boxes.drawn[:-1])
        assert trace.count("Sampling") == len(boxes.drawn) == step + 1

    @pytest.mark.parametrize("max_new_tokens", [0, 3])
    def test_refuses_a_text_without_ids(self, max_new_tokens):
        with pytest.raises(ValueError, match="no token"):
            architecture.run_pipeline("", ScriptedBoxes(9, 3).named(), max_new_tokens)


class TestScriptedBoxes:
    """The checks rely on this: every box and every id of the context affects what is drawn."""

    def drawn(self, seed: int, text: str, leave_out: str = "") -> list[int]:
        boxes = ScriptedBoxes(26, seed)
        named = boxes.named()
        if leave_out:
            named[leave_out] = lambda value: value
        architecture.run_pipeline(text, named, 12)
        return boxes.drawn

    def test_the_same_seed_and_text_draw_the_same(self):
        assert self.drawn(1, "abc") == self.drawn(1, "abc") != self.drawn(2, "abc")

    def test_the_order_and_every_id_of_the_text_count(self):
        assert len({tuple(self.drawn(1, text)) for text in ("abcd", "bacd", "abdc", "bbcd", "abcc", "bcd")}) == 6

    def test_so_do_the_transformer_layers(self):
        assert self.drawn(1, "abc", leave_out="Transformer Layers") != self.drawn(1, "abc")

    def test_an_endless_loop_is_told_so(self):
        with pytest.raises(RuntimeError, match="Is there an infinite loop"):
            architecture.run_pipeline("a", ScriptedBoxes(9, 3).named(), 10**6)


@pytest.mark.slow
def test_a_notebook_without_the_block_says_so_and_does_not_blame_the_pipeline(tmp_path):
    skipped = {"transformer_block": "def transformer_block(x, params):\n    raise NotImplementedError"}
    lines = printed_by_solved(COURSE.lab("architecture"), tmp_path, skipped)
    assert "transformer_block isn't solved yet." in lines
    assert "run_pipeline isn't solved yet." not in lines
