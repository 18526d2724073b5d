"""Remember the conversations that checks have had with workers, so that a check doesn't have to run again to reach a
verdict that it has already reached.

A check's seed fixes what it sends first, and what it sends next depends only on that and on the worker's messages so
far. So all the conversations of one check with one seed form a tree that branches wherever two workers said something
different. If a worker says nothing new from beginning to end, the check's verdict is the one from last time. If it says
something new, takes too long or ends, the check runs, and starts with what has already been said. A worker gets the
same frames either way, and the notebook is charged for the same things. Only the answers come sooner.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autograder.grading.execution import Run
from autograder.guest import limits
from autograder.model.results import Outcome
from autograder.sandbox.worker import Exchange, Worker
from autograder.testing.exports import VALUE_BYTES, ExportTable, Message
from autograder.testing.student import Answer, Call, Connection, Source

# We remember conversations until they take up this many bytes in total. Then we start over. Longer ones than
# `MAX_BYTES` aren't remembered. A turn takes up `TURN_BYTES` in addition to its messages.
MAX_BYTES, MAX_REMEMBERED, TURN_BYTES = 1024 * 1024, 64 * 1024 * 1024, 512
# We send requests one after another for this share of a request's time limit before we read the worker's clock and its
# output, because reading them takes as long as answering a short request.
TOGETHER = 0.01


@dataclass(frozen=True, slots=True)
class End:
    """The end of a conversation: what the check found, and how much each stub answered (as in `Spent`)."""

    run: Run
    answered: Counter[str]


@dataclass(slots=True)
class Turn:
    """A point in the conversations of one check at which the check has something to send.

    sent: the frame that it sends; None if the conversation ends here. is_request: whether the frame is a request rather
    than an answer to the worker. draws: whether the request asks for repeated draws. served_seconds: what the notebook
    is charged for that answer. after: the turn that comes after each message from the worker.
    """

    sent: bytes | None = None
    is_request: bool = True
    draws: bool = False
    served_seconds: float = 0.0
    after: dict[bytes, "Turn"] = field(default_factory=dict)
    end: End | None = None


@dataclass
class KnownConversation:
    """A conversation with a worker in which we send what a check sent in earlier ones.

    turn: the point that the conversation has reached; None as soon as the worker does anything new. exchanges: what has
    been said so far. served_seconds: what the notebook is charged for the answers to the latest requests.
    """

    turn: Turn | None
    exchanges: list[Exchange] = field(default_factory=list)
    served_seconds: float = 0.0

    @property
    def goes_on(self) -> bool:
        return self.turn is not None and self.turn.sent is not None

    @property
    def draws(self) -> bool:
        """Whether the next request asks for repeated draws."""
        return self.turn is not None and self.turn.draws

    @property
    def end(self) -> End | None:
        """The end that it has reached; None if it hasn't reached a known end."""
        return self.turn.end if self.turn is not None else None

    def send_requests(self, worker: Worker, seconds: float) -> None:
        """Send the next request, and those with the same limit after it until they've taken `TOGETHER` of the limit.

        For each of them, the worker's time may not exceed `seconds`, and neither may what the notebook is charged for
        answers.
        """
        assert self.turn is not None
        assert self.turn.sent is not None
        self.served_seconds = charged = 0.0
        draws = self.draws

        def following(payload: bytes, waited: float) -> tuple[bytes, bool] | None:
            nonlocal charged
            self.turn = turn = self.turn.after.get(payload) if self.turn is not None else None
            if turn is None or turn.sent is None:
                return None
            if turn.is_request:
                charged = 0.0
                enough = turn.draws != draws or waited + self.served_seconds > TOGETHER * seconds
                return None if enough else (turn.sent, True)
            charged += turn.served_seconds
            self.served_seconds += turn.served_seconds
            if charged > seconds:
                self.turn = None
                return None
            return turn.sent, False

        said = worker.follow(self.turn.sent, seconds, following)
        self.exchanges += said
        if isinstance(said[-1].result, Exception):
            self.turn = None


