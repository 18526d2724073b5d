"""Turn what authors write into what students open: solutions/ → build/source → exercises/ (by nbgrader)."""

import ast
import logging
import os
import runpy
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import jupytext
import nbformat
import yaml
from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.authoring.nbgrader_preprocessors import BEGIN, END, PREPROCESSORS
from autograder.grading.content import make_importable
from autograder.model.answers import NotWrittenDown, read_answer
from autograder.model.course import Course, Lab, Page
from autograder.model.errors import CourseError
from autograder.model.paths import grade_id, solution_id
from autograder.model.submission import Cell, as_python, checked_stub
from autograder.testing.declarations import Check

_HIDDEN_HEAD = (
    "# Written by `mastery build` from solutions: how many checks of each stub run only during grading, and\n"
    "# their total weight, so that the points of the others are known even in a copy without those checks.\n"
)


def build(course: Course) -> tuple[list[Path], list[Path]]:
    """Make build/source, exercises and reference/hidden.yaml for all labs and pages.

    Remove the notebooks of labs and pages that are no longer in the course. Nothing is replaced until everything
    has been made, and building twice produces the same bytes. Return the files written and those removed. Raises
    CourseError.
    """
    try:
        (course.root / "build").mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=course.root / "build", prefix=".new-") as folder:
            new = Path(folder)
            for lab in course.labs:
                _build_lab(course, lab, new)
            for page in course.pages:
                _build_page(course, page, new)
            hidden = new / "reference" / "hidden.yaml"
            hidden.parent.mkdir()
            hidden.write_text(_HIDDEN_HEAD + _hidden_checks(course), encoding="utf-8")
            made = sorted(path for path in new.rglob("*") if path.is_file())
            written = [_move(file, course.root / file.relative_to(new)) for file in made]
        return written, list(_remove_left_out(course))
    except OSError as error:
        where = error.filename or course.root
        raise CourseError(f"{where} can't be read or written: {error.strerror}.") from error


def _remove_left_out(course: Course) -> Iterator[Path]:
    kept = {*(lab.name for lab in course.labs), *(page.name for page in course.pages)}
    for folder in (course.root / "build" / "source", course.root / "exercises"):
        for notebook in folder.glob("*/*.ipynb"):
            if notebook.stem == notebook.parent.name and notebook.stem not in kept:
                notebook.unlink()
                if not any(notebook.parent.iterdir()):
                    notebook.parent.rmdir()
                yield notebook


def _move(file: Path, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file, place)
    return place


def _build_lab(course: Course, lab: Lab, new: Path) -> None:
    path = course.root / "solutions" / lab.name / f"{lab.name}.py"
    source = new / "build" / "source" / lab.name / f"{lab.name}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(nbformat.writes(_source_notebook(path, course, lab)) + "\n", encoding="utf-8")
    for name in (each.name for each in lab.files):
        file = course.root / "solutions" / lab.name / "files" / name
        if not file.is_file():
            raise CourseError(f"{file} doesn't exist; write it, or remove it from the lab's files in course.yaml.")
        shutil.copyfile(file, source.with_name(name))
    _generate_assignment(path, lab, new)
    _refuse_unfit(path, lab, nbformat.read(new / "exercises" / lab.name / source.name, as_version=4))


def _build_page(course: Course, page: Page, new: Path) -> None:
    """Build a page's notebook, without nbgrader, since none of its cells is graded."""
    path = course.root / "solutions" / page.name / f"{page.name}.py"
    notebook = _empty_notebook()
    for position, (kind, source, _) in enumerate(_read_cells(path)):
        if kind == "code" and (BEGIN in source or checked_stub(source)):
            _refuse(path, source, "a page can't have stubs; make it a lab, or remove this cell")
        notebook.cells.append(getattr(nbformat.v4, f"new_{kind}_cell")(source, id=f"{page.name}-{position}"))
    target = new / "exercises" / page.handed_out
    target.parent.mkdir(parents=True)
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


# --- from solutions/<lab>.py to nbgrader's source


def _empty_notebook() -> Any:
    return nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )


