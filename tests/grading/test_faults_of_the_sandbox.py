"""If the machine can't start or confine a worker, the class isn't graded at all, and nobody gets a zero."""

import contextlib
import os
import resource
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.results import Outcome
from autograder.sandbox.errors import SandboxFault
from tests.repository import COURSE
from tests.sampling import sampled
from tests.sandbox.layers import in_a_container, without
from tests.sandbox.test_doctor import MASTERY, absent, course, layers_of, run

__all__ = ["course"]
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="these layers are Linux's"),
]
as_root = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="for root only")
WITHOUT_SETUID = ("setpriv", "--bounding-set", "-setuid,-setgid")


@as_root
def test_root_that_may_not_become_another_user_grades_nobody_and_doctor_says_why(course: Path) -> None:
    layers = layers_of(run(MASTERY, "doctor", "--json", around=WITHOUT_SETUID))
    assert not layers["sandbox"]["present"]
    assert "CAP_SETUID and CAP_SETGID" in str(layers["sandbox"]["why"])
    graded = run(MASTERY, "grade", around=WITHOUT_SETUID, cwd=course)
    assert graded.returncode == 2
    assert "CAP_SETUID and CAP_SETGID" in graded.stderr
    assert not (course / "results.jsonl").exists()


@pytest.mark.parametrize("call", sampled(["pidfd_open", "pidfd_send_signal"]))
def test_without_pidfds_nobody_is_graded(course: Path, call: str) -> None:
    layers = layers_of(run(MASTERY, "doctor", "--json", around=without(call)))
    assert not layers["sandbox"]["present"]
    assert call in str(layers["sandbox"]["why"])
    graded = run(MASTERY, "grade", around=without(call), cwd=course)
    assert graded.returncode == 2
    assert "The sandbox doesn't start" in graded.stderr
    assert not (course / "results.jsonl").exists()


@as_root
def test_a_worker_that_cannot_be_started_is_nobodys_fault(tmp_path: Path) -> None:
    """This holds no matter how often the system refuses to start processes for the user that workers run as."""
    notebook = notebooks.simulation(COURSE, COURSE.lab("softmax")).solved()
    job = Job("ada", "softmax", notebooks.write(notebook, tmp_path / "softmax.ipynb"), 1, "")
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (8, hard))
    try:
        room = GradingSession(GradingContext(COURSE.root, b"of the tests"))
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
    with closing(room):
        held = []
        with contextlib.suppress(SandboxFault):
            while len(held) < 100:
                held.append(room.sandbox.start())
        assert len(held) < 100
        (result,) = room.grade([job])
        assert {each.outcome for each in result.checks} == {Outcome.NOT_GRADED}
        assert (result.status, result.score) == ("not graded", None)
        for each in held:
            each.close()
        (again,) = room.grade([job])
        assert again.score == again.max_score


@pytest.mark.proof
def test_a_check_without_layers_says_so_in_one_line(course: Path) -> None:
    notebook = course / "submitted" / "ada" / "softmax" / "softmax.ipynb"
    done = run(MASTERY, "check", notebook, around=without("prctl:22"), cwd=course)
    assert done.returncode == 0, done.stderr
    (line,) = [each for each in done.stderr.splitlines() if "Checked without" in each]
    assert "seccomp" in line
    assert "Checked without" not in run(MASTERY, "check", notebook, cwd=course).stderr


@pytest.mark.parametrize(
    "around",
    sampled(
        [
            ("setpriv", "--bounding-set", "-sys_admin,-setuid,-setgid,-setpcap"),
            ("prlimit", "--nofile=12"),
            ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"),
            without("clone", "clone3", "fork", "vfork"),
            without("socketpair"),
            without("capset", "capget"),
        ]
    ),
    ids=["capabilities", "files", "no /proc", "no new process", "no socket", "no capset"],
)
@as_root
def test_doctor_never_ends_in_a_traceback(around: Sequence[str]) -> None:
    done = run(MASTERY, "doctor", "--json", around=around)
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        assert absent(done)


def test_in_a_container_without_namespaces_the_own_user_is_seen_from_outside() -> None:
    assert layers_of(run(MASTERY, "doctor", "--json", around=in_a_container()))["own user"]["present"]
