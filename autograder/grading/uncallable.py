"""The failures of stubs that we can't call: why, and what the student can do about it."""

import difflib
from collections.abc import Sequence

from autograder.model import pitfalls
from autograder.model.results import Outcome
from autograder.testing.exports import Message
from autograder.testing.rendering import a
from autograder.testing.student import StubFailure

# How many of the notebook's functions to search for a renamed stub. Each name costs about 20 µs per check.
MAX_NAMES = 500


def not_called_again(stub: str, timeouts: int) -> str:
    """Return the message that a stub's remaining checks show once it has timed out too many times."""
    if timeouts == 1:
        return f"{stub} ran out of time before it returned anything, so it wasn't called again."
    return f"{stub} has timed out {timeouts} times, so it wasn't called again."


def not_run(stub: str, failure: StubFailure) -> StubFailure:
    """Return the failure for a stub whose defining cell failed."""
    verb = "can't run yet" if failure.slip == pitfalls.CANNOT_RUN else "didn't run"
    message = f"The cell that defines {stub} {verb}: {failure.message}"
    return StubFailure(failure.outcome, message, failure.exception, failure.bases, failure.slip, called=False)


def replaced(stub: str, reply: Message) -> StubFailure | None:
    """Return the failure for a stub whose name now refers to something other than a function; None if nothing has that
    name."""
    kind = reply.get("holds")
    if not isinstance(kind, str):
        return None
    kind = "array" if kind == "ndarray" else kind[:100]
    message = f"{stub} isn't a function anymore, because your notebook has given that name to {a(kind)}."
    return StubFailure(Outcome.ERROR, message, slip=pitfalls.OVERWRITTEN, called=False)


def undefined(stub: str, others: Sequence[str], message: str) -> StubFailure:
    """Return the failure for a stub that the notebook doesn't define.

    If a function in `others` has a similar name, the failure asks whether the stub was renamed; otherwise it says
    `message`.
    """
    names = list(dict.fromkeys(others))[:MAX_NAMES]
    if close := difflib.get_close_matches(stub, names, n=1, cutoff=0.75):
        message = f"The notebook has no function {stub}. Was it renamed to {close[0]}? Rename it back to {stub}."
        return StubFailure(Outcome.UNSOLVED, message, slip=pitfalls.RENAMED)
    return StubFailure(Outcome.UNSOLVED, message)
