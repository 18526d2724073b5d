"""Hidden and robustness checks of the `architecture` lab, grouped by stub.

This file isn't meant to be read in one sitting.
"""

import copy

import numpy as np

from autograder.testing import ScriptedBoxes, agree, agree_values, checks, leaves_unchanged, raises, repeatable
from reference import architecture
from reference.architecture.test_visible import (
    MORE_THAN_HALF,
    PASS,
    attention_agrees,
    block_params,
    embed_agrees,
    in_pairs,
    logits_agree,
)

NO_ROW = (ValueError, IndexError)


def some_vocab(rng, tokens):
    """Return a vocabulary of these tokens, in random order, with ids that don't start at 0."""
    shuffled = [tokens[place] for place in rng.permutation(len(tokens))]
    return dict(zip(shuffled, (10 + rng.permutation(len(tokens))).tolist(), strict=True))


def qkv(rng, T, d, d_v, scale=1.5):
    return rng.normal(scale=scale, size=(T, d)), rng.normal(scale=scale, size=(T, d)), rng.normal(size=(T, d_v))


# --- encode ---


# The point of the stub is its two rules: longest first, and left to right. No character here is unknown.
@checks("encode", kind="hidden", weight=4)
def test_en_random(student, rng):
    """The ids are right for random texts, with tokens that are prefixes, suffixes and substrings of one another."""
    for _ in range(10):
        pieces = {"".join(rng.choice(list("abc"), size=size)) for size in (2, 2, 3, 3, 4, 5)}
        text, end = ("".join(rng.choice(list("abc"), size=size)) for size in (40, 6))
        # Whatever is drawn, the text's end takes fewer ids as d and the longest token than as de and smaller tokens.
        vocab = some_vocab(rng, sorted({"a", "b", "c", "d", "de", f"e{end}", *pieces}))
        agree(student.encode, architecture.encode, f"{text}de{end}", vocab, 99)


@checks("encode", kind="hidden")
def test_en_unk(student, rng):
    """Each character where no token matches becomes one unknown id, no matter where it is in the text."""
    vocab = some_vocab(rng, ["a", "b", "ab", " ", "aba"])
    for text in ("ab?ab", "?a", "a?", "a??b", "é!?", "ab ??? ba", "?ab?aba?"):
        agree(student.encode, architecture.encode, text, vocab, 7)
        agree(student.encode, architecture.encode, text, vocab, 0)


@checks("encode", kind="hidden", weight=4)
def test_en_left_fresh(student, rng):
    """You read from left to right, so a token isn't shortened to make room for a longer one after it."""
    vocab = some_vocab(rng, ["a", "b", "c", "d", "e", "ab", "bcde"])
    for text in ("abcde", "aabcde", "bcdeab", "abcdeabcd"):
        agree(student.encode, architecture.encode, text, vocab, 99)


@checks("encode", kind="hidden")
def test_en_gap(student, rng):
    """A long token is found even if some of its prefixes aren't tokens."""
    vocab = some_vocab(rng, ["s", "e", "a", "i", "simplysaid", "si", "m", "p", "l", "y", "said", " simplysaid"])
    for text in ("simplysaid", "simplysaisimply", " simplysaid", "sesimplysaidsi"):
        agree(student.encode, architecture.encode, text, vocab, 99)


@checks("encode", kind="hidden")
def test_en_space(student, rng):
    """Spaces, line breaks and capitals are ordinary characters, even at the start or end of a text, or if
    there are several in a row."""
    vocab = some_vocab(rng, ["The", "the", " the", " ", "cat", " cat", "\n", "t"])
    for text in ("  the cat ", "The the\nthe", " cat  cat", "THE", "the\t cat\n\n"):
        agree(student.encode, architecture.encode, text, vocab, 99)
    agree(student.encode, architecture.encode, " the the  cat", {" the": 3, "cat": 1, "the": 0}, 9)
    agree(student.encode, architecture.encode, "\nthe\n\n the", some_vocab(rng, [" the", "the"]), 9)


@checks("encode", kind="hidden")
def test_en_repeats(student, rng):
    """A token that occurs several times gets the same id every time."""
    vocab = some_vocab(rng, ["na", "n", "a", "b"])
    agree(student.encode, architecture.encode, "bananana", vocab, 99)
    agree(student.encode, architecture.encode, "aaaa", vocab, 99)


@checks("encode", kind="robustness")
def test_en_empty(student, rng):
    """An empty string gives no ids."""
    agree(student.encode, architecture.encode, "", {"a": 0, "b": 1}, 2)