def _source_notebook(path: Path, course: Course, lab: Lab) -> Any:
    """Return a solutions file as a notebook, with the metadata that nbgrader's own editor would give its cells."""
    notebook = _empty_notebook()
    solved: set[str] = set()
    checked: set[str] = set()
    rows = {row.name: row for row in lab.judged}
    for position, (kind, source, judged) in enumerate(_read_cells(path)):
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(source, id=f"{lab.name}-{position}")
        notebook.cells.append(cell)
        if judged is not None:
            if kind != "markdown" or judged not in rows:
                left = ", ".join(rows) or "none"
                _refuse(path, source, f"it has judged={judged!r}; each row needs one Markdown cell. Still free: {left}")
            cell.id = judged
            cell.metadata["nbgrader"] = _role(cell.id, task=True, points=rows.pop(judged).points)
        if kind != "code":
            continue
        if stub := _stub_solved(path, course, lab, source):
            if stub in solved:
                _refuse(path, source, f"it's a second solution for {stub}; keep only one")
            solved.add(stub)
            cell.id = solution_id(stub)
            cell.metadata["nbgrader"] = _role(cell.id, solution=True)
        elif stub := _stub_checked(path, lab, source):
            if stub in checked:
                _refuse(
                    path, source, "this check appears twice; keep only one, because a stub earns its points only once"
                )
            if stub not in solved:
                _refuse(path, source, f"there's no solution for {stub} above it; put the check below its stub")
            checked.add(stub)
            cell.id = grade_id(stub)
            cell.metadata["nbgrader"] = _role(cell.id, points=lab.stub(stub).points)
    for each in lab.stubs:
        if each.name not in solved:
            raise CourseError(f"{path} has no solution for {each.name}; write it, or remove the stub from course.yaml.")
        if each.name not in checked:
            raise CourseError(f'{path} never checks {each.name}; add a cell with just check("{each.name}").')
    if rows:
        raise CourseError(f'{path} has no cell for {", ".join(rows)}; start one with # %% [markdown] judged="…".')
    return notebook


def _role(name: str, *, solution: bool = False, task: bool = False, **points: float) -> dict[str, Any]:
    """Return nbgrader's metadata for a cell that students solve, or for a locked cell that's worth points.

    task: whether a person awards the points.
    """
    return {
        "schema_version": 3,
        "grade_id": name,
        "grade": not solution and not task,
        "solution": solution,
        "locked": not solution,
        "task": task,
        **points,
    }


def _read_cells(path: Path) -> list[tuple[str, str, str | None]]:
    """Return each cell's kind and source, and the name of the row if a person grades the cell."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{path} doesn't exist; write the lab's notebook there, including its solutions.") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} isn't UTF-8 text; save it as UTF-8.") from None
    # Strip the source, since jupytext keeps some of the blank lines between cells.
    cells = jupytext.reads(text, fmt="py:percent").cells
    return [(cell.cell_type, cell.source.rstrip(), cell.metadata.get("judged")) for cell in cells]


def _stub_solved(path: Path, course: Course, lab: Lab, source: str) -> str | None:
    """Return the stub whose solution is in a code cell, or the item whose answer goes there; None for other cells."""
    stubs = _stubs_defined(lab, source)
    within = False
    for line in source.splitlines():
        if BEGIN in line or END in line:
            if (BEGIN in line) is within:
                _refuse(path, source, f"every ### {BEGIN} needs one ### {END} after it; add the missing one")
            within = BEGIN in line
    if within:
        _refuse(path, source, f"the ### {END} is missing; put it where the solution ends")
    if BEGIN not in source:
        if len(stubs) == 1 and stubs[0] in course.items:
            if _answer_in(source, stubs[0]) is not None:
                _refuse(path, source, f"students would receive this answer; set {stubs[0]} = None")
            return stubs[0]
        if stubs:
            _refuse(
                path, source, f"students would receive this {stubs[0]}; put its solution between ### {BEGIN} and END"
            )
        return None
    if len(stubs) != 1:
        found = " and ".join(stubs) or "no stub of the lab"
        _refuse(
            path, source, f"it contains a solution and defines {found}; a solution cell must define exactly one stub"
        )
    return stubs[0]


def _answer_in(source: str, item: str) -> object:
    try:
        return read_answer(as_python(source), item).value
    except NotWrittenDown as error:
        return error


def _stubs_defined(lab: Lab, source: str) -> list[str]:
    cell = Cell(0, as_python(source))
    return [stub.name for stub in lab.stubs if cell.defines(stub.name)]


def _stub_checked(path: Path, lab: Lab, source: str) -> str | None:
    """Return the stub that a cell checks if it's just a single `check(...)`; None for other cells."""
    stub = checked_stub(source)
    if stub is not None and not lab.has(stub):
        _refuse(path, source, f"the lab has no such stub; it has {', '.join(each.name for each in lab.stubs)}")
    return stub


