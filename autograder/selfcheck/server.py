"""Serve a notebook's self-checks by running visible checks on its live functions.

The server answers one request at a time:

    {"op": "check", "stub": "softmax", …}                   -> "result", after calls to the student's functions
    {"op": "handle", "name": "softmax", "arguments": bytes} -> {"value": …} or {"error": …}
    {"op": "compare", "name": "probs", "value": …, …}       -> {"text": …}: a step compared with the reference's
    {"op": "progress"}                                      -> {"pictures": …} or {"error": …}: the seven boxes
    {"op": "play", "name": "temperature", "settings": …}    -> {"pictures": …} or {"error": …}
    {"op": "saved", "stubs": […]}                           -> {"sources": …} or {"error": …}: of finished stubs

A check request also has

"packages" and "functions": the packages that the notebook uses and the functions it defines,
"passed": the stubs that passed before,
"ran": the cell that defined the stub, and when it ran,
"failed": that cell's error, if it came before the definition,
"failures": the cells that failed, each with its number, source and error,
"student": the student named in the notebook,
"written": the cell that last assigned to the stub's name or defined it,
"grading": whether to run the hidden checks too,
"fresh": whether visible checks use new random numbers.

Its result is {"text", "html", "passed", "points"}, ready to show; the points are None if a check couldn't be run.

Calls reach the functions through the `KernelLine`: over pipes, or within one process in a browser tab.
"""

import ast
import difflib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from secrets import token_bytes
from typing import Any, Protocol

from autograder.grading.answers import written_answer
from autograder.grading.content import givens, refused_in_stubs, steps_of, with_parameters
from autograder.grading.execution import CheckRun
from autograder.grading.failed_cells import SPELLING, FailedCells, undefined_name
from autograder.grading.grader import Grader, SubmissionUnderTest
from autograder.grading.spent import Spent
from autograder.grading.uncallable import not_called_again, not_run, replaced, undefined
from autograder.guest import values
from autograder.model import pitfalls, secrets
from autograder.model.course import Course, Lab, Packages
from autograder.model.errors import CourseError, SubmissionError, UserError
from autograder.model.examinee import Examinee, round_in
from autograder.model.results import Evidence, Outcome, clamped
from autograder.model.submission import Cell, read
from autograder.report import explain
from autograder.report.check import Findings, Notice, Result
from autograder.selfcheck.drawing import progress_drawn, saved_functions, toy_drawn
from autograder.testing.assertions import changed_input, was_changed
from autograder.testing.exports import ExportTable, serve
from autograder.testing.references import reference_value
from autograder.testing.stepwise import compared, unknown_name
from autograder.testing.student import Answer, Connection, StubFailure, raised

Message = dict[str, Any]
Served = Callable[[Message], Message]
# Runs a submission's visible checks, or all its checks.
RunChecks = Callable[[Grader, SubmissionUnderTest, bool], None]


class Records(Protocol):
    """What earlier self-checks found."""

    def finished(self) -> frozenset[str]:
        """Return the stubs whose visible checks passed."""

    def keep_live(self, stub: str, passed: bool) -> None:
        """Remember whether the stub passes its visible checks in a running notebook."""

    def keep_fresh(self, evidence: Sequence[Evidence]) -> None:
        """Remember which stubs passed their visible checks when run on fresh numbers."""


class KernelLine(Protocol):
    """A connection for calling a notebook's live functions."""

    def call(self, message: Message, served: Served, limit: float) -> tuple[Message, float]:
        """Return the reply to a call, and the seconds that the student's code took. `served` answers requests that use
        handles.

        limit: how many seconds a call may take if nothing else could end it. Raises WireError, StubFailure.
        """