@checks("encode", kind="robustness")
def test_en_strange(student, rng):
    """Characters that are special in regular expressions are plain text here, and so are non-ASCII characters."""
    vocab = some_vocab(rng, [".", "a.", "a+", "(", "[a", "é", "世", "世界", "🐈", "\\", "a"])
    for text in ("a.a+a(", "[a]", "世界世é🐈", "\\a|a$", "ab.b"):
        agree(student.encode, architecture.encode, text, vocab, 99)


@checks("encode", kind="robustness", conduct=True)
def test_en_pure(student, rng):
    """The vocabulary isn't modified, and a second call with the same text gives the same ids."""
    vocab = some_vocab(rng, ["a", "b", "ab"])
    leaves_unchanged(student.encode, "ab?ba", vocab, 99)
    repeatable(student.encode, "ab?ba", vocab, 99)


# --- embed ---


@checks("embed", kind="hidden", share=MORE_THAN_HALF)
def test_em_random(student, rng):
    """Your rows are right for random tables and ids, whether the ids are in a list or in an array."""
    for T, V, D, T_max in ((4, 7, 3, 6), (1, 5, 2, 3), (6, 4, 5, 9), (4, 4, 4, 4)):
        ids = rng.integers(0, V, size=T)
        tokens, positions = rng.normal(size=(V, D)), rng.normal(size=(T_max, D))
        embed_agrees(student, ids.tolist(), tokens, positions)
        embed_agrees(student, ids, tokens, positions)


@checks("embed", kind="hidden", share=MORE_THAN_HALF)
def test_em_full(student, rng):
    """If there are exactly as many tokens as positions, each token still gets the right row."""
    for T in (1, 5):
        ids = rng.integers(0, 8, size=T).tolist()
        embed_agrees(student, ids, rng.normal(size=(8, 3)), rng.normal(size=(T, 3)))


@checks("embed", kind="hidden", share=MORE_THAN_HALF)
def test_em_edges(student, rng):
    """The first and the last id of the vocabulary get their own rows."""
    tokens, positions = rng.normal(size=(6, 4)), rng.normal(size=(8, 4))
    embed_agrees(student, [0, 5, 0, 0, 5], tokens, positions)


@checks("embed", kind="hidden", share=MORE_THAN_HALF)
def test_em_order(student, rng):
    """The same tokens in a different order get different rows."""
    tokens, positions = rng.normal(size=(6, 4)), rng.normal(size=(8, 4))
    for ids in ([1, 3, 4], [4, 3, 1], [3, 1, 4]):
        embed_agrees(student, ids, tokens, positions)


@checks("embed", kind="robustness", conduct=True)
def test_em_range_fresh(student, rng):
    """An id outside the vocabulary, too large or negative, raises ValueError or IndexError."""
    tokens, positions = rng.normal(size=(6, 4)), rng.normal(size=(8, 4))
    for ids in ([12], [0, 6], [-1], [2, -1, 3], [0, -6]):
        raises(student.embed, ids, tokens, positions, error=NO_ROW)


@checks("embed", kind="robustness", conduct=True)
def test_em_long_fresh(student, rng):
    """If there are more tokens than positions, you raise ValueError or IndexError."""
    tokens = rng.normal(size=(6, 4))
    raises(student.embed, [1] * 9, tokens, rng.normal(size=(8, 4)), error=NO_ROW)
    raises(student.embed, [1, 2], tokens, rng.normal(size=(1, 4)), error=NO_ROW)


@checks("embed", kind="robustness", conduct=True)
def test_em_pure(student, rng):
    """The rows and the ids aren't modified."""
    leaves_unchanged(student.embed, [2, 0, 2], rng.normal(size=(4, 3)), rng.normal(size=(6, 3)))
    leaves_unchanged(student.embed, np.array([2, 0, 2]), rng.normal(size=(4, 3)), rng.normal(size=(3, 3)))


# --- causal_attention ---


@checks("causal_attention", kind="hidden", share=MORE_THAN_HALF)
def test_at_ref(student, rng):
    """Your result agrees with torch's for random queries, keys and values of several lengths and widths."""
    for T, d, d_v in ((5, 3, 2), (7, 2, 4), (3, 6, 5)):
        attention_agrees(student, *qkv(rng, T, d, d_v))


@checks("causal_attention", kind="hidden", share=MORE_THAN_HALF)
def test_at_square_fresh(student, rng):
    """You don't mix up the axes, even when the number of positions equals the number of entries in a key or a value."""
    attention_agrees(student, *qkv(rng, 4, 4, 4))
    attention_agrees(student, *qkv(rng, 4, 3, 4))


