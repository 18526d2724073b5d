"""Remember which cells of a notebook failed, and say where an undefined name should come from."""

import re
from collections.abc import Mapping

from autograder.model import pitfalls
from autograder.model.submission import Cell
from autograder.testing.student import StubFailure

# How many different words of failed cells we look up names in. A notebook can hold millions, but any that a person
# wrote has far fewer.
MAX_WORDS = 100_000
# How much of a failed cell's message to repeat. It may repeat another one's, and so on, for thousands of cells.
MAX_CAUSE = 2_000
# What to do if no cell defines a name.
SPELLING = "Check the spelling, or add a cell that defines it."
_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined(?! during grading)")
_WORD = re.compile(r"\b[^\W\d]\w*")
_STAR_IMPORT = re.compile(r"^[ \t]*from[ \t]+\S+[ \t]+import[ \t]*\*", re.MULTILINE)


def undefined_name(failure: StubFailure) -> str | None:
    """Return the name that a NameError is about; None for any other failure, or if the message already says why."""
    found = _UNDEFINED.match(failure.message)
    return found[1] if found else None


def where_to_define(name: str, definitions: Mapping[str, Cell], cell: Cell | None) -> str:
    """Return a sentence that says which cell should define a name, or that none does.

    definitions: the last cell that defines each name. cell: the cell that needs it; None if it's a call.
    """
    if cell is None:
        return f"No code cell of this notebook defines {name}. {SPELLING}"
    if (later := definitions.get(name)) is not None and later.number > cell.number:
        return f"Code cell {later.number} defines {name}. Move it above code cell {cell.number}."
    return f"No code cell above code cell {cell.number} defines {name}. {SPELLING}"


class FailedCells:
    """The cells that failed, each with its failure. A cell's words are looked up once, when it fails."""

    def __init__(self) -> None:
        self._failures: dict[int, StubFailure] = {}
        self._first_with: dict[str, Cell] = {}
        # By the name that the cell itself lacks.
        self._first_star_imports: dict[str | None, Cell] = {}

    @property
    def failures(self) -> Mapping[int, StubFailure]:
        """The failures by the cell's number."""
        return self._failures

    def add(self, cell: Cell, failure: StubFailure) -> None:
        self._failures[cell.number] = failure
        lacking = undefined_name(failure)
        for found in _WORD.finditer(cell.source):
            if len(self._first_with) >= MAX_WORDS:
                break
            if found[0] != lacking:
                self._first_with.setdefault(found[0], cell)
        if _STAR_IMPORT.search(cell.source):
            self._first_star_imports.setdefault(lacking, cell)

    def meant_to_define(self, name: str) -> Cell | None:
        """Return the failed cell that should have defined a name: the first one that mentions it, or else the first one
        with a star import.

        Skip cells that failed because the name was missing.
        """
        if name in self._first_with:
            return self._first_with[name]
        return next((cell for lacking, cell in self._first_star_imports.items() if lacking != name), None)

    def blame(self, failure: StubFailure, name: str, label: str) -> bool:
        """Add to a NameError which failed cell should have defined the name, and return whether there is one.

        label: what such a cell is called, such as "Code cell {}". If the cell failed because a package isn't available,
        the failure also gets that cell's pitfall.
        """
        if (cell := self.meant_to_define(name)) is None:
            return False
        cause, called = self._failures[cell.number], label.format(cell.number)
        why = cause.message[:MAX_CAUSE]
        failure.message += f"\n{called} was probably meant to define {name}, but it didn't run: {why}"
        failure.slip = cause.slip if cause.slip == pitfalls.PACKAGE else failure.slip
        return True