@dataclass
class Recording:
    """A conversation while it takes place.

    is_complete: whether it can be remembered. lost_its_place: whether the check sent something else when an earlier
    conversation was repeated to it. draws: whether the latest request asks for repeated draws. answered: at the end,
    how much each stub answered.
    """

    is_complete: bool = True
    lost_its_place: bool = False
    draws: bool = False
    answered: Counter[str] = field(default_factory=Counter)
    turns: list[tuple[Turn, bytes]] = field(default_factory=list)
    size: int = 0
    _served_seconds: float = 0.0

    def charge(self, seconds: float) -> None:
        """Take note of what the notebook is charged for the next answer."""
        self._served_seconds = seconds

    def add(self, sent: bytes, payload: bytes, is_request: bool) -> None:
        """Add a frame to the worker and the payload that came next."""
        self.size += len(sent) + len(payload) + TURN_BYTES
        if self.size > MAX_BYTES:
            self.drop()
        if self.is_complete:
            served_seconds = 0.0 if is_request else self._served_seconds
            self.turns.append((Turn(sent, is_request, self.draws, served_seconds), payload))

    def drop(self) -> None:
        self.is_complete = False
        self.turns.clear()


@dataclass
class Conversations:
    """The conversations of each check with each seed."""

    _first: dict[tuple[str, int], Turn] = field(default_factory=dict)
    _varying: set[tuple[str, int]] = field(default_factory=set)
    _bytes: int = 0

    def first_turn(self, name: str, seed: int) -> Turn | None:
        """Return the first turn of all conversations of a check with a seed; None if none is remembered."""
        return self._first.get((name, seed))

    def forget(self, name: str, seed: int) -> None:
        """Never remember the conversations of this check, because it isn't deterministic."""
        self._varying.add((name, seed))
        self._first.pop((name, seed), None)

    def remember(self, name: str, seed: int, recording: Recording, run: Run) -> None:
        """Add a conversation with what the check found, unless another notebook that gives the same answers might get a
        different verdict."""
        if (name, seed) in self._varying or not recording.turns or not _is_final(run):
            return
        size = recording.size + recording.answered.total() + _size_of_arguments(run.calls)
        if size > MAX_BYTES:
            return
        if self._bytes + size > MAX_REMEMBERED:
            self._first.clear()
            self._bytes = 0
        turn = self._first.setdefault((name, seed), Turn())
        for said, payload in recording.turns:
            if turn.end is not None or turn.sent not in (None, said.sent):
                self.forget(name, seed)
                return
            turn.sent, turn.is_request, turn.draws = said.sent, said.is_request, said.draws
            turn.served_seconds = said.served_seconds
            turn = turn.after.setdefault(payload, Turn())
        if turn.sent is not None:
            self.forget(name, seed)
            return
        turn.end = End(replace(run, calls=_without_connections(run.calls)), recording.answered)
        self._bytes += size


def _is_final(run: Run) -> bool:
    """Return whether any other notebook that gives the same answers would get the same verdict.

    The text of an error may depend on the notebook's other cells.
    """
    is_sure = run.verdict.outcome in (Outcome.PASSED, Outcome.FAILED) and not run.verdict.crashed
    return is_sure and all(isinstance(each.answer, Answer) for each in run.calls)


def _size_of_arguments(calls: Sequence[Call]) -> int:
    """Return about how much memory the arguments of calls and of their callbacks take up, not counting arrays and text,
    because we count those as parts of messages."""
    asked = [each.answer.asked for each in calls if isinstance(each.answer, Answer)]
    try:
        return VALUE_BYTES * sum(map(limits.count, [*(each.arguments for each in calls), *asked]))
    except limits.WireError:
        return MAX_BYTES


class _NoConnection(Connection):
    """The connection of streams that are only kept to tell them apart."""

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        raise AssertionError("a stream of an earlier conversation")


def _without_connections(calls: Sequence[Call]) -> Sequence[Call]:
    """Return the calls with streams that don't keep the notebook's connection alive. Equal streams stay one object."""
    streams: dict[int, Source] = {}

    def stream(source: Source) -> Source:
        return streams.setdefault(id(source), replace(source, connection=_NoConnection(), exports=ExportTable()))

    found = []
    for call in calls:
        answer = call.answer
        if isinstance(answer, Answer) and isinstance(answer.value, Source):
            answer = replace(answer, value=stream(answer.value))
        found.append(replace(call, answer=answer, stream=stream(call.stream) if call.stream else None))
    return found
