"""`keep("probs", probs)` in a stub: a self-check looks at what was kept, and names the first step that's wrong.

It's here, and not where notebooks' pictures are, because it works beside a student's code, in a worker as in a kernel.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from autograder.guest import values
from autograder.guest.limits import refuse_large
from autograder.guest.messages import CallReply, Message

# What one call may keep, in bytes: few enough that no answer becomes too large to be sent for it.
MAX_KEPT_BYTES = 64 * 1024
MAX_NAME = 100

_kept: dict[str, bytes] | None = None


def keep(name: str, value: Any) -> None:
    """Keep a step on the way to your answer, so that `check` can say which one is the first that's wrong.

    name: what the notebook calls the step. value: a number or an array of any shape, or a list of them; it's copied, so
    change it later as you like. A name kept again replaces what was kept before. Does nothing when graded and outside
    of a check. Raises nothing; what can't be sent, or is too large, isn't kept.
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
    """Put what is kept meanwhile into the reply, encoded, if it's wanted."""
    global _kept
    _kept = {} if wanted else None
    try:
        yield
    finally:
        if _kept:
            reply["kept"] = _kept
        _kept = None


def kept_in(reply: Message) -> dict[str, Any]:
    """On the trusted side, what a reply says was kept, by name; nothing where it doesn't say so as it should."""
    try:
        return {str(name): values.decode(sent) for name, sent in reply.get("kept", {}).items()}
    except (values.WireError, AttributeError, TypeError):
        return {}
