"""Hidden and robustness checks for the `finetuning` lab."""

import numpy as np

from autograder.testing import agree_values, checks, leaves_unchanged, raises, repeatable
from reference.finetuning.test_visible import MORE_THAN_HALF, example_agrees, pretraining_agrees, sft_agrees


def text(rng, length, vocabulary):
    """Draw logits (T, V) and ids (T,) for a text that no visible check uses."""
    return rng.normal(scale=2.0, size=(length, vocabulary)), rng.integers(0, vocabulary, size=length)


def ids(rng, count, vocabulary=1_000):
    return rng.integers(1, vocabulary, size=count).tolist()


def prompt_and_response(rng, *lengths):
    """Draw ids for a prompt and a response of the given lengths that have no id in common."""
    drawn = iter(rng.choice(np.arange(1, 1_000), size=sum(lengths), replace=False).tolist())
    return [[next(drawn) for _ in range(length)] for length in lengths]


def batch(rng, shape, ignore_index=-100):
    """Draw logits (B, T, V) and labels (B, T). About half the labels are ignored, but the very first and the very last
    always count."""
    labels = rng.integers(0, shape[-1], size=shape[:2])
    labels[rng.random(shape[:2]) < 0.5] = ignore_index
    labels[0, 0], labels[-1, -1] = rng.integers(0, shape[-1], size=2)
    return rng.normal(scale=2.0, size=shape), labels


# --- pretraining_loss ---


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_fresh(student, rng):
    """Your loss agrees with torch's, whether the text has more tokens than the vocabulary or fewer."""
    for length, vocabulary in ((9, 4), (4, 9), (6, 30)):
        pretraining_agrees(student, *text(rng, length, vocabulary))


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_square(student, rng):
    """You don't mix up the axes, even when there are as many positions as tokens in the vocabulary."""
    pretraining_agrees(student, *text(rng, 5, 5))


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_lastlogit(student, rng):
    """The last row of logits doesn't count, whatever it contains, because no token in the text comes after it."""
    logits, token_ids = text(rng, 6, 5)
    for scale in (1.0, 300.0):
        last = rng.normal(scale=scale, size=(1, 5))
        pretraining_agrees(student, np.vstack([logits[:-1], last]), token_ids)


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_firsttok(student, rng):
    """The first token is never predicted, so it doesn't matter which token comes first."""
    logits, token_ids = text(rng, 6, 5)
    for first in range(5):
        pretraining_agrees(student, logits, np.append(first, token_ids[1:]))


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_two(student, rng):
    """In a text of two tokens, there's only one token to predict."""
    pretraining_agrees(student, *text(rng, 2, 7))


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_mean(student, rng):
    """If every guess gives all tokens the same probability, the loss is ln V, however long the text is."""
    for length in (2, 5, 12):
        pretraining_agrees(student, np.zeros((length, 8)), text(rng, length, 8)[1])


@checks("pretraining_loss", kind="hidden", share=MORE_THAN_HALF)
def test_pl_sure_fresh(student, rng):
    """If the model is certain of a wrong next token, that guess has a large but finite loss. If the model is certain of
    the right one, the loss is 0."""
    logits = np.array([[1000.0, 0.0, 0.0], [0.0, 1000.0, 0.0], [0.0, 0.0, 0.0]])
    pretraining_agrees(student, logits, np.array([2, 2, 1]))
    pretraining_agrees(student, logits, np.array([1, 0, 2]))


@checks("pretraining_loss", kind="robustness", share=MORE_THAN_HALF)
def test_pl_long(student, rng):
    """Your loss agrees with torch's for a text of hundreds of tokens from a large vocabulary."""
    pretraining_agrees(student, *text(rng, 300, 200))


@checks("pretraining_loss", kind="robustness", conduct=True)
def test_pl_short_fresh(student, rng):
    """A text with only one token, or none, raises ValueError, because there's no next token to predict."""
    for length in (1, 0):
        raises(student.pretraining_loss, *text(rng, length, 4))


@checks("pretraining_loss", kind="robustness", conduct=True)
def test_pl_pure(student, rng):
    """The logits and the text aren't modified."""
    leaves_unchanged(student.pretraining_loss, *text(rng, 5, 4))


@checks("pretraining_loss", kind="robustness", conduct=True)
def test_pl_repeat(student, rng):
    """A second call with the same text gives the same loss."""
    repeatable(student.pretraining_loss, *text(rng, 5, 4))


# --- build_sft_example ---


@checks("build_sft_example", kind="hidden", share=MORE_THAN_HALF)
def test_se_fresh(student, rng):
    """The inputs and labels are right, whether the prompt is longer than the response, shorter, or just as long."""
    for lengths in ((2, 6), (7, 3), (4, 4)):
        example_agrees(student, *prompt_and_response(rng, *lengths), 1_000)


