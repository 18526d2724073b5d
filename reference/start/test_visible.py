"""Visible checks of the `start` lab."""

import numpy as np

from autograder.testing import agree, checks, example
from reference import start

# The notebook's table of hours. Its row means, column means, row medians and overall mean are all different.
HOURS = np.array([[1.0, 2.0, 3.0, 6.0], [0.0, 1.0, 0.0, 3.0], [2.0, 4.0, 5.0, 5.0]])
# A square table, so using the wrong axis gives wrong numbers rather than a wrong shape.
SQUARE = np.array([[2.0, 4.0, 9.0], [1.0, 1.0, 4.0], [3.0, 7.0, 8.0]])
# For negative numbers, truncating and rounding down give different results. Thirds never have an exact decimal.
WHOLE = np.array([[1, 2, 2], [-3, -4, -1]])
# A 0 counts like any other number.
ONE_ROW = np.array([[0, 1, 2, 4]])


def hours(rng):
    return np.round(rng.uniform(0.0, 8.0, HOURS.shape), 2)


def whole(rng):
    left = rng.integers(1, 9, 2) * [1, -1]
    return np.column_stack([left, left + np.array([1, -1]), left + np.array([1, -1])])


def one_row(rng):
    return np.array([[0, *rng.integers(1, 9, 3)]])


@checks("row_means")
def test_hours(student, rng):
    """On average, Ada, Ben and Cleo practiced 3, 1 and 4 hours a day."""
    agree(student.row_means, start.row_means, example(rng, HOURS, hours))


@checks("row_means")
def test_square(student, rng):
    """For a square table, you return the mean of each row, not of each column."""
    agree(student.row_means, start.row_means, example(rng, SQUARE))


@checks("row_means")
def test_whole(student, rng):
    """If a table holds integers, you don't round the means, whether they're positive or negative. If it has only one
    row, you still return an array."""
    agree(student.row_means, start.row_means, example(rng, WHOLE, whole))
    agree(student.row_means, start.row_means, example(rng, ONE_ROW, one_row))
