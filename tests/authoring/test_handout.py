"""`mastery build --student`: students receive enough to work with, and nothing that gives answers away."""

import ast
import functools
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from autograder.authoring.simulation import notebooks as simulated
from autograder.authoring.site.python import NEEDED
from autograder.authoring.site.wheels import wheels
from autograder.model.course import Course, load
from tests.repository import COURSE, ROOT
from tests.site import built_site

MASTERY = Path(sysconfig.get_path("scripts"), "mastery")
PYODIDES_OWN = {*NEEDED["runtime"], *(each["file_name"] for each in NEEDED["packages"].values())}
SECRET = "a-secret-that-nobody-is-to-see"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The repository's course in a folder of its own, with a secret and the other files that an author has there."""
    root = tmp_path_factory.mktemp("course")
    for part in ("course.yaml", "exercises", "reference", "solutions"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part)
        else:
            shutil.copy(ROOT / part, root / part)
    (root / ".secret").write_text(SECRET)
    (root / "reference" / ".secret").write_text(SECRET)
    (root / "exercises" / "softmax" / "answers.txt").write_text(SECRET)
    subprocess.run([MASTERY, "build", "--student"], cwd=root, check=True, capture_output=True)
    return load(root)


@pytest.fixture(scope="module")
def handed_out(course: Course) -> list[Path]:
    return sorted((course.root / "build" / "student").iterdir())


