"""Answer calls to givens in a separate process when grading a batch, to limit what a call can use and to keep notebooks
from affecting each other.

    grading process ── control ──> template: torch, the course, its references; no secret, no submission
           └── questions, answers ──> helper: forked from the template, with limited time and memory

A helper has `CALL_SECONDS` of CPU time for each answer, and `MEMORY_MIB` of memory above what it started with. If it
exceeds either, it's killed, the call gets an error that says so, and the next call gets a fresh helper. We charge
submissions for CPU time, plus a fixed time for every helper they bring down, so neither the machine's load nor an
earlier submission makes a difference. Submissions often make the same calls, so we remember answers, and charge as much
for a remembered one as for the first. The template waits for each helper to exit, then reports its exit status. Only
wire frames go in and out, never pickles.

Linux only. On other systems, we don't grade classes in a sandbox, and the process that runs the checks also answers
calls to givens.
"""

import contextlib
import functools
import gc
import inspect
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from autograder.grading import heartbeat
from autograder.grading.content import givens, reference_of
from autograder.guest import values
from autograder.model.children import end_with
from autograder.model.course import Course
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.worker import KILLED, in_words, packed_answer
from autograder.testing.exports import Givens, Message, serve
from autograder.testing.references import load_torch

CALL_SECONDS = 2.0
MEMORY_MIB = 512
# If a helper has grown by more than this, we replace it before the next submission, so that every submission gets the
# same amount of memory.
KEPT_MIB = 16
START_SECONDS = END_SECONDS = 30.0
# What we charge a call that brings down its helper, to cover starting a new one. It's more than starting one takes, so
# a loop of such calls soon runs out of time.
REPLACED_SECONDS = 0.1
# The size of the largest answer with its envelope, in bytes.
MAX_REPLY = values.MAX_FRAME + 1024
# We remember answers until they have this many bytes in total, along with their questions. Then we start over.
MAX_REMEMBERED = 32 * 1024 * 1024
# How often to check that a helper is still working.
LOOK_SECONDS = 1.0
_ENDED = struct.Struct("=id")  # a helper's wait status and its CPU seconds
# Text in the errors that torch's allocator raises when it runs out of memory.
_OUT_OF_MEMORY = ("not enough memory", "can't allocate memory", "bad_alloc", "bad alloc")


@dataclass(frozen=True)
class GivenAnswer:
    """The frame that replies to a call to a given, and the CPU seconds to charge for it.

    lasting: whether everybody gets this reply to the same call. If it says that a limit was exceeded, that may depend
    on earlier calls.
    """

    frame: bytes
    seconds: float
    lasting: bool


