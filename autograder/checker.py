"""The checker: the trusted process that a Jupyter kernel starts, to run visible checks on the kernel's live functions.

It answers one request after the other, on the pipes that the kernel gave it:

    {"op": "check", "stub": "softmax", "packages": […]}     -> {"op": "call", …} some times, then {"op": "result", …}
    {"op": "handle", "name": "softmax", "arguments": bytes} -> {"value": …} or {"error": …}; also while a call runs

Calls and handles are those of `sandbox.worker`. Each frame but the first, which says that the checker is ready, waits
for its answer, so that the two never speak at once.
"""

import difflib
import gc
import importlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch

from autograder import wire
from autograder.course import FILE_NAME, Course, CourseError, Lab, Packages, find_root, load
from autograder.grading import run_checks
from autograder.outcome import Outcome
from autograder.plugin import Entry, Grader, givens, hidden_checks
from autograder.student import Answer, Arguments, StubFailure, answer_in, serve_given

Message = dict[str, Any]


class Line:
    """The kernel at the other end. Where it is gone, this process ends."""

    def __init__(self, requests: int, replies: int) -> None:
        self._requests = requests
        self._replies = open(replies, "wb")  # noqa: SIM115

    def receive(self) -> Message:
        """The next message. WireError where it holds what the wire does not carry; the one after it is not harmed."""
        payload = wire.read_frame(lambda size: os.read(self._requests, size))
        if payload is None:
            os._exit(0)
        return wire.unpack(payload)

    def send(self, message: Message) -> None:
        """WireError, and nothing is sent, where the message is too large."""
        frame = wire.pack(message)
        try:
            self._replies.write(frame)
            self._replies.flush()
        except OSError:
            os._exit(0)


class KernelConnection:
    """The live functions of the kernel's notebook, for one check of a stub."""

    def __init__(self, line: Line, course: Course, lab: Lab) -> None:
        self._line = line
        self._course = course
        self._lab = lab
        self._interrupted = False

    def close(self) -> None:
        """There is nothing to end: the kernel is the student's."""

    def call(self, stub: str, arguments: Arguments, draws: int | None) -> Answer:
        if self._interrupted:
            raise StubFailure(Outcome.NOT_GRADED, "Not run, because you interrupted the check before it.")
        self._line.send({"op": "call", "name": stub, "arguments": wire.encode(arguments), "draws": draws})
        reply, seconds = self._reply()
        if "missing" in reply:
            message = f"There is no function {stub} in this notebook yet. Run the cell that defines it."
            raise StubFailure(Outcome.UNSOLVED, message)
        if "error" in reply and reply["error"]["type"] == "KeyboardInterrupt":
            self._interrupted = True
            message = "Interrupted by you before it came to an end. Is there a loop in it that never stops?"
            raise StubFailure(Outcome.TIMEOUT, message)
        limit = self._course.limits.call_seconds
        if seconds > limit:
            message = f"It took {seconds:.1f} seconds; when graded, a call is stopped after {limit:g}."
            raise StubFailure(Outcome.TIMEOUT, message)
        return answer_in(reply)

    def _reply(self) -> tuple[Message, float]:
        """The reply to a call, and the seconds that the student's code took for it."""
        begun = time.monotonic()
        try:
            while (reply := self._line.receive()).get("op") == "handle":
                asked = time.monotonic()
                answer_given(self._line, self._course, self._lab, reply)
                begun += time.monotonic() - asked
        except wire.WireError as error:
            raise StubFailure(Outcome.FAILED, f"What came back cannot be looked at: {error}.") from None
        return reply, time.monotonic() - begun


def answer_given(line: Line, course: Course, lab: Lab | None, request: Message) -> None:
    try:
        line.send(serve_given(givens(course, lab), request))
    except wire.WireError as error:
        line.send({"error": {"type": "ValueError", "message": f"The answer cannot be sent: {error}"}})