@pytest.fixture(scope="module")
def published(course: Course) -> list[Path]:
    """The project's own wheel and source archive, as they might be published on a package index."""
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, course.root / name)
    shutil.copytree(ROOT / "autograder", course.root / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    made = course.root / "dist"
    built = [
        next(builder(str(course.root)).build(directory=str(made), versions=["standard"]))
        for builder in (WheelBuilder, SdistBuilder)
    ]
    return [Path(path) for path in built]


@pytest.fixture(scope="module")
def in_a_tab(course: Course, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheels that the course uses in a browser tab."""
    folder = tmp_path_factory.mktemp("wheels")
    made = [folder / wheel.file_name for wheel in wheels(course)]
    for path, wheel in zip(made, wheels(course), strict=True):
        path.write_bytes(wheel.content)
    return made


@pytest.fixture(scope="module")
def site(course: Course, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Everything that a web host serves once the site is built."""
    return [built_site(course, tmp_path_factory.mktemp("host"))]


@pytest.fixture(
    scope="module",
    params=["handed out", "published", "in a tab", pytest.param("site", marks=pytest.mark.browser)],
)
def members(request: pytest.FixtureRequest) -> dict[str, str]:
    """Every file that students, or the public, receive, as text, by its archive and name."""
    paths = request.getfixturevalue(request.param.replace(" ", "_"))
    return {f"{path.name}/{name}": text.decode("utf-8", "replace") for path in paths for name, text in files_in(path)}


def files_in(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        # Pyodide's files are the published ones, which the build verifies.
        for file in (each for each in sorted(path.rglob("*")) if each.is_file() and each.name not in PYODIDES_OWN):
            yield file.relative_to(path).as_posix(), file.read_bytes()
            if file.suffix in (".whl", ".zip"):
                yield from ((f"{file.name}/{name}", content) for name, content in files_in(file))
    elif path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                if (file := archive.extractfile(member)) is not None:
                    yield member.name, file.read()
    else:
        with zipfile.ZipFile(path) as zipped:
            yield from ((name, zipped.read(name)) for name in zipped.namelist())


@pytest.mark.processes
def test_it_is_a_wheel_and_a_zip_of_the_notebooks(course, handed_out):
    zipped, wheel = handed_out[::-1] if handed_out[0].suffix == ".whl" else handed_out
    assert re.fullmatch(rf"llm_mastery-[\d.]+\+{course.version}-py3-none-any\.whl", wheel.name)
    assert zipped.name == "notebooks.zip"
    with zipfile.ZipFile(zipped) as archive:
        assert archive.namelist() == course.handed_out


@pytest.mark.proof
def test_building_twice_gives_the_same_bytes(course, handed_out):
    before = [path.read_bytes() for path in handed_out]
    subprocess.run([MASTERY, "build", "--student"], cwd=course.root, check=True, capture_output=True)
    assert [path.read_bytes() for path in handed_out] == before


def test_no_file_of_the_authors_is_in_it(members):
    # The files that `mastery new` writes for an author contain no answers.
    theirs = [name for name in members if "/autograder/authoring/templates/" not in name]
    assert not [name for name in theirs if "solutions" in name or "alternatives" in name or ".secret" in name]
    assert not [name for name in members if name.endswith("answers.txt")]


def test_our_bytecode_is_only_of_modules_that_can_be_read_in_it_too(members):
    compiled = [name for name in members if "/autograder/" in name and name.endswith(".pyc")]
    assert {re.sub(r"__pycache__/(\w+)\.cpython-\d+\.pyc$", r"\1.py", name) for name in compiled} <= members.keys()


def test_the_key_of_an_assessment_is_in_none_of_it_and_its_questions_are(members):
    assessments = [lab.name for lab in COURSE.labs if lab.assessment]
    assert assessments
    for lab in assessments:
        assert not [name for name in members if name.endswith((f"/{lab}/reference.py", f"/{lab}/misconceptions.py"))]
        assert [name for name in members if name.endswith(f"reference/{lab}/test_visible.py")]
        assert not [name for name in members if f"/{lab}/statements" in name]
    assert [name for name in members if name.endswith("reference/quiz/statements.yaml")]


def test_the_secret_is_nowhere(members):
    assert not [name for name, text in members.items() if SECRET in text]


def solutions() -> Iterator[tuple[str, str]]:
    for lab in COURSE.labs:
        parts = simulated.simulation(COURSE, lab)
        yield from ((stub, source) for stub, source in parts.solutions.items() if stub not in COURSE.items)


def functions_of(source: str) -> dict[str, str]:
    """What each function does, by name, without docstrings, comments and whitespace."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            found[node.name] = "\n".join(ast.unparse(line) for line in body)
    return found


@functools.cache
def functions_in(suffix: str, text: str) -> set[str]:
    """What the functions in a file do. Most files occur in everything that's handed out."""
    sources = [text] if suffix == ".py" else []
    if suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    return {meaning for source in sources for meaning in functions_of(source).values()}


@pytest.fixture(scope="module")
def functions(members: dict[str, str]) -> dict[str, set[str]]:
    """What the functions in every file handed out do."""
    return {name: functions_in(Path(name).suffix, text) for name, text in members.items()}


@pytest.fixture(scope="module")
def squeezed(members: dict[str, str]) -> dict[str, str]:
    """Each file's text, with single spaces between words, so that a title is found however it's wrapped."""
    return {name: " ".join(text.split()) for name, text in members.items()}


def holding(functions: dict[str, set[str]], meaning: str) -> list[str]:
    return [name for name, found in functions.items() if meaning in found]


@pytest.mark.parametrize(("stub", "source"), list(solutions()))
def test_no_solution_is_in_it(members, functions, stub, source):
    assert not holding(functions, functions_of(source)[stub])
    block = source.split('"""')[-1].strip()
    # A misconception may contain one line of an answer too, followed by something wrong.
    assert "\n" not in block or not [name for name, text in members.items() if block in text]


@pytest.mark.parametrize("lab", [lab.name for lab in COURSE.labs])
def test_no_alternative_is_in_it(functions, lab):
    for other in simulated.alternatives(COURSE, COURSE.lab(lab)):
        meaning = functions_of(simulated.source_as(other.of, other.function))[other.of]
        assert not holding(functions, meaning), other.name


@pytest.mark.parametrize("lab", [lab.name for lab in COURSE.labs])
def test_no_hidden_check_is_in_it(functions, squeezed, lab):
    source = COURSE.hidden_checks(lab).read_text("utf-8")
    meanings = functions_of(source)
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            title = " ".join((ast.get_docstring(node) or "").split())
            assert title
            assert not [name for name, text in squeezed.items() if title in text], title
            assert not holding(functions, meanings[node.name])


@pytest.mark.proof
def test_a_lab_that_the_course_leaves_out_is_in_none_of_it(course, tmp_path):
    root = tmp_path / "smaller"
    shutil.copytree(course.root, root, ignore=shutil.ignore_patterns("build"))
    text = (root / "course.yaml").read_text("utf-8")
    cut = re.sub(r"  - name: start\n(?:    .*\n)+", "", text)
    (root / "course.yaml").write_text(cut, encoding="utf-8")
    done = subprocess.run([MASTERY, "build", "--student"], cwd=root, check=True, capture_output=True, text=True)
    assert "removed exercises/start/start.ipynb" in done.stdout
    assert not (root / "exercises" / "start").exists()
    assert "row_means" not in (root / "reference" / "hidden.yaml").read_text("utf-8")
    for path in (root / "build" / "student").iterdir():
        with zipfile.ZipFile(path) as archive:
            assert not [name for name in archive.namelist() if "/start/" in name or "start." in name.split("/")[-1][:6]]


@pytest.fixture(scope="module")
def student(handed_out: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a virtual environment that has the wheel and gets all other packages from this environment."""
    folder = tmp_path_factory.mktemp("student") / "venv"
    venv.create(folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    purelib = Path(
        subprocess.run(
            [scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    # A .pth file adds folders to the path, but .pth files in those folders aren't read, so this environment's editable
    # install is invisible.
    (purelib / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    wheel = next(path for path in handed_out if path.suffix == ".whl")
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python")
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    return scripts


@pytest.mark.processes
def test_a_student_can_start_check_and_submit_with_it(course, student, tmp_path):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{student}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
        return subprocess.run(
            [student / "mastery", *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )

    assert run("start", "my-course").returncode == 0
    laid_out = {str(path.relative_to(tmp_path / "my-course")) for path in tmp_path.rglob("*.ipynb")}
    assert laid_out == {name for name in course.handed_out if name.endswith(".ipynb")}
    solved = simulated.simulation(COURSE, COURSE.lab("softmax")).solved()
    path = simulated.write(solved, tmp_path / "my-course" / "softmax" / "softmax.ipynb")
    done = run("check", "--json", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {check["outcome"] for check in json.loads(done.stdout)["checks"]} == {"passed"}
    # For an assessment, a student can only see whether an answer has the right form.
    solved = simulated.simulation(COURSE, COURSE.lab("terms")).solved()
    path = simulated.write(solved, tmp_path / "my-course" / "terms" / "terms.ipynb")
    done = run("check", "--json", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert run("hint", "loss_item").returncode == 0
    done = subprocess.run(
        [student / "mastery", "submit", "softmax"],
        cwd=tmp_path / "my-course",
        env={"PATH": f"{student}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "my-course").rglob("*.zip"))


@pytest.mark.processes
def test_the_environment_of_the_test_holds_the_wheels_engine_and_no_other(student):
    code = "import autograder, pathlib; print(pathlib.Path(autograder.__file__).resolve())"
    done = subprocess.run([student / "python", "-c", code], check=True, capture_output=True, text=True, cwd="/")
    assert not Path(done.stdout.strip()).is_relative_to(ROOT)
    assert importlib.util.find_spec("autograder") is not None


def test_the_visible_checks_are_in_it(functions):
    """Search for the checks by what they do, the way the tests above search for what must not be handed out."""
    for lab in COURSE.labs:
        meanings = functions_of(COURSE.visible_checks(lab.name).read_text("utf-8"))
        assert all(holding(functions, meaning) for meaning in meanings.values())


def test_the_givens_that_are_no_stubs_are_in_it_with_their_data(handed_out):
    with zipfile.ZipFile(next(path for path in handed_out if path.suffix == ".whl")) as archive:
        for module in COURSE.givens:
            for file in COURSE.files_of(module):
                assert archive.read(f"autograder/installed/{file}") == (ROOT / file).read_bytes()


def test_percent_scripts_hold_their_solutions_where_the_tests_look():
    """The authors' own files contain what the tests above search for, so those searches can succeed."""
    for lab in COURSE.labs:
        text = jupytext.reads((ROOT / "solutions" / lab.name / f"{lab.name}.py").read_text("utf-8"), fmt="py:percent")
        functions = [stub for stub in lab.stubs if stub.name not in COURSE.items]
        assert sum("BEGIN SOLUTION" in cell.source for cell in text.cells) == len(functions)
