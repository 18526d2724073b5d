"""The sandbox's kernel layers, as system calls: namespaces, mounts, capabilities, Landlock, seccomp.

You can import this module on any system. The first call needs Linux on x86_64 or aarch64, and raises Unsupported
elsewhere.
"""

import contextlib
import ctypes
import errno
import functools
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

CLONE_VFORK, CLONE_THREAD, CLONE_CHILD_TID = 0x4000, 0x10000, 0x1000000 | 0x200000
NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
NEW_ALL = NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_GET_NAME = 1, 4, 15, 16
PR_SET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 22, 23, 24, 38
PR_GET_TID_ADDRESS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_SET_VMA = 40, 47, 4, 0x53564D41

# Each call's name, its number on x86_64, and its number on aarch64; a dash if that machine doesn't have the call.
_USED = """
unshare 272 97;mount 165 40;umount2 166 39;pivot_root 155 41;prctl 157 167;capget 125 90;capset 126 91;
mount_setattr 442 442;landlock_create_ruleset 444 444;landlock_add_rule 445 445;landlock_restrict_self 446 446;
clone 56 220;clone3 435 435;ioctl 16 29;fcntl 72 25;tgkill 234 131;
prlimit64 302 261;madvise 28 233
"""
# With these, a program could make itself wait for a disk, for as long as it likes, while the kernel reports that it's
# waiting for one. They succeed without doing anything, since honest code checks whether they do.
_IGNORED = """
sync 162 81;syncfs 306 267;fsync 74 82;fdatasync 75 83;sync_file_range 277 84;msync 26 227;fadvise64 221 223;
readahead 187 213
"""
# The last rows are for things that Landlock doesn't stop: changing another process's priority or limits, changing the
# mode or times of files, and watching files.
_DENIED = """
unshare 272 97;mount 165 40;umount2 166 39;pivot_root 155 41;mount_setattr 442 442;capset 126 91;seccomp 317 277;
landlock_create_ruleset 444 444;landlock_add_rule 445 445;landlock_restrict_self 446 446;lsm_set_self_attr 460 460;
fork 57 -;vfork 58 -;execve 59 221;execveat 322 281;setns 308 268;setpgid 109 154;setsid 112 157;
socket 41 198;socketpair 53 199;bind 49 200;connect 42 203;listen 50 201;accept 43 202;accept4 288 242;
sendto 44 206;sendmsg 46 211;sendmmsg 307 269;recvfrom 45 207;recvmsg 47 212;recvmmsg 299 243;shutdown 48 210;
setsockopt 54 208;getsockopt 55 209;getsockname 51 204;getpeername 52 205;
kill 62 129;tkill 200 130;rt_sigqueueinfo 129 138;rt_tgsigqueueinfo 297 240;
pidfd_send_signal 424 424;pidfd_open 434 434;pidfd_getfd 438 438;
ptrace 101 117;process_vm_readv 310 270;process_vm_writev 311 271;process_madvise 440 440;process_mrelease 448 448;
kcmp 312 272;perf_event_open 298 241;bpf 321 280;chroot 161 51;open_tree 428 428;move_mount 429 429;fsopen 430 430;
fsconfig 431 431;fsmount 432 432;fspick 433 433;statmount 457 457;listmount 458 458;
name_to_handle_at 303 264;open_by_handle_at 304 265;fanotify_init 300 262;fanotify_mark 301 263;
reboot 169 142;kexec_load 246 104;kexec_file_load 320 294;init_module 175 105;finit_module 313 273;
delete_module 176 106;swapon 167 224;swapoff 168 225;sethostname 170 161;setdomainname 171 162;iopl 172 -;ioperm 173 -;
modify_ldt 154 -;syslog 103 116;acct 163 89;quotactl 179 60;quotactl_fd 443 443;settimeofday 164 170;
clock_settime 227 112;clock_adjtime 305 266;adjtimex 159 171;vhangup 153 58;personality 135 92;
add_key 248 217;request_key 249 218;keyctl 250 219;
io_uring_setup 425 425;io_uring_enter 426 426;io_uring_register 427 427;
io_setup 206 0;io_submit 209 2;io_destroy 207 1;io_cancel 210 3;io_getevents 208 4;io_pgetevents 333 292;
userfaultfd 323 282;memfd_create 319 279;memfd_secret 447 447;vmsplice 278 75;
shmget 29 194;shmat 30 196;shmctl 31 195;shmdt 67 197;semget 64 190;semop 65 193;semctl 66 191;semtimedop 220 192;
msgget 68 186;msgsnd 69 189;msgrcv 70 188;msgctl 71 187;mq_open 240 180;mq_unlink 241 181;mq_timedsend 242 182;
mq_timedreceive 243 183;mq_notify 244 184;mq_getsetattr 245 185;
mbind 237 235;set_mempolicy 238 237;set_mempolicy_home_node 450 450;migrate_pages 256 238;move_pages 279 239;
remap_file_pages 216 234;mlock 149 228;mlock2 325 284;mlockall 151 230;
link 86 -;linkat 265 37;symlink 88 -;symlinkat 266 36;mknod 133 -;mknodat 259 33;flock 73 32;
setxattr 188 5;lsetxattr 189 6;fsetxattr 190 7;removexattr 197 14;lremovexattr 198 15;fremovexattr 199 16;
setuid 105 146;setgid 106 144;setreuid 113 145;setregid 114 143;setresuid 117 147;setresgid 119 149;
setfsuid 122 151;setfsgid 123 152;setgroups 116 159;
setpriority 141 140;ioprio_set 251 30;sched_setparam 142 118;sched_setscheduler 144 119;sched_setaffinity 203 122;
sched_setattr 314 274;truncate 76 45;chmod 90 -;fchmod 91 52;fchmodat 268 53;fchmodat2 452 452;chown 92 -;fchown 93 55;
lchown 94 -;fchownat 260 54;utime 132 -;utimes 235 -;futimesat 261 -;utimensat 280 88;
inotify_init 253 -;inotify_init1 294 26
"""
NEWEST_CALL = 462
MOST_ARGUMENTS = 6


