"""Read answers to an assessment's items: literals in a notebook's cells, parsed without running anything.

softmax_item_round = 2
softmax_item = 0.245, "bd"
"""

import ast
import warnings
from dataclasses import dataclass
from typing import Any

# The maximum number of characters allowed in a cell with an answer, since we parse it no matter how large the literals
# are.
LONGEST = 4_000
# The maximum number of digits in a whole number. Python takes quadratic time to write long ones out, and refuses to if
# they're very long, as numbers in hex can be.
MOST_DIGITS = 100
MOST_ROUNDS = 10**6


class NotWrittenDown(Exception):
    """A cell's answer isn't a plain value. `str()` says what to do about it."""


@dataclass(frozen=True)
class WrittenAnswer:
    """The answer that a cell gives to an item: its value (None if there's no answer yet), and the round it's for."""

    value: Any
    round: int = 1


def round_name(item: str) -> str:
    """Return the name of the variable that says which round an item's cell answers."""
    return f"{item}_round"


def read_answer(source: str, item: str) -> WrittenAnswer:
    """Return the last answer that a cell gives to an item. Raises NotWrittenDown."""
    if len(source) > LONGEST:
        raise NotWrittenDown(f"The cell for {item} is too long. Leave only the answer in it. {_write_down(item)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as the warning about "\\d", which is harmless here
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise NotWrittenDown(f"The cell for {item} isn't valid Python{line}. {_write_down(item)}") from None
    number = _value(_assigned(body, round_name(item)), 1)
    if type(number) is not int or not 1 <= number <= MOST_ROUNDS:
        raise NotWrittenDown(f"{round_name(item)} has to be a whole number, 1 for the first round.")
    expression = _assigned(body, item)
    if expression is not None and any(map(_is_long_number, ast.walk(expression))):
        raise NotWrittenDown(
            f"The cell for {item} has a number of more than {MOST_DIGITS} digits, and no answer is that long. "
            f"{_write_down(item)}"
        )
    value = _value(expression, None)
    if value is _COMPUTED:
        raise NotWrittenDown(_write_down(item))
    return WrittenAnswer(value, number)


def _write_down(item: str) -> str:
    return (
        f'Write the value down: {item} takes plain numbers and letters, such as {item} = 0.245, "bd". Your code isn\'t '
        "run to find it, so work it out in a different cell and copy the result."
    )


_COMPUTED = object()


def _assigned(body: list[ast.stmt], name: str) -> ast.expr | None:
    """Return the expression in the cell's last assignment to a name, or None.

    A function with that name or an augmented assignment to it isn't a plain value either. For those, return a bare
    name.
    """
    found: ast.expr | None = None
    for statement in body:
        if isinstance(statement, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == name for target in statement.targets):
                found = statement.value
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            if isinstance(statement.target, ast.Name) and statement.target.id == name:
                found = statement.value if isinstance(statement, ast.AnnAssign) else ast.Name(name)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
            found = ast.Name(name)
    return found


def _is_long_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value >= 10**MOST_DIGITS


def _value(node: ast.expr | None, missing: Any) -> Any:
    if node is None:
        return missing
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, OverflowError):
        return _COMPUTED
