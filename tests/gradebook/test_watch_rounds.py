"""`mastery grade --watch`, round by round: a person's points reach the student, and nothing is done twice."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader import api
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook import continuous
from tests.gradebook.test_owners import LATER, ME, Exchange
from tests.grading.test_grading import MASTERY, SECRET, SIMULATIONS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

Step = Callable[[], None]
WRONG_CHECK = '''

@checks("entropy")
def test_e_wrong(student, rng):
    """Nobody passes this one."""
    agree(student.entropy, lambda probs: softmax.entropy(probs) + 1, np.array([0.5, 0.5]))
'''


class Watched(Exchange):
    """A course whose only student submits as the user who runs the test."""

    def hand_in(self) -> None:
        place = self.put(ME, json.dumps(SIMULATIONS["softmax"].solved()), LATER)
        (place / "submission_secret.txt").write_text("a secret", encoding="ascii")

    def comment(self, text: str) -> None:
        with api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            gradebook.find_comment("softmax-solution", "softmax", "softmax", ME).manual_comment = text
            gradebook.find_grade("softmax", "softmax", "softmax", ME).extra_credit = 0.25
            gradebook.db.commit()

    def released(self) -> str:
        (page,) = (self.inbound.parent / "feedback").glob("*.html")
        return page.read_text(encoding="utf-8")


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched(tmp_path)
    for name in ("PATH", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, watched.environment[name])
    monkeypatch.setenv("MASTERY_SECRET", SECRET)
    monkeypatch.chdir(watched.root)
    watched.hand_in()
    return watched


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def watch(monkeypatch: pytest.MonkeyPatch, *steps: Step, more: Sequence[str] = ()) -> str:
    """Run `--watch`, take one step after each round, press Ctrl-C after one more round, and return the output."""
    left = list(steps)

    def pause(seconds: float) -> None:
        if seconds != continuous.PAUSE_SECONDS:
            return sleep(seconds)  # another caller's
        if not left:
            raise KeyboardInterrupt
        return left.pop(0)()

    sleep = time.sleep
    with monkeypatch.context() as patched:
        patched.setattr(continuous.time, "sleep", pause)
        return run("grade", "softmax", "--watch", "--processes", "1", *more)


@pytest.mark.slow
def test_what_a_person_gives_and_an_edited_course_reach_the_student_and_a_restart_repeats_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = watched.root / "reference" / "softmax" / "test_visible.py"
    pages: list[str] = []

    def give() -> None:
        pages.append(watched.released())
        watched.comment("Read this again.")

    def edit() -> None:
        pages.append(watched.released())
        checks.write_text(checks.read_text(encoding="utf-8") + WRONG_CHECK, encoding="utf-8")

    watched.put("nobody", "forged", LATER)
    said = watch(monkeypatch, lambda: None, give, edit, lambda: None)
    assert said.count("claims to be from nobody") == 1
    assert f"{ME}/softmax: attempt 1, 25 of 25 points" in said
    assert f"{ME}/softmax: 25 -> " in said
    assert "because softmax::entropy::e_wrong is new (failed)" in said
    assert said.count("feedback is released") == 3
    assert "Read this again." not in pages[0]
    assert "Score: 25.25 / 25.0" in " ".join(pages[1].split())
    assert "Read this again." in pages[1]
    assert "Nobody passes this one." in watched.released()

    again = watch(monkeypatch, lambda: None)
    assert f"{ME}/softmax: attempt" not in again
    assert "feedback is released" not in again

    watched.comment("Once more.")
    assert "Made 1 page of feedback." in run("feedback", "softmax")
    assert "Made 0 pages of feedback." in run("feedback", "softmax")


@pytest.mark.slow
def test_what_another_version_of_the_program_graded_is_mentioned_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "different version" not in watch(monkeypatch)
    with closing(sqlite3.connect(watched.root / "gradebook.db")) as connection, connection:
        for table in ("mastery_grading", "mastery_facts"):
            connection.execute(f"UPDATE {table} SET engine_version = 'older'")
    said = watch(monkeypatch, lambda: None, lambda: None)
    sentence = (
        "1 of 1 submissions were graded by a different version of this program. Their scores stay as they are; "
        "`mastery grade --regrade` grades them again."
    )
    assert said.count(sentence) == said.count("different version") == 1
    assert f"{ME}/softmax: attempt" not in said


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_ends_it_also_where_python_drops_the_exception(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pressing:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def press() -> None:
        Pressing()

    said = watch(monkeypatch, press, lambda: pytest.fail("it went on"))
    assert "Stopped." in said


@pytest.mark.slow
def test_another_gradebook_is_the_only_one_that_is_made(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    # The PATH lacks the virtual environment's programs, one of which nbgrader needs to create a gradebook.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    said = watch(monkeypatch, more=("--db", "sqlite:///another.db"))
    assert f"{ME}/softmax: attempt 1, 25 of 25 points" in said
    assert f"{ME}/softmax: feedback is released" in said
    assert "Score: 25.0 / 25.0" in " ".join(watched.released().split())
    assert [path.name for path in watched.root.glob("*.db")] == ["another.db"]


@pytest.mark.slow
def test_changed_points_wait_for_a_build_and_then_reach_the_student(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = watched.root / "course.yaml"

    def edit() -> None:
        text = file.read_text(encoding="utf-8")
        assert "{name: softmax, points: 8," in text
        file.write_text(text.replace("{name: softmax, points: 8,", "{name: softmax, points: 20,"), encoding="utf-8")

    def build() -> None:
        subprocess.run([MASTERY, "build"], cwd=watched.root, env=watched.environment, check=True, capture_output=True)

    said = watch(monkeypatch, lambda: None, edit, build, lambda: None)
    assert "softmax is worth 20 points in course.yaml but 8 in exercises/softmax/softmax.ipynb" in said
    assert "The next round will try again." in said
    assert f"{ME}/softmax: 25 of 25 -> 37 of 37, because softmax is now worth 20 points instead of 8" in said
    assert "Score: 37.0 / 37.0" in " ".join(watched.released().split())


@pytest.mark.slow
def test_feedback_that_cannot_go_back_keeps_nobody_elses_from_being_released(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.configure("c.ExchangeCollect.check_owner = False")
    # Its name comes first, so it's released first.
    place = watched.put("aaa", json.dumps(SIMULATIONS["softmax"].solved()), LATER)
    (place / "submission_secret.txt").write_bytes(b"\xff\xfe\x80")
    said = watch(monkeypatch, lambda: None)
    assert "aaa/softmax: attempt 1, 25 of 25 points" in said
    assert f"{ME}/softmax: feedback is released" in said
    assert "aaa/softmax: feedback is released" not in said
