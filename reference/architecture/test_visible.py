"""Visible checks of lab `architecture`."""

import numpy as np

from autograder.testing import ScriptedBoxes, agree, agree_values, checks
from reference import architecture

# The longest token is neither the first nor the last, and pieces between a short and a long one are missing.
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


def block_params(rng, D, H):
    """Random weights of one block, of a size that keeps its rows as large as they were."""
    shapes = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (D, D)) | {"W1": (D, H), "b1": (H,), "W2": (H, D), "b2": (D,)}
    return {name: rng.normal(scale=0.6, size=shape) for name, shape in shapes.items()}


@checks("encode")
def test_en_lesson(student, rng):
    """Explain gravity simply: whole words with the space before them are tokens here, so it is three."""
    agree(student.encode, architecture.encode, "explain gravity simply", VOCAB, 99)


@checks("encode")
def test_en_longest(student, rng):
    """Of the tokens that fit the longest counts, and what is no token as a whole falls into smaller ones."""
    for text in ("explain", "explaingra", "explore", "gra ra", "plainex"):
        agree(student.encode, architecture.encode, text, VOCAB, 99)


@checks("embed")
def test_em_vals(student, rng):
    """The example worked by hand, with one token twice."""
    tokens, positions = np.array([[1.0, 0.0], [5.0, 5.0], [0.0, 3.0]]), np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    agree(student.embed, architecture.embed, [2, 0, 2], tokens, positions)
    agree(student.embed, architecture.embed, np.array([1]), tokens, positions)


@checks("embed")
def test_em_pos(student, rng):
    """The same token at three positions has three rows, which differ as the positions' rows do."""
    tokens, positions = rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    rows = np.asarray(student.embed([4, 4, 4], tokens, positions), dtype=float)
    agree_values(rows[1:] - rows[0], positions[1:3] - positions[0], "how rows 1 and 2 of [4, 4, 4] differ from row 0")


@checks("causal_attention")
def test_at_hand(student, rng):
    """The example worked by hand: the second position looks at itself three times as much as at the first."""
    q = np.array([[2.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    k = np.array([[3.0, 0.0, 5.0, 0.0], [1.0, 2 * np.log(3), 0.0, 0.0]])
    agree(student.causal_attention, architecture.causal_attention, q, k, np.array([[10.0], [50.0]]))


@checks("causal_attention")
def test_at_rows(student, rng):
    """Each row of the weights sums to 1, and above the diagonal they are exactly 0."""
    q, k, v = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    _, weights = student.causal_attention(q, k, v)
    agree_values(np.sum(weights, axis=1), np.ones(5), "the sum of each row of the weights")
    agree_values(np.triu(weights, k=1), np.zeros((5, 5)), "the weights above the diagonal", tail=True)


@checks("causal_attention")
def test_at_causal(student, rng):
    """Other queries, keys and values from position 3 on change nothing before it."""
    before = [rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))]
    after = [np.vstack([array[:3], 3 * rng.normal(size=(3, array.shape[1]))]) for array in before]
    first, _ = student.causal_attention(*before)
    second, _ = student.causal_attention(*after)
    agree_values(second[:3], first[:3], "rows 0 to 2 of out, after rows 3 to 5 of q, k and v were changed")
    agree_values(second[0], after[2][0], "row 0 of out, which can only look at row 0 of v")


@checks("transformer_block")
def test_bk_identity(student, rng):
    """With all weights 0 the rows come out as they went in; with nothing but b2, it is added to each."""
    x = rng.normal(size=(4, 3))
    params = {name: np.zeros_like(value) for name, value in block_params(rng, 3, 5).items()}
    agree(student.transformer_block, architecture.transformer_block, x, params)
    with_b2 = {**params, "b2": np.array([10.0, 20.0, -30.0])}
    agree(student.transformer_block, architecture.transformer_block, x, with_b2)


@checks("transformer_block")
def test_bk_causal(student, rng):
    """Another row at position 3 changes rows 3 and 4, and none before."""
    x, params = rng.normal(size=(5, 4)), block_params(rng, 4, 6)
    changed = x.copy()
    changed[3] = rng.normal(size=4)
    first, second = (np.asarray(student.transformer_block(rows, params)) for rows in (x, changed))
    agree_values(second[:3], first[:3], "rows 0 to 2 of the result, after row 3 of x was changed")
    agree_values(np.abs(second - first).max(axis=1) > 1e-6, [False] * 3 + [True] * 2, "whether each row changed")


@checks("output_logits")
def test_ol_hand(student, rng):
    """The example worked by hand: logits may be negative, and their sum is whatever it is."""
    hidden = np.array([[5.0, 4.0], [0.0, 7.0], [1.0, -2.0]])
    agree(student.output_logits, architecture.output_logits, hidden, np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 0.0]]))


@checks("output_logits")
def test_ol_shape(student, rng):
    """One logit for each token of the vocabulary, whatever the number of positions."""
    for T in (1, 4):
        logits = student.output_logits(rng.normal(size=(T, 3)), rng.normal(size=(3, 7)))
        agree_values(list(np.shape(logits)), [7], f"the shape of the logits for {T} positions and 7 tokens")


@checks("run_pipeline")
def test_pl_order(student, rng):
    """The boxes are called in their order, once round for each new token, and the trace says so."""
    boxes = ScriptedBoxes(9, 3)
    _, trace = student.run_pipeline("abc", boxes.named(), 2)
    agree_values(trace, boxes.trace, "the trace, beside the boxes that were called")
    in_order = [name for name in boxes.trace if name != "Detokenizer"]
    agree_values(in_order, ["Tokenizer", *PASS, *PASS], "the boxes that were called, but for the Detokenizer")


@checks("run_pipeline")
def test_pl_out(student, rng):
    """What comes back is the text of the new tokens, without the prompt."""
    boxes = ScriptedBoxes(9, 4)
    new_text, _ = student.run_pipeline("cab", boxes.named(), 4)
    agree_values(new_text, boxes.text_of(boxes.drawn), "the new text, beside the ids that were drawn")


@checks("run_pipeline")
def test_pl_len(student, rng):
    """Exactly as many ids are drawn as new tokens are allowed: 1, 3, and none at all."""
    for max_new_tokens in (1, 3, 0):
        boxes = ScriptedBoxes(9, 5)
        new_text, _ = student.run_pipeline("ba", boxes.named(), max_new_tokens)
        agree_values(len(boxes.drawn), max_new_tokens, f"how many ids were drawn of {max_new_tokens}")
        agree_values(len(new_text), max_new_tokens, "how many characters the new text has, one for each token")
