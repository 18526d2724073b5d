"""Measure nbgrader and Otter-Grader on the same functions and assertions: seconds from command to scores.

    python -m benchmarks.peers --json FILE [--submissions 6] [--environments build/peers]

Each peer has its own virtual environment, which is created if it's missing. The notebook has the lab's stubs and no
plots. The checks are translated: `student.softmax` becomes the notebook's function, and the reference is next to it.
Each check is one plain cell (nbgrader) or test case (Otter) with its points, so scores can be compared too. Both
graders start one kernel per submission, one after another, so a few submissions show what many would cost. nbgrader is
timed on two submissions and on more; the difference shows what each one costs without startup. Otter needs one command
per submission.
"""

import argparse
import ast
import inspect
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.simulation import notebooks
from autograder.grading.execution import check_of, name_of
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model import seeds
from autograder.model.course import Course, Lab, load
from autograder.model.results import LabResult
from benchmarks import plain
from benchmarks.classes import answers
from benchmarks.usage import run

NEEDS = {"nbgrader": ["nbgrader", "numpy", "torch"], "otter": ["otter-grader", "ipykernel", "numpy", "torch"]}
SECRET = b"benchmark"
IMPORTS = "import math\n\nimport numpy as np"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# nbgrader's command is also timed on only this many submissions, to separate its startup from the rest.
FEWEST = 2


@dataclass(frozen=True)
class PlainCheck:
    """A check as a plain cell."""

    name: str
    stub: str
    points: float
    hidden: bool
    source: str


@dataclass(frozen=True)
class PlainLab:
    """A lab for a peer: what its checks need (`prelude`), and the checks. `stubs`: each stub's solution."""

    lab: Lab
    stubs: dict[str, str]
    prelude: str
    checks: Sequence[PlainCheck]


class _Plain(ast.NodeTransformer):
    """Turns `student.softmax` into the notebook's own function, and `softmax.softmax` into the reference next to it."""

    def __init__(self, lab: str) -> None:
        self.lab = lab

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "student":
            return ast.Name(node.attr)
        if isinstance(node.value, ast.Name) and node.value.id == self.lab:
            return ast.Name(f"torch_{node.attr}")
        return self.generic_visit(node)


class _Prefixed(ast.NodeTransformer):
    """Renames the reference's functions, since they have the stubs' names."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(f"torch_{node.id}") if node.id in self.names else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = f"torch_{node.name}"
        return self.generic_visit(node)


def plain_lab(course: Course, lab: Lab) -> PlainLab:
    files = [course.visible_checks(lab.name), course.hidden_checks(lab.name)]
    tests = [test for file in files for test in vars(notebooks.module_at(file)).values() if hasattr(test, "__check__")]
    weights = {stub.name: 0.0 for stub in lab.stubs}
    for test in tests:
        weights[check_of(test).stub] += check_of(test).weight
    points = {stub.name: stub.points / weights[stub.name] for stub in lab.stubs}
    shared = [
        ast.unparse(_Plain(lab.name).visit(node))
        for file in files
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Assign) or (isinstance(node, ast.FunctionDef) and not node.decorator_list)
    ]
    reference = ast.parse((course.root / "reference" / lab.name / "reference.py").read_text())
    names = {node.name for node in reference.body if isinstance(node, ast.FunctionDef)}
    prelude = [inspect.getsource(plain), *(ast.unparse(_Prefixed(names).visit(node)) for node in reference.body)]
    checks = []
    for test in tests:
        check = check_of(test)
        (function,) = ast.parse(inspect.getsource(test)).body
        seed = (
            seeds.public_seed(lab.name, check.stub, name_of(test))
            if check.kind == "visible"
            else seeds.secret_seed(SECRET, lab.name, check.stub, name_of(test), 1)
        )
        body = [ast.unparse(_Plain(lab.name).visit(node)) for node in function.body[1:]]
        source = "\n".join([f"rng = np.random.default_rng({seed})", *body])
        worth = points[check.stub] * check.weight
        checks.append(PlainCheck(name_of(test), check.stub, worth, check.kind != "visible", source))
    return PlainLab(
        lab,
        dict(notebooks.simulation(course, lab).solutions),
        # Shared helpers take a student, but here they call the functions next to them instead.
        "\n\n".join([*prelude, "student = None", *shared]),
        checks,
    )


@dataclass(frozen=True)
class Peer:
    """Another grader, in its own virtual environment."""

    name: str
    environments: Path

    def program(self, name: str) -> Path:
        return self.environments / self.name / "bin" / name

    def install(self) -> None:
        """Create the environment if it's missing."""
        if not self.program(self.name).exists():
            subprocess.run([sys.executable, "-m", "venv", self.environments / self.name], check=True)
            subprocess.run([self.program("pip"), "install", "--quiet", *NEEDS[self.name]], check=True)

    def version(self) -> str:
        package = NEEDS[self.name][0]
        asked = f"import importlib.metadata as m; print(m.version('{package}'))"
        found = subprocess.run([self.program("python"), "-c", asked], check=True, capture_output=True, text=True)
        return found.stdout.strip()

    def run(self, folder: Path, *words: str | Path) -> float:
        """Run one of its commands and return the seconds it took."""
        path = os.pathsep.join([str(self.program(self.name).parent), os.environ["PATH"]])
        return run([self.program(self.name), *words], folder, {"PATH": path}).seconds


