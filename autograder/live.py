"""`check("softmax")` and `solved(softmax, logits)` in a notebook: the kernel's side, without torch and pytest.

The checker is a process of its own and holds those. It asks for calls of the student's functions, which run here, in
the thread that called `check`, so that a loop without end can be interrupted.
"""

import contextlib
import dis
import os
import queue
import subprocess
import sys
import tempfile
import textwrap
import threading
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from autograder import wire
from autograder.sandbox import worker
from autograder.sinks import terminal

Message = dict[str, Any]
Answer = Future[bytes | None]
Questions = queue.SimpleQueue[tuple[bytes, Answer] | None]
WIDTH = 80
# The wire gets stdout for itself before anything is imported that may print.
BOOT = (
    "import os, sys; sys.path.append(sys.argv[1]); replies = os.dup(1); os.dup2(2, 1); "
    "from autograder.checker import main; main(replies)"
)


def check(stub: str) -> "Report":
    """Run the visible checks of one stub on the function of that name in this notebook; shows what they found."""
    name = getattr(stub, "__name__", None) or str(stub)
    shell = _shell()
    namespace = sys._getframe(1).f_globals if shell is None else shell.user_ns
    try:
        result = checker.check(name, namespace)
    except KeyboardInterrupt:
        return Report(name, message="Interrupted by you; this check did not come to an end.")
    except CheckerEnded as end:
        return Report(name, message=str(end))
    del result["op"]
    return Report(name, **result)