class KernelConnection(Connection):
    """The live functions of the kernel's notebook, for one check of a stub."""

    def __init__(self, line: KernelLine, course: Course, lab: Lab, request: Message, examinee: Examinee) -> None:
        self._line = line
        self._source: str | None = request["written"]
        self._examinee = examinee
        self._course = course
        self._lab = lab
        self._functions: Sequence[str] = request["functions"]
        self._failed: Message | None = request["failed"]
        self._failed_cells = FailedCells()
        for each in request["failures"]:
            self._failed_cells.add(Cell(each["number"], each["source"]), raised(each["error"]))
        self._ran: Message | None = request["ran"]
        self._interrupted = False
        self._spent = Spent()
        self.keeps = not request["grading"]

    def written(self, stub: str) -> Answer | None:
        if stub not in self._course.items:
            return None
        cell = None if self._source is None else Cell(0, self._source)
        return written_answer(cell, stub, self._examinee)

    def exchange(self, stub: str, request: Message, exports: ExportTable) -> Message:
        if self._interrupted:
            raise StubFailure(Outcome.NOT_GRADED, "Not run, because you interrupted an earlier check.")
        if self._failed is not None:
            raise not_run(stub, self._traced(raised(self._failed)))
        if self._spent.is_given_up(stub):
            raise StubFailure(Outcome.TIMEOUT, not_called_again(stub, self._spent.timeouts[stub]))
        limit = self._course.limits.request_seconds(draws=request.get("draws") is not None)
        asked = {
            **with_parameters(self._course, request),
            "stub": stub,
            "packages": self._course.packages.model_dump(),
        }
        try:
            reply, seconds = self._line.call(asked, lambda use: self._served(use, exports), limit)
        except values.WireError as error:
            raise StubFailure(Outcome.FAILED, f"The returned value can't be read: {error}.") from None
        except StubFailure:
            self._spent.timeouts[stub] += 1
            raise
        self._spent.answering.add(stub)
        if "missing" in reply:
            if (failure := replaced(stub, reply)) is not None:
                raise failure
            others = [name for name in self._functions if name not in self._course.stubs]
            message = f"There is no function {stub} in this notebook yet. Run the cell that defines it."
            raise undefined(stub, others, message)
        if "error" in reply and reply["error"]["type"] == "KeyboardInterrupt":
            self._interrupted = True
            message = "You interrupted this call before it finished. Is there a loop that never ends?"
            raise StubFailure(Outcome.TIMEOUT, message)
        if seconds > limit:
            message = f"It took {seconds:.1f} seconds; during grading, it's stopped after {limit:g}."
            raise StubFailure(Outcome.TIMEOUT, message)
        return reply

    def answer(self, stub: str, request: Message, exports: ExportTable) -> Answer:
        try:
            return super().answer(stub, request, exports)
        except StubFailure as failure:
            raise self._traced(failure) from None

    def _traced(self, failure: StubFailure) -> StubFailure:
        """Return the failure. If it's a NameError, add which cell should define the name, or that none did."""
        name = undefined_name(failure)
        if name is None or self._failed_cells.blame(failure, name, "Cell In[{}]"):
            return failure
        saved = None if self._ran is None else _saved_cell(name, self._ran["notebook"], self._ran["folder"])
        if saved is not None:
            failure.message += f"\nCode cell {saved.number} of your notebook defines {name}. Run it first."
        else:
            failure.message += f"\nNo cell you've run defines {name}. {SPELLING}"
        return failure

    def _served(self, use: Message, exports: ExportTable) -> Message:
        return reply_to_use(self._course, self._lab, use, exports)


def reply_to_use(course: Course, lab: Lab | None, use: Message, exports: ExportTable | None = None) -> Message:
    """Return the reply to a request that calls a given or uses an exported object."""
    refused = None if lab is None else refused_in_stubs(course, lab, use)
    return refused or serve(use, givens(course, lab), exports)