class Unsupported(Exception):
    """This machine or system can't provide a layer. The text is a sentence that says so."""


@dataclass(frozen=True)
class Machine:
    """Everything that depends on the processor: seccomp's name for the architecture, and the system call numbers."""

    audit: int
    has_x32: bool
    calls: dict[str, int]
    denied: tuple[int, ...]
    ignored: tuple[int, ...]


@functools.cache
def machine() -> Machine:
    """Return the values for this machine. Raises Unsupported if the sandbox doesn't support it."""
    name = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    if sys.platform != "linux" or name not in ("x86_64", "aarch64") or struct.calcsize("P") != 8:
        raise Unsupported(
            f"The sandbox needs 64-bit Linux on x86_64 or aarch64, but this is {sys.platform} on {name}; "
            "grade on such a machine, in a virtual machine or a container."
        )
    column = 1 if name == "x86_64" else 2

    def numbers(table: str) -> dict[str, int]:
        rows = [row.split() for row in table.replace("\n", "").rstrip(";").split(";")]
        return {row[0]: int(row[column]) for row in rows if row[column] != "-"}

    denied, ignored = numbers(_DENIED), numbers(_IGNORED)
    audit = 0xC000003E if name == "x86_64" else 0xC00000B7
    calls = denied | ignored | numbers(_USED)
    return Machine(audit, name == "x86_64", calls, *(tuple(sorted(each.values())) for each in (denied, ignored)))


@functools.cache
def _libc() -> Any:
    machine()
    libc = ctypes.CDLL(None, use_errno=True)
    # An untyped integer would be passed as 32 bits.
    libc.syscall.argtypes = [ctypes.c_long, *[ctypes.c_void_p] * MOST_ARGUMENTS]
    libc.syscall.restype = ctypes.c_long
    return libc


def call(name: str, *arguments: Any) -> int:
    """Return the system call's result. Raises OSError, with the call's name, if it fails."""
    unused = [0] * (MOST_ARGUMENTS - len(arguments))
    result: int = _libc().syscall(machine().calls[name], *arguments, *unused)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def prctl(option: int, *arguments: int | Any) -> int:
    return call("prctl", option, *arguments)


