"""Visible checks of lab `softmax`."""

import numpy as np

from autograder.testing import agree, checks
from reference import softmax

# Logarithms of percentages, not of probabilities: logits whose exponentials sum to 1 would hide a forgotten division.
LESSON_LOGITS = np.log([35.0, 28.0, 15.0, 8.0, 6.0, 8.0])
LESSON_PROBS = np.array([0.35, 0.28, 0.15, 0.08, 0.06, 0.08])
# Square, so that a sum taken along the wrong axis gives wrong numbers instead of numpy's complaint about shapes.
SQUARE_LOGITS = np.array([[2.0, 1.0, 0.1], [0.5, -1.0, 3.0], [-2.0, 0.4, 1.5]])
SQUARE_PROBS = np.array([[0.7, 0.2, 0.1], [0.05, 0.9, 0.05], [0.3, 0.3, 0.4]])


@checks("softmax")
def test_known(student, rng):
    """The lesson's table (mat 35 %, floor 28 %, table 15 %, ...) comes back from its logits."""
    agree(student.softmax, softmax.softmax, LESSON_LOGITS)


@checks("softmax")
def test_sum1(student, rng):
    """In a batch, every row is turned into probabilities of its own, which sum to 1."""
    agree(student.softmax, softmax.softmax, SQUARE_LOGITS)


@checks("softmax")
def test_shift(student, rng):
    """Only differences between logits count: 100 more on every one of them changes nothing."""
    agree(student.softmax, softmax.softmax, LESSON_LOGITS + 100.0)


@checks("log_softmax")
def test_ls_match(student, rng):
    """For the lesson's logits it is the logarithm of the lesson's table."""
    agree(student.log_softmax, softmax.log_softmax, LESSON_LOGITS)


@checks("log_softmax")
def test_ls_rows(student, rng):
    """In a batch, every row is worked out on its own."""
    agree(student.log_softmax, softmax.log_softmax, SQUARE_LOGITS)


@checks("softmax_with_temperature")
def test_t1_identity(student, rng):
    """Temperature 1 leaves the lesson's table as it is."""
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, LESSON_LOGITS, 1.0)


@checks("softmax_with_temperature")
def test_t_low(student, rng):
    """At temperature 0.1 "mat" gets 90.29 % and "floor" still 9.69 %: almost always, not always."""
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, LESSON_LOGITS, 0.1)


@checks("softmax_with_temperature")
def test_t_high(student, rng):
    """At temperature 2 the lesson's table is flatter, and still sums to 1."""
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, LESSON_LOGITS, 2.0)


@checks("softmax_with_temperature")
def test_t_order(student, rng):
    """In every row of a batch the likeliest token gains as the temperature falls from 2 to 1, 0.5 and 0.1."""
    for temperature in (2.0, 1.0, 0.5, 0.1):
        agree(student.softmax_with_temperature, softmax.softmax_with_temperature, SQUARE_LOGITS, temperature)


@checks("entropy")
def test_e_uniform(student, rng):
    """Eight equally likely words have an entropy of ln 8, about 2.079 nats."""
    agree(student.entropy, softmax.entropy, np.full(8, 1 / 8))


@checks("entropy")
def test_e_lesson(student, rng):
    """The lesson's table has an entropy of 1.581 nats."""
    agree(student.entropy, softmax.entropy, LESSON_PROBS)


@checks("entropy")
def test_e_rows(student, rng):
    """A batch of three distributions has three entropies, one a row."""
    agree(student.entropy, softmax.entropy, SQUARE_PROBS)
