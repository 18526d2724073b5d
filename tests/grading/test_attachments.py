"""A lab reads the file handed in next to its notebook; the engine doesn't know any such file by name."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.attachments import read_handed_in
from autograder.grading.jobs import HandedAttachment, read_beside
from autograder.model.course import LabFile, load
from autograder.model.errors import CourseError
from autograder.model.submission import MAX_BYTES
from tests.authoring.test_authors_guide import FILES
from tests.course_copy import CourseCopy
from tests.repository import ROOT

READER = '''"""A diary of one's own: a mapping of days to hours."""

from autograder.testing.attachments import AttachmentContext, AttachmentReport, Problem, UnreadableYaml, load_yaml


def read(content: bytes, context: AttachmentContext) -> AttachmentReport:
    try:
        diary = load_yaml(content)
    except UnreadableYaml as error:
        return AttachmentReport(on=context.on, problems=[Problem(field="diary.yaml", sentence=str(error))])
    problems = [
        Problem(field=day, sentence=f"is {hours} hours; a day has 24.") for day, hours in diary.items() if hours > 24
    ]
    before = load_yaml(context.before.encode()) if context.before else {}
    problems += [Problem(field=day, sentence="is gone since the last time.") for day in before if day not in diary]
    return AttachmentReport(on=context.on, problems=problems, rows=[(day, str(diary[day])) for day in diary])
'''
EXAMPLES = """from autograder.testing.attachments import AttachmentExample


def examples(day, run):
    yield AttachmentExample("that holds", f"{day}: 3\\n")
    yield AttachmentExample("with too long a day", "monday: 25\\n", "monday")
"""
ENTRY = """
  - name: average
    title: Averages
    files: [{name: diary.yaml, reader: reference.average.diary}]
    stubs:
      - {name: weighted_mean, points: 6}

pages:"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> CourseCopy:
    """A copy of the course with the lab of docs/authors.md added, with a diary next to its notebook."""
    course = CourseCopy(tmp_path_factory.mktemp("diary"))
    files = {name: text for name, text in FILES.items() if name != "course.yaml"}
    files |= {
        "reference/average/diary.py": READER,
        "solutions/average/attachments.py": EXAMPLES,
        "solutions/average/files/diary.yaml": "monday: 0\n",
        "course.yaml": (ROOT / "course.yaml").read_text("utf-8").replace("\npages:", ENTRY),
    }
    for name, text in files.items():
        (course.root / name).parent.mkdir(parents=True, exist_ok=True)
        (course.root / name).write_text(text, encoding="utf-8")
    mastery(course, "build")
    return course


def mastery(course: CourseCopy, *words: object, ends: int = 0) -> str:
    """Run the command in its own process, which imports only this course's modules."""
    return course.run(sys.executable, "-m", "autograder", *words, ends=ends)


def hand_in(course: CourseCopy, student: str, diary: str | None) -> None:
    place = course.root / "submitted" / student / "average"
    parts = notebooks.simulation(load(course.root), load(course.root).lab("average"))
    notebooks.write(parts.solved(), place / "average.ipynb")
    if diary is not None:
        (place / "diary.yaml").write_text(diary, encoding="utf-8")


@pytest.mark.slow
def test_a_lab_with_a_file_of_its_own_is_certified_and_graded(course: CourseCopy) -> None:
    assert "average: 18 of 18 trials" in mastery(course, "certify", "average")
    diaries = {"ada": "monday: 3\n", "bob": "monday: 30\n", "cyd": None, "dan": "a: [", "eve": "- 1"}
    for student, diary in diaries.items():
        hand_in(course, student, diary)
    mastery(course, "grade", "average", "--processes", 1)
    lines = (course.root / "results.jsonl").read_text("utf-8").splitlines()
    results = {each["student"]: each for each in map(json.loads, lines)}
    assert {each["score"] for each in results.values()} == {6}
    found = {name: [each["field"] for each in result["packet"]["problems"]] for name, result in results.items()}
    assert found == {"ada": [], "bob": ["monday"], "cyd": ["diary.yaml"], "dan": ["diary.yaml"], "eve": ["diary.yaml"]}
    assert "AttributeError" in results["eve"]["packet"]["problems"][0]["sentence"]
    shown = (course.root / "autograded" / "bob" / "average" / "average.ipynb").read_text("utf-8")
    assert "diary.yaml: 1 problem" in shown


@pytest.mark.slow
def test_a_new_attempt_is_read_against_the_one_before(course: CourseCopy) -> None:
    hand_in(course, "fay", "monday: 3\n")
    mastery(course, "grade", "average", "--processes", 1)
    hand_in(course, "fay", "tuesday: 3\n")
    mastery(course, "grade", "average", "--processes", 1)
    lines = (course.root / "results.jsonl").read_text("utf-8").splitlines()
    *_, fay = (each for each in map(json.loads, lines) if each["student"] == "fay")
    # A report without `follows` doesn't bind later ones.
    assert (fay["attempt"], fay["packet"]["problems"]) == (2, [])


@pytest.mark.slow
def test_students_read_it_themselves(course: CourseCopy) -> None:
    diary = course.root / "mine" / "average" / "diary.yaml"
    diary.parent.mkdir(parents=True)
    diary.write_text("monday: 30\n", encoding="utf-8")
    assert "monday is 30 hours; a day has 24." in mastery(course, "packet", diary, ends=1)
    assert "has no revisions" in mastery(course, "packet", diary, "--revise", ends=2)
    assert "Which lab does" in mastery(course, "packet", "elsewhere.yaml", ends=2)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_what_is_no_file_to_read_is_refused_in_words_that_are_true_of_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for name in ("folder", "pipe", "link", "large"):
        said = str(read_beside(tmp_path, name))
        assert said == "can't be read: hand in an ordinary file of at most 10 MiB, not a link or a folder.", name
    assert str(read_beside(tmp_path, "none")).startswith("is missing")


def test_a_reader_that_is_missing_is_reported_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "diary.yaml").write_text("monday: 1\n")
    file = LabFile(name="diary.yaml", reader="reference.diary_that_is_missing")
    report = read_handed_in(load(ROOT), HandedAttachment(tmp_path, file, date(2026, 1, 1)))
    assert [each.field for each in report.problems] == ["diary.yaml"]
    assert "reference.diary_that_is_missing in course.yaml can't be imported" in report.problems[0].sentence


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("[{name: a.yaml, reader: reference.a}, {name: b.yaml, reader: reference.b}]", "a.yaml and b.yaml both have"),
        ("[a.yaml, a.yaml]", "file a.yaml is listed more than once"),
        ("[{name: a.yaml, reader: os.path}]", "reader"),
    ],
)
def test_what_course_yaml_cannot_say_of_files(files: str, says: str, tmp_path: Path) -> None:
    text = (
        (ROOT / "course.yaml").read_text("utf-8").replace("    title: Softmax", f"    files: {files}\n    title: S", 1)
    )
    (tmp_path / "course.yaml").write_text(text, encoding="utf-8")
    assert f"files: {files}" in text
    with pytest.raises(CourseError, match=says):
        load(tmp_path)


def test_readers_import_without_torch() -> None:
    readers = {each.reader for lab in load(ROOT).labs for each in lab.files if each.reader}
    assert readers
    program = f"import sys; sys.modules['torch'] = None\nfor each in {sorted(readers)!r}: assert __import__(each)\n"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