@checks("build_sft_example", kind="hidden", share=MORE_THAN_HALF)
def test_se_one(student, rng):
    """If the prompt is a single token, no labels are ignored. If the response is a single token, two labels count."""
    for lengths in ((1, 1), (1, 4), (4, 1)):
        example_agrees(student, *prompt_and_response(rng, *lengths), 1_000)


@checks("build_sft_example", kind="hidden")
def test_se_count(student, rng):
    """However long the prompt and response are, the number of labels that count is one more than the number of response
    tokens."""
    for _ in range(20):
        prompt, response = rng.integers(1, 12, size=2)
        _, labels = student.build_sft_example(ids(rng, prompt), ids(rng, response), 1_000)
        counts = [sum(int(each) != -100 for each in labels), len(labels)]
        agree_values(counts, [int(response) + 1, int(prompt + response)], "labels that count, and labels in total")


@checks("build_sft_example", kind="hidden", share=MORE_THAN_HALF)
def test_se_ign(student, rng):
    """The ignored labels can be marked with an ignore_index other than -100."""
    for ignore_index in (-1, -7, 5_000):
        example_agrees(student, *prompt_and_response(rng, 4, 3), 1_000, ignore_index=ignore_index)


@checks("build_sft_example", kind="hidden", share=MORE_THAN_HALF)
def test_se_same_fresh(student, rng):
    """Tokens that occur in both the prompt and the response count only in the response."""
    shared = rng.permutation(np.arange(1, 7)).tolist()
    example_agrees(student, shared, shared[::-1], 9)
    example_agrees(student, [5, 5, 5, 5], [5, 5, 5], 9)


@checks("build_sft_example", kind="hidden", share=MORE_THAN_HALF)
def test_se_eos_inside(student, rng):
    """An end token inside the prompt, such as one after an earlier answer, is ignored, but the one at the end still
    counts."""
    for prompt in ([4, 9, 6, 8], [9, 4, 6, 8], [4, 6, 8, 9], [4, 9, 9, 9]):
        example_agrees(student, prompt, ids(rng, 3, 9), 9)
    example_agrees(student, [4, 6, 8], [3, 9, 5], 9)


@checks("build_sft_example", kind="hidden", share=MORE_THAN_HALF)
def test_se_zero(student, rng):
    """An id of 0 is treated like any other id, in the prompt, in the response, and as the end token."""
    example_agrees(student, [0, 4, 0], [0, 6, 0], 3)
    example_agrees(student, ids(rng, 3), ids(rng, 2), 0)


@checks("build_sft_example", kind="robustness", share=MORE_THAN_HALF)
def test_se_large(student, rng):
    """Ids from a large vocabulary come back unchanged."""
    prompt, response = rng.integers(60_000, 200_000, size=(2, 5)).tolist()
    example_agrees(student, prompt, response, 199_999)


@checks("build_sft_example", kind="robustness", conduct=True)
def test_se_empty_fresh(student, rng):
    """A question without an answer raises ValueError."""
    raises(student.build_sft_example, ids(rng, 3), [], 1_000)


@checks("build_sft_example", kind="robustness", conduct=True)
def test_se_empty_prompt(student, rng):
    """An answer without a question raises ValueError."""
    raises(student.build_sft_example, [], ids(rng, 3), 1_000)


@checks("build_sft_example", kind="robustness", conduct=True)
def test_se_pure(student, rng):
    """The prompt and response lists aren't modified."""
    leaves_unchanged(student.build_sft_example, ids(rng, 4), ids(rng, 3), 1_000)


@checks("build_sft_example", kind="robustness", conduct=True)
def test_se_repeat(student, rng):
    """A second call with the same prompt and response gives the same example."""
    repeatable(student.build_sft_example, ids(rng, 4), ids(rng, 3), 1_000)


