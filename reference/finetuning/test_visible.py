"""Visible checks for the `finetuning` lab."""

import numpy as np

from autograder.testing import agree, checks, example, leaves_unchanged, raises, reference_value, repeatable
from reference import finetuning

# The ids in part 2's example: the prompt, the response and the end token.
PROMPT, RESPONSE, END = [31, 4, 15], [92, 65], 2

# The partial credit for an answer that's right except for a shape, a convention, or one token at an edge.
MORE_THAN_HALF = 0.6


def tokens(rng, *texts):
    """Return these lists of ids or, when fresh numbers are requested, lists with different ids. Equal ids stay equal,
    and 0 stays 0."""

    def draw(rng):
        ids = np.unique([each for ids in texts for each in ids if each != 0]).tolist()
        other = {0: 0, **dict(zip(ids, (100 + rng.permutation(400)).tolist(), strict=False))}
        return [[other[each] for each in ids] for ids in texts]

    return example(rng, list(texts), draw)


def scale(rng):
    """Return a factor for scaling logits that are 1000 apart."""
    return example(rng, 1.0, lambda rng: rng.uniform(1.0, 1.5))


def in_bits(nats):
    return nats / np.log(2)


def in_base_10(nats):
    return nats / np.log(10)


def pretraining_agrees(student, logits, token_ids):
    """Require the mean of the T - 1 surprisals.

    Give partial credit for their sum, a different unit, or one guess too many or too few.
    """
    guesses = len(token_ids) - 1

    def loss_of(*text):
        return reference_value(finetuning.pretraining_loss, (text, {}))

    others = [
        lambda mean: mean * guesses,
        lambda mean: mean * guesses / len(token_ids),
        in_bits,
        in_base_10,
        lambda _: loss_of(np.vstack([logits, logits[-1:]]), np.append(token_ids, token_ids[0])),
        lambda mean: loss_of(logits[1:], token_ids[1:]) if guesses > 1 else 0.0 * mean,
    ]
    agree(student.pretraining_loss, finetuning.pretraining_loss, logits, token_ids, apart_from=others)


def example_agrees(student, prompt, response, end, **options):
    """Require the right inputs and labels.

    Give partial credit for one label too many or too few, a missing end token, a different value for ignored labels, or
    the order or format that some libraries use.
    """
    ignore = options.get("ignore_index", -100)
    full, ignored = [*prompt, *response, end], [ignore] * len(prompt)
    inputs, labels = full[:-1], [*ignored[1:], *response, end]
    others = [
        (inputs, [*ignored, *full[len(prompt) + 1 :]]),
        (inputs, [*ignored[2:], *full[max(len(prompt) - 1, 1) :]]),
        (inputs[:-1], labels[:-1]),
        (inputs, labels[:-1]),
        (inputs, [*labels[:-1], ignore]),
        (full, [*labels, ignore]),
        (full, labels),
        (full, [*ignored, *response, end]),
        (labels, inputs),
        {"input_ids": inputs, "labels": labels},
        *((inputs, [mark] * (len(prompt) - 1) + labels[len(prompt) - 1 :]) for mark in (0, -1, -100)),
    ]
    agree(
        student.build_sft_example,
        finetuning.build_sft_example,
        prompt,
        response,
        end,
        apart_from=[lambda _, other=other: other for other in others],
        **options,
    )


def sft_agrees(student, logits, labels, **options):
    """Require the mean over all the labels that count.

    Give partial credit for the sum, the sum divided by the number of examples, a different unit, or leaving out token
    0.
    """
    ignore = options.get("ignore_index", -100)
    counted = np.sum(labels != ignore)

    def without_token_0(mean):
        kept = np.where(labels == 0, ignore, labels)
        if np.all(kept == ignore):
            return 0.0 * mean
        return reference_value(finetuning.sft_loss, ((logits, kept), {"ignore_index": ignore}))

    others = [
        lambda mean: mean * counted,
        lambda mean: mean * counted / len(labels),
        in_bits,
        in_base_10,
        without_token_0,
    ]
    agree(student.sft_loss, finetuning.sft_loss, logits, labels, apart_from=others, **options)


