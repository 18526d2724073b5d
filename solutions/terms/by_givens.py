"""Attempts to solve a stub of the `terms` lab with the grader's own code: the objects that the checks pass in already
hold each piece of text and how long it takes to arrive.

The answers to the quiz items are read, not run, so there are no such attempts for them.
"""

from autograder.testing import shortcut


@shortcut(of="log_stream")
def reads_the_streams_own_script(increments, clock):
    import itertools

    return list(zip(itertools.accumulate(increments.waits), increments.pieces, strict=True))


@shortcut(of="log_stream")
def asks_the_clocks_owner(increments, clock):
    stream = clock.__self__
    return [(sum(stream.waits[: place + 1]), text) for place, text in enumerate(stream.pieces)]
