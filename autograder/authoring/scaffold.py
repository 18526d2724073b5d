"""Create a new lab from templates. The lab already builds and passes `mastery certify`. It has one example stub for the
author to replace."""

import keyword
import re
import shutil
from importlib import resources
from pathlib import Path

import jinja2
import yaml

from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.own_files import replace_own
from autograder.model.paths import FILE_NAME

STUB = "weighted_mean"
POINTS = 6
# Where each template goes.
_TARGETS = {
    "reference/__init__.py": "reference/{lab}/__init__.py",
    "reference/reference.py": "reference/{lab}/reference.py",
    "reference/misconceptions.py": "reference/{lab}/misconceptions.py",
    "reference/notes.yaml": "reference/{lab}/notes.yaml",
    "reference/test_visible.py": "reference/{lab}/test_visible.py",
    "solutions/notebook.py": "solutions/{lab}/{lab}.py",
    "solutions/test_hidden.py": "solutions/{lab}/test_hidden.py",
    "solutions/alternatives.py": "solutions/{lab}/alternatives.py",
}


def scaffold(course: Course, lab: str) -> list[Path]:
    """Write a new lab's files and its entry in course.yaml, preserving the comments there. Return the files written.

    The new lab goes at the end. Raises CourseError, and writes nothing, if the name is invalid or taken, or if
    course.yaml lists its labs in a form that can't be extended.
    """
    _refuse_name(course, lab)
    words = {"lab": lab, "title": lab.replace("_", " ").capitalize(), "stub": _free_stub(course, lab)}
    listed = _with_entry(course, words)
    files = {course.root / target.format(lab=lab): _rendered(name, words) for name, target in _TARGETS.items()}
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        replace_own(course.root / FILE_NAME, listed)
    except OSError as error:
        for folder in {file.parent for file in files}:
            shutil.rmtree(folder, ignore_errors=True)
        raise CourseError(f"{error.filename or course.root} can't be written: {error.strerror}.") from error
    return [*files, course.root / FILE_NAME]


def _refuse_name(course: Course, lab: str) -> None:
    # YAML doesn't read a name such as `on` as text.
    if not re.fullmatch(r"[a-z][a-z0-9_]*", lab) or keyword.iskeyword(lab) or not isinstance(yaml.safe_load(lab), str):
        raise CourseError(
            f"{lab!r} can't be a lab's name, since Python has to import it. Use lowercase letters, digits and _, start "
            "with a letter, and avoid words that Python or YAML reserves."
        )
    if any(each.name == lab for each in course.labs):
        raise CourseError(f"This course already has a lab named {lab}. Choose a different name.")
    for place in (f"reference/{lab}", f"reference/{lab}.py", f"solutions/{lab}", f"exercises/{lab}"):
        if (course.root / place).exists():
            raise CourseError(
                f"{course.root / place} already exists. Choose a different name, or move it somewhere else first."
            )


def _free_stub(course: Course, lab: str) -> str:
    """Return a name for the example stub that no stub or given function in the course uses yet. Raises CourseError."""
    for name in (STUB, f"{lab}_{STUB}"):
        if course.module_of(name) is None:
            return name
    raise CourseError(
        f"Both {STUB} and {lab}_{STUB} are already functions in this course. Choose a different name for the lab."
    )


def _rendered(template: str, words: dict[str, str]) -> str:
    source = resources.files("autograder.authoring").joinpath("templates", f"{template}.j2")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(source.read_text(encoding="utf-8")).render(words)


def _with_entry(course: Course, words: dict[str, str]) -> bytes:
    """Return course.yaml with the new lab added below the last one. The rest of the text stays as is."""
    path = course.root / FILE_NAME
    # read_text would change Windows line endings.
    text = path.read_bytes().decode("utf-8")
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(document, yaml.MappingNode)  # because it has already been loaded as a course
    labs = next(value for key, value in document.value if key.value == "labs")
    above = text[: labs.end_mark.index].split("\n")
    # Blank lines and unindented comments belong to the next key.
    while not above[-1].strip() or above[-1].startswith("#"):
        above.pop()
    head = "\n".join(above)
    newline = "\r\n" if head.endswith("\r") else "\n"
    entry = [f"- name: {words['lab']}", f"  title: {words['title']}", "  stubs:"]
    entry.append(f"    - {{name: {words['stub']}, points: {POINTS}}}")
    lines = [" " * labs.start_mark.column + line for line in entry]
    longer = head.rstrip("\r") + newline + newline.join(lines) + text[len(head.rstrip("\r")) :]
    if not _adds(text, longer, "\n".join(entry)):
        raise CourseError(
            f"{path} doesn't list its labs on separate lines, so there's no place to add one. Write each lab as its "
            "own entry (- name: …) under labs:, and run this again."
        )
    return longer.encode("utf-8")


def _adds(text: str, longer: str, entry: str) -> bool:
    """Return whether the longer text is the same course with the entry added as its last lab."""
    before = yaml.safe_load(text)
    try:
        return bool(yaml.safe_load(longer) == {**before, "labs": [*before["labs"], *yaml.safe_load(entry)]})
    except yaml.YAMLError:
        return False
