"""Several commands on one gradebook at the same time: every score is right, and anyone who waits is told why."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sql
from nbgrader import api

from tests.course_copy import confirmed, copy_course
from tests.gradebook.test_gradebook import postgresql, postgresql_folder
from tests.grading.test_grading import MASTERY, SIMULATIONS, environment, hand_in, mastery
from tests.sampling import sampled

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]

NewUrl = Callable[[str], str]
WAITS = "Another mastery command is working on"
STUDENTS = 6

# Registers the lab and writes a class, like `mastery grade`, but without grading processes.
WRITES = """
import sys, time
from pathlib import Path
from autograder.model.course import load
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.model.results import Evidence, LabResult

url, ready, begin, delay = sys.argv[1:]
course = load()
settings = settings_of(course)
lab = course.lab("softmax")
Path(ready).touch()
while not Path(begin).exists():
    time.sleep(0.001)
time.sleep(float(delay))
for start in range(0, 40, 10):
    with Gradebook(course, settings, url) as book:
        book.register(lab)
        book.write([
            GradeRecord(LabResult(
                student=f"s{n}", lab="softmax", status="graded", score=25.0, max_score=25.0, seconds=0.1,
                content_hash="a" * 64, course_version="1", secret="s", isolation=(),
                checks=[Evidence(id=f"softmax::{stub.name}::all", stub=stub.name, kind="visible", title="It's right.",
                    points=stub.points, max_points=stub.points, outcome="passed", seconds=0.1) for stub in lab.stubs],
            )) for n in range(start, start + 10)
        ])
"""

HOLDS = """
import sys, time
from autograder.model.course import load
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of

course = load()
with Gradebook(course, settings_of(course), sys.argv[1]) as book, book.alone():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a small class in which everyone did well."""
    root = copy_course(tmp_path_factory.mktemp("several"))
    for number in range(STUDENTS):
        hand_in(root, f"s{number}", "softmax", SIMULATIONS["softmax"].solved())
    return root


@pytest.fixture
def apart(root: Path, tmp_path: Path) -> Path:
    """The course for one test, without results."""
    return confirmed(shutil.copytree(root, tmp_path / "course"))


@pytest.fixture(scope="module", params=sampled(["sqlite", "postgresql"]))
def new_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewUrl]:
    """A function that returns the URL of a gradebook that doesn't exist yet, or is empty."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("sqlite")
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    programs = postgresql_folder()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL is missing: apt-get install postgresql"
        pytest.skip("PostgreSQL is missing")
    with postgresql(programs) as url:
        server = sql.create_engine(url % "postgres", isolation_level="AUTOCOMMIT")

        def create(name: str) -> str:
            with server.connect() as connection:
                connection.execute(sql.text(f"CREATE DATABASE {name}"))
            return url % name

        yield create
        server.dispose()