@checks("pretraining_loss", weight=0.45, share=MORE_THAN_HALF)
def test_pl_hand(student, rng):
    """In part 1's example, the next words get probabilities of 1/2 and 1/4, so the loss is 1.0397 nats. The last row of
    logits doesn't affect the loss."""
    the_cat_sat = np.array([0, 1, 2])
    logits = np.log(np.array([[0.25, 0.5, 0.25], [0.25, 0.5, 0.25], [0.1, 0.1, 0.8]]))
    pretraining_agrees(student, example(rng, logits), the_cat_sat)


@checks("pretraining_loss", weight=0.45, share=MORE_THAN_HALF)
def test_pl(student, rng):
    """Your loss agrees with torch's for a text of six tokens from a vocabulary of four."""
    pretraining_agrees(student, rng.normal(size=(6, 4)), np.array([3, 0, 0, 2, 1, 3]))


@checks("pretraining_loss", weight=0.45, share=MORE_THAN_HALF)
def test_pl_perfect(student, rng):
    """A model that's certain of every next token and always right has a loss of 0."""
    token_ids = np.array([2, 0, 3, 3, 1])
    logits = np.zeros((5, 4))
    logits[np.arange(4), token_ids[1:]] = 1000.0 * scale(rng)
    pretraining_agrees(student, logits, token_ids)


@checks("pretraining_loss", weight=0.45, share=MORE_THAN_HALF)
def test_pl_sure(student, rng):
    """A model that's certain of a wrong next token, with logits 1000 apart, has a large but finite loss."""
    logits = np.array([[1000.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 0.0]])
    pretraining_agrees(student, scale(rng) * logits, np.array([2, 2, 1]))


@checks("pretraining_loss", weight=0.45, conduct=True)
def test_pl_short(student, rng):
    """With only one token, or none, there's nothing to predict, so your function raises ValueError."""
    for length in (1, 0):
        raises(student.pretraining_loss, example(rng, np.zeros((length, 4))), np.zeros(length, dtype=int))


@checks("pretraining_loss", weight=0.45, conduct=True)
def test_pl_unchanged(student, rng):
    """Your function doesn't change the logits or ids, and gives the same loss when it's called again."""
    logits, token_ids = rng.normal(size=(5, 4)), np.array([2, 0, 3, 3, 1])
    leaves_unchanged(student.pretraining_loss, logits, token_ids)
    repeatable(student.pretraining_loss, logits, token_ids)


@checks("build_sft_example", weight=0.4, share=MORE_THAN_HALF)
def test_se(student, rng):
    """In the example from part 2, where the prompt has three tokens, two labels are ignored and three count."""
    prompt, response, [end] = tokens(rng, PROMPT, RESPONSE, [END])
    example_agrees(student, prompt, response, end)


@checks("build_sft_example", weight=0.4, share=MORE_THAN_HALF)
def test_se_eos(student, rng):
    """The end token is the last label, but not an input."""
    prompt, response, [end] = tokens(rng, [8, 3, 3, 7], [5, 6, 1], [9])
    example_agrees(student, prompt, response, end)


@checks("build_sft_example", weight=0.4, share=MORE_THAN_HALF)
def test_se_same(student, rng):
    """Only a label's position decides whether it's ignored: a prompt token or the end token still counts if it's in the
    response."""
    prompt, response, [end] = tokens(rng, [5, 9, 6], [6, 9, 5], [9])
    example_agrees(student, prompt, response, end)


@checks("build_sft_example", weight=0.4, share=MORE_THAN_HALF)
def test_se_small(student, rng):
    """With a prompt of one token, there are no labels to ignore. An id of 0 is treated like any other."""
    for texts in (([0], [4], [2]), ([3, 0], [0], [0])):
        prompt, response, [end] = tokens(rng, *texts)
        example_agrees(student, prompt, response, end)


@checks("build_sft_example", weight=0.4, share=MORE_THAN_HALF)
def test_se_ignore_index(student, rng):
    """If ignore_index is -1, the ignored labels are -1."""
    prompt, response, [end] = tokens(rng, PROMPT, RESPONSE, [END])
    example_agrees(student, prompt, response, end, ignore_index=-1)