def solved(notebook: Any, lab: Lab, sources: dict[str, str]) -> Any:
    for cell in notebook.cells:
        for stub in lab.stubs:
            if cell.source.startswith(f"def {stub.name}("):
                cell.source = sources[stub.name]
    return notebook


# --- nbgrader


def _role(name: str, **more: Any) -> dict[str, Any]:
    role = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3, "grade_id": name}
    return {"nbgrader": {**role, **more}}


def nbgrader_source(made: PlainLab) -> Any:
    def code(source: str, metadata: dict[str, Any]) -> Any:
        return nbformat.v4.new_code_cell(source, metadata=metadata)

    cells = [code(IMPORTS, {}), code(made.prelude, _role("prelude", locked=True))]
    for stub, source in made.stubs.items():
        head, _, body = source.partition("\n")
        answer = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        cells.append(code(answer, _role(f"{stub}-solution", solution=True)))
        for check in made.checks:
            if check.stub == stub:
                hidden = f"### BEGIN HIDDEN TESTS\n{check.source}\n### END HIDDEN TESTS"
                role = _role(check.name, grade=True, locked=True, points=check.points)
                cells.append(code(hidden if check.hidden else check.source, role))
    return nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)


def nbgrader_autograde(peer: Peer, made: PlainLab, students: Sequence[dict[str, str]]) -> tuple[float, list[float]]:
    """Return how many seconds `nbgrader autograde` took, and the scores it gave."""
    lab = made.lab
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = folder / "source" / lab.name / f"{lab.name}.ipynb"
        source.parent.mkdir(parents=True)
        nbformat.write(nbgrader_source(made), source)
        peer.run(folder, "generate_assignment", lab.name)
        for number, changed in enumerate(students):
            notebook = nbformat.read(folder / "release" / lab.name / f"{lab.name}.ipynb", as_version=4)
            path = folder / "submitted" / f"student{number}" / lab.name / f"{lab.name}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(solved(notebook, lab, {**made.stubs, **changed}), path)
        seconds = peer.run(folder, "autograde", lab.name)
        shown = list(folder.glob("autograded/*/*/*.ipynb"))
        assert len(shown) == len(students), (len(shown), len(students))
        with closing(sqlite3.connect(folder / "gradebook.db")) as book:
            rows = book.execute(
                "SELECT sum(grade.auto_score) FROM submitted_assignment AS submission"
                " JOIN submitted_notebook AS notebook ON notebook.assignment_id = submission.id"
                " JOIN grade ON grade.notebook_id = notebook.id GROUP BY submission.id ORDER BY submission.student_id"
            ).fetchall()
    return seconds, [score for (score,) in rows]


def measure_nbgrader(peer: Peer, made: PlainLab, students: Sequence[dict[str, str]]) -> dict[str, Any]:
    few, _ = nbgrader_autograde(peer, made, students[:FEWEST])
    many, scores = nbgrader_autograde(peer, made, students)
    steady = (many - few) / (len(students) - FEWEST)
    return {
        "version": peer.version(),
        "ms_a_submission": steady * 1000,
        "start_seconds": few - FEWEST * steady,
        f"seconds_of_{FEWEST}": few,
        f"seconds_of_{len(students)}": many,
        "scores": scores,
    }


# --- Otter-Grader


def otter_tests(made: PlainLab, stub: str) -> str:
    parts = [
        "from otter.test_files import test_case",
        made.prelude,
        f"OK_FORMAT = False\nname = {stub!r}\npoints = None",
    ]
    for check in made.checks:
        if check.stub == stub:
            # Otter only passes the function in as an argument, but the shared helpers call it by its name.
            lines = [f"globals()[{stub!r}] = {stub}", *check.source.splitlines()]
            body = "\n".join(f"    {line}" for line in lines)
            parts.append(
                f"@test_case(name={check.name!r}, points={check.points}, hidden={check.hidden})\n"
                f"def test_{check.name}({stub}):\n{body}"
            )
    return "\n\n".join(parts) + "\n"


