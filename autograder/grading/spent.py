"""How much of its limits a notebook has used so far."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Self

from autograder.model.course import Limits


@dataclass
class Spent:
    """seconds: of the workers' time. served_seconds: CPU seconds for what its calls asked of us. restarts: how many
    workers it has had. answered: how much each stub has answered, in bytes plus a constant for each value. timeouts:
    how often each stub has timed out.
    """

    seconds: float = 0.0
    served_seconds: float = 0.0
    restarts: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    timeouts: Counter[str] = field(default_factory=Counter)

    def copy(self) -> Self:
        return replace(self, answered=self.answered.copy(), timeouts=self.timeouts.copy())

    def seconds_left(self, limits: Limits, draws: bool) -> float:
        """Return how many seconds the next request may take; 0 or less if the notebook has used up its time.

        draws: whether it asks for repeated draws.
        """
        return min(limits.request_seconds(draws), limits.submission_seconds - self.seconds - self.served_seconds)
