"""Visible checks of the `architecture` lab, grouped by stub. This file isn't meant to be read in one sitting."""

import copy

import numpy as np

from autograder.testing import (
    ScriptedBoxes,
    agree,
    agree_values,
    checks,
    example,
    leaves_unchanged,
    raises,
    repeatable,
)
from reference import architecture

# The partial credit for an answer that's right except for its shape, its order, or the number it counts from.
MORE_THAN_HALF = 0.6

# The longest token is neither the first nor the last, and some prefixes of a long token aren't tokens.
VOCAB = {
    "ex": 7,
    "e": 3,
    "explain": 2,
    "plain": 5,
    " ": 0,
    " simply": 4,
    "g": 8,
    "r": 9,
    "a": 10,
    " gravity": 6,
    "y": 1,
}
PASS = ["Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"]


def numbered(rng, vocab):
    """Return the vocabulary. In a fresh example, every id except 0 is redrawn, and none of them is 99."""

    def draw(rng):
        others = iter((1 + rng.permutation(90)).tolist())
        return {token: number and next(others) for token, number in vocab.items()}

    return example(rng, vocab, draw)


def scale(rng):
    """Return a factor to multiply large numbers by: 1, or from 1 to 1.5 in a fresh example."""
    return example(rng, 1.0, lambda rng: rng.uniform(1.0, 1.5))


def boxes_of(rng, seed, **script):
    return ScriptedBoxes(9, example(rng, seed, lambda rng: int(rng.integers(100, 100_000))), **script)


def text_of(rng, shown, letters="abcdefghi"):
    """Return the text. In a fresh example, the letters are redrawn, but they repeat in the same places."""
    distinct = "".join(dict.fromkeys(shown))
    known = letters.replace(distinct[0], "")  # without this letter, the new text always differs
    return example(
        rng,
        shown,
        lambda rng: shown.translate(str.maketrans(distinct, "".join(rng.permutation([*known])[: len(distinct)]))),
    )


def block_params(rng, D, H):
    """Draw weights for one block, scaled so that rows come out of the block about as large as they went in."""
    shapes = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (D, D)) | {"W1": (D, H), "b1": (H,), "W2": (H, D), "b2": (D,)}
    return {name: rng.normal(scale=0.6, size=shape) for name, shape in shapes.items()}


def embed_agrees(student, token_ids, tokens, positions):
    """Require token and position rows to be added. Give partial credit for their mean or if positions count from 1."""
    T = len(token_ids)

    def counted_from_1(rows):
        return rows - positions[:T] + np.roll(positions, -1, axis=0)[:T]

    conventions = [lambda rows: rows / 2, counted_from_1]
    agree(student.embed, architecture.embed, token_ids, tokens, positions, apart_from=conventions)


def attention_agrees(student, q, k, v):
    """Require the right result and weights, and return both. Give partial credit if they're in the wrong order."""
    swapped = [lambda pair: pair[::-1]]
    return agree(student.causal_attention, architecture.causal_attention, q, k, v, apart_from=swapped)


def logits_agree(student, hidden, W_unembed):
    """Require raw scores. Give partial credit if all logits are shifted by the same number, as log-probabilities
    are."""

    def shifted_to_0(logits):
        return logits - logits.max()

    def log_probabilities(logits):
        return shifted_to_0(logits) - np.log(np.exp(shifted_to_0(logits)).sum())

    moved = [shifted_to_0, log_probabilities]
    agree(student.output_logits, architecture.output_logits, hidden, W_unembed, apart_from=moved)


@checks("encode", weight=0.45)
def test_en_lesson(student, rng):
    """In this vocabulary, a word with the space before it is one token, so "explain gravity simply" has three
    tokens."""
    agree(student.encode, architecture.encode, "explain gravity simply", numbered(rng, VOCAB), 99)


@checks("encode", weight=0.45)
def test_en_longest(student, rng):
    """If several tokens match, the longest one wins, and a word that isn't a token is split into smaller ones."""
    vocab = numbered(rng, VOCAB)
    for text in ("explain", "explaingra", "explore", "gra ra", "plainex"):
        agree(student.encode, architecture.encode, text, vocab, 99)


