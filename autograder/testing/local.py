"""Functions in this process that stand in for a student's: references, misconceptions, alternatives, or functions that
a test defines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.guest import values as wire
from autograder.guest.calls import CallServer
from autograder.testing.exports import Arguments, ExportTable, Message, serve
from autograder.testing.student import Answer, Connection

# For this many draws or more, draw them all at once from the function's known distribution.
MANY_DRAWS = 50


@dataclass(frozen=True)
class LocalConnection(Connection):
    """A connection to functions in this process. Their values still go through the wire encoding.

    distributions: for samplers, a function of the same arguments that returns the probabilities (V,) they draw with.
    """

    functions: Mapping[str, Callable[..., Any]]
    distributions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    _servers: dict[ExportTable, CallServer] = field(default_factory=dict)

    def call(
        self,
        stub: str,
        arguments: Arguments,
        draws: int | None = None,
        in_order: bool = True,
        encoded: bytes | None = None,
    ) -> Answer:
        if draws is not None and draws >= MANY_DRAWS and not in_order and stub in self.distributions:
            return Answer(_drawn(self.distributions[stub], arguments, draws))
        return super().call(stub, arguments, draws, in_order, encoded)

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        server = self._servers.setdefault(
            exports, CallServer(lambda message: serve(message, no_givens, exports), _no_label)
        )
        with np.errstate(all="ignore"):
            return wire.unpack(server.answer(self.functions, request)[wire.HEADER.size :])


def _drawn(distribution: Callable[..., Any], arguments: Arguments, draws: int) -> list[int]:
    args, kwargs = arguments
    rng = next(value for value in [*args, *kwargs.values()] if isinstance(value, np.random.Generator))
    probabilities = np.asarray(distribution(*args, **kwargs), dtype=np.float64)
    drawn: list[int] = rng.choice(len(probabilities), size=draws, p=probabilities).tolist()
    return drawn


def no_givens(stub: str, _arguments: Arguments) -> None:
    """Reject any request for a given function. Raises ImportError."""
    raise ImportError(f"{stub} isn't a given here")


def _no_label(_file_name: str) -> None:
    """Return None: functions in this process aren't in a notebook cell."""
