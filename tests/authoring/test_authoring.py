"""`mastery build`: students' notebooks are built from the authors' files, and contain none of the answers."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from nbgrader.nbgraderformat import MetadataValidator

from autograder.authoring.build import build
from autograder.model.course import Course, load
from autograder.model.errors import CourseError
from autograder.model.paths import grade_id, solution_id
from tests import repository
from tests.repository import ROOT

LABS, ITEMS = repository.COURSE.labs, repository.COURSE.items

COURSE = """
title: Sums
labs:
  - name: sums
    title: Sums
    stubs: [{name: plus, points: 3}, {name: minus, points: 2.5}]
"""
SOLUTIONS = '''# %% [markdown]
# # Sums

# %%
from autograder import check


# %%
def plus(a, b):
    """The sum of two numbers."""
    ### BEGIN SOLUTION
    total = a + b
    return total
    ### END SOLUTION


# %%
check("plus")


# %%
def minus(a, b):
    """The difference of two numbers."""
    ### BEGIN SOLUTION
    return a - b
    ### END SOLUTION


# %%
check("minus")

# %%
print(minus(2, 1))
'''
VISIBLE = '''from autograder.testing import checks


@checks("plus")
def test_three(student, rng):
    """One and two are three."""


@checks("minus")
def test_one(student, rng):
    """Two less one is one."""
'''
HIDDEN = '''from autograder.testing import checks


@checks("plus", kind="hidden", weight=2.0)
def test_fresh(student, rng):
    """Numbers never seen before are added."""


@checks("plus", kind="robustness", conduct=True)
def test_pure(student, rng):
    """The numbers are left as they were."""


@checks("plus", kind="statistical", advisory=True)
def test_many(student, rng):
    """Many sums come out right."""
'''
SOURCE, VISIBLE_FILE, HIDDEN_FILE = (
    "solutions/sums/sums.py",
    "reference/sums/test_visible.py",
    "solutions/sums/test_hidden.py",
)


@pytest.fixture(autouse=True)
def _path_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """This repository's course, built in its own folder."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "course.yaml", root)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for folder in ("solutions", "reference"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "hidden.yaml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", sys.path[:])
        build(load(root))
        yield root


