"""Wrong answers to the stubs of the `start` lab."""

import numpy as np

from autograder.testing import misconception


@misconception(
    of="row_means",
    hint="You return the mean of each column. The axis you name is the one that disappears, and here you need to keep "
    "the rows. See part 3.",
)
def column_means(table):
    return table.mean(axis=0)


@misconception(
    of="row_means",
    hint="You take a single mean of the whole table, but each row needs its own. Part 3 explains what an axis does.",
)
def one_mean_of_everything(table):
    return table.mean()


@misconception(
    of="row_means",
    hint="You add up each row, but you don't divide. The mean of a row is its sum divided by the number of entries in "
    "it. See the example in part 4.",
)
def row_sums(table):
    return table.sum(axis=1)


@misconception(
    of="row_means",
    hint="You return the means as a column of shape (N, 1), but here the axis of length 1 should disappear. See "
    "keepdims in part 3.",
)
def means_in_a_column(table):
    return table.mean(axis=1, keepdims=True)


@misconception(
    of="row_means",
    hint="Your means are rounded down to whole numbers. Python has two division operators, and only one of them keeps "
    "fractions. See part 2.",
)
def division_that_rounds_down(table):
    return table.sum(axis=1) // table.shape[1]


@misconception(
    of="row_means",
    hint="Your means lose everything after the decimal point, maybe because you store them in an integer array. See "
    "dtype in part 2.",
)
def fractions_cut_off(table):
    means = np.zeros(len(table), dtype=int)
    for i in range(len(table)):
        means[i] = table[i].mean()
    return means


@misconception(
    of="row_means",
    any_of={"decimals": (0, 1, 2)},
    hint="You round the means, so most of them are a little off: 7 hours in 3 days aren't exactly 2.33 a day. Return "
    "them unrounded.",
)
def rounded_means(table, *, decimals):
    return np.round(table.mean(axis=1), decimals)


@misconception(
    of="row_means",
    hint="You always divide by 4. The notebook's table has four columns, but other tables may not.",
)
def always_divides_by_4(table):
    return table.sum(axis=1) / 4


@misconception(
    of="row_means",
    hint="You divide each row's sum by the number of rows. Divide it by the number of entries in the row. The two "
    "numbers are the same only in a square table.",
)
def divides_by_the_number_of_rows(table):
    return table.sum(axis=1) / len(table)


@misconception(
    of="row_means",
    hint="You divide each row's sum by the size of the whole table. Divide it by the number of entries in that row.",
)
def divides_by_the_size_of_the_table(table):
    return table.sum(axis=1) / table.size


@misconception(
    of="row_means",
    hint="You only return the mean of the first row. If you have a loop, check the indentation of your return, because "
    "a return ends the function right away.",
)
def returns_inside_the_loop(table):
    means = []
    for row in table:
        means.append(row.mean())
        return means
    return means


@misconception(
    of="row_means",
    hint="You leave out the last column. A range or slice already excludes its end, so you don't need to subtract "
    "anything.",
)
def leaves_out_the_last_column(table):
    return np.array([sum(row[:-1]) / max(len(row) - 1, 1) for row in table])


@misconception(
    of="row_means",
    hint="You leave out the first column. Python counts from 0, not from 1. See part 2.",
)
def leaves_out_the_first_column(table):
    return np.array([sum(row[1:]) / max(len(row) - 1, 1) for row in table])


@misconception(
    of="row_means",
    hint="You return each row's median, the number in the middle. The mean is the sum divided by the count.",
)
def row_medians(table):
    return np.median(table, axis=1)


@misconception(
    of="row_means",
    hint="If the table holds integers, your fractions are lost. That happens when you write the results into the table "
    "itself or into an array of the same dtype. Make a new array of floats, and leave the caller's table alone.",
)
def writes_into_the_table(table):
    for i in range(len(table)):
        table[i] = table[i].mean()
    return table[:, 0].copy()


@misconception(
    of="row_means",
    hint="You divide in place, which changes the caller's array, or raises an error if it holds integers. Make a new "
    "array.",
)
def divides_in_place(table):
    table /= table.shape[1]
    return table.sum(axis=1)


@misconception(
    of="row_means",
    hint="You divide the numbers but don't add them up. Each row should end up as a single number.",
)
def divides_without_adding(table):
    return table / table.shape[1]


@misconception(
    of="row_means",
    hint="You only count the numbers that aren't 0, so a day without practice doesn't lower the mean. A 0 is an entry "
    "like any other: divide by the number of entries in the row.",
)
def zeros_not_counted(table):
    return table.sum(axis=1) / np.maximum(np.count_nonzero(table, axis=1), 1)


@misconception(
    of="row_means",
    hint="You sort the means. Keep them in the order of the rows, so that the caller knows which mean is whose.",
)
def sorted_means(table):
    return np.sort(table.mean(axis=1))


@misconception(
    of="row_means",
    hint="You don't start again at 0 for each row, so its total still contains the rows above it.",
)
def running_total(table):
    return np.cumsum(table.sum(axis=1)) / table.shape[1]


@misconception(
    of="row_means",
    hint="Your means mix numbers from different rows. Reshaping a table doesn't swap its rows and columns: it takes "
    "the numbers in reading order and cuts them into rows of a different length.",
)
def reshaped_rather_than_transposed(table):
    rows, columns = table.shape
    return table.reshape(columns, rows).mean(axis=0)


@misconception(
    of="row_means",
    hint="For a table with one row, you return a bare number. It should be an array with one number in it. If you "
    "squeeze the answer, that drops every axis of length 1, including the one for the rows.",
)
def one_row_as_a_bare_number(table):
    return np.squeeze(table.mean(axis=1))
