"""`mastery grade` next to a `--watch` and next to formgrader, all real processes: nothing is lost or graded twice."""

import json
import re
import signal
import sys
import time
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from nbgrader.api import Gradebook

from tests.browser import TOKEN, jupyter
from tests.course_copy import copy_course
from tests.gradebook.test_owners import LATER, Exchange
from tests.gradebook.test_two_at_once import STUDENTS, NewUrl, assert_right, ended, new_url, start
from tests.grading.test_grading import MASTERY, SIMULATIONS, environment, hand_in

__all__ = ["new_url"]  # a fixture

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
    pytest.mark.slow,
]
NAMES = [f"s{number}" for number in range(STUDENTS)]


def newly_graded(said: str) -> int:
    """How many submissions a run of `mastery grade` graded for the first time."""
    (found,) = re.findall(r"(\d+) submissions, mean", said)
    unchanged = re.findall(r"(\d+) of \d+ submissions are graded and unchanged", said)
    return int(found) - sum(map(int, unchanged))


@pytest.mark.parametrize("delay", [0.0, 1.0, 4.0])
def test_a_grading_beside_a_watch_leaves_each_submission_graded_once(
    tmp_path: Path, new_url: NewUrl, delay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_url(f"watch{delay:.0f}")
    course = Exchange(tmp_path)
    for name in ("PATH", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, course.environment[name])
    course.configure("c.ExchangeCollect.check_owner = False")
    solved = SIMULATIONS["softmax"].solved()
    for name in NAMES[:3]:
        hand_in(course.root, name, "softmax", solved)
    for name in NAMES[3:]:
        course.put(name, json.dumps(solved), LATER)
    words = (MASTERY, "grade", "softmax", "--processes", 1, "--db", url)
    watch = start(*words, "--watch", root=course.root)
    time.sleep(delay)
    graded = newly_graded(ended(start(*words, root=course.root)))
    end = time.monotonic() + 120
    while time.monotonic() < end and watch.poll() is None and results(url) < STUDENTS:
        time.sleep(0.5)
    watch.send_signal(signal.SIGINT)
    said = ended(watch)
    assert_right(url, STUDENTS)
    assert graded + said.count(": attempt 1, 25 of 25 points") == STUDENTS, said


def results(url: str) -> int:
    with Gradebook(url) as gradebook:
        return len(gradebook.assignment_submissions("softmax")) if gradebook.assignments else 0


def test_points_typed_in_formgrader_while_grading_are_all_kept(tmp_path: Path) -> None:
    root = copy_course(tmp_path / "course")
    for name in NAMES:
        hand_in(root, name, "softmax", SIMULATIONS["softmax"].solved())
    ended(start(MASTERY, "grade", "--processes", 1, root=root))
    url = f"sqlite:///{root / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        grades = {name: gradebook.find_grade("softmax", "softmax", "softmax", name).id for name in NAMES}
    with (root / "reference" / "softmax" / "test_visible.py").open("a", encoding="utf-8") as file:
        file.write("\n# another version of the course, so everything is graded again\n")
    (tmp_path / "home").mkdir()
    typed: dict[str, float] = {}
    with jupyter("jupyter-server", root, tmp_path / "home", environment()) as server:
        grader = start(MASTERY, "grade", "--processes", 1, root=root)
        for number in count(1):
            name = NAMES[number % STUDENTS]
            typed[name] = number / 64
            body = json.dumps({"manual_score": typed[name]}).encode()
            headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
            address = f"{server}/formgrader/api/grade/{grades[name]}"
            with urlopen(Request(address, body, headers, method="PUT"), timeout=60) as answer:
                assert json.load(answer)["manual_score"] == typed[name]
            if grader.poll() is not None and number >= STUDENTS:
                break
        assert "submissions are graded and unchanged" not in ended(grader)
    with Gradebook(url) as gradebook:
        for name in NAMES:
            grade = gradebook.find_grade("softmax", "softmax", "softmax", name)
            assert (grade.auto_score, grade.manual_score) == (8.0, typed[name])
            assert gradebook.find_submission("softmax", name).score == typed[name] + 17.0
