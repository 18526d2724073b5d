"""The sandbox's layers: which ones this machine has (we find out by trying what each one forbids), and which ones
grading needs."""

import functools
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.model.errors import UserError
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.errors import SandboxFault
from autograder.sandbox.unconfined import PlainProcesses
from autograder.sandbox.worker import Worker, WorkerDied, WorkerTimeout

if TYPE_CHECKING:
    from autograder.model.course import Limits

NO_SANDBOX = "process"


class InsufficientIsolation(UserError):
    """This machine can't confine other people's code well enough to grade a class.

    The text says why, and what to do.
    """


@dataclass(frozen=True)
class Layer:
    """A layer of the sandbox. `why`: what we observed. `fix`: how to get the layer if it's absent; "" if there's
    nothing to fix."""

    name: str
    present: bool
    why: str
    fix: str


# What each layer forbids, in words and as a notebook cell. Where possible, it's something that no other layer forbids.
FORBIDDEN = {
    "own user": ("becoming root", "import os\nos.setuid(0)\nassert os.getuid() != 0"),
    "namespaces": ("reaching another process", "import os\nassert os.getpid() == 1\nos.kill(2, 0)"),
    "landlock": ("reading a folder that's open to everyone", "import os\nos.listdir('/')"),
    "rlimits": ("taking more memory than is allowed", "bytearray({memory_mib} << 20)\nraise SystemExit"),
    "seccomp": ("opening a socket", "import socket\nsocket.socket()"),
}
REFUSALS = ("PermissionError", "MemoryError", "ProcessLookupError", "OSError")


def tried(limits: "Limits") -> list[Layer]:
    """Return the state of each layer on this machine. This is `autograder.sandbox.probe`."""
    try:
        sandbox = Sandbox(limits, ["numpy"], {"allowed": ["numpy"], "inert": []})
    except (SandboxFault, OSError) as fault:
        plain = PlainProcesses(limits, ["numpy"], {"allowed": ["numpy"], "inert": []})
        return [
            _unless_it_fails("deadline", lambda: _deadline(plain)),
            Layer("sandbox", False, str(fault), refusal(plain.isolation) or ""),
        ]
    with sandbox:
        found = [_unless_it_fails("deadline", lambda: _deadline(sandbox))]
        found += [_unless_it_fails(name, functools.partial(_tried, sandbox, name, limits)) for name in FORBIDDEN]
        found += [_bubblewrap(sandbox.isolation), _memory_cgroup()]
    return found


def _unless_it_fails(name: str, look: Callable[[], Layer]) -> Layer:
    """Return the layer. If we can't even test it, return it as absent, along with the reason."""
    try:
        return look()
    except Exception as error:
        fix = "Try again on a machine that isn't short of processes, memory or open files."
        return Layer(name, False, f"it couldn't be tried ({type(error).__name__}: {error})", fix)


def refusal(isolation: Sequence[str]) -> str | None:
    """Return why these layers aren't enough to grade a class, and how to fix that; None if they are."""
    if NO_SANDBOX in isolation:
        return (
            "Other people's notebooks aren't run without a sandbox. Grade on Linux, in a virtual machine or a "
            "container if necessary, or take the risk with --unsafe-no-sandbox, which the results will record."
        )
    for name, words in (("seccomp", "filter system calls (seccomp)"), ("rlimits", "limit a process (rlimits)")):
        if name not in isolation:
            return f"This system can't {words}, which grading a batch requires: {FIXES[name]}"
    if "landlock" not in isolation and "namespaces" not in isolation:
        return (
            "This system offers neither namespaces nor Landlock, so student code could read things it shouldn't. "
            f"Enable one of them. Namespaces: {_namespaces_fix()[1]} Landlock: {FIXES['landlock']}"
        )
    return None


def warnings(isolation: Sequence[str]) -> list[str]:
    """Return warnings for an instructor who's allowed to grade a class even though one of the two layers that protect
    files is missing."""
    if refusal(isolation) is not None:
        return []
    found = []
    if "namespaces" not in isolation:
        found.append(
            "Student code runs without its own namespaces: only Landlock protects files from it, it has no scratch "
            f"folder to write to, and workers share one process table. {_namespaces_fix()[1]}"
        )
    if "landlock" not in isolation:
        found.append(f"Student code runs without Landlock: only namespaces protect files from it. {FIXES['landlock']}")
    return found


