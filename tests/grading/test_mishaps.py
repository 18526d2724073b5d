"""Outside faults during a batch: a full disk, a lost database, a killed worker. A rerun completes it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sql

from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.connection import NotebookConnection
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.worker import Worker
from tests.course_copy import confirmed, copy_course
from tests.gradebook.test_gradebook import postgresql, postgresql_folder
from tests.grading.test_grading import (
    MASTERY,
    ROWS,
    SIMULATIONS,
    cmdline,
    environment,
    grading_processes,
    living,
    mastery,
    offspring,
    results_of,
    slow_class,
    without_times,
)
from tests.repository import COURSE
from tests.sampling import sampled
from tests.waiting import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class whose notebooks take a while, graded undisturbed into its own files."""
    root = slow_class(copy_course(tmp_path_factory.mktemp("calm")))
    assert mastery("grade", "--db", "sqlite:///calm.db", "--json", "calm.jsonl", cwd=root).returncode == 0
    shutil.rmtree(root / "autograded")
    return root


@pytest.fixture
def root(calm: Path, tmp_path: Path) -> Path:
    return confirmed(shutil.copytree(calm, tmp_path / "course"))


def rows_in(url: str) -> dict[str, int]:
    engine = sql.create_engine(url)
    with engine.connect() as connection:
        found = {name: connection.scalar(sql.text(f"SELECT count(*) FROM {name}")) or 0 for name in ROWS}
    engine.dispose()
    return found


def is_whole(root: Path, url: str) -> bool:
    """Whether every submission has one current grade, and the results match the undisturbed run's."""
    same = without_times(results_of(root)) == without_times(results_of(root, "calm.jsonl"))
    shown = list((root / "autograded").glob("*/*/*.ipynb"))
    return same and rows_in(url) == ROWS and len(shown) == 10


ON_A_FULL_DISK = """
set -eu
mount -t tmpfs -o size=64m none {disk}
cp -r {root}/. {disk}
cd {disk}
head -c $(( $(df --output=avail -B1 . | tail -1) - 700000 )) /dev/zero > filler
"{mastery}" grade --course . --processes 2 > {root}/full.out 2> {root}/full.err && exit 9
ended=$?
rm filler
"{mastery}" grade --course . --processes 2 > {root}/room.out 2> {root}/room.err
cp -r gradebook.db results.jsonl autograded {root}
exit $ended
"""


@pytest.mark.proof
def test_a_full_disk_is_one_sentence_and_with_room_again_a_second_run_goes_on(root: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    apart = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*apart, "mount", "-t", "tmpfs", "none", disk], capture_output=True, check=False).returncode:
        pytest.skip("a separate disk can't be mounted here")
    script = ON_A_FULL_DISK.format(disk=disk, root=root, mastery=MASTERY)
    ended = subprocess.run(
        [*apart, "bash", "-c", script], env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    said = (root / "full.err").read_text(encoding="utf-8")
    assert ended.returncode == 2, ended.stderr + said
    assert "Traceback" not in said
    assert "Everything graded so far is saved" in " ".join(said.split())
    assert is_whole(root, f"sqlite:///{root / 'gradebook.db'}")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    programs = postgresql_folder()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL is missing: apt-get install postgresql"
        pytest.skip("PostgreSQL is missing")
    with postgresql(programs) as url:
        yield url


@pytest.mark.proof
def test_a_lost_connection_is_one_sentence_and_a_second_run_goes_on(root: Path, server: str) -> None:
    url = server % "postgres"
    command = [MASTERY, "grade", "--processes", "2", "--db", url]
    with subprocess.Popen(command, cwd=root, env=environment(), stderr=subprocess.PIPE, text=True) as running:

        def some_graded() -> bool:
            with suppress(sql.exc.DBAPIError):
                return rows_in(url)["mastery_grading"] > 0
            return False

        until(some_graded)
        lines = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> "
        engine = sql.create_engine(url)
        with engine.connect() as connection:
            connection.execute(sql.text(f"{lines} pg_backend_pid()"))
        engine.dispose()
        _, said = running.communicate(timeout=60)
    assert running.returncode == 2, said
    assert "Traceback" not in said
    assert "can't be read or written" in " ".join(said.split())
    assert 0 < rows_in(url)["mastery_grading"] < 10
    assert mastery("grade", "--db", url, cwd=root).returncode == 0
    assert is_whole(root, url)


def test_killed_workers_cost_no_submission_its_grade(root: Path) -> None:
    def workers() -> list[int]:
        """The processes that a zygote has forked."""
        parents = living()
        forked = [
            pid
            for grader in grading_processes(running.pid)
            for pid in offspring(grader)
            if b"zygote" in cmdline(pid) and b"bwrap" not in cmdline(pid).split(b"\0")[0]
        ]
        return [pid for pid in forked if parents.get(pid) in forked]

    command = [MASTERY, "grade", "--processes", "2"]
    with subprocess.Popen(command, cwd=root, env=environment(), stderr=subprocess.PIPE, text=True) as running:
        until(lambda: len(workers()) == 2)
        for pid in workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert is_whole(root, f"sqlite:///{root / 'gradebook.db'}")


def test_a_fault_of_ours_in_one_submission_costs_no_other_its_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For example, the process that workers are forked from is gone when the grader wants to end a worker."""

    def closed(line: NotebookConnection) -> None:
        close(line)
        if line._submission.path.parts[-3] == "bob":
            raise SandboxFault("Nobody is left to say what happened to the worker.")

    jobs = []
    for student in ("ada", "bob", "cyd"):
        path = tmp_path / student / "softmax" / "softmax.ipynb"
        jobs.append(Job(student, "softmax", simulated.write(SIMULATIONS["softmax"].solved(), path), 1, ""))
    close = NotebookConnection.close
    monkeypatch.setattr(NotebookConnection, "close", closed)
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:
        results = {each.student: each for each in room.grade(jobs)}
    assert {student: each.score for student, each in results.items()} == {"ada": 25.0, "bob": None, "cyd": 25.0}
    assert "review it by hand" in (results["bob"].message or "")


SLOW_SOFTMAX = """
def softmax(logits, axis=-1):
    import time
    time.sleep(0.04)
    exponentials = np.exp(np.asarray(logits, dtype=float) - np.max(logits, axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)
"""


@pytest.mark.parametrize("moment", sampled([0.05, 0.5, 0.95], 0.5))
def test_a_worker_killed_from_outside_is_replaced_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    """The worker is killed while cells run, or while it's answering a single request."""

    def killed_once(sandbox: Sandbox) -> Worker:
        worker = start(sandbox)
        started.append(worker)
        if len(started) == 1:
            threading.Timer(moment, worker._line._kill).start()  # type: ignore[attr-defined]
        return worker

    notebook = SIMULATIONS["softmax"].solved({"softmax": SLOW_SOFTMAX})
    path = simulated.write(notebook, tmp_path / "softmax" / "softmax.ipynb")
    job = Job("ada", "softmax", path, 1, "")
    started: list[Worker] = []
    start = Sandbox.start
    monkeypatch.setattr("autograder.grading.connection.NotebookConnection.answered", lambda *_: None)
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:
        (undisturbed,) = room.grade([job])
        monkeypatch.setattr(Sandbox, "start", killed_once)
        (after,) = room.grade([job])
    assert len(started) == 2
    assert [(each.id, each.outcome) for each in after.checks] == [
        (each.id, each.outcome) for each in undisturbed.checks
    ]
    assert after.score == undisturbed.score == 25.0