@checks("encode", weight=0.45)
def test_en_left(student, rng):
    """You read from left to right, so "abcde" starts with the token "ab", even though "bcde" is longer."""
    vocab = numbered(rng, {"a": 4, "b": 2, "c": 7, "d": 0, "e": 1, "ab": 5, "bcde": 3})
    for text in ("abcde", "bcdeab"):
        agree(student.encode, architecture.encode, text, vocab, 99)


@checks("encode", weight=0.45)
def test_en_characters(student, rng):
    """Spaces, capitals, periods and line breaks are characters like any other, and an empty string gives no ids."""
    vocab = numbered(rng, {"The": 4, "the": 2, " the": 7, " ": 0, "a.": 1, ".": 5, "\n": 3})
    for text in ("  the a. ", "The THE\nthe.", ""):
        agree(student.encode, architecture.encode, text, vocab, 99)
    agree(student.encode, architecture.encode, "plain\n\te\n", numbered(rng, VOCAB), 99)


@checks("encode", weight=0.45, conduct=True)
def test_en_unchanged(student, rng):
    """Your function doesn't change the vocabulary, and gives the same ids when it's called again."""
    vocab = numbered(rng, VOCAB)
    leaves_unchanged(student.encode, "explain?", vocab, 99)
    repeatable(student.encode, "explain?", vocab, 99)


@checks("embed", weight=0.35, share=MORE_THAN_HALF)
def test_em_vals(student, rng):
    """For the example worked out by hand, where one token occurs twice, you get the same rows as in part 2."""
    tokens, positions = np.array([[1.0, 0.0], [5.0, 5.0], [0.0, 3.0]]), np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    tokens, positions = example(rng, (tokens, positions))
    embed_agrees(student, [2, 0, 2], tokens, positions)
    embed_agrees(student, np.array([1]), tokens, positions)


@checks("embed", weight=0.35, share=MORE_THAN_HALF)
def test_em_pos(student, rng):
    """The same token at three positions gets three rows, and they differ by exactly as much as the position rows do."""
    tokens, positions = rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    rows = np.asarray(student.embed([4, 4, 4], tokens, positions), dtype=float)
    agree_values(rows[1:] - rows[0], positions[1:3] - positions[0], "rows 1 and 2 minus row 0, for the ids [4, 4, 4]")


@checks("embed", weight=0.35, conduct=True)
def test_em_range(student, rng):
    """An id of -1, or one that's too large, raises ValueError or IndexError."""
    tokens, positions = rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    for ids in ([0, 5], [12], [2, -1]):
        raises(student.embed, ids, tokens, positions, error=(ValueError, IndexError))


@checks("embed", weight=0.35, conduct=True)
def test_em_long(student, rng):
    """A text with more tokens than positions raises ValueError or IndexError, even if there's only one position."""
    tokens, positions = rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    raises(student.embed, [1] * 7, tokens, positions, error=(ValueError, IndexError))
    raises(student.embed, [1, 3], tokens, positions[:1], error=(ValueError, IndexError))


@checks("embed", weight=0.35, conduct=True)
def test_em_unchanged(student, rng):
    """Your function doesn't change the token or position rows."""
    leaves_unchanged(student.embed, [4, 0, 4], rng.normal(size=(5, 3)), rng.normal(size=(3, 3)))