def fork(namespaces: int = 0) -> int:
    """Do what `os.fork` does, but put the child into new namespaces of these kinds. Raises OSError.

    In a new process namespace, the child is the first process. Only a process with a single thread may call this.
    """
    address = _thread_id_address()
    python, child = ctypes.pythonapi, -1
    python.PyOS_BeforeFork()
    try:
        # The address is passed twice, because its position depends on the machine.
        child = call("clone", namespaces | CLONE_CHILD_TID | signal.SIGCHLD, 0, 0, address, address)
    finally:
        after = python.PyOS_AfterFork_Child if child == 0 else python.PyOS_AfterFork_Parent
        after()
    return child


@functools.cache
def _thread_id_address() -> int:
    """Return the address where libc keeps this thread's id, so that the kernel can update it in a child; 0 if the
    kernel doesn't say."""
    address = ctypes.c_void_p()
    with contextlib.suppress(OSError):
        prctl(PR_GET_TID_ADDRESS, ctypes.addressof(address))
    return address.value or 0


def unshare(flags: int) -> None:
    call("unshare", flags)


def mount(source: str, target: str, kind: str | None, flags: int = 0, options: str = "") -> None:
    encoded = None if kind is None else kind.encode()
    call("mount", os.fsencode(source), os.fsencode(target), encoded, flags, options.encode())


def make_read_only(path: str) -> None:
    """Make every mount at or below `path` read-only, and ignore set-user-id there."""
    at_fdcwd, at_recursive = -100, 0x8000
    attributes = struct.pack("QQQQ", MS_RDONLY | MS_NOSUID, 0, 0, 0)
    call("mount_setattr", at_fdcwd, os.fsencode(path), at_recursive, attributes, len(attributes))


def enter_root(new_root: str, old_root: str) -> None:
    """Make the mount `new_root` the root, and move the old root to `old_root`, a folder inside it."""
    call("pivot_root", os.fsencode(new_root), os.fsencode(old_root))
    os.chdir("/")


def detach(path: str) -> None:
    call("umount2", os.fsencode(path), MNT_DETACH)


def name_host(name: bytes) -> None:
    call("sethostname", name, len(name))


def _capability_header() -> Any:
    return ctypes.create_string_buffer(struct.pack("II", 0x20080522, 0))


def effective_capabilities() -> int:
    data = ctypes.create_string_buffer(24)
    call("capget", _capability_header(), data)
    low, _, _, high, _, _ = struct.unpack("6I", data.raw)
    return int(low | high << 32)


def drop_capabilities() -> None:
    """Permanently give up all of this thread's capabilities, and verify that they're gone."""
    with contextlib.suppress(OSError):
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as error:
            # EINVAL means that we're past the last capability. EPERM means that we aren't permitted to drop it, but in
            # that case we couldn't regain any capability either.
            if error.errno in (errno.EINVAL, errno.EPERM):
                break
            raise
    call("capset", _capability_header(), ctypes.create_string_buffer(24))
    if effective_capabilities():
        raise Unsupported("The sandbox couldn't drop its capabilities.")


# Landlock -------------------------------------------------------------------------------------------------------------

FS_EXECUTE, FS_WRITE_FILE, FS_READ_FILE, FS_READ_DIR = 1, 2, 4, 8
FS_REMOVE_DIR, FS_REMOVE_FILE, FS_MAKE_DIR, FS_MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
FS_REFER, FS_TRUNCATE = 1 << 13, 1 << 14
FS_READ = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE
FS_SCRATCH = (
    FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG
) | (FS_REFER | FS_TRUNCATE)