def solved(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The value of one's own function; None, and a line that says why, where it is not solved yet or raises."""
    name = getattr(function, "__name__", "The function")
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        print(f"{name} is not solved yet.")
    except Exception as error:
        raised = worker.describe(error, _cell_label)
        place = "".join(f", {label}, line {line}" for label, line, _ in raised["frames"][-1:])
        text = textwrap.shorten(f"{raised['type']}: {raised['message']}", 200, placeholder=" …")
        print(terminal(f"{name} raised {text.removesuffix(': ')}{place}"))
    return None


def _shell() -> Any:
    """IPython's shell, where this is one."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _cell_label(file_name: str) -> str | None:
    """The `worker.Label` of a notebook's cells: "cell In[3]"."""
    shell = _shell()
    found = None if shell is None else shell.compile.format_code_name(file_name)
    return None if found is None else f"cell {found[1]}"


def _packages(namespace: Mapping[str, Any], stub: str) -> Iterator[str]:
    """The packages that the notebook's names come from, and those that the stub imports."""
    for name, value in namespace.items():
        if isinstance(value, types.ModuleType) and not name.startswith("_"):
            yield value.__name__.partition(".")[0]
        elif isinstance(value, types.FunctionType | type) and not name.startswith("_"):
            yield value.__module__.partition(".")[0]
    if isinstance(function := namespace.get(stub), types.FunctionType):
        for instruction in dis.get_instructions(function):
            if instruction.opname == "IMPORT_NAME":
                yield instruction.argval.partition(".")[0]


class CheckerEnded(Exception):
    """There is no checker to talk to; the text is a sentence."""


class Checker:
    """The checker process as the kernel sees it: started in the background, and again where it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._questions: Questions = queue.SimpleQueue()
        self._ready: Answer = Future()
        self._errors: IO[bytes] | None = None
        self._checking = threading.Lock()

    def start(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT, str(Path(__file__).resolve().parents[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # An interrupt is the student's function's, not the checker's.
            start_new_session=True,
        )
        self._questions = queue.SimpleQueue()
        threading.Thread(target=_talk, args=(self._process, self._questions), daemon=True).start()
        # Its first word needs no question.
        self._ready = self._put(b"")

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._questions.put(None)

    def check(self, stub: str, namespace: dict[str, Any]) -> Message:
        """What the checker found of a stub in the namespace. Raises CheckerEnded, KeyboardInterrupt."""
        if not self._checking.acquire(blocking=False):
            raise CheckerEnded("A check is running already; wait until it has come to its end.")
        try:
            self._until_ready()
            try:
                packages = sorted(set(_packages(namespace, stub)))
                message = self._exchange(wire.pack({"op": "check", "stub": stub, "packages": packages}))
                while message["op"] == "call":
                    message = self._exchange(worker.call(namespace, message, _cell_label))
            except BaseException:
                # Half a check is left in it.
                self.close()
                raise
            return message
        finally:
            self._checking.release()

    def ask(self, message: Message) -> Message:
        """The checker's reply to a call of a given. Raises CheckerEnded; WireError where the message is too large."""
        frame = wire.pack(message)
        self._until_ready()
        return self._exchange(frame)

    def _until_ready(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            print("The checker had ended; it is started again.", flush=True)
            self.close()
        if self._process is None:
            self.start()
        try:
            first = self._ready.result(timeout=0.5)
        except TimeoutError:
            print("The checker is starting, which takes some seconds.", flush=True)
            first = _wait(self._ready)
        if first is None:
            raise self._end("The checker could not start.")

    def _exchange(self, frame: bytes) -> Message:
        if self._process is None:
            raise CheckerEnded("The checker has ended; run this cell again.")
        payload = _wait(self._put(frame))
        if payload is None:
            raise self._end("The checker has ended; run this cell again.")
        return wire.unpack(payload)

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


def _talk(process: subprocess.Popen[bytes], questions: Questions) -> None:
    """Send each frame and fetch its answer, which is None where the process has ended.

    In a thread of its own, where no interrupt can part the two: an answer that nobody waits for any more is dropped.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    with contextlib.suppress(OSError), process:
        for frame, answer in iter(questions.get, None):
            try:
                process.stdin.write(frame)
                process.stdin.flush()
                answer.set_result(wire.read_frame(lambda size: os.read(pipe, size)))
            except (OSError, wire.WireError):
                answer.set_result(None)


def _wait(answer: Answer) -> bytes | None:
    while True:
        # Windows brings an interrupt only between two waits.
        with contextlib.suppress(TimeoutError):
            return answer.result(timeout=0.5)


checker = Checker()
checker.start()


# What the student sees ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What `check` found: in a notebook HTML, elsewhere text of 80 columns. `message` stands where there are no checks.

    checks: `outcome.Evidence` as plain data; more: how many checks run only when graded, worth more_points.
    """

    stub: str
    message: str | None = None
    checks: Sequence[Mapping[str, Any]] = ()
    more: int = 0
    more_points: float = 0.0
    note: str | None = None

    @property
    def heading(self) -> str:
        passed = sum(each["outcome"] == "passed" for each in self.checks)
        return f"{passed} of {len(self.checks)} checks passed"

    @property
    def points(self) -> str:
        return _points(sum(each["points"] for each in self.checks), sum(each["max_points"] for each in self.checks))

    @property
    def first_failure(self) -> Mapping[str, Any] | None:
        return next((each for each in self.checks if each["outcome"] != "passed"), None)

    @property
    def footing(self) -> str:
        if not self.more:
            return "Visible checks only."
        return f"Visible checks only; {self.more} more, worth {_number(self.more_points)} points, run when graded."

    @property
    def all_passed(self) -> bool:
        return bool(self.checks) and self.first_failure is None

    def __repr__(self) -> str:
        return terminal("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        if self.message is not None:
            yield from _wrapped(self.message, "")
            return
        yield f"{self.stub}: {self.heading}, {self.points}"
        for each in self.checks:
            yield from textwrap.wrap(
                f"{each['outcome']:<10}  {each['title']}",
                WIDTH,
                initial_indent="  ",
                subsequent_indent=" " * 14,
            )
            if each is self.first_failure:
                yield from _wrapped(each["message"] or "", " " * 6)
                if each["misconception"]:
                    yield from _wrapped(f"This looks like: {_words(each['misconception'])}. {each['hint']}", " " * 6)
        yield self.footing
        yield from _wrapped(self.note or "", "")

    def _repr_html_(self) -> str:
        import jinja2

        templates = jinja2.FileSystemLoader(Path(__file__).parent / "report")
        environment = jinja2.Environment(loader=templates, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        environment.filters["words"] = _words
        environment.filters["points"] = _points
        return environment.get_template("check.html.j2").render(report=self)


def _points(earned: float, most: float) -> str:
    return f"{_number(earned)} of {_number(most)} points"


def _number(points: float) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")


def _words(misconception: str) -> str:
    return misconception.replace("_", " ")


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """Each line of the text by itself; what follows a label like "Wanted: " stays to the right of it."""
    for line in text.splitlines():
        hanging = " " * 8 if line[:8].rstrip().endswith(":") else ""
        yield from textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent + hanging)
