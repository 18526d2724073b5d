"""`compare("probs", probs)` in a scratch cell: compare your step with the reference's on the notebook's example."""

import sys
from typing import Any

from autograder.guest import values
from autograder.model.escaping import terminal
from autograder.selfcheck.calling import CheckerEnded
from autograder.selfcheck.kernel import checker
from autograder.selfcheck.notebook_state import functions


def compare(name: str, value: Any) -> None:
    """Print whether a step equals the reference's or is close to it, or else where it differs the most.

    name: what the notebook calls the step.
    value: your result, a number or an array, for the example that the notebook works through.

    Does nothing during grading, or inside a function that's being checked. Never raises.
    """
    if checker.is_checking:
        return
    namespace = sys._getframe(1).f_globals
    asked = {"op": "compare", "name": name, "value": value, "functions": functions(namespace)}
    try:
        print(terminal(checker.ask(asked)["text"]))
    except CheckerEnded as end:
        print(terminal(str(end)))
    except values.WireError as error:
        print(terminal(f"This value can't be compared: {error}."))
