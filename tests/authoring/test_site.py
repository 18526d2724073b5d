"""`mastery build --site`: a site consists only of published files and of files that may be handed out."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.authoring.site import bytecode, early_start, python
from autograder.authoring.site.build import KERNEL, build_site, installed
from autograder.authoring.site.wheels import Wheel, wheels
from autograder.model.errors import CourseError
from tests.commands import run_mastery
from tests.course_copy import copy_course
from tests.repository import COURSE

READ_WITHOUT_PYDANTIC = """
import json, sys
sys.path.insert(0, sys.argv[1])
from autograder.model import plain_records
sys.modules.update(plain_records.MODULES)
from autograder.model import course, parts
assert parts.BaseModel is plain_records.BaseModel and course.__file__.startswith(sys.argv[1])
found = course.load()
notes = {name: found.notes(name).model_dump() for name in found.stubs}
print(json.dumps([found.model_dump(), notes, sorted(found.items), found.lab_of("softmax").stub("softmax").points]))
"""


@pytest.fixture(scope="module")
def made() -> dict[str, Wheel]:
    return {wheel.name: wheel for wheel in wheels(COURSE)}


def test_the_course_in_it_reads_the_same_without_pydantic(made: dict[str, Wheel], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(made["llm-mastery"].content)) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-P", "-c", READ_WITHOUT_PYDANTIC, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    course, notes, items, points = json.loads(done.stdout)
    assert course == COURSE.model_dump(mode="json")
    assert notes == {name: COURSE.notes(name).model_dump(mode="json") for name in COURSE.stubs}
    assert items == sorted(COURSE.items)
    assert points == COURSE.stubs["softmax"].points


def test_no_wheel_holds_what_a_tab_cannot_run(made: dict[str, Wheel]) -> None:
    for wheel in made.values():
        with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
            names = archive.namelist()
        assert f"{wheel.module}/__init__.py" in names
        assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]


def test_making_it_twice_gives_the_same_bytes(made: dict[str, Wheel]) -> None:
    assert {wheel.name: wheel for wheel in wheels(COURSE)} == made


@pytest.mark.parametrize("keep_sources", [True, False])
def test_a_packages_modules_are_compiled_and_tracebacks_say_where_they_are_installed(
    keep_sources: bool, tmp_path: Path
) -> None:
    wheel = tmp_path / "package.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("package/__init__.py", "def fail():\n    raise KeyError('here')\n")
        archive.writestr("package/invalid.py", "def fail(:\n")
        archive.writestr("package/names.txt", "Ada")
    bytecode.add(sys.executable, [wheel], "/lib/packages", keep_sources=keep_sources)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    package = tmp_path / "package"
    assert (package / "__init__.py").is_file() == keep_sources
    assert (package / "invalid.py").read_text() == "def fail(:\n"
    assert (package / "names.txt").read_text() == "Ada"
    # Python runs the bytecode without looking at the source, even if the source has changed.
    (package / "__init__.py").write_text("def fail(): ...") if keep_sources else None
    run = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import package; package.fail()"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True)
    assert "KeyError: 'here'" in done.stderr
    assert ('File "/lib/packages/package/__init__.py", line 2' in done.stderr) == (not keep_sources)


def test_no_python_of_a_version_is_found_where_none_can_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3.99").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.99").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bytecode.interpreter("3.99.1") is None
    assert bytecode.interpreter("3.98.0") is None
    running = ".".join(map(str, sys.version_info[:3]))
    assert bytecode.interpreter(running) == sys.executable


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyodide.js").write_text("fetch('https://elsewhere.example')")
    with pytest.raises(CourseError, match=r"pyodide\.js in .* isn't the file from Pyodide 0\.27\.7"):
        python.lay_out(COURSE, str(tmp_path), tmp_path / "python", tmp_path)


@pytest.mark.parametrize("source", ["{}/nowhere", "http://127.0.0.1:9/pyodide"])
def test_where_there_is_no_pyodide_it_says_what_to_do(source: str, tmp_path: Path) -> None:
    with pytest.raises(
        CourseError, match=r"pyodide\.js of Pyodide 0\.27\.7 isn't available .* docs/install\.md .* with --pyodide\."
    ):
        python.lay_out(COURSE, source.format(tmp_path), tmp_path / "python", tmp_path)


@pytest.mark.parametrize(("words", "size"), [(["site"], 33), (["build", "--cdn", "--site", "site"], 14)])
def test_what_is_downloaded_is_announced(words: list[str], size: int, tmp_path: Path) -> None:
    root = copy_course(tmp_path / "course")
    done = run_mastery(*words, "--pyodide", "http://127.0.0.1:9/pyodide", cwd=root)
    assert done.returncode == 2
    announced = "Downloading Pyodide 0.27.7, the Python that runs in the tab, from 127.0.0.1:9 ({size} MB).\n"
    _, _, after = done.stderr.partition(announced.format(size=size))
    assert after.startswith("pyodide.js of Pyodide 0.27.7 isn't available from http://127.0.0.1:9/pyodide")
    assert not (root / "site").exists()


def test_nothing_is_downloaded_if_there_is_a_folder(tmp_path: Path) -> None:
    done = run_mastery("site", "--pyodide", tmp_path / "pyodide", cwd=copy_course(tmp_path / "course"))
    assert done.returncode == 2
    assert "Downloading" not in done.stderr


def test_with_a_cdn_a_tab_loads_what_was_published_from_there_and_the_rest_from_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyodide.js").write_text("// the runtime")
    with zipfile.ZipFile(tmp_path / "python_stdlib.zip", "w"):
        pass
    names = ("pyodide.js", "python_stdlib.zip")
    runtime = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}
    monkeypatch.setitem(python.NEEDED, "runtime", runtime)
    place, kernel = tmp_path / "python", installed("jupyterlite-pyodide-kernel", KERNEL) / "static" / "pypi"
    python.lay_out(COURSE, str(tmp_path), place, kernel, "https://cdn.example/full")
    lock = json.loads((place / "pyodide-lock.json").read_text("utf-8"))
    there = {name: each for name, each in lock["packages"].items() if each["file_name"].startswith("https://")}
    assert there.keys() == python.NEEDED["packages"].keys()
    for name, package in python.NEEDED["packages"].items():
        assert there[name] == {**package, "file_name": f"https://cdn.example/full/{package['file_name']}"}
    here = {each["file_name"] for name, each in lock["packages"].items() if name not in there}
    assert {path.name for path in place.iterdir()} == {*names, "pyodide-lock.json", *here}
    assert "llm-mastery" in lock["packages"].keys() - there.keys()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="contains other files"):
        build_site(COURSE, tmp_path, "nowhere")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_kernel_without_the_worker_it_should_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / "1.js").write_text("export {}")
    with pytest.raises(CourseError, match=r"kernel has 0 scripts .* instead of one\. Install"):
        early_start.add(tmp_path / "lab" / "index.html", tmp_path / "kernel", ())
