"""Connect checks to a submission: run its cells in a worker, and send calls to its functions there."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf

from autograder.grading import heartbeat
from autograder.grading.answers import written_answer
from autograder.grading.content import refused_in_stubs, with_parameters
from autograder.grading.conversations import MAX_BYTES, KnownConversation, Recording, Turn
from autograder.grading.execution import Run
from autograder.grading.failed_cells import FailedCells, undefined_name, where_to_define
from autograder.grading.given_process import GivenLine
from autograder.grading.spent import Spent
from autograder.grading.uncallable import not_called_again, not_run, replaced, undefined
from autograder.guest import limits
from autograder.guest import values as wire
from autograder.guest.messages import Violation
from autograder.model.course import Course, Lab
from autograder.model.examinee import Examinee
from autograder.model.results import Outcome
from autograder.model.submission import Cell, Submission, lab_of
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.patience import Patience
from autograder.sandbox.unconfined import PlainProcesses
from autograder.sandbox.worker import NotRepeated, Worker, WorkerDied, WorkerKilled, WorkerTimeout
from autograder.testing.exports import VALUE_BYTES, ExportTable, Givens, Message, TooMuchAsked, serve
from autograder.testing.local import no_givens
from autograder.testing.student import Answer, Connection, StubFailure, raised

MAX_RESTARTS = 50
# All calls in one frame may take this share of the limit for a single call.
TOGETHER_SHARE = 0.1
# The limit on the total size of one stub's answers, since the checks keep all of them. Each answer counts as the bytes
# received plus `VALUE_BYTES` per value.
MAX_ANSWERED = 32 * 1024 * 1024


class _ServedTooLong(Exception):
    """The givens and the functions that we passed to the stub used up the call's time limit."""


