"""nbgrader's preprocessors for making exercises: the usual ones, except for cells with the answer to an item.

nbgrader's configuration imports this, even for commands that grade, so it loads nothing but nbgrader.
"""

from typing import Any

from nbgrader import utils
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"  # what nbgrader looks for in a line


class ClearAnswers(ClearSolutions):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's `ClearSolutions`, except that it leaves cells for items' answers alone, because they contain nothing
    to clear."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Return the cell without its solution."""
        if utils.is_solution(cell) and cell.cell_type == "code" and BEGIN not in cell.source:
            return cell, resources
        cleared: tuple[Any, Any] = super().preprocess_cell(cell, resources, cell_index)
        return cleared


PREPROCESSORS = [
    ClearAnswers if each is ClearSolutions else each for each in GenerateAssignment.preprocessors.default_args[0]
]
