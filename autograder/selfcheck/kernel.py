"""`check("softmax")` and `solved(softmax, logits)` in a notebook: the kernel's side, without torch and pytest.

The checker is a process of its own and holds those. It asks for calls of the student's functions, which run here, in
the thread that called `check`, so that a loop without end can be interrupted.
"""

import contextlib
import html
import io
import linecache
import os
import queue
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from autograder.guest import values
from autograder.guest.calls import CallServer
from autograder.guest.cells import describe
from autograder.guest.import_policy import ImportPolicy
from autograder.guest.messages import ErrorReport
from autograder.model.escaping import terminal
from autograder.selfcheck.conversation import Answer, Questions, talk, wait
from autograder.selfcheck.packages_used import packages_used
from autograder.selfcheck.session import ipython_shell, unattended

Message = dict[str, Any]
WIDTH = 80
# A checker that starts within so many seconds does so without a word.
QUIET_SECONDS = 0.5
# After so many seconds of one call a student is told that it's still running.
PATIENCE = 5
# Also where the bracket after the name is what's missing.
_DEFINED = re.compile(r"^(?:async\s+)?def\s+(\w+)", re.MULTILINE)
# The wire gets stdout for itself before anything is imported that may print.
BOOT = (
    "import os, sys; sys.path.append(sys.argv[1]); replies = os.dup(1); os.dup2(2, 1); "
    "from autograder.selfcheck.checker import main; main(replies, int(sys.argv[2]))"
)


def check(stub: str = "", *, fresh: bool = False) -> "Report | None":
    """Run the visible checks of one stub on the function of that name in this notebook; shows what they found.

    fresh: on newly drawn numbers, each time others, so that an answer that's learned by heart fails.

    Under `nbgrader validate` raises NotPassed where one of them does not pass, and shows nothing else. Under plain
    `nbgrader autograde` the hidden checks run too, where they are found, and the report reads as the points.
    """
    name = stub if isinstance(stub, str) else getattr(stub, "__name__", "")
    shell = ipython_shell()
    namespace = sys._getframe(1).f_globals if shell is None else shell.user_ns
    if os.environ.get("NBGRADER_EXECUTION") == "autograde" and unattended():
        return _grade(name, namespace)
    if "NBGRADER_VALIDATING" not in os.environ or not unattended():
        return _check(name, namespace, fresh)
    # nbgrader fails a cell that writes there.
    with contextlib.redirect_stderr(io.StringIO()):
        report = _check(name, namespace)
    if not report.passed:
        raise NotPassed(report.text)
    return None


def _check(name: str, namespace: dict[str, Any], fresh: bool = False) -> "Report":
    try:
        result = checker.check(name, namespace, fresh=fresh)
    except KeyboardInterrupt:
        return _said("Interrupted by you; this check did not come to an end.")
    except CheckerEnded as end:
        return _said(str(end))
    return Report(result["text"], result["html"], result["passed"])


def _grade(name: str, namespace: dict[str, Any]) -> "Report":
    """The report that nbgrader takes the points from: a number, and nothing on the way to it that would spoil it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = checker.check(name, namespace, grading=True)
        except (KeyboardInterrupt, CheckerEnded) as end:
            raise NotPassed(str(end) or "The check was interrupted.") from None
    if result["points"] is None:
        raise NotPassed(result["text"])
    return Report(repr(result["points"]), result["html"], result["passed"])


class NotPassed(Exception):
    """What a check found, for nbgrader; shown without a traceback, which would be none of the student's lines."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


@dataclass(frozen=True)
class Report:
    """What `check` found: in a notebook HTML, elsewhere text of 80 columns."""

    text: str
    html: str
    passed: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def _said(text: str) -> Report:
    return Report(terminal("\n".join(textwrap.wrap(text, WIDTH))), f"<p>{html.escape(text)}</p>")