FIXES = {
    "own user": "Grade as an ordinary user, or as root with the right to switch to one.",
    "landlock": "Use Linux 5.13 or newer with landlock among the security modules enabled at boot (lsm=landlock,…).",
    "rlimits": "Grade on an ordinary Linux kernel.",
    "seccomp": "Use a kernel with CONFIG_SECCOMP_FILTER, or a container runtime that permits seccomp filters.",
}


def _namespaces_fix() -> tuple[str, str]:
    """Return why this machine doesn't allow namespaces, and how to fix it."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1" and os.geteuid() != 0:
        return (
            "Ubuntu's AppArmor keeps ordinary programs from creating user namespaces "
            "(kernel.apparmor_restrict_unprivileged_userns is 1)",
            "Run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give the Python that does the "
            "grading an AppArmor profile with the rule `userns,`.",
        )
    if _setting("user/max_user_namespaces") == "0":
        return "user.max_user_namespaces is 0", "Run: sudo sysctl -w user.max_user_namespaces=15000."
    if _setting("kernel/unprivileged_userns_clone") == "0" and os.geteuid() != 0:
        return "kernel.unprivileged_userns_clone is 0", "Run: sudo sysctl -w kernel.unprivileged_userns_clone=1."
    return (
        "the system doesn't let this process create them, which is common in a container",
        "Grade outside the container or start it with "
        "--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined.",
    )


def _setting(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None


def _deadline(processes: Sandbox | PlainProcesses) -> Layer:
    name = "deadline"
    with processes.start() as worker:
        try:
            worker.ask({"op": "cell", "index": 0, "source": "while True: pass"}, 0.3)
        except WorkerTimeout:
            return Layer(name, True, "an endless loop in its own process was stopped in time", "")
        except WorkerDied as death:
            return Layer(name, False, f"an endless loop ended for a different reason: {death}", "Reinstall the course.")
    return Layer(name, False, "an endless loop wasn't stopped", "Reinstall the course.")


def _tried(sandbox: Sandbox, name: str, limits: "Limits") -> Layer:
    what, source = FORBIDDEN[name]
    if name in sandbox.absent:
        why, fix = sandbox.absent[name], FIXES.get(name, "")
        if name == "namespaces":
            reason, fix = _namespaces_fix()
            why = f"{reason} ({why})"
        return Layer(name, False, why, fix)
    with sandbox.start() as worker:
        if name == "own user" and sandbox.user_of(worker) == 0:
            return Layer(name, False, "the kernel runs student code as root", FIXES[name])
        refused = _is_refused(worker, source.format(memory_mib=limits.memory_mib))
    if refused:
        return Layer(name, True, f"{what} was refused", "")
    return Layer(name, False, f"{what} was not refused", FIXES.get(name) or _namespaces_fix()[1])


def _is_refused(worker: Worker, source: str) -> bool:
    try:
        reply = worker.ask({"op": "cell", "index": 0, "source": source}, 20)
    except (WorkerDied, WorkerTimeout):
        return False
    error = reply.get("error")
    return isinstance(error, dict) and error.get("type") in REFUSALS


def _bubblewrap(isolation: Sequence[str]) -> Layer:
    name = "bubblewrap (optional)"
    if "bubblewrap" in isolation:
        return Layer(name, True, "it wraps the sandbox as an extra layer", "")
    if shutil.which("bwrap") is None:
        return Layer(name, False, "it isn't installed; the sandbox works without it", "")
    return Layer(name, False, "it's installed, but it can't wrap the sandbox here; the sandbox works without it", "")


def _memory_cgroup() -> Layer:
    return Layer(
        "memory cgroup (optional)",
        False,
        f"cgroup v2 is {'present' if Path('/sys/fs/cgroup/cgroup.controllers').exists() else 'absent'}; "
        "each worker has an address-space limit instead",
        "",
    )
