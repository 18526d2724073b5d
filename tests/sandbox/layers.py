"""Run a program where the kernel lacks something: calls that a filter rejects, or settings of a user namespace."""

import errno
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

LANDLOCK = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
# The calls that build a sandbox and that the default profiles of Docker and Podman reject.
CONTAINER = ("unshare", "mount", "umount2", "pivot_root", "setns", "mount_setattr", "chroot", "keyctl", "bpf")
# The uid that root's ordinary user has outside the namespace.
USER = 100_000

SCRIPT = """
import json, os, struct, sys
from pathlib import Path
from autograder.sandbox import linux
refused, number, settings, as_user, user = json.loads(sys.argv[1])
if as_user or settings:
    # Root's namespace stands for nobody in particular outside, or the kernel would still take this process for root.
    outer = user if os.getuid() == 0 else os.getuid()
    if os.getuid() == 0:
        linux.unshare(linux.NEWNS)
        linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
        python = os.path.realpath(sys.base_prefix)
        closed = [each for each in Path(python).parents if not each.stat().st_mode & 1]
        if closed:
            held = os.open(python, os.O_RDONLY)
            linux.mount("tmpfs", str(closed[-1]), "tmpfs", 0, "mode=0755")
            os.makedirs(python)
            linux.mount(f"/proc/self/fd/{held}", python, None, linux.MS_BIND | linux.MS_REC)
    asked, asks = os.pipe()
    parent = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.read(asked, 1)
        for name, text in {"setgroups": "deny", "uid_map": f"1000 {outer} 1", "gid_map": f"1000 {outer} 1"}.items():
            Path(f"/proc/{parent}", name).write_text(text)
        os._exit(0)
    linux.unshare(linux.NEWUSER | linux.NEWNS)
    os.write(asks, b"x")
    if os.waitpid(helper, 0)[1]:
        sys.exit("no ids in the user namespace")
    os.setresgid(1000, 1000, 1000)
    os.setresuid(1000, 1000, 1000)
for name, text in settings.items():
    path = Path("/proc/sys", name)
    if not path.exists():
        linux.mount("tmpfs", str(path.parent), "tmpfs")
    path.write_text(text)
refuse, code = (0x06, 0, 0, 0x00050000 | number), []
for name in refused:
    call, _, first = name.partition(":")
    argument = [(0x20, 0, 0, 16), (0x15, 0, 1, int(first))] if first else []
    code += [(0x20, 0, 0, 0), (0x15, 0, len(argument) + 1, linux.machine().calls[call]), *argument, refuse]
code += [(0x06, 0, 0, 0x7FFF0000)]
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
linux.seccomp_enter(b"".join(struct.pack("HBBI", *each) for each in code))
os.execv(sys.argv[2], sys.argv[2:])
"""


def without(
    *calls: str, error: int = errno.EPERM, settings: Mapping[str, str] | None = None, as_user: bool = False
) -> tuple[str, ...]:
    """Return the words to put before a command; with settings, it also runs as an ordinary user with uid 1000.

    A call is rejected entirely, or as `name:value` if its first argument has that value.
    """
    return (sys.executable, "-c", SCRIPT, json.dumps([calls, error, settings or {}, as_user, USER]))


def without_landlock() -> tuple[str, ...]:
    return without(*LANDLOCK, error=errno.ENOSYS)


def without_seccomp() -> tuple[str, ...]:
    return without("prctl:22")


def without_rlimits() -> tuple[str, ...]:
    return without("prlimit64")


def in_a_container() -> tuple[str, ...]:
    return without(*CONTAINER, as_user=True)


def give_to_user(folder: Path) -> None:
    """Let the ordinary user that a program runs as enter and write to a folder and everything in it."""
    folder.chmod(0o755)
    if os.getuid() == 0:
        for each in (folder, *folder.rglob("*")):
            os.chown(each, USER, USER, follow_symlinks=False)