@checks("causal_attention", kind="hidden", share=MORE_THAN_HALF)
def test_at_scale(student, rng):
    """If all queries are 0, each position gives itself and all earlier ones the same weight. A larger d doesn't make
    the weights sharper."""
    q, k, v = qkv(rng, 5, 3, 2)
    attention_agrees(student, 0 * q, k, v)
    for d in (1, 16, 64):
        attention_agrees(student, *qkv(rng, 4, d, 3, scale=1.0))


@checks("causal_attention", kind="hidden", share=MORE_THAN_HALF)
def test_at_future_fresh(student, rng):
    """Even a later key that matches far better than all keys before it gets a weight of exactly 0."""
    q, k, v = qkv(rng, 5, 2, 3, scale=0.5)
    q[:4, 0], k[4, 0] = 4.0, 4.0
    _, weights = attention_agrees(student, q, k, v)
    agree_values(np.triu(weights, k=1), np.zeros((5, 5)), "the weights above the diagonal", tail=True)


@checks("causal_attention", kind="hidden", share=MORE_THAN_HALF)
def test_at_millions(student, rng):
    """A later key whose score is millions higher has no effect, even if all other scores are very low."""
    large = float(rng.integers(2500, 4000))
    # The scores that aren't masked are all equal, so they're exact in float32 too.
    ahead = np.array([[0.0], [0.0], [0.0], [large]])
    attention_agrees(student, large - ahead, ahead, rng.normal(size=(4, 3)))
    attention_agrees(student, np.full((5, 1), -large), np.full((5, 1), large), rng.normal(size=(5, 2)))


@checks("causal_attention", kind="hidden", share=MORE_THAN_HALF)
def test_at_one(student, rng):
    """If there's only one position, it looks only at itself."""
    attention_agrees(student, *qkv(rng, 1, 3, 2))


@checks("causal_attention", kind="robustness", share=MORE_THAN_HALF)
def test_at_big(student, rng):
    """Even with scores of 20,000 and -20,000 in the mix, all weights are finite, and later positions get a weight of
    0."""
    q, k, v = qkv(rng, 6, 3, 2, scale=1.0)
    # The large scores are all equal, so they're exact in float32 too, and no later position outweighs earlier ones.
    k[:, 0] = 2.0
    q[[1, 4]], q[[2, 5]] = [17_320.0, 0.0, 0.0], [-17_320.0, 0.0, 0.0]
    attention_agrees(student, q, k, v)


@checks("causal_attention", kind="robustness", conduct=True)
def test_at_pure(student, rng):
    """Queries, keys and values aren't modified, and a second call gives the same result."""
    leaves_unchanged(student.causal_attention, *qkv(rng, 4, 3, 2))
    repeatable(student.causal_attention, *qkv(rng, 4, 3, 2))


# --- transformer_block ---


@checks("transformer_block", kind="hidden")
def test_bk_ref(student, rng):
    """Your result agrees with torch's for random rows and weights of several sizes."""
    for T, D, H in ((5, 4, 7), (3, 6, 2), (4, 3, 12)):
        agree(
            student.transformer_block, architecture.transformer_block, rng.normal(size=(T, D)), block_params(rng, D, H)
        )


@checks("transformer_block", kind="hidden")
def test_bk_square(student, rng):
    """You don't mix up the axes, even when there are as many positions as numbers in a row and in the hidden layer."""
    agree(student.transformer_block, architecture.transformer_block, rng.normal(size=(4, 4)), block_params(rng, 4, 4))


@checks("transformer_block", kind="hidden")
def test_bk_len1(student, rng):
    """A block also works for a single position."""
    agree(student.transformer_block, architecture.transformer_block, rng.normal(size=(1, 5)), block_params(rng, 5, 3))


@checks("transformer_block", kind="hidden")
def test_bk_scaled(student, rng):
    """If rows are far from 0 and very different in size, attention and the feed-forward network still work on the
    normalized rows."""
    x = rng.normal(size=(4, 5)) * np.array([[0.2], [30.0], [1.0], [5.0]]) + 10
    agree(student.transformer_block, architecture.transformer_block, x, block_params(rng, 5, 6))


@checks("transformer_block", kind="hidden")
def test_bk_parts(student, rng):
    """Attention and the feed-forward network each give the right rows when the other part's weights are 0."""
    x = rng.normal(size=(5, 4))
    for off in (("W2", "b2"), ("Wo",), ("Wo", "b1", "b2")):
        params = block_params(rng, 4, 6)
        params.update({name: np.zeros_like(params[name]) for name in off})
        agree(student.transformer_block, architecture.transformer_block, x, params)