def start(*command: object, root: Path) -> subprocess.Popen[str]:
    words = [str(word) for word in command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, cwd=root, env=environment(), text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for the process to succeed and return what it printed."""
    printed, said = process.communicate(timeout=300)
    assert process.returncode == 0, printed + said
    assert "Traceback" not in said
    return printed + said


def assert_right(url: str, students: int) -> None:
    """Assert through nbgrader that there's one assignment and that everyone has the full score."""
    with api.Gradebook(url) as gradebook:
        assert [each.name for each in gradebook.assignments] == ["softmax"]
        found = [(each.score, each.max_score) for each in gradebook.assignment_submissions("softmax")]
        assert found == [(25.0, 25.0)] * students
        cells = gradebook.find_notebook("softmax", "softmax")
        assert len(cells.grade_cells) == len(cells.solution_cells) == 4
    engine = sql.create_engine(url)
    with engine.connect() as connection:
        rows = {table: connection.scalar(sql.text(f"SELECT count(*) FROM {table}")) for table in ("grade", "base_cell")}
        assert rows == {"grade": 4 * students, "base_cell": 8}
        assert connection.scalar(sql.text("SELECT count(*) FROM mastery_grading")) == students
    engine.dispose()


def write_together(root: Path, folder: Path, url: str, delays: list[float]) -> None:
    """Start processes that write the class at the same time, apart from these delays.

    Each creates the gradebook if there is none, and registers the lab first.
    """
    begin = folder / "begin"
    ready = [folder / f"ready{number}" for number in range(len(delays))]
    writers = [
        start(sys.executable, "-c", WRITES, url, each, begin, delay, root=root)
        for each, delay in zip(ready, delays, strict=True)
    ]
    while not all(each.exists() for each in ready) and all(writer.poll() is None for writer in writers):
        time.sleep(0.01)
    begin.touch()
    for writer in writers:
        ended(writer)


@pytest.mark.parametrize(
    "delays", [[0.0, 0.0], pytest.param([0.0, 0.01, 0.02, 0.03], marks=pytest.mark.slow)], ids=["two", "four"]
)
def test_a_gradebook_made_by_several_at_once_has_one_sheet_and_right_scores(
    root: Path, new_url: NewUrl, tmp_path: Path, delays: list[float]
) -> None:
    url = new_url(f"together{len(delays)}")
    write_together(root, tmp_path, url, delays)
    assert_right(url, 40)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("step", [0.0, 0.005, 0.02, 0.05, 0.1, 0.2])
def test_a_gradebook_made_at_many_delays_has_one_sheet_and_right_scores(
    root: Path, new_url: NewUrl, tmp_path: Path, count: int, step: float
) -> None:
    url = new_url(f"delays{count}_{1000 * step:.0f}")
    write_together(root, tmp_path, url, [number * step for number in range(count)])
    assert_right(url, 40)


def test_a_killed_holder_lets_the_next_one_in_and_anyone_waiting_is_told(root: Path, new_url: NewUrl) -> None:
    url = new_url("killed")
    holder = start(sys.executable, "-c", HOLDS, url, root=root)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiter = start(sys.executable, "-c", HOLDS.replace("time.sleep(600)", ""), url, root=root)
    assert waiter.stderr is not None
    assert waiter.stderr.readline().startswith(WAITS)
    assert waiter.poll() is None
    holder.send_signal(signal.SIGKILL)
    holder.communicate(timeout=30)
    assert ended(waiter) == "held\n"


def grade_together(root: Path, url: str, delays: list[float]) -> list[str]:
    graders = []
    for before, delay in zip([0.0, *delays], delays, strict=False):
        time.sleep(delay - before)
        graders.append(start(MASTERY, "grade", "--processes", 1, "--db", url, root=root))
    return [ended(grader) for grader in graders]


@pytest.mark.slow
def test_two_commands_grade_each_submission_once(apart: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    printed = grade_together(apart, url, [0.0, 0.0])
    assert_right(url, STUDENTS)
    assert sum(WAITS in each for each in printed) == 1
    assert sum(f"{STUDENTS} of {STUDENTS} submissions are graded and unchanged" in each for each in printed) == 1


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("step", [0.0, 0.15, 0.4, 1.0, 2.5])
def test_commands_at_many_delays_grade_each_submission_once(
    apart: Path, new_url: NewUrl, count: int, step: float
) -> None:
    url = new_url(f"commands{count}_{1000 * step:.0f}")
    grade_together(apart, url, [number * step for number in range(count)])
    assert_right(url, STUDENTS)


def test_a_busy_database_is_tried_again_with_a_sentence(apart: Path) -> None:
    """Writing is retried as long as formgrader or some other program is busy writing."""
    path = apart / "gradebook.db"
    assert mastery("report", cwd=apart).returncode in (0, 2)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(6.0, lambda: other.execute("ROLLBACK"))
        timer.start()
        exported = mastery("feedback", cwd=apart)
        timer.join()
    assert exported.returncode == 0, exported.stderr
    assert f"Another program is writing to sqlite:///{path}. Trying again for up to 60 seconds.\n" == exported.stderr


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 1.0, 3.0])
def test_grading_beside_nbgraders_autograde_keeps_every_score(
    apart: Path, monkeypatch: pytest.MonkeyPatch, delay: float
) -> None:
    url = f"sqlite:///{apart / 'gradebook.db'}"
    monkeypatch.setenv("PATH", os.pathsep.join([str(MASTERY.parent), os.environ["PATH"]]))
    ended(start(MASTERY, "build", root=apart))
    ended(start("nbgrader", "generate_assignment", "softmax", root=apart))
    theirs = start("nbgrader", "autograde", "softmax", root=apart)
    time.sleep(delay)
    ended(start(MASTERY, "grade", "--processes", 1, root=apart))
    ended(theirs)
    assert_right(url, STUDENTS)
    assert len(list((apart / "autograded").glob("*/softmax/softmax.ipynb"))) == STUDENTS


@pytest.mark.slow
def test_grading_while_a_person_gives_points_loses_neither(apart: Path, new_url: NewUrl) -> None:
    """nbgrader's API writes here the way formgrader does when a field loses focus: one row per commit."""
    url = new_url("person")
    ended(start(MASTERY, "grade", "--processes", 1, "--db", url, root=apart))
    with (apart / "reference" / "softmax" / "test_visible.py").open("a", encoding="utf-8") as file:
        file.write("\n# another version of the course, so everything is graded again\n")
    grader = start(MASTERY, "grade", "--processes", 1, "--db", url, root=apart)
    given = 0
    while grader.poll() is None:
        for number in range(STUDENTS):
            with api.Gradebook(url) as gradebook:
                given += 1
                gradebook.find_comment("softmax-solution", "softmax", "softmax", f"s{number}").manual_comment = str(
                    given
                )
                gradebook.find_grade("softmax", "softmax", "softmax", f"s{number}").extra_credit = 0.0
                gradebook.db.commit()
    ended(grader)
    with api.Gradebook(url) as gradebook:
        said = [
            gradebook.find_comment("softmax-solution", "softmax", "softmax", f"s{n}").comment for n in range(STUDENTS)
        ]
    assert said == [str(number) for number in range(given - STUDENTS + 1, given + 1)]
