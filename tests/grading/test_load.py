"""Load never changes a verdict: a class graded beside 16 busy processes has the same outcomes as on an idle machine."""

import shutil
import sys
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks as simulated
from tests.course_copy import confirmed, copy_course
from tests.grading.test_grading import Graded, hand_in, mastery, results_of, without_times
from tests.repository import COURSE
from tests.sandbox.load import busy_loops

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]

# Each time, the correct answers are graded under a new secret, so on new numbers. That takes minutes, and certifying
# takes most of an hour. Set this to 20 before changing the clock.
REPETITIONS = 3
# The labs that draw the most, and so the ones with the slowest correct answers.
SLOWEST = "generation", "sampler"
# SLOW computes for one second of the five allowed. STALLED never ends, which still has to be noticed.
SLOW = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass\n"
STALLED = {
    "sleeps": "def softmax(logits, axis=-1):\n    import time\n    time.sleep(3600)",
    "spins": "def softmax(logits, axis=-1):\n    while True: pass",
}


def a_class(root: Path) -> Path:
    """Each lab solved, blank and wrong, plus an answer that takes a while, and answers that never end."""
    for lab in COURSE.labs:
        parts = simulated.simulation(COURSE, lab)
        hand_in(root, "solved", lab.name, parts.solved(student="solved"))
        hand_in(root, "blank", lab.name, parts.blank())
        wrong = {each.of: each for each in simulated.wrong_answers(COURSE, lab)}
        answers = {stub: simulated.source_of(COURSE, each, "wrong") for stub, each in wrong.items()}
        hand_in(root, "wrong", lab.name, parts.solved(answers, "wrong"))
    softmax = simulated.simulation(COURSE, COURSE.lab("softmax"))
    hand_in(root, "slow", "softmax", softmax.solved({"softmax": SLOW + softmax.solutions["softmax"]}))
    for name, answer in STALLED.items():
        hand_in(root, name, "softmax", softmax.solved({"softmax": answer}))
    return root


def graded(root: Path) -> Graded:
    run = mastery("grade", "--processes", 2, "--json", "results.jsonl", cwd=root)
    assert run.returncode == 0, run.stderr
    return without_times(results_of(root))


def test_a_class_beside_busy_processes(tmp_path: Path) -> None:
    root = a_class(copy_course(tmp_path / "course"))
    busy = confirmed(shutil.copytree(root, tmp_path / "busy"))
    quiet = graded(root)
    with busy_loops():
        assert graded(busy) == quiet
    stalled = {check["outcome"] for name in STALLED for check in quiet[name, "softmax"]["checks"]}
    assert "timeout" in stalled
    assert all(check["outcome"] == "passed" for check in quiet["slow", "softmax"]["checks"])


@pytest.mark.parametrize("repetition", range(REPETITIONS))
def test_correct_answers_beside_busy_processes(repetition: int, tmp_path: Path) -> None:
    root = copy_course(tmp_path / "course")
    for name in SLOWEST:
        lab = COURSE.lab(name)
        parts = simulated.simulation(COURSE, lab)
        for each in simulated.alternatives(COURSE, lab):
            answer = {each.of: simulated.source_of(COURSE, each, "right")}
            hand_in(root, each.name, name, parts.solved(answer))
    with busy_loops():
        found = graded(root)
    lost = {
        (*who, check["id"], check["outcome"])
        for who, result in found.items()
        for check in result["checks"]
        if check["outcome"] != "passed"
    }
    assert len(found) == sum(len(simulated.alternatives(COURSE, COURSE.lab(each))) for each in SLOWEST)
    assert lost == set()


def test_certify_beside_busy_processes() -> None:
    with busy_loops():
        for _ in range(REPETITIONS):
            run = mastery("certify", *SLOWEST, cwd=COURSE.root)
            assert run.returncode == 0, run.stdout[-2000:]