def measure_otter(peer: Peer, made: PlainLab, students: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return the mean milliseconds of one `otter run`, and the scores it gave."""
    lab = made.lab
    seconds, scores = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "tests").mkdir()
        for stub in made.stubs:
            (folder / "tests" / f"{stub}.py").write_text(otter_tests(made, stub), encoding="utf-8")
        peer.run(folder, "generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements", "--no-environment")
        for number, changed in enumerate(students):
            sources = {**made.stubs, **changed}
            cells = [nbformat.v4.new_code_cell(source) for source in (IMPORTS, *sources.values())]
            path = folder / f"student{number}" / f"{lab.name}.ipynb"
            path.parent.mkdir()
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), path)
            seconds.append(peer.run(folder, "run", path, "-a", "autograder.zip", "-o", f"student{number}", "--no-logo"))
            results = json.loads((path.parent / "results.json").read_text())
            scores.append(sum(test.get("score", 0.0) for test in results["tests"]))
    return {
        "version": peer.version(),
        "ms_a_submission": sum(seconds) * 1000 / len(seconds),
        "scores": scores,
    }


# --- both


def graded_here(course: Course, lab: Lab, students: Sequence[dict[str, str]]) -> list[LabResult]:
    """Return this project's results for the same functions. Unlike the peers' scores, these give no points for conduct
    if too few values are right."""
    parts = notebooks.simulation(course, lab)
    with tempfile.TemporaryDirectory() as folder:
        jobs = [
            Job(str(number), lab.name, notebooks.write(parts.solved(changed), Path(folder, f"{number}.ipynb")), 1, "")
            for number, changed in enumerate(students)
        ]
        session = GradingSession(GradingContext(course.root, SECRET))
        try:
            return session.grade(jobs)
        finally:
            session.close()


def students_of(course: Course, lab: Lab, count: int) -> list[dict[str, str]]:
    """Return the changed stubs of a few students, spread over all the kinds of answers in a class."""
    kinds = len([*notebooks.alternatives(course, lab), *notebooks.wrong_answers(course, lab)])
    known = itertools.islice(answers(course, lab), 2 * kinds)
    whole = [{other.of: notebooks.source_of(course, other, None)} if other else {} for other in known]
    step = len(whole) // count | 1  # odd, so that solutions and other answers alternate
    return whole[::step][:count]


def measure(course: Course, lab: Lab, count: int, environments: Path) -> dict[str, Any]:
    """Measure both peers on `count` submissions, and count how many scores match this project's."""
    made = plain_lab(course, lab)
    students = students_of(course, lab, count)
    ours = [result.score for result in graded_here(course, lab, students)]
    figures: dict[str, Any] = {"submissions": count, "checks": len(made.checks), "scores": ours}
    for name, measured in (("nbgrader", measure_nbgrader), ("otter", measure_otter)):
        peer = Peer(name, environments)
        peer.install()
        figures[name] = measured(peer, made, students)
        pairs = zip(ours, figures[name]["scores"], strict=True)
        figures[name]["same_scores"] = sum(abs((one or 0.0) - other) < 1e-3 for one, other in pairs)
    return figures


def times(figures: dict[str, Any]) -> dict[str, float]:
    """Return our throughput as a multiple of each peer's. `figures` has both sides' figures."""
    theirs, count, ours = figures["peers"], figures["submissions"], figures["ms_a_submission"]
    nbgrader = theirs["nbgrader"]["ms_a_submission"] + theirs["nbgrader"]["start_seconds"] * 1000 / count
    return {"times_nbgrader": nbgrader / ours, "times_otter": theirs["otter"]["ms_a_submission"] / ours}


def show(figures: dict[str, Any]) -> None:
    for name in NEEDS:
        each = figures[name]
        same = f"{each['same_scores']} of {figures['submissions']} scores match ours"
        print(f"  {name} {each['version']:<16} {each['ms_a_submission']:8.0f} ms per submission, {same}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=6)
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path("build/peers"),
        help="where the peers' environments are, or will be created",
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    course = load()
    begun = time.perf_counter()
    figures = measure(course, course.lab("softmax"), options.submissions, options.environments.resolve())
    print(f"{options.submissions} submissions of softmax, in {time.perf_counter() - begun:.0f} s")
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
