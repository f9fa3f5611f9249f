"""What a reader gives up before it sees a byte of a photo: memory, files, other processes, every socket, and all writing."""

import contextlib
import ctypes
import errno
import math
import os
import platform
import resource
import struct
import sys
from pathlib import Path

from dejashot.reading.wire import WorkerOptions

CPU_LIMIT_FACTOR = 2.0  # CPU seconds a photo may take, in times of what it may take by the clock: a second line, should the first fail

# system call numbers: x86-64, AArch64; None where an architecture does not have the call (kernel: syscall_64.tbl, unistd.h)
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # speaking to anyone but the pool, whose end of a socket pair is open already and is only read and written
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # running or touching other programs
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    # changing anything on a disk
    "creat": (85, None),
    "openat2": (437, 437),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    # the kernel's larger surfaces
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "setns": (308, 268),
}
_OPENING = {"open": ((2, None), 1), "openat": ((257, 56), 2)}  # and which argument holds the flags
_CLONE, _CLONE3, _TGKILL = (56, 220), (435, 435), (234, 131)
_CLONE_THREAD = 0x10000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_ARCHITECTURES = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}  # column, AUDIT_ARCH, number of seccomp(2)
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06  # BPF: ld [k], jeq, jge, and, ret
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_SET_MODE_FILTER, _ALL_THREADS, _NO_NEW_PRIVILEGES = 1, 1, 38


def confine(options: WorkerOptions) -> bool:
    """Limit what a hostile photo can take, and be polite; return whether the kernel took the seal (Linux on x86-64 and AArch64).

    Memory, open files, no written byte and no core dump; the first to go when memory runs out.
    """
    memory = options.memory_mib * 1024 * 1024
    limits = [(resource.RLIMIT_NOFILE, 128), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform == "linux":
        limits.append((resource.RLIMIT_AS, memory))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    for what, value in limits:
        _, hard = resource.getrlimit(what)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (allowed, allowed))
    with contextlib.suppress(OSError):
        os.nice(options.nice)
    return seal()


def allow_cpu(seconds: float) -> None:
    """Let the process use so many more seconds of CPU before the system ends it."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def seal() -> bool:
    """Have the kernel refuse, with EPERM, every socket, program and change on a disk, in all threads (seccomp, Linux).

    Returns False where there is no such filter for the machine. Source: seccomp(2), seccomp_unotify's sample of the BPF form.
    """
    known = _ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    column, audit, seccomp = known
    program = _program(column, audit)
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(seccomp, _SET_MODE_FILTER, _ALL_THREADS, header) == 0)


def _program(column: int, audit: int) -> bytes:
    """Return the filter as BPF instructions: refuse other architectures' numbers, what is listed, opening for writing, new processes."""
    body: list[tuple[int, int, int, int]] = []
    for refused in _REFUSED.values():
        if (number := refused[column]) is not None:
            body += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    for opening, argument in _OPENING.values():
        if (number := opening[column]) is None:
            continue
        body += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, 16 + 8 * argument),
            (_AND, 0, 0, _WRITING),
            (_EQUAL, 1, 0, 0),
            (_RETURN, 0, 0, _REFUSE),
            (_LOAD, 0, 0, 0),
        ]
    body += [
        (_EQUAL, 0, 1, _CLONE3[column]),  # its flags lie in memory, out of sight: C libraries fall back on clone
        (_RETURN, 0, 0, _UNKNOWN),
        (_EQUAL, 0, 5, _CLONE[column]),  # threads, but no processes
        (_LOAD, 0, 0, 16),
        (_AND, 0, 0, _CLONE_THREAD),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, 0),
        (_EQUAL, 0, 4, _TGKILL[column]),  # a signal to a thread of its own, as abort() sends, and to no other
        (_LOAD, 0, 0, 16),
        (_EQUAL, 1, 0, os.getpid()),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, 0),
    ]
    head = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("@HBBI", *instruction) for instruction in [*head, *body, (_RETURN, 0, 0, _ALLOW)])