@pytest.fixture
def sums(tmp_path: Path) -> Course:
    """A small course with one lab."""
    files = {"course.yaml": COURSE, SOURCE: SOLUTIONS, VISIBLE_FILE: VISIBLE, HIDDEN_FILE: HIDDEN}
    for name, text in {**files, "reference/__init__.py": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return load(tmp_path)


def exercise(root: Path, lab: str) -> Any:
    return nbformat.read(root / "exercises" / lab / f"{lab}.ipynb", as_version=4)


def exercise_text(root: Path, lab: str) -> str:
    return "\n".join(cell.source for cell in exercise(root, lab).cells)


def contents(root: Path) -> dict[str, bytes]:
    """The files that `build` writes, by path."""
    files = [*root.glob("build/source/*/*"), *root.glob("exercises/*/*.ipynb"), root / "reference/hidden.yaml"]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def telling_lines(text: str) -> set[str]:
    """Return the lines that would give something away, i.e., all but the shortest and those that import or raise."""
    lines = {line.strip(' "') for line in text.splitlines()}
    return {line for line in lines if len(line) > 12 and not line.startswith(("import ", "from ", "raise "))}


# --- this repository's course


def test_committed_exercises_are_up_to_date(real: Path) -> None:
    built, committed = contents(real), contents(ROOT)
    expected = {name for name in built if not name.startswith("build/")}
    assert {name for name in committed if not name.startswith("build/")} == expected
    stale = [name for name in expected if committed[name] != built[name]]
    assert not stale, "run `mastery build`"


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_exercises_hold_no_answer_and_no_hidden_check(real: Path, lab: Any) -> None:
    blocks = (ROOT / f"solutions/{lab.name}/{lab.name}.py").read_text("utf-8").split("### BEGIN SOLUTION")[1:]
    secrets = [block.split("### END SOLUTION")[0] for block in blocks]
    assert len(secrets) >= sum(stub.name not in ITEMS for stub in lab.stubs)
    for file in (f"solutions/{lab.name}/alternatives.py", f"solutions/{lab.name}/test_hidden.py"):
        # An import isn't an answer.
        secrets.append(
            re.sub(r"^from [\w.]+ import \([^)]*\)$", "", (ROOT / file).read_text("utf-8"), flags=re.MULTILINE)
        )
    text = exercise_text(real, lab.name)
    # An alternative's signature may be wrapped even if the stub's isn't, because the stub's name is shorter.
    text = re.sub(r"^def \w+\(.*\):$", "", text, flags=re.MULTILINE)
    told = sorted(line for secret in secrets for line in telling_lines(secret) if line in text)
    assert told == []
    assert "SOLUTION" not in text


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_exercises_are_valid_notebooks_with_empty_outputs(real: Path, lab: Any) -> None:
    notebook = exercise(real, lab.name)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in notebook.cells if "outputs" in cell)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_stub_has_a_cell_to_solve_and_a_locked_cell_with_its_points(real: Path, lab: Any) -> None:
    cells = {cell.id: cell for cell in exercise(real, lab.name).cells}
    for stub in lab.stubs:
        solution, check = cells.pop(solution_id(stub.name)), cells.pop(grade_id(stub.name))
        assert solution.metadata.nbgrader.items() >= {"solution": True, "grade": False, "locked": False}.items()
        assert solution.metadata.get("editable", True)
        if stub.name in ITEMS:
            assert solution.source.endswith(f"\n{stub.name}_round = 1\n{stub.name} = None")
        else:
            assert solution.source.startswith(f"def {stub.name}(")
            assert '"""' in solution.source
            assert solution.source.endswith("raise NotImplementedError()")
        wanted = {"grade": True, "solution": False, "locked": True, "points": stub.points}
        assert check.metadata.nbgrader.items() >= wanted.items()
        assert check.metadata.editable is False
        assert check.metadata.deletable is False
        assert check.source == f'check("{stub.name}")'
    for row in lab.judged:
        task = cells.pop(row.name)
        wanted = {"task": True, "grade": False, "solution": False, "locked": True, "points": row.points}
        assert task.metadata.nbgrader.items() >= wanted.items()
        assert task.cell_type == "markdown"
        assert task.source
    assert not any("nbgrader" in cell.metadata for cell in cells.values())


@pytest.mark.slow
def test_plain_nbgrader_makes_the_same_exercises_and_knows_their_points(real: Path, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(real, root)
    for lab in LABS:
        (root / "exercises" / lab.name / f"{lab.name}.ipynb").write_text("of an earlier build")
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", lab.name]
        # nbgrader looks for alembic on the PATH, which contains it only if the virtual environment is activated.
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        environment = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path), "PATH": path}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    assert contents(root) == contents(real)
    with sqlite3.connect(root / "gradebook.db") as gradebook:
        points = gradebook.execute("SELECT name, max_score FROM base_cell JOIN grade_cells USING (id)").fetchall()
    assert sorted(points) == sorted((grade_id(stub.name), stub.points) for lab in LABS for stub in lab.stubs)


# --- building


def test_building_twice_gives_the_same_bytes(sums: Course) -> None:
    written, removed = build(sums)
    assert removed == []
    first = contents(sums.root)
    assert {path.relative_to(sums.root).as_posix() for path in written} == first.keys()
    build(sums)
    assert contents(sums.root) == first


def test_a_labs_files_lie_beside_its_notebook(sums: Course) -> None:
    path = sums.root / "course.yaml"
    path.write_text(path.read_text("utf-8").replace("- name: sums", "- name: sums\n    files: [form.txt]"), "utf-8")
    course = load(sums.root)
    with pytest.raises(CourseError, match=r"solutions/sums/files/form\.txt doesn't exist; write it"):
        build(course)
    form = sums.root / "solutions" / "sums" / "files" / "form.txt"
    form.parent.mkdir(parents=True)
    form.write_text("name:", "utf-8")
    build(course)
    for folder in ("build/source", "exercises"):
        assert (sums.root / folder / "sums" / "form.txt").read_text("utf-8") == "name:"
    assert course.version == sums.version


