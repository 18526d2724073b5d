"""Call a stub in the kernel the way grading would."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.guest.calls import CallServer
from autograder.guest.import_policy import ImportPolicy
from autograder.selfcheck.notebook_state import Message, sources


class CheckerEnded(Exception):
    """There's no checker to talk to. The message is a sentence."""


def answer(server: CallServer, namespace: dict[str, Any], message: Message) -> bytes:
    """Call a stub, or get its stream's next item, the way grading does; return the frame of the reply."""
    stub = message["stub"]
    policy = _policy(**{name: tuple(packages) for name, packages in message["packages"].items()})
    cells = tuple(sources())
    missing, fallbacks = _changed(policy, cells, stub)
    function = namespace.get(stub) if stub not in missing or policy.defined(cells, stub) else None
    stubs = {stub: policy.explaining(stub, function, missing) if callable(function) else function}
    with policy.closed(namespace, missing, fallbacks):
        return server.answer(stubs, message)


# Cached because a check may make hundreds of calls, all with the same policy.
@functools.lru_cache(maxsize=1)
def _policy(allowed: Sequence[str], inert: Sequence[str]) -> ImportPolicy:
    return ImportPolicy(allowed, inert)


@functools.lru_cache(maxsize=1)
def _changed(policy: ImportPolicy, cells: Sequence[str], stub: str) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    return policy.missing(cells, stub), policy.fallbacks(cells)
