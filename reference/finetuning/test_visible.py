"""Visible checks of lab `finetuning`."""

import numpy as np

from autograder.testing import agree, checks
from reference import finetuning

# Question and answer of part 2: prompt, response, end token.
PROMPT, RESPONSE, END = [31, 4, 15], [92, 65], 2


@checks("pretraining_loss")
def test_pl_hand(student, rng):
    """The three words of part 1, guessed with 1/2 and 1/4, cost 1.0397 nats; the last row has no answer."""
    the_cat_sat = np.array([0, 1, 2])
    logits = np.log(np.array([[0.25, 0.5, 0.25], [0.25, 0.5, 0.25], [0.1, 0.1, 0.8]]))
    agree(student.pretraining_loss, finetuning.pretraining_loss, logits, the_cat_sat)


@checks("pretraining_loss")
def test_pl(student, rng):
    """A text of six tokens, out of a vocabulary of four, costs what torch says."""
    agree(student.pretraining_loss, finetuning.pretraining_loss, rng.normal(size=(6, 4)), np.array([3, 0, 0, 2, 1, 3]))


@checks("pretraining_loss")
def test_pl_perfect(student, rng):
    """A model that is sure of each next token, and right, has a loss of 0."""
    token_ids = np.array([2, 0, 3, 3, 1])
    logits = np.zeros((5, 4))
    logits[np.arange(4), token_ids[1:]] = 1000.0
    agree(student.pretraining_loss, finetuning.pretraining_loss, logits, token_ids)


@checks("build_sft_example")
def test_se(student, rng):
    """The example of part 2: of the prompt's three tokens two labels are ignored, and three labels count."""
    agree(student.build_sft_example, finetuning.build_sft_example, PROMPT, RESPONSE, END)


@checks("build_sft_example")
def test_se_eos(student, rng):
    """The end token is the last label, and no input."""
    agree(student.build_sft_example, finetuning.build_sft_example, [8, 3, 3, 7], [5, 6, 1], 9)


@checks("sft_loss")
def test_sl_hand(student, rng):
    """The two examples of part 3, three labels and two, cost 8 ln 2 / 5 = 1.1090 nats."""
    probs = np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.5, 0.125, 0.125]])
    logits = np.log(np.array([[probs[0], probs[0], probs[0]], [probs[0], probs[1], probs[1]]]))
    agree(student.sft_loss, finetuning.sft_loss, logits, np.array([[0, 1, 2], [0, 1, -100]]))


@checks("sft_loss")
def test_sl(student, rng):
    """Two examples with ignored prompts and padding cost what torch says."""
    labels = np.array([[-100, -100, 4, 1, 2], [-100, 3, 2, -100, -100]])
    agree(student.sft_loss, finetuning.sft_loss, rng.normal(size=(2, 5, 6)), labels)