@checks("causal_attention", weight=0.25, share=MORE_THAN_HALF)
def test_at_hand(student, rng):
    """In the example worked out by hand, the second position attends to itself three times as much as to the first."""
    q = np.array([[2.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    k = np.array([[3.0, 0.0, 5.0, 0.0], [1.0, 2 * np.log(3), 0.0, 0.0]])
    attention_agrees(student, *example(rng, (q, k, np.array([[10.0], [50.0]]))))


@checks("causal_attention", weight=0.25, share=MORE_THAN_HALF)
def test_at_rows(student, rng):
    """Each row of the weights sums to 1, and all weights above the diagonal are exactly 0."""
    q, k, v = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    _, weights = attention_agrees(student, q, k, v)
    agree_values(np.sum(weights, axis=1), np.ones(5), "the sum of each row of the weights")
    agree_values(np.triu(weights, k=1), np.zeros((5, 5)), "the weights above the diagonal", tail=True)


@checks("causal_attention", weight=0.25, share=MORE_THAN_HALF)
def test_at_causal(student, rng):
    """Changing the queries, keys and values from position 3 on doesn't change the results before position 3."""
    before = [rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))]
    after = [np.vstack([array[:3], 3 * rng.normal(size=(3, array.shape[1]))]) for array in before]
    first, _ = student.causal_attention(*before)
    second, _ = student.causal_attention(*after)
    agree_values(second[:3], first[:3], "rows 0 to 2 of out, after rows 3 to 5 of q, k and v were changed")
    agree_values(second[0], after[2][0], "row 0 of out, which depends only on row 0 of v")


@checks("causal_attention", weight=0.25, share=MORE_THAN_HALF)
def test_at_future(student, rng):
    """Later positions get a weight of exactly 0, even if their scores are millions higher or all scores are low."""
    q, k = np.array([[2000.0], [2000.0], [0.0]]), np.array([[0.0], [0.0], [2000.0]])
    v = example(rng, np.array([[10.0], [20.0], [30.0]]))
    attention_agrees(student, scale(rng) * q, k, v)
    attention_agrees(student, np.full((3, 1), -2000.0) * scale(rng), np.full((3, 1), 2000.0), v)


@checks("causal_attention", weight=0.25, share=MORE_THAN_HALF)
def test_at_large(student, rng):
    """Scores of 5,000 and -5,000 give finite weights."""
    q, v = scale(rng) * np.array([[50.0], [1.0], [50.0]]), example(rng, np.array([[10.0], [20.0], [30.0]]))
    attention_agrees(student, q, np.array([[100.0], [-100.0], [100.0]]), v)


@checks("causal_attention", weight=0.25, share=MORE_THAN_HALF)
def test_at_square(student, rng):
    """You don't mix up rows and columns, even when the number of positions equals the number of entries in a key."""
    attention_agrees(student, *rng.normal(size=(3, 4, 4)))


@checks("causal_attention", weight=0.25, conduct=True)
def test_at_unchanged(student, rng):
    """Your function doesn't change queries, keys or values, and gives the same result when it's called again."""
    q, k, v = rng.normal(size=(3, 4, 2))
    leaves_unchanged(student.causal_attention, q, k, v)
    repeatable(student.causal_attention, q, k, v)


@checks("transformer_block", weight=0.25)
def test_bk_identity(student, rng):
    """If all weights are 0, the rows come out unchanged. If only b2 is nonzero, it's added to every row."""
    x = rng.normal(size=(4, 3))
    params = {name: np.zeros_like(value) for name, value in block_params(rng, 3, 5).items()}
    agree(student.transformer_block, architecture.transformer_block, x, params)
    with_b2 = {**params, "b2": np.array([10.0, 20.0, -30.0])}
    agree(student.transformer_block, architecture.transformer_block, x, with_b2)


@checks("transformer_block", weight=0.25)
def test_bk_causal(student, rng):
    """Changing row 3 of x changes rows 3 and 4 of the result, but none of the rows before them."""
    x, params = rng.normal(size=(5, 4)), block_params(rng, 4, 6)
    changed = x.copy()
    changed[3] = rng.normal(size=4)
    first, second = (np.asarray(student.transformer_block(rows, params)) for rows in (x, changed))
    agree_values(second[:3], first[:3], "rows 0 to 2 of the result, after row 3 of x was changed")
    agree_values(np.abs(second - first).max(axis=1) > 1e-6, [False] * 3 + [True] * 2, "whether each row changed")


@checks("transformer_block", weight=0.25)
def test_bk_attention(student, rng):
    """If W2 and b2 are 0, only attention is left, and its output for the normalized rows is added to x."""
    params = {**block_params(rng, 3, 5), "W2": np.zeros((5, 3)), "b2": np.zeros(3)}
    agree(student.transformer_block, architecture.transformer_block, rng.normal(size=(4, 3)), params)


@checks("transformer_block", weight=0.25)
def test_bk_feed_forward(student, rng):
    """If Wo is 0, only the feed-forward network is left, and its output for the normalized rows is added to x."""
    params = {**block_params(rng, 3, 5), "Wo": np.zeros((3, 3))}
    agree(student.transformer_block, architecture.transformer_block, rng.normal(size=(4, 3)), params)


@checks("transformer_block", weight=0.25)
def test_bk_both(student, rng):
    """Attention comes first. After you add its result, you normalize the rows again for the feed-forward network."""
    x = rng.normal(size=(4, 3)) * np.array([[0.2], [30.0], [1.0], [5.0]]) + 10.0
    agree(student.transformer_block, architecture.transformer_block, x, block_params(rng, 3, 5))


@checks("transformer_block", weight=0.25, conduct=True)
def test_bk_unchanged(student, rng):
    """Your function doesn't change x or the weights, and gives the same rows when it's called again."""
    x, params = rng.normal(size=(4, 3)), block_params(rng, 3, 5)
    leaves_unchanged(student.transformer_block, x, params)
    repeatable(student.transformer_block, x, params)


@checks("output_logits", weight=0.35, share=MORE_THAN_HALF)
def test_ol_hand(student, rng):
    """For the example worked out by hand, you return raw logits, which can be negative and don't have to sum to 1."""
    hidden = np.array([[5.0, 4.0], [0.0, 7.0], [1.0, -2.0]])
    logits_agree(student, *example(rng, (hidden, np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 0.0]]))))