class GivenProcess:
    """The helper of one grading process.

    Create it in the main thread, which must outlive it, and close it when you're done.
    """

    def __init__(self, course: Course) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._stream: socket.socket | None = None
        self._helper = 0
        self._spent = 0.0
        self._grown = 0
        self._remembered: dict[bytes, GivenAnswer] = {}
        self._remembered_bytes = 0
        parent = os.getpid()
        try:
            self._template = os.fork()
        except OSError as error:
            raise SandboxFault(
                f"The process that answers calls to givens couldn't be started ({error.strerror})."
            ) from error
        if self._template == 0:
            _run_template(course, theirs, parent)
        theirs.close()

    def answer(self, message: Message, lab: str) -> GivenAnswer:
        """Return the reply to a call to a given. Raises SandboxFault."""
        frame = values.pack({**message, "lab": lab}, MAX_REPLY)
        if frame in self._remembered:
            return self._remembered[frame]
        stream = self._stream or self._start()
        try:
            stream.sendall(frame)
            reply = self._reply(stream)
        except (EOFError, OSError):
            return self._ended(str(message.get("name"))[:100])
        self._spent += reply["seconds"]
        self._grown = reply["grown"]
        if reply["exceeded"]:
            self._replace()
            return GivenAnswer(reply["frame"], reply["seconds"] + REPLACED_SECONDS, lasting=False)
        answer = GivenAnswer(reply["frame"], reply["seconds"], lasting=True)
        self._remember(frame, answer)
        return answer

    def _remember(self, question: bytes, answer: GivenAnswer) -> None:
        if self._remembered_bytes > MAX_REMEMBERED:
            self._remembered.clear()
            self._remembered_bytes = 0
        self._remembered_bytes += len(question) + len(answer.frame)
        self._remembered[question] = answer

    def next_submission(self) -> None:
        """Drop the helper if earlier submissions made it grow."""
        if self._grown > KEPT_MIB:
            self._replace()

    def close(self) -> None:
        """End the template, and its helper with it. A second call does nothing."""
        if self._template:
            self._hang_up()
            self._control.close()
            os.kill(self._template, signal.SIGKILL)
            os.waitpid(self._template, 0)
            self._template = 0

    def _start(self) -> socket.socket:
        """Start a helper and return the socket to it. No submission is charged for the time this takes."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"S"], [theirs.fileno()])
            heartbeat.busy_for(START_SECONDS)
            ours.settimeout(START_SECONDS)
            ready = values.read_frame(ours.recv)
            if ready is None:
                raise EOFError
            self._helper = values.unpack(ready)["pid"]
        except (EOFError, OSError, values.WireError) as error:
            ours.close()
            raise SandboxFault("The process that answers calls to givens couldn't be started.") from error
        ours.settimeout(None)
        self._stream, self._spent, self._grown = ours, 0.0, 0
        return ours

    def _reply(self, stream: socket.socket) -> Message:
        """Return the helper's reply. Raises EOFError if the helper has ended."""

        def received(size: int) -> bytes:
            before = -1.0
            while not select.select([stream], [], [], LOOK_SECONDS)[0]:
                # A helper that's working will finish, since its CPU time is limited. If it makes no progress, this
                # process stops sending heartbeats, so the coordinator kills both.
                now = heartbeat.time_on_the_schedule(self._helper)
                if now > before:
                    heartbeat.busy_for(LOOK_SECONDS)
                before = now
            return stream.recv(size)

        payload = values.read_frame(received, MAX_REPLY)
        if payload is None:
            raise EOFError
        return values.unpack(payload)

    def _ended(self, name: str) -> GivenAnswer:
        """Return the error for the call that made its helper exit.

        Raises SandboxFault if the helper was killed from outside.
        """
        code, total = self._hang_up()
        if code == -signal.SIGPROF:
            error = _error(
                "TimeoutError",
                f"{name} needed more than {CALL_SECONDS:g} seconds of processor time to answer this call, "
                "and was stopped. Call it with less data.",
            )
        elif in_words(code) == KILLED:
            raise SandboxFault("the process that answers calls to givens was killed from outside")
        else:
            error = _error(
                "RuntimeError",
                f"{name} couldn't answer this call: it ended its process, {in_words(code)}. "
                "Call it with different data.",
            )
        return GivenAnswer(values.pack(error), max(total - self._spent, 0.0) + REPLACED_SECONDS, lasting=False)

    def _replace(self) -> None:
        with contextlib.suppress(SandboxFault):
            self._hang_up()

    def _hang_up(self) -> tuple[int, float]:
        """Disconnect from the helper, which makes it exit. Return its exit code and the total CPU seconds it used."""
        if self._stream is None:
            return 0, 0.0
        self._stream.close()
        self._stream = None
        self._grown = 0
        heartbeat.busy_for(END_SECONDS)
        self._control.settimeout(END_SECONDS)
        try:
            status, seconds = _ENDED.unpack(self._control.recv(_ENDED.size))
        except (OSError, struct.error) as error:
            raise SandboxFault("the process that answers calls to givens is gone") from error
        finally:
            self._control.settimeout(None)
        return os.waitstatus_to_exitcode(status), seconds


@dataclass(frozen=True)
class GivenLine:
    """The connection to the process that answers the givens of one submission."""

    process: GivenProcess
    lab: str

    def answer(self, message: Message) -> GivenAnswer:
        """Call `GivenProcess.answer` for this lab."""
        return self.process.answer(message, self.lab)


