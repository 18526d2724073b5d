"""Visible checks of lab `finetuning`."""

import numpy as np

from autograder.testing import agree, checks, leaves_unchanged, raises, repeatable
from reference import finetuning

# Question and answer of part 2: prompt, response, end token.
PROMPT, RESPONSE, END = [31, 4, 15], [92, 65], 2


@checks("pretraining_loss", weight=0.45)
def test_pl_hand(student, rng):
    """The three words of part 1, guessed with 1/2 and 1/4, cost 1.0397 nats; the last row has no answer."""
    the_cat_sat = np.array([0, 1, 2])
    logits = np.log(np.array([[0.25, 0.5, 0.25], [0.25, 0.5, 0.25], [0.1, 0.1, 0.8]]))
    agree(student.pretraining_loss, finetuning.pretraining_loss, logits, the_cat_sat)


@checks("pretraining_loss", weight=0.45)
def test_pl(student, rng):
    """A text of six tokens, out of a vocabulary of four, costs what torch says."""
    agree(student.pretraining_loss, finetuning.pretraining_loss, rng.normal(size=(6, 4)), np.array([3, 0, 0, 2, 1, 3]))


@checks("pretraining_loss", weight=0.45)
def test_pl_perfect(student, rng):
    """A model that is sure of each next token, and right, has a loss of 0."""
    token_ids = np.array([2, 0, 3, 3, 1])
    logits = np.zeros((5, 4))
    logits[np.arange(4), token_ids[1:]] = 1000.0
    agree(student.pretraining_loss, finetuning.pretraining_loss, logits, token_ids)


@checks("pretraining_loss", weight=0.45)
def test_pl_sure(student, rng):
    """A model that's sure of a wrong next token has a large, finite loss: its logits are 1000 apart."""
    logits = np.array([[1000.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 0.0]])
    agree(student.pretraining_loss, finetuning.pretraining_loss, logits, np.array([2, 2, 1]))


@checks("pretraining_loss", weight=0.45, conduct=True)
def test_pl_short(student, rng):
    """A text of one token, or of none, has no next token: it raises a ValueError."""
    for length in (1, 0):
        raises(student.pretraining_loss, np.zeros((length, 4)), np.zeros(length, dtype=int))


@checks("pretraining_loss", weight=0.45, conduct=True)
def test_pl_unchanged(student, rng):
    """Your function leaves logits and ids as they were, and gives the same loss when it's called again."""
    logits, token_ids = rng.normal(size=(5, 4)), np.array([2, 0, 3, 3, 1])
    leaves_unchanged(student.pretraining_loss, logits, token_ids)
    repeatable(student.pretraining_loss, logits, token_ids)


@checks("build_sft_example", weight=0.4)
def test_se(student, rng):
    """The example of part 2: of the prompt's three tokens two labels are ignored, and three labels count."""
    agree(student.build_sft_example, finetuning.build_sft_example, PROMPT, RESPONSE, END)


@checks("build_sft_example", weight=0.4)
def test_se_eos(student, rng):
    """The end token is the last label, and no input."""
    agree(student.build_sft_example, finetuning.build_sft_example, [8, 3, 3, 7], [5, 6, 1], 9)


@checks("build_sft_example", weight=0.4)
def test_se_same(student, rng):
    """What's ignored is decided by the place: tokens of the prompt, and the end token, count again in the response."""
    agree(student.build_sft_example, finetuning.build_sft_example, [5, 9, 6], [6, 9, 5], 9)


@checks("build_sft_example", weight=0.4)
def test_se_small(student, rng):
    """After a prompt of one token there's no label to ignore, and id 0 is a token like any other."""
    agree(student.build_sft_example, finetuning.build_sft_example, [0], [4], 2)
    agree(student.build_sft_example, finetuning.build_sft_example, [3, 0], [0], 0)


@checks("build_sft_example", weight=0.4)
def test_se_ignore_index(student, rng):
    """With ignore_index=-1, the labels to ignore are -1."""
    agree(student.build_sft_example, finetuning.build_sft_example, PROMPT, RESPONSE, END, ignore_index=-1)


@checks("build_sft_example", weight=0.4, conduct=True)
def test_se_empty(student, rng):
    """An empty response raises a ValueError, and so does an empty prompt."""
    raises(student.build_sft_example, PROMPT, [], END)
    raises(student.build_sft_example, [], RESPONSE, END)


@checks("build_sft_example", weight=0.4, conduct=True)
def test_se_unchanged(student, rng):
    """Your function leaves both lists as they were, and gives the same when it's called again."""
    leaves_unchanged(student.build_sft_example, list(PROMPT), list(RESPONSE), END)
    repeatable(student.build_sft_example, list(PROMPT), list(RESPONSE), END)


@checks("sft_loss", weight=0.55)
def test_sl_hand(student, rng):
    """The two examples of part 3, three labels and two, cost 8 ln 2 / 5 = 1.1090 nats."""
    probs = np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.5, 0.125, 0.125]])
    logits = np.log(np.array([[probs[0], probs[0], probs[0]], [probs[0], probs[1], probs[1]]]))
    agree(student.sft_loss, finetuning.sft_loss, logits, np.array([[0, 1, 2], [0, 1, -100]]))


@checks("sft_loss", weight=0.55)
def test_sl(student, rng):
    """Two examples with ignored prompts and padding cost what torch says."""
    labels = np.array([[-100, -100, 4, 0, 2], [-100, 3, 2, -100, -100]])
    agree(student.sft_loss, finetuning.sft_loss, rng.normal(size=(2, 5, 6)), labels)


@checks("sft_loss", weight=0.55)
def test_sl_ignore_index(student, rng):
    """With ignore_index=-1 or 999, it's that label which doesn't count."""
    logits = rng.normal(size=(2, 3, 4))
    for ignore_index in (-1, 999):
        labels = np.array([[ignore_index, 3, 0], [ignore_index, 2, ignore_index]])
        agree(student.sft_loss, finetuning.sft_loss, logits, labels, ignore_index=ignore_index)


@checks("sft_loss", weight=0.55)
def test_sl_many_tokens(student, rng):
    """In a vocabulary of 150 tokens, the label -100 isn't the 100th token from the end."""
    labels = np.array([[-100, -100, 140, 7], [-100, 50, -100, -100]])
    agree(student.sft_loss, finetuning.sft_loss, rng.normal(size=(2, 4, 150)), labels)


@checks("sft_loss", weight=0.55)
def test_sl_sure(student, rng):
    """A model that's sure of a wrong token has a large, finite loss: its logits are 1000 apart."""
    logits = np.array([[[1000.0, 0.0, 0.0], [0.0, 2.0, 1.0]]])
    agree(student.sft_loss, finetuning.sft_loss, logits, np.array([[1, 1]]))


@checks("sft_loss", weight=0.55, conduct=True)
def test_sl_none(student, rng):
    """A batch in which no label counts raises a ValueError."""
    for vocabulary in (4, 150):
        raises(student.sft_loss, rng.normal(size=(2, 3, vocabulary)), np.full((2, 3), -100))


@checks("sft_loss", weight=0.55, conduct=True)
def test_sl_unchanged(student, rng):
    """Your function leaves logits and labels as they were, and gives the same loss when it's called again."""
    logits, labels = rng.normal(size=(2, 3, 4)), np.array([[-100, 3, 0], [-100, 2, -100]])
    leaves_unchanged(student.sft_loss, logits, labels)
    repeatable(student.sft_loss, logits, labels)