@checks("transformer_block", kind="hidden")
def test_bk_stack(student, rng):
    """Three blocks in a row, each with its own weights, give the right rows."""
    got = want = rng.normal(size=(4, 3))
    for _ in range(3):
        params = block_params(rng, 3, 5)
        want = agree(student.transformer_block, architecture.transformer_block, want, params)
        got = student.transformer_block(got, params)
    agree_values(got, want, "the rows after three blocks")


@checks("transformer_block", kind="robustness", conduct=True)
def test_bk_pure(student, rng):
    """The rows and the weights aren't modified, and a second call gives the same result."""
    x, params = rng.normal(size=(5, 4)), block_params(rng, 4, 6)
    leaves_unchanged(student.transformer_block, x, params)
    repeatable(student.transformer_block, x, params)


# --- output_logits ---


@checks("output_logits", kind="hidden", share=MORE_THAN_HALF)
def test_ol_ref(student, rng):
    """For arrays of any size, you use only the last position's row."""
    for T, D, V in ((4, 3, 7), (2, 5, 3), (6, 2, 9), (3, 3, 3)):
        logits_agree(student, rng.normal(size=(T, D)), rng.normal(size=(D, V)))


@checks("output_logits", kind="hidden", share=MORE_THAN_HALF)
def test_ol_last(student, rng):
    """Changing the rows before the last one doesn't change the logits."""
    hidden, W = rng.normal(size=(5, 3)), rng.normal(size=(3, 8))
    logits_agree(student, hidden, W)
    hidden[:4] = 100 * rng.normal(size=(4, 3))
    logits_agree(student, hidden, W)


@checks("output_logits", kind="hidden", share=MORE_THAN_HALF)
def test_ol_one(student, rng):
    """If there's only one position, you use its row and still return V logits."""
    logits_agree(student, rng.normal(size=(1, 4)), rng.normal(size=(4, 6)))


@checks("output_logits", kind="hidden", share=MORE_THAN_HALF)
def test_ol_raw(student, rng):
    """Logits aren't squashed: large ones stay large, and all of them can be negative."""
    hidden, W = rng.normal(size=(3, 4)), rng.normal(size=(4, 6))
    logits_agree(student, 300 * hidden, W)
    logits_agree(student, np.abs(hidden), -np.abs(W))


@checks("output_logits", kind="robustness", conduct=True)
def test_ol_err(student, rng):
    """A matrix whose shape doesn't match, such as a transposed one, raises ValueError."""
    raises(student.output_logits, rng.normal(size=(4, 3)), rng.normal(size=(7, 3)))
    raises(student.output_logits, rng.normal(size=(7, 3)), rng.normal(size=(7, 5)))
    raises(student.output_logits, rng.normal(size=(2, 3)), rng.normal(size=(1, 5)))


@checks("output_logits", kind="robustness", conduct=True)
def test_ol_pure(student, rng):
    """The rows and the matrix aren't modified."""
    leaves_unchanged(student.output_logits, rng.normal(size=(5, 4)), rng.normal(size=(4, 6)))


# --- run_pipeline ---


def letters(rng, vocabulary, count):
    return "".join(chr(ord("a") + number) for number in rng.integers(0, vocabulary, size=count))


def agree_in_pipeline(student, boxes, text, max_new_tokens, *stop):
    """Require the same ids and the same new text as in the reference. Return the trace.

    Every two letters of the text make one token, so retokenizing the text gives different ids.
    """
    same = copy.deepcopy(boxes)
    wanted, _ = architecture.run_pipeline(text, in_pairs(same), max_new_tokens, *stop)
    new_text, trace = student.run_pipeline(text, in_pairs(boxes), max_new_tokens, *stop)
    agree_values(boxes.contexts, same.contexts, "the ids that the Embedding Layer was given")
    agree_values(new_text, wanted, "the new text")
    return trace


def agree_in_trace(trace, boxes, rounds):
    """Require a trace that names the called boxes in order, with one round for each new token.

    The student's function may call the Detokenizer at the end or token by token.
    """
    agree_values(trace, boxes.trace, "the trace, compared with the boxes that were called")
    called = [name for name in boxes.trace if name != "Detokenizer"]
    agree_values(called, ["Tokenizer", *PASS * rounds], "the boxes that were called, except for the Detokenizer")


@checks("run_pipeline", kind="hidden")
def test_pl_fresh(student, rng):
    """If the stop token is never drawn, you return the right text and trace, no matter which boxes and prompt you're
    given."""
    for length, max_new_tokens, stop in ((1, 3, ()), (4, 9, ()), (6, 5, (8,))):
        boxes = ScriptedBoxes(9, int(rng.integers(10**6)), force={99: 8})
        trace = agree_in_pipeline(student, boxes, letters(rng, 8, length), max_new_tokens, *stop)
        agree_in_trace(trace, boxes, max_new_tokens)


