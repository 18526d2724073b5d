"""How much of its limits a notebook has used so far."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Self

from autograder.model.course import Limits

# How often a stub may time out.
MAX_TIMEOUTS = 2


@dataclass
class Spent:
    """seconds: of the workers' time. served_seconds: CPU seconds for what its calls asked of us. restarts: how many
    workers it has had. answered: how much each stub has answered, in bytes plus a constant for each value. timeouts:
    how often each stub has timed out. answering: the stubs that have answered at least one call.
    """

    seconds: float = 0.0
    served_seconds: float = 0.0
    restarts: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    timeouts: Counter[str] = field(default_factory=Counter)
    answering: set[str] = field(default_factory=set)

    def copy(self) -> Self:
        return replace(
            self, answered=self.answered.copy(), timeouts=self.timeouts.copy(), answering=self.answering.copy()
        )

    def is_given_up(self, stub: str) -> bool:
        """Return whether a stub has timed out so often that we don't call it again, to save the notebook's remaining
        time for other stubs. Once is enough if it has never answered a call."""
        return self.timeouts[stub] >= (MAX_TIMEOUTS if stub in self.answering else 1)

    def seconds_left(self, limits: Limits, draws: bool) -> float:
        """Return how many seconds the next request may take; 0 or less if the notebook has used up its time.

        draws: whether it asks for repeated draws.
        """
        return min(limits.request_seconds(draws), limits.submission_seconds - self.seconds - self.served_seconds)
