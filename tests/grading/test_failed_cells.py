"""Which failed cell is blamed for an undefined name, and how much work it takes to find it."""

from collections import Counter
from typing import ClassVar

import pytest

from autograder.grading.failed_cells import MAX_WORDS, FailedCells
from autograder.model.results import Outcome
from autograder.model.submission import Cell
from autograder.testing.student import StubFailure


def lacks(name):
    return StubFailure(Outcome.ERROR, f"NameError: name '{name}' is not defined\n  in code cell 1, line 1: {name}")


BROKE = StubFailure(Outcome.ERROR, "ZeroDivisionError: division by zero")
STAR, LATER_STAR = Cell(1, "from pandas import *"), Cell(4, "if x:\n    from  sympy  import*")


@pytest.mark.parametrize(
    ("cells", "blamed"),
    [
        ([], None),
        ([(Cell(2, "rate = 1 / 0"), BROKE), (Cell(3, "rate = 2"), BROKE)], 2),
        ([(Cell(2, "rates = 1"), BROKE), (Cell(3, "a = 1; rate=2"), BROKE)], 3),
        ([(Cell(2, "print(rate)"), lacks("rate")), (Cell(3, "rate = x"), lacks("x"))], 3),
        ([(STAR, BROKE), (Cell(3, "rate = 2"), BROKE)], 3),
        ([(STAR, BROKE), (LATER_STAR, BROKE)], 1),
        ([(STAR, lacks("rate")), (LATER_STAR, BROKE)], 4),
        ([(Cell(2, "# from pandas import *"), BROKE), (Cell(3, "from\nx import *"), BROKE)], None),
    ],
)
def test_the_cell_to_blame(cells, blamed):
    failed = FailedCells()
    for cell, failure in cells:
        failed.add(cell, failure)
    found = failed.meant_to_define("rate")
    assert (found and found.number) == blamed
    assert dict(failed.failures) == {cell.number: failure for cell, failure in cells}


class Watched:
    """A cell that counts how often it's read."""

    read: ClassVar[Counter] = Counter()

    def __init__(self, number, source):
        self.number, self._source = number, source

    @property
    def source(self):
        Watched.read[self.number] += 1
        return self._source


def test_no_cell_is_searched_again_for_each_name():
    failed = FailedCells()
    for number in range(1_000):
        failed.add(Watched(number, f"print(name_{number})"), lacks(f"name_{number}"))
    before = Watched.read.copy()
    for number in range(1_000):
        assert failed.meant_to_define(f"name_{number}") is None
    assert Watched.read == before
    assert max(before.values()) <= 2


def test_a_megabyte_of_empty_lines_is_searched_in_no_time():
    failed = FailedCells()
    failed.add(Cell(1, "\n" * 1_000_000 + "from x\n"), BROKE)
    assert failed.meant_to_define("rate") is None


def test_the_number_of_words_is_limited():
    failed = FailedCells()
    failed.add(Cell(1, "\n".join(f"a{number}" for number in range(MAX_WORDS + 10))), BROKE)
    assert failed.meant_to_define(f"a{MAX_WORDS - 1}") is not None
    assert failed.meant_to_define(f"a{MAX_WORDS}") is None


def test_a_long_chain_of_cells_that_need_each_other_has_messages_of_limited_length():
    failed = FailedCells()
    for number in range(1, 2_000):
        failure = lacks(f"x{number - 1}")
        failed.blame(failure, f"x{number - 1}", "Code cell {}")
        failed.add(Cell(number, f"x{number} = x{number - 1}"), failure)
    assert max(len(each.message) for each in failed.failures.values()) < 3_000