@checks("build_sft_example", weight=0.4, conduct=True)
def test_se_empty(student, rng):
    """An empty response raises ValueError, and so does an empty prompt."""
    prompt, response, [end] = tokens(rng, PROMPT, RESPONSE, [END])
    raises(student.build_sft_example, prompt, [], end)
    raises(student.build_sft_example, [], response, end)


@checks("build_sft_example", weight=0.4, conduct=True)
def test_se_unchanged(student, rng):
    """Your function doesn't change either list, and gives the same example when it's called again."""
    prompt, response, [end] = tokens(rng, PROMPT, RESPONSE, [END])
    leaves_unchanged(student.build_sft_example, prompt, response, end)
    repeatable(student.build_sft_example, prompt, response, end)


@checks("sft_loss", weight=0.55, share=MORE_THAN_HALF)
def test_sl_hand(student, rng):
    """In the batch from part 3, three labels count in one example and two in the other, so the loss is 8 ln 2 / 5 =
    1.1090 nats."""
    probs = np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.5, 0.125, 0.125]])
    logits = np.log(np.array([[probs[0], probs[0], probs[0]], [probs[0], probs[1], probs[1]]]))
    sft_agrees(student, example(rng, logits), np.array([[0, 1, 2], [0, 1, -100]]))


@checks("sft_loss", weight=0.55, share=MORE_THAN_HALF)
def test_sl(student, rng):
    """Your loss agrees with torch's for two examples with ignored labels before, between and after the ones that
    count, and for a batch that also has an example whose labels are all ignored."""
    labels = np.array([[-100, -100, 4, 0, 2], [-100, 3, -100, 2, -100], [-100, -100, -100, -100, -100]])
    logits = rng.normal(size=(3, 5, 6))
    sft_agrees(student, logits[:2], labels[:2])
    sft_agrees(student, logits, labels)


@checks("sft_loss", weight=0.55, share=MORE_THAN_HALF)
def test_sl_ignore_index(student, rng):
    """If ignore_index is -1 or 999, or a token's id such as 4, labels with that value don't count."""
    logits = rng.normal(size=(2, 3, 5))
    for ignore_index in (-1, 4, 999):
        labels = np.array([[ignore_index, 3, 0], [ignore_index, 2, ignore_index]])
        sft_agrees(student, logits, labels, ignore_index=ignore_index)


@checks("sft_loss", weight=0.55, share=MORE_THAN_HALF)
def test_sl_many_tokens(student, rng):
    """Even with a vocabulary of 150 tokens, a label of -100 is ignored, not used to look up the 100th token from the
    end."""
    labels = np.array([[-100, -100, 140, 7], [-100, 50, -100, -100]])
    sft_agrees(student, rng.normal(size=(2, 4, 150)), labels)


@checks("sft_loss", weight=0.55, share=MORE_THAN_HALF)
def test_sl_sure(student, rng):
    """If a guess has a logit 1000 above the rest, its loss is 0 if it's right and 1000 nats if it's wrong."""
    logits = scale(rng) * np.array([[[1000.0, 0.0, 0.0], [0.0, 2.0, 1.0]]])
    for labels in ([[0, 1]], [[1, 1]]):
        sft_agrees(student, logits, np.array(labels))


@checks("sft_loss", weight=0.55, conduct=True)
def test_sl_none(student, rng):
    """A batch where every label is ignored raises ValueError."""
    for vocabulary in (4, 150):
        raises(student.sft_loss, rng.normal(size=(2, 3, vocabulary)), np.full((2, 3), -100))


@checks("sft_loss", weight=0.55, conduct=True)
def test_sl_unchanged(student, rng):
    """Your function doesn't change the logits or labels, and gives the same loss when it's called again."""
    logits, labels = rng.normal(size=(2, 3, 4)), np.array([[-100, 3, 0], [-100, 2, -100]])
    leaves_unchanged(student.sft_loss, logits, labels)
    repeatable(student.sft_loss, logits, labels)