# --- sft_loss ---


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_fresh(student, rng):
    """Your loss agrees with torch's for batches of various shapes, wherever the ignored labels are."""
    for shape in ((2, 5, 7), (5, 2, 7), (7, 3, 2), (3, 4, 9)):
        sft_agrees(student, *batch(rng, shape))


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_square(student, rng):
    """You don't mix up examples, positions and tokens, even when there are four of each."""
    sft_agrees(student, *batch(rng, (4, 4, 4)))


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_one(student, rng):
    """Your function handles a batch with one example, even if that example has only one token."""
    sft_agrees(student, *batch(rng, (1, 6, 5)))
    sft_agrees(student, *batch(rng, (1, 1, 5)))


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_uneven(student, rng):
    """Every token has the same weight, whether its answer is long or short. An example whose labels are all ignored
    changes nothing."""
    logits = rng.normal(scale=2.0, size=(3, 7, 5))
    labels = rng.integers(0, 5, size=(3, 7))
    for kept in (1, 0):
        short = np.where(np.arange(7) < kept, labels[1], -100)
        sft_agrees(student, logits, np.array([labels[0], short, labels[2]]))


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_masked_free(student, rng):
    """The logits at ignored positions don't affect the loss."""
    logits, labels = batch(rng, (3, 6, 5))
    labels[1, 2:4] = -100
    for scale in (1.0, 100.0):
        other = rng.normal(scale=scale, size=logits.shape)
        free = np.where((labels == -100)[:, :, None], other, logits)
        sft_agrees(student, free, labels)


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_pad(student, rng):
    """Padding doesn't change the loss, whether it's at the end of a row or fills the whole row."""
    logits, labels = batch(rng, (2, 4, 6))
    padded, marked = rng.normal(scale=2.0, size=(3, 9, 6)), np.full((3, 9), -100)
    padded[:2, :4], marked[:2, :4] = logits, labels
    sft_agrees(student, logits, labels)
    sft_agrees(student, padded, marked)


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_stable(student, rng):
    """If the model is certain of a wrong token, the loss there is large but finite: it's how far the right token's
    logit is below the wrong one's."""
    logits = np.array([[[1000.0, 0.0, 0.0], [0.0, 2.0, 1.0]], [[0.0, 0.0, -900.0], [5000.0, 5001.0, 5003.0]]])
    for labels in ([[1, 1], [2, 0]], [[0, 1], [-100, 2]]):
        # Near 5000, neighboring float32 numbers are 5e-4 apart.
        sft_agrees(student, logits, np.array(labels), atol=5e-4)


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_bigv(student, rng):
    """Ignored labels don't count, even when the vocabulary has more than 100 tokens and -100 is a valid index."""
    logits, labels = batch(rng, (2, 5, 150))
    # If the same number of labels counted in each example, the mean of the examples' means would be right, too.
    labels[0], labels[1, 0] = rng.integers(0, 150, size=5), -100
    sft_agrees(student, logits, labels)


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_ign(student, rng):
    """If ignore_index has a value other than -100, labels with that value don't count."""
    for ignore_index in (-1, -7, 8, 999):
        logits, labels = batch(rng, (2, 6, 9), ignore_index)
        sft_agrees(student, logits, labels, ignore_index=ignore_index)


@checks("sft_loss", kind="hidden", share=MORE_THAN_HALF)
def test_sl_zero(student, rng):
    """0 is the id of a real token, so a label of 0 counts."""
    labels = np.array([[0, 0, -100, 3], [-100, 0, -100, 0]])
    sft_agrees(student, rng.normal(scale=2.0, size=(2, 4, 5)), labels)


@checks("sft_loss", kind="robustness", share=MORE_THAN_HALF)
def test_sl_gap(student, rng):
    """If the right token's logit is more than 1000 below the largest one, that gap is the loss in nats."""
    logits = np.array([[[720.0, 0.0, -720.0], [0.0, 1.0, 2.0]]])
    sft_agrees(student, logits, np.array([[2, -100]]))


@checks("sft_loss", kind="robustness", share=MORE_THAN_HALF)
def test_sl_all(student, rng):
    """If no label is ignored, all of them count."""
    logits, _ = batch(rng, (2, 3, 5))
    sft_agrees(student, logits, rng.integers(0, 5, size=(2, 3)))


@checks("sft_loss", kind="robustness", conduct=True)
def test_sl_none_fresh(student, rng):
    """A batch in which every label is ignored raises ValueError, even with a large vocabulary."""
    for vocabulary in (5, 150):
        raises(student.sft_loss, rng.normal(size=(2, 3, vocabulary)), np.full((2, 3), -100))


@checks("sft_loss", kind="robustness", conduct=True)
def test_sl_none_other(student, rng):
    """If every label in the batch equals ignore_index, you raise ValueError, even if ignore_index isn't -100."""
    raises(student.sft_loss, rng.normal(size=(2, 3, 5)), np.full((2, 3), -1), ignore_index=-1)


@checks("sft_loss", kind="robustness", conduct=True)
def test_sl_pure(student, rng):
    """The logits and the labels aren't modified."""
    leaves_unchanged(student.sft_loss, *batch(rng, (2, 4, 5)))


@checks("sft_loss", kind="robustness", conduct=True)
def test_sl_repeat(student, rng):
    """A second call with the same batch gives the same loss."""
    repeatable(student.sft_loss, *batch(rng, (2, 4, 5)))
