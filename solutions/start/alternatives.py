"""Correct answers to the stubs of the `start` lab, written in different ways."""

import numpy as np

from autograder.testing import alternative


@alternative(of="row_means")
def means_along_the_last_axis(table):
    return np.mean(table, axis=-1)


@alternative(of="row_means")
def sums_divided_by_columns(table):
    return table.sum(axis=1) / table.shape[1]


@alternative(of="row_means")
def means_as_a_list(table):
    return [sum(row) / len(row) for row in table]


@alternative(of="row_means")
def means_in_a_loop(table):
    means = np.zeros(len(table))
    for i, row in enumerate(table):
        total = 0
        for number in row:
            total += number
        means[i] = total / len(row)
    return means


@alternative(of="row_means")
def means_of_the_turned_table(table):
    return table.T.mean(axis=0)


@alternative(of="row_means")
def means_by_a_matrix_product(table):
    columns = table.shape[1]
    return table @ np.full(columns, 1 / columns)


@alternative(of="row_means")
def means_as_float32(table):
    return table.astype(np.float32).mean(axis=1)


@alternative(of="row_means")
def means_kept_and_flattened(table):
    return np.average(table, axis=1, keepdims=True).ravel()


@alternative(of="row_means")
def means_along_each_row(table):
    return np.apply_along_axis(np.mean, 1, table)


@alternative(of="row_means")
def means_in_plain_python(table):
    return [sum(row) / len(row) for row in table.tolist()]
