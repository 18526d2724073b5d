"""nbgrader's usual preprocessors for making exercises, except that they don't touch cells that hold answers to items.

nbgrader's configuration imports this module, even for grading commands, so the module loads nothing but nbgrader.
"""

from typing import Any

from nbgrader import utils
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"  # nbgrader looks for lines that contain these


class ClearAnswers(ClearSolutions):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's `ClearSolutions`, except that it doesn't touch cells that hold answers to items, because there's
    nothing in them to clear."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Return the cell without its solution."""
        if utils.is_solution(cell) and cell.cell_type == "code" and BEGIN not in cell.source:
            return cell, resources
        cleared: tuple[Any, Any] = super().preprocess_cell(cell, resources, cell_index)
        return cleared


PREPROCESSORS = [
    ClearAnswers if each is ClearSolutions else each for each in GenerateAssignment.preprocessors.default_args[0]
]
