"""The list of changed scores is stored with the scores, so no interruption can lose part of it."""

import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.engine_version import ENGINE_VERSION, digest_of
from autograder.model.course import load
from tests.gradebook.test_points_changed import BASE_2, Class, copied, new_class
from tests.repository import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

STUDENTS = [f"s{number}" for number in range(8)]
ENDLESS = "def softmax(logits, axis=-1):\n    while True:\n        pass"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class that was graded before a check was removed, which changes every score."""
    term = new_class(tmp_path_factory.mktemp("graded"))
    for student in STUDENTS:
        hand_in(term, student, BASE_2)
    term.mastery("grade", "--processes", 1)
    checks = term.root / "solutions" / "softmax" / "test_hidden.py"
    struck = r'@checks\("softmax"[^\n]*\)\ndef test_small_tail\(.*?\n\n\n'
    kept, count = re.subn(struck, "", checks.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert count == 1
    checks.write_text(kept, encoding="utf-8")
    return term


@pytest.fixture
def term(graded: Class, tmp_path: Path) -> Class:
    return copied(graded, tmp_path)


def hand_in(term: Class, student: str, softmax: str) -> None:
    course = load(term.root)
    work = notebooks.simulation(course, course.lab("softmax")).solved({"softmax": softmax})
    notebooks.write(work, term.root / "submitted" / student / "softmax" / "softmax.ipynb")


@pytest.mark.slow  # A real process, and a loop that only its time limit ends.
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_ends_between_chunks_loses_no_changed_score(term: Class, how: signal.Signals) -> None:
    hand_in(term, "z", ENDLESS)  # in the last chunk, along with the last two of the others
    command = [Path(sysconfig.get_path("scripts"), "mastery"), "grade", "--processes", "1"]
    with subprocess.Popen(
        command, cwd=term.root, env=term.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            end = time.monotonic() + 100
            while len(term.sql("SELECT 1 FROM mastery_change")) < 6 and time.monotonic() < end:
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(how)
            printed, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "->" not in printed
    assert "Traceback" not in said
    kept = term.changes()
    assert [each["student"] for each in kept] == STUDENTS[:6]
    shutil.rmtree(term.root / "submitted" / "z")
    said = term.mastery("grade", "--processes", 1)
    assert [student for student in STUDENTS if f"{student}/softmax: " in said] == STUDENTS[6:]
    assert [each["student"] for each in term.changes()] == STUDENTS
    assert [each["student"] for each in term.changes("softmax")] == STUDENTS
    for each in term.changes():
        assert (each["lab"], each["attempt"], each["max_before"], each["max_after"]) == ("softmax", 1, 20.0, 20.0)
        assert each["before"] < each["after"] == term.scores()[each["student"]][0]
        assert each["why"] == "softmax::softmax::small_tail no longer exists"
        line = f"UTC {each['student']}/softmax: {each['before']:g} -> {each['after']:g}, because {each['why']}"
        assert line in term.mastery("changes")


@pytest.mark.classes
def test_a_kept_change_goes_with_its_student_and_a_new_gradebook_has_none(term: Class) -> None:
    assert term.mastery("changes") == "No score has changed."
    term.mastery("grade", "--processes", 1)
    with term.gradebook() as gradebook:
        gradebook.remove_student("s0")
    assert [each["student"] for each in term.changes()] == STUDENTS[1:]


def test_the_digest_is_of_what_a_verdict_can_depend_on(tmp_path: Path) -> None:
    engine = tmp_path / "autograder"
    shutil.copytree(ROOT / "autograder", engine, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest_of(engine)
    assert before == ENGINE_VERSION
    for file in ("report/files.py", "cli/instructor.py", "gradebook/records.py", "mastery/class_report.py"):
        with (engine / file).open("a") as text:
            text.write("# \n")
        assert digest_of(engine) == before, file
    for file in ("testing/comparison.py", "sandbox/zygote.py", "model/results.py", "guest/new.py"):
        with (engine / file).open("a") as text:
            text.write("# \n")
        assert digest_of(engine) != before, file
        before = digest_of(engine)
