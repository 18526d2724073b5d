"""If the kernel won't let a worker be confined while a class is graded, nobody gets a zero and the batch continues.

The kernel's answers are faked in the process that workers are forked from, depending on a word in a file that both
sides see.
"""

import errno
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.results import LabResult, Outcome
from autograder.sandbox.worker import BOOT
from tests.grading.test_hostile_class import LAB, SOFTMAX
from tests.repository import ROOT
from tests.sampling import sampled

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="these layers are Linux's"),
]

FAULTY = """
import mmap, os, resource
from autograder.sandbox import linux
word = mmap.mmap(os.open("WORD", os.O_RDWR), 64)
def faulty(owner, name):
    real = getattr(owner, name)
    def call(*args, **kwargs):
        told = word[:].rstrip(b" ").decode().split()
        if told[:1] == [name]:
            raise OSError(int(told[1]), os.strerror(int(told[1])))
        return real(*args, **kwargs)
    setattr(owner, name, call)
for name in "fork mount name_host drop_capabilities landlock_enter seccomp_enter effective_capabilities".split():
    faulty(linux, name)
for name in ("pidfd_open", "chdir"):
    faulty(os, name)
faulty(resource, "setrlimit")
"""

# Each is rejected the way the kernel would reject it: a limit was reached, or a setting was changed during grading.
FAULTS = {
    "no more user namespaces": ("fork", errno.ENOSPC),
    "user namespaces turned off": ("fork", errno.EPERM),
    "no memory for a namespace": ("fork", errno.ENOMEM),
    "no more mounts": ("mount", errno.ENOSPC),
    "mounts refused": ("mount", errno.EPERM),
    "the name refused": ("name_host", errno.EPERM),
    "capabilities kept": ("drop_capabilities", errno.EPERM),
    "capabilities unreadable": ("effective_capabilities", errno.EINVAL),
    "too many rulesets": ("landlock_enter", errno.E2BIG),
    "no memory for a filter": ("seccomp_enter", errno.ENOMEM),
    "limits refused": ("setrlimit", errno.EPERM),
    "no more descriptors": ("pidfd_open", errno.EMFILE),
    "no folder of its own": ("chdir", errno.EACCES),
}


class Kernel:
    """The kernel's faked answers to the process that workers are forked from."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.answers()

    def answers(self, call: str = "", error: int = 0) -> None:
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(f"{call} {error}".ljust(64).encode())


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    folder = tmp_path_factory.mktemp("kernel")
    return Kernel(folder / "word")


@pytest.fixture(scope="module")
def room(kernel: Kernel) -> Iterator[GradingSession]:
    before, call = BOOT.rsplit("; ", 1)
    boot = before + FAULTY.replace("WORD", str(kernel.file)) + call
    with mock.patch("autograder.sandbox.confined.BOOT", boot):
        room = GradingSession(GradingContext(ROOT, b"of the tests"))
    with closing(room):
        yield room


@pytest.mark.parametrize(
    "fault", sampled(FAULTS, "no memory for a namespace", "too many rulesets", "no more descriptors")
)
def test_a_fault_while_a_class_is_graded_is_nobodys_and_the_next_is_graded(
    kernel: Kernel, room: GradingSession, tmp_path: Path, fault: str
) -> None:
    path = notebooks.write(SOFTMAX.solved(), tmp_path / "softmax" / "softmax.ipynb")

    def graded() -> LabResult:
        (result,) = room.grade([Job("ada", "softmax", path, 1, "")])
        return result

    kernel.answers(*FAULTS[fault])
    try:
        result = graded()
    finally:
        kernel.answers()
    assert {each.outcome for each in result.checks} == {Outcome.NOT_GRADED}
    assert (result.status, result.score) == ("not graded", None)
    assert "couldn't be set up" in (result.message or "")
    assert "Traceback" not in (result.message or "")
    assert graded().score == LAB.points