@checks("output_logits", weight=0.35, share=MORE_THAN_HALF)
def test_ol_shape(student, rng):
    """You return one logit for each token in the vocabulary, no matter how many positions there are."""
    for T in (1, 4):
        logits = student.output_logits(rng.normal(size=(T, 3)), rng.normal(size=(3, 7)))
        agree_values(list(np.shape(logits)), [7], f"the shape of the logits for {T} positions and 7 tokens")


@checks("output_logits", weight=0.35, conduct=True)
def test_ol_error(student, rng):
    """A matrix of the wrong shape, such as a transposed one or one with a single row, raises ValueError."""
    for shape in ((7, 3), (1, 7)):
        raises(student.output_logits, rng.normal(size=(4, 3)), rng.normal(size=shape))


@checks("output_logits", weight=0.35, conduct=True)
def test_ol_unchanged(student, rng):
    """Your function doesn't change the rows or the matrix."""
    leaves_unchanged(student.output_logits, rng.normal(size=(4, 3)), rng.normal(size=(3, 7)))


def agree_with_the_same_boxes(student, boxes, text, max_new_tokens, *stop):
    """Require the same new text as the reference, and the same ids for the Embedding Layer."""
    same = copy.deepcopy(boxes)
    wanted, _ = architecture.run_pipeline(text, same.named(), max_new_tokens, *stop)
    new_text, _ = student.run_pipeline(text, boxes.named(), max_new_tokens, *stop)
    agree_values(boxes.contexts, same.contexts, "the ids that the Embedding Layer was given")
    agree_values(new_text, wanted, "the new text")


