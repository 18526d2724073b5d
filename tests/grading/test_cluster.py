"""`mastery grade --cluster`: a Dask cluster of separate processes on this machine gives the results of a local run."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.simulation import notebooks
from tests.course_copy import copy_course
from tests.grading.dask_cluster import SCRIPTS, Machines, cluster_of, kill
from tests.repository import COURSE
from tests.sandbox.layers import without_landlock
from tests.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]

SOFTMAX = notebooks.simulation(COURSE, COURSE.lab("softmax"))
SECRET = "held in memory alone on the machines of a cluster"
SLOW = "import time\ntime.sleep(0.4)"
# A hidden check that makes the grading process exit if a coin's entropy is 13.
ENDS_ITS_PROCESS = '''

@checks("entropy", kind="hidden")
def test_e_thirteen(student, rng):
    """A coin's entropy is not 13."""
    import os
    if student.entropy(np.array([0.5, 0.5])) == 13:
        os._exit(1)
'''
Result = dict[str, Any]
Graded = dict[tuple[str, str], Result]


def course_with_class(root: Path) -> Path:
    """A course with one additional check, and a class that has submitted its work."""
    copy_course(root)
    with (root / "solutions" / "softmax" / "test_hidden.py").open("a", encoding="utf-8") as file:
        file.write(ENDS_ITS_PROCESS)
    wrong = SOFTMAX.solved({"softmax": "def softmax(logits, axis=-1):\n    return np.exp2(logits)"})
    students = {f"student_{number:02}": (SOFTMAX.solved(), wrong, SOFTMAX.blank())[number % 3] for number in range(9)}
    students["thirteen"] = SOFTMAX.solved({"entropy": "def entropy(probs):\n    return 13.0"})
    for student, notebook in students.items():
        path = root / "submitted" / student / "softmax" / "softmax.ipynb"
        notebooks.write(notebooks.with_cells(notebook, SLOW, at=1), path)
    (root / "submitted" / "fifo" / "softmax").mkdir(parents=True)
    os.mkfifo(root / "submitted" / "fifo" / "softmax" / "softmax.ipynb")
    return root


@pytest.fixture(scope="module")
def graded_here(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The results of this machine on its own."""
    root = course_with_class(tmp_path_factory.mktemp("here") / "course")
    with grading(root, "--processes", "2") as process:
        process.communicate(timeout=120)
    return results_of(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return course_with_class(tmp_path / "course")


@contextmanager
def grading(root: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A `mastery grade` that is running."""
    with subprocess.Popen(
        [SCRIPTS / "mastery", "grade", *words],
        cwd=root,
        env={**os.environ, "MASTERY_SECRET": SECRET, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def results_of(root: Path) -> Graded:
    """Everything that must be the same each time, i.e., everything except seconds."""
    found = {}
    for line in (root / "results.jsonl").read_text(encoding="utf-8").splitlines():
        result = json.loads(line)
        checks = [{**check, "seconds": 0} for check in result["checks"]]
        found[result["student"], result["lab"]] = {**result, "seconds": 0, "checks": checks}
    return found


def graded_so_far(root: Path) -> int:
    if not (root / "gradebook.db").exists():
        return 0
    with closing(sqlite3.connect(root / "gradebook.db", timeout=30)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mastery_grading'").fetchall():
            return 0
        (count,) = connection.execute("SELECT count(*) FROM mastery_grading").fetchone()
        return int(count)


@pytest.fixture
def machines(tmp_path: Path, root: Path) -> Iterator[Machines]:
    with cluster_of(tmp_path / "machines", root) as found:
        yield found


def another_course_and_numpy(machines: Machines, name: str) -> dict[str, str]:
    """Give the machine a different version of the course, and return an environment with a different numpy."""
    folder = machines.folder / name
    course = copy_course(folder / "course", machines.course)
    with (course / "reference" / "softmax" / "reference.py").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    (folder / "numpy-1.0.dist-info").mkdir()
    about = "Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n"
    (folder / "numpy-1.0.dist-info" / "METADATA").write_text(about, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


# --- one batch in which a lot happens


@dataclass
class Batch:
    printed: str
    errors: str
    results: Graded
    folder: Path


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    """Two machines die, and one that joins late takes over. Two others aren't used: they'd grade differently."""
    folder = tmp_path_factory.mktemp("cluster")
    root = course_with_class(folder / "course")
    with cluster_of(folder / "machines", root) as machines:
        machines.worker("other", **another_course_and_numpy(machines, "other"))
        first, second = machines.worker("first", "--no-nanny"), machines.worker("second", "--no-nanny")
        with grading(root, "--cluster", machines.address) as process:
            until(lambda: graded_so_far(root) > 0)
            kill(first)
            before = graded_so_far(root)
            until(lambda: graded_so_far(root) > before)
            kill(second)
            assert graded_so_far(root) < 9
            machines.worker("bare", around=without_landlock())
            machines.worker("late")
            printed, errors = process.communicate(timeout=120)
        # Compare words, since lines depend on the terminal's width.
        yield Batch(" ".join(printed.split()), errors, results_of(root), machines.folder)


def test_the_results_are_those_of_a_local_run(batch: Batch, graded_here: Graded) -> None:
    assert batch.results == graded_here
    assert len(batch.results) == 11
    assert "Traceback" not in batch.printed + batch.errors


def test_what_ends_its_grading_process_is_given_up_and_costs_the_others_nothing(batch: Batch) -> None:
    messages = {student: each["message"] for (student, _), each in batch.results.items() if each["score"] is None}
    assert sorted(messages) == ["fifo", "thirteen"]
    assert "ordinary file" in messages["fifo"]
    assert "The grading process ended twice" in messages["thirteen"]


def test_where_no_machine_is_left_it_waits_for_one(batch: Batch) -> None:
    assert batch.printed.count("No machine is left in the cluster; waiting for one.") == 1


def test_machines_that_would_grade_differently_are_refused_at_the_start_and_later(batch: Batch) -> None:
    assert batch.printed.count(" isn't used: ") == 2
    assert f"isn't used: numpy is 1.0 there and {np.__version__} here; the course is " in batch.printed
    assert "Make them match, and restart that machine's worker in the course's folder." in batch.printed
    assert "isn't used: its sandbox lacks landlock. Run `mastery doctor` there to see why and what to" in batch.printed


def test_the_secret_is_nowhere_in_the_files_of_a_machine(batch: Batch) -> None:
    files = [path for path in batch.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


# --- more batches


@pytest.mark.slow
def test_where_every_machine_is_refused_nothing_is_graded(root: Path, machines: Machines) -> None:
    machines.worker("other", **another_course_and_numpy(machines, "other"))
    with grading(root, "--cluster", machines.address) as process:
        printed, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "isn't used: numpy is 1.0 there" in " ".join(printed.split())
    assert f"None of the machines in the cluster at {machines.address} can be used, so nothing was graded." in errors
    assert graded_so_far(root) == 0


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_graded_and_leaves_the_cluster_to_a_second_run(
    graded_here: Graded, root: Path, machines: Machines
) -> None:
    machines.worker("only", "--nthreads", "2")
    with grading(root, "--cluster", machines.address) as process:
        until(lambda: graded_so_far(root) > 2)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert (
        errors.strip().splitlines()[-1]
        == "Stopped. What's been graded is saved; run the same command again to continue."
    )
    assert "Traceback" not in errors
    kept = graded_so_far(root)
    assert 0 < kept < len(graded_here)
    with grading(root, "--cluster", machines.address) as process:
        printed, _ = process.communicate(timeout=120)
    assert " submissions are graded and unchanged." in printed
    assert results_of(root) == graded_here


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_one_sentence(root: Path, machines: Machines) -> None:
    for address, says in ((machines.address, "has no workers"), ("tcp://127.0.0.1:9", "No Dask scheduler answers at")):
        with grading(root, "--cluster", address) as process:
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
        assert says in errors
        assert "Traceback" not in errors