@checks("run_pipeline", kind="hidden")
def test_pl_nothing(student, rng):
    """The trace lists every call, even when the limit is 0 or the first token drawn is the stop token."""
    for max_new_tokens in (0, 4):
        boxes = ScriptedBoxes(9, int(rng.integers(10**6)), force={0: 5})
        _, trace = student.run_pipeline(letters(rng, 5, 3), boxes.named(), max_new_tokens, 5)
        agree_values(
            trace, boxes.trace, f"the trace, compared with the boxes that were called, for at most {max_new_tokens} ids"
        )


@checks("run_pipeline", kind="hidden")
def test_pl_ids_fresh(student, rng):
    """The Embedding Layer is given all the ids so far: the prompt's, then the new ones in the order they were drawn."""
    boxes = ScriptedBoxes(12, int(rng.integers(10**6)))
    text = letters(rng, 12, 3)
    student.run_pipeline(text, boxes.named(), 5)
    ids = [ord(letter) - ord("a") for letter in text] + boxes.drawn
    wanted = [ids[: 3 + step] for step in range(5)]
    agree_values(boxes.contexts, wanted, "the ids that the Embedding Layer was given, call by call")


@checks("run_pipeline", kind="hidden", weight=1.5)
def test_pl_stop_fresh(student, rng):
    """The stop token ends the text and isn't part of it, whether it's drawn first or later."""
    for step, max_new_tokens in ((0, 6), (3, 9), (4, 7)):
        # Token 0 is only forced at a step that's never reached, so it's never drawn. Another check tests stopping at 0.
        boxes = ScriptedBoxes(9, int(rng.integers(10**6)), force={step: 5, 99: 0})
        agree_in_pipeline(student, boxes, letters(rng, 5, 3), max_new_tokens, 5)


@checks("run_pipeline", kind="hidden")
def test_pl_stop0(student, rng):
    """Id 0 can be the stop token. If it isn't, it's a token like any other."""
    for stop in ((0,), (), (4,)):
        boxes = ScriptedBoxes(9, int(rng.integers(10**6)), force={2: 0})
        agree_in_pipeline(student, boxes, "bcb", 6, *stop)


@checks("run_pipeline", kind="hidden", weight=1.5)
def test_pl_stop_prompt(student, rng):
    """A stop token in the prompt doesn't end the text, wherever it is. Only one that's drawn ends the text."""
    for text in ("fab", "abf", "f"):
        boxes = ScriptedBoxes(9, int(rng.integers(10**6)), force={3: 5, 99: 0})
        agree_in_pipeline(student, boxes, text, 6, 5)


@checks("run_pipeline", kind="hidden", weight=2)
def test_pl_tokonce(student, rng):
    """The prompt is tokenized once, at the beginning. The new text is never tokenized."""
    boxes = ScriptedBoxes(9, int(rng.integers(10**6)))
    student.run_pipeline(letters(rng, 9, 4), boxes.named(), 5)
    agree_values(boxes.trace.count("Tokenizer"), 1, "how many times the Tokenizer was called for 5 new tokens")
    agree_values(boxes.trace[0], "Tokenizer", "the box that was called first")


@checks("run_pipeline", kind="robustness")
def test_pl_long(student, rng):
    """You return the right text and trace even for 60 new tokens."""
    boxes = ScriptedBoxes(26, int(rng.integers(10**6)))
    agree_in_trace(agree_in_pipeline(student, boxes, letters(rng, 26, 2), 60), boxes, 60)


@checks("run_pipeline", kind="robustness", conduct=True)
def test_pl_empty_fresh(student, rng):
    """If the Tokenizer returns no ids, your function raises ValueError, even if no new tokens are requested."""
    for max_new_tokens in (3, 0):
        boxes = ScriptedBoxes(9, int(rng.integers(10**6))).named()
        raises(student.run_pipeline, "", boxes, max_new_tokens)
        raises(student.run_pipeline, letters(rng, 9, 4), {**boxes, "Tokenizer": lambda text: []}, max_new_tokens)


@checks("run_pipeline", kind="robustness", conduct=True)
def test_pl_pure(student, rng):
    """The boxes aren't modified, and a second call starts from scratch."""
    boxes = ScriptedBoxes(9, int(rng.integers(10**6)))
    leaves_unchanged(student.run_pipeline, "abc", boxes.named(), 3)
    repeatable(student.run_pipeline, "abc", ScriptedBoxes(9, int(rng.integers(10**6))).named(), 3)
