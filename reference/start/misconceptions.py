"""Wrong answers to the stubs of lab `start`."""

import numpy as np

from autograder.testing import misconception


@misconception(
    of="row_means",
    hint="These are the means of the columns: the axis that is named is the one that disappears, and here the rows "
    "have to stay. See part 3.",
)
def column_means(table):
    return table.mean(axis=0)


@misconception(
    of="row_means",
    hint="All numbers of the table go into a single mean; one mean is wanted for each row. See part 3, on what an axis "
    "does.",
)
def one_mean_of_everything(table):
    return table.mean()


@misconception(
    of="row_means",
    hint="Each row is added up, but a mean is that sum divided by how many numbers the row has. See the example by "
    "hand in part 4.",
)
def row_sums(table):
    return table.sum(axis=1)


@misconception(
    of="row_means",
    hint="The means are right, but they stand in a column of shape (N, 1): the axis was kept, and here it should "
    "disappear. See keepdims in part 3.",
)
def means_in_a_column(table):
    return table.mean(axis=1, keepdims=True)


@misconception(
    of="row_means",
    hint="The division rounds down to whole numbers; Python has two divisions, and only one of them keeps fractions. "
    "See part 2.",
)
def division_that_rounds_down(table):
    return table.sum(axis=1) // table.shape[1]


@misconception(
    of="row_means",
    hint="Everything after the decimal point is thrown away, as happens when a fraction is put into whole numbers. See "
    "dtype in part 2.",
)
def fractions_cut_off(table):
    means = np.zeros(len(table), dtype=int)
    for i in range(len(table)):
        means[i] = table[i].mean()
    return means


@misconception(
    of="row_means",
    hint="The means are rounded to whole numbers, and nobody asked for that: 1.5 hours are neither 1 nor 2.",
)
def rounded_means(table):
    return np.round(table.mean(axis=1))


@misconception(
    of="row_means",
    hint="The sums are divided by 4 whatever the table; the notebook's table has four columns, others have not.",
)
def always_divides_by_4(table):
    return table.sum(axis=1) / 4


@misconception(
    of="row_means",
    hint="The sum of a row is divided by the number of rows; it has to be the number of numbers in a row, and the two "
    "are the same only in a square table.",
)
def divides_by_the_number_of_rows(table):
    return table.sum(axis=1) / len(table)


@misconception(
    of="row_means",
    hint="The sum of a row is divided by the number of all numbers in the table; only those of the row itself count.",
)
def divides_by_the_size_of_the_table(table):
    return table.sum(axis=1) / table.size


@misconception(
    of="row_means",
    hint="Only the first row is answered: a return ends the function at once, also in the middle of a loop; mind how "
    "far it is indented.",
)
def returns_inside_the_loop(table):
    means = []
    for row in table:
        means.append(row.mean())
        return means
    return means


@misconception(
    of="row_means",
    hint="The last column is left out, as happens when a range or a slice ends one too early; it already stops before "
    "its end.",
)
def leaves_out_the_last_column(table):
    return np.array([sum(row[:-1]) / max(len(row) - 1, 1) for row in table])


@misconception(
    of="row_means",
    hint="The first column is left out: Python counts from 0, not from 1. See part 2.",
)
def leaves_out_the_first_column(table):
    return np.array([sum(row[1:]) / max(len(row) - 1, 1) for row in table])


@misconception(
    of="row_means",
    hint="This is the median, the number in the middle; the mean is the sum divided by the count.",
)
def row_medians(table):
    return np.median(table, axis=1)


@misconception(
    of="row_means",
    hint="The results are written into the table that was handed in, so whoever called has lost theirs, and in a table "
    "of whole numbers the fractions too; put them into an array of your own.",
)
def writes_into_the_table(table):
    for i in range(len(table)):
        table[i] = table[i].mean()
    return table[:, 0].copy()


@misconception(
    of="row_means",
    hint="Dividing in place changes the table that was handed in, and fails on whole numbers; a new array costs "
    "nothing.",
)
def divides_in_place(table):
    table /= table.shape[1]
    return table.sum(axis=1)


@misconception(
    of="row_means",
    hint="The numbers come back one by one, divided but not added up; each row should end as a single number.",
)
def divides_without_adding(table):
    return table / table.shape[1]