class CheckServer:
    """Serves a notebook.

    grader: returns the course's grader. Raises CourseError.
    records: returns what earlier self-checks found, if it's stored here.
    """

    def __init__(
        self,
        line: KernelLine,
        run_checks: RunChecks,
        grader: Callable[[], Grader],
        records: Callable[[Course], Records | None],
    ) -> None:
        self._line = line
        self._run_checks = run_checks
        self._grader = grader
        self._records = records
        self._passed: frozenset[str] = frozenset()

    def answer(self, request: Message) -> Message:
        """Return the answer to a request. Raises nothing except interrupts."""
        if request["op"] == "check":
            return {"op": "result", **self._check(request)}
        if request["op"] == "compare":
            return {"text": self._compared(request)}
        if request["op"] in ("progress", "play", "saved"):
            return self._drawn(request)
        try:
            course = self._grader().course
        except UserError as error:
            return {"error": {"type": "RuntimeError", "message": str(error)}}
        return reply_to_use(course, None, request)

    def _compared(self, request: Message) -> str:
        name, defined = request["name"], request["functions"]
        try:
            course = self._grader().course
            # A step can be compared before its own function is written, as soon as the notebook defines any function of
            # the lab.
            labs = [lab for lab in course.labs if any(stub.name in defined for stub in lab.stubs)]
            wanted = {}
            for each in (steps for lab in labs for steps in steps_of(course, lab).values()):
                wanted.update(reference_value(each.function, (each.example, {})))
        except UserError as error:
            return str(error)
        if not isinstance(name, str) or name not in wanted:
            return unknown_name(name, list(wanted))
        return compared(name, request["value"], wanted[name])

    def _drawn(self, request: Message) -> Message:
        try:
            course = self._grader().course
            if request["op"] == "play":
                return toy_drawn(course, request["name"], request["settings"])
            done = self._finished(self._records(course))
            if request["op"] == "saved":
                return {"sources": saved_functions(course, request["stubs"], done)}
        except UserError as error:
            return {"error": str(error)}
        return progress_drawn(course, done)

    def _check(self, request: Message) -> Message:
        stub = request["stub"]
        try:
            return self._result(stub, request)
        except UserError as error:
            said = Notice(stub, str(error))
        except Exception as error:
            text = f"The check couldn't be run ({type(error).__name__}: {error}); that's not your fault."
            said = Notice(stub, text)
        return {"text": said.as_text(), "html": said.as_html(), "passed": False, "points": None}

    def _result(self, stub: str, request: Message) -> Message:
        """Run a stub's checks and return the result. Raises CourseError."""
        grader = self._grader()
        course = grader.course
        lab = course.lab_of(stub)
        if lab is None:
            raise CourseError(_unknown(course, stub, request["functions"]))
        grading = request["grading"]
        examinee = _examinee(request, grading)
        entry = SubmissionUnderTest(
            "notebook",
            lab,
            lambda: KernelConnection(self._line, course, lab, request, examinee),
            stub=stub,
            examinee=examinee,
        )
        grader.runs.clear()
        grader.fresh = token_bytes(16) if request["fresh"] else None
        if grading:
            grader.secret = secrets.load_secret(course.root)
        self._run_checks(grader, entry, not grading)
        evidence = grader.evidence(entry)
        passed = all(each.outcome is Outcome.PASSED for each in evidence)
        before = {*request["passed"]} - {stub}
        remarks = list(_remarks(course.packages, request, grader.runs[entry.key]))
        records = self._records(course)
        if (said := explain.fresh(evidence)) is not None:
            remarks.insert(0, said)
            if records is not None:
                records.keep_fresh(evidence)
        elif not grading and records is not None:
            records.keep_live(stub, passed)
        show = Findings if grading else Result
        self._passed = frozenset(before | {stub} if passed else before)
        result = show(course, lab, stub, evidence, self._passed, remarks, self._finished(records))
        missed = any(each.outcome is Outcome.NOT_GRADED for each in evidence)
        points = None if missed else clamped(sum(each.points for each in evidence), lab.stub(stub).points)
        return {"text": result.as_text(), "html": result.as_html(), "passed": passed, "points": points}

    def _finished(self, records: Records | None) -> frozenset[str]:
        return self._passed | (frozenset() if records is None else records.finished())


def _examinee(request: Message, grading: bool) -> Examinee:
    """Return the student named in the notebook.

    Plain nbgrader knows nothing about earlier answers, and grades in a folder inside the student's folder.
    """
    item, written = request["stub"], request["written"]
    rounds = {} if written is None else {item: round_in(written, item)}
    if grading:
        return Examinee(Path.cwd().parent.name, request["student"], rounds)
    return Examinee(request["student"], None, rounds)