class Checker:
    """Serves a kernel. The course's files may change while it does."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._seen: frozenset[tuple[str, int, int]] = frozenset()
        self._grader: Grader | None = None

    def serve(self) -> NoReturn:
        while True:
            request = self._line.receive()
            if request["op"] == "check":
                self._line.send({"op": "result", **self._check(request["stub"], request["packages"])})
            else:
                self._answer_given(request)

    def _answer_given(self, request: Message) -> None:
        try:
            course = self._fresh_grader().course
        except CourseError as error:
            self._line.send({"error": {"type": "RuntimeError", "message": str(error)}})
        else:
            answer_given(self._line, course, None, request)

    def _check(self, stub: str, packages: Sequence[str]) -> Message:
        try:
            grader = self._fresh_grader()
            course = grader.course
            lab = course.lab_of(stub)
            if lab is None:
                return {"message": _unknown(course, stub)}
            entry = Entry("notebook", lab, lambda: KernelConnection(self._line, course, lab), stub=stub)
            grader.runs.clear()
            run_checks(grader, [entry], visible_only=True)
            evidence = grader.evidence(entry)
            return {
                "checks": [each.model_dump(mode="json") for each in evidence],
                "more": int(hidden_checks(course).get(stub, {}).get("checks", 0)),
                "more_points": lab.stub(stub).points - sum(each.max_points for each in evidence),
                "note": _missing_when_graded(course.packages, packages),
            }
        except CourseError as error:
            return {"message": str(error)}
        except Exception as error:
            return {"message": f"The check could not be run ({type(error).__name__}: {error}); that is not your fault."}

    def _fresh_grader(self) -> Grader:
        """The grader of the course as it is on disk now. Raises CourseError."""
        root = find_root()
        seen = frozenset(_state(root))
        if self._grader is None or seen != self._seen:
            _forget_modules(root)
            self._grader = Grader(load(root))
            self._seen = seen
        return self._grader


def _unknown(course: Course, stub: str) -> str:
    names = [each.name for lab in course.labs for each in lab.stubs]
    close = difflib.get_close_matches(stub, names, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    labs = [f"{lab.title}: {', '.join(each.name for each in lab.stubs)}" for lab in course.labs]
    return "\n".join([f"There is no stub named {stub!r} in this course.{meant} The stubs are:", *labs])


def _missing_when_graded(graded: Packages, packages: Sequence[str]) -> str | None:
    known = {*sys.stdlib_module_names, *graded.allowed, *graded.inert, "__main__", "autograder"}
    missing = [name for name in packages if name not in known]
    if not missing:
        return None
    verb = "are" if len(missing) > 1 else "is"
    return f"{' and '.join(missing)} {verb} not available when graded: {' and '.join(graded.allowed)} only."


def _code_folders(root: Path) -> list[Path]:
    return [root / "autograder" / "checks", root / "reference"]


def _state(root: Path) -> Iterator[tuple[str, int, int]]:
    """Another set whenever a file that a check is made of has changed."""
    for path in [root / FILE_NAME, *(file for folder in _code_folders(root) for file in folder.rglob("*"))]:
        if path.suffix in (".py", ".yaml"):
            status = path.stat()
            yield str(path), status.st_mtime_ns, status.st_size


def _forget_modules(root: Path) -> None:
    """Have every check, reference and misconception loaded anew when it is next needed."""
    folders = tuple(f"{folder}{os.sep}" for folder in _code_folders(root))
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folders):
            del sys.modules[name]
    importlib.invalidate_caches()


def main(replies: int) -> None:
    """Serve the kernel that started this process: requests come on stdin, replies go to the descriptor."""
    torch.set_num_threads(1)
    # A course's folder is not littered, and no file that was changed twice in a second is taken for its first version.
    sys.dont_write_bytecode = True
    parent = os.getppid()

    def watch() -> None:
        # A child of the kernel's may hold the pipe open after it.
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    gc.collect()
    gc.freeze()
    line = Line(0, replies)
    line.send({"op": "ready"})
    Checker(line).serve()
