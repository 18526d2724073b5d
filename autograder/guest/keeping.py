"""Let a stub record its steps with `keep("probs", probs)`, so that a self-check can say which step goes wrong first.

This module isn't in `notebook` with the pictures, because it has to work wherever a student's code runs: in a worker or
in a kernel.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from autograder.guest import values
from autograder.guest.limits import refuse_large
from autograder.guest.messages import CallReply, Message

# The maximum number of bytes that one call can keep. It's low enough that kept steps never make a reply too large to
# send.
MAX_KEPT_BYTES = 64 * 1024
MAX_NAME = 100

_kept: dict[str, bytes] | None = None


def keep(name: str, value: Any) -> None:
    """Keep an intermediate step of your answer, so that `check` can tell you which step went wrong first.

    name: what the notebook calls the step. Keeping the same name again replaces the earlier value.
    value: a number, an array of any shape, or a list of them. It's copied, so you can change it later.

    Does nothing during grading or outside a check. Never raises: a value that can't be sent, or is too large, isn't
    kept.
    """
    if _kept is None:
        return
    text = name[:MAX_NAME] if isinstance(name, str) else type(name).__name__
    _kept.pop(text, None)
    with contextlib.suppress(values.WireError):
        refuse_large(value)
        sent = values.encode(value)
        if sum(MAX_NAME + len(each) for each in _kept.values()) + MAX_NAME + len(sent) <= MAX_KEPT_BYTES:
            _kept[text] = sent


@contextlib.contextmanager
def keeping(reply: CallReply, wanted: bool) -> Iterator[None]:
    """Return a context that, if `wanted`, encodes the steps kept inside it and adds them to the reply."""
    global _kept
    _kept = {} if wanted else None
    try:
        yield
    finally:
        if _kept:
            reply["kept"] = _kept
        _kept = None


def kept_in(reply: Message) -> dict[str, Any]:
    """Return the kept steps in a reply, by name, on the trusted side. If they're malformed, return an empty dict."""
    try:
        return {str(name): values.decode(sent) for name, sent in reply.get("kept", {}).items()}
    except (values.WireError, AttributeError, TypeError):
        return {}
