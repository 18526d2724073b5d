"""Functions of this process in a student's place: references, misconceptions, alternatives, and what tests write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.guest import values as wire
from autograder.guest.calls import CallServer
from autograder.testing.exports import Arguments, ExportTable, Message, serve
from autograder.testing.student import Answer, Connection

# From this many draws on, a function whose distribution is known is drawn from that, in one go.
MANY_DRAWS = 50


@dataclass(frozen=True)
class LocalConnection(Connection):
    """Functions of this process in a student's place; values still go through the wire's encoding.

    distributions: for samplers among them, the probabilities (V,) they draw with, as a function of the same arguments.
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
    """Answer a function that gets no givens. Raises ImportError."""
    raise ImportError(f"{stub} isn't a given here")


def _no_label(_file_name: str) -> None:
    """Functions of this process are in no cell."""