def test_the_answer_gives_way_to_a_stub(sums: Course) -> None:
    build(sums)
    cells = exercise(sums.root, "sums").cells
    assert [cell.id for cell in cells] == [
        "sums-0",
        "sums-1",
        "plus-solution",
        "plus",
        "minus-solution",
        "minus",
        "sums-6",
    ]
    assert cells[2].source == (
        'def plus(a, b):\n    """The sum of two numbers."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )


def test_the_source_of_nbgrader_keeps_the_answer(sums: Course) -> None:
    build(sums)
    source = nbformat.read(sums.root / "build/source/sums/sums.ipynb", as_version=4)
    nbformat.validate(source)
    MetadataValidator().validate_nb(source)
    assert "total = a + b" in source.cells[2].source


def test_checks_that_run_only_when_graded_are_counted(sums: Course) -> None:
    build(sums)
    text = (sums.root / "reference/hidden.yaml").read_text("utf-8")
    assert text.startswith("# Written by `mastery build`")
    assert yaml.safe_load(text) == {"plus": {"checks": 3, "weight": 3.0}, "minus": {"checks": 0, "weight": 0.0}}


def test_nothing_is_said_while_building(sums: Course, capfd: pytest.CaptureFixture[str]) -> None:
    build(sums)
    (sums.root / SOURCE).write_text(SOLUTIONS + "### BEGIN HIDDEN TESTS\n", "utf-8")
    with pytest.raises(CourseError):
        build(sums)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SOURCE, 'check("minus")', "pass"),
        (SOURCE, "print(", "### BEGIN HIDDEN TESTS\nprint("),
        (HIDDEN_FILE, '@checks("plus"', '@checks("times"'),
    ],
    ids=["before nbgrader", "by nbgrader", "after nbgrader"],
)
def test_a_failed_build_leaves_everything_as_it_was(sums: Course, file: str, old: str, new: str) -> None:
    build(sums)
    before = contents(sums.root)
    (sums.root / SOURCE).write_text(SOLUTIONS.replace("# # Sums", "# # Other sums"), "utf-8")
    break_file(sums.root / file, old, new)
    with pytest.raises(CourseError):
        build(sums)
    assert contents(sums.root) == before
    assert [path.name for path in (sums.root / "build").iterdir()] == ["source"]