def landlock_version() -> int:
    """Return the kernel's Landlock ABI version; 0 if Landlock is missing or off."""
    try:
        return call("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def landlock_ruleset(allowed: Iterable[tuple[str, int]]) -> int:
    """Return a file descriptor for a ruleset that allows only these (path, rights), and no TCP, outgoing signals or
    sockets."""
    version = landlock_version()
    if not version:
        raise Unsupported("The kernel doesn't support Landlock.")
    handled = (1 << 13) - 1
    handled |= FS_REFER if version >= 2 else 0
    handled |= FS_TRUNCATE if version >= 3 else 0
    handled |= 1 << 15 if version >= 5 else 0
    attributes = struct.pack("QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = call("landlock_create_ruleset", attributes, size, 0)
    of_a_file = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE
    for path, rights in allowed:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rights &= handled if os.path.isdir(path) else handled & of_a_file
            call("landlock_add_rule", ruleset, 1, struct.pack("=Qi", rights, folder), 0)
        finally:
            os.close(folder)
    return ruleset


def landlock_enter(ruleset: int) -> None:
    call("landlock_restrict_self", ruleset, 0)


# seccomp --------------------------------------------------------------------------------------------------------------

_LOAD, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x50000
_NUMBER, _MACHINE = 0, 4
_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY = 8, 10, 15, 1024, 1026
_MADV_PAGEOUT = 21


def _do(code: int, value: int, when: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, when, otherwise, value)


def _if(test: int, value: int, *then: bytes) -> bytes:
    body = b"".join(then)
    return _do(test, value, 0, len(body) // 8) + body


def _argument(index: int) -> bytes:
    # Load only the low half of the argument, since that's all the kernel uses in these calls. It comes first because
    # both architectures are little-endian.
    return _do(_LOAD, 16 + 8 * index)


@functools.cache
def seccomp_program(process: int) -> bytes:
    """Return the filter for a worker whose process id, in its own namespace, is `process`."""
    here = machine()
    refuse, missing, kill = (_do(_RETURN, what) for what in (_ERROR | errno.EPERM, _ERROR | errno.ENOSYS, _KILL))
    allow, ignore = _do(_RETURN, _ALLOW), _do(_RETURN, _ERROR)

    def judge(name: str, index: int, values: Sequence[int], these: bytes, others: bytes) -> bytes:
        """Return filter code for one call: the verdict is `these` if its argument is one of `values`, and otherwise
        `others`."""
        tests = [_if(_EQUAL, value, these) for value in values]
        return _if(_EQUAL, here.calls[name], _argument(index), *tests, others)

    program = _do(_LOAD, _MACHINE) + _do(_EQUAL, here.audit, 1, 0) + kill + _do(_LOAD, _NUMBER)
    if here.has_x32:
        program += _if(_AT_LEAST, 0x40000000, kill)
    program += _if(_GREATER, NEWEST_CALL, missing)
    # glibc then falls back to clone, and a filter can see clone's flags
    program += _if(_EQUAL, here.calls["clone3"], missing)
    # With CLONE_VFORK, a new thread leaves its starter waiting, as if for a disk, until it ends.
    vfork, thread = _if(_ANY_BIT, CLONE_VFORK, refuse), _if(_ANY_BIT, CLONE_THREAD, allow)
    program += _if(_EQUAL, here.calls["clone"], _argument(0), vfork, thread, refuse)
    program += judge("ioctl", 1, [_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP], refuse, allow)
    program += judge("fcntl", 1, [_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY], refuse, allow)
    program += judge("prctl", 0, [PR_SET_NAME, PR_GET_NAME, PR_SET_VMA], allow, refuse)
    program += judge("prlimit64", 0, [0, process], allow, refuse)
    program += judge("tgkill", 0, [process], allow, refuse)
    program += judge("madvise", 2, [_MADV_PAGEOUT], ignore, allow)
    for number in here.ignored:
        program += _if(_EQUAL, number, ignore)
    for left, number in zip(range(len(here.denied), 0, -1), here.denied, strict=True):
        program += _do(_EQUAL, number, left)
    return program + allow + refuse


def seccomp_enter(program: bytes) -> None:
    """Install the filter for this thread and everything it starts from now on. Needs no_new_privs."""
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    prctl(PR_SET_SECCOMP, 2, ctypes.create_string_buffer(header, len(header)))


def map_ids(proc: int, inner: tuple[int, int], outer: tuple[int, int]) -> None:
    """Map this process's ids in its new user namespace, and keep it from adding groups. Raises OSError."""
    prctl(PR_SET_DUMPABLE, 1)
    write_proc(proc, "self/setgroups", "deny")
    write_proc(proc, "self/uid_map", f"{inner[0]} {outer[0]} 1")
    write_proc(proc, "self/gid_map", f"{inner[1]} {outer[1]} 1")


def write_proc(proc: int, name: str, text: str) -> None:
    """Write to a file in /proc. `proc` is the descriptor of that folder. Raises OSError."""
    file = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)