def _unknown(course: Course, name: str, functions: Sequence[str]) -> str:
    """Say what to type instead of a name that doesn't belong to any stub. `functions`: the notebook's functions."""
    here = [lab for lab in course.labs if any(stub.name in functions for stub in lab.stubs)]
    if lab := next((lab for lab in course.labs if lab.name == name), None):
        return f"{name} is a lab, and its functions are checked one by one: {_calls(lab)}."
    near = difflib.get_close_matches(name, course.stubs, n=1)
    said = f"There's no function {name!r} in this course." if name else "Name the function to check, in quotes."
    if near:
        return f"{said} Did you mean {near[0]}? Then run: {_call(near[0])}"
    if here:
        return f"{said} In this notebook: {'; '.join(map(_calls, here))}."
    return f"{said} Below each exercise is a line like this: {_call(course.labs[0].stubs[0].name)}"


def _calls(lab: Lab) -> str:
    return ", ".join(_call(stub.name) for stub in lab.stubs)


def _call(stub: str) -> str:
    return f'check("{stub}")'


def _remarks(graded: Packages, request: Message, runs: Sequence[CheckRun]) -> Iterator[str]:
    """Yield what a student should know whether or not the checks passed."""
    if request["ran"] is not None and _saved_otherwise(request["stub"], **request["ran"]):
        yield pitfalls.NOT_RUN.sentence
    known = {*sys.stdlib_module_names, *graded.allowed, *graded.inert, "__main__", "autograder"}
    if missing := [name for name in request["packages"] if name not in known]:
        verb = "are" if len(missing) > 1 else "is"
        yield f"{' and '.join(missing)} {verb} not available during grading: {' and '.join(graded.allowed)} only."
    asked = [call for run in runs if run.outcome is Outcome.PASSED for call in run.calls]
    answers = [(call.arguments, call.answer) for call in asked if isinstance(call.answer, Answer)]
    changed = (
        changed_input(given, left) for given, answer in answers if (left := answer.left) and was_changed(given, left)
    )
    if (slip := next(changed, None)) is not None:
        yield f"{slip.sentence} That fails during grading, unless the task asks for it."
    yield from dict.fromkeys(f"numpy warned: {each}." for _, answer in answers for each in answer.warned)


def _saved_otherwise(stub: str, source: str, at: float, notebook: str | None, folder: str) -> bool:
    """Return whether the notebook was saved after the stub's cell ran, with a different version of that cell in it.

    If Jupyter doesn't tell us the notebook's file, it has to be the only notebook in the folder that defines the stub.
    """
    paths = _notebooks(notebook, folder)
    newer = [path for path in paths if path.stat().st_mtime > at]
    if not newer:
        return False
    found = {path: cells for path in paths if (cells := _cells_of(stub, path))}
    return len(found) == 1 and any(path in newer and _meaning(source) not in cells for path, cells in found.items())


def _notebooks(notebook: str | None, folder: str) -> list[Path]:
    """Return the file that's said to be the notebook or, if that doesn't exist, all notebooks in the folder."""
    named = [Path(folder, notebook)] if notebook else []
    return [path for path in named if path.is_file()] or list(Path(folder).glob("*.ipynb"))


def _saved_cell(name: str, notebook: str | None, folder: str) -> Cell | None:
    """Return the cell of the saved notebook that defines a name; None if it isn't clear which notebook that is."""
    paths = _notebooks(notebook, folder)
    try:
        return read(paths[0]).definitions.get(name) if len(paths) == 1 else None
    except SubmissionError:
        return None


def _cells_of(stub: str, notebook: Path) -> list[str]:
    try:
        return [_meaning(cell.source) for cell in read(notebook).cells if cell.defines(stub)]
    except SubmissionError:
        return []


def _meaning(source: str) -> str:
    """Return text that's the same for sources that differ only in comments and whitespace."""
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