def break_file(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


MINUS_CELL = SOLUTIONS[SOLUTIONS.index("# %%\ndef minus") : SOLUTIONS.index('# %%\ncheck("minus")')]
PLUS_CHECK = '# %%\ncheck("plus")\n'


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (SOURCE, MINUS_CELL + '# %%\ncheck("minus")\n', "", "has no solution for minus"),
        (SOURCE, 'check("minus")', "print(1)", 'never checks minus; add a cell with just check("minus")'),
        (SOURCE, 'check("minus")', 'print(check("minus"))', "never checks minus"),
        (SOURCE, 'check("minus")', 'print(1)\ncheck("minus")', "never checks minus"),
        (SOURCE, 'check("minus")', 'check("times")', "the lab has no such stub; it has plus, minus"),
        (SOURCE, 'check("minus")', 'check("plus")', "this check appears twice"),
        (SOURCE, MINUS_CELL, "", "there's no solution for minus above it"),
        (SOURCE, "def minus", "def times", "defines no stub of the lab"),
        (SOURCE, PLUS_CHECK + "\n\n# %%\ndef minus", "def minus", "defines plus and minus"),
        (SOURCE, "print(", MINUS_CELL.removeprefix("# %%\n") + "print(", "it's a second solution for minus"),
        (SOURCE, "print(", "minus = max\nprint(", "students would receive this minus"),
        (SOURCE, "    ### BEGIN SOLUTION\n    return a - b\n    ### END SOLUTION", "    return a - b", "would receive"),
        (SOURCE, "    ### END SOLUTION", "", "the ### END SOLUTION is missing"),
        (SOURCE, "    ### BEGIN SOLUTION", "", "every ### BEGIN SOLUTION needs one ### END SOLUTION"),
        (SOURCE, "    total", "    ### BEGIN SOLUTION\n    total", "needs one ### END SOLUTION after it"),
        (SOURCE, "def plus", "### BEGIN SOLUTION\n### END SOLUTION\nif:\ndef plus", "isn't valid Python"),
        (SOURCE, "print(", "print(;", "isn't valid Python"),
        (
            SOURCE,
            'def plus(a, b):\n    """The sum of two numbers."""\n    ### BEGIN SOLUTION',
            "### BEGIN SOLUTION\ndef plus(a, b):",
            "students wouldn't receive the signature of plus",
        ),
        (SOURCE, '    """The sum of two numbers."""\n', "", "plus has no docstring above its solution"),
        (SOURCE, "print(", "### BEGIN HIDDEN TESTS\nprint(", "nbgrader can't make an exercise from it: RuntimeError: "),
        (
            SOURCE,
            "# # Sums",
            "# ### BEGIN SOLUTION\n# 1\n# ### END SOLUTION",
            "nbgrader can't make an exercise from it",
        ),
        (VISIBLE_FILE, '@checks("minus")', '@checks("plus")', "has no check for minus that earns points"),
        (
            VISIBLE_FILE,
            '@checks("minus")',
            '@checks("minus", advisory=True)',
            "has no check for minus that earns points",
        ),
        (
            VISIBLE_FILE,
            '@checks("minus")',
            '@checks("minus", kind="hidden")',
            "test_one is hidden; visible checks belong",
        ),
        (VISIBLE_FILE, "test_one", "one", "pytest doesn't find the check one; call it test_one"),
        (VISIBLE_FILE, "from autograder", "from autogrades", "can't be run (ModuleNotFoundError: "),
        (HIDDEN_FILE, 'kind="hidden", ', "", "test_fresh is visible; visible checks belong"),
        (HIDDEN_FILE, '@checks("plus"', '@checks("times"', "test_fresh checks times, which isn't a stub of the lab"),
        (HIDDEN_FILE, "test_fresh", "test_three", "test_three is also the name of a visible check"),
    ],
)
def test_what_is_wrong_with_a_course_is_said_in_a_sentence(
    sums: Course, file: str, old: str, new: str, said: str
) -> None:
    break_file(sums.root / file, old, new)
    with pytest.raises(CourseError) as caught:
        build(sums)
    assert_sentence(str(caught.value), sums.root / file, said)


@pytest.mark.parametrize("file", [SOURCE, VISIBLE_FILE, HIDDEN_FILE])
def test_a_missing_file_is_named(sums: Course, file: str) -> None:
    (sums.root / file).unlink()
    with pytest.raises(CourseError) as caught:
        build(sums)
    assert_sentence(str(caught.value), sums.root / file, "doesn't exist; write the lab's")


def test_a_file_that_is_no_text_is_named(sums: Course) -> None:
    (sums.root / SOURCE).write_bytes(b"# %%\n'\xff'\n")
    with pytest.raises(CourseError) as caught:
        build(sums)
    assert_sentence(str(caught.value), sums.root / SOURCE, "isn't UTF-8 text; save it as UTF-8")


def test_a_place_that_cannot_be_written_is_named(sums: Course) -> None:
    (sums.root / "exercises").write_text("in the way")
    with pytest.raises(CourseError) as caught:
        build(sums)
    assert_sentence(str(caught.value), sums.root / "exercises", "can't be read or written: ")


def assert_sentence(message: str, names: Path, said: str) -> None:
    assert message.startswith(str(names))
    assert said in message
    assert message.endswith(".")
    assert "\n" not in message