def _error(kind: str, text: str) -> Message:
    return {"error": {"type": kind, "message": text}}


# --- in the template


def _run_template(course: Course, control: socket.socket, parent: int) -> NoReturn:
    try:
        end_with(parent)
        _keep_only(control)
        with socket.socket(fileno=_KEPT) as line:
            for number, stream in enumerate(_requests(line)):
                if number == 0:
                    _load(course)
                helper = os.fork()
                if helper == 0:
                    line.close()
                    _run_helper(course, stream, os.getppid())
                os.close(stream)
                _, status, usage = os.wait4(helper, 0)
                line.send(_ENDED.pack(status, usage.ru_utime + usage.ru_stime))
    finally:
        os._exit(1)


_KEPT = 3


def _keep_only(control: socket.socket) -> None:
    """Close all other file descriptors inherited from the grading process, and discard whatever helpers print."""
    os.dup2(control.detach(), _KEPT)
    os.closerange(_KEPT + 1, 2**31 - 1)
    null = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1):
        os.dup2(null, each)
    os.close(null)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _requests(line: socket.socket) -> Iterator[int]:
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, 1, 1)
        if not message:
            return
        yield descriptors[0]


def _load(course: Course) -> None:
    """Load everything needed to answer calls, so that no submission is charged for loading it."""
    load_torch()
    stubs = [stub.name for lab in course.labs if not lab.assessment for stub in lab.stubs]
    for name in (*stubs, *course.given_names):
        with contextlib.suppress(Exception):  # a call to this given will report the error
            function = reference_of(course, name)
            if not inspect.signature(function).parameters:
                function()
    gc.collect()
    gc.freeze()


# --- in a helper


def _run_helper(course: Course, stream: int, parent: int) -> NoReturn:
    import resource  # missing on Windows, where batches aren't graded

    try:
        end_with(parent)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        start = _address_space()
        most = start + MEMORY_MIB * 1024 * 1024
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        allowed = functools.lru_cache(1)(lambda lab: givens(course, course.lab(lab)))
        with socket.socket(fileno=stream) as line:
            line.sendall(values.pack({"pid": os.getpid()}))
            while (payload := values.read_frame(line.recv, MAX_REPLY)) is not None:
                line.sendall(_answered(allowed, payload, start))
        os._exit(0)
    finally:
        os._exit(1)


def _answered(allowed: Callable[..., Givens], payload: bytes, start: int) -> bytes:
    """Return a frame with the answer in its envelope. If answering takes too long, SIGPROF kills this process."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, CALL_SECONDS)
    frame, exceeded = _answer(allowed, payload)
    signal.setitimer(signal.ITIMER_PROF, 0)
    envelope = {
        "frame": frame,
        "seconds": time.process_time() - begun,
        "exceeded": exceeded,
        "grown": (_address_space() - start) >> 20,
    }
    return values.pack(envelope, MAX_REPLY)


def _answer(allowed: Callable[..., Givens], payload: bytes) -> tuple[bytes, bool]:
    """Return the frame that answers a request, and whether the answer needed too much memory."""
    name = "It"
    try:
        message = values.unpack(payload)
        name = str(message.get("name"))[:100]
        reply = serve(message, allowed(message["lab"]))
        if not _lacked_memory(reply):
            return packed_answer(reply), False
    except MemoryError:
        pass
    text = f"{name} needed more than {MEMORY_MIB} MiB of memory to answer this call. Call it with less data."
    return values.pack(_error("MemoryError", text)), True


def _lacked_memory(reply: Message) -> bool:
    error: Any = reply.get("error") or {}
    return error.get("type") == "MemoryError" or any(words in error.get("message", "") for words in _OUT_OF_MEMORY)


def _address_space() -> int:
    """Return the size of this process's address space in bytes."""
    import resource  # missing on Windows, where batches aren't graded

    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