def _refuse(path: Path, source: str, what: str) -> NoReturn:
    first = next(line for line in source.splitlines() if line.strip())
    raise CourseError(f"{path}, the cell that starts with `{first.strip()}`: {what}.")


# --- from nbgrader's source to exercises


def _generate_assignment(path: Path, lab: Lab, root: Path) -> None:
    """Run `nbgrader generate_assignment` for one lab in `root`, without a gradebook and without printing its log."""
    log = logging.Logger("nbgrader")
    errors = _Errors()
    log.addHandler(errors)
    config = Config()
    config.GenerateAssignment.no_database = True
    config.GenerateAssignment.preprocessors = PREPROCESSORS
    config.SaveCells.enabled = False
    course = CourseDirectory(
        root=str(root), source_directory="build/source", release_directory="exercises", assignment_id=lab.name, log=log
    )
    try:
        GenerateAssignment(coursedir=course, config=config, log=log).start()
    except NbGraderException as error:
        raise CourseError(f"{path}: nbgrader can't make an exercise from it: {errors.cause or error}.") from error


class _Errors(logging.Handler):
    """Remember why a run failed, from the last line of the traceback that nbgrader logs."""

    cause: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().rstrip()
        if record.levelno >= logging.ERROR and message.startswith("Traceback"):
            self.cause = message.splitlines()[-1].rstrip(".")


def _refuse_unfit(path: Path, lab: Lab, exercise: Any) -> None:
    """Reject an exercise that nbgrader accepts but students couldn't work with."""
    cells = {cell.id: cell for cell in exercise.cells}
    for cell in exercise.cells:
        if cell.cell_type == "code":
            try:
                ast.parse(as_python(cell.source))
            except SyntaxError as error:
                _refuse(path, cell.source, f"the students' version isn't valid Python ({error.msg})")
    for stub in lab.stubs:
        source = cells[solution_id(stub.name)].source
        if not _stubs_defined(lab, source):
            _refuse(path, source, f"students wouldn't receive the signature of {stub.name}; put ### {BEGIN} below it")
        for node in ast.parse(as_python(source)).body:
            if isinstance(node, ast.FunctionDef) and node.name == stub.name and not ast.get_docstring(node):
                _refuse(path, source, f"{stub.name} has no docstring above its solution; students need one")


# --- the checks


def _hidden_checks(course: Course) -> str:
    found = {}
    for lab in course.labs:
        visible = _read_checks(course, lab, course.visible_checks(lab.name), visible=True)
        hidden = _read_checks(course, lab, course.hidden_checks(lab.name), visible=False)
        if twice := sorted(visible.keys() & hidden.keys()):
            raise CourseError(
                f"{course.hidden_checks(lab.name)}: {twice[0]} is also the name of a visible check; rename it."
            )
        for stub in lab.stubs:
            if not any(check.stub == stub.name and not check.advisory for check in visible.values()):
                raise CourseError(
                    f"{course.visible_checks(lab.name)} has no check for {stub.name} that earns points; write one."
                )
            mine = [check for check in hidden.values() if check.stub == stub.name]
            weight = sum(check.weight for check in mine if not check.advisory)
            found[stub.name] = {"checks": len(mine), "weight": float(weight)}
    return yaml.safe_dump(found, sort_keys=False, default_flow_style=None, width=120)


def _read_checks(course: Course, lab: Lab, path: Path, *, visible: bool) -> dict[str, Check]:
    """Return the checks in a file, keyed by test name."""
    if not path.is_file():
        raise CourseError(f"{path} doesn't exist; write the lab's checks there.")
    make_importable(course)
    try:
        values = runpy.run_path(str(path))
    except Exception as error:
        raise CourseError(f"{path} can't be run ({type(error).__name__}: {error}); fix it.") from error
    checks = {name: value.__check__ for name, value in values.items() if hasattr(value, "__check__")}
    for name, check in checks.items():
        if not name.startswith("test_"):
            raise CourseError(f"{path}: pytest doesn't find the check {name}; call it test_{name}.")
        if not lab.has(check.stub):
            raise CourseError(f"{path}: {name} checks {check.stub}, which isn't a stub of the lab; correct its name.")
        if (check.kind == "visible") is not visible:
            raise CourseError(
                f"{path}: {name} is {check.kind}; visible checks belong in {course.visible_checks(lab.name)}"
                f" and all others in {course.hidden_checks(lab.name)}."
            )
    return checks
