"""Hidden and robustness checks of the `start` lab."""

from autograder.testing import agree, checks, leaves_unchanged, repeatable
from reference import start


@checks("row_means", kind="hidden")
def test_fresh(student, rng):
    """Your means are right for other tables, too, whatever their size."""
    for shape in ((4, 5), (2, 7), (6, 3)):
        agree(student.row_means, start.row_means, rng.normal(loc=1, scale=5, size=shape))


@checks("row_means", kind="hidden")
def test_fresh_square(student, rng):
    """With other square tables, you still return the mean of each row, not of each column."""
    agree(student.row_means, start.row_means, rng.normal(loc=1, scale=5, size=(4, 4)))


@checks("row_means", kind="hidden")
def test_fresh_whole(student, rng):
    """You don't round the means of other integer tables, either, and a 0 counts like any other number."""
    # Each row has an even number of entries and an odd sum, so no mean is a whole number by chance.
    for columns in (2, 4, 6):
        table = odd_rows(rng, 5, columns)
        table[0, -1] = 0
        agree(student.row_means, start.row_means, table)


@checks("row_means", kind="hidden")
def test_one_row(student, rng):
    """For a table with one row, you return an array with one number."""
    agree(student.row_means, start.row_means, rng.normal(loc=1, scale=5, size=(1, 6)))


@checks("row_means", kind="robustness")
def test_one_column(student, rng):
    """In a table with one column, each number is its own row's mean."""
    agree(student.row_means, start.row_means, rng.normal(loc=1, scale=5, size=(5, 1)))


@checks("row_means", kind="robustness", conduct=True)
def test_pure(student, rng):
    """The table isn't modified."""
    leaves_unchanged(student.row_means, rng.normal(loc=1, scale=5, size=(3, 4)))
    leaves_unchanged(student.row_means, odd_rows(rng, 3, 4))


@checks("row_means", kind="robustness", conduct=True)
def test_repeat(student, rng):
    """A second call with the same table gives the same means."""
    repeatable(student.row_means, rng.normal(loc=1, scale=5, size=(3, 4)))


def odd_rows(rng, rows, columns):
    table = 2 * rng.integers(-9, 10, size=(rows, columns))
    table[:, 0] += 1
    return table