def solved(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The value of one's own function; None, and a line that says why, where it is not solved yet or raises."""
    name = getattr(function, "__name__", "The function")
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        print(f"{name} isn't solved yet.")
    except Exception as error:
        raised = describe(error, _cell_label)
        place = "".join(f", {label}, line {line}" for label, line, _ in raised["frames"][-1:])
        text = textwrap.shorten(f"{raised['type']}: {raised['message']}", 200, placeholder=" …")
        print(terminal(f"{name} raised {text.removesuffix(': ')}{place}"))
    return None


def _cell_label(file_name: str) -> str | None:
    """The `cells.Label` of a notebook's cells: "cell In[3]"."""
    shell = ipython_shell()
    found = None if shell is None else shell.compile.format_code_name(file_name)
    return None if found is None else f"cell {found[1]}"


class _Clock:
    """When each cell began to run, by its number, which is known only when it has ended."""

    def __init__(self) -> None:
        self.began: dict[int, float] = {}
        # The cell that imports this has begun already.
        self._now = time.time()

    def begin(self, _info: Any) -> None:
        self._now = time.time()

    def end(self, result: Any) -> None:
        if result.execution_count is not None:
            self.began[result.execution_count] = self._now


def _note_failure(result: Any) -> None:
    """Which functions are missing, or an earlier run's, because their cell failed before it defined them."""
    error = result.error_before_exec or result.error_in_exec
    for name in _DEFINED.findall(result.info.raw_cell):
        _failed.pop(name, None)
        if error is not None and _place(ipython_shell().user_ns.get(name)) != f"cell In[{result.execution_count}]":
            _failed[name] = describe(error, _cell_label)


def _place(function: Any) -> str | None:
    """The cell that a function was defined in."""
    return _cell_label(function.__code__.co_filename) if isinstance(function, types.FunctionType) else None


def _sources() -> list[str]:
    """The cells that ran, in their order, as Python."""
    shell = ipython_shell()
    return [] if shell is None else list(shell.history_manager.input_hist_parsed)


def _text(value: Any) -> str | None:
    return value if type(value) is str and value else None


def _written(name: str) -> str | None:
    """The cell that last gave a name a value, as it was written."""
    sets = re.compile(rf"^{re.escape(name)}\s*(?::[^=\n]+)?=[^=]", re.MULTILINE)
    return next((source for source in reversed(_sources()) if sets.search(source)), None)


def _ran(namespace: Mapping[str, Any], stub: str) -> Message | None:
    """The cell that the stub was defined in as it ran, and when; None where that is not known.

    With it goes where the notebook may be saved, in a word of the server's or of VS Code.
    """
    function = namespace.get(stub)
    number = re.fullmatch(r"cell In\[(\d+)\]", _place(function) or "")
    if function is None or number is None or int(number[1]) not in clock.began:
        return None
    notebook = os.environ.get("JPY_SESSION_NAME") or namespace.get("__vsc_ipynb_file__")
    return {
        "source": "".join(linecache.getlines(function.__code__.co_filename)),
        "at": clock.began[int(number[1])],
        "notebook": notebook if isinstance(notebook, str) else None,
        "folder": os.getcwd(),
    }


def functions(namespace: Mapping[str, Any]) -> list[str]:
    """The names that the notebook itself gives functions."""
    return [
        name
        for name, value in namespace.items()
        if isinstance(value, types.FunctionType) and value.__module__ == "__main__"
    ]


def _answer(server: CallServer, namespace: dict[str, Any], message: Message) -> bytes:
    """Call a stub, or ask for the next of its stream, as it would be done when graded; the frame of the reply."""
    stub = message["stub"]
    policy = ImportPolicy(**message["packages"])
    cells = _sources()
    missing = policy.missing(cells, stub)
    function = namespace.get(stub) if stub not in missing or policy.defined(cells, stub) else None
    stubs = {stub: policy.explaining(stub, function, missing) if callable(function) else function}
    with policy.closed(namespace, missing), _told_if_slow(stub):
        return server.answer(stubs, message)


@contextlib.contextmanager
def _told_if_slow(stub: str) -> Iterator[None]:
    """Say so if a call goes on and on: a cell that only shows [*] tells nobody why."""
    said = (
        f"{stub} has been running for {PATIENCE} seconds. Is there a loop that never ends, or an input() that waits? "
        "To stop it: Kernel > Interrupt Kernel. Then print how far it gets."
    )
    timer = threading.Timer(PATIENCE, print, [said], {"flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class CheckerEnded(Exception):
    """There is no checker to talk to; the text is a sentence."""


class CheckerProcess:
    """The checker process as the kernel sees it: started in the background, and again where it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._questions: Questions = queue.SimpleQueue()
        self._ready: Answer = Future()
        self._errors: IO[bytes] | None = None
        self._checking = threading.Lock()
        self._passed: dict[str, bool] = {}

    def start(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT, str(Path(__file__).resolve().parents[2]), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # Jupyter asks for colours, and what ended a checker is shown in a sentence.
            env={**os.environ, "PYTHON_COLORS": "0"},
            # An interrupt is the student's function's, not the checker's.
            start_new_session=True,
            # On Windows it would open a window otherwise, or hear a terminal's Ctrl-C.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._questions = queue.SimpleQueue()
        threading.Thread(target=talk, args=(self._process, self._questions), daemon=True).start()
        # Its first word needs no question.
        self._ready = self._put(b"")

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._questions.put(None)

    def check(self, stub: str, namespace: dict[str, Any], grading: bool = False, fresh: bool = False) -> Message:
        """What the checker found of a stub in the namespace. Raises CheckerEnded, KeyboardInterrupt."""
        if not self._checking.acquire(blocking=False):
            raise CheckerEnded("A check is running already; wait until it has come to its end.")
        try:
            self._until_ready()
            try:
                server = CallServer(self._ask_meanwhile, _cell_label)
                request = {**self._request(stub, namespace), "grading": grading, "fresh": fresh}
                message = self._exchange(values.pack(request))
                while message["op"] != "result":
                    message = self._exchange(_answer(server, namespace, message))
            except BaseException:
                # Half a check is left in it.
                self.close()
                raise
            self._passed[stub] = message["passed"]
            return message
        finally:
            self._checking.release()

    def _request(self, stub: str, namespace: Mapping[str, Any]) -> Message:
        return {
            "op": "check",
            "stub": stub,
            "packages": sorted(set(packages_used(namespace, stub))),
            "functions": functions(namespace),
            "passed": [name for name, passed in self._passed.items() if passed],
            "ran": _ran(namespace, stub),
            "failed": _failed.get(stub),
            "student": _text(namespace.get("STUDENT")),
            "written": _written(stub),
        }

    def has_passed(self, stub: str) -> bool:
        """Whether the stub's last check in this session passed."""
        return self._passed.get(stub, False)

    @property
    def is_checking(self) -> bool:
        return self._checking.locked()

    def ask(self, message: Mapping[str, Any]) -> Message:
        """The checker's reply to a call of a given, or to a comparison. Raises CheckerEnded; WireError if too large."""
        self._until_ready()
        return self._ask_meanwhile(message)

    def _ask_meanwhile(self, message: Mapping[str, Any]) -> Message:
        return self._exchange(values.pack(dict(message)))

    def _until_ready(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            print("The checker had stopped, and it's starting again.", flush=True)
            self.close()
        if self._process is None:
            self.start()
        try:
            first = self._ready.result(timeout=QUIET_SECONDS)
        except TimeoutError:
            print("The checker is starting, which takes a few seconds.", flush=True)
            first = wait(self._ready)
        if first is None:
            raise self._end("The checker could not start.")

    def _exchange(self, frame: bytes) -> Message:
        if self._process is None:
            raise CheckerEnded("The checker has ended; run this cell again.")
        payload = wait(self._put(frame))
        if payload is None:
            raise self._end("The checker has ended; run this cell again.")
        return values.unpack(payload)

    def _put(self, frame: bytes) -> Answer:
        answer: Answer = Future()
        self._questions.put((frame, answer))
        return answer

    def _end(self, sentence: str) -> CheckerEnded:
        """Put away a checker that sends no more; the sentence, with the error that ended it."""
        if self._process is None or self._errors is None:
            return CheckerEnded(sentence)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        raised = self._process.returncode == 1
        self.close()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").splitlines()
        return CheckerEnded(f"{sentence} {lines[-1]}" if raised and lines else sentence)


_failed: dict[str, ErrorReport] = {}
clock = _Clock()
checker = CheckerProcess()
checker.start()
if (_here := ipython_shell()) is not None:
    _here.events.register("pre_run_cell", clock.begin)
    _here.events.register("post_run_cell", clock.end)
    _here.events.register("post_run_cell", _note_failure)