class NotebookConnection(Connection):
    """A connection to a submission whose cells run in a worker.

    The worker starts with the first call. If it dies, a new one starts and skips the cell that killed it.
    """

    def __init__(
        self,
        course: Course,
        submission: Submission,
        sandbox: Sandbox | PlainProcesses,
        givens: Givens | GivenLine,
        lab: Lab | None = None,
        examinee: Examinee | None = None,
        keeps: bool = False,
        patience: Patience | None = None,
    ) -> None:
        """givens: a function that's called in this process, without limits, or a `GivenLine` to a helper process. lab:
        the lab that the submission is graded for. examinee: the student whose items it answers. patience: how long all
        of this may take; by default, as long as it likes.
        """
        self.keeps = keeps
        self._patience = patience or Patience()
        self._failed_cells = FailedCells()
        self._submission = submission
        self._sandbox = sandbox
        self._course = course
        self._limits = course.limits
        self._stubs = course.stubs
        self._givens = givens
        self._lab = lab or lab_of(submission, course)
        self._examinee = examinee or Examinee()
        self._worker: Worker | None = None
        self._spent = Spent()
        self._streaming: dict[ExportTable, Worker | None] = {}
        self._cells_one_by_one = False
        self._was_killed = False
        self._recording: Recording | None = None

    @property
    def cell_failures(self) -> Mapping[int, StubFailure]:
        """The failures of cells that didn't run to the end, by number."""
        return self._failed_cells.failures

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def written(self, stub: str) -> Answer | None:
        if stub not in self._course.items:
            return None
        self._not_remembered()
        return written_answer(self._submission.cell_of(stub), stub, self._examinee)

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        if self._spent.is_given_up(stub):
            raise StubFailure(Outcome.TIMEOUT, not_called_again(stub, self._spent.timeouts[stub]))
        if self._spent.answered[stub] > MAX_ANSWERED:
            message = f"{stub} returned more than {MAX_ANSWERED >> 20} MiB in total, so it wasn't called again."
            raise StubFailure(Outcome.VIOLATION, message)
        calling = request["op"] == "call"
        worker = self._loaded_worker if calling else functools.partial(self._streaming_worker, exports)
        request = with_parameters(self._course, request)
        try:
            reply = self._ask(worker, request, exports, in_stub=True)
        except SandboxFault:
            self._not_remembered()
            if exports.items or not calling:
                # We can't call it again: the iterators passed to it may already be used up.
                raise
            reply = self._ask(worker, request, exports, in_stub=True)
        except StubFailure as failure:
            if failure.outcome is Outcome.TIMEOUT:
                self._spent.timeouts[stub] += 1
            raise
        if isinstance(reply.get("value"), wire.Handle):
            self._streaming[exports] = self._worker
        self._spent.answering.add(stub)
        if self._worker is not None:
            self._spent.answered[stub] += self._worker.reply_bytes
        return self.understood(stub, reply)

    def answered(self, stub: str, frame: bytes, count: int) -> list[bytes] | None:
        """Send `count` calls without exports, all in one frame, and return the replies.

        Returns None if the calls have to be made one by one. The notebook is charged for the failed attempt, too, which
        is short: calls that take that long can just as well be made one by one.
        """
        if self._spent.timeouts[stub] or self._spent.answered[stub] > MAX_ANSWERED:
            return None
        limit = TOGETHER_SHARE * self._limits.call_seconds
        replies = self._asked_together(self._loaded_worker, frame, count, in_stub=True, limit=limit)
        if replies is not None:
            self._spent.answering.add(stub)
        return replies

    def _asked_together(
        self, worker: Callable[[], Worker], request: Message | bytes, count: int, in_stub: bool, limit: float = inf
    ) -> list[bytes] | None:
        """Send `count` requests in one message or frame, which may take `limit` seconds, and return the replies.

        If that fails, close the worker, which doesn't count as a restart, and return None."""
        restarts = self._spent.restarts
        try:
            reply = self._ask(worker, request, ExportTable(), in_stub, limit)
        except (StubFailure, SandboxFault, wire.WireError):
            reply = {}
        replies = reply.get("replies")
        if isinstance(replies, list) and len(replies) == count and all(type(each) is bytes for each in replies):
            return replies
        self.close()
        self._spent.restarts = restarts
        return None

    def follow(self, first: Turn) -> Run | None:
        """Send what a check sent in earlier conversations. If the worker says nothing new from beginning to end, return
        what the check found then; otherwise None.

        If we return None, the check has to run. It gets what the worker has said so far without asking again, and the
        notebook isn't charged for it until then.
        """
        worker = self._worker
        almost_full = any(each > MAX_ANSWERED - MAX_BYTES for each in self._spent.answered.values())
        if worker is None or self._spent.timeouts or almost_full:
            return None
        before, known = self._spent.copy(), KnownConversation(first)
        while known.goes_on and (seconds := self._spent.seconds_left(self._limits, known.draws)) > 0:
            heartbeat.busy_for(self._patience.seconds)
            known.send_requests(worker, seconds)
            self._spent.seconds += worker.seconds
            self._spent.served_seconds += known.served_seconds
            heartbeat.busy_for()
        if known.end is not None:
            self._spent.answered += known.end.answered
            self._spent.answering |= known.end.answered.keys()
            return known.end.run
        self._spent = before
        worker.repeat(known.exchanges)
        return None

    @contextlib.contextmanager
    def recording(self) -> Iterator[Recording]:
        """Return a context in which a check's conversation is recorded.

        If the check loses its place in what's repeated to it, we discard its result and charge the notebook for
        nothing.
        """
        before, worker = self._spent.copy(), self._worker
        self._recording = recording = Recording()
        if worker is None or self._spent.timeouts:
            recording.drop()
        else:
            worker.on_exchange = recording.add
        try:
            yield recording
        finally:
            self._recording = None
            if worker is not None:
                worker.on_exchange = None
            if worker is not None and worker.is_repeating:
                # The check ended early, and the next check must not get the rest of its conversation.
                recording.drop()
                self.close()
            if recording.lost_its_place:
                self._spent = before
            recording.answered = self._spent.answered - before.answered

    def _not_remembered(self) -> None:
        if self._recording is not None:
            self._recording.drop()

    def understood(self, stub: str, reply: Message) -> Message:
        """Return the reply to a call. Raises StubFailure if the notebook has no such function."""
        if "missing" in reply:
            raise replaced(stub, reply) or self._missing(stub)
        return reply

    def answer(self, stub: str, request: Message, exports: ExportTable) -> Answer:
        try:
            answer = super().answer(stub, request, exports)
            self._spent.answered[stub] += VALUE_BYTES * limits.count([answer.value, answer.left, answer.kept])
            return answer
        except StubFailure as failure:
            if failure.outcome is Outcome.VIOLATION:
                self.close()
            raise self.traced(failure) from None

    def traced(self, failure: StubFailure, cell: Cell | None = None) -> StubFailure:
        """Return the failure. If it's a NameError, add which cell should define the name, or that none does.

        cell: the cell that failed; None if it's a call that failed, after all the cells had run.
        """
        name = undefined_name(failure)
        if name is None or self._failed_cells.blame(failure, name, "Code cell {}"):
            return failure
        failure.message += f"\n{where_to_define(name, self._submission.definitions, cell)}"
        return failure

    def _missing(self, stub: str) -> StubFailure:
        cell = self._submission.cell_of(stub)
        if cell is not None and cell.number in self.cell_failures:
            return not_run(f"{stub} (code cell {cell.number})", self.cell_failures[cell.number])
        others = [name for name in self._submission.functions if name not in self._stubs]
        return undefined(stub, others, f"The notebook has no function {stub}; add it again under exactly this name.")

    def _loaded_worker(self) -> Worker:
        while self._worker is None:
            if self._spent.restarts >= MAX_RESTARTS:
                message = f"The notebook ended its process {MAX_RESTARTS} times, so it wasn't run again."
                raise StubFailure(Outcome.DIED, message)
            heartbeat.busy_for()
            self._patience.left()
            # If that fails, it's the sandbox's fault and doesn't count as a restart.
            self._worker = self._sandbox.start()
            self._worker.patience = self._patience
            self._spent.restarts += 1
            self._load(self._worker)
        return self._worker

    def _load(self, worker: Worker) -> None:
        """Run the cells, all sent in one frame.

        If that fails, the next worker runs them one at a time to find the culprit.
        """
        cells = [cell for cell in self._submission.cells if cell.number not in self.cell_failures]
        if not self._cells_one_by_one:
            self._cells_one_by_one = not self._run_together(cells, worker)
            return
        for cell in cells:
            if self._worker is not None:
                self._run(cell, worker)

    def _run_together(self, cells: Sequence[Cell], worker: Worker) -> bool:
        """Run the cells in one frame and return whether that worked. If it didn't, the worker is closed."""
        request = {"op": "cells", "cells": [_cell_request(cell) for cell in cells]}
        replies = self._asked_together(lambda: worker, request, len(cells), in_stub=False)
        if replies is None:
            return False
        try:
            # Decode one reply at a time, because the limit is per reply, and many forged ones could decode to much more
            # than that.
            failures = list(map(_failure_in, map(wire.unpack, replies)))
        except wire.WireError:
            self.close()
            return False
        for cell, failure in zip(cells, failures, strict=True):
            self._record(cell, failure)
        return True

    def _streaming_worker(self, exports: ExportTable) -> Worker:
        if self._worker is None or self._worker is not self._streaming.get(exports):
            raise StubFailure(Outcome.DIED, "The process it was streaming from has ended.")
        return self._worker

    def _run(self, cell: Cell, worker: Worker) -> None:
        try:
            reply = self._ask(lambda: worker, _cell_request(cell), ExportTable(), in_stub=False)
        except StubFailure as failure:
            self._failed_cells.add(cell, failure)
        else:
            self._record(cell, _failure_in(reply))

    def _record(self, cell: Cell, failure: StubFailure | None) -> None:
        if failure is not None:
            self._failed_cells.add(cell, self.traced(failure, cell))

    def _ask(
        self,
        worker: Callable[[], Worker],
        request: Message | bytes,
        exports: ExportTable,
        in_stub: bool,
        limit: float = inf,
    ) -> Message:
        """Send one message or frame and return the reply. in_stub: whether it makes the worker call a stub. limit: in
        seconds, if it's lower than usual. Raises StubFailure, or SandboxFault if it isn't the student's fault."""
        asked = worker()
        draws = isinstance(request, dict) and request.get("draws") is not None
        if self._recording is not None:
            self._recording.draws = draws
        seconds = min(self._spent.seconds_left(self._limits, draws), limit)
        if seconds <= 0:
            message = f"The whole notebook used up its {self._limits.submission_seconds:g} seconds."
            raise StubFailure(Outcome.TIMEOUT, message)
        charged = 0.0

        def served(message: Message) -> Message | bytes:
            nonlocal charged
            heartbeat.busy_for()
            refused = refused_in_stubs(self._course, self._lab, message) if in_stub else None
            reply, spent = (refused, 0.0) if refused else self._served(message, exports)
            charged += spent
            if self._recording is not None:
                self._recording.charge(spent)
            if charged > seconds:
                raise _ServedTooLong
            heartbeat.busy_for(self._patience.seconds)
            return reply

        heartbeat.busy_for(self._patience.seconds)
        try:
            return asked.ask(request, seconds, served)
        except NotRepeated:
            self.close()
            if self._recording is not None:
                self._recording.lost_its_place = True
            raise SandboxFault("the check asked something else this time") from None
        except _ServedTooLong:
            self.close()
            message = f"The given functions it called took more than {seconds:.2g} seconds."
            raise StubFailure(Outcome.TIMEOUT, message) from None
        except WorkerTimeout:
            self.close()
            raise StubFailure(Outcome.TIMEOUT, f"It didn't finish in {seconds:.2g} seconds.") from None
        except WorkerDied as death:
            self.close()
            if isinstance(death, WorkerKilled) and not self._was_killed:
                self._was_killed = True
                raise SandboxFault("its process was killed from outside") from None
            raise StubFailure(Outcome.DIED, f"It ended the process it was running in: {death}.") from None
        except (Violation, TooMuchAsked) as violation:
            self.close()
            message = f"The notebook interfered with its connection to the checks: {violation}."
            raise StubFailure(Outcome.VIOLATION, message) from None
        except SandboxFault:
            self.close()
            raise
        finally:
            self._spent.seconds += asked.seconds
            self._spent.served_seconds += charged
            heartbeat.busy_for()

    def _served(self, message: Message, exports: ExportTable) -> tuple[Message | bytes, float]:
        """Return the reply to a request that uses a handle, and the CPU seconds it took here and in the helper."""
        begun, elsewhere = time.thread_time(), 0.0
        reply: Message | bytes
        if "name" in message and isinstance(self._givens, GivenLine):
            answer = self._givens.answer(message)
            reply, elsewhere = answer.frame, answer.seconds
            if not answer.lasting:
                self._not_remembered()
        else:
            reply = serve(message, no_givens if isinstance(self._givens, GivenLine) else self._givens, exports)
        return reply, time.thread_time() - begun + elsewhere


def _cell_request(cell: Cell) -> Message:
    return {"op": "cell", "index": cell.number, "source": cell.source}


def _failure_in(reply: Message) -> StubFailure | None:
    return raised(reply["error"]) if "error" in reply else None