class EveryOtherLetter:
    """A wrapper around a tokenizer that passes on only every other letter of the text."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def read(self, text):
        return self.tokenizer(text[::2])


def in_pairs(boxes):
    """Return the boxes by name, with a Tokenizer that reads every other letter."""
    named = boxes.named()
    return {**named, "Tokenizer": EveryOtherLetter(named["Tokenizer"]).read}


def no_ids(text):
    return []


@checks("run_pipeline", weight=0.25)
def test_pl_order(student, rng):
    """You call the boxes in order, once around the loop for each new token. The trace lists every call, even if the
    loop never runs."""
    text = text_of(rng, "abc")
    boxes = boxes_of(rng, 3)
    _, trace = student.run_pipeline(text, boxes.named(), 2)
    agree_values(trace, boxes.trace, "the trace, compared with the boxes that were called")
    in_order = [name for name in boxes.trace if name != "Detokenizer"]
    agree_values(in_order, ["Tokenizer", *PASS, *PASS], "the boxes that were called, except for the Detokenizer")
    boxes = boxes_of(rng, 3)
    _, trace = student.run_pipeline(text, boxes.named(), 0)
    agree_values(trace, boxes.trace, "the trace for no new tokens, compared with the boxes that were called")


@checks("run_pipeline", weight=0.25)
def test_pl_out(student, rng):
    """You return the text of the new tokens, without the prompt, even if the prompt has 6 letters but only 3 tokens."""
    boxes = boxes_of(rng, 4)
    new_text, _ = student.run_pipeline(text_of(rng, "cbabca"), in_pairs(boxes), 2)
    agree_values(new_text, boxes.text_of(boxes.drawn), "the new text, compared with the ids that were drawn")


@checks("run_pipeline", weight=0.25)
def test_pl_len(student, rng):
    """You draw exactly max_new_tokens ids, whether that's 1, 2 or 0."""
    text = text_of(rng, "ba")
    for max_new_tokens in (1, 2, 0):
        boxes = boxes_of(rng, 5)
        new_text, _ = student.run_pipeline(text, boxes.named(), max_new_tokens)
        agree_values(len(boxes.drawn), max_new_tokens, f"the number of ids drawn for max_new_tokens = {max_new_tokens}")
        agree_values(len(new_text), max_new_tokens, "the number of characters in the new text (one per token)")


@checks("run_pipeline", weight=0.25)
def test_pl_ids(student, rng):
    """The Embedding Layer gets all the ids so far, starting with the prompt's. The Output Layer gets all the rows."""
    agree_with_the_same_boxes(student, boxes_of(rng, 6), text_of(rng, "cab"), 3)


@checks("run_pipeline", weight=0.25)
def test_pl_stop(student, rng):
    """The text ends when the stop token is drawn. A stop token in the prompt doesn't end the text."""
    stop = example(rng, 5, lambda rng: int(rng.choice([1, 2, 3, 4, 6, 7])))
    letter = chr(ord("a") + stop)
    rest = text_of(rng, "ab", "abcdefghi".replace(letter, ""))
    for text in (text_of(rng, "c", "abcdefghi".replace(letter, "")) + rest, letter + rest, rest + letter):
        agree_with_the_same_boxes(student, boxes_of(rng, 7, force={1: stop}), text, 3, stop)
    boxes = boxes_of(rng, 7, force={0: stop})
    _, trace = student.run_pipeline(rest, boxes.named(), 3, stop)
    agree_values(trace, boxes.trace, "the trace if the first token is the stop token, compared with the boxes called")


@checks("run_pipeline", weight=0.25)
def test_pl_stop_0(student, rng):
    """Id 0 can be the stop token. If there's no stop token, 0 is a token like any other."""
    for stop in ((0,), ()):
        agree_with_the_same_boxes(student, boxes_of(rng, 8, force={1: 0}), text_of(rng, "bcb", "bcdefghi"), 3, *stop)


@checks("run_pipeline", weight=0.25, conduct=True)
def test_pl_empty(student, rng):
    """If the Tokenizer returns no ids, your function raises ValueError, whether or not the text itself is empty."""
    boxes, count = boxes_of(rng, 9).named(), example(rng, 3, lambda rng: int(rng.integers(4, 9)))
    raises(student.run_pipeline, "", boxes, count)
    raises(student.run_pipeline, "???", {**boxes, "Tokenizer": no_ids}, count)


@checks("run_pipeline", weight=0.25, conduct=True)
def test_pl_unchanged(student, rng):
    """Your function doesn't change the boxes, and gives the same text when it's called again."""
    text = text_of(rng, "abc")
    leaves_unchanged(student.run_pipeline, text, boxes_of(rng, 10).named(), 1)
    repeatable(student.run_pipeline, text, boxes_of(rng, 10).named(), 1)
